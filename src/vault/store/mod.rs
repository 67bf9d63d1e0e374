//! The working store: sealed blocks that reads come from.
//!
//! It is a cache. Everything in it can be built again from the journal, so damage is answered with a rebuild, never with
//! an error for the person. What it returns may be old or incomplete after a power cut: the caller keeps in the meta
//! record how far it had come and how many blocks there were, and each block is sealed, so that neither can go unseen.

mod memory;
mod sled;
#[cfg(test)]
mod suite;

use std::fmt;
use std::io;

pub use memory::MemoryStore;
pub use sled::SledStore;

/// Numbered blocks of opaque bytes, and one record about them. Of each block there may be a *back* under the same
/// number, which is read by itself only.
pub trait BlockStore: Send + fmt::Debug {
    /// Stores a block in the place of any earlier one of that number.
    fn put(&mut self, block: u64, bytes: &[u8]) -> Result<(), StoreError>;
    /// A block's bytes; `None` if there is none.
    fn get(&self, block: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// Stores the back of a block in the place of any earlier one of that number.
    fn put_back(&mut self, block: u64, bytes: &[u8]) -> Result<(), StoreError>;
    /// The back of a block; `None` if there is none.
    fn back(&self, block: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// Shows every block, without backs, in the order of numbers.
    fn for_each(&self, visit: &mut dyn FnMut(u64, &[u8])) -> Result<(), StoreError>;
    /// Stores the record about the blocks: what they hold and how far they go, in the caller's own bytes.
    fn set_meta(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
    /// The record about the blocks; `None` in a fresh store.
    fn meta(&self) -> Result<Option<Vec<u8>>, StoreError>;
    /// Returns when all that was stored is on the disk.
    fn flush(&mut self) -> Result<(), StoreError>;
    /// Makes this the store that counts; others beside it go to the `quarantine` folder, or are deleted.
    fn promote(&mut self, quarantine: Option<&std::path::Path>) -> Result<(), StoreError>;
    /// How many blocks there are; goes through all of them.
    fn len(&self) -> Result<u64, StoreError>;
    /// True in a store without any block.
    fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.len()? == 0)
    }
}

/// Why the store can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// There is none yet: build it from the journal.
    Missing,
    /// It can't be trusted any more: build a fresh one from the journal.
    Damaged(String),
    /// Another version of mahoe made it: build it from the journal. Never a sign of damage.
    Outdated,
    /// Another process holds it. Never a sign of damage.
    InUse,
    /// The disk is full.
    Full,
    /// The disk refused.
    Io(io::ErrorKind),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "there is no working store yet"),
            Self::Damaged(what) => write!(f, "the working store is damaged: {what}"),
            Self::Outdated => write!(f, "the working store was made by another version of mahoe"),
            Self::InUse => write!(f, "the working store is in use by another process"),
            Self::Full => write!(f, "the disk is full"),
            Self::Io(kind) => write!(f, "the working store can't be used: {kind}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            kind => Self::Io(kind),
        }
    }
}
