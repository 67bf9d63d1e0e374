//! Writing down who decided, on what, whether the child is identified as trafficked.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::decision::{self, IDENTIFICATION};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Writes down an identification.
#[derive(Clone, Debug)]
pub struct CaseIdentify {
    /// The case.
    pub case: ItemId,
    /// What was decided: a code of the list `trafficking-status`.
    pub status: String,
    /// Who decided: a code of the list `decision-by`.
    pub by: String,
    /// When; now, if not said.
    pub when: Option<DateTime<Utc>>,
    /// What was done: codes of the list `trafficking-act`.
    pub acts: Vec<String>,
    /// How: codes of the list `trafficking-means`. For a child they need not be shown.
    pub means: Vec<String>,
    /// For which exploitation: codes of the list `exploitation`.
    pub purposes: Vec<String>,
    /// On what it rests.
    pub basis: String,
    /// The screening that went before.
    pub screening: Option<ItemId>,
    /// Who sees it otherwise, and why; may be empty.
    pub dissent: String,
    /// On which day it is looked at again.
    pub review: Option<NaiveDate>,
}

impl Verb for CaseIdentify {
    const SPEC: Spec = Spec {
        name: "case.identify",
        label: "Identification",
        doc: "Writes down who decided, on what, whether the child is identified as trafficked; earlier decisions stay on record.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case identify",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.open_case(state, self.case)?;
        if cx.pack.list("decision-by").is_empty() {
            return Err(Refusal::new(
                "The policy in force has no list of who decides (decision-by).",
                "A coordinator can add it to the policy: the pack that mahoe ships has it.",
            ));
        }
        for (code, what) in [(&self.status, "what was decided"), (&self.by, "who decided")] {
            if code.is_empty() {
                return Err(needs(&Self::SPEC, what));
            }
        }
        let basis = clean::prose_owned(&self.basis);
        if basis.is_empty() {
            return Err(needs(&Self::SPEC, "on what it rests"));
        }
        let when = self.when.unwrap_or(cx.now);
        if when > cx.now + TimeDelta::minutes(10) {
            return Err(Refusal::new("A decision can't lie in the future.", "Give the day on which it was taken."));
        }
        if self.review.is_some_and(|day| day < cx.today()) {
            return Err(Refusal::new("The day of the review lies in the past.", "Give a day from today on, or none."));
        }
        let child = decision::is_child(Case(item), when);
        self.check_parts(child)?;
        if let Some(screening) = self.screening
            && cx.standing(state, screening, ItemKind::Screening)?.stream != item.stream
        {
            return Err(Refusal::new("That screening belongs to another case.", "Name one of this case, or none."));
        }
        let at = At { stream: item.stream, item: cx.new_id(), class: Class::Notes };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Decision);
        for (field, value) in [
            (Field::DecisionKind, Value::code(IDENTIFICATION)),
            (Field::DecisionWhen, Value::when(when)),
            (Field::DecisionBy, Value::code(&self.by)),
            (Field::DecisionStatus, Value::code(&self.status)),
            (Field::DecisionChild, Value::YesNo(child)),
            (Field::DecisionPurposes, Value::codes(&self.purposes)),
            (Field::DecisionReview, self.review.map_or(Value::Nothing, Value::date)),
            (Field::DecisionScreening, self.screening.map_or(Value::Nothing, Value::Item)),
            (Field::DecisionActs, Value::codes(&self.acts)),
            (Field::DecisionMeans, Value::codes(&self.means)),
            (Field::DecisionBasis, Value::text(&basis)),
            (Field::DecisionDissent, Value::text(&clean::prose_owned(&self.dissent))),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        // An older decision that is written down late doesn't overrule a newer one.
        let latest = decision::Decision::all(state, Case(item), IDENTIFICATION).first().and_then(|it| it.when());
        let status = if latest.is_none_or(|latest| latest <= when) {
            plan.set(state, At::of(item), Field::CaseStatus, Value::code(&self.status));
            ""
        } else {
            " A later decision stands, and goes on counting."
        };
        Ok(plan.say(format!("Identification recorded: {}.{status}", cx.pack.label("trafficking-status", &self.status))))
    }
}

impl CaseIdentify {
    /// Trafficking is an act, by some means, for a purpose; of a child the means need not be shown.
    fn check_parts(&self, child: bool) -> Result<(), Refusal> {
        if self.status != "actual" {
            return Ok(());
        }
        let missing = |part: &str, hint: &str| {
            Err(Refusal::new(format!("Identified as trafficked, but {part} is not said."), hint))
        };
        match (self.acts.is_empty(), self.purposes.is_empty(), self.means.is_empty()) {
            (true, ..) => {
                missing("the act", "Choose at least one act: recruited, transported, transferred, harboured, received.")
            }
            (_, true, _) => missing("the purpose", "Choose for which exploitation."),
            (_, _, true) if !child => missing(
                "the means",
                "From eighteen on the means must be shown: choose at least one, or correct the birth date.",
            ),
            _ => Ok(()),
        }
    }
}
