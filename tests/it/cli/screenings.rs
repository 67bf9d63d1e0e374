//! Screening and identification on the command line.

use serde_json::json;

use super::Team;

const ANSWERS: &str = "# what was seen at school\n\
    parents = no\n\
    household = employer\n\
    works = \"yes\"\n\
    work-kind = [\"farm\", \"begging\"]   # both\n\
    missing = true\n\
    missing-days = 3\n\
    friends =\n\
    seen = \"Tired.\\nTold by the teacher of Fern\"\n";

#[test]
fn a_form_is_filled_in_from_a_file_kept_and_shown_masked() {
    let team = Team::new();
    let case = team.case();
    let file = team.write("answers.txt", ANSWERS);
    let made = team.mahoe(&["screening", "new", &case, "--answers", &file, "--outcome", "strong", "--mode", "told"]);
    let id = made.good().to_owned();
    assert!(id.starts_with("Q-"), "{id}");
    assert!(made.err.contains("screening follow"), "{}", made.err);
    let shown = team.mahoe(&["screening", "show", &id]);
    let text = shown.good();
    assert!(text.contains("With whom does the child live?") && text.contains("where the child works"), "{text}");
    assert!(text.contains("begging, on a farm") && !text.contains("Fern"), "{text}");
    assert!(team.mahoe(&["screening", "show", &id, "--reveal"]).good().contains("the teacher of Fern"));
    let shown = team.mahoe(&["--json", "screening", "show", &id]).json();
    assert_eq!((&shown["outcome"], &shown["stopped"], &shown["version"]), (&json!("strong"), &json!(false), &json!(1)));
    assert_eq!(shown["answers"][3]["codes"], json!(["begging", "farm"]));
    let list = team.mahoe(&["--json", "screening", "list", &case]).json();
    assert_eq!((&list["count"], &list["identification"]), (&json!(1), &json!([])));
    let next = team.mahoe(&["screening", "new", &case, "--answers", &file, "--outcome", "some", "--follows", &id]);
    let next = team.mahoe(&["--json", "screening", "show", next.good()]).json();
    assert_eq!(next["follows"], json!(id));
}

#[test]
fn what_follows_becomes_actions_when_somebody_chooses() {
    let team = Team::new();
    let case = team.case();
    let file = team.write("answers.txt", ANSWERS);
    let id = team.mahoe(&["screening", "new", &case, "--answers", &file, "--outcome", "strong"]).good().to_owned();
    let proposed = team.mahoe(&["--json", "screening", "follow", &id]).json();
    let codes: Vec<&str> =
        proposed["items"].as_array().expect("a list").iter().filter_map(|it| it["code"].as_str()).collect();
    assert_eq!(codes, ["follow-report", "follow-police", "follow-medical", "follow-safe-place"]);
    assert!(proposed["items"][0]["source"].as_str().is_some_and(|source| source.contains("section 6")));
    assert_eq!(
        team.mahoe(&["--json", "action", "list", "--case", &case]).json()["count"],
        0,
        "nothing is done by itself"
    );
    assert!(
        team.mahoe(&["screening", "follow", &id, "--take", "follow-nothing"]).refused().contains("is not proposed")
    );
    assert!(team.mahoe(&["screening", "follow", &id, "--take", "follow-police"]).good().starts_with("A-"));
    team.mahoe(&["screening", "follow", &id, "--all"]).good();
    let actions = team.mahoe(&["--json", "action", "list", "--case", &case]).json();
    assert_eq!(actions["count"], 4);
    let left = team.mahoe(&["screening", "follow", &id]);
    assert!(left.good().contains("proposes nothing (more)"), "{}", left.good());
}

#[test]
fn answers_that_do_not_fit_are_named_by_line() {
    let team = Team::new();
    let case = team.case();
    let new = |text: &str, more: &[&str]| {
        let file = team.write("bad.txt", text);
        let mut all = vec!["screening", "new", &case, "--outcome", "none", "--answers", &file];
        all.extend(more);
        team.mahoe(&all)
    };
    for (text, part) in [
        ("parents", "line 1: \"code = answer\" is needed."),
        ("\n# x\nparent = no", "line 3: The form has no question \"parent\"."),
        ("parents = no\nparents = yes", "line 2: \"parents\" is answered twice."),
        ("works = no\nunsuitable = yes", "line 2: unsuitable: It is not asked here"),
        ("school = often", "line 1: school: One of these is needed: yes, no, unknown."),
        ("missing = yes\nmissing-days = many", "line 2: missing-days: A whole number is needed"),
    ] {
        let ran = new(text, &[]);
        assert!(ran.code == 2 && ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(new("", &[]).refused().contains("Nothing was answered."));
    assert_eq!(new("\u{feff}\u{0}", &[]).code, 2);
    assert!(new("school = yes", &["--form", "other"]).refused().contains("no such screening form"));
    assert_eq!(team.mahoe(&["screening", "new", &case, "--outcome", "none"]).code, 2, "nobody can be asked");
    // A child who began to tell: nothing more has to be answered.
    assert!(new("told = yes", &["--stopped"]).good().starts_with("Q-"));
    let blank = team.mahoe(&["screening", "form"]);
    assert!(blank.good().contains("school =   # yes, no, unknown"), "{}", blank.good());
    let blank = blank.good().to_owned();
    assert!(new(&blank, &[]).refused().contains("Nothing was answered."), "a form that was not filled in");
}

#[test]
fn an_identification_is_kept_with_its_grounds() {
    let team = Team::new();
    let case = team.case();
    let identify = |more: &[&str]| {
        let mut all = vec!["case", "identify", &case, "--by", "police", "--basis", "two statements"];
        all.extend(more);
        team.mahoe(&all)
    };
    assert!(identify(&["--status", "actual"]).refused().contains("the act is not said"));
    assert_eq!(identify(&["--status", "perhaps"]).code, 2);
    let said =
        identify(&["--status", "Actual", "--act", "harbouring,transport", "--purpose", "begging", "--review", "+2w"]);
    assert_eq!(said.good(), "Identification recorded: identified as trafficked.");
    let list = team.mahoe(&["--json", "screening", "list", &case]).json();
    let decided = &list["identification"][0];
    assert_eq!((&decided["status"], &decided["by"]), (&json!("actual"), &json!("police")));
    assert_eq!((&decided["acts"], &decided["means"]), (&json!(["harbouring", "transport"]), &json!(null)));
    let case = team.mahoe(&["--json", "case", "show", &case]).json();
    assert!(case.to_string().contains("\"actual\""), "{case}");
}
