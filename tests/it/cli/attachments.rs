//! Documents on the command line: attached, listed, shown, sealed, removed, destroyed.

use serde_json::json;

use super::{Ran, Team};

fn add(team: &Team, case: &str, file: &str, more: &[&str]) -> Ran {
    team.mahoe(&[&["document", "add", case, file][..], more].concat())
}

#[test]
fn a_document_is_attached_shown_masked_sealed_and_destroyed() {
    let team = Team::new();
    let case = team.case();
    let letter = team.write("letter.txt", "Fern Riverstone was at school.\u{1b}[2J");
    let code = add(&team, &case, &letter, &["--kind", "letter", "--source", "the school", "--date", "3 nov"]);
    let code = code.good().to_owned();
    assert!(code.starts_with("D-"), "{code}");
    let list = team.mahoe(&["document", "list", &case]);
    assert!(list.good().contains("letter.txt") && list.good().contains("34 bytes"), "{}", list.good());
    let shown = team.mahoe(&["document", "show", &code]);
    assert!(shown.good().contains("[child] was at school.[2J") && !shown.out.contains("Riverstone"), "{}", shown.out);
    let json = team.mahoe(&["--json", "document", "show", &code, "--reveal"]).json();
    assert_eq!(
        (&json["kind"], &json["class"], &json["date"], &json["size"], &json["media"], &json["here"]),
        (&json!("letter"), &json!("notes"), &json!("2026-11-03"), &json!(34), &json!("text"), &json!(true))
    );
    assert!(json.get("key").is_none() && json["text"].as_str().is_some_and(|text| text.contains("Riverstone")));
    // Sealed to a passphrase unless a reason is given.
    let sealed = team.path("out.age").display().to_string();
    let export = |more: &[&str]| team.mahoe(&[&["document", "export", &code][..], more].concat());
    let secret = team.write("secret", "mango hill lantern rain stone");
    assert!(export(&["-o", &sealed, "--new-passphrase-file", &secret]).good().starts_with("Sealed to the passphrase"));
    assert!(std::fs::read(&sealed).expect("there").starts_with(b"age-encryption.org/v1\n-> scrypt "));
    assert!(export(&["-o", &sealed, "--clear", "court"]).refused().starts_with("5\n"), "never over another file");
    let clear = team.path("clear.txt").display().to_string();
    export(&["-o", &clear, "--clear", "the court asked for it"]).good();
    assert_eq!(std::fs::read(&clear).expect("there"), std::fs::read(&letter).expect("there"));
    let none = team.path("none.txt").display().to_string();
    assert!(export(&["-o", &none, "--clear", " "]).refused().starts_with("1\nA clear copy can be read"));
    assert!(export(&["-o", &none, "--to", "A. Brown"]).refused().contains("no card of their own"));
    assert!(!team.path("none.txt").exists(), "nothing half-written is left");
    assert_eq!(team.mahoe(&["--json", "vault", "info"]).json()["documents"], 1);
    team.mahoe(&["document", "remove", &code, "--strike", "wrong case"]).good();
    assert_eq!(team.mahoe(&["--json", "document", "list", &case]).json()["count"], 0);
    let files = std::fs::read_dir(team.path("vault").join("blobs")).expect("there").count();
    assert_eq!(files, 0, "its bytes are gone");
    assert!(team.mahoe(&["document", "show", &code]).refused().contains("There is no document"));
}

#[test]
fn what_is_refused_attaches_nothing_and_damage_is_mended_or_named() {
    let team = Team::new();
    let case = team.case();
    let (good, empty) = (team.write("good.txt", "Dear all"), team.write("empty.txt", ""));
    let folder = team.path("vault").display().to_string();
    let missing = team.path("missing").display().to_string();
    let both = team.mahoe(&["document", "add", &case, &good, &empty]);
    assert!(both.refused().starts_with("1\nThis file is empty."), "all or none");
    assert_eq!(team.mahoe(&["--json", "document", "list", &case]).json()["count"], 0);
    assert!(add(&team, &case, &folder, &[]).refused().contains("is no file"));
    assert!(add(&team, &case, &missing, &[]).refused().starts_with("5\n"));
    assert_eq!(add(&team, &case, &good, &["--kind", "poem"]).code, 2);
    assert!(add(&team, &case, &good, &["--class", "core"]).refused().starts_with("1\nA document can't be kept"));
    let code = add(&team, &case, &good, &["--kind", "medical-report"]).good().to_owned();
    assert!(add(&team, &case, &good, &["--kind", "medical-report"]).refused().contains(&code));
    let blob = |copy: &str| {
        let folder = team.path("vault").join(copy);
        std::fs::read_dir(folder).expect("there").flatten().next().expect("one").path()
    };
    let spoil = |copy: &str| {
        let mut bytes = std::fs::read(blob(copy)).expect("there");
        bytes[30] ^= 1;
        std::fs::write(blob(copy), bytes).expect("written");
    };
    spoil("blobs");
    assert!(team.mahoe(&["document", "show", &code]).good().contains("Dear all"), "from the other copy");
    assert!(team.mahoe(&["vault", "verify"]).good().contains("1 document was read in both copies."));
    assert_eq!(std::fs::read(blob("blobs")).expect("there"), std::fs::read(blob("mirror/blobs")).expect("there"));
    spoil("blobs");
    spoil("mirror/blobs");
    let verify = team.mahoe(&["vault", "verify"]);
    assert_eq!(verify.code, 4);
    assert!(verify.out.contains(&format!("the file of document {code} in case {case} is damaged in both copies")));
    assert!(team.mahoe(&["document", "show", &code]).refused().starts_with("4\nThe file of this document is damaged"));
}

#[test]
fn a_document_sealed_to_a_card_is_opened_without_a_vault() {
    let (team, person) = (Team::new(), Team::new());
    let case = team.case();
    let letter = team.write("letter.txt", "Dear all");
    let code = add(&team, &case, &letter, &["--kind", "letter"]).good().to_owned();
    let path = |name: &str| person.path(name).display().to_string();
    let (key, card) = (path("person.age"), path("person.card"));
    let new = ["card", "new", "--name", "D. Reid", "--identity", &key, "-o", &card, "--work-factor", "15"];
    person.mahoe(&new).good();
    team.mahoe(&["team", "add", "D. Reid"]).good();
    team.mahoe(&["team", "card", "D. Reid", &card]).good();
    let sealed = path("letter.age");
    team.mahoe(&["document", "export", &code, "-o", &sealed, "--to", "D. Reid"]).good();
    let plain = path("letter.out");
    person.mahoe(&["open", &sealed, "--identity", &key, "-o", &plain]).good();
    assert_eq!(std::fs::read(&plain).expect("there"), b"Dear all");
    let mut bytes = std::fs::read(&sealed).expect("there");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let bad = person.write("bad.age", bytes);
    let again = path("again.out");
    assert!(person.mahoe(&["open", &bad, "--identity", &key, "-o", &again]).refused().starts_with("4\n"));
    assert!(!person.path("again.out").exists());
}
