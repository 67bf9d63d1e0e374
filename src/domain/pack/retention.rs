//! How long records are kept: what a team has decided, and when it looks at that again. Nothing is disposed of by this part;
//! it says what holds.

use chrono::NaiveDate;

use super::check::Faults;
use super::{Origin, Pack};

/// The kinds of records that a rule may be about.
pub const KEPT: &[&str] = &["case", "meeting", "outreach", "training", "access"];

/// The most years that a rule may give.
const MOST_YEARS: u32 = 100;

/// How long records of a kind are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionRule {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// One of `KEPT`.
    pub what: String,
    /// From when the years are counted.
    pub after: Since,
    /// How many years; `None`: none set, so everything is kept and the rule has to be looked at again.
    pub years: Option<u32>,
    /// When the team looks at the rule again.
    pub review: Option<NaiveDate>,
    /// Codes of the list `flag`: a case that has one is kept whatever the years say.
    pub hold: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// From when years of keeping are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The case was closed.
    Closed,
    /// The child turned eighteen.
    Adult,
    /// The last entry was made.
    Last,
}

impl Since {
    /// The words that a pack may use, for a message.
    pub const NAMES: &str = "closed, adult or last-entry";

    /// Reads a pack's word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "closed" => Some(Self::Closed),
            "adult" => Some(Self::Adult),
            "last-entry" => Some(Self::Last),
            _ => None,
        }
    }
}

impl Pack {
    pub(super) fn check_retention(&self, faults: &mut Faults) {
        faults.unique("retention", self.retention.iter().map(|rule| rule.code.as_str()));
        for rule in &self.retention {
            let at = format!("retention.{}", rule.code);
            faults.code(&at, "code", &rule.code);
            faults.text(&at, "label", &rule.label);
            faults.origin(&at, &rule.origin);
            if !KEPT.contains(&rule.what.as_str()) {
                faults.add(&format!("{at}.what"), format!("this is one of: {}", KEPT.join(", ")));
            }
            if rule.what != "case" && rule.after != Since::Last {
                faults.add(
                    &format!("{at}.after"),
                    "only a case is closed, and only its child turns 18: write \"last-entry\"",
                );
            }
            if rule.years.is_some_and(|years| years == 0 || years > MOST_YEARS) {
                faults.add(
                    &format!("{at}.years"),
                    format!("from 1 to {MOST_YEARS} years; leave it out where none is set"),
                );
            }
            if rule.years.is_none() && rule.review.is_none() {
                faults.add(
                    &at,
                    "where no years are set the rule needs a \"review\": the day on which the team looks at it again",
                );
            }
            if rule.what != "case" && !rule.hold.is_empty() {
                faults.add(&format!("{at}.hold"), "only cases have flags");
            }
            for flag in &rule.hold {
                faults.in_list(self, &format!("{at}.hold"), "flag", flag);
            }
        }
    }
}
