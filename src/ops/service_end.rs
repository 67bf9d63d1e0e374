//! A service ends.

use chrono::NaiveDate;

use crate::domain::care::Phase;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::SERVICES;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::service_plan::{checked, open_service};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts on record that a service has ended, and what came of it.
#[derive(Clone, Debug)]
pub struct ServiceEnd {
    /// The service.
    pub service: ItemId,
    /// On which day; today, if not said.
    pub on: Option<NaiveDate>,
    /// A code of the list `service-outcome`.
    pub outcome: String,
    /// What came of it; may be empty.
    pub note: String,
    /// What the child says of it; may be empty.
    pub views: String,
}

impl Verb for ServiceEnd {
    const SPEC: Spec = Spec {
        name: "service.end",
        label: "A service ends",
        doc: "Puts on record when a service has ended and what came of it, with the child's own view.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "service end",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let (service, _) = open_service(state, cx, self.service)?;
        let code = state.code(self.service);
        match service.phase() {
            Phase::Running => {}
            Phase::Ended => {
                return Err(Refusal::new(format!("Service {code} has ended already."), "Change it if a day is wrong."));
            }
            _ => {
                return Err(Refusal::new(
                    format!("Service {code} has not begun."),
                    "Say first when it began; if it is not needed any more, say that instead.",
                ));
            }
        }
        // A pack of before there were outcomes has none to choose from.
        if self.outcome.is_empty() && !cx.pack.list("service-outcome").is_empty() {
            return Err(needs(&Self::SPEC, "the outcome"));
        }
        let values = vec![
            (Field::ServiceEnded, Value::date(self.on.unwrap_or_else(|| cx.today()))),
            (Field::ServiceOutcome, Value::code(&self.outcome)),
            (Field::ServiceOutcomeNote, Value::text(&self.note)),
            (Field::ServiceViews, Value::text(&self.views)),
        ];
        let mut plan = Plan::default();
        for (field, value) in checked(state, cx, Some(service.0), values)? {
            // What was written of it before is not taken away by an end without words.
            if !value.is_nothing() {
                plan.set(state, At::of(service.0), field, value);
            }
        }
        Ok(plan.say(format!("{}: ended.", cx.pack.label(SERVICES, service.category()))))
    }
}
