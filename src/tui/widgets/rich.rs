//! Text to read with emphasis and hanging indents: a page of the library. It wraps, scrolls, and marks words that were
//! looked for.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::text::{put, width, wrap};
use crate::tui::theme::{Role, Theme};

/// A paragraph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RichLine {
    /// What stands before its first line; the later ones are indented as far.
    pub lead: String,
    /// Its words.
    pub text: String,
    /// The parts of its words that are emphasised, in bytes.
    pub strong: Vec<Range<usize>>,
    /// How it looks.
    pub role: Role,
    /// A line across, in the place of words.
    pub rule: bool,
}

/// The text.
#[derive(Clone, Debug, Default)]
pub struct RichView {
    lines: Vec<RichLine>,
    /// Words to be marked, in small letters.
    wanted: Vec<String>,
    scroll: usize,
    page: usize,
    columns: usize,
}

impl RichView {
    /// A view of these lines, in which these words are marked.
    pub fn new(lines: Vec<RichLine>, wanted: &str) -> Self {
        let wanted = wanted.to_lowercase().split_whitespace().map(str::to_owned).collect();
        Self { lines, wanted, scroll: 0, page: 1, columns: 0 }
    }

    /// Stands where another view of the same text stood.
    pub const fn keep_place(&mut self, other: &Self) {
        (self.scroll, self.page, self.columns) = (other.scroll, other.page, other.columns);
    }

    /// Scrolls to the row with the most of the words, if it is not in sight.
    pub fn go_to_found(&mut self) {
        // The row with the most of them, and of those the first.
        let fits = |(at, range, _): &(usize, Range<usize>, bool)| {
            let small = self.lines[*at].text[range.clone()].to_lowercase();
            self.wanted.iter().filter(|word| small.contains(word.as_str())).count()
        };
        let rows = self.rows(self.columns.max(1));
        let best = rows.iter().enumerate().rev().max_by_key(|(_, row)| fits(row));
        if let Some((row, _)) = best.filter(|(_, row)| fits(row) > 0)
            && !(self.scroll..self.scroll + self.page).contains(&row)
        {
            self.scroll = row.saturating_sub(1);
        }
    }

    fn rows(&self, columns: usize) -> Vec<(usize, Range<usize>, bool)> {
        self.lines.iter().enumerate().flat_map(|(at, line)| rows(at, line, columns)).collect()
    }

    /// Does a `view.…` or `list.…` command that moves; false for others.
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

    /// Draws the part that fits into `area`.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) {
        if area.is_empty() {
            return;
        }
        let columns = usize::from(area.width);
        let all = self.rows(columns);
        self.columns = columns;
        self.page = usize::from(area.height);
        self.scroll = self.scroll.min(all.len().saturating_sub(self.page));
        for (y, (at, range, first)) in (area.y..area.bottom()).zip(&all[self.scroll..]) {
            self.row(buf, Rect { y, height: 1, ..area }, theme, &self.lines[*at], range, *first);
        }
        if self.scroll + self.page < all.len() {
            put(buf, area.right() - 1, area.bottom() - 1, 1, theme.symbols.ellipsis, theme.style(Role::Dim));
        }
    }

    fn row(&self, buf: &mut Buffer, area: Rect, theme: &Theme, line: &RichLine, range: &Range<usize>, first: bool) {
        if line.rule {
            let rule = theme.symbols.rule.repeat(usize::from(area.width.min(40)));
            put(buf, area.x, area.y, area.width, &rule, theme.style(Role::Rule));
            return;
        }
        let style = theme.style(line.role);
        let indent = u16::try_from(width(&line.lead)).unwrap_or(0).min(area.width);
        if first {
            put(buf, area.x, area.y, indent, &line.lead, theme.style(Role::Dim));
        }
        let text = &line.text[range.clone()];
        let (x, room) = (area.x + indent, area.width - indent);
        put(buf, x, area.y, room, text, style);
        let inside = |part: &Range<usize>| {
            let (from, to) = (part.start.max(range.start), part.end.min(range.end));
            (from < to).then(|| from - range.start..to - range.start)
        };
        for part in line.strong.iter().filter_map(inside) {
            over(buf, (x, area.y, room), text, &part, style.add_modifier(Modifier::BOLD));
        }
        let small = text.to_lowercase();
        // Where small letters are longer than large ones the places differ, and nothing is marked.
        if small.len() == text.len() {
            let style = theme.style(Role::Accent).add_modifier(Modifier::UNDERLINED);
            for word in &self.wanted {
                for (at, found) in small.match_indices(word.as_str()) {
                    over(buf, (x, area.y, room), text, &(at..at + found.len()), style);
                }
            }
        }
    }
}

/// The rows of a line: which part of its text, and whether it is the first.
fn rows(at: usize, line: &RichLine, columns: usize) -> Vec<(usize, Range<usize>, bool)> {
    let room = columns.saturating_sub(width(&line.lead)).max(1);
    wrap(&line.text, room).into_iter().enumerate().map(|(row, range)| (at, range, row == 0)).collect()
}

/// Draws a part of a row again, in another style.
fn over(buf: &mut Buffer, (x, y, room): (u16, u16, u16), text: &str, part: &Range<usize>, style: Style) {
    let (Some(before), Some(words)) = (text.get(..part.start), text.get(part.clone())) else { return };
    let skip = u16::try_from(width(before)).unwrap_or(u16::MAX);
    if skip < room {
        put(buf, x + skip, y, room - skip, words, style);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;

    fn line(lead: &str, text: &str, strong: Vec<Range<usize>>) -> RichLine {
        RichLine { lead: lead.into(), text: text.into(), strong, ..RichLine::default() }
    }

    #[test]
    fn it_wraps_under_its_lead_and_scrolls() {
        let lines = vec![
            line("• ", "call the police first", std::iter::once(9..15).collect()),
            line("", "write after", vec![]),
        ];
        let mut view = RichView::new(lines, "write");
        assert_eq!(
            draw(12, 4, |buf, area| view.draw(buf, area, &theme())),
            "• call the\n  police\n  first\nwrite after\n"
        );
        assert_eq!(draw(12, 2, |buf, area| view.draw(buf, area, &theme())), "• call the\n  police   …\n");
        assert!(view.command("view.last") && !view.command("text.up"));
        assert_eq!(draw(12, 2, |buf, area| view.draw(buf, area, &theme())), "  first\nwrite after\n");
        for w in 0..6 {
            draw(w, 2, |buf, area| view.draw(buf, area, &theme()));
        }
    }
}
