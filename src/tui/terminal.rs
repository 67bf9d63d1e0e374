//! The real terminal: entered, driven, and always given back as it was.
//!
//! The terminal is restored on every way out: an ordinary end, an error, a panic. A panic's text may hold what a
//! person typed, so it is never shown nor written; only that there was a fault is said.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, Event, poll, read,
};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use super::app::{App, Driver, run as run_loop};
use super::layers::Context;
use super::msg::Msg;
use super::worker::{Job, JobId};
use crate::error::{AppError, Kind, Result};

/// A frame of a large terminal in one write.
const FRAME_BYTES: usize = 64 * 1024;
/// Events taken at once; a person never makes so many, a paste comes in several batches.
const BATCH: usize = 4096;

/// Runs `app` in the terminal until it ends. With `mouse`, clicks and the wheel work (and the terminal's own selection
/// needs Shift).
///
/// # Errors
/// [`Kind::Io`] if there is no terminal or it went away; [`Kind::Bug`] after a panic.
pub fn run<C: Context>(app: &mut App<C>, mouse: bool) -> Result<()> {
    let quiet = QuietPanics::install();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut driver = TerminalDriver::enter(mouse)?;
        run_loop(app, &mut driver)
    }));
    drop(quiet);
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(AppError::new(
            Kind::Io,
            format!("The terminal can't be used: {e}."),
            "Start mahoe in a terminal window, or use the command line: mahoe --help.",
        )),
        Err(_) => Err(AppError::new(
            Kind::Bug,
            "mahoe stopped because of a fault of its own. Nothing that was saved is lost.",
            "Start it again. If it happens again, tell the maintainers what you did last (not what you typed).",
        )),
    }
}

type Hook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Sync + Send + 'static>;

/// Keeps panics from being printed over the screen, with whatever data their text holds. The hook that was there comes
/// back on drop.
struct QuietPanics(Option<Hook>);

impl QuietPanics {
    fn install() -> Self {
        let before = std::panic::take_hook();
        // A panic that is contained (a job's, the store's) must not touch the terminal either, so the hook does nothing
        // and the terminal is restored where the panic ends: in `Modes::drop`.
        std::panic::set_hook(Box::new(|_| {}));
        Self(Some(before))
    }
}

impl Drop for QuietPanics {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            std::panic::set_hook(before);
        }
    }
}

/// The modes that were switched on; dropping it switches them off again.
struct Modes {
    mouse: bool,
}

impl Modes {
    fn enter(mouse: bool) -> io::Result<Self> {
        enable_raw_mode()?;
        // On Windows capturing the mouse is what turns QuickEdit off, in which a click would freeze the program.
        let modes = Self { mouse: mouse || cfg!(windows) };
        // The other screen may hold what an earlier program left there.
        execute!(io::stdout(), EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste)?;
        if modes.mouse {
            execute!(io::stdout(), EnableMouseCapture)?;
        }
        Ok(modes)
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        let mut out = io::stdout();
        // Each step even if one before it failed: the terminal may be half gone.
        if self.mouse {
            let _ = execute!(out, DisableMouseCapture);
        }
        let _ = execute!(out, DisableBracketedPaste);
        let _ = execute!(out, LeaveAlternateScreen);
        let _ = execute!(out, cursor::Show);
        let _ = disable_raw_mode();
        let _ = out.flush();
    }
}

/// The driver over a real terminal: a thread that reads it, a channel that events and jobs share.
///
/// Idle, both threads sleep in a system call: no CPU, no bytes written.
pub struct TerminalDriver<D> {
    // Before `_modes`, so that what is still buffered is written into the alternate screen.
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    _modes: Modes,
    start: Instant,
    send: Sender<Msg<D>>,
    receive: Receiver<Msg<D>>,
}

impl<D: Send + 'static> TerminalDriver<D> {
    /// Takes the terminal over.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        let modes = Modes::enter(mouse)?;
        let start = Instant::now();
        let (send, receive) = channel();
        let events = send.clone();
        thread::Builder::new().name("terminal".into()).spawn(move || read_events(start, &events))?;
        let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout()));
        Ok(Self { terminal: Terminal::new(backend)?, _modes: modes, start, send, receive })
    }
}

/// Reads the terminal for ever. Takes whatever is ready at once, so that the loop can tell fingers from a paste and
/// draws once for all of it.
fn read_events<D>(start: Instant, send: &Sender<Msg<D>>) {
    let one = || -> io::Result<Vec<(Duration, Event)>> {
        let mut events = vec![(start.elapsed(), read()?)];
        events[0].0 = start.elapsed();
        while events.len() < BATCH && poll(Duration::ZERO)? {
            let event = read()?;
            events.push((start.elapsed(), event));
        }
        Ok(events)
    };
    loop {
        match one() {
            Ok(events) => {
                if send.send(Msg::Events(events)).is_err() {
                    return;
                }
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => {
                let _ = send.send(Msg::Closed);
                return;
            }
        }
    }
}

impl<D: Send + 'static> Driver<D> for TerminalDriver<D> {
    fn now(&mut self) -> Duration {
        self.start.elapsed()
    }

    fn wait(&mut self, until: Option<Duration>) -> Vec<Msg<D>> {
        let first = match until {
            None => self.receive.recv().unwrap_or(Msg::Closed),
            Some(at) => match self.receive.recv_timeout(at.saturating_sub(self.start.elapsed())) {
                Ok(msg) => msg,
                Err(RecvTimeoutError::Timeout) => return Vec::new(),
                Err(RecvTimeoutError::Disconnected) => Msg::Closed,
            },
        };
        let mut msgs = vec![first];
        msgs.extend(self.receive.try_iter());
        msgs
    }

    fn start(&mut self, id: JobId, job: Job<D>, stop: Arc<AtomicBool>) {
        let send = self.send.clone();
        let fallback = self.send.clone();
        let thread = thread::Builder::new().name("worker".into()).spawn(move || {
            job.run(id, stop, move |msg| _ = send.send(msg));
        });
        if thread.is_err() {
            let _ = fallback.send(Msg::Ended(id, super::worker::JobEnd::Fault));
        }
    }

    fn draw(&mut self, f: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(|frame| f(frame)).map(|_| ())
    }
}
