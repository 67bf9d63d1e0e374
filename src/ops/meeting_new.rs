//! Puts a meeting into the calendar.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::dates::{self, jamaica};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId, StreamKind};
use crate::domain::meeting::{Meeting, Phase, Series};
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Member;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Two meetings nearer to each other than this are taken for a mistake.
const NEAR: TimeDelta = TimeDelta::hours(1);

/// Puts a meeting into the calendar.
#[derive(Clone, Debug, Default)]
pub struct MeetingNew {
    /// A code of the list `meeting-type`; empty: the list's first.
    pub kind: String,
    /// When it begins.
    pub when: DateTime<Utc>,
    /// Where; may be empty.
    pub place: String,
    /// Who chairs; whoever asks, if not said.
    pub chair: Option<ItemId>,
    /// Who takes the minutes; whoever chairs, if not said.
    pub scribe: Option<ItemId>,
    /// Who is expected; empty: everybody on the team.
    pub expected: Vec<ItemId>,
    /// What it is about, in words; may be empty.
    pub note: String,
    /// Although another meeting is at that hour.
    pub anyway: bool,
}

impl Verb for MeetingNew {
    const SPEC: Spec = Spec {
        name: "meeting.new",
        label: "Plan a meeting",
        doc: "Puts a meeting into the calendar: when, where, who chairs, who is expected. Its agenda builds itself.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting new",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "plan a meeting")?;
        check_when(cx, self.when)?;
        if let Some(other) = near(state, self.when, None).filter(|_| !self.anyway) {
            return Err(Refusal::new(
                format!("Meeting {} is at that hour.", state.code(other.0.id)),
                "Choose another hour, or say that both are meant (`--anyway`).",
            ));
        }
        let mut plan = Plan::default();
        plan_meeting(state, cx, &mut plan, self, None)?;
        let day = dates::people(self.when.with_timezone(&jamaica()).date_naive(), cx.today());
        Ok(plan.say(format!("Meeting planned: {day}.")))
    }
}

/// Plans a meeting's item and fields.
pub(super) fn plan_meeting(
    state: &State,
    cx: &mut Ctx<'_>,
    plan: &mut Plan,
    new: &MeetingNew,
    series: Option<ItemId>,
) -> Result<(), Refusal> {
    let kind = match (new.kind.as_str(), cx.pack.list("meeting-type").first()) {
        ("", Some(first)) => first.code.clone(),
        (kind, _) => kind.to_owned(),
    };
    let chair = new.chair.unwrap_or(cx.me);
    let expected = if new.expected.is_empty() { everybody(state) } else { new.expected.clone() };
    let (stream, symbols) = free_meeting(state, cx);
    let at = At { stream, item: stream.item(), class: Class::Core };
    plan.create(at, ItemKind::Meeting);
    for (field, value) in [
        (Field::MeetingSymbols, Value::Number(i64::from(symbols))),
        (Field::MeetingType, Value::code(&kind)),
        (Field::MeetingWhen, Value::when(new.when)),
        (Field::MeetingPlace, Value::text(&clean::line_owned(&new.place))),
        (Field::MeetingChair, Value::Item(chair)),
        (Field::MeetingScribe, Value::Item(new.scribe.unwrap_or(chair))),
        (Field::MeetingExpected, Value::items(expected)),
        (Field::MeetingSeries, series.map_or(Value::Nothing, Value::Item)),
        (Field::MeetingNote, Value::text(&clean::prose_owned(&new.note))),
    ] {
        cx.check_value(state, field, &value)?;
        plan.set(state, at, field, value);
    }
    Ok(())
}

/// The next meeting of a series.
pub(super) struct Next {
    /// Its stream.
    pub stream: StreamId,
    /// Its day.
    pub day: NaiveDate,
    /// Another meeting at its hour.
    pub clash: Option<ItemId>,
}

impl Next {
    /// The sentence about it.
    pub(super) fn says(&self, state: &State, cx: &Ctx<'_>) -> String {
        let day = dates::people(self.day, cx.today());
        match self.clash {
            None => format!("The next one: {day}."),
            Some(other) => {
                let other = state.code(other);
                format!("The next one: {day}. Meeting {other} is at that hour too: move one of them.")
            }
        }
    }
}

/// Plans the series' next meeting after a day, unless it stands in the calendar already: then it is that one.
pub(super) fn plan_next(
    state: &State,
    cx: &mut Ctx<'_>,
    plan: &mut Plan,
    series: Series<'_>,
    after: NaiveDate,
) -> Result<Option<Next>, Refusal> {
    let (Some(rule), Some(start)) = (series.rule(), series.from()) else { return Ok(None) };
    let calendar = cx.pack.calendar();
    let from = after.max(cx.today().pred_opt().unwrap_or(after)).succ_opt().unwrap_or(after);
    let Some(day) = rule.next(start, from, &calendar) else { return Ok(None) };
    let planned = |meeting: &Meeting<'_>| {
        meeting.0.held(Field::MeetingSeries).as_item() == Some(series.0.id)
            && meeting.phase() == Phase::Planned
            && meeting.day().is_some_and(|other| other > after)
    };
    if let Some(there) = Meeting::all(state).into_iter().find(planned) {
        return Ok(Some(Next { stream: there.0.stream, day: there.day().unwrap_or(day), clash: None }));
    }
    let time = dates::time_of(series.minutes()).unwrap_or_default();
    let stands = |field: Field| {
        let member = series.0.held(field).as_item();
        member.filter(|id| Member::get(state, *id).is_some_and(|member| !member.left()))
    };
    let listed = series.0.value(Field::SeriesStanding);
    let expected = listed.as_items().iter().copied();
    let expected = expected.filter(|id| Member::get(state, *id).is_some_and(|member| !member.left())).collect();
    let new = MeetingNew {
        kind: series.0.str(Field::SeriesType).to_owned(),
        when: dates::at(day, time).to_utc(),
        place: series.0.str(Field::SeriesPlace).to_owned(),
        chair: stands(Field::SeriesChair),
        scribe: stands(Field::SeriesScribe),
        expected,
        ..MeetingNew::default()
    };
    let made = plan.made.len();
    plan_meeting(state, cx, plan, &new, Some(series.0.id))?;
    let clash = near(state, new.when, None).map(|other| other.0.id);
    Ok(plan.made.get(made).map(|id| Next { stream: StreamId(id.0), day, clash }))
}

/// Everybody who is with the team.
fn everybody(state: &State) -> Vec<ItemId> {
    Member::all(state).into_iter().filter(|member| !member.left()).map(|member| member.0.id).collect()
}

/// A planned or running meeting within an hour of a moment.
pub(super) fn near(state: &State, when: DateTime<Utc>, but: Option<ItemId>) -> Option<Meeting<'_>> {
    let stands =
        |meeting: &Meeting<'_>| matches!(meeting.phase(), Phase::Planned | Phase::Live) && Some(meeting.0.id) != but;
    let close = |meeting: &Meeting<'_>| meeting.when().is_some_and(|other| (other - when).abs() < NEAR);
    Meeting::all(state).into_iter().find(|meeting| stands(meeting) && close(meeting))
}

/// A meeting is planned from today on, and within two years.
pub(super) fn check_when(cx: &Ctx<'_>, when: DateTime<Utc>) -> Result<(), Refusal> {
    let day = when.with_timezone(&jamaica()).date_naive();
    if day < cx.today() {
        return Err(Refusal::new(
            "The day lies in the past.",
            "Give a day from today on. A meeting that was held on paper is planned for today, and what was said is typed in with its own hour.",
        ));
    }
    if day > cx.today() + TimeDelta::days(2 * 366) {
        return Err(Refusal::new(
            "The day lies more than two years ahead.",
            "Check the year, and the date of this computer.",
        ));
    }
    Ok(())
}

/// The stream of a new meeting whose code nobody uses yet.
fn free_meeting(state: &State, cx: &mut Ctx<'_>) -> (StreamId, u8) {
    let symbols = state.shortest_code(ItemKind::Meeting);
    loop {
        let mut id = [0u8; 15];
        (cx.random)(&mut id);
        let stream = StreamId::new(StreamKind::Meeting, id);
        if !state.code_taken(ItemKind::Meeting, 0, stream.item(), symbols) {
            return (stream, symbols);
        }
    }
}
