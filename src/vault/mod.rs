//! The vault: keys, sealing, journal, store, healing.
//!
//! docs/formats/vault.md says how it lies on disk.

pub mod disk;
pub mod keys;
pub mod seal;
