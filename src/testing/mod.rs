//! What tests are made with: the runner that types keys and reads the screen.

mod runner;

pub use runner::{Runner, screen_text};
