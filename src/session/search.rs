//! What can be searched of all cases, in memory: the words of each, and what tells its child from others.
//!
//! It is read on first use, part by part, so that no key waits for it, and follows what is committed, taken in or taken
//! away: it holds what the person who unlocked may read now, and nothing else. It is never on disk; what a case no longer
//! says is overwritten, and all of it is when the session ends.
//!
//! What is masked can't be found: while names are masked a search goes through the masked text and no other.

use std::borrow::Cow;
use std::cell::Ref;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use zeroize::Zeroizing;

use super::Session;
use crate::domain::alike::{self, Known, Likely};
use crate::domain::clean;
use crate::domain::document::Document;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId, StreamKind};
use crate::domain::idtable::IdMap;
use crate::domain::item::Item;
use crate::domain::mask::Mask;
use crate::domain::media::{self, Media};
use crate::domain::pack::Risk;
use crate::domain::searchable::{Depth, Piece, pieces};
use crate::domain::state::State;
use crate::domain::views::{Case, Member, owner_name};

/// So many bytes of text are read at a time while somebody waits for nothing: a few milliseconds.
pub const PART: usize = 128 << 10;
/// What reading a case costs beside its text, in bytes of text.
const CASE: usize = 200;
/// Longer text files are found by their name alone.
const LONGEST_DOCUMENT: u64 = 256 << 10;
/// The most words that are searched for; what is typed beyond them is not.
const MOST_WORDS: usize = 16;
/// The most characters of a line that is shown.
const LONGEST_LINE: usize = 160;

/// What is searched for, and how far.
#[derive(Clone, Debug)]
pub struct Query {
    words: Vec<String>,
    /// While names are masked they are not found.
    masked: bool,
    depth: Depth,
}

impl Query {
    /// What was typed: every word of it must occur.
    pub fn new(typed: &str, masked: bool, depth: Depth) -> Self {
        let typed = clean::line(typed).to_lowercase();
        let words = typed.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect();
        Self { words, masked, depth }
    }

    /// Nothing is searched for.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many of its words stand in a text in lower case.
    fn count_in(&self, text: &str) -> usize {
        self.words.iter().filter(|word| text.contains(&**word)).count()
    }
}

impl Query {
    /// A line from so many characters before the first word that was found, for where there is little room.
    pub fn near(&self, line: &str, before: usize) -> String {
        let small = line.to_lowercase();
        let found = self.words.iter().filter_map(|word| small.find(&**word)).min().unwrap_or(0);
        // Letters can change their length when they are made small: the place is near enough.
        let at = small[..found].chars().count();
        if at <= before {
            return line.to_owned();
        }
        let rest: String = line.chars().skip(at - before).collect();
        // From the next whole word on, unless that is the one that was found.
        let whole = rest.find(' ').filter(|space| rest[..*space].chars().count() < before);
        format!("…{}", whole.map_or(&*rest, |space| rest[space..].trim_start()))
    }
}

/// A line of a case in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The item in which it stands.
    pub item: ItemId,
    /// Where it stands: "Concern", "visit", "action".
    pub place: String,
    /// The line, masked where the query was.
    pub line: String,
}

/// Where the text of a case lies. It begins with code, stage and lead on its first line; behind it come what a list of
/// cases shows, what was told and what was confided: a search takes as many of them as its depth allows.
#[derive(Clone, Debug)]
struct Spans {
    start: usize,
    /// Where the text of each depth ends.
    ends: [usize; 3],
    /// Behind the text: the recorded names and places, and whatever else says who or where somebody is.
    named: usize,
    /// Behind the names: the same text masked, where that is different.
    masked: Option<[usize; 3]>,
}

impl Spans {
    const fn text(&self, depth: Depth, masked: bool) -> Range<usize> {
        match self.masked {
            Some(ends) if masked => self.named..ends[depth as usize],
            _ => self.start..self.ends[depth as usize],
        }
    }

    const fn names(&self) -> Range<usize> {
        self.ends[2]..self.named
    }

    const fn all(&self) -> Range<usize> {
        self.start..match self.masked {
            Some(ends) => ends[2],
            None => self.named,
        }
    }
}

/// A case in the index.
#[derive(Debug)]
struct Entry {
    case: ItemId,
    /// Open ones first, the higher risk first, the newest first.
    rank: (bool, Risk, Reverse<i64>),
    /// `None` until it is read, and when it can't be read any more.
    spans: Option<Spans>,
}

/// The words of all cases that can be read here.
#[derive(Debug, Default)]
pub struct Words {
    entries: Vec<Entry>,
    slots: IdMap<ItemId, usize>,
    text: Arena,
    /// Bytes of it that no case needs any more.
    waste: usize,
    /// The entries that are still to be read.
    unread: Vec<usize>,
    children: alike::Index,
    revision: Option<u64>,
    /// What all entries lean on: names, labels and links. If it changes, all are read anew.
    leans_on: u64,
    /// Grows whenever a search may find something else than before.
    version: u64,
}

/// Lower-case text that leaves no copies behind: what is outgrown or taken back is overwritten.
#[derive(Debug, Default)]
struct Arena(Zeroizing<String>);

impl Arena {
    fn push(&mut self, text: &str) {
        if self.0.capacity() - self.0.len() < text.len() {
            let mut larger = Zeroizing::new(String::with_capacity((self.0.len() + text.len()) * 2));
            larger.push_str(&self.0);
            self.0 = larger;
        }
        self.0.push_str(text);
    }

    fn push_lower(&mut self, text: &str) {
        let from = self.0.len();
        if text.is_ascii() {
            self.push(text);
            self.0[from..].make_ascii_lowercase();
        } else {
            self.push(&Zeroizing::new(text.to_lowercase()));
        }
    }

    fn wipe(&mut self, range: Range<usize>) {
        let blank = " ".repeat(range.len());
        self.0.replace_range(range, &blank);
    }
}

impl Words {
    /// Grows whenever a search may find something else than before.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// How many cases are still to be read.
    pub const fn unread(&self) -> usize {
        self.unread.len()
    }

    /// Where a case stands in it, for as long as the session lasts.
    pub fn slot(&self, case: ItemId) -> Option<usize> {
        self.slots.get(&case).copied()
    }

    /// Takes note of what has changed in the State.
    fn refresh(&mut self, session: &Session) {
        let state = session.state();
        let revision = state.revision();
        if self.revision == Some(revision) {
            return;
        }
        let leans_on = leans_on(session);
        let changed = self.revision.filter(|_| self.leans_on == leans_on && self.waste * 2 <= self.text.0.len());
        match changed.and_then(|before| state.changed_since(before)) {
            Some(changed) => {
                for case in changed.iter().filter(|stream| stream.kind() == Some(StreamKind::Case)).map(StreamId::item)
                {
                    let linked = state.links_of(case).flat_map(ends_of);
                    // A new code may make its neighbours' longer.
                    let near = if self.slots.contains_key(&case) { Vec::new() } else { state.code_neighbours(case) };
                    linked.chain(near).chain([case]).collect::<BTreeSet<_>>().into_iter().for_each(|it| self.mark(it));
                }
            }
            None => self.mark_all(session),
        }
        (self.revision, self.leans_on) = (Some(revision), leans_on);
        self.version += 1;
    }

    fn mark_all(&mut self, session: &Session) {
        self.text = Arena::default();
        self.waste = 0;
        self.children = alike::Index::default();
        self.entries.iter_mut().for_each(|entry| entry.spans = None);
        for case in session.state().items(ItemKind::Case) {
            self.slot_of(case.id);
        }
        self.unread = (0..self.entries.len()).rev().collect();
    }

    /// What a case said before is forgotten now, and read anew with the next part.
    fn mark(&mut self, case: ItemId) {
        let slot = self.slot_of(case);
        if let Some(spans) = self.entries[slot].spans.take() {
            self.waste += spans.all().len();
            self.text.wipe(spans.all());
        }
        self.children.put(case, None);
        if !self.unread.contains(&slot) {
            self.unread.push(slot);
        }
    }

    fn slot_of(&mut self, case: ItemId) -> usize {
        *self.slots.entry(case).or_insert_with(|| {
            self.entries.push(Entry { case, rank: (true, Risk::Unassessed, Reverse(0)), spans: None });
            self.entries.len() - 1
        })
    }

    /// Reads what is still to be read, up to so many bytes of text.
    fn read(&mut self, session: &Session, most: usize) {
        let mut cost = 0;
        while cost < most {
            let Some(slot) = self.unread.pop() else { break };
            let id = self.entries[slot].case;
            let case = Case::get(session.state(), id);
            self.children.put(id, case.map(Known::of_case));
            let before = self.text.0.len();
            if let Some(case) = case {
                let reported = case.reported().map_or(0, |when| when.timestamp_millis());
                self.entries[slot].rank = (!case.is_open(), case.risk(), Reverse(reported));
            }
            self.entries[slot].spans = case.map(|case| self.read_case(session, case));
            cost += CASE + self.text.0.len() - before;
            self.version += 1;
        }
    }

    fn read_case(&mut self, session: &Session, case: Case<'_>) -> Spans {
        let (state, pack) = (session.state(), session.pack());
        let start = self.text.0.len();
        self.text.push_lower(&state.code(case.0.id).to_string());
        for words in [pack.label("stage", case.stage()), &*owner_name(state, case.lead())] {
            self.text.push(" ");
            self.text.push_lower(words);
        }
        let head = self.text.0.len();
        let documents = session.texts_of_documents(case);
        let all: Vec<Piece<'_>> = pieces(state, case).collect();
        let mut put = |wanted: Option<Depth>| {
            let written = all.iter().filter(|piece| piece.depth() == wanted).map(|piece| &*piece.text);
            let held = documents.iter().filter(|(depth, _)| *depth == wanted).map(|(_, text)| text.as_str());
            for text in written.chain(held) {
                self.text.push("\n");
                self.text.push_lower(text);
            }
            self.text.0.len()
        };
        let ends = [Depth::Shown, Depth::Told, Depth::Confided].map(|depth| put(Some(depth)));
        put(None);
        let linked = state.links_of(case.0.id).flat_map(ends_of).filter(|other| *other != case.0.id);
        for named in std::iter::once(case).chain(linked.filter_map(|other| Case::get(state, other))) {
            self.push_secrets(session.state(), named);
        }
        let named = self.text.0.len();
        let masked = self.push_masked(&session.mask(Some(case.0.id)), [start, head, ends[0], ends[1], ends[2]]);
        Spans { start, ends, named, masked }
    }

    /// The same text masked, if that is different: where each depth of it ends. Its first line is never masked.
    fn push_masked(&mut self, mask: &Mask, [start, head, shown, told, confided]: [usize; 5]) -> Option<[usize; 3]> {
        let parts = [head..shown, shown..told, told..confided];
        let masked = parts.clone().map(|part| match mask.masked(&self.text.0[part]) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(Zeroizing::new(text)),
        });
        if masked.iter().all(Option::is_none) {
            return None;
        }
        let line = Zeroizing::new(self.text.0[start..head].to_owned());
        self.text.push(&line);
        let mut ends = [0; 3];
        for ((end, part), text) in ends.iter_mut().zip(parts).zip(masked) {
            let text = text.unwrap_or_else(|| Zeroizing::new(self.text.0[part].to_owned()));
            self.text.push(&text);
            *end = self.text.0.len();
        }
        Some(ends)
    }

    /// The recorded names of a case, also without spaces and hyphens, as people join them.
    fn push_secrets(&mut self, state: &State, case: Case<'_>) {
        for (text, _) in case.secrets(state) {
            let text = Zeroizing::new(text);
            self.text.push("\n");
            self.text.push_lower(&text);
            if !text.chars().all(char::is_alphanumeric) {
                let joined: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| c.is_alphanumeric()).collect());
                self.text.push("\n");
                self.text.push_lower(&joined);
            }
        }
    }

    /// Whether the case in a slot holds every word that is searched for. What is not read yet is not found.
    pub fn fits(&self, slot: usize, query: &Query) -> bool {
        let Some(Entry { spans: Some(spans), .. }) = self.entries.get(slot) else { return false };
        let text = &self.text.0[spans.text(query.depth, query.masked)];
        let names = if query.masked { "" } else { &self.text.0[spans.names()] };
        query.words.iter().all(|word| text.contains(&**word) || names.contains(&**word))
    }

    /// The cases that hold all that is searched for: how many there are, and the first of them, at most so many: open ones
    /// first, the higher risk first, the newest first. Only those that `may` be.
    pub fn find(&self, query: &Query, most: usize, may: impl Fn(ItemId) -> bool) -> (usize, Vec<ItemId>) {
        if query.is_empty() {
            return (0, Vec::new());
        }
        let fit = (0..self.entries.len()).filter(|slot| self.fits(*slot, query)).map(|slot| &self.entries[slot]);
        let mut found: Vec<_> = fit.filter(|entry| may(entry.case)).map(|entry| (entry.rank, entry.case)).collect();
        let count = found.len();
        if count > most && most > 0 {
            found.select_nth_unstable(most - 1);
        }
        found.truncate(most);
        found.sort_unstable();
        (count, found.into_iter().map(|(_, case)| case).collect())
    }

    /// What tells children apart in the cases that were read.
    pub const fn children(&self) -> &alike::Index {
        &self.children
    }
}

impl Session {
    /// Brings what can be searched up to date with the State and reads some more of it; true when all is read.
    pub fn read_words(&self, most: usize) -> bool {
        let mut words = self.words.take();
        words.refresh(self);
        words.read(self, most);
        let done = words.unread.is_empty();
        self.words.replace(words);
        done
    }

    /// What can be searched, as far as it was read.
    pub fn all_words(&self) -> Ref<'_, Words> {
        self.words.borrow()
    }

    /// True if somebody has searched, and there is something to read since.
    pub fn words_wait(&self) -> bool {
        let words = self.words.borrow();
        words.revision.is_some_and(|revision| revision != self.state.revision()) || !words.unread.is_empty()
    }

    /// How far whoever unlocked may search: observers see what a list shows.
    pub fn search_depth(&self, wanted: Depth) -> Depth {
        if self.observes() { Depth::Shown } else { wanted }
    }

    /// True for observers and whoever has left: cases are not compared for them, and no name is looked for.
    pub fn observes(&self) -> bool {
        Member::get(&self.state, self.me).is_none_or(|me| me.role() == "observer" || me.left())
    }

    /// The lines of a case in which something that is searched for stands, those with the most of it first. Of a case that
    /// only some may read, opening it goes on record: here only where something stands is told, and what a list shows.
    pub fn hits(&self, case: ItemId, query: &Query, most: usize) -> Vec<Hit> {
        let Some(case) = Case::get(&self.state, case) else { return Vec::new() };
        let mask = self.mask(query.masked.then_some(case.0.id));
        let within = |piece: &Piece<'_>| piece.depth().map_or(!query.masked, |depth| depth <= query.depth);
        let mut found: Vec<(usize, Hit)> = Vec::new();
        for piece in pieces(&self.state, case).filter(within) {
            let shown = mask.masked(&piece.text);
            let best = shown.lines().map(|line| (query.count_in(&line.to_lowercase()), line));
            let Some((count, line)) = best.rev().max_by_key(|(count, _)| *count).filter(|(count, _)| *count > 0) else {
                continue;
            };
            let place = piece.place(&self.state, &self.pack);
            let told = !case.is_restricted() || piece.depth() == Some(Depth::Shown);
            let line = if told { around(line, query) } else { "opening the case goes on record".to_owned() };
            found.push((count, Hit { item: piece.item, place, line }));
        }
        for (document, text) in self.text_documents(case) {
            let count = query.count_in(&mask.masked(&text).to_lowercase());
            let depth = depth_of(document.0);
            if count > 0 && depth.map_or(!query.masked, |depth| depth <= query.depth) {
                let name =
                    if query.masked && depth.is_none() { "(masked)".into() } else { mask.masked(document.name()) };
                let line = format!("in the text of {name}; opening it goes on record");
                let place = document.0.kind.name().to_owned();
                found.push((count, Hit { item: document.0.id, place, line: clean::shown(&line).into_owned() }));
            }
        }
        // Of equals the first stays first.
        found.sort_by_key(|(count, _)| Reverse(*count));
        found.into_iter().map(|(_, hit)| hit).take(most).collect()
    }

    /// The cases that may be about this child, the likeliest first, among those that can be read here: nobody outside is
    /// asked, and what only others may read is not compared. For observers nothing is.
    pub fn likely(&self, child: &Known) -> Vec<Likely> {
        if self.observes() {
            return Vec::new();
        }
        self.all_words().children().find(child)
    }

    /// Pairs of cases that may be about the same child, the older case first, the likeliest pair first: among all that were
    /// read, or those with one case. Left out is what somebody has settled: linked cases, and those closed as opened twice.
    pub fn likely_pairs(&self, of: Option<ItemId>) -> Vec<(ItemId, Likely)> {
        let (state, words) = (&self.state, self.all_words());
        let settled = |case: Case<'_>| !case.is_open() && case.0.str(Field::CaseCloseReason) == "duplicate";
        let mut pairs = Vec::new();
        if self.observes() {
            return pairs;
        }
        for case in state.items(ItemKind::Case).map(Case).filter(|case| of.is_none_or(|of| of == case.0.id)) {
            let linked: Vec<ItemId> = case.links(state).into_iter().map(|(other, _)| other).collect();
            for likely in words.children().like(case.0.id) {
                let Some(other) = Case::get(state, likely.case).filter(|_| !linked.contains(&likely.case)) else {
                    continue;
                };
                let age = |case: Case<'_>| (case.reported(), case.0.id);
                if !settled(case) && !settled(other) && (of.is_some() || age(case) < age(other)) {
                    pairs.push((case.0.id, likely));
                }
            }
        }
        pairs.sort_by_key(|(case, likely)| (Reverse(likely.weight), *case, likely.case));
        pairs
    }

    /// The text files of a case whose words can be searched.
    fn text_documents<'a>(&'a self, case: Case<'a>) -> impl Iterator<Item = (Document<'a>, Zeroizing<String>)> {
        let all = self.state.items_in(case.0.stream, ItemKind::Document).map(Document);
        let texts = all.filter(|document| document.media() == Media::Text && document.size() <= LONGEST_DOCUMENT);
        // What no copy holds is told by the check of the vault, and not by a search.
        texts.filter_map(|document| {
            let bytes = self.bytes_of_document(document).ok()?;
            Some((document, Zeroizing::new(media::text(&bytes))))
        })
    }

    fn texts_of_documents(&self, case: Case<'_>) -> Vec<(Option<Depth>, Zeroizing<String>)> {
        self.text_documents(case).map(|(document, text)| (depth_of(document.0), text)).collect()
    }
}

/// From which depth on a document's text is searched.
fn depth_of(document: &Item) -> Option<Depth> {
    let (kind, class) = (document.kind, document.class);
    Piece { item: document.id, kind, field: Field::DocumentName, class, text: "".into() }.depth()
}

/// A line as it is shown: around the first word that was found, if it is long.
fn around(line: &str, query: &Query) -> String {
    let line = clean::shown(line.trim()).into_owned();
    if line.chars().count() <= LONGEST_LINE {
        return line;
    }
    let from = query.near(&line, LONGEST_LINE / 3);
    let cut: String = from.chars().take(LONGEST_LINE).collect();
    if cut.len() < from.len() { format!("{}…", cut.trim_end()) } else { cut }
}

/// The names of members and agencies, the labels of stages and all links, as one number: lines made of words lean on them.
pub fn leans_on(session: &Session) -> u64 {
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
        ends_of(link).for_each(|end| end.hash(&mut hasher));
    }
    hasher.finish()
}

/// The cases that a link names.
pub fn ends_of(link: &Item) -> impl Iterator<Item = ItemId> {
    [Field::LinkA, Field::LinkB].map(|end| link.held(end).as_item()).into_iter().flatten()
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
