//! Two teams, Saint Ann and Saint Mary, exchange bundles by files.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Team;

const PRACTICE: &[&str] = &["--practice", "--work-factor", "2"];

/// Two teams that have compared words.
pub(super) fn teams() -> (Team, Team) {
    let (ann, mary) = (Team::new(), Team::of("JM-05", PRACTICE));
    for (from, to) in [(&ann, &mary), (&mary, &ann)] {
        let card = from.path("own.card").display().to_string();
        from.mahoe(&["peer", "card", "-o", &card]).good();
        to.mahoe(&["peer", "add", &card]).good();
    }
    let spoken = |team: &Team, name: &str| team.mahoe(&["peer", "words", name]).good().to_owned();
    let (anns, marys) = (spoken(&ann, "05"), spoken(&mary, "06"));
    ann.mahoe(&["peer", "verify", "05", "--words", &marys, "--how", "by telephone"]).good();
    mary.mahoe(&["peer", "verify", "06", "--words", &anns, "--how", "by telephone"]).good();
    (ann, mary)
}

pub(super) fn file(team: &Team, name: &str) -> String {
    team.path(name).display().to_string()
}

#[test]
fn a_referral_goes_round_by_files_and_both_end_up_with_the_same() {
    let (ann, mary) = teams();
    let code = ann.mahoe(&[
        "case",
        "new",
        "--concern",
        "Not seen at school",
        "--risk",
        "high",
        "--child-name",
        "Fern Riverstone",
    ]);
    let code = code.good().trim().to_owned();
    ann.mahoe(&["action", "add", "Ask the aunt", "--owner", "A. Brown", "--due", "fri", "--case", &code]).good();
    ann.mahoe(&["case", "note", &code, "The aunt has a garden"]).good();
    ann.mahoe(&["followup", "add", &code, "--due", "fri", "--kind", "visit"]).good();
    let bundle = file(&ann, "refer.mahoe");
    let refer: &[&str] = &[
        "bundle",
        "export",
        "--to",
        "Saint Mary",
        "--kind",
        "refer",
        "--case",
        &code,
        "--service",
        "a visit to the aunt",
        "--reason",
        "She lives in Port Maria",
    ];
    let export = |extra: &[&str]| ann.mahoe(&[refer, extra].concat());
    let refused = export(&["-o", &bundle]).refused();
    assert!(refused.starts_with("1\nThere is no consent"), "{refused}");
    assert!(!ann.path("refer.mahoe").exists());
    ann.mahoe(&["consent", "record", &code, "--scope", "services", "--scope", "disclosure", "--by", "the mother"])
        .good();
    let preview = export(&["--dry-run"]);
    assert!(preview.good().contains("√ 1 action"), "{}", preview.out);
    export(&["-o", &bundle]).good();

    // What lies on the stick shows nothing of the case.
    let bytes = std::fs::read(&bundle).expect("there");
    assert!(!bytes.windows(5).any(|window| window == b"River"));

    let inspected = mary.mahoe(&["--json", "bundle", "inspect", &bundle]).json();
    assert_eq!((&inspected["kind"], &inspected["trust"]), (&json!("refer"), &json!("verified")));
    assert_eq!(inspected["cases"][0]["new"], true);
    assert_eq!(mary.mahoe(&["--json", "case", "list", "--all"]).json()["count"], 0, "inspecting changes nothing");
    let unasked = mary.mahoe(&["bundle", "import", &bundle]).refused();
    assert!(unasked.contains("Nothing was taken in"), "{unasked}");
    let imported = mary.mahoe(&["--json", "bundle", "import", &bundle, "--yes"]).json();
    let referral = imported["to_answer"][0].as_str().expect("one to answer").to_owned();
    assert_eq!(mary.mahoe(&["case", "show", &code]).code, 0);
    mary.mahoe(&["referral", "accept", &referral]).good();
    let receipt = file(&mary, "receipt.mahoe");
    let id = imported["id"].as_str().expect("an id");
    mary.mahoe(&["bundle", "export", "--to", "06", "--kind", "receipt", "--answers", id, "-o", &receipt]).good();
    ann.mahoe(&["bundle", "import", &receipt, "--yes"]).good();
    let listed = ann.mahoe(&["--json", "bundle", "list"]).json();
    let sent = listed["items"].as_array().expect("a list").iter().find(|item| item["sent"] == true);
    assert!(sent.expect("one was sent")["receipt"].is_string(), "{listed}");
    let referrals = ann.mahoe(&["--json", "referral", "list"]).json();
    assert_eq!(referrals["items"][0]["state"], "accepted", "{referrals}");

    // Both write the same field, both send, and one decides.
    ann.mahoe(&["case", "edit", &code, "--set", "risk=medium", "--no-followup"]).good();
    mary.mahoe(&["case", "edit", &code, "--set", "risk=low", "--no-followup"]).good();
    let (there, back) = (file(&ann, "there.mahoe"), file(&mary, "back.mahoe"));
    ann.mahoe(&["bundle", "export", "--to", "05", "--kind", "update", "-o", &there]).good();
    mary.mahoe(&["bundle", "export", "--to", "06", "--kind", "update", "-o", &back]).good();
    let plan = mary.mahoe(&["--json", "bundle", "import", &there, "--yes"]).json();
    assert_eq!(plan["cases"][0]["conflicts"].as_array().map(Vec::len), Some(1), "{plan}");
    ann.mahoe(&["bundle", "import", &back, "--yes"]).good();
    mary.mahoe(&["case", "decide", &code, "risk", "high"]).good();
    let decided = file(&mary, "decided.mahoe");
    mary.mahoe(&["bundle", "export", "--to", "06", "--kind", "update", "--case", &code, "-o", &decided]).good();
    ann.mahoe(&["bundle", "import", &decided, "--yes"]).good();
    let shown = |team: &Team| team.mahoe(&["--json", "case", "show", &code]).json()["risk"].clone();
    assert_eq!((shown(&ann), shown(&mary)), (json!("high"), json!("high")));
    same_in_what_they_share(&ann, &mary, &code);
    for team in [&ann, &mary] {
        assert_eq!(team.mahoe(&["vault", "verify"]).code, 0);
    }
    // The comparison is worth something: one word more on one side, and it fails.
    mary.mahoe(&["case", "note", &code, "Something new"]).good();
    assert_ne!(entries(&ann, &code), entries(&mary, &code));
}

/// The entries of a case that both may hold, by their ids: whoever has an id and its words has the same words.
fn entries(team: &Team, code: &str) -> BTreeMap<String, BTreeMap<String, bool>> {
    let history = team.mahoe(&["--json", "case", "history", code]).json();
    let mut by_class: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for entry in history["items"].as_array().expect("a list") {
        let text = |name: &str| entry[name].as_str().expect("a text").to_owned();
        by_class.entry(text("class")).or_default().insert(text("entry"), entry["unreadable"].is_null());
    }
    by_class.retain(|class, _| !matches!(class.as_str(), "links" | "access"));
    by_class
}

/// Both teams hold the same entries, with their words, of every kind of data that the receiver holds any of, and show the
/// same of it: item by item, but for how each names its own people and the other's.
fn same_in_what_they_share(sender: &Team, receiver: &Team, code: &str) {
    let (mut there, here) = (entries(sender, code), entries(receiver, code));
    assert!(here.len() >= 4 && here.values().map(BTreeMap::len).sum::<usize>() >= 12, "{here:?}");
    there.retain(|class, _| here.contains_key(class));
    assert_eq!(there, here);
    assert!(here.values().flatten().all(|(_, readable)| *readable), "{here:?}");
    let shown = |team: &Team| {
        let mut case = team.mahoe(&["--json", "case", "show", code, "--reveal"]).json();
        let own: &[&str] = &["lead", "owner", "author", "who", "by", "other", "to", "from", "direction", "late"];
        strip(&mut case, own);
        case
    };
    let (there, here) = (shown(sender), shown(receiver));
    for part in
        ["risk", "stage", "tracks", "reported", "concern", "fields", "actions", "followups", "notes", "referrals"]
    {
        assert_eq!(there[part], here[part], "{part}");
    }
    for part in ["actions", "notes", "referrals"] {
        assert!(here[part].as_array().is_some_and(|list| !list.is_empty()), "{part}");
    }
}

/// Takes out what each team says in its own way.
fn strip(json: &mut Json, names: &[&str]) {
    match json {
        Json::Object(object) => {
            object.retain(|name, _| !names.contains(&name.as_str()));
            object.values_mut().for_each(|value| strip(value, names));
        }
        Json::Array(list) => list.iter_mut().for_each(|value| strip(value, names)),
        _ => {}
    }
}

#[test]
fn one_case_of_a_bundle_is_taken_in_and_its_receipt_says_no_more() {
    let (ann, mary) = teams();
    let codes = ["One worry", "Another worry"].map(|worry| {
        let code = ann.mahoe(&["case", "new", "--concern", worry, "--risk", "high"]).good().trim().to_owned();
        let bundle = file(&ann, "refer.mahoe");
        let refer = ["bundle", "export", "--to", "05", "--kind", "refer", "--case", &code, "-o", &bundle];
        let why = ["--service", "a visit", "--reason", "near", "--override", "the child is in danger tonight"];
        ann.mahoe(&[&refer[..], &why].concat()).good();
        mary.mahoe(&["bundle", "import", &bundle, "--yes"]).good();
        code
    });
    for code in &codes {
        ann.mahoe(&["action", "add", "Ask the aunt", "--owner", "A. Brown", "--due", "fri", "--case", code]).good();
    }
    let bundle = file(&ann, "update.mahoe");
    ann.mahoe(&["bundle", "export", "--to", "05", "--kind", "update", "-o", &bundle]).good();
    let (first, second) = (file(&mary, "first.mahoe"), file(&mary, "second.mahoe"));
    let part =
        mary.mahoe(&["--json", "bundle", "import", &bundle, "--case", &codes[0], "--receipt", &first, "--yes"]).json();
    assert_eq!((&part["rest"], part["receipt"].is_string()), (&json!(true), true), "{part}");
    let actions = |code: &str| mary.mahoe(&["--json", "action", "list", "--case", code]).json()["count"].clone();
    assert_eq!(codes.each_ref().map(|code| actions(code)), [json!(1), json!(0)]);
    let says = ann.mahoe(&["bundle", "import", &first, "--yes"]);
    assert!(says.good().contains(&format!("They have not taken in case {} yet", codes[1])), "{}", says.out);
    let answer = |team: &Team| {
        let listed = team.mahoe(&["--json", "bundle", "list"]).json();
        let items = listed["items"].as_array().expect("a list");
        let update = items.iter().find(|item| item["sent"] == true && item["kind"] == "update");
        update.expect("one was sent")["receipt"].is_string()
    };
    assert!(!answer(&ann), "the other case has not got there");
    // The stick may be gone by now: the rest is in the inbox.
    std::fs::remove_file(&bundle).expect("gone");
    let waits = files(&mary.path("vault/inbox"));
    let name = waits[0].file_name().expect("a name").to_str().expect("a name").to_owned();
    mary.mahoe(&["bundle", "import", &name, "--receipt", &second, "--yes"]).good();
    assert_eq!(codes.each_ref().map(|code| actions(code)), [json!(1), json!(1)]);
    assert!(files(&mary.path("vault/inbox")).is_empty());
    ann.mahoe(&["bundle", "import", &second, "--yes"]).good();
    assert!(answer(&ann));
}

#[test]
fn sharing_is_stopped_by_a_coordinators_word() {
    let (ann, mary) = teams();
    let code = ann.mahoe(&["case", "new", "--concern", "A worry", "--risk", "high"]).good().trim().to_owned();
    let bundle = file(&ann, "refer.mahoe");
    let refer = ["bundle", "export", "--to", "05", "--kind", "refer", "--case", &code, "-o", &bundle, "--mandatory"];
    ann.mahoe(&[&refer[..], &["--reason", "the law"]].concat()).good();
    mary.mahoe(&["bundle", "import", &bundle, "--yes"]).good();
    let update = ["bundle", "export", "--to", "05", "--kind", "update", "-o", &bundle];
    ann.mahoe(&update).good();
    let stop = ["peer", "unshare", "Saint Mary", "--case", &code];
    let says = ann.mahoe(&stop);
    assert!(says.good().starts_with(&format!("Nothing more of case {code} goes to Saint Mary")), "{}", says.out);
    let refused = ann.mahoe(&update).refused();
    assert!(refused.starts_with("1\nNo such case is shared with Saint Mary"), "{refused}");
    let again = ann.mahoe(&stop).refused();
    assert!(again.starts_with(&format!("1\nCase {code} is not shared with Saint Mary")), "{again}");
}

#[test]
fn what_is_not_for_us_or_was_touched_is_refused_and_changes_nothing() {
    let (ann, mary) = teams();
    let code = ann.mahoe(&["case", "new", "--concern", "A worry", "--risk", "high"]).good().trim().to_owned();
    let bundle = file(&ann, "refer.mahoe");
    let override_it =
        ["--override", "the child is in danger tonight", "--reason", "danger", "--service", "a safe place"];
    ann.mahoe(
        &[&["bundle", "export", "--to", "05", "--kind", "refer", "--case", &code, "-o", &bundle][..], &override_it]
            .concat(),
    )
    .good();
    let own = ann.mahoe(&["bundle", "inspect", &bundle]).refused();
    assert!(own.starts_with("4\n"), "{own}");
    let mut bytes = std::fs::read(&bundle).expect("there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let touched = file(&ann, "touched.mahoe");
    std::fs::write(&touched, &bytes).expect("written");
    let refused = mary.mahoe(&["bundle", "import", &touched, "--yes"]).refused();
    assert!(refused.starts_with("4\n"), "{refused}");
    assert_eq!(mary.mahoe(&["--json", "case", "list", "--all"]).json()["count"], 0);
    let real = Team::of("JM-04", &["--work-factor", "15"]);
    let practice = real.mahoe(&["bundle", "inspect", &bundle]).refused();
    assert!(practice.starts_with("4\n"), "{practice}");
    // Set aside, it counts for nothing; taken in again it stays so.
    mary.mahoe(&["bundle", "import", &bundle, "--yes"]).good();
    let listed = mary.mahoe(&["--json", "bundle", "list"]).json();
    let received = listed["items"].as_array().expect("a list").iter().find(|item| item["sent"] == false);
    let id = received.expect("received")["id"].as_str().expect("an id").to_owned();
    mary.mahoe(&["bundle", "undo", &id[..8]]).good();
    assert_eq!(mary.mahoe(&["--json", "case", "list", "--all"]).json()["count"], 0);
    assert_eq!(mary.mahoe(&["vault", "verify"]).code, 0);
}

/// Every file below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn a_shared_folder_carries_bundles_both_ways_and_is_cleared_once_they_are_answered() {
    let (ann, mary) = teams();
    let stick = tempfile::tempdir().expect("a stick");
    let relay = |team: &Team, what: &str| {
        team.mahoe(&["--json", "relay", what, "--dir", &stick.path().display().to_string()]).json()
    };
    let code = ann.mahoe(&["case", "new", "--concern", "A worry", "--risk", "high"]).good().trim().to_owned();
    ann.mahoe(&["consent", "record", &code, "--scope", "services", "--scope", "disclosure", "--by", "the mother"])
        .good();
    let bundle = file(&ann, "refer.mahoe");
    let refer = [
        "bundle",
        "export",
        "--to",
        "05",
        "--kind",
        "refer",
        "--case",
        &code,
        "--service",
        "a visit",
        "--reason",
        "near",
        "-o",
        &bundle,
    ];
    ann.mahoe(&refer).good();
    assert_eq!(relay(&ann, "status")["outbox"], 1);
    assert_eq!(relay(&ann, "push"), json!({ "put": 1, "there": 0, "cleared": 0 }));
    assert_eq!(relay(&ann, "push"), json!({ "put": 0, "there": 1, "cleared": 0 }), "nothing is sent twice");
    // What lies there names nobody.
    let there = files(stick.path());
    assert_eq!(there.len(), 1);
    let path = there[0].strip_prefix(stick.path()).expect("below").display().to_string();
    assert!(!path.contains("JM") && !path.contains(&code), "{path}");
    // Half a file, an empty one and somebody's photograph beside it.
    let mailbox = there[0].parent().expect("a mailbox");
    let half = std::fs::read(&there[0]).expect("there");
    std::fs::write(mailbox.join(format!("{}.mahoe", "a".repeat(64))), &half[..half.len() / 2]).expect("written");
    std::fs::write(mailbox.join(format!("{}.mahoe", "b".repeat(64))), b"").expect("written");
    std::fs::write(mailbox.join("photo.jpg"), b"x").expect("written");

    let pulled = relay(&mary, "pull");
    assert_eq!((&pulled["known"], &pulled["left_alone"]), (&json!(0), &json!(3)));
    let name = pulled["fetched"][0].as_str().expect("one").to_owned();
    assert_eq!(relay(&mary, "pull")["known"], 1, "it is in the inbox already");
    mary.mahoe(&["bundle", "import", &name, "--yes"]).good();
    assert_eq!(relay(&mary, "pull")["known"], 1, "it was taken in");
    // The receipt was made at import and travels the same way.
    assert_eq!(relay(&mary, "push")["put"], 1);
    let back = relay(&ann, "pull")["fetched"][0].as_str().expect("the receipt").to_owned();
    ann.mahoe(&["bundle", "import", &back, "--yes"]).good();
    let cleared = relay(&ann, "push");
    assert_eq!((&cleared["cleared"], &cleared["put"]), (&json!(1), &json!(0)), "{cleared}");
    relay(&ann, "pull");
    let left: Vec<String> = files(stick.path())
        .iter()
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(left.len(), 3, "only what is not mahoe's is left: {left:?}");
    let gone = ann.mahoe(&["relay", "push", "--dir", "/nowhere/at/all"]).refused();
    assert!(gone.starts_with("5\n"), "{gone}");
}
