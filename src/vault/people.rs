//! Participants of a vault: another person on the same laptop, and a changed passphrase.

use zeroize::Zeroizing;

use crate::domain::ids::ItemId;
use crate::error::{AppError, Kind, Result};

use super::config::{ParticipantLine, handle_is_fine};
use super::keys::agefile;
use super::keys::folder::{KeyFile, KeyFolder};
use super::keys::identity::Recipient;
use super::keys::participant::{self, Participant};
use super::keys::passphrase::{Passphrase, WorkFactor};
use super::open::{Vault, disk_error};

/// The largest file of drafts, in bytes.
const MAX_DRAFTS: u64 = 4 << 20;

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

    /// Keeps unfinished forms of whoever unlocked the vault, sealed to them alone.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn write_drafts(&mut self, bytes: &[u8]) -> Result<()> {
        let folder = self.root.join("drafts");
        let path = folder.join(format!("{}.age", self.participant.member()));
        let sealed = agefile::seal_to_recipients(bytes, &[self.participant.recipient()])?;
        self.disk
            .create_folder(&folder)
            .and_then(|()| self.disk.write_atomic(&path, &sealed))
            .map_err(|error| disk_error("keep the draft", &error))
    }

    /// The unfinished forms of whoever unlocked the vault; `None` if there are none that can be read.
    pub fn read_drafts(&self) -> Option<Zeroizing<Vec<u8>>> {
        let path = self.root.join("drafts").join(format!("{}.age", self.participant.member()));
        let sealed = self.disk.read(&path, MAX_DRAFTS).ok()?;
        agefile::open_with_identities(&sealed, &[self.participant.identity()], 4).ok()
    }

    /// Signs and reads as somebody else from now on; gives back the keys of whoever did before.
    pub fn change_seat(&mut self, keys: Participant) -> Participant {
        self.ring.forget_keys();
        std::mem::replace(&mut self.participant, keys)
    }

    /// The block of the working store into which the newest entries go.
    pub fn newest_block(&self) -> u64 {
        self.working.blocks()
    }
}
