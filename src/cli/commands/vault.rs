//! `vault`: what the folder holds, whether all of it is good, and one's own passphrase.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use crate::error::{AppError, Kind, Result};
use crate::session::Session;
use crate::vault::disk::{Disk, RealDisk};
use crate::vault::keys::participant;
use crate::vault::keys::passphrase::WorkFactor;
use crate::vault::keys::recovery::RecoveryWords;

use super::super::output::{self, Output};
use super::super::{Cx, input, open, words};

/// Under this, a vault that may hold real people is too easy to guess.
const WEAK_WORK: u8 = 18;
/// Key files are far smaller.
const MAX_KEY_FILE: u64 = 64 * 1024;

/// `vault`.
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Where it lies, who can unlock it, what was found, what to do about it
    Info,
    /// Check every record, signature and chain; exit code 4 if something is wrong
    Verify,
    /// Change your own passphrase
    Passphrase(PassphraseArgs),
    /// Let somebody in again who lost their passphrase, with the recovery words
    Recover(RecoverArgs),
}

/// `vault recover`.
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// A file that holds the 24 words; they are asked for if it is left out
    #[arg(long, value_name = "FILE")]
    pub words_file: Option<PathBuf>,
    /// The new passphrase.
    #[command(flatten)]
    pub new: PassphraseArgs,
}

/// `vault passphrase`.
#[derive(Debug, Args)]
pub struct PassphraseArgs {
    /// A file that holds the new one (the variable MAHOE_NEW_PASSPHRASE wins; both are for automation)
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
    /// How hard guessing the passphrase is made, as a power of two
    #[arg(long, value_name = "N", default_value_t = WorkFactor::DEFAULT.get())]
    pub work_factor: u8,
}

/// Runs a command of the family.
///
/// # Errors
/// As the vault's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: VaultCommand) -> Result<Output> {
    match command {
        VaultCommand::Info => Ok(info(session)),
        VaultCommand::Verify => verify(session, cx),
        VaultCommand::Passphrase(args) => passphrase(session, cx, &args),
        VaultCommand::Recover(_) => {
            Err(AppError::new(Kind::Usage, "This command can't stand in a batch.", "Run it by itself."))
        }
    }
}

fn info(session: &Session) -> Output {
    let vault = session.vault();
    let config = vault.config();
    let parish = crate::domain::parish::Parish::parse(&config.parish).map_or("", |parish| parish.name);
    let handles: Vec<&str> = config.participants.iter().map(|line| line.handle.as_str()).collect();
    let entries = session.state().entry_count();
    let size = size_of(vault.root());
    let findings: Vec<String> = session.health().into_iter().map(|(says, _)| says).collect();
    let warnings = warnings(session);
    let mirror = vault.root().join("mirror");
    let (waiting, forks, refused) = session.waiting();
    let cases = session.state().items(crate::domain::field::ItemKind::Case).count();
    let mut lines = vec![
        format!("Vault         {}", vault.root().display()),
        format!("Parish        {} {parish}{}", config.parish, if config.practice { " (practice)" } else { "" }),
        format!("Unlocked by   {}", vault.handle()),
        format!("Can unlock    {}", handles.join(", ")),
        format!("Cases         {cases}"),
        format!("Entries       {entries}"),
        format!("Size on disk  {}", bytes(size)),
        format!("Mirror        {}", mirror.display()),
        format!("Team's key    {}", vault.epoch()),
    ];
    if waiting + forks + refused > 0 {
        lines.push(format!("Please check  {waiting} entries wait for others, {forks} forks, {refused} refused"));
    }
    if findings.is_empty() {
        lines.push("Found         nothing wrong at unlock".to_owned());
    }
    lines.extend(findings.iter().map(|finding| format!("Found         {finding}")));
    lines.extend(warnings.iter().map(|warning| format!("Warning       {warning}")));
    let json = json!({
        "path": vault.root().display().to_string(),
        "id": vault.id().to_string(),
        "parish": config.parish,
        "practice": config.practice,
        "handle": vault.handle(),
        "participants": handles,
        "cases": cases,
        "entries": entries,
        "bytes": size,
        "mirror": mirror.display().to_string(),
        "epoch": vault.epoch().to_string(),
        "waiting": waiting,
        "forks": forks,
        "refused": refused,
        "findings": findings,
        "warnings": warnings,
    });
    Output::new(lines.join("\n"), json)
}

fn warnings(session: &Session) -> Vec<String> {
    let vault = session.vault();
    let mut warnings: Vec<String> = Vec::new();
    warnings.extend(session.policy_trouble().map(crate::session::PolicyTrouble::says));
    let own = vault.config().find(vault.handle());
    let file = own.map(|line| vault.root().join("keys").join(line.file.to_string()));
    let work = file.and_then(|file| read_key(&file)).and_then(|bytes| participant::work_factor(&bytes).ok());
    if let Some(work) = work.filter(|work| *work < WEAK_WORK) {
        warnings.push(format!(
            "your passphrase is protected with work factor {work}, below {WEAK_WORK}: `mahoe vault passphrase` raises it"
        ));
    }
    if vault.config().participants.len() < 2 {
        warnings.push("only one person can unlock this vault: `mahoe team join` gives a second one a key".to_owned());
    }
    warnings.push("there is one recovery sheet: keep it where two people can find it".to_owned());
    warnings
}

fn read_key(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(MAX_KEY_FILE).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The size of everything in a folder; what can't be read counts nothing.
fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(of) if of.is_dir() => size_of(&entry.path()),
            Ok(of) => of.len(),
            Err(_) => 0,
        })
        .sum()
}

fn bytes(size: u64) -> String {
    const MIB: u64 = 1 << 20;
    match size {
        0..MIB => format!("{} KiB", size.div_ceil(1 << 10)),
        _ => format!("{}.{} MiB", size / MIB, size % MIB * 10 / MIB),
    }
}

fn verify(session: &mut Session, cx: &Cx<'_>) -> Result<Output> {
    let shown = cx.asks && !cx.globals.json;
    let verdict = session.verify(&mut |done, all| {
        if shown {
            use std::io::Write;
            // Progress that can't be shown does not matter.
            let _ = write!(std::io::stderr().lock(), "\rchecked {done} of {all} records");
        }
        true
    })?;
    if shown {
        output::raw_to_stderr("");
    }
    let losses = session.health().into_iter().filter_map(|(says, loss)| loss.then_some(says));
    let problems: Vec<String> = losses.chain(verdict.problems.iter().cloned()).collect();
    let good = problems.is_empty();
    let mut text = format!(
        "{} checked: {} readable, {} not for you, {} struck.",
        words::count(usize::try_from(verdict.entries).unwrap_or(usize::MAX), "entry", "entries"),
        verdict.readable,
        verdict.withheld,
        verdict.destroyed
    );
    if good {
        text.push_str("\nEvery signature and chain is good.");
    } else {
        text = format!("{text}\n{} wrong:", words::count(problems.len(), "thing is", "things are"));
        text.extend(problems.iter().map(|problem| format!("\n  {problem}")));
        text.push_str("\nFetch what is damaged from another device or a backup, and tell the coordinator.");
    }
    let json = json!({
        "good": good,
        "entries": verdict.entries,
        "readable": verdict.readable,
        "withheld": verdict.withheld,
        "destroyed": verdict.destroyed,
        "problems": problems,
    });
    let mut output = Output::new(text, json);
    if !good {
        output.code = Kind::Damaged.exit_code();
    }
    Ok(output)
}

/// Gives a participant new keys with the recovery words; needs no passphrase.
///
/// # Errors
/// [`Kind::Locked`] for words that are not this vault's; [`Kind::Usage`] without a handle.
pub(in crate::cli) fn recover(cx: &Cx<'_>, args: &RecoverArgs) -> Result<Output> {
    let place = open::place(cx.globals)?;
    let config = crate::vault::peek(place.disk.as_ref(), &place.root)?;
    let handle = match (&cx.globals.who, config.participants.as_slice()) {
        (Some(handle), _) => handle.clone(),
        (None, [only]) => only.handle.clone(),
        (None, _) => {
            let hint = "Say who is to be let in again: --as HANDLE.";
            return Err(AppError::new(Kind::Usage, "Several people can unlock this vault.", hint));
        }
    };
    let typed = match &args.words_file {
        Some(path) => {
            RealDisk.read(path, MAX_KEY_FILE).map_err(|error| open::io("read the file of recovery words", &error))?
        }
        None if cx.asks => input::ask("The 24 recovery words")?.into_bytes(),
        None => {
            let hint = "Run it at a terminal, or give --words-file FILE.";
            return Err(AppError::new(Kind::Locked, "There is no terminal to ask for the recovery words.", hint));
        }
    };
    let typed = Zeroizing::new(typed);
    let words = RecoveryWords::parse(&String::from_utf8_lossy(&typed))?;
    let work = WorkFactor::new(args.new.work_factor, config.practice)?;
    let file = args.new.new_passphrase_file.as_deref();
    let new = input::new_passphrase(cx, input::NEW_PASSPHRASE, file, &handle, config.practice)?;
    Session::recover(place, &handle, &words, &new, work)?;
    Ok(Output::said(format!(
        "{handle} can unlock this vault with the new passphrase; the old one opens nothing any more."
    )))
}

fn passphrase(session: &mut Session, cx: &Cx<'_>, args: &PassphraseArgs) -> Result<Output> {
    if cx.batch {
        return Err(AppError::new(Kind::Usage, "This command can't stand in a batch.", "Run it by itself."));
    }
    let practice = session.practice();
    let work = WorkFactor::new(args.work_factor, practice)?;
    let handle = session.vault().handle().to_owned();
    let old = input::passphrase(cx, &format!("{handle}, once more"))?;
    let file = args.new_passphrase_file.as_deref();
    let new = input::new_passphrase(cx, input::NEW_PASSPHRASE, file, &handle, practice)?;
    session.change_passphrase(&old, &new, work)?;
    Ok(Output::said("Your passphrase is changed. Copies of the vault made before still open with the old one."))
}
