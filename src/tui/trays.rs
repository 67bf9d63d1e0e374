//! What the screens remember of the two trays, so that nothing is opened for each frame: the inbox as it was looked
//! into, and which bundles of the outbox were carried since the unlock. Nothing of it is kept when the vault is locked.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::ids::ItemId;
use crate::error::AppError;
use crate::session::Session;
use crate::session::exchange::{Arrived, Seen};

/// What is told of another team: who, their card's number, whether words were compared.
type PeerKnown = (ItemId, u64, bool);

/// What was known when the inbox was looked into.
struct Looked {
    /// The State's number.
    revision: u64,
    /// The other teams.
    peers: Vec<PeerKnown>,
}

/// The trays as they were seen last.
#[derive(Default)]
pub struct Trays {
    inbox: Arc<Vec<Arrived>>,
    looked: Option<Looked>,
    changes: usize,
    carried: HashSet<String>,
}

impl Trays {
    /// What lies in the inbox, as it was seen by [`Trays::look`].
    pub fn inbox(&self) -> Arc<Vec<Arrived>> {
        Arc::clone(&self.inbox)
    }

    /// Something was put into the inbox or taken out of it: it is looked into anew when it is shown next.
    pub fn changed(&mut self) {
        self.inbox = Arc::default();
        self.looked = None;
        self.changes += 1;
    }

    /// Grows whenever something in here changed: what lists it is made anew then.
    pub const fn changes(&self) -> usize {
        self.changes
    }

    /// Looks into the inbox if it has changed since, or if another team is known otherwise than before.
    pub fn look(&mut self, session: &mut Session) {
        let revision = session.state().revision();
        if self.looked.as_ref().is_some_and(|looked| looked.revision == revision) {
            return;
        }
        let peers: Vec<PeerKnown> = session
            .peers()
            .into_iter()
            .map(|peer| (peer.item, peer.card.map_or(0, |card| card.says().serial), peer.verified.is_some()))
            .collect();
        if self.looked.as_ref().is_none_or(|looked| looked.peers != peers) {
            self.inbox = Arc::new(session.look_into_inbox());
            self.changes += 1;
        }
        self.looked = Some(Looked { revision, peers });
    }

    /// A bundle of the inbox was found to be refused when all of it was read.
    pub fn refused(&mut self, name: &str, error: AppError) {
        if let Some(bundle) = Arc::make_mut(&mut self.inbox).iter_mut().find(|bundle| bundle.name == name) {
            bundle.seen = Seen::Refused(error);
        }
        self.changes += 1;
    }

    /// A bundle of the outbox was written to a place.
    pub fn mark_carried(&mut self, name: String) {
        self.carried.insert(name);
        self.changes += 1;
    }

    /// Whether a bundle of the outbox was carried since the unlock.
    pub fn carried(&self, name: &str) -> bool {
        self.carried.contains(name)
    }
}
