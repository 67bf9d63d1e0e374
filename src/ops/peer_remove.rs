//! Takes another team out of the list: nothing is sent to it or taken from it any more, and no case is shared with it,
//! also not if it is added again. What came from it stays.

use chrono::{DateTime, Utc};

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::share::Share;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::peer_verify::known;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes another team out of the list: nothing is sent to it or taken from it any more. What came from it stays.
#[derive(Clone, Debug)]
pub struct PeerRemove {
    /// The team.
    pub peer: ItemId,
}

impl Verb for PeerRemove {
    const SPEC: Spec = Spec {
        name: "peer.remove",
        label: "Remove a team",
        doc: "Takes another team out of the list: nothing is sent to it or taken from it any more. What came from it \
              stays.",
        group: Group::Exchange,
        danger: Danger::Undoable,
        cli: "peer remove",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "remove a team")?;
        let peer = known(state, cx, self.peer)?;
        let mut plan = Plan::default();
        plan.set(state, At::of(peer.0), Field::PeerRemoved, Value::when(cx.now));
        end_shares(&mut plan, state, self.peer, cx.now);
        Ok(plan.say(
            "The team was removed from the list, and no case is shared with it any more. What came from it stays.",
        ))
    }
}

/// Ends every share of a case with a team that the member can see.
pub(super) fn end_shares(plan: &mut Plan, state: &State, peer: ItemId, now: DateTime<Utc>) {
    for share in Share::all_of_peer(state, peer) {
        plan.set(state, At::of(share.0), Field::ShareEnded, Value::when(now));
    }
}
