//! Pure rules: no I/O, clock, randomness, terminal or cryptography.

pub mod class;
pub mod fact;
pub mod field;
pub mod ids;
pub mod item;
pub mod state;
pub mod value;
