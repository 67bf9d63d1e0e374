//! `device`: the team's devices, and a copy of the vault on another computer.

use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::bundle::words::one_time;
use crate::domain::clean;
use crate::error::{AppError, Kind, Result};
use crate::session::exchange::MAX_DEVICE_FILE;
use crate::session::{Place, Session};
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::seal::OsEntropy;

use super::super::output::{self, Output, Table};
use super::super::{Cx, input, open, words};
use super::bundle;

/// `device`.
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Write a file with which you begin a copy of this vault on another computer
    Add(DeviceAddArgs),
    /// Begin a copy of a vault on this computer, from such a file; or be let into the copy that another of your team began
    Join(DeviceJoinArgs),
    /// The devices that write for the team
    List,
    /// Let a device write that somebody introduced who had left by then: what it wrote comes with the next sync
    Accept {
        /// The beginning of its id, as `device list` shows it
        id: String,
    },
}

/// `device add`.
#[derive(Debug, Args)]
pub struct DeviceAddArgs {
    /// The file; carry it to the new computer
    #[arg(long = "to", value_name = "FILE")]
    pub to: PathBuf,
}

/// `device join`.
#[derive(Debug, Args)]
pub struct DeviceJoinArgs {
    /// The file that `mahoe device add` wrote on the other computer
    pub file: PathBuf,
    /// The folder of the new copy; that of --vault, if left out
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
}

/// Runs a command of the family in an open vault.
///
/// # Errors
/// As the session's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: DeviceCommand) -> Result<Output> {
    match command {
        DeviceCommand::Add(args) => add(session, cx, &args),
        DeviceCommand::List => Ok(list(session)),
        DeviceCommand::Accept { id } => accept(session, &id),
        DeviceCommand::Join(_) => {
            Err(AppError::new(Kind::Usage, "This command can't stand in a batch.", "Run it by itself."))
        }
    }
}

fn add(session: &mut Session, cx: &Cx<'_>, args: &DeviceAddArgs) -> Result<Output> {
    if cx.batch {
        return Err(AppError::new(Kind::Usage, "This command can't stand in a batch.", "Run it by itself."));
    }
    // Asked for anew: the file lets somebody in.
    let passphrase = input::passphrase(cx, session.vault().handle())?;
    let words = one_time(&mut OsEntropy);
    let file = session.device_file(&passphrase, &Passphrase::new(&words)?)?;
    bundle::write_file(&args.to, &file, "Nothing was handed over: try another place.")?;
    let text = format!(
        "The file is {}. On the new computer: mahoe device join FILE\nIt asks for these words, once, and for your passphrase:\n\n  {}\n\nCarry the words apart from the file, and delete the file when the copy stands.",
        args.to.display(),
        words.as_str()
    );
    Ok(Output::new(
        text,
        json!({ "file": args.to.display().to_string(), "bytes": file.len(), "words": words.as_str() }),
    ))
}

/// Begins a copy of a vault.
///
/// # Errors
/// [`Kind::Locked`] for other words or another passphrase; [`Kind::Refused`] where there is a vault already.
pub(in crate::cli) fn join(cx: &Cx<'_>, args: &DeviceJoinArgs) -> Result<Output> {
    let root = match &args.into {
        Some(folder) => folder.clone(),
        None => open::root(cx.globals)?,
    };
    let file = read(&args.file)?;
    let typed = input::device_words(cx)?;
    let passphrase = input::passphrase(cx, "the old computer's vault")?;
    let place =
        || -> Result<Place> { Ok(Place { marks: open::marks(), ..Place::real(&root, open::clock(cx.globals)?) }) };
    let handle = Session::join(place()?, &file, &typed, &passphrase)?;
    // The copy becomes a device of its own before anything is written.
    let mut session = Session::unlock(place()?, &handle, &passphrase)?;
    session.settle()?;
    output::practice(&session);
    let id = session.vault().participant().device().device_id().to_string();
    let text = format!(
        "The copy stands in {}. Your handle is {handle}.\nNow sync both ways: mahoe bundle export --kind sync -o FILE here, mahoe bundle import FILE there, and back.",
        root.display()
    );
    Ok(Output::new(text, json!({ "vault": root.display().to_string(), "handle": handle, "device": id })))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MAX_DEVICE_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| open::io(&format!("read {}", file.display()), &error))?;
    if bytes.len() as u64 > MAX_DEVICE_FILE {
        return Err(AppError::new(
            Kind::Damaged,
            "The file is larger than any that mahoe makes.",
            "Choose the file that `mahoe device add` wrote.",
        ));
    }
    Ok(bytes)
}

fn accept(session: &mut Session, id: &str) -> Result<Output> {
    let wanted = id.trim().to_lowercase();
    let mut found = session.doubted_devices();
    found.retain(|(device, _)| wanted.len() >= 4 && device.to_string().starts_with(&wanted));
    let [(device, name)] = found.as_slice() else {
        return Err(AppError::new(
            Kind::Refused,
            "No device that waits for this has this id.",
            "Give at least its first four characters, as `mahoe device list` shows them.",
        ));
    };
    session.accept_device(*device)?;
    let text = format!("It writes for {} from now on. What it wrote comes with the next sync.", clean::line(name));
    Ok(Output::new(text, json!({ "id": device.to_string(), "member": name })))
}

fn list(session: &Session) -> Output {
    let mut table = Table::new(&["Device", "Who", "Since", "Last entry", ""], 1);
    let mut items = Vec::new();
    let when = |millis: Option<i64>| millis.and_then(DateTime::from_timestamp_millis);
    for device in session.devices() {
        let (since, last) = (when(device.since), when(device.last));
        let id = device.id.to_string();
        items.push(json!({
            "id": id, "member": (!device.name.is_empty()).then_some(&device.name),
            "since": since.map(|when| when.to_rfc3339()), "last": last.map(|when| when.to_rfc3339()), "this": device.this,
        }));
        table.row([
            id.chars().take(8).collect(),
            if device.name.is_empty() { "recovery sheet".to_owned() } else { clean::line_owned(&device.name) },
            since.map(words::moment).unwrap_or_default(),
            last.map_or_else(|| "nothing yet".to_owned(), words::moment),
            if device.this { "this one" } else { "" }.to_owned(),
        ]);
    }
    for (id, name) in session.doubted_devices() {
        let id = id.to_string();
        table.row([
            id.chars().take(8).collect(),
            clean::line_owned(&name),
            String::new(),
            String::new(),
            "set aside: mahoe device accept".to_owned(),
        ]);
        items.push(json!({ "id": id, "member": name, "set_aside": true }));
    }
    Output::list(table.render(output::width(), "No device is on record."), items)
}
