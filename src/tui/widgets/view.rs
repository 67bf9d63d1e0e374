//! Text to read: wraps, scrolls, can't be edited.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{put, wrapped};
use crate::tui::theme::{Role, Theme};

/// One paragraph in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text; `\n` breaks it.
    pub text: String,
    /// Its role.
    pub role: Role,
}

impl Line {
    /// A paragraph in a role.
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role }
    }
}

impl<T: Into<String>> From<T> for Line {
    fn from(text: T) -> Self {
        Self::new(text, Role::Text)
    }
}

/// A text to read.
///
/// ```
/// use mahoe::tui::{theme::Role, widgets::{Line, TextView}};
/// let mut view = TextView::new(vec![Line::new("Consent", Role::Title), "services: given 2 Nov".into()]);
/// assert!(view.command("view.down"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct TextView {
    lines: Vec<Line>,
    scroll: usize,
    page: usize,
}

impl TextView {
    /// A text of these paragraphs.
    pub const fn new(lines: Vec<Line>) -> Self {
        Self { lines, scroll: 0, page: 1 }
    }

    /// Does what a `view.…` (or `list.…`) movement says; `false` if it is none.
    pub fn command(&mut self, name: &str) -> bool {
        let page = self.page.max(2) - 1;
        let Some((_, verb)) = name.split_once('.').filter(|(group, _)| matches!(*group, "view" | "list")) else {
            return false;
        };
        self.scroll = match verb {
            "down" => self.scroll + 1,
            "up" => self.scroll.saturating_sub(1),
            "page-down" => self.scroll + page,
            "page-up" => self.scroll.saturating_sub(page),
            "first" => 0,
            "last" => usize::MAX,
            _ => return false,
        };
        true
    }

    /// Draws what fits; `…` at the lower right says that there is more.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) {
        if area.is_empty() {
            return;
        }
        let seen: Vec<(String, Role)> = self
            .lines
            .iter()
            .flat_map(|l| hanging(&l.text, usize::from(area.width)).into_iter().map(|t| (t, l.role)))
            .collect();
        self.page = usize::from(area.height);
        self.scroll = self.scroll.min(seen.len().saturating_sub(self.page));
        for (y, (text, role)) in (area.y..area.bottom()).zip(&seen[self.scroll..]) {
            put(buf, area.x, y, area.width, text, theme.style(*role));
        }
        if self.scroll + self.page < seen.len() {
            put(buf, area.right() - 1, area.bottom() - 1, 1, theme.symbols.ellipsis, theme.style(Role::Dim));
        }
    }

    /// How many lines the text takes at `columns`.
    pub fn height(&self, columns: u16) -> usize {
        self.lines.iter().map(|l| hanging(&l.text, usize::from(columns)).len()).sum()
    }
}

/// Wraps a paragraph; one that is indented stays so in every line.
fn hanging(text: &str, columns: usize) -> Vec<String> {
    let body = text.trim_start_matches(' ');
    let indent = text.len() - body.len();
    if indent == 0 || body.is_empty() || indent * 2 > columns {
        return wrapped(text, columns);
    }
    wrapped(body, columns - indent).into_iter().map(|line| format!("{:indent$}{line}", "")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;

    #[test]
    fn wraps_and_scrolls_to_the_end_and_no_farther() {
        let mut v = TextView::new(vec!["one two three".into(), "four".into()]);
        assert_eq!(draw(8, 2, |b, a| v.draw(b, a, &theme())), "one two\nthree  …\n");
        v.command("view.last");
        assert_eq!(draw(8, 2, |b, a| v.draw(b, a, &theme())), "three\nfour\n");
        v.command("view.up");
        assert_eq!(draw(8, 2, |b, a| v.draw(b, a, &theme())), "one two\nthree  …\n");
        assert!(!v.command("text.up"));
        let mut v = TextView::new(vec!["  one two three".into()]);
        assert_eq!(draw(9, 2, |b, a| v.draw(b, a, &theme())), "  one two\n  three\n");
    }
}
