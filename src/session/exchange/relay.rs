//! Post by a shared place: what waits in the outbox is put into the receivers' mailboxes, what lies in ours is fetched
//! into the inbox, and what was answered is cleared away.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use crate::bundle::card::Card;
use crate::bundle::manifest::{Kind as BundleKind, Manifest};
use crate::bundle::relay::{Carrier, Listing, Mailbox, Object};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BundleId, EntryId, ItemId};
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::session::Session;
use crate::vault::{MAX_BUNDLE, Tray};

use super::answer::cases_of;
use super::trays::is_ours;

/// What a push did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Bundles that lie in their receivers' mailboxes now and did not before.
    pub put: usize,
    /// Bundles that lay there already.
    pub there: usize,
    /// Bundles that were answered: taken out of the mailbox and the outbox.
    pub cleared: usize,
}

/// What a pull did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Names in the inbox of what was fetched now.
    pub fetched: Vec<String>,
    /// Bundles that were fetched or taken in before.
    pub known: usize,
    /// Files that are half-written, damaged or not mahoe's. They were left alone.
    pub left_alone: usize,
}

/// A bundle in the outbox.
struct Waiting {
    name: String,
    mailbox: Mailbox,
    answered: bool,
    /// A receipt: nothing answers it.
    receipt: bool,
}

impl Session {
    /// Puts what waits in the outbox into the receivers' mailboxes, and clears away what was answered; and a sync for the
    /// team's other devices into its own. A receipt has done its work here once it lies there: it leaves the outbox. All of
    /// it can be interrupted anywhere and done again.
    ///
    /// # Errors
    /// [`Kind::Io`] if the place refuses; what was put until then stays.
    pub fn relay_push(&mut self, carrier: &dyn Carrier) -> Result<Pushed> {
        let mut pushed = Pushed { cleared: self.clear_answered(carrier)?, ..Pushed::default() };
        let mut listings: HashMap<Mailbox, Listing> = HashMap::new();
        for waiting in self.waiting_post() {
            let bytes = self.vault.bundle(Tray::Outbox, &waiting.name)?;
            let object = Object::of(&bytes);
            let listing = match listings.entry(waiting.mailbox) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(carrier.list(waiting.mailbox).map_err(|error| place_error(&error))?),
            };
            let whole = listing.objects.contains(&(object, bytes.len() as u64));
            carrier.put(waiting.mailbox, &bytes).map_err(|error| place_error(&error))?;
            if whole {
                pushed.there += 1;
            } else {
                pushed.put += 1;
            }
            if waiting.receipt {
                self.vault.drop_bundle(Tray::Outbox, &waiting.name)?;
            }
        }
        self.push_sync(carrier, &mut pushed)?;
        Ok(pushed)
    }

    /// Takes what was answered out of the outbox and out of its receiver's mailbox, whichever of our devices sent it and
    /// whether or not it still lies in the outbox. How many bundles.
    fn clear_answered(&self, carrier: &dyn Carrier) -> Result<usize> {
        let mut cleared: HashSet<Object> = HashSet::new();
        let mut answered: HashMap<Mailbox, HashSet<Object>> = HashMap::new();
        for item in self.state.items(ItemKind::Bundle).filter(|item| is_ours(item)) {
            let object = Object::from_hex(item.str(Field::BundleObject));
            let mailbox = item.value(Field::BundlePeer).as_item().and_then(|peer| self.mailbox_of_peer(peer));
            if let (Some(object), Some(mailbox), false) =
                (object, mailbox, item.value(Field::BundleReceipt).is_nothing())
            {
                answered.entry(mailbox).or_default().insert(object);
            }
        }
        for waiting in self.waiting_post().into_iter().filter(|waiting| waiting.answered) {
            let object = Object::of(&self.vault.bundle(Tray::Outbox, &waiting.name)?);
            carrier.remove(waiting.mailbox, object).map_err(|error| place_error(&error))?;
            self.vault.drop_bundle(Tray::Outbox, &waiting.name)?;
            cleared.insert(object);
        }
        for (mailbox, objects) in answered {
            let listing = carrier.list(mailbox).map_err(|error| place_error(&error))?;
            for (object, _) in listing.objects.into_iter().filter(|(object, _)| objects.contains(object)) {
                carrier.remove(mailbox, object).map_err(|error| place_error(&error))?;
                cleared.insert(object);
            }
        }
        Ok(cleared.len())
    }

    /// The mailbox of a team, also of one that was removed from the list.
    fn mailbox_of_peer(&self, peer: ItemId) -> Option<Mailbox> {
        let root = self.state.item(peer)?.str(Field::PeerRoot);
        Some(Mailbox::of(&EntryId::from_hex(root)?.0))
    }

    /// Fetches what lies in our mailbox into the inbox. Nothing is taken in by that.
    ///
    /// # Errors
    /// [`Kind::Io`] if the place or the vault refuses.
    pub fn relay_pull(&mut self, carrier: &dyn Carrier) -> Result<Pulled> {
        let mailbox = Mailbox::of(&self.own_root()?);
        let listing = carrier.list(mailbox).map_err(|error| place_error(&error))?;
        let mut pulled = Pulled { left_alone: listing.foreign, ..Pulled::default() };
        let there: HashSet<String> = self.vault.bundles(Tray::Inbox).into_iter().collect();
        let seen = self.seen_in_places();
        for (object, size) in listing.objects {
            let name = object.name();
            if there.contains(&name) || seen.knows(object) {
                pulled.known += 1;
                continue;
            }
            // Too large, half-written, or gone since: another time, or never.
            if size > MAX_BUNDLE || !self.fetch(carrier, mailbox, object)? {
                pulled.left_alone += 1;
                continue;
            }
            if self.pull_sync(object, &mut pulled)? {
                continue;
            }
            let (file, size) = self.vault.read_bundle(Tray::Inbox, &name)?;
            match self.peek_manifest(file, size) {
                Some(manifest) if self.took_all_of(&manifest) => {
                    self.vault.drop_bundle(Tray::Inbox, &name)?;
                    pulled.known += 1;
                    // A receipt is answered by nothing: whoever has taken it in clears it away.
                    if manifest.kind == BundleKind::Receipt {
                        let _ = carrier.remove(mailbox, object);
                    }
                }
                Some(manifest) => {
                    if self.bundle_item(manifest.id, false).is_some() {
                        // The rest of it is fetched once: who takes it out of the inbox doesn't want it.
                        self.note_fetched(object);
                    }
                    pulled.fetched.push(name);
                }
                None => {
                    self.vault.drop_bundle(Tray::Inbox, &name)?;
                    pulled.left_alone += 1;
                }
            }
        }
        Ok(pulled)
    }

    /// Copies an object into the inbox; false if it is not what its name says, or can't be read.
    fn fetch(&self, carrier: &dyn Carrier, mailbox: Mailbox, object: Object) -> Result<bool> {
        let Ok(file) = carrier.open(mailbox, object) else { return Ok(false) };
        let mut file = Place { file, failed: false };
        let kept = self.vault.keep_arriving(&mut file, MAX_BUNDLE, |hash| Object::of_hash(hash) == object);
        // What the place can't give whole is left there; what our own disk refuses is said.
        if file.failed { Ok(false) } else { kept.map(|name| name.is_some()) }
    }

    /// What a push and a pull would find: bundles that wait in the outbox, and objects in our mailbox.
    ///
    /// # Errors
    /// [`Kind::Io`] if the place refuses.
    pub fn relay_status(&mut self, carrier: &dyn Carrier) -> Result<(usize, usize, usize)> {
        let waiting = self.waiting_post().iter().filter(|waiting| !waiting.answered).count();
        let mailbox = Mailbox::of(&self.own_root()?);
        let listing = carrier.list(mailbox).map_err(|error| place_error(&error))?;
        Ok((waiting, self.unseen(&listing), listing.foreign))
    }

    /// The names of the bundles in the inbox.
    pub fn inbox(&self) -> Vec<String> {
        self.vault.bundles(Tray::Inbox)
    }

    /// The names of the bundles that wait in the outbox.
    pub fn outbox(&self) -> Vec<String> {
        self.vault.bundles(Tray::Outbox)
    }

    /// A bundle of the inbox.
    ///
    /// # Errors
    /// [`Kind::Io`] if it can't be read.
    pub fn from_inbox(&self, name: &str) -> Result<Vec<u8>> {
        self.vault.bundle(Tray::Inbox, name)
    }

    /// A bundle of the outbox.
    ///
    /// # Errors
    /// [`Kind::Io`] if it can't be read.
    pub fn from_outbox(&self, name: &str) -> Result<Vec<u8>> {
        self.vault.bundle(Tray::Outbox, name)
    }

    /// Lays a bundle into the inbox, under a name made from its bytes. Nothing is taken in by that.
    ///
    /// # Errors
    /// As [`Session::lay_file_into_inbox`].
    pub fn lay_into_inbox(&self, bytes: &[u8]) -> Result<String> {
        self.lay_file_into_inbox(bytes)
    }

    /// As [`Session::lay_into_inbox`], out of a file that is read piece by piece.
    ///
    /// # Errors
    /// [`Kind::Io`] if the file can't be read or the disk refuses; [`Kind::Refused`] if it is larger than any bundle.
    pub fn lay_file_into_inbox(&self, file: impl Read) -> Result<String> {
        let kept = self.vault.keep_arriving(file, MAX_BUNDLE, |_| true)?;
        kept.ok_or_else(|| {
            AppError::new(
                Kind::Refused,
                "This file is larger than any bundle.",
                "Ask the sender to send fewer documents at once.",
            )
        })
    }

    /// Takes a bundle out of the inbox; fine if it is no name of one.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn leave_inbox(&self, name: &str) -> Result<()> {
        if self.inbox().iter().any(|known| known == name) { self.vault.drop_bundle(Tray::Inbox, name) } else { Ok(()) }
    }

    pub(super) fn own_root(&mut self) -> Result<[u8; 32]> {
        match self.root() {
            Some(root) => Ok(root),
            None => self.card(false).map(|card| card.says().root),
        }
    }

    /// Every bundle of the outbox that is on record, with its receiver's mailbox.
    fn waiting_post(&self) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for name in self.vault.bundles(Tray::Outbox) {
            let id = name.strip_suffix(".mahoe").and_then(BundleId::from_hex);
            let Some(item) = id.and_then(|id| self.bundle_item(id, true)) else { continue };
            let item = self.state.item(item).expect("just found");
            let card = item.value(Field::BundlePeer).as_item().map(|peer| self.peer_card(peer));
            let Some(Ok(card)) = card else { continue };
            let answered = !item.value(Field::BundleReceipt).is_nothing();
            let receipt = item.str(Field::BundleKind) == "receipt";
            waiting.push(Waiting { name, mailbox: mailbox_of(&card), answered, receipt });
        }
        waiting
    }

    /// The item of a bundle that we sent, or that we received.
    pub(super) fn bundle_item(&self, id: BundleId, ours: bool) -> Option<ItemId> {
        let id = id.to_string();
        let mut bundles = self.state.items(ItemKind::Bundle);
        let same = |item: &&crate::domain::item::Item| {
            item.str(Field::BundleId) == id && (item.value(Field::BundleOurs) == Value::YesNo(true)) == ours
        };
        bundles.find(same).map(|item| item.id)
    }

    /// True if a bundle was taken in, and every case that it names.
    fn took_all_of(&self, manifest: &Manifest) -> bool {
        let item = self.bundle_item(manifest.id, false).and_then(|item| self.state.item(item));
        item.is_some_and(|item| {
            let taken: HashSet<_> = cases_of(item).collect();
            manifest.cases.iter().all(|line| taken.contains(&line.stream))
        })
    }
}

/// What is read from the shared place: whether it failed is told from whether our own disk did.
struct Place {
    file: Box<dyn Read>,
    failed: bool,
}

impl Read for Place {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out);
        self.failed |= read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        read
    }
}

fn mailbox_of(card: &Card) -> Mailbox {
    Mailbox::of(&card.says().root)
}

pub(super) fn place_error(error: &std::io::Error) -> AppError {
    AppError::new(
        Kind::Io,
        format!("The shared folder can't be used: {}.", error.kind()),
        "Make sure that the stick is in, or the share is reached, and try again: nothing is lost, and nothing is sent twice.",
    )
}
