//! The library: the team's own pages and those of the program, found by any word in them.

pub(super) mod page;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::ids::ItemId;
use crate::domain::library::{self, Hit, Index, Page};
use crate::ops::PageRemove;
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Ask;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::put;
use crate::tui::widgets::{Column, Filter, Row, Step, Table, TableState, cell};

use super::doors;

/// The tag of the question before a page goes.
const GOES: &str = "page-goes";

/// Which page: the team's item, or the name of one of the program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Own(ItemId),
    BuiltIn(String),
}

impl Which {
    pub(super) fn of(page: &Page<'_>) -> Self {
        page.item.map_or_else(|| Self::BuiltIn(page.name.to_owned()), Self::Own)
    }

    /// The page, if it is still there.
    fn page<'d>(&self, desk: &'d Desk) -> Option<Page<'d>> {
        match self {
            Self::Own(item) => Page::get(desk.open_session().state(), *item),
            Self::BuiltIn(name) => library::built_in().iter().find(|page| page.name == *name).copied(),
        }
    }
}

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut screen = Library::default();
    screen.refresh(desk);
    Box::new(screen)
}

#[derive(Default)]
struct Library {
    rows: Vec<(Option<Which>, Row)>,
    state: TableState,
    filter: Filter,
    /// The pages in small letters, and the State's number for which they were made.
    index: (Option<u64>, Index),
    /// The page that is being asked about.
    leaving: Option<ItemId>,
}

impl Library {
    fn about(&self) -> Option<&Which> {
        self.rows.get(self.state.selected()?).and_then(|(which, _)| which.as_ref())
    }

    fn look(&mut self, desk: &Desk) {
        let Some(session) = desk.session() else { return };
        let pages = library::pages(session.state());
        if self.index.0 != Some(session.state().revision()) {
            self.index = (Some(session.state().revision()), Index::new(&pages));
        }
        let before = self.about().cloned();
        self.rows = if self.filter.is_empty() {
            all(desk, &pages)
        } else {
            self.index.1.find(&pages, self.filter.text()).iter().map(|hit| found(desk, &pages, hit)).collect()
        };
        let fixed = self.rows.iter().enumerate().filter_map(|(at, (which, _))| which.is_none().then_some(at));
        self.state.set_rows(self.rows.len(), fixed.collect());
        // While it is typed the best one is selected; else what was before.
        let again = before.filter(|_| !self.filter.typing());
        let again = again.and_then(|before| self.rows.iter().position(|(which, _)| which.as_ref() == Some(&before)));
        self.state.select(again.unwrap_or(if self.filter.typing() { 0 } else { self.state.selected().unwrap_or(0) }));
    }

    /// Its own page is changed; of one of the program's a version of the team's own is made.
    fn edit(which: &Which, desk: &mut Desk) -> Handled<Desk> {
        match which {
            Which::Own(item) => doors::form("library.edit", Some(*item), desk),
            Which::BuiltIn(name) => {
                let own = library::find(desk.open_session().state(), name, false);
                match own.first().and_then(|page| page.item) {
                    Some(item) => doors::form("library.edit", Some(item), desk),
                    None => doors::own_version(name, desk),
                }
            }
        }
    }

    fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match (name, self.about().cloned()) {
            ("list.open", Some(which)) => Effect::Push("page", page::open(desk, which, self.filter.text())).into(),
            ("library.new", _) => doors::form(name, None, desk),
            ("library.edit", Some(which)) => Self::edit(&which, desk),
            ("library.remove", Some(Which::Own(item))) => {
                self.leaving = Some(item);
                Effect::push(GOES, Ask::new(goes(desk, item))).into()
            }
            ("library.remove", Some(_)) => {
                Effect::info("It is part of the program: e makes a version of your own.").into()
            }
            ("list.open" | "library.edit" | "library.remove", None) => Effect::info("Select a page first.").into(),
            _ => Handled::when(self.state.command(name)),
        }
    }
}

/// The question before a page goes.
fn goes(desk: &Desk, item: ItemId) -> String {
    let title = Page::get(desk.open_session().state(), item).map_or("", |page| page.title);
    format!("Take the page \"{}\" out of the library? Its text stays in the history.", clean::shown(title))
}

impl Layer<Desk> for Library {
    fn contexts(&self) -> &[&'static str] {
        self.filter.contexts(&["library", "list"])
    }

    fn wants_text(&self) -> bool {
        self.filter.typing()
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "list.open" | "library.edit" => self.about().is_some(),
            "library.remove" => matches!(self.about(), Some(Which::Own(_))),
            _ => true,
        }
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
        let handled = self.act(name, desk);
        self.look(desk);
        handled
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        let before = self.state.selected();
        let again = self.state.click(y) && self.state.selected() == before;
        if again { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = match (tag, answer, self.leaving.take()) {
            (GOES, Answer::Yes, Some(page)) => desk.run(PageRemove { page }),
            _ => Vec::new(),
        };
        self.look(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        self.look(desk);
    }

    fn position(&self) -> String {
        self.state.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
        let typing = self.filter.draw(buf, line, theme);
        let above = u16::from(typing.is_some() || !self.filter.is_empty());
        let body = Rect {
            y: area.y + above,
            height: area.height.saturating_sub(above),
            width: area.width.saturating_sub(1),
            ..area
        };
        if self.rows.is_empty() {
            let says = "No page has all of these words. Esc shows every page again.";
            put(buf, body.x + 1, body.y + 1, body.width.saturating_sub(2), says, theme.style(Role::Dim));
            return typing.or(Some(Position::new(body.x, body.y)));
        }
        let columns = if self.filter.is_empty() {
            vec![Column::flex("", 24), Column::flex("", 12).from_width(70), Column::fixed("", 14).right()]
        } else {
            vec![Column::flex("", 20), Column::flex("", 30)]
        };
        let rows = &self.rows;
        let shown = |range: std::ops::Range<usize>| rows[range].iter().map(|(_, row)| row.clone()).collect();
        let cursor = Table::new(columns).draw(buf, body, theme, &mut self.state, shown);
        typing.or(cursor)
    }
}

/// The team's own pages, then those of the program.
fn all(desk: &Desk, pages: &[Page<'_>]) -> Vec<(Option<Which>, Row)> {
    let state = desk.open_session().state();
    let (own, built_in): (Vec<&Page<'_>>, Vec<&Page<'_>>) = pages.iter().partition(|page| !page.is_built_in());
    let mut out = vec![(None, Row::Section("The team's own".to_owned(), Some(own.len())))];
    if own.is_empty() {
        let says =
            "  Your own rules, numbers and forms belong here: n writes a page, e makes your version of one below.";
        out.push((None, Row::Remark(says.to_owned())));
    }
    let row = |page: &&Page<'_>| {
        let replaced = library::has_own(state, page);
        let role = if replaced { Role::Dim } else { Role::Text };
        let date = page.date.map(|date| date.format("%-d %b %Y").to_string()).unwrap_or_default();
        let last = if replaced { "own version".to_owned() } else { date };
        let cells = [
            cell(clean::shown(page.title).into_owned(), role),
            cell(clean::shown(page.tags).into_owned(), Role::Dim),
            cell(last, Role::Dim),
        ];
        (Some(Which::of(page)), Row::item(cells))
    };
    out.extend(own.iter().map(row));
    out.push((None, Row::Remark(String::new())));
    out.push((None, Row::Section("Part of the program".to_owned(), Some(built_in.len()))));
    out.extend(built_in.iter().map(row));
    out
}

fn found(desk: &Desk, pages: &[Page<'_>], hit: &Hit) -> (Option<Which>, Row) {
    let page = &pages[hit.at];
    let role = if library::has_own(desk.open_session().state(), page) { Role::Dim } else { Role::Text };
    let cells =
        [cell(clean::shown(page.title).into_owned(), role), cell(clean::shown(&hit.line).into_owned(), Role::Dim)];
    (Some(Which::of(page)), Row::item(cells))
}
