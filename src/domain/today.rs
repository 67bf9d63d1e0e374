//! Today: everything that is due, computed and never typed by hand.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use super::calendar::Calendar;
use super::consent::{self, Consent};
use super::dates::{end_of, jamaica};
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::pack::{Clock, Pack, Risk, Trigger, due_at};
use super::referral::{self, Referral};
use super::state::State;
use super::teams;
use super::value::Value;
use super::views::{Action, Case, FollowUp, Member, is_mine};

/// How far ahead an eighteenth birthday is announced.
const BIRTHDAY_AHEAD: TimeDelta = TimeDelta::days(90);

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// Its time has passed.
    Late,
    /// Due today.
    Today,
    /// Due within the next seven days.
    Week,
    /// Due after that.
    Later,
}

impl Bucket {
    /// The section's title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Late => "Late",
            Self::Today => "Today",
            Self::Week => "This week",
            Self::Later => "Later",
        }
    }

    /// The word in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Today => "today",
            Self::Week => "week",
            Self::Later => "later",
        }
    }

    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Late, Self::Today, Self::Week, Self::Later];
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An action.
    Action(ItemId),
    /// A planned contact.
    FollowUp(ItemId),
    /// A clock of the policy, by its code.
    Clock(String),
    /// The risk review on the day that the case names.
    Review,
    /// The child turns eighteen.
    Eighteen,
    /// A quick report that is to be completed.
    Incomplete,
    /// A consent that runs out.
    Consent(ItemId),
    /// A referral that the other side has not answered.
    Awaiting(ItemId),
    /// A referral that another team waits for us to answer.
    Asked(ItemId),
}

impl What {
    /// The word in `--json`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Action(_) => "action",
            Self::FollowUp(_) => "followup",
            Self::Clock(_) => "clock",
            Self::Review => "review",
            Self::Eighteen => "eighteenth-birthday",
            Self::Incomplete => "incomplete-report",
            Self::Consent(_) => "consent",
            Self::Awaiting(_) => "awaiting-answer",
            Self::Asked(_) => "referral",
        }
    }
}

/// One line of Today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Where it stands.
    pub bucket: Bucket,
    /// When it is due, in Jamaica; the end of the day where no hour was given.
    pub at: DateTime<FixedOffset>,
    /// True if the hour matters.
    pub timed: bool,
    /// What is due.
    pub what: What,
    /// The case, if it belongs to one.
    pub case: Option<ItemId>,
    /// The case's risk; [`None`] without a case.
    pub risk: Option<Risk>,
    /// Whose business it is.
    pub owner: Option<ItemId>,
}

impl Due {
    /// The day.
    pub fn day(&self) -> NaiveDate {
        self.at.date_naive()
    }
}

/// Everything that is due, by bucket, then time, then risk.
pub fn today(state: &State, pack: &Pack, calendar: &Calendar, now: DateTime<Utc>) -> Vec<Due> {
    let mut list = Vec::new();
    let now = now.with_timezone(&jamaica());
    for case in state.items(ItemKind::Case).map(Case).filter(|case| case.runs()) {
        case_dues(state, pack, calendar, now, case, &mut list);
    }
    for action in state.items(ItemKind::Action).map(Action).filter(|action| action.is_open()) {
        let case = action.case(state);
        if action.0.stream == state.team_stream() || case.is_some_and(Case::runs) {
            list.extend(action_due(now, action, case));
        }
    }
    for followup in state.items(ItemKind::FollowUp).map(FollowUp).filter(|followup| followup.is_planned()) {
        let Some(case) = Case::of_stream(state, followup.0.stream).filter(|case| case.runs()) else { continue };
        let Some(day) = followup.due() else { continue };
        let owner = followup.who().or_else(|| case.lead());
        list.push(due(now, end_of(day), false, What::FollowUp(followup.0.id), Some(case), owner));
    }
    for referral in referral::awaiting_answer(state) {
        list.extend(referral_due(state, now, referral, What::Awaiting(referral.0.id)));
    }
    for referral in referral::to_answer(state) {
        list.extend(referral_due(state, now, referral, What::Asked(referral.0.id)));
    }
    list.sort_by(order);
    list
}

/// What a line about consent or a referral says; empty for other lines. Names nobody.
pub fn words_of(state: &State, what: &What, today: NaiveDate) -> String {
    match what {
        What::Consent(id) => Consent::get(state, *id).map_or_else(String::new, |consent| {
            let scopes = consent::scope_words(&consent.scopes());
            if consent.expired(today) {
                format!("Consent to {scopes} has run out: ask again")
            } else {
                format!("Consent to {scopes} runs out")
            }
        }),
        What::Awaiting(id) => Referral::get(state, *id).map_or_else(String::new, |referral| {
            let asked = referral.sent().map(|sent| sent.with_timezone(&jamaica()).date_naive());
            let days = asked.map_or(0, |asked| today.signed_duration_since(asked).num_days());
            let since = match days {
                ..=0 => "asked today".to_owned(),
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            };
            format!("{} has not answered, {since}", referral.other_side(state))
        }),
        What::Asked(id) => Referral::get(state, *id).map_or_else(String::new, |referral| {
            let asks = if referral.is_transfer() { "asks us to take over" } else { "asks for help" };
            format!("{} {asks}: answer", referral.other_side(state))
        }),
        _ => String::new(),
    }
}

fn referral_due(state: &State, now: DateTime<FixedOffset>, referral: Referral<'_>, what: What) -> Option<Due> {
    let case = referral.case(state)?;
    let at = referral.due()?.with_timezone(&jamaica());
    Some(due(now, at, at.hour() != 23, what, Some(case), case.lead()))
}

/// The order of Today: by bucket, then time, then risk.
pub fn order(a: &Due, b: &Due) -> std::cmp::Ordering {
    let key = |due: &Due| (due.bucket, due.at, due.risk.unwrap_or(Risk::Low), due.case);
    key(a).cmp(&key(b)).then_with(|| rank(&a.what).cmp(&rank(&b.what)))
}

/// The lines that are `me`'s business: my own, my agency's, my cases', and those of people I cover for.
pub fn mine(state: &State, me: ItemId, on: NaiveDate, list: &[Due]) -> Vec<Due> {
    let concerns = |due: &&Due| {
        let lead = due.case.and_then(|case| Case::get(state, case)).and_then(Case::lead);
        let by_lead = due.owner.is_none() || !matches!(due.what, What::Action(_));
        is_mine(state, me, due.owner, on) || (by_lead && is_mine(state, me, lead, on))
    };
    list.iter().filter(concerns).cloned().collect()
}

/// True for members whose Today opens on the whole team's lines.
pub fn opens_on_team(state: &State, me: ItemId) -> bool {
    Member::get(state, me).is_some_and(Member::leads)
}

fn rank(what: &What) -> (u8, ItemId, &str) {
    let none = ItemId([0; 16]);
    match what {
        What::Incomplete => (0, none, ""),
        What::Clock(code) => (1, none, code),
        What::Review => (2, none, ""),
        What::Action(id) => (3, *id, ""),
        What::FollowUp(id) => (4, *id, ""),
        What::Awaiting(id) => (5, *id, ""),
        What::Asked(id) => (6, *id, ""),
        What::Consent(id) => (7, *id, ""),
        What::Eighteen => (8, none, ""),
    }
}

fn due(
    now: DateTime<FixedOffset>,
    at: DateTime<FixedOffset>,
    timed: bool,
    what: What,
    case: Option<Case<'_>>,
    owner: Option<ItemId>,
) -> Due {
    let days = at.date_naive().signed_duration_since(now.date_naive()).num_days();
    let bucket = match days {
        _ if at < now => Bucket::Late,
        0 => Bucket::Today,
        1..=7 => Bucket::Week,
        _ => Bucket::Later,
    };
    Due { bucket, at, timed, what, case: case.map(|case| case.0.id), risk: case.map(Case::risk), owner }
}

fn action_due(now: DateTime<FixedOffset>, action: Action<'_>, case: Option<Case<'_>>) -> Option<Due> {
    let day = action.due()?;
    let time = action
        .minutes()
        .and_then(|minutes| NaiveTime::from_hms_opt(u32::from(minutes) / 60, u32::from(minutes) % 60, 0));
    let at = time.map_or_else(|| end_of(day), |time| super::dates::at(day, time));
    Some(due(now, at, time.is_some(), What::Action(action.0.id), case, action.owner()))
}

fn case_dues(
    state: &State,
    pack: &Pack,
    calendar: &Calendar,
    now: DateTime<FixedOffset>,
    case: Case<'_>,
    list: &mut Vec<Due>,
) {
    // Whoever took the case over keeps its clocks.
    if teams::held_elsewhere(state, case.0).is_some() {
        return;
    }
    // A chosen review day has a line of its own.
    let chosen = !case.0.value(Field::CaseReview).is_nothing();
    let counts = |status: &ClockStatus<'_>| {
        status.met.is_none() && !(chosen && status.clock.stops.contains(&Trigger::RiskReview))
    };
    for status in clocks(state, pack, calendar, case).filter(counts) {
        let Some(at) = status.due else { continue };
        let timed = at.hour() != 23;
        list.push(due(now, at, timed, What::Clock(status.clock.code.clone()), Some(case), case.lead()));
    }
    if let Some(day) = case.0.value(Field::CaseReview).as_date() {
        list.push(due(now, end_of(day), false, What::Review, Some(case), case.lead()));
    }
    if case.0.value(Field::CaseQuick).as_yes_no() == Some(true) {
        let at = case.reported().map_or(now, |when| when.with_timezone(&jamaica()));
        list.push(due(now, end_of(at.date_naive()), false, What::Incomplete, Some(case), case.lead()));
    }
    for (day, consent) in consent::running_out(state, case, now.date_naive()) {
        list.push(due(now, end_of(day), false, What::Consent(consent.0.id), Some(case), case.lead()));
    }
    if let Some(day) = case.eighteenth() {
        let ahead = day.signed_duration_since(now.date_naive());
        if ahead >= TimeDelta::zero() && ahead <= BIRTHDAY_AHEAD {
            list.push(due(now, end_of(day), false, What::Eighteen, Some(case), case.lead()));
        }
    }
}

/// A clock of a case: when it runs out, and when it was met.
#[derive(Clone, Copy, Debug)]
pub struct ClockStatus<'a> {
    /// The policy's clock.
    pub clock: &'a Clock,
    /// When it runs out; `None` beyond the years that can be counted.
    pub due: Option<DateTime<FixedOffset>>,
    /// When it was met; `None` while it runs.
    pub met: Option<DateTime<Utc>>,
}

/// The clocks that this case has started.
pub fn clocks<'a>(
    state: &'a State,
    pack: &'a Pack,
    calendar: &'a Calendar,
    case: Case<'a>,
) -> impl Iterator<Item = ClockStatus<'a>> {
    let risk = case.risk();
    pack.clocks.iter().filter_map(move |clock| {
        let start = moment(state, pack, case, &clock.start)?;
        // What stops a clock must come after its start, or else the start of a later round would be stopped by an
        // earlier one's end; first contact and reports may well have been made before they were written down.
        let met = clock.stops.iter().filter_map(|stop| moment(state, pack, case, stop)).min();
        let met = if clock.again { met.filter(|met| *met > start) } else { met };
        // A review day that somebody chose goes before the one that the policy counts from the last assessment.
        let chosen = case.0.value(Field::CaseReview).as_date().filter(|_| clock.stops.contains(&Trigger::RiskReview));
        let counted = due_at(clock, start.with_timezone(&jamaica()), risk, calendar);
        Some(ClockStatus { clock, due: chosen.map(end_of).or(counted), met })
    })
}

/// When a trigger last happened in a case.
fn moment(state: &State, pack: &Pack, case: Case<'_>, trigger: &Trigger) -> Option<DateTime<Utc>> {
    let field = match trigger {
        Trigger::Reported => return case.reported(),
        Trigger::Opened => Field::CaseOpened,
        Trigger::RiskSet | Trigger::RiskReview => Field::CaseRiskSet,
        Trigger::FirstContact => Field::CaseFirstContact,
        Trigger::StatutoryReport => Field::CaseStatutory,
        Trigger::MedicalCheck => Field::CaseMedical,
        Trigger::Closed => Field::CaseClosed,
        Trigger::NcrNumber => {
            let known = !case.0.value(Field::CaseNcr).is_nothing();
            return known.then(|| case.0.value(Field::CaseStatutory).as_when().or_else(|| case.reported())).flatten();
        }
        Trigger::Stage(code) => return reached(state, pack, case, code),
        Trigger::MeetingHeld | Trigger::MinutesSent => return None,
    };
    match case.0.value(field) {
        value @ Value::When(_) => value.as_when(),
        _ => None,
    }
}

/// When a case first came to a stage, unless it has gone back before it since.
fn reached(state: &State, pack: &Pack, case: Case<'_>, code: &str) -> Option<DateTime<Utc>> {
    let place = |code: &str| pack.stages.iter().position(|stage| stage.code == code);
    (place(case.stage())? >= place(code)?).then(|| state.stage_reached(case.0.id, code)).flatten()
}
