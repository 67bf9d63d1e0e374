//! The overlays that any screen may push: questions, pickers, pages of text, the palette, progress.
//!
//! Each answers once, by closing; whoever pushed it gets the [`Answer`] under the tag that it gave.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::effect::{Answer, Effect};
use super::input::Typed;
use super::keymap::Keymap;
use super::layers::{Context, Effects, Handled, Kind, Layer};
use super::theme::{Role, Theme};
use super::widgets::panel::{centred, panel};
use super::widgets::text::{put, wrapped};
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

/// All commands by name: the answer goes to the loop, which runs it.
pub struct Palette(Pick);

impl Palette {
    /// The commands that have a meaning in these contexts, with their keys.
    pub fn new(keymap: &Keymap, contexts: &[&str]) -> Self {
        let bound = keymap.bound(contexts);
        let keys_of = |name: &str| bound.iter().find(|b| b.binding.command == name).map(super::keymap::Bound::label);
        // Moving about is what keys are for; nobody looks for "down" in a palette.
        let moves = |name: &str| {
            ["list.", "text.", "view.", "pane.", "form.", "overlay."].iter().any(|g| name.starts_with(g))
                && !matches!(name, "list.filter" | "list.sort" | "form.save")
        };
        let choices = keymap
            .commands()
            .iter()
            .filter(|c| !moves(c.name) && c.name != "app.palette" && c.name != "app.interrupt")
            .filter_map(|c| {
                let keys = keys_of(c.name);
                (keys.is_some() || c.everywhere).then(|| {
                    let label = format!("{}  {}", c.says, c.name);
                    Choice { code: c.name.to_owned(), label, note: keys.unwrap_or_default() }
                })
            })
            .collect();
        Self(Pick::new("Commands", choices))
    }
}

impl<C: Context> Layer<C> for Palette {
    fn contexts(&self) -> &[&'static str] {
        &["picker", "text"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn command(&mut self, name: &str, cx: &mut C) -> Handled<C> {
        self.0.command(name, cx)
    }

    fn typed(&mut self, typed: Typed, cx: &mut C) -> Effects<C> {
        self.0.typed(typed, cx)
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, cx: &C) -> Option<Position> {
        self.0.draw(buf, area, theme, cx)
    }
}

/// A page of text over the screen.
pub struct Page {
    title: String,
    view: TextView,
}

impl Page {
    /// A page of these paragraphs.
    pub fn new(title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self { title: title.into(), view: TextView::new(lines) }
    }

    /// All keys of these contexts: what `?` shows, made from the keymap itself.
    pub fn keys(keymap: &Keymap, contexts: &[&str]) -> Self {
        let bound = keymap.bound(contexts);
        let widest = bound.iter().map(|b| super::widgets::text::width(&b.label())).max().unwrap_or(0).min(24);
        let mut lines: Vec<Line> = Vec::new();
        for context in contexts {
            let here: Vec<_> = bound.iter().filter(|b| b.context == *context).collect();
            if here.is_empty() {
                continue;
            }
            if !lines.is_empty() {
                lines.push("".into());
            }
            let title = match *context {
                "global" => "on every screen",
                "everywhere" => "everywhere, also while typing",
                "list" => "in lists",
                "text" => "while typing",
                other => other,
            };
            lines.push(Line::new(title, Role::Title));
            for b in here {
                let keys = b.label();
                let pad = " ".repeat(widest.saturating_sub(super::widgets::text::width(&keys)));
                lines.push(format!(" {keys}{pad}  {}", b.binding.says).into());
            }
        }
        Self::new("Keys", lines)
    }
}

impl<C: Context> Layer<C> for Page {
    fn contexts(&self) -> &[&'static str] {
        &["page", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, _: &mut C) -> Handled<C> {
        if name == "overlay.cancel" { close(Answer::Cancelled) } else { Handled::when(self.view.command(name)) }
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
