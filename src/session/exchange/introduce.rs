//! Introductions: cards of teams that we know, for a team that does not know them yet.
//!
//! An introduced team is in the list and nothing more: that somebody else compared words with it never makes it
//! verified here. Another key in a known name is the same alarm as everywhere.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::bundle::card::{Card, Standing, hex};
use crate::bundle::introductions::{self, Introduction};
use crate::bundle::manifest::{Kind as BundleKind, Part};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, RootId};
use crate::domain::parish::Parish;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{At, Plan};
use crate::session::{PeerInfo, Session, Taken};

use super::post::Parcel;
use super::read::{Opened, forged};
use super::{Sent, Wish};

/// A team that a bundle introduces, as the plan shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduced {
    /// What names it when somebody chooses: its root's id.
    pub root: RootId,
    /// Its name, as its card says.
    pub name: String,
    /// Its parish, as its card says.
    pub parish: Parish,
    /// When the sender compared words with it; `None` if it never did.
    pub verified_there: Option<DateTime<Utc>>,
    /// What taking the card would do.
    pub standing: CardStanding,
}

/// What an introduced card is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardStanding {
    /// A team that is not in the list.
    New,
    /// A newer card of a known team.
    Newer,
    /// Nothing that is not known.
    Known,
    /// A team that was taken out of the list: only a person who names it brings it back.
    Removed,
    /// Another key in the name or the parish of a known team, or of our own: an alarm.
    Rival,
}

impl Introduced {
    /// "Portland MDT (JM-04): new here; they compared words with it on 22 Nov 2026".
    pub fn says(&self) -> String {
        let standing = match self.standing {
            CardStanding::New => "new here",
            CardStanding::Newer => "a newer card of a team in your list",
            CardStanding::Known => "in your list already",
            CardStanding::Removed => "removed from your list: it comes back only if you name it",
            CardStanding::Rival => "! another key than the one that you know: it will not be taken",
        };
        let there = match self.verified_there {
            Some(when) => format!("they compared words with it on {}", when.format("%-d %b %Y")),
            None => "they never compared words with it".to_owned(),
        };
        format!("{} ({}): {standing}; {there}", self.name, self.parish)
    }
}

impl Session {
    /// Sends a team the cards of other teams: those named, or of everybody in the list. A team for which another key
    /// was shown is left out, and refused if it was named.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is nobody to introduce, or nobody compared words with the receiver; [`Kind::Io`].
    pub fn introduce_teams(&mut self, wish: &Wish, teams: &[ItemId]) -> Result<Sent> {
        let (peer, overridden) = self.may_post(wish)?;
        let known = self.peers().into_iter().filter(|other| other.item != peer.item);
        let (chosen, alarmed): (Vec<PeerInfo>, Vec<PeerInfo>) = known
            .filter(|other| teams.is_empty() || teams.contains(&other.item))
            .partition(|other| other.alarm.is_empty() && other.card.is_some());
        if let Some(rival) = alarmed.first().filter(|_| !teams.is_empty()) {
            return Err(AppError::new(
                Kind::Refused,
                format!(
                    "Another key was shown in the name of {}: it is introduced to nobody until that is settled.",
                    rival.name
                ),
                "Call them on a number that you had before, and compare the words again (mahoe peer verify).",
            ));
        }
        if chosen.is_empty() {
            return Err(AppError::new(
                Kind::Refused,
                format!("There is no team to introduce to {}.", peer.name),
                "`mahoe peer list` shows those that you know; `mahoe peer add` adds one.",
            ));
        }
        if chosen.len() > introductions::MAX_TEAMS {
            return Err(AppError::new(
                Kind::Refused,
                format!("One bundle introduces {} teams at most.", introductions::MAX_TEAMS),
                "Name those that they need (--card NAME).",
            ));
        }
        let cards: Vec<Card> = chosen.iter().filter_map(|other| other.card.clone()).collect();
        let told = chosen.iter().zip(&cards).map(|(other, card)| Introduction {
            root: card.says().root_id(),
            verified: other.verified.as_ref().map(|(when, ..)| *when),
        });
        let text = introductions::encode(&told.collect::<Vec<_>>());
        self.all_or_nothing(|session| {
            let parts = vec![(Part::Introductions, text.into_bytes())];
            let mut sent = session.post(&peer, Parcel { cards, parts, ..Parcel::of(BundleKind::Cards) })?;
            session.note_why(sent.item, wish, overridden)?;
            let names: Vec<&str> = chosen.iter().map(|other| other.name.as_str()).collect();
            sent.says = format!("{} It introduces: {}.", sent.says, names.join(", "));
            Ok(sent)
        })
    }

    /// What the plan shows of the teams that a bundle introduces.
    pub(super) fn introduced(&self, opened: &Opened) -> Vec<Introduced> {
        let introduced = opened.introductions.iter().filter_map(|told| {
            let card = opened.cards.iter().find(|card| card.says().root_id() == told.root)?;
            let says = card.says();
            let standing = self.card_standing(card);
            Some(Introduced {
                root: told.root,
                name: says.name.clone(),
                parish: says.parish,
                verified_there: told.verified,
                standing,
            })
        });
        introduced.collect()
    }

    fn card_standing(&self, card: &Card) -> CardStanding {
        let says = card.says();
        if self.root() == Some(says.root) {
            return CardStanding::Known;
        }
        if let Some(peer) = self.peer_of_root(&says.root) {
            let known = self.peer_card(peer).map(|known| card.against(&known));
            let newer = known.is_ok_and(|standing| matches!(standing, Standing::Newer | Standing::Completes));
            return if newer { CardStanding::Newer } else { CardStanding::Known };
        }
        if self.was_taken_out(card) {
            return CardStanding::Removed;
        }
        let name = says.name.to_lowercase();
        let rival =
            self.peers().iter().any(|peer| peer.parish == Some(says.parish) || peer.name.to_lowercase() == name);
        let team = self.state.item(self.state.team_stream().item());
        let ours = team.is_some_and(|team| {
            team.value(Field::TeamParish).as_number() == Some(i64::from(says.parish.number))
                || team.str(Field::TeamName).to_lowercase() == name
        });
        if rival || ours || says.vault == self.vault.id() { CardStanding::Rival } else { CardStanding::New }
    }

    /// True for a team that somebody took out of the list.
    fn was_taken_out(&self, card: &Card) -> bool {
        let root = hex(&card.says().root);
        self.peer_of_root(&card.says().root).is_none()
            && self.state.items(ItemKind::Peer).any(|peer| peer.str(Field::PeerRoot) == root)
    }

    /// Takes the introduced cards that a person chose, or all of them. What came of it, in sentences.
    pub(super) fn take_introduced(&mut self, opened: &Opened, sender: ItemId) -> Result<String> {
        let mut says = Vec::new();
        for told in &opened.introductions {
            let wanted = opened.chosen.as_ref().is_none_or(|chosen| chosen.contains(&told.root));
            let card = opened.cards.iter().find(|card| wanted && card.says().root_id() == told.root);
            let Some(card) = card.filter(|card| self.root() != Some(card.says().root)) else { continue };
            if opened.chosen.is_none() && self.was_taken_out(card) {
                continue;
            }
            let name = &card.says().name;
            match self.take_card_told(card, self.believes(sender)) {
                Ok(Taken::Added(peer)) => {
                    self.note_introducer(peer, sender)?;
                    says.push(format!("{name} is in the list now, not verified: compare words with them."));
                }
                Ok(taken) => says.push(format!("{name} {}.", taken.says())),
                // It hinders the others as little as a card that can't be taken.
                Err(error) if matches!(error.kind, Kind::Damaged | Kind::Refused) => {
                    says.push(format!("! {} {}", error.message, error.hint));
                }
                Err(error) => return Err(error),
            }
        }
        if says.is_empty() { Ok("No card was taken.".to_owned()) } else { Ok(says.join("\n")) }
    }

    /// True for a team whose word on others' keys counts: words were compared with it, and no other key was shown in its
    /// name since.
    pub(super) fn believes(&self, peer: ItemId) -> bool {
        self.peer(peer).is_ok_and(|peer| peer.verified.is_some() && peer.alarm.is_empty())
    }

    /// What a person should look at: keys that the bundle shows in the names of teams that are known by others.
    pub(super) fn rival_cards(&self, opened: &Opened) -> Vec<String> {
        let from = &opened.sender.says().name;
        let believed = self.peer_of_root(&opened.sender.says().root).is_some_and(|peer| self.believes(peer));
        let others = opened.cards.iter().filter(|card| card.says().root != opened.sender.says().root);
        let rivals = others.filter(|card| self.card_standing(card) == CardStanding::Rival);
        let says = |card: &Card| {
            let name = &card.says().name;
            let then = if believed {
                "nothing is sent to them until that is settled: call them"
            } else {
                "nobody compared words with the sender, so it counts for nothing here"
            };
            format!("{from} shows another key for {name} than the one that you know; it is not taken, and {then}")
        };
        rivals.map(says).collect()
    }

    /// Keeps who introduced a team.
    pub(super) fn note_introducer(&mut self, peer: ItemId, sender: ItemId) -> Result<()> {
        let Some(at) = self.state.item(peer).filter(|item| item.kind == ItemKind::Peer).map(At::of) else {
            return Ok(());
        };
        let mut plan = Plan::default();
        plan.set(&self.state, at, Field::PeerIntroduced, Value::Item(sender));
        self.write(plan.facts).map(drop)
    }
}

/// Reads what a bundle says of the teams that it introduces: each brings its card, and no other card comes along.
pub(super) fn read(opened: &Opened, parts: &[(Part, Vec<u8>)]) -> Result<Vec<Introduction>> {
    let [(Part::Introductions, bytes)] = parts else {
        return Err(forged("it doesn't say whom it introduces"));
    };
    let told = introductions::decode(bytes).map_err(|_| forged("what it says of the teams can't be read"))?;
    let own = opened.sender.says().root_id();
    let brought: BTreeSet<RootId> =
        opened.cards.iter().map(|card| card.says().root_id()).filter(|root| *root != own).collect();
    let named: BTreeSet<RootId> = told.iter().map(|team| team.root).collect();
    if named == brought { Ok(told) } else { Err(forged("it brings other cards than it says")) }
}
