//! Entries: a fixed header that is signed, and a body that can be taken away without breaking the signature.

use crate::domain::class::Class;
use crate::domain::ids::{DeviceId, EntryId, ItemId, StreamId, VaultId};
use crate::domain::state::Stamp;

use super::codec::{MAX_FACT, MIN_BODY};

/// The version of the header's layout.
pub const VERSION: u8 = 1;
/// An entry names at most this many parents.
pub const MAX_PARENTS: usize = 16;
/// Bytes of a header without parents.
const FIXED: usize = 4 + 16 + 32 + 16 + 16 + 8 + 32 + 8 + 8 + 4 + 32 + 4;

/// What is signed. All numbers are little-endian; docs/formats/entry.md gives the offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The vault in which it was written.
    pub vault: VaultId,
    /// The device that signs.
    pub device: DeviceId,
    /// The member for whom the device was introduced.
    pub author: ItemId,
    /// The stream.
    pub stream: StreamId,
    /// The class of the body.
    pub class: Class,
    /// 1, 2, 3 … without a gap in the chain device × stream × class.
    pub sequence: u64,
    /// The chain's entry before this one; zeros for the first.
    pub previous: EntryId,
    /// 1 + the highest of the parents'; 1 without parents.
    pub lamport: u64,
    /// The writer's clock: milliseconds since 1970, UTC.
    pub wall: i64,
    /// The heads of this stream × class that the author had folded, sorted.
    pub parents: Vec<EntryId>,
    /// Length of the padded body in bytes.
    pub body_length: u32,
    /// BLAKE3 of the padded body.
    pub body_hash: [u8; 32],
}

/// Why bytes are not a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// Shorter or longer than its own counts say.
    Length,
    /// Made by a newer version.
    Version(u8),
    /// A class that this version doesn't know.
    Class(u8),
    /// A field outside its bounds: sequence 0, unsorted parents, a body length that no body has.
    Bounds,
}

impl Header {
    /// The bytes that are hashed and signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FIXED + self.parents.len() * EntryId::LEN);
        out.extend_from_slice(&[VERSION, self.class.number(), 0, 0]);
        out.extend_from_slice(&self.vault.0);
        out.extend_from_slice(&self.device.0);
        out.extend_from_slice(&self.author.0);
        out.extend_from_slice(&self.stream.0);
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.previous.0);
        out.extend_from_slice(&self.lamport.to_le_bytes());
        out.extend_from_slice(&self.wall.to_le_bytes());
        out.extend_from_slice(&self.body_length.to_le_bytes());
        out.extend_from_slice(&self.body_hash);
        let count = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&count.to_le_bytes());
        for parent in &self.parents {
            out.extend_from_slice(&parent.0);
        }
        out
    }

    /// Reads a header, refusing whatever [`Header::encode`] would not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let mut reader = Reader(bytes);
        let [version, class, reserved_a, reserved_b] = reader.take::<4>()?;
        if version != VERSION {
            return Err(HeaderError::Version(version));
        }
        let header = Self {
            class: Class::from_number(class).ok_or(HeaderError::Class(class))?,
            vault: VaultId(reader.take()?),
            device: DeviceId(reader.take()?),
            author: ItemId(reader.take()?),
            stream: StreamId(reader.take()?),
            sequence: u64::from_le_bytes(reader.take()?),
            previous: EntryId(reader.take()?),
            lamport: u64::from_le_bytes(reader.take()?),
            wall: i64::from_le_bytes(reader.take()?),
            body_length: u32::from_le_bytes(reader.take()?),
            body_hash: reader.take()?,
            parents: reader.parents()?,
        };
        let body = header.body_length as usize;
        let body_fits = (MIN_BODY..=MAX_FACT).contains(&body) && body.is_power_of_two();
        let first = header.sequence == 1;
        let well_formed = reserved_a == 0
            && reserved_b == 0
            && header.sequence > 0
            && header.lamport > 0
            && first == (header.previous == EntryId([0; 32]))
            && header.parents.windows(2).all(|pair| pair[0] < pair[1]);
        if body_fits && well_formed { Ok(header) } else { Err(HeaderError::Bounds) }
    }

    /// BLAKE3 of the header's bytes.
    pub fn id(&self) -> EntryId {
        id_of(&self.encode())
    }

    /// What the fold needs of it.
    pub fn stamp(&self, id: EntryId) -> Stamp {
        Stamp {
            id,
            stream: self.stream,
            class: self.class,
            author: self.author,
            device: self.device,
            lamport: self.lamport,
            wall: self.wall,
        }
    }
}

/// Where an entry stands: what order and fold need of its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// As in [`Header::device`].
    pub device: DeviceId,
    /// As in [`Header::author`].
    pub author: ItemId,
    /// As in [`Header::stream`].
    pub stream: StreamId,
    /// As in [`Header::class`].
    pub class: Class,
    /// As in [`Header::sequence`].
    pub sequence: u64,
    /// As in [`Header::previous`].
    pub previous: EntryId,
    /// As in [`Header::lamport`].
    pub lamport: u64,
    /// As in [`Header::wall`].
    pub wall: i64,
    /// As in [`Header::parents`].
    pub parents: Vec<EntryId>,
}

impl Standing {
    /// As [`Header::stamp`].
    pub fn stamp(&self, id: EntryId) -> Stamp {
        let Self { device, author, stream, class, lamport, wall, .. } = *self;
        Stamp { id, stream, class, author, device, lamport, wall }
    }
}

impl From<&Header> for Standing {
    fn from(header: &Header) -> Self {
        let Header { device, author, stream, class, sequence, previous, lamport, wall, .. } = *header;
        Self { device, author, stream, class, sequence, previous, lamport, wall, parents: header.parents.clone() }
    }
}

/// The id of a header's bytes.
pub fn id_of(header: &[u8]) -> EntryId {
    EntryId(*blake3::hash(header).as_bytes())
}

/// True if `body` is the one that the header names.
pub fn body_matches(header: &Header, body: &[u8]) -> bool {
    body.len() == header.body_length as usize && *blake3::hash(body).as_bytes() == header.body_hash
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], HeaderError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(HeaderError::Length)?;
        self.0 = rest;
        Ok(*head)
    }

    fn parents(&mut self) -> Result<Vec<EntryId>, HeaderError> {
        let count = u32::from_le_bytes(self.take()?) as usize;
        if count > MAX_PARENTS || self.0.len() != count * EntryId::LEN {
            return Err(HeaderError::Length);
        }
        (0..count).map(|_| self.take().map(EntryId)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Header {
        Header {
            vault: VaultId([1; 16]),
            device: DeviceId([2; 32]),
            author: ItemId([3; 16]),
            stream: StreamId([4; 16]),
            class: Class::Views,
            sequence: 2,
            previous: EntryId([5; 32]),
            lamport: 7,
            wall: -1,
            parents: vec![EntryId([5; 32]), EntryId([6; 32])],
            body_length: 64,
            body_hash: [8; 32],
        }
    }

    #[test]
    fn golden_bytes_of_a_header() {
        let bytes = sample().encode();
        assert_eq!(bytes.len(), FIXED + 64);
        assert_eq!(sample().id().to_string(), "92dda09b6858af4b2a2175030c9239d2ce4e884559aba039febf33f8e3d40809");
        assert_eq!(Header::decode(&bytes), Ok(sample()));
    }

    #[test]
    fn every_cut_and_every_lengthening_is_refused() {
        let bytes = sample().encode();
        for length in 0..bytes.len() {
            assert!(Header::decode(&bytes[..length]).is_err(), "cut to {length}");
        }
        assert_eq!(Header::decode(&[bytes.as_slice(), &[0]].concat()), Err(HeaderError::Length));
    }

    #[test]
    fn what_encode_would_not_write_is_refused() {
        let wrong = |change: fn(&mut Header)| {
            let mut header = sample();
            change(&mut header);
            Header::decode(&header.encode())
        };
        assert_eq!(wrong(|h| h.sequence = 0), Err(HeaderError::Bounds));
        assert_eq!(wrong(|h| h.sequence = 1), Err(HeaderError::Bounds));
        assert_eq!(wrong(|h| h.previous = EntryId([0; 32])), Err(HeaderError::Bounds));
        assert_eq!(wrong(|h| h.lamport = 0), Err(HeaderError::Bounds));
        assert_eq!(wrong(|h| h.body_length = 65), Err(HeaderError::Bounds));
        assert_eq!(wrong(|h| h.parents.reverse()), Err(HeaderError::Bounds));
        assert_eq!(wrong(|h| h.parents = vec![EntryId([1; 32]); 17]), Err(HeaderError::Length));
        let mut newer = sample().encode();
        newer[0] = 2;
        assert_eq!(Header::decode(&newer), Err(HeaderError::Version(2)));
        newer[0] = 1;
        newer[1] = 99;
        assert_eq!(Header::decode(&newer), Err(HeaderError::Class(99)));
    }
}
