//! Takes another parish's team into the list of those with whom bundles can be exchanged.
//!
//! Another root key in the name of a team that is known, or of our own, is never taken silently: somebody may be
//! putting themselves in between.

use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, ItemId, VaultId};
use crate::domain::parish::Parish;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::{Peer, card_line};

use super::peer_remove::end_shares;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// What an authentic card says, as far as the rules need to know. Whoever makes one has checked the card.
#[derive(Clone, Debug)]
pub struct TheirCard {
    /// A practice team's.
    pub practice: bool,
    /// The parish's number.
    pub parish: u8,
    /// The team's name.
    pub name: String,
    /// The team's vault.
    pub vault: VaultId,
    /// The root's public key, in hex.
    pub root: String,
    /// The card itself.
    pub text: String,
    /// Its devices: id, public key, and for whom each writes.
    pub devices: Vec<(DeviceId, [u8; 32], ItemId)>,
}

/// Takes another parish's team into the list of those with whom bundles can be exchanged.
#[derive(Clone, Debug)]
pub struct PeerAdd {
    /// Its card.
    pub card: TheirCard,
}

impl PeerAdd {
    /// Whether the team's card could be taken, as far as the card goes: it is not our own, mixes nothing, and takes
    /// nobody's place.
    ///
    /// # Errors
    /// What the op would refuse with.
    pub fn fits(&self, state: &State) -> Result<(), Refusal> {
        check_card(state, &self.card, None)
    }
}

impl Verb for PeerAdd {
    const SPEC: Spec = Spec {
        name: "peer.add",
        label: "Add a team",
        doc: "Takes another parish's team into the list of those with whom bundles can be exchanged.",
        group: Group::Exchange,
        danger: Danger::Undoable,
        cli: "peer add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let card = &self.card;
        if Peer::all(state).any(|peer| peer.root() == card.root) {
            return Err(Refusal::new("This team is in the list already.", "Nothing needs to be done."));
        }
        check_card(state, card, None)?;
        let mut plan = Plan::default();
        // A team that was removed and comes back under its root goes on as itself, and is compared anew.
        let before = state.items(ItemKind::Peer).find(|peer| peer.str(Field::PeerRoot) == card.root);
        let at = if let Some(before) = before {
            let at = At::of(before);
            let again = [
                Field::PeerRemoved,
                Field::PeerVerified,
                Field::PeerVerifiedHow,
                Field::PeerVerifiedBy,
                Field::PeerAlarm,
            ];
            for field in again {
                plan.set(state, at, field, Value::Nothing);
            }
            plan.made.push(at.item);
            at
        } else {
            let at = At { stream: state.team_stream(), item: cx.new_id(), class: Class::Core };
            plan.create(at, ItemKind::Peer);
            plan.set(state, at, Field::PeerRoot, Value::text(&card.root));
            at
        };
        // What was shared with them before they were removed is not shared again by that.
        if before.is_some() {
            end_shares(&mut plan, state, at.item, cx.now);
        }
        plan_card(&mut plan, state, at, card);
        Ok(plan.say("The team was added. Compare words with them before anything is sent."))
    }
}

/// What the newest card of a team changes.
pub(super) fn plan_card(plan: &mut Plan, state: &State, at: At, card: &TheirCard) {
    plan.set(state, at, Field::PeerName, Value::text(&card.name));
    plan.set(state, at, Field::PeerParish, Value::Number(i64::from(card.parish)));
    plan.set(state, at, Field::PeerCard, Value::text(&card.text));
    let known = |device: DeviceId| state.peer_devices().any(|(id, it)| id == device && it.peer == at.item);
    for (device, key, member) in card.devices.iter().filter(|(device, ..)| !known(*device)) {
        let fact = Fact::PeerDevice { peer: at.item, device: *device, key: *key, member: *member };
        plan.facts.push(Placed { stream: at.stream, class: Class::Core, fact });
    }
}

/// Refuses a card that is our own, that mixes practice and real, or that takes another team's place; `own` is the team
/// whose newer card this is.
pub(super) fn check_card(state: &State, card: &TheirCard, own: Option<ItemId>) -> Result<(), Refusal> {
    let team = state.item(state.team_stream().item());
    let ours = team.map_or("", |team| team.str(Field::TeamCard));
    if card.root == card_line(ours, "root") {
        return Err(Refusal::new(
            "This is your own team's card.",
            "Give it to the other team, and add the card that they give you.",
        ));
    }
    if team.is_some_and(|team| team.value(Field::TeamPractice) == Value::YesNo(true)) != card.practice {
        let (card, vault) = if card.practice { ("a practice", "real") } else { ("a real", "practice") };
        return Err(Refusal::new(
            format!("This is {card} team's card, and this vault is a {vault} one."),
            "Nothing passes between practice and real. Ask that team for the right card.",
        ));
    }
    let same_name = |name: &str| name.to_lowercase() == card.name.to_lowercase();
    let our_name = team.map_or("", |team| team.str(Field::TeamName));
    let our_parish = team.and_then(|team| team.value(Field::TeamParish).as_number());
    if card.vault == state.vault() || our_parish == Some(i64::from(card.parish)) || same_name(our_name) {
        return Err(Refusal::alarm(
            "This card says that it is your own parish's, and another key signed it.",
            "It was not added. Ask whoever gave it to you where it comes from, and tell your coordinator.",
        ));
    }
    let others = || Peer::all(state).filter(|peer| Some(peer.0.id) != own && peer.root() != card.root);
    let rival = others().find(|peer| peer.parish().map(|it| it.number) == Some(card.parish) || same_name(peer.name()));
    if let Some(rival) = rival {
        let parish = Parish::by_number(card.parish).map_or("", |parish| parish.name);
        return Err(Refusal::alarm(
            format!(
                "Another key is shown for {}: this card of {} ({parish}) is not signed by the key that you know.",
                rival.name(),
                card.name
            ),
            "It was not taken. Call them on a number that you had before, and ask. Only if they did begin anew: remove \
             the team from your list, add this card, and compare words.",
        ));
    }
    let taken =
        |device: &DeviceId| state.device(*device).is_some() || others().any(|peer| claims(state, peer.0.id, *device));
    if card.devices.iter().any(|(device, ..)| taken(device)) {
        return Err(Refusal::alarm(
            "This card claims a device that writes for another team.",
            "It was not taken. Ask both teams on numbers that you had before.",
        ));
    }
    Ok(())
}

fn claims(state: &State, peer: ItemId, device: DeviceId) -> bool {
    state.peer_devices().any(|(id, it)| id == device && it.peer == peer)
}
