//! The State: the fold of all entries, in memory.
//!
//! `State = fold(entries)` is the same for any order of arrival that gives parents before children inside a chain
//! (`log/order.rs` sees to that). No clock takes part: heads are ordered by (Lamport number, device, id). The State
//! never changes before the entry is durable, and never asks anything of the outside.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::class::Class;
use super::code::Code;
use super::codes::CodeIndex;
use super::fact::Fact;
use super::field::{Field, ItemKind};
use super::ids::{DeviceId, EntryId, ItemId, KeyId, StreamId, VaultId};
use super::item::{EntryNo, Head, Item, Register};
use super::value::Value;

/// What the fold needs to know of an entry's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The entry.
    pub id: EntryId,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// The class of its body.
    pub class: Class,
    /// The member who wrote it.
    pub author: ItemId,
    /// The device that signed it.
    pub device: DeviceId,
    /// 1 + the highest of its parents'.
    pub lamport: u64,
    /// The writer's clock: milliseconds since 1970, UTC. Shown, never used to merge.
    pub wall: i64,
}

/// What is known of an entry's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// Its facts.
    Present(&'a [Fact]),
    /// It was not sent to us, or we may not read it.
    Withheld,
    /// It was struck or disposed of, for ever.
    Destroyed,
    /// It ought to be here and is not.
    Missing,
}

/// What a call of [`State::apply`] asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Applied {
    /// Nothing more.
    Done,
    /// Entries whose facts are already folded count no more (they were struck, or the bundle that brought them was set
    /// aside), or count again: these streams are to be forgotten and folded again.
    Refold(Vec<StreamId>),
}

/// An epoch key as the entries name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// The key's id.
    pub key: KeyId,
    /// The epochs it follows.
    pub follows: Vec<KeyId>,
    /// Who can open it: member (or the team's item for recovery) and age recipient, sorted.
    pub recipients: Vec<(ItemId, String)>,
}

/// A device as the entries introduce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The Ed25519 public key.
    pub key: [u8; 32],
    /// For whom it writes.
    pub member: ItemId,
}

/// A device of another parish's team, as its card introduced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerDevice {
    /// The team's item.
    pub peer: ItemId,
    /// The Ed25519 public key.
    pub key: [u8; 32],
    /// For whom it writes: the person's id on their own team.
    pub member: ItemId,
}

/// A struck entry: what stays known of it. Of two strikes at one entry the lower in the order is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// The entry that says so.
    pub by: EntryNo,
    /// Why.
    pub reason: String,
}

/// The place of an entry in the merge order: Lamport number, device, id.
type Order = (u64, DeviceId, EntryId);

/// The fold of all entries.
#[derive(Debug)]
pub struct State {
    vault: VaultId,
    /// How many stamps there are.
    entries: usize,
    stamps: Vec<Option<Stamp>>,
    numbers: HashMap<EntryId, EntryNo>,
    streams: HashMap<StreamId, Vec<EntryNo>>,
    items: Vec<Item>,
    /// Where an item lies; of several with one id (see `rivals`) the one that counts.
    index: HashMap<ItemId, usize>,
    /// Ids that more than one stream claims, with every place: only a forger makes them.
    rivals: HashMap<ItemId, Vec<usize>>,
    /// Items whose creation was folded at some time.
    by_kind: HashMap<ItemKind, Vec<usize>>,
    by_stream: HashMap<StreamId, Vec<usize>>,
    /// Values that were replaced before they arrived: a gap was accepted, or their body came later.
    replaced_early: HashSet<(EntryNo, usize, Field)>,
    /// With the place in the order of the entry that says so.
    strikes: HashMap<(StreamId, EntryId), (Order, Strike)>,
    folded_bodies: HashSet<EntryNo>,
    destroyed: HashSet<EntryNo>,
    epochs: Vec<Epoch>,
    devices: HashMap<DeviceId, (EntryNo, Device)>,
    /// One for each team whose card names the device, the earliest first: a team that begins anew keeps its devices.
    peer_devices: HashMap<DeviceId, Vec<(EntryNo, PeerDevice)>>,
    /// Which bundles brought an entry first: more than one where two of the team's devices took it in.
    brought: HashMap<EntryId, Vec<ItemId>>,
    /// The bundles that are set aside.
    aside: HashSet<ItemId>,
    unreadable: HashMap<(StreamId, Class), HashSet<EntryNo>>,
    unknown_facts: HashMap<EntryNo, u32>,
    codes: CodeIndex,
    revision: u64,
    /// When a case first came to each of its stages, by the writers' clocks.
    stages: HashMap<ItemId, BTreeMap<Box<str>, i64>>,
}

impl State {
    /// The State of a vault before its first entry.
    pub fn new(vault: VaultId) -> Self {
        Self {
            vault,
            entries: 0,
            stamps: Vec::new(),
            numbers: HashMap::new(),
            streams: HashMap::new(),
            items: Vec::new(),
            index: HashMap::new(),
            rivals: HashMap::new(),
            by_kind: HashMap::new(),
            by_stream: HashMap::new(),
            replaced_early: HashSet::new(),
            strikes: HashMap::new(),
            folded_bodies: HashSet::new(),
            destroyed: HashSet::new(),
            epochs: Vec::new(),
            devices: HashMap::new(),
            peer_devices: HashMap::new(),
            brought: HashMap::new(),
            aside: HashSet::new(),
            unreadable: HashMap::new(),
            unknown_facts: HashMap::new(),
            codes: CodeIndex::default(),
            revision: 0,
            stages: HashMap::new(),
        }
    }

    /// An empty State in this one's place, to fold everything again; its revision goes on from here.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { revision: self.revision + 1, ..Self::new(self.vault) }
    }

    /// Folds one entry in. An entry that is already folded changes nothing.
    pub fn apply(&mut self, stamp: &Stamp, body: Body<'_>) -> Applied {
        self.revision += 1;
        let no = self.number(stamp.id);
        if self.stamps[no.0 as usize].replace(*stamp).is_some() {
            return self.fill(no, stamp, body);
        }
        self.entries += 1;
        self.streams.entry(stamp.stream).or_default().push(no);
        self.fold_body(no, stamp, body)
    }

    /// A body that arrives after its header fills a withheld or missing one, never a destroyed one. One that is
    /// destroyed after it was folded is unfolded.
    fn fill(&mut self, no: EntryNo, stamp: &Stamp, body: Body<'_>) -> Applied {
        match (self.folded_bodies.contains(&no), body) {
            (false, _) => self.fold_body(no, stamp, body),
            (true, Body::Destroyed) => {
                self.destroyed.insert(no);
                Applied::Refold(vec![stamp.stream])
            }
            (true, _) => Applied::Done,
        }
    }

    fn fold_body(&mut self, no: EntryNo, stamp: &Stamp, body: Body<'_>) -> Applied {
        let struck = self.strikes.contains_key(&(stamp.stream, stamp.id));
        if matches!(body, Body::Destroyed) {
            self.destroyed.insert(no);
        }
        let gone = struck || self.destroyed.contains(&no);
        let place = (stamp.stream, stamp.class);
        let Body::Present(facts) = body else {
            let unreadable = self.unreadable.entry(place).or_default();
            if gone {
                unreadable.remove(&no)
            } else {
                unreadable.insert(no)
            };
            return Applied::Done;
        };
        if let Some(unreadable) = self.unreadable.get_mut(&place) {
            unreadable.remove(&no);
        }
        if self.is_set_aside(stamp.id) {
            return Applied::Done;
        }
        let mut streams = Vec::new();
        // A strike holds even where the entry that says it was struck in turn: what it destroyed does not come back.
        for fact in facts.iter().filter(|fact| !gone || matches!(fact, Fact::Struck { .. })) {
            if let Applied::Refold(more) = self.fold_fact(no, stamp, fact) {
                streams.extend(more);
            }
        }
        if !gone {
            self.folded_bodies.insert(no);
        }
        streams.sort_unstable();
        streams.dedup();
        if streams.is_empty() { Applied::Done } else { Applied::Refold(streams) }
    }

    fn fold_fact(&mut self, no: EntryNo, stamp: &Stamp, fact: &Fact) -> Applied {
        // What concerns keys and writers is said in the team's stream only; and nothing of it is ever struck.
        let team = stamp.stream == self.team_stream();
        match fact {
            Fact::Created { item, kind, class } => self.fold_created(no, stamp, *item, *kind, *class),
            Fact::Set { item, field, value, replaces } => {
                self.fold_set(no, stamp, *item, *field, value, replaces);
                if *field == Field::BundleSetAside && team {
                    return self.settle_bundle(*item);
                }
            }
            Fact::Struck { entry, reason } if !team => return self.fold_strike(no, stamp, *entry, reason),
            Fact::Epoch { key, follows, recipients } if team => self.fold_epoch(*key, follows, recipients),
            Fact::Device { device, key, member } if team => {
                let new = (no, Device { key: *key, member: *member });
                let old = self.devices.get(device).map(|(by, _)| *by);
                if old.is_none_or(|old| self.order(no) < self.order(old)) {
                    self.devices.insert(*device, new);
                }
            }
            Fact::PeerDevice { peer, device, key, member } if team => {
                self.fold_peer_device(no, *device, PeerDevice { peer: *peer, key: *key, member: *member });
            }
            Fact::Brought { bundle, entries } if team => return self.fold_brought(*bundle, entries),
            Fact::Struck { .. }
            | Fact::Epoch { .. }
            | Fact::Device { .. }
            | Fact::PeerDevice { .. }
            | Fact::Brought { .. }
            | Fact::Accessed { .. } => {}
            Fact::Unknown { .. } => *self.unknown_facts.entry(no).or_default() += 1,
        }
        Applied::Done
    }

    fn fold_created(&mut self, no: EntryNo, stamp: &Stamp, item: ItemId, kind: ItemKind, class: Class) {
        let at = self.item_slot(item, kind, stamp.stream);
        // Of two creations of one id (only a forger makes them) the lower in the order counts, everywhere.
        let earlier = self.items[at].created.is_none_or(|old| old == no || self.order(no) < self.order(old));
        if !earlier {
            return;
        }
        let slot = &mut self.items[at];
        slot.created = Some(no);
        slot.class = class;
        if slot.kind != kind && slot.listed {
            self.by_kind.entry(slot.kind).or_default().retain(|other| *other != at);
            slot.listed = false;
        }
        slot.kind = kind;
        if !slot.listed {
            slot.listed = true;
            self.by_kind.entry(kind).or_default().push(at);
            self.codes.insert_item(kind, item);
        }
        self.settle_rivals(item);
    }

    fn fold_set(
        &mut self,
        no: EntryNo,
        stamp: &Stamp,
        item: ItemId,
        field: Field,
        value: &Value,
        replaces: &[EntryId],
    ) {
        // What the item is, its creation says; until that is here, any kind will do.
        let kind = field.def().kind.or_else(|| self.item(item).map(|item| item.kind)).unwrap_or(ItemKind::Note);
        // A stream speaks for its own items only.
        let at = self.item_slot(item, kind, stamp.stream);
        if self.items[at].created.is_none() && field.def().kind.is_some() {
            self.items[at].kind = kind;
        }
        let older: Vec<EntryNo> = replaces.iter().map(|id| self.number(*id)).filter(|old| *old != no).collect();
        for old in &older {
            if !self.folded_bodies.contains(old) {
                self.replaced_early.insert((*old, at, field));
            }
        }
        let mut heads: Vec<Head> = match self.items[at].register(field) {
            Some(register) => register.heads().to_vec(),
            None => Vec::new(),
        };
        // A later fact of the same entry replaces an earlier one of it.
        heads.retain(|head| head.entry != no && !older.contains(&head.entry));
        if !self.replaced_early.contains(&(no, at, field)) {
            heads.push(Head { entry: no, value: value.clone() });
        }
        if heads.len() > 1 {
            heads.sort_by_key(|head| std::cmp::Reverse(self.order(head.entry)));
        }
        self.items[at].register_mut(field).put(heads);
        if field == Field::CaseStage
            && let Value::Code(stage) = value
        {
            let first = self.stages.entry(item).or_default().entry(stage.clone()).or_insert(stamp.wall);
            *first = stamp.wall.min(*first);
        }
        if field == Field::CaseParish {
            let parish = self.items[at].value(field).as_number().and_then(|parish| u8::try_from(parish).ok());
            self.codes.insert_case(parish.unwrap_or(0), item);
        }
    }

    fn fold_strike(&mut self, no: EntryNo, stamp: &Stamp, entry: EntryId, reason: &str) -> Applied {
        // It reaches only its own stream, which the target's header tells when it comes.
        let place = (stamp.stream, entry);
        // Kept with its order, because while a stream is folded again the stamps are not there to ask.
        let order = self.order(no);
        if self.strikes.get(&place).is_none_or(|(told, _)| order < *told) {
            self.strikes.insert(place, (order, Strike { by: no, reason: reason.to_owned() }));
        }
        let target = self.number(entry);
        let Some(theirs) = self.stamps[target.0 as usize].filter(|theirs| theirs.stream == stamp.stream) else {
            return Applied::Done;
        };
        if let Some(unreadable) = self.unreadable.get_mut(&(theirs.stream, theirs.class)) {
            unreadable.remove(&target);
        }
        if self.folded_bodies.contains(&target) { Applied::Refold(vec![stamp.stream]) } else { Applied::Done }
    }

    fn fold_peer_device(&mut self, no: EntryNo, device: DeviceId, new: PeerDevice) {
        let mut claims = self.peer_devices.remove(&device).unwrap_or_default();
        match claims.iter_mut().find(|(_, old)| old.peer == new.peer) {
            Some(claim) if self.order(no) < self.order(claim.0) => *claim = (no, new),
            Some(_) => {}
            None => claims.push((no, new)),
        }
        claims.sort_by_key(|(by, _)| self.order(*by));
        self.peer_devices.insert(device, claims);
    }

    fn fold_brought(&mut self, bundle: ItemId, entries: &[EntryId]) -> Applied {
        for entry in entries {
            let bundles = self.brought.entry(*entry).or_default();
            if !bundles.contains(&bundle) {
                bundles.push(bundle);
            }
        }
        if self.aside.contains(&bundle) { self.streams_of(bundle) } else { Applied::Done }
    }

    /// A bundle was set aside, or taken back from there.
    fn settle_bundle(&mut self, bundle: ItemId) -> Applied {
        let aside = self.item(bundle).is_some_and(|item| item.value(Field::BundleSetAside) == Value::YesNo(true));
        let changed = if aside { self.aside.insert(bundle) } else { self.aside.remove(&bundle) };
        if changed { self.streams_of(bundle) } else { Applied::Done }
    }

    /// The streams of what a bundle brought, to be folded again.
    fn streams_of(&self, bundle: ItemId) -> Applied {
        let brought = self.brought.iter().filter(|(_, bundles)| bundles.contains(&bundle));
        let mut streams: Vec<StreamId> =
            brought.filter_map(|(entry, _)| self.stamp_of(*entry).map(|stamp| stamp.stream)).collect();
        streams.sort_unstable();
        streams.dedup();
        if streams.is_empty() { Applied::Done } else { Applied::Refold(streams) }
    }

    fn fold_epoch(&mut self, key: KeyId, follows: &[KeyId], recipients: &[(ItemId, String)]) {
        let epoch = if let Some(at) = self.epochs.iter_mut().position(|epoch| epoch.key == key) {
            &mut self.epochs[at]
        } else {
            self.epochs.push(Epoch { key, follows: Vec::new(), recipients: Vec::new() });
            self.epochs.last_mut().expect("just pushed")
        };
        epoch.follows.extend_from_slice(follows);
        epoch.follows.sort_unstable();
        epoch.follows.dedup();
        epoch.recipients.extend_from_slice(recipients);
        epoch.recipients.sort();
        epoch.recipients.dedup();
        self.epochs.sort_by_key(|epoch| epoch.key);
    }

    /// Forgets what a stream's entries said, so that the caller can fold them again (after a strike).
    pub fn forget(&mut self, stream: StreamId) {
        self.revision += 1;
        for no in self.streams.remove(&stream).unwrap_or_default() {
            self.stamps[no.0 as usize] = None;
            self.entries -= 1;
            self.folded_bodies.remove(&no);
            self.unknown_facts.remove(&no);
        }
        for at in self.by_stream.get(&stream).cloned().unwrap_or_default() {
            let item = &mut self.items[at];
            item.created = None;
            item.fields.clear();
            let id = item.id;
            self.stages.remove(&id);
            self.settle_rivals(id);
        }
        self.unreadable.retain(|(of, _), _| *of != stream);
        self.replaced_early.retain(|(_, at, _)| self.items[*at].stream != stream);
    }

    fn number(&mut self, id: EntryId) -> EntryNo {
        let next = EntryNo(u32::try_from(self.stamps.len()).expect("fewer than 2^32 entries: the reader bounds them"));
        let no = *self.numbers.entry(id).or_insert(next);
        if no == next {
            self.stamps.push(None);
        }
        no
    }

    /// The place of an item in a stream. `kind` is what it is taken for until its creation is here.
    fn item_slot(&mut self, id: ItemId, kind: ItemKind, stream: StreamId) -> usize {
        let known = self.index.get(&id).copied();
        if let Some(at) = known.filter(|at| self.items[*at].stream == stream) {
            return at;
        }
        let others = self.rivals.get(&id).into_iter().flatten();
        if let Some(at) = others.copied().find(|at| self.items[*at].stream == stream) {
            return at;
        }
        let at = self.items.len();
        self.items.push(Item::new(id, kind, stream));
        self.by_stream.entry(stream).or_default().push(at);
        match known {
            None => {
                self.index.insert(id, at);
            }
            Some(first) => {
                self.rivals.entry(id).or_insert_with(|| vec![first]).push(at);
                self.settle_rivals(id);
            }
        }
        at
    }

    /// Decides which stream's item counts where several claim one id: the one created first in the order.
    fn settle_rivals(&mut self, id: ItemId) {
        let Some(rivals) = self.rivals.get(&id) else { return };
        let rank = |at: &usize| {
            let item = &self.items[*at];
            (item.created.is_none(), item.created.map(|no| self.order(no)), item.stream)
        };
        let Some(first) = rivals.iter().copied().min_by_key(rank) else { return };
        for at in rivals {
            self.items[*at].outranked = *at != first;
        }
        self.index.insert(id, first);
    }

    /// The place of an entry in the merge order.
    fn order(&self, no: EntryNo) -> Order {
        self.stamps[no.0 as usize]
            .as_ref()
            .map_or((0, DeviceId([0; 32]), EntryId([0; 32])), |stamp| (stamp.lamport, stamp.device, stamp.id))
    }

    /// The vault this State belongs to.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// The team's stream.
    pub fn team_stream(&self) -> StreamId {
        StreamId::team(self.vault)
    }

    /// How many entries are folded in.
    pub fn entry_count(&self) -> usize {
        self.entries
    }

    /// Grows with everything that is folded in: what was computed from the State at the same number still holds.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The stamp of an entry.
    pub fn stamp(&self, no: EntryNo) -> Option<&Stamp> {
        self.stamps.get(no.0 as usize)?.as_ref()
    }

    /// The stamp of an entry by its id.
    pub fn stamp_of(&self, id: EntryId) -> Option<&Stamp> {
        self.stamp(*self.numbers.get(&id)?)
    }

    /// The entries of a stream, in the order in which they arrived here.
    pub fn entries_of(&self, stream: StreamId) -> impl Iterator<Item = &Stamp> {
        self.streams.get(&stream).into_iter().flatten().filter_map(|no| self.stamp(*no))
    }

    /// Every stream of which an entry is known.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> {
        self.streams.keys().copied()
    }

    /// An item, whether or not it still stands.
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.index.get(&id).map(|at| &self.items[*at])
    }

    /// Every place of an item, also of what does not stand: for checks.
    pub fn every_item(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// The standing items of a kind, in no promised order.
    pub fn items(&self, kind: ItemKind) -> impl Iterator<Item = &Item> {
        self.by_kind.get(&kind).into_iter().flatten().map(|at| &self.items[*at]).filter(|item| item.stands())
    }

    /// The standing items of a kind in one stream.
    pub fn items_in(&self, stream: StreamId, kind: ItemKind) -> impl Iterator<Item = &Item> {
        self.by_stream
            .get(&stream)
            .into_iter()
            .flatten()
            .map(|at| &self.items[*at])
            .filter(move |item| item.kind == kind && item.stands())
    }

    /// The entries whose values of this field a new value replaces.
    pub fn heads(&self, item: ItemId, field: Field) -> Vec<EntryId> {
        let register = self.item(item).and_then(|item| item.register(field));
        register.map_or(&[][..], Register::heads).iter().filter_map(|head| Some(self.stamp(head.entry)?.id)).collect()
    }

    /// The code that people speak and type: the shortest that names this item alone, and never shorter than the one
    /// it was given.
    pub fn code(&self, id: ItemId) -> Code {
        let given = self.item(id).map_or(0, |item| {
            let field = match item.kind {
                ItemKind::Case => Field::CaseSymbols,
                ItemKind::FollowUp => Field::FollowUpSymbols,
                ItemKind::Referral => Field::ReferralSymbols,
                _ => Field::ActionSymbols,
            };
            item.value(field).as_number().and_then(|symbols| u8::try_from(symbols).ok()).unwrap_or(0)
        });
        self.codes.code(id, given)
    }

    /// The items that a typed code can mean; more than one only for a code from before a collision.
    pub fn find_code(&self, text: &str) -> Result<Vec<ItemId>, super::code::CodeError> {
        let found = self.codes.find(&super::code::Code::parse(text)?);
        let stands = |id: &ItemId| self.item(*id).is_some_and(Item::stands);
        Ok(found.into_iter().filter(stands).collect())
    }

    /// When a case first came to a stage, by the clock of whoever moved it.
    pub fn stage_reached(&self, case: ItemId, stage: &str) -> Option<chrono::DateTime<chrono::Utc>> {
        chrono::DateTime::from_timestamp_millis(*self.stages.get(&case)?.get(stage)?)
    }

    /// How many symbols a new item's code gets: the fewest at which under 1 % of the codes are in use.
    pub fn shortest_code(&self, kind: ItemKind) -> u8 {
        super::code::shortest_length(self.by_kind.get(&kind).map_or(0, Vec::len))
    }

    /// True if a new item with this id would be spoken of by a code that is in use.
    pub fn code_taken(&self, kind: ItemKind, parish: u8, id: ItemId, symbols: u8) -> bool {
        self.codes.taken(kind, parish, id, symbols)
    }

    /// The epochs, by key id.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// The epochs that no other follows: a new epoch names all of them.
    pub fn newest_epochs(&self) -> impl Iterator<Item = &Epoch> {
        self.epochs.iter().filter(|epoch| !self.epochs.iter().any(|other| other.follows.contains(&epoch.key)))
    }

    /// A device, if it was introduced.
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(&id).map(|(_, device)| device)
    }

    /// Every introduced device.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &Device)> {
        self.devices.iter().map(|(id, (_, device))| (*id, device))
    }

    /// A device of another team, if a card that we took introduced it: that of a team which we know now, before that of
    /// one which was removed.
    pub fn peer_device(&self, id: DeviceId) -> Option<&PeerDevice> {
        let claims = self.peer_devices.get(&id)?;
        let known = claims.iter().find(|(_, device)| super::views::Peer::get(self, device.peer).is_some());
        known.or_else(|| claims.first()).map(|(_, device)| device)
    }

    /// Every device of other teams, once for each team whose card names it.
    pub fn peer_devices(&self) -> impl Iterator<Item = (DeviceId, &PeerDevice)> {
        self.peer_devices.iter().flat_map(|(id, claims)| claims.iter().map(|(_, device)| (*id, device)))
    }

    /// True for an entry that a bundle brought which was set aside: it is kept, and counts for nothing. Nothing of the
    /// team's own stream comes from outside, so nothing of it is ever set aside.
    pub fn is_set_aside(&self, entry: EntryId) -> bool {
        let aside = self.brought.get(&entry).is_some_and(|bundles| bundles.iter().any(|one| self.aside.contains(one)));
        aside && self.stamp_of(entry).is_none_or(|stamp| stamp.stream != self.team_stream())
    }

    /// The strike that reached an entry, if any.
    pub fn strike(&self, entry: EntryId) -> Option<&Strike> {
        self.strikes.get(&(self.stamp_of(entry)?.stream, entry)).map(|(_, strike)| strike)
    }

    /// Every entry known here that was struck.
    pub fn strikes(&self) -> impl Iterator<Item = EntryId> {
        let reached =
            |(stream, entry): &&(StreamId, EntryId)| self.stamp_of(*entry).is_some_and(|stamp| stamp.stream == *stream);
        self.strikes.keys().filter(reached).map(|(_, entry)| *entry)
    }

    /// True if an entry is one that strikes: it can't be struck in turn.
    pub fn strikes_others(&self, entry: EntryId) -> bool {
        let no = self.numbers.get(&entry);
        no.is_some_and(|no| self.strikes.values().any(|(_, strike)| strike.by == *no))
    }

    /// How many bodies of a compartment can't be read here: "a restricted item exists".
    pub fn unreadable(&self, stream: StreamId, class: Class) -> u32 {
        let count = self.unreadable.get(&(stream, class)).map_or(0, HashSet::len);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Facts of kinds that this version doesn't know.
    pub fn unknown_facts(&self) -> u32 {
        self.unknown_facts.values().sum()
    }
}
