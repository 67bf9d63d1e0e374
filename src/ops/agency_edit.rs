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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{ActionReassign, AgencyAdd};
    use crate::session::Session;
    use crate::testing::team::{action, case, team};
    use crate::vault::disk::MemoryDisk;

    fn agency(session: &Session) -> ItemId {
        let mut all = session.state().items(ItemKind::Agency);
        all.find(|agency| agency.str(Field::AgencyCode) == "MOH").expect("MOH").id
    }

    fn edit(session: &mut Session, field: Field, value: Value) -> Result<String, String> {
        let agency = agency(session);
        let done = session.run(AgencyEdit { agency, values: vec![(field, value)] });
        done.map(|done| done.says).map_err(|error| error.message)
    }

    #[test]
    fn an_agency_keeps_a_contact_and_a_code_of_its_own() {
        let mut session = team(&MemoryDisk::new(), 1);
        edit(&mut session, Field::AgencyContact, Value::text("the duty nurse")).expect("saved");
        assert!(edit(&mut session, Field::AgencyCode, Value::text("cpfsa")).expect_err("taken").contains("already"));
        assert!(edit(&mut session, Field::AgencyCode, Value::Nothing).expect_err("needed").contains("missing"));
        assert!(edit(&mut session, Field::AgencyKind, Value::code("circus")).expect_err("unknown").contains("circus"));
        assert!(edit(&mut session, Field::MemberName, Value::text("MOH")).expect_err("no field").contains("no field"));
        let item = session.state().item(agency(&session)).expect("there");
        assert_eq!(item.str(Field::AgencyContact), "the duty nurse");
    }

    #[test]
    fn a_retired_agency_gets_nothing_new_until_it_is_back() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "A worry");
        let (theirs, other) = (action(&mut session, case, "one", 1), action(&mut session, case, "two", 1));
        let owner = agency(&session);
        session.run(ActionReassign { action: theirs, owner }).expect("given");
        let (today, ahead) = (session.today_date(), session.today_date() + chrono::TimeDelta::days(1));
        assert!(edit(&mut session, Field::AgencyRetired, Value::date(ahead)).is_err());
        let says = edit(&mut session, Field::AgencyRetired, Value::date(today)).expect("retired");
        assert!(says.contains("one open action needs a new owner"), "{says}");
        let refused = session.run(ActionReassign { action: other, owner }).expect_err("refused");
        assert!(refused.message.contains("retired"), "{}", refused.message);
        let again = session.run(AgencyAdd { code: "moh".into(), name: String::new(), kind: String::new() });
        assert!(again.expect_err("its code is kept").message.contains("retired"));
        edit(&mut session, Field::AgencyRetired, Value::Nothing).expect("back");
        session.run(ActionReassign { action: other, owner }).expect("given");
    }
}
