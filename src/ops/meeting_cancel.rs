//! Calls a meeting off, with the reason.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Phase, Series};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::meeting_edit::leading;
use super::meeting_new::plan_next;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Calls a meeting off. The next one of its series is put into the calendar.
#[derive(Clone, Debug)]
pub struct MeetingCancel {
    /// The meeting.
    pub meeting: ItemId,
    /// Why.
    pub reason: String,
}

impl Verb for MeetingCancel {
    const SPEC: Spec = Spec {
        name: "meeting.cancel",
        label: "Call a meeting off",
        doc: "Calls a meeting off, with the reason; the next of its series is put into the calendar.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting cancel",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = leading(state, cx, self.meeting, "call a meeting off")?;
        if meeting.phase() != Phase::Planned {
            return Err(Refusal::new(
                format!("Meeting {} is {}.", state.code(self.meeting), meeting.phase().name()),
                "Only a meeting that is to come can be called off. End one that runs.",
            ));
        }
        let reason = clean::line_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "why"));
        }
        let mut plan = Plan::default();
        let value = Value::text(&reason);
        cx.check_value(state, Field::MeetingCancelled, &value)?;
        plan.set(state, At::of(meeting.0), Field::MeetingCancelled, value);
        let series = meeting.0.held(Field::MeetingSeries).as_item().and_then(|id| Series::get(state, id));
        let running = series.filter(|series| series.0.held(Field::SeriesEnded).is_nothing());
        let next = match (running, meeting.day()) {
            (Some(series), Some(day)) => plan_next(state, cx, &mut plan, series, day)?,
            _ => None,
        };
        Ok(match next {
            Some(next) => plan.say(format!("Called off. {}", next.says(state, cx))),
            None => plan.say("Called off."),
        })
    }
}
