//! A service begins.

use chrono::NaiveDate;

use crate::domain::care::Phase;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::SERVICES;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::service_plan::{checked, open_service};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts on record that a service has begun.
#[derive(Clone, Debug)]
pub struct ServiceStart {
    /// The service.
    pub service: ItemId,
    /// On which day; today, if not said.
    pub on: Option<NaiveDate>,
}

impl Verb for ServiceStart {
    const SPEC: Spec = Spec {
        name: "service.start",
        label: "A service begins",
        doc: "Puts on record on which day a service has begun.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "service start",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let (service, _) = open_service(state, cx, self.service)?;
        let code = state.code(self.service);
        match (service.phase(), service.started()) {
            (Phase::Running, Some(day)) => {
                return Err(Refusal::new(
                    format!("Service {code} has begun on {}.", day.format("%-d %b %Y")),
                    "Change the day if it is wrong, or end the service.",
                ));
            }
            (Phase::Ended, _) => {
                return Err(Refusal::new(
                    format!("Service {code} has ended."),
                    "Plan another one: what was given stays as it is.",
                ));
            }
            _ => {}
        }
        let values = vec![
            (Field::ServiceNeeded, Value::YesNo(true)),
            (Field::ServiceStarted, Value::date(self.on.unwrap_or_else(|| cx.today()))),
        ];
        let mut plan = Plan::default();
        for (field, value) in checked(state, cx, Some(service.0), values)? {
            plan.set(state, At::of(service.0), field, value);
        }
        Ok(plan.say(format!("{}: begun.", cx.pack.label(SERVICES, service.category()))))
    }
}
