//! People around a child and links between cases, on the command line.

use serde_json::json;

use super::Team;

fn add(team: &Team, case: &str, more: &[&str]) -> String {
    team.mahoe(&[&["person", "add", case][..], more].concat()).good().to_owned()
}

#[test]
fn people_are_written_down_masked_changed_and_removed() {
    let team = Team::new();
    let case = team.case();
    let code = add(
        &team,
        &case,
        &[
            "--name",
            "Hazel Pebbleford",
            "--role",
            "carer,household",
            "--relation",
            "grandmother",
            "--phone",
            "876-555-0177",
            "--age",
            "61",
            "--must-not-know",
        ],
    );
    assert!(code.starts_with("P-") && !code.contains(' '), "{code}");
    let list = team.mahoe(&["person", "list", &case]);
    assert!(list.good().contains("grandmother") && list.good().contains("must not know"), "{}", list.good());
    assert!(!list.good().contains("Hazel") && list.good().contains("masked"), "{}", list.good());
    assert!(team.mahoe(&["person", "list", &case, "--reveal"]).good().contains("Hazel Pebbleford"));
    let one = &team.mahoe(&["--json", "person", "list", &case]).json()["items"][0];
    assert_eq!((&one["code"], &one["name"], &one["phone"]), (&json!(code), &json!(null), &json!(null)));
    assert_eq!((&one["roles"], &one["age"]), (&json!(["carer", "household"]), &json!("about 61")));
    assert_eq!((&one["must_not_know"], &one["named"]), (&json!(true), &json!(false)));
    // Their names are masked in all words of the case.
    team.mahoe(&["case", "note", &case, "Pebbleford came to the school"]).good();
    let shown = team.mahoe(&["case", "show", &case]);
    assert!(shown.good().contains("[carer] came to the school"), "{}", shown.good());
    assert!(shown.good().contains(&code) && !shown.good().contains("Pebbleford"), "{}", shown.good());
    assert!(!team.mahoe(&["case", "history", &case]).good().contains("0177"));
    let edited = team.mahoe(&["person", "edit", &code, "--set", "roles=alleged-offender", "--knows", "familial"]);
    assert_eq!(edited.good(), format!("Person {code} is changed."));
    let consent = ["consent", "record", &case, "--scope", "services", "--by", "Hazel Pebbleford"];
    assert!(team.mahoe(&consent).refused().contains("named in the concern"));
    assert!(team.mahoe(&["person", "edit", &code, "--set", "symbols=4"]).refused().contains("can't be set"));
    assert_eq!(team.mahoe(&["person", "add", &case, "--role", "wizard"]).code, 2);
    assert!(team.mahoe(&["person", "add", &case, "--role", "mother"]).refused().contains("missing"));
    team.mahoe(&["person", "remove", &code]).good();
    assert!(team.mahoe(&["person", "list", &case]).good().contains("Nobody is written down"));
    team.mahoe(&["case", "edit", &case, "--set", "mother=Coral Hillbrook"]).good();
    assert!(team.mahoe(&["person", "list", &case]).good().contains("person gather"));
    assert!(team.mahoe(&["person", "gather", &case]).good().starts_with("1 person of case"));
    assert_eq!(team.mahoe(&["--json", "case", "show", &case]).json()["people"][0]["roles"], json!(["mother"]));
}

#[test]
fn cases_are_linked_for_a_reason_and_one_person_stands_in_two() {
    let team = Team::new();
    let (one, two) = (team.case(), team.case());
    let link = ["case", "link", &one, &two, "--kind", "network"];
    assert!(team.mahoe(&link).refused().contains("who says so"));
    let why = ["--note", "the same van", "--said-by", "Insp. Example"];
    assert_eq!(team.mahoe(&[&link[..], &why].concat()).good(), "Linked.");
    let shown = team.mahoe(&["case", "show", &one]);
    assert!(shown.good().contains("same suspected network  the same van (says Insp. Example)"), "{}", shown.good());
    let links = team.mahoe(&["--json", "case", "show", &two]).json()["links"].clone();
    let words = json!("the same van");
    assert_eq!((&links[0]["case"], &links[0]["note"], &links[0]["restricted"]), (&json!(one), &words, &json!(false)));
    let who = ["--name", "Slate Overhill", "--role", "alleged-offender"];
    let (here, there) = (add(&team, &one, &who), add(&team, &two, &who));
    let also = team.mahoe(&["person", "list", &one]);
    assert!(also.good().contains(&format!("{two} (same name)")), "{}", also.good());
    team.mahoe(&["person", "same", &here, &there]).good();
    let also = team.mahoe(&["--json", "person", "list", &one]).json()["items"][0].clone();
    assert_eq!((&also["also"], &also["same"]), (&json!([{ "case": two, "sure": true }]), &json!([there])));
    team.mahoe(&["person", "same", &here, &there, "--off"]).good();
    assert!(team.mahoe(&["case", "unlink", &two, &one]).good().contains("linked no more"));
    assert!(team.mahoe(&["case", "unlink", &two, &one]).refused().contains("not linked"));
}
