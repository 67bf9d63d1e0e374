//! What was set aside as damaged: it stays for ever unless somebody asks for its end, and a strike reaches into it.
//!
//! A piece of the journal that reads well is cleaned of what was struck. What nobody can look into (rotten bytes, a
//! working store that was damaged) may hold it still, and is named, so that a person can decide.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::domain::ids::EntryId;
use crate::error::Result;
use crate::log::entry;

use super::disk::Disk;
use super::entries::COMMIT;
use super::frame::{self, MAX_PAYLOAD, OVERHEAD};
use super::framelog::Judge as _;
use super::open::{Vault, disk_error};
use super::record::{Kept, Record};

/// The folder in the vault.
const FOLDER: &str = "quarantine";
/// Larger pieces are not looked into.
const MAX_PIECE: u64 = (MAX_PAYLOAD + OVERHEAD + (1 << 20)) as u64;
/// How deep folders are followed, and how many files are listed: mahoe makes far fewer.
const BOUNDS: (usize, usize) = (6, 100_000);

/// A file that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it lies, from the vault's folder on.
    pub path: PathBuf,
    /// How long it is, in bytes.
    pub bytes: u64,
}

impl Vault {
    /// Everything that was set aside, sorted.
    pub fn set_aside(&self) -> Vec<SetAside> {
        let mut files = Vec::new();
        walk(self.disk.as_ref(), &self.root.join(FOLDER), 0, &mut files);
        files.sort();
        let length = |path: &Path| self.disk.open_read(path).and_then(|file| file.len()).unwrap_or(0);
        let inside = |path: &PathBuf| path.strip_prefix(&self.root).unwrap_or(path).to_path_buf();
        files.iter().map(|path| SetAside { path: inside(path), bytes: length(path) }).collect()
    }

    /// Overwrites and removes everything that was set aside; how many files. Only because a person asked for it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Io`] at the first file that the disk keeps; those before are gone.
    pub fn empty_quarantine(&mut self) -> Result<usize> {
        let top = self.root.join(FOLDER);
        let mut files = Vec::new();
        walk(self.disk.as_ref(), &top, 0, &mut files);
        let mut folders = HashSet::new();
        for path in &files {
            wipe(self.disk.as_ref(), path).map_err(|error| disk_error("remove what was set aside", &error))?;
            folders.extend(path.ancestors().skip(1).take_while(|folder| folder.starts_with(&top)));
        }
        let mut folders: Vec<_> = folders.into_iter().collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        for folder in folders {
            // One that holds what is not ours stays.
            let _ = self.disk.remove_folder(folder);
        }
        Ok(files.len())
    }

    /// Destroys the bodies of these entries in the pieces of the journal that were set aside. Gives back the files that
    /// may hold them still, from the vault's folder on.
    pub(super) fn strike_set_aside(&mut self, ids: &HashSet<EntryId>) -> Vec<PathBuf> {
        let all: Vec<PathBuf> = self.set_aside().into_iter().map(|file| file.path).collect();
        all.into_iter().filter(|path| holds_entries(path) && !self.clean(path, ids)).collect()
    }

    /// True if nothing of the entries is left in a file that was set aside.
    fn clean(&mut self, path: &Path, ids: &HashSet<EntryId>) -> bool {
        let path = self.root.join(path);
        let Ok(mut bytes) = self.disk.read(&path, MAX_PIECE) else { return false };
        let (mut changed, mut rest) = (false, bytes.clone());
        for view in frame::scan(&bytes).frames {
            let frame = view.frame(&bytes);
            // Another's frame tells nothing of what it holds.
            let Some(mut records) = (frame.kind == COMMIT && self.judge().is_ours(&view, &frame.payload))
                .then(|| self.open_frame(&frame).ok())
                .flatten()
            else {
                continue;
            };
            let place = view.offset..view.offset + view.len;
            rest[place.clone()].fill(0);
            let struck =
                |record: &Record| record.body != Kept::Destroyed && ids.contains(&entry::id_of(&record.header));
            if !records.iter().any(struck) {
                continue;
            }
            records.iter_mut().filter(|record| struck(record)).for_each(|record| record.body = Kept::Destroyed);
            let (mut new, key) = (Vec::new(), self.epoch());
            frame::encode(frame.kind, frame.arrival, key, &view.previous, &self.seal_frame(&records), &mut new);
            // A body less: it is shorter than it was.
            new.resize(view.len, 0);
            bytes[place].copy_from_slice(&new);
            changed = true;
        }
        let written = !changed || overwrite(self.disk.as_ref(), &path, &bytes).is_ok();
        written && rest.iter().all(|byte| *byte == 0)
    }
}

/// True for files of the kind that entries lie in: pieces of the journal, and working stores. Keys, drafts and settings
/// hold none.
fn holds_entries(path: &Path) -> bool {
    let names = path.iter().filter_map(|name| name.to_str());
    names.skip(2).any(|name| name == "journal" || name.starts_with("store-"))
}

fn walk(disk: &dyn Disk, folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let (deepest, most) = BOUNDS;
    for name in disk.list(folder).unwrap_or_default() {
        let path = folder.join(name);
        if files.len() >= most {
            return;
        }
        if disk.list(&path).is_err() {
            files.push(path);
        } else if depth < deepest {
            walk(disk, &path, depth + 1, files);
        }
    }
}

fn overwrite(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = disk.open(path)?;
    file.write_at(0, bytes)?;
    file.sync_data()
}

/// Where the disk writes in place, nothing can be dug up afterwards.
pub(super) fn wipe(disk: &dyn Disk, path: &Path) -> std::io::Result<()> {
    const CHUNK: u64 = 1 << 20;
    let zeros = vec![0; 1 << 20];
    let mut file = disk.open(path)?;
    let len = file.len()?;
    for start in (0..len).step_by(1 << 20) {
        let rest = usize::try_from((len - start).min(CHUNK)).unwrap_or(0);
        file.write_at(start, &zeros[..rest])?;
    }
    file.sync_data()?;
    drop(file);
    disk.remove(path)?;
    path.parent().map_or(Ok(()), |folder| disk.sync_folder(folder))
}
