//! Making, unlocking and locking a vault.
//!
//! At unlock the copies are levelled: whatever is damaged or behind is made whole from the others, and one sentence
//! tells. What the vault holds is then handed to the caller entry by entry; the vault itself keeps no State.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::ids::{BlobId, DeviceId, ItemId, KeyId, VaultId};
use crate::error::{AppError, Kind, Result};

use super::config::{ParticipantLine, VaultConfig};
use super::disk::Disk;
use super::entries::{Sealed, store_error};
use super::framelog::{self, Finding, FrameLog, OpenMode, Places};
use super::keys::KeyError;
use super::keys::epoch::EpochKeys;
use super::keys::folder::{Copies, KeyFile, KeyFolder, Opened};
use super::keys::identity::Recipient;
use super::keys::participant::Participant;
use super::keys::passphrase::{Passphrase, WorkFactor};
use super::keys::recovery::RecoveryWords;
use super::keys::ring::{Ring, RingEntry};
use super::lock::VaultLock;
use super::mark::{self, Mark};
use super::reading::Reading;
use super::ringlog;
use super::seal::Entropy;
use super::sealed_to::SealedTo;
use super::store::StoreError;
use super::working::Working;

/// Kind of a ring frame: one [`RingEntry`].
const RING: u8 = 1;
/// At most so many keys are written with one sync.
const RING_FRAMES: usize = 1_000;
/// Under this many segments the journal's copies are compared in full at every opening; above, while idle.
const WHOLE_SEGMENTS: usize = 2;
/// So many blocks of the working store are compared at a time while idle.
const SOME_BLOCKS: u64 = 64;

/// Where a vault is and what it is made with.
pub struct Setup {
    /// The disk that it lies on.
    pub disk: Arc<dyn Disk>,
    /// Its folder.
    pub root: PathBuf,
    /// True for a vault in memory: the working store is in memory too, and nothing is locked.
    pub in_memory: bool,
    /// True if the caller compares the rest of the journal's copies while idle ([`Vault::check_more`]).
    pub check_later: bool,
    /// Where this computer keeps its marks of vaults, outside of them; `None` if it keeps none.
    pub marks: Option<PathBuf>,
    /// Local time for people and for file names, like `2026-11-22 09.20.05`.
    pub stamp: String,
    /// Randomness.
    pub entropy: Box<dyn Entropy>,
}

/// What a new vault is to be.
pub struct NewVault<'a> {
    /// ISO 3166-2 code of the parish.
    pub parish: &'a str,
    /// A practice vault: nothing passes between it and real ones.
    pub practice: bool,
    /// The first participant's handle.
    pub handle: &'a str,
    /// The first participant on the roster.
    pub member: ItemId,
    /// Their passphrase.
    pub passphrase: &'a Passphrase,
    /// How hard guessing it is made.
    pub work: WorkFactor,
}

/// An unlocked vault.
pub struct Vault {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) root: PathBuf,
    pub(super) mirror: PathBuf,
    pub(super) quarantine: PathBuf,
    pub(super) config: VaultConfig,
    pub(super) handle: String,
    pub(super) participant: Participant,
    pub(super) epochs: EpochKeys,
    pub(super) ring: Ring,
    pub(super) ring_log: FrameLog,
    pub(super) journal: FrameLog,
    pub(super) working: Working,
    /// The working store while it is being read.
    pub(super) reading: Option<Reading>,
    /// Whom this copy sealed what for.
    pub(super) sealed_to: SealedTo,
    pub(super) entropy: Box<dyn Entropy>,
    pub(super) findings: Vec<Found>,
    pub(super) checked_segments: usize,
    pub(super) checked_blocks: u64,
    /// The working store was found damaged and built anew since somebody asked.
    pub(super) rebuilt: bool,
    /// Where this computer keeps its marks, and the one of whoever unlocked it that stands there now.
    pub(super) marks: Option<PathBuf>,
    pub(super) marked: Option<Mark>,
    _lock: VaultLock,
}

/// How this computer knows a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It keeps no marks.
    Unmarked,
    /// It has had this folder open before, and whoever unlocked it signs with this device here.
    Here(DeviceId),
    /// The folder came here from elsewhere, or an older copy was put back.
    Strange,
}

/// Something that was found and dealt with at unlock or since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// About the journal.
    Journal(Finding),
    /// About the key ring.
    Ring(Finding),
    /// A key file was made whole from its other copy.
    KeyFile(String),
    /// vault.toml was made whole from its other copy.
    Config,
    /// The working store was built again from the journal, and why.
    Store(String),
    /// Entries that only the working store still held were written to the journal again.
    Salvaged(usize),
    /// A key in the folder belongs to an epoch that this participant can't open.
    ForeignEpoch(String),
    /// Bodies of entries that no copy can open any more, because their key or their bytes are gone.
    Unreadable(usize),
    /// Something that was written here is in doubt, so that whoever unlocked it signs as a new device from now on.
    NewDevice,
    /// The folder was restored, copied or moved since it was open here, so that whoever unlocked it signs as a new device.
    Moved,
    /// The drafts were made whole from their other copy; false if neither could be read.
    Drafts(bool),
    /// A document's file was made whole from its other copy.
    Document(BlobId),
    /// Files of documents that no entry names, as a crash leaves them: they were set aside.
    DocumentsAside(usize),
}

pub(super) fn mirror_of(root: &Path) -> PathBuf {
    root.join("mirror")
}

fn places(root: &Path, name: &str, quarantine: &Path) -> Places {
    let folder = if name == "ring" { PathBuf::from("keys").join("ring") } else { PathBuf::from(name) };
    Places {
        primary: root.join(&folder),
        mirror: mirror_of(root).join(&folder),
        quarantine: quarantine.to_path_buf(),
        name: name.to_owned(),
    }
}

/// Handles and practice mark of the vault in a folder, for the unlock screen; nothing is unlocked.
pub fn peek(disk: &dyn Disk, root: &Path) -> Result<VaultConfig> {
    VaultConfig::read(disk, root, &mirror_of(root)).map(|loaded| loaded.config)
}

impl Vault {
    /// Makes a vault with one participant. The recovery words are to be shown once and written down.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is a vault already or the handle won't do; [`Kind::Io`] if the disk refuses.
    pub fn create(mut setup: Setup, new: &NewVault<'_>) -> Result<(Self, RecoveryWords)> {
        let mirror = mirror_of(&setup.root);
        setup.disk.create_folder_durably(&setup.root).map_err(|error| disk_error("make the vault's folder", &error))?;
        let lock = lock(&setup, new.handle)?;
        clear_unfinished(&setup, &mirror)?;
        let vault = {
            let mut id = [0; 16];
            setup.entropy.fill(&mut id);
            VaultId(id)
        };
        let participant = Participant::create(vault, new.member, setup.entropy.as_mut());
        let recovery = RecoveryWords::random(setup.entropy.as_mut());
        let epochs = EpochKeys::first(vault, setup.entropy.as_mut());
        let file = KeyFile::new_participant(setup.entropy.as_mut());
        let config = VaultConfig {
            vault,
            parish: new.parish.to_owned(),
            practice: new.practice,
            participants: vec![ParticipantLine { handle: new.handle.to_owned(), file, member: new.member }],
        };
        let keys = KeyFolder::new(setup.disk.as_ref(), &setup.root, &mirror);
        keys.write(file, &participant.seal(new.passphrase, new.work))?;
        let recipients = [participant.recipient(), recovery.identity().recipient()];
        keys.write(KeyFile::Team(epochs.id()), &epochs.seal(&recipients)?)?;
        let held = Begun { reading: None, ring: None, lock };
        // Until the journal has its first frame, the folder counts as unfinished, and making the vault can be done again.
        config.write(setup.disk.as_ref(), &setup.root, &mirror)?;
        let mut vault = Self::assemble(setup, config, new.handle, participant, epochs, held, Vec::new())?;
        vault.begin_store(None)?;
        Ok((vault, recovery))
    }

    /// Unlocks a vault for the participant with a handle.
    ///
    /// # Errors
    /// [`Kind::Locked`] for an unknown handle and a wrong passphrase alike; [`Kind::Refused`] if it is open elsewhere;
    /// [`Kind::Damaged`] if no copy of something needed verifies; [`Kind::Io`] if the disk refuses.
    pub fn unlock(setup: Setup, handle: &str, passphrase: &Passphrase) -> Result<Self> {
        let mirror = mirror_of(&setup.root);
        let loaded = VaultConfig::read(setup.disk.as_ref(), &setup.root, &mirror)?;
        let config = loaded.config;
        let line = config.find(handle).cloned();
        let lock = lock(&setup, line.as_ref().map_or("somebody", |line| &line.handle))?;
        let held = Begun::reading(&setup, config.vault, lock)?;
        let quarantine = setup.root.join("quarantine").join(&setup.stamp);
        let mut found = Vec::new();
        if loaded.copies != Copies::Same {
            let bad = if loaded.copies == Copies::Mirror { &setup.root } else { &mirror };
            set_aside(setup.disk.as_ref(), &bad.join(super::config::FILE_NAME), &quarantine);
            config.write(setup.disk.as_ref(), &setup.root, &mirror)?;
            found.push(Found::Config);
        }
        // An unknown handle costs as much as a wrong passphrase, and says as little.
        let Some(line) = line else {
            spend(&setup, passphrase);
            return Err(KeyError::WrongPassphrase.into());
        };
        let keys = KeyFolder::new(setup.disk.as_ref(), &setup.root, &mirror);
        let opened = keys.open(line.file, |bytes| {
            let participant = Participant::open(bytes, passphrase, WorkFactor::MAX)?;
            participant.check_is(config.vault, line.member)?;
            Ok(participant)
        })?;
        let participant = level(&setup, &keys, line.file, opened, &quarantine, &mut found)?;
        let epochs = open_epochs(&setup, &keys, config.vault, &participant, &quarantine, &mut found)?;
        let mut vault = Self::assemble(setup, config, &line.handle, participant, epochs, held, found)?;
        vault.level_drafts();
        vault.level_roots();
        vault.level_blobs();
        Ok(vault)
    }

    /// Opens a vault with its recovery words: only to let somebody in again.
    ///
    /// # Errors
    /// [`Kind::Locked`] if the words are not this vault's.
    pub fn recover(setup: Setup, words: &RecoveryWords) -> Result<Self> {
        let mirror = mirror_of(&setup.root);
        let config = VaultConfig::read(setup.disk.as_ref(), &setup.root, &mirror)?.config;
        let lock = lock(&setup, "recovery words")?;
        let held = Begun::reading(&setup, config.vault, lock)?;
        let quarantine = setup.root.join("quarantine").join(&setup.stamp);
        let mut found = Vec::new();
        let participant = Participant::of_recovery(config.vault, words);
        let keys = KeyFolder::new(setup.disk.as_ref(), &setup.root, &mirror);
        let epochs = open_epochs(&setup, &keys, config.vault, &participant, &quarantine, &mut found).map_err(|_| {
            AppError::new(
                Kind::Locked,
                "These recovery words don't open this vault.",
                "Check that the sheet is this team's, and that the folder is the right one.",
            )
        })?;
        Self::assemble(setup, config, "recovery words", participant, epochs, held, found)
    }

    pub(super) fn assemble(
        setup: Setup,
        config: VaultConfig,
        handle: &str,
        participant: Participant,
        epochs: EpochKeys,
        mut held: Begun,
        mut findings: Vec<Found>,
    ) -> Result<Self> {
        let working = working(&setup, config.vault);
        let Setup { disk, root, check_later, marks, stamp, entropy, .. } = setup;
        // It needs neither ring nor journal, and what takes longest is begun first.
        if let Some(reading) = &mut held.reading {
            reading.unlock(epochs.duplicate());
        }
        let quarantine = root.join("quarantine").join(stamp);
        let ring = match held.ring.take().and_then(ringlog::Opening::finish) {
            Some(ring) => ring?,
            None => ringlog::open(Arc::clone(&disk), places(&root, "ring", &quarantine))?,
        };
        let ringlog::Opened { ring, log: ring_log, found } = ring;
        findings.extend(found.into_iter().map(Found::Ring));
        let judge = Box::new(Sealed::new(config.vault, &epochs));
        let (mut journal, journal_found) =
            FrameLog::open_judged(Arc::clone(&disk), places(&root, "journal", &quarantine), OpenMode::Tail, judge)?;
        findings.extend(journal_found.into_iter().map(Found::Journal));
        let mut checked_segments = 0;
        if !check_later && journal.segments() <= WHOLE_SEGMENTS {
            let more = journal.check_all(&mut |_, _| std::ops::ControlFlow::Continue(()))?;
            findings.extend(more.into_iter().map(Found::Journal));
            checked_segments = journal.segments();
        }
        // Without room for the ballast the vault still opens: only the reserve is missing.
        let _ = framelog::ballast::ensure(disk.as_ref(), &root);
        Ok(Self {
            mirror: mirror_of(&root),
            working,
            reading: held.reading,
            disk,
            root,
            quarantine,
            config,
            handle: handle.to_owned(),
            participant,
            epochs,
            ring,
            ring_log,
            journal,
            sealed_to: SealedTo::default(),
            entropy,
            findings,
            checked_segments,
            checked_blocks: 0,
            rebuilt: false,
            marks,
            marked: None,
            _lock: held.lock,
        })
    }

    /// The vault's id.
    pub fn id(&self) -> VaultId {
        self.config.vault
    }

    /// What `vault.toml` says.
    pub fn config(&self) -> &VaultConfig {
        &self.config
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The handle of whoever unlocked it.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Who unlocked it, with their keys.
    pub fn participant(&self) -> &Participant {
        &self.participant
    }

    /// The epoch whose key new frames are sealed under.
    pub fn epoch(&self) -> KeyId {
        self.epochs.id()
    }

    /// Everything found and dealt with so far.
    pub fn findings(&self) -> &[Found] {
        &self.findings
    }

    /// The recipient of whoever unlocked it.
    pub fn recipient(&self) -> Recipient {
        self.participant.recipient()
    }

    /// Syncs the mirror: within a second of a commit, and when the vault is locked.
    ///
    /// # Errors
    /// As [`FrameLog::sync_mirror`].
    pub fn settle(&mut self) -> Result<()> {
        self.ring_log.sync_mirror()?;
        self.journal.sync_mirror()?;
        if self.marked.is_some() {
            self.leave_mark();
        }
        Ok(())
    }

    /// Whether this computer has had this folder open before, as it is now or as it was then.
    pub fn known_here(&self) -> Known {
        let Some(path) = self.mark_of(self.participant.member()) else { return Known::Unmarked };
        let mark = Mark::read(self.disk.as_ref(), &path);
        let ours = |mark: &Mark| self.participant.devices().any(|signer| signer.device_id() == mark.device);
        match mark.filter(|mark| ours(mark) && mark.is_in(&self.journal)) {
            Some(mark) => Known::Here(mark.device),
            None if mark::clear(self.disk.as_ref(), &path) => Known::Strange,
            None => Known::Unmarked,
        }
    }

    /// Takes this computer's mark back until the next one is left: whatever comes between, nothing is believed.
    pub fn forget_mark(&mut self) {
        self.marked = None;
        if let Some(path) = self.mark_of(self.participant.member()) {
            mark::clear(self.disk.as_ref(), &path);
        }
    }

    /// Notes outside of the vault which device signs here and how far the journal has come; from the first time on,
    /// whenever the vault settles.
    pub fn leave_mark(&mut self) {
        let mark = self.journal.last().map(|newest| Mark { device: self.participant.device().device_id(), newest });
        if mark != self.marked
            && let (Some(mark), Some(path)) = (mark, self.mark_of(self.participant.member()))
            // A computer that can't write its mark makes a new device the next time, which harms nothing.
            && mark.write(self.disk.as_ref(), &path).is_ok()
        {
            self.marked = Some(mark);
        }
    }

    /// As [`Vault::leave_mark`], for a participant whose keys were made here.
    pub(super) fn leave_mark_for(&self, keys: &Participant) {
        if let (Some(newest), Some(path)) = (self.journal.last(), self.mark_of(keys.member())) {
            let _ = Mark { device: keys.device().device_id(), newest }.write(self.disk.as_ref(), &path);
        }
    }

    fn mark_of(&self, member: ItemId) -> Option<PathBuf> {
        self.marks.as_ref().map(|marks| mark::path(marks, self.config.vault, &self.root, member))
    }

    /// True while a commit is in the mirror that a power cut could take from it.
    pub fn needs_settling(&self) -> bool {
        self.journal.mirror_is_dirty() || self.ring_log.mirror_is_dirty()
    }

    /// Random bytes from the vault's own source.
    pub fn random(&mut self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }

    /// Compares and repairs one more segment of the journal; false once all were compared since unlock.
    ///
    /// # Errors
    /// As [`FrameLog::check_segment`].
    pub fn check_more(&mut self) -> Result<bool> {
        if self.checked_segments >= self.journal.segments() {
            return self.check_some_blocks();
        }
        let more = self.journal.check_segment(self.checked_segments)?;
        self.checked_segments += 1;
        self.findings.extend(more.into_iter().map(Found::Journal));
        Ok(true)
    }

    /// Compares the halves of some blocks of the working store, which is built anew if they don't agree.
    fn check_some_blocks(&mut self) -> Result<bool> {
        match self.check_blocks(SOME_BLOCKS) {
            Ok(more) => Ok(more),
            Err(StoreError::Damaged(what)) => {
                self.begin_store(Some(what))?;
                self.catch_up(&mut |_, _| {})?;
                self.working.flush().map_err(|error| store_error(&error))?;
                // What was written just now need not be read again.
                self.checked_blocks = self.working.blocks();
                self.rebuilt = true;
                Ok(true)
            }
            Err(error) => Err(store_error(&error)),
        }
    }

    /// True if [`Vault::check_more`] built the working store anew since this was asked: what lies in which block is to
    /// be learnt again.
    pub fn take_rebuilt(&mut self) -> bool {
        std::mem::take(&mut self.rebuilt)
    }

    /// Makes new keys durable. Those that could not be are forgotten: they must never be used.
    pub(super) fn append_ring(&mut self, entries: &[RingEntry]) -> Result<()> {
        let encoded: Vec<Vec<u8>> = entries.iter().map(RingEntry::encode).collect();
        for some in encoded.chunks(RING_FRAMES) {
            let payloads: Vec<&[u8]> = some.iter().map(Vec::as_slice).collect();
            if let Err(error) = self.ring_log.append_all(RING, self.epochs.id(), &payloads) {
                self.forget_keys_of(entries);
                return Err(self.full(error));
            }
        }
        Ok(())
    }

    /// Forgets keys that were made and not made durable; what they were made for gets new ones.
    pub(super) fn forget_keys_of(&mut self, entries: &[RingEntry]) {
        // A key that was here before under another wrap stays.
        self.ring.retain(|entry| !entries.iter().any(|made| made == entry));
    }

    /// A full disk frees the ballast, so that the person can finish and export.
    pub(super) fn full(&self, error: framelog::LogError) -> AppError {
        if error == framelog::LogError::Full {
            // If even removing fails, there is nothing more to give.
            let _ = framelog::ballast::free(self.disk.as_ref(), &self.root);
        }
        error.into()
    }
}

/// What is held of a folder before anybody's keys are opened.
pub(super) struct Begun {
    /// The working store, which is opened meanwhile; `None` if there is none yet. Given back before the lock is.
    pub reading: Option<Reading>,
    /// The key ring, which is opened meanwhile too; `None` if it is opened later. Done with before the lock is.
    pub ring: Option<ringlog::Opening>,
    pub lock: VaultLock,
}

impl Begun {
    /// Begins to open working store and key ring of a vault that is there.
    pub fn reading(setup: &Setup, vault: VaultId, lock: VaultLock) -> Result<Self> {
        let reading = Reading::begin(working(setup, vault));
        let reading = reading.map_err(|error| disk_error("start reading the working store", &error))?;
        // A disk in memory counts what is done to it: there one thing comes after the other.
        let ring = (!setup.in_memory).then(|| {
            let quarantine = setup.root.join("quarantine").join(&setup.stamp);
            ringlog::Opening::begin(Arc::clone(&setup.disk), places(&setup.root, "ring", &quarantine))
        });
        let ring = ring.transpose().map_err(|error| disk_error("start reading the key ring", &error))?;
        Ok(Self { reading: Some(reading), ring, lock })
    }
}

fn working(setup: &Setup, vault: VaultId) -> Working {
    Working::new(vault, if setup.in_memory { None } else { Some(&setup.root) })
}

pub(super) fn lock(setup: &Setup, handle: &str) -> Result<VaultLock> {
    if setup.in_memory { Ok(VaultLock::in_memory()) } else { VaultLock::take(&setup.root, handle, &setup.stamp) }
}

/// Writes a key file again where its copies differ, keeping what was damaged.
fn level<T>(
    setup: &Setup,
    keys: &KeyFolder<'_>,
    file: KeyFile,
    opened: Opened<T>,
    quarantine: &Path,
    found: &mut Vec<Found>,
) -> Result<T> {
    if opened.copies != Copies::Same {
        let name = file.to_string();
        let bad = match opened.copies {
            Copies::Mirror => setup.root.join("keys").join(&name),
            _ => mirror_of(&setup.root).join("keys").join(&name),
        };
        set_aside(setup.disk.as_ref(), &bad, quarantine);
        keys.write(file, &opened.bytes)?;
        found.push(Found::KeyFile(name));
    }
    Ok(opened.value)
}

/// Keeps what is about to be replaced, if it is there; a copy that can't be kept is still replaced by a whole one.
pub(super) fn set_aside(disk: &dyn Disk, path: &Path, quarantine: &Path) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    if !disk.exists(path) || disk.create_folder_durably(quarantine).is_err() {
        return;
    }
    let mut to = quarantine.join(name);
    for again in 2..1_000 {
        if !disk.exists(&to) {
            break;
        }
        to = quarantine.join(format!("{name}.{again}"));
    }
    let _ = disk.rename(path, &to);
}

/// Refuses a folder with a vault in it; moves aside what a cut left of one whose journal never got its first frame.
pub(super) fn clear_unfinished(setup: &Setup, mirror: &Path) -> Result<()> {
    let disk = setup.disk.as_ref();
    let homes = [setup.root.as_path(), mirror];
    let config = |home: &Path| home.join(super::config::FILE_NAME);
    let quarantine = setup.root.join("quarantine").join(&setup.stamp);
    let begun = homes.iter().any(|home| disk.exists(&home.join("journal")))
        && FrameLog::open(Arc::clone(&setup.disk), places(&setup.root, "journal", &quarantine), OpenMode::Tail)?
            .0
            .last()
            .is_some();
    let found = homes.iter().any(|home| disk.exists(&config(home)));
    // Without frames a working store says that there were some.
    if begun || (setup.root.join("store").join("current").is_file() && !found) {
        return Err(AppError::new(
            Kind::Refused,
            if found {
                "There is a vault in this folder already."
            } else {
                "There are parts of a vault in this folder."
            },
            "Unlock it, restore a backup, or give another folder with --vault.",
        ));
    }
    for home in homes {
        set_aside(disk, &config(home), &quarantine);
        for folder in [home.join("keys"), home.join("keys").join("ring")] {
            for name in disk.list(&folder).unwrap_or_default() {
                if disk.read(&folder.join(&name), u64::MAX).is_ok() {
                    set_aside(disk, &folder.join(name), &quarantine);
                }
            }
        }
    }
    Ok(())
}

pub(super) fn open_epochs(
    setup: &Setup,
    keys: &KeyFolder<'_>,
    vault: VaultId,
    participant: &Participant,
    quarantine: &Path,
    found: &mut Vec<Found>,
) -> Result<EpochKeys> {
    let mut all: Vec<EpochKeys> = Vec::new();
    let mut last_error = None;
    for file in keys.list()? {
        let KeyFile::Team(id) = file else { continue };
        match keys.open(file, |bytes| EpochKeys::open(bytes, vault, id, &[participant.identity()])) {
            Ok(opened) => all.push(level(setup, keys, file, opened, quarantine, found)?),
            Err(error) => {
                found.push(Found::ForeignEpoch(file.to_string()));
                last_error = Some(error);
            }
        }
    }
    newest_of(all)?.ok_or_else(|| {
        last_error.unwrap_or_else(|| {
            AppError::new(
                Kind::Damaged,
                "The team's key file is in no copy of this vault.",
                "Restore the newest backup, or fetch the vault from another of the team's devices.",
            )
        })
    })
}

/// The epoch to write under, knowing the keys of all. It is the one that knows most ancestors, and among equals the one
/// with the lowest id, everywhere the same; the fold names which are in force.
pub(super) fn newest_of(mut all: Vec<EpochKeys>) -> std::result::Result<Option<EpochKeys>, KeyError> {
    all.sort_by_key(|epoch| (std::cmp::Reverse(epoch.ids().count()), epoch.id()));
    let mut all = all.into_iter();
    let Some(mut newest) = all.next() else { return Ok(None) };
    all.try_for_each(|other| newest.learn(&other))?;
    Ok(Some(newest))
}

/// Does the work of opening a participant's file for nothing.
fn spend(setup: &Setup, passphrase: &Passphrase) {
    let keys = KeyFolder::new(setup.disk.as_ref(), &setup.root, &mirror_of(&setup.root));
    let any = keys.list().unwrap_or_default().into_iter().find(|file| matches!(file, KeyFile::Participant(_)));
    if let Some(file) = any {
        let _ = keys.open(file, |bytes| Participant::open(bytes, passphrase, WorkFactor::MAX).map(drop));
    }
}

pub(super) fn disk_error(what: &str, error: &std::io::Error) -> AppError {
    AppError::new(
        Kind::Io,
        format!("Could not {what}: {error}."),
        "Check free space and permissions of the vault's folder, then try again.",
    )
}
