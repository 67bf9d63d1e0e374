//! The policy as a team edits it: compared, changed, put in force, without a rebuild.

use super::Team;

/// The built-in text with one thing changed.
fn changed(team: &Team, from: &str, to: &str) -> String {
    let text = team.mahoe(&["policy", "show", "--text"]).good().to_owned();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn a_pack_edited_as_a_new_user_would_takes_effect_at_once() {
    let team = Team::new();
    let question = "    { code = \"found\", type";
    let new = "    { code = \"key\", type = \"text\", text = \"Who has the key of the house?\" }, # ours\n";
    let text = changed(&team, question, &format!("{new}{question}"));
    let text = text.replacen("high = 24, medium", "high = 12, medium", 1);
    let file = team.write("ours.toml", &text);
    let told = team.mahoe(&["policy", "diff", &file]);
    assert!(told.good().starts_with("2 differences:\n"), "{}", told.out);
    assert!(told.out.contains("clock First contact: high 24 → 12 hours"), "{}", told.out);
    assert!(told.out.contains("question 5 of form") && told.out.contains("Who has the key"), "{}", told.out);
    let case = team.case();
    let due = |team: &Team| {
        let shown = team.mahoe(&["today", "--json"]).json();
        let items = shown["items"].as_array().expect("a list").clone();
        let of = |it: &&serde_json::Value| it.to_string().contains("irst contact");
        items.iter().find(of).expect("the clock runs")["due"].as_str().expect("a moment").to_owned()
    };
    let before = due(&team);
    let set = team.mahoe(&["policy", "set", &file]);
    assert!(set.good().starts_with("The new policy is in force.\n2 differences:"), "{}", set.out);
    assert!(due(&team) < before, "the clock is shorter for the case that is open: {} {before}", due(&team));
    assert!(team.mahoe(&["screening", "form"]).good().contains("Who has the key of the house?"));
    assert_eq!(team.mahoe(&["policy", "diff", &file]).good(), "Nothing is different.");
    assert!(team.mahoe(&["policy", "diff", "--builtin"]).good().contains("high 24 → 12 hours"));
    let json = team.mahoe(&["policy", "diff", "--builtin", "--json"]).json();
    let clock =
        json["items"].as_array().expect("a list").iter().find(|it| it["key"] == "value.high").expect("told").clone();
    assert_eq!((&clock["kind"], &clock["from"], &clock["to"]), (&"clock".into(), &"24".into(), &"12".into()));
    assert_eq!(json["count"], 2);
    assert!(team.mahoe(&["policy", "show", "--text"]).good().contains("# ours"), "the team's remark is kept");
    assert!(team.mahoe(&["case", "show", &case]).good().contains("First contact"));
}

#[test]
fn what_a_policy_drops_keeps_its_words_on_older_records() {
    let team = Team::new();
    let case = team.case();
    team.mahoe(&["case", "edit", &case, "--set", "flags=language"]).good();
    let text = changed(&team, "    { code = \"language\", label = \"needs an interpreter\" },\n", "");
    let file = team.write("ours.toml", &text);
    let told = team.mahoe(&["policy", "diff", &file, "--json"]).json();
    assert_eq!(told["in_use"][0]["code"], "language");
    assert_eq!(told["in_use"][0]["records"], 1);
    let set = team.mahoe(&["policy", "set", &file, "--yes"]);
    assert!(set.good().contains("! 1 record has \"needs an interpreter\" (flag)"), "{}", set.out);
    let shown = team.mahoe(&["case", "show", &case]);
    assert!(shown.good().contains("needs an interpreter"), "{}", shown.out);
    let refused = team.mahoe(&["case", "edit", &case, "--set", "flags=language"]);
    assert_eq!(refused.code, 2, "it is offered no longer: {}", refused.out);
}

#[test]
fn one_thing_is_changed_without_a_file() {
    let team = Team::new();
    let lines = "policy edit clock first-contact --high 12\n\
                 policy edit clock contact --high 5\n\
                 policy edit label stage/care Care\n\
                 policy edit add channel \"Community radio\"\n\
                 policy edit retire flag media\n\
                 policy edit ask form/trafficking/family \"Who has the key?\" --type choice --choice \"the child\" --choice nobody\n";
    let done = team.batch(&[], lines);
    for says in [
        "clock First contact: high 24 → 12 hours",
        "follow-up Planned contact: high 7 → 5 days",
        "stage Care: label \"Care and case plan\" → \"Care\"",
        "list channel: + community-radio (\"Community radio\")",
        "list flag: media: retired",
        "question 6 of form Trafficking indicators (first screening) new (\"Who has the key?\")",
    ] {
        assert!(done.good().contains(says), "{says}: {}", done.out);
    }
    let shown = team.mahoe(&["policy", "show", "--json"]).json();
    assert_eq!(shown["version"], 7, "each change counts");
    let rules = shown["rules"].as_array().expect("a list").clone();
    let rule = |at: &str| rules.iter().find(|rule| rule["at"] == at).unwrap_or_else(|| panic!("{at}")).clone();
    assert!(
        rule("clock/first-contact")["source"]
            .as_str()
            .expect("a source")
            .starts_with("decided by this team on 2026-11-22")
    );
    assert_eq!(rule("list/flag/media")["retired"], true);
    assert_eq!(rule("retention/cases")["confirm_with"], "the Office of the Information Commissioner");
    team.mahoe(&["policy", "edit", "retire", "flag", "media", "--back"]).good();
    for wrong in [
        &["policy", "edit", "clock", "tides", "--high", "1"][..],
        &["policy", "edit", "clock", "first-contact", "--high", "1000"],
        &["policy", "edit", "label", "stage/nowhere", "x"],
        &["policy", "edit", "add", "risk", "extreme"],
        &["policy", "edit", "retire", "flag", "nothing"],
        &["policy", "edit", "ask", "form/trafficking/family", "How?", "--type", "guess"],
    ] {
        let refused = team.mahoe(wrong);
        assert_eq!((refused.code, refused.err.lines().count()), (1, 2), "{wrong:?}: {}", refused.err);
    }
    assert_eq!(team.mahoe(&["policy", "diff"]).code, 2, "a file or --builtin is needed");
    assert_eq!(team.mahoe(&["policy", "show", "--json"]).json()["version"], 8, "what is refused changes nothing");
}
