//! Records that the contact was made, and what was found.

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::FollowUp;

use super::followup_add::{Contact, plan_contact};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Records that the contact was made, and what was found.
#[derive(Clone, Debug)]
pub struct FollowUpDone {
    /// The follow-up.
    pub followup: ItemId,
    /// What was found; may be empty.
    pub note: String,
}

impl Verb for FollowUpDone {
    const SPEC: Spec = Spec {
        name: "followup.done",
        label: "Contact made",
        doc: "Records that the contact was made, and what was found.",
        group: Group::FollowUp,
        danger: Danger::Undoable,
        cli: "followup done",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = planned(state, cx, self.followup)?;
        let at = At::of(item);
        let mut plan = Plan::default();
        plan.set(state, at, Field::FollowUpState, Value::code("done"));
        plan.set(state, at, Field::FollowUpNote, Value::text(&clean::prose_owned(&self.note)));
        plan.set(state, at, Field::FollowUpDone, Value::when(cx.now));
        let case = state.item(item.stream.item());
        if let Some(case) = case.filter(|case| case.value(Field::CaseFirstContact).is_nothing()) {
            plan.set(state, At::of(case), Field::CaseFirstContact, Value::when(cx.now));
        }
        next_of(state, cx, &mut plan, item);
        Ok(plan.say("Contact recorded."))
    }
}

/// A follow-up that is still to be made.
pub(super) fn planned<'s>(state: &'s State, cx: &Ctx<'_>, followup: ItemId) -> Result<&'s Item, Refusal> {
    let item = cx.standing(state, followup, ItemKind::FollowUp)?;
    if item.str(Field::FollowUpState) == "planned" {
        return Ok(item);
    }
    Err(Refusal::new(
        format!("Follow-up {} is not waiting any more.", state.code(followup)),
        "Plan a new one, or write a note about a further contact.",
    ))
}

/// A repeating follow-up plans its next: counted from the day it was due, never before tomorrow.
pub(super) fn next_of(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, item: &Item) {
    let made = FollowUp(item);
    let (Some(every), Some(due)) = (made.every(), made.due()) else { return };
    let tomorrow = cx.today() + chrono::TimeDelta::days(1);
    let contact = Contact {
        kind: made.kind().to_owned(),
        due: (due + chrono::TimeDelta::days(i64::from(every))).max(tomorrow),
        every: Some(every),
        who: made.who(),
        auto: made.from_policy(),
        group: None,
    };
    plan_contact(state, cx, plan, item.stream, &contact);
}
