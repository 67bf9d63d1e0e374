//! Exchange with other parishes: what leaves, what comes in, and what was agreed about both.
//!
//! `send` makes bundles (`select` and `preview` say of what), `read` opens and checks them (`reach`: what each team may
//! touch), `plan` shows what taking one in would do, `take` does it, `answer` makes receipts and reads them, `relay`
//! carries, `trays` are the inbox and the outbox. `sync` and `sync_take` do the same between the team's own devices, by
//! what `held` says that each holds (`copies` shows it), and `join` begins a copy. docs/formats/bundle.md gives the bytes.
//! `introduce`, `figures`, `strike`, `notice` and `paper` are what else passes between teams and people; `post` is the last
//! step of all that is sent. Nothing here trusts a file: what can't be proved is refused, and what a person has to judge is
//! put before them.

mod answer;
#[cfg(test)]
mod answer_tests;
mod copies;
mod disputes;
mod documents;
#[cfg(test)]
mod documents_tests;
mod figures;
mod held;
#[cfg(test)]
mod hostile_tests;
mod introduce;
mod join;
#[cfg(test)]
mod kinds_tests;
#[cfg(test)]
mod leaver_tests;
#[cfg(test)]
mod meeting_sync_tests;
mod notice;
mod pack;
mod paper;
#[cfg(test)]
mod people_tests;
mod plan;
mod post;
mod preview;
mod reach;
mod read;
mod relay;
#[cfg(test)]
mod restricted_tests;
mod select;
mod send;
mod strike;
mod sync;
mod sync_check;
#[cfg(test)]
mod sync_keys_tests;
mod sync_relay;
mod sync_take;
#[cfg(test)]
mod sync_tests;
mod take;
mod telling;
#[cfg(test)]
mod telling_tests;
#[cfg(test)]
mod tests;
mod trays;

pub use answer::TakenIn;
pub use copies::CopyInfo;
pub use figures::{Prepared, Release, kept_figures};
pub use introduce::{CardStanding, Introduced};
pub use join::MAX_DEVICE_FILE;
pub use notice::{Holders, TeamHolds};
pub use paper::PaperMade;
pub use plan::{CasePlan, ImportPlan, Trust};
pub use preview::{Line, Preview};
pub use read::Opened;
pub use relay::{Pulled, Pushed};
pub use send::{Sent, Views, Wish};
pub use strike::AskedStrike;
pub use sync::{Since, SyncMade};
pub use sync_take::{Aside, SyncPlan, SyncTaken};
pub use take::Imported;
pub use trays::{Arrival, Arrived, Outbound, SMALL, Seen};
