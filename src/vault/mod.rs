//! The vault: keys, sealing, journal, store, healing.
//!
//! docs/formats/vault.md says how it lies on disk.

pub mod config;
pub mod disk;
pub mod frame;
pub mod framelog;
pub mod harden;
pub mod keys;
pub mod lock;
pub mod seal;
pub mod store;
