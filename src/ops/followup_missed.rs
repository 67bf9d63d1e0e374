//! Records that the contact could not be made, and why.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::followup_done::{next_of, planned};
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Records that the contact could not be made, and why.
#[derive(Clone, Debug)]
pub struct FollowUpMissed {
    /// The follow-up.
    pub followup: ItemId,
    /// Why.
    pub note: String,
}

impl Verb for FollowUpMissed {
    const SPEC: Spec = Spec {
        name: "followup.missed",
        label: "Contact missed",
        doc: "Records that the contact could not be made, and why.",
        group: Group::FollowUp,
        danger: Danger::Undoable,
        cli: "followup missed",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = planned(state, cx, self.followup)?;
        let note = clean::prose_owned(&self.note);
        if note.is_empty() {
            return Err(needs(&Self::SPEC, "why it could not be made"));
        }
        let at = At::of(item);
        let mut plan = Plan::default();
        plan.set(state, at, Field::FollowUpState, Value::code("missed"));
        plan.set(state, at, Field::FollowUpNote, Value::text(&note));
        next_of(state, cx, &mut plan, item);
        Ok(plan.say("Recorded as missed."))
    }
}
