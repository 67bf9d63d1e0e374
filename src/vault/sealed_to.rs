//! For whom this copy sealed what: an age file doesn't tell, and a key that is sealed to others than the entries name by
//! now has to be sealed again.
//!
//! A note says that *these bytes* were sealed to *these people*, so that a wrap that was put back, lost or replaced since
//! is never taken for one that is up to date. It is a cache: without it everything is sealed once more.

use std::collections::HashMap;

use crate::domain::ids::{CompartmentKeyId, KeyId};

use super::keys::identity::Recipient;
use super::open::Vault;
use super::seal;

/// The file, in the folder of what is only cached.
const FILE: &str = "sealed-to";
/// Its most bytes.
const MAX: u64 = 16 << 20;
const ROW: usize = 64;

type Hash = [u8; 32];

/// The notes, read when first asked for.
#[derive(Default)]
pub(super) struct SealedTo(Option<HashMap<Hash, Hash>>);

/// What a note is about.
pub(super) enum Subject {
    /// A compartment's key, as it is wrapped.
    Key(CompartmentKeyId),
    /// A compartment's key, as it was wrapped when it was made: once it is wrapped for others these bytes are gone, and it
    /// serves nothing new.
    Made(CompartmentKeyId),
    /// The file of an epoch.
    Epoch(KeyId),
}

impl Subject {
    fn hash(&self) -> Hash {
        let (kind, id) = match self {
            Self::Key(id) => (b"key", id.bytes().as_slice()),
            Self::Made(id) => (b"new", id.bytes().as_slice()),
            Self::Epoch(id) => (b"epo", id.bytes().as_slice()),
        };
        *blake3::Hasher::new_derive_key("mahoe sealed to v1").update(kind).update(id).finalize().as_bytes()
    }
}

/// What a note says of bytes and the people they are sealed to, in whatever order.
fn says(bytes: &[u8], people: &[Recipient]) -> Hash {
    let mut names: Vec<String> = people.iter().map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    let mut hasher = blake3::Hasher::new_derive_key("mahoe sealed to v1");
    hasher.update(blake3::hash(bytes).as_bytes());
    for name in names {
        hasher.update(name.as_bytes()).update(b"\n");
    }
    *hasher.finalize().as_bytes()
}

impl Vault {
    /// True if these very bytes were sealed here to these people and nobody else.
    pub(super) fn is_sealed_to(&mut self, subject: &Subject, bytes: &[u8], people: &[Recipient]) -> bool {
        let wanted = says(bytes, people);
        self.sealed_to().get(&subject.hash()) == Some(&wanted)
    }

    /// Notes for whom bytes were sealed; [`Vault::keep_sealed_to`] writes it down.
    pub(super) fn note_sealed_to(&mut self, subject: &Subject, bytes: &[u8], people: &[Recipient]) {
        let says = says(bytes, people);
        self.sealed_to().insert(subject.hash(), says);
    }

    /// Writes the notes down. A disk that refuses costs sealing once more.
    pub(super) fn keep_sealed_to(&mut self) {
        let rows: Vec<u8> = self.sealed_to().iter().flat_map(|(subject, says)| [*subject, *says].concat()).collect();
        let mut file = self.epochs.id().0.to_vec();
        file.extend_from_slice(&seal::seal(self.epochs.key(), &self.context(), &rows, self.entropy.as_mut()));
        let folder = self.root.join("sync");
        let written = self.disk.create_folder_durably(&folder);
        let _ = written.and_then(|()| self.disk.write_atomic(&folder.join(FILE), &file));
    }

    fn sealed_to(&mut self) -> &mut HashMap<Hash, Hash> {
        if self.sealed_to.0.is_none() {
            self.sealed_to.0 = Some(self.read_sealed_to().unwrap_or_default());
        }
        self.sealed_to.0.get_or_insert_default()
    }

    fn read_sealed_to(&self) -> Option<HashMap<Hash, Hash>> {
        let file = self.disk.read(&self.root.join("sync").join(FILE), MAX).ok()?;
        let (epoch, sealed) = file.split_first_chunk::<{ KeyId::LEN }>()?;
        // An earlier epoch's key those know too who left.
        let key = Some(self.epochs.key()).filter(|_| KeyId(*epoch) == self.epochs.id())?;
        let rows = seal::open(key, &self.context(), sealed).ok()?;
        let row = |row: &[u8]| Some((row[..32].try_into().ok()?, row[32..].try_into().ok()?));
        rows.chunks_exact(ROW).map(row).collect()
    }

    fn context(&self) -> Vec<u8> {
        [b"mahoe sealed to v1\0".as_slice(), &self.config.vault.0].concat()
    }
}
