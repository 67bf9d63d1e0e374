//! Markdown as lines for a terminal: headings, lists, quotes, code; emphasis by ranges; links as text with their address.
//!
//! Nothing is drawn or wrapped here, and nothing of a page is ever run: HTML is text like any other.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::clean;

/// Lists and quotes within each other farther than this stand no farther to the right.
const DEEPEST: usize = 6;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A heading, 1 being the largest.
    Heading(u8),
    /// Words.
    Text,
    /// Somebody's words.
    Quote,
    /// As it is to be typed.
    Code,
    /// A line across.
    Rule,
}

/// A paragraph, an item of a list or a line of code. It is wrapped by whoever draws it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: Kind,
    /// What stands before its first line, blanks among it; as wide as the blanks before its later ones.
    pub lead: String,
    /// Its words; empty for a line between paragraphs.
    pub text: String,
    /// The parts of its words that are emphasised, in bytes.
    pub strong: Vec<Range<usize>>,
}

/// Reads a page.
pub fn read(text: &str) -> Vec<Line> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        reader.event(event);
    }
    reader.flush();
    while reader.out.last().is_some_and(|line| line.text.is_empty() && line.kind != Kind::Rule) {
        reader.out.pop();
    }
    reader.out
}

/// A page as plain text: what `show` prints and what a search looks into.
pub fn plain(text: &str) -> String {
    let line = |line: &Line| match line.kind {
        Kind::Rule => "---".to_owned(),
        Kind::Heading(_) => format!("{}{}", line.lead, line.text.to_uppercase()),
        _ => format!("{}{}", line.lead, line.text).trim_end().to_owned(),
    };
    read(text).iter().map(line).collect::<Vec<_>>().join("\n")
}

#[derive(Default)]
struct Reader {
    out: Vec<Line>,
    text: String,
    strong: Vec<Range<usize>>,
    /// Where emphasis that is still open began.
    open: Vec<usize>,
    /// The lists that are open, with the next number of those that count.
    lists: Vec<Option<u64>>,
    /// The marker of an item whose words have not come yet.
    marker: Option<String>,
    quotes: usize,
    heading: Option<u8>,
    code: bool,
    /// The address of the link or picture that is open, and where its words began.
    link: Option<(String, usize)>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            // What is not drawn as what it is, HTML among it, stays text.
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.push(&text),
            Event::Code(text) => {
                let from = self.text.len();
                self.push(&text);
                self.strong.push(from..self.text.len());
            }
            Event::SoftBreak => self.push(" "),
            Event::HardBreak => self.flush(),
            Event::Rule => {
                self.flush();
                self.out.push(Line { kind: Kind::Rule, lead: String::new(), text: String::new(), strong: Vec::new() });
            }
            Event::TaskListMarker(done) => self.push(if done { "[x] " } else { "[ ] " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.gap();
                self.heading = Some(level as u8);
            }
            Tag::Paragraph if self.marker.is_none() && self.lists.is_empty() => self.gap(),
            Tag::BlockQuote(_) => {
                self.gap();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.gap();
                self.code = true;
                // What language it is doesn't matter to who reads it.
                let (CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) = kind;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.gap();
                } else {
                    self.flush();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number += 1;
                        marker
                    }
                    _ => "• ".to_owned(),
                });
            }
            Tag::Emphasis | Tag::Strong => self.open.push(self.text.len()),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.link = Some((dest_url.into_string(), self.text.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.flush();
                self.heading = None;
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::HtmlBlock => self.flush(),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes -= 1;
            }
            TagEnd::CodeBlock => {
                self.flush();
                self.code = false;
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Emphasis | TagEnd::Strong => {
                if let Some(from) = self.open.pop() {
                    self.strong.push(from..self.text.len());
                }
            }
            TagEnd::Link | TagEnd::Image => {
                if let Some((address, from)) = self.link.take()
                    && self.text.get(from..) != Some(address.as_str())
                    && !address.is_empty()
                {
                    self.push(&format!(" ({address})"));
                }
            }
            _ => {}
        }
    }

    /// Adds words. Only code keeps its breaks.
    fn push(&mut self, text: &str) {
        if self.code {
            self.text.push_str(&clean::prose(text));
            if text.ends_with('\n') {
                self.text.push('\n');
            }
            return;
        }
        // Blanks at the ends matter: the next word comes in another event.
        let cleaned: String =
            text.chars().map(|c| if c == '\n' { ' ' } else { c }).filter(|c| !clean::forbidden(*c)).collect();
        self.text.push_str(&cleaned);
    }

    /// Ends the line, and leaves an empty one before what comes.
    fn gap(&mut self) {
        self.flush();
        if self.out.last().is_some_and(|line| !line.text.is_empty() || line.kind == Kind::Rule) {
            self.out.push(Line { kind: Kind::Text, lead: String::new(), text: String::new(), strong: Vec::new() });
        }
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut strong = std::mem::take(&mut self.strong);
        // Emphasis that goes on beyond a break goes on in the next line.
        for from in &mut self.open {
            if *from < text.len() {
                strong.push(*from..text.len());
            }
            *from = 0;
        }
        if text.trim().is_empty() {
            return;
        }
        let kind = match self.heading {
            Some(level) => Kind::Heading(level),
            None if self.code => Kind::Code,
            None if self.quotes > 0 => Kind::Quote,
            None => Kind::Text,
        };
        let deep = self.lists.len().min(DEEPEST);
        let mut lead = "> ".repeat(self.quotes.min(DEEPEST));
        match self.marker.take() {
            Some(marker) => {
                lead.push_str(&"  ".repeat(deep.saturating_sub(1)));
                lead.push_str(&marker);
            }
            None => lead.push_str(&"  ".repeat(deep)),
        }
        if self.code {
            lead.push_str("  ");
            for line in text.trim_end_matches('\n').split('\n') {
                let text = line.to_owned();
                self.out.push(Line { kind, lead: lead.clone(), text, strong: Vec::new() });
            }
            return;
        }
        self.out.push(Line { kind, lead, text, strong });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<String> {
        read(text).iter().map(|line| format!("{}{}", line.lead, line.text)).collect()
    }

    #[test]
    fn a_page_becomes_lines() {
        let text = "# How\nCall **211** first,\nwrite *after*.\n\n- one\n  - deep\n- two [NCR](https://example.org)\n\n1. first\n2. second\n\n> quiet\n\n```\nmahoe today\n  -x\n```\n---\n<b>html</b>";
        assert_eq!(
            shown(text),
            [
                "How",
                "",
                "Call 211 first, write after.",
                "",
                "• one",
                "  • deep",
                "• two NCR (https://example.org)",
                "",
                "1. first",
                "2. second",
                "",
                "> quiet",
                "",
                "  mahoe today",
                "    -x",
                "",
                "",
                "<b>html</b>"
            ]
        );
        let lines = read(text);
        let strong: Vec<&str> = lines[2].strong.iter().map(|range| &lines[2].text[range.clone()]).collect();
        assert_eq!((lines[0].kind, strong), (Kind::Heading(1), vec!["211", "after"]));
        assert_eq!(lines.iter().filter(|line| line.kind == Kind::Rule).count(), 1);
        assert_eq!(plain("# How\n\nsay"), "HOW\n\nsay");
    }

    #[test]
    fn nothing_hidden_comes_through() {
        assert_eq!(shown("a\u{1b}[31mb\u{202e}c"), ["a[31mbc"]);
        assert!(shown(&"> ".repeat(5_000)).is_empty());
        assert!(!shown(&"- ".repeat(500)).iter().any(|line| line.len() > 100));
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_its_emphasis_lies_within_it(text in "([*_>#` \n-]|\\[a\\]\\(b\\)|[0-9]\\. |word|é|<i>){0,80}") {
            for line in read(&text) {
                prop_assert!(!line.text.contains('\n'));
                for range in line.strong {
                    prop_assert!(line.text.get(range.clone()).is_some(), "{range:?}");
                }
            }
        }
    }
}
