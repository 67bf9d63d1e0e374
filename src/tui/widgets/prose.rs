//! An editor of several lines of prose: wraps at words, scrolls, moves by what is seen.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroizing;

use super::line::{word_after, word_before};
use super::text::{clean_prose, put, width, wrap};
use crate::tui::input::Typed;
use crate::tui::theme::{Role, Theme};

/// A text being edited.
///
/// ```
/// use mahoe::tui::{input::Typed, widgets::ProseEditor};
/// let mut note = ProseEditor::new(10_000);
/// note.typed(&Typed::Paste("first\nsecond".into()));
/// assert_eq!(note.text(), "first\nsecond");
/// ```
#[derive(Default)]
pub struct ProseEditor {
    /// Wiped when dropped.
    text: Zeroizing<String>,
    cursor: usize,
    /// First visual line shown.
    scroll: usize,
    /// Columns of the last drawing: up and down follow the lines that a person sees.
    columns: usize,
    max: usize,
}

impl ProseEditor {
    /// An empty text of at most `max` characters.
    pub fn new(max: usize) -> Self {
        Self { max, columns: 76, ..Self::default() }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Puts `text` in the place of what is there, the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.text.clear();
        (self.cursor, self.scroll) = (0, 0);
        self.insert(text);
    }

    /// Takes what was typed or pasted; line breaks stay.
    pub fn typed(&mut self, typed: &Typed) {
        match typed {
            Typed::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            Typed::Paste(text) => self.insert(text),
        }
    }

    fn insert(&mut self, text: &str) {
        let base = self.text[..self.cursor].graphemes(true).next_back().unwrap_or_default().to_owned();
        let joined = clean_prose(&format!("{base}{text}"));
        let cleaned = joined.strip_prefix(base.as_str()).unwrap_or_default();
        let room = self.max.saturating_sub(self.text.chars().count());
        let end = cleaned.char_indices().nth(room).map_or(cleaned.len(), |(at, _)| at);
        self.text.insert_str(self.cursor, &cleaned[..end]);
        self.cursor = self.snap(self.cursor + end);
    }

    /// Does what a `text.…` command says; `false` if there is nothing to do, such as up in the first line.
    pub fn command(&mut self, name: &str) -> bool {
        let line = self.line_of_cursor();
        match name {
            "text.left" => self.cursor = self.before(),
            "text.right" => self.cursor = self.after(),
            "text.up" => return self.vertical(-1),
            "text.down" => return self.vertical(1),
            "text.home" => self.cursor = line.start,
            "text.end" => self.cursor = self.end_of(&line),
            "text.word-left" => self.cursor = word_before(&self.text, self.cursor),
            "text.word-right" => self.cursor = word_after(&self.text, self.cursor),
            "text.back" => self.cut(self.before(), self.cursor),
            "text.delete" => self.cut(self.cursor, self.after()),
            "text.back-word" => self.cut(word_before(&self.text, self.cursor), self.cursor),
            "text.kill" => self.cut(line.start, self.cursor),
            "text.kill-end" => self.cut(self.cursor, self.end_of(&line).max(self.cursor)),
            "text.newline" => self.insert("\n"),
            _ => return false,
        }
        true
    }

    fn lines(&self) -> Vec<Range<usize>> {
        wrap(&self.text, self.columns)
    }

    fn at(lines: &[Range<usize>], cursor: usize) -> usize {
        lines.partition_point(|l| l.start <= cursor).saturating_sub(1)
    }

    fn line_of_cursor(&self) -> Range<usize> {
        let lines = self.lines();
        lines[Self::at(&lines, self.cursor)].clone()
    }

    /// The last place of a line: before its hanging space, if the text goes on in the next.
    fn end_of(&self, line: &Range<usize>) -> usize {
        let goes_on = line.end < self.text.len() && !self.text[line.end..].starts_with('\n');
        if goes_on {
            let last = self.text[..line.end].grapheme_indices(true).next_back().map_or(line.end, |(at, _)| at);
            // A line too narrow for its first character holds none of it.
            last.max(line.start)
        } else {
            line.end
        }
    }

    fn vertical(&mut self, by: isize) -> bool {
        let lines = self.lines();
        let here = Self::at(&lines, self.cursor);
        let Some(there) = here.checked_add_signed(by).filter(|l| *l < lines.len()) else { return false };
        let column = width(&self.text[lines[here].start..self.cursor]);
        let target = &lines[there];
        let end = self.end_of(target);
        let mut used = 0;
        self.cursor = end;
        for (at, g) in self.text[target.start..end].grapheme_indices(true) {
            if used + width(g) > column {
                self.cursor = target.start + at;
                break;
            }
            used += width(g);
        }
        true
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = self.snap(from);
    }

    fn snap(&self, at: usize) -> usize {
        self.text.grapheme_indices(true).map(|(i, _)| i).find(|i| *i >= at).unwrap_or(self.text.len())
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    /// How many lines the text takes at `columns`.
    pub fn height(&self, columns: u16) -> usize {
        wrap(&self.text, usize::from(columns.saturating_sub(1)).max(1)).len()
    }

    /// Draws what fits into `area`, scrolled so that the cursor is seen, and says where it stands.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, focused: bool) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        // One column stays free for the cursor behind a full line.
        self.columns = usize::from(area.width - 1).max(1);
        let lines = self.lines();
        let here = Self::at(&lines, self.cursor);
        let height = usize::from(area.height);
        self.scroll =
            self.scroll.clamp((here + 1).saturating_sub(height), here).min(lines.len().saturating_sub(height));
        for (y, line) in (area.y..area.bottom()).zip(&lines[self.scroll..]) {
            put(buf, area.x, y, area.width, &self.text[line.clone()], theme.style(Role::Text));
        }
        let edge = theme.style(Role::Dim);
        if lines.len() > self.scroll + height {
            put(buf, area.right() - 1, area.bottom() - 1, 1, theme.symbols.ellipsis, edge);
        }
        let column = width(&self.text[lines[here].start..self.cursor]).min(usize::from(area.width) - 1);
        let row = here - self.scroll;
        let cell = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        focused.then(|| Position::new(area.x + cell(column), area.y + cell(row)))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_too_narrow_for_its_character() {
        let mut p = ProseEditor::new(50);
        p.set("\n\"O\n👍🏽");
        draw(2, 3, |b, a| _ = p.draw(b, a, &theme(), true));
        for name in ["text.up", "text.down", "text.end", "text.down", "text.kill-end", "text.up", "text.end"].repeat(3)
        {
            p.command(name);
            draw(2, 3, |b, a| _ = p.draw(b, a, &theme(), true));
        }
    }

    use super::super::testing::{draw, theme};
    use super::*;

    #[test]
    fn wraps_scrolls_and_moves_by_seen_lines() {
        let mut p = ProseEditor::new(1000);
        p.set("call the school before the visit\nnot after dark");
        let mut at = None;
        let drawn = draw(16, 3, |buf, area| at = p.draw(buf, area, &theme(), true));
        assert_eq!(drawn, "before the\nvisit\nnot after dark\n");
        assert_eq!(at, Some(Position::new(14, 2)));
        for _ in 0..3 {
            assert!(p.command("text.up"));
        }
        assert!(!p.command("text.up"), "the first line");
        let drawn = draw(16, 3, |buf, area| at = p.draw(buf, area, &theme(), true));
        assert_eq!(drawn, "call the school\nbefore the\nvisit          …\n");
        assert_eq!(at.unwrap().y, 0);
        p.command("text.home");
        p.command("text.kill-end");
        assert!(p.text().starts_with(" before"), "{}", p.text());
    }

    #[test]
    fn newline_and_bounds() {
        let mut p = ProseEditor::new(4);
        p.typed(&Typed::Paste("ab\r\ncd".into()));
        assert_eq!(p.text(), "ab\nc");
        p.command("text.back");
        p.command("text.back");
        p.command("text.newline");
        assert_eq!(p.text(), "ab\n");
    }
}
