//! Small text forms, read strictly: a title with a version, then `name value` lines in a fixed order.
//!
//! Nobody edits them by hand, so there is one spelling for each content: UTF-8, each line ended by one LF, no character
//! that hides or reorders, no space at an end of a line. Nothing here knows what a line means.

use std::iter::Peekable;
use std::str::Split;

use crate::domain::clean;

/// The longest line of any form, in bytes without its LF.
pub const MAX_LINE: usize = 1024;

/// Why text is not the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// The same title with a higher version.
    Newer,
    /// The place that is not as it should be: a line's name, or what is wrong with all of them.
    At(&'static str),
}

/// Lines that are taken in order.
pub struct Lines<'a> {
    lines: Peekable<Split<'a, char>>,
}

impl<'a> Lines<'a> {
    /// Checks the whole text's spelling and its first line, which must be `title 1`. The caller has bounded the length.
    pub fn new(bytes: &'a [u8], title: &str) -> Result<Self, LineError> {
        let text = std::str::from_utf8(bytes).map_err(|_| LineError::At("encoding"))?;
        let body = text.strip_suffix('\n').ok_or(LineError::At("last line"))?;
        let mut lines = body.split('\n').peekable();
        let version = lines.next().and_then(|line| line.strip_prefix(title)?.strip_prefix(' '));
        match version {
            Some("1") => {}
            Some(text) if number(text).is_some_and(|found| found > 1) => return Err(LineError::Newer),
            _ => return Err(LineError::At("first line")),
        }
        if lines.clone().any(|line| !well_spelt(line)) {
            return Err(LineError::At("spelling"));
        }
        Ok(Self { lines })
    }

    /// The value of the next line, which must be called `name`.
    pub fn one(&mut self, name: &'static str) -> Result<&'a str, LineError> {
        self.maybe(name).ok_or(LineError::At(name))
    }

    /// The value of the next line if it is called `name`.
    pub fn maybe(&mut self, name: &str) -> Option<&'a str> {
        let value = value(self.lines.peek()?, name)?;
        self.lines.next();
        Some(value)
    }

    /// The values of all lines from here that are called `name`, at most `most`.
    pub fn all(&mut self, name: &'static str, most: usize) -> Result<Vec<&'a str>, LineError> {
        let mut found = Vec::new();
        while let Some(value) = self.maybe(name) {
            if found.len() == most {
                return Err(LineError::At(name));
            }
            found.push(value);
        }
        Ok(found)
    }

    /// The next line whole, if there is one.
    pub fn bare(&mut self) -> Option<&'a str> {
        self.lines.next()
    }
}

fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.strip_prefix(name)?.strip_prefix(' ')
}

fn well_spelt(line: &str) -> bool {
    !line.is_empty()
        && line.len() <= MAX_LINE
        && !line.starts_with(' ')
        && !line.ends_with(' ')
        && !line.chars().any(clean::forbidden)
}

/// Exactly as many words as asked for, each set apart by one space; the last one takes the rest of the line.
pub fn words<const N: usize>(value: &str) -> Option<[&str; N]> {
    let mut parts = value.splitn(N, ' ');
    let mut found = [""; N];
    for place in &mut found {
        *place = parts.next().filter(|part| !part.is_empty())?;
    }
    Some(found)
}

/// Lower-case hex of exactly `N` bytes.
pub fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    let mut out = [0; N];
    if text.len() != N * 2 {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

/// A number in its one spelling: digits without a sign or leading zeros, at most `i64::MAX`.
pub fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = text == "0" || !text.starts_with('0');
    let value: u64 = (digits && shortest).then(|| text.parse().ok()).flatten()?;
    i64::try_from(value).is_ok().then_some(value)
}

/// True for a word of `a-z`, `0-9` and `-`, beginning with a letter, of at most `most` bytes.
pub fn is_word(text: &str, most: usize) -> bool {
    text.len() <= most
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<&str>, LineError> {
        let mut lines = Lines::new(text.as_bytes(), "mahoe thing")?;
        let found = lines.all("name", 2)?;
        lines.bare().map_or(Ok(found), |_| Err(LineError::At("end")))
    }

    #[test]
    fn only_the_exact_form_is_read() {
        assert_eq!(read("mahoe thing 1\nname a b\nname c\n"), Ok(vec!["a b", "c"]));
        assert_eq!(read("mahoe thing 2\nwhatever\u{202e}\n"), Err(LineError::Newer));
        for bad in ["", "\n", "mahoe thing 1", "mahoe thing 0\n", "mahoe thing 01\n", "mahoe thing 1\r\n", "other 1\n"]
        {
            assert!(matches!(read(bad), Err(LineError::At(_))), "{bad:?}");
        }
        for line in ["", " name a", "name a ", "name a\r", "name a\u{202e}", "name \u{1b}[2J", &"n".repeat(1025)] {
            assert_eq!(read(&format!("mahoe thing 1\n{line}\n")), Err(LineError::At("spelling")), "{line:?}");
        }
        assert_eq!(read("mahoe thing 1\nname a\nname b\nname c\n"), Err(LineError::At("name")));
        assert_eq!(read("mahoe thing 1\nother a\n"), Err(LineError::At("end")));
        assert_eq!(Lines::new(b"mahoe thing 1\n\xff\n", "mahoe thing").err(), Some(LineError::At("encoding")));
    }

    #[test]
    fn values_have_one_spelling() {
        assert_eq!(hex::<2>("00ff"), Some([0, 255]));
        assert!(["00FF", "00f", "00fff", "0 ff", "é0f", ""].iter().all(|bad| hex::<2>(bad).is_none()));
        assert_eq!((number("0"), number("9223372036854775807")), (Some(0), Some(u64::MAX / 2)));
        assert!(
            ["", "00", "01", "+1", "-1", " 1", "9223372036854775808", "1e3"].iter().all(|bad| number(bad).is_none())
        );
        assert_eq!(words::<2>("a b c"), Some(["a", "b c"]));
        assert_eq!(words::<3>("a  b"), None);
        assert_eq!(words::<2>("a"), None);
        assert!(is_word("refer-2", 7) && !is_word("refer-2", 6));
        assert!(["", "2a", "-a", "A", "a b", "a_"].iter().all(|bad| !is_word(bad, 32)));
    }
}
