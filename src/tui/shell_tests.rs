use super::super::keymap::COMMANDS;
use super::super::screens::tests::stage;
use super::*;

#[test]
fn each_number_opens_the_screen_that_its_command_names() {
    let map = crate::tui::keymap::Keymap::standard();
    for (at, screen) in SCREENS.iter().enumerate() {
        // The tenth has the key 0.
        assert_eq!(screen.command, format!("screen.{}", (at + 1) % 10));
        let spec = COMMANDS.iter().find(|spec| spec.name == screen.command).expect("a command");
        assert!(spec.says.starts_with(screen.name), "{}", spec.says);
        let mut pending = Vec::new();
        let chord = number(screen.command).parse().expect("a key");
        assert_eq!(
            map.press(&["global"], &mut pending, chord),
            crate::tui::keymap::Match::Command(screen.command.to_owned())
        );
    }
    assert!(!COMMANDS.iter().any(|spec| spec.name == format!("screen.{}", SCREENS.len() + 1)));
}

#[test]
fn the_mirror_follows_a_commit_within_a_second() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    r.wait(Duration::from_secs(2));
    assert!(!r.app.cx.open_session().vault().needs_settling());
    r.keys("j x");
    r.wait(Duration::from_secs(1));
    assert!(!r.app.cx.open_session().vault().needs_settling());
}

#[test]
fn idle_locks_and_drops_the_keys() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    let minutes = u64::from(r.app.cx.open_session().pack().limits.idle_minutes);
    r.wait(Duration::from_secs(minutes * 60 - 10));
    assert!(r.app.cx.session().is_some());
    r.wait(Duration::from_secs(20));
    assert!(r.app.cx.session().is_none());
    assert!(!r.screen().contains("Medical check"), "{}", r.screen());
    assert_eq!(r.app.deadline(), None, "a locked program sleeps");
}

#[test]
fn lock_works_at_once_also_from_a_blank_screen_and_from_a_form() {
    for keys in ["ctrl-l", "F9 ctrl-l", "j z ctrl-l"] {
        let mut stage = stage(80, 24);
        stage.runner.keys(keys);
        assert!(stage.runner.app.cx.session().is_none(), "{keys}");
        assert!(!stage.runner.screen().trim().is_empty(), "{keys}");
    }
}

#[test]
fn the_demo_blanks_in_the_place_of_locking() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    r.app.cx.demo = true;
    r.keys("ctrl-l");
    assert!(r.app.cx.session().is_some());
    assert_eq!(r.screen().trim(), "");
    r.keys("F9 q");
    assert!(r.screen().contains("Leave the demo?"), "{}", r.screen());
}

#[test]
fn once_all_is_checked_only_the_minutes_wake_it() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    r.wait(Duration::from_secs(30));
    let frames = r.frames();
    r.wait(Duration::from_secs(120));
    assert!(r.frames() - frames <= 3, "{}", r.frames() - frames);
}

#[test]
fn leaving_asks() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    r.keys("q");
    assert!(r.screen().contains("Leave mahoe?"), "{}", r.screen());
    r.keys("n");
    assert!(!r.ended());
    r.keys("q y");
    assert!(r.ended());
}

#[test]
fn a_computer_that_has_slept_wakes_locked() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    r.keys("j");
    let later = crate::testing::team::morning() + chrono::TimeDelta::hours(2);
    r.app.cx.open_session_mut().set_clock(Box::new(crate::session::FixedClock(later)));
    r.keys("j");
    assert!(r.app.cx.session().is_none(), "{}", r.screen());
}

#[test]
fn the_header_stands_while_a_job_has_the_session_and_goes_with_the_keys() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    let shell = MahoeShell::default();
    let before = shell.header(&r.app.cx);
    let session = r.app.cx.take_session().expect("a session");
    assert_eq!(shell.header(&r.app.cx), before);
    r.app.cx.put_back(session);
    let mut shell = shell;
    shell.drop_keys(&mut r.app.cx);
    assert_eq!(shell.header(&r.app.cx), Header::default());
}

#[test]
fn a_live_meeting_goes_blank_first_and_locks_much_later() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    let when = r.app.cx.open_session().now() + chrono::TimeDelta::hours(1);
    let plan = crate::ops::MeetingNew { when, place: "parish office".into(), ..crate::ops::MeetingNew::default() };
    r.app.cx.open_session_mut().run(plan).expect("planned");
    r.keys("7 enter B y p esc l");
    assert!(r.screen().contains("item 1 of 1"), "{}", r.screen());
    let limits = &r.app.cx.open_session().pack().limits;
    let (idle, blank, lock) = (limits.idle_minutes, limits.live_blank_minutes, limits.live_lock_minutes);
    let seconds = |minutes: u32| u64::from(minutes) * 60;
    r.wait(Duration::from_secs(seconds(blank) - 10));
    assert!(r.screen().contains("item 1 of 1"), "{}", r.screen());
    r.wait(Duration::from_secs(20));
    assert_eq!(r.screen().trim(), "", "it goes blank");
    let frames = r.frames();
    r.wait(Duration::from_secs(seconds(idle.max(blank)) - seconds(blank)));
    assert!(r.app.cx.session().is_some(), "people talk: it doesn't lock");
    assert!(r.frames() - frames <= usize::try_from(idle).unwrap_or(0) + 2, "it sleeps while it is blank");
    r.keys("F9");
    assert!(r.screen().contains("item 1 of 1"), "{}", r.screen());
    r.wait(Duration::from_secs(seconds(lock) + 10));
    assert!(r.app.cx.session().is_none() && r.app.cx.room().is_none());
}

#[test]
fn in_the_room_no_other_screen_is_offered() {
    let mut stage = stage(80, 24);
    let r = &mut stage.runner;
    let when = r.app.cx.open_session().now() + chrono::TimeDelta::hours(1);
    let plan = crate::ops::MeetingNew { when, ..crate::ops::MeetingNew::default() };
    r.app.cx.open_session_mut().run(plan).expect("planned");
    r.keys("7 enter B y p esc");
    let screen = r.screen();
    assert!(screen.contains(": live meeting") && !screen.contains("2 Cases"), "{screen}");
    assert!(screen.contains("? all keys"), "{screen}");
    // Left, the screens are back, and Today leads to it again.
    r.keys("esc y 1");
    let screen = r.screen();
    assert!(screen.contains("2 Cases") && screen.contains("A meeting is running"), "{screen}");
    r.keys("enter");
    assert!(r.screen().contains(": live meeting"), "{}", r.screen());
}
