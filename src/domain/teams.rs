//! Other parishes' teams and their people, as far as the entries name them: whose a case is, who holds it, how they
//! are called.
//!
//! Pure reading of the State. Nothing in here trusts a key: which root belongs to whom was decided when the peer was taken.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::parish::Parish;
use super::state::{Stamp, State};
use super::value::Value;
use super::views::{Case, Member};

/// How a team is called of which nothing is known.
const UNKNOWN: &str = "another team";

/// Whether a text is a root key as entries name it: 64 lower-case hex digits.
pub fn is_root(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The root key of our own team, as its card says; none before there is a card.
pub fn own_root(state: &State) -> Option<&str> {
    let team = state.item(state.team_stream().item())?;
    team.str(Field::TeamCard).lines().find_map(|line| line.strip_prefix("root ")).filter(|root| is_root(root))
}

/// Our own parish's name: "Saint Ann".
pub fn own_name(state: &State) -> String {
    let team = state.item(state.team_stream().item());
    team.map_or_else(String::new, |team| parish_name(&team.value(Field::TeamParish)).unwrap_or(UNKNOWN).to_owned())
}

fn parish_name(number: &Value) -> Option<&'static str> {
    let number = number.as_number().and_then(|number| u8::try_from(number).ok())?;
    Parish::by_number(number).map(|parish| parish.name)
}

/// The peer with a root key; one that was removed only where no other has it.
pub fn peer_of<'s>(state: &'s State, root: &str) -> Option<&'s Item> {
    let peers = state.items(ItemKind::Peer).filter(|peer| peer.str(Field::PeerRoot) == root);
    peers.min_by_key(|peer| (!peer.value(Field::PeerRemoved).is_nothing(), peer.id))
}

/// How a peer is called: its parish's name ("Saint Mary"), or its own where two teams of one parish are known.
pub fn peer_name(state: &State, peer: ItemId) -> String {
    let Some(peer) = state.item(peer).filter(|item| item.kind == ItemKind::Peer) else { return UNKNOWN.to_owned() };
    let parish = peer.value(Field::PeerParish);
    let twin = |other: &&Item| {
        other.id != peer.id && other.value(Field::PeerParish) == parish && other.value(Field::PeerRemoved).is_nothing()
    };
    let own = peer.str(Field::PeerName);
    match parish_name(&parish) {
        Some(name) if own.is_empty() || !state.items(ItemKind::Peer).any(|other| twin(&other)) => name.to_owned(),
        _ if own.is_empty() => UNKNOWN.to_owned(),
        _ => own.to_owned(),
    }
}

/// How the team of a root key is called, our own included.
pub fn team_name(state: &State, root: &str) -> String {
    if own_root(state) == Some(root) {
        return own_name(state);
    }
    peer_of(state, root).map_or_else(|| UNKNOWN.to_owned(), |peer| peer_name(state, peer.id))
}

/// A person of another team: "M. Clarke (CPFSA, Saint Mary)".
pub fn colleague(state: &State, colleague: &Item) -> String {
    let team = colleague.value(Field::ColleaguePeer).as_item().map(|peer| peer_name(state, peer));
    let agency = Some(colleague.str(Field::ColleagueAgency)).filter(|agency| !agency.is_empty());
    let about: Vec<&str> = agency.into_iter().chain(team.as_deref()).collect();
    let name = colleague.str(Field::ColleagueName);
    let name = if name.is_empty() { "someone" } else { name };
    if about.is_empty() { name.to_owned() } else { format!("{name} ({})", about.join(", ")) }
}

/// True if an entry was written by another team: its device stands on their card, or its author is one of their people.
pub fn from_elsewhere(state: &State, stamp: &Stamp) -> bool {
    state.peer_device(stamp.device).is_some()
        || state.item(stamp.author).is_some_and(|author| author.kind == ItemKind::Colleague)
}

/// True if another team made this item.
pub fn made_elsewhere(state: &State, item: &Item) -> bool {
    item.created.and_then(|entry| state.stamp(entry)).is_some_and(|stamp| from_elsewhere(state, &stamp))
}

/// True for what only the team that made an item may say of it: that it is taken back, who leads and who reads a case, how
/// far a consent goes and what a child agreed may be told (others may withdraw a consent, which is more caution), and all of what is written once: what a screening came to, what was decided, whether a case may be closed, where a
/// document's bytes are and what they must be. Whoever else says it has their bundle refused.
pub const fn makers_alone(kind: ItemKind, field: Field) -> bool {
    let once = matches!(kind, ItemKind::Screening | ItemKind::Decision | ItemKind::Closure | ItemKind::Document);
    once || matches!(
        field,
        Field::Retracted
            | Field::CaseLead
            | Field::CaseRestricted
            | Field::ConsentGiven
            | Field::ConsentUntil
            | Field::ConsentTo
            | Field::ConsentRefused
            | Field::NoteMayTell
            | Field::NoteTellTo
    )
}

/// Another team that is responsible for a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// How it is called.
    pub team: String,
    /// Since when, by the clock of whoever took it over.
    pub since: Option<DateTime<Utc>>,
}

/// The other team that took a case over; none while it is ours.
pub fn held_elsewhere(state: &State, case: &Item) -> Option<Holder> {
    let root = case.str(Field::CaseHolder);
    if root.is_empty() || own_root(state) == Some(root) {
        return None;
    }
    let head = case.register(Field::CaseHolder).and_then(|register| register.heads().first());
    let since = head.and_then(|head| state.stamp(head.entry));
    let since = since.and_then(|stamp| DateTime::from_timestamp_millis(stamp.wall));
    Some(Holder { team: team_name(state, root), since })
}

/// True for a case whose lead and readers in this team are kept apart from what other teams see: another team opened it
/// or is responsible for it.
pub fn shared_in(state: &State, case: &Item) -> bool {
    made_elsewhere(state, case) || held_elsewhere(state, case).is_some()
}

/// Who of our team may read a restricted case; `None` where all of it may.
///
/// `here` is [`Field::CaseRestrictedHere`], which goes before `listed`, [`Field::CaseRestricted`]. Where another team's
/// list names nobody of ours, coordinators and deputies may, until they decide who else.
pub fn readers(state: &State, here: &Value, listed: &Value) -> Option<Vec<ItemId>> {
    let list = if here.as_items().is_empty() { listed.as_items() } else { here.as_items() };
    if list.is_empty() {
        return None;
    }
    let ours: Vec<ItemId> =
        list.iter().copied().filter(|id| Member::get(state, *id).is_some_and(|member| !member.left())).collect();
    if ours.is_empty() {
        let leaders = Member::all(state).into_iter().filter(|member| member.leads() && !member.left());
        return Some(leaders.map(|member| member.0.id).collect());
    }
    Some(ours)
}

/// A team that a case is shared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The peer.
    pub peer: ItemId,
    /// How it is called.
    pub team: String,
    /// The kinds of data that it holds, as the share names them.
    pub classes: Vec<String>,
}

/// The teams that a case is shared with now, by name.
pub fn shared_with(state: &State, case: Case<'_>) -> Vec<Shared> {
    let standing =
        state.items_in(case.0.stream, ItemKind::Share).filter(|share| share.value(Field::ShareEnded).is_nothing());
    let mut seen = HashSet::new();
    let mut all: Vec<Shared> = standing
        .filter_map(|share| {
            let peer = share.value(Field::SharePeer).as_item().filter(|peer| seen.insert(*peer))?;
            let classes = share.str(Field::ShareClasses);
            let classes = classes.split(|c: char| c.is_whitespace() || c == ',').filter(|class| !class.is_empty());
            Some(Shared { peer, team: peer_name(state, peer), classes: classes.map(str::to_owned).collect() })
        })
        .collect();
    all.sort_by(|a, b| (&a.team, a.peer).cmp(&(&b.team, b.peer)));
    all
}

/// What stands before an agency's code where a team's root key could stand.
const AGENCY: &str = "agency:";

/// The agency's code in `agency:CODE`; none for a team.
pub fn agency_code(party: &str) -> Option<&str> {
    party.strip_prefix(AGENCY)
}

/// How an agency of our own parish is named as the one asked: `agency:CODE`.
pub fn agency_party(code: &str) -> String {
    format!("{AGENCY}{code}")
}

/// How the two sides of a referral are called: "Saint Mary", "MOH".
pub fn party_name(state: &State, party: &str) -> String {
    agency_code(party).map_or_else(|| team_name(state, party), str::to_owned)
}

/// What was typed for a team or an agency, as a referral names it: a team's name, its parish or its parish code, or an
/// agency's code.
///
/// # Errors
/// The names that it could mean; none if nothing fits.
pub fn find_party(state: &State, typed: &str) -> Result<String, Vec<String>> {
    let wanted = typed.trim();
    let same = |text: &str| !text.is_empty() && text.eq_ignore_ascii_case(wanted);
    let parish = Parish::parse(wanted).ok().map(|parish| i64::from(parish.number));
    let peers = state.items(ItemKind::Peer).filter(|peer| peer.value(Field::PeerRemoved).is_nothing());
    let peers: Vec<&Item> = peers
        .filter(|peer| {
            let number = peer.value(Field::PeerParish).as_number();
            same(peer.str(Field::PeerName)) || (parish.is_some() && number == parish)
        })
        .collect();
    // Of two teams of one parish the name tells which.
    let named: Vec<&Item> = peers.iter().copied().filter(|peer| same(peer.str(Field::PeerName))).collect();
    match (peers.as_slice(), named.as_slice()) {
        ([one], _) | (_, [one]) => return Ok(one.str(Field::PeerRoot).to_owned()),
        ([], _) => {}
        (several, _) => return Err(several.iter().map(|peer| peer.str(Field::PeerName).to_owned()).collect()),
    }
    let mut agencies = state.items(ItemKind::Agency).map(|agency| agency.str(Field::AgencyCode));
    agencies.find(|code| same(code)).map(agency_party).ok_or_else(Vec::new)
}
