//! Order: chains, parking, forks, and what the next entry of a device must say.
//!
//! The ledger takes entries in any order and hands them on with parents before children. It detects forks (same
//! chain and sequence, other id) and keeps both branches; an entry whose predecessors are missing is parked until
//! they come or a person accepts the gap. No clock takes part.

use crate::domain::class::Class;
use crate::domain::ids::{DeviceId, EntryId, StreamId};
use crate::domain::idtable::{EntryTable, IdMap, IdSet};

use super::entry::{Header, MAX_PARENTS, Standing};

/// One device's chain in one compartment.
pub type ChainKey = (DeviceId, StreamId, Class);

/// Why an entry can't be part of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderError {
    /// `previous` is not the entry before it in the same chain.
    Chain,
    /// A parent belongs to another stream or class.
    Parent,
    /// The Lamport number is not 1 + the highest of the parents'.
    Lamport,
}

/// Two entries that claim the same place of a chain: the device was copied, restored, or lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The chain's device.
    pub device: DeviceId,
    /// The chain's stream.
    pub stream: StreamId,
    /// The chain's class.
    pub class: Class,
    /// The place.
    pub sequence: u64,
    /// The entry that was there first, here.
    pub first: EntryId,
    /// The other.
    pub second: EntryId,
}

/// What the next entry of a chain must carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The next sequence.
    pub sequence: u64,
    /// The chain's last entry, or zeros.
    pub previous: EntryId,
    /// The heads of the compartment, sorted.
    pub parents: Vec<EntryId>,
    /// 1 + the highest of the parents'.
    pub lamport: u64,
}

/// Where a known entry stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    chain: u32,
    sequence: u64,
    lamport: u64,
}

/// Numbers of entries; nearly always one, which needs no memory of its own.
#[derive(Clone, Debug)]
enum Few {
    One(u32),
    Many(Vec<u32>),
}

impl Few {
    const NONE: Self = Self::Many(Vec::new());

    fn all(&self) -> &[u32] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    fn insert(&mut self, at: usize, number: u32) {
        match self {
            Self::Many(many) if many.is_empty() => *self = Self::One(number),
            Self::Many(many) => many.insert(at, number),
            Self::One(one) => {
                let mut both = vec![*one];
                both.insert(at, number);
                *self = Self::Many(both);
            }
        }
    }

    fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        match self {
            Self::One(one) if keep(*one) => {}
            Self::One(_) => *self = Self::NONE,
            Self::Many(many) => many.retain(|number| keep(*number)),
        }
    }
}

/// One stream × class.
#[derive(Debug)]
struct Compartment {
    heads: Few,
    /// Its chains, in the order of the numbers of their devices.
    chains: Few,
}

/// One device's chain in one compartment.
#[derive(Debug)]
struct Chain {
    compartment: u32,
    device: u32,
    /// The first entry seen at each sequence, in the order of sequences: the last is the tip.
    firsts: Few,
}

/// Where an entry belongs, as far as that is there before it.
#[derive(Clone, Copy)]
struct Spot {
    compartment: Option<u32>,
    chain: Option<u32>,
    /// The last entry of the chain.
    tip: Option<u32>,
}

/// The predecessors of an entry and its place, found once.
struct Found {
    spot: Spot,
    previous: Option<u32>,
    parents: [u32; MAX_PARENTS],
    known: usize,
    /// A parent that will never come, as a person accepted.
    gap: bool,
}

impl Found {
    fn parents(&self) -> &[u32] {
        &self.parents[..self.known]
    }
}

/// What came of offering an entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Offered<T> {
    /// These entries may be folded now, in this order.
    Ready(Ready<T>),
    /// It waits for predecessors.
    Parked,
    /// It is already here: what travelled with it comes back.
    Known(T),
}

/// What became of an entry that was taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// It may be folded now, and after it these, which had waited for it: nearly always none.
    Ready(Vec<T>),
    /// It waits for this entry: it is to be parked.
    Waits(EntryId),
    /// It is already here.
    Known,
}

/// Entries that may be folded now.
#[derive(Debug, PartialEq, Eq)]
pub struct Ready<T> {
    /// The one that was offered.
    pub offered: T,
    /// Those that had waited for it: nearly always none.
    pub released: Vec<T>,
}

impl<T> IntoIterator for Ready<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::iter::Once<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.offered).chain(self.released)
    }
}

/// The order of all entries. `T` is whatever travels with a header until it is ready.
///
/// Ids, devices and compartments are numbered as they come, so that a million entries take some hundred bytes each.
#[derive(Debug)]
pub struct Ledger<T> {
    known: EntryTable,
    /// By the entry's number.
    places: Vec<Place>,
    accepted_gaps: IdSet<EntryId>,
    devices: IdMap<DeviceId, u32>,
    compartments: Vec<Compartment>,
    compartment_numbers: IdMap<(StreamId, Class), u32>,
    /// The compartment that was asked for last: what is written together comes together.
    last: Option<((StreamId, Class), u32)>,
    chains: Vec<Chain>,
    parked: IdMap<EntryId, (Standing, T)>,
    waiting: IdMap<EntryId, Vec<EntryId>>,
    forks: Vec<Fork>,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self {
            known: EntryTable::default(),
            places: Vec::new(),
            accepted_gaps: IdSet::default(),
            devices: IdMap::default(),
            compartments: Vec::new(),
            compartment_numbers: IdMap::default(),
            last: None,
            chains: Vec::new(),
            parked: IdMap::default(),
            waiting: IdMap::default(),
            forks: Vec::new(),
        }
    }
}

/// The next free number of a list.
fn next_number<X>(list: &[X]) -> u32 {
    u32::try_from(list.len()).expect("fewer than 2^32 of anything: the reader bounds them")
}

impl<T> Ledger<T> {
    /// Takes an entry whose signature was checked. What is ready comes back in an order to be folded in.
    ///
    /// # Errors
    /// If the entry contradicts its chain; nothing is kept of it. An entry that was parked and turns out to
    /// contradict its chain when its predecessors come is dropped then.
    pub fn offer(&mut self, id: EntryId, header: &Header, payload: T) -> Result<Offered<T>, OrderError> {
        let standing = Standing::from(header);
        match self.take(id, &standing)? {
            Taken::Known => Ok(Offered::Known(payload)),
            Taken::Ready(released) => Ok(Offered::Ready(Ready { offered: payload, released })),
            Taken::Waits(missing) => {
                self.park(id, standing, payload, missing);
                Ok(Offered::Parked)
            }
        }
    }

    /// As [`Ledger::offer`] for many: what travels with the entry stays with the caller, and is handed over with
    /// [`Ledger::park`] only if it has to wait.
    ///
    /// # Errors
    /// As [`Ledger::offer`].
    pub fn take(&mut self, id: EntryId, entry: &Standing) -> Result<Taken<T>, OrderError> {
        let spot = self.spot(entry);
        if self.is_here(id, entry, spot) {
            return Ok(Taken::Known);
        }
        let found = match self.find(entry, spot) {
            Ok(found) => found,
            Err(missing) => return Ok(Taken::Waits(missing)),
        };
        self.check(entry, &found)?;
        self.admit(id, entry, &found);
        let mut released = Vec::new();
        self.release(id, &mut released);
        Ok(Taken::Ready(released))
    }

    /// Replaces what travels with an entry that waits; false if none with this id does.
    pub fn replace_parked(&mut self, id: EntryId, payload: T) -> bool {
        let parked = self.parked.get_mut(&id);
        let waits = parked.is_some();
        if let Some((_, old)) = parked {
            *old = payload;
        }
        waits
    }

    /// True if the entry is here and waits for predecessors.
    pub fn is_parked(&self, id: EntryId) -> bool {
        self.parked.contains_key(&id)
    }

    /// What travels with an entry that waits; `None` if none with this id does.
    pub fn parked_payload(&self, id: EntryId) -> Option<&T> {
        self.parked.get(&id).map(|(_, payload)| payload)
    }

    /// A person accepts that this entry will never come; whatever waited for it alone is ready.
    pub fn accept_gap(&mut self, missing: EntryId) -> Vec<T> {
        self.accepted_gaps.insert(missing);
        let mut ready = Vec::new();
        self.release(missing, &mut ready);
        ready
    }

    /// Keeps an entry until what it waits for has come.
    pub fn park(&mut self, id: EntryId, entry: Standing, payload: T, missing: EntryId) {
        self.waiting.entry(missing).or_default().push(id);
        self.parked.insert(id, (entry, payload));
    }

    /// Where an entry belongs.
    fn spot(&mut self, entry: &Standing) -> Spot {
        let place = (entry.stream, entry.class);
        let compartment = match self.last {
            Some((last, number)) if last == place => Some(number),
            _ => self.compartment_numbers.get(&place).copied(),
        };
        self.last = compartment.map(|number| (place, number));
        let chain = compartment.and_then(|compartment| self.chain_in(compartment, entry.device).ok());
        let tip = chain.and_then(|chain| self.chains[chain as usize].firsts.all().last().copied());
        Spot { compartment, chain, tip }
    }

    /// True if the entry is here already, part of the order or parked.
    ///
    /// An id is the hash of a header, which says in which chain the entry stands and where: one that comes behind the
    /// end of its chain is not part of the order. That is nearly every one, so that no id has to be looked for.
    fn is_here(&self, id: EntryId, entry: &Standing, spot: Spot) -> bool {
        let behind_all = spot.tip.is_none_or(|tip| self.places[tip as usize].sequence < entry.sequence);
        (!behind_all && self.known.get(id).is_some()) || (!self.parked.is_empty() && self.parked.contains_key(&id))
    }

    /// The predecessors of an entry, or the first of them that is not here.
    fn find(&self, entry: &Standing, spot: Spot) -> Result<Found, EntryId> {
        let mut found = Found { spot, previous: None, parents: [0; MAX_PARENTS], known: 0, gap: false };
        if entry.sequence > 1 {
            // Nearly always it goes on where its chain ends, which needs no search among all ids.
            let goes_on = spot.tip.filter(|tip| self.known.id(*tip) == Some(entry.previous));
            found.previous = goes_on.or_else(|| self.known.get(entry.previous));
            if found.previous.is_none() && !self.accepted_gaps.contains(&entry.previous) {
                return Err(entry.previous);
            }
        }
        for parent in entry.parents.iter().take(MAX_PARENTS) {
            // Most often the chain's last entry is the only parent, else other heads of the compartment are.
            let known = if *parent == entry.previous {
                found.previous
            } else {
                self.head(spot, *parent).or_else(|| self.known.get(*parent))
            };
            match known {
                Some(number) => {
                    found.parents[found.known] = number;
                    found.known += 1;
                }
                None if self.accepted_gaps.contains(parent) => found.gap = true,
                None => return Err(*parent),
            }
        }
        Ok(found)
    }

    /// The number of an entry if it is among the first heads of a compartment.
    fn head(&self, spot: Spot, id: EntryId) -> Option<u32> {
        let heads = self.compartments[spot.compartment? as usize].heads.all();
        heads.iter().take(MAX_PARENTS).copied().find(|head| self.known.id(*head) == Some(id))
    }

    fn check(&self, entry: &Standing, found: &Found) -> Result<(), OrderError> {
        if let Some(place) = found.previous.map(|number| self.places[number as usize])
            && (found.spot.chain != Some(place.chain) || place.sequence + 1 != entry.sequence)
        {
            return Err(OrderError::Chain);
        }
        let mut highest = 0;
        for parent in found.parents() {
            let place = self.places[*parent as usize];
            if Some(self.chains[place.chain as usize].compartment) != found.spot.compartment {
                return Err(OrderError::Parent);
            }
            highest = highest.max(place.lamport);
        }
        let fits = if found.gap { entry.lamport > highest } else { entry.lamport == highest + 1 };
        if fits { Ok(()) } else { Err(OrderError::Lamport) }
    }

    fn chain_of(&self, (device, stream, class): ChainKey) -> Option<u32> {
        self.chain_in(*self.compartment_numbers.get(&(stream, class))?, device).ok()
    }

    /// A device's chain in a compartment, or where among its chains it would stand.
    fn chain_in(&self, compartment: u32, device: DeviceId) -> Result<u32, usize> {
        let chains = self.compartments[compartment as usize].chains.all();
        // A device without a number has no chain anywhere; it would get the next number.
        let Some(device) = self.devices.get(&device) else { return Err(chains.len()) };
        let found = chains.binary_search_by_key(device, |chain| self.chains[*chain as usize].device);
        found.map(|at| chains[at])
    }

    /// The number of an entry's chain, which is begun if it is new.
    fn chain_or_new(&mut self, entry: &Standing, found: &Found, first: u32) -> u32 {
        if let Some(chain) = found.spot.chain {
            return chain;
        }
        let compartment = found.spot.compartment.unwrap_or_else(|| {
            let number = next_number(&self.compartments);
            self.compartments.push(Compartment { heads: Few::NONE, chains: Few::NONE });
            self.compartment_numbers.insert((entry.stream, entry.class), number);
            number
        });
        let place = self.chain_in(compartment, entry.device).err().unwrap_or(0);
        let next = u32::try_from(self.devices.len()).expect("fewer devices than entries");
        let device = *self.devices.entry(entry.device).or_insert(next);
        let chain = next_number(&self.chains);
        self.chains.push(Chain { compartment, device, firsts: Few::One(first) });
        self.compartments[compartment as usize].chains.insert(place, chain);
        chain
    }

    fn admit(&mut self, id: EntryId, entry: &Standing, found: &Found) {
        let number = self.known.push(id);
        let chain = self.chain_or_new(entry, found, number);
        self.places.push(Place { chain, sequence: entry.sequence, lamport: entry.lamport });
        let first = self.first_at(chain, entry.sequence, number);
        if first != number {
            let (device, stream, class) = (entry.device, entry.stream, entry.class);
            let first = self.id(first);
            self.forks.push(Fork { device, stream, class, sequence: entry.sequence, first, second: id });
        }
        let heads = &mut self.compartments[self.chains[chain as usize].compartment as usize].heads;
        heads.retain(|head| !found.parents().contains(&head));
        // A gap that was accepted has a child already, so it is no head when it comes after all.
        if !self.accepted_gaps.contains(&id) {
            heads.insert(heads.all().len(), number);
        }
    }

    /// The first entry seen at a sequence of a chain: `number`, unless there was one before.
    fn first_at(&mut self, chain: u32, sequence: u64, number: u32) -> u32 {
        let Self { chains, places, .. } = self;
        let firsts = &mut chains[chain as usize].firsts;
        // Nearly always it comes behind all others.
        if firsts.all().last().is_some_and(|last| places[*last as usize].sequence < sequence) {
            firsts.insert(firsts.all().len(), number);
            return number;
        }
        match firsts.all().binary_search_by_key(&sequence, |first| places[*first as usize].sequence) {
            Ok(at) => firsts.all()[at],
            Err(at) => {
                firsts.insert(at, number);
                number
            }
        }
    }

    fn id(&self, number: u32) -> EntryId {
        self.known.id(number).expect("only numbers that the table gave are kept")
    }

    fn release(&mut self, arrived: EntryId, ready: &mut Vec<T>) {
        if self.waiting.is_empty() {
            return;
        }
        let mut arrived = vec![arrived];
        while let Some(id) = arrived.pop() {
            for waiter in self.waiting.remove(&id).unwrap_or_default() {
                let Some((entry, payload)) = self.parked.remove(&waiter) else { continue };
                let spot = self.spot(&entry);
                match self.find(&entry, spot) {
                    Err(missing) => self.park(waiter, entry, payload, missing),
                    Ok(found) if self.check(&entry, &found).is_ok() => {
                        self.admit(waiter, &entry, &found);
                        ready.push(payload);
                        arrived.push(waiter);
                    }
                    Ok(_) => {}
                }
            }
        }
    }

    /// What this device's next entry in the compartment must carry.
    pub fn next(&self, chain: ChainKey) -> Next {
        let tip = self.chain_of(chain).and_then(|chain| self.chains[chain as usize].firsts.all().last());
        let (sequence, previous) =
            tip.map_or((0, EntryId([0; 32])), |tip| (self.places[*tip as usize].sequence, self.id(*tip)));
        let compartment = self.compartment_numbers.get(&(chain.1, chain.2));
        let heads = compartment.map_or(&[][..], |at| self.compartments[*at as usize].heads.all());
        let mut heads: Vec<(u64, EntryId)> =
            heads.iter().map(|head| (self.places[*head as usize].lamport, self.id(*head))).collect();
        // With more heads than fit, the highest go first; the rest stay heads for the entry after.
        heads.sort_unstable_by(|a, b| b.cmp(a));
        heads.truncate(MAX_PARENTS);
        let lamport = heads.first().map_or(0, |(lamport, _)| *lamport) + 1;
        let mut parents: Vec<EntryId> = heads.into_iter().map(|(_, id)| id).collect();
        parents.sort_unstable();
        Next { sequence: sequence + 1, previous, parents, lamport }
    }

    /// The sequence of the last entry of each chain.
    pub fn tips(&self) -> std::collections::HashMap<ChainKey, u64> {
        let devices: IdMap<u32, DeviceId> = self.devices.iter().map(|(id, number)| (*number, *id)).collect();
        let numbers = &self.compartment_numbers;
        let places: IdMap<u32, (StreamId, Class)> = numbers.iter().map(|(at, number)| (*number, *at)).collect();
        let tip = |chain: &Chain| {
            let (stream, class) = *places.get(&chain.compartment)?;
            let tip = chain.firsts.all().last()?;
            Some(((*devices.get(&chain.device)?, stream, class), self.places[*tip as usize].sequence))
        };
        self.chains.iter().filter_map(tip).collect()
    }

    /// The highest sequence that a device has in any of its chains; 0 if it signed nothing. What waits counts too: it
    /// was signed.
    pub fn last_sequence(&self, device: DeviceId) -> u64 {
        let number = self.devices.get(&device).copied();
        let chains = self.chains.iter().filter(|chain| Some(chain.device) == number);
        let tips = chains.filter_map(|chain| chain.firsts.all().last());
        let parked = self.parked.values().filter(|(entry, _)| entry.device == device);
        let parked = parked.map(|(entry, _)| entry.sequence).max();
        tips.map(|tip| self.places[*tip as usize].sequence).max().max(parked).unwrap_or(0)
    }

    /// True if the entry is part of the order (parked ones are not).
    pub fn contains(&self, id: EntryId) -> bool {
        self.known.get(id).is_some()
    }

    /// How many entries are part of the order.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// True before the first entry.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Entries that wait for predecessors, with what each waits for.
    pub fn parked(&self) -> impl Iterator<Item = (EntryId, EntryId)> {
        self.waiting.iter().flat_map(|(missing, waiters)| waiters.iter().map(|waiter| (*waiter, *missing)))
    }

    /// Every entry that waits for predecessors, with what travels with it.
    pub fn waiting(&self) -> impl Iterator<Item = (&Standing, &T)> {
        self.parked.values().map(|(entry, payload)| (entry, payload))
    }

    /// True if an entry of this device waits for predecessors: what it writes next would fork its chain.
    pub fn waits(&self, device: DeviceId) -> bool {
        self.parked.values().any(|(entry, _)| entry.device == device)
    }

    /// Every fork seen.
    pub fn forks(&self) -> &[Fork] {
        &self.forks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::{ItemId, VaultId};

    /// Writes as a device would whose ledger knows what is in `ledger`.
    fn write(ledger: &mut Ledger<()>, device: u8, stream: u8, wall: i64) -> (EntryId, Header) {
        let (device, stream, class) = (DeviceId([device; 32]), StreamId([stream; 16]), Class::Core);
        let Next { sequence, previous, parents, lamport } = ledger.next((device, stream, class));
        let header = Header {
            vault: VaultId([1; 16]),
            author: ItemId([2; 16]),
            device,
            stream,
            class,
            sequence,
            previous,
            lamport,
            wall,
            parents,
            body_length: 64,
            body_hash: [3; 32],
        };
        let id = header.id();
        assert!(matches!(ledger.offer(id, &header, ()), Ok(Offered::Ready(_))), "it follows what is there");
        (id, header)
    }

    /// Three devices that write apart and hear of each other now and then, one of them restored from a backup in
    /// between: chains, concurrent heads, parents that are no heads any more, a fork.
    fn history() -> Vec<(EntryId, Header)> {
        let (mut all, mut heard) = (Vec::new(), [0; 3]);
        let mut ledgers: Vec<Ledger<()>> = (0..3).map(|_| Ledger::default()).collect();
        for step in 0..40 {
            let who = [0, 1, 0, 2, 1, 1, 0][step % 7];
            if step == 20 {
                (ledgers[0], heard[0]) = (Ledger::default(), 0);
            }
            if step % 3 == who || step == 20 {
                let until = if step == 20 { 8 } else { all.len() };
                for (id, header) in &all[heard[who].min(until)..until] {
                    // Its own come back to it.
                    let _ = ledgers[who].offer(*id, header, ());
                }
                heard[who] = until;
            }
            let device = u8::try_from(who).expect("few");
            let stream = u8::from(step % 5 == 1);
            all.push(write(&mut ledgers[who], device, stream, i64::try_from(step).expect("few")));
        }
        all
    }

    /// What each chain's next entry would say, apart from which of two in one place came first.
    fn told(ledger: &Ledger<()>) -> Vec<(u64, Vec<EntryId>, u64)> {
        let chains = (0..3).flat_map(|device| (0..2).map(move |stream| (device, stream)));
        let chains = chains.map(|(device, stream)| (DeviceId([device; 32]), StreamId([stream; 16]), Class::Core));
        let next = chains.map(|chain| ledger.next(chain));
        next.map(|next| (next.sequence, next.parents, next.lamport)).collect()
    }

    proptest! {
        /// An entry is known from its second coming on, whatever comes in which order and how often, and the end is the
        /// same.
        #[test]
        fn each_entry_is_new_once_and_the_order_does_not_matter(order in prop::collection::vec(0usize..40, 0..200)) {
            let all = history();
            let mut straight = Ledger::default();
            for (id, header) in &all {
                let _ = straight.offer(*id, header, ());
            }
            prop_assert!(straight.len() == all.len() && !straight.forks().is_empty());
            let (mut ledger, mut seen) = (Ledger::default(), IdSet::<EntryId>::default());
            for (id, header) in order.iter().map(|at| &all[*at]).chain(&all) {
                let first = seen.insert(*id);
                let offered = ledger.offer(*id, header, ()).expect("honest chains");
                prop_assert_eq!(first, offered != Offered::Known(()));
                prop_assert_eq!(ledger.contains(*id), !ledger.is_parked(*id));
            }
            prop_assert_eq!((ledger.len(), ledger.parked().count()), (all.len(), 0));
            prop_assert_eq!(ledger.forks().len(), straight.forks().len());
            prop_assert_eq!(told(&ledger), told(&straight));
        }
    }
}
