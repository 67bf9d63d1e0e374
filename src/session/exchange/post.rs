//! The last step of every bundle to another team: its manifest, its file, its record, its place in the outbox.
//!
//! What goes into it was decided and checked before; nothing here asks a rule.

use std::collections::{BTreeSet, HashMap};

use crate::bundle::card::Card;
use crate::bundle::entries::Record;
use crate::bundle::heads::Head;
use crate::bundle::manifest::{Addressee, CaseLine, Kind as BundleKind, Manifest, Part, Sender};
use crate::domain::ids::{BundleId, DeviceId, EntryId, ItemId};
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::log::entry::Header;
use crate::log::sign::device_of;
use crate::session::{PeerInfo, Session};
use crate::vault::Tray;

use super::pack::pack;
use super::send::{card_of, leaders_of};
use super::{Sent, Wish};

/// What goes into a bundle.
pub(super) struct Parcel {
    pub kind: BundleKind,
    pub answers: Option<BundleId>,
    pub cases: Vec<CaseLine>,
    /// Who wrote what leaves: they are named, and their teams' cards come along.
    pub authors: BTreeSet<ItemId>,
    pub records: Vec<Record>,
    pub heads: Vec<Head>,
    /// Cards beside our own and those of the authors' teams.
    pub cards: Vec<Card>,
    /// The parts that the kind has of its own.
    pub parts: Vec<(Part, Vec<u8>)>,
    /// A line for whoever opens it.
    pub note: Option<String>,
    /// Only their coordinators and deputies are to open it.
    pub leaders: bool,
    /// The entries whose words leave and which bring a document.
    pub documents: Vec<EntryId>,
}

impl Parcel {
    /// An empty one.
    pub fn of(kind: BundleKind) -> Self {
        Self {
            kind,
            answers: None,
            cases: Vec::new(),
            authors: BTreeSet::new(),
            records: Vec::new(),
            heads: Vec::new(),
            cards: Vec::new(),
            parts: Vec::new(),
            note: None,
            leaders: false,
            documents: Vec::new(),
        }
    }
}

impl Session {
    /// Makes the bundle, puts it on record and into the outbox.
    ///
    /// # Errors
    /// [`Kind::Io`], or that it is more than a bundle can hold; then the caller forgets what was recorded.
    pub(super) fn post(&mut self, peer: &PeerInfo, parcel: Parcel) -> Result<Sent> {
        let theirs = card_of(peer)?;
        let mine = self.card(false)?;
        self.check_revocations(&mine, &parcel.records)?;
        let recipient = if parcel.leaders { leaders_of(peer)? } else { theirs.says().recipient.clone() };
        let mut id = [0; BundleId::LEN];
        self.vault.random(&mut id);
        let manifest = Manifest {
            id: BundleId(id),
            practice: self.practice(),
            from: self.sender(&mine),
            to: vec![Addressee { root: theirs.says().root_id(), recipient }],
            made: self.now(),
            lane: self.next_lane(peer.item),
            answers: parcel.answers,
            cases: parcel.cases,
            writers: self.writers(&parcel.authors, &mine)?,
            note: parcel.note,
            entries: parcel.records.len() as u64,
            files: Vec::new(),
            kind: parcel.kind,
        };
        let mut cards = self.cards_of(&manifest.writers, mine);
        cards.extend(parcel.cards);
        cards.sort_by_key(|card| card.says().root_id());
        cards.dedup_by_key(|card| card.says().root_id());
        let (documents, lacking) = self.document_files(&parcel.documents)?;
        let packed = pack(self, &manifest, &parcel.records, &parcel.heads, &cards, &parcel.parts, documents)?;
        let item = self.record_sent(peer, &manifest, &packed)?;
        self.vault.keep_bundle(Tray::Outbox, &format!("{}.mahoe", manifest.id), &packed.bytes)?;
        Ok(Sent {
            item,
            id: manifest.id,
            bytes: packed.bytes,
            file_name: format!("to-{}-{:.8}.mahoe", theirs.says().parish, manifest.id.to_string()),
            says: if parcel.leaders {
                let only = "only their coordinators and deputies can open it";
                format!("The bundle for {} is in the outbox: {only}.{lacking}", peer.name)
            } else {
                format!("The bundle for {} is in the outbox.{lacking}", peer.name)
            },
        })
    }

    /// Over there nobody believes what a device signed beyond the revocation on our card, and the whole bundle would be
    /// refused: where more of it has reached us since, a newer card has to say so first.
    fn check_revocations(&self, mine: &Card, records: &[Record]) -> Result<()> {
        let revoked: HashMap<DeviceId, u64> =
            mine.says().revoked.iter().map(|revoked| (device_of(&revoked.key), revoked.from)).collect();
        let beyond = |record: &Record| {
            let header = Header::decode(&record.header).expect("we encoded it");
            let ours = header.vault == self.vault.id();
            ours && revoked.get(&header.device).is_some_and(|from| header.sequence >= *from)
        };
        if !revoked.is_empty() && records.iter().any(beyond) {
            return Err(AppError::new(
                Kind::Refused,
                "Something of it came late from somebody who has left, and the team's card does not speak for it yet.",
                "Have a coordinator or a deputy make the next card (mahoe peer card), then send.",
            ));
        }
        Ok(())
    }

    /// Who makes a bundle: this device, under the team's card.
    pub(super) fn sender(&self, mine: &Card) -> Sender {
        Sender {
            root: mine.says().root_id(),
            parish: mine.says().parish,
            device: self.vault.participant().device().public(),
            vault: self.vault.id(),
        }
    }

    /// The team that a wish names, if words were compared with it or a coordinator gives a reason; and whether the
    /// reason was needed.
    ///
    /// # Errors
    /// [`Kind::Refused`] with what to do instead.
    pub(super) fn may_post(&self, wish: &Wish) -> Result<(PeerInfo, bool)> {
        let peer = self.addressee(wish)?;
        if Member::get(&self.state, self.me).is_none_or(|member| member.role() == "observer" || member.left()) {
            return Err(AppError::new(
                Kind::Refused,
                "Observers send nothing.",
                "Ask a champion or a coordinator of the team.",
            ));
        }
        if peer.verified.is_some() {
            return Ok((peer, false));
        }
        let leads = Member::get(&self.state, self.me).is_some_and(Member::leads);
        if wish.override_reason.trim().is_empty() || !leads {
            return Err(AppError::new(
                Kind::Refused,
                format!("Nobody has compared words with {} yet.", peer.name),
                "Call them and compare (mahoe peer verify). Where it can't wait, a coordinator gives a reason.",
            ));
        }
        Ok((peer, true))
    }
}
