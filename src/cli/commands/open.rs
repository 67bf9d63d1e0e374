//! `open`: somebody without a vault reads what was sealed to their own card.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::bundle::card::Card;
use crate::bundle::paper;
use crate::error::{AppError, Kind, Result};
use crate::vault::keys::person::{MAX_FILE, Person};
use crate::vault::keys::{KeyError, agefile};

use super::super::output::{self, Output};
use super::super::{Cx, files, input, open, words};
use super::{card, peer};

/// The largest file that is read, in bytes: a paper of the longest text, with everything around it.
const MAX_PAPER: u64 = 4 << 20;
/// How long the header of a sealed document may be, in bytes, and how many recipients it may name.
const MAX_HEADER: usize = 32 << 10;
const MAX_STANZAS: usize = 64;

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
    /// It is a document: write what is in it to this file, which anybody can read
    #[arg(short, long, value_name = "FILE", conflicts_with = "card")]
    pub output: Option<PathBuf>,
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
    let bytes = if args.output.is_some() { Vec::new() } else { read(&args.file, MAX_PAPER)? };
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
    if let Some(out) = &args.output {
        return document(&args.file, out, &person);
    }
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

/// Writes a document that was sealed to the person, whole or not at all.
fn document(file: &Path, out: &Path, person: &Person) -> Result<Output> {
    let unreadable = |error: std::io::Error| open::io(&format!("read {}", file.display()), &error);
    let mut sealed = std::fs::File::open(file).map_err(unreadable)?;
    let mut head = Vec::new();
    (&mut sealed).take(MAX_HEADER as u64).read_to_end(&mut head).map_err(unreadable)?;
    let shape = agefile::inspect(&head, MAX_HEADER)?;
    if shape.work.is_some() || shape.stanzas > MAX_STANZAS {
        return Err(KeyError::DamagedHeader.into());
    }
    let input = std::io::BufReader::new(std::io::Cursor::new(head).chain(sealed));
    let mut plain = agefile::open_stream(input, &[person.identity()])?;
    let mut to = files::create(out)?;
    let written = std::io::copy(&mut plain, &mut to).and_then(|_| to.sync_all());
    written.map_err(|error| {
        // Half a file would pass for the whole one.
        let _ = std::fs::remove_file(out);
        match error.kind() {
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => KeyError::DamagedBody.into(),
            _ => open::io(&format!("write {}", out.display()), &error),
        }
    })?;
    Ok(Output::said(format!(
        "{} can be read by anybody now: delete it, and what you were given, once it has done its work.",
        out.display()
    )))
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
