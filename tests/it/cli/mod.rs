//! The command line as people and scripts meet it: the real program, a practice vault, its output and exit codes.

mod attachments;
mod batches;
mod calendar;
mod care;
mod closing;
mod commands;
mod demo;
mod documents;
mod doing;
mod exchange;
mod finding;
mod imports;
mod kinds;
mod meetings;
mod outreach;
mod peers;
mod people;
mod policies;
mod refusals;
mod screenings;
mod sharing;
mod syncing;
mod terminal;
mod way;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

pub(crate) const PASSPHRASE: &str = "lantern hill mango rain";
/// Sunday 22 November 2026, 09:20 in Jamaica.
pub(crate) const NOW: &str = "2026-11-22T09:20:00-05:00";

/// What a run of the program gave.
pub(crate) struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The output without its line end, of a run that must have gone well.
    pub(crate) fn good(&self) -> &str {
        assert_eq!(self.code, 0, "{}", self.err);
        self.out.trim_end()
    }

    /// The output as one JSON object.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(self.good()).expect("one JSON object")
    }

    /// What it refused with: exit code, then two lines.
    fn refused(&self) -> String {
        assert_eq!(self.err.lines().count(), 2, "an error is two lines: {:?}", self.err);
        assert_eq!(self.out, "", "a refusal prints nothing else");
        format!("{}\n{}", self.code, self.err.trim_end())
    }
}

/// A practice vault in a folder of its own.
pub(crate) struct Team {
    folder: tempfile::TempDir,
}

impl Team {
    /// A. Brown of CPFSA in Saint Ann.
    fn new() -> Self {
        Self::of("JM-06", &["--practice", "--work-factor", "2"])
    }

    /// A. Brown of CPFSA in some parish.
    pub(crate) fn of(parish: &str, more: &[&str]) -> Self {
        let team = Self { folder: tempfile::tempdir().expect("a folder") };
        let recovery = team.path("recovery.txt").display().to_string();
        let init = ["init", "--parish", parish, "--name", "A. Brown", "--agency", "CPFSA", "--recovery-out", &recovery];
        team.mahoe(&[&init[..], more].concat()).good();
        team
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        path.display().to_string()
    }

    fn command(&self) -> Command {
        self.command_at(NOW)
    }

    /// The program at another moment.
    fn command_at(&self, now: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mahoe"));
        command.env_clear();
        command.env("MAHOE_VAULT", self.path("vault")).env("MAHOE_PASSPHRASE", PASSPHRASE);
        command.env("MAHOE_STATE", self.path("state")).env("COLUMNS", "100");
        command.args(["--now", now]);
        command
    }

    pub(crate) fn mahoe(&self, arguments: &[&str]) -> Ran {
        run(self.command().args(arguments), b"")
    }

    /// Runs lines in one unlocked session.
    fn batch(&self, arguments: &[&str], lines: &str) -> Ran {
        run(self.command().arg("batch").args(arguments).arg("-"), lines.as_bytes())
    }

    /// Opens a case; its code.
    fn case(&self) -> String {
        let new = ["case", "new", "--concern", "Fern Riverstone works at night in a bar", "--risk", "high"];
        let more = ["--child-name", "Fern Riverstone", "--community", "Mango Walk", "--dob", "2012-03-04"];
        self.mahoe(&[&new[..], &more].concat()).good().to_owned()
    }
}

fn run(command: &mut Command, input: &[u8]) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // A program that refuses early closes its input: that is no failure of the test.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code().expect("no signal"), out: text(output.stdout), err: text(output.stderr) }
}
