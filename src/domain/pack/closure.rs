//! What a pack says about closing a case: what has to be so, when the child was last seen, who approves it.

use super::check::Faults;
use super::{Origin, Pack};

/// The most days for which the child may not have been seen.
const MOST_DAYS: u32 = 366;

/// Who approves that a case is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// A coordinator or a deputy who did not ask for it.
    Other,
    /// Nobody: whoever closes it says that it is closed.
    None,
}

impl Approval {
    /// Reads a pack's word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "other" => Some(Self::Other),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

/// How cases are closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosureRules {
    /// Within how many days the child was last seen.
    pub seen_days: u32,
    /// Who approves it.
    pub approval: Approval,
    /// Where it comes from.
    pub origin: Origin,
}

/// Something that has to be so before a case is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Its code.
    pub code: String,
    /// What people read, as a statement: "The child is safe".
    pub label: String,
    /// A sentence that helps to judge.
    pub hint: Option<String>,
    /// Whether it has to be answered, and needs words where it is not met.
    pub required: bool,
    /// For which reasons of closing it is asked: codes of the list `close-reason`.
    pub reasons: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Pack {
    /// What is asked where a case is closed for this reason, in the pack's order.
    pub fn criteria_for<'p>(&'p self, reason: &str) -> impl Iterator<Item = &'p Criterion> {
        self.criteria.iter().filter(move |it| it.reasons.iter().any(|of| of == reason))
    }

    pub(super) fn check_closure(&self, faults: &mut Faults) {
        if let Some(rules) = &self.closure {
            faults.origin("closure", &rules.origin);
            if rules.seen_days == 0 || rules.seen_days > MOST_DAYS {
                faults.add("closure.seen-days", format!("from 1 to {MOST_DAYS} days"));
            }
        }
        faults.unique("criterion", self.criteria.iter().map(|it| it.code.as_str()));
        for it in &self.criteria {
            let at = format!("criterion.{}", it.code);
            faults.code(&at, "code", &it.code);
            faults.text(&at, "label", &it.label);
            faults.origin(&at, &it.origin);
            if it.reasons.is_empty() {
                faults.add(&format!("{at}.reasons"), "say for which reasons of closing it is asked");
            }
            for reason in &it.reasons {
                faults.in_list(self, &format!("{at}.reasons"), "close-reason", reason);
            }
            if it.reasons.iter().any(|reason| reason == "died") {
                faults.add(&format!("{at}.reasons"), "where a child has died nothing is asked");
            }
        }
        if !self.criteria.is_empty() && self.closure.is_none() {
            faults.add("criterion", "where there are criteria there is a [closure] too");
        }
    }
}
