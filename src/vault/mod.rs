//! The vault: keys, sealing, journal, store, healing.
//!
//! docs/formats/vault.md says how it lies on disk.

pub mod config;
pub mod disk;
mod entries;
pub mod frame;
pub mod framelog;
pub mod harden;
pub mod keys;
pub mod lock;
mod open;
mod people;
mod reading;
mod record;
mod rescue;
pub mod seal;
pub mod store;
mod working;

pub use entries::{Handed, Loaded, LoadedBody, Outgoing};
pub use open::{Found, NewVault, Setup, Vault, peek};
