//! Blocks of the working store, in two halves of the same records: the *front*, which holds what unlocking needs, short,
//! and the *back*, which holds what only histories, bundles and checks need besides. docs/formats/vault.md, "The working
//! store".
//!
//! The front repeats what stands in the signed headers of the back, ids included; [`join`] is where that is checked, and
//! nothing becomes a [`Record`] again without it.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::domain::class::Class;
use crate::domain::ids::{CompartmentKeyId, DeviceId, EntryId, ItemId, StreamId};
use crate::log::codec;
use crate::log::entry::{self, Header, MAX_PARENTS, Standing};

use super::record::{self, Kept, MAX_BODY, MAX_HEADER, Malformed, Record, slice, take};

/// So far back a record may point to one that has the same: as far as a byte goes.
const REACH: usize = u8::MAX as usize;

/// The plain bytes of a block.
pub struct Halves {
    /// What unlocking needs.
    pub front: Zeroizing<Vec<u8>>,
    /// What it does not.
    pub back: Zeroizing<Vec<u8>>,
    /// The ids of the entries, in their order.
    pub ids: Vec<EntryId>,
}

/// What of a record occurs again in its neighbours.
struct Same {
    writer: (DeviceId, ItemId),
    stream: StreamId,
    key: CompartmentKeyId,
}

/// Both halves of some records.
///
/// # Errors
/// If the header of one makes no sense, or if they are more than 65,535.
pub fn encode<'a>(records: impl Iterator<Item = &'a Record>) -> Result<Halves, Malformed> {
    let (mut ids, mut same) = (Vec::new(), Vec::<Same>::new());
    let (mut lines, mut back) = (Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new()));
    for record in records {
        let standing = Standing::from(&Header::decode(&record.header).map_err(|_| Malformed)?);
        let padding = match &record.body {
            Kept::Open(body) => codec::padding(body),
            _ => 0,
        };
        let this = Same { writer: (standing.device, standing.author), stream: standing.stream, key: record.key };
        put_line(&standing, record, padding, (&this, &same), &ids, &mut lines);
        record::put_header(record, &mut back);
        back.extend_from_slice(&u32::try_from(padding).map_err(|_| Malformed)?.to_le_bytes());
        ids.push(entry::id_of(&record.header));
        same.push(this);
    }
    let count = u16::try_from(ids.len()).map_err(|_| Malformed)?;
    let mut front = Zeroizing::new(Vec::with_capacity(2 + ids.len() * EntryId::LEN + lines.len()));
    front.extend_from_slice(&count.to_le_bytes());
    for id in &ids {
        front.extend_from_slice(&id.0);
    }
    front.extend_from_slice(&lines);
    Ok(Halves { front, back, ids })
}

fn put_line(
    standing: &Standing,
    record: &Record,
    padding: usize,
    (this, same): (&Same, &[Same]),
    ids: &[EntryId],
    out: &mut Vec<u8>,
) {
    let (state, body) = record::state_and_body(&record.body);
    let body = &body[..body.len() - padding];
    out.extend_from_slice(&[state, standing.class.number()]);
    let writer = [this.writer.0.0.as_slice(), &this.writer.1.0].concat();
    put_same(same.iter().map(|other| other.writer == this.writer), &writer, out);
    put_same(same.iter().map(|other| other.stream == this.stream), &this.stream.0, out);
    put_same(same.iter().map(|other| other.key == this.key), &this.key.0, out);
    out.extend_from_slice(&standing.sequence.to_le_bytes());
    out.extend_from_slice(&standing.lamport.to_le_bytes());
    out.extend_from_slice(&standing.wall.to_le_bytes());
    // The first of a chain has none.
    if standing.sequence > 1 {
        put_same(ids.iter().map(|id| *id == standing.previous), &standing.previous.0, out);
    }
    out.push(u8::try_from(standing.parents.len()).expect("a header has at most 16 parents"));
    for parent in &standing.parents {
        put_same(ids.iter().map(|id| id == parent), &parent.0, out);
    }
    let length = u32::try_from(body.len()).expect("the codec bounds bodies");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(body);
}

/// How many records before this one the nearest stands that has the same; else 0 and the bytes.
fn put_same(before: impl DoubleEndedIterator<Item = bool>, bytes: &[u8], out: &mut Vec<u8>) {
    let back = before.rev().take(REACH).position(|same| same).and_then(|at| u8::try_from(at + 1).ok());
    out.push(back.unwrap_or(0));
    if back.is_none() {
        out.extend_from_slice(bytes);
    }
}

/// The ids of a front's entries.
///
/// # Errors
/// If the bytes are no front.
pub fn ids(front: &[u8]) -> Result<impl Iterator<Item = EntryId>, Malformed> {
    Ok(split_ids(front)?.0.iter().copied().map(EntryId))
}

fn split_ids(mut front: &[u8]) -> Result<(&[[u8; EntryId::LEN]], &[u8]), Malformed> {
    let count = u16::from_le_bytes(take(&mut front)?) as usize;
    let (ids, lines) = front.split_at_checked(count * EntryId::LEN).ok_or(Malformed)?;
    Ok((ids.as_chunks().0, lines))
}

/// What there is of a body in a front.
pub enum Lying {
    /// Open, at this place among the front's bytes, without its padding.
    Open(Range<usize>),
    /// Otherwise: a copy.
    Other(Kept),
}

/// Reads a front record by record, without copying bodies that lie open.
pub struct Reader<'a> {
    front: &'a [u8],
    ids: &'a [[u8; EntryId::LEN]],
    lines: &'a [u8],
    same: Vec<Same>,
    /// Where the entry stands that was read last.
    pub standing: Standing,
}

/// What a record of a front says besides where its entry stands.
pub struct Line {
    /// The entry.
    pub id: EntryId,
    /// The key of its body.
    pub key: CompartmentKeyId,
    /// Its body.
    pub body: Lying,
}

impl<'a> Reader<'a> {
    /// Of a whole front.
    ///
    /// # Errors
    /// If the bytes are no front.
    pub fn new(front: &'a [u8]) -> Result<Self, Malformed> {
        let (ids, lines) = split_ids(front)?;
        let standing = Standing {
            device: DeviceId([0; 32]),
            author: ItemId([0; 16]),
            stream: StreamId([0; 16]),
            class: Class::Core,
            sequence: 0,
            previous: EntryId([0; 32]),
            lamport: 0,
            wall: 0,
            parents: Vec::new(),
        };
        Ok(Self { front, ids, lines, same: Vec::with_capacity(ids.len()), standing })
    }

    /// The next record; its [`Reader::standing`] is there until the one after. `None` behind the last.
    ///
    /// # Errors
    /// If the bytes are no front: then nothing that follows counts.
    pub fn next(&mut self) -> Result<Option<Line>, Malformed> {
        let Some(id) = self.ids.get(self.same.len()) else {
            return if self.lines.is_empty() { Ok(None) } else { Err(Malformed) };
        };
        let [state, class] = take(&mut self.lines)?;
        let writer = match self.back()? {
            Some(other) => other.writer,
            None => (DeviceId(take(&mut self.lines)?), ItemId(take(&mut self.lines)?)),
        };
        let stream = match self.back()? {
            Some(other) => other.stream,
            None => StreamId(take(&mut self.lines)?),
        };
        let key = match self.back()? {
            Some(other) => other.key,
            None => CompartmentKeyId(take(&mut self.lines)?),
        };
        let sequence = u64::from_le_bytes(take(&mut self.lines)?);
        let lamport = u64::from_le_bytes(take(&mut self.lines)?);
        let wall = i64::from_le_bytes(take(&mut self.lines)?);
        let previous = if sequence > 1 { self.entry()? } else { EntryId([0; 32]) };
        let [parents] = take(&mut self.lines)?;
        if usize::from(parents) > MAX_PARENTS {
            return Err(Malformed);
        }
        self.standing.parents.clear();
        for _ in 0..parents {
            let parent = self.entry()?;
            self.standing.parents.push(parent);
        }
        let class = Class::from_number(class).ok_or(Malformed)?;
        let ((device, author), parents) = (writer, std::mem::take(&mut self.standing.parents));
        self.standing = Standing { device, author, stream, class, sequence, previous, lamport, wall, parents };
        let length = u32::from_le_bytes(take(&mut self.lines)?) as usize;
        let body = slice(&mut self.lines, length, MAX_BODY)?;
        let end = self.front.len() - self.lines.len();
        let body = if state == record::OPEN && !body.is_empty() {
            Lying::Open(end - body.len()..end)
        } else {
            Lying::Other(record::kept(state, body)?)
        };
        self.same.push(Same { writer, stream, key });
        Ok(Some(Line { id: EntryId(*id), key, body }))
    }

    /// The record to which the next byte points; `None` if it is 0.
    fn back(&mut self) -> Result<Option<&Same>, Malformed> {
        let [back] = take(&mut self.lines)?;
        if back == 0 {
            return Ok(None);
        }
        let at = self.same.len().checked_sub(back.into()).ok_or(Malformed)?;
        Ok(self.same.get(at))
    }

    fn entry(&mut self) -> Result<EntryId, Malformed> {
        let [back] = take(&mut self.lines)?;
        if back == 0 {
            return take(&mut self.lines).map(EntryId);
        }
        let at = self.same.len().checked_sub(back.into()).ok_or(Malformed)?;
        Ok(EntryId(self.ids[at]))
    }
}

/// The records of a block, out of both its halves; all or nothing.
///
/// # Errors
/// If the bytes are no halves of one block, or if the front says anything else than the headers.
pub fn join(front: &[u8], mut back: &[u8]) -> Result<Vec<Record>, Malformed> {
    let mut reader = Reader::new(front)?;
    let mut records = Vec::with_capacity(reader.ids.len());
    while let Some(line) = reader.next()? {
        let header_length = u16::from_le_bytes(take(&mut back)?) as usize;
        let header = slice(&mut back, header_length, MAX_HEADER)?;
        let signature = take(&mut back)?;
        let padding = u32::from_le_bytes(take(&mut back)?) as usize;
        let decoded = Header::decode(header).map_err(|_| Malformed)?;
        if entry::id_of(header) != line.id || Standing::from(&decoded) != reader.standing {
            return Err(Malformed);
        }
        let body = match line.body {
            Lying::Open(at) if at.len() + padding <= MAX_BODY => {
                let whole = at.len() + padding;
                let mut body = Zeroizing::new(Vec::with_capacity(whole));
                body.extend_from_slice(&front[at]);
                body.resize(whole, 0);
                Kept::Open(body)
            }
            Lying::Other(kept) if padding == 0 => kept,
            _ => return Err(Malformed),
        };
        records.push(Record { header: header.to_vec(), signature, key: line.key, body });
    }
    if back.is_empty() { Ok(records) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::fact::Fact;
    use crate::domain::ids::VaultId;

    fn header(stream: u8, sequence: u64, previous: EntryId, parents: Vec<EntryId>) -> Header {
        Header {
            vault: VaultId([1; 16]),
            device: DeviceId([2; 32]),
            author: ItemId([3; 16]),
            stream: StreamId([stream; 16]),
            class: Class::Core,
            sequence,
            previous,
            lamport: sequence,
            wall: -1,
            parents,
            body_length: 64,
            body_hash: [8; 32],
        }
    }

    fn record(header: &Header, key: u8, body: Kept) -> Record {
        Record { header: header.encode(), signature: [9; 64], key: CompartmentKeyId([key; 16]), body }
    }

    fn open_body() -> Zeroizing<Vec<u8>> {
        let accessed = Fact::Accessed { what: "x".into(), item: ItemId([7; 16]), detail: String::new() };
        Zeroizing::new(codec::encode_body([5; 16], &[accessed]).expect("fits"))
    }

    /// Each state, a neighbour that has the same of everything and one that has nothing, and predecessors inside and
    /// outside of the block.
    fn sample() -> Vec<Record> {
        let zero = EntryId([0; 32]);
        let first = header(4, 1, zero, vec![]);
        let second = header(4, 2, first.id(), vec![first.id()]);
        let other = Header { device: DeviceId([6; 32]), ..header(5, 3, EntryId([7; 32]), vec![EntryId([7; 32])]) };
        let mut both = vec![second.id(), EntryId([1; 32])];
        both.sort_unstable();
        let third = Header { lamport: 9, ..header(4, 3, second.id(), both) };
        vec![
            record(&first, 1, Kept::Open(open_body())),
            record(&second, 1, Kept::Destroyed),
            record(&other, 2, Kept::Sealed(vec![3, 0, 0])),
            record(&third, 1, Kept::Withheld),
        ]
    }

    fn halves(records: &[Record]) -> Halves {
        encode(records.iter()).expect("encoded")
    }

    #[test]
    fn golden_bytes_of_both_halves() {
        let all = &sample()[..2];
        let Halves { front, back, ids } = halves(all);
        let eight = |number: u64| number.to_le_bytes();
        let numbers = |number| [eight(number), eight(number), (-1i64).to_le_bytes()].concat();
        let body = open_body();
        let (said, padding) = (41, 23);
        let front_wanted = [
            [2, 0].as_slice(),
            &ids[0].0,
            &ids[1].0,
            // State, class; writer, stream and key in full; no previous, no parents; the body without its padding.
            &[4, Class::Core.number(), 0],
            &[2; 32],
            &[3; 16],
            &[0],
            &[4; 16],
            &[0],
            &[1; 16],
            &numbers(1),
            &[0, said, 0, 0, 0],
            &body[..said.into()],
            // All as in the one before; previous and parent are the one before; no body.
            &[2, Class::Core.number(), 1, 1, 1],
            &numbers(2),
            &[1, 1, 1, 0, 0, 0, 0],
        ]
        .concat();
        assert_eq!(*front, front_wanted);
        let [first, second] = [&all[0].header, &all[1].header];
        let length = |header: &[u8]| u16::try_from(header.len()).expect("short").to_le_bytes();
        let back_wanted = [
            length(first).as_slice(),
            first,
            &[9; 64],
            &[padding, 0, 0, 0],
            &length(second),
            second,
            &[9; 64],
            &[0; 4],
        ]
        .concat();
        assert_eq!(*back, back_wanted);
        assert_eq!(usize::from(said) + usize::from(padding), body.len());
    }

    #[test]
    fn halves_join_to_what_they_were_made_of_and_a_front_alone_is_read() {
        let all = sample();
        let Halves { front, back, ids } = halves(&all);
        assert!(join(&front, &back) == Ok(all.clone()));
        assert!(super::ids(&front).expect("a front").eq(ids.iter().copied()));
        let mut reader = Reader::new(&front).expect("a front");
        for (record, id) in all.iter().zip(ids) {
            let line = reader.next().expect("well-formed").expect("there");
            let header = Header::decode(&record.header).expect("whole");
            assert_eq!((line.id, line.key, &reader.standing), (id, record.key, &Standing::from(&header)));
            match (line.body, &record.body) {
                (Lying::Open(at), Kept::Open(body)) => {
                    assert_eq!(codec::decode_body(&front[at]), codec::decode_body(body));
                }
                (Lying::Other(kept), body) => assert!(kept == *body),
                (Lying::Open(_), _) => panic!("it lies open"),
            }
        }
        assert!(matches!(reader.next(), Ok(None)));
    }

    #[test]
    fn every_cut_of_either_half_is_refused() {
        let Halves { front, back, .. } = halves(&sample());
        for length in 0..front.len() {
            assert!(join(&front[..length], &back) == Err(Malformed), "front cut to {length}");
        }
        for length in 0..back.len() {
            assert!(join(&front, &back[..length]) == Err(Malformed), "back cut to {length}");
        }
        assert!(join(&[front.as_slice(), &[0]].concat(), &back) == Err(Malformed));
        assert!(join(&front, &[back.as_slice(), &[0]].concat()) == Err(Malformed));
    }

    #[test]
    fn a_front_that_says_something_else_than_the_headers_is_refused() {
        let all = sample();
        let Halves { front, .. } = halves(&all);
        let mut swapped = all.clone();
        swapped.swap(1, 3);
        assert!(join(&front, &halves(&swapped).back) == Err(Malformed));
        let other = |change: fn(&mut Header)| {
            let mut header = Header::decode(&all[0].header).expect("whole");
            change(&mut header);
            let mut all = all.clone();
            all[0].header = header.encode();
            join(&front, &halves(&all).back) == Err(Malformed)
        };
        assert!(other(|header| header.wall = 5));
        assert!(other(|header| header.body_hash = [0; 32]), "an id that is not the header's");
    }

    #[test]
    fn what_points_before_the_block_and_states_without_meaning_are_refused() {
        let Halves { front, back, ids } = halves(&sample()[..1]);
        let line = 2 + ids.len() * EntryId::LEN;
        for (at, value) in [(line, 0), (line, 2), (line, 5), (line + 1, 99), (line + 2, 1)] {
            let mut front = front.to_vec();
            front[at] = value;
            assert!(join(&front, &back) == Err(Malformed), "byte {at} as {value}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(front in prop::collection::vec(any::<u8>(), 0..400), count in 0u8..4) {
            let front = [[count, 0].as_slice(), &front].concat();
            if let Ok(mut reader) = Reader::new(&front) {
                while let Ok(Some(_)) = reader.next() {}
            }
            prop_assert!(join(&front, &[]).is_err() || count == 0);
        }

        #[test]
        fn a_body_without_its_padding_says_the_same(body in prop::collection::vec(0u8..3, 0..120)) {
            let short = &body[..body.len() - codec::padding(&body)];
            prop_assert_eq!(codec::decode_body(short), codec::decode_body(&body));
        }
    }
}
