//! Closing with a checklist and another's approval; best-interests decisions.

use chrono::TimeDelta;

use crate::domain::class::Class;
use crate::domain::closure::{self, Closure, Phase};
use crate::domain::decision::{BEST_INTERESTS, Decision};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::pack::Approval;
use crate::domain::today::{self, What};
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::session::{FixedClock, Session};
use crate::testing::team::{action, case, team};
use crate::vault::disk::MemoryDisk;
use crate::vault::keys::participant::Participant;

use super::{
    CaseBestInterests, CaseClose, CaseEdit, CaseNote, CaseOpen, CaseReopen, Checklist, ClosureApprove, ClosureRefuse,
    ConflictDecide, TeamAdd, TeamEdit, TeamLeave,
};

/// A team of coordinator A. Brown, deputy D. Eputy and champion C. Hampion, who all have keys.
struct Team {
    session: Session,
    brown: ItemId,
    deputy: ItemId,
    champion: ItemId,
    away: Vec<Participant>,
}

fn member(session: &mut Session, name: &str, role: &str) -> ItemId {
    let handle = name.to_lowercase().replace([' ', '.'], "");
    let text = |field, text: &str| (field, Value::text(text));
    let values =
        vec![text(Field::MemberName, name), text(Field::MemberHandle, &handle), (Field::MemberRole, Value::code(role))];
    session.run(TeamAdd { values }).expect("added").made[0]
}

impl Team {
    fn new() -> Self {
        let mut session = team(&MemoryDisk::new(), 1);
        let brown = session.me();
        let (deputy, champion) =
            (member(&mut session, "D. Eputy", "deputy"), member(&mut session, "C. Hampion", "champion"));
        let away = vec![
            session.introduce(deputy, "deputy").expect("introduced"),
            session.introduce(champion, "champion").expect("introduced"),
        ];
        Self { session, brown, deputy, champion, away }
    }

    /// Puts somebody at the keyboard.
    fn seat(&mut self, who: ItemId) -> &mut Session {
        if self.session.me() != who {
            let at = self.away.iter().position(|keys| keys.member() == who).expect("somebody with keys");
            let keys = self.away.remove(at);
            self.away.push(self.session.change_seat(keys));
        }
        &mut self.session
    }

    fn view(&self, case: ItemId) -> Case<'_> {
        Case::get(self.session.state(), case).expect("there")
    }

    fn phase(&self, case: ItemId) -> Vec<Phase> {
        Closure::all(self.session.state(), self.view(case)).into_iter().map(Closure::phase).collect()
    }

    fn waits(&self, case: ItemId) -> bool {
        closure::waiting(self.session.state(), self.view(case)).is_some()
    }
}

fn close(case: ItemId) -> CaseClose {
    CaseClose { cancel_open: true, ..CaseClose::new(case, "goals-met") }
}

fn approve(case: ItemId) -> ClosureApprove {
    ClosureApprove { case, words: String::new(), cancel_open: false }
}

fn refuse(case: ItemId, words: &str) -> ClosureRefuse {
    ClosureRefuse { case, words: words.to_owned() }
}

fn refused(session: &mut Session, op: impl Into<super::Op>) -> String {
    let error = session.run(op).expect_err("refused");
    format!("{} {}", error.message, error.hint)
}

fn list(met: &[&str], unmet: &[&str], why: &str) -> Checklist {
    let all = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    Checklist { met: all(met), unmet: all(unmet), why: why.to_owned() }
}

const ALL: &[&str] = &["goals", "safe", "care", "no-concern", "child-knows"];

#[test]
fn somebody_alone_closes_at_once_and_the_record_says_so() {
    let mut session = team(&MemoryDisk::new(), 1);
    // On the roster without a key: nobody who could approve anything.
    member(&mut session, "P. Aper", "deputy");
    let id = case(&mut session, "A worry");
    let says = session.run(CaseClose::new(id, "goals-met")).expect("closed").says;
    assert!(
        says.contains("closed at once: nobody else can approve it. The policy's checklist is not filled in."),
        "{says}"
    );
    let view = Case::get(session.state(), id).expect("there");
    let all = Closure::all(session.state(), view);
    assert_eq!((all.len(), all[0].phase(), all[0].how()), (1, Phase::Approved, closure::ALONE));
    assert!(!view.is_open() && all[0].answers().is_some_and(|answers| answers.is_empty()));
}

#[test]
fn another_one_who_leads_approves_and_the_case_stays_open_until_then() {
    let mut team = Team::new();
    let (brown, deputy, champion) = (team.brown, team.deputy, team.champion);
    let id = case(&mut team.session, "A worry");
    action(&mut team.session, id, "Visit", 3);
    let session = team.seat(champion);
    assert!(refused(session, CaseClose::new(id, "goals-met")).contains("still has 1 open action"));
    let says = session.run(close(id)).expect("asked").says;
    assert!(says.contains("It stays open until A. Brown or D. Eputy approves."), "{says}");
    assert!(team.view(id).is_open() && team.waits(id));
    // Those who may approve have it in their Today; whoever asked, and other champions, have not.
    let has = |team: &Team, who| {
        let state = team.session.state();
        let (day, all) = (team.session.today_date(), team.session.today());
        today::mine(state, who, day, &all).iter().any(|due| matches!(due.what, What::Closing(_)))
    };
    assert!(has(&team, brown) && has(&team, deputy) && !has(&team, champion));
    let due = team.session.today().iter().find(|due| matches!(due.what, What::Closing(_))).cloned().expect("due");
    let words =
        |team: &Team| today::words_of(team.session.state(), team.session.pack(), &due.what, team.session.today_date());
    assert_eq!(words(&team), "Asked to close today: goals met (C. Hampion)");
    let later = team.session.now() + TimeDelta::days(3);
    team.session.set_clock(Box::new(FixedClock(later)));
    assert!(words(&team).contains("3 days ago"));
    let session = team.seat(champion);
    assert!(refused(session, approve(id)).contains("asked for it yourself"));
    assert!(refused(session, close(id)).contains("asked to close case"));
    let session = team.seat(deputy);
    assert!(refused(session, close(id)).contains("Approve or refuse it"));
    let says = session.run(approve(id)).expect("approved").says;
    assert!(says.contains("is closed"), "{says}");
    let it = Closure::all(team.session.state(), team.view(id))[0];
    let state = team.session.state();
    assert_eq!((it.by(state), it.answered_by(state)), (Some(champion), Some(deputy)));
    assert!(!team.view(id).is_open() && team.phase(id) == [Phase::Approved]);
    assert!(team.session.today().iter().all(|due| due.case != Some(id)), "nothing of a closed case is due");
    assert!(refused(team.seat(brown), approve(id)).contains("is closed"));
    // Undone, it waits again.
    team.seat(deputy);
    assert!(team.session.undo().is_err(), "another seat has no undo of this one's");
}

#[test]
fn a_refusal_needs_words_and_whoever_asked_can_take_it_back() {
    let mut team = Team::new();
    let (brown, deputy, champion) = (team.brown, team.deputy, team.champion);
    let id = case(&mut team.session, "A worry");
    team.seat(deputy).run(close(id)).expect("asked");
    assert!(refused(team.seat(champion), refuse(id, "no")).contains("Only a coordinator or a deputy"));
    assert!(refused(team.seat(champion), approve(id)).contains("Only a coordinator or a deputy"));
    let session = team.seat(brown);
    assert!(refused(session, refuse(id, " ")).contains("why is missing"));
    session.run(refuse(id, "See the school first")).expect("refused");
    assert!(team.view(id).is_open() && !team.waits(id) && team.view(id).0.conflicts().count() == 0);
    let it = Closure::all(team.session.state(), team.view(id))[0];
    assert_eq!((it.phase(), it.words(team.session.state())), (Phase::Refused, "See the school first"));
    let session = team.seat(deputy);
    assert!(refused(session, refuse(id, "x")).contains("Nobody has asked to close case"));
    session.run(close(id)).expect("asked again");
    let says = session.run(refuse(id, "")).expect("taken back").says;
    assert!(says.starts_with("Taken back") && team.phase(id) == [Phase::Refused, Phase::Refused], "{says}");
}

#[test]
fn the_checklist_is_answered_and_what_is_not_so_has_words() {
    let mut team = Team::new();
    let id = case(&mut team.session, "A worry");
    let seen = Some(team.session.today_date() - TimeDelta::days(4));
    let session = team.seat(team.champion);
    let with = |list: Checklist| CaseClose { checklist: Some(list), seen, ..close(id) };
    for (list, says) in [
        (list(&[], &[], ""), "\"The goals of the care plan are met\" is not answered"),
        (list(&["goals", "safe", "care"], &[], ""), "(no-concern)"),
        (list(&["luck"], &[], ""), "asks no \"luck\""),
        (list(ALL, &["safe"], ""), "answered with yes and with no"),
        (
            list(&["goals", "care", "no-concern"], &["safe"], " "),
            "\"The child is safe\" is not met, and nobody says why",
        ),
    ] {
        let said = refused(session, with(list));
        assert!(said.contains(says), "{said}");
    }
    let old = CaseClose { seen: None, ..with(list(ALL, &[], "")) };
    assert!(refused(session, old).contains("When the child was last seen is not on record"));
    let day = session.today_date();
    let old = CaseClose { seen: Some(day - TimeDelta::days(11)), ..with(list(ALL, &[], "")) };
    assert!(refused(session, old).contains("was last seen on"));
    let ahead = CaseClose { seen: Some(day + TimeDelta::days(1)), ..with(list(ALL, &[], "")) };
    assert!(refused(session, ahead).contains("in the future"));
    session.run(with(list(&["goals", "care", "no-concern"], &["safe"], "The man is before the court"))).expect("asked");
    let it = Closure::all(team.session.state(), team.view(id))[0];
    let answers = it.answers().expect("readable");
    assert_eq!(
        answers.iter().map(|it| (it.code, it.met)).collect::<Vec<_>>(),
        [("goals", true), ("safe", false), ("care", true), ("no-concern", true)]
    );
    assert_eq!(it.seen(), seen);
}

#[test]
fn a_death_waits_for_nobody_and_overtakes_what_waited() {
    let mut team = Team::new();
    let id = case(&mut team.session, "A worry");
    let (brown, champion) = (team.brown, team.champion);
    team.seat(champion).run(close(id)).expect("asked");
    let died = (Field::CaseDied, Value::date(team.session.today_date()));
    team.session.run(CaseEdit { case: id, values: vec![died], followup: false }).expect("edited");
    assert!(!team.waits(id) && team.session.today().iter().all(|due| due.case != Some(id)));
    let session = team.seat(brown);
    assert!(refused(session, approve(id)).contains("The child has died"));
    assert!(refused(session, close(id)).contains("The child has died"));
    session.run(CaseClose::new(id, "died")).expect("closed");
    assert!(!team.view(id).is_open() && team.phase(id).contains(&Phase::Approved));
    assert!(!team.phase(id).contains(&Phase::Waiting));
}

#[test]
fn a_case_is_closed_opened_and_closed_again() {
    let mut team = Team::new();
    let id = case(&mut team.session, "A worry");
    let (brown, champion) = (team.brown, team.champion);
    for round in 1..=2 {
        team.seat(champion).run(close(id)).expect("asked");
        team.seat(brown).run(approve(id)).expect("approved");
        assert_eq!(team.phase(id), vec![Phase::Approved; round]);
        let reason = "Seen at the lights again".to_owned();
        team.session.run(CaseReopen { case: id, reason, followup: false }).expect("reopened");
        assert!(team.view(id).is_open() && !team.waits(id));
    }
}

#[test]
fn who_may_not_read_a_case_is_not_asked() {
    let mut team = Team::new();
    let (brown, deputy, champion) = (team.brown, team.deputy, team.champion);
    let values = vec![(Field::CaseConcern, Value::text("About a colleague"))];
    let open = |restricted_to| CaseOpen { values: values.clone(), restricted_to, ..CaseOpen::default() };
    let id = team.session.run(open(vec![brown, champion])).expect("opened").made[0];
    team.seat(champion).run(close(id)).expect("asked");
    assert_eq!(closure::approvers(team.session.state(), team.view(id), Some(champion)), [brown]);
    assert!(refused(team.seat(deputy), approve(id)).contains("who may read the case"));
    let alone = team.seat(brown).run(open(vec![brown])).expect("opened").made[0];
    assert!(team.session.run(close(alone)).expect("closed").says.contains("nobody else can approve"));
}

#[test]
fn where_nobody_is_left_to_approve_the_case_is_closed_by_asking_again() {
    let mut team = Team::new();
    let id = case(&mut team.session, "A worry");
    let (brown, deputy) = (team.brown, team.deputy);
    team.seat(brown).run(close(id)).expect("asked");
    team.session.run(TeamLeave { member: deputy }).expect("left");
    let says = team.session.run(close(id)).expect("closed").says;
    assert!(says.contains("nobody else can approve it"), "{says}");
    assert_eq!(team.phase(id).iter().filter(|phase| **phase == Phase::Waiting).count(), 0);
    // Somebody who leads no more may not approve either.
    let mut team = Team::new();
    let id = case(&mut team.session, "A worry");
    let (brown, deputy, champion) = (team.brown, team.deputy, team.champion);
    team.seat(champion).run(close(id)).expect("asked");
    let role = vec![(Field::MemberRole, Value::code("champion"))];
    team.seat(brown).run(TeamEdit { member: deputy, values: role }).expect("edited");
    assert!(refused(team.seat(deputy), approve(id)).contains("Only a coordinator"));
    team.seat(brown).run(approve(id)).expect("approved");
}

#[test]
fn a_policy_that_asks_for_no_approval_closes_at_once() {
    let mut team = Team::new();
    let id = case(&mut team.session, "A worry");
    let text = crate::policy::BUILTIN.replacen("approval = \"other\"", "approval = \"none\"", 1);
    assert_eq!(crate::policy::parse(&text).expect("read").closure.map(|it| it.approval), Some(Approval::None));
    team.session.run(super::PolicySet { text }).expect("set");
    let says = team.session.run(close(id)).expect("closed").says;
    assert!(says.contains("is closed.") && !says.contains("nobody else"), "{says}");
    assert_eq!(Closure::all(team.session.state(), team.view(id))[0].how(), closure::NOT_ASKED);
}

#[test]
fn actions_that_came_since_are_not_left_behind() {
    let mut team = Team::new();
    let id = case(&mut team.session, "A worry");
    let (brown, champion) = (team.brown, team.champion);
    team.seat(champion).run(CaseClose::new(id, "goals-met")).expect("asked: nothing is open");
    let open = action(&mut team.session, id, "One thing more", 2);
    let session = team.seat(brown);
    assert!(refused(session, approve(id)).contains("still has 1 open action"));
    session.run(ClosureApprove { cancel_open: true, ..approve(id) }).expect("approved");
    assert_eq!(team.session.state().item(open).expect("there").str(Field::ActionState), "cancelled");
}

#[test]
fn of_an_approval_and_a_refusal_the_refusal_counts_until_somebody_decides() {
    for stays in [true, false] {
        let mut team = Team::new();
        let id = case(&mut team.session, "A worry");
        let (brown, deputy, champion) = (team.brown, team.deputy, team.champion);
        let stage = team.view(id).stage().to_owned();
        team.seat(champion).run(close(id)).expect("asked");
        team.seat(brown).run(refuse(id, "Not yet")).expect("refused");
        // The deputy approved on another computer and did not know of it.
        let it = Closure::all(team.session.state(), team.view(id))[0].0.id;
        let stream = team.view(id).0.stream;
        let when = team.session.now();
        let set = |item, field, value| crate::domain::fact::Fact::Set { item, field, value, replaces: Vec::new() };
        let stamp = crate::domain::state::Stamp {
            id: crate::domain::ids::EntryId([9; 32]),
            stream,
            class: Class::Core,
            author: deputy,
            device: crate::domain::ids::DeviceId([9; 32]),
            lamport: 90,
            wall: when.timestamp_millis(),
        };
        let before = team.session.state().heads(id, Field::CaseStage);
        let mut facts = vec![
            set(it, Field::ClosureRefused, Value::YesNo(false)),
            set(id, Field::CaseClosed, Value::when(when)),
            set(id, Field::CaseCloseReason, Value::code("goals-met")),
        ];
        let value = Value::code("closed");
        facts.push(crate::domain::fact::Fact::Set { item: id, field: Field::CaseStage, value, replaces: before });
        team.session.fold_for_test(&stamp, &facts);
        let disputed = Closure::all(team.session.state(), team.view(id))[0];
        assert!(team.view(id).is_open() && disputed.disputed() && disputed.phase() == Phase::Refused);
        let state = team.session.state();
        assert_eq!((disputed.answered_by(state), disputed.words(state)), (Some(brown), "Not yet"));
        let conflicts: Vec<Field> = team.view(id).0.conflicts().map(|(field, _)| field).collect();
        assert_eq!(conflicts, [Field::CaseClosed]);
        let value = if stays { Value::Nothing } else { Value::when(when) };
        let decide = ConflictDecide { item: id, field: Field::CaseClosed, value, followup: false };
        team.session.run(decide).expect("decided");
        assert_eq!(team.view(id).is_open(), stays);
        assert_eq!(team.view(id).stage(), if stays { stage.as_str() } else { "closed" });
        assert_eq!(team.phase(id), [if stays { Phase::Refused } else { Phase::Approved }]);
    }
}

fn best(case: ItemId, panel: ItemId) -> CaseBestInterests {
    CaseBestInterests {
        case,
        question: "Where shall the child live?".into(),
        options: "With the aunt\n+ knows her\nIn foster care\n- another parish".into(),
        heard: false,
        views: String::new(),
        views_note: None,
        unheard: "Four years old".into(),
        decision: "With the aunt, visited weekly".into(),
        panel: vec![panel],
        others: "the doctor".into(),
        dissent: String::new(),
        when: None,
        review: None,
        under: None,
    }
}

#[test]
fn a_best_interests_decision_says_what_was_weighed_and_whether_the_child_was_heard() {
    let mut session = team(&MemoryDisk::new(), 1);
    let (id, other) = (case(&mut session, "A worry"), case(&mut session, "Another"));
    let me = session.me();
    let op = best(id, me);
    let say = |case, kind: &str| CaseNote {
        cases: vec![case],
        kind: kind.into(),
        class: None,
        text: "I want to stay".into(),
        when: None,
    };
    let [words, plain, theirs] = [say(id, "views"), say(id, "general"), say(other, "views")]
        .map(|note| session.run(note).expect("noted").made[0]);
    let heard = CaseBestInterests { heard: true, unheard: String::new(), ..op.clone() };
    for (bad, says) in [
        (CaseBestInterests { question: " ".into(), ..op.clone() }, "the question is missing"),
        (CaseBestInterests { decision: String::new(), ..op.clone() }, "what was decided is missing"),
        (CaseBestInterests { options: "Stay\n+ good".into(), ..op.clone() }, "Only one option is named"),
        (CaseBestInterests { options: "+ good".into(), ..op.clone() }, "Name the option first"),
        (CaseBestInterests { panel: Vec::new(), others: " ".into(), ..op.clone() }, "who decided is missing"),
        (CaseBestInterests { unheard: String::new(), ..op.clone() }, "views were not considered is missing"),
        (heard.clone(), "it is not said what they are"),
        (CaseBestInterests { views_note: Some(plain), ..heard.clone() }, "does not hold this child's own words"),
        (CaseBestInterests { views_note: Some(theirs), ..heard.clone() }, "does not hold this child's own words"),
        (CaseBestInterests { when: Some(session.now() + TimeDelta::days(1)), ..op.clone() }, "in the future"),
        (
            CaseBestInterests { review: Some(session.today_date() - TimeDelta::days(1)), ..op.clone() },
            "lies in the past",
        ),
        (CaseBestInterests { panel: vec![id], ..op.clone() }, "no such member"),
    ] {
        let said = refused(&mut session, bad);
        assert!(said.contains(says), "{said}");
    }
    let review = session.today_date() + TimeDelta::days(30);
    let made = session
        .run(CaseBestInterests {
            views_note: Some(words),
            review: Some(review),
            when: Some(session.now() - TimeDelta::days(2)),
            ..heard
        })
        .expect("recorded")
        .made[0];
    let it = Decision::get(session.state(), made).expect("there");
    assert_eq!((it.kind(), it.heard(), it.options().len(), it.review()), (BEST_INTERESTS, Some(true), 2, Some(review)));
    assert_eq!(it.0.value(Field::DecisionViewsNote), Value::Item(words));
    assert!(session.today().iter().any(|due| due.what == What::Decision(made) && due.day() == review));
    // A newer one takes its place in Today; both stay.
    session.run(op).expect("recorded");
    assert!(!session.today().iter().any(|due| due.what == What::Decision(made)));
    let view = Case::get(session.state(), id).expect("there");
    assert_eq!(Decision::all(session.state(), view, BEST_INTERESTS).len(), 2);
    assert_eq!(session.state().items_in(view.0.stream, ItemKind::Decision).count(), 2);
}

#[test]
fn minutes_tell_what_was_decided_asked_and_answered() {
    let mut team = Team::new();
    let (id, other) = (case(&mut team.session, "A worry"), case(&mut team.session, "Another"));
    let (brown, deputy) = (team.brown, team.deputy);
    let session = team.seat(brown);
    let when = session.now() + TimeDelta::hours(1);
    let meeting = session.run(super::MeetingNew { when, ..super::MeetingNew::default() }).expect("planned").made[0];
    session.run(super::MeetingStart { meeting, statement: true }).expect("begun");
    let lines = session.agenda(meeting);
    let item = lines.iter().find(|line| line.case == Some(id)).and_then(|line| line.item);
    let op = CaseBestInterests { under: item, dissent: "The police".into(), ..best(id, brown) };
    assert!(refused(session, CaseBestInterests { case: other, ..op.clone() }).contains("about another case"));
    session.run(op).expect("recorded");
    session.run(close(id)).expect("asked");
    team.seat(deputy).run(approve(id)).expect("approved");
    let reader = crate::domain::meeting::minutes::Reader::Anybody;
    let text = team.session.minutes(meeting, reader).expect("made").render(crate::domain::paper::Form::Text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Best interests: With the aunt, visited weekly. Somebody sees it otherwise.",
        "A. Brown asked that the case be closed: goals met.",
        "D. Eputy approved that the case be closed.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("The police"), "who dissents stays in the case: {text}");
}
