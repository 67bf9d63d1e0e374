//! Changing what stands about somebody in a case.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::person::{self, Person};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::person_add::{belong, checked};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Changes fields of a person.
#[derive(Clone, Debug)]
pub struct PersonEdit {
    /// The person.
    pub person: ItemId,
    /// Fields of a person; nothing clears one.
    pub values: Vec<(Field, Value)>,
}

impl Verb for PersonEdit {
    const SPEC: Spec = Spec {
        name: "person.edit",
        label: "Change a person",
        doc: "Changes what is known of somebody in a case.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "person edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let (found, case) = in_open_case(state, cx, self.person)?;
        let mut values = checked(state, cx, (case, Some(found)), self.values.clone())?;
        let own = values.iter().rev().find(|(field, _)| *field == Field::PersonCase).and_then(|(_, it)| it.as_item());
        let roles = values.iter().rev().find(|(field, _)| *field == Field::PersonRoles).map(|(_, it)| it.clone());
        person::with_day(&mut values, cx.today());
        let mut plan = Plan::default();
        for (field, value) in values {
            plan.set(state, At::of(found.0), field, value);
        }
        if let Some(own) = own {
            let roles = roles.unwrap_or_else(|| found.0.value(Field::PersonRoles));
            belong(state, cx, &mut plan, (case, own), &roles);
        }
        Ok(plan.or_unchanged()?.say(format!("Person {} is changed.", state.code(self.person))))
    }
}

/// A standing person in an open case.
pub(super) fn in_open_case<'s>(state: &'s State, cx: &Ctx<'_>, id: ItemId) -> Result<(Person<'s>, &'s Item), Refusal> {
    let item = cx.standing(state, id, ItemKind::Person)?;
    let case = cx.open_case(state, item.stream.item())?;
    Ok((Person(item), case))
}
