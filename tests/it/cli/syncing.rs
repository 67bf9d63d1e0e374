//! One person's two computers: a copy is begun from a file, and edits go round by files.

use std::process::Command;

use super::{NOW, PASSPHRASE, Ran, Team, run};

/// The second computer: a folder, a state and words of its own.
struct Home<'a> {
    team: &'a Team,
}

impl Home<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mahoe"));
        command.env_clear();
        command.env("MAHOE_VAULT", self.team.path("home")).env("MAHOE_PASSPHRASE", PASSPHRASE);
        command.env("MAHOE_STATE", self.team.path("home-state")).env("COLUMNS", "100");
        command.args(["--now", NOW]);
        command
    }

    fn mahoe(&self, arguments: &[&str]) -> Ran {
        run(self.command().args(arguments), b"")
    }
}

#[test]
fn a_second_computer_joins_and_edits_go_round() {
    let office = Team::new();
    let code = office.case();
    let file = |name: &str| office.path(name).display().to_string();
    let made = office.mahoe(&["device", "add", "--to", &file("new-device"), "--json"]).json();
    let words = made["words"].as_str().expect("words").to_owned();
    assert_eq!(words.split(' ').count(), 7);
    let home = Home { team: &office };
    let wrong =
        run(home.command().env("MAHOE_DEVICE_WORDS", "other words").args(["device", "join", &file("new-device")]), b"");
    assert_eq!(wrong.code, 3, "{}", wrong.err);
    assert!(!office.path("home").exists(), "nothing was begun");
    // Typed as people do.
    let typed = format!("  {}  ", words.to_uppercase().replace(' ', ", "));
    let join =
        || run(home.command().env("MAHOE_DEVICE_WORDS", &typed).args(["device", "join", &file("new-device")]), b"");
    assert!(join().good().contains("The copy stands"));
    assert_eq!(join().refused().lines().next(), Some("1"));
    home.mahoe(&["case", "note", &code, "written at home", "--in-args"]).good();
    office.mahoe(&["case", "note", &code, "written in the office", "--in-args"]).good();
    for (from, to) in [(true, "there.mahoe"), (false, "back.mahoe")] {
        let export = ["bundle", "export", "--kind", "sync", "-o", &file(to)];
        let import = ["bundle", "import", &file(to), "--json"];
        let (made, taken) = if from {
            (home.mahoe(&export), office.mahoe(&import))
        } else {
            (office.mahoe(&export), home.mahoe(&import))
        };
        assert!(made.good().contains("for the team's other devices"), "{}", made.out);
        let taken = taken.json();
        assert_eq!((taken["kind"].as_str(), taken["waiting"].as_u64()), (Some("sync"), Some(0)));
        assert!(taken["entries"].as_u64() > Some(0), "{taken}");
    }
    let shown = |ran: Ran| ran.good().to_owned();
    let (here, there) =
        (office.mahoe(&["case", "show", &code, "--json"]), home.mahoe(&["case", "show", &code, "--json"]));
    assert_eq!(shown(here), shown(there));
    let nothing = home.mahoe(&["bundle", "import", &file("back.mahoe")]);
    assert_eq!(nothing.good(), "Everything in this bundle is here already.");
    let listed = home.mahoe(&["device", "list", "--json"]).json();
    let items = listed["items"].as_array().expect("items");
    assert_eq!(items.iter().filter(|item| item["this"] == true).count(), 1);
    assert!(items.iter().filter(|item| item["member"] == "A. Brown").count() >= 2);
    assert!(home.mahoe(&["device", "list"]).good().contains("this one"));
    for team in [office.mahoe(&["vault", "verify"]), home.mahoe(&["vault", "verify"])] {
        team.good();
    }
}

#[test]
fn own_devices_by_a_shared_folder_and_a_second_person_on_the_new_computer() {
    let office = Team::new();
    let code = office.case();
    let file = |name: &str| office.path(name).display().to_string();
    let join = |home: &Home<'_>, handle: Option<&str>, name: &str| {
        let asked = match handle {
            Some(handle) => office.mahoe(&["--as", handle, "device", "add", "--to", &file(name), "--json"]).json(),
            None => office.mahoe(&["device", "add", "--to", &file(name), "--json"]).json(),
        };
        let words = asked["words"].as_str().expect("words").to_owned();
        let join = ["device", "join", &file(name), "--json"];
        run(home.command().env("MAHOE_DEVICE_WORDS", &words).args(join), b"").json()
    };
    let home = Home { team: &office };
    assert_eq!(join(&home, None, "first")["handle"], "abrown");
    std::fs::create_dir(office.path("stick")).expect("made");
    let stick = file("stick");
    home.mahoe(&["case", "note", &code, "written at home", "--in-args"]).good();
    assert_eq!(home.mahoe(&["relay", "push", "--dir", &stick, "--json"]).json()["put"], 1);
    let fetched = office.mahoe(&["relay", "pull", "--dir", &stick, "--json"]).json();
    let name = fetched["fetched"][0].as_str().expect("one").to_owned();
    let inspected = office.mahoe(&["bundle", "inspect", &name, "--json"]).json();
    assert_eq!((inspected["kind"].as_str(), inspected["aside"].as_array().map(Vec::len)), (Some("sync"), Some(0)));
    assert!(inspected["new"].as_u64() > Some(0), "{inspected}");
    assert!(office.mahoe(&["bundle", "inspect", &name]).good().contains("A sync of your own team"));
    assert_eq!(office.mahoe(&["bundle", "import", &name, "--json"]).json()["entries"], inspected["new"]);
    assert!(office.mahoe(&["case", "show", &code]).good().contains("written at home"));
    let none = office.mahoe(&["relay", "pull", "--dir", &stick, "--json"]).json();
    assert_eq!(none["fetched"].as_array().map(Vec::len), Some(0), "{none}");
    // Somebody else of the team, on the same new computer.
    office.mahoe(&["team", "add", "D. Reid", "--handle", "reid"]).good();
    let let_in = ["team", "join", "reid", "--work-factor", "2"];
    run(office.command().args(let_in).env("MAHOE_NEW_PASSPHRASE", PASSPHRASE), b"").good();
    assert_eq!(join(&home, Some("reid"), "second")["handle"], "reid");
    assert!(home.mahoe(&["--as", "reid", "case", "show", &code]).good().contains("written at home"));
    home.mahoe(&["--as", "abrown", "vault", "verify"]).good();
}

#[test]
fn a_sync_that_is_not_ours_or_asked_for_wrongly_is_refused() {
    let (office, other) = (Team::new(), Team::of("JM-05", &["--practice", "--work-factor", "2"]));
    let file = other.path("sync.mahoe").display().to_string();
    other.mahoe(&["bundle", "export", "--kind", "sync", "-o", &file]).good();
    assert_eq!(office.mahoe(&["bundle", "import", &file, "--yes"]).refused().lines().next(), Some("4"));
    let to = ["bundle", "export", "--kind", "sync", "--to", "05", "-o", &file];
    assert_eq!(office.mahoe(&to).refused().lines().next(), Some("2"));
    let nobody = ["bundle", "export", "--kind", "update", "-o", &file];
    assert_eq!(office.mahoe(&nobody).refused().lines().next(), Some("2"));
    assert_eq!(office.mahoe(&["bundle", "inspect", &file]).refused().lines().next(), Some("4"));
    assert!(other.mahoe(&["bundle", "inspect", &file]).good().contains("0 new here"));
    assert_eq!(other.mahoe(&["bundle", "import", &file]).good(), "Everything in this bundle is here already.");
    assert_eq!(office.batch(&[], "device add --to x\n").code, 2);
}
