//! What passes between parishes: cards, words to compare, bundles.
//!
//! docs/formats/card.md gives the bytes of a card. Nothing in here decides whom to trust: it says what is authentic,
//! and the caller asks a person.

pub mod card;
pub mod person;
pub mod words;
