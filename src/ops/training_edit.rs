//! Changes a training, or calls one off that is to come.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::training::Phase;
use crate::domain::value::Value;

use super::training_add::{DETAILS, fits, open_training};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Changes a training.
#[derive(Clone, Debug)]
pub struct TrainingEdit {
    /// The training.
    pub training: ItemId,
    /// The fields and their new values; `cancelled` with a reason calls it off.
    pub set: Vec<(Field, Value)>,
}

impl Verb for TrainingEdit {
    const SPEC: Spec = Spec {
        name: "training.edit",
        label: "Change a training",
        doc: "Changes a training: topic, day, trainer, who took part, certificate; or calls one off that is to come.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "training edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let training = open_training(state, cx, self.training)?;
        let held = training.phase() == Phase::Held;
        let moved =
            self.set.iter().find(|(field, _)| *field == Field::TrainingDate).and_then(|(_, value)| value.as_date());
        let day = moved.or_else(|| training.day()).unwrap_or_else(|| cx.today());
        let mut plan = Plan::default();
        for (field, value) in &self.set {
            let field = match field {
                // The day of one that was held is the day on which it was.
                Field::TrainingDate if held => Field::TrainingHeld,
                other => *other,
            };
            let known = [
                Field::TrainingTopic,
                Field::TrainingDate,
                Field::TrainingHeld,
                Field::TrainingWho,
                Field::TrainingCancelled,
            ];
            if !known.contains(&field) && !DETAILS.contains(&field) {
                return Err(Refusal::new(
                    format!("\"{}\" can't be typed in.", field.def().label),
                    "It follows from what happens.",
                ));
            }
            if field == Field::TrainingCancelled && held && !value.is_nothing() {
                return Err(Refusal::new("It was held.", "What was held can't be called off. Change what is wrong."));
            }
            if value.is_nothing() && (field == Field::TrainingTopic || (held && field == Field::TrainingWho)) {
                return Err(Refusal::new(
                    format!("\"{}\" is missing.", field.def().label),
                    "A training has a topic, a day, and people who took part.",
                ));
            }
            if field == Field::TrainingHeld && value.as_date().is_none_or(|date| date > cx.today()) {
                return Err(Refusal::new("That day lies ahead.", "It was held: give the day on which it was."));
            }
            let value = fits(state, cx, day, field, value.clone())?;
            plan.set(state, At::of(training.0), field, value);
        }
        plan.say("Saved.").or_unchanged()
    }
}
