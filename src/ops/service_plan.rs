//! Planning a service: what kind, by whom, from when to when, how much.

use chrono::{NaiveDate, TimeDelta};

use crate::domain::care::{Phase, Service};
use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, FieldClass, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::pack::SERVICES;
use crate::domain::referral::Referral;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Writes a service into a case's care plan. What was only marked as needed in its category is planned by it; otherwise
/// it is one more.
#[derive(Clone, Debug)]
pub struct ServicePlan {
    /// The case.
    pub case: ItemId,
    /// A code of the pack's services.
    pub category: String,
    /// Fields of a service; unless it says otherwise it is needed.
    pub values: Vec<(Field, Value)>,
}

impl Verb for ServicePlan {
    const SPEC: Spec = Spec {
        name: "service.plan",
        label: "Plan a service",
        doc: "Writes into the care plan what kind of help is given, by whom, from when to when and how much.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "service add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        cx.check_code(SERVICES, &self.category)?;
        let mut values = self.values.clone();
        if values.iter().all(|(field, _)| *field != Field::ServiceNeeded) {
            values.push((Field::ServiceNeeded, Value::YesNo(true)));
        }
        let blank = Service::all(state, Case(case)).into_iter().find(|it| {
            it.category() == self.category && matches!(it.phase(), Phase::Undecided | Phase::NotNeeded | Phase::Needed)
        });
        let values = checked(state, cx, blank.map(|it| it.0), values)?;
        let mut plan = Plan::default();
        let at = match blank {
            Some(blank) => At::of(blank.0),
            None => create(state, cx, &mut plan, case, &self.category),
        };
        for (field, value) in values {
            plan.set(state, at, field, value);
        }
        if plan.made.is_empty() {
            plan.made.push(at.item);
        }
        let label = cx.pack.label(SERVICES, &self.category).to_owned();
        Ok(plan.or_unchanged()?.say(format!("In the care plan of case {}: {label}.", state.code(self.case))))
    }
}

/// Plans a new service of a category; its words get the class that the pack gives to that category.
pub(super) fn create(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, case: &Item, category: &str) -> At {
    let class = cx.pack.service(category).map_or(Class::Notes, |kind| kind.class);
    let symbols = state.shortest_code(ItemKind::Service);
    let at = At { stream: case.stream, item: cx.free_item(state, ItemKind::Service), class };
    plan.create(at, ItemKind::Service);
    plan.set(state, at, Field::ServiceSymbols, Value::Number(i64::from(symbols)));
    plan.set(state, at, Field::ServiceCategory, Value::code(category));
    at
}

/// What was typed for a service, cleaned; with what is known of it already it must make sense.
pub(super) fn checked(
    state: &State,
    cx: &Ctx<'_>,
    known: Option<&Item>,
    values: Vec<(Field, Value)>,
) -> Result<Vec<(Field, Value)>, Refusal> {
    let mut clean_values = Vec::with_capacity(values.len());
    for (field, value) in values {
        if field.def().kind != Some(ItemKind::Service)
            || matches!(field, Field::ServiceCategory | Field::ServiceSymbols)
        {
            return Err(Refusal::new(
                format!("\"{}\" can't be set here.", field.def().label),
                "Plan another service for another kind of help.",
            ));
        }
        let value = clean::value(field, value);
        cx.check_value(state, field, &value)?;
        clean_values.push((field, value));
    }
    let held = |field: Field| {
        let given = clean_values.iter().rev().find(|(of, _)| *of == field).map(|(_, value)| value.clone());
        given.or_else(|| known.map(|item| item.value(field))).unwrap_or_default()
    };
    check_days(cx, &held)?;
    if held(Field::ServiceNeeded).as_yes_no() == Some(false)
        && !held(Field::ServiceStarted).is_nothing()
        && held(Field::ServiceEnded).is_nothing()
    {
        return Err(Refusal::new(
            "This service runs, so it can't be \"not needed\".",
            "End it first, and say what came of it.",
        ));
    }
    if let Some(referral) = held(Field::ServiceReferral).as_item() {
        let here = Referral::get(state, referral).map(|it| it.0.stream);
        if here.is_none() || known.is_some_and(|item| Some(item.stream) != here) {
            return Err(Refusal::new("There is no such referral in this case.", "Choose one of the case's own."));
        }
    }
    if let Some(agency) = held(Field::ServiceAgency).as_item()
        && clean_values.iter().any(|(field, _)| *field == Field::ServiceAgency)
        && state.item(agency).is_some_and(|agency| !agency.value(Field::AgencyRetired).is_nothing())
    {
        return Err(Refusal::new("This agency is retired.", "Choose another, or bring it back (Team)."));
    }
    Ok(clean_values)
}

/// Days in their order: nothing ends before it begins, and what has happened lies behind us.
fn check_days(cx: &Ctx<'_>, held: &impl Fn(Field) -> Value) -> Result<(), Refusal> {
    let day = |field: Field| held(field).as_date();
    let today = cx.today();
    for (begin, end, what) in [
        (Field::ServicePlannedStart, Field::ServicePlannedEnd, "The planned end"),
        (Field::ServiceStarted, Field::ServiceEnded, "The end"),
    ] {
        if let (Some(begin), Some(end)) = (day(begin), day(end))
            && end < begin
        {
            return Err(Refusal::new(
                format!("{what} lies before the beginning ({}).", begin.format("%-d %b %Y")),
                "Check both days.",
            ));
        }
    }
    for (field, what) in [(Field::ServiceStarted, "The beginning"), (Field::ServiceEnded, "The end")] {
        if day(field).is_some_and(|day| day > today) {
            return Err(Refusal::new(
                format!("{what} lies in the future."),
                "What is still to come is planned: planned from, planned until.",
            ));
        }
    }
    if day(Field::ServiceEnded).is_some() && day(Field::ServiceStarted).is_none() {
        return Err(Refusal::new("It has not begun, so it can't have ended.", "Say on which day it began."));
    }
    check_years(today, [Field::ServicePlannedStart, Field::ServicePlannedEnd, Field::ServiceStarted].map(day))
}

/// A slip of the year.
fn check_years(today: NaiveDate, days: [Option<NaiveDate>; 3]) -> Result<(), Refusal> {
    let far = |day: &NaiveDate| day.signed_duration_since(today).abs() > TimeDelta::days(20 * 366);
    if days.iter().flatten().any(far) {
        return Err(Refusal::new("A day lies more than twenty years away.", "Check the year."));
    }
    Ok(())
}

/// A service in an open case.
pub(super) fn open_service<'s>(state: &'s State, cx: &Ctx<'_>, id: ItemId) -> Result<(Service<'s>, &'s Item), Refusal> {
    let item = cx.standing(state, id, ItemKind::Service)?;
    let case = cx.open_case(state, item.stream.item())?;
    Ok((Service(item), case))
}

/// Fields whose words have the service's own class, and the child's view: never typed where others read them.
pub fn is_private(field: Field) -> bool {
    field.def().kind == Some(ItemKind::Service)
        && !matches!(field.def().class, FieldClass::Of(Class::Core))
        && field != Field::ServiceAgency
}
