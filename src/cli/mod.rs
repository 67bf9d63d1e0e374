//! The command line: arguments become ops, ops become output and an exit code.
//!
//! Each family of commands is a file in `commands/`; a command takes an open session and gives back
//! its output, which is printed only once everything is durable. No rule of the domain is decided
//! here, nothing is printed past [`clean::shown`](crate::domain::clean::shown), and no passphrase is ever echoed.

pub mod args;
mod batch;
mod commands;
mod files;
mod find;
mod import;
mod input;
pub mod manual;
mod open;
mod output;
mod qr;
mod shapes;
mod words;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use clap::Parser;
use clap::error::ErrorKind;

use crate::error::{AppError, Kind, Result};
use crate::tui::start::{self, Start};

use args::{Cli, Command, Globals};

/// What a command knows beside the session.
struct Cx<'a> {
    /// Flags that every command takes.
    globals: &'a Globals,
    /// Somebody sits at a terminal and can be asked.
    asks: bool,
    /// A line of a batch: it may neither ask nor read standard input.
    batch: bool,
    /// Nothing of the batch is durable before all of it is.
    atomic: bool,
}

/// Where a fault happened: file and line.
static PLACE: Mutex<String> = Mutex::new(String::new());

/// Runs the program with these arguments; the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // The shape of errors must be known even where the arguments can't be understood.
    let json = arguments.iter().any(|argument| argument == "--json");
    let alone = arguments.len() <= 1;
    // What a fault says may hold what somebody typed: only where it happened is told.
    std::panic::set_hook(Box::new(|fault| {
        let at = fault.location().map(|at| format!("{}:{}", at.file(), at.line()));
        if let (Ok(mut place), Some(at)) = (PLACE.lock(), at) {
            *place = at;
        }
    }));
    let ended = catch_unwind(AssertUnwindSafe(|| run(arguments)));
    let result = ended.unwrap_or_else(|_| {
        let place = PLACE.lock().map(|place| place.clone()).unwrap_or_default();
        Err(AppError::new(
            Kind::Bug,
            format!("mahoe made a mistake and stopped ({place}); what was saved before is safe."),
            "Do it again; if it comes back, tell us the command (without names) and `mahoe --version`.",
        ))
    });
    match result {
        Ok(code) => code,
        Err(error) => {
            output::fail(&error, json);
            // A double-click opens a window of its own, which goes when the program ends, with what was said in it.
            // Whoever types a command has a window that stays.
            if cfg!(windows) && alone && input::is_terminal() {
                let _ = input::ask("Press Enter to close this window");
            }
            error.kind.exit_code()
        }
    }
}

fn run(arguments: Vec<OsString>) -> Result<u8> {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return misread(&error),
    };
    let globals = &cli.globals;
    let cx = Cx { globals, asks: input::is_terminal(), batch: false, atomic: false };
    match cli.command {
        None => {
            if !std::io::stdout().is_terminal() {
                return Err(AppError::new(
                    Kind::Usage,
                    "The screens need a terminal.",
                    "Run mahoe at a terminal, or give a command: mahoe --help.",
                ));
            }
            let (handle, wishes) = (globals.who.clone(), open::wishes(globals));
            let (root, marks) = (open::root(globals)?, open::marks());
            let now = open::now(globals)?;
            start::run(Start { root, session: None, handle, marks, now, wishes, demo: false })?;
            Ok(0)
        }
        Some(Command::Demo(demo)) => commands::demo::run(&cx, &demo).map(|()| 0),
        Some(Command::Batch(batch)) => batch::run(&cx, &batch).map(|()| 0),
        Some(command) => {
            let output = if let Some(output) = commands::without_vault(&cx, &command)? {
                output
            } else {
                let mut session = open::unlock(&cx)?;
                let output = commands::in_vault(&mut session, &cx, command)?;
                session.settle()?;
                output::practice(&session);
                output
            };
            output::print(&output, globals.json)?;
            Ok(output.code)
        }
    }
}

/// What clap could not read, as the two lines that every error is; help and version are no errors.
fn misread(error: &clap::Error) -> Result<u8> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::raw(&error.to_string())?;
            Ok(0)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            output::raw_to_stderr(&error.to_string());
            Ok(Kind::Usage.exit_code())
        }
        _ => Err(usage(error)),
    }
}

fn usage(error: &clap::Error) -> AppError {
    let text = error.to_string();
    let mut parts = text.split("\n\n");
    let first = parts.next().unwrap_or("").trim_start_matches("error: ");
    let message = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let find = |start: &str| {
        let lines = text.lines().map(str::trim);
        lines.filter_map(|line| line.strip_prefix(start)).map(|rest| rest.trim().to_owned()).next()
    };
    let hint = match (find("tip:"), find("Usage:")) {
        (Some(tip), _) => format!("{}.", output::sentence(&tip)),
        (None, Some(usage)) => format!("Use: {}", usage.replace(" --vault <DIR>", "")),
        (None, None) => "Add --help to the command: it says what belongs there.".to_owned(),
    };
    AppError::new(Kind::Usage, format!("{}.", output::sentence(message.trim_end_matches('.'))), hint)
}
