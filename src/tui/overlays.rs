//! The overlays that any screen may push: questions, pickers, pages of text, the palette, progress.
//!
//! Each answers once, by closing; whoever pushed it gets the [`Answer`] under the tag that it gave.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::effect::{Answer, Effect};
use super::input::Typed;
use super::keymap::{Binding, Keymap, PLACES};
use super::layers::{Context, Effects, Handled, Kind, Layer};
use super::theme::{Role, Theme};
use super::widgets::panel::{centred, panel};
use super::widgets::text::{put, width, wrapped};
use super::widgets::{Choice, Line, LineEditor, Picker, TextView, bars};

fn close<C: Context>(answer: Answer) -> Handled<C> {
    Effect::Close(answer).into()
}

fn cells(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// A question answered by one key: [`Answer::Yes`] or [`Answer::Cancelled`].
pub struct Ask {
    question: String,
}

impl Ask {
    /// Asks `question`.
    pub fn new(question: impl Into<String>) -> Self {
        Self { question: question.into() }
    }
}

impl<C: Context> Layer<C> for Ask {
    fn contexts(&self) -> &[&'static str] {
        &["ask"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, _: &mut C) -> Handled<C> {
        match name {
            "overlay.yes" => close(Answer::Yes),
            "overlay.no" => close(Answer::Cancelled),
            _ => Handled::Pass,
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &C) -> Option<Position> {
        let lines = wrapped(&self.question, usize::from(area.width.saturating_sub(6)).clamp(1, 60));
        let inside = panel(buf, centred(area, 66, cells(lines.len()).saturating_add(4)), theme, "");
        for (y, line) in (inside.y..inside.bottom()).zip(&lines) {
            put(buf, inside.x, y, inside.width, line, theme.style(Role::Text));
        }
        let keys = format!("Enter yes  {}  Esc no", theme.symbols.middot);
        put(buf, inside.x, inside.bottom().saturating_sub(1), inside.width, &keys, theme.style(Role::Dim));
        Some(Position::new(inside.x, inside.y))
    }
}

/// What can't be undone: the answer is [`Answer::Yes`] only if the code is typed exactly.
///
/// `Confirm::new("Erase the record of case 06-7K3Q for ever?", "06-7K3Q")`
pub struct Confirm {
    question: String,
    code: String,
    line: LineEditor,
    wrong: bool,
}

impl Confirm {
    /// Asks `question`; `code` must be typed.
    pub fn new(question: impl Into<String>, code: impl Into<String>) -> Self {
        Self { question: question.into(), code: code.into(), line: LineEditor::new(60), wrong: false }
    }
}

impl<C: Context> Layer<C> for Confirm {
    fn contexts(&self) -> &[&'static str] {
        &["confirm", "text"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn command(&mut self, name: &str, _: &mut C) -> Handled<C> {
        match name {
            "overlay.accept" if self.line.text().trim().eq_ignore_ascii_case(&self.code) => close(Answer::Yes),
            "overlay.accept" => {
                self.wrong = true;
                Handled::done()
            }
            "overlay.cancel" => close(Answer::Cancelled),
            _ => Handled::when(self.line.command(name)),
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut C) -> Effects<C> {
        self.wrong = false;
        self.line.typed(&typed);
        Vec::new()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &C) -> Option<Position> {
        let text = format!("{} Type {} to do it.", self.question, self.code);
        let lines = wrapped(&text, usize::from(area.width.saturating_sub(6)).clamp(1, 60));
        let inside = panel(buf, centred(area, 66, cells(lines.len()).saturating_add(6)), theme, "Can't be undone");
        for (y, line) in (inside.y..inside.bottom()).zip(&lines) {
            put(buf, inside.x, y, inside.width, line, theme.style(Role::Text));
        }
        let below = inside.y.saturating_add(cells(lines.len()));
        let field = Rect { y: (below + 1).min(inside.bottom().saturating_sub(1)), height: 1, ..inside };
        let cursor = self.line.draw(buf, field, theme, true);
        let (hint, role) = if self.wrong {
            ("That is not the code. Nothing was done; type it again, or Esc.", Role::Error)
        } else {
            ("Enter do it   Esc nothing happens", Role::Dim)
        };
        put(buf, inside.x, inside.bottom().saturating_sub(1), inside.width, hint, theme.style(role));
        cursor
    }
}

/// A picker over the screen: [`Answer::Picked`] with the code.
pub struct Pick {
    title: String,
    picker: Picker,
}

impl Pick {
    /// Lets a person pick one of the choices.
    pub fn new(title: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self { title: title.into(), picker: Picker::new(choices) }
    }

    /// With this code selected at first.
    #[must_use]
    pub fn selected(mut self, code: &str) -> Self {
        self.picker.select(code);
        self
    }
}

impl<C: Context> Layer<C> for Pick {
    fn contexts(&self) -> &[&'static str] {
        &["picker", "text"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn command(&mut self, name: &str, _: &mut C) -> Handled<C> {
        match name {
            "overlay.accept" => match self.picker.selected() {
                Some(choice) => close(Answer::Picked(choice.code.clone())),
                None => Handled::done(),
            },
            "overlay.cancel" => close(Answer::Cancelled),
            _ => Handled::when(self.picker.command(name)),
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut C) -> Effects<C> {
        self.picker.typed(&typed);
        Vec::new()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &C) -> Option<Position> {
        let height = cells(self.picker.choices().len()).saturating_add(3).min(area.height.saturating_sub(2)).max(6);
        let inside = panel(buf, centred(area, 64, height), theme, &self.title);
        self.picker.draw(buf, inside, theme)
    }
}

/// All commands by what they do: those of these contexts with their keys, the nearest first; then those that have no
/// key here; the themes last. `can` tells which have something to work on now. The answer goes to the loop, which runs
/// it.
pub fn palette(keymap: &Keymap, contexts: &[&str], can: impl Fn(&str) -> bool) -> Pick {
    // Moving about is what keys are for; nobody looks for "down" in a palette.
    let moves = |name: &str| {
        ["list.", "text.", "view.", "pane.", "form.", "overlay."].iter().any(|group| name.starts_with(group))
            && !matches!(name, "list.filter" | "list.sort" | "form.save")
    };
    let shown = |name: &str| !moves(name) && !matches!(name, "app.palette" | "app.interrupt" | "back") && can(name);
    let mut choices: Vec<Choice> = Vec::new();
    for bound in keymap.bound(contexts).iter().filter(|bound| shown(&bound.binding.command)) {
        if let Some(same) = choices.iter_mut().find(|choice| choice.code == bound.binding.command) {
            same.note = format!("{}/{}", same.note, bound.label());
            continue;
        }
        // The command's own words: a footer's may be too short to be found by.
        let says = keymap.command(&bound.binding.command).map_or(bound.binding.says.as_str(), |command| command.says);
        choices.push(Choice::new(&bound.binding.command, says).noted(bound.label()));
    }
    for command in keymap.commands().iter().filter(|command| command.everywhere && shown(command.name)) {
        if !choices.iter().any(|choice| choice.code == command.name) {
            choices.push(Choice::new(command.name, command.says));
        }
    }
    choices.sort_by_key(|choice| choice.code.starts_with("theme."));
    Pick::new("Commands", choices)
}

/// A page of text over the screen.
pub struct Page {
    title: String,
    view: TextView,
    /// It is the page of keys: the tour is one key away.
    is_help: bool,
}

impl Page {
    /// A page of these paragraphs.
    pub fn new(title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self { title: title.into(), view: TextView::new(lines), is_help: false }
    }

    /// All keys of these contexts: what `?` shows, made from the keymap itself. A command that several contexts bind
    /// stands once, in the nearest, with all its keys.
    pub fn keys(keymap: &Keymap, contexts: &[&str]) -> Self {
        let mut rows: Vec<(String, String, Binding)> = Vec::new();
        for bound in keymap.bound(contexts) {
            match rows.iter_mut().find(|(.., binding)| binding.command == bound.binding.command) {
                Some((_, keys, _)) => *keys = format!("{keys}/{}", bound.label()),
                None => rows.push((bound.context.clone(), bound.label(), bound.binding)),
            }
        }
        let widest = rows.iter().map(|(_, keys, _)| width(keys)).max().unwrap_or(0).min(24);
        let mut lines: Vec<Line> = Vec::new();
        let mut last = String::new();
        for (context, keys, binding) in rows {
            if context != last {
                if !last.is_empty() {
                    lines.push("".into());
                }
                let place = PLACES.iter().find(|(name, _)| *name == context);
                lines.push(Line::new(place.map_or(context.as_str(), |(_, title)| title), Role::Title));
                last = context;
            }
            let pad = " ".repeat(widest.saturating_sub(width(&keys)));
            lines.push(format!(" {keys}{pad}  {}", binding.says).into());
        }
        Self { is_help: true, ..Self::new("Keys", lines) }
    }
}

impl<C: Context> Layer<C> for Page {
    fn contexts(&self) -> &[&'static str] {
        &["page", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn can(&self, command: &str) -> bool {
        command != "app.tour" || self.is_help
    }

    fn command(&mut self, name: &str, _: &mut C) -> Handled<C> {
        match name {
            "overlay.cancel" => close(Answer::Cancelled),
            // The shell opens it; on any other page the key does nothing.
            "app.tour" if !self.is_help => Handled::done(),
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &C) -> Option<Position> {
        let width = area.width.saturating_sub(4).min(84);
        let height = cells(self.view.height(width.saturating_sub(4))).saturating_add(2).min(area.height);
        let inside = panel(buf, centred(area, width, height), theme, &self.title);
        self.view.draw(buf, inside, theme);
        Some(Position::new(inside.x, inside.y))
    }
}

/// Covers the screen while a modal job runs; Esc asks the job to stop.
pub(super) struct Progress {
    tag: &'static str,
    says: String,
}

impl Progress {
    pub(super) fn new(tag: &'static str, says: &str) -> Self {
        Self { tag, says: says.to_owned() }
    }

    pub(super) fn paint(buf: &mut Buffer, area: Rect, theme: &Theme, says: &str, (done, total): (u64, u64)) {
        let inside = panel(buf, centred(area, 60, 5), theme, says);
        bars::progress(buf, inside, theme, done, total);
        put(buf, inside.x, inside.bottom().saturating_sub(1), inside.width, "Esc stop it", theme.style(Role::Dim));
    }
}

impl<C: Context> Layer<C> for Progress {
    fn contexts(&self) -> &[&'static str] {
        &["progress"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, _: &mut C) -> Handled<C> {
        if name == "overlay.cancel" { Effect::Cancel(self.tag).into() } else { Handled::Pass }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &C) -> Option<Position> {
        Self::paint(buf, area, theme, &self.says, (0, 0));
        None
    }
}
