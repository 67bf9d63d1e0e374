//! A process that is killed while it commits loses nothing that it acknowledged.
//!
//! The process is this test binary itself, run again with a folder in its environment.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use mahoe::domain::field::ItemKind;
use mahoe::session::Session;
use mahoe::testing::dump::dump;
use mahoe::testing::team;

use super::folder::{new_team, note, place, unlock};

const FOLDER: &str = "MAHOE_TEST_KILL_FOLDER";
const ROUND: &str = "MAHOE_TEST_KILL_ROUND";

/// Not a test: what the killed process does.
#[test]
#[ignore = "run by the tests below"]
fn writer() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let round: u64 = std::env::var(ROUND).expect("set").parse().expect("a number");
    let mut session = unlock(&folder, 1_000 + round).expect("unlocked");
    let case = session.state().items(ItemKind::Case).next().expect("a case").id;
    let mut out = std::io::stdout();
    for turn in 0.. {
        let words = format!("round {round} turn {turn} end");
        session.run(note(&[case], &words)).expect("written");
        writeln!(out, "ack {words}").and_then(|()| out.flush()).expect("heard");
        if turn % 3 == 2 {
            session.settle().expect("settled");
        }
    }
}

fn rounds(count: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = team::passphrase();
    let (mut session, _) = Session::create(place(folder.path(), 1), &new_team(&passphrase)).expect("made");
    team::case(&mut session, "A worry");
    drop(session);
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..count {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "vault::kill::writer", "--ignored", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        // Killed while it works on what comes after the k-th acknowledgement.
        let wanted = usize::try_from(round * 7 % 11).expect("small") + 1;
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut heard = 0;
        for line in lines {
            let Ok(line) = line else { break };
            if let Some(words) = line.split_once("ack ").map(|(_, words)| words) {
                // A last line may be cut in the middle: only whole ones were acknowledged.
                if words.ends_with(" end") {
                    acknowledged.push(words.to_owned());
                    heard += 1;
                }
            }
            if heard == wanted {
                child.kill().expect("killed");
            }
        }
        child.wait().expect("ended");
        assert!(heard >= wanted, "round {round}: the writer stopped by itself");
        let mut session =
            unlock(folder.path(), 50_000 + round).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let now = dump(session.state());
        for words in &acknowledged {
            assert!(now.contains(words.as_str()), "round {round}: \"{words}\" is lost");
        }
        if round % 10 == 9 {
            assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    rounds(12);
}

#[test]
#[ignore = "long"]
fn two_hundred_killed_processes_lose_nothing_acknowledged() {
    rounds(200);
}
