//! The list of cases, driven by keys.

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::value::Value;
use crate::ops::{CaseClose, CaseEdit, CaseNote, CaseOpen, CaseStage};
use crate::session::{FixedClock, Session};
use crate::testing::Runner;
use crate::testing::team;
use crate::tui::app::App;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::keymap::Keymap;
use crate::tui::layers::{Effects, Handled, Layer, Shell};
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::tui::widgets::bars::Header;
use crate::vault::disk::MemoryDisk;

type Door = fn(&mut Desk) -> Box<dyn Layer<Desk>>;

/// A shell that opens one screen and reveals.
struct Plain(Door);

impl Shell<Desk> for Plain {
    fn start(&mut self, desk: &mut Desk) -> Effects<Desk> {
        vec![Effect::Replace((self.0)(desk))]
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "reveal" => desk.reveal(None).expect("on record"),
            "undo" => return Handled::Done(desk.undo()),
            _ => return Handled::Pass,
        }
        Handled::done()
    }

    fn header(&self, _: &Desk) -> Header {
        let screens = [("1", "Today"), ("2", "Cases")].map(|(key, name)| (key.to_owned(), name.to_owned()));
        let place = "Saint Ann MDT".to_owned();
        Header {
            place,
            screens: screens.to_vec(),
            current: 1,
            status: "A. Brown · masked".into(),
            notice: String::new(),
            alert: false,
        }
    }

    fn deadline(&self, desk: &Desk) -> Option<Duration> {
        desk.reveal_ends()
    }
}

/// A program of this session that opens on a screen.
pub fn runner(session: Session, door: Door, width: u16, height: u16) -> Runner<Desk> {
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    Runner::new(App::new(Desk::open(session), Plain(door), Keymap::standard(), theme), width, height)
}

/// A team with four cases: two late, one without risk, one closed.
pub fn parish() -> (Session, Vec<ItemId>) {
    let mut session = team::team(&MemoryDisk::new(), 7);
    let now = session.now();
    let mut open = |concern: &str, risk: &str, days: i64, name: &str| {
        let values = vec![
            (Field::CaseConcern, Value::text(concern)),
            (Field::CaseRisk, Value::code(risk)),
            (Field::CaseChildName, Value::text(name)),
            (Field::CaseReported, Value::when(now - TimeDelta::days(days))),
        ];
        session.run(CaseOpen { values, ..CaseOpen::default() }).expect("a case").made[0]
    };
    let cases = vec![
        open("Fern Riverstone has not been seen at school for two weeks", "high", 9, "Fern Riverstone"),
        open("A cousin took the child to the city to work in a house", "medium", 2, "Coral Hillbrook"),
        open("Seen begging at the bus park late at night", "unassessed", 0, "Reed Lantern"),
        open("Came back home, settled", "low", 20, "Moss Harbour"),
    ];
    let contact = vec![
        (Field::CaseSafePhone, Value::text("876-555-0142")),
        (Field::CaseSafeWords, Value::text("the school office")),
        (Field::CasePlaceSafety, Value::codes(["in-two", "not-after-dark"])),
    ];
    session.run(CaseEdit { case: cases[0], values: contact }).expect("edited");
    session.run(CaseStage { case: cases[0], stage: "protection".into() }).expect("moved");
    session.set_clock(Box::new(FixedClock(now - TimeDelta::days(5))));
    team::action(&mut session, cases[0], "Medical check not confirmed", 2);
    session.set_clock(Box::new(FixedClock(now)));
    team::action(&mut session, cases[1], "Ask the school", 4);
    for (kind, text) in
        [("visit", "Met Fern with the guidance counsellor"), ("views", "I want to go back to my school")]
    {
        let cases = vec![cases[0]];
        session.run(CaseNote { cases, kind: kind.into(), class: None, text: text.into(), when: None }).expect("noted");
    }
    let close = CaseClose { case: cases[3], reason: "goals-met".into(), note: String::new(), cancel_open: true };
    session.run(close).expect("closed");
    (session, cases)
}

#[test]
fn the_first_frame() {
    let (session, _) = parish();
    let r = runner(session, super::screen, 80, 24);
    println!("{}", r.screen());
    let mut r2 = r;
    r2.keys("enter");
    println!("{}", r2.screen());
    r2.resize(120, 36);
    println!("{}", r2.screen());
    r2.keys("esc");
    println!("{}", r2.screen());
}
