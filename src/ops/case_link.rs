//! Cases that belong together.

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Links two cases. Links are the team's own: no bundle but a sync between its devices carries them.
#[derive(Clone, Debug)]
pub struct CaseLink {
    /// One case.
    pub a: ItemId,
    /// The other.
    pub b: ItemId,
    /// The kind's code in the policy pack.
    pub kind: String,
}

impl Verb for CaseLink {
    const SPEC: Spec = Spec {
        name: "case.link",
        label: "Link to another case",
        doc: "Says that two cases belong together: siblings, one household, one suspected network.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case link",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        cx.standing(state, self.a, ItemKind::Case)?;
        cx.standing(state, self.b, ItemKind::Case)?;
        cx.check_code("link-kind", &self.kind)?;
        if self.a == self.b {
            return Err(Refusal::new("A case can't be linked to itself.", "Give the other case's code."));
        }
        let pair = [self.a, self.b];
        let there = state.items(ItemKind::Link).any(|link| {
            let ends = [link.value(Field::LinkA).as_item(), link.value(Field::LinkB).as_item()];
            pair.iter().all(|case| ends.contains(&Some(*case))) && link.str(Field::LinkKind) == self.kind
        });
        if there {
            return Err(Refusal::new("These two cases are already linked so.", "Nothing needs to be done."));
        }
        let mut plan = Plan::default();
        link(state, cx, &mut plan, self.a, self.b, &self.kind);
        Ok(plan.say("Linked."))
    }
}

/// Plans a link between two cases.
pub(super) fn link(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, a: ItemId, b: ItemId, kind: &str) {
    let at = At { stream: state.team_stream(), item: cx.new_id(), class: Class::Links };
    plan.create(at, ItemKind::Link);
    plan.set(state, at, Field::LinkA, Value::Item(a));
    plan.set(state, at, Field::LinkB, Value::Item(b));
    plan.set(state, at, Field::LinkKind, Value::code(kind));
}
