//! Cases that don't belong together after all.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::person::Link;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes back every link between two cases.
#[derive(Clone, Debug)]
pub struct CaseUnlink {
    /// One case.
    pub a: ItemId,
    /// The other.
    pub b: ItemId,
}

impl Verb for CaseUnlink {
    const SPEC: Spec = Spec {
        name: "case.unlink",
        label: "Take a link back",
        doc: "Says that two cases don't belong together after all.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case unlink",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = Case(cx.standing(state, self.a, ItemKind::Case)?);
        let mut plan = Plan::default();
        for link in Link::all(state, case).into_iter().filter(|link| link.other == self.b) {
            plan.set(state, At::of(link.item), Field::Retracted, Value::YesNo(true));
        }
        if plan.facts.is_empty() {
            return Err(Refusal::new("These two cases are not linked.", "Nothing needs to be done."));
        }
        Ok(plan.say("The cases are linked no more; u brings the link back."))
    }
}
