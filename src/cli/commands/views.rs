//! `views`: the child's own words, and what the child agreed may be told of them.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::teams;
use crate::domain::telling::{self, MayTell};
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::ops::{CaseNote, ViewsTell};
use crate::session::Session;

use super::super::output::Output;
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::done;
use super::consent::parties;

/// `views`.
#[derive(Debug, Subcommand)]
pub enum ViewsCommand {
    /// Show the child's own words, the newest first (goes on record)
    List {
        /// The case's code
        code: String,
        /// Show names too, on record
        #[arg(long)]
        reveal: bool,
    },
    /// Write down what the child said, and what may be told of it
    Add(AddArgs),
    /// Write down what the child agreed may be told
    Tell(TellArgs),
}

/// What may be told.
#[derive(Debug, Args)]
pub struct May {
    /// What may be told: ask (the child is asked first), team (this team), named (--to), nobody
    #[arg(long, value_name = "WORD")]
    pub may: Option<String>,
    /// Who may be told: an agency's code, a parish's team; several times
    #[arg(long, value_name = "NAME")]
    pub to: Vec<String>,
}

/// `views add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The case's code
    pub code: String,
    /// The child's words; asked for if left out, - for standard input
    pub text: Option<String>,
    /// When it was said; now, if left out
    #[arg(long, value_name = "DATE")]
    pub when: Option<String>,
    /// What may be told of it
    #[command(flatten)]
    pub may: May,
}

/// `views tell`.
#[derive(Debug, Args)]
pub struct TellArgs {
    /// The case's code
    pub code: String,
    /// Which: the number that `views list` shows; may be left out where there is one only
    pub number: Option<String>,
    /// What may be told of it
    #[command(flatten)]
    pub may: May,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: ViewsCommand) -> Result<Output> {
    match command {
        ViewsCommand::List { code, reveal } => list(session, &code, reveal),
        ViewsCommand::Add(args) => add(session, cx, args),
        ViewsCommand::Tell(args) => tell(session, &args),
    }
}

/// The child's words in notes, the newest first.
fn notes<'s>(session: &'s Session, case: Case<'_>) -> Vec<&'s Item> {
    let all = session.state().items_in(case.0.stream, ItemKind::Note).filter(|note| note.class == Class::Views);
    let mut all: Vec<&Item> = all.collect();
    all.sort_by_key(|note| (std::cmp::Reverse(note.value(Field::NoteWhen).as_when()), note.id));
    all
}

/// By which a note is named on the command line: as many symbols of its id as tell it from the others.
fn number(note: &Item) -> String {
    note.id.to_string().chars().take(8).collect()
}

fn list(session: &mut Session, code: &str, reveal: bool) -> Result<Output> {
    let id = find::case(session, code)?;
    super::case_show::on_record(session, id, reveal)?;
    session.note_access("views", id, "command line")?;
    let session = &*session;
    let veil = Veil::new(session, Some(id), reveal);
    let Some(case) = Case::get(session.state(), id) else { return Ok(Output::said("")) };
    let mut text = String::new();
    let mut items = Vec::new();
    for note in notes(session, case) {
        let when = note.value(Field::NoteWhen).as_when();
        let may = MayTell::of(note);
        let says = may.words(session.state(), note);
        let said = veil.text(note.str(Field::NoteText));
        let head = format!("{}  {}", number(note), when.map(words::moment).unwrap_or_default());
        let _ = writeln!(text, "{head}\n    {says}");
        text.extend(said.lines().map(|line| format!("    {line}\n")));
        items.push(json!({
            "id": note.id.to_string(),
            "when": when.map(shapes::moment),
            "may": may.code(),
            "to": telling::parties(note.str(Field::NoteTellTo))
                .iter()
                .map(|party| teams::party_name(session.state(), party))
                .collect::<Vec<_>>(),
            "text": said,
        }));
    }
    if items.is_empty() {
        text.push_str("The child's views are not written down yet: mahoe views add");
    }
    Ok(Output::list(text.trim_end().to_owned(), items))
}

/// What was typed of what may be told; `None` if nothing was.
fn typed(session: &Session, may: &May) -> Result<Option<(String, Vec<String>)>> {
    let to = parties(session, &may.to)?;
    let word = match (&may.may, to.is_empty()) {
        (None, true) => return Ok(None),
        (None, false) => MayTell::Named.code().to_owned(),
        (Some(word), _) => word.to_lowercase(),
    };
    Ok(Some((word, to)))
}

fn add(session: &mut Session, cx: &Cx<'_>, args: AddArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let when = args.when.as_deref().map(|when| find::moment_back(session, when)).transpose()?;
    let may = typed(session, &args.may)?;
    let text = input::private(session, cx, args.text, "What the child said")?;
    let note = CaseNote { cases: vec![case], kind: "views".to_owned(), class: Some(Class::Views), text, when };
    let says = session.all_or_nothing(|session| {
        let done = session.run(note)?;
        let Some((may, to)) = may else {
            return Ok(format!("{} The child is asked before it is told to anybody.", done.says));
        };
        let told = session.run(ViewsTell { note: done.made[0], may, to })?;
        Ok(format!("{} {}", done.says, told.says))
    })?;
    Ok(Output::said(says))
}

fn tell(session: &mut Session, args: &TellArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let note = the_note(session, case, args.number.as_deref())?;
    let (may, to) = typed(session, &args.may)?.ok_or_else(|| {
        AppError::new(
            Kind::Usage,
            "It must be said what may be told.",
            "Use --may ask, team, named (with --to) or nobody.",
        )
    })?;
    done(session.run(ViewsTell { note, may, to }))
}

fn the_note(session: &Session, case: ItemId, typed: Option<&str>) -> Result<ItemId> {
    let all = Case::get(session.state(), case).map(|case| notes(session, case)).unwrap_or_default();
    let meant = |note: &&&Item| typed.is_none_or(|typed| note.id.to_string().starts_with(&typed.to_lowercase()));
    let found: Vec<&&Item> = all.iter().filter(meant).collect();
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => Err(AppError::new(
            Kind::Refused,
            "There is no such note of the child's views.",
            "`mahoe views list` shows them with their numbers.",
        )),
        _ => Err(AppError::new(
            Kind::Refused,
            "Several notes of the child's views fit.",
            "Name one by its number: `mahoe views list` shows them.",
        )),
    }
}
