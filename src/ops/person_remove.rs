//! Taking somebody out of a case who doesn't belong there. The record stays until it is struck.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::teams::made_elsewhere;
use crate::domain::value::Value;

use super::person_edit::in_open_case;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes a person back.
#[derive(Clone, Debug)]
pub struct PersonRemove {
    /// The person.
    pub person: ItemId,
}

impl Verb for PersonRemove {
    const SPEC: Spec = Spec {
        name: "person.remove",
        label: "Remove a person",
        doc: "Takes somebody out of a case who was written down by mistake.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "person remove",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let (found, _) = in_open_case(state, cx, self.person)?;
        let code = state.code(self.person);
        // Said by us it would be refused over there, and all that follows it.
        if made_elsewhere(state, found.0) {
            return Err(Refusal::new(
                format!("Person {code} was written down by another team: only they can remove them."),
                "Ask them to; once they did, the person goes here with their next update.",
            ));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(found.0), Field::Retracted, Value::YesNo(true));
        Ok(plan.say(format!("Person {code} is removed; u brings them back.")))
    }
}
