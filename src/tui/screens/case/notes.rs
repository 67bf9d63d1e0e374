//! The notes of a case, by the time at which they happened.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::views::Case;
use crate::tui::desk::Desk;

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
