//! Who leads a case.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Sets the lead of a case; in one that another team opened or holds, the lead in this team.
#[derive(Clone, Debug)]
pub struct CaseAssign {
    /// The case.
    pub case: ItemId,
    /// The member who leads from now on.
    pub lead: ItemId,
}

impl Verb for CaseAssign {
    const SPEC: Spec = Spec {
        name: "case.assign",
        label: "Assign the lead",
        doc: "Names the member who leads the case.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case assign",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        let lead = cx.standing(state, self.lead, ItemKind::Member)?;
        if !lead.value(Field::MemberLeft).is_nothing() || lead.str(Field::MemberRole) == "observer" {
            return Err(Refusal::new("An observer or a member who left can't lead a case.", "Choose another member."));
        }
        if Case(case).readers(state).is_some_and(|readers| !readers.contains(&self.lead)) {
            return Err(Refusal::new(
                "This case is only for chosen members, and this one is not among them.",
                "Choose one of them, or have the coordinator add this member first.",
            ));
        }
        let at = At::of(case);
        let mut plan = Plan::default();
        // Who leads it elsewhere is not ours to say; who leads it here concerns nobody there.
        if teams::shared_in(state, case) {
            plan.set(state, at, Field::CaseLeadHere, Value::Item(self.lead));
        } else {
            plan.set(state, at, Field::CaseLead, Value::Item(self.lead));
            plan.set(state, at, Field::CaseLeadHere, Value::Nothing);
        }
        plan.say(format!("Case {} has a new lead.", state.code(self.case))).or_unchanged()
    }
}
