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

    /// Of a best-interests decision: whether the child's views were considered.
    pub fn heard(self) -> Option<bool> {
        self.0.held(Field::DecisionHeard).as_yes_no()
    }

    /// Of a best-interests decision: the options that were weighed; none where they can't be read.
    pub fn options(self) -> Vec<Weighed<'a>> {
        weighed(self.0.str(Field::DecisionOptions)).unwrap_or_default()
    }

    /// On which day it is to be looked at again.
    pub fn review(self) -> Option<NaiveDate> {
        self.0.held(Field::DecisionReview).as_date()
    }
}

/// An option that was weighed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weighed<'a> {
    /// What could be done.
    pub what: &'a str,
    /// What speaks for it.
    pub pro: Vec<&'a str>,
    /// What speaks against it.
    pub con: Vec<&'a str>,
}

/// Reads options as people write them: a line for each, and under it lines that begin with `+` for it and `-` against it.
///
/// # Errors
/// A sentence that says which line can't be meant.
pub fn weighed(text: &str) -> Result<Vec<Weighed<'_>>, String> {
    let mut all: Vec<Weighed<'_>> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let sign = line.strip_prefix('+').map(|rest| (true, rest));
        let sign = sign.or_else(|| line.strip_prefix(['-', '–', '−']).map(|rest| (false, rest)));
        match (sign.map(|(pro, rest)| (pro, rest.trim())), all.last_mut()) {
            (None, _) => all.push(Weighed { what: line, ..Weighed::default() }),
            (Some((_, "")), _) => return Err("A line with + or - says nothing more.".to_owned()),
            (Some((true, words)), Some(option)) => option.pro.push(words),
            (Some((false, words)), Some(option)) => option.con.push(words),
            (Some(_), None) => return Err("Name the option first, then what speaks for it and against it.".to_owned()),
        }
    }
    Ok(all)
}

/// What a list of options lacks for a decision: another one, or a word for or against one of them.
pub fn lacks(options: &[Weighed<'_>]) -> Option<String> {
    match options {
        [] => Some("No option is named: a line for each, with + for it and - against it under it.".to_owned()),
        [_] => Some("Only one option is named: what else was considered? That nothing changes is one too.".to_owned()),
        several => {
            let silent = several.iter().position(|it| it.pro.is_empty() && it.con.is_empty())?;
            Some(format!("Nothing is said for or against option {}: a line with + or -.", silent + 1))
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_with_what_speaks_for_and_against_them() {
        let text = "Stay with the aunt\n+ she knows her\n- two buses to school\n\nFoster care\n – another parish\n";
        let all = weighed(text).expect("read");
        let aunt = Weighed { what: "Stay with the aunt", pro: vec!["she knows her"], con: vec!["two buses to school"] };
        assert_eq!(all, [aunt, Weighed { what: "Foster care", pro: vec![], con: vec!["another parish"] }]);
        assert_eq!(lacks(&all), None);
        assert!(weighed("+ she knows her").is_err() && weighed("Stay\n+").is_err());
    }

    #[test]
    fn a_decision_weighs_two_options_at_least_and_has_words_for_each() {
        let lacking = |text: &str| lacks(&weighed(text).expect("read")).unwrap_or_default();
        assert!(lacking("").starts_with("No option"));
        assert!(lacking("Stay\n+ good").starts_with("Only one option"));
        assert!(lacking("Stay\n+ good\nGo").contains("option 2"));
    }
}
