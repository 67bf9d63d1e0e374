//! What passes between teams beside cases, and what a person without a vault reads.

use serde_json::json;

use super::Team;
use super::exchange::{file, teams};

/// A case of Ann's with a note, which Mary holds; its code.
fn shared(ann: &Team, mary: &Team) -> String {
    let code = ann.case();
    ann.mahoe(&["case", "note", &code, "zebra words", "--class", "notes"]).good();
    ann.mahoe(&["consent", "record", &code, "--scope", "services", "--scope", "disclosure", "--by", "the mother"])
        .good();
    let bundle = file(ann, "refer.mahoe");
    let refer = ["bundle", "export", "--to", "05", "--kind", "refer", "--case", &code, "-o", &bundle];
    ann.mahoe(&[&refer[..], &["--service", "a visit", "--reason", "The aunt lives there"]].concat()).good();
    mary.mahoe(&["bundle", "import", &bundle, "--yes"]).good();
    code
}

fn practice_card(number: u8) -> String {
    format!("{}/keys/practice-jm-{number:02}.card", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn cards_of_other_teams_are_passed_on_and_chosen() {
    let (ann, mary) = teams();
    for number in [4, 3] {
        ann.mahoe(&["peer", "add", &practice_card(number)]).good();
    }
    let bundle = file(&ann, "cards.mahoe");
    let export = |extra: &[&str]| ann.mahoe(&[&["bundle", "export", "--kind", "cards", "-o", &bundle], extra].concat());
    assert!(export(&[]).refused().starts_with("2\nWhom is it for?"));
    assert!(export(&["--to", "04"]).refused().contains("Nobody has compared words with Portland MDT yet"));
    export(&["--to", "Saint Mary"]).good();
    let inspected = mary.mahoe(&["bundle", "inspect", &bundle]);
    let line = "Portland MDT (JM-04): new here; they never compared words with it";
    assert!(inspected.good().contains(line), "{}", inspected.out);
    let import = |card: &str| mary.mahoe(&["bundle", "import", &bundle, "--yes", "--card", card]);
    assert!(import("Kingston").refused().contains("introduces no single team"));
    let imported = import("jm-04");
    assert!(imported.good().contains("Portland MDT is in the list now, not verified"), "{}", imported.out);
    let list = mary.mahoe(&["peer", "list"]);
    assert!(
        list.good().contains("not yet; introduced by Saint Ann") && !list.good().contains("Thomas"),
        "{}",
        list.out
    );
    // The receipt goes back, and the outbox says that it came.
    let receipt = file(&mary, "receipt.mahoe");
    mary.mahoe(&["bundle", "import", &bundle, "--yes", "--receipt", &receipt]).good();
    ann.mahoe(&["bundle", "import", &receipt, "--yes"]).good();
    let sent = ann.mahoe(&["--json", "bundle", "list"]).json();
    let sent = sent["items"].as_array().and_then(|all| all.iter().find(|bundle| bundle["kind"] == "cards"));
    assert!(sent.is_some_and(|sent| sent["receipt"].is_string()), "{sent:?}");
}

#[test]
fn figures_are_shown_before_they_leave_and_a_small_parish_sends_none() {
    let (ann, mary) = teams();
    let later = |arguments: &[&str]| super::run(ann.command_at("2027-02-01T09:00:00-05:00").args(arguments), b"");
    let export = ["bundle", "export", "--kind", "statistics", "--to", "05"];
    assert!(later(&[&export[..], &["-o", "x"]].concat()).refused().contains("Of which year?"));
    let preview = [&export[..], &["--year", "2026", "--dry-run"]].concat();
    assert!(later(&preview).good().contains("Nothing of 2026 can leave"));
    let lines = "case new --concern \"A worry\" --risk high\n".repeat(11);
    assert_eq!(ann.batch(&[], &lines).code, 0);
    let shown = later(&preview);
    assert!(shown.good().contains("11  Cases reported") && shown.good().contains("× Cases closed"), "{}", shown.out);
    let bundle = file(&ann, "figures.mahoe");
    let send = [&export[..], &["--year", "2026", "-o", &bundle]].concat();
    assert!(later(&send).refused().contains("Nobody has prepared the figures of 2026 yet"));
    let prepared = later(&["bundle", "export", "--kind", "statistics", "--year", "2026", "--prepare"]);
    assert!(
        prepared.good().contains("Prepared by A. Brown") && prepared.out.contains("then release them alone"),
        "{}",
        prepared.out
    );
    assert!(later(&send).refused().contains("nobody else leads this team"));
    later(&[&send[..], &["--alone"]].concat()).good();
    let inspected = mary.mahoe(&["bundle", "inspect", &bundle]);
    assert!(inspected.good().contains("Figures of 2026\nCases reported: 11"), "{}", inspected.out);
    let imported = mary.mahoe(&["--json", "bundle", "import", &bundle, "--yes"]).json();
    let wanted = json!([{ "measure": "cases-reported", "group": [], "number": 11, "label": "Cases reported" }]);
    assert_eq!(imported["figures"]["counts"], wanted);
    let id = imported["id"].as_str().expect("an id");
    assert_eq!(mary.mahoe(&["--json", "bundle", "show", id]).json()["figures"]["counts"], wanted);
    assert!(mary.mahoe(&["bundle", "show", id]).good().contains("11  Cases reported"));
}

#[test]
fn a_strike_is_asked_of_whoever_was_sent_the_words() {
    let (ann, mary) = teams();
    let code = shared(&ann, &mary);
    let history = ann.mahoe(&["--json", "case", "history", &code]).json();
    let entries = history["items"].as_array().expect("entries");
    let entry = entries.iter().find(|entry| entry["class"] == "notes").expect("the note")["entry"].clone();
    let strike = ["case", "strike", &code, entry.as_str().expect("an id"), "--reason", "wrong case"];
    let struck = ann.mahoe(&strike);
    assert!(
        struck.good().contains("Saint Mary was sent it: the request to destroy it there is in the outbox"),
        "{}",
        struck.out
    );
    let bundle = file(&ann, "strike.mahoe");
    ann.mahoe(&["bundle", "export", "--kind", "strike", "--to", "05", "-o", &bundle]).good();
    let inspected = mary.mahoe(&["bundle", "inspect", &bundle]);
    assert!(inspected.good().contains("A. Brown asks to destroy what A. Brown wrote on"), "{}", inspected.out);
    assert!(mary.mahoe(&["case", "search", "zebra"]).good().contains(&code));
    let imported = mary.mahoe(&["bundle", "import", &bundle, "--yes"]);
    assert!(imported.good().starts_with("The words of one entry are destroyed here"), "{}", imported.out);
    assert!(!mary.mahoe(&["case", "search", "zebra"]).good().contains(&code));
    assert!(mary.mahoe(&["vault", "verify"]).code == 0);
    assert!(mary.mahoe(&["bundle", "inspect", &bundle]).good().contains("destroyed already"));
}

#[test]
fn who_holds_what_is_named_when_consent_is_withdrawn_and_told_after_a_yes() {
    let (ann, mary) = teams();
    let code = shared(&ann, &mary);
    ann.mahoe(&["action", "add", "Ask the aunt", "--owner", "A. Brown", "--due", "fri", "--case", &code]).good();
    ann.mahoe(&["action", "slip", "A. Brown"]).good();
    assert!(
        ann.mahoe(&["consent", "notices", &code, "--yes"]).refused().contains("No consent in this case was withdrawn")
    );
    let withdrawn = ann.mahoe(&["consent", "withdraw", &code, "--scope", "disclosure"]);
    let text = withdrawn.good();
    assert!(text.contains("• Saint Mary holds since") && text.contains("No team was told yet"), "{text}");
    assert!(text.contains("a slip was printed for A. Brown"), "{text}");
    let made = ann.mahoe(&["--json", "consent", "notices", &code, "--yes"]).json();
    let id = made["notices"][0]["id"].as_str().expect("a notice").to_owned();
    let notice = find(&ann, &format!("{id}.mahoe")).expect("in the outbox");
    mary.mahoe(&["bundle", "import", &notice.display().to_string(), "--yes"]).good();
    assert_eq!(mary.mahoe(&["--json", "case", "show", &code]).json()["consent"]["disclosure"], "withdrawn");
}

/// A file somewhere in the team's folder.
fn find(team: &Team, name: &str) -> Option<std::path::PathBuf> {
    let mut folders = vec![team.path("vault")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.ends_with(name) => return Some(path),
                _ => {}
            }
        }
    }
    None
}

#[test]
fn a_person_without_a_vault_reads_what_was_sealed_to_their_card() {
    let (ann, mary) = teams();
    let (key, card) = (file(&mary, "person.age"), file(&mary, "reid.card"));
    let new = ["card", "new", "--name", "D. Reid", "--identity", &key, "-o", &card, "--work-factor", "15"];
    let read_out = mary.mahoe(&[&["--json"], &new[..]].concat()).json()["read_out"].clone();
    ann.mahoe(&["team", "add", "D. Reid"]).good();
    let paper = file(&ann, "slip.mahoe");
    let text = ann.write("slip.md", "# Slip\n\n06-7K3Q   due Friday\n\u{1b}[31mred\n");
    let seal = ["bundle", "export", "--kind", "paper", "--to", "D. Reid", "--paper", &text, "-o", &paper];
    assert!(ann.mahoe(&seal).refused().contains("no card of their own"));
    assert!(ann.mahoe(&["team", "card", "D. Reid", &text]).refused().starts_with("4\nThis is no personal card."));
    let taken = ann.mahoe(&["--json", "team", "card", "D. Reid", &card]).json();
    assert_eq!(taken["read_out"], read_out);
    ann.mahoe(&seal).good();
    let open = |extra: &[&str]| mary.mahoe(&[&["open", &paper], extra].concat());
    let opened = open(&["--identity", &key]);
    assert!(
        opened.good().contains("From Saint Ann MDT (JM-06)") && opened.good().contains("not checked"),
        "{}",
        opened.out
    );
    assert!(
        opened.good().contains("06-7K3Q   due Friday\n[31mred") && !opened.out.contains('\u{1b}'),
        "{:?}",
        opened.out
    );
    let own = file(&ann, "own.card");
    let checked = mary.mahoe(&["--json", "open", &paper, "--identity", &key, "--card", &own]).json();
    assert_eq!((&checked["checked"], &checked["practice"]), (&json!(true), &json!(true)));
    let rival = open(&["--identity", &key, "--card", &practice_card(4)]).refused();
    assert!(
        rival.starts_with("4\nThis paper says that it is from Saint Ann MDT, and another key signed it"),
        "{rival}"
    );
    // Somebody else's key, no key, a bundle between teams, a damaged file.
    let other = file(&mary, "other.age");
    mary.mahoe(&["card", "new", "--name", "T. Other", "--identity", &other, "--work-factor", "15"]).good();
    assert!(open(&["--identity", &other]).refused().starts_with("4\nThis file is sealed to somebody else"));
    assert!(open(&["--identity", &file(&mary, "none.age")]).refused().starts_with("5\nThere is no key in"));
    assert!(open(&["--identity", &text]).refused().starts_with("4\n"));
    let mut bytes = std::fs::read(&paper).expect("there");
    let at = bytes.len() - 30;
    bytes[at] ^= 1;
    let spoilt = mary.write("spoilt.mahoe", bytes);
    assert!(mary.mahoe(&["open", &spoilt, "--identity", &key]).refused().starts_with("4\nThe bundle was changed"));
    assert_eq!(ann.mahoe(&["bundle", "inspect", &paper]).code, 4);
}
