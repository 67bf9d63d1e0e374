//! One meeting that is to come, or was: its agenda with the reason of each line, and after it what became of it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::mask::Mask;
use crate::domain::meeting::agenda::{Line as Point, left_out_words};
use crate::domain::meeting::minutes::Reader;
use crate::domain::meeting::record::Record;
use crate::domain::meeting::twice::{Differs, differences};
use crate::domain::meeting::{AgendaItem, Meeting, Phase};
use crate::domain::paper::Form;
use crate::domain::views::Case;
use crate::ops::{AgendaDrop, AgendaMove, Matter, MeetingStart, MinutesApprove};
use crate::tui::desk::{Desk, error_text, short_risk};
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::{Ask, Page};
use crate::tui::theme::{Role, Symbols, Theme};
use crate::tui::widgets::text::put_fit;
use crate::tui::widgets::{Column, Line, Row, Table, bars, cell};

use super::super::doors;
use super::super::sections::{Entry, Sections, section};
use super::{live, when};

/// The tag of the question before a meeting begins.
const BEGINS: &str = "meeting-begins";
/// The tag of the question before minutes are approved.
const APPROVES: &str = "minutes-approve";

/// The screen of a meeting that doesn't run.
pub fn open(desk: &mut Desk, meeting: ItemId) -> Box<dyn Layer<Desk>> {
    let mut page = MeetingPage {
        meeting,
        list: Sections::default(),
        points: Vec::new(),
        place: String::new(),
        phase: None,
        differs: Vec::new(),
        made: None,
    };
    page.refresh(desk);
    Box::new(page)
}

struct MeetingPage {
    meeting: ItemId,
    /// Lines by their place in the agenda.
    list: Sections<usize>,
    points: Vec<Point>,
    /// Where, masked.
    place: String,
    phase: Option<Phase>,
    /// What two devices that kept it hold differently.
    differs: Vec<String>,
    /// The State's number for which the lines were made.
    made: Option<u64>,
}

impl MeetingPage {
    fn point(&self) -> Option<&Point> {
        self.points.get(*self.list.about()?)
    }

    fn matter(&self) -> Option<Matter> {
        let point = self.point()?;
        Some(match (point.item, point.case) {
            (Some(item), _) => Matter::Item(item),
            (None, Some(case)) => Matter::Case(case),
            (None, None) => Matter::Text(point.text.clone()),
        })
    }

    fn shift(&mut self, by: isize, desk: &mut Desk) -> Handled<Desk> {
        let (Some(at), Some(matter)) = (self.list.about().copied(), self.matter()) else { return Handled::done() };
        let to = at.saturating_add_signed(by) + 1;
        if to == at + 1 || to > self.points.len() {
            return Handled::done();
        }
        match desk.try_run(AgendaMove { meeting: self.meeting, matter, to }) {
            Ok(_) => {
                self.refresh(desk);
                self.list.select(&(to - 1));
                Handled::done()
            }
            Err(error) => Effect::refused(error_text(&error)).into(),
        }
    }

    /// Asks before the meeting begins: the statement is on the screen, to be read aloud.
    fn begin(&self, desk: &Desk) -> Handled<Desk> {
        let session = desk.open_session();
        let day = Meeting::get(session.state(), self.meeting).and_then(Meeting::day);
        let early = day.filter(|day| *day != desk.today()).map(|day| dates::people(day, desk.today()));
        let early = early.map(|day| format!("It is planned for {day}. ")).unwrap_or_default();
        let statement = clean::shown(&session.pack().meeting.statement);
        let question = format!("{early}Read aloud: \"{statement}\" It was read, and the meeting begins?");
        Effect::push(BEGINS, Ask::new(question)).into()
    }

    fn minutes(&self, desk: &mut Desk) -> Handled<Desk> {
        let text = desk.open_session_mut().copy_of_minutes(self.meeting, Reader::Anybody, Form::Text);
        match text {
            Ok(text) => {
                let lines = text.lines().map(|line| Line::from(line.to_owned())).collect();
                Effect::push("minutes", Page::new("Minutes", lines)).into()
            }
            Err(error) => Effect::refused(error_text(&error)).into(),
        }
    }

    /// Sealed first; where nobody can be sealed to, what comes next.
    fn send(&self, desk: &Desk) -> Effects<Desk> {
        if self.phase < Some(Phase::Approved) {
            return vec![Effect::info("These minutes are not approved yet: A approves them.")];
        }
        let who = desk.open_session().who_gets_minutes(self.meeting);
        if who.sealed.is_empty() {
            let text = "Nobody who was there has given a card of their own (mahoe card new). P prints numbered copies.";
            return vec![Effect::info(text)];
        }
        doors::send_minutes(desk, self.meeting)
    }

    fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "list.open" => match self.point().and_then(|point| point.case) {
                Some(case) if desk.case(case).is_some() => Handled::Done(doors::case(desk, case)),
                Some(_) => Effect::info("This case is only for others.").into(),
                None => Handled::done(),
            },
            "meeting.start" => match self.phase {
                Some(Phase::Planned) => self.begin(desk),
                _ => Effect::info("It has been held: plan another with n in Meetings.").into(),
            },
            "meeting.edit" | "meeting.cancel" | "agenda.add" | "agenda.business" | "minutes.sent" => {
                doors::form(name, Some(self.meeting), desk)
            }
            "agenda.minutes" => match self.point().and_then(|point| point.item.or(point.case)) {
                Some(_) => doors::minutes_for(self.meeting, self.matter(), desk),
                None => Effect::info("Select a line of the agenda first.").into(),
            },
            "agenda.drop" => match self.matter() {
                Some(matter) => Handled::Done(desk.run(AgendaDrop { meeting: self.meeting, matter })),
                None => Effect::info("Select a line of the agenda first.").into(),
            },
            "agenda.up" => self.shift(-1, desk),
            "agenda.down" => self.shift(1, desk),
            "meeting.attendance" => Handled::Done(vec![super::attendance::open(desk, self.meeting)]),
            "meeting.minutes" => self.minutes(desk),
            "paper.print" => Handled::Done(doors::printing(desk, Some(self.meeting))),
            "minutes.send" => Handled::Done(self.send(desk)),
            "minutes.approve" => {
                let question = "Approve these minutes? Nothing is added to them any more.";
                Effect::push(APPROVES, Ask::new(question)).into()
            }
            _ => Handled::when(self.list.moves(name)),
        }
    }
}

impl Layer<Desk> for MeetingPage {
    fn contexts(&self) -> &[&'static str] {
        self.list.contexts(&["meeting", "list"])
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn can(&self, command: &str) -> bool {
        let planned = self.phase == Some(Phase::Planned);
        match command {
            "list.open" => self.point().is_some(),
            "agenda.drop" | "agenda.minutes" | "agenda.up" | "agenda.down" => planned && self.point().is_some(),
            "meeting.start" | "meeting.edit" | "meeting.cancel" | "agenda.add" | "agenda.business" => planned,
            "meeting.minutes" => !planned && self.phase != Some(Phase::Cancelled),
            "minutes.approve" => self.phase == Some(Phase::Ended),
            "minutes.sent" => self.phase == Some(Phase::Approved),
            "minutes.send" => self.phase >= Some(Phase::Approved),
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
        let effects = match (tag, answer) {
            (BEGINS, Answer::Yes) => match desk.try_run(MeetingStart { meeting: self.meeting, statement: true }) {
                // Attendance comes first: nobody is shown anything before it is known who is there.
                Ok(done) => vec![
                    Effect::info(done.says),
                    Effect::Push("meeting", live::open(desk, self.meeting)),
                    super::attendance::open(desk, self.meeting),
                ],
                Err(error) => vec![Effect::refused(error_text(&error))],
            },
            (APPROVES, Answer::Yes) => desk.run(MinutesApprove { meeting: self.meeting }),
            _ => Vec::new(),
        };
        self.refresh(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        let Some(session) = desk.session() else { return };
        let revision = session.state().revision();
        if self.made == Some(revision) {
            return;
        }
        self.made = Some(revision);
        self.phase = Meeting::get(session.state(), self.meeting).map(Meeting::phase);
        let left_out;
        (self.points, left_out) = session.whole_agenda(self.meeting);
        let differs = Meeting::get(session.state(), self.meeting).map(|it| differences(session.state(), it));
        self.differs = differs.unwrap_or_default().iter().map(Differs::says).collect();
        self.differs.extend(left_out_words(left_out));
        let words = session.meeting_mask(self.meeting);
        let place = Meeting::get(session.state(), self.meeting).map(Meeting::place).unwrap_or_default();
        self.place = words.masked(&clean::shown(place)).into_owned();
        let lines = self.points.iter().enumerate();
        let rows: Vec<Entry<usize>> = lines.map(|line| (Some(line.0), row(desk, self.meeting, line, &words))).collect();
        let mut all = Vec::new();
        section(&mut all, "Agenda", rows, "Nothing is on it yet. c adds a case, b a matter of the team.");
        self.list.set(all);
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let meeting = Meeting::get(desk.open_session().state(), self.meeting)?;
        let dots = theme.symbols.ellipsis;
        let room = area.width.saturating_sub(2);
        let kind = desk.label("meeting-type", meeting.kind());
        let phase = meeting.phase();
        let title = format!("{}  {kind}  {}", desk.code(self.meeting), when(desk, meeting));
        put_fit(buf, (area.x + 1, area.y), room, &title, dots, theme.style(Role::Title));
        let minutes: i64 = self.points.iter().map(|point| point.minutes).sum();
        let place = if self.place.is_empty() { "place not said" } else { &self.place };
        let dot = theme.symbols.middot;
        let more = match phase {
            Phase::Planned => format!("{minutes} min in all"),
            Phase::Cancelled => format!("called off: {}", clean::shown(meeting.0.str(Field::MeetingCancelled))),
            Phase::Ended => "ended: A approves the minutes".to_owned(),
            Phase::Approved => "minutes approved: S once they are sent".to_owned(),
            other => other.name().to_owned(),
        };
        let chair = desk.owner(meeting.chair());
        let line = format!("{place} {dot} chair {chair} {dot} {more}");
        put_fit(buf, (area.x + 1, area.y + 1), room, &line, dots, theme.style(Role::Dim));
        let mut above = 2;
        for differs in &self.differs {
            let says = format!("! {differs}");
            put_fit(buf, (area.x + 1, area.y + above), room, &says, dots, theme.style(Role::Soon));
            above += 1;
        }
        bars::rule(buf, Rect { y: area.y + above, height: 1, ..area }, theme);
        let filter = Rect { x: area.x + 1, y: area.y + above + 1, width: room, height: 1 };
        let (typing, filtered) = self.list.draw_filter(buf, filter, theme);
        let above = above + 1 + u16::from(filtered);
        let body = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
        let columns = vec![
            Column::fixed("", 3).right(),
            Column::fixed("", 9),
            Column::fixed("", 9).from_width(60),
            Column::flex("", 20),
            Column::fixed("", 7).right(),
        ];
        let cursor = self.list.draw(buf, body, theme, &Table::new(columns));
        typing.or(cursor)
    }
}

fn row(desk: &Desk, meeting: ItemId, (at, point): (usize, &Point), words: &Mask) -> Row {
    let session = desk.open_session();
    let state = session.state();
    let (code, risk) = match point.case {
        Some(case) => {
            let risk = Case::get(state, case)
                .filter(|_| desk.may_show(Some(case)))
                .map(|case| short_risk(case.risk(), &Symbols::WGL4));
            (desk.code(case), risk.unwrap_or_default())
        }
        None => ("team".to_owned(), (String::new(), Role::Dim)),
    };
    let item = point.item.and_then(|item| AgendaItem::get(state, item));
    let mut why = match point.case {
        Some(_) if !desk.may_show(point.case) => "only for some people".to_owned(),
        Some(_) => point.reasons(session.pack()),
        None => words.masked(&clean::shown(&point.text)).into_owned(),
    };
    if let (Some(item), Some(meeting)) = (item, Meeting::get(state, meeting).filter(|it| it.started().is_some())) {
        let record = Record::of(state, meeting, item);
        let (said, given) = (record.said.len(), record.given.len());
        let became = match said + given {
            0 if meeting.ended().is_some() && item.is_open() => "not dealt with".to_owned(),
            0 => "nothing written down".to_owned(),
            _ => format!("{said} said, {given} to do"),
        };
        why = if why.is_empty() { became } else { format!("{became}; {why}") };
    }
    let minutes = match item.map(|item| (item.state(), item.spent())) {
        Some(("done", spent)) => format!("{} min", (spent + 30) / 60),
        Some(("parked", _)) => "parked".to_owned(),
        _ => format!("{} min", point.minutes),
    };
    Row::item([(at + 1).to_string().into(), code.into(), cell(risk.0, risk.1), why.into(), cell(minutes, Role::Dim)])
}
