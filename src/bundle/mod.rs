//! Bundles: files that carry entries from one vault to another, and nothing that was not meant to leave.
//!
//! - [`container`]: a bundle written and read, in the order in which nothing is believed too early
//! - [`manifest`], [`entries`], [`heads`]: the members of its archive
//! - [`minisig`], [`tarball`], [`padme`], [`lines`]: signature, archive, padding and wording
//! - [`refusal`]: why a bundle is not read
//! - [`source`]: what a bundle is made of, and how a long job is watched
//!
//! Nothing in here knows the State, decides whom to trust or writes to a vault: that is the session's. What is read is
//! bounded before it is allocated and verified before it is handed on. Bytes: docs/formats/bundle.md.

pub mod container;
pub mod entries;
mod envelope;
pub mod heads;
pub mod lines;
pub mod manifest;
pub mod minisig;
pub mod padme;
pub mod refusal;
pub mod source;
pub mod tarball;
