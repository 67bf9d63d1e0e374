//! Text that is safe to draw: measured in terminal cells, cut, wrapped, and freed of what could move the cursor.
//!
//! Everything that a widget shows goes through [`put`], so no control, escape, bidirectional or invisible character of
//! a file, a bundle or a paste ever reaches the terminal. Nothing here knows what the text means.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Combining marks kept on one base character; scripts need two, attacks pile up hundreds.
const MARKS_KEPT: usize = 2;

/// Whether `c` may never reach the terminal: controls, bidirectional and format marks, separators, variation
/// selectors, tags and other characters without a shape of their own.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

fn is_mark(c: char) -> bool {
    !is_unsafe(c) && c.width() == Some(0)
}

/// One line of text made safe: breaks and tabs become a space, unsafe characters and piles of marks go.
///
/// ```
/// use mahoe::tui::widgets::text::clean;
/// assert_eq!(clean("call\u{1b}[2J\nnow\u{202e}"), "call[2J now");
/// ```
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) { Cow::Borrowed(text) } else { Cow::Owned(filter(text, false)) }
}

/// Several lines of text made safe: as [`clean`], but line breaks stay (`\r\n` and `\r` become `\n`).
pub fn clean_prose(text: &str) -> String {
    filter(&text.replace("\r\n", "\n").replace('\r', "\n"), true)
}

fn filter(text: &str, keep_breaks: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        match c {
            '\n' if keep_breaks => out.push('\n'),
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if is_unsafe(c) => continue,
            c if is_mark(c) => {
                marks += 1;
                if marks <= MARKS_KEPT && !out.is_empty() {
                    out.push(c);
                }
                continue;
            }
            c => out.push(c),
        }
        marks = 0;
    }
    out
}

/// Width of `text` in terminal cells.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` cut to at most `cells` cells; what was cut off ends in `ellipsis`.
///
/// ```
/// use mahoe::tui::widgets::text::fit;
/// assert_eq!(fit("School placement", 8, "…"), "School …");
/// assert_eq!(fit("short", 8, "…"), "short");
/// ```
pub fn fit(text: &str, cells: usize, ellipsis: &str) -> String {
    let text = clean(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let dots = width(ellipsis);
    if cells < dots {
        return ellipsis.chars().take(cells).collect();
    }
    let room = cells.saturating_sub(dots);
    let mut out = String::new();
    let mut used = 0;
    for g in text.graphemes(true) {
        used += width(g);
        if used > room {
            break;
        }
        out.push_str(g);
    }
    out.push_str(ellipsis);
    out
}

/// Byte ranges of the lines that `text` takes at `cells` columns. Breaks at spaces, inside a word only if it is longer
/// than a line; a `\n` always ends a line. An empty text is one empty line. The ranges leave out the `\n` but keep the
/// spaces, so that each byte position belongs to a line.
pub fn wrap(text: &str, cells: usize) -> Vec<Range<usize>> {
    let cells = cells.max(1);
    let mut lines = Vec::new();
    let mut base = 0;
    for paragraph in text.split('\n') {
        wrap_paragraph(paragraph, base, cells, &mut lines);
        base += paragraph.len() + 1;
    }
    lines
}

fn wrap_paragraph(text: &str, base: usize, cells: usize, lines: &mut Vec<Range<usize>>) {
    let (mut start, mut used) = (0, 0);
    // Where the line may end: just behind the last space seen, and how wide it is up to there.
    let mut chance: Option<(usize, usize)> = None;
    for (at, g) in text.grapheme_indices(true) {
        let w = width(g);
        // A space may hang over the edge: it is not seen there.
        if used + w > cells && g != " " {
            let (end, taken) = chance.filter(|(end, _)| *end > start).unwrap_or((at, used));
            lines.push(base + start..base + end);
            start = end;
            used -= taken;
            chance = None;
        }
        used += w;
        if g == " " {
            chance = Some((at + g.len(), used));
        }
    }
    lines.push(base + start..base + text.len());
}

/// The lines of `text` at `cells` columns as safe strings, for showing.
pub fn wrapped(text: &str, cells: usize) -> Vec<String> {
    let text = clean_prose(text);
    wrap(&text, cells).into_iter().map(|r| text[r].trim_end().to_owned()).collect()
}

/// Draws `text` at (x, y), cleaned and clipped to `max` cells and to the buffer; returns the cells used.
pub fn put(buf: &mut Buffer, x: u16, y: u16, max: u16, text: &str, style: Style) -> u16 {
    let area = buf.area;
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return 0;
    }
    let max = max.min(area.right() - x);
    let (end, _) = buf.set_stringn(x, y, clean(text), usize::from(max), style);
    end - x
}

/// As [`put`], with what doesn't fit marked by `ellipsis`.
pub fn put_fit(buf: &mut Buffer, at: (u16, u16), max: u16, text: &str, ellipsis: &str, style: Style) -> u16 {
    put(buf, at.0, at.1, max, &fit(text, usize::from(max), ellipsis), style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, cells: usize) -> Vec<&str> {
        wrap(text, cells).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn unsafe_characters_go() {
        assert_eq!(clean("a\u{200d}b\u{e0041}c\u{fe0f}\u{7f}"), "abc");
        assert_eq!(clean("e\u{301}\u{302}\u{303}\u{304}"), "e\u{301}\u{302}");
        assert_eq!(clean("\u{301}x"), "x", "a mark needs a base");
        assert_eq!(clean_prose("a\r\nb\rc"), "a\nb\nc");
    }

    #[test]
    fn cut_by_cells_not_characters() {
        assert_eq!(fit("日本語", 5, "…"), "日本…");
        assert_eq!(fit("日本語", 4, "…"), "日…");
        assert_eq!(fit("abc", 0, "…"), "");
        assert_eq!(fit("abc", 2, "..."), "..");
    }

    #[test]
    fn wrapping() {
        assert_eq!(lines("call first, write after", 12), ["call first, ", "write after"]);
        assert_eq!(lines("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(lines("a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(lines("", 9), [""]);
        assert_eq!(lines("日本語", 4), ["日本", "語"]);
    }
}
