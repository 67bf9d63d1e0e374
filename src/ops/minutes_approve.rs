//! Approves a meeting's minutes.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::Phase;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::meeting_edit::leading;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Approves the minutes of a meeting that has ended: nothing is added to them any more.
#[derive(Clone, Debug)]
pub struct MinutesApprove {
    /// The meeting.
    pub meeting: ItemId,
}

impl Verb for MinutesApprove {
    const SPEC: Spec = Spec {
        name: "minutes.approve",
        label: "Approve the minutes",
        doc: "Approves the minutes of a meeting that has ended: nothing is added to them any more.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting approve",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = leading(state, cx, self.meeting, "approve minutes")?;
        if meeting.phase() != Phase::Ended {
            return Err(Refusal::new(
                format!("Meeting {} is {}.", state.code(self.meeting), meeting.phase().name()),
                "Minutes are approved once, when the meeting has ended.",
            ));
        }
        let mut plan = Plan::default();
        let at = At::of(meeting.0);
        plan.set(state, at, Field::MeetingApproved, Value::when(cx.now));
        plan.set(state, at, Field::MeetingApprovedBy, Value::Item(cx.me));
        Ok(plan.say("Approved. Every copy from now on is put on record."))
    }
}
