//! A calendar file as telephones and office programs read it (iCalendar, RFC 5545).
//!
//! Such a file leaves the vault for good and is copied to whatever a telephone is tied to. So an entry says a code and
//! what kind of thing is due, and never a child's name, what an action is about, or which rule has set the day: a
//! deadline called "medical check" would tell as much as a name.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};

use super::clean;
use super::field::ItemKind;
use super::ids::ItemId;
use super::meeting::Meeting;
use super::outreach;
use super::pack::Pack;
use super::state::State;
use super::today::{Due, What};
use super::training::{TOPICS, Training};
use super::views;

/// The longest line in octets, its end not counted (RFC 5545, 3.1).
const LINE: usize = 75;
/// How long a meeting is taken to last, in minutes: nothing says when it ends before it does.
const MEETING_MINUTES: u32 = 60;
/// How long an outreach event is taken to last.
const OUTREACH_MINUTES: u32 = 120;

/// When an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The whole day, for what has no hour.
    Day(NaiveDate),
    /// By a moment.
    By(DateTime<Utc>),
    /// From a moment on, for so many minutes.
    From(DateTime<Utc>, u32),
}

/// One entry of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Names it in every later file too, so that a program changes the entry that it has. Letters, digits and hyphens.
    pub uid: String,
    /// When.
    pub when: When,
    /// What it says.
    pub summary: String,
    /// Where; empty if that does not matter.
    pub place: String,
    /// It was called off, or is done: a program that has it takes it away.
    pub cancelled: bool,
}

/// What an entry is told from others by: the item, and what about it is due. The front of a UID.
pub fn subject(due: &Due) -> (Option<ItemId>, Cow<'_, str>) {
    match &due.what {
        What::Action(id)
        | What::FollowUp(id)
        | What::Consent(id)
        | What::Awaiting(id)
        | What::Asked(id)
        | What::Answered(id)
        | What::Closing(id)
        | What::Service(id)
        | What::Meeting(id)
        | What::Minutes(id)
        | What::Decision(id)
        | What::Outreach(id)
        | What::Numbers(id)
        | What::Training(id) => (Some(*id), due.what.name().into()),
        What::Trained(member, topic) => (Some(*member), format!("training {topic}").into()),
        What::Clock(code) => (due.case, format!("clock {code}").into()),
        What::Review | What::Eighteen | What::Incomplete => (due.case, due.what.name().into()),
    }
}

/// The entry of something due, under a UID; `None` for a meeting that is not here.
pub fn event(state: &State, pack: &Pack, due: &Due, uid: String) -> Option<Event> {
    // Which day somebody reads an answer, or gives one about a closing, is no appointment.
    if matches!(due.what, What::Answered(_) | What::Closing(_)) {
        return None;
    }
    if let What::Meeting(id) = due.what {
        return meeting(state, pack, Meeting::get(state, id)?, uid);
    }
    if let What::Outreach(id) = due.what {
        return outreach(state, pack, outreach::Event::get(state, id)?, uid);
    }
    let what = match due.what {
        What::Action(_) => match agency(state, due.owner) {
            "" => "action due".to_owned(),
            agency => format!("action due ({agency})"),
        },
        What::FollowUp(_) => "planned contact".to_owned(),
        What::Awaiting(_) | What::Asked(_) => "answer due".to_owned(),
        What::Minutes(_) => "minutes due".to_owned(),
        What::Numbers(_) => "numbers due".to_owned(),
        What::Training(id) => {
            let topic = Training::get(state, id).map_or("", Training::topic);
            format!("training, {}", pack.label(TOPICS, topic))
        }
        What::Trained(..) => "a training runs out".to_owned(),
        What::Incomplete => "report to complete".to_owned(),
        What::Clock(_)
        | What::Review
        | What::Eighteen
        | What::Consent(_)
        | What::Answered(_)
        | What::Closing(_)
        | What::Service(_)
        | What::Decision(_)
        | What::Outreach(_)
        | What::Meeting(_) => "deadline".to_owned(),
    };
    let about = match (due.case, &due.what) {
        (Some(case), _) => state.code(case).to_string(),
        (None, What::Minutes(item) | What::Numbers(item) | What::Training(item)) => state.code(*item).to_string(),
        (None, _) => "Team".to_owned(),
    };
    let when = if due.timed { When::By(due.at.to_utc()) } else { When::Day(due.day()) };
    Some(Event { uid, when, summary: format!("{about}: {what}"), place: String::new(), cancelled: false })
}

/// The entry of a meeting: its type and place, which the caller masks; `None` if it has no hour.
pub fn meeting(state: &State, pack: &Pack, meeting: Meeting<'_>, uid: String) -> Option<Event> {
    let code = state.code(meeting.0.id);
    Some(Event {
        uid,
        when: When::From(meeting.held()?, MEETING_MINUTES),
        summary: format!("{code}: meeting, {}", pack.label("meeting-type", meeting.kind())),
        place: meeting.place().to_owned(),
        cancelled: meeting.phase() == super::meeting::Phase::Cancelled,
    })
}

/// The entry of an outreach event: its kind, and where; `None` if it has no hour.
pub fn outreach(state: &State, pack: &Pack, event: outreach::Event<'_>, uid: String) -> Option<Event> {
    let places = [event.place(), event.community()].into_iter().filter(|place| !place.is_empty());
    Some(Event {
        uid,
        when: When::From(event.when()?, OUTREACH_MINUTES),
        summary: format!("{}: outreach, {}", state.code(event.0.id), pack.label(outreach::KINDS, event.kind())),
        place: places.collect::<Vec<_>>().join(", "),
        cancelled: event.phase() == outreach::Phase::Cancelled,
    })
}

/// The code of the agency that is to act.
fn agency(state: &State, owner: Option<ItemId>) -> &str {
    let Some(item) = owner.and_then(|owner| state.item(owner)) else { return "" };
    match item.kind {
        ItemKind::Agency => item.str(super::field::Field::AgencyCode),
        _ => views::agency_of(state, item.id),
    }
}

/// The whole file. `name` is what a program calls the calendar, `made` when the file was made. A file needs an entry:
/// without one it is no calendar (RFC 5545, 3.6).
pub fn file(name: &str, events: &[Event], made: DateTime<Utc>) -> String {
    let mut out = String::new();
    let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//mahoe//calendar//EN", "CALSCALE:GREGORIAN"];
    for text in head.into_iter().chain(["METHOD:PUBLISH"]) {
        line(&mut out, text);
    }
    line(&mut out, &format!("X-WR-CALNAME:{}", escaped(name)));
    for event in events {
        write_event(&mut out, event, made);
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn write_event(out: &mut String, event: &Event, made: DateTime<Utc>) {
    line(out, "BEGIN:VEVENT");
    line(out, &format!("UID:{}@mahoe", escaped(&event.uid)));
    line(out, &format!("DTSTAMP:{}", moment(made)));
    line(out, &format!("SEQUENCE:{}", sequence(made)));
    match event.when {
        When::Day(day) => {
            line(out, &format!("DTSTART;VALUE=DATE:{}", day.format("%Y%m%d")));
        }
        When::By(at) => line(out, &format!("DTSTART:{}", moment(at))),
        When::From(at, minutes) => {
            line(out, &format!("DTSTART:{}", moment(at)));
            line(out, &format!("DURATION:PT{minutes}M"));
        }
    }
    line(out, &format!("SUMMARY:{}", escaped(&event.summary)));
    if !event.place.is_empty() {
        line(out, &format!("LOCATION:{}", escaped(&event.place)));
    }
    // Whoever shares a calendar shares when they are busy, and no more.
    line(out, "CLASS:PRIVATE");
    line(out, if matches!(event.when, When::From(..)) { "TRANSP:OPAQUE" } else { "TRANSP:TRANSPARENT" });
    if event.cancelled {
        line(out, "STATUS:CANCELLED");
    }
    line(out, "END:VEVENT");
}

/// The number of a change (RFC 5545, 3.8.7.4): each later file has a higher one, so that a program takes its word over that
/// of the file before. Seconds since 2026, which fit 31 bits until 2094.
fn sequence(made: DateTime<Utc>) -> i64 {
    const START: i64 = 1_767_225_600;
    (made.timestamp() - START).clamp(0, i64::from(i32::MAX))
}

/// A moment in UTC, which needs no description of a time zone.
fn moment(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y%m%dT%H%M%SZ")
}

/// A text as a value (RFC 5545, 3.3.11): nothing in it ends the line or begins another property.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::shown(text).chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out
}

/// Adds a line, folded so that none is longer than 75 octets; no character is torn apart.
fn line(out: &mut String, text: &str) {
    let mut used = 0;
    for c in text.chars() {
        if used + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            // The blank that marks a continuation counts.
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    // Writing into a string can't fail.
    let _ = write!(out, "\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(summary: &str, place: &str) -> Event {
        let when = When::Day("2026-11-24".parse().expect("a date"));
        Event { uid: "ab12".into(), when, summary: summary.into(), place: place.into(), cancelled: false }
    }

    fn made() -> DateTime<Utc> {
        "2026-11-22T14:20:00Z".parse().expect("a moment")
    }

    /// Unfolds and reads a value back, as a program that has never heard of this one does.
    fn value(file: &str, name: &str) -> String {
        let unfolded = file.replace("\r\n ", "");
        let line = unfolded.split("\r\n").find_map(|line| line.strip_prefix(name)).expect("the property");
        let mut out = String::new();
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match (c, if c == '\\' { chars.next() } else { None }) {
                ('\\', Some('n')) => out.push('\n'),
                ('\\', Some(c)) | (c, _) => out.push(c),
            }
        }
        out
    }

    #[test]
    fn the_file_is_as_it_is_written_down() {
        let at: DateTime<Utc> = "2026-11-24T15:00:00Z".parse().expect("a moment");
        let meets = Event { when: When::From(at, 60), ..event("M-7K: meeting", "parish office; room 2, upstairs") };
        let gone = Event { when: When::By(at), cancelled: true, ..event("06-7K3Q: action due (MOH)", "") };
        let text = file("Saint Ann MDT", &[event("06-7K3Q: planned contact", ""), meets, gone], made());
        let expected = "BEGIN:VCALENDAR|VERSION:2.0|PRODID:-//mahoe//calendar//EN|CALSCALE:GREGORIAN|METHOD:PUBLISH|\
            X-WR-CALNAME:Saint Ann MDT|\
            BEGIN:VEVENT|UID:ab12@mahoe|DTSTAMP:20261122T142000Z|SEQUENCE:28131600|DTSTART;VALUE=DATE:20261124|\
            SUMMARY:06-7K3Q: planned contact|CLASS:PRIVATE|TRANSP:TRANSPARENT|END:VEVENT|\
            BEGIN:VEVENT|UID:ab12@mahoe|DTSTAMP:20261122T142000Z|SEQUENCE:28131600|DTSTART:20261124T150000Z|DURATION:PT60M|\
            SUMMARY:M-7K: meeting|LOCATION:parish office\\; room 2\\, upstairs|CLASS:PRIVATE|TRANSP:OPAQUE|END:VEVENT|\
            BEGIN:VEVENT|UID:ab12@mahoe|DTSTAMP:20261122T142000Z|SEQUENCE:28131600|DTSTART:20261124T150000Z|\
            SUMMARY:06-7K3Q: action due (MOH)|CLASS:PRIVATE|TRANSP:TRANSPARENT|STATUS:CANCELLED|END:VEVENT|\
            END:VCALENDAR|";
        assert_eq!(text.replace("\r\n", "|"), expected);
    }

    #[test]
    fn hostile_text_stays_a_value() {
        let hostile = "x\r\nEND:VEVENT\r\nBEGIN:VALARM\nATTENDEE:mailto:a@b \\n \u{1b}[31m\u{202e}";
        let text = file(hostile, &[event(hostile, hostile)], made());
        assert_eq!(text.matches("\r\nEND:VEVENT").count(), 1);
        assert!(!text.contains("\r\nBEGIN:VALARM") && !text.contains("\r\nATTENDEE"), "{text:?}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']));
        assert_eq!(value(&text, "SUMMARY:"), clean::shown(hostile));
    }

    proptest! {
        #[test]
        fn any_text_folds_and_reads_back(text in "\\PC{0,200}|[a-z;,\\\\\n\u{1f1ef}\u{1f1f2}\u{301}é]{0,200}") {
            let written = file(&text, &[event(&text, "")], made());
            prop_assert!(written.split("\r\n").all(|line| line.len() <= LINE && !line.contains(['\r', '\n'])));
            prop_assert!(written.ends_with("END:VCALENDAR\r\n"));
            let shown = clean::shown(&text);
            prop_assert_eq!(value(&written, "SUMMARY:"), shown.as_ref());
        }
    }
}
