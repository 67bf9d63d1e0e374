//! Reopening a case.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::pack::Risk;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::closure_approve::settle;
use super::follow_policy::follow_policy;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Reopens a closed case.
#[derive(Clone, Debug)]
pub struct CaseReopen {
    /// The case.
    pub case: ItemId,
    /// Why.
    pub reason: String,
    /// Plan the contacts that the policy asks for.
    pub followup: bool,
}

impl Verb for CaseReopen {
    const SPEC: Spec = Spec {
        name: "case.reopen",
        label: "Reopen the case",
        doc: "Opens a closed case again, with a reason; its risk is to be assessed anew.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case reopen",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.standing(state, self.case, ItemKind::Case)?;
        let reason = clean::prose_owned(&self.reason);
        if case.value(Field::CaseClosed).is_nothing() {
            return Err(Refusal::new(format!("Case {} is open.", state.code(self.case)), "Nothing needs to be done."));
        }
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "the reason"));
        }
        let at = At::of(case);
        let mut plan = Plan::default();
        plan.set(state, at, Field::CaseClosed, Value::Nothing);
        plan.set(state, at, Field::CaseCloseReason, Value::Nothing);
        // A request that was overtaken does not come to life again with the case.
        settle(state, &mut plan, Case(case));
        plan.set(state, at, Field::CaseStage, Value::code(cx.first_stage()));
        plan.set(state, at, Field::CaseRisk, Value::code("unassessed"));
        let note = At { stream: case.stream, item: cx.new_id(), class: Class::Notes };
        plan.create(note, ItemKind::Note);
        plan.set(state, note, Field::NoteKind, Value::code("decision"));
        plan.set(state, note, Field::NoteText, Value::text(&format!("Reopened: {reason}")));
        plan.set(state, note, Field::NoteWhen, Value::when(cx.now));
        let mut says = format!("Case {} is open again; please assess its risk.", state.code(self.case));
        if self.followup && case.value(Field::CaseDied).is_nothing() {
            let place = (cx.first_stage().to_owned(), Risk::Unassessed);
            says += &follow_policy(state, cx, &mut plan, case.stream, (&place.0, place.1));
        }
        Ok(plan.say(says))
    }
}
