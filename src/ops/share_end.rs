//! Stops sharing a case with another team.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::referral::Referral;
use crate::domain::share::Share;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Stops sharing a case with another team: nothing more of it is sent to them or taken from them. What they hold, they
/// keep.
#[derive(Clone, Debug)]
pub struct ShareEnd {
    /// The case.
    pub case: ItemId,
    /// The team.
    pub peer: ItemId,
}

impl Verb for ShareEnd {
    const SPEC: Spec = Spec {
        name: "share.end",
        label: "Stop sharing a case",
        doc: "Stops sharing a case with another team: nothing more of it is sent or taken; what they hold, they keep.",
        group: Group::Exchange,
        danger: Danger::Undoable,
        cli: "peer unshare",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "stop sharing a case")?;
        let case = cx.standing(state, self.case, ItemKind::Case)?;
        let (name, code) = (teams::peer_name(state, self.peer), state.code(self.case));
        let stream = StreamId(self.case.0);
        let shares: Vec<Share<'_>> =
            Share::of_case(state, stream).filter(|share| share.peer() == Some(self.peer)).collect();
        if shares.is_empty() {
            return Err(Refusal::new(
                format!("Case {code} is not shared with {name}."),
                "The case's overview says with whom it is.",
            ));
        }
        let root = state.item(self.peer).map_or("", |peer| peer.str(Field::PeerRoot));
        let waiting = state
            .items_in(case.stream, ItemKind::Referral)
            .map(Referral)
            .find(|referral| referral.is_waiting() && (referral.to() == root || referral.from() == root));
        if let Some(waiting) = waiting {
            // The answer travels in the case.
            let hint = if waiting.is_ours(state) {
                "Take the referral back first, and send them that."
            } else {
                "Answer it first."
            };
            return Err(Refusal::new(
                format!("Referral {} still waits for its answer.", state.code(waiting.0.id)),
                hint,
            ));
        }
        let mut plan = Plan::default();
        for share in shares {
            plan.set(state, At::of(share.0), Field::ShareEnded, Value::when(cx.now));
        }
        Ok(plan.say(format!(
            "Nothing more of case {code} goes to {name} or is taken from them. What they hold, they keep: tell them by \
             telephone."
        )))
    }
}
