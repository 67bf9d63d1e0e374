//! The doors between screens: who opens which, in one place, so that screens don't know each other.

use crate::domain::ids::ItemId;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::layers::{Effects, Handled, Layer};

/// A screen or form on its own.
pub type Door = Box<dyn Layer<Desk>>;

/// The screen before a session is open: unlocking, or the first run.
pub fn locked(desk: &Desk) -> Door {
    let _ = desk;
    Box::new(waiting::Waiting)
}

/// The list of cases.
pub fn cases(desk: &mut Desk) -> Option<Door> {
    let _ = desk;
    None
}

/// The team.
pub fn team(desk: &mut Desk) -> Option<Door> {
    let _ = desk;
    None
}

/// The vault's health.
pub fn health(desk: &mut Desk) -> Option<Door> {
    let _ = desk;
    None
}

/// The tour.
pub fn tour(desk: &mut Desk) -> Option<Door> {
    let _ = desk;
    None
}

/// One case over the screen that asks.
pub fn case(desk: &mut Desk, case: ItemId) -> Effects<Desk> {
    let _ = (desk, case);
    vec![Effect::info("Cases can't be opened here yet.")]
}

/// A form by its name, for a case or an item where it belongs to one; passes if there is none of that name.
pub fn form(name: &str, item: Option<ItemId>, desk: &mut Desk) -> Handled<Desk> {
    let _ = (name, item, desk);
    Handled::Pass
}

mod waiting {
    //! Stands where the unlock screen will.

    use ratatui::buffer::Buffer;
    use ratatui::layout::{Position, Rect};

    use crate::tui::desk::Desk;
    use crate::tui::layers::{Handled, Kind, Layer};
    use crate::tui::theme::{Role, Theme};
    use crate::tui::widgets::text::put;

    pub struct Waiting;

    impl Layer<Desk> for Waiting {
        fn contexts(&self) -> &[&'static str] {
            &["global"]
        }

        fn kind(&self) -> Kind {
            Kind::Bare
        }

        fn command(&mut self, _: &str, _: &mut Desk) -> Handled<Desk> {
            Handled::Pass
        }

        fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
            put(buf, area.x + 2, area.y + area.height / 2, area.width, "Locked.", theme.style(Role::Title));
            None
        }
    }
}
