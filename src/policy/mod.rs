//! Policy packs: the built-in one, and reading one that a team has edited.
//!
//! The types and the rules of what a pack must hold are [`domain::pack`](crate::domain::pack)'s; this layer knows TOML.

pub mod diff;
pub mod edit;
mod reader;
pub mod rules;

use std::sync::OnceLock;

use crate::domain::pack::Pack;

pub use diff::diff;
pub use reader::{LARGEST, PackError, keys, parse};
pub use rules::rules;

/// The text of the built-in pack, which `policy show` prints and a team starts its own from.
pub const BUILTIN: &str = include_str!("jm-default.toml");

/// The built-in pack, parsed once.
///
/// # Panics
/// Never: a test reads the same text.
pub fn builtin() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| parse(BUILTIN).expect("a test reads the built-in pack"))
}
