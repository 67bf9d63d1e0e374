//! age files, read carefully: sizes and the header's shape are checked before age's parser sees a byte. The one place
//! that names age's own types.
//!
//! A header of a thousand stanzas costs age time that grows with its square, and a scrypt stanza names its own cost.

use std::io::{self, BufRead, Read, Write};
use std::iter;

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::KeyError;
use super::identity::{Identity, Recipient};
use super::passphrase::{Passphrase, WorkFactor};

/// Most people one file is sealed to: a vault's participants and its recovery recipients.
pub const MAX_RECIPIENTS: usize = 1024;

const FIRST_LINE: &[u8] = b"age-encryption.org/v1";

/// Largest header: [`MAX_RECIPIENTS`] X25519 stanzas of about 100 bytes, and the grease stanza that age adds.
const MAX_HEADER: usize = 160 * 1024;

/// What the header says about itself.
pub struct Header {
    /// How many recipients, grease included.
    pub stanzas: usize,
    /// The work factor of the scrypt stanza, if there is one.
    pub work: Option<u8>,
    /// Bytes up to the end of its last line; 16 more bytes of nonce follow.
    pub length: usize,
}

/// True if `bytes` begin as an age file of this version does.
pub fn is_age(bytes: &[u8]) -> bool {
    bytes.strip_prefix(FIRST_LINE).is_some_and(|rest| rest.first() == Some(&b'\n'))
}

/// Reads the shape of the header, which must end within `most` bytes, in one pass and without allocating.
pub fn inspect(bytes: &[u8], most: usize) -> Result<Header, KeyError> {
    let mut lines = bytes[..bytes.len().min(most)].split_inclusive(|byte| *byte == b'\n');
    if !is_age(lines.next().unwrap_or_default()) {
        return Err(KeyError::DamagedHeader);
    }
    let mut header = Header { stanzas: 0, work: None, length: FIRST_LINE.len() + 1 };
    for line in lines {
        header.length += line.len();
        let line = line.strip_suffix(b"\n").ok_or(KeyError::DamagedHeader)?;
        if line.starts_with(b"--- ") {
            return Ok(header);
        }
        if let Some(stanza) = line.strip_prefix(b"-> ") {
            header.stanzas += 1;
            if let Some(arguments) = stanza.strip_prefix(b"scrypt ") {
                header.work = Some(work_of(arguments).ok_or(KeyError::DamagedHeader)?);
            }
        }
    }
    Err(KeyError::DamagedHeader)
}

/// The work factor in `salt factor`. A number too large for a byte is still a number: too much work.
fn work_of(arguments: &[u8]) -> Option<u8> {
    let factor = std::str::from_utf8(arguments).ok()?.split(' ').nth(1)?;
    let digits = !factor.is_empty() && factor.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| factor.parse().unwrap_or(u8::MAX))
}

/// The work factor of a file that is sealed to a passphrase.
pub fn work_factor(bytes: &[u8]) -> Result<u8, KeyError> {
    inspect(bytes, MAX_HEADER)?.work.ok_or(KeyError::DamagedHeader)
}

/// Seals to a passphrase.
pub fn seal_to_passphrase(plain: &[u8], passphrase: &Passphrase, work: WorkFactor) -> Vec<u8> {
    write(passphrase_encryptor(passphrase, work), plain)
}

/// Seals a stream to a passphrase. The writer must be finished.
pub fn seal_stream_to_passphrase<W: Write>(
    passphrase: &Passphrase,
    work: WorkFactor,
    out: W,
) -> io::Result<StreamWriter<W>> {
    passphrase_encryptor(passphrase, work).wrap_output(out)
}

fn passphrase_encryptor(passphrase: &Passphrase, work: WorkFactor) -> Encryptor {
    let mut recipient = age::scrypt::Recipient::new(passphrase.to_age());
    recipient.set_work_factor(work.get());
    Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))
        .expect("a single scrypt recipient is what age asks for")
}

/// Opens what was sealed to a passphrase, doing at most 2^`max_work` of work.
pub fn open_with_passphrase(
    bytes: &[u8],
    passphrase: &Passphrase,
    max_work: u8,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let header = inspect(bytes, MAX_HEADER)?;
    let work = header.work.filter(|_| header.stanzas == 1).ok_or(KeyError::DamagedHeader)?;
    if work > max_work {
        return Err(KeyError::TooMuchWork(work));
    }
    let mut identity = age::scrypt::Identity::new(passphrase.to_age());
    identity.set_max_work_factor(max_work);
    read(bytes, iter::once(&identity as &dyn age::Identity), KeyError::WrongPassphrase)
}

/// Seals to people.
pub fn seal_to_recipients(plain: &[u8], recipients: &[Recipient]) -> Result<Vec<u8>, KeyError> {
    if recipients.len() > MAX_RECIPIENTS {
        return Err(KeyError::TooManyRecipients);
    }
    Ok(write(encryptor(recipients)?, plain))
}

fn encryptor(recipients: &[Recipient]) -> Result<Encryptor, KeyError> {
    let recipients = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    Encryptor::with_recipients(recipients).map_err(|_| KeyError::NoRecipients)
}

/// Seals a stream to people; an error of [`io::ErrorKind::InvalidInput`] if there are none. The writer must be finished.
pub fn seal_stream<W: Write>(recipients: &[Recipient], out: W) -> io::Result<StreamWriter<W>> {
    encryptor(recipients).map_err(|_| io::ErrorKind::InvalidInput)?.wrap_output(out)
}

/// Opens a stream that was sealed to one of `identities`, once [`inspect`] has passed its header. What is read from it
/// is authentic chunk by chunk; that it is complete shows at the end.
pub fn open_stream<R: BufRead>(input: R, identities: &[&Identity]) -> Result<StreamReader<R>, KeyError> {
    let identities = identities.iter().map(|identity| &identity.0 as &dyn age::Identity);
    decrypt(input, identities, KeyError::NotForYou)
}

/// Opens what was sealed to one of `identities`, if no more than `max_recipients` are named.
pub fn open_with_identities(
    bytes: &[u8],
    identities: &[&Identity],
    max_recipients: usize,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let header = inspect(bytes, MAX_HEADER)?;
    // One more for the grease stanza.
    if header.stanzas > max_recipients + 1 || header.work.is_some() {
        return Err(KeyError::DamagedHeader);
    }
    read(bytes, identities.iter().map(|identity| &identity.0 as &dyn age::Identity), KeyError::NotForYou)
}

fn write(encryptor: Encryptor, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).expect("memory takes every write");
    writer.write_all(plain).expect("memory takes every write");
    writer.finish().expect("memory takes every write");
    out
}

/// Decrypts into memory; `refused` is what it means that no identity opens the file.
fn read<'a>(
    bytes: &[u8],
    identities: impl Iterator<Item = &'a dyn age::Identity>,
    refused: KeyError,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut reader = decrypt(bytes, identities, refused)?;
    // What is inside is shorter than the file, so the buffer never moves and leaves no copy behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    reader.read_to_end(&mut plain).map_err(|_| KeyError::DamagedBody)?;
    Ok(plain)
}

fn decrypt<'a, R: BufRead>(
    input: R,
    identities: impl Iterator<Item = &'a dyn age::Identity>,
    refused: KeyError,
) -> Result<StreamReader<R>, KeyError> {
    let explain = |error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => refused,
        DecryptError::ExcessiveWork { required, .. } => KeyError::TooMuchWork(required),
        DecryptError::Io(_) => KeyError::DamagedBody,
        _ => KeyError::DamagedHeader,
    };
    Decryptor::new_buffered(input).and_then(|file| file.decrypt(identities)).map_err(explain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    #[test]
    fn the_header_is_judged_before_it_is_parsed() {
        assert!(inspect(b"", MAX_HEADER).is_err());
        assert!(inspect(b"age-encryption.org/v2\n--- mac\n", MAX_HEADER).is_err());
        assert!(inspect(b"age-encryption.org/v1\n-> X25519 a\nbody\n", MAX_HEADER).is_err(), "no end");
        let long = [b"age-encryption.org/v1\n".as_slice(), &b"-> X25519 a\n".repeat(20_000), b"--- mac\n"].concat();
        assert!(inspect(&long, MAX_HEADER).is_err(), "the end must come within bounds");
        assert_eq!(work_factor(b"age-encryption.org/v1\n-> scrypt salt 18\nbody\n--- mac\n"), Ok(18));
        assert_eq!(work_factor(b"age-encryption.org/v1\n-> scrypt salt 99999\nbody\n--- mac\n"), Ok(255));
        assert!(work_factor(b"age-encryption.org/v1\n-> scrypt salt x\nbody\n--- mac\n").is_err());
    }

    #[test]
    fn a_thousand_stanzas_are_refused_in_one_pass() {
        let identity = Identity::random(&mut SeededEntropy::new(1));
        let stanza = format!("-> X25519 {}\n{}\n", "A".repeat(43), "A".repeat(43));
        let crowd = |count: usize| format!("age-encryption.org/v1\n{}--- {}\n", stanza.repeat(count), "A".repeat(43));
        let start = std::time::Instant::now();
        for (count, most) in [(1000, 255), (1026, MAX_RECIPIENTS), (100_000, MAX_RECIPIENTS)] {
            let refused = open_with_identities(crowd(count).as_bytes(), &[&identity], most);
            assert_eq!(refused.err(), Some(KeyError::DamagedHeader), "{count}");
        }
        assert!(start.elapsed().as_millis() < 1000, "{:?}", start.elapsed());
    }

    #[test]
    fn what_is_sealed_to_people_takes_no_passphrase_and_the_other_way_round() {
        let identity = Identity::random(&mut SeededEntropy::new(1));
        let passphrase = Passphrase::new("x").expect("fine");
        let to_people = seal_to_recipients(b"text", &[identity.recipient()]).expect("one recipient");
        assert_eq!(open_with_passphrase(&to_people, &passphrase, 20).err(), Some(KeyError::DamagedHeader));
        let work = WorkFactor::new(1, true).expect("practice");
        let to_passphrase = seal_to_passphrase(b"text", &passphrase, work);
        assert_eq!(open_with_identities(&to_passphrase, &[&identity], 10).err(), Some(KeyError::DamagedHeader));
    }
}
