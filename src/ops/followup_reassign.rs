//! Gives a planned contact to another member or agency.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::check_owner;
use super::followup_done::planned;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Gives a planned contact to another member or agency; what repeats stays with them.
#[derive(Clone, Debug)]
pub struct FollowUpReassign {
    /// The follow-up.
    pub followup: ItemId,
    /// Who makes it from now on.
    pub who: ItemId,
}

impl Verb for FollowUpReassign {
    const SPEC: Spec = Spec {
        name: "followup.reassign",
        label: "Reassign a follow-up",
        doc: "Gives a planned contact, and those that repeat it, to another member or agency.",
        group: Group::FollowUp,
        danger: Danger::Undoable,
        cli: "followup reassign",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = planned(state, cx, self.followup)?;
        check_owner(state, cx, self.who)?;
        let mut plan = Plan::default();
        plan.set(state, At::of(item), Field::FollowUpWho, Value::Item(self.who));
        plan.say("Somebody else makes the contact.").or_unchanged()
    }
}
