//! Gives an action another day; a late one needs a reason.

use chrono::NaiveDate;

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::{check_due, open_action};
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Gives an action another day; a late one needs a reason.
#[derive(Clone, Debug)]
pub struct ActionPostpone {
    /// The action.
    pub action: ItemId,
    /// The new day.
    pub due: NaiveDate,
    /// Why; needed where the day was already past.
    pub reason: String,
}

impl Verb for ActionPostpone {
    const SPEC: Spec = Spec {
        name: "action.postpone",
        label: "Postpone",
        doc: "Gives an action another day; a late one needs a reason.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action postpone",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let action = open_action(state, cx, self.action)?;
        let at = At::of(action);
        let mut plan = Plan::default();
        check_due(cx, self.due)?;
        let reason = clean::line_owned(&self.reason);
        let late = action.value(Field::ActionDue).as_date().is_some_and(|due| due < cx.today());
        if late && reason.is_empty() {
            return Err(needs(&Self::SPEC, "why it was late"));
        }
        plan.set(state, at, Field::ActionDue, Value::date(self.due));
        if !reason.is_empty() {
            plan.set(state, at, Field::ActionWhyNote, Value::text(&reason));
        }
        plan.say("Postponed.").or_unchanged()
    }
}
