//! Taking a referral back.

use crate::domain::care::{Phase, Service};
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::referral::Referral;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::referral_receive::word;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes a referral back. What the other side was sent, they still hold.
#[derive(Clone, Debug)]
pub struct ReferralRevoke {
    /// The referral.
    pub referral: ItemId,
    /// Why.
    pub reason: String,
}

impl Verb for ReferralRevoke {
    const SPEC: Spec = Spec {
        name: "referral.revoke",
        label: "Take a referral back",
        doc: "Takes a referral back, with a reason; what the other side was sent, they still hold.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "referral revoke",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.standing(state, self.referral, ItemKind::Referral)?;
        let (referral, code) = (Referral(item), state.code(self.referral));
        let other = referral.other_side(state);
        if !referral.is_ours(state) {
            return Err(Refusal::new(
                format!("{other} asked for this, so only they can take it back."),
                "Answer it: accept it, or decline it with a reason.",
            ));
        }
        match (referral.state(), referral.is_transfer()) {
            ("sent" | "received", _) | ("accepted", false) => {}
            ("accepted", true) => {
                return Err(Refusal::new(
                    format!("{other} has accepted the transfer and is responsible for the case now."),
                    "Ask them to transfer it back.",
                ));
            }
            _ => {
                return Err(Refusal::new(
                    format!("Referral {code} can't be taken back: it is {}.", word(cx, item)),
                    "If more is to be said, write a note in the case.",
                ));
            }
        }
        let reason = clean::prose_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "the reason"));
        }
        let words = Value::text(&format!("Taken back: {reason}"));
        cx.check_value(state, Field::ReferralAnswer, &words)?;
        let mut plan = Plan::default();
        plan.set(state, At::of(item), Field::ReferralState, Value::code("revoked"));
        plan.set(state, At::of(item), Field::ReferralAnswer, words);
        // What was planned on its strength is open again.
        if let Some(service) = referral.case(state).and_then(|case| {
            let linked = |it: &Service<'_>| it.referral() == Some(item.id) && it.phase() == Phase::Planned;
            Service::all(state, case).into_iter().find(linked)
        }) && referral.is_inside()
        {
            plan.set(state, At::of(service.0), Field::ServiceReferral, Value::Nothing);
        }
        Ok(plan.say(format!("Referral {code} is taken back. What {other} was sent, they still hold.")))
    }
}
