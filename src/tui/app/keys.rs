//! What comes from a person: keys, text, clicks, and the commands that keys stand for.

use ratatui::layout::Rect;

use super::{App, LEAVE, REST};
use crate::tui::effect::{Answer, Effect, Toast};
use crate::tui::input::{Input, Typed};
use crate::tui::keymap::{Chord, Keymap, Match};
use crate::tui::layers::{Context, Handled, Kind, Layer, SHELL};
use crate::tui::overlays::{Ask, Page, palette};
use crate::tui::theme::ThemeName;

impl<C: Context> App<C> {
    pub(super) fn input(&mut self, input: Input) {
        self.dirty = true;
        if input != Input::Resize {
            self.cx.touched();
        }
        match input {
            Input::Key(chord) => self.key(chord),
            Input::Paste(_) if self.blank => {}
            Input::Paste(text) if self.wants_text() => self.typed(Typed::Paste(text)),
            Input::Paste(_) => {
                self.toasts.push_back(Toast::refused("That looked like a paste; nothing was done."));
            }
            Input::Wheel(lines) if !self.blank => self.wheel(lines),
            Input::Click(x, y) if !self.blank => self.click(x, y),
            Input::Resize | Input::Wheel(_) | Input::Click(..) => {}
        }
    }

    /// A click: on the header as the key of that screen, elsewhere the top layer's.
    fn click(&mut self, x: u16, y: u16) {
        let Some(top) = self.stack.top_mut() else { return };
        if y == 0 && top.layer.kind() == Kind::Screen && !top.layer.wants_text() {
            let line = Rect { height: 1, ..self.area };
            let header = self.shell.header(&self.cx);
            if let Some(chord) = header.key_at(line, x).and_then(|key| key.parse().ok()) {
                self.key(chord);
            }
            return;
        }
        let id = top.id;
        let effects = top.layer.click(x, y, &mut self.cx);
        self.apply(id, effects);
    }

    fn wheel(&mut self, lines: i16) {
        let names = if lines > 0 { ["list.down", "view.down"] } else { ["list.up", "view.up"] };
        for _ in 0..lines.unsigned_abs() {
            let Some(top) = self.stack.top_mut() else { return };
            let id = top.id;
            for name in names {
                if let Handled::Done(effects) = top.layer.command(name, &mut self.cx) {
                    self.apply(id, effects);
                    break;
                }
            }
        }
    }

    fn wants_text(&self) -> bool {
        !self.blank && self.stack.top().is_some_and(|e| e.layer.wants_text())
    }

    pub(super) fn contexts(&self) -> Vec<&'static str> {
        if self.blank {
            return vec!["blank"];
        }
        let Some(top) = self.stack.top() else { return vec!["everywhere"] };
        let mut contexts = top.layer.contexts().to_vec();
        if top.layer.kind() == Kind::Screen && !top.layer.wants_text() {
            contexts.push("global");
        }
        contexts.push("everywhere");
        contexts
    }

    fn key(&mut self, chord: Chord) {
        // A toast that has been on the screen has been read by whoever presses a key now.
        if self.toasts.front().is_some_and(|t| t.seen) {
            self.toasts.pop_front();
        }
        self.follow = None;
        if self.pending.is_empty()
            && self.wants_text()
            && let Some(c) = chord.types()
        {
            return self.typed(Typed::Char(c));
        }
        if !self.pending.is_empty() && chord.label() == "Esc" {
            return self.pending.clear();
        }
        let contexts = self.contexts();
        match self.keymap.press(&contexts, &mut self.pending, chord) {
            Match::Command(name) => self.command(&name),
            Match::Pending(branch) => self.follow = Some(branch),
            Match::None => {}
        }
    }

    fn typed(&mut self, typed: Typed) {
        let Some(top) = self.stack.top_mut() else { return };
        let id = top.id;
        self.rest.get_or_insert(self.now + REST);
        let effects = top.layer.typed(typed, &mut self.cx);
        self.apply(id, effects);
    }

    /// Runs a command: the top layer first, then the shell, then the loop's own.
    pub(super) fn command(&mut self, name: &str) {
        let again = self.guard.repeats(name, self.now);
        if again && self.keymap.command(name).is_some_and(|c| c.danger) {
            return;
        }
        // Blanking stands above all layers, so that none can prevent it.
        if name == "app.blank" {
            return self.set_blank(!self.blank);
        }
        if self.wants_text() {
            self.rest.get_or_insert(self.now + REST);
        }
        if let Some(top) = self.stack.top_mut() {
            let id = top.id;
            if let Handled::Done(effects) = top.layer.command(name, &mut self.cx) {
                return self.apply(id, effects);
            }
        }
        match self.shell.command(name, &mut self.cx) {
            Handled::Done(effects) => {
                self.apply(SHELL, effects);
                self.refresh();
            }
            Handled::Pass => self.own_command(name),
        }
    }

    fn own_command(&mut self, name: &str) {
        let top = self.stack.top().map_or(SHELL, |e| e.id);
        match name {
            "app.help" => self.push_over("help", |contexts, keymap, _| Box::new(Page::keys(keymap, contexts))),
            "app.palette" => self.push_over("palette", |contexts, keymap, top| {
                Box::new(palette(keymap, contexts, |name| top.is_none_or(|top| top.can(name))))
            }),
            "app.theme" => self.theme = self.theme.next(),
            "app.interrupt" => {
                let text = "Ctrl-C does not leave mahoe. Esc goes back; q on a top screen leaves.";
                self.toasts.push_back(Toast::info(text));
            }
            "app.quit" if self.stack.screens() > 1 => {
                self.toasts.push_back(Toast::info("Esc goes back. q leaves mahoe, from a top screen."));
            }
            "app.quit" => match self.shell.leave_question(&self.cx) {
                Some(question) => self.apply(SHELL, vec![Effect::push(LEAVE, Ask::new(question))]),
                None => self.quit = true,
            },
            "back" if self.stack.screens() > 1 => self.apply(top, vec![Effect::Close(Answer::Cancelled)]),
            "back" => {}
            _ => match name.strip_prefix("theme.").and_then(ThemeName::parse) {
                Some(theme) => self.theme = self.theme.switched(theme),
                None => self.not_here(name),
            },
        }
    }

    fn not_here(&mut self, name: &str) {
        let says = self.keymap.command(name).map_or(name, |c| c.says);
        self.toasts.push_back(Toast::info(format!("\"{says}\" has nothing to do here. Press ? for the keys.")));
    }

    fn push_over(
        &mut self,
        tag: &'static str,
        make: impl FnOnce(&[&'static str], &Keymap, Option<&dyn Layer<C>>) -> Box<dyn Layer<C>>,
    ) {
        // One help or palette at a time, however often its key is pressed.
        if self.stack.top().is_some_and(|e| matches!(e.tag, "help" | "palette")) {
            return;
        }
        let top = self.stack.top().map(|entry| entry.layer.as_ref());
        let layer = make(&self.contexts(), &self.keymap, top);
        self.stack.push(SHELL, tag, layer);
    }

    pub(super) fn set_blank(&mut self, on: bool) {
        self.blank = on;
        self.pending.clear();
        self.follow = None;
        self.shell.blanked(on, &mut self.cx);
        self.refresh();
    }
}
