//! The rules of a pack's forms: what a form must have, and that its questions fit together.

use std::collections::HashMap;

use super::check::Faults;
use super::{LONGEST_CLOCK, Pack};
use crate::domain::class::Class;
use crate::domain::form::{
    By, Choices, Condition, Follow, Form, MOST_CHOICES, MOST_QUESTIONS, PURPOSES, Question, SCREENING,
};

/// The lists without which nobody could say how a screening went.
const SCREENING_LISTS: [&str; 3] = ["screening-why", "screening-mode", "screening-outcome"];

impl Pack {
    pub(super) fn check_forms(&self, faults: &mut Faults) {
        faults.unique("form", self.forms.iter().map(|form| form.code.as_str()));
        for form in &self.forms {
            let at = format!("form.{}", form.code);
            faults.code(&at, "code", &form.code);
            faults.text(&at, "label", &form.label);
            faults.origin(&at, &form.origin);
            if form.version == 0 {
                faults.add(&format!("{at}.version"), "a form's version counts from 1");
            }
            if !PURPOSES.contains(&form.purpose.as_str()) {
                let known = PURPOSES.join(", ");
                faults.add(&format!("{at}.purpose"), format!("\"{}\" is none of: {known}", form.purpose));
            }
            if form.class == Class::Core || form.class.team_only() {
                faults.add(&format!("{at}.class"), format!("answers can't be kept under \"{}\"", form.class));
            }
            if form.purpose == SCREENING {
                for list in SCREENING_LISTS.iter().filter(|list| self.list(list).is_empty()) {
                    faults.add(&at, format!("a screening needs the list \"{list}\""));
                }
            }
            self.check_sections(&at, form, faults);
            faults.unique(&at, form.follows.iter().map(|follow| follow.code.as_str()));
            for follow in &form.follows {
                self.check_follow(&at, form, follow, faults);
            }
        }
    }

    fn check_sections(&self, at: &str, form: &Form, faults: &mut Faults) {
        let count = form.questions().count();
        if count == 0 {
            faults.add(at, "the form asks nothing");
        }
        if count > MOST_QUESTIONS {
            faults.add(at, format!("a form has at most {MOST_QUESTIONS} questions, this has {count}"));
        }
        faults.unique(at, form.sections.iter().map(|section| section.code.as_str()));
        // What stands before a question, by code: a condition can look back only, so there are no circles.
        let mut before: HashMap<&str, &Question> = HashMap::new();
        for section in &form.sections {
            let at = format!("{at}.{}", section.code);
            faults.code(&at, "code", &section.code);
            faults.text(&at, "title", &section.title);
            if section.questions.is_empty() {
                faults.add(&at, "this section has no question");
            }
            for question in &section.questions {
                let at = format!("{at}.{}", question.code);
                self.check_question(&at, question, faults);
                if let Some(condition) = &question.show_if {
                    self.check_condition(&format!("{at}.show-if"), form, condition, &before, faults);
                }
                if before.insert(&question.code, question).is_some() {
                    faults.add(&at, format!("the question \"{}\" is in this form twice", question.code));
                }
            }
        }
    }

    fn check_question(&self, at: &str, question: &Question, faults: &mut Faults) {
        faults.code(at, "code", &question.code);
        faults.text(at, "text", &question.text);
        let needs = question.asks.chooses() && question.asks != crate::domain::form::Asks::YesNo;
        match &question.choices {
            Choices::None if needs => {
                faults.add(at, format!("a question of type {} needs choices or a list", question.asks.name()));
            }
            Choices::Own(_) | Choices::List(_) if !needs => {
                faults.add(at, format!("a question of type {} has no choices", question.asks.name()));
            }
            Choices::List(list) if self.list(list).is_empty() => {
                faults.add(&format!("{at}.list"), format!("there is no list \"{list}\""));
            }
            Choices::Own(own) => {
                if own.is_empty() || own.len() > MOST_CHOICES {
                    faults.add(&format!("{at}.choices"), format!("a question has from 1 to {MOST_CHOICES} choices"));
                }
                faults.unique(at, own.iter().map(|(code, _)| code.as_str()));
                for (code, label) in own {
                    let at = format!("{at}.{code}");
                    faults.code(&at, "code", code);
                    faults.text(&at, "label", label);
                }
            }
            _ => {}
        }
    }

    /// A condition looks at a question that stands before and has choices, and names some of them.
    fn check_condition(
        &self,
        at: &str,
        form: &Form,
        condition: &Condition,
        before: &HashMap<&str, &Question>,
        faults: &mut Faults,
    ) {
        let name = &condition.question;
        let Some(other) = before.get(name.as_str()) else {
            let message = if form.question(name).is_some() {
                format!("\"{name}\" must stand before what depends on it")
            } else {
                format!("there is no question \"{name}\"")
            };
            return faults.add(at, message);
        };
        if !other.asks.chooses() {
            return faults.add(at, format!("\"{name}\" has no choices: nothing can depend on it"));
        }
        if condition.is.is_empty() {
            faults.add(at, "say which answers are meant");
        }
        let options = other.options(self);
        for code in condition.is.iter().filter(|code| !options.iter().any(|(known, _)| known == *code)) {
            faults.add(at, format!("\"{name}\" can't be answered with \"{code}\""));
        }
    }

    fn check_follow(&self, at: &str, form: &Form, follow: &Follow, faults: &mut Faults) {
        let at = format!("{at}.{}", follow.code);
        faults.code(&at, "code", &follow.code);
        faults.text(&at, "text", &follow.text);
        faults.origin(&at, &follow.origin);
        if let Some(owner) = follow.owner.as_ref().filter(|owner| !self.agencies.iter().any(|it| it.code == **owner)) {
            faults.add(&format!("{at}.owner"), format!("there is no agency \"{owner}\""));
        }
        match &follow.by {
            By::Clock(clock) if self.clock(clock).is_none() => {
                faults.add(&format!("{at}.clock"), format!("there is no clock \"{clock}\""));
            }
            By::Within(within) if within.amount == 0 || within.amount > LONGEST_CLOCK => {
                faults.add(&format!("{at}.within"), format!("the amount goes from 1 to {LONGEST_CLOCK}"));
            }
            By::Clock(_) | By::Within(_) => {}
        }
        for outcome in &follow.outcomes {
            faults.in_list(self, &format!("{at}.outcome"), "screening-outcome", outcome);
        }
        if let Some(condition) = &follow.show_if {
            let all: HashMap<&str, &Question> = form.questions().map(|it| (it.code.as_str(), it)).collect();
            self.check_condition(&format!("{at}.if"), form, condition, &all, faults);
        }
    }
}
