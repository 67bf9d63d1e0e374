//! Pure rules: no I/O, clock, randomness, terminal or cryptography.

pub mod calendar;
pub mod class;
pub mod clean;
pub mod code;
pub mod codes;
pub mod consent;
pub mod dates;
pub mod fact;
pub mod field;
pub mod find;
pub mod ids;
pub mod idtable;
pub mod item;
pub mod mask;
pub mod meeting;
pub mod pack;
pub mod parish;
pub mod proposal;
pub mod referral;
pub mod share;
pub mod state;
pub mod teams;
pub mod today;
pub mod typed;
pub mod value;
pub mod views;
