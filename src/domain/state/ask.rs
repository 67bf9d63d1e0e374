//! What the State is asked: items, codes, heads, strikes, epochs, devices. Nothing in here changes it.

use std::collections::BTreeSet;

use super::{Device, Epoch, Mark, PeerDevice, Stamp, State, Stream, Strike};
use crate::domain::class::Class;
use crate::domain::code::{self, Code, CodeError};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, EntryId, ItemId, StreamId, VaultId};
use crate::domain::idtable::IdSet;
use crate::domain::item::{EntryNo, Item, Register};
use crate::domain::views::Peer;

impl State {
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

    /// The streams in which anything was folded since an earlier revision; `None` if too much has changed to tell.
    pub fn changed_since(&self, revision: u64) -> Option<BTreeSet<StreamId>> {
        let recent = self.recent.iter().rev().take_while(|(at, _)| *at > revision);
        (revision >= self.forgotten).then(|| recent.map(|(_, stream)| *stream).collect())
    }

    /// The standing links that name an item at either end.
    pub fn links_of(&self, item: ItemId) -> impl Iterator<Item = &Item> {
        let named = self.links.get(&item).into_iter().flatten().map(|at| &self.items[*at]);
        let ends = move |link: &Item| [Field::LinkA, Field::LinkB].map(|end| link.held(end).as_item() == Some(item));
        named.filter(move |link| link.kind == ItemKind::Link && link.stands() && ends(link).contains(&true))
    }

    /// The stamp of an entry.
    pub fn stamp(&self, no: EntryNo) -> Option<Stamp> {
        let mark = self.marks.get(no.0 as usize).filter(|mark| mark.here)?;
        let (author, device) = self.writers[mark.writer as usize];
        let stream = self.streams[mark.stream as usize].id;
        let Mark { class, lamport, wall, .. } = *mark;
        Some(Stamp { id: self.numbers.id(no.0)?, stream, class, author, device, lamport, wall })
    }

    /// The stamp of an entry by its id.
    pub fn stamp_of(&self, id: EntryId) -> Option<Stamp> {
        self.stamp(EntryNo(self.numbers.get(id)?))
    }

    fn stream(&self, id: StreamId) -> Option<&Stream> {
        self.stream_numbers.get(&id).map(|at| &self.streams[*at as usize])
    }

    /// The items of a stream, standing or not.
    fn all_of(&self, stream: StreamId) -> impl Iterator<Item = &Item> {
        let places = self.stream(stream).into_iter().flat_map(|stream| &stream.items);
        places.map(|at| &self.items[*at as usize])
    }

    /// The entries of a stream, in the order in which they arrived here.
    pub fn entries_of(&self, stream: StreamId) -> impl Iterator<Item = Stamp> {
        self.stream(stream).into_iter().flat_map(|stream| &stream.entries).filter_map(|no| self.stamp(*no))
    }

    /// Every stream of which an entry is known.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> {
        self.streams.iter().filter(|stream| !stream.entries.is_empty()).map(|stream| stream.id)
    }

    /// An item, whether or not it still stands.
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.index.get(&id).map(|at| &self.items[*at as usize])
    }

    /// Every place of an item, also of what does not stand: for checks.
    pub fn every_item(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// The standing items of a kind, in no promised order.
    pub fn items(&self, kind: ItemKind) -> impl Iterator<Item = &Item> {
        let places = self.by_kind.get(&kind).into_iter().flatten();
        places.map(|at| &self.items[*at as usize]).filter(|item| item.stands())
    }

    /// Every standing item of a stream, in no promised order.
    pub fn items_of(&self, stream: StreamId) -> impl Iterator<Item = &Item> {
        self.all_of(stream).filter(|item| item.stands())
    }

    /// True if what an entry says is folded in.
    pub fn is_folded(&self, entry: EntryId) -> bool {
        self.numbers.get(entry).is_some_and(|no| self.has_facts_of(EntryNo(no)))
    }

    /// The standing items of a kind in one stream.
    pub fn items_in(&self, stream: StreamId, kind: ItemKind) -> impl Iterator<Item = &Item> {
        self.all_of(stream).filter(move |item| item.kind == kind && item.stands())
    }

    /// All standing items of one stream.
    pub fn standing_in(&self, stream: StreamId) -> impl Iterator<Item = &Item> {
        self.all_of(stream).filter(|item| item.stands())
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
                ItemKind::Meeting => Field::MeetingSymbols,
                ItemKind::Screening => Field::ScreeningSymbols,
                ItemKind::Service => Field::ServiceSymbols,
                ItemKind::Outreach => Field::OutreachSymbols,
                ItemKind::Training => Field::TrainingSymbols,
                ItemKind::Document => Field::DocumentSymbols,
                ItemKind::Person => Field::PersonSymbols,
                _ => Field::ActionSymbols,
            };
            item.value(field).as_number().and_then(|symbols| u8::try_from(symbols).ok()).unwrap_or(0)
        });
        match self.item(id).and_then(|item| item.space) {
            Some(space) => self.codes.code(space, id, given),
            None => Code::item('X', &id.0, code::SHORTEST),
        }
    }

    /// The items whose codes stand next to an item's: their codes grow where its own comes too near.
    pub fn code_neighbours(&self, id: ItemId) -> Vec<ItemId> {
        self.item(id).and_then(|item| item.space).map_or_else(Vec::new, |space| self.codes.neighbours(space, id))
    }

    /// The items that a typed code can mean; more than one only for a code from before a collision.
    pub fn find_code(&self, text: &str) -> Result<Vec<ItemId>, CodeError> {
        let found = self.codes.find(&Code::parse(text)?);
        let stands = |id: &ItemId| self.item(*id).is_some_and(Item::stands);
        Ok(found.into_iter().filter(stands).collect())
    }

    /// When a case first came to a stage, by the clock of whoever moved it.
    pub fn stage_reached(&self, case: ItemId, stage: &str) -> Option<chrono::DateTime<chrono::Utc>> {
        let mut reached = self.stages.get(&case)?.iter();
        chrono::DateTime::from_timestamp_millis(reached.find(|(known, _)| **known == *stage)?.1)
    }

    /// Since when a case has had a flag without a break, by the clocks of whoever put it there; `None` if it has it no more.
    pub fn flag_since(&self, case: ItemId, flag: &str) -> Option<chrono::DateTime<chrono::Utc>> {
        let sets = self.flags.get(&case)?;
        // The last word of an entry counts.
        let said = |no: EntryNo| sets.iter().rev().find(|set| set.entry == no);
        let with = |no: EntryNo| said(no).filter(|set| set.flags.iter().any(|it| **it == *flag));
        let heads = self.item(case)?.register(Field::CaseFlags).map_or(&[][..], Register::heads);
        let mut open: Vec<EntryNo> = heads.iter().map(|head| head.entry).collect();
        let (mut seen, mut first) = (BTreeSet::new(), None::<i64>);
        // Back from what stands now, as long as the flag was there.
        while let Some(entry) = open.pop() {
            if let Some(set) = with(entry).filter(|_| seen.insert(entry)) {
                first = Some(first.map_or(set.wall, |first| first.min(set.wall)));
                open.extend(&set.replaces);
            }
        }
        chrono::DateTime::from_timestamp_millis(first?)
    }

    /// How many symbols a new item's code gets: the fewest at which under 1 % of the codes are in use.
    pub fn shortest_code(&self, kind: ItemKind) -> u8 {
        code::shortest_length(self.by_kind.get(&kind).map_or(0, Vec::len))
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

    /// The entry that introduced a device.
    pub fn device_since(&self, id: DeviceId) -> Option<Stamp> {
        self.devices.get(&id).and_then(|(entry, _)| self.stamp(*entry))
    }

    /// Every introduced device.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &Device)> {
        self.devices.iter().map(|(id, (_, device))| (*id, device))
    }

    /// A device of another team, if a card that we took introduced it: that of a team which we know now, before that of
    /// one which was removed.
    pub fn peer_device(&self, id: DeviceId) -> Option<&PeerDevice> {
        let claims = self.peer_devices.get(&id)?;
        let known = claims.iter().find(|(_, device)| Peer::get(self, device.peer).is_some());
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
        // Asked for each entry while a vault is opened: without strikes it is not looked for.
        if self.strikes.is_empty() {
            return None;
        }
        self.strikes.get(&(self.stamp_of(entry)?.stream, entry)).map(|(_, strike)| strike)
    }

    /// True if a strike of this stream names the entry, whether or not the entry itself is here.
    pub fn is_struck(&self, stream: StreamId, entry: EntryId) -> bool {
        self.strikes.contains_key(&(stream, entry))
    }

    /// Every entry known here that was struck.
    pub fn strikes(&self) -> impl Iterator<Item = EntryId> {
        let reached =
            |(stream, entry): &&(StreamId, EntryId)| self.stamp_of(*entry).is_some_and(|stamp| stamp.stream == *stream);
        self.strikes.keys().filter(reached).map(|(_, entry)| *entry)
    }

    /// True if an entry is one that strikes: it can't be struck in turn.
    pub fn strikes_others(&self, entry: EntryId) -> bool {
        let no = self.numbers.get(entry);
        no.is_some_and(|no| self.strikes.values().any(|(_, strike)| strike.by.0 == no))
    }

    /// How many bodies of a compartment can't be read here: "a restricted item exists".
    pub fn unreadable(&self, stream: StreamId, class: Class) -> u32 {
        let count = self.unreadable.get(&(stream, class)).map_or(0, IdSet::len);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Facts of kinds that this version doesn't know.
    pub fn unknown_facts(&self) -> u32 {
        self.unknown_facts.values().sum()
    }
}
