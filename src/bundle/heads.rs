//! `heads.bin`: what the sender holds already in the compartments that it shares with the receiver.
//!
//! It only saves sending twice: a wrong list can make a bundle longer or shorter, never make anything believed.

use super::refusal::Refusal;
use crate::domain::ids::{EntryId, StreamId};

/// What the member begins with.
pub const MAGIC: &[u8; 14] = b"mahoe heads 1\n";
/// The most bytes of the member.
pub const MAX_SIZE: u64 = 64 << 20;

/// The heads of one compartment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Head {
    /// The stream.
    pub stream: StreamId,
    /// The number of the class; a newer version's classes may be unknown here.
    pub class: u8,
    /// The entries that no other one follows, sorted. Never empty.
    pub entries: Vec<EntryId>,
}

/// The whole member. Compartments without heads are left out, and of one with more than 65,535 the rest: the list is a
/// help, not a promise.
pub fn encode(heads: &[Head]) -> Vec<u8> {
    let mut sorted: Vec<&Head> = heads.iter().filter(|head| !head.entries.is_empty()).collect();
    sorted.sort_by_key(|head| (head.stream, head.class));
    sorted.dedup_by_key(|head| (head.stream, head.class));
    let mut out = MAGIC.to_vec();
    for head in sorted {
        let mut entries = head.entries.clone();
        entries.sort_unstable();
        entries.dedup();
        entries.truncate(usize::from(u16::MAX));
        out.extend_from_slice(head.stream.bytes());
        out.push(head.class);
        out.extend_from_slice(&u16::try_from(entries.len()).unwrap_or(u16::MAX).to_le_bytes());
        for entry in &entries {
            out.extend_from_slice(entry.bytes());
        }
    }
    out
}

/// Reads what [`encode`] writes, and nothing else. The caller has bounded the length by [`MAX_SIZE`].
pub fn decode(bytes: &[u8]) -> Result<Vec<Head>, Refusal> {
    let mut rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(Refusal::Heads("first line"))?;
    let mut heads: Vec<Head> = Vec::new();
    while !rest.is_empty() {
        let stream = StreamId(take(&mut rest)?);
        let [class] = take(&mut rest)?;
        let count = usize::from(u16::from_le_bytes(take(&mut rest)?));
        if count == 0 || rest.len() < count * EntryId::LEN {
            return Err(Refusal::Heads("count"));
        }
        let entries: Vec<EntryId> = (0..count).map(|_| take(&mut rest).map(EntryId)).collect::<Result<_, _>>()?;
        let in_order = heads.last().is_none_or(|last| (last.stream, last.class) < (stream, class));
        if !in_order || !entries.is_sorted_by(|one, next| one < next) {
            return Err(Refusal::Heads("order"));
        }
        heads.push(Head { stream, class, entries });
    }
    Ok(heads)
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

    fn head(stream: u8, class: u8, entries: &[u8]) -> Head {
        let entries = entries.iter().map(|byte| EntryId([*byte; 32])).collect();
        Head { stream: StreamId([stream; 16]), class, entries }
    }

    #[test]
    fn golden_bytes_of_heads() {
        let bytes = encode(&[head(2, 9, &[4, 3, 3]), head(2, 1, &[]), head(1, 1, &[5])]);
        let first = [[1; 16].as_slice(), &[1, 1, 0], &[5; 32]].concat();
        let second = [[2; 16].as_slice(), &[9, 2, 0], &[3; 32], &[4; 32]].concat();
        assert_eq!(bytes, [b"mahoe heads 1\n".as_slice(), &first, &second].concat());
        assert_eq!(decode(&bytes), Ok(vec![head(1, 1, &[5]), head(2, 9, &[3, 4])]));
        let swapped = [MAGIC.as_slice(), &second, &first].concat();
        assert_eq!(decode(&swapped), Err(Refusal::Heads("order")));
        assert_eq!(decode(&[MAGIC.as_slice(), &first, &first].concat()), Err(Refusal::Heads("order")));
        assert_eq!(decode(&[MAGIC.as_slice(), &[1; 16], &[1, 255, 255]].concat()), Err(Refusal::Heads("count")));
        assert_eq!(decode(&[MAGIC.as_slice(), &[1; 16], &[1, 0, 0]].concat()), Err(Refusal::Heads("count")));
        assert_eq!(decode(b"mahoe heads 2\n"), Err(Refusal::Heads("first line")));
    }

    proptest! {
        #[test]
        fn anything_is_refused_or_has_one_spelling(bytes in prop::collection::vec(0u8..4, 0..200)) {
            let bytes = [MAGIC.as_slice(), &bytes].concat();
            if let Ok(heads) = decode(&bytes) {
                prop_assert_eq!(encode(&heads), bytes);
            }
        }

        #[test]
        fn heads_come_back(list in prop::collection::btree_map((any::<[u8; 16]>(), any::<u8>()),
            prop::collection::btree_set(any::<[u8; 32]>(), 1..4), 0..5)) {
            let heads: Vec<Head> = list.into_iter().map(|((stream, class), entries)| Head {
                stream: StreamId(stream), class, entries: entries.into_iter().map(EntryId).collect(),
            }).collect();
            prop_assert_eq!(decode(&encode(&heads)), Ok(heads));
        }
    }
}
