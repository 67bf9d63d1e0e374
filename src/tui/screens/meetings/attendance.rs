//! Attendance by single keys: present, apologies, absent, left the room, observer; information sent; statement signed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Attendance, Meeting};
use crate::domain::views::Member;
use crate::ops::{MeetingAttend, Who};
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::{Column, Row, Table, TableState, cell};

use super::super::doors;

/// The list over whatever asks for it.
pub fn open(desk: &mut Desk, meeting: ItemId) -> Effect<Desk> {
    let mut list = Roll { meeting, people: Vec::new(), state: TableState::default() };
    list.refresh(desk);
    Effect::push("attendance", list)
}

/// One line.
struct Person {
    who: Who,
    row: Row,
    signed: bool,
    info: bool,
    mark: String,
}

struct Roll {
    meeting: ItemId,
    people: Vec<Person>,
    state: TableState,
}

impl Roll {
    fn mark(&mut self, mark: Option<&str>, info: Option<bool>, signed: Option<bool>, desk: &mut Desk) -> Handled<Desk> {
        let Some(at) = self.state.selected() else { return Handled::done() };
        let Some(person) = self.people.get(at) else { return Handled::done() };
        // Who sends information or signs before they are marked has not come yet.
        let mark = mark.unwrap_or(if person.mark.is_empty() { "absent" } else { &person.mark }).to_owned();
        let op = MeetingAttend { meeting: self.meeting, who: person.who.clone(), mark: mark.clone(), info, signed };
        match desk.try_run(op) {
            Ok(_) => {
                self.refresh(desk);
                if info.is_none() && signed.is_none() {
                    self.state.step(1);
                }
                Handled::done()
            }
            Err(error) => Effect::refused(crate::tui::desk::error_text(&error)).into(),
        }
    }

    fn selected(&self) -> Option<&Person> {
        self.people.get(self.state.selected()?)
    }
}

impl Layer<Desk> for Roll {
    fn contexts(&self) -> &[&'static str] {
        &["attendance", "list"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn can(&self, command: &str) -> bool {
        !matches!(command, "list.open" | "list.filter")
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "attend.present" => self.mark(Some("present"), None, None, desk),
            "attend.apologies" => self.mark(Some("apologies"), None, None, desk),
            "attend.absent" => self.mark(Some("absent"), None, None, desk),
            "attend.left" => self.mark(Some("left"), None, None, desk),
            "attend.observer" => self.mark(Some("observer"), None, Some(true), desk),
            "attend.info" => {
                let info = self.selected().is_some_and(|person| person.info);
                self.mark(None, Some(!info), None, desk)
            }
            "attend.signed" => {
                let signed = self.selected().is_some_and(|person| person.signed);
                self.mark(None, None, Some(!signed), desk)
            }
            "attend.visitor" => doors::form("meeting.visitor", Some(self.meeting), desk),
            "overlay.cancel" | "list.open" => Effect::Close(Answer::Cancelled).into(),
            _ => Handled::when(self.state.command(name)),
        }
    }

    fn answer(&mut self, _: &str, _: Answer, desk: &mut Desk) -> Effects<Desk> {
        self.refresh(desk);
        Vec::new()
    }

    fn refresh(&mut self, desk: &mut Desk) {
        let Some(session) = desk.session() else { return };
        let state = session.state();
        let Some(meeting) = Meeting::get(state, self.meeting) else { return };
        let marked = meeting.attendance(state);
        let mut people: Vec<Person> = marked.iter().map(|one| person_marked(desk, *one)).collect();
        for member in meeting.expected(state) {
            if !marked.iter().any(|one| one.member() == Some(member.0.id)) {
                people.push(person_expected(desk, member));
            }
        }
        people.sort_by_key(|person| match &person.who {
            Who::Member(member) => (false, desk.owner(Some(*member))),
            Who::Visitor { name, .. } => (true, name.clone()),
        });
        self.state.set_rows(people.len(), Vec::new());
        self.people = people;
    }

    fn position(&self) -> String {
        self.state.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let lines = u16::try_from(self.people.len()).unwrap_or(u16::MAX).saturating_add(2).max(6);
        let width = area.width.saturating_sub(4).min(84);
        let here = Meeting::get(desk.open_session().state(), self.meeting).map_or(0, |meeting| {
            meeting.attendance(desk.open_session().state()).iter().filter(|it| it.is_here()).count()
        });
        let title = format!("Attendance: {here} here");
        let inside = panel(buf, centred(area, width, lines.min(area.height)), theme, &title);
        let columns = vec![
            Column::flex("", 16),
            Column::fixed("", 12),
            Column::fixed("", 18),
            Column::fixed("", 18).from_width(68),
        ];
        let people = &self.people;
        Table::new(columns).draw(buf, inside, theme, &mut self.state, |range| {
            people[range].iter().map(|person| person.row.clone()).collect()
        })
    }
}

fn person_marked(desk: &Desk, one: Attendance<'_>) -> Person {
    let state = desk.open_session().state();
    let role = match one.mark() {
        "present" | "observer" => Role::Done,
        "absent" => Role::Late,
        _ => Role::Soon,
    };
    let mut more = Vec::new();
    if one.sent_info() {
        more.push("information");
    }
    if one.signed() {
        more.push("signed");
    }
    let (name, agency) = (one.name(state).to_owned(), one.agency(state).to_owned());
    let row = Row::item([
        clean::shown(&name).into_owned().into(),
        cell(clean::shown(&agency).into_owned(), Role::Dim),
        cell(desk.label("attendance", one.mark()), role),
        cell(more.join(", "), Role::Dim),
    ]);
    let who = one.member().map_or(Who::Visitor { name, agency }, Who::Member);
    Person { who, row, signed: one.signed(), info: one.sent_info(), mark: one.mark().to_owned() }
}

fn person_expected(desk: &Desk, member: Member<'_>) -> Person {
    let id = member.0.id;
    let row = Row::item([
        desk.owner(Some(id)).into(),
        cell(desk.agency(Some(id)), Role::Dim),
        cell("not marked", Role::Dim),
        cell("", Role::Dim),
    ]);
    Person { who: Who::Member(id), row, signed: false, info: false, mark: String::new() }
}
