//! The vault from outside: damage, power cuts, kills, other people.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "clear enough for what a test compares")]

mod damage;
mod folder;
mod kill;
mod others;
mod power;
mod suite;
