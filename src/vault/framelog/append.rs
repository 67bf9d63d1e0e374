//! Appending: the mirror is written first, then the primary is written and synced, then the frame is acknowledged.
//!
//! A frame that could not be written in full is cut back in both copies. After a failed sync nothing is touched any
//! more: what the disk holds then is unknown, and opening the log again finds out.

use std::io;

use super::finding::{LogError, Side};
use super::place::SUSPECT;
use super::{FrameLog, Segment, Tail};
use crate::domain::ids::KeyId;
use crate::vault::disk::DiskFile;
use crate::vault::frame::{MAX_PAYLOAD, encode};

impl FrameLog {
    /// Appends a frame and returns its arrival number once it would survive a power cut.
    ///
    /// On [`LogError::Full`] and [`LogError::Io`] nothing half-written stays and the log can go on; on
    /// [`LogError::SyncFailed`] the frame may or may not be there when the log is opened again.
    pub fn append(&mut self, kind: u8, key: KeyId, payload: &[u8]) -> Result<u64, LogError> {
        self.append_all(kind, key, &[payload])
    }

    /// Appends several frames with one sync, and returns the last one's arrival number once all would survive a power
    /// cut. For frames that need not stand or fall together: a power cut before it returns may leave the first of them.
    ///
    /// Fails as [`FrameLog::append`], then for all of them.
    pub fn append_all(&mut self, kind: u8, key: KeyId, payloads: &[&[u8]]) -> Result<u64, LogError> {
        if self.read_only {
            return Err(LogError::ReadOnly);
        }
        if let Some(large) = payloads.iter().find(|payload| payload.len() > MAX_PAYLOAD) {
            return Err(LogError::TooLarge { bytes: large.len() as u64 });
        }
        let mut last = self.last.unwrap_or((0, [0; 32]));
        let first = last.0 + 1;
        let mut frames = Vec::new();
        for payload in payloads {
            last = (last.0 + 1, encode(kind, last.0 + 1, key, &last.1, payload, &mut frames));
        }
        self.make_room(frames.len() as u64)?;
        self.write(&frames)?;
        self.sync_primary()?;
        if let Some(tail) = &mut self.tail {
            tail.used += frames.len() as u64;
        }
        self.mirror_dirty = true;
        self.last = Some(last);
        if let Some(segment) = self.segments.last_mut() {
            segment.first.get_or_insert(first);
            segment.last = self.last;
        }
        Ok(last.0)
    }

    /// Syncs the mirror, if anything was written since: within a second of a commit, and at lock. A failure makes the
    /// log read-only, because a mirror that does not hold what it should is no promise.
    pub fn sync_mirror(&mut self) -> Result<(), LogError> {
        if !self.mirror_dirty {
            return Ok(());
        }
        let synced = self.tail.as_mut().map_or(Ok(()), |tail| tail.files[Side::Mirror.index()].sync_data());
        synced.map_err(|_| self.sync_failed(Side::Mirror))?;
        self.mirror_dirty = false;
        Ok(())
    }

    /// Sees to it that there is a segment which can take a frame of `len` bytes.
    fn make_room(&mut self, len: u64) -> Result<(), LogError> {
        match &self.tail {
            Some(tail) if tail.used == 0 || tail.used + len <= self.sizes.segment => return Ok(()),
            Some(_) => self.finish_segment()?,
            None => {}
        }
        let number = self.segments.last().map_or(self.start, |segment| segment.number + 1);
        let create = |side: Side| -> io::Result<Box<dyn DiskFile>> {
            let file = self.disk.open(&self.places.segment(side, number))?;
            // The name must be durable before a frame in the file is acknowledged.
            self.disk.sync_folder(self.places.folder(side))?;
            Ok(file)
        };
        let problem = |side, error: io::Error| LogError::io("create", &self.places.segment(side, number), &error);
        let mirror = create(Side::Mirror).map_err(|error| problem(Side::Mirror, error))?;
        let primary = create(Side::Primary).map_err(|error| problem(Side::Primary, error))?;
        self.tail = Some(Tail { files: [primary, mirror], lens: [0; 2], used: 0 });
        self.segments.push(Segment { number, first: None, last: self.last });
        Ok(())
    }

    /// Gives back the room that was grown, and syncs both copies: only the newest segment is ever unsynced.
    fn finish_segment(&mut self) -> Result<(), LogError> {
        let number = self.segments.last().map_or(self.start, |segment| segment.number);
        for side in [Side::Mirror, Side::Primary] {
            let Some(tail) = &mut self.tail else { return Ok(()) };
            let (used, file) = (tail.used, &mut tail.files[side.index()]);
            file.set_len(used).map_err(|error| LogError::io("cut", &self.places.segment(side, number), &error))?;
            tail.lens[side.index()] = used;
            if tail.files[side.index()].sync_data().is_err() {
                return Err(self.sync_failed(side));
            }
        }
        self.mirror_dirty = false;
        Ok(())
    }

    /// Writes a frame behind the last one, into the mirror, then into the primary; on failure it is in neither.
    fn write(&mut self, frame: &[u8]) -> Result<(), LogError> {
        let number = self.segments.last().map_or(self.start, |segment| segment.number);
        let Some(tail) = &mut self.tail else { return Err(LogError::ReadOnly) };
        for side in [Side::Mirror, Side::Primary] {
            let Err(error) = tail.write(side, frame, self.sizes.step) else { continue };
            let cut = Side::BOTH.into_iter().try_for_each(|side| tail.cut_back(side));
            // What could not be cut back is an unfinished frame, which opening sets aside.
            self.read_only |= cut.is_err();
            return Err(LogError::io("write", &self.places.segment(side, number), &error));
        }
        Ok(())
    }

    fn sync_primary(&mut self) -> Result<(), LogError> {
        let synced = self.tail.as_mut().map_or(Ok(()), |tail| tail.files[Side::Primary.index()].sync_data());
        synced.map_err(|_| self.sync_failed(Side::Primary))
    }

    /// Stops writing, and leaves a note for the next opening: until the machine restarts, reading gives back bytes that
    /// the disk may not hold. (After a restart reading tells the truth, so the note need not survive one.)
    fn sync_failed(&mut self, side: Side) -> LogError {
        self.read_only = true;
        // Without the note the copy is merely trusted as far as it can be read, as without the mirror.
        let _ = self.disk.open(&self.places.folder(side).join(SUSPECT));
        LogError::SyncFailed
    }
}

impl Tail {
    /// Writes a frame into one copy. If the file must grow, zeros up to the next step go with it, so that the syncs of
    /// the commits to come need not wait for new blocks.
    fn write(&mut self, side: Side, frame: &[u8], step: u64) -> io::Result<()> {
        let (file, len) = (&mut self.files[side.index()], &mut self.lens[side.index()]);
        let end = self.used + frame.len() as u64;
        if end <= *len {
            return file.write_at(self.used, frame);
        }
        let grown = end.next_multiple_of(step);
        let zeros = usize::try_from(grown - end).unwrap_or(0);
        let mut bytes = Vec::with_capacity(frame.len() + zeros);
        bytes.extend_from_slice(frame);
        bytes.resize(frame.len() + zeros, 0);
        file.write_at(self.used, &bytes)?;
        *len = grown;
        Ok(())
    }

    fn cut_back(&mut self, side: Side) -> io::Result<()> {
        self.files[side.index()].set_len(self.used)?;
        self.lens[side.index()] = self.used;
        Ok(())
    }
}
