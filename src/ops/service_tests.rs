//! The care plan, through its ops.

use chrono::{Days, NaiveDate};

use super::*;
use crate::domain::care::{self, Phase, Row, Service};
use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::today::What;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::session::{FixedClock, Session};
use crate::testing::team::{case, team};
use crate::vault::disk::MemoryDisk;

fn need(case: ItemId, category: &str, needed: Option<bool>) -> ServiceNeed {
    ServiceNeed { case, needs: vec![(category.to_owned(), needed)] }
}

fn plan(case: ItemId, category: &str, values: Vec<(Field, Value)>) -> ServicePlan {
    ServicePlan { case, category: category.to_owned(), values }
}

fn phase(session: &Session, service: ItemId) -> Phase {
    Service::get(session.state(), service).expect("there").phase()
}

fn refused(result: crate::error::Result<crate::session::Done>) -> String {
    let error = result.expect_err("refused");
    assert!(!error.hint.is_empty(), "{}", error.message);
    error.message
}

fn missing(session: &Session, id: ItemId) -> Vec<String> {
    let state = session.state();
    let rows = care::plan(state, session.pack(), Case::get(state, id).expect("a case"));
    rows.iter().filter(|row| row.is_missing()).map(|row| row.category.to_owned()).collect()
}

fn end(service: ItemId, on: Option<NaiveDate>) -> ServiceEnd {
    ServiceEnd { service, on, outcome: "completed".into(), note: String::new(), views: String::new() }
}

fn later(session: &mut Session, days: u64) {
    let now = session.now() + chrono::TimeDelta::days(i64::try_from(days).expect("few"));
    session.set_clock(Box::new(FixedClock(now)));
}

#[test]
fn a_service_goes_from_needed_to_ended() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "Works at a yard");
    let today = session.today_date();
    session.run(need(id, "counselling", Some(true))).expect("needed");
    let state = session.state();
    let rows = care::plan(state, session.pack(), Case::get(state, id).expect("there"));
    let row = rows.iter().find(|row| row.category == "counselling").expect("a row");
    assert_eq!((row.phase(), row.is_missing()), (Phase::Needed, true), "needed, and nothing is planned");
    let from = today + Days::new(3);
    let made = session
        .run(plan(
            id,
            "counselling",
            vec![
                (Field::ServicePlannedStart, Value::date(from)),
                (Field::ServiceDose, Value::text("12 talks")),
                (Field::ServiceProvider, Value::text("Willow House")),
            ],
        ))
        .expect("planned")
        .made;
    assert_eq!(session.state().items(ItemKind::Service).count(), 1, "what was needed is planned, not doubled");
    let service = made[0];
    assert_eq!(phase(&session, service), Phase::Planned);
    assert_eq!(session.state().item(service).expect("there").class, Class::Health, "its words are health");
    assert!(!missing(&session, id).contains(&"counselling".to_owned()));
    let line = |session: &Session| session.today().iter().find(|due| due.what == What::Service(service)).cloned();
    assert_eq!(line(&session).expect("in Today").day(), from);
    later(&mut session, 5);
    assert!(refused(session.run(end(service, None))).contains("has not begun"));
    session.run(ServiceStart { service, on: Some(from) }).expect("begun");
    assert_eq!(phase(&session, service), Phase::Running);
    assert!(line(&session).is_none(), "it has begun, and no end is planned");
    assert!(refused(session.run(ServiceStart { service, on: None })).contains("has begun"));
    assert_eq!(Service::get(session.state(), service).expect("there").days(session.today_date()), Some(3));
    let views = ServiceEnd { views: "I liked the garden".into(), ..end(service, None) };
    session.run(views).expect("ended");
    assert_eq!(phase(&session, service), Phase::Ended);
    assert!(refused(session.run(end(service, None))).contains("ended already"));
    assert!(refused(session.run(ServiceStart { service, on: None })).contains("has ended"));
    let field = Field::ServiceViews.class(Class::Health);
    assert_eq!(field, Class::Views, "the child's words stay among the child's words");
}

#[test]
fn days_must_make_sense() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "Works at a yard");
    let today = session.today_date();
    let day = |days: i64| Value::date(today + chrono::TimeDelta::days(days));
    let bad = |values| plan(id, "medical", values);
    for (values, says) in [
        (vec![(Field::ServicePlannedStart, day(5)), (Field::ServicePlannedEnd, day(4))], "before the beginning"),
        (vec![(Field::ServiceStarted, day(1))], "lies in the future"),
        (vec![(Field::ServiceEnded, day(0))], "has not begun"),
        (vec![(Field::ServiceStarted, day(-2)), (Field::ServiceEnded, day(-3))], "before the beginning"),
        (vec![(Field::ServicePlannedStart, day(9_000))], "twenty years"),
        (vec![(Field::ServiceCategory, Value::code("legal"))], "can't be set here"),
        (vec![(Field::ServiceDose, Value::text(&"x".repeat(501)))], "too long"),
    ] {
        let message = refused(session.run(bad(values)));
        assert!(message.contains(says), "{message} / {says}");
    }
    assert!(refused(session.run(plan(id, "massage", Vec::new()))).contains("no service called"));
    let service = session.run(bad(vec![(Field::ServiceStarted, day(-2))])).expect("begun").made[0];
    assert!(refused(session.run(need(id, "medical", Some(false)))).contains("runs"));
    assert!(refused(session.run(end(service, Some(today - Days::new(3))))).contains("before the beginning"));
    let edit = |values| ServiceEdit { service, values };
    assert!(refused(session.run(edit(vec![(Field::ServiceStarted, day(2))]))).contains("future"));
    session.run(edit(vec![(Field::ServiceStarted, day(-4))])).expect("corrected");
    assert_eq!(Service::get(session.state(), service).expect("there").days(today), Some(5));
    let close = CaseClose { cancel_open: true, ..CaseClose::new(id, "goals-met") };
    assert!(session.run(close).expect("closed").says.contains("1 service in its care plan still runs"));
    assert!(refused(session.run(end(service, None))).contains("is closed"));
    assert!(refused(session.run(plan(id, "legal", Vec::new()))).contains("is closed"));
}

#[test]
fn what_the_standards_ask_for_and_nobody_decided_is_missing() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "Works at a yard");
    let always = ["accommodation", "basic-needs", "medical", "counselling"];
    assert_eq!(missing(&session, id), always);
    session.run(CaseStage { case: id, stage: "care".into(), followup: false }).expect("moved");
    assert_eq!(missing(&session, id), [&always[..], &["legal", "education"]].concat());
    let flags = vec![(Field::CaseFlags, Value::codes(["court-date"]))];
    session.run(CaseEdit { case: id, values: flags, followup: false }).expect("flagged");
    assert!(missing(&session, id).contains(&"court".to_owned()), "a flag brings a standard");
    let late = |session: &Session| session.today().iter().any(|due| due.what == What::Clock("care-plan".into()));
    assert!(late(&session), "the policy's clock runs from the care stage");
    let needs = missing(&session, id).into_iter().map(|code| (code, Some(false))).collect();
    session.run(ServiceNeed { case: id, needs }).expect("decided");
    assert_eq!(missing(&session, id), [""; 0]);
    assert!(!late(&session), "everything is decided: the clock has stopped");
    session.run(need(id, "medical", None)).expect("taken back");
    assert_eq!(missing(&session, id), ["medical"]);
    assert!(late(&session));
    assert!(refused(session.run(need(id, "medical", None))).contains("already says so"));
    let twice = ServiceNeed { case: id, needs: vec![("medical".into(), Some(true)), ("medical".into(), None)] };
    assert!(refused(session.run(twice)).contains("twice"));
    let died = CaseClose { cancel_open: true, ..CaseClose::new(id, "died") };
    session.run(died).expect("closed");
    assert!(!session.today().iter().any(|due| due.case == Some(id)), "nothing more is asked of this case");
}

#[test]
fn several_services_of_one_kind_stand_side_by_side() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "Works at a yard");
    let today = session.today_date();
    let began = |days| vec![(Field::ServiceStarted, Value::date(today - Days::new(days)))];
    let first = session.run(plan(id, "accommodation", began(20))).expect("begun").made[0];
    session.run(end(first, Some(today - Days::new(5)))).expect("ended");
    let second = session.run(plan(id, "accommodation", began(5))).expect("begun").made[0];
    assert_ne!(first, second);
    let state = session.state();
    let rows = care::plan(state, session.pack(), Case::get(state, id).expect("there"));
    let row: &Row<'_> = &rows[0];
    assert_eq!(row.services.len(), 2);
    assert_eq!(row.current().expect("one").0.id, second, "what runs counts");
    assert_eq!(row.services[0].days(today), Some(16), "the stay lasted so long");
    assert_eq!(care::running(state, Case::get(state, id).expect("there")).count(), 1);
    // The end of what runs is announced two weeks ahead.
    let due = |session: &Session| session.today().iter().any(|due| due.what == What::Service(second));
    let until = |days| vec![(Field::ServicePlannedEnd, Value::date(today + Days::new(days)))];
    session.run(ServiceEdit { service: second, values: until(30) }).expect("set");
    assert!(!due(&session));
    session.run(ServiceEdit { service: second, values: until(14) }).expect("set");
    assert!(due(&session));
}

#[test]
fn an_accepted_referral_stands_in_the_plan_until_it_is_done() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "Works at a yard");
    let agency = session.state().items(ItemKind::Agency).next().expect("an agency").str(Field::AgencyCode).to_owned();
    let ask = |over: &str| ReferralSend {
        case: id,
        to: crate::domain::teams::agency_party(&agency),
        kind: "refer".into(),
        category: "legal".into(),
        service: String::new(),
        urgency: String::new(),
        reason: "papers".into(),
        override_reason: over.into(),
    };
    let referral = session.run(ask("in danger tonight")).expect("asked").made[0];
    assert!(refused(session.run(ask("x"))).contains("has not answered"));
    let other = ReferralSend { category: "medical".into(), ..ask("in danger tonight") };
    session.run(other).expect("one agency may be asked for two kinds of help");
    session.run(ReferralReceive { referral }).expect("arrived");
    assert!(!session.state().item(referral).expect("there").value(Field::ReferralReceived).is_nothing());
    let says = session.run(ReferralAnswer::new(referral, Answer::Accept, "")).expect("accepted").says;
    assert!(says.contains("care plan"), "{says}");
    let state = session.state();
    let service = state.items(ItemKind::Service).next().expect("planned").id;
    assert_eq!(Service::get(state, service).expect("there").referral(), Some(referral));
    assert_eq!(phase(&session, service), Phase::Planned);
    let today = session.today_date();
    let done = |given| ReferralAnswer {
        outcome: "partly".into(),
        given: Some(given),
        ..ReferralAnswer::new(referral, Answer::Done, "two papers are there")
    };
    assert!(refused(session.run(done(today + Days::new(1)))).contains("future"));
    assert!(refused(session.run(done(today - Days::new(1)))).contains("before it was asked"));
    session.run(done(today)).expect("done");
    let service = Service::get(session.state(), service).expect("there");
    assert_eq!((service.phase(), service.outcome(), service.ended()), (Phase::Ended, "partly", Some(today)));
    // Who asked and wrote down the answer themselves needs no news of it.
    assert!(!session.today().iter().any(|due| due.what == What::Answered(referral)));
}

#[test]
fn a_referral_that_is_taken_back_leaves_the_plan_open() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "Works at a yard");
    let agency = session.state().items(ItemKind::Agency).next().expect("an agency").str(Field::AgencyCode).to_owned();
    let ask = ReferralSend {
        case: id,
        to: crate::domain::teams::agency_party(&agency),
        kind: "refer".into(),
        category: "legal".into(),
        service: String::new(),
        urgency: String::new(),
        reason: "papers".into(),
        override_reason: "in danger tonight".into(),
    };
    let referral = session.run(ask).expect("asked").made[0];
    session.run(ReferralAnswer::new(referral, Answer::Accept, "")).expect("accepted");
    let service = session.state().items(ItemKind::Service).next().expect("planned").id;
    session.run(ReferralRevoke { referral, reason: "not wanted any more".into() }).expect("taken back");
    assert_eq!(phase(&session, service), Phase::Needed, "needed still, and planned no more");
}

#[test]
fn where_an_agency_of_the_team_is_asked_services_alone_need_consent() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "Works at a yard");
    let state = session.state();
    let here = crate::domain::views::agency_of(state, session.me()).to_owned();
    let away = state.items(ItemKind::Agency).map(|it| it.str(Field::AgencyCode).to_owned()).find(|it| *it != here);
    let record = ConsentRecord::new(id, vec!["services".into()], "the mother");
    session.run(record).expect("recorded");
    let ask = |agency: &str| ReferralSend {
        case: id,
        to: crate::domain::teams::agency_party(agency),
        kind: "refer".into(),
        category: "medical".into(),
        service: String::new(),
        urgency: String::new(),
        reason: "a check".into(),
        override_reason: String::new(),
    };
    let outside = away.expect("another agency");
    assert!(refused(session.run(ask(&outside))).contains("disclosure was not asked for"));
    session.run(ask(&here)).expect("its people know the case already");
}
