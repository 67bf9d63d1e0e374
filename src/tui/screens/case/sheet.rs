//! A sheet: sections of short lines in one or two columns, to read and to scroll. It knows nothing of cases.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{clean_prose, fit, put, width};
use crate::tui::widgets::{Line, bars};

/// The least and the most cells that labels take; a section's labels are as wide as its longest.
const LABELS: (usize, usize) = (14, 25);
/// Cells between two columns.
const GAP: u16 = 4;

/// A piece of a line in a role.
pub type Span = (String, Role);

/// A paragraph: a label in grey, if it has one, and words that wrap behind it.
#[derive(Clone, Debug)]
pub struct Para {
    label: String,
    look: Role,
    spans: Vec<Span>,
}

impl Para {
    /// Words alone.
    pub fn words(text: impl Into<String>, role: Role) -> Self {
        Self { label: String::new(), look: Role::Dim, spans: vec![(text.into(), role)] }
    }

    /// A label and words behind it.
    pub fn field(label: impl Into<String>, text: impl Into<String>, role: Role) -> Self {
        Self { label: label.into(), look: Role::Dim, spans: vec![(text.into(), role)] }
    }

    /// The same with more words, in another role.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>, role: Role) -> Self {
        self.spans.push((text.into(), role));
        self
    }

    /// The same with its label in another role.
    #[must_use]
    pub fn coloured(self, look: Role) -> Self {
        Self { look, ..self }
    }

    /// All its words.
    pub fn text(&self) -> String {
        let words: String = self.spans.iter().map(|(text, _)| text.as_str()).collect();
        format!("{} {words}", self.label)
    }

    /// The same as a paragraph of a page.
    pub fn line(&self) -> Line {
        let words: String = self.spans.iter().map(|(text, _)| text.as_str()).collect();
        let role = self.spans.first().map_or(Role::Text, |(_, role)| *role);
        if self.label.is_empty() { Line::new(words, role) } else { Line::new(format!("{}: {words}", self.label), role) }
    }

    /// The lines that it takes at so many cells, each a list of pieces; labels take `labels` of them.
    fn lines(&self, cells: usize, labels: usize) -> Vec<Vec<Span>> {
        let hang = if self.label.is_empty() { 1 } else { labels };
        let mut lines = vec![Vec::new()];
        let mut used = 0;
        if self.label.is_empty() {
            lines[0].push((" ".to_owned(), Role::Text));
        } else {
            let label = fit(&self.label, hang.saturating_sub(2), "…");
            let pad = hang.saturating_sub(width(&label) + 1);
            lines[0].push((format!(" {label}{}", " ".repeat(pad)), self.look));
        }
        let room = cells.saturating_sub(hang).max(4);
        for (text, role) in &self.spans {
            let text = clean_prose(text);
            for (at, paragraph) in text.split('\n').enumerate() {
                if at > 0 {
                    lines.push(vec![(" ".repeat(hang), Role::Text)]);
                    used = 0;
                }
                for word in paragraph.split_inclusive(' ') {
                    // A word longer than a line is cut: the full text is in the form that edits it.
                    let word = fit(word, room, "…");
                    let w = width(word.trim_end());
                    if used + w > room && used > 0 {
                        lines.push(vec![(" ".repeat(hang), Role::Text)]);
                        used = 0;
                    }
                    used += width(&word);
                    let line = lines.last_mut().expect("there is always a line");
                    match line.last_mut() {
                        Some((before, same)) if same == role => before.push_str(&word),
                        _ => line.push((word, *role)),
                    }
                }
            }
        }
        lines
    }
}

/// A section: a title, a thin rule, and what stands below.
#[derive(Clone, Debug)]
pub struct Block {
    title: String,
    paras: Vec<Para>,
}

impl Block {
    /// A section.
    pub fn new(title: impl Into<String>, paras: Vec<Para>) -> Self {
        Self { title: title.into(), paras }
    }

    /// Words without a title.
    pub fn plain(paras: Vec<Para>) -> Self {
        Self::new("", paras)
    }

    fn lines(&self, cells: usize) -> Vec<Drawn> {
        let widest = self.paras.iter().map(|para| width(&para.label) + 3).max().unwrap_or(0);
        let labels = widest.clamp(LABELS.0, LABELS.1).min(cells / 2);
        let body = self.paras.iter().flat_map(|para| para.lines(cells, labels)).map(Drawn::Spans);
        let title = (!self.title.is_empty()).then(|| Drawn::Title(self.title.clone()));
        title.into_iter().chain(body).chain([Drawn::Spans(Vec::new())]).collect()
    }
}

#[derive(Clone, Debug)]
enum Drawn {
    Title(String),
    Spans(Vec<Span>),
}

/// How far a sheet is scrolled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scroll {
    at: usize,
    page: usize,
    most: usize,
}

impl Scroll {
    /// Does what a `view.…` movement says; `false` if it is none.
    pub fn command(&mut self, name: &str) -> bool {
        let page = self.page.max(2) - 1;
        self.at = match name {
            "view.down" => self.at + 1,
            "view.up" => self.at.saturating_sub(1),
            "view.page-down" => self.at + page,
            "view.page-up" => self.at.saturating_sub(page),
            "view.first" => 0,
            "view.last" => self.most,
            _ => return false,
        };
        self.at = self.at.min(self.most);
        true
    }
}

/// Draws sections in two columns if `area` is at least `two_from` cells wide, else in one. `left` and `right` say which
/// section stands where; in one column the order is left, then right.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    theme: &Theme,
    scroll: &mut Scroll,
    left: &[Block],
    right: &[Block],
    two_from: u16,
) {
    // A margin at the right, like the one at the left.
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    let lines = |blocks: &[Block], cells: u16| -> Vec<Drawn> {
        blocks.iter().flat_map(|block| block.lines(usize::from(cells))).collect()
    };
    let columns: Vec<(Rect, Vec<Drawn>)> = if area.width >= two_from && !right.is_empty() {
        let half = (area.width - GAP) / 2;
        let other = Rect { x: area.x + half + GAP, width: area.width - half - GAP, ..area };
        vec![(Rect { width: half, ..area }, lines(left, half)), (other, lines(right, other.width))]
    } else {
        let mut all = lines(left, area.width);
        all.extend(lines(right, area.width));
        vec![(area, all)]
    };
    let height = usize::from(area.height);
    let longest = columns.iter().map(|(_, lines)| lines.len().saturating_sub(1)).max().unwrap_or(0);
    scroll.page = height;
    scroll.most = longest.saturating_sub(height);
    scroll.at = scroll.at.min(scroll.most);
    for (place, lines) in &columns {
        for (line, y) in lines.iter().skip(scroll.at).zip(place.y..place.bottom()) {
            draw_line(buf, Rect { y, height: 1, ..*place }, theme, line);
        }
    }
    if scroll.at < scroll.most {
        let text = format!("{} more", theme.symbols.ellipsis);
        let w = u16::try_from(width(&text)).unwrap_or(6);
        let at = Rect { x: area.right().saturating_sub(w + 1), y: area.bottom() - 1, width: w + 1, height: 1 };
        put(buf, at.x, at.y, at.width, &format!(" {text}"), theme.style(Role::Dim));
    }
}

fn draw_line(buf: &mut Buffer, line: Rect, theme: &Theme, drawn: &Drawn) {
    match drawn {
        Drawn::Title(title) => {
            let place = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
            let _ = bars::section(buf, place, theme, title);
        }
        Drawn::Spans(spans) => {
            let mut x = line.x;
            for (text, role) in spans {
                x += put(buf, x, line.y, line.right().saturating_sub(x), text, theme.style(*role));
            }
        }
    }
}
