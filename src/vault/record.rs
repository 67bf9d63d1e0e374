//! Entries as the vault keeps them: header, signature, the id of the compartment key, and the body in one of its states.
//!
//! The same bytes stand inside a journal frame and inside a block of the working store; docs/formats/vault.md,
//! "Records".

use std::ops::Range;

use zeroize::Zeroizing;

use crate::domain::ids::CompartmentKeyId;

const SEALED: u8 = 1;
const DESTROYED: u8 = 2;
const WITHHELD: u8 = 3;
const OPEN: u8 = 4;
/// Largest header and largest body that are believed, in bytes.
const MAX_HEADER: usize = 1024;
const MAX_BODY: usize = (1 << 20) + 64;

/// The body of a kept entry.
#[derive(Clone, PartialEq, Eq)]
pub enum Kept {
    /// Sealed under its compartment's key.
    Sealed(Vec<u8>),
    /// Open, inside a block that is sealed as a whole.
    Open(Zeroizing<Vec<u8>>),
    /// Struck or disposed of.
    Destroyed,
    /// Not sent to us.
    Withheld,
}

/// An entry as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The header's bytes, as signed.
    pub header: Vec<u8>,
    /// The signature.
    pub signature: [u8; 64],
    /// Names the key under which the body is or was sealed.
    pub key: CompartmentKeyId,
    /// The body.
    pub body: Kept,
}

/// The bytes are no list of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Appends one record.
pub fn encode(record: &Record, out: &mut Vec<u8>) {
    let (state, body): (u8, &[u8]) = match &record.body {
        Kept::Sealed(bytes) => (SEALED, bytes),
        Kept::Open(bytes) => (OPEN, bytes),
        Kept::Destroyed => (DESTROYED, &[]),
        Kept::Withheld => (WITHHELD, &[]),
    };
    let header_length = u16::try_from(record.header.len()).expect("a header has at most 16 parents");
    let body_length = u32::try_from(body.len()).expect("the codec bounds bodies");
    out.extend_from_slice(&header_length.to_le_bytes());
    out.extend_from_slice(&record.header);
    out.extend_from_slice(&record.signature);
    out.extend_from_slice(&record.key.0);
    out.push(state);
    out.extend_from_slice(&body_length.to_le_bytes());
    out.extend_from_slice(body);
}

/// A record where it lies: nothing of it is copied.
pub struct View<'a> {
    /// As in [`Record::header`].
    pub header: &'a [u8],
    /// As in [`Record::signature`].
    pub signature: [u8; 64],
    /// As in [`Record::key`].
    pub key: CompartmentKeyId,
    state: u8,
    body: &'a [u8],
    /// How many bytes follow it.
    behind: usize,
}

impl View<'_> {
    /// Where the body lies among `all` bytes that the views were made of, if it lies open.
    pub fn open_in(&self, all: &[u8]) -> Option<Range<usize>> {
        let end = all.len() - self.behind;
        (self.state == OPEN).then(|| end - self.body.len()..end)
    }

    /// A copy that stands for itself.
    pub fn record(&self) -> Record {
        let body = match self.state {
            SEALED => Kept::Sealed(self.body.to_vec()),
            OPEN => Kept::Open(Zeroizing::new(self.body.to_vec())),
            DESTROYED => Kept::Destroyed,
            _ => Kept::Withheld,
        };
        Record { header: self.header.to_vec(), signature: self.signature, key: self.key, body }
    }
}

/// Every record of a frame or block; all or nothing.
pub fn decode_all(bytes: &[u8]) -> Result<Vec<Record>, Malformed> {
    views(bytes).map(|view| view.map(|view| view.record())).collect()
}

/// Every record of a frame or block, one after the other; nothing follows an error.
pub fn views(mut bytes: &[u8]) -> impl Iterator<Item = Result<View<'_>, Malformed>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let next = view(&mut bytes);
        if next.is_err() {
            bytes = &[];
        }
        Some(next)
    })
}

fn view<'a>(bytes: &mut &'a [u8]) -> Result<View<'a>, Malformed> {
    let header_length = u16::from_le_bytes(take(bytes)?) as usize;
    let header = slice(bytes, header_length, MAX_HEADER)?;
    let signature = take(bytes)?;
    let key = CompartmentKeyId(take(bytes)?);
    let [state] = take(bytes)?;
    let body_length = u32::from_le_bytes(take(bytes)?) as usize;
    let body = slice(bytes, body_length, MAX_BODY)?;
    match (state, body.is_empty()) {
        (SEALED | OPEN, false) | (DESTROYED | WITHHELD, true) => {
            Ok(View { header, signature, key, state, body, behind: bytes.len() })
        }
        _ => Err(Malformed),
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (head, rest) = bytes.split_first_chunk::<N>().ok_or(Malformed)?;
    *bytes = rest;
    Ok(*head)
}

fn slice<'a>(bytes: &mut &'a [u8], length: usize, most: usize) -> Result<&'a [u8], Malformed> {
    if length > most || length > bytes.len() {
        return Err(Malformed);
    }
    let (head, rest) = bytes.split_at(length);
    *bytes = rest;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(body: Kept) -> Record {
        Record { header: vec![7; 3], signature: [1; 64], key: CompartmentKeyId([2; 16]), body }
    }

    #[test]
    fn golden_bytes_and_round_trip() {
        let mut bytes = Vec::new();
        encode(&sample(Kept::Sealed(vec![9, 9])), &mut bytes);
        let want = [[3, 0, 7, 7, 7].as_slice(), &[1; 64], &[2; 16], &[1, 2, 0, 0, 0, 9, 9]].concat();
        assert_eq!(bytes, want);
        let all = [
            sample(Kept::Sealed(vec![9, 9])),
            sample(Kept::Open(Zeroizing::new(vec![1]))),
            sample(Kept::Destroyed),
            sample(Kept::Withheld),
        ];
        let mut bytes = Vec::new();
        for record in &all {
            encode(record, &mut bytes);
        }
        assert!(decode_all(&bytes) == Ok(all.to_vec()));
    }

    #[test]
    fn every_cut_and_unknown_states_are_refused() {
        let mut bytes = Vec::new();
        encode(&sample(Kept::Sealed(vec![9, 9])), &mut bytes);
        for length in 1..bytes.len() {
            assert!(decode_all(&bytes[..length]) == Err(Malformed), "cut to {length}");
        }
        for state in [0, 2, 3, 5] {
            bytes[85] = state;
            assert!(decode_all(&bytes) == Err(Malformed), "state {state}");
        }
    }
}
