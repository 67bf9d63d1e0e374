//! Pure rules: no I/O, clock, randomness, terminal or cryptography.

pub mod class;
pub mod ids;
