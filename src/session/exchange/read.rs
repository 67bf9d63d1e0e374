//! Opens a bundle: who sent it, and whether what it carries is theirs to send. Nothing is changed here.
//!
//! The container has already checked sizes, digests and the manifest's signature. Here every entry is checked: by whom
//! it was signed, for whom that device writes, and whether it may touch what it touches.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use crate::bundle::card::Card;
use crate::bundle::entries::{Body, Record};
use crate::bundle::heads::Head;
use crate::bundle::introductions::Introduction;
use crate::bundle::manifest::{Kind as BundleKind, Manifest};
use crate::bundle::statistics::Figures;
use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, EntryId, ItemId, RootId, StreamId, StreamKind, VaultId};
use crate::domain::share::Share;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::log::entry::{self, Header};
use crate::log::{codec, sign};
use crate::session::Session;

use super::pack::{Tell, Unpacked, unpack};
use super::strike::only_strikes;
use super::{figures, introduce};

/// A bundle that was opened and checked. What it says is authentic; whether it is wanted, a person decides.
pub struct Opened {
    pub(super) manifest: Manifest,
    pub(super) hash: [u8; 32],
    pub(super) incoming: Vec<Incoming>,
    pub(super) heads: Vec<Head>,
    pub(super) cards: Vec<Card>,
    pub(super) sender: Card,
    /// Entries that are here already.
    pub(super) known: usize,
    /// What a bundle of cards says of the teams that it introduces.
    pub(super) introductions: Vec<Introduction>,
    /// Of these a person chose some; `None` for all.
    pub(super) chosen: Option<BTreeSet<RootId>>,
    /// What a bundle of figures holds.
    pub(super) figures: Option<Figures>,
}

/// An entry that came with a bundle.
#[derive(Clone)]
pub(super) struct Incoming {
    pub id: EntryId,
    pub header: Header,
    pub record: Record,
    /// What its body says; `None` where there is none.
    pub facts: Option<Vec<Fact>>,
}

impl Opened {
    /// What the bundle says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The card under whose root it was sent: the newest that is known or that came with it.
    pub fn sender(&self) -> &Card {
        &self.sender
    }

    /// Of the teams that it introduces takes only these; the others' cards are left aside.
    pub fn choose_cards(&mut self, roots: BTreeSet<RootId>) {
        self.chosen = Some(roots);
    }

    /// True for a kind that a newer version made: it is kept, and nothing of it is used.
    pub fn from_the_future(&self) -> bool {
        !self.manifest.kind.known()
    }
}

/// The writers that may sign: by device, who they are and from which sequence on they no longer count.
struct Writers {
    devices: HashMap<(VaultId, DeviceId), ([u8; 32], ItemId)>,
    revoked: HashMap<DeviceId, u64>,
}

impl Session {
    /// Opens a bundle and checks all of it.
    ///
    /// # Errors
    /// [`Kind::Damaged`] with the reason; then nothing was changed, and the file should be kept.
    pub fn open_bundle(&mut self, bytes: &[u8]) -> Result<Opened> {
        self.open_with(bytes, &mut |_, _| ControlFlow::Continue(()))
    }

    pub(super) fn open_with(&mut self, bytes: &[u8], tell: Tell<'_>) -> Result<Opened> {
        let Unpacked { manifest, hash, records, heads, cards, parts } = unpack(self, bytes, tell)?;
        if manifest.practice != self.practice() {
            let (it, here) = if manifest.practice { ("a practice", "real") } else { ("a real", "practice") };
            return Err(refuse(
                format!("This bundle comes from {it} team, and this vault is a {here} one."),
                "Nothing was changed: nothing passes between practice and real.",
            ));
        }
        if manifest.kind == BundleKind::Sync {
            return Err(refuse(
                "This is a bundle between the devices of one team.",
                "Nothing was changed. On a device of that team `mahoe bundle import` takes it in.",
            ));
        }
        if manifest.from.vault == self.vault.id() {
            return Err(refuse(
                "This is a bundle that your own team made.",
                "Nothing was changed. Give it to the team that it is for.",
            ));
        }
        let sender = self.card_of_sender(&manifest, &cards)?;
        let mut opened = Opened {
            manifest,
            hash,
            incoming: Vec::new(),
            heads,
            cards,
            sender,
            known: 0,
            introductions: Vec::new(),
            chosen: None,
            figures: None,
        };
        if opened.from_the_future() {
            return Ok(opened);
        }
        check_kind(&opened, records.len())?;
        match opened.manifest.kind {
            BundleKind::Cards => opened.introductions = introduce::read(&opened, &parts)?,
            BundleKind::Statistics => opened.figures = Some(figures::read(&opened, &parts)?),
            _ => {}
        }
        self.check_entries(&mut opened, records)?;
        Ok(opened)
    }

    /// The newest card of the sender's root, which must name the device that signed.
    fn card_of_sender(&self, manifest: &Manifest, cards: &[Card]) -> Result<Card> {
        let root = manifest.from.root;
        let attached = cards.iter().find(|card| card.says().root_id() == root).cloned();
        let known = self.peers().into_iter().filter_map(|peer| peer.card).find(|card| card.says().root_id() == root);
        let newest = attached.into_iter().chain(known).max_by_key(|card| (card.says().serial, !card.is_short()));
        let Some(card) = newest else {
            return Err(refuse(
                "The bundle brings no card of the team that it says it is from.",
                "Nothing was changed. Ask them for their card (mahoe peer card), add it, and open the bundle again.",
            ));
        };
        let says = card.says();
        let listed = says.devices.iter().any(|device| device.key == manifest.from.device);
        let revoked = says.revoked.iter().any(|device| device.key == manifest.from.device);
        if !listed || revoked || says.vault != manifest.from.vault || says.practice != manifest.practice {
            return Err(refuse(
                "The device that signed this bundle is not one that the team's card names.",
                "Nothing was changed. Keep the file, call the team on a number that you know, and tell your coordinator.",
            ));
        }
        Ok(card)
    }

    fn check_entries(&self, opened: &mut Opened, records: Vec<Record>) -> Result<()> {
        let writers = self.writers_of(opened);
        let mut to_verify = Vec::new();
        for record in records {
            let header = Header::decode(&record.header).map_err(|error| match error {
                entry::HeaderError::Version(_) | entry::HeaderError::Class(_) => refuse(
                    "An entry in this bundle was made by a newer mahoe.",
                    "Nothing was changed. Keep the file, install the current mahoe and open it with that.",
                ),
                _ => forged("an entry's header is malformed"),
            })?;
            let id = entry::id_of(&record.header);
            if header.vault == self.vault.id() {
                // Our own entries come back with what follows them; they must be the ones that we have.
                if !self.ledger.contains(id) {
                    return Err(forged("an entry says that your own team wrote it, and it is not on record here"));
                }
                opened.known += 1;
                continue;
            }
            let facts = facts_of(&header, &record)?;
            let Some((key, member)) = writers.devices.get(&(header.vault, header.device)).copied() else {
                return Err(forged("an entry was signed by a device that no card names"));
            };
            if member != header.author {
                return Err(forged("an entry names another author than the one its device writes for"));
            }
            // Nobody else writes in the name of our own people.
            let ours = self.state.item(member).is_some_and(|known| known.kind != ItemKind::Colleague);
            if ours || self.state.device(header.device).is_some() {
                return Err(forged("an entry names one of your own team as its author"));
            }
            if writers.revoked.get(&header.device).is_some_and(|from| header.sequence >= *from) {
                return Err(forged("an entry was signed by a device after it was withdrawn"));
            }
            to_verify.push(key);
            opened.incoming.push(Incoming { id, header, record, facts });
        }
        let signed = opened.incoming.iter().zip(&to_verify);
        if !sign::verify_all(signed.map(|(entry, key)| (key, entry.record.header.as_slice(), &entry.record.signature)))
        {
            return Err(forged("the signature of an entry is not good"));
        }
        self.check_reach(opened)
    }

    fn writers_of(&self, opened: &Opened) -> Writers {
        let mut writers = Writers { devices: HashMap::new(), revoked: HashMap::new() };
        // What is known goes before what comes along: no card speaks for the vault of another root, nor changes for whom a
        // known device writes.
        let mut roots: HashMap<VaultId, [u8; 32]> = HashMap::new();
        let mut newest: HashMap<[u8; 32], Card> = HashMap::new();
        let known = self.peers().into_iter().filter_map(|peer| peer.card);
        let cards = known.chain([opened.sender.clone()]).chain(opened.cards.iter().cloned());
        for card in cards {
            let says = card.says();
            if says.vault == self.vault.id() || *roots.entry(says.vault).or_insert(says.root) != says.root {
                continue;
            }
            for device in &says.devices {
                writers.devices.entry((says.vault, device.id())).or_insert((device.key, device.member));
            }
            // What a root revokes, its newest card says: an older one in a late bundle takes nothing back.
            let newest = newest.entry(says.root).or_insert_with(|| card.clone());
            if says.serial > newest.says().serial {
                *newest = card;
            }
        }
        for revoked in newest.values().flat_map(|card| &card.says().revoked) {
            let from = writers.revoked.entry(sign::device_of(&revoked.key)).or_insert(revoked.from);
            *from = revoked.from.min(*from);
        }
        for (device, known) in self.state.peer_devices() {
            if let Ok(card) = self.peer_card(known.peer) {
                let place = (card.says().vault, device);
                writers.devices.entry(place).or_insert((known.key, known.member));
            }
        }
        writers
    }

    /// From a peer we take only streams that it opened or that are shared with it, in the classes that are shared;
    /// never the team's or a meeting's stream, and nothing that is a team's own.
    fn check_reach(&self, opened: &Opened) -> Result<()> {
        let peer = self.peer_of_root(&opened.sender.says().root);
        let brings_cases = matches!(opened.manifest.kind, BundleKind::Refer | BundleKind::Transfer);
        let listed: HashSet<StreamId> = opened.manifest.cases.iter().map(|line| line.stream).collect();
        let mut allowed: HashMap<StreamId, Option<HashSet<Class>>> = HashMap::new();
        // Also a case that is only named, or of which only heads are told: what is shared follows from both.
        for stream in &listed {
            if stream.kind() != Some(StreamKind::Case) {
                return Err(forged("it names something that is no case"));
            }
            allowed.insert(*stream, self.reach(*stream, peer, brings_cases)?);
        }
        for head in &opened.heads {
            let classes =
                allowed.get(&head.stream).ok_or_else(|| forged("it tells of a case that it does not name"))?;
            let fits = |class: Class| classes.as_ref().is_none_or(|classes| classes.contains(&class));
            if Class::from_number(head.class).is_some_and(|class| class.team_only() || !fits(class)) {
                return Err(forged("it tells of a kind of data that was not shared with that team"));
            }
        }
        for entry in &opened.incoming {
            let header = &entry.header;
            if header.stream.kind() != Some(StreamKind::Case) || header.class.team_only() {
                return Err(forged("an entry belongs to what a team keeps to itself"));
            }
            if !listed.contains(&header.stream) {
                return Err(forged("an entry belongs to a case that the bundle does not name"));
            }
            let classes = if let Some(classes) = allowed.get(&header.stream) {
                classes
            } else {
                let classes = self.reach(header.stream, peer, brings_cases)?;
                allowed.entry(header.stream).or_insert(classes)
            };
            if classes.as_ref().is_some_and(|classes| !classes.contains(&header.class)) {
                return Err(forged("an entry is of a kind of data that was not shared with that team"));
            }
            if opened.manifest.kind == BundleKind::Strike && !only_strikes(entry.facts.as_ref()) {
                return Err(forged("it asks to destroy something, and says more than that"));
            }
            self.check_facts(entry, opened)?;
        }
        Ok(())
    }

    /// The classes that a peer may write in a stream; `None`: any that a team may share.
    fn reach(&self, stream: StreamId, peer: Option<ItemId>, brings_cases: bool) -> Result<Option<HashSet<Class>>> {
        let here = self.state.entries_of(stream).next().is_some();
        let share = peer.and_then(|peer| Share::with(&self.state, stream, peer));
        match (here, share) {
            (false, _) if brings_cases => Ok(None),
            // Who brought the case decides what of it we see, also of what is written later.
            (true, Some(share)) if !share.ours() => Ok(None),
            (true, Some(share)) => Ok(Some(share.classes().into_iter().collect())),
            _ => Err(refuse(
                "This bundle can't be taken in: it is about a case that is not shared with that team here.",
                "Nothing was changed. If an earlier bundle of theirs brought the case, take that one in first; if another of \
                 your own computers has it, sync with that one. Else call the team on a number that you know.",
            )),
        }
    }

    /// A case's entry speaks of the case and of what belongs to it, of nothing else.
    fn check_facts(&self, entry: &Incoming, opened: &Opened) -> Result<()> {
        let stream = entry.header.stream;
        for fact in entry.facts.iter().flatten() {
            let fine = match fact {
                Fact::Created { item, kind, class } => {
                    let belongs = match kind {
                        ItemKind::Case => *item == stream.item(),
                        ItemKind::Action
                        | ItemKind::FollowUp
                        | ItemKind::Note
                        | ItemKind::Consent
                        | ItemKind::Referral => *item != stream.item(),
                        _ => false,
                    };
                    let elsewhere = self.state.item(*item).is_some_and(|known| known.stream != stream);
                    belongs && !elsewhere && !class.team_only() && kind.created_in(*class) == entry.header.class
                }
                Fact::Set { item, field, value, .. } => {
                    let elsewhere = self.state.item(*item).is_some_and(|known| known.stream != stream);
                    let class = self.state.item(*item).map_or(entry.header.class, |known| known.class);
                    // Taking back is for whoever wrote it.
                    let taken_back = *field != Field::Retracted
                        || self.state.item(*item).is_none_or(|known| {
                            let made = known.created.and_then(|no| self.state.stamp(no));
                            made.is_none_or(|stamp| self.wrote(stamp.id, entry.header.vault))
                        });
                    !elsewhere && taken_back && field.class(class) == entry.header.class && value_fits(*field, value)
                }
                // A team strikes what it wrote itself; of others' words it can only ask. What is nowhere to be seen may
                // be anybody's.
                Fact::Struck { entry: target, .. } => {
                    let vault = entry.header.vault;
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

    /// True if an entry that is here was written in another team's vault.
    fn wrote(&self, entry: EntryId, vault: VaultId) -> bool {
        let Some(stamp) = self.state.stamp_of(entry) else { return false };
        let peer = self.state.peer_device(stamp.device).map(|device| device.peer);
        peer.and_then(|peer| self.peer_card(peer).ok()).is_some_and(|card| card.says().vault == vault)
    }
}

/// What each kind may hold.
fn check_kind(opened: &Opened, records: usize) -> Result<()> {
    let numbers_only = matches!(opened.manifest.kind, BundleKind::Statistics | BundleKind::Cards | BundleKind::Paper);
    if numbers_only && (records > 0 || !opened.heads.is_empty() || !opened.manifest.cases.is_empty()) {
        return Err(refuse(
            "This bundle says that it holds no case, and holds something of one.",
            "Nothing was changed. Keep the file, and ask the team to make a new one.",
        ));
    }
    Ok(())
}

/// What the body of an entry says, if it is the one that was signed.
fn facts_of(header: &Header, record: &Record) -> Result<Option<Vec<Fact>>> {
    match &record.body {
        Body::Open(bytes) => {
            if !entry::body_matches(header, bytes) {
                return Err(forged("the words of an entry are not the ones that were signed"));
            }
            codec::decode_body(bytes).map(Some).map_err(|_| forged("the words of an entry can't be read"))
        }
        Body::Withheld | Body::Destroyed => Ok(None),
        Body::Sealed(..) => Err(forged("an entry is sealed, as none between parishes is")),
    }
}

/// The only fields with a bound that the fold relies on.
fn value_fits(field: Field, value: &Value) -> bool {
    match field {
        Field::CaseParish => value.as_number().is_some_and(|number| (1..=14).contains(&number)),
        _ => true,
    }
}

pub(super) fn refuse(message: impl Into<String>, hint: impl Into<String>) -> AppError {
    AppError::new(Kind::Damaged, message, hint)
}

/// Nothing that an honest mahoe makes.
pub(super) fn forged(what: &str) -> AppError {
    refuse(
        format!("This bundle can't be taken in: {what}."),
        "Nothing was changed. Keep the file, call the sender on a number that you know, and tell your coordinator.",
    )
}
