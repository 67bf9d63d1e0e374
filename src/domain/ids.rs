//! Identifiers: newtypes over random or hashed bytes, so that one kind can never be passed for another.
//!
//! All are shown as lower-case hex; what people speak and type is a [`Code`](super::code::Code).

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The raw bytes.
            pub const fn bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads lower- or upper-case hex of exactly the right length.
            pub fn from_hex(text: &str) -> Option<Self> {
                let text = text.as_bytes();
                if text.len() != $len * 2 {
                    return None;
                }
                let mut out = [0u8; $len];
                for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
                    let high = (pair[0] as char).to_digit(16)?;
                    let low = (pair[1] as char).to_digit(16)?;
                    *byte = u8::try_from(high * 16 + low).ok()?;
                }
                Some(Self(out))
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = std::array::TryFromSliceError;

            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                <[u8; $len]>::try_from(bytes).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:02x}{:02x}{:02x}{:02x}…)", stringify!($name), self.0[0], self.0[1], self.0[2], self.0[3])
            }
        }
    };
}

id!(
    /// One copy of a vault: a folder, whoever unlocks it. Drawn at random when it first gives to another.
    CopyId,
    16
);
id!(
    /// One vault, drawn at `init`; all copies of a team's vault share it.
    VaultId,
    16
);
id!(
    /// A stream: a case, a meeting or the team. Its first byte is a [`StreamKind`].
    StreamId,
    16
);
id!(
    /// The sealed bytes of a document: made from the id of the entry that brings it.
    BlobId,
    32
);
id!(
    /// One item inside a stream: a case, an action, a note, a member. A case's item id is its stream's id.
    ItemId,
    16
);
id!(
    /// BLAKE3 of an entry's header.
    EntryId,
    32
);
id!(
    /// BLAKE3 of a device's public signing key.
    DeviceId,
    32
);
id!(
    /// Names an epoch key: the first 16 bytes of BLAKE3 over the key, domain-separated.
    KeyId,
    16
);
id!(
    /// Names a compartment key: hash over stream, class, generation and key.
    CompartmentKeyId,
    16
);
id!(
    /// Names a parish's root signer: hash of its public key, domain-separated.
    RootId,
    16
);
id!(
    /// Names a bundle: random, in its manifest and in every receipt for it.
    BundleId,
    16
);

/// What a stream is about; the first byte of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum StreamKind {
    /// The one stream of the team: members, agencies, policy, keys, actions without a case.
    Team = 1,
    /// A case.
    Case = 2,
    /// A meeting.
    Meeting = 3,
}

impl StreamId {
    /// A stream id of the given kind from 15 random bytes.
    pub fn new(kind: StreamKind, random: [u8; 15]) -> Self {
        let mut id = [0u8; 16];
        id[0] = kind as u8;
        id[1..].copy_from_slice(&random);
        Self(id)
    }

    /// The team stream of a vault: its id is derived, so that nothing needs to say which it is.
    pub fn team(vault: VaultId) -> Self {
        let mut random = [0u8; 15];
        random.copy_from_slice(&vault.0[..15]);
        Self::new(StreamKind::Team, random)
    }

    /// What the stream is about; `None` for a kind from a newer version.
    pub fn kind(&self) -> Option<StreamKind> {
        match self.0[0] {
            1 => Some(StreamKind::Team),
            2 => Some(StreamKind::Case),
            3 => Some(StreamKind::Meeting),
            _ => None,
        }
    }

    /// The item that a case's stream is about.
    pub fn item(&self) -> ItemId {
        ItemId(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_refuses_what_is_not_hex() {
        let id = ItemId([0xab; 16]);
        assert_eq!(ItemId::from_hex(&id.to_string()), Some(id));
        assert_eq!(ItemId::from_hex("zz"), None);
        assert_eq!(ItemId::from_hex(&"é".repeat(16)), None);
    }

    #[test]
    fn a_stream_id_tells_its_kind() {
        assert_eq!(StreamId::new(StreamKind::Case, [7; 15]).kind(), Some(StreamKind::Case));
        assert_eq!(StreamId::team(VaultId([9; 16])).kind(), Some(StreamKind::Team));
        assert_eq!(StreamId([99; 16]).kind(), None);
    }
}
