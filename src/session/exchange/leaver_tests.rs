//! What somebody wrote after they left: about keys, devices and roles nothing of it counts, whoever carries it.

use std::collections::BTreeMap;

use super::Since;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::value::Value;
use crate::ops::{TeamAdd, TeamEdit, TeamLeave};
use crate::session::{NewPerson, Place, Session};
use crate::testing::team::{passphrase, place, team, work};
use crate::vault::disk::MemoryDisk;
use crate::vault::keys::passphrase::Passphrase;

fn at(disk: &MemoryDisk, seed: u64) -> Place {
    Place { marks: Some("/marks".into()), ..place(disk, seed) }
}

/// Another copy for whoever unlocked this one.
fn copy(session: &mut Session, seed: u64) -> Session {
    let once = Passphrase::new("ackee river lantern stone mango hill rain").expect("fine");
    let file = session.device_file(&passphrase(), &once).expect("made");
    let disk = MemoryDisk::new();
    Session::join(at(&disk, seed), &file, &once, &passphrase()).expect("joined");
    let handle = session.vault().handle().to_owned();
    Session::unlock(at(&disk, seed + 1), &handle, &passphrase()).expect("unlocked")
}

fn give(from: &mut Session, to: &mut Session) {
    let bytes = from.sync_bundle(Since::Told).expect("made").bytes;
    to.take_sync(&bytes).expect("taken");
}

fn add(session: &mut Session, name: &str, handle: &str) -> ItemId {
    let values = vec![(Field::MemberName, Value::text(name)), (Field::MemberRole, Value::code("deputy"))];
    let member = session.run(TeamAdd { values }).expect("added").made[0];
    let words = passphrase();
    session.add_participant(&NewPerson { member, handle, passphrase: &words, work: work() }).expect("let in");
    member
}

/// The coordinator's two computers and the deputy's one; a second deputy is on the team too.
fn copies() -> (Session, Session, Session, ItemId, ItemId) {
    let disk = MemoryDisk::new();
    let mut office = team(&disk, 1);
    let (reid, clarke) = (add(&mut office, "D. Reid", "reid"), add(&mut office, "M. Clarke", "mclarke"));
    drop(office);
    let mut here = Session::unlock(at(&disk, 2), "reid", &passphrase()).expect("unlocked");
    let mut away = copy(&mut here, 100);
    drop(here);
    let mut office = Session::unlock(at(&disk, 3), "abrown", &passphrase()).expect("unlocked");
    give(&mut away, &mut office);
    let mut home = copy(&mut office, 200);
    give(&mut home, &mut office);
    (office, home, away, reid, clarke)
}

#[test]
fn nothing_about_keys_devices_and_roles_is_believed_of_a_leaver_whoever_carries_it() {
    type Deed = fn(&mut Session, ItemId);
    let deeds: [(&str, Deed); 2] = [
        ("a role", |away, clarke| {
            let values = vec![(Field::MemberRole, Value::code("coordinator"))];
            away.run(TeamEdit { member: clarke, values }).expect("they were a deputy");
        }),
        ("a device", |away, _| assert_ne!(add(away, "P. Gray", "pgray"), away.me())),
    ];
    for (what, deed) in deeds {
        let (mut office, mut home, mut away, reid, clarke) = copies();
        office.run(TeamLeave { member: reid }).expect("left");
        let epoch = office.vault().epoch();
        deed(&mut away, clarke);
        // The other computer has not heard of it yet, and takes what they bring.
        give(&mut away, &mut home);
        let before = office.state().item(clarke).cloned();
        let devices: BTreeMap<_, _> = office.state().devices().map(|(id, device)| (id, device.member)).collect();
        let late = home.sync_bundle(Since::Told).expect("made").bytes;
        // It is kept, so that the chain goes on, and counts for nothing.
        let taken = office.take_sync(&late).expect(what);
        assert!(taken.aside.iter().all(|aside| aside.who == "D. Reid") && !taken.aside.is_empty(), "{what}: {taken:?}");
        assert_eq!(office.vault().epoch(), epoch, "{what}");
        let left = office.state().item(clarke).map(|item| item.value(Field::MemberLeft));
        assert_eq!(left, Some(Value::Nothing), "{what}: nobody is sent away by who left");
        let now: BTreeMap<_, _> = office.state().devices().map(|(id, device)| (id, device.member)).collect();
        assert_eq!(now, devices, "{what}");
        let role = |item: Option<&crate::domain::item::Item>| item.map(|item| item.str(Field::MemberRole).to_owned());
        assert_eq!(role(office.state().item(clarke)), role(before.as_ref()), "{what}");
        assert_eq!(office.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }
}

#[test]
fn nobody_is_sent_away_by_who_left_nor_comes_back_by_it() {
    type Deed = fn(&mut Session, ItemId, ItemId);
    let deeds: [(&str, Deed); 2] = [
        ("a colleague", |away, clarke, _| {
            away.run(TeamLeave { member: clarke }).expect("they were a deputy");
        }),
        // What no program of ours writes: the devices of whoever sent them away.
        ("the coordinator", |away, _, coordinator| {
            let facts = away.revoke_devices_of(coordinator);
            away.write(facts).expect("written");
        }),
    ];
    for (what, deed) in deeds {
        let (mut office, mut home, mut away, reid, clarke) = copies();
        office.run(TeamLeave { member: reid }).expect("left");
        let (epoch, entries) = (office.vault().epoch(), office.state().entry_count());
        deed(&mut away, clarke, office.me());
        give(&mut away, &mut home);
        let late = home.sync_bundle(Since::Told).expect("made").bytes;
        let refused = office.take_sync(&late).expect_err(what);
        assert!(refused.message.contains("who left the team sends others away"), "{what}: {refused}");
        let said = office.disputes();
        let [said] = said.as_slice() else { panic!("{what}: people are to see it: {said:?}") };
        assert!(said.starts_with("D. Reid") && said.contains("begin the other side's copies anew"), "{what}: {said}");
        assert!(office.health().iter().any(|(says, _)| says == said), "{what}");
        assert_eq!((office.vault().epoch(), office.state().entry_count()), (epoch, entries), "{what}");
        let left = |member| office.state().item(member).map(|item| item.value(Field::MemberLeft).is_nothing());
        assert_eq!((left(clarke), left(reid)), (Some(true), Some(false)), "{what}");
        assert!(
            !office.state().devices().any(|(id, device)| device.member == office.me() && office.state().is_revoked(id))
        );
        assert_eq!(office.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }
}

/// Shuffles by a small generator, so that the order is the same in every run.
fn shuffled<T>(mut list: Vec<T>, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    for at in (1..list.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.swap(at, usize::try_from(state >> 33).unwrap_or(0) % (at + 1));
    }
    list
}

/// A coordinator's computer, and one each of two deputies: D. Reid's and M. Clarke's.
fn three() -> (Session, Session, Session, ItemId) {
    let disk = MemoryDisk::new();
    let mut office = team(&disk, 1);
    let (reid, _) = (add(&mut office, "D. Reid", "reid"), add(&mut office, "M. Clarke", "mclarke"));
    drop(office);
    let seat = |handle, seed, new| {
        let mut here = Session::unlock(at(&disk, seed), handle, &passphrase()).expect("unlocked");
        copy(&mut here, new)
    };
    let (mut away, mut third) = (seat("reid", 2, 100), seat("mclarke", 3, 200));
    let mut office = Session::unlock(at(&disk, 4), "abrown", &passphrase()).expect("unlocked");
    give(&mut away, &mut office);
    give(&mut third, &mut office);
    (office, away, third, reid)
}

/// Each side's new key is not sealed to the other, so that their own bundles don't even open there: whoever hears of both
/// is who sees it, and who can bring them to decide.
#[test]
fn two_who_send_each_other_away_are_seen_by_whoever_hears_of_both_in_any_order() {
    let (mut office, mut away, mut third, reid) = three();
    let brown = office.me();
    // Neither has heard of the other's.
    office.run(TeamLeave { member: reid }).expect("left");
    away.run(TeamLeave { member: brown }).expect("left");
    let sides = [office.sync_bundle(Since::Beginning), away.sync_bundle(Since::Beginning)];
    let [ours, theirs] = sides.map(|made| made.expect("made").bytes);
    assert!(office.take_sync(&theirs).is_err() && away.take_sync(&ours).is_err());
    for seed in 0..8 {
        let order = shuffled(vec![&ours, &theirs, &ours, &theirs], seed);
        let first = order[0];
        let second = if std::ptr::eq(first, &raw const ours) { &theirs } else { &ours };
        let disk = MemoryDisk::new();
        let once = Passphrase::new("ackee river lantern stone mango hill rain").expect("fine");
        let file = third.device_file(&passphrase(), &once).expect("made");
        drop(Session::join(at(&disk, 300 + seed), &file, &once, &passphrase()).expect("joined"));
        let mut heard = Session::unlock(at(&disk, 400 + seed), "mclarke", &passphrase()).expect("unlocked");
        heard.take_sync(first).expect("what comes first is believed");
        for bundle in &order[1..] {
            let taken = heard.take_sync(bundle);
            assert_eq!(taken.is_err(), std::ptr::eq(*bundle, second), "seed {seed}");
            if let Err(error) = taken {
                assert!(error.message.contains("sends others away"), "seed {seed}: {error}");
            }
        }
        let said = heard.disputes();
        let [said] = said.as_slice() else { panic!("seed {seed}: {said:?}") };
        assert!(said.contains("have each sent the other away"), "seed {seed}: {said}");
        assert_eq!(heard.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }
}

#[test]
fn a_computer_that_believed_a_leaver_says_so_once_it_hears_that_they_had_left() {
    let (mut office, mut home, mut away, reid, clarke) = copies();
    office.run(TeamLeave { member: reid }).expect("left");
    away.run(TeamLeave { member: clarke }).expect("they were a deputy");
    give(&mut away, &mut home);
    assert_eq!(home.disputes(), Vec::<String>::new(), "it has heard of nothing else");
    give(&mut office, &mut home);
    let said = home.disputes();
    let [said] = said.as_slice() else { panic!("{said:?}") };
    assert!(said.starts_with("D. Reid sent M. Clarke away when they had left themselves"), "{said}");
}
