//! Saying that a referral has arrived.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::referral::Referral;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts on record that a referral has arrived; whether it is taken up is still to be answered.
#[derive(Clone, Debug)]
pub struct ReferralReceive {
    /// The referral.
    pub referral: ItemId,
}

impl Verb for ReferralReceive {
    const SPEC: Spec = Spec {
        name: "referral.receive",
        label: "Referral received",
        doc: "Puts on record that a referral has arrived; whether it is taken up is still to be answered.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "referral receive",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = for_us(state, cx, self.referral)?;
        let code = state.code(self.referral);
        match Referral(item).state() {
            "sent" => {
                let mut plan = Plan::default();
                plan.set(state, At::of(item), Field::ReferralState, Value::code("received"));
                plan.set(state, At::of(item), Field::ReferralReceived, Value::when(cx.now));
                Ok(plan.say(format!("Referral {code} has arrived; it still needs an answer.")))
            }
            _ => Err(Refusal::new(
                format!("Referral {code} is past that: it is {}.", word(cx, item)),
                "Nothing needs to be done.",
            )),
        }
    }
}

/// A referral that our own team answers.
pub(super) fn for_us<'s>(state: &'s State, cx: &Ctx<'_>, referral: ItemId) -> Result<&'s Item, Refusal> {
    let item = cx.standing(state, referral, ItemKind::Referral)?;
    let referral = Referral(item);
    if referral.is_for_us(state) {
        return Ok(item);
    }
    Err(Refusal::new(
        format!("{} was asked, so only they can answer.", teams::party_name(state, referral.to())),
        "Wait for their answer, or take the referral back.",
    ))
}

/// The state in words: "accepted", "taken back".
pub(super) fn word<'a>(cx: &'a Ctx<'_>, item: &'a Item) -> &'a str {
    cx.pack.label("referral-state", Referral(item).state())
}
