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
use super::sealed_to::Subject;

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
        let id = self.epochs.id();
        let sealed = self.epochs.seal(recipients)?;
        self.key_folder().write(KeyFile::Team(id), &sealed)?;
        self.note_sealed_to(&Subject::Epoch(id), &sealed, recipients);
        self.keep_sealed_to();
        Ok(())
    }

    /// Seals the epoch in force to everybody whom the entries name, unless this copy has done so before.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn follow_recipients(&mut self, recipients: &[Recipient]) -> Result<()> {
        let id = self.epochs.id();
        let path = self.root.join("keys").join(KeyFile::Team(id).to_string());
        let file = self.disk.read(&path, super::keys::epoch::MAX_FILE as u64).unwrap_or_default();
        if self.is_sealed_to(&Subject::Epoch(id), &file, recipients) { Ok(()) } else { self.reseal_epoch(recipients) }
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

    /// Removes the files of epochs that the one in force follows: whoever is not among its recipients is to open nothing
    /// here any more. A file goes only once the one in force is seen to hold its key *on the disk*: what is known in
    /// memory may have come from the very file that is to go.
    pub(crate) fn drop_followed(&mut self, named: &[Epoch]) -> Result<()> {
        let now = self.epochs.id();
        let followed = ancestors(named, now);
        let gone = |file: &KeyFile| matches!(file, KeyFile::Team(id) if followed.contains(id));
        let files: Vec<KeyFile> = self.key_folder().list()?.into_iter().filter(gone).collect();
        if files.is_empty() {
            return Ok(());
        }
        let lacks = |kept: &EpochKeys, file: &KeyFile| matches!(file, KeyFile::Team(id) if kept.get(*id).is_none());
        let mut kept = self.read_epoch(now)?;
        let missing = |file: &KeyFile| lacks(&kept, file) && matches!(file, KeyFile::Team(id) if self.holds_epoch(*id));
        if files.iter().any(missing)
            && let Some(recipients) = recipients_of(named, now)
        {
            self.reseal_epoch(&recipients)?;
            kept = self.read_epoch(now)?;
        }
        files.into_iter().filter(|file| !lacks(&kept, file)).try_for_each(|file| self.key_folder().remove(file))
    }

    fn read_epoch(&self, id: KeyId) -> Result<EpochKeys> {
        let (vault, identity) = (self.config.vault, self.participant.identity());
        let open = |bytes: &[u8]| EpochKeys::open(bytes, vault, id, &[identity]);
        Ok(self.key_folder().open(KeyFile::Team(id), open)?.value)
    }

    /// Goes over to the epoch that the entries make the one in force: of those that no other follows and whose keys are
    /// here the one with most ancestors, and among equals the one with the lowest id, in every copy the same. True if it
    /// was another.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn settle_on(&mut self, named: &[Epoch]) -> Result<bool> {
        let held = named.iter().filter(|epoch| self.holds_epoch(epoch.key));
        let followed = |key: KeyId| {
            named.iter().any(|epoch| self.holds_epoch(epoch.key) && epoch.key != key && epoch.follows.contains(&key))
        };
        let newest = held.filter(|epoch| !followed(epoch.key));
        let best = newest.min_by_key(|epoch| (std::cmp::Reverse(ancestors(named, epoch.key).len()), epoch.key));
        let Some(best) = best.map(|epoch| epoch.key).filter(|best| *best != self.epochs.id()) else { return Ok(false) };
        let Some((recipients, keys)) = recipients_of(named, best).zip(self.epochs.led_by(best)) else {
            return Ok(false);
        };
        // With every key that is known, so that the next unlock finds it at once.
        self.epochs = keys;
        self.reseal_epoch(&recipients)?;
        Ok(true)
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

/// Every epoch that this one follows, directly or by way of others.
fn ancestors(named: &[Epoch], of: KeyId) -> HashSet<KeyId> {
    let mut found = HashSet::new();
    let mut next = vec![of];
    while let Some(id) = next.pop() {
        let follows = named.iter().filter(|epoch| epoch.key == id).flat_map(|epoch| &epoch.follows);
        next.extend(follows.filter(|id| **id != of && found.insert(**id)));
    }
    found
}

/// Everybody who can open an epoch, as the entries name them; none if that can't be read.
fn recipients_of(named: &[Epoch], key: KeyId) -> Option<Vec<Recipient>> {
    let epoch = named.iter().find(|epoch| epoch.key == key)?;
    epoch.recipients.iter().map(|(_, text)| text.parse().ok()).collect()
}

/// A frame is sealed under a key that whoever is here does not have.
pub(super) fn newer_epoch() -> AppError {
    AppError::new(
        Kind::Locked,
        "What was written since is sealed under a newer key of the team, which yours does not open.",
        "Ask the coordinator for a key; recovery words were replaced: look for the newer sheet.",
    )
}
