//! The bytes of a blob: sealed chunks that can be read one by one, and an outer hash by which rot is found without a key.
//!
//! docs/formats/vault.md, "Documents". Nothing in here knows where a blob lies or what is in it.

use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::vault::disk::DiskFile;
use crate::vault::seal::{self, Entropy, OVERHEAD, SecretKey32};

/// Bytes of the document in one chunk; the last one may be shorter.
pub const CHUNK: usize = 256 << 10;
/// What a blob begins with.
pub const MAGIC: &[u8; 8] = b"mahoeB1\n";
/// Bytes of the outer hash at its end.
pub const HASH: usize = 32;
/// The most bytes of a document, whatever the policy allows.
pub const MAX_DOCUMENT: u64 = 128 << 20;
/// The most bytes of a blob.
pub const MAX_BLOB: u64 = sealed_length(MAX_DOCUMENT);
/// Bytes of a sealed chunk.
const SEALED: usize = CHUNK + OVERHEAD;

/// How long a blob is that holds a document of so many bytes.
pub const fn sealed_length(size: u64) -> u64 {
    MAGIC.len() as u64 + size + size.div_ceil(CHUNK as u64) * OVERHEAD as u64 + HASH as u64
}

/// What a chunk is bound to: its number, and whether it is the last.
fn context(number: u64, last: bool) -> Vec<u8> {
    [b"mahoe blob v1\0".as_slice(), &number.to_le_bytes(), &[u8::from(last)]].concat()
}

/// Fills `out` as far as the source goes.
fn fill(source: &mut dyn Read, out: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < out.len() {
        match source.read(&mut out[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Where a sealed blob goes; whoever has it hashes it on the way.
struct Out<'a> {
    put: &'a mut dyn FnMut(&[u8]) -> io::Result<()>,
    hash: blake3::Hasher,
}

impl Out<'_> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        (self.put)(bytes)
    }

    fn end(self) -> io::Result<()> {
        (self.put)(self.hash.finalize().as_bytes())
    }
}

/// Seals what `source` gives, chunk by chunk, into `put`; `hear` is given each chunk of the plain text. How many bytes it
/// was; `None` if there are none, or more than `limit`.
///
/// # Errors
/// As `source` and `put` give them.
pub fn write(
    source: &mut dyn Read,
    limit: u64,
    key: &SecretKey32,
    rng: &mut dyn Entropy,
    hear: &mut dyn FnMut(&[u8]),
    put: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Option<u64>> {
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    let mut next = Zeroizing::new(vec![0; CHUNK]);
    let mut held = fill(source, &mut chunk)?;
    let mut out = Out { put, hash: blake3::Hasher::new() };
    let (mut size, mut number) = (0, 0);
    out.put(MAGIC)?;
    while held > 0 {
        size += held as u64;
        if size > limit.min(MAX_DOCUMENT) {
            return Ok(None);
        }
        // Only a full chunk can have another behind it.
        let following = if held == CHUNK { fill(source, &mut next)? } else { 0 };
        hear(&chunk[..held]);
        out.put(&seal::seal(key, &context(number, following == 0), &chunk[..held], rng))?;
        std::mem::swap(&mut chunk, &mut next);
        (held, number) = (following, number + 1);
    }
    out.end()?;
    Ok((size > 0).then_some(size))
}

/// The file again, if all of it is there as it was written. No key is needed.
pub fn whole(file: Box<dyn DiskFile>) -> Option<Box<dyn DiskFile>> {
    if !file.len().is_ok_and(|length| length <= MAX_BLOB) {
        return None;
    }
    let (mut bytes, mut check) = (Bytes { file, at: 0 }, Check::default());
    let mut piece = vec![0; CHUNK];
    loop {
        match fill(&mut bytes, &mut piece).ok()? {
            0 => return check.is_whole().then_some(bytes.file),
            count => check.update(&piece[..count]),
        }
    }
}

/// Hashes a blob whose length is not known before its end: the last bytes are the hash of all before.
#[derive(Default)]
pub struct Check {
    hash: blake3::Hasher,
    begin: Vec<u8>,
    tail: Vec<u8>,
    bytes: u64,
}

impl Check {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let missing = MAGIC.len().saturating_sub(self.begin.len()).min(bytes.len());
        self.begin.extend_from_slice(&bytes[..missing]);
        self.bytes += bytes.len() as u64;
        self.tail.extend_from_slice(bytes);
        let sure = self.tail.len().saturating_sub(HASH);
        self.hash.update(&self.tail[..sure]);
        self.tail.drain(..sure);
    }

    /// How many bytes came so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// True if what came is a blob from its beginning to its end.
    pub fn is_whole(&self) -> bool {
        let long = self.bytes >= sealed_length(1);
        long && self.begin == MAGIC && self.tail == self.hash.finalize().as_bytes()
    }
}

/// A file read from its beginning to its end.
pub struct Bytes {
    /// The file.
    pub file: Box<dyn DiskFile>,
    /// Where it is read next.
    pub at: u64,
}

impl Read for Bytes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read_at(self.at, out.len())?;
        out[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}

/// A chunk as it is sealed, and opened.
type Chunk = (Vec<u8>, Zeroizing<Vec<u8>>);

/// The plain text of a blob, chunk by chunk; each from whichever copy opens.
pub struct Plain {
    copies: Vec<Box<dyn DiskFile>>,
    key: SecretKey32,
    size: u64,
    number: u64,
    chunk: Zeroizing<Vec<u8>>,
    given: usize,
}

impl Plain {
    /// Reads the document of `size` bytes out of its copies.
    pub fn new(copies: Vec<Box<dyn DiskFile>>, key: SecretKey32, size: u64) -> Self {
        Self { copies, key, size, number: 0, chunk: Zeroizing::default(), given: 0 }
    }

    fn chunks(&self) -> u64 {
        self.size.div_ceil(CHUNK as u64)
    }

    /// The next chunk: as it is sealed, and opened. `None` behind the last; `InvalidData` if it opens in no copy.
    fn next(&mut self) -> io::Result<Option<Chunk>> {
        let (number, chunks) = (self.number, self.chunks());
        if number >= chunks {
            return Ok(None);
        }
        let last = number + 1 == chunks;
        let length = if last { usize::try_from(self.size - number * CHUNK as u64).unwrap_or(CHUNK) } else { CHUNK };
        let at = MAGIC.len() as u64 + number * SEALED as u64;
        for file in &mut self.copies {
            let Ok(sealed) = file.read_at(at, length + OVERHEAD) else { continue };
            if let Ok(plain) = seal::open(&self.key, &context(number, last), &sealed)
                && plain.len() == length
            {
                self.number += 1;
                return Ok(Some((sealed, plain)));
            }
        }
        let what = if self.copies.is_empty() { io::ErrorKind::NotFound } else { io::ErrorKind::InvalidData };
        Err(what.into())
    }

    /// Writes the blob anew from the good chunks of all copies.
    ///
    /// # Errors
    /// `InvalidData` if a chunk opens in no copy; else as `put` gives them.
    pub fn mend(mut self, put: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut out = Out { put, hash: blake3::Hasher::new() };
        out.put(MAGIC)?;
        while let Some((sealed, _)) = self.next()? {
            out.put(&sealed)?;
        }
        out.end()
    }
}

impl Read for Plain {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.chunk.len() {
            self.given = 0;
            self.chunk = self.next()?.map(|(_, plain)| plain).unwrap_or_default();
        }
        let rest = &self.chunk[self.given..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;

    fn key() -> SecretKey32 {
        SecretKey32::from_slice(&[7; 32]).expect("32 bytes")
    }

    fn sealed(plain: &[u8]) -> Option<Vec<u8>> {
        let (mut bytes, mut heard) = (Vec::new(), Vec::new());
        let size = write(
            &mut &*plain,
            MAX_DOCUMENT,
            &key(),
            &mut SeededEntropy::new(1),
            &mut |chunk| heard.extend_from_slice(chunk),
            &mut |some| {
                bytes.extend_from_slice(some);
                Ok(())
            },
        );
        let size = size.expect("memory")?;
        assert_eq!((size, heard.as_slice()), (plain.len() as u64, plain));
        Some(bytes)
    }

    fn whole(bytes: &[u8]) -> bool {
        let mut check = Check::default();
        bytes.chunks(7_000).for_each(|some| check.update(some));
        check.is_whole()
    }

    #[test]
    fn golden_bytes_of_a_blob() {
        let bytes = sealed(b"A letter").expect("not empty");
        assert_eq!(bytes.len() as u64, sealed_length(8));
        assert_eq!(&bytes[..8], b"mahoeB1\n");
        let context = [b"mahoe blob v1\0".as_slice(), &[0; 8], &[1]].concat();
        assert_eq!(seal::open(&key(), &context, &bytes[8..8 + 48]).expect("opens").as_slice(), b"A letter");
        assert_eq!(&bytes[56..], blake3::hash(&bytes[..56]).as_bytes());
    }

    #[test]
    fn nothing_is_no_document_and_a_limit_holds() {
        assert_eq!(sealed(b""), None);
        let mut put = |_: &[u8]| Ok(());
        let (mut rng, plain) = (SeededEntropy::new(1), vec![1; CHUNK + 1]);
        let mut limited =
            |limit| write(&mut plain.as_slice(), limit, &key(), &mut rng, &mut |_| {}, &mut put).expect("memory");
        assert_eq!((limited(CHUNK as u64), limited(CHUNK as u64 + 1)), (None, Some(CHUNK as u64 + 1)));
    }

    #[test]
    fn lengths_around_a_chunk_are_told_from_the_documents_size() {
        for size in [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
            let bytes = sealed(&vec![5; size]).expect("not empty");
            assert_eq!(bytes.len() as u64, sealed_length(size as u64), "{size}");
            assert!(whole(&bytes) && !whole(&bytes[..bytes.len() - 1]) && !whole(&[&bytes[..], &[0]].concat()));
        }
        assert!(!whole(b"") && !whole(MAGIC) && !whole(&[MAGIC.as_slice(), blake3::hash(MAGIC).as_bytes()].concat()));
    }

    #[test]
    fn one_changed_byte_anywhere_is_seen_without_a_key() {
        let bytes = sealed(b"A letter").expect("not empty");
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert!(!whole(&bad), "{at}");
        }
    }
}
