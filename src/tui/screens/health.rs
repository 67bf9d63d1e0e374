//! Vault health: where the vault lies, how it stands, what was found and dealt with. No jargon but here.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::session::{Session, Verdict};
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::layers::{Handled, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Line, TextView};
use crate::vault::Found;
use crate::vault::framelog::{Finding, Why};

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    Box::new(Health { view: TextView::new(report(desk)), said: report(desk) })
}

struct Health {
    view: TextView,
    said: Vec<Line>,
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
            "vault.passphrase" => match super::forms::open(name, None, desk) {
                Some(form) => Effect::Push("form", form).into(),
                None => Handled::Pass,
            },
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
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
    let found = session.vault().findings();
    if found.is_empty() {
        out.push(Line::new("Nothing: both copies are whole.", Role::Done));
    }
    for item in found {
        let role = if is_loss(item) { Role::Late } else { Role::Text };
        out.push(Line::new(words(item), role));
    }
    out.push("".into());
    out.push(Line::new("Waiting", Role::Title));
    out.extend(waiting(session));
    out.push("".into());
    out.push(Line::new("v checks every record and every signature; p changes your passphrase.", Role::Dim));
    out
}

/// What somebody should do something about.
fn warnings(session: &Session) -> Vec<String> {
    let mut all = Vec::new();
    if session.participants().len() < 2 {
        all.push("Only one person can open this vault. Give a second one a key: Team, then K.".to_owned());
    }
    if session.vault().findings().iter().any(is_loss) {
        all.push("Something is in no copy: fetch it from a backup or from another of the team's devices.".to_owned());
    }
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

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count as u64), if count == 1 { one } else { many })
}

/// 12,345.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
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

fn is_loss(found: &Found) -> bool {
    match found {
        Found::Journal(finding) | Found::Ring(finding) => finding.is_loss(),
        Found::Unreadable(_) => true,
        _ => false,
    }
}

/// One finding in plain words.
fn words(found: &Found) -> String {
    match found {
        Found::Journal(finding) => finding_words(finding, "the journal"),
        Found::Ring(finding) => finding_words(finding, "the key ring"),
        Found::KeyFile(name) => format!("The key file {name} was damaged in one copy, and made whole from the other."),
        Found::Config => "vault.toml was damaged in one copy, and made whole from the other.".to_owned(),
        Found::Store(why) => format!("The working store was built again from the journal ({why}). Nothing is lost."),
        Found::Salvaged(count) => {
            format!("{} back into the journal from the working store.", counted(*count, "entry came", "entries came"))
        }
        Found::Unreadable(count) => format!(
            "{} no copy can open any more: the key or the bytes are gone.",
            counted(*count, "entry is there whose words", "entries are there whose words")
        ),
        Found::Drafts(true) => "Your unfinished forms were made whole from their other copy.".to_owned(),
        Found::Drafts(false) => {
            "Your unfinished forms could not be read in either copy; nothing saved is touched.".to_owned()
        }
        Found::ForeignEpoch(name) => format!("The key file {name} is sealed to others; it is left alone."),
    }
}

fn finding_words(finding: &Finding, log: &str) -> String {
    match finding {
        Finding::Repaired { side, segment, why } => {
            let why = match why {
                Why::Missing => "was missing",
                Why::Behind => "was a moment behind, as after a power cut",
                Why::Damaged => "was damaged",
                Why::Unreadable => "could not be read in part",
                Why::Suspect => "had not been confirmed by the disk",
            };
            format!("The {} copy of {log}, part {segment}, {why}; it is whole again.", copy(side.name()))
        }
        Finding::NotRepaired { side, segment, error } => {
            format!(
                "The {} copy of {log}, part {segment}, could not be repaired: {error}. The other copy is used.",
                copy(side.name())
            )
        }
        Finding::TailSetAside { bytes, .. } => {
            format!(
                "{} bytes at the end of {log} were never finished (a power cut); they lie in quarantine.",
                thousands(*bytes)
            )
        }
        Finding::Lost { first, last } if first == last => format!("Record {first} of {log} is in no copy."),
        Finding::Lost { first, last } => format!("Records {first} to {last} of {log} are in no copy."),
        Finding::BrokenChain { arrival } => format!("Record {arrival} of {log} does not follow the one before it."),
        Finding::Diverged { arrival } => {
            format!("The two copies of {log} differed in record {arrival}; the one that its chain names was kept.")
        }
        Finding::LeftOver { name, .. } => format!("{name}, left over from work that was cut short, was removed."),
        Finding::StartRepaired { side } => {
            format!("The {} note of where {log} begins was written again.", copy(side.name()))
        }
    }
}

fn copy(side: &str) -> &'static str {
    if side == "primary" { "first" } else { "second" }
}

/// Everything found, as one sentence in plain words; `None` if there was nothing worth saying.
pub fn sentence(found: &[Found]) -> Option<String> {
    let (mut repaired, mut lost, mut stuck, mut cut) = (0, 0_u64, 0, false);
    for item in found {
        match item {
            Found::Journal(finding) | Found::Ring(finding) => match finding {
                Finding::Lost { first, last } => lost += last.saturating_sub(*first) + 1,
                Finding::BrokenChain { .. } => lost += 1,
                Finding::NotRepaired { .. } => stuck += 1,
                Finding::TailSetAside { .. } => cut = true,
                // After a power cut the mirror lags by a moment: ordinary, and made whole.
                Finding::Repaired { why: Why::Behind, .. } | Finding::LeftOver { .. } => {}
                Finding::Repaired { .. } | Finding::Diverged { .. } | Finding::StartRepaired { .. } => repaired += 1,
            },
            Found::KeyFile(_) | Found::Config | Found::Store(_) | Found::Salvaged(_) => repaired += 1,
            Found::Drafts(whole) => repaired += usize::from(*whole),
            Found::Unreadable(bodies) => lost += *bodies as u64,
            Found::ForeignEpoch(_) => stuck += 1,
        }
    }
    if lost > 0 {
        let records = if lost == 1 { "1 record".to_owned() } else { format!("{lost} records") };
        return Some(format!(
            "{records} could not be read in any copy: fetch them from a backup or another device. The Vault screen says which."
        ));
    }
    if stuck > 0 {
        return Some(
            "A copy of the vault could not be repaired; the other is whole. The Vault screen says more.".to_owned(),
        );
    }
    if repaired > 0 {
        return Some(
            "A damaged copy was made whole from the other; nothing is lost. The Vault screen says more.".to_owned(),
        );
    }
    cut.then(|| "The last thing typed before the power cut was not saved; all before it is there.".to_owned())
}
