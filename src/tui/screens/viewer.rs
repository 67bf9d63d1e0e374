//! A document on the screen: text, or a picture in coarse blocks; anything else is handed to another program.
//!
//! What can't be masked is shown only while names are revealed, and goes from the screen with them. Each look is on
//! record before anything is seen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::class::Class;
use crate::domain::document::Document;
use crate::domain::ids::ItemId;
use crate::domain::media::{self, Media};
use crate::error::{AppError, Kind as ErrorKind, Result};
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::paper_file::PaperFile;
use crate::tui::picture::Picture;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::text::put;
use crate::tui::widgets::{Line, TextView};

use super::printing;

/// How much of a text is shown, in bytes.
const TEXT: u64 = 256 << 10;
/// The largest picture that is read, in bytes.
const PICTURE: u64 = 32 << 20;

/// Shows a document.
///
/// # Errors
/// If it can't be read, or put on record; if it can't be shown here, with what to do instead.
pub fn open(desk: &mut Desk, id: ItemId) -> Result<Effects<Desk>> {
    if desk.room().is_some() {
        let hint = "Leave the live view first: what is in it was not meant for everybody here.";
        return Err(AppError::new(ErrorKind::Refused, "No document is shown while others look on.", hint));
    }
    desk.alone()?;
    let Some(found) = Document::get(desk.open_session().state(), id) else { return Ok(Vec::new()) };
    let (media, class, size) = (found.media(), found.0.class, found.size());
    let case = found.0.stream.item();
    let bare = !media.is_picture() && media != Media::Text;
    if bare || (media.is_picture() && size > PICTURE) {
        let what = if bare {
            format!("A {} can't be shown here.", media.words())
        } else {
            "This picture is too large.".to_owned()
        };
        let hint = "d o lays it down for another program, d e writes it to a sealed file.";
        return Err(AppError::new(ErrorKind::Refused, what, hint));
    }
    if desk.masked() && (media.is_picture() || class.names()) {
        let hint = "m shows names for a short while, on record; then Enter.";
        return Err(AppError::new(ErrorKind::Refused, "This document can't be masked.", hint));
    }
    let bytes = desk.open_session_mut().view_document(id, if media.is_picture() { PICTURE } else { TEXT })?;
    let shows = if media.is_picture() {
        let picture = Picture::decode(&bytes, media).map_err(|error| {
            let hint = "d o lays it down for another program, which may know better.";
            AppError::new(ErrorKind::Refused, error.to_string(), hint)
        })?;
        Shows::Picture(Box::new(picture))
    } else {
        let mut text = media::text(&bytes);
        if size > TEXT {
            text.push_str("\n\n… (the rest: d o, in another program)");
        }
        Shows::Text { text, view: None }
    };
    let title = desk.code(id);
    Ok(vec![Effect::push("document", Viewer { case, title, class, shows })])
}

/// Lays a document down in a private file for another program, and says where.
pub fn outside(desk: &mut Desk, id: ItemId) -> Effects<Desk> {
    if let Err(error) = desk.alone() {
        return vec![Effect::refused(error_text(&error))];
    }
    let Some(found) = Document::get(desk.open_session().state(), id) else { return Vec::new() };
    // Its name outside tells nothing: other programs remember the names of what they opened.
    let name = format!("document.{}", found.media().ending(found.name()));
    let base = desk.prints.clone();
    let made: std::result::Result<PaperFile, Outside> =
        PaperFile::write_with(&base, &name, |out| Ok(desk.open_session_mut().open_document(id, out)?));
    match made {
        Ok(file) => printing::outside(file),
        Err(Outside(error)) => vec![Effect::refused(error_text(&error))],
    }
}

/// Why a document could not be laid down.
struct Outside(AppError);

impl From<AppError> for Outside {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl From<std::io::Error> for Outside {
    fn from(error: std::io::Error) -> Self {
        let message = format!("The document can't be laid down: {error}.");
        Self(AppError::new(
            ErrorKind::Io,
            message,
            "Free some space in the folder for temporary files, then try again.",
        ))
    }
}

enum Shows {
    /// As it stands in the file, and as it was last shown: masked or not.
    Text {
        text: String,
        view: Option<(bool, TextView)>,
    },
    Picture(Box<Picture>),
}

struct Viewer {
    case: ItemId,
    title: String,
    class: Class,
    shows: Shows,
}

impl Viewer {
    /// True if nothing of it may be seen now.
    fn hidden(&self, desk: &Desk) -> bool {
        desk.masked() && (matches!(self.shows, Shows::Picture(_)) || self.class.names())
    }
}

impl Layer<Desk> for Viewer {
    fn contexts(&self) -> &[&'static str] {
        &["document", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, _: &mut Desk) -> Handled<Desk> {
        match (name, &mut self.shows) {
            ("overlay.cancel", _) => Effect::Close(Answer::Cancelled).into(),
            (_, Shows::Text { view: Some((_, view)), .. }) => Handled::when(view.command(name)),
            _ => Handled::Pass,
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let inside = panel(buf, area, theme, &format!("Document {}", self.title));
        let hidden = self.hidden(desk);
        match &mut self.shows {
            _ if hidden => {
                let says = "Names are masked again, and this can't be. Esc goes back.";
                put(buf, inside.x, inside.y, inside.width, says, theme.style(Role::Text));
            }
            Shows::Picture(picture) => picture.draw(buf, inside, theme),
            Shows::Text { text, view } => {
                let masked = desk.masked();
                if view.as_ref().is_none_or(|(was, _)| *was != masked) {
                    let shown = desk.text(Some(self.case), text).into_owned();
                    *view = Some((masked, TextView::new(vec![Line::from(shown)])));
                }
                if let Some((_, view)) = view {
                    view.draw(buf, inside, theme);
                }
            }
        }
        Some(Position::new(inside.x, inside.y))
    }
}
