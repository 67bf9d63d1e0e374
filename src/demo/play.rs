//! Plays the sample's events in the order of time.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use toml::Value as Toml;

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::find;
use crate::domain::ids::ItemId;
use crate::domain::teams;
use crate::domain::typed;
use crate::domain::value::Value;
use crate::error::{AppError, Result};
use crate::ops::{
    ActionAdd, ActionCancel, ActionDone, ActionPostpone, ActionReassign, ActionStart, ActionWhy, AgencyAdd, AgendaAdd,
    Answer, CaseBestInterests, CaseClose, CaseEdit, CaseIdentify, CaseLink, CaseNote, CaseOpen, CaseReopen, CaseStage,
    Checklist, ClosureApprove, ClosureRefuse, ConsentRecord, ConsentWithdraw, FollowUpAdd, FollowUpDone,
    FollowUpMissed, Keep, LinkWords, MeetingAction, MeetingAttend, MeetingEnd, MeetingNew, MeetingSay, MeetingStart,
    MeetingTurn, MinutesApprove, MinutesSent, Op, Opened, OutreachAction, OutreachAdd, OutreachCancel, OutreachEdit,
    OutreachHeld, PageAdd, PeerVerify, PersonAdd, PersonGather, PersonSame, ReferralAnswer, ReferralReceive,
    ReferralRevoke, ReferralSeen, ReferralSend, ScreeningFinish, ServiceEnd, ServiceNeed, ServicePlan, TeamAdd,
    TeamAway, TeamEdit, TeamLeave, TrainingAdd, ViewsTell, Who,
};
use crate::session::{Clock, FixedClock, NewDocument, Session};
use crate::vault::keys::participant::Participant;
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};

use super::read::{Event, Sample, SampleMember};
use super::{bug, cards};

/// Names of the sample's keys and of the fields that they fill, where the two differ only in spelling.
const OPENING: &[(&str, Field)] = &[
    ("concern", Field::CaseConcern),
    ("risk", Field::CaseRisk),
    ("channel", Field::CaseChannel),
    ("exploitation", Field::CaseExploitation),
    ("child_name", Field::CaseChildName),
    ("sex", Field::CaseSex),
    ("community", Field::CaseCommunity),
    ("address", Field::CaseAddress),
    ("phone", Field::CasePhone),
    ("school", Field::CaseSchool),
    ("mother", Field::CaseMother),
    ("father", Field::CaseFather),
    ("carer", Field::CaseCarer),
    ("alleged", Field::CaseAlleged),
    ("household", Field::CaseHousehold),
    ("reporter", Field::CaseReporter),
    ("reporter_relation", Field::CaseReporterRelation),
    ("safe_phone", Field::CaseSafePhone),
    ("safe_when", Field::CaseSafeWhen),
    ("safe_words", Field::CaseSafeWords),
    ("safe_never", Field::CaseSafeNever),
    ("no_messages", Field::CaseNoMessages),
    ("place_safety", Field::CasePlaceSafety),
    ("place_note", Field::CasePlaceNote),
    ("lead", Field::CaseLead),
];

/// What happens next: an event of a case, of the team, or of a member's life on the team.
enum Step<'s> {
    Joins(&'s SampleMember),
    Away(&'s SampleMember),
    Leaves(&'s SampleMember),
    Event(Option<&'s str>, &'s Event),
}

/// Turns days into dates and events into ops.
pub(super) struct Player<'s> {
    sample: &'s Sample,
    now: DateTime<Utc>,
    day_zero: NaiveDate,
}

/// What the sample's keys stand for, once played.
#[derive(Default)]
struct Known {
    people: HashMap<String, Participant>,
    items: HashMap<String, ItemId>,
    at_keyboard: String,
}

impl Known {
    fn meeting(&self, event: &Event) -> Result<ItemId> {
        let key = meeting_key(event.text("key"));
        self.items.get(&key).copied().ok_or_else(|| bug(&format!("no meeting has the key {key}")))
    }
}

impl<'s> Player<'s> {
    pub fn new(sample: &'s Sample, now: DateTime<Utc>) -> Self {
        Self { sample, now, day_zero: now.with_timezone(&dates::jamaica()).date_naive() }
    }

    /// The day before anything happened.
    pub fn first_day(&self) -> i64 {
        let days = self.sample.cases.iter().flat_map(|case| &case.event).map(|event| event.day);
        let joined = self.sample.team.member.iter().map(|member| member.day);
        days.chain(joined).min().unwrap_or(0) - 1
    }

    fn date(&self, day: i64) -> NaiveDate {
        self.day_zero + TimeDelta::days(day)
    }

    fn moment(&self, day: i64, at: &str) -> Result<DateTime<Utc>> {
        let time = NaiveTime::parse_from_str(at, "%H:%M").map_err(|_| bug(&format!("\"{at}\" is no time")))?;
        Ok(dates::at(self.date(day), time).to_utc())
    }

    pub fn clock_at(&self, day: i64, at: &str) -> Result<Box<dyn Clock>> {
        Ok(Box::new(FixedClock(self.moment(day, at)?)))
    }

    /// Plays everything, in one commit, then gives the keyboard back and sets the clock to now.
    pub fn play(&self, session: &mut Session, passphrase: &Passphrase, work: WorkFactor) -> Result<()> {
        let first = &self.sample.team.member[0];
        let me = session.me();
        let mut known = Known { at_keyboard: first.handle.clone(), ..Known::default() };
        let mut steps = self.steps()?;
        steps.sort_by_key(|(when, ..)| *when);
        session.all_or_nothing(|session| {
            session.run(TeamEdit { member: me, values: Self::contact(first) })?;
            for agency in &self.sample.team.agency {
                if find::owner(session.state(), &agency.code, true).is_err() {
                    let kind = typed::choice(session.pack(), "agency-kind", &agency.kind).unwrap_or("other").to_owned();
                    session.run(AgencyAdd { code: agency.code.clone(), name: agency.name.clone(), kind })?;
                }
            }
            for (when, step) in &steps {
                session.set_clock(Box::new(FixedClock(*when)));
                self.step(session, &mut known, step).map_err(|error| Self::place_of(step, &error))?;
            }
            seat(session, &mut known, &first.handle)?;
            self.neighbours(session)
        })?;
        session.set_clock(Box::new(FixedClock(self.now)));
        for handle in super::CAN_UNLOCK.iter().filter(|handle| **handle != first.handle) {
            let keys = known.people.remove(*handle).ok_or_else(|| bug("somebody who unlocks is not there"))?;
            session.store_participant(&keys, handle, passphrase, work)?;
        }
        session.forget_undo();
        session.settle()
    }

    /// Two teams next door: one with whom words were compared, one whose card has just come.
    fn neighbours(&self, session: &mut Session) -> Result<()> {
        session.set_clock(self.clock_at(-20, "09:40")?);
        let peer = session.take_card(&cards::shipped(cards::SAINT_MARY)?)?.peer();
        session.set_clock(self.clock_at(-19, "10:05")?);
        session.run(PeerVerify { peer, how: "by telephone, on the number in the directory".to_owned() })?;
        session.set_clock(self.clock_at(-2, "15:20")?);
        session.take_card(&cards::shipped(cards::PORTLAND)?)?;
        session.card(false).map(drop)
    }

    fn place_of(step: &Step<'_>, error: &AppError) -> AppError {
        let place = match step {
            Step::Event(case, event) => {
                format!("{} day {} {} {}", case.unwrap_or("team"), event.day, event.at, event.verb)
            }
            Step::Joins(member) | Step::Away(member) | Step::Leaves(member) => member.handle.clone(),
        };
        bug(&format!("{place}: {} {}", error.message, error.hint))
    }

    fn steps(&self) -> Result<Vec<(DateTime<Utc>, Step<'s>)>> {
        let mut steps = Vec::new();
        for member in self.sample.team.member.iter().skip(1) {
            steps.push((self.moment(member.day, "07:30")?, Step::Joins(member)));
        }
        for member in &self.sample.team.member {
            if let Some(from) = member.away_from {
                steps.push((self.moment(from.min(0) - 2, "16:00")?, Step::Away(member)));
            }
            if let Some(day) = member.left {
                steps.push((self.moment(day, "18:00")?, Step::Leaves(member)));
            }
        }
        for case in &self.sample.cases {
            for event in &case.event {
                steps.push((self.moment(event.day, &event.at)?, Step::Event(Some(&case.key), event)));
            }
        }
        for event in &self.sample.team_events {
            steps.push((self.moment(event.day, &event.at)?, Step::Event(None, event)));
        }
        Ok(steps)
    }

    fn contact(member: &SampleMember) -> Vec<(Field, Value)> {
        vec![
            (Field::MemberPhone, Value::text(&member.phone)),
            (Field::MemberEmail, Value::text(&member.email)),
            (Field::MemberCard, Value::text(&member.card)),
        ]
    }

    fn step(&self, session: &mut Session, known: &mut Known, step: &Step<'_>) -> Result<()> {
        let first = &self.sample.team.member[0].handle;
        match step {
            Step::Joins(member) => {
                seat(session, known, first)?;
                let agency = owner(session, &member.agency)?;
                let mut values = Self::contact(member);
                values.extend([
                    (Field::MemberName, Value::text(&member.name)),
                    (Field::MemberHandle, Value::text(&member.handle)),
                    (Field::MemberAgency, Value::Item(agency)),
                    (Field::MemberRole, Value::code(&member.role)),
                ]);
                let made = session.run(TeamAdd { values })?.made[0];
                let keys = session.introduce(made, &member.handle)?;
                known.people.insert(member.handle.clone(), keys);
                Ok(())
            }
            Step::Away(member) => {
                seat(session, known, first)?;
                let cover = member.cover.as_deref().map(|handle| owner(session, handle)).transpose()?;
                let away = TeamAway {
                    member: owner(session, &member.handle)?,
                    from: self.date(member.away_from.unwrap_or(0)),
                    until: member.away_until.map(|day| self.date(day)),
                    cover,
                };
                session.run(away).map(drop)
            }
            Step::Leaves(member) => {
                seat(session, known, first)?;
                let member = owner(session, &member.handle)?;
                session.run(TeamLeave { member }).map(drop)
            }
            Step::Event(case, event) => {
                seat(session, known, &event.by)?;
                if event.verb == "meeting.attend" {
                    return attend(session, known, event);
                }
                if event.verb == "document.add" {
                    return self.attach(session, known, *case, event);
                }
                let op = match event.verb.split_once('.') {
                    Some(("meeting" | "agenda" | "minutes", _)) => self.meeting(session, known, event)?,
                    Some(("referral" | "service", _)) => self.help(session, known, *case, event)?,
                    Some(("outreach" | "training" | "library", _)) => self.prevention(session, known, event)?,
                    _ => self.op(session, known, *case, event)?,
                };
                let done = session.run(op)?;
                if !event.text("may_tell").is_empty() {
                    let to = event.texts("tell_to").iter().map(|agency| teams::agency_party(agency)).collect();
                    session.run(ViewsTell { note: done.made[0], may: event.text("may_tell").to_owned(), to })?;
                }
                let key = match (event.verb.as_str(), case) {
                    ("case.open", Some(case)) => (*case).to_owned(),
                    ("meeting.new", _) => meeting_key(event.text("key")),
                    ("meeting.action" | "outreach.action", _) => item_key(None, event.text("action")),
                    (
                        "action.add" | "followup.add" | "referral.send" | "service.plan" | "outreach.add"
                        | "training.add" | "person.add",
                        _,
                    ) => item_key(*case, event.text("key")),
                    _ => return Ok(()),
                };
                known.items.insert(key, done.made[0]);
                Ok(())
            }
        }
    }

    fn attach(&self, session: &mut Session, known: &Known, case: Option<&str>, event: &Event) -> Result<()> {
        let case =
            case.and_then(|key| known.items.get(key)).copied().ok_or_else(|| bug("a document without a case"))?;
        let file = event.text("file");
        let bytes = super::read::document(file).ok_or_else(|| bug(&format!("there is no file {file}")))?;
        let new = NewDocument {
            kind: event.text("kind").to_owned(),
            class: None,
            name: file.to_owned(),
            date: event.number("dated_day").map(|day| self.date(day)),
            source: event.text("source").to_owned(),
            note: event.text("note").to_owned(),
        };
        session.add_document(case, new, bytes, &mut |_| true).map(drop)
    }

    fn op(&self, session: &Session, known: &Known, case: Option<&str>, event: &Event) -> Result<Op> {
        let item = || {
            let key = item_key(case, event.text("key"));
            known.items.get(&key).copied().ok_or_else(|| bug(&format!("nothing has the key {key}")))
        };
        let this = || {
            let key = case.unwrap_or_default();
            known.items.get(key).copied().ok_or_else(|| bug(&format!("no case has the key {key}")))
        };
        let text = |key: &str| event.text(key).to_owned();
        let due = || event.number("due_day").map(|day| self.date(day)).ok_or_else(|| bug("due_day is missing"));
        Ok(match event.verb.as_str() {
            "case.open" => self.open(session, known, event)?.into(),
            "case.edit" => CaseEdit { case: this()?, values: self.edits(session, event)?, followup: false }.into(),
            "case.stage" => CaseStage { case: this()?, stage: text("stage"), followup: false }.into(),
            "case.note" => {
                CaseNote { cases: vec![this()?], kind: text("kind"), class: None, text: text("text"), when: None }
                    .into()
            }
            "case.close" => {
                let checklist = Checklist { met: event.texts("met"), unmet: event.texts("unmet"), why: text("why") };
                let filled = !checklist.met.is_empty() || !checklist.unmet.is_empty();
                let close = CaseClose::new(this()?, event.text("reason"));
                CaseClose { note: text("note"), checklist: filled.then_some(checklist), ..close }.into()
            }
            "case.reopen" => CaseReopen { case: this()?, reason: text("reason"), followup: false }.into(),
            "case.link" => {
                let other = known.items.get(event.text("other")).copied().ok_or_else(|| bug("no such other case"))?;
                let words = LinkWords { note: text("note"), said_by: text("said_by") };
                CaseLink { a: this()?, b: other, kind: text("kind"), words }.into()
            }
            "person.add" => PersonAdd { case: this()?, values: self.known_of(session, known, event)? }.into(),
            "person.gather" => PersonGather { case: this()? }.into(),
            "person.same" => {
                let other = known.items.get(event.text("other")).copied().ok_or_else(|| bug("no such other person"))?;
                PersonSame { person: item()?, other, same: true }.into()
            }
            "screening.new" => Self::screening(this()?, event).into(),
            "case.approve" => ClosureApprove { case: this()?, words: text("words"), cancel_open: false }.into(),
            "case.refuse" => ClosureRefuse { case: this()?, words: text("words") }.into(),
            "case.best-interests" => self.best_interests(session, this()?, event)?.into(),
            "case.identify" => self.identify(this()?, event).into(),
            "consent.record" => ConsentRecord {
                role: text("role"),
                capacity: text("capacity"),
                until: event.number("until_day").map(|day| self.date(day)),
                refused: event.texts("refused"),
                to: event.texts("to").iter().map(|agency| teams::agency_party(agency)).collect(),
                keep: Keep {
                    from: event.texts("keep_from").iter().map(|agency| teams::agency_party(agency)).collect(),
                    what: event.texts("keep").iter().filter_map(|class| Class::from_name(class)).collect(),
                    why: text("keep_why"),
                },
                assent: text("assent"),
                note: text("note"),
                ..ConsentRecord::new(this()?, event.texts("scopes"), text("giver"))
            }
            .into(),
            "consent.withdraw" => {
                ConsentWithdraw { case: this()?, scopes: event.texts("scopes"), consent: None, reason: text("reason") }
                    .into()
            }
            "action.add" => ActionAdd {
                cases: if case.is_some() { vec![this()?] } else { Vec::new() },
                text: text("text"),
                owner: owner(session, event.text("owner"))?,
                due: due()?,
                time: None,
                priority: text("priority"),
                class: crate::domain::class::Class::from_name(event.text("class")),
                backdated: false,
            }
            .into(),
            "action.start" => ActionStart { action: item()? }.into(),
            "action.done" => ActionDone { action: item()? }.into(),
            "action.cancel" => ActionCancel { action: item()?, reason: text("reason") }.into(),
            "action.postpone" => ActionPostpone { action: item()?, due: due()?, reason: text("reason") }.into(),
            "action.reassign" => ActionReassign { action: item()?, owner: owner(session, event.text("owner"))? }.into(),
            "action.why" => ActionWhy { action: item()?, why: text("why"), note: text("note") }.into(),
            "followup.add" => FollowUpAdd {
                cases: vec![this()?],
                kind: text("kind"),
                due: due()?,
                every: event.number("every_days").and_then(|days| u16::try_from(days).ok()),
                who: Some(owner(session, event.text("who"))?),
            }
            .into(),
            "followup.done" => FollowUpDone { followup: item()?, note: text("note") }.into(),
            "followup.missed" => FollowUpMissed { followup: item()?, note: text("note") }.into(),
            other => return Err(bug(&format!("there is no verb {other}"))),
        })
    }

    /// What is done at a meeting, for it or after it.
    fn meeting(&self, session: &Session, known: &Known, event: &Event) -> Result<Op> {
        let text = |key: &str| event.text(key).to_owned();
        let meeting = || known.meeting(event);
        let case = || match event.text("of") {
            "" => Ok(None),
            key => known.items.get(key).copied().map(Some).ok_or_else(|| bug(&format!("no case has the key {key}"))),
        };
        let item = || {
            // By its number, or by its case: which line a rule gives a case differs from build to build.
            if let Some(case) = case()? {
                let line = session.agenda(meeting()?).into_iter().find(|line| line.case == Some(case));
                return line.and_then(|line| line.item).ok_or_else(|| bug("the case is not on the agenda"));
            }
            let number = event.number("item").and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
            let line = number.checked_sub(1).and_then(|at| session.agenda(meeting().ok()?).get(at)?.item);
            line.ok_or_else(|| bug("the agenda has no such item"))
        };
        let day =
            |key: &str| event.number(key).map(|day| self.date(day)).ok_or_else(|| bug(&format!("{key} is missing")));
        Ok(match event.verb.as_str() {
            "meeting.new" => MeetingNew {
                kind: text("kind"),
                when: self.moment(event.number("on_day").unwrap_or(0), event.text("on_time"))?,
                place: text("place"),
                scribe: Some(owner(session, event.text("minute_taker"))?),
                ..MeetingNew::default()
            }
            .into(),
            "agenda.add" => {
                AgendaAdd { meeting: Some(meeting()?), case: case()?, text: text("text"), minutes: None }.into()
            }
            "meeting.start" => MeetingStart { meeting: meeting()?, statement: true }.into(),
            "meeting.turn" => MeetingTurn { meeting: meeting()?, to: Some(item()?), leave: "done".to_owned() }.into(),
            "meeting.say" => {
                let (kind, text) = (text("kind"), text("text"));
                MeetingSay { item: item()?, kind, text, said_by: event.text("said_by").to_owned(), when: None }.into()
            }
            "meeting.action" => MeetingAction {
                item: item()?,
                text: text("text"),
                owner: owner(session, event.text("owner"))?,
                due: day("due_day")?,
                time: None,
                priority: String::new(),
            }
            .into(),
            "meeting.end" => MeetingEnd { meeting: meeting()?, anyway: true }.into(),
            "minutes.approve" => MinutesApprove { meeting: meeting()? }.into(),
            "minutes.sent" => MinutesSent { meeting: meeting()?, how: text("how") }.into(),
            other => return Err(bug(&format!("there is no verb {other}"))),
        })
    }

    fn screening(case: ItemId, event: &Event) -> ScreeningFinish {
        let text = |key: &str| event.text(key).to_owned();
        let all = event.rest.get("answers").and_then(Toml::as_table).into_iter().flatten();
        // Several choices have commas between them, in a word that holds no space.
        let said = |value: &Toml| {
            let text = value.as_str().unwrap_or_default();
            let parts: Vec<&str> = if text.contains(' ') { vec![text] } else { text.split(',').collect() };
            parts.into_iter().map(str::to_owned).collect()
        };
        ScreeningFinish {
            case,
            form: text("form"),
            answers: all.map(|(code, value)| (code.clone(), said(value))).collect(),
            when: None,
            place: text("place"),
            why: text("why"),
            mode: text("mode"),
            by: None,
            outcome: text("outcome"),
            stopped: event.rest.get("stopped").and_then(Toml::as_bool) == Some(true),
            follows: None,
            note: text("note"),
        }
    }

    fn identify(&self, case: ItemId, event: &Event) -> CaseIdentify {
        let text = |key: &str| event.text(key).to_owned();
        CaseIdentify {
            case,
            status: text("status"),
            by: text("decided_by"),
            when: None,
            acts: event.texts("acts"),
            means: event.texts("means"),
            purposes: event.texts("purposes"),
            basis: text("basis"),
            screening: None,
            dissent: text("dissent"),
            review: event.number("review_day").map(|day| self.date(day)),
        }
    }

    fn best_interests(&self, session: &Session, case: ItemId, event: &Event) -> Result<CaseBestInterests> {
        let text = |key: &str| event.text(key).to_owned();
        let panel = event.texts("panel").iter().map(|handle| owner(session, handle)).collect::<Result<Vec<_>>>()?;
        Ok(CaseBestInterests {
            case,
            question: text("question"),
            options: text("options"),
            heard: event.text("unheard").is_empty(),
            views: text("views"),
            views_note: None,
            unheard: text("unheard"),
            decision: text("decision"),
            panel,
            others: text("others"),
            dissent: text("dissent"),
            when: None,
            review: event.number("review_day").map(|day| self.date(day)),
            under: None,
        })
    }

    /// Outreach, training and the library.
    fn prevention(&self, session: &Session, known: &Known, event: &Event) -> Result<Op> {
        let text = |key: &str| event.text(key).to_owned();
        let item = || {
            let key = item_key(None, event.text("key"));
            known.items.get(&key).copied().ok_or_else(|| bug(&format!("nothing has the key {key}")))
        };
        let on =
            |key: &str| event.number(key).map(|day| self.date(day)).ok_or_else(|| bug(&format!("{key} is missing")));
        let set = |kind: ItemKind| {
            let set = event.rest.get("set").and_then(Toml::as_table).into_iter().flatten();
            set.map(|(name, value)| {
                let field = Field::named(kind, name).ok_or_else(|| bug(&format!("no field {name}")))?;
                Ok((field, self.value(session, field, value)?))
            })
            .collect::<Result<Vec<(Field, Value)>>>()
        };
        let who = || event.texts("who").iter().map(|handle| owner(session, handle)).collect::<Result<Vec<ItemId>>>();
        Ok(match event.verb.as_str() {
            "outreach.add" => OutreachAdd {
                kind: text("kind"),
                topic: text("topic"),
                when: self.moment(event.number("on_day").unwrap_or(0), event.text("on_time"))?,
                lead: None,
                set: set(ItemKind::Outreach)?,
            }
            .into(),
            "outreach.held" => OutreachHeld { event: item()?, set: set(ItemKind::Outreach)? }.into(),
            "outreach.edit" => OutreachEdit { event: item()?, set: set(ItemKind::Outreach)? }.into(),
            "outreach.cancel" => OutreachCancel { event: item()?, reason: text("reason") }.into(),
            "outreach.action" => {
                let owner = owner(session, event.text("owner"))?;
                OutreachAction { event: item()?, text: text("text"), owner, due: on("due_day")? }.into()
            }
            "training.add" => {
                TrainingAdd { topic: text("topic"), date: on("on_day")?, who: who()?, set: set(ItemKind::Training)? }
                    .into()
            }
            "library.add" => PageAdd {
                name: text("name"),
                title: text("title"),
                tags: text("tags"),
                source: text("source"),
                date: None,
                body: text("body"),
            }
            .into(),
            other => return Err(bug(&format!("there is no verb {other}"))),
        })
    }

    fn open(&self, session: &Session, known: &Known, event: &Event) -> Result<CaseOpen> {
        let mut values = Vec::new();
        for (key, field) in OPENING {
            if let Some(value) = event.rest.get(*key) {
                values.push((*field, self.value(session, *field, value)?));
            }
        }
        if let Some(day) = event.number("reported_day") {
            values.push((Field::CaseReported, Value::when(self.moment(day, event.text("reported_at"))?)));
        }
        if let Some(days) = event.number("dob_in_days") {
            let birthday = self.date(days);
            let born = birthday.checked_sub_months(chrono::Months::new(18 * 12)).unwrap_or(birthday);
            values.push((Field::CaseDob, Value::date(born)));
        } else if let Some(age) = event.rest.get("dob_age").and_then(Toml::as_float) {
            #[expect(clippy::cast_possible_truncation, reason = "ages are small")]
            let days = (age * 365.25) as i64;
            values.push((Field::CaseDob, Value::date(self.date(-days))));
        }
        let quick = event.text("risk") == "unassessed" && event.text("child_name").is_empty();
        let how = match event.text("sibling_of") {
            "" if quick => Opened::Quick,
            "" => Opened::Report,
            key => Opened::SiblingOf(known.items.get(key).copied().ok_or_else(|| bug("no such sibling"))?),
        };
        let restricted = event.rest.get("restricted").and_then(Toml::as_array).into_iter().flatten();
        let restricted_to = restricted.filter_map(Toml::as_str).map(|handle| owner(session, handle));
        let restricted_to = restricted_to.collect::<Result<_>>()?;
        Ok(CaseOpen { how, values, restricted_to, followup: false })
    }

    /// Whom was asked for help, and what is planned and given.
    fn help(&self, session: &Session, known: &Known, case: Option<&str>, event: &Event) -> Result<Op> {
        let item = || {
            let key = item_key(case, event.text("key"));
            known.items.get(&key).copied().ok_or_else(|| bug(&format!("nothing has the key {key}")))
        };
        let this = || {
            let key = case.unwrap_or_default();
            known.items.get(key).copied().ok_or_else(|| bug(&format!("no case has the key {key}")))
        };
        let text = |key: &str| event.text(key).to_owned();
        Ok(match event.verb.as_str() {
            "referral.send" => ReferralSend {
                case: this()?,
                to: teams::agency_party(event.text("agency")),
                kind: "refer".to_owned(),
                category: text("category"),
                service: text("service"),
                urgency: text("urgency"),
                reason: text("reason"),
                override_reason: text("override"),
            }
            .into(),
            "referral.accept" | "referral.decline" | "referral.done" => {
                let answer = match event.verb.as_str() {
                    "referral.accept" => Answer::Accept,
                    "referral.decline" => Answer::Decline,
                    _ => Answer::Done,
                };
                let given = event.number("on_day").map(|day| self.date(day));
                let words = ReferralAnswer::new(item()?, answer, event.text("note"));
                ReferralAnswer { outcome: text("outcome"), given, ..words }.into()
            }
            "referral.receive" => ReferralReceive { referral: item()? }.into(),
            "referral.revoke" => ReferralRevoke { referral: item()?, reason: text("reason") }.into(),
            "referral.seen" => ReferralSeen { referral: item()? }.into(),
            "service.need" => {
                let all = |key: &str, needed: bool| event.texts(key).into_iter().map(move |code| (code, Some(needed)));
                ServiceNeed { case: this()?, needs: all("needed", true).chain(all("not_needed", false)).collect() }
                    .into()
            }
            "service.plan" => {
                ServicePlan { case: this()?, category: text("category"), values: self.planned(session, event)? }.into()
            }
            "service.end" => ServiceEnd {
                service: item()?,
                on: event.number("on_day").map(|day| self.date(day)),
                outcome: text("outcome"),
                note: text("note"),
                views: text("views"),
            }
            .into(),
            other => return Err(bug(&format!("there is no verb {other}"))),
        })
    }

    /// What is said of a service that is planned, or that has begun.
    fn planned(&self, session: &Session, event: &Event) -> Result<Vec<(Field, Value)>> {
        let mut values = Vec::new();
        for (key, field) in [
            ("provider", Field::ServiceProvider),
            ("dose", Field::ServiceDose),
            ("note", Field::ServiceNote),
            ("views", Field::ServiceViews),
        ] {
            if !event.text(key).is_empty() {
                values.push((field, Value::text(event.text(key))));
            }
        }
        for (key, field) in [
            ("from_day", Field::ServicePlannedStart),
            ("until_day", Field::ServicePlannedEnd),
            ("began_day", Field::ServiceStarted),
        ] {
            values.extend(event.number(key).map(|day| (field, Value::date(self.date(day)))));
        }
        if !event.text("agency").is_empty() {
            values.push((Field::ServiceAgency, Value::Item(owner(session, event.text("agency"))?)));
        }
        Ok(values)
    }

    /// What is said of somebody; `case` is the key of their own case.
    fn known_of(&self, session: &Session, known: &Known, event: &Event) -> Result<Vec<(Field, Value)>> {
        let mut values = Vec::new();
        let set = event.rest.get("set").and_then(Toml::as_table).ok_or_else(|| bug("set is missing"))?;
        for (name, value) in set {
            let field = Field::named(ItemKind::Person, name).ok_or_else(|| bug(&format!("no field {name}")))?;
            let value = match (field, value.as_str()) {
                (Field::PersonCase, Some(key)) => {
                    Value::Item(*known.items.get(key).ok_or_else(|| bug(&format!("no case has the key {key}")))?)
                }
                _ => self.value(session, field, value)?,
            };
            values.push((field, value));
        }
        Ok(values)
    }

    fn edits(&self, session: &Session, event: &Event) -> Result<Vec<(Field, Value)>> {
        let set = event.rest.get("set").and_then(Toml::as_table).ok_or_else(|| bug("set is missing"))?;
        set.iter()
            .map(|(name, value)| {
                let field = Field::named(ItemKind::Case, name).ok_or_else(|| bug(&format!("no field {name}")))?;
                Ok((field, self.value(session, field, value)?))
            })
            .collect()
    }

    fn value(&self, session: &Session, field: Field, value: &Toml) -> Result<Value> {
        let text = match value {
            Toml::Boolean(yes) => return Ok(Value::YesNo(*yes)),
            Toml::Array(parts) => parts.iter().filter_map(Toml::as_str).collect::<Vec<_>>().join(","),
            Toml::String(text) => match text.strip_prefix("day:") {
                Some(day) => self.day(day)?,
                None => text.clone(),
            },
            _ => return Err(bug("a value is neither text nor list")),
        };
        let today = session.today_date();
        typed::value(session.state(), session.pack(), today, field, &text)
            .map_err(|error| bug(&format!("{}: {error}", field.def().name)))
    }

    /// `-40` or `-30 10:15` as an ISO date, with the time.
    fn day(&self, text: &str) -> Result<String> {
        let (day, at) = text.split_once(' ').unwrap_or((text, ""));
        let day: i64 = day.parse().map_err(|_| bug(&format!("\"{text}\" is no day")))?;
        Ok(format!("{} {at}", self.date(day)).trim_end().to_owned())
    }
}

fn meeting_key(key: &str) -> String {
    format!("meeting/{key}")
}

/// Marks everybody whom the event lists.
fn attend(session: &mut Session, known: &Known, event: &Event) -> Result<()> {
    let meeting = known.meeting(event)?;
    for mark in ["present", "apologies", "absent"] {
        for handle in event.texts(mark) {
            let who = Who::Member(owner(session, &handle)?);
            session.run(MeetingAttend { meeting, who, mark: mark.to_owned(), info: None, signed: None })?;
        }
    }
    Ok(())
}

fn item_key(case: Option<&str>, key: &str) -> String {
    format!("{}/{key}", case.unwrap_or("team"))
}

fn owner(session: &Session, name: &str) -> Result<ItemId> {
    find::owner(session.state(), name, true).map_err(|_| bug(&format!("nobody is called {name}")))
}

/// Lets somebody else sit down at the keyboard.
fn seat(session: &mut Session, known: &mut Known, handle: &str) -> Result<()> {
    if known.at_keyboard == handle {
        return Ok(());
    }
    let keys = known.people.remove(handle).ok_or_else(|| bug(&format!("{handle} has no keys yet")))?;
    let before = session.change_seat(keys);
    let left = std::mem::replace(&mut known.at_keyboard, handle.to_owned());
    known.people.insert(left, before);
    Ok(())
}
