//! Plans an outreach event.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::dates::{self, jamaica};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::outreach::{Audience, BANDS, Event, KINDS, Phase, Results};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// The most that an event may cost, in Jamaican dollars.
const MOST_COST: i64 = 1_000_000_000;
/// The most reports that come in after one.
const MOST_REPORTS: i64 = 10_000;

/// Plans an event; also one that was held before anybody wrote it down.
#[derive(Clone, Debug, Default)]
pub struct OutreachAdd {
    /// A code of the list `outreach-kind`; empty: the list's first.
    pub kind: String,
    /// What it is about.
    pub topic: String,
    /// When it begins.
    pub when: DateTime<Utc>,
    /// Who sees to it; whoever asks, if not said.
    pub lead: Option<ItemId>,
    /// Any of `PLANNED`.
    pub set: Vec<(Field, Value)>,
}

/// What may be said of an event before it was held.
pub const PLANNED: &[Field] = &[
    Field::OutreachCommunity,
    Field::OutreachPlace,
    Field::OutreachFacilitators,
    Field::OutreachOthers,
    Field::OutreachPartners,
    Field::OutreachMaterials,
    Field::OutreachCost,
    Field::OutreachNote,
];

impl Verb for OutreachAdd {
    const SPEC: Spec = Spec {
        name: "outreach.add",
        label: "Plan an outreach event",
        doc: "Puts an outreach event into the calendar: kind, topic, when, where, who sees to it.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "outreach add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let topic = clean::line_owned(&self.topic);
        if topic.is_empty() {
            return Err(needs(&Self::SPEC, "what it is about"));
        }
        check_when(cx, self.when)?;
        if let Some((field, _)) = self.set.iter().find(|(field, _)| !PLANNED.contains(field)) {
            return Err(not_yet(*field));
        }
        let symbols = state.shortest_code(ItemKind::Outreach);
        let item = cx.free_item(state, ItemKind::Outreach);
        let at = At { stream: state.team_stream(), item, class: Class::Core };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Outreach);
        let kind = match (self.kind.as_str(), cx.pack.list(KINDS).first()) {
            ("", Some(first)) => first.code.clone(),
            (kind, _) => kind.to_owned(),
        };
        let mut all = vec![
            (Field::OutreachSymbols, Value::Number(i64::from(symbols))),
            (Field::OutreachKind, Value::code(&kind)),
            (Field::OutreachTopic, Value::text(&topic)),
            (Field::OutreachWhen, Value::when(self.when)),
            (Field::OutreachLead, Value::Item(self.lead.unwrap_or(cx.me))),
        ];
        all.extend(self.set.iter().cloned());
        for (field, value) in all {
            let value = checked(state, cx, field, value)?;
            plan.set(state, at, field, value);
        }
        let day = dates::people(self.when.with_timezone(&jamaica()).date_naive(), cx.today());
        Ok(plan.say(format!("Outreach planned: {day}.")))
    }
}

fn not_yet(field: Field) -> Refusal {
    Refusal::new(
        format!("\"{}\" is said once it was held.", field.def().label),
        "Plan it first, then say how it was (outreach held).",
    )
}

/// An event lies at most twenty years back and two years ahead.
pub(super) fn check_when(cx: &Ctx<'_>, when: DateTime<Utc>) -> Result<(), Refusal> {
    if when < cx.now - TimeDelta::days(20 * 366) || when > cx.now + TimeDelta::days(2 * 366) {
        return Err(Refusal::new(
            "The day lies more than two years ahead, or twenty back.",
            "Check the year, and the date of this computer.",
        ));
    }
    Ok(())
}

/// A value of an event as it is stored: tables of people and answers in their own form, numbers within reason.
pub(super) fn checked(state: &State, cx: &Ctx<'_>, field: Field, value: Value) -> Result<Value, Refusal> {
    let value = clean::value(field, value);
    cx.check_value(state, field, &value)?;
    let shape =
        |error: String, hint: &str| Refusal::new(format!("\"{}\": {error}.", field.def().label), hint.to_owned());
    let most = match field {
        Field::OutreachCost => MOST_COST,
        Field::OutreachReports => MOST_REPORTS,
        _ => i64::MAX,
    };
    match (field, &value) {
        (Field::OutreachAudience, Value::Text(text)) => {
            let hint = if cx.pack.list(BANDS).is_empty() {
                "The policy has no bands of age: write \"female: 12\" or \"unknown: 30\"."
            } else {
                "Write a line for each group, like \"female 0-11: 12\", and \"unknown: 30\" for whom nobody counted by."
            };
            let audience = Audience::typed(cx.pack, text).map_err(|error| shape(error, hint))?;
            Ok(Value::text(&audience.to_string()))
        }
        (Field::OutreachResults, Value::Text(text)) => {
            let hint = "Write a line for each question: how many were asked, right before, right after.";
            let results = Results::typed(cx.pack, text).map_err(|error| shape(error, hint))?;
            Ok(Value::text(&results.to_string()))
        }
        (Field::OutreachCost | Field::OutreachReports | Field::TrainingHours, Value::Number(number))
            if !(0..=most).contains(number) =>
        {
            Err(shape("it goes from 0 up, within reason".to_owned(), "Type the number again."))
        }
        _ => Ok(value),
    }
}

/// A standing event that was not called off, for somebody who may write.
pub(super) fn open_event<'s>(state: &'s State, cx: &Ctx<'_>, event: ItemId) -> Result<Event<'s>, Refusal> {
    cx.may_write(state)?;
    let event = Event(cx.standing(state, event, ItemKind::Outreach)?);
    if event.phase() == Phase::Cancelled {
        return Err(Refusal::new(
            format!("Event {} was called off.", state.code(event.0.id)),
            "Plan a new one in its place; what was undone by mistake comes back with undo.",
        ));
    }
    Ok(event)
}
