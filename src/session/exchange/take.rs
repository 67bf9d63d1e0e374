//! Takes a bundle in: one commit, with the record of what it brought, so that it can be set aside again.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::bundle::entries::Body;
use crate::bundle::manifest::Kind as BundleKind;
use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{EntryId, ItemId, StreamId};
use crate::domain::share::Share;
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::log::order::Offered;
use crate::ops::{At, PeerAdd, Plan, ReferralReceive};
use crate::session::peers::theirs;
use crate::session::{Session, Taken, push_block};
use crate::vault::{LoadedBody, Outgoing, OutgoingBody};

use super::answer::cases_of;
use super::read::{Incoming, Opened, forged};

/// How many ids one fact can name: a body holds 1 MiB.
const BROUGHT_PER_FACT: usize = 16_000;

/// What came of taking a bundle in.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The bundle's item.
    pub item: ItemId,
    /// The cases that it touched.
    pub cases: Vec<ItemId>,
    /// Referrals that wait for our answer.
    pub to_answer: Vec<ItemId>,
    /// How many entries were new.
    pub entries: usize,
    /// One sentence.
    pub says: String,
}

/// What failed after a bundle was taken in, to follow what was said of it.
pub(super) fn but(what: &str, error: &AppError, hint: &str) -> String {
    format!(" It was taken in, but {what}: {} {hint}", error.message)
}

impl Session {
    /// Takes a bundle in: all cases, or only some. All of it becomes durable, or nothing does.
    ///
    /// # Errors
    /// [`Kind::Refused`] if it can't be taken in or brings nothing new; [`Kind::Damaged`] if an entry contradicts what
    /// is on record; [`Kind::Io`].
    pub fn import(&mut self, opened: &Opened, only: Option<&HashSet<StreamId>>, file: &str) -> Result<Imported> {
        if let Some(why) = self.blocked(opened) {
            return Err(AppError::new(Kind::Refused, why, "Nothing was changed; the file is kept."));
        }
        let card = &opened.sender;
        if self.peer_of_root(&card.says().root).is_none() && (PeerAdd { card: theirs(card) }).fits(&self.state).is_err()
        {
            // That another key was shown in a known name stays on record, though nothing is taken in.
            self.take_card(card)?;
        }
        // From here on it is taken in, whatever fails: given as an error, somebody would do it once more.
        let mut imported = self.all_or_nothing(|session| session.take(opened, only, file))?;
        // A team took back words that it had sent: they are destroyed here too.
        let says_so = |entry: &Incoming| entry.facts.iter().flatten().any(|fact| matches!(fact, Fact::Struck { .. }));
        if self.unfinished_strike || opened.incoming.iter().any(says_so) {
            let strikes: Vec<EntryId> = self.state.strikes().collect();
            if let Err(error) = self.finish_strikes(&strikes) {
                imported.says.push_str(&but(
                    "words that they took back may still lie on this disk",
                    &error,
                    "Lock and unlock the vault: that finishes it.",
                ));
            }
        }
        Ok(imported)
    }

    fn take(&mut self, opened: &Opened, only: Option<&HashSet<StreamId>>, file: &str) -> Result<Imported> {
        let sender = self.take_card(&opened.sender)?.peer();
        let others = opened.cards.iter().filter(|card| card.says().root != opened.sender.says().root);
        // Introductions are for a person to choose.
        for card in others.filter(|_| opened.manifest.kind != BundleKind::Cards) {
            // A team that somebody took out of the list comes back by a person's hand only.
            if self.root() != Some(card.says().root) && !self.was_removed(&card.says().root) {
                // One that is not taken hinders nothing: no entry leans on it.
                if let Ok(Taken::Added(peer)) = self.take_card_told(card, self.believes(sender)) {
                    self.note_introducer(peer, sender)?;
                }
            }
        }
        let before: BTreeSet<ItemId> = self.open_referrals().collect();
        self.note_writers(opened)?;
        self.keep_for_leaders(opened, only)?;
        let taken = self.accept_all(opened, only)?;
        let brings = !matches!(opened.manifest.kind, BundleKind::Receipt | BundleKind::Strike);
        if taken.is_empty() && brings && !opened.manifest.cases.is_empty() && self.arriving.is_empty() {
            return Err(AppError::new(
                Kind::Refused,
                "Everything in this bundle is here already.",
                "Nothing needs to be done.",
            ));
        }
        self.place_arriving()?;
        let item = self.record_received(opened, sender, &taken, only, file)?;
        let says = match opened.manifest.kind {
            BundleKind::Cards => Some(self.take_introduced(opened, sender)?),
            BundleKind::Strike => Some(match self.take_strikes(opened, only)? {
                0 => "Nothing of what they ask to destroy is here.".to_owned(),
                1 => "The words of one entry are destroyed here; who, when and why stay.".to_owned(),
                count => format!("The words of {count} entries are destroyed here; who, when and why stay."),
            }),
            BundleKind::Statistics => {
                let figures = opened.figures.as_ref().map(crate::bundle::statistics::Figures::text);
                self.keep_figures(item, &figures.unwrap_or_default())?;
                Some("The figures are kept with the bundle.".to_owned())
            }
            _ => None,
        };
        // A request tells nothing of what the sender holds.
        if opened.manifest.kind != BundleKind::Strike {
            self.record_heads(opened, sender, only)?;
        }
        let new: Vec<ItemId> = self.open_referrals().filter(|item| !before.contains(item)).collect();
        let mut to_answer = Vec::new();
        for referral in new {
            self.run(ReferralReceive { referral })?;
            to_answer.push(referral);
        }
        let cases: Vec<ItemId> = opened.taken_cases(only).map(|stream| stream.item()).collect();
        for case in &cases {
            self.note_access("import", *case, opened.manifest.kind.name())?;
        }
        self.undo.clear();
        let mut says = says.unwrap_or_else(|| match taken.len() {
            0 => "The answer is on record.".to_owned(),
            1 => "One entry was taken in.".to_owned(),
            count => format!("{count} entries were taken in."),
        });
        if let Some(lacking) = self.lacking_words(opened) {
            says.push(' ');
            says.push_str(&lacking);
        }
        Ok(Imported { item, cases, to_answer, entries: taken.len(), says })
    }

    /// The cases of a bundle that only coordinators and deputies may read from now on: it was sealed to them alone, another
    /// team opened the case, and nobody restricted it here yet.
    pub(super) fn for_leaders<'a>(
        &'a self,
        opened: &'a Opened,
        only: Option<&'a HashSet<StreamId>>,
    ) -> impl Iterator<Item = StreamId> + 'a {
        let ours = |stream: StreamId| {
            let opener = self.state.item(stream.item()).and_then(|case| case.created);
            let opener = opener.and_then(|entry| self.state.stamp(entry));
            opener.is_some_and(|stamp| !crate::domain::teams::from_elsewhere(&self.state, &stamp))
        };
        opened.taken_cases(only).filter(move |stream| opened.leaders && !self.is_restricted(*stream) && !ours(*stream))
    }

    /// Before the first word of them is written: whatever follows is sealed to those alone.
    fn keep_for_leaders(&mut self, opened: &Opened, only: Option<&HashSet<StreamId>>) -> Result<()> {
        let leaders = Member::all(&self.state).into_iter().filter(|it| it.leads() && !it.left());
        let leaders = Value::items(leaders.map(|member| member.0.id));
        let mut plan = Plan::default();
        for stream in self.for_leaders(opened, only) {
            let at = At { stream, item: stream.item(), class: Class::Links };
            plan.set(&self.state, at, Field::CaseRestrictedHere, leaders.clone());
        }
        if plan.facts.is_empty() { Ok(()) } else { self.write(plan.facts).map(drop) }
    }

    /// Referrals to us that nobody has received yet.
    fn open_referrals(&self) -> impl Iterator<Item = ItemId> {
        let own = self.root().map(|root| crate::bundle::card::hex(&root)).unwrap_or_default();
        self.state
            .items(ItemKind::Referral)
            .filter(move |item| item.str(Field::ReferralTo) == own && item.str(Field::ReferralState) == "sent")
            .map(|item| item.id)
    }

    /// Offers every entry to the order and folds what is ready, parents before children. Returns the ids that are new
    /// here, sorted; entries whose words only now arrive are among them.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if one contradicts its chain: then the caller must forget everything that was accepted.
    pub(super) fn accept_all(&mut self, opened: &Opened, only: Option<&HashSet<StreamId>>) -> Result<Vec<EntryId>> {
        let mut taken = Vec::new();
        // What asks to destroy something comes with the case's own entries too; here it is only a question.
        if opened.manifest.kind == BundleKind::Strike {
            return Ok(taken);
        }
        for entry in &opened.incoming {
            if only.is_some_and(|only| !only.contains(&entry.header.stream)) {
                continue;
            }
            if self.accept(entry)? {
                taken.push(entry.id);
            }
        }
        taken.sort_unstable();
        self.today.take();
        Ok(taken)
    }

    /// True if the entry, or its words, were not here yet.
    fn accept(&mut self, entry: &Incoming) -> Result<bool> {
        let stamp = entry.header.stamp(entry.id);
        let (body, outgoing) = match (&entry.record.body, &entry.facts) {
            (Body::Open(bytes), Some(facts)) => {
                (LoadedBody::Present(facts.clone()), OutgoingBody::Present(bytes.clone()))
            }
            (Body::Destroyed, _) => (LoadedBody::Destroyed, OutgoingBody::Destroyed),
            _ => (LoadedBody::Withheld, OutgoingBody::Withheld),
        };
        match self.ledger.offer(entry.id, &entry.header, (stamp, body.clone())) {
            Ok(Offered::Ready(ready)) => ready.into_iter().for_each(|(stamp, body)| self.fold(&stamp, body)),
            Ok(Offered::Parked) => {}
            Ok(Offered::Known(_)) => {
                let struck = self.state.strike(entry.id).is_some() || self.state.is_set_aside(entry.id);
                if struck || !matches!(body, LoadedBody::Present(_)) {
                    return Ok(false);
                }
                match self.ledger.parked_payload(entry.id) {
                    // Its words came before the entries that it follows.
                    Some((_, LoadedBody::Withheld | LoadedBody::Missing(_))) => {
                        self.ledger.replace_parked(entry.id, (stamp, body));
                    }
                    None if self.ledger.contains(entry.id) && !self.state.is_folded(entry.id) => {
                        self.fold(&stamp, body);
                    }
                    _ => return Ok(false),
                }
            }
            Err(_) => return Err(forged("an entry contradicts the chain that it claims to be part of")),
        }
        let only = self.restriction(entry.header.stream, &[])?;
        let held = self.held_back.as_mut().expect("bundles are taken in as one commit");
        let block = self.vault.block_of_next(held.len());
        push_block(self.blocks.entry(entry.header.stream).or_default(), block);
        held.push(Outgoing { header: entry.header.clone(), signature: entry.record.signature, body: outgoing, only });
        Ok(true)
    }

    /// Does something in memory, looks, and forgets it again.
    pub(super) fn trial<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let accessed = self.accessed.clone();
        let outer = self.held_back.replace(Vec::new());
        debug_assert!(outer.is_none(), "a trial is no part of a commit");
        let result = work(self).and_then(|value| self.refold_stale().map(|()| value));
        self.held_back = None;
        self.accessed = accessed;
        self.refold()?;
        self.read_policy();
        result
    }

    /// Names for the people of other teams who wrote what comes in.
    fn note_writers(&mut self, opened: &Opened) -> Result<()> {
        let stream = self.state.team_stream();
        let mut plan = Plan::default();
        for writer in &opened.manifest.writers {
            let known = self.state.item(writer.member);
            if known.is_some_and(|item| item.kind != ItemKind::Colleague) {
                // One of ours, or a forger's claim to an id that is taken.
                continue;
            }
            let peer = self
                .peers()
                .into_iter()
                .find(|peer| peer.card.as_ref().is_some_and(|card| card.says().root_id() == writer.root));
            let Some(peer) = peer else { continue };
            // Whose person somebody is, their own team's first bundle said.
            let whose = known.and_then(|known| known.value(Field::ColleaguePeer).as_item());
            if whose.is_some_and(|whose| whose != peer.item) {
                continue;
            }
            let at = At { stream, item: writer.member, class: Class::Core };
            if known.is_none() {
                plan.create(at, ItemKind::Colleague);
            }
            plan.set(&self.state, at, Field::ColleagueName, Value::text(&writer.name));
            plan.set(
                &self.state,
                at,
                Field::ColleagueAgency,
                Value::text(writer.agency.as_deref().unwrap_or_default()),
            );
            plan.set(&self.state, at, Field::ColleaguePeer, Value::Item(peer.item));
        }
        self.write(plan.facts).map(drop)
    }

    fn record_received(
        &mut self,
        opened: &Opened,
        sender: ItemId,
        taken: &[EntryId],
        only: Option<&HashSet<StreamId>>,
        file: &str,
    ) -> Result<ItemId> {
        let manifest = &opened.manifest;
        let stream = self.state.team_stream();
        let id = manifest.id.to_string();
        let known = self
            .state
            .items(ItemKind::Bundle)
            .find(|item| item.str(Field::BundleId) == id && item.value(Field::BundleOurs) != Value::YesNo(true));
        let mut plan = Plan::default();
        // What was taken in of it, now and before: its receipt names no more.
        let mut cases: BTreeSet<StreamId> = opened.taken_cases(only).collect();
        let at = if let Some(known) = known {
            cases.extend(cases_of(known));
            At::of(known)
        } else {
            let at = At { stream, item: self.new_id(), class: Class::Links };
            plan.create(at, ItemKind::Bundle);
            at
        };
        let cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
        let device = crate::log::sign::device_of(&manifest.from.device);
        let values = [
            (Field::BundleOurs, Value::YesNo(false)),
            (Field::BundleKind, Value::text(manifest.kind.name())),
            (Field::BundlePeer, Value::Item(sender)),
            (Field::BundleCases, Value::text(&cases.join(" "))),
            (Field::BundleId, Value::text(&id)),
            (Field::BundleLane, Value::Number(i64::try_from(manifest.lane.number).unwrap_or(i64::MAX))),
            (Field::BundleDevice, Value::text(&device.to_string())),
            (Field::BundleHash, Value::text(&EntryId(opened.hash).to_string())),
            (Field::BundleMade, Value::When(manifest.made.timestamp_millis())),
            (Field::BundleReceived, Value::When(self.now().timestamp_millis())),
            (Field::BundleFile, Value::text(&crate::domain::clean::line_owned(file))),
        ];
        for (field, value) in values {
            plan.set(&self.state, at, field, value);
        }
        for ids in taken.chunks(BROUGHT_PER_FACT) {
            let fact = Fact::Brought { bundle: at.item, entries: ids.to_vec() };
            plan.facts.push(Placed { stream, class: Class::Links, fact });
        }
        if let Some(answers) = manifest.answers {
            plan.set(&self.state, at, Field::BundleAnswers, Value::text(&answers.to_string()));
            // Sent is what a receipt names; it is answered once receipts have named all of it.
            if let Some((ours, lacking)) = self.lacking(opened)
                && lacking.is_empty()
            {
                let ours = At::of(self.state.item(ours).expect("just found"));
                plan.set(&self.state, ours, Field::BundleReceipt, Value::When(self.now().timestamp_millis()));
            }
        }
        self.write(plan.facts)?;
        Ok(at.item)
    }

    /// What the sender holds now of each case, and which kinds of its data.
    fn record_heads(&mut self, opened: &Opened, sender: ItemId, only: Option<&HashSet<StreamId>>) -> Result<()> {
        let mut by_case: BTreeMap<StreamId, (BTreeSet<Class>, BTreeSet<EntryId>)> = BTreeMap::new();
        let classes = opened.incoming.iter().map(|entry| (entry.header.stream, entry.header.class));
        for (stream, class) in classes {
            by_case.entry(stream).or_default().0.insert(class);
        }
        for head in &opened.heads {
            let Some(class) = Class::from_number(head.class).filter(|class| !class.team_only()) else { continue };
            let place = by_case.entry(head.stream).or_default();
            place.0.insert(class);
            place.1.extend(&head.entries);
        }
        let named: BTreeSet<StreamId> = opened.manifest.cases.iter().map(|line| line.stream).collect();
        let mut plan = Plan::default();
        for (stream, (classes, heads)) in by_case {
            if !named.contains(&stream) || only.is_some_and(|only| !only.contains(&stream)) {
                continue;
            }
            let brings = matches!(opened.manifest.kind, BundleKind::Refer | BundleKind::Transfer);
            let share = Share::with(&self.state, stream, sender);
            let at = match share.map(|share| At::of(share.0)) {
                Some(at) => at,
                None if brings => {
                    let at = At { stream, item: self.new_id(), class: Class::Links };
                    plan.create(at, ItemKind::Share);
                    plan.set(&self.state, at, Field::SharePeer, Value::Item(sender));
                    plan.set(&self.state, at, Field::ShareSince, Value::When(self.now().timestamp_millis()));
                    plan.set(&self.state, at, Field::ShareOurs, Value::YesNo(false));
                    at
                }
                None => continue,
            };
            let share = Share::with(&self.state, stream, sender);
            if !share.is_some_and(Share::ours) {
                let mut all = share.map(Share::classes).unwrap_or_default();
                all.extend(classes);
                let profile = opened.manifest.cases.iter().find(|line| line.stream == stream);
                plan.set(&self.state, at, Field::ShareClasses, Value::text(&Share::classes_text(&all)));
                let profile = profile.map_or("", |line| line.profile.as_str());
                plan.set(&self.state, at, Field::ShareProfile, Value::text(profile));
            }
            plan.set(&self.state, at, Field::ShareHeads, Value::text(&Share::heads_text(&heads)));
        }
        self.write(plan.facts).map(drop)
    }
}
