//! What a bundle is made of before it is written, and how a long job is watched and cancelled.

use std::fmt;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::entries::Record;
use crate::vault::blobs::BlobFile;

/// Told the number of bytes done since the beginning; its `Break` cancels the job.
pub type Watch<'w> = &'w mut dyn FnMut(u64) -> ControlFlow<()>;

/// Bytes that can be read more than once, always the same: they are hashed, then copied.
pub trait Source {
    /// Begins at the first byte.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;

    /// SHA-256 and length in bytes if they are known: then the bytes are read once only, and must agree.
    fn digest(&self) -> Option<([u8; 32], u64)> {
        None
    }

    /// About how many bytes it has; only speed depends on it.
    fn size_hint(&self) -> u64 {
        0
    }
}

impl Source for Vec<u8> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.as_slice()))
    }

    fn size_hint(&self) -> u64 {
        self.len() as u64
    }
}

/// A file on disk.
impl Source for PathBuf {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(std::fs::File::open(self)?))
    }

    fn size_hint(&self) -> u64 {
        self.metadata().map_or(0, |found| found.len())
    }
}

/// A document as it lies sealed in the vault.
impl Source for BlobFile {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.open()?))
    }

    fn size_hint(&self) -> u64 {
        self.size
    }
}

/// Entries that can be walked more than once, always the same and in the same order: parents before children.
pub trait Entries {
    /// Gives each record to `put` and stops at its first error.
    fn each(&self, put: &mut dyn FnMut(&Record) -> io::Result<()>) -> io::Result<()>;
}

impl Entries for Vec<Record> {
    fn each(&self, put: &mut dyn FnMut(&Record) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(put)
    }
}

/// An attachment to be written.
pub struct Attachment {
    /// Its name in the archive, as [`Part`](super::manifest::Part) spells it.
    pub name: String,
    /// Its bytes.
    pub source: Box<dyn Source>,
}

/// What an [`io::Error`] holds after a [`Watch`] broke off.
#[derive(Debug)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// True if a job ended because its [`Watch`] broke off.
pub(super) fn was_cancelled(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<Cancelled>())
}

/// Counts bytes for a [`Watch`].
pub struct Meter<'w> {
    watch: Watch<'w>,
    done: u64,
}

impl<'w> Meter<'w> {
    /// Begins at zero.
    pub fn new(watch: Watch<'w>) -> Self {
        Self { watch, done: 0 }
    }

    /// `bytes` more are done. The error, of a [`Cancelled`], ends the job.
    pub fn add(&mut self, bytes: usize) -> io::Result<()> {
        self.done += bytes as u64;
        match (self.watch)(self.done) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(io::Error::other(Cancelled)),
        }
    }
}

/// A reader or writer whose bytes are watched.
pub struct Watched<'w, T> {
    inner: T,
    meter: Meter<'w>,
}

impl<'w, T> Watched<'w, T> {
    /// Watches what goes through `inner` from now on.
    pub fn new(inner: T, watch: Watch<'w>) -> Self {
        Self { inner, meter: Meter::new(watch) }
    }
}

impl<T: Read> Read for Watched<'_, T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.meter.add(count)?;
        Ok(count)
    }
}

impl<T: Write> Write for Watched<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.meter.add(count)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
