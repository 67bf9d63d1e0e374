//! Deciding which services a child needs.

use crate::domain::care;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::SERVICES;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::service_plan::{checked, create};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Says of several kinds of help whether they are needed.
#[derive(Clone, Debug)]
pub struct ServiceNeed {
    /// The case.
    pub case: ItemId,
    /// A code of the pack's services each; `None` takes a decision back.
    pub needs: Vec<(String, Option<bool>)>,
}

impl Verb for ServiceNeed {
    const SPEC: Spec = Spec {
        name: "service.need",
        label: "Needed or not",
        doc: "Says which kinds of help are needed; what the standards ask for and nobody decided on stands out.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "service plan",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        let mut plan = Plan::default();
        let rows = care::plan(state, cx.pack, Case(case));
        for (at, (category, needed)) in self.needs.iter().enumerate() {
            cx.check_code(SERVICES, category)?;
            if self.needs[..at].iter().any(|(other, _)| other == category) {
                return Err(Refusal::new(
                    format!("\"{}\" is named twice.", cx.pack.label(SERVICES, category)),
                    "Say of each kind of help once whether it is needed.",
                ));
            }
            let value = needed.map_or(Value::Nothing, Value::YesNo);
            let current = rows.iter().find(|row| row.category == category).and_then(care::Row::current);
            let at = match current {
                Some(current) => At::of(current.0),
                None if needed.is_none() => continue,
                None => create(state, cx, &mut plan, case, category),
            };
            for (field, value) in checked(state, cx, current.map(|it| it.0), vec![(Field::ServiceNeeded, value)])? {
                plan.set(state, at, field, value);
            }
        }
        let says = match self.needs.as_slice() {
            [(category, needed)] => {
                let label = cx.pack.label(SERVICES, category);
                match needed {
                    Some(true) => format!("{label}: needed."),
                    Some(false) => format!("{label}: not needed."),
                    None => format!("{label}: not decided."),
                }
            }
            _ => format!("What case {} needs is written down.", state.code(self.case)),
        };
        Ok(plan.or_unchanged()?.say(says))
    }
}
