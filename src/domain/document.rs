//! Documents: files that belong to a case, and what is on record about each. Their bytes lie in the vault, sealed.

use chrono::{DateTime, NaiveDate, Utc};

use super::clean;
use super::field::{Field, ItemKind};
use super::ids::{EntryId, ItemId};
use super::item::Item;
use super::media::Media;
use super::state::State;
use super::views::Case;

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// A document on record.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a>(pub &'a Item);

impl<'a> Document<'a> {
    /// A standing document by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Document && item.stands()).map(Self)
    }

    /// Every standing document of a case that can be read here, the newest first.
    pub fn all(state: &'a State, case: Case<'_>) -> Vec<Self> {
        let mut all: Vec<Self> = state.items_in(case.0.stream, ItemKind::Document).map(Self).collect();
        all.sort_by_key(|document| std::cmp::Reverse((document.added(), document.0.id)));
        all
    }

    /// The code of its kind, from the list `document-kind`.
    pub fn kind(self) -> &'a str {
        self.0.str(Field::DocumentKind)
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        self.0.str(Field::DocumentName)
    }

    /// The day that stands on it.
    pub fn date(self) -> Option<NaiveDate> {
        self.0.value(Field::DocumentDate).as_date()
    }

    /// From whom it came; empty if that was not said.
    pub fn source(self) -> &'a str {
        self.0.str(Field::DocumentSource)
    }

    /// What somebody wrote about it.
    pub fn note(self) -> &'a str {
        self.0.str(Field::DocumentNote)
    }

    /// When it was attached.
    pub fn added(self) -> Option<DateTime<Utc>> {
        self.0.value(Field::DocumentAdded).as_when()
    }

    /// How many bytes the file has.
    pub fn size(self) -> u64 {
        self.0.value(Field::DocumentSize).as_number().and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
    }

    /// SHA-256 of the file, 64 hex digits.
    pub fn digest(self) -> &'a str {
        self.0.str(Field::DocumentDigest)
    }

    /// What the file is, by its content.
    pub fn media(self) -> Media {
        Media::from_name(self.0.str(Field::DocumentMedia))
    }

    /// The key that its bytes are sealed under.
    pub fn key(self) -> &'a str {
        self.0.str(Field::DocumentKey)
    }

    /// The entry that brought it, by which its bytes are found.
    pub fn entry(self, state: &State) -> Option<EntryId> {
        let head = self.0.register(Field::DocumentKey)?.heads().first()?;
        Some(state.stamp(head.entry)?.id)
    }

    /// A name for a file outside: what the document is called, with the ending of what it is, and nothing that leads
    /// anywhere or runs.
    pub fn file_name(self) -> String {
        let stem = self.name().rsplit_once('.').map_or(self.name(), |(stem, _)| stem);
        let plain: String =
            stem.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' }).collect();
        let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
        let stem: String = words.join("-").chars().take(60).collect();
        let stem = if stem.is_empty() { "document".to_owned() } else { stem };
        format!("{stem}.{}", self.media().ending(self.name()))
    }
}

/// A file's name as it is kept: the last part of a path, without what hides, reorders or leads elsewhere, at most 120
/// characters. Empty if nothing is left.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let line = clean::line(last);
    let line = line.trim_matches(['.', ' ']);
    if line.chars().count() <= LONGEST_NAME {
        return line.to_owned();
    }
    // The ending says what it is to a person; the middle is cut.
    let (stem, end) = line.rsplit_once('.').filter(|(_, end)| end.chars().count() <= 8).unwrap_or((line, ""));
    let room = LONGEST_NAME - end.chars().count() - 1;
    let stem: String = stem.chars().take(room).collect();
    if end.is_empty() { stem } else { format!("{stem}.{end}") }
}

/// "834 bytes", "41 KB", "3.2 MB".
pub fn size_words(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_path_and_everything_that_tricks() {
        for (given, kept) in [
            ("letter.pdf", "letter.pdf"),
            ("/etc/passwd", "passwd"),
            ("..\\..\\Windows\\win.ini", "win.ini"),
            ("../../..", ""),
            ("...", ""),
            (" .hidden ", "hidden"),
            ("report\u{202e}fdp.exe", "reportfdp.exe"),
            ("a\u{1b}[2Jb\nc\tname.txt", "a[2Jb c name.txt"),
            ("zero\u{200b}width.png", "zerowidth.png"),
            ("C:\\scan 1.jpg", "scan 1.jpg"),
            ("", ""),
        ] {
            assert_eq!(clean_name(given), kept, "{given:?}");
        }
        let long = clean_name(&format!("{}.pdf", "x".repeat(500)));
        assert_eq!((long.chars().count(), long.ends_with("x.pdf")), (120, true));
        assert_eq!(clean_name(&"y".repeat(500)).len(), 119);
    }

    #[test]
    fn sizes_are_said_shortly() {
        let said = [0, 1, 999, 1_000, 41_000, 999_999, 3_250_000].map(size_words);
        assert_eq!(said, ["0 bytes", "1 byte", "999 bytes", "1 KB", "41 KB", "1000 KB", "3.2 MB"]);
    }
}
