//! Takes another team out of the list: nothing is sent to it or taken from it any more. What came from it stays.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
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
        Ok(plan.say("The team was removed from the list. What came from it stays."))
    }
}
