//! Gives an action to another member or agency.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::AgendaItem;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::{check_owner, open_action};
use super::meeting_action::check_conflict;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Gives an action to another member or agency.
#[derive(Clone, Debug)]
pub struct ActionReassign {
    /// The action.
    pub action: ItemId,
    /// Who has it from now on.
    pub owner: ItemId,
}

impl Verb for ActionReassign {
    const SPEC: Spec = Spec {
        name: "action.reassign",
        label: "Reassign",
        doc: "Gives an action to another member or agency.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action reassign",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let action = open_action(state, cx, self.action)?;
        let at = At::of(action);
        let mut plan = Plan::default();
        check_owner(state, cx, self.owner)?;
        let given_at = action.held(Field::ActionMeeting).as_item().and_then(|item| AgendaItem::get(state, item));
        if let Some(item) = given_at {
            check_conflict(state, item, self.owner)?;
        }
        plan.set(state, at, Field::ActionOwner, Value::Item(self.owner));
        plan.say("It has a new owner.").or_unchanged()
    }
}
