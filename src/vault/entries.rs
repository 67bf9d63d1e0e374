//! Entries in and out of the vault: loading all of them, committing new ones, striking one.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::ids::{CompartmentKeyId, EntryId, StreamId, VaultId};
use crate::error::{AppError, Kind, Result};
use crate::log::codec;
use crate::log::entry::{self, Header, Standing};

use super::block::{self, Lying};
use super::framelog::{Frame, Judge, LogError, View};
use super::keys::KeyError;
use super::keys::epoch::EpochKeys;
use super::keys::identity::Recipient;
use super::keys::ring::{Ring, RingEntry, WrapFor, Wrapped};
use super::open::{Found, Vault};
use super::reading::{Piece, Plain};
use super::record::{self, Kept, Malformed, Record};
use super::seal;
use super::sealed_to::Subject;
use super::store::StoreError;

/// Frames by their arrival, and where the next ones begin.
type SomeFrames = (Vec<(u64, Vec<Record>)>, u64);

/// How many frames are read at once, and after how many bytes of them no further one is.
const CHUNK: usize = 1024;
const CHUNK_BYTES: usize = 8 << 20;
/// Kind of a journal frame: the entries of one commit.
pub(super) const COMMIT: u8 = 1;
/// What stands for the key of a body that never was here.
pub(super) const NO_KEY: CompartmentKeyId = CompartmentKeyId([0; CompartmentKeyId::LEN]);

/// An entry to be made durable.
pub struct Outgoing {
    /// The header.
    pub header: Header,
    /// Its signature by this participant's device.
    pub signature: [u8; 64],
    /// The body.
    pub body: OutgoingBody,
    /// Who may read it: `None` for the whole team, else these and nobody besides (recovery recipients included).
    pub only: Option<Vec<Recipient>>,
}

/// The body of an entry to be made durable.
pub enum OutgoingBody {
    /// The padded bytes that the header names.
    Present(Zeroizing<Vec<u8>>),
    /// Another team kept it back: its header and signature stand without it.
    Withheld,
    /// Another team struck it.
    Destroyed,
}

/// An entry with its body as it was signed, for a bundle.
pub struct Raw {
    /// Its id.
    pub id: EntryId,
    /// The header.
    pub header: Header,
    /// The signature over the header's bytes.
    pub signature: [u8; 64],
    /// The padded body, or why it is not here.
    pub body: std::result::Result<Zeroizing<Vec<u8>>, LoadedBody>,
}

/// An entry as it comes out.
pub struct Loaded {
    /// Its id.
    pub id: EntryId,
    /// The header.
    pub header: Header,
    /// The signature over the header's bytes.
    pub signature: [u8; 64],
    /// What can be read of the body.
    pub body: LoadedBody,
}

/// What [`Vault::load`] hands over.
pub enum Handed<'a> {
    /// An entry.
    Entry {
        /// Its id.
        id: EntryId,
        /// Where it stands.
        standing: &'a Standing,
        /// What can be read of the body.
        body: LoadedBody,
        /// The block of the working store in which it lies.
        block: u64,
    },
    /// What came so far does not count: it comes again from where it is whole.
    Anew,
}

fn hand(loaded: Loaded, block: u64, sink: &mut dyn FnMut(Handed<'_>)) {
    let standing = Standing::from(&loaded.header);
    sink(Handed::Entry { id: loaded.id, standing: &standing, body: loaded.body, block });
}

/// The keys that were last seen to be in the ring: what is written together lies together, and shares them.
#[derive(Default)]
struct Recent {
    keys: [Option<CompartmentKeyId>; 4],
    oldest: usize,
}

impl Recent {
    fn holds(&mut self, key: CompartmentKeyId, ring: &Ring) -> bool {
        if self.keys.contains(&Some(key)) {
            return true;
        }
        self.keys[self.oldest] = Some(key);
        self.oldest = (self.oldest + 1) % self.keys.len();
        ring.get(key).is_some()
    }
}

/// Why the working store is not read to its end.
enum Halt {
    Store(StoreError),
    Entry(AppError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Malformed> for Halt {
    fn from(Malformed: Malformed) -> Self {
        Self::Store(StoreError::Damaged("a block makes no sense".to_owned()))
    }
}

impl From<AppError> for Halt {
    fn from(error: AppError) -> Self {
        Self::Entry(error)
    }
}

/// What can be read of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadedBody {
    /// Its facts.
    Present(Vec<Fact>),
    /// Its facts as they lie in a block; only [`Vault::load`] hands them over so.
    Packed(Packed),
    /// Not sent to us, or not for this participant.
    Withheld,
    /// Struck or disposed of.
    Destroyed,
    /// It ought to be readable and is not; why.
    Missing(&'static str),
}

impl LoadedBody {
    /// Its bytes are there and make no sense.
    pub(super) const UNREADABLE: Self = Self::Missing("its facts can't be read");
}

/// A body inside an unsealed block, of which nothing was copied: whoever folds it decodes it, so that what the State
/// keeps is allocated where it stays.
#[derive(Clone)]
pub struct Packed {
    block: Arc<Zeroizing<Vec<u8>>>,
    at: Range<usize>,
}

impl Packed {
    /// Its facts; `None` if the bytes make no sense.
    pub fn facts(&self) -> Option<Vec<Fact>> {
        codec::decode_body(self.bytes()).ok()
    }

    fn bytes(&self) -> &[u8] {
        &self.block[self.at.clone()]
    }
}

impl PartialEq for Packed {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Packed {}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.at.len())
    }
}

impl Vault {
    /// Hands over every entry with its block, predecessors first as far as the journal has them in order, and brings
    /// the working store up to date. What the journal lost and the store still holds goes back into the journal.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if a frame of this vault does not open under the team's keys; [`Kind::Io`].
    pub fn load(&mut self, sink: &mut dyn FnMut(Handed<'_>)) -> Result<()> {
        let mut unreadable = 0;
        let mut sink = |handed: Handed<'_>| {
            match &handed {
                Handed::Entry { body, .. } => unreadable += usize::from(matches!(body, LoadedBody::Missing(_))),
                Handed::Anew => unreadable = 0,
            }
            sink(handed);
        };
        match self.stream(&mut sink) {
            Ok(true) => {}
            Ok(false) => {
                sink(Handed::Anew);
                self.load_and_rescue(&mut sink)?;
            }
            Err(Halt::Store(error @ StoreError::InUse)) => return Err(store_error(&error)),
            Err(Halt::Store(error)) => {
                sink(Handed::Anew);
                let expected = match error {
                    StoreError::Missing => self.journal.last().is_none() || !self.working.on_disk(),
                    // Unless it may hold what is nowhere else: then it is set aside.
                    StoreError::Outdated => !self.anything_lost(),
                    _ => false,
                };
                self.begin_store(if expected { None } else { Some(error.to_string()) })?;
            }
            Err(Halt::Entry(error)) => return Err(error),
        }
        self.catch_up(&mut |loaded, block| hand(loaded, block, &mut sink))?;
        self.tell_unreadable(unreadable);
        Ok(())
    }

    /// Hands over what the working store holds, while it is being read. False if something of it is nowhere else: then
    /// what was handed over does not count, and it is to be rescued.
    fn stream(&mut self, sink: &mut dyn FnMut(Handed<'_>)) -> std::result::Result<bool, Halt> {
        let Some(reading) = self.reading.take() else { return Err(StoreError::Missing.into()) };
        let mut whole = true;
        let mut recent = Recent::default();
        while let Some(piece) = reading.next().filter(|_| whole) {
            match piece {
                Piece::Begun(tally) => {
                    whole = !self.goes_beyond(tally) && !self.lost_something();
                }
                Piece::Blocks(blocks) => {
                    for plain in blocks {
                        whole = whole && self.hand_over(&plain, &mut recent, sink)?;
                    }
                }
            }
        }
        let stopped = || StoreError::Damaged("reading it stopped".to_owned());
        let (working, result) = reading.finish().ok_or_else(stopped)?;
        self.working = working;
        result?;
        // What unlocking does not need is compared when the journal's copies are.
        if whole && self.checked_segments > 0 {
            self.check_blocks(u64::MAX)?;
        }
        Ok(whole)
    }

    /// Hands over what a block holds. False if the key of something in it is gone from the ring.
    fn hand_over(
        &mut self,
        plain: &Plain,
        recent: &mut Recent,
        sink: &mut dyn FnMut(Handed<'_>),
    ) -> std::result::Result<bool, Halt> {
        let mut reader = block::Reader::new(&plain.front)?;
        while let Some(line) = reader.next()? {
            let body = match line.body {
                Lying::Open(_) if !recent.holds(line.key, &self.ring) => return Ok(false),
                Lying::Open(at) => LoadedBody::Packed(Packed { block: Arc::clone(&plain.front), at }),
                // It is not for everybody, or not there.
                Lying::Other(kept) => self.readable(line.id, line.key, &kept),
            };
            sink(Handed::Entry { id: line.id, standing: &reader.standing, body, block: plain.number });
        }
        Ok(true)
    }

    /// As [`Vault::load`] where the store holds more than the journal and the ring: with all of it in memory.
    fn load_and_rescue(&mut self, sink: &mut dyn FnMut(Handed<'_>)) -> Result<()> {
        let records = match self.working.records() {
            Ok(records) => records,
            Err(error) => return self.begin_store(Some(error.to_string())),
        };
        if self.rescue(&records)? {
            drop(records);
            return self.begin_store(None);
        }
        for (block, record) in records {
            hand(self.read(&record)?, block, sink);
        }
        Ok(())
    }

    /// Takes into the working store what the journal holds beyond it. Of the first frame it may hold a part already.
    pub(super) fn catch_up(&mut self, sink: &mut dyn FnMut(Loaded, u64)) -> Result<()> {
        let mut partial = usize::try_from(self.working.tally.partial).unwrap_or(usize::MAX);
        let mut from = self.working.tally.covered + 1;
        while let Some((frames, next)) = self.some_frames(from)? {
            from = next;
            for (arrival, mut records) in frames {
                records.drain(..std::mem::take(&mut partial).min(records.len()));
                for (offset, record) in records.iter().enumerate() {
                    let block = self.working.block_of_next(offset);
                    sink(self.read(record)?, block);
                }
                self.keep(arrival, records);
            }
        }
        Ok(())
    }

    /// Hands over every entry once more, as [`Vault::load`] did.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if a block can't be read any more: unlocking again rebuilds the store.
    pub fn each(&mut self, sink: &mut dyn FnMut(Handed<'_>)) -> Result<()> {
        for block in 0..self.working.blocks() {
            for record in self.block(block)? {
                hand(self.read(&record)?, block, sink);
            }
        }
        let pending: Vec<Record> = self.working.pending().cloned().collect();
        for record in &pending {
            hand(self.read(record)?, self.working.blocks(), sink);
        }
        Ok(())
    }

    /// The records of a block. If it can't be read any more, the next unlock builds the store anew.
    fn block(&mut self, number: u64) -> Result<Vec<Record>> {
        self.working.block(number).map_err(|error| {
            if matches!(error, StoreError::Damaged(_)) {
                self.working.give_up();
            }
            store_error(&error)
        })
    }

    /// Compares the halves of the next blocks, at most so many; false when all were compared.
    pub(super) fn check_blocks(&mut self, most: u64) -> std::result::Result<bool, StoreError> {
        let end = self.working.blocks().min(self.checked_blocks.saturating_add(most));
        let more = self.checked_blocks < end;
        while self.checked_blocks < end {
            self.working.block(self.checked_blocks)?;
            self.checked_blocks += 1;
        }
        Ok(more)
    }

    /// Every entry of a stream that is in these blocks or in none yet, for history.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if a block can't be read any more: unlocking again rebuilds the store.
    pub fn entries_of(&mut self, stream: StreamId, blocks: &[u64]) -> Result<Vec<Loaded>> {
        let records = self.records_of(stream, blocks)?;
        records.iter().map(|record| self.read(record)).collect()
    }

    /// Every entry of a stream with its body as signed, as [`Vault::entries_of`] finds them.
    ///
    /// # Errors
    /// As [`Vault::entries_of`].
    pub fn raw_of(&mut self, stream: StreamId, blocks: &[u64]) -> Result<Vec<Raw>> {
        let records = self.records_of(stream, blocks)?;
        let mut raw = Vec::with_capacity(records.len());
        for record in records {
            let header = Header::decode(&record.header).map_err(|_| damaged(0))?;
            let id = entry::id_of(&record.header);
            let body = match self.body(id, record.key, &record.body) {
                Ok(bytes) if !entry::body_matches(&header, &bytes) => {
                    Err(LoadedBody::Missing("it is not the one that was signed"))
                }
                body => body,
            };
            raw.push(Raw { id, header, signature: record.signature, body });
        }
        Ok(raw)
    }

    /// The records of a stream, each entry once: with its body, where it came without one first.
    fn records_of(&mut self, stream: StreamId, blocks: &[u64]) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        let end = self.working.blocks();
        for block in blocks.iter().filter(|block| **block < end) {
            records.extend(self.block(*block)?);
        }
        records.extend(self.working.pending().cloned());
        let mut found: Vec<Record> = Vec::new();
        let mut seen: HashMap<EntryId, usize> = HashMap::new();
        for record in records {
            if !Header::decode(&record.header).is_ok_and(|header| header.stream == stream) {
                continue;
            }
            let id = entry::id_of(&record.header);
            match seen.get(&id) {
                None => {
                    seen.insert(id, found.len());
                    found.push(record);
                }
                Some(at) if found[*at].body == Kept::Withheld => found[*at] = record,
                Some(_) => {}
            }
        }
        Ok(found)
    }

    /// Tells of bodies that turned out to be unreadable when they were decoded.
    pub fn tell_unreadable(&mut self, more: usize) {
        let told = self.findings.iter_mut().find_map(|found| match found {
            Found::Unreadable(count) => Some(count),
            _ => None,
        });
        match told {
            Some(count) => *count += more,
            None if more > 0 => self.findings.push(Found::Unreadable(more)),
            None => {}
        }
    }

    /// Goes through every entry of the journal itself, with its raw record checked against its header: for
    /// `vault verify`.
    ///
    /// # Errors
    /// As [`Vault::load`]; `visit` can end it by returning false.
    pub fn walk_journal(&mut self, visit: &mut dyn FnMut(u64, u64, Loaded) -> bool) -> Result<()> {
        let last = self.journal.last().map_or(0, |(arrival, _)| arrival);
        let mut from = 1;
        while let Some((frames, next)) = self.some_frames(from)? {
            from = next;
            for (arrival, records) in frames {
                for record in &records {
                    let loaded = self.read_checked(record)?;
                    if !visit(arrival, last, loaded) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes entries durable, all or none of them. When this returns, they would survive a power cut.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk is full or refuses: nothing was written that counts.
    pub fn commit(&mut self, entries: Vec<Outgoing>) -> Result<()> {
        let mut sealed = Vec::with_capacity(entries.len());
        let mut kept = Vec::with_capacity(entries.len());
        // Durable before the first frame that uses them.
        let keys = self.keys_for(&entries)?;
        for (outgoing, key) in entries.into_iter().zip(keys) {
            let id = outgoing.header.id();
            let (header, signature) = (outgoing.header.encode(), outgoing.signature);
            let plain = match outgoing.body {
                OutgoingBody::Present(plain) => plain,
                OutgoingBody::Withheld | OutgoingBody::Destroyed => {
                    let withheld = matches!(outgoing.body, OutgoingBody::Withheld);
                    let body = if withheld { Kept::Withheld } else { Kept::Destroyed };
                    let record = Record { header, signature, key: NO_KEY, body };
                    kept.push(record.clone());
                    sealed.push(record);
                    continue;
                }
            };
            let secret = self.ring.key(key, &self.epochs, self.participant.identity())?;
            let body = seal::seal(secret, &body_context(id), &plain, self.entropy.as_mut());
            let record = Record { header, signature, key, body: Kept::Sealed(body) };
            let open = outgoing.only.is_none();
            kept.push(if open { Record { body: Kept::Open(plain), ..record.clone() } } else { record.clone() });
            sealed.push(record);
        }
        let arrival = self.append(&sealed)?;
        self.pushed(arrival, kept);
        Ok(())
    }

    fn keep(&mut self, arrival: u64, records: Vec<Record>) {
        let kept = records.into_iter().map(|record| self.opened(record)).collect();
        // The journal has it: a store that refuses is rebuilt at the next unlock.
        self.pushed(arrival, kept);
    }

    pub(super) fn pushed(&mut self, arrival: u64, kept: Vec<Record>) {
        let pushed = self.working.push(arrival, kept, &self.epochs, self.entropy.as_mut());
        if let Err(error) = pushed {
            let found = Found::Store(error.to_string());
            if !self.findings.contains(&found) {
                self.findings.push(found);
            }
        }
    }

    pub(super) fn append(&mut self, records: &[Record]) -> Result<u64> {
        let payload = self.seal_frame(records);
        let key = self.epochs.id();
        self.journal.append(COMMIT, key, &payload).map_err(|error| self.full(error))
    }

    pub(super) fn seal_frame(&mut self, records: &[Record]) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::new());
        for record in records {
            record::encode(record, &mut plain);
        }
        let context = self.frame_context();
        seal::seal(self.epochs.key(), &context, &plain, self.entropy.as_mut())
    }

    /// What tells this vault's frames from others'.
    pub(super) fn judge(&self) -> Sealed {
        Sealed::new(self.config.vault, &self.epochs)
    }

    fn frame_context(&self) -> Vec<u8> {
        frame_context(self.config.vault)
    }

    /// Some of the frames from an arrival on, and where the next ones begin; `None` behind the last. Not all at once,
    /// because a vault of a million entries must not be held in memory for this; and not one by one, because each
    /// call reads a segment.
    pub(super) fn some_frames(&self, from: u64) -> Result<Option<SomeFrames>> {
        // Behind the last one there is no segment to be read.
        if self.journal.last().is_none_or(|(last, _)| from > last) {
            return Ok(None);
        }
        let (mut some, mut next, mut bytes) = (Vec::new(), from, 0);
        for frame in self.journal.frames_from(from).take(CHUNK) {
            match frame {
                // What was lost is named by the findings.
                Err(LogError::Lost { last, .. }) => next = last + 1,
                Err(error) => return Err(error.into()),
                Ok(frame) => {
                    next = frame.arrival + 1;
                    bytes += frame.payload.len();
                    some.push((frame.arrival, self.open_frame(&frame)?));
                }
            }
            if bytes >= CHUNK_BYTES {
                break;
            }
        }
        Ok((next > from).then_some((some, next)))
    }

    pub(super) fn open_frame(&self, frame: &Frame) -> Result<Vec<Record>> {
        if frame.kind != COMMIT {
            // Made by a newer version; its entries stay where they are.
            return Ok(Vec::new());
        }
        let key = self.epochs.get(frame.key).ok_or_else(super::epochs::newer_epoch)?;
        let plain = seal::open(key, &self.frame_context(), &frame.payload).map_err(|_| damaged(frame.arrival))?;
        record::decode_all(&plain).map_err(|_| damaged(frame.arrival))
    }

    /// The body's bytes, or why not.
    fn body(
        &mut self,
        id: EntryId,
        key: CompartmentKeyId,
        body: &Kept,
    ) -> std::result::Result<Zeroizing<Vec<u8>>, LoadedBody> {
        match body {
            Kept::Destroyed => Err(LoadedBody::Destroyed),
            Kept::Withheld => Err(LoadedBody::Withheld),
            Kept::Open(bytes) => Ok(bytes.clone()),
            Kept::Sealed(sealed) => {
                if self.ring.get(key).is_none() {
                    return Err(LoadedBody::Missing("its key is not in the ring"));
                }
                let key =
                    self.ring.key(key, &self.epochs, self.participant.identity()).map_err(|error| match error {
                        KeyError::NotForYou | KeyError::NoEpochKey => LoadedBody::Withheld,
                        _ => LoadedBody::Missing("its key does not open"),
                    })?;
                seal::open(key, &body_context(id), sealed).map_err(|_| LoadedBody::Missing("its seal does not open"))
            }
        }
    }

    fn read(&mut self, record: &Record) -> Result<Loaded> {
        let header = Header::decode(&record.header).map_err(|_| damaged(0))?;
        let id = entry::id_of(&record.header);
        let body = self.readable(id, record.key, &record.body);
        Ok(Loaded { id, header, signature: record.signature, body })
    }

    /// What can be read of a body.
    fn readable(&mut self, id: EntryId, key: CompartmentKeyId, body: &Kept) -> LoadedBody {
        match self.body(id, key, body) {
            Err(why) => why,
            Ok(bytes) => codec::decode_body(&bytes).map_or(LoadedBody::UNREADABLE, LoadedBody::Present),
        }
    }

    fn read_checked(&mut self, record: &Record) -> Result<Loaded> {
        let loaded = self.read(record)?;
        let matches = match self.body(loaded.id, record.key, &record.body) {
            Ok(bytes) => entry::body_matches(&loaded.header, &bytes),
            Err(_) => true,
        };
        let body = if matches { loaded.body } else { LoadedBody::Missing("it is not the one that was signed") };
        Ok(Loaded { body, ..loaded })
    }

    /// A record for a block: open, unless only some may read it.
    fn opened(&mut self, record: Record) -> Record {
        let restricted = self.ring.get(record.key).is_none_or(|entry| matches!(entry.wrapped, Wrapped::Restricted(_)));
        if restricted || !matches!(record.body, Kept::Sealed(_)) {
            return record;
        }
        let id = entry::id_of(&record.header);
        match self.body(id, record.key, &record.body) {
            Ok(bytes) => Record { body: Kept::Open(bytes), ..record },
            Err(_) => record,
        }
    }

    /// The record of a block as the journal keeps it; under a new key where its own is gone.
    pub(super) fn sealed(&mut self, record: Record) -> Result<Record> {
        let Kept::Open(body) = &record.body else { return Ok(record) };
        let id = entry::id_of(&record.header);
        if self.ring.get(record.key).is_none() {
            let header = Header::decode(&record.header).map_err(|_| damaged(0))?;
            let mut made = Vec::new();
            let key = self.key_for(header.stream, header.class, None, &mut made)?;
            self.append_ring(&made)?;
            return self.sealed(Record { key, ..record });
        }
        let key = self.ring.key(record.key, &self.epochs, self.participant.identity())?;
        let body = seal::seal(key, &body_context(id), body, self.entropy.as_mut());
        Ok(Record { body: Kept::Sealed(body), ..record })
    }

    /// The keys for new bodies; what has to be made is durable when this returns.
    fn keys_for(&mut self, entries: &[Outgoing]) -> Result<Vec<CompartmentKeyId>> {
        let mut made = Vec::new();
        let keys = entries
            .iter()
            .map(|outgoing| {
                let Header { stream, class, .. } = outgoing.header;
                if !matches!(outgoing.body, OutgoingBody::Present(_)) {
                    return Ok(NO_KEY);
                }
                self.key_for(stream, class, outgoing.only.as_deref(), &mut made)
            })
            .collect::<Result<Vec<_>>>();
        match keys {
            Ok(keys) => {
                self.append_ring(&made)?;
                if made.iter().any(|entry| matches!(entry.wrapped, Wrapped::Restricted(_))) {
                    self.keep_sealed_to();
                }
                Ok(keys)
            }
            Err(error) => {
                self.forget_keys_of(&made);
                Err(error)
            }
        }
    }

    /// The key for a new body: the compartment's newest, or a new one where an epoch or a restriction changed since.
    fn key_for(
        &mut self,
        stream: StreamId,
        class: Class,
        only: Option<&[Recipient]>,
        fresh: &mut Vec<RingEntry>,
    ) -> Result<CompartmentKeyId> {
        if let Some(newest) = self.ring.newest(stream, class) {
            let id = newest.id;
            let serves = match (newest.wrapped.clone(), only) {
                (Wrapped::Epoch(epoch, _), None) => epoch == self.epochs.id(),
                // Only while nobody else ever had it: one that was wrapped anew for fewer is still known to the others.
                (Wrapped::Restricted(file), Some(people)) => self.is_sealed_to(&Subject::Made(id), &file, people),
                _ => false,
            };
            if serves {
                return Ok(id);
            }
        }
        let wrap_for = match only {
            Some(people) => WrapFor::People(people),
            None => WrapFor::Team(&self.epochs),
        };
        let made = self.ring.new_key(stream, class, wrap_for, self.entropy.as_mut())?.clone();
        let id = made.id;
        if let (Wrapped::Restricted(file), Some(people)) = (&made.wrapped, only) {
            self.note_sealed_to(&Subject::Key(id), file, people);
            self.note_sealed_to(&Subject::Made(id), file, people);
        }
        fresh.push(made);
        Ok(id)
    }
}

/// Judges frames of the journal by their seal, each once: a frame of the same hash is the same to the last byte.
pub(super) struct Sealed {
    context: Vec<u8>,
    keys: EpochKeys,
    /// Hashes of frames that are ours.
    known: Mutex<HashSet<[u8; 32]>>,
}

/// So many judged frames are remembered: the newest segments, which are read again as soon as they are level.
const JUDGED: usize = 1 << 16;

impl Sealed {
    /// Of a vault and the epochs that its participant can open.
    pub(super) fn new(vault: VaultId, epochs: &EpochKeys) -> Self {
        Self { context: frame_context(vault), keys: epochs.duplicate(), known: Mutex::default() }
    }
}

impl Judge for Sealed {
    fn is_ours(&self, frame: &View, payload: &[u8]) -> bool {
        // Of another kind or epoch nothing can be said. The id of a key is made from the key, so a wrong key is never
        // what makes a good frame look bad.
        let Some(key) = self.keys.get(frame.key).filter(|_| frame.kind == COMMIT) else { return true };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(&frame.hash) {
            return true;
        }
        let ours = seal::open(key, &self.context, payload).is_ok();
        if ours && known.len() < JUDGED {
            known.insert(frame.hash);
        }
        ours
    }
}

fn frame_context(vault: VaultId) -> Vec<u8> {
    [b"mahoe frame v1\0".as_slice(), &vault.0].concat()
}

pub(super) fn body_context(id: EntryId) -> Vec<u8> {
    [b"mahoe body v1\0".as_slice(), &id.0].concat()
}

pub(super) fn damaged(arrival: u64) -> AppError {
    AppError::new(
        Kind::Damaged,
        format!("Record {arrival} of this vault was changed by something that is not mahoe."),
        "Keep the folder as it is, restore the newest backup into another one, and compare.",
    )
}

pub(super) fn store_error(error: &StoreError) -> AppError {
    let hint = match error {
        StoreError::InUse => "Close the other mahoe that has this vault open.",
        StoreError::Full => "Free some space on the disk, then try again.",
        _ => "Unlock the vault again: the working store is then built anew from the journal.",
    };
    AppError::new(Kind::Io, format!("The working store can't be used: {error}."), hint)
}
