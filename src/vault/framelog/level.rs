//! Levelling one segment: each frame is taken from whichever copy verifies, and both copies are made to hold it.
//!
//! Nothing is ever overwritten that is not either verified in the other copy or kept in the quarantine first, and each
//! step can be cut short: a copy is replaced by a rename, and only bytes behind the last whole frame are cut in place.

use std::collections::BTreeMap;
use std::io;

use super::finding::{Finding, Findings, LogError, Side, Why};
use super::place::Places;
use super::{Hear, Judge};
use crate::vault::disk::{Disk, DiskFile};
use crate::vault::frame::{MAX_PAYLOAD, OVERHEAD, Scan, View, scan};

/// No segment file is longer: one frame of the largest size, and what was grown beyond it.
const MAX_FILE: usize = MAX_PAYLOAD + OVERHEAD + (1 << 20);
/// What is given up around a spot that the disk can't read, in bytes.
const SPOT: usize = 4096;

/// One copy of a segment, as it was read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub bytes: Vec<u8>,
    pub scan: Scan,
    pub present: bool,
    /// Part of it could not be read, or it is longer than any segment.
    pub unreadable: bool,
    /// Arrivals that frames claim which are not ours. They count as damage.
    pub foreign: Vec<u64>,
}

impl Reading {
    /// Reads a segment file. Spots that the disk can't read become zeros; a file that can't be opened at all is an error,
    /// because that is no damage and may pass.
    pub fn load(
        disk: &dyn Disk,
        places: &Places,
        judge: &dyn Judge,
        side: Side,
        number: u32,
    ) -> Result<Self, LogError> {
        Self::load_beside(disk, places, judge, (side, number), &Self::default())
    }

    /// As [`Reading::load`]; what is byte for byte the other copy needs not be looked through again.
    fn load_beside(
        disk: &dyn Disk,
        places: &Places,
        judge: &dyn Judge,
        (side, number): (Side, u32),
        other: &Self,
    ) -> Result<Self, LogError> {
        let path = places.segment(side, number);
        let problem = |error: &io::Error| LogError::io("read", &path, error);
        let mut file = match disk.open_read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(problem(&error)),
        };
        let len = usize::try_from(file.len().map_err(|error| problem(&error))?).unwrap_or(usize::MAX);
        let (bytes, whole) = match file.read_at(0, len.min(MAX_FILE)) {
            Ok(bytes) => (bytes, true),
            Err(_) => (read_around(file.as_mut(), len.min(MAX_FILE)), false),
        };
        let (scan, foreign) = if other.present && bytes == other.bytes {
            (other.scan.clone(), other.foreign.clone())
        } else {
            let mut scan = scan(&bytes);
            let foreign = scan.keep(|view| judge.is_ours(view, view.payload(&bytes)));
            (scan, foreign)
        };
        Ok(Self { bytes, scan, present: true, unreadable: !whole || len > MAX_FILE, foreign })
    }

    /// The part that frames fill without anything between them.
    fn sound(&self) -> &[u8] {
        &self.bytes[..self.scan.sound_end]
    }

    fn is_clean(&self) -> bool {
        self.present && !self.unreadable && self.scan.is_clean()
    }
}

fn read_around(file: &mut dyn DiskFile, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    for start in (0..len).step_by(SPOT) {
        let spot = &mut bytes[start..(start + SPOT).min(len)];
        if let Ok(read) = file.read_at(start as u64, spot.len()) {
            spot[..read.len()].copy_from_slice(&read);
        }
    }
    bytes
}

/// The frames that both copies of a segment hold together, in order of arrival.
#[derive(Debug)]
pub(super) struct Merged {
    pub frames: Vec<(Side, View)>,
    /// Arrivals of which the copies held two different frames.
    pub diverged: Vec<u64>,
}

/// Takes each frame from the copy that has it. Frames that do not come after `after` are none of this segment's.
pub(super) fn merge(copies: &[Reading; 2], after: u64) -> Merged {
    if copies[0].scan == copies[1].scan && copies[0].scan.is_in_order() {
        let frames = copies[0].scan.frames.iter().filter(|view| view.arrival > after);
        return Merged { frames: frames.map(|view| (Side::Primary, *view)).collect(), diverged: Vec::new() };
    }
    let mut choices: BTreeMap<u64, Vec<(Side, View)>> = BTreeMap::new();
    for side in Side::BOTH {
        for view in copies[side.index()].scan.frames.iter().filter(|view| view.arrival > after) {
            let held = choices.entry(view.arrival).or_default();
            if held.iter().all(|(_, other)| other.hash != view.hash) {
                held.push((side, *view));
            }
        }
    }
    let diverged = choices.iter().filter(|(_, held)| held.len() > 1).map(|(arrival, _)| *arrival).collect();
    let mut frames: Vec<(Side, View)> = Vec::with_capacity(choices.len());
    // From the newest back: a frame that its successor names is the one that was built upon. At the very end the
    // primary is right, for a frame is acknowledged once it is synced there.
    for held in choices.into_values().rev() {
        let named = frames.last().and_then(|(_, next)| held.iter().find(|(_, view)| view.hash == next.previous));
        frames.extend(named.or(held.first()).copied());
    }
    frames.reverse();
    Merged { frames, diverged }
}

/// What a segment holds after levelling.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    pub first: Option<u64>,
    pub last: Option<(u64, [u8; 32])>,
    /// Bytes that frames fill, from the file's start, in both copies.
    pub used: u64,
    /// False if a copy could not be repaired.
    pub whole: bool,
    /// True if a file was changed or replaced, so that handles to it are stale.
    pub touched: bool,
}

/// What levelling needs to know about a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub number: u32,
    /// Arrival and hash of the frame before this segment, if known.
    pub after: Option<(u64, [u8; 32])>,
    /// Frames up to this arrival belong to earlier segments.
    pub floor: u64,
    /// Appends go into this one: bytes behind its last frame are an unfinished commit.
    pub newest: bool,
    /// Copies that must be written again in any case: a sync of them has failed.
    pub suspect: [bool; 2],
}

/// Reads both copies of a segment, repairs them and tells what was found and what it holds.
pub(super) fn level(
    disk: &dyn Disk,
    places: &Places,
    judge: &dyn Judge,
    task: Task,
    findings: &mut Findings,
    hear: &mut Hear<'_>,
) -> Result<Level, LogError> {
    let number = task.number;
    let primary = Reading::load(disk, places, judge, Side::Primary, number)?;
    let mirror = Reading::load_beside(disk, places, judge, (Side::Mirror, number), &primary)?;
    let copies = [primary, mirror];
    let merged = merge(&copies, task.floor);
    let mut bytes = Vec::with_capacity(copies[0].scan.end);
    for (side, view) in &merged.frames {
        let copy = &copies[side.index()].bytes;
        bytes.extend_from_slice(view.bytes(copy));
        hear(view, view.payload(copy));
    }
    let mut level = Level {
        first: merged.frames.first().map(|(_, view)| view.arrival),
        last: merged.frames.last().map(|(_, view)| (view.arrival, view.hash)),
        used: bytes.len() as u64,
        whole: true,
        touched: false,
    };
    tell(task, &copies, &merged, findings);
    for side in Side::BOTH {
        let copy = &copies[side.index()];
        let fix = Fix::choose(copy, &bytes, task.suspect[side.index()], task.newest);
        let Some((why, fix)) = fix else { continue };
        level.touched = true;
        let done = fix.apply(disk, places, side, number, copy, &bytes);
        // An ordinary trim of spare room, or a segment that never held anything, is nothing to tell.
        if let Err(error) = done {
            level.whole = false;
            findings.push(Finding::NotRepaired { side, segment: number, error: error.kind() });
        } else if let Some(why) = why {
            findings.push(Finding::Repaired { side, segment: number, why });
        }
    }
    Ok(level)
}

/// Adds what is lost, forked or unfinished.
fn tell(task: Task, copies: &[Reading; 2], merged: &Merged, findings: &mut Findings) {
    for side in Side::BOTH {
        let foreign = copies[side.index()].foreign.iter();
        findings.extend(foreign.map(|arrival| Finding::Foreign { side, arrival: *arrival }));
    }
    findings.extend(merged.diverged.iter().map(|arrival| Finding::Diverged { arrival: *arrival }));
    let mut before = task.after;
    for (_, view) in &merged.frames {
        if let Some((arrival, hash)) = before {
            if view.arrival > arrival + 1 {
                findings.push(Finding::Lost { first: arrival + 1, last: view.arrival - 1 });
            } else if view.previous != hash {
                findings.push(Finding::BrokenChain { arrival: view.arrival });
            }
        }
        before = Some((view.arrival, view.hash));
    }
    if !task.newest {
        return;
    }
    let start = task.after.map_or(task.floor, |(arrival, _)| arrival);
    let last = before.map_or(start, |(arrival, _)| arrival);
    // Unfinished is what lies behind the last frame of all; behind an older one, the other copy knew better.
    let unfinished = copies.iter().filter(|copy| copy.scan.frames.last().map_or(start, |view| view.arrival) >= last);
    let bytes = unfinished.map(|copy| copy.scan.end - copy.scan.frames_end()).max().unwrap_or(0);
    if bytes > 0 {
        findings.push(Finding::TailSetAside { arrival: last + 1, bytes: bytes as u64 });
    }
}

/// How a copy becomes whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fix {
    /// What is there is right as far as it goes: cut what is no frame behind it, add what is missing.
    Tail,
    /// Write the whole file again.
    Whole,
    /// All is right; give back the room that was grown and never filled.
    Trim,
}

impl Fix {
    /// What `copy` needs to hold exactly `bytes`; `None` if it does.
    fn choose(copy: &Reading, bytes: &[u8], suspect: bool, newest: bool) -> Option<(Option<Why>, Self)> {
        if !copy.present {
            let why = if bytes.is_empty() { None } else { Some(Why::Missing) };
            return Some((why, Self::Whole));
        }
        if suspect || copy.unreadable {
            return Some((Some(if suspect { Why::Suspect } else { Why::Unreadable }), Self::Whole));
        }
        let prefix = copy.scan.frames.len() == copy.scan.sound && bytes.starts_with(copy.sound());
        if !prefix {
            return Some((Some(Why::Damaged), Self::Whole));
        }
        if !copy.is_clean() || copy.sound().len() < bytes.len() {
            return Some((Some(if newest { Why::Behind } else { Why::Damaged }), Self::Tail));
        }
        (!newest && copy.bytes.len() > bytes.len()).then_some((None, Self::Trim))
    }

    fn apply(
        self,
        disk: &dyn Disk,
        places: &Places,
        side: Side,
        number: u32,
        copy: &Reading,
        bytes: &[u8],
    ) -> io::Result<()> {
        let sound_end = copy.scan.sound_end;
        match self {
            Self::Whole => {
                if copy.unreadable {
                    return places.replace(disk, side, number, bytes, Some(&copy.bytes));
                }
                if !(copy.scan.is_clean() && bytes.starts_with(copy.sound())) {
                    places.set_aside(disk, side, number, 0, &copy.bytes)?;
                }
                places.replace(disk, side, number, bytes, None)
            }
            Self::Tail => {
                places.set_aside(disk, side, number, sound_end, &copy.bytes[sound_end..])?;
                let mut file = disk.open(&places.segment(side, number))?;
                file.set_len(sound_end as u64)?;
                file.write_at(sound_end as u64, &bytes[sound_end..])?;
                file.sync_data()
            }
            Self::Trim => {
                let mut file = disk.open(&places.segment(side, number))?;
                file.set_len(bytes.len() as u64)?;
                file.sync_data()
            }
        }
    }
}
