//! Words anywhere: the lines of cases, and the pages of the library, in which everything that was typed stands.
//!
//! It shows what the session's index finds, masked as everything is, and changes nothing. The child's own words and
//! interviews are searched only after `v`; before a room and for observers, only what a list of cases shows.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::alike::Likely;
use crate::domain::clean;
use crate::domain::field::ItemKind;
use crate::domain::ids::ItemId;
use crate::domain::library::{self, Index};
use crate::domain::searchable::Depth;
use crate::session::{Hit, PART, Query};
use crate::tui::desk::{self, Desk, error_text, first_line};
use crate::tui::effect::Effect;
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::theme::{Role, Symbols, Theme};
use crate::tui::widgets::text::{put, width};
use crate::tui::widgets::{Column, Filter, Row, Step, Table, TableState, cell};

use super::due_list::draw_empty;
use super::{doors, library as pages};

/// So many cases are shown with their lines; more are only counted.
const MOST_CASES: usize = 100;
/// So many lines of each.
const MOST_LINES: usize = 3;
/// A line begins at most so many characters before what was found.
const LEAD: usize = 16;
/// In a larger vault pairs of cases are for `mahoe case duplicates`.
const MOST_COMPARED: usize = 2_000;

/// The screen, ready to be typed into.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut find = Find::default();
    find.filter.command("list.filter");
    // What is left is read between the keys.
    desk.open_session().read_words(PART);
    find.refresh(desk);
    Box::new(find)
}

/// What a line leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum To {
    Case(ItemId),
    Page(pages::Which),
}

/// For what the rows were made: if any of it changes they are made anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Made {
    typed: String,
    masked: bool,
    depth: Depth,
    version: u64,
    revision: u64,
}

#[derive(Default)]
struct Find {
    filter: Filter,
    /// The child's own words too.
    confided: bool,
    rows: Vec<(Option<To>, Row)>,
    state: TableState,
    made: Made,
    /// How many cases were found, and how many are still to be read.
    found: (usize, usize),
    /// The pages in small letters, and the State's number for which they were made.
    library: (Option<u64>, Index),
}

impl Find {
    fn look(&mut self, desk: &Desk) {
        let Some(session) = desk.session() else { return };
        if !self.filter.is_empty() {
            session.read_words(0);
        }
        let depth = desk.search_depth(if self.confided { Depth::Confided } else { Depth::Told });
        let (version, revision) = (session.all_words().version(), session.state().revision());
        let typed = self.filter.text().to_owned();
        let made = Made { typed, masked: desk.masked(), depth, version, revision };
        if self.made == made {
            return;
        }
        let before = self.state.selected().and_then(|at| self.rows[at].0.clone());
        let query = Query::new(&made.typed, made.masked, made.depth);
        let same = made.typed == self.made.typed;
        self.made = made;
        self.rows.clear();
        let cases = self.cases(desk, &query);
        for case in &cases {
            self.rows.extend(lines(desk, *case, &query));
        }
        if self.found.0 > cases.len() {
            let more = format!("  {} more cases: one more word leaves fewer.", self.found.0 - cases.len());
            self.rows.push((None, Row::Remark(more)));
        }
        if !query.is_empty() && !desk.in_room() {
            self.add_pages(desk, &query, revision);
        }
        if query.is_empty() && self.found.1 == 0 && self.made.depth != Depth::Shown {
            self.add_pairs(desk);
        }
        let fixed = self.rows.iter().enumerate().filter_map(|(at, (to, _))| to.is_none().then_some(at)).collect();
        self.state.set_rows(self.rows.len(), fixed);
        let kept = before.filter(|_| same).and_then(|to| self.rows.iter().position(|row| row.0.as_ref() == Some(&to)));
        self.state.select(kept.unwrap_or(0));
    }

    /// The cases to show.
    fn cases(&mut self, desk: &Desk, query: &Query) -> Vec<ItemId> {
        let session = desk.open_session();
        let words = session.all_words();
        // Asked of each case only before a room.
        let may = |case| !desk.in_room() || desk.may_show(Some(case));
        let (count, cases) = words.find(query, MOST_CASES, may);
        self.found = (count, words.unread());
        cases
    }

    fn add_pages(&mut self, desk: &Desk, query: &Query, revision: u64) {
        let all = library::pages(desk.open_session().state());
        if self.library.0 != Some(revision) {
            self.library = (Some(revision), Index::new(&all));
        }
        let hits = self.library.1.find(&all, self.filter.text());
        if hits.is_empty() {
            return;
        }
        self.rows.push((None, Row::Section("In the library".to_owned(), Some(hits.len()))));
        self.rows.extend(hits.iter().map(|hit| {
            let page = &all[hit.at];
            let line = if hit.line.is_empty() { page.tags } else { &hit.line };
            let line = format!("{}: {}", page.title, query.near(line, LEAD));
            let cells = ["", "", "page"].map(|text| cell(text, Role::Dim)).into_iter();
            let cells = cells.chain([cell(clean::shown(&line).into_owned(), Role::Text)]);
            (Some(To::Page(pages::Which::of(page))), Row::item(cells))
        }));
    }

    /// Before anything is typed: cases that may be about one child, while they can be compared between two keys.
    fn add_pairs(&mut self, desk: &Desk) {
        let session = desk.open_session();
        if session.state().items(ItemKind::Case).take(MOST_COMPARED + 1).count() > MOST_COMPARED {
            return;
        }
        let pairs = session.likely_pairs(None);
        if pairs.is_empty() {
            return;
        }
        self.rows.push((None, Row::Section("May be about the same child".to_owned(), Some(pairs.len()))));
        let row = |(older, likely): &(ItemId, Likely)| {
            let risk = desk.case(likely.case).map(|case| desk::short_risk(case.risk(), &Symbols::WGL4));
            let (risk, role) = risk.unwrap_or_default();
            let cells = [
                cell(desk.code(likely.case), Role::Text),
                cell(risk, role),
                cell(format!("and {}", desk.code(*older)), Role::Text),
                cell(likely.words(), Role::Text),
            ];
            (Some(To::Case(likely.case)), Row::item(cells))
        };
        self.rows.extend(pairs.iter().take(MOST_CASES).map(row));
        let says = "  One child: close a case as opened twice. Two: link the cases (L).";
        self.rows.push((None, Row::Remark(says.to_owned())));
    }

    fn open(&self, desk: &mut Desk) -> Handled<Desk> {
        match self.state.selected().and_then(|at| self.rows.get(at)?.0.clone()) {
            Some(To::Case(case)) => Handled::Done(doors::case(desk, case)),
            Some(To::Page(which)) => Effect::Push("page", pages::page::open(desk, which, self.filter.text())).into(),
            None => Handled::done(),
        }
    }

    fn confide(&mut self, desk: &mut Desk) -> Effects<Desk> {
        if desk.search_depth(Depth::Confided) != Depth::Confided {
            return vec![Effect::info("The child's own words are not searched here.")];
        }
        // Whoever reads them is on record, here as in the case.
        let team = desk.open_session().state().team_stream().item();
        if !self.confided
            && let Err(error) = desk.open_session_mut().note_access("views", team, "search")
        {
            return vec![Effect::refused(error_text(&error))];
        }
        self.confided = !self.confided;
        self.look(desk);
        let says = if self.confided {
            "The child's own words and interviews are searched too. v leaves them out."
        } else {
            "The child's own words and interviews are left out."
        };
        vec![Effect::info(says)]
    }

    fn draw_head(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Option<Position> {
        let mut x = area.x + 1;
        let title = if self.confided { "Find, in the child's words too" } else { "Find" };
        x += put(buf, x, area.y, area.width, title, theme.style(Role::Title)) + 2;
        let count = match (self.filter.is_empty(), self.found) {
            (true, _) => String::new(),
            (false, (found, 0)) => format!("{found} {}", if found == 1 { "case" } else { "cases" }),
            (false, (found, unread)) => format!("{found} so far, {unread} unread"),
        };
        let at = area.right().saturating_sub(u16::try_from(width(&count)).unwrap_or(0) + 1);
        put(buf, at, area.y, area.width, &count, theme.style(Role::Dim));
        self.filter.draw(buf, Rect { x, width: at.saturating_sub(x + 2), height: 1, ..area }, theme)
    }

    fn empty(&self, desk: &Desk) -> &'static [&'static str] {
        match (self.filter.is_empty(), desk.search_depth(Depth::Told)) {
            (true, Depth::Shown) => {
                &["Type words that stand in a concern.", "Nothing else is searched while a room looks on."]
            }
            (true, _) => &[
                "Type words: all of them must stand in the case or on the page.",
                "Concerns, notes, actions, documents and the library are searched. Masked names are not found.",
            ],
            (false, _) => &["Nothing found in what you may read.", "Esc takes the words away."],
        }
    }
}

/// A case's rows: what was found in it, line by line.
fn lines(desk: &Desk, id: ItemId, query: &Query) -> Vec<(Option<To>, Row)> {
    let session = desk.open_session();
    let Some(case) = desk.case(id) else { return Vec::new() };
    let mut hits = session.hits(id, query, MOST_LINES);
    if hits.is_empty() {
        // It was found by its code, its stage or its lead.
        let line = first_line(&desk.text(Some(id), case.concern()));
        hits.push(Hit { item: id, place: String::new(), line });
    }
    let row = |(at, hit): (usize, Hit)| {
        let (risk, role) = desk::short_risk(case.risk(), &Symbols::WGL4);
        let (code, risk) = if at == 0 { (desk.code(id), risk) } else { Default::default() };
        let role = if case.is_open() { role } else { Role::Dim };
        let cells = [
            cell(code, Role::Text),
            cell(risk, role),
            cell(hit.place, Role::Dim),
            cell(query.near(&hit.line, LEAD), Role::Text),
        ];
        (Some(To::Case(id)), Row::item(cells))
    };
    hits.into_iter().enumerate().map(row).collect()
}

impl Layer<Desk> for Find {
    fn contexts(&self) -> &[&'static str] {
        self.filter.contexts(&["find", "list"])
    }

    fn wants_text(&self) -> bool {
        self.filter.typing()
    }

    fn can(&self, command: &str) -> bool {
        command != "list.open" || self.state.selected().is_some_and(|at| self.rows[at].0.is_some())
    }

    fn typed(&mut self, typed: Typed, desk: &mut Desk) -> Effects<Desk> {
        self.filter.typed(&typed);
        self.look(desk);
        Vec::new()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.filter.command(name) != Step::Pass {
            self.look(desk);
            return Handled::done();
        }
        match name {
            "list.open" => self.open(desk),
            "find.confided" => Handled::Done(self.confide(desk)),
            _ => Handled::when(self.state.command(name)),
        }
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        let before = self.state.selected();
        let again = self.state.click(y) && self.state.selected() == before;
        if again { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        self.look(desk);
    }

    fn position(&self) -> String {
        self.state.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        if area.height < 3 {
            return None;
        }
        let head = self.draw_head(buf, Rect { height: 1, ..area }, theme);
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let body = if self.filter.is_empty() && !self.rows.is_empty() {
            let says = self.empty(desk)[0];
            put(buf, body.x + 1, body.y, body.width.saturating_sub(2), says, theme.style(Role::Dim));
            Rect { y: body.y + 2.min(body.height), height: body.height.saturating_sub(2), ..body }
        } else {
            body
        };
        if self.rows.is_empty() {
            draw_empty(buf, body, theme, self.empty(desk));
            return head.or(Some(Position::new(body.x, body.y)));
        }
        let columns = vec![
            Column::fixed("", 8),
            Column::fixed("", 9),
            Column::fixed("", 12).from_width(60),
            Column::flex("", 30),
        ];
        let rows = &self.rows;
        let shown = |range: std::ops::Range<usize>| rows[range].iter().map(|(_, row)| row.clone()).collect();
        let cursor = Table::new(columns).draw(buf, body, theme, &mut self.state, shown);
        head.or(cursor)
    }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
