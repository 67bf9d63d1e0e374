//! Sync: what this copy of the vault holds, for the team's other copies. Bodies leave as they are sealed, so that
//! restricted cases travel with whoever can't read them.
//!
//! A bundle carries what the other copies lack by what they told, or everything. It is sealed to the team's own
//! recipient, and once a second epoch began to its people as well, so that who stays can follow and who left can't.
//! Nothing of it is recorded in the vault: it stays on the team's own devices, and a record of each would have to be
//! synced in turn. docs/adr/0012.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use chrono::Utc;

use crate::bundle::container::{self, Reader};
use crate::bundle::entries::{Body, Record};
use crate::bundle::manifest::{Addressee, Kind as BundleKind, Lane, Manifest, Part, Sender};
use crate::bundle::source::Attachment;
use crate::bundle::sync::{Held, encode_ring};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BlobId, BundleId, DeviceId, EntryId, ItemId, RootId, StreamId};
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::log::order::ChainKey;
use crate::session::Session;
use crate::text::counted;
use crate::vault::SealedBody;
use crate::vault::keys::identity::Identity;

use super::held::Index;

/// So long another copy's words count, in days: one that was not heard of for longer is taken for gone. If it is not,
/// what it says next makes up for what it missed.
const FORGOTTEN: i64 = 60;
/// The most receivers that a manifest names.
const MAX_TO: usize = 16;

/// What a sync is to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// What any of the other copies lacks, by what they told last; everything if none was heard of.
    Told,
    /// Everything.
    Beginning,
}

/// A sync that was made.
#[derive(Clone, Debug)]
pub struct SyncMade {
    /// Its id.
    pub id: BundleId,
    /// The file.
    pub bytes: Vec<u8>,
    /// How many entries it carries.
    pub entries: usize,
    /// One sentence.
    pub says: String,
    /// Tells two states of what is held here apart.
    pub(super) holds: [u8; 32],
}

/// What another copy told, and who told it last.
pub(super) struct Teller {
    /// The device that signed it.
    pub device: DeviceId,
    /// For whom that device writes.
    pub member: ItemId,
    /// When, by that computer's clock.
    pub heard: chrono::DateTime<Utc>,
    /// What it holds.
    pub held: Held,
}

/// What is kept of what another copy told.
struct Told<'a> {
    count: u64,
    /// When it was heard, by the clock here: milliseconds since 1970.
    heard: i64,
    device: DeviceId,
    held: &'a [u8],
}

impl<'a> Told<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<8>()?;
        let (heard, rest) = rest.split_first_chunk::<8>()?;
        let (device, held) = rest.split_first_chunk::<{ DeviceId::LEN }>()?;
        let (count, heard) = (u64::from_le_bytes(*count), i64::from_le_bytes(*heard));
        Some(Self { count, heard, device: DeviceId(*device), held })
    }
}

impl Session {
    /// Makes a bundle for the team's other devices.
    ///
    /// # Errors
    /// [`Kind::Refused`] while the team has no card; [`Kind::Io`].
    pub fn sync_bundle(&mut self, since: Since) -> Result<SyncMade> {
        self.refuse_inside_a_commit()?;
        let card = self.card(false)?;
        self.settle()?;
        let tellers = match since {
            Since::Told => self.tellers(),
            Since::Beginning => Vec::new(),
        };
        let index = Index::of(&self.vault)?;
        let lacked: Vec<HashMap<ChainKey, u64>> = tellers.iter().map(|teller| index.lacked(&teller.held)).collect();
        let introductions = self.introductions();
        let team = self.state.team_stream();
        let mut known = HashSet::new();
        let (records, keys) = self.gather_sealed(&mut |id, chain, sequence| {
            let lacks = |lacked: &HashMap<ChainKey, u64>| lacked.get(&chain).is_none_or(|from| sequence > *from);
            let wanted = lacked.is_empty() || lacked.iter().any(lacks);
            // Whoever never heard of this device has to learn who introduced it.
            // Whoever missed an epoch or a device has to learn who named it: the team's own record always comes along.
            let introduces =
                introductions.contains(&id) || (chain.1 == team && chain.2 == crate::domain::class::Class::Core);
            // The journal may hold two records of one entry: without its body, then with it.
            if introduces && !wanted {
                known.insert(id);
            }
            wanted || introduces
        })?;
        let entries = records.len() - known.len();
        let mut attachments = vec![Attachment {
            name: Part::Card(card.says().root_id()).name(),
            source: Box::new(card.text().as_bytes().to_vec()),
        }];
        let ring = encode_ring(self.vault.wraps_of(&keys));
        attachments.push(Attachment { name: Part::Ring.name(), source: Box::new(ring) });
        for (id, bytes) in self.vault.epoch_files()? {
            attachments.push(Attachment { name: Part::Epoch(id).name(), source: Box::new(bytes) });
        }
        let root = card.says().root_id();
        if let Some(bytes) = self.vault.root_file(root) {
            attachments.push(Attachment { name: Part::Root(root).name(), source: Box::new(bytes) });
        }
        let held_by = |blob: &BlobId| tellers.iter().filter(|it| it.held.blobs.binary_search(blob).is_ok()).count();
        let (files, waiting) = self.files_to_sync(&|blob| tellers.is_empty() || held_by(blob) < tellers.len());
        let documents = files.len();
        for (blob, file) in files {
            attachments.push(Attachment { name: Part::Blob(blob.0).name(), source: Box::new(file) });
        }
        let manifest = self.sync_manifest(root, &tellers)?;
        let id = manifest.id;
        let (copy, count) = self.vault.tell();
        let held = index.held((copy, count), self.vault.epoch(), self.vault.blobs().into_iter().collect());
        let holds = held.content();
        let heads = held.encode();
        let outgoing = container::Outgoing { manifest, entries: &records, heads, attachments };
        let mut bytes = Vec::new();
        self.vault.with_signer(|signer, entropy| {
            container::write(outgoing, signer, entropy, &mut bytes, &mut |_| ControlFlow::Continue(()))
        })?;
        let mut says = match entries {
            0 => "The other devices hold all of it already, by what they told.".to_owned(),
            1 => "One entry for the team's other devices.".to_owned(),
            count => format!("{count} entries for the team's other devices."),
        };
        if documents > 0 {
            let files = counted(documents, "document's file goes", "documents' files go");
            says = format!("{says} {files} along.");
        }
        if waiting > 0 {
            let more = counted(waiting, "more waits", "more wait");
            says = format!("{says} {more} for the next sync, once the other device has told what it has.");
        }
        Ok(SyncMade { id, bytes, entries, says, holds })
    }

    /// The entries that introduced the device that signs here, the one that introduced it, and so on.
    fn introductions(&self) -> HashSet<EntryId> {
        let mut entries = HashSet::new();
        let mut device = self.vault.participant().device().device_id();
        while let Some(stamp) = self.state.device_since(device).filter(|stamp| entries.insert(stamp.id)) {
            device = stamp.device;
        }
        entries
    }

    /// Signing for a half-made commit would carry what is not durable.
    pub(super) fn refuse_inside_a_commit(&self) -> Result<()> {
        if self.held_back.is_none() && !self.half_folded {
            return Ok(());
        }
        Err(AppError::new(
            Kind::Refused,
            "A sync can't be one of several steps, nor follow a disk error.",
            "Do it by itself; after a disk error unlock the vault again first.",
        ))
    }

    /// The records that are wanted, parents before children and the team's own first, each once; and their keys.
    pub(super) fn gather_sealed(
        &self,
        wanted: &mut dyn FnMut(EntryId, ChainKey, u64) -> bool,
    ) -> Result<(Vec<Record>, HashSet<crate::domain::ids::CompartmentKeyId>)> {
        let team = self.state.team_stream();
        let mut found: HashMap<EntryId, usize> = HashMap::new();
        let mut records: Vec<((bool, StreamId, u64), Record)> = Vec::new();
        self.vault.walk_sealed(&mut |id, header, entry| {
            if !wanted(id, (header.device, header.stream, header.class), header.sequence) {
                return;
            }
            let body = match entry.body {
                SealedBody::Sealed(key, bytes) => Body::Sealed(key, bytes),
                SealedBody::Destroyed => Body::Destroyed,
                SealedBody::Withheld => Body::Withheld,
            };
            let record = Record { header: entry.header, signature: entry.signature, body };
            match found.get(&id) {
                Some(at) if records[*at].1.body == Body::Withheld => records[*at].1 = record,
                Some(_) => {}
                None => {
                    found.insert(id, records.len());
                    records.push(((header.stream != team, header.stream, header.lamport), record));
                }
            }
        })?;
        // Whatever comes before an entry has a lower number in the order, and lies in the same stream.
        records.sort_by_key(|(place, _)| *place);
        let records: Vec<Record> = records.into_iter().map(|(_, record)| record).collect();
        let keys = records.iter().filter_map(|record| match &record.body {
            Body::Sealed(key, _) => Some(*key),
            _ => None,
        });
        let keys = keys.collect();
        Ok((records, keys))
    }

    pub(super) fn sync_manifest(&mut self, root: RootId, tellers: &[Teller]) -> Result<Manifest> {
        let mut id = [0; BundleId::LEN];
        self.vault.random(&mut id);
        let parish = self.parish()?;
        let mut to = vec![Addressee { root, recipient: self.vault.parish_recipient() }];
        to.extend(self.behind(tellers)?.into_iter().take(MAX_TO - 1).filter(|it| it.root != root));
        Ok(Manifest {
            id: BundleId(id),
            kind: BundleKind::Sync,
            practice: self.practice(),
            from: Sender { root, parish, device: self.vault.participant().device().public(), vault: self.vault.id() },
            to,
            made: self.now(),
            // A lane runs to another team; between copies of one vault what is held says more.
            lane: Lane { number: 1, before: [0; 32] },
            answers: None,
            cases: Vec::new(),
            writers: Vec::new(),
            note: None,
            entries: 0,
            files: Vec::new(),
        })
    }

    fn parish(&self) -> Result<crate::domain::parish::Parish> {
        crate::domain::parish::Parish::parse(&self.vault.config().parish)
            .map_err(|_| AppError::new(Kind::Damaged, "vault.toml names no parish.", "Run `mahoe vault verify`."))
    }

    /// Whom the bundle is sealed to besides the team, once there was more than one epoch: everybody who has a key and is
    /// still on the team, because a copy that was not heard of may not have the one in force. Those who were seen to be
    /// behind come first, where not all of them fit.
    fn behind(&self, tellers: &[Teller]) -> Result<Vec<Addressee>> {
        let now = self.vault.epoch();
        if self.state.epochs().len() < 2 && self.state.epochs().iter().any(|epoch| epoch.key == now) {
            return Ok(Vec::new());
        }
        let late: HashSet<ItemId> =
            tellers.iter().filter(|it| it.held.epoch != now).map(|teller| teller.member).collect();
        let members = self.state.items(ItemKind::Member).map(Member).filter(|member| !member.left());
        let mut people: Vec<(bool, ItemId, &str)> = members
            .map(|member| (!late.contains(&member.0.id), member.0.id, member.0.str(Field::MemberRecipient)))
            .filter(|(_, _, recipient)| !recipient.is_empty())
            .collect();
        people.sort_unstable();
        let addressee = |(_, member, recipient): (bool, ItemId, &str)| {
            let recipient = recipient.parse().map_err(|_| {
                AppError::new(Kind::Damaged, "A key on the team's record can't be read.", "Run `mahoe vault verify`.")
            })?;
            Ok(Addressee { root: RootId(member.0), recipient })
        };
        people.into_iter().map(addressee).collect()
    }

    /// What the team's other copies told lately, as far as they were heard of here: whatever their clocks say.
    pub(super) fn tellers(&mut self) -> Vec<Teller> {
        let now = self.now();
        let mut told = self.all_tellers();
        told.retain(|teller| (now - teller.heard).num_days() <= FORGOTTEN);
        told
    }

    /// What the team's other copies told, however long ago.
    pub(super) fn all_tellers(&mut self) -> Vec<Teller> {
        let own = self.vault.copy_id();
        let told = self.vault.told().into_iter().filter(|(copy, _)| *copy != own);
        let told = told.filter_map(|(_, bytes)| {
            let told = Told::read(&bytes)?;
            let heard = chrono::DateTime::<Utc>::from_timestamp_millis(told.heard)?;
            let (device, held) = (told.device, Held::decode(told.held).ok()?);
            let member = self.state.device(device)?.member;
            let stays = Member::get(&self.state, member).is_some_and(|member| !member.left());
            stays.then_some(Teller { device, member, heard, held })
        });
        told.collect()
    }

    /// Remembers what another copy told that it holds, and by which device. It is a cache: a disk that refuses costs a longer bundle.
    pub(super) fn remember_told(&mut self, held: &Held, device: DeviceId, bytes: &[u8]) {
        let newest = self.vault.told().into_iter().find(|(known, _)| *known == held.copy);
        let before = newest.and_then(|(_, bytes)| Told::read(&bytes).map(|told| told.count));
        // An older bundle that comes late says less.
        if before.is_none_or(|before| before <= held.count) {
            let heard = self.now().timestamp_millis();
            let told = [&held.count.to_le_bytes(), &heard.to_le_bytes(), device.0.as_slice(), bytes].concat();
            let _ = self.vault.keep_told(held.copy, &told);
        }
    }

    /// True for a bundle of the team's own devices. Only its manifest is read.
    pub fn is_sync(&self, bytes: &[u8]) -> bool {
        self.reads_as_sync(bytes, bytes.len() as u64)
    }

    /// As [`Session::is_sync`], of a file.
    pub fn reads_as_sync(&self, file: impl std::io::Read, size: u64) -> bool {
        let identities = self.sync_identities();
        let identities: Vec<&Identity> = identities.iter().chain([self.vault.participant().identity()]).collect();
        Reader::open(file, size, &identities).is_ok_and(|reader| reader.manifest().kind == BundleKind::Sync)
    }

    /// What opens a sync beside the participant's own identity.
    pub(super) fn sync_identities(&self) -> Vec<Identity> {
        self.vault.parish_identities()
    }
}
