//! What a pack says about outreach and about the training of the team's own people.

use super::check::Faults;
use super::{LONGEST_CLOCK, Origin, Pack, Within};

/// The most months for which a training holds.
const MOST_MONTHS: u32 = 240;

/// A question that is asked before and after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its code.
    pub code: String,
    /// As it is asked.
    pub label: String,
    /// What is right; `None` where there is no right and wrong, and those who say yes are counted.
    pub answer: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Something that the team's people are trained in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// For how many months a training holds; `None` if it doesn't run out.
    pub valid_months: Option<u32>,
    /// Everybody who writes here needs it.
    pub needed: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// How outreach is followed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutreachRules {
    /// How long after an event who came is to be written down.
    pub numbers: Within,
    /// Where it comes from.
    pub origin: Origin,
}

impl Pack {
    /// A topic of training by its code.
    pub fn topic(&self, code: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.code == code)
    }

    /// A question by its code.
    pub fn question(&self, code: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.code == code)
    }

    pub(super) fn check_outreach(&self, faults: &mut Faults) {
        faults.unique("outreach-question", self.questions.iter().map(|question| question.code.as_str()));
        for question in &self.questions {
            let at = format!("outreach-question.{}", question.code);
            faults.code(&at, "code", &question.code);
            faults.text(&at, "label", &question.label);
            faults.origin(&at, &question.origin);
            if let Some(answer) = &question.answer {
                faults.text(&at, "answer", answer);
            }
        }
        faults.unique("training-topic", self.topics.iter().map(|topic| topic.code.as_str()));
        for topic in &self.topics {
            let at = format!("training-topic.{}", topic.code);
            faults.code(&at, "code", &topic.code);
            faults.text(&at, "label", &topic.label);
            faults.origin(&at, &topic.origin);
            if topic.valid_months.is_some_and(|months| months == 0 || months > MOST_MONTHS) {
                faults.add(&format!("{at}.valid-months"), format!("a training holds from 1 to {MOST_MONTHS} months"));
            }
        }
        if let Some(rules) = &self.outreach {
            faults.origin("outreach", &rules.origin);
            if rules.numbers.amount == 0 || rules.numbers.amount > LONGEST_CLOCK {
                faults.add("outreach.numbers", format!("the amount goes from 1 to {LONGEST_CLOCK}"));
            }
        }
    }
}
