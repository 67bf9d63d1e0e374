//! Writes a training of the team's people down: one that is to come, or one that was.

use chrono::{NaiveDate, TimeDelta};

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::training::{Phase, TOPICS, Training};
use crate::domain::value::Value;

use super::outreach_add::checked;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// The most hours of one training.
const MOST_HOURS: i64 = 400;

/// Writes a training down. One of today or before counts as held.
#[derive(Clone, Debug)]
pub struct TrainingAdd {
    /// A code of the policy's topics.
    pub topic: String,
    /// The day.
    pub date: NaiveDate,
    /// Who took part, or is expected.
    pub who: Vec<ItemId>,
    /// Title, hours, trainer, certificate, words.
    pub set: Vec<(Field, Value)>,
}

/// What may be said of a training beside topic, day and people.
pub const DETAILS: &[Field] =
    &[Field::TrainingTitle, Field::TrainingHours, Field::TrainingTrainer, Field::TrainingUntil, Field::TrainingNote];

impl Verb for TrainingAdd {
    const SPEC: Spec = Spec {
        name: "training.add",
        label: "Write a training down",
        doc: "A training of the team's own people: topic, day, trainer, who took part. Until when it holds is reckoned.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "training add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        if self.topic.is_empty() {
            return Err(needs(&Self::SPEC, "the topic"));
        }
        let held = self.date <= cx.today();
        if held && self.who.is_empty() {
            return Err(needs(&Self::SPEC, "who took part"));
        }
        let symbols = state.shortest_code(ItemKind::Training);
        let item = cx.free_item(state, ItemKind::Training);
        let at = At { stream: state.team_stream(), item, class: Class::Core };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Training);
        let mut all = vec![
            (Field::TrainingSymbols, Value::Number(i64::from(symbols))),
            (Field::TrainingTopic, Value::code(&self.topic)),
            (Field::TrainingDate, Value::date(self.date)),
            (Field::TrainingWho, Value::items(self.who.iter().copied())),
        ];
        if held {
            all.push((Field::TrainingHeld, Value::date(self.date)));
        }
        all.extend(self.set.iter().cloned());
        for (field, value) in all {
            let value = fits(state, cx, self.date, field, value)?;
            plan.set(state, at, field, value);
        }
        Ok(plan.say(if held {
            "Training written down.".to_owned()
        } else {
            format!("Training planned: {}.", dates::people(self.date, cx.today()))
        }))
    }
}

/// A value of a training, checked; the day lies within reason, and a certificate ends after it.
pub(super) fn fits(state: &State, cx: &Ctx<'_>, day: NaiveDate, field: Field, value: Value) -> Result<Value, Refusal> {
    let value = checked(state, cx, field, value)?;
    let label = field.def().label;
    match (field, &value) {
        (Field::TrainingTopic, Value::Code(code)) if cx.pack.topic(code).is_none() => {
            Err(Refusal::new("The policy has no such topic.", format!("Its list is \"{TOPICS}\" (policy show).")))
        }
        (Field::TrainingHours, Value::Number(hours)) if !(1..=MOST_HOURS).contains(hours) => Err(Refusal::new(
            format!("\"{label}\" goes from 1 to {MOST_HOURS}."),
            "Give whole hours; half an hour more or less does not matter here.",
        )),
        (Field::TrainingDate | Field::TrainingHeld, date) => {
            let far = date.as_date().is_none_or(|date| {
                date < cx.today() - TimeDelta::days(30 * 366) || date > cx.today() + TimeDelta::days(2 * 366)
            });
            if far {
                let hint = "Give a day within the last thirty years or the next two.";
                return Err(Refusal::new("The day of the training is missing or far off.", hint));
            }
            Ok(value)
        }
        (Field::TrainingUntil, until) if until.as_date().is_some_and(|until| until < day) => {
            Err(Refusal::new("The certificate would end before the training.", "Give the last day on which it holds."))
        }
        _ => Ok(value),
    }
}

/// A standing training that was not called off, for somebody who may write.
pub(super) fn open_training<'s>(state: &'s State, cx: &Ctx<'_>, training: ItemId) -> Result<Training<'s>, Refusal> {
    cx.may_write(state)?;
    let training = Training(cx.standing(state, training, ItemKind::Training)?);
    if training.phase() == Phase::Cancelled {
        return Err(Refusal::new(
            format!("Training {} was called off.", state.code(training.0.id)),
            "Write a new one down in its place.",
        ));
    }
    Ok(training)
}
