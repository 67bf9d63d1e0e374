//! Sets aside what a bundle brought.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Sets aside what a bundle brought: it is kept and counts for nothing, by whatever way it comes again. Undone, it
/// counts again.
#[derive(Clone, Debug)]
pub struct BundleUndo {
    /// The bundle.
    pub bundle: ItemId,
    /// Takes it back from there instead: what it brought counts again.
    pub back: bool,
}

impl Verb for BundleUndo {
    const SPEC: Spec = Spec {
        name: "bundle.undo",
        label: "Set a bundle aside",
        doc: "Takes back what a bundle brought: it is kept, and counts for nothing.",
        group: Group::Exchange,
        danger: Danger::Undoable,
        cli: "bundle undo",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "set a bundle aside")?;
        let bundle = cx.standing(state, self.bundle, ItemKind::Bundle)?;
        if bundle.value(Field::BundleOurs) == Value::YesNo(true) {
            return Err(Refusal::new(
                "This bundle was sent by your own team.",
                "What has left can't be taken back from here: revoke the referral, and tell the other team.",
            ));
        }
        let aside = bundle.value(Field::BundleSetAside) == Value::YesNo(true);
        if self.back {
            if !aside {
                return Err(Refusal::new("This bundle is not set aside.", "Nothing needs to be done."));
            }
            let mut plan = Plan::default();
            plan.set(state, At::of(bundle), Field::BundleSetAside, Value::YesNo(false));
            return Ok(plan.say("Taken back: what the bundle brought counts again."));
        }
        if aside {
            return Err(Refusal::new("This bundle is set aside already.", "Nothing needs to be done."));
        }
        if accepted(state, self.bundle) {
            return Err(Refusal::new(
                "Your team accepted what this bundle asked for, and has told the other team.",
                "Close the case with its reason, or refer it back: both teams then know.",
            ));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(bundle), Field::BundleSetAside, Value::YesNo(true));
        Ok(plan.say("Set aside: what the bundle brought is kept, and counts for nothing."))
    }
}

/// True if a referral that the bundle brought was accepted, and a bundle to its sender was made since.
fn accepted(state: &State, bundle: ItemId) -> bool {
    let Some(bundle) = state.item(bundle) else { return false };
    let cases = bundle.str(Field::BundleCases).split_whitespace().filter_map(StreamId::from_hex);
    let referrals = cases.flat_map(|case| state.items_in(case, ItemKind::Referral));
    let answered = referrals
        .filter(|referral| matches!(referral.str(Field::ReferralState), "accepted" | "done"))
        .filter_map(|referral| referral.value(Field::ReferralAnswered).as_when())
        .min();
    let Some(answered) = answered else { return false };
    state.items(ItemKind::Bundle).any(|sent| {
        sent.value(Field::BundleOurs) == Value::YesNo(true)
            && sent.value(Field::BundlePeer) == bundle.value(Field::BundlePeer)
            && sent.value(Field::BundleMade).as_when().is_some_and(|made| made >= answered)
    })
}
