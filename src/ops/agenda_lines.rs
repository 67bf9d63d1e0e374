//! What the verbs of an agenda share: finding a line, and putting computed lines on record.

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::meeting::agenda::{self, APART, Line};
use crate::domain::meeting::{AgendaItem, Meeting, Phase};
use crate::domain::pack::ASKED;
use crate::domain::state::State;
use crate::domain::today;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::{At, Ctx, Plan, Refusal};

/// What an item is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A case.
    Case(ItemId),
    /// A matter of the team, in its words.
    Text(String),
    /// The item on record.
    Item(ItemId),
}

/// An item to be put on record.
pub(super) struct New {
    pub matter: Matter,
    pub why: Vec<String>,
    pub minutes: i64,
    pub place: Option<i64>,
    /// `open`, or `dropped` for what the policy would put there and nobody wants.
    pub state: &'static str,
}

/// A meeting whose agenda can still be changed.
pub(super) fn open_agenda<'s>(state: &'s State, cx: &Ctx<'_>, meeting: ItemId) -> Result<Meeting<'s>, Refusal> {
    let meeting = Meeting(cx.standing(state, meeting, ItemKind::Meeting)?);
    if matches!(meeting.phase(), Phase::Planned | Phase::Live) {
        return Ok(meeting);
    }
    Err(Refusal::new(
        format!("Meeting {} is {}.", state.code(meeting.0.id), meeting.phase().name()),
        "Put it on the agenda of the next one.",
    ))
}

/// The whole agenda as it stands, with what the policy's rules find now.
pub(super) fn lines(state: &State, cx: &Ctx<'_>, meeting: Meeting<'_>) -> Vec<Line> {
    if meeting.phase() != Phase::Planned {
        return agenda::agenda(state, cx.pack, &[], meeting, cx.now).0;
    }
    let due = today::today(state, cx.pack, &cx.pack.calendar(), cx.now);
    agenda::agenda(state, cx.pack, &due, meeting, cx.now).0
}

/// Where a matter stands in the agenda.
pub(super) fn find(lines: &[Line], matter: &Matter) -> Result<usize, Refusal> {
    let at = lines.iter().position(|line| match matter {
        Matter::Case(case) => line.case == Some(*case),
        Matter::Text(text) => line.case.is_none() && line.text == *text,
        Matter::Item(item) => line.item == Some(*item),
    });
    at.ok_or_else(|| Refusal::new("That is not on this agenda.", "Look at the agenda for the right line."))
}

/// Puts every line on record in this order, so that it stays.
pub(super) fn freeze(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, meeting: Meeting<'_>, lines: &[Line]) {
    let mut place = 0;
    for line in lines {
        place += APART;
        if let Some(item) = line.item.and_then(|item| state.item(item)) {
            plan.set(state, At::of(item), Field::AgendaPlace, Value::Number(place));
            let why = line.case.map_or_else(|| line.why.clone(), |case| told(state, case, &line.why));
            if !why.is_empty() {
                plan.set(state, At::of(item), Field::AgendaWhy, Value::codes(why));
            }
        } else {
            let matter = line.case.map_or_else(|| Matter::Text(line.text.clone()), Matter::Case);
            let new = New { matter, why: line.why.clone(), minutes: line.minutes, place: Some(place), state: "open" };
            plan_item(state, cx, plan, meeting.0.stream, &new);
        }
    }
}

/// Plans one item.
pub(super) fn plan_item(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, stream: StreamId, new: &New) -> ItemId {
    let at = At { stream, item: cx.new_id(), class: Class::Core };
    plan.create(at, ItemKind::Agenda);
    let (case, text) = match &new.matter {
        Matter::Case(case) => (Value::Item(*case), Value::Nothing),
        Matter::Text(text) => (Value::Nothing, Value::text(text)),
        Matter::Item(_) => (Value::Nothing, Value::Nothing),
    };
    let why = match &new.matter {
        Matter::Case(case) => told(state, *case, &new.why),
        Matter::Text(_) | Matter::Item(_) => new.why.clone(),
    };
    for (field, value) in [
        (Field::AgendaCase, case),
        (Field::AgendaText, text),
        (Field::AgendaWhy, Value::codes(why)),
        (Field::AgendaPlace, new.place.map_or(Value::Nothing, Value::Number)),
        (Field::AgendaMinutes, Value::Number(new.minutes)),
        (Field::AgendaState, Value::code(new.state)),
    ] {
        plan.set(state, at, field, value);
    }
    at.item
}

/// The reasons that the meeting's record may tell: everybody on the team reads it. Of a case that is only for some, or that
/// can't be read here, only that somebody asked for it.
fn told(state: &State, case: ItemId, why: &[String]) -> Vec<String> {
    let open = Case::get(state, case).is_some_and(|case| !case.is_restricted());
    why.iter().filter(|code| open || *code == ASKED).cloned().collect()
}

/// True once somebody has put the agenda in an order of their own.
pub(super) fn ordered(state: &State, meeting: Meeting<'_>) -> bool {
    meeting.items(state).iter().any(|item| item.0.register(Field::AgendaPlace).is_some())
}

/// A place after all others.
pub(super) fn last_place(state: &State, meeting: Meeting<'_>) -> i64 {
    let places = meeting.items(state).into_iter().map(AgendaItem::place).filter(|place| *place != i64::MAX);
    places.max().unwrap_or(0).saturating_add(APART)
}

/// An item gets from 1 to 240 minutes.
pub(super) fn check_minutes(minutes: u32) -> Result<(), Refusal> {
    if (1..=240).contains(&minutes) {
        return Ok(());
    }
    Err(Refusal::new("An item gets from 1 to 240 minutes.", "Give a number of minutes."))
}
