//! What a team's own devices give each other: records as the journal keeps them, wrapped keys, files of epochs.
//!
//! Bodies stay sealed as they are, so that a copy carries what its own participants can't read. Keys that came are tried
//! beside our own ([`Vault::weigh_keys`]) and taken only when the caller knows that signed entries name their epochs.
//! Nothing in here verifies a signature. docs/formats/bundle.md, "Between a team's own devices".

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::domain::class::Class;
use crate::domain::ids::{CompartmentKeyId, CopyId, EntryId, ItemId, KeyId, StreamId};
use crate::domain::state::Epoch;
use crate::error::{AppError, Kind, Result};
use crate::log::entry::{self, Header};

use super::entries::{NO_KEY, body_context, damaged};
use super::keys::KeyError;
use super::keys::epoch::EpochKeys;
use super::keys::folder::{KeyFile, KeyFolder};
use super::keys::ring::{Ring, RingEntry, Wrapped};
use super::mark;
use super::open::{Vault, disk_error, newest_of};
use super::record::{Kept, Record};
use super::seal;

/// So many bytes of records go into one frame, about.
const FRAME: usize = 4 << 20;
/// The most bytes of what one copy told.
const MAX_TOLD: u64 = 64 << 20;
/// At most so many copies' words are looked at.
const MAX_TELLERS: usize = 1024;
/// What the file with the id of this copy is called, or ends with; and its most bytes.
const COPY: &str = "copy";
const MAX_COPY: u64 = 64;
/// The most bytes of the note on what lies in shared places.
const MAX_NOTE: u64 = 1 << 20;

/// An entry as the journal keeps it.
#[derive(Clone)]
pub struct SealedEntry {
    /// The header's bytes, as signed.
    pub header: Vec<u8>,
    /// The signature over them.
    pub signature: [u8; 64],
    /// The body.
    pub body: SealedBody,
}

/// The body of an entry as the journal keeps it.
#[derive(Clone, PartialEq, Eq)]
pub enum SealedBody {
    /// Under its compartment's key.
    Sealed(CompartmentKeyId, Vec<u8>),
    /// Struck or disposed of.
    Destroyed,
    /// Not here: it never was sent, or its key is gone.
    Withheld,
}

/// Keys that somebody brought, beside our own and not yet among them.
pub struct BroughtKeys {
    ring: Ring,
    fresh: Vec<Fresh>,
    epochs: EpochKeys,
    files: Vec<(KeyId, Vec<u8>)>,
}

/// A wrap that came and is not here.
struct Fresh {
    entry: RingEntry,
    /// The key is here under another wrap.
    known: bool,
}

/// So many generations of a compartment's keys may be ahead of the entries that are known of it: keys that were made and
/// never used, and entries that come later. Each key that was used has an entry.
const AHEAD: u64 = 4096;

impl BroughtKeys {
    /// Every epoch that would come to be used: an entry has to name each of them.
    pub fn epochs(&self) -> HashSet<KeyId> {
        let wraps = self.fresh.iter().filter_map(|fresh| match &fresh.entry.wrapped {
            Wrapped::Epoch(epoch, _) => Some(*epoch),
            Wrapped::Restricted(_) => None,
        });
        self.files.iter().map(|(id, _)| *id).chain(wraps).collect()
    }

    /// Keeps the wraps of keys that are here or that a checked entry of their compartment names, and forgets the rest.
    /// `opens` tells of each named key whether the body that names it opened; `entries` how many entries are known of a
    /// compartment with those that come.
    ///
    /// # Errors
    /// Why a wrap is none that an honest device sends.
    pub fn justify(
        &mut self,
        named: &HashMap<CompartmentKeyId, Named>,
        entries: &dyn Fn(StreamId, Class) -> u64,
    ) -> std::result::Result<(), &'static str> {
        self.fresh.retain(|fresh| fresh.known || named.contains_key(&fresh.entry.id));
        for Fresh { entry, .. } in self.fresh.iter().filter(|fresh| !fresh.known) {
            let place = (entry.stream, entry.class);
            let by = named.get(&entry.id).filter(|by| by.place == place);
            let Some(by) = by else { return Err("the key to an entry belongs to another place") };
            if !by.opens && matches!(entry.wrapped, Wrapped::Epoch(..)) {
                return Err("the key to an entry does not open it");
            }
            let generation = u64::from(entry.generation);
            if generation > AHEAD && generation > AHEAD + entries(entry.stream, entry.class) {
                return Err("the number of a key is higher than its entries make it");
            }
        }
        Ok(())
    }
}

/// What checked entries say of a key that they name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where the entries stand.
    pub place: (StreamId, Class),
    /// One of their bodies opened under it, and is the one that was signed.
    pub opens: bool,
}

/// What a body that came says of itself.
pub enum Tried {
    /// It opens.
    Plain(Zeroizing<Vec<u8>>),
    /// It is sealed to others than whoever is here.
    NotForUs,
    /// Nothing that an honest device sends.
    Bad(&'static str),
}

impl Vault {
    /// Goes through every record of the journal as it lies there, in the order in which they came.
    ///
    /// # Errors
    /// As [`Vault::load`].
    pub fn walk_sealed(&self, visit: &mut dyn FnMut(EntryId, &Header, SealedEntry)) -> Result<()> {
        let mut from = 1;
        while let Some((frames, next)) = self.some_frames(from)? {
            from = next;
            for (arrival, records) in frames {
                for record in records {
                    let header = Header::decode(&record.header).map_err(|_| damaged(arrival))?;
                    let body = match record.body {
                        Kept::Sealed(bytes) if self.ring.get(record.key).is_some() => {
                            SealedBody::Sealed(record.key, bytes)
                        }
                        Kept::Destroyed => SealedBody::Destroyed,
                        _ => SealedBody::Withheld,
                    };
                    let id = entry::id_of(&record.header);
                    visit(id, &header, SealedEntry { header: record.header, signature: record.signature, body });
                }
            }
        }
        Ok(())
    }

    /// The wraps of some keys, by stream, class and generation; and of every key that is for some people only: it may
    /// have been sealed to others since.
    pub fn wraps_of(&self, keys: &HashSet<CompartmentKeyId>) -> Vec<&RingEntry> {
        let wanted = |entry: &&RingEntry| keys.contains(&entry.id) || matches!(entry.wrapped, Wrapped::Restricted(_));
        self.ring.iter().filter(wanted).collect()
    }

    /// The files of the epochs that no other follows, as they lie in `keys/`.
    ///
    /// # Errors
    /// [`Kind::Io`] if one can't be read.
    pub fn epoch_files(&self) -> Result<Vec<(KeyId, Vec<u8>)>> {
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let (vault, identity) = (self.config.vault, self.participant.identity());
        let mut files = Vec::new();
        for file in folder.list()? {
            let KeyFile::Team(id) = file else { continue };
            // One that whoever is here can't open can't be told from a damaged one.
            if let Ok(opened) = folder.open(file, |bytes| EpochKeys::open(bytes, vault, id, &[identity])) {
                files.push((id, opened.bytes));
            }
        }
        Ok(files)
    }

    /// The keys of the epochs, for tests of what is sealed under them.
    #[cfg(test)]
    pub(crate) fn epoch_keys(&self) -> &EpochKeys {
        &self.epochs
    }

    /// Tries keys that came beside our own. Nothing is kept of them yet.
    ///
    /// # Errors
    /// [`KeyError`] if a key is not what it says: then none of them is to be taken.
    pub fn weigh_keys(
        &self,
        ring: Vec<RingEntry>,
        files: Vec<(KeyId, Vec<u8>)>,
    ) -> std::result::Result<BroughtKeys, KeyError> {
        let (vault, identity) = (self.config.vault, self.participant.identity());
        let mut epochs = self.epochs.duplicate();
        let mut taken = Vec::new();
        for (id, bytes) in files {
            if self.epochs.get(id).is_some() {
                continue;
            }
            match EpochKeys::open(&bytes, vault, id, &[identity]) {
                Ok(keys) => epochs.learn(&keys)?,
                Err(KeyError::NotForYou) => continue,
                Err(error) => return Err(error),
            }
            taken.push((id, bytes));
        }
        let team = StreamId::team(vault);
        let restricted = |entry: &RingEntry| matches!(entry.wrapped, Wrapped::Restricted(_));
        let (mut fresh, mut brought) = (Vec::new(), Ring::new());
        for entry in ring.into_iter().filter(|entry| !self.ring.has_wrap(entry)) {
            // The team's own record is everybody's.
            if entry.stream == team && restricted(&entry) {
                return Err(KeyError::Content("place"));
            }
            let opens = match entry.unwrap(&epochs, identity) {
                Ok(_) => true,
                Err(KeyError::NotForYou) => false,
                Err(error) => return Err(error),
            };
            let known = self.ring.get(entry.id);
            if let Some(known) = known {
                let place = |entry: &RingEntry| (entry.stream, entry.class, entry.generation);
                if place(known) != place(&entry) {
                    return Err(KeyError::WrongKey);
                }
                // A wrap that serves stays. Of two that are for others nobody here can tell the better: both are kept.
                let serves = self.ring.open(entry.id, &self.epochs, identity).is_ok();
                if serves || !(opens || restricted(known) && restricted(&entry)) {
                    continue;
                }
            }
            let known = known.is_some();
            brought.insert(entry.clone());
            fresh.push(Fresh { entry, known });
        }
        Ok(BroughtKeys { ring: brought, fresh, epochs, files: taken })
    }

    /// Opens a body with our keys or with those that came along.
    pub fn try_body(&mut self, keys: &mut BroughtKeys, id: EntryId, key: CompartmentKeyId, sealed: &[u8]) -> Tried {
        let identity = self.participant.identity();
        let ring = if keys.ring.get(key).is_some() { &mut keys.ring } else { &mut self.ring };
        if ring.get(key).is_none() {
            return Tried::Bad("the key to an entry is not with it");
        }
        match ring.key(key, &keys.epochs, identity) {
            Ok(key) => match seal::open(key, &body_context(id), sealed) {
                Ok(plain) => Tried::Plain(plain),
                Err(_) => Tried::Bad("the words of an entry do not open under their key"),
            },
            Err(KeyError::NotForYou | KeyError::NoEpochKey) => Tried::NotForUs,
            Err(_) => Tried::Bad("the key to an entry is not what it says"),
        }
    }

    /// Makes keys durable that came: wraps in the ring, files of epochs beside their place until
    /// [`Vault::adopt_epochs`]. The caller has seen that entries name them.
    ///
    /// # Errors
    /// [`Kind::Io`]; what was written until then harms nothing.
    pub fn take_keys(&mut self, keys: BroughtKeys) -> Result<()> {
        let fresh: Vec<RingEntry> = keys.fresh.into_iter().map(|fresh| fresh.entry).collect();
        self.append_ring(&fresh)?;
        for entry in fresh {
            self.ring.insert(entry);
        }
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        keys.files.iter().try_for_each(|(id, bytes)| folder.write_beside(KeyFile::Team(*id), bytes))
    }

    /// Makes records durable as they came. Of each the open body is given where it opens. An error in the middle leaves
    /// the first of them, which stand for themselves.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn commit_sealed(&mut self, entries: Vec<(SealedEntry, Option<Zeroizing<Vec<u8>>>)>) -> Result<()> {
        let mut entries = entries.into_iter().peekable();
        while entries.peek().is_some() {
            let (mut size, mut sealed, mut kept) = (0, Vec::new(), Vec::new());
            while let Some((entry, plain)) = entries.next_if(|_| size < FRAME) {
                let SealedEntry { header, signature, body } = entry;
                let (key, body) = match body {
                    SealedBody::Sealed(key, bytes) => (key, Kept::Sealed(bytes)),
                    SealedBody::Destroyed => (NO_KEY, Kept::Destroyed),
                    SealedBody::Withheld => (NO_KEY, Kept::Withheld),
                };
                let record = Record { header, signature, key, body };
                if let Kept::Sealed(bytes) = &record.body {
                    size += bytes.len();
                }
                size += record.header.len() + 128;
                let wrap = self.ring.get(key).map(|entry| &entry.wrapped);
                let open = plain.filter(|_| matches!(wrap, Some(Wrapped::Epoch(..))));
                kept.push(match open {
                    Some(plain) => Record { body: Kept::Open(plain), ..record.clone() },
                    None => record.clone(),
                });
                sealed.push(record);
            }
            let arrival = self.append(&sealed)?;
            self.pushed(arrival, kept);
        }
        Ok(())
    }

    /// Goes over to the epochs whose files came and which entries name. Of several that do not follow each other all
    /// stay, and every copy writes under the same one. The working store begins anew.
    ///
    /// # Errors
    /// [`Kind::Io`]; the next unlock goes on with it.
    pub fn adopt_epochs(&mut self, named: &[Epoch], doubted: &dyn Fn(KeyId) -> bool) -> Result<()> {
        let (vault, identity) = (self.config.vault, self.participant.identity());
        let mut all = Vec::new();
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        for file in folder.beside() {
            match file {
                KeyFile::Team(id) if doubted(id) || named.iter().any(|epoch| epoch.key == id) => {
                    folder.adopt(file, |bytes| EpochKeys::open(bytes, vault, id, &[identity]))?;
                }
                _ => {}
            }
        }
        for file in folder.list()? {
            let KeyFile::Team(id) = file else { continue };
            if let Ok(opened) = folder.open(file, |bytes| EpochKeys::open(bytes, vault, id, &[identity])) {
                all.push(opened.value);
            }
        }
        if let Some(mut keys) = newest_of(all)? {
            keys.learn(&self.epochs)?;
            self.epochs = keys;
        }
        self.settle_on(named)?;
        self.drop_followed(named)?;
        self.renew_store()
    }

    /// The id of this copy, drawn at the first call. It lies with this computer's marks, outside of the folder, so that a
    /// folder that was copied is another copy. Where it can't be kept it lasts as long as this call: then others take
    /// each bundle for another copy's.
    pub fn copy_id(&mut self) -> CopyId {
        self.copy().0
    }

    /// The id of this copy, and the number of what it tells now: higher than any before, also where the folder was put
    /// back to an earlier state.
    pub fn tell(&mut self) -> (CopyId, u64) {
        let (copy, count) = self.copy();
        let count = count.saturating_add(1);
        self.keep_copy(copy, count);
        (copy, count)
    }

    fn copy(&mut self) -> (CopyId, u64) {
        let kept = self.disk.read(&self.copy_path(), MAX_COPY).ok();
        let kept = kept.and_then(|text| {
            let mut words = std::str::from_utf8(&text).ok()?.split(' ');
            let copy = CopyId::from_hex(words.next()?)?;
            Some((copy, words.next().map_or(Some(0), |count| count.parse().ok())?))
        });
        if let Some(kept) = kept {
            return kept;
        }
        let mut id = CopyId([0; CopyId::LEN]);
        self.entropy.fill(&mut id.0);
        self.keep_copy(id, 0);
        (id, 0)
    }

    fn keep_copy(&self, copy: CopyId, count: u64) {
        let path = self.copy_path();
        let kept = self.disk.create_folder_durably(path.parent().unwrap_or(&self.root));
        let _ = kept.and_then(|()| self.disk.write_atomic(&path, format!("{copy} {count}").as_bytes()));
    }

    fn copy_path(&self) -> PathBuf {
        match &self.marks {
            // Nobody's mark: the copy is the same whoever unlocks it.
            Some(marks) => mark::path(marks, self.config.vault, &self.root, ItemId([0; 16])).with_extension(COPY),
            None => self.root.join("sync").join(COPY),
        }
    }

    /// Keeps a small text beside what other copies told: a cache, which may be lost.
    pub fn keep_sync_note(&self, name: &str, text: &str) {
        let folder = self.root.join("sync");
        let kept = self.disk.create_folder_durably(&folder);
        let _ = kept.and_then(|()| self.disk.write_atomic(&folder.join(name), text.as_bytes()));
    }

    /// The text that [`Vault::keep_sync_note`] kept; empty if there is none.
    pub fn sync_note(&self, name: &str) -> String {
        let kept = self.disk.read(&self.root.join("sync").join(name), MAX_NOTE).ok();
        kept.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Keeps what another copy told that it holds, sealed: a cache, which may be lost.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn keep_told(&mut self, copy: CopyId, bytes: &[u8]) -> Result<()> {
        let path = self.told_path(copy);
        let context = self.told_context(copy);
        let mut file = self.epochs.id().0.to_vec();
        file.extend_from_slice(&seal::seal(self.epochs.key(), &context, bytes, self.entropy.as_mut()));
        self.disk
            .create_folder_durably(&self.root.join("sync"))
            .and_then(|()| self.disk.write_atomic(&path, &file))
            .map_err(|error| disk_error("note what the other device holds", &error))
    }

    /// What other copies told, each last; what can't be read any more is passed over.
    pub fn told(&self) -> Vec<(CopyId, Vec<u8>)> {
        let names = self.disk.list(&self.root.join("sync")).unwrap_or_default();
        let copies = names.iter().filter_map(|name| CopyId::from_hex(name.strip_suffix(".told")?));
        copies.take(MAX_TELLERS).filter_map(|copy| Some((copy, self.read_told(copy)?))).collect()
    }

    fn read_told(&self, copy: CopyId) -> Option<Vec<u8>> {
        let file = self.disk.read(&self.told_path(copy), MAX_TOLD).ok()?;
        let (epoch, sealed) = file.split_first_chunk::<16>()?;
        let key = self.epochs.get(KeyId(*epoch))?;
        seal::open(key, &self.told_context(copy), sealed).ok().map(|plain| plain.to_vec())
    }

    fn told_path(&self, copy: CopyId) -> PathBuf {
        self.root.join("sync").join(format!("{copy}.told"))
    }

    fn told_context(&self, copy: CopyId) -> Vec<u8> {
        [b"mahoe told v2\0".as_slice(), &self.config.vault.0, &copy.0].concat()
    }
}

/// Keys that came are not what they say.
pub fn bad_keys(error: KeyError) -> AppError {
    if error == KeyError::NoEpochKey {
        return AppError::new(
            Kind::Locked,
            "The team's key was changed on a computer that did not know yet that you have one.",
            "Nothing was changed. A coordinator or deputy syncs that computer with yours, then makes a new bundle.",
        );
    }
    AppError::new(
        Kind::Damaged,
        format!("Keys in this bundle are not what they say: {error}."),
        "Nothing was changed. Make a new bundle on the other device; if it happens again, tell your coordinator.",
    )
}
