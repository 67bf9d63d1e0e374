//! What tests and benches share. Nothing in here may guard a real vault.

pub mod entropy;
