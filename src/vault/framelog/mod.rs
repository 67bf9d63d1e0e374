//! An append-only log of opaque frames over two copies of segment files, which heals whatever one copy still holds.
//!
//! The journal and the key ring are such logs. A frame is acknowledged once it is written to both copies and synced in
//! the primary one; the mirror is synced a moment later by [`FrameLog::sync_mirror`]. The exact bytes are in
//! docs/formats/vault.md, "Framed logs". A log must never know what a payload means, never drop a frame that verifies in
//! either copy, and never acknowledge after a failed sync.

mod append;
pub mod ballast;
mod finding;
mod level;
mod open;
mod place;
mod read;
mod rewrite;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::sync::Arc;

pub use finding::{Finding, Findings, LogError, Side, Why};
pub use place::Places;
pub use read::Frames;

use super::disk::{Disk, DiskFile};
use level::{Level, Task};

pub use super::frame::{Frame, View};

/// How much is read and compared when a log is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The newest segment of both copies in full; of the others only lengths and first headers. If those don't agree,
    /// everything is read as with `Whole`.
    Tail,
    /// Every segment of both copies.
    Whole,
}

/// How large files get and grow; smaller in tests only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// A segment that would grow beyond this is closed, in bytes.
    pub segment: u64,
    /// Files grow by zeros in steps of this, so that most syncs need no new length or block, in bytes.
    pub step: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { segment: 4 << 20, step: 256 << 10 }
    }
}

/// Tells a frame that is its maker's from one that only looks like it: anybody can hash, few can seal.
pub trait Judge: Send + Sync {
    /// False only if the frame can't be the maker's; true if that can't be told.
    fn is_ours(&self, frame: &View, payload: &[u8]) -> bool;
}

/// Hears of frames and their payloads.
pub type Hear<'a> = dyn FnMut(&View, &[u8]) + 'a;

/// The judge of a log whose payloads are not looked at.
struct Everybody;

impl Judge for Everybody {
    fn is_ours(&self, _: &View, _: &[u8]) -> bool {
        true
    }
}

/// What is known of a segment without reading it again.
#[derive(Clone, Copy, Debug, Default)]
struct Segment {
    number: u32,
    first: Option<u64>,
    /// Known once the segment was read in full.
    last: Option<(u64, [u8; 32])>,
}

/// The newest segment, open in both copies.
#[derive(Debug)]
struct Tail {
    files: [Box<dyn DiskFile>; 2],
    /// Lengths of the files, behind which they must grow.
    lens: [u64; 2],
    /// Where the next frame goes.
    used: u64,
}

/// An open log. Only one may be open on the same folders at a time; the vault's lock sees to that.
pub struct FrameLog {
    disk: Arc<dyn Disk>,
    judge: Box<dyn Judge>,
    places: Places,
    sizes: Sizes,
    /// In order of number; the newest is last.
    segments: Vec<Segment>,
    tail: Option<Tail>,
    /// The first number that this log uses: higher after each rewrite.
    start: u32,
    last: Option<(u64, [u8; 32])>,
    read_only: bool,
    mirror_dirty: bool,
}

impl std::fmt::Debug for FrameLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameLog").field("places", &self.places).field("last", &self.last).finish_non_exhaustive()
    }
}

impl FrameLog {
    /// Opens the log, or begins an empty one where there is none, and levels its two copies.
    ///
    /// Fails if the disk refuses; damage is no failure, but told in the findings.
    pub fn open(disk: Arc<dyn Disk>, places: Places, mode: OpenMode) -> Result<(Self, Findings), LogError> {
        Self::open_sized(disk, places, mode, Sizes::default())
    }

    /// As [`FrameLog::open`] in full; `hear` is told of each frame and its payload while it is in memory anyhow, in
    /// order of arrival.
    pub fn open_hearing(
        disk: Arc<dyn Disk>,
        places: Places,
        hear: &mut Hear<'_>,
    ) -> Result<(Self, Findings), LogError> {
        Self::open_with(disk, places, OpenMode::Whole, Sizes::default(), Box::new(Everybody), hear)
    }

    /// As [`FrameLog::open`]; a frame that is not ours counts as damage, wherever it lies: what the other copy holds in
    /// its place is taken, and it goes to the quarantine.
    pub fn open_judged(
        disk: Arc<dyn Disk>,
        places: Places,
        mode: OpenMode,
        judge: Box<dyn Judge>,
    ) -> Result<(Self, Findings), LogError> {
        Self::open_with(disk, places, mode, Sizes::default(), judge, &mut |_, _| {})
    }

    /// Arrival and hash of the newest frame; `None` while the log is empty.
    pub fn last(&self) -> Option<(u64, [u8; 32])> {
        self.last
    }

    /// True after a failure that only opening the log again can clear up.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// True while frames are in the mirror that a power cut could take from it.
    pub fn mirror_is_dirty(&self) -> bool {
        self.mirror_dirty
    }

    /// How many segments there are: what [`FrameLog::check_segment`] counts.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// The frames from an arrival on, each from whichever copy verifies. A gap, or a disk that fails, is an item of its
    /// own; after a gap the frames behind it follow.
    pub fn frames_from(&self, arrival: u64) -> Frames<'_> {
        Frames::new(self, arrival)
    }

    /// Compares and repairs every segment of both copies, oldest first. `progress` hears how many segments are done and
    /// how many there are, and can stop it.
    pub fn check_all(&mut self, progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>) -> Result<Findings, LogError> {
        let mut findings = Findings::new();
        let total = self.segments.len();
        for index in 0..total {
            findings.append(&mut self.check_segment(index)?);
            if progress(index as u64 + 1, total as u64).is_break() {
                break;
            }
        }
        Ok(findings)
    }

    /// Compares and repairs one segment, so that a check in the background can let commits in between. Go from 0
    /// upwards: a gap between two segments is seen once the earlier one was read.
    pub fn check_segment(&mut self, index: usize) -> Result<Findings, LogError> {
        let mut findings = Findings::new();
        if index < self.segments.len() {
            let newest = index + 1 == self.segments.len();
            let level = self.level_segment(index, [false; 2], &mut findings, &mut |_, _| {})?;
            if newest {
                self.last = level.last.or(self.segments[..index].iter().rev().find_map(|segment| segment.last));
                if level.touched {
                    self.open_tail(level.used)?;
                }
            }
        }
        Ok(findings)
    }

    /// Levels one segment and keeps what was learnt of it.
    fn level_segment(
        &mut self,
        index: usize,
        suspect: [bool; 2],
        findings: &mut Findings,
        hear: &mut Hear<'_>,
    ) -> Result<Level, LogError> {
        let earlier = &self.segments[..index];
        // What is known of the frame before: nothing if the segment before was not read; zeros before the first.
        let after = match earlier.last() {
            None => Some((0, [0; 32])),
            Some(segment) => segment.last,
        };
        let floor = earlier.iter().rev().find_map(|segment| segment.last.map(|(arrival, _)| arrival).or(segment.first));
        let newest = index + 1 == self.segments.len();
        let task = Task { number: self.segments[index].number, after, floor: floor.unwrap_or(0), newest, suspect };
        let level = level::level(self.disk.as_ref(), &self.places, self.judge.as_ref(), task, findings, hear)?;
        self.segments[index].first = level.first;
        // An empty segment passes on what came before it.
        self.segments[index].last = level.last.or(after.filter(|(arrival, _)| *arrival > 0));
        self.read_only |= !level.whole;
        Ok(level)
    }

    /// Opens the newest segment for appending.
    fn open_tail(&mut self, used: u64) -> Result<(), LogError> {
        self.tail = None;
        let Some(segment) = self.segments.last() else { return Ok(()) };
        if self.read_only {
            return Ok(());
        }
        let number = segment.number;
        let open = |side: Side| {
            let path = self.places.segment(side, number);
            let opened = self.disk.open(&path).and_then(|file| file.len().map(|len| (file, len)));
            opened.map_err(|error| LogError::io("open", &path, &error))
        };
        let ((primary, primary_len), (mirror, mirror_len)) = (open(Side::Primary)?, open(Side::Mirror)?);
        self.tail = Some(Tail { files: [primary, mirror], lens: [primary_len, mirror_len], used });
        Ok(())
    }
}
