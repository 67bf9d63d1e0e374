//! Keys for another copy of the vault: what a participant takes to a new computer, and the folder that is begun there.
//!
//! The new copy gets a signer of its own, which the old one introduces and never keeps, and one person's keys under their
//! own passphrase. docs/formats/bundle.md, "The first bundle of a device".

use crate::domain::ids::KeyId;
use crate::error::{AppError, Kind, Result};

use super::config::{ParticipantLine, VaultConfig};
use super::keys::epoch::{EpochKeys, RootSigner};
use super::keys::folder::{KeyFile, KeyFolder};
use super::keys::identity::Signer;
use super::keys::participant::{self, Participant};
use super::keys::passphrase::{Passphrase, WorkFactor};
use super::open::{Begun, Setup, Vault, clear_unfinished, disk_error, lock, mirror_of, open_epochs};

/// What a new copy of the vault begins with.
pub struct CopyKeys {
    /// `vault.toml` with the one participant.
    pub config: VaultConfig,
    /// Their key file, those of the epochs in force, and the root's if it is sealed to them.
    pub files: Vec<(KeyFile, Vec<u8>)>,
}

impl Vault {
    /// The keys of whoever unlocked the vault for another copy of it, which signs with `signer`. An entry has to
    /// introduce that device first.
    ///
    /// # Errors
    /// [`Kind::Locked`] if the passphrase is not theirs; [`Kind::Io`].
    pub fn keys_for_copy(&mut self, signer: Signer, passphrase: &Passphrase) -> Result<CopyKeys> {
        self.check_passphrase(passphrase)?;
        let work = self.own_work_factor()?;
        let line = self.config.find(&self.handle).cloned().ok_or_else(super::people::no_handle)?;
        let sealed = self.participant.for_copy(signer).seal(passphrase, work);
        let mut line = line;
        line.file = KeyFile::new_participant(self.entropy.as_mut());
        let mut files = vec![(line.file, sealed)];
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let (vault, identity) = (self.config.vault, self.participant.identity());
        for file in folder.list()? {
            let opened = match file {
                KeyFile::Participant(_) => continue,
                KeyFile::Team(id) => {
                    folder.open(file, |bytes| EpochKeys::open(bytes, vault, id, &[identity]).map(drop))
                }
                KeyFile::Root(id) => {
                    folder.open(file, |bytes| RootSigner::open(bytes, vault, id, &[identity]).map(drop))
                }
            };
            // What is sealed to others stays with them.
            files.extend(opened.ok().map(|opened| (file, opened.bytes)));
        }
        let config = VaultConfig { participants: vec![line], ..self.config.clone() };
        Ok(CopyKeys { config, files })
    }

    /// How hard guessing the passphrase of whoever unlocked the vault is made.
    ///
    /// # Errors
    /// [`Kind::Io`] if their file can't be read.
    pub fn own_work_factor(&self) -> Result<WorkFactor> {
        let line = self.config.find(&self.handle).ok_or_else(super::people::no_handle)?;
        let folder = KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror);
        let least = if self.config.practice { WorkFactor::MIN_PRACTICE } else { WorkFactor::MIN };
        let work = folder.open(line.file, participant::work_factor)?.value.max(least);
        Ok(WorkFactor::new(work, self.config.practice)?)
    }

    /// Begins a copy of a vault in an empty folder. Until its journal has a first frame the folder counts as unfinished,
    /// and beginning the copy can be done again.
    ///
    /// # Errors
    /// [`Kind::Locked`] for a wrong passphrase, before anything is written; [`Kind::Refused`] if there is a vault already;
    /// [`Kind::Damaged`] if the keys don't belong together; [`Kind::Io`].
    pub fn begin_copy(setup: Setup, keys: &CopyKeys, passphrase: &Passphrase) -> Result<Self> {
        let CopyKeys { config, files } = keys;
        let [line] = config.participants.as_slice() else { return Err(no_copy()) };
        let (_, sealed) = files.iter().find(|(file, _)| *file == line.file).ok_or_else(no_copy)?;
        let participant = Participant::open(sealed, passphrase, WorkFactor::MAX)?;
        participant.check_is(config.vault, line.member)?;
        let mirror = mirror_of(&setup.root);
        setup.disk.create_folder_durably(&setup.root).map_err(|error| disk_error("make the vault's folder", &error))?;
        let lock = lock(&setup, &line.handle)?;
        clear_unfinished(&setup, &mirror)?;
        let held = Begun { reading: None, ring: None, lock };
        let folder = KeyFolder::new(setup.disk.as_ref(), &setup.root, &mirror);
        for (file, bytes) in files {
            folder.write(*file, bytes)?;
        }
        config.write(setup.disk.as_ref(), &setup.root, &mirror)?;
        let quarantine = setup.root.join("quarantine").join(&setup.stamp);
        let mut found = Vec::new();
        let folder = KeyFolder::new(setup.disk.as_ref(), &setup.root, &mirror);
        let epochs = open_epochs(&setup, &folder, config.vault, &participant, &quarantine, &mut found)?;
        let mut vault = Self::assemble(setup, config.clone(), &line.handle, participant, epochs, held, found)?;
        vault.begin_store(None)?;
        Ok(vault)
    }
}

/// A participant who is to unlock a copy that is there already: written once what came with them is durable.
pub struct Seat {
    line: ParticipantLine,
    sealed: Vec<u8>,
}

impl Vault {
    /// True if the folder holds a copy of this vault, which whoever takes these keys there can't unlock.
    pub fn is_copy(setup: &Setup, config: &VaultConfig) -> bool {
        let there = VaultConfig::read(setup.disk.as_ref(), &setup.root, &mirror_of(&setup.root));
        let begun = setup.disk.list(&setup.root.join("journal")).is_ok_and(|names| !names.is_empty());
        let theirs = |line: &ParticipantLine| config.participants.iter().any(|new| new.member == line.member);
        begun && there.is_ok_and(|it| it.config.vault == config.vault && !it.config.participants.iter().any(theirs))
    }

    /// Opens a copy that is there with the keys of somebody who could not unlock it until now. Nothing of them is kept
    /// before [`Vault::keep_seat`]. What is written until then is sealed under the epoch that this copy is in, so that
    /// whoever can unlock it now still can, wherever a cut comes.
    ///
    /// # Errors
    /// As [`Vault::begin_copy`]; [`Kind::Refused`] if they can unlock it already, or it is in an epoch that their keys
    /// know nothing of.
    pub fn sit_down(setup: Setup, keys: &CopyKeys, passphrase: &Passphrase) -> Result<(Self, Seat)> {
        let [line] = keys.config.participants.as_slice() else { return Err(no_copy()) };
        let (_, sealed) = keys.files.iter().find(|(file, _)| *file == line.file).ok_or_else(no_copy)?;
        let participant = Participant::open(sealed, passphrase, WorkFactor::MAX)?;
        participant.check_is(keys.config.vault, line.member)?;
        let lock = lock(&setup, &line.handle)?;
        let mirror = mirror_of(&setup.root);
        let config = VaultConfig::read(setup.disk.as_ref(), &setup.root, &mirror)?.config;
        if config.participants.iter().any(|known| known.member == line.member) || config.find(&line.handle).is_some() {
            return Err(AppError::new(
                Kind::Refused,
                "There is a vault in this folder already, and you, or somebody with your handle, can unlock it.",
                "Unlock it, or give another folder with --into DIR.",
            ));
        }
        let vault = config.vault;
        let open = |(file, bytes): &(KeyFile, Vec<u8>)| match file {
            KeyFile::Team(id) => EpochKeys::open(bytes, vault, *id, &[participant.identity()]).ok(),
            _ => None,
        };
        let mut brought: Vec<EpochKeys> = keys.files.iter().filter_map(open).collect();
        let folder = KeyFolder::new(setup.disk.as_ref(), &setup.root, &mirror);
        let here: Vec<KeyId> = folder
            .list()?
            .into_iter()
            .filter_map(|file| if let KeyFile::Team(id) = file { Some(id) } else { None })
            .collect();
        brought.retain(|epochs| here.iter().all(|id| epochs.get(*id).is_some()));
        // Of several epochs that are here any will do: the sync that follows settles which is in force.
        let of_here = brought.first().zip(here.first()).and_then(|(epochs, id)| epochs.of(*id));
        let epochs = of_here.ok_or_else(|| {
            AppError::new(
                Kind::Refused,
                "This copy of the vault is further than the file: its keys were changed since.",
                "Sync the computer that made the file with this one, then make a new file there: mahoe device add.",
            )
        })?;
        let seat = Seat { line: line.clone(), sealed: sealed.clone() };
        let held = Begun::reading(&setup, vault, lock)?;
        let vault = Self::assemble(setup, config, &line.handle, participant, epochs, held, Vec::new())?;
        Ok((vault, seat))
    }

    /// Lets a participant who sat down unlock this copy from now on.
    ///
    /// # Errors
    /// [`Kind::Io`]; it can be done again.
    pub fn keep_seat(&mut self, seat: Seat) -> Result<()> {
        let Seat { line, sealed } = seat;
        KeyFolder::new(self.disk.as_ref(), &self.root, &self.mirror).write(line.file, &sealed)?;
        self.config.participants.push(line);
        let written = self.config.write(self.disk.as_ref(), &self.root, &self.mirror);
        if written.is_err() {
            self.config.participants.pop();
        }
        written
    }
}

fn no_copy() -> AppError {
    AppError::new(
        Kind::Damaged,
        "The file holds no keys to begin a copy with.",
        "Nothing was changed. Make a new one on the other computer: mahoe device add.",
    )
}
