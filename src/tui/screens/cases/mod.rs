//! The list of cases, with a preview where there is room, and the board by stage.
//!
//! It shows what the index says and changes nothing by itself: a key opens a case or a form.

mod board;
mod index;
#[cfg(test)]
pub(super) mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use board::Board;
use index::{Index, Line, Show, Sort};

use crate::domain::ids::ItemId;
use crate::domain::pack::Stage;
use crate::domain::searchable::Depth;
use crate::domain::today::Bucket;
use crate::domain::views::Case;
use crate::session::{PART, Query};
use crate::tui::desk::{self, Desk, first_line};
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, width};
use crate::tui::widgets::{Cell, Column, Filter, Row, Step, Table, TableState, cell};

use super::due_list::draw_empty;
use super::{case, preview};

/// So many earlier results of a search are kept.
const MOST_BEFORE: usize = 16;

/// The list of cases.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut cases = Cases::new();
    cases.refresh(desk);
    Box::new(cases)
}

/// The list of cases.
struct Cases {
    index: Index,
    show: Show,
    sort: Sort,
    /// All lines of this kind in this order.
    sorted: Vec<usize>,
    /// Those of them that fit the search.
    shown: Vec<usize>,
    search: Filter,
    /// For which search, and whether masked, `shown` was made.
    searched: (String, bool),
    /// Up to which version the words had been read then.
    read: u64,
    /// How many cases were still to be read.
    reading: usize,
    /// What was shown before each letter of the search was added: taking one away again needs no search.
    before: Vec<(String, Vec<usize>)>,
    table: TableState,
    /// Some while the board is shown in the place of the list.
    board: Option<Board>,
    /// For which case a picker was opened.
    asked: Option<ItemId>,
}

impl Cases {
    fn new() -> Self {
        Self {
            index: Index::default(),
            show: Show::Open,
            sort: Sort::Urgency,
            sorted: Vec::new(),
            shown: Vec::new(),
            search: Filter::default(),
            searched: (String::new(), true),
            read: 0,
            reading: 0,
            before: Vec::new(),
            table: TableState::default(),
            board: None,
            asked: None,
        }
    }

    fn selected(&self) -> Option<&Line> {
        let at = match &self.board {
            Some(board) => board.selected(),
            None => self.table.selected().and_then(|row| self.shown.get(row)).copied(),
        };
        at.map(|at| &self.index.lines[at])
    }

    /// Sorts and searches anew, and keeps the selection on the same case.
    fn arrange(&mut self, desk: &Desk) {
        let kept = self.selected().map(|line| line.case);
        self.arrange_around(desk, kept);
    }

    fn arrange_around(&mut self, desk: &Desk, kept: Option<ItemId>) {
        self.sorted = self.index.sorted(desk.open_session(), self.show, self.sort);
        self.sorted.retain(|at| desk.may_show(Some(self.index.lines[*at].case)));
        self.before.clear();
        self.find(desk, false);
        self.before.clear();
        self.keep(desk, kept);
    }

    fn find(&mut self, desk: &Desk, narrower: bool) {
        let (typed, masked) = (self.search.text().to_owned(), desk.masked());
        let session = desk.open_session();
        if !typed.trim().is_empty() {
            session.read_words(PART);
            (self.read, self.reading) = (session.all_words().version(), session.all_words().unread());
        }
        let query = Query::new(&typed, masked, desk.search_depth(Depth::Told));
        if self.searched.1 != masked {
            self.before.clear();
        }
        let known = self.before.iter().position(|(before, _)| *before == typed);
        let last = match known {
            Some(at) => self.before.drain(at..).next().map(|(_, shown)| shown).unwrap_or_default(),
            None if typed.trim().is_empty() => self.sorted.clone(),
            // One more letter can only take lines away.
            None if narrower => self.index.search(session, &self.shown, &query),
            None => self.index.search(session, &self.sorted, &query),
        };
        let last = std::mem::replace(&mut self.shown, last);
        if known.is_none() && typed.starts_with(&self.searched.0) && self.before.len() < MOST_BEFORE {
            self.before.push((std::mem::take(&mut self.searched.0), last));
        } else if known.is_none() {
            self.before.clear();
        }
        self.searched = (typed, masked);
        self.table.set_rows(self.shown.len(), Vec::new());
    }

    /// More can be found than when it was searched last.
    fn has_read_on(&self, desk: &Desk) -> bool {
        !self.search.is_empty() && self.read != desk.open_session().all_words().version()
    }

    fn keep(&mut self, desk: &Desk, case: Option<ItemId>) {
        if let Some(board) = &mut self.board {
            board.set(desk, &self.index, &self.shown, case);
        }
        let row = case.and_then(|case| self.shown.iter().position(|at| self.index.lines[*at].case == case));
        if let Some(row) = row {
            self.table.select(row);
        }
    }

    /// The search has changed: the best line is the first again.
    fn typed_more(&mut self, desk: &Desk) {
        let (before, masked) = &self.searched;
        let narrower = !before.trim().is_empty()
            && !self.has_read_on(desk)
            && self.search.text().starts_with(before)
            && *masked == desk.masked();
        self.find(desk, narrower);
        self.table.select(0);
        self.keep(desk, None);
    }

    fn toggle_board(&mut self, desk: &Desk) {
        let kept = self.selected().map(|line| line.case);
        self.board = if self.board.is_some() { None } else { Some(Board::default()) };
        self.keep(desk, kept);
    }

    fn open(&mut self, desk: &mut Desk) -> Handled<Desk> {
        match self.selected().map(|line| line.case) {
            Some(id) => Effect::Push("case", case::open(desk, id)).into(),
            None => Handled::done(),
        }
    }

    fn columns(&self) -> Table {
        let code = self.index.code_width.clamp(7, 10);
        Table::new(vec![
            Column::fixed("Case", u16::try_from(code).unwrap_or(7)),
            Column::fixed("Risk", 9),
            Column::fixed("Stage", 14),
            Column::flex("Concern", 12),
            Column::fixed("Lead", 14).from_width(92),
            Column::fixed("Next", 12).right(),
        ])
        .titled()
    }

    fn row(&self, desk: &Desk, theme: &Theme, line: &Line) -> Row {
        let session = desk.open_session();
        let case = desk.case(line.case);
        let stage = session.pack().stages.get(line.stage).map_or("", Stage::short);
        let concern = case.map_or("", Case::concern);
        let next = match self.index.next(line) {
            Some(due) => cell(desk.due_when(due), due_role(due.bucket)),
            None if !line.open => cell("closed", Role::Dim),
            None => cell("–", Role::Dim),
        };
        let (risk, role) = desk::short_risk(line.risk, &theme.symbols);
        let role = if line.open { role } else { Role::Dim };
        let cells: Vec<Cell> = vec![
            line.code.clone().into(),
            cell(risk, role),
            stage.into(),
            first_line(&desk.text(Some(line.case), concern)).into(),
            cell(desk.owner(case.and_then(Case::lead)), Role::Dim),
            next,
        ];
        Row::item(cells)
    }

    /// The title, what is searched for, and how many there are.
    fn draw_head(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Option<Position> {
        let mut x = area.x + 1;
        x += put(buf, x, area.y, area.width, self.show.title(), theme.style(Role::Title)) + 2;
        x += put(buf, x, area.y, area.width, self.sort.says(), theme.style(Role::Dim)) + 2;
        let (all, late) = self.index.counts(self.show);
        let count = match (self.search.is_empty(), late) {
            (false, _) if self.reading > 0 => format!("{} so far, {} unread", self.shown.len(), self.reading),
            (false, _) => format!("{} of {all}", self.shown.len()),
            (true, 0) => format!("{all}"),
            (true, late) => format!("{late} late  {}  {all}", theme.symbols.middot),
        };
        let at = area.right().saturating_sub(u16::try_from(width(&count)).unwrap_or(0) + 1);
        put(buf, at, area.y, area.width, &count, theme.style(Role::Dim));
        let room = Rect { x, width: at.saturating_sub(x + 2), height: 1, ..area };
        self.search.draw(buf, room, theme)
    }

    /// What stands where there is no case.
    fn empty(&self) -> &'static [&'static str] {
        match (self.search.is_empty(), self.show) {
            (false, _) => &[
                "No case fits.",
                "Esc takes the filter away; then f shows closed cases, and g f finds words anywhere.",
            ],
            (true, Show::Open) => &[
                "No open case.",
                "A case begins with a worry about a child. Press n to open one, or N for a quick report.",
            ],
            (true, Show::Closed) => &["No closed case.", "Press f to see the others."],
            (true, Show::All) => &["No case yet.", "Press n to open one, or N for a quick report."],
        }
    }
}

/// How late or soon something looks.
pub(super) const fn due_role(bucket: Bucket) -> Role {
    match bucket {
        Bucket::Late => Role::Late,
        Bucket::Today => Role::Soon,
        Bucket::Week => Role::Text,
        Bucket::Later => Role::Dim,
    }
}

impl Layer<Desk> for Cases {
    fn contexts(&self) -> &[&'static str] {
        self.search.contexts(if self.board.is_some() { &["board", "list", "panes"] } else { &["cases", "list"] })
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "list.open" | "case.stage" | "case.risk" | "case.lead" | "case.edit" | "case.agenda" => {
                self.selected().is_some()
            }
            "list.filter" | "list.sort" => !self.sorted.is_empty(),
            _ => true,
        }
    }

    fn wants_text(&self) -> bool {
        self.search.typing()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match self.search.command(name) {
            Step::Changed if self.search.typing() => {
                self.typed_more(desk);
                return Handled::done();
            }
            Step::Changed => {
                self.arrange(desk);
                return Handled::done();
            }
            Step::Done => {
                // Now, and not with the first letter; what is left is read between the keys.
                if self.search.typing() {
                    desk.open_session().read_words(PART);
                }
                return Handled::done();
            }
            Step::Pass => {}
        }
        match name {
            _ if self.board.as_mut().map_or_else(|| self.table.command(name), |board| board.command(name)) => {}
            "case.board" => self.toggle_board(desk),
            "list.open" => return self.open(desk),
            "list.sort" => {
                self.sort = self.sort.next();
                self.arrange(desk);
                self.table.select(0);
            }
            "case.stage" | "case.risk" | "case.lead" | "case.edit" | "case.agenda" | "action.new" => {
                let Some(of) = self.selected().map(|line| line.case) else { return Handled::Pass };
                self.asked = Some(of);
                return case::case_command(name, of, desk);
            }
            "cases.show" => {
                self.show = self.show.next();
                self.arrange(desk);
            }
            _ => return Handled::Pass,
        }
        Handled::done()
    }

    fn typed(&mut self, typed: Typed, desk: &mut Desk) -> Effects<Desk> {
        self.search.typed(&typed);
        self.typed_more(desk);
        Vec::new()
    }

    fn click(&mut self, _: u16, y: u16, desk: &mut Desk) -> Effects<Desk> {
        let before = self.table.selected();
        if self.board.is_none()
            && self.table.click(y)
            && self.table.selected() == before
            && let Handled::Done(effects) = self.open(desk)
        {
            return effects;
        }
        Vec::new()
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        // The selection may have moved meanwhile: the answer is for the case that was asked about.
        self.asked.take().map_or_else(Vec::new, |case| case::case_answer(tag, &answer, case, desk))
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_none() {
            return;
        }
        // Asked before the lines move.
        let kept = self.selected().map(|line| line.case);
        let changed = self.index.refresh(desk.open_session());
        if changed || self.searched.1 != desk.masked() || self.has_read_on(desk) {
            self.arrange_around(desk, kept);
        }
    }

    fn position(&self) -> String {
        self.board.as_ref().map_or_else(|| self.table.position(), Board::position)
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        if area.height < 3 {
            return None;
        }
        let head = self.draw_head(buf, Rect { height: 1, ..area }, theme);
        let mut body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        if self.index.restricted > 0 && body.height > 2 {
            body.height -= 1;
            let text = match self.index.restricted {
                1 => "restricted: 1 case that you may not read".to_owned(),
                n => format!("restricted: {n} cases that you may not read"),
            };
            put(buf, area.x + 2, body.bottom(), area.width, &text, theme.style(Role::Dim));
        }
        if self.shown.is_empty() {
            draw_empty(buf, body, theme, self.empty());
            return head.or(Some(Position::new(body.x, body.y)));
        }
        if let Some(board) = &mut self.board {
            let cursor = board.draw(buf, body, theme, desk, &self.index);
            return head.or(cursor);
        }
        let (body, beside) = preview::split(body);
        if let (Some(beside), Some(line)) = (beside, self.selected()) {
            case::preview(buf, beside, theme, desk, line.case);
        }
        let table = self.columns();
        let mut state = std::mem::take(&mut self.table);
        let cursor = table.draw(buf, body, theme, &mut state, |range| {
            self.shown[range].iter().map(|at| self.row(desk, theme, &self.index.lines[*at])).collect()
        });
        self.table = state;
        head.or(cursor)
    }
}
