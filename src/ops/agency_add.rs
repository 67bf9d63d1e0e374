//! Adds an agency to which actions can be given.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Adds an agency to which actions can be given.
#[derive(Clone, Debug)]
pub struct AgencyAdd {
    /// Its short code: CPFSA, MOH.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its kind's code in the policy pack, or empty.
    pub kind: String,
}

impl Verb for AgencyAdd {
    const SPEC: Spec = Spec {
        name: "agency.add",
        label: "Add an agency",
        doc: "Adds an agency to which actions can be given.",
        group: Group::Team,
        danger: Danger::Undoable,
        cli: "team agency add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "add an agency")?;
        let code = clean::line_owned(&self.code);
        if code.is_empty() {
            return Err(needs(&Self::SPEC, "the code"));
        }
        check_code_free(state, &code, None)?;
        if !self.kind.is_empty() {
            cx.check_code("agency-kind", &self.kind)?;
        }
        let at = At { stream: state.team_stream(), item: cx.new_id(), class: Class::Core };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Agency);
        plan.set(state, at, Field::AgencyCode, Value::text(&code));
        plan.set(state, at, Field::AgencyName, Value::text(&clean::line_owned(&self.name)));
        plan.set(state, at, Field::AgencyKind, Value::code(&self.kind));
        Ok(plan.say(format!("Agency {code} added.")))
    }
}

/// An agency's code is its own, in capitals or not.
pub(super) fn check_code_free(state: &State, code: &str, but: Option<ItemId>) -> Result<(), Refusal> {
    let same = |agency: &Item| agency.str(Field::AgencyCode).eq_ignore_ascii_case(code) && Some(agency.id) != but;
    match state.items(ItemKind::Agency).find(|agency| same(agency)) {
        None => Ok(()),
        Some(agency) if agency.value(Field::AgencyRetired).is_nothing() => {
            Err(Refusal::new(format!("There is an agency {code} already."), "Use it, or choose another code."))
        }
        Some(_) => Err(Refusal::new(
            format!("There was an agency {code}: it is retired."),
            "Bring it back (team agency back), or choose another code.",
        )),
    }
}
