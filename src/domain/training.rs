//! Training of the team's own people: what was given, who took part, and what has run out.
//!
//! How long a training holds is the policy's; what runs out is reckoned, never typed.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::pack::Pack;
use super::state::State;
use super::views::Member;

/// The list whose items are the policy's topics; a pack writes it as `[[training-topic]]`.
pub const TOPICS: &str = "training-topic";
/// So many days ahead Today tells that a training runs out.
pub const AHEAD_DAYS: u64 = 30;

/// Where a training stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It is to come, or nobody has said yet that it was held.
    Planned,
    /// It was held.
    Held,
    /// It was called off.
    Cancelled,
}

impl Phase {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Cancelled => "called off",
        }
    }
}

/// A training.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a>(pub &'a Item);

impl<'a> Training<'a> {
    /// A standing training by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Training && item.stands()).map(Self)
    }

    /// Every training, the earliest first.
    pub fn all(state: &'a State) -> Vec<Self> {
        let mut all: Vec<Self> = state.items(ItemKind::Training).map(Self).collect();
        all.sort_by_key(|training| (training.day(), training.0.id));
        all
    }

    /// Where it stands.
    pub fn phase(self) -> Phase {
        let set = |field| !self.0.held(field).is_nothing();
        match () {
            () if set(Field::TrainingHeld) => Phase::Held,
            () if set(Field::TrainingCancelled) => Phase::Cancelled,
            () => Phase::Planned,
        }
    }

    /// The topic's code.
    pub fn topic(self) -> &'a str {
        self.0.str(Field::TrainingTopic)
    }

    /// The title; empty if the topic says it.
    pub fn title(self) -> &'a str {
        self.0.str(Field::TrainingTitle)
    }

    /// The day on which it was held, or is to be.
    pub fn day(self) -> Option<NaiveDate> {
        self.0.held(Field::TrainingHeld).as_date().or_else(|| self.0.held(Field::TrainingDate).as_date())
    }

    /// Who took part, or is expected.
    pub fn who(self) -> Vec<ItemId> {
        self.0.held(Field::TrainingWho).as_items().to_vec()
    }

    /// The last day on which it holds: that of the certificate, else as the policy reckons; `None` if it doesn't run out.
    pub fn until(self, pack: &Pack) -> Option<NaiveDate> {
        let months = pack.topics.iter().find(|topic| topic.code == self.topic()).and_then(|topic| topic.valid_months);
        let reckoned = || self.day()?.checked_add_months(Months::new(months?));
        self.0.held(Field::TrainingUntil).as_date().or_else(reckoned)
    }
}

/// How one member stands in one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It ran out after this day.
    RanOut(NaiveDate),
    /// Needed by the policy, and never given.
    Missing,
    /// It holds until this day.
    Until(NaiveDate),
    /// It was given and doesn't run out.
    Given,
}

/// How members stand in topics: every training that was held counts for whoever took part and is still with the team.
/// What the policy asks of everybody and somebody has not had stands as missing.
pub fn standings<'a>(state: &'a State, pack: &'a Pack, on: NaiveDate) -> BTreeMap<(ItemId, &'a str), Standing> {
    let mut all: BTreeMap<(ItemId, &'a str), Standing> = BTreeMap::new();
    let here: Vec<Member<'_>> = Member::all(state).into_iter().filter(|member| member.role() != "observer").collect();
    for member in &here {
        for topic in pack.topics.iter().filter(|topic| topic.needed) {
            all.insert((member.0.id, &topic.code), Standing::Missing);
        }
    }
    for training in state.items(ItemKind::Training).map(Training).filter(|it| it.phase() == Phase::Held) {
        let standing = match training.until(pack) {
            None => Standing::Given,
            Some(day) if day < on => Standing::RanOut(day),
            Some(day) => Standing::Until(day),
        };
        let took_part = training.who();
        for member in here.iter().filter(|member| took_part.contains(&member.0.id)) {
            let known = all.entry((member.0.id, training.topic())).or_insert(standing);
            *known = better(*known, standing);
        }
    }
    all
}

/// The better of two: whoever was trained again is trained; of two that have run out the later counts.
fn better(a: Standing, b: Standing) -> Standing {
    match (a, b) {
        (Standing::Missing, other) | (other, Standing::Missing) => other,
        (a, b) => a.max(b),
    }
}

/// What has run out or soon will: member, topic, last day.
pub fn running_out<'a>(state: &'a State, pack: &'a Pack, on: NaiveDate) -> Vec<(ItemId, &'a str, NaiveDate)> {
    let last = on.checked_add_days(chrono::Days::new(AHEAD_DAYS)).unwrap_or(on);
    let due = |((member, topic), standing)| match standing {
        Standing::RanOut(day) => Some((member, topic, day)),
        Standing::Until(day) if day <= last => Some((member, topic, day)),
        _ => None,
    };
    standings(state, pack, on).into_iter().filter_map(due).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_trained_again_is_trained() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
        let (early, late) = (Standing::RanOut(day(1)), Standing::RanOut(day(9)));
        assert_eq!(better(early, late), late);
        assert_eq!(better(Standing::Until(day(20)), late), Standing::Until(day(20)));
        assert_eq!(better(Standing::Given, Standing::Until(day(20))), Standing::Given);
        assert_eq!(better(Standing::Missing, early), early);
        assert_eq!(better(early, Standing::Missing), early);
    }
}
