//! What a receipt answers, what is passed over, whom one believes, and how sharing and receipts end.

use std::collections::HashSet;

use super::sync_tests;
use super::tests::{agree, clean, two_teams, wish};
use super::{TakenIn, Wish};
use crate::bundle::relay::FolderCarrier;
use crate::domain::class::Class;
use crate::domain::field::ItemKind;
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::share::Share;
use crate::error::Kind;
use crate::ops::{Answer, CaseNote, PeerRemove, PeerVerify, ReferralAnswer, ReferralRevoke, ShareEnd};
use crate::session::{NewTeam, Session};
use crate::testing::team::{action, case, new_team, passphrase, place};
use crate::vault::disk::MemoryDisk;

fn take(session: &mut Session, bytes: &[u8], only: Option<&HashSet<StreamId>>) -> TakenIn {
    let opened = session.open_bundle(bytes).expect("opened");
    session.import_arrived("stick.mahoe", &opened, only).expect("taken in")
}

fn refer(from: &mut Session, to: ItemId, case: ItemId) -> Vec<u8> {
    agree(from, case);
    from.refer(&wish(to, case), false).expect("sent").bytes
}

fn update(from: &mut Session, to: ItemId) -> Vec<u8> {
    from.update(&Wish { peer: Some(to), ..Wish::default() }).expect("made").bytes
}

fn count(session: &Session, case: ItemId, kind: ItemKind) -> usize {
    session.state().items_in(StreamId(case.0), kind).count()
}

/// How many bundles of the outbox were answered, and how many lie there.
fn answered(session: &Session) -> (usize, usize) {
    let all = session.outbound();
    (all.iter().filter(|bundle| bundle.receipted).count(), all.len())
}

fn code(session: &Session, case: ItemId) -> String {
    session.state().code(case).to_string()
}

#[test]
fn a_receipt_answers_for_what_was_taken_in_and_for_nothing_else() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let cases = ["One worry", "Another worry"].map(|worry| case(&mut ann, worry));
    for case in cases {
        let bytes = refer(&mut ann, to_mary, case);
        let receipt = take(&mut mary, &bytes, None).receipt.expect("owed");
        take(&mut ann, &receipt.bytes, None);
    }
    ann.tidy_outbox().expect("tidied");
    assert_eq!(answered(&ann), (0, 0), "both were answered");
    for case in cases {
        action(&mut ann, case, "Call the school", 3);
    }
    let bytes = update(&mut ann, to_mary);
    let first = take(&mut mary, &bytes, Some(&HashSet::from([StreamId(cases[0].0)])));
    assert!(first.rest && first.says.ends_with("The rest stays in the inbox."), "{}", first.says);
    assert_eq!(cases.map(|case| count(&mary, case, ItemKind::Action)), [1, 0]);

    let receipt = first.receipt.expect("owed");
    let opened = ann.open_bundle(&receipt.bytes).expect("opened");
    let plan = ann.plan_import(&opened).expect("planned");
    let left = format!("They have not taken in case {} yet: the bundle stays ready for them.", code(&ann, cases[1]));
    assert_eq!(plan.checks, std::slice::from_ref(&left));
    let says = ann.import_arrived("receipt.mahoe", &opened, None).expect("taken in").says;
    assert!(says.ends_with(&left), "{says}");
    ann.tidy_outbox().expect("tidied");
    assert_eq!(answered(&ann), (0, 1), "the other case still has to get there");

    let second = take(&mut mary, &bytes, Some(&HashSet::from([StreamId(cases[1].0)])));
    assert_eq!(cases.map(|case| count(&mary, case, ItemKind::Action)), [1, 1]);
    let says = take(&mut ann, &second.receipt.expect("owed").bytes, None).says;
    assert!(!says.contains("not taken in"), "{says}");
    assert_eq!(answered(&ann), (1, 1));
    clean(&mut ann);
    clean(&mut mary);
}

#[test]
fn a_case_that_never_came_is_passed_over_and_hinders_nothing_else() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let (lost, here) = (case(&mut ann, "One worry"), case(&mut ann, "Another worry"));
    let late = refer(&mut ann, to_mary, lost);
    let bytes = refer(&mut ann, to_mary, here);
    take(&mut mary, &bytes, None);
    for case in [lost, here] {
        action(&mut ann, case, "Call the school", 3);
    }
    let bytes = update(&mut ann, to_mary);
    let opened = mary.open_bundle(&bytes).expect("the rest of it is good");
    let plan = mary.plan_import(&opened).expect("planned");
    let streams: Vec<StreamId> = plan.cases.iter().map(|case| case.stream).collect();
    assert_eq!(streams, [StreamId(here.0)]);
    let passed = format!("case {} is passed over: it is not here.", code(&ann, lost));
    assert!(plan.checks.iter().any(|check| check.starts_with(&passed)), "{:?}", plan.checks);
    let taken = mary.import_arrived("update.mahoe", &opened, None).expect("taken in");
    assert!(taken.rest);
    assert_eq!((count(&mary, here, ItemKind::Action), mary.state().item(lost).is_none()), (1, true));
    take(&mut ann, &taken.receipt.expect("owed").bytes, None);
    assert_eq!(answered(&ann), (0, 3), "the lost case is nobody's yet");
    // It comes after all, and the rest of the update with it.
    take(&mut mary, &late, None);
    let rest = take(&mut mary, &bytes, None);
    assert!(!rest.rest);
    assert_eq!(count(&mary, lost, ItemKind::Action), 1);
    take(&mut ann, &rest.receipt.expect("owed").bytes, None);
    assert_eq!(answered(&ann), (1, 3));
    clean(&mut mary);
}

#[test]
fn a_bundle_about_nothing_that_is_here_is_refused() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "One worry");
    refer(&mut ann, to_mary, case);
    action(&mut ann, case, "Call the school", 3);
    let bytes = update(&mut ann, to_mary);
    let refused = mary.open_bundle(&bytes).err().expect("refused");
    assert!(refused.message.contains("a case that is not shared with that team here"), "{refused}");
}

#[test]
fn who_compared_no_words_is_told_which_cases_came_and_nothing_of_them() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    mary.run(PeerRemove { peer: to_ann }).expect("removed");
    let anns = ann.card(false).expect("a card");
    mary.take_card(&anns).expect("back, and not compared yet");
    let case = case(&mut ann, "One worry");
    let bytes = refer(&mut ann, to_mary, case);
    let receipt = take(&mut mary, &bytes, None).receipt.expect("owed");
    let opened = ann.open_bundle(&receipt.bytes).expect("opened");
    assert_eq!((opened.incoming.len(), opened.heads.len()), (0, 0));
    assert_eq!(opened.manifest().cases.len(), 1);
    ann.import(&opened, None, "receipt.mahoe").expect("taken in");
    assert_eq!(answered(&ann), (1, 1));
}

#[test]
fn receipts_leave_the_outbox_with_the_push_and_nothing_stays_on_the_relay() {
    let stick = tempfile::tempdir().expect("a stick");
    let carrier = FolderCarrier::new(stick.path()).expect("there");
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "One worry");
    refer(&mut ann, to_mary, case);
    assert_eq!(ann.relay_push(&carrier).expect("pushed").put, 1);
    let name = mary.relay_pull(&carrier).expect("pulled").fetched.remove(0);
    let opened = mary.open_arrived(&name, &mut |_, _| true).expect("opened");
    mary.import_arrived(&name, &opened, None).expect("taken in");
    assert_eq!((mary.inbox().len(), mary.outbox().len()), (0, 1));
    let pushed = mary.relay_push(&carrier).expect("pushed");
    assert_eq!((pushed.put, pushed.there, mary.outbox().len()), (1, 0, 0));
    let pushed = mary.relay_push(&carrier).expect("pushed");
    assert_eq!((pushed.put, pushed.there), (0, 0), "no receipt is sent for ever");

    let name = ann.relay_pull(&carrier).expect("pulled").fetched.remove(0);
    let opened = ann.open_arrived(&name, &mut |_, _| true).expect("opened");
    ann.import_arrived(&name, &opened, None).expect("taken in");
    // The screens tidy the outbox whenever they are looked at.
    ann.tidy_outbox().expect("tidied");
    assert_eq!(ann.outbox().len(), 0);
    assert_eq!(ann.relay_push(&carrier).expect("pushed").cleared, 1, "also what is no longer in the outbox");
    assert_eq!(ann.relay_push(&carrier).expect("pushed").cleared, 0);
    ann.relay_pull(&carrier).expect("pulled");
    for session in [&mut ann, &mut mary] {
        assert_eq!(session.relay_status(&carrier).expect("read"), (0, 0, 0));
    }
}

#[test]
fn the_rest_of_a_bundle_is_fetched_by_the_teams_other_computer_too() {
    let stick = tempfile::tempdir().expect("a stick");
    let carrier = FolderCarrier::new(stick.path()).expect("there");
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let cases = ["One worry", "Another worry"].map(|worry| case(&mut ann, worry));
    for case in cases {
        let bytes = refer(&mut ann, to_mary, case);
        let receipt = take(&mut mary, &bytes, None).receipt.expect("owed");
        take(&mut ann, &receipt.bytes, None);
        action(&mut ann, case, "Call the school", 3);
    }
    let (_, mut home) = sync_tests::copy(&mut mary, 800);
    update(&mut ann, to_mary);
    ann.relay_push(&carrier).expect("pushed");
    let name = mary.relay_pull(&carrier).expect("pulled").fetched.remove(0);
    let opened = mary.open_arrived(&name, &mut |_, _| true).expect("opened");
    let first = HashSet::from([StreamId(cases[0].0)]);
    assert!(mary.import_arrived(&name, &opened, Some(&first)).expect("taken in").rest);
    sync_tests::give(&mut mary, &mut home);
    assert_eq!(home.relay_pull(&carrier).expect("pulled").fetched, [name.as_str()], "one case is not here yet");
    let opened = home.open_arrived(&name, &mut |_, _| true).expect("opened");
    assert!(!home.import_arrived(&name, &opened, None).expect("taken in").rest);
    assert_eq!(cases.map(|case| count(&home, case, ItemKind::Action)), [1, 1]);
    assert_eq!(home.relay_pull(&carrier).expect("pulled").fetched, Vec::<String>::new());
    // Whoever doesn't want the rest is not given it for ever.
    for again in [1, 0] {
        mary.leave_inbox(&name).expect("discarded");
        assert_eq!(mary.relay_pull(&carrier).expect("pulled").fetched.len(), again);
    }
}

#[test]
fn what_lies_damaged_on_the_relay_leaves_no_trace_in_the_inbox() {
    let stick = tempfile::tempdir().expect("a stick");
    let carrier = FolderCarrier::new(stick.path()).expect("there");
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "One worry");
    let bytes = refer(&mut ann, to_mary, case);
    ann.relay_push(&carrier).expect("pushed");
    let folder = std::fs::read_dir(stick.path().join("mahoe-relay")).expect("there").next().expect("a mailbox");
    let object = std::fs::read_dir(folder.expect("it").path()).expect("there").next().expect("one").expect("it").path();
    std::fs::write(&object, &bytes[..bytes.len() / 2]).expect("cut short");
    let pulled = mary.relay_pull(&carrier).expect("pulled");
    assert_eq!((pulled.fetched.len(), pulled.left_alone, mary.inbox().len()), (0, 1, 0));
    std::fs::write(&object, &bytes).expect("whole");
    assert_eq!(mary.relay_pull(&carrier).expect("pulled").fetched, mary.inbox());
}

#[test]
fn a_team_that_is_removed_shares_nothing_any_more_also_when_it_comes_back() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = case(&mut ann, "One worry");
    let bytes = refer(&mut ann, to_mary, case);
    take(&mut mary, &bytes, None);
    ann.run(PeerRemove { peer: to_mary }).expect("removed");
    assert_eq!(Share::of_peer(ann.state(), to_mary).len(), 0);
    ann.undo().expect("undone");
    assert_eq!(Share::of_peer(ann.state(), to_mary).len(), 1);
    ann.run(PeerRemove { peer: to_mary }).expect("removed");
    let card = mary.card(false).expect("a card");
    ann.take_card(&card).expect("back");
    ann.run(PeerVerify { peer: to_mary, how: "by telephone".into() }).expect("verified");
    action(&mut ann, case, "Call the school", 3);
    let refused = ann.update(&Wish { peer: Some(to_mary), ..Wish::default() }).expect_err("nothing is shared");
    assert!(refused.message.starts_with("No such case is shared with Saint Mary"), "{refused}");
    action(&mut mary, case, "Ask the aunt", 3);
    let bytes = update(&mut mary, to_ann);
    let refused = ann.open_bundle(&bytes).err().expect("it is no longer theirs to write in");
    assert!(refused.message.contains("your team has stopped sharing case"), "{refused}");
}

#[test]
fn sharing_one_case_is_stopped_and_the_other_goes_on() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let (ended, shared) = (case(&mut ann, "One worry"), case(&mut ann, "Another worry"));
    for case in [ended, shared] {
        let bytes = refer(&mut ann, to_mary, case);
        take(&mut mary, &bytes, None);
    }
    let stop = ShareEnd { case: ended, peer: to_mary };
    let waits = ann.run(stop.clone()).expect_err("they were asked");
    assert_eq!((waits.kind, waits.hint.as_str()), (Kind::Refused, "Take the referral back first, and send them that."));
    let referral = ann.state().items_in(StreamId(ended.0), ItemKind::Referral).next().expect("asked").id;
    ann.run(ReferralRevoke { referral, reason: "not needed".into() }).expect("taken back");
    ann.run(stop.clone()).expect("stopped");
    let again = ann.run(stop).expect_err("it is not shared");
    assert!(again.message.contains("is not shared with Saint Mary"), "{again}");
    for case in [ended, shared] {
        action(&mut ann, case, "Call the school", 3);
        action(&mut mary, case, "Ask the aunt", 3);
    }
    let bytes = update(&mut ann, to_mary);
    take(&mut mary, &bytes, None);
    assert_eq!([ended, shared].map(|case| count(&mary, case, ItemKind::Action)), [1, 2]);
    let bytes = update(&mut mary, to_ann);
    let opened = ann.open_bundle(&bytes).expect("one of both is theirs");
    let passed = "is passed over: your team has stopped sharing it with them";
    let checks = ann.plan_import(&opened).expect("planned").checks;
    assert!(checks.iter().any(|check| check.ends_with(passed)), "{checks:?}");
    ann.import(&opened, None, "update.mahoe").expect("taken in");
    assert_eq!([ended, shared].map(|case| count(&ann, case, ItemKind::Action)), [1, 2]);
    ann.undo().expect_err("an import is no step of mine");
    clean(&mut ann);
}

/// Portland's team, which Saint Mary knows and Saint Ann does not.
fn portland(mary: &mut Session) -> (Session, ItemId) {
    let passphrase = passphrase();
    let new = NewTeam { parish: "JM-04", name: "R. Bryan", handle: "rbryan", ..new_team(&passphrase) };
    let mut portland = Session::create(place(&MemoryDisk::new(), 55), &new).expect("a fresh disk").0;
    let (theirs, marys) = (portland.card(false).expect("a card"), mary.card(false).expect("a card"));
    let there = mary.take_card(&theirs).expect("taken").peer();
    let here = portland.take_card(&marys).expect("taken").peer();
    mary.run(PeerVerify { peer: there, how: "by telephone".into() }).expect("verified");
    portland.run(PeerVerify { peer: here, how: "by telephone".into() }).expect("verified");
    (portland, here)
}

/// Saint Mary passes on to Saint Ann what Portland referred to them.
fn passed_on() -> (Session, Session, Session, Vec<u8>) {
    let (ann, mut mary, _, to_ann) = two_teams();
    let (mut portland, to_mary) = portland(&mut mary);
    let case = case(&mut portland, "One worry");
    let bytes = refer(&mut portland, to_mary, case);
    let taken = take(&mut mary, &bytes, None);
    let referral = taken.imported.to_answer[0];
    mary.run(ReferralAnswer::new(referral, Answer::Accept, "")).expect("accepted");
    let note = "Passed on to Saint Ann";
    mary.run(CaseNote {
        cases: vec![case],
        kind: "general".into(),
        class: Some(Class::Notes),
        text: note.into(),
        when: None,
    })
    .expect("noted");
    let bytes = mary.refer(&wish(to_ann, case), false).expect("sent").bytes;
    (ann, mary, portland, bytes)
}

#[test]
fn a_team_that_only_the_sender_vouches_for_is_pointed_out() {
    let (mut ann, _, mut portland, bytes) = passed_on();
    let opened = ann.open_bundle(&bytes).expect("opened");
    let checks = |session: &mut Session| session.plan_import(&opened).expect("planned").checks;
    let vouched = |checks: &[String]| {
        let line = checks.iter().find(|check| check.starts_with("unverified author team: "));
        line.is_some_and(|line| line.contains("by Portland") && line.ends_with("only Saint Mary MDT vouches for that"))
    };
    assert!(vouched(&checks(&mut ann)), "{:?}", checks(&mut ann));
    let card = portland.card(false).expect("a card");
    let peer = ann.take_card(&card).expect("added").peer();
    let opened = ann.open_bundle(&bytes).expect("opened");
    assert!(vouched(&ann.plan_import(&opened).expect("planned").checks), "known, and nobody compared words");
    ann.run(PeerVerify { peer, how: "in person".into() }).expect("verified");
    let opened = ann.open_bundle(&bytes).expect("opened");
    assert_eq!(ann.plan_import(&opened).expect("planned").checks, Vec::<String>::new());
}

#[test]
fn a_team_that_was_removed_does_not_come_back_with_another_teams_bundle() {
    let (mut ann, _, mut portland, bytes) = passed_on();
    let card = portland.card(false).expect("a card");
    let peer = ann.take_card(&card).expect("added").peer();
    ann.run(PeerRemove { peer }).expect("removed");
    take(&mut ann, &bytes, None);
    assert!(ann.peer(peer).is_err(), "only a person brings it back");
    clean(&mut ann);
}

#[test]
fn another_key_in_a_known_name_stays_on_record_where_its_bundle_is_refused() {
    let (_, mut mary, _, to_ann) = two_teams();
    let passphrase = passphrase();
    let new = NewTeam { handle: "other", name: "N. Obody", ..new_team(&passphrase) };
    let mut rival = Session::create(place(&MemoryDisk::new(), 56), &new).expect("a fresh disk").0;
    let marys = mary.card(false).expect("a card");
    let to_mary = rival.take_card(&marys).expect("taken").peer();
    rival.run(PeerVerify { peer: to_mary, how: "by telephone".into() }).expect("verified");
    let case = case(&mut rival, "One worry");
    let bytes = refer(&mut rival, to_mary, case);
    let opened = mary.open_bundle(&bytes).expect("authentic");
    let refused = mary.import(&opened, None, "x.mahoe").expect_err("another key");
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(mary.peer(to_ann).expect("there").alarm.contains("Saint Ann"), "everybody on the team is to see it");
    assert!(mary.state().item(case).is_none());
    clean(&mut mary);
}

#[test]
fn entries_under_another_key_of_a_known_team_are_refused() {
    let (mut ann, _, _, bytes) = passed_on();
    // The Portland that Saint Ann knows has another root.
    let known =
        crate::demo::cards::card(crate::domain::parish::Parish::by_number(4).expect("Portland")).expect("a card");
    ann.take_card(&known).expect("added");
    let entries = ann.state().entry_count();
    let refused = ann.open_bundle(&bytes).err().expect("refused");
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(refused.message.contains("shows another key than the one that your team knows it by"), "{refused}");
    assert_eq!(ann.state().entry_count(), entries);
}

#[test]
fn a_receipt_that_was_not_made_is_owed_until_it_is() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let (one, two) = (case(&mut ann, "One worry"), case(&mut ann, "Another worry"));
    let bytes = refer(&mut ann, to_mary, one);
    // As after a cut between the commit and the receipt.
    let opened = mary.open_bundle(&bytes).expect("opened");
    let imported = mary.import(&opened, None, "stick.mahoe").expect("taken in");
    assert_eq!(mary.owed_receipts(), [imported.item]);
    let receipt = mary.receipt(imported.item).expect("made later");
    assert_eq!(mary.owed_receipts(), []);
    take(&mut ann, &receipt.bytes, None);
    assert_eq!(ann.owed_receipts(), [], "a receipt is answered by nothing");
    let bytes = refer(&mut ann, to_mary, two);
    take(&mut mary, &bytes, None);
    assert_eq!(mary.owed_receipts(), [], "it is made with the import");
}

#[test]
fn a_file_that_never_went_on_record_is_found_and_goes_when_asked() {
    let (mut ann, _, to_mary, _) = two_teams();
    let case = case(&mut ann, "One worry");
    refer(&mut ann, to_mary, case);
    ann.vault.keep_bundle(crate::vault::Tray::Outbox, &format!("{}.mahoe", "ab".repeat(16)), b"cut").expect("kept");
    let recorded = |session: &Session| session.outbound().iter().map(|bundle| bundle.recorded).collect::<Vec<_>>();
    let mut seen = recorded(&ann);
    seen.sort_unstable();
    assert_eq!(seen, [false, true]);
    assert_eq!(ann.drop_unrecorded(), Ok(1));
    assert_eq!(recorded(&ann), [true]);
}
