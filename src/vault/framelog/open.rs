//! Opening: tidy what earlier work left, level the copies, make what was read durable, open the newest segment.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::finding::{Finding, Findings, LogError, Side};
use super::place::{Entry, Places, SUSPECT, entry};
use super::rewrite::Start;
use super::{Everybody, FrameLog, Hear, Judge, OpenMode, Segment, Sizes};
use crate::vault::disk::Disk;
use crate::vault::frame::{HEADER, View, header};

impl FrameLog {
    /// As [`FrameLog::open`], with other sizes.
    pub(crate) fn open_sized(
        disk: Arc<dyn Disk>,
        places: Places,
        mode: OpenMode,
        sizes: Sizes,
    ) -> Result<(Self, Findings), LogError> {
        Self::open_with(disk, places, mode, sizes, Box::new(Everybody), &mut |_, _| {})
    }

    pub(super) fn open_with(
        disk: Arc<dyn Disk>,
        places: Places,
        mode: OpenMode,
        sizes: Sizes,
        judge: Box<dyn Judge>,
        hear: &mut Hear<'_>,
    ) -> Result<(Self, Findings), LogError> {
        let mut findings = Findings::new();
        for side in Side::BOTH {
            let folder = places.folder(side);
            // A killed program may have left names that no power cut has tried yet.
            let ready = disk.create_folder_durably(folder).and_then(|()| disk.sync_folder(folder));
            ready.map_err(|error| LogError::io("create", folder, &error))?;
        }
        let start = Start::settle(disk.as_ref(), &places, &mut findings)?;
        let mut numbers = BTreeSet::new();
        for side in Side::BOTH {
            numbers.extend(tidy(disk.as_ref(), &places, side, start, &mut findings)?);
        }
        let segments = numbers.into_iter().map(|number| Segment { number, ..Segment::default() }).collect();
        let (start, last) = (start.first, None);
        let mut log = Self {
            disk,
            judge,
            places,
            sizes,
            segments,
            tail: None,
            start,
            last,
            read_only: false,
            mirror_dirty: false,
        };
        let suspect = Side::BOTH.map(|side| log.disk.exists(&log.places.folder(side).join(SUSPECT)));
        if mode == OpenMode::Whole || !log.level_newest(suspect, &mut findings)? {
            log.level_from(0, suspect, &mut findings, hear)?;
        }
        log.settle(suspect)?;
        Ok((log, findings))
    }

    /// Levels from a segment to the newest one.
    fn level_from(
        &mut self,
        first: usize,
        suspect: [bool; 2],
        findings: &mut Findings,
        hear: &mut Hear<'_>,
    ) -> Result<(), LogError> {
        self.tail = None;
        for index in first..self.segments.len() {
            let newest = index + 1 == self.segments.len();
            let level = self.level_segment(index, if newest { suspect } else { [false; 2] }, findings, hear)?;
            if newest {
                self.open_tail(level.used)?;
            }
        }
        self.last = self.segments.last().and_then(|segment| segment.last);
        Ok(())
    }

    /// The fast way to open: false if something in it calls for reading all.
    fn level_newest(&mut self, suspect: [bool; 2], findings: &mut Findings) -> Result<bool, LogError> {
        let Some(newest) = self.segments.len().checked_sub(1) else { return Ok(true) };
        if !self.closed_segments_agree() {
            return Ok(false);
        }
        // A newest segment without any frame leans on the one before it.
        let number = self.segments[newest].number;
        let begun = Side::BOTH.iter().any(|side| self.glance(*side, number).is_some());
        let told = findings.len();
        self.level_from(if begun { newest } else { newest.saturating_sub(1) }, suspect, findings, &mut |_, _| {})?;
        let known = self.last.is_some() || newest == 0;
        if !known {
            findings.truncate(told);
        }
        Ok(known)
    }

    /// True if all segments but the newest have equal lengths and equal, plausible first headers in both copies.
    fn closed_segments_agree(&mut self) -> bool {
        let closed = self.segments.len() - 1;
        let mut before = 0;
        for index in 0..=closed {
            let number = self.segments[index].number;
            if u32::try_from(index).ok().and_then(|index| self.start.checked_add(index)) != Some(number) {
                return false;
            }
            if index == closed {
                break;
            }
            let (primary, mirror) = (self.glance(Side::Primary, number), self.glance(Side::Mirror, number));
            match primary {
                Some((_, view)) if primary == mirror && view.arrival > before && (index > 0 || view.arrival == 1) => {
                    before = view.arrival;
                    self.segments[index].first = Some(view.arrival);
                }
                _ => return false,
            }
        }
        true
    }

    /// Length and first header of a copy of a segment, if they can be read.
    fn glance(&self, side: Side, number: u32) -> Option<(u64, View)> {
        let mut file = self.disk.open_read(&self.places.segment(side, number)).ok()?;
        Some((file.len().ok()?, header(&file.read_at(0, HEADER).ok()?, 0)?))
    }

    /// Makes what was read durable: after a killed program it may be in memory only.
    fn settle(&mut self, suspect: [bool; 2]) -> Result<(), LogError> {
        for side in Side::BOTH {
            if let Some(tail) = &mut self.tail {
                let synced = tail.files[side.index()].sync_data();
                synced.map_err(|error| LogError::io("save", self.places.folder(side), &error))?;
            }
            if suspect[side.index()] && !self.read_only {
                let note = self.places.folder(side).join(SUSPECT);
                self.disk.remove(&note).map_err(|error| LogError::io("remove", &note, &error))?;
            }
        }
        Ok(())
    }
}

/// Finishes or removes what work that was cut short left in a folder, and returns the numbers of its segments.
fn tidy(
    disk: &dyn Disk,
    places: &Places,
    side: Side,
    start: Start,
    findings: &mut Findings,
) -> Result<Vec<u32>, LogError> {
    let folder = places.folder(side);
    let names = disk.list(folder).map_err(|error| LogError::io("list", folder, &error))?;
    let mut numbers: BTreeSet<u32> = BTreeSet::new();
    let mut changed = false;
    // Sorted, so that a segment comes before what lies beside it.
    for name in names {
        let (from, settled) = (folder.join(&name), |result: io::Result<()>| settled(result, &folder.join(&name)));
        match entry(&name) {
            Entry::Other => continue,
            Entry::Segment(number) if number >= start.first => {
                numbers.insert(number);
                continue;
            }
            Entry::Next(number) if start.holds(number) && !numbers.contains(&number) => {
                settled(disk.rename(&from, &places.segment(side, number)))?;
                numbers.insert(number);
            }
            // Whole unless it was cut short, and then levelling sees it.
            Entry::Repair(number) if number >= start.first && !numbers.contains(&number) => {
                settled(disk.rename(&from, &places.segment(side, number)))?;
                numbers.insert(number);
            }
            // Older than the start: a rewrite has dropped it.
            Entry::Segment(_) => settled(disk.remove(&from))?,
            Entry::Next(_) | Entry::Repair(_) | Entry::LeftOver => {
                settled(disk.remove(&from))?;
                findings.push(Finding::LeftOver { side, name });
            }
        }
        changed = true;
    }
    if changed {
        settled(disk.sync_folder(folder), folder)?;
    }
    Ok(numbers.into_iter().collect())
}

fn settled(result: io::Result<()>, path: &Path) -> Result<(), LogError> {
    result.map_err(|error| LogError::io("tidy", path, &error))
}
