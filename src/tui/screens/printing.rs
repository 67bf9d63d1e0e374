//! Printing: which paper, in how many numbered copies; then the page lies in a private file until a key is pressed.

use std::path::PathBuf;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::ids::ItemId;
use crate::domain::meeting::minutes::Reader;
use crate::domain::meeting::papers::Sheet;
use crate::domain::meeting::{Attendance, Meeting, Phase};
use crate::domain::paper::Form as PaperForm;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer, Values, Wrong};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::paper_file::PaperFile;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::put;
use crate::tui::widgets::{Line, TextView};

/// The choice of the minutes among the papers.
const MINUTES: &str = "minutes";

/// Asks what is to be printed, about a meeting, or about the one that runs or comes next; without any there is only the
/// form of a first report.
pub fn ask(desk: &Desk, meeting: Option<ItemId>) -> Effects<Desk> {
    let session = desk.open_session();
    let state = session.state();
    let next = || Meeting::live(state).or_else(|| Meeting::next(state, session.today_date()));
    let meeting = meeting.and_then(|id| Meeting::get(state, id)).or_else(next);
    let mut choices: Vec<(&str, &str)> = Vec::new();
    if let Some(meeting) = meeting {
        choices.extend(Sheet::ALL.iter().filter(|sheet| sheet.needs_meeting()).map(|it| (it.name(), it.label())));
        if meeting.started().is_some() {
            choices.insert(0, (MINUTES, "minutes"));
        }
    }
    choices.push((Sheet::Report.name(), Sheet::Report.label()));
    let first = choices[0].0;
    let title = meeting.map_or_else(|| "Print".to_owned(), |it| format!("Print, for meeting {}", desk.code(it.0.id)));
    let approved = meeting.is_none_or(|it| it.started().is_none() || it.phase() >= Phase::Approved);
    let notice = if approved { "" } else { "These minutes are not approved: what is printed now is a draft." };
    let mut fields = vec![Field::choice("what", "Paper", choices).required().value(first)];
    if let Some(meeting) = meeting.filter(|it| it.started().is_some()) {
        let text = "one person's leave out what they may not see or declared a conflict of interest in";
        fields.push(Field::choice("for", "Minutes for", readers(desk, meeting)).required().value(MINUTES).hint(text));
    }
    fields.push(
        Field::number("copies", "Copies")
            .placeholder("one, without a number")
            .hint("numbered: \"3 of 9, hand it back\""),
    );
    let meeting = meeting.map(|it| it.0.id);
    let form = Form::new(title, fields).notice(notice);
    let layer = FormLayer::new(form, move |values: &Values, _, desk: &mut Desk| make(desk, meeting, values));
    vec![Effect::push("form", layer)]
}

/// For whom minutes are printed: everybody, or one of those who were there.
fn readers(desk: &Desk, meeting: Meeting<'_>) -> Vec<(String, String)> {
    let state = desk.open_session().state();
    let here = meeting.attendance(state).into_iter().filter(|one| one.was_here()).filter_map(Attendance::member);
    let one = |member: ItemId| (member.to_string(), format!("{} alone", desk.owner(Some(member))));
    std::iter::once((MINUTES.to_owned(), "everybody".to_owned())).chain(here.map(one)).collect()
}

fn make(desk: &mut Desk, meeting: Option<ItemId>, values: &Values) -> Result<Effects<Desk>, Wrong> {
    let copies = match values.some("copies") {
        None => 0,
        Some(text) => text.trim().parse().map_err(|_| Wrong::field("copies", "Give a number, or leave it empty."))?,
    };
    let session = desk.open_session_mut();
    let page = match (values.get("what"), meeting) {
        (MINUTES, Some(meeting)) => {
            let reader = ItemId::from_hex(values.get("for")).map_or(Reader::Anybody, Reader::Member);
            session.printed_minutes(meeting, reader, PaperForm::Html, copies)
        }
        (name, meeting) => {
            let sheet = Sheet::from_name(name).ok_or_else(|| Wrong::field("what", "Choose one from the list."))?;
            session.sheet(sheet, meeting, copies).map(|paper| paper.render(PaperForm::Html))
        }
    };
    let page = page.map_err(|error| Wrong::whole(error_text(&error)))?;
    Ok(show(desk, &page))
}

/// Lays a page down for the printer, and says where it is; it is shredded when the next key is pressed.
pub fn show(desk: &Desk, page: &str) -> Effects<Desk> {
    match PaperFile::write(&desk.prints, page.as_bytes()) {
        Ok(file) => lay_down(file, PRINTED),
        Err(error) => vec![Effect::refused(format!(
            "The page can't be written into {}: {error}. Free some space there, or save it with `mahoe meeting papers`.",
            desk.prints.display()
        ))],
    }
}

/// What is said of a file that lies outside.
#[derive(Clone, Copy)]
struct Says {
    title: &'static str,
    ready: &'static str,
    copies: &'static str,
    keys: &'static str,
    given: &'static str,
    gone: &'static str,
}

const PRINTED: Says = Says {
    title: "Print",
    ready: "The page is ready. Open this file in a browser and print it:",
    copies: "Overwriting can't reach everything: an SSD, a stick or a disk with snapshots may keep old copies, and so \
             may the browser and the printer. Close the page in the browser too.",
    keys: "o open it in the browser",
    given: "Given to the browser. Print it there, then press Enter here.",
    gone: "The page was overwritten and removed.",
};

const OUTSIDE: Says = Says {
    title: "A document outside",
    ready: "The document lies unsealed in this file, to be looked at with another program:",
    copies: "Overwriting can't reach everything: an SSD, a stick or a disk with snapshots may keep old copies, and the \
             other program may remember what it showed. Close it there too. What is changed there is not kept here.",
    keys: "o open it",
    given: "Given to the program that opens such files. Close it there, then press Enter here.",
    gone: "The file was overwritten and removed.",
};

/// Says where a document lies for another program; it is shredded when the next key is pressed.
pub fn outside(file: PaperFile) -> Effects<Desk> {
    lay_down(file, OUTSIDE)
}

fn lay_down(file: PaperFile, says: Says) -> Effects<Desk> {
    let view = TextView::new(words(&file, says));
    vec![Effect::push("printed", Printed { path: file.path(), file: Some(file), view, says })]
}

fn words(file: &PaperFile, says: Says) -> Vec<Line> {
    vec![
        Line::new(says.ready, Role::Title),
        "".into(),
        Line::new(format!("  {}", file.path().display()), Role::Accent),
        "".into(),
        "Only you can open the file. It is overwritten and removed when you press Enter or Esc here, when mahoe locks, \
         and when it ends."
            .into(),
        Line::new(says.copies, Role::Dim),
    ]
}

struct Printed {
    path: PathBuf,
    /// Dropping it shreds it, whatever takes this layer away.
    file: Option<PaperFile>,
    view: TextView,
    says: Says,
}

impl Layer<Desk> for Printed {
    fn contexts(&self) -> &[&'static str] {
        &["printed", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "paper.open" => match (desk.opener)(&self.path) {
                Ok(()) => Effect::info(self.says.given).into(),
                Err(error) => Effect::refused(format!("No program opens it: {error}. Open the file by hand.")).into(),
            },
            "overlay.cancel" => {
                let says = match self.file.take().map(PaperFile::shred) {
                    Some(Err(error)) => Effect::refused(format!(
                        "{} can't be removed: {error}. Delete it by hand now.",
                        self.path.display()
                    )),
                    _ => Effect::info(self.says.gone),
                };
                Handled::Done(vec![Effect::Close(Answer::Cancelled), says])
            }
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let width = area.width.saturating_sub(4).min(84);
        let tall = u16::try_from(self.view.height(width.saturating_sub(4))).unwrap_or(u16::MAX);
        let inside = panel(buf, centred(area, width, tall.saturating_add(4).min(area.height)), theme, self.says.title);
        let body = Rect { height: inside.height.saturating_sub(2), ..inside };
        self.view.draw(buf, body, theme);
        let keys = format!("{}  {}  Enter remove it", self.says.keys, theme.symbols.middot);
        put(buf, inside.x, inside.bottom().saturating_sub(1), inside.width, &keys, theme.style(Role::Dim));
        Some(Position::new(inside.x, inside.y))
    }
}
