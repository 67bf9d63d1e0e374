//! An action of an earlier meeting goes on, or says why it was not done.

use chrono::NaiveDate;

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::{check_due, open_action};
use super::meeting_say::under;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Carries an action on.
#[derive(Clone, Debug)]
pub struct MeetingCarry {
    /// The agenda item on record.
    pub item: ItemId,
    /// The action.
    pub action: ItemId,
    /// A new day, if it gets one.
    pub due: Option<NaiveDate>,
    /// Why it was not done: a code of the list `why`; empty where it simply goes on.
    pub why: String,
    /// More, in words; may be empty.
    pub note: String,
}

impl Verb for MeetingCarry {
    const SPEC: Spec = Spec {
        name: "meeting.carry",
        label: "Carry an action on",
        doc: "An action of an earlier meeting goes on, or is marked: circumstances changed, or the agency has not acted.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting carry",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let (item, _) = under(state, cx, self.item)?;
        let action = open_action(state, cx, self.action)?;
        let stream = item.case_id().map_or(state.team_stream(), |case| StreamId(case.0));
        if action.stream != stream {
            return Err(Refusal::new(
                "This action belongs to another case.",
                "Go to that case on the agenda, or change the action in the list of actions.",
            ));
        }
        let at = At::of(action);
        let mut plan = Plan::default();
        plan.set(state, at, Field::ActionCarried, Value::Item(self.item));
        if let Some(due) = self.due {
            check_due(cx, due)?;
            plan.set(state, at, Field::ActionDue, Value::date(due));
        }
        let mut says = "Carried on.".to_owned();
        if !self.why.is_empty() {
            cx.check_code("why", &self.why)?;
            let note = Value::text(&clean::line_owned(&self.note));
            cx.check_value(state, Field::ActionWhyNote, &note)?;
            plan.set(state, at, Field::ActionState, Value::code("blocked"));
            plan.set(state, at, Field::ActionWhy, Value::code(&self.why));
            plan.set(state, at, Field::ActionWhyNote, note);
            says = format!("Not done: {}.", cx.pack.label("why", &self.why).to_lowercase());
        }
        plan.say(says).or_unchanged()
    }
}
