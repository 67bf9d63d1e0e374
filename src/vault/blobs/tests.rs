//! Blobs on a disk that loses power, fills up and rots.

use std::io::Read;

use super::*;
use std::sync::Arc;

use crate::domain::ids::ItemId;
use crate::testing::entropy::SeededEntropy;
use crate::testing::team::{passphrase, work};
use crate::vault::disk::{Disk, FaultKind, MemoryDisk};
use crate::vault::{NewVault, Setup};

const ENTRY: EntryId = EntryId([3; 32]);

fn key(byte: u8) -> SecretKey32 {
    SecretKey32::from_slice(&[byte; 32]).expect("32 bytes")
}

fn setup(disk: &MemoryDisk, seed: u64) -> Setup {
    Setup {
        disk: Arc::new(disk.clone()),
        root: PathBuf::from("/vault"),
        in_memory: true,
        check_later: false,
        marks: None,
        stamp: "2026-11-22 09.20.05".to_owned(),
        entropy: Box::new(SeededEntropy::new(seed)),
    }
}

/// A vault on a disk.
fn vault(disk: &MemoryDisk) -> Vault {
    let passphrase = passphrase();
    let new = NewVault {
        parish: "JM-06",
        practice: true,
        handle: "abrown",
        member: ItemId([5; 16]),
        passphrase: &passphrase,
        work: work(),
    };
    Vault::create(setup(disk, 1), &new).expect("a fresh disk").0
}

fn unlock(disk: &MemoryDisk) -> Vault {
    Vault::unlock(setup(disk, 2), "abrown", &passphrase()).expect("unlocked")
}

fn keep(vault: &mut Vault, entry: EntryId, plain: &[u8]) -> Result<()> {
    let staged = vault.stage_document(plain, MAX_DOCUMENT, &key(7), &mut |_| {})?;
    let (staged, size) = staged.expect("not empty");
    assert_eq!(size, plain.len() as u64);
    vault.place_blob(&staged, blob_of(entry))
}

fn read(vault: &Vault, entry: EntryId, key: SecretKey32, size: usize) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    vault.read_document(blob_of(entry), key, size as u64).read_to_end(&mut out).map(|_| out)
}

fn plain(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from(at % 251).expect("small")).collect()
}

fn path(copy: &str, entry: EntryId) -> PathBuf {
    PathBuf::from(copy).join(blob_of(entry).to_string())
}

const FIRST: &str = "/vault/blobs";
const SECOND: &str = "/vault/mirror/blobs";

fn spoil(disk: &MemoryDisk, path: &Path, at: u64) {
    let mut file = disk.open(path).expect("there");
    let byte = file.read_at(at, 1).expect("there")[0];
    file.write_at(at, &[byte ^ 1]).expect("written");
    file.sync_data().expect("synced");
}

#[test]
fn a_name_follows_from_its_entry() {
    assert_eq!(
        blob_of(EntryId([1; 32])).to_string(),
        blake3::Hasher::new_derive_key("mahoe blob names v1").update(&[1; 32]).finalize().to_string()
    );
    assert_ne!(blob_of(EntryId([1; 32])), blob_of(EntryId([2; 32])));
    assert_eq!(name_of("../x"), None);
    assert_eq!(name_of(&"AB".repeat(32)), None, "one spelling");
}

#[test]
fn what_is_kept_comes_back_and_only_under_its_key() {
    let disk = MemoryDisk::new();
    let vault = &mut vault(&disk);
    for size in [1, CHUNK, 2 * CHUNK + 5] {
        keep(vault, ENTRY, &plain(size)).expect("kept");
        assert_eq!(read(vault, ENTRY, key(7), size).expect("read"), plain(size));
        assert_eq!(read(vault, ENTRY, key(8), size).expect_err("another key").kind(), io::ErrorKind::InvalidData);
        // A size that the entry does not say is another last chunk.
        assert!(read(vault, ENTRY, key(7), size + 1).is_err());
    }
    let missing = read(vault, EntryId([9; 32]), key(7), 5).expect_err("never kept");
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    let nothing = vault.stage_document(io::empty(), MAX_DOCUMENT, &key(7), &mut |_| {}).expect("read");
    assert_eq!(nothing, None);
    let large = vault.stage_document(plain(100).as_slice(), 99, &key(7), &mut |_| {}).expect("read");
    assert_eq!(large, None);
    assert_eq!(disk.list(Path::new(FIRST)).expect("listed"), [blob_of(ENTRY).to_string()], "nothing staged is left");
}

#[test]
fn chunks_that_were_swapped_or_come_from_another_document_do_not_open() {
    let disk = MemoryDisk::new();
    let vault = &mut vault(&disk);
    let other = EntryId([4; 32]);
    keep(vault, ENTRY, &plain(3 * CHUNK)).expect("kept");
    let size = 3 * CHUNK;
    let whole = disk.read(&path(FIRST, ENTRY), MAX_BLOB).expect("there");
    let sealed = CHUNK + crate::vault::seal::OVERHEAD;
    let mut swapped = whole.clone();
    swapped[8..8 + sealed].copy_from_slice(&whole[8 + sealed..8 + 2 * sealed]);
    for copy in [FIRST, SECOND] {
        disk.write_atomic(&path(copy, other), &swapped).expect("written");
    }
    assert_eq!(read(vault, other, key(7), size).expect_err("swapped").kind(), io::ErrorKind::InvalidData);
    // Cut behind the first chunk: it is no last one.
    for copy in [FIRST, SECOND] {
        disk.write_atomic(&path(copy, other), &whole[..8 + sealed + HASH_LEN]).expect("written");
    }
    assert_eq!(read(vault, other, key(7), CHUNK).expect_err("cut").kind(), io::ErrorKind::InvalidData);
    assert_eq!(vault.check_blob(blob_of(other), None).expect("checked"), Standing::Damaged);
}

const HASH_LEN: usize = 32;

#[test]
fn damage_in_one_copy_is_mended_and_in_both_too_where_the_good_parts_suffice() {
    let disk = MemoryDisk::new();
    let vault = &mut vault(&disk);
    let size = 2 * CHUNK;
    let with = |vault: &mut Vault| vault.check_blob(blob_of(ENTRY), Some((&key(7), size as u64))).expect("checked");
    keep(vault, ENTRY, &plain(size)).expect("kept");
    assert_eq!(with(vault), Standing::Whole);
    spoil(&disk, &path(FIRST, ENTRY), 100);
    assert_eq!(read(vault, ENTRY, key(7), size).expect("from the mirror"), plain(size));
    assert_eq!(vault.check_blob(blob_of(ENTRY), None).expect("checked"), Standing::Mended);
    assert_eq!(with(vault), Standing::Whole);
    spoil(&disk, &path(FIRST, ENTRY), 100);
    spoil(&disk, &path(SECOND, ENTRY), CHUNK as u64 + 1_000);
    assert_eq!(read(vault, ENTRY, key(7), size).expect("from both"), plain(size));
    assert_eq!(vault.check_blob(blob_of(ENTRY), None).expect("checked"), Standing::Damaged, "nobody without the key");
    assert_eq!(with(vault), Standing::Mended);
    assert_eq!(with(vault), Standing::Whole);
    for copy in [FIRST, SECOND] {
        spoil(&disk, &path(copy, ENTRY), 100);
    }
    assert_eq!(with(vault), Standing::Damaged);
    assert_eq!(vault.check_blob(blob_of(EntryId([9; 32])), None).expect("checked"), Standing::Missing);
}

#[test]
fn an_unlock_gives_a_missing_copy_back_and_takes_away_what_was_never_finished() {
    let disk = MemoryDisk::new();
    let mut before = vault(&disk);
    keep(&mut before, ENTRY, &plain(10)).expect("kept");
    let half = before.stage_document(plain(9).as_slice(), 99, &key(1), &mut |_| {}).expect("kept");
    assert!(half.is_some());
    drop(before);
    disk.remove(&path(SECOND, ENTRY)).expect("removed");
    let vault = unlock(&disk);
    assert!(vault.findings().contains(&Found::Document(blob_of(ENTRY))));
    for copy in [FIRST, SECOND] {
        assert_eq!(disk.list(Path::new(copy)).expect("listed"), [blob_of(ENTRY).to_string()]);
    }
    assert_eq!(read(&vault, ENTRY, key(7), 10).expect("read"), plain(10));
}

#[test]
fn a_strike_reaches_both_copies_and_the_quarantine() {
    let disk = MemoryDisk::new();
    let vault = &mut vault(&disk);
    let other = EntryId([4; 32]);
    keep(vault, ENTRY, &plain(10)).expect("kept");
    keep(vault, other, &plain(10)).expect("kept");
    spoil(&disk, &path(SECOND, ENTRY), 20);
    vault.check_blob(blob_of(ENTRY), None).expect("mended");
    assert_eq!(vault.set_aside().len(), 1);
    vault.destroy(&[ENTRY]).expect("destroyed");
    assert_eq!(vault.blobs().into_iter().collect::<Vec<_>>(), [blob_of(other)]);
    assert_eq!(vault.set_aside(), []);
    assert_eq!(read(vault, other, key(7), 10).expect("read"), plain(10));
}

#[test]
fn a_full_disk_refuses_and_leaves_nothing_behind() {
    let disk = MemoryDisk::new();
    let vault = &mut vault(&disk);
    for after in 0..12 {
        disk.fail_after(after, FaultKind::NoSpace);
        let refused = keep(vault, ENTRY, &plain(3 * CHUNK));
        disk.clear_faults();
        if let Err(error) = refused {
            assert_eq!(error.kind, Kind::Io, "{after}: {error:?}");
            assert!(vault.blobs().is_empty(), "{after}");
        }
    }
    keep(vault, ENTRY, &plain(3 * CHUNK)).expect("there is room again");
    assert_eq!(disk.list(Path::new(FIRST)).expect("listed").len(), 1);
}

#[test]
fn what_was_placed_survives_a_power_cut_at_any_moment_before_and_after() {
    let disk = MemoryDisk::new();
    let mut whole = vault(&disk);
    let before = disk.operations();
    keep(&mut whole, ENTRY, &plain(CHUNK + 1)).expect("kept");
    let steps = disk.operations() - before;
    assert!(steps > 10, "{steps}");
    for at in 0..=steps {
        let disk = MemoryDisk::new();
        let mut cut = vault(&disk);
        disk.crash_at(disk.operations() + at);
        let placed = keep(&mut cut, ENTRY, &plain(CHUNK + 1)).is_ok();
        drop(cut);
        let disk = disk.power_cut(at);
        let mut vault = unlock(&disk);
        let read = read(&vault, ENTRY, key(7), CHUNK + 1);
        assert!(!placed || read.as_ref().is_ok_and(|bytes| *bytes == plain(CHUNK + 1)), "{at}: {read:?}");
        let names = disk.list(Path::new(FIRST)).unwrap_or_default();
        assert!(names.iter().all(|name| name_of(name).is_some()), "{at}: {names:?}");
        // What came half into place is told from what is whole.
        let standing = vault.check_blob(blob_of(ENTRY), None).expect("checked");
        assert!(matches!(standing, Standing::Whole | Standing::Mended | Standing::Missing), "{at}: {standing:?}");
    }
}
