//! Every family of commands on its ordinary way.

use serde_json::json;

use super::{NOW, PASSPHRASE, Team, run};

#[test]
fn a_case_is_opened_worked_on_shown_masked_and_closed() {
    let team = Team::new();
    let case = team.case();
    assert!(case.starts_with("06-") && !case.contains('\n'), "the code alone: {case}");
    let action = team.mahoe(&[
        "--json",
        "action",
        "add",
        "Call Fern at school",
        "--owner",
        "MOH",
        "--due",
        "fri",
        "--case",
        &case,
    ]);
    let action = action.json();
    assert_eq!(action["id"].as_str().map(str::len), Some(32));
    let action = action["code"].as_str().expect("a code").to_owned();
    let lines = format!(
        "case note {case} 'Fern Riverstone was seen in Mango Walk' --kind contact\n\
         case note {case} \"I want to go home\" --kind views\n\
         case stage {case} screening\n\
         case track {case} justice\n\
         case assign {case} abrown\n\
         case edit {case} --set 'mother=Ivy Riverstone' sex=female\n\
         action start {action}\naction why {action} agency --note 'no answer'\n\
         action edit {action} --priority high\naction postpone {action} --due 'mon'\n\
         followup add {case} --due +1w --kind home-visit --every 2w\n\
         case sibling {case} --risk low\n\
         case show {case}\n\
         case list --mine\n"
    );
    let batch = team.batch(&[], &lines);
    let text = batch.good();
    assert!(text.contains("[child] was seen in [community]"), "{text}");
    assert!(!text.contains("Riverstone") && !text.contains("Ivy"), "names stay masked: {text}");
    assert!(text.contains("The child's views (1)") && !text.contains("go home"), "{text}");
    assert!(text.contains("Screening +justice") && text.contains("lead A. Brown (CPFSA)"), "{text}");
    let shown = team.mahoe(&["case", "show", &case, "--reveal", "--views"]);
    assert!(shown.good().contains("Ivy Riverstone") && shown.good().contains("I want to go home"));
    assert!(shown.err.contains("PRACTICE"), "{}", shown.err);
    let history = team.mahoe(&["--json", "case", "history", &case]).json();
    let entries = history["items"].as_array().expect("entries");
    assert!(entries.iter().any(|it| it["changes"] == json!(["reveal: case"])), "revealing goes on record");
    let refused = team.mahoe(&["case", "close", &case, "--reason", "goals-met"]);
    assert_eq!(refused.code, 1);
    let closed = team.mahoe(&["case", "close", &case, "--reason", "goals-met", "--cancel-open"]);
    assert!(closed.good().starts_with(&format!("Case {case} is closed at once: nobody else can approve it.")));
    assert_eq!(team.mahoe(&["--json", "case", "list"]).json()["count"], 1, "the sibling is open");
    assert_eq!(team.mahoe(&["--json", "case", "list", "--closed"]).json()["items"][0]["code"], case);
    team.mahoe(&["case", "reopen", &case, "--reason", "new concern"]).good();
    let found = team.mahoe(&["--json", "case", "search", "riverstone"]).json();
    assert_eq!(found["items"][0]["code"], case.as_str());
    assert!(found["items"][0]["found_in"].as_array().expect("places").contains(&json!("Child's name")));
}

#[test]
fn what_was_written_in_the_wrong_case_is_struck() {
    let team = Team::new();
    let case = team.case();
    team.mahoe(&["case", "note", &case, "about another child"]).good();
    let history = team.mahoe(&["--json", "case", "history", &case]).json();
    let entry =
        &history["items"].as_array().expect("entries").iter().find(|it| it["class"] == "notes").expect("it")["entry"];
    let entry = &entry.as_str().expect("hex")[..8];
    let struck = team.mahoe(&["case", "strike", &case, entry, "--reason", "wrong case"]);
    assert!(struck.good().starts_with("Struck"));
    let after = team.mahoe(&["case", "history", &case]);
    assert!(after.good().contains("(struck: wrong case)") && !after.good().contains("another child"));
    assert_eq!(team.mahoe(&["vault", "verify"]).code, 0);
}

#[test]
fn actions_follow_ups_and_today_are_listed_in_their_documented_shapes() {
    let team = Team::new();
    let case = team.case();
    let lines = format!(
        "action add 'Bring the form' --owner abrown --due today\n\
         action add 'Medical report' --owner MOH --due +2d --case {case} --class health\n\
         followup add {case} --due +3d --kind 'call' --who abrown\n"
    );
    let codes: Vec<String> = team.batch(&[], &lines).good().lines().map(str::to_owned).collect();
    let [first, second, contact] = codes.as_slice() else { panic!("three codes: {codes:?}") };
    let actions = team.mahoe(&["--json", "action", "list"]).json();
    assert_eq!(actions["count"], 2);
    let one = &actions["items"][1];
    let keys: Vec<&str> = one.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "case", "class", "code", "done", "due", "id", "late", "owner", "priority", "state", "text", "time", "why",
            "why_note"
        ]
    );
    assert_eq!((&one["due"], &one["owner"], &one["case"]), (&json!("2026-11-24"), &json!("MOH"), &json!(case)));
    let today = team.mahoe(&["--json", "today", "--all"]).json();
    let whats: Vec<&str> =
        today["items"].as_array().expect("a list").iter().filter_map(|it| it["what"].as_str()).collect();
    assert!(whats.contains(&"clock") && whats.contains(&"action") && whats.contains(&"followup"), "{whats:?}");
    let mine = team.mahoe(&["--json", "today", "--mine"]).json();
    assert!(mine["items"].as_array().expect("a list").iter().any(|it| it["code"] == first.as_str()));
    let slip = team.mahoe(&["action", "slip", "MOH", "--words"]);
    assert!(slip.good().contains(second.as_str()) && slip.good().contains("done because"));
    assert!(!slip.good().contains("Medical"), "health words are on no slip");
    assert!(slip.good().starts_with("PRACTICE"));
    let later = "2026-12-20T09:00:00-05:00";
    assert_eq!(team.mahoe(&["--json", "action", "list", "--overdue"]).json()["count"], 0);
    let late = run(team.command_at(later).args(["--json", "action", "list", "--overdue"]), b"");
    assert_eq!(late.json()["count"], 2);
    let lines = format!(
        "action done {first}\naction reassign {second} --owner abrown\naction cancel {second} --reason 'not needed'\n\
         followup missed {contact} --note 'nobody home'\n"
    );
    team.batch(&[], &lines).good();
    assert_eq!(team.mahoe(&["--json", "action", "list"]).json()["count"], 0);
    assert_eq!(team.mahoe(&["--json", "action", "list", "--all"]).json()["items"][0]["state"], "done");
    let all = team.mahoe(&["--json", "followup", "list", "--all"]).json();
    let missed = all["items"].as_array().expect("a list").iter().find(|it| it["code"] == contact.as_str());
    assert_eq!(missed.expect("it is listed")["state"], "missed");
}

#[test]
fn a_second_person_joins_and_unlocks_in_their_own_name() {
    let team = Team::new();
    team.batch(
        &[],
        "team add 'M. Clarke' --agency CPFSA --handle mclarke\nteam role mclarke deputy\n\
         team away mclarke --until +1w --cover abrown\nteam back mclarke\nteam edit mclarke --set phone=555-0100\n\
         team agency add RADA --name 'Rural agency'\n",
    )
    .good();
    let joined = run(
        team.command()
            .args(["team", "join", "mclarke", "--work-factor", "2"])
            .env("MAHOE_NEW_PASSPHRASE", "four calm words here"),
        b"",
    );
    assert_eq!(joined.good(), "mclarke can unlock this vault now.");
    assert_eq!(team.mahoe(&["case", "list"]).code, 2, "somebody must say who they are");
    let own = |arguments: &[&str]| {
        run(
            team.command().args(["--as", "mclarke"]).args(arguments).env("MAHOE_PASSPHRASE", "four calm words here"),
            b"",
        )
    };
    let changed = run(
        team.command()
            .args(["--as", "mclarke", "vault", "passphrase", "--work-factor", "3"])
            .env("MAHOE_PASSPHRASE", "four calm words here")
            .env("MAHOE_NEW_PASSPHRASE", "five other calm words here"),
        b"",
    );
    changed.good();
    assert_eq!(own(&["case", "list"]).code, 3);
    let list = team.mahoe(&["--as", "abrown", "--json", "team", "list"]).json();
    assert_eq!(list["items"][1]["unlocks"], true);
    assert_eq!(list["items"][1]["role"], "deputy");
    assert!(list["agencies"].as_array().expect("a list").iter().any(|agency| agency["code"] == "RADA"));
    team.mahoe(&["--as", "abrown", "team", "remove", "mclarke"]).good();
}

#[test]
fn a_case_that_touches_the_team_is_closed_to_the_others() {
    let team = Team::new();
    team.mahoe(&["team", "add", "M. Clarke", "--handle", "mclarke"]).good();
    run(
        team.command().args(["team", "join", "mclarke", "--work-factor", "2"]).env("MAHOE_NEW_PASSPHRASE", PASSPHRASE),
        b"",
    )
    .good();
    let new = ["--as", "abrown", "case", "new", "--concern", "about somebody here", "--risk", "high"];
    let case = team.mahoe(&[&new[..], &["--touches-team", "abrown"]].concat()).good().to_owned();
    assert!(team.mahoe(&["--as", "abrown", "case", "show", &case]).good().contains("about somebody here"));
    let other = team.mahoe(&["--as", "mclarke", "case", "list"]);
    assert!(
        !other.good().contains("somebody here") && other.good().contains("1 case is only for others"),
        "{}",
        other.out
    );
}

#[test]
fn the_vault_tells_about_itself_and_is_verified() {
    let team = Team::new();
    team.case();
    let info = team.mahoe(&["--json", "vault", "info"]).json();
    assert_eq!(
        (&info["parish"], &info["practice"], &info["participants"]),
        (&json!("JM-06"), &json!(true), &json!(["abrown"]))
    );
    assert!(info["bytes"].as_u64().is_some_and(|bytes| bytes > 0));
    assert_eq!(info["warnings"].as_array().map(Vec::len), Some(3), "{info}");
    assert!(team.mahoe(&["vault", "info"]).good().contains("only one person can unlock this vault"));
    let verdict = team.mahoe(&["--json", "vault", "verify"]).json();
    assert_eq!((&verdict["good"], &verdict["problems"]), (&json!(true), &json!([])));
    let words = std::fs::read_to_string(team.path("recovery.txt")).expect("the sheet");
    assert!(words.contains("24. "));
}

#[test]
fn the_policy_is_shown_changed_checked_and_set() {
    let team = Team::new();
    let text = team.mahoe(&["policy", "show", "--text"]).good().to_owned();
    let changed = text.replacen("label = \"Screening\"", "label = \"Looking closer\"", 1);
    let file = team.write("policy.toml", &changed);
    assert!(team.mahoe(&["policy", "check", &file]).good().contains("can be put in force"));
    let lines = format!("policy set {file}\npolicy show\n");
    let set = team.batch(&[], &lines);
    assert!(set.good().contains("Looking closer"), "in force at once: {}", set.out);
    assert!(team.mahoe(&["policy", "show"]).good().contains("Looking closer"));
    let broken = team.write("broken.toml", "[[stage]]\ncode = 7\n");
    let refused = team.mahoe(&["policy", "check", &broken]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("line 1, column 1"), "{}", refused.err);
}

#[test]
fn text_comes_from_standard_input_too() {
    let team = Team::new();
    let case = team.case();
    run(team.command().args(["case", "note", &case, "-"]), "two\nlines\u{1b}[31m".as_bytes()).good();
    let shown = team.mahoe(&["case", "show", &case]);
    assert!(shown.good().contains("    two\n") && !shown.out.contains('\u{1b}'), "{}", shown.out);
    assert!(NOW.starts_with("2026"));
}

#[test]
fn the_recovery_sheet_lets_somebody_in_again() {
    let team = Team::new();
    let case = team.case();
    let sheet = std::fs::read_to_string(team.path("recovery.txt")).expect("the sheet");
    let file = team.write("words.txt", recovery_words(&sheet).join(" "));
    let arguments = ["vault", "recover", "--words-file", &file, "--work-factor", "2"];
    let recovered = run(team.command().args(arguments).env("MAHOE_NEW_PASSPHRASE", "mango rain on the roof"), b"");
    assert!(recovered.good().starts_with("abrown can unlock this vault"));
    assert_eq!(team.mahoe(&["today"]).code, 3, "the old passphrase opens nothing");
    let mut again = team.command();
    again.env("MAHOE_PASSPHRASE", "mango rain on the roof");
    assert!(run(again.args(["case", "list"]), b"").good().contains(&case));
    let wrong = team.write("wrong.txt", "abandon ".repeat(24));
    let refused = run(team.command().args(["vault", "recover", "--words-file", &wrong]), b"");
    assert_eq!(refused.code, 3, "{}", refused.err);
}

#[test]
fn new_recovery_words_and_a_second_sheet() {
    let team = Team::new();
    let sheet = |name: &str| {
        let text = std::fs::read_to_string(team.path(name)).expect("the sheet");
        team.write(&format!("{name}.words"), recovery_words(&text).join(" "))
    };
    let check = |file: &str| team.mahoe(&["vault", "recovery-words", "--check", "--words-file", file]);
    let first = sheet("recovery.txt");
    assert_eq!(check(&first).good(), "This sheet opens the vault.");
    let shown_to_nobody = team.mahoe(&["vault", "recovery-words"]);
    assert_eq!(shown_to_nobody.code, 2, "{}", shown_to_nobody.err);
    let second = team.path("second.txt").display().to_string();
    let made = team.mahoe(&["vault", "recovery-words", "--second", "--recovery-out", &second]);
    assert!(made.good().contains("There are 2 recovery sheets now"), "{}", made.out);
    let second = sheet("second.txt");
    assert!(check(&first).code == 0 && check(&second).code == 0);
    let info = team.mahoe(&["--json", "vault", "info"]).json();
    assert_eq!((&info["recovery_sheets"], &info["recovery_sheets_unread"]), (&json!(2), &json!(0)));
    let new = team.path("new.txt").display().to_string();
    assert!(team.mahoe(&["vault", "recovery-words", "--recovery-out", &new]).good().contains("count from now on"));
    let new = sheet("new.txt");
    assert_eq!([&first, &second, &new].map(|file| check(file).code), [3, 3, 0]);
    let recover = |file: &str| {
        let arguments = ["vault", "recover", "--words-file", file, "--work-factor", "2"];
        run(team.command().args(arguments).env("MAHOE_NEW_PASSPHRASE", "mango rain on the roof"), b"")
    };
    let refused = recover(&first);
    assert_eq!(refused.code, 3, "{}", refused.err);
    recover(&new).good();
}

/// The numbered words of a recovery sheet, in order.
fn recovery_words(sheet: &str) -> Vec<String> {
    let mut numbered: Vec<(usize, String)> = Vec::new();
    let tokens: Vec<&str> = sheet.split_whitespace().collect();
    for pair in tokens.windows(2) {
        if let Ok(number) = pair[0].trim_end_matches('.').parse()
            && (1..=24).contains(&number)
            && pair[1].chars().all(|c| c.is_ascii_lowercase())
        {
            numbered.push((number, pair[1].to_owned()));
        }
    }
    numbered.sort();
    numbered.dedup_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, word)| word).collect()
}

#[test]
fn cases_are_linked_and_a_contact_made_plans_the_next() {
    let team = Team::new();
    let (first, second) = (team.case(), team.case());
    team.mahoe(&["case", "link", &first, &second, "--kind", "sibling"]).good();
    assert!(team.mahoe(&["case", "show", &first]).good().contains(&second), "each case names the other");
    let again = team.mahoe(&["case", "link", &second, &first, "--kind", "sibling"]);
    assert_eq!(again.code, 1, "{}", again.err);
    let kind = ["followup", "add", &first, "--due", "tomorrow", "--kind", "Call", "--every", "2w"];
    let contact = team.mahoe(&kind).good().to_owned();
    team.mahoe(&["followup", "done", &contact, "--note", "All well"]).good();
    let list = team.mahoe(&["--json", "followup", "list", "--all"]).json();
    let states: Vec<&str> =
        list["items"].as_array().expect("a list").iter().filter_map(|it| it["state"].as_str()).collect();
    assert!(states.contains(&"done") && states.contains(&"planned"), "{list}");
    assert_eq!(team.mahoe(&["followup", "done", &contact]).code, 1, "it is not waiting any more");
}
