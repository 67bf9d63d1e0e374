//! One frame: the unit in which the journal and the key ring are written, verified and found again behind damage.
//!
//! Layout in docs/formats/vault.md, "Framed logs". Nothing in here knows what a payload means: it is sealed, and rot
//! is found without any key. The outer hash protects against accidents, not against a forger: that is the seal's work.

use crate::domain::ids::KeyId;

/// What each frame starts with; the reader looks for it behind damage.
pub const MAGIC: [u8; 8] = *b"mahoeF1\n";
/// Bytes in front of the payload.
pub const HEADER: usize = 72;
/// Bytes behind the payload: the outer hash.
pub const TRAILER: usize = 32;
/// What a frame takes beside its payload, in bytes.
pub const OVERHEAD: usize = HEADER + TRAILER;
/// The largest payload, in bytes.
pub const MAX_PAYLOAD: usize = 64 << 20;

/// A frame as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the payload is; the log's owner gives the meaning.
    pub kind: u8,
    /// 1, 2, 3… without gaps over the whole log.
    pub arrival: u64,
    /// Names the key under which the payload is sealed.
    pub key: KeyId,
    /// The sealed bytes.
    pub payload: Vec<u8>,
    /// BLAKE3 of all the frame's bytes before it; the next frame names it.
    pub hash: [u8; 32],
}

/// Where a verified frame lies in a buffer, and what its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Of the frame's first byte, in the buffer.
    pub offset: usize,
    /// Of the whole frame, in bytes.
    pub len: usize,
    /// As in [`Frame::kind`].
    pub kind: u8,
    /// As in [`Frame::arrival`].
    pub arrival: u64,
    /// As in [`Frame::key`].
    pub key: KeyId,
    /// Hash of the frame before; zeros for the first.
    pub previous: [u8; 32],
    /// As in [`Frame::hash`].
    pub hash: [u8; 32],
}

impl View {
    /// The whole frame's bytes. `bytes` must be the buffer in which it was found.
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.offset..self.offset + self.len]
    }

    /// Its payload. `bytes` must be the buffer in which it was found.
    pub fn payload<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.offset + HEADER..self.offset + self.len - TRAILER]
    }

    /// The frame with a copy of its payload. `bytes` must be the buffer in which it was found.
    pub fn frame(&self, bytes: &[u8]) -> Frame {
        let payload = self.payload(bytes).to_vec();
        Frame { kind: self.kind, arrival: self.arrival, key: self.key, payload, hash: self.hash }
    }
}

/// Appends a frame to `out` and returns its hash. The payload must not be longer than [`MAX_PAYLOAD`].
pub fn encode(kind: u8, arrival: u64, key: KeyId, previous: &[u8; 32], payload: &[u8], out: &mut Vec<u8>) -> [u8; 32] {
    let start = out.len();
    debug_assert!(payload.len() <= MAX_PAYLOAD);
    // A longer one, against the rule, makes a frame that never verifies.
    let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.reserve(OVERHEAD + payload.len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[kind, 0, 0, 0]);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&arrival.to_le_bytes());
    out.extend_from_slice(key.bytes());
    out.extend_from_slice(previous);
    out.extend_from_slice(payload);
    let hash = *blake3::hash(&out[start..]).as_bytes();
    out.extend_from_slice(&hash);
    hash
}

fn array<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[offset..offset + N]);
    out
}

/// Reads a header without verifying the frame: `None` if it can't be one.
/// The returned view has no hash yet, and its length may reach behind the buffer.
pub fn header(bytes: &[u8], offset: usize) -> Option<View> {
    let head = bytes.get(offset..offset.checked_add(HEADER)?)?;
    if head[..8] != MAGIC || head[9..12] != [0; 3] {
        return None;
    }
    let payload = usize::try_from(u32::from_le_bytes(array(head, 12))).ok()?;
    let arrival = u64::from_le_bytes(array(head, 16));
    if payload > MAX_PAYLOAD || arrival == 0 {
        return None;
    }
    let (kind, key, previous) = (head[8], KeyId(array(head, 24)), array(head, 40));
    Some(View { offset, len: OVERHEAD + payload, kind, arrival, key, previous, hash: [0; 32] })
}

/// What a buffer of frames holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Every frame that verifies, in the order in which they lie.
    pub frames: Vec<View>,
    /// How many of them follow each other from the first byte without anything between.
    pub sound: usize,
    /// Where those end.
    pub sound_end: usize,
    /// Where the last frame, or the last byte that is not zero, ends.
    pub end: usize,
}

impl Scan {
    /// True if there is nothing but frames, then zeros.
    pub fn is_clean(&self) -> bool {
        self.sound == self.frames.len() && self.end == self.sound_end
    }

    /// True if each frame arrived after the one before it.
    pub fn is_in_order(&self) -> bool {
        self.frames.is_sorted_by(|one, next| one.arrival < next.arrival)
    }

    /// Takes out the frames that `keep` refuses, as if they did not verify; their arrivals come back.
    pub fn keep(&mut self, keep: impl Fn(&View) -> bool) -> Vec<u64> {
        let mut refused = Vec::new();
        self.frames.retain(|view| {
            let kept = keep(view);
            if !kept {
                refused.push(view.arrival);
            }
            kept
        });
        if !refused.is_empty() {
            (self.sound, self.sound_end) = (0, 0);
            for view in &self.frames {
                if view.offset != self.sound_end {
                    break;
                }
                self.sound += 1;
                self.sound_end += view.len;
            }
        }
        refused
    }

    /// Where the last frame that verifies ends.
    pub fn frames_end(&self) -> usize {
        self.frames.last().map_or(0, |view| view.offset + view.len)
    }
}

/// Finds every frame in a buffer, also behind damage.
pub fn scan(bytes: &[u8]) -> Scan {
    let content = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    // What was hashed in vain is bounded, so that a file full of false starts can't cost hours.
    let mut patience = bytes.len().saturating_mul(4).saturating_add(MAX_PAYLOAD);
    let mut found = Scan::default();
    let mut position = 0;
    while position < content {
        match verify(bytes, position) {
            Ok(view) => {
                if found.sound_end == position {
                    found.sound += 1;
                    found.sound_end = position + view.len;
                }
                position += view.len;
                found.frames.push(view);
            }
            Err(hashed) if hashed > patience => break,
            Err(hashed) => {
                patience -= hashed;
                let Some(next) = find_magic(&bytes[position + 1..content]) else { break };
                position += 1 + next;
            }
        }
    }
    found.end = content.max(found.frames_end());
    found
}

/// The frame at `offset`, or how many bytes were hashed to see that there is none.
fn verify(bytes: &[u8], offset: usize) -> Result<View, usize> {
    let mut view = header(bytes, offset).ok_or(0usize)?;
    let frame = bytes.get(offset..offset + view.len).ok_or(0usize)?;
    let (covered, outer) = frame.split_at(frame.len() - TRAILER);
    view.hash = *blake3::hash(covered).as_bytes();
    if outer == view.hash { Ok(view) } else { Err(covered.len()) }
}

fn find_magic(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MAGIC.len()).position(|window| window == MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut previous = [0; 32];
        for (arrival, payload) in [(1, &b"one"[..]), (2, b""), (3, b"three")] {
            previous = encode(7, arrival, KeyId([9; 16]), &previous, payload, &mut bytes);
        }
        bytes
    }

    fn arrivals(bytes: &[u8]) -> Vec<u64> {
        scan(bytes).frames.iter().map(|view| view.arrival).collect()
    }

    /// The bytes that docs/formats/vault.md promises; the hash comes from another implementation of BLAKE3.
    #[test]
    fn golden_bytes() {
        let mut bytes = Vec::new();
        encode(1, 2, KeyId(*b"0123456789abcdef"), &[0xee; 32], b"payload", &mut bytes);
        let mut expected = b"mahoeF1\n\x01\0\0\0\x07\0\0\0\x02\0\0\0\0\0\0\x000123456789abcdef".to_vec();
        expected.extend([0xee; 32]);
        expected.extend(b"payload");
        let hash = "d21f4f70d74ff69fdfa86b1d6ab91aa15f0f7907e50f18de62310c388de011a7";
        expected.extend((0..32).map(|i| u8::from_str_radix(&hash[2 * i..2 * i + 2], 16).unwrap()));
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_clean_buffer_with_zeros_behind() {
        let mut bytes = three();
        let end = bytes.len();
        bytes.resize(end + 4096, 0);
        let found = scan(&bytes);
        assert!(found.is_clean());
        assert_eq!((found.sound, found.sound_end, found.end), (3, end, end));
        assert_eq!(found.frames[2].frame(&bytes).payload, b"three");
        assert_eq!(found.frames[2].previous, found.frames[1].hash);
        assert_eq!(scan(&[]), Scan::default());
    }

    #[test]
    fn every_flipped_bit_costs_one_frame_only() {
        let bytes = three();
        let starts = [0, OVERHEAD + 3, 2 * OVERHEAD + 3, bytes.len()];
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let hit = starts.iter().position(|start| bit / 8 < *start).unwrap() as u64;
            let kept: Vec<u64> = (1..=3).filter(|arrival| *arrival != hit).collect();
            assert_eq!(arrivals(&damaged), kept, "bit {bit}");
            assert!(!scan(&damaged).is_clean());
        }
    }

    #[test]
    fn every_cut_keeps_what_is_whole() {
        let bytes = three();
        for len in 0..bytes.len() {
            let found = scan(&bytes[..len]);
            assert_eq!(found.frames.len(), found.sound);
            assert!(found.sound < 3);
        }
    }

    #[test]
    fn false_starts_are_bounded() {
        // Every eight bytes a header that claims the rest of the buffer.
        let mut bytes = vec![0; 1 << 20];
        for start in (0..bytes.len() - OVERHEAD).step_by(HEADER) {
            let len = u32::try_from(bytes.len() - start - OVERHEAD).unwrap();
            bytes[start..start + 8].copy_from_slice(&MAGIC);
            bytes[start + 12..start + 16].copy_from_slice(&len.to_le_bytes());
            bytes[start + 16] = 1;
        }
        assert!(scan(&bytes).frames.is_empty());
    }
}
