//! What may stand in somebody's calendar and is due no more: done, answered, met, called off, or its case has ended.
//!
//! Made from what is on record alone: whatever has a day and is not among what is due now. A day that was taken away
//! again is nowhere on record, and stays in the calendars that have it.

use std::collections::HashSet;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use super::calendar::Calendar;
use super::care::Service;
use super::consent::Consent;
use super::dates::{at, end_of, jamaica, time_of};
use super::decision::Decision;
use super::field::ItemKind;
use super::ics;
use super::ids::ItemId;
use super::meeting::Meeting;
use super::pack::{Pack, Risk, Trigger, due_at};
use super::referral::Referral;
use super::state::State;
use super::today::{self, Bucket, Due, What};
use super::training::{self, Training};
use super::views::{Action, Case, FollowUp};

/// For so many days after its day something that is over is withdrawn from the calendars that may have it.
const WITHDRAWN: i64 = 60;

/// What is over and whose day is not long past, as it would stand in a calendar; `due` is what is due now.
pub fn over(state: &State, pack: &Pack, calendar: &Calendar, now: DateTime<Utc>, due: &[Due]) -> Vec<Due> {
    let stands: HashSet<_> = due.iter().map(ics::subject).collect();
    let today = now.with_timezone(&jamaica()).date_naive();
    let mut all = Over { state, list: Vec::new() };
    all.work();
    all.promises();
    all.clocks(pack, calendar);
    all.meetings(pack, calendar);
    let near = |due: &Due| (due.day() - today).num_days() >= -WITHDRAWN;
    all.list.retain(|due| near(due) && !stands.contains(&ics::subject(due)));
    all.list
}

struct Over<'a> {
    state: &'a State,
    list: Vec<Due>,
}

impl Over<'_> {
    fn add(&mut self, what: What, at: Option<DateTime<FixedOffset>>, case: Option<Case<'_>>, owner: Option<ItemId>) {
        let Some(at) = at else { return };
        let (case, lead) = (case.map(|case| case.0.id), case.and_then(Case::lead));
        self.list.push(Due { bucket: Bucket::Later, at, timed: false, what, case, risk: None, owner, lead });
    }

    fn add_day(&mut self, what: What, day: Option<NaiveDate>, case: Option<Case<'_>>, owner: Option<ItemId>) {
        self.add(what, day.map(end_of), case, owner);
    }

    fn work(&mut self) {
        let state = self.state;
        for action in state.items(ItemKind::Action).map(Action) {
            let time = action.minutes().and_then(|minutes| time_of(minutes.into()));
            let when = action.due().map(|day| time.map_or_else(|| end_of(day), |time| at(day, time)));
            self.add(What::Action(action.0.id), when, action.case(state), action.owner());
            if let Some(last) = self.list.last_mut().filter(|due| due.what == What::Action(action.0.id)) {
                last.timed = time.is_some();
            }
        }
        for contact in state.items(ItemKind::FollowUp).map(FollowUp) {
            let case = Case::of_stream(state, contact.0.stream);
            self.add_day(What::FollowUp(contact.0.id), contact.due(), case, contact.who());
        }
        for service in state.items(ItemKind::Service).map(Service) {
            let day = service.planned_end().or_else(|| service.planned_start());
            self.add_day(What::Service(service.0.id), day, service.case(state), None);
        }
    }

    /// Consents, answers and decisions: what runs out, is awaited or is to be looked at again.
    fn promises(&mut self) {
        let state = self.state;
        for consent in state.items(ItemKind::Consent).map(Consent) {
            self.add_day(What::Consent(consent.0.id), consent.until(), Case::of_stream(state, consent.0.stream), None);
        }
        for decision in state.items(ItemKind::Decision).map(Decision) {
            let case = Case::of_stream(state, decision.0.stream);
            self.add_day(What::Decision(decision.0.id), decision.review(), case, None);
        }
        for referral in state.items(ItemKind::Referral).map(Referral) {
            let id = referral.0.id;
            let what = if referral.is_ours(state) { What::Awaiting(id) } else { What::Asked(id) };
            let owner = referral.agency(state).map(|agency| agency.id);
            self.add(what, referral.due().map(|due| due.with_timezone(&jamaica())), referral.case(state), owner);
        }
        for training in state.items(ItemKind::Training).map(Training) {
            if training.phase() != training::Phase::Planned {
                self.add_day(What::Training(training.0.id), training.day(), None, None);
            }
        }
    }

    fn clocks(&mut self, pack: &Pack, calendar: &Calendar) {
        let state = self.state;
        for case in state.items(ItemKind::Case).map(Case) {
            for status in today::started(state, pack, calendar, case) {
                let what = What::Clock(status.clock.code.as_str().into());
                self.add(what, status.due, Some(case), case.lead());
            }
        }
    }

    /// Minutes that were sent.
    fn meetings(&mut self, pack: &Pack, calendar: &Calendar) {
        let Some(clock) = pack.clocks.iter().find(|clock| clock.stops.contains(&Trigger::MinutesSent)) else { return };
        for meeting in self.state.items(ItemKind::Meeting).map(Meeting) {
            let ended = meeting.ended().map(|ended| ended.with_timezone(&jamaica()));
            let due = ended.and_then(|ended| due_at(clock, ended, Risk::Low, calendar));
            self.add(What::Minutes(meeting.0.id), due, None, meeting.scribe().or_else(|| meeting.chair()));
        }
    }
}
