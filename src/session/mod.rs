//! The session: an open vault with its State. All that a front end holds.
//!
//! A keypress or a command becomes an [`Op`]; [`Session::run`] decides it, signs its entries, makes them durable, and
//! only then folds them into the State. Nothing in here prints or draws.

mod calendar;
mod cards;
mod clock;
mod device;
mod devices;
mod documents;
pub mod exchange;
mod health;
mod history;
mod intake;
mod leaving;
mod meetings;
mod peers;
mod policy;
mod recover;
mod search;
mod start;
mod undo;
mod verify;
mod words;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use zeroize::Zeroizing;

pub use clock::{Clock, FixedClock, SystemClock};
pub use devices::DeviceInfo;
pub use documents::{LostDocument, NewDocument, SealTo};
pub use history::{Change, Past};
pub use meetings::{KnownCopy, MAX_COPY, MOST_COPIES, SealedCopy, SealedMinutes};
pub use peers::{PeerInfo, Taken};
pub use policy::{InUse, PolicyTrouble};
pub use search::{Hit, PART, Query, Words, ends_of, leans_on};
pub use start::{NewPerson, NewTeam, Place};
pub use verify::Verdict;
pub use words::{MAX_SHEETS, Sheet, Sheets};

use crate::domain::calendar::Calendar;
use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BlobId, EntryId, ItemId, StreamId};
use crate::domain::idtable::IdMap;
use crate::domain::mask::Mask;
use crate::domain::pack::Pack;
use crate::domain::state::{Stamp, State};
use crate::domain::teams;
use crate::domain::today::{self, Due};
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};
use crate::error::{AppError, Kind, Result};
use crate::log::codec;
use crate::log::entry::Header;
use crate::log::order::{Ledger, Offered};
use crate::log::sign;
use crate::ops::{Ctx, Op, Plan, Refusal};
use crate::vault::blobs::Staged;
use crate::vault::keys::identity::Recipient;
use crate::vault::{LoadedBody, Outgoing, OutgoingBody, SetAside, Vault};
use intake::Intake;
use undo::UndoStep;

/// What became of an op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// One sentence, without names.
    pub says: String,
    /// Items that came to be, the main one first.
    pub made: Vec<ItemId>,
}

type Ready = (Stamp, LoadedBody);
/// What was due, when that was worked out, and at which revision of the State.
struct DueList {
    at: DateTime<Utc>,
    revision: u64,
    list: Arc<Vec<Due>>,
}

/// An open vault with its State.
#[expect(clippy::struct_excessive_bools, reason = "each says what one thing has left to do, and any may be true")]
pub struct Session {
    vault: Vault,
    state: State,
    ledger: Ledger<Ready>,
    pack: Pack,
    policy_trouble: Option<PolicyTrouble>,
    calendar: Calendar,
    clock: Box<dyn Clock>,
    me: ItemId,
    /// The blocks of the working store in which a stream's entries lie.
    blocks: IdMap<StreamId, Vec<u64>>,
    undo: Vec<UndoStep>,
    /// While some: entries that are folded already and become durable together.
    held_back: Option<Vec<Outgoing>>,
    /// The bytes of a document, durable already, until the entry that names them is written.
    staged: Option<Staged>,
    /// Documents' bytes that belong to entries which are not durable yet.
    placed: Vec<BlobId>,
    /// Documents' bytes out of a bundle that is being taken in, and the names they get with its entries.
    arriving: Vec<(BlobId, Staged)>,
    accessed: HashSet<(&'static str, ItemId)>,
    refused_entries: usize,
    stale: HashSet<StreamId>,
    /// A body was handed over that a strike on record should have destroyed.
    unfinished_strike: bool,
    /// Folding anew was cut short: nothing is written until the vault is unlocked again, because what follows what
    /// is not known.
    half_folded: bool,
    /// Two copies have signed as the device of whoever unlocked this one: it signs nothing more, until an unlock makes
    /// another.
    forked: bool,
    /// The root signer has to be sealed to others than before: done when the session settles.
    root_is_stale: bool,
    today: RefCell<Option<DueList>>,
    /// What can be searched, once somebody has searched.
    words: RefCell<Words>,
}

impl Session {
    /// The fold of all entries.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The policy pack in force.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Working days under the policy in force.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The vault, for what the health screen shows.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The member who unlocked it.
    pub fn me(&self) -> ItemId {
        self.me
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Today in Jamaica.
    pub fn today_date(&self) -> NaiveDate {
        self.now().with_timezone(&dates::jamaica()).date_naive()
    }

    /// True for a vault whose cases are not real.
    pub fn practice(&self) -> bool {
        self.vault.config().practice
    }

    /// Replaces the clock: for building practice vaults with a past.
    pub fn set_clock(&mut self, clock: Box<dyn Clock>) {
        self.clock = clock;
        self.today.take();
    }

    /// Everything that is due; computed once for each minute and State. Within a day only what has changed is worked out.
    pub fn today(&self) -> Arc<Vec<Due>> {
        let (now, revision) = (self.now(), self.state.revision());
        let minute = |at: DateTime<Utc>| at.timestamp().div_euclid(60);
        let day = |at: DateTime<Utc>| at.with_timezone(&dates::jamaica()).date_naive();
        let mut cached = self.today.borrow_mut();
        let before = cached.as_ref();
        if let Some(kept) = before.filter(|kept| kept.revision == revision && minute(kept.at) == minute(now)) {
            return Arc::clone(&kept.list);
        }
        let kept = before.filter(|kept| day(kept.at) == day(now));
        // What other teams hold and ask for leans on what our own has on record of them.
        let peers = || self.state.items(ItemKind::Peer).next().is_some();
        let leans = |changed: &BTreeSet<StreamId>| changed.contains(&self.state.team_stream()) && peers();
        let changed = kept.and_then(|kept| Some((kept, self.state.changed_since(kept.revision)?)));
        let changed = changed.filter(|(_, changed)| !leans(changed));
        let list = match changed {
            Some((kept, changed)) => {
                today::renewed(&kept.list, &changed, (&self.state, &self.pack, &self.calendar), now)
            }
            None => today::today(&self.state, &self.pack, &self.calendar, now),
        };
        // Who has the list from before may go on with it where nothing is different.
        let list = match kept {
            Some(kept) if *kept.list == list => Arc::clone(&kept.list),
            _ => Arc::new(list),
        };
        *cached = Some(DueList { at: now, revision, list: Arc::clone(&list) });
        list
    }

    /// What is due in one case, in the order of Today.
    pub fn due_in(&self, case: ItemId) -> Vec<Due> {
        today::of_stream(&self.state, &self.pack, &self.calendar, self.now(), StreamId(case.0))
    }

    /// What is masked in the free text of a case: its own names and places, and those of the cases linked to it.
    pub fn mask(&self, case: Option<ItemId>) -> Mask {
        let Some(case) = case.and_then(|case| Case::get(&self.state, case)) else {
            return Mask::new::<&str, &str>(&[]);
        };
        let linked = case.links(&self.state).into_iter().filter_map(|(other, _)| Case::get(&self.state, other));
        let mut secrets = case.secrets(&self.state);
        linked.for_each(|other| secrets.extend(other.secrets(&self.state)));
        // Who gives a child a place to live says where the child is.
        let places = self.state.items_in(case.0.stream, ItemKind::Service).filter(|it| it.class == Class::Placement);
        let places = places.map(|it| it.str(Field::ServiceProvider).to_owned()).filter(|place| !place.is_empty());
        secrets.extend(places.map(|place| (place, "placement")));
        let secrets: Vec<(&str, &str)> = secrets.iter().map(|(text, role)| (text.as_str(), *role)).collect();
        Mask::new(&secrets)
    }

    /// Runs an op: decided, signed, durable, folded, in that order.
    ///
    /// # Errors
    /// [`Kind::Refused`] with what to do instead; [`Kind::Io`] if it could not be made durable: then nothing changed.
    pub fn run(&mut self, op: impl Into<Op>) -> Result<Done> {
        let op = op.into();
        let plan = self.decide(&op).map_err(refused)?;
        let strikes: Vec<EntryId> = plan
            .facts
            .iter()
            .filter_map(|placed| match placed.fact {
                Fact::Struck { entry, .. } => Some(entry),
                _ => None,
            })
            .collect();
        if !strikes.is_empty() && self.held_back.is_some() {
            return Err(AppError::new(
                Kind::Refused,
                "A strike destroys at once, so it can't be one of several steps.",
                "Strike by itself, before or after the rest.",
            ));
        }
        let step = UndoStep::before(&self.state, op.spec(), &plan.facts);
        let written = self.write(plan.facts)?;
        let mut says = plan.says;
        if strikes.is_empty() {
            self.undo.push(step.written(&written));
            match self.let_leavers_go() {
                Ok(false) => {}
                Ok(true) => says.push_str(
                    " Their key opens nothing that is written from now on; what they could read before, they may have kept.",
                ),
                // It is saved: given as an error, somebody would do it once more.
                Err(error) => says.push_str(&unfinished(&error)),
            }
        } else {
            self.undo.clear();
            says.push_str(&kept_aside(&self.finish_strikes(&strikes)?));
            says.push_str(&self.ask_all_to_strike(&strikes));
        }
        Ok(Done { says, made: plan.made })
    }

    /// What an op would do; nothing is changed.
    fn decide(&mut self, op: &Op) -> std::result::Result<Plan, Refusal> {
        let now = self.now();
        let vault = &mut self.vault;
        let mut random = |bytes: &mut [u8]| vault.random(bytes);
        let mut cx = Ctx { now, me: self.me, pack: &self.pack, random: &mut random };
        op.decide(&self.state, &mut cx)
    }

    /// Runs several ops so that all of them become durable together or none does. One undo takes all of them back.
    ///
    /// # Errors
    /// The first error of `work`; then nothing changed.
    pub fn all_or_nothing<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.held_back.is_some() {
            return work(self);
        }
        let accessed = self.accessed.clone();
        self.held_back = Some(Vec::new());
        let steps = self.undo.len();
        let result = work(self);
        let held = self.held_back.take().unwrap_or_default();
        let result =
            result.and_then(|value| if held.is_empty() { Ok(value) } else { self.vault.commit(held).map(|()| value) });
        if result.is_err() {
            self.drop_placed();
            self.undo.clear();
            self.accessed = accessed;
            self.refold()?;
            self.read_policy();
            return result;
        }
        self.placed.clear();
        self.refold_stale()?;
        // It is saved, and stays so: `key_warning` tells until an unlock has finished it.
        let _ = self.let_leavers_go();
        let mut act = self.undo.split_off(steps.min(self.undo.len())).into_iter();
        if let Some(mut first) = act.next() {
            act.for_each(|later| first.and_then(later));
            self.undo.push(first);
        }
        result
    }

    /// Records that something was looked at, revealed, printed or exported: once per item and session.
    ///
    /// # Errors
    /// As [`Session::run`]: then it must not be shown.
    pub fn note_access(&mut self, what: &'static str, item: ItemId, detail: &str) -> Result<()> {
        if self.accessed.contains(&(what, item)) {
            return Ok(());
        }
        let stream = self.state.item(item).map_or(self.state.team_stream(), |item| item.stream);
        let fact = Fact::Accessed { what: what.to_owned(), item, detail: detail.to_owned() };
        self.write(vec![Placed { stream, class: Class::Access, fact }])?;
        self.accessed.insert((what, item));
        Ok(())
    }

    /// Syncs the mirror: within a second of a commit, and before the session ends.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn settle(&mut self) -> Result<()> {
        self.vault.settle()?;
        self.keep_root()
    }

    /// Compares one more part of the journal's copies while nothing else is to be done; false when all were compared.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn check_more(&mut self) -> Result<bool> {
        let more = self.vault.check_more()?;
        if self.vault.take_rebuilt() {
            self.refold()?;
        }
        Ok(more)
    }

    /// Entries that wait for predecessors, forks, and entries refused at load: for the health screen.
    pub fn waiting(&self) -> (usize, usize, usize) {
        (self.ledger.parked().count(), self.ledger.forks().len(), self.refused_entries)
    }

    /// True while whatever is decided can be saved.
    fn may_write(&self) -> bool {
        !self.half_folded && !self.forked
    }

    /// Signs facts into entries, one for each compartment, and makes them durable together. Returns for each fact the
    /// entry that holds it.
    fn write(&mut self, facts: Vec<Placed>) -> Result<Vec<EntryId>> {
        if self.forked {
            return Err(AppError::new(
                Kind::Refused,
                "Another copy of this vault has written as this very device: nothing more can be saved under its name.",
                "Lock and unlock the vault: it goes on as a new device. Do the same with the other copy.",
            ));
        }
        if self.half_folded {
            return Err(AppError::new(
                Kind::Io,
                "Nothing can be saved since an earlier disk error.",
                "Lock and unlock the vault: it is then read anew.",
            ));
        }
        self.note_keepers(&facts);
        let mut groups: Vec<((StreamId, Class), Vec<Fact>)> = Vec::new();
        let mut group_of = Vec::with_capacity(facts.len());
        for placed in facts {
            let place = (placed.stream, placed.class);
            let at = groups.iter().position(|(of, _)| *of == place).unwrap_or_else(|| {
                groups.push((place, Vec::new()));
                groups.len() - 1
            });
            groups[at].1.push(placed.fact);
            group_of.push(at);
        }
        let mut outgoing = Vec::with_capacity(groups.len());
        let mut ready = Vec::with_capacity(groups.len());
        for ((stream, class), facts) in &groups {
            let only = self.restriction(*stream, &groups)?;
            let (id, entry) = self.sign(*stream, *class, facts, only)?;
            ready.push((id, entry.header.clone()));
            outgoing.push(entry);
        }
        // Its bytes lie where the entry finds them before the entry is there.
        let brings = ready.iter().zip(&groups).find(|(_, (_, facts))| documents::brings_document(facts));
        self.place_staged(brings.map(|((id, _), _)| *id))?;
        // The blocks into which they go, told before they are gone.
        let before = self.held_back.as_ref().map_or(0, Vec::len);
        for (offset, entry) in outgoing.iter().enumerate() {
            let block = self.vault.block_of_next(before + offset);
            push_block(self.blocks.entry(entry.header.stream).or_default(), block);
        }
        if let Some(held) = &mut self.held_back {
            held.extend(outgoing);
        } else {
            self.vault.commit(outgoing).inspect_err(|_| self.drop_placed())?;
            self.placed.clear();
        }
        let struck = groups.iter().flat_map(|(_, facts)| facts).any(|fact| matches!(fact, Fact::Struck { .. }));
        let mut policy = false;
        for ((id, header), (_, facts)) in ready.iter().zip(groups) {
            policy |= facts.iter().any(|fact| matches!(fact, Fact::Set { field: Field::TeamPolicy, .. }));
            // Our own entry follows what we have folded, so it is always ready.
            let stamp = header.stamp(*id);
            if let Ok(Offered::Ready(_)) = self.ledger.offer(*id, header, (stamp, LoadedBody::Withheld)) {
                self.fold(&stamp, LoadedBody::Present(facts));
            }
        }
        if policy {
            self.read_policy();
        }
        // What was set aside, or taken back from there. What was struck is destroyed first: `finish_strikes`.
        if self.held_back.is_none() && !self.unfinished_strike && !struck {
            self.refold_stale()?;
        }
        Ok(group_of.into_iter().map(|at| ready[at].0).collect())
    }

    fn sign(
        &mut self,
        stream: StreamId,
        class: Class,
        facts: &[Fact],
        only: Option<Vec<Recipient>>,
    ) -> Result<(EntryId, Outgoing)> {
        let mut salt = [0; codec::SALT];
        self.vault.random(&mut salt);
        let body = codec::encode_body(salt, facts).map_err(|_| {
            AppError::new(Kind::Refused, "That is more than one entry can hold.", "Split it into several.")
        })?;
        let signer = self.vault.participant().device();
        let device = signer.device_id();
        let next = self.ledger.next((device, stream, class));
        let header = Header {
            vault: self.vault.id(),
            device,
            author: self.me,
            stream,
            class,
            sequence: next.sequence,
            previous: next.previous,
            lamport: next.lamport,
            wall: self.clock.now().timestamp_millis(),
            parents: next.parents,
            body_length: u32::try_from(body.len()).expect("the codec bounds bodies"),
            body_hash: *blake3::hash(&body).as_bytes(),
        };
        let signature = signer.sign(&sign::message(&header.encode()));
        Ok((header.id(), Outgoing { header, signature, body: OutgoingBody::Present(Zeroizing::new(body)), only }))
    }

    /// Whom a restricted case is sealed to: its members and the recovery recipient; `None` if the team may read it.
    fn restriction(
        &self,
        stream: StreamId,
        groups: &[((StreamId, Class), Vec<Fact>)],
    ) -> Result<Option<Vec<Recipient>>> {
        let planned: Vec<&Fact> =
            groups.iter().filter(|((of, _), _)| *of == stream).flat_map(|(_, facts)| facts).collect();
        let case = self.state.item(stream.item());
        let now = |wanted: Field| {
            let new = planned.iter().rev().find_map(|fact| match fact {
                Fact::Set { field, value, .. } if *field == wanted => Some(value.clone()),
                _ => None,
            });
            new.or_else(|| case.map(|case| case.value(wanted))).unwrap_or_default()
        };
        let readers = teams::readers(&self.state, &now(Field::CaseRestrictedHere), &now(Field::CaseRestricted));
        let Some(readers) = readers else { return Ok(None) };
        let recovery = self.sheet_list(Field::TeamRecovery);
        let people = readers
            .iter()
            .map(|member| self.state.item(*member).map_or("", |member| member.str(Field::MemberRecipient)));
        // Sealed to the recovery words alone, nobody could read it from here.
        if people.clone().all(str::is_empty) {
            return Err(AppError::new(
                Kind::Refused,
                "Nobody who may read this case has a key to the vault.",
                "Give one of them a key first (Team), or choose who may read the case.",
            ));
        }
        let mut recipients = Vec::new();
        for text in people.chain(recovery.iter().map(String::as_str)).filter(|text| !text.is_empty()) {
            recipients.push(text.parse().map_err(|_| {
                AppError::new(
                    Kind::Damaged,
                    "A member's key on the roster can't be read.",
                    "Run `mahoe vault verify`; nothing was written.",
                )
            })?);
        }
        Ok(Some(recipients))
    }

    fn fold(&mut self, stamp: &Stamp, body: LoadedBody) {
        let Self { state, stale, unfinished_strike, .. } = self;
        Intake { state, stale, unfinished_strike, unreadable: 0 }.fold(stamp, body);
    }

    /// Folds everything again from the vault.
    fn refold(&mut self) -> Result<()> {
        self.half_folded = true;
        self.state = self.state.renewed();
        self.ledger = Ledger::default();
        self.blocks.clear();
        self.stale.clear();
        self.refused_entries = 0;
        self.today.take();
        self.take_in(Vault::each)?;
        self.refold_stale()?;
        self.half_folded = false;
        Ok(())
    }

    /// Folds again the streams in which something was struck.
    fn refold_stale(&mut self) -> Result<()> {
        while let Some(stream) = self.stale.iter().next().copied() {
            self.stale.remove(&stream);
            self.state.forget(stream);
            let blocks = self.blocks.get(&stream).cloned().unwrap_or_default();
            let mut entries = self.vault.entries_of(stream, &blocks)?;
            // What waits for its predecessors, or was refused, is no part of the State.
            entries.retain(|entry| self.ledger.contains(entry.id));
            entries.sort_by_key(|entry| (entry.header.lamport, entry.id));
            for entry in entries {
                self.fold(&entry.header.stamp(entry.id), entry.body);
            }
        }
        Ok(())
    }

    /// Destroys what strikes on record have not yet destroyed, and folds those streams again.
    fn finish_strikes(&mut self, entries: &[EntryId]) -> Result<Vec<PathBuf>> {
        match self.vault.destroy(entries) {
            Ok(kept) => {
                self.unfinished_strike = false;
                self.refold().map(|()| kept)
            }
            Err(error) => {
                // What lies where is not known now; at least the words are not shown any more.
                self.half_folded = true;
                let _ = self.refold_stale();
                self.today.take();
                Err(error)
            }
        }
    }

    /// What was set aside as damaged, and is kept until somebody asks for its end.
    pub fn set_aside(&self) -> Vec<SetAside> {
        self.vault.set_aside()
    }

    /// Overwrites and removes everything that was set aside; how many files.
    ///
    /// # Errors
    /// [`Kind::Refused`] for members who may not; [`Kind::Io`] if the disk keeps a file.
    pub fn empty_quarantine(&mut self) -> Result<usize> {
        if !Member::get(&self.state, self.me).is_some_and(Member::leads) {
            return Err(AppError::new(
                Kind::Refused,
                "Only a coordinator or a deputy can remove what was set aside.",
                "Ask one of them: it may be all that is left of something.",
            ));
        }
        self.vault.empty_quarantine()
    }

    /// The members on the roster who can unlock this vault.
    pub fn participants(&self) -> HashSet<ItemId> {
        self.vault.config().participants.iter().map(|line| line.member).collect()
    }

    /// How many standing cases there are whose opening can't be read here.
    pub fn restricted_cases(&self) -> usize {
        let hidden = |stream: &StreamId| {
            stream.kind() == Some(crate::domain::ids::StreamKind::Case)
                && self.state.item(stream.item()).is_none_or(|item| item.created.is_none())
                && !self.state.entries_of(*stream).any(|stamp| self.state.is_set_aside(stamp.id))
        };
        self.state.streams().filter(hidden).count()
    }

    /// The first standing member with a role.
    pub fn with_role(&self, role: &str) -> Option<ItemId> {
        let mut members = self.state.items(ItemKind::Member);
        members.find(|member| member.str(Field::MemberRole) == role).map(|member| member.id)
    }

    /// The value of a field as people read it.
    pub fn value_text(&self, field: Field, value: &Value) -> String {
        crate::domain::views::value_text(&self.state, &self.pack, field, value)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The last chance: a failure shows at the next unlock, which levels the copies.
        let _ = self.settle();
    }
}

fn push_block(blocks: &mut Vec<u64>, block: u64) {
    if blocks.last() != Some(&block) {
        blocks.push(block);
    }
}

/// Which files may still hold what was struck, in a sentence; empty if there are none.
fn kept_aside(files: &[PathBuf]) -> String {
    const NAMED: usize = 3;
    let mut names: Vec<String> = files.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    if files.len() > NAMED {
        names.push(format!("{} more", files.len() - NAMED));
    }
    if names.is_empty() {
        return String::new();
    }
    format!(
        " So can damaged pieces that nobody can look into: {}. `mahoe vault quarantine --remove` destroys what was set aside.",
        names.join(", ")
    )
}

/// What is still to do after something that was saved, in a sentence.
fn unfinished(error: &AppError) -> String {
    format!(
        " It is saved, but those who left can still open what is new, because a step failed: {} Lock and unlock the vault: that finishes it.",
        error.message
    )
}

fn refused(refusal: Refusal) -> AppError {
    // What looks like a deception is unverified, not merely against a rule.
    let kind = if refusal.alarm { Kind::Damaged } else { Kind::Refused };
    AppError::new(kind, refusal.message, refusal.hint)
}
