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

use super::sheet::{RecoverySheet, Turn};
use super::unlock::{keys, lines};

/// The keys below the words.
const BELOW: &str = "Enter I have written them down   Esc leave, nothing is changed   F9 blank";
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
                NewWords {
                    kind,
                    step: Step::Asking,
                    form,
                    sheet: RecoverySheet::new(&words.words(), BELOW),
                    words: Some(words),
                },
            )]
        }
    }
}

enum Step {
    /// The passphrase once more.
    Asking,
    /// A thread checks it.
    Checking,
    /// The words are on the screen, and two of them are asked back.
    Reading,
    /// A thread puts them on record.
    Keeping,
}

struct NewWords {
    kind: Sheet,
    step: Step,
    form: Form,
    sheet: RecoverySheet,
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
            Step::Reading => self.sheet.contexts(),
        }
    }

    fn kind(&self) -> Kind {
        Kind::Bare
    }

    fn wants_text(&self) -> bool {
        match self.step {
            Step::Asking => true,
            Step::Reading => self.sheet.wants_text(),
            Step::Checking | Step::Keeping => false,
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match self.step {
            // The session is away: nothing may come between.
            Step::Checking | Step::Keeping => Handled::done(),
            Step::Reading => match self.sheet.command(name) {
                Turn::Done => Handled::done(),
                Turn::ReadBack => self.keep(desk),
                Turn::Leave => left(),
                Turn::Pass => Handled::Pass,
            },
            Step::Asking => match self.form.command(name) {
                FormEvent::Save => self.check(desk),
                FormEvent::Leave => left(),
                FormEvent::Pass => Handled::Pass,
                FormEvent::Done => Handled::done(),
            },
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        match self.step {
            Step::Reading => self.sheet.typed(&typed),
            _ => self.form.typed(&typed),
        }
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
                self.step = Step::Reading;
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
        if let Step::Reading = self.step {
            return self.sheet.draw(buf, area, theme);
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
