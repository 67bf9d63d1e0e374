//! A slip over the screen: read and copied by hand, or printed. That it was printed is on record before the page is made.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::ids::ItemId;
use crate::domain::paper::{Form, Paper};
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::put;
use crate::tui::widgets::{Line, TextView};

use super::printing;

/// Shows a slip; `owners` are those whose actions stand on it.
pub fn show(paper: Paper, owners: Vec<ItemId>) -> Effects<Desk> {
    let lines = paper.render(Form::Text).lines().map(|line| Line::from(line.to_owned())).collect();
    vec![Effect::push("slip", Slip { paper, owners, view: TextView::new(lines) })]
}

struct Slip {
    paper: Paper,
    owners: Vec<ItemId>,
    view: TextView,
}

impl Layer<Desk> for Slip {
    fn contexts(&self) -> &[&'static str] {
        &["slip", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.cancel" => Effect::Close(Answer::Cancelled).into(),
            "paper.print" => {
                // When consent is withdrawn, the slips that are about are asked back.
                let session = desk.open_session_mut();
                let noted =
                    self.owners.iter().try_for_each(|owner| session.note_access("print", *owner, "action slip"));
                match noted {
                    Ok(()) => Handled::Done(printing::show(desk, &self.paper.render(Form::Html))),
                    Err(error) => Effect::refused(error_text(&error)).into(),
                }
            }
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let width = area.width.saturating_sub(4).min(84);
        let tall = u16::try_from(self.view.height(width.saturating_sub(4))).unwrap_or(u16::MAX);
        let inside = panel(buf, centred(area, width, tall.saturating_add(4).min(area.height)), theme, "Slip");
        let body = Rect { height: inside.height.saturating_sub(2), ..inside };
        self.view.draw(buf, body, theme);
        let keys = format!("P print, or copy it by hand  {}  Esc back", theme.symbols.middot);
        put(buf, inside.x, inside.bottom().saturating_sub(1), inside.width, &keys, theme.style(Role::Dim));
        Some(Position::new(inside.x, inside.y))
    }
}
