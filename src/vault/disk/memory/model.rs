//! What pends on a memory disk: writes and names that were not synced, and what a power cut leaves of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The unit in which a write can be torn, in bytes.
const SECTOR: usize = 512;

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) files: BTreeMap<PathBuf, u64>,
    pub(super) folders: BTreeSet<PathBuf>,
}

#[derive(Debug)]
pub(super) enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Clone, Debug)]
pub(super) enum NameChange {
    Folder(PathBuf),
    Link(PathBuf, u64),
    Move(PathBuf, PathBuf),
    Unlink(PathBuf),
}

fn write_into(bytes: &mut Vec<u8>, offset: usize, part: &[u8]) {
    if bytes.len() < offset + part.len() {
        bytes.resize(offset + part.len(), 0);
    }
    bytes[offset..offset + part.len()].copy_from_slice(part);
}

impl Change {
    pub(super) fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(offset, part) => write_into(bytes, *offset, part),
            Self::Length(len) => bytes.resize(*len, 0),
        }
    }

    /// Applies what a power cut leaves of a change.
    pub(super) fn apply_torn(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let fate = dice.below(3);
        let Self::Write(offset, part) = self else {
            if fate != 0 {
                self.apply(bytes);
            }
            return;
        };
        let mut start = 0;
        while start < part.len() {
            let end = (start + SECTOR - (offset + start) % SECTOR).min(part.len());
            if fate == 0 || (fate == 1 && dice.below(2) == 0) {
                write_into(bytes, offset + start, &part[start..end]);
            }
            start = end;
        }
    }
}

impl NameChange {
    /// The folder whose sync makes the change last.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) | Self::Link(path, _) | Self::Unlink(path) | Self::Move(_, path) => path.parent(),
        }
    }
}

impl Names {
    pub(super) fn has_folder(&self, path: &Path) -> bool {
        path.as_os_str().is_empty() || path.parent().is_none() || self.folders.contains(path)
    }

    pub(super) fn apply(&mut self, change: &NameChange, inodes_of_moves: &Names) {
        match change {
            NameChange::Folder(path) => {
                self.folders.insert(path.clone());
            }
            NameChange::Link(path, inode) => {
                self.files.insert(path.clone(), *inode);
            }
            NameChange::Unlink(path) => {
                self.files.remove(path);
            }
            NameChange::Move(from, to) => self.rename(from, to, inodes_of_moves),
        }
    }

    /// A file or a folder with all in it. If the making of a file's old name was lost in a power cut, the rename
    /// still brings the file: its inode is looked up in `fallback`.
    fn rename(&mut self, from: &Path, to: &Path, fallback: &Names) {
        if let Some(inode) = self.files.remove(from).or_else(|| fallback.files.get(to).copied()) {
            self.files.insert(to.to_path_buf(), inode);
            return;
        }
        let moved = |path: &Path| path.strip_prefix(from).ok().map(|rest| to.join(rest));
        self.files = std::mem::take(&mut self.files)
            .into_iter()
            .map(|(path, inode)| (moved(&path).unwrap_or(path), inode))
            .collect();
        self.folders = std::mem::take(&mut self.folders).into_iter().map(|path| moved(&path).unwrap_or(path)).collect();
    }
}

/// A small repeatable generator (SplitMix64), so that a failing seed fails again.
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}
