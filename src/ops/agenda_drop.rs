//! Takes a line off an agenda.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::AgendaItem;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::agenda_lines::{self, Matter, New};
use super::meeting_edit::leading;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes a line off an agenda. It can be put there again.
#[derive(Clone, Debug)]
pub struct AgendaDrop {
    /// The meeting.
    pub meeting: ItemId,
    /// The line.
    pub matter: Matter,
}

impl Verb for AgendaDrop {
    const SPEC: Spec = Spec {
        name: "agenda.drop",
        label: "Take off the agenda",
        doc: "Takes a line off the agenda of a meeting; its case stays as it is.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting agenda",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        leading(state, cx, self.meeting, "take something off the agenda")?;
        let meeting = agenda_lines::open_agenda(state, cx, self.meeting)?;
        let lines = agenda_lines::lines(state, cx, meeting);
        let line = &lines[agenda_lines::find(&lines, &self.matter)?];
        let mut plan = Plan::default();
        match line.item.and_then(|item| AgendaItem::get(state, item)).map(|item| item.twins(state)) {
            Some(twins) if twins.iter().any(|item| item.opened().is_some()) => {
                return Err(Refusal::new(
                    "This item was talked about.",
                    "It stays on record: go on to the next, or park it.",
                ));
            }
            Some(twins) => {
                for item in twins {
                    plan.set(state, At::of(item.0), Field::AgendaState, Value::code("dropped"));
                }
            }
            None => {
                let matter = line.case.map_or_else(|| Matter::Text(line.text.clone()), Matter::Case);
                let (why, minutes) = (line.why.clone(), line.minutes);
                let new = New { matter, why, minutes, place: None, state: "dropped" };
                agenda_lines::plan_item(state, cx, &mut plan, meeting.0.stream, &new);
            }
        }
        Ok(plan.say("Taken off the agenda."))
    }
}
