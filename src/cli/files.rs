//! Files that commands write and read: new ones only, for their owner alone, whole or not at all; never more than asked.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use crate::error::{AppError, Kind, Result};

use super::open;

/// A new file that only its owner can read.
///
/// # Errors
/// [`Kind::Io`] if it is there already or can't be made.
pub(in crate::cli) fn create(path: &Path) -> Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map_err(|error| open::io(&format!("make {}", path.display()), &error))
}

/// Writes a new file so that it is there whole, or not at all.
///
/// # Errors
/// As [`create`], and [`Kind::Io`] if the disk refuses.
pub(in crate::cli) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let file = create(path)?;
    fill(path, file, bytes)
}

/// Makes a new file of what `make` gives, which is asked only once the file can be made: what is put on record as having left
/// is not refused by the disk's folder afterwards. Nothing is left behind if it fails.
///
/// # Errors
/// As [`write_new`], and those of `make`.
pub(in crate::cli) fn write_made<T>(path: &Path, make: impl FnOnce() -> Result<(Vec<u8>, T)>) -> Result<T> {
    let file = create(path)?;
    let (bytes, made) = make().inspect_err(|_| drop(std::fs::remove_file(path)))?;
    fill(path, file, &bytes)?;
    Ok(made)
}

fn fill(path: &Path, mut file: File, bytes: &[u8]) -> Result<()> {
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a file would be in the way of the next try.
        let _ = std::fs::remove_file(path);
        open::io(&format!("write {}", path.display()), &error)
    })
}

/// Reads a file of at most so many bytes.
///
/// # Errors
/// [`Kind::Io`] if it can't be read, [`Kind::Usage`] if it is larger.
pub(in crate::cli) fn read_bounded(path: &Path, most: usize) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| open::io(&format!("read {}", path.display()), &error);
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() > most {
        return Err(AppError::new(
            Kind::Usage,
            format!("{} is larger than {} MiB.", path.display(), most >> 20),
            "Choose the right file.",
        ));
    }
    Ok(bytes)
}
