//! Beginning a new epoch, and making the recovery sheets good for the one in force.
//!
//! Keys are sealed only to recipients that an entry names, and nothing is sealed under a key that no entry names. So a
//! new epoch's file is written beside its place first, then the entry names it, then it takes its place; whatever a cut
//! leaves of that is finished, or dropped, at the next unlock.

use std::collections::HashSet;

use crate::domain::ids::KeyId;
use crate::domain::state::Epoch;
use crate::error::{AppError, Kind, Result};

use super::keys::epoch::EpochKeys;
use super::keys::folder::{KeyFile, KeyFolder};
use super::keys::identity::Recipient;
use super::keys::participant::Participant;
use super::keys::passphrase::{Passphrase, WorkFactor};
use super::open::Vault;

impl Vault {
    fn key_folder(&self) -> KeyFolder<'_> {
        KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror)
    }

    /// Refuses a passphrase that is not the one of whoever unlocked the vault.
    ///
    /// # Errors
    /// [`Kind::Locked`].
    pub fn check_passphrase(&self, passphrase: &Passphrase) -> Result<()> {
        let line = self.config.find(&self.handle).ok_or_else(super::people::no_handle)?;
        self.key_folder().open(line.file, |bytes| Participant::open(bytes, passphrase, WorkFactor::MAX))?;
        Ok(())
    }

    /// Makes the keys of an epoch that follows the one in force, and keeps them beside their place until
    /// [`Vault::enter_epoch`]; an entry has to name the epoch in between.
    ///
    /// # Errors
    /// [`Kind::Io`]; then nothing counts of it.
    pub fn prepare_epoch(&mut self, recipients: &[Recipient]) -> Result<KeyId> {
        let next = self.epochs.next(self.entropy.as_mut())?;
        self.key_folder().write_beside(KeyFile::Team(next.id()), &next.seal(recipients)?)?;
        Ok(next.id())
    }

    /// Takes back a prepared epoch that no entry names.
    pub fn drop_epoch(&mut self, id: KeyId) {
        // What stays is dropped at the next unlock.
        let _ = self.key_folder().drop_beside(KeyFile::Team(id));
    }

    /// Goes over to an epoch that was prepared and is named by an entry. The working store begins anew under a key of
    /// the new epoch.
    ///
    /// # Errors
    /// [`Kind::Io`]; the next unlock goes on with it.
    pub fn enter_epoch(&mut self, id: KeyId, named: &[Epoch]) -> Result<()> {
        self.adopt(id)?;
        self.drop_followed(named)?;
        self.renew_store()
    }

    fn adopt(&mut self, id: KeyId) -> Result<()> {
        let (vault, identity) = (self.config.vault, self.participant.identity());
        let mut keys =
            self.key_folder().adopt(KeyFile::Team(id), |bytes| EpochKeys::open(bytes, vault, id, &[identity]))?;
        keys.learn(&self.epochs)?;
        self.epochs = keys;
        Ok(())
    }

    /// Finishes what a cut left of beginning an epoch or adding a recovery sheet. `named` are the epochs that the entries
    /// name; `recipients` is everybody to whom they seal the one in force. True if the vault went over to another epoch.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn finish_epochs(&mut self, named: &[Epoch], recipients: &[Recipient]) -> Result<bool> {
        let mut entered = false;
        for file in self.key_folder().beside() {
            let KeyFile::Team(id) = file else { continue };
            if id == self.epochs.id() {
                self.reseal_epoch(recipients)?;
                self.key_folder().drop_beside(file)?;
            } else if named.iter().any(|epoch| epoch.key == id) {
                // Sealed to others, it waits for one of them.
                entered |= self.adopt(id).is_ok();
            } else {
                self.key_folder().drop_beside(file)?;
            }
        }
        self.drop_followed(named)?;
        Ok(entered)
    }

    /// Seals the epoch in force to everybody whom the entries name, by way of a file beside its place.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn reseal_epoch(&mut self, recipients: &[Recipient]) -> Result<()> {
        let sealed = self.epochs.seal(recipients)?;
        self.key_folder().write(KeyFile::Team(self.epochs.id()), &sealed)
    }

    /// Marks that the epoch in force is about to be sealed to one recipient more, so that a cut between the entry that
    /// names them and [`Vault::reseal_epoch`] is made good.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn announce_reseal(&mut self, recipients: &[Recipient]) -> Result<()> {
        let sealed = self.epochs.seal(recipients)?;
        self.key_folder().write_beside(KeyFile::Team(self.epochs.id()), &sealed)
    }

    /// Removes the files of epochs that the one in force follows and holds: whoever is not among its recipients is to
    /// open nothing here any more.
    pub(super) fn drop_followed(&mut self, named: &[Epoch]) -> Result<()> {
        let now = self.epochs.id();
        let mut followed: HashSet<KeyId> = HashSet::new();
        let mut next = vec![now];
        while let Some(id) = next.pop() {
            let follows = named.iter().filter(|epoch| epoch.key == id).flat_map(|epoch| &epoch.follows);
            next.extend(follows.filter(|id| **id != now && followed.insert(**id)));
        }
        for file in self.key_folder().list()? {
            if matches!(file, KeyFile::Team(id) if followed.contains(&id) && self.epochs.get(id).is_some()) {
                self.key_folder().remove(file)?;
            }
        }
        Ok(())
    }

    /// True if a key file lies beside its place: [`Vault::finish_epochs`] is to be called.
    pub fn keys_are_unfinished(&self) -> bool {
        !self.key_folder().beside().is_empty()
    }

    /// True if a key file of this epoch lies in the vault, whoever can open it.
    pub fn has_epoch_file(&self, id: KeyId) -> bool {
        let (folder, file) = (self.key_folder(), KeyFile::Team(id));
        folder.list().unwrap_or_default().contains(&file) || folder.beside().contains(&file)
    }

    /// True if this epoch's key is at hand.
    pub fn holds_epoch(&self, id: KeyId) -> bool {
        self.epochs.get(id).is_some()
    }
}

/// A frame is sealed under a key that whoever is here does not have.
pub(super) fn newer_epoch() -> AppError {
    AppError::new(
        Kind::Locked,
        "What was written since is sealed under a newer key of the team, which yours does not open.",
        "Ask the coordinator for a key; recovery words were replaced: look for the newer sheet.",
    )
}
