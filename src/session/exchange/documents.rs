//! Documents in bundles: their sealed bytes leave with the entry that names them, and are put into the vault before it.
//!
//! They travel as they are sealed: the entry's body holds the key, and its signature stands. What comes is kept only if an
//! entry names it, its bytes open under that entry's key, and they are what the entry says.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use crate::bundle::card::hex;
use crate::bundle::container::Reader;
use crate::bundle::manifest::Part;
use crate::domain::document::{Document, size_words};
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BlobId, EntryId, StreamId};
use crate::error::{AppError, Kind, Result};
use crate::log::codec;
use crate::session::Session;
use crate::session::documents::key_of;
use crate::text::counted;
use crate::vault::Tray;
use crate::vault::blobs::{BlobFile, MAX_DOCUMENT, Staged, Standing, blob_of, sealed_length};
use crate::vault::keys::identity::Identity;
use crate::vault::seal::SecretKey32;

use super::read::{Incoming, Opened};

/// The most bytes of documents in one bundle: it is made in memory.
const MOST: u64 = 256 << 20;

/// What an entry says of the document that it brings.
#[derive(Clone)]
struct Named {
    key: String,
    size: u64,
    digest: String,
}

impl Named {
    /// Of an entry's facts; `None` if it brings no document.
    fn of(facts: &[Fact]) -> Option<Self> {
        let value = |wanted: Field| {
            facts.iter().rev().find_map(|fact| match fact {
                Fact::Set { field, value, .. } if *field == wanted => Some(value),
                _ => None,
            })
        };
        let size = u64::try_from(value(Field::DocumentSize)?.as_number()?).ok()?;
        Self::new(value(Field::DocumentKey)?.as_str()?, size, value(Field::DocumentDigest)?.as_str()?)
    }

    /// `None` where the size is none that a document can have: another team may say any number.
    fn new(key: &str, size: u64, digest: &str) -> Option<Self> {
        let can_be = (1..=MAX_DOCUMENT).contains(&size);
        can_be.then(|| Self { key: key.to_owned(), size, digest: digest.to_owned() })
    }

    fn secret(&self) -> Option<SecretKey32> {
        key_of(&self.key)
    }
}

/// What came of the documents in a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Came {
    /// They are in the vault now.
    kept: usize,
    /// They are not what their entries say.
    damaged: usize,
    /// They did not come along.
    missing: usize,
}

impl Came {
    /// Sentences to follow others.
    pub fn says(self, from: &str) -> String {
        let kept = (self.kept > 0).then(|| format!(" {} came along.", counted(self.kept, "document", "documents")));
        let lacking = [(self.damaged, "is damaged"), (self.missing, "did not come along")];
        let lacking = lacking.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| {
            let files = counted(count, "document's file", "documents' files");
            format!(" {files} {what}: ask {from} to send the case again.")
        });
        kept.into_iter().chain(lacking).collect()
    }
}

/// True if a body brings a document.
pub(super) fn brings(body: &[u8]) -> bool {
    codec::decode_body(body).is_ok_and(|facts| Named::of(&facts).is_some())
}

impl Session {
    /// The files of documents that leave, and what is said of those which are not here.
    ///
    /// # Errors
    /// [`Kind::Refused`] if they are more than one bundle can hold.
    pub(super) fn document_files(&self, entries: &[EntryId]) -> Result<(Vec<(BlobId, BlobFile)>, String)> {
        let standing: HashSet<EntryId> = self
            .state
            .items(ItemKind::Document)
            .filter_map(|item| Document(item).entry(&self.state))
            .filter(|entry| entries.contains(entry))
            .collect();
        let mut files = Vec::with_capacity(standing.len());
        for entry in &standing {
            let blob = blob_of(*entry);
            files.extend(self.vault.sealed_blob(blob).map(|file| (blob, file)));
        }
        let total: u64 = files.iter().map(|(_, file)| file.size).sum();
        if total > MOST {
            return Err(AppError::new(
                Kind::Refused,
                format!("The documents of this case have {} together, more than one bundle holds.", size_words(total)),
                "Keep some of them back, and hand those over sealed (mahoe document export).",
            ));
        }
        let lacking = standing.len() - files.len();
        let says = if lacking == 0 {
            String::new()
        } else {
            format!(
                " {} not here and stay out: `mahoe vault info` says which.",
                counted(lacking, "document's file is", "documents' files are")
            )
        };
        Ok((files, says))
    }

    /// The documents that a bundle's entries name, as far as they are to be taken: those that are new, and those whose
    /// bytes are not here yet.
    fn named_in(&self, opened: &Opened, only: Option<&HashSet<StreamId>>) -> BTreeMap<BlobId, Named> {
        let wanted = |entry: &&Incoming| {
            let stream = entry.header.stream;
            only.is_none_or(|only| only.contains(&stream))
                && self.state.strike(entry.id).is_none()
                && !self.state.is_set_aside(entry.id)
        };
        let incoming = opened.incoming.iter().filter(wanted);
        let incoming = incoming.filter_map(|entry| Some((blob_of(entry.id), Named::of(entry.facts.as_ref()?)?)));
        // Asked for again: the entry is known, and may be our own.
        let known = self.state.items(ItemKind::Document).map(Document).filter_map(|document| {
            let entry = document.entry(&self.state)?;
            Some((blob_of(entry), Named::new(document.key(), document.size(), document.digest())?))
        });
        let known = known.filter(|(blob, _)| opened.documents.iter().any(|(came, _)| came == blob));
        incoming.chain(known).collect()
    }

    /// What the plan says of the documents in a bundle: how many come and their bytes, and what a person should look at.
    pub(super) fn documents_in(&self, opened: &Opened) -> (Option<String>, Vec<String>) {
        let named = self.named_in(opened, None);
        let (wanted, odd): (Vec<_>, Vec<_>) = opened.documents.iter().partition(|(blob, _)| named.contains_key(blob));
        let bytes: u64 = wanted.iter().filter_map(|(blob, _)| named.get(blob)).map(|named| named.size).sum();
        let come = (!wanted.is_empty()).then(|| {
            let verb = if wanted.len() == 1 { "comes" } else { "come" };
            format!("{} {verb} along ({})", counted(wanted.len(), "document", "documents"), size_words(bytes))
        });
        let absent =
            |blob: &BlobId| self.vault.blob_size(*blob) == 0 && !opened.documents.iter().any(|(came, _)| came == blob);
        let missing = named.keys().filter(|blob| absent(blob)).count();
        let mut checks = Vec::new();
        if missing > 0 {
            checks.push(format!(
                "{} did not come along: ask {} to send the case again",
                counted(missing, "document's file", "documents' files"),
                opened.sender.says().name
            ));
        }
        if !odd.is_empty() {
            checks
                .push(format!("{} that nothing in it names: left out", counted(odd.len(), "file came", "files came")));
        }
        (come, checks)
    }

    /// Puts the documents of a bundle of the inbox into the vault, durably, before the entries that name them are. What is
    /// not what its entry says is left out.
    ///
    /// # Errors
    /// As the bundle's reading; [`Kind::Io`] if the disk refuses. Nothing of them is kept then.
    pub(super) fn stage_documents(
        &mut self,
        name: &str,
        opened: &Opened,
        only: Option<&HashSet<StreamId>>,
    ) -> Result<Came> {
        let mut came = Came::default();
        let named = self.named_in(opened, only);
        if named.is_empty() {
            return Ok(came);
        }
        if !opened.documents.is_empty() {
            let (file, size) = self.vault.read_bundle(Tray::Inbox, name)?;
            let identities = self.vault.parish_identities();
            let identities: Vec<&Identity> = identities.iter().collect();
            let mut reader = Reader::open(file, size, &identities)?;
            while let Some(attached) = reader.attachment()? {
                let Part::Blob(blob) = attached.part() else { continue };
                let blob = BlobId(blob);
                let Some(named) = named.get(&blob) else { continue };
                if attached.line().size != sealed_length(named.size) {
                    came.damaged += 1;
                    continue;
                }
                let key = named.secret();
                if self.has_whole(blob, key.as_ref().map(|key| (key, named.size)))? {
                    continue;
                }
                let staged = self.vault.stage_blob(|out| Ok(attached.copy_to(out)?))?;
                match staged {
                    Some(staged) if self.is_as_named(&staged, named) => {
                        came.kept += 1;
                        self.arriving.push((blob, staged));
                    }
                    other => {
                        if let Some(staged) = other {
                            self.vault.drop_staged(&staged);
                        }
                        came.damaged += 1;
                    }
                }
            }
            reader.finish()?;
        }
        let here =
            |blob: &BlobId| self.vault.blob_size(*blob) > 0 || opened.documents.iter().any(|(came, _)| came == blob);
        came.missing = named.keys().filter(|blob| !here(blob)).count();
        Ok(came)
    }

    /// True if a blob is here, or can be made whole.
    fn has_whole(&mut self, blob: BlobId, with: Option<(&SecretKey32, u64)>) -> Result<bool> {
        let there = self.vault.blob_size(blob) > 0;
        Ok(there && matches!(self.vault.check_blob(blob, with)?, Standing::Whole | Standing::Mended))
    }

    /// True if staged bytes open under the key of the entry that names them, and are what it says.
    fn is_as_named(&self, staged: &Staged, named: &Named) -> bool {
        let Some(key) = named.secret() else { return false };
        let mut hash = Sha256::new();
        let read = io::copy(&mut self.vault.read_staged(staged, key, named.size).by_ref(), &mut hash);
        read.is_ok_and(|size| size == named.size) && hex(&hash.finalize()) == named.digest
    }

    /// Gives what arrived the names under which its entries find it, while these are being taken in.
    pub(super) fn place_arriving(&mut self) -> Result<()> {
        for (blob, staged) in std::mem::take(&mut self.arriving) {
            self.placed.push(blob);
            self.vault.place_blob(&staged, blob)?;
        }
        Ok(())
    }

    /// Forgets what arrived and was not placed.
    pub(super) fn drop_arriving(&mut self) {
        for (_, staged) in std::mem::take(&mut self.arriving) {
            self.vault.drop_staged(&staged);
        }
    }

    /// The documents' files that another copy of this vault lacks by what it told, or all; at most so many as fit into one
    /// bundle, and how many wait for the next.
    pub(super) fn files_to_sync(&self, lacks: &dyn Fn(&BlobId) -> bool) -> (Vec<(BlobId, BlobFile)>, usize) {
        let (mut files, mut waiting, mut total) = (Vec::new(), 0, 0);
        for blob in self.vault.blobs().into_iter().filter(lacks) {
            let size = self.vault.blob_size(blob);
            if total + size > MOST {
                waiting += 1;
                continue;
            }
            if let Some(file) = self.vault.sealed_blob(blob) {
                total += size;
                files.push((blob, file));
            }
        }
        (files, waiting)
    }

    /// Takes documents' files out of a sync: those of entries that are here or come with it. They stay as they are sealed;
    /// whoever may read them checks more when they are read. How many were new.
    ///
    /// # Errors
    /// As the bundle's reading; [`Kind::Io`].
    pub(super) fn take_synced_files(
        &mut self,
        bytes: &[u8],
        names: &[BlobId],
        coming: impl Iterator<Item = EntryId>,
    ) -> Result<usize> {
        if names.is_empty() {
            return Ok(0);
        }
        let known = self.state.streams().flat_map(|stream| self.state.entries_of(stream)).map(|stamp| stamp.id);
        let known = known.chain(self.ledger.parked().map(|(entry, _)| entry)).chain(coming);
        let mut wanted: HashSet<BlobId> =
            known.filter(|entry| self.state.strike(*entry).is_none()).map(blob_of).collect();
        wanted.retain(|blob| names.contains(blob));
        let identities = self.sync_identities();
        let identities: Vec<&Identity> = identities.iter().chain([self.vault.participant().identity()]).collect();
        let mut reader = Reader::open(bytes, bytes.len() as u64, &identities)?;
        let mut arrived = Vec::new();
        while let Some(attached) = reader.attachment()? {
            let Part::Blob(blob) = attached.part() else { continue };
            let blob = BlobId(blob);
            if !wanted.contains(&blob) || self.has_whole(blob, None)? {
                continue;
            }
            if let Some(staged) = self.vault.stage_blob(|out| Ok(attached.copy_to(out)?))? {
                arrived.push((blob, staged));
            }
        }
        let count = arrived.len();
        for (blob, staged) in arrived {
            self.vault.place_blob(&staged, blob)?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ItemId;
    use crate::domain::value::Value;

    #[test]
    fn a_size_that_no_document_has_names_none() {
        let named = |size: i64| {
            let set = |field, value| Fact::Set { item: ItemId([1; 16]), field, value, replaces: Vec::new() };
            let facts = [
                set(Field::DocumentKey, Value::text(&"0".repeat(64))),
                set(Field::DocumentSize, Value::Number(size)),
                set(Field::DocumentDigest, Value::text(&"0".repeat(64))),
            ];
            Named::of(&facts).map(|named| named.size)
        };
        // Three of the largest number together are more than any sum holds.
        assert_eq!([-1, 0, i64::MAX].map(named), [None; 3]);
        assert_eq!(named(128 << 20), Some(MAX_DOCUMENT));
        assert_eq!(named((128 << 20) + 1), None);
    }
}
