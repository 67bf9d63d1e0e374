//! Damage to a real folder: one copy of anything may go, and nothing is lost; of two, what is left comes back.

use std::fs;
use std::path::{Path, PathBuf};

use mahoe::error::Kind;
use mahoe::session::Session;
use mahoe::testing::dump::dump;
use mahoe::testing::team;
use mahoe::vault::Found;
use mahoe::vault::framelog::Finding;

use super::folder::{DRAFT, files, new_team, note, origin, place, unlock};

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
    let (silent, kept) = match damage {
        Damage::Flip(path, _) | Damage::ZeroPage(path, _) => (path.starts_with("store") || comment(damage), true),
        Damage::Truncate(path, _) | Damage::Delete(path) | Damage::DeleteFolder(path) | Damage::LeftOver(path) => {
            (path.starts_with("store"), false)
        }
    };
    // sled has spare bytes that mean nothing, and so have comments; everything else is told.
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

/// True for a flipped bit in the comment that vault.toml begins with.
fn comment(damage: &Damage) -> bool {
    matches!(damage, Damage::Flip(path, bit) if path.ends_with("vault.toml") && bit / 8 < 100)
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
