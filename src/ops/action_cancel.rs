//! Cancels an action that is not needed any more, with a reason.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::open_action;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Cancels an action that is not needed any more, with a reason.
#[derive(Clone, Debug)]
pub struct ActionCancel {
    /// The action.
    pub action: ItemId,
    /// Why it is not needed any more.
    pub reason: String,
}

impl Verb for ActionCancel {
    const SPEC: Spec = Spec {
        name: "action.cancel",
        label: "Cancel the action",
        doc: "Cancels an action that is not needed any more, with a reason.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action cancel",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let action = open_action(state, cx, self.action)?;
        let at = At::of(action);
        let mut plan = Plan::default();
        let reason = clean::line_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "the reason"));
        }
        plan.set(state, at, Field::ActionState, Value::code("cancelled"));
        plan.set(state, at, Field::ActionWhyNote, Value::text(&reason));
        plan.say(format!("Action {} is cancelled.", state.code(self.action))).or_unchanged()
    }
}
