//! Taking note of an answer to a referral.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::referral::Referral;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts on record that whoever asked knows the answer: it leaves Today.
#[derive(Clone, Debug)]
pub struct ReferralSeen {
    /// The referral.
    pub referral: ItemId,
}

impl Verb for ReferralSeen {
    const SPEC: Spec = Spec {
        name: "referral.seen",
        label: "Answer seen",
        doc: "Puts on record that whoever asked has taken note of the answer; it leaves Today.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "referral seen",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.standing(state, self.referral, ItemKind::Referral)?;
        let (referral, code) = (Referral(item), state.code(self.referral));
        if !referral.is_ours(state) {
            return Err(Refusal::new(
                format!("{} asked for this, not your team.", referral.other_side(state)),
                "Answer it: accept it, or decline it with a reason.",
            ));
        }
        if referral.answered().is_none() {
            return Err(Refusal::new(
                format!("Referral {code} is not answered yet."),
                "Wait, or take it up with them.",
            ));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(item), Field::ReferralSeen, Value::when(cx.now));
        Ok(plan.say(format!("The answer to referral {code} is noted.")))
    }
}
