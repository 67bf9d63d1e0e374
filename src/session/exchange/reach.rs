//! What a team may touch here: which of a bundle's cases are its sender's to write in, and what its entries may say.
//!
//! A case that is ours alone refuses the whole bundle. One that is merely not here, or is shared no more, is passed over,
//! so that the rest of an honest bundle is not held up by it; the plan says so.

use std::collections::{HashMap, HashSet};

use crate::bundle::manifest::Kind as BundleKind;
use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{EntryId, ItemId, StreamId, StreamKind, VaultId};
use crate::domain::share::Share;
use crate::domain::value::Value;
use crate::error::Result;
use crate::session::Session;

use super::read::{Incoming, Opened, forged, refuse};
use super::strike::only_strikes;

/// What a team may write in a case.
enum Reach {
    /// Any kind of data that a team may share.
    Any,
    /// These kinds of data.
    Classes(HashSet<Class>),
    /// Nothing, and an honest team may not know: the case is passed over.
    Skip(Skip),
}

impl Reach {
    fn fits(&self, class: Class) -> bool {
        match self {
            Self::Any => true,
            Self::Classes(classes) => classes.contains(&class),
            Self::Skip(_) => false,
        }
    }
}

/// Why a case of a bundle is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Nothing of it is here: the bundle that brought it was not taken in.
    NotHere,
    /// The bundle that brought it was set aside.
    SetAside,
    /// Our team ended the sharing.
    Ended,
}

impl Skip {
    /// The reason, in words that follow the case's code.
    pub const fn says(self) -> &'static str {
        match self {
            Self::NotHere => {
                "is passed over: it is not here. Take in the bundle that brought it first, or sync with the computer that has it"
            }
            Self::SetAside => "is passed over: what brought it is set aside",
            Self::Ended => "is passed over: your team has stopped sharing it with them",
        }
    }
}

impl Session {
    /// From a peer we take only streams that it opened or that are shared with it, in the classes that are shared;
    /// never the team's or a meeting's stream, and nothing that is a team's own. What is passed over leaves `opened`.
    pub(super) fn check_reach(&self, opened: &mut Opened) -> Result<()> {
        let peer = self.peer_of_root(&opened.sender.says().root);
        let kind = &opened.manifest.kind;
        let mut reaches: HashMap<StreamId, Reach> = HashMap::new();
        // Also a case that is only named, or of which only heads are told: what is shared follows from both.
        for line in &opened.manifest.cases {
            if line.stream.kind() != Some(StreamKind::Case) {
                return Err(forged("it names something that is no case"));
            }
            let reach = self.reach(line.stream, peer, kind)?;
            if let Reach::Skip(skip) = reach {
                opened.skipped.push((line.stream, skip));
            }
            reaches.insert(line.stream, reach);
        }
        for head in &opened.heads {
            let reach = reaches.get(&head.stream).ok_or_else(|| forged("it tells of a case that it does not name"))?;
            let class = Class::from_number(head.class);
            let skipped = matches!(reach, Reach::Skip(_));
            if class.is_some_and(|class| class.team_only() || !(skipped || reach.fits(class))) {
                return Err(forged("it tells of a kind of data that was not shared with that team"));
            }
        }
        let made = made(&opened.incoming)?;
        for entry in &opened.incoming {
            let header = &entry.header;
            if header.stream.kind() != Some(StreamKind::Case) || header.class.team_only() {
                return Err(forged("an entry belongs to what a team keeps to itself"));
            }
            match reaches.get(&header.stream) {
                None => return Err(forged("an entry belongs to a case that the bundle does not name")),
                Some(Reach::Skip(_)) => {}
                Some(reach) if !reach.fits(header.class) => {
                    return Err(forged("an entry is of a kind of data that was not shared with that team"));
                }
                Some(_) => {
                    if opened.manifest.kind == BundleKind::Strike && !only_strikes(entry.facts.as_ref()) {
                        return Err(forged("it asks to destroy something, and says more than that"));
                    }
                    self.check_facts(entry, opened, &made)?;
                }
            }
        }
        // A receipt's word on what was taken in counts, whatever became of the case here.
        if opened.manifest.kind != BundleKind::Receipt
            && !opened.skipped.is_empty()
            && opened.skipped.len() == opened.manifest.cases.len()
        {
            return Err(self.nothing_left(opened));
        }
        let Opened { skipped, incoming, heads, .. } = opened;
        let skips = |stream: StreamId| skipped.iter().any(|(skipped, _)| *skipped == stream);
        incoming.retain(|entry| !skips(entry.header.stream));
        heads.retain(|head| !skips(head.stream));
        Ok(())
    }

    /// Every case of a bundle is passed over.
    fn nothing_left(&self, opened: &Opened) -> crate::error::AppError {
        let ended = opened.skipped.iter().all(|(_, skip)| *skip == Skip::Ended);
        if let ([(stream, _)], true) = (opened.skipped.as_slice(), ended) {
            return refuse(
                format!(
                    "This bundle can't be taken in: your team has stopped sharing case {} with {}.",
                    self.state.code(stream.item()),
                    opened.sender.says().name
                ),
                "Nothing was changed. If they should write in it again, refer it to them.",
            );
        }
        not_shared()
    }

    /// What a peer may write in a case; an error if it is a case of ours that they have nothing to do with.
    fn reach(&self, stream: StreamId, peer: Option<ItemId>, kind: &BundleKind) -> Result<Reach> {
        let brings_cases = matches!(kind, BundleKind::Refer | BundleKind::Transfer);
        let here = self.state.entries_of(stream).next().is_some();
        let share = peer.and_then(|peer| Share::with(&self.state, stream, peer));
        let aside = || {
            let opened = self.state.item(stream.item()).is_some_and(|item| item.created.is_some());
            !opened && self.state.entries_of(stream).any(|stamp| self.state.is_set_aside(stamp.id))
        };
        Ok(match (here, share) {
            (false, _) if brings_cases => Reach::Any,
            (false, _) => Reach::Skip(Skip::NotHere),
            (true, Some(_)) if !brings_cases && aside() => Reach::Skip(Skip::SetAside),
            // Who brought the case decides what of it we see, also of what is written later.
            (true, Some(share)) if !share.ours() => Reach::Any,
            (true, Some(share)) => Reach::Classes(share.classes().into_iter().collect()),
            (true, None) if peer.is_some_and(|peer| Share::was_with(&self.state, stream, peer)) => {
                // What they wrote, they may ask to destroy as long as it is here.
                if *kind == BundleKind::Strike { Reach::Any } else { Reach::Skip(Skip::Ended) }
            }
            (true, None) => return Err(not_shared()),
        })
    }

    /// A case's entry speaks of the case and of what belongs to it, of nothing else. `made` is what the bundle brings.
    fn check_facts(&self, entry: &Incoming, opened: &Opened, made: &HashMap<ItemId, Made>) -> Result<()> {
        let (stream, vault) = (entry.header.stream, entry.header.vault);
        for fact in entry.facts.iter().flatten() {
            let fine = match fact {
                Fact::Created { item, kind, class } => {
                    let belongs = match kind {
                        ItemKind::Case => *item == stream.item(),
                        _ => *item != stream.item() && shared_kind(*kind),
                    } && kind.may_have(*class);
                    // To make again what is here would give it another kind or class.
                    let again = self.made_here(*item).is_some_and(|known| known.by != entry.id);
                    belongs && !again && self.is_of(*item, stream) && kind.created_in(*class) == entry.header.class
                }
                Fact::Set { item, field, value, .. } => {
                    let known = self.made_here(*item).or_else(|| made.get(item).copied());
                    let in_stream = self.is_of(*item, stream) && known.is_none_or(|known| known.stream == stream);
                    let class = known.map_or(entry.header.class, |known| known.class);
                    // Taking back is for whoever wrote it, and so is all of what is written once: what a screening came to,
                    // what was decided, whether a case may be closed, where a document's bytes are and what they must be. Lead and readers are said by the
                    // team that opened the case; others keep their own, which never travel.
                    let makers = matches!(field, Field::Retracted | Field::CaseLead | Field::CaseRestricted)
                        || known.is_some_and(|known| written_once(known.kind));
                    let may_say = !makers || known.is_none_or(|known| known.vault == Some(vault));
                    in_stream && may_say && field.class(class) == entry.header.class && value_fits(*field, value)
                }
                // A team strikes what it wrote itself; of others' words it can only ask. What is nowhere to be seen may
                // be anybody's.
                Fact::Struck { entry: target, .. } => {
                    let brought = opened.incoming.iter().find(|other| other.id == *target);
                    vault == opened.manifest.from.vault
                        && match brought {
                            Some(other) => other.header.vault == vault,
                            // What is not here can't be destroyed: a request for it does nothing.
                            None if self.state.stamp_of(*target).is_none() => {
                                opened.manifest.kind == BundleKind::Strike
                            }
                            None => self.wrote(*target, vault),
                        }
                }
                Fact::Unknown { .. } => true,
                _ => false,
            };
            if !fine {
                return Err(forged("an entry says something that no other team may say"));
            }
        }
        Ok(())
    }

    /// True if no item of this id is here in another case.
    fn is_of(&self, item: ItemId, stream: StreamId) -> bool {
        self.state.item(item).is_none_or(|known| known.stream == stream)
    }

    /// What made an item that is here; `None` if its creation is not here.
    fn made_here(&self, item: ItemId) -> Option<Made> {
        let known = self.state.item(item)?;
        let stamp = self.state.stamp(known.created?)?;
        let vault = self.vault_of(stamp.id);
        Some(Made { by: stamp.id, stream: known.stream, kind: known.kind, class: known.class, vault })
    }

    /// True if an entry that is here was written in another team's vault.
    pub(super) fn wrote(&self, entry: EntryId, vault: VaultId) -> bool {
        vault != self.vault.id() && self.vault_of(entry) == Some(vault)
    }

    /// The vault in which an entry that is here was written; `None` if no card that is here says it.
    fn vault_of(&self, entry: EntryId) -> Option<VaultId> {
        let device = self.state.stamp_of(entry)?.device;
        if self.state.device(device).is_some() {
            return Some(self.vault.id());
        }
        let peer = self.state.peer_device(device)?.peer;
        self.peer_card(peer).ok().map(|card| card.says().vault)
    }
}

/// How an item came to be.
#[derive(Clone, Copy, Debug)]
struct Made {
    by: EntryId,
    stream: StreamId,
    kind: ItemKind,
    class: Class,
    vault: Option<VaultId>,
}

/// What the entries of a bundle make; an error if two of them make the same item, which only a forger does.
fn made(incoming: &[Incoming]) -> Result<HashMap<ItemId, Made>> {
    let mut all: HashMap<ItemId, Made> = HashMap::new();
    for entry in incoming {
        for fact in entry.facts.iter().flatten() {
            let Fact::Created { item, kind, class } = *fact else { continue };
            let vault = Some(entry.header.vault);
            let new = Made { by: entry.id, stream: entry.header.stream, kind, class, vault };
            if all.insert(item, new).is_some_and(|other| other.by != entry.id) {
                return Err(forged("two entries make the same item"));
            }
        }
    }
    Ok(all)
}

/// Kinds of item that belong to a case and travel with it.
const fn shared_kind(kind: ItemKind) -> bool {
    matches!(
        kind,
        ItemKind::Action
            | ItemKind::FollowUp
            | ItemKind::Note
            | ItemKind::Consent
            | ItemKind::Referral
            | ItemKind::Screening
            | ItemKind::Decision
            | ItemKind::Closure
            | ItemKind::Service
            | ItemKind::Person
            | ItemKind::Document
    )
}

/// Kinds of item that only the team that made one may write on.
const fn written_once(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::Screening | ItemKind::Decision | ItemKind::Closure | ItemKind::Document)
}

/// A case that the sender has nothing to do with, by all that is known here.
fn not_shared() -> crate::error::AppError {
    refuse(
        "This bundle can't be taken in: it is about a case that is not shared with that team here.",
        "Nothing was changed. If an earlier bundle of theirs brought the case, take that one in first; if another of \
         your own computers has it, sync with that one. Else call the team on a number that you know.",
    )
}

/// The only fields with a bound that the fold relies on.
fn value_fits(field: Field, value: &Value) -> bool {
    match field {
        Field::CaseParish => value.as_number().is_some_and(|number| (1..=14).contains(&number)),
        _ => true,
    }
}
