//! One process at a time: an exclusive lock on `<vault>/lock`, held for life.
//!
//! The operating system lets go of it when the process ends, however it ends, so there is never a stale lock to
//! break. Who holds it is written beside it, in `lock.who`: on Windows a locked file can't be read by others. That
//! file is a courtesy and decides nothing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::error::{AppError, Kind, Result};

/// How often it is tried before the vault counts as in use.
const TRIES: u32 = 20;
/// Between two tries.
const WAIT: Duration = Duration::from_millis(20);
/// The locked file.
const FILE_NAME: &str = "lock";
/// Who holds it: three lines, handle, process id and since when.
pub const WHO_NAME: &str = "lock.who";
/// Most bytes of `lock.who` that are looked at, and most characters of one line that are shown.
const MAX_WHO: (u64, usize) = (1024, 64);

/// The lock on a vault's folder. Dropping it lets go.
#[derive(Debug)]
pub struct VaultLock {
    /// `None` for a vault that lives in memory.
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    /// Closing it unlocks.
    _file: File,
    who: PathBuf,
}

impl VaultLock {
    /// Locks the vault in `folder`, a real one. `handle` and `since` (local time, as people read it) are shown to
    /// whoever comes second.
    ///
    /// # Errors
    /// [`Kind::Refused`] naming the holder if it is held; [`Kind::Io`] if the folder can't be locked.
    pub fn take(folder: &Path, handle: &str, since: &str) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = open.map_err(|error| io_error(&error))?;
        let who = folder.join(WHO_NAME);
        // A mahoe that was closed a moment ago, or a program that was being started just then, can hold it a little longer.
        let mut tried = file.try_lock();
        for _ in 1..TRIES {
            if !matches!(tried, Err(TryLockError::WouldBlock)) {
                break;
            }
            sleep(WAIT);
            tried = file.try_lock();
        }
        match tried {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held_by(&who)),
            Err(TryLockError::Error(error)) => return Err(io_error(&error)),
        }
        let lock = Self { held: Some(Held { _file: file, who }) };
        lock.name_holder(handle, since);
        Ok(lock)
    }

    /// For a vault in memory, which nobody else can reach: locks nothing, touches no disk.
    pub fn in_memory() -> Self {
        Self { held: None }
    }

    /// Names another holder: the laptop was handed over without closing mahoe.
    pub fn name_holder(&self, handle: &str, since: &str) {
        let Some(held) = &self.held else { return };
        // Only a courtesy: a vault that can't say who holds it is still locked.
        let _ = fs::write(&held.who, format!("{}\n{}\n{}\n", shown(handle), std::process::id(), shown(since)));
    }
}

impl Drop for VaultLock {
    fn drop(&mut self) {
        // Before the lock goes, so that the next holder's name is never the one removed.
        if let Some(held) = &self.held {
            let _ = fs::remove_file(&held.who);
        }
    }
}

fn held_by(who: &Path) -> AppError {
    let mut text = Vec::new();
    // A holder that has not written its name yet, or is just leaving, has none.
    let _ = File::open(who).and_then(|file| file.take(MAX_WHO.0).read_to_end(&mut text));
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.split('\n').map(shown).chain(std::iter::repeat(String::new()));
    let mut next = || lines.next().filter(|line| !line.is_empty());
    let (handle, process, since) = (next(), next(), next());
    let handle = handle.unwrap_or_else(|| "someone".into());
    let since = since.map_or_else(String::new, |since| format!(", since {since}"));
    let process = process.map_or_else(String::new, |process| format!(" (process {process})"));
    AppError::new(
        Kind::Refused,
        format!("This vault is open elsewhere: {handle}{since}."),
        format!(
            "Close mahoe there{process}, then try again. Several people can share one window: Ctrl-L, another handle."
        ),
    )
}

/// One short line, fit for a terminal.
fn shown(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || " .:-_'+,".contains(*c)).take(MAX_WHO.1).collect()
}

fn io_error(error: &io::Error) -> AppError {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "Check the folder given with --vault.",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "mahoe needs to write in the vault's folder: check its permissions, or copy it to a disk that can be written."
        }
        io::ErrorKind::Unsupported => "This disk knows no locks: keep the vault on the computer's own disk.",
        _ => "Check the disk, then try again.",
    };
    AppError::new(Kind::Io, format!("The vault could not be locked for this session: {error}."), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = VaultLock::take(folder.path(), "Miss Testy", "09:40").expect("free");
        let error = VaultLock::take(folder.path(), "other", "09:41").expect_err("held");
        assert_eq!(error.kind, Kind::Refused);
        assert_eq!(error.message, "This vault is open elsewhere: Miss Testy, since 09:40.");
        assert!(error.hint.contains(&format!("process {}", std::process::id())), "{}", error.hint);
        lock.name_holder("Mr Sample", "10:00");
        let error = VaultLock::take(folder.path(), "other", "10:01").expect_err("held");
        assert_eq!(error.message, "This vault is open elsewhere: Mr Sample, since 10:00.");
        drop(lock);
        assert!(!folder.path().join(WHO_NAME).exists());
        VaultLock::take(folder.path(), "other", "10:02").expect("free again");
    }

    #[test]
    fn what_stands_in_lock_who_can_do_no_harm() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = VaultLock::take(folder.path(), "\x1b[2Jx\ny", "09:40").expect("free");
        let says = |bytes: &[u8]| {
            fs::write(folder.path().join(WHO_NAME), bytes).expect("written");
            VaultLock::take(folder.path(), "other", "").expect_err("held").message
        };
        assert_eq!(says(b""), "This vault is open elsewhere: someone.");
        assert_eq!(says(b"\x1b]0;a\x07\n"), "This vault is open elsewhere: 0a.");
        assert!(says(&vec![b'a'; 1 << 20]).len() < 120);
        assert!(says(&[0xff; 10]).starts_with("This vault is open elsewhere: "));
        fs::remove_file(folder.path().join(WHO_NAME)).expect("there");
        assert!(VaultLock::take(folder.path(), "other", "").expect_err("held").message.contains("someone"));
        drop(lock);
    }

    #[test]
    fn a_missing_folder_and_a_vault_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = VaultLock::take(&folder.path().join("none"), "x", "").expect_err("missing");
        assert_eq!(error.kind, Kind::Io);
        VaultLock::in_memory().name_holder("x", "now");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
