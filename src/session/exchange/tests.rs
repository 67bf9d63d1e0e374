//! Two teams in memory: what leaves, what comes in, and that both end up with the same.

use std::collections::HashSet;

use super::{Trust, Wish};
use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::Kind;
use crate::ops::{
    Answer, BundleUndo, CaseClose, CaseEdit, CaseNote, CaseReopen, ConflictDecide, ConsentRecord, PeerVerify,
    ReferralAnswer, TeamAdd,
};
use crate::session::{NewTeam, Session};
use crate::testing::team::{action, case, new_team, passphrase, place, team};
use crate::vault::disk::MemoryDisk;

/// The team of Saint Mary: E. Hall of CPFSA.
fn mary() -> Session {
    let passphrase = passphrase();
    let new = NewTeam { parish: "JM-05", name: "E. Hall", handle: "ehall", ..new_team(&passphrase) };
    Session::create(place(&MemoryDisk::new(), 77), &new).expect("a fresh disk").0
}

/// Both know each other and have compared words.
pub(super) fn two_teams() -> (Session, Session, ItemId, ItemId) {
    let (mut ann, mut mary) = (team(&MemoryDisk::new(), 1), mary());
    let (anns, marys) = (ann.card(false).expect("a card"), mary.card(false).expect("a card"));
    let mary_there = ann.take_card(&marys).expect("taken").peer();
    let ann_there = mary.take_card(&anns).expect("taken").peer();
    for (session, peer) in [(&mut ann, mary_there), (&mut mary, ann_there)] {
        session.run(PeerVerify { peer, how: "by telephone".into() }).expect("verified");
    }
    (ann, mary, mary_there, ann_there)
}

pub(super) fn note(session: &mut Session, case: ItemId, class: Class, text: &str) {
    let note =
        CaseNote { cases: vec![case], kind: "general".into(), class: Some(class), text: text.into(), when: None };
    session.run(note).expect("noted");
}

pub(super) fn agree(session: &mut Session, case: ItemId) {
    let scopes = vec!["services".to_owned(), "disclosure".to_owned()];
    let consent = ConsentRecord { role: "mother".to_owned(), ..ConsentRecord::new(case, scopes, "the mother") };
    session.run(consent).expect("recorded");
}

pub(super) fn wish(peer: ItemId, case: ItemId) -> Wish {
    Wish {
        peer: Some(peer),
        case: Some(case),
        profile: "parish-partner".into(),
        service: "a visit to the aunt".into(),
        reason: "The aunt lives in Port Maria".into(),
        ..Wish::default()
    }
}

fn set(session: &mut Session, case: ItemId, field: Field, value: Value) {
    session.run(CaseEdit { case, values: vec![(field, value)], followup: false }).expect("edited");
}

fn value(session: &Session, case: ItemId, field: Field) -> Value {
    session.state().item(case).map(|item| item.value(field)).unwrap_or_default()
}

pub(super) fn clean(session: &mut Session) {
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
}

#[test]
fn a_case_is_referred_answered_updated_and_a_conflict_is_settled() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    action(&mut ann, case, "Ask the aunt", 2);
    note(&mut ann, case, Class::Interview, "words of an interview that stay");
    // Without consent nothing leaves.
    let refused = ann.refer(&wish(to_mary, case), false).expect_err("no consent");
    assert_eq!(refused.kind, Kind::Refused);
    assert!(refused.message.starts_with("There is no consent"), "{}", refused.message);
    agree(&mut ann, case);
    let seen = ann.preview_referral(&wish(to_mary, case), false).expect("allowed");
    assert!(seen.leaves.iter().any(|line| line.what == "1 action"), "{:?}", seen.leaves);
    assert!(seen.stays.iter().any(|line| line.class == Class::Interview));
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");

    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let before = mary.state().entry_count();
    let plan = mary.plan_import(&opened).expect("planned");
    assert_eq!(mary.state().entry_count(), before, "a plan changes nothing");
    assert!(matches!(plan.trust, Trust::Verified(..)));
    assert_eq!((plan.cases.len(), plan.cases[0].new, plan.checks.clone()), (1, true, Vec::new()));
    let imported = mary.import(&opened, None, "stick.mahoe").expect("imported");
    assert_eq!(imported.to_answer.len(), 1);
    assert_eq!(value(&mary, case, Field::CaseConcern), value(&ann, case, Field::CaseConcern));
    assert_eq!(value(&mary, case, Field::CaseChildName), Value::text("Fern Riverstone"));
    assert_eq!(mary.state().items(ItemKind::Action).count(), 1);
    assert!(mary.state().items(ItemKind::Note).next().is_none(), "the interview stays where it was held");
    clean(&mut mary);
    assert_eq!(mary.import(&opened, None, "again.mahoe").expect_err("all there").kind, Kind::Refused);

    let answer = ReferralAnswer::new(imported.to_answer[0], Answer::Accept, "");
    mary.run(answer).expect("accepted");
    let receipt = mary.receipt(imported.item).expect("a receipt");
    let answered = ann.open_bundle(&receipt.bytes).expect("opened");
    ann.import(&answered, None, "back.mahoe").expect("imported");
    let state = |session: &Session| {
        session.state().items(ItemKind::Referral).next().map(|item| item.str(Field::ReferralState).to_owned())
    };
    assert_eq!((state(&ann), state(&mary)), (Some("accepted".into()), Some("accepted".into())));

    // Both write the same field without knowing of each other.
    set(&mut ann, case, Field::CaseRisk, Value::code("medium"));
    set(&mut mary, case, Field::CaseRisk, Value::code("low"));
    let there = ann.update(&Wish { peer: Some(to_mary), ..Wish::default() }).expect("an update");
    let back = mary.update(&Wish { peer: Some(to_ann), ..Wish::default() }).expect("an update");
    let opened = mary.open_bundle(&there.bytes).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    assert_eq!(plan.cases[0].conflicts.len(), 1, "{:?}", plan.cases);
    mary.import(&opened, None, "there.mahoe").expect("imported");
    let opened = ann.open_bundle(&back.bytes).expect("opened");
    ann.import(&opened, None, "back.mahoe").expect("imported");
    for session in [&ann, &mary] {
        let item = session.state().item(case).expect("there");
        assert!(item.register(Field::CaseRisk).expect("set").in_conflict());
        assert_eq!(item.value(Field::CaseRisk), Value::code("medium"), "the safer side rules");
    }
    mary.run(ConflictDecide { item: case, field: Field::CaseRisk, value: Value::code("high"), followup: true })
        .expect("decided");
    let decided = mary.update(&Wish { peer: Some(to_ann), ..Wish::default() }).expect("an update");
    let opened = ann.open_bundle(&decided.bytes).expect("opened");
    let imported = ann.import(&opened, None, "decided.mahoe").expect("imported");
    for session in [&ann, &mary] {
        let item = session.state().item(case).expect("there");
        assert!(!item.register(Field::CaseRisk).expect("set").in_conflict());
        assert_eq!(item.value(Field::CaseRisk), Value::code("high"));
    }
    clean(&mut ann);
    clean(&mut mary);
    // Once they told us what they hold, nothing is sent twice.
    let receipt = ann.receipt(imported.item).expect("a receipt");
    let opened = mary.open_bundle(&receipt.bytes).expect("opened");
    mary.import(&opened, None, "receipt.mahoe").expect("imported");
    let nothing = mary.update(&Wish { peer: Some(to_ann), ..Wish::default() }).expect_err("they hold all of it");
    assert!(nothing.message.starts_with("Nothing is new for Saint Ann"), "{}", nothing.message);
}

#[test]
fn an_import_is_set_aside_and_taken_back_from_there() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let imported = mary.import(&opened, None, "stick.mahoe").expect("imported");
    assert!(Case::get(mary.state(), case).is_some());
    mary.run(BundleUndo { bundle: imported.item, back: false }).expect("set aside");
    assert!(Case::get(mary.state(), case).is_none());
    assert_eq!(mary.restricted_cases(), 0);
    mary.undo().expect("undone");
    assert!(Case::get(mary.state(), case).is_some());
    mary.run(BundleUndo { bundle: imported.item, back: false }).expect("set aside");
    assert_eq!(mary.import(&opened, None, "again.mahoe").expect_err("known").kind, Kind::Refused);
    assert!(Case::get(mary.state(), case).is_none(), "by whatever way it comes");
    mary.run(BundleUndo { bundle: imported.item, back: true }).expect("taken back from there");
    assert!(Case::get(mary.state(), case).is_some());
    clean(&mut mary);
}

#[test]
fn what_is_kept_back_is_in_no_bundle() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    note(&mut ann, case, Class::Notes, "to be read by all");
    note(&mut ann, case, Class::Notes, "zebra words that stay");
    let notes: Vec<ItemId> = ann
        .state()
        .items(ItemKind::Note)
        .filter(|item| item.str(Field::NoteText).starts_with("zebra"))
        .map(|item| item.id)
        .collect();
    let wish = Wish { keep_back: notes.clone(), ..wish(to_mary, case) };
    let sent = ann.refer(&wish, false).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    assert!(mary.plan_import(&opened).expect("planned").cases[0].withheld > 0);
    mary.import(&opened, None, "stick.mahoe").expect("imported");
    let texts: HashSet<String> =
        mary.state().items(ItemKind::Note).map(|item| item.str(Field::NoteText).to_owned()).collect();
    assert_eq!(texts, HashSet::from(["to be read by all".to_owned()]));
    assert!(mary.state().unreadable(ann.state().item(case).expect("there").stream, Class::Notes) > 0);
    clean(&mut mary);
    // Asked again for something else, what was kept back stays so.
    let again = Wish { keep_back: Vec::new(), service: "another visit".into(), ..wish };
    let state = ann.state();
    let referral = state.items(ItemKind::Referral).next().expect("sent").id;
    ann.run(crate::ops::ReferralRevoke { referral, reason: "asked anew".into() }).expect("taken back");
    let sent = ann.refer(&again, false).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    mary.import(&opened, None, "stick.mahoe").expect("imported");
    let zebra = |item: &crate::domain::item::Item| item.str(Field::NoteText).starts_with("zebra");
    assert!(!mary.state().items(ItemKind::Note).any(zebra));
}

#[test]
fn a_kind_of_data_that_comes_later_is_shared_both_ways() {
    let (mut ann, mut mary, mary_there, ann_there) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    let sent = ann.refer(&wish(mary_there, case), false).expect("made");
    let opened = mary.open_bundle(&sent.bytes).expect("good");
    mary.import(&opened, None, "").expect("taken in");
    note(&mut ann, case, Class::Notes, "The first note of this case");
    let update = |session: &mut Session, peer| {
        session.update(&Wish { peer: Some(peer), case: Some(case), ..Wish::default() }).expect("made")
    };
    let sent = update(&mut ann, mary_there);
    let opened = mary.open_bundle(&sent.bytes).expect("whoever brought the case decides what of it is seen");
    mary.import(&opened, None, "").expect("taken in");
    note(&mut mary, case, Class::Notes, "An answer to it");
    let sent = update(&mut mary, ann_there);
    let opened = ann.open_bundle(&sent.bytes).expect("good");
    ann.import(&opened, None, "").expect("taken in");
    let notes = |session: &Session| session.state().items(ItemKind::Note).count();
    assert_eq!((notes(&ann), notes(&mary)), (2, 2));
}

/// A second leader with a key, so that closing a case waits for somebody.
fn deputy(session: &mut Session) {
    let text = |field, text: &str| (field, Value::text(text));
    let (name, handle) = (text(Field::MemberName, "D. Eputy"), text(Field::MemberHandle, "deputy"));
    let values = vec![name, handle, (Field::MemberRole, Value::code("deputy"))];
    let deputy = session.run(TeamAdd { values }).expect("added").made[0];
    session.introduce(deputy, "deputy").expect("introduced");
}

#[test]
fn whoever_takes_a_case_over_closes_it_whatever_was_asked_over_there() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    deputy(&mut ann);
    let case = case(&mut ann, "Not seen at school for two weeks");
    agree(&mut ann, case);
    ann.run(CaseClose::new(case, "goals-met")).expect("asked");
    let sent = ann.refer(&wish(to_mary, case), true).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let imported = mary.import(&opened, None, "stick.mahoe").expect("imported");
    mary.run(ReferralAnswer::new(imported.to_answer[0], Answer::Accept, "")).expect("accepted");
    mary.run(CaseClose::new(case, "goals-met")).expect("closed at once");
    let again = CaseReopen { case, reason: "a new concern".into(), followup: false };
    mary.run(again).expect("reopened");
    mary.run(CaseClose::new(case, "goals-met")).expect("closed at once");
    let update = mary.update(&Wish { peer: Some(to_ann), ..Wish::default() }).expect("an update");
    let opened = ann.open_bundle(&update.bytes).expect("opened");
    ann.import(&opened, None, "back.mahoe").expect("nothing in it is for another team to say");
    assert!(!value(&ann, case, Field::CaseClosed).is_nothing());
}
