//! Today: everything that is due, computed and never typed by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};

use super::calendar::Calendar;
use super::care::{self, Phase as Care, Service};
use super::closure::{self, Closure};
use super::consent::{self, Consent};
use super::dates::{end_of, jamaica};
use super::decision::{self, Decision};
use super::field::{Field, ItemKind};
use super::ids::{ItemId, StreamId, StreamKind};
use super::meeting::{Meeting, Phase};
use super::outreach::{self, Event};
use super::pack::{Clock, Pack, Risk, SERVICES, Trigger, due_at};
use super::referral::Referral;
use super::screening;
use super::state::State;
use super::teams;
use super::training::{self, Training};
use super::views::{self, Action, Case, FollowUp, Member};

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// An action.
    Action(ItemId),
    /// A planned contact.
    FollowUp(ItemId),
    /// A clock of the policy, by its code.
    Clock(Arc<str>),
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
    /// A meeting that is to come, or was to be and was not held.
    Meeting(ItemId),
    /// A meeting's minutes that are to be sent.
    Minutes(ItemId),
    /// A decision that is to be looked at again.
    Decision(ItemId),
    /// A request that a case be closed, which waits for somebody to approve or refuse it.
    Closing(ItemId),
    /// An answer to a referral that whoever asked has not taken note of.
    Answered(ItemId),
    /// A service that is to begin, or that is to end or to go on.
    Service(ItemId),
    /// An outreach event that is to come, or was to be and nobody has said that it was held.
    Outreach(ItemId),
    /// Who came to an outreach event that was held.
    Numbers(ItemId),
    /// A training that is to come, or was to be and nobody has said that it was held.
    Training(ItemId),
    /// A member's training in a topic runs out, or has.
    Trained(ItemId, Arc<str>),
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
            Self::Meeting(_) => "meeting",
            Self::Minutes(_) => "minutes",
            Self::Decision(_) => "decision",
            Self::Closing(_) => "closing",
            Self::Answered(_) => "answer",
            Self::Service(_) => "service",
            Self::Outreach(_) => "outreach",
            Self::Numbers(_) => "outreach-numbers",
            Self::Training(_) => "training",
            Self::Trained(..) => "training-runs-out",
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
    /// Who leads the case.
    pub lead: Option<ItemId>,
}

impl Due {
    /// The day.
    pub fn day(&self) -> NaiveDate {
        self.at.date_naive()
    }
}

/// What deciding about dues needs to know beside the case itself.
struct Reckoning<'a> {
    state: &'a State,
    pack: &'a Pack,
    calendar: &'a Calendar,
    now: DateTime<FixedOffset>,
    /// The codes of the pack's clocks, shared by all lines that name them.
    codes: Vec<Arc<str>>,
}

/// Everything that is due, by bucket, then time, then risk.
pub fn today(state: &State, pack: &Pack, calendar: &Calendar, now: DateTime<Utc>) -> Vec<Due> {
    let with = Reckoning::new(state, pack, calendar, now);
    let mut list = Vec::new();
    for case in state.items(ItemKind::Case).map(Case).filter(|case| case.runs()) {
        with.case(case, &mut list);
    }
    for action in state.items(ItemKind::Action).map(Action).filter(|action| action.is_open()) {
        with.action(action, &mut list);
    }
    for followup in state.items(ItemKind::FollowUp).map(FollowUp).filter(|followup| followup.is_planned()) {
        with.followup(followup, &mut list);
    }
    for referral in state.items(ItemKind::Referral).map(Referral) {
        with.referral(referral, &mut list);
    }
    for service in state.items(ItemKind::Service).map(Service) {
        with.service(service, &mut list);
    }
    for meeting in state.items(ItemKind::Meeting).map(Meeting) {
        with.meeting(meeting, &mut list);
    }
    with.prevention(&mut list);
    list.sort_unstable_by(order);
    list
}

/// What is due in one stream, in the same order: a case's lines, or the team's own.
pub fn of_stream(state: &State, pack: &Pack, calendar: &Calendar, now: DateTime<Utc>, stream: StreamId) -> Vec<Due> {
    let with = Reckoning::new(state, pack, calendar, now);
    let mut list = Vec::new();
    with.stream(stream, &mut list);
    list.sort_unstable_by(order);
    list
}

/// The list as it is now, made from how it was at an earlier State on the same day: only the streams that have changed
/// since are worked out. `before` must be in order, and the pack the same.
pub fn renewed(
    before: &[Due],
    changed: &BTreeSet<StreamId>,
    (state, pack, calendar): (&State, &Pack, &Calendar),
    now: DateTime<Utc>,
) -> Vec<Due> {
    let with = Reckoning::new(state, pack, calendar, now);
    let mut fresh = Vec::new();
    for stream in changed {
        with.stream(*stream, &mut fresh);
    }
    fresh.sort_unstable_by(order);
    let stream = |due: &Due| match due.what {
        What::Meeting(meeting) | What::Minutes(meeting) => StreamId(meeting.0),
        _ => due.case.map_or(state.team_stream(), |case| StreamId(case.0)),
    };
    let mut list = Vec::with_capacity(before.len() + fresh.len());
    let mut fresh = fresh.into_iter().peekable();
    for old in before.iter().filter(|due| changed.is_empty() || !changed.contains(&stream(due))) {
        let old = Due { bucket: bucket(old.at, with.now), ..old.clone() };
        while let Some(new) = fresh.next_if(|new| order(new, &old).is_lt()) {
            list.push(new);
        }
        list.push(old);
    }
    list.extend(fresh);
    list
}

/// What a line about consent, a referral, a service, a decision, a meeting, outreach or training says; empty for other lines.
/// Names nobody.
pub fn words_of(state: &State, pack: &Pack, what: &What, today: NaiveDate) -> String {
    match what {
        What::Meeting(id) => Meeting::get(state, *id).map_or_else(String::new, |meeting| {
            let kind = pack.label("meeting-type", meeting.kind());
            match meeting.day() {
                _ if meeting.phase() == Phase::Live => "A meeting is running".to_owned(),
                Some(day) if day < today => format!("Not held: {kind}. Move it, or call it off"),
                _ if meeting.place().is_empty() => format!("Meeting: {kind}"),
                _ => format!("Meeting: {kind}, {}", meeting.place()),
            }
        }),
        What::Minutes(id) => Meeting::get(state, *id).map_or_else(String::new, |meeting| {
            let day = meeting.held_day().map(|day| day.format(" of %-d %b").to_string()).unwrap_or_default();
            if meeting.phase() == Phase::Approved {
                format!("Send the minutes{day}")
            } else {
                format!("Approve and send the minutes{day}")
            }
        }),
        What::Outreach(id) => Event::get(state, *id).map_or_else(String::new, |event| {
            let kind = pack.label(outreach::KINDS, event.kind());
            match event.day() {
                Some(day) if day < today => format!("Not marked as held: {kind}. Say how it was, or call it off"),
                _ if event.community().is_empty() => format!("Outreach: {kind}"),
                _ => format!("Outreach: {kind}, {}", event.community()),
            }
        }),
        What::Numbers(id) => Event::get(state, *id).map_or_else(String::new, |event| {
            let day = event.day().map(|day| day.format(" on %-d %b").to_string()).unwrap_or_default();
            format!("Who came to the {}{day}?", pack.label(outreach::KINDS, event.kind()))
        }),
        What::Training(id) => Training::get(state, *id).map_or_else(String::new, |training| {
            let topic = pack.label(training::TOPICS, training.topic());
            match training.day() {
                Some(day) if day < today => format!("Not marked as held: training, {topic}"),
                _ => format!("Training: {topic}"),
            }
        }),
        What::Trained(_, topic) => format!("Training runs out: {}", pack.label(training::TOPICS, topic)),
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
            let late = referral.due().is_some_and(|due| due.with_timezone(&jamaica()).date_naive() < today);
            // Once it is late somebody above them is asked: the list of late referrals says who.
            let then = if late && referral.is_inside() { ": take it up" } else { "" };
            format!("{} has not answered, {since}{then}", referral.other_side(state))
        }),
        What::Answered(id) => Referral::get(state, *id).map_or_else(String::new, |referral| {
            let other = referral.other_side(state);
            match referral.state() {
                "accepted" => format!("{other} has accepted: take note"),
                "declined" => format!("{other} has declined: who else?"),
                _ => format!("{other} has done what was asked: take note"),
            }
        }),
        What::Service(id) => Service::get(state, *id).map_or_else(String::new, |service| {
            let label = pack.label(SERVICES, service.category());
            match (service.phase(), service.due(today)) {
                (Care::Running, Some(day)) if day < today => format!("{label}: its time is over; end it, or plan on"),
                (Care::Running, _) => format!("{label}: ends; does it go on?"),
                (_, Some(day)) if day < today => format!("{label}: has not begun"),
                _ => format!("{label}: to begin"),
            }
        }),
        What::Decision(id) => Decision::get(state, *id).map_or_else(String::new, |decision| {
            format!("Look again at the decision: {}", pack.label("decision-kind", decision.kind()))
        }),
        What::Closing(id) => Closure::get(state, *id).map_or_else(String::new, |closure| {
            let who = views::owner_name(state, closure.by(state));
            let reason = pack.label("close-reason", closure.reason());
            format!("Asked to close {}: {reason} ({who})", closure::asked_when(closure, today))
        }),
        What::Asked(id) => Referral::get(state, *id).map_or_else(String::new, |referral| {
            let asks = if referral.is_transfer() { "asks us to take over" } else { "asks for help" };
            format!("{} {asks}: answer", referral.other_side(state))
        }),
        _ => String::new(),
    }
}

/// The order of Today: by bucket, then time, then risk.
pub fn order(a: &Due, b: &Due) -> std::cmp::Ordering {
    let key = |due: &Due| (due.bucket, due.at, due.risk.unwrap_or(Risk::Low), due.case);
    key(a).cmp(&key(b)).then_with(|| rank(&a.what).cmp(&rank(&b.what)))
}

/// The lines that are `me`'s business: my own, my agency's, my cases', and those of people I cover for.
pub fn mine(state: &State, me: ItemId, on: NaiveDate, list: &[Due]) -> Vec<Due> {
    let is_mine = is_mine(state, me, on);
    list.iter().filter(|due| is_mine(due)).cloned().collect()
}

/// Tells whether a line is `me`'s business, as in [`mine`]. The roster is looked at once.
pub fn is_mine(state: &State, me: ItemId, on: NaiveDate) -> impl Fn(&Due) -> bool {
    let members = state.items(ItemKind::Member).map(|member| member.id);
    let agency = Member::get(state, me).and_then(Member::agency);
    let everybody = members.chain(agency).chain([me]);
    let owners: Vec<ItemId> = everybody.filter(|owner| views::is_mine(state, me, Some(*owner), on)).collect();
    move |due| {
        // Whoever may answer it has it on their list, and nobody else: whoever asked only waits.
        if let What::Closing(id) = due.what {
            let case = due.case.and_then(|case| Case::get(state, case));
            let waiting = Closure::get(state, id);
            return case.zip(waiting).is_some_and(|(case, waiting)| closure::may_answer(state, case, waiting, me));
        }
        let mine = |owner: Option<ItemId>| owner.is_some_and(|owner| owners.contains(&owner));
        let by_lead = due.owner.is_none() || !matches!(due.what, What::Action(_));
        mine(due.owner) || (by_lead && mine(due.lead))
    }
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
        What::Meeting(id) => (9, *id, ""),
        What::Minutes(id) => (10, *id, ""),
        What::Answered(id) => (11, *id, ""),
        What::Service(id) => (12, *id, ""),
        What::Decision(id) => (13, *id, ""),
        What::Outreach(id) => (14, *id, ""),
        What::Numbers(id) => (15, *id, ""),
        What::Training(id) => (16, *id, ""),
        What::Trained(id, topic) => (17, *id, topic),
        What::Closing(id) => (18, *id, ""),
    }
}

fn bucket(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> Bucket {
    match at.date_naive().signed_duration_since(now.date_naive()).num_days() {
        _ if at < now => Bucket::Late,
        0 => Bucket::Today,
        1..=7 => Bucket::Week,
        _ => Bucket::Later,
    }
}

/// A case, with what each of its lines says.
#[derive(Clone, Copy)]
struct Of {
    id: Option<ItemId>,
    risk: Option<Risk>,
    lead: Option<ItemId>,
}

impl Of {
    const TEAM: Self = Self { id: None, risk: None, lead: None };

    fn case(case: Case<'_>) -> Self {
        Self { id: Some(case.0.id), risk: Some(case.risk()), lead: case.lead() }
    }
}

impl<'a> Reckoning<'a> {
    fn new(state: &'a State, pack: &'a Pack, calendar: &'a Calendar, now: DateTime<Utc>) -> Self {
        let codes = pack.clocks.iter().map(|clock| clock.code.as_str().into()).collect();
        Self { state, pack, calendar, now: now.with_timezone(&jamaica()), codes }
    }

    fn due(&self, at: DateTime<FixedOffset>, what: What, of: Of, owner: Option<ItemId>) -> Due {
        let bucket = bucket(at, self.now);
        Due { bucket, at, timed: false, what, case: of.id, risk: of.risk, owner, lead: of.lead }
    }

    fn stream(&self, stream: StreamId, list: &mut Vec<Due>) {
        let state = self.state;
        if stream.kind() == Some(StreamKind::Meeting) {
            if let Some(meeting) = Meeting::get(state, stream.item()) {
                self.meeting(meeting, list);
            }
            return;
        }
        if let Some(case) = Case::of_stream(state, stream).filter(|case| case.runs()) {
            self.case(case, list);
        }
        for action in state.items_in(stream, ItemKind::Action).map(Action).filter(|action| action.is_open()) {
            self.action(action, list);
        }
        for followup in state.items_in(stream, ItemKind::FollowUp).map(FollowUp).filter(|it| it.is_planned()) {
            self.followup(followup, list);
        }
        for referral in state.items_in(stream, ItemKind::Referral).map(Referral) {
            self.referral(referral, list);
        }
        for service in state.items_in(stream, ItemKind::Service).map(Service) {
            self.service(service, list);
        }
        if stream == state.team_stream() {
            self.prevention(list);
        }
    }

    /// Outreach until who came is written down; trainings until they were held; what runs out.
    fn prevention(&self, list: &mut Vec<Due>) {
        for event in self.state.items(ItemKind::Outreach).map(Event) {
            let id = event.0.id;
            if event.phase() == outreach::Phase::Planned {
                let due = |at: DateTime<Utc>| {
                    self.due(at.with_timezone(&jamaica()), What::Outreach(id), Of::TEAM, event.lead())
                };
                list.extend(event.when().map(due).map(|due| Due { timed: true, ..due }));
            }
            let numbers = event.numbers_due(self.pack, self.calendar);
            list.extend(numbers.map(|at| self.due(at, What::Numbers(id), Of::TEAM, event.lead())));
        }
        for training in self.state.items(ItemKind::Training).map(Training) {
            if let (training::Phase::Planned, Some(day)) = (training.phase(), training.day()) {
                list.push(self.due(end_of(day), What::Training(training.0.id), Of::TEAM, None));
            }
        }
        for (member, topic, day) in training::running_out(self.state, self.pack, self.now.date_naive()) {
            list.push(self.due(end_of(day), What::Trained(member, topic.into()), Of::TEAM, Some(member)));
        }
    }

    /// The meeting itself until it was held, and then its minutes until they are sent.
    fn meeting(&self, meeting: Meeting<'_>, list: &mut Vec<Due>) {
        let id = meeting.0.id;
        match meeting.phase() {
            Phase::Planned => {
                let Some(at) = meeting.when() else { return };
                let due = self.due(at.with_timezone(&jamaica()), What::Meeting(id), Of::TEAM, meeting.chair());
                list.push(Due { timed: true, ..due });
            }
            Phase::Ended | Phase::Approved => {
                let clock = self.pack.clocks.iter().find(|clock| clock.stops.contains(&Trigger::MinutesSent));
                let at = clock.zip(meeting.ended()).and_then(|(clock, ended)| {
                    due_at(clock, ended.with_timezone(&jamaica()), Risk::Low, self.calendar)
                });
                let owner = meeting.scribe().or_else(|| meeting.chair());
                list.extend(at.map(|at| self.due(at, What::Minutes(id), Of::TEAM, owner)));
            }
            // It stands in Today until the day is over, and is late from then on: nobody has ended it.
            Phase::Live => {
                let day = meeting.started().map(|at| at.with_timezone(&jamaica()).date_naive());
                let end = day.and_then(|day| day.and_hms_opt(23, 59, 59)?.and_local_timezone(jamaica()).single());
                list.extend(end.map(|end| self.due(end, What::Meeting(id), Of::TEAM, meeting.chair())));
            }
            Phase::Cancelled | Phase::Sent => {}
        }
    }

    fn referral(&self, referral: Referral<'_>, list: &mut Vec<Due>) {
        let id = referral.0.id;
        let what = match (referral.is_ours(self.state), referral.is_for_us(self.state)) {
            (true, _) => What::Awaiting(id),
            (false, true) => What::Asked(id),
            (false, false) => return,
        };
        let Some(case) = referral.case(self.state).filter(|case| case.runs()) else { return };
        let of = Of::case(case);
        if referral.news(self.state, self.now.to_utc()).is_some() {
            // It waits for nobody but the reader, so it is never late.
            let owner = referral.referrer(self.state).or(of.lead);
            list.push(self.due(end_of(self.now.date_naive()), What::Answered(id), of, owner));
        }
        let Some(at) = referral.due().filter(|_| referral.is_waiting()) else { return };
        let at = at.with_timezone(&jamaica());
        // An agency of the own parish answers through its people here: it is their business, and the lead's.
        let owner = referral.agency(self.state).map(|agency| agency.id).or(of.lead);
        let due = self.due(at, what, of, owner);
        list.push(Due { timed: at.hour() != 23, ..due });
    }

    fn service(&self, service: Service<'_>, list: &mut Vec<Due>) {
        let case = service.case(self.state).filter(|case| case.runs());
        let (Some(case), Some(day)) = (case, service.due(self.now.date_naive())) else { return };
        if teams::held_elsewhere(self.state, case.0).is_none() {
            let of = Of::case(case);
            list.push(self.due(end_of(day), What::Service(service.0.id), of, of.lead));
        }
    }

    fn action(&self, action: Action<'_>, list: &mut Vec<Due>) {
        let of = match action.case(self.state) {
            Some(case) if case.runs() => Of::case(case),
            None if action.0.stream == self.state.team_stream() => Of::TEAM,
            _ => return,
        };
        let Some(day) = action.due() else { return };
        let time = action.minutes().and_then(|minutes| super::dates::time_of(minutes.into()));
        let at = time.map_or_else(|| end_of(day), |time| super::dates::at(day, time));
        let due = self.due(at, What::Action(action.0.id), of, action.owner());
        list.push(Due { timed: time.is_some(), ..due });
    }

    fn followup(&self, followup: FollowUp<'_>, list: &mut Vec<Due>) {
        let case = Case::of_stream(self.state, followup.0.stream).filter(|case| case.runs());
        let (Some(case), Some(day)) = (case, followup.due()) else { return };
        let owner = followup.who().or_else(|| case.lead());
        list.push(self.due(end_of(day), What::FollowUp(followup.0.id), Of::case(case), owner));
    }

    fn case(&self, case: Case<'_>, list: &mut Vec<Due>) {
        let (of, item) = (Of::case(case), case.0);
        // Whoever took the case over keeps its clocks.
        if teams::held_elsewhere(self.state, item).is_some() {
            return;
        }
        // A chosen review day has a line of its own.
        let review = item.held(Field::CaseReview);
        let counts = |status: &ClockStatus<'_>| {
            status.met.is_none() && (review.is_nothing() || !status.clock.stops.contains(&Trigger::RiskReview))
        };
        for (status, code) in clocks(self.state, self.pack, self.calendar, case).zip(&self.codes) {
            let Some(at) = status.filter(counts).and_then(|status| status.due) else { continue };
            let due = self.due(at, What::Clock(Arc::clone(code)), of, of.lead);
            list.push(Due { timed: at.hour() != 23, ..due });
        }
        if let Some(day) = review.as_date() {
            list.push(self.due(end_of(day), What::Review, of, of.lead));
        }
        if item.held(Field::CaseQuick).as_yes_no() == Some(true) {
            let at = case.reported().map_or(self.now, |when| when.with_timezone(&jamaica()));
            list.push(self.due(end_of(at.date_naive()), What::Incomplete, of, of.lead));
        }
        for (day, consent) in consent::running_out(self.state, case, self.now.date_naive()) {
            list.push(self.due(end_of(day), What::Consent(consent.0.id), of, of.lead));
        }
        for (day, decision) in decision::to_review(self.state, case) {
            list.push(self.due(end_of(day), What::Decision(decision.0.id), of, of.lead));
        }
        if let Some(waiting) = closure::waiting(self.state, case) {
            let approvers = closure::approvers(self.state, case, waiting.by(self.state));
            // It has no day of its own, so it is never late; the line says since when it waits.
            let owner = if let [one] = approvers.as_slice() { Some(*one) } else { None };
            list.push(self.due(end_of(self.now.date_naive()), What::Closing(waiting.0.id), of, owner));
        }
        if let Some(day) = case.eighteenth() {
            let ahead = day.signed_duration_since(self.now.date_naive());
            if ahead >= TimeDelta::zero() && ahead <= BIRTHDAY_AHEAD {
                list.push(self.due(end_of(day), What::Eighteen, of, of.lead));
            }
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
pub fn started<'a>(
    state: &'a State,
    pack: &'a Pack,
    calendar: &'a Calendar,
    case: Case<'a>,
) -> impl Iterator<Item = ClockStatus<'a>> {
    clocks(state, pack, calendar, case).flatten()
}

/// The pack's clocks, in its order, as they stand in this case; `None` for those that it has not started.
fn clocks<'a>(
    state: &'a State,
    pack: &'a Pack,
    calendar: &'a Calendar,
    case: Case<'a>,
) -> impl Iterator<Item = Option<ClockStatus<'a>>> {
    let risk = case.risk();
    // A review day that somebody chose goes before the one that the policy counts from the last assessment.
    let review = case.0.held(Field::CaseReview).as_date();
    pack.clocks.iter().map(move |clock| {
        let start = moment(state, pack, case, &clock.start)?;
        // What stops a clock must come after its start, or else the start of a later round would be stopped by an
        // earlier one's end; first contact and reports may well have been made before they were written down.
        let met = clock.stops.iter().filter_map(|stop| match stop {
            // An earlier screening knew nothing of what started the clock.
            Trigger::Screened => screening::since(state, case, start),
            stop => moment(state, pack, case, stop),
        });
        let met = met.min();
        let met = if clock.again { met.filter(|met| *met > start) } else { met };
        let chosen = review.filter(|_| clock.stops.contains(&Trigger::RiskReview));
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
            let known = !case.0.held(Field::CaseNcr).is_nothing();
            return known.then(|| case.0.held(Field::CaseStatutory).as_when().or_else(|| case.reported())).flatten();
        }
        Trigger::CarePlan => return care::complete_since(state, pack, case),
        Trigger::Stage(code) => return reached(state, pack, case, code),
        Trigger::Flag(flag) => return state.flag_since(case.0.id, flag),
        Trigger::MeetingHeld | Trigger::MinutesSent | Trigger::Screened => return None,
    };
    case.0.held(field).as_when()
}

/// When a case first came to a stage, unless it has gone back before it since.
fn reached(state: &State, pack: &Pack, case: Case<'_>, code: &str) -> Option<DateTime<Utc>> {
    let place = |code: &str| pack.stages.iter().position(|stage| stage.code == code);
    (place(case.stage())? >= place(code)?).then(|| state.stage_reached(case.0.id, code)).flatten()
}
