//! What passes between parishes: cards, words to compare, and bundles, which carry entries and nothing that was not
//! meant to leave.
//!
//! - [`card`], [`person`], [`words`]: who a team or a person is, and how people make sure of it
//! - [`container`]: a bundle written and read, in the order in which nothing is believed too early
//! - [`manifest`], [`entries`], [`heads`]: the members of its archive
//! - [`minisig`], [`tarball`], [`padme`], [`lines`]: signature, archive, padding and wording
//! - [`refusal`]: why a bundle is not read
//! - [`relay`]: where bundles lie until the other team fetches them
//! - [`source`]: what a bundle is made of, and how a long job is watched
//!
//! Nothing in here knows the State, decides whom to trust or writes to a vault: it says what is authentic, and the
//! session asks a person. What is read is bounded before it is allocated and verified before it is handed on. Bytes:
//! docs/formats/bundle.md and docs/formats/card.md.

pub mod card;
pub mod container;
mod digest;
pub mod entries;
mod envelope;
pub mod heads;
pub mod introductions;
pub mod lines;
pub mod manifest;
pub mod minisig;
pub mod padme;
pub mod paper;
pub mod person;
pub mod refusal;
pub mod relay;
pub mod source;
pub mod statistics;
pub mod sync;
pub mod tarball;
pub mod words;
