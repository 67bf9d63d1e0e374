//! Somebody declares a conflict of interest in an item.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::record::Record;
use crate::domain::meeting::{AgendaItem, Meeting, Phase};
use crate::domain::state::State;
use crate::domain::value::Value;

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
        let meeting = Meeting(cx.standing(state, item.0.stream.item(), ItemKind::Meeting)?);
        // Somebody may see only in the draft that a case concerns them: until the minutes are sent their copy can leave
        // it out.
        if matches!(meeting.phase(), Phase::Cancelled | Phase::Sent) {
            return Err(Refusal::new(
                format!("Meeting {} is {}.", state.code(meeting.0.id), meeting.phase().name()),
                "What has left can't be changed: ask for their copy back.",
            ));
        }
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
        if !self.declared {
            return plan.say("Taken back.").or_unchanged();
        }
        let record = Record::of(state, meeting, item);
        let theirs = record.given.iter().chain(record.last_time.iter().map(|(action, _)| action));
        let says = match theirs.filter(|action| action.is_open() && action.owner() == Some(self.member)).count() {
            0 => "Noted: they leave for this item.".to_owned(),
            1 => "Noted: they leave for this item. 1 action in it is theirs: give it to somebody else.".to_owned(),
            count => {
                format!(
                    "Noted: they leave for this item. {count} actions in it are theirs: give them to somebody else."
                )
            }
        };
        plan.say(says).or_unchanged()
    }
}
