//! What the attachments of a bundle are called, and which may stand in which kind.

use super::lines::{hex, is_word};
use super::{ENTRIES, HEADS, Kind};
use crate::domain::ids::{KeyId, RootId};

/// An attachment, by its name in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// `card-<root>.txt`: a team's card.
    Card(RootId),
    /// `blob-<64 hex>`: a document.
    Blob([u8; 32]),
    /// `epoch-<key id>.age`: an epoch key's file; between own devices.
    Epoch(KeyId),
    /// `ring.bin`: wrapped compartment keys; between own devices.
    Ring,
    /// `root-<root>.age`: the sealed root signer; between own devices.
    Root(RootId),
    /// `vault.toml`, for a new device.
    Config,
    /// `participant.age`, for a new device.
    Participant,
    /// `introductions.txt`: what the sender knows of the teams whose cards come along.
    Introductions,
    /// `statistics.txt`: numbers.
    Statistics,
    /// `paper.txt`: a text for one person.
    Paper,
    /// A well-formed name that this version doesn't know.
    Other(String),
}

impl Part {
    /// The most bytes of an attachment of this kind.
    pub const fn max_size(&self) -> u64 {
        match self {
            Self::Card(_) => 64 << 10,
            Self::Introductions => super::super::introductions::MAX_SIZE,
            Self::Statistics => super::super::statistics::MAX_SIZE,
            Self::Paper => super::super::paper::MAX_TEXT,
            _ => 256 << 20,
        }
    }

    /// Reads a name: letters, digits, `.` and `-`, no way out of a folder and nothing that a terminal obeys.
    pub fn from_name(name: &str) -> Option<Self> {
        let letters = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'));
        let whole = name.len() <= super::super::tarball::MAX_NAME && is_word(name.get(..1)?, 1);
        let reserved = matches!(name, ENTRIES | HEADS | "manifest.txt" | "manifest.txt.minisig");
        if !letters || !whole || reserved || name.contains("..") || name.ends_with('.') {
            return None;
        }
        let between = |start: &str, end: &str| name.strip_prefix(start)?.strip_suffix(end);
        let card = between("card-", ".txt").and_then(hex).map(|id| Self::Card(RootId(id)));
        let blob = || between("blob-", "").and_then(hex).map(Self::Blob);
        let epoch = || between("epoch-", ".age").and_then(hex).map(|id| Self::Epoch(KeyId(id)));
        let root = || between("root-", ".age").and_then(hex).map(|id| Self::Root(RootId(id)));
        let fixed = || match name {
            "ring.bin" => Self::Ring,
            "vault.toml" => Self::Config,
            "participant.age" => Self::Participant,
            "introductions.txt" => Self::Introductions,
            "statistics.txt" => Self::Statistics,
            "paper.txt" => Self::Paper,
            _ => Self::Other(name.to_owned()),
        };
        Some(card.or_else(blob).or_else(epoch).or_else(root).unwrap_or_else(fixed))
    }

    /// The name in the archive.
    pub fn name(&self) -> String {
        match self {
            Self::Card(root) => format!("card-{root}.txt"),
            Self::Blob(hash) => format!("blob-{}", super::Hex(hash)),
            Self::Epoch(key) => format!("epoch-{key}.age"),
            Self::Root(root) => format!("root-{root}.age"),
            Self::Ring => "ring.bin".into(),
            Self::Config => "vault.toml".into(),
            Self::Participant => "participant.age".into(),
            Self::Introductions => "introductions.txt".into(),
            Self::Statistics => "statistics.txt".into(),
            Self::Paper => "paper.txt".into(),
            Self::Other(name) => name.clone(),
        }
    }

    /// Whether it may stand in a bundle of that kind: keys only between a team's own devices, unknown parts only in
    /// unknown kinds.
    pub(super) fn fits(&self, kind: &Kind) -> bool {
        match self {
            _ if !kind.known() => true,
            Self::Card(_) => true,
            Self::Blob(_) => {
                !matches!(kind, Kind::Receipt | Kind::Statistics | Kind::Cards | Kind::Strike | Kind::Paper)
            }
            Self::Epoch(_) | Self::Root(_) | Self::Ring | Self::Config | Self::Participant => *kind == Kind::Sync,
            Self::Introductions => *kind == Kind::Cards,
            Self::Statistics => *kind == Kind::Statistics,
            Self::Paper => *kind == Kind::Paper,
            Self::Other(_) => false,
        }
    }
}
