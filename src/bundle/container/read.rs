//! A bundle read, in this order: size, header, key, padded length, manifest, signature, address, then member by member.

use std::io::{self, Read, Write};
use std::mem;
use std::sync::mpsc;
use std::thread;

use zeroize::Zeroizing;

use super::{COPY, MANIFEST, SIGNATURE};
use crate::bundle::digest::Digester;
use crate::bundle::entries::{self, Record};
use crate::bundle::manifest::{self, FileLine, Kind, Manifest, Part};
use crate::bundle::refusal::Refusal;
use crate::bundle::{envelope, heads, minisig, padme, tarball};
use crate::log::sign;
use crate::vault::keys::identity::Identity;

/// From this many bytes on a thread that writes is worth its start.
const LONG: u64 = 1 << 20;
/// Bytes that are handed over to it at once, and how many such pieces may wait.
const PIECE: usize = 128 << 10;
const AHEAD: usize = 4;

/// A bundle being read. Its methods may be called or left out, in this order: [`entry`](Self::entry) until none is left,
/// [`heads`](Self::heads), [`attachment`](Self::attachment) until none is left, [`finish`](Self::finish); each
/// passes over what stands before it, checking it none the less. After a refusal every call refuses.
pub struct Reader<'a> {
    plain: Plain<'a>,
    manifest: Manifest,
    manifest_hash: [u8; 32],
    /// The member that is open: an index into the manifest's files, or their number behind the last one.
    at: usize,
    /// Bytes of it that were not read yet.
    left: u64,
    digest: Digester,
    records: u64,
    /// The attachment that was handed out last.
    handed: Option<usize>,
    refused: Option<Refusal>,
}

/// A bundle that was read to its end and is as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its manifest.
    pub manifest: Manifest,
    /// SHA-256 of the manifest: what the next one in the lane names.
    pub manifest_hash: [u8; 32],
}

impl<'a> Reader<'a> {
    /// Opens a file of `size` bytes and reads the signed manifest.
    ///
    /// # Errors
    /// A [`Refusal`]: nothing was read beyond what it names.
    pub fn open(file: impl Read + 'a, size: u64, identities: &[&Identity]) -> Result<Self, Refusal> {
        let (plain, length) = envelope::open(file, size, identities)?;
        let reader = Self::open_plain(plain, length)?;
        let ours = |to: &manifest::Addressee| identities.iter().any(|identity| identity.recipient() == to.recipient);
        if reader.manifest.to.iter().any(ours) { Ok(reader) } else { Err(Refusal::NotAddressed) }
    }

    /// As [`Reader::open`], from a plain text of `length` bytes that was decrypted already. Whom it was sealed to is
    /// not checked.
    pub fn open_plain(plain: impl Read + 'a, length: u64) -> Result<Self, Refusal> {
        if length != padme::padded(length) || length > envelope::MAX_FILE {
            return Err(Refusal::CutOff);
        }
        let mut plain = Plain { inner: Box::new(plain), left: length };
        let text = plain.small(MANIFEST, manifest::MAX_SIZE)?;
        let signature = plain.small(SIGNATURE, minisig::MAX)?;
        let device = manifest::sender_key(&text)?;
        if sign::is_weak(&device) {
            return Err(Refusal::WeakKey);
        }
        let comment = minisig::verify(&signature, &device, &text).ok_or(Refusal::Signature)?;
        let manifest = Manifest::decode(&text)?;
        if comment != manifest.comment() {
            return Err(Refusal::Signature);
        }
        let used = [text.len(), signature.len()].map(|size| tarball::taken(size as u64)).iter().sum::<u64>()
            + manifest.files.iter().map(|file| tarball::taken(file.size)).sum::<u64>()
            + tarball::END;
        if padme::padded(used) != length {
            return Err(Refusal::Contents);
        }
        let manifest_hash = manifest::hash(&text);
        let digest = Digester::new(0);
        let mut reader =
            Self { plain, manifest, manifest_hash, at: 0, left: 0, digest, records: 0, handed: None, refused: None };
        reader.begin()?;
        Ok(reader)
    }

    /// The signed manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The next record; `None` behind the last one, and at once for a kind that this version doesn't know.
    pub fn entry(&mut self) -> Result<Option<Record>, Refusal> {
        self.guarded(Self::next_entry)
    }

    /// The bytes of `heads.bin`, well-formed ([`heads::decode`]) unless the kind is `sync` or unknown; `None` if they
    /// were passed over.
    pub fn heads(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        self.guarded(|reader| {
            reader.pass_entries()?;
            if reader.at == 1 { reader.read_heads().map(Some) } else { Ok(None) }
        })
    }

    /// The next attachment; `None` behind the last one.
    pub fn attachment(&mut self) -> Result<Option<Attached<'_, 'a>>, Refusal> {
        self.guarded(|reader| {
            reader.pass_heads()?;
            if reader.handed == Some(reader.at) {
                reader.copy_member(&mut io::sink())?;
            }
            reader.handed = Some(reader.at);
            Ok(())
        })?;
        let more = self.at < self.manifest.files.len();
        Ok(more.then_some(Attached { reader: self }))
    }

    /// Reads what is left and checks the end.
    pub fn finish(mut self) -> Result<Opened, Refusal> {
        self.guarded(|reader| {
            reader.pass_heads()?;
            while reader.at < reader.manifest.files.len() {
                reader.copy_member(&mut io::sink())?;
            }
            reader.plain.zeros(reader.plain.left)?;
            reader.plain.end()
        })?;
        Ok(Opened { manifest: self.manifest, manifest_hash: self.manifest_hash })
    }

    /// Remembers a refusal, so that nothing is read behind it.
    fn guarded<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.refused.map_or(Ok(()), Err)?;
        read(self).inspect_err(|refusal| self.refused = Some(*refusal))
    }

    fn next_entry(&mut self) -> Result<Option<Record>, Refusal> {
        if self.at != 0 || !self.manifest.kind.known() {
            return Ok(None);
        }
        if self.left == self.manifest.files[0].size {
            let mut magic = [0; entries::MAGIC.len()];
            self.pull(&mut magic, Refusal::Entries("first line"))?;
            if magic != *entries::MAGIC {
                return Err(Refusal::Entries("first line"));
            }
        }
        if self.left == 0 {
            if self.records != self.manifest.entries {
                return Err(Refusal::Entries("count"));
            }
            self.close()?;
            return Ok(None);
        }
        self.records += 1;
        if self.records > self.manifest.entries {
            return Err(Refusal::Entries("count"));
        }
        let sealed = self.manifest.kind == Kind::Sync;
        Record::read(&mut |out| self.pull(out, Refusal::Entries("end")), sealed).map(Some)
    }

    fn pass_entries(&mut self) -> Result<(), Refusal> {
        while self.next_entry()?.is_some() {}
        if self.at == 0 { self.copy_member(&mut io::sink()) } else { Ok(()) }
    }

    fn pass_heads(&mut self) -> Result<(), Refusal> {
        self.pass_entries()?;
        if self.at == 1 { self.read_heads().map(|_| ()) } else { Ok(()) }
    }

    fn read_heads(&mut self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        self.copy_member(&mut bytes)?;
        if self.manifest.kind.known() && self.manifest.kind != Kind::Sync {
            heads::decode(&bytes)?;
        }
        Ok(bytes)
    }

    fn file(&self) -> &FileLine {
        &self.manifest.files[self.at]
    }

    /// Opens the member at `at`: its header must be the one that the manifest asks for.
    fn begin(&mut self) -> Result<(), Refusal> {
        let Some(file) = self.manifest.files.get(self.at) else { return Ok(()) };
        self.plain.header(&tarball::header(&file.name, file.size))?;
        self.left = file.size;
        self.digest = Digester::new(self.left);
        Ok(())
    }

    /// Fills `out` from the open member; `short` refuses if the member ends before.
    fn pull(&mut self, out: &mut [u8], short: Refusal) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(out.len() as u64).ok_or(short)?;
        self.plain.fill(out)?;
        self.digest.update(out);
        Ok(())
    }

    /// Closes the member, which was read to its end, and opens the next.
    fn close(&mut self) -> Result<(), Refusal> {
        let digest = mem::replace(&mut self.digest, Digester::new(0)).finish();
        if digest != self.file().digest {
            return Err(Refusal::Digest(match self.at {
                0 => manifest::ENTRIES,
                1 => manifest::HEADS,
                _ => "an attachment",
            }));
        }
        self.plain.zeros(tarball::slack(self.file().size))?;
        self.at += 1;
        self.begin()
    }

    /// Copies what is left of the open member and closes it.
    fn copy_member(&mut self, out: &mut dyn Write) -> Result<(), Refusal> {
        let mut buffer = Zeroizing::new(vec![0; COPY]);
        while self.left > 0 {
            let some = usize::try_from(self.left.min(COPY as u64)).unwrap_or(COPY);
            self.pull(&mut buffer[..some], Refusal::Contents)?;
            out.write_all(&buffer[..some]).map_err(|error| Refusal::of(&error))?;
        }
        self.close()
    }

    /// As [`Reader::copy_member`], writing on a thread of its own while this one decrypts.
    fn copy_long(&mut self, out: &mut (dyn Write + Send)) -> Result<(), Refusal> {
        let written = thread::scope(|scope| {
            let (full, waiting) = mpsc::sync_channel::<Zeroizing<Vec<u8>>>(AHEAD);
            let (done, empty) = mpsc::channel();
            let write = move || {
                for piece in waiting {
                    out.write_all(&piece)?;
                    // The reader may have come to its end and want no piece back.
                    let _ = done.send(piece);
                }
                Ok(())
            };
            let writer = thread::Builder::new().name("mahoe-writer".into()).spawn_scoped(scope, write);
            let writer = writer.map_err(|error| Refusal::of(&error))?;
            let read = self.pieces(&full, &empty);
            drop(full);
            let written: io::Result<()> = writer.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
            // What was wrong with the bundle goes before what came of it on the disk.
            read.and_then(|()| written.map_err(|error| Refusal::of(&error)))
        });
        written.and_then(|()| self.close())
    }

    /// Reads the open member into pieces, until nobody takes them any more.
    fn pieces(
        &mut self,
        full: &mpsc::SyncSender<Zeroizing<Vec<u8>>>,
        empty: &mpsc::Receiver<Zeroizing<Vec<u8>>>,
    ) -> Result<(), Refusal> {
        while self.left > 0 {
            let some = usize::try_from(self.left.min(PIECE as u64)).unwrap_or(PIECE);
            let mut piece = empty.try_recv().unwrap_or_else(|_| Zeroizing::new(vec![0; PIECE]));
            piece.resize(some, 0);
            self.pull(&mut piece, Refusal::Contents)?;
            if full.send(piece).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// An attachment whose turn it is. Left alone it is passed over.
pub struct Attached<'r, 'a> {
    reader: &'r mut Reader<'a>,
}

impl Attached<'_, '_> {
    /// Its line in the manifest.
    pub fn line(&self) -> &FileLine {
        self.reader.file()
    }

    /// What it is by its name.
    pub fn part(&self) -> Part {
        Part::from_name(&self.line().name).unwrap_or_else(|| Part::Other(self.line().name.clone()))
    }

    /// Copies it to `out`; its digest is checked at the end.
    pub fn copy_to(self, out: &mut (dyn Write + Send)) -> Result<(), Refusal> {
        self.reader.guarded(|reader| if reader.left < LONG { reader.copy_member(out) } else { reader.copy_long(out) })
    }

    /// Its bytes: for parts that are small by their kind, as a card is.
    pub fn bytes(self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        self.copy_to(&mut bytes)?;
        Ok(bytes)
    }
}

/// The plain text, of which no more is read than its length allows.
struct Plain<'a> {
    inner: Box<dyn Read + 'a>,
    left: u64,
}

impl Plain<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(out.len() as u64).ok_or(Refusal::Contents)?;
        self.inner.read_exact(out).map_err(|error| Refusal::of(&error))
    }

    /// A member that is read into memory before the manifest is known: its name is, its size stands in its header.
    fn small(&mut self, name: &str, most: u64) -> Result<Vec<u8>, Refusal> {
        let mut block = [0; tarball::BLOCK];
        self.fill(&mut block)?;
        let size = tarball::size_of(name, &block).filter(|size| *size <= most).ok_or(Refusal::Archive)?;
        let mut content = vec![0; usize::try_from(size).map_err(|_| Refusal::Archive)?];
        self.fill(&mut content)?;
        self.zeros(tarball::slack(size))?;
        Ok(content)
    }

    fn header(&mut self, wanted: &[u8; tarball::BLOCK]) -> Result<(), Refusal> {
        let mut block = [0; tarball::BLOCK];
        self.fill(&mut block)?;
        if block == *wanted { Ok(()) } else { Err(Refusal::Archive) }
    }

    fn zeros(&mut self, mut count: u64) -> Result<(), Refusal> {
        let mut buffer = [0; 4096];
        while count > 0 {
            let some = usize::try_from(count.min(buffer.len() as u64)).unwrap_or(buffer.len());
            self.fill(&mut buffer[..some])?;
            if buffer[..some].iter().any(|byte| *byte != 0) {
                return Err(Refusal::DirtyPadding);
            }
            count -= some as u64;
        }
        Ok(())
    }

    /// Nothing may follow, and the encryption must say that nothing is missing.
    fn end(&mut self) -> Result<(), Refusal> {
        loop {
            match self.inner.read(&mut [0]) {
                Ok(0) => return Ok(()),
                Ok(_) => return Err(Refusal::Contents),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Refusal::of(&error)),
            }
        }
    }
}
