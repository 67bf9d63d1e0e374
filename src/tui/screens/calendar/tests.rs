//! The calendar by keys: days, months, weeks, and the way from a day to what stands on it.

use chrono::TimeDelta;

use crate::domain::field::ItemKind;
use crate::domain::ids::ItemId;
use crate::domain::meeting::Meeting;
use crate::ops::{MeetingNew, SeriesAdd};
use crate::session::Session;
use crate::testing::Runner;
use crate::testing::team::{action, case, team};
use crate::tui::app::App;
use crate::tui::desk::Desk;
use crate::tui::keymap::Keymap;
use crate::tui::shell::MahoeShell;
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::vault::disk::MemoryDisk;

fn run(session: Session, width: u16, height: u16) -> Runner<Desk> {
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    let app = App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme);
    let mut runner = Runner::new(app, width, height);
    runner.keys("8");
    runner
}

/// Sunday 22 November 2026: a case with two actions on Wednesday, a meeting on Tuesday, a series.
fn planned() -> (Session, ItemId) {
    let mut session = team(&MemoryDisk::new(), 1);
    let case = case(&mut session, "Not seen at school for two weeks");
    action(&mut session, case, "Visit Fern Riverstone at home", 3);
    action(&mut session, case, "Call the school", 3);
    let when = session.now() + TimeDelta::days(2);
    session.run(MeetingNew { when, place: "parish office".into(), ..MeetingNew::default() }).expect("planned");
    let series = SeriesAdd {
        rule: "second tuesday".into(),
        time: 570,
        kind: String::new(),
        place: String::new(),
        chair: None,
        scribe: None,
        standing: Vec::new(),
        from: None,
    };
    session.run(series).expect("it recurs");
    (session, case)
}

/// The screen, with one word in the place of every code.
fn shown(r: &Runner<Desk>) -> String {
    let state = r.app.cx.open_session().state();
    let mut text = r.screen();
    for (kind, word) in [(ItemKind::Meeting, "M-CODE"), (ItemKind::Case, "06-CODE")] {
        for item in state.items(kind) {
            let code = state.code(item.id).to_string();
            text = text.replace(&code, &format!("{word:<width$}", width = code.len()));
        }
    }
    text
}

#[test]
fn a_month_shows_what_stands_on_its_days() {
    for (width, height) in [(60, 18), (80, 24), (120, 36)] {
        let (session, _) = planned();
        let mut r = run(session, width, height);
        insta::assert_snapshot!(format!("month_{width}x{height}"), shown(&r));
        r.keys("pagedown");
        assert!(r.screen().contains("December 2026") && r.screen().contains("Tue 22 Dec"), "{}", r.screen());
        assert!(r.screen().contains("25h"), "Christmas is a holiday: {}", r.screen());
    }
}

#[test]
fn keys_move_by_day_week_and_month() {
    let (session, _) = planned();
    let mut r = run(session, 80, 24);
    for (keys, day) in [
        ("right", "Mon 23 Nov, tomorrow"),
        ("down", "Mon 30 Nov"),
        ("right", "Tue 1 Dec"),
        ("pageup", "Sun 1 Nov"),
        ("left", "Sat 31 Oct"),
        ("t", "Sun 22 Nov, today"),
        ("k l", "Mon 16 Nov"),
        ("t pagedown pagedown", "Fri 22 Jan"),
    ] {
        r.keys(keys);
        assert!(r.screen().contains(day), "{keys}: {}", r.screen());
    }
    assert!(r.screen().contains("January 2027"), "{}", r.screen());
}

#[test]
fn enter_opens_what_stands_on_a_day() {
    let (session, case) = planned();
    let code = session.state().code(case).to_string();
    let mut r = run(session, 80, 24);
    r.keys("t pageup enter");
    assert!(r.screen().contains("Nothing stands on Thu 22 Oct."), "{}", r.screen());
    // One thing is opened at once, several are gone through first.
    r.keys("t right right enter");
    assert!(r.screen().contains("new since the last meeting"), "the meeting's agenda: {}", r.screen());
    r.keys("esc right");
    assert!(r.screen().contains("D2") && r.screen().contains("Visit [child] at home"), "{}", r.screen());
    assert!(!r.screen().contains("Riverstone"), "names stay masked: {}", r.screen());
    r.keys("enter down");
    assert!(r.screen().contains("2/2"), "{}", r.screen());
    r.keys("enter");
    assert!(r.screen().contains("Overview") && r.screen().contains(&code), "{}", r.screen());
    r.keys("esc esc");
    assert!(r.screen().contains("November 2026") && !r.screen().contains("2/2"), "{}", r.screen());
}

#[test]
fn a_week_and_what_is_to_come_are_lists() {
    let (session, _) = planned();
    let mut r = run(session, 80, 24);
    r.keys("right tab");
    insta::assert_snapshot!("week", shown(&r));
    r.keys("down down");
    assert!(r.screen().contains("› Wed 25 Nov"), "the day follows the line: {}", r.screen());
    r.keys("pagedown");
    assert!(r.screen().contains("Week of 21 December 2026") && r.screen().contains("Christmas"), "{}", r.screen());
    r.keys("t tab");
    assert!(r.screen().contains("From 22 November 2026"), "{}", r.screen());
    assert!(
        r.screen().contains("09:30 –") && r.screen().contains("second tuesday"),
        "later of a series: {}",
        r.screen()
    );
    r.keys("/").text("call the").keys("enter");
    assert!(r.screen().contains("1/1") && !r.screen().contains("parish office"), "{}", r.screen());
    r.keys("esc tab");
    assert!(r.screen().contains("M meeting"), "the month again: {}", r.screen());
}

#[test]
fn n_plans_a_meeting_on_the_chosen_day() {
    let (session, _) = planned();
    let mut r = run(session, 80, 24);
    r.keys("left n");
    assert!(r.screen().contains("That day has passed"), "{}", r.screen());
    r.keys("right down right right n");
    assert!(r.screen().contains("1 Dec 2026 10:00"), "{}", r.screen());
    r.keys("ctrl-s");
    let state = r.app.cx.open_session().state();
    let days: Vec<String> = Meeting::all(state).iter().filter_map(|it| it.day()).map(|day| day.to_string()).collect();
    assert!(days.contains(&"2026-12-01".to_owned()), "{days:?} {}", r.screen());
    assert!(r.screen().contains("Tue 1 Dec") && r.screen().contains("10:00 M-"), "{}", r.screen());
}

#[test]
fn a_click_chooses_a_day_and_another_opens_it() {
    let (session, _) = planned();
    let mut r = run(session, 80, 24);
    let screen = r.screen();
    let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(" 23 ")).expect("the week");
    let x = line.find("25").expect("Wednesday");
    let (x, y) = (u16::try_from(x).expect("small"), u16::try_from(y).expect("small"));
    r.click(x, y);
    assert!(r.screen().contains("Wed 25 Nov"), "{}", r.screen());
    r.click(x, y);
    assert!(r.screen().contains("1/2"), "{}", r.screen());
}

#[test]
fn a_calendar_file_is_written_to_a_place_that_is_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let stick = crate::tui::places::Place { name: "KINGSTON".into(), path: folder.path().to_owned(), removable: true };
    let mut r = run(planned().0, 80, 24);
    r.app.cx.drives = std::sync::Arc::new(move || vec![stick.clone()]);
    r.keys("w");
    assert!(r.screen().contains("whose?"), "{}", r.screen());
    r.text("team").keys("enter");
    assert!(r.screen().contains("The calendar file: where to?") && r.screen().contains("KINGSTON"), "{}", r.screen());
    r.keys("enter");
    assert!(r.screen().contains("on KINGSTON as"), "{}", r.screen());
    let file = std::fs::read_dir(folder.path()).expect("a folder").next().expect("a file").expect("readable");
    let text = std::fs::read_to_string(file.path()).expect("text");
    assert!(text.starts_with("BEGIN:VCALENDAR") && !text.contains("Riverstone"), "{text}");
}
