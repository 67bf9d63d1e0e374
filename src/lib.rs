//! mahoe: the working memory of a parish's multidisciplinary team.
//!
//! The map of the crate. Each layer may use those above it in this list, never one below
//! (`tests/it/architecture.rs` checks it):
//!
//! 1. [`domain`]: pure rules and the [`State`](domain::state::State), which is the fold of all entries
//! 2. [`policy`]: policy packs, read from TOML into the domain's types
//! 3. [`ops`]: one verb, one file; the registry that both front ends are made from
//! 4. [`log`]: entries: codec, signature, order
//! 5. [`vault`]: keys, sealing, journal, store, healing
//! 6. [`bundle`]: cards, and the encrypted, signed files that carry entries to another vault
//! 7. [`session`]: an open vault with its State: all that a front end holds
//! 8. [`demo`]: the fictional parish
//! 9. [`tui`] and [`cli`], which never import each other

pub mod bundle;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod error;
pub mod log;
pub mod ops;
pub mod policy;
pub mod session;
pub mod testing;
pub mod text;
pub mod tui;
pub mod vault;
