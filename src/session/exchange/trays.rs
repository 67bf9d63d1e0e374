//! The two trays as a person sees them: what came and was not taken in, what waits to be carried, and what follows when
//! a bundle is taken in, declined or answered.
//!
//! Nothing here changes the record without a person's word: looking into the inbox opens and checks, no more.

use std::collections::HashSet;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::item::Item;
use crate::domain::referral::Referral;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{Answer, BundleUndo, ReferralAnswer};
use crate::session::Session;
use crate::vault::Tray;

use super::read::Opened;
use super::{Imported, Sent, Trust};

/// A larger bundle is opened only when somebody asks for it, in bytes.
pub const SMALL: u64 = 8 << 20;

/// A bundle in the inbox.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Its file's name in the tray.
    pub name: String,
    /// What was seen of it.
    pub seen: Seen,
}

/// What was seen of a bundle in the inbox.
#[derive(Clone, Debug)]
pub enum Seen {
    /// It was opened and checked.
    Opened(Arrival),
    /// It can't be taken in, and why.
    Refused(AppError),
    /// It is large, and was not opened yet: its size in bytes.
    Large(u64),
}

/// What a checked bundle says of itself.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The sender's name, as its card says.
    pub from: String,
    /// How far the sender is known.
    pub trust: Trust,
    /// The word of its kind.
    pub kind: String,
    /// The codes of its cases.
    pub cases: Vec<String>,
    /// When it was made, by the sender's clock.
    pub made: DateTime<Utc>,
}

/// A bundle that waits to be carried.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Its file's name in the tray.
    pub name: String,
    /// A name for the file that is carried: it tells nothing but the parish that it goes to.
    pub file_name: String,
    /// The team that it is for.
    pub to: String,
    /// The word of its kind.
    pub kind: String,
    /// The codes of its cases.
    pub cases: Vec<String>,
    /// When it was made.
    pub made: Option<DateTime<Utc>>,
    /// Their receipt came: it need not be carried any more.
    pub receipted: bool,
}

/// What came of taking a bundle in from the inbox.
#[derive(Clone, Debug)]
pub struct TakenIn {
    /// What was taken in.
    pub imported: Imported,
    /// The receipt, which lies in the outbox; none where none is owed.
    pub receipt: Option<Sent>,
    /// What a person reads: a sentence or two.
    pub says: String,
}

impl Session {
    /// What lies in the inbox, the newest first, and at the end what was not opened. Small bundles are opened and
    /// checked.
    pub fn look_into_inbox(&mut self) -> Vec<Arrived> {
        let names = self.vault.bundles(Tray::Inbox);
        let mut all: Vec<Arrived> =
            names.into_iter().map(|name| Arrived { seen: self.look_into(&name), name }).collect();
        let made = |bundle: &Arrived| match &bundle.seen {
            Seen::Opened(arrival) => Some(arrival.made),
            _ => None,
        };
        all.sort_by_key(|bundle| std::cmp::Reverse(made(bundle)));
        all
    }

    fn look_into(&mut self, name: &str) -> Seen {
        match self.vault.bundle_size(Tray::Inbox, name) {
            Ok(size) if size > SMALL => return Seen::Large(size),
            Ok(_) => {}
            Err(error) => return Seen::Refused(error),
        }
        match self.vault.bundle(Tray::Inbox, name).and_then(|bytes| self.identify(&bytes)) {
            Ok(arrival) => Seen::Opened(arrival),
            Err(error) => Seen::Refused(error),
        }
    }

    /// Opens a bundle, and says whose it is and what for. Nothing is kept of it.
    ///
    /// # Errors
    /// As [`Session::open_bundle`].
    pub fn identify(&mut self, bytes: &[u8]) -> Result<Arrival> {
        let opened = self.open_bundle(bytes)?;
        let manifest = opened.manifest();
        let code = |line: &crate::bundle::manifest::CaseLine| match self.state.item(line.stream.item()) {
            Some(_) => self.state.code(line.stream.item()).to_string(),
            None => clean::line_owned(&line.code),
        };
        Ok(Arrival {
            from: opened.sender().says().name.clone(),
            trust: self.trust_in(&opened),
            kind: manifest.kind.name().to_owned(),
            cases: manifest.cases.iter().map(code).collect(),
            made: manifest.made,
        })
    }

    /// Takes a bundle out of the outbox: it was carried, or nobody wants it any more.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn leave_outbox(&self, name: &str) -> Result<()> {
        self.vault.drop_bundle(Tray::Outbox, name)
    }

    /// Takes out of the outbox what was answered: it need not be carried any more.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn tidy_outbox(&self) -> Result<()> {
        self.outbound().iter().filter(|bundle| bundle.receipted).try_for_each(|bundle| self.leave_outbox(&bundle.name))
    }

    /// What waits to be carried, the oldest first.
    pub fn outbound(&self) -> Vec<Outbound> {
        let mut all: Vec<Outbound> =
            self.vault.bundles(Tray::Outbox).into_iter().map(|name| self.outbound_one(name)).collect();
        all.sort_by(|a, b| (a.made, &a.name).cmp(&(b.made, &b.name)));
        all
    }

    fn outbound_one(&self, name: String) -> Outbound {
        let id = name.strip_suffix(".mahoe").unwrap_or(&name);
        let item = self.state.items(ItemKind::Bundle).find(|item| is_ours(item) && item.str(Field::BundleId) == id);
        let peer = item.and_then(|item| item.value(Field::BundlePeer).as_item()).and_then(|peer| self.peer(peer).ok());
        let parish = peer.as_ref().and_then(|peer| peer.parish).map(|parish| format!("to-{parish}-"));
        let cases = item.map_or("", |item| item.str(Field::BundleCases)).split_whitespace();
        let cases = cases.filter_map(StreamId::from_hex).map(|stream| self.state.code(stream.item()).to_string());
        Outbound {
            file_name: format!("{}{id:.8}.mahoe", parish.unwrap_or_default()),
            to: peer.map_or_else(|| "a team that was removed".to_owned(), |peer| peer.name),
            kind: item.map_or("", |item| item.str(Field::BundleKind)).to_owned(),
            cases: cases.collect(),
            made: item.and_then(|item| item.value(Field::BundleMade).as_when()),
            receipted: item.is_some_and(|item| !item.value(Field::BundleReceipt).is_nothing()),
            name,
        }
    }

    /// Takes a bundle of the inbox in, all of it or only some cases, and makes the receipt. What was taken in as a
    /// whole leaves the inbox; what is left of one may be taken in later.
    ///
    /// # Errors
    /// As [`Session::import`]; the bundle stays in the inbox then.
    pub fn import_arrived(&mut self, name: &str, opened: &Opened, only: Option<&HashSet<StreamId>>) -> Result<TakenIn> {
        let imported = self.import(opened, only, name)?;
        let mut says = imported.says.clone();
        let receipt = self.receipt_for(opened, &imported, &mut says);
        let whole = only.is_none_or(|only| opened.manifest.cases.iter().all(|line| only.contains(&line.stream)));
        if whole {
            self.vault.drop_bundle(Tray::Inbox, name)?;
        } else {
            says.push_str(" The rest stays in the inbox.");
        }
        Ok(TakenIn { imported, receipt, says })
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
            let says = "It was taken in: nothing in it waits for an answer that could be declined.".to_owned();
            self.vault.drop_bundle(Tray::Inbox, name)?;
            return Ok(TakenIn { imported, receipt: None, says });
        }
        for referral in imported.to_answer.clone() {
            self.run(ReferralAnswer { referral, answer: Answer::Decline, words: reason.to_owned() })?;
        }
        let mut says = "Declined.".to_owned();
        let receipt = self.receipt_for(opened, &imported, &mut says);
        let aside = new && self.run(BundleUndo { bundle: imported.item, back: false }).is_ok();
        says.push_str(if aside { " What it brought is set aside." } else { " What it brought stays here." });
        self.forget_undo();
        self.vault.drop_bundle(Tray::Inbox, name)?;
        Ok(TakenIn { imported, receipt, says })
    }

    /// The receipt that is owed for what was just taken in. That it can't be made undoes nothing.
    fn receipt_for(&mut self, opened: &Opened, imported: &Imported, says: &mut String) -> Option<Sent> {
        if opened.manifest.kind.name() == "receipt" {
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
        let stream = found.0.stream.to_string();
        let brought = |item: &&Item| {
            !is_ours(item)
                && item.stands()
                && matches!(item.str(Field::BundleKind), "refer" | "transfer")
                && item.str(Field::BundleCases).split_whitespace().any(|case| case == stream)
        };
        let bundles = self.state.items(ItemKind::Bundle).filter(brought);
        let Some(bundle) = bundles.max_by_key(|item| item.value(Field::BundleMade).as_when()).map(|item| item.id)
        else {
            return Ok(None);
        };
        self.receipt(bundle).map(Some)
    }

    /// Opens a bundle as [`Session::open_bundle`] does, and hears between two entries whether to go on.
    ///
    /// # Errors
    /// As there; [`Kind::Refused`] if it was stopped.
    pub fn open_bundle_telling(&mut self, bytes: &[u8], tell: &mut dyn FnMut(u64, u64) -> bool) -> Result<Opened> {
        self.open_with(bytes, &mut |done, total| {
            if tell(done, total) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    }
}

fn is_ours(item: &Item) -> bool {
    item.value(Field::BundleOurs) == Value::YesNo(true)
}
