//! Outreach: what the team holds for others, and the training of its own people.

mod page;
#[cfg(test)]
mod tests;
mod training;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates::{self, jamaica};
use crate::domain::ids::ItemId;
use crate::domain::outreach::{Event, KINDS, Phase};
use crate::ops::AgendaAdd;
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Column, Row, Table, bars, cell};

use super::doors;
use super::sections::{Entry, Sections, section};

/// Events of the past that are shown.
const PAST: usize = 200;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Event(ItemId),
    Training(ItemId),
    /// What a member needs.
    Needs(ItemId, usize),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pane {
    #[default]
    Events,
    Training,
}

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut screen = Outreach::default();
    screen.refresh(desk);
    Box::new(screen)
}

/// One event over the screen that asks.
pub fn open(desk: &mut Desk, event: ItemId) -> Effects<Desk> {
    match Event::get(desk.open_session().state(), event) {
        Some(_) => vec![Effect::Push("event", page::open(desk, event))],
        None => vec![Effect::refused("There is no such event any more.")],
    }
}

/// The form that says how an event was.
pub fn held(desk: &mut Desk, event: ItemId) -> Handled<Desk> {
    act("outreach.held", Some(event), desk)
}

#[derive(Default)]
struct Outreach {
    pane: Pane,
    list: Sections<About>,
    /// Where the panes' names were drawn, and what they are.
    bar: (Rect, Vec<String>),
}

/// What an event's commands do, on the list and on its page.
fn act(name: &str, event: Option<ItemId>, desk: &mut Desk) -> Handled<Desk> {
    let Some(event) = event else { return Effect::info("Select an event first.").into() };
    match name {
        "outreach.agenda" => {
            let state = desk.open_session().state();
            let topic = Event::get(state, event).map_or("", Event::topic);
            let text = format!("Outreach {}: {topic}", desk.code(event));
            Handled::Done(desk.run(AgendaAdd { meeting: None, case: None, text, minutes: None }))
        }
        "outreach.held" if ahead(desk, event) => {
            Effect::refused("It lies ahead: say how it was once it was held. e changes its day, C calls it off.").into()
        }
        _ => doors::form(name, Some(event), desk),
    }
}

/// Whether an event is still to come.
fn ahead(desk: &Desk, event: ItemId) -> bool {
    let session = desk.open_session();
    Event::get(session.state(), event).and_then(Event::when).is_some_and(|when| when > session.now())
}

/// Whether a command has something to work on, by where an event stands.
fn can(command: &str, phase: Option<Phase>) -> bool {
    match command {
        "outreach.edit" | "outreach.action" => phase.is_some_and(|phase| phase != Phase::Cancelled),
        "outreach.cancel" => phase == Some(Phase::Planned),
        "outreach.held" => matches!(phase, Some(Phase::Planned | Phase::Held)),
        "outreach.agenda" | "list.open" => phase.is_some(),
        _ => true,
    }
}

impl Outreach {
    fn event(&self) -> Option<ItemId> {
        match self.list.about() {
            Some(About::Event(event)) => Some(*event),
            _ => None,
        }
    }

    fn turn(&mut self, desk: &mut Desk) {
        self.pane = if self.pane == Pane::Events { Pane::Training } else { Pane::Events };
        self.list = Sections::default();
        self.refresh(desk);
    }

    fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match (name, self.list.about().copied()) {
            ("list.open", Some(About::Event(event))) => Handled::Done(open(desk, event)),
            ("list.open" | "training.edit", Some(About::Training(training))) => {
                doors::form("training.edit", Some(training), desk)
            }
            ("list.open", Some(About::Needs(..))) | ("outreach.new" | "training.new", _) => {
                let form = if self.pane == Pane::Events { "outreach.new" } else { "training.new" };
                doors::form(form, None, desk)
            }
            ("training.held", Some(About::Training(training))) => doors::form(name, Some(training), desk),
            ("training.held" | "training.edit", _) => Effect::info("Select a training first.").into(),
            ("outreach.edit" | "outreach.held" | "outreach.cancel" | "outreach.action" | "outreach.agenda", _) => {
                act(name, self.event(), desk)
            }
            ("pane.left", _) if self.pane == Pane::Events => Handled::done(),
            ("pane.right", _) if self.pane == Pane::Training => Handled::done(),
            ("pane.next" | "pane.previous" | "pane.left" | "pane.right", _) => {
                self.turn(desk);
                Handled::done()
            }
            _ => Handled::when(self.list.moves(name)),
        }
    }
}

impl Layer<Desk> for Outreach {
    fn contexts(&self) -> &[&'static str] {
        match self.pane {
            Pane::Events => self.list.contexts(&["outreach", "list", "panes"]),
            Pane::Training => self.list.contexts(&["training", "list", "panes"]),
        }
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn can(&self, command: &str) -> bool {
        match (self.pane, command) {
            (_, "list.open") => self.list.about().is_some(),
            (Pane::Training, "training.edit" | "training.held") => {
                matches!(self.list.about(), Some(About::Training(_)))
            }
            (
                Pane::Events,
                "outreach.edit" | "outreach.held" | "outreach.cancel" | "outreach.action" | "outreach.agenda",
            ) => self.event().is_some(),
            _ => true,
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.list.typed(&typed);
        Vec::new()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.list.filters(name) {
            return Handled::done();
        }
        let handled = self.act(name, desk);
        self.refresh(desk);
        handled
    }

    fn click(&mut self, x: u16, y: u16, desk: &mut Desk) -> Effects<Desk> {
        let current = usize::from(self.pane == Pane::Training);
        if y == self.bar.0.y {
            if bars::tab_at(self.bar.0, &self.bar.1, current, x).is_some_and(|hit| hit != current) {
                self.turn(desk);
            }
            return Vec::new();
        }
        if self.list.click(y) { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, _: &str, _: Answer, desk: &mut Desk) -> Effects<Desk> {
        self.refresh(desk);
        Vec::new()
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_some() {
            self.list.set(match self.pane {
                Pane::Events => events(desk),
                Pane::Training => training::rows(desk),
            });
        }
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let names = ["Events".to_owned(), "Training".to_owned()];
        let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
        bars::tabs(buf, line, theme, &names, usize::from(self.pane == Pane::Training));
        let tabs = 20.min(line.width);
        let beside = Rect { x: line.x + tabs, width: line.width - tabs, ..line };
        self.bar = (line, names.to_vec());
        let (typing, _) = self.list.draw_filter(buf, beside, theme);
        let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        let cursor = self.list.draw(buf, body, theme, &columns(self.pane));
        typing.or(cursor)
    }
}

fn columns(pane: Pane) -> Table {
    Table::new(match pane {
        Pane::Events => vec![
            Column::fixed("", 7),
            Column::fixed("", 17),
            Column::fixed("", 11),
            Column::flex("", 14),
            Column::flex("", 10).from_width(96),
            Column::fixed("", 16).right(),
        ],
        Pane::Training => vec![
            Column::fixed("", 7),
            Column::fixed("", 14),
            Column::flex("", 18),
            Column::flex("", 12).from_width(96),
            Column::fixed("", 22).right(),
        ],
    })
}

/// "Tue 24 Nov 10:00".
fn when(desk: &Desk, event: Event<'_>) -> String {
    let Some(when) = event.when().map(|when| when.with_timezone(&jamaica())) else { return String::new() };
    format!("{} {}", dates::people(when.date_naive(), desk.today()), when.format("%H:%M"))
}

fn events(desk: &Desk) -> Vec<Entry<About>> {
    let all = Event::all(desk.open_session().state());
    let of = |phase: Phase| all.iter().filter(move |event| event.phase() == phase).map(|it| row(desk, *it)).collect();
    let mut out = Vec::new();
    section(
        &mut out,
        "To come",
        of(Phase::Planned),
        "No event is planned. n plans one: a town hall, a school session.",
    );
    let uncounted: Vec<Entry<About>> = of(Phase::Held);
    if !uncounted.is_empty() {
        section(&mut out, "Held: who came?", uncounted, "");
    }
    let past = all.iter().rev().filter(|event| matches!(event.phase(), Phase::Counted | Phase::Cancelled));
    let past: Vec<Entry<About>> = past.take(PAST).map(|event| row(desk, *event)).collect();
    section(&mut out, "Held", past, "What was held stands here, with who came and what they learnt.");
    out
}

fn row(desk: &Desk, event: Event<'_>) -> Entry<About> {
    let passed = event.day().is_some_and(|day| day < desk.today());
    let (says, role) = match event.phase() {
        Phase::Planned if passed => ("was it held?".to_owned(), Role::Late),
        Phase::Planned => (event.day().map(|day| dates::distance(day, desk.today())).unwrap_or_default(), Role::Text),
        Phase::Held => ("x says who".to_owned(), Role::Soon),
        Phase::Counted => match event.actions(desk.open_session().state()).iter().filter(|it| it.is_open()).count() {
            0 => (came(event), Role::Done),
            open => (format!("{}, {open} to do", came(event)), Role::Text),
        },
        Phase::Cancelled => (Phase::Cancelled.name().to_owned(), Role::Dim),
    };
    let cells = [
        desk.code(event.0.id).into(),
        when(desk, event).into(),
        desk.label(KINDS, event.kind()).into(),
        clean::shown(event.topic()).into_owned().into(),
        cell(clean::shown(event.community()).into_owned(), Role::Dim),
        cell(says, role),
    ];
    (Some(About::Event(event.0.id)), Row::item(cells))
}

/// "57 came".
fn came(event: Event<'_>) -> String {
    format!("{} came", event.audience().total())
}
