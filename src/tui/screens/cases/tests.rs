//! The list of cases, driven by keys.

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
use crate::tui::keymap::Keymap;
use crate::tui::shell::MahoeShell;
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::vault::disk::MemoryDisk;

/// The program on this session, with the list of cases open.
pub fn runner(session: Session, width: u16, height: u16) -> Runner<Desk> {
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    let app = App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme);
    let mut runner = Runner::new(app, width, height);
    runner.keys("2");
    runner
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
    let r = runner(session, 80, 24);
    println!("{}", r.screen());
    let mut r2 = r;
    r2.keys("enter");
    println!("{}", r2.screen());
    r2.resize(120, 36);
    println!("{}", r2.screen());
    r2.keys("esc");
    println!("{}", r2.screen());
}
