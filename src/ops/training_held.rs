//! Says that a training was held, and who took part.

use chrono::NaiveDate;

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::training::Phase;
use crate::domain::value::Value;

use super::plan::needs;
use super::training_add::{fits, open_training};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Marks a training as held.
#[derive(Clone, Debug)]
pub struct TrainingHeld {
    /// The training.
    pub training: ItemId,
    /// Who took part: those who were expected may not have come.
    pub who: Vec<ItemId>,
    /// The day; that for which it was planned, if not said.
    pub date: Option<NaiveDate>,
    /// The certificate's last day, where it has one.
    pub until: Option<NaiveDate>,
}

impl Verb for TrainingHeld {
    const SPEC: Spec = Spec {
        name: "training.held",
        label: "The training was held",
        doc: "Says that a training was held and who took part: from now on it counts for them.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "training held",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let training = open_training(state, cx, self.training)?;
        if training.phase() == Phase::Held {
            return Err(Refusal::new(
                format!("Training {} is marked as held.", state.code(self.training)),
                "Change who took part with training edit.",
            ));
        }
        if self.who.is_empty() {
            return Err(needs(&Self::SPEC, "who took part"));
        }
        let day = self.date.or_else(|| training.day()).filter(|day| *day <= cx.today());
        let day =
            day.ok_or_else(|| Refusal::new("The training lies ahead.", "Say so once it was held, or give the day."))?;
        let mut plan = Plan::default();
        for (field, value) in
            [(Field::TrainingHeld, Value::date(day)), (Field::TrainingWho, Value::items(self.who.iter().copied()))]
        {
            let value = fits(state, cx, day, field, value)?;
            plan.set(state, At::of(training.0), field, value);
        }
        if let Some(until) = self.until {
            let value = fits(state, cx, day, Field::TrainingUntil, Value::date(until))?;
            plan.set(state, At::of(training.0), Field::TrainingUntil, value);
        }
        Ok(plan.say("Held. Until when it holds is reckoned."))
    }
}
