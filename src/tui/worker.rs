//! Slow work on a thread of its own: reports progress, can be asked to stop, hands its result to the loop.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::msg::Msg;

/// Reports of one job that reach the loop at most: more would only be drawn over.
const STEPS: u64 = 200;

/// Names a running job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(pub u64);

/// How a job ended.
#[derive(Debug, PartialEq, Eq)]
pub enum JobEnd<D> {
    /// With this result; a job that was asked to stop says so in its result.
    Done(D),
    /// It stopped because of a fault of its own (a panic, contained).
    Fault,
}

/// Slow work to be done.
///
/// ```
/// use mahoe::tui::worker::Job;
/// let job = Job::new("verify", "Checking every record", |report| {
///     for n in 0..1000 {
///         if report.stopped() { return "stopped" }
///         report.progress(n, 1000);
///     }
///     "all is well"
/// }).modal();
/// # let _: Job<&str> = job;
/// ```
pub struct Job<D> {
    pub(super) tag: &'static str,
    pub(super) says: String,
    pub(super) modal: bool,
    work: Box<dyn FnOnce(&Reporter) -> D + Send>,
}

impl<D> Job<D> {
    /// Work under a tag, and what a person reads while it runs.
    pub fn new(tag: &'static str, says: impl Into<String>, work: impl FnOnce(&Reporter) -> D + Send + 'static) -> Self {
        Self { tag, says: says.into(), modal: false, work: Box::new(work) }
    }

    /// Covers the screen with its progress until it ends or Esc stops it.
    #[must_use]
    pub fn modal(self) -> Self {
        Self { modal: true, ..self }
    }

    /// Does the work on this thread; `send` takes its messages.
    pub fn run(self, id: JobId, stop: Arc<AtomicBool>, send: impl Fn(Msg<D>) + 'static)
    where
        D: 'static,
    {
        let send = std::rc::Rc::new(send);
        let report = {
            let send = std::rc::Rc::clone(&send);
            move |done, total| send(Msg::Progress(id, done, total))
        };
        let reporter = Reporter { stop, last: Cell::new(None), report: Box::new(report) };
        // The work owns all it touches, so nothing half-changed is seen after a panic.
        let end = match catch_unwind(AssertUnwindSafe(|| (self.work)(&reporter))) {
            Ok(result) => JobEnd::Done(result),
            Err(_) => JobEnd::Fault,
        };
        send(Msg::Ended(id, end));
    }
}

/// What the work tells, and is told, while it runs.
pub struct Reporter {
    stop: Arc<AtomicBool>,
    last: Cell<Option<u64>>,
    report: Box<dyn Fn(u64, u64)>,
}

impl Reporter {
    /// Whether the work is asked to stop: it leaves what it did complete, or undoes it.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells how far the work is; `total` 0 if unknown. May be called as often as one likes.
    pub fn progress(&self, done: u64, total: u64) {
        let step = done.saturating_mul(STEPS).checked_div(total).unwrap_or(done / 1000);
        if self.last.replace(Some(step)) != Some(step) {
            (self.report)(done, total);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn run(job: Job<u32>, stop: bool) -> Vec<Msg<u32>> {
        let (tx, rx) = channel();
        let stop = Arc::new(AtomicBool::new(stop));
        let thread = std::thread::spawn(move || job.run(JobId(7), stop, move |m| _ = tx.send(m)));
        thread.join().unwrap();
        rx.iter().collect()
    }

    #[test]
    fn progress_is_thinned_out_and_the_result_comes_last() {
        let job = Job::new("t", "", |r| {
            (0..100_000).for_each(|n| r.progress(n, 100_000));
            42
        });
        let msgs = run(job, false);
        assert!(msgs.len() <= 201, "{}", msgs.len());
        assert!(matches!(msgs.last(), Some(Msg::Ended(JobId(7), JobEnd::Done(42)))));
    }

    #[test]
    fn it_can_be_stopped_and_its_fault_is_contained() {
        assert!(matches!(
            run(Job::new("t", "", |r| u32::from(r.stopped())), true)[..],
            [Msg::Ended(_, JobEnd::Done(1))]
        ));
        let fault = Job::new("t", "", |_| std::panic::panic_any(()));
        assert!(matches!(run(fault, false)[..], [Msg::Ended(_, JobEnd::Fault)]));
    }
}
