//! A list that is narrowed by typing: choices of a form, people, commands.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::line::LineEditor;
use super::text::{fit, put, width};
use crate::tui::input::Typed;
use crate::tui::theme::{Role, Theme};

/// Something to pick: the code that a program works with, the label that a person reads, a remark at the right.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Choice {
    /// What is handed back.
    pub code: String,
    /// What is shown and searched.
    pub label: String,
    /// Shown in grey at the right: keys, an agency.
    pub note: String,
}

impl Choice {
    /// A choice without a remark.
    pub fn new(code: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code: code.into(), label: label.into(), note: String::new() }
    }

    /// The same with a remark.
    #[must_use]
    pub fn noted(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }
}

/// How well `query` fits `text`; higher is better, `None` not at all. The whole start beats the start of a word, that
/// beats the first letters of words, that beats the middle of a word, that beats scattered letters.
///
/// ```
/// use mahoe::tui::widgets::rank;
/// assert!(rank("ho", "Home visit") > rank("ho", "School placement"));
/// assert!(rank("sp", "School placement").is_some());
/// assert_eq!(rank("xyz", "Home visit"), None);
/// ```
pub fn rank(query: &str, text: &str) -> Option<i32> {
    let (query, text) = (query.trim().to_lowercase(), text.to_lowercase());
    let shortness = -i32::try_from(text.chars().count().min(900)).unwrap_or(900);
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let initials: String = words().filter_map(|w| w.chars().next()).collect();
    let class = if query.is_empty() {
        return Some(0);
    } else if text.starts_with(&query) {
        5
    } else if text.match_indices(&query).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric)) {
        4
    } else if initials.starts_with(&query) {
        3
    } else if text.contains(&query) {
        2
    } else {
        let mut letters = text.chars();
        query.chars().filter(|c| !c.is_whitespace()).all(|q| letters.any(|c| c == q)).then_some(1)?
    };
    Some(class * 1000 + shortness)
}

/// A list narrowed by typing.
#[derive(Default)]
pub struct Picker {
    choices: Vec<Choice>,
    query: LineEditor,
    /// Indices into `choices` that fit, best first.
    found: Vec<usize>,
    selected: usize,
    offset: usize,
    page: usize,
}

impl Picker {
    /// A picker over these choices, the first one selected.
    pub fn new(choices: Vec<Choice>) -> Self {
        let found = (0..choices.len()).collect();
        Self { choices, found, query: LineEditor::new(60), ..Self::default() }
    }

    /// The selected choice; `None` if nothing fits.
    pub fn selected(&self) -> Option<&Choice> {
        self.choices.get(*self.found.get(self.selected)?)
    }

    /// Selects the choice of that code, if it is there.
    pub fn select(&mut self, code: &str) {
        if let Some(at) = self.found.iter().position(|i| self.choices[*i].code == code) {
            self.selected = at;
        }
    }

    /// What has been typed.
    pub fn query(&self) -> &str {
        self.query.text()
    }

    /// All choices.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// How many fit.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether none fits.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many that fit stand below those last drawn.
    pub const fn below(&self) -> usize {
        self.found.len().saturating_sub(self.offset + self.page)
    }

    /// Forgets what was typed.
    pub fn clear(&mut self) {
        let code = self.selected().map(|c| c.code.clone());
        self.query.clear();
        self.narrow();
        if let Some(code) = code {
            self.select(&code);
        }
    }

    /// Takes what was typed and narrows the list.
    pub fn typed(&mut self, typed: &Typed) {
        self.query.typed(typed);
        self.narrow();
    }

    /// Does what a `list.…` or `text.…` command says; `false` if it is neither.
    pub fn command(&mut self, name: &str) -> bool {
        let last = self.found.len().saturating_sub(1);
        match name {
            "list.down" | "text.down" => self.selected = (self.selected + 1).min(last),
            "list.up" | "text.up" => self.selected = self.selected.saturating_sub(1),
            "list.page-down" => self.selected = (self.selected + self.page.max(1)).min(last),
            "list.page-up" => self.selected = self.selected.saturating_sub(self.page.max(1)),
            "list.first" => self.selected = 0,
            "list.last" => self.selected = last,
            _ => {
                let before = self.query.text().len();
                let done = self.query.command(name);
                if before != self.query.text().len() {
                    self.narrow();
                }
                return done;
            }
        }
        true
    }

    fn narrow(&mut self) {
        let query = self.query.text();
        let mut ranked: Vec<(i32, usize)> = self
            .choices
            .iter()
            .enumerate()
            .filter_map(|(i, c)| Some((rank(query, &c.label).max(rank(query, &c.code).map(|r| r - 500))?, i)))
            .collect();
        if !query.trim().is_empty() {
            ranked.sort_by_key(|(rank, i)| (std::cmp::Reverse(*rank), *i));
        }
        self.found = ranked.into_iter().map(|(_, i)| i).collect();
        (self.selected, self.offset) = (0, 0);
    }

    /// Draws the line that is typed into on top, the choices below; says where the cursor stands.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Option<Position> {
        let used = put(buf, area.x, area.y, area.width, "/ ", theme.style(Role::Accent));
        let line =
            Rect { x: area.x + used, width: area.width.saturating_sub(used), height: 1.min(area.height), ..area };
        let cursor = self.query.draw(buf, line, theme, true);
        let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        self.draw_list(buf, list, theme);
        cursor
    }

    /// Draws only the choices that fit.
    pub fn draw_list(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) {
        self.draw_marked(buf, area, theme, &|_| false, true);
    }

    /// As [`Picker::draw_list`], with `√` before those that are `taken`; without `at_one` none is shown as selected.
    pub fn draw_marked(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        taken: &dyn Fn(&Choice) -> bool,
        at_one: bool,
    ) {
        if area.is_empty() {
            return;
        }
        self.page = usize::from(area.height);
        self.offset = self.offset.clamp((self.selected + 1).saturating_sub(self.page), self.selected);
        if self.found.is_empty() {
            put(buf, area.x + 1, area.y, area.width, "nothing fits", theme.style(Role::Dim));
            return;
        }
        for (row, y) in (self.offset..self.found.len()).zip(area.y..area.bottom()) {
            let choice = &self.choices[self.found[row]];
            let here = at_one && row == self.selected;
            let line = Rect { y, height: 1, ..area };
            let look = |role| if here { theme.on_selected(role) } else { theme.style(role) };
            if here {
                buf.set_style(line, theme.style(Role::Selected));
                put(buf, area.x, y, 1, theme.symbols.bar, look(Role::Accent));
            }
            let mark = u16::from(taken(choice)) * 2;
            let cells = |text: &str| u16::try_from(width(text)).unwrap_or(u16::MAX);
            // The note takes what the label leaves, and half of the line at least.
            let left = area.width.saturating_sub(cells(&choice.label).saturating_add(3 + mark));
            let note = cells(&choice.note).min(left.max(area.width / 2));
            if mark > 0 {
                put(buf, area.x + 1, y, 1, theme.symbols.check, look(Role::Accent));
            }
            let room = area.width.saturating_sub(note + 2 + mark);
            put(
                buf,
                area.x + 1 + mark,
                y,
                room,
                &fit(&choice.label, usize::from(room), theme.symbols.ellipsis),
                look(Role::Text),
            );
            let note_text = fit(&choice.note, usize::from(note), theme.symbols.ellipsis);
            put(buf, area.right().saturating_sub(note), y, note, &note_text, look(Role::Dim));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;

    fn picker() -> Picker {
        Picker::new(vec![
            Choice::new("CPFSA", "Child Protection and Family Services"),
            Choice::new("MOH", "Ministry of Health").noted("clinic"),
            Choice::new("MOE", "Ministry of Education"),
        ])
    }

    #[test]
    fn letters_narrow_and_arrows_move() {
        let mut p = picker();
        p.typed(&Typed::Char('m'));
        p.typed(&Typed::Char('o'));
        assert_eq!(p.len(), 2, "first letters and codes count");
        p.command("list.down");
        p.command("list.down");
        let drawn = draw(30, 3, |b, a| assert_eq!(p.draw(b, a, &theme()), Some(Position::new(4, 0))));
        assert_eq!(drawn, "/ mo\n Ministry of Health     clinic\n▌Ministry of Education\n");
        p.command("text.kill");
        assert_eq!(p.len(), 3);
        p.typed(&Typed::Paste("zzz".into()));
        assert!(p.is_empty() && p.selected().is_none());
        assert!(draw(30, 3, |b, a| _ = p.draw(b, a, &theme())).contains("nothing fits"));
    }

    #[test]
    fn what_is_out_of_view_is_counted() {
        let mut p = picker();
        draw(30, 2, |b, a| p.draw_list(b, a, &theme()));
        assert_eq!(p.below(), 1);
        p.command("list.last");
        draw(30, 2, |b, a| p.draw_list(b, a, &theme()));
        assert_eq!(p.below(), 0, "the last is in view");
    }

    #[test]
    fn ranking() {
        let order = ["undo", "undone work", "find undo", "sundown"];
        for pair in order.windows(2) {
            assert!(rank("undo", pair[0]) > rank("undo", pair[1]), "{pair:?}");
        }
        assert!(rank("fus", "Follow up soon").is_some());
    }
}
