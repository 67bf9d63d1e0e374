//! The preview of what leaves and what stays: in two columns, or every line as it will be read.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Send;
use crate::domain::views::Case;
use crate::session::exchange::{Line as Part, Preview};
use crate::tui::desk::Desk;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::{fit, put, put_fit, wrapped};
use crate::tui::widgets::{Cell, Column, Row, Table};

/// The most lines of one part in the short view, and of the selected line in the full one.
const PART: usize = 3;
const IN_FULL: u16 = 4;

impl Send {
    pub(super) fn draw_preview(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        desk: &Desk,
        (title, preview): (&str, &Preview),
    ) -> Option<Position> {
        let inside = panel(buf, centred(area, 100, area.height.min(30)), theme, title);
        let head = self.heading(desk);
        put_fit(buf, (inside.x, inside.y), inside.width, &head, theme.symbols.ellipsis, theme.style(Role::Dim));
        let role = if self.for_some(desk) { Role::Accent } else { Role::Dim };
        let at = (inside.x, inside.y + 1);
        put_fit(buf, at, inside.width, &preview.readers, theme.symbols.ellipsis, theme.style(role));
        let mut top = inside.y + 2;
        // Why something stays must not be overlooked: it stands above all that leaves.
        for remark in &preview.remarks {
            for line in wrapped(&format!("! {remark}."), usize::from(inside.width.saturating_sub(1))).iter().take(2) {
                put(buf, inside.x, top, inside.width, line, theme.style(Role::Soon));
                top += 1;
            }
        }
        let top = (top + 1).min(inside.bottom());
        let body = Rect { y: top, height: inside.bottom().saturating_sub(top), ..inside };
        if self.reading {
            let body = self.draw_selected(buf, body, theme);
            let rows = &self.rows;
            let columns = vec![Column::fixed("", 11), Column::flex("", 20)];
            let draw = |range: std::ops::Range<usize>| rows[range].iter().map(|(_, row)| row.clone()).collect();
            return Table::new(columns).draw(buf, body, theme, &mut self.state, draw);
        }
        let half = body.width / 2;
        let left = Rect { width: half.saturating_sub(2), ..body };
        let right = Rect { x: body.x + half, width: body.width - half, ..body };
        column(buf, left, theme, ("Leaves", theme.symbols.check, Role::Text), &preview.leaves, None);
        let existing = (preview.show_as_existing > 0)
            .then(|| format!("{} show that something exists, without its words", preview.show_as_existing));
        column(buf, right, theme, ("Stays here", theme.symbols.cross, Role::Dim), &preview.stays, existing);
        Some(Position::new(inside.x, inside.y))
    }

    /// The selected line in full, below the list; says what is left for the list.
    fn draw_selected(&self, buf: &mut Buffer, body: Rect, theme: &Theme) -> Rect {
        let below = IN_FULL.min(body.height / 3);
        let selected = self.state.selected().and_then(|at| self.rows.get(at));
        if let Some((_, Row::Item { cells, .. })) = selected {
            let text = cells.last().map_or("", Cell::text);
            let lines = wrapped(text, usize::from(body.width.saturating_sub(1)));
            for (y, line) in (body.bottom() - below..body.bottom()).zip(&lines) {
                put(buf, body.x + 1, y, body.width.saturating_sub(1), line, theme.style(Role::Accent));
            }
        }
        Rect { height: body.height - below, ..body }
    }

    /// True for a case that only some of the team may read.
    fn for_some(&self, desk: &Desk) -> bool {
        desk.case(self.case).is_some_and(Case::is_restricted)
    }

    fn heading(&self, desk: &Desk) -> String {
        let session = desk.open_session();
        let profile = session.pack().profile(&self.wish.profile).map_or("", |profile| profile.label.as_str());
        let what = match (self.wish.mandatory, self.transfer) {
            (true, _) => "a report that the law asks for",
            (_, true) => "the case is handed over",
            (_, false) => "referral",
        };
        let rule = match (self.obstacles.any(), self.wish.mandatory) {
            (true, _) => "! sent for a reason, on record",
            (_, true) => "no consent is needed",
            _ => "consent is there",
        };
        format!("{what}, profile \"{profile}\"   {rule}")
    }
}

/// One of the two columns of the preview.
fn column(
    buf: &mut Buffer,
    area: Rect,
    theme: &Theme,
    (title, sign, role): (&str, &str, Role),
    parts: &[Part],
    last: Option<String>,
) {
    put(buf, area.x, area.y, area.width, title, theme.style(Role::Title));
    let words = parts.iter().map(|part| format!("{sign} {}", part.what)).chain(last);
    let words: Vec<String> = words.collect();
    let words = if words.is_empty() { vec!["nothing".to_owned()] } else { words };
    let columns = usize::from(area.width.saturating_sub(1));
    // The case's own fields would push out of sight what must not be overlooked: names, places, people.
    let part = |text: &String| {
        let mut lines = wrapped(text, columns);
        if lines.len() > PART {
            lines.truncate(PART);
            if let Some(last) = lines.last_mut() {
                *last = format!("{} {}", fit(last, columns.saturating_sub(2), ""), theme.symbols.ellipsis);
            }
        }
        lines
    };
    let lines: Vec<String> = words.iter().flat_map(part).collect();
    let room = usize::from(area.height.saturating_sub(1));
    for (at, (y, line)) in (area.y + 1..area.bottom()).zip(&lines).enumerate() {
        let more = at + 1 == room && lines.len() > room;
        let text = if more { format!("{} more: Tab", theme.symbols.ellipsis) } else { line.clone() };
        put(buf, area.x + 1, y, area.width.saturating_sub(1), &text, theme.style(role));
    }
}
