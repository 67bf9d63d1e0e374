//! Errors as people see them: what happened, and what to do now.
//!
//! Rules: inside a layer errors are typed; at its edge they become an [`AppError`] with a kind (which is the exit
//! code), a message and a hint. A message never holds a name, a note, a passphrase or a key.

use std::fmt;

/// What went wrong, as a script may test it: each kind is one exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rule of the domain refused: exit code 1.
    Refused,
    /// The command or its arguments can't be understood: 2.
    Usage,
    /// Locked, or the handle or passphrase is wrong: 3.
    Locked,
    /// Damaged, tampered with or unverified: 4.
    Damaged,
    /// Disk full, missing file, no permission: 5.
    Io,
    /// A fault of mahoe itself: 70.
    Bug,
}

impl Kind {
    /// The process exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Locked => 3,
            Self::Damaged => 4,
            Self::Io => 5,
            Self::Bug => 70,
        }
    }

    /// The word in `--json` output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Usage => "usage",
            Self::Locked => "locked",
            Self::Damaged => "damaged",
            Self::Io => "io",
            Self::Bug => "bug",
        }
    }
}

/// An error at the edge: two sentences for a person, a kind for a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppError {
    /// What kind of failure, hence which exit code.
    pub kind: Kind,
    /// What happened.
    pub message: String,
    /// What to do now.
    pub hint: String,
}

/// The result of everything above the vault.
pub type Result<T> = std::result::Result<T, AppError>;

impl AppError {
    /// An error of `kind`: what happened, what to do now.
    pub fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.message, self.hint)
    }
}

impl std::error::Error for AppError {}
