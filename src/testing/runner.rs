//! Types keys into the real loop and reads the screen, with time that only the test moves.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::{Frame, Terminal};

use crate::tui::app::{App, Driver, turn};
use crate::tui::keymap::{Chord, Key, parse_sequence};
use crate::tui::layers::Context;
use crate::tui::msg::Msg;
use crate::tui::worker::{Job, JobId};

/// A calm person's pace: above the 300 ms in which a repeated command counts as an accident.
const PACE: Duration = Duration::from_millis(350);

/// What a buffer shows, line by line, without the spaces at the ends. A wide character is one character.
pub fn screen_text(buf: &Buffer) -> String {
    use unicode_width::UnicodeWidthStr;
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buf.area.left()..buf.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            skip = symbol.width().saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

struct Scripted<D> {
    terminal: Terminal<TestBackend>,
    now: Duration,
    queue: VecDeque<Msg<D>>,
    jobs: Vec<(JobId, Job<D>, Arc<AtomicBool>)>,
    /// Jobs wait for [`Runner::run_jobs`].
    hold: bool,
    frames: usize,
}

impl<D: Send + 'static> Scripted<D> {
    fn run_jobs(&mut self) {
        for (id, job, stop) in self.jobs.drain(..) {
            let (send, receive) = channel();
            job.run(id, stop, move |msg| _ = send.send(msg));
            self.queue.extend(receive.try_iter());
        }
    }
}

impl<D: Send + 'static> Driver<D> for Scripted<D> {
    fn now(&mut self) -> Duration {
        self.now
    }

    fn wait(&mut self, _: Option<Duration>) -> Vec<Msg<D>> {
        self.queue.drain(..).collect()
    }

    fn start(&mut self, id: JobId, job: Job<D>, stop: Arc<AtomicBool>) {
        self.jobs.push((id, job, stop));
        if !self.hold {
            self.run_jobs();
        }
    }

    fn draw(&mut self, f: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        self.frames += 1;
        self.terminal.draw(|frame| f(frame)).map(|_| ()).map_err(io::Error::other)
    }
}

/// Drives an [`App`] as a person would.
///
/// ```no_run
/// # fn app() -> mahoe::tui::app::App<Cx> { unimplemented!() }
/// # struct Cx; impl mahoe::tui::layers::Context for Cx { type Done = (); }
/// use mahoe::testing::Runner;
/// let mut runner = Runner::new(app(), 80, 24);
/// runner.keys("j j enter").text("abc").keys("ctrl-s");
/// assert!(runner.screen().contains("Saved"));
/// ```
pub struct Runner<C: Context> {
    /// The program.
    pub app: App<C>,
    driver: Scripted<C::Done>,
}

impl<C: Context> Runner<C> {
    /// The program in a terminal of this size, its first frame drawn.
    ///
    /// # Panics
    /// Never: the test backend has no I/O that could fail.
    pub fn new(app: App<C>, width: u16, height: u16) -> Self {
        let terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend can't fail");
        let (queue, jobs) = (VecDeque::new(), Vec::new());
        let driver = Scripted { terminal, now: Duration::from_secs(1), queue, jobs, hold: false, frames: 0 };
        let mut runner = Self { app, driver };
        runner.settle();
        runner
    }

    /// Presses keys one after the other at a person's pace: `"j j enter ctrl-s g t"`.
    ///
    /// # Panics
    /// If a key can't be read: the test is wrong.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for word in keys.split_whitespace() {
            let chord = parse_sequence(word).unwrap_or_else(|e| unreadable(word, &e))[0];
            self.press(chord, KeyEventKind::Press).wait(PACE);
        }
        self
    }

    /// Types text letter by letter; `\n` is Enter.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let key = if c == '\n' { Key::Enter } else { Key::Char(c) };
            self.press(Chord::plain(key), KeyEventKind::Press).wait(PACE);
        }
        self
    }

    /// Sends one raw key event now, without letting time pass.
    pub fn press(&mut self, chord: Chord, kind: KeyEventKind) -> &mut Self {
        let at = self.driver.now;
        self.driver.queue.push_back(Msg::Events(vec![(at, key_event(chord, kind))]));
        self.settle()
    }

    /// A paste as a terminal with bracketed paste sends it.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        let at = self.driver.now;
        self.driver.queue.push_back(Msg::Events(vec![(at, Event::Paste(text.to_owned()))]));
        self.settle().wait(PACE)
    }

    /// A paste as a terminal without bracketed paste sends it: a volley of keys, ready at once.
    pub fn volley(&mut self, text: &str) -> &mut Self {
        let at = self.driver.now;
        let chord = |c| Chord::plain(if c == '\n' { Key::Enter } else { Key::Char(c) });
        let events = text.chars().map(|c| (at, key_event(chord(c), KeyEventKind::Press))).collect();
        self.driver.queue.push_back(Msg::Events(events));
        self.settle().wait(PACE)
    }

    /// A click of the left button at column and row.
    pub fn click(&mut self, column: u16, row: u16) -> &mut Self {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
        let at = self.driver.now;
        self.driver.queue.push_back(Msg::Events(vec![(at, event)]));
        self.settle().wait(PACE)
    }

    /// Lets time pass; what is due meanwhile happens at its time.
    pub fn wait(&mut self, span: Duration) -> &mut Self {
        let end = self.driver.now + span;
        while let Some(at) = self.app.deadline().filter(|at| *at < end) {
            // At least a step, so that a deadline that stays in the past can't hang a test.
            self.driver.now = at.max(self.driver.now + Duration::from_millis(1)).min(end);
            self.settle();
        }
        self.driver.now = end;
        self.settle()
    }

    /// Gives the window another size.
    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.driver.terminal.backend_mut().resize(width, height);
        let at = self.driver.now;
        self.driver.queue.push_back(Msg::Events(vec![(at, Event::Resize(width, height))]));
        self.settle()
    }

    /// From now on jobs wait until [`Runner::run_jobs`].
    pub fn hold_jobs(&mut self) -> &mut Self {
        self.driver.hold = true;
        self
    }

    /// Runs the jobs that wait, to their end.
    pub fn run_jobs(&mut self) -> &mut Self {
        self.driver.run_jobs();
        self.settle()
    }

    /// Turns the loop until nothing is left to do and the screen is up to date.
    fn settle(&mut self) -> &mut Self {
        loop {
            let more = turn(&mut self.app, &mut self.driver).expect("a test backend can't fail");
            if !more || (self.driver.queue.is_empty() && !self.app.needs_drawing()) {
                return self;
            }
        }
    }

    /// What the screen shows.
    pub fn screen(&self) -> String {
        screen_text(self.driver.terminal.backend().buffer())
    }

    /// The screen's cells, for colours.
    pub fn buffer(&self) -> &Buffer {
        self.driver.terminal.backend().buffer()
    }

    /// Where the terminal's cursor stands; `None` if it is hidden.
    pub fn cursor(&self) -> Option<Position> {
        let backend = self.driver.terminal.backend();
        backend.cursor_visible().then(|| backend.cursor_position())
    }

    /// How many frames have been drawn.
    pub const fn frames(&self) -> usize {
        self.driver.frames
    }

    /// Whether the program has ended.
    pub const fn ended(&self) -> bool {
        self.app.quits()
    }
}

#[expect(clippy::panic, reason = "a test with a misspelt key must stop")]
fn unreadable(word: &str, error: &crate::tui::keymap::ChordError) -> ! {
    panic!("{word}: {error}")
}

fn key_event(chord: Chord, kind: KeyEventKind) -> Event {
    let code = match chord.key {
        Key::Char(c) => KeyCode::Char(c),
        Key::Enter => KeyCode::Enter,
        Key::Esc => KeyCode::Esc,
        Key::Tab if chord.shift => KeyCode::BackTab,
        Key::Tab => KeyCode::Tab,
        Key::Backspace => KeyCode::Backspace,
        Key::Delete => KeyCode::Delete,
        Key::Insert => KeyCode::Insert,
        Key::Up => KeyCode::Up,
        Key::Down => KeyCode::Down,
        Key::Left => KeyCode::Left,
        Key::Right => KeyCode::Right,
        Key::Home => KeyCode::Home,
        Key::End => KeyCode::End,
        Key::PageUp => KeyCode::PageUp,
        Key::PageDown => KeyCode::PageDown,
        Key::F(n) => KeyCode::F(n),
    };
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::CONTROL, chord.ctrl);
    modifiers.set(KeyModifiers::ALT, chord.alt);
    modifiers.set(KeyModifiers::SHIFT, chord.shift);
    Event::Key(KeyEvent::new_with_kind(code, modifiers, kind))
}
