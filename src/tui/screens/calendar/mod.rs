//! The calendar: a month at a glance, a week, or what is to come; what stands on a day, and the way to it.
//!
//! Nothing is typed into it: it shows what is due, the meetings and the policy's holidays. `n` plans a meeting on the
//! chosen day. Names stay masked as everywhere.

mod grid;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::calendar_view::{self, Day, Entry, Thing};
use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::meeting::{Meeting, Phase, Series};
use crate::domain::outreach;
use crate::domain::today::What;
use crate::domain::training::{TOPICS, Training};
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Pick;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, put_fit, width};
use crate::tui::widgets::{Choice, Column, Row, Table, cell};

use super::due_list::urgency;
use super::sections::{self, Sections};
use super::{doing, doors, preview};

/// The tag of the question whose calendar is written, and its answers.
const WHOSE: &str = "calendar-whose";
const MINE: &str = "mine";
const TEAM: &str = "team";

/// How many days the list of what is to come looks ahead.
const AHEAD: i64 = 91;
/// The fewest lines that the day keeps below the month.
const DAY_LINES: u16 = 5;
/// What the letters of the grid mean, the shortest last.
const LEGENDS: [&str; 3] = [
    "M meeting · C contact · D deadline · ! late · < today · h holiday",
    "M meeting · C contact · D deadline · ! late",
    "M meeting C contact D deadline ! late",
];

/// How the calendar is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    #[default]
    Month,
    Week,
    Ahead,
}

impl View {
    const ALL: [Self; 3] = [Self::Month, Self::Week, Self::Ahead];

    const fn name(self) -> &'static str {
        match self {
            Self::Month => "Month",
            Self::Week => "Week",
            Self::Ahead => "To come",
        }
    }

    fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// The screen.
pub fn screen(desk: &mut Desk) -> doors::Door {
    let today = desk.today();
    let mut screen = Calendar {
        view: View::Month,
        day: today,
        from: today,
        span: (today, today),
        entries: Vec::new(),
        weeks: Vec::new(),
        list: Sections::default(),
        inside: false,
        place: grid::Place::default(),
    };
    screen.look(desk);
    Box::new(screen)
}

struct Calendar {
    view: View,
    /// The chosen day.
    day: NaiveDate,
    /// The day with which the list of what is to come begins.
    from: NaiveDate,
    /// From which day to which the entries are.
    span: (NaiveDate, NaiveDate),
    entries: Vec<Entry>,
    weeks: Vec<Vec<Day>>,
    list: Sections<Entry>,
    /// In the month: the keys move among what stands on the day, not among the days.
    inside: bool,
    place: grid::Place,
}

impl Calendar {
    /// Reads anew what there is.
    fn look(&mut self, desk: &Desk) {
        self.span = match self.view {
            View::Month => calendar_view::month_span(self.day),
            View::Week => calendar_view::week_span(self.day),
            View::Ahead => (self.from, calendar_view::days_on(self.from, AHEAD)),
        };
        let session = desk.open_session();
        self.entries = session.calendar_entries(self.span);
        self.entries.retain(|entry| !matches!(&entry.thing, Thing::Due(due) if !desk.may_show(due.case)));
        self.weeks = match self.view {
            View::Month => calendar_view::month(self.day, &self.entries, session.calendar()),
            View::Week | View::Ahead => Vec::new(),
        };
        self.arrange(desk);
    }

    /// Makes the lines of the list: those of the day, the week or of what is to come.
    fn arrange(&mut self, desk: &Desk) {
        let here = self.of_day(self.day).len();
        self.inside &= here > 0;
        let rows = match self.view {
            // Without its subject a line is shown and can't be chosen: the keys move among the days.
            View::Month => {
                self.of_day(self.day).iter().map(|it| (self.inside.then(|| it.clone()), row(desk, it))).collect()
            }
            View::Week | View::Ahead => self.days(desk),
        };
        self.list.set(rows);
    }

    fn of_day(&self, day: NaiveDate) -> &[Entry] {
        let start = self.entries.partition_point(|entry| entry.day() < day);
        let end = self.entries.partition_point(|entry| entry.day() <= day);
        &self.entries[start..end]
    }

    /// A heading for each day, with what stands on it; in the list of what is to come, for each day that has something.
    fn days(&self, desk: &Desk) -> Vec<sections::Entry<Entry>> {
        let mut rows: Vec<sections::Entry<Entry>> = Vec::new();
        for day in self.span.0.iter_days().take_while(|day| *day <= self.span.1) {
            let (here, holiday) = (self.of_day(day), desk.open_session().calendar().holiday(day));
            if self.view == View::Ahead && here.is_empty() && holiday.is_none() {
                continue;
            }
            let sign = if day == self.day && self.view == View::Week { "›" } else { " " };
            let title = format!("{sign} {}", named(day, desk.today(), holiday));
            rows.push((None, Row::Section(title, (!here.is_empty()).then_some(here.len()))));
            rows.extend(here.iter().map(|entry| (Some(entry.clone()), row(desk, entry))));
        }
        if self.entries.is_empty() && self.view == View::Ahead {
            rows.push((
                None,
                Row::Remark("  Nothing stands in the calendar from this day on. n plans a meeting.".into()),
            ));
        }
        rows
    }

    /// Chooses another day, and what stands first on it or after it.
    fn go(&mut self, day: NaiveDate, desk: &Desk) {
        (self.day, self.inside) = (day, false);
        if self.view == View::Ahead && !(self.span.0 <= day && day <= self.span.1) {
            self.from = day;
        }
        let month_left = self.view == View::Month && calendar_view::month_span(day) != self.span;
        if month_left || !(self.span.0 <= day && day <= self.span.1) {
            self.look(desk);
        } else {
            // The month may be another one of the same weeks: its days are marked anew.
            self.look_at_month(desk);
            self.arrange(desk);
        }
        let first = self.entries.iter().find(|entry| entry.day() >= day).cloned();
        if let Some(entry) = first.filter(|_| self.view != View::Month) {
            self.list.select(&entry);
        }
    }

    fn look_at_month(&mut self, desk: &Desk) {
        if self.view == View::Month {
            self.weeks = calendar_view::month(self.day, &self.entries, desk.open_session().calendar());
        }
    }

    fn turn_to(&mut self, view: View, desk: &Desk) {
        (self.view, self.inside, self.from) = (view, false, self.day);
        self.look(desk);
        self.go(self.day, desk);
    }

    /// The keys move among lines, not among days.
    const fn in_list(&self) -> bool {
        self.inside || !matches!(self.view, View::Month)
    }

    fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let day = match name {
            "list.open" => return self.open(desk),
            "meeting.new" => return doors::meeting_on(self.day, desk),
            "pane.next" | "pane.previous" => {
                self.turn_to(self.view.step(if name == "pane.next" { 1 } else { 2 }), desk);
                return Handled::done();
            }
            "back" if self.inside => {
                self.inside = false;
                self.arrange(desk);
                return Handled::done();
            }
            "list.up" | "list.down" | "list.first" | "list.last" if self.in_list() => {
                self.list.moves(name);
                self.follow(desk);
                return Handled::done();
            }
            "pane.left" => calendar_view::days_on(self.day, -1),
            "pane.right" => calendar_view::days_on(self.day, 1),
            "list.up" => calendar_view::days_on(self.day, -7),
            "list.down" => calendar_view::days_on(self.day, 7),
            "list.page-up" => calendar_view::months_on(self.day, -1),
            "list.page-down" => calendar_view::months_on(self.day, 1),
            "calendar.today" => desk.today(),
            "calendar.write" => {
                let choices = vec![Choice::new(MINE, "mine: what I have to do"), Choice::new(TEAM, "the whole team's")];
                return Effect::push(WHOSE, Pick::new("A calendar file for a telephone: whose?", choices)).into();
            }
            _ => return Handled::Pass,
        };
        self.go(day, desk);
        Handled::done()
    }

    /// The chosen day follows the chosen line; in a week its heading is marked.
    fn follow(&mut self, desk: &Desk) {
        let Some(entry) = self.list.about().cloned() else { return };
        if entry.day() != self.day {
            self.day = entry.day();
            self.arrange(desk);
            self.list.select(&entry);
        }
    }

    fn open(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let chosen = if self.in_list() { self.list.about().cloned() } else { None };
        let entry = match (chosen, self.of_day(self.day)) {
            (Some(entry), _) => entry,
            (None, [one]) => one.clone(),
            (None, []) => {
                let day = named(self.day, desk.today(), None);
                return Effect::info(format!("Nothing stands on {day}. n plans a meeting there.")).into();
            }
            (None, several) if self.view == View::Month => {
                let first = several[0].clone();
                self.inside = true;
                self.arrange(desk);
                self.list.select(&first);
                return Handled::done();
            }
            (None, several) => several[0].clone(),
        };
        match entry.thing {
            Thing::Due(due) => doing::command("list.open", &[due], desk),
            Thing::Meeting(meeting) => Handled::Done(doors::meeting(desk, meeting)),
            Thing::Outreach(event) => Handled::Done(doors::outreach_event(desk, event)),
            Thing::Training(training) => doors::form("training.edit", Some(training), desk),
            Thing::Series(_) => {
                Effect::info("This meeting recurs: it is planned when the one before it has ended.").into()
            }
        }
    }

    /// The heading: what is looked at, and how else it can be.
    fn heading(&mut self, buf: &mut Buffer, line: Rect, theme: &Theme) -> Option<Position> {
        let title = match self.view {
            View::Month => self.day.format("%B %Y").to_string(),
            View::Week => format!("Week of {}", self.span.0.format("%-d %B %Y")),
            View::Ahead => format!("From {}", self.span.0.format("%-d %B %Y")),
        };
        let used = put(buf, line.x + 1, line.y, line.width, &title, theme.style(Role::Title));
        let names = View::ALL.map(|view| view.name().to_owned());
        let end = preview::choices(buf, line, theme, "Tab", &names, self.view as usize);
        let x = line.x + 1 + used + 3;
        self.list.draw_filter(buf, Rect { x, width: end.saturating_sub(x), ..line }, theme).0
    }

    fn draw_month(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let side = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let space = Rect { height: area.height.saturating_sub(DAY_LINES + 1), ..side };
        self.place = grid::Place::new(space, self.weeks.len());
        let cursor = grid::draw(buf, self.place, theme, &self.weeks, (self.day, desk.today()));
        let lines = (self.place.lines(self.weeks.len()) + 1).min(area.height);
        let below = Rect { y: area.y + lines, height: area.height - lines, ..area };
        let listed = self.draw_day(buf, below, theme, desk);
        listed.filter(|_| self.inside).or(cursor)
    }

    /// What stands on the chosen day.
    fn draw_day(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        if area.height == 0 || area.width < 10 {
            return None;
        }
        let title = named(self.day, desk.today(), desk.open_session().calendar().holiday(self.day));
        let room = area.width.saturating_sub(2);
        let used = put_fit(buf, (area.x + 1, area.y), room, &title, theme.symbols.ellipsis, theme.style(Role::Title));
        let x = area.x + 1 + used + 2;
        legend(buf, Rect { x, y: area.y, width: area.right().saturating_sub(x + 1), height: 1 }, theme);
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        if self.list.is_empty() {
            let room = body.width.saturating_sub(2);
            put_fit(buf, (body.x + 1, body.y), room, "Nothing.", theme.symbols.ellipsis, theme.style(Role::Dim));
            return None;
        }
        self.list.draw(buf, body, theme, &columns())
    }
}

/// What the letters mean, at the right of a line, as far as there is room.
fn legend(buf: &mut Buffer, line: Rect, theme: &Theme) {
    let fits = LEGENDS.iter().find(|text| width(text) <= usize::from(line.width));
    if let Some(text) = fits {
        let x = line.right() - u16::try_from(width(text)).unwrap_or(line.width);
        put(buf, x, line.y, line.width, text, theme.style(Role::Dim));
    }
}

fn columns() -> Table {
    Table::new(vec![
        Column::fixed("", 2),
        Column::fixed("", 5),
        Column::fixed("", 9),
        Column::flex("", 16),
        Column::fixed("", 12).from_width(66),
    ])
}

/// "Tue 24 Nov", with what people call the day, and the holiday.
fn named(day: NaiveDate, today: NaiveDate, holiday: Option<&str>) -> String {
    let mut text = day.format("%a %-d %b").to_string();
    let people = dates::people(day, today);
    if matches!(people.as_str(), "today" | "tomorrow" | "yesterday") {
        text = format!("{text}, {people}");
    }
    holiday.map_or(text.clone(), |holiday| format!("{text} · {}", clean::shown(holiday)))
}

fn row(desk: &Desk, entry: &Entry) -> Row {
    let session = desk.open_session();
    let state = session.state();
    let letter = entry.kind().letter();
    let time = if entry.timed { entry.at.format("%H:%M").to_string() } else { String::new() };
    let (code, text, who, role) = match &entry.thing {
        Thing::Due(due) => {
            let code = match due.what {
                What::Meeting(id) | What::Minutes(id) | What::Outreach(id) | What::Numbers(id) | What::Training(id) => {
                    desk.code(id)
                }
                _ => due.case.map_or_else(|| "–".to_owned(), |case| desk.code(case)),
            };
            (code, desk.due_text(due), desk.owner(due.owner), urgency(due.bucket))
        }
        Thing::Meeting(id) => {
            let meeting = Meeting::get(state, *id);
            let phase = meeting.map_or("", |it| if it.phase() == Phase::Live { "runs now" } else { it.phase().name() });
            let kind = meeting.map(|it| desk.label("meeting-type", it.kind())).unwrap_or_default();
            (desk.code(*id), format!("Meeting: {kind}, {phase}"), String::new(), Role::Done)
        }
        Thing::Outreach(id) => {
            let event = outreach::Event::get(state, *id);
            let kind = event.map(|it| desk.label(outreach::KINDS, it.kind())).unwrap_or_default();
            let who = event.map(|it| desk.owner(it.lead())).unwrap_or_default();
            (desk.code(*id), format!("Outreach: {kind}, held"), who, Role::Done)
        }
        Thing::Training(id) => {
            let topic = Training::get(state, *id).map(|it| desk.label(TOPICS, it.topic())).unwrap_or_default();
            (desk.code(*id), format!("Training: {topic}, held"), String::new(), Role::Done)
        }
        Thing::Series(id) => {
            let series = Series::get(state, *id);
            let rule = series.map_or("", |series| series.0.str(Field::SeriesRule));
            let kind = series.map(|it| desk.label("meeting-type", it.0.str(Field::SeriesType))).unwrap_or_default();
            ("–".to_owned(), format!("Meeting: {kind}, {}", clean::shown(rule)), String::new(), Role::Dim)
        }
    };
    let sign = if entry.late() { cell(format!("!{letter}"), Role::Late) } else { cell(letter, role) };
    Row::item([
        sign,
        cell(time, role),
        code.into(),
        cell(text, if role == Role::Dim { role } else { Role::Text }),
        who.into(),
    ])
}

impl Layer<Desk> for Calendar {
    fn contexts(&self) -> &[&'static str] {
        // In the month there is no list to filter.
        if self.in_list() { self.list.contexts(&["calendar", "list"]) } else { &["calendar"] }
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "list.open" if self.in_list() => self.list.about().is_some(),
            "list.open" => !self.of_day(self.day).is_empty(),
            _ => true,
        }
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.list.typed(&typed);
        Vec::new()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.in_list() && self.list.filters(name) {
            return Handled::done();
        }
        self.act(name, desk)
    }

    fn click(&mut self, x: u16, y: u16, desk: &mut Desk) -> Effects<Desk> {
        if self.view == View::Month
            && let Some((week, day)) = self.place.at(x, y)
            && let Some(day) = self.weeks.get(week).and_then(|week| week.get(day))
        {
            let (day, before) = (day.date, self.day);
            self.go(day, desk);
            return if day == before { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() };
        }
        let again = self.list.click(y);
        self.follow(desk);
        if again { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        self.look(desk);
        match (tag, answer) {
            (WHOSE, Answer::Picked(whose)) => {
                let me = desk.open_session().me();
                doors::write_calendar(desk, (whose == MINE).then_some(me))
            }
            _ => Vec::new(),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_some() {
            self.look(desk);
        }
    }

    fn position(&self) -> String {
        if self.in_list() { self.list.position() } else { String::new() }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let typing = self.heading(buf, Rect { height: 1, ..area }, theme);
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let cursor = match self.view {
            View::Month => self.draw_month(buf, body, theme, desk),
            View::Week | View::Ahead => self.list.draw(buf, body, theme, &columns()),
        };
        typing.or(cursor)
    }
}
