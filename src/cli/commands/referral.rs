//! `referral`: cases that another team or an agency was asked to take up, and the answers.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::field::ItemKind;
use crate::domain::ids::ItemId;
use crate::domain::referral::{self, Referral};
use crate::domain::teams;
use crate::error::{AppError, Kind, Result};
use crate::ops::{Answer, ReferralAnswer, ReferralReceive, ReferralRevoke, ReferralSeen, ReferralSend};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::{codes, done};
use super::consent::optional;

/// `referral`.
#[derive(Debug, Subcommand)]
pub enum ReferralCommand {
    /// Put on record that an agency of your parish was asked; prints the referral's code alone
    Send(SendArgs),
    /// Referrals: those that wait for an answer first
    List(ListArgs),
    /// It has arrived; an answer is still to come
    Receive {
        /// The referral's code
        id: String,
    },
    /// It is taken up; of a transfer: your team is responsible from now on
    Accept(AnswerArgs),
    /// It is not taken up, and why
    Decline(AnswerArgs),
    /// What was asked for is done: the service was given
    Done(DoneArgs),
    /// Take note of an answer: it leaves Today
    Seen {
        /// The referral's code
        id: String,
    },
    /// Take back what was asked
    Revoke {
        /// The referral's code
        id: String,
        /// Why; asked for if left out
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

/// `referral send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The case's code
    pub code: String,
    /// Who is asked: an agency of your own parish
    #[arg(long, value_name = "AGENCY")]
    pub to: String,
    /// What is asked for: a kind of help of the policy (counselling, medical, …), or words
    #[arg(long, value_name = "KIND|TEXT")]
    pub service: String,
    /// More words about what is asked for; no names
    #[arg(long, value_name = "TEXT")]
    pub about: Option<String>,
    /// high, normal or low; from the risk, if left out
    #[arg(long, value_name = "URGENCY")]
    pub urgency: Option<String>,
    /// Why; asked for if left out
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Send it although consent is lacking, for this reason (coordinator or deputy)
    #[arg(long = "override", value_name = "REASON")]
    pub over: Option<String>,
}

/// `referral list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this case
    #[arg(long, value_name = "CODE")]
    pub case: Option<String>,
    /// Only what nobody has answered
    #[arg(long)]
    pub awaiting: bool,
    /// Only what is late to be answered, and whom to turn to
    #[arg(long)]
    pub late: bool,
}

/// `referral done`.
#[derive(Debug, Args)]
pub struct DoneArgs {
    /// The answer.
    #[command(flatten)]
    pub answer: AnswerArgs,
    /// What came of it: completed, partly, stopped-by-child, moved, not-available, other
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// On which day it was given; today, if left out
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
}

/// `referral accept`, `decline`, `done`.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// The referral's code
    pub id: String,
    /// The words of the answer; for decline asked for if left out; - for standard input
    #[arg(long, value_name = "TEXT", visible_alias = "reason")]
    pub note: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: ReferralCommand) -> Result<Output> {
    match command {
        ReferralCommand::Send(args) => send(session, cx, args),
        ReferralCommand::List(args) => list(session, &args),
        ReferralCommand::Receive { id } => {
            let referral = find::referral(session, &id)?;
            done(session.run(ReferralReceive { referral }))
        }
        ReferralCommand::Seen { id } => {
            let referral = find::referral(session, &id)?;
            done(session.run(ReferralSeen { referral }))
        }
        ReferralCommand::Accept(args) => answer(session, cx, args, Answer::Accept),
        ReferralCommand::Decline(args) => answer(session, cx, args, Answer::Decline),
        ReferralCommand::Done(args) => given(session, cx, args),
        ReferralCommand::Revoke { id, reason } => {
            let referral = find::referral(session, &id)?;
            let reason = input::private(session, cx, reason, "Why it is taken back")?;
            done(session.run(ReferralRevoke { referral, reason }))
        }
    }
}

fn send(session: &mut Session, cx: &Cx<'_>, args: SendArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let to = agency(session, &args.to)?;
    let urgency = args.urgency.as_deref().map(|urgency| find::choice(session, "priority", urgency)).transpose()?;
    input::check_private(session.practice(), cx, args.over.as_deref(), "Override")?;
    let reason = input::private(session, cx, args.reason, "Why")?;
    // A kind of help by its code or name, else words of the team's own.
    let category = find::service_kind(session, &args.service);
    let about = args.about.unwrap_or_default();
    let service = if category.is_empty() && about.is_empty() { args.service } else { about };
    let op = ReferralSend {
        case,
        to,
        kind: "refer".to_owned(),
        category,
        service,
        urgency: urgency.unwrap_or_default(),
        reason,
        override_reason: args.over.unwrap_or_default(),
    };
    let made = session.run(op)?.made;
    Ok(codes(session, &made[..1]))
}

/// The agency that is asked. Another parish's team is asked by the bundle that takes the case to it.
fn agency(session: &Session, typed: &str) -> Result<String> {
    match teams::find_party(session.state(), typed) {
        Ok(party) if teams::agency_code(&party).is_some() => Ok(party),
        Err(several) if several.is_empty() => Err(AppError::new(
            Kind::Refused,
            format!("No agency here is called \"{}\".", typed.trim()),
            "`mahoe team list` shows the agencies; `mahoe team agency` adds one.",
        )),
        _ => Err(AppError::new(
            Kind::Refused,
            "Another parish's team is asked by the bundle that takes the case to it.",
            "Export it for them (`mahoe bundle export`): the referral is put on record with it.",
        )),
    }
}

fn answer(session: &mut Session, cx: &Cx<'_>, args: AnswerArgs, answer: Answer) -> Result<Output> {
    let referral = find::referral(session, &args.id)?;
    let words = if answer == Answer::Decline {
        input::private(session, cx, args.note, "Why it is declined")?
    } else {
        optional(session, cx, args.note, "Note")?
    };
    done(session.run(ReferralAnswer::new(referral, answer, words)))
}

fn given(session: &mut Session, cx: &Cx<'_>, args: DoneArgs) -> Result<Output> {
    let referral = find::referral(session, &args.answer.id)?;
    let words = optional(session, cx, args.answer.note, "Note")?;
    let outcome = args.outcome.map(|outcome| find::choice(session, "service-outcome", &outcome)).transpose()?;
    let given = args.on.map(|on| find::value(session, Field::ReferralGiven, &on)).transpose()?;
    let answer = ReferralAnswer::new(referral, Answer::Done, words);
    let given = given.and_then(|given| given.as_date());
    done(session.run(ReferralAnswer { outcome: outcome.unwrap_or_default(), given, ..answer }))
}

fn list(session: &mut Session, args: &ListArgs) -> Result<Output> {
    let case = args.case.as_deref().map(|code| find::case(session, code)).transpose()?;
    let state = session.state();
    let mut all: Vec<Referral<'_>> = if args.late {
        referral::late(state, session.now())
    } else if args.awaiting {
        referral::awaiting_answer(state).into_iter().chain(referral::to_answer(state)).collect()
    } else {
        state.items(ItemKind::Referral).map(Referral).collect()
    };
    let last = if args.late { "Turn to" } else { "" };
    all.retain(|referral| case.is_none_or(|case| referral.0.stream.item() == case));
    all.sort_by_key(|it| {
        (!it.is_waiting(), if it.is_waiting() { it.due() } else { None }, std::cmp::Reverse(it.sent()), it.0.id)
    });
    let mut table = Table::new(&["Referral", "Case", "", "For", "Sent", "State", last], 3);
    for referral in &all {
        let case = referral.case(state).map(|case| case.0.id);
        let arrow = if referral.is_ours(state) { "to" } else { "from" };
        table.row([
            words::code(session, referral.0.id),
            case.map_or_else(|| "–".to_owned(), |case| words::code(session, case)),
            format!("{arrow} {}", referral.other_side(state)),
            subject(session, *referral, &Veil::new(session, case, false)),
            referral.sent().map(words::moment).unwrap_or_default(),
            standing(session, *referral),
            if args.late { above(session, *referral).join("; ") } else { String::new() },
        ]);
    }
    let empty = if args.late {
        "Nothing is late to be answered."
    } else if args.awaiting {
        "Nothing waits for an answer."
    } else {
        "No referral here. `mahoe referral send` makes one."
    };
    let items = all.iter().map(|referral| shape(session, *referral)).collect();
    Ok(Output::list(table.render(output::width(), empty), items))
}

/// Whom to turn to, cleaned.
fn above(session: &Session, referral: Referral<'_>) -> Vec<String> {
    referral.above(session.state()).iter().map(|line| clean::shown(line).into_owned()).collect()
}

/// What was asked for: "counselling", "take the case over".
fn subject(session: &Session, referral: Referral<'_>, veil: &Veil) -> String {
    match (referral.is_transfer(), referral.subject(session.pack())) {
        (true, "") => session.pack().label("referral-kind", "transfer").to_owned(),
        (true, service) => format!("{}: {}", session.pack().label("referral-kind", "transfer"), veil.text(service)),
        (false, service) => veil.text(service),
    }
}

/// "sent, no answer for 3 days, 1 day late", "declined 12 Nov".
pub(super) fn standing(session: &Session, referral: Referral<'_>) -> String {
    let today = session.today_date();
    let day = |when: chrono::DateTime<chrono::Utc>| when.with_timezone(&dates::jamaica()).date_naive();
    let mut text = session.pack().label("referral-state", referral.state()).to_owned();
    if referral.is_waiting() {
        if let Some(due) = referral.due() {
            let due = day(due);
            let late = due < today;
            let says =
                if late { dates::distance(due, today) } else { format!("answer due {}", dates::people(due, today)) };
            text.push_str(", ");
            text.push_str(&says);
        }
    } else if let Some(when) = referral.answered() {
        text.push(' ');
        text.push_str(&dates::people(day(when), today));
        if !referral.outcome().is_empty() {
            text.push_str(": ");
            text.push_str(session.pack().label("service-outcome", referral.outcome()));
        }
    }
    text
}

/// The referrals of a case, one a line, for `case show`.
pub(super) fn lines(session: &Session, case: crate::domain::views::Case<'_>, veil: &Veil) -> Vec<String> {
    let state = session.state();
    let line = |it: Referral<'_>| {
        let arrow = if it.is_ours(state) { "to" } else { "from" };
        let answer = if it.answer().is_empty() { String::new() } else { format!("  \"{}\"", veil.text(it.answer())) };
        let (code, other) = (words::code(session, it.0.id), it.other_side(state));
        format!("{code}  {arrow} {other}: {}  {}{answer}", subject(session, it, veil), standing(session, it))
    };
    referral::referrals(state, case).into_iter().map(line).collect()
}

/// A referral in `--json`.
pub(super) fn shape(session: &Session, referral: Referral<'_>) -> Json {
    let state = session.state();
    let case: Option<ItemId> = referral.case(state).map(|case| case.0.id);
    let veil = Veil::new(session, case, false);
    let at = |field| shapes::value(session, field, &referral.0.value(field), &veil);
    let late = referral.is_waiting() && referral.due().is_some_and(|due| due < session.now());
    json!({
        "code": words::code(session, referral.0.id),
        "id": referral.0.id.to_string(),
        "case": case.map(|case| words::code(session, case)),
        "kind": referral.kind(),
        "direction": if referral.is_ours(state) { "out" } else { "in" },
        "other": referral.other_side(state),
        "category": at(Field::ReferralCategory),
        "service": at(Field::ReferralService),
        "by": at(Field::ReferralBy),
        "urgency": at(Field::ReferralUrgency),
        "reason": at(Field::ReferralReason),
        "sent": at(Field::ReferralSent),
        "due": at(Field::ReferralDue),
        "late": late,
        "state": referral.state(),
        "answer": at(Field::ReferralAnswer),
        "received": at(Field::ReferralReceived),
        "answered": at(Field::ReferralAnswered),
        "given": at(Field::ReferralGiven),
        "outcome": at(Field::ReferralOutcome),
        "seen": at(Field::ReferralSeen),
        "turn_to": if late { above(session, referral) } else { Vec::new() },
        "override": at(Field::ReferralOverride),
    })
}
