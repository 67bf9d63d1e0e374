//! Other parishes' teams: their cards, and the words that are compared with them.

use chrono::{DateTime, Utc};

use crate::bundle::card::{Card, Standing, hex};
use crate::bundle::words::PeerWords;
use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::parish::Parish;
use crate::domain::value::Value;
use crate::domain::views::{Peer, owner_name};
use crate::error::{AppError, Kind, Result};
use crate::ops::{At, PeerAdd, PeerUpdate, PeerVerify, Plan, TheirCard};

use super::{Done, Session};

/// What became of a card that somebody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A new team.
    Added(ItemId),
    /// A newer card of a known one.
    Updated(ItemId),
    /// Nothing new.
    Known(ItemId),
    /// Older than the one that is known: left aside.
    Older(ItemId),
    /// As old as the one that is known, and different: left aside.
    Disagrees(ItemId),
}

impl Taken {
    /// The team.
    pub const fn peer(self) -> ItemId {
        match self {
            Self::Added(peer) | Self::Updated(peer) | Self::Known(peer) | Self::Older(peer) | Self::Disagrees(peer) => {
                peer
            }
        }
    }

    /// Its fixed word, for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added(_) => "added",
            Self::Updated(_) => "updated",
            Self::Known(_) => "known",
            Self::Older(_) => "older",
            Self::Disagrees(_) => "disagrees",
        }
    }

    /// What happened, in a sentence that follows the team's name.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Added(_) => "is in the list now",
            Self::Updated(_) => "gave a newer card; it was taken",
            Self::Known(_) => "is in the list already; the card says nothing new",
            Self::Older(_) => "gave a newer card before; this older one was left aside",
            Self::Disagrees(_) => "gave another card with the same number before; this one was left aside",
        }
    }
}

/// Another team, as lists show it.
#[derive(Clone, Debug)]
pub struct PeerInfo {
    /// Its item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Its parish.
    pub parish: Option<Parish>,
    /// Its newest card; `None` only if the record is damaged.
    pub card: Option<Card>,
    /// When words were compared, how, and the name of who did it.
    pub verified: Option<(DateTime<Utc>, String, String)>,
    /// That another key was shown in its name; empty if none was.
    pub alarm: String,
}

impl Session {
    /// Every team in the list, by parish and name.
    pub fn peers(&self) -> Vec<PeerInfo> {
        let mut peers: Vec<PeerInfo> = Peer::all(&self.state).map(|peer| self.peer_info(peer)).collect();
        peers.sort_by(|a, b| {
            let key = |it: &PeerInfo| (it.parish.map(|parish| parish.number), it.name.clone(), it.item);
            key(a).cmp(&key(b))
        });
        peers
    }

    fn peer_info(&self, peer: Peer<'_>) -> PeerInfo {
        let by = peer.0.value(Field::PeerVerifiedBy).as_item();
        let how = peer.0.str(Field::PeerVerifiedHow);
        PeerInfo {
            item: peer.0.id,
            name: peer.name().to_owned(),
            parish: peer.parish(),
            card: Card::parse(peer.card().as_bytes()).ok(),
            verified: peer.verified().map(|when| (when, how.to_owned(), owner_name(&self.state, by).into_owned())),
            alarm: peer.alarm().to_owned(),
        }
    }

    /// One team in the list.
    ///
    /// # Errors
    /// [`Kind::Refused`] if it is not there, or was removed.
    pub fn peer(&self, peer: ItemId) -> Result<PeerInfo> {
        Peer::get(&self.state, peer).map(|peer| self.peer_info(peer)).ok_or_else(|| {
            AppError::new(Kind::Refused, "There is no such team in the list.", "`mahoe peer list` shows them.")
        })
    }

    /// The team in the list whose root this is.
    pub fn peer_of_root(&self, root: &[u8; 32]) -> Option<ItemId> {
        let root = hex(root);
        Peer::all(&self.state).find(|peer| peer.root() == root).map(|peer| peer.0.id)
    }

    /// The newest card of a team.
    ///
    /// # Errors
    /// [`Kind::Refused`] for an unknown team; [`Kind::Damaged`] if what is on record is no card.
    pub fn peer_card(&self, peer: ItemId) -> Result<Card> {
        let peer = self.peer(peer)?;
        peer.card.ok_or_else(|| {
            AppError::new(
                Kind::Damaged,
                "The team's card on record can't be read.",
                "Ask them for their card again, and add it.",
            )
        })
    }

    /// Takes a card that somebody gave: a new team, a newer card, or nothing new.
    ///
    /// # Errors
    /// [`Kind::Refused`] for our own card and where practice meets real; [`Kind::Damaged`] if another key is shown for
    /// a team that is known, which goes on that team's record.
    pub fn take_card(&mut self, card: &Card) -> Result<Taken> {
        let known = self.peer_of_root(&card.says().root);
        let Some(peer) = known else {
            let done = self.run(PeerAdd { card: theirs(card) });
            return match done {
                Ok(done) => Ok(Taken::Added(done.made[0])),
                Err(error) => {
                    if error.kind == Kind::Damaged {
                        self.note_alarm(card)?;
                    }
                    Err(error)
                }
            };
        };
        let standing = self.peer_card(peer).map_or(Standing::Newer, |known| card.against(&known));
        match standing {
            Standing::Newer | Standing::Completes => {
                self.run(PeerUpdate { peer, card: theirs(card) })?;
                Ok(Taken::Updated(peer))
            }
            Standing::Same => Ok(Taken::Known(peer)),
            Standing::Older => Ok(Taken::Older(peer)),
            Standing::Disagrees => Ok(Taken::Disagrees(peer)),
        }
    }

    /// Puts on a known team's record that another key was shown in its name, so that everybody on the team sees it.
    fn note_alarm(&mut self, card: &Card) -> Result<()> {
        let says = card.says();
        let name = says.name.to_lowercase();
        let rival = Peer::all(&self.state)
            .find(|peer| peer.parish() == Some(says.parish) || peer.name().to_lowercase() == name)
            .map(|peer| At::of(peer.0));
        let Some(at) = rival else { return Ok(()) };
        let text = format!("{} {} ({}) {}", self.today_date(), says.name, says.parish, hex(&says.root));
        let mut plan = Plan::default();
        plan.set(&self.state, at, Field::PeerAlarm, Value::text(&text));
        debug_assert_eq!((at.class, ItemKind::Peer.created_in(at.class)), (Class::Core, Class::Core));
        self.write(plan.facts).map(drop)
    }

    /// The words between our team and another.
    ///
    /// # Errors
    /// As [`Session::peer_card`], and as [`Session::card`] while our own team has none.
    pub fn words(&mut self, peer: ItemId) -> Result<PeerWords> {
        let theirs = self.peer_card(peer)?.says().root;
        let ours = match self.root() {
            Some(root) => root,
            None => self.card(false)?.says().root,
        };
        Ok(PeerWords::between(&ours, &theirs))
    }

    /// Compares the four words that somebody heard, and records that they match.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if a word is another one; [`Kind::Usage`] if they can't be compared; [`Kind::Refused`] as the
    /// op refuses.
    pub fn verify_peer(&mut self, peer: ItemId, heard: &str, how: &str) -> Result<Done> {
        self.words(peer)?.hear(heard)?;
        self.run(PeerVerify { peer, how: how.to_owned() })
    }
}

/// An authentic card, as the ops want it.
fn theirs(card: &Card) -> TheirCard {
    let says = card.says();
    TheirCard {
        practice: says.practice,
        parish: says.parish.number,
        name: says.name.clone(),
        vault: says.vault,
        root: hex(&says.root),
        text: card.text().to_owned(),
        devices: says.devices.iter().map(|device| (device.id(), device.key, device.member)).collect(),
    }
}
