//! Decisions about a child that are kept with their grounds: whether the child is identified as a victim, what is in
//! the child's best interests. Each stands beside those before it; the latest by its own day is what counts.

use chrono::{DateTime, NaiveDate, Utc};

use super::dates::jamaica;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::state::State;
use super::views::Case;

/// Whether the child is identified as trafficked.
pub const IDENTIFICATION: &str = "identification";
/// What is best for the child, usually taken by a panel.
pub const BEST_INTERESTS: &str = "best-interests";

/// A decision on record.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a>(pub &'a Item);

impl<'a> Decision<'a> {
    /// A standing decision by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Decision && item.stands()).map(Self)
    }

    /// Every decision of a kind in a case, the latest first: the first is what counts.
    pub fn all(state: &'a State, case: Case<'_>, kind: &str) -> Vec<Self> {
        let all = state.items_in(case.0.stream, ItemKind::Decision).map(Self);
        let mut all: Vec<Self> = all.filter(|decision| decision.kind() == kind).collect();
        all.sort_by_key(|decision| std::cmp::Reverse((decision.when(), decision.0.id)));
        all
    }

    /// A code of the list `decision-kind`.
    pub fn kind(self) -> &'a str {
        self.0.str(Field::DecisionKind)
    }

    /// When it was taken.
    pub fn when(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::DecisionWhen).as_when()
    }

    /// Of an identification: a code of the list `trafficking-status`.
    pub fn status(self) -> &'a str {
        self.0.str(Field::DecisionStatus)
    }

    /// Who decided: a code of the list `decision-by`.
    pub fn by(self) -> &'a str {
        self.0.str(Field::DecisionBy)
    }

    /// On which day it is to be looked at again.
    pub fn review(self) -> Option<NaiveDate> {
        self.0.held(Field::DecisionReview).as_date()
    }
}

/// Whether the means need not be shown: the child is under eighteen on that day, or nobody knows the age (Palermo
/// Protocol, article 3(c); the Jamaican subsection is not confirmed).
pub fn is_child(case: Case<'_>, when: DateTime<Utc>) -> bool {
    case.eighteenth().is_none_or(|birthday| when.with_timezone(&jamaica()).date_naive() < birthday)
}

/// The latest decision of each kind whose day of review has been set.
pub fn to_review<'a>(state: &'a State, case: Case<'_>) -> Vec<(NaiveDate, Decision<'a>)> {
    [IDENTIFICATION, BEST_INTERESTS]
        .into_iter()
        .filter_map(|kind| Decision::all(state, case, kind).into_iter().next())
        .filter_map(|decision| Some((decision.review()?, decision)))
        .collect()
}
