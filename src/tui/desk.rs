//! The desk: what all screens share. An open session, or a locked vault; what is masked; drafts.
//!
//! Screens reach the session only through it. It knows nothing of layout.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use zeroize::Zeroizing;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::Risk;
use crate::domain::searchable::Depth;
use crate::domain::today::{self, Due, What};
use crate::domain::views::{Action, Case, FollowUp, Member, agency_of, owner_name};
use crate::error::{AppError, Kind, Result};
use crate::ops::Op;
use crate::session::{Clock, Done, FixedClock, Place as VaultPlace, Session, SystemClock};
use crate::vault::disk::{Disk, RealDisk};
use crate::vault::keys::recovery::RecoveryWords;
use crate::vault::seal::OsEntropy;

use super::effect::Effect;
use super::forms::Values;
use super::layers::{Context, Effects};
use super::paper_file;
use super::places::{self, Found, Place};
use super::theme::{Role, Symbols};
use super::trays::Trays;

/// What a job hands back to the loop.
pub enum JobDone {
    /// An unlock, or the making of a vault, with the recovery words to show once.
    Session(Result<(Box<Session>, Option<Box<RecoveryWords>>)>),
    /// A lent session comes back, with what to say.
    Back(Box<Session>, Result<Vec<String>>),
    /// A lent session comes back, with what follows.
    Then(Box<Session>, Result<After>),
    /// What lies in a folder.
    Folder(PathBuf, std::io::Result<Vec<Found>>),
    /// Something else that took long; what to say.
    Said(Result<String>),
}

/// What follows work on a lent session, once it is back.
pub type After = Box<dyn FnOnce(&mut Desk) -> Effects<Desk> + Send>;

/// The room that looks at the screen.
#[derive(Default)]
struct Room {
    /// The live meeting in it.
    meeting: Option<ItemId>,
    /// Room mode is on: there is no meeting that says who looks.
    projected: bool,
}

/// What all screens share.
pub struct Desk {
    session: Option<Session>,
    /// The vault's folder.
    pub root: PathBuf,
    /// The program's demo or a practice vault: the PRACTICE line stands on every screen.
    pub practice: bool,
    /// The program's own demo: it can't be unlocked again.
    pub demo: bool,
    /// Whose handle the unlock screen suggests.
    pub handle: Option<String>,
    /// Wrong passphrases since the last right one: each makes the next try wait longer.
    pub wrong_tries: u32,
    /// Since the program's start: no passphrase is tried before then.
    pub next_try: Duration,
    /// The disk that the vault lies on.
    pub disk: Arc<dyn Disk>,
    /// The disk is in memory, for tests and the demo: nothing is locked.
    pub in_memory: bool,
    /// Where this computer keeps its marks of vaults; `None` for none.
    pub marks: Option<PathBuf>,
    /// The drives that can be pulled out, as they are found; tests give their own.
    pub drives: Arc<dyn Fn() -> Vec<Place> + Send + Sync>,
    /// Where pages wait for the printer; tests give their own.
    pub prints: PathBuf,
    /// What hands a page to the browser; tests give their own.
    pub opener: Arc<paper_file::Opener>,
    /// What is remembered of the inbox and the outbox.
    pub trays: Trays,
    revealed_until: Option<Duration>,
    room: Room,
    touched: Duration,
    now: Duration,
    drafts: HashMap<String, Values>,
    /// Fixed for tests and demos; else the computer's clock is used.
    pub fixed_now: Option<chrono::DateTime<chrono::Utc>>,
}

impl Context for Desk {
    type Done = JobDone;

    fn set_now(&mut self, now: Duration) {
        self.now = now;
    }

    fn touched(&mut self) {
        self.touched = self.now;
    }
}

impl Desk {
    /// A desk before a vault in `root` is unlocked.
    pub fn locked(root: PathBuf) -> Self {
        Self {
            session: None,
            root,
            practice: false,
            demo: false,
            handle: None,
            wrong_tries: 0,
            next_try: Duration::ZERO,
            disk: Arc::new(RealDisk),
            in_memory: false,
            marks: None,
            drives: Arc::new(places::drives),
            prints: paper_file::base(),
            opener: Arc::new(paper_file::open_with_platform),
            trays: Trays::default(),
            revealed_until: None,
            room: Room::default(),
            touched: Duration::ZERO,
            now: Duration::ZERO,
            drafts: HashMap::new(),
            fixed_now: None,
        }
    }

    /// A desk with an open session.
    pub fn open(session: Session) -> Self {
        let mut desk = Self::locked(session.vault().root().to_path_buf());
        desk.unlock(session);
        desk
    }

    /// Takes an open session in, with the drafts of whoever unlocked it.
    pub fn unlock(&mut self, session: Session) {
        self.practice = session.practice();
        self.wrong_tries = 0;
        self.next_try = Duration::ZERO;
        self.revealed_until = None;
        self.touched = self.now;
        let kept = session.read_drafts().unwrap_or_default();
        self.drafts = serde_json::from_slice::<HashMap<String, Values>>(&kept)
            .unwrap_or_default()
            .into_iter()
            .filter(|(name, _)| is_draft(name))
            .collect();
        self.session = Some(session);
        self.trays = Trays::default();
    }

    /// Locks: drafts are sealed to their writer, the mirror is synced, every key is dropped.
    pub fn lock(&mut self) {
        self.save_drafts();
        self.drafts.clear();
        self.revealed_until = None;
        self.room = Room::default();
        self.session = None;
        self.trays = Trays::default();
    }

    /// Looks into the inbox if it may have changed since.
    pub fn look_into_inbox(&mut self) {
        if let Some(session) = self.session.as_mut() {
            self.trays.look(session);
        }
    }

    /// Where something was carried to or from last.
    pub fn last_place(&self) -> Option<PathBuf> {
        self.drafts.get(LAST_PLACE).and_then(|values| values.some("path")).map(PathBuf::from)
    }

    /// Remembers where something was carried to or from, sealed like a draft: a folder's name may tell something.
    pub fn keep_place(&mut self, folder: &Path) {
        if let Some(path) = folder.to_str() {
            self.keep_draft(LAST_PLACE, &[("path", path)].into_iter().collect());
        }
    }

    /// Where the vault lies, and what it is opened with.
    pub fn place(&self) -> VaultPlace {
        let clock: Box<dyn Clock> = match self.fixed_now {
            Some(now) => Box::new(FixedClock(now)),
            None => Box::new(SystemClock),
        };
        let (disk, root) = (Arc::clone(&self.disk), self.root.clone());
        let (in_memory, marks) = (self.in_memory, self.marks.clone());
        VaultPlace { disk, root, in_memory, check_later: true, marks, clock, entropy: Box::new(OsEntropy) }
    }

    /// Lends the session to a job that takes long; [`Desk::put_back`] brings it back. Nothing else can be done
    /// meanwhile: the job covers the screen.
    pub fn take_session(&mut self) -> Option<Session> {
        self.session.take()
    }

    /// Takes a lent session back.
    pub fn put_back(&mut self, session: Session) {
        self.session = Some(session);
    }

    /// The session, if the vault is unlocked.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The open session.
    ///
    /// # Panics
    /// If the vault is locked: only the unlock screens are drawn then, and they don't ask.
    pub fn open_session(&self) -> &Session {
        self.session.as_ref().expect("screens are drawn only while the vault is unlocked")
    }

    /// The open session, to do something that is no op: history, access entries.
    ///
    /// # Panics
    /// If the vault is locked: no screen gets a key then.
    pub fn open_session_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("screens get keys only while the vault is unlocked")
    }

    /// Time since the program's start.
    pub fn clock(&self) -> Duration {
        self.now
    }

    /// When a person last did something.
    pub fn last_touch(&self) -> Duration {
        self.touched
    }

    /// Today in Jamaica.
    pub fn today(&self) -> NaiveDate {
        self.open_session().today_date()
    }

    /// Runs an op and says what came of it: a toast either way.
    pub fn run(&mut self, op: impl Into<Op>) -> Effects<Self> {
        match self.try_run(op) {
            Ok(done) => vec![Effect::info(done.says)],
            Err(error) => vec![Effect::refused(error_text(&error))],
        }
    }

    /// Runs an op.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn try_run(&mut self, op: impl Into<Op>) -> Result<Done> {
        self.open_session_mut().run(op)
    }

    /// Undoes the last thing done.
    pub fn undo(&mut self) -> Effects<Self> {
        match self.open_session_mut().undo() {
            Ok(done) => vec![Effect::info(done.says)],
            Err(error) => vec![Effect::refused(error_text(&error))],
        }
    }

    /// True while names are masked.
    pub fn masked(&self) -> bool {
        self.revealed_until.is_none_or(|until| self.now >= until)
    }

    /// When the reveal ends, while it lasts.
    pub fn reveal_ends(&self) -> Option<Duration> {
        self.revealed_until.filter(|until| self.now < *until)
    }

    /// When names are to be masked again, also if that moment has come but nobody has masked yet.
    pub fn mask_due(&self) -> Option<Duration> {
        self.revealed_until
    }

    /// Masks again, at once.
    pub fn mask(&mut self) {
        self.revealed_until = None;
    }

    /// The screen is shown to a room from now on: names stay masked, and it goes blank before it locks.
    pub fn enter_room(&mut self, meeting: ItemId) {
        self.mask();
        self.room.meeting = Some(meeting);
    }

    /// The room is left.
    pub fn leave_room(&mut self) {
        self.room.meeting = None;
    }

    /// Shows the screen to a room, or no longer: who is in it nobody knows, so what is only for some people is left out.
    pub fn project(&mut self, on: bool) {
        self.mask();
        self.room.projected = on;
    }

    /// True while the screen is shown to a room outside a meeting.
    pub fn projected(&self) -> bool {
        self.room.projected
    }

    /// True while the screen is shown to a room, at a meeting or not.
    pub fn in_room(&self) -> bool {
        self.room.projected || self.room.meeting.is_some()
    }

    /// Whether a case, or what belongs to none, may be on the screen now.
    pub fn may_show(&self, case: Option<ItemId>) -> bool {
        !self.room.projected || case.is_none_or(|case| self.case(case).is_some_and(|case| !case.is_restricted()))
    }

    /// How far a search may go now: before a room it looks at what is shown, and nowhere else.
    pub fn search_depth(&self, wanted: Depth) -> Depth {
        if self.in_room() { Depth::Shown } else { self.open_session().search_depth(wanted) }
    }

    /// Whether words of a class stay unsaid now: the child's own and those of an interview, while a room looks on.
    pub fn keeps_back(&self, class: Class) -> bool {
        self.in_room() && matches!(class, Class::Views | Class::Interview)
    }

    /// The live meeting that the screen is shown to.
    pub fn room(&self) -> Option<ItemId> {
        self.room.meeting
    }

    /// Refuses what no room may see, whoever is in it: documents, what comes and goes between teams.
    ///
    /// # Errors
    /// While a room looks on.
    pub fn alone(&self) -> Result<()> {
        if !self.in_room() {
            return Ok(());
        }
        let hint = "Leave the live meeting or the room mode first (\": room\"), and turn the projector off.";
        Err(AppError::new(Kind::Refused, "This is not shown while a room looks on.", hint))
    }

    /// Reveals names for a short while; it is on record before anything is shown.
    ///
    /// # Errors
    /// If it can't be put on record: then nothing is revealed.
    pub fn reveal(&mut self, case: Option<ItemId>) -> Result<()> {
        if self.in_room() {
            let hint = "Leave the live meeting or the room mode first, and turn the projector off.";
            return Err(AppError::new(Kind::Refused, "Names stay masked while a room looks on.", hint));
        }
        let session = self.open_session_mut();
        let item = case.unwrap_or_else(|| session.state().team_stream().item());
        session.note_access("reveal", item, "")?;
        let seconds = session.pack().limits.reveal_seconds;
        self.revealed_until = Some(self.now + Duration::from_secs(u64::from(seconds)));
        Ok(())
    }

    /// Free text of a case as it may be shown now: cleaned, and masked unless revealed.
    pub fn text<'a>(&self, case: Option<ItemId>, text: &'a str) -> Cow<'a, str> {
        let text = clean::shown(text);
        if !self.masked() || case.is_none() {
            return text;
        }
        Cow::Owned(self.open_session().mask(case).masked(&text).into_owned())
    }

    /// The code that people speak.
    pub fn code(&self, item: ItemId) -> String {
        self.open_session().state().code(item).to_string()
    }

    /// Who owns something: "M. Clarke", "MOH", "–".
    pub fn owner(&self, owner: Option<ItemId>) -> String {
        clean::shown(&owner_name(self.open_session().state(), owner)).into_owned()
    }

    /// The unlocked member's name.
    pub fn my_name(&self) -> String {
        self.owner(Some(self.open_session().me()))
    }

    /// The short column for an owner: a member's agency, or the agency itself.
    pub fn agency(&self, owner: Option<ItemId>) -> String {
        let state = self.open_session().state();
        match owner {
            Some(owner) if Member::get(state, owner).is_some() => agency_of(state, owner).to_owned(),
            other => owner_name(state, other).into_owned(),
        }
    }

    /// What is due, in a few words: the action's text, the contact, the clock's label.
    pub fn due_text(&self, due: &Due) -> String {
        let session = self.open_session();
        let state = session.state();
        match &due.what {
            What::Action(id) => {
                let text = Action::get(state, *id).map_or("", Action::text);
                if text.is_empty() {
                    "(an action you may not read)".to_owned()
                } else {
                    first_line(&self.text(due.case, text))
                }
            }
            What::FollowUp(id) => {
                first_line(&self.text(due.case, FollowUp::get(state, *id).map_or("", FollowUp::kind)))
            }
            What::Clock(code) => session.pack().clock(code).map_or(&**code, |clock| &clock.label).to_owned(),
            What::Review => "Review the risk".to_owned(),
            What::Eighteen => "Eighteenth birthday".to_owned(),
            What::Incomplete => "Complete the quick report".to_owned(),
            // Consent, referrals, meetings, outreach, training: the domain has the words.
            what => clean::shown(&today::words_of(state, session.pack(), what, self.today())).into_owned(),
        }
    }

    /// When something is due, as people say it: "3 days late", "today 14:00", "Tue 24 Nov".
    pub fn due_when(&self, due: &Due) -> String {
        let today = self.today();
        let time = if due.timed { due.at.format(" %H:%M").to_string() } else { String::new() };
        match due.day().signed_duration_since(today).num_days() {
            days if days < 0 => dates::distance(due.day(), today),
            0 => format!("today{time}"),
            _ => dates::people(due.day(), today),
        }
    }

    /// The open session's case.
    pub fn case(&self, id: ItemId) -> Option<Case<'_>> {
        Case::get(self.open_session().state(), id)
    }

    /// The label of a code in the pack.
    pub fn label(&self, list: &str, code: &str) -> String {
        self.open_session().pack().label(list, code).to_owned()
    }

    /// A field of an item as people read it, cleaned, and masked where it belongs to a case.
    pub fn field(&self, item: ItemId, field: Field) -> String {
        let session = self.open_session();
        let Some(item) = session.state().item(item) else { return String::new() };
        let text = session.value_text(field, &item.value(field));
        let case = Case::of_stream(session.state(), item.stream).map(|case| case.0.id);
        self.text(case, &text).into_owned()
    }

    /// A form's draft from before. `form` is one of [`DRAFTS`], or such a name, a slash and what the form is about, so
    /// that words about one case never turn up in another.
    pub fn draft(&self, form: &str) -> Option<&Values> {
        self.drafts.get(form)
    }

    /// Keeps what was typed into a form, sealed to its writer.
    pub fn keep_draft(&mut self, form: &str, values: &Values) {
        if is_draft(form)
            && self.session.is_some()
            && (self.drafts.len() < MOST_DRAFTS || self.drafts.contains_key(form))
        {
            self.drafts.insert(form.to_owned(), values.clone());
            self.save_drafts();
        }
    }

    /// Forgets a draft: the form was saved or emptied.
    pub fn drop_draft(&mut self, form: &str) {
        if self.drafts.remove(form).is_some() {
            self.save_drafts();
        }
    }

    fn save_drafts(&mut self) {
        let bytes = Zeroizing::new(serde_json::to_vec(&self.drafts).unwrap_or_default());
        if bytes.len() > MOST_DRAFT_BYTES {
            return;
        }
        if let Some(session) = &mut self.session {
            // A draft that can't be kept on disk is still on the screen; nothing else could be done about it here.
            let _ = session.write_drafts(&bytes);
        }
    }
}

/// The name under which the last place is kept among the drafts.
const LAST_PLACE: &str = "exchange.place";

/// The forms whose drafts are kept, by name.
pub const DRAFTS: &[&str] = &[
    "case.open",
    "case.quick",
    "case.edit",
    "case.risk",
    "case.statutory",
    "case.contact",
    "case.medical",
    "case.note",
    "case.close",
    "case.reopen",
    "action.add",
    "action.edit",
    "followup.add",
    "followup.done",
    "followup.missed",
    "consent.record",
    "consent.withdraw",
    "referral.send",
    "referral.team",
    "exchange.place",
    "referral.decline",
    "referral.done",
    "referral.revoke",
    "service.plan",
    "service.edit",
    "service.end",
    "service.needs",
    "person.add",
    "person.edit",
    "person.same",
    "team.add",
    "team.edit",
    "meeting.new",
    "meeting.edit",
    "meeting.cancel",
    "meeting.visitor",
    "series.add",
    "agenda.add",
    "agenda.business",
    "agenda.minutes",
    "live.decision",
    "live.dissent",
    "live.views",
    "live.general",
    "live.action",
    "minutes.sent",
    "screening.new",
    "screening.stopped",
    "screening.follow",
    "case.identify",
    "consent.lift",
    "views.tell",
    "case.best-interests",
    "closure.answer",
    "live.best-interests",
    "outreach.add",
    "outreach.edit",
    "outreach.held",
    "outreach.cancel",
    "outreach.action",
    "training.add",
    "training.edit",
    "training.held",
    "library.add",
    "library.edit",
];

/// So many unfinished forms are kept; more would be a fault.
const MOST_DRAFTS: usize = 64;

/// All of them together; the vault reads no more than twice this.
const MOST_DRAFT_BYTES: usize = 2 << 20;

fn is_draft(name: &str) -> bool {
    let form = name.split_once('/').map_or(name, |(form, _)| form);
    DRAFTS.contains(&form)
}

/// The first line of a text.
pub fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("").to_owned()
}

/// What happened and what to do now, for a toast. What is said in brackets for those at the command line stays out.
pub fn error_text(error: &AppError) -> String {
    let text = format!("{} {}", error.message, error.hint);
    match text.split_once(" (mahoe ") {
        Some((before, rest)) => match rest.split_once(')') {
            Some((_, after)) => format!("{before}{after}"),
            None => text,
        },
        None => text,
    }
}

/// The symbol that stands before a risk.
pub const fn risk_sign(risk: Risk, symbols: &Symbols) -> &'static str {
    match risk {
        Risk::High => symbols.full,
        Risk::Medium => symbols.dot,
        Risk::Low => symbols.ring,
        Risk::Unassessed => "?",
    }
}

/// A risk as a symbol and a word, and the role that colours it.
pub fn risk(risk: Risk, symbols: &Symbols) -> (String, Role) {
    let (word, role) = match risk {
        Risk::High => ("high", Role::Late),
        Risk::Medium => ("medium", Role::Soon),
        Risk::Low => ("low", Role::Dim),
        Risk::Unassessed => ("not yet assessed", Role::Late),
    };
    (format!("{} {word}", risk_sign(risk, symbols)), role)
}

/// The same in nine cells, for a column.
pub fn short_risk(risk: Risk, symbols: &Symbols) -> (String, Role) {
    match risk {
        Risk::Unassessed => ("? not yet".to_owned(), Role::Late),
        known => self::risk(known, symbols),
    }
}
