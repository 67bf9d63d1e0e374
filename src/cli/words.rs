//! How things are said in text output: risks, days, dues, a case's own words with its names masked.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::mask::Mask;
use crate::domain::pack::Risk;
use crate::domain::today::{self, Due, What};
use crate::domain::views::{Action, Case, FollowUp, agency_of, owner_name};
use crate::session::Session;

/// A risk: never colour alone.
pub const fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::High => "● high",
        Risk::Medium => "• medium",
        Risk::Low => "○ low",
        Risk::Unassessed => "? not yet assessed",
    }
}

/// A moment as people read it, in Jamaica: "2 Nov 2026 11:20".
pub fn moment(when: DateTime<Utc>) -> String {
    when.with_timezone(&dates::jamaica()).format("%-d %b %Y %H:%M").to_string()
}

/// A day in a sentence about the past or the future: "Tue 24 Nov (in 2 days)".
pub fn day(day: NaiveDate, today: NaiveDate) -> String {
    let (people, distance) = (dates::people(day, today), dates::ago(day, today));
    if people == distance { people } else { format!("{people} ({distance})") }
}

/// "M. Clarke (CPFSA)", "MOH", "–".
pub fn owner(session: &Session, owner: Option<ItemId>) -> String {
    let name = owner_name(session.state(), owner);
    match owner.map(|owner| agency_of(session.state(), owner)).filter(|agency| !agency.is_empty()) {
        Some(agency) => format!("{name} ({agency})"),
        None => name.into_owned(),
    }
}

/// When something is due: "3 days late", "today 14:00", "Tue 24 Nov".
pub fn due(day: NaiveDate, time: Option<String>, today: NaiveDate) -> String {
    match day.signed_duration_since(today).num_days() {
        days if days < 0 => dates::distance(day, today),
        0 => time.map_or_else(|| "today".to_owned(), |time| format!("today {time}")),
        _ => dates::people(day, today),
    }
}

/// What is masked while a command runs: nothing where names were asked for.
pub struct Veil {
    mask: Option<Mask>,
}

impl Veil {
    /// The mask of a case, or none where its names are revealed.
    pub fn new(session: &Session, case: Option<ItemId>, reveal: bool) -> Self {
        Self { mask: (!reveal).then(|| session.mask(case)) }
    }

    /// True while names are masked.
    pub fn masks(&self) -> bool {
        self.mask.is_some()
    }

    /// Free text, masked and cleaned.
    pub fn text(&self, text: &str) -> String {
        let masked = self.mask.as_ref().map_or(Cow::Borrowed(text), |mask| mask.masked(text));
        clean::shown(&masked).into_owned()
    }

    /// The value of a field; `None` where the whole field is masked.
    pub fn field(&self, session: &Session, item: &Item, field: Field) -> Option<String> {
        if self.masks() && field.class(item.class).names() {
            return None;
        }
        Some(self.text(&session.value_text(field, &item.value(field))))
    }
}

/// An action's words, masked.
pub fn action(session: &Session, action: Action<'_>, reveal: bool) -> String {
    let case = action.case(session.state()).map(|case| case.0.id);
    match action.text() {
        "" => "(an action that you may not read)".to_owned(),
        text => Veil::new(session, case, reveal).text(text),
    }
}

/// What a line of Today is about, masked.
pub fn what(session: &Session, due: &Due) -> String {
    let state = session.state();
    match &due.what {
        What::Action(id) => Action::get(state, *id).map_or(String::new(), |it| action(session, it, false)),
        What::FollowUp(id) => {
            let kind = FollowUp::get(state, *id).map_or("", FollowUp::kind);
            Veil::new(session, due.case, false).text(kind)
        }
        What::Clock(code) => session.pack().clock(code).map_or(&**code, |clock| &clock.label).to_owned(),
        What::Review => "Review the risk".to_owned(),
        What::Eighteen => "Eighteenth birthday".to_owned(),
        What::Incomplete => "Complete the quick report".to_owned(),
        // Consent, referrals, meetings, outreach, training: the domain has the words.
        what => today::words_of(state, session.pack(), what, session.today_date()),
    }
}

/// A case's code.
pub fn code(session: &Session, item: ItemId) -> String {
    session.state().code(item).to_string()
}

/// The stage and the open tracks beside it: "Protection +justice".
pub fn stage(session: &Session, case: Case<'_>) -> String {
    let mut text = session.pack().label("stage", case.stage()).to_owned();
    for track in case.0.value(Field::CaseTracks).as_codes() {
        text.push_str(" +");
        text.push_str(track);
    }
    text
}

/// "1 day", "21 days".
pub fn day_count(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// "1 case", "2 cases".
pub fn count(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
