//! What a command prints: text for people, one JSON object for scripts; and errors, in two lines.
//!
//! Everything that came from the vault passes through [`clean::shown`] here, so that no control, escape or
//! bidirectional character reaches a terminal.

use std::io::{IsTerminal, Write};

use serde_json::{Value as Json, json};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::clean;
use crate::error::{AppError, Kind, Result};
use crate::session::Session;

/// What every screen and print of a practice vault says.
pub use crate::domain::paper::PRACTICE;

/// What a command has to say.
#[derive(Debug)]
pub struct Output {
    /// For people; no line end at the end.
    pub text: String,
    /// For scripts.
    pub json: Json,
    /// The exit code: other than 0 only where the command did its work and found something wrong.
    pub code: u8,
}

impl Output {
    /// Text for people and an object for scripts.
    pub fn new(text: impl Into<String>, json: Json) -> Self {
        Self { text: text.into(), json, code: 0 }
    }

    /// A sentence about what was done.
    pub fn said(says: impl Into<String>) -> Self {
        let says = says.into();
        let json = json!({ "done": says });
        Self::new(says, json)
    }

    /// The same, with a sentence of what was done before it.
    #[must_use]
    pub fn after(self, says: &str) -> Self {
        Self { text: format!("{says}\n{}", self.text), ..self }
    }

    /// A list.
    pub fn list(text: impl Into<String>, items: Vec<Json>) -> Self {
        let count = items.len();
        let mut json = json!({ "count": count });
        json["items"] = Json::Array(items);
        Self::new(text, json)
    }
}

/// Prints a command's output and makes sure that it has left the program.
///
/// # Errors
/// [`Kind::Io`] if it can't be written; a reader that closed its end is no error.
pub fn print(output: &Output, as_json: bool) -> Result<()> {
    if as_json && !output.json.is_null() {
        return raw(&clean::shown(&output.json.to_string()));
    }
    if output.text.is_empty() { Ok(()) } else { raw(&clean::shown(&output.text)) }
}

/// Prints the program's own text as it is, with a line end.
///
/// # Errors
/// As [`print`].
pub fn raw(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(AppError::new(Kind::Io, format!("Could not print: {error}."), "What was done before is kept."))
        }
        _ => Ok(()),
    }
}

/// Tells something beside the output. If even that fails, there is nobody to tell.
pub fn raw_to_stderr(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end_matches('\n'));
}

/// A sentence beside the output, cleaned.
pub fn note(text: &str) {
    raw_to_stderr(&clean::shown(text));
}

/// Says that a practice vault is one.
pub fn practice(session: &Session) {
    if session.practice() {
        raw_to_stderr(PRACTICE);
    }
}

/// An error: two lines, or one JSON object.
pub fn fail(error: &AppError, as_json: bool) {
    if as_json {
        let error = json!({ "error": {
            "kind": error.kind.name(), "message": error.message, "hint": error.hint,
        } });
        note(&error.to_string());
    } else {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        note(&format!("{}\n{}", one_line(&error.message), one_line(&error.hint)));
    }
}

/// The text with a capital in front.
pub fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// How wide a line may be: the terminal's width, else what COLUMNS says, else no limit (a file or a pipe).
pub fn width() -> usize {
    if std::io::stdout().is_terminal()
        && let Ok((columns, _)) = crossterm::terminal::size()
        && columns > 0
    {
        return usize::from(columns);
    }
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.filter(|columns| *columns >= 20).unwrap_or(usize::MAX)
}

/// A table: aligned columns; the one that may be cut gives way where the terminal is too narrow.
#[derive(Debug, Default)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    gives_way: usize,
}

impl Table {
    /// A table with these heads; `gives_way` is the column that is cut first.
    pub fn new(head: &[&'static str], gives_way: usize) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), gives_way }
    }

    /// Adds a row: one line in each cell.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(cells.len(), self.head.len());
        self.rows.push(cells.into_iter().map(|cell| first_line(&clean::shown(&cell))).collect());
    }

    /// The table as text within `width` columns; `empty` where there are no rows.
    pub fn render(&self, width: usize, empty: &str) -> String {
        if self.rows.is_empty() {
            return empty.to_owned();
        }
        let widths = self.widths(width);
        let head: Vec<String> = self.head.iter().map(|head| (*head).to_owned()).collect();
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        if self.head.iter().any(|head| !head.is_empty()) {
            lines.push(line(&head, &widths));
        }
        lines.extend(self.rows.iter().map(|row| line(row, &widths)));
        lines.join("\n")
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let widest = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].width());
            cells.chain([self.head[column].width()]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.head.len()).map(widest).collect();
        let gaps = 2 * widths.len().saturating_sub(1);
        let total = |widths: &[usize]| widths.iter().sum::<usize>() + gaps;
        if total(&widths) > width {
            let others = total(&widths) - widths[self.gives_way];
            widths[self.gives_way] = width.saturating_sub(others).max(12);
        }
        // Where that is not enough, the widest columns give way one by one.
        while total(&widths) > width {
            let Some(widest) = (0..widths.len()).max_by_key(|at| widths[*at]).filter(|at| widths[*at] > 4) else {
                break;
            };
            widths[widest] -= 1;
        }
        widths
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = cut(cell, *width);
        let room = width.saturating_sub(cell.width());
        line.push_str(&cell);
        line.extend(std::iter::repeat_n(' ', room + 2));
    }
    line.trim_end().to_owned()
}

/// The text within `width` columns; what is cut off ends in `…`.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + grapheme.width() + 1 > width {
            break;
        }
        used += grapheme.width();
        kept.push_str(grapheme);
    }
    kept.push('…');
    kept
}

/// The first line of a text; `…` where more follows.
pub fn first_line(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or("").to_owned();
    if lines.next().is_some() { format!("{first} …") } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_the_width_and_says_what_is_cut() {
        let mut table = Table::new(&["code", "what", "due"], 1);
        table.row(["06-7K3Q".into(), "A very long text that does not fit\nand a second line".into(), "today".into()]);
        table.row(["06-2HXW".into(), "漢字漢字漢字漢字漢字漢字漢字".into(), "in 9 days".into()]);
        for width in [30, 40, 60] {
            let text = table.render(width, "");
            assert!(text.lines().all(|line| line.width() <= width), "{text}");
        }
        assert!(table.render(40, "").contains('…'));
        assert!(table.render(usize::MAX, "").contains("does not fit …"));
        assert_eq!(Table::new(&["a"], 0).render(80, "Nothing."), "Nothing.");
    }

    #[test]
    fn cells_reach_no_terminal_with_escapes() {
        let mut table = Table::new(&["what"], 0);
        table.row(["\u{1b}[31mred\u{202e}\u{7}".into()]);
        assert_eq!(table.render(80, ""), "what\n[31mred");
    }
}
