//! Layers: screens and overlays on a stack. Only the top one gets keys; what is under an overlay is still drawn.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::effect::{Answer, Effect};
use super::input::Typed;
use super::theme::Theme;
use super::widgets::bars::Header;
use super::worker::JobEnd;

/// What all layers share and may change: in mahoe an open session.
pub trait Context: 'static {
    /// What a job hands back to the loop.
    type Done: Send + 'static;

    /// Told before anything else in each turn: the time since the program's start. Layers never read a clock.
    fn set_now(&mut self, now: Duration) {
        let _ = now;
    }

    /// A person did something: the idle time starts anew.
    fn touched(&mut self) {}
}

/// Effects in their order.
pub type Effects<C> = Vec<Effect<C>>;

/// What a layer made of a command.
pub enum Handled<C: Context> {
    /// It was meant for this layer; these are the effects.
    Done(Effects<C>),
    /// It was not: the shell, then the loop, may know it.
    Pass,
}

impl<C: Context> Handled<C> {
    /// Handled without any effect beyond the layer.
    pub const fn done() -> Self {
        Self::Done(Vec::new())
    }

    /// Handled if `yes`, without any effect beyond the layer: for `state.command(name).into()`.
    pub const fn when(yes: bool) -> Self {
        if yes { Self::done() } else { Self::Pass }
    }
}

impl<C: Context> From<Effect<C>> for Handled<C> {
    fn from(effect: Effect<C>) -> Self {
        Self::Done(vec![effect])
    }
}

/// How a layer fills the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Between header and footer; the keys of every screen (`global`) work.
    Screen,
    /// The whole terminal, without header or footer: unlocking, the first run.
    Bare,
    /// Over what is beneath it; only its own keys work.
    Overlay,
}

/// A screen or an overlay.
///
/// ```
/// use mahoe::tui::layers::{Context, Handled, Layer};
/// use mahoe::tui::theme::{Role, Theme};
/// use mahoe::tui::widgets::text::put;
/// use ratatui::{buffer::Buffer, layout::{Position, Rect}};
///
/// struct Counter(u32);
/// struct Cx;
/// impl Context for Cx { type Done = (); }
///
/// impl Layer<Cx> for Counter {
///     fn contexts(&self) -> &[&'static str] { &["list"] }
///     fn command(&mut self, name: &str, _: &mut Cx) -> Handled<Cx> {
///         if name == "list.down" { self.0 += 1; Handled::done() } else { Handled::Pass }
///     }
///     fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Cx) -> Option<Position> {
///         put(buf, area.x, area.y, area.width, &format!("{} down", self.0), theme.style(Role::Text));
///         None
///     }
/// }
/// ```
pub trait Layer<C: Context> {
    /// The keymap's contexts in which this layer's keys are looked up, nearest first. The loop adds `global` for
    /// screens that want no text, and `everywhere`.
    fn contexts(&self) -> &[&'static str];

    /// How it fills the terminal.
    fn kind(&self) -> Kind {
        Kind::Screen
    }

    /// Whether a command has something to work on now. The footer and the palette leave out what has not; its key
    /// still answers, with the reason.
    fn can(&self, command: &str) -> bool {
        let _ = command;
        true
    }

    /// Whether letters are text now, and a paste is welcome.
    fn wants_text(&self) -> bool {
        false
    }

    /// Does a command, or passes.
    fn command(&mut self, name: &str, cx: &mut C) -> Handled<C>;

    /// Takes text; called only while [`Layer::wants_text`].
    fn typed(&mut self, typed: Typed, cx: &mut C) -> Effects<C> {
        let _ = (typed, cx);
        Vec::new()
    }

    /// Nothing was typed for a moment, or much was: keeps what must not be lost.
    fn rest(&mut self, cx: &mut C) {
        let _ = cx;
    }

    /// Takes a click at column and row.
    fn click(&mut self, x: u16, y: u16, cx: &mut C) -> Effects<C> {
        let _ = (x, y, cx);
        Vec::new()
    }

    /// Takes the answer of a layer that it pushed under `tag`.
    fn answer(&mut self, tag: &str, answer: Answer, cx: &mut C) -> Effects<C> {
        let _ = (tag, answer, cx);
        Vec::new()
    }

    /// Takes the end of a job that it started.
    fn job_ended(&mut self, tag: &str, end: JobEnd<C::Done>, cx: &mut C) -> Effects<C> {
        let _ = (tag, end, cx);
        Vec::new()
    }

    /// It is on top again, or anything may have changed: reads anew what it shows.
    fn refresh(&mut self, cx: &mut C) {
        let _ = cx;
    }

    /// It is taken away without having closed itself (lock, another screen): keeps what was typed.
    fn leaving(&mut self, cx: &mut C) {
        let _ = cx;
    }

    /// The right end of the footer: `12/214`.
    fn position(&self) -> String {
        String::new()
    }

    /// Draws itself into `area` and says where the terminal's cursor belongs: the focused field, the selected row.
    /// An overlay gets the whole body and takes of it what it needs (`panel::centred`).
    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, cx: &C) -> Option<Position>;
}

/// The program as a whole: what belongs to no screen.
pub trait Shell<C: Context> {
    /// The first effects; one of them must be [`Effect::Replace`] with the first screen.
    fn start(&mut self, cx: &mut C) -> Effects<C>;

    /// Does a command that the top layer passed, or passes to the loop's own.
    fn command(&mut self, name: &str, cx: &mut C) -> Handled<C>;

    /// The header of all screens.
    fn header(&self, cx: &C) -> Header;

    /// Takes the answer of a layer that the shell pushed.
    fn answer(&mut self, tag: &str, answer: Answer, cx: &mut C) -> Effects<C> {
        let _ = (tag, answer, cx);
        Vec::new()
    }

    /// Takes the end of a job that the shell started, or whose layer is gone.
    fn job_ended(&mut self, tag: &str, end: JobEnd<C::Done>, cx: &mut C) -> Effects<C> {
        let _ = (tag, end, cx);
        Vec::new()
    }

    /// When [`Shell::tick`] is next due (since the program's start): the next minute, the end of a reveal, the idle
    /// lock. The program sleeps until then.
    fn deadline(&self, cx: &C) -> Option<Duration> {
        let _ = cx;
        None
    }

    /// The deadline has come.
    fn tick(&mut self, now: Duration, cx: &mut C) -> Effects<C> {
        let _ = (now, cx);
        Vec::new()
    }

    /// The screen was blanked, or came back: names are to be masked in both cases.
    fn blanked(&mut self, on: bool, cx: &mut C) {
        let _ = (on, cx);
    }

    /// What to ask before leaving; `None` leaves at once.
    fn leave_question(&self, cx: &C) -> Option<String> {
        let _ = cx;
        Some("Leave mahoe? All is saved.".to_owned())
    }
}

/// A layer on the stack.
pub(super) struct Entry<C: Context> {
    pub id: u64,
    /// Who pushed it: a layer's id, or 0 for the shell.
    pub owner: u64,
    pub tag: &'static str,
    pub layer: Box<dyn Layer<C>>,
}

/// The stack. Ids are never used twice, so that an answer can't reach the wrong layer.
pub(super) struct Stack<C: Context> {
    entries: Vec<Entry<C>>,
    last_id: u64,
}

/// The shell's id as an owner.
pub(super) const SHELL: u64 = 0;

impl<C: Context> Stack<C> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), last_id: SHELL }
    }

    pub(super) fn push(&mut self, owner: u64, tag: &'static str, layer: Box<dyn Layer<C>>) -> u64 {
        self.last_id += 1;
        self.entries.push(Entry { id: self.last_id, owner, tag, layer });
        self.last_id
    }

    /// Takes away the layer `id` and all above it, the top one first.
    pub(super) fn cut(&mut self, id: u64) -> Vec<Entry<C>> {
        let at = self.entries.iter().position(|e| e.id == id).unwrap_or(self.entries.len());
        let mut gone = self.entries.split_off(at);
        gone.reverse();
        gone
    }

    pub(super) fn clear(&mut self) -> Vec<Entry<C>> {
        let mut gone = std::mem::take(&mut self.entries);
        gone.reverse();
        gone
    }

    pub(super) fn get(&mut self, id: u64) -> Option<&mut Entry<C>> {
        self.entries.iter_mut().find(|e| e.id == id)
    }

    /// Does something with each layer, the lowest first.
    pub(super) fn each(&mut self, mut f: impl FnMut(&mut dyn Layer<C>)) {
        self.entries.iter_mut().for_each(|entry| f(entry.layer.as_mut()));
    }

    pub(super) fn top(&self) -> Option<&Entry<C>> {
        self.entries.last()
    }

    pub(super) fn top_mut(&mut self) -> Option<&mut Entry<C>> {
        self.entries.last_mut()
    }

    /// How many screens (no overlays) there are.
    pub(super) fn screens(&self) -> usize {
        self.entries.iter().filter(|e| e.layer.kind() != Kind::Overlay).count()
    }

    /// What is to be drawn: from the topmost layer that fills the terminal on.
    pub(super) fn visible(&mut self) -> &mut [Entry<C>] {
        let from = self.entries.iter().rposition(|e| e.layer.kind() != Kind::Overlay).unwrap_or(0);
        &mut self.entries[from..]
    }
}
