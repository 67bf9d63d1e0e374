//! Changes an outreach event: what was planned, and after it what came of it.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::outreach::Phase;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::outreach_add::{PLANNED, check_when, checked, open_event};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// What may be said once it was held.
pub const AFTER: &[Field] =
    &[Field::OutreachAudience, Field::OutreachResults, Field::OutreachReports, Field::OutreachReportsNote];

/// What is always there.
const ALWAYS: &[Field] = &[Field::OutreachKind, Field::OutreachTopic, Field::OutreachWhen, Field::OutreachLead];

/// Changes an event.
#[derive(Clone, Debug)]
pub struct OutreachEdit {
    /// The event.
    pub event: ItemId,
    /// The fields and their new values.
    pub set: Vec<(Field, Value)>,
}

impl Verb for OutreachEdit {
    const SPEC: Spec = Spec {
        name: "outreach.edit",
        label: "Change an outreach event",
        doc: "Changes an outreach event; once it was held also who came, answers before and after, reports that came in.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "outreach edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let event = open_event(state, cx, self.event)?;
        let held = event.phase() != Phase::Planned;
        let mut plan = Plan::default();
        for (field, value) in &self.set {
            if ALWAYS.contains(field) && value.is_nothing() {
                return Err(Refusal::new(
                    format!("\"{}\" is missing.", field.def().label),
                    "An event has a kind, a topic, a day and hour, and somebody who sees to it.",
                ));
            }
            if AFTER.contains(field) && !held {
                return Err(Refusal::new(
                    format!("Event {} was not held yet.", state.code(self.event)),
                    "Say first that it was (outreach held): who came can be said with it.",
                ));
            }
            if !ALWAYS.contains(field) && !PLANNED.contains(field) && !AFTER.contains(field) {
                return Err(Refusal::new(
                    format!("\"{}\" can't be typed in.", field.def().label),
                    "It follows from what happens: outreach held, outreach cancel.",
                ));
            }
            if let Some(when) = value.as_when() {
                check_when(cx, when)?;
                if held && when > cx.now {
                    return Err(super::outreach_held::not_yet(state, self.event));
                }
            }
            let value = checked(state, cx, *field, value.clone())?;
            plan.set(state, At::of(event.0), *field, value);
        }
        plan.say("Saved.").or_unchanged()
    }
}
