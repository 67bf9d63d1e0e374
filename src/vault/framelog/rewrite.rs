//! Rewriting: dropping frames from a log for good, as the key ring does when a key is destroyed.
//!
//! The kept frames are numbered and chained anew from 1 in segments with higher numbers, which are written beside the
//! others. The small file `start` then says where the log starts: writing it is the moment at which the new log
//! counts. Everything before can be dropped, everything after can be finished by the next opening.

use std::io;

use super::finding::{Finding, Findings, LogError, Side};
use super::place::{NEXT, Places, START};
use super::{Frame, FrameLog, Segment};
use crate::vault::disk::Disk;
use crate::vault::frame::encode;

const MAGIC: [u8; 8] = *b"mahoeS1\n";
const LENGTH: usize = 48;

/// Which segments a rewritten log consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Number of its first segment; smaller numbers are dropped.
    pub first: u32,
    /// How many segments the rewrite made, which may still have to be moved into their place.
    pub count: u32,
}

impl Start {
    /// Of a log that was never rewritten.
    const NEW: Self = Self { first: 1, count: 0 };

    /// True for a segment that the rewrite made.
    pub fn holds(self, number: u32) -> bool {
        number >= self.first && number - self.first < self.count
    }

    fn encode(self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.count.to_le_bytes());
        let hash = *blake3::hash(&bytes).as_bytes();
        bytes.extend_from_slice(&hash);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        let start = Self { first: number(8)?, count: number(12)? };
        (start.first > 0 && start.encode() == bytes).then_some(start)
    }

    /// Reads the note from both copies; the later one counts, and is written to where it is not.
    pub fn settle(disk: &dyn Disk, places: &Places, findings: &mut Findings) -> Result<Self, LogError> {
        let mut held = [None; 2];
        for side in Side::BOTH {
            let path = places.folder(side).join(START);
            held[side.index()] = match disk.read(&path, LENGTH as u64) {
                Ok(bytes) => Self::decode(&bytes),
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => None,
                Err(error) => return Err(LogError::io("read", &path, &error)),
            };
        }
        let Some(start) = held.iter().flatten().max_by_key(|start| start.first).copied() else { return Ok(Self::NEW) };
        for side in Side::BOTH {
            if held[side.index()] != Some(start) {
                start.write(disk, places, side)?;
                findings.push(Finding::StartRepaired { side });
            }
        }
        Ok(start)
    }

    fn write(self, disk: &dyn Disk, places: &Places, side: Side) -> Result<(), LogError> {
        let path = places.folder(side).join(START);
        disk.write_atomic(&path, &self.encode()).map_err(|error| LogError::io("write", &path, &error))
    }
}

impl FrameLog {
    /// Writes the log anew as `change` gives each frame back, and returns how many it dropped (`None`). Frames get new
    /// arrival numbers from 1, so payloads must not depend on these. After a power cut the log is the old or the new
    /// one; once this returns, nothing of the old one is left in either copy.
    ///
    /// Frames that are lost stay lost and are no hindrance. On an error before the new log counts, the old one goes on;
    /// after it, the log is read-only until it is opened again, which finishes the work.
    pub fn rewrite(&mut self, change: impl FnMut(Frame) -> Option<Frame>) -> Result<u64, LogError> {
        if self.read_only {
            return Err(LogError::ReadOnly);
        }
        let first = self.segments.last().map_or(self.start, |segment| segment.number + 1);
        let written = self.write_beside(first, change);
        let (fresh, dropped) = match written {
            Ok(written) => written,
            Err(error) => {
                self.drop_beside(first);
                return Err(error);
            }
        };
        let count = fresh.last().map_or(0, |(segment, _)| segment.number - first + 1);
        // From here on a failure leaves open which log counts.
        self.read_only = true;
        let start = Start { first, count };
        Side::BOTH.into_iter().try_for_each(|side| start.write(self.disk.as_ref(), &self.places, side))?;
        self.tail = None;
        for side in Side::BOTH {
            let moved = self.take_place(side, &fresh);
            moved.map_err(|error| LogError::io("rewrite", self.places.folder(side), &error))?;
        }
        self.read_only = false;
        self.mirror_dirty = false;
        self.start = first;
        self.last = fresh.last().and_then(|(segment, _)| segment.last);
        let used = fresh.last().map_or(0, |(_, used)| *used);
        self.segments = fresh.into_iter().map(|(segment, _)| segment).collect();
        self.open_tail(used)?;
        Ok(dropped)
    }

    /// Writes the kept frames into new segments beside both copies, synced; returns these with their lengths, and how
    /// many frames were dropped.
    fn write_beside(
        &self,
        first: u32,
        mut change: impl FnMut(Frame) -> Option<Frame>,
    ) -> Result<(Vec<(Segment, u64)>, u64), LogError> {
        let (mut fresh, mut dropped) = (Vec::new(), 0);
        let (mut bytes, mut segment) = (Vec::new(), Segment { number: first, first: None, last: None });
        let (mut arrival, mut previous) = (0, [0; 32]);
        for frame in self.frames_from(1) {
            let frame = match frame {
                Ok(frame) => frame,
                Err(LogError::Lost { .. }) => continue,
                Err(error) => return Err(error),
            };
            let Some(frame) = change(frame) else {
                dropped += 1;
                continue;
            };
            let start = bytes.len();
            arrival += 1;
            previous = encode(frame.kind, arrival, frame.key, &previous, &frame.payload, &mut bytes);
            if start > 0 && bytes.len() as u64 > self.sizes.segment {
                let rest = bytes.split_off(start);
                self.write_one_beside(segment.number, &bytes)?;
                fresh.push((segment, bytes.len() as u64));
                segment = Segment { number: segment.number + 1, first: None, last: None };
                bytes = rest;
            }
            segment.first.get_or_insert(arrival);
            segment.last = Some((arrival, previous));
        }
        if !bytes.is_empty() {
            self.write_one_beside(segment.number, &bytes)?;
            fresh.push((segment, bytes.len() as u64));
        }
        for side in Side::BOTH {
            let folder = self.places.folder(side);
            self.disk.sync_folder(folder).map_err(|error| LogError::io("save", folder, &error))?;
        }
        Ok((fresh, dropped))
    }

    fn write_one_beside(&self, number: u32, bytes: &[u8]) -> Result<(), LogError> {
        Side::BOTH.into_iter().try_for_each(|side| {
            let path = self.places.beside(side, number, NEXT);
            let write = || {
                let mut file = self.disk.open(&path)?;
                file.set_len(0)?;
                file.write_at(0, bytes)?;
                file.sync_data()
            };
            write().map_err(|error| LogError::io("write", &path, &error))
        })
    }

    /// Removes what a rewrite wrote before it failed. What can't be removed now, the next opening removes.
    fn drop_beside(&self, first: u32) {
        for side in Side::BOTH {
            for number in first.. {
                let path = self.places.beside(side, number, NEXT);
                if !self.disk.exists(&path) || self.disk.remove(&path).is_err() {
                    break;
                }
            }
        }
    }

    /// Moves the new segments into their place and removes the old ones, whose bytes are overwritten first: where the
    /// disk writes in place, what was dropped can't be dug up.
    fn take_place(&self, side: Side, fresh: &[(Segment, u64)]) -> io::Result<()> {
        let (disk, folder) = (self.disk.as_ref(), self.places.folder(side));
        for (segment, _) in fresh {
            disk.rename(&self.places.beside(side, segment.number, NEXT), &self.places.segment(side, segment.number))?;
        }
        disk.sync_folder(folder)?;
        for segment in &self.segments {
            let path = self.places.segment(side, segment.number);
            if disk.exists(&path) {
                let mut file = disk.open(&path)?;
                let len = usize::try_from(file.len()?).unwrap_or(0);
                file.write_at(0, &vec![0; len])?;
                file.sync_data()?;
            }
            disk.remove(&path)?;
        }
        disk.sync_folder(folder)
    }
}
