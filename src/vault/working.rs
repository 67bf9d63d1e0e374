//! The working store as the vault uses it: blocks of records under a store key, and a record about them.
//!
//! A cache in all respects: what it holds is in the journal too, and anything that does not verify is answered with a
//! rebuild. Count and XOR of the entry ids in the sealed meta record tell a store that silently lost something.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::domain::ids::{EntryId, KeyId, VaultId};
use crate::log::entry;

use super::keys::epoch::EpochKeys;
use super::reading::Plain;
use super::record::{self, Record};
use super::seal::{self, Entropy, SecretKey32};
use super::store::{BlockStore, MemoryStore, SledStore, StoreError};

/// Records of one block. sled keeps nine or more blocks to a page, and at least one page in each of its 256 shards in
/// memory, so that large blocks are half of what an open vault takes.
pub(super) const BLOCK: usize = 32;
const META: usize = 32 + 8 + 32 + 8 + 8 + 8;

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
    /// Records that the journal holds and no block yet, with the arrival of their frame.
    pending: Vec<(u64, Record)>,
}

impl Working {
    pub fn new(vault: VaultId, home: Option<&Path>) -> Self {
        let home = home.map(Path::to_path_buf);
        Self { vault, home, store: None, key: None, tally: Tally::default(), pending: Vec::new() }
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
        let bytes = seal::open(key, &self.block_context(number), bytes).ok()?;
        let mut ids = Vec::with_capacity(BLOCK);
        for view in record::views(&bytes) {
            let id = entry::id_of(view.ok()?.header);
            seen.add(id);
            ids.push(id);
        }
        seen.blocks += 1;
        Some(Plain { number, bytes: Arc::new(bytes), ids })
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
        let mut plain = Zeroizing::new(Vec::new());
        for (_, record) in &self.pending[..BLOCK] {
            record::encode(record, &mut plain);
        }
        let context = self.block_context(number);
        let (Some(store), Some(key)) = (&mut self.store, &self.key) else { return Err(StoreError::Missing) };
        store.put(number, &seal::seal(key, &context, &plain, rng))?;
        for (_, record) in self.pending.drain(..BLOCK) {
            self.tally.add(entry::id_of(&record.header));
        }
        self.tally.blocks += 1;
        Ok(())
    }

    /// The records of one block.
    pub fn block(&self, number: u64) -> Result<Vec<Record>, StoreError> {
        let (Some(store), Some(key)) = (&self.store, &self.key) else { return Err(StoreError::Missing) };
        let bytes = store.get(number)?.ok_or(StoreError::Missing)?;
        self.open_block(key, number, &bytes).ok_or_else(|| StoreError::Damaged(format!("block {number}")))
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

    fn open_block(&self, key: &SecretKey32, number: u64, bytes: &[u8]) -> Option<Vec<Record>> {
        let plain = seal::open(key, &self.block_context(number), bytes).ok()?;
        record::decode_all(&plain).ok()
    }

    fn block_context(&self, number: u64) -> Vec<u8> {
        [b"mahoe block v1\0".as_slice(), &self.vault.0, &number.to_le_bytes()].concat()
    }

    fn meta_context(&self) -> Vec<u8> {
        [b"mahoe store v1\0".as_slice(), &self.vault.0].concat()
    }

    fn write_meta(&mut self, epochs: &EpochKeys, rng: &mut dyn Entropy) -> Result<(), StoreError> {
        let Some(key) = &self.key else { return Err(StoreError::Missing) };
        let mut plain = Zeroizing::new(Vec::with_capacity(META));
        plain.extend_from_slice(key.expose());
        plain.extend_from_slice(&self.tally.count.to_le_bytes());
        plain.extend_from_slice(&self.tally.xor);
        plain.extend_from_slice(&self.tally.covered.to_le_bytes());
        plain.extend_from_slice(&self.tally.partial.to_le_bytes());
        plain.extend_from_slice(&self.tally.blocks.to_le_bytes());
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
        let plain: &[u8; META] = plain.as_slice().try_into().map_err(|_| wrong())?;
        let number = |at: usize| u64::from_le_bytes(plain[at..at + 8].try_into().expect("eight bytes"));
        let key = SecretKey32::from_slice(&plain[..32]).ok_or_else(wrong)?;
        let xor = plain[40..72].try_into().expect("32 bytes");
        Ok((key, Tally { count: number(32), xor, covered: number(72), partial: number(80), blocks: number(88) }))
    }
}
