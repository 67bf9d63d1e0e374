//! `card new`: somebody without a vault becomes reachable: an identity under a passphrase, and a small card to give.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::bundle::person::PersonalCard;
use crate::domain::clean;
use crate::error::{AppError, Kind, Result};
use crate::vault::keys::passphrase::WorkFactor;
use crate::vault::keys::person::Person;
use crate::vault::seal::OsEntropy;

use super::super::output::Output;
use super::super::{Cx, input, open};
use super::peer;

/// `card`.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Make yourself reachable without a vault: keeps a key under a passphrase, prints a card to give to a team
    New(NewArgs),
}

/// `card new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Your name as the team knows it
    #[arg(long)]
    pub name: String,
    /// Write the card into this file
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Where the sealed key is kept; in the platform's data folder, if left out
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// How hard guessing the passphrase is made, as a power of two
    #[arg(long, value_name = "N", default_value_t = WorkFactor::DEFAULT.get())]
    pub work_factor: u8,
}

/// Makes the key and the card.
///
/// # Errors
/// [`Kind::Refused`] if there is a key already; [`Kind::Io`].
pub(in crate::cli) fn run(cx: &Cx<'_>, command: &CardCommand) -> Result<Output> {
    let CardCommand::New(args) = command;
    let path = identity(args.identity.as_deref())?;
    if path.exists() {
        return Err(AppError::new(
            Kind::Refused,
            format!("There is a key in {} already.", path.display()),
            "Keep using it: what is sealed to it opens with nothing else. Give --identity FILE to make another.",
        ));
    }
    let work = WorkFactor::new(args.work_factor, false)?;
    let person = Person::create(&mut OsEntropy);
    let card = PersonalCard::new(&clean::line_owned(&args.name), person.recipient())?;
    let file = cx.globals.passphrase_file.as_deref();
    let passphrase = input::new_passphrase(cx, input::PASSPHRASE, file, &card.name, false)?;
    keep(&path, &person.seal(&passphrase, work))?;
    if let Some(out) = &args.out {
        peer::write(out, card.text().as_bytes())?;
    }
    let told = args.out.as_ref().map_or_else(|| card.text(), |out| format!("Your card is in {}.", out.display()));
    let text = format!(
        "{}\n\nYour key is in {}. Without it and its passphrase nothing that is sealed to this card can be opened.\n\
         When you give the card away, read out its end: {}",
        told.trim_end(),
        path.display(),
        card.read_out(),
    );
    let json = json!({
        "name": card.name,
        "recipient": card.recipient.to_string(),
        "text": card.text(),
        "read_out": card.read_out(),
        "identity": path.display().to_string(),
        "file": args.out.as_ref().map(|out| out.display().to_string()),
    });
    Ok(Output::new(text, json))
}

/// Where a person's sealed key is kept: as given, or in the platform's data folder.
pub(super) fn identity(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let folders = directories::ProjectDirs::from("", "", "mahoe");
    folders.map(|folders| folders.data_dir().join("person.age")).ok_or_else(|| {
        AppError::new(Kind::Usage, "This computer names no folder for data.", "Say where to keep it: --identity FILE.")
    })
}

/// Writes the sealed key so that it is there whole, or not at all.
fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error: std::io::Error| open::io(&format!("write {}", path.display()), &error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        // A part of a key opens nothing, and would be in the way of the next try.
        let _ = std::fs::remove_file(path);
        failed(error)
    })
}
