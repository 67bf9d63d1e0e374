//! Actions: everything that somebody has to do, by day, owner or agency.

use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::today::{self, Bucket, Due, What};
use crate::domain::views::{Action, Case};
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::put;

use super::doors::Door;
use super::due_list::{Content, DueList, Entry};
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

/// The sections by title, as they come up.
#[derive(Default)]
struct Sections {
    titles: Vec<String>,
    /// The section of an owner, so that each is named once.
    owners: HashMap<Option<ItemId>, u32>,
}

impl Sections {
    fn of(&mut self, by: By, due: &Due, desk: &Desk) -> u32 {
        if by == By::Due {
            return self.titled(due.bucket.title().to_owned());
        }
        if let Some(section) = self.owners.get(&due.owner) {
            return *section;
        }
        let title = match by {
            By::Agency => Some(desk.agency(due.owner)).filter(|name| !name.is_empty()).unwrap_or("–".to_owned()),
            _ => desk.owner(due.owner),
        };
        let section = self.titled(title);
        self.owners.insert(due.owner, section);
        section
    }

    fn titled(&mut self, title: String) -> u32 {
        let at = self.titles.iter().position(|known| *known == title).unwrap_or_else(|| {
            self.titles.push(title);
            self.titles.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// The place of each section in the order of the alphabet.
    fn ranks(&self) -> Vec<usize> {
        let mut sorted: Vec<(String, usize)> =
            self.titles.iter().enumerate().map(|(at, title)| (title.to_lowercase(), at)).collect();
        sorted.sort();
        let mut ranks = vec![0; sorted.len()];
        for (rank, (_, at)) in sorted.into_iter().enumerate() {
            ranks[at] = rank;
        }
        ranks
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
        let dues = desk.open_session().today();
        let actions =
            dues.iter().enumerate().filter(|(_, due)| matches!(due.what, What::Action(_)) && desk.may_show(due.case));
        let mut lines: Vec<usize> = actions.map(|(at, _)| at).collect();
        self.open = lines.len();
        let mut others = self.list.struck(desk).to_vec();
        for offset in 0..others.len() {
            let due = |at: usize| dues.get(at).unwrap_or_else(|| &others[at - dues.len()]);
            let place = lines.partition_point(|at| today::order(due(*at), &others[offset]).is_le());
            lines.insert(place, dues.len() + offset);
        }
        let mut sections = Sections::default();
        let mut entries: Vec<Entry> = lines
            .into_iter()
            .map(|at| {
                let due = dues.get(at).unwrap_or_else(|| &others[at - dues.len()]);
                Entry { at, section: sections.of(self.by, due, desk), done: at >= dues.len(), past: false }
            })
            .collect();
        if self.by != By::Due {
            let ranks = sections.ranks();
            entries.sort_by_key(|entry| ranks[entry.section as usize]);
        }
        if self.all {
            let section = sections.titled(DONE.to_owned());
            let past = dues.len() + others.len()..;
            let finished = finished_of(desk, &others);
            entries.extend(past.zip(&finished).map(|(at, _)| Entry { at, section, done: true, past: true }));
            others.extend(finished);
        }
        self.list.fill(Content { dues, others, titles: sections.titles, entries, folded: None }, desk);
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

/// What was done or cancelled and is not struck, the latest first.
fn finished_of(desk: &Desk, struck: &[Due]) -> Vec<Due> {
    let state = desk.open_session().state();
    let closed = state.items(ItemKind::Action).map(Action).filter(|action| !action.is_open());
    let mut done: Vec<_> = closed
        .filter(|action| !struck.iter().any(|due| due.what == What::Action(action.0.id)))
        .filter_map(|action| Some((action.0.held(Field::ActionDone).as_when(), action.0.id, finished(desk, action)?)))
        .collect();
    done.sort_by_key(|(when, id, _)| (std::cmp::Reverse(*when), *id));
    done.into_iter().map(|(_, _, due)| due).collect()
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
        lead: case.and_then(Case::lead),
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
