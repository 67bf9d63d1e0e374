//! Goes to an item of the agenda, and leaves the one before as dealt with, parked or open.

use chrono::{DateTime, Utc};

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{AgendaItem, Attendance, Meeting};
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::meeting_edit::running;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// The longest turn that is counted, in seconds: a laptop may sleep over a night.
const LONGEST: i64 = 4 * 60 * 60;

/// Goes to an item.
#[derive(Clone, Debug)]
pub struct MeetingTurn {
    /// The meeting.
    pub meeting: ItemId,
    /// The item to go to; `None` ends the turn without another.
    pub to: Option<ItemId>,
    /// What becomes of the item before: `done`, `parked` or `open`.
    pub leave: String,
}

impl Verb for MeetingTurn {
    const SPEC: Spec = Spec {
        name: "meeting.turn",
        label: "Go to an item",
        doc: "Goes to an item of the agenda; the one before is left as dealt with, parked or still to come.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting turn",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = running(state, cx, self.meeting, "go on to another item")?;
        if !matches!(self.leave.as_str(), "done" | "parked" | "open") {
            return Err(Refusal::new("An item is left as done, parked or open.", "Say one of these."));
        }
        let mut plan = Plan::default();
        let before = meeting.at().filter(|at| Some(*at) != self.to);
        if let Some(before) = before.and_then(|at| AgendaItem::get(state, at)) {
            let at = At::of(before.0);
            plan.set(state, at, Field::AgendaState, Value::code(&self.leave));
            plan.set(state, at, Field::AgendaSpent, Value::Number(spent(state, meeting, before, cx.now)));
        }
        if let Some(to) = self.to {
            let item = AgendaItem(cx.standing(state, to, ItemKind::Agenda)?);
            if item.0.stream != meeting.0.stream {
                return Err(Refusal::new("That is on another meeting's agenda.", "Put the case on this one first."));
            }
            let outside = must_leave(state, meeting, item);
            if outside > 0 {
                return Err(Refusal::new(
                    match outside {
                        1 => "1 person here may not be present for this item.".to_owned(),
                        count => format!("{count} people here may not be present for this item."),
                    },
                    "Mark them as having left the room, or park the item.",
                ));
            }
            let at = At::of(item.0);
            if item.opened().is_none() {
                plan.set(state, at, Field::AgendaOpened, Value::when(cx.now));
            }
            if item.state() != "open" {
                plan.set(state, at, Field::AgendaState, Value::code("open"));
            }
        }
        plan.set(state, At::of(meeting.0), Field::MeetingAt, self.to.map_or(Value::Nothing, Value::Item));
        plan.say("").or_unchanged()
    }
}

/// Seconds spent on an item: those of its turns before, and those since people came to it.
pub fn spent(state: &State, meeting: Meeting<'_>, item: AgendaItem<'_>, now: DateTime<Utc>) -> i64 {
    if meeting.at() != Some(item.0.id) {
        return item.spent();
    }
    let heads = meeting.0.register(Field::MeetingAt).map_or(&[][..], crate::domain::item::Register::heads);
    let since = heads.first().and_then(|head| state.stamp(head.entry)).map(|stamp| stamp.wall);
    let turn = since.map_or(0, |since| (now.timestamp_millis() - since) / 1000);
    item.spent() + turn.clamp(0, LONGEST)
}

/// How many in the room may not be present for an item: who declared a conflict of interest, and who may not see a case
/// that is only for some, visitors among them.
pub fn must_leave(state: &State, meeting: Meeting<'_>, item: AgendaItem<'_>) -> usize {
    let conflicted = item.conflicted(state);
    let readers = item.case(state).filter(|case| case.is_restricted()).and_then(|case: Case<'_>| case.readers(state));
    let may_not = |one: &Attendance<'_>| match (one.member(), &readers) {
        (Some(member), _) if conflicted.contains(&member) => true,
        (Some(member), Some(readers)) => !readers.contains(&member),
        (None, Some(_)) => true,
        (_, None) => false,
    };
    meeting.attendance(state).iter().filter(|one| one.is_here() && may_not(one)).count()
}
