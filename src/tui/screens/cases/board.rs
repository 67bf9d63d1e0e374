//! The board: the cases by stage, side by side. It shows the same cases as the list, in the same order.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::ids::ItemId;
use crate::tui::desk::{self, Desk, first_line};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::bars;
use crate::tui::widgets::text::{fit, put, put_fit};

use super::due_role;
use super::index::{Index, Line};

/// The least width of a column, in cells.
const COLUMN: u16 = 24;
/// Lines of a card: code and risk, concern, what is next, and air.
const CARD: u16 = 4;

/// A stage with its cases.
#[derive(Clone, Debug, Default)]
struct Stage {
    label: String,
    /// Places in the index.
    cases: Vec<usize>,
    selected: usize,
}

/// The board.
#[derive(Clone, Debug, Default)]
pub struct Board {
    stages: Vec<Stage>,
    current: usize,
    /// How many cards were seen at once.
    page: usize,
    /// First column in view.
    left: usize,
}

impl Board {
    /// Puts the shown lines on the board; the selection stays on `kept` if it is there.
    pub fn set(&mut self, desk: &Desk, index: &Index, shown: &[usize], kept: Option<ItemId>) {
        let stages = &desk.open_session().pack().stages;
        let mut new: Vec<Stage> =
            stages.iter().map(|stage| Stage { label: stage.short().to_owned(), ..Stage::default() }).collect();
        new.push(Stage { label: "Another stage".to_owned(), ..Stage::default() });
        for at in shown {
            let stage = index.lines[*at].stage.min(new.len() - 1);
            new[stage].cases.push(*at);
        }
        // Stages that only tell that nothing is there take room from those that have something, except on the way of
        // open cases: there an empty place tells something, too.
        let last = new.len() - 1;
        let keep = |at: usize, stage: &Stage| !stage.cases.is_empty() || (at < last && stages[at].code != "closed");
        self.stages =
            new.into_iter().enumerate().filter(|(at, stage)| keep(*at, stage)).map(|(_, stage)| stage).collect();
        self.current = self.current.min(self.stages.len().saturating_sub(1));
        self.select(index, kept);
    }

    fn select(&mut self, index: &Index, kept: Option<ItemId>) {
        for (at, stage) in self.stages.iter_mut().enumerate() {
            let row = stage.cases.iter().position(|place| Some(index.lines[*place].case) == kept);
            if let Some(row) = row {
                (self.current, stage.selected) = (at, row);
                return;
            }
        }
        // The first that has something.
        if self.stages.get(self.current).is_none_or(|stage| stage.cases.is_empty()) {
            self.current = self.stages.iter().position(|stage| !stage.cases.is_empty()).unwrap_or(0);
        }
    }

    /// The selected line, as a place in the index.
    pub fn selected(&self) -> Option<usize> {
        let stage = self.stages.get(self.current)?;
        stage.cases.get(stage.selected.min(stage.cases.len().saturating_sub(1))).copied()
    }

    /// Does what a movement says; `false` if it is none.
    pub fn command(&mut self, name: &str) -> bool {
        let last = self.stages.len().saturating_sub(1);
        let page = self.page.max(2) - 1;
        match name {
            "pane.left" | "pane.previous" => self.current = self.current.saturating_sub(1),
            "pane.right" | "pane.next" => self.current = (self.current + 1).min(last),
            _ => {
                let Some(stage) = self.stages.get_mut(self.current) else { return false };
                let most = stage.cases.len().saturating_sub(1);
                let at = stage.selected.min(most);
                stage.selected = match name {
                    "list.down" => at + 1,
                    "list.up" => at.saturating_sub(1),
                    "list.page-down" => at + page,
                    "list.page-up" => at.saturating_sub(page),
                    "list.first" => 0,
                    "list.last" => most,
                    _ => return false,
                }
                .min(most);
            }
        }
        true
    }

    /// `2/14` within the stage.
    pub fn position(&self) -> String {
        match self.stages.get(self.current) {
            Some(stage) if !stage.cases.is_empty() => {
                format!("{}/{}", stage.selected.min(stage.cases.len() - 1) + 1, stage.cases.len())
            }
            _ => String::new(),
        }
    }

    /// Draws the columns that fit, the current one among them.
    pub fn draw(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        desk: &Desk,
        index: &Index,
    ) -> Option<Position> {
        if self.stages.is_empty() || area.height < 3 || area.width < COLUMN {
            return None;
        }
        let seen = usize::from(area.width / COLUMN).clamp(1, self.stages.len());
        self.left =
            self.left.clamp((self.current + 1).saturating_sub(seen), self.current).min(self.stages.len() - seen);
        let width = area.width / u16::try_from(seen).unwrap_or(1);
        self.page = usize::from((area.height - 1) / CARD).max(1);
        let mut cursor = None;
        for (slot, at) in (self.left..self.left + seen).enumerate() {
            let x = area.x + width * u16::try_from(slot).unwrap_or(0);
            let place = Rect { x: x + 2, width: width.saturating_sub(3), ..area };
            let found = self.column(buf, place, theme, desk, index, at);
            cursor = cursor.or(found);
        }
        let signs = [
            (self.left > 0, area.x, theme.symbols.left),
            (self.left + seen < self.stages.len(), area.right() - 1, theme.symbols.right),
        ];
        for (_, x, sign) in signs.into_iter().filter(|(more, ..)| *more) {
            put(buf, x, area.y, 1, sign, theme.style(Role::Accent));
        }
        cursor
    }

    fn column(
        &self,
        buf: &mut Buffer,
        place: Rect,
        theme: &Theme,
        desk: &Desk,
        index: &Index,
        at: usize,
    ) -> Option<Position> {
        let stage = &self.stages[at];
        let current = at == self.current;
        let count = format!(" {}", stage.cases.len());
        let room = usize::from(place.width).saturating_sub(count.len() + 1);
        let title = fit(&stage.label, room, theme.symbols.ellipsis);
        let body = bars::section(buf, place, theme, &format!("{title}{count}"));
        if current {
            // The current stage is told by its title, too, where it has no card.
            put(buf, place.x, place.y, place.width, &title, theme.style(Role::Accent));
        }
        if stage.cases.is_empty() {
            put(buf, body.x, body.y, body.width, "–", theme.style(Role::Dim));
            return current.then(|| Position::new(place.x, place.y));
        }
        let selected = stage.selected.min(stage.cases.len() - 1);
        let first = if current { (selected + 1).saturating_sub(self.page) } else { 0 };
        let mut cursor = None;
        for (row, place) in stage.cases.iter().enumerate().skip(first).take(self.page).zip((0..).map(|n: u16| Rect {
            y: body.y + n * CARD,
            height: CARD.min(body.bottom().saturating_sub(body.y + n * CARD)),
            ..body
        })) {
            let (row, at) = row;
            let here = current && row == selected;
            card(buf, place, theme, desk, index, &index.lines[*at], here);
            if here {
                cursor = Some(Position::new(place.x.saturating_sub(1), place.y));
            }
        }
        let more = stage.cases.len().saturating_sub(first + self.page);
        if more > 0 {
            put(buf, body.x, place.bottom() - 1, body.width, &format!("and {more} more"), theme.style(Role::Dim));
        }
        cursor
    }
}

fn card(buf: &mut Buffer, place: Rect, theme: &Theme, desk: &Desk, index: &Index, line: &Line, selected: bool) {
    let look = |role| if selected { theme.on_selected(role) } else { theme.style(role) };
    if selected {
        let tint = Rect { height: place.height.min(CARD - 1), ..place };
        buf.set_style(tint, theme.style(Role::Selected));
        for y in tint.y..tint.bottom() {
            put(buf, place.x.saturating_sub(1), y, 1, theme.symbols.bar, theme.style(Role::Accent));
        }
    }
    let dots = theme.symbols.ellipsis;
    let used = put(buf, place.x, place.y, place.width, &line.code, look(Role::Text)) + 2;
    let (risk, role) = desk::short_risk(line.risk, &theme.symbols);
    put_fit(buf, (place.x + used, place.y), place.width.saturating_sub(used), &risk, dots, look(role));
    let concern =
        desk.case(line.case).map_or_else(String::new, |case| first_line(&desk.text(Some(line.case), case.concern())));
    if place.height > 1 {
        put_fit(buf, (place.x, place.y + 1), place.width, &concern, dots, look(Role::Text));
    }
    if place.height > 2 {
        let (text, role) = match index.next(line) {
            Some(due) => (desk.due_when(due), due_role(due.bucket)),
            None => (if line.open { "nothing is due" } else { "closed" }.to_owned(), Role::Dim),
        };
        put_fit(buf, (place.x, place.y + 2), place.width, &text, dots, look(role));
    }
}
