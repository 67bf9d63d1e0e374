//! A page on its way to the printer, or a document that another program shows: one file in a folder of its own that nobody
//! else can open, overwritten and removed as soon as it is let go of: after a key, when the vault is locked, when the
//! program ends.
//!
//! What a crash left behind is shredded at the next start. A page that another mahoe shows is left alone: it holds its
//! lock. Nothing here opens a viewer unasked, and nothing believes that overwriting reaches every copy that a disk keeps.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::vault::seal::{Entropy, OsEntropy};

/// What the folders' names begin with.
const FOLDER: &str = "mahoe-print-";
/// The page.
const PAGE: &str = "page.html";
/// Held as long as the page is wanted.
const LOCK: &str = "lock";
/// How much is overwritten at once, in bytes.
const STEP: usize = 8 * 1024;

/// What hands a page to the program that shows it.
pub type Opener = dyn Fn(&Path) -> io::Result<()> + Send + Sync;

/// Where pages go: memory, where the system gives its user some, else the folder for temporary files.
pub fn base() -> PathBuf {
    let memory = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    memory.filter(|path| path.is_absolute() && path.is_dir()).unwrap_or_else(std::env::temp_dir)
}

/// A page that waits to be printed. Dropping it shreds it.
#[derive(Debug)]
pub struct PaperFile {
    folder: PathBuf,
    name: String,
    lock: Option<File>,
}

/// Makes folders that only their owner can enter; on Windows the account's own folder sees to that.
#[cfg(unix)]
fn private() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

impl PaperFile {
    /// Writes a page into a new folder under `base`.
    ///
    /// # Errors
    /// If the disk refuses; then nothing is left of it.
    pub fn write(base: &Path, page: &[u8]) -> io::Result<Self> {
        Self::write_with(base, PAGE, |out| out.write_all(page))
    }

    /// Has a file of that name written into a new folder under `base`. The name is no path.
    ///
    /// # Errors
    /// As `write`'s, and if the disk refuses; then nothing is left of it.
    pub fn write_with<E: From<io::Error>>(
        base: &Path,
        name: &str,
        write: impl FnOnce(&mut File) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut random = [0; 16];
        OsEntropy.fill(&mut random);
        let folder = base.join(format!("{FOLDER}{:032x}", u128::from_le_bytes(random)));
        private().create(&folder)?;
        // From here on dropping it takes everything away again.
        let mut made = Self { folder, name: name.to_owned(), lock: None };
        let lock = new_file(&made.folder.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        made.lock = Some(lock);
        let mut file = new_file(&made.path())?;
        write(&mut file)?;
        file.flush()?;
        Ok(made)
    }

    /// Where the page is.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Overwrites and removes it.
    ///
    /// # Errors
    /// If the disk refuses: then a person must delete the file.
    pub fn shred(mut self) -> io::Result<()> {
        self.lock = None;
        shred(&self.folder)
    }
}

impl Drop for PaperFile {
    fn drop(&mut self) {
        // Windows removes no file that is open.
        self.lock = None;
        // Whoever could be told is told by `shred`; here the vault is being locked, or the program ends.
        let _ = shred(&self.folder);
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn shred(folder: &Path) -> io::Result<()> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    };
    // Whatever stands there: a program that showed a document may have left a copy beside it.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.file_name() != LOCK) {
        gone(overwrite(&entry.path()))?;
        gone(fs::remove_file(entry.path()))?;
    }
    gone(fs::remove_file(folder.join(LOCK)))?;
    gone(fs::remove_dir(folder))
}

fn overwrite(page: &Path) -> io::Result<()> {
    // A page that grew, or that is no file of ours any more, is only removed.
    if !fs::symlink_metadata(page)?.is_file() {
        return Ok(());
    }
    let mut file = OpenOptions::new().write(true).open(page)?;
    let mut left = file.metadata()?.len();
    let zeros = [0; STEP];
    while left > 0 {
        let step = left.min(STEP as u64);
        file.write_all(&zeros[..usize::try_from(step).unwrap_or(STEP)])?;
        left -= step;
    }
    file.sync_all()
}

/// Shreds what a crash left under `base`; how many pages that were, and how many could not be removed.
pub fn shred_left_overs(base: &Path) -> (usize, usize) {
    let Ok(entries) = fs::read_dir(base) else { return (0, 0) };
    let (mut done, mut stuck) = (0, 0);
    for entry in entries.flatten() {
        let folder = entry.path();
        let named = entry.file_name().to_str().is_some_and(|name| name.starts_with(FOLDER));
        if !named || !is_ours(&folder) || is_in_use(&folder) {
            continue;
        }
        match shred(&folder) {
            Ok(()) => done += 1,
            Err(_) => stuck += 1,
        }
    }
    (done, stuck)
}

/// A real folder, and of this user: in a folder that everybody writes to anybody can lay traps.
fn is_ours(folder: &Path) -> bool {
    let Ok(found) = fs::symlink_metadata(folder) else { return false };
    if !found.is_dir() {
        return false;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let home = std::env::home_dir().and_then(|home| fs::metadata(home).ok());
        home.is_some_and(|home| home.uid() == found.uid())
    }
    #[cfg(not(unix))]
    true
}

fn is_in_use(folder: &Path) -> bool {
    let lock = OpenOptions::new().write(true).open(folder.join(LOCK));
    // Without a lock the program ended between two steps of making the page.
    lock.is_ok_and(|lock| lock.try_lock().is_err())
}

/// Hands a page to the program that the platform opens pages with; only ever called because a person pressed a key.
///
/// # Errors
/// If there is no such program.
pub fn open_with_platform(path: &Path) -> io::Result<()> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut child =
        Command::new(program).arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    // It is waited for so that no dead process stays behind; what it says is not ours.
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_private_and_gone_when_it_is_let_go_of() {
        let base = tempfile::tempdir().expect("a folder");
        let page = PaperFile::write(base.path(), b"<p>words</p>").expect("written");
        let path = page.path();
        assert_eq!(fs::read(&path).expect("there"), b"<p>words</p>");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
        }
        // Another name of the same file shows that it was overwritten before it was removed.
        let other = base.path().join("other");
        fs::hard_link(&path, &other).expect("linked");
        drop(page);
        assert_eq!(fs::read(&other).expect("there"), vec![0; 12]);
        assert!(!path.exists() && !path.parent().expect("a folder").exists());
        let page = PaperFile::write(base.path(), b"words").expect("written");
        let path = page.path();
        page.shred().expect("shredded");
        assert!(!path.exists());
    }

    #[test]
    fn what_a_crash_left_is_shredded_and_what_is_shown_is_not() {
        let base = tempfile::tempdir().expect("a folder");
        let shown = PaperFile::write(base.path(), b"shown").expect("written");
        let mut crashed = PaperFile::write(base.path(), b"left").expect("written");
        let left = crashed.path();
        crashed.lock = None;
        std::mem::forget(crashed);
        let alien = base.path().join("mahoe-printer");
        fs::create_dir(&alien).expect("made");
        assert_eq!(shred_left_overs(base.path()), (1, 0));
        assert!(!left.exists() && shown.path().exists() && alien.exists());
        assert_eq!(shred_left_overs(base.path()), (0, 0));
        assert_eq!(shred_left_overs(&base.path().join("none")), (0, 0));
    }
}
