//! Reads `[[form]]`: sections, questions, conditions, and what follows.

use super::{Item, Reader};
use crate::domain::class::Class;
use crate::domain::form::{Asks, By, Choices, Condition, Follow, Form, Question, Section};

const TYPES: &str = "text, choice, several, yes-no-unknown, date, number, member, agency";

impl Reader {
    pub(super) fn form(&mut self, item: &mut Item<'_>) -> Option<Form> {
        let (code, label, purpose) = (self.text(item, "code"), self.text(item, "label"), self.text(item, "purpose"));
        let version = self.number(item, "version");
        let known = "a class such as interview, notes or health";
        let class = if item.table.contains_key("class") {
            self.word(item, "class", true, known, Class::from_name)
        } else {
            item.asked.push("class");
            Some(Class::Interview)
        };
        let origin = self.origin(item);
        // What holds for the form holds for its parts.
        item.origin.clone_from(&origin);
        let sections = self.items(item, "section", Self::form_section);
        let follows = self.items_if_any(item, "follows", Self::follow);
        Some(Form {
            code: code?,
            label: label?,
            version: version?,
            purpose: purpose?,
            class: class?,
            sections,
            follows,
            origin: origin?,
        })
    }

    fn form_section(&mut self, item: &mut Item<'_>) -> Option<Section> {
        let (code, title) = (self.text(item, "code"), self.text(item, "title"));
        let questions = self.items(item, "questions", Self::question);
        Some(Section { code: code?, title: title?, questions })
    }

    fn question(&mut self, item: &mut Item<'_>) -> Option<Question> {
        let (code, text) = (self.text(item, "code"), self.text(item, "text"));
        let asks = self.word(item, "type", true, TYPES, Asks::from_name);
        let help = self.optional_text(item, "help");
        let (required, stop) = (self.flag(item, "required", Some(false)), self.flag(item, "stop", Some(false)));
        let show_if = self.condition(item, "show-if");
        let own = self.items_if_any(item, "choices", Self::form_choice);
        let list = self.optional_text(item, "list");
        let choices = match (item.table.contains_key("choices"), list) {
            (true, Some(_)) => {
                self.fault(item.span.clone(), "a question has choices of its own or those of a list, not both");
                return None;
            }
            (true, None) => Choices::Own(own),
            (false, Some(list)) => Choices::List(list),
            (false, None) => Choices::None,
        };
        Some(Question {
            code: code?,
            text: text?,
            help,
            asks: asks?,
            choices,
            required: required?,
            show_if,
            stop: stop?,
        })
    }

    fn form_choice(&mut self, item: &mut Item<'_>) -> Option<(String, String)> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        Some((code?, label?))
    }

    fn condition(&mut self, item: &mut Item<'_>, key: &'static str) -> Option<Condition> {
        let mut table = self.table(item, key, false)?;
        table.at = format!("{}.{key}", item.at);
        let (question, is) = (self.text(&mut table, "question"), self.texts(&mut table, "is"));
        self.finish(&table);
        Some(Condition { question: question?, is: is? })
    }

    fn follow(&mut self, item: &mut Item<'_>) -> Option<Follow> {
        let (code, text) = (self.text(item, "code"), self.text(item, "text"));
        let owner = self.optional_text(item, "owner");
        let clock = self.optional_text(item, "clock");
        let within = if item.table.contains_key("within") { self.within(item, "within") } else { None };
        let by = match (item.table.contains_key("clock"), item.table.contains_key("within")) {
            (true, false) => clock.map(By::Clock),
            (false, true) => within.map(By::Within),
            _ => {
                self.fault(item.span.clone(), "say by when: either the clock that tells it, or within how long");
                None
            }
        };
        item.asked.extend(["clock", "within", "outcome"]);
        let outcomes = if item.table.contains_key("outcome") { self.texts(item, "outcome") } else { Some(Vec::new()) };
        let (show_if, stopped) = (self.condition(item, "if"), self.flag(item, "stopped", Some(false)));
        let origin = self.origin(item);
        Some(Follow {
            code: code?,
            text: text?,
            owner,
            by: by?,
            outcomes: outcomes?,
            show_if,
            stopped: stopped?,
            origin: origin?,
        })
    }
}
