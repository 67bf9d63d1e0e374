//! Participants of a vault: another person on the same laptop, and a changed passphrase.

use crate::domain::ids::ItemId;
use crate::error::{AppError, Kind, Result};

use super::config::{ParticipantLine, handle_is_fine};
use super::keys::folder::{KeyFile, KeyFolder};
use super::keys::identity::Recipient;
use super::keys::participant::{self, Participant};
use super::keys::passphrase::{Passphrase, WorkFactor};
use super::open::Vault;

impl Vault {
    /// New keys for a member, not yet stored anywhere.
    pub fn new_participant(&mut self, member: ItemId) -> Participant {
        Participant::create(self.config.vault, member, self.entropy.as_mut())
    }

    /// Stores a participant's keys under their passphrase, and seals the epoch to everybody in `recipients`, who come
    /// from signed entries and include the new one.
    ///
    /// # Errors
    /// [`Kind::Refused`] for a handle that won't do; [`Kind::Io`]. What was written before an error does no harm: it
    /// can be done again.
    pub fn add_participant(
        &mut self,
        keys: &Participant,
        handle: &str,
        passphrase: &Passphrase,
        work: WorkFactor,
        recipients: &[Recipient],
    ) -> Result<()> {
        if !handle_is_fine(handle) {
            return Err(AppError::new(Kind::Refused, "This handle won't do.", "Use 2 to 24 small letters and digits."));
        }
        let file = KeyFile::new_participant(self.entropy.as_mut());
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        folder.write(KeyFile::Team(self.epochs.id()), &self.epochs.seal(recipients)?)?;
        folder.write(file, &keys.seal(passphrase, work))?;
        self.config.participants.push(ParticipantLine { handle: handle.to_owned(), file, member: keys.member() });
        let written = self.config.write(self.disk.as_ref(), &self.root, &self.mirror);
        if written.is_err() {
            self.config.participants.pop();
        }
        written
    }

    /// Seals the keys of whoever unlocked the vault under another passphrase.
    ///
    /// # Errors
    /// [`Kind::Locked`] if the old one is wrong; [`Kind::Io`].
    pub fn change_passphrase(&mut self, old: &Passphrase, new: &Passphrase, work: WorkFactor) -> Result<()> {
        let line = self.config.find(&self.handle).cloned();
        let line = line.ok_or_else(|| {
            AppError::new(Kind::Damaged, "Your handle is not in this vault any more.", "Unlock it again.")
        })?;
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let opened =
            folder.open(line.file, |bytes| participant::change_passphrase(bytes, old, new, work, WorkFactor::MAX))?;
        folder.write(line.file, &opened.value)
    }

    /// Signs and reads as somebody else from now on.
    pub fn become_participant(&mut self, keys: Participant) {
        self.participant = keys;
        self.ring.forget_keys();
    }

    /// The block of the working store into which the newest entries go.
    pub fn newest_block(&self) -> u64 {
        self.working.blocks()
    }
}
