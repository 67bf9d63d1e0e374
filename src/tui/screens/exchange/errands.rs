//! What is done with the place or the file that was chosen: taken in, written, put into a shared folder.
//!
//! Reading and writing is done on a thread that has the session meanwhile; it can be stopped, and leaves nothing half
//! done.

use std::path::{Path, PathBuf};

use crate::bundle::card::{Card, MAX_CARD};
use crate::bundle::person::PersonalCard;
use crate::domain::clean;
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Phase};
use crate::error::{AppError, Kind as ErrorKind, Result};
use crate::session::Session;
use crate::session::exchange::SyncTaken;
use crate::text::counted;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::layers::Effects;
use crate::tui::overlays::Page;
use crate::tui::places::{self, What};
use crate::tui::screens::{busy, doors};
use crate::tui::theme::Role;
use crate::tui::widgets::Line;

use super::{devices, plan, relay};

/// What a place or a file is chosen for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Take a bundle in.
    Take,
    /// Add another team's card.
    Card,
    /// Write a bundle of the outbox, by its file in the tray.
    Write {
        /// The file.
        name: String,
    },
    /// Write our own card.
    WriteCard,
    /// Put what waits in the outbox into a shared folder.
    Push,
    /// Fetch what lies for us in a shared folder.
    Pull,
    /// Write what our other devices lack.
    Sync,
    /// Write the file with which a copy begins on another computer.
    Device,
    /// Put a policy file in force.
    Policy,
    /// Seal the minutes of a meeting to those who were there, and write them.
    Minutes {
        /// The meeting.
        meeting: ItemId,
    },
    /// Write a calendar file for other programs.
    Calendar {
        /// Whose; everybody's, if not said.
        reader: Option<ItemId>,
    },
    /// Attach a file to a case.
    Attach {
        /// The case.
        case: ItemId,
    },
    /// Take the card that a member made for themselves.
    MemberCard {
        /// The member.
        member: ItemId,
    },
    /// Write a paper that one member alone can read.
    Paper {
        /// The member.
        member: ItemId,
    },
    /// Write a document of a case for somebody outside.
    Document {
        /// The document.
        document: ItemId,
    },
}

impl Errand {
    /// True if a folder is wanted, and no file.
    pub(super) const fn wants_folder(&self) -> bool {
        !matches!(self, Self::Take | Self::Card | Self::MemberCard { .. } | Self::Policy | Self::Attach { .. })
    }

    /// What is done in a folder once it is chosen.
    pub(super) const fn here(&self) -> &'static str {
        match self {
            Self::Push => "put it here",
            Self::Pull => "fetch from here",
            _ => "write here",
        }
    }

    pub(super) const fn title(&self) -> &'static str {
        match self {
            Self::Take => "Take a bundle in: from where?",
            Self::Card => "Another team's card: where is it?",
            Self::Write { .. } => "Write the bundle: where to?",
            Self::WriteCard => "Write your team's card: where to?",
            Self::Push => "Put the outbox into a shared folder: which?",
            Self::Pull => "Fetch from a shared folder: which?",
            Self::Sync => "Sync with your team's other devices: where to?",
            Self::Device => "A copy on another computer: where does its file go?",
            Self::Policy => "A policy to put in force: where is it?",
            Self::Minutes { .. } => "The sealed minutes: where to?",
            Self::Calendar { .. } => "The calendar file: where to?",
            Self::Attach { .. } => "Attach a document: which file?",
            Self::Document { .. } => "The document, sealed: where to?",
            Self::MemberCard { .. } => "The card that they made: where is it?",
            Self::Paper { .. } => "The paper, sealed: where to?",
        }
    }

    /// Whether a file of this kind can be chosen.
    pub(super) fn wants(&self, what: What) -> bool {
        match self {
            Self::Take => what == What::Bundle,
            Self::Card => what == What::Card,
            Self::MemberCard { .. } => what == What::Person,
            Self::Attach { .. } => what != What::Folder,
            Self::Policy => what == What::Policy,
            _ => false,
        }
    }
}

/// Does it with what was chosen; `drive` is the name of the stick that it lies on, if it can be pulled out.
pub(super) fn run(errand: &Errand, path: PathBuf, drive: Option<String>, desk: &Desk) -> Effects<Desk> {
    match errand {
        Errand::Take => take(path),
        Errand::Card => add_card(path),
        Errand::Write { name } => write(name.clone(), path, drive),
        Errand::WriteCard => write_card(path, drive),
        Errand::Push => relay::push(path, drive),
        Errand::Pull => relay::pull(path, drive),
        Errand::Sync => devices::sync(path, drive),
        Errand::Device => devices::ask_passphrase(path, drive),
        Errand::Policy => policy(path),
        Errand::Minutes { meeting } => minutes(*meeting, path, drive),
        Errand::Calendar { reader } => calendar(*reader, path, drive),
        Errand::Attach { case } => doors::attach_document(desk, *case, path),
        Errand::MemberCard { member } => member_card(*member, path),
        Errand::Paper { member } => doors::paper_for(desk, *member, path, drive),
        Errand::Document { document } => doors::export_document(desk, *document, path, drive),
    }
}

/// What came of reading a bundle.
pub(super) enum Came {
    /// It is from another team: a person decides.
    Plan(Box<Result<plan::Planned>>),
    /// It is from the team's own devices, and was taken in: it only adds, so there is nothing to decide.
    Synced(SyncTaken),
}

/// Opens a bundle of the inbox.
///
/// # Errors
/// If it is from our own devices and can't be taken in.
pub(super) fn read(session: &mut Session, name: &str, tell: busy::Tell<'_>) -> Result<Came> {
    if !session.arrived_is_sync(name)? {
        return Ok(Came::Plan(Box::new(plan::planned(session, name, tell))));
    }
    let taken = session.take_sync(&session.from_inbox(name)?)?;
    session.leave_inbox(name)?;
    Ok(Came::Synced(taken))
}

/// Shows what came of it.
pub(super) fn show(name: String, came: Came, desk: &mut Desk) -> Effects<Desk> {
    desk.trays.changed();
    desk.look_into_inbox();
    match came {
        Came::Plan(planned) => plan::show(name, *planned, desk),
        Came::Synced(taken) => vec![Effect::info(taken.says)],
    }
}

/// Reads and checks a policy file, and shows what it would change.
fn policy(path: PathBuf) -> Effects<Desk> {
    let place = path.parent().map(Path::to_path_buf);
    let work = move |_: &mut Session, _: busy::Tell<'_>| doors::read_policy(&path);
    busy::then("Reading the policy", work, move |text, desk| {
        if let Some(place) = place {
            desk.keep_place(&place);
        }
        doors::propose_policy(desk, text)
    })
}

/// Reads a file, puts it into the inbox, and shows the plan.
fn take(path: PathBuf) -> Effects<Desk> {
    let place = path.parent().map(Path::to_path_buf);
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let unreadable = |error: &std::io::Error| plan::io("The bundle can't be read", error);
        let start = places::start(&path).map_err(|error| unreadable(&error))?;
        if !start.starts_with(b"age-encryption.org/v1\n") {
            return Err(AppError::new(
                ErrorKind::Damaged,
                "This file is no bundle.",
                "Ask the sender to write it once more, and choose that file.",
            ));
        }
        let mut stopped = false;
        let mut hears = |done, total| {
            stopped = !tell(done, total);
            !stopped
        };
        let file = places::Told::open(&path, &mut hears).map_err(|error| unreadable(&error))?;
        let name = session.lay_file_into_inbox(file);
        if stopped {
            return Err(AppError::new(ErrorKind::Refused, "Stopped.", "Nothing was taken in."));
        }
        let name = name?;
        let came = read(session, &name, tell)?;
        Ok((name, came))
    };
    busy::then("Reading the bundle", work, move |(name, came), desk| {
        if let Some(place) = place {
            desk.keep_place(&place);
        }
        show(name, came, desk)
    })
}

/// Reads a card and takes it.
fn add_card(path: PathBuf) -> Effects<Desk> {
    let work = move |session: &mut Session, tell: busy::Tell<'_>| -> Result<String> {
        let bytes = places::read(&path, 2 * MAX_CARD as u64, tell)
            .map_err(|error| plan::io("The card can't be read", &error))?;
        if PersonalCard::parse_loose(&bytes).is_ok() {
            return Err(AppError::new(
                ErrorKind::Refused,
                "This is one person's card, and not a team's.",
                "Ask that person's team for their team's card.",
            ));
        }
        let taken = session.take_card(&Card::parse_loose(&bytes)?)?;
        let peer = session.peer(taken.peer())?;
        let then = if peer.verified.is_none() { " Now call them and compare words: v." } else { "" };
        Ok(format!("{} {}.{then}", peer.name, taken.says()))
    };
    busy::then("Reading the card", work, |says, _| vec![Effect::info(says)])
}

/// Where a file is now.
pub(in crate::tui::screens) fn written(drive: Option<String>, what: &str, path: &Path) -> String {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match drive {
        Some(drive) => format!("{what} is on {drive} as {file}. Safe to pull out now."),
        None => format!("{what} is in {} as {file}.", path.parent().unwrap_or(path).display()),
    }
}

/// Writes a bundle of the outbox into a folder; it stays in the outbox until their receipt comes.
fn write(name: String, folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let (tray, place) = (name.clone(), folder.clone());
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let bytes = session.from_outbox(&name)?;
        let file = session.outbound().into_iter().find(|bundle| bundle.name == name).map(|bundle| bundle.file_name);
        let path = places::write(&folder, &file.unwrap_or(name), &bytes, tell);
        path.map_err(|error| plan::io("The bundle can't be written", &error))
    };
    busy::then("Writing the bundle", work, move |path, desk| {
        desk.keep_place(&place);
        desk.trays.mark_carried(tray);
        vec![Effect::info(written(drive, "The bundle", &path))]
    })
}

/// Seals the minutes to those who were there, writes one file for each, and proposes to mark them as sent.
fn minutes(meeting: ItemId, folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let made = session.seal_minutes(meeting)?;
        for copy in &made.sealed {
            places::write(&folder, &copy.file, &copy.bytes, tell)
                .map_err(|error| plan::io("The sealed minutes can't be written", &error))?;
        }
        Ok(made)
    };
    busy::then("Sealing the minutes", work, move |made, desk| {
        desk.keep_place(&place);
        let at = drive.map_or_else(|| format!("in {}", place.display()), |drive| format!("on {drive}"));
        let mut lines = vec![Line::new(format!("Sealed, one file for each, {at}:"), Role::Title)];
        let said = |sign: &str, names: &[String], says: &str| -> Vec<Line> {
            names.iter().map(|name| format!("  {sign} {}: {says}", clean::shown(name)).into()).collect()
        };
        lines.extend(
            made.sealed.iter().map(|copy| Line::from(format!("  √ {}: {}", clean::shown(&copy.name), copy.file))),
        );
        lines.extend(said("·", &made.here, "reads them in this vault"));
        lines.extend(said("!", &made.without, "has given no card: a numbered printed copy (P)"));
        lines.push("".into());
        lines.push("They read them with `mahoe open FILE` and their own passphrase; nobody else can.".into());
        let open = Meeting::get(desk.open_session().state(), meeting).is_some_and(|it| it.phase() == Phase::Approved);
        let mut effects = if open { doors::minutes_sent(desk, meeting, &made.how()) } else { Vec::new() };
        effects.push(Effect::push("", Page::new("The minutes", lines)));
        effects
    })
}

/// Writes a calendar file. It goes on record before it is written: nothing leaves that is not.
fn calendar(reader: Option<ItemId>, folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let (text, count) = session.calendar_file(reader)?;
        let name = format!("mahoe-{}.ics", session.today_date().format("%Y-%m-%d"));
        let path = places::write(&folder, &name, text.as_bytes(), tell);
        path.map(|path| (path, count)).map_err(|error| plan::io("The calendar file can't be written", &error))
    };
    busy::then("Writing the calendar file", work, move |(path, count), desk| {
        desk.keep_place(&place);
        let what = format!("The calendar file ({})", counted(count, "entry", "entries"));
        let says = written(drive, &what, &path);
        vec![Effect::info(format!("{says} It names no child; whoever gets it sees codes, days and agencies."))]
    })
}

/// Takes the card that a member made for themselves.
fn member_card(member: ItemId, path: PathBuf) -> Effects<Desk> {
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let bytes = places::read(&path, 2 * MAX_CARD as u64, tell)
            .map_err(|error| plan::io("The card can't be read", &error))?;
        session.take_member_card(member, &bytes)
    };
    busy::then("Reading the card", work, |card, _| {
        let lines = vec![
            Line::from("Papers for them are sealed to this card from now on."),
            "".into(),
            "Have them read out its end, and compare:".into(),
            Line::new(card.read_out(), Role::Title),
        ];
        vec![Effect::push("", Page::new("The card", lines))]
    })
}

/// Writes our own card into a folder.
fn write_card(folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    let place = folder.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let card = session.card(false)?;
        let name = format!("mahoe-{}.card", card.says().parish);
        let path = places::write(&folder, &name, card.text().as_bytes(), tell);
        path.map_err(|error| plan::io("The card can't be written", &error))
    };
    busy::then("Writing the card", work, move |path, desk| {
        desk.keep_place(&place);
        vec![Effect::info(written(drive, "The card", &path))]
    })
}
