//! The program, killed while it works through a batch, loses nothing that it acknowledged.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mahoe::domain::field::{Field, ItemKind};
use mahoe::session::Session;
use mahoe::testing::team::{self, new_team};

use super::folder::{place, unlock};

fn words(round: u64, turn: usize) -> String {
    format!("Visit of round {round} turn {turn} end")
}

/// A program that adds actions to a case for as long as it lives, and prints the code of each once it is durable.
fn writer(folder: &Path, case: &str, round: u64) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mahoe"))
        .env_clear()
        .env("MAHOE_VAULT", folder)
        .env("MAHOE_PASSPHRASE", team::PASSPHRASE)
        // A place of its own for what a computer remembers; what is not a vault's stays untouched in its folder.
        .env("MAHOE_STATE", folder.join("state"))
        .args(["--as", "abrown", "batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let mut input = child.stdin.take().expect("piped");
    let case = case.to_owned();
    std::thread::spawn(move || {
        let line = |turn| format!("action add '{}' --case {case} --owner abrown --due +7d\n", words(round, turn));
        // Until nobody reads any more.
        (0..).try_for_each(|turn| input.write_all(line(turn).as_bytes()))
    });
    child
}

fn rounds(count: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = team::passphrase();
    let (mut session, _) = Session::create(place(folder.path(), 1), &new_team(&passphrase)).expect("made");
    let case = team::case(&mut session, "A worry");
    let code = session.state().code(case).to_string();
    drop(session);
    let mut acknowledged = Vec::new();
    for round in 0..count {
        let mut child = writer(folder.path(), &code, round);
        // Killed while it works on what comes after the k-th acknowledgement.
        let wanted = usize::try_from(round * 7 % 11).expect("small") + 1;
        let mut heard = 0;
        for line in BufReader::new(child.stdout.take().expect("piped")).split(b'\n') {
            // The end of what was printed may be half a line: only whole ones were acknowledged.
            if !line.is_ok_and(|line| line.len() >= "A-7K3Q".len()) {
                break;
            }
            acknowledged.push(words(round, heard));
            heard += 1;
            if heard == wanted {
                child.kill().expect("killed");
            }
        }
        let status = child.wait().expect("ended");
        assert!(heard >= wanted && !status.success(), "round {round}: {heard} of {wanted}, then {status}");
        let mut session =
            unlock(folder.path(), 50_000 + round).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let held: HashSet<&str> =
            session.state().items(ItemKind::Action).map(|action| action.str(Field::ActionText)).collect();
        for words in &acknowledged {
            assert!(held.contains(words.as_str()), "round {round}: \"{words}\" is lost");
        }
        if round % 10 == 9 {
            assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
        }
    }
}

#[test]
fn a_killed_program_loses_nothing_acknowledged() {
    rounds(12);
}

#[test]
#[ignore = "long"]
fn two_hundred_killed_programs_lose_nothing_acknowledged() {
    rounds(200);
}
