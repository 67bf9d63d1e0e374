//! Cancels a planned contact that is not needed any more, with a reason.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::followup_done::planned;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Cancels a planned contact, and with it all that would repeat it. Closing a case cancels its contacts too.
#[derive(Clone, Debug)]
pub struct FollowUpCancel {
    /// The follow-up.
    pub followup: ItemId,
    /// Why it is not needed any more.
    pub reason: String,
}

impl Verb for FollowUpCancel {
    const SPEC: Spec = Spec {
        name: "followup.cancel",
        label: "Cancel a follow-up",
        doc: "Cancels a planned contact that is not needed any more, and what would repeat it, with a reason.",
        group: Group::FollowUp,
        danger: Danger::Undoable,
        cli: "followup cancel",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = planned(state, cx, self.followup)?;
        let reason = clean::line_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "the reason"));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(item), Field::FollowUpState, Value::code("cancelled"));
        plan.set(state, At::of(item), Field::FollowUpWhy, Value::text(&reason));
        let repeats = !item.value(Field::FollowUpEvery).is_nothing();
        let rest = if repeats { ", and nothing is planned after it" } else { "" };
        Ok(plan.say(format!("Follow-up {} is cancelled{rest}.", state.code(self.followup))))
    }
}
