//! New recovery words, from Vault health: the passphrase once more, the words once, two of them read back. Until then
//! nothing counts, so it can be left at any moment.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::error::Kind as ErrorKind;
use crate::session::{Session, Sheet};
use crate::tui::desk::{Desk, JobDone, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormEvent};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::worker::{Job, JobEnd};
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::keys::recovery::RecoveryWords;

use super::sheet;
use super::unlock::{keys, lines};

/// The tag of both jobs.
const JOB: &str = "new-words";

/// Makes a sheet; the refusal if whoever is here may not.
pub(super) fn open(kind: Sheet, desk: &mut Desk) -> Effects<Desk> {
    match desk.open_session_mut().draw_words(kind) {
        Err(error) => vec![Effect::refused(error_text(&error))],
        Ok(words) => {
            let form = Form::new("", vec![Field::passphrase("old", "Your passphrase").required()]);
            vec![Effect::push(
                "",
                NewWords { kind, step: Step::Asking, form, shown: words.words(), words: Some(words) },
            )]
        }
    }
}

enum Step {
    /// The passphrase once more.
    Asking,
    /// A thread checks it.
    Checking,
    /// The words are on the screen.
    Words,
    /// Two of them are asked back.
    Confirming,
    /// A thread puts them on record.
    Keeping,
}

struct NewWords {
    kind: Sheet,
    step: Step,
    form: Form,
    shown: [&'static str; 24],
    /// Lent to the thread that keeps them.
    words: Option<RecoveryWords>,
}

impl NewWords {
    /// Lends the session to a thread.
    fn lend(
        desk: &mut Desk,
        says: &'static str,
        work: impl FnOnce(&mut Session) -> crate::error::Result<Vec<String>> + Send + 'static,
    ) -> Handled<Desk> {
        let Some(mut session) = desk.take_session() else { return Effect::Close(Answer::Cancelled).into() };
        let job = Job::new(JOB, says, move |_| {
            let result = work(&mut session);
            JobDone::Back(Box::new(session), result)
        });
        Effect::Run(job).into()
    }

    fn check(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let typed = self.form.take_secrets().remove("old").unwrap_or_default();
        let Ok(passphrase) = Passphrase::new(&typed) else {
            self.form.refuse("old", "Type the passphrase that you have now.".to_owned());
            return Handled::done();
        };
        self.step = Step::Checking;
        Self::lend(desk, "Checking the passphrase", move |session| {
            session.check_passphrase(&passphrase).map(|()| Vec::new())
        })
    }

    fn keep(&mut self, desk: &mut Desk) -> Handled<Desk> {
        if let Some((field, says)) = sheet::wrong_word(&self.form.values(), &self.shown) {
            self.form.refuse(field, says);
            return Handled::done();
        }
        let Some(words) = self.words.take() else { return Handled::done() };
        self.step = Step::Keeping;
        let kind = self.kind;
        Self::lend(desk, "Putting the new words on record", move |session| {
            session.keep_words(&words, kind).map(|says| vec![says])
        })
    }
}

fn left() -> Handled<Desk> {
    Handled::Done(vec![Effect::Close(Answer::Cancelled), Effect::info("Nothing was changed: the earlier words count.")])
}

impl Layer<Desk> for NewWords {
    fn contexts(&self) -> &[&'static str] {
        match self.step {
            Step::Asking => &["form", "text"],
            Step::Checking | Step::Keeping => &[],
            Step::Words => &["words"],
            Step::Confirming => &["words", "form", "text"],
        }
    }

    fn kind(&self) -> Kind {
        Kind::Bare
    }

    fn wants_text(&self) -> bool {
        matches!(self.step, Step::Asking | Step::Confirming)
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match (&self.step, name) {
            // The session is away: nothing may come between.
            (Step::Checking | Step::Keeping, _) => Handled::done(),
            (Step::Words, "words.next") => {
                self.form = sheet::ask_back();
                self.step = Step::Confirming;
                Handled::done()
            }
            (Step::Words, "words.again") => left(),
            (Step::Confirming, "words.again") => {
                self.step = Step::Words;
                Handled::done()
            }
            (Step::Confirming, "words.next") if sheet::asks_first(&self.form) => {
                self.form.command("form.next");
                Handled::done()
            }
            (Step::Confirming, "words.next") => match self.form.command("form.save") {
                FormEvent::Save => self.keep(desk),
                _ => Handled::done(),
            },
            (Step::Asking | Step::Confirming, _) => match self.form.command(name) {
                FormEvent::Save if matches!(self.step, Step::Asking) => self.check(desk),
                FormEvent::Save => self.keep(desk),
                FormEvent::Leave => left(),
                FormEvent::Pass => Handled::Pass,
                FormEvent::Done => Handled::done(),
            },
            _ => Handled::Pass,
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.form.typed(&typed);
        Vec::new()
    }

    fn job_ended(&mut self, _: &str, end: JobEnd<JobDone>, desk: &mut Desk) -> Effects<Desk> {
        let JobEnd::Done(JobDone::Back(session, result)) = end else {
            // The session went with the thread that failed; what was saved before is on disk.
            return vec![Effect::Replace(super::unlock::first(desk))];
        };
        desk.put_back(*session);
        let keeping = matches!(self.step, Step::Keeping);
        match result {
            Ok(says) if keeping => {
                vec![Effect::Close(Answer::Cancelled), Effect::info(says.into_iter().next().unwrap_or_default())]
            }
            Err(error) if keeping => vec![Effect::Close(Answer::Cancelled), Effect::refused(error_text(&error))],
            Ok(_) => {
                self.step = Step::Words;
                Vec::new()
            }
            Err(error) => {
                self.step = Step::Asking;
                let wrong = "That is not your passphrase: check Caps Lock, then type it again.";
                let says = if error.kind == ErrorKind::Locked { wrong.to_owned() } else { error_text(&error) };
                self.form.refuse("old", says);
                Vec::new()
            }
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let below = "Enter I have written them down   Esc leave, nothing is changed   F9 blank";
        match self.step {
            Step::Words => return Some(sheet::draw_words(buf, area, theme, &self.shown, below)),
            Step::Confirming => return sheet::draw_ask_back(buf, area, theme, &mut self.form),
            _ => {}
        }
        let width = area.width.saturating_sub(4).min(72);
        let x = area.x + (area.width - width) / 2;
        let all =
            Rect { x, y: area.y + area.height / 10, width, height: area.height.saturating_sub(area.height / 10 + 2) };
        let (title, text) = match self.kind {
            Sheet::Instead => (
                "New recovery words",
                "They take the place of all earlier ones: those open nothing that is written from then on. Have pen and paper ready.",
            ),
            Sheet::Further => (
                "A second recovery sheet",
                "It opens the vault as the first one does. Give it to another person, who keeps it in another place. Have pen and paper ready.",
            ),
        };
        let body = lines(buf, all, theme, title, Role::Title);
        let body = lines(buf, body, theme, text, Role::Text);
        let body = lines(buf, body, theme, "Is a projector on? Turn it off first.", Role::Soon);
        let body = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        if let Step::Asking = self.step {
            let cursor = self.form.draw(buf, body, theme);
            keys(buf, area, all, theme, "Ctrl-S go on   Esc leave, nothing is changed");
            return cursor;
        }
        let text = if matches!(self.step, Step::Checking) { "Checking." } else { "Putting the new words on record." };
        lines(buf, body, theme, &format!("{text} This takes a moment."), Role::Accent);
        None
    }
}
