//! What leaves a meeting: papers without a case's words, feedback, minutes sealed, printed or given a reason for.

use chrono::TimeDelta;

use crate::bundle::paper;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::minutes::Reader;
use crate::domain::meeting::papers::Sheet;
use crate::domain::paper::{Form, PRACTICE};
use crate::domain::value::Value;
use crate::error::Kind;
use crate::ops::{
    ActionCancel, ActionDone, CaseOpen, MeetingAction, MeetingAttend, MeetingCarry, MeetingEnd, MeetingNew, MeetingSay,
    MeetingStart, MinutesApprove, TeamAdd, TeamEdit, Who,
};
use crate::session::{FixedClock, Session};
use crate::testing::entropy::SeededEntropy;
use crate::testing::team::{self, case};
use crate::vault::disk::MemoryDisk;
use crate::vault::keys::identity::Identity;
use crate::vault::keys::passphrase::WorkFactor;

fn later(session: &mut Session, days: i64) {
    let now = session.now() + TimeDelta::days(days);
    session.set_clock(Box::new(FixedClock(now)));
}

fn agency(session: &Session, code: &str) -> ItemId {
    let of = |item: &&crate::domain::item::Item| item.str(Field::AgencyCode) == code;
    session.state().items(ItemKind::Agency).find(of).expect("an agency").id
}

fn member(session: &mut Session, name: &str, code: &str) -> ItemId {
    let values = vec![
        (Field::MemberName, Value::text(name)),
        (Field::MemberAgency, Value::Item(agency(session, code))),
        (Field::MemberRole, Value::code("champion")),
    ];
    session.run(TeamAdd { values }).expect("added").made[0]
}

/// A meeting today at which everybody named is there; it runs.
fn begun(session: &mut Session, here: &[ItemId]) -> (ItemId, ItemId) {
    let when = session.now() + TimeDelta::hours(1);
    let place = "parish office".to_owned();
    let meeting = session.run(MeetingNew { when, place, ..MeetingNew::default() }).expect("planned").made[0];
    session.run(MeetingStart { meeting, statement: true }).expect("begun");
    for member in here {
        let who = Who::Member(*member);
        session.run(MeetingAttend { meeting, who, mark: "present".into(), info: None, signed: None }).expect("marked");
    }
    (meeting, session.agenda(meeting)[0].item.expect("on record"))
}

fn give(session: &mut Session, item: ItemId, owner: ItemId, days: i64) -> ItemId {
    let due = session.today_date() + TimeDelta::days(days);
    let op = MeetingAction { item, text: "Letter".into(), owner, due, time: None, priority: String::new() };
    session.run(op).expect("given").made[0]
}

#[test]
fn papers_hold_codes_and_room_and_nothing_of_a_case() {
    let mut session = team::team(&MemoryDisk::new(), 1);
    let of = case(&mut session, "A secret worry about Fern Riverstone");
    let me = session.me();
    let values = vec![(Field::CaseConcern, Value::text("About a colleague")), (Field::CaseRisk, Value::code("high"))];
    let open = CaseOpen { values, restricted_to: vec![me], ..CaseOpen::default() };
    let restricted = session.run(open).expect("opened").made[0];
    member(&mut session, "M. Clarke", "MOH");
    assert_eq!(session.sheet(Sheet::Agenda, None, 0).expect_err("no meeting").kind, Kind::Refused);
    let when = session.now() + TimeDelta::days(2);
    let meeting = session.run(MeetingNew { when, ..MeetingNew::default() }).expect("planned").made[0];
    let codes = [of, restricted].map(|case| session.state().code(case).to_string());
    for sheet in Sheet::ALL {
        assert_eq!(Sheet::from_name(sheet.name()), Some(sheet));
        let paper = session.sheet(sheet, Some(meeting), 2).expect("made");
        for form in [Form::Text, Form::Html, Form::Markdown] {
            let text = paper.render(form);
            assert!(text.contains("Copy 2 of 2.") && text.contains(PRACTICE), "{text}");
            for word in ["secret", "Riverstone", "colleague", "high"] {
                assert!(!text.contains(word), "{word} on the {}: {text}", sheet.name());
            }
        }
        let text = paper.render(Form::Text);
        let about_cases = matches!(sheet, Sheet::Agenda | Sheet::Capture);
        assert_eq!(codes.iter().all(|code| text.contains(code)), about_cases, "{text}");
    }
    let agenda = session.sheet(Sheet::Agenda, Some(meeting), 0).expect("made").render(Form::Text);
    assert!(agenda.contains("new since the last meeting"), "{agenda}");
    let line = agenda.lines().find(|line| line.contains(&codes[1])).expect("a line");
    assert!(line.contains("only for some people"), "why it is there would tell something: {agenda}");
    let signs = session.sheet(Sheet::SignIn, Some(meeting), 0).expect("made").render(Form::Text);
    let statement: String = session.pack().meeting.statement.chars().take(40).collect();
    assert!(signs.contains(&statement) && signs.contains("M. Clarke"), "{signs}");
    assert!(signs.matches("\n____").count() >= 6, "room for others: {signs}");
    let capture = session.sheet(Sheet::Capture, Some(meeting), 0).expect("made").render(Form::Text);
    assert!(capture.contains("! somebody sees it otherwise") && capture.contains(&format!("1. {}", codes[0])));
    let report = session.sheet(Sheet::Report, None, 0).expect("needs no meeting").render(Form::Text);
    assert!(report.contains("Call first, write after") && report.contains("Who reported: keep this page"), "{report}");
    assert_eq!(session.sheet(Sheet::Report, None, 201).expect_err("too many").kind, Kind::Usage);
}

#[test]
fn feedback_counts_what_each_agency_did_with_what_it_was_given() {
    let mut session = team::team(&MemoryDisk::new(), 1);
    let nurse = member(&mut session, "N. Ellis", "MOH");
    let health = agency(&session, "MOH");
    case(&mut session, "A worry");
    let me = session.me();
    assert!(session.feedback(None).agencies.is_empty() && session.feedback(None).days.is_none());
    let (first, item) = begun(&mut session, &[me, nurse]);
    let [in_time, late, open, stuck, off] = [5, 1, 9, 2, 3].map(|days| give(&mut session, item, health, days));
    let by_nurse = give(&mut session, item, nurse, 30);
    session.run(MeetingEnd { meeting: first, anyway: true }).expect("ended");
    session.run(ActionCancel { action: off, reason: "moved".into() }).expect("called off");
    later(&mut session, 4);
    session.run(ActionDone { action: in_time }).expect("done");
    session.run(ActionDone { action: late }).expect("done");
    let (second, item) = begun(&mut session, &[me]);
    let why = "agency".to_owned();
    session.run(MeetingCarry { item, action: stuck, due: None, why, note: String::new() }).expect("carried");
    give(&mut session, item, me, 3);
    assert_eq!(session.feedback(None).meetings, [first], "one that runs does not count yet");
    session.run(MeetingEnd { meeting: second, anyway: true }).expect("ended");

    let found = session.feedback(None);
    assert_eq!(found.meetings, [first, second]);
    let of = |code: &str| found.agencies.iter().find(|it| it.code == code).expect("counted").clone();
    let moh = of("MOH");
    assert_eq!((moh.expected, moh.attended), (2, 1));
    assert_eq!((moh.given, moh.in_time, moh.late, moh.open, moh.not_acted), (5, 1, 1, 2, 1), "{open:?} {by_nurse:?}");
    assert_eq!(moh.outcome(), "1 in time, 1 late, 2 open, 1 not acted");
    assert_eq!((of("CPFSA").attended, of("CPFSA").given), (2, 1));
    assert!(found.agencies.iter().all(|it| it.code != "MOE"), "who was not asked for anything is not named");
    let last = session.feedback(Some(1));
    assert_eq!(last.meetings, [second]);
    assert_eq!(last.agencies.iter().map(|it| it.given).sum::<usize>(), 1);
    let paper = found.paper(session.state(), true).render(Form::Text);
    assert!(paper.contains("22 Nov 2026 to 26 Nov 2026") && paper.contains("1 of 2"), "{paper}");
}

#[test]
fn minutes_are_sealed_to_whoever_was_there_and_has_a_card() {
    let mut session = team::team(&MemoryDisk::new(), 1);
    let names = ["D. Reid", "N. Ellis", "O. Ther"];
    let [reid, ellis, absent] = names.map(|name| member(&mut session, name, "MOH"));
    let keys = [5, 6].map(|seed| Identity::random(&mut SeededEntropy::new(seed)));
    for (member, key) in [reid, absent].into_iter().zip(&keys) {
        let values = vec![(Field::MemberCard, Value::text(&key.recipient().to_string()))];
        session.run(TeamEdit { member, values }).expect("given");
    }
    case(&mut session, "A worry");
    let me = session.me();
    let (meeting, item) = begun(&mut session, &[me, reid, ellis]);
    let text = "Fern Riverstone stays with the aunt".to_owned();
    let say = MeetingSay { item, kind: "decision".into(), text, said_by: String::new(), when: None };
    session.run(say).expect("said");
    session.run(MeetingEnd { meeting, anyway: true }).expect("ended");
    assert!(session.seal_minutes(meeting).expect_err("not approved").message.contains("not approved"));
    session.run(MinutesApprove { meeting }).expect("approved");
    let who = session.who_gets_minutes(meeting);
    let made = session.seal_minutes(meeting).expect("sealed");
    assert_eq!(
        made.sealed.iter().map(|copy| &*copy.name).collect::<Vec<_>>(),
        ["D. Reid"],
        "who was not there gets none"
    );
    assert_eq!((&made.here, &made.without), (&vec!["A. Brown".to_owned()], &vec!["N. Ellis".to_owned()]));
    assert_eq!((who.how(), made.how()), ("sealed to D. Reid".to_owned(), "sealed to D. Reid".to_owned()));
    let copy = &made.sealed[0];
    assert!(copy.file.starts_with("minutes-M-") && copy.file.ends_with("-d-reid.mahoe"), "{}", copy.file);
    let opened = paper::open(&copy.bytes, &keys[0]).expect("opened");
    assert!(
        opened.text.contains("[child] stays with the aunt")
            && opened.text.contains("for D. Reid")
            && opened.text.contains("Copy 1 of 1.\n"),
        "{}",
        opened.text
    );
    assert!(paper::open(&copy.bytes, &keys[1]).is_err());
    let known = session.known_copy(format!("{}\n", opened.text).as_bytes()).expect("on record");
    assert_eq!((known.meeting, &*known.made_for), (meeting, "D. Reid"));
    // Numbered copies are known again too.
    let printed = session.printed_minutes(meeting, Reader::Anybody, Form::Html, 9).expect("made");
    assert!(printed.contains("Copy 9 of 9. Hand it back"), "{printed}");
    assert!(session.known_copy(printed.as_bytes()).is_some());
}

#[test]
fn outside_practice_minutes_become_a_file_only_for_a_reason_that_stays_on_record() {
    let passphrase = team::passphrase();
    let work = WorkFactor::new(15, false).expect("the lowest of real vaults");
    let new = crate::session::NewTeam { practice: false, work, ..team::new_team(&passphrase) };
    let disk = MemoryDisk::new();
    let (mut session, words) = Session::create(team::place(&disk, 1), &new).expect("a fresh disk");
    session.words_read_back(&words).expect("recorded");
    case(&mut session, "A worry");
    let me = session.me();
    let (meeting, _) = begun(&mut session, &[me]);
    session.run(MeetingEnd { meeting, anyway: true }).expect("ended");
    session.run(MinutesApprove { meeting }).expect("approved");
    let refused = session.clear_minutes(meeting, Reader::Anybody, Form::Text, 0, " ").expect_err("no reason");
    assert_eq!(refused.kind, Kind::Refused);
    assert!(refused.hint.contains("--clear REASON"), "{}", refused.hint);
    // Shown here first: the reason is on record all the same.
    let shown = session.copy_of_minutes(meeting, Reader::Anybody, Form::Text).expect("shown");
    let why = "the agency has no computer";
    let clear = session.clear_minutes(meeting, Reader::Anybody, Form::Text, 0, why).expect("given out");
    assert_eq!(shown, clear);
    let reasons: Vec<&str> = session.state().items(ItemKind::Paper).map(|it| it.str(Field::PaperWhy)).collect();
    assert!(reasons.contains(&why), "{reasons:?}");
}

#[test]
fn a_copy_is_known_and_says_when_the_record_reads_otherwise_by_now() {
    let mut session = team::team(&MemoryDisk::new(), 1);
    let of = case(&mut session, "A worry");
    let me = session.me();
    let (meeting, item) = begun(&mut session, &[me]);
    let text = "They stay with the aunt".to_owned();
    let said = MeetingSay { item, kind: "decision".into(), text, said_by: String::new(), when: None };
    session.run(said).expect("said");
    give(&mut session, item, me, 5);
    session.run(MeetingEnd { meeting, anyway: true }).expect("ended");
    session.run(MinutesApprove { meeting }).expect("approved");
    let printed = session.printed_minutes(meeting, Reader::Anybody, Form::Html, 9).expect("made");
    let mine = session.copy_of_minutes(meeting, Reader::Member(me), Form::Text).expect("made");
    let as_now = |session: &Session, copy: &str| session.known_copy(copy.as_bytes()).expect("known").as_now;
    assert_eq!((as_now(&session, &printed), as_now(&session, &mine)), (Some(true), Some(true)));
    let note = session.state().items_in(crate::domain::ids::StreamId(of.0), ItemKind::Note).next().expect("said");
    let entry = note.created.and_then(|entry| session.state().stamp(entry)).expect("written").id;
    session.run(crate::ops::CaseStrike { entry, reason: "wrong child".into() }).expect("struck");
    assert_eq!((as_now(&session, &printed), as_now(&session, &mine)), (Some(false), Some(false)));
}

#[test]
fn minutes_with_what_is_only_for_some_are_on_record_in_that_case() {
    let mut session = team::team(&MemoryDisk::new(), 1);
    let me = session.me();
    let values = vec![(Field::CaseConcern, Value::text("About a colleague")), (Field::CaseRisk, Value::code("high"))];
    let open = CaseOpen { values, restricted_to: vec![me], ..CaseOpen::default() };
    let of = session.run(open).expect("opened").made[0];
    let (meeting, _) = begun(&mut session, &[me]);
    let printed = |session: &mut Session| {
        let past = session.history(crate::domain::ids::StreamId(of.0)).expect("readable");
        let changes: Vec<_> = past.into_iter().flat_map(|past| past.changes).collect();
        let is_print =
            |it: &&crate::session::Change| matches!(it, crate::session::Change::Accessed(what, _) if what == "print");
        changes.iter().filter(is_print).count()
    };
    session.copy_of_minutes(meeting, Reader::Anybody, Form::Text).expect("made");
    assert_eq!(printed(&mut session), 0, "nothing of it was in that copy");
    session.copy_of_minutes(meeting, Reader::Member(me), Form::Text).expect("made");
    assert_eq!(printed(&mut session), 1);
}
