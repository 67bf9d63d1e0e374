//! Writes down what is said at a meeting: a decision, dissent, the child's views, a remark.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{AgendaItem, Meeting, Phase};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Writes down what is said under an item: into the item's case, or into the meeting where it is about none.
#[derive(Clone, Debug)]
pub struct MeetingSay {
    /// The agenda item on record.
    pub item: ItemId,
    /// A code of the list `note-kind`: `decision`, `dissent`, `views`, `general` …
    pub kind: String,
    /// The words.
    pub text: String,
    /// Who said it, where that matters; may be empty.
    pub said_by: String,
    /// When it was said; now, if not said. What was written on paper is typed in later with its own hour.
    pub when: Option<DateTime<Utc>>,
}

impl Verb for MeetingSay {
    const SPEC: Spec = Spec {
        name: "meeting.say",
        label: "Write down what is said",
        doc: "Writes down a decision, dissent, the child's views or a remark under an item of the agenda.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting decide",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let (item, meeting) = under(state, cx, self.item)?;
        let text = clean::prose_owned(&self.text);
        if text.is_empty() {
            return Err(needs(&Self::SPEC, "the text"));
        }
        cx.check_code("note-kind", &self.kind)?;
        let class = cx.pack.choice("note-kind", &self.kind).and_then(|kind| kind.class).unwrap_or(Class::Notes);
        // Only an hour that somebody typed can be wrong: a computer whose clock has jumped must still take words down.
        let when = self.when.unwrap_or(cx.now);
        let began = meeting.started().unwrap_or(when);
        let wrong = when > cx.now + TimeDelta::minutes(10) || when < began - TimeDelta::days(1);
        if self.when.is_some() && wrong {
            return Err(Refusal::new(
                "That was not said at this meeting.",
                "Give an hour between its beginning and now.",
            ));
        }
        let stream = stream_of(state, cx, item)?;
        if item.case_id().is_none() && class == Class::Views {
            return Err(Refusal::new(
                "A child's own words belong to that child's case.",
                "Put the case on the agenda, and write them there.",
            ));
        }
        let at = At { stream, item: cx.new_id(), class };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Note);
        for (field, value) in [
            (Field::NoteKind, Value::code(&self.kind)),
            (Field::NoteText, Value::text(&text)),
            (Field::NoteWhen, Value::when(when)),
            (Field::NoteMeeting, Value::Item(self.item)),
            (Field::NoteSaidBy, Value::text(&clean::line_owned(&self.said_by))),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        let label = cx.pack.label("note-kind", &self.kind).to_owned();
        Ok(plan.say(format!("Written down: {label}.")))
    }
}

/// An item of a meeting that runs, or ended within the last days: paper is typed in afterwards.
pub(super) fn under<'s>(
    state: &'s State,
    cx: &Ctx<'_>,
    item: ItemId,
) -> Result<(AgendaItem<'s>, Meeting<'s>), Refusal> {
    cx.may_write(state)?;
    let item = AgendaItem(cx.standing(state, item, ItemKind::Agenda)?);
    let meeting = Meeting(cx.standing(state, item.0.stream.item(), ItemKind::Meeting)?);
    if matches!(meeting.phase(), Phase::Live | Phase::Ended) {
        return Ok((item, meeting));
    }
    Err(Refusal::new(
        format!("Meeting {} is {}.", state.code(meeting.0.id), meeting.phase().name()),
        if meeting.phase() == Phase::Planned { "Begin it first." } else { "Write a note in the case instead." },
    ))
}

/// Where the words of an item go: into its case, or into the meeting.
pub(super) fn stream_of(
    state: &State,
    cx: &Ctx<'_>,
    item: AgendaItem<'_>,
) -> Result<crate::domain::ids::StreamId, Refusal> {
    match item.case_id() {
        Some(case) => Ok(cx.standing(state, case, ItemKind::Case)?.stream),
        None => Ok(item.0.stream),
    }
}
