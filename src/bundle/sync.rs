//! What a `sync` carries beside entries: what its sender holds (`heads.bin` in a form of its own) and wrapped keys
//! (`ring.bin`).
//!
//! Both only help: what the sender holds decides what is sent to it next, and a wrapped key opens under the team's own
//! keys or not at all. Nothing in here makes an entry believed. docs/formats/bundle.md, "Between a team's own devices".

use super::refusal::Refusal;
use crate::domain::ids::{BlobId, CopyId, DeviceId, KeyId, StreamId};
use crate::vault::keys::ring::{MAX_ENTRY, RingEntry, RingError};

/// What `heads.bin` of a sync begins with.
pub const HELD: &[u8; 13] = b"mahoe held 3\n";
/// What it began with before documents were told of.
const BARE: &[u8; 13] = b"mahoe held 2\n";
/// What it began with before a copy counted what it tells.
const UNCOUNTED: &[u8; 13] = b"mahoe held 1\n";
/// What `ring.bin` begins with.
pub const RING: &[u8; 13] = b"mahoe ring 1\n";
/// The most bytes of `ring.bin`.
pub const MAX_RING: u64 = 64 << 20;

/// What a copy of the vault holds of one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chain {
    /// Whose chain.
    pub device: DeviceId,
    /// The stream.
    pub stream: StreamId,
    /// The number of the class; a newer version's classes may be unknown here.
    pub class: u8,
    /// The highest sequence up to which none is missing; 0 if the first is.
    pub upto: u64,
    /// Tells two different holdings of the same length apart: the XOR of [`mark`] of every entry up to there.
    pub digest: [u8; 8],
}

/// What a copy of the vault holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which copy: what it tells takes the place of what it told before, whoever of its people signs.
    pub copy: CopyId,
    /// Of what the copy tells the higher number is the later, whatever any clock says; 0 where it was not counted.
    pub count: u64,
    /// The epoch that it writes under.
    pub epoch: KeyId,
    /// The documents whose sealed bytes it has, sorted; none where that was not told.
    pub blobs: Vec<BlobId>,
    /// Its chains, sorted by device, stream and class.
    pub chains: Vec<Chain>,
}

/// What one entry adds to a chain's digest: the first bytes of BLAKE3 over its id and whether its body is there (a
/// destroyed one is, as far as anybody can have it).
pub fn mark(entry: &[u8; 32], body: bool) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new_derive_key("mahoe held v1");
    hasher.update(entry).update(&[u8::from(body)]);
    let mut mark = [0; 8];
    hasher.finalize_xof().fill(&mut mark);
    mark
}

impl Held {
    /// The whole member. Chains are sorted; of two for one place the first counts.
    pub fn encode(&self) -> Vec<u8> {
        let mut chains = self.chains.clone();
        chains.sort_unstable();
        chains.dedup_by_key(|chain| (chain.device, chain.stream, chain.class));
        let mut out = HELD.to_vec();
        out.extend_from_slice(self.copy.bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(self.epoch.bytes());
        let mut blobs = self.blobs.clone();
        blobs.sort_unstable();
        blobs.dedup();
        out.extend_from_slice(&u32::try_from(blobs.len()).unwrap_or(u32::MAX).to_le_bytes());
        for blob in &blobs {
            out.extend_from_slice(blob.bytes());
        }
        for of_device in chains.chunk_by(|one, next| one.device == next.device) {
            out.extend_from_slice(of_device[0].device.bytes());
            out.extend_from_slice(&u32::try_from(of_device.len()).unwrap_or(u32::MAX).to_le_bytes());
            for chain in of_device {
                out.extend_from_slice(chain.stream.bytes());
                out.push(chain.class);
                out.extend_from_slice(&chain.upto.to_le_bytes());
                out.extend_from_slice(&chain.digest);
            }
        }
        out
    }

    /// Tells two states apart, whenever and how often they are told.
    pub fn content(&self) -> [u8; 32] {
        *blake3::hash(&Self { count: 0, ..self.clone() }.encode()).as_bytes()
    }

    /// Reads what [`Held::encode`] writes, and what it wrote before documents and before there was a count. The caller has bounded the length.
    ///
    /// # Errors
    /// [`Refusal::Heads`] with the place.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        const ROW: usize = 16 + 1 + 8 + 8;
        let (uncounted, bare) = (bytes.starts_with(UNCOUNTED), bytes.starts_with(BARE));
        let mut rest = bytes.get(HELD.len()..).filter(|_| uncounted || bare || bytes.starts_with(HELD));
        let rest = rest.as_mut().ok_or(Refusal::Heads("first line"))?;
        let copy = CopyId(take(rest)?);
        let count = if uncounted { 0 } else { u64::from_le_bytes(take(rest)?) };
        let epoch = KeyId(take(rest)?);
        let blobs = if uncounted || bare { Vec::new() } else { blobs(rest)? };
        let mut chains: Vec<Chain> = Vec::new();
        while !rest.is_empty() {
            let device = DeviceId(take(rest)?);
            let count = u32::from_le_bytes(take(rest)?) as usize;
            if count == 0 || rest.len() / ROW < count || chains.last().is_some_and(|last| last.device >= device) {
                return Err(Refusal::Heads("count"));
            }
            for _ in 0..count {
                let stream = StreamId(take(rest)?);
                let [class] = take(rest)?;
                let upto = u64::from_le_bytes(take(rest)?);
                let digest = take(rest)?;
                let chain = Chain { device, stream, class, upto, digest };
                let before = chains.last().map(|last| (last.device, last.stream, last.class));
                if before.is_some_and(|before| before >= (device, stream, class)) {
                    return Err(Refusal::Heads("order"));
                }
                chains.push(chain);
            }
        }
        Ok(Self { copy, count, epoch, blobs, chains })
    }
}

/// Names of documents' bytes, rising.
fn blobs(rest: &mut &[u8]) -> Result<Vec<BlobId>, Refusal> {
    let count = u32::from_le_bytes(take(rest)?) as usize;
    if rest.len() / BlobId::LEN < count {
        return Err(Refusal::Heads("count"));
    }
    let blobs = (0..count).map(|_| take(rest).map(BlobId)).collect::<Result<Vec<_>, _>>()?;
    if blobs.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Refusal::Heads("order"));
    }
    Ok(blobs)
}

/// The whole `ring.bin`.
pub fn encode_ring<'a>(entries: impl IntoIterator<Item = &'a RingEntry>) -> Vec<u8> {
    let mut out = RING.to_vec();
    for entry in entries {
        let bytes = entry.encode();
        out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&bytes);
    }
    out
}

/// Reads `ring.bin`. The caller has bounded the length by [`MAX_RING`].
///
/// # Errors
/// [`Refusal::Contents`]; [`Refusal::Newer`] for an entry that only a newer mahoe reads.
pub fn decode_ring(bytes: &[u8]) -> Result<Vec<RingEntry>, Refusal> {
    let mut rest = bytes.strip_prefix(RING.as_slice()).ok_or(Refusal::Contents)?;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(take(&mut rest).map_err(|_| Refusal::Contents)?) as usize;
        if length > MAX_ENTRY || length > rest.len() {
            return Err(Refusal::Contents);
        }
        let (entry, tail) = rest.split_at(length);
        rest = tail;
        entries.push(RingEntry::decode(entry).map_err(|error| match error {
            RingError::Newer => Refusal::Newer,
            RingError::Malformed => Refusal::Contents,
        })?);
    }
    Ok(entries)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Refusal> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(Refusal::Heads("end"))?;
    *rest = tail;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(device: u8, stream: u8, class: u8, upto: u64) -> Chain {
        Chain { device: DeviceId([device; 32]), stream: StreamId([stream; 16]), class, upto, digest: [9; 8] }
    }

    #[test]
    fn golden_bytes_of_what_is_held() {
        let held = Held {
            copy: CopyId([6; 16]),
            count: 5,
            epoch: KeyId([7; 16]),
            blobs: vec![BlobId([4; 32]), BlobId([3; 32])],
            chains: vec![chain(2, 1, 1, 3), chain(1, 5, 2, 258)],
        };
        let row = |stream: u8, class: u8, upto: [u8; 2]| {
            [&[stream; 16], [class].as_slice(), &upto, &[0; 6], &[9; 8]].concat()
        };
        let first = [[1; 32].as_slice(), &[1, 0, 0, 0], &row(5, 2, [2, 1])].concat();
        let second = [[2; 32].as_slice(), &[1, 0, 0, 0], &row(1, 1, [3, 0])].concat();
        let blobs = [[2, 0, 0, 0].as_slice(), &[3; 32], &[4; 32]].concat();
        let bytes = [HELD.as_slice(), &[6; 16], &[5, 0, 0, 0, 0, 0, 0, 0], &[7; 16], &blobs, &first, &second].concat();
        assert_eq!(held.encode(), bytes);
        let sorted = Held {
            blobs: vec![BlobId([3; 32]), BlobId([4; 32])],
            chains: vec![chain(1, 5, 2, 258), chain(2, 1, 1, 3)],
            ..held
        };
        assert_eq!(Held::decode(&bytes).as_ref(), Ok(&sorted));
        let before = [BARE.as_slice(), &[6; 16], &[5, 0, 0, 0, 0, 0, 0, 0], &[7; 16], &first, &second].concat();
        assert_eq!(Held::decode(&before), Ok(Held { blobs: Vec::new(), ..sorted.clone() }));
        let before = [UNCOUNTED.as_slice(), &[6; 16], &[7; 16], &first, &second].concat();
        assert_eq!(Held::decode(&before), Ok(Held { count: 0, blobs: Vec::new(), ..sorted }));
        let none = [0; 4];
        let swapped = [HELD.as_slice(), &[6; 16], &[0; 8], &[7; 16], &none, &second, &first].concat();
        assert_eq!(Held::decode(&swapped), Err(Refusal::Heads("count")));
        for cut in 0..bytes.len() {
            let shorter = Held::decode(&bytes[..cut]);
            assert!(shorter.is_err() || shorter.map(|held| held.encode()) == Ok(bytes[..cut].to_vec()), "{cut}");
        }
        let begun = [HELD.as_slice(), &[6; 16], &[0; 8], &[7; 16]].concat();
        let endless = [begun.as_slice(), &none, &[1; 32], &[255; 4]].concat();
        assert_eq!(Held::decode(&endless), Err(Refusal::Heads("count")));
        assert_eq!(Held::decode(&[begun.as_slice(), &[255; 4]].concat()), Err(Refusal::Heads("count")));
        let twice = [begun.as_slice(), &[2, 0, 0, 0], &[4; 32], &[4; 32]].concat();
        assert_eq!(Held::decode(&twice), Err(Refusal::Heads("order")));
        assert_eq!(decode_ring(&[RING.as_slice(), &[255; 4]].concat()), Err(Refusal::Contents));
    }

    proptest! {
        #[test]
        fn anything_is_refused_or_has_one_spelling(bytes in prop::collection::vec(0u8..3, 0..200)) {
            let bytes = [HELD.as_slice(), &bytes].concat();
            if let Ok(held) = Held::decode(&bytes) {
                prop_assert_eq!(held.encode(), bytes);
            }
        }
    }
}
