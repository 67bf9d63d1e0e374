//! Outreach, training and the library on the command line.

use serde_json::json;

use super::{Team, run};

/// Two days on: the event has been.
fn after(team: &Team, arguments: &[&str]) -> super::Ran {
    run(team.command_at("2026-11-25T09:20:00-05:00").args(arguments), b"")
}

#[test]
fn an_event_is_planned_held_counted_and_followed_up() {
    let team = Team::new();
    let new =
        ["outreach", "add", "Whom to call", "--when", "tue 10:00", "--kind", "school", "--community", "Fern Gully"];
    let code = team.mahoe(&new).good().to_owned();
    assert!(code.starts_with("G-"), "{code}");
    assert!(team.mahoe(&["outreach", "add", "x", "--when", "tue"]).refused().starts_with("2\nThe hour is missing."));
    assert!(team.mahoe(&["outreach", "add", "x", "--when", "tue 10:00", "--kind", "feast"]).refused().starts_with('2'));
    assert!(team.mahoe(&["today"]).good().contains("Outreach: school, Fern Gully"));
    assert!(team.mahoe(&["outreach", "held", &code]).refused().contains("lies ahead"));
    let calendar = team.mahoe(&["--json", "calendar"]).json();
    assert!(calendar.to_string().contains(&code), "{calendar}");
    let file = team.path("team.ics").display().to_string();
    team.mahoe(&["export", "ics", "-o", &file]).good();
    let ics = std::fs::read_to_string(&file).expect("written");
    assert!(ics.contains(&format!("{code}: outreach\\, school")) && ics.contains("LOCATION:Fern Gully"), "{ics}");

    let give = ["outreach", "action", &code, "Posters to the shops", "--owner", "MOH", "--due", "+2w"];
    assert!(team.mahoe(&give).good().starts_with("A-"));
    assert!(after(&team, &["today"]).good().contains("Not marked as held: school"));
    let bad = ["outreach", "held", &code, "--audience", "female 0-11: many"];
    assert!(after(&team, &bad).refused().contains("is no number of people"));
    let held =
        ["outreach", "held", &code, "--audience", "f 0-11: 12, unknown: 30", "--result", "who-to-call: 40 12 33"];
    after(&team, &[&held[..], &["--cost", "4200", "--reports", "1"]].concat()).good();
    let shown = after(&team, &["--json", "outreach", "show", &code]).json();
    assert_eq!((&shown["came"], &shown["phase"]), (&json!(42), &json!("counted")));
    assert_eq!(shown["audience"][0], json!({ "sex": "female", "age": "0-11", "count": 12 }));
    assert_eq!(shown["results"][0]["after"], json!(33));
    assert_eq!(shown["actions"].as_array().map(Vec::len), Some(1));
    let text = after(&team, &["outreach", "show", &code]);
    assert!(text.good().contains("Who came: 42") && text.good().contains("12 → 33"), "{}", text.out);
    assert!(after(&team, &["outreach", "cancel", &code, "--reason", "storm"]).refused().contains("was held"));
    assert_eq!(after(&team, &["--json", "outreach", "list"]).json()["count"], json!(0));
    assert_eq!(after(&team, &["--json", "outreach", "list", "--all"]).json()["count"], json!(1));

    // Which case came in after it is said in the case alone.
    let case = team.case();
    after(&team, &["case", "edit", &case, "--set", &format!("outreach={code}")]).good();
    assert!(!after(&team, &["--json", "outreach", "show", &code]).good().contains(&case));
}

#[test]
fn trainings_are_reckoned() {
    let team = Team::new();
    let needed = team.mahoe(&["--json", "training", "list", "--needed"]).json();
    assert!(needed["items"].as_array().expect("a list").iter().all(|item| item["standing"] == "missing"), "{needed}");
    let add = ["training", "add", "data-protection", "--date", "yesterday", "--who", "A. Brown", "--hours", "2"];
    let code = team.mahoe(&add).good().to_owned();
    assert!(code.starts_with("T-"), "{code}");
    let list = team.mahoe(&["--json", "training", "list"]).json();
    assert_eq!(list["items"][0]["holds_until"], json!("2027-11-21"));
    assert!(team.mahoe(&["training", "add", "nrm", "--date", "yesterday"]).refused().contains("who took part"));
    let planned = team.mahoe(&["training", "add", "nrm", "--date", "2026-11-24"]).good().to_owned();
    assert!(team.mahoe(&["today"]).good().contains("Training: National Referral Mechanism"));
    assert!(team.mahoe(&["training", "held", &planned, "--who", "A. Brown"]).refused().contains("lies ahead"));
    after(&team, &["training", "held", &planned, "--who", "A. Brown"]).good();
    let edit = ["training", "edit", &planned, "--set", "cancelled=storm"];
    assert!(after(&team, &edit).refused().starts_with("1\nIt was held."));
    let late = run(team.command_at("2027-11-30T09:20:00-05:00").args(["today"]), b"");
    assert!(late.good().contains("Training runs out: Data protection"), "{}", late.out);
}

#[test]
fn pages_are_read_searched_brought_in_and_taken_out() {
    let team = Team::new();
    let list = team.mahoe(&["--json", "library", "list"]).json();
    assert!(list["items"].as_array().is_some_and(|items| items.iter().all(|item| item["built_in"] == true)), "{list}");
    let page = team.mahoe(&["library", "show", "data-breach"]);
    assert!(
        page.good().contains("WITHIN 72 HOURS") && page.good().contains("Data Protection Act 2020"),
        "{}",
        page.out
    );
    assert!(team.mahoe(&["library", "show", "nothing"]).refused().starts_with("1\nThere is no page \"nothing\"."));
    let found = team.mahoe(&["--json", "library", "search", "72", "commissioner"]).json();
    assert_eq!(found["items"][0]["name"], json!("data-breach"));

    let own = ["library", "add", "How we report", "--name", "how-to-report", "--body", "Call the **desk**."];
    assert_eq!(team.mahoe(&own).good(), "how-to-report");
    assert!(team.mahoe(&own).refused().contains("has a page called"));
    assert!(team.mahoe(&["library", "show", "how-to-report"]).good().contains("Call the desk."));
    let built_in = team.mahoe(&["library", "show", "how-to-report", "--built-in"]);
    assert!(built_in.good().contains("the team has its own"), "{}", built_in.out);
    assert!(team.mahoe(&["library", "remove", "stages"]).refused().contains("part of the program"));

    // Out, changed elsewhere, and in again; a file that is no page brings nothing in.
    let file = team.path("how-to-report.md").display().to_string();
    team.mahoe(&["library", "export", "how-to-report", "-o", &file]).good();
    let text = std::fs::read_to_string(&file).expect("written").replace("desk", "\u{1b}[31mguard\u{202e}");
    let changed = team.write("changed.md", text);
    let fresh = team.write("Night duty.md", "# Night duty\n\n- the list is on paper\n");
    let bad = team.write("bad.md", b"\xff\xfe\x00");
    let refused = team.mahoe(&["library", "import", &changed, &fresh, &bad]).refused();
    assert!(refused.contains("is not UTF-8 text. Nothing was brought in"), "{refused}");
    assert_eq!(team.mahoe(&["library", "import", &changed, &fresh]).good(), "1 new page and 1 changed.");
    let shown = team.mahoe(&["library", "show", "how-to-report", "--source"]);
    assert!(shown.good().contains("Call the **[31mguard**."), "{}", shown.out);
    assert!(team.mahoe(&["library", "show", "night-duty"]).good().contains("• the list is on paper"));
    team.mahoe(&["library", "edit", "night-duty", "--set", "tags=night, duty"]).good();
    team.mahoe(&["library", "remove", "night-duty"]).good();
    assert!(team.mahoe(&["library", "show", "night-duty"]).refused().starts_with('1'));
}
