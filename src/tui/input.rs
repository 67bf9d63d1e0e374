//! From what a terminal sends to what a person meant: presses, pastes, sizes.
//!
//! Terminals differ: Windows reports releases, some send held keys as repeats, old consoles deliver a paste as a
//! volley of keys. A [`Collector`] levels all that, by time stamps that are passed in, so nothing here waits.
//! What is typed is never logged.

use std::time::Duration;

use crossterm::event::{Event, KeyEventKind, MouseButton, MouseEventKind};

use super::keymap::{Chord, Key};
use super::widgets::text::clean_prose;

/// Keys nearer to each other than this were not typed by fingers.
pub const BURST_GAP: Duration = Duration::from_millis(5);
/// So many text keys in one burst are a paste.
pub const BURST_KEYS: usize = 6;
/// The same dangerous command within this time is an accident.
pub const REPEAT_GAP: Duration = Duration::from_millis(300);
/// A paste is cut here, in bytes: larger than any note, small enough to draw at once.
pub const MAX_PASTE: usize = 256 * 1024;

/// What happened, in the kit's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key that may be a command or a letter: the focus decides.
    Key(Chord),
    /// Pasted text, already safe to show and cut at [`MAX_PASTE`].
    Paste(String),
    /// The window has a new size.
    Resize,
    /// The wheel: lines to scroll, negative is up.
    Wheel(i16),
    /// A click at column and row.
    Click(u16, u16),
}

/// What goes into a text field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// One character.
    Char(char),
    /// Pasted text, with `\n` for line breaks. A field of one line takes them as spaces, never as Enter.
    Paste(String),
}

/// Turns terminal events into [`Input`]s.
///
/// Push all events that are ready, then [`Collector::settle`]. A single key is passed on at once; when a second text
/// key comes within [`BURST_GAP`], keys are held until a pause (at most 5 ms after the last) shows whether fingers or a paste sent them; [`Collector::due`] says when.
#[derive(Debug, Default)]
pub struct Collector {
    held: Vec<Chord>,
    /// Text keys of the running burst, those already passed on included.
    burst: usize,
    last: Option<Duration>,
}

impl Collector {
    /// Takes one event that arrived at `at` and appends to `out` what is certain.
    pub fn push(&mut self, at: Duration, event: Event, out: &mut Vec<Input>) {
        match event {
            Event::Key(key) => {
                let Some(chord) = Chord::from_event(&key) else { return };
                let counts = match key.kind {
                    KeyEventKind::Press => true,
                    KeyEventKind::Repeat => chord.is_movement(),
                    KeyEventKind::Release => false,
                };
                if counts {
                    self.key(at, chord, out);
                }
            }
            Event::Paste(text) => {
                self.flush(out);
                out.push(Input::Paste(safe_paste(&text)));
            }
            Event::Resize(..) => out.push(Input::Resize),
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => out.push(Input::Click(mouse.column, mouse.row)),
                MouseEventKind::ScrollDown => out.push(Input::Wheel(3)),
                MouseEventKind::ScrollUp => out.push(Input::Wheel(-3)),
                _ => {}
            },
            Event::FocusGained | Event::FocusLost => {}
        }
    }

    /// What a pause has made certain by `now`. Call it when all events that were ready have been pushed.
    pub fn settle(&mut self, now: Duration, out: &mut Vec<Input>) {
        if self.burst == 1 {
            // Alone in its batch: passed on without delay, but it still counts if more follow at once.
            out.extend(self.held.drain(..).map(Input::Key));
        } else if self.due().is_some_and(|due| now >= due) {
            self.flush(out);
        }
    }

    /// When held keys are decided; `None` while nothing is held.
    pub fn due(&self) -> Option<Duration> {
        (!self.held.is_empty()).then(|| self.last.unwrap_or_default() + BURST_GAP)
    }

    fn key(&mut self, at: Duration, chord: Chord, out: &mut Vec<Input>) {
        let texty = chord.types().is_some() || chord == Chord::plain(Key::Enter) || chord == Chord::plain(Key::Tab);
        let fast = self.last.is_some_and(|last| at.saturating_sub(last) < BURST_GAP);
        if !texty || !fast {
            self.flush(out);
        }
        if !texty {
            out.push(Input::Key(chord));
            return;
        }
        self.last = Some(at);
        self.burst += 1;
        self.held.push(chord);
    }

    /// Ends the burst: held keys become a paste or keys.
    fn flush(&mut self, out: &mut Vec<Input>) {
        let held = std::mem::take(&mut self.held);
        // One key over and over is a held key that piled up while the program was busy, no paste.
        let varied = held.windows(2).any(|w| w[0] != w[1]);
        if self.burst >= BURST_KEYS && varied {
            out.push(Input::Paste(safe_paste(&held.iter().map(|c| letter(*c)).collect::<String>())));
        } else {
            out.extend(held.into_iter().map(Input::Key));
        }
        self.burst = 0;
        self.last = None;
    }
}

fn letter(chord: Chord) -> char {
    match chord.key {
        Key::Tab => '\t',
        Key::Char(c) => c,
        _ => '\n',
    }
}

/// The first `bytes` of `text`, or a little less, so that no character is cut.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

fn safe_paste(text: &str) -> String {
    clean_prose(head(text, MAX_PASTE))
}

/// Ignores a dangerous command that comes again too soon. Each repeat starts the time anew, so a held key runs once.
#[derive(Debug, Default)]
pub struct RepeatGuard {
    last: Option<(String, Duration)>,
}

impl RepeatGuard {
    /// Whether `command` at `now` repeats itself within [`REPEAT_GAP`].
    pub fn repeats(&mut self, command: &str, now: Duration) -> bool {
        let again =
            self.last.as_ref().is_some_and(|(last, at)| last == command && now.saturating_sub(*at) < REPEAT_GAP);
        self.last = Some((command.to_owned(), now));
        again
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn event(c: char, kind: KeyEventKind) -> Event {
        let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
        Event::Key(KeyEvent::new_with_kind(code, KeyModifiers::NONE, kind))
    }

    /// Types `text`, one key each `gap`, then pauses.
    fn volley(text: &str, gap: Duration) -> Vec<Input> {
        let (mut collector, mut out, mut at) = (Collector::default(), Vec::new(), MS * 100);
        for c in text.chars() {
            collector.settle(at, &mut out);
            collector.push(at, event(c, KeyEventKind::Press), &mut out);
            at += gap;
        }
        collector.settle(at + BURST_GAP, &mut out);
        assert_eq!(collector.due(), None);
        out
    }

    fn keys(text: &str) -> Vec<Input> {
        text.chars().map(|c| Input::Key(Chord::plain(if c == '\n' { Key::Enter } else { Key::Char(c) }))).collect()
    }

    #[test]
    fn fingers_are_keys() {
        assert_eq!(volley("xxjjkkq\n", MS * 30), keys("xxjjkkq\n"));
        assert_eq!(volley("gtjx", Duration::ZERO), keys("gtjx"), "a few at once are still keys");
    }

    #[test]
    fn a_volley_is_a_paste() {
        let mut expected = keys("x");
        expected.push(Input::Paste("jkq\nnext".into()));
        assert_eq!(volley("xjkq\nnext", MS), expected);
    }

    #[test]
    fn a_volley_that_is_ready_at_once_runs_nothing() {
        let (mut collector, mut out) = (Collector::default(), Vec::new());
        for c in "xjkq\nq".chars() {
            collector.push(MS, event(c, KeyEventKind::Press), &mut out);
        }
        collector.settle(MS, &mut out);
        assert_eq!(out, [], "not yet decided");
        collector.settle(MS + BURST_GAP, &mut out);
        assert_eq!(out, [Input::Paste("xjkq\nq".into())]);
    }

    #[test]
    fn a_held_key_that_piled_up_is_no_paste() {
        assert_eq!(volley("jjjjjjjjjj", Duration::ZERO), keys("jjjjjjjjjj"));
    }

    #[test]
    fn releases_never_count_and_only_movement_repeats() {
        let (mut collector, mut out) = (Collector::default(), Vec::new());
        for (c, kind) in [
            ('x', KeyEventKind::Press),
            ('x', KeyEventKind::Repeat),
            ('x', KeyEventKind::Release),
            ('j', KeyEventKind::Repeat),
        ] {
            collector.push(MS * 100, event(c, kind), &mut out);
            collector.settle(MS * 200, &mut out);
        }
        assert_eq!(out, keys("xj"));
    }

    #[test]
    fn the_order_stays_when_another_key_ends_a_burst() {
        let (mut collector, mut out) = (Collector::default(), Vec::new());
        for c in "ab".chars() {
            collector.push(MS, event(c, KeyEventKind::Press), &mut out);
        }
        collector.push(MS, Event::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)), &mut out);
        assert_eq!(out.last(), Some(&Input::Key(Chord::plain(Key::Esc))));
        assert_eq!(out.len(), 3);
    }

    #[test]
    fn a_paste_is_cleaned_and_bounded() {
        let (mut collector, mut out) = (Collector::default(), Vec::new());
        collector.push(MS, Event::Paste("a\u{1b}[31m\r\nb\u{202e}".into()), &mut out);
        assert_eq!(out, [Input::Paste("a[31m\nb".into())]);
        out.clear();
        collector.push(MS, Event::Paste("é".repeat(MAX_PASTE)), &mut out);
        assert!(matches!(&out[0], Input::Paste(text) if text.len() <= MAX_PASTE));
    }

    #[test]
    fn a_held_dangerous_key_runs_once() {
        let mut guard = RepeatGuard::default();
        assert!(!guard.repeats("action.done", MS * 1000));
        for n in 1..40 {
            assert!(guard.repeats("action.done", MS * (1000 + n * 33)));
        }
        assert!(!guard.repeats("action.done", MS * 3000));
        assert!(!guard.repeats("list.down", MS * 3001));
    }
}
