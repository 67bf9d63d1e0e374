//! Screenings: a form of the policy, filled in once. A finished one is never changed, only followed by another.
//!
//! A screening has an outcome in words and no score, and decides nothing: whether a child is a victim is an
//! identification's to say ([`decision`](super::decision)).

use chrono::{DateTime, NaiveDate, Utc};

use super::calendar::Calendar;
use super::dates::jamaica;
use super::field::{Field, ItemKind};
use super::form::answers::{Answers, Unreadable};
use super::form::{self, By, Follow, Form};
use super::ids::ItemId;
use super::item::Item;
use super::pack::{Origin, Pack, due_at};
use super::state::State;
use super::today;
use super::views::{Action, Case};

/// What to do when a child begins to tell, in the words that a worker can use. Said once, wherever asking is stopped.
pub const STOP: &str = "Stop the questions now. Listen, write down the child's own words, and ask nothing more. You can \
     say: \"Thank you for telling me. It is not your fault. I can't keep this secret, but I will only tell people who \
     help.\" Promise nothing else. A trained interviewer goes on, once, in a forensic interview.";

/// A finished screening.
#[derive(Clone, Copy, Debug)]
pub struct Screening<'a>(pub &'a Item);

impl<'a> Screening<'a> {
    /// A standing screening by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Screening && item.stands()).map(Self)
    }

    /// Every screening of a case, the newest first.
    pub fn all(state: &'a State, case: Case<'_>) -> Vec<Self> {
        let mut all: Vec<Self> = state.items_in(case.0.stream, ItemKind::Screening).map(Self).collect();
        all.sort_by_key(|screening| std::cmp::Reverse((screening.when(), screening.0.id)));
        all
    }

    /// The form's code.
    pub fn form(self) -> &'a str {
        self.0.str(Field::ScreeningForm)
    }

    /// What the form was called.
    pub fn label(self) -> &'a str {
        self.0.str(Field::ScreeningLabel)
    }

    /// When it was done.
    pub fn when(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::ScreeningWhen).as_when()
    }

    /// By whom.
    pub fn by(self) -> Option<ItemId> {
        self.0.held(Field::ScreeningBy).as_item()
    }

    /// A code of the list `screening-outcome`; empty where asking was stopped before anybody could say.
    pub fn outcome(self) -> &'a str {
        self.0.str(Field::ScreeningOutcome)
    }

    /// Whether asking was stopped because the child began to tell; not known where it may not be read.
    pub fn stopped(self) -> bool {
        self.0.held(Field::ScreeningStopped).as_yes_no() == Some(true)
    }

    /// The earlier screening that it follows.
    pub fn follows(self) -> Option<ItemId> {
        self.0.held(Field::ScreeningFollows).as_item()
    }

    /// The answers; nothing where they are withheld or may not be read here.
    ///
    /// # Errors
    /// [`Unreadable`] where they are not in a format that this version knows.
    pub fn answers(self) -> Result<Option<Answers>, Unreadable> {
        match self.0.str(Field::ScreeningAnswers) {
            "" => Ok(None),
            kept => Answers::read(kept).map(Some),
        }
    }

    /// When it was written down.
    fn recorded(self, state: &State) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(state.stamp(self.0.created?)?.wall)
    }
}

/// When a case was screened after a moment, or had its screening written down after it: the first time.
pub fn since(state: &State, case: Case<'_>, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let all = state.items_in(case.0.stream, ItemKind::Screening).map(Screening);
    let counts = |it: &Screening<'_>| {
        it.when().is_some_and(|when| when >= moment) || it.recorded(state).is_some_and(|at| at >= moment)
    };
    all.filter(counts).filter_map(Screening::when).min()
}

/// What is proposed after a screening: an action that a person may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed<'p> {
    /// The follow's code.
    pub code: &'p str,
    /// What would have to be done.
    pub text: &'p str,
    /// Who usually does it, if the team has them; else whoever leads the case.
    pub owner: Option<ItemId>,
    /// By when.
    pub due: NaiveDate,
    /// Minutes after midnight, where the hour matters.
    pub time: Option<u16>,
    /// Where the rule comes from.
    pub origin: &'p Origin,
}

/// What the policy proposes after a screening, but for what an open action of the case already says and for what a
/// clock of the policy knows to be done. Nothing is done by itself.
pub fn proposals<'p>(
    state: &State,
    pack: &'p Pack,
    calendar: &Calendar,
    screening: Screening<'_>,
    now: DateTime<Utc>,
) -> Vec<Proposed<'p>> {
    let Some(case) = Case::of_stream(state, screening.0.stream).filter(|case| case.runs()) else { return Vec::new() };
    let Some(form) = pack.form(screening.form()) else { return Vec::new() };
    let answers = screening.answers().ok().flatten().unwrap_or_default();
    let known: Vec<&str> = state
        .items_in(case.0.stream, ItemKind::Action)
        .map(Action)
        .filter(|action| action.is_open())
        .map(Action::text)
        .collect();
    let fits = |follow: &&Follow| {
        follow.proposed(&answers, screening.outcome(), screening.stopped()) && !known.contains(&follow.text.as_str())
    };
    let propose = |follow: &'p Follow| {
        let due = due(state, pack, calendar, case, follow, now)?.max(now.with_timezone(&jamaica()));
        // What counts days ends with the day.
        let hour = due.format("%H:%M").to_string() != "23:59";
        let minutes = u16::try_from(chrono::Timelike::num_seconds_from_midnight(&due) / 60).ok();
        Some(Proposed {
            code: &follow.code,
            text: &follow.text,
            owner: form::owner_of(state, follow).or_else(|| case.lead()),
            due: due.date_naive(),
            time: minutes.filter(|_| hour && due > now.with_timezone(&jamaica())),
            origin: &follow.origin,
        })
    };
    form.follows.iter().filter(fits).filter_map(propose).collect()
}

/// By when something that follows is due; nothing where its clock is met already.
fn due(
    state: &State,
    pack: &Pack,
    calendar: &Calendar,
    case: Case<'_>,
    follow: &Follow,
    now: DateTime<Utc>,
) -> Option<DateTime<chrono::FixedOffset>> {
    let now = now.with_timezone(&jamaica());
    match &follow.by {
        By::Within(within) => within.after(now, calendar),
        By::Clock(code) => {
            let clock = pack.clock(code)?;
            match today::started(state, pack, calendar, case).find(|status| status.clock.code == *code) {
                Some(status) if status.met.is_some() => None,
                Some(status) => status.due,
                None => due_at(clock, now, case.risk(), calendar),
            }
        }
    }
}

/// The form that a screening is made with: by its code, or the pack's first.
pub fn form_of<'p>(pack: &'p Pack, code: &str) -> Option<&'p Form> {
    form::for_purpose(pack, form::SCREENING, code)
}
