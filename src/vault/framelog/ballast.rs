//! The ballast: a file that is given up when the disk is full, so that a person can finish and export.

use std::io;
use std::path::Path;

use super::LogError;
use crate::vault::disk::Disk;

/// Its length in bytes.
pub const LENGTH: usize = 1 << 20;
/// Its name in the vault's folder.
pub const NAME: &str = "ballast";

/// Makes the ballast in the vault's folder if it is not there in full. False if there is no space for it, which is no
/// error: then it is not there.
pub fn ensure(disk: &dyn Disk, vault: &Path) -> Result<bool, LogError> {
    let path = vault.join(NAME);
    if disk.open_read(&path).and_then(|file| file.len()).is_ok_and(|len| len == LENGTH as u64) {
        return Ok(true);
    }
    match write(disk, &path) {
        Ok(()) => Ok(true),
        Err(error) => match LogError::io("write", &path, &error) {
            LogError::Full => free(disk, vault).map(|()| false),
            other => Err(other),
        },
    }
}

/// Gives the ballast up.
pub fn free(disk: &dyn Disk, vault: &Path) -> Result<(), LogError> {
    let path = vault.join(NAME);
    disk.remove(&path).map_err(|error| LogError::io("remove", &path, &error))
}

fn write(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    // Bytes that no file system can squeeze, or there would be nothing to give up.
    let mut bytes = vec![0; LENGTH];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    let mut file = disk.open(path)?;
    file.write_at(0, &bytes)?;
    file.set_len(LENGTH as u64)?;
    file.sync_data()
}
