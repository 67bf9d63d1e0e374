//! The commands, one family a file.

pub mod action;
pub mod best_interests;
pub mod bundle;
mod bundle_file;
mod bundle_kinds;
pub mod calendar;
pub mod card;
pub mod case;
pub mod case_edit;
mod case_show;
pub mod closing;
pub mod consent;
mod consent_notices;
pub mod demo;
pub mod device;
pub mod document;
pub mod export;
pub mod followup;
pub mod init;
pub mod library;
pub mod meeting;
mod meeting_papers;
mod meeting_show;
pub mod open;
pub mod outreach;
pub mod peer;
pub mod person;
pub mod policy;
mod policy_edit;
pub mod referral;
pub mod relay;
pub mod screening;
mod screening_answers;
pub mod search;
pub mod service;
mod sheet;
pub mod team;
pub mod today;
pub mod training;
pub mod vault;
pub mod views;

use clap::CommandFactory;

use crate::error::{AppError, Kind, Result};
use crate::session::Session;

use super::args::{Cli, Command, ImportCommand};
use super::output::{self, Output};
use super::{Cx, import, manual};

/// Runs a command that needs no open vault; `None` if it needs one.
///
/// # Errors
/// As the command's.
pub(super) fn without_vault(cx: &Cx<'_>, command: &Command) -> Result<Option<Output>> {
    match command {
        Command::Init(args) => init::run(cx, args).map(Some),
        Command::Policy(policy::PolicyCommand::Check(args)) => policy::check(args).map(Some),
        Command::Vault(vault::VaultCommand::Recover(args)) => vault::recover(cx, args).map(Some),
        Command::Card(command) => card::run(cx, command).map(Some),
        Command::Open(args) => open::run(cx, args).map(Some),
        Command::Device(device::DeviceCommand::Join(args)) => device::join(cx, args).map(Some),
        Command::Manual(args) => manual::run(args).map(Some),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "mahoe", &mut script);
            output::raw(&String::from_utf8_lossy(&script))?;
            Ok(Some(Output::new("", serde_json::Value::Null)))
        }
        _ => Ok(None),
    }
}

/// Runs a command in an open vault.
///
/// # Errors
/// As the command's; [`Kind::Usage`] for one that has no place inside a batch.
pub(super) fn in_vault(session: &mut Session, cx: &Cx<'_>, command: Command) -> Result<Output> {
    match command {
        Command::Today(args) => Ok(today::run(session, &args)),
        Command::Calendar(args) => calendar::run(session, &args),
        Command::Search(args) => search::run(session, cx, &args),
        Command::Case(command) => case::run(session, cx, command),
        Command::Action(command) => action::run(session, cx, command),
        Command::Followup(command) => followup::run(session, cx, command),
        Command::Consent(command) => consent::run(session, cx, command),
        Command::Views(command) => views::run(session, cx, command),
        Command::Screening(command) => screening::run(session, cx, command),
        Command::Referral(command) => referral::run(session, cx, command),
        Command::Service(command) => service::run(session, cx, command),
        Command::Person(command) => person::run(session, cx, command),
        Command::Document(command) => document::run(session, cx, command),
        Command::Meeting(command) => meeting::run(session, cx, command),
        Command::Outreach(command) => outreach::run(session, cx, command),
        Command::Training(command) => training::run(session, command),
        Command::Library(command) => library::run(session, cx, command),
        Command::Team(command) => team::run(session, cx, command),
        Command::Peer(command) => peer::run(session, cx, command),
        Command::Device(command) => device::run(session, cx, command),
        Command::Bundle(command) => bundle::run(session, cx, command),
        Command::Relay(command) => relay::run(session, command),
        Command::Vault(command) => vault::run(session, cx, command),
        Command::Import(ImportCommand::Csv(args)) => import::run(session, cx, &args),
        Command::Export(command) => export::run(session, command),
        Command::Policy(command) => policy::run(session, cx, command),
        Command::Demo(_)
        | Command::Init(_)
        | Command::Card(_)
        | Command::Open(_)
        | Command::Batch(_)
        | Command::Completions { .. }
        | Command::Manual(_) => {
            Err(AppError::new(Kind::Usage, "This command can't stand in a batch.", "Run it by itself."))
        }
    }
}
