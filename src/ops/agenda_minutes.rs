//! Says how many minutes a line of an agenda gets.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::agenda_lines::{self, Matter, New};
use super::meeting_edit::leading;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Says how many minutes a line gets.
#[derive(Clone, Debug)]
pub struct AgendaMinutes {
    /// The meeting.
    pub meeting: ItemId,
    /// The line.
    pub matter: Matter,
    /// 1 to 240.
    pub minutes: u32,
}

impl Verb for AgendaMinutes {
    const SPEC: Spec = Spec {
        name: "agenda.minutes",
        label: "Minutes for an item",
        doc: "Says how many minutes a line of the agenda gets.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting agenda",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        leading(state, cx, self.meeting, "give an item its minutes")?;
        let meeting = agenda_lines::open_agenda(state, cx, self.meeting)?;
        agenda_lines::check_minutes(self.minutes)?;
        let lines = agenda_lines::lines(state, cx, meeting);
        let line = &lines[agenda_lines::find(&lines, &self.matter)?];
        let mut plan = Plan::default();
        if let Some(item) = line.item.and_then(|item| state.item(item)) {
            plan.set(state, At::of(item), Field::AgendaMinutes, Value::Number(i64::from(self.minutes)));
        } else {
            let matter = line.case.map_or_else(|| Matter::Text(line.text.clone()), Matter::Case);
            let minutes = i64::from(self.minutes);
            let new = New { matter, why: line.why.clone(), minutes, place: None, state: "open" };
            agenda_lines::plan_item(state, cx, &mut plan, meeting.0.stream, &new);
        }
        plan.say(format!("{} minutes.", self.minutes)).or_unchanged()
    }
}
