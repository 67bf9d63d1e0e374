//! The key ring's log, opened while a passphrase is tried.
//!
//! The log is read, compared with its mirror and made whole without any key: its frames tell damage by their hashes, and
//! the keys in them stay wrapped. So it need not wait for whoever unlocks, as little as the working store does.

use std::sync::Arc;
use std::thread::JoinHandle;

use crate::error::Result;

use super::disk::Disk;
use super::framelog::{Finding, FrameLog, LogError, Places};
use super::keys::ring::{Ring, RingEntry};

/// The ring as it was found.
pub(super) struct Opened {
    pub log: FrameLog,
    pub ring: Ring,
    pub found: Vec<Finding>,
}

/// The ring while it is being opened.
pub(super) struct Opening(Option<JoinHandle<std::result::Result<Opened, LogError>>>);

impl Opening {
    /// Begins to open it.
    ///
    /// # Errors
    /// If the system has no room for a thread.
    pub fn begin(disk: Arc<dyn Disk>, places: Places) -> std::io::Result<Self> {
        let thread = std::thread::Builder::new().name("ring".to_owned()).spawn(move || open(disk, places))?;
        Ok(Self(Some(thread)))
    }

    /// The ring, once it is open; `None` if the thread has stopped.
    ///
    /// # Errors
    /// As [`FrameLog::open_hearing`].
    pub fn finish(mut self) -> Option<Result<Opened>> {
        let opened = self.0.take()?.join().ok()?;
        Some(opened.map_err(Into::into))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        // Nothing of it may be written any more when the vault's lock is given back.
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

/// Opens the ring's log and takes in what it holds.
pub(super) fn open(disk: Arc<dyn Disk>, places: Places) -> std::result::Result<Opened, LogError> {
    let mut ring = Ring::new();
    let (log, found) = FrameLog::open_hearing(disk, places, &mut |_, payload| {
        // What was lost is named by the findings; an entry from a newer version hides its key only.
        if let Ok(entry) = RingEntry::decode(payload) {
            ring.insert(entry);
        }
    })?;
    Ok(Opened { log, ring, found })
}
