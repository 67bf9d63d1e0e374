//! Our own card: as text, as a QR code, and into a file.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::text::qr;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::{put, wrapped};
use crate::tui::widgets::{Line, TextView};

use super::chooser;
use super::errands::Errand;
use super::plan::draw_text;

/// Shows the card; a coordinator's is made anew first if the team has changed.
pub(super) fn open(desk: &mut Desk) -> Effects<Desk> {
    let session = desk.open_session_mut();
    let cards = session.card(false).and_then(|full| session.card(true).map(|short| (full, short)));
    let (full, short) = match cards {
        Ok(cards) => cards,
        Err(error) => return vec![Effect::refused(error_text(&error))],
    };
    let current = session.card_is_current();
    let mut lines =
        vec![Line::new("Nothing in it is secret. Give it to the other team; then compare words.", Role::Title)];
    if !current {
        lines.push(Line::new(
            "! The team has changed since it was made: a coordinator or a deputy makes the next one by opening this.",
            Role::Soon,
        ));
    }
    lines.push("".into());
    lines.extend(full.text().lines().map(Line::from));
    let picture = qr::picture(short.text()).unwrap_or_default();
    let card = Card { view: TextView::new(lines), picture, shows_picture: false };
    vec![Effect::push("card", card)]
}

struct Card {
    view: TextView,
    picture: Vec<String>,
    shows_picture: bool,
}

impl Card {
    fn draw_picture(&self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Position {
        let columns = self.picture.first().map_or(0, |line| line.chars().count());
        let (width, height) =
            (u16::try_from(columns).unwrap_or(u16::MAX), u16::try_from(self.picture.len()).unwrap_or(u16::MAX));
        if area.width < width || area.height < height {
            let text = format!(
                "The QR code needs {columns} columns and {} lines; there are {} and {} here. Make the window larger or \
                 its letters smaller (often Ctrl and -), or press w: the card goes into a file.",
                self.picture.len(),
                area.width,
                area.height
            );
            let lines = wrapped(&text, usize::from(area.width.saturating_sub(4)).clamp(1, 60));
            let tall = u16::try_from(lines.len()).unwrap_or(6);
            let inside = panel(buf, centred(area, 66, tall + 2), theme, "Your team's card");
            for (y, line) in (inside.y..inside.bottom()).zip(&lines) {
                put(buf, inside.x, y, inside.width, line, theme.style(Role::Text));
            }
            return Position::new(inside.x, inside.y);
        }
        let place = centred(area, width, height);
        let style = theme.picture();
        for (y, line) in (place.y..place.bottom()).zip(&self.picture) {
            put(buf, place.x, y, place.width, line, style);
        }
        Position::new(place.x, place.y)
    }
}

impl Layer<Desk> for Card {
    fn contexts(&self) -> &[&'static str] {
        &["card", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.cancel" => Effect::Close(Answer::Cancelled).into(),
            "pane.next" => {
                self.shows_picture = !self.shows_picture;
                Handled::done()
            }
            "card.write" => Handled::Done(chooser::open(Errand::WriteCard, desk)),
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        if self.shows_picture {
            return Some(self.draw_picture(buf, area, theme));
        }
        Some(draw_text(buf, area, theme, "Your team's card", (&mut self.view, 110)))
    }
}
