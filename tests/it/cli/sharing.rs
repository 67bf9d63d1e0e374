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

#[test]
fn consent_says_who_may_be_told_and_what_is_kept_from_whom() {
    let team = Team::new();
    let case = team.case();
    let words = "consent record CASE --scope services,disclosure --by Willow --role mother --capacity interpreter --assent agreed \
                 --to moh,moe --keep-from moe --keep health,views --refused reporting";
    let mut all: Vec<&str> = words.split_whitespace().map(|word| if word == "CASE" { &case } else { word }).collect();
    all.extend(["--keep-why", "an uncle teaches there"]);
    assert_eq!(
        team.mahoe(&all).good(),
        "Consent to services and disclosure recorded. No consent to reports: recorded. Nobody but MOH, MOE may be told. What was named is kept from MOE."
    );
    let list = team.mahoe(&["consent", "list", &case]);
    for line in [
        "only to     MOH, MOE",
        "kept        views, health from MOE (an uncle teaches there)",
        "assent      asked, and agreed",
    ] {
        assert!(list.good().contains(line), "{line}: {}", list.good());
    }
    let one = team.mahoe(&["--json", "consent", "list", &case]).json();
    assert_eq!(one["standing"]["reporting"], json!("refused"));
    assert_eq!(one["items"][0]["to"], json!(["MOH", "MOE"]));
    assert_eq!(one["items"][0]["kept"]["what"], json!(["views", "health"]));
    let ask =
        |to: &str| team.mahoe(&["referral", "send", &case, "--to", to, "--service", "a place", "--reason", "school"]);
    assert!(ask("VSD").refused().contains("disclosure is for others alone"), "{}", ask("VSD").err);
    let asked = ask("MOE");
    assert!(asked.code == 0, "{}", asked.err);
    let lifted = team.mahoe(&["consent", "lift", &case, "--from", "moe", "--reason", "the mother said so"]);
    assert!(lifted.good().starts_with("It is no longer kept from MOE."), "{}", lifted.good());
    assert!(
        team.mahoe(&["consent", "lift", &case, "--reason", "again"]).refused().contains("Nothing of this case is kept")
    );
    let nobody = team.mahoe(&["consent", "record", &case, "--scope", "disclosure", "--by", "x", "--to", "NASA"]);
    assert!(nobody.refused().contains("No team and no agency here is called \"NASA\""), "{}", nobody.err);
}

#[test]
fn what_the_child_agreed_may_be_told_is_written_down_and_read() {
    let team = Team::new();
    let case = team.case();
    let added = team.mahoe(&["views", "add", &case, "I want to go back to my school"]);
    assert_eq!(added.good(), "Noted. The child is asked before it is told to anybody.");
    let list = team.mahoe(&["views", "list", &case]);
    assert!(
        list.good().contains("ask the child before it is told") && list.good().contains("my school"),
        "{}",
        list.good()
    );
    assert!(team.mahoe(&["views", "tell", &case, "--may", "all"]).refused().contains("must be said what may be told"));
    assert_eq!(team.mahoe(&["views", "tell", &case]).code, 2);
    assert_eq!(team.mahoe(&["views", "tell", &case, "--to", "moe"]).good(), "It may be told to MOE.");
    assert_eq!(
        team.mahoe(&["views", "add", &case, "I don't like the yard", "--may", "nobody"]).good(),
        "Noted. It is to be told to nobody."
    );
    let items = team.mahoe(&["--json", "views", "list", &case]).json()["items"].clone();
    let told: Vec<&str> = items.as_array().expect("items").iter().filter_map(|it| it["may"].as_str()).collect();
    assert!(told.contains(&"named") && told.contains(&"nobody"), "{told:?}");
    assert!(team.mahoe(&["views", "tell", &case, "--may", "team"]).refused().contains("Several notes"));
    let number = items[0]["id"].as_str().expect("an id")[..8].to_owned();
    assert!(
        team.mahoe(&["views", "tell", &case, &number, "--may", "team"])
            .good()
            .starts_with("It may be told to this team")
    );
    // Whoever read them is on record.
    assert!(team.mahoe(&["case", "history", &case]).good().contains("views"), "on record");
}
