//! Ends a meeting.

use crate::domain::field::Field;
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::meeting::{AgendaItem, Meeting, agenda};
use crate::domain::pack::ASKED;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::agenda_lines::{Matter, New, plan_item};
use super::meeting_edit::running;
use super::meeting_new::{Next, plan_next};
use super::meeting_turn::spent;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Ends a meeting. What was not come to goes onto the agenda of the series' next one, or of the next that is planned.
#[derive(Clone, Debug)]
pub struct MeetingEnd {
    /// The meeting.
    pub meeting: ItemId,
    /// Although items were not come to, or nobody is marked as present.
    pub anyway: bool,
}

impl Verb for MeetingEnd {
    const SPEC: Spec = Spec {
        name: "meeting.end",
        label: "End the meeting",
        doc: "Ends a meeting; what was not come to goes onto the agenda of the next one.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting close",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = running(state, cx, self.meeting, "end a meeting")?;
        let items = meeting.items(state);
        let left: Vec<&AgendaItem<'_>> =
            items.iter().filter(|item| item.is_open() && meeting.at() != Some(item.0.id)).collect();
        if !self.anyway && !left.is_empty() {
            return Err(Refusal::new(
                match left.len() {
                    1 => "1 item was not dealt with.".to_owned(),
                    count => format!("{count} items were not dealt with."),
                },
                "Go to them, or end all the same (`--anyway`): they go onto the next agenda.",
            ));
        }
        if !self.anyway && meeting.in_the_room(state).is_empty() {
            return Err(Refusal::new(
                "Nobody is marked as present.",
                "Mark the attendance first, or end all the same (`--anyway`).",
            ));
        }
        let mut plan = Plan::default();
        if let Some(at) = meeting.at().and_then(|at| AgendaItem::get(state, at)) {
            plan.set(state, At::of(at.0), Field::AgendaState, Value::code("done"));
            plan.set(state, At::of(at.0), Field::AgendaSpent, Value::Number(spent(state, meeting, at, cx.now)));
        }
        let at = At::of(meeting.0);
        plan.set(state, at, Field::MeetingAt, Value::Nothing);
        plan.set(state, at, Field::MeetingEnded, Value::when(cx.now));
        let day = meeting.day().unwrap_or_else(|| cx.today()).max(cx.today());
        let planned = Meeting::next(state, cx.today())
            .and_then(|next| Some(Next { stream: next.0.stream, day: next.day()?, clash: None }));
        let next = match meeting.recurs(state) {
            Some(series) => plan_next(state, cx, &mut plan, series, day)?.or(planned),
            None => planned,
        };
        let mut says = "The meeting has ended.".to_owned();
        if let Some(next) = next {
            carry_over(state, cx, &mut plan, next.stream, &left);
            says = format!("{says} {}", next.says(state, cx));
        } else if !left.is_empty() {
            says = format!("{says} No next one is planned: plan one, and put what was not dealt with on its agenda.");
        }
        if meeting.in_the_room(state).len() < usize::try_from(cx.pack.meeting.quorum).unwrap_or(usize::MAX) {
            says = format!("{says} Fewer than {} people were there: the minutes say so.", cx.pack.meeting.quorum);
        }
        Ok(plan.say(says))
    }
}

/// Puts what was not come to onto the agenda of the next meeting.
fn carry_over(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, stream: StreamId, left: &[&AgendaItem<'_>]) {
    let there = Meeting::get(state, stream.item()).map(|next| next.items(state)).unwrap_or_default();
    for item in left {
        let same = |other: &AgendaItem<'_>| match item.case_id() {
            Some(case) => other.case_id() == Some(case),
            None => other.case_id().is_none() && other.text() == item.text(),
        };
        if there.iter().any(same) {
            continue;
        }
        let matter = item.case_id().map_or_else(|| Matter::Text(item.text().to_owned()), Matter::Case);
        let mut why: Vec<String> = item.why().into_iter().map(String::from).collect();
        if item.case_id().is_some() && !why.iter().any(|code| code == ASKED) {
            why.push(ASKED.to_owned());
        }
        let minutes = if item.minutes() > 0 { item.minutes() } else { agenda::minutes(cx.pack, &why) };
        plan_item(state, cx, plan, stream, &New { matter, why, minutes, place: None, state: "open" });
    }
}
