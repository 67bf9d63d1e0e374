//! The log: signed entries, their bytes and their order.
//!
//! One hash chain per device × stream × class; bodies are salted and separable, so that signature and chain verify
//! without them. docs/formats/entry.md gives the bytes. Nothing in here does I/O, reads a clock or draws randomness.

pub mod codec;
pub mod entry;
pub mod order;
pub mod sign;
