//! Marks an action as done.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::open_action;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Marks an action as done.
#[derive(Clone, Debug)]
pub struct ActionDone {
    /// The action.
    pub action: ItemId,
}

impl Verb for ActionDone {
    const SPEC: Spec = Spec {
        name: "action.done",
        label: "Done",
        doc: "Marks an action as done.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action done",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let action = open_action(state, cx, self.action)?;
        let at = At::of(action);
        let mut plan = Plan::default();
        plan.set(state, at, Field::ActionState, Value::code("done"));
        plan.set(state, at, Field::ActionDone, Value::when(cx.now));
        plan.say(format!("Action {} is done.", state.code(self.action))).or_unchanged()
    }
}
