//! Says why an action is not done: circumstances changed, or the agency has not acted.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::open_action;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Says why an action is not done: circumstances changed, or the agency has not acted.
#[derive(Clone, Debug)]
pub struct ActionWhy {
    /// The action.
    pub action: ItemId,
    /// The reason's code in the policy pack.
    pub why: String,
    /// More, in words.
    pub note: String,
}

impl Verb for ActionWhy {
    const SPEC: Spec = Spec {
        name: "action.why",
        label: "Why not",
        doc: "Says why an action is not done: circumstances changed, or the agency has not acted.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action why",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let action = open_action(state, cx, self.action)?;
        let at = At::of(action);
        let mut plan = Plan::default();
        cx.check_code("why", &self.why)?;
        plan.set(state, at, Field::ActionState, Value::code("blocked"));
        plan.set(state, at, Field::ActionWhy, Value::code(&self.why));
        plan.set(state, at, Field::ActionWhyNote, Value::text(&clean::line_owned(&self.note)));
        let label = cx.pack.label("why", &self.why).to_lowercase();
        plan.say(format!("Not done: {label}.")).or_unchanged()
    }
}
