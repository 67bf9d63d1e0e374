//! Who else holds a case: the share, and what it allows.
//!
//! A share is the team's own record (class `links`: it travels in no bundle but `sync`). It names the classes that the
//! other team was given or gave, and what they last told us they hold, so that nothing is sent twice.

use std::collections::{BTreeSet, HashSet};

use super::class::Class;
use super::field::{Field, ItemKind};
use super::ids::{EntryId, ItemId, StreamId};
use super::item::Item;
use super::state::State;

/// A case that another team holds as well.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a>(pub &'a Item);

impl<'a> Share<'a> {
    /// Every share of a case that has not ended.
    pub fn of_case(state: &'a State, case: StreamId) -> impl Iterator<Item = Self> {
        state.items_in(case, ItemKind::Share).map(Self).filter(|share| !share.ended())
    }

    /// The share of a case with one team; of several (two of our devices wrote at once) the lowest id.
    pub fn with(state: &'a State, case: StreamId, peer: ItemId) -> Option<Self> {
        Self::of_case(state, case).filter(|share| share.peer() == Some(peer)).min_by_key(|share| share.0.id)
    }

    /// True if a case is or once was shared with a team.
    pub fn was_with(state: &'a State, case: StreamId, peer: ItemId) -> bool {
        state.items_in(case, ItemKind::Share).any(|share| Self(share).peer() == Some(peer))
    }

    /// Every share with a team that has not ended, two of one case both.
    pub fn all_of_peer(state: &'a State, peer: ItemId) -> impl Iterator<Item = Self> {
        state.items(ItemKind::Share).map(Self).filter(move |share| share.peer() == Some(peer) && !share.ended())
    }

    /// Every share with a team that has not ended, by case.
    pub fn of_peer(state: &'a State, peer: ItemId) -> Vec<Self> {
        let mut all: Vec<Self> = Self::all_of_peer(state, peer).collect();
        all.sort_by_key(|share| (share.0.stream, share.0.id));
        all.dedup_by_key(|share| share.0.stream);
        all
    }

    /// The other team.
    pub fn peer(self) -> Option<ItemId> {
        self.0.value(Field::SharePeer).as_item()
    }

    /// True once it ended: nothing more is sent or taken.
    pub fn ended(self) -> bool {
        !self.0.value(Field::ShareEnded).is_nothing()
    }

    /// The classes that both hold.
    pub fn classes(self) -> BTreeSet<Class> {
        self.0.str(Field::ShareClasses).split_whitespace().filter_map(Class::from_name).collect()
    }

    /// The classes as they are stored.
    pub fn classes_text(classes: &BTreeSet<Class>) -> String {
        classes.iter().map(|class| class.name()).collect::<Vec<_>>().join(" ")
    }

    /// What they last told us they hold.
    pub fn heads(self) -> HashSet<EntryId> {
        self.0.str(Field::ShareHeads).split_whitespace().filter_map(EntryId::from_hex).collect()
    }

    /// Heads as they are stored.
    pub fn heads_text(heads: &BTreeSet<EntryId>) -> String {
        heads.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Single things that were kept back when it was sent, and stay so.
    pub fn withheld(self) -> HashSet<ItemId> {
        self.0.str(Field::ShareWithheld).split_whitespace().filter_map(ItemId::from_hex).collect()
    }

    /// True if we opened the case, or sent it to them.
    pub fn ours(self) -> bool {
        self.0.value(Field::ShareOurs) == super::value::Value::YesNo(true)
    }
}
