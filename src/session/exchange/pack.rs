//! Between the session and the container: keys, entropy, cards as attachments.

use std::io::Read;
use std::ops::ControlFlow;

use crate::bundle::card::{Card, MAX_CARD};
use crate::bundle::container::{self, Reader};
use crate::bundle::entries::Record;
use crate::bundle::heads::{self, Head};
use crate::bundle::manifest::{Kind as BundleKind, Manifest, Part};
use crate::bundle::source::{Attachment, Source};
use crate::domain::ids::{BlobId, BundleId};
use crate::error::{AppError, Kind, Result};
use crate::session::Session;
use crate::vault::blobs::BlobFile;
use crate::vault::keys::identity::{Identity, root_id};

use super::read::forged;

/// A bundle that was made.
pub(super) struct Packed {
    /// The file.
    pub bytes: Vec<u8>,
    /// SHA-256 of the manifest: what the lane's next one names.
    pub hash: [u8; 32],
}

/// What a bundle holds, read to its end: as it was signed by the device that the manifest names.
pub(super) struct Unpacked {
    pub manifest: Manifest,
    pub hash: [u8; 32],
    pub records: Vec<Record>,
    pub heads: Vec<Head>,
    pub cards: Vec<Card>,
    /// The parts that only some kinds have; each is small.
    pub parts: Vec<(Part, Vec<u8>)>,
    /// It was sealed to coordinators and deputies alone.
    pub leaders: bool,
    /// Documents that came along, and their sealed bytes. They were read and checked, and nothing of them is kept yet.
    pub documents: Vec<(BlobId, u64)>,
}

/// Makes the file.
pub(super) fn pack(
    session: &mut Session,
    manifest: &Manifest,
    records: &Vec<Record>,
    heads: &[Head],
    cards: &[Card],
    parts: &[(Part, Vec<u8>)],
    documents: Vec<(BlobId, BlobFile)>,
) -> Result<Packed> {
    let cards = cards.iter().map(|card| (Part::Card(card.says().root_id()).name(), card.text().as_bytes().to_vec()));
    let parts = parts.iter().map(|(part, bytes)| (part.name(), bytes.clone()));
    let attachments = cards.chain(parts).map(|(name, bytes)| Attachment { name, source: Box::new(bytes) });
    let document = |(blob, file): (BlobId, BlobFile)| {
        let source: Box<dyn Source> = Box::new(file);
        Attachment { name: Part::Blob(blob.0).name(), source }
    };
    let outgoing = container::Outgoing {
        manifest: manifest.clone(),
        entries: records,
        heads: heads::encode(heads),
        attachments: attachments.chain(documents.into_iter().map(document)).collect(),
    };
    let mut bytes = Vec::new();
    let written = session.vault.with_signer(|signer, entropy| {
        container::write(outgoing, signer, entropy, &mut bytes, &mut |_| ControlFlow::Continue(()))
    })?;
    Ok(Packed { bytes, hash: written.manifest_hash })
}

/// Hears how many entries of how many were read; breaks off where it says so.
pub(super) type Tell<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// Opens a file of `size` bytes with the parish's keys, the newest first.
pub(super) fn unpack(session: &Session, file: impl Read, size: u64, tell: Tell<'_>) -> Result<Unpacked> {
    let (ours, leaders) = (session.vault.parish_identities(), session.leaders_identities());
    let identities: Vec<&Identity> = ours.iter().chain(&leaders).collect();
    let mut reader = Reader::open(file, size, &identities)?;
    let mut records = Vec::new();
    let total = reader.manifest().entries;
    while let Some(record) = reader.entry()? {
        records.push(record);
        if tell(records.len() as u64, total).is_break() {
            return Err(AppError::new(Kind::Refused, "Stopped.", "Nothing was changed; the bundle is kept."));
        }
    }
    let known = reader.manifest().kind.known() && reader.manifest().kind != BundleKind::Sync;
    let heads = match reader.heads()? {
        Some(bytes) if known => heads::decode(&bytes)?,
        _ => Vec::new(),
    };
    let (mut cards, mut parts, mut documents) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(attached) = reader.attachment()? {
        let root = match attached.part() {
            Part::Card(root) => root,
            part @ (Part::Introductions | Part::Statistics) => {
                parts.push((part, attached.bytes()?));
                continue;
            }
            Part::Blob(blob) => {
                documents.push((BlobId(blob), attached.line().size));
                continue;
            }
            _ => continue,
        };
        if attached.line().size > MAX_CARD as u64 {
            return Err(forged("a card in it is larger than any card is"));
        }
        let card = Card::parse(&attached.bytes()?).map_err(|_| forged("a card in it is not a card"))?;
        if card.says().root_id() != root {
            return Err(forged("a card in it is another team's than it says"));
        }
        cards.push(card);
    }
    let opened = reader.finish()?;
    let (manifest, hash) = (opened.manifest, opened.manifest_hash);
    let leaders = manifest.to.iter().any(|to| leaders.iter().any(|identity| identity.recipient() == to.recipient));
    Ok(Unpacked { manifest, hash, records, heads, cards, parts, leaders, documents })
}

impl Session {
    /// What opens bundles for coordinators and deputies alone; nothing where none of them is at the keyboard.
    fn leaders_identities(&self) -> Vec<Identity> {
        self.root().map(|root| self.vault.leaders_identities(root_id(&root))).unwrap_or_default()
    }

    /// The id and kind of a bundle that is for us; `None` if it can't be opened. Only its manifest is read.
    pub fn peek_bundle(&self, file: impl Read, size: u64) -> Option<(BundleId, BundleKind)> {
        self.peek_manifest(file, size).map(|manifest| (manifest.id, manifest.kind))
    }

    /// What a bundle that is for us says of itself; `None` if it can't be opened. Nothing else of it is read.
    pub(super) fn peek_manifest(&self, file: impl Read, size: u64) -> Option<Manifest> {
        let (ours, leaders) = (self.vault.parish_identities(), self.leaders_identities());
        let identities: Vec<&Identity> =
            ours.iter().chain(&leaders).chain([self.vault.participant().identity()]).collect();
        let reader = Reader::open(file, size, &identities).ok()?;
        Some(reader.manifest().clone())
    }
}
