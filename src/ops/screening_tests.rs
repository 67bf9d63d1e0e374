//! Screenings and identifications: what is kept, what is refused, which clocks run, what is proposed.

use chrono::TimeDelta;

use crate::domain::class::Class;
use crate::domain::decision::{Decision, IDENTIFICATION};
use crate::domain::field::{Field, ItemKind};
use crate::domain::form::{Asks, Given};
use crate::domain::ids::ItemId;
use crate::domain::screening::{Screening, proposals};
use crate::domain::today::What;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::session::{FixedClock, Session};
use crate::testing::team::{self, case, morning, team};
use crate::vault::disk::MemoryDisk;

use super::{CaseClose, CaseEdit, CaseIdentify, ScreeningFinish};

fn given(all: &[(&str, &str)]) -> Given {
    all.iter().map(|(code, said)| ((*code).to_owned(), said.split('+').map(str::to_owned).collect())).collect()
}

fn screen(case: ItemId, outcome: &str, all: &[(&str, &str)]) -> ScreeningFinish {
    ScreeningFinish {
        case,
        form: String::new(),
        answers: given(all),
        when: None,
        place: String::new(),
        why: String::new(),
        mode: String::new(),
        by: None,
        outcome: outcome.to_owned(),
        stopped: false,
        follows: None,
        note: String::new(),
    }
}

fn identify(case: ItemId, status: &str) -> CaseIdentify {
    CaseIdentify {
        case,
        status: status.to_owned(),
        by: "police".to_owned(),
        when: None,
        acts: vec!["harbouring".to_owned()],
        means: Vec::new(),
        purposes: vec!["begging".to_owned()],
        basis: "the screening and two visits".to_owned(),
        screening: None,
        dissent: String::new(),
        review: None,
    }
}

fn flags(session: &mut Session, case: ItemId, flags: &[&str]) {
    let values = vec![(Field::CaseFlags, Value::codes(flags))];
    session.run(CaseEdit { case, values, followup: false }).expect("edited");
}

fn refused(session: &mut Session, op: impl Into<super::Op>) -> String {
    let error = session.run(op).expect_err("refused");
    format!("{} {}", error.message, error.hint)
}

fn waits(session: &Session, clock: &str) -> bool {
    session.today().iter().any(|due| due.what == What::Clock(clock.into()))
}

/// Sets the clock so many hours after the morning.
fn later(session: &mut Session, hours: i64) {
    session.set_clock(Box::new(FixedClock(morning() + TimeDelta::hours(hours))));
}

#[test]
fn a_screening_keeps_what_was_asked_and_said() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    let all = [
        ("works", "Yes"),
        ("work-kind", "farm+begging"),
        ("missing", "n"),
        ("seen", "two lines\nof words"),
        ("informant", "MOE"),
    ];
    let made = session.run(screen(id, "some", &all)).expect("kept").made[0];
    let it = Screening::get(session.state(), made).expect("there");
    assert_eq!((it.0.class, it.form(), it.outcome(), it.stopped()), (Class::Interview, "trafficking", "some", false));
    assert_eq!(it.by(), Some(session.me()));
    assert_eq!(it.0.str(Field::ScreeningPack), "jm-default 1");
    let answers = it.answers().expect("readable").expect("here");
    let said: Vec<(&str, Asks, String)> = answers.iter().map(|it| (&*it.code, it.asks, it.shown())).collect();
    assert_eq!(
        said,
        [
            ("works", Asks::YesNo, "yes".to_owned()),
            ("work-kind", Asks::Several, "begging, on a farm".to_owned()),
            ("missing", Asks::YesNo, "no".to_owned()),
            ("seen", Asks::Text, "two lines\nof words".to_owned()),
            ("informant", Asks::Agency, "MOE".to_owned()),
        ]
    );
    assert_eq!(answers.get("works").map(|it| it.section.as_str()), Some("Work and money"));
    assert!(session.state().code(made).to_string().starts_with("Q-"));
    // Nothing of the answers is kept where every observer and receiver reads.
    let own = |field: Field| field.class(it.0.class);
    assert!(
        [Field::ScreeningAnswers, Field::ScreeningNote, Field::ScreeningWhere, Field::ScreeningStopped]
            .map(own)
            .iter()
            .all(|class| *class == Class::Interview)
    );
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    let mut says = |op: ScreeningFinish| refused(&mut session, op);
    let good = screen(id, "some", &[("school", "no")]);
    for (op, part) in [
        (screen(id, "", &[("school", "no")]), "the outcome is missing"),
        (screen(id, "bad", &[("school", "no")]), "no screening-outcome called \"bad\""),
        (screen(id, "none", &[]), "Nothing was answered."),
        (screen(id, "none", &[("school", "perhaps")]), "One of these is needed: yes, no, unknown."),
        (screen(id, "none", &[("school", "yes+no")]), "One answer is needed"),
        (screen(id, "none", &[("schools", "yes")]), "The form has no such question."),
        (screen(id, "none", &[("works", "no"), ("unsuitable", "yes")]), "It is not asked here"),
        (screen(id, "none", &[("missing", "yes"), ("missing-days", "x")]), "A whole number is needed"),
        (screen(id, "none", &[("informant", "NASA")]), "No agency answers to \"NASA\"."),
        (screen(id, "none", &[("school", "x"), ("friends", "y es")]), "One more answer does not fit."),
        (ScreeningFinish { form: "other".into(), ..good.clone() }, "Use one of: trafficking."),
        (ScreeningFinish { when: Some(morning() + TimeDelta::days(1)), ..good.clone() }, "can't lie in the future"),
        (ScreeningFinish { follows: Some(id), ..good.clone() }, "There is no such screening here."),
        (screen(id, "none", &[("seen", &"x".repeat(2_001))]), "The answer is too long"),
    ] {
        let text = says(op);
        assert!(text.contains(part), "{part}: {text}");
    }
    session.run(CaseClose { cancel_open: true, ..CaseClose::new(id, "goals-met") }).expect("closed");
    assert!(refused(&mut session, good).contains("is closed"));
    assert!(refused(&mut session, identify(id, "possible")).contains("is closed"));
}

#[test]
fn only_another_screening_follows_one() {
    let mut session = team(&MemoryDisk::new(), 1);
    let (id, other) = (case(&mut session, "A worry"), case(&mut session, "Another"));
    let first = session.run(screen(id, "none", &[("school", "yes")])).expect("kept").made[0];
    later(&mut session, 5);
    let next = ScreeningFinish { follows: Some(first), ..screen(id, "some", &[("school", "no")]) };
    session.run(next.clone()).expect("kept");
    let all = Screening::all(session.state(), Case::get(session.state(), id).expect("there"));
    assert_eq!(all.iter().map(|it| it.outcome()).collect::<Vec<_>>(), ["some", "none"]);
    assert_eq!(all[0].follows(), Some(first));
    let elsewhere = ScreeningFinish { case: other, ..next };
    assert!(refused(&mut session, elsewhere).contains("belongs to another case"));
}

#[test]
fn asking_that_stopped_needs_neither_outcome_nor_answers() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    let op = ScreeningFinish { stopped: true, note: "at school".into(), ..screen(id, "", &[("told", "yes")]) };
    let made = session.run(op).expect("kept").made[0];
    let it = Screening::get(session.state(), made).expect("there");
    assert!(it.stopped() && it.outcome().is_empty());
    let codes: Vec<&str> = proposed(&session, made).into_iter().map(|(code, ..)| code).collect();
    // Nobody asked further, so all is proposed, and first among it nothing is done by itself.
    assert_eq!(codes, ["follow-report", "follow-police", "follow-medical", "follow-safe-place", "follow-interview"]);
    assert_eq!(session.state().items(ItemKind::Action).count(), 0);
}

/// Code, owner's agency, and days ahead of what is proposed.
fn proposed(session: &Session, id: ItemId) -> Vec<(&str, String, i64)> {
    let it = Screening::get(session.state(), id).expect("there");
    let all = proposals(session.state(), session.pack(), session.calendar(), it, session.now());
    let owner = |id: Option<ItemId>| crate::domain::views::owner_name(session.state(), id).into_owned();
    all.into_iter().map(|it| (it.code, owner(it.owner), (it.due - session.today_date()).num_days())).collect()
}

#[test]
fn what_follows_is_proposed_and_never_twice() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    let none = session.run(screen(id, "none", &[("household", "parents")])).expect("kept").made[0];
    assert!(proposed(&session, none).is_empty());
    let strong = session.run(screen(id, "strong", &[("household", "employer")])).expect("kept").made[0];
    let all = proposed(&session, strong);
    assert_eq!(all[0], ("follow-report", "CPFSA".to_owned(), 0));
    let codes: Vec<&str> = all.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes, ["follow-report", "follow-police", "follow-medical", "follow-safe-place"]);
    team::action(&mut session, id, "Arrange a medical check", 2);
    let when = Some(session.now());
    session
        .run(super::CaseStatutory { case: id, when, channel: Some("211".into()), ncr: None, by: None })
        .expect("reported");
    let codes: Vec<&str> = proposed(&session, strong).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(
        codes,
        ["follow-police", "follow-safe-place"],
        "what is done or given to somebody is not proposed again"
    );
}

#[test]
fn a_flag_starts_its_clock_and_a_screening_stops_it() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    session.run(screen(id, "none", &[("school", "yes")])).expect("kept");
    later(&mut session, 10);
    flags(&mut session, id, &["alleged"]);
    assert!(waits(&session, "screening-alleged"), "an earlier screening knew nothing of it");
    later(&mut session, 12);
    flags(&mut session, id, &["alleged", "ran-away"]);
    let due = |session: &Session, clock: &str| {
        session.today().iter().find(|due| due.what == What::Clock(clock.into())).map(|due| due.at.to_utc())
    };
    assert_eq!(
        due(&session, "screening-alleged"),
        Some(morning() + TimeDelta::hours(34)),
        "another flag moves nothing"
    );
    assert_eq!(due(&session, "screening-ran-away"), Some(morning() + TimeDelta::hours(84)));
    session.run(screen(id, "some", &[("school", "no")])).expect("kept");
    assert!(!waits(&session, "screening-alleged") && !waits(&session, "screening-ran-away"));
    // Gone and back again: it counts anew.
    later(&mut session, 20);
    flags(&mut session, id, &[]);
    later(&mut session, 30);
    flags(&mut session, id, &["alleged"]);
    assert_eq!(due(&session, "screening-alleged"), Some(morning() + TimeDelta::hours(54)));
    flags(&mut session, id, &[]);
    assert!(!waits(&session, "screening-alleged"));
}

#[test]
fn an_identification_says_on_what_and_sets_the_status() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    let status = |session: &Session| session.state().item(id).expect("there").str(Field::CaseStatus).to_owned();
    let op = identify(id, "actual");
    for (op, part) in [
        (CaseIdentify { basis: " ".into(), ..op.clone() }, "on what it rests is missing"),
        (CaseIdentify { by: String::new(), ..op.clone() }, "who decided is missing"),
        (CaseIdentify { by: "me".into(), ..op.clone() }, "no decision-by called \"me\""),
        (CaseIdentify { acts: Vec::new(), ..op.clone() }, "the act is not said"),
        (CaseIdentify { purposes: Vec::new(), ..op.clone() }, "the purpose is not said"),
        (CaseIdentify { when: Some(morning() + TimeDelta::days(2)), ..op.clone() }, "in the future"),
        (CaseIdentify { review: Some(session.today_date() - TimeDelta::days(1)), ..op.clone() }, "lies in the past"),
        (CaseIdentify { screening: Some(id), ..op.clone() }, "There is no such screening here."),
    ] {
        let text = refused(&mut session, op);
        assert!(text.contains(part), "{part}: {text}");
    }
    // Of a child, or where nobody knows the age, the means need not be shown.
    let review = session.today_date() + TimeDelta::days(3);
    session.run(CaseIdentify { review: Some(review), ..op.clone() }).expect("recorded");
    assert_eq!(status(&session), "actual");
    assert!(session.today().iter().any(|due| matches!(due.what, What::Decision(_)) && due.day() == review));
    let grown = vec![(Field::CaseDob, Value::date("2000-01-01".parse().expect("a day")))];
    session.run(CaseEdit { case: id, values: grown, followup: false }).expect("edited");
    assert!(refused(&mut session, op.clone()).contains("From eighteen on the means must be shown"));
    session.run(CaseIdentify { means: vec!["deception".into()], ..op.clone() }).expect("recorded");
}

#[test]
fn the_latest_decision_by_its_day_counts_and_all_stay() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    later(&mut session, 48);
    session.run(identify(id, "actual")).expect("recorded");
    let before = CaseIdentify { when: Some(morning() - TimeDelta::days(3)), ..identify(id, "possible") };
    let says = session.run(before).expect("recorded").says;
    assert!(says.contains("A later decision stands"), "{says}");
    let state = session.state();
    let case = Case::get(state, id).expect("there");
    assert_eq!(case.0.str(Field::CaseStatus), "actual");
    let all = Decision::all(state, case, IDENTIFICATION);
    assert_eq!(all.iter().map(|it| it.status()).collect::<Vec<_>>(), ["actual", "possible"]);
}

#[test]
fn observers_look_and_do_not_screen() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = case(&mut session, "A worry");
    let values = vec![
        (Field::MemberName, Value::text("O. Looker")),
        (Field::MemberHandle, Value::text("olooker")),
        (Field::MemberRole, Value::code("observer")),
    ];
    let made = session.run(super::TeamAdd { values }).expect("added").made[0];
    let keys = session.introduce(made, "olooker").expect("introduced");
    session.change_seat(keys);
    assert!(refused(&mut session, screen(id, "none", &[("school", "yes")])).contains("Observers can look"));
    assert!(refused(&mut session, identify(id, "possible")).contains("Observers can look"));
}
