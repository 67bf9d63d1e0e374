//! Opens a bundle: who sent it, and whether what it carries is theirs to send. Nothing is changed here.
//!
//! The container has already checked sizes, digests and the manifest's signature. Here every entry is checked: by whom
//! it was signed, for whom that device writes, and whether it may touch what it touches.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::ops::ControlFlow;

use crate::bundle::card::Card;
use crate::bundle::entries::{Body, Record};
use crate::bundle::heads::Head;
use crate::bundle::introductions::Introduction;
use crate::bundle::manifest::{Kind as BundleKind, Manifest};
use crate::bundle::statistics::Figures;
use crate::domain::fact::Fact;
use crate::domain::field::ItemKind;
use crate::domain::ids::{BlobId, DeviceId, EntryId, ItemId, RootId, StreamId, VaultId};
use crate::domain::views::Peer;
use crate::error::{AppError, Kind, Result};
use crate::log::entry::{self, Header};
use crate::log::{codec, sign};
use crate::ops::PeerAdd;
use crate::session::Session;
use crate::session::peers::theirs;

use super::pack::{Tell, Unpacked, unpack};
use super::reach::Skip;
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
    /// Cases that are passed over, and why.
    pub(super) skipped: Vec<(StreamId, Skip)>,
    /// Teams other than the sender that wrote in it and with whom nobody here has compared words: the sender vouches.
    pub(super) vouched: Vec<Vouched>,
    /// Documents that came along, and their sealed bytes.
    pub(super) documents: Vec<(BlobId, u64)>,
    /// It was sealed to coordinators and deputies alone, and what it brings stays with them.
    pub(super) leaders: bool,
}

/// A team that only the sender's word stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vouched {
    /// Its name, as its card says.
    pub name: String,
    /// How many entries it wrote.
    pub entries: usize,
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
        self.open_bundle_from(bytes, bytes.len() as u64, &mut |_, _| true)
    }

    /// As [`Session::open_bundle`], of `size` bytes out of a file. It is read once, and of it only entries and cards are
    /// kept in memory. `tell` hears between two entries how many of how many were read, and says whether to go on.
    ///
    /// # Errors
    /// As there; [`Kind::Refused`] if it was stopped.
    pub fn open_bundle_from(
        &mut self,
        file: impl Read,
        size: u64,
        tell: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Opened> {
        let tell: Tell<'_> =
            &mut |done, total| if tell(done, total) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        let Unpacked { manifest, hash, records, heads, cards, parts, leaders, documents } =
            unpack(self, file, size, tell)?;
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
            skipped: Vec::new(),
            vouched: Vec::new(),
            documents,
            leaders,
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
        self.check_reach(opened)?;
        opened.vouched = self.vouched_teams(opened)?;
        Ok(())
    }

    /// The teams beside the sender whose entries came and with whom nobody here has compared words. A team that shows
    /// another key than the one that is known here is refused: its entries lean on that key.
    fn vouched_teams(&self, opened: &Opened) -> Result<Vec<Vouched>> {
        let mut wrote: BTreeMap<VaultId, usize> = BTreeMap::new();
        let third = |entry: &&Incoming| entry.header.vault != opened.manifest.from.vault;
        for entry in opened.incoming.iter().filter(third) {
            *wrote.entry(entry.header.vault).or_default() += 1;
        }
        let peers = self.peers();
        let known = |vault: VaultId| {
            peers.iter().find(|peer| peer.card.as_ref().is_some_and(|card| card.says().vault == vault))
        };
        let mut vouched = Vec::new();
        for (vault, entries) in wrote {
            let known = known(vault);
            if known.is_some_and(|peer| peer.verified.is_some()) {
                continue;
            }
            let brought = opened.cards.iter().find(|card| card.says().vault == vault);
            if let (None, Some(card)) = (known, brought) {
                let introduced = PeerAdd { card: theirs(card) };
                introduced
                    .fits(&self.state)
                    .map_err(|_| forged("an entry's team shows another key than the one that your team knows it by"))?;
            }
            let name = known.map(|peer| peer.name.clone());
            let name = name.or_else(|| brought.map(|card| card.says().name.clone())).unwrap_or_default();
            vouched.push(Vouched { name, entries });
        }
        Ok(vouched)
    }

    /// True if a team was in the list and was taken out of it.
    pub(super) fn was_removed(&self, root: &[u8; 32]) -> bool {
        let hex = crate::bundle::card::hex(root);
        self.peer_of_root(root).is_none() && self.state.items(ItemKind::Peer).any(|peer| Peer(peer).root() == hex)
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
