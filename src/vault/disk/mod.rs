//! All file I/O of the vault goes through [`Disk`], so that faults and power cuts can be tested in memory.
//!
//! Nothing in here knows what the bytes mean. Paths are always given whole; a disk never follows its own idea of a
//! current folder. [`RealDisk`] is the file system; [`MemoryDisk`] forgets at a power cut what was not synced.

use std::fmt::Debug;
use std::io;
use std::path::Path;

mod memory;
mod real;
#[cfg(test)]
mod suite;

pub use memory::{FaultKind, MemoryDisk};
pub use real::RealDisk;

/// An open file. Writes are visible to later reads at once, and survive a power cut after [`DiskFile::sync_data`].
pub trait DiskFile: Send + Debug {
    /// Writes all of `bytes` at `offset`, growing the file if needed.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Reads up to `len` bytes at `offset`; fewer at the file's end.
    fn read_at(&mut self, offset: u64, len: usize) -> io::Result<Vec<u8>>;
    /// Cuts or zero-fills the file to `len` bytes.
    fn set_len(&mut self, len: u64) -> io::Result<()>;
    /// The file's length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// True for a file of no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Returns when data and length would survive a power cut (`fdatasync`).
    fn sync_data(&mut self) -> io::Result<()>;
}

/// A file system, real or in memory.
pub trait Disk: Send + Sync + Debug {
    /// Opens for reading and writing, creating the file if it is missing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Opens for reading only; `NotFound` if it is missing.
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.exists(path) { self.open(path) } else { Err(io::ErrorKind::NotFound.into()) }
    }
    /// The whole file, refused with `InvalidData` above `limit` bytes (nothing is allocated before the check).
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;
    /// Names in a folder, sorted; names that are not UTF-8 are left out.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// True if a file or folder is there.
    fn exists(&self, path: &Path) -> bool;
    /// Creates the folder and its parents, readable by this user only where the platform has such a thing.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Renames within one file system, replacing what is there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file; fine if it is missing.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder; one that can't be removed stays, which harms nothing.
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Ok(())
    }
    /// Returns when names in the folder would survive a power cut; does nothing where the platform can't.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Creates the folder and whatever parents it lacks, so that they survive a power cut.
    fn create_folder_durably(&self, path: &Path) -> io::Result<()> {
        if self.exists(path) {
            return Ok(());
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent {
            self.create_folder_durably(parent)?;
        }
        self.create_folder(path)?;
        parent.map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    /// Replaces a file so that after a power cut either the old or the new bytes are there, whole.
    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".new");
        let temporary = path.with_file_name(name);
        let mut file = self.open(&temporary)?;
        file.set_len(0)?;
        file.write_at(0, bytes)?;
        file.sync_data()?;
        drop(file);
        self.rename(&temporary, path)?;
        path.parent().map_or(Ok(()), |folder| self.sync_folder(folder))
    }
}
