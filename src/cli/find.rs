//! From what stands on the command line to items and values; each failure says what would fit.

use chrono::NaiveDate;

use crate::domain::dates::{self, Lean};
use crate::domain::field::{Field, ItemKind};
use crate::domain::find::{self, NotFound};
use crate::domain::ids::ItemId;
use crate::domain::meeting::Meeting;
use crate::domain::typed;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::session::Session;

/// A case by its code.
pub fn case(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Case, "`mahoe case list --all` shows every code.")
}

/// An action by its code.
pub fn action(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Action, "`mahoe action list --all` shows every code.")
}

/// A follow-up by its code.
pub fn followup(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::FollowUp, "`mahoe followup list --all` shows every code.")
}

/// A referral by its code.
pub fn referral(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Referral, "`mahoe referral list` shows every code.")
}

/// A screening by its code.
pub fn screening(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Screening, "`mahoe screening list` with the case's code shows every code.")
}

/// A service by its code.
pub fn service(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Service, "`mahoe service list` shows every code.")
}

/// Somebody in a case by their code.
pub fn someone(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Person, "`mahoe person list CASE` shows the codes of a case's people.")
}

/// A document by its code.
pub fn document(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Document, "`mahoe document list CASE` shows the codes of a case's documents.")
}

/// A meeting by its code; without one, the meeting that runs, or else the next.
pub fn meeting(session: &Session, code: Option<&str>) -> Result<ItemId> {
    if let Some(code) = code {
        return by_code(session, code, ItemKind::Meeting, "`mahoe meeting list --all` shows every code.");
    }
    let state = session.state();
    let found = Meeting::live(state).or_else(|| Meeting::next(state, session.today_date()));
    found.map(|meeting| meeting.0.id).ok_or_else(|| {
        AppError::new(
            Kind::Refused,
            "No meeting runs, and none is planned.",
            "Plan one with `mahoe meeting new`, or name an earlier one by its code.",
        )
    })
}

/// An outreach event by its code.
pub fn outreach(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Outreach, "`mahoe outreach list --all` shows every code.")
}

/// A training by its code.
pub fn training(session: &Session, code: &str) -> Result<ItemId> {
    by_code(session, code, ItemKind::Training, "`mahoe training list` shows every code.")
}

fn by_code(session: &Session, code: &str, kind: ItemKind, hint: &str) -> Result<ItemId> {
    find::code(session.state(), code, kind).map_err(|error| match error {
        NotFound::Nobody => AppError::new(Kind::Refused, format!("There is no {} {}.", kind.name(), short(code)), hint),
        NotFound::Several(codes) => AppError::new(
            Kind::Refused,
            format!("{} can mean several.", short(code)),
            format!("Say which: {}.", codes.join(", ")),
        ),
        NotFound::Code(error) => AppError::new(Kind::Usage, format!("{} is no code: {error}.", short(code)), hint),
    })
}

/// A case, action or follow-up by its code.
pub fn any(session: &Session, code: &str) -> Result<ItemId> {
    let kinds = [ItemKind::Case, ItemKind::Action, ItemKind::FollowUp];
    let found = kinds.into_iter().find_map(|kind| find::code(session.state(), code, kind).ok());
    found.map_or_else(|| case(session, code), Ok)
}

/// A member of the team by handle, name or the beginning of one.
pub fn member(session: &Session, text: &str) -> Result<ItemId> {
    person(session, text, false)
}

/// A member, or an agency by its code.
pub fn owner(session: &Session, text: &str) -> Result<ItemId> {
    person(session, text, true)
}

/// An agency by its code or name.
pub fn agency(session: &Session, text: &str) -> Result<ItemId> {
    found(find::agency(session.state(), text), text, "agency")
}

fn person(session: &Session, text: &str, agencies: bool) -> Result<ItemId> {
    let kind = if agencies { "member or agency" } else { "member" };
    found(find::owner(session.state(), text, agencies), text, kind)
}

fn found(found: std::result::Result<ItemId, NotFound>, text: &str, kind: &str) -> Result<ItemId> {
    found.map_err(|error| match error {
        NotFound::Several(names) => AppError::new(
            Kind::Refused,
            format!("\"{}\" can mean several.", short(text)),
            format!("Say which: {}.", names.join(", ")),
        ),
        _ => AppError::new(
            Kind::Refused,
            format!("There is no {kind} called \"{}\".", short(text)),
            "`mahoe team list` shows everybody and every agency.",
        ),
    })
}

/// A day to act by.
pub fn day_ahead(session: &Session, text: &str) -> Result<NaiveDate> {
    dates::parse_date(text, session.today_date(), Lean::Ahead).map_err(|error| not_read(text, &error.to_string()))
}

/// A day and hour to come.
pub fn moment_ahead(session: &Session, text: &str) -> Result<chrono::DateTime<chrono::Utc>> {
    let when = dates::parse(text, session.today_date(), Lean::Ahead);
    let when = when.map_err(|error| not_read(text, &error.to_string()))?;
    let time = when.time.ok_or_else(|| {
        AppError::new(Kind::Usage, "The hour is missing.", "Say the day and the hour, like \"tue 10:00\".")
    })?;
    Ok(dates::at(when.date, time).to_utc())
}

/// A moment in the past: a day, with or without a time.
pub fn moment_back(session: &Session, text: &str) -> Result<chrono::DateTime<chrono::Utc>> {
    let when = dates::parse(text, session.today_date(), Lean::Back);
    let when = when.map_err(|error| not_read(text, &error.to_string()))?;
    Ok(dates::at(when.date, when.time.unwrap_or(chrono::NaiveTime::MIN)).to_utc())
}

/// The value of a field as typed.
pub fn value(session: &Session, field: Field, text: &str) -> Result<Value> {
    typed::value(session.state(), session.pack(), session.today_date(), field, text).map_err(|error| {
        AppError::new(
            Kind::Usage,
            format!("\"{}\" does not fit: {error}.", field.def().label),
            "Type it again in that form.",
        )
    })
}

/// The code of a choice from one of the policy's lists.
pub fn choice(session: &Session, list: &str, text: &str) -> Result<String> {
    typed::choice(session.pack(), list, text).map(str::to_owned).map_err(|error| {
        AppError::new(
            Kind::Usage,
            format!("The policy has no such {list}."),
            format!("{}.", super::output::sentence(&error)),
        )
    })
}

/// The kind of help that was named by its code or its whole name; empty where it is words of somebody's own.
pub fn service_kind(session: &Session, text: &str) -> String {
    let wanted = text.trim().to_lowercase();
    let kinds = &session.pack().services;
    let found = kinds.iter().find(|kind| kind.code == wanted || kind.label.to_lowercase() == wanted);
    found.map(|kind| kind.code.clone()).unwrap_or_default()
}

/// `FIELD=VALUE` arguments.
pub fn sets(session: &Session, kind: ItemKind, sets: &[String]) -> Result<Vec<(Field, Value)>> {
    sets.iter()
        .map(|set| split(set).and_then(|(name, text)| Ok((field(kind, name)?, text))))
        .map(|set| {
            let (field, text) = set?;
            Ok((field, value(session, field, text)?))
        })
        .collect()
}

/// `NAME=VALUE`.
pub fn split(text: &str) -> Result<(&str, &str)> {
    text.split_once('=').map(|(name, value)| (name.trim(), value)).ok_or_else(|| {
        AppError::new(Kind::Usage, "A field and its value are needed.", "Write FIELD=VALUE, like risk=high.")
    })
}

/// A field by its name on the command line.
pub fn field(kind: ItemKind, name: &str) -> Result<Field> {
    Field::named(kind, &name.to_lowercase()).ok_or_else(|| {
        let names: Vec<&str> = Field::of(kind).map(|def| def.name).collect();
        AppError::new(
            Kind::Usage,
            format!("A {} has no field \"{}\".", kind.name(), short(name)),
            format!("The fields are: {}.", names.join(", ")),
        )
    })
}

fn not_read(text: &str, why: &str) -> AppError {
    AppError::new(
        Kind::Usage,
        format!("\"{}\" can't be read as a day.", short(text)),
        format!("{}.", super::output::sentence(why)),
    )
}

/// What was typed, at a length that fits into a message.
fn short(text: &str) -> String {
    super::output::cut(&crate::domain::clean::line(text), 40)
}
