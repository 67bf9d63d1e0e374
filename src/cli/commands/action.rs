//! `action`: who does what by when.

use clap::{Args, Subcommand};

use crate::domain::dates::{self, Lean};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::paper::Form;
use crate::domain::slip;
use crate::domain::views::{Action, is_mine, owner_name};
use crate::error::{AppError, Kind, Result};
use crate::ops::{
    ActionAdd, ActionCancel, ActionDone, ActionEdit, ActionPostpone, ActionReassign, ActionStart, ActionWhy,
};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::{Cx, find, input, shapes, words};
use super::case_edit::{class, codes, done};

/// `action`.
#[derive(Debug, Subcommand)]
pub enum ActionCommand {
    /// Give a member or an agency something to do by a day; prints its code alone
    Add(AddArgs),
    /// The actions: open ones, if nothing is said
    List(ListArgs),
    /// Mark an action as being done
    Start {
        /// The action's code
        id: String,
    },
    /// Mark an action as done
    Done {
        /// The action's code; several may be given
        #[arg(required = true)]
        id: Vec<String>,
    },
    /// Cancel an action that is not needed any more
    Cancel {
        /// The action's code
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Give an action to another member or agency
    Reassign {
        /// The action's code
        id: String,
        /// The new owner
        #[arg(long, value_name = "NAME|AGENCY")]
        owner: String,
    },
    /// Give an action another day; a late one needs a reason
    Postpone {
        /// The action's code
        id: String,
        /// The new day
        #[arg(long, value_name = "DATE")]
        due: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Say why an action is not done
    Why {
        /// The action's code
        id: String,
        /// circumstances (they changed) or agency (it has not acted)
        why: String,
        /// More, in words
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Change the words or the priority of an action
    Edit {
        /// The action's code
        id: String,
        /// The new words, - for standard input
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        /// high, normal or low
        #[arg(long)]
        priority: Option<String>,
    },
    /// A slip for one person: codes and days, no names, nothing about health or police
    Slip {
        /// The member or agency
        name: String,
        /// Print the words of ordinary actions too, with names masked
        #[arg(long)]
        words: bool,
    },
}

/// `action add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What is to be done; asked for if left out, - for standard input
    pub text: Option<String>,
    /// Who does it
    #[arg(long, value_name = "NAME|AGENCY")]
    pub owner: String,
    /// By when: fri, +2w, "12 dec 14:00"
    #[arg(long, value_name = "DATE")]
    pub due: String,
    /// The case; several, with commas, for one action in each; none for an action of the team
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub case: Vec<String>,
    /// high, normal or low
    #[arg(long, default_value = "normal")]
    pub priority: String,
    /// Who may read the words: notes, health, justice or interview
    #[arg(long)]
    pub class: Option<String>,
}

/// `action list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only late ones
    #[arg(long)]
    pub overdue: bool,
    /// Only of this case
    #[arg(long, value_name = "CODE")]
    pub case: Option<String>,
    /// Only of this member or agency
    #[arg(long, value_name = "X")]
    pub owner: Option<String>,
    /// Only what is yours, your agency's, and of those you cover for
    #[arg(long)]
    pub mine: bool,
    /// Done and cancelled ones too
    #[arg(long)]
    pub all: bool,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: ActionCommand) -> Result<Output> {
    match command {
        ActionCommand::Add(args) => add(session, cx, args),
        ActionCommand::List(args) => list(session, &args),
        ActionCommand::Start { id } => {
            let action = find::action(session, &id)?;
            done(session.run(ActionStart { action }))
        }
        ActionCommand::Done { id } => finish(session, cx, &id),
        ActionCommand::Cancel { id, reason } => {
            let action = find::action(session, &id)?;
            let reason = input::text(cx, reason, "Why it is not needed any more")?;
            done(session.run(ActionCancel { action, reason }))
        }
        ActionCommand::Reassign { id, owner } => {
            let action = find::action(session, &id)?;
            let owner = find::owner(session, &owner)?;
            done(session.run(ActionReassign { action, owner }))
        }
        ActionCommand::Postpone { id, due, reason } => {
            let action = find::action(session, &id)?;
            let due = find::day_ahead(session, &due)?;
            let reason = reason.map(|reason| input::text(cx, Some(reason), "Why")).transpose()?.unwrap_or_default();
            done(session.run(ActionPostpone { action, due, reason }))
        }
        ActionCommand::Why { id, why, note } => {
            let action = find::action(session, &id)?;
            let why = find::choice(session, "why", &why)?;
            input::check_private(session.practice(), cx, note.as_deref(), "Note")?;
            let note = note.map(|note| input::text(cx, Some(note), "Note")).transpose()?.unwrap_or_default();
            done(session.run(ActionWhy { action, why, note }))
        }
        ActionCommand::Edit { id, text, priority } => {
            let action = find::action(session, &id)?;
            let text = text.map(|text| input::text(cx, Some(text), "What is to be done")).transpose()?;
            let priority = priority.map(|priority| find::choice(session, "priority", &priority)).transpose()?;
            done(session.run(ActionEdit { action, text, priority }))
        }
        ActionCommand::Slip { name, words } => slip(session, &name, words),
    }
}

fn add(session: &mut Session, cx: &Cx<'_>, args: AddArgs) -> Result<Output> {
    let cases = args.case.iter().map(|code| find::case(session, code)).collect::<Result<Vec<_>>>()?;
    let owner = find::owner(session, &args.owner)?;
    let when = dates::parse(&args.due, session.today_date(), Lean::Ahead).map_err(|error| {
        AppError::new(Kind::Usage, "The day can't be read.", format!("{}.", output::sentence(&error.to_string())))
    })?;
    let time = when.time.map(dates::minutes_of);
    let priority = find::choice(session, "priority", &args.priority)?;
    let class = args.class.as_deref().map(class).transpose()?;
    let text = input::text(cx, args.text, "What is to be done")?;
    let several = cases.len().max(1);
    let op = ActionAdd { cases, text, owner, due: when.date, time, priority, class, backdated: false };
    let made = session.run(op)?.made;
    Ok(codes(session, &made[..several.min(made.len())]))
}

/// Several at once are done together or not at all.
fn finish(session: &mut Session, cx: &Cx<'_>, ids: &[String]) -> Result<Output> {
    let actions = ids.iter().map(|id| find::action(session, id)).collect::<Result<Vec<_>>>()?;
    if let [action] = *actions {
        return done(session.run(ActionDone { action }));
    }
    let count = actions.len();
    let all = |session: &mut Session| {
        actions.iter().try_for_each(|action| session.run(ActionDone { action: *action }).map(drop))
    };
    if cx.atomic {
        all(session)?;
    } else {
        session.all_or_nothing(all)?;
    }
    Ok(Output::said(format!("{count} actions are done.")))
}

fn list(session: &mut Session, args: &ListArgs) -> Result<Output> {
    let case = args.case.as_deref().map(|code| find::case(session, code)).transpose()?;
    let owner = args.owner.as_deref().map(|owner| find::owner(session, owner)).transpose()?;
    let today = session.today_date();
    let state = session.state();
    let late = |action: &Action<'_>| action.is_open() && action.due().is_some_and(|due| due < today);
    let mut actions: Vec<Action<'_>> = state
        .items(ItemKind::Action)
        .map(Action)
        .filter(|action| args.all || action.is_open())
        .filter(|action| !args.overdue || late(action))
        .filter(|action| case.is_none_or(|case| action.0.stream.item() == case))
        .filter(|action| owner.is_none() || action.owner() == owner)
        .filter(|action| !args.mine || is_mine(state, session.me(), action.owner(), today))
        .collect();
    actions.sort_by_key(|action| (!action.is_open(), action.due(), action.0.id));
    let mut table = Table::new(&["Action", "Case", "What", "Owner", "Due", "State"], 2);
    let mut items = Vec::with_capacity(actions.len());
    for action in actions {
        items.push(shapes::action(session, action, false));
        let time = action.minutes().map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60));
        let due = action
            .due()
            .map(|due| if action.is_open() { words::due(due, time, today) } else { dates::people(due, today) });
        table.row([
            words::code(session, action.0.id),
            action.case(state).map_or_else(|| "–".to_owned(), |case| words::code(session, case.0.id)),
            words::action(session, action, false),
            owner_name(state, action.owner()).into_owned(),
            due.unwrap_or_default(),
            state_of(session, action),
        ]);
    }
    let text = table.render(output::width(), "No action here. `mahoe action add` makes one.");
    Ok(Output::list(text, items))
}

fn state_of(session: &Session, action: Action<'_>) -> String {
    let pack = session.pack();
    match action.0.str(Field::ActionWhy) {
        why if !why.is_empty() && action.is_open() => format!("not done: {}", pack.label("why", why)),
        _ => pack.label("action-state", action.state()).to_owned(),
    }
}

/// A slip of paper that one person can take away: nothing on it says whom it is about.
fn slip(session: &mut Session, name: &str, with_words: bool) -> Result<Output> {
    let owner = find::owner(session, name)?;
    let ids = open_of(session, owner);
    session.note_access("print", owner, "action slip")?;
    let session = &*session;
    let today = session.today_date();
    let who = owner_name(session.state(), Some(owner));
    let mut items = Vec::with_capacity(ids.len());
    let mut tasks = Vec::with_capacity(ids.len());
    for action in ids.iter().filter_map(|id| Action::get(session.state(), *id)) {
        let case = action.case(session.state()).map(|case| words::code(session, case.0.id));
        let due = action.due().map(|due| due.format("%a %-d %b %Y").to_string()).unwrap_or_default();
        let open = with_words && action.0.class == crate::domain::class::Class::Notes;
        let own = open.then(|| words::action(session, action, false));
        let code = words::code(session, action.0.id);
        tasks.push(slip::Task {
            what: own.as_ref().map_or_else(|| code.clone(), |own| format!("{code}  {own}")),
            about: case.as_ref().map_or_else(|| "the team".to_owned(), |case| format!("case {case}")),
            by: due,
            who: String::new(),
        });
        let due = action.due().map(|due| due.format("%Y-%m-%d").to_string());
        items.push(serde_json::json!({ "code": code, "case": case, "due": due, "text": own }));
    }
    let day = today.format("%A %-d %B %Y").to_string();
    let paper = slip::paper(&who, &day, session.practice(), &tasks);
    Ok(Output::list(paper.render(Form::Text).trim_end().to_owned(), items))
}

fn open_of(session: &Session, owner: ItemId) -> Vec<ItemId> {
    let state = session.state();
    let theirs = state.items(ItemKind::Action).map(Action).filter(|it| it.is_open() && it.owner() == Some(owner));
    let mut all: Vec<Action<'_>> = theirs.collect();
    all.sort_by_key(|action| (action.due(), action.0.id));
    all.into_iter().map(|action| action.0.id).collect()
}
