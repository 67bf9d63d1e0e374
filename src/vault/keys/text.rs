//! The small text forms inside key files: a title with a version, then `name value` lines in a fixed order.
//!
//! Strict, because nobody edits them: one spelling for each content, and anything else is refused.

use std::str::Split;

use super::KeyError;

/// No line of any key text is longer.
const MAX_LINE: usize = 160;

/// Reads `name value` lines in order.
pub struct Fields<'a> {
    lines: std::iter::Peekable<Split<'a, char>>,
}

impl<'a> Fields<'a> {
    /// Checks encoding, line ends and the first line, which must be `title version`.
    ///
    /// # Errors
    /// [`KeyError::Newer`] for the same title with a higher version; [`KeyError::Content`] for anything else.
    pub fn new(bytes: &'a [u8], title: &str, version: u32) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(bytes).map_err(|_| KeyError::Content("encoding"))?;
        let body = text.strip_suffix('\n').ok_or(KeyError::Content("last line"))?;
        if body.split('\n').any(|line| line.len() > MAX_LINE || line.chars().any(|c| !matches!(c, ' '..='~'))) {
            return Err(KeyError::Content("spelling"));
        }
        let mut lines = body.split('\n').peekable();
        let found = lines.next().and_then(|line| line.strip_prefix(title)?.strip_prefix(' '));
        match found {
            Some(found) if found == version.to_string() => Ok(Self { lines }),
            Some(found) if found.parse::<u32>().is_ok_and(|found| found > version) => Err(KeyError::Newer),
            _ => Err(KeyError::Content("first line")),
        }
    }

    /// The value of the next line, which must be called `name`.
    pub fn one(&mut self, name: &'static str) -> Result<&'a str, KeyError> {
        self.maybe(name).ok_or(KeyError::Content(name))
    }

    /// The value of the next line if it is called `name`.
    pub fn maybe(&mut self, name: &str) -> Option<&'a str> {
        self.lines.next_if(|line| value(line, name).is_some()).and_then(|line| value(line, name))
    }

    /// Refuses lines that nobody asked for.
    pub fn end(mut self) -> Result<(), KeyError> {
        self.lines.next().map_or(Ok(()), |_| Err(KeyError::Content("end")))
    }
}

fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.strip_prefix(name)?.strip_prefix(' ')
}

/// Appends lower-case hex without any temporary string: what goes through here is often secret.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Fills `out` from lower-case hex of exactly its length; false (and `out` worthless) otherwise.
pub fn read_hex(text: &str, out: &mut [u8]) -> bool {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    text.len() == out.len() * 2
        && out.iter_mut().zip(text.as_bytes().chunks_exact(2)).all(|(byte, pair)| {
            let value = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low);
            *byte = value.unwrap_or(0);
            value.is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> Result<(), KeyError> {
        Fields::new(text.as_bytes(), "mahoe thing", 1)?.end()
    }

    #[test]
    fn only_the_exact_form_is_read() {
        assert_eq!(title("mahoe thing 1\n"), Ok(()));
        assert_eq!(title("mahoe thing 2\n"), Err(KeyError::Newer));
        for bad in ["", "\n", "mahoe thing 1", "mahoe thing 0\n", "mahoe thing 01\n", "mahoe thing 1\r\n", "other 1\n"]
        {
            assert!(matches!(title(bad), Err(KeyError::Content(_))), "{bad:?}");
        }
        assert_eq!(title("mahoe thing 1\n\n"), Err(KeyError::Content("end")));
        assert_eq!(title(&format!("mahoe thing 1\n{}\n", "x".repeat(161))), Err(KeyError::Content("spelling")));
    }

    #[test]
    fn hex_has_one_spelling() {
        let mut out = [0; 2];
        assert!(read_hex("00ff", &mut out) && out == [0, 255]);
        for bad in ["00FF", "00f", "00fff", "0 ff", "é0f"] {
            assert!(!read_hex(bad, &mut out), "{bad}");
        }
    }
}
