//! A page as a file: a few lines of head, a line of three hyphens, and Markdown.
//!
//! ```text
//! title: How to report
//! tags: report, 211
//! source: CPFSA
//! date: 2026-11-22
//! ---
//! Call **211** …
//! ```
//! A file without a head is a page, too: its first heading or its name is the title.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::Page;
use crate::domain::clean;

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// The most lines of a head.
const MOST_HEAD: usize = 12;

/// What a file holds, cleaned; the name is what the head says or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The page's name; empty if the head has none.
    pub name: String,
    /// Its title; empty if there is neither a head nor a heading.
    pub title: String,
    /// Tags, with commas between them.
    pub tags: String,
    /// Where it comes from.
    pub source: String,
    /// The day on which it was true.
    pub date: Option<NaiveDate>,
    /// Markdown.
    pub body: String,
}

/// The parts of a text, borrowed.
#[derive(Default)]
pub(super) struct Parts<'a> {
    name: &'a str,
    pub title: &'a str,
    pub tags: &'a str,
    pub source: &'a str,
    pub date: &'a str,
    pub body: &'a str,
}

/// Takes a text apart. Where the first lines are no head, all of it is the body.
pub(super) fn parts(text: &str) -> Parts<'_> {
    let whole = Parts { body: text, ..Parts::default() };
    let mut parts = Parts::default();
    // Other programs put a line of hyphens before the head, too.
    let start = text.strip_prefix("---\n").unwrap_or(text);
    let mut rest = start;
    for _ in 0..MOST_HEAD {
        if rest.is_empty() {
            return whole;
        }
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        if line.trim_end() == "---" {
            parts.body = rest.trim_start_matches('\n');
            return parts;
        }
        let Some((key, value)) = line.split_once(':') else { return whole };
        let value = value.trim();
        match key.trim() {
            "name" => parts.name = value,
            "title" => parts.title = value,
            "tags" => parts.tags = value,
            "source" => parts.source = value,
            "date" => parts.date = value,
            _ => return whole,
        }
    }
    whole
}

/// Reads a file's bytes: bounded, as text, cleaned of everything that hides.
///
/// # Errors
/// One sentence that says what is wrong.
pub fn read(bytes: &[u8]) -> Result<Read, String> {
    if bytes.len() > MOST_BYTES {
        return Err(format!("a page has at most {} KiB", MOST_BYTES / 1024));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    if text.contains('\0') {
        return Err("it is no text".to_owned());
    }
    let text = clean::prose(text);
    let parts = parts(&text);
    let line = |text: &str| clean::line(text.trim_matches('"')).into_owned();
    let date = match parts.date {
        "" => None,
        date => Some(
            NaiveDate::parse_from_str(date.trim_matches('"'), "%Y-%m-%d")
                .map_err(|_| format!("\"{date}\" is no day: write it like 2026-11-22"))?,
        ),
    };
    let (title, body) = match parts.title {
        "" => from_heading(parts.body),
        title => (title, parts.body),
    };
    if body.trim().is_empty() {
        return Err("it holds no text".to_owned());
    }
    Ok(Read {
        name: line(parts.name),
        title: line(title),
        tags: line(parts.tags.trim_start_matches('[').trim_end_matches(']')),
        source: line(parts.source),
        date,
        body: body.trim_end().to_owned(),
    })
}

/// The first heading as the title, and what comes after it.
fn from_heading(body: &str) -> (&str, &str) {
    let start = body.trim_start();
    match start.strip_prefix("# ").and_then(|rest| rest.split_once('\n')) {
        Some((title, rest)) => (title.trim(), rest.trim_start_matches('\n')),
        None => ("", body),
    }
}

/// A page as a file.
pub fn write(page: &Page<'_>) -> String {
    let mut text = String::new();
    let date = page.date.map(|date| date.to_string()).unwrap_or_default();
    for (key, value) in
        [("name", page.name), ("title", page.title), ("tags", page.tags), ("source", page.source), ("date", &date)]
    {
        if !value.is_empty() {
            // Writing into a string can't fail.
            let _ = writeln!(text, "{key}: {value}");
        }
    }
    text.push_str("---\n");
    text.push_str(page.body.trim_end());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read_again() {
        let body = "Call **211**.\n\n---\ntitle: not a head";
        let date = NaiveDate::from_ymd_opt(2026, 11, 22);
        let page =
            Page { item: None, name: "report", title: "How: to report", tags: "a, b", source: "CPFSA", date, body };
        let again = read(write(&page).as_bytes()).expect("read");
        assert_eq!(
            (again.name.as_str(), again.title.as_str(), again.tags.as_str()),
            ("report", "How: to report", "a, b")
        );
        assert_eq!((again.source.as_str(), again.date, again.body.as_str()), ("CPFSA", date, body));
    }

    #[test]
    fn a_plain_file_is_a_page_and_a_bad_one_is_refused() {
        let page = read(b"\xef\xbb\xbf# Our safe rooms\r\n\r\nCall\x1b[31m first.\n").expect("read");
        assert_eq!((page.title.as_str(), page.body.as_str()), ("Our safe rooms", "Call[31m first."));
        assert_eq!(read(b"just words").expect("read").title, "");
        assert_eq!(read(b"note: this\nis text").expect("read").body, "note: this\nis text");
        for (bytes, says) in [
            (&b"\xff\xfe\0a"[..], "UTF-8"),
            (b"PK\0\0", "no text"),
            (b" \n ", "no text"),
            (b"title: x\n---\n", "no text"),
            (b"title: x\ndate: soon\n---\nbody", "is no day"),
            (&vec![b'a'; MOST_BYTES + 1], "256 KiB"),
        ] {
            assert!(read(bytes).expect_err("refused").contains(says), "{says}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
