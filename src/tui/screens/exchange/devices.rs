//! The team's own devices: which copies of the vault there are, what they lack, how one more begins, and the sync that
//! keeps them the same.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::bundle::words::one_time;
use crate::domain::clean;
use crate::error::{Kind, Result};
use crate::session::Session;
use crate::session::exchange::{CopyInfo, Since};
use crate::text::counted;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::Effect;
use crate::tui::forms::{Field, Form, FormLayer, Wrong};
use crate::tui::layers::Effects;
use crate::tui::overlays::Page;
use crate::tui::places;
use crate::tui::screens::busy;
use crate::tui::theme::Role;
use crate::tui::widgets::{Line, cell};
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::seal::OsEntropy;

use super::errands::written;
use super::plan;
use super::rows::{About, Entry, item, when};

/// The copies as lines: this one first.
pub(super) fn rows(desk: &Desk, copies: &[CopyInfo]) -> Vec<Entry> {
    let this = [desk.my_name().into(), cell("this computer", Role::Text), "writes here".into(), "".into()];
    let mut out = vec![item(About::Devices, this)];
    out.extend(copies.iter().map(|copy| {
        let (state, role) = match (copy.lacks, copy.ahead) {
            (0, 0) => ("up to date", Role::Done),
            (_, 1..) => ("! newer there", Role::Soon),
            _ => ("lacks some", Role::Soon),
        };
        let cells = [
            clean::line_owned(&copy.name).into(),
            cell(state, role),
            holdings(copy).into(),
            when(desk, Some(copy.heard)).into(),
        ];
        item(About::Devices, cells)
    }));
    out.extend(desk.open_session().doubted_devices().into_iter().map(|(device, name)| {
        let what = "let in by who had left: Enter lets it write";
        let cells = [clean::line_owned(&name).into(), cell("! set aside", Role::Soon), what.into(), "".into()];
        item(About::Doubted(device), cells)
    }));
    out
}

/// "lacks 12 entries; has 3 that are not here yet".
fn holdings(copy: &CopyInfo) -> String {
    let entries = |count: u64| counted(usize::try_from(count).unwrap_or(usize::MAX), "entry", "entries");
    match (copy.lacks, copy.ahead) {
        (0, 0) => "holds all that is here".to_owned(),
        (lacks, 0) => format!("lacks {}: s", entries(lacks)),
        (0, ahead) => format!("has {} more: sync there, then i here", entries(ahead)),
        (lacks, ahead) => format!("lacks {}, has {} more: s, both ways", entries(lacks), entries(ahead)),
    }
}

/// Every copy and every device, on a page.
pub(super) fn page(desk: &Desk, copies: &[CopyInfo]) -> Page {
    let day = |millis: Option<i64>| when(desk, millis.and_then(DateTime::<Utc>::from_timestamp_millis));
    let mut lines = vec![Line::new("Copies of this vault", Role::Title)];
    lines.push("This one.".into());
    lines.extend(copies.iter().map(|copy| {
        let (name, heard) = (clean::line_owned(&copy.name), when(desk, Some(copy.heard)));
        format!("Another, heard of by {name} {heard}: {}", holdings(copy)).into()
    }));
    if copies.is_empty() {
        lines.push(Line::new("No other has told what it holds. n begins one; a sync from there tells.", Role::Dim));
    }
    lines.push("".into());
    lines.push(Line::new("Devices that write for the team", Role::Title));
    lines.extend(desk.open_session().devices().iter().map(|device| {
        let id: String = device.id.to_string().chars().take(8).collect();
        let who = if device.name.is_empty() { "recovery sheet".into() } else { clean::line_owned(&device.name) };
        let last =
            if device.last.is_none() { "has written nothing".to_owned() } else { format!("last {}", day(device.last)) };
        let this = if device.this { "  this one" } else { "" };
        let role = if device.this { Role::Accent } else { Role::Text };
        Line::new(format!("{id}  {who}, since {}, {last}{this}", day(device.since)), role)
    }));
    Page::new("Your team's devices", lines)
}

/// Writes what the other copies lack into a folder.
pub(super) fn sync(folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let made = session.sync_bundle(Since::Told)?;
        let name = format!("own-{}.mahoe", session.vault().config().parish);
        let path = places::write(&folder, &name, &made.bytes, tell);
        let path = path.map_err(|error| plan::io("The sync can't be written", &error))?;
        Ok((made.says, path))
    };
    busy::then("Gathering what the other devices lack", work, move |(says, path), desk| {
        desk.keep_place(&place);
        let then = "There: Exchange, then i; and the same back from there with s.";
        vec![Effect::info(format!("{says} {} {then}", written(drive, "The sync", &path)))]
    })
}

/// Asks for the passphrase anew, since the file lets somebody in; then makes it.
pub(super) fn ask_passphrase(folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let form = Form::new("A copy on another computer", vec![Field::passphrase("old", "Your passphrase").required()])
        .notice(
            "Is a projector on? Turn it off first. The file lets you in on another computer, with words that are shown \
             once after this and with your passphrase.",
        );
    let save = move |_: &_, secrets: &mut crate::tui::forms::Secrets, _: &mut Desk| {
        let typed = secrets.remove("old").unwrap_or_default();
        let passphrase = Passphrase::new(&typed);
        let passphrase = passphrase.map_err(|_| Wrong::field("old", "Type the passphrase that you have now."))?;
        Ok(begin_copy(folder.clone(), drive.clone(), passphrase))
    };
    vec![Effect::push("form", FormLayer::new(form, save))]
}

fn begin_copy(folder: PathBuf, drive: Option<String>, passphrase: Passphrase) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let words = one_time(&mut OsEntropy);
        // A wrong passphrase is no failure of the work: it says so, and nothing was made.
        let file = match session.device_file(&passphrase, &Passphrase::new(&words)?) {
            Err(error) if error.kind == Kind::Locked => return Ok(Err(error)),
            made => made?,
        };
        let name = format!("new-device-{}.mahoe", session.vault().config().parish);
        let path = places::write(&folder, &name, &file, tell);
        let path = path.map_err(|error| plan::io("The file can't be written", &error))?;
        Ok(Ok((words.as_str().to_owned(), path)))
    };
    busy::then("Making the file", work, move |made: Result<_>, desk| match made {
        Err(error) => vec![Effect::refused(error_text(&error))],
        Ok((words, path)) => {
            desk.keep_place(&place);
            let lines = vec![
                written(drive, "The file", &path).into(),
                "".into(),
                "Write these words down: they are shown once.".into(),
                "".into(),
                Line::new(format!("  {words}"), Role::Accent),
                "".into(),
                "Carry them apart from the file. On the other computer start mahoe: Ctrl-O on its first screen asks for the \
                 file, for the words and for your passphrase (or: mahoe device join FILE)."
                    .into(),
                "Delete the file when the copy stands. Then sync both ways: s here, i there, and back.".into(),
            ];
            vec![Effect::push("words", Page::new("A copy on another computer", lines))]
        }
    })
}
