//! The post: bundles that wait to be carried (`outbox/`) and bundles that came (`inbox/`).
//!
//! They are sealed to their receiver, so that they lie here as they travel. Nothing in here knows what is inside.

use std::io::{self, Read};
use std::path::PathBuf;

use crate::error::{AppError, Kind, Result};

use super::disk::DiskFile;
use super::keys::identity::Signer;
use super::open::{Vault, disk_error};
use super::seal::Entropy;

/// The largest bundle, in bytes (docs/formats/bundle.md, "The age file").
pub const MAX_BUNDLE: u64 = 4 << 30;
/// The largest bundle that is read into memory as a whole, in bytes: our own, and syncs, which have no documents.
pub const MAX_WHOLE: u64 = 1 << 30;
/// Bytes that are copied or read at once.
const PIECE: usize = 256 << 10;
/// What an arriving bundle is called until all of it is here.
const ARRIVING: &str = "arriving.new";

/// One of the two trays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tray {
    /// What came and was not taken in yet.
    Inbox,
    /// What waits to be carried.
    Outbox,
}

impl Tray {
    const fn name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Outbox => "outbox",
        }
    }
}

impl Vault {
    /// Does something with this participant's device signer and the vault's randomness.
    pub fn with_signer<T>(&mut self, work: impl FnOnce(&Signer, &mut dyn Entropy) -> T) -> T {
        work(self.participant.device(), self.entropy.as_mut())
    }

    /// Keeps a bundle under a name of ours, durably.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn keep_bundle(&self, tray: Tray, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.tray_path(tray, name)?;
        let folder = path.parent().unwrap_or(&self.root);
        self.disk
            .create_folder_durably(folder)
            .and_then(|()| self.disk.write_atomic(&path, bytes))
            .map_err(|error| disk_error("keep the bundle", &error))
    }

    /// Copies what arrives into the inbox, durably, under the hash of its bytes, and returns that name. `None`, and nothing
    /// is kept, if it has more than `limit` bytes or `wanted` doesn't want what has this hash. It is never held in memory.
    ///
    /// # Errors
    /// [`Kind::Io`] if it can't be read or the disk refuses; nothing is kept then.
    pub fn keep_arriving(
        &self,
        file: impl Read,
        limit: u64,
        wanted: impl FnOnce([u8; 32]) -> bool,
    ) -> Result<Option<String>> {
        let folder = self.root.join(Tray::Inbox.name());
        let arriving = folder.join(ARRIVING);
        let copied = self.disk.create_folder_durably(&folder).and_then(|()| {
            let mut out = self.disk.open(&arriving)?;
            out.set_len(0)?;
            let hash = copy(file, limit, out.as_mut())?.filter(|hash| wanted(*hash));
            out.sync_data()?;
            drop(out);
            let Some(hash) = hash else { return Ok(None) };
            let name = format!("{}.mahoe", blake3::Hash::from_bytes(hash).to_hex());
            self.disk.rename(&arriving, &folder.join(&name))?;
            self.disk.sync_folder(&folder)?;
            Ok(Some(name))
        });
        if !matches!(copied, Ok(Some(_))) {
            let _ = self.disk.remove(&arriving);
        }
        copied.map_err(|error| disk_error("keep the bundle", &error))
    }

    /// The names in a tray, sorted. A half-written file is none of them.
    pub fn bundles(&self, tray: Tray) -> Vec<String> {
        let names = self.disk.list(&self.root.join(tray.name())).unwrap_or_default();
        names.into_iter().filter(|name| is_name(name)).collect()
    }

    /// A bundle of a tray, of at most [`MAX_WHOLE`] bytes.
    ///
    /// # Errors
    /// [`Kind::Io`] if it is not there, too large, or can't be read.
    pub fn bundle(&self, tray: Tray, name: &str) -> Result<Vec<u8>> {
        let path = self.tray_path(tray, name)?;
        self.disk.read(&path, MAX_WHOLE).map_err(|error| disk_error("read the bundle", &error))
    }

    /// A bundle of a tray, to be read piece by piece, and its size in bytes.
    ///
    /// # Errors
    /// [`Kind::Io`] if it is not there.
    pub fn read_bundle(&self, tray: Tray, name: &str) -> Result<(impl Read + use<>, u64)> {
        let path = self.tray_path(tray, name)?;
        let opened = self.disk.open_read(&path).and_then(|file| file.len().map(|size| (file, size)));
        let (file, size) = opened.map_err(|error| disk_error("read the bundle", &error))?;
        Ok((Pieces { file, at: 0, piece: Vec::new(), given: 0 }, size))
    }

    /// The size of a bundle of a tray, in bytes.
    ///
    /// # Errors
    /// [`Kind::Io`] if it is not there.
    pub fn bundle_size(&self, tray: Tray, name: &str) -> Result<u64> {
        let path = self.tray_path(tray, name)?;
        let size = self.disk.open_read(&path).and_then(|file| file.len());
        size.map_err(|error| disk_error("read the bundle", &error))
    }

    /// Takes a bundle out of a tray; fine if it is not there.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn drop_bundle(&self, tray: Tray, name: &str) -> Result<()> {
        let path = self.tray_path(tray, name)?;
        self.disk.remove(&path).map_err(|error| disk_error("take the bundle away", &error))
    }

    fn tray_path(&self, tray: Tray, name: &str) -> Result<PathBuf> {
        if is_name(name) {
            return Ok(self.root.join(tray.name()).join(name));
        }
        Err(AppError::new(Kind::Io, "That is no name of a bundle.", "Choose one from the list."))
    }
}

/// Copies up to `limit` bytes; their BLAKE3, or `None` if there are more.
fn copy(mut file: impl Read, limit: u64, out: &mut dyn DiskFile) -> io::Result<Option<[u8; 32]>> {
    let mut piece = vec![0; PIECE];
    let mut hash = blake3::Hasher::new();
    let mut at = 0;
    loop {
        let count = match file.read(&mut piece) {
            Ok(0) => return Ok(Some(*hash.finalize().as_bytes())),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if at + count as u64 > limit {
            return Ok(None);
        }
        hash.update(&piece[..count]);
        out.write_at(at, &piece[..count])?;
        at += count as u64;
    }
}

/// A file that is read from its beginning to its end, piece by piece.
struct Pieces {
    file: Box<dyn DiskFile>,
    at: u64,
    piece: Vec<u8>,
    given: usize,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() {
            self.piece = self.file.read_at(self.at, PIECE)?;
            self.at += self.piece.len() as u64;
            self.given = 0;
        }
        let rest = &self.piece[self.given..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// `<letters, digits, hyphens>.mahoe`: no path, no hidden file, nothing half-written.
fn is_name(name: &str) -> bool {
    name.strip_suffix(".mahoe").is_some_and(|stem| {
        (1..=80).contains(&stem.len()) && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_lead_nowhere_else() {
        assert!(is_name("0a1b.mahoe") && is_name("to-JM-05-0a1b.mahoe"));
        for name in
            ["", ".mahoe", "a.mahoe.new", "../a.mahoe", "a/b.mahoe", "a\\b.mahoe", "a b.mahoe", "a.txt", "é.mahoe"]
        {
            assert!(!is_name(name), "{name}");
        }
    }
}
