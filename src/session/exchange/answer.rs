//! Answers: taking a bundle in with its receipt, declining it, and what a receipt of ours says.
//!
//! A receipt names the cases that were taken in, and no others. A bundle of ours counts as answered, and leaves outbox
//! and relay, once receipts have named every case of it: what the other team left lies ready for them until then.

use std::collections::{BTreeSet, HashSet};

use crate::bundle::manifest::Kind as BundleKind;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BundleId, ItemId, StreamId};
use crate::domain::item::Item;
use crate::domain::referral::Referral;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{Answer, BundleUndo, ReferralAnswer};
use crate::session::Session;

use super::read::Opened;
use super::send::Wish;
use super::take::but;
use super::trays::is_ours;
use super::{Imported, Sent};

/// What a receipt answers.
pub(super) struct Answered {
    /// The bundle.
    pub bundle: BundleId,
    /// Its cases that were taken in.
    pub cases: Vec<StreamId>,
}

/// What came of taking a bundle in.
#[derive(Clone, Debug)]
pub struct TakenIn {
    /// What was taken in.
    pub imported: Imported,
    /// The receipt, which lies in the outbox; none where none is owed.
    pub receipt: Option<Sent>,
    /// Something of it was left: the bundle stays in the inbox, or belongs there.
    pub rest: bool,
    /// What a person reads: a sentence or two.
    pub says: String,
}

/// The cases that a bundle's record names.
pub(super) fn cases_of(bundle: &Item) -> impl Iterator<Item = StreamId> {
    bundle.str(Field::BundleCases).split_whitespace().filter_map(StreamId::from_hex)
}

impl Opened {
    /// The cases of it that are taken in where `only` these are wanted. A receipt speaks of all that it names.
    pub(super) fn taken_cases<'a>(
        &'a self,
        only: Option<&'a HashSet<StreamId>>,
    ) -> impl Iterator<Item = StreamId> + 'a {
        let receipt = self.manifest.kind == BundleKind::Receipt;
        let left = move |stream: StreamId| {
            self.skipped.iter().any(|(skipped, _)| *skipped == stream)
                || only.is_some_and(|only| !only.contains(&stream))
        };
        self.manifest.cases.iter().map(|line| line.stream).filter(move |stream| receipt || !left(*stream))
    }

    /// True if something is left of it that may be taken in later.
    fn leaves_rest(&self, only: Option<&HashSet<StreamId>>) -> bool {
        self.taken_cases(only).count() < self.manifest.cases.len()
    }
}

impl Session {
    /// Answers a bundle: which of its cases were taken in, and what was decided since.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is no such bundle; [`Kind::Io`].
    pub fn receipt(&mut self, bundle: ItemId) -> Result<Sent> {
        let item = self.state.item(bundle).filter(|item| item.kind == ItemKind::Bundle && item.stands());
        let Some(item) = item.filter(|item| !is_ours(item)) else {
            return Err(AppError::new(
                Kind::Refused,
                "There is no such bundle that was received.",
                "`mahoe bundle list` shows them.",
            ));
        };
        let cases: Vec<StreamId> = cases_of(item).collect();
        let answered = BundleId::from_hex(item.str(Field::BundleId)).map(|bundle| Answered { bundle, cases });
        let peer = item.value(Field::BundlePeer).as_item();
        let peer = self.addressee(&Wish { peer, ..Wish::default() })?;
        let cases = answered.as_ref().map_or(&[][..], |answered| answered.cases.as_slice());
        let parts = self.answer_parts(&peer, cases);
        self.all_or_nothing(|session| session.make(&peer, BundleKind::Receipt, &parts, answered.as_ref()))
    }

    /// Of the bundle of ours that a receipt answers: the cases that no receipt has named yet, this one included.
    pub(super) fn lacking(&self, receipt: &Opened) -> Option<(ItemId, BTreeSet<StreamId>)> {
        let answers = receipt.manifest.answers?;
        let peer = self.peer_of_root(&receipt.sender.says().root)?;
        let ours = self.state.item(self.bundle_item(answers, true)?)?;
        if ours.value(Field::BundlePeer).as_item() != Some(peer) {
            return None;
        }
        let answered = answers.to_string();
        let earlier = self.state.items(ItemKind::Bundle).filter(|item| {
            !is_ours(item)
                && item.str(Field::BundleAnswers) == answered
                && item.value(Field::BundlePeer).as_item() == Some(peer)
        });
        let mut lacking: BTreeSet<StreamId> = cases_of(ours).collect();
        let named = receipt.manifest.cases.iter().map(|line| line.stream);
        for named in named.chain(earlier.flat_map(cases_of)) {
            lacking.remove(&named);
        }
        Some((ours.id, lacking))
    }

    /// What the other team has left of the bundle that a receipt answers, in a sentence; none if nothing.
    pub(super) fn lacking_words(&self, receipt: &Opened) -> Option<String> {
        let (_, lacking) = self.lacking(receipt)?;
        let codes: Vec<String> = lacking.iter().map(|stream| self.state.code(stream.item()).to_string()).collect();
        match codes.as_slice() {
            [] => None,
            [one] => Some(format!("They have not taken in case {one} yet: the bundle stays ready for them.")),
            all => {
                Some(format!("They have not taken in cases {} yet: the bundle stays ready for them.", all.join(", ")))
            }
        }
    }

    /// Takes a bundle in, all of it or only some cases, and makes the receipt. `name` is the bundle's in the inbox or
    /// wherever it came from; what was taken in as a whole leaves the inbox, what is left of one may be taken in later.
    ///
    /// # Errors
    /// As [`Session::import`]; the bundle stays in the inbox then.
    pub fn import_arrived(&mut self, name: &str, opened: &Opened, only: Option<&HashSet<StreamId>>) -> Result<TakenIn> {
        let came = self.stage_documents(name, opened, only);
        let imported = came.and_then(|came| self.import(opened, only, name).map(|imported| (came, imported)));
        self.drop_arriving();
        let (came, imported) = imported?;
        let mut says = imported.says.clone();
        says.push_str(&came.says(&opened.sender.says().name));
        let receipt = self.receipt_for(opened, &imported, &mut says);
        let rest = opened.leaves_rest(only);
        if rest {
            says.push_str(" The rest stays in the inbox.");
        } else {
            self.clear_inbox(name, &mut says);
        }
        Ok(TakenIn { imported, receipt, rest, says })
    }

    /// Takes a bundle in only to answer no: every referral in it is declined with the reason, the answer lies in the
    /// outbox, and what the bundle brought is set aside again where nothing of it was here before.
    ///
    /// # Errors
    /// [`Kind::Refused`] without a reason, or if it asks for nothing; else as [`Session::import`].
    pub fn decline_bundle(&mut self, name: &str, opened: &Opened, reason: &str) -> Result<TakenIn> {
        if reason.trim().is_empty() {
            return Err(AppError::new(Kind::Refused, "Why is it declined?", "Say it in a sentence: they read it."));
        }
        let new = opened.manifest.cases.iter().all(|line| self.state.entries_of(line.stream).next().is_none());
        let imported = self.import(opened, None, name)?;
        if imported.to_answer.is_empty() {
            let mut says = "It was taken in: nothing in it waits for an answer that could be declined.".to_owned();
            self.clear_inbox(name, &mut says);
            return Ok(TakenIn { imported, receipt: None, rest: false, says });
        }
        let decline = |referral: &ItemId| ReferralAnswer::new(*referral, Answer::Decline, reason);
        let declined = self.all_or_nothing(|session| {
            imported.to_answer.iter().try_for_each(|referral| session.run(decline(referral)).map(drop))
        });
        if let Err(error) = declined {
            let mut says = imported.says.clone();
            says.push_str(&but("it could not be declined", &error, "It stands under \"To answer\": decline it there."));
            self.clear_inbox(name, &mut says);
            return Ok(TakenIn { imported, receipt: None, rest: false, says });
        }
        let mut says = "Declined.".to_owned();
        let receipt = self.receipt_for(opened, &imported, &mut says);
        let aside = new && self.run(BundleUndo { bundle: imported.item, back: false }).is_ok();
        says.push_str(if aside { " What it brought is set aside." } else { " What it brought stays here." });
        self.forget_undo();
        self.clear_inbox(name, &mut says);
        Ok(TakenIn { imported, receipt, rest: false, says })
    }

    /// Takes out of the inbox what was taken in. That the disk keeps it harms nothing: it is known when it is opened.
    fn clear_inbox(&self, name: &str, says: &mut String) {
        if let Err(error) = self.leave_inbox(name) {
            says.push_str(&but(
                "its file could not be removed from the inbox",
                &error,
                "Take it out of the list there.",
            ));
        }
    }

    /// Bundles that were taken in and not answered, or not for all that was taken in since: the program was cut off, or
    /// a receipt could not be made then. [`Session::receipt`] makes it.
    pub fn owed_receipts(&self) -> Vec<ItemId> {
        let bundles = || self.state.items(ItemKind::Bundle).filter(|item| item.stands());
        let owes = |item: &&Item| {
            let told = item.value(Field::BundleOurs) == Value::YesNo(false)
                && item.str(Field::BundleKind) != BundleKind::Receipt.name()
                && item.value(Field::BundleSetAside) != Value::YesNo(true);
            let peer = item.value(Field::BundlePeer).as_item();
            told && peer.is_some_and(|peer| self.peer(peer).is_ok())
        };
        let answered = |item: &Item| {
            let id = item.str(Field::BundleId);
            let ours = bundles().filter(|other| is_ours(other) && other.str(Field::BundleAnswers) == id);
            let named: Vec<BTreeSet<StreamId>> = ours.map(|other| cases_of(other).collect()).collect();
            named.iter().any(|named| cases_of(item).all(|case| named.contains(&case)))
        };
        let mut owed: Vec<&Item> = bundles().filter(owes).filter(|item| !answered(item)).collect();
        owed.sort_by_key(|item| (item.value(Field::BundleReceived).as_when(), item.id));
        owed.into_iter().map(|item| item.id).collect()
    }

    /// The receipt that is owed for what was just taken in. That it can't be made undoes nothing.
    fn receipt_for(&mut self, opened: &Opened, imported: &Imported, says: &mut String) -> Option<Sent> {
        if opened.manifest.kind == BundleKind::Receipt {
            return None;
        }
        match self.receipt(imported.item) {
            Ok(sent) => {
                says.push_str(" The receipt is in the outbox.");
                Some(sent)
            }
            Err(error) => {
                says.push_str(" No receipt could be made: ");
                says.push_str(&error.message);
                says.push(' ');
                says.push_str(&error.hint);
                None
            }
        }
    }

    /// Sends the answer to another team's referral: a receipt for the bundle that brought it, into the outbox. Nothing
    /// for a referral that no bundle brought.
    ///
    /// # Errors
    /// As [`Session::receipt`].
    pub fn send_answer(&mut self, referral: ItemId) -> Result<Option<Sent>> {
        let Some(found) = Referral::get(&self.state, referral) else { return Ok(None) };
        if found.is_ours(&self.state) || teams::agency_code(found.to()).is_some() {
            return Ok(None);
        }
        let stream = found.0.stream;
        let brought = |item: &&Item| {
            !is_ours(item)
                && item.stands()
                && matches!(item.str(Field::BundleKind), "refer" | "transfer")
                && cases_of(item).any(|case| case == stream)
        };
        let bundles = self.state.items(ItemKind::Bundle).filter(brought);
        let latest = bundles.max_by_key(|item| item.value(Field::BundleMade).as_when()).map(|item| item.id);
        latest.map(|bundle| self.receipt(bundle)).transpose()
    }
}
