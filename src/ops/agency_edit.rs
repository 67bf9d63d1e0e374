//! Changes what the list says about an agency, or retires it.

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::agency_add::check_code_free;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Changes what the list says about an agency: code, name, kind, contact; or retires it. A retired agency gets nothing
/// new to do; its name stays on what it did. Clearing the day brings it back.
#[derive(Clone, Debug)]
pub struct AgencyEdit {
    /// The agency.
    pub agency: ItemId,
    /// New values; [`Value::Nothing`] clears.
    pub values: Vec<(Field, Value)>,
}

impl Verb for AgencyEdit {
    const SPEC: Spec = Spec {
        name: "agency.edit",
        label: "Edit an agency",
        doc: "Changes an agency's code, name, kind or contact, retires it, or brings it back.",
        group: Group::Team,
        danger: Danger::Undoable,
        cli: "team agency edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "change an agency")?;
        let agency = cx.standing(state, self.agency, ItemKind::Agency)?;
        let mut plan = Plan::default();
        for (field, value) in &self.values {
            if field.def().kind != Some(ItemKind::Agency) {
                return Err(Refusal::new("That is no field of an agency.", "Use code, name, kind, phone or contact."));
            }
            cx.check_value(state, *field, value)?;
            let value = clean::value(*field, value.clone());
            match field {
                Field::AgencyCode if value.is_nothing() => return Err(needs(&Self::SPEC, "the code")),
                Field::AgencyCode => check_code_free(state, value.as_str().unwrap_or(""), Some(self.agency))?,
                Field::AgencyRetired if value.as_date().is_some_and(|day| day > cx.today()) => {
                    return Err(Refusal::new(
                        "An agency can't retire on a day that is still to come.",
                        "Retire it on that day.",
                    ));
                }
                _ => {}
            }
            plan.set(state, At::of(agency), *field, value);
        }
        let retires = self.values.iter().any(|(field, value)| *field == Field::AgencyRetired && !value.is_nothing());
        plan.say(if retires { retired(state, self.agency) } else { "Saved.".to_owned() }).or_unchanged()
    }
}

/// What is left to do when an agency retires.
fn retired(state: &State, agency: ItemId) -> String {
    let theirs = |action: &&Item| {
        action.value(Field::ActionOwner).as_item() == Some(agency)
            && !matches!(action.str(Field::ActionState), "done" | "cancelled")
    };
    match state.items(ItemKind::Action).filter(theirs).count() {
        0 => "Retired: it gets nothing new to do.".to_owned(),
        1 => "Retired; one open action needs a new owner.".to_owned(),
        open => format!("Retired; {open} open actions need a new owner."),
    }
}
