//! What every disk must do, run on both; and what only the memory disk can: lose power.

use std::path::{Path, PathBuf};

use super::*;

fn behaves(disk: &dyn Disk, root: &Path) {
    files_keep_what_is_written(disk, &root.join("a/b"));
    names_move_and_go(disk, &root.join("names"));
    limits_hold(disk, &root.join("limits"));
}

fn files_keep_what_is_written(disk: &dyn Disk, folder: &Path) {
    let path = folder.join("file");
    assert_eq!(disk.open(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    disk.create_folder_durably(folder).unwrap();
    disk.create_folder(folder).unwrap();
    assert_eq!(disk.open_read(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    let mut file = disk.open(&path).unwrap();
    assert!(file.is_empty().unwrap());
    file.write_at(4, b"data").unwrap();
    assert_eq!(file.read_at(0, 100).unwrap(), b"\0\0\0\0data");
    file.write_at(2, b"xx").unwrap();
    file.set_len(6).unwrap();
    file.set_len(8).unwrap();
    file.sync_data().unwrap();
    drop(file);
    let mut file = disk.open(&path).unwrap();
    assert_eq!(file.read_at(1, 4).unwrap(), b"\0xxd");
    assert_eq!(file.read_at(6, 9).unwrap(), b"\0\0");
    assert_eq!(file.read_at(100, 9).unwrap(), b"");
    let mut reader = disk.open_read(&path).unwrap();
    assert_eq!(reader.len().unwrap(), 8);
    assert_eq!(reader.read_at(2, 2).unwrap(), b"xx");
    assert!(reader.write_at(0, b"no").is_err());
}

fn names_move_and_go(disk: &dyn Disk, folder: &Path) {
    disk.create_folder_durably(folder).unwrap();
    disk.write_atomic(&folder.join("one"), b"1").unwrap();
    disk.write_atomic(&folder.join("two"), b"2").unwrap();
    disk.write_atomic(&folder.join("two"), b"22").unwrap();
    assert_eq!(disk.list(folder).unwrap(), ["one", "two"]);
    disk.rename(&folder.join("one"), &folder.join("two")).unwrap();
    assert_eq!(disk.read(&folder.join("two"), 10).unwrap(), b"1");
    assert!(disk.rename(&folder.join("one"), &folder.join("three")).is_err());
    disk.create_folder(&folder.join("inner")).unwrap();
    disk.write_atomic(&folder.join("inner/file"), b"i").unwrap();
    disk.rename(&folder.join("inner"), &folder.join("moved")).unwrap();
    assert_eq!(disk.read(&folder.join("moved/file"), 10).unwrap(), b"i");
    assert_eq!(disk.list(folder).unwrap(), ["moved", "two"]);
    disk.remove(&folder.join("two")).unwrap();
    disk.remove(&folder.join("two")).unwrap();
    assert!(!disk.exists(&folder.join("two")) && disk.exists(&folder.join("moved")));
    assert!(disk.list(&folder.join("nowhere")).is_err());
    disk.sync_folder(folder).unwrap();
}

fn limits_hold(disk: &dyn Disk, folder: &Path) {
    disk.create_folder_durably(folder).unwrap();
    let path = folder.join("file");
    disk.write_atomic(&path, &[1; 100]).unwrap();
    assert_eq!(disk.read(&path, 100).unwrap().len(), 100);
    assert_eq!(disk.read(&path, 99).unwrap_err().kind(), io::ErrorKind::InvalidData);
    assert_eq!(disk.read(&folder.join("none"), 9).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn the_real_disk_behaves() {
    let folder = tempfile::tempdir().unwrap();
    behaves(&RealDisk, folder.path());
}

#[test]
fn the_memory_disk_behaves() {
    behaves(&MemoryDisk::new(), Path::new("/vault"));
}

#[test]
fn a_power_cut_drops_what_was_not_synced() {
    let (disk, path) = (MemoryDisk::new(), PathBuf::from("/v/file"));
    disk.create_folder_durably(Path::new("/v")).unwrap();
    let mut file = disk.open(&path).unwrap();
    file.write_at(0, b"kept").unwrap();
    file.sync_data().unwrap();
    assert!(!disk.power_cut(0).exists(&path), "its name was not synced");
    disk.sync_folder(Path::new("/v")).unwrap();
    file.write_at(0, b"lost").unwrap();
    assert_eq!(disk.power_cut(0).read(&path, 9).unwrap(), b"kept");
    assert_eq!(disk.power_cut(1).read(&path, 9).unwrap(), b"lost");
    let seen: std::collections::BTreeSet<_> =
        (0..64).map(|seed| disk.power_cut(seed).read(&path, 9).unwrap()).collect();
    assert_eq!(seen.len(), 2, "one sector is never torn");
}

#[test]
fn an_atomic_write_is_old_or_new_after_any_power_cut() {
    for operation in 0..12 {
        for seed in 0..32 {
            let (disk, path) = (MemoryDisk::new(), PathBuf::from("/v/file"));
            disk.create_folder_durably(Path::new("/v")).unwrap();
            disk.write_atomic(&path, &[1; 2000]).unwrap();
            disk.crash_at(disk.operations() + operation);
            let result = disk.write_atomic(&path, &[2; 3000]);
            let bytes = disk.power_cut(seed).read(&path, 9999).unwrap();
            assert!(bytes == [2; 3000] || (bytes == [1; 2000] && result.is_err()), "{operation} {seed}");
        }
    }
}

#[test]
fn faults_come_when_told() {
    let disk = MemoryDisk::new();
    disk.create_folder_durably(Path::new("/v")).unwrap();
    let mut file = disk.open(Path::new("/v/file")).unwrap();
    disk.fail_after(0, FaultKind::ShortWrite);
    assert!(file.write_at(0, b"1234").is_err());
    assert_eq!(file.read_at(0, 9).unwrap(), b"12");
    disk.fail_after(0, FaultKind::ReadError);
    assert!(file.read_at(0, 9).is_err());
    disk.fail_after(0, FaultKind::SyncFails);
    assert!(file.sync_data().is_err());
    file.sync_data().unwrap();
    disk.sync_folder(Path::new("/v")).unwrap();
    assert_eq!(disk.power_cut(1).read(Path::new("/v/file"), 9).unwrap(), b"", "a failed sync loses its pages for good");
    disk.set_capacity(Some(4));
    assert_eq!(file.write_at(0, b"123456").unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(file.read_at(0, 9).unwrap(), b"1234");
    disk.set_capacity(None);
    disk.fail_after(1, FaultKind::NoSpace);
    file.write_at(0, b"12345").unwrap();
    assert_eq!(file.write_at(0, b"123456").unwrap_err().kind(), io::ErrorKind::StorageFull);
    disk.clear_faults();
    file.write_at(0, b"123456").unwrap();
}
