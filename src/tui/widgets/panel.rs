//! Panels: the bordered boxes of overlays, and those that the loop itself shows: toasts, what-can-follow.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use super::text::{fit, put, width, wrapped};
use crate::tui::keymap::{Branch, Node};
use crate::tui::theme::{Role, Theme};

/// A rectangle of at most `w`×`h` in the middle of `area`.
pub fn centred(area: Rect, w: u16, h: u16) -> Rect {
    let (w, h) = (w.min(area.width), h.min(area.height));
    Rect { x: area.x + (area.width - w) / 2, y: area.y + (area.height - h) / 2, width: w, height: h }
}

/// Clears `area`, draws a border with a title, and returns what is inside. Where there is no room for a border it is
/// left out.
pub fn panel(buf: &mut Buffer, area: Rect, theme: &Theme, title: &str) -> Rect {
    let area = area.intersection(buf.area);
    Clear.render(area, buf);
    buf.set_style(area, theme.base());
    if area.width < 8 || area.height < 3 {
        return area;
    }
    let style = theme.style(Role::Border);
    let s = theme.symbols;
    let line = s.rule.repeat(usize::from(area.width - 2));
    for (y, left, right) in [(area.y, 0, 1), (area.bottom() - 1, 2, 3)] {
        put(buf, area.x, y, 1, s.corners[left], style);
        put(buf, area.x + 1, y, area.width - 2, &line, style);
        put(buf, area.right() - 1, y, 1, s.corners[right], style);
    }
    for y in area.y + 1..area.bottom() - 1 {
        put(buf, area.x, y, 1, s.wall, style);
        put(buf, area.right() - 1, y, 1, s.wall, style);
    }
    if !title.is_empty() {
        let title = format!(" {} ", fit(title, usize::from(area.width.saturating_sub(6)), s.ellipsis));
        put(buf, area.x + 1, area.y, area.width - 2, &title, theme.style(Role::Title));
    }
    Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 }
}

/// Draws a message into the bottom right of `area`: what happened, and what to do now.
pub fn toast(buf: &mut Buffer, area: Rect, theme: &Theme, text: &str, refused: bool) {
    let longest = text.lines().map(width).max().unwrap_or(0);
    let inner = longest.min(usize::from(area.width.saturating_sub(4)).min(64)).max(1);
    let lines = wrapped(text, inner);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    let w = u16::try_from(inner).unwrap_or(u16::MAX).saturating_add(4).min(area.width);
    let place = Rect { x: area.right() - w, y: area.bottom() - height, width: w, height };
    let (title, role) = if refused { ("not done", Role::Error) } else { ("", Role::Text) };
    let inside = panel(buf, place, theme, title);
    for (y, line) in (inside.y..inside.bottom()).zip(&lines) {
        put(buf, inside.x, y, inside.width, line, theme.style(role));
    }
}

/// Draws what can follow a pending key, at the bottom of `area`.
pub fn which_key(buf: &mut Buffer, area: Rect, theme: &Theme, title: &str, branch: &Branch) {
    let rows: Vec<(String, &str)> = branch
        .next
        .iter()
        .map(|(chord, node)| {
            (
                chord.label(),
                match node {
                    Node::Leaf(binding) => binding.says.as_str(),
                    Node::Branch(branch) => branch.label.as_str(),
                },
            )
        })
        .collect();
    let widest = rows.iter().map(|(k, s)| width(k) + width(s) + 4).max().unwrap_or(8).max(8);
    let columns = (usize::from(area.width.saturating_sub(4)) / widest).max(1);
    let lines = rows.len().div_ceil(columns);
    let height = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    let place = Rect { y: area.bottom() - height, height, ..area };
    let title = if branch.label.is_empty() { title.to_owned() } else { format!("{title} {}", branch.label) };
    let inside = panel(buf, place, theme, &title);
    for (index, (key, says)) in rows.iter().enumerate() {
        let cell = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let (x, y) = (inside.x + cell(index / lines * widest), inside.y + cell(index % lines));
        if y >= inside.bottom() || x >= inside.right() {
            continue;
        }
        let used = put(buf, x, y, inside.right() - x, key, theme.style(Role::Accent));
        put(buf, x + used + 1, y, inside.right().saturating_sub(x + used + 1), says, theme.style(Role::Text));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;
    use crate::tui::keymap::{Keymap, Match};

    #[test]
    fn a_panel_and_a_toast() {
        let drawn = draw(24, 5, |b, a| toast(b, a, &theme(), "Undone: home visit.", false));
        assert_eq!(drawn, "\n\n ┌─────────────────────┐\n │ Undone: home visit. │\n └─────────────────────┘\n");
        let refused = draw(24, 5, |b, a| toast(b, a, &theme(), "The date has passed.\nType a later one.", true));
        assert!(refused.starts_with("\n┌ not done ") || refused.contains("not done"), "{refused}");
        for (w, h) in [(20, 5), (5, 2), (1, 1)] {
            draw(w, h, |b, a| toast(b, a, &theme(), "a long message that has no room here", true));
        }
    }

    #[test]
    fn what_can_follow() {
        let map = Keymap::standard();
        let mut pending = Vec::new();
        let Match::Pending(branch) = map.press(&["global"], &mut pending, "g".parse().unwrap()) else { panic!() };
        let drawn = draw(60, 8, |b, a| which_key(b, a, &theme(), "g", &branch));
        assert!(drawn.contains("┌ g go to ─"), "{drawn}");
        assert!(drawn.contains("t Today") && drawn.contains("c Cases"), "{drawn}");
        draw(3, 2, |b, a| which_key(b, a, &theme(), "g", &branch));
    }
}
