//! Takes a sync in: what another copy of this vault holds.
//!
//! It is believed because of who signed: the manifest by a device that is introduced for the team, or whose introduction
//! comes along under a signature that counts; every entry by its own device. All of that is checked (`sync_check`) before
//! anything changes. Then keys become durable, then the records as they are sealed, then the State follows. Taking the same in
//! again changes nothing.

use zeroize::Zeroizing;

use crate::bundle::container::Reader;
use crate::bundle::entries::{Body, Record};
use crate::bundle::manifest::{Kind as BundleKind, Manifest, Part};
use crate::bundle::sync::{Held, MAX_RING, decode_ring};
use crate::domain::fact::Fact;
use crate::domain::ids::{CopyId, EntryId, ItemId, KeyId};
use crate::error::Result;
use crate::log::entry::Header;
use crate::log::order::Offered;
use crate::log::{codec, sign};
use crate::session::{Ready, Session, push_block};
use crate::vault::keys::epoch;
use crate::vault::keys::identity::Identity;
use crate::vault::keys::ring::RingEntry;
use crate::vault::{BroughtKeys, LoadedBody, SealedBody, SealedEntry, bad_keys};

use super::read::{forged, refuse};

/// What came of taking a sync in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncTaken {
    /// Entries that are new here, or whose words are.
    pub entries: usize,
    /// Entries that wait for others, which another bundle will bring.
    pub waiting: usize,
    /// Entries of other teams that nobody can check here, because no card names their writer. They were left out.
    pub left_out: usize,
    /// Chains of which two continuations are here now: both are kept.
    pub forks: usize,
    /// One sentence.
    pub says: String,
}

/// A sync as it was signed.
struct Brought {
    manifest: Manifest,
    records: Vec<Record>,
    copy: CopyId,
    held: Vec<u8>,
    ring: Vec<RingEntry>,
    epochs: Vec<(KeyId, Vec<u8>)>,
}

/// An entry that was checked.
pub(super) struct Checked {
    pub id: EntryId,
    pub header: Header,
    pub record: Record,
    /// Its body, where it opens here.
    pub plain: Option<Zeroizing<Vec<u8>>>,
    /// The entry is here; only its body is new.
    pub fills: bool,
}

impl Session {
    /// Takes in what another of the team's devices sent.
    ///
    /// # Errors
    /// [`Kind::Damaged`](crate::error::Kind::Damaged) with the reason: then nothing was changed.
    /// [`Kind::Io`](crate::error::Kind::Io) if the disk refuses: then a part may
    /// have been taken in, which stands for itself; taking it in again brings the rest.
    pub fn take_sync(&mut self, bytes: &[u8]) -> Result<SyncTaken> {
        self.refuse_inside_a_commit()?;
        let mut brought = self.read_sync(bytes)?;
        let (ring, epochs) = (std::mem::take(&mut brought.ring), std::mem::take(&mut brought.epochs));
        let mut keys = self.vault.weigh_keys(ring, epochs).map_err(bad_keys)?;
        let mut taken = SyncTaken { entries: 0, waiting: 0, left_out: 0, forks: 0, says: String::new() };
        let records = std::mem::take(&mut brought.records);
        let checked = self.check_sync(&brought.manifest, records, &mut keys, &mut taken)?;
        let device = sign::device_of(&brought.manifest.from.device);
        let (waiting, forks) = (self.ledger.parked().count(), self.ledger.forks().len());
        taken.entries = checked.len();
        self.accept_sync(checked, keys)?;
        taken.waiting = self.ledger.parked().count();
        taken.forks = self.ledger.forks().len().saturating_sub(forks);
        self.remember_told(brought.copy, device, brought.manifest.made.timestamp_millis(), &brought.held);
        taken.says = says(&taken, taken.waiting > waiting);
        Ok(taken)
    }

    /// Reads the bundle in the container's order.
    fn read_sync(&self, bytes: &[u8]) -> Result<Brought> {
        let identities = self.sync_identities();
        let identities: Vec<&Identity> = identities.iter().chain([self.vault.participant().identity()]).collect();
        let mut reader = Reader::open(bytes, bytes.len() as u64, &identities)?;
        let manifest = reader.manifest().clone();
        let root = self.root().map(|root| crate::vault::keys::identity::root_id(&root));
        let ours = manifest.from.vault == self.vault.id() && root.is_none_or(|root| root == manifest.from.root);
        if manifest.kind != BundleKind::Sync || !ours || manifest.practice != self.practice() {
            return Err(refuse(
                "This bundle is not one of your own team's devices.",
                "Nothing was changed. Ask whoever gave it to you which vault it is from.",
            ));
        }
        let mut records = Vec::new();
        while let Some(record) = reader.entry()? {
            records.push(record);
        }
        let held = reader.heads()?.unwrap_or_default();
        let copy = Held::decode(&held)?.copy;
        let (mut ring, mut epochs) = (Vec::new(), Vec::new());
        while let Some(attached) = reader.attachment()? {
            let size = attached.line().size;
            match attached.part() {
                Part::Ring if size <= MAX_RING => ring = decode_ring(&attached.bytes()?)?,
                Part::Epoch(id) if size <= epoch::MAX_FILE as u64 => epochs.push((id, attached.bytes()?)),
                Part::Ring | Part::Epoch(_) => return Err(forged("its keys are larger than any are")),
                _ => {}
            }
        }
        let manifest = reader.finish()?.manifest;
        Ok(Brought { manifest, records, copy, held, ring, epochs })
    }

    /// Offers everything to the order, makes it durable, and folds it.
    fn accept_sync(&mut self, checked: Vec<Checked>, keys: BroughtKeys) -> Result<()> {
        let team = checked.iter().any(|it| it.header.stream == self.state.team_stream());
        let recipients = self.recipients_now();
        let fold = match self.offer_all(&checked) {
            Ok(fold) => fold,
            Err(error) => {
                self.refold()?;
                return Err(error);
            }
        };
        for (offset, it) in checked.iter().enumerate() {
            let block = self.vault.block_of_next(offset);
            push_block(self.blocks.entry(it.header.stream).or_default(), block);
        }
        let sealed = |it: Checked| {
            let body = match it.record.body {
                Body::Sealed(key, bytes) => SealedBody::Sealed(key, bytes),
                Body::Destroyed => SealedBody::Destroyed,
                Body::Withheld | Body::Open(_) => SealedBody::Withheld,
            };
            (SealedEntry { header: it.record.header, signature: it.record.signature, body }, it.plain)
        };
        let records = checked.into_iter().map(sealed).collect();
        if let Err(error) = self.vault.take_keys(keys).and_then(|()| self.vault.commit_sealed(records)) {
            self.refold()?;
            self.read_policy();
            return Err(error);
        }
        let mut strikes = false;
        for (stamp, body) in fold {
            if let LoadedBody::Present(facts) = &body {
                strikes |= facts.iter().any(|fact| matches!(fact, Fact::Struck { .. }));
            }
            if self.ledger.contains(stamp.id) {
                self.fold(&stamp, body);
            } else {
                self.ledger.replace_parked(stamp.id, (stamp, body));
            }
        }
        self.follow_sync(team, strikes, &recipients)
    }

    /// What is to be folded once it is durable, in order.
    fn offer_all(&mut self, checked: &[Checked]) -> Result<Vec<Ready>> {
        let mut fold = Vec::with_capacity(checked.len());
        for it in checked {
            let stamp = it.header.stamp(it.id);
            let body = match (&it.record.body, &it.plain) {
                (_, Some(plain)) => codec::decode_body(plain)
                    .map_or(LoadedBody::Missing("its facts can't be read"), LoadedBody::Present),
                (Body::Destroyed, None) => LoadedBody::Destroyed,
                (_, None) => LoadedBody::Withheld,
            };
            if it.fills {
                fold.push((stamp, body));
                continue;
            }
            match self.ledger.offer(it.id, &it.header, (stamp, body)) {
                Ok(Offered::Ready(ready)) => fold.extend(ready),
                Ok(Offered::Parked | Offered::Known(_)) => {}
                Err(_) => return Err(forged("an entry contradicts the chain that it claims to be part of")),
            }
        }
        Ok(fold)
    }

    /// What follows from what was folded: new epochs, new participants, strikes, policy.
    fn follow_sync(&mut self, team: bool, strikes: bool, recipients: &[(ItemId, String)]) -> Result<()> {
        self.today.take();
        self.undo.clear();
        // Who leads may have changed.
        self.root_is_stale |= team;
        if self.vault.keys_are_unfinished() {
            let named = self.state.epochs().to_vec();
            if let Err(error) = self.vault.adopt_epochs(&named) {
                self.half_folded = true;
                return Err(error);
            }
            self.refold()?;
        }
        if self.recipients_now() != recipients {
            let all = self.epoch_recipients()?;
            self.vault.reseal_epoch(&all)?;
        }
        if strikes || self.unfinished_strike {
            let struck: Vec<EntryId> = self.state.strikes().collect();
            self.finish_strikes(&struck)?;
        } else {
            self.refold_stale()?;
        }
        self.read_policy();
        if self.ledger.waits(self.vault.participant().device().device_id()) {
            // What this device wrote elsewhere is not all here: what it writes now would claim the same places.
            self.half_folded = true;
        }
        self.settle()?;
        // Somebody may have left over there.
        self.let_leavers_go().map(drop)
    }

    /// Who can open the epoch in force, by the entries.
    fn recipients_now(&self) -> Vec<(ItemId, String)> {
        let epoch = self.state.epochs().iter().find(|epoch| epoch.key == self.vault.epoch());
        epoch.map_or_else(Vec::new, |epoch| epoch.recipients.clone())
    }
}

fn says(taken: &SyncTaken, more_wait: bool) -> String {
    let mut says = match taken.entries {
        0 => "Everything in this bundle is here already.".to_owned(),
        1 => "One entry was taken in.".to_owned(),
        count => format!("{count} entries were taken in."),
    };
    if more_wait {
        says.push_str(" Some wait for others: make a sync here and take it to the other device, then back.");
    }
    if taken.left_out > 0 {
        says.push_str(" Entries of other teams whose card is not known were left out.");
    }
    if taken.forks > 0 {
        says.push_str(" Two copies have signed as one device: both are kept; lock and unlock on each.");
    }
    says
}
