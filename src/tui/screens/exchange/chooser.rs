//! The chooser: sticks by name first, with the bundles that lie on them and from whom; then the place used last and the
//! usual folders. Folders are walked with the arrows; a path can be typed, and never needs to be.
//!
//! Looking is done on threads; who a bundle is from is known only once our keys have opened it. What is done with the
//! place that was chosen is the errand's.

use std::path::{Path, PathBuf};

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::bundle::card::Card;
use crate::session::Session;
use crate::session::exchange::SMALL;
use crate::text::counted;
use crate::tui::desk::{Desk, JobDone, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::places::{self, Found, Place, What};
use crate::tui::screens::busy;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::{Column, Row, Table, TableState, cell};
use crate::tui::worker::{Job, JobEnd};

use super::errands::Errand;
use super::{errands, plan, rows};

/// Bundles on sticks that are opened to say from whom they are.
const MOST: usize = 24;
/// The tag of the job that looks into a folder.
const LOOK: &str = "folder";

/// A line of the chooser.
#[derive(Clone, Debug)]
enum Spot {
    Heading,
    Folder(PathBuf),
    File(PathBuf),
}

type Entry = (Spot, Row);

/// What was found on a drive.
struct Drive {
    place: Place,
    /// Each fitting file, with what is known of it.
    files: Vec<(Found, String)>,
}

/// Looks for sticks on a thread, then lets somebody choose.
pub fn open(errand: Errand, desk: &Desk) -> Effects<Desk> {
    let (drives, last) = (std::sync::Arc::clone(&desk.drives), desk.last_place());
    let seeks = errand.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let mut left = MOST;
        let mut found = Vec::new();
        for place in drives() {
            if !tell(0, 0) {
                break;
            }
            let files = places::look(&place.path).unwrap_or_default();
            let files = files.into_iter().filter(|file| seeks.wants(file.what));
            let files = files.map(|file| {
                let says = if left > 0 { known(session, &file) } else { String::new() };
                left = left.saturating_sub(1);
                (file, says)
            });
            found.push(Drive { files: files.collect(), place });
        }
        let last = last.filter(|last| last.is_dir());
        Ok((found, last, places::folders()))
    };
    busy::then("Looking for sticks", work, move |(drives, last, folders), _| {
        let start = start(&errand, &drives, last.as_deref(), &folders);
        let removable = drives.into_iter().map(|drive| drive.place).collect();
        vec![Effect::push("chooser", Chooser::new(errand, start, removable, last.as_ref()))]
    })
}

/// Who a bundle is from, or whose a card is; empty if it is large, or something else.
fn known(session: &mut Session, file: &Found) -> String {
    if file.size > SMALL || !matches!(file.what, What::Bundle | What::Card) {
        return String::new();
    }
    let Ok(bytes) = places::read(&file.path, SMALL, &mut |_, _| true) else { return "can't be read".to_owned() };
    if file.what == What::Card {
        let card = Card::parse_loose(&bytes);
        return card
            .map_or_else(|_| "no good card".to_owned(), |card| format!("of {}", rows::short_name(&card.says().name)));
    }
    if session.is_sync(&bytes) {
        return "from our own devices".to_owned();
    }
    match session.identify(&bytes) {
        Ok(arrival) => format!(
            "from {} ({})",
            rows::short_name(&arrival.from),
            rows::trust_words(&arrival.trust).0.trim_start_matches("! ")
        ),
        Err(_) => "not for us, or not readable".to_owned(),
    }
}

fn heading(text: impl Into<String>) -> Entry {
    (Spot::Heading, Row::Section(text.into(), None))
}

fn folder(name: &str, note: impl Into<String>, path: &Path) -> Entry {
    (Spot::Folder(path.to_path_buf()), Row::item([cell(name, Role::Text), cell(note, Role::Dim)]))
}

/// The first page: sticks, the last place, this computer's folders.
fn start(errand: &Errand, drives: &[Drive], last: Option<&Path>, folders: &[Place]) -> Vec<Entry> {
    let mut out = vec![heading("Sticks and drives")];
    if drives.is_empty() {
        let text = "  None is there. Put one in, then come back here.".to_owned();
        out.push((Spot::Heading, Row::Remark(text)));
    }
    for drive in drives {
        let note = match (errand, drive.files.len()) {
            (errand, _) if errand.wants_folder() => errand.here().to_owned(),
            (Errand::Card | Errand::MemberCard { .. }, count) => counted(count, "card", "cards"),
            (Errand::Attach { .. }, count) => counted(count, "file", "files"),
            (Errand::Policy, count) => counted(count, "policy file", "policy files"),
            (_, count) => counted(count, "bundle", "bundles"),
        };
        out.push(folder(&drive.place.name, note, &drive.place.path));
        out.extend(drive.files.iter().map(|(file, says)| {
            let cells = [cell(format!("  {}", file.name), Role::Accent), cell(says.as_str(), Role::Text)];
            (Spot::File(file.path.clone()), Row::item(cells))
        }));
    }
    if let Some(last) = last.filter(|last| !drives.iter().any(|drive| drive.place.path.as_path() == *last)) {
        out.push((Spot::Heading, Row::Remark(String::new())));
        out.push(heading("Used last"));
        out.push(folder(&last.display().to_string(), "", last));
    }
    out.push((Spot::Heading, Row::Remark(String::new())));
    out.push(heading("This computer"));
    out.extend(folders.iter().map(|place| folder(&place.name, "", &place.path)));
    out
}

struct Chooser {
    errand: Errand,
    /// The first page.
    start: Vec<Entry>,
    /// The drives that can be pulled out.
    removable: Vec<Place>,
    /// Where one is; `None` on the first page.
    at: Option<PathBuf>,
    rows: Vec<Entry>,
    state: TableState,
}

impl Chooser {
    fn new(errand: Errand, start: Vec<Entry>, removable: Vec<Place>, last: Option<&PathBuf>) -> Self {
        let mut chooser =
            Self { errand, rows: start.clone(), start, removable, at: None, state: TableState::default() };
        chooser.settle();
        // The first file that was found is what most people came for; a shared folder is the same one each time.
        let shared = matches!(chooser.errand, Errand::Push | Errand::Pull);
        let likely = |(spot, _): &Entry| match spot {
            Spot::File(_) => true,
            Spot::Folder(path) => shared && last == Some(path),
            Spot::Heading => false,
        };
        if let Some(at) = chooser.rows.iter().position(likely) {
            chooser.state.select(at);
        }
        chooser
    }

    fn settle(&mut self) {
        let fixed = |(at, (spot, _)): (usize, &Entry)| matches!(spot, Spot::Heading).then_some(at);
        self.state.set_rows(self.rows.len(), self.rows.iter().enumerate().filter_map(fixed).collect());
    }

    fn spot(&self) -> Option<Spot> {
        self.rows.get(self.state.selected()?).map(|(spot, _)| spot.clone())
    }

    /// Looks into a folder on a thread; what is shown stays until it is known.
    fn walk(path: PathBuf) -> Handled<Desk> {
        let job = Job::new(LOOK, "Looking", move |_| {
            // A file that was typed: its folder, with the file alone.
            if path.is_file() {
                let parent = path.parent().unwrap_or(&path).to_path_buf();
                let found = places::look(&parent).map(|all| all.into_iter().filter(|it| it.path == path).collect());
                return JobDone::Folder(parent, found);
            }
            let found = places::look(&path);
            JobDone::Folder(path, found)
        });
        Effect::Run(job).into()
    }

    fn up(&mut self) -> Handled<Desk> {
        let Some(at) = self.at.clone() else { return Handled::done() };
        let top = self.removable.iter().any(|place| place.path == at);
        if let Some(parent) = at.parent().filter(|_| !top) {
            return Self::walk(parent.to_path_buf());
        }
        self.at = None;
        self.rows.clone_from(&self.start);
        self.state = TableState::default();
        self.settle();
        Handled::done()
    }

    fn show(&mut self, folder_path: PathBuf, found: Vec<Found>) {
        let mut rows = vec![heading(folder_path.display().to_string())];
        let writes = self.errand.wants_folder();
        if writes {
            rows.push(folder(&plan::sentence(self.errand.here()), "", &folder_path));
        }
        for file in found {
            match file.what {
                What::Folder => rows.push(folder(&format!("{}/", file.name), "", &file.path)),
                what if self.errand.wants(what) => {
                    let size = format!("{} KB", file.size.div_ceil(1024));
                    let cells = [cell(file.name.as_str(), Role::Accent), cell(size, Role::Dim)];
                    rows.push((Spot::File(file.path), Row::item(cells)));
                }
                _ => {}
            }
        }
        if rows.len() == 1 {
            let text = match self.errand {
                Errand::Card | Errand::MemberCard { .. } => "  No card and no folder here. ← goes up.",
                Errand::Attach { .. } => "  No file and no folder here. ← goes up.",
                Errand::Policy => "  No file ending in .toml and no folder here. ← goes up.",
                _ => "  No bundle and no folder here. ← goes up.",
            };
            rows.push((Spot::Heading, Row::Remark(text.to_owned())));
        }
        self.rows = rows;
        self.at = Some(folder_path);
        self.state = TableState::default();
        self.settle();
    }

    fn enter(&self, desk: &Desk) -> Handled<Desk> {
        match self.spot() {
            Some(Spot::File(path)) => Handled::Done(self.chosen(path, desk)),
            // On the first page a place is written to at once; inside, the first line says so.
            Some(Spot::Folder(path)) if self.errand.wants_folder() && self.at.as_ref().is_none_or(|at| *at == path) => {
                Handled::Done(self.chosen(path, desk))
            }
            Some(Spot::Folder(path)) => Self::walk(path),
            _ => Handled::done(),
        }
    }

    fn chosen(&self, path: PathBuf, desk: &Desk) -> Effects<Desk> {
        let mut effects = vec![Effect::Close(Answer::Yes)];
        let drive = self.removable.iter().find(|place| path.starts_with(&place.path)).map(|place| place.name.clone());
        effects.extend(errands::run(&self.errand, path, drive, desk));
        effects
    }

    fn ask_path(&self) -> Handled<Desk> {
        let hint = if self.errand.wants_folder() { "a folder" } else { "a file or a folder" };
        let field = Field::line("path", "Path").required().hint(hint);
        Effect::push("path", FormLayer::new(Form::new("Type where it is", vec![field]), |_, _, _| Ok(Vec::new())))
            .into()
    }
}

impl Layer<Desk> for Chooser {
    fn contexts(&self) -> &[&'static str] {
        &["chooser", "list", "panes"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn can(&self, command: &str) -> bool {
        command != "list.filter"
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.cancel" => Effect::Close(Answer::Cancelled).into(),
            "list.open" => self.enter(desk),
            "pane.right" | "pane.next" => match self.spot() {
                Some(Spot::Folder(path)) if self.at.as_ref() != Some(&path) => Self::walk(path),
                _ => Handled::done(),
            },
            "pane.left" | "pane.previous" => self.up(),
            "chooser.path" => self.ask_path(),
            _ => Handled::when(self.state.command(name)),
        }
    }

    fn answer(&mut self, tag: &str, answer: Answer, _: &mut Desk) -> Effects<Desk> {
        let ("path", Answer::Saved(values)) = (tag, answer) else { return Vec::new() };
        match Self::walk(PathBuf::from(values.get("path"))) {
            Handled::Done(effects) => effects,
            Handled::Pass => Vec::new(),
        }
    }

    fn job_ended(&mut self, _: &str, end: JobEnd<JobDone>, _: &mut Desk) -> Effects<Desk> {
        match end {
            JobEnd::Done(JobDone::Folder(path, Ok(found))) => {
                self.show(path, found);
                Vec::new()
            }
            JobEnd::Done(JobDone::Folder(path, Err(error))) => {
                let error = plan::io(&format!("{} can't be looked into", path.display()), &error);
                vec![Effect::refused(error_text(&error))]
            }
            _ => Vec::new(),
        }
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        let before = self.state.selected();
        if self.state.click(y) && self.state.selected() == before {
            return vec![Effect::Command("list.open".to_owned())];
        }
        Vec::new()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let height = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).saturating_add(3).max(10);
        let inside = panel(buf, centred(area, 84, height), theme, self.errand.title());
        let rows = &self.rows;
        let columns = vec![Column::flex("", 24), Column::fixed("", 32)];
        let cursor = Table::new(columns).draw(buf, inside, theme, &mut self.state, |range| {
            rows[range].iter().map(|(_, row)| row.clone()).collect()
        });
        cursor.or(Some(Position::new(inside.x, inside.y)))
    }
}
