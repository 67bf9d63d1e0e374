//! How meetings, agendas and attendance are printed and told in JSON.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::domain::dates::{self, jamaica};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::mask::Mask;
use crate::domain::meeting::agenda::{Line, left_out_words};
use crate::domain::meeting::record::{Record, letter};
use crate::domain::meeting::twice::{Differs, differences};
use crate::domain::meeting::{AgendaItem, Attendance, Meeting, Phase, Series};
use crate::domain::views::{Case, owner_name};
use crate::error::Result;
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::shapes;
use super::super::words::{self, Veil};

/// The meetings: those to come and the one that runs; all, if asked for.
pub(super) fn list(session: &Session, all: bool) -> Output {
    let state = session.state();
    let to_come = |meeting: &Meeting<'_>| matches!(meeting.phase(), Phase::Planned | Phase::Live);
    let meetings: Vec<Meeting<'_>> =
        Meeting::all(state).into_iter().filter(|meeting| all || to_come(meeting)).collect();
    let mut table = Table::new(&["Meeting", "When", "Type", "Where", "Chair", ""], 3);
    for meeting in &meetings {
        table.row([
            words::code(session, meeting.0.id),
            when(session, *meeting),
            session.pack().label("meeting-type", meeting.kind()).to_owned(),
            meeting.place().to_owned(),
            words::owner(session, meeting.chair()),
            meeting.phase().name().to_owned(),
        ]);
    }
    let text = table.render(output::width(), "No meeting is planned: `mahoe meeting new` plans one.");
    Output::list(text, meetings.iter().map(|meeting| shape(session, *meeting)).collect())
}

fn when(session: &Session, meeting: Meeting<'_>) -> String {
    let Some(when) = meeting.held().map(|when| when.with_timezone(&jamaica())) else { return String::new() };
    format!("{} {}", dates::people(when.date_naive(), session.today_date()), when.format("%H:%M"))
}

/// A meeting in JSON.
pub(super) fn shape(session: &Session, meeting: Meeting<'_>) -> Json {
    let name = |id: Option<ItemId>| id.map(|id| owner_name(session.state(), Some(id)).into_owned());
    json!({
        "code": words::code(session, meeting.0.id),
        "id": meeting.0.id.to_string(),
        "when": meeting.when().map(shapes::moment),
        "type": meeting.kind(),
        "place": meeting.place(),
        "chair": name(meeting.chair()),
        "minute_taker": name(meeting.scribe()),
        "phase": meeting.phase().name(),
        "started": meeting.started().map(shapes::moment),
        "ended": meeting.ended().map(shapes::moment),
        "series": meeting.0.held(Field::MeetingSeries).as_item().and_then(|id| Series::get(session.state(), id)).map(|series| series.0.str(Field::SeriesRule).to_owned()),
        "cancelled": shapes::value(session, Field::MeetingCancelled, &meeting.0.value(Field::MeetingCancelled), &Veil::new(session, None, false)),
    })
}

/// The agenda, numbered.
pub(super) fn agenda(session: &Session, meeting: ItemId) -> Output {
    let (lines, left_out) = session.whole_agenda(meeting);
    let mask = session.meeting_mask(meeting);
    let mut table = Table::new(&["", "What", "Min", "Why it is here", ""], 3);
    for (at, line) in lines.iter().enumerate() {
        table.row([
            (at + 1).to_string(),
            what(session, line, &mask),
            line.minutes.to_string(),
            line.reasons(session.pack()),
            state_of(session, line).to_owned(),
        ]);
    }
    let minutes: i64 = lines.iter().map(|line| line.minutes).sum();
    let mut text = table.render(output::width(), "Nothing is on this agenda.");
    if !lines.is_empty() {
        let _ = write!(text, "\n{}, {minutes} minutes", words::count(lines.len(), "item", "items"));
    }
    if let Some(says) = left_out_words(left_out) {
        let _ = write!(text, "\n! {says}");
    }
    let items = lines.iter().enumerate().map(|(at, line)| line_shape(session, at + 1, line, &mask)).collect();
    let mut output = Output::list(text, items);
    output.json["left_out"] = json!(left_out);
    output.json["minutes"] = json!(minutes);
    output.json["meeting"] = json!(words::code(session, meeting));
    output
}

/// The case's code and risk, or the matter's words.
fn what(session: &Session, line: &Line, words: &Mask) -> String {
    match line.case {
        Some(case) => match Case::get(session.state(), case) {
            Some(of) => format!("{}  {}", words::code(session, case), of.risk().code()),
            None => "(a case that you may not read)".to_owned(),
        },
        None => words.masked(&line.text).into_owned(),
    }
}

fn state_of<'s>(session: &'s Session, line: &Line) -> &'s str {
    let item = line.item.and_then(|item| AgendaItem::get(session.state(), item));
    match item {
        Some(item) if item.state() != "open" => session.pack().label("agenda-state", item.state()),
        Some(item) if item.meeting(session.state()).is_some_and(|it| it.at() == Some(item.0.id)) => "now",
        _ => "",
    }
}

fn line_shape(session: &Session, number: usize, line: &Line, words: &Mask) -> Json {
    let item = line.item.and_then(|item| AgendaItem::get(session.state(), item));
    json!({
        "number": number,
        "case": line.case.map(|case| words::code(session, case)),
        "text": if line.text.is_empty() { Json::Null } else { Json::String(words.masked(&line.text).into_owned()) },
        "why": line.why,
        "minutes": line.minutes,
        "state": item.map_or("open", AgendaItem::state),
        "spent_seconds": item.map_or(0, AgendaItem::spent),
        "conflicts_of_interest": item.map_or(0, |item| item.conflicted(session.state()).len()),
    })
}

/// One meeting with all that is on record of it.
///
/// # Errors
/// [`Kind::Io`](crate::error::Kind::Io) if it can't be written down that a case was opened.
pub(super) fn show(session: &mut Session, id: ItemId) -> Result<Output> {
    let cases: Vec<ItemId> = session.agenda(id).iter().filter_map(|line| line.case).collect();
    let begun = Meeting::get(session.state(), id).is_some_and(|meeting| meeting.started().is_some());
    if begun {
        for case in cases {
            super::case_show::on_record(session, case, false)?;
        }
    }
    let session = &*session;
    let state = session.state();
    let meeting = Meeting::get(state, id).ok_or_else(|| {
        crate::error::AppError::new(
            crate::error::Kind::Refused,
            "There is no such meeting.",
            "`mahoe meeting list --all` shows every code.",
        )
    })?;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}  {}  {}  {}",
        words::code(session, id),
        session.pack().label("meeting-type", meeting.kind()),
        when(session, meeting),
        meeting.phase().name()
    );
    let mask = session.meeting_mask(id);
    let place = mask.masked(meeting.place());
    let place = if place.is_empty() { "place not said".into() } else { place };
    let chair = words::owner(session, meeting.chair());
    let scribe = words::owner(session, meeting.scribe());
    let _ = writeln!(text, "{place} · chair {chair} · minutes {scribe}");
    let differs: Vec<String> = differences(state, meeting).iter().map(Differs::says).collect();
    for line in &differs {
        let _ = writeln!(text, "! {line}");
    }
    let attendance = meeting.attendance(state);
    if !attendance.is_empty() {
        text.push_str("\nAttendance\n");
        for one in &attendance {
            let _ = writeln!(text, "  {}", attendance_line(session, *one));
        }
    }
    text.push_str("\nAgenda\n");
    let (lines, left_out) = session.whole_agenda(id);
    let mut items = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let _ = writeln!(text, "  {:>2}  {}  {}", at + 1, what(session, line, &mask), line.reasons(session.pack()));
        let mut object = line_shape(session, at + 1, line, &mask);
        if let Some(item) = line.item.and_then(|item| AgendaItem::get(state, item)) {
            said(session, meeting, item, &mut text, &mut object);
        }
        items.push(object);
    }
    if lines.is_empty() {
        text.push_str("  nothing yet\n");
    }
    if let Some(says) = left_out_words(left_out) {
        let _ = writeln!(text, "! {says}");
    }
    let mut json = shape(session, meeting);
    json["left_out"] = json!(left_out);
    json["attendance"] = attendance.iter().map(|one| attendance_shape(session, *one)).collect();
    json["agenda"] = Json::Array(items);
    json["differences"] = json!(differs);
    Ok(Output::new(text.trim_end().to_owned(), json))
}

/// What is on record of an item, below its line.
fn said(session: &Session, meeting: Meeting<'_>, item: AgendaItem<'_>, text: &mut String, object: &mut Json) {
    let record = Record::of(session.state(), meeting, item);
    object["conflict"] = json!(item.conflicted(session.state()).contains(&session.me()));
    if object["conflict"] == true {
        text.push_str("        you declared a conflict of interest in this item\n");
        return;
    }
    let veil = Veil::new(session, item.case_id(), false);
    for (action, outcome) in &record.last_time {
        let owner = words::owner(session, action.owner());
        let _ = writeln!(text, "        last time: {}  {owner}  {}", veil.text(action.text()), outcome.name());
    }
    for note in &record.said {
        let words = if note.str(Field::NoteKind) == "views" {
            "the child's views are written down".to_owned()
        } else {
            veil.text(note.str(Field::NoteText))
        };
        let _ = writeln!(text, "      {} {}", letter(note), output::first_line(&words));
    }
    for action in &record.given {
        let owner = words::owner(session, action.owner());
        let due = action.due().map(|due| dates::people(due, session.today_date())).unwrap_or_default();
        let _ = writeln!(text, "      A {}  {owner}  {due}", output::first_line(&veil.text(action.text())));
    }
    object["said"] = record
        .said
        .iter()
        .map(|note| {
            let views = note.str(Field::NoteKind) == "views";
            json!({
                "kind": note.str(Field::NoteKind),
                "text": if views { Json::Null } else { Json::String(veil.text(note.str(Field::NoteText))) },
                "when": note.value(Field::NoteWhen).as_when().map(shapes::moment),
                "said_by": shapes::value(session, Field::NoteSaidBy, &note.value(Field::NoteSaidBy), &veil),
            })
        })
        .collect();
    object["actions"] = record.given.iter().map(|action| shapes::action(session, *action, false)).collect();
    object["last_time"] = record
        .last_time
        .iter()
        .map(|(action, outcome)| json!({ "action": words::code(session, action.0.id), "outcome": outcome.name() }))
        .collect();
}

fn attendance_line(session: &Session, one: Attendance<'_>) -> String {
    let mut line = format!("{} ({})", one.name(session.state()), one.agency(session.state())).replace(" ()", "");
    let _ = write!(line, "  {}", session.pack().label("attendance", one.mark()));
    if one.sent_info() {
        line.push_str(", information sent");
    }
    if one.signed() {
        line.push_str(", statement signed");
    }
    line
}

fn attendance_shape(session: &Session, one: Attendance<'_>) -> Json {
    json!({
        "name": one.name(session.state()),
        "agency": one.agency(session.state()),
        "visitor": one.member().is_none(),
        "mark": one.mark(),
        "information_sent": one.sent_info(),
        "statement_signed": one.signed(),
    })
}

/// The series that go on, in the order of their first days.
pub(super) fn running_series(session: &Session) -> Vec<ItemId> {
    let mut all: Vec<Series<'_>> = Series::running(session.state()).collect();
    all.sort_by_key(|series| (series.from(), series.0.id));
    all.into_iter().map(|series| series.0.id).collect()
}

/// The series that go on, numbered.
pub(super) fn series(session: &Session) -> Output {
    let mut table = Table::new(&["", "When", "At", "Type", "Where"], 4);
    let mut items = Vec::new();
    for (at, id) in running_series(session).into_iter().enumerate() {
        let Some(series) = Series::get(session.state(), id) else { continue };
        let time = format!("{:02}:{:02}", series.minutes() / 60, series.minutes() % 60);
        let (rule, kind) = (series.0.str(Field::SeriesRule), series.0.str(Field::SeriesType));
        let place = series.0.str(Field::SeriesPlace);
        table.row([
            (at + 1).to_string(),
            rule.to_owned(),
            time.clone(),
            session.pack().label("meeting-type", kind).to_owned(),
            place.to_owned(),
        ]);
        items.push(json!({ "number": at + 1, "rule": rule, "time": time, "type": kind, "place": place }));
    }
    Output::list(table.render(output::width(), "No meetings recur: `mahoe meeting series add` begins a series."), items)
}
