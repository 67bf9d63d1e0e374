//! `vault`: what the folder holds, whether all of it is good, and one's own passphrase.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::document::size_words;
use crate::error::{AppError, Kind, Result};
use crate::session::{Session, Sheet, Sheets};
use crate::vault::disk::{Disk, RealDisk};
use crate::vault::keys::participant;
use crate::vault::keys::passphrase::WorkFactor;
use crate::vault::keys::recovery::RecoveryWords;

use super::super::output::{self, Output};
use super::super::{Cx, input, open, words};
use super::sheet::Sheet as Paper;

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
    /// Make new recovery words in place of all earlier ones, a second sheet, or check a sheet
    RecoveryWords(WordsArgs),
    /// What was set aside as damaged; --remove destroys it
    Quarantine(QuarantineArgs),
}

/// `vault quarantine`.
#[derive(Debug, Args)]
pub struct QuarantineArgs {
    /// Overwrite and remove all of it: it may hold what was struck, and it may be all that is left of something
    #[arg(long)]
    pub remove: bool,
}

/// `vault recovery-words`.
#[derive(Debug, Args)]
pub struct WordsArgs {
    /// A further sheet for a second person; the earlier ones stay good
    #[arg(long)]
    pub second: bool,
    /// Only check that the words of a sheet open this vault; they are asked for, or read from --words-file
    #[arg(long, conflicts_with_all = ["second", "recovery_out"])]
    pub check: bool,
    /// Where to write the new words; needed where there is no terminal. Print it, then delete it
    #[arg(long, value_name = "FILE")]
    pub recovery_out: Option<PathBuf>,
    /// With --check: a file that holds the 24 words
    #[arg(long, value_name = "FILE", requires = "check")]
    pub words_file: Option<PathBuf>,
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
        VaultCommand::RecoveryWords(_) | VaultCommand::Recover(_) if cx.batch => {
            Err(AppError::new(Kind::Usage, "This command can't stand in a batch.", "Run it by itself."))
        }
        VaultCommand::Quarantine(args) => quarantine(session, &args),
        VaultCommand::RecoveryWords(args) => recovery_words(session, cx, &args),
        VaultCommand::Recover(args) => recover(cx, &args),
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
    let (documents, document_bytes) = session.documents_kept();
    let cases = session.state().items(crate::domain::field::ItemKind::Case).count();
    let mut lines = vec![
        format!("Vault         {}", vault.root().display()),
        format!("Parish        {} {parish}{}", config.parish, if config.practice { " (practice)" } else { "" }),
        format!("Unlocked by   {}", vault.handle()),
        format!("Can unlock    {}", handles.join(", ")),
        format!("Sheets        {}", words::count(session.sheets().all, "recovery sheet", "recovery sheets")),
        format!("Cases         {cases}"),
        format!("Entries       {entries}"),
        format!("Documents     {documents} ({})", size_words(document_bytes)),
        format!("Size on disk  {}", bytes(size)),
        format!("Mirror        {}", mirror.display()),
        format!("Team's key    {}", vault.epoch()),
    ];
    if waiting + forks + refused > 0 {
        lines.push(format!("Please check  {waiting} entries wait for others, {forks} forks, {refused} refused"));
    }
    let aside = session.set_aside().len();
    if aside > 0 {
        let files = words::count(aside, "damaged file is", "damaged files are");
        lines.push(format!("Set aside     {files} kept: `mahoe vault quarantine` lists them"));
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
        "recovery_sheets": session.sheets().all,
        "recovery_sheets_unread": session.sheets().unread,
        "cases": cases,
        "entries": entries,
        "documents": documents,
        "document_bytes": document_bytes,
        "documents_missing": session.documents_missing().len(),
        "bytes": size,
        "mirror": mirror.display().to_string(),
        "epoch": vault.epoch().to_string(),
        "waiting": waiting,
        "forks": forks,
        "refused": refused,
        "set_aside": aside,
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
    warnings.extend(session.documents_warning());
    let missing: Vec<String> =
        session.documents_missing().into_iter().map(|id| session.state().code(id).to_string()).collect();
    if !missing.is_empty() {
        warnings.push(format!(
            "the files of these documents are in no copy here: {}. Another device has them (mahoe device sync), a backup, or whoever sent them",
            missing.join(", ")
        ));
    }
    let Sheets { all, unread } = session.sheets();
    if unread > 0 {
        warnings.push(
            "nobody has read the recovery words back, so they may be on no paper: `mahoe vault recovery-words` makes new ones, \
             with --check it tries a sheet"
                .to_owned(),
        );
    }
    if all < 2 {
        warnings.push(
            "there is one recovery sheet: `mahoe vault recovery-words --second` makes one for another person"
                .to_owned(),
        );
    }
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
    if verdict.documents > 0 {
        let documents = usize::try_from(verdict.documents).unwrap_or(usize::MAX);
        let documents = words::count(documents, "document was", "documents were");
        text = format!("{text} {documents} read in both copies.");
    }
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
        "documents": verdict.documents,
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
    let words = typed_words(cx, args.words_file.as_deref())?;
    let work = WorkFactor::new(args.new.work_factor, config.practice)?;
    let file = args.new.new_passphrase_file.as_deref();
    let new = input::new_passphrase(cx, input::NEW_PASSPHRASE, file, &handle, config.practice)?;
    Session::recover(place, &handle, &words, &new, work)?;
    Ok(Output::said(format!(
        "{handle} can unlock this vault with the new passphrase; the old one opens nothing any more."
    )))
}

/// What was set aside, or its end.
fn quarantine(session: &mut Session, args: &QuarantineArgs) -> Result<Output> {
    if args.remove {
        let count = session.empty_quarantine()?;
        return Ok(Output::said(match count {
            0 => "Nothing was set aside.".to_owned(),
            _ => format!("{} overwritten and removed.", words::count(count, "file was", "files were")),
        }));
    }
    let files = session.set_aside();
    let mut lines: Vec<String> =
        files.iter().map(|file| format!("{}  {}", file.path.display(), bytes(file.bytes))).collect();
    if lines.is_empty() {
        lines.push("Nothing was set aside.".to_owned());
    }
    let items =
        files.iter().map(|file| json!({"path": file.path.display().to_string(), "bytes": file.bytes})).collect();
    Ok(Output::list(lines.join("\n"), items))
}

/// The words of a sheet: from a file, or asked for.
fn typed_words(cx: &Cx<'_>, file: Option<&Path>) -> Result<RecoveryWords> {
    let typed = match file {
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
    Ok(RecoveryWords::parse(&String::from_utf8_lossy(&typed))?)
}

/// New words, or a check of old ones.
fn recovery_words(session: &mut Session, cx: &Cx<'_>, args: &WordsArgs) -> Result<Output> {
    if args.check {
        let words = typed_words(cx, args.words_file.as_deref())?;
        if session.words_read_back(&words)? {
            return Ok(Output::said("This sheet opens the vault."));
        }
        return Err(AppError::new(
            Kind::Locked,
            "This sheet does not open the vault.",
            "It is another team's, or newer words replaced it: destroy it if so.",
        ));
    }
    let kind = if args.second { Sheet::Further } else { Sheet::Instead };
    // Who may not is told before anything is asked.
    let words = session.draw_words(kind)?;
    let again = input::passphrase(cx, &format!("{}, once more", session.vault().handle()))?;
    session.check_passphrase(&again)?;
    let root = session.vault().root().to_path_buf();
    let mut paper = Paper::ready(cx, args.recovery_out.as_deref(), &root, session.practice())?;
    let kept = match paper.hand_over(&words) {
        Ok(true) => session.keep_words(&words, kind),
        Ok(false) => Err(AppError::new(
            Kind::Refused,
            "The words could not be read back, so nothing was changed.",
            "Tear up that paper: the earlier words are still the ones that count. Then try again.",
        )),
        Err(error) => Err(error),
    };
    match kept {
        Ok(says) => Ok(Output::said(says)),
        Err(error) => {
            paper.take_back();
            Err(error)
        }
    }
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
