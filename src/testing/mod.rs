//! What tests and benches share: seeded randomness, and the runner that types keys and reads the screen. Nothing in
//! here may guard a real vault.

pub mod dump;
pub mod entropy;
mod runner;
pub mod team;

pub use runner::{Runner, screen_text};
