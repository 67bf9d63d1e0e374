//! Meetings from plan to end: agenda, attendance, what is said and given, what goes on.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::minutes::Reader;
use crate::domain::meeting::record::{Outcome, Record};
use crate::domain::meeting::{AgendaItem, Meeting, Phase};
use crate::domain::paper::Form;
use crate::domain::today::What;
use crate::domain::value::Value;
use crate::domain::views::Action;
use crate::error::AppError;
use crate::session::{FixedClock, Session};
use crate::testing::team::{self, action, case};
use crate::vault::disk::MemoryDisk;

use super::{
    ActionDone, AgendaAdd, AgendaDrop, AgendaMinutes, AgendaMove, CaseLink, CaseNote, Matter, MeetingAction,
    MeetingAttend, MeetingCancel, MeetingCarry, MeetingConflict, MeetingEdit, MeetingEnd, MeetingNew, MeetingSay,
    MeetingStart, MeetingTurn, SeriesAdd, SeriesEnd, TeamAdd, TeamLeave, Who,
};

fn start() -> Session {
    team::team(&MemoryDisk::new(), 1)
}

fn later(session: &mut Session, by: TimeDelta) {
    let now = session.now() + by;
    session.set_clock(Box::new(FixedClock(now)));
}

fn refused<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    result.expect_err("refused").message
}

fn plan(session: &mut Session, when: DateTime<Utc>) -> ItemId {
    session.run(MeetingNew { when, place: "parish office".into(), ..MeetingNew::default() }).expect("planned").made[0]
}

fn meeting(session: &Session, id: ItemId) -> Meeting<'_> {
    Meeting::get(session.state(), id).expect("it stands")
}

/// A meeting that has begun, with everybody marked as present; its items by number.
fn begin(session: &mut Session, id: ItemId) -> Vec<ItemId> {
    session.run(MeetingStart { meeting: id, statement: true }).expect("begun");
    let me = session.me();
    attend(session, id, me, "present").expect("marked");
    session.agenda(id).iter().filter_map(|line| line.item).collect()
}

fn attend(session: &mut Session, meeting: ItemId, member: ItemId, mark: &str) -> Result<(), AppError> {
    let op = MeetingAttend { meeting, who: Who::Member(member), mark: mark.into(), info: None, signed: None };
    session.run(op).map(drop)
}

fn member(session: &mut Session, name: &str, role: &str) -> ItemId {
    let agency = session.state().items(ItemKind::Agency).next().map(|agency| agency.id).expect("one");
    let values = vec![
        (Field::MemberName, Value::text(name)),
        (Field::MemberAgency, Value::Item(agency)),
        (Field::MemberRole, Value::code(role)),
    ];
    session.run(TeamAdd { values }).expect("added").made[0]
}

fn cases_of(session: &Session, meeting: ItemId) -> Vec<(Option<ItemId>, Vec<String>)> {
    session.agenda(meeting).into_iter().map(|line| (line.case, line.why)).collect()
}

#[test]
fn the_agenda_builds_itself_and_says_why() {
    let mut session = start();
    let old = case(&mut session, "An old worry");
    let late = action(&mut session, old, "Letter to the school", 1);
    later(&mut session, TimeDelta::days(40));
    let new = case(&mut session, "A new worry");
    let sibling = case(&mut session, "Her brother");
    session
        .run(CaseLink { a: new, b: sibling, kind: "sibling".into(), words: crate::ops::LinkWords::default() })
        .expect("linked");
    let when = session.now() + TimeDelta::days(2);
    let id = plan(&mut session, when);
    let agenda = cases_of(&session, id);
    assert_eq!(agenda[0].0, Some(old));
    assert!(agenda[0].1.starts_with(&["overdue".to_owned(), "due".to_owned()]), "{agenda:?}");
    assert!(agenda[0].1.contains(&"not-seen".to_owned()), "{agenda:?}");
    // Those of one family stand together.
    assert_eq!(
        agenda[1..].iter().filter_map(|line| line.0).collect::<std::collections::BTreeSet<_>>(),
        [new, sibling].into()
    );
    assert!(agenda[1].1.contains(&"new".to_owned()));
    // It follows what happens: the action is done, the child was seen.
    session.run(ActionDone { action: late }).expect("done");
    let seen = CaseNote { cases: vec![old], kind: "visit".into(), class: None, text: "Seen.".into(), when: None };
    session.run(seen).expect("noted");
    let agenda = cases_of(&session, id);
    let of_old = agenda.iter().find(|line| line.0 == Some(old));
    assert!(
        of_old.is_none_or(|line| !line.1.contains(&"overdue".to_owned()) && !line.1.contains(&"not-seen".to_owned()))
    );
}

#[test]
fn people_add_drop_and_order() {
    let mut session = start();
    let [one, two] = ["One", "Two"].map(|concern| case(&mut session, concern));
    let when = session.now() + TimeDelta::days(2);
    let id = plan(&mut session, when);
    assert_eq!(session.agenda(id).len(), 2, "both are new");
    session.run(AgendaDrop { meeting: id, matter: Matter::Case(two) }).expect("dropped");
    assert_eq!(cases_of(&session, id).iter().map(|line| line.0).collect::<Vec<_>>(), [Some(one)]);
    let add = |case, text: &str| AgendaAdd { meeting: None, case, text: text.to_owned(), minutes: None };
    assert_eq!(refused(session.run(add(None, " "))), "Put on the agenda: what it is about is missing.");
    session.run(add(None, "The keys of the new room")).expect("added to the next meeting");
    session.run(add(Some(two), "")).expect("it comes back");
    assert_eq!(refused(session.run(add(Some(two), ""))), "It is on the agenda.");
    let last = session.agenda(id).last().cloned().expect("three lines");
    assert_eq!((last.text.as_str(), last.why.as_slice()), ("The keys of the new room", &["business".to_owned()][..]));
    let matter = Matter::Item(last.item.expect("on record"));
    assert!(refused(session.run(AgendaMove { meeting: id, matter: matter.clone(), to: 4 })).contains("has 3 lines"));
    session.run(AgendaMove { meeting: id, matter: matter.clone(), to: 1 }).expect("moved");
    session.run(AgendaMinutes { meeting: id, matter, minutes: 25 }).expect("set");
    let first = session.agenda(id)[0].clone();
    assert_eq!((first.text.as_str(), first.minutes), ("The keys of the new room", 25));
    // What the policy finds after somebody put it in order comes last.
    let third = case(&mut session, "Three");
    assert_eq!(session.agenda(id).last().expect("four").case, Some(third));
    session.undo().expect("the case is taken back");
    let done = session.run(AgendaMinutes { meeting: id, matter: Matter::Case(one), minutes: 0 });
    assert!(refused(done).contains("1 to 240"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one meeting, from its beginning to the next one's agenda")]
fn a_meeting_runs_from_statement_to_the_next_agenda() {
    let mut session = start();
    let first = case(&mut session, "First");
    let second = case(&mut session, "Second");
    let clarke = member(&mut session, "M. Clarke", "champion");
    let watcher = member(&mut session, "W. Itness", "observer");
    let series = SeriesAdd {
        rule: "second tuesday".into(),
        time: 600,
        kind: String::new(),
        place: "parish office".into(),
        chair: None,
        scribe: None,
        standing: Vec::new(),
        from: None,
    };
    session.run(series.clone()).expect("begun");
    assert!(refused(session.run(series)).contains("There is a series"));
    let id = Meeting::next(session.state(), session.today_date()).expect("the first is planned").0.id;
    let starts = |statement| MeetingStart { meeting: id, statement };
    assert!(refused(session.run(starts(false))).contains("statement was not read"));
    let item = Matter::Case(first);
    assert!(session.agenda(id).iter().all(|line| line.item.is_none()), "{item:?} is only computed");
    let items = begin(&mut session, id);
    assert_eq!(items.len(), 2);
    assert!(refused(session.run(starts(true))).contains("is running"));
    assert!(refused(attend(&mut session, id, watcher, "observer")).contains("sign the confidentiality statement"));
    let signed = MeetingAttend {
        meeting: id,
        who: Who::Member(watcher),
        mark: "observer".into(),
        info: None,
        signed: Some(true),
    };
    session.run(signed).expect("marked");
    attend(&mut session, id, clarke, "present").expect("marked");
    let visitor = |signed| MeetingAttend {
        meeting: id,
        who: Who::Visitor { name: "R. Guest".into(), agency: "School board".into() },
        mark: "present".into(),
        info: Some(true),
        signed,
    };
    assert!(refused(session.run(visitor(None))).contains("sign"));
    session.run(visitor(Some(true))).expect("marked");
    assert_eq!(meeting(&session, id).attendance(session.state()).len(), 4);

    // Somebody who declared a conflict of interest leaves the room first, and gets no action.
    let of_first =
        *items.iter().find(|item| AgendaItem::get(session.state(), **item).unwrap().case_id() == Some(first)).unwrap();
    let of_second = *items.iter().find(|item| **item != of_first).unwrap();
    session.run(MeetingConflict { item: of_first, member: clarke, declared: true }).expect("noted");
    let turn = |to, leave: &str| MeetingTurn { meeting: id, to: Some(to), leave: leave.into() };
    assert!(refused(session.run(turn(of_first, "done"))).contains("1 person here may not be present"));
    attend(&mut session, id, clarke, "left").expect("marked");
    session.run(turn(of_first, "done")).expect("taken up");
    let due = session.today_date() + TimeDelta::days(3);
    let give = |item, owner, text: &str| MeetingAction {
        item,
        text: text.into(),
        owner,
        due,
        time: None,
        priority: String::new(),
    };
    assert!(refused(session.run(give(of_first, clarke, "Visit"))).contains("conflict of interest"));
    let me = session.me();
    let given = session.run(give(of_first, me, "Medical check")).expect("given").made[0];
    assert!(refused(session.run(give(of_first, me, " "))).contains("what is to be done is missing"));
    let say = |item, kind: &str, text: &str| MeetingSay {
        item,
        kind: kind.into(),
        text: text.into(),
        said_by: String::new(),
        when: None,
    };
    session.run(say(of_first, "decision", "Placement continues.")).expect("written");
    session.run(say(of_first, "views", "I want to go to school.")).expect("written");
    assert!(refused(session.run(say(of_first, "gossip", "x"))).contains("no note-kind"));
    let ahead = MeetingSay { when: Some(session.now() + TimeDelta::hours(2)), ..say(of_first, "decision", "x") };
    assert!(refused(session.run(ahead)).contains("not said at this meeting"));
    let state = session.state();
    let record = Record::of(state, meeting(&session, id), AgendaItem::get(state, of_first).unwrap());
    assert_eq!((record.said.len(), record.given.len(), record.last_time.len()), (2, 1, 0));
    assert_eq!(record.said[0].stream.0, first.0, "it stands in the child's case");

    later(&mut session, TimeDelta::minutes(7));
    session.run(turn(of_second, "done")).expect("gone on");
    assert_eq!(AgendaItem::get(session.state(), of_first).unwrap().spent(), 7 * 60);
    // The power fails: it goes on where it was.
    assert_eq!(Meeting::live(session.state()).unwrap().at(), Some(of_second));
    session.run(MeetingTurn { meeting: id, to: None, leave: "parked".into() }).expect("parked");
    let end = |anyway| MeetingEnd { meeting: id, anyway };
    assert_eq!(refused(session.run(end(false))), "1 item was not dealt with.");
    let says = session.run(end(true)).expect("ended").says;
    assert!(says.contains("The next one: "), "{says}");
    assert_eq!(meeting(&session, id).phase(), Phase::Ended);
    assert!(
        refused(session.run(MeetingEdit { meeting: id, set: vec![(Field::MeetingPlace, Value::text("x"))] }))
            .contains("is ended")
    );

    // What was not dealt with, and what was given, leads the next agenda.
    let next = Meeting::next(session.state(), session.today_date()).expect("planned").0.id;
    let agenda = cases_of(&session, next);
    assert_eq!(agenda[0].0, Some(first));
    assert!(agenda[0].1.contains(&"unfinished".to_owned()), "{agenda:?}");
    assert!(agenda.iter().any(|line| line.0 == Some(second) && line.1.contains(&"asked".to_owned())), "{agenda:?}");
    assert!(session.today().iter().any(|due| due.what == What::Minutes(id)), "the minutes are on a clock");
    assert!(session.today().iter().any(|due| due.what == What::Meeting(next)));

    later(&mut session, TimeDelta::days(20));
    let items = begin(&mut session, next);
    let of_first =
        *items.iter().find(|item| AgendaItem::get(session.state(), **item).unwrap().case_id() == Some(first)).unwrap();
    let outcome = |session: &Session| {
        let state = session.state();
        Record::of(state, meeting(session, next), AgendaItem::get(state, of_first).unwrap()).last_time[0].1
    };
    assert_eq!(outcome(&session), Outcome::Open);
    let carry =
        |why: &str| MeetingCarry { item: of_first, action: given, due: None, why: why.into(), note: String::new() };
    session.run(carry("")).expect("carried on");
    assert_eq!(outcome(&session), Outcome::Carried);
    session.run(carry("agency")).expect("marked");
    assert_eq!(outcome(&session), Outcome::NotActed);
    assert!(Action::get(session.state(), given).unwrap().is_open());
    session.run(ActionDone { action: given }).expect("done");
    assert_eq!(outcome(&session), Outcome::Done);
    session.run(MeetingEnd { meeting: next, anyway: true }).expect("ended");
}

#[test]
fn the_calendar_refuses_what_can_not_be() {
    let mut session = start();
    let now = session.now();
    let at = |days: i64| MeetingNew { when: now + TimeDelta::days(days), ..MeetingNew::default() };
    assert!(refused(session.run(at(-1))).contains("past"));
    assert!(refused(session.run(at(800))).contains("two years"));
    assert!(refused(session.run(MeetingNew { kind: "party".into(), ..at(1) })).contains("no meeting-type"));
    let id = plan(&mut session, now + TimeDelta::days(1));
    let same = MeetingNew { when: now + TimeDelta::days(1) + TimeDelta::minutes(30), ..MeetingNew::default() };
    assert!(refused(session.run(same.clone())).contains("is at that hour"));
    session.run(MeetingNew { anyway: true, ..same }).expect("both are meant");
    let edit = |field, value| MeetingEdit { meeting: id, set: vec![(field, value)] };
    assert!(refused(session.run(edit(Field::MeetingStarted, Value::when(now)))).contains("can't be typed in"));
    assert!(refused(session.run(edit(Field::MeetingChair, Value::Nothing))).contains("is missing"));
    assert!(refused(session.run(edit(Field::MeetingWhen, Value::when(now - TimeDelta::days(3))))).contains("past"));
    session.run(edit(Field::MeetingPlace, Value::text("the library"))).expect("changed");
    assert!(refused(session.run(MeetingCancel { meeting: id, reason: String::new() })).contains("why is missing"));
    session.run(MeetingCancel { meeting: id, reason: "storm warning".into() }).expect("called off");
    assert_eq!(meeting(&session, id).phase(), Phase::Cancelled);
    assert!(refused(session.run(MeetingStart { meeting: id, statement: true })).contains("called off"));
    assert!(!session.today().iter().any(|due| due.what == What::Meeting(id)));
    // A meeting that was not held says so.
    let id = plan(&mut session, now + TimeDelta::days(4));
    later(&mut session, TimeDelta::days(5));
    let line = session.today().iter().find(|due| due.what == What::Meeting(id)).cloned().expect("in Today");
    assert_eq!(line.bucket, crate::domain::today::Bucket::Late);
}

#[test]
fn a_series_ends_and_its_meetings_move_off_holidays() {
    let mut session = start();
    let add = |rule: &str| SeriesAdd {
        rule: rule.into(),
        time: 600,
        kind: String::new(),
        place: String::new(),
        chair: None,
        scribe: None,
        standing: Vec::new(),
        from: None,
    };
    assert!(refused(session.run(add("now and then"))).contains("not clear when"));
    // Christmas 2026 is a Friday, Boxing Day a Saturday that is kept on the Monday: the fourth Friday goes to the Tuesday.
    session.run(add("fourth friday")).expect("begun");
    let first = Meeting::next(session.state(), session.today_date()).expect("planned");
    let (id, day) = (first.0.id, first.day().expect("a day"));
    assert_eq!(day.to_string(), "2026-11-27");
    session.run(MeetingCancel { meeting: id, reason: "nobody can come".into() }).expect("called off");
    let next = Meeting::next(session.state(), session.today_date()).expect("the next is planned");
    assert_eq!(next.day().expect("a day").to_string(), "2026-12-29");
    let series = session.state().items(ItemKind::Series).next().expect("one").id;
    session.run(SeriesEnd { series }).expect("ended");
    assert!(refused(session.run(SeriesEnd { series })).contains("has ended"));
}

#[test]
fn who_has_left_the_team_is_not_marked_at_later_meetings() {
    let mut session = start();
    let clarke = member(&mut session, "M. Clarke", "champion");
    let when = session.now() + TimeDelta::hours(2);
    let today = plan(&mut session, when);
    session.run(TeamLeave { member: clarke }).expect("left");
    assert_eq!(meeting(&session, today).expected(session.state()).len(), 1, "nobody waits for them");
    // They were there until that day.
    attend(&mut session, today, clarke, "present").expect("marked");
    later(&mut session, TimeDelta::days(3));
    let when = session.now() + TimeDelta::hours(2);
    let next = plan(&mut session, when);
    assert_eq!(
        refused(attend(&mut session, next, clarke, "present")),
        "This member had left the team before the meeting."
    );
    assert!(meeting(&session, next).attendance(session.state()).is_empty());
}

#[test]
fn an_agenda_of_five_hundred_lines_is_the_longest() {
    let mut session = start();
    let when = session.now() + TimeDelta::hours(2);
    let id = plan(&mut session, when);
    let add = |number: usize| AgendaAdd {
        meeting: Some(id),
        case: None,
        text: format!("Matter number {number}"),
        minutes: Some(1),
    };
    session
        .all_or_nothing(|session| (1..=500).try_for_each(|number| session.run(add(number)).map(drop)))
        .expect("added");
    assert_eq!(refused(session.run(add(501))), "This agenda has 500 items.");
    assert_eq!(refused(session.run(AgendaAdd { minutes: None, ..add(7) })), "It is on the agenda.");
    assert_eq!(session.agenda(id).len(), 500);
    // What the rules find beyond them takes nothing off that people put there, and is told.
    let worry = crate::testing::team::case(&mut session, "A worry");
    let (lines, left_out) = session.whole_agenda(id);
    assert!(left_out == 1 && lines.iter().all(|line| line.case != Some(worry) && line.item.is_some()));
    // Begun, it can be gone through from its first line to its last.
    let items = begin(&mut session, id);
    assert_eq!(items.len(), 500);
    for item in [items[0], items[499]] {
        session.run(MeetingTurn { meeting: id, to: Some(item), leave: "done".into() }).expect("taken up");
    }
    let says = session.run(MeetingEnd { meeting: id, anyway: false });
    assert_eq!(refused(says), "498 items were not dealt with.");
    session.run(MeetingEnd { meeting: id, anyway: true }).expect("ended");
    assert!(session.minutes(id, Reader::Anybody).expect("minutes").render(Form::Text).contains("500. Matter number"));
}

#[test]
fn a_remark_of_ten_thousand_letters_is_kept_without_what_a_terminal_would_obey() {
    let mut session = start();
    case(&mut session, "One");
    let when = session.now() + TimeDelta::hours(2);
    let id = plan(&mut session, when);
    let item = begin(&mut session, id)[0];
    let evil = "\u{1b}[31mred\u{1b}]0;title\u{7} \u{202e}txt\u{200b} ";
    let text = format!("{evil}{}", "word ".repeat(2_000));
    let say = |text: String| MeetingSay {
        item,
        kind: "general".into(),
        text,
        said_by: format!("{evil}R. Guest"),
        when: None,
    };
    session.run(say(text)).expect("written");
    let state = session.state();
    let record = Record::of(state, meeting(&session, id), AgendaItem::get(state, item).expect("it stands"));
    let kept = record.said[0].str(Field::NoteText);
    assert!(kept.len() >= 9_999 && kept.trim_end().ends_with("word word"), "nothing is cut: {}", kept.len());
    let minutes = session.minutes(id, Reader::Anybody).expect("minutes");
    for form in [Form::Text, Form::Markdown, Form::Html] {
        let paper = minutes.render(form);
        assert!(paper.contains("word word"));
        let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}');
        assert_eq!(paper.chars().find(|c| bad(*c)), None, "{form:?}");
    }
    // What is far too long is refused, and says so; nothing of it is kept.
    let refusal = refused(session.run(say("x".repeat(200_000))));
    assert!(refusal.contains("too long") || refusal.contains("longer"), "{refusal}");
}

#[test]
fn days_in_the_past_are_refused_wherever_a_meeting_asks_for_one() {
    let mut session = start();
    let of = case(&mut session, "One");
    let when = session.now() + TimeDelta::hours(2);
    let id = plan(&mut session, when);
    let item = begin(&mut session, id)[0];
    let (me, yesterday) = (session.me(), session.today_date() - TimeDelta::days(1));
    let give = |due| MeetingAction { item, text: "Visit".into(), owner: me, due, time: None, priority: String::new() };
    assert_eq!(refused(session.run(give(yesterday))), "The day lies in the past.");
    let far = yesterday + TimeDelta::days(365 * 30);
    assert!(!refused(session.run(give(far))).is_empty(), "a slip of the year");
    let open = action(&mut session, of, "Letter", 3);
    let carry = |due| MeetingCarry { item, action: open, due: Some(due), why: String::new(), note: String::new() };
    assert_eq!(refused(session.run(carry(yesterday))), "The day lies in the past.");
    let long_ago = MeetingSay {
        item,
        kind: "decision".into(),
        text: "Said long ago".into(),
        said_by: String::new(),
        when: Some(session.now() - TimeDelta::days(9)),
    };
    assert_eq!(refused(session.run(long_ago)), "That was not said at this meeting.");
}

#[test]
fn without_chair_or_quorum_a_meeting_is_held_and_says_so() {
    let mut session = start();
    let when = session.now() + TimeDelta::hours(2);
    let new = MeetingNew { when, chair: None, ..MeetingNew::default() };
    let id = session.run(new).expect("planned").made[0];
    session.run(MeetingStart { meeting: id, statement: true }).expect("begun");
    assert_eq!(meeting(&session, id).chair(), Some(session.me()), "whoever began it chairs");
    let end = |anyway| MeetingEnd { meeting: id, anyway };
    assert_eq!(refused(session.run(end(false))), "Nobody is marked as present.");
    let me = session.me();
    attend(&mut session, id, me, "present").expect("marked");
    let says = session.run(end(false)).expect("ended").says;
    let quorum = session.pack().meeting.quorum;
    assert!(quorum > 1 && says.contains(&format!("Fewer than {quorum} people were there")), "{says}");
    let minutes = session.minutes(id, Reader::Anybody).expect("minutes").render(Form::Text);
    assert!(minutes.contains(&format!("1 person was there, and {quorum} are needed to decide.")), "{minutes}");
}

#[test]
fn a_meeting_that_runs_leads_back_from_today() {
    let mut session = start();
    case(&mut session, "One");
    let when = session.now() + TimeDelta::hours(2);
    let id = plan(&mut session, when);
    begin(&mut session, id);
    let line = |session: &Session| session.today().iter().find(|due| due.what == What::Meeting(id)).cloned();
    assert_eq!(line(&session).expect("a line").bucket, crate::domain::today::Bucket::Today);
    // Nobody ended it: the next morning it is late.
    later(&mut session, TimeDelta::days(1));
    assert_eq!(line(&session).expect("a line").bucket, crate::domain::today::Bucket::Late);
    session.run(MeetingEnd { meeting: id, anyway: true }).expect("ended");
    assert_eq!(line(&session), None);
}

fn restricted(session: &mut Session, readers: &[ItemId]) -> ItemId {
    let values = vec![(Field::CaseConcern, Value::text("About a colleague")), (Field::CaseRisk, Value::code("high"))];
    let open = super::CaseOpen { values, restricted_to: readers.to_vec(), ..super::CaseOpen::default() };
    session.run(open).expect("opened").made[0]
}

#[test]
fn the_record_tells_no_reason_for_a_case_that_is_only_for_some() {
    let mut session = start();
    let me = session.me();
    let secret = restricted(&mut session, &[me]);
    let open = case(&mut session, "A worry");
    let when = session.now() + TimeDelta::hours(1);
    let id = plan(&mut session, when);
    let why = |session: &Session, of: ItemId| -> Vec<String> {
        cases_of(session, id).into_iter().find(|line| line.0 == Some(of)).expect("on it").1
    };
    assert!(why(&session, secret).contains(&"new".to_owned()), "who may read it sees why while it is computed");
    session.run(MeetingStart { meeting: id, statement: true }).expect("begun");
    assert!(why(&session, secret).is_empty(), "everybody on the team reads the meeting's record");
    assert!(why(&session, open).contains(&"new".to_owned()));
}

#[test]
fn visitors_leave_for_a_case_that_is_only_for_some() {
    let mut session = start();
    let me = session.me();
    restricted(&mut session, &[me]);
    let when = session.now() + TimeDelta::hours(1);
    let id = plan(&mut session, when);
    let items = begin(&mut session, id);
    let guest = |mark: &str| MeetingAttend {
        meeting: id,
        who: Who::Visitor { name: "R. Guest".into(), agency: String::new() },
        mark: mark.into(),
        info: None,
        signed: Some(true),
    };
    session.run(guest("observer")).expect("marked");
    let turn = MeetingTurn { meeting: id, to: Some(items[0]), leave: "done".into() };
    assert_eq!(refused(session.run(turn.clone())), "1 person here may not be present for this item.");
    session.run(guest("left")).expect("marked");
    session.run(turn).expect("taken up");
}

#[test]
fn words_are_taken_down_though_the_clock_has_jumped() {
    let mut session = start();
    case(&mut session, "A worry");
    let when = session.now() + TimeDelta::hours(1);
    let id = plan(&mut session, when);
    let item = begin(&mut session, id)[0];
    // After the power cut the computer believes that it is years earlier.
    later(&mut session, TimeDelta::days(-2000));
    let say =
        |when| MeetingSay { item, kind: "decision".into(), text: "It goes on".into(), said_by: String::new(), when };
    session.run(say(None)).expect("written");
    let typed = Some(session.now());
    assert_eq!(refused(session.run(say(typed))), "That was not said at this meeting.");
}

#[test]
fn a_conflict_reaches_the_copies_until_they_are_sent_and_the_actions_always() {
    let mut session = start();
    let of = case(&mut session, "A worry");
    let clarke = member(&mut session, "M. Clarke", "champion");
    let when = session.now() + TimeDelta::hours(1);
    let id = plan(&mut session, when);
    let item = begin(&mut session, id)[0];
    let due = session.today_date() + TimeDelta::days(3);
    let give = |owner| MeetingAction { item, text: "Letter".into(), owner, due, time: None, priority: String::new() };
    let (me, before) = (session.me(), session.run(give(clarke)).expect("given").made[0]);
    let mine = session.run(give(me)).expect("given").made[0];
    session.run(MeetingEnd { meeting: id, anyway: true }).expect("ended");
    let everybody = |session: &Session| session.minutes(id, Reader::Anybody).expect("made").render(Form::Text);
    let code = session.state().code(of).to_string();
    assert!(everybody(&session).contains(&code));
    let says = session.run(MeetingConflict { item, member: clarke, declared: true }).expect("declared late").says;
    assert!(says.contains("1 action in it is theirs"), "{says}");
    for reader in [Reader::Anybody, Reader::Member(clarke)] {
        let text = session.minutes(id, reader).expect("made").render(Form::Text);
        assert!(!text.contains(&code) && text.contains("1 item is not in this copy."), "{text}");
    }
    assert!(session.minutes(id, Reader::Member(me)).expect("made").render(Form::Text).contains(&code));
    // Nobody hands them an action of it afterwards either.
    let reassign = super::ActionReassign { action: mine, owner: clarke };
    assert!(refused(session.run(reassign)).contains("conflict of interest"));
    session.run(super::ActionReassign { action: before, owner: me }).expect("taken from them");
    session.run(super::MinutesApprove { meeting: id }).expect("approved");
    session.run(super::MinutesSent { meeting: id, how: "by hand".into() }).expect("sent");
    let late = MeetingConflict { item, member: me, declared: true };
    assert!(refused(session.run(late)).contains("minutes sent"));
}

#[test]
fn an_agency_gets_a_restricted_item_only_if_all_of_its_people_may_read_it() {
    let mut session = start();
    let me = session.me();
    let agency = session.state().item(me).expect("a member").value(Field::MemberAgency).as_item().expect("an agency");
    let of = restricted(&mut session, &[me]);
    let when = session.now() + TimeDelta::hours(1);
    let id = plan(&mut session, when);
    let item = begin(&mut session, id)[0];
    let say = MeetingSay { item, kind: "decision".into(), text: "Heard".into(), said_by: String::new(), when: None };
    session.run(say).expect("said");
    let code = session.state().code(of).to_string();
    let text = |session: &Session| session.minutes(id, Reader::Agency(agency)).expect("made").render(Form::Text);
    assert!(text(&session).contains(&code), "all of its people may");
    member(&mut session, "Not C. Leared", "champion");
    assert!(!text(&session).contains(&code), "one of them may not");
}

#[test]
fn a_case_that_is_kept_from_an_agency_is_not_in_its_copy() {
    use super::{ConsentRecord, Keep};
    use crate::domain::class::Class;
    use crate::domain::teams::agency_party;

    let mut session = start();
    let of = case(&mut session, "Not seen at school");
    let when = session.now() + TimeDelta::hours(1);
    let id = plan(&mut session, when);
    let item = begin(&mut session, id)[0];
    let say = MeetingSay { item, kind: "decision".into(), text: "Heard".into(), said_by: String::new(), when: None };
    session.run(say).expect("said");
    let state = session.state();
    let named = |code: &str| {
        state.items(ItemKind::Agency).find(|agency| agency.str(Field::AgencyCode) == code).expect("an agency").id
    };
    let (schools, clinics) = (named("MOE"), named("MOH"));
    let has = |session: &Session, agency| {
        let text = session.minutes(id, Reader::Agency(agency)).expect("made").render(Form::Text);
        let left_out = text.contains("1 item is not in this copy");
        assert_ne!(text.contains("Heard"), left_out, "{text}");
        !left_out
    };
    assert!(has(&session, schools) && has(&session, clinics));
    let consent = || ConsentRecord::new(of, vec!["services".into(), "disclosure".into()], "the mother");
    let keep = |what: &[Class]| Keep {
        from: vec![agency_party("MOE")],
        what: what.iter().copied().collect(),
        why: String::new(),
    };
    session.run(ConsentRecord { keep: keep(&[Class::Health]), ..consent() }).expect("recorded");
    assert!(has(&session, schools), "minutes have no words about health");
    session.run(ConsentRecord { keep: keep(&[]), ..consent() }).expect("recorded");
    assert!(!has(&session, schools) && has(&session, clinics));
    // Named for others alone: whoever is neither on the team nor among them gets none of it.
    session.run(ConsentRecord { to: vec![agency_party("VSD")], ..consent() }).expect("recorded");
    assert!(!has(&session, clinics));
}

#[test]
fn an_action_is_carried_on_in_its_own_case_and_stays_as_the_meeting_left_it() {
    let mut session = start();
    let [one, two] = ["One", "Two"].map(|concern| case(&mut session, concern));
    let when = session.now() + TimeDelta::hours(1);
    let first = plan(&mut session, when);
    begin(&mut session, first);
    let about = |session: &Session, meeting, case| {
        session.agenda(meeting).iter().find(|line| line.case == Some(case)).and_then(|line| line.item).expect("on it")
    };
    let (owner, due) = (session.me(), session.today_date() + TimeDelta::days(20));
    let item = about(&session, first, one);
    let give = MeetingAction { item, text: "Letter".into(), owner, due, time: None, priority: String::new() };
    let action = session.run(give).expect("given").made[0];
    session.run(MeetingEnd { meeting: first, anyway: true }).expect("ended");
    later(&mut session, TimeDelta::days(7));
    let when = session.now() + TimeDelta::hours(1);
    let second = plan(&mut session, when);
    begin(&mut session, second);
    let carry = |item| MeetingCarry { item, action, due: None, why: String::new(), note: String::new() };
    session.run(AgendaAdd { meeting: None, case: Some(two), text: String::new(), minutes: None }).ok();
    let elsewhere = about(&session, second, two);
    assert_eq!(refused(session.run(carry(elsewhere))), "This action belongs to another case.");
    let item = about(&session, second, one);
    session.run(carry(item)).expect("carried");
    session.run(MeetingEnd { meeting: second, anyway: true }).expect("ended");
    let outcome = |session: &Session| {
        let item = AgendaItem::get(session.state(), item).expect("an item");
        Record::of(session.state(), meeting(session, second), item).last_time[0].1
    };
    assert_eq!(outcome(&session), Outcome::Carried);
    later(&mut session, TimeDelta::days(2));
    session.run(ActionDone { action }).expect("done");
    assert_eq!(outcome(&session), Outcome::Carried, "what came later is not in that meeting's minutes");
}

#[test]
fn minutes_bear_the_day_on_which_people_met_and_name_nobody_in_their_own_words() {
    let mut session = start();
    case(&mut session, "A worry");
    let when = session.now() + TimeDelta::days(9);
    let place = "at the home of Fern Riverstone".to_owned();
    let id = session.run(MeetingNew { when, place, ..MeetingNew::default() }).expect("planned").made[0];
    let text = "What Fern Riverstone asked for".to_owned();
    session.run(AgendaAdd { meeting: Some(id), case: None, text, minutes: None }).expect("added");
    begin(&mut session, id);
    let day = session.today_date();
    let text = session.minutes(id, Reader::Anybody).expect("made").render(Form::Text);
    assert!(text.contains(&day.format("%A %-d %B %Y").to_string()), "{text}");
    assert!(!text.contains("Riverstone") && text.contains("What [child] asked for"), "{text}");
    let (file, _) = session.calendar_file(None).expect("a calendar");
    assert!(!file.contains("Riverstone"), "{file}");
    for sheet in crate::domain::meeting::papers::Sheet::ALL {
        let text = session.sheet(sheet, Some(id), 0).expect("made").render(Form::Text);
        assert!(!text.contains("Riverstone"), "{text}");
    }
}

#[test]
fn a_series_says_when_its_next_meeting_falls_on_another() {
    let mut session = start();
    let series = SeriesAdd {
        rule: "every tuesday".into(),
        time: 600,
        kind: String::new(),
        place: String::new(),
        chair: None,
        scribe: None,
        standing: Vec::new(),
        from: None,
    };
    session.run(series).expect("begun");
    let first = Meeting::all(session.state())[0].0.id;
    let when = meeting(&session, first).when().expect("an hour") + TimeDelta::days(7);
    let other = plan(&mut session, when);
    let says = session.run(MeetingCancel { meeting: first, reason: "storm".into() }).expect("called off").says;
    let code = session.state().code(other).to_string();
    assert!(says.contains(&format!("Meeting {code} is at that hour too")), "{says}");
}
