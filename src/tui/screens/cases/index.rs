//! The rows behind the list of cases: built once for each State, sorted and searched in memory.
//!
//! Everything that is compared while a person types is kept in lower case, so that a key costs one pass over the text.
//! What is masked can't be found: a word that is part of a recorded name matches only outside the masked places.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::pack::Risk;
use crate::domain::state::State;
use crate::domain::today::{Bucket, Due};
use crate::domain::views::{Case, owner_name};
use crate::session::Session;

/// Which cases are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Those that are worked on.
    Open,
    /// Those that were closed.
    Closed,
    /// All.
    All,
}

impl Show {
    /// The next one, round and round.
    pub const fn next(self) -> Self {
        match self {
            Self::Open => Self::Closed,
            Self::Closed => Self::All,
            Self::All => Self::Open,
        }
    }

    /// The list's title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Open => "Open cases",
            Self::Closed => "Closed cases",
            Self::All => "All cases",
        }
    }

    const fn takes(self, open: bool) -> bool {
        match self {
            Self::Open => open,
            Self::Closed => !open,
            Self::All => true,
        }
    }
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// What is due next, late first, then risk.
    Urgency,
    /// The code.
    Code,
    /// The stage, in the policy's order.
    Stage,
    /// The risk, high first.
    Risk,
    /// The lead's name.
    Lead,
    /// The day it was opened, the newest first.
    Opened,
}

impl Sort {
    const ALL: [Self; 6] = [Self::Urgency, Self::Code, Self::Stage, Self::Risk, Self::Lead, Self::Opened];

    /// The next one, round and round.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|sort| *sort == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// How the title says it.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Urgency => "by urgency",
            Self::Code => "by code",
            Self::Stage => "by stage",
            Self::Risk => "by risk",
            Self::Lead => "by lead",
            Self::Opened => "newest first",
        }
    }
}

/// A case, with what sorting and searching need of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The case.
    pub case: ItemId,
    /// Its code.
    pub code: String,
    /// Its risk.
    pub risk: Risk,
    /// Its stage's place in the policy; past the last if the policy has no such stage.
    pub stage: usize,
    /// False once it is closed.
    pub open: bool,
    /// What is due next: a place in [`Index::due`].
    pub next: Option<usize>,
    lead: Option<ItemId>,
    opened: i64,
    /// Code, stage, lead, concern and notes in lower case; the free text in it is not masked.
    text: Box<str>,
    /// The recorded names and places in lower case, and the names that can be searched while revealed.
    secrets: Box<str>,
}

/// All readable cases.
#[derive(Debug, Default)]
pub struct Index {
    /// The cases, in no particular order.
    pub lines: Vec<Line>,
    /// What was due when it was built, the most urgent first.
    pub due: Arc<Vec<Due>>,
    /// Cases that the unlocked member may not read.
    pub restricted: usize,
    revision: Option<u64>,
}

impl Index {
    /// Builds it anew if anything has changed; true if it has.
    pub fn refresh(&mut self, session: &Session) -> bool {
        let due = session.today();
        let revision = session.state().revision();
        let same_due = Arc::ptr_eq(&due, &self.due);
        if same_due && self.revision == Some(revision) {
            return false;
        }
        self.due = due;
        if self.revision != Some(revision) {
            self.revision = Some(revision);
            self.restricted = session.restricted_cases();
            self.lines = lines(session);
        }
        let mut next = HashMap::new();
        for (at, case) in self.due.iter().enumerate().filter_map(|(at, due)| Some((at, due.case?))) {
            next.entry(case).or_insert(at);
        }
        for line in &mut self.lines {
            line.next = next.get(&line.case).copied();
        }
        true
    }

    /// What is due next in a case.
    pub fn next(&self, line: &Line) -> Option<&Due> {
        line.next.and_then(|at| self.due.get(at))
    }

    /// How many cases of a kind there are, and how many of them are late.
    pub fn counts(&self, show: Show) -> (usize, usize) {
        let those = || self.lines.iter().filter(|line| show.takes(line.open));
        let late = |line: &&Line| self.next(line).is_some_and(|due| due.bucket == Bucket::Late);
        (those().count(), those().filter(late).count())
    }

    /// The places of the lines to show, in order.
    pub fn sorted(&self, session: &Session, show: Show, sort: Sort) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.lines.len()).filter(|at| show.takes(self.lines[*at].open)).collect();
        let state = session.state();
        let newest = |line: &Line| std::cmp::Reverse(line.opened);
        match sort {
            Sort::Urgency => places.sort_by_cached_key(|at| {
                let line = &self.lines[*at];
                let due = self.next(line);
                (!line.open, due.map_or(9, |due| due.bucket as u8), line.risk, line.next, newest(line), line.case)
            }),
            Sort::Code => places.sort_by(|a, b| self.lines[*a].code.cmp(&self.lines[*b].code)),
            Sort::Stage => places.sort_by_cached_key(|at| {
                let line = &self.lines[*at];
                (line.stage, line.risk, line.next.unwrap_or(usize::MAX), line.case)
            }),
            Sort::Risk => places.sort_by_cached_key(|at| {
                let line = &self.lines[*at];
                (line.risk, line.next.unwrap_or(usize::MAX), line.case)
            }),
            Sort::Lead => places.sort_by_cached_key(|at| {
                let line = &self.lines[*at];
                let name = owner_name(state, line.lead).to_lowercase();
                (line.lead.is_none(), name, line.next.unwrap_or(usize::MAX), line.case)
            }),
            Sort::Opened => places.sort_by_cached_key(|at| (newest(&self.lines[*at]), self.lines[*at].case)),
        }
        places
    }

    /// Those of the places whose case holds every word of what was typed. While `masked`, recorded names are not found.
    pub fn search(&self, session: &Session, places: &[usize], typed: &str, masked: bool) -> Vec<usize> {
        let typed = typed.to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let fits = |at: &&usize| self.lines[**at].fits(session, &words, masked);
        places.iter().filter(fits).copied().collect()
    }
}

impl Line {
    fn fits(&self, session: &Session, words: &[&str], masked: bool) -> bool {
        if !masked {
            return words.iter().all(|word| self.text.contains(word) || self.secrets.contains(word));
        }
        if !words.iter().all(|word| self.text.contains(word)) {
            return false;
        }
        if self.secrets.is_empty() {
            return true;
        }
        // A word that is no part of any recorded name can't give one away; only the others are looked at closely.
        let suspect = |word: &&&str| {
            !self.secrets.is_ascii() || self.secrets.contains(**word) || !word.chars().all(char::is_alphabetic)
        };
        let (short, long): (Vec<&&str>, Vec<&&str>) = words.iter().filter(suspect).partition(|word| is_short(word));
        // A letter or two stand in nearly every name: they find codes, stages and leads only, until more is typed.
        let head = self.text.lines().next().unwrap_or("");
        if !short.iter().all(|word| head.contains(**word)) {
            return false;
        }
        if long.is_empty() {
            return true;
        }
        let seen = session.mask(Some(self.case)).masked(&self.text).to_lowercase();
        long.iter().all(|word| seen.contains(**word))
    }
}

fn lines(session: &Session) -> Vec<Line> {
    let state = session.state();
    let pack = session.pack();
    let notes = notes_by_case(state);
    let linked = linked_cases(state);
    let one = |case: Case<'_>| {
        let code = state.code(case.0.id).to_string();
        let stage = case.stage();
        let mut text = format!("{code} {} ", pack.label("stage", stage));
        text.push_str(&owner_name(state, case.lead()));
        for free in std::iter::once(case.concern()).chain(notes.get(&case.0.stream).into_iter().flatten().copied()) {
            text.push('\n');
            text.push_str(free);
        }
        let siblings = linked.get(&case.0.id).into_iter().flatten().filter_map(|other| Case::get(state, *other));
        let secrets = secret_text(std::iter::once(case).chain(siblings));
        Line {
            case: case.0.id,
            code,
            risk: case.risk(),
            stage: pack.stages.iter().position(|known| known.code == stage).unwrap_or(pack.stages.len()),
            open: case.is_open(),
            next: None,
            lead: case.lead(),
            opened: case.0.value(Field::CaseOpened).as_when().map_or(0, |when| when.timestamp_millis()),
            text: text.to_lowercase().into(),
            secrets,
        }
    };
    state.items(ItemKind::Case).map(Case).map(one).collect()
}

/// Too short to be looked for among masked names.
pub fn is_short(word: &str) -> bool {
    word.chars().count() < 3
}

/// The recorded names of these cases in lower case, also without spaces and hyphens, as people join them.
fn secret_text<'a>(cases: impl Iterator<Item = Case<'a>>) -> Box<str> {
    let mut all = String::new();
    for (text, _) in cases.flat_map(Case::secrets) {
        let text = text.to_lowercase();
        all.push_str(&text);
        all.push('\n');
        if !text.chars().all(char::is_alphanumeric) {
            all.extend(text.chars().filter(|c| c.is_alphanumeric()));
            all.push('\n');
        }
    }
    all.into()
}

fn linked_cases(state: &State) -> HashMap<ItemId, Vec<ItemId>> {
    let mut linked: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    for link in state.items(ItemKind::Link) {
        let ends = (link.value(Field::LinkA).as_item(), link.value(Field::LinkB).as_item());
        if let (Some(a), Some(b)) = ends {
            linked.entry(a).or_default().push(b);
            linked.entry(b).or_default().push(a);
        }
    }
    linked
}

/// The notes that may be searched: never the child's own words nor what came of an interview.
fn notes_by_case(state: &State) -> HashMap<StreamId, Vec<&str>> {
    let mut notes: HashMap<StreamId, Vec<&str>> = HashMap::new();
    for note in state.items(ItemKind::Note).filter(|note| !matches!(note.class, Class::Views | Class::Interview)) {
        notes.entry(note.stream).or_default().push(note.str(Field::NoteText));
    }
    notes
}
