//! `export`: files for other programs. What is in one leaves the vault for good: masked, and on record.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::error::Result;
use crate::session::Session;

use super::super::output::Output;
use super::super::{files, find, words};

/// `export`.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// A calendar file (.ics) for a telephone or an office program: meetings, and codes with what kind of thing is due
    Ics(IcsArgs),
}

/// `export ics`.
#[derive(Debug, Args)]
pub struct IcsArgs {
    /// The new file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Only what is this member's (or agency's): actions, contacts, clocks of their cases, meetings that they are expected at
    #[arg(long = "for", value_name = "NAME|AGENCY")]
    pub reader: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As [`Session::calendar_file`] and [`files::write_made`].
pub(in crate::cli) fn run(session: &mut Session, command: ExportCommand) -> Result<Output> {
    let ExportCommand::Ics(args) = command;
    let reader = args.reader.as_deref().map(|name| find::owner(session, name)).transpose()?;
    let count = files::write_made(&args.output, || {
        let (text, count) = session.calendar_file(reader)?;
        Ok((text.into_bytes(), count))
    })?;
    let file = args.output.display().to_string();
    let says = format!(
        "{} written to {file}. It names no child; whoever gets it sees codes, days and agencies.",
        words::count(count, "entry", "entries"),
    );
    Ok(Output::new(says, json!({ "file": file, "entries": count })))
}
