//! Consent and referrals on the command line.

use serde_json::json;

use super::Team;

#[test]
fn consent_is_recorded_listed_masked_and_withdrawn() {
    let team = Team::new();
    let case = team.case();
    let shown = team.mahoe(&["case", "show", &case]);
    assert!(shown.good().contains("services    × missing"), "{}", shown.good());
    let recorded = team.mahoe(&[
        "consent",
        "record",
        &case,
        "--scope",
        "services",
        "--scope",
        "disclosure",
        "--by",
        "Willow Riverstone",
        "--role",
        "mother",
        "--until",
        "+3m",
        "--note",
        "not the school",
    ]);
    assert_eq!(recorded.good(), "Consent to services and disclosure recorded.");
    let list = team.mahoe(&["consent", "list", &case]);
    assert!(list.good().contains("√ mother until") && !list.good().contains("Willow"), "{}", list.good());
    assert!(team.mahoe(&["consent", "list", &case, "--reveal"]).good().contains("Willow Riverstone (mother)"));
    let list = team.mahoe(&["--json", "consent", "list", &case]).json();
    assert_eq!(list["standing"], json!({ "services": "given", "disclosure": "given", "reporting": "missing" }));
    assert_eq!(list["items"][0]["by"], json!(null));
    assert_eq!(list["items"][0]["scopes"], json!(["services", "disclosure"]));
    let withdrawn = team.mahoe(&["consent", "withdraw", &case, "--scope", "disclosure", "--reason", "asked to"]);
    assert_eq!(withdrawn.good(), "Consent to disclosure is withdrawn.");
    let shown = team.mahoe(&["--json", "case", "show", &case]).json();
    assert_eq!(shown["consent"], json!({ "services": "given", "disclosure": "withdrawn", "reporting": "missing" }));
    assert_eq!(
        team.mahoe(&["--json", "consent", "list", &case]).json()["count"],
        2,
        "the part that stays, and the rest"
    );
    assert!(team.mahoe(&["consent", "withdraw", &case, "--scope", "disclosure"]).refused().contains("no consent"));
    assert_eq!(team.mahoe(&["consent", "record", &case, "--scope", "all", "--by", "x"]).code, 2);
    let past = team.mahoe(&["consent", "record", &case, "--scope", "services", "--by", "x", "--until", "2020-01-01"]);
    assert_eq!(past.code, 1, "{}", past.err);
    let bare = team.mahoe(&["consent", "record", &case, "--scope", "services"]);
    assert!(bare.err.contains("Who gave it"), "{}", bare.err);
}

#[test]
fn an_agency_is_asked_and_answers() {
    let team = Team::new();
    let case = team.case();
    let send = |extra: &[&str]| {
        let mut all =
            vec!["referral", "send", case.as_str(), "--to", "moh", "--service", "a doctor", "--reason", "pain"];
        all.extend(extra);
        team.mahoe(&all)
    };
    assert!(send(&[]).refused().contains("no consent: services was not asked for"));
    let code = send(&["--override", "it can't wait for the court"]).good().to_owned();
    assert!(code.starts_with("R-") && !code.contains(' '), "{code}");
    let list = team.mahoe(&["referral", "list", "--awaiting"]);
    assert!(list.good().contains(&code) && list.good().contains("to MOH"), "{}", list.good());
    let today = team.mahoe(&["--json", "today", "--all"]).json();
    let lines = today["items"].as_array().expect("lines");
    let line = lines.iter().find(|line| line["what"] == "awaiting-answer").expect("in Today");
    assert_eq!(
        (line["code"].as_str(), line["text"].as_str()),
        (Some(&*code), Some("MOH has not answered, asked today"))
    );
    assert!(send(&["--override", "x"]).refused().contains("MOH was asked on"));
    assert!(team.mahoe(&["referral", "done", &code]).refused().contains("not accepted yet"));
    team.mahoe(&["referral", "receive", &code]).good();
    team.mahoe(&["referral", "accept", &code, "--note", "Thursday"]).good();
    let one = team.mahoe(&["--json", "referral", "list", "--case", &case]).json()["items"][0].clone();
    assert_eq!((one["state"].as_str(), one["answer"].as_str()), (Some("accepted"), Some("Thursday")));
    assert_eq!(one["override"], json!("it can't wait for the court"));
    assert_eq!(one["direction"], json!("out"));
    team.mahoe(&["referral", "done", &code]).good();
    assert!(team.mahoe(&["referral", "revoke", &code, "--reason", "late"]).refused().contains("can't be taken back"));
    assert_eq!(team.mahoe(&["referral", "list", "--awaiting"]).good(), "Nothing waits for an answer.");
    assert!(team.mahoe(&["case", "show", &case]).good().contains("to MOH: a doctor  done"));
    let nobody = team.mahoe(&["referral", "send", &case, "--to", "NASA", "--service", "x", "--reason", "y"]);
    assert!(nobody.refused().contains("No agency here is called \"NASA\""));
    let other = team.mahoe(&["referral", "accept", &case]);
    assert!(other.refused().contains("There is no referral"), "{}", other.err);
}
