//! Tables for ids: a quick hash for maps, and dense numbers for entries.
//!
//! A vault has millions of ids, and nearly all of them are hashes or random bytes already, so that SipHash over all of
//! them is what opening would wait for. Ids can be chosen by whoever sends entries, though: so each table mixes in a
//! secret of its own, drawn by the standard library, and nobody can make ids that meet in one place.

use std::cell::{RefCell, RefMut};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};

use super::ids::EntryId;

/// A map from ids.
pub type IdMap<K, V> = HashMap<K, V, IdHash>;
/// A set of ids.
pub type IdSet<K> = HashSet<K, IdHash>;

/// Multiplies to 128 bits and folds the halves together: every bit of both depends on every bit of the product.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let (low, high) = (product & u128::from(u64::MAX), product >> 64);
    u64::try_from(low ^ high).expect("the upper half was taken away")
}

/// Makes the hashers of one table.
#[derive(Clone, Copy, Debug)]
pub struct IdHash {
    start: u64,
    factor: u64,
}

impl Default for IdHash {
    fn default() -> Self {
        let random = RandomState::new();
        // An even factor would lose a bit at each step.
        Self { start: random.hash_one(1u8), factor: random.hash_one(2u8) | 1 }
    }
}

impl BuildHasher for IdHash {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher { state: self.start, factor: self.factor }
    }
}

/// Takes in eight bytes at a time.
#[derive(Debug)]
pub struct IdHasher {
    state: u64,
    factor: u64,
}

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.write_u64(u64::from_le_bytes(last));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.state = fold(self.state ^ number, self.factor);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

/// What stands in a slot that is free.
const FREE: u32 = u32::MAX;

/// Gives entries dense numbers, 0, 1, 2 … in the order in which they are first named. An id costs about 40 bytes,
/// where a map would take twice that and keep it in no order.
#[derive(Debug, Default)]
pub struct EntryTable {
    ids: Vec<EntryId>,
    index: RefCell<Slots>,
    hash: IdHash,
}

/// Where the ids are found.
#[derive(Debug, Default)]
struct Slots {
    /// Open addressing, at most half full: numbers, or [`FREE`].
    slots: Vec<u32>,
    /// So many of the ids are in it: those behind wait for the first question.
    known: usize,
}

impl EntryTable {
    /// The number of an id, if it has one.
    pub fn get(&self, id: EntryId) -> Option<u32> {
        let index = self.complete();
        let slot = *index.slots.get(self.slot(&index.slots, id)?)?;
        (slot != FREE).then_some(slot)
    }

    /// The number of an id, which gets the next one if it has none; true if it had none.
    ///
    /// # Panics
    /// Beyond 2³² − 1 ids: far more than the reader of a vault lets through.
    pub fn number(&mut self, id: EntryId) -> (u32, bool) {
        let mut index = self.complete();
        self.make_room(&mut index, self.ids.len() + 1);
        let slot = self.slot(&index.slots, id).expect("there is room, so that there is a slot");
        if index.slots[slot] != FREE {
            return (index.slots[slot], false);
        }
        index.slots[slot] = next_number(&self.ids);
        index.known += 1;
        drop(index);
        (self.push(id), true)
    }

    /// Gives the next number to an id that has none, as the caller knows: it need not be looked for.
    ///
    /// # Panics
    /// As [`EntryTable::number`].
    pub fn push(&mut self, id: EntryId) -> u32 {
        let number = next_number(&self.ids);
        self.ids.push(id);
        number
    }

    /// The id with a number.
    pub fn id(&self, number: u32) -> Option<EntryId> {
        self.ids.get(number as usize).copied()
    }

    /// How many ids have numbers.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True before the first.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The index with all ids in it.
    fn complete(&self) -> RefMut<'_, Slots> {
        let mut index = self.index.borrow_mut();
        if index.known < self.ids.len() {
            self.make_room(&mut index, self.ids.len());
            self.put_new(&mut index);
        }
        index
    }

    /// Puts in the ids that are not in it yet.
    fn put_new(&self, Slots { slots, known }: &mut Slots) {
        let mask = slots.len() - 1;
        for (number, id) in self.ids.iter().enumerate().skip(*known) {
            // No two are equal, so that none has to be compared.
            let mut at = self.start(*id) & mask;
            while slots[at] != FREE {
                at = (at + 1) & mask;
            }
            slots[at] = u32::try_from(number).expect("it was given as such a number");
        }
        *known = self.ids.len();
    }

    /// Makes the index large enough for so many ids.
    fn make_room(&self, index: &mut Slots, wanted: usize) {
        if index.slots.len() < wanted * 2 {
            let new = vec![FREE; (wanted * 2).next_power_of_two().max(1 << 10)];
            *index = Slots { slots: new, known: 0 };
            self.put_new(index);
        }
    }

    fn start(&self, id: EntryId) -> usize {
        // An entry's id is a hash, of which any eight bytes will do; the table's own secret mixes them.
        let (words, _) = id.0.as_chunks::<8>();
        let hash = fold(u64::from_le_bytes(words[0]) ^ self.hash.start, self.hash.factor);
        usize::try_from(hash >> 8).unwrap_or(0)
    }

    /// Where the id stands, or the free slot in which it would; `None` in an empty table.
    fn slot(&self, slots: &[u32], id: EntryId) -> Option<usize> {
        let mask = slots.len().checked_sub(1)?;
        let mut at = self.start(id) & mask;
        while slots[at] != FREE && self.ids[slots[at] as usize] != id {
            at = (at + 1) & mask;
        }
        Some(at)
    }
}

fn next_number(ids: &[EntryId]) -> u32 {
    let number = u32::try_from(ids.len()).ok().filter(|number| *number != FREE);
    number.expect("fewer than 2^32 entries: the reader bounds them")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> EntryId {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        EntryId(id)
    }

    #[test]
    fn numbers_are_dense_and_stay() {
        let mut table = EntryTable::default();
        assert_eq!(table.get(id(7)), None);
        for number in 0..5_000 {
            assert_eq!(table.number(id(number * 3)), (number, true));
        }
        for number in 0..5_000 {
            assert_eq!(table.number(id(number * 3)), (number, false));
            assert_eq!(table.get(id(number * 3)), Some(number));
            assert_eq!(table.id(number), Some(id(number * 3)));
            assert_eq!(table.get(id(number * 3 + 1)), None);
        }
        assert_eq!((table.len(), table.id(5_000)), (5_000, None));
    }

    #[test]
    fn ids_that_were_not_looked_for_are_found_all_the_same() {
        let mut table = EntryTable::default();
        for number in 0..3_000 {
            let given = if number % 3 == 0 { table.number(id(number)).0 } else { table.push(id(number)) };
            assert_eq!(given, number);
        }
        assert_eq!(table.get(id(3_000)), None);
        for number in 0..3_000 {
            assert_eq!(table.get(id(number)), Some(number));
            assert_eq!(table.number(id(number)), (number, false));
        }
        assert_eq!(table.number(id(3_000)), (3_000, true));
    }

    #[test]
    fn ids_that_share_their_first_bytes_are_told_apart() {
        let mut table = EntryTable::default();
        for last in 0..=255 {
            let mut same = [9; 32];
            same[31] = last;
            assert_eq!(table.number(EntryId(same)), (u32::from(last), true));
        }
        assert_eq!(table.len(), 256);
    }

    #[test]
    fn each_table_has_its_own_secret_and_every_byte_counts() {
        let (one, two) = (IdHash::default(), IdHash::default());
        assert_ne!(one.hash_one(id(1)), two.hash_one(id(1)));
        for byte in 0..32 {
            let mut changed = [0; 32];
            changed[byte] = 1;
            assert_ne!(one.hash_one(EntryId(changed)), one.hash_one(EntryId([0; 32])), "byte {byte}");
        }
        assert_ne!(one.hash_one([1u8, 2, 3].as_slice()), one.hash_one([1u8, 2].as_slice()));
    }
}
