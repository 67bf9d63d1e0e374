//! Copies of one vault and its keys: who is let in, who leaves, which words count, and what a broken device may bring.

use super::sync::Since;
use super::sync_tests::{at, below, clean, copy, give, note, once, restricted, same, settle, spoilt, twin, unlock};
use crate::bundle::entries::Body;
use crate::bundle::relay::FolderCarrier;
use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::Field;
use crate::domain::ids::{DeviceId, ItemId, KeyId, StreamId};
use crate::domain::value::Value;
use crate::error::Kind;
use crate::log::order::ChainKey;
use crate::ops::{CaseEdit, CaseOpen, TeamAdd, TeamEdit, TeamLeave};
use crate::session::words::Sheet;
use crate::session::{FixedClock, NewPerson, Session};
use crate::testing::dump::dump;
use crate::testing::entropy::SeededEntropy;
use crate::testing::team::{case, morning, passphrase, place, team, work};
use crate::vault::disk::{Disk as _, MemoryDisk};
use crate::vault::keys::identity::Identity;
use crate::vault::keys::recovery::RecoveryWords;
use crate::vault::keys::ring::{RingEntry, WrapFor};
use crate::vault::seal::{SecretKey32, seal};
use crate::vault::{SealedBody, SealedEntry};

fn add(session: &mut Session, name: &str, role: &str) -> ItemId {
    let values = vec![(Field::MemberName, Value::text(name)), (Field::MemberRole, Value::code(role))];
    session.run(TeamAdd { values }).expect("added").made[0]
}

fn let_in(session: &mut Session, name: &str, handle: &str, role: &str) -> ItemId {
    let member = add(session, name, role);
    let words = passphrase();
    session.add_participant(&NewPerson { member, handle, passphrase: &words, work: work() }).expect("let in");
    member
}

fn new_words(session: &mut Session, sheet: Sheet) -> RecoveryWords {
    let words = session.draw_words(sheet).expect("drawn");
    session.keep_words(&words, sheet).expect("kept");
    words
}

fn recovers(disk: &MemoryDisk, handle: &str, words: &RecoveryWords, seed: u64) -> bool {
    let fresh = passphrase();
    Session::recover(place(&twin(disk), seed), handle, words, &fresh, work()).is_ok()
}

/// The keys of the team's own record, as a device that is let in can name them.
fn team_key(session: &Session) -> RingEntry {
    let stream = session.state().team_stream();
    let (records, keys) = session.gather_sealed(&mut |_, chain, _| chain.1 == stream).expect("gathered");
    assert!(!records.is_empty());
    session.vault.wraps_of(&keys).into_iter().find(|entry| entry.stream == stream).expect("a key").clone()
}

/// A wrap of a key of one's own for a place, as a broken device would make it.
fn strange_wrap(session: &Session, stream: StreamId, class: Class, generation: u32) -> RingEntry {
    let mut rng = SeededEntropy::new(99);
    let key = SecretKey32::random(&mut rng);
    wrap_of(session, &key, (stream, class, generation))
}

fn wrap_of(session: &Session, key: &SecretKey32, place: (StreamId, Class, u32)) -> RingEntry {
    let epochs = session.vault.epoch_keys();
    RingEntry::wrap(key, place, WrapFor::Team(epochs), &mut SeededEntropy::new(98)).expect("wrapped")
}

fn has_key(session: &Session, wrap: &RingEntry) -> bool {
    session.vault.wraps_of(&[wrap.id].into()).iter().any(|entry| entry.id == wrap.id)
}

/// How many keys are for some people only, and how many of them an identity opens.
fn restricted_keys(session: &Session, identity: &Identity) -> (usize, usize) {
    let all = session.vault.wraps_of(&std::collections::HashSet::new());
    let opens = all.iter().filter(|entry| entry.unwrap(session.vault.epoch_keys(), identity).is_ok());
    (all.len(), opens.count())
}

#[test]
fn a_wrap_that_no_entry_names_is_not_taken_and_can_block_no_key() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let mut home = copy(&mut office, 100).1;
    note(&mut office, shared, "new");
    let stream = office.state().team_stream();
    let highest = strange_wrap(&office, stream, Class::Core, u32::MAX);
    let bytes = spoilt(&mut office, |parts| parts.ring.push(highest.clone()));
    home.take_sync(&bytes).expect("the rest is taken");
    assert!(!has_key(&home, &highest), "nothing names it");
    new_words(&mut home, Sheet::Instead);
    note(&mut home, shared, "under the next key");
    clean(&mut home);
}

#[test]
fn a_wrap_for_some_people_in_the_teams_own_record_or_of_an_absurd_number_is_refused() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let (there, home) = copy(&mut office, 100);
    drop(home);
    let mut home = unlock(&there, 299, "abrown");
    note(&mut office, shared, "new");
    let before = dump(home.state());
    let known = team_key(&office);
    let eve = Identity::random(&mut SeededEntropy::new(5)).recipient();
    let key = SecretKey32::random(&mut SeededEntropy::new(6));
    let place = (known.stream, Class::Core, 9);
    let closed = RingEntry::wrap(&key, place, WrapFor::People(&[eve]), &mut SeededEntropy::new(7)).expect("wrapped");
    let bytes = spoilt(&mut office, |parts| parts.ring.push(closed));
    assert_eq!(home.take_sync(&bytes).expect_err("closed to the team").kind, Kind::Damaged);
    // The last note lies under a key of somebody's own, as a broken device could seal it.
    let stream = StreamId(shared.0);
    let blocks = office.blocks.get(&stream).cloned().unwrap_or_default();
    let raw = office.vault.raw_of(stream, &blocks).expect("read").into_iter().rev();
    let raw = raw.filter(|raw| raw.header.class == Class::Notes).max_by_key(|raw| raw.header.lamport).expect("a note");
    let plain = raw.body.expect("open");
    for (what, wanted, class, generation) in [
        ("as it may be", None, Class::Notes, 2),
        ("an absurd number", Some(Kind::Damaged), Class::Notes, 1 << 30),
        ("another place", Some(Kind::Damaged), Class::Health, 1),
    ] {
        let mut home = unlock(&twin(&there), 300, "abrown");
        let wrap = wrap_of(&office, &key, (stream, class, generation));
        let body = seal(&key, &[b"mahoe body v1\0".as_slice(), &raw.id.0].concat(), &plain, &mut SeededEntropy::new(8));
        let bytes = spoilt(&mut office, |parts| {
            let mut of_note = parts.records.iter_mut().filter(|record| record.header == raw.header.encode());
            of_note.next().expect("there").body = Body::Sealed(wrap.id, body);
            parts.ring.push(wrap);
        });
        assert_eq!(home.take_sync(&bytes).err().map(|error| error.kind), wanted, "{what}");
        if wanted.is_some() {
            assert_eq!(dump(home.state()), before, "{what}");
        }
    }
}

#[test]
fn naming_an_epoch_again_changes_nothing_of_what_it_follows_and_no_file_goes_for_it() {
    let disk = MemoryDisk::new();
    let mut office = team(&disk, 1);
    let shared = case(&mut office, "Not seen at school");
    let first = office.vault().epoch();
    new_words(&mut office, Sheet::Instead);
    let now = office.vault().epoch();
    let stream = office.state().team_stream();
    let again = |key, follows| Placed {
        stream,
        class: Class::Core,
        fact: Fact::Epoch { key, follows, recipients: Vec::new() },
    };
    office.write(vec![again(first, vec![now]), again(now, vec![KeyId([9; 16])])]).expect("written");
    let follows = |key| office.state().epochs().iter().find(|epoch| epoch.key == key).expect("named").follows.clone();
    assert_eq!((follows(first), follows(now)), (vec![], vec![first]));
    assert!(office.state().newest_epochs().map(|epoch| epoch.key).eq([now]));
    drop(office);
    let mut office = unlock(&disk, 2, "abrown");
    note(&mut office, shared, "still there");
    clean(&mut office);
}

#[test]
fn an_epochs_file_goes_only_once_the_next_one_on_the_disk_holds_its_key() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let (disk, mut home) = copy(&mut office, 100);
    for session in [&mut office, &mut home] {
        new_words(session, Sheet::Instead);
        note(session, shared, "under one of them");
    }
    // Each file holds its own epoch and the first.
    let files = [office.vault.epoch_files(), home.vault.epoch_files()].map(|files| files.expect("read")).concat();
    give(&mut office, &mut home);
    let now = home.vault().epoch();
    let other = if now == office.vault().epoch() {
        home.state().newest_epochs().map(|it| it.key).find(|it| *it != now)
    } else {
        Some(office.vault().epoch())
    };
    let other = other.expect("two epochs");
    let short = &files.iter().find(|(id, _)| *id == now).expect("captured").1;
    for folder in ["/vault/keys", "/vault/mirror/keys"] {
        disk.write_atomic(&std::path::Path::new(folder).join(format!("team-{now}.age")), short).expect("written");
    }
    // As if an epoch named both whose file holds one.
    let mut named = home.state().epochs().to_vec();
    named.iter_mut().filter(|epoch| epoch.key == now).for_each(|epoch| epoch.follows.push(other));
    home.vault.drop_followed(&named).expect("dropped");
    assert!(!home.vault().has_epoch_file(other), "whoever it was sealed to opens nothing here any more");
    drop(home);
    let mut home = unlock(&disk, 9, "abrown");
    assert!(home.vault().holds_epoch(other), "no key is lost");
    clean(&mut home);
}

/// B is let in at home while new words begin an epoch in the office; and a sheet is added at home.
#[test]
fn whoever_was_let_in_while_an_epoch_began_elsewhere_opens_it_after_a_sync() {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let shared = case(&mut office, "Not seen at school");
    let (there, mut home) = copy(&mut office, 100);
    give(&mut home, &mut office);
    let reid = let_in(&mut home, "D. Reid", "reid", "champion");
    let further = new_words(&mut home, Sheet::Further);
    let instead = new_words(&mut office, Sheet::Instead);
    note(&mut office, shared, "under the new key");
    let mut copies = [office, home];
    settle(&mut copies);
    same(&copies);
    copies.iter_mut().for_each(clean);
    for session in &copies {
        let named = session.recipients_in_force();
        assert!(named.iter().any(|(member, _)| *member == reid), "named for the epoch in force");
        for words in [&further, &instead] {
            let sheet = words.identity().recipient().to_string();
            assert!(named.iter().any(|(_, recipient)| *recipient == sheet), "a sheet in force");
        }
    }
    let before = dump(copies[1].state());
    drop(copies);
    assert_eq!(dump(unlock(&there, 9, "reid").state()), before, "B opens what was written in the other epoch");
    for disk in [&first, &there] {
        assert!(recovers(disk, "abrown", &further, 20) && recovers(disk, "abrown", &instead, 21));
    }
}

#[test]
fn new_words_reach_restricted_cases_in_every_copy() {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let hidden = restricted(&mut office);
    let_in(&mut office, "D. Reid", "reid", "champion");
    let (there, mut home) = copy(&mut office, 100);
    drop(office);
    let mut reid_here = unlock(&first, 3, "reid");
    let mut reid = copy(&mut reid_here, 200).1;
    drop(reid_here);
    let mut office = unlock(&first, 4, "abrown");
    give(&mut home, &mut office);
    give(&mut reid, &mut office);
    let words = new_words(&mut office, Sheet::Instead);
    let concern = |session: &Session| session.state().item(hidden).map(|case| case.str(Field::CaseConcern).to_owned());
    let said = concern(&office).expect("there");
    // To the other copy of whoever may read it, and by way of somebody who may not.
    give(&mut office, &mut reid);
    give(&mut reid, &mut home);
    let (all, opened) = restricted_keys(&reid, &words.identity());
    assert!(all > 0 && all == opened, "who can't read it carries the new wraps: {opened} of {all}");
    drop(home);
    Session::recover(place(&there, 30), "abrown", &words, &passphrase(), work()).expect("recovered");
    assert_eq!(concern(&unlock(&there, 31, "abrown")), Some(said));
}

#[test]
fn what_replaced_words_sign_counts_nowhere_any_more() {
    let first = MemoryDisk::new();
    let (mut office, old) =
        Session::create(place(&first, 1), &crate::testing::team::new_team(&passphrase())).expect("created");
    let shared = case(&mut office, "Not seen at school");
    let (there, mut home) = copy(&mut office, 100);
    give(&mut home, &mut office);
    drop(home);
    let lost = twin(&there);
    new_words(&mut office, Sheet::Instead);
    note(&mut office, shared, "after the change");
    let roster = |session: &Session| session.state().devices().count();
    let known = roster(&office);
    // Somebody finds the old sheet and an old copy of the vault, and lets themselves in.
    Session::recover(at(&lost, 40), "abrown", &old, &passphrase(), work()).expect("the old sheet opens the old copy");
    let mut thief = Session::unlock(at(&lost, 41), "abrown", &passphrase()).expect("unlocked");
    note(&mut thief, shared, "written by whoever found the sheet");
    let bundle = thief.sync_bundle(Since::Beginning).expect("made").bytes;
    let before = dump(office.state());
    assert!(office.take_sync(&bundle).is_err(), "its device counts nowhere");
    assert_eq!(dump(office.state()), before);
    assert_eq!(roster(&office), known);
    // A copy that took it in before it heard of the change follows as soon as it does.
    let mut home = unlock(&there, 42, "abrown");
    let before = roster(&home);
    home.take_sync(&bundle).expect("nothing is known of the change here");
    assert!(roster(&home) > before);
    give(&mut office, &mut home);
    let thiefs = thief.vault().participant().device().device_id();
    assert!(home.state().device(thiefs).is_none(), "what let them in counts no longer");
    let carried = home.sync_bundle(Since::Beginning).expect("made").bytes;
    let taken = office.take_sync(&carried).expect("taken");
    assert!(taken.unbelieved > 0, "{taken:?}");
    assert!(taken.aside.iter().any(|aside| aside.who.is_empty()), "{taken:?}");
    assert!(office.state().device(thiefs).is_none());
}

#[test]
fn what_a_leaver_said_about_keys_before_is_set_aside_and_the_rest_is_taken() {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let shared = case(&mut office, "Not seen at school");
    let deputy = let_in(&mut office, "D. Reid", "reid", "deputy");
    let_in(&mut office, "C. Hall", "chall", "deputy");
    drop(office);
    let mut hall_here = unlock(&first, 3, "chall");
    let mut hall = copy(&mut hall_here, 200).1;
    drop(hall_here);
    let mut reid_here = unlock(&first, 4, "reid");
    let (there, mut reid) = copy(&mut reid_here, 300);
    drop(reid_here);
    let mut office = unlock(&first, 5, "abrown");
    give(&mut hall, &mut office);
    // D. Reid lets somebody in and takes notes; C. Hall hears of it, the office doesn't.
    let grant = let_in(&mut reid, "G. Grant", "ggrant", "champion");
    note(&mut reid, shared, "an honest note from before");
    give(&mut reid, &mut hall);
    drop(reid);
    let mut grants = unlock(&there, 301, "ggrant");
    office.run(TeamLeave { member: deputy }).expect("left");
    note(&mut hall, shared, "by C. Hall");
    let carried = hall.sync_bundle(Since::Beginning).expect("made").bytes;
    let plan = office.inspect_sync(&carried).expect("inspected");
    assert!(plan.new > 0 && plan.aside.iter().any(|aside| aside.who == "D. Reid"), "{plan:?}");
    let taken = office.take_sync(&carried).expect("the rest is taken");
    assert_eq!(taken.entries, plan.new);
    assert!(taken.says.contains("D. Reid, who left, says something about"), "{}", taken.says);
    let words = dump(office.state());
    assert!(words.contains("an honest note from before") && words.contains("by C. Hall"));
    let member = |session: &Session| session.state().item(grant).map(|it| it.str(Field::MemberRecipient).to_owned());
    assert_eq!(member(&office).unwrap_or_default(), "", "nobody is let in by somebody who left");
    let mut copies = [office, hall];
    settle(&mut copies);
    same(&copies);
    assert_eq!(member(&copies[1]).unwrap_or_default(), "", "in every copy");
    copies.iter_mut().for_each(clean);
    // What G. Grant wrote waits until the coordinator has let their device write.
    let [mut office, mut hall] = copies;
    note(&mut grants, shared, "by G. Grant");
    let bundle = grants.sync_bundle(Since::Beginning).expect("made").bytes;
    assert!(office.take_sync(&bundle).is_err(), "its device counts nowhere yet");
    let device = grants.vault().participant().device().device_id();
    assert!(hall.accept_device(DeviceId([1; 32])).is_err());
    let first = hall.doubted_devices();
    assert!(first.iter().all(|(_, name)| name == "G. Grant") && !first.is_empty(), "{first:?}");
    for (id, _) in first {
        hall.accept_device(id).expect("C. Hall is a deputy");
    }
    give(&mut hall, &mut office);
    assert!(office.take_sync(&bundle).expect("taken").entries > 0);
    assert!(office.state().device(device).is_some() && dump(office.state()).contains("by G. Grant"));
}

/// A deputy began an epoch before they were taken off the roster elsewhere, and a third copy went along.
#[test]
fn an_epoch_that_a_leaver_began_counts_no_longer_and_whoever_went_along_comes_back() {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let shared = case(&mut office, "Not seen at school");
    let deputy = let_in(&mut office, "D. Reid", "reid", "deputy");
    let_in(&mut office, "C. Hall", "chall", "deputy");
    drop(office);
    let mut hall_here = unlock(&first, 3, "chall");
    let (halls, mut hall) = copy(&mut hall_here, 200);
    drop(hall_here);
    let mut reid_here = unlock(&first, 4, "reid");
    let mut reid = copy(&mut reid_here, 300).1;
    drop(reid_here);
    let mut office = unlock(&first, 5, "abrown");
    give(&mut hall, &mut office);
    new_words(&mut reid, Sheet::Instead);
    note(&mut reid, shared, "under an epoch of Reid's");
    give(&mut reid, &mut hall);
    let theirs = reid.vault().epoch();
    assert_eq!(hall.vault().epoch(), theirs);
    note(&mut hall, shared, "by C. Hall, under it too");
    office.run(TeamLeave { member: deputy }).expect("left");
    let carried = hall.sync_bundle(Since::Beginning).expect("made").bytes;
    assert!(!office.take_sync(&carried).expect("taken").aside.is_empty());
    assert_ne!(office.vault().epoch(), theirs);
    assert!(dump(office.state()).contains("by C. Hall, under it too"));
    let mut copies = [office, hall];
    settle(&mut copies);
    same(&copies);
    assert_eq!(copies[1].vault().epoch(), copies[0].vault().epoch());
    copies.iter_mut().for_each(clean);
    let before = dump(copies[1].state());
    drop(copies);
    for seed in [20, 21] {
        let mut hall = unlock(&halls, seed, "chall");
        assert_eq!((hall.vault().epoch() != theirs, dump(hall.state()) == before), (true, true));
        clean(&mut hall);
    }
}

#[test]
fn a_fork_of_ones_own_device_stops_it_until_an_unlock_makes_another() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let shared = case(&mut session, "Not seen at school");
    drop(session);
    let other = disk.power_cut(7);
    let open = |disk: &MemoryDisk, seed| Session::unlock(place(disk, seed), "abrown", &passphrase()).expect("unlocked");
    let (mut here, mut there) = (open(&disk, 2), open(&other, 3));
    note(&mut here, shared, "here");
    note(&mut there, shared, "there");
    give(&mut here, &mut there);
    let device = |session: &Session| session.vault().participant().device().device_id();
    let old = device(&there);
    let count = there.state().entry_count();
    let values = vec![(Field::MemberName, Value::text("G. Grant"))];
    let refused = there.run(TeamAdd { values: values.clone() }).expect_err("it signs nothing more");
    assert!(refused.message.contains("as this very device"), "{refused}");
    assert_eq!(there.state().entry_count(), count);
    let bundle = there.sync_bundle(Since::Beginning).expect("what it holds it still gives").bytes;
    drop(there);
    let mut there = open(&other, 4);
    assert_ne!(device(&there), old);
    there.run(TeamAdd { values }).expect("as the new device");
    here.take_sync(&bundle).expect("taken");
    assert!(here.run(TeamAdd { values: vec![(Field::MemberName, Value::text("H. Lee"))] }).is_err());
}

#[test]
fn a_clock_far_ahead_silences_nobody() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let mut home = copy(&mut office, 100).1;
    home.set_clock(Box::new(FixedClock(morning() + chrono::TimeDelta::days(40_000))));
    give(&mut home, &mut office);
    home.set_clock(Box::new(FixedClock(morning())));
    note(&mut office, shared, "new");
    give(&mut office, &mut home);
    let late = home.sync_bundle(Since::Told).expect("made");
    give(&mut home, &mut office);
    assert_eq!(office.sync_bundle(Since::Told).expect("made").entries, 0, "what it told last counts");
    office.take_sync(&late.bytes).expect("taken");
    assert_eq!(office.sync_bundle(Since::Told).expect("made").entries, 0, "an older one says less");
}

#[test]
fn an_op_that_is_saved_is_not_given_as_failed_when_what_follows_is() {
    let mut saved = 0;
    for at in 0..60 {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let member = let_in(&mut session, "D. Reid", "reid", "champion");
        let before = session.vault().epoch();
        disk.crash_at(disk.operations() + at);
        let done = session.run(TeamLeave { member });
        let left = session.state().item(member).is_some_and(|it| !it.value(Field::MemberLeft).is_nothing());
        assert_eq!(done.is_ok(), left, "cut at {at}: {done:?}");
        let Ok(done) = done else { continue };
        if done.says.contains("It is saved") {
            saved += 1;
            assert!(done.says.contains("Lock and unlock"), "{}", done.says);
        }
        drop(session);
        let disk = disk.power_cut(at);
        let again = Session::unlock(place(&disk, 9), "abrown", &passphrase()).expect("unlocked");
        if again.state().item(member).is_some_and(|it| !it.value(Field::MemberLeft).is_nothing()) {
            assert_ne!(again.vault().epoch(), before, "cut at {at}: the next unlock finishes it");
            assert!(!again.leavers_are_named());
        }
    }
    assert!(saved > 0, "no cut fell behind the entry");
}

#[test]
fn several_at_once_stay_saved_too_and_a_warning_tells_what_is_left() {
    let mut told = 0;
    for at in 0..60 {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let member = let_in(&mut session, "D. Reid", "reid", "champion");
        disk.crash_at(disk.operations() + at);
        let done = session.all_or_nothing(|session| session.run(TeamLeave { member }));
        let left = session.state().item(member).is_some_and(|it| !it.value(Field::MemberLeft).is_nothing());
        assert!(done.is_err() || left, "cut at {at}");
        if done.is_ok() && session.leavers_are_named() {
            told += 1;
            assert!(session.key_warning().is_some_and(|says| says.contains("who left can still open")));
        }
    }
    assert!(told > 0);
}

#[test]
fn whoever_leads_gets_the_root_by_sync() {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let deputy = let_in(&mut office, "D. Reid", "reid", "champion");
    drop(office);
    let mut reid_here = unlock(&first, 3, "reid");
    let mut reid = copy(&mut reid_here, 200).1;
    drop(reid_here);
    let mut office = unlock(&first, 4, "abrown");
    let root = office.card(false).expect("a card").says().root_id();
    assert!(reid.vault.open_root(root).is_err(), "a champion has none");
    let values = vec![(Field::MemberRole, Value::code("deputy"))];
    office.run(TeamEdit { member: deputy, values }).expect("made deputy");
    give(&mut office, &mut reid);
    assert!(reid.vault.open_root(root).is_ok());
    reid.run(TeamAdd { values: vec![(Field::MemberName, Value::text("G. Grant"))] }).expect("added");
    assert!(reid.card(false).is_ok());
}

#[test]
fn a_second_person_joins_a_copy_that_is_there() {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let shared = case(&mut office, "Not seen at school");
    let (there, mut home) = copy(&mut office, 100);
    note(&mut home, shared, "only at home");
    let hidden = restricted(&mut home);
    drop(home);
    let_in(&mut office, "D. Reid", "reid", "champion");
    new_words(&mut office, Sheet::Instead);
    drop(office);
    let mut reid = unlock(&first, 3, "reid");
    note(&mut reid, shared, "from the office");
    let file = reid.device_file(&passphrase(), &once()).expect("made");
    drop(reid);
    let handle = Session::join(at(&there, 50), &file, &once(), &passphrase()).expect("joined");
    assert_eq!(handle, "reid");
    let mut reid = unlock(&there, 51, "reid");
    assert!(dump(reid.state()).contains("only at home") && dump(reid.state()).contains("from the office"));
    assert!(reid.state().item(hidden).is_none_or(|case| case.created.is_none()), "need to know stays");
    note(&mut reid, shared, "by Reid at home");
    clean(&mut reid);
    drop(reid);
    let mut home = unlock(&there, 52, "abrown");
    assert!(home.state().item(hidden).is_some_and(|case| case.created.is_some()));
    assert!(dump(home.state()).contains("by Reid at home"));
    clean(&mut home);
    drop(home);
    let again = Session::join(at(&there, 53), &file, &once(), &passphrase()).expect_err("there already");
    assert_eq!(again.kind, Kind::Refused);
}

#[test]
fn a_cut_while_a_second_person_joins_keeps_the_first_in() {
    let first = MemoryDisk::new();
    let mut office = team(&first, 1);
    let shared = case(&mut office, "Not seen at school");
    let (there, home) = copy(&mut office, 100);
    drop(home);
    let_in(&mut office, "D. Reid", "reid", "champion");
    new_words(&mut office, Sheet::Instead);
    drop(office);
    let mut reid = unlock(&first, 3, "reid");
    note(&mut reid, shared, "from the office");
    let file = reid.device_file(&passphrase(), &once()).expect("made");
    let (mut whole, mut moment) = (false, 0);
    while !whole {
        let disk = twin(&there);
        disk.crash_at(disk.operations() + moment);
        whole = Session::join(at(&disk, 50), &file, &once(), &passphrase()).is_ok();
        let disk = disk.power_cut(moment);
        clean(&mut unlock(&disk, 52, "abrown"));
        if !whole {
            let again = Session::join(at(&disk, 54), &file, &once(), &passphrase());
            assert!(again.as_ref().err().is_none_or(|error| error.kind == Kind::Refused), "{moment}: {again:?}");
        }
        clean(&mut unlock(&disk, 53, "reid"));
        moment += 5;
    }
}

#[test]
fn a_shared_folder_carries_syncs_between_own_devices() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let mut home = copy(&mut office, 100).1;
    give(&mut home, &mut office);
    let folder = tempfile::tempdir().expect("a folder");
    let carrier = FolderCarrier::new(folder.path()).expect("there");
    note(&mut office, shared, "by way of the folder");
    assert_eq!(office.relay_push(&carrier).expect("pushed").put, 1);
    let again = office.relay_push(&carrier).expect("pushed");
    assert_eq!((again.put, again.there), (0, 1), "nothing is new");
    assert_eq!(office.relay_pull(&carrier).expect("pulled").fetched, Vec::<String>::new(), "one's own is not fetched");
    assert_eq!(home.relay_status(&carrier).expect("asked").1, 1);
    let fetched = home.relay_pull(&carrier).expect("pulled").fetched;
    assert_eq!(fetched.len(), 1);
    let bytes = home.from_inbox(&fetched[0]).expect("there");
    assert!(home.take_sync(&bytes).expect("taken").entries > 0);
    home.leave_inbox(&fetched[0]).expect("left");
    assert_eq!(home.relay_pull(&carrier).expect("pulled").fetched, Vec::<String>::new(), "once");
    note(&mut office, shared, "more");
    assert_eq!(office.relay_push(&carrier).expect("pushed").put, 1);
    assert_eq!(home.relay_push(&carrier).expect("pushed").put, 1);
    let lies = |session: &mut Session| session.relay_status(&carrier).expect("asked").1;
    assert_eq!((lies(&mut office), lies(&mut home)), (1, 1), "the newer took the older one's place");
    for session in [&mut office, &mut home] {
        for name in session.relay_pull(&carrier).expect("pulled").fetched {
            let bytes = session.from_inbox(&name).expect("there");
            session.take_sync(&bytes).expect("taken");
        }
    }
    same(&[office, home]);
}

/// Keys are wrapped anew for whoever may still read what was written; what comes then is under keys that no earlier
/// reader ever had.
#[test]
fn whoever_may_read_a_case_no_longer_knows_no_key_of_what_comes() {
    let disk = MemoryDisk::new();
    let mut office = team(&disk, 1);
    let reader = let_in(&mut office, "D. Reid", "reid", "deputy");
    let values = vec![(Field::CaseConcern, Value::text("It touches the team"))];
    let restricted_to = vec![office.me(), reader];
    let both = office.run(CaseOpen { values, restricted_to, ..CaseOpen::default() }).expect("opened").made[0];
    let keys = |session: &Session| {
        let chosen = |chain: ChainKey| chain.1 == StreamId(both.0) && chain.2 == Class::Notes;
        session.gather_sealed(&mut |_, chain, _| chosen(chain)).expect("gathered").1
    };
    note(&mut office, both, "for both");
    let first = keys(&office);
    note(&mut office, both, "for both, too");
    assert_eq!(keys(&office), first);
    drop(office);
    let mut office = unlock(&disk, 2, "abrown");
    note(&mut office, both, "for both after an unlock");
    assert_eq!((first.len(), keys(&office) == first), (1, true), "nobody was added, nobody went");
    let values = vec![(Field::CaseRestricted, Value::items([office.me()]))];
    office.run(CaseEdit { case: both, values, followup: false }).expect("narrowed");
    drop(office);
    let mut office = unlock(&disk, 3, "abrown");
    assert_eq!(keys(&office), first, "nothing was written");
    note(&mut office, both, "for one");
    assert_eq!(keys(&office).len(), 2, "under a key that D. Reid never had");
    clean(&mut office);
}

#[test]
fn copies_that_rested_for_long_hear_of_each_other_again_by_the_folder() {
    let mut office = team(&MemoryDisk::new(), 1);
    let shared = case(&mut office, "Not seen at school");
    let mut home = copy(&mut office, 100).1;
    give(&mut home, &mut office);
    give(&mut office, &mut home);
    let folder = tempfile::tempdir().expect("a folder");
    let carrier = FolderCarrier::new(folder.path()).expect("there");
    for session in [&mut office, &mut home] {
        session.set_clock(Box::new(FixedClock(morning() + chrono::TimeDelta::days(90))));
    }
    note(&mut office, shared, "after the long holidays");
    assert_eq!(office.relay_push(&carrier).expect("pushed").put, 1);
    let fetched = home.relay_pull(&carrier).expect("pulled").fetched;
    let bytes = home.from_inbox(&fetched[0]).expect("there");
    home.take_sync(&bytes).expect("taken");
    assert!(dump(home.state()).contains("after the long holidays"));
    same(&[office, home]);
}

#[test]
fn an_entry_of_which_the_journal_has_two_records_is_counted_once() {
    let mut office = team(&MemoryDisk::new(), 1);
    let mut home = copy(&mut office, 100).1;
    give(&mut home, &mut office);
    give(&mut office, &mut home);
    let team = home.state().team_stream();
    let (records, _) = home.gather_sealed(&mut |_, chain, _| chain.1 == team).expect("gathered");
    let again = records
        .into_iter()
        .map(|it| (SealedEntry { header: it.header, signature: it.signature, body: SealedBody::Withheld }, None));
    home.vault.commit_sealed(again.collect()).expect("as if the words had come after the header");
    assert_eq!(home.sync_bundle(Since::Told).expect("made").entries, 0);
}

/// What happens to the team in one step of a schedule, at one of its copies.
fn something(session: &mut Session, names: &mut u32, members: &mut Vec<ItemId>, rng: &mut SeededEntropy) {
    match below(rng, 6) {
        0 | 1 => {
            *names += 1;
            let handle = format!("member{names}");
            members.push(let_in(session, &format!("Member {names}"), &handle, "champion"));
        }
        2 => {
            let member = members.get(below(rng, members.len().max(1))).copied();
            let here = |member: &ItemId| session.state().item(*member).is_some_and(crate::domain::item::Item::stands);
            let stays = |member: &ItemId| {
                crate::domain::views::Member::get(session.state(), *member).is_some_and(|member| !member.left())
            };
            if let Some(member) = member.filter(|member| here(member) && stays(member)) {
                session.run(TeamLeave { member }).expect("left");
            }
        }
        3 => drop(new_words(session, Sheet::Instead)),
        4 if session.sheets().all < crate::session::MAX_SHEETS => drop(new_words(session, Sheet::Further)),
        _ => drop(restricted(session)),
    }
}

/// Whatever happens to the team in its copies: in the end everybody on it, and every sheet, opens the epoch in force, and
/// nobody who left.
fn team_schedule(disks: &[MemoryDisk], seed: u64) {
    let mut rng = SeededEntropy::new(seed);
    let start = |(at, disk): (usize, &MemoryDisk)| unlock(&twin(disk), seed * 10 + at as u64, "abrown");
    let mut copies: Vec<Session> = disks.iter().enumerate().map(start).collect();
    let (mut names, mut members) = (0, Vec::new());
    for _ in 0..8 {
        let who = below(&mut rng, copies.len());
        if below(&mut rng, 3) > 0 {
            something(&mut copies[who], &mut names, &mut members, &mut rng);
        } else {
            let bundle = copies[who].sync_bundle(Since::Told).expect("made").bytes;
            let to = below(&mut rng, copies.len());
            if to != who && copies[to].is_sync(&bundle) {
                copies[to].take_sync(&bundle).expect("taken");
            }
        }
    }
    settle(&mut copies);
    same(&copies);
    for one in &mut copies {
        let (mut named, mut due) = (one.recipients_in_force().to_vec(), one.due_recipients());
        named.retain(|it| due.contains(it));
        due.sort();
        named.sort();
        assert_eq!(named, due, "seed {seed}: whoever is to open it can");
        assert!(!one.leavers_are_named(), "seed {seed}");
        assert_eq!(one.state().newest_epochs().filter(|it| !one.vault().holds_epoch(it.key)).count(), 0);
        clean(one);
    }
    let epochs: std::collections::BTreeSet<KeyId> = copies.iter().map(|one| one.vault().epoch()).collect();
    assert_eq!(epochs.len(), 1, "seed {seed}: every copy writes under the same");
}

fn team_schedules(count: u64) {
    let first = MemoryDisk::new();
    drop(team(&first, 1));
    let mut office = unlock(&first, 2, "abrown");
    let second = copy(&mut office, 100).0;
    let third = copy(&mut office, 200).0;
    drop(office);
    let disks = [first, second, third];
    for seed in 0..count {
        team_schedule(&disks[..2 + (seed % 2) as usize], 7_000 + seed);
    }
}

#[test]
fn whoever_comes_and_goes_in_whichever_copy_the_right_people_are_in() {
    team_schedules(12);
}

#[test]
#[ignore = "hundreds of schedules: `cargo test --release whoever_comes -- --ignored`"]
fn whoever_comes_and_goes_in_hundreds_of_schedules() {
    team_schedules(400);
}
