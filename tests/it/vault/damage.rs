//! Damage to a real folder: one copy of anything may go, and nothing is lost; of two, what is left comes back.

use std::fs;
use std::path::{Path, PathBuf};

use mahoe::domain::ids::StreamKind;
use mahoe::error::Kind;
use mahoe::session::{Place, Session};
use mahoe::testing::dump::dump;
use mahoe::testing::team::{self, new_team};
use mahoe::vault::Found;
use mahoe::vault::framelog::Finding;
use mahoe::vault::store::{BlockStore, SledStore};

use super::folder::{DRAFT, files, note, origin, place, unlock};

#[derive(Clone, Debug)]
enum Damage {
    Flip(PathBuf, usize),
    ZeroPage(PathBuf, usize),
    Truncate(PathBuf, usize),
    Delete(PathBuf),
    DeleteFolder(PathBuf),
    LeftOver(PathBuf),
}

impl Damage {
    fn apply(&self, root: &Path) {
        let change = |path: &Path, change: &dyn Fn(&mut Vec<u8>)| {
            let path = root.join(path);
            let mut bytes = fs::read(&path).expect("there");
            change(&mut bytes);
            fs::write(path, bytes).expect("written");
        };
        match self {
            Self::Flip(path, bit) => change(path, &|bytes| bytes[bit / 8] ^= 1 << (bit % 8)),
            Self::ZeroPage(path, at) => change(path, &|bytes| {
                let start = at / 4096 * 4096;
                bytes[start..].iter_mut().take(4096).for_each(|byte| *byte = 0);
            }),
            Self::Truncate(path, len) => change(path, &|bytes| bytes.truncate(*len)),
            Self::Delete(path) => fs::remove_file(root.join(path)).expect("removed"),
            Self::DeleteFolder(path) => fs::remove_dir_all(root.join(path)).expect("removed"),
            Self::LeftOver(path) => fs::write(root.join(path), b"half").expect("written"),
        }
    }
}

/// Where the bytes of a file end that are not zeros.
fn content(path: &Path) -> usize {
    let bytes = fs::read(path).expect("there");
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// Damages of every file and folder; more places in each file with a higher `density`.
fn damages(density: usize) -> Vec<Damage> {
    let origin = origin();
    let sample = origin.copy();
    let mut all = Vec::new();
    for path in origin.files() {
        let size = content(&sample.path().join(&path));
        all.push(Damage::Delete(path.clone()));
        for step in 0..density {
            if size == 0 {
                continue;
            }
            let at = (size * step / density + step * 7_919 + path.as_os_str().len() * 31) % size;
            all.push(Damage::Flip(path.clone(), at * 8 + step % 8));
            if step % 2 == 0 {
                all.push(Damage::ZeroPage(path.clone(), at));
                all.push(Damage::Truncate(path.clone(), at));
            }
        }
    }
    let folders = ["journal", "keys", "keys/ring", "store", "store/1", "mirror", "mirror/journal", "mirror/keys"];
    let more = ["mirror/keys/ring", "drafts", "mirror/drafts"];
    all.extend(folders.iter().chain(&more).map(|folder| Damage::DeleteFolder(folder.into())));
    all.push(Damage::LeftOver("store/1/snap.0000000000000042.generating".into()));
    all.push(Damage::LeftOver("journal/00000001.seg.repair".into()));
    all.push(Damage::LeftOver("keys/ring/00000001.seg.next".into()));
    all
}

fn survives(damage: &Damage, trial: u64) {
    let origin = origin();
    let copy = origin.copy();
    let before: Vec<Vec<u8>> = origin.files().iter().map(|path| fs::read(copy.path().join(path)).unwrap()).collect();
    damage.apply(copy.path());
    let changed = origin
        .files()
        .iter()
        .zip(&before)
        .any(|(path, bytes)| fs::read(copy.path().join(path)).ok().as_ref() != Some(bytes));
    let mut session = unlock(copy.path(), 100 + trial).unwrap_or_else(|error| panic!("{damage:?}: {error}"));
    assert!(dump(session.state()) == origin.dump, "{damage:?}: something is lost");
    assert_eq!(session.read_drafts().as_deref(), Some(DRAFT), "{damage:?}");
    let found = session.vault().findings().to_vec();
    let cached = |path: &Path| path.starts_with("store") || path.starts_with("sync");
    let (silent, kept) = match damage {
        Damage::Flip(path, _) | Damage::ZeroPage(path, _) => (cached(path), true),
        Damage::Truncate(path, _) | Damage::Delete(path) | Damage::DeleteFolder(path) | Damage::LeftOver(path) => {
            (cached(path), false)
        }
    };
    // sled has spare bytes that mean nothing, and what is only cached is made anew; everything else is told.
    assert!(!found.is_empty() || silent || !changed, "{damage:?} was not told");
    assert!(found.is_empty() || !kept || copy.path().join("quarantine").is_dir(), "{damage:?}: nothing was kept");
    let verdict = session.verify(&mut |_, _| true).expect("verified");
    assert_eq!(verdict.problems, Vec::<String>::new(), "{damage:?}");
    // It goes on as if nothing had been, and is whole the next time.
    let case = session.state().items(mahoe::domain::field::ItemKind::Case).next().expect("a case").id;
    session.run(note(&[case], "Written after the damage")).expect("noted");
    let after = dump(session.state());
    drop(session);
    let again = unlock(copy.path(), 10_000 + trial).unwrap_or_else(|error| panic!("{damage:?}, again: {error}"));
    assert!(dump(again.state()) == after, "{damage:?}: the next time something is lost");
    assert_eq!(again.vault().findings(), [], "{damage:?}: still damaged the next time");
}

#[test]
fn any_one_damage_is_repaired_and_told() {
    // A sample; all of them are in the long test.
    for (trial, damage) in damages(1).iter().enumerate().filter(|(trial, _)| trial % 3 == 0) {
        survives(damage, trial as u64);
    }
}

#[test]
#[ignore = "long"]
fn any_one_damage_at_many_places_is_repaired_and_told() {
    for (trial, damage) in damages(40).iter().enumerate() {
        survives(damage, trial as u64);
    }
}

/// Spoils what unlocking does not read of the working store: the back of each block.
fn spoil_backs(root: &Path) {
    let mut store = SledStore::open(root).expect("whole");
    (0..store.len().expect("read")).for_each(|block| store.put_back(block, b"nothing").expect("written"));
    store.flush().expect("written");
}

fn unlock_and_check_later(root: &Path, seed: u64) -> Session {
    let place = Place { check_later: true, ..place(root, seed) };
    Session::unlock(place, "abrown", &team::passphrase()).expect("opens")
}

#[test]
fn what_unlocking_does_not_read_of_the_working_store_is_mended_while_idle_or_by_the_next_unlock() {
    let rebuilt = |found: &Found| matches!(found, Found::Store(_));
    let copy = origin().copy();
    spoil_backs(copy.path());
    let mut session = unlock_and_check_later(copy.path(), 600);
    assert!(!found(&session, rebuilt), "nobody has looked at it");
    while session.check_more().expect("checked") {}
    assert!(found(&session, rebuilt) && copy.path().join("quarantine").is_dir());
    assert!(dump(session.state()) == origin().dump);
    let stream = session.state().streams().find(|stream| stream.kind() == Some(StreamKind::Case)).expect("a case");
    let history = session.history(stream).expect("history");
    drop(session);
    let mut session = unlock_and_check_later(copy.path(), 601);
    while session.check_more().expect("checked") {}
    assert!(!found(&session, rebuilt) && session.history(stream).expect("history") == history);
    drop(session);
    // Where somebody asks for it first, it is mended by the next unlock.
    spoil_backs(copy.path());
    let mut session = unlock_and_check_later(copy.path(), 602);
    assert_eq!(session.history(stream).expect_err("spoilt").kind, Kind::Io);
    drop(session);
    let mut session = unlock_and_check_later(copy.path(), 603);
    assert!(found(&session, rebuilt) && session.history(stream).expect("history") == history);
    drop(session);
    // Without anybody who looks later it is seen at once.
    spoil_backs(copy.path());
    assert!(found(&unlock(copy.path(), 604).expect("opens"), rebuilt));
    assert!(!found(&unlock(copy.path(), 605).expect("opens"), rebuilt));
}

fn delete(root: &Path, names: &[&str]) {
    for name in names {
        let path = root.join(name);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removed");
    }
}

/// The lines of a State's text that another lacks.
fn lacking(whole: &str, part: &str) -> usize {
    let part: std::collections::HashSet<&str> = part.lines().collect();
    whole.lines().filter(|line| line.starts_with("entry") && !part.contains(line)).count()
}

fn found(session: &Session, wanted: impl Fn(&Found) -> bool) -> bool {
    session.vault().findings().iter().any(wanted)
}

/// Flips a bit in the n-th frame of both copies of the journal.
fn spoil_frame(root: &Path, number: usize) {
    for name in ["journal/00000001.seg", "mirror/journal/00000001.seg"] {
        let mut bytes = fs::read(root.join(name)).expect("there");
        let starts: Vec<usize> =
            bytes.windows(8).enumerate().filter(|(_, eight)| *eight == b"mahoeF1\n").map(|(at, _)| at).collect();
        bytes[starts[number] + 100] ^= 4;
        fs::write(root.join(name), bytes).expect("written");
    }
}

#[test]
fn a_record_that_no_copy_of_the_journal_holds_comes_back_from_the_working_store() {
    let copy = origin().copy();
    spoil_frame(copy.path(), 40);
    let mut session = unlock(copy.path(), 500).expect("opens");
    assert_eq!(lacking(&origin().dump, &dump(session.state())), 0);
    assert!(found(&session, |found| matches!(found, Found::Journal(Finding::Lost { first: 41, last: 41 }))));
    assert!(found(&session, |found| matches!(found, Found::Salvaged(count) if *count > 0)));
    // What came back is not said to be lost, but whoever lost it signs as a new device.
    assert!(found(&session, |found| *found == Found::NewDevice));
    assert!(session.health().iter().all(|(_, loss)| !loss), "{:?}", session.health());
    assert!(session.health_sentence().expect("something").contains("nothing is lost"));
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    drop(session);
    // From now on the store is not needed for it.
    delete(copy.path(), &["store"]);
    let session = unlock(copy.path(), 501).expect("opens");
    assert_eq!(lacking(&origin().dump, &dump(session.state())), 0);
    assert!(!found(&session, |found| matches!(found, Found::Salvaged(_))));
}

#[test]
fn what_no_copy_holds_is_named_exactly() {
    let copy = origin().copy();
    spoil_frame(copy.path(), 40);
    delete(copy.path(), &["store"]);
    let mut session = unlock(copy.path(), 510).expect("opens");
    assert!(found(&session, |found| matches!(found, Found::Journal(Finding::Lost { first: 41, last: 41 }))));
    assert!(session.health_sentence().expect("something").contains("could not be read in any copy"));
    let (waiting, _, _) = session.waiting();
    let missing = lacking(&origin().dump, &dump(session.state()));
    assert!(missing > 0 && waiting > 0);
    let problems = session.verify(&mut |_, _| true).expect("verified").problems;
    assert!(problems.iter().any(|problem| problem.contains("waits for")), "{problems:?}");
}

#[test]
fn without_any_journal_the_blocks_of_the_working_store_come_back() {
    let copy = origin().copy();
    delete(copy.path(), &["journal", "mirror/journal"]);
    let mut session = unlock(copy.path(), 520).expect("opens");
    assert!(found(&session, |found| matches!(found, Found::Salvaged(count) if *count >= 384)));
    assert!(lacking(&origin().dump, &dump(session.state())) < 128, "only what was in no block yet");
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    let now = dump(session.state());
    drop(session);
    let again = unlock(copy.path(), 521).expect("opens");
    assert!(dump(again.state()) == now && again.vault().findings().is_empty());
    // Without the store too there is nothing, and it says so.
    let copy = origin().copy();
    delete(copy.path(), &["journal", "mirror", "store"]);
    assert_eq!(unlock(copy.path(), 522).err().map(|error| error.kind), Some(Kind::Damaged));
}

#[test]
fn without_the_key_ring_bodies_come_back_from_the_working_store_under_new_keys() {
    let copy = origin().copy();
    delete(copy.path(), &["keys/ring", "mirror/keys/ring"]);
    let mut session = unlock(copy.path(), 530).expect("opens");
    assert!(found(&session, |found| matches!(found, Found::Salvaged(count) if *count >= 384)));
    // What is in no block yet can't be read any more, and is counted.
    let tail = origin().entries - 384;
    assert!(found(&session, |found| *found == Found::Unreadable(tail)), "{:?}", session.vault().findings());
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems.len(), tail);
    let now = dump(session.state());
    drop(session);
    delete(copy.path(), &["store"]);
    let again = unlock(copy.path(), 531).expect("opens");
    assert!(dump(again.state()) == now);
    drop(again);
    // Ring and store both gone: the team's own record can't be read.
    let copy = origin().copy();
    delete(copy.path(), &["keys/ring", "mirror/keys/ring", "store"]);
    let error = unlock(copy.path(), 532).err().expect("nothing to open");
    assert_eq!(error.kind, Kind::Damaged);
    assert!(error.message.contains("key ring"), "{error}");
}

#[test]
fn both_copies_of_a_key_file_or_of_vault_toml_are_named() {
    let key = |prefix: &str| {
        let begins = |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
        let file = origin().files().into_iter().find(|path| path.starts_with("keys") && begins(&path)).expect("there");
        file.to_string_lossy().into_owned()
    };
    for file in [key("p-"), key("team-")] {
        let copy = origin().copy();
        for name in [file.clone(), format!("mirror/{file}")] {
            let path = copy.path().join(name);
            let mut bytes = fs::read(&path).expect("there");
            let middle = bytes.len() - 8;
            bytes[middle] ^= 1;
            fs::write(path, bytes).expect("written");
        }
        let error = unlock(copy.path(), 540).err().expect("no key");
        assert_eq!(error.kind, Kind::Damaged, "{file}: {error}");
        delete(copy.path(), &[&file, &format!("mirror/{file}")]);
        let error = unlock(copy.path(), 541).err().expect("no key");
        assert!(matches!(error.kind, Kind::Io | Kind::Damaged), "{file}: {error}");
    }
    let copy = origin().copy();
    delete(copy.path(), &["vault.toml", "mirror/vault.toml"]);
    assert_eq!(unlock(copy.path(), 542).err().map(|error| error.kind), Some(Kind::Io));
    // And nobody makes another vault over what is left of it.
    let passphrase = team::passphrase();
    let made = Session::create(place(copy.path(), 543), &new_team(&passphrase));
    assert_eq!(made.err().map(|error| error.kind), Some(Kind::Refused));
    assert!(files(copy.path()).len() + 2 >= origin().files().len());
}

/// Adds a frame to a segment that hashes well and that no key of the vault has sealed.
fn forge(root: &Path, name: &str, arrival_back: u64) {
    use mahoe::vault::frame;
    let path = root.join(name);
    let mut bytes = fs::read(&path).expect("there");
    let frames = frame::scan(&bytes).frames;
    let last = frames[frames.len() - 1 - usize::try_from(arrival_back).expect("small")];
    // In the place of an older frame, or behind the newest.
    let (arrival, previous, at) = if arrival_back == 0 {
        (last.arrival + 1, last.hash, last.offset + last.len)
    } else {
        let next = frames[frames.len() - usize::try_from(arrival_back).expect("small")];
        (next.arrival, last.hash, next.offset)
    };
    let mut forged = Vec::new();
    frame::encode(1, arrival, last.key, &previous, &[0x5a; 300], &mut forged);
    bytes.truncate(at);
    bytes.extend(forged);
    fs::write(path, bytes).expect("written");
}

#[test]
fn a_forged_record_at_the_end_is_told_and_set_aside() {
    let both = ["journal/00000001.seg", "mirror/journal/00000001.seg"];
    for (trial, (copies, back)) in
        [(&both[..1], 0), (&both[1..], 0), (&both[..], 0), (&both[..1], 1), (&both[1..], 1)].into_iter().enumerate()
    {
        let copy = origin().copy();
        for name in copies {
            forge(copy.path(), name, back);
        }
        let seed = 600 + trial as u64 * 10;
        let mut session = unlock(copy.path(), seed).unwrap_or_else(|error| panic!("{trial}: {error}"));
        assert!(lacking(&origin().dump, &dump(session.state())) == 0, "{trial}");
        assert!(found(&session, |found| matches!(found, Found::Journal(Finding::Foreign { .. }))), "{trial}");
        assert!(session.health().iter().any(|(says, _)| says.contains("no key to this vault")), "{trial}");
        assert!(copy.path().join("quarantine").is_dir());
        assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new(), "{trial}");
        drop(session);
        assert_eq!(unlock(copy.path(), seed + 1).expect("again").vault().findings(), [], "{trial}");
    }
}
