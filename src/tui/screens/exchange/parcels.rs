//! What is sent to a team beside cases: cards of other teams, and figures of a year. Each asks what it needs in a form,
//! and is made on a thread.

use std::fmt::Write as _;

use chrono::Datelike;

use crate::domain::clean;
use crate::domain::ids::ItemId;
use crate::error::Result;
use crate::session::Session;
use crate::session::exchange::{Release, Wish};
use crate::text::counted;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer, Wrong};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::screens::busy;
use crate::tui::theme::Theme;
use crate::tui::widgets::{Line, TextView};

use super::{CARRY, plan, rows};

/// Asks which teams are introduced to one, and makes the bundle.
pub(super) fn cards(peer: ItemId, desk: &Desk) -> Effects<Desk> {
    let session = desk.open_session();
    let others: Vec<_> =
        session.peers().into_iter().filter(|other| other.item != peer && other.alarm.is_empty()).collect();
    let Some(to) = session.peer(peer).ok().filter(|_| !others.is_empty()) else {
        return vec![Effect::info("No other team is known whose card could be sent.")];
    };
    let choice = |other: &crate::session::PeerInfo| {
        let how = if other.verified.is_some() { "" } else { " (not verified)" };
        (other.item.to_string(), format!("{}{how}", rows::short_name(&other.name)))
    };
    let field = Field::many("teams", "Introduce", others.iter().map(choice)).required();
    let form = Form::new(format!("Cards for {}", rows::short_name(&to.name)), vec![field.hint("Space chooses one")])
        .preview(|_| "They learn whether words were compared here; they compare for themselves.".to_owned());
    let save = move |values: &crate::tui::forms::Values, _: &mut _, _: &mut Desk| {
        let teams: Vec<ItemId> = values.many("teams").filter_map(ItemId::from_hex).collect();
        let work = move |session: &mut Session, _: busy::Tell<'_>| {
            session.introduce_teams(&wish(peer), &teams).map(|sent| sent.says)
        };
        Ok(busy::then("Making the bundle", work, |says, _| vec![Effect::info(format!("{says} {CARRY}"))]))
    };
    vec![Effect::push("form", FormLayer::new(form, save))]
}

/// Asks of which year, and shows what would leave.
pub(super) fn figures(peer: ItemId, desk: &Desk) -> Effects<Desk> {
    let last = (desk.today().year() - 1).to_string();
    let form = Form::new("Figures of a year", vec![Field::number("year", "Year").required().value(&last)])
        .preview(|_| "Shows what would leave. Nothing leaves that has fewer than ten cases behind it.".to_owned());
    let save = move |values: &crate::tui::forms::Values, _: &mut _, desk: &mut Desk| {
        let wrong = || Wrong::field("year", "A year that is over, as 2025.");
        let year: u16 = values.get("year").trim().parse().map_err(|_| wrong())?;
        let release = desk.open_session().figures(year).map_err(|error| Wrong::field("year", error_text(&error)))?;
        Ok(vec![Effect::push("figures", Figures::new(peer, year, &release, desk))])
    };
    vec![Effect::push("form", FormLayer::new(form, save))]
}

fn wish(peer: ItemId) -> Wish {
    Wish { peer: Some(peer), ..Wish::default() }
}

/// What would leave, and the two steps: one prepares, another releases.
struct Figures {
    peer: ItemId,
    year: u16,
    title: String,
    view: TextView,
    /// Whoever is here prepared them, and nobody else leads the team.
    alone: bool,
}

impl Figures {
    fn new(peer: ItemId, year: u16, release: &Release, desk: &Desk) -> Self {
        let session = desk.open_session();
        let mut lines: Vec<Line> = release
            .figures
            .counts
            .iter()
            .map(|count| Line::from(format!("{:>7}  {}", count.number, count.label())))
            .collect();
        if lines.is_empty() {
            lines.push("Nothing can leave: every number has fewer than ten cases behind it.".into());
        }
        lines.extend(
            release.left_out.iter().map(|measure| Line::from(format!("      ×  {}: too small", measure.label))),
        );
        if release.declined > 0 {
            let cases = counted(release.declined, "case is", "cases are");
            let says = format!("      {cases} in no figure: use in reports was refused. Nobody else is told how many.");
            lines.push(says.into());
        }
        lines.push("".into());
        lines.push(Self::next(release, session.me()).into());
        let team = session.peer(peer).map(|peer| rows::short_name(&peer.name)).unwrap_or_default();
        let alone = release.prepared.as_ref().is_some_and(|prepared| prepared.by == session.me());
        Self { peer, year, title: format!("Figures of {year} for {team}"), view: TextView::new(lines), alone }
    }

    fn next(release: &Release, me: ItemId) -> String {
        let mut says = String::new();
        // Writing into a string can't fail.
        let _ = match (&release.before, &release.prepared) {
            (Some(_), _) => write!(says, "They left before, and leave again as they were: Enter."),
            (None, Some(prepared)) if prepared.by == me => {
                write!(
                    says,
                    "You prepared them. Another coordinator or deputy releases them; where there is none, Enter."
                )
            }
            (None, Some(prepared)) => {
                write!(says, "Prepared by {}: look at them, then Enter releases them.", clean::shown(&prepared.name))
            }
            (None, None) => write!(says, "Nobody has prepared them yet. p prepares them for another to release."),
        };
        says
    }

    fn prepare(&self) -> Effects<Desk> {
        let year = self.year;
        let work = move |session: &mut Session, _: busy::Tell<'_>| session.prepare_figures(year);
        vec![Effect::Close(Answer::Yes)]
            .into_iter()
            .chain(busy::then("Preparing the figures", work, |says, _| vec![Effect::info(says)]))
            .collect()
    }

    fn send(&self) -> Effects<Desk> {
        let (wish, year) = (Wish { alone: self.alone, ..wish(self.peer) }, self.year);
        let work = move |session: &mut Session, _: busy::Tell<'_>| -> Result<String> {
            session.send_figures(&wish, year).map(|sent| sent.says)
        };
        vec![Effect::Close(Answer::Yes)]
            .into_iter()
            .chain(busy::then("Making the bundle", work, |says, _| vec![Effect::info(format!("{says} {CARRY}"))]))
            .collect()
    }
}

impl Layer<Desk> for Figures {
    fn contexts(&self) -> &[&'static str] {
        &["figures", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, _: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.cancel" => Effect::Close(Answer::Cancelled).into(),
            "figures.prepare" => Handled::Done(self.prepare()),
            "figures.release" => Handled::Done(self.send()),
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn draw(
        &mut self,
        buf: &mut ratatui::buffer::Buffer,
        area: ratatui::layout::Rect,
        theme: &Theme,
        _: &Desk,
    ) -> Option<ratatui::layout::Position> {
        Some(plan::draw_text(buf, area, theme, &self.title, (&mut self.view, 76)))
    }
}
