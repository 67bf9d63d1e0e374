//! Outreach, training and the library: what is refused and why, what Today makes of it, two devices that did the same.

use chrono::TimeDelta;

use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, EntryId, ItemId};
use crate::domain::library::{self, Page};
use crate::domain::outreach::{Event, Phase};
use crate::domain::state::Stamp;
use crate::domain::today::{Bucket, What};
use crate::domain::training::{self, Standing, Training};
use crate::domain::value::Value;
use crate::error::{AppError, Kind};
use crate::session::{FixedClock, Session};
use crate::testing::team::team;
use crate::vault::disk::MemoryDisk;

use super::{
    Op, OutreachAction, OutreachAdd, OutreachCancel, OutreachEdit, OutreachHeld, PageAdd, PageEdit, PageRemove,
    TeamAdd, TrainingAdd, TrainingEdit, TrainingHeld,
};

fn refused(session: &mut Session, op: impl Into<Op>) -> AppError {
    let error = session.run(op).expect_err("refused");
    assert_eq!(error.kind, Kind::Refused);
    error
}

fn plan(session: &mut Session, days: i64) -> ItemId {
    let when = session.now() + TimeDelta::days(days);
    let op = OutreachAdd { topic: "Whom to call".into(), when, kind: "school".into(), ..OutreachAdd::default() };
    session.run(op).expect("planned").made[0]
}

fn later(session: &mut Session, days: i64) {
    session.set_clock(Box::new(FixedClock(session.now() + TimeDelta::days(days))));
}

fn bucket(session: &Session, what: &What) -> Option<Bucket> {
    session.today().iter().find(|due| due.what == *what).map(|due| due.bucket)
}

fn text(field: Field, text: &str) -> (Field, Value) {
    (field, Value::text(text))
}

/// An entry of another of the team's devices, which knew nothing of ours.
fn elsewhere(session: &mut Session, no: u8, facts: &[Fact]) {
    let stamp = Stamp {
        id: EntryId([no; 32]),
        stream: session.state().team_stream(),
        class: Class::Core,
        author: session.me(),
        device: DeviceId([0xd7; 32]),
        lamport: 1_000 + u64::from(no),
        wall: session.now().timestamp_millis(),
    };
    session.fold_for_test(&stamp, facts);
}

#[test]
fn an_event_goes_its_way_from_plan_to_numbers() {
    let mut session = team(&MemoryDisk::new(), 1);
    let event = plan(&mut session, 3);
    assert_eq!(bucket(&session, &What::Outreach(event)), Some(Bucket::Week));
    let code = session.state().code(event).to_string();
    assert!(code.starts_with("G-"), "{code}");
    let early = refused(&mut session, OutreachHeld { event, set: Vec::new() });
    assert_eq!(early.message, format!("Event {code} lies ahead."));
    let counted = OutreachEdit { event, set: vec![text(Field::OutreachAudience, "female 0-11: 12")] };
    assert!(refused(&mut session, counted.clone()).message.contains("was not held yet"));

    later(&mut session, 4);
    assert_eq!(bucket(&session, &What::Outreach(event)), Some(Bucket::Late), "nobody has said that it was held");
    session.run(OutreachHeld { event, set: Vec::new() }).expect("held");
    assert_eq!(bucket(&session, &What::Outreach(event)), None);
    assert!(bucket(&session, &What::Numbers(event)).is_some_and(|bucket| bucket > Bucket::Late));
    let off = OutreachCancel { event, reason: "storm".into() };
    assert!(refused(&mut session, off).message.contains("was held"));
    later(&mut session, 14);
    assert_eq!(bucket(&session, &What::Numbers(event)), Some(Bucket::Late));
    for (field, typed, says) in [
        (Field::OutreachAudience, "many", "has no number"),
        (Field::OutreachResults, "who-to-call: 3 4 5", "more had it right than were asked"),
    ] {
        let bad = OutreachEdit { event, set: vec![text(field, typed)] };
        assert!(refused(&mut session, bad).message.contains(says), "{typed}");
    }
    let cost = OutreachEdit { event, set: vec![(Field::OutreachCost, Value::Number(-1))] };
    assert!(refused(&mut session, cost).message.contains("Cost"));
    session.run(counted).expect("counted");
    assert_eq!(bucket(&session, &What::Numbers(event)), None);
    let state = session.state();
    assert_eq!(Event::get(state, event).map(|it| (it.phase(), it.audience().total())), Some((Phase::Counted, 12)));
    assert!(!session.undo().expect("undone").says.is_empty());
    assert_eq!(Event::get(session.state(), event).map(Event::phase), Some(Phase::Held));
}

#[test]
fn what_is_to_be_done_after_it_is_an_action_of_the_team() {
    let mut session = team(&MemoryDisk::new(), 1);
    let event = plan(&mut session, 3);
    let (owner, due) = (session.me(), session.today_date() + TimeDelta::days(5));
    let op = OutreachAction { event, text: "Posters to the shops".into(), owner, due };
    let empty = OutreachAction { text: "  ".into(), ..op.clone() };
    assert!(refused(&mut session, empty).message.contains("what is to be done"));
    let action = session.run(op.clone()).expect("given").made[0];
    assert!(bucket(&session, &What::Action(action)).is_some());
    let of_it: Vec<ItemId> =
        Event::get(session.state(), event).expect("there").actions(session.state()).iter().map(|it| it.0.id).collect();
    assert_eq!(of_it, [action]);
    session.run(OutreachCancel { event, reason: "storm".into() }).expect("called off");
    assert!(refused(&mut session, op).message.contains("was called off"));
    assert_eq!(bucket(&session, &What::Outreach(event)), None);
}

#[test]
fn trainings_count_for_whoever_took_part_and_run_out() {
    let mut session = team(&MemoryDisk::new(), 1);
    let (me, day) = (session.me(), session.today_date());
    let standing = |session: &Session, topic: &str| {
        training::standings(session.state(), session.pack(), session.today_date()).get(&(me, topic)).copied()
    };
    assert_eq!(standing(&session, "data-protection"), Some(Standing::Missing), "the policy asks for it");
    assert_eq!(standing(&session, "trauma"), None);
    let op = TrainingAdd { topic: "data-protection".into(), date: day, who: Vec::new(), set: Vec::new() };
    assert!(refused(&mut session, op.clone()).message.contains("who took part"));
    let unknown = TrainingAdd { topic: "tides".into(), who: vec![me], ..op.clone() };
    assert!(refused(&mut session, unknown).message.contains("tides"));
    let early = (Field::TrainingUntil, Value::date(day - TimeDelta::days(1)));
    let ended = TrainingAdd { who: vec![me], set: vec![early], ..op.clone() };
    assert!(refused(&mut session, ended).message.contains("end before"));

    session.run(TrainingAdd { who: vec![me], ..op }).expect("written down");
    assert!(matches!(standing(&session, "data-protection"), Some(Standing::Until(until)) if until > day));
    let out = What::Trained(me, "data-protection".into());
    assert_eq!(bucket(&session, &out), None, "it holds for a year");
    later(&mut session, 350);
    assert_eq!(bucket(&session, &out), Some(Bucket::Later));
    later(&mut session, 30);
    assert_eq!(bucket(&session, &out), Some(Bucket::Late));

    // Planned again: it counts once it was held, for those who came.
    let date = session.today_date() + TimeDelta::days(2);
    let op = TrainingAdd { topic: "data-protection".into(), date, who: vec![me], set: Vec::new() };
    let training = session.run(op).expect("planned").made[0];
    assert_eq!(bucket(&session, &What::Training(training)), Some(Bucket::Week));
    assert_eq!(bucket(&session, &out), Some(Bucket::Late));
    let held = TrainingHeld { training, who: vec![me], date: None, until: None };
    assert!(refused(&mut session, held.clone()).message.contains("lies ahead"));
    later(&mut session, 3);
    session.run(held.clone()).expect("held");
    assert_eq!((bucket(&session, &out), bucket(&session, &What::Training(training))), (None, None));
    assert!(refused(&mut session, held).message.contains("is marked as held"));
    let off = TrainingEdit { training, set: vec![text(Field::TrainingCancelled, "storm")] };
    assert_eq!(refused(&mut session, off).message, "It was held.");
    let nobody = TrainingEdit { training, set: vec![(Field::TrainingWho, Value::Nothing)] };
    assert!(refused(&mut session, nobody).message.contains("Who took part"));
    let moved = (Field::TrainingDate, Value::date(session.today_date()));
    session.run(TrainingEdit { training, set: vec![moved] }).expect("moved");
    assert_eq!(Training::get(session.state(), training).and_then(Training::day), Some(session.today_date()));
}

#[test]
fn a_page_stands_before_the_built_in_one_until_it_is_removed() {
    let mut session = team(&MemoryDisk::new(), 1);
    let op = PageAdd {
        name: "how-to-report".into(),
        title: "How we report".into(),
        tags: " Duty,, 211 ".into(),
        body: "Call **211**\u{202e}.".into(),
        ..PageAdd::default()
    };
    assert!(refused(&mut session, PageAdd { body: " \n".into(), ..op.clone() }).message.contains("empty"));
    assert!(refused(&mut session, PageAdd { name: "no such name!".into(), ..op.clone() }).message.contains("letters"));
    let page = session.run(op.clone()).expect("written").made[0];
    let held = Page::get(session.state(), page).expect("there");
    assert_eq!((held.tags, held.body), ("duty, 211", "Call **211**."));
    let titles = |session: &Session, built_in| {
        let pages = library::find(session.state(), "how-to-report", built_in);
        pages.iter().map(|page| page.title.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(&session, false), ["How we report"]);
    assert_eq!(titles(&session, true), ["How to report a child at risk"]);
    assert!(refused(&mut session, op).message.contains("has a page called"));
    let name = PageEdit { page, set: vec![text(Field::PageName, "other")] };
    assert!(refused(&mut session, name).message.contains("can't be changed"));
    session.run(PageEdit { page, set: vec![text(Field::PageTitle, "How Saint Ann reports")] }).expect("changed");
    session.run(PageRemove { page }).expect("removed");
    assert_eq!(titles(&session, false), ["How to report a child at risk"]);
    session.undo().expect("undone");
    assert_eq!(titles(&session, false), ["How Saint Ann reports"]);
}

#[test]
fn two_devices_that_did_the_same_lose_nothing() {
    let mut session = team(&MemoryDisk::new(), 1);
    let event = plan(&mut session, -1);
    session.run(OutreachHeld { event, set: vec![text(Field::OutreachAudience, "female: 12")] }).expect("held");
    let theirs = Value::text("female 0-11: 13");
    let fact = Fact::Set { item: event, field: Field::OutreachAudience, value: theirs, replaces: Vec::new() };
    elsewhere(&mut session, 1, &[fact]);
    let item = session.state().item(event).expect("there");
    assert_eq!(item.register(Field::OutreachAudience).map(|register| register.heads().len()), Some(2), "both are kept");
    assert_eq!(Event(item).audience().total(), 13, "and never added up");

    let body = "Ours.".to_owned();
    session.run(PageAdd { title: "Night duty".into(), body, ..PageAdd::default() }).expect("written");
    let other = ItemId([0x5a; 16]);
    let set = |field, value| Fact::Set { item: other, field, value, replaces: Vec::new() };
    let made = Fact::Created { item: other, kind: ItemKind::Page, class: Class::Core };
    let facts = [made, set(Field::PageName, Value::text("night-duty")), set(Field::PageBody, Value::text("Theirs."))];
    elsewhere(&mut session, 2, &facts);
    let both = library::find(session.state(), "night-duty", false);
    assert_eq!(both.len(), 2);
    assert_eq!(library::find(session.state(), &other.to_string(), false)[0].body, "Theirs.");
}

#[test]
fn observers_look_and_write_nothing() {
    let mut session = team(&MemoryDisk::new(), 1);
    let event = plan(&mut session, 3);
    let agency = session.state().items(ItemKind::Agency).next().expect("one").id;
    let values = vec![
        text(Field::MemberName, "W. Itness"),
        text(Field::MemberHandle, "witness"),
        (Field::MemberAgency, Value::Item(agency)),
        (Field::MemberRole, Value::code("observer")),
    ];
    let observer = session.run(TeamAdd { values }).expect("added").made[0];
    let standings = training::standings(session.state(), session.pack(), session.today_date());
    assert!(!standings.keys().any(|(member, _)| *member == observer), "nothing is asked of an observer");
    let keys = session.introduce(observer, "witness").expect("introduced");
    session.change_seat(keys);
    let date = session.today_date();
    let when = session.now();
    for op in [
        Op::from(OutreachAdd { topic: "x".into(), when, ..OutreachAdd::default() }),
        OutreachEdit { event, set: Vec::new() }.into(),
        OutreachCancel { event, reason: "x".into() }.into(),
        TrainingAdd { topic: "nrm".into(), date, who: vec![observer], set: Vec::new() }.into(),
        PageAdd { title: "x".into(), body: "x".into(), ..PageAdd::default() }.into(),
    ] {
        assert_eq!(refused(&mut session, op).message, "Observers can look, and not write.");
    }
}
