//! Opening a case: from a full report, a quick report, or for another child of the same household.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::pack::Risk;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::follow_policy::follow_policy;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// How a case comes to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Opened {
    /// From a report with at least a concern.
    #[default]
    Report,
    /// From a quick report: saved as it is, what is missing leads Today.
    Quick,
    /// For another child of this case's household: household and reporter are carried over, and the two are linked.
    SiblingOf(ItemId),
}

/// Opens a case.
#[derive(Clone, Debug, Default)]
pub struct CaseOpen {
    /// How it comes to be.
    pub how: Opened,
    /// First values, each of a case's field.
    pub values: Vec<(Field, Value)>,
    /// The concern touches somebody on the team: only these members may read the case, from its first entry on.
    pub restricted_to: Vec<ItemId>,
    /// Plan the contacts that the policy asks for at this risk.
    pub followup: bool,
}

/// What another child of the household shares with the first.
const CARRIED: &[Field] = &[
    Field::CaseReported,
    Field::CaseChannel,
    Field::CaseReporter,
    Field::CaseReporterPhone,
    Field::CaseReporterRelation,
    Field::CaseHousehold,
    Field::CaseMother,
    Field::CaseFather,
    Field::CaseCarer,
    Field::CaseAlleged,
    Field::CaseCommunity,
    Field::CaseAddress,
    Field::CasePhone,
    Field::CaseSafePhone,
    Field::CaseSafeWhen,
    Field::CaseSafeWords,
    Field::CaseSafeNever,
    Field::CaseNoMessages,
    Field::CasePlaceSafety,
    Field::CasePlaceNote,
];

impl Verb for CaseOpen {
    const SPEC: Spec = Spec {
        name: "case.open",
        label: "Open a case",
        doc: "Opens a case under a code that names nobody, and starts its clocks.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case new",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let mut values = self.carried(state, cx)?;
        values.extend(self.values.iter().cloned());
        let given = |field| values.iter().rev().find(|(of, _)| *of == field).map(|(_, value)| value.clone());
        let concern = given(Field::CaseConcern).and_then(|value| value.as_str().map(clean::prose_owned));
        if concern.as_deref().unwrap_or("").is_empty() && self.how != Opened::Quick {
            return Err(needs(&Self::SPEC, "the concern"));
        }
        for (field, value) in &values {
            if matches!(field, Field::CaseHolder | Field::CaseLeadHere | Field::CaseRestrictedHere) {
                return Err(Refusal::new(
                    format!("\"{}\" can't be set in a case of your own.", field.def().label),
                    "Leave it out: it is for cases that another team opened or took over.",
                ));
            }
            cx.check_value(state, *field, value)?;
        }
        check_days(cx, &values)?;
        let parish = state.item(state.team_stream().item()).and_then(|team| team.value(Field::TeamParish).as_number());
        let parish = parish.ok_or_else(|| {
            Refusal::new("This team has no parish yet.", "Set it up with `mahoe init --parish JM-06 …`.")
        })?;
        let symbols = state.shortest_code(ItemKind::Case);
        let stream = cx.free_case(state, u8::try_from(parish).unwrap_or(0));
        let at = At { stream, item: stream.item(), class: Class::Notes };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Case);
        let now = Value::when(cx.now);
        let defaults = [
            (Field::CaseParish, Value::Number(parish)),
            (Field::CaseSymbols, Value::Number(i64::from(symbols))),
            (Field::CaseOpened, now.clone()),
            (Field::CaseReported, now.clone()),
            (Field::CaseRisk, Value::code("unassessed")),
            (Field::CaseStage, Value::code(cx.first_stage())),
            (Field::CaseQuick, if self.how == Opened::Quick { Value::YesNo(true) } else { Value::Nothing }),
            (Field::CaseRestricted, Value::items(self.restricted_to.iter().copied())),
        ];
        for (field, value) in defaults {
            if given(field).is_none_or(|value| value.is_nothing()) {
                plan.set(state, at, field, value);
            }
        }
        if given(Field::CaseRisk).is_some_and(|risk| risk.as_str().is_some_and(|risk| risk != "unassessed")) {
            plan.set(state, at, Field::CaseRiskSet, now);
        }
        let risk = given(Field::CaseRisk).and_then(|risk| risk.as_str().and_then(Risk::from_code));
        let died = given(Field::CaseDied).is_some_and(|died| !died.is_nothing());
        let stage = given(Field::CaseStage).and_then(|stage| stage.as_str().map(str::to_owned));
        let mut seen = std::collections::HashSet::new();
        for (field, value) in values.into_iter().rev() {
            if seen.insert(field) {
                plan.set(state, at, field, clean::value(field, value));
            }
        }
        if let Opened::SiblingOf(first) = self.how {
            super::case_link::link(
                state,
                cx,
                &mut plan,
                (first, at.item),
                "sibling",
                &super::case_link::Words::default(),
            );
        }
        let mut says = "Case opened.".to_owned();
        if self.followup && !died {
            let stage = stage.unwrap_or_else(|| cx.first_stage().to_owned());
            let place = (stage.as_str(), risk.unwrap_or(Risk::Unassessed));
            says += &follow_policy(state, cx, &mut plan, stream, place);
        }
        Ok(plan.say(says))
    }
}

impl CaseOpen {
    fn carried(&self, state: &State, cx: &Ctx<'_>) -> Result<Vec<(Field, Value)>, Refusal> {
        let Opened::SiblingOf(first) = self.how else { return Ok(Vec::new()) };
        let first = cx.standing(state, first, ItemKind::Case)?;
        let carried = CARRIED.iter().map(|field| (*field, first.value(*field)));
        Ok(carried.filter(|(_, value)| !value.is_nothing()).collect())
    }
}

/// Days that can't be: a report or a birth in the future.
pub(super) fn check_days(cx: &Ctx<'_>, values: &[(Field, Value)]) -> Result<(), Refusal> {
    for (field, value) in values {
        let future = match (field, value) {
            (Field::CaseDob | Field::CaseDied | Field::CasePlacementSince, Value::Date(_)) => {
                value.as_date().is_some_and(|day| day > cx.today())
            }
            (
                Field::CaseReported | Field::CaseStatutory | Field::CaseFirstContact | Field::CaseMedical,
                Value::When(_),
            ) => value.as_when().is_some_and(|when| when > cx.now + chrono::TimeDelta::minutes(10)),
            _ => false,
        };
        if future {
            return Err(Refusal::new(
                format!("\"{}\" can't lie in the future.", field.def().label),
                "Check the day, and the date of this computer.",
            ));
        }
    }
    Ok(())
}
