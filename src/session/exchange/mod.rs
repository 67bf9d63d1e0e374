//! Exchange with other parishes: what leaves, what comes in, and what was agreed about both.
//!
//! `send` makes bundles (`select` and `preview` say of what), `read` opens and checks them, `plan` shows what taking one
//! in would do, `take` does it, `relay` carries. docs/formats/bundle.md gives the bytes. Nothing here trusts a file: what can't be proved
//! is refused, and what a person has to judge is put before them.

#[cfg(test)]
mod hostile_tests;
mod pack;
mod plan;
mod preview;
mod read;
mod relay;
mod select;
mod send;
mod take;
#[cfg(test)]
mod tests;

pub use plan::{CasePlan, ImportPlan, Trust};
pub use preview::{Line, Preview};
pub use read::Opened;
pub use relay::{Pulled, Pushed};
pub use send::{Sent, Wish};
pub use take::Imported;
