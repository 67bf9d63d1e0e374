//! A tab that is a list: its lines, which one is selected, and the full text of that one below.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::field::Field;
use crate::domain::ids::{EntryId, ItemId};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, wrapped};
use crate::tui::widgets::{Cell, Column, Row, Table, TableState, bars, cell};

use super::sheet::{self, Block, Para, Scroll};

/// From this height on the selected line's full text stands below the list.
const WITH_DETAIL: u16 = 11;

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A note, or the child's own words.
    Note(ItemId),
    /// An action.
    Action(ItemId),
    /// A planned or made contact.
    FollowUp(ItemId),
    /// A consent.
    Consent(ItemId),
    /// A referral.
    Referral(ItemId),
    /// An entry of the history; `true` if it can be struck.
    Entry(EntryId, bool),
    /// A field on which a person has to decide.
    Conflict(ItemId, Field),
    /// Something that happened.
    Event(EntryId, usize),
}

impl Target {
    /// Whether both stand for the same thing, whatever can be done to it now.
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Entry(a, _), Self::Entry(b, _)) => a == b,
            (a, b) => a == b,
        }
    }
}

/// How a line stands, shown as a sign before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Done, or made.
    Done,
    /// Missed.
    Missed,
    /// Cancelled.
    Cancelled,
    /// Its day has passed.
    Late,
    /// It can't go on.
    Blocked,
    /// It waits for its day.
    Open,
}

impl Sign {
    fn cell(self, theme: &Theme) -> Cell {
        let (sign, role) = match self {
            Self::Done => (theme.symbols.check, Role::Done),
            Self::Missed => (theme.symbols.cross, Role::Soon),
            Self::Cancelled => (theme.symbols.cross, Role::Dim),
            Self::Late => ("!", Role::Late),
            Self::Blocked => ("?", Role::Soon),
            Self::Open => ("", Role::Text),
        };
        cell(sign, role)
    }
}

/// A line that can be selected.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How it stands: a first cell of its own, where the list has one.
    pub sign: Option<Sign>,
    /// What it stands for.
    pub target: Target,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Done, or taken back.
    pub struck: bool,
    /// All of it, for the place below the list.
    pub detail: Vec<Para>,
}

/// A line.
#[derive(Clone, Debug)]
pub enum Line {
    /// A heading with a count.
    Section(String, usize),
    /// A line that can be selected.
    Entry(Entry),
}

/// The lines of a tab, with what is selected.
#[derive(Default)]
pub struct List {
    lines: Vec<Line>,
    table: TableState,
}

impl List {
    /// Shows these lines; the selection stays on what it was on.
    pub fn set(&mut self, lines: Vec<Line>) {
        let kept = self.selected().map(|entry| entry.target);
        self.lines = lines;
        let fixed = |(at, line): (usize, &Line)| matches!(line, Line::Section(..)).then_some(at);
        self.table.set_rows(self.lines.len(), self.lines.iter().enumerate().filter_map(fixed).collect());
        let same = |line: &Line| matches!(line, Line::Entry(entry) if kept.is_some_and(|kept| kept.is(entry.target)));
        if let Some(at) = self.lines.iter().position(same) {
            self.table.select(at);
        }
    }

    /// The selected line.
    pub fn selected(&self) -> Option<&Entry> {
        match self.lines.get(self.table.selected()?)? {
            Line::Entry(entry) => Some(entry),
            Line::Section(..) => None,
        }
    }

    /// Does what a `list.…` movement says; `false` if it is none.
    pub fn command(&mut self, name: &str) -> bool {
        self.table.command(name)
    }

    /// Takes a click; true if the line was selected before.
    pub fn click(&mut self, y: u16) -> bool {
        let before = self.table.selected();
        self.table.click(y) && before == self.table.selected()
    }

    /// `3/12`.
    pub fn position(&self) -> String {
        self.table.position()
    }

    /// Draws the list, and below it the selected line in full.
    pub fn draw(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        columns: Vec<Column>,
        empty: &str,
    ) -> Option<Position> {
        if self.lines.is_empty() {
            let lines = wrapped(empty, usize::from(area.width.saturating_sub(4)).max(1));
            for ((at, line), y) in lines.iter().enumerate().zip(area.y + 1..area.bottom()) {
                let role = if at == 0 { Role::Text } else { Role::Dim };
                put(buf, area.x + 2, y, area.width.saturating_sub(3), line, theme.style(role));
            }
            return None;
        }
        // A margin at the right, like the one at the left.
        let (above, below) = split(area);
        let above = Rect { width: above.width.saturating_sub(1), ..above };
        let lines = &self.lines;
        let cursor = Table::new(columns).draw(buf, above, theme, &mut self.table, |range| {
            lines[range].iter().map(|line| row(line, theme)).collect()
        });
        if let (Some(below), Some(entry)) = (below, self.selected()) {
            bars::rule(buf, Rect { height: 1, ..below }, theme);
            let place = Rect { y: below.y + 1, height: below.height - 1, ..below };
            let block = Block::plain(entry.detail.clone());
            sheet::draw(buf, place, theme, &mut Scroll::default(), &[block], &[], u16::MAX);
        }
        cursor
    }
}

fn row(line: &Line, theme: &Theme) -> Row {
    match line {
        Line::Section(title, count) => Row::Section(title.clone(), Some(*count)),
        Line::Entry(entry) => {
            let sign = entry.sign.map(|sign| sign.cell(theme));
            Row::item(sign.into_iter().chain(entry.cells.iter().cloned())).struck(entry.struck)
        }
    }
}

/// Two thirds for the list; the rest, at least four lines and a rule, for the selected line.
fn split(area: Rect) -> (Rect, Option<Rect>) {
    if area.height < WITH_DETAIL {
        return (area, None);
    }
    let detail = (area.height / 3).clamp(5, 12);
    let above = Rect { height: area.height - detail, ..area };
    (above, Some(Rect { y: above.bottom(), height: detail, ..area }))
}
