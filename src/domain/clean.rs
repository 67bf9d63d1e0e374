//! What may be stored and shown: text without anything that hides, reorders, overprints or commands.
//!
//! Everything typed, pasted or read from a file passes through [`line()`] or [`prose`] before it becomes part of an entry, and
//! through [`shown`] again before it reaches a terminal or an export, because an entry may come from another program.
//! This module must never drop a letter that a person can see.

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::field::{Field, FieldType};
use super::value::Value;

/// Marks that one base may carry; Vietnamese needs two, a pile of them runs over the neighbouring lines.
const MARKS: usize = 2;

/// Text that is longer than its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Characters (Unicode scalar values) in the text.
    pub chars: usize,
    /// The most that fit.
    pub most: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chars, most } = self;
        write!(f, "this is {chars} characters long and {most} fit: please shorten it by {}", chars - most)
    }
}

impl std::error::Error for TooLong {}

/// One line: normalised (NFC), every break and tab a space, no space at either end.
pub fn line(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(' ');
    if trimmed.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(trimmed);
    }
    let cleaned = filter(trimmed, ' ');
    Cow::Owned(cleaned.trim_matches(' ').to_owned())
}

/// Several lines: as [`line()`], but breaks are kept, and no line ends in a space.
pub fn prose(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'));
    if plain && !text.ends_with([' ', '\n']) && !text.contains(" \n") {
        return Cow::Borrowed(text);
    }
    let cleaned = filter(text, '\n');
    let mut out = String::with_capacity(cleaned.len());
    for line in cleaned.split('\n') {
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
    }
    out.truncate(out.trim_end_matches('\n').len());
    Cow::Owned(out)
}

/// [`line()`] as a string of its own.
pub fn line_owned(text: &str) -> String {
    line(text).into_owned()
}

/// [`prose`] as a string of its own.
pub fn prose_owned(text: &str) -> String {
    prose(text).into_owned()
}

/// A field's value with its words cleaned as the field's type asks: one line or several.
pub fn value(field: Field, value: Value) -> Value {
    match value {
        Value::Text(text) if field.def().ty == FieldType::Prose => Value::text(&prose(&text)),
        Value::Text(text) => Value::text(&line(&text)),
        other => other,
    }
}

/// Text on its way to a terminal: costs nothing for plain ASCII, is cleaned as [`prose`] if it holds anything else that
/// needs it.
pub fn shown(text: &str) -> Cow<'_, str> {
    let plain = |c: char| matches!(c, ' '..='~' | '\n' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}');
    if text.chars().all(plain) { Cow::Borrowed(text) } else { prose(text) }
}

/// Refuses text of more than `most` characters; nothing is ever cut off unasked.
pub fn bounded(text: &str, most: usize) -> Result<&str, TooLong> {
    match text.chars().count() {
        chars if chars > most => Err(TooLong { chars, most }),
        _ => Ok(text),
    }
}

/// A spreadsheet cell that no program takes for a formula: a quote goes in front of what could start one, also in its
/// full-width forms and behind spaces.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let starts = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    match text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next() {
        Some(first) if starts(first) => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

/// Whether a character is never stored nor shown: controls (but newline), formats, bidirectional and zero-width characters,
/// tags, variation selectors, other ignorable code points, private use, noncharacters, line and paragraph separators.
pub fn forbidden(c: char) -> bool {
    if c.is_ascii() {
        return c != '\n' && c.is_ascii_control();
    }
    matches!(u32::from(c),
        0x80..=0x9f | 0xad | 0x34f
        | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
        | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
        | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfe00..=0xfe0f | 0xfeff
        | 0xffa0 | 0xfff0..=0xfffb
        | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe0000..=0xe0fff | 0xf0000..
    ) || u32::from(c) & 0xfffe == 0xfffe
}

/// Filters, normalises and thins marks. `newline` is what a break becomes.
fn filter(text: &str, newline: char) -> String {
    let mut after_return = false;
    let kept = text.chars().filter_map(|c| {
        let second_half = after_return && c == '\n';
        after_return = c == '\r';
        match c {
            '\n' if second_half => None,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(newline),
            '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
            _ => (!forbidden(c)).then_some(c),
        }
    });
    // Marks without a letter (at the start or after a space) would attach themselves to whatever is drawn before them.
    let mut room = 0;
    kept.nfc()
        .filter(|&c| {
            if !is_combining_mark(c) {
                room = if matches!(c, ' ' | '\n') { 0 } else { MARKS };
                return true;
            }
            let fits = room > 0;
            room = room.saturating_sub(1);
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_and_prose_hold_only_what_can_be_seen() {
        for (given, in_line, in_prose) in [
            ("  plain  ", "plain", "  plain"),
            ("a\tb\r\nc\rd", "a b c d", "a b\nc\nd"),
            ("one\u{2028}two\u{2029}three", "one two three", "one\ntwo\nthree"),
            ("\u{1b}[31mred\u{7}\u{9b}2J", "[31mred2J", "[31mred2J"),
            ("Jose\u{301} A\u{30a}", "José Å", "José Å"),
            ("abc\u{202e}def\u{2066}\u{200f}", "abcdef", "abcdef"),
            ("zero\u{200b}\u{200d}\u{feff}width\u{ad}", "zerowidth", "zerowidth"),
            ("tag\u{e0041}\u{e007f} vs\u{fe0f}\u{e0100}", "tag vs", "tag vs"),
            ("z\u{334}\u{335}\u{336}\u{337}\u{338}algo", "z\u{334}\u{335}algo", "z\u{334}\u{335}algo"),
            ("\u{301}\u{302}a \u{301}b", "a b", "a b"),
            ("private\u{e123} \u{fffe}\u{10ffff}\u{fdd0}", "private", "private"),
            ("hard\u{a0}space\u{3000}", "hard space", "hard space"),
            ("end \nnext  \n\n", "end  next", "end\nnext"),
            ("Sent 30 km Ω 日本 क्षि", "Sent 30 km Ω 日本 क्षि", "Sent 30 km Ω 日本 क्षि"),
            ("", "", ""),
        ] {
            assert_eq!(line(given), in_line, "{given:?}");
            assert_eq!(prose(given), in_prose, "{given:?}");
        }
    }

    #[test]
    fn clean_text_is_not_copied() {
        assert!(matches!(line(" plain text "), Cow::Borrowed("plain text")));
        assert!(matches!(prose("two\nlines"), Cow::Borrowed(_)));
        assert!(matches!(shown("Señora Ælfgifu\n½"), Cow::Borrowed(_)));
        assert_eq!(shown("a\u{202e}b\u{1b}[2J"), "ab[2J");
    }

    #[test]
    fn too_long_says_by_how_much() {
        assert_eq!(bounded("ééé", 3), Ok("ééé"));
        assert_eq!(
            bounded("12345", 3).unwrap_err().to_string(),
            "this is 5 characters long and 3 fit: please shorten it by 2"
        );
    }

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        for cell in
            ["=1+1", "+876", "-1", "@sum", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", "  =1", "\u{a0}=1"]
        {
            assert_eq!(csv_cell(cell), format!("'{cell}"));
        }
        for cell in ["", "plain", "1-2", "'=1", "06-7K3Q"] {
            assert!(matches!(csv_cell(cell), Cow::Borrowed(same) if same == cell));
        }
    }

    /// Ordinary text mixed with what people with bad intentions send.
    fn nasty() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(
            "\u{200b}\u{202e}\u{301}\u{345}\u{323}\u{0}\u{1b}\r\n\t \u{85}\u{2028}\u{e0041}\u{fe0f}\u{344}\u{fb1d}\u{9be}\u{9c7}\u{1161}\u{1100}\u{11a8}\u{34f}e\u{1d15e}\u{2126}\u{f73}"
                .chars()
                .collect::<Vec<char>>(),
        );
        prop::collection::vec(prop_oneof![3 => nasty, 1 => any::<char>()], 0..30)
            .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in nasty()) {
            for once in [line(&text), prose(&text)] {
                let flat = once.replace('\n', " ");
                prop_assert_eq!(&line(&once), flat.trim_matches(' '));
                prop_assert_eq!(&prose(&once), &once);
                prop_assert_eq!(&shown(&once), &once);
            }
        }

        #[test]
        fn nothing_forbidden_is_left(text in nasty()) {
            let (line, prose, shown) = (line(&text), prose(&text), shown(&text));
            prop_assert!(!line.chars().any(|c| forbidden(c) || c == '\n'));
            for cleaned in [&line, &prose, &shown] {
                prop_assert!(!cleaned.chars().any(forbidden));
                prop_assert!(!cleaned.ends_with(' ') || cleaned == &shown);
                let chars: Vec<char> = cleaned.chars().collect();
                prop_assert!(!chars.windows(3).any(|three| three.iter().all(|&c| is_combining_mark(c))));
            }
        }
    }
}
