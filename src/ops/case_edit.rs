//! Changing what a case says.

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::pack::Risk;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::follow_policy::follow_policy;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Sets fields of a case.
#[derive(Clone, Debug)]
pub struct CaseEdit {
    /// The case.
    pub case: ItemId,
    /// New values; [`Value::Nothing`] clears.
    pub values: Vec<(Field, Value)>,
    /// Plan the contacts that the policy asks for, if the risk changes.
    pub followup: bool,
}

/// Fields that other ops set, with their own rules.
const NOT_HERE: &[(Field, &str)] = &[
    (Field::CaseParish, "it never changes"),
    (Field::CaseSymbols, "it never changes"),
    (Field::CaseOpened, "it never changes"),
    (Field::CaseClosed, "use `case close` or `case reopen`"),
    (Field::CaseCloseReason, "use `case close`"),
    (Field::CaseCloseNote, "use `case close`"),
    (Field::CaseStage, "use `case stage`"),
    (Field::CaseRiskSet, "it follows the risk"),
    (Field::CaseHolder, "it follows a transfer that was accepted"),
    (Field::CaseLeadHere, "use `case assign`"),
    (Field::CaseRestrictedHere, "edit \"restricted\": in a case of another team it is kept for this team alone"),
];

impl Verb for CaseEdit {
    const SPEC: Spec = Spec {
        name: "case.edit",
        label: "Edit the case",
        doc: "Changes what the case says; every earlier value stays in the history.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.standing(state, self.case, ItemKind::Case)?;
        let at = At::of(case);
        let mut plan = Plan::default();
        for (field, value) in &self.values {
            if let Some((field, why)) = NOT_HERE.iter().find(|(not, _)| not == field) {
                return Err(Refusal::new(
                    format!("\"{}\" can't be edited here.", field.def().label),
                    format!("{why}."),
                ));
            }
            if *field == Field::CaseRestricted {
                cx.may_lead(state, "change who may read a case")?;
            }
            if *field == Field::CaseConcern && value.is_nothing() {
                return Err(Refusal::new("A case always has a concern.", "Write a new one in its place."));
            }
            cx.check_value(state, *field, value)?;
            plan.set(state, at, here(state, case, *field), clean::value(*field, value.clone()));
            if *field == Field::CaseRisk {
                plan.set(state, at, Field::CaseRiskSet, Value::when(cx.now));
            }
        }
        super::case_open::check_days(cx, &self.values)?;
        if case.value(Field::CaseQuick).as_yes_no() == Some(true) && self.completes(case) {
            plan.set(state, at, Field::CaseQuick, Value::Nothing);
        }
        self.check_report(case)?;
        let mut says = "Saved.".to_owned();
        if let Some(risk) = self.new_risk(case) {
            says += &follow_policy(state, cx, &mut plan, case.stream, (Case(case).stage(), risk));
        }
        plan.say(says).or_unchanged()
    }
}

/// Lead and readers of a case that another team opened or holds are this team's own business.
fn here(state: &State, case: &Item, field: Field) -> Field {
    match field {
        Field::CaseLead if teams::shared_in(state, case) => Field::CaseLeadHere,
        Field::CaseRestricted if teams::shared_in(state, case) => Field::CaseRestrictedHere,
        other => other,
    }
}

impl CaseEdit {
    /// What a field says after this edit.
    fn after(&self, case: &Item, field: Field) -> Value {
        let new = self.values.iter().rev().find(|(of, _)| *of == field).map(|(_, value)| value.clone());
        new.unwrap_or_else(|| case.value(field))
    }

    /// A quick report is complete once it has a concern and an assessed risk.
    fn completes(&self, case: &Item) -> bool {
        !self.after(case, Field::CaseConcern).is_nothing()
            && self.after(case, Field::CaseRisk).as_str().is_some_and(|risk| !risk.is_empty() && risk != "unassessed")
    }

    /// A Registry's number proves a report, so the report's time must be there too.
    fn check_report(&self, case: &Item) -> Result<(), Refusal> {
        let gives = self.values.iter().any(|(field, _)| matches!(field, Field::CaseNcr | Field::CaseStatutory));
        let after = |field| self.after(case, field);
        if gives && !after(Field::CaseNcr).is_nothing() && after(Field::CaseStatutory).is_nothing() {
            return Err(super::case_statutory::when_missing());
        }
        Ok(())
    }

    /// The risk, if this edit changes it and contacts are to follow it.
    fn new_risk(&self, case: &Item) -> Option<Risk> {
        let risk = Risk::from_code(self.after(case, Field::CaseRisk).as_str().unwrap_or(""));
        let risk = risk.unwrap_or(Risk::Unassessed);
        let runs = Case(case).is_open() && self.after(case, Field::CaseDied).is_nothing();
        (self.followup && runs && risk != Case(case).risk()).then_some(risk)
    }
}
