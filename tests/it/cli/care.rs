//! The care plan and the referrals within the parish, on the command line.

use serde_json::json;

use super::{Team, run};

#[test]
fn a_care_plan_from_what_is_needed_to_the_outcome() {
    let team = Team::new();
    let case = team.case();
    let plan = team.mahoe(&["service", "plan", &case]);
    assert!(plan.good().contains("missing: nobody has decided"), "{}", plan.good());
    let decided = team.mahoe(&[
        "service",
        "plan",
        &case,
        "--needed",
        "medical,counselling,accommodation",
        "--not-needed",
        "basic-needs",
    ]);
    assert!(decided.good().contains("is written down"), "{}", decided.good());
    let missing = team.mahoe(&["--json", "service", "list", "--missing"]).json();
    assert_eq!(missing["count"], 3, "needed, and nothing is planned");
    let code = team
        .mahoe(&[
            "service",
            "add",
            &case,
            "counselling",
            "--agency",
            "VSD",
            "--from",
            "2026-11-25",
            "--until",
            "2026-12-20",
            "--dose",
            "12 talks",
        ])
        .good()
        .to_owned();
    assert!(code.starts_with("V-") && !code.contains(' '), "{code}");
    let plan = team.mahoe(&["--json", "service", "plan", &case]).json();
    let row = plan["items"].as_array().expect("rows").iter().find(|row| row["category"] == "counselling").expect("it");
    assert_eq!((&row["state"], &row["missing"], &row["standard"]), (&json!("planned"), &json!(false), &json!(true)));
    assert_eq!(row["services"][0]["dose"], "12 talks");
    assert_eq!(row["services"][0]["planned_start"], "2026-11-25");
    let today = team.mahoe(&["--json", "today", "--all"]).json();
    let line = today["items"].as_array().expect("lines").iter().find(|line| line["what"] == "service").expect("due");
    assert_eq!((&line["text"], &line["code"]), (&json!("Counselling: to begin"), &json!(code)));
    assert!(team.mahoe(&["service", "end", &code, "--outcome", "completed"]).refused().contains("has not begun"));
    assert!(team.mahoe(&["service", "start", &code, "--on", "2026-11-30"]).refused().contains("in the future"));
    assert_eq!(team.mahoe(&["service", "start", &code, "--on", "2026-11-20"]).good(), "Counselling: begun.");
    assert_eq!(team.mahoe(&["service", "end", &code, "--outcome", "splendid"]).code, 2);
    let early = team.mahoe(&["service", "end", &code, "--outcome", "completed", "--on", "2026-11-19"]);
    assert!(early.refused().contains("before the beginning"));
    let ended = team.mahoe(&["service", "end", &code, "--outcome", "completed", "--views", "It was quiet there"]);
    assert_eq!(ended.good(), "Counselling: ended.");
    let list = team.mahoe(&["--json", "service", "list", "--case", &case]);
    assert!(!list.good().contains("quiet"), "the child's own words stand in no list: {}", list.good());
    let ended = list.json();
    let ended = ended["items"].as_array().expect("services").iter().find(|it| it["code"] == code.as_str()).expect("it");
    assert_eq!((&ended["state"], &ended["days"], &ended["views"]), (&json!("ended"), &json!(3), &json!(true)));
    assert!(team.mahoe(&["case", "show", &case]).good().contains("Counselling: VSD"));
}

#[test]
fn where_the_child_lives_is_masked() {
    let team = Team::new();
    let case = team.case();
    let add = ["service", "add", &case, "accommodation", "--by", "Hazel Cove House", "--began", "2026-11-02"];
    let code = team.mahoe(&add).good().to_owned();
    let plan = team.mahoe(&["service", "plan", &case]);
    assert!(plan.good().contains("masked") && !plan.good().contains("Hazel"), "{}", plan.good());
    assert!(plan.good().contains("running, 21 days"), "{}", plan.good());
    assert!(!team.mahoe(&["--json", "service", "list"]).good().contains("Hazel"));
    assert!(team.mahoe(&["service", "plan", &case, "--reveal"]).good().contains("Hazel Cove"));
    // The name of the house is masked in every note, too.
    team.mahoe(&["case", "note", &case, "Called Hazel Cove House at noon"]).good();
    let shown = team.mahoe(&["case", "show", &case]);
    assert!(!shown.good().contains("Hazel") && shown.good().contains("[placement]"), "{}", shown.good());
    let edited = team.mahoe(&["service", "edit", &code, "--set", "ended=2026-11-20", "--set", "outcome=moved"]);
    assert!(edited.good().contains("is changed"), "{}", edited.good());
    assert!(team.mahoe(&["service", "list"]).good().contains("goes on elsewhere, 19 days"));
    assert!(team.mahoe(&["service", "edit", &code, "--set", "category=legal"]).refused().contains("can't be set"));
}

#[test]
fn a_kind_of_help_is_asked_from_an_agency_and_given() {
    let team = Team::new();
    let case = team.case();
    let all = ["consent", "record", &case, "--scope", "services,disclosure", "--by", "the mother", "--role", "mother"];
    team.mahoe(&all).good();
    let send = ["referral", "send", &case, "--to", "VSD", "--service", "counselling", "--reason", "She hardly sleeps"];
    let code = team.mahoe(&send).good().to_owned();
    let plan = team.mahoe(&["service", "plan", &case]);
    assert!(plan.good().contains("VSD was asked"), "{}", plan.good());
    let late = run(team.command_at("2026-11-30T10:00:00-05:00").args(["referral", "list", "--late"]), b"");
    assert!(late.good().contains("A. Brown") && late.good().contains("Counselling"), "{}", late.good());
    assert!(team.mahoe(&["referral", "list", "--late"]).good().contains("Nothing is late"));
    assert!(team.mahoe(&["referral", "seen", &code]).refused().contains("not answered yet"));
    team.mahoe(&["referral", "receive", &code]).good();
    assert!(team.mahoe(&["referral", "accept", &code]).good().contains("it stands in the care plan"));
    let plan = team.mahoe(&["--json", "service", "list", "--case", &case]).json();
    assert_eq!((&plan["items"][0]["state"], &plan["items"][0]["referral"]), (&json!("planned"), &json!(code)));
    let done = ["referral", "done", &code, "--outcome", "partly", "--on", "2026-11-22", "--note", "two talks"];
    assert!(team.mahoe(&done).good().contains("is done"));
    let list = team.mahoe(&["--json", "referral", "list"]).json();
    assert_eq!(list["items"][0]["outcome"], "partly");
    assert_eq!(list["items"][0]["given"], "2026-11-22");
    assert_eq!(list["items"][0]["category"], "counselling");
    let plan = team.mahoe(&["service", "list"]);
    assert!(plan.good().contains("partly, 1 day"), "{}", plan.good());
    assert!(team.mahoe(&["referral", "seen", &code]).good().contains("is noted"));
}
