//! Copies of one vault in memory: whatever is written where, and whatever becomes of the bundles, they end up the same.

use std::ops::ControlFlow;

use super::join::MAX_DEVICE_FILE;
use super::sync::Since;
use crate::bundle::container;
use crate::bundle::entries::{Body, Record};
use crate::bundle::manifest::{Manifest, Part};
use crate::bundle::source::Attachment;
use crate::bundle::sync::{Held, encode_ring};
use crate::domain::class::Class;
use crate::domain::field::Field;
use crate::domain::ids::{ItemId, KeyId, StreamId, VaultId};
use crate::domain::value::Value;
use crate::error::Kind;
use crate::ops::{CaseEdit, CaseNote, CaseOpen, CaseStrike, TeamAdd, TeamLeave};
use crate::session::words::Sheet;
use crate::session::{NewPerson, NewTeam, Place, Session};
use crate::testing::dump::dump;
use crate::testing::entropy::SeededEntropy;
use crate::testing::team::{case, new_team, passphrase, place, team, work};
use crate::vault::disk::{Disk as _, MemoryDisk};
use crate::vault::keys::epoch::EpochKeys;
use crate::vault::keys::identity::{Identity, Signer};
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::keys::ring::{RingEntry, Wrapped};
use crate::vault::seal::Entropy as _;

pub(super) fn once() -> Passphrase {
    Passphrase::new("ackee river lantern stone mango hill rain").expect("fine")
}

pub(super) fn at(disk: &MemoryDisk, seed: u64) -> Place {
    Place { marks: Some("/marks".into()), ..place(disk, seed) }
}

pub(super) fn unlock(disk: &MemoryDisk, seed: u64, who: &str) -> Session {
    Session::unlock(at(disk, seed), who, &passphrase()).expect("unlocked")
}

/// Another copy for whoever unlocked this one.
pub(super) fn copy(session: &mut Session, seed: u64) -> (MemoryDisk, Session) {
    let file = session.device_file(&passphrase(), &once()).expect("made");
    let disk = MemoryDisk::new();
    Session::join(at(&disk, seed), &file, &once(), &passphrase()).expect("joined");
    let handle = session.vault().handle().to_owned();
    let new = unlock(&disk, seed + 1, &handle);
    (disk, new)
}

pub(super) fn note(session: &mut Session, case: ItemId, text: &str) {
    let kind = "general".into();
    session.run(CaseNote { cases: vec![case], kind, class: None, text: text.into(), when: None }).expect("noted");
}

pub(super) fn set(session: &mut Session, case: ItemId, text: &str) {
    let values = vec![(Field::CaseConcern, Value::text(text))];
    session.run(CaseEdit { case, values, followup: false }).expect("edited");
}

pub(super) fn restricted(session: &mut Session) -> ItemId {
    let values = vec![(Field::CaseConcern, Value::text("It touches the team"))];
    let restricted_to = vec![session.me()];
    session.run(CaseOpen { values, restricted_to, ..CaseOpen::default() }).expect("opened").made[0]
}

pub(super) fn give(from: &mut Session, to: &mut Session) -> usize {
    let bundle = from.sync_bundle(Since::Told).expect("made");
    to.take_sync(&bundle.bytes).expect("taken").entries
}

/// Everybody gives to everybody until nobody has anything new.
pub(super) fn settle(copies: &mut [Session]) {
    for _ in 0..copies.len() + 3 {
        let mut moved = 0;
        for from in 0..copies.len() {
            let bundle = copies[from].sync_bundle(Since::Told).expect("made");
            for to in (0..copies.len()).filter(|to| *to != from) {
                moved += copies[to].take_sync(&bundle.bytes).expect("taken").entries;
            }
        }
        if moved == 0 {
            break;
        }
    }
    for one in copies.iter_mut() {
        assert_eq!(one.ledger.parked().count(), 0);
        let left = one.sync_bundle(Since::Told).expect("made").entries;
        assert_eq!(left, 0, "nobody lacks anything");
    }
}

pub(super) fn same(copies: &[Session]) {
    let first = dump(copies[0].state());
    for other in &copies[1..] {
        let other = dump(other.state());
        if other != first {
            let lines: std::collections::BTreeSet<&str> = first.lines().collect();
            let theirs: std::collections::BTreeSet<&str> = other.lines().collect();
            let differ: Vec<&&str> = lines.symmetric_difference(&theirs).collect();
            assert!(differ.is_empty(), "{differ:#?}");
        }
    }
}

pub(super) fn clean(session: &mut Session) {
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
}

#[test]
fn each_copy_says_what_the_others_lack() {
    let mut first = team(&MemoryDisk::new(), 1);
    let case = case(&mut first, "It began here");
    let (_, mut second) = copy(&mut first, 50);
    assert_eq!(first.copies(), [], "nobody told anything yet");
    give(&mut second, &mut first);
    let told = first.copies();
    assert_eq!((told.len(), told[0].member, told[0].lacks, told[0].ahead), (1, first.me(), 0, 0), "{told:?}");
    assert_eq!(told[0].copy, second.vault.copy_id());
    note(&mut first, case, "one");
    set(&mut first, case, "another word");
    assert_eq!(first.copies()[0].lacks, 2);
    let bundle = second.sync_bundle(Since::Told).expect("made");
    note(&mut second, case, "there");
    give(&mut first, &mut second);
    assert_eq!(second.copies()[0].lacks, 1);
    first.take_sync(&bundle.bytes).expect("an older one");
    give(&mut second, &mut first);
    assert_eq!((first.copies()[0].lacks, first.copies()[0].ahead), (0, 0));
}

#[test]
fn a_new_device_has_everything_and_both_go_on() {
    let (disk, seed) = (MemoryDisk::new(), 1);
    let mut office = team(&disk, seed);
    let shared = case(&mut office, "Not seen at school");
    let hidden = restricted(&mut office);
    let (there, mut home) = copy(&mut office, 100);
    let devices = |session: &Session| session.vault().participant().device().device_id();
    assert_ne!(devices(&office), devices(&home));
    assert_eq!(home.state().item(hidden).map(|case| case.str(Field::CaseConcern)), Some("It touches the team"));
    note(&mut office, shared, "written in the office");
    note(&mut home, shared, "written at home");
    set(&mut home, hidden, "Changed at home");
    assert!(give(&mut home, &mut office) > 0);
    assert!(give(&mut office, &mut home) > 0);
    assert_eq!(give(&mut home, &mut office), 0, "the office has told what it holds");
    let mut copies = [office, home];
    settle(&mut copies);
    same(&copies);
    copies.iter_mut().for_each(clean);
    let before = dump(copies[0].state());
    drop(copies);
    for (disk, seed) in [(&disk, 7), (&there, 8)] {
        let session = Session::unlock(place(disk, seed), "abrown", &passphrase()).expect("unlocked");
        assert_eq!(dump(session.state()), before, "as it was before it was locked");
    }
}

#[test]
fn the_second_bundle_carries_only_what_the_other_lacks_and_a_lost_one_is_made_up_for() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let mut home = copy(&mut office, 100).1;
    give(&mut home, &mut office);
    give(&mut office, &mut home);
    note(&mut office, shared, "one");
    let lost = office.sync_bundle(Since::Told).expect("made");
    assert_eq!(lost.entries, 1);
    note(&mut office, shared, "two");
    let next = office.sync_bundle(Since::Told).expect("made");
    assert_eq!(next.entries, 2, "the first was never heard to have come");
    assert_eq!(home.take_sync(&next.bytes).expect("taken").entries, 2);
    for bundle in [&lost, &next] {
        assert_eq!(home.take_sync(&bundle.bytes).expect("taken").entries, 0, "once more is nothing more");
    }
    assert!(office.sync_bundle(Since::Beginning).expect("made").entries > 5);
    same(&[office, home]);
}

#[test]
fn what_waits_for_a_bundle_that_comes_later_is_there_in_the_end() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let (mut home, mut car) = (copy(&mut office, 100).1, copy(&mut office, 200).1);
    // The car learns what the office wrote first from home only.
    note(&mut office, shared, "first");
    give(&mut office, &mut home);
    give(&mut home, &mut office);
    note(&mut office, shared, "second");
    let later = office.sync_bundle(Since::Told).expect("made");
    let taken = car.take_sync(&later.bytes).expect("taken");
    assert!(taken.waiting > 0, "{taken:?}");
    give(&mut home, &mut car);
    let mut copies = [office, home, car];
    settle(&mut copies);
    same(&copies);
    copies.iter_mut().for_each(clean);
}

/// Two people: what only A. Brown may read travels with D. Reid, sealed.
#[test]
fn restricted_cases_strikes_and_a_new_epoch_go_round() {
    let disk = MemoryDisk::new();
    let mut brown = team(&disk, 1);
    let values = vec![(Field::MemberName, Value::text("D. Reid"))];
    let member = brown.run(TeamAdd { values }).expect("added").made[0];
    let words = passphrase();
    brown.add_participant(&NewPerson { member, handle: "reid", passphrase: &words, work: work() }).expect("let in");
    drop(brown);
    let mut reid_here = unlock(&disk, 2, "reid");
    let mut reid = copy(&mut reid_here, 100).1;
    drop(reid_here);
    let mut brown = unlock(&disk, 3, "abrown");
    let mut home = copy(&mut brown, 200).1;
    let hidden = restricted(&mut home);
    note(&mut home, hidden, "for A. Brown alone");
    let shared = case(&mut home, "Not seen at school");
    note(&mut home, shared, "written in the wrong case");
    // By way of Reid, who can't read it.
    give(&mut home, &mut reid);
    assert!(reid.state().item(hidden).is_none_or(|case| case.created.is_none()));
    give(&mut reid, &mut brown);
    assert_eq!(brown.state().item(hidden).map(|case| case.str(Field::CaseConcern)), Some("It touches the team"));
    // A strike destroys the words in every copy.
    let stream = brown.state().item(shared).expect("there").stream;
    let past = brown.history(stream).expect("history");
    let entry = past.iter().find(|past| past.class == Class::Notes).expect("the note").entry;
    brown.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck");
    give(&mut brown, &mut reid);
    let past = reid.history(stream).expect("history");
    assert!(past.iter().any(|past| past.entry == entry && past.changes.is_empty()));
    // New recovery words begin a new epoch, which Reid's copy has to follow.
    let sheet = brown.draw_words(Sheet::Instead).expect("drawn");
    brown.keep_words(&sheet, Sheet::Instead).expect("kept");
    note(&mut brown, shared, "under the new key");
    give(&mut brown, &mut reid);
    assert_eq!(reid.vault().epoch(), brown.vault().epoch());
    note(&mut reid, shared, "Reid under the new key");
    give(&mut reid, &mut home);
    assert_eq!(home.vault().epoch(), brown.vault().epoch());
    let mut copies = [brown, home, reid];
    settle(&mut copies);
    same(&copies[..2]);
    copies.iter_mut().for_each(clean);
    let ids = |session: &Session| {
        let mut ids: Vec<String> =
            dump(session.state()).lines().filter(|line| line.starts_with("entry ")).map(str::to_owned).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&copies[2]), ids(&copies[0]));
}

#[test]
fn two_epochs_at_once_are_both_kept_and_every_copy_writes_under_the_same() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let home = copy(&mut office, 100);
    let (disk, mut home) = home;
    for session in [&mut office, &mut home] {
        let sheet = session.draw_words(Sheet::Instead).expect("drawn");
        session.keep_words(&sheet, Sheet::Instead).expect("kept");
        note(session, shared, "under one of them");
    }
    assert_ne!(office.vault().epoch(), home.vault().epoch());
    let mut copies = [office, home];
    settle(&mut copies);
    assert_eq!(copies[0].vault().epoch(), copies[1].vault().epoch());
    same(&copies);
    let [mut office, home] = copies;
    let sheet = office.draw_words(Sheet::Instead).expect("drawn");
    office.keep_words(&sheet, Sheet::Instead).expect("kept");
    assert_eq!(office.state().newest_epochs().count(), 1, "the next follows both");
    let mut copies = [office, home];
    settle(&mut copies);
    same(&copies);
    copies.iter_mut().for_each(clean);
    let before = dump(copies[1].state());
    drop(copies);
    assert_eq!(dump(unlock(&disk, 9, "abrown").state()), before);
}

#[test]
fn a_folder_that_was_copied_makes_a_fork_that_both_keep() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let shared = case(&mut session, "Not seen at school");
    drop(session);
    let other = disk.power_cut(7);
    let (mut here, mut there) = (unlock(&disk, 2, "abrown"), unlock(&other, 3, "abrown"));
    note(&mut here, shared, "here");
    note(&mut there, shared, "there");
    let bundle = here.sync_bundle(Since::Told).expect("made");
    assert!(there.take_sync(&bundle.bytes).expect("taken").forks > 0);
    let mut copies = [here, there];
    settle(&mut copies);
    same(&copies);
}

#[test]
fn a_device_file_opens_with_both_secrets_only_and_never_makes_two_sign_as_one() {
    let mut office = team(&MemoryDisk::new(), 1);
    let file = office.device_file(&passphrase(), &once()).expect("made");
    assert!(file.len() as u64 <= MAX_DEVICE_FILE);
    let wrong = Passphrase::new("something else entirely").expect("fine");
    assert_eq!(office.device_file(&wrong, &once()).expect_err("not theirs").kind, Kind::Locked);
    let disk = MemoryDisk::new();
    for (words, own) in [(&wrong, &passphrase()), (&once(), &wrong)] {
        let refused = Session::join(at(&disk, 5), &file, words, own).expect_err("one is wrong");
        assert_eq!(refused.kind, Kind::Locked);
    }
    assert_eq!(disk.files(), Vec::<std::path::PathBuf>::new(), "nothing was written");
    for cut in [0, 100, file.len() / 2, file.len() - 1] {
        assert!(Session::join(at(&disk, 6), &file[..cut], &once(), &passphrase()).is_err());
    }
    let mut copies = vec![office];
    for seed in [10, 20] {
        let disk = MemoryDisk::new();
        Session::join(at(&disk, seed), &file, &once(), &passphrase()).expect("joined");
        let again = Session::join(at(&disk, seed), &file, &once(), &passphrase()).expect_err("a vault is there");
        assert_eq!(again.kind, Kind::Refused);
        copies.push(unlock(&disk, seed + 1, "abrown"));
    }
    let mut devices: Vec<_> = copies.iter().map(|it| it.vault().participant().device().device_id()).collect();
    devices.dedup();
    assert_eq!(devices.len(), 3);
    settle(&mut copies);
    same(&copies);
    let listed = copies[0].devices();
    assert_eq!(listed.iter().filter(|device| device.this).count(), 1);
    assert!(devices.iter().all(|id| listed.iter().any(|device| device.id == *id && device.name == "A. Brown")));
}

/// What a sync is made of, to be spoilt.
pub(super) struct Parts {
    pub manifest: Manifest,
    pub records: Vec<Record>,
    pub ring: Vec<RingEntry>,
    pub epochs: Vec<(KeyId, Vec<u8>)>,
}

type Change = Box<dyn FnOnce(&mut Parts)>;

/// A sync whose parts were changed before it was signed.
pub(super) fn spoilt(session: &mut Session, change: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let card = session.card(false).expect("a card");
    let manifest = session.sync_manifest(card.says().root_id(), &[]).expect("fine");
    let (records, keys) = session.gather_sealed(&mut |_, _, _| true).expect("gathered");
    let ring = session.vault.wraps_of(&keys).into_iter().cloned().collect();
    let epochs = session.vault.epoch_files().expect("read");
    let mut parts = Parts { manifest, records, ring, epochs };
    change(&mut parts);
    let Parts { manifest, records, ring, epochs } = parts;
    let epoch = session.vault.epoch();
    let attachment = |name: String, bytes: Vec<u8>| Attachment { name, source: Box::new(bytes) };
    let mut attachments = vec![
        attachment(Part::Card(manifest.from.root).name(), card.text().as_bytes().to_vec()),
        attachment(Part::Ring.name(), encode_ring(&ring)),
    ];
    attachments.extend(epochs.into_iter().map(|(id, bytes)| attachment(Part::Epoch(id).name(), bytes)));
    let (copy, count) = session.vault.tell();
    let heads = Held { copy, count, epoch, blobs: Vec::new(), chains: Vec::new() }.encode();
    let outgoing = container::Outgoing { manifest, entries: &records, heads, attachments };
    let mut bytes = Vec::new();
    session
        .vault
        .with_signer(|signer, rng| {
            container::write(outgoing, signer, rng, &mut bytes, &mut |_| ControlFlow::Continue(()))
        })
        .expect("written");
    bytes
}

#[test]
fn what_was_spoilt_is_refused_and_changes_nothing() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let mut home = copy(&mut office, 100).1;
    give(&mut home, &mut office);
    note(&mut office, shared, "new");
    let recipient = office.vault().recipient();
    let before = dump(home.state());
    let stranger = EpochKeys::first(home.vault().id(), &mut SeededEntropy::new(3));
    let sealed = stranger.seal(std::slice::from_ref(&recipient)).expect("sealed");
    let elsewhere = StreamId::team(VaultId([9; 16]));
    let last = |parts: &mut Parts| parts.records.len() - 1;
    let changes: Vec<(&str, Change)> = vec![
        ("an epoch that nobody names", Box::new(move |parts| parts.epochs.push((stranger.id(), sealed)))),
        (
            "a forged wrap",
            Box::new(move |parts| {
                for entry in &mut parts.ring {
                    entry.stream = elsewhere;
                    entry.id.0[0] ^= 1;
                }
            }),
        ),
        (
            "a changed wrap of a new key",
            Box::new(|parts| {
                for entry in &mut parts.ring {
                    if let Wrapped::Epoch(_, sealed) = &mut entry.wrapped {
                        sealed[30] ^= 1;
                        entry.id.0[0] ^= 1;
                    }
                }
            }),
        ),
        (
            "a signature",
            Box::new(move |parts| {
                let at = last(parts);
                parts.records[at].signature[3] ^= 1;
            }),
        ),
        (
            "a header",
            Box::new(move |parts| {
                let at = last(parts);
                let length = parts.records[at].header.len();
                parts.records[at].header[length - 10] ^= 1;
            }),
        ),
        (
            "another author",
            Box::new(move |parts| {
                let at = last(parts);
                parts.records[at].header[60] ^= 1;
            }),
        ),
        (
            "a body",
            Box::new(move |parts| {
                let at = last(parts);
                let Body::Sealed(_, bytes) = &mut parts.records[at].body else { unreachable!("sealed") };
                bytes[30] ^= 1;
            }),
        ),
        (
            "an open body",
            Box::new(move |parts| {
                let at = last(parts);
                parts.records[at].body = Body::Open(vec![0; 64].into());
            }),
        ),
        ("twice", Box::new(|parts| parts.records.extend(parts.records.clone()))),
        ("another vault", Box::new(|parts| parts.manifest.from.vault = VaultId([9; 16]))),
        ("real", Box::new(|parts| parts.manifest.practice = false)),
    ];
    for (what, change) in changes {
        let bytes = spoilt(&mut office, change);
        let refused = home.take_sync(&bytes).err().map(|error| error.kind);
        assert_eq!(refused, Some(Kind::Damaged), "{what}");
        assert_eq!(dump(home.state()), before, "{what}");
    }
    let good = office.sync_bundle(Since::Told).expect("made").bytes;
    for cut in (0..good.len()).step_by(good.len() / 40 + 1) {
        assert!(home.take_sync(&good[..cut]).is_err(), "cut to {cut}");
    }
    assert_eq!(dump(home.state()), before);
    assert!(home.open_bundle(&good).is_err(), "no bundle from another parish");
    assert!(home.take_sync(&good).expect("taken").entries > 0);
    clean(&mut home);
}

#[test]
fn another_team_a_stranger_and_whoever_left_bring_nothing() {
    let disk = MemoryDisk::new();
    let mut office = team(&disk, 1);
    let words = passphrase();
    let new = NewTeam { parish: "JM-05", name: "E. Hall", handle: "ehall", ..new_team(&words) };
    let mut mary = Session::create(place(&MemoryDisk::new(), 77), &new).expect("a fresh disk").0;
    let theirs = mary.sync_bundle(Since::Beginning).expect("made").bytes;
    assert!(!office.is_sync(&theirs));
    assert_eq!(office.take_sync(&theirs).expect_err("not for us").kind, Kind::Damaged);
    // Sealed to us, in our name, by a device of theirs.
    let (vault, root) = (office.vault().id(), office.card(false).expect("a card").says().root_id());
    let to = office.vault().parish_recipient();
    let forged = spoilt(&mut mary, |parts| {
        (parts.manifest.from.vault, parts.manifest.from.root) = (vault, root);
        parts.manifest.to[0] = crate::bundle::manifest::Addressee { root, recipient: to };
        (parts.records, parts.ring, parts.epochs) = (Vec::new(), Vec::new(), Vec::new());
    });
    let refused = office.take_sync(&forged).expect_err("a stranger");
    assert!(refused.message.contains("not one of your team's"), "{refused}");
    // Somebody who left.
    let values = vec![(Field::MemberName, Value::text("D. Reid"))];
    let member = office.run(TeamAdd { values }).expect("added").made[0];
    office.add_participant(&NewPerson { member, handle: "reid", passphrase: &words, work: work() }).expect("let in");
    drop(office);
    let mut reid_here = unlock(&disk, 2, "reid");
    let mut reid = copy(&mut reid_here, 100).1;
    drop(reid_here);
    let mut office = unlock(&disk, 3, "abrown");
    give(&mut reid, &mut office);
    office.run(TeamLeave { member }).expect("left");
    let shared = case(&mut reid, "Written after leaving");
    note(&mut reid, shared, "words");
    let before = dump(office.state());
    let late = reid.sync_bundle(Since::Beginning).expect("made").bytes;
    let refused = office.take_sync(&late).expect_err("they left");
    assert!(refused.message.contains("left the team"), "{refused}");
    assert_eq!(dump(office.state()), before);
    // An identity that is nobody's here opens nothing.
    let nobody = Identity::random(&mut SeededEntropy::new(5));
    assert!(
        EpochKeys::open(&office.vault().epoch_files().expect("read")[0].1, vault, office.vault().epoch(), &[&nobody])
            .is_err()
    );
    assert_ne!(Signer::random(&mut SeededEntropy::new(5)).public(), [0; 32]);
}

/// A number below `most`, from a seed that moves on.
pub(super) fn below(rng: &mut SeededEntropy, most: usize) -> usize {
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    u32::from_le_bytes(bytes) as usize % most
}

/// Copies that were made once; each schedule goes on from there.
fn origins(count: usize) -> (Vec<MemoryDisk>, Vec<ItemId>) {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let cases = vec![case(&mut office, "Not seen at school"), restricted(&mut office)];
    drop(office);
    // With marks from here on: this computer knows its copy.
    let mut office = unlock(&first, 2, "abrown");
    let mut disks = vec![first];
    for at in 1..count {
        disks.push(copy(&mut office, 100 * at as u64).0);
    }
    (disks, cases)
}

fn write_something(session: &mut Session, cases: &[ItemId], rng: &mut SeededEntropy, step: usize) {
    let case = cases[below(rng, cases.len())];
    match below(rng, 12) {
        0 => {
            let stream = session.state().item(case).expect("there").stream;
            let past = session.history(stream).expect("history");
            let notes = past.iter().filter(|past| past.class == Class::Notes && !past.changes.is_empty());
            if let Some(entry) = notes.map(|past| past.entry).next() {
                session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck");
            }
        }
        1 => {
            let sheet = session.draw_words(Sheet::Instead).expect("drawn");
            session.keep_words(&sheet, Sheet::Instead).expect("kept");
        }
        2..6 => set(session, case, &format!("Edited at step {step}")),
        _ => note(session, case, &format!("note of step {step}")),
    }
}

/// A universe of its own: every file as it is.
pub(super) fn twin(disk: &MemoryDisk) -> MemoryDisk {
    let twin = MemoryDisk::new();
    for path in disk.files() {
        let bytes = disk.read(&path, u64::MAX).expect("there");
        twin.create_folder_durably(path.parent().expect("in a folder")).expect("made");
        twin.write_atomic(&path, &bytes).expect("written");
    }
    twin
}

/// Random edits; bundles that are made, lost, repeated and reordered; then all of it is given to all.
fn schedule(disks: &[MemoryDisk], cases: &[ItemId], seed: u64) {
    let mut rng = SeededEntropy::new(seed);
    let start = |(at, disk): (usize, &MemoryDisk)| unlock(&twin(disk), seed * 10 + at as u64, "abrown");
    let mut copies: Vec<Session> = disks.iter().enumerate().map(start).collect();
    let mut post: Vec<Vec<u8>> = Vec::new();
    for step in 0..14 {
        let who = below(&mut rng, copies.len());
        match below(&mut rng, 5) {
            0 | 1 => write_something(&mut copies[who], cases, &mut rng, step),
            2 => {
                let since = if below(&mut rng, 6) == 0 { Since::Beginning } else { Since::Told };
                post.push(copies[who].sync_bundle(since).expect("made").bytes);
            }
            _ if post.is_empty() => {}
            // Whoever is an epoch behind may not be able to open what was meant for others: then it is as good as lost.
            _ => {
                let bundle = &post[below(&mut rng, post.len())];
                if copies[who].is_sync(bundle) {
                    copies[who].take_sync(bundle).expect("taken");
                }
            }
        }
    }
    settle(&mut copies);
    same(&copies);
    let whose = below(&mut rng, copies.len());
    clean(&mut copies[whose]);
}

fn schedules(count: u64) {
    for (copies, share) in [(2, 2), (3, 3), (5, 1)] {
        let (disks, cases) = origins(copies);
        for seed in 0..(count * share / 6).max(1) {
            schedule(&disks, &cases, 1 + seed + 100_000 * copies as u64);
        }
    }
}

#[test]
fn copies_converge_whatever_becomes_of_the_bundles() {
    schedules(24);
}

#[test]
#[ignore = "thousands of schedules: `cargo test --release copies_converge -- --ignored`"]
fn copies_converge_in_thousands_of_schedules() {
    schedules(3_000);
}

/// Of an approval and a refusal that did not know of each other both copies show the same, and the case is open.
#[test]
fn a_closing_that_is_approved_here_and_refused_there_stays_open_on_both() {
    use crate::domain::closure::{Closure, Phase};
    use crate::domain::views::Case;
    use crate::ops::{CaseClose, ClosureApprove, ClosureRefuse, ConflictDecide};

    let disk = MemoryDisk::new();
    drop(team(&disk, 1));
    let mut here = unlock(&disk, 2, "abrown");
    let id = case(&mut here, "A worry");
    let values = vec![
        (Field::MemberName, Value::text("C. Hampion")),
        (Field::MemberHandle, Value::text("champion")),
        (Field::MemberRole, Value::code("champion")),
    ];
    let champion = here.run(TeamAdd { values }).expect("added").made[0];
    let keys = here.introduce(champion, "champion").expect("introduced");
    let coordinator = here.change_seat(keys);
    here.run(CaseClose::new(id, "goals-met")).expect("asked");
    here.change_seat(coordinator);
    let (_, there) = copy(&mut here, 20);
    let mut copies = [here, there];
    settle(&mut copies);
    copies[0].run(ClosureRefuse { case: id, words: "Not yet".into() }).expect("refused");
    copies[1].run(ClosureApprove { case: id, words: "All is well".into(), cancel_open: true }).expect("approved");
    settle(&mut copies);
    for copy in &copies {
        let view = Case::get(copy.state(), id).expect("there");
        let it = Closure::all(copy.state(), view)[0];
        assert!(view.is_open() && it.disputed() && it.phase() == Phase::Refused);
        assert_eq!(view.0.conflicts().map(|(field, _)| field).collect::<Vec<_>>(), [Field::CaseClosed]);
        let words = it.0.register(Field::ClosureWords).expect("words").heads().len();
        assert_eq!(words, 2, "nothing that either wrote is lost");
    }
    let decide = ConflictDecide { item: id, field: Field::CaseClosed, value: Value::Nothing, followup: false };
    copies[1].run(decide).expect("decided");
    settle(&mut copies);
    assert_eq!(dump(copies[0].state()), dump(copies[1].state()));
    for copy in &copies {
        let view = Case::get(copy.state(), id).expect("there");
        let it = Closure::all(copy.state(), view)[0];
        assert!(view.is_open() && !it.disputed() && it.phase() == Phase::Refused && view.stage() != "closed");
        assert_eq!(view.0.conflicts().count(), 0);
    }
}
