//! Calls an outreach event off, with the reason.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::outreach::Phase;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::outreach_add::{checked, open_event};
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Calls an event off.
#[derive(Clone, Debug)]
pub struct OutreachCancel {
    /// The event.
    pub event: ItemId,
    /// Why.
    pub reason: String,
}

impl Verb for OutreachCancel {
    const SPEC: Spec = Spec {
        name: "outreach.cancel",
        label: "Call an outreach event off",
        doc: "Calls an outreach event off, with the reason; it stays on record.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "outreach cancel",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let event = open_event(state, cx, self.event)?;
        if event.phase() != Phase::Planned {
            return Err(Refusal::new(
                format!("Event {} was held.", state.code(self.event)),
                "What was held can't be called off. Change what is wrong about it.",
            ));
        }
        let reason = clean::line_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "why"));
        }
        let mut plan = Plan::default();
        let value = checked(state, cx, Field::OutreachCancelled, Value::text(&reason))?;
        plan.set(state, At::of(event.0), Field::OutreachCancelled, value);
        Ok(plan.say("Called off."))
    }
}
