//! Work on the whole vault that takes long: the session is lent to a thread and comes back, and this covers the screen
//! meanwhile. Nothing else can be done until it has ended or was stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::error::Result;
use crate::session::Session;
use crate::tui::desk::{After, Desk, JobDone, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::overlays::Page;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::put;
use crate::tui::widgets::{Line, bars};
use crate::tui::worker::{Job, JobEnd};

/// The tag of the job, and of the layer.
const BUSY: &str = "busy";
/// The command that this layer gives itself once it is on top.
const START: &str = "busy.start";

/// Hears how far the work is (done, in all); false when it is to stop.
pub type Tell<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

type Work = Box<dyn FnOnce(&mut Session, Tell<'_>) -> Result<After> + Send>;

/// Does the work, under these words; what it says in the end is a toast if it is one line, else a page. Give both
/// effects as they are.
pub fn effects(
    says: impl Into<String>,
    work: impl FnOnce(&mut Session, Tell<'_>) -> Result<Vec<String>> + Send + 'static,
) -> Effects<Desk> {
    let says: String = says.into();
    let title = says.clone();
    then(says, work, move |lines, _| {
        if lines.len() <= 1 {
            return vec![Effect::info(lines.into_iter().next().unwrap_or_default())];
        }
        vec![Effect::push("", Page::new(title, lines.into_iter().map(Line::from).collect()))]
    })
}

/// Does the work, under these words, and then what follows from its result, with the session back on the desk. An
/// error is a toast. Give the effects as they are.
pub fn then<T: Send + 'static>(
    says: impl Into<String>,
    work: impl FnOnce(&mut Session, Tell<'_>) -> Result<T> + Send + 'static,
    after: impl FnOnce(T, &mut Desk) -> Effects<Desk> + Send + 'static,
) -> Effects<Desk> {
    let work: Work = Box::new(move |session, tell| {
        let result = work(session, tell)?;
        Ok(Box::new(move |desk: &mut Desk| after(result, desk)) as After)
    });
    let layer = Busy { says: says.into(), work: Some(work), progress: Arc::default() };
    vec![Effect::push(BUSY, layer), Effect::Command(START.to_owned())]
}

struct Busy {
    says: String,
    work: Option<Work>,
    /// Done, and in all.
    progress: Arc<[AtomicU64; 2]>,
}

impl Busy {
    fn start(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let Some(work) = self.work.take() else { return Handled::done() };
        let Some(mut session) = desk.take_session() else { return Effect::Close(Answer::Cancelled).into() };
        let progress = Arc::clone(&self.progress);
        let job = Job::new(BUSY, self.says.clone(), move |report| {
            let result = work(&mut session, &mut |done, total| {
                progress[0].store(done, Ordering::Relaxed);
                progress[1].store(total, Ordering::Relaxed);
                report.progress(done, total);
                !report.stopped()
            });
            JobDone::Then(Box::new(session), result)
        });
        Effect::Run(job).into()
    }
}

impl Layer<Desk> for Busy {
    fn contexts(&self) -> &[&'static str] {
        &["progress"]
    }

    fn kind(&self) -> Kind {
        Kind::Bare
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            START => self.start(desk),
            "overlay.cancel" => Effect::Cancel(BUSY).into(),
            // The session is away: only blanking, which stands above all layers, may come between.
            _ => Handled::done(),
        }
    }

    fn job_ended(&mut self, _: &str, end: JobEnd<JobDone>, desk: &mut Desk) -> Effects<Desk> {
        let JobEnd::Done(JobDone::Then(session, result)) = end else {
            // The session went with the thread that failed; what was saved before is on disk.
            return vec![Effect::Replace(super::unlock::first(desk))];
        };
        desk.put_back(*session);
        let close = Effect::Close(Answer::Cancelled);
        match result {
            Err(error) => vec![close, Effect::refused(error_text(&error))],
            Ok(after) => {
                let mut effects = vec![close];
                effects.extend(after(desk));
                effects
            }
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let inside = panel(buf, centred(area, 60, 5), theme, &self.says);
        let [done, total] = [0, 1].map(|at| self.progress[at].load(Ordering::Relaxed));
        if total > 0 {
            bars::progress(buf, inside, theme, done, total);
        } else {
            put(buf, inside.x, inside.y, inside.width, "This takes a moment.", theme.style(Role::Text));
        }
        put(buf, inside.x, inside.bottom().saturating_sub(1), inside.width, "Esc stop it", theme.style(Role::Dim));
        Some(Position::new(inside.x, inside.y))
    }
}
