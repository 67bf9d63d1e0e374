//! The vault: keys, sealing, journal, store, healing.
//!
//! docs/formats/vault.md says how it lies on disk.

pub mod blobs;
mod block;
pub mod config;
mod copy;
pub mod disk;
mod entries;
mod epochs;
pub mod frame;
pub mod framelog;
pub mod harden;
pub mod keys;
pub mod lock;
mod mark;
mod open;
mod parish;
mod people;
mod post;
mod quarantine;
mod reading;
mod record;
mod rescue;
mod ringlog;
pub mod seal;
mod sealed_to;
pub mod store;
mod sync;
mod working;

pub use copy::{CopyKeys, Seat};
pub use entries::{Handed, Loaded, LoadedBody, Outgoing, OutgoingBody, Packed, Raw};
pub use open::{Found, Known, NewVault, Setup, Vault, peek};
pub use post::{MAX_BUNDLE, MAX_WHOLE, Tray};
pub use quarantine::SetAside;
pub use reading::reserve_memory;
pub use sync::{BroughtKeys, Named, SealedBody, SealedEntry, Tried, bad_keys};
