//! Where a log's files lie, and the small file moves that keep them whole.

use std::io;
use std::path::{Path, PathBuf};

use super::finding::Side;
use crate::vault::disk::Disk;

/// The folders of a log.
#[derive(Clone, Debug)]
pub struct Places {
    /// Of the copy that is synced before a frame is acknowledged.
    pub primary: PathBuf,
    /// Of the other copy; best on another disk.
    pub mirror: PathBuf,
    /// `quarantine/<TIME>`; made only when something goes into it.
    pub quarantine: PathBuf,
    /// The log's name, a folder inside the quarantine.
    pub name: String,
}

/// Ends of file names beside `.seg`.
pub(super) const REPAIR: &str = "repair";
pub(super) const NEXT: &str = "next";
const NEW: &str = "new";
/// Holds the number of the first segment of a log that was rewritten.
pub(super) const START: &str = "start";
/// Left behind when a sync failed.
pub(super) const SUSPECT: &str = "suspect";

/// What a name in a log's folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// `00000001.seg`
    Segment(u32),
    /// `00000001.seg.next`: written by a rewrite, not yet in its place.
    Next(u32),
    /// `00000001.seg.repair`: a whole new copy, unless its writing was cut short.
    Repair(u32),
    /// What an atomic write left when it was cut short.
    LeftOver,
    /// Not ours, or not about segments.
    Other,
}

pub(super) fn entry(name: &str) -> Entry {
    let number = |digits: &str| {
        let right = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if right { digits.parse().ok() } else { None }
    };
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    let segment = stem.strip_suffix(".seg").and_then(number);
    match (end, segment) {
        ("seg", _) => number(stem).map_or(Entry::Other, Entry::Segment),
        (NEXT, Some(number)) => Entry::Next(number),
        (REPAIR, Some(number)) => Entry::Repair(number),
        (NEW, _) if stem == START => Entry::LeftOver,
        _ => Entry::Other,
    }
}

impl Places {
    pub(super) fn folder(&self, side: Side) -> &Path {
        match side {
            Side::Primary => &self.primary,
            Side::Mirror => &self.mirror,
        }
    }

    pub(super) fn segment(&self, side: Side, number: u32) -> PathBuf {
        self.folder(side).join(format!("{number:08}.seg"))
    }

    pub(super) fn beside(&self, side: Side, number: u32, end: &str) -> PathBuf {
        self.folder(side).join(format!("{number:08}.seg.{end}"))
    }

    /// A free name in the quarantine for what was found from `offset` on in a copy of a segment.
    fn aside(&self, disk: &dyn Disk, side: Side, number: u32, offset: usize) -> io::Result<PathBuf> {
        let folder = self.quarantine.join(&self.name);
        disk.create_folder_durably(&folder)?;
        let from = if offset == 0 { String::new() } else { format!(".from-{offset}") };
        let stem = format!("{}-{number:08}.seg{from}", side.name());
        let mut path = folder.join(&stem);
        let mut again = 1;
        while disk.exists(&path) {
            again += 1;
            path = folder.join(format!("{stem}.{again}"));
        }
        Ok(path)
    }

    /// Keeps a copy of damaged bytes, synced, before anything replaces them. Zeros at the end say nothing and stay out.
    pub(super) fn set_aside(
        &self,
        disk: &dyn Disk,
        side: Side,
        number: u32,
        offset: usize,
        bytes: &[u8],
    ) -> io::Result<()> {
        let Some(last) = bytes.iter().rposition(|byte| *byte != 0) else { return Ok(()) };
        let path = self.aside(disk, side, number, offset)?;
        let mut file = disk.open(&path)?;
        file.write_at(0, &bytes[..=last])?;
        file.sync_data()?;
        path.parent().map_or(Ok(()), |folder| disk.sync_folder(folder))
    }

    /// Puts a whole new segment file in the place of what is there; after a power cut one of the two is there. If
    /// `unreadable` is given, the old file itself goes to the quarantine, because the disk may give up its secrets to a
    /// better reader; on another disk than the quarantine, what could be read of it is copied.
    pub(super) fn replace(
        &self,
        disk: &dyn Disk,
        side: Side,
        number: u32,
        bytes: &[u8],
        unreadable: Option<&[u8]>,
    ) -> io::Result<()> {
        let (beside, path) = (self.beside(side, number, REPAIR), self.segment(side, number));
        let mut file = disk.open(&beside)?;
        file.set_len(0)?;
        file.write_at(0, bytes)?;
        file.sync_data()?;
        drop(file);
        if let Some(old) = unreadable {
            // The new file must be found if the power goes between the two renames.
            disk.sync_folder(self.folder(side))?;
            let aside = self.aside(disk, side, number, 0)?;
            if disk.rename(&path, &aside).is_err() {
                self.set_aside(disk, side, number, 0, old)?;
            }
        }
        disk.rename(&beside, &path)?;
        disk.sync_folder(self.folder(side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_strictly() {
        assert_eq!(entry("00000012.seg"), Entry::Segment(12));
        assert_eq!(entry("00000012.seg.next"), Entry::Next(12));
        assert_eq!(entry("00000012.seg.repair"), Entry::Repair(12));
        assert_eq!(entry("start.new"), Entry::LeftOver);
        for other in ["start", "1.seg", "+0000001.seg", "00000001.seg.2", "00000001 (1).seg", ".DS_Store", "x.new", ""]
        {
            assert_eq!(entry(other), Entry::Other, "{other}");
        }
    }
}
