//! Vault health: where the vault lies, how it stands, what was found and dealt with. No jargon but here.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::session::{Session, Sheet, Sheets, Verdict};
use crate::text::{counted, thousands};
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Confirm;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Line, TextView};

/// The tag of the question before what was set aside is destroyed, and what has to be typed.
const EMPTY: &str = "empty";
const REMOVE: &str = "remove";
/// Files of what was set aside that are named; the rest is counted.
const NAMED: usize = 12;

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let said = report(desk);
    let mut screen = Health { view: TextView::new(said.clone()), said, aside: false };
    screen.refresh(desk);
    Box::new(screen)
}

struct Health {
    view: TextView,
    said: Vec<Line>,
    /// Something was set aside.
    aside: bool,
}

impl Layer<Desk> for Health {
    fn contexts(&self) -> &[&'static str] {
        &["health", "view"]
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "health.verify" => Handled::Done(super::busy::effects("Checking every record", |session, tell| {
                session.verify(tell).map(|verdict| in_words(&verdict))
            })),
            "health.empty" => ask_to_empty(desk),
            "vault.new-words" => Handled::Done(super::new_words::open(Sheet::Instead, desk)),
            "vault.second-sheet" => Handled::Done(super::new_words::open(Sheet::Further, desk)),
            "vault.passphrase" => match super::forms::open(name, None, desk) {
                Some(form) => Effect::Push("form", form).into(),
                None => Handled::Pass,
            },
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn can(&self, command: &str) -> bool {
        command != "health.empty" || self.aside
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        if (tag, answer) != (EMPTY, Answer::Yes) {
            return Vec::new();
        }
        let effects = match desk.open_session_mut().empty_quarantine() {
            Ok(count) => {
                let files = counted(count, "file was", "files were");
                vec![Effect::info(format!("{files} overwritten and removed."))]
            }
            Err(error) => vec![Effect::refused(error_text(&error))],
        };
        self.refresh(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        self.aside = desk.session().is_some_and(|session| !session.set_aside().is_empty());
        // Where one has scrolled to is kept unless there is something new to read.
        let lines = report(desk);
        if lines != self.said {
            self.view = TextView::new(lines.clone());
            self.said = lines;
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2).min(90), ..area };
        self.view.draw(buf, inside, theme);
        Some(Position::new(inside.x, inside.y))
    }
}

fn report(desk: &Desk) -> Vec<Line> {
    let Some(session) = desk.session() else { return Vec::new() };
    let mut out = vec![Line::new("This vault", Role::Title)];
    out.push(format!("Folder      {}", session.vault().root().display()).into());
    let entries = session.state().entry_count();
    out.push(format!("Entries     {}", thousands(entries as u64)).into());
    let people = session.participants().len();
    out.push(format!("Opened by   {}", counted(people, "person", "people")).into());
    let Sheets { all, unread } = session.sheets();
    let read = if unread > 0 { ", not read back" } else { "" };
    out.push(format!("Recovery    {}{read}", counted(all, "sheet", "sheets")).into());
    let settled = if session.vault().needs_settling() {
        Line::new("Second copy being written", Role::Soon)
    } else {
        Line::new("Second copy complete", Role::Done)
    };
    out.push(settled);
    for text in warnings(session) {
        out.push(Line::new(format!("! {text}"), Role::Soon));
    }
    out.push("".into());
    out.push(Line::new("Found and dealt with since this unlock", Role::Title));
    let found = session.health();
    if found.is_empty() {
        out.push(Line::new("Nothing: both copies are whole.", Role::Done));
    }
    for (says, loss) in found {
        out.push(Line::new(says, if loss { Role::Late } else { Role::Text }));
    }
    out.push("".into());
    out.extend(set_aside(session));
    out.push(Line::new("Waiting", Role::Title));
    out.extend(waiting(session));
    out.push("".into());
    out.push(Line::new(
        "v checks every record and signature; p changes your passphrase; w new recovery words.",
        Role::Dim,
    ));
    out
}

/// What was set aside as damaged, file by file.
fn set_aside(session: &Session) -> Vec<Line> {
    let files = session.set_aside();
    if files.is_empty() {
        return Vec::new();
    }
    let count = counted(files.len(), "file", "files");
    let mut out = vec![
        Line::new("Set aside as damaged", Role::Title),
        format!("{count}, kept until somebody destroys them: D. They may hold what was struck, or be all that is left of something.").into(),
    ];
    out.extend(files.iter().take(NAMED).map(|file| {
        let path = crate::domain::clean::line_owned(&file.path.display().to_string());
        format!("  {path}  {} bytes", thousands(file.bytes)).into()
    }));
    if files.len() > NAMED {
        out.push(format!("  and {} more", files.len() - NAMED).into());
    }
    out.push("".into());
    out
}

/// Asks before what was set aside is destroyed: it can't be undone.
fn ask_to_empty(desk: &Desk) -> Handled<Desk> {
    let files = desk.open_session().set_aside().len();
    if files == 0 {
        return Effect::info("Nothing was set aside.").into();
    }
    let files = counted(files, "file that was", "files that were");
    let question = format!("Overwrite and remove the {files} set aside as damaged?");
    Effect::push(EMPTY, Confirm::new(question, REMOVE)).into()
}

/// What somebody should do something about.
fn warnings(session: &Session) -> Vec<String> {
    let mut all = Vec::new();
    let Sheets { all: sheets, unread } = session.sheets();
    if unread > 0 {
        all.push("Nobody has read the recovery words back: they may be on no paper. w makes new ones.".to_owned());
    }
    if session.participants().len() < 2 {
        all.push("Only one person can open this vault. Give a second one a key: Team, then K.".to_owned());
    }
    if sheets < 2 {
        all.push("There is one recovery sheet. W makes a second one for another person.".to_owned());
    }
    if session.health().iter().any(|(_, loss)| *loss) {
        all.push("Something is in no copy: fetch it from a backup or from another of the team's devices.".to_owned());
    }
    all.extend(session.policy_trouble().map(crate::session::PolicyTrouble::says));
    all
}

fn waiting(session: &Session) -> Vec<Line> {
    let (parked, forks, refused) = session.waiting();
    let mut out = Vec::new();
    if parked > 0 {
        out.push(Line::from(format!(
            "{} from another device, until the ones before arrive: sync with that device again.",
            counted(parked, "entry waits", "entries wait")
        )));
    }
    if forks > 0 {
        out.push(Line::new(
            format!(
                "{} written twice by one device: a copy of this vault was restored and went on. Tell the coordinator.",
                counted(forks, "place", "places")
            ),
            Role::Late,
        ));
    }
    if refused > 0 {
        out.push(Line::new(
            format!(
                "{} set aside: the signature or the place in its chain is not right.",
                counted(refused, "entry was", "entries were")
            ),
            Role::Late,
        ));
    }
    let hidden = session.restricted_cases();
    if hidden > 0 {
        out.push(Line::from(format!(
            "{} only for others: you see that they exist, nothing more.",
            counted(hidden, "case is", "cases are")
        )));
    }
    if out.is_empty() {
        out.push(Line::new("Nothing.", Role::Dim));
    }
    out
}

/// What a verification found, the verdict first.
fn in_words(verdict: &Verdict) -> Vec<String> {
    let checked = thousands(verdict.entries);
    let mut out = vec![if verdict.problems.is_empty() {
        format!("All is well: {checked} entries checked, every signature is good.")
    } else {
        format!("Not all is well: {} in {checked} entries.", counted(verdict.problems.len(), "problem", "problems"))
    }];
    out.push(format!("{} can be read by you.", thousands(verdict.readable)));
    if verdict.withheld > 0 {
        out.push(format!("{} are for others.", thousands(verdict.withheld)));
    }
    if verdict.destroyed > 0 {
        out.push(format!("{} were struck or disposed of, as their records say.", thousands(verdict.destroyed)));
    }
    out.extend(verdict.problems.iter().map(|problem| format!("! {problem}")));
    out
}
