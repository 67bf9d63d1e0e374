//! What every block store must do, run on each; and what sled must not do to us when its files are damaged.

use std::fs;
use std::path::Path;

use super::*;

fn behaves(store: &mut dyn BlockStore) {
    assert!(store.is_empty().unwrap());
    assert_eq!((store.meta().unwrap(), store.get(0).unwrap()), (None, None));
    store.put(7, b"seven").unwrap();
    store.put(u64::MAX, b"").unwrap();
    store.put(256, &vec![1; 100_000]).unwrap();
    store.put(7, b"seven again").unwrap();
    assert_eq!(store.back(7).unwrap(), None);
    store.put_back(7, b"behind seven").unwrap();
    store.put_back(8, b"behind nothing").unwrap();
    store.set_meta(b"first").unwrap();
    store.set_meta(b"second").unwrap();
    store.flush().unwrap();
    assert_eq!(store.get(7).unwrap().unwrap(), b"seven again");
    assert_eq!(store.get(256).unwrap().unwrap(), vec![1; 100_000]);
    assert_eq!(store.get(u64::MAX).unwrap().unwrap(), b"");
    assert_eq!(store.get(8).unwrap(), None);
    assert_eq!(store.back(7).unwrap().unwrap(), b"behind seven");
    assert_eq!(store.back(8).unwrap().unwrap(), b"behind nothing");
    assert_eq!(store.back(256).unwrap(), None);
    assert_eq!(store.meta().unwrap().unwrap(), b"second");
    assert_eq!(store.len().unwrap(), 3);
    let mut seen = Vec::new();
    store.for_each(&mut |block, bytes| seen.push((block, bytes.len()))).unwrap();
    assert_eq!(seen, [(7, 11), (256, 100_000), (u64::MAX, 0)]);
}

#[test]
fn the_memory_store_behaves() {
    behaves(&mut MemoryStore::new());
}

#[test]
fn the_sled_store_behaves_and_keeps() {
    let vault = tempfile::tempdir().unwrap();
    assert_eq!(SledStore::open(vault.path()).unwrap_err(), StoreError::Missing);
    let mut store = SledStore::fresh_beside(vault.path()).unwrap();
    behaves(&mut store);
    store.promote(None).unwrap();
    drop(store);
    let store = SledStore::open(vault.path()).unwrap();
    assert_eq!((store.number(), store.len().unwrap()), (1, 3));
    assert_eq!(store.back(7).unwrap().unwrap(), b"behind seven");
    assert_eq!(store.meta().unwrap().unwrap(), b"second");
}

/// More than stays in sled's cache: what left it is read again.
#[test]
fn what_left_the_cache_is_read_again() {
    const MANY: u64 = 6_000;
    let vault = tempfile::tempdir().unwrap();
    let mut store = SledStore::fresh_beside(vault.path()).unwrap();
    (0..MANY).for_each(|number| store.put(number, &number.to_le_bytes()).unwrap());
    for _ in 0..2 {
        let mut next = 0;
        store
            .for_each(&mut |number, bytes| {
                assert_eq!((number, bytes), (next, number.to_le_bytes().as_slice()));
                next += 1;
            })
            .unwrap();
        assert_eq!(next, MANY);
    }
    store.put(1, b"later").unwrap();
    assert_eq!(store.get(1).unwrap().unwrap(), b"later");
    assert_eq!(store.get(MANY - 1).unwrap().unwrap(), (MANY - 1).to_le_bytes());
}

const BLOCKS: u64 = 100;

fn block(number: u64) -> Vec<u8> {
    let mut bytes = vec![0; 1500];
    blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn filled(vault: &Path) {
    let mut store = SledStore::fresh_beside(vault).unwrap();
    (0..BLOCKS).for_each(|number| store.put(number, &block(number)).unwrap());
    store.set_meta(&BLOCKS.to_le_bytes()).unwrap();
    store.promote(None).unwrap();
}

/// Reads all as a careful caller does: meta, count, each block against what is known of it.
fn is_whole(vault: &Path) -> Result<bool, StoreError> {
    let store = SledStore::open(vault)?;
    let (mut count, mut right) = (0, true);
    store.for_each(&mut |number, bytes| {
        count += 1;
        right &= bytes == block(number);
    })?;
    Ok(right && count == BLOCKS && store.meta()? == Some(BLOCKS.to_le_bytes().to_vec()))
}

#[test]
fn a_second_opening_is_told_that_it_is_in_use() {
    let vault = tempfile::tempdir().unwrap();
    filled(vault.path());
    let store = SledStore::open(vault.path()).unwrap();
    assert_eq!(SledStore::open(vault.path()).unwrap_err(), StoreError::InUse);
    drop(store);
    assert_eq!(is_whole(vault.path()), Ok(true));
}

#[test]
fn a_fresh_store_takes_the_place_of_a_damaged_one() {
    let vault = tempfile::tempdir().unwrap();
    let quarantine = vault.path().join("quarantine/then");
    filled(vault.path());
    fs::write(vault.path().join("store/1/snap.0000000000000001.generating"), b"").unwrap();
    assert!(matches!(SledStore::open(vault.path()), Err(StoreError::Damaged(_))));
    // One that was never promoted does not count, and is gone after the next promotion.
    drop(SledStore::fresh_beside(vault.path()).unwrap());
    assert!(matches!(SledStore::open(vault.path()), Err(StoreError::Damaged(_))));
    let mut fresh = SledStore::fresh_beside(vault.path()).unwrap();
    assert!(fresh.is_empty().unwrap());
    (0..BLOCKS).for_each(|number| fresh.put(number, &block(number)).unwrap());
    fresh.set_meta(&BLOCKS.to_le_bytes()).unwrap();
    fresh.promote(Some(&quarantine)).unwrap();
    drop(fresh);
    assert_eq!(is_whole(vault.path()), Ok(true));
    assert!(quarantine.join("store-1/db").is_file() && !vault.path().join("store/1").exists());
}

#[test]
fn a_pointer_that_leads_nowhere_calls_for_a_rebuild() {
    let vault = tempfile::tempdir().unwrap();
    filled(vault.path());
    let pointer = vault.path().join("store/current");
    for wrong in ["", "1", "x\n", "01\n", "0\n", "-1\n", "99999999999999999999999\n", "1\n1\n"] {
        fs::write(&pointer, wrong).unwrap();
        assert!(matches!(SledStore::open(vault.path()), Err(StoreError::Damaged(_))), "{wrong:?}");
    }
    fs::write(&pointer, "9\n").unwrap();
    assert_eq!(SledStore::open(vault.path()).unwrap_err(), StoreError::Missing);
    assert_eq!(SledStore::fresh_beside(vault.path()).unwrap().number(), 10);
    fs::write(&pointer, "1\n").unwrap();
    assert_eq!(is_whole(vault.path()), Ok(true));
}

/// Damages one file of a store; the answer must be `Damaged`, or a difference that a careful caller sees.
fn damage(trials: usize) {
    let origin = tempfile::tempdir().unwrap();
    filled(origin.path());
    let folder = origin.path().join("store/1");
    let files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    let (mut noticed, mut harmless) = (0, 0);
    for trial in 0..trials {
        let vault = tempfile::tempdir().unwrap();
        fs::create_dir_all(vault.path().join("store/1")).unwrap();
        fs::write(vault.path().join("store/current"), "1\n").unwrap();
        for (index, path) in files.iter().enumerate() {
            let mut bytes = fs::read(path).unwrap();
            let content = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            if index == trial % files.len() && content > 0 {
                let at = (trial * 7_919 + 13) % content;
                match trial / files.len() % 3 {
                    0 => bytes[at] ^= 1 << (trial % 8),
                    1 => bytes[at / 4096 * 4096..].iter_mut().take(4096).for_each(|byte| *byte = 0),
                    _ => bytes.truncate(at),
                }
            }
            fs::write(vault.path().join("store/1").join(path.file_name().unwrap()), bytes).unwrap();
        }
        match is_whole(vault.path()) {
            Ok(true) => harmless += 1,
            Ok(false) | Err(StoreError::Damaged(_) | StoreError::Missing) => noticed += 1,
            Err(error) => panic!("trial {trial}: {error}"),
        }
    }
    assert!(noticed > harmless, "{noticed} of {trials}");
}

#[test]
fn damage_inside_sled_never_panics_out() {
    damage(18);
}

#[test]
#[ignore = "long"]
fn much_damage_inside_sled_never_panics_out() {
    damage(600);
}
