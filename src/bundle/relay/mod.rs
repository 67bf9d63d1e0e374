//! The relay: bundles that lie where another team fetches them. A carrier is a shared place that is trusted with
//! nothing: it sees names that tell nothing, padded sizes and times.
//!
//! Each receiver has a *mailbox*, named by a hash of its root key. An *object* is a bundle, named by the hash of its
//! bytes: it is never overwritten, a half-written or foreign file is never taken for one, and nothing relies on a place
//! that can do more than list, read, write and remove. docs/formats/bundle.md, "The relay".

mod folder;

use std::fmt;
use std::io::{self, Read};

pub use folder::FolderCarrier;

/// The mailbox of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mailbox([u8; 16]);

impl Mailbox {
    /// The mailbox of the team with this root key.
    pub fn of(root: &[u8; 32]) -> Self {
        let mut name = [0; 16];
        blake3::Hasher::new_derive_key("mahoe relay mailbox v1").update(root).finalize_xof().fill(&mut name);
        Self(name)
    }

    /// Its name in the shared place.
    pub fn name(self) -> String {
        hex(&self.0)
    }
}

/// A bundle in a mailbox, by the hash of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object([u8; 32]);

impl Object {
    /// The object that these bytes make.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The object of a hash that was taken while its bytes were copied.
    pub const fn of_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// Its name in a mailbox.
    pub fn name(self) -> String {
        format!("{self}.mahoe")
    }

    /// Reads [`Object::name`]; `None` for whatever else lies there.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::from_hex(name.strip_suffix(".mahoe")?)
    }

    /// Reads the hash in lower-case hex, as it is shown.
    pub fn from_hex(stem: &str) -> Option<Self> {
        let lower = stem.len() == 64 && stem.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut hash = [0; 32];
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(stem.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        lower.then_some(Self(hash))
    }
}

/// The hash, in hex.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What lies in a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Objects by their names, with their sizes in bytes. Whether the bytes fit the name is seen when they are read.
    pub objects: Vec<(Object, u64)>,
    /// Other things: half-written or foreign files. They are left alone.
    pub foreign: usize,
}

/// A shared place: a folder on a stick, a network share, later an object store.
pub trait Carrier {
    /// What lies in a mailbox; nothing if there is none.
    ///
    /// # Errors
    /// If the place can't be read at all.
    fn list(&self, mailbox: Mailbox) -> io::Result<Listing>;

    /// The bytes of an object, to be read piece by piece. Whether they are what its name says, as those of a file that is
    /// still being copied are not, is seen once all of them were read.
    ///
    /// # Errors
    /// `NotFound` if it is gone; else as the place gives them.
    fn open(&self, mailbox: Mailbox, object: Object) -> io::Result<Box<dyn Read>>;

    /// Puts an object into a mailbox; when this returns it would survive the stick being pulled out. One that lies
    /// there already is left as it is.
    ///
    /// # Errors
    /// As the place gives them; then nothing is there that could be taken for the object.
    fn put(&self, mailbox: Mailbox, bytes: &[u8]) -> io::Result<Object>;

    /// Removes an object; fine if it is gone.
    ///
    /// # Errors
    /// As the place gives them.
    fn remove(&self, mailbox: Mailbox, object: Object) -> io::Result<()>;
}

fn hex(bytes: &[u8]) -> String {
    super::card::hex(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_frozen_and_nothing_else_is_an_object() {
        assert_eq!(Mailbox::of(&[7; 32]).name().len(), 32);
        assert_ne!(Mailbox::of(&[7; 32]), Mailbox::of(&[8; 32]));
        let object = Object::of(b"bytes");
        assert_eq!(Object::from_name(&object.name()), Some(object));
        let long = "a".repeat(64);
        for name in [
            "",
            ".mahoe",
            "x.mahoe",
            &long,
            &format!("{}.mahoe", "A".repeat(64)),
            &format!("../{long}.mahoe"),
            &format!("{long}.mahoe.part"),
        ] {
            assert_eq!(Object::from_name(name), None, "{name}");
        }
    }
}
