//! SHA-256 of a member. A long one is hashed on a thread of its own, while the caller reads, seals or writes.

use std::mem;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{Builder, JoinHandle};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// From this many bytes on a thread is worth its start.
const LONG: u64 = 1 << 20;
/// Bytes that are handed over at once, and how many such pieces may wait.
const PIECE: usize = 128 << 10;
const AHEAD: usize = 4;

type Piece = Zeroizing<Vec<u8>>;

/// A digest in the making.
pub enum Digester {
    /// On the caller's thread.
    Here(Sha256),
    /// On its own.
    Aside(Aside),
}

/// The caller's end of a hashing thread. Dropped unfinished, the thread ends too.
pub struct Aside {
    piece: Piece,
    full: SyncSender<Piece>,
    empty: Receiver<Piece>,
    thread: JoinHandle<[u8; 32]>,
}

impl Digester {
    /// For a member of about `size` bytes.
    pub fn new(size: u64) -> Self {
        let aside = if size < LONG { None } else { Aside::start() };
        aside.map_or_else(|| Self::Here(Sha256::new()), Self::Aside)
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Here(digest) => digest.update(bytes),
            Self::Aside(aside) => aside.update(bytes),
        }
    }

    /// The digest of all bytes.
    pub fn finish(self) -> [u8; 32] {
        match self {
            Self::Here(digest) => digest.finalize().into(),
            Self::Aside(aside) => aside.finish(),
        }
    }
}

impl Aside {
    /// `None` if the system has no thread left.
    fn start() -> Option<Self> {
        let (full, waiting) = mpsc::sync_channel::<Piece>(AHEAD);
        let (done, empty) = mpsc::channel();
        let hash = move || {
            let mut digest = Sha256::new();
            for mut piece in waiting {
                digest.update(piece.as_slice());
                piece.clear();
                // The caller may have finished and want no piece back.
                let _ = done.send(piece);
            }
            digest.finalize().into()
        };
        let thread = Builder::new().name("mahoe-digest".into()).spawn(hash).ok()?;
        Some(Self { piece: Zeroizing::new(Vec::with_capacity(PIECE)), full, empty, thread })
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == PIECE {
                let next = self.empty.try_recv().unwrap_or_else(|_| Zeroizing::new(Vec::with_capacity(PIECE)));
                // Fails only if the thread is gone: then there is no digest to agree with.
                let _ = self.full.send(mem::replace(&mut self.piece, next));
            }
        }
    }

    fn finish(self) -> [u8; 32] {
        let _ = self.full.send(self.piece);
        drop(self.full);
        self.thread.join().unwrap_or([0; 32])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn here_and_aside_say_the_same() {
        let bytes: Vec<u8> = (0..3_000_000u32).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[2]).collect();
        let wanted: [u8; 32] = Sha256::digest(&bytes).into();
        for (size, step) in [(0, 1000), (LONG, 1000), (LONG, PIECE), (LONG, PIECE * 3 + 1), (u64::MAX, 7_000_000)] {
            let mut digester = Digester::new(size);
            assert_eq!(matches!(digester, Digester::Aside(_)), size >= LONG);
            bytes.chunks(step).for_each(|piece| digester.update(piece));
            assert_eq!(digester.finish(), wanted, "{size}, {step}");
        }
        assert_eq!(Digester::new(LONG).finish(), <[u8; 32]>::from(Sha256::digest(b"")));
    }
}
