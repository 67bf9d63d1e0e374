//! The team: who is on it, who is away, who can open this vault; and the agencies.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::views::Member;
use crate::ops::{TeamAway, TeamLeave};
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Ask;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Cell, Column, Row, Table, TableState, cell};

/// Columns from which the telephone has room.
const ROOM_FOR_CONTACT: u16 = 76;
/// The tag of the question before somebody is taken off the roster.
const LEAVES: &str = "leaves";

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut team = Team { rows: Vec::new(), state: TableState::default(), leaving: None };
    team.refresh(desk);
    Box::new(team)
}

/// What a line is about.
enum About {
    Nothing,
    Member(ItemId),
    Agency,
}

struct Team {
    rows: Vec<(About, Row)>,
    state: TableState,
    /// Who is being asked about.
    leaving: Option<ItemId>,
}

impl Team {
    fn member(&self) -> Option<ItemId> {
        match self.rows.get(self.state.selected()?) {
            Some((About::Member(member), _)) => Some(*member),
            _ => None,
        }
    }

    fn form(&self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let about = self.member();
        match super::forms::open(name, about, desk) {
            Some(form) => Effect::Push("form", form).into(),
            None => Effect::info("Select a member first.").into(),
        }
    }

    /// Away, or back if they are away.
    fn away(&self, desk: &mut Desk) -> Handled<Desk> {
        let today = desk.today();
        let state = desk.open_session().state();
        let member = self.member().and_then(|member| Member::get(state, member));
        match member {
            Some(member) if member.0.value(Field::MemberAwayUntil).as_date().is_some_and(|until| until >= today) => {
                let op = TeamAway { member: member.0.id, from: today, until: None, cover: None };
                Handled::Done(desk.run(op))
            }
            _ => self.form("team.away", desk),
        }
    }

    fn ask_leave(&mut self, desk: &Desk) -> Handled<Desk> {
        let Some(member) = self.member() else { return Effect::info("Select a member first.").into() };
        self.leaving = Some(member);
        let name = desk.owner(Some(member));
        let question =
            format!("{name} leaves the team? Their name stays on what they wrote; open actions need a new owner.");
        Effect::push(LEAVES, Ask::new(question)).into()
    }
}

impl Layer<Desk> for Team {
    fn contexts(&self) -> &[&'static str] {
        &["team", "list"]
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "team.new" | "agency.new" | "team.key" => self.form(name, desk),
            "team.edit" | "list.open" => self.form("team.edit", desk),
            "team.away" => self.away(desk),
            "team.leave" => self.ask_leave(desk),
            _ => Handled::when(self.state.command(name)),
        }
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        self.state.click(y);
        Vec::new()
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        match (tag, answer, self.leaving.take()) {
            (LEAVES, Answer::Yes, Some(member)) => desk.run(TeamLeave { member }),
            _ => Vec::new(),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_some() {
            self.rows = rows(desk);
            let headings = self.rows.iter().enumerate().filter(|(_, (about, _))| matches!(about, About::Nothing));
            let headings = headings.map(|(at, _)| at).collect();
            self.state.set_rows(self.rows.len(), headings);
        }
    }

    fn position(&self) -> String {
        self.state.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let contact = area.width >= ROOM_FOR_CONTACT;
        let mut columns = vec![
            Column::flex("Name", 14),
            Column::fixed("Agency", 7),
            Column::fixed("Role", 11),
            Column::fixed("This vault", 10),
        ];
        if contact {
            columns.push(Column::fixed("Telephone", 14));
        }
        columns.push(Column::flex("Away", 10));
        let rows = &self.rows;
        Table::new(columns).titled().draw(buf, area, theme, &mut self.state, |range| {
            rows[range].iter().map(|(_, row)| without_contact(row.clone(), contact)).collect()
        })
    }
}

/// A row as made has a cell for the telephone; where there is no room for it the cell goes.
fn without_contact(row: Row, contact: bool) -> Row {
    match row {
        Row::Item { mut cells, marked, struck } if !contact && cells.len() > 4 => {
            cells.remove(4);
            Row::Item { cells, marked, struck }
        }
        other => other,
    }
}

fn rows(desk: &Desk) -> Vec<(About, Row)> {
    let state = desk.open_session().state();
    let members = Member::all(state);
    let mut out = vec![(About::Nothing, Row::Section("Members".into(), Some(members.len())))];
    if desk.open_session().participants().len() < 2 {
        let text = "! Only one person can open this vault: select a second one and press K.";
        out.push((About::Nothing, Row::Remark(text.into())));
    }
    out.extend(members.into_iter().map(|member| (About::Member(member.0.id), member_row(desk, member))));
    let mut agencies: Vec<&Item> = state.items(ItemKind::Agency).filter(|agency| agency.stands()).collect();
    agencies.sort_by_key(|agency| (agency.str(Field::AgencyCode), agency.id));
    out.push((About::Nothing, Row::Remark(String::new())));
    out.push((About::Nothing, Row::Section("Agencies".into(), Some(agencies.len()))));
    out.extend(agencies.into_iter().map(|agency| (About::Agency, agency_row(agency))));
    let mut gone: Vec<Member<'_>> = state.items(ItemKind::Member).map(Member).filter(|member| member.left()).collect();
    if !gone.is_empty() {
        gone.sort_by_key(|member| (member.name(), member.0.id));
        out.push((About::Nothing, Row::Remark(String::new())));
        out.push((About::Nothing, Row::Section("Have left".into(), Some(gone.len()))));
        out.extend(gone.into_iter().map(|member| (About::Member(member.0.id), member_row(desk, member))));
    }
    out
}

fn member_row(desk: &Desk, member: Member<'_>) -> Row {
    let session = desk.open_session();
    let role = if member.left() { Role::Dim } else { Role::Text };
    let opens = session.participants().contains(&member.0.id) && !member.left();
    let you = if member.0.id == session.me() { " (you)" } else { "" };
    let text = |field| clean::shown(member.0.str(field)).into_owned();
    let cells: Vec<Cell> = vec![
        cell(format!("{}{you}", text(Field::MemberName)), role),
        cell(desk.agency(Some(member.0.id)), role),
        cell(desk.label("role", member.role()), role),
        if opens { cell("can open", Role::Done) } else { cell("no key", Role::Dim) },
        cell(text(Field::MemberPhone), role),
        cell(away_words(desk, member), Role::Soon),
    ];
    Row::item(cells)
}

/// "till Fri 27 Nov, M. Clarke covers"; for those who left, since when.
fn away_words(desk: &Desk, member: Member<'_>) -> String {
    let today = desk.today();
    let day = |field| member.0.value(field).as_date();
    if let Some(left) = day(Field::MemberLeft) {
        return format!("left {}", dates::people(left, today));
    }
    let (Some(from), Some(until)) = (day(Field::MemberAwayFrom), day(Field::MemberAwayUntil)) else {
        return String::new();
    };
    if until < today {
        return String::new();
    }
    let cover = member.0.value(Field::MemberCover).as_item();
    let cover = cover.map(|cover| format!(", {} covers", desk.owner(Some(cover)))).unwrap_or_default();
    let until = dates::people(until, today);
    if from > today {
        format!("{} to {until}{cover}", dates::people(from, today))
    } else {
        format!("till {until}{cover}")
    }
}

fn agency_row(agency: &Item) -> Row {
    let text = |field| clean::shown(agency.str(field)).into_owned();
    Row::item(vec![
        cell(text(Field::AgencyName), Role::Text),
        cell(text(Field::AgencyCode), Role::Text),
        cell("", Role::Text),
        cell("", Role::Text),
        cell(text(Field::AgencyPhone), Role::Text),
        cell("", Role::Text),
    ])
}
