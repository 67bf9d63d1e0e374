//! Who may read what: passphrase → participant → epoch key → compartment key.
//!
//! - [`participant`]: one person's secrets, sealed to their passphrase
//! - [`epoch`]: the team's epoch keys and the parish's root signer, sealed to people
//! - [`ring`]: compartment keys, wrapped under an epoch key or, restricted, sealed to people
//! - [`recovery`]: the 24 words that open a vault when every passphrase is lost
//! - [`person`]: the identity of somebody without a vault
//! - [`folder`]: where the files lie, twice
//!
//! Nothing in here decides *whom* to seal to: recipients come from signed entries, by way of the caller, and never
//! from files found beside the keys. No secret is printed, logged or cloned in passing. Formats: docs/formats/vault.md.

pub mod agefile;
pub mod epoch;
pub mod folder;
pub mod identity;
pub mod participant;
pub mod passphrase;
pub mod person;
pub mod recovery;
pub mod ring;
#[cfg(test)]
pub(crate) mod testdisk;
mod text;

use std::fmt;

use crate::error::{AppError, Kind};

pub use agefile::MAX_RECIPIENTS;

/// Why keys can't be read or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The passphrase is not the one. It says no more on purpose.
    WrongPassphrase,
    /// None of the identities at hand is among the recipients.
    NotForYou,
    /// Larger than a file of its kind can be.
    TooLarge,
    /// Not an age file, or one whose header is damaged.
    DamagedHeader,
    /// The header is whole; what follows is cut off or changed.
    DamagedBody,
    /// It opened, but what is inside is not what belongs there. The text names the place, never a value.
    Content(&'static str),
    /// Written by a newer mahoe.
    Newer,
    /// It opened, but holds another key than its name says.
    WrongKey,
    /// The epoch key that it is wrapped under is not at hand.
    NoEpochKey,
    /// The file asks for more scrypt work than is ever made by mahoe (the power of two is given).
    TooMuchWork(u8),
    /// A work factor outside what is allowed here: given, least, most.
    WorkFactor(u8, u8, u8),
    /// Nobody to seal to.
    NoRecipients,
    /// More than [`MAX_RECIPIENTS`].
    TooManyRecipients,
    /// An empty passphrase, or one of more than [`passphrase::MAX_LEN`] bytes.
    Passphrase,
}

impl KeyError {
    /// The exit code that goes with it.
    pub const fn kind(self) -> Kind {
        match self {
            Self::WrongPassphrase | Self::NotForYou | Self::NoEpochKey => Kind::Locked,
            Self::WorkFactor(..) | Self::Passphrase => Kind::Usage,
            Self::Newer | Self::NoRecipients | Self::TooManyRecipients => Kind::Refused,
            _ => Kind::Damaged,
        }
    }

    /// What to do now.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::WrongPassphrase => {
                "Check Caps Lock and try again. `mahoe vault recover` needs the 24 recovery words."
            }
            Self::NotForYou | Self::NoEpochKey => "Ask a coordinator to give you access, then sync and try again.",
            Self::Newer => "Install the current mahoe and open the vault with that.",
            Self::WorkFactor(..) => "Choose one inside the range; 18 is right for almost everyone.",
            Self::NoRecipients => "Name at least one person who may open it.",
            Self::TooManyRecipients => "Take away participants who no longer need access.",
            Self::Passphrase => "Choose a passphrase of a few words.",
            _ => "Nothing was changed. Run `mahoe vault verify`; if no copy is whole, restore the newest backup.",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongPassphrase => f.write_str("That handle and passphrase don't open this vault."),
            Self::NotForYou => f.write_str("This is sealed to other people."),
            Self::TooLarge => f.write_str("The key file is larger than any key file can be."),
            Self::DamagedHeader => f.write_str("The key file is damaged at its beginning."),
            Self::DamagedBody => f.write_str("The key file is cut off or was changed."),
            Self::Content(place) => write!(f, "The key file opened, but its {place} is not as it should be."),
            Self::Newer => f.write_str("The key file was written by a newer mahoe."),
            Self::WrongKey => f.write_str("The key file holds another key than its name says."),
            Self::NoEpochKey => f.write_str("This is sealed under a team key that you don't have."),
            Self::TooMuchWork(factor) => {
                write!(f, "The key file asks for 2^{factor} rounds of work, more than mahoe allows.")
            }
            Self::WorkFactor(given, least, most) => write!(f, "A work factor of {given} is outside {least} to {most}."),
            Self::NoRecipients => f.write_str("There is nobody to seal this to."),
            Self::TooManyRecipients => write!(f, "There are more than {MAX_RECIPIENTS} people to seal this to."),
            Self::Passphrase => {
                write!(f, "A passphrase must not be empty or longer than {} bytes.", passphrase::MAX_LEN)
            }
        }
    }
}

impl std::error::Error for KeyError {}

impl From<KeyError> for AppError {
    fn from(error: KeyError) -> Self {
        Self::new(error.kind(), error.to_string(), error.hint())
    }
}
