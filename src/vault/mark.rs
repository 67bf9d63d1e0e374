//! This computer's own mark of a vault, outside of it: which device signs here, and how far the journal had come.
//!
//! A backup that was put back, or a folder that was copied to another place or computer, holds the same key file as the
//! original, and both would go on with the same chains. What the folder holds can't show that; what this computer
//! remembers can. A mark that is missing, old or spoilt costs a new device and nothing else, so it is neither sealed nor
//! synced. It names no person: a file with a hashed name, the device's id, and the newest record's number and hash.
//! docs/formats/vault.md, "Marks".

use std::path::{Path, PathBuf};

use crate::domain::ids::{DeviceId, EntryId, ItemId, VaultId};

use super::disk::Disk;
use super::framelog::FrameLog;

const TITLE: &str = "mahoe mark 1";
const CONTEXT: &str = "mahoe mark name v1";
/// Largest file that is looked at, in bytes.
const MAX_FILE: u64 = 512;

/// What this computer remembers of one participant in one folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The device that signs here.
    pub device: DeviceId,
    /// The newest record that was seen here: its number and its hash.
    pub newest: (u64, [u8; 32]),
}

/// Where the mark of a participant in a folder lies: its name tells neither.
pub(super) fn path(marks: &Path, vault: VaultId, root: &Path, member: ItemId) -> PathBuf {
    // The same folder by another way is the same; one that can't be found out goes by its name.
    let place = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(vault.bytes()).update(member.bytes()).update(place.as_os_str().as_encoded_bytes());
    marks.join(format!("{}.mark", &hasher.finalize().to_hex()[..32]))
}

impl Mark {
    /// Reads a mark; `None` if there is none that can be believed.
    pub fn read(disk: &dyn Disk, path: &Path) -> Option<Self> {
        let text = String::from_utf8(disk.read(path, MAX_FILE).ok()?).ok()?;
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let mark = (lines.next()? == TITLE).then(|| {
            let device = DeviceId::from_hex(lines.next()?.strip_prefix("device ")?)?;
            let arrival = lines.next()?.strip_prefix("record ")?.parse().ok()?;
            // Any 32 bytes in hex.
            let hash = EntryId::from_hex(lines.next()?.strip_prefix("hash ")?)?;
            Some(Self { device, newest: (arrival, hash.0) })
        })?;
        mark.filter(|mark| mark.text() == text)
    }

    /// Leaves a mark. Nothing is synced: an old one is found out.
    pub fn write(&self, disk: &dyn Disk, path: &Path) -> std::io::Result<()> {
        put(disk, path, self.text().as_bytes())
    }

    fn text(&self) -> String {
        let (arrival, hash) = self.newest;
        format!("{TITLE}\ndevice {}\nrecord {arrival}\nhash {}\n", self.device, EntryId(hash))
    }

    /// True if the journal holds what was seen here: it may have gone on since, but it is no older copy.
    pub fn is_in(&self, journal: &FrameLog) -> bool {
        let (arrival, hash) = self.newest;
        match journal.last() {
            Some((last, newest)) if last == arrival => newest == hash,
            Some((last, _)) if last > arrival => {
                let frame = journal.frames_from(arrival).next();
                matches!(frame, Some(Ok(frame)) if (frame.arrival, frame.hash) == (arrival, hash))
            }
            _ => false,
        }
    }
}

/// Takes what a mark says back, so that nothing is believed until a new one is left. False if this computer keeps no
/// marks, because it has no place to write them.
pub(super) fn clear(disk: &dyn Disk, path: &Path) -> bool {
    put(disk, path, b"").is_ok()
}

fn put(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !disk.exists(folder)) {
        disk.create_folder(folder)?;
    }
    let mut file = disk.open(path)?;
    file.set_len(bytes.len() as u64)?;
    file.write_at(0, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::disk::MemoryDisk;

    #[test]
    fn a_mark_is_read_back_and_anything_else_is_none() {
        let disk = MemoryDisk::new();
        let at = path(Path::new("/state"), VaultId([1; 16]), Path::new("/no/such/vault"), ItemId([2; 16]));
        assert_ne!(at, path(Path::new("/state"), VaultId([1; 16]), Path::new("/no/such/copy"), ItemId([2; 16])));
        assert_eq!(Mark::read(&disk, &at), None);
        let mark = Mark { device: DeviceId([3; 32]), newest: (77, [4; 32]) };
        mark.write(&disk, &at).expect("written");
        assert_eq!(Mark::read(&disk, &at), Some(mark));
        let text = String::from_utf8(disk.read(&at, 512).expect("there")).expect("text");
        for bad in ["", "\n", &text[..text.len() - 1], &text.replace("mark 1", "mark 2"), &text.replace("77", "077")] {
            put(&disk, &at, bad.as_bytes()).expect("written");
            assert_eq!(Mark::read(&disk, &at), None, "{bad:?}");
        }
        mark.write(&disk, &at).expect("written");
        assert!(clear(&disk, &at));
        assert_eq!(Mark::read(&disk, &at), None);
    }
}
