//! Saying that somebody in one case is the same person as somebody in another.

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::person::{self, Person, same_links};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::case_link::{Words, link};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Links two records of one person, or takes the link back. Each case keeps its own record.
#[derive(Clone, Debug)]
pub struct PersonSame {
    /// Somebody in one case.
    pub person: ItemId,
    /// Somebody in another.
    pub other: ItemId,
    /// False to take it back.
    pub same: bool,
}

impl Verb for PersonSame {
    const SPEC: Spec = Spec {
        name: "person.same",
        label: "The same person",
        doc: "Says that somebody in one case is the same person as somebody in another; each case keeps its own record.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "person same",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let one = Person(cx.standing(state, self.person, ItemKind::Person)?);
        let other = Person(cx.standing(state, self.other, ItemKind::Person)?);
        for person in [one, other] {
            if person::visible(state, cx.me, person.0.stream.item()).is_none() {
                return Err(Refusal::new("There is no such person here.", "Look in the list for the right one."));
            }
        }
        let (a, b) = (state.code(self.person), state.code(self.other));
        let mut plan = Plan::default();
        if self.same {
            if one.0.stream == other.0.stream {
                return Err(Refusal::new(
                    "Both are in the same case.",
                    "If it is one person, give one record all roles and remove the other.",
                ));
            }
            if one.0.class == Class::Reporter || other.0.class == Class::Reporter {
                return Err(Refusal::new(
                    "Who reported is linked to nobody: the whole team reads the links.",
                    "Leave the reporter's record as it is.",
                ));
            }
            if one.same(state).iter().any(|it| it.0.id == self.other) {
                return Err(Refusal::new("That is on record already.", "Nothing needs to be done."));
            }
            link(state, cx, &mut plan, (self.person, self.other), person::SAME_PERSON, &Words::default());
            return Ok(plan.say(format!("Persons {a} and {b} are the same.")));
        }
        for (found, _) in same_links(state, self.person).filter(|(_, end)| *end == self.other) {
            plan.set(state, At::of(found), Field::Retracted, Value::YesNo(true));
        }
        if plan.facts.is_empty() {
            return Err(Refusal::new(
                format!("No link says that persons {a} and {b} are the same."),
                "It may follow from others: take those back instead.",
            ));
        }
        Ok(plan.say(format!("Persons {a} and {b} are two again.")))
    }
}
