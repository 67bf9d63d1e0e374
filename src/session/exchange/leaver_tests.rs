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
        assert_eq!((office.vault().epoch(), office.state().entry_count()), (epoch, entries), "{what}");
        let left = |member| office.state().item(member).map(|item| item.value(Field::MemberLeft).is_nothing());
        assert_eq!((left(clarke), left(reid)), (Some(true), Some(false)), "{what}");
        assert!(
            !office.state().devices().any(|(id, device)| device.member == office.me() && office.state().is_revoked(id))
        );
        assert_eq!(office.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }
}
