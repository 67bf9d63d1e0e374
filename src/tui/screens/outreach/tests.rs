//! Outreach and training by keys alone.

use crate::domain::outreach::{Event, Phase};
use crate::domain::training::Training;
use crate::session::FixedClock;
use crate::testing::Runner;
use crate::testing::team::{passphrase, place, team};
use crate::tui::app::App;
use crate::tui::desk::Desk;
use crate::tui::keymap::Keymap;
use crate::tui::shell::MahoeShell;
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::vault::disk::MemoryDisk;

use crate::session::Session;

fn run(session: Session, width: u16) -> Runner<Desk> {
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    Runner::new(App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme), width, 24)
}

#[test]
fn an_event_by_keys_from_plan_to_numbers() {
    let disk = MemoryDisk::new();
    let mut r = run(team(&disk, 1), 80);
    r.keys("9");
    assert!(r.screen().contains("No event is planned. n plans one"), "{}", r.screen());
    r.keys("n").text("Whom to call").keys("tab").text("tue 10:00").keys("tab").text("school").keys("tab tab");
    r.text("Ironwood Flats").keys("ctrl-s");
    let screen = r.screen();
    assert!(screen.contains("Tue 24 Nov 10:00") && screen.contains("Whom to call"), "{screen}");
    r.keys("x");
    assert!(r.screen().contains("It lies ahead"), "{}", r.screen());
    r.keys("a").text("Posters to the shops").keys("tab").text("abr").keys("tab").text("+2w").keys("ctrl-s enter");
    assert!(r.screen().contains("Posters to the shops: A. Brown"), "{}", r.screen());
    r.keys("M");
    assert!(r.screen().contains("No meeting is planned"), "{}", r.screen());
    drop(r);

    // Two days later Today asks, and x says how it was.
    let mut session = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
    session.set_clock(Box::new(FixedClock(session.now() + chrono::TimeDelta::days(3))));
    let mut r = run(session, 80);
    assert!(r.screen().contains("Not marked as held: school"), "{}", r.screen());
    r.keys("9 x").text("many");
    r.keys("ctrl-s");
    assert!(r.screen().contains("has no number"), "{}", r.screen());
    r.keys("ctrl-u").text("f 0-11: 12, unknown: 30");
    assert!(r.screen().contains("42 came"), "{}", r.screen());
    r.keys("tab").text("who-to-call: 40 12 33").keys("ctrl-s");
    assert!(r.screen().contains("42 came, 1 to"), "{}", r.screen());
    r.keys("enter");
    let screen = r.screen();
    assert!(screen.contains("Who came: 42") && screen.contains("12  female, up to 11"), "{screen}");
    let state = r.app.cx.open_session().state();
    assert_eq!(Event::all(state).first().map(|event| event.phase()), Some(Phase::Counted));
    assert!(r.keys("pagedown").screen().contains("12 → 33"), "{}", r.screen());
}

#[test]
fn a_training_by_keys_takes_a_need_away() {
    let mut r = run(team(&MemoryDisk::new(), 1), 100);
    r.keys("9 tab");
    let screen = r.screen();
    assert!(screen.contains("Data protection") && screen.contains("none yet"), "{screen}");
    assert!(screen.contains("No training is on record. n writes one down"), "{screen}");
    r.keys("n").text("data").keys("tab").text("yesterday").keys("tab space ctrl-s");
    let screen = r.screen();
    assert!(screen.matches("none yet").count() == 1 && screen.contains("until Nov 2027"), "{screen}");
    assert_eq!(Training::all(r.app.cx.open_session().state()).len(), 1);
    r.keys("4");
    assert!(r.screen().contains("Training") && r.screen().contains("none yet"), "{}", r.screen());
}
