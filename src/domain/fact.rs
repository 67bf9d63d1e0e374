//! Facts: what changed. An append-only enum; the meaning of each is written here before any code.
//!
//! A fact says nothing about who, when or in what order: that is the entry's header.

use super::class::Class;
use super::field::{Field, ItemKind};
use super::ids::{DeviceId, EntryId, ItemId, KeyId, StreamId};
use super::value::Value;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// An item comes to be in this entry's stream. `class` is the class it keeps for its own words.
    Created {
        /// The new item's id, drawn at random; for a case the stream's id.
        item: ItemId,
        /// What it is.
        kind: ItemKind,
        /// The class of its own fields, for ever.
        class: Class,
    },
    /// A field gets a value. Every earlier value that the author saw is named in `replaces`; a value that nobody
    /// replaced stays a *head*, and two heads are a conflict that a person decides.
    Set {
        /// Whose field.
        item: ItemId,
        /// Which field.
        field: Field,
        /// The new value; [`Value::Nothing`] clears it.
        value: Value,
        /// The entries whose values of this field it replaces.
        replaces: Vec<EntryId>,
    },
    /// The body of an entry of this stream is destroyed in every copy, because it was written in the wrong case or
    /// about the wrong person. Header, author and this reason stay.
    Struck {
        /// The entry whose body goes.
        entry: EntryId,
        /// Why, in words that do not repeat what was struck.
        reason: String,
    },
    /// An epoch key is in force, readable by these recipients. Naming an epoch again adds recipients to it.
    Epoch {
        /// The epoch key's id.
        key: KeyId,
        /// The epochs that it follows: their keys are held with it.
        follows: Vec<KeyId>,
        /// Member and age recipient; recovery recipients carry the team's own item id.
        recipients: Vec<(ItemId, String)>,
    },
    /// A device may write for a member: one participant in one copy of the vault.
    Device {
        /// BLAKE3 of the public key.
        device: DeviceId,
        /// The Ed25519 public key.
        key: [u8; 32],
        /// For whom it writes.
        member: ItemId,
    },
    /// Somebody looked at, revealed, printed or exported something, or took something in.
    Accessed {
        /// What was done, by its fixed word: `open`, `reveal`, `print`, `export`, `import`.
        what: String,
        /// What it was done to.
        item: ItemId,
        /// More, without any content: a profile's name, a count.
        detail: String,
    },
    /// A device of another parish's team signs for one of its people: taken from that team's card.
    PeerDevice {
        /// The team.
        peer: ItemId,
        /// BLAKE3 of the public key.
        device: DeviceId,
        /// The Ed25519 public key.
        key: [u8; 32],
        /// For whom it writes: that person's id on their own team.
        member: ItemId,
    },
    /// Which entries a bundle was the first to bring. While the bundle's *set aside* is yes they are left out of the
    /// fold, by whatever way they come.
    Brought {
        /// The bundle's item.
        bundle: ItemId,
        /// The entries, sorted.
        entries: Vec<EntryId>,
    },
    /// Whoever has this device counts no longer: they left the team, or it is the signer of a recovery sheet that was
    /// replaced. What it says in the team's stream about keys, devices and roles counts up to a number in the order and
    /// not beyond, whenever it comes. Of two the lower number counts.
    Revoked {
        /// The device.
        device: DeviceId,
        /// The highest Lamport number that still counts. It grows along a chain as the sequence does.
        upto: u64,
    },
    /// A fact of a kind that a newer mahoe made: kept as received, shown as "made by a newer version".
    Unknown {
        /// The stored kind number.
        kind: u16,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

impl Fact {
    /// True for what its author says about the team's keys, other people's devices, roles, the team's rules, or which
    /// other teams are trusted: of somebody who left it counts only if it was here before. That somebody left is none of
    /// it: a removal always counts, or else whoever was sent away could void it by sending away in turn.
    pub fn rules_the_team(&self, author: ItemId) -> bool {
        match self {
            Self::Device { member, .. } => *member != author,
            Self::Epoch { .. } => true,
            Self::Set { field, .. } => RULING.contains(field),
            _ => false,
        }
    }
}

/// Fields of the team's stream by which somebody rules over others.
const RULING: &[Field] = &[
    Field::Retracted,
    Field::MemberRole,
    Field::MemberRecipient,
    Field::MemberSheets,
    Field::TeamPolicy,
    Field::TeamRecovery,
    Field::TeamReplaced,
    Field::TeamCard,
    Field::TeamCardShort,
    Field::PeerRoot,
    Field::PeerCard,
    Field::PeerVerified,
    Field::PeerVerifiedHow,
    Field::PeerVerifiedBy,
    Field::PeerRemoved,
    Field::BundleSetAside,
];

/// A fact and the compartment it is to be written in: what an op decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The stream.
    pub stream: StreamId,
    /// The class.
    pub class: Class,
    /// The fact.
    pub fact: Fact,
}
