//! The age file around a bundle's plain text.
//!
//! A bundle is always sealed to at least four recipients, so that their number tells nothing; those that are missing are
//! thrown away as they are made. The header is judged before age sees it: docs/formats/bundle.md gives the limits.

use std::io::{self, BufReader, Cursor, Read, Write};

use age::stream::StreamWriter;

use super::padme;
use super::refusal::Refusal;
use crate::vault::MAX_BUNDLE;
use crate::vault::keys::KeyError;
use crate::vault::keys::agefile;
use crate::vault::keys::identity::{Identity, Recipient};
use crate::vault::seal::Entropy;

/// The largest file that is looked at, in bytes.
pub const MAX_FILE: u64 = MAX_BUNDLE;
/// The header ends within this many bytes.
pub const MAX_HEADER: usize = 32 << 10;
/// Recipients in the header, grease included.
pub const MAX_STANZAS: usize = 64;
/// The fewest recipients that a bundle is sealed to.
const MIN_RECIPIENTS: usize = 4;

/// age seals chunks of this many bytes, each followed by a tag.
const CHUNK: u64 = 64 << 10;
const TAG: u64 = 16;
const NONCE: u64 = 16;

/// Begins a file sealed to `recipients`. The writer must be finished.
pub fn seal<W: Write>(mut recipients: Vec<Recipient>, rng: &mut dyn Entropy, out: W) -> io::Result<StreamWriter<W>> {
    while recipients.len() < MIN_RECIPIENTS {
        recipients.push(Identity::random(rng).recipient());
    }
    agefile::seal_stream(&recipients, out)
}

/// Opens a file of `size` bytes: its plain text and how long that is. Nothing of the plain text has been read yet.
pub fn open<'a>(
    mut file: impl Read + 'a,
    size: u64,
    identities: &[&Identity],
) -> Result<(Box<dyn Read + 'a>, u64), Refusal> {
    if size > MAX_FILE {
        return Err(Refusal::TooLarge);
    }
    let mut head = Vec::with_capacity(MAX_HEADER);
    file.by_ref().take(MAX_HEADER as u64).read_to_end(&mut head).map_err(|error| Refusal::of(&error))?;
    if !agefile::is_age(&head) {
        return Err(Refusal::NotABundle);
    }
    let short = head.len() < MAX_HEADER;
    let header =
        agefile::inspect(&head, MAX_HEADER).map_err(|_| if short { Refusal::CutOff } else { Refusal::Header })?;
    if header.work.is_some() {
        return Err(Refusal::Passphrase);
    }
    if header.stanzas > MAX_STANZAS {
        return Err(Refusal::Header);
    }
    // A file that was copied in part is told from its length alone, before any key is tried.
    let length = plain_length(size, header.length as u64).filter(|length| *length == padme::padded(*length));
    let length = length.ok_or(Refusal::CutOff)?;
    let input = Cursor::new(head).chain(BufReader::with_capacity(usize::try_from(CHUNK + TAG).unwrap_or(0), file));
    let plain = agefile::open_stream(input, identities).map_err(|error| match error {
        KeyError::NotForYou => Refusal::NotForUs,
        KeyError::DamagedBody => Refusal::CutOff,
        _ => Refusal::Header,
    })?;
    Ok((Box::new(plain), length))
}

/// How long the plain text of a file is; `None` if no file has that length.
fn plain_length(size: u64, header: u64) -> Option<u64> {
    let sealed = size.checked_sub(header + NONCE)?;
    let chunks = sealed.div_ceil(CHUNK + TAG);
    let last = sealed.checked_sub(chunks.checked_sub(1)? * (CHUNK + TAG))?;
    (last > TAG).then(|| sealed - chunks * TAG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    fn identity() -> Identity {
        Identity::random(&mut SeededEntropy::new(1))
    }

    fn refusal(bytes: &[u8]) -> Option<Refusal> {
        open(bytes, bytes.len() as u64, &[&identity()]).err()
    }

    fn crowd(count: usize, kind: &str) -> Vec<u8> {
        let stanza = format!("-> {kind} {}\n{}\n", "A".repeat(43), "A".repeat(43));
        format!(
            "age-encryption.org/v1\n{}--- {}\n{}",
            stanza.repeat(count),
            "A".repeat(43),
            "x".repeat(16 + 65_536 + 16)
        )
        .into()
    }

    #[test]
    fn a_header_is_judged_before_it_is_parsed() {
        let start = std::time::Instant::now();
        assert_eq!(refusal(&crowd(1, "X25519")), Some(Refusal::Header), "age's own check: a share of zero");
        for (count, wanted) in [(65, Refusal::Header), (1000, Refusal::Header), (16_000, Refusal::Header)] {
            assert_eq!(refusal(&crowd(count, "X25519")), Some(wanted), "{count}");
        }
        assert_eq!(refusal(&crowd(1, "scrypt AAAA 62 ")), Some(Refusal::Passphrase));
        assert_eq!(refusal(&crowd(300, "scrypt AAAA 99999999999999999999 ")), Some(Refusal::Header));
        assert_eq!(refusal(b"age-encryption.org/v1\n-> X25519 a\n"), Some(Refusal::CutOff));
        for other in [b"".as_slice(), b"age-encryption.org/v2\n", b"PK\x03\x04", b"age-encryption.org/v1"] {
            assert_eq!(refusal(other), Some(Refusal::NotABundle));
        }
        assert_eq!(open(b"".as_slice(), MAX_FILE + 1, &[]).err(), Some(Refusal::TooLarge));
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }

    #[test]
    fn the_length_of_the_plain_text_is_known_from_the_files() {
        for length in [65_536usize, 67_584, 131_072, 204_800] {
            let mut file = Vec::new();
            let mut writer = seal(vec![identity().recipient()], &mut SeededEntropy::new(2), &mut file).expect("memory");
            writer.write_all(&vec![7; length]).expect("memory");
            writer.finish().expect("memory");
            assert!(agefile::inspect(&file, MAX_HEADER).expect("ours").stanzas >= MIN_RECIPIENTS);
            let (mut plain, found) = open(file.as_slice(), file.len() as u64, &[&identity()]).expect("ours");
            assert_eq!(found, length as u64);
            assert_eq!(plain.read_to_end(&mut Vec::new()).expect("whole"), length);
            let stranger = Identity::random(&mut SeededEntropy::new(3));
            assert_eq!(open(file.as_slice(), file.len() as u64, &[&stranger]).err(), Some(Refusal::NotForUs));
        }
        assert_eq!((plain_length(100, 90), plain_length(122, 90), plain_length(123, 90)), (None, None, Some(1)));
        assert_eq!(plain_length(90 + 16 + 65_552 + 16, 90), None, "an empty last chunk");
    }
}
