//! A table: aligned columns, section headings, one selected row, any number of rows at the cost of those seen.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::text::{fit, put, width};
use crate::tui::theme::{Role, Theme};

/// How wide a column is, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Always so wide.
    Fixed(u16),
    /// At least so wide, and a share of what is left.
    Flex(u16),
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    title: &'static str,
    width: Width,
    right: bool,
    /// Left out if the table is narrower than this.
    from: u16,
}

impl Column {
    /// A column of fixed width.
    pub const fn fixed(title: &'static str, cells: u16) -> Self {
        Self { title, width: Width::Fixed(cells), right: false, from: 0 }
    }

    /// A column of at least `min` cells that takes a share of what is left.
    pub const fn flex(title: &'static str, min: u16) -> Self {
        Self { title, width: Width::Flex(min), right: false, from: 0 }
    }

    /// Aligned to the right: numbers.
    #[must_use]
    pub const fn right(self) -> Self {
        Self { right: true, ..self }
    }

    /// Shown only if the table is at least `cells` wide.
    #[must_use]
    pub const fn from_width(self, cells: u16) -> Self {
        Self { from: cells, ..self }
    }
}

/// One cell: a text in a role.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    role: Role,
}

impl Cell {
    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A cell in a role other than ordinary text.
pub fn cell(text: impl Into<String>, role: Role) -> Cell {
    Cell { text: text.into(), role }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        cell(text, Role::Text)
    }
}

/// A row of a table.
#[derive(Clone, Debug)]
pub enum Row {
    /// An item, which can be selected.
    Item {
        /// Its cells, one per column.
        cells: Vec<Cell>,
        /// Selected with Space: shown as `√`.
        marked: bool,
        /// Done, but left in place until the list is left.
        struck: bool,
    },
    /// A heading with, at the right, how many it has.
    Section(String, Option<usize>),
    /// An empty line or a remark.
    Remark(String),
}

impl Row {
    /// An item.
    pub fn item<C: Into<Cell>>(cells: impl IntoIterator<Item = C>) -> Self {
        Self::Item { cells: cells.into_iter().map(Into::into).collect(), marked: false, struck: false }
    }

    /// The same, marked if `on`.
    #[must_use]
    pub fn marked(mut self, on: bool) -> Self {
        if let Self::Item { marked, .. } = &mut self {
            *marked = on;
        }
        self
    }

    /// The same, struck through if `on`.
    #[must_use]
    pub fn struck(mut self, on: bool) -> Self {
        if let Self::Item { struck, .. } = &mut self {
            *struck = on;
        }
        self
    }
}

/// What a table remembers between drawings: how many rows, which is selected, what is in view.
///
/// `fixed` are the rows that can't be selected (sections, remarks), ascending.
#[derive(Clone, Debug, Default)]
pub struct TableState {
    len: usize,
    fixed: Vec<usize>,
    selected: usize,
    offset: usize,
    page: usize,
    top: u16,
}

impl TableState {
    /// Tells how many rows there are now, and which can't be selected. The selection stays where it can.
    pub fn set_rows(&mut self, len: usize, fixed: Vec<usize>) {
        self.len = len;
        self.fixed = fixed;
        self.select(self.selected.min(len.saturating_sub(1)));
    }

    /// The selected row, as an index among all rows; `None` if there is no item.
    pub fn selected(&self) -> Option<usize> {
        (self.items() > 0 && self.selected < self.len).then_some(self.selected)
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.len - self.fixed.len().min(self.len)
    }

    /// Selects `row`, or the nearest item after it, or before it.
    pub fn select(&mut self, row: usize) {
        let is_item = |r: &usize| self.fixed.binary_search(r).is_err();
        let row = row.min(self.len.saturating_sub(1));
        self.selected = (row..self.len).find(is_item).or_else(|| (0..row).rev().find(is_item)).unwrap_or(0);
    }

    /// Selects the row that was drawn at screen line `y`, as a click does; `false` if none was.
    pub fn click(&mut self, y: u16) -> bool {
        let row = self.offset + usize::from(y.saturating_sub(self.top));
        let hit =
            y >= self.top && row < (self.offset + self.page).min(self.len) && self.fixed.binary_search(&row).is_err();
        if hit {
            self.selected = row;
        }
        hit
    }

    /// Does what a `list.…` movement says; `false` if it is none.
    pub fn command(&mut self, name: &str) -> bool {
        let page = isize::try_from(self.page.max(2) - 1).unwrap_or(1);
        match name {
            "list.down" => self.step(1),
            "list.up" => self.step(-1),
            "list.page-down" => self.step(page),
            "list.page-up" => self.step(-page),
            "list.first" => self.select(0),
            "list.last" => self.select(self.len.saturating_sub(1)),
            _ => return false,
        }
        true
    }

    /// Moves the selection by so many rows, over headings, and stops at the ends.
    pub fn step(&mut self, by: isize) {
        let target = self.selected.saturating_add_signed(by).min(self.len.saturating_sub(1));
        let is_item = |r: &usize| self.fixed.binary_search(r).is_err();
        let found = if by < 0 {
            (0..=target).rev().find(is_item).or_else(|| (target..self.selected).find(is_item))
        } else {
            (target..self.len).find(is_item).or_else(|| (self.selected..target).rev().find(is_item))
        };
        self.selected = found.unwrap_or(self.selected);
    }

    /// `12/214`; empty if there is nothing.
    pub fn position(&self) -> String {
        let Some(selected) = self.selected() else { return String::new() };
        let before = self.fixed.partition_point(|f| *f < selected);
        format!("{}/{}", selected + 1 - before, self.items())
    }

    /// Scrolls so that the selection is in view, with the heading right above it if there is one.
    fn scroll(&mut self, page: usize) {
        self.page = page;
        let mut first = self.selected;
        while first > 0 && page > self.selected - first + 1 && self.fixed.binary_search(&(first - 1)).is_ok() {
            first -= 1;
        }
        // Below the last item a remark may stand: it comes into view with it.
        let end = (self.selected + 1..self.len).all(|row| self.fixed.binary_search(&row).is_ok());
        let last = if end { self.len.min(self.selected + page) } else { self.selected + 1 };
        let lowest = last.saturating_sub(page);
        self.offset = self.offset.clamp(lowest, first.max(lowest)).min(self.len.saturating_sub(page));
    }
}

/// A column that is shown: its place among all, itself, its left edge and width.
type Place<'a> = (usize, &'a Column, u16, u16);

/// A table of these columns.
///
/// ```
/// use mahoe::tui::widgets::{Column, Row, Table, TableState};
/// # use mahoe::tui::theme::{Depth, Symbols, Theme, ThemeName};
/// # use ratatui::{buffer::Buffer, layout::Rect};
/// # let theme = Theme::new(ThemeName::Dark, Depth::None, Symbols::WGL4);
/// # let area = Rect::new(0, 0, 40, 5);
/// # let mut buf = Buffer::empty(area);
/// let table = Table::new(vec![Column::fixed("Case", 8), Column::flex("What", 10)]);
/// let mut state = TableState::default();
/// state.set_rows(100_000, vec![]);
/// let cursor = table.draw(&mut buf, area, &theme, &mut state, |range| {
///     range.map(|n| Row::item([format!("06-{n}"), "home visit".to_owned()])).collect()
/// });
/// assert_eq!(state.position(), "1/100000");
/// assert!(cursor.is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    titles: bool,
}

impl Table {
    /// A table without a line of titles.
    pub const fn new(columns: Vec<Column>) -> Self {
        Self { columns, titles: false }
    }

    /// With a line of titles on top.
    #[must_use]
    pub fn titled(self) -> Self {
        Self { titles: true, ..self }
    }

    /// Draws the rows in view, which it asks `rows` for, and says where the selected one stands.
    pub fn draw(
        &self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        state: &mut TableState,
        rows: impl FnOnce(Range<usize>) -> Vec<Row>,
    ) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        let columns = self.layout(area);
        let mut body = area;
        if self.titles && area.height > 1 {
            for (_, column, x, w) in &columns {
                let text = fit(column.title, usize::from(*w), theme.symbols.ellipsis);
                put(buf, aligned(*x, *w, &text, column.right), area.y, *w, &text, theme.style(Role::Dim));
            }
            body.y += 1;
            body.height -= 1;
        }
        state.top = body.y;
        state.scroll(usize::from(body.height));
        let range = state.offset..(state.offset + usize::from(body.height)).min(state.len);
        let selected = state.selected();
        let mut cursor = None;
        for ((index, row), y) in range.clone().zip(rows(range)).zip(body.y..) {
            let here = selected == Some(index);
            if here {
                cursor = Some(Position::new(area.x, y));
            }
            draw_row(buf, Rect { y, height: 1, ..area }, theme, &columns, &row, here);
        }
        cursor
    }

    /// The columns that are shown, with their place among all, left edge and width. Two cells on the left are for `▌` and `√`.
    fn layout(&self, area: Rect) -> Vec<Place<'_>> {
        let shown: Vec<(usize, &Column)> =
            self.columns.iter().enumerate().filter(|(_, c)| area.width >= c.from).collect();
        let gaps = u16::try_from(shown.len()).unwrap_or(u16::MAX);
        let least = |c: &Column| match c.width {
            Width::Fixed(w) | Width::Flex(w) => w,
        };
        let taken: u16 = shown.iter().map(|(_, c)| least(c)).sum::<u16>() + gaps + 1;
        let flexible = shown.iter().filter(|(_, c)| matches!(c.width, Width::Flex(_))).count();
        let spare = area.width.saturating_sub(taken);
        // Too narrow: the flexible columns give way first.
        let lacking = taken.saturating_sub(area.width);
        let portion = |n: u16| n / u16::try_from(flexible.max(1)).unwrap_or(1);
        let mut x = area.x + 2;
        let mut out = Vec::with_capacity(shown.len());
        for (at, column) in shown {
            let w = match column.width {
                Width::Fixed(w) => w,
                Width::Flex(w) => (w + portion(spare)).saturating_sub(portion(lacking)),
            };
            let w = w.min(area.right().saturating_sub(x));
            out.push((at, column, x, w));
            x = x.saturating_add(w + 1);
        }
        out
    }
}

const fn aligned_start(x: u16, w: u16, text: u16) -> u16 {
    x + w.saturating_sub(text)
}

fn aligned(x: u16, w: u16, text: &str, right: bool) -> u16 {
    if right { aligned_start(x, w, u16::try_from(width(text)).unwrap_or(w)) } else { x }
}

fn draw_row(buf: &mut Buffer, line: Rect, theme: &Theme, columns: &[Place<'_>], row: &Row, selected: bool) {
    let inner = line.width.saturating_sub(1);
    match row {
        Row::Section(title, count) => {
            put(buf, line.x + 1, line.y, inner, title, theme.style(Role::Title));
            if let Some(count) = count {
                let text = count.to_string();
                let x = aligned(line.x + 1, inner, &text, true);
                put(buf, x, line.y, inner, &text, theme.style(Role::Dim));
            }
        }
        Row::Remark(text) => {
            let text = fit(text, usize::from(inner), theme.symbols.ellipsis);
            put(buf, line.x + 1, line.y, inner, &text, theme.style(Role::Dim));
        }
        Row::Item { cells, marked, struck } => {
            if selected {
                buf.set_style(line, theme.style(Role::Selected));
                put(buf, line.x, line.y, 1, theme.symbols.bar, theme.on_selected(Role::Accent));
            }
            let look = |role| {
                let style = if selected { theme.on_selected(role) } else { theme.style(role) };
                if *struck { style.add_modifier(theme.struck()) } else { style }
            };
            if *marked {
                put(buf, line.x + 1, line.y, 1, theme.symbols.check, look(Role::Accent));
            }
            for (at, column, x, w) in columns {
                let Some(cell) = cells.get(*at) else { continue };
                let text = fit(&cell.text, usize::from(*w), theme.symbols.ellipsis);
                put(buf, aligned(*x, *w, &text, column.right), line.y, *w, &text, look(cell.role));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;

    fn table() -> Table {
        Table::new(vec![Column::fixed("Case", 7), Column::flex("What", 6), Column::fixed("Due", 6).right()])
    }

    fn rows(range: Range<usize>) -> Vec<Row> {
        let all = [
            Row::Section("Late".into(), Some(2)),
            Row::item(["06-7K3Q", "Medical check not confirmed", "-3"]),
            Row::item(["06-2HXW", "日本語日本語日本語", "-1"]).struck(true),
            Row::Section("Today".into(), Some(1)),
            Row::item(["06-4TZB", "Home visit", "14:00"]).marked(true),
        ];
        all[range].to_vec()
    }

    #[test]
    fn sections_alignment_cuts_and_selection() {
        let mut state = TableState::default();
        state.set_rows(5, vec![0, 3]);
        let mut cursor = None;
        let drawn = draw(34, 6, |buf, area| cursor = table().titled().draw(buf, area, &theme(), &mut state, rows));
        assert_eq!(
            drawn,
            "  Case    What                 Due\n\
             \x20Late                            2\n\
             ▌ 06-7K3Q Medical check no…     -3\n\
             \x20 06-2HXW 日本語日本語日本…     -1\n\
             \x20Today                           1\n\
             \x20√06-4TZB Home visit         14:00\n"
        );
        assert_eq!(cursor, Some(Position::new(0, 2)));
        assert_eq!(state.position(), "1/3");
    }

    #[test]
    fn moving_skips_headings_and_keeps_them_in_view() {
        let mut state = TableState::default();
        state.set_rows(5, vec![0, 3]);
        draw(34, 2, |buf, area| _ = table().draw(buf, area, &theme(), &mut state, rows));
        state.command("list.down");
        state.command("list.down");
        assert_eq!(state.selected(), Some(4));
        state.command("list.down");
        assert_eq!(state.selected(), Some(4));
        state.command("list.first");
        let drawn = draw(34, 2, |buf, area| _ = table().draw(buf, area, &theme(), &mut state, rows));
        assert!(drawn.starts_with(" Late"), "{drawn}");
        state.command("list.last");
        assert_eq!(state.position(), "3/3");
        assert!(state.click(1), "the selected line was drawn at the bottom");
        state.set_rows(0, vec![]);
        assert_eq!((state.selected(), state.position()), (None, String::new()));
    }

    #[test]
    fn a_hundred_thousand_rows_cost_those_seen() {
        let mut state = TableState::default();
        state.set_rows(100_000, vec![]);
        state.command("list.last");
        let mut asked = 0;
        draw(40, 10, |buf, area| {
            table().draw(buf, area, &theme(), &mut state, |range| {
                asked += range.len();
                range.map(|n| Row::item([n.to_string()])).collect()
            });
        });
        assert_eq!(asked, 10);
        assert_eq!(state.position(), "100000/100000");
    }

    #[test]
    fn a_column_left_out_takes_its_cells_with_it() {
        let columns =
            vec![Column::fixed("Case", 4), Column::fixed("Lead", 4).from_width(30), Column::fixed("Due", 5).right()];
        let mut state = TableState::default();
        state.set_rows(1, vec![]);
        let row = |_| vec![Row::item(["06-7", "Mary", "today"])];
        let drawn = draw(20, 1, |buf, area| _ = Table::new(columns).draw(buf, area, &theme(), &mut state, row));
        assert_eq!(drawn, "▌ 06-7 today\n");
    }

    #[test]
    fn too_narrow_is_no_crash() {
        for w in 0..20 {
            let mut state = TableState::default();
            state.set_rows(5, vec![0, 3]);
            draw(w, 3, |buf, area| _ = table().titled().draw(buf, area, &theme(), &mut state, rows));
        }
    }
}
