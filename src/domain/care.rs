//! The care plan: what is done for a child, by kinds of service, against the minimum standards of the policy pack.
//!
//! Where a service stands is computed from its days, never typed. Nothing here decides what a child needs: it says what
//! nobody has decided yet, and what was decided and is not planned.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::pack::{Pack, ServiceKind};
use super::referral::{Referral, referrals};
use super::state::State;
use super::views::{Case, owner_name};

/// How long before its planned end a running service stands in Today.
pub const AHEAD: TimeDelta = TimeDelta::days(14);

/// The category whose days are a stay.
pub const STAY: &str = "accommodation";

/// One service in a case's plan.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a>(pub &'a Item);

/// Where a service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It is being given.
    Running,
    /// It is needed, and it has a day, or came from a referral.
    Planned,
    /// It is needed, and nothing is planned.
    Needed,
    /// It was given.
    Ended,
    /// Somebody decided that it is not needed.
    NotNeeded,
    /// Nobody has decided.
    Undecided,
}

impl Phase {
    /// The word for it, on screens and in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Planned => "planned",
            Self::Needed => "needed",
            Self::Ended => "ended",
            Self::NotNeeded => "not needed",
            Self::Undecided => "undecided",
        }
    }
}

impl<'a> Service<'a> {
    /// A standing service by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Service && item.stands()).map(Self)
    }

    /// Every service of a case: the earliest first, then what has no day yet.
    pub fn all(state: &'a State, case: Case<'_>) -> Vec<Self> {
        let mut all: Vec<Self> = state.items_in(case.0.stream, ItemKind::Service).map(Self).collect();
        let day = |it: &Self| it.started().or_else(|| it.planned_start());
        all.sort_by_key(|it| (day(it).is_none(), day(it), it.0.id));
        all
    }

    /// The category's code.
    pub fn category(self) -> &'a str {
        self.0.str(Field::ServiceCategory)
    }

    /// Whether it is needed; `None` if nobody has decided.
    pub fn needed(self) -> Option<bool> {
        self.0.held(Field::ServiceNeeded).as_yes_no()
    }

    /// On which day it is to begin.
    pub fn planned_start(self) -> Option<NaiveDate> {
        self.0.held(Field::ServicePlannedStart).as_date()
    }

    /// Until which day it is planned.
    pub fn planned_end(self) -> Option<NaiveDate> {
        self.0.held(Field::ServicePlannedEnd).as_date()
    }

    /// On which day it began.
    pub fn started(self) -> Option<NaiveDate> {
        self.0.held(Field::ServiceStarted).as_date()
    }

    /// On which day it ended.
    pub fn ended(self) -> Option<NaiveDate> {
        self.0.held(Field::ServiceEnded).as_date()
    }

    /// The outcome's code; empty if none was written down.
    pub fn outcome(self) -> &'a str {
        self.0.str(Field::ServiceOutcome)
    }

    /// The referral from which it came.
    pub fn referral(self) -> Option<ItemId> {
        self.0.held(Field::ServiceReferral).as_item()
    }

    /// Who gives it: the agency, the words, or both ("MOH, Nurse Ellis"); empty if nobody was named, or if it is not to
    /// be read here.
    pub fn provider(self, state: &State) -> String {
        let agency = self.0.held(Field::ServiceAgency).as_item().map(|agency| owner_name(state, Some(agency)));
        match (agency, self.0.str(Field::ServiceProvider)) {
            (None, words) => words.to_owned(),
            (Some(agency), "") => agency.into_owned(),
            (Some(agency), words) => format!("{agency}, {words}"),
        }
    }

    /// True if words of it exist that are not to be read here.
    pub fn is_withheld(self, state: &State) -> bool {
        self.0.class != super::class::Class::Core && state.unreadable(self.0.stream, self.0.class) > 0
    }

    /// Where it stands.
    pub fn phase(self) -> Phase {
        // Only what stands in the core: it must be the same for whoever may not read the words.
        let planned = self.planned_start().is_some() || self.planned_end().is_some() || self.referral().is_some();
        match (self.ended(), self.started(), self.needed()) {
            (Some(_), ..) => Phase::Ended,
            (None, Some(_), _) => Phase::Running,
            (None, None, Some(false)) => Phase::NotNeeded,
            _ if planned => Phase::Planned,
            (None, None, Some(true)) => Phase::Needed,
            (None, None, None) => Phase::Undecided,
        }
    }

    /// How many days it has lasted, the first counted; `None` if it has not begun.
    pub fn days(self, today: NaiveDate) -> Option<i64> {
        let last = self.ended().unwrap_or(today);
        self.started().map(|first| last.signed_duration_since(first).num_days().max(0) + 1)
    }

    /// The case.
    pub fn case(self, state: &'a State) -> Option<Case<'a>> {
        Case::of_stream(state, self.0.stream)
    }

    /// What is due with it, and on which day: that it begins, or that it ends or goes on. `today` bounds how far ahead
    /// an end is announced.
    pub fn due(self, today: NaiveDate) -> Option<NaiveDate> {
        match self.phase() {
            Phase::Planned => self.planned_start(),
            Phase::Running => self.planned_end().filter(|end| end.signed_duration_since(today) <= AHEAD),
            _ => None,
        }
    }
}

/// One line of a care plan: a category with everything that stands under it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The category's code.
    pub category: &'a str,
    /// The pack's category; `None` where the pack has it no more.
    pub kind: Option<&'a ServiceKind>,
    /// True if the pack asks for it in this case.
    pub standard: bool,
    /// Its services, the earliest first.
    pub services: Vec<Service<'a>>,
    /// A referral of this team for it that waits for an answer.
    pub asked: Option<Referral<'a>>,
}

impl<'a> Row<'a> {
    /// The service that counts now: what runs, else what is planned, needed, given, not needed.
    pub fn current(&self) -> Option<Service<'a>> {
        // Of several that stand alike the last one.
        self.services.iter().rev().min_by_key(|it| it.phase()).copied()
    }

    /// Where the category stands.
    pub fn phase(&self) -> Phase {
        self.current().map_or(Phase::Undecided, Service::phase)
    }

    /// True if the pack asks for it and nobody has decided, or if it is needed and nothing is planned. While somebody
    /// was asked for it the referral's own clock runs.
    pub fn is_missing(&self) -> bool {
        match self.phase() {
            _ if self.asked.is_some() => false,
            Phase::Undecided => self.standard,
            Phase::Needed => true,
            Phase::Running | Phase::Planned | Phase::Ended | Phase::NotNeeded => false,
        }
    }

    /// What people read.
    pub fn label(&self) -> &'a str {
        self.kind.map_or(self.category, |kind| kind.label.as_str())
    }
}

/// The care plan of a case: the pack's categories in its order, then what an older pack had.
pub fn plan<'a>(state: &'a State, pack: &'a Pack, case: Case<'a>) -> Vec<Row<'a>> {
    let mut services = Service::all(state, case);
    let waiting: Vec<Referral<'a>> =
        referrals(state, case).into_iter().filter(|it| it.is_waiting() && it.is_ours(state)).collect();
    let asked = |code: &str| waiting.iter().find(|it| it.category() == code).copied();
    let mut of = |code: &str| {
        let (of, rest) = std::mem::take(&mut services).into_iter().partition(|it: &Service<'a>| it.category() == code);
        services = rest;
        of
    };
    let mut rows: Vec<Row<'a>> = pack
        .services
        .iter()
        .map(|kind| Row {
            category: &kind.code,
            kind: Some(kind),
            standard: kind.standard.as_ref().is_some_and(|when| when.holds(pack, case)),
            services: of(&kind.code),
            asked: asked(&kind.code),
        })
        .collect();
    for it in services {
        if let Some(row) = rows.iter_mut().find(|row| row.category == it.category()) {
            row.services.push(it);
        } else {
            let (category, asked) = (it.category(), asked(it.category()));
            rows.push(Row { category, kind: None, standard: false, services: vec![it], asked });
        }
    }
    rows
}

/// How a plan stands, for a line: how many of the standards that hold are met, of how many, and how much is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Standards that hold in this case.
    pub standards: usize,
    /// Those of them that are decided on and planned, running or given.
    pub met: usize,
    /// Lines where something is missing, also needs beyond the standards.
    pub missing: usize,
}

/// Counts a plan.
pub fn count(rows: &[Row<'_>]) -> Count {
    let standards = rows.iter().filter(|row| row.standard);
    Count {
        standards: standards.clone().count(),
        met: standards.filter(|row| !row.is_missing()).count(),
        missing: rows.iter().filter(|row| row.is_missing()).count(),
    }
}

/// Since when no standard is missing: when the last of the decisions was written down; `None` while something is, or
/// where the pack asks for nothing.
pub fn complete_since(state: &State, pack: &Pack, case: Case<'_>) -> Option<DateTime<Utc>> {
    if pack.services.is_empty() {
        return None;
    }
    let rows = plan(state, pack, case);
    if rows.iter().any(|row| row.standard && row.is_missing()) {
        return None;
    }
    let written = |it: &Service<'_>| {
        let first = it.0.register(Field::ServiceNeeded).and_then(|needed| needed.heads().first());
        let entry = first.map(|head| head.entry).or(it.0.created);
        entry.and_then(|entry| state.stamp(entry)).map(|stamp| stamp.wall)
    };
    let last = rows.iter().filter(|row| row.standard).filter_map(Row::current).filter_map(|it| written(&it)).max();
    last.and_then(DateTime::from_timestamp_millis)
}

/// The services of a case that run.
pub fn running<'a>(state: &'a State, case: Case<'_>) -> impl Iterator<Item = Service<'a>> {
    state.items_in(case.0.stream, ItemKind::Service).map(Service).filter(|it| it.phase() == Phase::Running)
}
