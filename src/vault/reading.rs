//! Reading the working store at unlock: on a thread of its own, while others put in order and fold what comes.
//!
//! It unseals and counts; it decides nothing. What it hands over counts only once all of it has come and adds up: a
//! store that turns out damaged half-way is answered with a rebuild, and what came of it is forgotten.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use zeroize::Zeroizing;

use super::keys::epoch::EpochKeys;
use super::store::StoreError;
use super::working::{Tally, Working};

/// So many blocks go to the other thread together: waking it costs as much as unsealing one.
const TOGETHER: usize = 32;
/// So many such pieces may wait, some hundred kilobytes each.
const AHEAD: usize = 16;

/// What comes of a store, in this order.
pub(super) enum Piece {
    /// It is open, and says of itself that it holds this.
    Begun(Tally),
    /// Some blocks, in the order of their numbers.
    Blocks(Vec<Plain>),
}

/// A block whose front was unsealed, and whose ids were counted.
pub(super) struct Plain {
    /// Its number.
    pub number: u64,
    /// Its front: one buffer, from which nothing is taken until it is folded, where it is also wiped.
    pub front: Arc<Zeroizing<Vec<u8>>>,
}

/// A store that is being opened, then read.
pub(super) struct Reading {
    /// The way for the keys, until they are given.
    keys: Option<Sender<EpochKeys>>,
    pieces: Option<Receiver<Piece>>,
    thread: Option<JoinHandle<(Working, Result<(), StoreError>)>>,
}

impl Reading {
    /// Begins to open a store, which takes no keys: that is done while a passphrase is tried. Reading it begins with
    /// [`Reading::unlock`].
    ///
    /// # Errors
    /// If the system has no room for a thread.
    pub fn begin(mut working: Working) -> std::io::Result<Self> {
        let (give, keys) = channel();
        let (send, pieces) = sync_channel(AHEAD);
        let read = move || {
            reserve_memory();
            let opened = working.open();
            let result = match keys.recv() {
                Ok(epochs) => opened.and_then(|()| read(&mut working, &epochs, &send)),
                // Nobody could unlock it: then nothing is wrong with the store.
                Err(_) => Ok(()),
            };
            (working, result)
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(read)?;
        Ok(Self { keys: Some(give), pieces: Some(pieces), thread: Some(thread) })
    }

    /// Gives the keys with which it is read.
    pub fn unlock(&mut self, epochs: EpochKeys) {
        if let Some(keys) = self.keys.take() {
            // If the thread has ended, finishing tells.
            let _ = keys.send(epochs);
        }
    }

    /// The next piece; `None` behind the last.
    pub fn next(&self) -> Option<Piece> {
        self.pieces.as_ref()?.recv().ok()
    }

    /// Ends it: the store comes back, with what was wrong with it. What was not taken yet is dropped.
    pub fn finish(mut self) -> Option<(Working, Result<(), StoreError>)> {
        (self.keys, self.pieces) = (None, None);
        self.thread.take()?.join().ok()
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        (self.keys, self.pieces) = (None, None);
        // The store's own lock must be gone before the vault's is given back.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Has the C library keep a few megabytes ready for this thread. By itself it gives the pages of freed buffers back to
/// the system after each block, whose clearing of new ones then costs as much as reading them, and asks the system
/// for each further page alone. It learns from the largest buffer that is freed; elsewhere this does nothing.
pub fn reserve_memory() {
    const LARGE: usize = 4 << 20;
    drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGE)));
}

fn read(working: &mut Working, epochs: &EpochKeys, send: &SyncSender<Piece>) -> Result<(), StoreError> {
    let tally = working.unlock(epochs)?;
    // Nobody listens any more if unlocking has failed: then nothing is wrong with the store.
    let mut heard = send.send(Piece::Begun(tally)).is_ok();
    let mut some = Vec::with_capacity(TOGETHER);
    working.read_blocks(&mut |plain| {
        some.push(plain);
        if some.len() == TOGETHER {
            let full = std::mem::replace(&mut some, Vec::with_capacity(TOGETHER));
            heard = heard && send.send(Piece::Blocks(full)).is_ok();
        }
        heard
    })?;
    // As above.
    let _ = send.send(Piece::Blocks(some));
    Ok(())
}
