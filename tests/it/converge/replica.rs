//! A copy of the log without a vault: State and order, as a session holds them.

use std::fmt::Write as _;
use std::rc::Rc;

use mahoe::domain::class::Class;
use mahoe::domain::fact::Fact;
use mahoe::domain::field::Field;
use mahoe::domain::ids::{DeviceId, EntryId, ItemId, StreamId, StreamKind, VaultId};
use mahoe::domain::state::{Applied, Body, Stamp, State};
use mahoe::domain::value::Value;
use mahoe::log::codec;
use mahoe::log::entry::Header;
use mahoe::log::order::{Ledger, Offered};
use mahoe::testing::dump::dump;

pub const VAULT: VaultId = VaultId([3; 16]);

pub fn team() -> StreamId {
    StreamId::team(VAULT)
}

/// One of a few cases.
pub fn case(number: usize) -> StreamId {
    StreamId::new(StreamKind::Case, [u8::try_from(number).unwrap(); 15])
}

/// splitmix64: small, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub fn bytes(&mut self) -> [u8; 16] {
        (u128::from(self.next()) << 64 | u128::from(self.next())).to_le_bytes()
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub header: Header,
    pub facts: Rc<Vec<Fact>>,
}

/// What travels with a header until it is ready: nothing where the body is withheld.
type Waiting = (Entry, bool);

pub struct Replica {
    pub device: DeviceId,
    pub state: State,
    pub ledger: Ledger<Waiting>,
    /// Everything whose body is here, in the order of arrival.
    pub entries: Vec<Entry>,
    pub wall: i64,
    salt: u64,
}

impl Replica {
    pub fn new(device: u8) -> Self {
        Self {
            device: DeviceId([device; 32]),
            state: State::new(VAULT),
            ledger: Ledger::default(),
            entries: Vec::new(),
            wall: 0,
            salt: u64::from(device) << 32,
        }
    }

    /// A copy from a backup: the same device, the same entries, and what it writes from now on is its own.
    pub fn restored(&self, dice: &mut Dice) -> Self {
        let mut copy = Self::new(0);
        copy.device = self.device;
        copy.salt = dice.next();
        self.entries.iter().for_each(|entry| copy.take(entry));
        copy
    }

    /// Folds an entry in as a session does: ordered, and again where a strike asks for it.
    pub fn take(&mut self, entry: &Entry) {
        self.offer(entry, true);
    }

    /// An entry of which only the header came.
    pub fn take_withheld(&mut self, entry: &Entry) {
        self.offer(entry, false);
    }

    fn offer(&mut self, entry: &Entry, body: bool) {
        let id = entry.header.id();
        let known = self.entries.iter().any(|known| known.header == entry.header);
        if body && !known {
            self.entries.push(entry.clone());
        }
        match self.ledger.offer(id, &entry.header, (entry.clone(), body)).expect("honest chains") {
            Offered::Ready(ready) => ready.into_iter().for_each(|(entry, body)| {
                // What comes for the first time may be given as such, or not. What was folded again with its stream
                // meanwhile does not come for the first time.
                let id = entry.header.id();
                let new = id.0[0] % 2 == 0 && self.state.stamp_of(id).is_none();
                self.fold(&entry, body, if new { State::apply_new } else { State::apply });
            }),
            // The body of a header that was here.
            Offered::Known(_) if body && !known && self.ledger.contains(id) => self.fold(entry, true, State::apply),
            Offered::Known(_) | Offered::Parked => {}
        }
    }

    fn fold(&mut self, entry: &Entry, body: bool, apply: fn(&mut State, &Stamp, Body<'_>) -> Applied) {
        let stamp = entry.header.stamp(entry.header.id());
        let body = if body { Body::Present((&entry.facts[..]).into()) } else { Body::Withheld };
        let mut applied = apply(&mut self.state, &stamp, body);
        while let Applied::Refold(streams) = applied {
            applied = Applied::Done;
            for stream in streams {
                let again = self.refold(stream);
                if again != Applied::Done {
                    applied = again;
                }
            }
        }
    }

    fn refold(&mut self, stream: StreamId) -> Applied {
        self.state.forget(stream);
        let ours = |entry: &&Entry| entry.header.stream == stream && self.ledger.contains(entry.header.id());
        let mut again: Vec<Entry> = self.entries.iter().filter(ours).cloned().collect();
        again.sort_by_key(|entry| (entry.header.lamport, entry.header.id()));
        let mut all = Applied::Done;
        for entry in again {
            let applied =
                self.state.apply(&entry.header.stamp(entry.header.id()), Body::Present((&entry.facts[..]).into()));
            if applied != Applied::Done {
                all = applied;
            }
        }
        all
    }

    /// Writes an entry and folds it.
    pub fn write(&mut self, stream: StreamId, class: Class, facts: Vec<Fact>) {
        self.salt += 1;
        let mut salt = [0; codec::SALT];
        salt[..8].copy_from_slice(&self.salt.to_le_bytes());
        let body = codec::encode_body(salt, &facts).expect("small");
        assert_eq!(codec::decode_body(&body).as_ref(), Ok(&facts));
        let next = self.ledger.next((self.device, stream, class));
        let header = Header {
            vault: VAULT,
            device: self.device,
            author: ItemId([0; 16]),
            stream,
            class,
            sequence: next.sequence,
            previous: next.previous,
            lamport: next.lamport,
            wall: self.wall,
            parents: next.parents,
            body_length: u32::try_from(body.len()).unwrap(),
            body_hash: *blake3::hash(&body).as_bytes(),
        };
        assert_eq!(Header::decode(&header.encode()), Ok(header.clone()));
        self.take(&Entry { header, facts: Rc::new(facts) });
    }

    /// Sets a field, replacing what is seen here.
    pub fn set(&mut self, stream: StreamId, item: ItemId, field: Field, own: Class, value: Value) {
        let replaces = self.state.heads(item, field);
        self.write(stream, field.class(own), vec![Fact::Set { item, field, value, replaces }]);
    }

    /// Every value that a field was given.
    pub fn past(&self, item: ItemId, field: Field) -> Vec<Value> {
        let facts = self.entries.iter().flat_map(|entry| entry.facts.iter());
        let value = facts.filter_map(|fact| match fact {
            Fact::Set { item: of, field: which, value, .. } if (*of, *which) == (item, field) => Some(value.clone()),
            _ => None,
        });
        value.collect()
    }

    /// The State, and what the next entry of a newcomer would have to say.
    pub fn dump(&self) -> String {
        let mut text = dump(&self.state);
        for stream in [team(), case(0), case(1)] {
            for class in Class::ALL {
                let next = self.ledger.next((DeviceId([200; 32]), stream, *class));
                let _ = write!(text, "\nnext {stream} {class} {} {:?}", next.lamport, next.parents);
            }
        }
        let mut ids: Vec<EntryId> = self.entries.iter().map(|entry| entry.header.id()).collect();
        ids.sort_unstable();
        let _ = write!(text, "\n{} entries, {:?}", ids.len(), ids.first());
        text
    }
}
