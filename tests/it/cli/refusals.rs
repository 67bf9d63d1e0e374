//! What is refused, in which words, with which exit code.

use super::{Team, run};

#[test]
fn every_kind_of_error_has_its_exit_code_and_two_lines() {
    let team = Team::new();
    let case = team.case();
    let mut seen = Vec::new();
    for arguments in [
        &["case", "shoo"][..],
        &["action", "add"],
        &["action", "add", "x", "--owner", "nobody", "--due", "fri"],
        &["action", "add", "x", "--owner", "MOH", "--due", "30 feb"],
        &["action", "add", "x", "--owner", "MOH", "--due", "2026-11-01"],
        &["case", "show", "07-7K3Q"],
        &["case", "show", "nonsense"],
        &["case", "edit", "CASE", "--set", "colour=blue"],
        &["case", "edit", "CASE", "--set", "dob=2030-01-01"],
        &["case", "new", "--risk", "high"],
        &["case", "new", "--concern", "x", "--risk", "huge"],
        &["case", "reopen", "CASE", "--reason", "x"],
        &["case", "strike", "CASE", "12345678", "--reason", "x"],
        &["case", "note", "CASE"],
        &["policy", "check", "/nowhere/policy.toml"],
        &["batch", "/nowhere/lines"],
        &["followup", "add", "CASE", "--due", "fri", "--kind", "call", "--every", "often"],
        &["init", "--parish", "JM-06", "--name", "X", "--agency", "CPFSA"],
    ] {
        let given: Vec<&str> = arguments.iter().map(|it| if *it == "CASE" { case.as_str() } else { it }).collect();
        let refused = team.mahoe(&given).refused().replace(&case, "CASE");
        seen.push(format!("$ mahoe {}\n{refused}", arguments.join(" ")));
    }
    insta::assert_snapshot!(seen.join("\n\n"));
}

#[test]
fn a_locked_vault_says_no_more_than_it_must() {
    let team = Team::new();
    let wrong = run(team.command().args(["today"]).env("MAHOE_PASSPHRASE", "not the one"), b"");
    let unknown = run(team.command().args(["--as", "nobody", "today"]), b"");
    assert_eq!(wrong.refused(), unknown.refused());
    assert_eq!(wrong.code, 3);
    let nobody_to_ask = run(team.command().args(["today"]).env_remove("MAHOE_PASSPHRASE"), b"");
    assert_eq!(nobody_to_ask.code, 3);
    let file = team.write("pass", format!("{}\n", super::PASSPHRASE));
    let from_file = run(team.command().args(["--passphrase-file", &file, "today"]).env_remove("MAHOE_PASSPHRASE"), b"");
    from_file.good();
    let elsewhere = run(team.command().args(["--vault", "/nowhere/at/all", "today"]), b"");
    assert_eq!(elsewhere.code, 5);
    let screens = run(&mut team.command(), b"");
    assert_eq!(screens.code, 2, "{}", screens.err);
}

#[test]
fn with_json_an_error_is_one_object() {
    let team = Team::new();
    let refused = team.mahoe(&["--json", "case", "show", "nonsense"]);
    let error: serde_json::Value = serde_json::from_str(&refused.err).expect("one object");
    assert_eq!(error["error"]["kind"], "usage");
    assert!(error["error"]["hint"].as_str().is_some_and(|hint| hint.contains("case list")));
    let misread: serde_json::Value = serde_json::from_str(&team.mahoe(&["--json", "cas"]).err).expect("one object");
    assert_eq!(misread["error"]["kind"], "usage");
}

#[test]
fn starting_a_vault_keeps_its_rules() {
    let team = Team::new();
    let other = team.path("other").display().to_string();
    let sheet = team.path("sheet.txt").display().to_string();
    let init = |more: &[&str]| {
        let common = ["--vault", &other, "init", "--name", "X. Person", "--agency", "CPFSA"];
        team.mahoe(&[&common[..], more].concat())
    };
    assert_eq!(init(&["--parish", "JM-06"]).code, 2, "the words would be shown to nobody");
    assert_eq!(init(&["--parish", "JM-60", "--recovery-out", &sheet]).code, 1);
    assert!(!team.path("sheet.txt").exists(), "nothing is left behind");
    assert_eq!(init(&["--parish", "JM-06", "--recovery-out", &sheet, "--work-factor", "9"]).code, 2, "too weak");
    let twice = team.mahoe(&["init", "--parish", "6", "--name", "X", "--agency", "CPFSA", "--recovery-out", &sheet]);
    assert_eq!(twice.code, 1, "there is one already");
    assert!(!team.path("sheet.txt").exists());
}

#[test]
fn damage_that_no_copy_makes_good_ends_in_four() {
    let team = Team::new();
    for copy in ["vault/vault.toml", "vault/mirror/vault.toml"] {
        std::fs::write(team.path(copy), "format = \"?\"").expect("written");
    }
    let refused = team.mahoe(&["today"]);
    assert_eq!(refused.code, 4, "{}", refused.err);
    refused.refused();
}
