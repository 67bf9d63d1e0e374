//! At a terminal: names and notes are asked for, not taken from the arguments.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::{NOW, PASSPHRASE, Team};

/// Runs the program at a terminal of its own and answers each prompt in turn; exit code and what was shown.
fn at_terminal(team: &Team, vault: &str, arguments: &[&str], answers: &[(&str, &str)]) -> (u32, String) {
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mahoe"));
    command.env_clear();
    command.env("MAHOE_VAULT", team.path(vault));
    command.env("MAHOE_PASSPHRASE", PASSPHRASE);
    command.env("MAHOE_STATE", team.path("state"));
    command.args(["--now", NOW]);
    command.args(arguments);
    let mut child = pair.slave.spawn_command(command).expect("it starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut writer = pair.master.take_writer().expect("a writer");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = reader.read(&mut bytes) {
            if send.send(bytes[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut shown = String::new();
    let mut answers = answers.iter();
    let mut next = answers.next();
    let mut from = 0;
    // Ends when the program closes its terminal.
    while let Ok(bytes) = receive.recv_timeout(Duration::from_secs(60)) {
        shown.push_str(&String::from_utf8_lossy(&bytes));
        while let Some((prompt, answer)) = next
            && let Some(at) = shown[from..].find(prompt)
        {
            from += at + prompt.len();
            writer.write_all(format!("{answer}\n").as_bytes()).expect("typed");
            next = answers.next();
        }
    }
    if next.is_some() {
        // It waits for something else than the test does.
        child.kill().expect("it ends");
    }
    let code = child.wait().expect("it ends").exit_code();
    assert!(next.is_none(), "never asked for {next:?}: {shown}");
    (code, shown)
}

#[test]
fn a_note_is_refused_as_an_argument_and_asked_for() {
    let team = Team::new();
    let sheet = team.path("real-sheet.txt").display().to_string();
    let real = team.path("real").display().to_string();
    let init = ["--vault", &real, "init", "--parish", "JM-06", "--name", "A. Brown", "--agency", "CPFSA"];
    team.mahoe(&[&init[..], &["--work-factor", "15", "--recovery-out", &sheet]].concat()).good();
    let asked = [
        ("Concern:", "seen at a bar"),
        ("Risk", "high"),
        ("Child's name", "Fern Riverstone"),
        ("community", ""),
        ("on the team", ""),
    ];
    let (code, shown) = at_terminal(&team, "real", &["case", "new"], &asked);
    assert_eq!(code, 0, "{shown}");
    let case = team.mahoe(&["--vault", &real, "--json", "case", "list"]).json()["items"][0]["code"].clone();
    let case = case.as_str().expect("a code").to_owned();
    let (code, shown) = at_terminal(&team, "real", &["case", "note", &case, "Fern was seen"], &[]);
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("shell's history"), "{shown}");
    let (code, shown) = at_terminal(&team, "real", &["case", "note", &case], &[("Note:", "Fern was seen")]);
    assert_eq!(code, 0, "{shown}");
    let (code, _) = at_terminal(&team, "real", &["--in-args", "case", "note", &case, "Fern again"], &[]);
    assert_eq!(code, 0);
    let practice = team.case();
    let (code, _) = at_terminal(&team, "vault", &["case", "note", &practice, "Fern was seen"], &[]);
    assert_eq!(code, 0, "practice vaults are exempt");
}

#[test]
fn a_screening_is_asked_question_by_question() {
    let team = Team::new();
    let case = team.case();
    let asked = [
        ("1 of 24  Can the child reach parents", "perhaps"),
        // What doesn't fit is asked again; Enter leaves a question out.
        ("Can the child reach parents", "no"),
        ("sleep or eat apart", ""),
        ("With whom does the child live?", "employer"),
        // Asked because of the answer before.
        ("sent to a better-off household", "unknown"),
        ("found the child, or took the child in", ""),
        ("go to school", "no"),
        ("friends of the same age", ""),
        ("seem intimidated", "yes"),
        ("always speak for the child", ""),
        ("toys, beds or work clothes", ""),
        ("more than a child's share", "yes"),
        ("What work?", "begging, farm"),
        ("unsuitable for the age", "yes"),
        ("Who gets what the child earns?", "nobody"),
        ("nobody can explain", ""),
        ("travel alone", ""),
        ("been missing from home", "no"),
        // Not asked: for how many days.
        ("met online", ""),
        ("papers or telephone", ""),
        ("another crime", ""),
        ("begun to tell of harm", "no"),
        ("What else did you see", "Tired. Told by the teacher of Fern"),
        ("Which agency knows most", "CPFSA"),
        ("Outcome", "strong"),
    ];
    let (code, shown) = at_terminal(&team, "vault", &["screening", "new", &case], &asked);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("One of these is needed: yes, no, unknown."), "{shown}");
    assert!(shown.contains("! stops, if the child begins to tell.") && !shown.contains("For how many days"), "{shown}");
    assert!(shown.contains("screening follow"), "{shown}");
    let list = team.mahoe(&["--json", "screening", "list", &case]).json();
    let answers = list["items"][0]["answers"].as_array().expect("answers").clone();
    let said = |code: &str| answers.iter().find(|it| it["code"] == code).map(|it| it["codes"].clone());
    assert_eq!(said("household"), Some(serde_json::json!(["employer"])));
    assert_eq!(said("work-kind"), Some(serde_json::json!(["begging", "farm"])));
    assert!(said("friends").is_none_or(|codes| codes.is_null()), "{answers:?}");

    // The child begins to tell: nothing more is asked, and what was answered is kept.
    let asked = [("Can the child reach parents", "no"), ("sleep or eat apart", "!")];
    let (code, shown) = at_terminal(&team, "vault", &["screening", "new", &case], &asked);
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("With whom does the child live?") && !shown.contains("Outcome"), "{shown}");
    let list = team.mahoe(&["--json", "screening", "list", &case]).json();
    let stopped = list["items"].as_array().expect("two").iter().find(|it| it["stopped"] == true).expect("kept").clone();
    assert_eq!(stopped["answers"][0]["codes"], serde_json::json!(["no"]), "{stopped}");
}
