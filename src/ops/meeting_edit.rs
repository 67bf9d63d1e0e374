//! Changes a meeting that is to come or runs: another hour, place, chair, more people.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Phase};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::meeting_new::{check_when, near};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// What may be changed by hand; the rest follows from what happens.
const EDITABLE: &[Field] = &[
    Field::MeetingType,
    Field::MeetingWhen,
    Field::MeetingPlace,
    Field::MeetingChair,
    Field::MeetingScribe,
    Field::MeetingExpected,
    Field::MeetingNote,
];

/// Changes a meeting.
#[derive(Clone, Debug)]
pub struct MeetingEdit {
    /// The meeting.
    pub meeting: ItemId,
    /// The fields and their new values.
    pub set: Vec<(Field, Value)>,
}

impl Verb for MeetingEdit {
    const SPEC: Spec = Spec {
        name: "meeting.edit",
        label: "Change a meeting",
        doc: "Changes when or where a meeting is, who chairs, who takes the minutes, who is expected.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = leading(state, cx, self.meeting, "change a meeting")?;
        if !matches!(meeting.phase(), Phase::Planned | Phase::Live) {
            return Err(Refusal::new(
                format!("Meeting {} is {}.", state.code(self.meeting), meeting.phase().name()),
                "What was is not changed afterwards. Say what is missing under open business of the next one.",
            ));
        }
        let mut plan = Plan::default();
        for (field, value) in &self.set {
            if !EDITABLE.contains(field) {
                return Err(Refusal::new(
                    format!("\"{}\" can't be typed in.", field.def().label),
                    "It follows from what happens at the meeting.",
                ));
            }
            cx.check_value(state, *field, value)?;
            let needed = matches!(field, Field::MeetingType | Field::MeetingWhen | Field::MeetingChair);
            if needed && value.is_nothing() {
                return Err(Refusal::new(
                    format!("\"{}\" is missing.", field.def().label),
                    "A meeting has a type, a day and hour, and somebody who chairs.",
                ));
            }
            if let (Field::MeetingWhen, Some(when)) = (*field, value.as_when()) {
                check_when(cx, when)?;
                if let Some(other) = near(state, when, Some(self.meeting)) {
                    return Err(Refusal::new(
                        format!("Meeting {} is at that hour.", state.code(other.0.id)),
                        "Choose another hour, or call one of them off.",
                    ));
                }
            }
            plan.set(state, At::of(meeting.0), *field, value.clone());
        }
        plan.say("Changed.").or_unchanged()
    }
}

/// A meeting, for whoever leads: coordinator, deputy, whoever chairs it or takes its minutes.
pub(super) fn leading<'s>(state: &'s State, cx: &Ctx<'_>, meeting: ItemId, what: &str) -> Result<Meeting<'s>, Refusal> {
    cx.may_write(state)?;
    let meeting = Meeting(cx.standing(state, meeting, ItemKind::Meeting)?);
    if meeting.chair() != Some(cx.me) && meeting.scribe() != Some(cx.me) {
        cx.may_lead(state, &format!("{what}, beside whoever chairs it and takes its minutes"))?;
    }
    Ok(meeting)
}

/// A meeting that runs, for whoever leads it.
pub(super) fn running<'s>(state: &'s State, cx: &Ctx<'_>, meeting: ItemId, what: &str) -> Result<Meeting<'s>, Refusal> {
    let meeting = leading(state, cx, meeting, what)?;
    if meeting.phase() == Phase::Live {
        return Ok(meeting);
    }
    Err(Refusal::new(
        format!("Meeting {} is {}.", state.code(meeting.0.id), meeting.phase().name()),
        if meeting.phase() == Phase::Planned {
            "Begin it first."
        } else {
            "It is over: write a note in the case instead."
        },
    ))
}
