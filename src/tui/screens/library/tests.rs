//! The library by keys alone: found, read, written, made one's own.

use crate::domain::library::{Index, Page};
use crate::session::Session;
use crate::testing::Runner;
use crate::testing::team::team;
use crate::tui::app::App;
use crate::tui::desk::Desk;
use crate::tui::keymap::Keymap;
use crate::tui::shell::MahoeShell;
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::vault::disk::MemoryDisk;

fn run(session: Session) -> Runner<Desk> {
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    Runner::new(App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme), 80, 24)
}

#[test]
fn pages_are_found_by_any_word_and_read() {
    let mut r = run(team(&MemoryDisk::new(), 1));
    r.keys("0");
    let screen = r.screen();
    assert!(screen.contains("Your own rules, numbers and forms belong here"), "{screen}");
    assert!(screen.contains("0 Library"), "{screen}");
    r.keys("/").text("72 commissioner").keys("enter");
    assert!(r.screen().contains("1/1"), "{}", r.screen());
    r.keys("enter");
    let screen = r.screen();
    assert!(screen.contains("When data got out") && screen.contains("part of the program"), "{screen}");
    assert!(screen.contains("1. the facts: what happened"), "{screen}");
    r.keys("/").text("not sealed").keys("enter");
    assert!(r.screen().contains("Paper and pictures are not sealed"), "it scrolls to what was found: {}", r.screen());
    r.keys("esc esc esc");
    assert!(r.screen().contains("Part of the program"), "{}", r.screen());
    r.keys("/").text("nowordlikethis");
    assert!(r.screen().contains("No page has all of these words"), "{}", r.screen());
}

#[test]
fn a_team_writes_its_own_version_and_takes_it_out_again() {
    let mut r = run(team(&MemoryDisk::new(), 1));
    r.keys("0 n").text("Night duty").keys("tab").text("# Who").keys("enter").text("- *A. Brown*").keys("ctrl-s");
    assert!(r.screen().contains("Night duty"), "{}", r.screen());
    r.keys("home enter");
    assert!(r.screen().contains("• A. Brown") && r.screen().contains("the team's own"), "{}", r.screen());
    r.keys("esc down e");
    assert!(r.screen().contains("Our own version: How to report"), "{}", r.screen());
    r.keys("ctrl-u").text("How we report").keys("ctrl-s");
    let screen = r.screen();
    assert!(screen.contains("How we report") && screen.contains("own version"), "{screen}");
    r.keys("home D");
    assert!(r.screen().contains("Take the page \"How we report\" out"), "{}", r.screen());
    r.keys("y");
    assert!(!r.screen().contains("How we report"), "{}", r.screen());
    r.keys("u");
    assert!(r.screen().contains("How we report"), "{}", r.screen());
    r.keys("end D");
    assert!(r.screen().contains("It is part of the program"), "{}", r.screen());
}

#[test]
fn a_large_library_is_searched() {
    let body = "The river is high and the road is long. ".repeat(400);
    let titles: Vec<String> = (0..1_000).map(|number| format!("Page {number}")).collect();
    let page = |title| Page { item: None, name: "x", title, tags: "", source: "", date: None, body: &body };
    let mut pages: Vec<Page<'_>> = titles.iter().map(|title| page(title.as_str())).collect();
    pages.push(Page { body: "It blooms once. The road is long.", ..page("Mahoe") });
    let index = Index::new(&pages);
    assert_eq!(index.find(&pages, "road blooms")[0].at, 1_000);
    assert_eq!(index.find(&pages, "river").len(), 1_000);
}
