//! Changing what stands about a service.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::service_plan::{checked, open_service};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Changes fields of a service.
#[derive(Clone, Debug)]
pub struct ServiceEdit {
    /// The service.
    pub service: ItemId,
    /// Fields and their new values; nothing clears one.
    pub values: Vec<(Field, Value)>,
}

impl Verb for ServiceEdit {
    const SPEC: Spec = Spec {
        name: "service.edit",
        label: "Change a service",
        doc: "Changes by whom, from when to when and how much, or what came of it.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "service edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let (service, _) = open_service(state, cx, self.service)?;
        let at = At::of(service.0);
        let mut plan = Plan::default();
        for (field, value) in checked(state, cx, Some(service.0), self.values.clone())? {
            plan.set(state, at, field, value);
        }
        Ok(plan.or_unchanged()?.say(format!("Service {} is changed.", state.code(self.service))))
    }
}
