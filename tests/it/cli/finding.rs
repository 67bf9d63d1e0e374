//! Duplicates told at entry, and words found anywhere.

use serde_json::json;

use super::Team;

fn new(team: &Team, name: &str, dob: &str, more: &[&str]) -> super::Ran {
    let mut line = vec!["--json", "case", "new", "--concern", "Seen at the bus park", "--risk", "low"];
    line.extend(["--child-name", name, "--dob", dob]);
    line.extend(more);
    team.mahoe(&line)
}

#[test]
fn a_likely_duplicate_is_told_beside_the_code_and_listed() {
    let team = Team::new();
    let first = new(&team, "Marcia Lantern", "2014-03-06", &["--community", "Quail Hall"]);
    assert!(!first.err.contains("Known already"), "{}", first.err);
    let first = first.json();
    assert_eq!(first["likely"], json!([]));
    let first = first["code"].as_str().expect("a code");
    let second = new(&team, "Marsha Lantern", "2014-06-03", &["--community", "Quail Hall"]);
    let told = format!(
        "Known already? Case {first}: birth date with day and month swapped, name sounds alike, same community."
    );
    assert!(second.err.contains(&told), "{}", second.err);
    let second = second.json();
    assert_eq!(second["likely"][0]["code"], first);
    let second = second["code"].as_str().expect("a code");
    new(&team, "Moss Harbour", "2010-01-31", &[]).good();
    let pairs = team.mahoe(&["--json", "case", "duplicates"]).json();
    assert_eq!(pairs["count"], 1);
    // Both were reported at the same moment here: either may stand first.
    let mut pair = ["case", "other"].map(|key| pairs["items"][0][key].as_str().expect("a code"));
    let mut both = [first, second];
    pair.sort_unstable();
    both.sort_unstable();
    assert_eq!(pair, both);
    let text = team.mahoe(&["case", "duplicates", second]);
    assert!(text.good().contains(first) && !text.good().contains("Lantern"), "{}", text.good());
    // By any spelling; those with the name come first.
    team.mahoe(&["case", "note", first, "The neighbour Harbour called"]).good();
    let found = team.mahoe(&["--json", "case", "search", "marsia lanterne"]).json();
    assert_eq!(found["count"], 2);
    assert!(found["items"][0]["found_in"].as_array().expect("places").contains(&json!("Name sounds alike")));
    let found = team.mahoe(&["--json", "case", "search", "harbour"]).json();
    assert_eq!((&found["count"], &found["items"][1]["code"]), (&json!(2), &json!(first)), "{found}");
    // Somebody looked at them.
    team.mahoe(&["case", "link", first, second, "--kind", "other"]).good();
    assert_eq!(team.mahoe(&["--json", "case", "duplicates"]).json()["count"], 0);
}

#[test]
fn words_are_found_by_line_masked_and_confided_ones_only_when_asked_for() {
    let team = Team::new();
    let case = team.case();
    let lines = format!(
        "case note {case} 'Fern Riverstone was seen near the warehouse' --kind visit\n\
         case note {case} 'I want to go home' --kind views\n"
    );
    team.batch(&[], &lines).good();
    let found = team.mahoe(&["--json", "search", "warehouse", "seen"]).json();
    assert_eq!(found["items"][0]["code"], case.as_str());
    assert_eq!(
        found["items"][0]["hits"][0],
        json!({ "where": "visit", "line": "[child] was seen near the warehouse" })
    );
    for hidden in ["riverstone", "want home"] {
        assert_eq!(team.mahoe(&["--json", "search", hidden]).json()["count"], 0, "{hidden}");
    }
    let confided = team.mahoe(&["search", "--views", "want", "home"]);
    assert!(confided.good().contains("I want to go home"), "{}", confided.good());
    let revealed = team.mahoe(&["search", "--reveal", "riverstone"]);
    assert!(revealed.good().contains("Fern Riverstone was seen"), "{}", revealed.good());
    let pages = team.mahoe(&["--json", "search", "72", "commissioner"]).json();
    assert!(!pages["pages"].as_array().expect("pages").is_empty());
    assert_eq!(team.mahoe(&["search", " "]).code, 2);
}
