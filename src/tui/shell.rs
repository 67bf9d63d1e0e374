//! The program as a whole: header, screens by number, lock, reveal, undo, and what happens by itself.
//!
//! It sleeps until a deadline and never polls: the next minute, the end of a reveal, the idle lock, the mirror's sync
//! after a commit, one more part of what can be searched, and while nobody types one of the vault's self-check.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::field::Field;
use crate::error::Result;
use crate::session::{PART, Session};
use crate::vault::Found;

use super::desk::{Desk, error_text};
use super::effect::{Answer, Effect};
use super::layers::{Effects, Handled, Shell};
use super::overlays::Ask;
use super::screens::doors::{self, Door};
use super::screens::{actions, today};
use super::widgets::bars::Header;

/// The mirror is synced this long after a commit: several commits in a row are synced once.
const SETTLE: Duration = Duration::from_millis(800);
/// How long nobody must have typed before the vault checks itself.
const QUIET: Duration = Duration::from_secs(3);
/// Between two parts of the self-check.
const BREATH: Duration = Duration::from_millis(250);
/// Between two parts of what can be searched: keys that have come are handled first.
const MOMENT: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
/// The command that [`lock`](MahoeShell::lock) sends after the unlock screen has taken the place of all others.
const DROP_KEYS: &str = "app.drop-keys";
/// The tag of the question before room mode is left.
const LEAVES_ROOM: &str = "leaves-room";

/// A screen with a number.
struct Screen {
    /// Its command; the number is its last character.
    command: &'static str,
    name: &'static str,
    /// `None` if it can't be shown now.
    open: fn(&mut Desk) -> Option<Door>,
}

/// The screens in the order of their numbers: header, keys and commands follow this table.
const SCREENS: &[Screen] = &[
    Screen { command: "screen.1", name: "Today", open: |desk| Some(today::screen(desk)) },
    Screen { command: "screen.2", name: "Cases", open: doors::cases },
    Screen { command: "screen.3", name: "Actions", open: |desk| Some(actions::screen(desk)) },
    Screen { command: "screen.4", name: "Team", open: doors::team },
    Screen { command: "screen.5", name: "Vault", open: doors::health },
    Screen { command: "screen.6", name: "Exchange", open: doors::exchange },
    Screen { command: "screen.7", name: "Meetings", open: doors::meetings },
    Screen { command: "screen.8", name: "Calendar", open: doors::calendar },
    Screen { command: "screen.9", name: "Outreach", open: doors::outreach },
    Screen { command: "screen.0", name: "Library", open: doors::library },
];

/// The shell of mahoe.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that has or has not happened")]
pub struct MahoeShell {
    current: usize,
    /// The next minute; set when first asked for.
    minute: Cell<Option<Duration>>,
    /// When the mirror is to be synced, if a commit waits for it.
    settle: Cell<Option<Duration>>,
    /// When the next part of what can be searched is read, if there is any.
    words: Cell<Option<Duration>>,
    /// When the next part of the self-check may run.
    check: Duration,
    checked: bool,
    /// Program time and wall time of the last turn: they part while the computer sleeps.
    turn: Cell<Option<(Duration, DateTime<Utc>)>>,
    slept: Cell<bool>,
    /// The unlock screen is asked for; the keys are dropped in the same turn, whatever the layers do.
    locking: bool,
    /// The header as it was last: it stands while a job has the session.
    last: RefCell<Header>,
    /// A failure of the disk was said; it is not said again until something worked.
    disk_failed: bool,
    /// The screen is blank already: it is not blanked again.
    blank: bool,
}

impl MahoeShell {
    fn screen(&mut self, at: usize, cx: &mut Desk) -> Handled<Desk> {
        let Some(screen) = SCREENS.get(at) else { return Handled::Pass };
        match (screen.open)(cx) {
            Some(layer) => {
                self.current = at;
                Effect::Replace(layer).into()
            }
            None => Effect::info(format!("{} can't be opened here yet.", screen.name)).into(),
        }
    }

    /// Locks: all screens keep their drafts while the keys are still there; then the keys are dropped.
    fn lock(&mut self, cx: &mut Desk) -> Effects<Desk> {
        if cx.session().is_none() {
            return Vec::new();
        }
        if cx.demo {
            let text = "The demo goes blank in the place of locking: there is nothing in it to protect.";
            return vec![Effect::Blank(true), Effect::info(text)];
        }
        (self.current, self.locking) = (0, true);
        let door = doors::locked(cx);
        vec![Effect::Replace(door), Effect::Command(DROP_KEYS.to_owned()), Effect::Blank(false)]
    }

    fn drop_keys(&mut self, cx: &mut Desk) {
        cx.lock();
        *self = Self::default();
    }

    fn reveal(cx: &mut Desk) -> Effects<Desk> {
        if cx.room().is_some() {
            return vec![Effect::info("Names stay masked while a meeting is live.")];
        }
        if cx.projected() {
            return vec![Effect::info("Names stay masked in room mode. : room leaves it.")];
        }
        if !cx.masked() {
            cx.mask();
            return vec![Effect::info("Names are masked.")];
        }
        match cx.reveal(None) {
            Ok(()) => {
                let seconds = cx.open_session().pack().limits.reveal_seconds;
                vec![Effect::info(format!("Names are shown for {seconds} seconds. It is on record. m masks them."))]
            }
            Err(error) => vec![Effect::refused(error_text(&error))],
        }
    }

    /// Shows the screen to a room, from Today on: whatever lay open is put away. Leaving it asks first.
    fn room_mode(&mut self, cx: &mut Desk) -> Effects<Desk> {
        if cx.projected() {
            let question = "Leave room mode? Is the projector off? What is only for some people is shown again.";
            return vec![Effect::push(LEAVES_ROOM, Ask::new(question))];
        }
        cx.project(true);
        self.current = 0;
        let says = "Room mode: names stay masked; cases that are only for some and the child's words are left out.";
        vec![Effect::Replace(today::screen(cx)), Effect::info(says)]
    }

    /// How long nobody may have typed: longer while a meeting is live, where people talk.
    fn idle(cx: &Desk) -> Option<Duration> {
        let limits = &cx.session()?.pack().limits;
        Some(MINUTE * if cx.in_room() { limits.live_lock_minutes } else { limits.idle_minutes })
    }

    fn idle_lock(cx: &Desk) -> Option<Duration> {
        Some(cx.last_touch() + Self::idle(cx)?)
    }

    /// When a live meeting goes blank: a projector goes on shining while the room takes a break.
    fn idle_blank(&self, cx: &Desk) -> Option<Duration> {
        (cx.in_room() && !self.blank).then_some(())?;
        Some(cx.last_touch() + MINUTE * cx.session()?.pack().limits.live_blank_minutes)
    }

    /// Whether the computer has slept for longer than the idle lock allows: the program's own time stood still then.
    fn has_slept(&self, cx: &Desk) -> bool {
        let Some(session) = cx.session() else { return false };
        let (now, wall) = (cx.clock(), session.now());
        if let Some((before, then)) = self.turn.replace(Some((now, wall))) {
            let idle = Self::idle(cx).unwrap_or_default();
            let passed = wall.signed_duration_since(then).to_std().unwrap_or_default();
            if passed > now.saturating_sub(before) + idle {
                self.slept.set(true);
            }
        }
        self.slept.get()
    }

    /// The moment of the next full minute on the wall clock.
    fn next_minute(cx: &Desk) -> Duration {
        let second = cx.session().map_or(0, |session| session.now().timestamp().rem_euclid(60));
        cx.clock() + Duration::from_secs(60 - u64::try_from(second).unwrap_or(0))
    }

    fn settle_due(&self, cx: &Desk) -> Option<Duration> {
        let due = match (cx.session()?.vault().needs_settling(), self.settle.get()) {
            (false, _) => None,
            (true, Some(due)) => Some(due),
            (true, None) => Some(cx.clock() + SETTLE),
        };
        self.settle.set(due);
        due
    }

    fn check_due(&self, cx: &Desk) -> Option<Duration> {
        (!self.checked && cx.session().is_some()).then(|| self.check.max(cx.last_touch() + QUIET))
    }

    /// When more of what can be searched is to be read: at once, but after whatever was typed.
    fn words_due(&self, cx: &Desk) -> Option<Duration> {
        let waits = cx.session()?.words_wait();
        let due = waits.then(|| self.words.get().unwrap_or_else(|| cx.clock() + MOMENT));
        self.words.set(due);
        due
    }

    /// Says once that the disk refuses, until something works again.
    fn disk<T>(&mut self, result: Result<T>, effects: &mut Effects<Desk>) -> Option<T> {
        match result {
            Ok(value) => {
                self.disk_failed = false;
                Some(value)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.disk_failed, true) {
                    effects.push(Effect::refused(error_text(&error)));
                }
                None
            }
        }
    }
}

impl Shell<Desk> for MahoeShell {
    fn start(&mut self, cx: &mut Desk) -> Effects<Desk> {
        let first = if cx.session().is_some() { today::screen(cx) } else { doors::locked(cx) };
        let mut effects = vec![Effect::Replace(first)];
        if cx.demo {
            // Whoever looks at the demo has not seen the program before.
            effects.extend(doors::tour(cx).map(|tour| Effect::Push("tour", tour)));
        }
        effects
    }

    fn command(&mut self, name: &str, cx: &mut Desk) -> Handled<Desk> {
        match name {
            "app.lock" => Handled::Done(self.lock(cx)),
            DROP_KEYS => {
                self.drop_keys(cx);
                Handled::done()
            }
            _ if cx.session().is_none() => Handled::Pass,
            _ if cx.room().is_some() && leads_out(name) => {
                Effect::info("A live meeting is on the screen. Esc leaves it first.").into()
            }
            "app.room" => Handled::Done(self.room_mode(cx)),
            "undo" => Handled::Done(cx.undo()),
            "reveal" => Handled::Done(Self::reveal(cx)),
            "report.quick" => doors::form("case.quick", None, cx),
            "case.new" => doors::form("case.open", None, cx),
            "action.new" => doors::form("action.add", None, cx),
            "find.open" => Effect::Push("find", doors::find(cx)).into(),
            "policy.open" => Effect::Push("policy", doors::policy(cx)).into(),
            "paper.print" => Handled::Done(doors::printing(cx, None)),
            "app.tour" => doors::tour(cx).map_or(Handled::Pass, |tour| Effect::Push("tour", tour).into()),
            _ => match SCREENS.iter().position(|screen| screen.command == name) {
                Some(at) => self.screen(at, cx),
                None => doors::form(name, None, cx),
            },
        }
    }

    fn header(&self, cx: &Desk) -> Header {
        let Some(session) = cx.session() else { return self.last.borrow().clone() };
        let state = session.state();
        let place = state.item(state.team_stream().item()).map_or("", |team| team.str(Field::TeamName));
        let names = if cx.masked() { "masked" } else { "names shown" };
        let mut status = format!("{} · {names}", cx.my_name());
        if needs_a_look(session) {
            status.push_str(" · ! vault");
        }
        let notice = if cx.practice { crate::domain::paper::PRACTICE } else { "" };
        let all = || SCREENS.iter().map(|screen| (number(screen.command), screen.name.to_owned())).collect();
        // In the room no other screen opens: the header offers none.
        let room = cx.room().is_some();
        let header = Header {
            place: match (room, cx.projected()) {
                (true, _) => format!("{place}: live meeting"),
                (_, true) => format!("{place}: ROOM MODE"),
                _ => place.to_owned(),
            },
            screens: if room { Vec::new() } else { all() },
            current: self.current,
            status,
            alert: !cx.masked(),
            notice: notice.to_owned(),
        };
        self.last.borrow_mut().clone_from(&header);
        header
    }

    fn deadline(&self, cx: &Desk) -> Option<Duration> {
        cx.session()?;
        if self.locking || self.has_slept(cx) {
            return Some(cx.clock());
        }
        let minute = self.minute.get().unwrap_or_else(|| Self::next_minute(cx));
        self.minute.set(Some(minute));
        let (blank, lock) = (self.idle_blank(cx), Self::idle_lock(cx));
        let words = self.words_due(cx);
        let all = [Some(minute), cx.mask_due(), blank, lock, self.settle_due(cx), self.check_due(cx), words];
        all.into_iter().flatten().min()
    }

    fn tick(&mut self, now: Duration, cx: &mut Desk) -> Effects<Desk> {
        let mut effects = Vec::new();
        if self.locking {
            self.drop_keys(cx);
            return effects;
        }
        let came = |due: Option<Duration>| due.is_some_and(|due| due <= now);
        if came(cx.mask_due()) {
            cx.mask();
        }
        if came(self.settle.get()) {
            self.settle.set(None);
            let settled = cx.open_session_mut().settle();
            if self.disk(settled, &mut effects).is_none() {
                // Not before the next minute: a disk that refuses must not be asked all the time.
                self.settle.set(Some(now + MINUTE));
            }
        }
        if self.slept.take() || came(Self::idle_lock(cx)) {
            effects.extend(self.lock(cx));
            if cx.demo {
                cx.mask();
                super::layers::Context::touched(cx);
            }
            return effects;
        }
        if came(self.idle_blank(cx)) {
            effects.push(Effect::Blank(true));
        }
        if came(self.check_due(cx)) {
            let more = cx.open_session_mut().check_more();
            self.checked = self.disk(more, &mut effects) != Some(true);
            self.check = now + BREATH;
        }
        if came(self.words.take()) {
            cx.open_session().read_words(PART);
        }
        if came(self.minute.get()) {
            self.minute.set(Some(Self::next_minute(cx)));
        }
        effects
    }

    fn answer(&mut self, tag: &str, answer: Answer, cx: &mut Desk) -> Effects<Desk> {
        if tag != LEAVES_ROOM || answer != Answer::Yes {
            return Vec::new();
        }
        cx.project(false);
        self.current = 0;
        vec![Effect::Replace(today::screen(cx)), Effect::info("Room mode is left. Names are still masked.")]
    }

    fn blanked(&mut self, on: bool, cx: &mut Desk) {
        self.blank = on;
        cx.mask();
    }

    fn leave_question(&self, cx: &Desk) -> Option<String> {
        cx.session()?;
        let text = if cx.demo {
            "Leave the demo? Nothing of it is kept."
        } else {
            "Leave mahoe? All is saved, and the vault is locked."
        };
        Some(text.to_owned())
    }
}

/// Whether a command opens what a room may not see: another screen, or a form that belongs to none.
pub(super) fn leads_out(name: &str) -> bool {
    const FORMS: [&str; 6] = ["report.quick", "case.new", "action.new", "paper.print", "app.tour", "app.room"];
    let everywhere = |command: &str| super::keymap::COMMANDS.iter().any(|it| it.name == command && it.everywhere);
    let ours = name.starts_with("app.") || name.starts_with("theme.");
    SCREENS.iter().any(|screen| screen.command == name) || FORMS.contains(&name) || (everywhere(name) && !ours)
}

/// What a person must look at; what was made whole again by itself is told on the health screen alone.
fn needs_a_look(session: &Session) -> bool {
    let foreign = |found: &Found| matches!(found, Found::ForeignEpoch(_));
    session.health().iter().any(|(_, loss)| *loss) || session.vault().findings().iter().any(foreign)
}

fn number(command: &str) -> String {
    command.rsplit('.').next().unwrap_or("").to_owned()
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
