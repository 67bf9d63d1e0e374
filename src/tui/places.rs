//! Places that bundles are carried by: sticks, cards and other drives that can be taken away, and the usual folders of
//! this computer; what lies there; reading a file from one, and writing one so that the stick can be pulled out.
//!
//! The one file of the front end, beside `paper_file`, that touches folders outside of the vault, on a job's thread only. What a file holds is
//! never believed here: only enough of its beginning is read to tell a bundle or a card from everything else.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::vault::disk::{Disk, RealDisk};

/// How much of a file is read to tell what it is, in bytes.
const LOOK: usize = 1024;
/// A folder with more entries than this is shown in part: nobody looks for a bundle among more.
const MOST: usize = 2_000;
/// How much is read or written between two looks at the time, in bytes.
const STEP: usize = 1 << 20;

/// A place to start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How people call it: "KINGSTON", "Downloads".
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// It can be pulled out.
    pub removable: bool,
}

/// What something in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A file that looks like a bundle.
    Bundle,
    /// A file that looks like a card.
    Card,
    /// A file that looks like one person's card.
    Person,
    /// A file that may be a policy, by its name.
    Policy,
    /// A folder.
    Folder,
    /// Anything else.
    Other,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it looks like.
    pub what: What,
    /// Its size in bytes.
    pub size: u64,
}

/// Hears how far the work is; false when it is to stop.
pub type Tell<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// The drives that can be pulled out, by name.
pub fn drives() -> Vec<Place> {
    let mut all: Vec<Place> = mounted()
        .into_iter()
        .map(|path| {
            let name = path.file_name().map_or_else(
                || path.display().to_string().trim_end_matches('\\').to_owned(),
                |name| name.to_string_lossy().into_owned(),
            );
            Place { name, path, removable: true }
        })
        .collect();
    all.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    all
}

#[cfg(target_os = "linux")]
fn mounted() -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let points = table.lines().filter_map(|line| line.split(' ').nth(1)).map(unescaped);
    points
        .filter(|point| ["/media/", "/run/media/", "/mnt/"].iter().any(|root| point.starts_with(root)))
        .map(PathBuf::from)
        .collect()
}

/// A mount point as the table spells it: blanks and the like as three octal digits.
#[cfg(any(target_os = "linux", test))]
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|digits| *first == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d)));
        let value = octal.map(|digits| digits.iter().fold(0u32, |sum, digit| sum * 8 + u32::from(digit - b'0')));
        let byte = value.and_then(|value| u8::try_from(value).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(target_os = "macos")]
fn mounted() -> Vec<PathBuf> {
    // The computer's own disk stands among them as a link.
    let volumes = fs::read_dir("/Volumes").into_iter().flatten().flatten();
    volumes.filter(|volume| volume.file_type().is_ok_and(|kind| kind.is_dir())).map(|volume| volume.path()).collect()
}

#[cfg(windows)]
fn mounted() -> Vec<PathBuf> {
    // C: is the computer's own; A: and B: spin up drives that nobody has any more.
    ('D'..='Z').map(|letter| PathBuf::from(format!("{letter}:\\"))).filter(|root| fs::metadata(root).is_ok()).collect()
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn mounted() -> Vec<PathBuf> {
    Vec::new()
}

/// The usual folders of this computer, where mail programs put what comes.
pub fn folders() -> Vec<Place> {
    let Some(dirs) = directories::UserDirs::new() else { return Vec::new() };
    let named = [
        ("Downloads", dirs.download_dir()),
        ("Documents", dirs.document_dir()),
        ("Desktop", dirs.desktop_dir()),
        ("Home", Some(dirs.home_dir())),
    ];
    let place = |(name, path): (&str, Option<&Path>)| {
        let path = path.filter(|path| path.is_dir())?.to_path_buf();
        Some(Place { name: name.to_owned(), path, removable: false })
    };
    named.into_iter().filter_map(place).collect()
}

/// What lies in a folder: bundles first, then cards, folders and the rest, each by name. Hidden files, and names that
/// can't be shown, are left out.
///
/// # Errors
/// As the file system's.
pub fn look(folder: &Path) -> io::Result<Vec<Found>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)?.take(MOST) {
        let Ok(entry) = entry else { continue };
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        // Follows links: a link to a folder is walked into as the folder.
        let Ok(data) = fs::metadata(&path) else { continue };
        let what = if data.is_dir() { What::Folder } else { kind_of(&path, &name, data.is_file()) };
        all.push(Found { name, path, what, size: data.len() });
    }
    all.sort_by_key(|found| (found.what, found.name.to_lowercase()));
    Ok(all)
}

/// What a file looks like. Only a plain file is opened: a pipe would wait for ever.
fn kind_of(path: &Path, name: &str, plain: bool) -> What {
    let end = Path::new(name).extension().and_then(|end| end.to_str()).map(str::to_lowercase);
    if plain && end.as_deref() == Some("toml") {
        return What::Policy;
    }
    let bundle = end.as_deref() == Some("mahoe");
    if !plain || !(bundle || matches!(end.as_deref(), Some("card" | "txt"))) {
        return What::Other;
    }
    let mut start = Vec::new();
    if File::open(path).and_then(|file| file.take(LOOK as u64).read_to_end(&mut start)).is_err() {
        return What::Other;
    }
    match start {
        start if bundle && start.starts_with(b"age-encryption.org/v1\n") => What::Bundle,
        start if start.starts_with(b"mahoe card ") => What::Card,
        start if start.starts_with(b"mahoe personal card ") => What::Person,
        _ => What::Other,
    }
}

/// The first bytes of a plain file, by which its kind is told.
///
/// # Errors
/// As the file system's; `InvalidData` if it is no plain file.
pub fn start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    open(path)?.take(LOOK as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// Opens a plain file: a pipe would wait for ever.
///
/// # Errors
/// As [`start`].
pub fn open(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no file"));
    }
    File::open(path)
}

/// A file that is read piece by piece while somebody hears how far; `Interrupted` would be tried again, so that a
/// reading that was stopped ends with another error.
pub struct Told<'a> {
    file: File,
    done: u64,
    size: u64,
    tell: Tell<'a>,
}

impl<'a> Told<'a> {
    /// Opens a plain file.
    ///
    /// # Errors
    /// As [`start`].
    pub fn open(path: &Path, tell: Tell<'a>) -> io::Result<Self> {
        let file = open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, done: 0, size, tell })
    }
}

impl Read for Told<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !(self.tell)(self.done, self.size) {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it was stopped"));
        }
        let count = self.file.read(out)?;
        self.done += count as u64;
        Ok(count)
    }
}

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// As the file system's; `InvalidData` if it is larger, or no plain file; `Interrupted` if it was stopped.
pub fn read(path: &Path, most: u64, tell: Tell<'_>) -> io::Result<Vec<u8>> {
    let data = fs::metadata(path)?;
    if !data.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no file"));
    }
    if data.len() > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is larger than any file of this kind"));
    }
    let mut file = File::open(path)?.take(most + 1);
    let mut bytes = Vec::new();
    loop {
        if (&mut file).take(STEP as u64).read_to_end(&mut bytes)? == 0 {
            break;
        }
        if !tell(bytes.len() as u64, data.len()) {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it grew while it was read"));
    }
    Ok(bytes)
}

/// Has a new file written into a folder, beside its name first; it is there whole or not at all, and would survive the
/// stick being pulled out.
///
/// # Errors
/// As `give`'s, and as the file system's.
pub fn write_with<T, E: From<io::Error>>(
    folder: &Path,
    name: &str,
    give: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<(PathBuf, T), E> {
    let part = folder.join(format!("{name}.part"));
    let written = File::create(&part).map_err(E::from).and_then(|mut file| {
        let told = give(&mut file)?;
        file.sync_all()?;
        Ok(told)
    });
    let target = free(folder, name, &[]);
    let placed = written.and_then(|told| fs::rename(&part, &target).map(|()| told).map_err(E::from));
    if placed.is_err() {
        let _ = fs::remove_file(&part);
    }
    let told = placed?;
    RealDisk.sync_folder(folder)?;
    Ok((target, told))
}

/// Writes a file into a folder under a name that is not taken, beside that name first, and returns when file and folder
/// would survive the stick being pulled out.
///
/// # Errors
/// As the file system's; `Interrupted` if it was stopped. Nothing half-written is left then.
pub fn write(folder: &Path, name: &str, bytes: &[u8], tell: Tell<'_>) -> io::Result<PathBuf> {
    let target = free(folder, name, bytes);
    let part = folder.join(format!("{name}.part"));
    let written = write_part(&part, bytes, tell).and_then(|()| fs::rename(&part, &target));
    if let Err(error) = written {
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    RealDisk.sync_folder(folder)?;
    Ok(target)
}

fn write_part(part: &Path, bytes: &[u8], tell: Tell<'_>) -> io::Result<()> {
    let mut file = File::create(part)?;
    let mut done = 0;
    for step in bytes.chunks(STEP) {
        file.write_all(step)?;
        done += step.len();
        if !tell(done as u64, bytes.len() as u64) {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    file.sync_all()
}

/// The name, or the name with a number before its ending where another file has it.
fn free(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    let same = |path: &Path| {
        let size = fs::metadata(path).map(|data| data.len()).ok();
        size == Some(bytes.len() as u64) && fs::read(path).is_ok_and(|there| there == bytes)
    };
    let numbered = (2..1000).map(|number| folder.join(format!("{stem}-{number}.{end}")));
    let mut names = std::iter::once(folder.join(name)).chain(numbered);
    names.find(|path| !path.exists() || same(path)).unwrap_or_else(|| folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_as_the_table_spells_them() {
        assert_eq!(unescaped("/media/a\\040stick"), "/media/a stick");
        assert_eq!(unescaped("/media/back\\134slash\\9"), "/media/back\\slash\\9");
        assert_eq!(unescaped("/media/\\777"), "/media/\\777");
    }

    #[test]
    fn a_folder_is_told_by_the_beginnings_of_its_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("written");
        put("b.mahoe", b"age-encryption.org/v1\n-> X25519");
        put("empty.mahoe", b"");
        put("foreign.mahoe", b"PK\x03\x04");
        put("notes.txt", b"milk");
        put("mary.card", b"mahoe card 1\n");
        put(".hidden.mahoe", b"age-encryption.org/v1\n");
        put("x.mahoe.part", b"age-encryption.org/v1\n");
        fs::create_dir(folder.path().join("older")).expect("made");
        let found = look(folder.path()).expect("looked");
        let seen: Vec<(&str, What)> = found.iter().map(|found| (found.name.as_str(), found.what)).collect();
        assert_eq!(seen[..3], [("b.mahoe", What::Bundle), ("mary.card", What::Card), ("older", What::Folder)]);
        assert!(seen[3..].iter().all(|(_, what)| *what == What::Other) && seen.len() == 7, "{seen:?}");
        assert!(look(&folder.path().join("nowhere")).is_err());
    }

    #[test]
    fn what_is_written_is_whole_or_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = vec![7; 3 * STEP];
        let path = write(folder.path(), "to-JM-05.mahoe", &bytes, &mut |_, _| true).expect("written");
        assert_eq!(read(&path, 4 << 20, &mut |_, _| true).expect("read"), bytes);
        assert_eq!(write(folder.path(), "to-JM-05.mahoe", &bytes, &mut |_, _| true).expect("the same"), path);
        let other = write(folder.path(), "to-JM-05.mahoe", b"other", &mut |_, _| true).expect("beside");
        assert!(other.ends_with("to-JM-05-2.mahoe"));
        let stopped = write(folder.path(), "stopped.mahoe", &bytes, &mut |done, _| done < 2 * STEP as u64);
        assert_eq!(stopped.expect_err("stopped").kind(), io::ErrorKind::Interrupted);
        assert_eq!(look(folder.path()).expect("looked").len(), 2, "nothing half-written is left");
        assert!(read(&path, 10, &mut |_, _| true).is_err() && read(folder.path(), 10, &mut |_, _| true).is_err());
        assert!(read(&path, 4 << 20, &mut |_, _| false).is_err());
    }
}
