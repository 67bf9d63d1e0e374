//! Marks an action as being done.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::open_action;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Marks an action as being done.
#[derive(Clone, Debug)]
pub struct ActionStart {
    /// The action.
    pub action: ItemId,
}

impl Verb for ActionStart {
    const SPEC: Spec = Spec {
        name: "action.start",
        label: "Start the action",
        doc: "Marks an action as being done.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action start",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let action = open_action(state, cx, self.action)?;
        let at = At::of(action);
        let mut plan = Plan::default();
        plan.set(state, at, Field::ActionState, Value::code("doing"));
        plan.set(state, at, Field::ActionWhy, Value::Nothing);
        plan.set(state, at, Field::ActionWhyNote, Value::Nothing);
        plan.say("Marked as being done.").or_unchanged()
    }
}
