//! Takes a sync in: what another copy of this vault holds.
//!
//! It is believed because of who signed: the manifest by a device that is introduced for the team, or whose introduction
//! comes along under a signature that counts; every entry by its own device. All of that is checked before anything
//! changes. Then keys become durable, then the records as they are sealed, then the State follows. Taking the same in
//! again changes nothing.

use std::collections::{HashMap, HashSet};

use zeroize::Zeroizing;

use crate::bundle::container::Reader;
use crate::bundle::entries::{Body, Record};
use crate::bundle::manifest::{Kind as BundleKind, Manifest, Part};
use crate::bundle::sync::{Held, MAX_RING, decode_ring};
use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::Field;
use crate::domain::ids::{CopyId, DeviceId, EntryId, ItemId, KeyId};
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::Result;
use crate::log::entry::{self, Header};
use crate::log::order::Offered;
use crate::log::{codec, sign};
use crate::session::{Ready, Session, push_block};
use crate::vault::keys::epoch;
use crate::vault::keys::identity::Identity;
use crate::vault::keys::ring::RingEntry;
use crate::vault::{BroughtKeys, LoadedBody, SealedBody, SealedEntry, Tried, bad_keys};

use super::held::Index;
use super::read::{forged, refuse};

/// Signatures that are checked together.
const BATCH: usize = 1024;

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
struct Checked {
    id: EntryId,
    header: Header,
    record: Record,
    /// Its body, where it opens here.
    plain: Option<Zeroizing<Vec<u8>>>,
    /// The entry is here; only its body is new.
    fills: bool,
}

/// Who may sign, by what is on record and what comes along.
#[derive(Default)]
struct Writers {
    own: HashMap<DeviceId, ([u8; 32], ItemId)>,
    others: HashMap<DeviceId, Vec<([u8; 32], ItemId)>>,
    /// Epochs that an entry names.
    epochs: HashSet<KeyId>,
}

/// An introduction that comes along.
struct Introduction {
    by: DeviceId,
    author: ItemId,
    device: DeviceId,
    key: [u8; 32],
    member: ItemId,
    /// It stands at the very beginning of a vault.
    genesis: bool,
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

    /// Checks everything; nothing is changed. Gives back what is new here.
    fn check_sync(
        &mut self,
        manifest: &Manifest,
        records: Vec<Record>,
        keys: &mut BroughtKeys,
        taken: &mut SyncTaken,
    ) -> Result<Vec<Checked>> {
        let mut bodies: Option<HashMap<EntryId, bool>> = None;
        let mut checked = Vec::new();
        let mut seen = HashSet::new();
        for record in records {
            let header = Header::decode(&record.header).map_err(|error| match error {
                entry::HeaderError::Version(_) | entry::HeaderError::Class(_) => refuse(
                    "An entry in this bundle was made by a newer mahoe.",
                    "Nothing was changed. Install the current mahoe on this computer too, then take the bundle in.",
                ),
                _ => forged("an entry's header is malformed"),
            })?;
            let id = entry::id_of(&record.header);
            if !seen.insert(id) {
                return Err(forged("it holds an entry twice"));
            }
            let fills = self.ledger.contains(id) || self.ledger.is_parked(id);
            if fills && !self.is_wanted(id, &record, &mut bodies)? {
                continue;
            }
            let plain = match &record.body {
                Body::Sealed(key, sealed) => match self.vault.try_body(keys, id, *key, sealed) {
                    Tried::Plain(plain) if entry::body_matches(&header, &plain) => Some(plain),
                    Tried::Plain(_) => return Err(forged("the words of an entry are not the ones that were signed")),
                    Tried::NotForUs => None,
                    Tried::Bad(what) => return Err(forged(what)),
                },
                Body::Open(_) => return Err(forged("an entry lies open, as none between own devices does")),
                Body::Destroyed | Body::Withheld => None,
            };
            checked.push(Checked { id, header, record, plain, fills });
        }
        let writers = self.sync_writers(&checked, keys)?;
        self.check_signer(manifest, &writers)?;
        if !keys.epochs().is_subset(&writers.epochs) {
            return Err(forged("it brings keys of an epoch that no entry names"));
        }
        self.check_signatures(&mut checked, &writers, taken)?;
        Ok(checked)
    }

    /// True if an entry that is here lacks the body that came.
    fn is_wanted(&self, id: EntryId, record: &Record, bodies: &mut Option<HashMap<EntryId, bool>>) -> Result<bool> {
        if !matches!(record.body, Body::Sealed(..)) || self.state.is_folded(id) || self.state.strike(id).is_some() {
            return Ok(false);
        }
        if bodies.is_none() {
            *bodies = Some(Index::of(&self.vault)?.bodies());
        }
        Ok(bodies.as_ref().is_some_and(|bodies| bodies.get(&id) == Some(&false)))
    }

    /// Who may sign: on record, or introduced by what comes along, in as many steps as it takes.
    fn sync_writers(&mut self, checked: &[Checked], keys: &mut BroughtKeys) -> Result<Writers> {
        let unread = self.unread_of_team(keys)?;
        let mut writers = Writers::default();
        writers.own.extend(self.state.devices().map(|(id, device)| (id, (device.key, device.member))));
        writers.epochs.extend(self.state.epochs().iter().map(|epoch| epoch.key));
        for (device, is) in self.state.peer_devices() {
            writers.others.entry(device).or_default().push((is.key, is.member));
        }
        let empty = writers.own.is_empty();
        let mut leads = HashSet::new();
        let mut introductions = Vec::new();
        let team = self.state.team_stream();
        let of_team = |header: &Header| header.stream == team && header.vault == self.vault.id();
        let brought = checked.iter().filter(|it| of_team(&it.header)).filter_map(|it| {
            // What can't be read says nothing; the fold shows it as such.
            Some((&it.header, codec::decode_body(it.plain.as_ref()?).ok()?))
        });
        for (header, facts) in brought.chain(unread.iter().map(|(header, facts)| (header, facts.clone()))) {
            for fact in facts {
                match fact {
                    Fact::Device { device, key, member } => introductions.push(Introduction {
                        by: header.device,
                        author: header.author,
                        genesis: empty && header.sequence == 1 && header.parents.is_empty(),
                        device,
                        key,
                        member,
                    }),
                    Fact::PeerDevice { device, key, member, .. } if sign::device_of(&key) == device => {
                        writers.others.entry(device).or_default().push((key, member));
                    }
                    Fact::Epoch { key, .. } => {
                        writers.epochs.insert(key);
                    }
                    Fact::Set { item, field: Field::MemberRole, value, .. } if leading(&value) => {
                        leads.insert(item);
                    }
                    _ => {}
                }
            }
        }
        introductions.retain(|it| !writers.own.contains_key(&it.device));
        if introductions.iter().any(|it| it.author != it.member && !self.leads_now(it.author)) {
            leads.extend(self.ever_led()?);
        }
        self.introduce_all(introductions, &leads, &mut writers)?;
        Ok(writers)
    }

    /// What the team's own entries say that are here and in no State yet: they wait for their predecessors, or came
    /// before the key to them. They were checked when they came.
    fn unread_of_team(&mut self, keys: &mut BroughtKeys) -> Result<Vec<(Header, Vec<Fact>)>> {
        let team = self.state.team_stream();
        if self.ledger.waiting().all(|(header, _)| header.stream != team)
            && self.state.unreadable(team, Class::Core) == 0
        {
            return Ok(Vec::new());
        }
        let mut unread = Vec::new();
        self.vault.walk_sealed(&mut |id, header, entry| {
            let own = header.stream == team && header.class == Class::Core && header.vault == self.vault.id();
            if let (true, SealedBody::Sealed(key, sealed)) = (own && !self.state.is_folded(id), entry.body) {
                unread.push((id, header.clone(), key, sealed));
            }
        })?;
        let mut facts = Vec::new();
        for (id, header, key, sealed) in unread {
            if let Tried::Plain(plain) = self.vault.try_body(keys, id, key, &sealed) {
                facts.extend(codec::decode_body(&plain).ok().map(|said| (header, said)));
            }
        }
        Ok(facts)
    }

    fn leads_now(&self, member: ItemId) -> bool {
        Member::get(&self.state, member).is_some_and(Member::leads)
    }

    /// Everybody who was ever made coordinator or deputy: what they introduced then stays introduced.
    fn ever_led(&mut self) -> Result<HashSet<ItemId>> {
        let team = self.state.team_stream();
        let blocks = self.blocks.get(&team).cloned().unwrap_or_default();
        let mut led = HashSet::new();
        for loaded in self.vault.entries_of(team, &blocks)? {
            let LoadedBody::Present(facts) = loaded.body else { continue };
            led.extend(facts.iter().filter_map(|fact| match fact {
                Fact::Set { item, field: Field::MemberRole, value, .. } if leading(value) => Some(*item),
                _ => None,
            }));
        }
        Ok(led)
    }

    /// Follows the introductions from devices that are known. Whoever introduces another person's device leads the team,
    /// or holds its recovery words; their own anybody introduces with an earlier one.
    fn introduce_all(
        &self,
        mut waiting: Vec<Introduction>,
        leads: &HashSet<ItemId>,
        writers: &mut Writers,
    ) -> Result<()> {
        let rescuer = self.state.team_stream().item();
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for it in waiting {
                let itself = it.genesis && it.by == it.device;
                let author = writers.own.get(&it.by).map(|(_, member)| *member);
                if author.is_none() && !itself {
                    later.push(it);
                    continue;
                }
                let authentic = sign::device_of(&it.key) == it.device && author.is_none_or(|is| is == it.author);
                let may = it.author == it.member
                    || it.author == rescuer
                    || leads.contains(&it.author)
                    || self.leads_now(it.author);
                if !authentic || !may {
                    return Err(forged("a device was introduced by somebody who may not"));
                }
                writers.own.entry(it.device).or_insert((it.key, it.member));
            }
            if later.is_empty() || later.len() == before {
                return Ok(());
            }
            waiting = later;
        }
    }

    /// The device that signed the manifest writes for the team, and for somebody who is still on it.
    fn check_signer(&self, manifest: &Manifest, writers: &Writers) -> Result<()> {
        let device = sign::device_of(&manifest.from.device);
        let known = writers.own.get(&device).filter(|(key, _)| *key == manifest.from.device);
        let Some((_, member)) = known else {
            return Err(refuse(
                "The device that made this bundle is not one of your team's.",
                "Nothing was changed. Ask its owner; `mahoe device list` shows the devices that are known here.",
            ));
        };
        if Member::get(&self.state, *member).is_some_and(Member::left) {
            return Err(refuse(
                "The device that made this bundle belongs to somebody who left the team.",
                "Nothing was changed. Keep the file and tell your coordinator.",
            ));
        }
        Ok(())
    }

    /// Every signature, and that each device writes for the author it names.
    fn check_signatures(&self, checked: &mut Vec<Checked>, writers: &Writers, taken: &mut SyncTaken) -> Result<()> {
        let own = self.vault.id();
        let mut signers = Vec::with_capacity(checked.len());
        let mut wrong = None;
        checked.retain(|it| {
            let header = &it.header;
            let key = if header.vault == own {
                match writers.own.get(&header.device) {
                    Some((key, member)) if *member == header.author => Some(*key),
                    Some(_) => {
                        wrong = Some("an entry names another author than the one its device writes for");
                        None
                    }
                    None => {
                        wrong = Some("an entry was signed by a device that nobody introduced");
                        None
                    }
                }
            } else {
                let claims = writers.others.get(&header.device).into_iter().flatten();
                let key = claims.into_iter().find(|(_, member)| *member == header.author).map(|(key, _)| *key);
                taken.left_out += usize::from(key.is_none());
                key
            };
            signers.extend(key);
            key.is_some()
        });
        if let Some(wrong) = wrong {
            return Err(forged(wrong));
        }
        for (some, keys) in checked.chunks(BATCH).zip(signers.chunks(BATCH)) {
            let signed = some.iter().zip(keys);
            if !sign::verify_all(signed.map(|(it, key)| (key, it.record.header.as_slice(), &it.record.signature))) {
                return Err(forged("the signature of an entry is not good"));
            }
        }
        Ok(())
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
        self.settle()
    }

    /// Who can open the epoch in force, by the entries.
    fn recipients_now(&self) -> Vec<(ItemId, String)> {
        let epoch = self.state.epochs().iter().find(|epoch| epoch.key == self.vault.epoch());
        epoch.map_or_else(Vec::new, |epoch| epoch.recipients.clone())
    }
}

fn leading(role: &Value) -> bool {
    ["coordinator", "deputy"].iter().any(|code| *role == Value::code(code))
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
