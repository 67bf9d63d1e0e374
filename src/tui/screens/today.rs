//! Today: what is late, due, and coming; mine or the whole team's.

use chrono::{NaiveDate, TimeDelta};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::dates::{self, jamaica};
use crate::domain::meeting::{Meeting, Phase};
use crate::domain::today::{self, Bucket, Due, What};
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, put_fit};

use super::doors::Door;
use super::due_list::{Content, DueList, Entry};
use super::preview;

/// How far ahead *Later* is shown; the rest is told as a number.
const AHEAD: TimeDelta = TimeDelta::days(30);

/// Today as a screen: mine for a champion, the team's for who coordinates.
pub fn screen(desk: &mut Desk) -> Door {
    let session = desk.open_session();
    let team = today::opens_on_team(session.state(), session.me());
    let mut screen = Today { team, ..Today::default() };
    screen.refresh(desk);
    Box::new(screen)
}

#[derive(Default)]
struct Today {
    team: bool,
    list: DueList,
    /// How many lines are mine, and the team's.
    counts: (usize, usize),
    notices: Vec<String>,
    /// What waits in the inbox, in a sentence.
    inbox: Option<String>,
    /// The next meeting in a few words, and the State's number and the day for which they were made.
    meeting: (Option<(u64, NaiveDate)>, Option<String>),
}

impl Today {
    /// The lines in order; those that were done here join the others in the place where they stood.
    fn content(&mut self, desk: &Desk) -> Content {
        let session = desk.open_session();
        let dues = session.today();
        let is_mine = today::is_mine(session.state(), session.me(), desk.today());
        let last = desk.today() + AHEAD;
        let (mut first, mut rest, mut mine, mut folded) = (Vec::new(), Vec::new(), 0, 0);
        let mut now = Vec::new();
        let shown = |(_, due): &(usize, &Due)| desk.may_show(due.case);
        let mut all = 0;
        for (at, due) in dues.iter().enumerate().filter(shown) {
            all += 1;
            let ours = is_mine(due);
            mine += usize::from(ours);
            // A meeting that runs is everybody's: Enter goes back to it, also after the power failed.
            if runs(desk, due) {
                now.push(Entry { at, section: 0, done: false, past: false });
                continue;
            }
            if !ours && !self.team {
                continue;
            }
            if due.bucket == Bucket::Later && due.day() > last {
                folded += 1;
            } else {
                let part = if due.what == What::Incomplete { &mut first } else { &mut rest };
                part.push(Entry { at, section: section(due), done: false, past: false });
            }
        }
        self.counts = (mine, all);
        let others = self.list.struck(desk).to_vec();
        for (offset, struck) in others.iter().enumerate() {
            let part = if struck.what == What::Incomplete { &mut first } else { &mut rest };
            let before = |entry: &Entry| {
                let other = dues.get(entry.at).unwrap_or_else(|| &others[entry.at - dues.len()]);
                today::order(other, struck).is_le()
            };
            let place = part.partition_point(before);
            part.insert(place, Entry { at: dues.len() + offset, section: section(struck), done: true, past: false });
        }
        now.append(&mut first);
        now.append(&mut rest);
        Content {
            dues,
            others,
            titles: ["Now", "To be completed"]
                .into_iter()
                .chain(Bucket::ALL.map(Bucket::title))
                .map(str::to_owned)
                .collect(),
            entries: now,
            folded: (folded > 0).then(|| format!("and {folded} more after that")),
        }
    }

    fn look(&mut self, desk: &Desk) {
        let content = self.content(desk);
        self.list.fill(content, desk);
        self.notices = notices(desk);
        self.inbox = super::exchange::waiting(desk);
        let now = Some((desk.open_session().state().revision(), desk.today()));
        if self.meeting.0 != now {
            self.meeting = (now, next_meeting(desk));
        }
    }

    fn heading(&mut self, buf: &mut Buffer, line: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let date = desk.today().format("%A %-d %B %Y").to_string();
        let used = put(buf, line.x + 1, line.y, line.width, &date, theme.style(Role::Title));
        let names = [format!("Mine {}", self.counts.0), format!("Team {}", self.counts.1)];
        let end = preview::choices(buf, line, theme, "Tab", &names, usize::from(self.team));
        let x = line.x + 1 + used + 3;
        self.list.filter().draw(buf, Rect { x, width: end.saturating_sub(x), ..line }, theme)
    }

    const fn empty(&self) -> &'static [&'static str] {
        if self.team {
            &[
                "Nothing is due.",
                "Late and coming actions, planned contacts and the policy's clocks stand here by themselves.",
                "n opens a case, a adds an action, N takes a quick report.",
            ]
        } else {
            &[
                "Nothing is due for you.",
                "What you, your agency or somebody you cover for has to do stands here by itself.",
                "Tab shows the whole team's, n opens a case, a adds an action, N takes a quick report.",
            ]
        }
    }
}

/// True for a meeting that runs.
fn runs(desk: &Desk, due: &Due) -> bool {
    let phase = |id| Meeting::get(desk.open_session().state(), id).map(Meeting::phase);
    matches!(due.what, What::Meeting(id) if phase(id) == Some(Phase::Live))
}

/// The meeting that comes next, and how many are on its agenda.
fn next_meeting(desk: &Desk) -> Option<String> {
    let session = desk.open_session();
    let next = Meeting::next(session.state(), desk.today())?;
    let when = next.when()?.with_timezone(&jamaica());
    let day = dates::people(when.date_naive(), desk.today());
    let count = session.agenda(next.0.id).len();
    Some(format!("next meeting {day} {}, {count} on the agenda", when.format("%H:%M")))
}

/// The section's place among the titles, after what runs now. What leads them is what is missing from a quick report.
fn section(due: &Due) -> u32 {
    if due.what == What::Incomplete { 1 } else { 2 + due.bucket as u32 }
}

/// What is unsafe in the vault as it stands.
fn notices(desk: &Desk) -> Vec<String> {
    let session = desk.open_session();
    let keys = session.key_warning().filter(|_| !desk.demo);
    let mut notices: Vec<String> = keys.map(str::to_owned).into_iter().collect();
    if !session.disputes().is_empty() {
        notices.push("Two computers do not agree on who has left the team: decide (Vault health).".to_owned());
    }
    notices.extend(session.policy_trouble().map(|trouble| trouble.brief().to_owned()));
    notices
}

impl Layer<Desk> for Today {
    fn contexts(&self) -> &[&'static str] {
        self.list.contexts(&["today", "list", "panes"])
    }

    fn can(&self, command: &str) -> bool {
        self.list.can(command)
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.list.command(name, desk) {
            return Handled::done();
        }
        let team = match name {
            "today.mine" => !self.team,
            "pane.left" => false,
            "pane.right" | "pane.next" | "pane.previous" => true,
            _ => {
                let handled = self.list.act(name, desk);
                if matches!(handled, Handled::Done(_)) {
                    self.look(desk);
                }
                return handled;
            }
        };
        if team != self.team {
            self.team = team;
            self.list.forget();
            self.look(desk);
        }
        Handled::done()
    }

    fn typed(&mut self, typed: Typed, desk: &mut Desk) -> Effects<Desk> {
        self.list.typed(&typed, desk);
        Vec::new()
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        if self.list.click(y) { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = self.list.answer(tag, &answer, desk);
        self.look(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        desk.look_into_inbox();
        self.look(desk);
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let typing = self.heading(buf, Rect { height: 1, ..area }, theme, desk);
        let mut body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        for notice in &self.notices {
            let line = format!("! {notice}");
            put_fit(buf, (body.x + 1, body.y), body.width - 2, &line, theme.symbols.ellipsis, theme.style(Role::Soon));
            body = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        }
        if body.height > 6 {
            if let Some(meeting) = &self.meeting.1 {
                let (at, dots) = ((body.x + 1, body.y), theme.symbols.ellipsis);
                put_fit(buf, at, body.width.saturating_sub(2), meeting, dots, theme.style(Role::Dim));
            }
            body = Rect { y: body.y + 1, height: body.height - 1, ..body };
        }
        if let Some(inbox) = self.inbox.as_ref().filter(|_| body.height > 4) {
            let line = Rect { y: body.bottom() - 1, height: 1, ..body };
            let (at, dots) = ((line.x + 1, line.y), theme.symbols.ellipsis);
            put_fit(buf, at, line.width.saturating_sub(2), inbox, dots, theme.style(Role::Accent));
            body.height -= 1;
        }
        let empty = self.empty();
        let cursor = self.list.draw_body(buf, body, theme, desk, empty);
        typing.or(cursor)
    }
}
