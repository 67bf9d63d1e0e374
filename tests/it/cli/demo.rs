//! `mahoe demo` without a terminal: Today as text, in a vault that is thrown away.

use std::process::{Command, Stdio};

fn is_empty(folder: &tempfile::TempDir) -> bool {
    std::fs::read_dir(folder.path()).expect("a folder").next().is_none()
}

#[test]
fn without_a_terminal_today_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mahoe"));
        for name in ["TMPDIR", "TMP", "TEMP"] {
            command.env(name, folder.path());
        }
        command.args(arguments).stdin(Stdio::null()).output().expect("it runs")
    };
    let ran = run(&["demo"]);
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(text.starts_with("PRACTICE: nothing here is kept, no real child\n"), "{text}");
    assert!(text.contains("\nLate (") && text.contains("\nThis week (") && !text.contains('\x1b'), "{text}");
    assert!(is_empty(&folder), "the vault is thrown away");
    let json = run(&["demo", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("one JSON object");
    assert!(json["count"].as_u64().is_some_and(|count| count >= 10), "{json}");
    assert!(is_empty(&folder));
    let kept = folder.path().join("kept").display().to_string();
    assert_eq!(run(&["demo", "--keep", &kept]).status.code(), Some(0));
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|it| it.file_name()).collect();
    assert_eq!(left, ["kept"], "only what was asked for is kept");
    let mut again = Command::new(env!("CARGO_BIN_EXE_mahoe"));
    again.env("MAHOE_PASSPHRASE", mahoe::demo::PASSPHRASE).env("MAHOE_STATE", folder.path().join("kept/state"));
    let again = again.args(["--vault", &kept, "--as", "abrown", "vault", "info"]).stdin(Stdio::null()).output();
    let again = again.expect("it runs");
    assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(String::from_utf8_lossy(&again.stderr).contains("PRACTICE"), "it stays marked");
    let refused = run(&["demo", "--keep", &kept]);
    assert_eq!(refused.status.code(), Some(1), "a folder that is there is left alone");
}
