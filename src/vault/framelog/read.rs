//! Reading frames back: from the primary copy, and from the mirror where the primary does not verify.

use std::collections::VecDeque;

use super::FrameLog;
use super::finding::{LogError, Side};
use super::level::{Merged, Reading, merge};
use crate::vault::frame::{Frame, View};

/// The frames of a log from an arrival on. One segment is held in memory at a time.
#[derive(Debug)]
pub struct Frames<'a> {
    log: &'a FrameLog,
    /// Index of the segment to be read next.
    next: usize,
    /// The next arrival to be given out.
    expected: u64,
    copies: [Reading; 2],
    waiting: VecDeque<(Side, View)>,
    failed: bool,
}

impl<'a> Frames<'a> {
    pub(super) fn new(log: &'a FrameLog, from: u64) -> Self {
        let from = from.max(1);
        // The last segment that starts at or before the arrival; empty ones start nowhere.
        let starts = |index: &usize| log.segments[*index].first.is_some_and(|first| first <= from);
        let next = (0..log.segments.len()).rev().find(starts).unwrap_or(0);
        Self { log, next, expected: from, copies: Default::default(), waiting: VecDeque::new(), failed: false }
    }

    /// Reads the next segment; the mirror only if the primary does not hold all that it should.
    fn load(&mut self) -> Result<(), LogError> {
        let number = self.log.segments[self.next].number;
        let load =
            |side| Reading::load(self.log.disk.as_ref(), &self.log.places, self.log.judge.as_ref(), side, number);
        let segment = self.log.segments[self.next];
        let floor = segment.first.map_or(0, |first| first - 1);
        self.next += 1;
        let following = self.log.segments[self.next..].iter().find_map(|segment| segment.first);
        let end = segment.last.map(|(arrival, _)| arrival).or(following.map(|first| first - 1));
        let primary = load(Side::Primary)?;
        let complete = {
            let frames = &primary.scan.frames;
            let count = frames.len() as u64;
            !primary.unreadable
                && primary.scan.is_clean()
                && frames.last().map(|view| view.arrival) == end
                && frames.first().is_some_and(|view| view.arrival == floor + 1)
                && end == Some(floor + count)
        };
        let mirror = if complete { Reading::default() } else { load(Side::Mirror)? };
        self.copies = [primary, mirror];
        let Merged { frames, .. } = merge(&self.copies, floor);
        // A frame behind the last one was refused, for its sync had failed: it counts only if it is still there later.
        let wanted = self.expected..=self.log.last.map_or(0, |(arrival, _)| arrival);
        self.waiting = frames.into_iter().filter(|(_, view)| wanted.contains(&view.arrival)).collect();
        Ok(())
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.waiting.is_empty() {
            if self.failed || self.next >= self.log.segments.len() {
                // What the log was seen to hold and can't be read any more is a gap too.
                let last = self.log.last.map_or(0, |(arrival, _)| arrival);
                let first = std::mem::replace(&mut self.expected, last + 1);
                return (!self.failed && first <= last).then_some(Err(LogError::Lost { first, last }));
            }
            if let Err(error) = self.load() {
                self.failed = true;
                return Some(Err(error));
            }
        }
        let (side, view) = *self.waiting.front()?;
        if view.arrival > self.expected {
            let first = std::mem::replace(&mut self.expected, view.arrival);
            return Some(Err(LogError::Lost { first, last: view.arrival - 1 }));
        }
        self.waiting.pop_front();
        self.expected = view.arrival + 1;
        Some(Ok(view.frame(&self.copies[side.index()].bytes)))
    }
}
