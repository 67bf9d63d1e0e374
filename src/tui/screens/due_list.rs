//! A list of what is due, in sections: what Today and Actions have in common.
//!
//! It remembers which line is selected by what it is and not by where it stands; lines that are done stay in their
//! place, struck through, until the list is left.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::Risk;
use crate::domain::today::{Bucket, Due, What};
use crate::tui::desk::{self, Desk};
use crate::tui::effect::Answer;
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, wrapped};
use crate::tui::widgets::{Cell, Column, Filter, Row, Step, Table, TableState, cell};

use super::{doing, preview};

/// Which line, whatever its day: the case, and what is due.
pub type Key = (Option<ItemId>, What);

/// A line: which, and the section that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// A place among all that is due, and behind those among the others.
    pub at: usize,
    /// A place among the titles.
    pub section: u32,
    /// Done: struck through.
    pub done: bool,
    /// Stands in a section of what is done, and is counted there.
    pub past: bool,
}

/// What a list shows. The dues are the session's own: a list of a hundred thousand lines copies none of them.
#[derive(Default)]
pub struct Content {
    /// Everything that is due.
    pub dues: Arc<Vec<Due>>,
    /// Lines that are not, or no longer, among those.
    pub others: Vec<Due>,
    /// The titles of the sections.
    pub titles: Vec<String>,
    /// The lines in order, sections together.
    pub entries: Vec<Entry>,
    /// What is left out at the end.
    pub folded: Option<String>,
}

impl Content {
    /// What a line shows.
    pub fn due(&self, entry: Entry) -> &Due {
        self.dues.get(entry.at).unwrap_or_else(|| &self.others[entry.at - self.dues.len()])
    }

    fn is(&self, entry: Entry, (case, what): &Key) -> bool {
        let due = self.due(entry);
        due.case == *case && due.what == *what
    }
}

/// What names a line, whatever its day.
pub fn key(due: &Due) -> Key {
    (due.case, due.what.clone())
}

/// A row on the screen.
#[derive(Clone, Copy, Debug)]
enum Line {
    /// The title's place, and how many lines are open below it.
    Section(u32, usize),
    Entry(Entry),
    /// What remains folded.
    Remark,
}

/// What the filter looks in, made once for all its letters: by the places of the lines among all that is due.
#[derive(Default)]
struct Haystacks {
    text: String,
    places: Vec<Option<Range<usize>>>,
    /// Whether names were masked, and the day for which it was made.
    made: Option<(bool, NaiveDate)>,
}

impl Haystacks {
    /// Makes what is not made yet.
    fn make(&mut self, content: &Content, desk: &Desk) {
        let now = Some((desk.masked(), desk.today()));
        if self.made == now {
            return;
        }
        (self.made, self.text) = (now, String::new());
        self.places = vec![None; content.dues.len() + content.others.len()];
        for entry in &content.entries {
            let from = self.text.len();
            self.text.push_str(&haystack(content.due(*entry), desk));
            self.places[entry.at] = Some(from..self.text.len());
        }
    }

    fn of(&self, entry: Entry) -> &str {
        let place = self.places.get(entry.at).cloned().flatten();
        place.map_or("", |place| &self.text[place])
    }
}

/// The list.
#[derive(Default)]
pub struct DueList {
    content: Content,
    lines: Vec<Line>,
    state: TableState,
    marked: HashSet<Key>,
    filter: Filter,
    haystacks: Haystacks,
    /// Lines that were done here: they stay in place until the list is left.
    struck: Vec<Due>,
    /// Names the owner beside the line, in the place of the agency.
    pub owners: bool,
}

impl DueList {
    /// Takes the lines as they are now.
    pub fn fill(&mut self, content: Content, desk: &Desk) {
        let before = self.selected().map(key);
        let at = self.state.selected();
        self.content = content;
        self.haystacks = Haystacks::default();
        if !self.marked.is_empty() {
            let open = self.content.entries.iter().filter(|entry| !entry.done);
            let here: HashSet<Key> = open.map(|entry| key(self.content.due(*entry))).collect();
            self.marked.retain(|key| here.contains(key));
        }
        self.arrange(desk);
        let same = before.and_then(|before| self.line_of(&before, at));
        self.state.select(same.or(at).unwrap_or(0));
    }

    /// Makes the rows: sections with their counts, and the lines that the filter leaves.
    fn arrange(&mut self, desk: &Desk) {
        let Self { content, lines, state, filter, haystacks, .. } = self;
        let (all, fitting) = (filter.is_empty(), filter.fitting());
        if !all {
            haystacks.make(content, desk);
        }
        let fits = |entry: &&Entry| all || fitting(haystacks.of(**entry));
        lines.clear();
        let (mut fixed, mut section) = (Vec::new(), None);
        for entry in content.entries.iter().filter(fits) {
            if section != Some(entry.section) {
                section = Some(entry.section);
                fixed.push(lines.len());
                lines.push(Line::Section(entry.section, 0));
            }
            if let Some(Line::Section(_, open)) = fixed.last().and_then(|at| lines.get_mut(*at)) {
                *open += usize::from(!entry.done || entry.past);
            }
            lines.push(Line::Entry(*entry));
        }
        if content.folded.is_some() && filter.is_empty() {
            fixed.push(lines.len());
            lines.push(Line::Remark);
        }
        state.set_rows(lines.len(), fixed);
    }

    /// The row of a line, looked for first where it stood before.
    fn line_of(&self, key: &Key, near: Option<usize>) -> Option<usize> {
        let is = |line: &Line| matches!(line, Line::Entry(entry) if self.content.is(*entry, key));
        near.filter(|at| self.lines.get(*at).is_some_and(is)).or_else(|| self.lines.iter().position(is))
    }

    fn selected_entry(&self) -> Option<Entry> {
        match self.lines.get(self.state.selected()?)? {
            Line::Entry(entry) => Some(*entry),
            _ => None,
        }
    }

    /// What is due on the selected line.
    pub fn selected(&self) -> Option<&Due> {
        self.selected_entry().map(|entry| self.content.due(entry))
    }

    /// The lines that a key is meant for: those marked, else the selected one.
    pub fn targets(&self) -> Vec<Due> {
        if self.marks() == 0 {
            let open = self.selected_entry().filter(|entry| !entry.done);
            return open.map(|entry| self.content.due(entry).clone()).into_iter().collect();
        }
        self.shown_marks().cloned().collect()
    }

    /// The lines that a command is meant for: opening and editing are for the selected one, whatever is marked.
    pub fn targets_of(&self, command: &str) -> Vec<Due> {
        if matches!(command, "list.open" | "action.edit" | "action.new") {
            return self.selected().cloned().into_iter().collect();
        }
        self.targets()
    }

    /// Takes all marks away: what they were for is done.
    pub fn unmark(&mut self) {
        self.marked.clear();
    }

    /// How many lines are marked.
    pub fn marks(&self) -> usize {
        if self.marked.is_empty() { 0 } else { self.shown_marks().count() }
    }

    /// What the filter hides is never changed unseen: its marks wait.
    fn shown_marks(&self) -> impl Iterator<Item = &Due> {
        let due = |line: &Line| match line {
            Line::Entry(entry) => Some(self.content.due(*entry)),
            _ => None,
        };
        self.lines.iter().filter_map(due).filter(|due| self.marked.contains(&key(due)))
    }

    /// Nothing to show at all.
    pub fn is_empty(&self) -> bool {
        self.content.entries.is_empty()
    }

    /// Nothing that the filter leaves.
    pub fn nothing_fits(&self) -> bool {
        !self.filter.is_empty() && self.state.items() == 0
    }

    /// The filter.
    pub const fn filter(&mut self) -> &mut Filter {
        &mut self.filter
    }

    /// The contexts of the list's keys: those of typing, or the screen's own.
    pub const fn contexts<'a>(&self, own: &'a [&'static str]) -> &'a [&'static str] {
        self.filter.contexts(own)
    }

    /// Whether the filter is being typed.
    pub const fn typing(&self) -> bool {
        self.filter.typing()
    }

    /// Whether a command of these screens has a line to work on.
    pub fn can(&self, command: &str) -> bool {
        match command {
            "action.new" => true,
            "list.open" | "list.mark" => self.selected().is_some(),
            "list.filter" => !self.content.entries.is_empty(),
            _ if !command.starts_with("action.") || command == "action.all" => true,
            // Of several marked lines some may be of another kind: what is done says which were left.
            _ if self.marks() > 0 => true,
            _ => self.selected().is_some_and(|due| super::doing::can(&due.what, command)),
        }
    }

    /// `12/214`.
    pub fn position(&self) -> String {
        let marks = match self.marks() {
            0 => String::new(),
            marks => format!("{marks} selected  "),
        };
        format!("{marks}{}", self.state.position())
    }

    /// Does what moves, marks and filters; `false` if the command is none of a list's.
    pub fn command(&mut self, name: &str, desk: &Desk) -> bool {
        match self.filter.command(name) {
            Step::Changed => self.narrow(desk),
            Step::Done => {}
            Step::Pass => match name {
                "list.mark" => self.mark(),
                "back" if !self.marked.is_empty() => self.marked.clear(),
                _ => return self.state.command(name),
            },
        }
        true
    }

    /// Does to its lines what a key of these screens says. What is done by it stays in place, struck through.
    pub fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let targets = self.targets_of(name);
        let handled = doing::command(name, &targets, desk);
        if matches!(handled, Handled::Done(_)) {
            self.strike(&targets, desk);
        }
        handled
    }

    /// Takes the answer of what [`DueList::act`] has opened.
    pub fn answer(&mut self, tag: &str, answer: &Answer, desk: &mut Desk) -> Effects<Desk> {
        let targets = self.targets();
        let effects = match answer {
            Answer::Picked(code) => doing::picked(tag, code, &targets, desk),
            Answer::Saved(_) => Vec::new(),
            _ => return Vec::new(),
        };
        self.strike(&targets, desk);
        effects
    }

    /// Something may have been done to these lines: those that are not due any more are struck.
    fn strike(&mut self, targets: &[Due], desk: &Desk) {
        if targets.is_empty() {
            return;
        }
        let open: HashSet<Key> = desk.open_session().today().iter().map(key).collect();
        let before: HashSet<Key> = self.struck.iter().map(key).collect();
        let gone = |due: &&Due| !open.contains(&key(due)) && !before.contains(&key(due));
        let gone: Vec<Due> = targets.iter().filter(gone).cloned().collect();
        if !gone.is_empty() {
            self.struck.extend(gone);
            self.unmark();
        }
    }

    /// What was done here and is not due again.
    pub fn struck(&mut self, desk: &Desk) -> &[Due] {
        if !self.struck.is_empty() {
            let open: HashSet<Key> = desk.open_session().today().iter().map(key).collect();
            self.struck.retain(|due| !open.contains(&key(due)));
        }
        &self.struck
    }

    /// The list is another one now: nothing was done in it yet.
    pub fn forget(&mut self) {
        self.struck.clear();
        self.unmark();
    }

    fn mark(&mut self) {
        let Some(entry) = self.selected_entry().filter(|entry| !entry.done) else { return };
        let key = key(self.content.due(entry));
        if !self.marked.remove(&key) {
            self.marked.insert(key);
        }
        self.state.step(1);
    }

    /// Takes text into the filter.
    pub fn typed(&mut self, typed: &Typed, desk: &Desk) {
        self.filter.typed(typed);
        self.narrow(desk);
    }

    fn narrow(&mut self, desk: &Desk) {
        let before = self.selected().map(key);
        self.arrange(desk);
        self.state.select(before.and_then(|before| self.line_of(&before, None)).unwrap_or(0));
    }

    /// Selects the line that was clicked; true if it was selected before.
    pub fn click(&mut self, y: u16) -> bool {
        let before = self.state.selected();
        self.state.click(y) && before == self.state.selected()
    }

    /// Draws the list with the selected line's preview where there is room; where there is no line, `empty`: a title,
    /// and what belongs here.
    pub fn draw_body(
        &mut self,
        buf: &mut Buffer,
        body: Rect,
        theme: &Theme,
        desk: &Desk,
        empty: &[&str],
    ) -> Option<Position> {
        let (left, right) = preview::split(body);
        if self.is_empty() || self.nothing_fits() {
            let lines = if self.nothing_fits() { &["Nothing fits the filter. Esc takes it away."] } else { empty };
            draw_empty(buf, left, theme, lines);
            return Some(Position::new(left.x, left.y));
        }
        if let (Some(right), Some(due)) = (right, self.selected()) {
            preview::draw(buf, right, theme, desk, due);
        }
        self.draw(buf, left, theme, desk)
    }

    /// Draws the rows in view.
    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let who = if self.owners { Column::fixed("Owner", 12) } else { Column::fixed("Agency", 8) }.from_width(66);
        let table = Table::new(vec![
            Column::fixed("", 1),
            Column::fixed("Case", 9),
            Column::fixed("Risk", 9),
            Column::flex("What", 12),
            who,
            Column::fixed("When", 13),
        ]);
        let Self { content, lines, marked, owners, state, .. } = self;
        let rows = |range: Range<usize>| {
            let row = |line: &Line| match line {
                Line::Section(title, count) => {
                    Row::Section(content.titles.get(*title as usize).cloned().unwrap_or_default(), Some(*count))
                }
                Line::Remark => Row::Remark(content.folded.clone().unwrap_or_default()),
                Line::Entry(entry) => {
                    let due = content.due(*entry);
                    let marked = !marked.is_empty() && marked.contains(&key(due));
                    Row::item(cells(*entry, due, *owners, theme, desk)).marked(marked).struck(entry.done)
                }
            };
            lines[range].iter().map(row).collect()
        };
        table.draw(buf, area, theme, state, rows)
    }
}

/// What stands where a list has nothing: a title, and what belongs here and which key makes one.
pub fn draw_empty(buf: &mut Buffer, area: Rect, theme: &Theme, lines: &[&str]) {
    let mut y = area.y + (area.height / 4).min(4);
    for (at, line) in lines.iter().enumerate() {
        let role = if at == 0 { Role::Title } else { Role::Text };
        for text in wrapped(line, usize::from(area.width.saturating_sub(6).clamp(1, 72))) {
            if y < area.bottom() {
                put(buf, area.x + 3, y, area.width.saturating_sub(4), &text, theme.style(role));
            }
            y += 1;
        }
    }
}

/// How urgent a line looks.
pub const fn urgency(bucket: Bucket) -> Role {
    match bucket {
        Bucket::Late => Role::Late,
        Bucket::Today => Role::Soon,
        Bucket::Week => Role::Text,
        Bucket::Later => Role::Dim,
    }
}

fn cells(entry: Entry, due: &Due, owners: bool, theme: &Theme, desk: &Desk) -> Vec<Cell> {
    let late = due.bucket == Bucket::Late;
    let sharp = late && matches!(due.risk, Some(Risk::High | Risk::Unassessed));
    let (risk, risk_role) = match due.risk {
        None => (String::new(), Role::Dim),
        Some(risk) => desk::short_risk(risk, &theme.symbols),
    };
    let code = due.case.map_or_else(|| "–".to_owned(), |case| desk.code(case));
    let who = if owners || due.case.is_none() { desk.owner(due.owner) } else { desk.agency(due.owner) };
    vec![
        cell(if sharp { "!" } else { "" }, Role::Late),
        code.into(),
        cell(risk, risk_role),
        desk.due_text(due).into(),
        cell(who, Role::Text),
        if entry.done {
            cell(ended(entry.past, due, theme, desk), Role::Done)
        } else {
            cell(desk.due_when(due), urgency(due.bucket))
        },
    ]
}

/// When a line was done: "√ today".
fn ended(past: bool, due: &Due, theme: &Theme, desk: &Desk) -> String {
    let (What::Action(id) | What::FollowUp(id)) = due.what else { return theme.symbols.check.to_owned() };
    let Some(item) = desk.open_session().state().item(id) else { return String::new() };
    if item.str(Field::ActionState) == "cancelled" {
        return "cancelled".to_owned();
    }
    let when = item.value(Field::ActionDone).as_when().or_else(|| item.value(Field::FollowUpDone).as_when());
    let day = when.map(|when| dates::people(when.with_timezone(&dates::jamaica()).date_naive(), desk.today()));
    // In a section of what is done the sign would say nothing.
    let sign = if past { String::new() } else { format!("{} ", theme.symbols.check) };
    sign + &day.unwrap_or_default()
}

/// What the filter looks in: all that the line shows, as it is shown (masked names can't be found).
fn haystack(due: &Due, desk: &Desk) -> String {
    let code = due.case.map(|case| desk.code(case)).unwrap_or_default();
    let risk = due.risk.map_or("", Risk::code);
    let (owner, agency) = (desk.owner(due.owner), desk.agency(due.owner));
    let text = format!("{code} {risk} {} {owner} {agency} {}", desk.due_text(due), desk.due_when(due));
    text.to_lowercase()
}
