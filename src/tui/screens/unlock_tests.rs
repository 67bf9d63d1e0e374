//! The door, driven by keys.

use std::time::Duration;

use super::testing::{locked, run};
use crate::testing::Runner;
use crate::testing::team::{PASSPHRASE, team};
use crate::tui::desk::Desk;
use crate::vault::disk::{Disk, MemoryDisk};

const S: Duration = Duration::from_secs(1);

fn runner(width: u16, height: u16) -> (Runner<Desk>, MemoryDisk) {
    let disk = MemoryDisk::new();
    drop(team(&disk, 1));
    (run(locked(&disk), None, width, height).0, disk)
}

#[test]
fn the_door_at_every_size() {
    for (w, h) in [(80, 24), (120, 36), (60, 18), (40, 10)] {
        let (mut r, _) = runner(w, h);
        let screen = r.screen();
        assert!(screen.contains("police 119"), "{screen}");
        assert!(screen.contains("abrown"), "the only handle stands there already: {screen}");
        assert!(r.cursor().is_some(), "the cursor stands in the passphrase");
        r.text("lantern");
        assert!(!r.screen().contains("lantern"));
    }
}

#[test]
fn the_right_passphrase_opens_today() {
    let (mut r, _) = runner(80, 24);
    r.text(PASSPHRASE).keys("enter");
    assert!(r.screen().contains("plain screen"), "{}", r.screen());
    assert!(r.app.cx.session().is_some());
}

#[test]
fn a_wrong_passphrase_makes_the_next_try_wait_longer() {
    let (mut r, _) = runner(80, 24);
    for (n, wait) in [1_u64, 2, 4, 8, 16, 30, 30].into_iter().enumerate() {
        r.text("wrong").keys("enter");
        assert_eq!(r.app.cx.wrong_tries as usize, n + 1, "{}", r.screen());
        let words = if wait == 1 { "in 1 second.".into() } else { format!("in {wait} seconds.") };
        let screen = r.screen().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(screen.contains(&words), "{words}: {screen}");
        if wait > 4 {
            // Neither the right passphrase nor a fresh screen gets around the wait.
            r.keys("ctrl-l").text("wrong").keys("enter");
            assert!(r.screen().contains("Please wait"), "{}", r.screen());
            assert_eq!(r.app.cx.wrong_tries as usize, n + 1);
        }
        r.wait(S * 31).keys("ctrl-u");
    }
    r.text(PASSPHRASE).keys("enter");
    assert!(r.screen().contains("plain screen"), "{}", r.screen());
    assert_eq!(r.app.cx.wrong_tries, 0);
}

#[test]
fn while_it_works_keys_do_nothing_and_say_so() {
    let (mut r, _) = runner(80, 24);
    r.hold_jobs().paste(PASSPHRASE).keys("enter");
    assert!(r.screen().contains("Opening the vault"), "{}", r.screen());
    r.text("more").keys("enter enter");
    r.run_jobs();
    assert!(r.screen().contains("plain screen"), "{}", r.screen());
}

#[test]
fn a_lock_drops_every_key_and_the_same_person_comes_back() {
    let (mut r, _) = runner(80, 24);
    r.text(PASSPHRASE).keys("enter ctrl-l");
    assert!(r.app.cx.session().is_none());
    assert!(r.screen().contains("Passphrase"), "{}", r.screen());
    r.text(PASSPHRASE).keys("enter");
    assert!(r.app.cx.session().is_some());
}

#[test]
fn damage_and_a_newer_format_are_said_in_two_sentences() {
    let (_, disk) = runner(80, 24);
    for (text, says) in [("format = 1\nnonsense", "vault.toml"), ("format = 99\n", "format 99")] {
        for file in ["/vault/vault.toml", "/vault/mirror/vault.toml"] {
            disk.write_atomic(std::path::Path::new(file), text.as_bytes()).expect("written");
        }
        let (mut r, _) = run(locked(&disk), None, 80, 24);
        assert!(r.screen().contains("can't be opened") && r.screen().contains(says), "{}", r.screen());
        r.keys("enter");
        assert!(r.screen().contains(says));
        r.keys("q enter");
        assert!(r.ended());
    }
}

#[test]
fn a_vault_from_nothing_by_one_person_alone() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let disk = MemoryDisk::new();
        let (mut r, _) = run(locked(&disk), None, w, h);
        assert!(r.screen().contains("projector") && r.screen().contains("Parish"), "{}", r.screen());
        assert!(r.screen().contains("required") || h > 30, "what is below is told: {}", r.screen());
        r.text("ann").keys("tab").text("Q. Fable").keys("tab").text("qfable").keys("tab").text("cp").keys("tab");
        r.text("qwerty");
        assert!(r.screen().contains("Too weak"), "{}", r.screen());
        r.keys("ctrl-u").paste("lantern hill mango rain");
        assert!(r.screen().contains("Strong."), "{}", r.screen());
        r.keys("tab").text("something else").keys("ctrl-s");
        assert!(r.screen().contains("The two differ"), "{}", r.screen());
        r.paste("lantern hill mango rain").keys("tab").paste("lantern hill mango rain").keys("ctrl-s");
        let sheet = r.screen();
        let word = |number: usize| {
            let mark = format!("{number:>2} ");
            let at = sheet.find(&format!(" {mark}")).expect("numbered") + mark.len() + 1;
            sheet[at..].split_whitespace().next().expect("a word").to_owned()
        };
        let words: Vec<String> = (1..=24).map(word).collect();
        assert!(words.iter().all(|word| word.len() >= 3), "{words:?}");
        // Neither a lock nor Esc takes the sheet away.
        r.keys("ctrl-l esc");
        assert!(r.screen().contains(&words[23]), "{}", r.screen());
        r.keys("enter").text(&words[2]).keys("enter").text("unlisted").keys("enter");
        assert!(r.screen().contains("not word 17"), "{}", r.screen());
        r.keys("esc");
        assert!(r.screen().contains(&words[0]), "shown again");
        r.keys("enter").text(&words[2]).keys("tab").text(&words[16].to_uppercase()).keys("enter");
        assert!(r.screen().contains("plain screen"), "{}", r.screen());
        assert!(r.screen().contains("Only one person"), "{}", r.screen());
        assert_eq!(r.app.cx.my_name(), "Q. Fable");
        r.keys("ctrl-l").text("lantern hill mango rain").keys("enter");
        assert!(r.screen().contains("plain screen"), "{}", r.screen());
    }
}

/// A real folder, and the shell that the program runs with.
#[test]
fn a_copy_of_another_computers_vault_begins_on_the_first_screen() {
    use crate::vault::keys::passphrase::Passphrase;

    let folder = tempfile::tempdir().expect("a folder");
    let words = "ackee river lantern stone mango hill rain";
    let mut there = team(&MemoryDisk::new(), 1);
    let code = crate::testing::team::case(&mut there, "Not seen at school");
    let code = there.state().code(code).to_string();
    let once = Passphrase::new(words).expect("fine");
    let bytes = there.device_file(&crate::testing::team::passphrase(), &once).expect("made");
    let file = folder.path().join("new-device-JM-06.mahoe");
    std::fs::write(&file, bytes).expect("written");
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let mut r = run(locked(&MemoryDisk::new()), None, w, h).0;
        assert!(r.screen().contains("Ctrl-O copy of another"), "{}", r.screen());
        r.keys("ctrl-o esc ctrl-o");
        assert!(r.screen().contains("A copy of your team's vault"), "{}", r.screen());
        r.paste("/nowhere/at/all").keys("tab").paste(words).keys("tab").paste(PASSPHRASE).keys("ctrl-s");
        assert!(r.screen().contains("The file can't be read") && r.app.cx.session().is_none(), "{}", r.screen());
        let file = file.display().to_string();
        r.keys("esc ctrl-o").paste(&file).keys("tab").paste("other words than these").keys("tab");
        r.paste(PASSPHRASE).keys("ctrl-s");
        assert!(r.app.cx.session().is_none(), "{}", r.screen());
        r.keys("esc ctrl-o").paste(&file).keys("tab").paste(&words.to_uppercase()).keys("tab");
        r.paste(PASSPHRASE).keys("ctrl-s");
        let session = r.app.cx.session().expect("the copy is open");
        let state = session.state();
        let cases = state.items(crate::domain::field::ItemKind::Case);
        assert_eq!(cases.map(|case| state.code(case.id).to_string()).collect::<Vec<_>>(), [code.as_str()]);
    }
    // A file that lies on a stick is found, and no path is typed.
    let stick = folder.path().to_path_buf();
    let mut r = run(locked(&MemoryDisk::new()), None, 80, 24).0;
    let place = crate::tui::places::Place { name: "KINGSTON".into(), path: stick, removable: true };
    r.app.cx.drives = std::sync::Arc::new(move || vec![place.clone()]);
    r.keys("ctrl-o");
    assert!(r.screen().contains("KINGSTON: new-device-JM-06.mahoe"), "{}", r.screen());
    r.keys("tab").paste(words).keys("tab").paste(PASSPHRASE).keys("ctrl-s");
    assert!(r.app.cx.session().is_some(), "{}", r.screen());
}

#[test]
fn on_a_real_disk_with_the_real_shell() {
    use crate::session::{FixedClock, NewTeam, Place, Session};
    use crate::testing::team::{morning, passphrase, work};
    use crate::tui::app::App;
    use crate::tui::keymap::Keymap;
    use crate::tui::shell::MahoeShell;
    use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};

    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    let new = NewTeam {
        parish: "JM-06",
        name: "A. Brown",
        handle: "abrown",
        agency: "CPFSA",
        role: "coordinator",
        team: "",
        practice: true,
        passphrase: &passphrase(),
        work: work(),
    };
    let made = Session::create(Place::real(&root, Box::new(FixedClock(morning()))), &new).expect("a vault").0;
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    let desk = Desk::locked(root.clone());
    let mut r = Runner::new(App::new(desk, MahoeShell::default(), Keymap::standard(), theme), 80, 24);
    r.paste(PASSPHRASE).keys("enter");
    assert!(r.screen().contains("open elsewhere"), "who holds it is said: {}", r.screen());
    assert_eq!(r.app.cx.wrong_tries, 0, "that was no wrong passphrase");
    drop(made);
    r.paste(PASSPHRASE).keys("enter");
    assert!(r.screen().contains("1 Today"), "{}", r.screen());
    r.keys("N").text("Seen at the market").keys("ctrl-l");
    assert!(r.screen().contains("Passphrase") && !r.screen().contains("market"), "{}", r.screen());
    r.paste(PASSPHRASE).keys("enter N");
    assert!(r.screen().contains("Seen at the market") && r.screen().contains("draft from before"), "{}", r.screen());
    r.keys("ctrl-s 4");
    assert!(r.screen().contains("Members 1"), "{}", r.screen());
    r.keys("5").hold_jobs().keys("v ctrl-l");
    r.run_jobs();
    assert!(r.screen().contains("All is well"), "{}", r.screen());
    r.keys("esc :").text("tour").keys("enter");
    assert!(r.screen().contains("The tour, 1 of 6"), "{}", r.screen());
}

#[test]
fn drafts_that_cant_be_read_are_set_aside_and_told() {
    let (mut r, disk) = runner(80, 24);
    r.text(PASSPHRASE).keys("enter enter").text("Half a thought");
    r.wait(S * 5);
    r.keys("ctrl-l");
    let folders = ["/vault/drafts", "/vault/mirror/drafts"].map(std::path::Path::new);
    let name = disk.list(folders[0]).expect("kept")[0].clone();
    for bytes in [b"not sealed to anybody".to_vec(), vec![0; 5 << 20]] {
        for folder in folders {
            disk.write_atomic(&folder.join(&name), &bytes).expect("written");
        }
        r.text(PASSPHRASE).keys("enter");
        let screen = r.screen().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(screen.contains("unfinished forms could not be read"), "{screen}");
        r.keys("enter");
        assert!(r.screen().contains("New case") && !r.screen().contains("Half a thought"), "{}", r.screen());
        r.keys("esc ctrl-l");
    }
}
