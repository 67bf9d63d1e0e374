//! One meeting kept on two copies at once: nothing is lost, both end up the same, and what differs is told.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::minutes::Reader;
use crate::domain::meeting::record::Record;
use crate::domain::meeting::twice::{Differs, differences, kept_elsewhere};
use crate::domain::meeting::{AgendaItem, Meeting, Phase};
use crate::domain::paper::Form;
use crate::domain::value::Value;
use crate::ops::{
    AgendaAdd, AgendaDrop, Matter, MeetingAction, MeetingAttend, MeetingConflict, MeetingEnd, MeetingNew, MeetingSay,
    MeetingStart, MeetingTurn, TeamAdd, Who,
};
use crate::session::{FixedClock, Session};
use crate::testing::team::{case, team};
use crate::vault::disk::MemoryDisk;

use super::sync_tests::{copy, same, settle};

fn later(session: &mut Session, minutes: i64) {
    let now = session.now() + chrono::TimeDelta::minutes(minutes);
    session.set_clock(Box::new(FixedClock(now)));
}

/// The item about a case, as this copy shows it.
fn about(session: &Session, meeting: ItemId, case: ItemId) -> ItemId {
    let lines: Vec<_> = session.agenda(meeting).into_iter().filter(|line| line.case == Some(case)).collect();
    assert_eq!(lines.len(), 1, "a case stands on the agenda once");
    lines[0].item.expect("on record")
}

fn say(item: ItemId, text: &str) -> MeetingSay {
    MeetingSay { item, kind: "decision".into(), text: text.into(), said_by: String::new(), when: None }
}

fn give(session: &Session, item: ItemId, text: &str) -> MeetingAction {
    let (owner, due) = (session.me(), session.today_date() + chrono::TimeDelta::days(3));
    MeetingAction { item, text: text.into(), owner, due, time: None, priority: String::new() }
}

fn attend(session: &Session, meeting: ItemId, mark: &str) -> MeetingAttend {
    MeetingAttend { meeting, who: Who::Member(session.me()), mark: mark.into(), info: None, signed: None }
}

/// Begins the meeting, decides and gives something in the first case, and ends it on the way that is asked for.
fn hold(session: &mut Session, meeting: ItemId, case: ItemId, (words, mark, leave): (&str, &str, &str)) {
    session.run(MeetingStart { meeting, statement: true }).expect("begun");
    let marked = attend(session, meeting, mark);
    session.run(marked).expect("marked");
    let item = about(session, meeting, case);
    session.run(MeetingTurn { meeting, to: Some(item), leave: "done".into() }).expect("taken up");
    session.run(say(item, &format!("{words} decides"))).expect("written");
    let action = give(session, item, &format!("{words} visits"));
    session.run(action).expect("given");
    later(session, 10);
    session.run(MeetingTurn { meeting, to: None, leave: leave.into() }).expect("left");
    session.run(MeetingEnd { meeting, anyway: true }).expect("ended");
}

/// Two copies with one case, one matter of the team and a meeting to come.
fn two() -> (Vec<Session>, ItemId, ItemId) {
    let mut office = team(&MemoryDisk::new(), 1);
    let of = case(&mut office, "Not seen at school");
    let when = office.now() + chrono::TimeDelta::hours(1);
    let meeting = office.run(MeetingNew { when, ..MeetingNew::default() }).expect("planned").made[0];
    let (_, home) = copy(&mut office, 100);
    let mut copies = vec![office, home];
    settle(&mut copies);
    (copies, meeting, of)
}

#[test]
fn a_meeting_kept_on_two_devices_loses_nothing_and_says_what_differs() {
    let (mut copies, meeting, of) = two();
    hold(&mut copies[0], meeting, of, ("Office", "present", "done"));
    later(&mut copies[1], 5);
    hold(&mut copies[1], meeting, of, ("Home", "left", "parked"));
    settle(&mut copies);
    same(&copies);
    for session in &copies {
        let state = session.state();
        let found = Meeting::get(state, meeting).expect("it stands");
        assert_eq!(found.phase(), Phase::Ended);
        // One line for the case, with the words and actions of both, as the furthest of them left it.
        let item = AgendaItem::get(state, about(session, meeting, of)).expect("an item");
        assert_eq!((item.twins(state).len(), item.state()), (2, "done"));
        let record = Record::of(state, found, item);
        assert_eq!((record.said.len(), record.given.len()), (2, 2));
        let marked = found.attendance(state);
        assert_eq!((marked.len(), marked[0].mark()), (1, "left"), "the later mark counts");
        let differs = differences(state, found);
        assert!(differs.contains(&Differs::Items(1)) && differs.contains(&Differs::Outcome(1)), "{differs:?}");
        assert!(differs.contains(&Differs::Attendance(1)), "{differs:?}");
        assert!(differs.iter().any(|it| matches!(it, Differs::Began(hours) if hours.len() == 2)), "{differs:?}");
        assert!(differs.iter().any(|it| matches!(it, Differs::Ended(hours) if hours.len() == 2)), "{differs:?}");
        let minutes = session.minutes(meeting, Reader::Anybody).expect("minutes").render(Form::Text);
        let words: String = minutes.split_whitespace().collect::<Vec<_>>().join(" ");
        for told in ["Office decides", "Home decides", "Office visits", "Home visits", "kept on two devices"] {
            assert!(words.contains(told), "{told}: {minutes}");
        }
    }
    // Each copy goes on by itself and says the same.
    let minutes = |session: &Session| session.minutes(meeting, Reader::Anybody).expect("minutes").render(Form::Text);
    assert_eq!(minutes(&copies[0]), minutes(&copies[1]));
}

#[test]
fn two_meetings_that_two_devices_began_are_both_gone_on_with() {
    let (mut copies, first, of) = two();
    // The other device doesn't know of it, and holds one of its own about the same case.
    let when = copies[1].now() + chrono::TimeDelta::hours(5);
    let second = copies[1].run(MeetingNew { when, ..MeetingNew::default() }).expect("planned").made[0];
    for (at, meeting) in [(0, first), (1, second)] {
        let session = &mut copies[at];
        later(session, i64::try_from(at).expect("small") + 1);
        session.run(MeetingStart { meeting, statement: true }).expect("begun");
        let item = about(session, meeting, of);
        session.run(MeetingTurn { meeting, to: Some(item), leave: "done".into() }).expect("taken up");
        session.run(say(item, &format!("decided at {at}"))).expect("written");
        let action = give(session, item, &format!("given at {at}"));
        session.run(action).expect("given");
    }
    settle(&mut copies);
    same(&copies);
    for session in &mut copies {
        let live = Meeting::live(session.state()).expect("one runs").0.id;
        assert_eq!(live, second, "the one that began last is offered");
        let third = session.now() + chrono::TimeDelta::hours(9);
        let third = session.run(MeetingNew { when: third, ..MeetingNew::default() }).expect("planned").made[0];
        session.run(MeetingStart { meeting: third, statement: true }).expect_err("two run already");
        // Both are gone on with, each under its own id, and a case keeps what was said at both.
        for (at, meeting) in [(0, first), (1, second)] {
            let item = about(session, meeting, of);
            let it = AgendaItem::get(session.state(), item).expect("there");
            let record = Record::of(session.state(), Meeting::get(session.state(), meeting).expect("there"), it);
            let texts: Vec<&str> = record.said.iter().map(|note| note.str(Field::NoteText)).collect();
            assert_eq!(texts, [format!("decided at {at}")]);
            assert_eq!(record.given.len(), 1);
        }
    }
    later(&mut copies[0], 20);
    for meeting in [second, first] {
        copies[0].run(MeetingTurn { meeting, to: None, leave: "done".into() }).expect("left");
        copies[0].run(MeetingEnd { meeting, anyway: true }).expect("ended");
    }
    settle(&mut copies);
    same(&copies);
    assert!(Meeting::live(copies[1].state()).is_none());
    let minutes = |session: &Session, at| session.minutes(at, Reader::Anybody).expect("minutes").render(Form::Text);
    for meeting in [first, second] {
        assert_eq!(minutes(&copies[0], meeting), minutes(&copies[1], meeting));
    }
}

#[test]
fn a_case_that_two_devices_put_on_the_agenda_is_taken_off_once() {
    let (mut copies, meeting, of) = two();
    let ask = AgendaAdd { meeting: Some(meeting), case: Some(of), text: String::new(), minutes: None };
    let business = AgendaAdd { case: None, text: "Keys of the new room".into(), ..ask.clone() };
    for session in &mut copies {
        session.run(ask.clone()).expect("asked for");
        session.run(business.clone()).expect("asked for");
    }
    settle(&mut copies);
    same(&copies);
    assert_eq!(copies[0].agenda(meeting).len(), 2, "each matter once");
    assert_eq!(copies[0].agenda(meeting), copies[1].agenda(meeting));
    let off = AgendaDrop { meeting, matter: Matter::Case(of) };
    copies[0].run(off).expect("taken off");
    assert_eq!(copies[0].agenda(meeting).len(), 1, "its twin goes with it");
    settle(&mut copies);
    assert_eq!(copies[1].agenda(meeting).len(), 1);
}

#[test]
fn a_conflict_of_interest_counts_whichever_device_it_was_declared_on() {
    let (mut copies, meeting, of) = two();
    for session in &mut copies {
        session.run(MeetingStart { meeting, statement: true }).expect("begun");
    }
    let (item, me) = (about(&copies[1], meeting, of), copies[1].me());
    copies[1].run(MeetingConflict { item, member: me, declared: true }).expect("declared");
    settle(&mut copies);
    same(&copies);
    let office = &mut copies[0];
    let marked = attend(office, meeting, "present");
    office.run(marked).expect("marked");
    let state = office.state();
    let shown = AgendaItem::get(state, about(office, meeting, of)).expect("an item");
    for twin in shown.twins(state) {
        assert_eq!(twin.conflicted(state), [me]);
    }
    for item in shown.twins(state).into_iter().map(|twin| twin.0.id).collect::<Vec<_>>() {
        let turn = MeetingTurn { meeting, to: Some(item), leave: "done".into() };
        let refusal = office.run(turn).expect_err("they are in the room").message;
        assert_eq!(refusal, "1 person here may not be present for this item.");
        let action = give(office, item, "Visit");
        assert!(office.run(action).expect_err("refused").message.contains("conflict of interest"));
    }
    // Taken back, it is taken back everywhere.
    let item = about(office, meeting, of);
    office.run(MeetingConflict { item, member: me, declared: false }).expect("taken back");
    office.run(MeetingTurn { meeting, to: Some(item), leave: "done".into() }).expect("taken up");
}

#[test]
fn conflicts_declared_on_two_devices_at_once_all_stand_and_whoever_is_seen_is_there() {
    let (mut copies, meeting, of) = two();
    copies[0].run(MeetingStart { meeting, statement: true }).expect("begun");
    let agency = copies[0].state().items(ItemKind::Agency).next().expect("one").id;
    let values = vec![
        (Field::MemberName, Value::text("M. Clarke")),
        (Field::MemberAgency, Value::Item(agency)),
        (Field::MemberRole, Value::code("champion")),
    ];
    let clarke = copies[0].run(TeamAdd { values }).expect("added").made[0];
    let me = copies[0].me();
    let mark =
        |who, mark: &str| MeetingAttend { meeting, who: Who::Member(who), mark: mark.into(), info: None, signed: None };
    copies[0].run(mark(me, "apologies")).expect("marked");
    settle(&mut copies);
    let item = about(&copies[0], meeting, of);
    copies[0].run(MeetingConflict { item, member: me, declared: true }).expect("declared");
    copies[1].run(MeetingConflict { item, member: clarke, declared: true }).expect("declared");
    copies[0].run(mark(me, "present")).expect("marked");
    later(&mut copies[1], 5);
    copies[1].run(mark(me, "left")).expect("marked");
    settle(&mut copies);
    same(&copies);
    let mut both = [me, clarke];
    both.sort_unstable();
    for session in &mut copies {
        let found = AgendaItem::get(session.state(), item).expect("an item");
        assert_eq!(found.conflicted(session.state()), both);
        assert_eq!(Meeting::get(session.state(), meeting).expect("it stands").in_the_room(session.state()), [me]);
        let turn = MeetingTurn { meeting, to: Some(item), leave: "done".into() };
        assert!(session.run(turn).expect_err("in the room").message.contains("may not be present"));
    }
    copies[0].run(mark(me, "left")).expect("marked");
    assert!(Meeting::get(copies[0].state(), meeting).expect("it stands").in_the_room(copies[0].state()).is_empty());
}

#[test]
fn a_live_meeting_knows_that_another_device_keeps_it_too() {
    let (mut copies, meeting, of) = two();
    copies[0].run(MeetingStart { meeting, statement: true }).expect("begun");
    settle(&mut copies);
    let elsewhere = |session: &Session| {
        let ours = session.vault().participant().device().device_id();
        kept_elsewhere(session.state(), Meeting::get(session.state(), meeting).expect("it stands"), ours)
    };
    let item = about(&copies[0], meeting, of);
    let turn = |to| MeetingTurn { meeting, to, leave: "done".into() };
    copies[0].run(turn(Some(item))).expect("taken up");
    settle(&mut copies);
    copies[1].run(turn(None)).expect("left");
    settle(&mut copies);
    assert!(copies.iter().all(|session| elsewhere(session).is_none()), "one went on where the other had stopped");
    later(&mut copies[1], 3);
    copies[0].run(turn(Some(item))).expect("taken up");
    copies[1].run(turn(Some(item))).expect("taken up");
    settle(&mut copies);
    let at: Vec<_> = copies.iter().map(|session| elsewhere(session).expect("told")).collect();
    assert!(at[0].device != at[1].device && at[0].wall > at[1].wall, "{at:?}");
}
