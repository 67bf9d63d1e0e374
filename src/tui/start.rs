//! Opens the terminal front end: theme, desk, shell, loop.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::session::Session;

use super::app::App;
use super::desk::Desk;
use super::effect::Toast;
use super::keymap::Keymap;
use super::paper_file;
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
    /// The moment that it is to be, for tests; else the computer's clock is used.
    pub now: Option<DateTime<Utc>>,
    /// How the person wants it.
    pub wishes: Wishes,
    /// The program's own demo: it can't be unlocked again, so locking blanks the screen instead.
    pub demo: bool,
}

/// How a person wants the front end.
pub struct Wishes {
    /// No colours, whatever the terminal can show.
    pub no_color: bool,
    /// Their own keys, read over those that ship.
    pub keymap: Option<KeymapFile>,
    /// Clicks and the wheel work; the terminal's own selection then needs Shift.
    pub mouse: bool,
}

/// A file of a person's own keys.
pub struct KeymapFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The person named it, so that it must be there.
    pub named: bool,
}

/// The largest keymap file that is read, in bytes: a page or two is usual.
const LARGEST_KEYMAP: u64 = 256 * 1024;

/// The keys: those that ship, with the person's own over them. If these can't be used, what is wrong with them.
fn keymap(file: Option<&KeymapFile>) -> (Keymap, Option<String>) {
    let mut keymap = Keymap::standard();
    let Some(file) = file else { return (keymap, None) };
    let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut text = String::new();
    let read = File::open(&file.path).and_then(|open| open.take(LARGEST_KEYMAP + 1).read_to_string(&mut text));
    let wrong = match read {
        Err(error) if error.kind() == ErrorKind::NotFound && !file.named => return (keymap, None),
        Err(error) => format!("{name} can't be read: {error}."),
        Ok(_) => match keymap.merge(&text) {
            Ok(()) => return (keymap, None),
            Err(errors) => {
                let more = if errors.len() > 1 { format!(" And {} more.", errors.len() - 1) } else { String::new() };
                let first = errors.first().map(ToString::to_string).unwrap_or_default();
                format!("{name}, {first}{more}")
            }
        },
    };
    (keymap, Some(format!("{wrong} Until it is put right the keys that ship are used.")))
}

/// Runs the front end until it is left.
///
/// # Errors
/// As [`terminal::run`].
pub fn run(start: Start) -> Result<()> {
    let mut env = Env::read();
    env.no_color |= start.wishes.no_color;
    let mut desk = match start.session {
        Some(session) => Desk::open(session),
        None => Desk::locked(start.root),
    };
    desk.handle = start.handle;
    desk.marks = start.marks;
    desk.demo = start.demo;
    desk.fixed_now = start.now;
    let (keymap, wrong) = keymap(start.wishes.keymap.as_ref());
    let mut app = App::new(desk, MahoeShell::default(), keymap, Theme::detect(&env));
    if let Some(wrong) = wrong {
        app.say(Toast::refused(wrong));
    }
    match paper_file::shred_left_overs(&app.cx.prints) {
        (0, 0) => {}
        (done, 0) => app.say(Toast::refused(format!(
            "A crash had left {done} printed page(s) in {}: overwritten and removed now.",
            app.cx.prints.display()
        ))),
        (_, stuck) => app.say(Toast::refused(format!(
            "{stuck} printed page(s) in {} can't be removed: delete the folders mahoe-print-… by hand.",
            app.cx.prints.display()
        ))),
    }
    terminal::run(&mut app, start.wishes.mouse)
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
        ("Exchange", "exchange"),
        ("What a bundle would bring", "plan"),
        ("Team", "team"),
        ("Vault health", "health"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_keys_are_read_or_told_to_be_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keymap.toml");
        let file = |named| KeymapFile { path: path.clone(), named };
        assert_eq!(keymap(Some(&file(false))).1, None, "nobody has to have one");
        assert!(keymap(Some(&file(true))).1.unwrap().contains("can't be read"));
        std::fs::write(&path, "[[today]]\nkeys = [\"d\"]\nrun = \"action.dune\"\n").unwrap();
        let (keys, wrong) = keymap(Some(&file(false)));
        let wrong = wrong.unwrap();
        assert!(wrong.starts_with("keymap.toml, line 3, column 7: there is no command `action.dune`"), "{wrong}");
        assert_eq!(keys.bound(&["today"]), Keymap::standard().bound(&["today"]));
        std::fs::write(&path, [0xFF, 0xFE, 0x00]).unwrap();
        assert!(keymap(Some(&file(false))).1.unwrap().contains("can't be read"));
        std::fs::write(&path, "#".repeat(300_000)).unwrap();
        assert!(keymap(Some(&file(false))).1.unwrap().contains("larger than"));
        std::fs::write(&path, "[[today]]\nkeys = [\"d\"]\nrun = \"action.done\"\n").unwrap();
        let (keys, wrong) = keymap(Some(&file(false)));
        assert_eq!(wrong, None);
        assert!(keys.bound(&["today"]).iter().any(|row| row.label().starts_with('d')));
    }
}
