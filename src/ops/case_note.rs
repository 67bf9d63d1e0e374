//! Writing something down: a note, a contact, a visit, a decision, the child's own words.

use chrono::{DateTime, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Adds a note to a case, or the same note to several linked cases (an entry in each).
#[derive(Clone, Debug)]
pub struct CaseNote {
    /// The cases.
    pub cases: Vec<ItemId>,
    /// The kind's code in the policy pack.
    pub kind: String,
    /// The class, where it isn't the one that the kind proposes.
    pub class: Option<Class>,
    /// The words.
    pub text: String,
    /// When it happened or was said; now, if not given.
    pub when: Option<DateTime<Utc>>,
}

impl Verb for CaseNote {
    const SPEC: Spec = Spec {
        name: "case.note",
        label: "Write a note",
        doc: "Writes a note, contact, visit, decision or the child's own words into the case.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case note",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let text = clean::prose_owned(&self.text);
        if text.is_empty() {
            return Err(needs(&Self::SPEC, "the text"));
        }
        cx.check_code("note-kind", &self.kind)?;
        let class = self
            .class
            .or_else(|| cx.pack.choice("note-kind", &self.kind).and_then(|kind| kind.class))
            .unwrap_or(Class::Notes);
        if !class.keeps_words() {
            return Err(Refusal::new(
                "Notes can't be kept under that class.",
                "Choose notes, health, justice, views or interview.",
            ));
        }
        if class == Class::Views && self.cases.len() > 1 {
            return Err(Refusal::new(
                "A child's own words stay in that child's case.",
                "Write them in one case; write a note of another kind for the others.",
            ));
        }
        let when = self.when.unwrap_or(cx.now);
        if when > cx.now + chrono::TimeDelta::minutes(10) {
            return Err(Refusal::new(
                "A note can't be about the future.",
                "For something planned, add an action or a follow-up.",
            ));
        }
        let mut plan = Plan::default();
        for case in &self.cases {
            let case = cx.standing(state, *case, ItemKind::Case)?;
            let at = At { stream: case.stream, item: cx.new_id(), class };
            plan.create(at, ItemKind::Note);
            plan.set(state, at, Field::NoteKind, Value::code(&self.kind));
            plan.set(state, at, Field::NoteText, Value::text(&text));
            plan.set(state, at, Field::NoteWhen, Value::when(when));
            let contact = matches!(self.kind.as_str(), "contact" | "visit");
            // Whoever took the case over says when it was first met.
            let ours = teams::held_elsewhere(state, case).is_none();
            if contact && ours && case.value(Field::CaseFirstContact).is_nothing() {
                plan.set(state, At::of(case), Field::CaseFirstContact, Value::when(when));
            }
        }
        if plan.facts.is_empty() {
            return Err(needs(&Self::SPEC, "the case"));
        }
        Ok(plan.say("Noted."))
    }
}
