//! What a log finds out about itself, and what can go wrong with it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{AppError, Kind};

/// One of the two copies of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// What is synced before a frame is acknowledged.
    Primary,
    /// What is written at the same time and synced a moment later.
    Mirror,
}

impl Side {
    /// Both, in the order in which they are looked at.
    pub const BOTH: [Self; 2] = [Self::Primary, Self::Mirror];

    /// The word in file names of the quarantine.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Mirror => "mirror",
        }
    }

    pub(super) const fn index(self) -> usize {
        match self {
            Self::Primary => 0,
            Self::Mirror => 1,
        }
    }
}

/// Why a copy of a segment was repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The file was not there.
    Missing,
    /// It lacked the newest frames, or ended in an unfinished one: normal after a power cut.
    Behind,
    /// Bytes in it had changed, or it held what does not belong there.
    Damaged,
    /// The disk could not read part of it.
    Unreadable,
    /// A sync of it had failed before, so that the disk may hold less than can be read.
    Suspect,
}

/// A plain fact found while a log was opened or checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A copy was made whole again from what verifies in both; what was damaged lies in the quarantine.
    Repaired {
        /// Which copy.
        side: Side,
        /// Number of the segment file.
        segment: u32,
        /// What was wrong with it.
        why: Why,
    },
    /// A copy could not be repaired now; the log is read-only, and reads come from the other copy.
    NotRepaired {
        /// Which copy.
        side: Side,
        /// Number of the segment file.
        segment: u32,
        /// What the disk said.
        error: io::ErrorKind,
    },
    /// The log ended in bytes that are no whole frame in either copy; they lie in the quarantine. After a crash this is
    /// a commit that was never acknowledged.
    TailSetAside {
        /// The arrival that the unfinished frame would have had.
        arrival: u64,
        /// How many bytes.
        bytes: u64,
    },
    /// No copy holds these frames.
    Lost {
        /// The first lost arrival.
        first: u64,
        /// The last lost arrival.
        last: u64,
    },
    /// The frame does not name the hash of the one before it, in either copy.
    BrokenChain {
        /// Of the frame that names another predecessor.
        arrival: u64,
    },
    /// A copy held a frame whose hash is good and whose seal is not: something that has no key to this vault made it.
    /// It lies in the quarantine; what the other copy holds in its place counts.
    Foreign {
        /// Which copy.
        side: Side,
        /// The arrival that it claims.
        arrival: u64,
    },
    /// The two copies held different frames of this arrival; the one that the chain names, else the primary's, stays.
    Diverged {
        /// Of both frames.
        arrival: u64,
    },
    /// A temporary file of work that was cut short was removed.
    LeftOver {
        /// Which copy.
        side: Side,
        /// Its name.
        name: String,
    },
    /// The note of where a rewritten log starts was written again from the other copy.
    StartRepaired {
        /// Which copy.
        side: Side,
    },
}

impl Finding {
    /// True if something that was acknowledged can't be read any more.
    pub const fn is_loss(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::BrokenChain { .. })
    }
}

/// Everything found, in the order in which it was found.
pub type Findings = Vec<Finding>;

/// Why a log can't do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogError {
    /// The disk is full. Nothing half-written stays; earlier frames are intact.
    Full,
    /// The disk did not confirm a write; the log is read-only until it is opened again.
    SyncFailed,
    /// An earlier failure made the log read-only until it is opened again.
    ReadOnly,
    /// The payload is longer than 64 MiB.
    TooLarge {
        /// Its length in bytes.
        bytes: u64,
    },
    /// No copy holds these frames.
    Lost {
        /// The first lost arrival.
        first: u64,
        /// The last lost arrival.
        last: u64,
    },
    /// The disk refused.
    Io {
        /// What was being done.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the disk said.
        error: io::ErrorKind,
    },
}

impl LogError {
    pub(super) fn io(doing: &'static str, path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            kind => Self::Io { doing, path: path.to_path_buf(), error: kind },
        }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(f, "the disk is full, so nothing was saved"),
            Self::SyncFailed => write!(f, "the disk did not confirm what was written"),
            Self::ReadOnly => write!(f, "nothing can be saved since an earlier disk error"),
            Self::TooLarge { bytes } => write!(f, "{bytes} bytes are more than one commit can hold"),
            Self::Lost { first, last } if first == last => write!(f, "record {first} is in no copy of the vault"),
            Self::Lost { first, last } => write!(f, "records {first} to {last} are in no copy of the vault"),
            Self::Io { doing, path, error } => write!(f, "could not {doing} {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for LogError {}

impl From<LogError> for AppError {
    fn from(error: LogError) -> Self {
        let (kind, hint) = match &error {
            LogError::Full => {
                (Kind::Io, "Free some space on the disk, then do it again; nothing saved before is affected.")
            }
            LogError::SyncFailed | LogError::ReadOnly => (
                Kind::Io,
                "Lock and unlock the vault: it is then checked. If this comes again, make a backup and replace the disk.",
            ),
            LogError::TooLarge { .. } => (Kind::Refused, "Split it: at most 64 MiB fit into one."),
            LogError::Lost { .. } => {
                (Kind::Damaged, "Run `mahoe vault verify`, and fetch it from another device or a backup.")
            }
            LogError::Io { .. } => {
                (Kind::Io, "Check that the disk is connected and that you may write there, then try again.")
            }
        };
        Self::new(kind, error.to_string(), hint)
    }
}
