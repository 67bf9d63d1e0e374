//! Recovery words after the first ones: new ones instead, and a second sheet for a second person.
//!
//! Words are put on record only once somebody has read two of them back from the paper. Words that are replaced open
//! nothing that is written afterwards: a new epoch begins, sealed to everybody but them.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, ItemId, KeyId, StreamId};
use crate::domain::item::Register;
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::ops::{At, Plan};
use crate::vault::keys::identity::Recipient;
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::keys::recovery::RecoveryWords;

use super::Session;

/// Most sheets in force at a time: more papers than that, and nobody knows where they are.
pub const MAX_SHEETS: usize = 4;

/// What new words are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// The only ones: those before open nothing that is written from now on.
    Instead,
    /// Further ones, on a sheet of their own for a second person; those before stay good.
    Further,
}

/// How the team stands with its recovery sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheets {
    /// How many are in force.
    pub all: usize,
    /// Of how many nobody has ever read the words back: they may be on no paper.
    pub unread: usize,
}

impl Session {
    /// How the team stands with its recovery sheets.
    pub fn sheets(&self) -> Sheets {
        let (all, read) = (self.sheet_list(Field::TeamRecovery), self.sheet_list(Field::TeamRecoveryRead));
        Sheets { all: all.len(), unread: all.iter().filter(|sheet| !read.contains(sheet)).count() }
    }

    /// What is unsafe about the team's keys, in a sentence that says what to do; `None` if all is well, or if it is for
    /// others to do.
    pub fn key_warning(&self) -> Option<&'static str> {
        let Sheets { all, unread } = self.sheets();
        if !Member::get(&self.state, self.me).is_some_and(Member::leads) {
            return None;
        }
        if self.leavers_are_named() {
            Some("Somebody who left can still open what is new: lock and unlock the vault.")
        } else if unread > 0 {
            Some("Nobody has read the recovery words back: make new ones (Vault, w).")
        } else if self.participants().len() < 2 {
            Some("Only one person can open this vault: Team, then K.")
        } else if all < 2 {
            Some("There is one recovery sheet: make a second for another person (Vault, W).")
        } else {
            None
        }
    }

    /// The recipients in a field of the team's, as text: all that any copy put there, the highest in the order first,
    /// without those that were replaced.
    pub(super) fn sheet_list(&self, field: Field) -> Vec<String> {
        let replaced = if field == Field::TeamReplaced { Vec::new() } else { self.sheet_list(Field::TeamReplaced) };
        let mut list: Vec<String> = Vec::new();
        let team = self.state.item(self.state.team_stream().item());
        let heads = team.and_then(|team| team.register(field)).map_or(&[][..], Register::heads);
        for sheet in heads.iter().filter_map(|head| head.value.as_str()).flat_map(str::split_whitespace) {
            if !replaced.iter().chain(&list).any(|known| known == sheet) {
                list.push(sheet.to_owned());
            }
        }
        list
    }

    /// Refuses a passphrase that is not the one of whoever unlocked the vault.
    ///
    /// # Errors
    /// [`Kind::Locked`].
    pub fn check_passphrase(&self, passphrase: &Passphrase) -> Result<()> {
        self.vault.check_passphrase(passphrase)
    }

    /// Words that are on no record yet: to be shown once, read back, and then kept with [`Session::keep_words`].
    ///
    /// # Errors
    /// [`Kind::Refused`] for members who may not, and for more sheets than [`MAX_SHEETS`].
    pub fn draw_words(&mut self, sheet: Sheet) -> Result<RecoveryWords> {
        if !Member::get(&self.state, self.me).is_some_and(Member::leads) {
            return Err(AppError::new(
                Kind::Refused,
                "Only a coordinator or a deputy can make recovery words.",
                "Ask one of them: Team lists who they are.",
            ));
        }
        if sheet == Sheet::Further && self.sheets().all >= MAX_SHEETS {
            return Err(AppError::new(
                Kind::Refused,
                format!("There are {MAX_SHEETS} recovery sheets already."),
                "Make new words that replace all of them, and give out sheets anew.",
            ));
        }
        Ok(RecoveryWords::random(&mut Drawn(self)))
    }

    /// Puts words on record that somebody has written down and read back. Says what follows.
    ///
    /// # Errors
    /// As [`Session::draw_words`]; [`Kind::Io`]: then the old words are still the ones that count, or the next unlock
    /// finishes.
    pub fn keep_words(&mut self, words: &RecoveryWords, sheet: Sheet) -> Result<String> {
        if self.held_back.is_some() {
            return Err(AppError::new(Kind::Refused, "New words can't be one of several steps.", "Make them alone."));
        }
        match sheet {
            Sheet::Instead => self.replace_words(words)?,
            Sheet::Further => self.add_words(words)?,
        }
        self.undo.clear();
        self.follow_readers()?;
        self.settle()?;
        let others = self.waiting_for_their_members();
        let mut says = match sheet {
            Sheet::Instead => "The new recovery words count from now on. Destroy the old sheets: with a copy of the vault from before today they still open that copy.".to_owned(),
            Sheet::Further => format!("There are {} recovery sheets now; each opens the vault.", self.sheets().all),
        };
        if others > 0 {
            says = format!("{says} Cases that only others may read ({others}) follow when one of them unlocks.");
        }
        Ok(says)
    }

    /// Records that the words of a sheet in force were read back from the paper. False if these are no words of this
    /// vault, or no longer.
    ///
    /// # Errors
    /// [`Kind::Io`] if it could not be recorded.
    pub fn words_read_back(&mut self, words: &RecoveryWords) -> Result<bool> {
        let recipient = words.identity().recipient().to_string();
        if !self.sheet_list(Field::TeamRecovery).contains(&recipient) {
            return Ok(false);
        }
        let mut read = self.sheet_list(Field::TeamRecoveryRead);
        if !read.contains(&recipient) {
            read.push(recipient);
            let mut plan = Plan::default();
            plan.set(&self.state, self.team(), Field::TeamRecoveryRead, Value::text(&read.join(" ")));
            self.write(plan.facts)?;
            self.settle()?;
        }
        Ok(true)
    }

    fn team(&self) -> At {
        let stream = self.state.team_stream();
        At { stream, item: stream.item(), class: Class::Core }
    }

    /// The facts that put a sheet on record beside `others`, and an epoch's facts with it.
    fn sheet_facts(&self, words: &RecoveryWords, others: &[String], epoch: Fact) -> Vec<Placed> {
        let (team, recipient) = (self.team(), words.identity().recipient().to_string());
        let with = |field: Field| {
            let mut list = self.sheet_list(field);
            list.retain(|sheet| others.contains(sheet));
            list.push(recipient.clone());
            Value::text(&list.join(" "))
        };
        let mut plan = Plan::default();
        for field in [Field::TeamRecovery, Field::TeamRecoveryRead] {
            plan.set(&self.state, team, field, with(field));
        }
        plan.facts.extend(self.replaced_facts(others));
        let signer = words.signer();
        let rescuer = Fact::Device { device: signer.device_id(), key: signer.public(), member: team.item };
        for fact in [rescuer, epoch] {
            plan.facts.push(Placed { stream: team.stream, class: Class::Core, fact });
        }
        plan.facts
    }

    /// The facts by which every sheet but `others` is replaced, in every copy: they open nothing new, and what their
    /// words sign counts no longer.
    fn replaced_facts(&self, others: &[String]) -> Vec<Placed> {
        let team = self.team();
        let replaced: Vec<String> =
            self.sheet_list(Field::TeamRecovery).into_iter().filter(|sheet| !others.contains(sheet)).collect();
        if replaced.is_empty() {
            return Vec::new();
        }
        let mut all = self.sheet_list(Field::TeamReplaced);
        all.extend(replaced);
        let mut plan = Plan::default();
        plan.set(&self.state, team, Field::TeamReplaced, Value::text(&all.join(" ")));
        if others.is_empty() {
            plan.facts.extend(self.revoke_devices_of(team.item));
        }
        plan.facts
    }

    /// The facts by which the devices of a member count no longer beyond what is here.
    pub(super) fn revoke_devices_of(&self, member: ItemId) -> Vec<Placed> {
        let stream = self.state.team_stream();
        let theirs = self.state.devices().filter(|(id, device)| device.member == member && !self.state.is_revoked(*id));
        let mut upto: BTreeMap<DeviceId, u64> = theirs.map(|(id, _)| (id, 0)).collect();
        if upto.is_empty() {
            return Vec::new();
        }
        for stamp in self.state.entries_of(stream) {
            if let Some(upto) = upto.get_mut(&stamp.device) {
                *upto = stamp.lamport.max(*upto);
            }
        }
        let fact = |(device, upto)| Placed { stream, class: Class::Core, fact: Fact::Revoked { device, upto } };
        upto.into_iter().map(fact).collect()
    }

    /// A new epoch, sealed to everybody who may open the one in force, and to these words instead of the others.
    fn replace_words(&mut self, words: &RecoveryWords) -> Result<()> {
        let team = self.team().item;
        let mut recipients = self.standing_recipients();
        recipients.push((team, words.identity().recipient().to_string()));
        recipients.sort();
        recipients.dedup();
        self.begin_epoch(recipients, |session, epoch| session.sheet_facts(words, &[], epoch))
    }

    /// A new epoch for these recipients; `facts` puts it on record.
    pub(super) fn begin_epoch(
        &mut self,
        recipients: Vec<(ItemId, String)>,
        facts: impl FnOnce(&Self, Fact) -> Vec<Placed>,
    ) -> Result<()> {
        let key = self.vault.prepare_epoch(&parsed(&recipients)?)?;
        // Two copies may each have begun one: whoever begins the next joins them.
        let held = |key: &KeyId| self.vault.holds_epoch(*key);
        let newest = self.state.newest_epochs().map(|epoch| epoch.key).filter(held);
        let follows: BTreeSet<KeyId> = newest.chain([self.vault.epoch()]).collect();
        let follows = follows.into_iter().collect();
        let facts = facts(self, Fact::Epoch { key, follows, recipients });
        if let Err(error) = self.write(facts) {
            self.vault.drop_epoch(key);
            return Err(error);
        }
        // Before the epoch, because a cut in between is noticed by the epoch.
        self.keep_root()?;
        let named = self.state.epochs().to_vec();
        if let Err(error) = self.vault.enter_epoch(key, &named) {
            // What is sealed under which key is not known now.
            self.half_folded = true;
            return Err(error);
        }
        self.refold()
    }

    /// The recovery sheets in force, as an epoch names them.
    pub(super) fn sheet_recipients(&self) -> Vec<(ItemId, String)> {
        let team = self.team().item;
        self.sheet_list(Field::TeamRecovery).into_iter().map(|sheet| (team, sheet)).collect()
    }

    /// The epoch in force, sealed to these words too.
    fn add_words(&mut self, words: &RecoveryWords) -> Result<()> {
        let new = vec![(self.team().item, words.identity().recipient().to_string())];
        let mut all = self.epoch_recipients()?;
        all.extend(parsed(&new)?);
        self.vault.announce_reseal(&all)?;
        let key = self.vault.epoch();
        let others = self.sheet_list(Field::TeamRecovery);
        let facts = self.sheet_facts(words, &others, Fact::Epoch { key, follows: Vec::new(), recipients: new });
        let written = self.write(facts).and_then(|_| self.keep_root());
        let named = self.state.epochs().to_vec();
        let recipients = self.epoch_recipients()?;
        self.vault.finish_epochs(&named, &recipients)?;
        written
    }

    /// Everybody who is to open what is written now, as the entries stand: members on the roster with the key that each
    /// has (two, where they got one in each of two copies), and the sheets in force.
    pub(super) fn due_recipients(&self) -> Vec<(ItemId, String)> {
        let mut due = self.standing_recipients();
        due.extend(self.sheet_recipients());
        due.sort();
        due.dedup();
        due
    }

    fn standing_recipients(&self) -> Vec<(ItemId, String)> {
        let standing = self.state.items(ItemKind::Member).map(Member).filter(|member| !member.left());
        let keys = standing.flat_map(|member| {
            let heads = member.0.register(Field::MemberRecipient).map_or(&[][..], Register::heads);
            heads.iter().filter_map(move |head| Some((member.0.id, head.value.as_str()?.to_owned())))
        });
        keys.filter(|(_, recipient)| !recipient.is_empty()).collect()
    }

    /// Seals the epoch in force to those who are to open it and were named for another only: they were added in one copy
    /// while another began an epoch. Says whether there were any.
    ///
    /// # Errors
    /// [`Kind::Io`]: what was not finished is tried again at the next unlock.
    pub(super) fn let_members_in(&mut self) -> Result<bool> {
        if !self.may_lead_on() {
            return Ok(false);
        }
        let named = self.recipients_in_force();
        let missing: Vec<(ItemId, String)> =
            self.due_recipients().into_iter().filter(|due| !named.contains(due)).collect();
        // One that no entry names any more is not made good by this.
        if missing.is_empty() || named.is_empty() {
            return Ok(false);
        }
        let mut all = parsed(named)?;
        all.extend(parsed(&missing)?);
        self.vault.announce_reseal(&all)?;
        let fact = Fact::Epoch { key: self.vault.epoch(), follows: Vec::new(), recipients: missing };
        let written = self.write(vec![Placed { stream: self.state.team_stream(), class: Class::Core, fact }]);
        let named = self.state.epochs().to_vec();
        let recipients = self.epoch_recipients()?;
        self.vault.finish_epochs(&named, &recipients)?;
        self.undo.clear();
        written.map(|_| true)
    }

    /// True for whoever leads the team, while their device may write.
    pub(super) fn may_lead_on(&self) -> bool {
        self.held_back.is_none() && self.may_write() && Member::get(&self.state, self.me).is_some_and(Member::leads)
    }

    /// Whom the epoch in force is sealed to, by the entries.
    pub(super) fn recipients_in_force(&self) -> &[(ItemId, String)] {
        let epoch = self.state.epochs().iter().find(|epoch| epoch.key == self.vault.epoch());
        epoch.map_or(&[][..], |epoch| &epoch.recipients)
    }

    /// Finishes what a cut left of a change of epoch or of sheets, and refuses keys that are no longer good.
    ///
    /// # Errors
    /// [`Kind::Locked`] for keys that open only what was written before; [`Kind::Io`].
    pub(super) fn settle_epochs(&mut self) -> Result<()> {
        let named = self.state.epochs().to_vec();
        // What is on record is asked only where something is to be finished.
        let unfinished = self.vault.keys_are_unfinished();
        let recipients = if unfinished { self.epoch_recipients()? } else { Vec::new() };
        let finished = self.vault.finish_epochs(&named, &recipients)?;
        if self.vault.settle_on(&named)? || finished {
            // The working store holds blocks under the old key.
            self.vault.renew_store()?;
            self.refold()?;
        }
        if unfinished {
            self.root_is_stale = true;
            // Whoever can't open the root, or finds the disk full, leaves it to the next.
            let _ = self.keep_root();
        }
        let newer = |epoch: &&crate::domain::state::Epoch| {
            epoch.follows.contains(&self.vault.epoch()) && !self.vault.holds_epoch(epoch.key)
        };
        match named.iter().find(newer) {
            None => Ok(()),
            Some(epoch) if self.vault.has_epoch_file(epoch.key) => Err(AppError::new(
                Kind::Locked,
                "These keys were replaced by newer ones.",
                "Use the newer recovery sheet, or ask the coordinator for a key.",
            )),
            Some(_) => Err(AppError::new(
                Kind::Damaged,
                "The team's newest key file is in no copy of this vault.",
                "Restore the newest backup, or fetch the vault from another of the team's devices.",
            )),
        }
    }

    /// Seals the restricted cases that whoever is here may read to everybody who is to read them by now: the sheets in
    /// force, and members who got other keys. Each copy does so for itself, as soon as one of them unlocks it.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub(super) fn follow_readers(&mut self) -> Result<()> {
        for (stream, people) in self.restricted_to(self.me)? {
            self.vault.rewrap(stream, &people)?;
        }
        Ok(())
    }

    /// How many restricted cases are still sealed to earlier sheets, because nobody who may read them has unlocked.
    fn waiting_for_their_members(&self) -> usize {
        let mine: Vec<StreamId> =
            self.restricted_to(self.me).unwrap_or_default().into_iter().map(|(stream, _)| stream).collect();
        let others = self.vault.restricted_streams();
        others.iter().filter(|stream| !mine.contains(stream)).count()
    }
}

/// Randomness from the vault's own source.
struct Drawn<'a>(&'a mut Session);

impl crate::vault::seal::Entropy for Drawn<'_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.vault.random(bytes);
    }
}

fn parsed(recipients: &[(ItemId, String)]) -> Result<Vec<Recipient>> {
    let read = |(_, text): &(ItemId, String)| {
        text.parse().map_err(|_| {
            AppError::new(Kind::Damaged, "A key on the team's record can't be read.", "Run `mahoe vault verify`.")
        })
    };
    recipients.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{CaseNote, CaseOpen, TeamAdd};
    use crate::session::NewPerson;
    use crate::testing::entropy::SeededEntropy;
    use crate::testing::team::{case, new_team, passphrase, place, work};
    use crate::vault::disk::MemoryDisk;

    const OTHER: &str = "breadfruit morning river stone";

    fn other() -> Passphrase {
        Passphrase::new(OTHER).expect("fine")
    }

    fn fresh() -> Passphrase {
        Passphrase::new("mango rain on the roof").expect("fine")
    }

    /// A team of two who can unlock, the second with a case that only they may read.
    fn started(disk: &MemoryDisk) -> (Session, RecoveryWords, ItemId) {
        let first = passphrase();
        let (mut session, words) = Session::create(place(disk, 1), &new_team(&first)).expect("created");
        let add = TeamAdd { values: vec![(Field::MemberName, Value::text("B. Sample"))] };
        let member = session.run(add).expect("added").made[0];
        let person = NewPerson { member, handle: "bsample", passphrase: &other(), work: work() };
        session.add_participant(&person).expect("can unlock");
        (session, words, member)
    }

    fn unlock(disk: &MemoryDisk, handle: &str, passphrase: &Passphrase, seed: u64) -> Session {
        Session::unlock(place(disk, seed), handle, passphrase).expect("unlocked")
    }

    fn recovers(disk: &MemoryDisk, words: &RecoveryWords, seed: u64) -> Result<()> {
        Session::recover(place(disk, seed), "abrown", words, &fresh(), work())
    }

    fn note(session: &mut Session, case: ItemId, text: &str) {
        let kind = "general".into();
        session.run(CaseNote { cases: vec![case], kind, class: None, text: text.into(), when: None }).expect("noted");
    }

    fn good(session: &mut Session) {
        assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }

    #[test]
    fn words_that_were_replaced_open_nothing_any_more_and_the_new_ones_everything() {
        let disk = MemoryDisk::new();
        let (mut session, old, member) = started(&disk);
        let open = case(&mut session, "It began here");
        let before = disk.power_cut(0);
        assert_eq!(session.sheets(), Sheets { all: 1, unread: 1 });
        let old_epoch = session.vault().epoch();
        let new = session.draw_words(Sheet::Instead).expect("drawn");
        assert_eq!(session.sheets(), Sheets { all: 1, unread: 1 }, "nothing counts before they are kept");
        session.keep_words(&new, Sheet::Instead).expect("kept");
        assert_eq!(session.sheets(), Sheets { all: 1, unread: 0 });
        assert_ne!(session.vault().epoch(), old_epoch);
        assert!(!session.vault().has_epoch_file(old_epoch), "the old words have no file left here");
        note(&mut session, open, "written after the change");
        good(&mut session);
        drop(session);
        assert_eq!(recovers(&disk, &old, 3).expect_err("replaced").kind, Kind::Locked);
        // Both people go on as before.
        let mut theirs = unlock(&disk, "bsample", &other(), 4);
        assert_eq!(theirs.vault().findings(), []);
        note(&mut theirs, open, "by the other one");
        drop(theirs);
        recovers(&disk, &new, 5).expect("recovered");
        let mut session = unlock(&disk, "abrown", &fresh(), 6);
        assert_eq!(session.participants().len(), 2);
        assert!(session.participants().contains(&member));
        good(&mut session);
        assert!(session.card(false).is_ok(), "whoever leads can still sign the team's card");
        // A copy from before is what it was.
        recovers(&before, &old, 7).expect("the old sheet opens the old copy");
    }

    #[test]
    fn a_further_sheet_opens_the_vault_too_and_replacing_ends_both() {
        let disk = MemoryDisk::new();
        let (mut session, first, _) = started(&disk);
        assert!(session.key_warning().is_some_and(|says| says.contains("read")));
        assert!(session.words_read_back(&first).expect("recorded"));
        let strange = RecoveryWords::random(&mut SeededEntropy::new(9));
        assert!(!session.words_read_back(&strange).expect("looked up"));
        assert!(session.key_warning().is_some_and(|says| says.contains("second")));
        let second = session.draw_words(Sheet::Further).expect("drawn");
        session.keep_words(&second, Sheet::Further).expect("kept");
        assert_eq!((session.sheets(), session.key_warning()), (Sheets { all: 2, unread: 0 }, None));
        drop(session);
        for (words, seed) in [(&first, 3), (&second, 4)] {
            recovers(&disk, words, seed).expect("recovered");
        }
        let mut session = unlock(&disk, "abrown", &fresh(), 5);
        let third = session.draw_words(Sheet::Instead).expect("drawn");
        session.keep_words(&third, Sheet::Instead).expect("kept");
        drop(session);
        for (words, seed) in [(&first, 6), (&second, 7)] {
            assert_eq!(recovers(&disk, words, seed).expect_err("replaced").kind, Kind::Locked);
        }
        recovers(&disk, &third, 8).expect("recovered");
        let mut session = unlock(&disk, "abrown", &fresh(), 9);
        for _ in 1..MAX_SHEETS {
            let words = session.draw_words(Sheet::Further).expect("room");
            session.keep_words(&words, Sheet::Further).expect("kept");
        }
        assert_eq!(session.draw_words(Sheet::Further).err().map(|error| error.kind), Some(Kind::Refused));
        good(&mut session);
    }

    #[test]
    fn only_who_leads_makes_words() {
        let disk = MemoryDisk::new();
        let (session, ..) = started(&disk);
        drop(session);
        let mut theirs = unlock(&disk, "bsample", &other(), 2);
        assert_eq!(theirs.draw_words(Sheet::Instead).err().map(|error| error.kind), Some(Kind::Refused));
        assert_eq!(theirs.check_passphrase(&passphrase()).expect_err("not theirs").kind, Kind::Locked);
        theirs.check_passphrase(&other()).expect("theirs");
    }

    #[test]
    fn restricted_cases_follow_to_new_sheets_when_somebody_who_may_read_them_unlocks() {
        let disk = MemoryDisk::new();
        let (mut session, old, member) = started(&disk);
        let values = vec![(Field::CaseConcern, Value::text("It touches the coordinator"))];
        let restricted_to = vec![member];
        let hidden = session.run(CaseOpen { values, restricted_to, ..CaseOpen::default() }).expect("opened").made[0];
        let new = session.draw_words(Sheet::Instead).expect("drawn");
        let says = session.keep_words(&new, Sheet::Instead).expect("kept");
        assert!(says.contains("follow when one of them unlocks"), "{says}");
        drop(session);
        let theirs = unlock(&disk, "bsample", &other(), 3);
        assert_eq!(theirs.waiting_for_their_members(), 0);
        let count = theirs.state().entry_count();
        drop(theirs);
        assert_eq!(unlock(&disk, "bsample", &other(), 4).state().entry_count(), count, "once");
        // They lose their passphrase: the new sheet brings the case back to them, the old one nothing.
        let lost =
            |words: &RecoveryWords, seed| Session::recover(place(&disk, seed), "bsample", words, &fresh(), work());
        assert_eq!(lost(&old, 5).expect_err("replaced").kind, Kind::Locked);
        lost(&new, 6).expect("recovered");
        let theirs = unlock(&disk, "bsample", &fresh(), 7);
        let concern = theirs.state().item(hidden).map(|case| case.str(Field::CaseConcern).to_owned());
        assert_eq!(concern.as_deref(), Some("It touches the coordinator"));
    }

    #[test]
    fn a_power_cut_while_words_change_leaves_one_good_sheet_and_everybody_in() {
        for sheet in [Sheet::Instead, Sheet::Further] {
            let (mut whole, mut at) = (false, 0);
            while !whole {
                let disk = MemoryDisk::new();
                let (mut session, old, _) = started(&disk);
                let new = session.draw_words(sheet).expect("drawn");
                disk.crash_at(disk.operations() + at);
                whole = session.keep_words(&new, sheet).is_ok();
                drop(session);
                let disk = disk.power_cut(at * 8 + 1);
                let told = format!("{sheet:?}, cut at {at}");
                let mut again = Session::unlock(place(&disk, 3), "abrown", &passphrase())
                    .unwrap_or_else(|error| panic!("{told}: {error}"));
                good(&mut again);
                let new_counts =
                    again.sheet_list(Field::TeamRecovery).contains(&new.identity().recipient().to_string());
                assert!(new_counts || !whole, "{told}");
                drop(again);
                assert_eq!(unlock(&disk, "bsample", &other(), 4).vault().findings(), [], "{told}");
                let with = |words: &RecoveryWords, seed| recovers(&disk.power_cut(seed), words, seed).is_ok();
                assert_eq!(with(&new, 5), new_counts, "{told}: the new sheet");
                assert_eq!(with(&old, 6), !new_counts || sheet == Sheet::Further, "{told}: the old sheet");
                at += 3;
            }
            assert!(at > 20, "{at} moments");
        }
    }
}
