//! `mahoe demo` at a terminal.

use super::Terminal;

pub(super) const ESC: &str = "\x1b";
const F9: &str = "\x1b[20~";

/// The demo, with its throw-away folder inside another.
pub(super) fn demo(rows: u16, cols: u16, folder: &tempfile::TempDir, more: &[(&str, &str)]) -> Terminal {
    let temp = folder.path().display().to_string();
    let variables = [&[("TMPDIR", temp.as_str()), ("TMP", temp.as_str()), ("TEMP", temp.as_str())], more].concat();
    Terminal::new(rows, cols, &["demo"], &variables)
}

fn is_empty(folder: &tempfile::TempDir) -> bool {
    std::fs::read_dir(folder.path()).expect("a folder").next().is_none()
}

/// Leaves the tour that the demo begins with.
pub(super) fn past_the_tour(terminal: &mut Terminal) {
    terminal.shows("leave the tour").press(ESC);
    terminal.until("the tour is left", |screen| !screen.contains("leave the tour"));
}

#[test]
fn a_newcomer_looks_round_and_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = demo(24, 80, &folder, &[]);
    past_the_tour(&mut terminal);
    terminal.shows("PRACTICE: nothing here is kept, no real child").shows("Today").shows("Late");
    assert!(terminal.shown.screen().alternate_screen(), "a screen of its own");
    terminal.press("\r").shows("Overview").shows("Timeline");
    terminal.press("?").shows("┌ Keys");
    terminal.press(ESC).until("the help is left", |screen| !screen.contains("┌ Keys"));
    terminal.press(F9).until("a blank screen", |screen| !screen.contains("Overview") && !screen.contains("06-"));
    terminal.press(F9).shows("Overview");
    terminal.press(ESC).shows("To be completed");
    terminal.press("q").shows("Leave the demo?").press("y");
    assert_eq!(terminal.ends(), 0, "{}", terminal.screen());
    let screen = terminal.shown.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "given back as it was");
    assert!(!terminal.screen().contains("06-"), "nothing of it stays on the terminal: {}", terminal.screen());
    assert!(is_empty(&folder), "the vault is thrown away");
}

#[test]
fn without_colours_there_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = demo(24, 80, &folder, &[("NO_COLOR", "1")]);
    past_the_tour(&mut terminal);
    terminal.shows("Late").press("q").shows("Leave the demo?").press("y");
    assert_eq!(terminal.ends(), 0);
    let text = String::from_utf8_lossy(&terminal.bytes).into_owned();
    for sequence in text.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m')).map(|(inside, _)| inside) {
        if !sequence.bytes().all(|b| b.is_ascii_digit() || b == b';') {
            continue;
        }
        for number in sequence.split(';').filter_map(|number| number.parse::<u16>().ok()) {
            // 39 and 49 are the terminal's own colours.
            let colour = matches!(number, 30..=38 | 40..=48 | 90..=97 | 100..=107);
            assert!(!colour, "a colour: ESC[{sequence}m");
        }
    }
}

#[test]
fn a_tiny_terminal_says_what_it_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = demo(5, 20, &folder, &[]);
    terminal.until("what to do", |screen| screen.to_lowercase().contains("enlarge the window"));
    terminal.press("q").press("y");
}
