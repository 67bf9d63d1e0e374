//! Somebody declares a conflict of interest in an item.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::AgendaItem;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::agenda_lines::open_agenda;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Somebody declares a conflict of interest: they leave for that item, get no action on it, and their copy of the minutes
/// leaves it out.
#[derive(Clone, Debug)]
pub struct MeetingConflict {
    /// The agenda item on record.
    pub item: ItemId,
    /// Who.
    pub member: ItemId,
    /// False takes it back.
    pub declared: bool,
}

impl Verb for MeetingConflict {
    const SPEC: Spec = Spec {
        name: "meeting.conflict",
        label: "Conflict of interest",
        doc: "Somebody declares a conflict of interest: they leave for that item, get no action on it, and their minutes leave it out.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting conflict",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = AgendaItem(cx.standing(state, self.item, ItemKind::Agenda)?);
        open_agenda(state, cx, item.0.stream.item())?;
        cx.standing(state, self.member, ItemKind::Member)?;
        if !self.declared && self.member != cx.me {
            cx.may_lead(state, "take back somebody else's conflict of interest")?;
        }
        let mut who = item.conflicted(state);
        who.retain(|member| *member != self.member);
        if self.declared {
            who.push(self.member);
        }
        let mut plan = Plan::default();
        for twin in item.twins(state) {
            plan.set(state, At::of(twin.0), Field::AgendaConflicted, Value::items(who.clone()));
        }
        plan.say(if self.declared { "Noted: they leave for this item." } else { "Taken back." }).or_unchanged()
    }
}
