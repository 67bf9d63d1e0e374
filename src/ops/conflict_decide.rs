//! Deciding between values that two people wrote without knowing of each other.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Settles a field: one of the values that stand, or a third. The decision is an entry like any other.
#[derive(Clone, Debug)]
pub struct ConflictDecide {
    /// Whose field.
    pub item: ItemId,
    /// Which field.
    pub field: Field,
    /// What it shall say.
    pub value: Value,
}

impl Verb for ConflictDecide {
    const SPEC: Spec = Spec {
        name: "conflict.decide",
        label: "Decide a conflict",
        doc: "Settles a field to which two people wrote different values; both stay in the history.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case decide",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = state.item(self.item).filter(|item| item.stands());
        let item = item.ok_or_else(|| Refusal::new("That is not here any more.", "Look at the list again."))?;
        if !item.register(self.field).is_some_and(super::super::domain::item::Register::in_conflict) {
            return Err(Refusal::new(
                "There is nothing to decide here.",
                "Edit the field if it should say something else.",
            ));
        }
        cx.check_value(state, self.field, &self.value)?;
        let mut plan = Plan::default();
        plan.set(state, At::of(item), self.field, clean::value(self.field, self.value.clone()));
        if self.field == Field::CaseRisk {
            // Who decides about the risk assesses it.
            plan.set(state, At::of(item), Field::CaseRiskSet, Value::when(cx.now));
        }
        Ok(plan.say("Decided; both values stay in the history."))
    }
}
