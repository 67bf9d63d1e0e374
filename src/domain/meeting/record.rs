//! What became of an item: what was said under it, what was given to do, how last time's actions stand.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::dates::jamaica;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::item::Item;
use crate::domain::state::State;
use crate::domain::views::{Action, FollowUp};

use super::agenda::last_time;
use super::{AgendaItem, Meeting};

/// What was said at a meeting, by the letter that stands before it: decision, dissent, the child's views, a remark.
pub const LETTERS: [(&str, char); 3] = [("decision", 'D'), ("dissent", '!'), ("views", 'V')];

/// What became of an action of an earlier meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody has gone through it yet.
    Open,
    /// It is done.
    Done,
    /// It goes on.
    Carried,
    /// Circumstances changed.
    Circumstances,
    /// The agency has not acted.
    NotActed,
}

impl Outcome {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Carried => "carried on",
            Self::Circumstances => "not done: circumstances changed",
            Self::NotActed => "not done: the agency has not acted",
        }
    }
}

/// What became of an item.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// What was said, in the order of when it was said.
    pub said: Vec<&'a Item>,
    /// What was given to do.
    pub given: Vec<Action<'a>>,
    /// The actions of earlier meetings.
    pub last_time: Vec<(Action<'a>, Outcome)>,
}

impl<'a> Record<'a> {
    /// What is on record of an item.
    pub fn of(state: &'a State, meeting: Meeting<'_>, item: AgendaItem<'_>) -> Self {
        let case = item.case_id().map(|case| StreamId(case.0));
        let twins: Vec<ItemId> = item.twins(state).iter().map(|twin| twin.0.id).collect();
        let of_item = |it: &&Item, field: Field| it.held(field).as_item().is_some_and(|under| twins.contains(&under));
        let notes = state.items_in(case.unwrap_or(item.0.stream), ItemKind::Note);
        let decided = state.items_in(case.unwrap_or(item.0.stream), ItemKind::Decision);
        let decided = decided.filter(|it| of_item(it, Field::DecisionMeeting));
        let mut said: Vec<&Item> = notes.filter(|note| of_item(note, Field::NoteMeeting)).chain(decided).collect();
        said.sort_by_key(|note| (when(note), written(state, note), note.id));
        let actions = case.unwrap_or(state.team_stream());
        let given = state.items_in(actions, ItemKind::Action).filter(|action| of_item(action, Field::ActionMeeting));
        let mut given: Vec<Action<'a>> = given.map(Action).collect();
        given.sort_by_key(|action| (written(state, action.0), action.0.id));
        let goes_through = case.is_some() || item.why().iter().any(|why| &**why == "unfinished");
        let last_time = if goes_through { last_time(state, meeting, actions) } else { Vec::new() };
        let last_time = last_time.into_iter().map(|action| (action, outcome(state, meeting, action))).collect();
        Self { said, given, last_time }
    }

    /// True if nothing was said, given or gone through.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && self.given.is_empty() && self.to_go_through() == self.last_time.len()
    }

    /// The actions of earlier meetings that nobody has gone through.
    pub fn to_go_through(&self) -> usize {
        self.last_time.iter().filter(|(_, outcome)| *outcome == Outcome::Open).count()
    }
}

/// The order in which things were written down: the same on every device, whatever arrived there first.
pub fn written(state: &State, item: &Item) -> impl Ord + use<> {
    item.created.and_then(|entry| state.stamp(entry)).map(|stamp| (stamp.wall, stamp.lamport, stamp.id))
}

/// When something was said or decided.
fn when(said: &Item) -> Option<DateTime<Utc>> {
    let field = if said.kind == ItemKind::Decision { Field::DecisionWhen } else { Field::NoteWhen };
    said.held(field).as_when()
}

/// The words of what was said or decided.
pub fn words(said: &Item) -> &str {
    said.str(if said.kind == ItemKind::Decision { Field::DecisionText } else { Field::NoteText })
}

/// The letter of what was said.
pub fn letter(note: &Item) -> char {
    if note.kind == ItemKind::Decision {
        return 'D';
    }
    let kind = note.str(Field::NoteKind);
    LETTERS.iter().find(|(known, _)| *known == kind).map_or('·', |(_, letter)| *letter)
}

/// The last decision in a case before a meeting: the note, and when.
pub fn last_decision<'a>(state: &'a State, stream: StreamId, meeting: Meeting<'_>) -> Option<&'a Item> {
    let before = meeting.started().or(meeting.when());
    let decisions = state.items_in(stream, ItemKind::Note).filter(|note| note.str(Field::NoteKind) == "decision");
    let when = |note: &&Item| note.held(Field::NoteWhen).as_when();
    decisions.filter(|note| before.is_none() || when(note) < before).max_by_key(|note| (when(note), note.id))
}

/// What has happened in a case since the meeting before this one ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// Notes of whatever kind.
    pub notes: usize,
    /// Actions done.
    pub done: usize,
    /// Planned contacts that were made.
    pub contacts: usize,
    /// Screenings that were finished.
    pub screenings: usize,
    /// Referrals that were answered.
    pub answers: usize,
    /// Services that began.
    pub begun: usize,
    /// Services that ended.
    pub ended: usize,
    /// Documents that were attached.
    pub documents: usize,
}

/// What has happened in a case between the meeting before and the beginning of this one; `None` if there was none before.
pub fn since(state: &State, stream: StreamId, meeting: Meeting<'_>) -> Option<Since> {
    let from = meeting.before(state)?.ended()?;
    let until = meeting.started();
    let within = |item: &Item, field: Field| {
        let when = item.held(field).as_when();
        when.is_some_and(|when| when > from && until.is_none_or(|until| when < until))
    };
    let count = |kind: ItemKind, field: Field| state.items_in(stream, kind).filter(|item| within(item, field)).count();
    let contacts = state
        .items_in(stream, ItemKind::FollowUp)
        .map(FollowUp)
        .filter(|contact| contact.0.str(Field::FollowUpState) == "done" && within(contact.0, Field::FollowUpDone));
    // Of services only the day is known: what began on the day of a meeting counts for the next one.
    let day = |at: DateTime<Utc>| at.with_timezone(&jamaica()).date_naive();
    let services = |field: Field| {
        let on = |item: &Item| item.held(field).as_date();
        let within = |on: NaiveDate| on >= day(from) && until.is_none_or(|until| on < day(until));
        state.items_in(stream, ItemKind::Service).filter(|item| on(item).is_some_and(within)).count()
    };
    Some(Since {
        notes: count(ItemKind::Note, Field::NoteWhen),
        done: count(ItemKind::Action, Field::ActionDone),
        contacts: contacts.count(),
        screenings: count(ItemKind::Screening, Field::ScreeningWhen),
        answers: count(ItemKind::Referral, Field::ReferralAnswered),
        begun: services(Field::ServiceStarted),
        ended: services(Field::ServiceEnded),
        documents: count(ItemKind::Document, Field::DocumentAdded),
    })
}

/// What became of an action at this meeting.
fn outcome(state: &State, meeting: Meeting<'_>, action: Action<'_>) -> Outcome {
    // What was done after this meeting was not done at it, whatever the record says by now.
    let done = action.0.held(Field::ActionDone).as_when();
    let afterwards = meeting.ended().is_some_and(|ended| done.is_some_and(|done| done > ended));
    if !action.is_open() && !afterwards {
        return Outcome::Done;
    }
    let under = action.0.held(Field::ActionCarried).as_item().and_then(|item| state.item(item));
    if under.is_none_or(|item| item.stream != meeting.0.stream) {
        return Outcome::Open;
    }
    match (action.state(), action.0.str(Field::ActionWhy)) {
        ("blocked", "circumstances") => Outcome::Circumstances,
        ("blocked", "agency") => Outcome::NotActed,
        _ => Outcome::Carried,
    }
}
