//! The first run: a vault from nothing in three minutes, by one person alone.
//!
//! Parish, name and passphrase; then the recovery sheet, whose words are shown once, confirmed, and never kept.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::parish;
use crate::policy;
use crate::session::{NewTeam, Session};
use crate::tui::desk::{Desk, JobDone, error_text};
use crate::tui::effect::Effect;
use crate::tui::forms::{Field, Form, FormEvent, Secrets, Values, Wrong};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::Choice;
use crate::tui::widgets::text::{put, put_fit};
use crate::tui::worker::{Job, JobEnd};
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};
use crate::vault::keys::recovery::RecoveryWords;

use super::sheet::{RecoverySheet, Turn};
use super::unlock::{door, keys, lines, opened};

/// The keys below the words.
const BELOW: &str = "Enter I have written them down   F9 blank the screen";

/// Starts a vault in the desk's folder.
pub(super) fn screen() -> Box<dyn Layer<Desk>> {
    Box::new(FirstRun { step: Step::Asking, form: questions(), made: None })
}

enum Step {
    /// Parish, name, passphrase.
    Asking,
    /// A thread makes the vault.
    Making,
    /// The recovery words are on the screen, and two of them are asked back.
    Reading(Box<RecoverySheet>),
}

/// The vault as made; it is opened only once the words are confirmed.
struct Made {
    session: Session,
    words: RecoveryWords,
}

struct FirstRun {
    step: Step,
    form: Form,
    made: Option<Made>,
}

fn questions() -> Form {
    let parishes = parish::ALL.iter().map(|parish| Choice::new(parish.to_string(), parish.name).noted(parish.town));
    let agencies = policy::builtin()
        .agencies
        .iter()
        .map(|agency| Choice::new(&agency.code, format!("{}, {}", agency.code, agency.name)));
    let fields = vec![
        Field::pick("parish", "Parish", parishes.collect()).required().hint("type its first letters"),
        Field::line("name", "Your name").required().hint("as the team knows you: A. Brown"),
        Field::line("handle", "Handle").required().hint("what you type to unlock: abrown").check(handle),
        Field::pick("agency", "Agency", agencies.collect()).hint("type its first letters; others can be added later"),
        Field::passphrase("passphrase", "Passphrase")
            .required()
            .hint("four or more words that don't belong together; nobody can look it up for you")
            .check(|text| super::strength::judge(text, &[])),
        Field::passphrase("again", "The same again").required(),
    ];
    Form::new("", fields)
}

/// A handle as a form checks it: short, small letters.
pub(super) fn handle(text: &str) -> Result<String, String> {
    let fits = (2..=24).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if fits { Ok(String::new()) } else { Err("2 to 24 small letters, digits, dots or dashes: abrown.".to_owned()) }
}

/// The passphrase that was typed twice.
pub(super) fn twice(secrets: &mut Secrets) -> Result<Passphrase, Wrong> {
    let [first, again] = ["passphrase", "again"].map(|name| secrets.remove(name).unwrap_or_default());
    if first.as_str() != again.as_str() {
        return Err(Wrong::field("passphrase", "The two differ: type both again."));
    }
    Passphrase::new(&first).map_err(|_| Wrong::field("passphrase", "Type a passphrase, twice."))
}

impl FirstRun {
    fn save(&mut self, desk: &Desk) -> Handled<Desk> {
        let values = self.form.values();
        let mut secrets = self.form.take_secrets();
        let known: Vec<String> = ["name", "handle"].map(|name| values.get(name).to_owned()).to_vec();
        let passphrase = match twice(&mut secrets) {
            Ok(passphrase) => passphrase,
            Err(wrong) => {
                self.form.refuse(&wrong.field, wrong.message);
                return Handled::done();
            }
        };
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        if let Err(weak) = super::strength::judge(passphrase.expose(), &known) {
            self.form.refuse("passphrase", weak);
            return Handled::done();
        }
        self.step = Step::Making;
        Effect::Run(making(desk, values, passphrase)).into()
    }

    fn confirm(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let Some(Made { mut session, words }) = self.made.take() else { return Handled::done() };
        let recorded = session.words_read_back(&words);
        let mut effects = opened(session, desk);
        // Today goes on saying that nobody read them back, until somebody does.
        effects.extend(recorded.err().map(|error| Effect::refused(error_text(&error))));
        effects.push(Effect::info(
            "The vault is ready. Only one person can open it: give a second one a key on the Team screen.",
        ));
        Handled::Done(effects)
    }
}

fn making(desk: &Desk, values: Values, passphrase: Passphrase) -> Job<JobDone> {
    let place = desk.place();
    Job::new("first-run", "Making the vault", move |_| {
        let new = NewTeam {
            parish: values.get("parish"),
            name: values.get("name"),
            handle: values.get("handle"),
            agency: values.get("agency"),
            role: "coordinator",
            team: "",
            practice: false,
            passphrase: &passphrase,
            work: WorkFactor::DEFAULT,
        };
        let made = Session::create(place, &new);
        JobDone::Session(made.map(|(session, words)| (Box::new(session), Some(Box::new(words)))))
    })
}

impl Layer<Desk> for FirstRun {
    fn contexts(&self) -> &[&'static str] {
        match &self.step {
            Step::Asking => &["first-run", "form", "text"],
            Step::Making => &[],
            Step::Reading(sheet) => sheet.contexts(),
        }
    }

    fn kind(&self) -> Kind {
        Kind::Bare
    }

    fn wants_text(&self) -> bool {
        match &self.step {
            Step::Asking => true,
            Step::Making => false,
            Step::Reading(sheet) => sheet.wants_text(),
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        // Once the vault is made its words are nowhere but here: nothing may take this screen away.
        if name == "app.lock" && self.made.is_some() {
            return Effect::info("Write the words down first; nothing can be opened without them yet.").into();
        }
        match &mut self.step {
            Step::Asking if name == "first-run.join" => Handled::Done(super::join::open()),
            Step::Asking => match self.form.command(name) {
                FormEvent::Save => self.save(desk),
                FormEvent::Pass => Handled::Pass,
                FormEvent::Done | FormEvent::Leave => Handled::done(),
            },
            Step::Making => Handled::Pass,
            Step::Reading(sheet) => match sheet.command(name) {
                Turn::Done => Handled::done(),
                Turn::ReadBack => self.confirm(desk),
                Turn::Leave | Turn::Pass => Handled::Pass,
            },
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        match &mut self.step {
            Step::Reading(sheet) => sheet.typed(&typed),
            _ => self.form.typed(&typed),
        }
        Vec::new()
    }

    fn job_ended(&mut self, _: &str, end: JobEnd<JobDone>, _: &mut Desk) -> Effects<Desk> {
        self.step = Step::Asking;
        let JobEnd::Done(JobDone::Session(result)) = end else { return Vec::new() };
        match result {
            Ok((session, words)) => {
                let Some(words) = words else { return Vec::new() };
                self.step = Step::Reading(Box::new(RecoverySheet::new(&words.words(), BELOW)));
                self.made = Some(Made { session: *session, words: *words });
            }
            Err(error) => self.form.refuse("", error_text(&error)),
        }
        Vec::new()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        match &mut self.step {
            Step::Asking => self.draw_questions(buf, area, theme, desk),
            Step::Making => {
                let body = door(buf, area, theme, "mahoe", "A new vault");
                lines(buf, body, theme, "Making the vault. This takes a moment.", Role::Accent);
                None
            }
            Step::Reading(sheet) => sheet.draw(buf, area, theme),
        }
    }
}

impl FirstRun {
    fn draw_questions(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let mut body = door(buf, area, theme, "mahoe", "A new vault, in three minutes");
        if body.height > 10 {
            let folder = format!("Folder: {}", desk.root.display());
            put_fit(buf, (body.x, body.y), body.width, &folder, theme.symbols.ellipsis, theme.style(Role::Dim));
            body = Rect { y: body.y + 1, height: body.height - 1, ..body };
        }
        if area.height >= 30 {
            let elsewhere = "If the team has a vault on another computer, Ctrl-O begins a copy of it here. If it lies in \
                             another folder, leave, and start with: mahoe --vault FOLDER";
            body = lines(buf, body, theme, elsewhere, Role::Dim);
        }
        body = lines(buf, body, theme, "Is a projector on? Turn it off first.", Role::Soon);
        body = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        let fields = Rect { height: body.height.saturating_sub(1), ..body };
        let cursor = self.form.draw(buf, fields, theme);
        if let Some(more) = self.form.below(theme) {
            put(buf, body.x, fields.bottom(), body.width, &more, theme.style(Role::Accent));
        }
        keys(buf, area, body, theme, "Ctrl-S make it   Ctrl-O copy of another   Esc leave");
        cursor
    }
}
