//! A list of what is due, in sections: what Today and Actions have in common.
//!
//! It remembers which line is selected by what it is and not by where it stands; lines that are done stay in their
//! place, struck through, until the list is left.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::Risk;
use crate::domain::today::{Bucket, Due, What};
use crate::tui::desk::{self, Desk};
use crate::tui::input::Typed;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Cell, Column, LineEditor, Row, Table, TableState, cell};

/// The longest filter, in characters.
const FILTER: usize = 60;

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

/// The list.
#[derive(Default)]
pub struct DueList {
    content: Content,
    lines: Vec<Line>,
    state: TableState,
    marked: HashSet<Key>,
    filter: String,
    typing: Option<LineEditor>,
    /// Names the owner beside the line, in the place of the agency.
    pub owners: bool,
}

impl DueList {
    /// Takes the lines as they are now.
    pub fn fill(&mut self, content: Content, desk: &Desk) {
        let before = self.selected().map(key);
        let at = self.state.selected();
        self.content = content;
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
        let Self { content, lines, state, .. } = self;
        let words: Vec<String> = self.filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let fits = |entry: &&Entry| {
            let text = if words.is_empty() { String::new() } else { haystack(content.due(**entry), desk) };
            words.iter().all(|word| text.contains(word))
        };
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
        if content.folded.is_some() && words.is_empty() {
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

    /// Whether the filter is being typed.
    pub const fn typing(&self) -> bool {
        self.typing.is_some()
    }

    /// The filter, while it holds or is being typed.
    pub fn filter(&self) -> Option<&str> {
        (self.typing.is_some() || !self.filter.is_empty()).then_some(self.filter.as_str())
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
        if self.typing.is_some() {
            return self.typing_command(name, desk);
        }
        match name {
            "list.filter" => {
                let mut line = LineEditor::new(FILTER);
                line.set(&self.filter);
                self.typing = Some(line);
            }
            "list.mark" => self.mark(),
            "back" if !self.filter.is_empty() => self.set_filter("", desk),
            "back" if !self.marked.is_empty() => self.marked.clear(),
            _ => return self.state.command(name),
        }
        true
    }

    fn typing_command(&mut self, name: &str, desk: &Desk) -> bool {
        match name {
            "overlay.accept" => self.typing = None,
            "overlay.cancel" => {
                self.typing = None;
                self.set_filter("", desk);
            }
            _ => {
                if self.state.command(name) {
                    return true;
                }
                let Some(line) = &mut self.typing else { return false };
                if !line.command(name) {
                    return false;
                }
                let text = line.text().to_owned();
                self.set_filter(&text, desk);
            }
        }
        true
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
        let Some(line) = &mut self.typing else { return };
        line.typed(typed);
        let text = line.text().to_owned();
        self.set_filter(&text, desk);
    }

    fn set_filter(&mut self, text: &str, desk: &Desk) {
        let before = self.selected().map(key);
        text.clone_into(&mut self.filter);
        self.arrange(desk);
        self.state.select(before.and_then(|before| self.line_of(&before, None)).unwrap_or(0));
    }

    /// Selects the line that was clicked; `false` if there is none.
    pub fn click(&mut self, y: u16) -> bool {
        self.state.click(y)
    }

    /// Draws the rows in view.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
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
        Some(Risk::Unassessed) => ("? not yet".to_owned(), Role::Late),
        Some(risk) => desk::risk(risk, &theme.symbols),
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
