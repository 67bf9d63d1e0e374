//! A disk in memory that forgets at a power cut what was not synced, and fails when told to.
//!
//! Each file has what is synced and a list of writes that are not; names (create, rename, remove) pend until their
//! folder is synced. [`MemoryDisk::power_cut`] keeps a random part of what pends, also torn at 512-byte boundaries:
//! harsher than any file system that keeps its journal in order. It is for tests and practice vaults; nothing here
//! ever touches the machine's files.

mod model;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile};
use model::{Change, Dice, NameChange, Names};

/// What goes wrong when a fault comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing can grow any more, until [`MemoryDisk::clear_faults`].
    NoSpace,
    /// One write stores half of its bytes and fails.
    ShortWrite,
    /// One sync fails; what it should have kept is readable, but will not survive a power cut.
    SyncFails,
    /// One read fails.
    ReadError,
}

/// A handle to a disk in memory; clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    inodes: BTreeMap<u64, Inode>,
    live: Names,
    durable: Names,
    pending: Vec<NameChange>,
    operations: u64,
    crash_at: Option<u64>,
    fault: Option<(u64, FaultKind)>,
    capacity: Option<u64>,
}

#[derive(Debug, Default)]
struct Inode {
    live: Vec<u8>,
    synced: Vec<u8>,
    pending: Vec<Change>,
}

/// What an operation touches, so that a fault hits only its own kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touch {
    Read,
    Write,
    Sync,
    Name,
}

/// How an operation goes on after its faults were looked up.
enum Go {
    On,
    /// The machine stops in the middle: what was asked for pends, and the caller hears an error.
    Crash,
    Fault(FaultKind),
}

fn crashed() -> io::Error {
    io::Error::other("the machine has stopped")
}

fn full() -> io::Error {
    ErrorKind::StorageFull.into()
}

fn index(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::Error::from(ErrorKind::InvalidInput))
}

impl State {
    fn step(&mut self, touch: Touch) -> io::Result<Go> {
        let number = self.operations;
        self.operations += 1;
        match self.crash_at {
            Some(at) if number > at => return Err(crashed()),
            Some(at) if number == at => return Ok(Go::Crash),
            _ => {}
        }
        let Some((left, kind)) = &mut self.fault else { return Ok(Go::On) };
        if *left > 0 {
            *left -= 1;
            return Ok(Go::On);
        }
        let (kind, due) = match kind {
            FaultKind::NoSpace => return Ok(Go::Fault(FaultKind::NoSpace)),
            FaultKind::ShortWrite => (*kind, touch == Touch::Write),
            FaultKind::SyncFails => (*kind, touch == Touch::Sync),
            FaultKind::ReadError => (*kind, touch == Touch::Read),
        };
        if due {
            self.fault = None;
        }
        Ok(if due { Go::Fault(kind) } else { Go::On })
    }

    /// Counts an operation that changes nothing on the way.
    fn read_step(&mut self) -> io::Result<()> {
        match self.step(Touch::Read)? {
            Go::Crash => Err(crashed()),
            Go::Fault(FaultKind::ReadError) => Err(io::Error::other("the disk can't read this sector")),
            _ => Ok(()),
        }
    }

    fn name_change(&mut self, change: NameChange) -> io::Result<()> {
        let go = self.step(Touch::Name)?;
        let grows = matches!(change, NameChange::Link(..) | NameChange::Folder(..));
        if grows && matches!(go, Go::Fault(FaultKind::NoSpace)) {
            return Err(full());
        }
        // Only the fall-back of a power cut needs another set of names; here every name is there.
        self.live.apply(&change, &Names::default());
        self.pending.push(change);
        if matches!(go, Go::Crash) { Err(crashed()) } else { Ok(()) }
    }

    fn used(&self) -> u64 {
        let lengths = self.live.files.values().filter_map(|inode| self.inodes.get(inode));
        lengths.map(|inode| inode.live.len() as u64).sum()
    }

    /// How many of the bytes that a file would grow by still fit.
    fn room(&self, growth: usize, refuse: bool) -> usize {
        if refuse {
            return 0;
        }
        let free = self.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(self.used()));
        growth.min(usize::try_from(free).unwrap_or(usize::MAX))
    }

    fn inode(&mut self, number: u64) -> io::Result<&mut Inode> {
        self.inodes.get_mut(&number).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn named(&mut self, path: &Path) -> Option<&mut Inode> {
        let number = *self.live.files.get(path)?;
        self.inodes.get_mut(&number)
    }
}

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many operations were asked of this disk so far.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// The machine stops in the middle of that operation (counted from 0): it and every later one fails.
    pub fn crash_at(&self, operation: u64) {
        self.state().crash_at = Some(operation);
    }

    /// The program that [`MemoryDisk::crash_at`] stopped starts again on a machine that never did: what is not synced can
    /// be read, and still does not survive a power cut.
    pub fn restart(&self) {
        self.state().crash_at = None;
    }

    /// After `operations` more, the next operation that can fail this way does.
    pub fn fail_after(&self, operations: u64, kind: FaultKind) {
        self.state().fault = Some((operations, kind));
    }

    /// The disk works again.
    pub fn clear_faults(&self) {
        self.state().fault = None;
    }

    /// Sets how many bytes all files may hold together; `None` for no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Bytes that all files hold together.
    pub fn used(&self) -> u64 {
        self.state().used()
    }

    /// The disk as it is found after the power came back. Seeds divisible by 8 keep nothing that was not synced, those
    /// with remainder 1 keep all of it (a killed program), the others a random part. Handles of this disk stay
    /// with this one.
    #[must_use]
    pub fn power_cut(&self, seed: u64) -> Self {
        let state = self.state();
        let mut dice = Dice(seed);
        let chance = match seed % 8 {
            0 => 0,
            1 => 4,
            rest => rest % 3 + 1,
        };
        let mut names = state.durable.clone();
        for change in &state.pending {
            if dice.below(4) < chance {
                names.apply(change, &state.live);
            }
        }
        // A file whose folder is gone can't be found.
        let reachable = Names { files: BTreeMap::new(), folders: names.folders.clone() };
        names.files.retain(|path, _| path.parent().is_some_and(|folder| reachable.has_folder(folder)));
        let mut inodes = BTreeMap::new();
        for number in names.files.values() {
            let Some(inode) = state.inodes.get(number) else { continue };
            let mut bytes = inode.synced.clone();
            for change in &inode.pending {
                match chance {
                    0 => {}
                    4 => change.apply(&mut bytes),
                    _ => change.apply_torn(&mut bytes, &mut dice),
                }
            }
            inodes.insert(*number, Inode { live: bytes.clone(), synced: bytes, pending: Vec::new() });
        }
        Self(Arc::new(Mutex::new(State { inodes, live: names.clone(), durable: names, ..State::default() })))
    }

    /// Changes a file behind everybody's back, as rot does; false if it is missing.
    pub fn tamper(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut state = self.state();
        let Some(inode) = state.named(path) else { return false };
        change(&mut inode.live);
        inode.synced.clone_from(&inode.live);
        inode.pending.clear();
        true
    }

    /// Flips one bit, counted from the file's start; false if there is none.
    pub fn flip_bit(&self, path: &Path, bit: usize) -> bool {
        let mut flipped = false;
        self.tamper(path, |bytes| {
            if let Some(byte) = bytes.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
                flipped = true;
            }
        });
        flipped
    }

    /// Zeroes a range of a file, as far as the file goes.
    pub fn zero(&self, path: &Path, range: Range<usize>) -> bool {
        self.tamper(path, |bytes| {
            let end = range.end.min(bytes.len());
            bytes[range.start.min(end)..end].fill(0);
        })
    }

    /// Cuts a file.
    pub fn truncate(&self, path: &Path, len: usize) -> bool {
        self.tamper(path, |bytes| bytes.truncate(len))
    }

    /// Removes a file, or a folder with all in it, for good.
    pub fn delete(&self, path: &Path) {
        let mut guard = self.state();
        let state = &mut *guard;
        for names in [&mut state.live, &mut state.durable] {
            names.files.retain(|file, _| !file.starts_with(path));
            names.folders.retain(|folder| !folder.starts_with(path));
        }
        state.pending.clear();
    }

    /// All file paths, sorted.
    pub fn files(&self) -> Vec<PathBuf> {
        self.state().live.files.keys().cloned().collect()
    }

    fn file(&self, inode: u64, writable: bool) -> Box<dyn DiskFile> {
        Box::new(MemoryFile { disk: self.clone(), inode, writable })
    }
}

#[derive(Debug)]
struct MemoryFile {
    disk: MemoryDisk,
    inode: u64,
    writable: bool,
}

impl MemoryFile {
    fn may_write(&self) -> io::Result<()> {
        if self.writable { Ok(()) } else { Err(ErrorKind::PermissionDenied.into()) }
    }
}

impl DiskFile for MemoryFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.may_write()?;
        let offset = index(offset)?;
        let mut state = self.disk.state();
        let go = state.step(Touch::Write)?;
        let end = offset + bytes.len();
        let growth = end.saturating_sub(state.inode(self.inode)?.live.len());
        let room = state.room(growth, matches!(go, Go::Fault(FaultKind::NoSpace)));
        let (stored, result) = match go {
            Go::Crash => (bytes.len(), Err(crashed())),
            Go::Fault(FaultKind::ShortWrite) => (bytes.len() / 2, Err(ErrorKind::WriteZero.into())),
            _ if room < growth => (bytes.len().saturating_sub(growth - room), Err(full())),
            _ => (bytes.len(), Ok(())),
        };
        let inode = state.inode(self.inode)?;
        let change = Change::Write(offset, bytes[..stored].to_vec());
        change.apply(&mut inode.live);
        inode.pending.push(change);
        result
    }

    fn read_at(&mut self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut state = self.disk.state();
        state.read_step()?;
        let bytes = &state.inode(self.inode)?.live;
        let start = index(offset)?.min(bytes.len());
        Ok(bytes[start..start.saturating_add(len).min(bytes.len())].to_vec())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.may_write()?;
        let len = index(len)?;
        let mut state = self.disk.state();
        let go = state.step(Touch::Write)?;
        let growth = len.saturating_sub(state.inode(self.inode)?.live.len());
        if state.room(growth, matches!(go, Go::Fault(FaultKind::NoSpace))) < growth {
            return Err(full());
        }
        let inode = state.inode(self.inode)?;
        inode.live.resize(len, 0);
        inode.pending.push(Change::Length(len));
        if matches!(go, Go::Crash) { Err(crashed()) } else { Ok(()) }
    }

    fn len(&self) -> io::Result<u64> {
        let mut state = self.disk.state();
        state.read_step()?;
        Ok(state.inode(self.inode)?.live.len() as u64)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.may_write()?;
        let mut state = self.disk.state();
        let go = state.step(Touch::Sync)?;
        let inode = state.inode(self.inode)?;
        match go {
            Go::Crash => return Err(crashed()),
            Go::Fault(FaultKind::SyncFails) => {
                // The kernel marks such pages clean: no later sync writes them.
                inode.pending.clear();
                return Err(io::Error::other("the disk did not take the data"));
            }
            _ => {}
        }
        for change in std::mem::take(&mut inode.pending) {
            change.apply(&mut inode.synced);
        }
        Ok(())
    }
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        if state.live.folders.contains(path) {
            return Err(ErrorKind::IsADirectory.into());
        }
        if let Some(inode) = state.live.files.get(path).copied() {
            state.read_step()?;
            return Ok(self.file(inode, true));
        }
        if !path.parent().is_some_and(|folder| state.live.has_folder(folder)) {
            return Err(ErrorKind::NotFound.into());
        }
        let inode = state.inodes.last_key_value().map_or(0, |(last, _)| last + 1);
        state.inodes.insert(inode, Inode::default());
        state.name_change(NameChange::Link(path.to_path_buf(), inode))?;
        Ok(self.file(inode, true))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.read_step()?;
        let inode = state.live.files.get(path).copied().ok_or(ErrorKind::NotFound)?;
        Ok(self.file(inode, false))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut state = self.state();
        state.read_step()?;
        let inode = state.named(path).ok_or(ErrorKind::NotFound)?;
        if inode.live.len() as u64 > limit {
            return Err(io::Error::new(ErrorKind::InvalidData, "the file is larger than it may be"));
        }
        Ok(inode.live.clone())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut state = self.state();
        state.read_step()?;
        if !state.live.has_folder(folder) {
            return Err(ErrorKind::NotFound.into());
        }
        let paths = state.live.files.keys().chain(&state.live.folders);
        let inside = paths.filter(|path| path.parent() == Some(folder));
        let mut names: Vec<String> = inside.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn exists(&self, path: &Path) -> bool {
        let state = self.state();
        state.live.files.contains_key(path) || state.live.has_folder(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        let mut missing: Vec<&Path> = path.ancestors().take_while(|folder| !state.live.has_folder(folder)).collect();
        missing.reverse();
        missing.into_iter().try_for_each(|folder| {
            if state.live.files.contains_key(folder) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            state.name_change(NameChange::Folder(folder.to_path_buf()))
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let there = state.live.files.contains_key(from) || state.live.folders.contains(from);
        if !there || !to.parent().is_some_and(|folder| state.live.has_folder(folder)) {
            return Err(ErrorKind::NotFound.into());
        }
        state.name_change(NameChange::Move(from.to_path_buf(), to.to_path_buf()))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.live.folders.contains(path) {
            return Err(ErrorKind::IsADirectory.into());
        }
        if !state.live.files.contains_key(path) {
            return state.read_step();
        }
        state.name_change(NameChange::Unlink(path.to_path_buf()))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut guard = self.state();
        let state = &mut *guard;
        if !state.live.has_folder(path) {
            return Err(ErrorKind::NotFound.into());
        }
        match state.step(Touch::Sync)? {
            Go::Crash => return Err(crashed()),
            Go::Fault(FaultKind::SyncFails) => return Err(io::Error::other("the disk did not take the names")),
            _ => {}
        }
        let (settled, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut state.pending).into_iter().partition(|change| change.folder() == Some(path));
        state.pending = waiting;
        for change in settled {
            state.durable.apply(&change, &state.live);
        }
        Ok(())
    }
}
