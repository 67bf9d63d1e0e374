//! The rows behind the list of cases: kept up to date with the State and sorted. What is searched of them is the
//! session's ([`Words`]).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId, StreamKind};
use crate::domain::idtable::IdMap;
use crate::domain::pack::Risk;
use crate::domain::today::{Bucket, Due};
use crate::domain::views::{Case, owner_name};
use crate::session::{Query, Session, Words, ends_of, leans_on};

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
        let changed = self.revision.filter(|_| self.leans_on == leans_on);
        let Some(changed) = changed.and_then(|revision| state.changed_since(revision)) else {
            (self.lines, self.places) = (Vec::new(), IdMap::default());
            self.leans_on = leans_on;
            state.items(ItemKind::Case).for_each(|item| self.put(session, item.id));
            return;
        };
        for case in changed.iter().filter(|stream| stream.kind() == Some(StreamKind::Case)).map(StreamId::item) {
            let linked = state.links_of(case).flat_map(ends_of);
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
        let line = Case::get(session.state(), id).map(|case| line(session, case));
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

    /// Those of the places whose case holds all that is searched for, as far as it was read.
    pub fn search(&self, session: &Session, places: &[usize], query: &Query) -> Vec<usize> {
        let words = session.all_words();
        let fits = |at: usize| self.fits(&words, at, query);
        if places.len() * 4 < self.lines.len() {
            return places.iter().copied().filter(|at| fits(*at)).collect();
        }
        // In the order in which the lines were made, as the text lies, which is not that of the places.
        let mut wanted = vec![false; self.lines.len()];
        for at in places {
            wanted[*at] = true;
        }
        for (at, wanted) in wanted.iter_mut().enumerate() {
            *wanted = *wanted && fits(at);
        }
        places.iter().copied().filter(|at| wanted[*at]).collect()
    }

    fn fits(&self, words: &Words, at: usize, query: &Query) -> bool {
        words.slot(self.lines[at].case).is_some_and(|slot| words.fits(slot, query))
    }
}

/// A case as a line.
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
            let Line { case, code, open, risk, stage, .. } = line;
            format!("{case} {code} {open} {risk:?} {stage} {:?}", index.next(line))
        };
        let mut lines: Vec<String> = index.lines.iter().map(line).collect();
        lines.sort();
        lines.push(format!("{:?} {}", index.counts, index.code_width));
        lines
    }

    /// What was kept up to date is what would be made from nothing.
    fn holds(kept: &mut Index, session: &Session, after: &str) {
        kept.refresh(session);
        let mut fresh = Index::default();
        fresh.refresh(session);
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
        let (kind, text) = ("general".to_owned(), "The bus driver knows the family".to_owned());
        session.run(CaseNote { cases: vec![cases[0]], kind, class: None, text, when: None }).expect("noted");
        holds(&mut kept, &session, "a note");
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
