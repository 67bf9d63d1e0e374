//! Records that words were compared with another team, by whom and how.

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Peer;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Records that words were compared with another team, by whom and how. Whoever makes one has compared them.
#[derive(Clone, Debug)]
pub struct PeerVerify {
    /// The team.
    pub peer: ItemId,
    /// How they were reached: "by telephone, on the number in the directory".
    pub how: String,
}

impl Verb for PeerVerify {
    const SPEC: Spec = Spec {
        name: "peer.verify",
        label: "Compare words",
        doc: "Records that words were compared with another team, by whom and how.",
        group: Group::Exchange,
        danger: Danger::Undoable,
        cli: "peer verify",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "say that a team's card is the right one")?;
        let peer = known(state, cx, self.peer)?;
        let how = clean::line_owned(&self.how);
        if how.is_empty() {
            return Err(needs(&Self::SPEC, "how they were reached"));
        }
        cx.check_value(state, Field::PeerVerifiedHow, &Value::text(&how))?;
        let mut plan = Plan::default();
        let at = At::of(peer.0);
        plan.set(state, at, Field::PeerVerified, Value::when(cx.now));
        plan.set(state, at, Field::PeerVerifiedHow, Value::text(&how));
        plan.set(state, at, Field::PeerVerifiedBy, Value::Item(cx.me));
        plan.set(state, at, Field::PeerAlarm, Value::Nothing);
        Ok(plan.say("The words match. Ask whether theirs match too: if not, remove the team again, and send nothing."))
    }
}

/// A team that is in the list.
pub(super) fn known<'s>(state: &'s State, cx: &Ctx<'_>, peer: ItemId) -> Result<Peer<'s>, Refusal> {
    cx.standing(state, peer, ItemKind::Peer)?;
    let removed = || Refusal::new("This team was removed from the list.", "Add its card again first.");
    Peer::get(state, peer).ok_or_else(removed)
}
