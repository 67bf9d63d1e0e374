//! `mahoe init` as somebody types it: passphrase without echo, recovery words shown once.

use super::Terminal;

const PASSPHRASE: &str = "lantern hill mango rain";

#[test]
fn a_vault_is_started_by_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = folder.path().join("vault").display().to_string();
    let arguments =
        ["--vault", &vault, "init", "--parish", "Saint Ann", "--name", "A. Brown", "--agency", "CPFSA", "--practice"];
    let state = folder.path().join("state").display().to_string();
    let arguments = [&arguments[..], &["--work-factor", "2"]].concat();
    let mut terminal = Terminal::new(50, 100, &arguments, &[("MAHOE_STATE", &state)]);
    terminal.shows("New passphrase of abrown: ").silent().press(&format!("{PASSPHRASE}\n"));
    terminal.shows("The same again: ").silent().press(&format!("{PASSPHRASE}\n"));
    terminal.shows("Press Enter to see the recovery words").press("\n");
    terminal.shows("24. ").shows("Type word 7: ");
    let screen = terminal.screen();
    let seventh = screen.split(" 7. ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("it stands there");
    let seventh = seventh.to_owned();
    terminal.press("mango-and-lantern\n").shows("That is another word").press(&format!("{seventh}\n"));
    let nineteenth = screen.split("19. ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("there");
    let nineteenth = nineteenth.to_owned();
    terminal.shows("Type word 19: ").press(&format!("{nineteenth}\n"));
    assert_eq!(terminal.ends(), 0, "{}", terminal.screen());
    terminal.shows("the vault stands in").shows("Your handle is abrown.");
    let all = String::from_utf8_lossy(&terminal.bytes).into_owned();
    assert!(!all.contains("lantern hill"), "a passphrase is never echoed");
}

#[test]
fn two_passphrases_that_differ_start_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = folder.path().join("vault");
    let place = vault.display().to_string();
    let arguments = ["--vault", &place, "init", "--parish", "JM-06", "--name", "A. Brown", "--agency", "CPFSA"];
    let mut terminal = Terminal::new(24, 80, &arguments, &[]);
    terminal.shows("New passphrase of abrown: ").silent().press("password1\n");
    assert_eq!(terminal.ends(), 1, "easy to guess: {}", terminal.screen());
    let mut terminal = Terminal::new(24, 80, &arguments, &[]);
    terminal.shows("New passphrase of abrown: ").silent().press(&format!("{PASSPHRASE}\n"));
    terminal.shows("The same again: ").silent().press(&format!("{PASSPHRASE}s\n"));
    assert_eq!(terminal.ends(), 1, "{}", terminal.screen());
    assert!(!vault.join("vault.toml").exists(), "nothing was started");
}
