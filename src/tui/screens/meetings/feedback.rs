//! What each agency did with what it was given, over the last meetings, as bars: counts alone, no case and no name.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::meeting::feedback::{Agency, Feedback};
use crate::domain::paper::Form;
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::{put, put_fit};

use super::super::printing;

/// Columns of a code, and of each bar.
const CODE: u16 = 9;
const BAR: u16 = 12;
/// Lines above the agencies and below them.
const HEAD: u16 = 3;
const FOOT: u16 = 2;

/// The chart over the screen that asks.
pub fn open(desk: &Desk) -> Effects<Desk> {
    let found = desk.open_session().feedback(None);
    if found.agencies.is_empty() {
        return vec![Effect::info("No meeting was held yet: there is nothing to tell the agencies.")];
    }
    vec![Effect::push("feedback", Chart { found, top: 0, fits: 0 })]
}

struct Chart {
    found: Feedback,
    /// The first agency that is shown, and how many fit.
    top: usize,
    fits: usize,
}

impl Layer<Desk> for Chart {
    fn contexts(&self) -> &[&'static str] {
        &["feedback", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let last = self.found.agencies.len().saturating_sub(self.fits);
        let page = self.fits.max(2) - 1;
        self.top = match name {
            "overlay.cancel" => return Effect::Close(Answer::Cancelled).into(),
            "paper.print" => {
                let session = desk.open_session();
                let page = self.found.paper(session.state(), session.practice()).render(Form::Html);
                return Handled::Done(printing::show(desk, &page));
            }
            "view.down" => self.top + 1,
            "view.up" => self.top.saturating_sub(1),
            "view.page-down" => self.top + page,
            "view.page-up" => self.top.saturating_sub(page),
            "view.first" => 0,
            "view.last" => last,
            _ => return Handled::Pass,
        }
        .min(last);
        Handled::done()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let width = area.width.saturating_sub(4).min(84);
        let rows = u16::try_from(self.found.agencies.len()).unwrap_or(u16::MAX);
        let tall = rows.saturating_add(HEAD + FOOT + 2).min(area.height);
        let inside = panel(buf, centred(area, width, tall), theme, "Feedback to the agencies");
        let dots = theme.symbols.ellipsis;
        put_fit(buf, (inside.x, inside.y), inside.width, &self.found.over(), dots, theme.style(Role::Title));
        let head = inside.y + 2;
        for (x, says) in [(0, "agency"), (CODE, "was there"), (CODE + BAR + 8, "what it was given")] {
            put(buf, inside.x + x, head, inside.width.saturating_sub(x), says, theme.style(Role::Dim));
        }
        let body = Rect { y: inside.y + HEAD, height: inside.height.saturating_sub(HEAD + FOOT), ..inside };
        self.fits = usize::from(body.height);
        self.top = self.top.min(self.found.agencies.len().saturating_sub(self.fits));
        let most = self.found.agencies.iter().map(|agency| agency.given).max().unwrap_or(0);
        for (y, agency) in (body.y..body.bottom()).zip(&self.found.agencies[self.top..]) {
            row(buf, Rect { y, height: 1, ..body }, theme, agency, most);
        }
        let more = self.found.agencies.len().saturating_sub(self.top + self.fits);
        let more = if more > 0 { format!("{} {more} more  ", theme.symbols.down) } else { String::new() };
        let keys = format!("{more}P print  {}  Esc back", theme.symbols.middot);
        put(buf, inside.x, inside.bottom().saturating_sub(1), inside.width, &keys, theme.style(Role::Dim));
        Some(Position::new(inside.x, inside.y))
    }
}

/// One agency: its code, how often it was there, and what became of what it was given.
fn row(buf: &mut Buffer, area: Rect, theme: &Theme, agency: &Agency, most: usize) {
    let code = clean::shown(&agency.code);
    put_fit(buf, (area.x, area.y), CODE - 1, &code, theme.symbols.ellipsis, theme.style(Role::Text));
    let (full, hollow) = (theme.symbols.filled, theme.symbols.hollow);
    let there = share(agency.attended, agency.expected);
    let mut x = area.x + CODE;
    put(buf, x, area.y, BAR, &full.repeat(usize::from(there)), theme.style(Role::Accent));
    put(buf, x + there, area.y, BAR - there, &hollow.repeat(usize::from(BAR - there)), theme.style(Role::Dim));
    let says = format!("{}/{}", agency.attended, agency.expected);
    put(buf, x + BAR + 1, area.y, 6, &says, theme.style(Role::Text));
    x += BAR + 8;
    let start = x;
    // One bar in parts; the words beside it say the same, so that colour is never the only sign.
    let parts = [
        (agency.in_time, full, Role::Done),
        (agency.late, full, Role::Soon),
        (agency.open, hollow, Role::Dim),
        (agency.not_acted, hollow, Role::Late),
    ];
    let mut before = 0;
    for (number, sign, role) in parts {
        let end = share(before + number, most);
        let long = (start + end).saturating_sub(x);
        put(buf, x, area.y, long, &sign.repeat(usize::from(long)), theme.style(role));
        before += number;
        x = start + end;
    }
    let words = start + BAR + 1;
    let room = area.right().saturating_sub(words);
    put_fit(buf, (words, area.y), room, &agency.outcome(), theme.symbols.ellipsis, theme.style(Role::Text));
}

/// A part of a whole in cells of a bar; whatever is there is at least one cell.
fn share(part: usize, whole: usize) -> u16 {
    let cells = (part * usize::from(BAR)).div_ceil(whole.max(1));
    u16::try_from(cells).unwrap_or(BAR).min(BAR)
}
