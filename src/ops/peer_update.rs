//! Takes the newer card of a team that is known, under the same root: nobody needs to be asked.

use crate::domain::field::ItemKind;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::views::{Peer, card_line};

use super::peer_add::{TheirCard, check_card, plan_card};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes the newer card of a team that is known, under the same root: nobody needs to be asked.
#[derive(Clone, Debug)]
pub struct PeerUpdate {
    /// The team.
    pub peer: ItemId,
    /// Its newer card, or the whole one of which a short one is known.
    pub card: TheirCard,
}

impl Verb for PeerUpdate {
    const SPEC: Spec = Spec {
        name: "peer.update",
        label: "Take a newer card",
        doc: "Takes the newer card of a team that is known, under the same root: nobody needs to be asked.",
        group: Group::Exchange,
        danger: Danger::Undoable,
        cli: "peer add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.standing(state, self.peer, ItemKind::Peer)?;
        let peer = Peer(item);
        if peer.root() != self.card.root {
            return Err(Refusal::alarm(
                "Another key signed this card than the one that you know.",
                "It was not taken. Call them on a number that you had before, and compare words.",
            ));
        }
        let serial = |card: &str| card_line(card, "serial").parse::<u64>().unwrap_or(0);
        let (known, new) = (serial(peer.card()), serial(&self.card.text));
        let completes = new == known && card_line(peer.card(), "device").is_empty() && !self.card.devices.is_empty();
        if new <= known && !completes {
            return Err(Refusal::new("A newer card of this team is known.", "Nothing needs to be done."));
        }
        check_card(state, &self.card, Some(self.peer))?;
        let mut plan = Plan::default();
        plan_card(&mut plan, state, At::of(item), &self.card);
        Ok(plan.say("The team's newer card was taken."))
    }
}
