//! Moves a line of an agenda.

use crate::domain::ids::ItemId;
use crate::domain::state::State;

use super::agenda_lines::{self, Matter};
use super::meeting_edit::leading;
use super::{Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Moves a line of an agenda. From then on the whole agenda stays in that order; what the policy finds later comes last.
#[derive(Clone, Debug)]
pub struct AgendaMove {
    /// The meeting.
    pub meeting: ItemId,
    /// The line.
    pub matter: Matter,
    /// Its new place, counted from 1.
    pub to: usize,
}

impl Verb for AgendaMove {
    const SPEC: Spec = Spec {
        name: "agenda.move",
        label: "Move on the agenda",
        doc: "Moves a line of the agenda to another place; from then on the agenda stays in that order.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting agenda",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        leading(state, cx, self.meeting, "order the agenda")?;
        let meeting = agenda_lines::open_agenda(state, cx, self.meeting)?;
        let mut lines = agenda_lines::lines(state, cx, meeting);
        let from = agenda_lines::find(&lines, &self.matter)?;
        if !(1..=lines.len()).contains(&self.to) {
            return Err(Refusal::new(
                format!("The agenda has {} lines.", lines.len()),
                format!("Give a place from 1 to {}.", lines.len()),
            ));
        }
        let line = lines.remove(from);
        lines.insert(self.to - 1, line);
        let mut plan = Plan::default();
        agenda_lines::freeze(state, cx, &mut plan, meeting, &lines);
        plan.say("Moved.").or_unchanged()
    }
}
