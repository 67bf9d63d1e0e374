//! A whole policy before it holds: what it would change, and what records have that it would not offer. Yes puts it in force.

use std::io::Read;
use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::error::{AppError, Kind as ErrorKind, Result};
use crate::policy;
use crate::text::counted;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::{Line, TextView};

/// The text of a policy file that holds no mistake.
pub fn read(path: &Path) -> Result<String> {
    let wrong = |says: String, hint: &str| AppError::new(ErrorKind::Refused, says, hint.to_owned());
    let mut bytes = Vec::new();
    let plain = std::fs::metadata(path).is_ok_and(|data| data.is_file());
    if !plain {
        return Err(wrong("That is no file.".to_owned(), "Choose a file that ends in .toml."));
    }
    std::fs::File::open(path)
        .and_then(|file| file.take(policy::LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| wrong(format!("It can't be read: {error}."), "Copy it to this computer first."))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| wrong("It is not UTF-8 text.".to_owned(), "Save it as UTF-8, then load it again."))?;
    match policy::parse(&text) {
        Ok(_) => Ok(text),
        Err(errors) => {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            let more = if errors.len() > 1 { format!(" (and {} more)", errors.len() - 1) } else { String::new() };
            let says = format!(
                "{}{more}.",
                crate::tui::screens::forms::sentence(first.trim_end_matches('.')).trim_end_matches('.')
            );
            Err(wrong(says, "Correct it, then load it again."))
        }
    }
}

/// Shows what a policy would change; what changes nothing is not put in force.
pub fn propose(desk: &Desk, text: String) -> Effects<Desk> {
    let session = desk.open_session();
    let changes = session.policy_changes(&text);
    if changes.is_empty() && text == session.policy_text() {
        return vec![Effect::info("Nothing is different from the policy in force.")];
    }
    let mut lines = vec![Line::new(
        match changes.len() {
            0 => "Only its remarks are different.".to_owned(),
            some => counted(some, "difference", "differences"),
        },
        Role::Title,
    )];
    lines.extend(changes.iter().map(|change| Line::from(clean::shown(&change.says).into_owned())));
    let in_use = policy::parse(&text).map(|pack| session.orphans(&pack)).unwrap_or_default();
    if !in_use.is_empty() {
        lines.push("".into());
        lines.push(Line::new("In use, and offered no longer", Role::Title));
        lines.extend(in_use.iter().map(|it| Line::new(format!("! {}", clean::shown(&it.says())), Role::Soon)));
    }
    lines.push("".into());
    lines.push(Line::new("It holds for everybody on the team at once, on the record. u takes it back.", Role::Dim));
    lines.push(Line::new("y puts it in force   n leaves all as it is", Role::Accent));
    vec![Effect::push("propose", Proposal { view: TextView::new(lines), text })]
}

struct Proposal {
    view: TextView,
    text: String,
}

impl Layer<Desk> for Proposal {
    fn contexts(&self) -> &[&'static str] {
        &["ask", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.yes" => {
                let toast = match super::put_in_force(desk, self.text.clone()) {
                    Ok(says) => Effect::info(says),
                    Err(error) => Effect::refused(error_text(&error)),
                };
                Handled::Done(vec![Effect::Close(Answer::Yes), toast])
            }
            "overlay.no" => Effect::Close(Answer::Cancelled).into(),
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let width = area.width.saturating_sub(4).min(84);
        let height = u16::try_from(self.view.height(width.saturating_sub(4))).unwrap_or(u16::MAX);
        let height = height.saturating_add(2).min(area.height);
        let inside = panel(buf, centred(area, width, height), theme, "Put this policy in force?");
        self.view.draw(buf, inside, theme);
        Some(Position::new(inside.x, inside.y))
    }
}
