//! Writing down what was decided to be best for the child: the question, what was weighed, the child's views, who decided.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::dates;
use crate::domain::decision::{BEST_INTERESTS, lacks, weighed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::meeting_say::under;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Writes down a best-interests decision.
#[derive(Clone, Debug)]
pub struct CaseBestInterests {
    /// The case.
    pub case: ItemId,
    /// What was to be decided.
    pub question: String,
    /// What was weighed: a line for each option, under it lines with `+` for it and `-` against it.
    pub options: String,
    /// Whether the child's views were considered.
    pub heard: bool,
    /// The child's views, as they were considered; may be empty where they stand in a note.
    pub views: String,
    /// The note in which the child's own words stand.
    pub views_note: Option<ItemId>,
    /// Why the child's views were not considered; needed where they were not.
    pub unheard: String,
    /// What was decided.
    pub decision: String,
    /// The members of the team who decided.
    pub panel: Vec<ItemId>,
    /// Others who did.
    pub others: String,
    /// Who sees it otherwise, and why; may be empty.
    pub dissent: String,
    /// When; now, if not said.
    pub when: Option<DateTime<Utc>>,
    /// On which day it is looked at again.
    pub review: Option<NaiveDate>,
    /// The item of a meeting's agenda under which it was decided.
    pub under: Option<ItemId>,
}

impl Verb for CaseBestInterests {
    const SPEC: Spec = Spec {
        name: "case.best-interests",
        label: "Best-interests decision",
        doc: "Writes down what was decided to be best for the child: the question, the options with what speaks for and against each, the child's views, who decided, who dissents, when it is looked at again.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case best-interests",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        let [question, options, decision, others, unheard, views] =
            [&self.question, &self.options, &self.decision, &self.others, &self.unheard, &self.views]
                .map(|text| clean::prose_owned(text));
        for (text, what) in [(&question, "the question"), (&decision, "what was decided")] {
            if text.is_empty() {
                return Err(needs(&Self::SPEC, what));
            }
        }
        let wrong = |says: String| Refusal::new(says, "Write the options again; nothing was recorded.");
        let all = weighed(&options).map_err(wrong)?;
        if let Some(says) = lacks(&all) {
            return Err(wrong(says));
        }
        if self.panel.is_empty() && others.is_empty() {
            return Err(needs(&Self::SPEC, "who decided"));
        }
        for member in &self.panel {
            cx.standing(state, *member, ItemKind::Member)?;
        }
        self.check_views(state, cx, case.stream, (&views, &unheard))?;
        let when = self.when.unwrap_or(cx.now);
        if when > cx.now + TimeDelta::minutes(10) {
            return Err(Refusal::new("A decision can't lie in the future.", "Give the day on which it was taken."));
        }
        if self.review.is_some_and(|day| day < cx.today()) {
            return Err(Refusal::new("The day of the review lies in the past.", "Give a day from today on, or none."));
        }
        if let Some(item) = self.under
            && under(state, cx, item)?.0.case_id() != Some(self.case)
        {
            return Err(Refusal::new("That item of the agenda is about another case.", "Name one about this case."));
        }
        let at = At { stream: case.stream, item: cx.new_id(), class: Class::Notes };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Decision);
        let item = |item: Option<ItemId>| item.map_or(Value::Nothing, Value::Item);
        let heard = |value: Value| if self.heard { value } else { Value::Nothing };
        for (field, value) in [
            (Field::DecisionKind, Value::code(BEST_INTERESTS)),
            (Field::DecisionWhen, Value::when(when)),
            (Field::DecisionReview, self.review.map_or(Value::Nothing, Value::date)),
            (Field::DecisionPanel, Value::items(self.panel.iter().copied())),
            (Field::DecisionOptions, Value::text(&options)),
            (Field::DecisionViews, heard(Value::text(&views))),
            (Field::DecisionText, Value::text(&decision)),
            (Field::DecisionDissent, Value::text(&clean::prose_owned(&self.dissent))),
            (Field::DecisionOthers, Value::text(&clean::line_owned(&others))),
            (Field::DecisionQuestion, Value::text(&question)),
            (Field::DecisionHeard, Value::YesNo(self.heard)),
            (Field::DecisionUnheard, if self.heard { Value::Nothing } else { Value::text(&unheard) }),
            (Field::DecisionViewsNote, heard(item(self.views_note))),
            (Field::DecisionMeeting, item(self.under)),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        let again = self.review.map(|day| format!(" It is looked at again on {}.", dates::people(day, cx.today())));
        Ok(plan.say(format!("The best-interests decision is recorded.{}", again.unwrap_or_default())))
    }
}

impl CaseBestInterests {
    /// The child's views were considered, and it is said where they stand; or it is said why not.
    fn check_views(
        &self,
        state: &State,
        cx: &Ctx<'_>,
        stream: crate::domain::ids::StreamId,
        (views, unheard): (&str, &str),
    ) -> Result<(), Refusal> {
        if !self.heard {
            return if unheard.is_empty() {
                Err(needs(&Self::SPEC, "why the child's views were not considered"))
            } else {
                Ok(())
            };
        }
        if views.is_empty() && self.views_note.is_none() {
            return Err(Refusal::new(
                "The child's views were considered, but it is not said what they are.",
                "Write them down, or name the note in which the child's words stand.",
            ));
        }
        let Some(note) = self.views_note else { return Ok(()) };
        let note = cx.standing(state, note, ItemKind::Note)?;
        if note.stream != stream || note.class != Class::Views {
            return Err(Refusal::new(
                "That note does not hold this child's own words.",
                "Choose a note of the kind \"the child's views\" in this case.",
            ));
        }
        Ok(())
    }
}
