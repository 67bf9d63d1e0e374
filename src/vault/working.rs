//! The working store as the vault uses it: blocks of records under a store key, and a record about them.
//!
//! Of each block the front is read at unlock, the back only when somebody asks for what it alone holds.
//!
//! A cache in all respects: what it holds is in the journal too, and anything that does not verify is answered with a
//! rebuild. Count and XOR of the entry ids in the sealed meta record tell a store that silently lost something.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::domain::ids::{EntryId, KeyId, VaultId};

use super::block::{self, Halves};
use super::keys::epoch::EpochKeys;
use super::reading::Plain;
use super::record::Record;
use super::seal::{self, Entropy, SecretKey32};
use super::store::{BlockStore, MemoryStore, SledStore, StoreError};

/// Records of one block. sled keeps nine or more blocks to a page, and at least one page in each of its 256 shards in
/// memory, so that large blocks are half of what an open vault takes.
pub(super) const BLOCK: usize = 32;
/// The layout of blocks that this version writes and reads; the first had no number, and no halves.
const LAYOUT: u32 = 2;
/// Bytes of the record about the blocks, without the number of the layout.
const META: usize = 32 + 8 + 32 + 8 + 8 + 8;

/// What tells the seals of fronts and backs apart.
const FRONT: &[u8] = b"mahoe block v2\0";
const BACK: &[u8] = b"mahoe block back v2\0";

/// How far the store goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Entries in its blocks.
    pub count: u64,
    /// XOR of their ids.
    pub xor: [u8; 32],
    /// The journal's arrival up to which it holds everything.
    pub covered: u64,
    /// How many records of the frame after that it holds already: a large commit goes on in the next block.
    pub partial: u64,
    /// Blocks that count; any above are left-overs.
    pub blocks: u64,
}

impl Tally {
    pub fn add(&mut self, id: EntryId) {
        self.count += 1;
        for (xor, byte) in self.xor.iter_mut().zip(id.0) {
            *xor ^= byte;
        }
    }
}

/// The working store, opened late so that a rebuild can replace it.
pub(super) struct Working {
    vault: VaultId,
    home: Option<PathBuf>,
    store: Option<Box<dyn BlockStore>>,
    key: Option<SecretKey32>,
    pub tally: Tally,
    given_up: bool,
    /// Records that the journal holds and no block yet, with the arrival of their frame.
    pending: Vec<(u64, Record)>,
}

impl Working {
    pub fn new(vault: VaultId, home: Option<&Path>) -> Self {
        let home = home.map(Path::to_path_buf);
        Self { vault, home, store: None, key: None, tally: Tally::default(), given_up: false, pending: Vec::new() }
    }

    /// Opens what is there, as far as that goes without keys.
    ///
    /// # Errors
    /// Why it can't be used. Unless it is in use, [`Working::start`] begins a fresh one.
    pub fn open(&mut self) -> Result<(), StoreError> {
        let Some(home) = &self.home else { return Err(StoreError::Missing) };
        self.store = Some(Box::new(SledStore::open(home)?));
        Ok(())
    }

    /// Unlocks what was opened; it says of itself how far it goes.
    ///
    /// # Errors
    /// As [`Working::open`].
    pub fn unlock(&mut self, epochs: &EpochKeys) -> Result<Tally, StoreError> {
        let store = self.store.as_ref().ok_or(StoreError::Missing)?;
        let (key, tally) = self.read_meta(store.as_ref(), epochs)?;
        self.key = Some(key);
        self.tally = tally;
        Ok(tally)
    }

    /// Hands over every block until `take` refuses one, and checks that they are what the head record says.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if they are not: then none of them counts.
    pub fn read_blocks(&self, take: &mut dyn FnMut(Plain) -> bool) -> Result<(), StoreError> {
        let (Some(store), Some(key)) = (&self.store, &self.key) else { return Err(StoreError::Missing) };
        let tally = self.tally;
        let mut seen = Tally { covered: tally.covered, partial: tally.partial, ..Tally::default() };
        let (mut fault, mut refused) = (false, false);
        store.for_each(&mut |number, bytes| {
            if number >= tally.blocks || fault || refused {
                return;
            }
            match self.unseal_block(key, number, bytes, &mut seen) {
                Some(plain) => refused = !take(plain),
                None => fault = true,
            }
        })?;
        if !refused && (fault || seen != tally) {
            return Err(StoreError::Damaged("it does not hold what it should".to_owned()));
        }
        Ok(())
    }

    fn unseal_block(&self, key: &SecretKey32, number: u64, bytes: &[u8], seen: &mut Tally) -> Option<Plain> {
        if number != seen.blocks {
            return None;
        }
        let front = seal::open(key, &self.context(FRONT, number), bytes).ok()?;
        block::ids(&front).ok()?.for_each(|id| seen.add(id));
        seen.blocks += 1;
        Some(Plain { number, front: Arc::new(front) })
    }

    /// All records that are in blocks, each with its block.
    ///
    /// # Errors
    /// As [`Working::block`].
    pub fn records(&self) -> Result<Vec<(u64, Record)>, StoreError> {
        let mut all = Vec::new();
        for number in 0..self.tally.blocks {
            all.extend(self.block(number)?.into_iter().map(|record| (number, record)));
        }
        Ok(all)
    }

    /// Begins a fresh, empty store under a new key.
    pub fn start(&mut self, epochs: &EpochKeys, rng: &mut dyn Entropy) -> Result<(), StoreError> {
        self.store = None;
        self.key = Some(SecretKey32::random(rng));
        self.tally = Tally::default();
        self.given_up = false;
        self.pending.clear();
        match &self.home {
            None => self.store = Some(Box::new(MemoryStore::default())),
            Some(home) => self.store = Some(Box::new(SledStore::fresh_beside(home)?)),
        }
        self.write_meta(epochs, rng)
    }

    /// As [`Working::start`] in memory, for a disk that can't take a store: it lasts as long as this process.
    pub fn start_in_memory(&mut self, epochs: &EpochKeys, rng: &mut dyn Entropy) -> Result<(), StoreError> {
        self.home = None;
        self.start(epochs, rng)
    }

    /// True unless the store is in memory on purpose.
    pub fn on_disk(&self) -> bool {
        self.home.is_some()
    }

    /// The block into which the record goes that comes after `offset` others which are not pushed yet.
    pub fn block_of_next(&self, offset: usize) -> u64 {
        self.tally.blocks + ((self.pending.len() + offset) / BLOCK) as u64
    }

    /// Makes a fresh store the one that counts.
    pub fn promote(&mut self, quarantine: Option<&Path>) -> Result<(), StoreError> {
        self.store.as_mut().map_or(Ok(()), |store| store.promote(quarantine))
    }

    /// Takes in records of a frame; full blocks are written.
    pub fn push(
        &mut self,
        arrival: u64,
        records: Vec<Record>,
        epochs: &EpochKeys,
        rng: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        self.pending.extend(records.into_iter().map(|record| (arrival, record)));
        let mut written = false;
        while self.pending.len() >= BLOCK {
            let last = self.pending[BLOCK - 1].0;
            let here = self.pending[..BLOCK].iter().filter(|(arrival, _)| *arrival == last).count() as u64;
            // Records leave the list only when their block is written: what reads from it must never miss one.
            self.write_block(rng)?;
            self.note_progress(last, here);
            written = true;
        }
        if written { self.write_meta(epochs, rng) } else { Ok(()) }
    }

    /// Notes that a block ended with `here` records of the frame `last`. A frame may go on in the next block: it is
    /// covered only once all of it is in.
    fn note_progress(&mut self, last: u64, here: u64) {
        let before = if self.tally.covered + 1 == last { self.tally.partial } else { 0 };
        let split = self.pending.first().is_some_and(|(next, _)| *next == last);
        (self.tally.covered, self.tally.partial) = if split { (last - 1, before + here) } else { (last, 0) };
    }

    /// Writes the oldest pending records as the next block.
    fn write_block(&mut self, rng: &mut dyn Entropy) -> Result<(), StoreError> {
        let number = self.tally.blocks;
        let Halves { front, back, ids } = block::encode(self.pending[..BLOCK].iter().map(|(_, record)| record))
            .map_err(|_| StoreError::Damaged(format!("block {number} can't be written")))?;
        let contexts = [FRONT, BACK].map(|half| self.context(half, number));
        let (Some(store), Some(key)) = (&mut self.store, &self.key) else { return Err(StoreError::Missing) };
        store.put_back(number, &seal::seal(key, &contexts[1], &back, rng))?;
        store.put(number, &seal::seal(key, &contexts[0], &front, rng))?;
        self.pending.drain(..BLOCK);
        for id in ids {
            self.tally.add(id);
        }
        self.tally.blocks += 1;
        Ok(())
    }

    /// The records of one block, out of both its halves, which are checked against each other.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if one does not open or they don't belong together.
    pub fn block(&self, number: u64) -> Result<Vec<Record>, StoreError> {
        let (Some(store), Some(key)) = (&self.store, &self.key) else { return Err(StoreError::Missing) };
        let wrong = || StoreError::Damaged(format!("block {number}"));
        let open = |half, bytes: Option<Vec<u8>>| {
            let bytes = bytes.ok_or_else(wrong)?;
            seal::open(key, &self.context(half, number), &bytes).map_err(|_| wrong())
        };
        let (front, back) = (open(FRONT, store.get(number)?)?, open(BACK, store.back(number)?)?);
        block::join(&front, &back).map_err(|_| wrong())
    }

    /// Sees to it that the next unlock builds it anew: something is wrong with it that unlocking does not look at.
    pub fn give_up(&mut self) {
        self.given_up = true;
        // If even that fails, so will reading it.
        let _ = self.store.as_mut().map_or(Ok(()), |store| store.set_meta(&[]).and_then(|()| store.flush()));
    }

    /// Records that are in no block yet.
    pub fn pending(&self) -> impl Iterator<Item = &Record> {
        self.pending.iter().map(|(_, record)| record)
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> u64 {
        self.tally.blocks
    }

    pub fn flush(&mut self) -> Result<(), StoreError> {
        self.store.as_mut().map_or(Ok(()), |store| store.flush())
    }

    fn context(&self, half: &[u8], number: u64) -> Vec<u8> {
        [half, &self.vault.0, &number.to_le_bytes()].concat()
    }

    fn meta_context(&self) -> Vec<u8> {
        [b"mahoe store v1\0".as_slice(), &self.vault.0].concat()
    }

    fn write_meta(&mut self, epochs: &EpochKeys, rng: &mut dyn Entropy) -> Result<(), StoreError> {
        if self.given_up {
            return Ok(());
        }
        let Some(key) = &self.key else { return Err(StoreError::Missing) };
        let mut plain = Zeroizing::new(Vec::with_capacity(META + 4));
        plain.extend_from_slice(key.expose());
        plain.extend_from_slice(&self.tally.count.to_le_bytes());
        plain.extend_from_slice(&self.tally.xor);
        plain.extend_from_slice(&self.tally.covered.to_le_bytes());
        plain.extend_from_slice(&self.tally.partial.to_le_bytes());
        plain.extend_from_slice(&self.tally.blocks.to_le_bytes());
        plain.extend_from_slice(&LAYOUT.to_le_bytes());
        let mut meta = epochs.id().0.to_vec();
        meta.extend_from_slice(&seal::seal(epochs.key(), &self.meta_context(), &plain, rng));
        self.store.as_mut().ok_or(StoreError::Missing)?.set_meta(&meta)
    }

    fn read_meta(&self, store: &dyn BlockStore, epochs: &EpochKeys) -> Result<(SecretKey32, Tally), StoreError> {
        let wrong = || StoreError::Damaged("its head record does not open".to_owned());
        let meta = store.meta()?.ok_or_else(wrong)?;
        let (epoch, sealed) = meta.split_first_chunk::<16>().ok_or_else(wrong)?;
        let epoch = epochs.get(KeyId(*epoch)).ok_or_else(wrong)?;
        let plain = seal::open(epoch, &self.meta_context(), sealed).map_err(|_| wrong())?;
        let (plain, layout) = plain.split_first_chunk::<META>().ok_or_else(wrong)?;
        if layout != LAYOUT.to_le_bytes() {
            return Err(StoreError::Outdated);
        }
        let number = |at: usize| u64::from_le_bytes(plain[at..at + 8].try_into().expect("eight bytes"));
        let key = SecretKey32::from_slice(&plain[..32]).ok_or_else(wrong)?;
        let xor = plain[40..72].try_into().expect("32 bytes");
        Ok((key, Tally { count: number(32), xor, covered: number(72), partial: number(80), blocks: number(88) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::class::Class;
    use crate::domain::ids::{CompartmentKeyId, DeviceId, ItemId, StreamId};
    use crate::log::entry::Header;
    use crate::testing::entropy::SeededEntropy;
    use crate::vault::record::Kept;

    const VAULT: VaultId = VaultId([1; 16]);

    fn record(number: usize) -> Record {
        let header = Header {
            vault: VAULT,
            device: DeviceId([2; 32]),
            author: ItemId([3; 16]),
            stream: StreamId([4; 16]),
            class: Class::Core,
            sequence: 1,
            previous: EntryId([0; 32]),
            lamport: 1,
            wall: i64::try_from(number).expect("few"),
            parents: Vec::new(),
            body_length: 64,
            body_hash: [5; 32],
        };
        let body = Kept::Open(Zeroizing::new(vec![0; 64]));
        Record { header: header.encode(), signature: [6; 64], key: CompartmentKeyId([7; 16]), body }
    }

    /// A store with three blocks.
    fn filled() -> (Working, EpochKeys, SeededEntropy) {
        let mut rng = SeededEntropy::new(1);
        let epochs = EpochKeys::first(VAULT, &mut rng);
        let mut working = Working::new(VAULT, None);
        working.start(&epochs, &mut rng).expect("in memory");
        for (arrival, number) in (1..).zip(0..BLOCK * 3) {
            working.push(arrival, vec![record(number)], &epochs, &mut rng).expect("in memory");
        }
        (working, epochs, rng)
    }

    fn read(working: &mut Working, epochs: &EpochKeys) -> Result<usize, StoreError> {
        working.unlock(epochs)?;
        let mut blocks = 0;
        working.read_blocks(&mut |_| {
            blocks += 1;
            true
        })?;
        Ok(blocks)
    }

    fn store(working: &mut Working) -> &mut Box<dyn BlockStore> {
        working.store.as_mut().expect("open")
    }

    #[test]
    fn what_went_in_comes_out_and_padding_is_no_part_of_a_front() {
        let (mut working, epochs, _) = filled();
        assert_eq!(read(&mut working, &epochs), Ok(3));
        let second = working.block(1).expect("whole");
        assert!(second == (BLOCK..BLOCK * 2).map(record).collect::<Vec<_>>());
        let front = store(&mut working).get(1).expect("in memory").expect("there");
        assert!(front.len() < BLOCK * (32 + 16 + 50 + 5), "{}", front.len());
    }

    #[test]
    fn a_store_of_another_layout_is_told_from_a_damaged_one() {
        let (mut working, epochs, mut rng) = filled();
        let meta = store(&mut working).meta().expect("in memory").expect("there");
        let context = working.meta_context();
        let plain = seal::open(epochs.key(), &context, &meta[16..]).expect("ours");
        assert_eq!(plain.len(), META + 4);
        let mut with = |plain: &[u8]| {
            let sealed = seal::seal(epochs.key(), &context, plain, &mut rng);
            let meta = [&meta[..16], &sealed].concat();
            store(&mut working).set_meta(&meta).expect("in memory");
            read(&mut working, &epochs)
        };
        assert_eq!(with(&plain), Ok(3));
        assert_eq!(with(&plain[..META]), Err(StoreError::Outdated), "the first layout");
        assert_eq!(with(&[&plain[..META], &[3, 0, 0, 0, 9]].concat()), Err(StoreError::Outdated), "a newer one");
        assert!(matches!(with(&plain[..META - 1]), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn a_damaged_front_is_found_by_reading_and_a_damaged_back_by_asking_for_the_block() {
        let (mut working, epochs, mut rng) = filled();
        let [first, second] = [0, 1].map(|number| store(&mut working).back(number).expect("in memory").expect("there"));
        store(&mut working).put_back(1, &first).expect("in memory");
        assert_eq!(read(&mut working, &epochs), Ok(3));
        assert!(working.block(0).is_ok() && matches!(working.block(1), Err(StoreError::Damaged(_))));
        // From then on it is not believed, whatever is still written to it.
        working.give_up();
        store(&mut working).put_back(1, &second).expect("in memory");
        for (arrival, number) in (1_000..).zip(1_000..1_000 + BLOCK) {
            working.push(arrival, vec![record(number)], &epochs, &mut rng).expect("in memory");
        }
        assert!(matches!(read(&mut working, &epochs), Err(StoreError::Damaged(_))));
        let (mut working, epochs, _) = filled();
        let front = store(&mut working).get(0).expect("in memory").expect("there");
        store(&mut working).put(1, &front).expect("in memory");
        assert!(matches!(read(&mut working, &epochs), Err(StoreError::Damaged(_))));
    }
}
