//! A bundle written: hashed, described, signed, sealed.

use std::fmt;
use std::io::{self, Read as _, Write};
use std::mem;

use zeroize::Zeroizing;

use super::{COPY, MANIFEST, SIGNATURE};
use crate::bundle::digest::Digester;
use crate::bundle::entries::{self, Record};
use crate::bundle::envelope::{self, MAX_FILE};
use crate::bundle::manifest::{self, ENTRIES, FileLine, HEADS, Manifest};
use crate::bundle::refusal::Refusal;
use crate::bundle::source::{Attachment, Entries, Meter, Watch, was_cancelled};
use crate::bundle::{minisig, padme, tarball};
use crate::error::{AppError, Kind};
use crate::vault::keys::identity::Signer;
use crate::vault::seal::Entropy;

/// What is to be written.
pub struct Outgoing<'a> {
    /// The manifest. `entries` and `files` are filled in here; `from.device` must be the signer's.
    pub manifest: Manifest,
    /// The records, parents before children.
    pub entries: &'a dyn Entries,
    /// `heads.bin` as it is: [`heads::encode`](crate::bundle::heads::encode), or a sync's own.
    pub heads: Vec<u8>,
    /// The attachments, in any order: at least the sender's card.
    pub attachments: Vec<Attachment>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The manifest with its counts and digests.
    pub manifest: Manifest,
    /// SHA-256 of its bytes: what the lane's next one names.
    pub manifest_hash: [u8; 32],
    /// Bytes of the file.
    pub size: u64,
}

/// Why no bundle was written. What stands in the file by then is worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// Reading a part or writing the file failed.
    Io(io::ErrorKind),
    /// The person cancelled.
    Cancelled,
    /// More than a bundle can hold.
    TooLarge,
    /// The manifest would not be readable; the text names the line.
    Manifest(&'static str),
    /// A part was not the same at its second reading.
    Unsteady,
}

impl NotWritten {
    fn of(error: &io::Error) -> Self {
        if was_cancelled(error) {
            return Self::Cancelled;
        }
        match error.kind() {
            io::ErrorKind::InvalidInput => Self::TooLarge,
            kind => Self::Io(kind),
        }
    }
}

impl From<io::Error> for NotWritten {
    fn from(error: io::Error) -> Self {
        Self::of(&error)
    }
}

impl From<Refusal> for NotWritten {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Manifest(place) => Self::Manifest(place),
            _ => Self::Manifest("first line"),
        }
    }
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(kind) => return write!(f, "The bundle could not be written: {kind}."),
            Self::Cancelled => "Writing the bundle was cancelled.",
            Self::TooLarge => "This is more than one bundle can hold.",
            Self::Manifest(place) => return write!(f, "The bundle's manifest can't be written ({place})."),
            Self::Unsteady => "A document changed while the bundle was written.",
        })
    }
}

impl std::error::Error for NotWritten {}

impl From<NotWritten> for AppError {
    fn from(error: NotWritten) -> Self {
        let (kind, hint) = match error {
            NotWritten::Io(_) => {
                (Kind::Io, "Nothing was sent. Make sure that the stick is in and has room, then try again.")
            }
            NotWritten::Cancelled => (Kind::Refused, "Nothing was sent."),
            NotWritten::TooLarge => {
                (Kind::Refused, "Nothing was sent. Leave out large documents or send fewer cases at once.")
            }
            NotWritten::Manifest(_) => {
                (Kind::Refused, "Nothing was sent. Shorten what the message names, or send fewer cases at once.")
            }
            NotWritten::Unsteady => (Kind::Io, "Nothing was sent. Close the document in other programs and try again."),
        };
        Self::new(kind, error.to_string(), hint)
    }
}

/// Writes a bundle, signed by `signer` and sealed to the manifest's recipients. `watch` is told the bytes that were
/// hashed and written, and can cancel. `out` should be a file of its own, made durable and named by the caller.
///
/// # Errors
/// [`NotWritten`]; the caller deletes what was written until then.
pub fn write(
    outgoing: Outgoing<'_>,
    signer: &Signer,
    rng: &mut dyn Entropy,
    out: &mut dyn Write,
    watch: Watch<'_>,
) -> Result<Written, NotWritten> {
    let mut meter = Meter::new(watch);
    let Outgoing { mut manifest, entries, heads, mut attachments } = outgoing;
    attachments.sort_by(|one, next| one.name.cmp(&next.name));
    describe(&mut manifest, entries, &heads, &attachments, &mut meter)?;
    let text = manifest.encode()?;
    if manifest.from.device != signer.public() {
        return Err(NotWritten::Manifest("from"));
    }
    let signature = minisig::sign(signer, &text, &manifest.comment());
    let sizes = manifest.files.iter().map(|file| tarball::taken(file.size)).sum::<u64>();
    let used = tarball::taken(text.len() as u64) + tarball::taken(signature.len() as u64) + sizes + tarball::END;
    let length = padme::padded(used);
    // Tags and header take less than a thousandth of what is sealed.
    if length + length / 1000 + envelope::MAX_HEADER as u64 > MAX_FILE {
        return Err(NotWritten::TooLarge);
    }
    let recipients = manifest.to.iter().map(|to| to.recipient.clone()).collect();
    let mut counted = Counted { out, size: 0, meter };
    let mut archive =
        Archive { out: envelope::seal(recipients, rng, &mut counted)?, digest: Digester::new(0), size: 0 };
    archive.small(MANIFEST, &text)?;
    archive.small(SIGNATURE, signature.as_bytes())?;
    archive.member(&manifest.files[0], |out| put_entries(entries, out).map(|_| ()))?;
    archive.member(&manifest.files[1], |out| out.write_all(&heads))?;
    for (file, attachment) in manifest.files[2..].iter().zip(&attachments) {
        archive.member(file, |out| copy(attachment, out))?;
    }
    archive.zeros(length - (used - tarball::END))?;
    archive.out.finish()?;
    counted.out.flush()?;
    Ok(Written { manifest_hash: manifest::hash(&text), size: counted.size, manifest })
}

/// Fills in what the manifest says of the members.
fn describe(
    manifest: &mut Manifest,
    entries: &dyn Entries,
    heads: &[u8],
    attachments: &[Attachment],
    meter: &mut Meter<'_>,
) -> io::Result<()> {
    let mut line = |name: &str, hint: u64, put: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>| {
        let mut digested = Digested { digest: Digester::new(hint), size: 0, meter };
        put(&mut digested)?;
        let Digested { digest, size, .. } = digested;
        Ok::<_, io::Error>(FileLine { digest: digest.finish(), size, name: name.to_owned() })
    };
    let mut count = 0;
    let mut files = vec![
        line(ENTRIES, 0, &mut |out| put_entries(entries, out).map(|records| count = records))?,
        line(HEADS, 0, &mut |out| out.write_all(heads))?,
    ];
    for attachment in attachments {
        let Attachment { name, source } = attachment;
        files.push(match source.digest() {
            Some((digest, size)) => FileLine { digest, size, name: name.clone() },
            None => line(name, source.size_hint(), &mut |out| copy(attachment, out))?,
        });
    }
    manifest.entries = count;
    manifest.files = files;
    Ok(())
}

/// Writes `entries.bin` and counts its records.
fn put_entries(entries: &dyn Entries, out: &mut dyn Write) -> io::Result<u64> {
    out.write_all(entries::MAGIC)?;
    let mut count = 0;
    entries.each(&mut |record: &Record| {
        count += 1;
        record.write(out)
    })?;
    Ok(count)
}

fn copy(attachment: &Attachment, out: &mut dyn Write) -> io::Result<()> {
    let mut source = attachment.source.open()?;
    let mut buffer = Zeroizing::new(vec![0; COPY]);
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => out.write_all(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Takes the digest of what is written to it and keeps nothing.
struct Digested<'m, 'w> {
    digest: Digester,
    size: u64,
    meter: &'m mut Meter<'w>,
}

impl Write for Digested<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        self.meter.add(bytes.len())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts what reaches the file.
struct Counted<'o, 'w> {
    out: &'o mut dyn Write,
    size: u64,
    meter: Meter<'w>,
}

impl Write for Counted<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.size += count as u64;
        self.meter.add(count)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The archive, going into the age file. As a writer it takes the current member's content.
struct Archive<W: Write> {
    out: W,
    digest: Digester,
    size: u64,
}

impl<W: Write> Write for Archive<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Archive<W> {
    /// A member that is in memory.
    fn small(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.out.write_all(&tarball::header(name, content.len() as u64))?;
        self.out.write_all(content)?;
        self.zeros(tarball::slack(content.len() as u64))
    }

    /// A member that `put` writes a second time: it must be what its line says.
    fn member(
        &mut self,
        file: &FileLine,
        put: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), NotWritten> {
        self.out.write_all(&tarball::header(&file.name, file.size))?;
        self.digest = Digester::new(file.size);
        self.size = 0;
        put(self)?;
        let digest = mem::replace(&mut self.digest, Digester::new(0)).finish();
        if digest != file.digest || self.size != file.size {
            return Err(NotWritten::Unsteady);
        }
        Ok(self.zeros(tarball::slack(file.size))?)
    }

    fn zeros(&mut self, mut count: u64) -> io::Result<()> {
        let block = [0; tarball::BLOCK];
        while count > 0 {
            let some = usize::try_from(count).unwrap_or(block.len()).min(block.len());
            self.out.write_all(&block[..some])?;
            count -= some as u64;
        }
        Ok(())
    }
}
