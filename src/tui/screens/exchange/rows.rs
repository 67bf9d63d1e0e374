//! The lines of Exchange: what came, what is asked, what waits, who is known, and what has to be decided.
//!
//! No line shows anything of a case but its code: this screen is seen by whoever walks past. Before a room, what is about
//! a case that is only for some people is left out, and a bundle tells how many cases it has, not which.

use chrono::{DateTime, Utc};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, ItemId, StreamId};
use crate::domain::item::Item;
use crate::domain::referral::{self, Referral};
use crate::domain::value::Value;
use crate::session::PeerInfo;
use crate::session::exchange::{Arrived, CopyInfo, Outbound, Seen, Trust};
use crate::text::counted;
use crate::tui::desk::Desk;
use crate::tui::screens::sections::{self, section};
use crate::tui::theme::Role;
use crate::tui::widgets::{Cell, Column, Row, cell};

/// Bundles of the past that are shown.
const PAST: usize = 12;

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A bundle in the inbox, by its file.
    Arrived(String),
    /// A referral of another team's, which we answer.
    Asked(ItemId),
    /// A referral of ours, which another team answers.
    Awaited(ItemId),
    /// A bundle that was taken in and whose receipt was never made.
    Owed(ItemId),
    /// A bundle in the outbox, by its file.
    Outbound(String),
    /// A team.
    Peer(ItemId),
    /// A case in which something has to be decided.
    Conflicts(ItemId),
    /// The team's own devices.
    Devices,
    /// A device that somebody let in who had left: it counts for nothing until a coordinator lets it in.
    Doubted(DeviceId),
    /// A bundle that was taken in.
    Received(ItemId),
    /// A bundle that was sent.
    Sent(ItemId),
}

/// A line.
pub type Entry = sections::Entry<About>;

/// The columns of all sections.
pub fn columns() -> Vec<Column> {
    vec![Column::fixed("", 16), Column::fixed("", 14), Column::flex("", 12), Column::fixed("", 13).from_width(66)]
}

/// All sections, each with its lines, or with the remark that says what belongs there.
pub fn all(desk: &Desk, copies: &[CopyInfo]) -> Vec<Entry> {
    let session = desk.open_session();
    let state = session.state();
    let mut out = Vec::new();
    let arrived = desk.trays.inbox();
    let rows = arrived.iter().map(|bundle| arrived_row(desk, bundle)).collect();
    section(&mut out, "Inbox", rows, "Nothing came. i takes a bundle in from a stick.");
    let shown = |it: &Referral<'_>| desk.may_show(it.case(state).map(|case| case.0.id));
    let asked = referral::to_answer(state).into_iter().filter(shown);
    let asked = asked.map(|it| referral_row(desk, it, About::Asked(it.0.id)));
    let owed = session.owed_receipts().into_iter().filter_map(|bundle| owed_row(desk, bundle));
    let asked = asked.chain(owed).collect();
    section(&mut out, "To answer", asked, "No other team waits for our answer.");
    // Agencies of our own parish are asked, and answer, in the case.
    let awaited = referral::awaiting_answer(state).into_iter().filter(|it| !it.is_for_us(state) && shown(it));
    let awaited = awaited.map(|it| referral_row(desk, it, About::Awaited(it.0.id))).collect();
    section(&mut out, "Awaiting answer", awaited, "Nobody was asked. R t in a case asks another team.");
    let outbox = session.outbound().into_iter().map(|bundle| outbound_row(desk, bundle)).collect();
    section(&mut out, "Outbox", outbox, "Nothing to be carried. U on a team sends what is new.");
    let peers = session.peers().iter().map(|peer| peer_row(desk, peer)).collect();
    section(&mut out, "Teams", peers, "No other team is known. c: your card, a: theirs.");
    section(&mut out, "Our devices", super::devices::rows(desk, copies), "");
    let conflicts = conflict_rows(desk);
    section(&mut out, "Conflicts", conflicts, "Nothing has to be decided.");
    let past = past_rows(desk);
    if !past.is_empty() {
        section(&mut out, "Taken in and sent", past, "");
    }
    out
}

/// What a bundle is for, in two or three words.
pub fn purpose(kind: &str) -> &str {
    match kind {
        "refer" => "asks for help",
        "transfer" => "hands a case over",
        "update" => "what is new",
        "receipt" => "an answer",
        "statistics" => "numbers",
        "cards" => "cards of teams",
        "strike" => "takes words back",
        "sync" => "our own devices",
        _ => "a kind that a newer mahoe made",
    }
}

/// How far a sender is known, in words, and how it looks.
pub const fn trust_words(trust: &Trust) -> (&'static str, Role) {
    match trust {
        Trust::Verified(..) => ("verified", Role::Done),
        Trust::Unverified => ("! not verified", Role::Soon),
        Trust::Unknown => ("! unknown team", Role::Late),
    }
}

fn codes(desk: &Desk, cases: &[String]) -> String {
    match cases {
        [] => String::new(),
        [one] if !desk.in_room() => format!(", case {one}"),
        several => format!(", {}", counted(several.len(), "case", "cases")),
    }
}

/// A moment in the past, as short as a column needs it.
pub fn when(desk: &Desk, moment: Option<DateTime<Utc>>) -> String {
    let Some(moment) = moment.map(|moment| moment.with_timezone(&dates::jamaica())) else { return String::new() };
    let day = dates::people(moment.date_naive(), desk.today());
    if day == "today" { format!("today {}", moment.format("%H:%M")) } else { day }
}

/// A team's name without what every team's name ends in.
pub fn short_name(name: &str) -> String {
    let name = clean::shown(name).into_owned();
    name.strip_suffix(" MDT").map(str::to_owned).unwrap_or(name)
}

pub(super) fn item<const N: usize>(about: About, cells: [Cell; N]) -> Entry {
    (Some(about), Row::item(cells))
}

fn arrived_row(desk: &Desk, bundle: &Arrived) -> Entry {
    let about = About::Arrived(bundle.name.clone());
    match &bundle.seen {
        Seen::Opened(seen) => {
            let (trust, role) = trust_words(&seen.trust);
            let what = format!("{}{}", purpose(&seen.kind), codes(desk, &seen.cases));
            item(
                about,
                [short_name(&seen.from).into(), cell(trust, role), what.into(), when(desk, Some(seen.made)).into()],
            )
        }
        Seen::Own => item(
            about,
            ["Our team".into(), cell("our own", Role::Done), "our own devices: Enter takes it in".into(), "".into()],
        ),
        Seen::Refused(error) => item(
            about,
            ["?".into(), cell("! not readable", Role::Late), cell(error.message.as_str(), Role::Dim), "".into()],
        ),
        Seen::Large(size) => {
            let size = format!("{} MB: Enter opens it", size.div_ceil(1 << 20));
            item(about, ["?".into(), cell("not opened yet", Role::Dim), size.into(), "".into()])
        }
    }
}

fn referral_row(desk: &Desk, referral: Referral<'_>, about: About) -> Entry {
    let state = desk.open_session().state();
    let today = desk.today();
    let day = |moment: Option<DateTime<Utc>>| moment.map(|at| at.with_timezone(&dates::jamaica()).date_naive());
    let asked = day(referral.sent()).map_or(0, |sent| today.signed_duration_since(sent).num_days());
    let waits = match asked {
        ..=0 => "asked today".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let due = day(referral.due()).map_or_else(String::new, |due| dates::distance(due, today));
    let role = if day(referral.due()).is_some_and(|due| due < today) { Role::Late } else { Role::Text };
    let case = referral.case(state).map_or_else(String::new, |case| desk.code(case.0.id));
    let what = if referral.is_transfer() { "transfer" } else { "referral" };
    item(
        about,
        [
            short_name(&referral.other_side(state)).into(),
            waits.into(),
            format!("case {case}, {what} {}", desk.code(referral.0.id)).into(),
            cell(due, role),
        ],
    )
}

/// A receipt that is still to be made.
fn owed_row(desk: &Desk, bundle: ItemId) -> Option<Entry> {
    let session = desk.open_session();
    let item = session.state().item(bundle)?;
    let peer = session.peer(item.value(Field::BundlePeer).as_item()?).ok()?;
    let what = format!("{}: Enter makes the receipt", purpose(item.str(Field::BundleKind)));
    let came = when(desk, item.value(Field::BundleReceived).as_when());
    let cells = [short_name(&peer.name).into(), cell("! no receipt", Role::Soon), what.into(), came.into()];
    Some(self::item(About::Owed(bundle), cells))
}

fn outbound_row(desk: &Desk, bundle: Outbound) -> Entry {
    if !bundle.recorded {
        let cells = [
            "?".into(),
            cell("! not sent", Role::Late),
            "mahoe was cut off while it was made: send it again, D takes this out".into(),
            "".into(),
        ];
        return item(About::Outbound(bundle.name), cells);
    }
    let (state, role) =
        if desk.trays.carried(&bundle.name) { ("carried", Role::Done) } else { ("to be carried", Role::Text) };
    let what = format!("{}{}", purpose(&bundle.kind), codes(desk, &bundle.cases));
    let made = when(desk, bundle.made);
    item(About::Outbound(bundle.name), [short_name(&bundle.to).into(), cell(state, role), what.into(), made.into()])
}

fn peer_row(desk: &Desk, peer: &PeerInfo) -> Entry {
    let (state, role) = match (&peer.verified, peer.alarm.is_empty()) {
        (_, false) => ("! another key", Role::Late),
        (Some(_), true) => ("verified", Role::Done),
        (None, true) => ("! not verified", Role::Soon),
    };
    let words = match (&peer.verified, peer.alarm.is_empty()) {
        (_, false) => "another key was shown in its name: call them first, Enter says more".to_owned(),
        (Some((_, how, by)), true) => format!("{}: {}", clean::shown(by), clean::shown(how)),
        (None, true) => "call them and compare words: v".to_owned(),
    };
    let since = peer.verified.as_ref().map(|(when, ..)| *when);
    let about = About::Peer(peer.item);
    item(about, [short_name(&peer.name).into(), cell(state, role), words.into(), when(desk, since).into()])
}

fn conflict_rows(desk: &Desk) -> Vec<Entry> {
    let state = desk.open_session().state();
    let mut cases: Vec<(String, ItemId, usize)> = state
        .items(ItemKind::Case)
        .filter_map(|item| desk.case(item.id))
        .filter(|case| desk.may_show(Some(case.0.id)))
        .map(|case| (desk.code(case.0.id), case.0.id, super::super::case::conflicts(desk, case)))
        .filter(|(.., count)| *count > 0)
        .collect();
    cases.sort();
    let row = |(code, case, count): (String, ItemId, usize)| {
        let what = counted(count, "value has to be chosen", "values have to be chosen");
        item(About::Conflicts(case), [code.into(), cell("! two values", Role::Soon), what.into(), "".into()])
    };
    cases.into_iter().map(row).collect()
}

fn past_rows(desk: &Desk) -> Vec<Entry> {
    let state = desk.open_session().state();
    let moment = |item: &Item| {
        let came = item.value(Field::BundleReceived).as_when();
        came.or_else(|| item.value(Field::BundleMade).as_when())
    };
    let mut all: Vec<&Item> = state.items(ItemKind::Bundle).filter(|item| item.stands()).collect();
    all.sort_by_key(|item| (std::cmp::Reverse(moment(item)), item.id));
    let row = |item: &&Item| {
        let ours = item.value(Field::BundleOurs) == Value::YesNo(true);
        let aside = item.value(Field::BundleSetAside) == Value::YesNo(true);
        let answered = !item.value(Field::BundleReceipt).is_nothing();
        let how = match (ours, aside, answered) {
            (_, true, _) => cell("set aside", Role::Dim),
            (true, _, true) => cell("sent, receipt", Role::Done),
            (true, ..) => cell("sent", Role::Text),
            (false, ..) => cell("taken in", Role::Done),
        };
        let cases = item.str(Field::BundleCases).split_whitespace().filter_map(StreamId::from_hex);
        let cases: Vec<String> = cases.map(|stream| desk.code(stream.item())).collect();
        let what = format!("{}{}", purpose(item.str(Field::BundleKind)), codes(desk, &cases));
        let team = item.value(Field::BundlePeer).as_item().and_then(|peer| desk.open_session().peer(peer).ok());
        let team = team.map_or_else(|| "(removed)".to_owned(), |peer| short_name(&peer.name));
        let about = if ours { About::Sent(item.id) } else { About::Received(item.id) };
        self::item(about, [team.into(), how, what.into(), when(desk, moment(item)).into()])
    };
    all.iter().take(PAST).map(row).collect()
}
