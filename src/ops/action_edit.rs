//! Changes the words or the priority of an action.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::open_action;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Changes the words or the priority of an action.
#[derive(Clone, Debug)]
pub struct ActionEdit {
    /// The action.
    pub action: ItemId,
    /// The new words; unchanged, if not given.
    pub text: Option<String>,
    /// The new priority's code; unchanged, if not given.
    pub priority: Option<String>,
}

impl Verb for ActionEdit {
    const SPEC: Spec = Spec {
        name: "action.edit",
        label: "Edit the action",
        doc: "Changes the words or the priority of an action.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let action = open_action(state, cx, self.action)?;
        let at = At::of(action);
        let mut plan = Plan::default();
        if let Some(text) = &self.text {
            let text = clean::prose_owned(text);
            if text.is_empty() {
                return Err(needs(&Self::SPEC, "what is to be done"));
            }
            plan.set(state, at, Field::ActionText, Value::text(&text));
        }
        if let Some(priority) = &self.priority {
            cx.check_code("priority", priority)?;
            plan.set(state, at, Field::ActionPriority, Value::code(priority));
        }
        plan.say("Saved.").or_unchanged()
    }
}
