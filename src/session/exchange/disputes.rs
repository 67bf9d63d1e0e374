//! Two who send each other away, on computers that had not heard of each other: no rule settles it, so people see it.
//!
//! A removal names a place in the other's chain, and whoever was sent away can name a place as well: without a clock
//! that both obey nothing tells which was first, and a rank would let whoever founded the team void their own leaving.
//! So each computer stays with what it heard first, refuses the other side's word, and keeps here that it was said.
//! docs/adr/0012.

use std::collections::{BTreeSet, HashMap};

use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, ItemId};
use crate::domain::views::{Member, owner_name};
use crate::error::AppError;
use crate::log::{codec, sign};
use crate::session::Session;

use super::read::refuse;
use super::sync_take::Checked;

/// The note's name beside what other copies told: a cache, which the next refused bundle fills again.
const NOTE: &str = "removals";
/// So many are remembered.
const MOST: usize = 64;

/// Somebody who has left here sends away, elsewhere, somebody who has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Dispute {
    /// Who has left here.
    by: ItemId,
    /// Whom they send away.
    away: ItemId,
}

impl Session {
    /// Removals that computers of the team do not agree on, each in a sentence that says what to do.
    pub fn disputes(&self) -> Vec<String> {
        let name = |member: ItemId| owner_name(&self.state, Some(member)).into_owned();
        let stays = |member: ItemId| Member::get(&self.state, member).is_some_and(|member| !member.left());
        let heard = self.noted_disputes().into_iter().filter(|it| !stays(it.by) && stays(it.away)).map(|it| {
            let (by, away) = (name(it.by), name(it.away));
            let sides = match self.sent_away_by(it.by) {
                Some(remover) if remover == it.away => format!("{by} and {away} have each sent the other away"),
                Some(remover) => {
                    format!("{by}, whom {} sent away here, has sent {away} away on another computer", name(remover))
                }
                None => format!("{by}, who left here, has sent {away} away on another computer"),
            };
            format!(
                "{sides}: what that computer brings is not taken in here. Agree who stays; then begin the other side's \
                 copies anew from this one (device add), and write there again what is only in them."
            )
        });
        // This computer believed somebody before it heard that they had left.
        let left = self.state.items(ItemKind::Member).map(Member).filter(|member| member.left());
        let believed = left.filter_map(|member| {
            let head = member.0.register(Field::MemberLeft)?.heads().first()?;
            let stamp = self.state.stamp(head.entry)?;
            let beyond = stamp.author != member.0.id && self.state.is_beyond(stamp.device, stamp.lamport);
            beyond.then(|| {
                format!(
                    "{} sent {} away when they had left themselves: this computer believed it, and others of the team do \
                     not take in what it brings. Agree who stays; then begin this copy anew from one of theirs (device \
                     add), and write there again what is only here.",
                    name(stamp.author),
                    name(member.0.id)
                )
            })
        });
        let mut all: Vec<String> = heard.chain(believed).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Who said that a member left.
    fn sent_away_by(&self, member: ItemId) -> Option<ItemId> {
        let item = Member::get(&self.state, member)?.0;
        let head = item.register(Field::MemberLeft)?.heads().first()?;
        self.state.stamp(head.entry).map(|stamp| stamp.author)
    }

    /// Refuses what sends people away in the name of somebody who had left when it came, and keeps that it was said.
    ///
    /// # Errors
    /// With the sentence for whoever holds the bundle; nothing of it was taken in.
    pub(super) fn refuse_disputes(&self, checked: &[Checked]) -> Result<(), AppError> {
        let devices = self.late_devices(checked);
        let found: BTreeSet<Dispute> = checked.iter().flat_map(|it| self.disputed(it, &devices)).collect();
        if found.is_empty() {
            return Ok(());
        }
        let mut all = self.noted_disputes();
        all.extend(&found);
        let line = |it: &Dispute| format!("{} {}\n", it.by, it.away);
        self.vault.keep_sync_note(NOTE, &all.iter().take(MOST).map(line).collect::<String>());
        Err(refuse(
            "Somebody who left the team sends others away in this bundle.",
            "Nothing was changed. Vault health says who, and what to do. Where it is meant, a coordinator or deputy does it \
             here; then sync the other computer anew from this one.",
        ))
    }

    /// Whom an entry sends away that is not here yet, if its author has left here and signed it.
    fn disputed(&self, it: &Checked, devices: &HashMap<DeviceId, ([u8; 32], ItemId)>) -> Vec<Dispute> {
        let by = it.header.author;
        if !self.is_late_word(it) || !signed(it, devices) {
            return Vec::new();
        }
        let stays =
            |member: &ItemId| *member != by && Member::get(&self.state, *member).is_some_and(|member| !member.left());
        let away = facts(it).into_iter().filter_map(|fact| match fact {
            Fact::Revoked { device, .. } => self.state.device(device).map(|device| device.member),
            Fact::Set { item, field: Field::MemberLeft, value, .. } if !value.is_nothing() => Some(item),
            _ => None,
        });
        away.filter(stays).map(|away| Dispute { by, away }).collect()
    }

    /// Something about the team that is not here yet, in the name of somebody who has left here.
    fn is_late_word(&self, it: &Checked) -> bool {
        let header = &it.header;
        header.stream == self.state.team_stream()
            && header.vault == self.vault.id()
            && !self.ledger.contains(it.id)
            && Member::get(&self.state, header.author).is_some_and(Member::left)
    }

    /// The devices that are known, and those that somebody who left brings along for themselves. Whoever can seal to the
    /// team could claim any other.
    fn late_devices(&self, checked: &[Checked]) -> HashMap<DeviceId, ([u8; 32], ItemId)> {
        let known = self.state.devices().map(|(id, device)| (id, (device.key, device.member)));
        let mut devices: HashMap<_, _> = known.collect();
        // Entries come after those that they follow, so each is introduced before it signs.
        for it in checked.iter().filter(|it| self.is_late_word(it)) {
            let own = facts(it).into_iter().filter_map(|fact| match fact {
                Fact::Device { device, key, member } if member == it.header.author => Some((device, (key, member))),
                _ => None,
            });
            let own: Vec<_> = own.filter(|(device, (key, _))| sign::device_of(key) == *device).collect();
            if !own.is_empty() && signed(it, &devices) {
                for (device, is) in own {
                    devices.entry(device).or_insert(is);
                }
            }
        }
        devices
    }

    fn noted_disputes(&self) -> BTreeSet<Dispute> {
        let note = self.vault.sync_note(NOTE);
        let read = |line: &str| {
            let (by, away) = line.split_once(' ')?;
            Some(Dispute { by: ItemId::from_hex(by)?, away: ItemId::from_hex(away)? })
        };
        note.lines().take(MOST).filter_map(read).collect()
    }
}

fn facts(it: &Checked) -> Vec<Fact> {
    it.plain.as_ref().and_then(|plain| codec::decode_body(plain).ok()).unwrap_or_default()
}

/// True if a device of its author's signed an entry.
fn signed(it: &Checked, devices: &HashMap<DeviceId, ([u8; 32], ItemId)>) -> bool {
    let device = devices.get(&it.header.device).filter(|(_, member)| *member == it.header.author);
    device.is_some_and(|(key, _)| sign::verify_all([(key, it.record.header.as_slice(), &it.record.signature)]))
}
