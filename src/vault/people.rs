//! Participants of a vault: another person on the same laptop, and a changed passphrase.

use std::collections::HashSet;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::domain::ids::{DeviceId, ItemId, StreamId};
use crate::error::{AppError, Kind, Result};

use super::config::{ParticipantLine, handle_is_fine};
use super::keys::KeyError;
use super::keys::agefile;
use super::keys::folder::{KeyFile, KeyFolder};
use super::keys::identity::Recipient;
use super::keys::participant::{self, Participant};
use super::keys::passphrase::{Passphrase, WorkFactor};
use super::keys::ring::{RingEntry, WrapFor, Wrapped};
use super::open::{Found, Vault, disk_error, set_aside};
use super::sealed_to::Subject;

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
        } else {
            self.leave_mark_for(keys);
        }
        written
    }

    /// Takes a participant's key file and handle out of this copy of the vault; fine if there are none.
    ///
    /// # Errors
    /// [`Kind::Io`]; it can be done again.
    pub fn remove_participant(&mut self, member: ItemId) -> Result<()> {
        let Some(at) = self.config.participants.iter().position(|line| line.member == member) else { return Ok(()) };
        let line = self.config.participants.remove(at);
        if let Err(error) = self.config.write(self.disk.as_ref(), &self.root, &self.mirror) {
            self.config.participants.insert(at, line);
            return Err(error);
        }
        KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror).remove(line.file)
    }

    /// Stores new keys for a participant who lost theirs, in the place of the old file.
    ///
    /// # Errors
    /// [`Kind::Io`]; what was written before an error does no harm: it can be done again.
    pub fn replace_participant(
        &mut self,
        keys: &Participant,
        passphrase: &Passphrase,
        work: WorkFactor,
        recipients: &[Recipient],
    ) -> Result<()> {
        let file = KeyFile::new_participant(self.entropy.as_mut());
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        folder.write(KeyFile::Team(self.epochs.id()), &self.epochs.seal(recipients)?)?;
        folder.write(file, &keys.seal(passphrase, work))?;
        let line = self.config.participants.iter_mut().find(|line| line.member == keys.member());
        let line = line.ok_or_else(|| {
            AppError::new(Kind::Refused, "This member never had a key here.", "Have the coordinator give them one.")
        })?;
        let old = std::mem::replace(&mut line.file, file);
        self.config.write(self.disk.as_ref(), &self.root, &self.mirror)?;
        self.leave_mark_for(keys);
        folder.remove(old)
    }

    /// Wraps the keys of a restricted stream for the people who are to read it, as far as that is not so already, and
    /// without a new generation: what was written stays readable for them. Keys that whoever is at the keyboard can't
    /// open stay as they are. How many were wrapped.
    ///
    /// # Errors
    /// If a key is damaged, or can't be made durable.
    pub fn rewrap(&mut self, stream: StreamId, people: &[Recipient]) -> Result<usize> {
        let restricted = |entry: &&RingEntry| entry.stream == stream && matches!(entry.wrapped, Wrapped::Restricted(_));
        let old: Vec<RingEntry> = self.ring.iter().filter(restricted).cloned().collect();
        let mut new = Vec::with_capacity(old.len());
        for entry in old {
            if let Wrapped::Restricted(file) = &entry.wrapped
                && self.is_sealed_to(&Subject::Key(entry.id), file, people)
            {
                continue;
            }
            let key = match self.ring.open(entry.id, &self.epochs, self.participant.identity()) {
                Err(KeyError::NotForYou) => continue,
                key => key?,
            };
            let place = (entry.stream, entry.class, entry.generation);
            new.push(RingEntry::wrap(&key, place, WrapFor::People(people), self.entropy.as_mut())?);
        }
        if new.is_empty() {
            return Ok(0);
        }
        self.append_ring(&new)?;
        let count = new.len();
        for entry in new {
            if let Wrapped::Restricted(file) = &entry.wrapped {
                self.note_sealed_to(&Subject::Key(entry.id), file, people);
            }
            self.ring.insert(entry);
        }
        self.keep_sealed_to();
        Ok(count)
    }

    /// The streams of which some keys are sealed to people and not to the whole team.
    pub fn restricted_streams(&self) -> HashSet<StreamId> {
        let restricted = |entry: &&RingEntry| matches!(entry.wrapped, Wrapped::Restricted(_));
        self.ring.iter().filter(restricted).map(|entry| entry.stream).collect()
    }

    /// Seals the keys of whoever unlocked the vault under another passphrase.
    ///
    /// # Errors
    /// [`Kind::Locked`] if the old one is wrong; [`Kind::Io`].
    pub fn change_passphrase(&mut self, old: &Passphrase, new: &Passphrase, work: WorkFactor) -> Result<()> {
        let line = self.config.find(&self.handle).cloned().ok_or_else(no_handle)?;
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let opened =
            folder.open(line.file, |bytes| participant::change_passphrase(bytes, old, new, work, WorkFactor::MAX))?;
        folder.write(line.file, &opened.value)
    }

    /// Makes a new device for whoever unlocked the vault and stores it under their passphrase, with the work factor
    /// that their file has. It signs only once [`Vault::sign_with`] says so: the older one has to introduce it first.
    /// `why` is what is told of it.
    ///
    /// # Errors
    /// [`Kind::Io`]; then the older device signs on, and must not be used where its chain is in doubt.
    pub fn renew_device(&mut self, passphrase: &Passphrase, why: Found) -> Result<DeviceId> {
        let line = self.config.find(&self.handle).cloned().ok_or_else(no_handle)?;
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let work = self.own_work_factor()?;
        let old = self.participant.device().device_id();
        let new = self.participant.add_device(self.entropy.as_mut());
        self.participant.sign_with(old);
        folder.write(line.file, &self.participant.seal(passphrase, work))?;
        self.findings.push(why);
        Ok(new)
    }

    /// Writes the key ring anew without the numbers that no copy holds, once what follows from their loss is done: what
    /// they sealed is counted at each unlock by the bodies that nobody can open.
    ///
    /// # Errors
    /// As the disk gives them; then the loss is found again at the next unlock.
    pub fn close_ring(&mut self) -> Result<()> {
        self.ring_log.rewrite(Some).map(drop).map_err(|error| self.full(error))
    }

    /// Signs with one of the participant's devices from now on.
    pub fn sign_with(&mut self, device: DeviceId) {
        self.participant.sign_with(device);
    }

    /// Keeps unfinished forms of whoever unlocked the vault, sealed to them alone, in both copies.
    ///
    /// # Errors
    /// [`Kind::Io`] if the disk refuses.
    pub fn write_drafts(&mut self, bytes: &[u8]) -> Result<()> {
        let sealed = agefile::seal_to_recipients(bytes, &[self.participant.recipient()])?;
        self.store_drafts(&sealed)
    }

    fn store_drafts(&self, sealed: &[u8]) -> Result<()> {
        for path in self.draft_paths() {
            let folder = path.parent().unwrap_or(&self.root);
            self.disk
                .create_folder_durably(folder)
                .and_then(|()| self.disk.write_atomic(&path, sealed))
                .map_err(|error| disk_error("keep the draft", &error))?;
        }
        Ok(())
    }

    fn draft_paths(&self) -> [PathBuf; 2] {
        let name = format!("{}.age", self.participant.member());
        [&self.root, &self.mirror].map(|home| home.join("drafts").join(&name))
    }

    /// The unfinished forms of whoever unlocked the vault; `None` if there are none that can be read.
    pub fn read_drafts(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.draft_paths().iter().find_map(|path| self.open_drafts(&self.disk.read(path, MAX_DRAFTS).ok()?))
    }

    fn open_drafts(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        agefile::open_with_identities(sealed, &[self.participant.identity()], 4).ok()
    }

    /// Makes the copies of the drafts equal again. Nothing that was acknowledged depends on them, so that a disk that
    /// refuses is no reason not to open.
    pub(super) fn level_drafts(&mut self) {
        let paths = self.draft_paths();
        let copies = paths.each_ref().map(|path| self.disk.read(path, MAX_DRAFTS).ok());
        let there = paths.each_ref().map(|path| self.disk.exists(path));
        // A file that is too large to be drafts is there, too, and is read as none.
        let sound = |copy: &Option<Vec<u8>>| {
            copy.as_ref().map_or(there == [false; 2], |bytes| self.open_drafts(bytes).is_some())
        };
        if copies[0] == copies[1] && sound(&copies[0]) {
            return;
        }
        let good = copies.iter().flatten().find(|bytes| self.open_drafts(bytes).is_some());
        for (index, path) in paths.iter().enumerate() {
            if there[index] && copies[index].as_ref() != good {
                set_aside(self.disk.as_ref(), path, &self.quarantine);
            }
        }
        if let Some(good) = good {
            let _ = self.store_drafts(good);
        }
        self.findings.push(Found::Drafts(good.is_some()));
    }

    /// Signs and reads as somebody else from now on; gives back the keys of whoever did before.
    pub fn change_seat(&mut self, keys: Participant) -> Participant {
        self.ring.forget_keys();
        std::mem::replace(&mut self.participant, keys)
    }

    /// The block of the working store into which the next entry goes; `offset` others come before it.
    pub fn block_of_next(&self, offset: usize) -> u64 {
        self.working.block_of_next(offset)
    }
}

pub(super) fn no_handle() -> AppError {
    AppError::new(Kind::Damaged, "Your handle is not in this vault any more.", "Unlock it again.")
}
