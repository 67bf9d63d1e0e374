//! Sending a case: to whom, how much of it, what leaves and what stays, and why. Nothing is made before the last step.
//!
//! The rules are asked anew at each step; where one is in the way, what to do about it is one key away. `draw` shows the
//! preview.

mod draw;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::class::Class;
use crate::domain::consent;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::share::Share;
use crate::domain::telling;
use crate::domain::views::Member;
use crate::error::AppError;
use crate::session::exchange::{Preview, Wish};
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::overlays::Pick;
use crate::tui::screens::{busy, childs_views, doors, forms};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Cell, Choice, Line as Says, Row, TableState, TextView, cell};

use super::plan::draw_text;
use super::{peers, rows};

/// The tags of what it asks.
const PEER: &str = "peer";
const PROFILE: &str = "profile";
const OVERRIDE: &str = "override";
const WHY: &str = "why";
/// The fields that hold the child's own words.
const WORDS: [Field; 3] = [Field::NoteText, Field::ServiceViews, Field::DecisionViews];
/// The command that it gives itself once it is on top.
const START: &str = "send.start";

/// Begins to send a case to another team: referred, or handed over.
pub fn begin(case: ItemId, transfer: bool, to: Option<ItemId>, desk: &Desk) -> Effects<Desk> {
    if let Err(error) = desk.alone() {
        return vec![Effect::refused(error_text(&error))];
    }
    if desk.open_session().peers().is_empty() {
        let text = "No other team is known yet. In Exchange (6) c shows your card and a adds theirs.";
        return vec![Effect::info(text)];
    }
    let profile = if transfer { "whole" } else { "parish-partner" }.to_owned();
    let wish = Wish { peer: to, case: Some(case), profile, ..Wish::default() };
    let send = Send {
        case,
        transfer,
        wish,
        obstacles: Obstacles::default(),
        seen: None,
        reading: false,
        rows: Vec::new(),
        state: TableState::default(),
    };
    vec![Effect::push("send", send), Effect::Command(START.to_owned())]
}

/// Sends what is new in a case to every team that it is shared with.
pub fn update(case: ItemId, desk: &mut Desk) -> Handled<Desk> {
    let state = desk.open_session().state();
    let Some(stream) = state.item(case).map(|item| item.stream) else { return Handled::done() };
    let mut teams: Vec<ItemId> = Share::of_case(state, stream).filter_map(Share::peer).collect();
    teams.sort_unstable();
    teams.dedup();
    if teams.is_empty() {
        return Effect::info("This case is shared with no other team. R t refers it to one.").into();
    }
    Handled::Done(busy::effects("Making the bundles", move |session, tell| {
        let mut said = Vec::new();
        for (at, peer) in teams.iter().enumerate() {
            if !tell(at as u64, teams.len() as u64) {
                said.push("Stopped: the rest was not made.".to_owned());
                break;
            }
            let wish = Wish { peer: Some(*peer), case: Some(case), ..Wish::default() };
            said.push(match session.update(&wish) {
                Ok(sent) => format!("{} {}", sent.says, super::CARRY),
                Err(error) => error_text(&error),
            });
        }
        Ok(said)
    }))
}

/// A thing that leaves or stays, in the view that shows every line.
#[derive(Clone, Copy)]
enum About {
    Heading,
    Thing(ItemId, Class),
}

struct Send {
    case: ItemId,
    transfer: bool,
    wish: Wish,
    /// What can be done about what is in the way, as it was when `seen` was worked out.
    obstacles: Obstacles,
    /// What would leave, or what is in the way; `None` while team and profile are chosen.
    seen: Option<Result<Preview, AppError>>,
    /// Every line is shown.
    reading: bool,
    rows: Vec<(About, Row)>,
    state: TableState,
}

impl Send {
    fn team(&self, desk: &Desk) -> String {
        let peer = self.wish.peer.and_then(|peer| desk.open_session().peer(peer).ok());
        peer.map_or_else(String::new, |peer| rows::short_name(&peer.name))
    }

    fn pick_peer(&mut self, desk: &Desk) -> Effects<Desk> {
        let mut peers = desk.open_session().peers();
        // Those that can be sent to at once come first.
        peers.sort_by_key(|peer| (!peer.alarm.is_empty(), peer.verified.is_none()));
        if let [only] = peers.as_slice() {
            self.wish.peer = Some(only.item);
        }
        // Where there is one team only, or one was chosen before, nobody has to choose it.
        if self.wish.peer.is_some_and(|peer| peers.iter().any(|known| known.item == peer)) {
            return self.pick_profile(desk);
        }
        let choice = |peer: &crate::session::PeerInfo| {
            let note = match (&peer.verified, peer.alarm.is_empty()) {
                (_, false) => "! another key was shown",
                (Some(_), _) => "verified",
                (None, _) => "! not verified",
            };
            Choice::new(peer.item.to_string(), rows::short_name(&peer.name)).noted(note)
        };
        let title = format!("Case {}: to which team?", desk.code(self.case));
        vec![Effect::push(PEER, Pick::new(title, peers.iter().map(choice).collect()))]
    }

    fn pick_profile(&mut self, desk: &Desk) -> Effects<Desk> {
        let profiles = &desk.open_session().pack().profiles;
        let choice = |profile: &crate::domain::pack::Profile| {
            let classes: Vec<&str> = profile.classes.iter().map(|class| class.name()).collect();
            Choice::new(profile.code.as_str(), profile.label.as_str()).noted(classes.join(", "))
        };
        let pick = Pick::new("How much of it leaves?", profiles.iter().map(choice).collect());
        vec![Effect::push(PROFILE, pick.selected(&self.wish.profile))]
    }

    /// Asks every rule, and works out what would leave.
    fn look(&mut self, desk: &mut Desk) {
        self.seen = Some(desk.open_session_mut().preview_referral(&self.wish, self.transfer));
        self.obstacles = self.obstacles(desk);
        self.fill(desk);
    }

    /// The lines of the view that shows everything.
    fn fill(&mut self, desk: &Desk) {
        let Some(Ok(preview)) = &self.seen else { return };
        let mut rows: Vec<(About, Row)> = Vec::new();
        for (title, parts, leaves) in [("Leaves", &preview.leaves, true), ("Stays here", &preview.stays, false)] {
            if !rows.is_empty() {
                rows.push((About::Heading, Row::Remark(String::new())));
            }
            rows.push((About::Heading, Row::Section(title.to_owned(), None)));
            if parts.is_empty() {
                rows.push((About::Heading, Row::Remark("  nothing".to_owned())));
            }
            for part in parts {
                rows.extend(part.read.iter().zip(&part.of).map(|(read, item)| {
                    let sign = if leaves { "√" } else { "×" };
                    let text = self.masked(desk, part.class, read);
                    let role = if leaves { Role::Text } else { Role::Dim };
                    let cells: [Cell; 2] = [cell(format!("{sign} {}", part.class), role), cell(text, role)];
                    (About::Thing(*item, part.class), Row::item(cells))
                }));
            }
        }
        let fixed = |(at, (about, _)): (usize, &(About, Row))| matches!(about, About::Heading).then_some(at);
        self.state.set_rows(rows.len(), rows.iter().enumerate().filter_map(fixed).collect());
        self.rows = rows;
    }

    /// A line as it will be read; while names are masked, as it may be shown.
    fn masked(&self, desk: &Desk, class: Class, read: &str) -> String {
        let text = desk.text(Some(self.case), read).replace('\n', " ");
        let named =
            matches!(class, Class::Identity | Class::Contact | Class::People | Class::Placement | Class::Reporter);
        match text.split_once(':') {
            // Shown on purpose alone, and on record.
            Some((label, _)) if class == Class::Views && WORDS.iter().any(|words| words.def().label == label) => {
                format!("{label}: in the child's own words, F3 shows them")
            }
            Some((label, _)) if named && desk.masked() => format!("{label}: masked, m shows it"),
            _ => text,
        }
    }

    /// Keeps the selected thing back, or lets it go again.
    fn keep_back(&mut self, desk: &mut Desk) -> Handled<Desk> {
        if !self.reading {
            self.reading = true;
            return Effect::info("Select a line, then Space keeps it back.").into();
        }
        let about = self.state.selected().and_then(|at| self.rows.get(at)).map(|(about, _)| *about);
        let Some(About::Thing(item, class)) = about else { return Handled::done() };
        if class == Class::Views && !self.wish.keep_back.contains(&item) && self.lets_go(item, desk) {
            self.look(desk);
            return Handled::done();
        }
        if desk.open_session().state().item(item).is_some_and(|item| item.kind == ItemKind::Case) {
            let text = "This is the case itself: Esc, and choose a profile that lets less out.";
            return Effect::info(text).into();
        }
        match self.wish.keep_back.iter().position(|kept| *kept == item) {
            Some(at) => _ = self.wish.keep_back.remove(at),
            None => self.wish.keep_back.push(item),
        }
        self.look(desk);
        Handled::done()
    }

    /// The child's own words leave only if the child said so, or if somebody chooses it here: takes the choice, or takes it
    /// back. False for what the child said that they may be told; that is kept back like anything else.
    fn lets_go(&mut self, item: ItemId, desk: &Desk) -> bool {
        let state = desk.open_session().state();
        let peer = self.wish.peer.and_then(|peer| state.item(peer));
        let root = peer.map_or("", |peer| peer.str(Field::PeerRoot));
        if state.item(item).is_none_or(|item| telling::may_be_told(item, root)) {
            return false;
        }
        match self.wish.let_go.iter().position(|chosen| *chosen == item) {
            Some(at) => _ = self.wish.let_go.remove(at),
            None => self.wish.let_go.push(item),
        }
        true
    }

    fn go_on(&self, desk: &Desk) -> Handled<Desk> {
        match forms::refer(desk, &self.wish, self.transfer, &self.team(desk)) {
            Some(form) => Effect::Push(WHY, form).into(),
            None => Handled::done(),
        }
    }

    /// What is in the way, and can be done something about.
    fn obstacles(&self, desk: &Desk) -> Obstacles {
        let session = desk.open_session();
        let peer = self.wish.peer.and_then(|peer| session.peer(peer).ok());
        let kind = if self.transfer { "transfer" } else { "refer" };
        let root =
            peer.as_ref().and_then(|peer| session.state().item(peer.item)).map_or("", |it| it.str(Field::PeerRoot));
        let lacking = |case| !consent::lacking_for(session.state(), case, (kind, root), desk.today()).is_empty();
        Obstacles {
            words: peer.is_some_and(|peer| peer.verified.is_none() && peer.alarm.is_empty()),
            consent: !self.wish.mandatory && desk.case(self.case).is_some_and(lacking),
            leads: Member::get(session.state(), session.me()).is_some_and(Member::leads),
        }
    }

    fn settle(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let obstacles = self.obstacles;
        match name {
            "consent.record" if obstacles.consent => doors::form(name, Some(self.case), desk),
            "peer.verify" if obstacles.words => {
                self.wish.peer.map_or_else(Handled::done, |peer| Handled::Done(peers::compare(peer)))
            }
            "send.override" if obstacles.any() && obstacles.leads => {
                let says = match &self.seen {
                    Some(Err(error)) => error.message.clone(),
                    _ => String::new(),
                };
                Effect::Push(OVERRIDE, forms::override_reason(&says)).into()
            }
            "send.override" if obstacles.any() => {
                Effect::info("Only a coordinator or a deputy can send where a rule is in the way.").into()
            }
            "send.mandatory" if obstacles.consent => {
                self.wish.mandatory = true;
                self.look(desk);
                Handled::done()
            }
            _ => Handled::done(),
        }
    }
}

/// What is in the way.
#[derive(Clone, Copy, Default)]
struct Obstacles {
    words: bool,
    consent: bool,
    leads: bool,
}

impl Obstacles {
    const fn any(self) -> bool {
        self.words || self.consent
    }

    /// What can be done about it, a way in a line: the footer may be too short for them.
    fn ways(self) -> impl Iterator<Item = &'static str> {
        let ways = [
            (self.words, "v  compare words with them"),
            (self.consent, "c  write down consent"),
            (self.consent, "l  send it as a report that the law asks for"),
            (self.any() && self.leads, "o  send it for a reason, on record"),
        ];
        ways.into_iter().filter_map(|(there, way)| there.then_some(way))
    }
}

impl Layer<Desk> for Send {
    fn contexts(&self) -> &[&'static str] {
        match &self.seen {
            Some(Err(_)) => &["obstacle"],
            _ => &["send", "list"],
        }
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "list.filter" => false,
            "send.override" => self.obstacles.any() && self.obstacles.leads,
            "consent.record" | "send.mandatory" => self.obstacles.consent,
            "peer.verify" => self.obstacles.words,
            _ => true,
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match (name, &self.seen) {
            (START, _) => Handled::Done(self.pick_peer(desk)),
            ("overlay.cancel", _) => {
                Handled::Done(vec![Effect::Close(Answer::Cancelled), Effect::info("Nothing was sent.")])
            }
            ("case.views", Some(_)) => Handled::Done(childs_views::open(self.case, desk)),
            (_, Some(Err(_))) => self.settle(name, desk),
            ("list.open", Some(Ok(_))) => self.go_on(desk),
            ("send.lines", Some(Ok(_))) => {
                self.reading = !self.reading;
                Handled::done()
            }
            ("list.mark", Some(Ok(_))) => self.keep_back(desk),
            ("reveal", Some(Ok(_))) => {
                let effects = if desk.masked() {
                    match desk.reveal(Some(self.case)) {
                        Ok(()) => vec![Effect::info("Names are shown for a short while. It is on record.")],
                        Err(error) => vec![Effect::refused(error_text(&error))],
                    }
                } else {
                    desk.mask();
                    Vec::new()
                };
                self.fill(desk);
                Handled::Done(effects)
            }
            _ if self.reading => Handled::when(self.state.command(name)),
            _ => Handled::Pass,
        }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        match (tag, answer) {
            (PEER, Answer::Picked(peer)) => {
                self.wish.peer = ItemId::from_hex(&peer);
                self.pick_profile(desk)
            }
            (PROFILE, Answer::Picked(profile)) => {
                self.wish.profile = profile;
                self.look(desk);
                Vec::new()
            }
            (PEER | PROFILE, _) if self.seen.is_none() => {
                vec![Effect::Close(Answer::Cancelled), Effect::info("Nothing was sent.")]
            }
            (OVERRIDE, Answer::Saved(values)) => {
                values.get("override").clone_into(&mut self.wish.override_reason);
                self.look(desk);
                Vec::new()
            }
            (WHY, Answer::Saved(_)) => vec![Effect::Close(Answer::Yes)],
            _ => Vec::new(),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        // Consent may have been written down, or words compared, since.
        if desk.session().is_some() && self.seen.as_ref().is_some_and(Result::is_err) {
            self.look(desk);
        } else if desk.session().is_some() {
            self.fill(desk);
        }
    }

    fn position(&self) -> String {
        if self.reading { self.state.position() } else { String::new() }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        desk.session()?;
        let title = format!("Send {} to {}", desk.code(self.case), self.team(desk));
        match &self.seen {
            None => None,
            Some(Err(error)) => {
                let mut lines = vec![error_text(error).into()];
                if self.obstacles.any() {
                    lines.push("".into());
                }
                lines.extend(self.obstacles.ways().map(|way| Says::new(way, Role::Accent)));
                Some(draw_text(buf, area, theme, &format!("{title}: not yet"), (&mut TextView::new(lines), 70)))
            }
            Some(Ok(preview)) => {
                let preview = preview.clone();
                self.draw_preview(buf, area, theme, desk, (&title, &preview))
            }
        }
    }
}
