//! Moving a case along its way.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::follow_policy::follow_policy;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Sets the stage. Stages are a path, not a gate: any stage of the policy may follow any other, except that closing
/// has its own rules.
#[derive(Clone, Debug)]
pub struct CaseStage {
    /// The case.
    pub case: ItemId,
    /// The stage's code in the policy pack.
    pub stage: String,
    /// Plan the contacts that the policy asks for at this stage.
    pub followup: bool,
}

impl Verb for CaseStage {
    const SPEC: Spec = Spec {
        name: "case.stage",
        label: "Change the stage",
        doc: "Moves the case to another stage of its way.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case stage",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        cx.check_code("stage", &self.stage)?;
        if self.stage == "closed" {
            return Err(Refusal::new("A case is closed with a reason.", "Use `case close CODE --reason …` (key X)."));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(case), Field::CaseStage, Value::code(&self.stage));
        if plan.facts.is_empty() {
            return plan.or_unchanged();
        }
        let mut says = format!("Case {} is now at: {}.", state.code(self.case), cx.pack.label("stage", &self.stage));
        let view = Case(case);
        if self.followup && view.runs() {
            says += &follow_policy(state, cx, &mut plan, case.stream, (&self.stage, view.risk()));
        }
        Ok(plan.say(says))
    }
}
