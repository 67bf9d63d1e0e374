//! A copy of the team's vault on this computer, begun with the file that another one made: the file, the words that it
//! showed once, and one's passphrase. Nothing is started where a vault is already.

use std::path::PathBuf;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::bundle::words::typed_once;
use crate::session::exchange::MAX_DEVICE_FILE;
use crate::session::{Place, Session};
use crate::tui::desk::{Desk, JobDone, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormEvent};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::places::{self, Found, What};
use crate::tui::theme::{Role, Theme};
use crate::tui::worker::{Job, JobEnd};
use crate::vault::keys::passphrase::Passphrase;

use super::exchange::io;
use super::unlock::{door, keys, lines, opened};

/// The tag of the job.
const JOB: &str = "join";
/// The tag of the job that looks for the file, and the command that begins it.
const LOOK: &str = "join.look";
/// Stands for a file that was not found by itself.
const ELSEWHERE: &str = "elsewhere";

/// Asks for the file, and looks for it on sticks and in the usual folders meanwhile.
pub(super) fn open() -> Effects<Desk> {
    let join = Join { form: form(&[]), found: Vec::new(), working: false };
    vec![Effect::push("join", join), Effect::Command(LOOK.to_owned())]
}

/// What is asked. Where files were found one of them is chosen, and no path need be typed.
fn form(found: &[Found]) -> Form {
    let path = Field::line("file", "Where it is").required().hint("/media/KINGSTON/new-device-JM-06.mahoe");
    let mut fields = Vec::new();
    if found.is_empty() {
        fields.push(path);
    } else {
        let files = found.iter().enumerate().map(|(at, file)| (at.to_string(), file.name.clone()));
        let files = files.chain([(ELSEWHERE.to_owned(), "somewhere else".to_owned())]);
        fields.push(Field::choice("found", "The file", files).required().value("0"));
        fields.push(path.only_if("found", ELSEWHERE));
    }
    fields.extend([
        Field::passphrase("words", "Its words").required().hint("as the other computer showed them, blanks between"),
        Field::passphrase("passphrase", "Passphrase").required().hint("your own, as on the other computer"),
    ]);
    Form::new("", fields)
}

/// A file by the name that the other computer gives it; a copy of one has something behind it.
fn is_one(file: &Found) -> bool {
    file.what == What::Bundle && file.name.starts_with("new-device-")
}

/// The screen.
pub(super) struct Join {
    form: Form,
    /// The files that were found, by names that say where.
    found: Vec<Found>,
    working: bool,
}

impl Join {
    fn begin(&mut self, desk: &Desk) -> Handled<Desk> {
        let mut secrets = self.form.take_secrets();
        let words = secrets.remove("words").unwrap_or_default();
        let words = typed_once(&words);
        let typed = secrets.remove("passphrase").unwrap_or_default();
        let (Ok(words), Ok(passphrase)) = (Passphrase::new(&words), Passphrase::new(&typed)) else {
            self.form.refuse("", "Type the words and your passphrase.");
            return Handled::done();
        };
        let values = self.form.values();
        let chosen = values.get("found").parse::<usize>().ok().and_then(|at| self.found.get(at));
        let file = chosen.map_or_else(|| PathBuf::from(values.get("file")), |found| found.path.clone());
        let (join, unlock) = (desk.place(), desk.place());
        self.working = true;
        let job = Job::new(JOB, "Beginning the copy", move |report| {
            let bytes = places::read(&file, MAX_DEVICE_FILE, &mut |_, _| !report.stopped());
            let joined = bytes
                .map_err(|error| io("The file can't be read", &error))
                .and_then(|bytes| joined(join, unlock, &bytes, &words, &passphrase));
            JobDone::Session(joined.map(|session| (Box::new(session), None)))
        });
        Effect::Run(job).into()
    }

    fn look(desk: &Desk) -> Handled<Desk> {
        let drives = Arc::clone(&desk.drives);
        let job = Job::new(LOOK, "Looking for the file", move |_| {
            let mut all = Vec::new();
            for place in drives().into_iter().chain(places::folders()) {
                let files = places::look(&place.path).unwrap_or_default().into_iter().filter(is_one);
                all.extend(files.map(|file| Found { name: format!("{}: {}", place.name, file.name), ..file }));
            }
            JobDone::Folder(PathBuf::new(), Ok(all))
        });
        Effect::Run(job).into()
    }

    /// Offers what was found, unless somebody has begun to type meanwhile.
    fn offer(&mut self, found: Vec<Found>) {
        let begun =
            !self.form.values().is_empty() || ["words", "passphrase"].iter().any(|it| self.form.focused() == *it);
        if !begun && !found.is_empty() {
            self.form = form(&found);
            self.found = found;
        }
    }
}

/// Begins the copy, and unlocks it: from then on it signs as a device of its own.
fn joined(
    join: Place,
    unlock: Place,
    file: &[u8],
    words: &Passphrase,
    passphrase: &Passphrase,
) -> crate::error::Result<Session> {
    Session::join(join, file, words, passphrase)?;
    let known = crate::vault::peek(unlock.disk.as_ref(), &unlock.root)?;
    let handle = known.participants.first().map_or("", |line| line.handle.as_str()).to_owned();
    let mut session = Session::unlock(unlock, &handle, passphrase)?;
    session.settle()?;
    Ok(session)
}

impl Layer<Desk> for Join {
    fn contexts(&self) -> &[&'static str] {
        if self.working { &[] } else { &["form", "text"] }
    }

    fn kind(&self) -> Kind {
        Kind::Bare
    }

    fn wants_text(&self) -> bool {
        !self.working
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.working {
            return Handled::done();
        }
        match self.form.command(name) {
            _ if name == LOOK => Self::look(desk),
            FormEvent::Save => self.begin(desk),
            FormEvent::Leave => Effect::Close(Answer::Cancelled).into(),
            FormEvent::Pass => Handled::Pass,
            FormEvent::Done => Handled::done(),
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.form.typed(&typed);
        Vec::new()
    }

    fn job_ended(&mut self, tag: &str, end: JobEnd<JobDone>, desk: &mut Desk) -> Effects<Desk> {
        if tag == LOOK {
            if let JobEnd::Done(JobDone::Folder(_, Ok(found))) = end {
                self.offer(found);
            }
            return Vec::new();
        }
        self.working = false;
        let JobEnd::Done(JobDone::Session(result)) = end else { return Vec::new() };
        match result {
            Ok((session, _)) => {
                let mut effects = opened(*session, desk);
                let text = "The copy stands. Now sync both ways: in Exchange s here, i there, and back.";
                effects.push(Effect::info(text));
                effects
            }
            Err(error) => {
                self.form.refuse("", error_text(&error));
                Vec::new()
            }
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let body = door(buf, area, theme, "mahoe", "A copy of your team's vault");
        if self.working {
            lines(buf, body, theme, "Beginning the copy. This takes a moment.", Role::Accent);
            return None;
        }
        let text = "On the other computer: Exchange, then n. It writes a file on a stick and shows words, once.";
        let body = lines(buf, body, theme, text, Role::Text);
        let body = lines(buf, body, theme, "Is a projector on? Turn it off first.", Role::Soon);
        let body = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        let cursor = self.form.draw(buf, body, theme);
        keys(buf, area, body, theme, "Ctrl-S begin the copy   Tab next field   Esc back");
        cursor
    }
}
