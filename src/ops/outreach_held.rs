//! Says that an outreach event was held, and how it was.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::outreach::Phase;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::outreach_add::{PLANNED, checked, open_event};
use super::outreach_edit::AFTER;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Marks an event as held. What is known of it can be said at once; who came may follow.
#[derive(Clone, Debug)]
pub struct OutreachHeld {
    /// The event.
    pub event: ItemId,
    /// Who came, answers, cost and whatever else was learnt.
    pub set: Vec<(Field, Value)>,
}

impl Verb for OutreachHeld {
    const SPEC: Spec = Spec {
        name: "outreach.held",
        label: "It was held",
        doc: "Says that an outreach event was held: who came by sex and age, answers before and after, what it cost.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "outreach held",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let event = open_event(state, cx, self.event)?;
        let when = event.when().filter(|when| *when <= cx.now).ok_or_else(|| not_yet(state, self.event))?;
        let mut plan = Plan::default();
        if event.phase() == Phase::Planned {
            plan.set(state, At::of(event.0), Field::OutreachHeld, Value::when(when));
        }
        let mut counted = event.phase() == Phase::Counted;
        for (field, value) in &self.set {
            if !PLANNED.contains(field) && !AFTER.contains(field) {
                return Err(Refusal::new(
                    format!("\"{}\" can't be said here.", field.def().label),
                    "Change it with outreach edit.",
                ));
            }
            let value = checked(state, cx, *field, value.clone())?;
            counted |= *field == Field::OutreachAudience && !value.is_nothing();
            plan.set(state, At::of(event.0), *field, value);
        }
        let says = if counted { "Held." } else { "Held. Who came can be said later: Today asks for it." };
        plan.say(says).or_unchanged()
    }
}

pub(super) fn not_yet(state: &State, event: ItemId) -> Refusal {
    Refusal::new(
        format!("Event {} lies ahead.", state.code(event)),
        "Say that it was held once it was. If it was earlier than planned, change its day first (outreach edit).",
    )
}
