//! `peer`: our card, other teams' cards, and the words that are compared.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::bundle::card::{Card, MAX_CARD};
use crate::bundle::person::PersonalCard;
use crate::domain::field::Field;
use crate::domain::find as names;
use crate::domain::find::NotFound;
use crate::domain::ids::ItemId;
use crate::domain::teams;
use crate::error::{AppError, Kind, Result};
use crate::ops::{PeerRemove, ShareEnd};
use crate::session::{PeerInfo, Session};

use super::super::output::{self, Output, Table};
use super::super::{Cx, find as by_code, input, open, qr, shapes, words};
use super::case_edit::done;

/// `peer`.
#[derive(Debug, Subcommand)]
pub enum PeerCommand {
    /// Your team's card, to give to other teams; nothing in it is secret
    Card(CardArgs),
    /// Take another team's card: a file, or - for standard input
    Add {
        /// The card
        #[arg(value_name = "FILE|-")]
        file: PathBuf,
    },
    /// The teams in your list
    List,
    /// The four words that you read to another team; they type them, and you type theirs with `peer verify`
    Words {
        /// The team: its name or its parish
        name: String,
    },
    /// Compare the four words that another team reads to you, and record it
    Verify(VerifyArgs),
    /// Take a team out of the list; no case is shared with it any more, and what came from it stays
    Remove {
        /// The team: its name or its parish
        name: String,
    },
    /// Stop sharing a case with a team: nothing more of it is sent or taken; what they hold, they keep
    Unshare {
        /// The team: its name or its parish
        name: String,
        /// The case
        #[arg(long, value_name = "CODE")]
        case: String,
    },
}

/// `peer card`.
#[derive(Debug, Args)]
pub struct CardArgs {
    /// Write it into this file
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Without devices: they come with the first bundle
    #[arg(long)]
    pub short: bool,
    /// Show the short card as a QR code
    #[arg(long)]
    pub qr: bool,
}

/// `peer verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The team: its name or its parish
    pub name: String,
    /// The four words that they read to you; asked for, if left out on a terminal
    #[arg(long, value_name = "\"WORD WORD WORD WORD\"")]
    pub words: Option<String>,
    /// How you reached them: "by telephone, number from the directory"; asked for, if left out on a terminal
    #[arg(long, value_name = "TEXT")]
    pub how: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the session's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: PeerCommand) -> Result<Output> {
    match command {
        PeerCommand::Card(args) => card(session, cx, &args),
        PeerCommand::Add { file } => add(session, cx, &file),
        PeerCommand::List => Ok(list(session)),
        PeerCommand::Words { name } => {
            let peer = find(session, &name)?;
            let spoken = session.words(peer)?.spoken().join(" ");
            if cx.asks {
                output::note("Call them on a number that you had before. Read these words to them, and type theirs:");
                output::note("  mahoe peer verify NAME");
            }
            let json = json!({ "spoken": spoken.split(' ').collect::<Vec<_>>() });
            Ok(Output::new(spoken, json))
        }
        PeerCommand::Verify(args) => {
            let peer = find(session, &args.name)?;
            let heard = input::text(cx, args.words, "The four words that they read to you")?;
            let how = input::text(cx, args.how, "How did you reach them")?;
            done(session.verify_peer(peer, &heard, &how))
        }
        PeerCommand::Remove { name } => {
            let peer = find(session, &name)?;
            done(session.run(PeerRemove { peer }))
        }
        PeerCommand::Unshare { name, case } => {
            let (peer, case) = (find(session, &name)?, by_code::case(session, &case)?);
            done(session.run(ShareEnd { case, peer }))
        }
    }
}

fn card(session: &mut Session, cx: &Cx<'_>, args: &CardArgs) -> Result<Output> {
    let card = session.card(args.short || args.qr)?;
    if !session.card_is_current() {
        output::note(
            "The team has changed since this card was made. A coordinator or a deputy makes the next one: `mahoe peer card`.",
        );
    }
    if let Some(file) = &args.out {
        write(file, card.text().as_bytes())?;
    }
    let says = card.says();
    let mut text = if args.qr {
        qr::draw(card.text(), cx.globals.no_color)?
    } else if let Some(file) = &args.out {
        format!("{} ({}): card {} is in {}.", says.name, says.parish, says.serial, file.display())
    } else {
        card.text().to_owned()
    };
    if args.qr && cx.globals.json {
        // A picture is for people.
        text.clear();
    }
    let mut json = shapes::card(&card);
    json["text"] = Json::String(card.text().to_owned());
    json["file"] = args.out.as_ref().map_or(Json::Null, |file| Json::String(file.display().to_string()));
    if args.qr && !cx.globals.json {
        // Its colours are the program's own, and its blocks are no text to be cleaned.
        output::raw(&text)?;
        text = String::new();
    }
    Ok(Output::new(text, json))
}

/// Writes a card; what is there already is replaced only if it is a card too.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    if file.exists() {
        let there = read(file).unwrap_or_default();
        if Card::parse_loose(&there).is_err() && PersonalCard::parse_loose(&there).is_err() {
            return Err(AppError::new(
                Kind::Refused,
                format!("{} is there already, and is no card.", file.display()),
                "Give another name.",
            ));
        }
    }
    std::fs::write(file, bytes).map_err(|error| open::io(&format!("write {}", file.display()), &error))
}

pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(2 * MAX_CARD as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| open::io(&format!("read {}", file.display()), &error))?;
    Ok(bytes)
}

fn add(session: &mut Session, cx: &Cx<'_>, file: &Path) -> Result<Output> {
    let bytes = if file == Path::new("-") {
        input::text(cx, Some("-".to_owned()), "The card")?.into_bytes()
    } else {
        read(file)?
    };
    if PersonalCard::parse_loose(&bytes).is_ok() {
        return Err(AppError::new(
            Kind::Refused,
            "This is one person's card, and not a team's.",
            "Ask that person's team for the card that `mahoe peer card` makes.",
        ));
    }
    let card = Card::parse_loose(&bytes)?;
    let taken = session.take_card(&card)?;
    let peer = session.peer(taken.peer())?;
    let parish = peer.parish.map_or_else(String::new, |parish| format!(" ({parish})"));
    let mut text = format!("{}{parish} {}.", peer.name, taken.says());
    if peer.verified.is_none() {
        text.push_str(
            "\nNot verified yet: call them, and compare words with `mahoe peer words` and `mahoe peer verify`.",
        );
    }
    let mut json = shapes::peer(&peer);
    json["taken"] = json!(taken.name());
    Ok(Output::new(text, json))
}

fn list(session: &Session) -> Output {
    let mut table = Table::new(&["Parish", "Team", "Card", "Devices", "Verified"], 1);
    let mut items = Vec::new();
    let mut alarms = String::new();
    for peer in session.peers() {
        items.push(shapes::peer(&peer));
        let card = |of: fn(&Card) -> String| peer.card.as_ref().map_or_else(|| "?".to_owned(), of);
        table.row([
            peer.parish.map_or_else(String::new, |parish| parish.to_string()),
            peer.name.clone(),
            card(|card| card.says().serial.to_string()),
            card(|card| if card.is_short() { "–".to_owned() } else { card.says().devices.len().to_string() }),
            verified(session, &peer),
        ]);
        if !peer.alarm.is_empty() {
            alarms = format!(
                "{alarms}\n! Another key was shown for {}: call them on a number that you had before, and compare words again.",
                peer.name
            );
        }
    }
    let text = table.render(output::width(), "No team is in the list. Add a card: mahoe peer add FILE");
    Output::list(format!("{text}{alarms}"), items)
}

fn verified(session: &Session, peer: &PeerInfo) -> String {
    let by = session.state().item(peer.item).and_then(|item| item.value(Field::PeerIntroduced).as_item());
    match (&peer.verified, by) {
        (None, None) => "not yet".to_owned(),
        (None, Some(by)) => format!("not yet; introduced by {}", teams::peer_name(session.state(), by)),
        (Some((when, how, by)), _) => format!("{} {by}: {how}", words::moment(*when)),
    }
}

/// A team by its name or parish.
pub(super) fn find(session: &Session, text: &str) -> Result<ItemId> {
    names::peer(session.state(), text).map_err(|error| match error {
        NotFound::Several(names) => AppError::new(
            Kind::Refused,
            format!("\"{}\" can mean several teams.", output::cut(text, 40)),
            format!("Say which: {}.", names.join(", ")),
        ),
        _ => AppError::new(
            Kind::Refused,
            format!("No team in the list is called \"{}\".", output::cut(text, 40)),
            "`mahoe peer list` shows every team; `mahoe peer add FILE` adds one.",
        ),
    })
}
