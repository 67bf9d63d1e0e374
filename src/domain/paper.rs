//! A paper: what is printed, read aloud or handed over, written once and rendered as plain text, Markdown or one
//! self-contained HTML page for A4.
//!
//! Whoever makes a paper masks it; here nothing is masked any more, only made harmless: no control characters, no markup
//! of anybody else's.

use std::fmt::Write as _;

use super::clean;

/// How wide plain text is.
const WIDTH: usize = 78;

/// A paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// It comes from a practice vault and says so on top.
    pub practice: bool,
    /// How many numbered copies it is, each on a new page; 0 for one that has no number.
    pub copies: u32,
    /// The only one of these copies that this is: each of the others goes to somebody else.
    pub only: Option<u32>,
    /// What stands on it.
    pub blocks: Vec<Block>,
}

/// A part of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A smaller heading.
    Part(String),
    /// Labels and what they are.
    Facts(Vec<(String, String)>),
    /// A paragraph.
    Para(String),
    /// Lines, each with a sign before it.
    List(Vec<(String, String)>),
    /// A table. A cell of [`ROOM`] is room to write in.
    Table {
        /// The columns' names.
        head: Vec<String>,
        /// The rows, each as long as the head.
        rows: Vec<Vec<String>>,
        /// The columns' widths in parts of their sum; empty: as what stands in them needs.
        wide: Vec<u8>,
    },
    /// A label, and so many ruled lines to write on.
    Lines(String, u8),
    /// A heading on a page of its own, which is kept apart from the pages before it.
    Apart(String),
}

/// A table's cell that is left free to write in.
pub const ROOM: &str = "\u{2}room";

/// What a paper is rendered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Plain text, at most 78 characters wide but for long words.
    Text,
    /// Markdown.
    Markdown,
    /// One HTML page with its styles inside, for A4.
    Html,
}

impl Form {
    /// By its word: `text`, `markdown` or `html`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "text" | "txt" => Some(Self::Text),
            "markdown" | "md" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }
}

/// What stands on everything that comes from a practice vault.
pub const PRACTICE: &str = "PRACTICE: nothing here is kept, no real child";

/// What a printed copy asks for beside its number.
const HAND_BACK: &str = " Hand it back at the end.";

impl Paper {
    /// The same paper as the copy, or the copies, that a rendered one says it is.
    #[must_use]
    pub fn numbered_as(self, rendered: &str) -> Self {
        let digits = |text: &str| {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            text[..end].parse::<u32>().ok().map(|number| (number, end))
        };
        let said = rendered.find("Copy ").map(|at| &rendered[at + 5..]).and_then(|rest| {
            let (first, end) = digits(rest)?;
            let rest = rest[end..].strip_prefix(" of ")?;
            let (copies, end) = digits(rest)?;
            let only = !rest[end..].strip_prefix('.')?.starts_with(HAND_BACK);
            Some((copies, only.then_some(first)))
        });
        let (copies, only) = said.unwrap_or((0, None));
        Self { copies, only, ..self }
    }

    /// The paper in a form.
    pub fn render(&self, form: Form) -> String {
        match form {
            Form::Text => self.text(),
            Form::Markdown => self.markdown(),
            Form::Html => self.html(),
        }
    }

    /// The numbers of the copies; `None` for a paper that has no number.
    fn numbers(&self) -> Vec<Option<u32>> {
        match (self.copies, self.only) {
            (0, _) => vec![None],
            (_, Some(number)) => vec![Some(number)],
            (copies, None) => (1..=copies).map(Some).collect(),
        }
    }

    /// What stands on a numbered copy.
    fn numbered(&self, number: u32) -> String {
        let says = format!("Copy {number} of {}.", self.copies);
        // One that is sealed to somebody stays with them.
        if self.only.is_some() { says } else { format!("{says}{HAND_BACK}") }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for number in self.numbers() {
            if number.is_some_and(|number| number > 1 && self.only.is_none()) {
                // A new page for whatever prints plain text.
                out.push('\u{c}');
            }
            if self.practice {
                let _ = writeln!(out, "{PRACTICE}\n");
            }
            if let Some(number) = number {
                let _ = writeln!(out, "{}\n", self.numbered(number));
            }
            let title = one_line(&self.title);
            let _ = writeln!(out, "{title}\n{}", "=".repeat(title.chars().count()));
            for block in &self.blocks {
                out.push('\n');
                text_block(&mut out, block);
            }
        }
        out
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        for number in self.numbers() {
            if number.is_some_and(|number| number > 1 && self.only.is_none()) {
                out.push_str("\n---\n\n");
            }
            if self.practice {
                let _ = writeln!(out, "**{PRACTICE}**\n");
            }
            if let Some(number) = number {
                let _ = writeln!(out, "**{}**\n", self.numbered(number));
            }
            let _ = writeln!(out, "# {}", mark(&one_line(&self.title)));
            for block in &self.blocks {
                out.push('\n');
                markdown_block(&mut out, block);
            }
        }
        out
    }

    /// What stands in the margins of each printed page, where the browser knows how: the number of the copy, that it is
    /// practice, or else the number of the page.
    fn pages(&self) -> String {
        let mut out = String::new();
        if self.practice {
            let _ = writeln!(out, "@page {{ @top-left {{ content: \"{PRACTICE}\"; }} }}");
        }
        if self.copies == 0 {
            out.push_str("@page { @bottom-right { content: \"page \" counter(page) \" of \" counter(pages); } }\n");
        }
        for number in self.numbers().into_iter().flatten() {
            let says = self.numbered(number);
            let _ = writeln!(out, "@page copy{number} {{ @bottom-right {{ content: \"{says}\"; }} }}");
        }
        out
    }

    fn html(&self) -> String {
        let title = escape(&one_line(&self.title));
        let pages = self.pages();
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>\n{STYLE}{pages}</style>\n</head>\n<body>\n"
        );
        for number in self.numbers() {
            let page = number.map(|number| format!(" style=\"page: copy{number}\"")).unwrap_or_default();
            let _ = writeln!(out, "<article{page}>");
            if self.practice {
                let _ = writeln!(out, "<p class=\"practice\">{}</p>", escape(PRACTICE));
            }
            if let Some(number) = number {
                let _ = writeln!(out, "<p class=\"copy\">{}</p>", escape(&self.numbered(number)));
            }
            let _ = writeln!(out, "<h1>{title}</h1>");
            for block in &self.blocks {
                html_block(&mut out, block);
            }
            out.push_str("</article>\n");
        }
        out.push_str("</body>\n</html>\n");
        out
    }
}

fn text_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(words) => {
            let words = one_line(words);
            let _ = writeln!(out, "{words}\n{}", "-".repeat(words.chars().count()));
        }
        Block::Part(words) => {
            let _ = writeln!(out, "{}", one_line(words));
        }
        Block::Facts(facts) => {
            let wide = facts.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
            for (label, value) in facts {
                wrap(out, &format!("{label:wide$}  "), &shown(value));
            }
        }
        Block::Para(words) => wrap(out, "", &shown(words)),
        Block::List(lines) => {
            for (sign, words) in lines {
                wrap(out, &format!("  {sign} "), &shown(words));
            }
        }
        Block::Table { head, rows, wide } => text_table(out, head, rows, wide),
        Block::Lines(label, count) => {
            wrap(out, "", &shown(label));
            for _ in 0..*count {
                let _ = writeln!(out, "\n{}", "_".repeat(WIDTH));
            }
        }
        Block::Apart(words) => {
            let words = one_line(words);
            let _ = writeln!(out, "\u{c}{words}\n{}", "-".repeat(words.chars().count()));
        }
    }
}

fn markdown_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(words) => {
            let _ = writeln!(out, "## {}", mark(&one_line(words)));
        }
        Block::Part(words) => {
            let _ = writeln!(out, "### {}", mark(&one_line(words)));
        }
        Block::Facts(facts) => {
            for (label, value) in facts {
                let _ = writeln!(out, "- **{}**: {}", mark(&one_line(label)), mark(&one_line(value)));
            }
        }
        Block::Para(words) => {
            let _ = writeln!(out, "{}", mark(&shown(words)).replace('\n', "\n\n"));
        }
        Block::List(lines) => {
            for (sign, words) in lines {
                let _ = writeln!(out, "- **{}** {}", mark(sign), mark(&one_line(words)));
            }
        }
        Block::Table { head, rows, .. } => {
            let row = |cells: &[String]| {
                let shown = |cell: &String| if cell == ROOM { String::new() } else { mark(&one_line(cell)) };
                let cells: Vec<String> = cells.iter().map(shown).collect();
                format!("| {} |\n", cells.join(" | "))
            };
            out.push_str(&row(head));
            let _ = writeln!(out, "|{}", "---|".repeat(head.len()));
            for cells in rows {
                out.push_str(&row(cells));
            }
        }
        Block::Lines(label, count) => {
            let _ = writeln!(out, "{}", mark(&shown(label)).replace('\n', "\n\n"));
            for _ in 0..*count {
                let _ = writeln!(out, "\n{}", "\\_".repeat(40));
            }
        }
        Block::Apart(words) => {
            let _ = writeln!(out, "---\n\n## {}", mark(&one_line(words)));
        }
    }
}

fn html_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(words) => {
            let _ = writeln!(out, "<h2>{}</h2>", escape(&one_line(words)));
        }
        Block::Part(words) => {
            let _ = writeln!(out, "<h3>{}</h3>", escape(&one_line(words)));
        }
        Block::Facts(facts) => {
            out.push_str("<dl>\n");
            for (label, value) in facts {
                let (label, value) = (escape(&one_line(label)), lines_of(value));
                let _ = writeln!(out, "<div><dt>{label}</dt><dd>{value}</dd></div>");
            }
            out.push_str("</dl>\n");
        }
        Block::Para(words) => {
            let _ = writeln!(out, "<p>{}</p>", lines_of(words));
        }
        Block::List(lines) => {
            out.push_str("<ul>\n");
            for (sign, words) in lines {
                let _ = writeln!(out, "<li><b>{}</b><span>{}</span></li>", escape(sign), lines_of(words));
            }
            out.push_str("</ul>\n");
        }
        Block::Table { head, rows, wide } => html_table(out, head, rows, wide),
        Block::Lines(label, count) => {
            let _ = writeln!(out, "<div class=\"lines\"><p>{}</p>", lines_of(label));
            let _ = writeln!(out, "{}</div>", "<hr>".repeat(usize::from(*count)));
        }
        Block::Apart(words) => {
            let _ = writeln!(out, "<h2 class=\"apart\">{}</h2>", escape(&one_line(words)));
        }
    }
}

/// Print styles: black on white, no colour needed, a table's head again on each page, no item torn apart.
const STYLE: &str = "\
@page { size: A4; margin: 18mm 16mm; }
@page { @top-left { font: 600 8pt Arial, sans-serif; } @bottom-right { font: 8pt Arial, sans-serif; } }
* { box-sizing: border-box; }
body { font: 10.5pt/1.45 \"Source Sans 3\", \"Segoe UI\", \"Noto Sans\", Arial, sans-serif; color: #111; background: #fff; max-width: 178mm; margin: 0 auto; padding: 8mm 0; }
h1 { font-size: 17pt; line-height: 1.2; margin: 0 0 5mm; }
h2 { font-size: 12.5pt; margin: 8mm 0 2mm; padding-top: 2mm; border-top: 0.4pt solid #777; break-after: avoid; }
h3 { font-size: 11pt; margin: 5mm 0 1.5mm; break-after: avoid; }
p { margin: 0 0 2.5mm; }
dl { margin: 0 0 3mm; }
dl div { display: grid; grid-template-columns: 42mm 1fr; padding: 0.6mm 0; }
dt { color: #444; }
dd { margin: 0; }
ul { list-style: none; margin: 0 0 3mm; padding: 0; }
li { display: grid; grid-template-columns: 8mm 1fr; padding: 0.6mm 0; break-inside: avoid; }
table { width: 100%; border-collapse: collapse; margin: 0 0 4mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; font-weight: 600; border-bottom: 0.8pt solid #111; padding: 1.2mm 2mm 1.2mm 0; }
td { border-bottom: 0.4pt solid #999; padding: 1.4mm 2mm 1.4mm 0; vertical-align: top; }
table.ruled { table-layout: fixed; }
table.ruled td { height: 8.5mm; border: 0.4pt solid #999; padding-left: 2mm; }
table.ruled th { padding-left: 2mm; }
td, dd, span, p { overflow-wrap: anywhere; }
.lines { margin: 0 0 4mm; break-inside: avoid; }
.lines p { margin: 0; }
.lines hr { border: 0; border-bottom: 0.4pt solid #777; margin: 0; height: 8.5mm; }
.apart { break-before: page; }
.copy { float: right; border: 1pt solid #111; padding: 1mm 3mm; font-weight: 600; margin: 0 0 2mm 6mm; }
article + article { break-before: page; margin-top: 16mm; }
.practice { border: 1pt solid #111; padding: 1.5mm 3mm; font-weight: 600; }
@media print { body { padding: 0; max-width: none; } article + article { margin-top: 0; } }
";

fn html_table(out: &mut String, head: &[String], rows: &[Vec<String>], wide: &[u8]) {
    if wide.is_empty() {
        out.push_str("<table>\n<thead><tr>");
    } else {
        out.push_str("<table class=\"ruled\">\n<colgroup>");
        let sum: u32 = wide.iter().map(|part| u32::from(*part)).sum::<u32>().max(1);
        for part in wide {
            let _ = write!(out, "<col style=\"width: {}%\">", u32::from(*part) * 100 / sum);
        }
        out.push_str("</colgroup>\n<thead><tr>");
    }
    for cell in head {
        let _ = write!(out, "<th>{}</th>", escape(&one_line(cell)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let cell = if cell == ROOM { String::new() } else { lines_of(cell) };
            let _ = write!(out, "<td>{cell}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

/// How wide the columns of a plain table are: as they were told to be, or as what stands in them needs.
fn text_widths(all: &[Vec<String>], parts: &[u8]) -> Vec<usize> {
    let count = all.first().map_or(0, Vec::len);
    let most = WIDTH.saturating_sub(2 * count.saturating_sub(1));
    if parts.len() == count {
        let sum: usize = parts.iter().map(|part| usize::from(*part)).sum::<usize>().max(1);
        return parts.iter().map(|part| (most * usize::from(*part) / sum).max(1)).collect();
    }
    let mut wide: Vec<usize> = (0..count)
        .map(|at| all.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    // The widest column gives way, so that the table fits a page.
    while wide.iter().sum::<usize>() > most {
        let Some(widest) = (0..count).max_by_key(|at| wide[*at]).filter(|at| wide[*at] > 8) else { break };
        wide[widest] -= 1;
    }
    wide
}

fn text_table(out: &mut String, head: &[String], rows: &[Vec<String>], parts: &[u8]) {
    let all: Vec<Vec<String>> = std::iter::once(head)
        .chain(rows.iter().map(Vec::as_slice))
        .map(|row| row.iter().map(|cell| if cell == ROOM { cell.clone() } else { one_line(cell) }).collect())
        .collect();
    let wide = text_widths(&all, parts);
    for (line, row) in all.iter().enumerate() {
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(&wide)
            .map(|(cell, wide)| if cell == ROOM { vec!["_".repeat(*wide)] } else { wrapped(cell, *wide) })
            .collect();
        let tall = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
        for part in 0..tall {
            let text: Vec<String> = cells
                .iter()
                .zip(&wide)
                .map(|(cell, wide)| format!("{:wide$}", cell.get(part).map_or("", String::as_str)))
                .collect();
            let _ = writeln!(out, "{}", text.join("  ").trim_end());
        }
        if line == 0 {
            let _ = writeln!(out, "{}", wide.iter().map(|wide| "-".repeat(*wide)).collect::<Vec<_>>().join("  "));
        }
    }
}

/// Text without control characters; line ends stay.
fn shown(text: &str) -> String {
    clean::shown(text).into_owned()
}

fn one_line(text: &str) -> String {
    shown(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes words after a head, wrapped, the further lines under the first.
fn wrap(out: &mut String, head: &str, words: &str) {
    let indent = head.chars().count();
    let mut first = true;
    for line in words.lines() {
        for part in wrapped(line, WIDTH.saturating_sub(indent).max(20)) {
            let lead = if first { head.to_owned() } else { " ".repeat(indent) };
            let _ = writeln!(out, "{}", format!("{lead}{part}").trim_end());
            first = false;
        }
    }
    if first {
        let _ = writeln!(out, "{}", head.trim_end());
    }
}

/// Words in lines of at most so many characters; a longer word is cut.
fn wrapped(text: &str, wide: usize) -> Vec<String> {
    let wide = wide.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let used = line.chars().count();
            let room = if used == 0 { wide } else { wide.saturating_sub(used + 1) };
            if word.len() <= room {
                if used > 0 {
                    line.push(' ');
                }
                line.extend(word.iter());
                break;
            }
            if used > 0 {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let rest = word.split_off(wide);
            lines.push(word.into_iter().collect());
            word = rest;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Text that HTML can't take for markup, its line ends kept.
fn lines_of(text: &str) -> String {
    escape(&shown(text)).replace('\n', "<br>")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Text that Markdown shows as it is.
fn mark(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Paper {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        Paper {
            title: "Minutes".into(),
            practice: true,
            copies: 0,
            only: None,
            blocks: vec![
                Block::Heading("Attendance".into()),
                Block::Facts(vec![pair("Chair", "A. Brown"), pair("Place", "parish office")]),
                Block::Para("Two lines\nof words <b>not bold</b> & *not* strong".into()),
                Block::List(vec![pair("D", "Placement continues"), pair("!", &"long ".repeat(40))]),
                Block::Table {
                    head: vec!["Who".into(), "What".into(), "By".into()],
                    rows: vec![
                        vec![
                            "MOH".into(),
                            "Medical check | and a very long word ".to_owned() + &"x".repeat(90),
                            "Thu".into(),
                        ],
                        vec![ROOM.into(), ROOM.into(), String::new()],
                    ],
                    wide: Vec::new(),
                },
            ],
        }
    }

    #[test]
    fn text_stays_within_the_page_and_loses_nothing() {
        let text = paper().render(Form::Text);
        assert!(text.starts_with(PRACTICE), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(text.matches('x').count(), 90);
        assert_eq!(text.matches("long").count(), 41);
        assert!(text.contains("Chair  A. Brown\nPlace  parish office"), "{text}");
    }

    #[test]
    fn room_to_write_and_numbered_copies_are_in_every_form() {
        let paper = Paper {
            copies: 3,
            blocks: vec![
                Block::Lines("Where".into(), 2),
                Block::Apart("Keep apart".into()),
                Block::Table {
                    head: vec!["Who".into(), "Signature".into()],
                    rows: vec![vec!["A. Brown".into(), ROOM.into()]],
                    wide: vec![1, 2],
                },
            ],
            ..paper()
        };
        for form in [Form::Text, Form::Markdown, Form::Html] {
            let out = paper.render(form);
            // In HTML once more for the margin of every page of a copy.
            assert_eq!(out.matches("of 3. Hand it back").count(), if form == Form::Html { 6 } else { 3 }, "{out}");
            assert_eq!(out.matches(PRACTICE).count(), if form == Form::Html { 4 } else { 3 }, "{out}");
            assert!(!out.contains(ROOM), "{out}");
        }
        let text = paper.render(Form::Text);
        assert_eq!(
            text.matches('\u{c}').count(),
            5,
            "each copy and each part that is kept apart begins a page: {text}"
        );
        assert!(text.contains("A. Brown                   ______"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH + 1), "{text}");
        let html = paper.render(Form::Html);
        assert!(html.contains("<col style=\"width: 33%\">") && html.matches("<hr>").count() == 6, "{html}");
    }

    #[test]
    fn html_and_markdown_take_no_markup_from_words() {
        let html = paper().render(Form::Html);
        assert!(html.contains("&lt;b&gt;not bold&lt;/b&gt; &amp; *not*") && !html.contains("<b>not"), "{html}");
        assert!(html.contains("Content-Security-Policy") && !html.contains("<script") && !html.contains("http://"));
        let marked = paper().render(Form::Markdown);
        assert!(marked.contains("\\*not\\* strong") && marked.contains("check \\| and"), "{marked}");
        let hostile = Paper { title: "a\u{1b}[31mb\u{202e}".into(), ..Paper::default() };
        for form in [Form::Text, Form::Markdown, Form::Html] {
            let out = hostile.render(form);
            assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out:?}");
        }
    }
}
