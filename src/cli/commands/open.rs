//! `open`: somebody without a vault reads what was sealed to their own card.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::bundle::card::Card;
use crate::bundle::paper;
use crate::error::{AppError, Kind, Result};
use crate::vault::keys::KeyError;
use crate::vault::keys::person::{MAX_FILE, Person};

use super::super::output::{self, Output};
use super::super::{Cx, input, open, words};
use super::{card, peer};

/// The largest file that is read, in bytes: a paper of the longest text, with everything around it.
const MAX_PAPER: u64 = 4 << 20;

/// `open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// The file that you were given
    pub file: PathBuf,
    /// Your sealed key; in the platform's data folder, if left out
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// The team's card, as you were handed it: checks that the paper is from them
    #[arg(long, value_name = "FILE")]
    pub card: Option<PathBuf>,
}

/// Opens the file and shows it.
///
/// # Errors
/// [`Kind::Io`] without a key or a file; [`Kind::Locked`] for a wrong passphrase; [`Kind::Damaged`] for a file that is
/// somebody else's, changed, or not from the team whose card was given.
pub(in crate::cli) fn run(cx: &Cx<'_>, args: &OpenArgs) -> Result<Output> {
    let path = card::identity(args.identity.as_deref())?;
    if !path.exists() {
        return Err(AppError::new(
            Kind::Io,
            format!("There is no key in {}.", path.display()),
            "Make a card with `mahoe card new` and give it to the team; or say where your key is: --identity FILE.",
        ));
    }
    let sealed = read(&path, MAX_FILE as u64)?;
    let bytes = read(&args.file, MAX_PAPER)?;
    let given =
        args.card.as_deref().map(|file| Card::parse_loose(&peer::read(file)?).map_err(AppError::from)).transpose()?;
    let passphrase = input::card_passphrase(cx)?;
    let person = Person::open(&sealed, &passphrase).map_err(|error| match error {
        KeyError::WrongPassphrase => AppError::from(error),
        _ => AppError::new(
            Kind::Damaged,
            format!("{} holds no key that can be used.", path.display()),
            "Put a copy of it back. If there is none, make a new card (mahoe card new) and give it to the team.",
        ),
    })?;
    let paper = paper::open(&bytes, person.identity())?;
    let says = paper.from.says();
    if given.as_ref().is_some_and(|card| card.says().root != says.root) {
        return Err(AppError::new(
            Kind::Damaged,
            format!(
                "This paper says that it is from {}, and another key signed it than that of the card you gave.",
                says.name
            ),
            "Don't act on it. Call the team on a number that you know.",
        ));
    }
    let checked =
        if given.is_some() { "the card that you were handed" } else { "not checked: give their card with --card FILE" };
    let practice = if says.practice { format!("{}\n", output::PRACTICE) } else { String::new() };
    let text = format!(
        "{practice}From {} ({}) · {} · {checked}\n\n{}",
        says.name,
        says.parish,
        words::moment(paper.made),
        paper.text
    );
    let json = json!({
        "from": says.name, "parish": says.parish.to_string(), "made": paper.made.to_rfc3339(), "practice": says.practice,
        "checked": given.is_some(), "text": paper.text,
    });
    Ok(Output::new(text, json))
}

/// A file of at most so many bytes.
fn read(file: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| open::io(&format!("read {}", file.display()), &error))?;
    if bytes.len() as u64 > most {
        return Err(AppError::new(
            Kind::Damaged,
            format!("{} is larger than it can be.", file.display()),
            "Choose the file that the team gave you.",
        ));
    }
    Ok(bytes)
}
