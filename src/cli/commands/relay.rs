//! `relay`: bundles carried by a shared folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::bundle::relay::FolderCarrier;
use crate::error::Result;
use crate::session::Session;

use super::super::output::Output;
use super::super::{open, words};

/// `relay`.
#[derive(Debug, Subcommand)]
pub enum RelayCommand {
    /// Put what waits in the outbox into the folder, and a sync for your team's other devices; clear away what was answered
    Push(RelayArgs),
    /// Fetch what lies there for your team, or comes from its other devices, into the inbox
    Pull(RelayArgs),
    /// What waits here and there
    Status(RelayArgs),
}

/// Where.
#[derive(Debug, Args)]
pub struct RelayArgs {
    /// A USB stick, a network share, or a folder that is kept the same on several computers
    #[arg(long, value_name = "FOLDER")]
    pub dir: PathBuf,
}

/// Runs a command of the family.
///
/// # Errors
/// As the session's.
pub(in crate::cli) fn run(session: &mut Session, command: RelayCommand) -> Result<Output> {
    match command {
        RelayCommand::Push(args) => {
            let pushed = session.relay_push(&carrier(&args.dir)?)?;
            let text = format!(
                "{} put into the folder, {} there already, {} cleared away.",
                words::count(pushed.put, "bundle", "bundles"),
                pushed.there,
                pushed.cleared
            );
            Ok(Output::new(text, json!({ "put": pushed.put, "there": pushed.there, "cleared": pushed.cleared })))
        }
        RelayCommand::Pull(args) => {
            let pulled = session.relay_pull(&carrier(&args.dir)?)?;
            let mut text =
                format!("{} fetched into the inbox.", words::count(pulled.fetched.len(), "bundle", "bundles"));
            for name in &pulled.fetched {
                let _ = write!(text, "\n  mahoe bundle import {name}");
            }
            if pulled.left_alone > 0 {
                let _ = write!(
                    text,
                    "\n{} half-written, damaged or not for you: left alone.",
                    words::count(pulled.left_alone, "file is", "files are")
                );
            }
            Ok(Output::new(
                text,
                json!({ "fetched": pulled.fetched, "known": pulled.known, "left_alone": pulled.left_alone }),
            ))
        }
        RelayCommand::Status(args) => {
            let (waiting, for_us, foreign) = session.relay_status(&carrier(&args.dir)?)?;
            let text = format!("{waiting} in the outbox · {for_us} in your mailbox · {foreign} other files there");
            Ok(Output::new(text, json!({ "outbox": waiting, "mailbox": for_us, "foreign": foreign })))
        }
    }
}

fn carrier(folder: &Path) -> Result<FolderCarrier> {
    FolderCarrier::new(folder).map_err(|error| open::io(&format!("use {}", folder.display()), &error))
}
