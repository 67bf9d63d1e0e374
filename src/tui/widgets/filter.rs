//! What a list is narrowed to: `/text ×`, typed above the list and kept until Esc takes it away.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::line::LineEditor;
use super::text::{put, put_fit};
use crate::tui::input::Typed;
use crate::tui::theme::{Role, Theme};

/// The longest filter, in characters.
const LONGEST: usize = 80;
/// The widest place that a filter takes beside a title, in cells.
const WIDEST: u16 = 40;

/// What a command was to a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it may mean something to the list.
    Pass,
    /// It was the filter's; the list stays as it is.
    Done,
    /// The filter says something else now.
    Changed,
}

/// The filter of a list.
///
/// ```
/// use mahoe::tui::{input::Typed, widgets::{Filter, Step}};
/// let mut filter = Filter::default();
/// assert_eq!(filter.command("list.filter"), Step::Done);
/// filter.typed(&Typed::Paste("Home vis".into()));
/// assert_eq!(filter.command("overlay.accept"), Step::Done);
/// assert!(filter.fits("a visit at home") && !filter.fits("a call"));
/// assert_eq!(filter.command("back"), Step::Changed);
/// ```
pub struct Filter {
    line: LineEditor,
    typing: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self { line: LineEditor::new(LONGEST), typing: false }
    }
}

impl Filter {
    /// The contexts of a list with this filter: those of typing, or the list's `own`.
    pub const fn contexts<'a>(&self, own: &'a [&'static str]) -> &'a [&'static str] {
        if self.typing { &["picker", "text"] } else { own }
    }

    /// Whether it is being typed.
    pub const fn typing(&self) -> bool {
        self.typing
    }

    /// Whether it narrows nothing.
    pub fn is_empty(&self) -> bool {
        self.text().trim().is_empty()
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// Takes it away; true if there was one.
    pub fn clear(&mut self) -> bool {
        let was = self.typing || !self.line.is_empty();
        self.line.clear();
        self.typing = false;
        was
    }

    /// Does what a command says to a filter. What moves the list stays the list's, also while typing.
    pub fn command(&mut self, name: &str) -> Step {
        match name {
            "list.filter" => self.typing = true,
            "overlay.accept" if self.typing => self.typing = false,
            "overlay.cancel" if self.typing => {
                self.clear();
                return Step::Changed;
            }
            "back" if !self.typing && self.clear() => return Step::Changed,
            _ if self.typing && self.line.command(name) => return Step::Changed,
            _ => return Step::Pass,
        }
        Step::Done
    }

    /// Takes text; the list is to be narrowed anew.
    pub fn typed(&mut self, typed: &Typed) {
        self.line.typed(typed);
    }

    /// Whether every word of it stands in `text`, which is in lower case.
    pub fn fits(&self, text: &str) -> bool {
        self.fitting()(text)
    }

    /// As [`Filter::fits`], for many texts.
    pub fn fitting(&self) -> impl Fn(&str) -> bool + use<> {
        let words: Vec<String> = self.text().to_lowercase().split_whitespace().map(str::to_owned).collect();
        move |text| words.iter().all(|word| text.contains(word.as_str()))
    }

    /// Draws `/text ×` into the first line of `area`; says where the cursor stands while it is typed.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Option<Position> {
        if (self.line.is_empty() && !self.typing) || area.width < 4 {
            return None;
        }
        let accent = theme.style(Role::Accent);
        let x = area.x + put(buf, area.x, area.y, 1, "/", accent);
        let room = (area.width - 1).min(WIDEST);
        if self.typing {
            return self.line.draw(buf, Rect { x, width: room, height: 1, ..area }, theme, true);
        }
        let used = put_fit(buf, (x, area.y), room - 2, self.text(), theme.symbols.ellipsis, accent);
        put(buf, x + used + 1, area.y, 1, theme.symbols.cross, accent);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;

    #[test]
    fn typed_kept_and_taken_away() {
        let mut filter = Filter::default();
        assert_eq!(filter.command("back"), Step::Pass, "Esc is the screen's while nothing is filtered");
        filter.command("list.filter");
        assert_eq!(filter.command("list.down"), Step::Pass, "the list moves while typing");
        filter.typed(&Typed::Paste("moh".into()));
        assert_eq!(filter.command("text.back"), Step::Changed);
        filter.command("overlay.accept");
        assert_eq!(filter.contexts(&["team", "list"]), ["team", "list"]);
        assert_eq!(draw(12, 1, |buf, area| _ = filter.draw(buf, area, &theme())), "/mo ×\n");
        assert_eq!(filter.command("back"), Step::Changed);
        assert!(filter.is_empty() && filter.fits("anything"));
        for width in 0..8 {
            filter.command("list.filter");
            filter.typed(&Typed::Paste("a long filter".into()));
            draw(width, 1, |buf, area| _ = filter.draw(buf, area, &theme()));
        }
    }
}
