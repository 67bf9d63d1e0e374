//! Closing with approval, and best-interests decisions, on the command line.

use serde_json::json;

use super::{Ran, Team, run};

/// D. Eputy, a deputy with a key of their own.
fn with_deputy() -> Team {
    let team = Team::new();
    team.batch(&[], "team add 'D. Eputy' --agency MOH --handle deputy\nteam role deputy deputy\n").good();
    let mut join = team.command();
    join.args(["team", "join", "deputy", "--work-factor", "2"]).env("MAHOE_NEW_PASSPHRASE", OTHER);
    run(&mut join, b"").good();
    team
}

const OTHER: &str = "four calm words here";

fn deputy(team: &Team, arguments: &[&str]) -> Ran {
    run(team.command().args(["--as", "deputy"]).args(arguments).env("MAHOE_PASSPHRASE", OTHER), b"")
}

fn brown(team: &Team, arguments: &[&str]) -> Ran {
    run(team.command().args(["--as", "abrown"]).args(arguments), b"")
}

#[test]
fn a_closing_is_asked_refused_and_approved() {
    let team = with_deputy();
    let new = ["case", "new", "--concern", "A worry", "--risk", "low"];
    let case = brown(&team, &new).good().to_owned();
    let close = ["case", "close", &case, "--reason", "goals-met", "--met", "goals,safe", "--met", "care,no-concern"];
    let old = brown(&team, &close);
    assert!(old.refused().contains("When the child was last seen is not on record"), "{}", old.refused());
    let said = brown(&team, &[&close[..], &["--seen", "yesterday", "--note", "Home and well"]].concat());
    assert_eq!(said.good(), format!("Asked to close case {case}. It stays open until D. Eputy approves."));
    assert!(brown(&team, &["case", "approve", &case]).refused().contains("asked for it yourself"));
    let today = deputy(&team, &["--json", "today", "--mine"]).json();
    let line = today["items"].as_array().expect("lines").iter().find(|line| line["what"] == "closing").expect("it");
    assert_eq!(line["text"], json!("Asked to close today: goals met (A. Brown)"));
    let mine = brown(&team, &["--json", "today", "--mine"]).json();
    assert!(mine["items"].as_array().expect("lines").iter().all(|line| line["what"] != "closing"));
    assert!(deputy(&team, &["case", "refuse", &case, "--words", " "]).refused().contains("why is missing"));
    let no = deputy(&team, &["case", "refuse", &case, "--words", "One visit more"]);
    assert_eq!(no.good(), format!("Refused: case {case} stays open. A. Brown sees why in the case."));
    let shown = brown(&team, &["--json", "case", "show", &case]).json();
    assert_eq!((&shown["open"], &shown["closings"][0]["state"]), (&json!(true), &json!("refused")));
    assert_eq!(
        shown["closings"][0]["criteria"][1],
        json!({ "code": "safe", "label": "The child is safe", "met": true })
    );
    // The short form of old scripts: no checklist, and the record says so.
    let short = brown(&team, &["case", "close", &case, "--reason", "declined"]);
    assert!(short.good().ends_with("The policy's checklist is not filled in."), "{}", short.good());
    assert_eq!(deputy(&team, &["case", "approve", &case]).good(), format!("Approved: case {case} is closed."));
    let text = brown(&team, &["case", "show", &case]);
    for part in ["D. Eputy (MOH) refused: One visit more", "D. Eputy (MOH) approved", "yes  The child is safe"] {
        assert!(text.good().contains(part), "{part}: {}", text.good());
    }
    assert!(brown(&team, &["case", "approve", &case]).refused().contains("is closed"));
    let bad = ["case", "close", &case, "--reason", "luck"];
    assert_eq!(brown(&team, &bad).code, 2);
}

#[test]
fn a_single_leader_closes_at_once() {
    let team = Team::new();
    let case = team.case();
    let closed = team.mahoe(&["case", "close", &case, "--reason", "goals-met"]);
    assert!(closed.good().contains("is closed at once: nobody else can approve it"), "{}", closed.good());
    let shown = team.mahoe(&["--json", "case", "show", &case]).json();
    assert_eq!(shown["closings"][0]["how"], json!("nobody else can approve"));
}

#[test]
fn a_best_interests_decision_and_what_it_rests_on() {
    let team = Team::new();
    let case = team.case();
    let decide = ["case", "best-interests", &case, "--question", "Where to live?", "--decision", "With the aunt"];
    let options = ["--option", "With the aunt; + knows her; - two buses", "--option", "In care; - another parish"];
    let base = [&decide[..], &options, &["--panel", "A. Brown"]].concat();
    assert!(team.mahoe(&base).refused().starts_with("2\nWhy the child's views were not considered: it is missing."));
    let note = [&base[..], &["--views-note"]].concat();
    assert!(team.mahoe(&note).refused().contains("are not written down in this case"));
    team.mahoe(&["case", "note", &case, "I want to stay", "--kind", "views"]).good();
    let said = team.mahoe(&[&note[..], &["--review", "+30d", "--dissent", "The police"]].concat());
    assert!(said.good().starts_with("The best-interests decision is recorded. It is looked at again on"));
    let shown = team.mahoe(&["--json", "case", "show", &case]).json();
    let it = &shown["best_interests"][0];
    assert_eq!(it["options"][0], json!({ "option": "With the aunt", "for": ["knows her"], "against": ["two buses"] }));
    assert_eq!((&it["heard"], &it["views"], &it["panel"]), (&json!(true), &json!(null), &json!(["A. Brown"])));
    let text = team.mahoe(&["case", "show", &case]);
    assert!(text.good().contains("Best interests") && !text.good().contains("I want to stay"), "{}", text.good());
    let one = [&decide[..], &options[..2], &["--panel", "A. Brown", "--unheard", "too young"]].concat();
    assert!(team.mahoe(&one).refused().contains("Only one option is named"));
}
