//! A tab that is a list: its lines, which one is selected, and the full text of that one below.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::field::Field;
use crate::domain::ids::{EntryId, ItemId};
use crate::tui::input::Typed;
use crate::tui::screens::due_list::draw_empty;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::put;
use crate::tui::widgets::{Cell, Column, Filter, Row, Step, Table, TableState, bars, cell};

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
    /// A screening.
    Screening(ItemId),
    /// A decision.
    Decision(ItemId),
    /// A request to close the case.
    Closing(ItemId),
    /// A service of the care plan.
    Service(ItemId),
    /// A kind of help under which nothing stands yet, by its place in the plan.
    Care(usize),
    /// A document.
    Document(ItemId),
    /// Somebody in the child's life.
    Person(ItemId),
    /// Somebody who is named in a field of the case.
    Named(Field),
    /// Another case that belongs to this one.
    Linked(ItemId),
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
    /// It is planned.
    Planned,
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
            Self::Planned => (theme.symbols.dot, Role::Soon),
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

impl Entry {
    /// Everything that it shows, in lower case.
    fn text(&self) -> String {
        let cells = self.cells.iter().map(Cell::text);
        let all: Vec<String> = cells.map(str::to_owned).chain(self.detail.iter().map(Para::text)).collect();
        all.join(" ").to_lowercase()
    }
}

/// The lines of a tab, with what is selected and what they are filtered by.
#[derive(Default)]
pub struct List {
    all: Vec<Line>,
    /// Those that the filter leaves.
    lines: Vec<Line>,
    table: TableState,
    filter: Filter,
}

impl List {
    /// Shows these lines; the selection stays on what it was on.
    pub fn set(&mut self, lines: Vec<Line>) {
        self.all = lines;
        self.narrow();
    }

    /// Shows what fits the filter; a section that nothing is left of goes, and the others count what is.
    fn narrow(&mut self) {
        let kept = self.selected().map(|entry| entry.target);
        self.lines.clear();
        for line in &self.all {
            match line {
                Line::Section(title, count) => {
                    if matches!(self.lines.last(), Some(Line::Section(..))) {
                        self.lines.pop();
                    }
                    let count = if self.filter.is_empty() { *count } else { 0 };
                    self.lines.push(Line::Section(title.clone(), count));
                }
                Line::Entry(entry) if self.filter.is_empty() => self.lines.push(Line::Entry(entry.clone())),
                Line::Entry(entry) if self.filter.fits(&entry.text()) => {
                    let section = self.lines.iter_mut().rev().find_map(|line| match line {
                        Line::Section(_, count) => Some(count),
                        Line::Entry(_) => None,
                    });
                    if let Some(count) = section {
                        *count += 1;
                    }
                    self.lines.push(Line::Entry(entry.clone()));
                }
                Line::Entry(_) => {}
            }
        }
        if matches!(self.lines.last(), Some(Line::Section(..))) {
            self.lines.pop();
        }
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

    /// Does what moves and filters; `false` if the command is none of a list's.
    pub fn command(&mut self, name: &str) -> bool {
        match self.filter.command(name) {
            Step::Pass => return self.table.command(name),
            Step::Changed => self.narrow(),
            Step::Done => {}
        }
        true
    }

    /// Takes text into the filter.
    pub fn typed(&mut self, typed: &Typed) {
        self.filter.typed(typed);
        self.narrow();
    }

    /// The filter.
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether there is nothing to show, whatever the filter.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Draws the filter over the rule above the list.
    pub fn draw_filter(&mut self, buf: &mut Buffer, line: Rect, theme: &Theme) -> Option<Position> {
        if self.filter.text().is_empty() && !self.filter.typing() {
            return None;
        }
        let place = Rect { x: line.x + 2, width: line.width.saturating_sub(4).min(44), ..line };
        put(buf, place.x, place.y, place.width, &" ".repeat(usize::from(place.width)), theme.style(Role::Text));
        self.filter.draw(buf, Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place }, theme)
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
        empty: &[&str],
    ) -> Option<Position> {
        if self.lines.is_empty() {
            let lines = if self.is_empty() { empty } else { &["Nothing fits the filter. Esc takes it away."] };
            draw_empty(buf, area, theme, lines);
            return Some(Position::new(area.x, area.y));
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
