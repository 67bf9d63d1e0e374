//! The notes of a case, by the time at which they happened.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::telling::MayTell;
use crate::domain::views::Case;
use crate::tui::desk::Desk;
use crate::tui::screens::forms::sentence;

use super::lines::moment;
use super::{care, screening};

/// A note.
#[derive(Clone, Copy)]
pub struct Note<'a> {
    /// The note's item.
    pub item: &'a Item,
    /// When it happened or was said.
    pub when: DateTime<Utc>,
    /// Who wrote it down.
    pub author: Option<ItemId>,
    /// The kind's code.
    pub kind: &'a str,
    /// The words, as written.
    pub text: &'a str,
}

impl Note<'_> {
    /// The day in Jamaica.
    pub fn day(&self) -> NaiveDate {
        self.when.with_timezone(&dates::jamaica()).date_naive()
    }
}

/// All notes but the child's own words, newest first; before a room without those of an interview.
pub fn plain<'a>(desk: &'a Desk, case: Case<'a>) -> Vec<Note<'a>> {
    notes(desk, case, |class| class != Class::Views && !desk.keeps_back(class))
}

/// The child's own words, newest first: to be shown only when somebody asks.
pub fn views<'a>(desk: &'a Desk, case: Case<'a>) -> Vec<Note<'a>> {
    notes(desk, case, |class| class == Class::Views)
}

fn notes<'a>(desk: &'a Desk, case: Case<'a>, of: impl Fn(Class) -> bool) -> Vec<Note<'a>> {
    let state = desk.open_session().state();
    let note = |item: &'a Item| {
        let stamp = item.created.and_then(|no| state.stamp(no));
        let written = stamp.and_then(|stamp| DateTime::from_timestamp_millis(stamp.wall)).unwrap_or_default();
        Note {
            item,
            when: item.value(Field::NoteWhen).as_when().unwrap_or(written),
            author: stamp.map(|stamp| stamp.author),
            kind: item.str(Field::NoteKind),
            text: item.str(Field::NoteText),
        }
    };
    let mut all: Vec<Note<'a>> =
        state.items_in(case.0.stream, ItemKind::Note).filter(|item| of(item.class)).map(note).collect();
    all.sort_by_key(|note| (std::cmp::Reverse(note.when), note.item.id));
    all
}

/// Whether a note holds the child's own words.
pub fn is_views(desk: &Desk, note: ItemId) -> bool {
    desk.open_session().state().item(note).is_some_and(|note| note.class == Class::Views)
}

/// Something that the child said, with what the child agreed may be told of it.
pub struct Said {
    /// When, and who wrote it down; or of what it was said.
    pub head: String,
    /// What may be told.
    pub may: MayTell,
    /// The same in words.
    pub may_words: String,
    /// The words, masked while names are.
    pub text: String,
}

/// All that the child said, the newest first; then what was said of services and decisions.
pub fn child_says(desk: &Desk, case: Case<'_>) -> Vec<Said> {
    let state = desk.open_session().state();
    let mut all: Vec<Said> = views(desk, case)
        .iter()
        .map(|note| {
            let may = MayTell::of(note.item);
            Said {
                head: format!("{}, written down by {}", moment(desk, note.when), desk.owner(note.author)),
                may,
                may_words: sentence(&may.words(state, note.item)),
                text: desk.text(Some(case.0.id), note.text).into_owned(),
            }
        })
        .collect();
    let of = |(label, text): (String, String)| Said {
        head: format!("of: {label}"),
        may: MayTell::Ask,
        may_words: String::new(),
        text,
    };
    all.extend(screening::views(desk, case).into_iter().chain(care::views(desk, case)).map(of));
    all
}

/// The notes of the child's views, the newest first: the note, when it was said and who wrote it down, what may be told.
pub fn child_notes(desk: &Desk, case: Case<'_>) -> Vec<(ItemId, String, String)> {
    let pack = desk.open_session().pack();
    let line = |note: &Note<'_>| {
        let head = format!("{}, {}", moment(desk, note.when), desk.owner(note.author));
        (note.item.id, head, pack.label("may-tell", MayTell::of(note.item).code()).to_owned())
    };
    views(desk, case).iter().map(line).collect()
}
