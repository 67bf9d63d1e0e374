//! A folder as the shared place: a USB stick, a network share, a folder that another program keeps the same on several
//! computers.
//!
//! A bundle is written under a name that nobody reads, synced, and then renamed. Whoever else writes here has other
//! names, so that no two can meet. Links are never followed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{Carrier, Listing, Mailbox, Object};
use crate::vault::disk::{Disk, RealDisk};

/// The folder of all mailboxes, inside whatever folder was given.
const HOME: &str = "mahoe-relay";
/// Most names of one mailbox that are looked at.
const MOST: usize = 10_000;

/// A folder.
#[derive(Clone, Debug)]
pub struct FolderCarrier {
    root: PathBuf,
}

impl FolderCarrier {
    /// The relay in `folder`, which must be there: an empty mount point is no stick.
    ///
    /// # Errors
    /// `NotFound` or `NotADirectory`.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let about = fs::metadata(folder)?;
        if !about.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root: folder.join(HOME) })
    }

    fn mailbox(&self, mailbox: Mailbox) -> PathBuf {
        self.root.join(mailbox.name())
    }

    /// True if an object of this size lies there and its bytes are what its name says.
    fn holds(&self, mailbox: Mailbox, object: Object, size: u64) -> bool {
        let mut hash = blake3::Hasher::new();
        let read = self.open(mailbox, object).and_then(|file| io::copy(&mut file.take(size + 1), &mut hash));
        read.is_ok_and(|read| read == size) && Object::of_hash(*hash.finalize().as_bytes()) == object
    }
}

/// A plain file, no link and nothing else.
fn open_plain(path: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    File::open(path)
}

impl Carrier for FolderCarrier {
    fn list(&self, mailbox: Mailbox) -> io::Result<Listing> {
        let mut listing = Listing::default();
        let entries = match fs::read_dir(self.mailbox(mailbox)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listing),
            entries => entries?,
        };
        for entry in entries.take(MOST) {
            let entry = entry?;
            let name = entry.file_name();
            let object = name.to_str().and_then(Object::from_name);
            // The kind of the name itself: a link is foreign, wherever it leads.
            let about = entry.file_type().ok().filter(fs::FileType::is_file).and_then(|_| entry.metadata().ok());
            match (object, about) {
                (Some(object), Some(about)) => listing.objects.push((object, about.len())),
                _ => listing.foreign += 1,
            }
        }
        listing.objects.sort_unstable();
        Ok(listing)
    }

    fn open(&self, mailbox: Mailbox, object: Object) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(open_plain(&self.mailbox(mailbox).join(object.name()))?))
    }

    fn put(&self, mailbox: Mailbox, bytes: &[u8]) -> io::Result<Object> {
        let object = Object::of(bytes);
        let folder = self.mailbox(mailbox);
        let path = folder.join(object.name());
        if self.holds(mailbox, object, bytes.len() as u64) {
            return Ok(object);
        }
        fs::create_dir_all(&folder)?;
        for own in [&self.root, &folder] {
            if !fs::symlink_metadata(own)?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
        }
        // The name is this bundle's alone, so that only an earlier try of the same one can lie there.
        let part = folder.join(format!("{}.part", object.name()));
        let written = (|| {
            // Never through what somebody left there: a link leads anywhere.
            match fs::remove_file(&part) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).open(&part)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            drop(file);
            fs::rename(&part, &path)?;
            RealDisk.sync_folder(&folder)?;
            RealDisk.sync_folder(&self.root)
        })();
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written.map(|()| object)
    }

    fn remove(&self, mailbox: Mailbox, object: Object) -> io::Result<()> {
        match fs::remove_file(self.mailbox(mailbox).join(object.name())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox() -> Mailbox {
        Mailbox::of(&[7; 32])
    }

    #[test]
    fn what_was_put_is_listed_read_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let carrier = FolderCarrier::new(folder.path()).expect("there");
        assert_eq!(carrier.list(mailbox()).expect("listed"), Listing::default());
        let object = carrier.put(mailbox(), b"a bundle").expect("put");
        assert_eq!(carrier.put(mailbox(), b"a bundle").expect("put again"), object);
        assert_eq!(carrier.list(mailbox()).expect("listed").objects, [(object, 8)]);
        let mut bytes = Vec::new();
        carrier.open(mailbox(), object).and_then(|mut file| file.read_to_end(&mut bytes)).expect("read");
        assert_eq!(bytes, b"a bundle");
        assert!(carrier.holds(mailbox(), object, 8) && !carrier.holds(mailbox(), object, 7));
        carrier.remove(mailbox(), object).expect("removed");
        carrier.remove(mailbox(), object).expect("gone");
        assert_eq!(carrier.open(mailbox(), object).err().map(|error| error.kind()), Some(io::ErrorKind::NotFound));
    }

    #[test]
    fn half_written_empty_foreign_and_linked_files_are_never_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let carrier = FolderCarrier::new(folder.path()).expect("there");
        let object = carrier.put(mailbox(), b"a bundle").expect("put");
        let home = folder.path().join(HOME).join(mailbox().name());
        let other = Object::of(b"another").name();
        std::fs::write(home.join(&other), b"anoth").expect("cut short");
        std::fs::write(home.join(Object::of(b"third").name()), b"").expect("empty");
        std::fs::write(home.join("holiday.jpg"), b"x").expect("foreign");
        std::fs::write(home.join(format!("{other}.part")), b"ano").expect("half-written");
        std::fs::create_dir(home.join(Object::of(b"folder").name())).expect("a folder of that name");
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", home.join(Object::of(b"link").name())).expect("a link");
        let listing = carrier.list(mailbox()).expect("listed");
        assert_eq!(listing.objects.len(), 3);
        assert_eq!(listing.foreign, if cfg!(unix) { 4 } else { 3 });
        let readable: Vec<Object> = listing
            .objects
            .iter()
            .filter(|(object, size)| carrier.holds(mailbox(), *object, *size))
            .map(|(object, _)| *object)
            .collect();
        assert_eq!(readable, [object]);
        // An interrupted writer tries again and finds its way.
        carrier.put(mailbox(), b"another").expect("put");
        assert!(carrier.holds(mailbox(), Object::of(b"another"), 7));
        for name in ["link", "folder"] {
            assert!(carrier.open(mailbox(), Object::of(name.as_bytes())).is_err(), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_that_somebody_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let precious = folder.path().join("precious");
        std::fs::write(&precious, b"words").expect("written");
        let carrier = FolderCarrier::new(folder.path()).expect("there");
        carrier.put(mailbox(), b"another").expect("put");
        let home = folder.path().join(HOME).join(mailbox().name());
        let part = home.join(format!("{}.part", Object::of(b"a bundle").name()));
        std::os::unix::fs::symlink(&precious, &part).expect("a link");
        carrier.put(mailbox(), b"a bundle").expect("put");
        assert_eq!(std::fs::read(&precious).expect("there"), b"words");
        std::fs::remove_dir_all(&home).expect("gone");
        std::os::unix::fs::symlink(folder.path(), &home).expect("a link");
        assert_eq!(carrier.put(mailbox(), b"third").expect_err("a link").kind(), io::ErrorKind::NotADirectory);
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_stick() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = FolderCarrier::new(&folder.path().join("gone")).expect_err("not there");
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
