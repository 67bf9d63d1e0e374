//! Entries as the vault keeps them: header, signature, the id of the compartment key, and the body in one of its states.
//!
//! So they stand inside a journal frame; docs/formats/vault.md, "Records". Blocks of the working store hold the same in
//! two halves ([`super::block`]).

use zeroize::Zeroizing;

use crate::domain::ids::CompartmentKeyId;

const SEALED: u8 = 1;
const DESTROYED: u8 = 2;
const WITHHELD: u8 = 3;
/// The state of a body that lies open.
pub(super) const OPEN: u8 = 4;
/// Largest header that is believed, in bytes.
pub(super) const MAX_HEADER: usize = 1024;
/// Largest body that is believed, in bytes.
pub(super) const MAX_BODY: usize = (1 << 20) + 64;

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
    let (state, body) = state_and_body(&record.body);
    let body_length = u32::try_from(body.len()).expect("the codec bounds bodies");
    put_header(record, out);
    out.extend_from_slice(&record.key.0);
    out.push(state);
    out.extend_from_slice(&body_length.to_le_bytes());
    out.extend_from_slice(body);
}

/// Appends what was signed and the signature.
pub(super) fn put_header(record: &Record, out: &mut Vec<u8>) {
    let header_length = u16::try_from(record.header.len()).expect("a header has at most 16 parents");
    out.extend_from_slice(&header_length.to_le_bytes());
    out.extend_from_slice(&record.header);
    out.extend_from_slice(&record.signature);
}

/// The number of a body's state, and its bytes.
pub(super) fn state_and_body(body: &Kept) -> (u8, &[u8]) {
    match body {
        Kept::Sealed(bytes) => (SEALED, bytes),
        Kept::Open(bytes) => (OPEN, bytes),
        Kept::Destroyed => (DESTROYED, &[]),
        Kept::Withheld => (WITHHELD, &[]),
    }
}

/// A copy of a body in a state.
pub(super) fn kept(state: u8, body: &[u8]) -> Result<Kept, Malformed> {
    match (state, body.is_empty()) {
        (SEALED, false) => Ok(Kept::Sealed(body.to_vec())),
        (OPEN, false) => Ok(Kept::Open(Zeroizing::new(body.to_vec()))),
        (DESTROYED, true) => Ok(Kept::Destroyed),
        (WITHHELD, true) => Ok(Kept::Withheld),
        _ => Err(Malformed),
    }
}

/// Every record of a frame; all or nothing.
pub fn decode_all(mut bytes: &[u8]) -> Result<Vec<Record>, Malformed> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        records.push(decode(&mut bytes)?);
    }
    Ok(records)
}

fn decode(bytes: &mut &[u8]) -> Result<Record, Malformed> {
    let header_length = u16::from_le_bytes(take(bytes)?) as usize;
    let header = slice(bytes, header_length, MAX_HEADER)?.to_vec();
    let signature = take(bytes)?;
    let key = CompartmentKeyId(take(bytes)?);
    let [state] = take(bytes)?;
    let body_length = u32::from_le_bytes(take(bytes)?) as usize;
    let body = kept(state, slice(bytes, body_length, MAX_BODY)?)?;
    Ok(Record { header, signature, key, body })
}

pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (head, rest) = bytes.split_first_chunk::<N>().ok_or(Malformed)?;
    *bytes = rest;
    Ok(*head)
}

pub(super) fn slice<'a>(bytes: &mut &'a [u8], length: usize, most: usize) -> Result<&'a [u8], Malformed> {
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
