//! Opens the terminal front end: theme, desk, shell, loop.

use std::path::PathBuf;

use crate::error::Result;
use crate::session::Session;

use super::app::App;
use super::desk::Desk;
use super::keymap::Keymap;
use super::shell::MahoeShell;
use super::terminal;
use super::theme::{Env, Theme};

pub use super::reach::{keys_markdown, ops_markdown};

/// What the front end starts with.
pub struct Start {
    /// The vault's folder.
    pub root: PathBuf,
    /// A session that is open already (the demo); else the vault is unlocked, or made, on the screen.
    pub session: Option<Session>,
    /// Whose handle the unlock screen suggests.
    pub handle: Option<String>,
    /// Where this computer keeps its marks of vaults; `None` for none.
    pub marks: Option<PathBuf>,
    /// No colours, whatever the terminal can show.
    pub no_color: bool,
    /// The program's own demo: it can't be unlocked again, so locking blanks the screen instead.
    pub demo: bool,
}

/// Runs the front end until it is left.
///
/// # Errors
/// As [`terminal::run`].
pub fn run(start: Start) -> Result<()> {
    let mut env = Env::read();
    env.no_color |= start.no_color;
    let mut desk = match start.session {
        Some(session) => Desk::open(session),
        None => Desk::locked(start.root),
    };
    desk.handle = start.handle;
    desk.marks = start.marks;
    desk.demo = start.demo;
    let mut app = App::new(desk, MahoeShell::default(), Keymap::standard(), Theme::detect(&env));
    terminal::run(&mut app, false)
}

/// The keys of each place on the screen, as people read them, for `mahoe manual --card`: the place, then key and
/// meaning.
pub fn keys() -> Vec<(&'static str, Vec<(String, String)>)> {
    const PLACES: &[(&str, &str)] = &[
        ("Everywhere, also while typing", "everywhere"),
        ("On every screen", "global"),
        ("In a list", "list"),
        ("Today", "today"),
        ("Cases", "cases"),
        ("One case", "case"),
        ("Actions", "actions"),
        ("In a form", "form"),
    ];
    let keymap = Keymap::standard();
    let rows = |context: &str| {
        let bound = keymap.bound(&[context]).into_iter();
        bound.map(|row| (row.label(), row.binding.says.clone())).collect::<Vec<_>>()
    };
    let places = PLACES.iter().map(|(title, context)| (*title, rows(context)));
    places.filter(|(_, rows)| !rows.is_empty()).collect()
}
