//! Why a bundle is not read: one variant for each reason, with what happened and what to do now in one place.
//!
//! A sentence never holds anything that the file says, so that a forged file can't speak to the reader.

use std::fmt;
use std::io;

use super::lines::LineError;
use super::source::was_cancelled;
use crate::error::{AppError, Kind};

/// Why a bundle is refused. Nothing of it may be used, and nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file could not be read.
    Io(io::ErrorKind),
    /// The person cancelled.
    Cancelled,
    /// Larger than any bundle is.
    TooLarge,
    /// It doesn't begin as an age file does.
    NotABundle,
    /// The age header has no end, too many stanzas, or is malformed.
    Header,
    /// Sealed to a passphrase, as bundles never are.
    Passphrase,
    /// None of our keys opens it.
    NotForUs,
    /// Its length is not one that a bundle has: copied in part.
    CutOff,
    /// The encryption shows that bytes were changed or are missing.
    Changed,
    /// A member of the archive is not what must stand there.
    Archive,
    /// Bytes that must be zero are not.
    DirtyPadding,
    /// A format from the future.
    Newer,
    /// The manifest's wording. The text names the place, never what stands there.
    Manifest(&'static str),
    /// The sender's key is one that proves nobody.
    WeakKey,
    /// The manifest's signature is not by the device that it names.
    Signature,
    /// It opens with our key, but the manifest names other recipients: somebody else passed it on.
    NotAddressed,
    /// The manifest promises other contents than the file has.
    Contents,
    /// A member's digest is not the one in the manifest. The text names the part.
    Digest(&'static str),
    /// `entries.bin` is malformed. The text names the place.
    Entries(&'static str),
    /// `heads.bin` is malformed. The text names the place.
    Heads(&'static str),
}

impl Refusal {
    /// The reason in a word: for scripts, `--json` and the test vectors. Never changes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Io(_) => "io",
            Self::Cancelled => "cancelled",
            Self::TooLarge => "too-large",
            Self::NotABundle => "not-a-bundle",
            Self::Header => "header",
            Self::Passphrase => "passphrase",
            Self::NotForUs => "not-for-us",
            Self::CutOff => "cut-off",
            Self::Changed => "changed",
            Self::Archive => "archive",
            Self::DirtyPadding => "dirty-padding",
            Self::Newer => "newer",
            Self::Manifest(_) => "manifest",
            Self::WeakKey => "weak-key",
            Self::Signature => "signature",
            Self::NotAddressed => "not-addressed",
            Self::Contents => "contents",
            Self::Digest(_) => "digest",
            Self::Entries(_) => "entries",
            Self::Heads(_) => "heads",
        }
    }

    /// The exit code that goes with it.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Io(_) => Kind::Io,
            Self::Cancelled => Kind::Refused,
            _ => Kind::Damaged,
        }
    }

    /// What to do now.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Io(_) => "Nothing was changed. Check that the file is there and the stick is in, then try again.",
            Self::Cancelled => "Nothing was changed.",
            Self::CutOff | Self::Changed => {
                "Nothing was changed. Copy the file again; if that doesn't help, ask the sender to make a new one."
            }
            Self::NotABundle | Self::Passphrase => "Nothing was changed. Choose the file that mahoe wrote.",
            Self::NotForUs => {
                "Nothing was changed. What was sent to coordinators and deputies alone, only they can open. Else ask the sender to add your newest card (mahoe peer card) and to send it again."
            }
            Self::Newer => "Nothing was changed. Keep the file, install the current mahoe and open it with that.",
            Self::WeakKey | Self::Signature | Self::NotAddressed => {
                "Nothing was changed. Keep the file, call the sender on a number that you know, and tell your coordinator."
            }
            _ => "Nothing was changed. Keep the file and ask the sender, by telephone, to make a new one.",
        }
    }

    /// The refusal behind a failed read of a file or of what it decrypts to.
    pub(super) fn of(error: &io::Error) -> Self {
        if was_cancelled(error) {
            return Self::Cancelled;
        }
        match error.kind() {
            // What age says of a chunk that doesn't authenticate, and of a missing one.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Self::Changed,
            kind => Self::Io(kind),
        }
    }
}

impl From<LineError> for Refusal {
    fn from(error: LineError) -> Self {
        match error {
            LineError::Newer => Self::Newer,
            LineError::At(place) => Self::Manifest(place),
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.kind(), refusal.to_string(), refusal.hint())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(kind) => return write!(f, "The bundle can't be read: {kind}."),
            Self::Cancelled => "Reading the bundle was cancelled.",
            Self::TooLarge => "The file is larger than any bundle.",
            Self::NotABundle => "This file is not a bundle.",
            Self::Header => "The beginning of the bundle is damaged, or was made to look like one.",
            Self::Passphrase => "This file is sealed with a passphrase; a bundle never is.",
            Self::NotForUs => "The bundle is sealed to somebody else, or to a key that this vault doesn't have.",
            Self::CutOff => "The bundle is not complete: its length is not one that a whole bundle has.",
            Self::Changed => "The bundle was changed or cut off on its way.",
            Self::Archive => "The bundle holds something that no bundle holds.",
            Self::DirtyPadding => "The bundle hides something where only zeros may stand.",
            Self::Newer => "The bundle was made by a newer mahoe.",
            Self::Manifest(place) => return write!(f, "The bundle's manifest is not as it should be ({place})."),
            Self::WeakKey => "The bundle is signed with a key that anybody could use.",
            Self::Signature => "The bundle is not signed by the device that it names.",
            Self::NotAddressed => {
                "The bundle was written to somebody else; another than its author has passed it on to you."
            }
            Self::Contents => "The bundle doesn't hold what its manifest says.",
            Self::Digest(part) => return write!(f, "A part of the bundle ({part}) is not the one that was signed."),
            Self::Entries(place) => return write!(f, "The bundle's entries are not as they should be ({place})."),
            Self::Heads(place) => return write!(f, "The bundle's list of heads is not as it should be ({place})."),
        })
    }
}

impl std::error::Error for Refusal {}
