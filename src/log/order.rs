//! Order: chains, parking, forks, and what the next entry of a device must say.
//!
//! The ledger takes entries in any order and hands them on with parents before children. It detects forks (same
//! chain and sequence, other id) and keeps both branches; an entry whose predecessors are missing is parked until
//! they come or a person accepts the gap. No clock takes part.

use std::collections::{HashMap, HashSet};

use crate::domain::class::Class;
use crate::domain::ids::{DeviceId, EntryId, StreamId};

use super::entry::{Header, MAX_PARENTS};

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

#[derive(Clone, Copy, Debug)]
struct Place {
    stream: StreamId,
    class: Class,
    device: DeviceId,
    sequence: u64,
    lamport: u64,
}

/// What came of offering an entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Offered<T> {
    /// These entries may be folded now, in this order; the offered one is the first.
    Ready(Vec<T>),
    /// It waits for predecessors.
    Parked,
    /// It is already here.
    Known,
}

/// The first entry seen at a sequence of a chain; `id` if none was.
fn first_at(places: &mut Vec<(u64, EntryId)>, sequence: u64, id: EntryId) -> EntryId {
    match places.binary_search_by_key(&sequence, |(sequence, _)| *sequence) {
        Ok(at) => places[at].1,
        Err(at) => {
            places.insert(at, (sequence, id));
            id
        }
    }
}

/// The order of all entries. `T` is whatever travels with a header until it is ready.
#[derive(Debug)]
pub struct Ledger<T> {
    known: HashMap<EntryId, Place>,
    accepted_gaps: HashSet<EntryId>,
    tips: HashMap<ChainKey, (u64, EntryId)>,
    /// Per chain the first entry seen at each sequence, sorted.
    places: HashMap<ChainKey, Vec<(u64, EntryId)>>,
    heads: HashMap<(StreamId, Class), Vec<EntryId>>,
    parked: HashMap<EntryId, (Header, T)>,
    waiting: HashMap<EntryId, Vec<EntryId>>,
    forks: Vec<Fork>,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            accepted_gaps: HashSet::new(),
            tips: HashMap::new(),
            places: HashMap::new(),
            heads: HashMap::new(),
            parked: HashMap::new(),
            waiting: HashMap::new(),
            forks: Vec::new(),
        }
    }
}

impl<T> Ledger<T> {
    /// Takes an entry whose signature was checked. What is ready comes back in an order to be folded in.
    ///
    /// # Errors
    /// If the entry contradicts its chain; nothing is kept of it. An entry that was parked and turns out to
    /// contradict its chain when its predecessors come is dropped then.
    pub fn offer(&mut self, id: EntryId, header: &Header, payload: T) -> Result<Offered<T>, OrderError> {
        if self.known.contains_key(&id) || self.parked.contains_key(&id) {
            return Ok(Offered::Known);
        }
        let missing = self.missing(header);
        if let Some(missing) = missing {
            self.waiting.entry(missing).or_default().push(id);
            self.parked.insert(id, (header.clone(), payload));
            return Ok(Offered::Parked);
        }
        self.check(header)?;
        self.admit(id, header);
        let mut ready = vec![payload];
        self.release(id, &mut ready);
        Ok(Offered::Ready(ready))
    }

    /// A person accepts that this entry will never come; whatever waited for it alone is ready.
    pub fn accept_gap(&mut self, missing: EntryId) -> Vec<T> {
        self.accepted_gaps.insert(missing);
        let mut ready = Vec::new();
        self.release(missing, &mut ready);
        ready
    }

    /// The first predecessor that is not here.
    fn missing(&self, header: &Header) -> Option<EntryId> {
        let previous = (header.sequence > 1).then_some(header.previous);
        previous
            .into_iter()
            .chain(header.parents.iter().copied())
            .find(|id| !self.known.contains_key(id) && !self.accepted_gaps.contains(id))
    }

    fn check(&self, header: &Header) -> Result<(), OrderError> {
        if header.sequence > 1 {
            let fits = self.known.get(&header.previous).is_none_or(|place| {
                (place.device, place.stream, place.class) == (header.device, header.stream, header.class)
                    && place.sequence + 1 == header.sequence
            });
            if !fits {
                return Err(OrderError::Chain);
            }
        }
        let mut highest = 0;
        let mut gap = false;
        for parent in &header.parents {
            match self.known.get(parent) {
                Some(place) if (place.stream, place.class) == (header.stream, header.class) => {
                    highest = highest.max(place.lamport);
                }
                Some(_) => return Err(OrderError::Parent),
                None => gap = true,
            }
        }
        let fits = if gap { header.lamport > highest } else { header.lamport == highest + 1 };
        if fits { Ok(()) } else { Err(OrderError::Lamport) }
    }

    fn admit(&mut self, id: EntryId, header: &Header) {
        let chain = (header.device, header.stream, header.class);
        let place = Place {
            stream: header.stream,
            class: header.class,
            device: header.device,
            sequence: header.sequence,
            lamport: header.lamport,
        };
        self.known.insert(id, place);
        let first = first_at(self.places.entry(chain).or_default(), header.sequence, id);
        if first == id {
            let tip = self.tips.entry(chain).or_insert((0, EntryId([0; 32])));
            if header.sequence > tip.0 {
                *tip = (header.sequence, id);
            }
        } else {
            let (device, stream, class) = chain;
            self.forks.push(Fork { device, stream, class, sequence: header.sequence, first, second: id });
        }
        let heads = self.heads.entry((header.stream, header.class)).or_default();
        heads.retain(|head| header.parents.binary_search(head).is_err());
        // A gap that was accepted has a child already, so it is no head when it comes after all.
        if !self.accepted_gaps.contains(&id) {
            heads.push(id);
        }
    }

    fn release(&mut self, arrived: EntryId, ready: &mut Vec<T>) {
        let mut arrived = vec![arrived];
        while let Some(id) = arrived.pop() {
            for waiter in self.waiting.remove(&id).unwrap_or_default() {
                let Some((header, payload)) = self.parked.remove(&waiter) else { continue };
                let still_missing = self.missing(&header);
                if let Some(missing) = still_missing {
                    self.waiting.entry(missing).or_default().push(waiter);
                    self.parked.insert(waiter, (header, payload));
                } else if self.check(&header).is_ok() {
                    self.admit(waiter, &header);
                    ready.push(payload);
                    arrived.push(waiter);
                }
            }
        }
    }

    /// What this device's next entry in the compartment must carry.
    pub fn next(&self, chain: ChainKey) -> Next {
        let (sequence, previous) = self.tips.get(&chain).copied().unwrap_or((0, EntryId([0; 32])));
        let mut heads: Vec<(u64, EntryId)> = self
            .heads
            .get(&(chain.1, chain.2))
            .into_iter()
            .flatten()
            .map(|id| (self.known.get(id).map_or(0, |place| place.lamport), *id))
            .collect();
        // With more heads than fit, the highest go first; the rest stay heads for the entry after.
        heads.sort_unstable_by(|a, b| b.cmp(a));
        heads.truncate(MAX_PARENTS);
        let lamport = heads.first().map_or(0, |(lamport, _)| *lamport) + 1;
        let mut parents: Vec<EntryId> = heads.into_iter().map(|(_, id)| id).collect();
        parents.sort_unstable();
        Next { sequence: sequence + 1, previous, parents, lamport }
    }

    /// True if the entry is part of the order (parked ones are not).
    pub fn contains(&self, id: EntryId) -> bool {
        self.known.contains_key(&id)
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

    /// True if an entry of this device waits for predecessors: what it writes next would fork its chain.
    pub fn waits(&self, device: DeviceId) -> bool {
        self.parked.values().any(|(header, _)| header.device == device)
    }

    /// Every fork seen.
    pub fn forks(&self) -> &[Fork] {
        &self.forks
    }
}
