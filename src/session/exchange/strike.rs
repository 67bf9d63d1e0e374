//! A strike as a request: whoever was sent an entry is asked to destroy its words too.
//!
//! The bundle holds the strikes themselves, signed when they were made, and nothing else. Only the team that wrote an
//! entry may ask. A person over there says yes; then the words are destroyed there by a strike of their own, which stays
//! in their own copies (class `links`): the one that asks travels with the case.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::bundle::entries::{Body, Record};
use crate::bundle::manifest::{CaseLine, Kind as BundleKind};
use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::fact::{Fact, Placed};
use crate::domain::ids::{EntryId, ItemId, StreamId};
use crate::domain::share::Share;
use crate::domain::state::Stamp;
use crate::domain::teams;
use crate::error::{AppError, Kind, Result};
use crate::log::codec;
use crate::session::{PeerInfo, Session};

use super::post::Parcel;
use super::read::{Incoming, Opened};
use super::{Sent, Wish};

/// A strike that another team asks for, as the plan shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedStrike {
    /// The case.
    pub case: ItemId,
    /// The entry whose words would go.
    pub entry: EntryId,
    /// Who asks, by name.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
    /// When the entry was written and by whom, and what kind of data it is; `None` if it is not here.
    pub about: Option<String>,
    /// True if its words are gone already.
    pub done: bool,
}

impl AskedStrike {
    /// True if a yes destroys something.
    pub fn is_open(&self) -> bool {
        self.about.is_some() && !self.done
    }

    /// "D. Wright asks to destroy what T. Grant wrote on 3 Nov 2026 (notes): wrong case".
    pub fn says(&self) -> String {
        match &self.about {
            None => format!("{} asks to destroy an entry that is not here: {}", self.by, self.reason),
            Some(about) if self.done => format!("{about}: destroyed already"),
            Some(about) => format!("{} asks to destroy {about}: {}", self.by, self.reason),
        }
    }
}

impl Session {
    /// Asks a team to destroy what was struck here in the cases that it shares, or in one of them.
    ///
    /// # Errors
    /// [`Kind::Refused`] if nothing that they were sent was struck, or nobody compared words with them; [`Kind::Io`].
    pub fn ask_to_strike(&mut self, wish: &Wish) -> Result<Sent> {
        let (peer, overridden) = self.may_post(wish)?;
        let struck: Vec<EntryId> = self.state.strikes().collect();
        self.all_or_nothing(|session| {
            let all = session.ask_one(&peer, wish.case, &struck, false)?;
            let some = session.ask_one(&peer, wish.case, &struck, true)?;
            let both = all.is_some() && some.is_some();
            let mut sent = all.or(some).ok_or_else(|| {
                AppError::new(
                    Kind::Refused,
                    format!("Nothing was struck that {} was sent.", peer.name),
                    "Strike the entry first (mahoe case strike).",
                )
            })?;
            if both {
                sent.says.push_str(" Another, of what is only for some of the team, lies there too.");
            }
            session.note_why(sent.item, wish, overridden)?;
            Ok(sent)
        })
    }

    /// Makes the requests for entries that were just struck, one for each team that was sent them; what came of it, in
    /// sentences to follow others. That one can't be made undoes nothing.
    pub(in crate::session) fn ask_all_to_strike(&mut self, struck: &[EntryId]) -> String {
        let streams: BTreeSet<StreamId> =
            struck.iter().filter_map(|entry| self.state.stamp_of(*entry)).map(|stamp| stamp.stream).collect();
        let shares = streams.iter().flat_map(|stream| Share::of_case(&self.state, *stream));
        let peers: BTreeSet<ItemId> = shares.filter_map(Share::peer).collect();
        let mut says = String::new();
        for (peer, restricted) in peers.into_iter().flat_map(|peer| [(peer, false), (peer, true)]) {
            let wish = Wish { peer: Some(peer), ..Wish::default() };
            let asked = self.may_post(&wish).and_then(|(peer, _)| self.ask_one(&peer, None, struck, restricted));
            let name = teams::peer_name(&self.state, peer);
            // Writing into a string can't fail.
            let _ = match asked {
                Ok(None) => Ok(()),
                Ok(Some(_)) => write!(says, " {name} was sent it: the request to destroy it there is in the outbox."),
                Err(error) => write!(
                    says,
                    " {name} may hold it, and was not asked to destroy it. {} Then: mahoe bundle export --kind strike.",
                    error.message
                ),
            };
        }
        says
    }

    /// The request to one team; `None` if nothing of it was shared with them.
    fn ask_one(
        &mut self,
        peer: &PeerInfo,
        case: Option<ItemId>,
        struck: &[EntryId],
        restricted: bool,
    ) -> Result<Option<Sent>> {
        // What only some of us may read, and why it is struck, only their leaders are to read.
        let mut parcel = Parcel { leaders: restricted, ..Parcel::of(BundleKind::Strike) };
        let shares: Vec<(StreamId, BTreeSet<Class>)> = Share::of_peer(&self.state, peer.item)
            .into_iter()
            .filter(|share| case.is_none_or(|case| share.0.stream.item() == case))
            .filter(|share| self.is_restricted(share.0.stream) == restricted)
            .map(|share| (share.0.stream, share.classes()))
            .collect();
        for (stream, classes) in shares {
            let sent = |stamp: &Stamp| {
                stamp.stream == stream && classes.contains(&stamp.class) && !teams::from_elsewhere(&self.state, stamp)
            };
            let stamps = struck.iter().filter_map(|entry| self.state.stamp_of(*entry));
            let targets: BTreeSet<EntryId> = stamps.filter(sent).map(|stamp| stamp.id).collect();
            if targets.is_empty() {
                continue;
            }
            let before = parcel.records.len();
            for raw in self.raw(stream)? {
                let Ok(bytes) = &raw.body else { continue };
                let asks = raw.header.vault == self.vault.id()
                    && raw.header.class == Class::Core
                    && struck_by(bytes).is_some_and(|all| all.iter().any(|entry| targets.contains(entry)));
                if asks {
                    parcel.authors.insert(raw.header.author);
                    let body = Body::Open(bytes.clone());
                    parcel.records.push(Record { header: raw.header.encode(), signature: raw.signature, body });
                }
            }
            if parcel.records.len() > before {
                let code = self.state.code(stream.item()).to_string();
                parcel.cases.push(CaseLine { stream, profile: "-".to_owned(), code });
            }
        }
        if parcel.records.is_empty() {
            return Ok(None);
        }
        parcel.cases.sort_by_key(|line| line.stream);
        self.all_or_nothing(|session| session.post(peer, parcel)).map(Some)
    }

    /// What the plan shows of the strikes that a bundle asks for.
    pub(super) fn asked_strikes(&self, opened: &Opened) -> Vec<AskedStrike> {
        let asked = strikes_in(opened).map(|(entry, target, reason)| {
            let stamp = self.state.stamp_of(target);
            AskedStrike {
                case: entry.header.stream.item(),
                entry: target,
                by: self.writer_name(opened, entry.header.author),
                reason: clean::line_owned(reason),
                about: stamp.map(|stamp| {
                    let when = chrono::DateTime::from_timestamp_millis(stamp.wall).unwrap_or_default();
                    let who = self.writer_name(opened, stamp.author);
                    format!("what {who} wrote on {} ({})", when.format("%-d %b %Y"), stamp.class)
                }),
                done: self.state.is_struck(entry.header.stream, target),
            }
        });
        asked.collect()
    }

    /// How somebody of the sender's team is called: as the bundle says, or as we know them.
    fn writer_name(&self, opened: &Opened, author: ItemId) -> String {
        let named = opened.manifest.writers.iter().find(|writer| writer.member == author);
        named.map_or_else(
            || crate::domain::views::owner_name(&self.state, Some(author)).into_owned(),
            |writer| clean::line_owned(&writer.name),
        )
    }

    /// Strikes here what the sender asks for, in the chosen cases. How many entries it is.
    pub(super) fn take_strikes(
        &mut self,
        opened: &Opened,
        only: Option<&std::collections::HashSet<StreamId>>,
    ) -> Result<usize> {
        let from = opened.sender.says().name.clone();
        let wanted = |stream: &StreamId| only.is_none_or(|only| only.contains(stream));
        let facts: Vec<Placed> = strikes_in(opened)
            .filter(|(entry, target, _)| {
                let stream = entry.header.stream;
                let here = self.state.stamp_of(*target).is_some_and(|stamp| stamp.stream == stream);
                // Asked again: what was not here when the bundle was checked may have come since.
                let theirs = self.wrote(*target, entry.header.vault);
                wanted(&stream) && here && theirs && !self.state.is_struck(stream, *target)
            })
            .map(|(entry, target, reason)| {
                let reason = clean::line_owned(&format!("{from} asked: {reason}"));
                let fact = Fact::Struck { entry: target, reason };
                Placed { stream: entry.header.stream, class: Class::Links, fact }
            })
            .collect();
        let count = facts.len();
        self.write(facts)?;
        Ok(count)
    }
}

/// Each strike in a bundle: the entry that makes it, the one that it is about, and why.
fn strikes_in(opened: &Opened) -> impl Iterator<Item = (&Incoming, EntryId, &str)> {
    opened.incoming.iter().flat_map(|entry| {
        entry.facts.iter().flatten().filter_map(move |fact| match fact {
            Fact::Struck { entry: target, reason } => Some((entry, *target, reason.as_str())),
            _ => None,
        })
    })
}

/// True for an entry that strikes and does nothing else.
pub(super) fn only_strikes(facts: Option<&Vec<Fact>>) -> bool {
    facts.is_some_and(|facts| !facts.is_empty() && facts.iter().all(|fact| matches!(fact, Fact::Struck { .. })))
}

/// What a body strikes, if it does nothing else.
fn struck_by(body: &[u8]) -> Option<Vec<EntryId>> {
    let facts = codec::decode_body(body).ok()?;
    let target = |fact: &Fact| match fact {
        Fact::Struck { entry, .. } => Some(*entry),
        _ => None,
    };
    facts.iter().map(target).collect()
}
