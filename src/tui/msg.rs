//! What reaches the loop from outside: terminal events, and news of jobs.

use std::time::Duration;

use crossterm::event::Event;

use super::worker::{JobEnd, JobId};

/// A message into the loop; `D` is what a job hands back.
#[derive(Debug)]
pub enum Msg<D> {
    /// All events that were ready, each with its time since the program's start.
    Events(Vec<(Duration, Event)>),
    /// A job's progress: done, total (0 if unknown).
    Progress(JobId, u64, u64),
    /// A job has ended.
    Ended(JobId, JobEnd<D>),
    /// The terminal is gone.
    Closed,
}
