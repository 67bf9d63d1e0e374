//! The daily work: reports, first contacts, planned contacts that follow the policy, agencies, an unreadable policy.

use serde_json::Value as Json;

use super::Team;

/// The planned contacts of a case: code, day, rhythm.
fn planned(team: &Team, case: &str) -> Vec<(String, String, Json)> {
    let list = team.mahoe(&["--json", "followup", "list", "--case", case]).json();
    let text = |it: &Json, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|it| (text(it, "code"), text(it, "due"), it["every_days"].clone())).collect()
}

#[test]
fn a_report_and_a_first_contact_stop_their_clocks() {
    let team = Team::new();
    let case = team.case();
    let clocks = || {
        let today = team.mahoe(&["--json", "today", "--all"]).json();
        let items = today["items"].as_array().expect("a list").clone();
        items.iter().filter_map(|it| it["clock"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert!(clocks().contains(&"statutory-report".to_owned()) && clocks().contains(&"first-contact".to_owned()));
    let alone = team.mahoe(&["case", "statutory", &case, "--ncr", "24-1183"]);
    assert!(alone.refused().starts_with("1\n") && alone.err.contains("not its case ID alone"), "{}", alone.err);
    let edited = team.mahoe(&["case", "edit", &case, "--set", "ncr=24-1183"]);
    assert_eq!(edited.code, 1, "{}", edited.err);
    let no_channel = team.mahoe(&["case", "statutory", &case, "--when", "today 08:00"]);
    assert!(no_channel.refused().contains("Through which channel"), "{}", no_channel.err);
    team.mahoe(&["case", "statutory", &case, "--when", "today 08:00", "--channel", "211"]).good();
    assert!(!clocks().contains(&"statutory-report".to_owned()) && clocks().contains(&"ncr-number".to_owned()));
    team.mahoe(&["case", "statutory", &case, "--ncr", "24-1183"]).good();
    assert!(!clocks().contains(&"ncr-number".to_owned()));
    let ahead = team.mahoe(&["case", "met", &case, "first-contact", "--when", "today 23:00"]);
    assert!(ahead.refused().contains("future"), "{}", ahead.err);
    assert_eq!(team.mahoe(&["case", "met", &case, "birthday"]).code, 2);
    team.mahoe(&["case", "met", &case, "first-contact", "--when", "today 09:00", "--note", "seen at school"]).good();
    assert!(!clocks().contains(&"first-contact".to_owned()));
    let shown = team.mahoe(&["--json", "case", "show", &case]).json();
    assert_eq!(shown["fields"]["ncr"], "24-1183");
    assert_eq!(shown["notes"][0]["kind"], "contact");
}

#[test]
fn planned_contacts_follow_risk_and_stage_unless_declined() {
    let team = Team::new();
    let case = team.case();
    assert!(matches!(&planned(&team, &case)[..], [(_, due, every)] if due == "2026-11-27" && *every == 7));
    team.mahoe(&["case", "edit", &case, "--set", "risk=medium", "--no-followup"]).good();
    assert_eq!(planned(&team, &case)[0].2, 7);
    let moved = team.mahoe(&["case", "stage", &case, "reintegration"]);
    assert!(moved.good().contains("home visit every 2 weeks from now on, next Fri 27 Nov (policy)"), "{}", moved.out);
    assert!(matches!(&planned(&team, &case)[..], [(_, due, every)] if due == "2026-11-27" && *every == 14));
    let said = team.mahoe(&["case", "edit", &case, "--set", "risk=low"]);
    assert!(said.good().contains("every 30 days"), "{}", said.out);
    let opened = team.mahoe(&["--json", "case", "new", "--concern", "x", "--risk", "low", "--no-followup"]).json();
    assert_eq!(opened["followups"], Json::Array(Vec::new()));
    assert!(planned(&team, opened["code"].as_str().expect("a code")).is_empty());
    let quick = team.mahoe(&["case", "new", "--concern", "x", "--quick"]).good().to_owned();
    assert!(planned(&team, &quick).is_empty(), "a quick report is to be completed first");
    team.mahoe(&["case", "edit", &quick, "--set", "risk=high"]).good();
    assert_eq!(planned(&team, &quick).len(), 1);
}

#[test]
fn a_contact_is_moved_given_away_and_cancelled() {
    let team = Team::new();
    let (case, other) = (team.case(), team.case());
    let both = format!("{case},{other}");
    let made = team.mahoe(&["followup", "add", &both, "--due", "fri", "--kind", "school visit", "--who", "CPFSA"]);
    let made = made.good().to_owned();
    assert_eq!(made.lines().count(), 2, "one for each case: {made}");
    let id = made.lines().next().expect("a code");
    team.mahoe(&["followup", "move", id, "--due", "+2w", "--reason", "exams"]).good();
    team.mahoe(&["followup", "reassign", id, "--who", "MOH"]).good();
    let list = team.mahoe(&["--json", "followup", "list", "--case", &case]).json();
    let one = list["items"].as_array().expect("a list").iter().find(|it| it["code"] == id).expect("listed").clone();
    assert_eq!((&one["due"], &one["who"], &one["why"]), (&"2026-12-06".into(), &"MOH".into(), &"exams".into()));
    assert_eq!(team.mahoe(&["followup", "move", id, "--due", "2026-11-01"]).code, 1);
    assert_eq!(team.mahoe(&["followup", "reassign", id, "--who", "nobody"]).code, 1);
    assert_eq!(team.mahoe(&["followup", "cancel", id]).code, 2, "a reason is needed");
    team.mahoe(&["followup", "cancel", id, "--reason", "the family moved"]).good();
    let again = team.mahoe(&["followup", "cancel", id, "--reason", "again"]);
    assert!(again.refused().contains("not waiting any more"), "{}", again.err);
}

#[test]
fn an_agency_is_edited_retired_and_brought_back() {
    let team = Team::new();
    team.mahoe(&["team", "agency", "edit", "moh", "--set", "contact=the duty nurse", "phone=555-0111"]).good();
    let list = team.mahoe(&["--json", "team", "list"]).json();
    let moh = |list: &Json| {
        let all = list["agencies"].as_array().expect("a list");
        all.iter().find(|it| it["code"] == "MOH").cloned()
    };
    assert_eq!(moh(&list).expect("MOH")["contact"], "the duty nurse");
    assert_eq!(team.mahoe(&["team", "agency", "edit", "MOH", "--set", "code=CPFSA"]).code, 1);
    assert_eq!(team.mahoe(&["team", "agency", "edit", "NOBODY", "--set", "name=x"]).code, 1);
    team.mahoe(&["team", "agency", "retire", "MOH"]).good();
    assert!(moh(&team.mahoe(&["--json", "team", "list"]).json()).is_none());
    let refused = team.mahoe(&["action", "add", "x", "--owner", "MOH", "--due", "fri"]);
    assert!(refused.refused().contains("retired"), "{}", refused.err);
    team.mahoe(&["team", "agency", "back", "MOH"]).good();
    team.mahoe(&["action", "add", "x", "--owner", "MOH", "--due", "fri"]).good();
}
