//! Writing down somebody in the life of a child.

use chrono::Datelike;

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::person::{self, Link, Person};
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::case_link::{Words, link};
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Nobody lives longer.
const OLDEST: i64 = 120;

/// Writes somebody into a case.
#[derive(Clone, Debug)]
pub struct PersonAdd {
    /// The case.
    pub case: ItemId,
    /// Fields of a person.
    pub values: Vec<(Field, Value)>,
}

impl Verb for PersonAdd {
    const SPEC: Spec = Spec {
        name: "person.add",
        label: "Add a person",
        doc: "Writes down somebody in the child's life: who it is, whether they may be called, what they must not know.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "person add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        needs_list(cx)?;
        let mut plan = Plan::default();
        let code = add(state, cx, &mut plan, case, self.values.clone())?;
        Ok(plan.say(format!("Person {code} is written down.")))
    }
}

/// A pack from before there were people has no roles to choose from.
pub(super) fn needs_list(cx: &Ctx<'_>) -> Result<(), Refusal> {
    if !cx.pack.list("person-role").is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        "The policy in force has no list of who people are (person-role).",
        "A coordinator can add it to the policy: the pack that mahoe ships has it.",
    ))
}

/// Plans a new person in a case, and the link to the case of their own; gives back their code.
pub(super) fn add(
    state: &State,
    cx: &mut Ctx<'_>,
    plan: &mut Plan,
    case: &Item,
    values: Vec<(Field, Value)>,
) -> Result<String, Refusal> {
    let mut values = checked(state, cx, (case, None), values)?;
    let held = |wanted: Field| {
        let value = values.iter().rev().find(|(field, _)| *field == wanted).map(|(_, value)| value.clone());
        value.unwrap_or_default()
    };
    if [Field::PersonName, Field::PersonRelation, Field::PersonNote].iter().all(|field| held(*field).is_nothing()) {
        return Err(needs(&PersonAdd::SPEC, "the name or who it is to the child"));
    }
    let (roles, own) = (held(Field::PersonRoles), held(Field::PersonCase).as_item());
    if roles.is_nothing() {
        values.push((Field::PersonRoles, Value::codes(["other"])));
    }
    let class = person::class_of(roles.as_codes().iter().map(AsRef::as_ref));
    let symbols = state.shortest_code(ItemKind::Person);
    let at = At { stream: case.stream, item: cx.free_item(state, ItemKind::Person), class };
    plan.create(at, ItemKind::Person);
    plan.set(state, at, Field::PersonSymbols, Value::Number(i64::from(symbols)));
    person::with_day(&mut values, cx.today());
    for (field, value) in values {
        plan.set(state, at, field, value);
    }
    if let Some(own) = own {
        belong(state, cx, plan, (case, own), &roles);
    }
    Ok(crate::domain::code::Code::item('P', &at.item.0, symbols).to_string())
}

/// Links the case to the own case of somebody in it, unless the two are linked already.
pub(super) fn belong(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, of: (&Item, ItemId), roles: &Value) {
    let (case, own) = of;
    if Link::all(state, Case(case)).iter().any(|link| link.other == own) {
        return;
    }
    let has = |role: &str| roles.as_codes().iter().any(|code| **code == *role);
    let kind = if has("sibling") {
        "sibling"
    } else if has("household") {
        "household"
    } else {
        "other"
    };
    if cx.pack.choice("link-kind", kind).is_some() {
        link(state, cx, plan, (case.id, own), kind, &Words::default());
    }
}

/// What was typed about a person, cleaned; with what is known of them already it must make sense.
pub(super) fn checked(
    state: &State,
    cx: &Ctx<'_>,
    about: (&Item, Option<Person<'_>>),
    values: Vec<(Field, Value)>,
) -> Result<Vec<(Field, Value)>, Refusal> {
    let (case, known) = about;
    let mut all = Vec::with_capacity(values.len());
    for (field, value) in values {
        if field.def().kind != Some(ItemKind::Person) || matches!(field, Field::PersonSymbols | Field::PersonAgeOn) {
            return Err(Refusal::new(
                format!("\"{}\" can't be set here.", field.def().label),
                "It is no field of a person that somebody types.",
            ));
        }
        let value = clean::value(field, value);
        cx.check_value(state, field, &value)?;
        all.push((field, value));
    }
    let given = |wanted: Field| all.iter().rev().find(|(field, _)| *field == wanted).map(|(_, value)| value.clone());
    let held = |wanted: Field| given(wanted).or_else(|| known.map(|it| it.0.value(wanted))).unwrap_or_default();
    check_roles(&held(Field::PersonRoles), known)?;
    check_age(cx, &given)?;
    let is = |role: &str| held(Field::PersonRoles).as_codes().iter().any(|code| **code == *role);
    let named = is(person::ALLEGED) || is(person::IN_CONTROL) || held(Field::PersonNamed).as_yes_no() == Some(true);
    if !named && given(Field::PersonKnows).is_some_and(|value| !value.is_nothing()) {
        return Err(Refusal::new(
            "How somebody knows the child is asked of whoever is named in the concern.",
            "Say that they are named in the concern, or write who they are to the child in words (relation).",
        ));
    }
    if let Some(name) = given(Field::PersonName) {
        check_twice(state, (case, known), name.as_str().unwrap_or_default())?;
    }
    if let Some(own) = given(Field::PersonCase).and_then(|value| value.as_item()) {
        if person::visible(state, cx.me, own).is_none() {
            return Err(Refusal::new("There is no such case here.", "Give the code of a case that you may read."));
        }
        if own == case.id {
            return Err(Refusal::new(
                "That is the case itself: its child is no other person.",
                "Give the code of the other child's case.",
            ));
        }
    }
    Ok(all)
}

/// Who reported is kept apart from all others: nobody learns from it that the mother did.
fn check_roles(roles: &Value, known: Option<Person<'_>>) -> Result<(), Refusal> {
    let reports = roles.as_codes().iter().any(|role| **role == *person::REPORTER);
    if reports && roles.as_codes().len() > 1 {
        return Err(Refusal::new(
            "Who reported is kept apart: a reporter has no other role.",
            "Write the reporter down as a person of their own; others don't see that record.",
        ));
    }
    if let Some(known) = known
        && person::class_of(roles.as_codes().iter().map(AsRef::as_ref)) != known.0.class
    {
        return Err(Refusal::new(
            "Who reported is kept apart from all others, so this role can't change.",
            "Write them down anew with the right role, and remove this record.",
        ));
    }
    Ok(())
}

fn check_age(cx: &Ctx<'_>, given: &impl Fn(Field) -> Option<Value>) -> Result<(), Refusal> {
    let today = cx.today();
    if let Some(born) = given(Field::PersonDob).and_then(|value| value.as_date())
        && (born > today || i64::from(today.year() - born.year()) > OLDEST)
    {
        return Err(Refusal::new("Nobody can be born on that day.", "Check the year, or give an age instead."));
    }
    if let Some(age) = given(Field::PersonAge).and_then(|value| value.as_number())
        && !(0..=OLDEST).contains(&age)
    {
        return Err(Refusal::new("Nobody is of that age.", format!("Give a number of years, at most {OLDEST}.")));
    }
    Ok(())
}

/// Somebody is written down once in a case.
fn check_twice(state: &State, about: (&Item, Option<Person<'_>>), name: &str) -> Result<(), Refusal> {
    let (case, known) = about;
    let others = state.items_in(case.stream, ItemKind::Person).map(Person);
    let mut others = others.filter(|other| known.is_none_or(|known| known.0.id != other.0.id));
    // That the reporter is also somebody else in the case is nothing that anybody should be led to.
    let twin = others
        .find(|other| other.0.class != crate::domain::class::Class::Reporter && person::same_name(other.name(), name));
    match twin {
        Some(twin) => Err(Refusal::new(
            format!("Somebody of this name is in the case already: person {}.", state.code(twin.0.id)),
            "Change that record; if it is somebody else, add to the name what tells the two apart.",
        )),
        None => Ok(()),
    }
}
