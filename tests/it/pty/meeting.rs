//! A whole meeting of the demo parish at a terminal: agenda, attendance, items, end, minutes approved and sent.

use super::Terminal;
use super::demo::{ESC, demo, past_the_tour};

const SAVE: &str = "\x13";

/// Leaves what lies over the screen.
fn leave(terminal: &mut Terminal, title: &str) {
    terminal.press(ESC).until(&format!("{title} is left"), |screen| !screen.contains(title));
}

#[test]
fn a_meeting_from_its_agenda_to_sent_minutes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = demo(24, 80, &folder, &[]);
    past_the_tour(&mut terminal);
    terminal.shows("on the agenda").press("7").shows("Recurring");
    terminal.press("\r").shows("chair A. Brown").shows("actions of last time are not finished");

    terminal.press("B").shows("Read aloud").shows("Enter yes").press("y").shows("Attendance: 0 here");
    for here in 1..=3 {
        terminal.press("p").shows(&format!("Attendance: {here} here"));
    }
    terminal.press("a").shows("1 with apologies");
    leave(&mut terminal, "┌ Attendance");
    terminal.shows("Saint Ann MDT: live meeting").until("no other screen is offered", |it| !it.contains("7 Meetings"));

    terminal.press("l").shows("item 1 of").shows("From last time").shows("? open");
    terminal.press("c").shows("→ carried on");
    terminal.press("d").shows("┌ Decision").paste("The plan goes on for two weeks").press(SAVE);
    terminal.shows("D  The plan goes on for two weeks");
    terminal.press("a").shows("┌ Action").paste("Letter to the school").press("\t").press("mo").shows("▌MOH");
    terminal.press("\t").press("+2w").shows("in 14 days").press(SAVE).shows("A  Letter to the school: MOH");
    terminal.press("v").shows("views: case").paste("I want to sing in the choir").press(SAVE);
    terminal.shows("V  the child's views, written down");
    assert!(!terminal.screen().contains("choir"), "never shown to a room: {}", terminal.screen());
    terminal.press("l").shows("item 2 of").press("p").shows("item 3 of");

    terminal
        .press("E")
        .shows("not dealt with")
        .shows("Enter yes")
        .press("y")
        .shows("Who does what by when")
        .shows("Letter to the school");
    leave(&mut terminal, "Who does what by when");
    terminal.shows("7 Meetings").shows("A approve").press("M").shows("┌ Minutes").shows("Minutes: regular review");
    leave(&mut terminal, "┌ Minutes");
    terminal.press("A").shows("Approve these minutes?").press("y").shows("minutes approved");
    terminal.press("S").shows("are sent").paste("9 numbered copies").press(SAVE).shows("minutes sent");
    terminal.press(ESC).shows("Recurring").press("q").shows("Leave the demo?").press("y");
    assert_eq!(terminal.ends(), 0, "{}", terminal.screen());
}
