//! Puts another policy pack in force, for everybody and on the record.

use crate::domain::class::Class;
use crate::domain::field::Field;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts another policy pack in force, for everybody and on the record.
#[derive(Clone, Debug)]
pub struct PolicySet {
    /// The pack's text, already checked by its reader.
    pub text: String,
}

impl Verb for PolicySet {
    const SPEC: Spec = Spec {
        name: "policy.set",
        label: "Set the policy",
        doc: "Puts another policy pack in force, for everybody and on the record.",
        group: Group::Team,
        danger: Danger::Undoable,
        cli: "policy set",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "change the policy")?;
        let team = state.team_stream();
        let at = At { stream: team, item: team.item(), class: Class::Core };
        let mut plan = Plan::default();
        plan.set(state, at, Field::TeamPolicy, Value::text(&self.text));
        plan.say("The new policy is in force.").or_unchanged()
    }
}
