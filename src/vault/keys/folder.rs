//! The `keys/` folder and its mirror: every key file lies twice, and is read from whichever copy opens.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::text::{push_hex, read_hex};
use super::{KeyError, epoch, participant};
use crate::domain::ids::{KeyId, RootId};
use crate::error::{AppError, Kind};
use crate::vault::disk::Disk;
use crate::vault::seal::Entropy;

/// The end of the name of a file that lies beside its place.
const BESIDE: &str = ".next";

/// The name of a key file. Only names of this form are ever opened, so no name from outside can lead elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyFile {
    /// `p-<16 hex>.age`, random, so that the folder does not say who is who.
    Participant([u8; 8]),
    /// `team-<32 hex>.age`: an epoch's keys.
    Team(KeyId),
    /// `root-<32 hex>.age`: the parish's root signer.
    Root(RootId),
}

impl KeyFile {
    /// A new random name for a participant's file.
    pub fn new_participant(rng: &mut dyn Entropy) -> Self {
        let mut name = [0; 8];
        rng.fill(&mut name);
        Self::Participant(name)
    }

    /// Reads a name; `None` for any that mahoe would not give.
    pub fn parse(name: &str) -> Option<Self> {
        let (kind, hex) = name.strip_suffix(".age")?.split_once('-')?;
        let (mut short, mut long) = ([0; 8], [0; 16]);
        match kind {
            "p" => read_hex(hex, &mut short).then_some(Self::Participant(short)),
            "team" => read_hex(hex, &mut long).then_some(Self::Team(KeyId(long))),
            "root" => read_hex(hex, &mut long).then_some(Self::Root(RootId(long))),
            _ => None,
        }
    }

    /// The largest that such a file can be, in bytes.
    pub const fn limit(self) -> u64 {
        match self {
            Self::Participant(_) => participant::MAX_FILE as u64,
            Self::Team(_) | Self::Root(_) => epoch::MAX_FILE as u64,
        }
    }
}

impl fmt::Display for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = String::new();
        let kind = match self {
            Self::Participant(name) => {
                push_hex(&mut hex, name);
                "p"
            }
            Self::Team(id) => {
                push_hex(&mut hex, id.bytes());
                "team"
            }
            Self::Root(id) => {
                push_hex(&mut hex, id.bytes());
                "root"
            }
        };
        write!(f, "{kind}-{hex}.age")
    }
}

/// Which of the two copies of a file were good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// Both, byte for byte the same.
    Same,
    /// The main one; the mirror is missing, damaged or older. Write the file again to level them.
    Main,
    /// The mirror; the main one is missing or does not open. Set the main one aside, then write the file again.
    Mirror,
}

/// A key file that opened.
pub struct Opened<T> {
    /// What was inside.
    pub value: T,
    /// The file as stored, for levelling.
    pub bytes: Vec<u8>,
    /// Where it came from.
    pub copies: Copies,
}

/// `keys/` in the vault and in its mirror.
#[derive(Debug)]
pub struct KeyFolder<'a> {
    disk: &'a dyn Disk,
    main: PathBuf,
    mirror: PathBuf,
}

impl<'a> KeyFolder<'a> {
    /// The key folders of a vault at `root`, mirrored at `mirror` (usually `<root>/mirror`).
    pub fn new(disk: &'a dyn Disk, root: &Path, mirror: &Path) -> Self {
        Self { disk, main: root.join("keys"), mirror: mirror.join("keys") }
    }

    /// Writes both copies. When this returns, both would survive a power cut.
    ///
    /// # Errors
    /// The first write that failed; the other copy then still is what it was, or is already new and whole.
    pub fn write(&self, file: KeyFile, bytes: &[u8]) -> Result<(), AppError> {
        for folder in [&self.main, &self.mirror] {
            self.disk
                .create_folder(folder)
                .and_then(|()| self.disk.write_atomic(&folder.join(file.to_string()), bytes))
                .map_err(|error| io_error("written", &error))?;
        }
        Ok(())
    }

    /// Writes both copies beside their place, where nothing reads them until [`KeyFolder::adopt`]: for a file that is to
    /// count only once an entry names it.
    ///
    /// # Errors
    /// As [`KeyFolder::write`].
    pub fn write_beside(&self, file: KeyFile, bytes: &[u8]) -> Result<(), AppError> {
        for folder in [&self.main, &self.mirror] {
            let path = folder.join(format!("{file}{BESIDE}"));
            self.disk
                .create_folder(folder)
                .and_then(|()| self.disk.write_atomic(&path, bytes))
                .map_err(|error| io_error("written", &error))?;
        }
        Ok(())
    }

    /// The files that lie beside their place, sorted.
    pub fn beside(&self) -> Vec<KeyFile> {
        let names =
            [&self.main, &self.mirror].into_iter().flat_map(|folder| self.disk.list(folder).unwrap_or_default());
        let mut files: Vec<_> = names.filter_map(|name| KeyFile::parse(name.strip_suffix(BESIDE)?)).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Puts a file that lies beside its place into it, if `open` accepts it; what it held.
    ///
    /// # Errors
    /// If neither copy opens; or as [`KeyFolder::write`].
    pub fn adopt<T>(&self, file: KeyFile, mut open: impl FnMut(&[u8]) -> Result<T, KeyError>) -> Result<T, AppError> {
        let mut failed = None;
        for folder in [&self.main, &self.mirror] {
            let read = self.disk.read(&folder.join(format!("{file}{BESIDE}")), file.limit());
            match read.map_err(|error| io_error("read", &error)).and_then(|bytes| Ok((open(&bytes)?, bytes))) {
                Ok((value, bytes)) => {
                    self.write(file, &bytes)?;
                    self.drop_beside(file)?;
                    return Ok(value);
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.expect("there are two folders"))
    }

    /// Removes what lies beside the place of a file.
    ///
    /// # Errors
    /// As [`KeyFolder::remove`].
    pub fn drop_beside(&self, file: KeyFile) -> Result<(), AppError> {
        self.remove_named(&format!("{file}{BESIDE}"))
    }

    /// Removes both copies; fine if they are missing.
    ///
    /// # Errors
    /// If a copy could not be removed: then it may still be there.
    pub fn remove(&self, file: KeyFile) -> Result<(), AppError> {
        self.remove_named(&file.to_string())
    }

    fn remove_named(&self, name: &str) -> Result<(), AppError> {
        for folder in [&self.main, &self.mirror] {
            let path = folder.join(name);
            if self.disk.exists(&path) {
                self.disk
                    .remove(&path)
                    .and_then(|()| self.disk.sync_folder(folder))
                    .map_err(|error| io_error("removed", &error))?;
            }
        }
        Ok(())
    }

    /// The key files in either copy, sorted; other files are passed over.
    ///
    /// # Errors
    /// If neither folder can be listed.
    pub fn list(&self) -> Result<Vec<KeyFile>, AppError> {
        let (main, mirror) = (self.disk.list(&self.main), self.disk.list(&self.mirror));
        let names = match (main, mirror) {
            (Err(error), Err(_)) => return Err(io_error("listed", &error)),
            (main, mirror) => main.into_iter().flatten().chain(mirror.into_iter().flatten()),
        };
        let mut files: Vec<_> = names.filter_map(|name| KeyFile::parse(&name)).collect();
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }

    /// True if both copies are there and equal byte for byte.
    pub fn copies_are_same(&self, file: KeyFile) -> bool {
        let read = |folder: &Path| self.disk.read(&folder.join(file.to_string()), file.limit()).ok();
        read(&self.main).is_some_and(|main| Some(main) == read(&self.mirror))
    }

    /// Opens a file with `open`, from the main copy if that works and otherwise from the mirror. Equal copies are
    /// tried once, because a try can cost a second of scrypt.
    ///
    /// # Errors
    /// If neither opens: a wrong passphrase before damage, because an intact copy then says that it is wrong.
    pub fn open<T>(
        &self,
        file: KeyFile,
        mut open: impl FnMut(&[u8]) -> Result<T, KeyError>,
    ) -> Result<Opened<T>, AppError> {
        let name = file.to_string();
        let main = self.disk.read(&self.main.join(&name), file.limit());
        let mirror = self.disk.read(&self.mirror.join(&name), file.limit());
        let (bytes, other) = match (main, mirror) {
            (Ok(main), Ok(mirror)) if main == mirror => return opened(open(&main), main, Copies::Same),
            (Ok(main), mirror) => (main, mirror),
            (Err(_), Ok(mirror)) => return opened(open(&mirror), mirror, Copies::Mirror),
            (Err(error), Err(_)) => return Err(io_error("read", &error)),
        };
        match (open(&bytes), other) {
            (Ok(value), _) => Ok(Opened { value, bytes, copies: Copies::Main }),
            (Err(error), Err(_)) => Err(error.into()),
            (Err(first), Ok(mirror)) => match open(&mirror) {
                Ok(value) => Ok(Opened { value, bytes: mirror, copies: Copies::Mirror }),
                Err(second) => Err(if second.kind() == Kind::Locked { second } else { first }.into()),
            },
        }
    }
}

fn opened<T>(value: Result<T, KeyError>, bytes: Vec<u8>, copies: Copies) -> Result<Opened<T>, AppError> {
    Ok(Opened { value: value?, bytes, copies })
}

fn io_error(verb: &str, error: &io::Error) -> AppError {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "Check that this is the whole vault folder, or restore the newest backup.",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "Check that you may read and write the vault's folder."
        }
        io::ErrorKind::StorageFull => "Free some space on the disk and try again.",
        _ => "Check the disk, then try again.",
    };
    AppError::new(Kind::Io, format!("A key file could not be {verb}: {error}."), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;
    use crate::vault::keys::testdisk::MapDisk;

    const FILE: KeyFile = KeyFile::Participant([0xab; 8]);

    fn folder(disk: &MapDisk) -> KeyFolder<'_> {
        KeyFolder::new(disk, Path::new("/v"), Path::new("/v/mirror"))
    }

    fn read(bytes: &[u8]) -> Result<String, KeyError> {
        match bytes {
            b"locked" => Err(KeyError::WrongPassphrase),
            b"bad" => Err(KeyError::DamagedHeader),
            _ => Ok(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    #[test]
    fn names_are_exact() {
        let names = ["p-abababababababab.age", "team-11111111111111111111111111111111.age"];
        assert_eq!(KeyFile::parse(names[0]), Some(FILE));
        assert_eq!(KeyFile::parse(names[1]), Some(KeyFile::Team(KeyId([0x11; 16]))));
        for file in [FILE, KeyFile::Team(KeyId([1; 16])), KeyFile::Root(RootId([2; 16]))] {
            assert_eq!(KeyFile::parse(&file.to_string()), Some(file));
        }
        for bad in
            ["", "p-.age", "p-ABABABABABABABAB.age", "p-abababababababab", "../p-abababababababab.age", "x-ab.age"]
        {
            assert_eq!(KeyFile::parse(bad), None, "{bad}");
        }
        assert_ne!(
            KeyFile::new_participant(&mut SeededEntropy::new(1)),
            KeyFile::new_participant(&mut SeededEntropy::new(2))
        );
    }

    #[test]
    fn either_copy_opens() {
        let disk = MapDisk::default();
        let keys = folder(&disk);
        keys.write(FILE, b"key").expect("written");
        let (main, mirror) = (format!("/v/keys/{FILE}"), format!("/v/mirror/keys/{FILE}"));
        let from = |main_bytes: Option<&[u8]>, mirror_bytes: Option<&[u8]>| {
            disk.put(&main, main_bytes);
            disk.put(&mirror, mirror_bytes);
            keys.open(FILE, read).map(|opened| (opened.value, opened.copies)).map_err(|error| error.kind)
        };
        let key = |copies| Ok(("key".to_owned(), copies));
        assert_eq!(from(Some(b"key"), Some(b"key")), key(Copies::Same));
        assert_eq!(from(Some(b"key"), None), key(Copies::Main));
        assert_eq!(from(Some(b"key"), Some(b"bad")), key(Copies::Main));
        assert_eq!(from(None, Some(b"key")), key(Copies::Mirror));
        assert_eq!(from(Some(b"bad"), Some(b"key")), key(Copies::Mirror));
        assert_eq!(from(Some(b"locked"), Some(b"key")), key(Copies::Mirror), "damage can look like a wrong passphrase");
        assert_eq!(from(Some(b"bad"), Some(b"locked")), Err(Kind::Locked));
        assert_eq!(from(Some(b"locked"), Some(b"bad")), Err(Kind::Locked));
        assert_eq!(from(Some(b"bad"), None), Err(Kind::Damaged));
        assert_eq!(from(None, None), Err(Kind::Io));
    }

    #[test]
    fn written_listed_and_removed_twice() {
        let disk = MapDisk::default();
        let keys = folder(&disk);
        keys.write(FILE, b"key").expect("written");
        disk.put("/v/mirror/keys/team-11111111111111111111111111111111.age", Some(b"x"));
        disk.put("/v/keys/notes.txt", Some(b"x"));
        assert_eq!(keys.list().map(|files| files.len()), Ok(2));
        keys.remove(FILE).expect("removed");
        keys.remove(FILE).expect("nothing left to remove");
        assert_eq!(keys.list().map(|files| files.len()), Ok(1));
    }
}
