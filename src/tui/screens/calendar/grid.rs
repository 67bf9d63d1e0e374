//! A month drawn as a grid of weeks. It knows days and counts, and nothing of what they are counts of.
//!
//! What a day holds is told by letters and signs; colour only repeats them.

use chrono::NaiveDate;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use crate::domain::calendar_view::{Day, Kind};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, put_fit, width};

/// The days of a week.
const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// From this width on a day has room for each count by itself.
const ROOMY: u16 = 10;
/// Lines of a week: the day, what stands on it, and its holiday.
const MOST_LINES: u16 = 3;

/// Where the grid stands, to know which day was clicked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    left: u16,
    top: u16,
    /// Columns of a day.
    wide: u16,
    /// Lines of a week.
    high: u16,
}

impl Place {
    /// The grid of so many weeks in an area.
    pub fn new(area: Rect, weeks: usize) -> Self {
        let weeks = u16::try_from(weeks.max(1)).unwrap_or(6);
        let high = (area.height.saturating_sub(1) / weeks).clamp(1, MOST_LINES);
        Self { left: area.x, top: area.y + 1, wide: (area.width / 7).max(4), high }
    }

    /// How many lines it takes with the names of the days.
    pub fn lines(self, weeks: usize) -> u16 {
        1 + self.high * u16::try_from(weeks).unwrap_or(6)
    }

    /// The week and the day in it at a place of the screen.
    pub fn at(self, x: u16, y: u16) -> Option<(usize, usize)> {
        let inside = self.wide > 0 && x >= self.left && y >= self.top && x < self.left + self.wide * 7;
        inside.then(|| (usize::from((y - self.top) / self.high), usize::from((x - self.left) / self.wide)))
    }
}

/// Draws the weeks; says where the chosen day stands.
pub fn draw(
    buf: &mut Buffer,
    place: Place,
    theme: &Theme,
    weeks: &[Vec<Day>],
    (chosen, today): (NaiveDate, NaiveDate),
) -> Option<Position> {
    for (x, name) in (place.left..).step_by(usize::from(place.wide)).zip(NAMES) {
        put(buf, x + 1, place.top - 1, place.wide, name, theme.style(Role::Dim));
    }
    let mut cursor = None;
    for (y, week) in (place.top..).step_by(usize::from(place.high)).zip(weeks) {
        for (x, day) in (place.left..).step_by(usize::from(place.wide)).zip(week) {
            let cell = Rect { x, y, width: place.wide, height: place.high }.intersection(buf.area);
            if cell.height == 0 || cell.width < 4 {
                continue;
            }
            if day.date == chosen {
                cursor = Some(Position::new(x, y));
            }
            draw_day(buf, cell, theme, day, (day.date == chosen, day.date == today));
        }
    }
    cursor
}

fn draw_day(buf: &mut Buffer, cell: Rect, theme: &Theme, day: &Day, (chosen, today): (bool, bool)) {
    // A gap between the days, so that the chosen one is seen as one thing.
    let inner = Rect { width: cell.width - 1, ..cell };
    if chosen {
        buf.set_style(inner, theme.style(Role::Selected));
        for y in cell.y..cell.bottom() {
            put(buf, cell.x, y, 1, theme.symbols.bar, theme.on_selected(Role::Accent));
        }
    }
    let look = |role| if chosen { theme.on_selected(role) } else { theme.style(role) };
    let number_role = match day {
        _ if today => Role::Accent,
        Day { inside: false, .. } | Day { working: false, .. } => Role::Dim,
        _ => Role::Text,
    };
    let number_look =
        if today { look(number_role).add_modifier(Modifier::BOLD | Modifier::UNDERLINED) } else { look(number_role) };
    put(buf, cell.x + 1, cell.y, 2, &format!("{:>2}", day.date.format("%-d").to_string()), number_look);
    let (sign, sign_role) = match day {
        _ if today => ("<", Role::Accent),
        Day { holiday: Some(_), .. } => ("h", Role::Done),
        _ => ("", Role::Dim),
    };
    put(buf, cell.x + 3, cell.y, 1, sign, look(sign_role));
    let counts = counts(day, cell.width >= ROOMY);
    if cell.height == 1 {
        // The day, a sign and what stands on it in one line.
        return put_counts(
            buf,
            Rect { x: cell.x + 4, width: inner.width.saturating_sub(4), ..inner },
            &counts,
            &look,
            theme,
        );
    }
    if let Some(holiday) = &day.holiday {
        let (x, y) = if cell.height > 2 { (cell.x + 1, cell.y + 2) } else { (cell.x + 5, cell.y) };
        put_fit(buf, (x, y), inner.right().saturating_sub(x), holiday, theme.symbols.ellipsis, look(Role::Dim));
    }
    put_counts(buf, Rect { x: cell.x + 1, y: cell.y + 1, width: inner.width - 1, height: 1 }, &counts, &look, theme);
}

/// What stands on a day, in the order of how much it matters. Where there is little room: that something is late, that
/// people meet, and how many things there are in all.
fn counts(day: &Day, roomy: bool) -> Vec<(String, Role)> {
    if !roomy {
        let signs = [("!", Role::Late, day.late), (Kind::Meeting.letter(), Role::Accent, day.meetings)];
        let mut all: Vec<(String, Role)> =
            signs.into_iter().filter(|sign| sign.2 > 0).map(|(sign, role, _)| (sign.to_owned(), role)).collect();
        if day.all() > 0 {
            all.push((day.all().to_string(), if day.late > 0 { Role::Late } else { Role::Text }));
        }
        return all;
    }
    let all = [
        ("!", Role::Late, day.late),
        (Kind::Meeting.letter(), Role::Accent, day.meetings),
        (Kind::Contact.letter(), Role::Text, day.contacts),
        (Kind::Deadline.letter(), Role::Text, day.deadlines),
    ];
    all.into_iter().filter(|one| one.2 > 0).map(|(sign, role, count)| (format!("{sign}{count}"), role)).collect()
}

/// Writes the counts side by side, with blanks between where they fit.
fn put_counts(buf: &mut Buffer, line: Rect, counts: &[(String, Role)], look: &dyn Fn(Role) -> Style, theme: &Theme) {
    let letters: usize = counts.iter().map(|(text, _)| width(text)).sum();
    let spaced = letters + counts.len().saturating_sub(1) <= usize::from(line.width);
    let mut x = line.x;
    for (text, role) in counts {
        let room = line.right().saturating_sub(x);
        if usize::from(room) < width(text) {
            put(buf, x.min(line.right().saturating_sub(1)), line.y, 1, theme.symbols.ellipsis, look(Role::Dim));
            return;
        }
        x += put(buf, x, line.y, room, text, look(*role)) + u16::from(spaced);
    }
}
