//! Other parishes' teams: their cards, and the words that are compared with them.

use chrono::{DateTime, Utc};

use crate::bundle::card::{Card, Standing, hex};
use crate::bundle::words::PeerWords;
use crate::domain::field::Field;
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
        self.take_card_told(card, true)
    }

    /// As [`Session::take_card`], of a card that another team attached: that it shows another key in a known name is put
    /// on record only if that team's word counts, because a record stops what is sent to the known team.
    ///
    /// # Errors
    /// As there.
    pub(super) fn take_card_told(&mut self, card: &Card, believed: bool) -> Result<Taken> {
        let known = self.peer_of_root(&card.says().root);
        let Some(peer) = known else {
            let done = self.run(PeerAdd { card: theirs(card) });
            return match done {
                Ok(done) => Ok(Taken::Added(done.made[0])),
                Err(error) => {
                    if error.kind == Kind::Damaged && believed {
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
        // The same card once more on the same day says nothing new.
        if plan.facts.is_empty() { Ok(()) } else { self.write(plan.facts).map(drop) }
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
pub(super) fn theirs(card: &Card) -> TheirCard {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::card::{CardDevice, Says};
    use crate::demo::cards;
    use crate::ops::PeerRemove;
    use crate::testing::team::{passphrase, place, team};
    use crate::vault::disk::MemoryDisk;
    use crate::vault::keys::identity::Signer;
    use crate::vault::seal::SecretKey32;

    fn of(number: u8) -> Parish {
        Parish::by_number(number).expect("a parish")
    }

    /// Saint Mary's card with a change, under a root of this seed; its own for zero.
    fn mary(seed: u8, change: impl FnOnce(&mut Says)) -> Card {
        let fresh = Signer::from_seed(&SecretKey32::from_slice(&[seed; 32]).expect("32"));
        let root = if seed == 0 { cards::root(of(5)) } else { fresh };
        let mut says = cards::card(of(5)).expect("fine").says().clone();
        says.root = root.public();
        change(&mut says);
        Card::sign(says, &root).expect("signed")
    }

    #[test]
    fn a_team_that_begins_anew_is_replaced_by_hand_and_its_devices_are_its_own_again() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let first = session.take_card(&mary(0, |_| ())).expect("added").peer();
        let words = session.words(first).expect("words");
        let theirs = PeerWords::between(&cards::root(of(5)).public(), &session.root().expect("a card"));
        assert_eq!(words.hear(&theirs.spoken().join(" ")), Ok(()));
        session.verify_peer(first, &theirs.spoken().join(", "), "in person").expect("verified");
        let device = cards::device(of(5)).device_id();
        assert_eq!(session.state().peer_device(device).map(|it| it.peer), Some(first));
        // The same parish, another name of the same parish, and the same name in another parish.
        for (change, parish) in [("Saint Mary MDT", 5), ("Port Maria team", 5), ("saint mary mdt", 4)] {
            let other = mary(9, |says| {
                says.name = change.into();
                says.parish = of(parish);
            });
            assert_eq!(session.take_card(&other).expect_err("an alarm").kind, Kind::Damaged, "{change} {parish}");
            assert!(session.peer(first).expect("there").alarm.contains(change));
        }
        assert!(session.peer(first).expect("there").verified.is_some());
        session.run(PeerRemove { peer: first }).expect("removed");
        let anew = session.take_card(&mary(9, |_| ())).expect("added").peer();
        assert_ne!(anew, first);
        assert_eq!(session.state().peer_device(device).map(|it| it.peer), Some(anew));
        assert!(session.peer(anew).expect("there").verified.is_none());
        drop(session);
        let session = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
        assert_eq!(session.state().peer_device(device).map(|it| it.peer), Some(anew));
        assert_eq!(session.peers().len(), 1);
    }

    #[test]
    fn nobody_takes_the_device_of_another_team() {
        let mut session = team(&MemoryDisk::new(), 1);
        session.take_card(&mary(0, |_| ())).expect("added");
        let portland = |device: CardDevice| {
            let root = cards::root(of(4));
            let mut says = cards::card(of(4)).expect("fine").says().clone();
            says.devices.push(device);
            Card::sign(says, &root).expect("signed")
        };
        let marys = CardDevice { key: cards::device(of(5)).public(), member: ItemId([1; 16]) };
        let ours = CardDevice { key: session.vault().participant().device().public(), member: ItemId([1; 16]) };
        for device in [marys, ours] {
            let refused = session.take_card(&portland(device)).expect_err("an alarm");
            assert!(refused.message.contains("device that writes for another team"), "{refused}");
        }
        let peer = session.take_card(&cards::card(of(4)).expect("fine")).expect("added").peer();
        let newer = |device, serial| {
            let mut says = portland(device).says().clone();
            says.serial = serial;
            Card::sign(says, &cards::root(of(4))).expect("signed")
        };
        assert_eq!(session.take_card(&newer(marys, 2)).expect_err("an alarm").kind, Kind::Damaged);
        let own = CardDevice { key: [7; 32], member: ItemId([1; 16]) };
        assert_eq!(session.take_card(&newer(own, 2)), Ok(Taken::Updated(peer)));
        assert_eq!(session.take_card(&newer(CardDevice { key: [8; 32], ..own }, 2)), Ok(Taken::Disagrees(peer)));
        assert_eq!(session.take_card(&cards::card(of(4)).expect("fine")), Ok(Taken::Older(peer)));
    }

    #[test]
    fn adding_and_verifying_can_be_undone() {
        let mut session = team(&MemoryDisk::new(), 1);
        let peer = session.take_card(&mary(0, |_| ())).expect("added").peer();
        session.run(PeerVerify { peer, how: "in person".into() }).expect("verified");
        session.undo().expect("undone");
        assert!(session.peer(peer).expect("there").verified.is_none());
        session.undo().expect("undone");
        assert!(session.peers().is_empty());
        assert!(matches!(session.take_card(&mary(0, |_| ())), Ok(Taken::Added(_))));
        assert!(session.run(PeerVerify { peer, how: String::new() }).is_err());
    }

    #[test]
    fn a_root_copy_that_was_spoilt_is_made_whole_and_the_same_card_goes_on() {
        use crate::vault::disk::Disk;
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let before = session.card(false).expect("a card");
        let name = format!("root-{}.age", before.says().root_id());
        drop(session);
        let path = std::path::Path::new("/vault/keys").join(&name);
        disk.write_atomic(&path, b"spoilt").expect("written");
        let mut session = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
        assert_eq!(session.vault().findings(), [crate::vault::Found::KeyFile(name)]);
        let values = vec![(Field::MemberName, Value::text("M. Clarke")), (Field::MemberRole, Value::code("deputy"))];
        let member = session.run(crate::ops::TeamAdd { values }).expect("added").made[0];
        session.introduce(member, "mclarke").expect("introduced");
        let after = session.card(false).expect("a card");
        assert_eq!((after.says().root, after.says().serial), (before.says().root, 2));
        assert_eq!(after.says().devices.len(), 2);
    }
}
