//! Puts a case or a matter of the team on a meeting's agenda, from anywhere.

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Phase, agenda};
use crate::domain::pack::{ASKED, BUSINESS};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::agenda_lines::{self, Matter};
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts a case or a matter on an agenda. Anybody who may write may ask for it.
#[derive(Clone, Debug)]
pub struct AgendaAdd {
    /// The meeting; the next one, if not said.
    pub meeting: Option<ItemId>,
    /// The case; none for a matter of the team.
    pub case: Option<ItemId>,
    /// The matter's words; for a case, empty.
    pub text: String,
    /// How many minutes; as the policy gives, if not said.
    pub minutes: Option<u32>,
}

impl Verb for AgendaAdd {
    const SPEC: Spec = Spec {
        name: "agenda.add",
        label: "Put on the agenda",
        doc: "Puts a case, or a matter of the team, on the agenda of a meeting; the next one, if none is named.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting agenda",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let meeting = match self.meeting {
            Some(meeting) => agenda_lines::open_agenda(state, cx, meeting)?,
            None => Meeting::live(state).or_else(|| Meeting::next(state, cx.today())).ok_or_else(|| {
                Refusal::new("No meeting is planned.", "Plan one first: `mahoe meeting new`, or `n` in Meetings.")
            })?,
        };
        let text = clean::line_owned(&self.text);
        let (matter, rule) = match self.case {
            Some(case) => (Matter::Case(cx.open_case(state, case)?.id), ASKED),
            None if text.is_empty() => return Err(needs(&Self::SPEC, "what it is about")),
            None => (Matter::Text(text), BUSINESS),
        };
        if let Some(minutes) = self.minutes {
            agenda_lines::check_minutes(minutes)?;
        }
        let there = meeting.items(state).into_iter().find(|item| match matter {
            Matter::Case(case) => item.case_id() == Some(case),
            Matter::Text(ref text) => item.case_id().is_none() && item.text() == text,
            Matter::Item(_) => false,
        });
        let mut plan = Plan::default();
        match there {
            Some(item) if !item.is_dropped() => {
                return Err(Refusal::new("It is on the agenda.", "Move it, or give it more minutes."));
            }
            // What was taken off comes back to its place.
            Some(item) => {
                plan.set(state, At::of(item.0), Field::AgendaState, Value::code("open"));
                let why = item.why().into_iter().map(String::from).chain([rule.to_owned()]);
                plan.set(state, At::of(item.0), Field::AgendaWhy, Value::codes(why));
            }
            None if meeting.items(state).len() >= agenda::MOST => {
                return Err(Refusal::new(
                    format!("This agenda has {} items.", agenda::MOST),
                    "Take some off first: nobody gets through as many.",
                ));
            }
            None => {
                let why = vec![rule.to_owned()];
                let minutes = self.minutes.map_or_else(|| agenda::minutes(cx.pack, &why), i64::from);
                let place = (meeting.phase() == Phase::Live || agenda_lines::ordered(state, meeting))
                    .then(|| agenda_lines::last_place(state, meeting));
                agenda_lines::plan_item(
                    state,
                    cx,
                    &mut plan,
                    meeting.0.stream,
                    &agenda_lines::New { matter, why, minutes, place, state: "open" },
                );
            }
        }
        let day = meeting.day().map(|day| dates::people(day, cx.today()));
        Ok(plan.say(match day {
            Some(day) if meeting.phase() == Phase::Planned => format!("On the agenda of {day}."),
            _ => "On the agenda.".to_owned(),
        }))
    }
}
