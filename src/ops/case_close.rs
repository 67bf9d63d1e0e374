//! Closing a case.

use crate::domain::care;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Closes a case with a reason.
#[derive(Clone, Debug)]
pub struct CaseClose {
    /// The case.
    pub case: ItemId,
    /// The reason's code in the policy pack.
    pub reason: String,
    /// Closing words.
    pub note: String,
    /// Close although actions are open: they are cancelled with the case.
    pub cancel_open: bool,
}

impl Verb for CaseClose {
    const SPEC: Spec = Spec {
        name: "case.close",
        label: "Close the case",
        doc: "Closes the case with a reason; its clocks and follow-ups stop, its record stays.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case close",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        cx.check_code("close-reason", &self.reason)?;
        let open: Vec<_> = state
            .items_in(case.stream, ItemKind::Action)
            .filter(|action| !matches!(action.str(Field::ActionState), "done" | "cancelled"))
            .collect();
        if !open.is_empty() && !self.cancel_open && self.reason != "died" {
            return Err(Refusal::new(
                format!(
                    "Case {} still has {} open {}.",
                    state.code(self.case),
                    open.len(),
                    if open.len() == 1 { "action" } else { "actions" }
                ),
                "Finish or cancel them first, or close with --cancel-open (they are cancelled with the case).",
            ));
        }
        let at = At::of(case);
        let mut plan = Plan::default();
        plan.set(state, at, Field::CaseClosed, Value::when(cx.now));
        plan.set(state, at, Field::CaseCloseReason, Value::code(&self.reason));
        plan.set(state, at, Field::CaseCloseNote, Value::text(&clean::prose_owned(&self.note)));
        plan.set(state, at, Field::CaseStage, Value::code("closed"));
        if self.reason == "died" && case.value(Field::CaseDied).is_nothing() {
            plan.set(state, at, Field::CaseDied, Value::date(cx.today()));
        }
        for action in open {
            plan.set(state, At::of(action), Field::ActionState, Value::code("cancelled"));
        }
        for planned in state.items_in(case.stream, ItemKind::FollowUp) {
            if planned.str(Field::FollowUpState) == "planned" {
                plan.set(state, At::of(planned), Field::FollowUpState, Value::code("cancelled"));
            }
        }
        let running = care::running(state, Case(case)).count();
        let left = match running {
            0 => String::new(),
            1 => " 1 service in its care plan still runs: somebody has to end it or to take it over.".to_owned(),
            several => {
                format!(
                    " {several} services in its care plan still run: somebody has to end them or to take them over."
                )
            }
        };
        let left = if self.reason == "died" { String::new() } else { left };
        Ok(plan.say(format!("Case {} is closed.{left}", state.code(self.case))))
    }
}
