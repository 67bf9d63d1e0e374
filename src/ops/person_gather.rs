//! Turning the names that stand in a case's own fields into people of their own.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::person::{self, Person};
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::person_add::{add, needs_list};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Makes a person of each name in a case's fields, and empties those fields.
#[derive(Clone, Debug)]
pub struct PersonGather {
    /// The case.
    pub case: ItemId,
}

impl Verb for PersonGather {
    const SPEC: Spec = Spec {
        name: "person.gather",
        label: "Names into people",
        doc: "Makes a person of each name in the case's fields: mother, father, carer, the one named in the concern.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "person gather",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        needs_list(cx)?;
        // One who stands in several fields ("mother" and "carer") is one person with several roles.
        let mut people: Vec<(&str, Vec<&str>)> = Vec::new();
        for (_, role, name) in person::in_fields(Case(case)) {
            match people.iter_mut().find(|(known, _)| person::same_name(known, name)) {
                Some((_, roles)) => roles.push(role),
                None => people.push((name, vec![role])),
            }
        }
        if people.is_empty() {
            return Err(Refusal::new(
                "No field of this case names anybody.",
                "Write people down one by one: name, who it is, whether they may be called.",
            ));
        }
        let mut plan = Plan::default();
        for (name, roles) in &people {
            if let Some(person) = known(state, case, name) {
                join(state, &mut plan, person, roles);
                continue;
            }
            let values =
                vec![(Field::PersonName, Value::text(name)), (Field::PersonRoles, Value::codes(roles.clone()))];
            add(state, cx, &mut plan, case, values)?;
        }
        for (field, _, _) in person::in_fields(Case(case)) {
            plan.set(state, At::of(case), field, Value::Nothing);
        }
        let count = if people.len() == 1 { "1 person".to_owned() } else { format!("{} people", people.len()) };
        Ok(plan.say(format!("{count} of case {} now stand on their own.", state.code(self.case))))
    }
}

/// Who has this name in the case already. The reporter is left alone.
fn known<'s>(state: &'s State, case: &Item, name: &str) -> Option<Person<'s>> {
    let mut all = state.items_in(case.stream, ItemKind::Person).map(Person);
    all.find(|person| !person.has(person::REPORTER) && person::same_name(person.name(), name))
}

fn join(state: &State, plan: &mut Plan, person: Person<'_>, roles: &[&str]) {
    let all = person.roles();
    let both = all.iter().map(String::as_str).chain(roles.iter().copied());
    plan.set(state, At::of(person.0), Field::PersonRoles, Value::codes(both));
}
