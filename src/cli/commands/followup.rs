//! `followup`: planned contacts with the child or the household.

use clap::{Args, Subcommand};

use crate::domain::dates::Span;
use crate::domain::field::{Field, ItemKind};
use crate::domain::views::{Case, FollowUp, owner_name};
use crate::error::{AppError, Kind, Result};
use crate::ops::{FollowUpAdd, FollowUpCancel, FollowUpDone, FollowUpMissed, FollowUpMove, FollowUpReassign};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::{codes, done};

/// `followup`.
#[derive(Debug, Subcommand)]
pub enum FollowupCommand {
    /// Plan a contact; prints its code alone (one for each case, if several are named)
    Add(AddArgs),
    /// The planned contacts
    List(ListArgs),
    /// Record that the contact was made; a repeating one plans its next
    Done {
        /// The follow-up's code
        id: String,
        /// What was found, - for standard input
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Record that the contact could not be made, and why
    Missed {
        /// The follow-up's code
        id: String,
        /// Why; asked for if left out
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Give a planned contact another day
    Move {
        /// The follow-up's code
        id: String,
        /// The new day
        #[arg(long, value_name = "DATE")]
        due: String,
        /// Why; needed where the day is past
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Give a planned contact to another member or agency
    Reassign {
        /// The follow-up's code
        id: String,
        /// Who makes it
        #[arg(long, value_name = "NAME|AGENCY")]
        who: String,
    },
    /// Cancel a planned contact that is not needed any more, and what would repeat it
    Cancel {
        /// The follow-up's code
        id: String,
        /// Why; asked for if left out
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

/// `followup add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The case's code; several, with commas, for the same contact in linked cases
    pub code: String,
    /// The day
    #[arg(long, value_name = "DATE")]
    pub due: String,
    /// What contact: "home visit", call, …
    #[arg(long, value_name = "TEXT")]
    pub kind: String,
    /// How often it repeats: 2w, "10 days"
    #[arg(long, value_name = "SPAN")]
    pub every: Option<String>,
    /// Who makes it; the lead, if left out
    #[arg(long, value_name = "NAME|AGENCY")]
    pub who: Option<String>,
}

/// `followup list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this case
    #[arg(long, value_name = "CODE")]
    pub case: Option<String>,
    /// Only late ones
    #[arg(long)]
    pub overdue: bool,
    /// Made, missed and cancelled ones too
    #[arg(long)]
    pub all: bool,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: FollowupCommand) -> Result<Output> {
    match command {
        FollowupCommand::Add(args) => add(session, &args),
        FollowupCommand::List(args) => list(session, &args),
        FollowupCommand::Done { id, note } => {
            let followup = find::followup(session, &id)?;
            input::check_private(session.practice(), cx, note.as_deref(), "Note")?;
            let note = note.map(|note| input::text(cx, Some(note), "Note")).transpose()?.unwrap_or_default();
            done(session.run(FollowUpDone { followup, note }))
        }
        FollowupCommand::Missed { id, note } => {
            let followup = find::followup(session, &id)?;
            let note = input::private(session, cx, note, "Why it could not be made")?;
            done(session.run(FollowUpMissed { followup, note }))
        }
        FollowupCommand::Move { id, due, reason } => {
            let followup = find::followup(session, &id)?;
            let due = find::day_ahead(session, &due)?;
            input::check_private(session.practice(), cx, reason.as_deref(), "Reason")?;
            let reason = reason.map(|why| input::text(cx, Some(why), "Reason")).transpose()?.unwrap_or_default();
            done(session.run(FollowUpMove { followup, due, reason }))
        }
        FollowupCommand::Reassign { id, who } => {
            let followup = find::followup(session, &id)?;
            let who = find::owner(session, &who)?;
            done(session.run(FollowUpReassign { followup, who }))
        }
        FollowupCommand::Cancel { id, reason } => {
            let followup = find::followup(session, &id)?;
            let reason = input::private(session, cx, reason, "Why it is not needed any more")?;
            done(session.run(FollowUpCancel { followup, reason }))
        }
    }
}

fn add(session: &mut Session, args: &AddArgs) -> Result<Output> {
    let cases = args.code.split(',').map(|code| find::case(session, code)).collect::<Result<Vec<_>>>()?;
    let due = find::day_ahead(session, &args.due)?;
    let every = args.every.as_deref().map(|every| span(session, every)).transpose()?;
    let who = args.who.as_deref().map(|who| find::owner(session, who)).transpose()?;
    // A code of the policy's list reads as its label.
    let kind = session.pack().label("followup-kind", &args.kind).to_owned();
    let made = session.run(FollowUpAdd { cases, kind, due, every, who })?.made;
    Ok(codes(session, &made))
}

/// Days between two contacts; months are counted from today.
fn span(session: &Session, text: &str) -> Result<u16> {
    let wrong = |why: &str| AppError::new(Kind::Usage, "That span can't be read.", why.to_owned());
    let span = Span::parse(text.trim_start_matches("every "))
        .map_err(|error| wrong(&format!("{}.", output::sentence(&error.to_string()))))?;
    let today = session.today_date();
    let days = span.after(today).map(|next| next.signed_duration_since(today).num_days());
    days.and_then(|days| u16::try_from(days).ok()).ok_or_else(|| wrong("Give a shorter one: 2w, \"10 days\", 3m."))
}

fn list(session: &mut Session, args: &ListArgs) -> Result<Output> {
    let case = args.case.as_deref().map(|code| find::case(session, code)).transpose()?;
    let today = session.today_date();
    let state = session.state();
    let mut all: Vec<FollowUp<'_>> = state
        .items(ItemKind::FollowUp)
        .map(FollowUp)
        .filter(|it| args.all || it.is_planned())
        .filter(|it| !args.overdue || (it.is_planned() && it.due().is_some_and(|due| due < today)))
        .filter(|it| case.is_none_or(|case| it.0.stream.item() == case))
        .collect();
    all.sort_by_key(|it| (!it.is_planned(), it.due(), it.0.id));
    let mut table = Table::new(&["Follow-up", "Case", "Contact", "By", "Due", "State"], 2);
    let mut items = Vec::with_capacity(all.len());
    for followup in all {
        items.push(shapes::followup(session, followup, false));
        let case = Case::of_stream(state, followup.0.stream).map(|case| case.0.id);
        let due = followup.due().map(|due| {
            if followup.is_planned() { words::due(due, None, today) } else { crate::domain::dates::people(due, today) }
        });
        table.row([
            words::code(session, followup.0.id),
            case.map_or_else(|| "–".to_owned(), |case| words::code(session, case)),
            Veil::new(session, case, false).text(followup.kind()),
            owner_name(state, followup.who()).into_owned(),
            due.unwrap_or_default(),
            session.pack().label("followup-state", followup.0.str(Field::FollowUpState)).to_owned(),
        ]);
    }
    let text = table.render(output::width(), "No follow-up here. `mahoe followup add` plans one.");
    Ok(Output::list(text, items))
}
