//! Pure rules: no I/O, clock, randomness, terminal or cryptography.

pub mod calendar;
pub mod class;
pub mod clean;
pub mod code;
pub mod dates;
pub mod ids;
pub mod mask;
pub mod pack;
pub mod parish;
