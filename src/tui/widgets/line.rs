//! An editor of one line: moves by what people see as one character, scrolls sideways, can keep a secret.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;
use zeroize::{Zeroize, Zeroizing};

use super::text::{clean, put, width};
use crate::tui::input::Typed;
use crate::tui::theme::{Role, Theme};

/// Bytes set aside for a secret, so that growing never leaves a copy behind; the longest is 256 characters.
const SECRET_BYTES: usize = 256 * 4;

/// A line being edited.
///
/// ```
/// use mahoe::tui::{input::Typed, widgets::LineEditor};
/// let mut line = LineEditor::new(40);
/// line.typed(&Typed::Paste("home\nvisit".into()));
/// line.command("text.back-word");
/// assert_eq!(line.text(), "home ");
/// ```
#[derive(Default)]
pub struct LineEditor {
    /// Wiped when dropped.
    text: Zeroizing<String>,
    /// Byte offset, always between two graphemes.
    cursor: usize,
    /// First cell shown, in columns.
    scroll: usize,
    max: usize,
    secret: bool,
}

impl LineEditor {
    /// An empty line of at most `max` characters.
    pub fn new(max: usize) -> Self {
        Self { max, ..Self::default() }
    }

    /// An empty line for a passphrase: shows neither text nor length, and is wiped from memory when dropped.
    pub fn secret() -> Self {
        Self {
            text: Zeroizing::new(String::with_capacity(SECRET_BYTES)),
            max: SECRET_BYTES / 4,
            secret: true,
            ..Self::default()
        }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing has been typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts `text` in the place of what is there, the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.insert(text);
    }

    /// Empties the line; a secret is wiped.
    pub fn clear(&mut self) {
        if self.secret {
            self.text.as_mut_str().zeroize();
        }
        self.text.clear();
        (self.cursor, self.scroll) = (0, 0);
    }

    /// Hands the secret over and wipes its own copy.
    pub fn take_secret(&mut self) -> Zeroizing<String> {
        let out = self.text.clone();
        self.clear();
        out
    }

    /// Takes what was typed or pasted.
    pub fn typed(&mut self, typed: &Typed) {
        match typed {
            Typed::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            Typed::Paste(text) => self.insert(text.trim_end_matches('\n')),
        }
    }

    fn insert(&mut self, text: &str) {
        let room = self.max.saturating_sub(self.text.chars().count());
        // `clean` drops a mark without a base, but here the base may be the character before the cursor.
        let cleaned =
            if self.cursor > 0 { clean_after(&self.text[..self.cursor], text) } else { clean(text).into_owned() };
        let mut cleaned = Zeroizing::new(cleaned);
        let end = cleaned.char_indices().nth(room).map_or(cleaned.len(), |(at, _)| at);
        cleaned.truncate(end);
        self.text.insert_str(self.cursor, &cleaned);
        self.cursor += end;
        self.cursor = self.boundary_at_or_after(self.cursor);
    }

    /// Does what a `text.…` command says; `false` if it is none of a line's.
    pub fn command(&mut self, name: &str) -> bool {
        match name {
            "text.left" => self.cursor = self.before(),
            "text.right" => self.cursor = self.after(),
            "text.home" => self.cursor = 0,
            "text.end" => self.cursor = self.text.len(),
            "text.word-left" => self.cursor = word_before(&self.text, self.cursor),
            "text.word-right" => self.cursor = word_after(&self.text, self.cursor),
            "text.back" => self.cut(self.before(), self.cursor),
            "text.delete" => self.cut(self.cursor, self.after()),
            "text.back-word" => self.cut(word_before(&self.text, self.cursor), self.cursor),
            "text.kill" => self.cut(0, self.cursor),
            "text.kill-end" => self.cut(self.cursor, self.text.len()),
            _ => return false,
        }
        true
    }

    fn cut(&mut self, from: usize, to: usize) {
        if self.secret {
            // The tail moves down over what is cut; what is left behind the end is wiped first.
            let kept = Zeroizing::new(format!("{}{}", &self.text[..from], &self.text[to..]));
            self.text.as_mut_str().zeroize();
            self.text.clear();
            self.text.push_str(&kept);
        } else {
            self.text.replace_range(from..to, "");
        }
        self.cursor = self.boundary_at_or_after(from);
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    /// Joining two halves may merge graphemes: the cursor must not stand inside one.
    fn boundary_at_or_after(&self, at: usize) -> usize {
        self.text.grapheme_indices(true).map(|(i, _)| i).find(|i| *i >= at).unwrap_or(self.text.len())
    }

    /// Draws the line into the first row of `area` and says where the cursor stands.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, focused: bool) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        if self.secret {
            let (note, role) =
                if self.text.is_empty() { ("", Role::Dim) } else { ("(typed text is not shown)", Role::Dim) };
            put(buf, area.x, area.y, area.width, note, theme.style(role));
            return focused.then_some(Position::new(area.x, area.y));
        }
        let room = usize::from(area.width).saturating_sub(1).max(1);
        let column = width(&self.text[..self.cursor]);
        self.scroll = self.scroll.clamp(column.saturating_sub(room), column);
        if !focused {
            self.scroll = 0;
        }
        let (mut x, mut at) = (area.x, 0);
        for g in self.text.graphemes(true) {
            let w = width(g);
            let used = usize::from(x - area.x);
            if at >= self.scroll && used + w <= usize::from(area.width) {
                x += put(buf, x, area.y, area.right() - x, g, theme.style(Role::Text));
            } else if at >= self.scroll {
                break;
            }
            at += w;
        }
        let edge = theme.style(Role::Dim);
        if self.scroll > 0 {
            put(buf, area.x, area.y, 1, theme.symbols.left, edge);
        }
        if width(&self.text) > self.scroll + usize::from(area.width) {
            put(buf, area.right() - 1, area.y, 1, theme.symbols.right, edge);
        }
        let offset = u16::try_from(column.saturating_sub(self.scroll)).unwrap_or(u16::MAX);
        focused.then_some(Position::new(area.x + offset.min(area.width - 1), area.y))
    }
}

/// `text` made safe where it follows `before`: a combining mark typed after its base is kept.
pub(super) fn clean_after(before: &str, text: &str) -> String {
    let base = before.graphemes(true).next_back().unwrap_or_default();
    let joined = Zeroizing::new(format!("{base}{text}"));
    let cleaned = Zeroizing::new(clean(&joined).into_owned());
    cleaned.strip_prefix(base).unwrap_or_default().to_owned()
}

/// The start of the word before `at`.
pub(super) fn word_before(text: &str, at: usize) -> usize {
    let words = text[..at].split_word_bound_indices();
    words.rev().find(|(_, w)| !w.trim().is_empty()).map_or(0, |(start, _)| start)
}

/// The end of the word after `at`.
pub(super) fn word_after(text: &str, at: usize) -> usize {
    let words = text[at..].split_word_bound_indices();
    let mut words = words.filter(|(_, w)| !w.trim().is_empty());
    words.next().map_or(text.len(), |(start, w)| at + start + w.len())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;

    fn line(text: &str) -> LineEditor {
        let mut line = LineEditor::new(100);
        line.set(text);
        line
    }

    #[test]
    fn moves_and_deletes_by_grapheme() {
        let mut l = line("ne\u{301}e 日本 👍🏽");
        l.command("text.back");
        assert_eq!(l.text(), "ne\u{301}e 日本 ");
        for _ in 0..5 {
            l.command("text.left");
        }
        l.command("text.back");
        assert_eq!(l.text(), "ne 日本 ", "a letter goes with its mark");
        l.command("text.end");
        l.typed(&Typed::Char('e'));
        l.typed(&Typed::Char('\u{301}'));
        assert!(l.text().ends_with("e\u{301}"));
    }

    #[test]
    fn words_and_kills() {
        let mut l = line("call the aunt first");
        l.command("text.back-word");
        assert_eq!(l.text(), "call the aunt ");
        l.command("text.home");
        l.command("text.word-right");
        l.command("text.kill");
        assert_eq!(l.text(), " the aunt ");
        l.command("text.word-right");
        l.command("text.kill-end");
        assert_eq!(l.text(), " the");
        assert!(!l.command("list.down"));
    }

    #[test]
    fn a_paste_is_one_line_and_bounded() {
        let mut l = LineEditor::new(5);
        l.typed(&Typed::Paste("a\nb\u{1b}cdefgh\n".into()));
        assert_eq!(l.text(), "a bcd");
        l.typed(&Typed::Char('z'));
        assert_eq!(l.text(), "a bcd");
    }

    #[test]
    fn scrolls_sideways_and_shows_where_it_was_cut() {
        let mut l = line("the long road home");
        let mut cursor = None;
        let drawn = draw(9, 1, |buf, area| cursor = l.draw(buf, area, &theme(), true));
        assert_eq!(drawn, "‹ad home\n");
        assert_eq!(cursor, Some(Position::new(8, 0)));
        l.command("text.home");
        let drawn = draw(9, 1, |buf, area| cursor = l.draw(buf, area, &theme(), true));
        assert_eq!(drawn, "the long›\n");
        assert_eq!(cursor, Some(Position::new(0, 0)));
    }

    #[test]
    fn a_secret_shows_nothing_of_its_length() {
        let mut short = LineEditor::secret();
        short.typed(&Typed::Char('a'));
        let mut long = LineEditor::secret();
        long.typed(&Typed::Paste("correct horse battery".into()));
        let a = draw(40, 1, |buf, area| assert_eq!(short.draw(buf, area, &theme(), true), Some(Position::new(0, 0))));
        let b = draw(40, 1, |buf, area| assert_eq!(long.draw(buf, area, &theme(), true), Some(Position::new(0, 0))));
        assert_eq!(a, b);
        assert_eq!(long.take_secret().as_str(), "correct horse battery");
        assert!(long.is_empty());
    }
}
