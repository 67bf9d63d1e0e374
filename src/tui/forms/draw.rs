//! How a form is drawn: what is in view, what is below, and the notice that gives way where there is little room.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Form;
use super::field::{Field, Space};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::bars::section;
use crate::tui::widgets::text::{fit, put, width, wrapped};

/// From this height on there is room for a form's notice at any time.
const ROOMY: u16 = 22;
/// Lines of a text while it is written: on a large screen, and on one where other fields need room.
const LONG_PROSE: u16 = 5;
const SHORT_PROSE: u16 = 3;
/// The widest column of labels, in cells.
const LABELS: usize = 22;

impl Form {
    /// Lines that it takes at most at this width, whichever field is focused.
    pub fn height(&self, columns: u16) -> u16 {
        let space = self.space(columns);
        let asked: Vec<&Field> = self.in_question();
        let plain = |field: &Field| field.height(&space, false);
        let lines = asked.iter().enumerate().map(|(at, field)| above(field, at == 0) + plain(field));
        let rest = lines.fold(0, u16::saturating_add);
        let more = asked.iter().map(|field| field.height(&space, true).saturating_sub(plain(field))).max();
        let columns = usize::from(columns);
        let notice = if self.notice.is_empty() { 0 } else { wrapped(&self.notice, columns).len() + 1 };
        let around = notice + self.footnote(columns).1.len();
        rest.saturating_add(more.unwrap_or(0)).saturating_add(u16::try_from(around).unwrap_or(u16::MAX))
    }

    fn space(&self, columns: u16) -> Space {
        let beside = self.fields.iter().filter(|f| !f.question);
        let widest = beside.map(|f| width(&f.label) + 2).max().unwrap_or(0).min(LABELS);
        Space { labels: u16::try_from(widest).unwrap_or(0) + 1, width: columns, prose: LONG_PROSE }
    }

    /// Draws the form without a border; says where the cursor stands.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Option<Position> {
        let mut foot = self.footnote(usize::from(area.width));
        let foot_height = u16::try_from(foot.1.len()).unwrap_or(u16::MAX).min(area.height / 3);
        if let Some(last) = foot.1.get_mut(usize::from(foot_height).saturating_sub(1)..).filter(|rest| rest.len() > 1) {
            // What there is no room for is told to be there.
            let room = usize::from(area.width.saturating_sub(2));
            last[0] = format!("{} {}", fit(&last[0], room, ""), theme.symbols.ellipsis);
        }
        let mut body = Rect { height: area.height - foot_height, ..area };
        // What is known already is not to be overlooked beside what saving will do.
        let remarks = if self.refused.is_some() || self.remark.is_empty() {
            0
        } else {
            wrapped(&self.remark, usize::from(area.width)).len()
        };
        for (at, (y, line)) in (body.bottom()..area.bottom()).zip(&foot.1).enumerate() {
            let role = if at < remarks { Role::Soon } else { foot.0 };
            put(buf, area.x, y, area.width, line, theme.style(role));
        }
        let mut space = self.space(area.width);
        if area.height < ROOMY {
            space.prose = SHORT_PROSE;
        }
        self.top = self.top.min(self.focus);
        let below = self.below_notice(body, &space);
        self.scroll(&space, below.height);
        // The notice was read at the beginning; where there is little room it gives way to what is being filled in.
        if self.top == 0 || body.height >= ROOMY {
            let lines = wrapped(&self.notice, usize::from(area.width));
            for (y, line) in (body.y..below.y).zip(&lines) {
                put(buf, area.x, y, area.width, line, theme.style(Role::Soon));
            }
            // What there is no room for is told to be there.
            if lines.len() > usize::from(below.y - body.y) && below.y > body.y {
                let more = format!(" {} more", theme.symbols.ellipsis);
                let cells = u16::try_from(width(&more)).unwrap_or(u16::MAX).min(area.width);
                put(buf, area.right() - cells, below.y - 1, cells, &more, theme.style(Role::Dim));
            }
            body = below;
        }
        self.end = self.fields.len();
        let (mut y, mut cursor) = (body.y, None);
        let asked = self.asked();
        for (index, field) in self.fields.iter_mut().enumerate().skip(self.top).filter(|(index, _)| asked[*index]) {
            let focused = index == self.focus;
            let height = field.height(&space, focused);
            let above = above(field, y == body.y);
            if let Some(title) = field.section.as_ref().filter(|_| y + above < body.bottom()) {
                section(buf, Rect { y: y + above - 1, height: 1, ..body }, theme, title);
            }
            y += above;
            if y >= body.bottom() {
                self.end = index;
                break;
            }
            let place = Rect { y, height: height.min(body.bottom() - y), ..body };
            let at = field.draw(buf, place, theme, &space, (focused, self.veiled));
            cursor = cursor.or(at);
            y += place.height;
        }
        if self.top > 0 {
            put(buf, body.right().saturating_sub(1), body.y, 1, theme.symbols.ellipsis, theme.style(Role::Dim));
        }
        cursor
    }

    /// What is below those in view, once drawn: "↓ 12 more fields, 1 required".
    pub fn below(&self, theme: &Theme) -> Option<String> {
        let all = self.fields.iter().zip(self.asked()).skip(self.end);
        let below: Vec<&Field> = all.filter(|(_, asked)| *asked).map(|(field, _)| field).collect();
        let open = below.iter().filter(|field| field.required && field.is_empty()).count();
        let fields = if below.len() == 1 { "field" } else { "fields" };
        let required = if open == 0 { String::new() } else { format!(", {open} required") };
        (!below.is_empty()).then(|| format!("{} {} more {fields}{required}", theme.symbols.down, below.len()))
    }

    /// What is left below the notice.
    fn below_notice(&self, body: Rect, space: &Space) -> Rect {
        if self.notice.is_empty() {
            return body;
        }
        // A line of air where there is room for it.
        let air = usize::from(body.height > 10);
        let lines = wrapped(&self.notice, usize::from(body.width)).len() + air;
        // The fields keep what they need, up to half of it.
        let asked = self.fields.iter().zip(self.asked()).enumerate().filter(|(_, (_, asked))| *asked);
        let fields = asked.map(|(at, (field, _))| field.height(space, at == self.focus)).fold(0, u16::saturating_add);
        let used = u16::try_from(lines).unwrap_or(u16::MAX).min(body.height - fields.min(body.height / 2));
        Rect { y: body.y + used, height: body.height - used, ..body }
    }

    /// Moves the view so that the focused field is in it, with as many before it as there is room for. Each field is
    /// measured once: a form can have hundreds.
    fn scroll(&mut self, space: &Space, room: u16) {
        let asked = self.asked();
        let Some(focused) = self.fields.get(self.focus) else { return };
        let (mut top, mut used) = (self.focus, focused.height(space, true));
        for at in (self.top.min(self.focus)..self.focus).rev().filter(|at| asked[*at]) {
            let field = &self.fields[at];
            let below = used.saturating_add(above(&self.fields[top], false)).saturating_add(field.height(space, false));
            if below.saturating_add(above(field, true)) > room {
                break;
            }
            (top, used) = (at, below);
        }
        self.top = top;
    }

    /// The fields that are asked now.
    fn in_question(&self) -> Vec<&Field> {
        self.fields.iter().zip(self.asked()).filter(|(_, asked)| *asked).map(|(field, _)| field).collect()
    }

    fn footnote(&self, columns: usize) -> (Role, Vec<String>) {
        if let Some(refused) = &self.refused {
            return (Role::Error, wrapped(refused, columns));
        }
        let preview = self.preview.as_ref().map(|p| p(&self.values())).unwrap_or_default();
        let text = format!("{}\n{preview}", self.remark);
        let text = text.trim_matches('\n');
        if text.is_empty() { (Role::Dim, Vec::new()) } else { (Role::Accent, wrapped(text, columns)) }
    }
}

/// Lines that a field's section title takes: a line of air before it, unless it is the first in view.
fn above(field: &Field, first: bool) -> u16 {
    match (&field.section, first) {
        (None, _) => 0,
        (Some(_), true) => 1,
        (Some(_), false) => 2,
    }
}
