//! After a consent was withdrawn: who holds what of the case, and the notice that tells each team.
//!
//! A notice is an update of which only the withdrawal itself can be read: whatever else is new goes without its words,
//! because nothing more is told. Over there the consent then counts as withdrawn too, and their program passes nothing on.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use crate::bundle::manifest::Kind as BundleKind;
use crate::domain::class::Class;
use crate::domain::consent::Consent;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{EntryId, ItemId, StreamId};
use crate::domain::referral::referrals;
use crate::domain::share::Share;
use crate::domain::teams;
use crate::domain::views::{Action, Case, owner_name};
use crate::error::{AppError, Kind, Result};
use crate::log::codec;
use crate::session::{Change, Session};

use super::send::Part;
use super::{Sent, Wish};

/// A team that holds a part of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamHolds {
    /// The team.
    pub peer: ItemId,
    /// How it is called.
    pub team: String,
    /// The kinds of data that it was given.
    pub classes: Vec<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

/// Who holds something of a case outside this vault, as far as the record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Other teams.
    pub teams: Vec<TeamHolds>,
    /// Agencies that were asked, each with when: what they were told, no record says.
    pub agencies: Vec<(String, Option<DateTime<Utc>>)>,
    /// Slips that were printed for people who had to do something in the case: for whom, and when.
    pub slips: Vec<(String, DateTime<Utc>)>,
}

impl Holders {
    /// A line each, for people.
    pub fn lines(&self) -> Vec<String> {
        let day =
            |when: &DateTime<Utc>| when.with_timezone(&crate::domain::dates::jamaica()).format("%-d %b %Y").to_string();
        let teams = self.teams.iter().map(|holds| {
            let what =
                if holds.classes.is_empty() { "a part of the case".to_owned() } else { holds.classes.join(", ") };
            let since = holds.since.as_ref().map(|when| format!(" since {}", day(when))).unwrap_or_default();
            format!("{} holds{since}: {what}", holds.team)
        });
        let agencies = self.agencies.iter().map(|(agency, when)| {
            let when = when.as_ref().map(|when| format!(" on {}", day(when))).unwrap_or_default();
            format!("{agency} was asked{when}: tell them by telephone")
        });
        let slips = self
            .slips
            .iter()
            .map(|(who, when)| format!("a slip was printed for {who} on {}: ask for it back", day(when)));
        teams.chain(agencies).chain(slips).collect()
    }
}

impl Session {
    /// Who holds something of a case.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is no such case; [`Kind::Damaged`] if the working store fails.
    pub fn who_holds(&mut self, case: ItemId) -> Result<Holders> {
        let stream = StreamId(case.0);
        let prints: Vec<(ItemId, DateTime<Utc>)> = self
            .history(self.state.team_stream())?
            .into_iter()
            .flat_map(|past| past.changes.into_iter().map(move |change| (change, past.when)))
            .filter_map(|(change, when)| match change {
                Change::Accessed(what, owner) if what == "print" => Some((owner, when)),
                _ => None,
            })
            .collect();
        let state = &self.state;
        let view = Case::get(state, case).ok_or_else(no_case)?;
        let mut holders = Holders::default();
        for held in teams::shared_with(state, view) {
            let share = Share::with(state, stream, held.peer);
            holders.teams.push(TeamHolds {
                peer: held.peer,
                team: held.team,
                classes: held.classes,
                since: share.and_then(|share| share.0.value(Field::ShareSince).as_when()),
            });
        }
        for referral in referrals(state, view).into_iter().filter(|referral| referral.state() != "revoked") {
            if let Some(code) = teams::agency_code(referral.to()) {
                holders.agencies.push((code.to_owned(), referral.sent()));
            }
        }
        for (owner, when) in prints {
            let given = |action: Action<'_>| {
                let made = action.0.created.and_then(|no| state.stamp(no)).map_or(i64::MAX, |stamp| stamp.wall);
                action.owner() == Some(owner) && made <= when.timestamp_millis()
            };
            if state.items_in(stream, ItemKind::Action).map(Action).any(given) {
                holders.slips.push((owner_name(state, Some(owner)).into_owned(), when));
            }
        }
        Ok(holders)
    }

    /// Makes the notice for each team that holds a part of the case, into the outbox. For each team the bundle, or why
    /// there is none.
    ///
    /// # Errors
    /// [`Kind::Refused`] if no consent was withdrawn in the case; [`Kind::Damaged`] if the working store fails.
    pub fn withdrawal_notices(&mut self, case: ItemId) -> Result<Vec<(String, Result<Sent>)>> {
        let stream = StreamId(case.0);
        Case::get(&self.state, case).ok_or_else(no_case)?;
        let told = self.withdrawals(stream)?;
        if told.is_empty() {
            return Err(AppError::new(
                Kind::Refused,
                "No consent in this case was withdrawn.",
                "Write it down first: mahoe consent withdraw.",
            ));
        }
        let peers: BTreeSet<ItemId> = Share::of_case(&self.state, stream).filter_map(Share::peer).collect();
        let mut made = Vec::with_capacity(peers.len());
        for peer in peers {
            let name = teams::peer_name(&self.state, peer);
            made.push((name, self.notice(stream, peer, &told)));
        }
        Ok(made)
    }

    fn notice(&mut self, stream: StreamId, peer: ItemId, told: &HashSet<EntryId>) -> Result<Sent> {
        let (peer, _) = self.may_post(&Wish { peer: Some(peer), ..Wish::default() })?;
        let share = Share::with(&self.state, stream, peer.item);
        let profile = share.map(|share| share.0.str(Field::ShareProfile)).filter(|profile| !profile.is_empty());
        let part = Part {
            stream,
            profile: profile.unwrap_or("-").to_owned(),
            classes: BTreeSet::from([Class::Core]),
            // What was kept back before stays so.
            keep_back: share.map(Share::withheld).unwrap_or_default(),
            told: HashSet::new(),
            held: share.map(Share::heads).unwrap_or_default(),
            everybody: false,
            only: Some(told.clone()),
        };
        self.all_or_nothing(|session| session.make(&peer, BundleKind::Update, &[part], None))
    }

    /// Our own entries that say that a consent of the case was withdrawn, and what it was; they speak of consents alone.
    fn withdrawals(&mut self, stream: StreamId) -> Result<HashSet<EntryId>> {
        let consents = self.state.items_in(stream, ItemKind::Consent).map(Consent);
        let (gone, all): (Vec<bool>, Vec<ItemId>) =
            consents.map(|consent| (consent.withdrawn().is_some(), consent.0.id)).unzip();
        let withdrawn: HashSet<ItemId> = all.iter().zip(gone).filter(|(_, gone)| *gone).map(|(id, _)| *id).collect();
        let all: HashSet<ItemId> = all.into_iter().collect();
        let own = self.vault.id();
        let mut told = HashSet::new();
        for raw in self.raw(stream)? {
            let Some(facts) = raw.body.as_ref().ok().and_then(|bytes| codec::decode_body(bytes).ok()) else { continue };
            let about = |fact: &Fact| match fact {
                Fact::Created { item, .. } | Fact::Set { item, .. } => Some(*item),
                _ => None,
            };
            let items: Option<Vec<ItemId>> = facts.iter().map(about).collect();
            let fits = items.is_some_and(|items| {
                items.iter().all(|item| all.contains(item)) && items.iter().any(|item| withdrawn.contains(item))
            });
            if fits && raw.header.vault == own && raw.header.class == Class::Core {
                told.insert(raw.id);
            }
        }
        Ok(told)
    }
}

fn no_case() -> AppError {
    AppError::new(Kind::Refused, "There is no such case here.", "Look in the list for its code.")
}
