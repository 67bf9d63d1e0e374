//! A program around one screen or form, for the tests of screens: Enter opens what the test asks for.

use std::cell::RefCell;
use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::ids::ItemId;
use crate::session::Session;
use crate::testing::Runner;
use crate::testing::team::{morning, team};
use crate::tui::app::App;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::keymap::Keymap;
use crate::tui::layers::{Effects, Handled, Layer, Shell};
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::tui::widgets::bars::Header;
use crate::tui::widgets::text::put;
use crate::vault::disk::MemoryDisk;

/// What Enter opens on the plain screen.
pub type Wanted = Rc<RefCell<(&'static str, Option<ItemId>)>>;

type Make = fn(&mut Desk) -> Box<dyn Layer<Desk>>;

struct Plain(Wanted);

impl Layer<Desk> for Plain {
    fn contexts(&self) -> &[&'static str] {
        &["list"]
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if name != "list.open" {
            return Handled::Pass;
        }
        let (name, about) = *self.0.borrow();
        Effect::Push("form", super::forms::open(name, about, desk).expect("a form")).into()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, _: &Theme, _: &Desk) -> Option<Position> {
        put(buf, area.x, area.y, area.width, "plain screen", ratatui::style::Style::default());
        None
    }
}

struct TestShell {
    wanted: Wanted,
    first: Option<Make>,
}

impl Shell<Desk> for TestShell {
    fn start(&mut self, desk: &mut Desk) -> Effects<Desk> {
        let first: Box<dyn Layer<Desk>> = match self.first {
            Some(make) => make(desk),
            None if desk.session().is_some() => Box::new(Plain(Rc::clone(&self.wanted))),
            None => super::unlock::first(desk),
        };
        vec![Effect::Replace(first)]
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "screen.1" => Effect::replace(Plain(Rc::clone(&self.wanted))).into(),
            "app.lock" => Effect::Replace(super::unlock::first(desk)).into(),
            _ => Handled::Pass,
        }
    }

    fn header(&self, desk: &Desk) -> Header {
        Header { place: "Saint Ann MDT".into(), status: desk.my_name(), ..Header::default() }
    }
}

/// A desk over a vault in memory, locked.
pub fn locked(disk: &MemoryDisk) -> Desk {
    let mut desk = Desk::locked("/vault".into());
    desk.disk = std::sync::Arc::new(disk.clone());
    desk.in_memory = true;
    desk.fixed_now = Some(morning());
    desk
}

/// A desk over the small team, unlocked.
pub fn unlocked(disk: &MemoryDisk, session: Session) -> Desk {
    let mut desk = locked(disk);
    desk.unlock(session);
    desk
}

/// The program over a desk.
pub fn run(desk: Desk, first: Option<Make>, width: u16, height: u16) -> (Runner<Desk>, Wanted) {
    let wanted: Wanted = Rc::new(RefCell::new(("case.open", None)));
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    let shell = TestShell { wanted: Rc::clone(&wanted), first };
    (Runner::new(App::new(desk, shell, Keymap::standard(), theme), width, height), wanted)
}

/// The small team's program with a form open.
pub fn form(name: &'static str, width: u16, height: u16) -> Runner<Desk> {
    let disk = MemoryDisk::new();
    let session = team(&disk, 1);
    form_about(&disk, session, name, None, width, height)
}

/// A session's program with a form open that is about something.
pub fn form_about(
    disk: &MemoryDisk,
    session: Session,
    name: &'static str,
    about: Option<ItemId>,
    width: u16,
    height: u16,
) -> Runner<Desk> {
    let (mut runner, wanted) = run(unlocked(disk, session), None, width, height);
    *wanted.borrow_mut() = (name, about);
    runner.keys("enter");
    runner
}
