//! The team's own card, and the root signer that makes it.
//!
//! The root is opened for the moment in which a card is signed, and by whom it is sealed to: coordinators, deputies and
//! the recovery words. Everybody else hands out the card that was made last, which is on the team's record.

use crate::bundle::card::{Card, CardDevice, MAX_NAME, Revoked, Says};
use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, ItemId};
use crate::domain::parish::Parish;
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::ops::{At, Plan};
use crate::vault::keys::epoch::RootSigner;
use crate::vault::keys::identity::{Recipient, Signer};

use super::Session;

impl Session {
    /// The team's card: with its devices, or short enough for a QR code. If what it says is no longer so and whoever
    /// asks leads the team, a new one is made first, with a higher serial.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is none yet and whoever asks may not make one; [`Kind::Io`].
    pub fn card(&mut self, short: bool) -> Result<Card> {
        if !self.card_is_current() && self.leads() && self.may_write() {
            self.renew_card()?;
        }
        let field = if short { Field::TeamCardShort } else { Field::TeamCard };
        self.newest(field).ok_or_else(|| {
            AppError::new(
                Kind::Refused,
                "The team has no card yet.",
                "Ask a coordinator or a deputy to make it: `mahoe peer card`.",
            )
        })
    }

    /// True if the card that was made last says what is so now.
    pub fn card_is_current(&self) -> bool {
        let (Some(card), Some(short)) = (self.newest(Field::TeamCard), self.newest(Field::TeamCardShort)) else {
            return false;
        };
        let fits = |says: &Says| says.same_content(card.says()) && says.short().same_content(short.says());
        card.says().leaders.is_some()
            && self.says_now(&card.says().root, card.says().leaders.clone()).is_ok_and(|says| fits(&says))
            && card.says().serial == short.says().serial
    }

    /// The team's root key; `None` before the first card was made.
    pub fn root(&self) -> Option<[u8; 32]> {
        self.newest(Field::TeamCard).map(|card| card.says().root)
    }

    fn leads(&self) -> bool {
        Member::get(&self.state, self.me).is_some_and(Member::leads)
    }

    /// The card with the highest serial among those on record: two laptops may each have made one.
    fn newest(&self, field: Field) -> Option<Card> {
        let team = self.state.item(self.state.team_stream().item())?;
        let heads = team.register(field)?.heads().iter();
        let cards = heads.filter_map(|head| Card::parse(head.value.as_str()?.as_bytes()).ok());
        cards.max_by_key(|card| card.says().serial)
    }

    /// What a card made now says; the serial is the caller's. The leaders' recipient follows the epoch as the team's own
    /// does, so that one tells of both whether they are still right.
    fn says_now(&self, root: &[u8; 32], leaders: Option<Recipient>) -> Result<Says> {
        let stream = self.state.team_stream();
        let team = self.state.item(stream.item());
        let parish = team.and_then(|team| team.value(Field::TeamParish).as_number());
        let parish = parish.and_then(|number| Parish::by_number(u8::try_from(number).ok()?));
        let parish = parish.ok_or_else(|| {
            AppError::new(Kind::Damaged, "The team's record names no parish.", "Run `mahoe vault verify`.")
        })?;
        let name = team.map_or("", |team| team.str(Field::TeamName));
        let name: String = clean::line(name).chars().take(MAX_NAME).collect();
        let name = clean::line_owned(&name);
        // Whoever holds the recovery words writes nothing that leaves the team.
        let devices = self.state.devices().filter(|(_, device)| device.member != stream.item());
        let mut devices: Vec<CardDevice> =
            devices.map(|(_, device)| CardDevice { key: device.key, member: device.member }).collect();
        devices.sort_unstable();
        Ok(Says {
            practice: self.practice(),
            parish,
            name: if name.is_empty() { format!("{} MDT", parish.name) } else { name },
            vault: self.vault.id(),
            root: *root,
            serial: 0,
            made: self.now(),
            recipient: self.vault.parish_recipient(),
            leaders,
            devices,
            revoked: self.revoked(),
        })
    }

    /// Devices of people who left, and devices whose chain forked: what they signed until now counts, nothing later.
    fn revoked(&self) -> Vec<Revoked> {
        let this = self.vault.participant().device().device_id();
        let team = self.state.team_stream().item();
        let left = |member: ItemId| Member::get(&self.state, member).is_some_and(Member::left);
        let forked = |id: DeviceId| id != this && self.ledger.forks().iter().any(|fork| fork.device == id);
        let gone = self.state.devices().filter(|(id, it)| it.member != team && (left(it.member) || forked(*id)));
        let mut revoked: Vec<Revoked> = gone
            .map(|(id, device)| Revoked { key: device.key, from: self.ledger.last_sequence(id).saturating_add(1) })
            .collect();
        revoked.sort_unstable();
        revoked
    }

    fn renew_card(&mut self) -> Result<()> {
        let known = self.newest(Field::TeamCard);
        let root = if let Some(card) = &known {
            self.vault.open_root(card.says().root_id())?
        } else {
            let people = self.root_keepers()?;
            self.vault.create_root(&people)?
        };
        self.make_card(&root, known.map_or(0, |card| card.says().serial))
    }

    /// The first card of a new team, under a root that is made here, or one that is given.
    pub(super) fn begin_card(&mut self, root: Option<Signer>) -> Result<()> {
        let people = self.root_keepers()?;
        let root = match root {
            Some(signer) => self.vault.adopt_root(signer, &people)?,
            None => self.vault.create_root(&people)?,
        };
        self.root_is_stale = false;
        self.make_card(&root, 0)
    }

    /// Signs what is so now, in both forms, and puts it on record.
    fn make_card(&mut self, root: &RootSigner, last: u64) -> Result<()> {
        let leaders = Some(self.vault.leaders_recipient(root));
        let says = Says { serial: last.saturating_add(1), ..self.says_now(&root.signer().public(), leaders)? };
        let short = Card::sign(says.short(), root.signer()).map_err(unsigned)?;
        let full = Card::sign(says, root.signer()).map_err(unsigned)?;
        let stream = self.state.team_stream();
        let at = At { stream, item: stream.item(), class: Class::Core };
        let mut plan = Plan::default();
        plan.set(&self.state, at, Field::TeamCard, Value::text(full.text()));
        plan.set(&self.state, at, Field::TeamCardShort, Value::text(short.text()));
        self.write(plan.facts).map(drop)
    }

    /// Whom the root is sealed to: whoever leads the team and can unlock, and the recovery words.
    fn root_keepers(&self) -> Result<Vec<Recipient>> {
        let leads = self.state.items(ItemKind::Member).map(Member).filter(|it| it.leads() && !it.left());
        let named = leads.map(|member| member.0.str(Field::MemberRecipient));
        let sheets = self.sheet_list(Field::TeamRecovery);
        let named = named.chain(sheets.iter().map(String::as_str)).filter(|text| !text.is_empty());
        let read = |text: &str| {
            text.parse().map_err(|_| {
                AppError::new(Kind::Damaged, "A key on the team's record can't be read.", "Run `mahoe vault verify`.")
            })
        };
        named.map(read).collect()
    }

    /// Notes that the root has to be sealed to others than before, where facts say so.
    pub(super) fn note_keepers(&mut self, facts: &[Placed]) {
        const TELLING: [Field; 4] = [Field::MemberRole, Field::MemberLeft, Field::MemberRecipient, Field::TeamRecovery];
        let tells = |placed: &Placed| matches!(placed.fact, Fact::Set { field, .. } if TELLING.contains(&field));
        self.root_is_stale |= facts.iter().any(tells);
    }

    /// Seals the root to whoever leads the team now, if that changed and whoever is at the keyboard can open it.
    pub(super) fn keep_root(&mut self) -> Result<()> {
        if !self.root_is_stale || self.held_back.is_some() {
            return Ok(());
        }
        self.root_is_stale = false;
        let Some(id) = self.newest(Field::TeamCard).map(|card| card.says().root_id()) else { return Ok(()) };
        // Whoever can't open it changed nothing about who leads.
        let Ok(root) = self.vault.open_root(id) else { return Ok(()) };
        let kept = self.root_keepers().and_then(|people| self.vault.store_root(&root, &people));
        self.root_is_stale = kept.is_err();
        kept
    }
}

fn unsigned(error: crate::bundle::card::CardError) -> AppError {
    AppError::new(
        Kind::Refused,
        format!("The team's card can't be made. {error}"),
        "A card holds 512 devices: ask whoever looks after mahoe to start the team's vault anew.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::TeamAdd;
    use crate::testing::team::{passphrase, place, team};
    use crate::vault::disk::MemoryDisk;

    fn put(session: &mut Session, field: Field, value: Value) {
        let stream = session.state.team_stream();
        let at = At { stream, item: stream.item(), class: Class::Core };
        let mut plan = Plan::default();
        plan.set(&session.state, at, field, value);
        session.write(plan.facts).expect("written");
    }

    #[test]
    fn a_team_without_a_card_gets_one_from_whoever_leads_and_from_nobody_else() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let before = session.root().expect("made with the vault");
        // As in a vault from before there were cards.
        put(&mut session, Field::TeamCard, Value::Nothing);
        put(&mut session, Field::TeamCardShort, Value::Nothing);
        let values = vec![(Field::MemberName, Value::text("D. Reid"))];
        let member = session.run(TeamAdd { values }).expect("added").made[0];
        let champion = session.introduce(member, "reid").expect("introduced");
        let coordinator = session.change_seat(champion);
        assert_eq!(session.card(false).expect_err("none yet").kind, Kind::Refused);
        session.change_seat(coordinator);
        let card = session.card(false).expect("made");
        assert_ne!(card.says().root, before);
        assert_eq!((card.says().serial, card.says().devices.len()), (1, 2));
        assert_eq!(session.card(true).map(|short| short.says().clone()), Ok(card.says().short()));
        drop(session);
        let mut session = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
        assert_eq!(session.card(false), Ok(card));
    }

    #[test]
    fn a_long_or_strange_name_still_makes_a_card() {
        let mut session = team(&MemoryDisk::new(), 1);
        put(&mut session, Field::TeamName, Value::text(&format!("{} \u{202e}end", "Saint Ann ".repeat(40))));
        let card = session.card(false).expect("made");
        assert!(card.says().name.chars().count() <= MAX_NAME && card.says().name.starts_with("Saint Ann Saint"));
        put(&mut session, Field::TeamName, Value::Nothing);
        assert_eq!(session.card(true).map(|card| card.says().name.clone()), Ok("Saint Ann MDT".to_owned()));
    }

    #[test]
    fn two_laptops_that_each_made_a_card_go_on_from_the_higher() {
        let mut session = team(&MemoryDisk::new(), 1);
        let first = session.card(false).expect("made");
        let root = session.vault.open_root(first.says().root_id()).expect("sealed to the coordinator");
        let there = Says { serial: 5, name: "Another".into(), ..first.says().clone() };
        let there = Card::sign(there, root.signer()).expect("signed");
        let stream = session.state.team_stream();
        let value = Value::text(there.text());
        let fact = Fact::Set { item: stream.item(), field: Field::TeamCard, value, replaces: Vec::new() };
        session.write(vec![Placed { stream, class: Class::Core, fact }]).expect("written");
        let next = session.card(false).expect("made");
        assert_eq!((next.says().serial, next.says().name.as_str()), (6, "Saint Ann MDT"));
    }
}
