//! Where the vault lies, who opens it, and what time it is.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::error::{AppError, Kind, Result};
use crate::session::{Clock, FixedClock, Place, Session, SystemClock};
use crate::tui::start::{KeymapFile, Wishes};
use crate::vault::disk::RealDisk;
use crate::vault::{self, config};

use super::args::Globals;
use super::{Cx, input};

/// The vault's folder: as given, or in the platform's data folder.
///
/// # Errors
/// [`Kind::Usage`] if the platform names no such folder.
pub fn root(globals: &Globals) -> Result<PathBuf> {
    if let Some(given) = &globals.vault {
        return Ok(given.clone());
    }
    let folders = directories::ProjectDirs::from("", "", "mahoe");
    folders.map(|folders| folders.data_dir().join("vault")).ok_or_else(|| {
        AppError::new(Kind::Usage, "This computer names no folder for data.", "Say where the vault lies: --vault DIR.")
    })
}

/// The person's own keys: the file that was named, or `keymap.toml` in the platform's folder for settings.
fn keymap(globals: &Globals) -> Option<KeymapFile> {
    if let Some(path) = &globals.keymap {
        return Some(KeymapFile { path: path.clone(), named: true });
    }
    let folders = directories::ProjectDirs::from("", "", "mahoe")?;
    Some(KeymapFile { path: folders.config_dir().join("keymap.toml"), named: false })
}

/// How the screens are wanted.
pub fn wishes(globals: &Globals) -> Wishes {
    Wishes { no_color: globals.no_color, keymap: keymap(globals), mouse: globals.mouse }
}

/// The clock: the computer's, or the moment that `--now` names.
///
/// # Errors
/// [`Kind::Usage`] if that is no moment.
pub fn clock(globals: &Globals) -> Result<Box<dyn Clock>> {
    Ok(match now(globals)? {
        Some(now) => Box::new(FixedClock(now)),
        None => Box::new(SystemClock),
    })
}

/// The moment that `--now` names.
///
/// # Errors
/// [`Kind::Usage`] if that is no moment.
pub fn now(globals: &Globals) -> Result<Option<DateTime<Utc>>> {
    let Some(now) = &globals.now else { return Ok(None) };
    let now = DateTime::parse_from_rfc3339(now)
        .map_err(|_| AppError::new(Kind::Usage, "--now is no moment.", "Write it like 2026-11-22T09:20:00-05:00."))?;
    Ok(Some(now.with_timezone(&Utc)))
}

/// Where and when.
///
/// # Errors
/// As [`root`] and [`clock`].
pub fn place(globals: &Globals) -> Result<Place> {
    Ok(Place { marks: marks(), ..Place::real(&root(globals)?, clock(globals)?) })
}

/// Where this computer remembers which vaults it has had open: `MAHOE_STATE`, or the platform's folder for such things.
pub fn marks() -> Option<PathBuf> {
    let given = std::env::var_os("MAHOE_STATE").filter(|given| !given.is_empty()).map(PathBuf::from);
    given.or_else(|| {
        let folders = directories::ProjectDirs::from("", "", "mahoe")?;
        Some(folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).join("marks"))
    })
}

/// Unlocks the vault for whoever is meant.
///
/// # Errors
/// [`Kind::Io`] if there is none; [`Kind::Locked`] without the right passphrase.
pub fn unlock(cx: &Cx<'_>) -> Result<Session> {
    let root = root(cx.globals)?;
    let place = place(cx.globals)?;
    if !root.join(config::FILE_NAME).exists() && !root.join("mirror").join(config::FILE_NAME).exists() {
        return Err(AppError::new(
            Kind::Io,
            format!("There is no vault in {}.", root.display()),
            "Start one with `mahoe init`, try `mahoe demo`, or say where it lies: --vault DIR.",
        ));
    }
    let config = vault::peek(&RealDisk, &root)?;
    let handle = match (&cx.globals.who, config.participants.as_slice()) {
        (Some(who), _) => who.clone(),
        (None, [only]) => only.handle.clone(),
        (None, several) if cx.asks => {
            let handles: Vec<&str> = several.iter().map(|line| line.handle.as_str()).collect();
            input::ask(&format!("Who are you ({})", handles.join(", ")))?
        }
        (None, several) => {
            let handles: Vec<&str> = several.iter().map(|line| line.handle.as_str()).collect();
            return Err(AppError::new(
                Kind::Usage,
                "Several people can unlock this vault.",
                format!("Say who: --as NAME, one of: {}.", handles.join(", ")),
            ));
        }
    };
    let passphrase = input::passphrase(cx, &handle)?;
    Session::unlock(place, &handle, &passphrase)
}

/// A refusal of the disk in words.
pub fn io(doing: &str, error: &std::io::Error) -> AppError {
    AppError::new(
        Kind::Io,
        format!("Could not {doing}: {error}."),
        "Check that it is there and that you may use it, then try again.",
    )
}
