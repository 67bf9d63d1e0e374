//! The two trays as a person sees them: what came and was not taken in, and what waits to be carried.
//!
//! Nothing here changes the record: looking into the inbox opens and checks, no more.

use chrono::{DateTime, Utc};

use crate::bundle::manifest::Kind as BundleKind;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::StreamId;
use crate::domain::item::Item;
use crate::domain::value::Value;
use crate::error::{AppError, Result};
use crate::session::Session;
use crate::vault::Tray;

use super::Trust;
use super::read::Opened;

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
    /// It is from the team's own devices.
    Own,
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
    /// False for a file that was made and never put on record, because the program was cut off in between: it counts as
    /// not sent, nobody carries it, and it can go.
    pub recorded: bool,
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
        match self.vault.bundle(Tray::Inbox, name) {
            Ok(bytes) if self.is_sync(&bytes) => Seen::Own,
            Ok(bytes) => self.identify(&bytes).map_or_else(Seen::Refused, Seen::Opened),
            Err(error) => Seen::Refused(error),
        }
    }

    /// Opens a bundle, and says whose it is and what for. Nothing is kept of it.
    ///
    /// # Errors
    /// As [`Session::open_bundle`].
    pub fn identify(&mut self, bytes: &[u8]) -> Result<Arrival> {
        let opened = self.open_bundle(bytes)?;
        Ok(self.arrival(&opened))
    }

    fn arrival(&self, opened: &Opened) -> Arrival {
        let manifest = opened.manifest();
        let code = |line: &crate::bundle::manifest::CaseLine| match self.state.item(line.stream.item()) {
            Some(_) => self.state.code(line.stream.item()).to_string(),
            None => clean::line_owned(&line.code),
        };
        Arrival {
            from: opened.sender().says().name.clone(),
            trust: self.trust_in(opened),
            kind: manifest.kind.name().to_owned(),
            cases: manifest.cases.iter().map(code).collect(),
            made: manifest.made,
        }
    }

    /// The kind of a bundle of the inbox that is for us; `None` if it can't be opened. Only its manifest is read.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io) if it can't be read.
    pub fn kind_of_arrived(&self, name: &str) -> Result<Option<BundleKind>> {
        let (file, size) = self.vault.read_bundle(Tray::Inbox, name)?;
        Ok(self.peek_bundle(file, size).map(|(_, kind)| kind))
    }

    /// True for a bundle of the inbox that is from the team's own devices.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io) if it can't be read.
    pub fn arrived_is_sync(&self, name: &str) -> Result<bool> {
        let (file, size) = self.vault.read_bundle(Tray::Inbox, name)?;
        Ok(self.reads_as_sync(file, size))
    }

    /// Opens a bundle of the inbox as [`Session::open_bundle_from`] does.
    ///
    /// # Errors
    /// As there; [`Kind::Io`](crate::error::Kind::Io) if it can't be read.
    pub fn open_arrived(&mut self, name: &str, tell: &mut dyn FnMut(u64, u64) -> bool) -> Result<Opened> {
        let (file, size) = self.vault.read_bundle(Tray::Inbox, name)?;
        self.open_bundle_from(file, size, tell)
    }

    /// Takes a bundle out of the outbox: it was carried, or nobody wants it any more.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io) if the disk refuses.
    pub fn leave_outbox(&self, name: &str) -> Result<()> {
        self.vault.drop_bundle(Tray::Outbox, name)
    }

    /// Takes out of the outbox what was answered: it need not be carried any more.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io) if the disk refuses.
    pub fn tidy_outbox(&self) -> Result<()> {
        self.outbound().iter().filter(|bundle| bundle.receipted).try_for_each(|bundle| self.leave_outbox(&bundle.name))
    }

    /// Takes out of the outbox what was made and never put on record; how many files.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io) if the disk refuses.
    pub fn drop_unrecorded(&self) -> Result<usize> {
        let lost: Vec<Outbound> = self.outbound().into_iter().filter(|bundle| !bundle.recorded).collect();
        lost.iter().try_for_each(|bundle| self.leave_outbox(&bundle.name))?;
        Ok(lost.len())
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
            to: match (item, peer) {
                (None, _) => "nobody".to_owned(),
                (Some(_), None) => "a team that was removed".to_owned(),
                (Some(_), Some(peer)) => peer.name,
            },
            recorded: item.is_some(),
            kind: item.map_or("", |item| item.str(Field::BundleKind)).to_owned(),
            cases: cases.collect(),
            made: item.and_then(|item| item.value(Field::BundleMade).as_when()),
            receipted: item.is_some_and(|item| !item.value(Field::BundleReceipt).is_nothing()),
            name,
        }
    }
}

pub(super) fn is_ours(item: &Item) -> bool {
    item.value(Field::BundleOurs) == Value::YesNo(true)
}
