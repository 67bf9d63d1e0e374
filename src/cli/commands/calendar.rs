//! `calendar`: a month, and what stands on its days.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};
use clap::Args;
use serde_json::{Value as Json, json};

use crate::domain::calendar_view::{self, Day, Entry, Kind, Thing};
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::meeting::{Meeting, Phase, Series};
use crate::domain::outreach::{self, Event};
use crate::domain::today::What;
use crate::domain::training::{TOPICS, Training};
use crate::domain::views::owner_name;
use crate::error::{AppError, Kind as Trouble, Result};
use crate::session::Session;

use super::super::output::{self, Output, Table, cut};
use super::super::{shapes, words};
use super::meeting_show;

/// How wide a day of the grid is, in columns.
const CELL: usize = 11;

/// `calendar`.
#[derive(Debug, Args)]
pub struct CalendarArgs {
    /// Another month than this one, like 2026-12
    #[arg(long, value_name = "YEAR-MONTH")]
    pub month: Option<String>,
}

/// Prints a month.
///
/// # Errors
/// [`Trouble::Usage`] if the month can't be read.
pub(in crate::cli) fn run(session: &Session, args: &CalendarArgs) -> Result<Output> {
    let of = args.month.as_deref().map_or_else(|| Ok(session.today_date()), month)?;
    let entries = session.calendar_entries(calendar_view::month_span(of));
    let weeks = calendar_view::month(of, &entries, session.calendar());
    let inside = |day: NaiveDate| day.format("%Y-%m").to_string() == of.format("%Y-%m").to_string();
    let listed: Vec<&Entry> = entries.iter().filter(|entry| inside(entry.day())).collect();
    let text = format!("{}\n\n{}", grid(session, of, &weeks), list(session, &weeks, &listed));
    let mut output = Output::list(text, listed.iter().map(|entry| shape(session, entry)).collect());
    output.json["month"] = json!(of.format("%Y-%m").to_string());
    output.json["days"] = weeks.iter().flatten().filter(|day| day.inside).map(day_shape).collect();
    Ok(output)
}

/// A month as it is typed: `2026-12`.
fn month(text: &str) -> Result<NaiveDate> {
    let day = NaiveDate::parse_from_str(&format!("{}-01", text.trim()), "%Y-%m-%d").ok();
    let fits = |day: &NaiveDate| (dates::FIRST_YEAR..=dates::LAST_YEAR).contains(&day.year());
    day.filter(fits).ok_or_else(|| {
        AppError::new(Trouble::Usage, "This month can't be read.", "Say it as year and month, like 2026-12.")
    })
}

fn grid(session: &Session, of: NaiveDate, weeks: &[Vec<Day>]) -> String {
    let today = session.today_date();
    let mut text = of.format("%B %Y\n").to_string();
    for name in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] {
        // Writing into a string can't fail.
        let _ = write!(text, "{name:<CELL$}");
    }
    text.truncate(text.trim_end().len());
    for week in weeks {
        text.push('\n');
        for day in week {
            let _ = write!(text, "{:<CELL$}", cell(day, today));
        }
        text.truncate(text.trim_end_matches(' ').len());
    }
    text.push_str("\n< today · h holiday · ! late · M meetings · C contacts · D deadlines");
    text
}

/// "24< !2 M1", cut to its place.
fn cell(day: &Day, today: NaiveDate) -> String {
    if !day.inside {
        return String::new();
    }
    let sign = match day {
        day if day.date == today => "<",
        day if day.holiday.is_some() => "h",
        _ => " ",
    };
    let mut text = format!("{:>2}{sign}", day.date.day());
    for (letter, count) in [
        ("!", day.late),
        (Kind::Meeting.letter(), day.meetings),
        (Kind::Contact.letter(), day.contacts),
        (Kind::Deadline.letter(), day.deadlines),
    ] {
        if count > 0 {
            // Writing into a string can't fail.
            let _ = write!(text, "{letter}{count}");
        }
    }
    cut(&text, CELL - 1)
}

fn list(session: &Session, weeks: &[Vec<Day>], entries: &[&Entry]) -> String {
    let today = session.today_date();
    let mut table = Table::new(&["", "", "", "", ""], 3);
    for day in weeks.iter().flatten().filter(|day| day.inside) {
        let mut name = day.date.format("%a %-d %b").to_string();
        if let Some(holiday) = &day.holiday {
            table.row([std::mem::take(&mut name), "h".into(), String::new(), holiday.clone(), String::new()]);
        }
        for entry in entries.iter().filter(|entry| entry.day() == day.date) {
            let sign = if entry.late() { format!("!{}", entry.kind().letter()) } else { entry.kind().letter().into() };
            table.row([
                std::mem::take(&mut name),
                sign,
                code(session, entry),
                what(session, entry),
                who(session, entry),
            ]);
        }
    }
    let nothing = if weeks.iter().flatten().any(|day| day.date == today) {
        "Nothing stands in this month. `mahoe meeting new` plans a meeting."
    } else {
        "Nothing stands in this month."
    };
    table.render(output::width(), nothing)
}

/// What it is, with its hour where one was given.
fn what(session: &Session, entry: &Entry) -> String {
    let words = match &entry.thing {
        Thing::Due(due) => words::what(session, due),
        Thing::Meeting(id) => Meeting::get(session.state(), *id).map_or_else(String::new, |meeting| {
            let kind = session.pack().label("meeting-type", meeting.kind());
            let phase = if meeting.phase() == Phase::Live { "runs now" } else { meeting.phase().name() };
            format!("Meeting: {kind}, {phase}")
        }),
        Thing::Outreach(id) => Event::get(session.state(), *id).map_or_else(String::new, |event| {
            format!("Outreach: {}, held", session.pack().label(outreach::KINDS, event.kind()))
        }),
        Thing::Training(id) => Training::get(session.state(), *id).map_or_else(String::new, |training| {
            format!("Training: {}, held", session.pack().label(TOPICS, training.topic()))
        }),
        Thing::Series(id) => Series::get(session.state(), *id).map_or_else(String::new, |series| {
            let kind = session.pack().label("meeting-type", series.0.str(Field::SeriesType));
            format!("Meeting: {kind}, {}", series.0.str(Field::SeriesRule))
        }),
    };
    if entry.timed { format!("{} {words}", entry.at.format("%H:%M")) } else { words }
}

fn code(session: &Session, entry: &Entry) -> String {
    match &entry.thing {
        Thing::Due(due) => match (&due.what, due.case) {
            (
                What::Meeting(id) | What::Minutes(id) | What::Outreach(id) | What::Numbers(id) | What::Training(id),
                _,
            ) => words::code(session, *id),
            (_, Some(case)) => words::code(session, case),
            (_, None) => "–".to_owned(),
        },
        Thing::Meeting(id) | Thing::Outreach(id) | Thing::Training(id) => words::code(session, *id),
        Thing::Series(_) => "–".to_owned(),
    }
}

fn who(session: &Session, entry: &Entry) -> String {
    match &entry.thing {
        Thing::Due(due) => owner_name(session.state(), due.owner).into_owned(),
        _ => String::new(),
    }
}

/// An entry in JSON: as in `today`, with its kind.
fn shape(session: &Session, entry: &Entry) -> Json {
    let mut shape = match &entry.thing {
        Thing::Due(due) => shapes::due(session, due),
        Thing::Meeting(id) => Meeting::get(session.state(), *id).map_or(Json::Null, |meeting| {
            let mut shape = meeting_show::shape(session, meeting);
            shape["what"] = json!("meeting");
            shape
        }),
        Thing::Outreach(id) | Thing::Training(id) => json!({
            "what": if matches!(entry.thing, Thing::Outreach(_)) { "outreach" } else { "training" },
            "code": words::code(session, *id),
        }),
        Thing::Series(id) => json!({
            "what": "series",
            "rule": Series::get(session.state(), *id).map(|series| series.0.str(Field::SeriesRule).to_owned()),
        }),
    };
    shape["day"] = json!(entry.day().format("%Y-%m-%d").to_string());
    shape["time"] = if entry.timed { json!(entry.at.format("%H:%M").to_string()) } else { Json::Null };
    shape["kind"] = json!(entry.kind().name());
    shape["late"] = json!(entry.late());
    shape
}

fn day_shape(day: &Day) -> Json {
    json!({
        "day": day.date.format("%Y-%m-%d").to_string(),
        "holiday": day.holiday,
        "working": day.working,
        "meetings": day.meetings,
        "contacts": day.contacts,
        "deadlines": day.deadlines,
        "late": day.late,
    })
}
