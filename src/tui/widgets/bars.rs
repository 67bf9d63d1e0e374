//! The lines around a screen: header, tabs, footer, section titles, rules, progress.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{fit, put, width};
use crate::tui::keymap::Bound;
use crate::tui::theme::{Role, Theme};

fn cells(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

/// What the header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Whose vault: "Saint Ann MDT".
    pub place: String,
    /// The screens with their keys: ("1", "Today").
    pub screens: Vec<(String, String)>,
    /// Which of them is open.
    pub current: usize,
    /// Who, masked or revealed, health: stands at the right of the rule.
    pub status: String,
    /// The status says something that is not safe for long: names are shown.
    pub alert: bool,
    /// What must never be overlooked: "PRACTICE: nothing here is kept, no real child".
    pub notice: String,
}

impl Header {
    /// The place, the line of the screens' names, and the names.
    fn parts(&self, area: Rect) -> (String, Rect, Vec<String>) {
        let place = format!(" {}  ", self.place);
        let used = cells(&place).min(area.width);
        let rest = Rect { x: area.x + used, width: area.width - used, ..area };
        let mut names: Vec<String> = self.screens.iter().map(|(key, name)| format!("{key} {name}")).collect();
        // Where there is no room for all names, the last ones give way to their numbers: every number stays in sight.
        for at in (0..names.len()).rev().filter(|at| *at != self.current) {
            let wide: u16 = names.iter().map(|name| cells(name) + 2).sum();
            if wide <= rest.width.saturating_add(2) {
                break;
            }
            names[at].clone_from(&self.screens[at].0);
        }
        (place, rest, names)
    }

    /// The key of the screen whose name stands at column `x` of a header drawn into `area`.
    pub fn key_at(&self, area: Rect, x: u16) -> Option<&str> {
        let (_, rest, names) = self.parts(area);
        let at = tab_at(rest, &names, self.current, x)?;
        self.screens.get(at).map(|(key, _)| key.as_str())
    }
}

/// Draws the header into the first line of `area` and its rule, which carries notice and status, into the second.
pub fn header(buf: &mut Buffer, area: Rect, theme: &Theme, header: &Header) {
    let (place, rest, names) = header.parts(area);
    put(buf, area.x, area.y, area.width, &place, theme.style(Role::Title));
    tabs(buf, rest, theme, &names, header.current);
    if area.height < 2 {
        return;
    }
    let y = area.y + 1;
    rule(buf, Rect { y, height: 1, ..area }, theme);
    let status = header.status.replace('·', theme.symbols.middot);
    let status = if status.is_empty() { status } else { format!(" {status} ") };
    let room = area.width.saturating_sub(cells(&status) + 4);
    if !header.notice.is_empty() {
        // Where there is no room for both, the notice's first word must do.
        let short = header.notice.split(':').next().unwrap_or_default();
        let full = cells(&header.notice) + 2 <= room;
        let notice = format!(" {} ", if full { &header.notice } else { short });
        let notice = fit(&notice, usize::from(area.width.saturating_sub(4)), theme.symbols.ellipsis);
        put(buf, area.x + 2, y, area.width - 2, &notice, theme.style(Role::Soon));
    }
    let x = area.right().saturating_sub(cells(&status) + 2).max(area.x);
    put(buf, x, y, area.width, &status, theme.style(if header.alert { Role::Soon } else { Role::Dim }));
}

/// Which tabs fit into a line: where the first one stands, then each with its column; `true` if there are more.
fn placed(area: Rect, names: &[String], current: usize) -> (Vec<(usize, u16)>, bool) {
    if names.is_empty() || area.width < 3 {
        return (Vec::new(), false);
    }
    let current = current.min(names.len() - 1);
    let widths: Vec<u16> = names.iter().map(|n| cells(n) + 2).collect();
    let room = area.width;
    // Starts as far left as lets the current tab, and a sign for what is cut, still fit.
    // Behind the last tab stands neither a gap nor a sign.
    let most = if current + 1 == names.len() { room.saturating_add(2) } else { room.saturating_sub(2) };
    let fits = |from: usize| widths[from..=current].iter().sum::<u16>() + 2 * u16::from(from > 0) <= most;
    let from = (0..=current).find(|from| fits(*from)).unwrap_or(current);
    let mut x = area.x + 2 * u16::from(from > 0);
    let mut all = Vec::new();
    for (index, width) in widths.iter().enumerate().skip(from) {
        let last = index + 1 == names.len();
        let left = area.right().saturating_sub(x);
        if width.saturating_sub(2) + if last { 0 } else { 2 } > left && index != current {
            return (all, true);
        }
        all.push((index, x));
        x = x.saturating_add(*width).min(area.right());
    }
    (all, false)
}

/// Draws tabs in one line, the current one marked, `‹` and `›` where some don't fit.
pub fn tabs(buf: &mut Buffer, area: Rect, theme: &Theme, names: &[String], current: usize) {
    let (all, more) = placed(area, names, current);
    if all.first().is_some_and(|(first, _)| *first > 0) {
        put(buf, area.x, area.y, 1, theme.symbols.left, theme.style(Role::Dim));
    }
    if more {
        put(buf, area.right() - 1, area.y, 1, theme.symbols.right, theme.style(Role::Dim));
    }
    for (index, x) in all {
        let style = if index == current.min(names.len() - 1) {
            theme
                .style(Role::Accent)
                .add_modifier(ratatui::style::Modifier::UNDERLINED | ratatui::style::Modifier::BOLD)
        } else {
            theme.style(Role::Header)
        };
        put(buf, x, area.y, area.right().saturating_sub(x), &names[index], style);
    }
}

/// Which of the tabs drawn by [`tabs`] with the same arguments stands at column `x`.
pub fn tab_at(area: Rect, names: &[String], current: usize, x: u16) -> Option<usize> {
    let (all, _) = placed(area, names, current);
    let hit = |(index, from): &&(usize, u16)| (*from..from.saturating_add(cells(&names[*index]))).contains(&x);
    all.iter().find(hit).map(|(index, _)| *index)
}

/// Draws the footer: as many keys as fit, the most important first, `right` always at the right (`12/214`).
pub fn footer(buf: &mut Buffer, area: Rect, theme: &Theme, keys: &[&Bound], right: &str) {
    let right_at = area.right().saturating_sub(cells(right) + 1).max(area.x);
    let end = if right.is_empty() { area.right() } else { right_at.saturating_sub(2) };
    // Help and commands keep their place at the end: a newcomer must always find them.
    let (always, here): (Vec<&Bound>, Vec<&Bound>) =
        keys.iter().copied().partition(|b| b.context == "global" || b.binding.command == "app.help");
    let size = |b: &Bound| cells(&short(b)) + 2;
    let mut kept: u16 = always.iter().map(|b| size(b)).sum();
    let mut shown: Vec<&Bound> = Vec::new();
    let room = end.saturating_sub(area.x + 1);
    for bound in here {
        if kept + size(bound) > room + 2 {
            break;
        }
        kept += size(bound);
        shown.push(bound);
    }
    let mut x = area.x + 1;
    for bound in shown.into_iter().chain(always) {
        if x + size(bound) > end + 2 {
            break;
        }
        x += put(buf, x, area.y, end.saturating_sub(x), &first_key(bound), theme.style(Role::Accent)) + 1;
        x += put(buf, x, area.y, end.saturating_sub(x), &bound.binding.says, theme.style(Role::Footer)) + 2;
    }
    put(buf, right_at, area.y, area.width, right, theme.style(Role::Dim));
}

fn first_key(bound: &Bound) -> String {
    // Of a letter and Esc or an arrow, or Enter, that is what everybody tries.
    let labels: Vec<String> = bound.keys.iter().map(|keys| crate::tui::keymap::label(keys)).collect();
    let plain = ["Esc", "Left", "Right", "Enter"].into_iter().find(|key| labels.iter().any(|label| label == key));
    plain.map(str::to_owned).or_else(|| labels.first().cloned()).unwrap_or_default()
}

fn short(bound: &Bound) -> String {
    format!("{} {}", first_key(bound), bound.binding.says)
}

/// Draws a thin rule over the first line of `area`.
pub fn rule(buf: &mut Buffer, area: Rect, theme: &Theme) {
    put(buf, area.x, area.y, area.width, &theme.symbols.rule.repeat(usize::from(area.width)), theme.style(Role::Rule));
}

/// Draws a section's title in bold with a thin rule behind it; returns the area below.
pub fn section(buf: &mut Buffer, area: Rect, theme: &Theme, title: &str) -> Rect {
    let title = fit(title, usize::from(area.width), theme.symbols.ellipsis);
    let used = put(buf, area.x, area.y, area.width, &title, theme.style(Role::Title)) + 1;
    rule(buf, Rect { x: area.x + used, width: area.width.saturating_sub(used), height: 1, ..area }, theme);
    Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area }
}

/// Draws `████░░░░ 3/7` into the first line of `area`.
pub fn progress(buf: &mut Buffer, area: Rect, theme: &Theme, done: u64, total: u64) {
    let text = if total == 0 { format!(" {done}") } else { format!(" {done}/{total}") };
    let room = usize::from(area.width.saturating_sub(cells(&text)));
    let part = if total == 0 { 0.0 } else { u64_ratio(done.min(total), total) };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a bar of at most 65,535 cells"
    )]
    let full = (part * room as f64).round() as usize;
    let used = put(buf, area.x, area.y, area.width, &theme.symbols.filled.repeat(full), theme.style(Role::Accent));
    let hollow = theme.symbols.hollow.repeat(room - full.min(room));
    let used = used + put(buf, area.x + used, area.y, area.width - used, &hollow, theme.style(Role::Rule));
    put(buf, area.x + used, area.y, area.width - used, &text, theme.style(Role::Text));
}

#[expect(clippy::cast_precision_loss, reason = "a share to be drawn")]
fn u64_ratio(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}

#[cfg(test)]
mod tests {
    use super::super::testing::{draw, theme};
    use super::*;
    use crate::tui::keymap::Keymap;

    fn names() -> Vec<String> {
        ["Overview", "Timeline", "Actions", "People", "History"].map(str::to_owned).to_vec()
    }

    #[test]
    fn tabs_are_cut_on_both_sides_but_the_current_one_is_seen() {
        let at = |current| draw(26, 1, |buf, area| tabs(buf, area, &theme(), &names(), current));
        assert_eq!(at(0), "Overview  Timeline       ›\n");
        assert_eq!(at(2), "‹ Timeline  Actions      ›\n");
        assert_eq!(at(4), "‹ Actions  People  History\n");
        let hit = |current, x| tab_at(Rect::new(0, 0, 26, 1), &names(), current, x);
        assert_eq!((hit(0, 0), hit(0, 8), hit(0, 12)), (Some(0), None, Some(1)));
        assert_eq!((hit(4, 0), hit(4, 3), hit(4, 12)), (None, Some(2), Some(3)));
        for w in 0..12 {
            draw(w, 1, |buf, area| tabs(buf, area, &theme(), &names(), 3));
        }
    }

    #[test]
    fn header_with_notice_and_status() {
        let h = Header {
            place: "Saint Ann MDT".into(),
            screens: vec![("1".into(), "Today".into()), ("2".into(), "Cases".into())],
            status: "A. Brown · masked".into(),
            notice: "PRACTICE".into(),
            ..Header::default()
        };
        assert_eq!(
            draw(48, 2, |buf, area| header(buf, area, &theme(), &h)),
            " Saint Ann MDT  1 Today  2 Cases\n── PRACTICE ─────────────── A. Brown · masked ──\n"
        );
    }

    #[test]
    fn the_footer_keeps_help_and_commands() {
        let keys = Keymap::standard().footer(&["today", "list", "global"]);
        let keys: Vec<&Bound> = keys.iter().collect();
        let wide = draw(90, 1, |buf, area| footer(buf, area, &theme(), &keys, "12/214"));
        assert!(wide.starts_with(" Enter open  x done  z postpone  o owner  a action"), "{wide}");
        assert!(
            wide.ends_with("? all keys  : commands            12/214\n") || wide.contains("? all keys  : commands"),
            "{wide}"
        );
        let narrow = draw(44, 1, |buf, area| footer(buf, area, &theme(), &keys, ""));
        assert_eq!(narrow, " Enter open  x done  ? all keys  : commands\n");
    }

    #[test]
    fn sections_and_progress() {
        assert_eq!(draw(12, 1, |b, a| _ = section(b, a, &theme(), "Late")), "Late ───────\n");
        assert_eq!(draw(12, 1, |b, a| progress(b, a, &theme(), 2, 4)), "████░░░░ 2/4\n");
    }
}
