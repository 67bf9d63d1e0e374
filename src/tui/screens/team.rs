//! The team: who is on it, who is away, who can open this vault; and the agencies.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::training::{self, Standing};
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::ops::{AgencyEdit, TeamAway, TeamLeave};
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::{Ask, Page};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::bars;
use crate::tui::widgets::text::put_fit;
use crate::tui::widgets::{Cell, Column, Line, Row, Table, cell};

use super::due_list::draw_empty;
use super::exchange;
use super::sections::{Entry, Sections, section};

/// The tag of the question before somebody is taken off the roster.
const LEAVES: &str = "leaves";
/// The tag of the question before an agency retires.
const RETIRES: &str = "retires";

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut team =
        Team { pane: Pane::Members, list: Sections::default(), leaving: None, bar: (Rect::ZERO, Vec::new()) };
    team.refresh(desk);
    Box::new(team)
}

/// What a line is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Member(ItemId),
    Agency(ItemId),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pane {
    Members,
    Agencies,
}

struct Team {
    pane: Pane,
    list: Sections<About>,
    /// Who is being asked about.
    leaving: Option<ItemId>,
    /// Where the panes' names were drawn, and what they are.
    bar: (Rect, Vec<String>),
}

impl Team {
    fn member(&self) -> Option<ItemId> {
        match self.list.about() {
            Some(About::Member(member)) => Some(*member),
            _ => None,
        }
    }

    fn agency_id(&self) -> Option<ItemId> {
        match self.list.about() {
            Some(About::Agency(agency)) => Some(*agency),
            _ => None,
        }
    }

    const fn empty(&self) -> &'static [&'static str] {
        match self.pane {
            Pane::Members => &["Nobody is on the team yet.", "a adds a member."],
            Pane::Agencies => &["No agency yet.", "A adds one: those whom the team asks for help."],
        }
    }

    fn turn(&mut self, desk: &mut Desk) {
        self.pane = if self.pane == Pane::Members { Pane::Agencies } else { Pane::Members };
        self.list = Sections::default();
        self.refresh(desk);
    }

    /// An agency with its people, on a page.
    fn agency(&self, desk: &Desk) -> Option<Effect<Desk>> {
        let id = self.agency_id()?;
        let state = desk.open_session().state();
        let agency = state.item(id)?;
        let text = |field| clean::shown(agency.str(field)).into_owned();
        let mut lines = vec![Line::new(text(Field::AgencyName), Role::Title)];
        let kind = desk.label("agency-kind", agency.str(Field::AgencyKind));
        lines.extend([kind, text(Field::AgencyPhone)].into_iter().filter(|line| !line.is_empty()).map(Line::from));
        lines.push("".into());
        let people: Vec<Line> = Member::all(state)
            .into_iter()
            .filter(|member| member.0.value(Field::MemberAgency).as_item() == Some(id))
            .map(|member| {
                let name = desk.owner(Some(member.0.id));
                let phone = clean::shown(member.0.str(Field::MemberPhone)).into_owned();
                format!("{name}, {}  {phone}", desk.label("role", member.role())).into()
            })
            .collect();
        if people.is_empty() {
            lines.push(Line::new("Nobody of it is on the team.", Role::Dim));
        }
        lines.extend(people);
        Some(Effect::push("agency", Page::new(text(Field::AgencyCode), lines)))
    }

    fn form(&self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let about = self.member().or(self.agency_id());
        match super::forms::open(name, about, desk) {
            Some(form) => Effect::Push("form", form).into(),
            None if self.pane == Pane::Agencies && name != "agency.edit" => {
                Effect::info("That is for a member: Tab goes to them.").into()
            }
            None => Effect::info("Select a line first.").into(),
        }
    }

    fn key(&self, desk: &mut Desk) -> Handled<Desk> {
        let member = self.member();
        if member.is_some_and(|member| desk.open_session().participants().contains(&member)) {
            let name = desk.owner(member);
            return Effect::info(format!("{name} can open this vault already; p changes one's own passphrase.")).into();
        }
        self.form("team.key", desk)
    }

    /// A paper that one member alone can read, where they have given a card.
    fn paper(member: ItemId, desk: &Desk) -> Effects<Desk> {
        let card = desk.open_session().state().item(member).map(|member| member.str(Field::MemberCard));
        if card.is_none_or(str::is_empty) {
            let name = desk.owner(Some(member));
            let says =
                format!("{name} has given no card of their own: they make one with mahoe card new, c here takes it.");
            return vec![Effect::info(says)];
        }
        exchange::paper_for(desk, member)
    }

    /// Away, or back if they are away.
    fn away(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let today = desk.today();
        let state = desk.open_session().state();
        let member = self.member().and_then(|member| Member::get(state, member));
        match member {
            Some(member) if member.0.value(Field::MemberAwayUntil).as_date().is_some_and(|until| until >= today) => {
                let op = TeamAway { member: member.0.id, from: today, until: None, cover: None };
                let effects = desk.run(op);
                self.refresh(desk);
                Handled::Done(effects)
            }
            _ => self.form("team.away", desk),
        }
    }

    /// Retires an agency after a question, or brings a retired one back.
    fn ask_retire(&mut self, agency: ItemId, desk: &mut Desk) -> Handled<Desk> {
        let retired = desk.open_session().state().item(agency);
        if retired.is_some_and(|agency| !agency.value(Field::AgencyRetired).is_nothing()) {
            let effects = desk.run(AgencyEdit { agency, values: vec![(Field::AgencyRetired, Value::Nothing)] });
            self.refresh(desk);
            return Handled::Done(effects);
        }
        self.leaving = Some(agency);
        let name = desk.owner(Some(agency));
        let question = format!("{name} retires? It gets nothing new to do; its name stays on what it did.");
        Effect::push(RETIRES, Ask::new(question)).into()
    }

    fn ask_leave(&mut self, desk: &mut Desk) -> Handled<Desk> {
        if let Some(agency) = self.agency_id() {
            return self.ask_retire(agency, desk);
        }
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
        self.list.contexts(&["team", "list", "panes"])
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "team.key" | "team.away" | "team.card" | "team.paper" => self.member().is_some(),
            "team.edit" | "team.leave" => self.member().or(self.agency_id()).is_some(),
            "list.open" => self.list.about().is_some(),
            "list.filter" => !self.list.is_empty(),
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
        match name {
            "list.open" if self.pane == Pane::Agencies => self.agency(desk).map_or_else(Handled::done, Handled::from),
            "team.new" | "agency.new" => self.form(name, desk),
            "team.key" => self.key(desk),
            "team.edit" if self.pane == Pane::Agencies => self.form("agency.edit", desk),
            "team.edit" | "list.open" => self.form("team.edit", desk),
            "team.away" => self.away(desk),
            "team.card" | "team.paper" => match (self.member(), name) {
                (None, _) => Effect::info("Select a member first.").into(),
                (Some(member), "team.card") => Handled::Done(exchange::take_member_card(desk, member)),
                (Some(member), _) => Handled::Done(Self::paper(member, desk)),
            },
            "team.leave" => self.ask_leave(desk),
            "pane.left" if self.pane == Pane::Members => Handled::done(),
            "pane.right" if self.pane == Pane::Agencies => Handled::done(),
            "pane.next" | "pane.previous" | "pane.left" | "pane.right" => {
                self.turn(desk);
                Handled::done()
            }
            _ => Handled::when(self.list.moves(name)),
        }
    }

    fn click(&mut self, x: u16, y: u16, desk: &mut Desk) -> Effects<Desk> {
        let current = usize::from(self.pane == Pane::Agencies);
        if y == self.bar.0.y {
            if bars::tab_at(self.bar.0, &self.bar.1, current, x).is_some_and(|hit| hit != current) {
                self.turn(desk);
            }
            return Vec::new();
        }
        if self.list.click(y) { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        match (tag, answer, self.leaving.take()) {
            (LEAVES, Answer::Yes, Some(member)) => desk.run(TeamLeave { member }),
            (RETIRES, Answer::Yes, Some(agency)) => {
                let today = Value::date(desk.today());
                desk.run(AgencyEdit { agency, values: vec![(Field::AgencyRetired, today)] })
            }
            _ => Vec::new(),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_some() {
            self.list.set(match self.pane {
                Pane::Members => members(desk),
                Pane::Agencies => agencies(desk),
            });
        }
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let state = desk.session().map(crate::session::Session::state)?;
        let count = |text: &str, count: usize| format!("{text} {count}");
        let names = [count("Members", Member::all(state).len()), count("Agencies", standing_agencies(state))];
        let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
        bars::tabs(buf, line, theme, &names, usize::from(self.pane == Pane::Agencies));
        if desk.session().is_some_and(|session| session.participants().len() < 2) && self.pane == Pane::Members {
            let text = "! Only one person can open this vault: select a second one and press K.";
            put_fit(buf, (line.x, line.y + 1), line.width, text, theme.symbols.ellipsis, theme.style(Role::Soon));
        }
        self.bar = (line, names.to_vec());
        let tabs = u16::try_from(names.iter().map(|name| name.len() + 2).sum::<usize>()).unwrap_or(0) + 2;
        let beside = Rect { x: line.x + tabs, width: line.width.saturating_sub(tabs), ..line };
        let (typing, _) = self.list.draw_filter(buf, beside, theme);
        let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        if self.list.is_empty() {
            draw_empty(buf, body, theme, self.empty());
            return typing.or(Some(Position::new(body.x, body.y)));
        }
        let cursor = self.list.draw(buf, body, theme, &Table::new(columns(self.pane)).titled());
        typing.or(cursor)
    }
}

fn columns(pane: Pane) -> Vec<Column> {
    match pane {
        Pane::Members => vec![
            Column::flex("Name", 12),
            Column::fixed("Agency", 7),
            Column::fixed("Role", 11),
            Column::fixed("Key", 3),
            Column::fixed("Telephone", 12).from_width(66),
            Column::fixed("Training", 9).from_width(90),
            Column::flex("Away", 8),
        ],
        Pane::Agencies => vec![
            Column::fixed("Code", 8),
            Column::flex("Name", 20),
            Column::fixed("Kind", 14),
            Column::fixed("Telephone", 12).from_width(66),
            Column::flex("Ask for", 8).from_width(66),
        ],
    }
}

fn members(desk: &Desk) -> Vec<Entry<About>> {
    let state = desk.open_session().state();
    let trained = training::standings(state, desk.open_session().pack(), desk.today());
    let row = |member: Member<'_>| {
        let own = trained.iter().filter(|((id, _), _)| *id == member.0.id).map(|(_, standing)| *standing);
        (Some(About::Member(member.0.id)), member_row(desk, member, own.min()))
    };
    let mut out: Vec<Entry<About>> = Member::all(state).into_iter().map(row).collect();
    let mut gone: Vec<Member<'_>> = state.items(ItemKind::Member).map(Member).filter(|member| member.left()).collect();
    if !gone.is_empty() {
        gone.sort_by_key(|member| (member.name(), member.0.id));
        section(&mut out, "Have left", gone.into_iter().map(row).collect(), "");
    }
    out
}

fn agencies(desk: &Desk) -> Vec<Entry<About>> {
    let state = desk.open_session().state();
    let mut all: Vec<&Item> = state.items(ItemKind::Agency).filter(|agency| agency.stands()).collect();
    all.sort_by_key(|agency| (agency.str(Field::AgencyCode), agency.id));
    let (gone, here): (Vec<&Item>, Vec<&Item>) =
        all.into_iter().partition(|agency| !agency.value(Field::AgencyRetired).is_nothing());
    let row = |agency: &Item| (Some(About::Agency(agency.id)), agency_row(desk, agency));
    let mut out: Vec<Entry<About>> = here.into_iter().map(row).collect();
    if !gone.is_empty() {
        section(&mut out, "Retired", gone.into_iter().map(row).collect(), "");
    }
    out
}

fn member_row(desk: &Desk, member: Member<'_>, trained: Option<Standing>) -> Row {
    let session = desk.open_session();
    let role = if member.left() { Role::Dim } else { Role::Text };
    let opens = session.participants().contains(&member.0.id) && !member.left();
    let you = if member.0.id == session.me() { " (you)" } else { "" };
    let text = |field| clean::shown(member.0.str(field)).into_owned();
    let cells: Vec<Cell> = vec![
        cell(format!("{}{you}", text(Field::MemberName)), role),
        cell(desk.agency(Some(member.0.id)), role),
        cell(desk.label("role", member.role()), role),
        if opens { cell("yes", Role::Done) } else { cell("–", Role::Dim) },
        cell(text(Field::MemberPhone), role),
        match trained {
            Some(Standing::RanOut(_)) => cell("ran out", Role::Late),
            Some(Standing::Missing) => cell("none yet", Role::Soon),
            Some(Standing::Until(_) | Standing::Given) => cell("yes", Role::Done),
            None => cell("–", Role::Dim),
        },
        cell(away_words(desk, member), Role::Soon),
    ];
    Row::item(cells)
}

/// "till 27 Nov, M. Clarke" who covers; for those who left, since when.
fn away_words(desk: &Desk, member: Member<'_>) -> String {
    let today = desk.today();
    let day = |field| member.0.value(field).as_date();
    let short = |day: chrono::NaiveDate| day.format("%-d %b").to_string();
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
    let cover = cover.map(|cover| format!(", {}", desk.owner(Some(cover)))).unwrap_or_default();
    let until = short(until);
    if from > today { format!("{} to {until}{cover}", short(from)) } else { format!("till {until}{cover}") }
}

/// How many agencies have not retired.
fn standing_agencies(state: &crate::domain::state::State) -> usize {
    let here = |agency: &&Item| agency.stands() && agency.value(Field::AgencyRetired).is_nothing();
    state.items(ItemKind::Agency).filter(here).count()
}

fn agency_row(desk: &Desk, agency: &Item) -> Row {
    let text = |field| clean::shown(agency.str(field)).into_owned();
    let role = if agency.value(Field::AgencyRetired).is_nothing() { Role::Text } else { Role::Dim };
    Row::item(vec![
        cell(text(Field::AgencyCode), role),
        cell(text(Field::AgencyName), role),
        cell(desk.label("agency-kind", agency.str(Field::AgencyKind)), Role::Dim),
        cell(text(Field::AgencyPhone), role),
        cell(text(Field::AgencyContact), role),
    ])
}
