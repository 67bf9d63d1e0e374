//! A working store in memory, for tests and throw-away vaults.

use std::collections::BTreeMap;

use super::{BlockStore, StoreError};

/// Blocks in memory; never damaged, never in use, gone when dropped.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    blocks: BTreeMap<u64, Vec<u8>>,
    backs: BTreeMap<u64, Vec<u8>>,
    meta: Option<Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl BlockStore for MemoryStore {
    fn put(&mut self, block: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.blocks.insert(block, bytes.to_vec());
        Ok(())
    }

    fn get(&self, block: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.blocks.get(&block).cloned())
    }

    fn put_back(&mut self, block: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.backs.insert(block, bytes.to_vec());
        Ok(())
    }

    fn back(&self, block: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.backs.get(&block).cloned())
    }

    fn for_each(&self, visit: &mut dyn FnMut(u64, &[u8])) -> Result<(), StoreError> {
        self.blocks.iter().for_each(|(block, bytes)| visit(*block, bytes));
        Ok(())
    }

    fn set_meta(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.meta = Some(bytes.to_vec());
        Ok(())
    }

    fn meta(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.meta.clone())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn promote(&mut self, _quarantine: Option<&std::path::Path>) -> Result<(), StoreError> {
        Ok(())
    }

    fn len(&self) -> Result<u64, StoreError> {
        Ok(self.blocks.len() as u64)
    }
}
