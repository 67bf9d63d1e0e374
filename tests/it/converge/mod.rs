//! Replicas that write apart and exchange in any order come to the same State, and no write is lost.
//!
//! No vault takes part: entries are made and ordered with the log's own API, and folded as a session does it.

#![allow(clippy::unwrap_used, clippy::needless_for_each, reason = "tests may fail loudly")]

mod replica;

use std::collections::{BTreeSet, HashMap};

use mahoe::domain::class::Class;
use mahoe::domain::fact::Fact;
use mahoe::domain::field::{Field, ItemKind};
use mahoe::domain::ids::{DeviceId, EntryId, ItemId, KeyId, StreamId};
use mahoe::domain::value::Value;
use proptest::prelude::*;
use replica::{Dice, Entry, Replica};

/// Fields that the schedules write, of three classes, with a merge rule each.
const FIELDS: &[Field] =
    &[Field::CaseRisk, Field::CaseChildName, Field::CaseCommunity, Field::CaseConcern, Field::CaseRestricted];

fn value(field: Field, dice: &mut Dice) -> Value {
    let number = dice.below(4);
    match field {
        Field::CaseRisk => Value::code(["high", "medium", "low", "unassessed"][number]),
        Field::CaseRestricted => Value::items([ItemId([u8::try_from(number).unwrap(); 16])]),
        _ if number == 0 => Value::Nothing,
        _ => Value::text(&format!("words {}", dice.below(1000))),
    }
}

/// One thing that a person does at a replica.
fn act(replica: &mut Replica, dice: &mut Dice, mischief: bool) {
    let stream = replica::case(dice.below(2));
    let item = stream.item();
    let cases: Vec<ItemId> = replica.state.items(ItemKind::Case).map(|case| case.id).collect();
    let actions: Vec<(ItemId, Class)> =
        replica.state.items_in(stream, ItemKind::Action).map(|item| (item.id, item.class)).collect();
    match dice.below(if mischief { 14 } else { 11 }) {
        _ if !cases.contains(&item) => {
            replica.write(stream, Class::Core, vec![Fact::Created { item, kind: ItemKind::Case, class: Class::Notes }]);
        }
        0..=3 => {
            let field = FIELDS[dice.below(FIELDS.len())];
            let value = value(field, dice);
            replica.set(stream, item, field, Class::Notes, value);
        }
        4 => {
            // An action: made in one class, its words and its taking back in another.
            let item = ItemId(dice.bytes());
            let class = if dice.below(2) == 0 { Class::Notes } else { Class::Health };
            replica.write(stream, Class::Core, vec![Fact::Created { item, kind: ItemKind::Action, class }]);
            replica.set(stream, item, Field::ActionText, class, Value::text("visit"));
        }
        5 if !actions.is_empty() => {
            let (item, class) = actions[dice.below(actions.len())];
            replica.set(stream, item, Field::ActionDue, class, Value::Date(i32::try_from(dice.below(9)).unwrap()));
        }
        6 if !actions.is_empty() => {
            let (item, class) = actions[dice.below(actions.len())];
            replica.set(stream, item, Field::Retracted, class, Value::YesNo(true));
        }
        7 => {
            // Several fields of one class in one entry, one of them twice.
            let mut facts = Vec::new();
            for field in [Field::CaseRisk, Field::CaseConcern, Field::CaseRisk] {
                let value = value(field, dice);
                let replaces = replica.state.heads(item, field);
                facts.push(Fact::Set { item, field, value, replaces });
            }
            replica.write(stream, Class::Core, facts);
        }
        8 => {
            // Undo: what was said before, as a new fact.
            let field = FIELDS[dice.below(FIELDS.len())];
            let before = replica.past(item, field);
            if !before.is_empty() {
                let value = before[dice.below(before.len())].clone();
                replica.set(stream, item, field, Class::Notes, value);
            }
        }
        9 if dice.below(2) == 0 => {
            let entries: Vec<EntryId> = replica.state.entries_of(stream).map(|stamp| stamp.id).collect();
            let entry = entries[dice.below(entries.len())];
            let free = replica.state.strike(entry).is_none() && !replica.state.strikes_others(entry);
            if free || mischief {
                replica.write(stream, Class::Core, vec![Fact::Struck { entry, reason: format!("{}", dice.below(9)) }]);
            }
        }
        10 => {
            let key = KeyId([u8::try_from(dice.below(3)).unwrap(); 16]);
            let recipients = vec![(ItemId([u8::try_from(dice.below(5)).unwrap(); 16]), "age1".to_owned())];
            let epoch = Fact::Epoch { key, follows: vec![KeyId([9; 16])], recipients };
            replica.write(replica::team(), Class::Core, vec![epoch]);
        }
        11..14 => misbehave(replica, dice, stream),
        _ => {}
    }
}

/// What no honest copy writes, and any holder of a key could.
fn misbehave(replica: &mut Replica, dice: &mut Dice, stream: StreamId) {
    let item = ItemId([u8::try_from(dice.below(2)).unwrap() + 100; 16]);
    let stream = if dice.below(4) == 0 { replica::team() } else { stream };
    let kind = if dice.below(2) == 0 { ItemKind::Note } else { ItemKind::FollowUp };
    let anything = replica.entries[dice.below(replica.entries.len())].header.id();
    let fact = match dice.below(8) {
        0 | 1 => Fact::Created { item, kind, class: Class::Notes },
        2 => Fact::Set { item, field: Field::NoteText, value: Value::text("x"), replaces: vec![anything] },
        3 => Fact::Set { item, field: Field::FollowUpNote, value: Value::text("y"), replaces: Vec::new() },
        4 => Fact::Set { item, field: Field::Retracted, value: Value::YesNo(true), replaces: Vec::new() },
        5 => Fact::Struck { entry: anything, reason: "not mine".into() },
        6 => Fact::Device { device: DeviceId([1; 32]), key: [u8::try_from(dice.below(3)).unwrap(); 32], member: item },
        _ => Fact::Unknown { kind: 900, bytes: vec![1] },
    };
    replica.write(stream, if dice.below(2) == 0 { Class::Core } else { Class::Notes }, vec![fact]);
}

/// Three replicas, random work, partial exchange, forks and clocks that jump; then everybody gets everything.
fn schedule(seed: u64, mischief: bool) -> Vec<Replica> {
    let mut dice = Dice::new(seed);
    let mut replicas: Vec<Replica> = (1..=3).map(Replica::new).collect();
    let mut lost: Vec<Entry> = Vec::new();
    for _ in 0..12 + dice.below(20) {
        let at = dice.below(3);
        replicas[at].wall = i64::try_from(dice.below(1 << 40)).unwrap() - (1 << 39);
        match dice.below(8) {
            0..=4 => act(&mut replicas[at], &mut dice, mischief),
            5 | 6 => {
                // Some of what another has, in no order.
                let other = dice.below(3);
                let mut some: Vec<Entry> = replicas[other].entries.clone();
                dice.shuffle(&mut some);
                some.truncate(dice.below(some.len() + 1));
                some.iter().for_each(|entry| replicas[at].take(entry));
            }
            _ => {
                // A copy of one takes the place of another, device and all: from now on the two fork.
                let other = dice.below(3);
                let copy = replicas[other].restored(&mut dice);
                lost.extend(std::mem::replace(&mut replicas[at], copy).entries);
            }
        }
    }
    let mut all: Vec<Entry> = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in replicas.iter().flat_map(|replica| &replica.entries).chain(&lost) {
        if seen.insert(entry.header.id()) {
            all.push(entry.clone());
        }
    }
    // One that comes late, and one that first sees headers only.
    replicas.push(Replica::new(9));
    replicas.push(Replica::new(10));
    for (index, replica) in replicas.iter_mut().enumerate() {
        dice.shuffle(&mut all);
        if index == 4 {
            all.iter().for_each(|entry| replica.take_withheld(entry));
            dice.shuffle(&mut all);
        }
        all.iter().for_each(|entry| replica.take(entry));
    }
    replicas
}

fn agree(seed: u64, mischief: bool) -> Vec<Replica> {
    let replicas = schedule(seed, mischief);
    let first = replicas[0].dump();
    for (index, replica) in replicas.iter().enumerate() {
        assert_eq!(replica.ledger.parked().count(), 0, "seed {seed}: replica {index} still waits");
        let other = replica.dump();
        let (one, two): (BTreeSet<&str>, BTreeSet<&str>) = (first.lines().collect(), other.lines().collect());
        let differ: Vec<_> = one.symmetric_difference(&two).collect();
        assert!(differ.is_empty(), "seed {seed}: replica {index} differs: {differ:#?}");
    }
    replicas
}

/// What must stand by the rules alone: every value of an entry that was not struck, unless one such replaced it.
fn nothing_is_lost(seed: u64, replica: &Replica) {
    let struck: BTreeSet<EntryId> = replica.state.strikes().collect();
    let mut heads: HashMap<(ItemId, Field), BTreeSet<EntryId>> = HashMap::new();
    let mut replaced: HashMap<(ItemId, Field), BTreeSet<EntryId>> = HashMap::new();
    for entry in &replica.entries {
        let id = entry.header.id();
        for fact in entry.facts.iter().filter(|_| !struck.contains(&id)) {
            if let Fact::Set { item, field, replaces, .. } = fact {
                heads.entry((*item, *field)).or_default().insert(id);
                replaced.entry((*item, *field)).or_default().extend(replaces.iter().filter(|old| **old != id));
            }
        }
    }
    for ((item, field), mut wanted) in heads {
        wanted.retain(|id| !replaced[&(item, field)].contains(id));
        let held: BTreeSet<EntryId> = replica.state.heads(item, field).into_iter().collect();
        assert_eq!(held, wanted, "seed {seed}: {field:?} of {item}");
    }
}

#[test]
fn three_replicas_converge_and_lose_nothing() {
    let (mut forks, mut conflicts, mut strikes) = (0, 0, 0);
    for seed in 0..2_400 {
        let replicas = agree(seed, false);
        nothing_is_lost(seed, &replicas[0]);
        nothing_is_lost(seed, &replicas[4]);
        forks += replicas[3].ledger.forks().len();
        strikes += replicas[3].state.strikes().count();
        conflicts += replicas[3].state.every_item().map(|item| item.conflicts().count()).sum::<usize>();
    }
    // The schedules are worth something only if they reach what is hard.
    assert!(
        forks > 1_000 && conflicts > 1_000 && strikes > 500,
        "{forks} forks, {conflicts} conflicts, {strikes} strikes"
    );
}

#[test]
fn even_forged_entries_end_in_one_state() {
    for seed in 0..1_000 {
        agree(1_000_000 + seed, true);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_order_of_arrival_gives_the_same_state(seed: u64, order: u64) {
        let replicas = schedule(seed, false);
        let mut entries = replicas[0].entries.clone();
        Dice::new(order).shuffle(&mut entries);
        let mut other = Replica::new(77);
        entries.iter().for_each(|entry| other.take(entry));
        prop_assert_eq!(other.dump(), replicas[0].dump());
    }
}
