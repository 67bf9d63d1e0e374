//! Items and their registers.
//!
//! A register keeps every value that nobody replaced. One value is the ordinary case and costs no allocation; more
//! than one is a conflict, kept and shown until a person decides.

use std::borrow::Cow;

use super::class::Class;
use super::codes::Space;
use super::field::{Field, ItemKind, Merge};
use super::ids::{ItemId, StreamId};
use super::value::Value;

/// An entry's place in this State's table of entries. Local to one State: never stored, never compared across two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryNo(pub u32);

/// One value that stands, and the entry that set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The entry that set it.
    pub entry: EntryNo,
    /// Whose value it is: here, because a value and an entry leave room for it.
    pub field: Field,
    /// The value.
    pub value: Value,
}

/// The heads of one field, the highest in the order first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Register {
    /// The ordinary case.
    One(Head),
    /// A conflict (two or more), or nothing any more (empty).
    Many(Field, Box<[Head]>),
}

impl Register {
    /// All heads, the highest in the order first.
    pub fn heads(&self) -> &[Head] {
        match self {
            Self::One(head) => std::slice::from_ref(head),
            Self::Many(_, heads) => heads,
        }
    }

    /// The field.
    pub const fn field(&self) -> Field {
        match self {
            Self::One(head) => head.field,
            Self::Many(field, _) => *field,
        }
    }

    /// Sets the only head.
    pub(super) fn put_one(&mut self, head: Head) {
        *self = Self::One(head);
    }

    /// True if a person has to decide between different values.
    pub fn in_conflict(&self) -> bool {
        self.heads().windows(2).any(|pair| pair[0].value != pair[1].value)
    }

    /// Replaces the heads; `heads` come in order.
    pub(super) fn put(&mut self, mut heads: Vec<Head>) {
        *self = match heads.len() {
            1 => Self::One(heads.remove(0)),
            _ => Self::Many(self.field(), heads.into()),
        };
    }

    /// The value that rules now (design rule: while a conflict stands, the safer side).
    pub fn ruling(&self, merge: Merge) -> Cow<'_, Value> {
        let heads = self.heads();
        match heads {
            [] => Cow::Owned(Value::Nothing),
            [one] => Cow::Borrowed(&one.value),
            [first, ..] => match merge {
                Merge::Latest => Cow::Borrowed(&first.value),
                Merge::HigherRisk => safest(heads, |value| risk_rank(value.as_str())),
                Merge::Earlier => safest(heads, |value| match value {
                    Value::Date(day) => i64::MAX - i64::from(*day),
                    Value::Number(number) => i64::MAX - number,
                    Value::When(moment) => i64::MAX.saturating_sub(*moment),
                    // Unset is no day at all: a day that somebody set goes before it.
                    _ => i64::MIN,
                }),
                Merge::Yes => safest(heads, |value| match value {
                    Value::YesNo(true) => 2,
                    Value::YesNo(false) => 1,
                    _ => 0,
                }),
                Merge::Union => Cow::Owned(union(heads)),
                Merge::Narrower => Cow::Owned(narrower(heads)),
                Merge::Open => safest(heads, |value| i64::from(value.is_nothing())),
            },
        }
    }

    /// Like [`Register::ruling`], without a copy where one head stands alone or the latest rules.
    pub fn first(&self) -> &Value {
        const NOTHING: &Value = &Value::Nothing;
        self.heads().first().map_or(NOTHING, |head| &head.value)
    }
}

/// How careful a risk makes us: high and *not yet assessed* alike come first.
pub fn risk_rank(code: Option<&str>) -> i64 {
    match code {
        Some("high") => 3,
        Some("medium") => 1,
        Some("low") => 0,
        _ => 2,
    }
}

fn safest(heads: &[Head], rank: impl Fn(&Value) -> i64) -> Cow<'_, Value> {
    // The first of equals is the highest in the order, so ties are settled the same everywhere.
    let mut best = &heads[0].value;
    for head in &heads[1..] {
        if rank(&head.value) > rank(best) {
            best = &head.value;
        }
    }
    Cow::Borrowed(best)
}

/// A restriction holds against none, and two restrictions leave only those whom both name. Of codes (what consent is
/// for) only those stay that every side has.
/// Everything that any head lists: codes, or people.
fn union(heads: &[Head]) -> Value {
    if heads.iter().any(|head| matches!(head.value, Value::Items(_))) {
        return Value::items(heads.iter().flat_map(|head| head.value.as_items()).copied());
    }
    Value::codes(heads.iter().flat_map(|head| head.value.as_codes()))
}

fn narrower(heads: &[Head]) -> Value {
    if heads.iter().any(|head| matches!(head.value, Value::Codes(_))) {
        let common = heads[0].value.as_codes().iter();
        return Value::codes(common.filter(|code| heads.iter().all(|head| head.value.as_codes().contains(code))));
    }
    let mut lists = heads.iter().map(|head| head.value.as_items()).filter(|items| !items.is_empty());
    let Some(first) = lists.next() else { return Value::Nothing };
    let rest: Vec<&[ItemId]> = lists.collect();
    let common: Vec<ItemId> =
        first.iter().copied().filter(|item| rest.iter().all(|items| items.contains(item))).collect();
    // Nobody in common: the restriction must still hold, so the list stays one that admits no one but its makers.
    if common.is_empty() { Value::items(first.iter().copied()) } else { Value::items(common) }
}

/// A case, action, note, member …: an id, a kind, and its fields.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// What it is.
    pub kind: ItemKind,
    /// The stream it lives in.
    pub stream: StreamId,
    /// The class of its own words.
    pub class: Class,
    /// The entry that created it; `None` while that entry can't be read.
    pub created: Option<EntryNo>,
    /// Another stream's item of the same id counts instead.
    pub(super) outranked: bool,
    /// It stands in the State's list of its kind.
    pub(super) listed: bool,
    /// Where its code is looked for, once it has one.
    pub(super) space: Option<Space>,
    /// In the order of the field numbers.
    pub(super) fields: Vec<Register>,
}

impl Item {
    /// An item with room for so many fields.
    pub(super) fn new(id: ItemId, kind: ItemKind, stream: StreamId, room: usize) -> Self {
        Self {
            id,
            kind,
            stream,
            class: Class::Core,
            created: None,
            outranked: false,
            listed: false,
            space: None,
            fields: Vec::with_capacity(room),
        }
    }

    /// The register of a field, if it was ever set.
    pub fn register(&self, field: Field) -> Option<&Register> {
        self.fields.binary_search_by_key(&field, Register::field).ok().map(|at| &self.fields[at])
    }

    pub(super) fn register_mut(&mut self, field: Field) -> &mut Register {
        let at = match self.fields.binary_search_by_key(&field, Register::field) {
            Ok(at) => at,
            Err(at) => {
                if self.fields.len() == self.fields.capacity() {
                    // Items are many and seldom get another field: doubling would be half of all memory.
                    self.fields.reserve_exact(1 + self.fields.len() / 4);
                }
                self.fields.insert(at, Register::Many(field, Box::default()));
                at
            }
        };
        &mut self.fields[at]
    }

    /// The value that rules now.
    pub fn value(&self, field: Field) -> Value {
        self.held(field).into_owned()
    }

    /// The value that rules now, without a copy where nothing had to be merged: for what is asked of every item.
    pub fn held(&self, field: Field) -> Cow<'_, Value> {
        match self.register(field) {
            None => Cow::Owned(Value::Nothing),
            Some(Register::One(head)) => Cow::Borrowed(&head.value),
            Some(register) => register.ruling(field.def().merge),
        }
    }

    /// The words or code that rule now; empty if nothing is set. For fields whose merge rule is *latest*.
    pub fn str(&self, field: Field) -> &str {
        self.register(field).and_then(|register| register.first().as_str()).unwrap_or("")
    }

    /// Every field that was ever set, in the order of the field numbers.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &Register)> {
        // Values of another kind's fields (only a forger writes them) mean nothing here.
        let ours = |(field, _): &(Field, &Register)| field.def().kind.is_none_or(|kind| kind == self.kind);
        self.fields.iter().map(|register| (register.field(), register)).filter(ours)
    }

    /// Every field that holds something, of whatever kind: for checks.
    pub fn every_field(&self) -> impl Iterator<Item = (Field, &Register)> {
        let held = self.fields.iter().filter(|register| !register.heads().is_empty());
        held.map(|register| (register.field(), register))
    }

    /// True if another stream's item of the same id counts instead: somebody made it up.
    pub fn is_outranked(&self) -> bool {
        self.outranked
    }

    /// Fields on which a person has to decide.
    pub fn conflicts(&self) -> impl Iterator<Item = (Field, &Register)> {
        let decided = self.follows_policy();
        self.fields().filter(move |(field, register)| register.in_conflict() && !decided && !field.follows())
    }

    /// True for a contact that the policy planned: its day and rhythm only follow the case's risk and stage, so nobody
    /// is asked about them; the earlier day and the shorter rhythm rule.
    pub fn follows_policy(&self) -> bool {
        self.kind == ItemKind::FollowUp && self.value(Field::FollowUpAuto).as_yes_no() == Some(true)
    }

    /// False if it was taken back, or if the entry that made it can't be read.
    pub fn stands(&self) -> bool {
        self.created.is_some() && !self.outranked && self.held(Field::Retracted).as_yes_no() != Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A large vault holds millions of them.
    #[test]
    fn a_register_takes_32_bytes() {
        assert_eq!(size_of::<Register>(), 32);
    }
}
