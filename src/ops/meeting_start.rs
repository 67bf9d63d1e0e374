//! Begins a meeting.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Phase};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::agenda_lines;
use super::meeting_edit::leading;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Begins a meeting: its agenda stands from now on.
#[derive(Clone, Debug)]
pub struct MeetingStart {
    /// The meeting.
    pub meeting: ItemId,
    /// The confidentiality statement was read aloud.
    pub statement: bool,
}

impl Verb for MeetingStart {
    const SPEC: Spec = Spec {
        name: "meeting.start",
        label: "Begin the meeting",
        doc: "Begins a meeting: the confidentiality statement is read, and the agenda stands from then on.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting start",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = leading(state, cx, self.meeting, "begin a meeting")?;
        if meeting.phase() != Phase::Planned {
            return Err(Refusal::new(
                format!("Meeting {} is {}.", state.code(self.meeting), meeting.phase().name()),
                "Begin one that is to come, or plan one.",
            ));
        }
        if let Some(other) = Meeting::live(state) {
            return Err(Refusal::new(format!("Meeting {} still runs.", state.code(other.0.id)), "End it first."));
        }
        if !self.statement {
            return Err(Refusal::new(
                "The confidentiality statement was not read.",
                "Read it aloud first, and say so (`--statement`).",
            ));
        }
        let lines = agenda_lines::lines(state, cx, meeting);
        let mut plan = Plan::default();
        agenda_lines::freeze(state, cx, &mut plan, meeting, &lines);
        let at = At::of(meeting.0);
        if meeting.chair().is_none() {
            plan.set(state, at, Field::MeetingChair, Value::Item(cx.me));
        }
        plan.set(state, at, Field::MeetingStatement, Value::when(cx.now));
        plan.set(state, at, Field::MeetingStatementBy, Value::Item(cx.me));
        plan.set(state, at, Field::MeetingStarted, Value::when(cx.now));
        Ok(plan.say(match lines.len() {
            0 => "The meeting has begun. Nothing is on the agenda.".to_owned(),
            1 => "The meeting has begun. 1 item is on the agenda.".to_owned(),
            count => format!("The meeting has begun. {count} items are on the agenda."),
        }))
    }
}
