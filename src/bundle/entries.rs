//! `entries.bin`: signed entries one after another, each with as much of its body as the receiver is given.
//!
//! A record is bounded before anything is allocated for it. Headers, signatures and bodies are handed on as bytes: what
//! they mean, and whether they are true, is for the caller. Numbers are little-endian. docs/formats/bundle.md.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::refusal::Refusal;
use crate::domain::ids::CompartmentKeyId;
use crate::log::codec::MAX_FACT;
use crate::vault::seal::OVERHEAD;

/// What the member begins with.
pub const MAGIC: &[u8; 16] = b"mahoe entries 1\n";
/// The longest header, in bytes; those of format 1 have at most 692.
pub const MAX_HEADER: usize = 1024;
/// The longest open body, in bytes.
pub const MAX_BODY: usize = MAX_FACT;
/// The longest sealed body, in bytes.
pub const MAX_SEALED: usize = MAX_FACT + OVERHEAD;
/// The most records in one bundle.
pub const MAX_COUNT: u64 = 4_000_000;
/// The most bytes of the member.
pub const MAX_SIZE: u64 = 512 << 20;

const SEALED: u8 = 1;
const DESTROYED: u8 = 2;
const WITHHELD: u8 = 3;
const OPEN: u8 = 4;

/// One entry as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The header's bytes as they were signed.
    pub header: Vec<u8>,
    /// The device's signature.
    pub signature: [u8; 64],
    /// What of the body travels.
    pub body: Body,
}

/// What of an entry's body travels.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Sealed under a compartment key of the team: between a team's own devices only.
    Sealed(CompartmentKeyId, Vec<u8>),
    /// Struck or disposed of.
    Destroyed,
    /// Kept back: the entry shows as existing.
    Withheld,
    /// The padded body.
    Open(Zeroizing<Vec<u8>>),
}

/// Lengths only: a body is never printed.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sealed(key, bytes) => write!(f, "Sealed({key:?}, {} bytes)", bytes.len()),
            Self::Destroyed => f.write_str("Destroyed"),
            Self::Withheld => f.write_str("Withheld"),
            Self::Open(bytes) => write!(f, "Open({} bytes)", bytes.len()),
        }
    }
}

impl Record {
    /// Appends the record. An error of [`io::ErrorKind::InvalidInput`] says that it is longer than any may be.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (state, body, most): (u8, &[u8], usize) = match &self.body {
            Body::Sealed(_, bytes) => (SEALED, bytes, MAX_SEALED),
            Body::Destroyed => (DESTROYED, &[], 0),
            Body::Withheld => (WITHHELD, &[], 0),
            Body::Open(bytes) => (OPEN, bytes, MAX_BODY),
        };
        if self.header.is_empty() || self.header.len() > MAX_HEADER || body.len() > most {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let header_length = u16::try_from(self.header.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let body_length = u32::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        out.write_all(&header_length.to_le_bytes())?;
        out.write_all(&self.header)?;
        out.write_all(&self.signature)?;
        out.write_all(&[state])?;
        if let Body::Sealed(key, _) = &self.body {
            out.write_all(key.bytes())?;
        }
        out.write_all(&body_length.to_le_bytes())?;
        out.write_all(body)
    }

    /// Reads a record. `pull` fills the whole slice or refuses; `sealed` says whether sealed bodies may stand here.
    pub fn read(pull: &mut dyn FnMut(&mut [u8]) -> Result<(), Refusal>, sealed: bool) -> Result<Self, Refusal> {
        let mut length = [0; 2];
        pull(&mut length)?;
        let length = usize::from(u16::from_le_bytes(length));
        if !(1..=MAX_HEADER).contains(&length) {
            return Err(Refusal::Entries("length of a header"));
        }
        let mut header = vec![0; length];
        pull(&mut header)?;
        let mut signature = [0; 64];
        pull(&mut signature)?;
        let mut state = [0];
        pull(&mut state)?;
        let mut key = CompartmentKeyId([0; 16]);
        let most = match state[0] {
            SEALED if sealed => {
                pull(&mut key.0)?;
                MAX_SEALED
            }
            DESTROYED | WITHHELD => 0,
            OPEN => MAX_BODY,
            _ => return Err(Refusal::Entries("state of a body")),
        };
        let mut length = [0; 4];
        pull(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > most {
            return Err(Refusal::Entries("length of a body"));
        }
        let mut body = Zeroizing::new(vec![0; length]);
        pull(&mut body)?;
        let body = match state[0] {
            SEALED => Body::Sealed(key, std::mem::take(&mut *body)),
            DESTROYED => Body::Destroyed,
            WITHHELD => Body::Withheld,
            _ => Body::Open(body),
        };
        Ok(Self { header, signature, body })
    }
}

/// All records of a whole member, which is in memory already.
pub fn decode(bytes: &[u8], sealed: bool) -> Result<Vec<Record>, Refusal> {
    let mut rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(Refusal::Entries("first line"))?;
    let mut records = Vec::new();
    while !rest.is_empty() {
        let mut pull = |out: &mut [u8]| {
            let (head, tail) = rest.split_at_checked(out.len()).ok_or(Refusal::Entries("end"))?;
            out.copy_from_slice(head);
            rest = tail;
            Ok(())
        };
        records.push(Record::read(&mut pull, sealed)?);
    }
    Ok(records)
}

/// The whole member.
pub fn encode(records: &[Record]) -> io::Result<Vec<u8>> {
    let mut out = MAGIC.to_vec();
    records.iter().try_for_each(|record| record.write(&mut out))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(body: Body) -> Record {
        Record { header: vec![7; 3], signature: [9; 64], body }
    }

    #[test]
    fn golden_bytes_of_records() {
        let sealed = Body::Sealed(CompartmentKeyId([5; 16]), vec![1, 2]);
        let bytes =
            encode(&[record(Body::Open(vec![4].into())), record(Body::Withheld), record(sealed)]).expect("short");
        let sign = [9; 64];
        let wanted = [
            b"mahoe entries 1\n".as_slice(),
            &[&[3, 0, 7, 7, 7], sign.as_slice(), &[4, 1, 0, 0, 0, 4]].concat(),
            &[&[3, 0, 7, 7, 7], sign.as_slice(), &[3, 0, 0, 0, 0]].concat(),
            &[&[3, 0, 7, 7, 7], sign.as_slice(), &[1], &[5; 16], &[2, 0, 0, 0, 1, 2]].concat(),
        ];
        assert_eq!(bytes, wanted.concat());
        assert_eq!(decode(&bytes, false), Err(Refusal::Entries("state of a body")), "sealed for a team only");
    }

    #[test]
    fn lengths_are_judged_before_anything_is_allocated() {
        let start = [MAGIC.as_slice(), &[1, 0, 7], &[9; 64]].concat();
        for (state, length) in [(4u8, MAX_BODY + 1), (2, 1), (3, 1), (4, u32::MAX as usize)] {
            let bytes = [start.clone(), vec![state], u32::try_from(length).unwrap().to_le_bytes().to_vec()].concat();
            assert_eq!(decode(&bytes, true), Err(Refusal::Entries("length of a body")));
        }
        for length in [0u16, 1025, u16::MAX] {
            let bytes = [MAGIC.as_slice(), &length.to_le_bytes()].concat();
            assert_eq!(decode(&bytes, true), Err(Refusal::Entries("length of a header")));
        }
        assert_eq!(decode(&[start, vec![0, 0, 0, 0, 0]].concat(), true), Err(Refusal::Entries("state of a body")));
        assert_eq!(decode(b"mahoe entries 2\n", true), Err(Refusal::Entries("first line")));
        let long = Record { header: vec![0; 1025], ..record(Body::Destroyed) };
        assert_eq!(encode(&[long]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    fn any_record() -> impl Strategy<Value = Record> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..200);
        let body = prop_oneof![
            Just(Body::Destroyed),
            Just(Body::Withheld),
            bytes().prop_map(|bytes| Body::Open(bytes.into())),
            (any::<[u8; 16]>(), bytes()).prop_map(|(key, bytes)| Body::Sealed(CompartmentKeyId(key), bytes)),
        ];
        (prop::collection::vec(any::<u8>(), 1..100), prop::collection::vec(any::<u8>(), 64), body)
            .prop_map(|(header, signature, body)| Record { header, signature: signature.try_into().expect("64"), body })
    }

    proptest! {
        #[test]
        fn records_come_back_and_no_cut_is_taken_for_a_whole(records in prop::collection::vec(any_record(), 0..6)) {
            let bytes = encode(&records).expect("within bounds");
            prop_assert_eq!(&decode(&bytes, true), &Ok(records));
            let read = |cut: usize| decode(&bytes[..cut], true);
            for cut in 0..bytes.len() {
                let shorter = read(cut);
                prop_assert!(shorter.is_err() || encode(&shorter.unwrap()).unwrap() == bytes[..cut]);
            }
        }

        #[test]
        fn anything_is_refused_or_has_one_spelling(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let bytes = [MAGIC.as_slice(), &bytes].concat();
            if let Ok(records) = decode(&bytes, true) {
                prop_assert_eq!(encode(&records).unwrap(), bytes);
            }
        }
    }
}
