//! Many commands in one unlocked session.

use super::Team;

#[test]
fn a_batch_stops_at_the_first_failure_and_names_its_line() {
    let team = Team::new();
    let ran =
        team.batch(&[], "# start\ncase new --concern one --risk low\n\ncase show 06-ZZZZ\ncase new --concern two\n");
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("Line 4:"), "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 1, "what was done before is printed");
    assert_eq!(team.mahoe(&["--json", "case", "list"]).json()["count"], 1);
}

#[test]
fn keep_going_does_the_rest_and_still_fails() {
    let team = Team::new();
    let ran = team.batch(
        &["--keep-going"],
        "case new --concern one\nrubbish\ncase new --concern 'not closed\nmahoe case new --concern two\n",
    );
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("Line 2:") && ran.err.contains("Line 3:"), "{}", ran.err);
    assert_eq!(team.mahoe(&["--json", "case", "list"]).json()["count"], 2);
}

#[test]
fn an_atomic_batch_does_all_or_nothing() {
    let team = Team::new();
    let ran = team.batch(
        &["--atomic"],
        "case new --concern one\ncase new --concern two\naction add x --owner nobody --due fri\n",
    );
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_eq!(team.mahoe(&["--json", "case", "list"]).json()["count"], 0);
    let ran = team.batch(&["--atomic"], "case new --concern one\ncase new --concern two\n");
    assert_eq!(ran.good().lines().count(), 2);
    assert_eq!(team.mahoe(&["--json", "case", "list"]).json()["count"], 2);
    assert_eq!(team.mahoe(&["vault", "verify"]).code, 0);
}

#[test]
fn with_json_each_command_gives_a_line() {
    let team = Team::new();
    let ran = team.batch(&["--json"], "case new --concern one\ncase list\n");
    let lines: Vec<serde_json::Value> =
        ran.good().lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["code"], lines[1]["items"][0]["code"]);
}

#[test]
fn what_has_no_place_in_a_batch_is_refused() {
    let team = Team::new();
    for line in ["batch -", "demo", "init --parish 6 --name x --agency y", "case note 06-7K3Q -", "team join abrown"] {
        let ran = team.batch(&[], line);
        assert!(matches!(ran.code, 1 | 2), "{line}: {}", ran.code);
    }
    let long = format!("case new --concern {}\n", "x".repeat(2 << 20));
    assert_eq!(team.batch(&[], &long).code, 2);
}
