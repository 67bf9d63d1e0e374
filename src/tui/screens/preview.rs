//! What stands beside a list on a wide terminal: the case in a few lines, who is waiting for whom, the last note.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::today::{Bucket, Due, What};
use crate::domain::views::{Action, Case};
use crate::tui::desk::{self, Desk};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::bars;
use crate::tui::widgets::text::{put, put_fit, width, wrapped};

use super::due_list::urgency;

/// From this width on there is a preview.
const WIDE: u16 = 110;
/// How many that wait are named.
const WAITING: usize = 4;

/// The list, and the place beside it if there is room.
pub fn split(area: Rect) -> (Rect, Option<Rect>) {
    if area.width < WIDE {
        // A margin at the right, like the one at the left.
        return (Rect { width: area.width.saturating_sub(1), ..area }, None);
    }
    let right = area.width * 2 / 5;
    let left = Rect { width: area.width - right, ..area };
    let right = Rect { x: left.right() + 2, width: right.saturating_sub(3), ..area };
    (left, Some(right))
}

/// Draws what a key switches between at the right of a line, the current one marked; returns where it begins.
pub fn choices(buf: &mut Buffer, line: Rect, theme: &Theme, key: &str, names: &[String], current: usize) -> u16 {
    let mut x = line.right().saturating_sub(1);
    for (at, name) in names.iter().enumerate().rev() {
        let cells = u16::try_from(width(name)).unwrap_or(0);
        x = x.saturating_sub(cells).max(line.x);
        let style = if at == current {
            theme.style(Role::Accent).add_modifier(Modifier::UNDERLINED | Modifier::BOLD)
        } else {
            theme.style(Role::Dim)
        };
        put(buf, x, line.y, cells, name, style);
        x = x.saturating_sub(3).max(line.x);
    }
    x = x.saturating_sub(u16::try_from(width(key)).unwrap_or(0)).max(line.x);
    put(buf, x + 1, line.y, line.width, key, theme.style(Role::Accent));
    x
}

/// Writes lines downwards until there is no more room.
struct Pen<'a, 'b> {
    buf: &'a mut Buffer,
    area: Rect,
    theme: &'b Theme,
}

impl Pen<'_, '_> {
    fn room(&self) -> u16 {
        self.area.height
    }

    fn down(&mut self) {
        self.area = Rect { y: self.area.y + 1, height: self.area.height.saturating_sub(1), ..self.area };
    }

    fn title(&mut self, text: &str) {
        if self.room() > 0 {
            self.area = bars::section(self.buf, self.area, self.theme, text);
        }
    }

    /// At most `lines` lines of text; what is cut off ends in `…`.
    fn text(&mut self, text: &str, role: Role, lines: usize) {
        let all = wrapped(text, usize::from(self.area.width.max(1)));
        for (at, line) in all.iter().enumerate().take(lines) {
            if self.room() == 0 {
                return;
            }
            let cut = at + 1 == lines && all.len() > lines;
            let line = if cut { format!("{line} {}", self.theme.symbols.ellipsis) } else { line.clone() };
            let at = (self.area.x, self.area.y);
            let style = self.theme.style(role);
            put_fit(self.buf, at, self.area.width, &line, self.theme.symbols.ellipsis, style);
            self.down();
        }
    }

    /// A text at the left and one at the right of a line.
    fn both(&mut self, left: &str, right: &str, role: Role) {
        if self.room() == 0 {
            return;
        }
        let cells = u16::try_from(width(right)).unwrap_or(0).min(self.area.width);
        let room = self.area.width.saturating_sub(cells + 1);
        let (x, y, dots) = (self.area.x, self.area.y, self.theme.symbols.ellipsis);
        put_fit(self.buf, (x, y), room, left, dots, self.theme.style(Role::Text));
        put(self.buf, self.area.right() - cells, y, cells, right, self.theme.style(role));
        self.down();
    }
}

/// Draws what is known of a line and its case.
pub fn draw(buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk, due: &Due) {
    let mut pen = Pen { buf, area, theme };
    if let Some(case) = due.case.and_then(|case| desk.case(case)) {
        the_case(&mut pen, desk, case);
        pen.down();
    }
    the_line(&mut pen, desk, due);
    let Some(case) = due.case.and_then(|case| desk.case(case)) else { return };
    waiting(&mut pen, desk, case, due);
    last_note(&mut pen, desk, case);
}

fn the_case(pen: &mut Pen<'_, '_>, desk: &Desk, case: Case<'_>) {
    pen.title(&format!("Case {}", desk.code(case.0.id)));
    let (risk, role) = desk::risk(case.risk(), &pen.theme.symbols);
    pen.both(&desk.label("stage", case.stage()), &risk, role);
    let lead = case.lead().map_or_else(|| "no lead yet".to_owned(), |lead| format!("lead {}", desk.owner(Some(lead))));
    let since = case.0.value(Field::CaseOpened).as_when().map(|at| {
        let day = at.with_timezone(&dates::jamaica()).date_naive();
        format!("opened {}", dates::people(day, desk.today()))
    });
    pen.both(&lead, &since.unwrap_or_default(), Role::Dim);
    pen.text(&desk.text(Some(case.0.id), case.concern()), Role::Text, 3);
}

fn the_line(pen: &mut Pen<'_, '_>, desk: &Desk, due: &Due) {
    pen.title(match due.what {
        What::Action(_) => "Action",
        What::FollowUp(_) => "Planned contact",
        What::Clock(_) => "Clock of the policy",
        What::Review => "Review",
        What::Eighteen => "Birthday",
        What::Incomplete => "Quick report",
        What::Consent(_) => "Consent",
        What::Awaiting(_) | What::Asked(_) | What::Answered(_) => "Referral",
        What::Service(_) => "Service",
        What::Meeting(_) => "Meeting",
        What::Minutes(_) => "Minutes",
        What::Decision(_) => "Decision",
        What::Closing(_) => "Closing",
        What::Outreach(_) | What::Numbers(_) => "Outreach",
        What::Training(_) | What::Trained(..) => "Training",
    });
    pen.text(&full_text(desk, due), Role::Text, 5);
    pen.both(&desk.owner(due.owner), &desk.due_when(due), urgency(due.bucket));
    if let What::Action(id) = due.what {
        let state = desk.open_session().state();
        let Some(action) = Action::get(state, id) else { return };
        let why = [desk.field(id, Field::ActionWhy), desk.field(id, Field::ActionWhyNote)];
        let why = why.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
        if !why.is_empty() {
            pen.text(&format!("Not done: {why}"), Role::Soon, 2);
        } else if action.state() != "open" {
            pen.text(&desk.label("action-state", action.state()), Role::Dim, 1);
        }
    }
    pen.down();
}

fn full_text(desk: &Desk, due: &Due) -> String {
    match due.what {
        What::Action(id) if !desk.field(id, Field::ActionText).is_empty() => desk.field(id, Field::ActionText),
        _ => desk.due_text(due),
    }
}

/// Who else has something to do in the case: the earliest first.
fn waiting(pen: &mut Pen<'_, '_>, desk: &Desk, case: Case<'_>, this: &Due) {
    let mut others = desk.open_session().due_in(case.0.id);
    others.retain(|due| due.what != this.what && due.bucket != Bucket::Later);
    if others.is_empty() {
        return;
    }
    pen.title("Waiting in this case");
    for due in others.iter().take(WAITING) {
        let who = desk.agency(due.owner);
        let who = match (due.owner, who) {
            (None, _) => "nobody yet".to_owned(),
            (owner, who) if who.is_empty() => desk.owner(owner),
            (_, who) => who,
        };
        pen.both(&format!("{who}: {}", desk.due_text(due)), &desk.due_when(due), urgency(due.bucket));
    }
    if others.len() > WAITING {
        pen.text(&format!("and {} more", others.len() - WAITING), Role::Dim, 1);
    }
    pen.down();
}

fn last_note(pen: &mut Pen<'_, '_>, desk: &Desk, case: Case<'_>) {
    let Some((note, day)) = newest_note(desk, case.0.id) else { return };
    pen.title(&format!("Last note, {day}"));
    let lines = usize::from(pen.room());
    pen.text(&desk.text(Some(case.0.id), note.str(Field::NoteText)), Role::Text, lines);
}

fn newest_note(desk: &Desk, case: ItemId) -> Option<(&Item, String)> {
    let state = desk.open_session().state();
    let stream = state.item(case)?.stream;
    let when = |note: &&Item| note.value(Field::NoteWhen).as_when();
    let kept = |note: &&Item| note.str(Field::NoteKind) != "views" && !note.str(Field::NoteText).is_empty();
    let note = state.items_in(stream, ItemKind::Note).filter(kept).max_by_key(when)?;
    let day = when(&note)?.with_timezone(&dates::jamaica()).date_naive();
    Some((note, dates::people(day, desk.today())))
}
