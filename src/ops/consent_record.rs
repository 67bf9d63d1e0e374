//! Writing down a consent: to what, who gave it, until when.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::consent;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::person;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Writes down a consent.
#[derive(Clone, Debug)]
pub struct ConsentRecord {
    /// The case.
    pub case: ItemId,
    /// To what: codes of the list `consent-scope`, at least one.
    pub scopes: Vec<String>,
    /// Who gave it.
    pub by: String,
    /// Who that is to the child: a code of the list `consent-giver`; may be empty.
    pub role: String,
    /// The last day on which it counts; none if it has no end.
    pub until: Option<NaiveDate>,
    /// When it was given; now, if not said.
    pub given: Option<DateTime<Utc>>,
    /// In which words, what is to be withheld from whom; may be empty.
    pub note: String,
}

impl Verb for ConsentRecord {
    const SPEC: Spec = Spec {
        name: "consent.record",
        label: "Record consent",
        doc: "Writes down who agreed to services, to telling others, or to use in reports, and until when.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "consent record",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        check_scopes(cx, &self.scopes)?;
        let by = clean::line_owned(&self.by);
        if by.is_empty() {
            return Err(needs(&Self::SPEC, "who gave it"));
        }
        if !self.role.is_empty() {
            cx.check_code("consent-giver", &self.role)?;
        }
        let named = person::named_in_concern(state, Case(case));
        if named.iter().any(|named| consent::same_person(&by, named)) {
            return Err(Refusal::new(
                "This person is named in the concern, so their consent can't count.",
                "Ask whoever may decide instead: another guardian, the court, or the agency that has custody. If it is somebody else, give the full name.",
            ));
        }
        let given = self.given.unwrap_or(cx.now);
        if given > cx.now + chrono::TimeDelta::minutes(10) {
            return Err(Refusal::new("Consent can't be given in the future.", "Give the day on which it was given."));
        }
        if self.until.is_some_and(|until| until < cx.today()) {
            return Err(Refusal::new(
                "The last day of this consent lies in the past.",
                "Ask again, and give a day from today on; or none, if it has no end.",
            ));
        }
        let at = At { stream: case.stream, item: cx.new_id(), class: Class::Notes };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Consent);
        for (field, value) in [
            (Field::ConsentScopes, Value::codes(&self.scopes)),
            (Field::ConsentBy, Value::text(&by)),
            (Field::ConsentRole, Value::code(&self.role)),
            (Field::ConsentGiven, Value::when(given)),
            (Field::ConsentUntil, self.until.map_or(Value::Nothing, Value::date)),
            (Field::ConsentNote, Value::text(&clean::prose_owned(&self.note))),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        Ok(plan.say(format!("Consent to {} recorded.", consent::scope_words(&self.scopes))))
    }
}

/// At least one scope, and only known ones.
pub(super) fn check_scopes(cx: &Ctx<'_>, scopes: &[String]) -> Result<(), Refusal> {
    if scopes.is_empty() {
        return Err(Refusal::new(
            "It must be said to what consent is given.",
            "Choose at least one of: services, disclosure, reporting.",
        ));
    }
    scopes.iter().try_for_each(|scope| cx.check_code("consent-scope", scope))
}
