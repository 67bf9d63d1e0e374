//! Takes a sync in: what another copy of this vault holds.
//!
//! It is believed because of who signed: the manifest by a device that is introduced for the team, or whose introduction
//! comes along under a signature that counts; every entry by its own device. All of that is checked (`sync_check`) before
//! anything changes. Then keys become durable, then the records as they are sealed, then the State follows. Taking the same in
//! again changes nothing.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::bundle::container::Reader;
use crate::bundle::entries::{Body, Record};
use crate::bundle::manifest::{Kind as BundleKind, Manifest, Part};
use crate::bundle::sync::{Held, MAX_RING, decode_ring};
use crate::domain::fact::Fact;
use crate::domain::ids::{BlobId, BundleId, DeviceId, EntryId, KeyId, RootId};
use crate::domain::views::owner_name;
use crate::error::Result;
use crate::log::entry::Header;
use crate::log::order::Offered;
use crate::log::{codec, sign};
use crate::session::{Ready, Session, push_block};
use crate::text::counted;
use crate::vault::keys::epoch;
use crate::vault::keys::identity::{Identity, root_id};
use crate::vault::keys::ring::RingEntry;
use crate::vault::{BroughtKeys, LoadedBody, SealedBody, SealedEntry, bad_keys};

use super::read::{forged, refuse};

/// What came of taking a sync in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncTaken {
    /// Entries that are new here, or whose words are.
    pub entries: usize,
    /// Entries that wait for others, which another bundle will bring.
    pub waiting: usize,
    /// Entries of other teams that nobody can check here, because no card names their writer. They were left out.
    pub left_out: usize,
    /// Chains of which two continuations are here now: both are kept.
    pub forks: usize,
    /// What somebody who left, or a replaced recovery sheet, says about keys, devices and roles and was not here before:
    /// it is kept and counts for nothing. A coordinator who finds it right does it anew.
    pub aside: Vec<Aside>,
    /// Entries of devices that were introduced by what counts for nothing. They were left out, and come again once a
    /// coordinator has let their writer in.
    pub unbelieved: usize,
    /// Documents whose files are new here.
    pub documents: usize,
    /// One sentence.
    pub says: String,
}

/// Something that counts for nothing because of who said it and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Who wrote it; empty for a recovery sheet.
    pub who: String,
    /// When, by their clock: milliseconds since 1970.
    pub when: i64,
    /// What about.
    pub what: &'static str,
}

/// What taking a sync in would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPlan {
    /// Its id.
    pub id: BundleId,
    /// The device that made it.
    pub device: DeviceId,
    /// Whose that is; empty for one that is new here.
    pub member: String,
    /// When it was made, by its clock.
    pub made: DateTime<Utc>,
    /// Entries in it.
    pub entries: usize,
    /// Entries that are new here, or whose words are.
    pub new: usize,
    /// As in [`SyncTaken`].
    pub left_out: usize,
    /// As in [`SyncTaken`].
    pub aside: Vec<Aside>,
    /// As in [`SyncTaken`].
    pub unbelieved: usize,
    /// True if it brings keys of an epoch that is new here.
    pub keys: bool,
}

/// A sync as it was signed.
struct Brought {
    manifest: Manifest,
    records: Vec<Record>,
    held: Held,
    held_bytes: Vec<u8>,
    ring: Vec<RingEntry>,
    epochs: Vec<(KeyId, Vec<u8>)>,
    roots: Vec<(RootId, Vec<u8>)>,
    blobs: Vec<BlobId>,
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
        let brought = self.read_sync(bytes)?;
        let Brought { manifest, records, held, held_bytes, ring, epochs, roots, blobs } = brought;
        let mut keys = self.vault.weigh_keys(ring, epochs).map_err(bad_keys)?;
        let mut taken = SyncTaken::default();
        let checked = self.check_sync(&manifest, records, &mut keys, &mut taken)?;
        let device = sign::device_of(&manifest.from.device);
        let (waiting, forks) = (self.ledger.parked().count(), self.ledger.forks().len());
        taken.entries = checked.len();
        // What a cut leaves of them is set aside at the next unlock, and comes again.
        taken.documents = self.take_synced_files(bytes, &blobs, checked.iter().map(|it| it.id))?;
        self.accept_sync(checked, keys, roots)?;
        taken.waiting = self.ledger.parked().count();
        taken.forks = self.ledger.forks().len().saturating_sub(forks);
        self.remember_told(&held, device, &held_bytes);
        taken.says = says(&taken, taken.waiting > waiting);
        Ok(taken)
    }

    /// What taking a sync in would do. Everything is checked and nothing changed.
    ///
    /// # Errors
    /// As [`Session::take_sync`].
    pub fn inspect_sync(&mut self, bytes: &[u8]) -> Result<SyncPlan> {
        self.refuse_inside_a_commit()?;
        let Brought { manifest, records, ring, epochs, .. } = self.read_sync(bytes)?;
        let mut keys = self.vault.weigh_keys(ring, epochs).map_err(bad_keys)?;
        let (mut taken, entries) = (SyncTaken::default(), records.len());
        let new = self.check_sync(&manifest, records, &mut keys, &mut taken)?.len();
        let device = sign::device_of(&manifest.from.device);
        let member = self.state.device(device).map(|device| device.member);
        let SyncTaken { left_out, aside, unbelieved, .. } = taken;
        Ok(SyncPlan {
            id: manifest.id,
            device,
            member: member.map_or_else(String::new, |member| owner_name(&self.state, Some(member)).into_owned()),
            made: manifest.made,
            entries,
            new,
            left_out,
            aside,
            unbelieved,
            keys: keys.epochs().iter().any(|epoch| !self.vault.holds_epoch(*epoch)),
        })
    }

    /// Reads the bundle in the container's order.
    fn read_sync(&self, bytes: &[u8]) -> Result<Brought> {
        let identities = self.sync_identities();
        let identities: Vec<&Identity> = identities.iter().chain([self.vault.participant().identity()]).collect();
        let mut reader = Reader::open(bytes, bytes.len() as u64, &identities)?;
        let manifest = reader.manifest().clone();
        let root = self.root().map(|root| root_id(&root));
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
        let held_bytes = reader.heads()?.unwrap_or_default();
        let held = Held::decode(&held_bytes)?;
        let (mut ring, mut epochs, mut roots, mut blobs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        while let Some(attached) = reader.attachment()? {
            let size = attached.line().size;
            match attached.part() {
                Part::Ring if size <= MAX_RING => ring = decode_ring(&attached.bytes()?)?,
                Part::Epoch(id) if size <= epoch::MAX_FILE as u64 => epochs.push((id, attached.bytes()?)),
                Part::Root(id) if size <= epoch::MAX_FILE as u64 => roots.push((id, attached.bytes()?)),
                Part::Blob(blob) => blobs.push(BlobId(blob)),
                Part::Ring | Part::Epoch(_) | Part::Root(_) => return Err(forged("its keys are larger than any are")),
                _ => {}
            }
        }
        let manifest = reader.finish()?.manifest;
        Ok(Brought { manifest, records, held, held_bytes, ring, epochs, roots, blobs })
    }

    /// Offers everything to the order, makes it durable, and folds it.
    fn accept_sync(&mut self, checked: Vec<Checked>, keys: BroughtKeys, roots: Vec<(RootId, Vec<u8>)>) -> Result<()> {
        let team = checked.iter().any(|it| it.header.stream == self.state.team_stream());
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
        self.follow_sync(team, strikes)?;
        // Which root is ours the team's record says, with what came.
        let own = self.root().map(|root| root_id(&root));
        for (id, bytes) in roots.into_iter().filter(|(id, _)| Some(*id) == own) {
            self.vault.take_root(id, &bytes)?;
        }
        self.settle()
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
    fn follow_sync(&mut self, team: bool, strikes: bool) -> Result<()> {
        self.today.take();
        self.undo.clear();
        // Who leads may have changed.
        self.root_is_stale |= team;
        let named = self.state.epochs().to_vec();
        let state = &self.state;
        let other = if self.vault.keys_are_unfinished() {
            self.vault.adopt_epochs(&named, &|key| state.doubts_epoch(key)).map(|()| true)
        } else {
            // What came may say that the one in force counts no longer.
            self.vault
                .settle_on(&named)
                .and_then(|other| if other { self.vault.renew_store().map(|()| true) } else { Ok(false) })
        };
        match other {
            Ok(false) => {}
            Ok(true) => self.refold()?,
            Err(error) => {
                self.half_folded = true;
                return Err(error);
            }
        }
        if strikes || self.unfinished_strike {
            let struck: Vec<EntryId> = self.state.strikes().collect();
            self.finish_strikes(&struck)?;
        } else {
            self.refold_stale()?;
        }
        self.read_policy();
        let device = self.vault.participant().device().device_id();
        self.forked |= self.ledger.forks().iter().any(|fork| fork.device == device);
        if self.ledger.waits(device) {
            // What this device wrote elsewhere is not all here: what it writes now would claim the same places.
            self.half_folded = true;
        }
        if team {
            self.follow_recipients()?;
            // Somebody may have left over there, or have been let in while an epoch began here.
            self.let_leavers_go()?;
            self.let_members_in()?;
            self.follow_readers()?;
        }
        Ok(())
    }
}

impl Aside {
    /// One sentence: what it is, and what to do.
    pub fn says(&self) -> String {
        let Self { who, what, .. } = self;
        if who.is_empty() {
            return format!("A recovery sheet that was replaced says something about {what}: it counts for nothing.");
        }
        format!(
            "{who}, who left, says something about {what}: it is kept and counts for nothing. If it is right, a coordinator does it anew."
        )
    }
}

fn says(taken: &SyncTaken, more_wait: bool) -> String {
    let mut says = match taken.entries {
        0 => "Everything in this bundle is here already.".to_owned(),
        1 => "One entry was taken in.".to_owned(),
        count => format!("{count} entries were taken in."),
    };
    if taken.documents > 0 {
        let _ = write!(says, " {} along.", counted(taken.documents, "document came", "documents came"));
    }
    if more_wait {
        says.push_str(" Some wait for others: make a sync here and take it to the other device, then back.");
    }
    if taken.left_out > 0 {
        says.push_str(" Entries of other teams whose card is not known were left out.");
    }
    if taken.forks > 0 {
        says.push_str(" Two copies have signed as one device: both are kept; lock and unlock on each.");
    }
    for aside in &taken.aside {
        let _ = write!(says, " {}", aside.says());
    }
    if taken.unbelieved > 0 {
        says.push_str(" What a device wrote that only they introduced was left out: if it is right, a coordinator accepts the device (mahoe device accept), and it comes with the next sync.");
    }
    says
}
