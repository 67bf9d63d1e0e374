//! The child's views and wishes over whatever is being decided: the newest first, each with what the child agreed may be
//! told. Opened on purpose alone, and on record.
//!
//! In front of a room it asks first, and then shows only what the child said that the team may be told.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::ids::ItemId;
use crate::domain::telling::MayTell;
use crate::text::counted;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::{Line, TextView};

use super::case;

/// Said where there are none.
pub const NONE: &str =
    "The child's views are not written down yet. A note writes them (n): choose \"the child's views\".";
/// Asked in front of a room.
const QUESTION: &str = "Everybody in this room would read the child's words. Only what the child said that this team may be told is shown. Show it?";

/// Opens the views of a case's child; says so where none are written down.
pub fn open(case: ItemId, desk: &mut Desk) -> Effects<Desk> {
    let Some(view) = desk.case(case).filter(|_| desk.may_show(Some(case))) else {
        return vec![Effect::info("This case is not shown to a room.")];
    };
    if case::child_says(desk, view).is_empty() {
        return vec![Effect::info(NONE)];
    }
    if !desk.in_room()
        && let Err(error) = desk.open_session_mut().note_access("views", case, "")
    {
        return vec![Effect::refused(error_text(&error))];
    }
    let mut views = Views { case, to_room: false, view: TextView::new(Vec::new()), made: None };
    views.refresh(desk);
    vec![Effect::push("views", views)]
}

/// What the lines were made from: whether names are masked, and whether a room looks on.
type Made = (bool, bool, u64);

struct Views {
    case: ItemId,
    /// Somebody said that the room may read them.
    to_room: bool,
    view: TextView,
    made: Option<Made>,
}

impl Views {
    /// True while a room looks on and nobody has said that it may read them.
    fn asks(&self, desk: &Desk) -> bool {
        desk.in_room() && !self.to_room
    }

    fn make(&mut self, desk: &Desk) {
        let room = desk.in_room();
        let made = (desk.masked(), room, desk.open_session().state().revision());
        let Some(case) = desk.case(self.case).filter(|_| self.made != Some(made)) else { return };
        self.made = Some(made);
        let (mut lines, mut kept) = (Vec::new(), 0);
        for said in case::child_says(desk, case) {
            // What was said of a decision or a service is told to nobody without asking, as all that nothing is said of.
            if room && said.may != MayTell::Team {
                kept += 1;
                continue;
            }
            lines.push(Line::new(said.head, Role::Dim));
            if !said.may_words.is_empty() {
                lines.push(Line::new(said.may_words, if said.may == MayTell::Team { Role::Done } else { Role::Soon }));
            }
            lines.push(said.text.into());
            lines.push("".into());
        }
        let words = !lines.is_empty();
        if kept > 0 {
            let text = counted(kept, "thing that the child said is", "things that the child said are");
            lines.push(Line::new(format!("{text} not for this room."), Role::Dim));
        }
        if words {
            lines.push(Line::new("The child's words stay in this room.", Role::Dim));
        }
        self.view = TextView::new(lines);
    }
}

impl Layer<Desk> for Views {
    fn contexts(&self) -> &[&'static str] {
        if self.made.is_none() { &["ask"] } else { &["page", "view"] }
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn can(&self, command: &str) -> bool {
        command != "app.tour"
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.cancel" | "overlay.no" => Effect::Close(Answer::Cancelled).into(),
            "overlay.yes" => {
                if let Err(error) = desk.open_session_mut().note_access("views", self.case, "in a room") {
                    return Effect::refused(error_text(&error)).into();
                }
                self.to_room = true;
                self.refresh(desk);
                Handled::done()
            }
            "app.tour" => Handled::done(),
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_none() || self.asks(desk) {
            self.made = None;
        } else {
            self.make(desk);
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        desk.session()?;
        let code = desk.code(self.case);
        if self.asks(desk) {
            self.made = None;
            let says = format!("Enter yes  {}  Esc no", theme.symbols.middot);
            let lines = vec![QUESTION.into(), "".into(), Line::new(says, Role::Dim)];
            let inside = panel(buf, centred(area, 66, 7), theme, &format!("The child's views, case {code}"));
            TextView::new(lines).draw(buf, inside, theme);
            return Some(Position::new(inside.x, inside.y));
        }
        self.make(desk);
        let width = area.width.saturating_sub(4).min(84);
        let height = u16::try_from(self.view.height(width.saturating_sub(4))).unwrap_or(u16::MAX);
        let place = centred(area, width, height.saturating_add(2).min(area.height));
        let inside = panel(buf, place, theme, &format!("The child's views, case {code}"));
        self.view.draw(buf, inside, theme);
        Some(Position::new(inside.x, inside.y))
    }
}
