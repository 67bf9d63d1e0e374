//! The list of cases, driven by keys.

use chrono::TimeDelta;

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::ops::{CaseClose, CaseEdit, CaseNote, CaseOpen, CaseStage, TeamAdd};
use crate::session::{FixedClock, NewPerson, Session};
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
    session.run(CaseEdit { case: cases[0], values: contact, followup: false }).expect("edited");
    session.run(CaseStage { case: cases[0], stage: "protection".into(), followup: false }).expect("moved");
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
    let close = CaseClose { cancel_open: true, ..CaseClose::new(cases[3], "goals-met") };
    session.run(close).expect("closed");
    (session, cases)
}

#[test]
fn the_first_frame() {
    let (session, _) = parish();
    let r = runner(session, 80, 24);
    let screen = r.screen();
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines[2].starts_with(" Open cases  by urgency") && lines[2].ends_with("2 late  ·  3"), "{screen}");
    assert!(lines[3].starts_with("  Case    Risk      Stage          Concern"), "{screen}");
    assert!(lines[4].contains("● high") && lines[4].ends_with("9 days late"), "{screen}");
    assert!(lines[5].contains("• medium") && lines[5].ends_with("2 days late"), "{screen}");
    assert!(lines[6].contains("? not yet") && lines[6].ends_with("today"), "{screen}");
    assert!(screen.contains("[child] has not been seen at"), "{screen}");
    assert!(!screen.contains("Riverstone") && !screen.contains("settled"), "{screen}");
    assert_eq!(r.cursor().map(|at| at.y), Some(4), "the cursor stands on the selected row");
}

#[test]
fn searching_narrows_while_typing_and_finds_no_masked_name() {
    let (session, _) = parish();
    let mut r = runner(session, 80, 24);
    r.keys("/").text("bus par");
    assert!(r.screen().contains("1 of 3") && r.screen().contains("Seen begging"), "{}", r.screen());
    r.keys("enter");
    assert!(r.screen().contains("/bus par ×"), "{}", r.screen());
    r.keys("esc");
    assert!(!r.screen().contains("/bus par"), "{}", r.screen());
    for masked in ["fern", "riverst", "coral", "Fern Riverstone"] {
        r.keys("/").text(masked);
        assert!(r.screen().contains("0 of 3") && r.screen().contains("No case fits."), "{masked}: {}", r.screen());
        r.keys("esc");
    }
    r.keys("/").text("guidance").keys("enter");
    assert!(r.screen().contains("1 of 3"), "notes are searched: {}", r.screen());
    r.keys("esc / ").text("want to go back");
    assert!(r.screen().contains("0 of 3"), "the child's own words are not: {}", r.screen());
    r.keys("esc m /").text("coral hill");
    assert!(r.screen().contains("1 of 3") && r.screen().contains("cousin"), "revealed: {}", r.screen());
    r.wait(std::time::Duration::from_secs(40));
    assert!(r.screen().contains("0 of 3"), "the reveal has ended: {}", r.screen());
}

#[test]
fn open_closed_and_all_in_every_order() {
    let (session, _) = parish();
    let mut r = runner(session, 80, 24);
    r.keys("f");
    assert!(r.screen().contains("Closed cases") && r.screen().contains("settled"), "{}", r.screen());
    r.keys("f");
    assert!(r.screen().contains("All cases") && r.screen().contains("4/4"), "{}", r.screen());
    for says in ["by code", "by stage", "by risk", "by lead", "newest first", "by urgency"] {
        r.keys("s");
        assert!(r.screen().contains(says), "{says}: {}", r.screen());
    }
    r.keys("G s");
    assert!(r.screen().contains("1/4"), "a new order begins at its top: {}", r.screen());
}

#[test]
fn the_board_shows_the_same_cases_and_moves_between_stages() {
    let (session, _) = parish();
    let mut r = runner(session, 120, 36);
    r.keys("j b");
    let screen = r.screen();
    for text in ["Report 2", "Screening 0", "Protection 1", "06-"] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    assert!(screen.lines().any(|line| line.contains('▌') && line.contains("• medium")), "{screen}");
    r.keys("l l l");
    assert!(r.screen().lines().any(|line| line.contains('▌') && line.contains("● high")), "{}", r.screen());
    r.keys("t").text("just").keys("ctrl-s");
    assert!(r.screen().contains("Justice 1"), "{}", r.screen());
    r.keys("enter");
    assert!(r.screen().contains("Overview  Timeline"), "{}", r.screen());
    r.keys("esc b");
    assert!(r.screen().contains("by urgency") && r.screen().contains("▌ 06-"), "{}", r.screen());
    for (width, height) in [(80, 24), (60, 18), (20, 5), (8, 2)] {
        r.keys("b").resize(width, height).keys("h l j k");
    }
}

#[test]
fn an_empty_parish_says_how_to_begin() {
    let session = team::team(&MemoryDisk::new(), 7);
    let mut r = runner(session, 80, 24);
    assert!(r.screen().contains("No open case.") && r.screen().contains("Press n"), "{}", r.screen());
    r.keys("enter j G b l enter");
    assert!(r.screen().contains("Cases"), "{}", r.screen());
}

#[test]
fn keys_act_on_the_selected_case() {
    let (session, cases) = parish();
    let mut r = runner(session, 80, 24);
    r.keys("j t").text("screen").keys("ctrl-s");
    let stage = r.app.cx.case(cases[1]).map(|case| case.stage().to_owned());
    assert_eq!(stage.as_deref(), Some("screening"));
    r.keys("o").text("brown").keys("enter");
    assert_eq!(r.app.cx.case(cases[1]).and_then(Case::lead), Some(r.app.cx.open_session().me()));
}

#[test]
fn what_may_not_be_read_is_counted() {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 7);
    let agency = session.state().items(ItemKind::Agency).next().expect("an agency").id;
    let values = vec![
        (Field::MemberName, Value::text("M. Clarke")),
        (Field::MemberHandle, Value::text("mclarke")),
        (Field::MemberRole, Value::code("champion")),
        (Field::MemberAgency, Value::Item(agency)),
    ];
    let member = session.run(TeamAdd { values }).expect("added").made[0];
    let passphrase = team::passphrase();
    let person = NewPerson { member, handle: "mclarke", passphrase: &passphrase, work: team::work() };
    session.add_participant(&person).expect("a key");
    let me = session.me();
    let values = vec![(Field::CaseConcern, Value::text("Touches somebody on the team"))];
    let op = CaseOpen { values, restricted_to: vec![me], ..CaseOpen::default() };
    session.run(op).expect("a case");
    team::case(&mut session, "For everybody");
    drop(session);
    let theirs = Session::unlock(team::place(&disk, 9), "mclarke", &passphrase).expect("unlocked");
    let r = runner(theirs, 80, 24);
    assert!(r.screen().contains("restricted: 1 case that you may not read"), "{}", r.screen());
    assert!(r.screen().contains("For everybody") && !r.screen().contains("Touches"), "{}", r.screen());
}

#[test]
fn five_thousand_cases_are_searched_as_one_types() {
    let mut session = team::team(&MemoryDisk::new(), 7);
    let open = |session: &mut Session| {
        for n in 0..5_000 {
            let values = vec![
                (Field::CaseConcern, Value::text(&format!("Worry number {n} about a child at the bus park"))),
                (Field::CaseRisk, Value::code(["high", "medium", "low"][n % 3])),
                (Field::CaseChildName, Value::text("Worry Lantern")),
            ];
            session.run(CaseOpen { values, ..CaseOpen::default() })?;
        }
        Ok(())
    };
    session.all_or_nothing(open).expect("opened");
    let mut r = runner(session, 120, 36);
    assert!(r.screen().contains("1/5000"), "{}", r.screen());
    r.keys("/").text("number 4321");
    assert!(r.screen().contains("1 of 5000"), "{}", r.screen());
    r.keys("esc G");
    assert!(r.screen().contains("5000/5000"), "{}", r.screen());
}
