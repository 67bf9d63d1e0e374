//! Documents of a case: taken in piece by piece, read back, and handed out sealed.
//!
//! The bytes are durable in the vault before the entry that names them; they are checked against what the entry says of
//! them whenever all of them are read. Nothing leaves without its record.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::bundle::card::hex;
use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::document::{Document, size_words};
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BlobId, EntryId, ItemId};
use crate::domain::media::{HEAD, Media};
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::ops::{CaseStrike, DocumentAdd, Op, SealedFile};
use crate::vault::blobs::{MAX_DOCUMENT, Staged, Standing, blob_of, unreadable};
use crate::vault::keys::agefile;
use crate::vault::keys::identity::Recipient;
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::seal::SecretKey32;

use super::{Done, Session, refused};

/// Hears how many bytes are done; false when it is to stop.
pub type Tell<'a> = &'a mut dyn FnMut(u64) -> bool;

/// A document to be attached.
#[derive(Clone, Debug, Default)]
pub struct NewDocument {
    /// Its kind: a code of the list `document-kind`.
    pub kind: String,
    /// The class, where it isn't the one that the kind proposes.
    pub class: Option<Class>,
    /// Its name; the file's own will do.
    pub name: String,
    /// The day that stands on it.
    pub date: Option<NaiveDate>,
    /// From whom it came; may be empty.
    pub source: String,
    /// Anything else; may be empty.
    pub note: String,
}

/// For whom a document leaves the vault.
pub enum SealTo {
    /// A member, who opens it with the key of their own card.
    Member(ItemId),
    /// Whoever is told this passphrase.
    Passphrase(Passphrase),
    /// Anybody who gets hold of the file; why it must be so.
    Nobody(String),
}

/// Where a document's bytes are and what they must be.
struct FileOf {
    blob: BlobId,
    key: SecretKey32,
    size: u64,
    digest: String,
}

/// Something in the vault that is not as it should be, about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostDocument {
    /// The document; `None` for a file whose record can't be read here.
    pub document: Option<ItemId>,
    /// What is wrong, in a few words: "is in no copy", "is damaged in both copies".
    pub what: &'static str,
}

impl Session {
    /// Attaches a file to a case. It is read once, from its beginning, and never held in memory as a whole.
    ///
    /// # Errors
    /// [`Kind::Refused`] by a rule, for an empty file, and for one that is too large or was stopped; [`Kind::Io`].
    pub fn add_document(&mut self, case: ItemId, new: NewDocument, source: impl Read, tell: Tell<'_>) -> Result<Done> {
        let NewDocument { kind, class, name, date, source: from, note } = new;
        let file = SealedFile { size: 1, digest: String::new(), media: Media::Other, key: String::new() };
        let mut op = DocumentAdd { case, kind, class, name, date, source: from, note, file };
        // What would be refused anyway is refused before anything is read.
        self.decide(&Op::from(op.clone())).map_err(refused)?;
        let (staged, file) = self.seal_file(source, tell)?;
        op.file = file;
        self.staged = Some(staged);
        let done = self.run(op);
        // Taken by the entry that names it; else nothing names it.
        if let Some(staged) = self.staged.take() {
            self.vault.drop_staged(&staged);
        }
        done
    }

    fn seal_file(&mut self, source: impl Read, tell: Tell<'_>) -> Result<(Staged, SealedFile)> {
        let mut secret = Zeroizing::new([0; 32]);
        self.vault.random(secret.as_mut());
        let key = SecretKey32::from_slice(secret.as_ref()).expect("32 bytes");
        let limit = (u64::from(self.pack.limits.document_mib) << 20).min(MAX_DOCUMENT);
        let (mut hash, mut head) = (Sha256::new(), Vec::new());
        let mut stopped = false;
        let told = Stopping { inner: source, done: 0, tell, stopped: &mut stopped };
        let sealed = self.vault.stage_document(told, limit, &key, &mut |plain| {
            hash.update(plain);
            head.extend_from_slice(&plain[..plain.len().min(HEAD - head.len().min(HEAD))]);
        });
        if stopped {
            return Err(AppError::new(Kind::Refused, "Stopped.", "Nothing was attached."));
        }
        let Some((staged, size)) = sealed? else {
            return Err(if head.is_empty() {
                AppError::new(Kind::Refused, "This file is empty.", "Scan or save it again, then attach that.")
            } else {
                AppError::new(
                    Kind::Refused,
                    format!("This file is larger than {} MB, the most that the policy allows.", limit >> 20),
                    "Scan it again in black and white or at 150 dpi, or split it into parts.",
                )
            });
        };
        let digest = hex(&hash.finalize());
        Ok((staged, SealedFile { size, digest, media: Media::of(&head), key: hex(key.expose()) }))
    }

    /// Gives what was staged the name of the entry that brings it.
    pub(super) fn place_staged(&mut self, brings: Option<EntryId>) -> Result<()> {
        let (Some(entry), Some(staged)) = (brings, self.staged.take()) else { return Ok(()) };
        let placed = self.vault.place_blob(&staged, blob_of(entry));
        if placed.is_err() {
            self.vault.drop_staged(&staged);
            self.vault.drop_blob(blob_of(entry));
        }
        placed?;
        self.placed.push(blob_of(entry));
        Ok(())
    }

    /// Takes away what was placed for entries that did not come to be.
    pub(super) fn drop_placed(&mut self) {
        for blob in std::mem::take(&mut self.placed) {
            self.vault.drop_blob(blob);
        }
    }

    fn file_of(&self, document: Document<'_>) -> Result<FileOf> {
        let found = document.entry(&self.state).zip(key_of(document.key()));
        let (entry, key) = found.ok_or_else(no_record)?;
        Ok(FileOf { blob: blob_of(entry), key, size: document.size(), digest: document.digest().to_owned() })
    }

    fn document(&self, id: ItemId) -> Result<Document<'_>> {
        Document::get(&self.state, id).ok_or_else(|| {
            AppError::new(
                Kind::Refused,
                "There is no such document here.",
                "It was removed, or it is of a kind of data that you may not read.",
            )
        })
    }

    /// Up to `most` bytes of a document, from its beginning, to be shown to somebody; on record before anything is.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is no such document; [`Kind::Damaged`] if no copy of its bytes opens, or they are not what
    /// the record says; [`Kind::Io`] if it can't be put on record.
    pub fn view_document(&mut self, id: ItemId, most: u64) -> Result<Zeroizing<Vec<u8>>> {
        let file = self.file_of(self.document(id)?)?;
        self.note_access("view document", id, "")?;
        let room = usize::try_from(file.size.min(most)).unwrap_or(0);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        if file.size <= most {
            self.copy_out(&file, &mut *bytes)?;
        } else {
            let plain = self.vault.read_document(file.blob, file.key.duplicate(), file.size);
            plain.take(most).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        }
        Ok(bytes)
    }

    /// All bytes of a document, for the program itself to look through: whatever is shown of them goes on record first.
    ///
    /// # Errors
    /// As [`Session::view_document`].
    pub(super) fn bytes_of_document(&self, document: Document<'_>) -> Result<Zeroizing<Vec<u8>>> {
        let file = self.file_of(document)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(file.size).unwrap_or(0)));
        self.copy_out(&file, &mut *bytes)?;
        Ok(bytes)
    }

    /// Writes a document as it is into `out`, for a program outside; on record before anything is.
    ///
    /// # Errors
    /// As [`Session::view_document`].
    pub fn open_document(&mut self, id: ItemId, out: &mut dyn Write) -> Result<()> {
        let file = self.file_of(self.document(id)?)?;
        self.note_access("open document outside", id, "")?;
        self.copy_out(&file, out)
    }

    /// Copies a document's bytes; its size and SHA-256 must be those on record.
    fn copy_out(&self, file: &FileOf, out: &mut dyn Write) -> Result<()> {
        let mut plain = self.vault.read_document(file.blob, file.key.duplicate(), file.size);
        let mut hash = Sha256::new();
        let mut piece = Zeroizing::new(vec![0; 64 << 10]);
        loop {
            let count = plain.read(&mut piece).map_err(|error| unreadable(&error))?;
            if count == 0 {
                break;
            }
            hash.update(&piece[..count]);
            out.write_all(&piece[..count]).map_err(|error| not_written(&error))?;
        }
        if hex(&hash.finalize()) == file.digest {
            return Ok(());
        }
        Err(unreadable(&io::ErrorKind::InvalidData.into()))
    }

    /// Writes a document into `out` for somebody outside: sealed, unless there is a reason why it must not be. On record
    /// before anything leaves.
    ///
    /// # Errors
    /// [`Kind::Refused`] for observers, for a member without a card, and for a clear copy without a reason; as
    /// [`Session::view_document`].
    pub fn export_document(&mut self, id: ItemId, to: SealTo, out: &mut dyn Write) -> Result<String> {
        if Member::get(&self.state, self.me).is_none_or(|me| me.role() == "observer" || me.left()) {
            return Err(AppError::new(Kind::Refused, "Observers export nothing.", "Ask a champion or a coordinator."));
        }
        let file = self.file_of(self.document(id)?)?;
        let (detail, says) = self.export_words(&to)?;
        // Each time, not once for a session: to whom it went can differ.
        let stream = self.document(id)?.0.stream;
        let fact = Fact::Accessed { what: "export document".to_owned(), item: id, detail };
        self.write(vec![Placed { stream, class: Class::Access, fact }])?;
        match to {
            SealTo::Nobody(_) => self.copy_out(&file, out)?,
            SealTo::Member(member) => {
                let (_, recipient) = self.card_of_member(member)?;
                let mut sealed = agefile::seal_stream(&[recipient], out).map_err(|error| not_written(&error))?;
                self.copy_out(&file, &mut sealed)?;
                sealed.finish().map(drop).map_err(|error| not_written(&error))?;
            }
            SealTo::Passphrase(passphrase) => {
                let work = self.vault.own_work_factor()?;
                let sealed = agefile::seal_stream_to_passphrase(&passphrase, work, out);
                let mut sealed = sealed.map_err(|error| not_written(&error))?;
                self.copy_out(&file, &mut sealed)?;
                sealed.finish().map(drop).map_err(|error| not_written(&error))?;
            }
        }
        Ok(says)
    }

    /// What goes on record, and what is said.
    fn export_words(&self, to: &SealTo) -> Result<(String, String)> {
        Ok(match to {
            SealTo::Member(member) => {
                let (name, _) = self.card_of_member(*member)?;
                let says = format!("Sealed to {name}, who opens it with `mahoe open FILE -o NAME`; nobody else can.");
                (format!("sealed to {name}"), says)
            }
            SealTo::Passphrase(_) => (
                "sealed to a passphrase".to_owned(),
                "Sealed to the passphrase: `age -d` opens it. Tell it by telephone, never beside the file.".to_owned(),
            ),
            SealTo::Nobody(why) => {
                let why = clean::line_owned(why);
                if why.is_empty() {
                    return Err(AppError::new(
                        Kind::Refused,
                        "A clear copy can be read by whoever gets hold of it.",
                        "Seal it to somebody's card or to a passphrase; or say why it must be clear: the reason goes on record.",
                    ));
                }
                (
                    format!("clear: {why}"),
                    "A clear copy was written; that and why is on record. Delete it once it has done its work."
                        .to_owned(),
                )
            }
        })
    }

    /// The name of a member, and the recipient of their own card.
    fn card_of_member(&self, member: ItemId) -> Result<(String, Recipient)> {
        let found = Member::get(&self.state, member).filter(|member| !member.left()).ok_or_else(|| {
            AppError::new(Kind::Refused, "There is no such member on the team.", "`mahoe team list` shows everybody.")
        })?;
        let recipient = found.0.str(Field::MemberCard).parse().map_err(|_| {
            AppError::new(
                Kind::Refused,
                format!("{} has given no card of their own.", found.name()),
                "They make one with `mahoe card new`, then: mahoe team card NAME FILE. Or seal it to a passphrase.",
            )
        })?;
        Ok((found.name().to_owned(), recipient))
    }

    /// Destroys a document everywhere: its record and its bytes, in every copy.
    ///
    /// # Errors
    /// As [`CaseStrike`]'s.
    pub fn strike_document(&mut self, id: ItemId, reason: &str) -> Result<Done> {
        let entry = self.document(id)?.entry(&self.state).ok_or_else(no_record)?;
        self.run(CaseStrike { entry, reason: reason.to_owned() })
    }

    /// True if there is a copy of a document's bytes here; whether it opens shows when it is read.
    pub fn has_document_file(&self, document: Document<'_>) -> bool {
        document.entry(&self.state).is_some_and(|entry| self.vault.blob_size(blob_of(entry)) > 0)
    }

    /// How many documents there are whose bytes are here, and how many bytes those have.
    pub fn documents_kept(&self) -> (usize, u64) {
        (self.vault.blobs().len(), self.vault.blobs_size())
    }

    /// What is said once all documents together are more than the policy expects.
    pub fn documents_warning(&self) -> Option<String> {
        let (count, bytes) = self.documents_kept();
        (bytes >> 20 >= u64::from(self.pack.limits.documents_mib)).then(|| {
            format!(
                "{count} documents take {}: backups and copies of this vault grow with them. Strike what nobody needs.",
                size_words(bytes)
            )
        })
    }

    /// Documents on record whose bytes are in no copy.
    pub fn documents_missing(&self) -> Vec<ItemId> {
        let documents = self.state.items(ItemKind::Document).map(Document);
        documents.filter(|document| !self.has_document_file(*document)).map(|document| document.0.id).collect()
    }

    /// At unlock: destroys what strikes did not reach before a cut, and sets aside what no entry names.
    pub(super) fn tidy_documents(&mut self) {
        let mut unknown = self.vault.blobs();
        if unknown.is_empty() {
            return;
        }
        for document in self.state.items(ItemKind::Document).map(Document) {
            if let Some(entry) = document.entry(&self.state) {
                unknown.remove(&blob_of(entry));
            }
        }
        if unknown.is_empty() {
            return;
        }
        // Restricted cases, withheld or parked entries: the whole team knows the ids of all of them.
        let all = self.state.streams().flat_map(|stream| self.state.entries_of(stream)).map(|stamp| stamp.id);
        for entry in all.chain(self.ledger.parked().map(|(entry, _)| entry)) {
            unknown.remove(&blob_of(entry));
        }
        let orphans: Vec<BlobId> = unknown.into_iter().collect();
        self.vault.set_blobs_aside(&orphans);
    }

    /// Reads all of every document in both copies, mends what can be, and names what can't.
    ///
    /// # Errors
    /// [`Kind::Refused`] if it was stopped; [`Kind::Io`] if a copy can't be written anew.
    pub(super) fn check_documents(&mut self, tell: Tell<'_>) -> Result<Vec<LostDocument>> {
        let files: BTreeMap<BlobId, (ItemId, FileOf)> = self
            .state
            .items(ItemKind::Document)
            .map(Document)
            .filter_map(|document| self.file_of(document).ok().map(|file| (file.blob, (document.0.id, file))))
            .collect();
        let all: BTreeSet<BlobId> = self.vault.blobs().into_iter().chain(files.keys().copied()).collect();
        let (mut lost, mut done) = (Vec::new(), 0);
        for blob in all {
            let known = files.get(&blob);
            let standing = self.vault.check_blob(blob, known.map(|(_, file)| (&file.key, file.size)))?;
            let wrong = match (standing, known) {
                (Standing::Missing, _) => Some("is in no copy"),
                (Standing::Damaged, _) => Some("is damaged in both copies"),
                (_, Some((_, file))) => self.copy_out(file, &mut io::sink()).err().map(|_| "is not the one on record"),
                (_, None) => None,
            };
            lost.extend(wrong.map(|what| LostDocument { document: known.map(|(id, _)| *id), what }));
            done += self.vault.blob_size(blob);
            if !tell(done) {
                return Err(AppError::new(
                    Kind::Refused,
                    "The check was stopped.",
                    "Start it again when there is time.",
                ));
            }
        }
        Ok(lost)
    }
}

/// A source that can be stopped.
struct Stopping<'a, R> {
    inner: R,
    done: u64,
    tell: Tell<'a>,
    stopped: &'a mut bool,
}

impl<R: Read> Read for Stopping<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !(self.tell)(self.done) {
            *self.stopped = true;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let count = self.inner.read(out)?;
        self.done += count as u64;
        Ok(count)
    }
}

/// The entry among those written that brings a document.
pub(super) fn brings_document(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::Set { field: Field::DocumentKey, .. }))
}

fn not_written(error: &io::Error) -> AppError {
    AppError::new(
        Kind::Io,
        format!("The file can't be written: {error}."),
        "Check that the disk or stick is there and has room, then try again.",
    )
}

fn no_record() -> AppError {
    AppError::new(
        Kind::Damaged,
        "What is on record about this document can't be read.",
        "Run `mahoe vault verify`, and ask whoever attached it to attach it again.",
    )
}

/// A key as it stands on record.
pub(super) fn key_of(text: &str) -> Option<SecretKey32> {
    let bytes = EntryId::from_hex(text)?;
    SecretKey32::from_slice(&bytes.0)
}

#[cfg(test)]
#[path = "documents_tests.rs"]
mod tests;
