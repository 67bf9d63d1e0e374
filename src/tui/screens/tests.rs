//! Today and Actions, driven by keys on a small team in memory.

use std::time::Duration;

use crate::domain::ids::ItemId;
use crate::domain::today::opens_on_team;
use crate::testing::{Runner, team};
use crate::tui::app::App;
use crate::tui::desk::Desk;
use crate::tui::keymap::Keymap;
use crate::tui::shell::MahoeShell;
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::vault::disk::MemoryDisk;

/// A team with one case and three actions, and the program on it.
pub struct Stage {
    pub runner: Runner<Desk>,
    pub case: ItemId,
}

pub fn stage(width: u16, height: u16) -> Stage {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 7);
    let case = team::case(&mut session, "Fern Riverstone was not seen at school for two weeks");
    team::action(&mut session, case, "Visit the home with the school", 0);
    team::action(&mut session, case, "Medical check", 2);
    team::action(&mut session, case, "Letter to Fern Riverstone's school", 40);
    let theme = Theme::new(ThemeName::Dark, Depth::None, Symbols::WGL4);
    let app = App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme);
    Stage { runner: Runner::new(app, width, height), case }
}

/// The open actions by text.
fn open_actions(runner: &Runner<Desk>) -> usize {
    use crate::domain::field::ItemKind;
    use crate::domain::views::Action;
    let state = runner.app.cx.open_session().state();
    state.items(ItemKind::Action).map(Action).filter(|action| action.is_open()).count()
}

fn line(screen: &str, with: &str) -> String {
    screen.lines().find(|line| line.contains(with)).unwrap_or_default().to_owned()
}

#[test]
fn today_at_eighty() {
    let mut stage = stage(80, 24);
    let screen = stage.runner.screen();
    println!("{screen}");
    assert!(screen.contains("Sunday 22 November 2026"));
    assert!(screen.contains("PRACTICE: nothing here is kept, no real child"), "{screen}");
    assert!(line(&screen, "1 Today").contains("2 Cases  3 Actions  4 Team  5 Vault"), "{screen}");
    assert!(screen.contains("A. Brown · masked"), "{screen}");
    assert!(line(&screen, "Visit the home with the school").contains("● high"), "{screen}");
    assert!(screen.contains("This week") && screen.contains("Tue 24 Nov"), "{screen}");
    assert!(screen.contains("more after that"), "what lies beyond 30 days is told as a number: {screen}");
    assert!(!screen.contains("Riverstone"), "{screen}");
    assert!(screen.contains("Only one person can open this vault"), "{screen}");
    let state = stage.runner.app.cx.open_session();
    assert!(opens_on_team(state.state(), state.me()));
}
