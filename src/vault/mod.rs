//! The vault: keys, sealing, journal, store, healing.
//!
//! docs/formats/vault.md says how it lies on disk.

pub mod disk;
pub mod frame;
pub mod framelog;
pub mod store;
