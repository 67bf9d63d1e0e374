//! Meetings: the one that runs, those to come, those that recur, those that were.
//!
//! The list shows no case. What it does goes through ops.

mod attendance;
mod feedback;
mod live;
mod page;
mod room;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates::{self, jamaica};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Phase, Series};
use crate::ops::SeriesEnd;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Ask;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Column, Row, Table, cell};

use super::doors;
use super::sections::{Entry, Sections, section};

/// Meetings of the past that are shown.
const PAST: usize = 24;
/// The tag of the question before a series ends.
const ENDS: &str = "series-ends";

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Meeting(ItemId),
    Series(ItemId),
}

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut screen = Meetings::default();
    screen.refresh(desk);
    Box::new(screen)
}

/// One meeting over the screen that asks: live while it runs, else its agenda.
pub fn open(desk: &mut Desk, meeting: ItemId) -> Effects<Desk> {
    let phase = Meeting::get(desk.open_session().state(), meeting).map(Meeting::phase);
    match phase {
        Some(Phase::Live) => {
            let at = Meeting::get(desk.open_session().state(), meeting).and_then(Meeting::at);
            match live::on_record(desk, at) {
                Ok(()) => vec![Effect::Push("meeting", live::open(desk, meeting))],
                Err(error) => vec![Effect::refused(error_text(&error))],
            }
        }
        Some(_) => vec![Effect::Push("meeting", page::open(desk, meeting))],
        None => vec![Effect::refused("There is no such meeting any more.")],
    }
}

#[derive(Default)]
struct Meetings {
    list: Sections<About>,
    /// The series that is being asked about.
    ending: Option<ItemId>,
}

impl Meetings {
    fn meeting(&self) -> Option<ItemId> {
        match self.list.about() {
            Some(About::Meeting(meeting)) => Some(*meeting),
            _ => None,
        }
    }

    fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match (name, self.list.about().copied()) {
            ("list.open", Some(About::Meeting(meeting))) => Handled::Done(open(desk, meeting)),
            ("list.open", _) => Handled::done(),
            ("meeting.feedback", _) => Handled::Done(feedback::open(desk)),
            ("meeting.new" | "series.add", _) => doors::form(name, None, desk),
            ("meeting.edit" | "meeting.cancel", _) => match self.meeting() {
                Some(meeting) => doors::form(name, Some(meeting), desk),
                None => Effect::info("Select a meeting first.").into(),
            },
            ("series.end", Some(About::Series(series))) => {
                self.ending = Some(series);
                let question = "These meetings recur no more? The one in the calendar stays.";
                Effect::push(ENDS, Ask::new(question)).into()
            }
            ("series.end", _) => Effect::info("Select one of those that recur first.").into(),
            _ => Handled::when(self.list.moves(name)),
        }
    }
}

impl Layer<Desk> for Meetings {
    fn contexts(&self) -> &[&'static str] {
        self.list.contexts(&["meetings", "list"])
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "list.open" | "meeting.edit" | "meeting.cancel" => self.meeting().is_some(),
            "series.end" => matches!(self.list.about(), Some(About::Series(_))),
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

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        if self.list.click(y) { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = match (tag, answer, self.ending.take()) {
            (ENDS, Answer::Yes, Some(series)) => desk.run(SeriesEnd { series }),
            _ => Vec::new(),
        };
        self.refresh(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_some() {
            self.list.set(rows(desk));
        }
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
        let (typing, filtered) = self.list.draw_filter(buf, line, theme);
        let above = u16::from(filtered);
        let body = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
        let columns = vec![
            Column::fixed("", 8),
            Column::fixed("", 18),
            Column::flex("", 16),
            Column::flex("", 10).from_width(100),
            Column::fixed("", 17),
        ];
        let cursor = self.list.draw(buf, body, theme, &Table::new(columns));
        typing.or(cursor)
    }
}

/// All sections.
fn rows(desk: &Desk) -> Vec<Entry<About>> {
    let state = desk.open_session().state();
    let all = Meeting::all(state);
    let of = |phase: Phase| all.iter().filter(move |meeting| meeting.phase() == phase).map(|it| row(desk, *it));
    let mut out = Vec::new();
    let live: Vec<Entry<About>> = of(Phase::Live).collect();
    if !live.is_empty() {
        section(&mut out, "Now", live, "");
    }
    section(&mut out, "To come", of(Phase::Planned).collect(), "No meeting is planned. n plans one, r a series.");
    let series: Vec<Entry<About>> = Series::running(state).map(|series| series_row(desk, series)).collect();
    section(&mut out, "Recurring", series, "No meetings recur. r begins a series: \"second tuesday\".");
    let past: Vec<Entry<About>> = all
        .iter()
        .rev()
        .filter(|meeting| meeting.ended().is_some() || meeting.phase() == Phase::Cancelled)
        .take(PAST)
        .map(|meeting| row(desk, *meeting))
        .collect();
    if !past.is_empty() {
        section(&mut out, "Held", past, "");
    }
    out
}

/// "Tue 24 Nov 10:00".
pub(super) fn when(desk: &Desk, meeting: Meeting<'_>) -> String {
    let Some(when) = meeting.held().map(|when| when.with_timezone(&jamaica())) else { return String::new() };
    format!("{} {}", dates::people(when.date_naive(), desk.today()), when.format("%H:%M"))
}

fn row(desk: &Desk, meeting: Meeting<'_>) -> Entry<About> {
    let phase = meeting.phase();
    let role = match phase {
        Phase::Live => Role::Accent,
        Phase::Ended | Phase::Approved => Role::Soon,
        Phase::Sent => Role::Done,
        Phase::Planned | Phase::Cancelled => Role::Dim,
    };
    let says = match phase {
        Phase::Planned => match desk.open_session().agenda(meeting.0.id).len() {
            1 => "1 on the agenda".to_owned(),
            count => format!("{count} on the agenda"),
        },
        Phase::Ended => "minutes to approve".to_owned(),
        Phase::Approved => "minutes to send".to_owned(),
        other => other.name().to_owned(),
    };
    let place = clean::shown(meeting.place()).into_owned();
    let cells = [
        desk.code(meeting.0.id).into(),
        when(desk, meeting).into(),
        desk.label("meeting-type", meeting.kind()).into(),
        cell(place, Role::Dim),
        cell(says, role),
    ];
    (Some(About::Meeting(meeting.0.id)), Row::item(cells))
}

fn series_row(desk: &Desk, series: Series<'_>) -> Entry<About> {
    let time = format!("at {:02}:{:02}", series.minutes() / 60, series.minutes() % 60);
    let cells = [
        "".into(),
        time.into(),
        clean::shown(series.0.str(Field::SeriesRule)).into_owned().into(),
        cell(clean::shown(series.0.str(Field::SeriesPlace)).into_owned(), Role::Dim),
        cell(desk.label("meeting-type", series.0.str(Field::SeriesType)), Role::Dim),
    ];
    (Some(About::Series(series.0.id)), Row::item(cells))
}
