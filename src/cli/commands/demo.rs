//! `demo`: the screens on the sample parish, in a vault that is thrown away afterwards; Today as text where there is
//! no terminal.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::demo;
use crate::error::{AppError, Kind, Result};
use crate::session::{Place, Session};
use crate::tui::start::{self, Start};

use super::super::args::DemoArgs;
use super::super::{Cx, open, output};
use super::today::{self, TodayArgs};

/// Builds the sample parish and opens the screens on it.
///
/// # Errors
/// [`Kind::Refused`] if the folder is there already; [`Kind::Io`].
pub(in crate::cli) fn run(cx: &Cx<'_>, args: &DemoArgs) -> Result<()> {
    let (root, thrown_away) = match &args.keep {
        Some(folder) if folder.exists() => {
            return Err(AppError::new(
                Kind::Refused,
                format!("{} is there already.", folder.display()),
                "Give a folder that does not exist yet.",
            ));
        }
        Some(folder) => (folder.clone(), None),
        None => {
            let folder = throw_away()?;
            (folder.0.join("vault"), Some(folder))
        }
    };
    let clock = open::clock(cx.globals)?;
    let now = clock.now();
    let mut session = demo::build(Place::real(&root, clock), now)?;
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        session.settle()?;
        print(&session, cx.globals.json)?;
        return Ok(());
    }
    let handle = session.vault().handle().to_owned();
    output::practice(&session);
    let start = Start {
        root: root.clone(),
        session: Some(session),
        handle: Some(handle),
        marks: None,
        now: open::now(cx.globals)?,
        wishes: open::wishes(cx.globals),
        demo: true,
    };
    let ended = start::run(start);
    if let Some(folder) = thrown_away {
        drop(folder);
    } else {
        output::note(&format!("The practice vault is kept in {}.", root.display()));
    }
    ended
}

/// Today as text, where there is no terminal for the screens.
fn print(session: &Session, json: bool) -> Result<()> {
    let mut today = today::run(session, &TodayArgs { mine: false, all: false });
    if json {
        output::practice(session);
    } else {
        // With the text and not beside it: a print must say by itself that nothing in it is real.
        today.text = format!("{}\n\n{}", output::PRACTICE, today.text);
    }
    output::print(&today, json)
}

/// A folder that goes when this goes.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // A practice vault that can't be removed harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn throw_away() -> Result<Folder> {
    let mut random = [0; 8];
    getrandom::getrandom(&mut random)
        .map_err(|error| AppError::new(Kind::Io, format!("No randomness: {error}."), "Try again."))?;
    let name = format!("mahoe-demo-{:016x}", u64::from_le_bytes(random));
    let path = std::env::temp_dir().join(name);
    private_folder(&path).map_err(|error| open::io(&format!("make {}", path.display()), &error))?;
    Ok(Folder(path))
}

#[cfg(unix)]
fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir(path)
}
