//! The State: the fold of all entries, in memory.
//!
//! `State = fold(entries)` is the same for any order of arrival that gives parents before children inside a chain
//! (`log/order.rs` sees to that). No clock takes part: heads are ordered by (Lamport number, device, id). The State
//! never changes before the entry is durable, and never asks anything of the outside.

mod ask;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

use super::class::Class;
use super::codes::{self, CodeIndex, Space};
use super::fact::Fact;
use super::field::{Field, ItemKind};
use super::ids::{DeviceId, EntryId, ItemId, KeyId, StreamId, VaultId};
use super::idtable::{EntryTable, IdMap, IdSet};
use super::item::{EntryNo, Head, Item};
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// Its facts; those that are given away are not copied.
    Present(Cow<'a, [Fact]>),
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

/// The most fields for which a new item gets room at once.
const MOST_ROOM: usize = 16;
/// So many changes are remembered for what is kept up to date beside the State; after more of them it is made anew.
const RECENT: usize = 4_096;

/// The fold of all entries.
#[derive(Debug)]
pub struct State {
    vault: VaultId,
    /// How many stamps there are.
    entries: usize,
    numbers: EntryTable,
    /// By the entry's number; an entry may be named before it comes.
    marks: Vec<Mark>,
    /// How many of them are of entries that are not here.
    awaited: usize,
    /// Who writes with which device: few pairs, which every entry names.
    writers: Vec<(ItemId, DeviceId)>,
    streams: Vec<Stream>,
    stream_numbers: IdMap<StreamId, u32>,
    items: Vec<Item>,
    /// Where an item lies; of several with one id (see `rivals`) the one that counts.
    index: IdMap<ItemId, u32>,
    /// How many fields the entry that is folded may set: the room that a new item gets.
    room: usize,
    /// The item that was written to last: most facts of an entry are about one.
    last: usize,
    /// Ids that more than one stream claims, with every place: only a forger makes them.
    rivals: HashMap<ItemId, Vec<usize>>,
    /// Items whose creation was folded at some time.
    by_kind: HashMap<ItemKind, Vec<u32>>,
    /// Values that were replaced before they arrived: a gap was accepted, or their body came later.
    replaced_early: HashSet<(EntryNo, usize, Field)>,
    /// With the place in the order of the entry that says so.
    strikes: HashMap<(StreamId, EntryId), (Order, Strike)>,
    destroyed: HashSet<EntryNo>,
    epochs: Vec<Epoch>,
    /// The place in the order of the entry that named an epoch first: what it follows, that entry says.
    named: HashMap<KeyId, Order>,
    /// Devices that count no longer, each with the highest Lamport number at which it does.
    revoked: HashMap<DeviceId, u64>,
    /// Devices and epochs of which only such a device tells.
    doubted: (HashMap<DeviceId, Device>, HashSet<KeyId>),
    devices: HashMap<DeviceId, (EntryNo, Device)>,
    /// One for each team whose card names the device, the earliest first: a team that begins anew keeps its devices.
    peer_devices: HashMap<DeviceId, Vec<(EntryNo, PeerDevice)>>,
    /// Which bundles brought an entry first: more than one where two of the team's devices took it in.
    brought: IdMap<EntryId, Vec<ItemId>>,
    /// The bundles that are set aside.
    aside: HashSet<ItemId>,
    unreadable: IdMap<(StreamId, Class), IdSet<EntryNo>>,
    unknown_facts: HashMap<EntryNo, u32>,
    codes: CodeIndex,
    revision: u64,
    /// The streams that changed last, each with the revision at which it did, in order.
    recent: VecDeque<(u64, StreamId)>,
    /// The revision up to which `recent` has forgotten what changed.
    forgotten: u64,
    /// The links that have named an item, now or at some time.
    links: HashMap<ItemId, Vec<usize>>,
    /// When a case first came to each of its stages, by the writers' clocks.
    stages: IdMap<ItemId, Vec<(Box<str>, i64)>>,
    /// Every time that somebody said which flags a case has.
    flags: IdMap<ItemId, Vec<FlagSet>>,
}

/// Which flags a case was said to have, by one entry.
#[derive(Debug)]
struct FlagSet {
    entry: EntryNo,
    wall: i64,
    flags: Box<[Box<str>]>,
    /// The entries whose flags it replaced.
    replaces: Vec<EntryNo>,
}

/// What is kept of an entry's stamp, and what became of its body.
#[derive(Clone, Copy, Debug)]
struct Mark {
    stream: u32,
    /// A place among the writers.
    writer: u32,
    lamport: u64,
    wall: i64,
    class: Class,
    /// False while the entry is only named by others.
    here: bool,
    /// Its facts are in the State.
    folded: bool,
}

/// A stream with what is known of it.
#[derive(Debug)]
struct Stream {
    id: StreamId,
    entries: Vec<EntryNo>,
    items: Vec<u32>,
}

impl State {
    /// The State of a vault before its first entry.
    pub fn new(vault: VaultId) -> Self {
        Self {
            vault,
            entries: 0,
            numbers: EntryTable::default(),
            marks: Vec::new(),
            awaited: 0,
            writers: Vec::new(),
            streams: Vec::new(),
            stream_numbers: IdMap::default(),
            items: Vec::new(),
            index: IdMap::default(),
            room: 0,
            last: 0,
            rivals: HashMap::new(),
            by_kind: HashMap::new(),
            replaced_early: HashSet::new(),
            strikes: HashMap::new(),
            destroyed: HashSet::new(),
            epochs: Vec::new(),
            named: HashMap::new(),
            revoked: HashMap::new(),
            doubted: Default::default(),
            devices: HashMap::new(),
            peer_devices: HashMap::new(),
            brought: IdMap::default(),
            aside: HashSet::new(),
            unreadable: IdMap::default(),
            unknown_facts: HashMap::new(),
            codes: CodeIndex::default(),
            revision: 0,
            recent: VecDeque::new(),
            forgotten: 0,
            links: HashMap::new(),
            stages: IdMap::default(),
            flags: IdMap::default(),
        }
    }

    /// An empty State in this one's place, to fold everything again; its revision goes on from here.
    #[must_use]
    pub fn renewed(&self) -> Self {
        let revision = self.revision + 1;
        Self { revision, forgotten: revision, ..Self::new(self.vault) }
    }

    /// Folds one entry in. An entry that is already folded changes nothing.
    pub fn apply(&mut self, stamp: &Stamp, body: Body<'_>) -> Applied {
        let no = self.number(stamp.id);
        self.apply_to(no, stamp, body)
    }

    /// As [`State::apply`] for an entry that is not folded, as the caller knows for certain: each comes out of the order
    /// once, and no stream was folded again since. While a vault is opened nobody looks for most of a million ids.
    pub fn apply_new(&mut self, stamp: &Stamp, body: Body<'_>) -> Applied {
        // Unless it was named before it came.
        let no = if self.awaited == 0 { self.new_mark(stamp.id) } else { self.number(stamp.id) };
        self.apply_to(no, stamp, body)
    }

    fn apply_to(&mut self, no: EntryNo, stamp: &Stamp, body: Body<'_>) -> Applied {
        self.touch(stamp.stream);
        let (stream, writer) = (self.stream_number(stamp.stream), self.writer(stamp.author, stamp.device));
        let mark = &mut self.marks[no.0 as usize];
        let known = std::mem::replace(&mut mark.here, true);
        let Stamp { class, lamport, wall, .. } = *stamp;
        *mark = Mark { stream, writer, lamport, wall, class, ..*mark };
        if known {
            return self.fill(no, stamp, body);
        }
        self.awaited -= 1;
        self.entries += 1;
        self.streams[stream as usize].entries.push(no);
        self.fold_body(no, stamp, body)
    }

    /// Notes that a stream changes.
    fn touch(&mut self, stream: StreamId) {
        self.revision += 1;
        match self.recent.back_mut() {
            Some((revision, last)) if *last == stream => *revision = self.revision,
            _ => self.recent.push_back((self.revision, stream)),
        }
        if self.recent.len() > RECENT {
            self.forgotten = self.recent.pop_front().map_or(self.revision, |(revision, _)| revision);
        }
    }

    /// A body that arrives after its header fills a withheld or missing one, never a destroyed one. One that is
    /// destroyed after it was folded is unfolded.
    fn fill(&mut self, no: EntryNo, stamp: &Stamp, body: Body<'_>) -> Applied {
        match (self.has_facts_of(no), &body) {
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
        if !self.unreadable.is_empty()
            && let Some(unreadable) = self.unreadable.get_mut(&place)
        {
            unreadable.remove(&no);
        }
        if self.is_set_aside(stamp.id) {
            return Applied::Done;
        }
        let mut streams = Vec::new();
        self.room = facts.len().saturating_sub(1).min(MOST_ROOM);
        // A strike holds even where the entry that says it was struck in turn: what it destroyed does not come back.
        let counts = |fact: &Fact| !gone || matches!(fact, Fact::Struck { .. });
        for fact in facts.into_owned().into_iter().filter(counts) {
            if let Applied::Refold(more) = self.fold_fact(no, stamp, fact) {
                streams.extend(more);
            }
        }
        if !gone {
            self.marks[no.0 as usize].folded = true;
        }
        streams.sort_unstable();
        streams.dedup();
        if streams.is_empty() { Applied::Done } else { Applied::Refold(streams) }
    }

    fn fold_fact(&mut self, no: EntryNo, stamp: &Stamp, fact: Fact) -> Applied {
        // What concerns keys and writers is said in the team's stream only; and nothing of it is ever struck.
        let team = stamp.stream == self.team_stream();
        if team && !self.counts(stamp, &fact) {
            match fact {
                Fact::Device { device, key, member } => {
                    self.doubted.0.insert(device, Device { key, member });
                }
                Fact::Epoch { key, .. } => {
                    self.doubted.1.insert(key);
                }
                _ => {}
            }
            return Applied::Done;
        }
        match fact {
            Fact::Created { item, kind, class } => self.fold_created(no, stamp, item, kind, class),
            Fact::Set { item, field, value, replaces } => {
                self.fold_set(no, stamp, (item, field), value, &replaces);
                if field == Field::BundleSetAside && team {
                    return self.settle_bundle(item);
                }
            }
            Fact::Struck { entry, reason } if !team => return self.fold_strike(no, stamp, entry, &reason),
            Fact::Epoch { key, follows, recipients } if team => self.fold_epoch(no, key, &follows, &recipients),
            Fact::Revoked { device, upto } if team => return self.fold_revoked(device, upto),
            Fact::Device { device, key, member } if team => {
                // Whoever counts no longer doesn't begin to count again by another device of theirs.
                if self.is_beyond(stamp.device, stamp.lamport) {
                    self.revoked.entry(device).or_default();
                }
                let new = (no, Device { key, member });
                let old = self.devices.get(&device).map(|(by, _)| *by);
                if old.is_none_or(|old| self.order(no) < self.order(old)) {
                    self.devices.insert(device, new);
                }
            }
            Fact::PeerDevice { peer, device, key, member } if team => {
                self.fold_peer_device(no, device, PeerDevice { peer, key, member });
            }
            Fact::Brought { bundle, entries } if team => return self.fold_brought(bundle, &entries),
            Fact::Struck { .. }
            | Fact::Epoch { .. }
            | Fact::Device { .. }
            | Fact::PeerDevice { .. }
            | Fact::Brought { .. }
            | Fact::Revoked { .. }
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
            self.by_kind.entry(slot.kind).or_default().retain(|other| *other as usize != at);
            slot.listed = false;
        }
        slot.kind = kind;
        if !slot.listed {
            slot.listed = true;
            self.by_kind.entry(kind).or_default().push(narrow(at));
            if let Some(space) = codes::of_kind(kind) {
                self.put_code(at, space);
            }
        }
        self.settle_rivals(item);
    }

    /// Notes where an item's code is looked for.
    fn put_code(&mut self, at: usize, space: Space) {
        let id = self.items[at].id;
        self.codes.insert(self.items[at].space, space, id);
        // Whichever of its places counts, the code is the id's.
        for place in self.rivals.get(&id).map_or(&[at][..], Vec::as_slice) {
            self.items[*place].space = Some(space);
        }
    }

    fn fold_set(
        &mut self,
        no: EntryNo,
        stamp: &Stamp,
        (item, field): (ItemId, Field),
        value: Value,
        replaces: &[EntryId],
    ) {
        // What the item is, its creation says; until that is here, any kind will do.
        let kind = field.def().kind.or_else(|| self.item(item).map(|item| item.kind)).unwrap_or(ItemKind::Note);
        // A stream speaks for its own items only.
        let at = self.item_slot(item, kind, stamp.stream);
        if self.items[at].created.is_none() && field.def().kind.is_some() {
            self.items[at].kind = kind;
        }
        if let (Field::LinkA | Field::LinkB, Value::Item(end)) = (field, &value) {
            let links = self.links.entry(*end).or_default();
            if !links.contains(&at) {
                links.push(at);
            }
        }
        if field == Field::CaseStage
            && let Value::Code(stage) = &value
        {
            let reached = self.stages.entry(item).or_default();
            match reached.iter_mut().find(|(known, _)| known == stage) {
                Some((_, first)) => *first = stamp.wall.min(*first),
                None => reached.push((stage.clone(), stamp.wall)),
            }
        }
        if field == Field::CaseFlags {
            let replaces = replaces.iter().map(|id| self.number(*id)).collect();
            let (wall, flags) = (stamp.wall, value.as_codes().into());
            self.flags.entry(item).or_default().push(FlagSet { entry: no, wall, flags, replaces });
        }
        if replaces.is_empty() && self.replaced_early.is_empty() && self.items[at].register(field).is_none() {
            // The ordinary case: a first value.
            self.items[at].register_mut(field).put_one(Head { entry: no, field, value });
        } else {
            self.merge(no, at, field, value, replaces);
        }
        if field == Field::CaseParish {
            let parish = self.items[at].value(field).as_number().and_then(|parish| u8::try_from(parish).ok());
            self.put_code(at, codes::of_parish(parish.unwrap_or(0)));
        }
    }

    /// Puts a value beside or in the place of those that the field has.
    fn merge(&mut self, no: EntryNo, at: usize, field: Field, value: Value, replaces: &[EntryId]) {
        let older: Vec<EntryNo> = replaces.iter().map(|id| self.number(*id)).filter(|old| *old != no).collect();
        for old in &older {
            if !self.has_facts_of(*old) {
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
            heads.push(Head { entry: no, field, value });
        }
        if heads.len() > 1 {
            heads.sort_by_key(|head| std::cmp::Reverse(self.order(head.entry)));
        }
        self.items[at].register_mut(field).put(heads);
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
        let Some(theirs) = self.stamp(target).filter(|theirs| theirs.stream == stamp.stream) else {
            return Applied::Done;
        };
        if let Some(unreadable) = self.unreadable.get_mut(&(theirs.stream, theirs.class)) {
            unreadable.remove(&target);
        }
        if self.has_facts_of(target) { Applied::Refold(vec![stamp.stream]) } else { Applied::Done }
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

    /// What an epoch follows the entry says that named it first in the order; whoever names it again only adds
    /// recipients.
    fn fold_epoch(&mut self, no: EntryNo, key: KeyId, follows: &[KeyId], recipients: &[(ItemId, String)]) {
        let order = self.order(no);
        let at = self.epochs.iter().position(|epoch| epoch.key == key).unwrap_or_else(|| {
            self.epochs.push(Epoch { key, follows: Vec::new(), recipients: Vec::new() });
            self.epochs.len() - 1
        });
        let epoch = &mut self.epochs[at];
        if self.named.get(&key).is_none_or(|first| order < *first) {
            self.named.insert(key, order);
            epoch.follows = follows.iter().copied().filter(|followed| *followed != key).collect();
            epoch.follows.sort_unstable();
            epoch.follows.dedup();
        }
        epoch.recipients.extend_from_slice(recipients);
        epoch.recipients.sort();
        epoch.recipients.dedup();
        self.epochs.sort_by_key(|epoch| epoch.key);
    }

    /// A device counts no longer. What it said beyond may be folded already.
    fn fold_revoked(&mut self, device: DeviceId, upto: u64) -> Applied {
        let known = self.revoked.get(&device).copied();
        if known.is_some_and(|known| known <= upto) {
            return Applied::Done;
        }
        self.revoked.insert(device, upto);
        let team = self.team_stream();
        let said = |stamp: Stamp| stamp.device == device && stamp.lamport > upto;
        if self.entries_of(team).any(said) { Applied::Refold(vec![team]) } else { Applied::Done }
    }

    /// True if what a device says at this place in the order comes after it ceased to count.
    pub fn is_beyond(&self, device: DeviceId, lamport: u64) -> bool {
        self.revoked.get(&device).is_some_and(|upto| lamport > *upto)
    }

    /// True if a device counts no longer.
    pub fn is_revoked(&self, device: DeviceId) -> bool {
        self.revoked.contains_key(&device)
    }

    /// Devices that only somebody introduced who counts no longer: what they sign can be checked, and is not taken in.
    pub fn doubted_devices(&self) -> impl Iterator<Item = (DeviceId, &Device)> {
        let doubted = self.doubted.0.iter().filter(|(id, _)| !self.devices.contains_key(*id));
        doubted.map(|(id, device)| (*id, device))
    }

    /// True for an epoch of which only such a one tells: its key opens what was written under it, and nothing new is.
    pub fn doubts_epoch(&self, key: KeyId) -> bool {
        self.doubted.1.contains(&key)
    }

    /// Whether a fact of the team's stream counts: nothing does that a replaced recovery sheet says, and of whoever left
    /// nothing about keys, devices and roles.
    fn counts(&self, stamp: &Stamp, fact: &Fact) -> bool {
        !self.is_beyond(stamp.device, stamp.lamport)
            || (stamp.author != stamp.stream.item() && !fact.rules_the_team(stamp.author))
    }

    /// Forgets what a stream's entries said, so that the caller can fold them again (after a strike).
    pub fn forget(&mut self, stream: StreamId) {
        self.touch(stream);
        let Some(known) = self.stream_numbers.get(&stream).copied() else { return };
        let Stream { entries, items, .. } = &mut self.streams[known as usize];
        let (entries, items) = (std::mem::take(entries), items.clone());
        for no in entries {
            let mark = &mut self.marks[no.0 as usize];
            (mark.here, mark.folded) = (false, false);
            self.awaited += 1;
            self.entries -= 1;
            self.unknown_facts.remove(&no);
        }
        for at in items {
            let item = &mut self.items[at as usize];
            item.created = None;
            item.fields.clear();
            let id = item.id;
            self.stages.remove(&id);
            self.flags.remove(&id);
            self.settle_rivals(id);
        }
        if stream == self.team_stream() {
            // Which devices are revoked stays known: it decides what counts of the rest.
            self.devices.clear();
            self.epochs.clear();
            self.named.clear();
            self.doubted = Default::default();
        }
        self.unreadable.retain(|(of, _), _| *of != stream);
        self.replaced_early.retain(|(_, at, _)| self.items[*at].stream != stream);
    }

    fn number(&mut self, id: EntryId) -> EntryNo {
        let (no, new) = self.numbers.number(id);
        if new {
            self.push_mark();
        }
        EntryNo(no)
    }

    fn new_mark(&mut self, id: EntryId) -> EntryNo {
        self.push_mark();
        EntryNo(self.numbers.push(id))
    }

    fn push_mark(&mut self) {
        let (stream, writer, class) = (0, 0, Class::Core);
        self.marks.push(Mark { stream, writer, lamport: 0, wall: 0, class, here: false, folded: false });
        self.awaited += 1;
    }

    fn has_facts_of(&self, no: EntryNo) -> bool {
        self.marks[no.0 as usize].folded
    }

    fn stream_number(&mut self, id: StreamId) -> u32 {
        let streams = &mut self.streams;
        *self.stream_numbers.entry(id).or_insert_with(|| {
            streams.push(Stream { id, entries: Vec::new(), items: Vec::new() });
            narrow(streams.len() - 1)
        })
    }

    fn writer(&mut self, author: ItemId, device: DeviceId) -> u32 {
        let at = self.writers.iter().rposition(|writer| *writer == (author, device));
        narrow(at.unwrap_or_else(|| {
            self.writers.push((author, device));
            self.writers.len() - 1
        }))
    }

    /// The place of an item in a stream. `kind` is what it is taken for until its creation is here.
    fn item_slot(&mut self, id: ItemId, kind: ItemKind, stream: StreamId) -> usize {
        let is = |at: usize| self.items.get(at).is_some_and(|item| item.id == id && item.stream == stream);
        if is(self.last) {
            return self.last;
        }
        let known = self.index.get(&id).map(|at| *at as usize);
        let others = self.rivals.get(&id).into_iter().flatten().copied();
        if let Some(at) = known.into_iter().chain(others).find(|at| is(*at)) {
            self.last = at;
            return at;
        }
        let at = self.items.len();
        self.items.push(Item::new(id, kind, stream, self.room));
        let number = self.stream_number(stream);
        self.streams[number as usize].items.push(narrow(at));
        match known {
            None => {
                self.index.insert(id, narrow(at));
            }
            Some(first) => {
                self.items[at].space = self.items[first].space;
                self.rivals.entry(id).or_insert_with(|| vec![first]).push(at);
                self.settle_rivals(id);
            }
        }
        self.last = at;
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
        self.index.insert(id, narrow(first));
        // Other streams than the one that is folded have changed with it.
        (self.forgotten, self.recent) = (self.revision, VecDeque::new());
    }

    /// The place of an entry in the merge order.
    fn order(&self, no: EntryNo) -> Order {
        let none = (0, DeviceId([0; 32]), EntryId([0; 32]));
        self.stamp(no).map_or(none, |stamp| (stamp.lamport, stamp.device, stamp.id))
    }
}

/// A place in one of the State's lists.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 entries, and no list is longer: the reader bounds them")
}
