//! `manifest.txt`: who sends what to whom, and the digest of every other member. It is the one thing that is signed.
//!
//! Reading and writing know one spelling: what is read and written again has the same bytes. Nothing here says whether
//! the sender is who the manifest names, nor whether the contents may be believed. docs/formats/bundle.md.

mod part;
mod read;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::lines;
use super::refusal::Refusal;
use crate::domain::clean;
use crate::domain::ids::{BundleId, ItemId, RootId, StreamId, VaultId};
use crate::domain::parish::Parish;
use crate::vault::keys::identity::Recipient;

pub use part::Part;
pub use read::sender_key;

/// The most bytes of a manifest.
pub const MAX_SIZE: u64 = 1 << 20;
/// The most recipients.
pub const MAX_RECIPIENTS: usize = 16;
/// The most case lines and writer lines, each.
pub const MAX_LINES: usize = 4096;
/// The most attachments.
pub const MAX_ATTACHMENTS: usize = 4096;
/// The member with the entries.
pub const ENTRIES: &str = "entries.bin";
/// The member with the heads.
pub const HEADS: &str = "heads.bin";

const TITLE: &str = "mahoe bundle";
/// How a moment is spelt: seconds, UTC.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%SZ";

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Names this bundle; random.
    pub id: BundleId,
    /// What it is for.
    pub kind: Kind,
    /// True from a vault for demonstration, training or tests.
    pub practice: bool,
    /// Who made it.
    pub from: Sender,
    /// Whom it is written to, sorted by root: at least one, at most [`MAX_RECIPIENTS`].
    pub to: Vec<Addressee>,
    /// The sender's clock, to the second.
    pub made: DateTime<Utc>,
    /// Its place among what this device sent to this receiver.
    pub lane: Lane,
    /// The bundle that a receipt is for.
    pub answers: Option<BundleId>,
    /// The cases that it is about, sorted by stream.
    pub cases: Vec<CaseLine>,
    /// Who wrote the entries, sorted by member.
    pub writers: Vec<WriterLine>,
    /// A line of words for the person who opens it.
    pub note: Option<String>,
    /// How many records `entries.bin` holds.
    pub entries: u64,
    /// Every member but the manifest and its signature, in the archive's order: entries, heads, attachments by name.
    pub files: Vec<FileLine>,
}

/// Who made a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The root of the sender's team.
    pub root: RootId,
    /// The team's parish.
    pub parish: Parish,
    /// The public key of the device that signs the manifest.
    pub device: [u8; 32],
    /// The sender's vault.
    pub vault: VaultId,
}

/// Whom a bundle is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The root of the receiving team, or of a person without a vault.
    pub root: RootId,
    /// The key that it is sealed to.
    pub recipient: Recipient,
}

/// The place of a bundle in the row from one device to one receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// 1, 2, 3 …
    pub number: u64,
    /// SHA-256 of the manifest before; zeros exactly for number 1.
    pub before: [u8; 32],
}

/// A case that the bundle is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// Its stream.
    pub stream: StreamId,
    /// The redaction profile: a word of `a-z 0-9 -`, at most 32 letters.
    pub profile: String,
    /// The sender's code for it, as people say it.
    pub code: String,
}

/// Somebody who wrote entries in the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterLine {
    /// The author that the entries name.
    pub member: ItemId,
    /// The root of their team.
    pub root: RootId,
    /// Their agency's code; spaces travel as underscores.
    pub agency: Option<String>,
    /// Their name, as the receiver will show it.
    pub name: String,
}

/// One member of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its length in bytes.
    pub size: u64,
    /// Its name.
    pub name: String,
}

/// What a bundle is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A case, or a part of one, shown to another team that is asked for something.
    Refer,
    /// A case handed over.
    Transfer,
    /// What is new in a shared case.
    Update,
    /// The answer to a bundle.
    Receipt,
    /// Between a team's own devices.
    Sync,
    /// Numbers only.
    Statistics,
    /// Cards of other teams: an introduction.
    Cards,
    /// The request to destroy what was sent by mistake.
    Strike,
    /// A text for one person who has no vault.
    Paper,
    /// A word that a newer version knows: inspected and kept, never used.
    Unknown(String),
}

impl Kind {
    const NAMED: [(&'static str, Self); 9] = [
        ("refer", Self::Refer),
        ("transfer", Self::Transfer),
        ("update", Self::Update),
        ("receipt", Self::Receipt),
        ("sync", Self::Sync),
        ("statistics", Self::Statistics),
        ("cards", Self::Cards),
        ("strike", Self::Strike),
        ("paper", Self::Paper),
    ];

    /// Reads the word of the manifest: letters and hyphens, at most 32.
    pub fn from_name(name: &str) -> Option<Self> {
        let known = Self::NAMED.into_iter().find(|(word, _)| *word == name).map(|(_, kind)| kind);
        let form = (1..=32).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-'));
        known.or_else(|| form.then(|| Self::Unknown(name.to_owned())))
    }

    /// The word of the manifest.
    pub fn name(&self) -> &str {
        match self {
            Self::Refer => "refer",
            Self::Transfer => "transfer",
            Self::Update => "update",
            Self::Receipt => "receipt",
            Self::Sync => "sync",
            Self::Statistics => "statistics",
            Self::Cards => "cards",
            Self::Strike => "strike",
            Self::Paper => "paper",
            Self::Unknown(name) => name,
        }
    }

    /// False for a kind that a newer version made.
    pub fn known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// SHA-256 of a manifest's bytes: what the next one in the lane names.
pub fn hash(manifest: &[u8]) -> [u8; 32] {
    Sha256::digest(manifest).into()
}

impl Manifest {
    /// The trusted comment of its signature.
    pub fn comment(&self) -> String {
        format!("mahoe bundle {}", self.id)
    }

    /// The manifest's bytes. Words are cleaned and lists sorted.
    ///
    /// # Errors
    /// [`Refusal::Manifest`] names what no reader would accept: a list too long, a name that is no name.
    pub fn encode(&self) -> Result<Vec<u8>, Refusal> {
        let text = self.text();
        let again = Self::decode(text.as_bytes())?;
        if again.text() == text { Ok(text.into_bytes()) } else { Err(Refusal::Manifest("spelling")) }
    }

    fn text(&self) -> String {
        let mut out = format!("{TITLE} 1\n");
        let mut line = |line: fmt::Arguments<'_>| writeln!(out, "{line}").expect("a string takes every write");
        line(format_args!("id {}", self.id));
        line(format_args!("kind {}", self.kind));
        line(format_args!("mark {}", if self.practice { "practice" } else { "real" }));
        let Sender { root, parish, device, vault } = &self.from;
        line(format_args!("from {root} {parish} {} {vault}", Hex(device)));
        for to in sorted(&self.to, |to| to.root) {
            line(format_args!("to {} {}", to.root, to.recipient));
        }
        line(format_args!("made {}", self.made.format(MOMENT)));
        line(format_args!("lane {} {}", self.lane.number, Hex(&self.lane.before)));
        if let Some(answers) = self.answers {
            line(format_args!("answers {answers}"));
        }
        for case in sorted(&self.cases, |case| case.stream) {
            line(format_args!("case {} {} {}", case.stream, case.profile, clean::line(&case.code)));
        }
        for writer in sorted(&self.writers, |writer| writer.member) {
            let agency = writer.agency.as_deref().map_or("-".into(), |agency| clean::line(agency).replace(' ', "_"));
            line(format_args!("writer {} {} {agency} {}", writer.member, writer.root, clean::line(&writer.name)));
        }
        if let Some(note) = &self.note {
            line(format_args!("note {}", clean::line(note)));
        }
        line(format_args!("entries {}", self.entries));
        for file in &self.files {
            line(format_args!("file {}  {}  {}", Hex(&file.digest), file.size, file.name));
        }
        line(format_args!("end"));
        out
    }
}

/// A list's items in the order of their keys.
fn sorted<T, K: Ord>(list: &[T], key: impl Fn(&T) -> K) -> Vec<&T> {
    let mut list: Vec<&T> = list.iter().collect();
    list.sort_by_key(|item| key(item));
    list
}

/// Lower-case hex.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
