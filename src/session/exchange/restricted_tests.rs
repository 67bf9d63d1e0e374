//! What only some of a team may read goes to the other team's coordinators and deputies, and stays with them there.

use super::tests::{agree, clean, note, two_teams, wish};
use super::{Imported, Sent, Wish};
use crate::bundle::card::Card;
use crate::bundle::container::Reader;
use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::searchable::Depth;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};
use crate::error::Kind;
use crate::ops::{
    Answer, BundleUndo, CaseEdit, CaseStrike, ConsentWithdraw, PeerVerify, ReferralAnswer, TeamAdd, TeamEdit,
};
use crate::session::{NewTeam, Query, Session};
use crate::testing::team::{action, case, new_team, passphrase, place, team};
use crate::vault::disk::MemoryDisk;
use crate::vault::keys::identity::{Identity, Signer};
use crate::vault::seal::SecretKey32;

/// Saint Ann, and Saint Mary on a disk of its own with a champion who can unlock.
fn teams() -> (Session, Session, MemoryDisk, ItemId, ItemId) {
    let (mut ann, disk) = (team(&MemoryDisk::new(), 1), MemoryDisk::new());
    let words = passphrase();
    let new = NewTeam { parish: "JM-05", name: "E. Hall", handle: "ehall", ..new_team(&words) };
    let mut mary = Session::create(place(&disk, 77), &new).expect("a fresh disk").0;
    let values = vec![(Field::MemberName, Value::text("D. Reid")), (Field::MemberRole, Value::code("champion"))];
    let member = mary.run(TeamAdd { values }).expect("added").made[0];
    let person =
        crate::session::NewPerson { member, handle: "reid", passphrase: &words, work: crate::testing::team::work() };
    mary.add_participant(&person).expect("let in");
    let (anns, marys) = (ann.card(false).expect("a card"), mary.card(false).expect("a card"));
    let to_mary = ann.take_card(&marys).expect("taken").peer();
    let to_ann = mary.take_card(&anns).expect("taken").peer();
    for (session, peer) in [(&mut ann, to_mary), (&mut mary, to_ann)] {
        session.run(PeerVerify { peer, how: "by telephone".into() }).expect("verified");
    }
    (ann, mary, disk, to_mary, to_ann)
}

fn restrict(session: &mut Session, case: ItemId) {
    let only = vec![(Field::CaseRestricted, Value::items([session.me()]))];
    session.run(CaseEdit { case, values: only, followup: false }).expect("restricted");
}

/// A case that only the coordinator may read, with consent and a note.
fn hidden(ann: &mut Session) -> ItemId {
    let hidden = case(ann, "About one of us");
    agree(ann, hidden);
    restrict(ann, hidden);
    note(ann, hidden, Class::Notes, "zebra words");
    hidden
}

fn opens(bytes: &[u8], identities: &[Identity]) -> bool {
    Reader::open(bytes, bytes.len() as u64, &identities.iter().collect::<Vec<_>>()).is_ok()
}

/// What every participant of a team can open.
fn for_all(session: &Session, sent: &Sent) -> bool {
    opens(&sent.bytes, &session.vault().parish_identities())
}

fn take_in(session: &mut Session, bytes: &[u8]) -> Imported {
    let opened = session.open_bundle(bytes).expect("opened");
    session.import(&opened, None, "stick.mahoe").expect("taken in")
}

fn readers(session: &Session, case: ItemId) -> Option<Vec<ItemId>> {
    Case::get(session.state(), case).expect("here").readers(session.state())
}

fn champion(mary: Session, disk: &MemoryDisk) -> Session {
    drop(mary);
    Session::unlock(place(disk, 5), "reid", &passphrase()).expect("unlocked")
}

#[test]
fn a_restricted_case_goes_to_their_leaders_and_stays_with_them() {
    let (mut ann, mut mary, disk, to_mary, to_ann) = teams();
    let hidden = hidden(&mut ann);
    let open = case(&mut ann, "A worry for all");
    agree(&mut ann, open);
    let seen = ann.preview_referral(&wish(to_mary, open), false).expect("allowed");
    assert_eq!(seen.readers, "Everybody on the team of Saint Mary MDT can read it.");
    let seen = ann.preview_referral(&wish(to_mary, hidden), false).expect("allowed");
    assert!(seen.readers.starts_with("Only coordinators and deputies of Saint Mary"), "{}", seen.readers);
    let sent = ann.refer(&wish(to_mary, hidden), false).expect("sent");
    assert!(!for_all(&mary, &sent), "no champion over there can open it, with mahoe or without");

    let opened = mary.open_bundle(&sent.bytes).expect("a coordinator opens it");
    let plan = mary.plan_import(&opened).expect("planned");
    assert_eq!(
        plan.tells()[0],
        "Only E. Hall will be able to read it here, until a coordinator or deputy lets others in."
    );
    let imported = mary.import(&opened, None, "stick.mahoe").expect("taken in");
    assert_eq!(readers(&mary, hidden), Some(vec![mary.me()]));
    assert_eq!(mary.state().items(ItemKind::Note).count(), 1);
    let referral = imported.to_answer[0];
    mary.run(ReferralAnswer::new(referral, Answer::Accept, "")).expect("accepted");
    let receipt = mary.receipt(imported.item).expect("a receipt");
    assert!(!for_all(&ann, &receipt), "the answer is for leaders alone too");
    take_in(&mut ann, &receipt.bytes);
    assert_eq!(readers(&ann, hidden), Some(vec![ann.me()]), "our own case keeps its readers");
    action(&mut mary, hidden, "Ask the aunt", 2);
    let update = mary.update(&Wish { peer: Some(to_ann), case: Some(hidden), ..Wish::default() }).expect("sent");
    assert!(!for_all(&ann, &update));
    take_in(&mut ann, &update.bytes);
    assert_eq!(ann.state().items_in(StreamId(hidden.0), ItemKind::Action).count(), 1);
    clean(&mut ann);
    clean(&mut mary);

    let mut reid = champion(mary, &disk);
    assert!(Case::get(reid.state(), hidden).is_none() && reid.restricted_cases() == 1);
    assert!(reid.state().items_in(StreamId(hidden.0), ItemKind::Note).all(|note| note.str(Field::NoteText).is_empty()));
    let refused = reid.open_bundle(&sent.bytes).err().expect("a champion");
    assert!(refused.hint.contains("coordinators and deputies alone"), "{refused}");
}

#[test]
fn what_all_may_read_and_what_some_may_never_go_together() {
    let (mut ann, mut mary, _, to_mary, _) = teams();
    let (hidden, open) = (hidden(&mut ann), case(&mut ann, "A worry for all"));
    agree(&mut ann, open);
    for case in [hidden, open] {
        let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
        take_in(&mut mary, &sent.bytes);
        action(&mut ann, case, "Ask the aunt", 2);
    }
    let all = ann.update(&Wish { peer: Some(to_mary), ..Wish::default() }).expect("sent");
    assert!(for_all(&mary, &all) && all.says.ends_with("goes by itself: name the case."), "{}", all.says);
    let opened = mary.open_bundle(&all.bytes).expect("opened");
    assert_eq!(opened.manifest().cases.iter().map(|line| line.stream.item()).collect::<Vec<_>>(), [open]);
    let some = ann.update(&Wish { peer: Some(to_mary), case: Some(hidden), ..Wish::default() }).expect("sent");
    assert!(!for_all(&mary, &some));
    take_in(&mut mary, &some.bytes);
    // Told in full before, and restricted since: what comes from then on is restricted over there as well.
    restrict(&mut ann, open);
    assert_eq!(readers(&mary, open), None);
    let later = ann.update(&Wish { peer: Some(to_mary), case: Some(open), ..Wish::default() }).expect("sent");
    assert!(!for_all(&mary, &later));
    take_in(&mut mary, &later.bytes);
    assert_eq!(readers(&mary, open), Some(vec![mary.me()]));
    clean(&mut mary);
}

#[test]
fn it_goes_to_nobody_whose_leaders_are_not_surely_known() {
    let (mut ann, _mary, _, to_mary, _) = teams();
    let hidden = hidden(&mut ann);
    // Nobody compared words: no reason goes before that.
    let mut fresh = team(&MemoryDisk::new(), 3);
    let theirs = crate::demo::cards::card(crate::domain::parish::Parish::by_number(5).expect("one")).expect("fine");
    let peer = fresh.take_card(&theirs).expect("taken").peer();
    let secret = self::hidden(&mut fresh);
    let over = Wish { override_reason: "It can't wait".into(), ..wish(peer, secret) };
    let refused = fresh.refer(&over, false).expect_err("not verified");
    assert!(refused.kind == Kind::Refused && refused.message.contains("only for some of this team"), "{refused}");
    // A card from before there was such a key.
    let root = Signer::from_seed(&SecretKey32::from_slice(&[9; 32]).expect("32"));
    let mut says = theirs.says().clone();
    (says.root, says.leaders) = (root.public(), None);
    let mut fresh = team(&MemoryDisk::new(), 3);
    let peer = fresh.take_card(&Card::sign(says, &root).expect("signed")).expect("taken").peer();
    fresh.run(PeerVerify { peer, how: "by telephone".into() }).expect("verified");
    let secret = self::hidden(&mut fresh);
    let refused = fresh.refer(&wish(peer, secret), false).expect_err("no key for leaders");
    assert!(refused.hint.contains("newest card"), "{refused}");
    assert!(ann.refer(&wish(to_mary, hidden), false).is_ok());
}

#[test]
fn notices_and_requests_to_destroy_are_for_leaders_alone_too() {
    let (mut ann, mut mary, _, to_mary, _) = teams();
    let hidden = hidden(&mut ann);
    let sent = ann.refer(&wish(to_mary, hidden), false).expect("sent");
    take_in(&mut mary, &sent.bytes);
    let withdraw =
        ConsentWithdraw { case: hidden, scopes: vec!["disclosure".into()], consent: None, reason: String::new() };
    ann.run(withdraw).expect("withdrawn");
    // Who else holds it stands in nothing that another team reads, and the case in nothing that all of ours do.
    let team = ann.state().team_stream();
    let code = ann.state().code(hidden).to_string();
    assert!(ann.state().items_in(StreamId(hidden.0), ItemKind::Action).next().is_none());
    let told: Vec<&str> =
        ann.state().items_in(team, ItemKind::Action).map(|item| item.str(Field::ActionText)).collect();
    assert!(matches!(told.as_slice(), [one] if one.contains("only some may read") && !one.contains(&code)), "{told:?}");
    let made = ann.withdrawal_notices(hidden).expect("asked");
    let [(_, Ok(notice))] = made.as_slice() else { panic!("one team holds it: {made:?}") };
    assert!(!for_all(&mary, notice));
    take_in(&mut mary, &notice.bytes);
    let note = ann.state().entries_of(StreamId(hidden.0)).filter(|stamp| stamp.class == Class::Notes);
    let entry = note.last().expect("a note").id;
    ann.run(CaseStrike { entry, reason: "the name of a colleague".into() }).expect("struck");
    let outbox = ann.outbound();
    let asked = outbox.iter().find(|bundle| bundle.kind == "strike").expect("asked");
    let bytes = ann.from_outbox(&asked.name).expect("there");
    assert!(!opens(&bytes, &mary.vault().parish_identities()), "nor is the reason for all to read");
    take_in(&mut mary, &bytes);
    assert!(mary.state().is_struck(StreamId(hidden.0), entry));
    clean(&mut mary);
}

#[test]
fn leaders_change_with_the_epoch_and_late_mail_opens() {
    let (mut ann, mut mary, _, to_mary, _) = teams();
    let before = mary.card(false).expect("a card");
    let late = {
        let hidden = hidden(&mut ann);
        ann.refer(&wish(to_mary, hidden), false).expect("sent")
    };
    let reid = Member::all(mary.state()).into_iter().find(|member| member.0.id != mary.me()).expect("there").0.id;
    mary.run(crate::ops::TeamLeave { member: reid }).expect("left");
    let after = mary.card(false).expect("a card");
    assert!(before.says().leaders.is_some() && after.says().leaders.is_some());
    assert_ne!(before.says().leaders, after.says().leaders);
    assert!(mary.card_is_current());
    take_in(&mut mary, &late.bytes);
    let (ann, mary, ..) = two_teams();
    assert!(ann.card_is_current() && mary.card_is_current());
}

#[test]
fn what_can_be_searched_follows_what_comes_goes_and_is_struck() {
    let find = |session: &Session| {
        session.read_words(usize::MAX);
        session.all_words().find(&Query::new("zebra", true, Depth::Told), 9, |_| true).0
    };
    let (mut ann, mut mary, disk, to_mary, _) = teams();
    let hidden = hidden(&mut ann);
    assert_eq!((find(&ann), find(&mary)), (1, 0));
    let sent = ann.refer(&wish(to_mary, hidden), false).expect("sent");
    let bundle = take_in(&mut mary, &sent.bytes).item;
    assert_eq!(find(&mary), 1, "it came with a bundle");
    mary.run(BundleUndo { bundle, back: false }).expect("set aside");
    assert_eq!(find(&mary), 0, "the bundle was set aside");
    let reader = champion(mary, &disk);
    assert_eq!(find(&reader), 0);
    let stamps: Vec<_> = ann.state().entries_of(StreamId(hidden.0)).filter(|it| it.class == Class::Notes).collect();
    let entry = stamps.last().expect("the note").id;
    ann.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck");
    assert_eq!(find(&ann), 0, "struck");
}

#[test]
fn an_observer_searches_what_a_list_shows() {
    let (_, mut mary, disk, _, _) = teams();
    let open = case(&mut mary, "Seen at the bus park");
    note(&mut mary, open, Class::Notes, "zebra words");
    let reid = mary.state().items(ItemKind::Member).find(|it| it.str(Field::MemberHandle) == "reid").expect("there").id;
    let values = vec![(Field::MemberRole, Value::code("observer"))];
    mary.run(TeamEdit { member: reid, values }).expect("changed");
    assert_eq!(mary.search_depth(Depth::Confided), Depth::Confided);
    let reader = champion(mary, &disk);
    assert_eq!(reader.search_depth(Depth::Confided), Depth::Shown);
    reader.read_words(usize::MAX);
    let find = |typed: &str| {
        let query = Query::new(typed, true, reader.search_depth(Depth::Told));
        reader.all_words().find(&query, 9, |_| true).0
    };
    assert_eq!((find("bus park"), find("zebra")), (1, 0));
}
