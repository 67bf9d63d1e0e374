//! Marks minutes as sent.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::Phase;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::meeting_edit::leading;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Marks the minutes of a meeting as sent, and says how: their clock stops.
#[derive(Clone, Debug)]
pub struct MinutesSent {
    /// The meeting.
    pub meeting: ItemId,
    /// How: "handed out, 9 copies", "sealed to each agency".
    pub how: String,
}

impl Verb for MinutesSent {
    const SPEC: Spec = Spec {
        name: "minutes.sent",
        label: "Minutes are sent",
        doc: "Marks the minutes of a meeting as sent, and says how; their clock stops.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting sent",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = leading(state, cx, self.meeting, "mark minutes as sent")?;
        if meeting.phase() != Phase::Approved {
            return Err(Refusal::new(
                format!("Meeting {} is {}.", state.code(self.meeting), meeting.phase().name()),
                "Minutes are sent once they are approved: `mahoe meeting approve`.",
            ));
        }
        let how = clean::line_owned(&self.how);
        if how.is_empty() {
            return Err(needs(&Self::SPEC, "how they were sent"));
        }
        let mut plan = Plan::default();
        let at = At::of(meeting.0);
        let value = Value::text(&how);
        cx.check_value(state, Field::MeetingSentHow, &value)?;
        plan.set(state, at, Field::MeetingSent, Value::when(cx.now));
        plan.set(state, at, Field::MeetingSentHow, value);
        Ok(plan.say("Marked as sent."))
    }
}
