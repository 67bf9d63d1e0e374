//! How a session begins: a new team, an unlock, and another person on the same laptop.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::dates;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::idtable::IdMap;
use crate::domain::parish;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::log::order::Ledger;
use crate::ops::{At, Plan};
use crate::policy;
use crate::vault::disk::{Disk, RealDisk};
use crate::vault::keys::identity::{Recipient, Signer};
use crate::vault::keys::participant::Participant;
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};
use crate::vault::keys::recovery::RecoveryWords;
use crate::vault::seal::{Entropy, OsEntropy};
use crate::vault::{NewVault, Setup, Vault};

use super::{Clock, Session};

/// Where a vault lies, and what it is opened with.
pub struct Place {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// The folder.
    pub root: PathBuf,
    /// True for tests: nothing is locked and the working store is in memory.
    pub in_memory: bool,
    /// True if whoever opens it compares the rest of the copies while idle ([`Session::check_more`]): the first screen
    /// need not wait for that.
    pub check_later: bool,
    /// Where this computer keeps its marks of vaults, by which it sees that a folder was restored or copied; `None` for
    /// none.
    pub marks: Option<PathBuf>,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// Randomness.
    pub entropy: Box<dyn Entropy>,
}

impl Place {
    /// A folder on this computer.
    pub fn real(root: &Path, clock: Box<dyn Clock>) -> Self {
        Self {
            disk: Arc::new(RealDisk),
            root: root.to_path_buf(),
            in_memory: false,
            check_later: false,
            marks: None,
            clock,
            entropy: Box::new(OsEntropy),
        }
    }

    pub(super) fn setup(self) -> (Setup, Box<dyn Clock>) {
        let Self { disk, root, in_memory, check_later, marks, clock, entropy } = self;
        let stamp = stamp(clock.now());
        (Setup { disk, root, in_memory, check_later, marks, stamp, entropy }, clock)
    }
}

/// Local time for people and file names alike.
fn stamp(now: DateTime<Utc>) -> String {
    now.with_timezone(&dates::jamaica()).format("%Y-%m-%d %H.%M.%S").to_string()
}

/// What `init` asks for.
pub struct NewTeam<'a> {
    /// ISO 3166-2 code: `JM-06`.
    pub parish: &'a str,
    /// The coordinator's name.
    pub name: &'a str,
    /// Their handle.
    pub handle: &'a str,
    /// Their agency's code.
    pub agency: &'a str,
    /// Their role's code.
    pub role: &'a str,
    /// The team's name; "Saint Ann MDT" if empty.
    pub team: &'a str,
    /// A practice vault.
    pub practice: bool,
    /// Their passphrase.
    pub passphrase: &'a Passphrase,
    /// How hard guessing it is made.
    pub work: WorkFactor,
}

/// A member who is to unlock this vault too.
pub struct NewPerson<'a> {
    /// Who, on the roster.
    pub member: ItemId,
    /// What they type at unlock.
    pub handle: &'a str,
    /// The passphrase that they typed themselves.
    pub passphrase: &'a Passphrase,
    /// How hard guessing it is made.
    pub work: WorkFactor,
}

impl Session {
    /// Starts a team's vault. The recovery words are shown once.
    ///
    /// # Errors
    /// [`Kind::Refused`] for an unknown parish, a missing name, or a vault that is there already; [`Kind::Io`].
    pub fn create(place: Place, new: &NewTeam<'_>) -> Result<(Self, RecoveryWords)> {
        Self::create_under(place, new, None)
    }

    /// As [`Session::create`], under a root signer that is given: for practice teams whose card ships with mahoe.
    ///
    /// # Errors
    /// As [`Session::create`].
    pub fn create_under(place: Place, new: &NewTeam<'_>, root: Option<Signer>) -> Result<(Self, RecoveryWords)> {
        let parish = parish::Parish::parse(new.parish)
            .map_err(|error| AppError::new(Kind::Refused, error.to_string(), "Give its code: JM-06 is Saint Ann."))?;
        let name = clean::line_owned(new.name);
        if name.is_empty() {
            return Err(AppError::new(
                Kind::Refused,
                "The name is missing.",
                "Give your name as the team knows it: \"A. Brown\".",
            ));
        }
        if !matches!(new.role, "coordinator" | "deputy") {
            return Err(AppError::new(
                Kind::Refused,
                "Whoever starts a vault is its coordinator or deputy.",
                "Use --role coordinator, and add the others afterwards.",
            ));
        }
        let (mut setup, clock) = place.setup();
        let mut member = [0; 16];
        setup.entropy.fill(&mut member);
        let member = ItemId(member);
        let vault = NewVault {
            parish: &parish.to_string(),
            practice: new.practice,
            handle: new.handle,
            member,
            passphrase: new.passphrase,
            work: new.work,
        };
        let (vault, words) = Vault::create(setup, &vault)?;
        let mut session = Self::empty(vault, clock, member);
        let facts = session.genesis(new, &name, parish, &words);
        session.all_or_nothing(|session| {
            session.write(facts)?;
            session.begin_card(root)
        })?;
        session.vault.leave_mark();
        session.settle()?;
        Ok((session, words))
    }

    /// Unlocks a vault and folds it.
    ///
    /// # Errors
    /// [`Kind::Locked`] for an unknown handle and a wrong passphrase alike, and as the vault gives them.
    pub fn unlock(place: Place, handle: &str, passphrase: &Passphrase) -> Result<Self> {
        let (setup, clock) = place.setup();
        let vault = Vault::unlock(setup, handle, passphrase)?;
        let member = vault.participant().member();
        let mut session = Self::empty(vault, clock, member);
        session.fill()?;
        session.settle_device(passphrase)?;
        if !session.half_folded {
            // Nobody is kept out by it: the next unlock tries again.
            let _ = session.follow_readers();
            let _ = session.let_leavers_go();
            let _ = session.let_members_in();
            let _ = session.follow_recipients();
            session.tidy_documents();
        }
        Ok(session)
    }

    pub(super) fn empty(vault: Vault, clock: Box<dyn Clock>, me: ItemId) -> Self {
        let pack = policy::builtin().clone();
        Self {
            state: State::new(vault.id()),
            vault,
            ledger: Ledger::default(),
            calendar: pack.calendar(),
            pack,
            policy_trouble: None,
            clock,
            me,
            blocks: IdMap::default(),
            undo: Vec::new(),
            held_back: None,
            staged: None,
            placed: Vec::new(),
            arriving: Vec::new(),
            accessed: HashSet::new(),
            refused_entries: 0,
            stale: HashSet::new(),
            unfinished_strike: false,
            half_folded: false,
            forked: false,
            root_is_stale: false,
            today: RefCell::default(),
            words: RefCell::default(),
        }
    }

    pub(super) fn fill(&mut self) -> Result<()> {
        self.take_in(Vault::load)?;
        if self.ledger.is_empty() && self.ledger.parked().next().is_none() {
            return Err(AppError::new(
                Kind::Damaged,
                "This vault was never finished, or its journal is gone.",
                "If it was just being made, make it again with `mahoe init`; else restore the newest backup.",
            ));
        }
        // A strike whose destruction a power cut interrupted is finished now.
        if self.unfinished_strike || self.state.strikes().any(|entry| self.state.is_folded(entry)) {
            let undone = self.state.strikes().collect::<Vec<_>>();
            self.finish_strikes(&undone)?;
        }
        // What a bundle brought that was set aside later.
        self.refold_stale()?;
        self.read_policy();
        if self.state.epochs().is_empty() && self.state.unreadable(self.state.team_stream(), Class::Core) > 0 {
            return Err(AppError::new(
                Kind::Damaged,
                "The keys to the team's own record are in no copy of the key ring.",
                "Restore the newest backup, or fetch the vault from another of the team's devices.",
            ));
        }
        let now = self.vault.epoch();
        let named = self.state.epochs().iter().any(|epoch| epoch.key == now);
        // One that only a leaver began is left for the one that counts, if that is at hand.
        let left = || {
            self.state.doubts_epoch(now) && self.state.epochs().iter().any(|epoch| self.vault.holds_epoch(epoch.key))
        };
        if !named && !left() {
            return Err(AppError::new(
                Kind::Damaged,
                "The team's key in this folder is not the one that the team's own record names.",
                "Somebody may have swapped it: restore the newest backup, and tell the coordinator.",
            ));
        }
        self.settle_epochs()
    }

    /// The first facts of a vault: the team, its agencies, its first member, their device, the first epoch.
    fn genesis(&mut self, new: &NewTeam<'_>, name: &str, parish: parish::Parish, words: &RecoveryWords) -> Vec<Placed> {
        let stream = self.state.team_stream();
        let team = At { stream, item: stream.item(), class: Class::Core };
        let team_name = clean::line_owned(new.team);
        let team_name = if team_name.is_empty() { format!("{} MDT", parish.name) } else { team_name };
        let recovery = words.identity().recipient().to_string();
        let mut plan = Plan::default();
        plan.create(team, ItemKind::Team);
        plan.set(&self.state, team, Field::TeamName, Value::text(&team_name));
        plan.set(&self.state, team, Field::TeamParish, Value::Number(i64::from(parish.number)));
        plan.set(&self.state, team, Field::TeamPractice, Value::YesNo(new.practice));
        plan.set(&self.state, team, Field::TeamRecovery, Value::text(&recovery));
        let wanted = clean::line_owned(new.agency);
        let mut own = None;
        let mut agencies: Vec<(String, String, String)> =
            self.pack.agencies.iter().map(|a| (a.code.clone(), a.name.clone(), a.kind.clone())).collect();
        if !wanted.is_empty() && !agencies.iter().any(|(code, ..)| code.eq_ignore_ascii_case(&wanted)) {
            agencies.push((wanted.clone(), String::new(), String::new()));
        }
        for (code, name, kind) in agencies {
            let mut id = [0; 16];
            self.vault.random(&mut id);
            let at = At { stream, item: ItemId(id), class: Class::Core };
            if code.eq_ignore_ascii_case(&wanted) {
                own = Some(at.item);
            }
            plan.create(at, ItemKind::Agency);
            plan.set(&self.state, at, Field::AgencyCode, Value::text(&code));
            plan.set(&self.state, at, Field::AgencyName, Value::text(&name));
            plan.set(&self.state, at, Field::AgencyKind, Value::code(&kind));
        }
        let me = At { stream, item: self.me, class: Class::Core };
        let recipient = self.vault.recipient().to_string();
        plan.create(me, ItemKind::Member);
        plan.set(&self.state, me, Field::MemberName, Value::text(name));
        plan.set(&self.state, me, Field::MemberHandle, Value::text(new.handle));
        plan.set(&self.state, me, Field::MemberRole, Value::code(new.role));
        plan.set(&self.state, me, Field::MemberAgency, own.map_or(Value::Nothing, Value::Item));
        plan.set(&self.state, me, Field::MemberRecipient, Value::text(&recipient));
        let signer = self.vault.participant().device();
        let device = Fact::Device { device: signer.device_id(), key: signer.public(), member: self.me };
        let signer = words.signer();
        let rescuer = Fact::Device { device: signer.device_id(), key: signer.public(), member: team.item };
        let mut recipients = vec![(self.me, recipient), (team.item, recovery)];
        recipients.sort();
        let epoch = Fact::Epoch { key: self.vault.epoch(), follows: Vec::new(), recipients };
        for fact in [device, rescuer, epoch] {
            plan.facts.push(Placed { stream, class: Class::Core, fact });
        }
        plan.facts
    }

    /// Lets a member of the team unlock this vault: their keys are made here, under a passphrase that they type
    /// themselves.
    ///
    /// # Errors
    /// [`Kind::Refused`] if the caller may not, or the handle is taken; [`Kind::Io`].
    pub fn add_participant(&mut self, person: &NewPerson<'_>) -> Result<()> {
        let keys = self.introduce(person.member, person.handle)?;
        self.store_participant(&keys, person.handle, person.passphrase, person.work)?;
        self.settle()
    }

    /// Makes keys for a member and puts them on record; nothing is stored that they could unlock with.
    ///
    /// # Errors
    /// As [`Session::add_participant`].
    pub fn introduce(&mut self, member: ItemId, handle: &str) -> Result<Participant> {
        if !Member::get(&self.state, self.me).is_some_and(Member::leads) {
            return Err(AppError::new(
                Kind::Refused,
                "Only a coordinator or a deputy can give somebody a key to this vault.",
                "Ask one of them: Team lists who they are.",
            ));
        }
        let Some(item) = Member::get(&self.state, member).filter(|member| !member.left()) else {
            return Err(AppError::new(Kind::Refused, "There is no such member.", "Add them to the team first."));
        };
        if self.vault.config().find(handle).is_some() || self.participants().contains(&member) {
            return Err(AppError::new(
                Kind::Refused,
                "This member, or somebody with this handle, can unlock already.",
                "Choose another handle, or have them change their passphrase.",
            ));
        }
        let at = At::of(item.0);
        let keys = self.vault.new_participant(member);
        let recipient = keys.recipient().to_string();
        let mut plan = Plan::default();
        plan.set(&self.state, at, Field::MemberHandle, Value::text(handle));
        plan.set(&self.state, at, Field::MemberRecipient, Value::text(&recipient));
        let device = keys.device();
        let device = Fact::Device { device: device.device_id(), key: device.public(), member };
        let recipients = vec![(member, recipient)];
        let epoch = Fact::Epoch { key: self.vault.epoch(), follows: Vec::new(), recipients };
        for fact in [device, epoch] {
            plan.facts.push(Placed { stream: at.stream, class: Class::Core, fact });
        }
        self.write(plan.facts)?;
        self.undo.clear();
        Ok(keys)
    }

    /// Stores an introduced participant's keys under their passphrase. Keys are sealed only to recipients that an
    /// entry names, so the entry comes first.
    ///
    /// # Errors
    /// As [`Session::add_participant`].
    pub fn store_participant(
        &mut self,
        keys: &Participant,
        handle: &str,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<()> {
        let recipients = self.epoch_recipients()?;
        self.vault.add_participant(keys, handle, passphrase, work, &recipients)
    }

    /// Everybody who can open the epoch in force, as the entries name them.
    pub(super) fn epoch_recipients(&self) -> Result<Vec<Recipient>> {
        let named = self.recipients_in_force();
        let read = |(_, text): &(ItemId, String)| {
            text.parse().map_err(|_| {
                AppError::new(Kind::Damaged, "A key on the team's record can't be read.", "Run `mahoe vault verify`.")
            })
        };
        named.iter().map(read).collect()
    }

    /// Sees to it that the file of the epoch in force is sealed to whom the entries name, and to nobody else.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub(super) fn follow_recipients(&mut self) -> Result<()> {
        let recipients = self.epoch_recipients()?;
        if recipients.is_empty() { Ok(()) } else { self.vault.follow_recipients(&recipients) }
    }

    /// Changes the passphrase of whoever unlocked it.
    ///
    /// # Errors
    /// [`Kind::Locked`] if the old one is wrong.
    pub fn change_passphrase(&mut self, old: &Passphrase, new: &Passphrase, work: WorkFactor) -> Result<()> {
        self.vault.change_passphrase(old, new, work)
    }

    /// Keeps unfinished forms, sealed to whoever unlocked the vault.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn write_drafts(&mut self, bytes: &[u8]) -> Result<()> {
        self.vault.write_drafts(bytes)
    }

    /// The unfinished forms of whoever unlocked the vault; empty if there are none.
    pub fn read_drafts(&self) -> Option<Vec<u8>> {
        self.vault.read_drafts().map(|bytes| bytes.to_vec())
    }

    /// Lets another introduced participant write from now on, and gives back the keys of whoever wrote before: for
    /// building practice vaults in which several people have worked.
    pub fn change_seat(&mut self, keys: Participant) -> Participant {
        self.me = keys.member();
        self.undo.clear();
        self.vault.change_seat(keys)
    }

    /// Forgets what could be undone.
    pub fn forget_undo(&mut self) {
        self.undo.clear();
    }
}
