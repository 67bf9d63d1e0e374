//! Gives somebody something to do before or after an outreach event: an ordinary action of the team that knows its event.

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::{NewAction, check_due, check_owner, plan_action};
use super::outreach_add::open_event;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Gives an action for an event.
#[derive(Clone, Debug)]
pub struct OutreachAction {
    /// The event.
    pub event: ItemId,
    /// What is to be done.
    pub text: String,
    /// A member or an agency.
    pub owner: ItemId,
    /// By when.
    pub due: NaiveDate,
}

impl Verb for OutreachAction {
    const SPEC: Spec = Spec {
        name: "outreach.action",
        label: "Add an action for an outreach event",
        doc: "Gives a member or an agency something to do for an outreach event, or after it.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "outreach action",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let event = open_event(state, cx, self.event)?;
        let text = clean::prose_owned(&self.text);
        if text.is_empty() {
            return Err(needs(&Self::SPEC, "what is to be done"));
        }
        cx.check_value(state, Field::ActionText, &Value::text(&text))?;
        check_owner(state, cx, self.owner)?;
        check_due(cx, self.due)?;
        let mut plan = Plan::default();
        let class = Class::Notes;
        let (owner, due) = (self.owner, self.due);
        let new = NewAction { text: &text, owner, due, time: None, priority: "normal", class, group: None };
        plan_action(state, cx, &mut plan, state.team_stream(), &new);
        let made = plan.made.first().copied().ok_or_else(|| needs(&Self::SPEC, "what is to be done"))?;
        debug_assert!(plan.facts.iter().any(|placed| {
            matches!(placed.fact, crate::domain::fact::Fact::Created { kind: ItemKind::Action, item, .. } if item == made)
        }));
        let at = At { stream: state.team_stream(), item: made, class };
        plan.set(state, at, Field::ActionOutreach, Value::Item(event.0.id));
        Ok(plan.say("Action added."))
    }
}
