//! A list in sections: headings, remarks where nothing is, and lines that are each about something. It filters, keeps
//! what is selected while the lines are made anew, and knows nothing of what they are about.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::input::Typed;
use crate::tui::theme::Theme;
use crate::tui::widgets::{Cell, Filter, Row, Step, Table, TableState};

use super::due_list::draw_empty;

/// A line, with what it is about: nothing, for a heading or a remark.
pub(super) type Entry<A> = (Option<A>, Row);

/// A heading with its lines, or with the remark that says what belongs there.
pub(super) fn section<A>(out: &mut Vec<Entry<A>>, title: &str, rows: Vec<Entry<A>>, empty: &str) {
    if !out.is_empty() {
        out.push((None, Row::Remark(String::new())));
    }
    out.push((None, Row::Section(title.to_owned(), Some(rows.len()))));
    if rows.is_empty() {
        out.push((None, Row::Remark(format!("  {empty}"))));
    }
    out.extend(rows);
}

/// The list.
pub(super) struct Sections<A> {
    all: Vec<Entry<A>>,
    /// Those that the filter leaves.
    rows: Vec<Entry<A>>,
    state: TableState,
    filter: Filter,
}

impl<A> Default for Sections<A> {
    fn default() -> Self {
        Self { all: Vec::new(), rows: Vec::new(), state: TableState::default(), filter: Filter::default() }
    }
}

impl<A: Clone + PartialEq> Sections<A> {
    /// Puts these lines in the place of those before.
    pub fn set(&mut self, all: Vec<Entry<A>>) {
        self.all = all;
        self.narrow();
    }

    /// What the selected line is about.
    pub fn about(&self) -> Option<&A> {
        self.rows.get(self.state.selected()?).and_then(|(about, _)| about.as_ref())
    }

    /// Whether there is no line at all, whatever the filter.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The contexts of the keys: while the filter is typed, its own.
    pub const fn contexts<'a>(&self, of_list: &'a [&'static str]) -> &'a [&'static str] {
        self.filter.contexts(of_list)
    }

    /// Whether letters go into the filter now.
    pub fn typing(&self) -> bool {
        self.filter.typing()
    }

    /// Takes text for the filter.
    pub fn typed(&mut self, typed: &Typed) {
        self.filter.typed(typed);
        self.narrow();
    }

    /// Does what filters; `false` if the command is none of a filter's. It comes before the screen's own commands.
    pub fn filters(&mut self, name: &str) -> bool {
        match self.filter.command(name) {
            Step::Pass => return false,
            Step::Done => {}
            Step::Changed => self.narrow(),
        }
        true
    }

    /// Does what moves; `false` if the command is none of a list's.
    pub fn moves(&mut self, name: &str) -> bool {
        self.state.command(name)
    }

    /// Takes a click; `true` if it was on the line that was selected already, which opens it.
    pub fn click(&mut self, y: u16) -> bool {
        let before = self.state.selected();
        self.state.click(y) && self.state.selected() == before
    }

    /// `12/214`.
    pub fn position(&self) -> String {
        self.state.position()
    }

    /// Headings go while it narrows.
    fn narrow(&mut self) {
        let fits =
            |(about, row): &&Entry<A>| self.filter.is_empty() || (about.is_some() && self.filter.fits(&words(row)));
        let before = self.about().cloned();
        self.rows = self.all.iter().filter(fits).cloned().collect();
        let fixed = |(at, (about, _)): (usize, &Entry<A>)| about.is_none().then_some(at);
        self.state.set_rows(self.rows.len(), self.rows.iter().enumerate().filter_map(fixed).collect());
        let again = before.and_then(|before| self.rows.iter().position(|(about, _)| about.as_ref() == Some(&before)));
        if let Some(at) = again {
            self.state.select(at);
        }
    }

    /// Draws the filter; its cursor while it is typed, and whether there is anything of it to be seen.
    pub fn draw_filter(&mut self, buf: &mut Buffer, line: Rect, theme: &Theme) -> (Option<Position>, bool) {
        let typing = self.filter.draw(buf, line, theme);
        (typing, typing.is_some() || !self.filter.is_empty())
    }

    /// Draws the lines; says where the cursor stands.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, table: &Table) -> Option<Position> {
        // A margin at the right, like the one at the left.
        let body = Rect { width: area.width.saturating_sub(1), ..area };
        if self.rows.is_empty() {
            draw_empty(buf, body, theme, &["Nothing fits the filter. Esc takes it away."]);
            return Some(Position::new(body.x, body.y));
        }
        let rows = &self.rows;
        let shown = |range: std::ops::Range<usize>| rows[range].iter().map(|(_, row)| row.clone()).collect();
        table.draw(buf, body, theme, &mut self.state, shown)
    }
}

/// What a row shows, in lower case.
fn words(row: &Row) -> String {
    match row {
        Row::Item { cells, .. } => cells.iter().map(Cell::text).collect::<Vec<_>>().join(" ").to_lowercase(),
        Row::Section(..) | Row::Remark(_) => String::new(),
    }
}
