//! What a file is, told from its first bytes and never from its name; and text as people may read it.
//!
//! Nothing here decodes a picture or believes what a file says about itself.

use std::borrow::Cow;

use super::clean;

/// How many bytes of a file's beginning tell what it is.
pub const HEAD: usize = 8 << 10;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Text that can be shown.
    Text,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A PDF.
    Pdf,
    /// A zip archive, as Word, Excel and LibreOffice documents are.
    Zip,
    /// Anything else.
    Other,
}

/// Endings of documents that are zip archives and run nothing by themselves.
const OFFICE: &[&str] = &["docx", "xlsx", "pptx", "odt", "ods", "odp"];

impl Media {
    const ALL: [Self; 6] = [Self::Text, Self::Png, Self::Jpeg, Self::Pdf, Self::Zip, Self::Other];

    /// By the first [`HEAD`] bytes of a file, or all of a smaller one.
    pub fn of(head: &[u8]) -> Self {
        let starts = |magic: &[u8]| head.starts_with(magic);
        if starts(b"\x89PNG\r\n\x1a\n") {
            Self::Png
        } else if starts(b"\xff\xd8\xff") {
            Self::Jpeg
        } else if starts(b"%PDF-") {
            Self::Pdf
        } else if starts(b"PK\x03\x04") {
            Self::Zip
        } else if is_text(head) {
            Self::Text
        } else {
            Self::Other
        }
    }

    /// The stored word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
            Self::Other => "other",
        }
    }

    /// By the stored word; what a newer version wrote is something else.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|media| media.name() == name).unwrap_or(Self::Other)
    }

    /// As people say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Png | Self::Jpeg => "picture",
            Self::Pdf => "PDF",
            Self::Zip => "office document",
            Self::Other => "file",
        }
    }

    /// True for pictures that can be shown in a terminal.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg)
    }

    /// The ending under which other programs know it; never one that runs something.
    pub fn ending(self, name: &str) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Pdf => "pdf",
            Self::Zip => {
                let given = name.rsplit_once('.').map_or("", |(_, end)| end).to_lowercase();
                OFFICE.iter().copied().find(|known| *known == given).unwrap_or("zip")
            }
            Self::Other => "bin",
        }
    }
}

/// True for bytes that read as text: no control characters but breaks and tabs, in any of the encodings of [`text`].
fn is_text(head: &[u8]) -> bool {
    if head.is_empty() {
        return false;
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        let (text, _, _) = decoded(head);
        return !text.chars().any(is_odd);
    }
    !head.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127))
}

/// A character that no text has.
fn is_odd(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{e}'..='\u{1a}' | '\u{1c}'..='\u{1f}' | '\u{fffd}')
}

/// UTF-8, UTF-16 with its mark, or else Windows-1252, of which Latin-1 is a part. A character that was cut at the end is
/// none.
fn decoded(bytes: &[u8]) -> (Cow<'_, str>, &'static encoding_rs::Encoding, bool) {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        let even = if encoding == encoding_rs::UTF_8 { bytes } else { &bytes[..bytes.len() / 2 * 2] };
        return encoding.decode(even);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), encoding_rs::UTF_8, false),
        Err(error) if error.error_len().is_none() => {
            let text = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            (Cow::Borrowed(text), encoding_rs::UTF_8, false)
        }
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes),
    }
}

/// A text file as it may be shown: decoded, and without anything that hides, reorders or commands.
pub fn text(bytes: &[u8]) -> String {
    clean::prose_owned(&decoded(bytes).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_content() {
        for (head, media) in [
            (b"\x89PNG\r\n\x1a\nIHDR".as_slice(), Media::Png),
            (b"\xff\xd8\xff\xe0", Media::Jpeg),
            (b"%PDF-1.7", Media::Pdf),
            (b"PK\x03\x04", Media::Zip),
            (b"Dear all,\r\n\tthe child", Media::Text),
            ("Señora".as_bytes(), Media::Text),
            (b"Se\xf1ora", Media::Text),
            (b"\xff\xfeh\0i\0", Media::Text),
            (b"\xfe\xff\0h\0i", Media::Text),
            (b"\xef\xbb\xbfhi", Media::Text),
            (b"\x7fELF\x02\x01\x01\0", Media::Other),
            (b"MZ\x90\0", Media::Other),
            (b"", Media::Other),
        ] {
            assert_eq!(Media::of(head), media, "{head:?}");
            assert_eq!(Media::from_name(media.name()), media);
        }
    }

    #[test]
    fn endings_follow_the_content_and_run_nothing() {
        assert_eq!(Media::Png.ending("photo.exe"), "png");
        assert_eq!(Media::Zip.ending("Letter.DOCX"), "docx");
        assert_eq!(Media::Zip.ending("tool.jar"), "zip");
        assert_eq!(Media::Other.ending("setup.bat"), "bin");
    }

    #[test]
    fn text_is_decoded_and_made_harmless() {
        for (bytes, shown) in [
            ("Señora\r\nnext".as_bytes(), "Señora\nnext"),
            (b"Se\xf1ora", "Señora"),
            (b"\xff\xfeh\0i\0x", "hi"),
            (b"\xfe\xff\0h\0i", "hi"),
            (b"\xef\xbb\xbfhi", "hi"),
            (b"a\x1b[2Jb\x07", "a[2Jb"),
            ("cut \u{e9}".as_bytes().split_last().expect("bytes").1, "cut"),
            ("a\u{202e}b".as_bytes(), "ab"),
        ] {
            assert_eq!(text(bytes), shown, "{bytes:?}");
        }
    }
}
