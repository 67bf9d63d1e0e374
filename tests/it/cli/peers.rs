//! Two teams exchange cards and compare words.

use serde_json::json;

use super::{PASSPHRASE, Team, run};

const PRACTICE: &[&str] = &["--practice", "--work-factor", "2"];

fn mary() -> Team {
    Team::of("JM-05", PRACTICE)
}

/// The team's card in a file of its own folder; the path.
fn card(team: &Team) -> String {
    let path = team.path("own.card").display().to_string();
    team.mahoe(&["peer", "card", "-o", &path]).good();
    path
}

fn spoken(team: &Team, name: &str) -> String {
    team.mahoe(&["peer", "words", name]).good().to_owned()
}

#[test]
fn two_teams_exchange_cards_and_verify_each_other_by_words() {
    let (ann, mary) = (Team::new(), mary());
    let (anns, marys) = (card(&ann), card(&mary));
    let added = ann.mahoe(&["peer", "add", &marys]);
    assert!(added.good().starts_with("Saint Mary MDT (JM-05) is in the list now.\nNot verified yet"), "{}", added.out);
    assert_eq!(ann.mahoe(&["--json", "peer", "add", &marys]).json()["taken"], "known");
    let text = std::fs::read(&anns).expect("there");
    let added = run(mary.command().args(["peer", "add", "-"]), &text);
    assert!(added.good().starts_with("Saint Ann MDT (JM-06)"), "{}", added.out);
    let (anns_words, marys_words) = (spoken(&ann, "Saint Mary"), spoken(&mary, "jm-06"));
    assert_eq!(anns_words.split(' ').count(), 4);
    assert_ne!(anns_words, marys_words);
    assert_eq!(ann.mahoe(&["--json", "peer", "list"]).json()["items"][0]["verified"], json!(null));

    let mut wrong: Vec<&str> = marys_words.split(' ').collect();
    wrong[2] = if wrong[2] == "zoo" { "zone" } else { "zoo" };
    let wrong = wrong.join(" ");
    let verify = |words: &str| ann.mahoe(&["peer", "verify", "saint mary", "--words", words, "--how", "by telephone"]);
    // The whole of what is said, so that none of the expected words is in it.
    assert_eq!(
        verify(&wrong).refused(),
        "4\nWord 3 is not the one that it should be: the cards don't match.\nCompare once more. If it stays, send \
         nothing: one of you has a false card; exchange cards again by another way."
    );
    assert!(verify(&anns_words).refused().starts_with("2\nThese are the words that you speak"));
    assert!(verify("one two").refused().starts_with("2\n2 words"));
    assert_eq!(ann.mahoe(&["--json", "peer", "list"]).json()["items"][0]["verified"], json!(null));

    assert!(
        verify(&marys_words.to_uppercase().replace(' ', ",  "))
            .good()
            .starts_with("The words match. Ask whether theirs match too")
    );
    let how = ["--how", "in person, in Port Maria"];
    mary.mahoe(&[&["peer", "verify", "06", "--words", &anns_words][..], &how].concat()).good();
    let listed = ann.mahoe(&["--json", "peer", "list"]).json();
    assert_eq!(listed["count"], 1);
    assert_eq!(listed["items"][0]["verified"]["how"], "by telephone");
    assert_eq!(listed["items"][0]["verified"]["by"], "A. Brown");
    assert_eq!(listed["items"][0]["card"]["devices"], 1);
    assert!(ann.mahoe(&["peer", "list"]).good().contains("A. Brown: by telephone"));
    assert_eq!(ann.mahoe(&["vault", "verify"]).code, 0);
}

/// Lets a member unlock the team's vault.
fn join(team: &Team, name: &str, handle: &str) {
    let mut command = team.command();
    command.env("MAHOE_NEW_PASSPHRASE", PASSPHRASE);
    run(command.args(["--as", "abrown", "team", "join", name, "--handle", handle, "--work-factor", "2"]), b"").good();
}

#[test]
fn a_card_says_what_is_so_and_its_serial_rises_with_that() {
    let (ann, mary) = (Team::new(), mary());
    let first = ann.mahoe(&["--json", "peer", "card"]).json();
    assert_eq!(first["serial"], 1);
    assert_eq!(first["devices"], 1);
    assert_eq!(ann.mahoe(&["--json", "peer", "card"]).json()["text"], first["text"], "nothing changed");
    let short = ann.mahoe(&["--json", "peer", "card", "--short"]).json();
    assert_eq!(short["short"], true);
    let short = ann.write("short.card", short["text"].as_str().expect("text"));
    mary.mahoe(&["peer", "add", &short]).good();
    assert_eq!(mary.mahoe(&["--json", "peer", "list"]).json()["items"][0]["card"]["devices"], 0);
    let full = ann.write("full.card", first["text"].as_str().expect("text"));
    assert_eq!(mary.mahoe(&["--json", "peer", "add", &full]).json()["taken"], "updated", "the devices come with it");
    assert_eq!(mary.mahoe(&["--json", "peer", "add", &short]).json()["taken"], "known");

    ann.batch(&[], "team add 'M. Clarke' --role deputy\nteam add 'D. Reid'\n").good();
    join(&ann, "M. Clarke", "mclarke");
    join(&ann, "D. Reid", "reid");
    // A champion hands out the last one; a deputy can make the next.
    let champion = ann.mahoe(&["--json", "--as", "reid", "peer", "card"]);
    assert_eq!(champion.json()["serial"], 1);
    assert!(champion.err.contains("The team has changed since"), "{}", champion.err);
    let second = ann.mahoe(&["--json", "--as", "mclarke", "peer", "card"]).json();
    assert_eq!((&second["serial"], &second["devices"]), (&json!(2), &json!(3)));
    assert_eq!(second["root"], first["root"]);
    let newer = ann.write("newer.card", second["text"].as_str().expect("text"));
    assert_eq!(mary.mahoe(&["--json", "peer", "add", &newer]).json()["taken"], "updated");
    let older = mary.mahoe(&["--json", "peer", "add", &full]).json();
    assert_eq!((&older["taken"], &older["card"]["serial"]), (&json!("older"), &json!(2)));

    // Who leads no more makes no cards: the root is not sealed to them from then on.
    let lines = "team role 'M. Clarke' champion\nteam role 'D. Reid' deputy\nteam add 'S. Grant'\n";
    run(ann.command().args(["--as", "abrown", "batch", "-"]), lines.as_bytes()).good();
    join(&ann, "S. Grant", "sgrant");
    let serial = |who: &str| ann.mahoe(&["--json", "--as", who, "peer", "card"]).json()["serial"].clone();
    assert_eq!((serial("mclarke"), serial("reid")), (json!(2), json!(3)));
    assert_eq!(ann.mahoe(&["--as", "abrown", "vault", "verify"]).code, 0);
}

#[test]
fn another_key_for_a_known_team_is_an_alarm_and_replacing_it_is_explicit() {
    let (ann, mary, other) = (Team::new(), mary(), mary());
    ann.mahoe(&["peer", "add", &card(&mary)]).good();
    let words = spoken(mary_knows_ann(&ann, &mary), "06");
    ann.mahoe(&["peer", "verify", "05", "--words", &words, "--how", "by telephone"]).good();
    let false_card = card(&other);
    let refused = ann.mahoe(&["peer", "add", &false_card]).refused();
    assert!(refused.starts_with("4\nAnother key is shown for Saint Mary MDT"), "{refused}");
    assert!(refused.contains("Call them on a number that you had before"), "{refused}");
    let listed = ann.mahoe(&["peer", "list"]);
    assert!(listed.good().contains("! Another key was shown for Saint Mary MDT"), "{}", listed.out);
    let known = &ann.mahoe(&["--json", "peer", "list"]).json()["items"][0];
    assert_eq!(known["verified"]["how"], "by telephone", "the known card stays");
    assert!(known["alarm"].as_str().is_some_and(|alarm| alarm.starts_with("2026-11-22 Saint Mary MDT")));
    ann.mahoe(&["peer", "verify", "05", "--words", &words, "--how", "by telephone again"]).good();
    assert_eq!(ann.mahoe(&["--json", "peer", "list"]).json()["items"][0]["alarm"], json!(null));

    ann.mahoe(&["peer", "remove", "Saint Mary MDT"]).good();
    assert_eq!(ann.mahoe(&["--json", "peer", "list"]).json()["count"], 0);
    assert!(ann.mahoe(&["peer", "words", "05"]).refused().starts_with("1\nNo team in the list"));
    assert_eq!(ann.mahoe(&["--json", "peer", "add", &false_card]).json()["taken"], "added");
    assert!(ann.mahoe(&["peer", "add", &card(&mary)]).refused().starts_with("4\nAnother key is shown"));
    ann.mahoe(&["peer", "remove", "05"]).good();
    let back = ann.mahoe(&["--json", "peer", "add", &card(&mary)]).json();
    assert_eq!((&back["taken"], &back["verified"]), (&json!("added"), &json!(null)), "compared anew");
}

fn mary_knows_ann<'t>(ann: &Team, mary: &'t Team) -> &'t Team {
    mary.mahoe(&["peer", "add", &card(ann)]).good();
    mary
}

#[test]
fn cards_that_must_not_be_taken_are_refused() {
    let ann = Team::new();
    let own = card(&ann);
    assert!(ann.mahoe(&["peer", "add", &own]).refused().starts_with("1\nThis is your own team's card."));
    let twin = Team::new();
    assert!(ann.mahoe(&["peer", "add", &card(&twin)]).refused().starts_with("4\nThis card says that it is your own"));
    let real = Team::of("JM-05", &["--work-factor", "15"]);
    let reals = card(&real);
    assert!(ann.mahoe(&["peer", "add", &reals]).refused().starts_with("1\nThis is a real team's card"));
    assert!(real.mahoe(&["peer", "add", &own]).refused().starts_with("1\nThis is a practice team's card"));
    let text = std::fs::read_to_string(&own).expect("there");
    let changed = ann.write("changed.card", text.replace("name Saint Ann", "name Saint Anne"));
    assert!(real.mahoe(&["peer", "add", &changed]).refused().starts_with("4\nThe card's signature is not its root's"));
    for (bytes, says) in [
        (b"PK\x03\x04".to_vec(), "4\nThis is no card."),
        (vec![b'x'; 1 << 20], "4\nThis is too large for a card."),
        (text.replace("card 1", "card 2").into_bytes(), "1\nThis card was made by a newer mahoe."),
    ] {
        let file = ann.write("bad.card", bytes);
        assert!(ann.mahoe(&["peer", "add", &file]).refused().starts_with(says), "{says}");
    }
    assert_eq!(ann.mahoe(&["peer", "add", "nowhere.card"]).code, 5);
    let notes = ann.write("notes.txt", "not a card");
    assert!(ann.mahoe(&["peer", "card", "-o", &notes]).refused().contains("is there already, and is no card"));
    assert_eq!(ann.mahoe(&["peer", "card", "-o", &own]).code, 0, "a card is replaced");
    assert_eq!(ann.mahoe(&["--json", "peer", "list"]).json()["count"], 0);
}

#[test]
fn a_champion_adds_a_team_and_only_who_leads_verifies_it() {
    let (ann, mary) = (Team::new(), mary());
    let words = spoken(mary_knows_ann(&ann, &mary), "06");
    ann.mahoe(&["team", "add", "D. Reid"]).good();
    join(&ann, "D. Reid", "reid");
    ann.mahoe(&["--as", "reid", "peer", "add", &card(&mary)]).good();
    let verify = ["peer", "verify", "05", "--words", &words, "--how", "in person"];
    let refused = ann.mahoe(&[&["--as", "reid"][..], &verify].concat()).refused();
    assert!(refused.starts_with("1\nOnly a coordinator or a deputy"), "{refused}");
    ann.mahoe(&[&["--as", "abrown"][..], &verify].concat()).good();
    assert!(ann.mahoe(&["--as", "reid", "peer", "remove", "05"]).refused().starts_with("1\nOnly a coordinator"));
}

#[test]
fn a_short_card_is_a_picture_and_somebody_without_a_vault_gets_a_card() {
    let ann = Team::new();
    let picture = ann.mahoe(&["peer", "card", "--qr"]);
    let lines: Vec<&str> = picture.good().lines().collect();
    let side = lines[0].chars().count();
    assert!((60..=85).contains(&side), "{side}");
    assert!(lines.iter().all(|line| line.chars().count() == side && line.chars().all(|c| "█▀▄ ".contains(c))));
    let none = Team { folder: tempfile::tempdir().expect("a folder") };
    let identity = none.path("deep/person.age").display().to_string();
    let new = ["card", "new", "--name", "D. Example", "--identity", &identity, "--work-factor", "15"];
    let made = none.mahoe(&[&["--json"][..], &new].concat()).json();
    assert!(made["text"].as_str().is_some_and(|text| text.starts_with("mahoe personal card 1\nname D. Example\n")));
    let sealed = std::fs::read(&identity).expect("kept");
    assert!(sealed.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    assert!(none.mahoe(&new).refused().starts_with("1\nThere is a key in"));
    let file = ann.write("person.card", made["text"].as_str().expect("text"));
    assert!(ann.mahoe(&["peer", "add", &file]).refused().starts_with("1\nThis is one person's card"));
}
