//! Which entries leave, and with how much of their body.
//!
//! Within a class that is shared every entry goes, because the chains and parents of the rest name it; where its words
//! stay, only header and signature go. A class that is not shared leaves no trace at all: chains run inside one class.

use std::collections::{HashMap, HashSet};

use crate::bundle::entries::{Body, Record};
use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::Field;
use crate::domain::ids::{EntryId, ItemId, VaultId};
use crate::log::codec;
use crate::vault::{LoadedBody, Raw};

/// What a selection goes by.
pub(super) struct Choice<'a> {
    /// The classes that are shared.
    pub classes: &'a dyn Fn(Class) -> bool,
    /// Single things whose words stay.
    pub keep_back: &'a HashSet<ItemId>,
    /// Things whose words of the child may leave; of all others nothing of that class does.
    pub told: &'a HashSet<ItemId>,
    /// What the receiver told us they hold; empty if they never did.
    pub held: &'a HashSet<EntryId>,
    /// Whose words may leave: only our own and the receiver's (an update), or everybody's (a referral, which has its
    /// own consent).
    pub everybody: bool,
    /// Our vault.
    pub own: VaultId,
    /// The receiver's vault.
    pub theirs: VaultId,
    /// Entries that a bundle brought which was set aside.
    pub set_aside: &'a dyn Fn(EntryId) -> bool,
    /// Where some: only the words of these entries leave.
    pub only: Option<&'a HashSet<EntryId>>,
}

/// What was selected of one stream.
#[derive(Default)]
pub(super) struct Selected {
    /// The records, parents before children.
    pub records: Vec<Record>,
    /// How many of them go without their words because somebody kept them back.
    pub withheld: usize,
    /// How many carry words of ours that the receiver did not have.
    pub new_of_ours: usize,
    /// Entries of ours whose words ought to be here and can't be read.
    pub unreadable: usize,
    /// The heads of each class among all that is shared.
    pub heads: HashMap<Class, Vec<EntryId>>,
}

/// Selects from all entries of a stream.
pub(super) fn select(entries: Vec<Raw>, choice: &Choice<'_>) -> Selected {
    let mut shared: Vec<Raw> =
        entries.into_iter().filter(|raw| !raw.header.class.team_only() && (choice.classes)(raw.header.class)).collect();
    shared.sort_by_key(|raw| (raw.header.lamport, raw.id));
    let have = closure(&shared, choice.held);
    let mut selected = Selected { heads: heads(&shared), ..Selected::default() };
    for raw in shared {
        if have.contains(&raw.id) {
            continue;
        }
        let lost = matches!(raw.body, Err(LoadedBody::Missing(_) | LoadedBody::Withheld));
        selected.unreadable += usize::from(lost && raw.header.vault == choice.own);
        let body = body(&raw, choice);
        selected.withheld += usize::from(body == Body::Withheld);
        let ours = raw.header.vault == choice.own;
        selected.new_of_ours += usize::from(ours && body != Body::Withheld);
        selected.records.push(Record { header: raw.header.encode(), signature: raw.signature, body });
    }
    selected
}

fn body(raw: &Raw, choice: &Choice<'_>) -> Body {
    let bytes = match &raw.body {
        Ok(bytes) => bytes,
        Err(LoadedBody::Destroyed) => return Body::Destroyed,
        Err(_) => return Body::Withheld,
    };
    let vault = raw.header.vault;
    let may_leave = choice.everybody || vault == choice.own || vault == choice.theirs;
    let chosen = choice.only.is_none_or(|only| only.contains(&raw.id));
    if !may_leave || !chosen || (choice.set_aside)(raw.id) || speaks_of(bytes, choice.keep_back) {
        return Body::Withheld;
    }
    // What they wrote themselves they know.
    let theirs = vault == choice.theirs && vault != choice.own;
    if raw.header.class == Class::Views && !theirs && !only_of(bytes, choice.told) {
        return Body::Withheld;
    }
    Body::Open(bytes.clone())
}

/// True if a body says something of these items alone, or only that something is taken back.
fn only_of(body: &[u8], items: &HashSet<ItemId>) -> bool {
    let Ok(facts) = codec::decode_body(body) else { return false };
    facts.iter().all(|fact| match fact {
        Fact::Set { field: Field::Retracted, .. } => true,
        Fact::Created { item, .. } | Fact::Set { item, .. } | Fact::Accessed { item, .. } => items.contains(item),
        Fact::Unknown { .. } => false,
        _ => true,
    })
}

/// True if a body says anything about one of the items. A body that can't be read says what nobody chose to send.
fn speaks_of(body: &[u8], items: &HashSet<ItemId>) -> bool {
    if items.is_empty() {
        return false;
    }
    let Ok(facts) = codec::decode_body(body) else { return true };
    facts.iter().any(|fact| match fact {
        Fact::Created { item, .. } | Fact::Set { item, .. } | Fact::Accessed { item, .. } => items.contains(item),
        Fact::Unknown { .. } => true,
        _ => false,
    })
}

/// Everything that somebody who holds `heads` holds: the heads, what they follow, and so on.
fn closure(entries: &[Raw], heads: &HashSet<EntryId>) -> HashSet<EntryId> {
    let by_id: HashMap<EntryId, &Raw> = entries.iter().map(|raw| (raw.id, raw)).collect();
    let mut held = HashSet::new();
    let mut next: Vec<EntryId> = heads.iter().copied().filter(|id| by_id.contains_key(id)).collect();
    while let Some(id) = next.pop() {
        if held.insert(id)
            && let Some(raw) = by_id.get(&id)
        {
            next.extend(raw.header.parents.iter().copied());
            next.extend((raw.header.sequence > 1).then_some(raw.header.previous));
        }
    }
    held
}

/// The entries of each class that no other one follows.
pub(super) fn heads(entries: &[Raw]) -> HashMap<Class, Vec<EntryId>> {
    let followed: HashSet<EntryId> = entries.iter().flat_map(|raw| raw.header.parents.iter().copied()).collect();
    let mut heads: HashMap<Class, Vec<EntryId>> = HashMap::new();
    for raw in entries.iter().filter(|raw| !followed.contains(&raw.id)) {
        heads.entry(raw.header.class).or_default().push(raw.id);
    }
    for ids in heads.values_mut() {
        ids.sort_unstable();
    }
    heads
}
