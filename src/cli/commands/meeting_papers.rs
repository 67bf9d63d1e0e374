//! What leaves a meeting: printed papers, sealed or clear minutes, feedback to the agencies.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::domain::field::ItemKind;
use crate::domain::ids::ItemId;
use crate::domain::meeting::Meeting;
use crate::domain::meeting::minutes::Reader;
use crate::domain::meeting::papers::Sheet;
use crate::domain::paper::Form;
use crate::error::{AppError, Kind, Result};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::{files, find, words};

/// `meeting papers`.
#[derive(Debug, Args)]
pub struct PapersArgs {
    /// The meeting's code; the one that runs or the next, without it
    pub code: Option<String>,
    /// agenda, sign-in, capture (to write the minutes on by hand) or report (a first report)
    #[arg(long, value_name = "PAPER")]
    pub what: String,
    /// So many numbered copies, each on a new page
    #[arg(long, value_name = "COUNT", default_value = "0", hide_default_value = true)]
    pub copies: u32,
    /// html, text or markdown; as the file's ending says, if left out
    #[arg(long, value_name = "FORM")]
    pub form: Option<String>,
    /// The file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `meeting minutes`.
#[derive(Debug, Args)]
pub struct MinutesArgs {
    /// The meeting's code; the one that runs or else the last, without it
    pub code: Option<String>,
    /// For whom: a member or an agency; without it nothing that is only for some people is in it
    #[arg(long = "for", value_name = "NAME|AGENCY")]
    pub reader: Option<String>,
    /// text, markdown or html; as the file's ending says, if left out
    #[arg(long, value_name = "FORM")]
    pub form: Option<String>,
    /// So many numbered copies, each on a new page
    #[arg(long, value_name = "COUNT", default_value = "0", hide_default_value = true, requires = "output")]
    pub copies: u32,
    /// Why it must be a file that anybody can read; goes on record. Needed with -o outside practice vaults
    #[arg(long, value_name = "REASON", requires = "output")]
    pub clear: Option<String>,
    /// Save as this file instead of printing
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `meeting send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The meeting's code; the last that was held, without it
    pub code: Option<String>,
    /// The folder for the sealed files; the current one, if left out
    #[arg(short, long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub output: PathBuf,
}

fn form(word: Option<&str>, file: Option<&Path>, otherwise: &str) -> Result<Form> {
    let ending = file.and_then(|file| file.extension()).and_then(|ending| ending.to_str());
    let word = word.or(ending).unwrap_or(otherwise);
    Form::from_name(&word.to_lowercase()).ok_or_else(|| {
        AppError::new(
            Kind::Usage,
            "A paper is text, markdown or html.",
            "Say which with --form, or end the file's name so.",
        )
    })
}

/// `meeting papers`.
pub(super) fn papers(session: &mut Session, args: &PapersArgs) -> Result<Output> {
    let sheet = Sheet::from_name(&args.what).ok_or_else(|| {
        let all: Vec<&str> = Sheet::ALL.iter().map(|sheet| sheet.name()).collect();
        AppError::new(Kind::Usage, "There is no such paper.", format!("Say one of: {}.", all.join(", ")))
    })?;
    let meeting = match (&args.code, sheet.needs_meeting()) {
        (None, false) => None,
        (code, _) => Some(find::meeting(session, code.as_deref())?),
    };
    let form = form(args.form.as_deref(), Some(&args.output), "html")?;
    files::write_made(&args.output, || {
        Ok((session.sheet(sheet, meeting, args.copies)?.render(form).into_bytes(), ()))
    })?;
    Ok(Output::said(format!("Saved: {}. Delete the file when it is printed.", sheet.label())))
}

/// `meeting minutes`.
pub(super) fn minutes(session: &mut Session, args: &MinutesArgs) -> Result<Output> {
    let meeting = held(session, args.code.as_deref())?;
    let reader = match &args.reader {
        None => Reader::Anybody,
        Some(name) => {
            let owner = find::owner(session, name)?;
            let agency = session.state().item(owner).is_some_and(|item| item.kind == ItemKind::Agency);
            if agency { Reader::Agency(owner) } else { Reader::Member(owner) }
        }
    };
    let form = form(args.form.as_deref(), args.output.as_deref(), "text")?;
    let Some(file) = &args.output else {
        let text = session.copy_of_minutes(meeting, reader, form)?;
        let json = json!({ "meeting": words::code(session, meeting), "minutes": text });
        return Ok(Output::new(text.trim_end().to_owned(), json));
    };
    let why = args.clear.as_deref().unwrap_or_default();
    let text = session.clear_minutes(meeting, reader, form, args.copies, why)?;
    files::write_new(file, text.as_bytes())?;
    let says = "Saved. It is not locked: whoever gets the file can read it. Delete it when it is handed over.";
    Ok(Output::said(says))
}

/// `meeting send`.
pub(super) fn send(session: &mut Session, args: &SendArgs) -> Result<Output> {
    let meeting = held(session, args.code.as_deref())?;
    let made = session.seal_minutes(meeting)?;
    let mut text = String::new();
    let mut items = Vec::with_capacity(made.sealed.len());
    for copy in &made.sealed {
        let path = args.output.join(&copy.file);
        files::write_new(&path, &copy.bytes)?;
        let _ = writeln!(text, "√ {}  sealed: {}", copy.name, path.display());
        items.push(json!({ "name": copy.name, "file": path.display().to_string() }));
    }
    for name in &made.here {
        let _ = writeln!(text, "· {name}  reads them in this vault");
    }
    for name in &made.without {
        let _ = writeln!(text, "! {name}  has given no card: a numbered printed copy, handed back");
    }
    let code = words::code(session, meeting);
    let how = made.how();
    if how.is_empty() {
        let _ = writeln!(text, "Nobody who was there has given a card of their own, so nothing was sealed.");
    } else {
        let _ = writeln!(text, "When they are handed over: mahoe meeting sent {code} --how \"{how}\"");
    }
    let mut output = Output::list(text.trim_end().to_owned(), items);
    output.json["meeting"] = json!(code);
    output.json["here"] = json!(made.here);
    output.json["without"] = json!(made.without);
    Ok(output)
}

/// `meeting feedback`.
pub(super) fn feedback(session: &Session, meetings: Option<u32>) -> Output {
    let found = session.feedback(meetings);
    let mut table = Table::new(&["Agency", "There", "Given", "In time", "Late", "Open", "Not acted"], 0);
    let mut items = Vec::with_capacity(found.agencies.len());
    for it in &found.agencies {
        table.row([
            it.code.clone(),
            format!("{} of {}", it.attended, it.expected),
            it.given.to_string(),
            it.in_time.to_string(),
            it.late.to_string(),
            it.open.to_string(),
            it.not_acted.to_string(),
        ]);
        items.push(json!({
            "agency": it.code, "expected": it.expected, "attended": it.attended, "given": it.given,
            "in_time": it.in_time, "late": it.late, "open": it.open, "not_acted": it.not_acted,
        }));
    }
    let rows = table.render(output::width(), "No agency was expected, and nothing was given to any.");
    let mut output = Output::list(format!("{}\n\n{rows}", found.over()), items);
    output.json["meetings"] = json!(found.meetings.len());
    output.json["from"] = json!(found.days.map(|(first, _)| first.to_string()));
    output.json["to"] = json!(found.days.map(|(_, last)| last.to_string()));
    output
}

/// A meeting by its code; without one that which runs, or else the last that was held.
fn held(session: &Session, code: Option<&str>) -> Result<ItemId> {
    if code.is_some() {
        return find::meeting(session, code);
    }
    let state = session.state();
    let held = Meeting::all(state).into_iter().filter(|meeting| meeting.started().is_some());
    let last = Meeting::live(state).or_else(|| held.max_by_key(|meeting| (meeting.started(), meeting.0.id)));
    last.map(|meeting| meeting.0.id).ok_or_else(|| {
        AppError::new(Kind::Refused, "No meeting was held yet.", "`mahoe meeting list --all` shows every meeting.")
    })
}
