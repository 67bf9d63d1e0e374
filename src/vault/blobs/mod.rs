//! Documents in the vault: each is sealed under a key of its own, which only the entry that names it holds, and lies in two
//! copies.
//!
//! A document's bytes are durable before its entry is. They are found by that entry's id, which the whole team knows, so that
//! a strike destroys them in copies whose participants never could read them, and what a crash left without an entry is
//! told from everything else. Nothing in here knows what a document is about. docs/formats/vault.md, "Documents".

mod sealed;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::ids::{BlobId, EntryId};
use crate::error::{AppError, Kind, Result};

use super::disk::{Disk, DiskFile};
use super::framelog::{LogError, ballast};
use super::open::{Found, Vault, disk_error, set_aside};
use super::quarantine::wipe;
use super::seal::SecretKey32;
use sealed::Bytes;

pub use sealed::{CHUNK, MAX_BLOB, MAX_DOCUMENT, sealed_length};

/// The folder in the vault, and in the mirror.
const FOLDER: &str = "blobs";
/// What the names of files begin with whose entry is not there yet.
const STAGED: &str = "new-";

/// The name under which the document lies that an entry brings.
pub fn blob_of(entry: EntryId) -> BlobId {
    let mut hasher = blake3::Hasher::new_derive_key("mahoe blob names v1");
    hasher.update(entry.bytes());
    BlobId(*hasher.finalize().as_bytes())
}

/// Sealed bytes that are durable in both copies and belong to no entry yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged(String);

/// How a blob's two copies stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Both are as they were written.
    Whole,
    /// One was missing or damaged, and was made whole from the other, or both were from each other's good parts.
    Mended,
    /// It can't be made whole.
    Damaged,
    /// There is no copy.
    Missing,
}

/// Two files that are written alike.
struct Pair {
    files: [Box<dyn DiskFile>; 2],
    at: u64,
}

impl Pair {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.files.iter_mut().try_for_each(|file| file.write_at(self.at, bytes))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn sync(mut self) -> io::Result<()> {
        self.files.iter_mut().try_for_each(|file| file.sync_data())
    }
}

/// A pair that a blob is written to; what is beyond the largest blob is not kept.
struct Sink {
    pair: Pair,
    check: sealed::Check,
    /// Why the disk refused, if it did.
    failed: Option<io::Error>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check.update(bytes);
        if self.check.bytes() <= MAX_BLOB
            && let Err(error) = self.pair.put(bytes)
        {
            let kind = error.kind();
            self.failed = Some(error);
            return Err(kind.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A whole copy of a blob, which can be read more than once.
pub struct BlobFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// How many bytes it has.
    pub size: u64,
}

impl BlobFile {
    /// Begins at the first byte.
    ///
    /// # Errors
    /// As the disk gives them.
    pub fn open(&self) -> io::Result<impl Read + use<>> {
        Ok(Bytes { file: self.disk.open_read(&self.path)?, at: 0 })
    }
}

impl Vault {
    fn blob_folders(&self) -> [PathBuf; 2] {
        [self.root.join(FOLDER), self.mirror.join(FOLDER)]
    }

    fn blob_paths(&self, name: &str) -> [PathBuf; 2] {
        self.blob_folders().map(|folder| folder.join(name))
    }

    /// Seals a document of at most `limit` bytes, durably, until an entry names it; how many bytes it has. `hear` is given
    /// its plain text piece by piece. `None` if it is empty or larger: then nothing of it is kept.
    ///
    /// # Errors
    /// [`Kind::Io`] if it can't be read or the disk refuses; nothing of it is kept then.
    pub fn stage_document(
        &mut self,
        mut source: impl Read,
        limit: u64,
        key: &SecretKey32,
        hear: &mut dyn FnMut(&[u8]),
    ) -> Result<Option<(Staged, u64)>> {
        let (staged, mut pair) = self.begin_staged()?;
        let size = sealed::write(&mut source, limit, key, self.entropy.as_mut(), hear, &mut |bytes| pair.put(bytes));
        let size = size.and_then(|size| pair.sync().map(|()| size));
        self.end_staged(staged, size)
    }

    /// Keeps a blob as `give` writes it, durably, until it is placed. `None` if it is not whole: then nothing of it is kept.
    ///
    /// # Errors
    /// As `give`'s; [`Kind::Io`] if the disk refuses. Nothing is kept then.
    pub fn stage_blob(&mut self, give: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>) -> Result<Option<Staged>> {
        let (staged, pair) = self.begin_staged()?;
        let mut sink = Sink { pair, check: sealed::Check::default(), failed: None };
        let given = give(&mut sink);
        let Sink { pair, check, failed } = sink;
        if let (Err(error), None) = (given, &failed) {
            self.drop_staged(&staged);
            return Err(error);
        }
        let whole = failed.map_or(Ok(()), Err).and_then(|()| pair.sync());
        let whole = whole.map(|()| (check.bytes() <= MAX_BLOB && check.is_whole()).then_some(()));
        Ok(self.end_staged(staged, whole)?.map(|(staged, ())| staged))
    }

    /// What is staged, opened: a document of `size` bytes.
    pub fn read_staged(&self, staged: &Staged, key: SecretKey32, size: u64) -> impl Read + use<> {
        let files = self.blob_paths(&staged.0);
        let files = files.iter().filter_map(|path| self.disk.open_read(path).ok());
        sealed::Plain::new(files.collect(), key, size)
    }

    fn begin_staged(&mut self) -> Result<(Staged, Pair)> {
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let staged = Staged(format!("{STAGED}{:032x}", u128::from_be_bytes(random)));
        let pair = self.open_pair(&staged.0).map_err(|error| self.refused_blob(&error));
        if pair.is_err() {
            self.drop_staged(&staged);
        }
        Ok((staged, pair?))
    }

    fn open_pair(&self, name: &str) -> io::Result<Pair> {
        let [first, second] = self.blob_paths(name);
        for folder in self.blob_folders() {
            self.disk.create_folder_durably(&folder)?;
        }
        let open = |path: &Path| {
            let mut file = self.disk.open(path)?;
            file.set_len(0).map(|()| file)
        };
        Ok(Pair { files: [open(&first)?, open(&second)?], at: 0 })
    }

    fn end_staged<T>(&self, staged: Staged, written: io::Result<Option<T>>) -> Result<Option<(Staged, T)>> {
        match written {
            Ok(Some(told)) => return Ok(Some((staged, told))),
            Ok(None) => self.drop_staged(&staged),
            Err(error) => {
                self.drop_staged(&staged);
                return Err(self.refused_blob(&error));
            }
        }
        Ok(None)
    }

    /// Forgets what was staged.
    pub fn drop_staged(&self, staged: &Staged) {
        for path in self.blob_paths(&staged.0) {
            // What stays is sealed under a key that nobody has, and goes at the next unlock.
            let _ = self.disk.remove(&path);
        }
    }

    /// Gives staged bytes the name under which their entry finds them. When this returns they would survive a power cut.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn place_blob(&mut self, staged: &Staged, blob: BlobId) -> Result<()> {
        let (from, to) = (self.blob_paths(&staged.0), self.blob_paths(&blob.to_string()));
        let moved = from.iter().zip(&to).try_for_each(|(from, to)| self.disk.rename(from, to));
        let synced =
            moved.and_then(|()| self.blob_folders().iter().try_for_each(|folder| self.disk.sync_folder(folder)));
        synced.map_err(|error| self.refused_blob(&error))
    }

    /// Takes a blob away whose entry did not come to be.
    pub fn drop_blob(&self, blob: BlobId) {
        for path in self.blob_paths(&blob.to_string()) {
            // What stays is sealed under a key that nobody has, and is set aside at the next unlock.
            let _ = self.disk.remove(&path);
        }
    }

    fn refused_blob(&self, error: &io::Error) -> AppError {
        if error.kind() == io::ErrorKind::StorageFull {
            // If even removing fails, there is nothing more to give.
            let _ = ballast::free(self.disk.as_ref(), &self.root);
            return LogError::Full.into();
        }
        disk_error("keep the document", error)
    }

    /// Every blob of which there is a copy.
    pub fn blobs(&self) -> BTreeSet<BlobId> {
        let names = self.blob_folders().map(|folder| self.disk.list(&folder).unwrap_or_default());
        names.iter().flatten().filter_map(|name| name_of(name)).collect()
    }

    /// How many bytes the sealed documents have in one copy, all together.
    pub fn blobs_size(&self) -> u64 {
        self.blobs().into_iter().map(|blob| self.blob_size(blob)).sum()
    }

    /// How many bytes a sealed document has; 0 if there is no copy.
    pub fn blob_size(&self, blob: BlobId) -> u64 {
        let length = |path: &PathBuf| self.disk.open_read(path).and_then(|file| file.len()).ok();
        self.blob_paths(&blob.to_string()).iter().find_map(length).unwrap_or(0)
    }

    fn copies_of(&self, blob: BlobId) -> Vec<Box<dyn DiskFile>> {
        self.blob_paths(&blob.to_string()).iter().filter_map(|path| self.disk.open_read(path).ok()).collect()
    }

    /// A document of `size` bytes, to be read from its beginning. Each part comes from whichever copy of it opens; an error
    /// of the kind `InvalidData` says that none does, `NotFound` that there is no copy.
    pub fn read_document(&self, blob: BlobId, key: SecretKey32, size: u64) -> impl Read + use<> {
        sealed::Plain::new(self.copies_of(blob), key, size)
    }

    /// A blob as it is sealed, from a whole copy; `None` if there is none.
    pub fn sealed_blob(&self, blob: BlobId) -> Option<BlobFile> {
        let paths = self.blob_paths(&blob.to_string());
        let whole = |path: &PathBuf| sealed::whole(self.disk.open_read(path).ok()?)?.len().ok();
        let (path, size) = paths.into_iter().find_map(|path| whole(&path).map(|size| (path, size)))?;
        Some(BlobFile { disk: Arc::clone(&self.disk), path, size })
    }

    /// Reads both copies of a blob, and makes whole what can be; with the key and the size of the document also where each
    /// copy is damaged in another place.
    ///
    /// # Errors
    /// [`Kind::Io`] if a copy can't be written anew.
    pub fn check_blob(&mut self, blob: BlobId, with: Option<(&SecretKey32, u64)>) -> Result<Standing> {
        let paths = self.blob_paths(&blob.to_string());
        let there = paths.each_ref().map(|path| self.disk.exists(path));
        let whole = paths.each_ref().map(|path| self.disk.open_read(path).ok().and_then(sealed::whole).is_some());
        let source = match (whole, with) {
            ([true, true], _) => return Ok(Standing::Whole),
            ([false, false], _) if there == [false, false] => return Ok(Standing::Missing),
            ([false, false], None) => return Ok(Standing::Damaged),
            ([false, false], Some(_)) => None,
            _ => self.sealed_blob(blob),
        };
        let staged = match (source, with) {
            (Some(source), _) => self.stage_blob(|out| {
                let copied = source.open().and_then(|mut bytes| io::copy(&mut bytes, out));
                copied.map(drop).map_err(|error| disk_error("read the document", &error))
            })?,
            (None, Some((key, size))) => self.mend(blob, key, size)?,
            (None, None) => None,
        };
        let Some(staged) = staged else { return Ok(Standing::Damaged) };
        for (path, whole) in paths.iter().zip(whole) {
            if !whole {
                set_aside(self.disk.as_ref(), path, &self.quarantine.join(FOLDER));
            }
        }
        self.place_blob(&staged, blob)?;
        self.findings.push(Found::Document(blob));
        Ok(Standing::Mended)
    }

    /// What the good parts of both copies make together.
    fn mend(&mut self, blob: BlobId, key: &SecretKey32, size: u64) -> Result<Option<Staged>> {
        let (staged, mut pair) = self.begin_staged()?;
        let plain = sealed::Plain::new(self.copies_of(blob), key.duplicate(), size);
        let mended = match plain.mend(&mut |bytes| pair.put(bytes)) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            other => other.and_then(|()| pair.sync()).map(Some),
        };
        Ok(self.end_staged(staged, mended)?.map(|(staged, ())| staged))
    }

    /// At unlock: gives each blob back the copy that it lacks, and takes away what was never finished. Contents are compared
    /// only where the two copies differ in length.
    pub(super) fn level_blobs(&mut self) {
        let [first, second] = self.blob_folders().map(|folder| self.disk.list(&folder).unwrap_or_default());
        for name in first.iter().chain(&second).filter(|name| name.starts_with(STAGED)) {
            self.drop_staged(&Staged(name.clone()));
        }
        let all: BTreeSet<BlobId> = first.iter().chain(&second).filter_map(|name| name_of(name)).collect();
        for blob in all {
            let length = |path: &PathBuf| self.disk.open_read(path).and_then(|file| file.len()).ok();
            let [first, second] = self.blob_paths(&blob.to_string()).each_ref().map(length);
            if first != second || first.is_none() {
                // A disk that is full hinders no unlock: `vault verify` tries again.
                let _ = self.check_blob(blob, None);
            }
        }
    }

    /// Moves blobs that no entry names into the quarantine.
    pub fn set_blobs_aside(&mut self, blobs: &[BlobId]) {
        for blob in blobs {
            for path in self.blob_paths(&blob.to_string()) {
                set_aside(self.disk.as_ref(), &path, &self.quarantine.join(FOLDER));
            }
        }
        if !blobs.is_empty() {
            self.findings.push(Found::DocumentsAside(blobs.len()));
        }
    }

    /// Destroys what these entries brought, in both copies and in the quarantine.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk keeps a file.
    pub(super) fn wipe_blobs(&mut self, entries: &HashSet<EntryId>) -> Result<()> {
        let blobs = self.blobs();
        let names: HashSet<String> = entries.iter().map(|entry| blob_of(*entry).to_string()).collect();
        let mut doomed: Vec<PathBuf> = blobs
            .iter()
            .map(ToString::to_string)
            .filter(|name| names.contains(name))
            .flat_map(|name| self.blob_paths(&name))
            .filter(|path| self.disk.exists(path))
            .collect();
        let aside = self.set_aside().into_iter().map(|file| file.path);
        let named = |path: &PathBuf| {
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // A name that was taken got a number behind it.
            names.contains(file.split('.').next().unwrap_or_default())
        };
        doomed.extend(aside.filter(named).map(|path| self.root.join(path)));
        let gone = doomed.iter().try_for_each(|path| wipe(self.disk.as_ref(), path));
        gone.map_err(|error| disk_error("destroy a document", &error))
    }
}

/// The blob that a file is; `None` for what is not ours.
fn name_of(name: &str) -> Option<BlobId> {
    BlobId::from_hex(name).filter(|blob| blob.to_string() == name)
}

/// What is said of a document that can't be read in any copy.
pub fn unreadable(error: &io::Error) -> AppError {
    if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::NotFound) {
        let what = if error.kind() == io::ErrorKind::NotFound {
            "is in no copy of this vault"
        } else {
            "is damaged in both copies"
        };
        return AppError::new(
            Kind::Damaged,
            format!("The file of this document {what}."),
            "Fetch it from another of your team's devices (mahoe device sync), from a backup, or ask whoever sent it to send the case again.",
        );
    }
    disk_error("read the document", error)
}
