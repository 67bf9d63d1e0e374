//! Puts a person on the team's roster.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts a person on the team's roster.
#[derive(Clone, Debug)]
pub struct TeamAdd {
    /// Fields of the member: at least the name; the role is `champion` if none is given.
    pub values: Vec<(Field, Value)>,
}

impl Verb for TeamAdd {
    const SPEC: Spec = Spec {
        name: "team.add",
        label: "Add a member",
        doc: "Puts a person on the team's roster.",
        group: Group::Team,
        danger: Danger::Undoable,
        cli: "team add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "add a member")?;
        let has = |field| self.values.iter().any(|(of, value)| *of == field && !value.is_nothing());
        if !has(Field::MemberName) {
            return Err(needs(&Self::SPEC, "the name"));
        }
        check_handle(state, None, &self.values)?;
        let mut plan = Plan::default();
        let at = At { stream: state.team_stream(), item: cx.new_id(), class: Class::Core };
        plan.create(at, ItemKind::Member);
        for (field, value) in &self.values {
            cx.check_value(state, *field, value)?;
            plan.set(state, at, *field, clean::value(*field, value.clone()));
        }
        if !has(Field::MemberRole) {
            plan.set(state, at, Field::MemberRole, Value::code("champion"));
        }
        Ok(plan.say("Added to the team."))
    }
}

/// A handle is short, lower-case, and nobody else's.
pub(super) fn check_handle(state: &State, own: Option<ItemId>, values: &[(Field, Value)]) -> Result<(), Refusal> {
    let handle = values.iter().rev().find(|(field, _)| *field == Field::MemberHandle);
    let Some(handle) = handle.and_then(|(_, value)| value.as_str()) else { return Ok(()) };
    let fits = (2..=24).contains(&handle.len())
        && handle.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if !fits {
        return Err(Refusal::new(
            "A handle is 2 to 24 small letters, digits, dots or dashes.",
            "Choose something short: \"abrown\".",
        ));
    }
    let taken =
        |member: &crate::domain::item::Item| Some(member.id) != own && member.str(Field::MemberHandle) == handle;
    if state.items(ItemKind::Member).any(taken) {
        return Err(Refusal::new("Somebody on the team has this handle.", "Choose another one."));
    }
    Ok(())
}
