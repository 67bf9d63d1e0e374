//! Exchange: what came from other teams, what they and we wait for, what is to be carried, who is known, and what has
//! to be decided. From here everything is taken in, carried and compared.
//!
//! It shows no words of a case. What it does goes through the session; what it carries through a job.

mod card;
mod chooser;
mod devices;
mod errands;
mod parcels;
mod peers;
mod plan;
mod relay;
mod rows;
mod send;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::field::Field;
use crate::domain::ids::{ItemId, StreamId};
use crate::error::AppError;
use crate::ops::{Answer as Reply, BundleUndo, PeerRemove, ReferralAnswer};
use crate::session::Session;
use crate::session::exchange::{CopyInfo, Seen, Trust, Wish};
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Ask;
use crate::tui::theme::Theme;
use crate::tui::widgets::Table;

use super::doors;
use super::sections::Sections;
pub use errands::Errand;
pub(super) use errands::written;
pub(super) use plan::io;
use rows::About;

/// The tag of the question before something is taken out of a list.
const REMOVES: &str = "removes";
/// The tag of the question before a device is let in after all.
const ACCEPTS: &str = "accepts";

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut screen = Exchange::default();
    screen.refresh(desk);
    Box::new(screen)
}

/// "In the inbox: 1 bundle from Saint Mary (verified), 1 from an unverified sender"; none where nothing waits.
pub fn waiting(desk: &Desk) -> Option<String> {
    let inbox = desk.trays.inbox();
    let mut known: Vec<(String, usize)> = Vec::new();
    let (mut unverified, mut own, mut other) = (0, 0, 0);
    for bundle in inbox.iter() {
        match &bundle.seen {
            Seen::Opened(seen) if matches!(seen.trust, Trust::Verified(..)) => {
                let name = rows::short_name(&seen.from);
                match known.iter_mut().find(|(of, _)| *of == name) {
                    Some((_, count)) => *count += 1,
                    None => known.push((name, 1)),
                }
            }
            Seen::Opened(_) => unverified += 1,
            Seen::Own => own += 1,
            Seen::Refused(_) | Seen::Large(_) => other += 1,
        }
    }
    let mut parts: Vec<(usize, String)> =
        known.into_iter().map(|(name, count)| (count, format!("from {name} (verified)"))).collect();
    parts.extend((unverified > 0).then(|| (unverified, "from an unverified sender".to_owned())));
    parts.extend((own > 0).then(|| (own, "from our own devices".to_owned())));
    parts.extend((other > 0).then(|| (other, "to be looked at".to_owned())));
    let said = parts.into_iter().enumerate().map(|(at, (count, words))| match (at, count) {
        (0, 1) => format!("1 bundle {words}"),
        (0, count) => format!("{count} bundles {words}"),
        (_, count) => format!("{count} {words}"),
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| format!("In the inbox: {}", said.join(", ")))
}

/// Opens a bundle of the inbox on a thread, and shows what taking it in would do.
fn inspect(name: String) -> Effects<Desk> {
    let file = name.clone();
    let work = move |session: &mut Session, tell: super::busy::Tell<'_>| errands::read(session, &file, tell);
    super::busy::then("Opening the bundle", work, move |came, desk| errands::show(name, came, desk))
}

/// Makes the receipt that is owed for a bundle.
fn receipt(bundle: ItemId) -> Effects<Desk> {
    let work = move |session: &mut Session, _: super::busy::Tell<'_>| session.receipt(bundle).map(|sent| sent.says);
    super::busy::then("Making the receipt", work, |says, _| vec![Effect::info(format!("{says} {CARRY}"))])
}

/// False for a file of the outbox that the program was cut off at.
fn recorded(desk: &Desk, name: &str) -> bool {
    desk.open_session().outbound().iter().any(|bundle| bundle.name == name && bundle.recorded)
}

/// Lets somebody choose a policy file, which is shown with what it would change.
pub fn choose_policy(desk: &Desk) -> Effects<Desk> {
    chooser::open(Errand::Policy, desk)
}

/// Lets somebody choose where the sealed minutes of a meeting go.
pub fn send_minutes(desk: &Desk, meeting: ItemId) -> Effects<Desk> {
    chooser::open(Errand::Minutes { meeting }, desk)
}

/// Lets somebody choose where a calendar file goes: one member's, or everybody's.
pub fn write_calendar(desk: &Desk, reader: Option<ItemId>) -> Effects<Desk> {
    chooser::open(Errand::Calendar { reader }, desk)
}

/// Asks for a file that is to be attached to a case.
pub fn attach(desk: &Desk, case: ItemId) -> Effects<Desk> {
    chooser::open(Errand::Attach { case }, desk)
}

/// Asks for a member's own card.
pub fn take_member_card(desk: &Desk, member: ItemId) -> Effects<Desk> {
    chooser::open(Errand::MemberCard { member }, desk)
}

/// Asks where a paper for one member is written to.
pub fn paper_for(desk: &Desk, member: ItemId) -> Effects<Desk> {
    if let Err(error) = desk.alone() {
        return vec![Effect::refused(error_text(&error))];
    }
    chooser::open(Errand::Paper { member }, desk)
}

/// Asks where a document is written to.
pub fn export_document(desk: &Desk, document: ItemId) -> Effects<Desk> {
    chooser::open(Errand::Document { document }, desk)
}

/// Sends a team what is new to them: in one case, or in all that are shared.
pub fn update(peer: ItemId, case: Option<ItemId>) -> Effects<Desk> {
    let work = move |session: &mut Session, _: super::busy::Tell<'_>| {
        session.update(&Wish { peer: Some(peer), case, ..Wish::default() }).map(|sent| sent.says)
    };
    super::busy::then("Making the bundle", work, |says, _| vec![Effect::info(format!("{says} {CARRY}"))])
}

/// Sends what is new in a case to the team that it is shared with; asks which where there are several.
pub fn update_case(case: ItemId, desk: &mut Desk) -> Handled<Desk> {
    send::update(case, desk)
}

/// Answers another team's referral, and puts the answer into the outbox.
pub fn answered(referral: ItemId, desk: &mut Desk) -> Effects<Desk> {
    match desk.open_session_mut().send_answer(referral) {
        Ok(Some(sent)) => vec![Effect::info(format!("{} {CARRY}", sent.says))],
        Ok(None) => Vec::new(),
        Err(error) => vec![Effect::refused(error_text(&error))],
    }
}

/// Begins to refer a case to another team, or to hand it over.
pub fn refer(case: ItemId, transfer: bool, desk: &Desk) -> Effects<Desk> {
    send::begin(case, transfer, None, desk)
}

/// Begins to refer a case to a team that was chosen.
pub fn refer_to(case: ItemId, peer: ItemId, desk: &Desk) -> Effects<Desk> {
    send::begin(case, false, Some(peer), desk)
}

/// Accepts a referral, and sends the answer if another team waits for it.
pub fn accept(referral: ItemId, desk: &mut Desk) -> Effects<Desk> {
    match desk.try_run(ReferralAnswer::new(referral, Reply::Accept, "")) {
        Ok(done) => {
            let mut effects = vec![Effect::info(done.says)];
            effects.extend(answered(referral, desk));
            effects
        }
        Err(error) => vec![Effect::refused(error_text(&error))],
    }
}

/// Where a bundle goes from the outbox.
const CARRY: &str = "w in Exchange writes it to a stick.";

#[derive(Default)]
struct Exchange {
    list: Sections<About>,
    /// What is being asked about, or carried.
    asked: Option<About>,
    /// The team's other copies.
    copies: Vec<CopyInfo>,
    /// The State's number for which the lines were made.
    made: Option<(u64, usize)>,
}

impl Exchange {
    fn about(&self) -> Option<&About> {
        self.list.about()
    }

    fn peer(&self, desk: &Desk) -> Option<ItemId> {
        match self.about()? {
            About::Peer(peer) => Some(*peer),
            About::Sent(bundle) | About::Received(bundle) => {
                desk.open_session().state().item(*bundle)?.value(Field::BundlePeer).as_item()
            }
            _ => None,
        }
    }

    fn open(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let Some(about) = self.about().cloned() else { return Handled::done() };
        Handled::Done(match about {
            About::Arrived(name) => inspect(name),
            About::Asked(referral) | About::Awaited(referral) => {
                let state = desk.open_session().state();
                let case = state.item(referral).map(|item| item.stream.item());
                case.map_or_else(Vec::new, |case| doors::case_referrals(desk, case))
            }
            About::Outbound(_) => return self.write(desk),
            About::Owed(bundle) => receipt(bundle),
            About::Peer(peer) => vec![Effect::push("peer", peers::page(peer, desk))],
            About::Conflicts(case) => doors::case_conflicts(desk, case),
            About::Doubted(_) => {
                self.asked = Some(about);
                let question = "Let this device write for the team? It was let in by somebody who had left: ask its owner first, by telephone.";
                vec![Effect::push(ACCEPTS, Ask::new(question))]
            }
            About::Devices => vec![Effect::push("devices", devices::page(desk, &self.copies))],
            About::Received(bundle) | About::Sent(bundle) => {
                let cases =
                    desk.open_session().state().item(bundle).map(|item| item.str(Field::BundleCases).to_owned());
                let cases = cases.unwrap_or_default();
                let mut cases = cases.split_whitespace().filter_map(StreamId::from_hex);
                match (cases.next().filter(|case| desk.case(case.item()).is_some()), cases.next()) {
                    (Some(case), None) => doors::case(desk, case.item()),
                    _ => vec![Effect::info("It brought no single case: 2 shows them all.")],
                }
            }
        })
    }

    /// Writes the selected bundle to a place that is chosen.
    fn write(&self, desk: &Desk) -> Handled<Desk> {
        match self.about() {
            Some(About::Outbound(name)) if !recorded(desk, name) => {
                Effect::info("It was never put on record: make it again, and take this one out (D).").into()
            }
            Some(About::Outbound(name)) => {
                let errand = Errand::Write { name: name.clone() };
                Handled::Done(chooser::open(errand, desk))
            }
            _ => Effect::info("Select a bundle of the outbox first.").into(),
        }
    }

    /// Asks before something is taken out of its list.
    fn remove(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let question = match self.about() {
            Some(About::Arrived(_)) => {
                "Take this bundle out of the inbox? What it brings is then nowhere here; the sender still has it."
                    .to_owned()
            }
            Some(About::Outbound(name)) if desk.trays.carried(name) => {
                "Take this bundle out of the outbox? It was carried.".to_owned()
            }
            Some(About::Outbound(name)) if !recorded(desk, name) => {
                "Take this file out of the outbox? It was never put on record, and nobody was sent it.".to_owned()
            }
            Some(About::Outbound(_)) => {
                "Take this bundle out of the outbox? It was not carried from here: they get it only if it was made \
                 again."
                    .to_owned()
            }
            Some(About::Peer(peer)) => {
                let name = desk.open_session().peer(*peer).map(|peer| peer.name).unwrap_or_default();
                format!("{name} leaves the list? Nothing more is sent to them; what came from them stays.")
            }
            Some(About::Received(_)) => {
                "Set aside what this bundle brought? It is kept, and counts for nothing.".to_owned()
            }
            _ => return Effect::info("Nothing here can be taken out of the list.").into(),
        };
        self.asked = self.about().cloned();
        Effect::push(REMOVES, Ask::new(question)).into()
    }

    fn removed(about: About, desk: &mut Desk) -> Effects<Desk> {
        let said = |result: Result<(), AppError>, says: &str| match result {
            Ok(()) => vec![Effect::info(says)],
            Err(error) => vec![Effect::refused(error_text(&error))],
        };
        match about {
            About::Arrived(name) => {
                let result = desk.open_session_mut().leave_inbox(&name);
                desk.trays.changed();
                said(result, "Taken out of the inbox.")
            }
            About::Outbound(name) => said(desk.open_session_mut().leave_outbox(&name), "Taken out of the outbox."),
            About::Peer(peer) => desk.run(PeerRemove { peer }),
            About::Received(bundle) => desk.run(BundleUndo { bundle, back: false }),
            _ => Vec::new(),
        }
    }

    fn reply(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let referral = match self.about() {
            Some(About::Asked(referral)) => *referral,
            Some(About::Awaited(_)) => {
                return Effect::info("This one waits for their answer, not for ours.").into();
            }
            _ => return Effect::info("Select a referral that waits for our answer first.").into(),
        };
        if name == "referral.accept" {
            return Handled::Done(accept(referral, desk));
        }
        doors::form("referral.decline", Some(referral), desk)
    }

    fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "list.open" => self.open(desk),
            "bundle.take" => Handled::Done(chooser::open(Errand::Take, desk)),
            "bundle.write" => self.write(desk),
            "bundle.update" => match self.peer(desk) {
                Some(peer) => Handled::Done(update(peer, None)),
                None => Effect::info("Select a team first.").into(),
            },
            "bundle.cards" => match self.peer(desk) {
                Some(peer) => Handled::Done(parcels::cards(peer, desk)),
                None => Effect::info("Select a team first.").into(),
            },
            "bundle.figures" => match self.peer(desk) {
                Some(peer) => Handled::Done(parcels::figures(peer, desk)),
                None => Effect::info("Select a team first.").into(),
            },
            "exchange.remove" => self.remove(desk),
            "relay.push" => Handled::Done(chooser::open(Errand::Push, desk)),
            "relay.pull" => Handled::Done(chooser::open(Errand::Pull, desk)),
            "device.sync" => Handled::Done(chooser::open(Errand::Sync, desk)),
            "device.add" => Handled::Done(chooser::open(Errand::Device, desk)),
            "peer.add" => Handled::Done(chooser::open(Errand::Card, desk)),
            "peer.card" => Handled::Done(card::open(desk)),
            "peer.verify" => match self.peer(desk) {
                Some(peer) => Handled::Done(peers::compare(peer)),
                None => Effect::info("Select a team first.").into(),
            },
            "referral.accept" | "referral.decline" => self.reply(name, desk),
            _ => Handled::when(self.list.moves(name)),
        }
    }
}

impl Layer<Desk> for Exchange {
    fn contexts(&self) -> &[&'static str] {
        self.list.contexts(&["exchange", "list"])
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn can(&self, command: &str) -> bool {
        let about = self.about();
        match command {
            "list.open" => about.is_some(),
            "bundle.write" => matches!(about, Some(About::Outbound(_))),
            "peer.verify" | "bundle.update" | "bundle.cards" | "bundle.figures" => {
                matches!(about, Some(About::Peer(_)))
            }
            "referral.accept" | "referral.decline" => matches!(about, Some(About::Asked(_))),
            "exchange.remove" => {
                matches!(about, Some(About::Arrived(_) | About::Outbound(_) | About::Peer(_) | About::Received(_)))
            }
            _ => true,
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.list.typed(&typed);
        Vec::new()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.list.filters(name) {
            return Handled::done();
        }
        let handled = self.act(name, desk);
        self.refresh(desk);
        handled
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        if self.list.click(y) { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = match (tag, answer, self.asked.take()) {
            (ACCEPTS, Answer::Yes, Some(About::Doubted(device))) => {
                self.made = None;
                match desk.open_session_mut().accept_device(device) {
                    Ok(()) => vec![Effect::info(
                        "It writes for the team from now on. What it wrote comes with the next sync.",
                    )],
                    Err(error) => vec![Effect::refused(error_text(&error))],
                }
            }
            (REMOVES, Answer::Yes, Some(about)) => {
                self.made = None;
                Self::removed(about, desk)
            }
            _ => Vec::new(),
        };
        self.refresh(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_none() {
            return;
        }
        desk.look_into_inbox();
        let made = Some((desk.open_session().state().revision(), desk.trays.changes()));
        if self.made != made {
            self.made = made;
            // That the disk refuses now is said where something of a person's own is to be saved.
            let _ = desk.open_session().tidy_outbox();
            self.copies = desk.open_session_mut().copies();
            self.list.set(rows::all(desk, &self.copies));
        }
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
        let (typing, filtered) = self.list.draw_filter(buf, line, theme);
        let above = u16::from(filtered);
        let body = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
        let cursor = self.list.draw(buf, body, theme, &Table::new(rows::columns()));
        typing.or(cursor)
    }
}
