//! One frame: header, footer, the layers that are seen, and what stands over them.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::{App, Running, SMALLEST};
use crate::tui::keymap::{self, Bound};
use crate::tui::layers::{Context, Kind};
use crate::tui::overlays::Progress;
use crate::tui::theme::Role;
use crate::tui::widgets::text::put;
use crate::tui::widgets::{bars, panel};

/// From this height on there is room for the rules of header and footer.
const ROOMY: u16 = 18;

impl<C: Context> App<C> {
    /// Draws everything.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        self.dirty = false;
        let area = frame.area();
        self.area = area;
        let buf = frame.buffer_mut();
        buf.set_style(area, self.theme.base());
        if self.blank {
            return;
        }
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let text = "Enlarge the window.";
            put(buf, area.x, area.y + area.height / 2, area.width, text, self.theme.style(Role::Text));
            return;
        }
        let contexts = self.contexts();
        if self.footer.0 != contexts {
            self.footer = (contexts.clone(), self.keymap.footer(&contexts));
        }
        let mut body = area;
        if self.stack.visible().first().is_some_and(|e| e.layer.kind() == Kind::Screen) {
            let right = self.footer_right();
            body = frame_of(area);
            bars::header(buf, Rect { height: body.y - area.y, ..area }, &self.theme, &self.shell.header(&self.cx));
            if area.height >= ROOMY {
                bars::rule(buf, Rect { y: area.bottom() - 2, height: 1, ..area }, &self.theme);
            }
            let line = Rect { y: area.bottom() - 1, height: 1, ..area };
            let can = |bound: &&Bound| self.stack.top().is_none_or(|top| top.layer.can(&bound.binding.command));
            let keys: Vec<&Bound> = self.footer.1.iter().filter(can).collect();
            bars::footer(buf, line, &self.theme, &keys, &right);
        }
        let mut cursor: Option<Position> = None;
        for entry in self.stack.visible() {
            if let Some(job) = self.running.iter().find(|j| j.shown == Some(entry.id)) {
                Progress::paint(buf, body, &self.theme, &job.says, job.progress);
                cursor = None;
            } else {
                cursor = entry.layer.draw(buf, body, &self.theme, &self.cx);
            }
        }
        if let Some(branch) = &self.follow {
            let title = keymap::label(&self.pending);
            panel::which_key(buf, body, &self.theme, &title, branch);
        } else if let Some(toast) = self.toasts.front_mut() {
            toast.seen = true;
            panel::toast(buf, body, &self.theme, &toast.text, toast.refused);
        }
        self.theme.spell(buf);
        if let Some(at) = cursor.filter(|at| area.contains(*at)) {
            frame.set_cursor_position(at);
        }
    }

    /// Background work, or where in the list one is.
    fn footer_right(&self) -> String {
        match self.running.iter().find(|j| j.shown.is_none()) {
            Some(Running { says, progress: (done, total @ 1..), .. }) => format!("{says} {}%", done * 100 / total),
            Some(job) => job.says.clone(),
            None => self.stack.top().map_or_else(String::new, |e| e.layer.position()),
        }
    }
}

/// The body between header and footer.
fn frame_of(area: Rect) -> Rect {
    let lines = if area.height >= ROOMY { 2 } else { 1 };
    Rect { y: area.y + 2, height: area.height.saturating_sub(2 + lines), ..area }
}
