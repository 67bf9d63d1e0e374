//! The post: bundles that wait to be carried (`outbox/`) and bundles that came (`inbox/`).
//!
//! They are sealed to their receiver, so that they lie here as they travel. Nothing in here knows what is inside.

use std::path::PathBuf;

use crate::error::{AppError, Kind, Result};

use super::keys::identity::Signer;
use super::open::{Vault, disk_error};
use super::seal::Entropy;

/// The largest bundle that is kept here, in bytes.
pub const MAX_BUNDLE: u64 = 1 << 30;

/// One of the two trays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tray {
    /// What came and was not taken in yet.
    Inbox,
    /// What waits to be carried.
    Outbox,
}

impl Tray {
    const fn name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Outbox => "outbox",
        }
    }
}

impl Vault {
    /// Does something with this participant's device signer and the vault's randomness.
    pub fn with_signer<T>(&mut self, work: impl FnOnce(&Signer, &mut dyn Entropy) -> T) -> T {
        work(self.participant.device(), self.entropy.as_mut())
    }

    /// Keeps a bundle under a name of ours, durably.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn keep_bundle(&self, tray: Tray, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.tray_path(tray, name)?;
        let folder = path.parent().unwrap_or(&self.root);
        self.disk
            .create_folder_durably(folder)
            .and_then(|()| self.disk.write_atomic(&path, bytes))
            .map_err(|error| disk_error("keep the bundle", &error))
    }

    /// The names in a tray, sorted. A half-written file is none of them.
    pub fn bundles(&self, tray: Tray) -> Vec<String> {
        let names = self.disk.list(&self.root.join(tray.name())).unwrap_or_default();
        names.into_iter().filter(|name| is_name(name)).collect()
    }

    /// A bundle of a tray.
    ///
    /// # Errors
    /// [`Kind::Io`] if it is not there, too large, or can't be read.
    pub fn bundle(&self, tray: Tray, name: &str) -> Result<Vec<u8>> {
        let path = self.tray_path(tray, name)?;
        self.disk.read(&path, MAX_BUNDLE).map_err(|error| disk_error("read the bundle", &error))
    }

    /// The size of a bundle of a tray, in bytes.
    ///
    /// # Errors
    /// [`Kind::Io`] if it is not there.
    pub fn bundle_size(&self, tray: Tray, name: &str) -> Result<u64> {
        let path = self.tray_path(tray, name)?;
        let size = self.disk.open_read(&path).and_then(|file| file.len());
        size.map_err(|error| disk_error("read the bundle", &error))
    }

    /// Takes a bundle out of a tray; fine if it is not there.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn drop_bundle(&self, tray: Tray, name: &str) -> Result<()> {
        let path = self.tray_path(tray, name)?;
        self.disk.remove(&path).map_err(|error| disk_error("take the bundle away", &error))
    }

    fn tray_path(&self, tray: Tray, name: &str) -> Result<PathBuf> {
        if is_name(name) {
            return Ok(self.root.join(tray.name()).join(name));
        }
        Err(AppError::new(Kind::Io, "That is no name of a bundle.", "Choose one from the list."))
    }
}

/// `<letters, digits, hyphens>.mahoe`: no path, no hidden file, nothing half-written.
fn is_name(name: &str) -> bool {
    name.strip_suffix(".mahoe").is_some_and(|stem| {
        (1..=80).contains(&stem.len()) && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_lead_nowhere_else() {
        assert!(is_name("0a1b.mahoe") && is_name("to-JM-05-0a1b.mahoe"));
        for name in
            ["", ".mahoe", "a.mahoe.new", "../a.mahoe", "a/b.mahoe", "a\\b.mahoe", "a b.mahoe", "a.txt", "é.mahoe"]
        {
            assert!(!is_name(name), "{name}");
        }
    }
}
