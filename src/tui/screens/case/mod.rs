//! One case: its top, which never scrolls away, and its tabs.

mod header;
mod notes;
mod overview;
mod sheet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::tui::desk::{Desk, error_text};
use crate::tui::layers::{Handled, Layer};
use crate::tui::overlays::Page;
use crate::tui::theme::Theme;

use sheet::Scroll;

/// The overview has two columns from this width on.
const TWO_COLUMNS: u16 = 110;

/// One case. A restricted one is on record as opened before anything of it is shown.
pub fn open(desk: &mut Desk, case: ItemId) -> Box<dyn Layer<Desk>> {
    let restricted = desk.case(case).is_some_and(|case| !case.0.value(Field::CaseRestricted).is_nothing());
    if restricted && let Err(error) = desk.open_session_mut().note_access("open", case, "") {
        return Box::new(Page::new("Not shown", vec![error_text(&error).into()]));
    }
    let mut screen = CaseScreen::new(case);
    screen.refresh(desk);
    Box::new(screen)
}

/// The tabs, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Overview,
}

impl Tab {
    const ALL: [Self; 1] = [Self::Overview];
}

struct CaseScreen {
    case: ItemId,
    tab: Tab,
    scroll: Scroll,
}

impl CaseScreen {
    fn new(case: ItemId) -> Self {
        Self { case, tab: Tab::Overview, scroll: Scroll::default() }
    }

    fn tabs(&self, _: &Desk) -> Vec<String> {
        Tab::ALL
            .iter()
            .map(|tab| match tab {
                Tab::Overview => "Overview".to_owned(),
            })
            .collect()
    }
}

impl Layer<Desk> for CaseScreen {
    fn contexts(&self) -> &[&'static str] {
        &["case", "view"]
    }

    fn command(&mut self, name: &str, _: &mut Desk) -> Handled<Desk> {
        Handled::when(self.scroll.command(name))
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let case = desk.case(self.case)?;
        let tabs = self.tabs(desk);
        let at = Tab::ALL.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let body = header::draw(buf, area, theme, desk, case, (&tabs, at));
        let (left, right) = overview::blocks(desk, case, theme);
        sheet::draw(buf, body, theme, &mut self.scroll, &left, &right, TWO_COLUMNS);
        Some(Position::new(body.x, body.y.min(area.bottom().saturating_sub(1))))
    }
}
