//! The key ring: every compartment's key, wrapped. Entries are small and rewritable, so that disposal is the removal
//! of a key and history never has to be rewritten. Where the entries are kept is the caller's business.
//!
//! A wrapped key is bound to its place: the key's id hashes stream, class, generation and key, and a key that does not
//! give its id is refused. So a wrap that was moved to another compartment opens nothing.

#![expect(clippy::missing_panics_doc, reason = "each expect states why it holds; none depends on input")]

use std::fmt;

use zeroize::Zeroizing;

use super::KeyError;
use super::agefile;
use super::epoch::EpochKeys;
use super::identity::{Identity, Recipient};
use crate::domain::class::Class;
use crate::domain::ids::{CompartmentKeyId, KeyId, StreamId};
use crate::domain::idtable::IdMap;
use crate::vault::seal::{self, Entropy, OVERHEAD, SecretKey32};

/// Most people that one restricted compartment is sealed to.
pub const MAX_RESTRICTED: usize = 255;
/// Longest encoded entry in bytes.
pub const MAX_ENTRY: usize = PREFIX + 32 * 1024;

const VERSION: u8 = 1;
/// version ‖ stream ‖ class ‖ generation ‖ key id
const PLACE: usize = 1 + 16 + 1 + 4 + 16;
/// the place ‖ kind of wrap ‖ length of wrap
const PREFIX: usize = PLACE + 1 + 4;
const SEALED_KEY: usize = 32 + OVERHEAD;
const UNDER_EPOCH: u8 = 1;
const TO_PEOPLE: u8 = 2;
const CONTEXT: &[u8] = b"mahoe ring v1\0";

/// How a compartment's key is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrapped {
    /// Sealed under an epoch key: the whole team reads the compartment.
    Epoch(KeyId, [u8; SEALED_KEY]),
    /// An age file to the listed participants and the recovery recipients only.
    Restricted(Box<[u8]>),
}

/// One key of one compartment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingEntry {
    /// The case, meeting or team.
    pub stream: StreamId,
    /// The class of data in it.
    pub class: Class,
    /// 1 for the first key of a compartment; higher after an epoch or a restriction changed.
    pub generation: u32,
    /// Names the key; bodies carry it.
    pub id: CompartmentKeyId,
    /// The key itself, out of reach.
    pub wrapped: Wrapped,
}

/// Whom a new key is wrapped for.
#[derive(Clone, Copy)]
pub enum WrapFor<'a> {
    /// Everybody on the team: under the current epoch's key.
    Team(&'a EpochKeys),
    /// These only; the caller has put the recovery recipients among them.
    People(&'a [Recipient]),
}

/// Why bytes are not a ring entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingError {
    /// Cut off, too long, or not of the form.
    Malformed,
    /// A version, class or kind of wrap that only a newer mahoe knows.
    Newer,
}

impl fmt::Display for RingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the key ring entry is damaged",
            Self::Newer => "the key ring entry was written by a newer mahoe",
        })
    }
}

impl std::error::Error for RingError {}

impl RingEntry {
    /// Wraps a key for its compartment.
    ///
    /// # Errors
    /// [`KeyError::NoRecipients`] or [`KeyError::TooManyRecipients`].
    pub fn wrap(
        key: &SecretKey32,
        (stream, class, generation): (StreamId, Class, u32),
        wrap_for: WrapFor<'_>,
        rng: &mut dyn Entropy,
    ) -> Result<Self, KeyError> {
        let id = key.compartment_id(stream, class, generation);
        let wrapped = match wrap_for {
            WrapFor::Team(epoch) => {
                let context = context(&place(stream, class, generation, id), epoch.id());
                let sealed = seal::seal(epoch.key(), &context, key.expose(), rng);
                Wrapped::Epoch(epoch.id(), sealed.try_into().expect("32 bytes and the overhead"))
            }
            WrapFor::People(people) if people.len() > MAX_RESTRICTED => return Err(KeyError::TooManyRecipients),
            WrapFor::People(people) => Wrapped::Restricted(agefile::seal_to_recipients(key.expose(), people)?.into()),
        };
        Ok(Self { stream, class, generation, id, wrapped })
    }

    /// The key, if one of the epoch keys or the identity opens it.
    ///
    /// # Errors
    /// [`KeyError::NoEpochKey`] or [`KeyError::NotForYou`] if it is not for this person; [`KeyError::DamagedBody`] or
    /// [`KeyError::WrongKey`] if it was changed or moved.
    pub fn unwrap(&self, epochs: &EpochKeys, identity: &Identity) -> Result<SecretKey32, KeyError> {
        let plain: Zeroizing<Vec<u8>> = match &self.wrapped {
            Wrapped::Epoch(epoch, sealed) => {
                let key = epochs.get(*epoch).ok_or(KeyError::NoEpochKey)?;
                let context = context(&place(self.stream, self.class, self.generation, self.id), *epoch);
                seal::open(key, &context, sealed).map_err(|_| KeyError::DamagedBody)?
            }
            Wrapped::Restricted(file) => agefile::open_with_identities(file, &[identity], MAX_RESTRICTED)?,
        };
        let key = SecretKey32::from_slice(&plain).ok_or(KeyError::Content("key"))?;
        let id = key.compartment_id(self.stream, self.class, self.generation);
        if id == self.id { Ok(key) } else { Err(KeyError::WrongKey) }
    }

    /// The same key under another wrap.
    fn with(&self, wrapped: Wrapped) -> Self {
        Self { wrapped, ..self.clone() }
    }

    /// The stored form: fixed little-endian layout, docs/formats/vault.md, "Key ring".
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PREFIX + 16 + SEALED_KEY);
        out.extend_from_slice(&place(self.stream, self.class, self.generation, self.id));
        let (kind, parts): (u8, [&[u8]; 2]) = match &self.wrapped {
            Wrapped::Epoch(epoch, sealed) => (UNDER_EPOCH, [epoch.bytes(), sealed]),
            Wrapped::Restricted(file) => (TO_PEOPLE, [&[], file]),
        };
        let len = parts[0].len() + parts[1].len();
        out.push(kind);
        out.extend_from_slice(&u32::try_from(len).expect("bounded by the number of people").to_le_bytes());
        for part in parts {
            out.extend_from_slice(part);
        }
        out
    }

    /// Reads exactly one entry and nothing behind it.
    ///
    /// # Errors
    /// [`RingError`]; no byte of the wrap is interpreted.
    pub fn decode(bytes: &[u8]) -> Result<Self, RingError> {
        let version = *bytes.first().ok_or(RingError::Malformed)?;
        if version != VERSION {
            return Err(if version > VERSION { RingError::Newer } else { RingError::Malformed });
        }
        if bytes.len() < PREFIX || bytes.len() > MAX_ENTRY {
            return Err(RingError::Malformed);
        }
        let (head, wrap) = bytes.split_at(PREFIX);
        let stream = StreamId::try_from(&head[1..17]).map_err(|_| RingError::Malformed)?;
        let class = Class::from_number(head[17]).ok_or(RingError::Newer)?;
        let generation = u32_at(head, 18).filter(|generation| *generation > 0).ok_or(RingError::Malformed)?;
        let id = CompartmentKeyId::try_from(&head[22..PLACE]).map_err(|_| RingError::Malformed)?;
        let len = u32_at(head, PLACE + 1).and_then(|len| usize::try_from(len).ok());
        if len != Some(wrap.len()) || wrap.is_empty() {
            return Err(RingError::Malformed);
        }
        let wrapped = match head[PLACE] {
            UNDER_EPOCH => under_epoch(wrap).ok_or(RingError::Malformed)?,
            TO_PEOPLE => Wrapped::Restricted(wrap.into()),
            0 => return Err(RingError::Malformed),
            _ => return Err(RingError::Newer),
        };
        Ok(Self { stream, class, generation, id, wrapped })
    }
}

fn under_epoch(wrap: &[u8]) -> Option<Wrapped> {
    let (epoch, sealed) = wrap.split_first_chunk::<16>()?;
    Some(Wrapped::Epoch(KeyId(*epoch), sealed.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Which key of which compartment: the front of the stored form, and what a wrap is bound to.
fn place(stream: StreamId, class: Class, generation: u32, id: CompartmentKeyId) -> [u8; PLACE] {
    let mut place = [VERSION; PLACE];
    place[1..17].copy_from_slice(stream.bytes());
    place[17] = class.number();
    place[18..22].copy_from_slice(&generation.to_le_bytes());
    place[22..].copy_from_slice(id.bytes());
    place
}

fn context(place: &[u8; PLACE], epoch: KeyId) -> Vec<u8> {
    [CONTEXT, place, epoch.bytes()].concat()
}

/// All entries of a vault, and the keys that were asked for so far.
#[derive(Default)]
pub struct Ring {
    entries: Vec<RingEntry>,
    /// Where a key's entry lies.
    places: IdMap<CompartmentKeyId, u32>,
    /// Where that of each compartment's highest generation lies, and there of the highest id.
    newest: IdMap<(StreamId, Class), u32>,
    keys: IdMap<CompartmentKeyId, SecretKey32>,
    /// Of a restricted key earlier wraps, the latest last: whoever can open none of them can't tell which is good, so
    /// that a bad one must not take a good one's place.
    older: IdMap<CompartmentKeyId, Vec<Wrapped>>,
}

/// So many earlier wraps of one key are kept.
const MAX_OLDER: usize = 4;

impl Ring {
    /// An empty ring.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an entry in. A known key's wrap is replaced: that is how a restriction or a new epoch takes hold.
    /// Returns the entry that was there.
    pub fn insert(&mut self, entry: RingEntry) -> Option<RingEntry> {
        if let Some(at) = self.places.get(&entry.id) {
            // The id binds the place, so that only the wrap can differ.
            let (id, new) = (entry.id, matches!(entry.wrapped, Wrapped::Restricted(_)));
            let old = std::mem::replace(&mut self.entries[*at as usize], entry);
            if new && matches!(old.wrapped, Wrapped::Restricted(_)) {
                self.keep_older(id, &old.wrapped);
            }
            return Some(old);
        }
        let at =
            u32::try_from(self.entries.len()).expect("fewer than 2^32 keys: a log of that many does not fit a disk");
        self.places.insert(entry.id, at);
        let newest = self.newest.entry((entry.stream, entry.class)).or_insert(at);
        let rank = |entry: &RingEntry| (entry.generation, entry.id);
        if self.entries.get(*newest as usize).is_none_or(|known| rank(known) < rank(&entry)) {
            *newest = at;
        }
        self.entries.push(entry);
        None
    }

    fn keep_older(&mut self, id: CompartmentKeyId, wrapped: &Wrapped) {
        let older = self.older.entry(id).or_default();
        older.retain(|other| other != wrapped);
        older.push(wrapped.clone());
        if older.len() > MAX_OLDER {
            older.remove(0);
        }
    }

    /// True if this wrap of the key is here, be it an earlier one.
    pub fn has_wrap(&self, entry: &RingEntry) -> bool {
        self.get(entry.id).is_some_and(|known| known.wrapped == entry.wrapped)
            || self.older.get(&entry.id).is_some_and(|older| older.contains(&entry.wrapped))
    }

    /// A key by whichever of its wraps opens.
    ///
    /// # Errors
    /// As [`RingEntry::unwrap`] for the latest, if none does.
    pub fn open(&self, id: CompartmentKeyId, epochs: &EpochKeys, identity: &Identity) -> Result<SecretKey32, KeyError> {
        let entry = self.get(id).ok_or(KeyError::NotForYou)?;
        entry.unwrap(epochs, identity).or_else(|error| {
            let older = self.older.get(&id).into_iter().flatten().rev();
            let mut opened = older.filter_map(|wrapped| entry.with(wrapped.clone()).unwrap(epochs, identity).ok());
            opened.next().ok_or(error)
        })
    }

    /// The entry of a key.
    pub fn get(&self, id: CompartmentKeyId) -> Option<&RingEntry> {
        self.places.get(&id).map(|at| &self.entries[*at as usize])
    }

    /// The newest key of a compartment: highest generation, and among keys made at the same time in different copies
    /// the one with the highest id, everywhere the same.
    pub fn newest(&self, stream: StreamId, class: Class) -> Option<&RingEntry> {
        self.newest.get(&(stream, class)).map(|at| &self.entries[*at as usize])
    }

    /// A key, unwrapped at the first call and kept until [`Ring::forget_keys`].
    ///
    /// # Errors
    /// [`KeyError::NotForYou`] for a key that is not in the ring, else as [`RingEntry::unwrap`].
    pub fn key(
        &mut self,
        id: CompartmentKeyId,
        epochs: &EpochKeys,
        identity: &Identity,
    ) -> Result<&SecretKey32, KeyError> {
        if !self.keys.contains_key(&id) {
            let key = self.open(id, epochs, identity)?;
            self.keys.insert(id, key);
        }
        self.keys.get(&id).ok_or(KeyError::NotForYou)
    }

    /// A key that was unwrapped before.
    pub fn known_key(&self, id: CompartmentKeyId) -> Option<&SecretKey32> {
        self.keys.get(&id)
    }

    /// Makes the next generation's key of a compartment, and puts it in. The returned entry must be durable before
    /// the first frame that uses the key.
    ///
    /// # Errors
    /// As [`RingEntry::wrap`].
    pub fn new_key(
        &mut self,
        stream: StreamId,
        class: Class,
        wrap_for: WrapFor<'_>,
        rng: &mut dyn Entropy,
    ) -> Result<&RingEntry, KeyError> {
        let last = self.newest(stream, class).map_or(0, |entry| entry.generation);
        let generation = last.checked_add(1).ok_or(KeyError::Content("generation"))?;
        let key = SecretKey32::random(rng);
        let entry = RingEntry::wrap(&key, (stream, class, generation), wrap_for, rng)?;
        let id = entry.id;
        self.keys.insert(id, key);
        self.insert(entry);
        Ok(self.get(id).expect("just put in"))
    }

    /// Destroys the keys of what `keep` refuses; returns their ids. Bodies under them can't be read again from here.
    pub fn retain(&mut self, mut keep: impl FnMut(&RingEntry) -> bool) -> Vec<CompartmentKeyId> {
        let gone: Vec<_> = self.entries.iter().filter(|entry| !keep(entry)).map(|entry| entry.id).collect();
        for id in &gone {
            self.keys.remove(id);
            self.places.remove(id);
            self.older.remove(id);
        }
        if !gone.is_empty() {
            let (entries, stay) = (std::mem::take(&mut self.entries), std::mem::take(&mut self.places));
            self.newest.clear();
            for entry in entries.into_iter().filter(|entry| stay.contains_key(&entry.id)) {
                self.insert(entry);
            }
        }
        gone
    }

    /// Wipes every unwrapped key; the wraps stay.
    pub fn forget_keys(&mut self) {
        self.keys = IdMap::default();
    }

    /// Every entry, by stream, class and generation.
    pub fn iter(&self) -> impl Iterator<Item = &RingEntry> {
        let mut all: Vec<&RingEntry> = self.entries.iter().collect();
        all.sort_by_key(|entry| (entry.stream, entry.class, entry.generation, entry.id));
        all.into_iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{StreamKind, VaultId};
    use crate::testing::entropy::SeededEntropy;
    use crate::vault::keys::text::push_hex;

    fn epoch() -> EpochKeys {
        EpochKeys::first(VaultId([1; 16]), &mut SeededEntropy::new(1))
    }

    fn person(seed: u64) -> Identity {
        Identity::random(&mut SeededEntropy::new(seed))
    }

    fn case(byte: u8) -> StreamId {
        StreamId::new(StreamKind::Case, [byte; 15])
    }

    fn team_entry() -> RingEntry {
        let mut random = SeededEntropy::new(2);
        let key = SecretKey32::random(&mut random);
        RingEntry::wrap(&key, (case(7), Class::Notes, 3), WrapFor::Team(&epoch()), &mut random).expect("wrapped")
    }

    #[test]
    fn golden_bytes() {
        let mut hex = String::new();
        push_hex(&mut hex, &team_entry().encode());
        assert_eq!(
            hex,
            "01020707070707070707070707070707070803000000ca0bf8c52ffb1ca31f078999e5bb57d5015800000058687d69673206370b48816c7f03fbf052009bc3c5bc27e9feef50faa288df66f43ffe839e2bdaf881770da02fc4ab6d78cd5b2f885347c7d9d0ddafd9e34095a572c827d0264fcc2af31a4d9fbad748dbc005e66ca5eb0f"
        );
        let restricted = RingEntry { wrapped: Wrapped::Restricted((*b"age").into()), ..team_entry() };
        let mut hex = String::new();
        push_hex(&mut hex, &restricted.encode()[PLACE..]);
        assert_eq!(hex, "0203000000616765");
    }

    #[test]
    fn entries_round_trip_and_open() {
        let mut ring = Ring::new();
        let (ann, eve) = (person(3), person(4));
        let mut random = SeededEntropy::new(5);
        let team = ring.new_key(case(1), Class::Core, WrapFor::Team(&epoch()), &mut random).expect("made").clone();
        let people = [ann.recipient()];
        let closed = ring.new_key(case(1), Class::Health, WrapFor::People(&people), &mut random).expect("made").clone();
        for entry in [&team, &closed] {
            assert_eq!(RingEntry::decode(&entry.encode()).as_ref(), Ok(entry));
            let opened = entry.unwrap(&epoch(), &ann).expect("ann may");
            assert_eq!(opened.expose(), ring.known_key(entry.id).expect("just made").expose());
        }
        assert!(team.unwrap(&epoch(), &eve).is_ok());
        assert_eq!(closed.unwrap(&epoch(), &eve).err(), Some(KeyError::NotForYou));
        let stranger = EpochKeys::first(VaultId([1; 16]), &mut SeededEntropy::new(99));
        assert_eq!(team.unwrap(&stranger, &ann).err(), Some(KeyError::NoEpochKey));
    }

    #[test]
    fn a_changed_bit_or_another_place_never_opens() {
        let bytes = team_entry().encode();
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let opened = RingEntry::decode(&bad).map(|entry| entry.unwrap(&epoch(), &person(1)));
            assert!(!matches!(opened, Ok(Ok(_))), "bit {bit}");
        }
        let ann = person(3);
        let key = SecretKey32::random(&mut SeededEntropy::new(6));
        let people = [ann.recipient()];
        let wrap = WrapFor::People(&people);
        let entry = RingEntry::wrap(&key, (case(1), Class::Health, 1), wrap, &mut SeededEntropy::new(7)).expect("made");
        let moved = RingEntry { stream: case(2), ..entry.clone() };
        assert_eq!(moved.unwrap(&epoch(), &ann).err(), Some(KeyError::WrongKey));
        let reclassed = RingEntry { class: Class::Core, ..entry };
        assert_eq!(reclassed.unwrap(&epoch(), &ann).err(), Some(KeyError::WrongKey));
    }

    #[test]
    fn decoding_is_strict() {
        let bytes = team_entry().encode();
        for at in 0..bytes.len() {
            assert_eq!(RingEntry::decode(&bytes[..at]), Err(RingError::Malformed), "cut at {at}");
        }
        let with = |at: usize, value: u8| {
            let mut bad = bytes.clone();
            bad[at] = value;
            RingEntry::decode(&bad)
        };
        assert_eq!(RingEntry::decode(&[bytes.clone(), vec![0]].concat()), Err(RingError::Malformed));
        assert_eq!(RingEntry::decode(&vec![1; MAX_ENTRY + 1]), Err(RingError::Malformed));
        assert_eq!(with(0, 2), Err(RingError::Newer));
        assert_eq!(with(0, 0), Err(RingError::Malformed));
        assert_eq!(with(17, 200), Err(RingError::Newer));
        assert_eq!(with(18, 0), Err(RingError::Malformed), "generations start at 1");
        assert_eq!(with(PLACE, 9), Err(RingError::Newer));
        assert_eq!(with(PLACE, 0), Err(RingError::Malformed));
        assert_eq!(with(PLACE + 4, 255), Err(RingError::Malformed));
    }

    #[test]
    fn the_newest_generation_is_found() {
        let mut ring = Ring::new();
        let mut random = SeededEntropy::new(8);
        let (epoch, nobody) = (epoch(), person(1));
        assert!(ring.is_empty() && ring.newest(case(1), Class::Core).is_none());
        for generation in 1..=3 {
            let made = ring.new_key(case(1), Class::Core, WrapFor::Team(&epoch), &mut random).expect("made");
            assert_eq!(made.generation, generation);
        }
        ring.new_key(case(1), Class::Notes, WrapFor::Team(&epoch), &mut random).expect("made");
        ring.new_key(case(2), Class::Core, WrapFor::Team(&epoch), &mut random).expect("made");
        assert_eq!(ring.newest(case(1), Class::Core).map(|entry| entry.generation), Some(3));
        assert_eq!(ring.newest(case(1), Class::Health), None);

        ring.forget_keys();
        let id = ring.newest(case(1), Class::Core).expect("there").id;
        assert!(ring.known_key(id).is_none());
        assert!(ring.key(id, &epoch, &nobody).is_ok() && ring.known_key(id).is_some());
        assert_eq!(ring.key(CompartmentKeyId([0; 16]), &epoch, &nobody).err(), Some(KeyError::NotForYou));

        let mut gone = ring.retain(|entry| entry.stream != case(1));
        gone.sort();
        assert_eq!((gone.len(), ring.len(), ring.iter().count()), (4, 1, 1));
        assert!(ring.newest(case(1), Class::Core).is_none() && ring.known_key(id).is_none());
    }

    #[test]
    fn a_restriction_replaces_the_wrap() {
        let mut ring = Ring::new();
        let mut random = SeededEntropy::new(8);
        let (ann, eve) = (person(3), person(4));
        let open = ring.new_key(case(1), Class::Core, WrapFor::Team(&epoch()), &mut random).expect("made").clone();
        let key = open.unwrap(&epoch(), &eve).expect("open to all");
        let place = (open.stream, open.class, open.generation);
        let people = [ann.recipient()];
        let closed = RingEntry::wrap(&key, place, WrapFor::People(&people), &mut random).expect("made");
        assert_eq!(ring.insert(closed), Some(open.clone()));
        ring.forget_keys();
        assert_eq!(ring.key(open.id, &epoch(), &eve).err(), Some(KeyError::NotForYou));
        assert!(ring.key(open.id, &epoch(), &ann).is_ok());
        let crowd = vec![ann.recipient(); MAX_RESTRICTED + 1];
        let refused = RingEntry::wrap(&key, place, WrapFor::People(&crowd), &mut random);
        assert_eq!(refused.err(), Some(KeyError::TooManyRecipients));
        let full = RingEntry::wrap(&key, place, WrapFor::People(&crowd[1..]), &mut random).expect("the most");
        assert!(full.encode().len() <= MAX_ENTRY);
        assert_eq!(RingEntry::decode(&full.encode()).as_ref(), Ok(&full));
    }
}
