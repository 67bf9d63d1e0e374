//! The door: unlocking a vault, or starting one where there is none.
//!
//! Whatever was open is locked before this screen is drawn. A wrong passphrase makes the next try wait longer; nothing
//! here tells an unknown handle from a wrong passphrase.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::parish::Parish;
use crate::error::{AppError, Kind as ErrorKind};
use crate::policy;
use crate::session::Session;
use crate::tui::desk::{Desk, JobDone, error_text};
use crate::tui::effect::Effect;
use crate::tui::forms::{Field, Form, FormEvent};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, put_fit, wrapped};
use crate::tui::worker::{Job, JobEnd};
use crate::vault::config::{FILE_NAME, VaultConfig};
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::peek;

use super::call_card;

/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The tag of the unlocking job.
const UNLOCK: &str = "unlock";

/// The first screen: unlock the vault in the desk's folder, or start one there.
pub fn first(desk: &Desk) -> Box<dyn Layer<Desk>> {
    match peek(desk.disk.as_ref(), &desk.root) {
        Ok(config) => Box::new(Unlock::new(&config, desk.handle.as_deref())),
        Err(_) if !there_is_one(desk) => super::first_run::screen(),
        Err(error) => Box::new(Trouble { error }),
    }
}

fn there_is_one(desk: &Desk) -> bool {
    [desk.root.join(FILE_NAME), desk.root.join("mirror").join(FILE_NAME)].iter().any(|file| desk.disk.exists(file))
}

/// What is being told below the fields.
enum Says {
    Nothing,
    Working,
    Wrong(String),
}

struct Unlock {
    form: Form,
    place: String,
    practice: bool,
    says: Says,
}

impl Unlock {
    fn new(config: &VaultConfig, suggested: Option<&str>) -> Self {
        let only = match (suggested, config.participants.as_slice()) {
            (Some(handle), _) => handle.to_owned(),
            (None, [one]) => one.handle.clone(),
            _ => String::new(),
        };
        let mut form = Form::new(
            "",
            vec![
                Field::line("handle", "Handle").value(&only).hint("the short name that you chose"),
                Field::passphrase("passphrase", "Passphrase"),
            ],
        );
        if !only.is_empty() {
            form.focus("passphrase");
        }
        let place =
            Parish::parse(&config.parish).map_or_else(|_| config.parish.clone(), |parish| parish.name.to_owned());
        Self { form, place, practice: config.practice, says: Says::Nothing }
    }

    fn submit(&mut self, desk: &Desk) -> Handled<Desk> {
        if matches!(self.says, Says::Working) {
            return Handled::done();
        }
        let wait = desk.next_try.saturating_sub(desk.clock());
        if !wait.is_zero() {
            self.says = Says::Wrong(wait_words(wait));
            return Handled::done();
        }
        let handle = self.form.values().get("handle").to_owned();
        let secret = self.form.take_secrets().remove("passphrase").unwrap_or_default();
        if handle.is_empty() {
            self.form.focus("handle");
            self.says = Says::Wrong("Type your handle, then your passphrase.".to_owned());
            return Handled::done();
        }
        let Ok(passphrase) = Passphrase::new(&secret) else {
            self.says = Says::Wrong("Type your passphrase, then Enter.".to_owned());
            return Handled::done();
        };
        self.says = Says::Working;
        let place = desk.place();
        let job = Job::new(UNLOCK, "Opening the vault", move |_| {
            JobDone::Session(Session::unlock(place, &handle, &passphrase).map(|session| (Box::new(session), None)))
        });
        Effect::Run(job).into()
    }

    fn failed(&mut self, error: &AppError, desk: &mut Desk) {
        self.form.focus("passphrase");
        if error.kind != ErrorKind::Locked {
            self.says = Says::Wrong(error_text(error));
            return;
        }
        desk.wrong_tries = desk.wrong_tries.saturating_add(1);
        let wait = Duration::from_secs(1 << (desk.wrong_tries - 1).min(5)).min(LONGEST_WAIT);
        desk.next_try = desk.clock() + wait;
        self.says =
            Says::Wrong(format!("{} Check Caps Lock; the next try can be made in {}.", error.message, seconds(wait)));
    }
}

fn seconds(wait: Duration) -> String {
    match wait.as_millis().div_ceil(1000) {
        1 => "1 second".to_owned(),
        n => format!("{n} seconds"),
    }
}

fn wait_words(wait: Duration) -> String {
    format!("Please wait {} before the next try.", seconds(wait))
}

impl Layer<Desk> for Unlock {
    fn contexts(&self) -> &[&'static str] {
        &["unlock", "form", "text"]
    }

    fn kind(&self) -> Kind {
        Kind::Bare
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn refresh(&mut self, desk: &mut Desk) {
        // Drafts of forms that this screen replaced are kept by now, so the vault can be locked.
        if desk.session().is_some() {
            desk.lock();
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "unlock.open" if self.form.focused() == "handle" => {
                self.form.command("form.next");
                Handled::done()
            }
            "unlock.open" => self.submit(desk),
            "form.save" | "form.leave" => Handled::done(),
            _ => match self.form.command(name) {
                FormEvent::Pass => Handled::Pass,
                _ => Handled::done(),
            },
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        if !matches!(self.says, Says::Working) {
            self.form.typed(&typed);
            self.says = Says::Nothing;
        }
        Vec::new()
    }

    fn job_ended(&mut self, _: &str, end: JobEnd<JobDone>, desk: &mut Desk) -> Effects<Desk> {
        self.says = Says::Nothing;
        let JobEnd::Done(JobDone::Session(result)) = end else { return Vec::new() };
        match result {
            Ok((session, _)) => opened(*session, desk),
            Err(error) => {
                self.failed(&error, desk);
                Vec::new()
            }
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let title = if self.practice { "mahoe · practice" } else { "mahoe" };
        let body = door(buf, area, theme, title, &self.place);
        let fields = Rect { height: body.height.min(4), ..body };
        let cursor = self.form.draw(buf, fields, theme);
        let below = Rect { y: fields.bottom().min(body.bottom()), height: body.height - fields.height, ..body };
        match &self.says {
            Says::Nothing => {}
            Says::Working => _ = lines(buf, below, theme, "Opening the vault. This takes a moment.", Role::Accent),
            Says::Wrong(text) => _ = lines(buf, below, theme, text, Role::Error),
        }
        keys(buf, area, body, theme, "Enter unlock   Esc leave   Tab next field   F9 blank");
        cursor
    }
}

/// What follows a vault's opening: Today, and one sentence if something was repaired.
pub(super) fn opened(session: Session, desk: &mut Desk) -> Effects<Desk> {
    let found = session.health_sentence();
    desk.unlock(session);
    let mut effects = vec![Effect::Command("screen.1".to_owned())];
    effects.extend(found.map(Effect::info));
    effects
}

/// The frame of all screens before a vault is open: whose it is, and whom to call. Returns what is left for the rest.
pub(super) fn door(buf: &mut Buffer, area: Rect, theme: &Theme, title: &str, place: &str) -> Rect {
    let width = area.width.saturating_sub(4).min(68);
    let x = area.x + (area.width - width) / 2;
    let (roomy, tight) = (area.height >= 22, area.height < 16);
    let top = area.y
        + if area.height >= 30 {
            area.height / 6
        } else if roomy {
            2
        } else {
            u16::from(!tight)
        };
    let foot = if tight { 1 } else { 3 };
    let inside = Rect { x, y: top, width, height: area.bottom().saturating_sub(top + foot) };
    let used = put(buf, x, top, width, title, theme.style(Role::Accent).add_modifier(ratatui::style::Modifier::BOLD));
    if !place.is_empty() {
        put(buf, x + used + 2, top, width.saturating_sub(used + 2), place, theme.style(Role::Title));
    }
    let mut above = 1;
    if !tight {
        let rule = theme.symbols.rule.repeat(usize::from(width));
        put(buf, x, top + 1, width, &rule, theme.style(Role::Rule));
        above = 2 + u16::from(roomy);
    }
    let card = Rect { y: top + above, height: inside.height.saturating_sub(above), ..inside };
    let below = lines(buf, card, theme, &call_card::text(policy::builtin()), Role::Soon);
    let gap = u16::from(!tight);
    Rect { y: below.y + gap, height: below.height.saturating_sub(gap), ..below }
}

/// The keys of a screen before a vault is open, at its bottom.
pub(super) fn keys(buf: &mut Buffer, area: Rect, body: Rect, theme: &Theme, keys: &str) {
    let y = area.bottom().saturating_sub(if area.height < 16 { 1 } else { 2 });
    put_fit(buf, (body.x, y), body.width, keys, theme.symbols.ellipsis, theme.style(Role::Dim));
}

/// Draws a paragraph; returns the area below it.
pub(super) fn lines(buf: &mut Buffer, area: Rect, theme: &Theme, text: &str, role: Role) -> Rect {
    let mut y = area.y;
    for line in wrapped(text, usize::from(area.width).max(1)) {
        if y >= area.bottom() {
            break;
        }
        put(buf, area.x, y, area.width, &line, theme.style(role));
        y += 1;
    }
    Rect { y, height: area.bottom().saturating_sub(y), ..area }
}

/// There is a vault, and it can't even be asked who may open it.
struct Trouble {
    error: AppError,
}

impl Layer<Desk> for Trouble {
    fn contexts(&self) -> &[&'static str] {
        &["trouble"]
    }

    fn kind(&self) -> Kind {
        Kind::Bare
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_some() {
            desk.lock();
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "unlock.again" => Effect::Replace(first(desk)).into(),
            _ => Handled::Pass,
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let body = door(buf, area, theme, "mahoe", "This vault can't be opened");
        let body = lines(buf, body, theme, &self.error.message, Role::Error);
        let body = lines(buf, body, theme, &self.error.hint, Role::Text);
        let body = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        lines(buf, body, theme, &format!("Folder: {}", desk.root.display()), Role::Dim);
        keys(buf, area, body, theme, "Enter try again   q leave");
        Some(Position::new(body.x, area.bottom().saturating_sub(2)))
    }
}
