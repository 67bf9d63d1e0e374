//! The container: a bundle written to a file, and a file read as a bundle.
//!
//! Writing walks everything twice, once for the digests and once for the file, in constant memory. Reading is one pass,
//! in constant memory too: [`Reader::open`] goes as far as the signed manifest, the rest is asked for in the archive's
//! order, and only [`Reader::finish`] says that all of it was as signed. **Nothing that a reader hands out may be used
//! before that**, except to make a plan that is thrown away on a refusal.
//!
//! The signature binds everything to the device key that the manifest names. *Whose* key that is, is for the caller to
//! say from the cards that it knows, or from the card in the bundle if that is one it accepts.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Attached, Opened, Reader};
pub use write::{NotWritten, Outgoing, Written, write};

/// The first member: what is signed.
const MANIFEST: &str = "manifest.txt";
/// The second: its signature.
const SIGNATURE: &str = "manifest.txt.minisig";
/// How much is copied at once.
const COPY: usize = 64 << 10;
