//! Gives a planned contact another day; a late one needs a reason.

use chrono::NaiveDate;

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::check_due;
use super::followup_done::planned;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Gives a planned contact another day. A repeating one counts its next from the new day.
#[derive(Clone, Debug)]
pub struct FollowUpMove {
    /// The follow-up.
    pub followup: ItemId,
    /// The new day.
    pub due: NaiveDate,
    /// Why; needed where the day was already past.
    pub reason: String,
}

impl Verb for FollowUpMove {
    const SPEC: Spec = Spec {
        name: "followup.move",
        label: "Move a follow-up",
        doc: "Gives a planned contact another day; a late one needs a reason.",
        group: Group::FollowUp,
        danger: Danger::Undoable,
        cli: "followup move",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = planned(state, cx, self.followup)?;
        check_due(cx, self.due)?;
        let reason = clean::line_owned(&self.reason);
        let late = item.value(Field::FollowUpDue).as_date().is_some_and(|due| due < cx.today());
        if late && reason.is_empty() {
            return Err(needs(&Self::SPEC, "why it was late"));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(item), Field::FollowUpDue, Value::date(self.due));
        if plan.facts.is_empty() {
            return plan.or_unchanged();
        }
        if !reason.is_empty() {
            plan.set(state, At::of(item), Field::FollowUpWhy, Value::text(&reason));
        }
        Ok(plan.say("The contact has another day."))
    }
}
