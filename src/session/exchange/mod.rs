//! Exchange with other parishes: what leaves, what comes in, and what was agreed about both.
//!
//! `send` makes bundles (`select` and `preview` say of what), `read` opens and checks them, `plan` shows what taking one
//! in would do, `take` does it, `relay` carries, `trays` are the inbox and the outbox. `sync` and `sync_take` do the same
//! between the team's own devices, by what `held` says that each holds, and `join` begins a copy. docs/formats/bundle.md
//! gives the bytes. Nothing here trusts a file: what can't be proved is refused, and what a person has to judge is put
//! before them.

mod held;
#[cfg(test)]
mod hostile_tests;
mod join;
mod pack;
mod plan;
mod preview;
mod read;
mod relay;
mod select;
mod send;
mod sync;
mod sync_check;
#[cfg(test)]
mod sync_keys_tests;
mod sync_relay;
mod sync_take;
#[cfg(test)]
mod sync_tests;
mod take;
#[cfg(test)]
mod tests;
mod trays;

pub use join::MAX_DEVICE_FILE;
pub use plan::{CasePlan, ImportPlan, Trust};
pub use preview::{Line, Preview};
pub use read::Opened;
pub use relay::{Pulled, Pushed};
pub use send::{Sent, Wish};
pub use sync::{Since, SyncMade};
pub use sync_take::{Aside, SyncPlan, SyncTaken};
pub use take::Imported;
pub use trays::{Arrival, Arrived, Outbound, SMALL, Seen, TakenIn};
