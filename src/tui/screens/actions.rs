//! Actions: everything that somebody has to do, by day, owner or agency.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::today::{Bucket, Due, What};
use crate::domain::views::{Action, Case};
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::put;

use super::doors::Door;
use super::due_list::{DueList, Entry};
use super::preview;

/// The title of the section of what is done.
const DONE: &str = "Done";

/// What stands where there is no action.
const EMPTY: &[&str] = &[
    "No open actions.",
    "What somebody has agreed to do by a day stands here. a adds one, to a case or for the team; A shows what is done.",
];

/// Actions as a screen.
pub fn screen(desk: &mut Desk) -> Door {
    let mut screen = Actions::default();
    screen.list.owners = true;
    screen.refresh(desk);
    Box::new(screen)
}

/// By what the list is put into sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum By {
    #[default]
    Due,
    Owner,
    Agency,
}

impl By {
    const ALL: [Self; 3] = [Self::Due, Self::Owner, Self::Agency];

    const fn name(self) -> &'static str {
        match self {
            Self::Due => "by day",
            Self::Owner => "by owner",
            Self::Agency => "by agency",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Due => Self::Owner,
            Self::Owner => Self::Agency,
            Self::Agency => Self::Due,
        }
    }
}

#[derive(Default)]
struct Actions {
    by: By,
    /// What is done is shown too.
    all: bool,
    list: DueList,
    open: usize,
}

impl Actions {
    fn look(&mut self, desk: &Desk) {
        let session = desk.open_session();
        let today = session.today();
        let open = today.iter().filter(|due| matches!(due.what, What::Action(_)));
        let mut lines: Vec<(Due, bool)> = open.map(|due| (due.clone(), false)).collect();
        self.open = lines.len();
        lines.extend(self.list.struck(desk).iter().map(|due| (due.clone(), true)));
        let section = |due: &Due| match self.by {
            By::Due => due.bucket.title().to_owned(),
            By::Owner => desk.owner(due.owner),
            By::Agency => Some(desk.agency(due.owner)).filter(|name| !name.is_empty()).unwrap_or("–".to_owned()),
        };
        let mut entries: Vec<Entry> =
            lines.into_iter().map(|(due, done)| Entry { section: section(&due), due, done, past: false }).collect();
        let by = |entry: &Entry| if self.by == By::Due { String::new() } else { entry.section.to_lowercase() };
        entries.sort_by(|a, b| by(a).cmp(&by(b)).then_with(|| crate::domain::today::order(&a.due, &b.due)));
        if self.all {
            entries.extend(self.finished(desk));
        }
        self.list.fill(entries, None, desk);
    }

    /// What was done or cancelled, the latest first.
    fn finished(&mut self, desk: &Desk) -> Vec<Entry> {
        let struck: Vec<What> = self.list.struck(desk).iter().map(|due| due.what.clone()).collect();
        let state = desk.open_session().state();
        let closed = state.items(ItemKind::Action).map(Action).filter(|action| !action.is_open());
        let mut done: Vec<_> = closed
            .filter(|action| !struck.contains(&What::Action(action.0.id)))
            .filter_map(|action| {
                Some((action.0.value(Field::ActionDone).as_when(), action.0.id, finished(desk, action)?))
            })
            .collect();
        done.sort_by_key(|(when, id, _)| (std::cmp::Reverse(*when), *id));
        done.into_iter().map(|(_, _, due)| Entry { section: DONE.to_owned(), due, done: true, past: true }).collect()
    }

    fn heading(&mut self, buf: &mut Buffer, line: Rect, theme: &Theme) -> Option<Position> {
        let title = match self.open {
            1 => "1 open action".to_owned(),
            open => format!("{open} open actions"),
        };
        let used = put(buf, line.x + 1, line.y, line.width, &title, theme.style(Role::Title));
        let current = By::ALL.iter().position(|by| *by == self.by).unwrap_or(0);
        let end = preview::choices(buf, line, theme, "s", &By::ALL.map(|by| by.name().to_owned()), current);
        let x = line.x + 1 + used + 3;
        self.list.filter().draw(buf, Rect { x, width: end.saturating_sub(x), ..line }, theme)
    }
}

/// A finished action as a line.
fn finished(desk: &Desk, action: Action<'_>) -> Option<Due> {
    let state = desk.open_session().state();
    let case = action.case(state);
    Some(Due {
        bucket: Bucket::Later,
        at: dates::end_of(action.due()?),
        timed: false,
        what: What::Action(action.0.id),
        case: case.map(|case| case.0.id),
        risk: case.map(Case::risk),
        owner: action.owner(),
    })
}

impl Layer<Desk> for Actions {
    fn contexts(&self) -> &[&'static str] {
        self.list.contexts(&["actions", "list", "panes"])
    }

    fn can(&self, command: &str) -> bool {
        self.list.can(command)
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.list.command(name, desk) {
            return Handled::done();
        }
        match name {
            "list.sort" | "pane.next" | "pane.right" => self.by = self.by.next(),
            "pane.previous" | "pane.left" => self.by = self.by.next().next(),
            "action.all" => self.all = !self.all,
            _ => {
                let handled = self.list.act(name, desk);
                if matches!(handled, Handled::Done(_)) {
                    self.look(desk);
                }
                return handled;
            }
        }
        self.look(desk);
        Handled::done()
    }

    fn typed(&mut self, typed: Typed, desk: &mut Desk) -> Effects<Desk> {
        self.list.typed(&typed, desk);
        Vec::new()
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        if self.list.click(y) { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = self.list.answer(tag, &answer, desk);
        self.look(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        self.look(desk);
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let typing = self.heading(buf, Rect { height: 1, ..area }, theme);
        let gap = if area.height > 8 { 2 } else { 1 };
        let body = Rect { y: area.y + gap, height: area.height.saturating_sub(gap), ..area };
        let cursor = self.list.draw_body(buf, body, theme, desk, EMPTY);
        typing.or(cursor)
    }
}
