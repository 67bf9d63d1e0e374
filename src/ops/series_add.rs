//! Meetings that recur: the first is put into the calendar at once, each next one when the one before ends.

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Recur, Series};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::meeting_new::{MeetingNew, near, plan_meeting};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Begins a series of meetings.
#[derive(Clone, Debug)]
pub struct SeriesAdd {
    /// The rule: "second tuesday", "every 2 weeks on friday".
    pub rule: String,
    /// Minutes after midnight.
    pub time: u16,
    /// A code of the list `meeting-type`; empty: the list's first.
    pub kind: String,
    /// Where; may be empty.
    pub place: String,
    /// Who chairs; whoever asks, if not said.
    pub chair: Option<ItemId>,
    /// Who takes the minutes; whoever chairs, if not said.
    pub scribe: Option<ItemId>,
    /// Who is expected; empty: everybody who is on the team at that time.
    pub standing: Vec<ItemId>,
    /// The first day on which it may be; today, if not said.
    pub from: Option<NaiveDate>,
}

impl Verb for SeriesAdd {
    const SPEC: Spec = Spec {
        name: "series.add",
        label: "Plan recurring meetings",
        doc: "Meetings that recur, such as the second Tuesday of each month at 10:00, moved off holidays.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting series add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "plan recurring meetings")?;
        let rule = Recur::parse(&clean::line_owned(&self.rule)).ok_or_else(|| {
            Refusal::new(
                "It is not clear when these meetings are.",
                "Say it like \"second tuesday\", \"last friday\" or \"every 2 weeks on monday\".",
            )
        })?;
        let same = |series: &Series<'_>| series.rule() == Some(rule) && series.minutes() == u32::from(self.time);
        if Series::running(state).any(|series| same(&series)) {
            return Err(Refusal::new(
                format!("There is a series for the {rule} at that hour."),
                "End that one first, or choose another hour.",
            ));
        }
        let from = self.from.unwrap_or_else(|| cx.today()).max(cx.today());
        let day = rule.next(from, from, &cx.pack.calendar()).ok_or_else(|| {
            Refusal::new("There is no such day in the years ahead.", "Choose another rule or an earlier first day.")
        })?;
        let time = dates::time_of(self.time.into())
            .ok_or_else(|| Refusal::new("There is no such hour.", "Say it like 10:00."))?;
        let when = dates::at(day, time).to_utc();
        if let Some(other) = near(state, when, None) {
            return Err(Refusal::new(
                format!("Meeting {} is at that hour.", state.code(other.0.id)),
                "Call it off, or begin the series on a later day.",
            ));
        }
        let at = At { stream: state.team_stream(), item: cx.new_id(), class: Class::Core };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Series);
        let chair = self.chair.unwrap_or(cx.me);
        let kind = match (self.kind.as_str(), cx.pack.list("meeting-type").first()) {
            ("", Some(first)) => first.code.clone(),
            (kind, _) => kind.to_owned(),
        };
        for (field, value) in [
            (Field::SeriesRule, Value::text(&rule.to_string())),
            (Field::SeriesTime, Value::Number(i64::from(self.time))),
            (Field::SeriesType, Value::code(&kind)),
            (Field::SeriesPlace, Value::text(&clean::line_owned(&self.place))),
            (Field::SeriesChair, Value::Item(chair)),
            (Field::SeriesScribe, Value::Item(self.scribe.unwrap_or(chair))),
            (Field::SeriesStanding, Value::items(self.standing.iter().copied())),
            (Field::SeriesFrom, Value::date(from)),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        let first = MeetingNew {
            kind,
            when,
            place: self.place.clone(),
            chair: Some(chair),
            scribe: self.scribe,
            expected: self.standing.clone(),
            ..MeetingNew::default()
        };
        plan_meeting(state, cx, &mut plan, &first, Some(at.item))?;
        Ok(plan.say(
            format!("Every {rule}, the first {}.", dates::people(day, cx.today())).replace("Every every", "Every"),
        ))
    }
}
