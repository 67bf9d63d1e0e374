//! The loop: wait, handle all that has come, draw once.
//!
//! [`App`] is the state and does no I/O; a [`Driver`] is the world: time, events, threads, the terminal. The tests run
//! this same loop over a scripted driver ([`crate::testing::Runner`]). `keys` takes what comes from a person, `draw`
//! draws a frame.

mod draw;
mod keys;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::effect::{Answer, Effect, TOAST_STAYS, Toast};
use super::input::{Collector, RepeatGuard};
use super::keymap::{Bound, Branch, Chord, Keymap};
use super::layers::{Context, Effects, SHELL, Shell, Stack};
use super::msg::Msg;
use super::overlays::Progress;
use super::theme::Theme;
use super::worker::{Job, JobEnd, JobId};

/// Narrower or lower than this nothing can be read; the screen then says so in one line.
pub const SMALLEST: (u16, u16) = (40, 10);
/// A chain of effects longer than this is a fault; it is cut so that the program still answers.
const MOST_EFFECTS: usize = 1000;
/// When a tick is tried again whose deadline has not moved on.
const LATE_TICK: Duration = Duration::from_secs(1);
/// How long after something was typed the layers keep it: a power cut costs what was typed within this time.
const REST: Duration = Duration::from_secs(3);
/// The tag of the question before leaving.
const LEAVE: &str = "leave";

/// The world around the loop.
pub trait Driver<D> {
    /// Time since the program's start, never going back.
    fn now(&mut self) -> Duration;
    /// Sleeps until something comes, or until the deadline; takes all that is there.
    fn wait(&mut self, until: Option<Duration>) -> Vec<Msg<D>>;
    /// Starts a job on a thread.
    fn start(&mut self, id: JobId, job: Job<D>, stop: Arc<AtomicBool>);
    /// Draws one frame.
    fn draw(&mut self, f: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()>;
}

struct Running {
    id: JobId,
    tag: &'static str,
    says: String,
    owner: u64,
    stop: Arc<AtomicBool>,
    /// The layer that shows its progress.
    shown: Option<u64>,
    progress: (u64, u64),
}

/// The terminal program's state.
pub struct App<C: Context> {
    /// What the layers share.
    pub cx: C,
    shell: Box<dyn Shell<C>>,
    stack: Stack<C>,
    keymap: Keymap,
    theme: Theme,
    pending: Vec<Chord>,
    follow: Option<Branch>,
    toasts: VecDeque<Toast>,
    blank: bool,
    dirty: bool,
    quit: bool,
    collector: Collector,
    guard: RepeatGuard,
    to_start: Vec<(JobId, Job<C::Done>, Arc<AtomicBool>)>,
    running: Vec<Running>,
    last_job: u64,
    now: Duration,
    /// The screen as it was drawn last.
    area: Rect,
    /// When the layers are to keep what has been typed.
    rest: Option<Duration>,
    /// The footer's keys, and the contexts that they were made for: they change less often than frames are drawn.
    footer: (Vec<&'static str>, Vec<Bound>),
}

impl<C: Context> App<C> {
    /// A program of this shell; its first screen is there at once.
    pub fn new(cx: C, shell: impl Shell<C> + 'static, keymap: Keymap, theme: Theme) -> Self {
        let mut app = Self {
            cx,
            shell: Box::new(shell),
            stack: Stack::new(),
            keymap,
            theme,
            pending: Vec::new(),
            follow: None,
            toasts: VecDeque::new(),
            blank: false,
            dirty: true,
            quit: false,
            collector: Collector::default(),
            guard: RepeatGuard::default(),
            to_start: Vec::new(),
            running: Vec::new(),
            last_job: 0,
            now: Duration::ZERO,
            area: Rect::ZERO,
            rest: None,
            footer: (Vec::new(), Vec::new()),
        };
        let first = app.shell.start(&mut app.cx);
        app.apply(SHELL, first);
        app
    }

    /// Whether the program is to end.
    pub const fn quits(&self) -> bool {
        self.quit
    }

    /// Whether anything has changed since the last frame.
    pub const fn needs_drawing(&self) -> bool {
        self.dirty
    }

    /// Says something as soon as there is a screen.
    pub fn say(&mut self, toast: Toast) {
        self.toasts.push_back(toast);
    }

    /// The theme in use.
    pub const fn theme(&self) -> &Theme {
        &self.theme
    }

    /// When the loop must wake up by itself; `None`: only when something comes.
    pub fn deadline(&self) -> Option<Duration> {
        // One that stays in the past (a fault of the shell) must not become a busy loop.
        let shell = self.shell.deadline(&self.cx).map(|at| if at > self.now { at } else { self.now + LATE_TICK });
        let toast = self.toasts.front().and_then(|t| t.until);
        [shell, toast, self.collector.due(), self.rest].into_iter().flatten().min()
    }

    /// Handles all that has come by `now`.
    pub fn handle(&mut self, now: Duration, msgs: Vec<Msg<C::Done>>) {
        self.now = now;
        self.cx.set_now(now);
        let mut inputs = Vec::new();
        for msg in msgs {
            match msg {
                Msg::Events(events) => {
                    for (at, event) in events {
                        self.collector.push(at, event, &mut inputs);
                    }
                }
                Msg::Progress(id, done, total) => self.progress(id, (done, total)),
                Msg::Ended(id, end) => self.ended(id, end),
                Msg::Closed => self.quit = true,
            }
        }
        self.collector.settle(now, &mut inputs);
        for input in inputs {
            self.input(input);
        }
        self.timers();
    }

    fn timers(&mut self) {
        if self.shell.deadline(&self.cx).is_some_and(|at| at <= self.now) {
            let effects = self.shell.tick(self.now, &mut self.cx);
            self.apply(SHELL, effects);
            self.refresh();
            self.dirty = true;
        }
        if self.rest.is_some_and(|at| at <= self.now) {
            self.rest = None;
            self.stack.each(|layer| layer.rest(&mut self.cx));
        }
        if self.toasts.front().is_some_and(|t| t.until.is_some_and(|at| at <= self.now)) {
            self.toasts.pop_front();
            self.dirty = true;
        }
        if let Some(front) = self.toasts.front_mut()
            && front.until.is_none()
            && !front.refused
        {
            front.until = Some(self.now + TOAST_STAYS);
        }
    }

    fn refresh(&mut self) {
        if let Some(top) = self.stack.top_mut() {
            top.layer.refresh(&mut self.cx);
        }
    }

    /// Does what the layer `from` wants, and what comes of it.
    fn apply(&mut self, from: u64, effects: Effects<C>) {
        let mut queue: VecDeque<(u64, Effect<C>)> = effects.into_iter().map(|e| (from, e)).collect();
        for _ in 0..MOST_EFFECTS {
            let Some((from, effect)) = queue.pop_front() else { return };
            let more = self.one(from, effect);
            // What follows from an effect comes before what was to come after it.
            for next in more.into_iter().rev() {
                queue.push_front(next);
            }
        }
    }

    fn one(&mut self, from: u64, effect: Effect<C>) -> Vec<(u64, Effect<C>)> {
        match effect {
            Effect::Push(tag, layer) => {
                self.stack.push(from, tag, layer);
                self.refresh();
            }
            Effect::Replace(layer) => {
                for mut gone in self.stack.clear() {
                    gone.layer.leaving(&mut self.cx);
                }
                self.pending.clear();
                self.stack.push(SHELL, "", layer);
                self.refresh();
            }
            Effect::Close(answer) => return self.close(from, answer),
            Effect::Toast(toast) => self.toasts.push_back(toast),
            Effect::Run(job) => self.run_job(from, job),
            Effect::Cancel(tag) => {
                for job in self.running.iter().filter(|j| j.tag == tag) {
                    job.stop.store(true, Ordering::Relaxed);
                }
            }
            Effect::Command(name) => self.command(&name),
            Effect::Theme(name) => self.theme = self.theme.switched(name),
            Effect::Blank(on) => self.set_blank(on),
            Effect::Quit => self.quit = true,
        }
        Vec::new()
    }

    fn close(&mut self, id: u64, answer: Answer) -> Vec<(u64, Effect<C>)> {
        let mut gone = self.stack.cut(id);
        let Some(closed) = gone.pop() else { return Vec::new() };
        for mut above in gone {
            above.layer.leaving(&mut self.cx);
        }
        let (owner, tag) = (closed.owner, closed.tag);
        let effects = match self.stack.get(owner) {
            Some(entry) => entry.layer.answer(tag, answer, &mut self.cx),
            None if tag == LEAVE => {
                self.quit |= answer == Answer::Yes;
                Vec::new()
            }
            None => match (tag, answer) {
                ("palette", Answer::Picked(name)) => vec![Effect::Command(name)],
                (_, answer) => self.shell.answer(tag, answer, &mut self.cx),
            },
        };
        let owner = if self.stack.get(owner).is_some() { owner } else { SHELL };
        self.refresh();
        effects.into_iter().map(|e| (owner, e)).collect()
    }

    fn run_job(&mut self, owner: u64, job: Job<C::Done>) {
        self.last_job += 1;
        let id = JobId(self.last_job);
        let stop = Arc::new(AtomicBool::new(false));
        let shown = job.modal.then(|| self.stack.push(SHELL, "progress", Box::new(Progress::new(job.tag, &job.says))));
        self.running.push(Running {
            id,
            tag: job.tag,
            says: job.says.clone(),
            owner,
            stop: Arc::clone(&stop),
            shown,
            progress: (0, 0),
        });
        self.to_start.push((id, job, stop));
    }

    fn progress(&mut self, id: JobId, progress: (u64, u64)) {
        if let Some(job) = self.running.iter_mut().find(|j| j.id == id) {
            job.progress = progress;
            self.dirty = true;
        }
    }

    fn ended(&mut self, id: JobId, end: JobEnd<C::Done>) {
        let Some(at) = self.running.iter().position(|j| j.id == id) else { return };
        let job = self.running.remove(at);
        self.dirty = true;
        if let Some(shown) = job.shown {
            self.stack.cut(shown);
        }
        if matches!(end, JobEnd::Fault) {
            let text = format!("{}: stopped because of a fault of mahoe. Nothing was half done; try again.", job.says);
            self.toasts.push_back(Toast::refused(text));
        }
        let (owner, effects) = match self.stack.get(job.owner) {
            Some(entry) => (job.owner, entry.layer.job_ended(job.tag, end, &mut self.cx)),
            None => (SHELL, self.shell.job_ended(job.tag, end, &mut self.cx)),
        };
        self.apply(owner, effects);
        self.refresh();
    }

    fn start_jobs(&mut self, driver: &mut impl Driver<C::Done>) {
        for (id, job, stop) in self.to_start.drain(..) {
            driver.start(id, job, stop);
        }
    }
}

/// One turn of the loop. `false` when the program has ended.
pub fn turn<C: Context>(app: &mut App<C>, driver: &mut impl Driver<C::Done>) -> io::Result<bool> {
    // Those that the shell started with.
    app.start_jobs(driver);
    if app.dirty {
        driver.draw(&mut |frame| app.draw(frame))?;
    }
    let msgs = driver.wait(app.deadline());
    let now = driver.now();
    app.handle(now, msgs);
    app.start_jobs(driver);
    Ok(!app.quit)
}

/// Runs the program until it ends.
pub fn run<C: Context>(app: &mut App<C>, driver: &mut impl Driver<C::Done>) -> io::Result<()> {
    while turn(app, driver)? {}
    for job in &app.running {
        job.stop.store(true, Ordering::Relaxed);
    }
    Ok(())
}
