//! The rows behind the list of cases: kept up to date with the State, sorted and searched in memory.
//!
//! Everything that is compared while a person types is kept in lower case, so that a key costs one pass over the text.
//! What is masked can't be found: a word that is part of a recorded name matches only outside the masked places.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId, StreamKind};
use crate::domain::idtable::IdMap;
use crate::domain::item::Item;
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
    /// `None` until somebody searches.
    words: Option<Words>,
}

/// Where that lies which a search of a case goes through.
#[derive(Clone, Debug)]
struct Words {
    /// Code, stage and lead on the first line, then concern and notes, in lower case; the free text is not masked.
    text: Range<usize>,
    /// The recorded names and places in lower case, and the names that can be searched while revealed.
    secrets: Range<usize>,
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
    /// The longest code, in cells.
    pub code_width: usize,
    revision: Option<u64>,
    /// What all lines lean on: names, labels and links. If it changes, all are made anew.
    leans_on: u64,
    places: IdMap<ItemId, usize>,
    /// The searchable text of all lines, one behind the other: a search goes through it from front to back.
    text: String,
    /// Bytes of it that no line needs any more.
    waste: usize,
    /// Some lines have no words yet.
    unread: bool,
    /// How many there are to show of each kind, and how many of them are late.
    counts: [(usize, usize); 3],
}

impl Index {
    /// Brings it up to date; true if anything has changed.
    pub fn refresh(&mut self, session: &Session) -> bool {
        let due = session.today();
        let revision = session.state().revision();
        if Arc::ptr_eq(&due, &self.due) && self.revision == Some(revision) {
            return false;
        }
        if self.revision != Some(revision) {
            self.take_changes(session);
            self.revision = Some(revision);
            self.restricted = session.restricted_cases();
            self.code_width = self.lines.iter().map(|line| line.code.len()).max().unwrap_or(0);
        }
        self.due = due;
        self.lines.iter_mut().for_each(|line| line.next = None);
        for (at, due) in self.due.iter().enumerate() {
            if let Some(place) = due.case.and_then(|case| self.places.get(&case)) {
                self.lines[*place].next.get_or_insert(at);
            }
        }
        self.counts = [Show::Open, Show::Closed, Show::All].map(|show| self.count(show));
        true
    }

    /// Makes the lines anew whose cases have changed, or all of them.
    fn take_changes(&mut self, session: &Session) {
        let state = session.state();
        let leans_on = leans_on(session);
        let changed = self.revision.filter(|_| self.leans_on == leans_on && self.waste * 2 <= self.text.len());
        let Some(changed) = changed.and_then(|revision| state.changed_since(revision)) else {
            let empty = (Vec::new(), IdMap::default(), String::new(), 0);
            (self.lines, self.places, self.text, self.waste) = empty;
            self.leans_on = leans_on;
            state.items(ItemKind::Case).for_each(|item| self.put(session, item.id));
            return;
        };
        for case in changed.iter().filter(|stream| stream.kind() == Some(StreamKind::Case)).map(StreamId::item) {
            let linked = state.links_of(case).flat_map(ends);
            // A new code may make its neighbours' longer.
            let near = if self.places.contains_key(&case) { Vec::new() } else { state.code_neighbours(case) };
            for affected in linked.chain(near).chain([case]).collect::<BTreeSet<_>>() {
                self.put(session, affected);
            }
        }
    }

    /// Makes a case's line anew, or takes it away if the case can't be read.
    fn put(&mut self, session: &Session, id: ItemId) {
        let known = self.places.get(&id).copied();
        if let Some(words) = known.and_then(|at| self.lines[at].words.as_ref()) {
            self.waste += words.text.len() + words.secrets.len();
        }
        let line = Case::get(session.state(), id).map(|case| line(session, case));
        self.unread = true;
        match (known, line) {
            (Some(at), Some(line)) => self.lines[at] = line,
            (None, Some(line)) => {
                self.places.insert(id, self.lines.len());
                self.lines.push(line);
            }
            (Some(at), None) => {
                self.places.remove(&id);
                self.lines.swap_remove(at);
                if let Some(moved) = self.lines.get(at) {
                    self.places.insert(moved.case, at);
                }
            }
            (None, None) => {}
        }
    }

    /// Brings the text that is searched up to date: for the first search, and behind what has changed since.
    pub fn read_words(&mut self, session: &Session) {
        if !std::mem::take(&mut self.unread) {
            return;
        }
        for at in 0..self.lines.len() {
            if self.lines[at].words.is_none() {
                let case = Case::get(session.state(), self.lines[at].case);
                self.lines[at].words = case.map(|case| self.words(session, case, at));
            }
        }
    }

    fn words(&mut self, session: &Session, case: Case<'_>, at: usize) -> Words {
        let (state, pack) = (session.state(), session.pack());
        let from = self.text.len();
        push_lower(&mut self.text, &self.lines[at].code);
        for words in [pack.label("stage", case.stage()), &*owner_name(state, case.lead())] {
            self.text.push(' ');
            push_lower(&mut self.text, words);
        }
        // The notes that may be searched: never the child's own words nor what came of an interview.
        let notes = state.items_in(case.0.stream, ItemKind::Note);
        let notes = notes.filter(|note| !matches!(note.class, Class::Views | Class::Interview));
        for free in std::iter::once(case.concern()).chain(notes.map(|note| note.str(Field::NoteText))) {
            self.text.push('\n');
            push_lower(&mut self.text, free);
        }
        let text = from..self.text.len();
        let id = case.0.id;
        let linked = state.links_of(id).flat_map(ends).filter(|other| *other != id);
        for named in std::iter::once(case).chain(linked.filter_map(|other| Case::get(state, other))) {
            push_secrets(&mut self.text, state, named);
        }
        Words { secrets: text.end..self.text.len(), text }
    }

    /// What is due next in a case.
    pub fn next(&self, line: &Line) -> Option<&Due> {
        line.next.and_then(|at| self.due.get(at))
    }

    /// How many cases of a kind there are, and how many of them are late.
    pub const fn counts(&self, show: Show) -> (usize, usize) {
        self.counts[show as usize]
    }

    fn count(&self, show: Show) -> (usize, usize) {
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
    /// What no [`Index::read_words`] has seen is not found either.
    pub fn search(&self, session: &Session, places: &[usize], typed: &str, masked: bool) -> Vec<usize> {
        let typed = typed.to_lowercase();
        let words: Vec<Word<'_>> = typed.split_whitespace().map(Word::new).collect();
        let fits = |at: usize| self.fits(session, &self.lines[at], &words, masked);
        if places.len() * 4 < self.lines.len() {
            return places.iter().copied().filter(|at| fits(*at)).collect();
        }
        // In the order in which the text lies, which is not that of the places.
        let mut wanted = vec![false; self.lines.len()];
        for at in places {
            wanted[*at] = true;
        }
        for (at, wanted) in wanted.iter_mut().enumerate() {
            *wanted = *wanted && fits(at);
        }
        places.iter().copied().filter(|at| wanted[*at]).collect()
    }

    fn fits(&self, session: &Session, line: &Line, words: &[Word<'_>], masked: bool) -> bool {
        let Some(Words { text, secrets }) = line.words.clone() else { return false };
        let (text, secrets) = (&self.text[text], &self.text[secrets]);
        if !masked {
            return words.iter().all(|word| text.contains(word.text) || secrets.contains(word.text));
        }
        if !words.iter().all(|word| text.contains(word.text)) {
            return false;
        }
        if secrets.is_empty() {
            return true;
        }
        // A word that is no part of any recorded name can't give one away; only the others are looked at closely.
        let ascii = secrets.is_ascii();
        let suspect = |word: &&Word<'_>| !ascii || !word.alphabetic || secrets.contains(word.text);
        // A letter or two stand in nearly every name: they find codes, stages and leads only, until more is typed.
        let head = text.lines().next().unwrap_or("");
        if !words.iter().filter(suspect).all(|word| !word.short || head.contains(word.text)) {
            return false;
        }
        let mut long = words.iter().filter(suspect).filter(|word| !word.short).peekable();
        if long.peek().is_none() {
            return true;
        }
        let seen = session.mask(Some(line.case)).masked(text).to_lowercase();
        long.all(|word| seen.contains(word.text))
    }
}

/// A case as a line, without what is searched of it.
fn line(session: &Session, case: Case<'_>) -> Line {
    let (state, stages) = (session.state(), &session.pack().stages);
    let (id, stage) = (case.0.id, case.stage());
    Line {
        case: id,
        code: state.code(id).to_string(),
        risk: case.risk(),
        stage: stages.iter().position(|known| known.code == stage).unwrap_or(stages.len()),
        open: case.is_open(),
        next: None,
        lead: case.lead(),
        opened: case.0.held(Field::CaseOpened).as_when().map_or(0, |when| when.timestamp_millis()),
        words: None,
    }
}

/// A word that is searched for, in lower case.
struct Word<'a> {
    text: &'a str,
    short: bool,
    alphabetic: bool,
}

impl<'a> Word<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, short: is_short(text), alphabetic: text.chars().all(char::is_alphabetic) }
    }
}

/// The names of members and agencies, the labels of stages and all links, as one number.
fn leans_on(session: &Session) -> u64 {
    let state = session.state();
    let mut hasher = DefaultHasher::new();
    for item in [ItemKind::Member, ItemKind::Agency, ItemKind::Colleague].into_iter().flat_map(|kind| state.items(kind))
    {
        (item.id, owner_name(state, Some(item.id))).hash(&mut hasher);
    }
    for stage in &session.pack().stages {
        (&stage.code, &stage.label).hash(&mut hasher);
    }
    for link in state.items(ItemKind::Link) {
        ends(link).for_each(|end| end.hash(&mut hasher));
    }
    hasher.finish()
}

/// The cases that a link names.
fn ends(link: &Item) -> impl Iterator<Item = ItemId> {
    [Field::LinkA, Field::LinkB].map(|end| link.held(end).as_item()).into_iter().flatten()
}

/// As [`str::to_lowercase`], without a copy of its own where the text is plain.
fn push_lower(out: &mut String, text: &str) {
    if text.is_ascii() {
        let from = out.len();
        out.push_str(text);
        out[from..].make_ascii_lowercase();
    } else {
        out.push_str(&text.to_lowercase());
    }
}

/// Too short to be looked for among masked names.
pub fn is_short(word: &str) -> bool {
    word.chars().count() < 3
}

/// The recorded names of a case in lower case, also without spaces and hyphens, as people join them.
fn push_secrets(out: &mut String, state: &State, case: Case<'_>) {
    for (text, _) in case.secrets(state) {
        let text = text.to_lowercase();
        out.push_str(&text);
        out.push('\n');
        if !text.chars().all(char::is_alphanumeric) {
            out.extend(text.chars().filter(|c| c.is_alphanumeric()));
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::parish;
    use super::*;
    use crate::domain::today;
    use crate::domain::value::Value;
    use crate::ops::{CaseClose, CaseEdit, CaseLink, CaseNote, CaseOpen};
    use crate::testing::team;

    /// What the lines say, in an order that does not depend on how they came.
    fn told(index: &Index) -> Vec<String> {
        let line = |line: &Line| {
            let Words { text, secrets } = line.words.clone().expect("read");
            let (text, secrets) = (&index.text[text], &index.text[secrets]);
            let Line { case, code, open, risk, stage, .. } = line;
            format!("{case} {code} {open} {risk:?} {stage} {text:?} {secrets:?} {:?}", index.next(line))
        };
        let mut lines: Vec<String> = index.lines.iter().map(line).collect();
        lines.sort();
        lines.push(format!("{:?} {}", index.counts, index.code_width));
        lines
    }

    /// What was kept up to date is what would be made from nothing.
    fn holds(kept: &mut Index, session: &Session, after: &str) {
        kept.refresh(session);
        kept.read_words(session);
        let mut fresh = Index::default();
        fresh.refresh(session);
        fresh.read_words(session);
        assert_eq!(told(kept), told(&fresh), "after {after}");
        let (state, now) = (session.state(), session.now());
        let all = today::today(state, session.pack(), session.calendar(), now);
        assert_eq!(*session.today(), all, "Today after {after}");
        for case in state.items(ItemKind::Case).map(|item| item.id) {
            let of: Vec<Due> = all.iter().filter(|due| due.case == Some(case)).cloned().collect();
            assert_eq!(session.due_in(case), of, "a case's lines after {after}");
        }
    }

    #[test]
    fn only_what_has_changed_is_made_anew_and_nothing_else_is_different() {
        let (mut session, cases) = parish();
        let mut kept = Index::default();
        holds(&mut kept, &session, "opening");
        let at = |kept: &Index, case| kept.lines[kept.places[&case]].words.as_ref().map(|words| words.text.start);
        let untouched = at(&kept, cases[1]);
        let (kind, text) = ("general".to_owned(), "The bus driver knows the family".to_owned());
        session.run(CaseNote { cases: vec![cases[0]], kind, class: None, text, when: None }).expect("noted");
        holds(&mut kept, &session, "a note");
        assert_eq!(at(&kept, cases[1]), untouched, "no line but the noted case's was made anew");
        assert!(kept.waste > 0);
        team::action(&mut session, cases[2], "Call the shelter", 1);
        holds(&mut kept, &session, "an action");
        session
            .run(CaseLink { a: cases[0], b: cases[2], kind: "sibling".into(), words: crate::ops::LinkWords::default() })
            .expect("linked");
        holds(&mut kept, &session, "a link");
        let values = vec![(Field::CaseAlias, Value::text("Reedy"))];
        session.run(CaseEdit { case: cases[2], values, followup: false }).expect("edited");
        holds(&mut kept, &session, "a name in a linked case");
        let values = vec![(Field::CaseConcern, Value::text("Works at a stall at night"))];
        session.run(CaseOpen { values, ..CaseOpen::default() }).expect("opened");
        holds(&mut kept, &session, "a new case");
        let close = CaseClose { cancel_open: true, ..CaseClose::new(cases[1], "goals-met") };
        session.run(close).expect("closed");
        holds(&mut kept, &session, "closing");
        while session.undo().is_ok() {
            holds(&mut kept, &session, "undoing");
        }
        assert!(kept.lines.len() < cases.len(), "openings were undone");
    }
}
