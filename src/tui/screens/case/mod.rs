//! One case: its top, which never scrolls away, and its tabs.
//!
//! It reads the case anew whenever anything may have changed, and changes it only through ops.

mod care;
#[cfg(test)]
mod care_tests;
pub(super) mod closing;
mod documents;
mod doing;
mod header;
mod lines;
mod list;
mod notes;
mod overview;
mod past;
mod people;
#[cfg(test)]
mod people_tests;
mod screening;
#[cfg(test)]
mod screening_tests;
mod sharing;
mod sheet;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::ids::ItemId;
use crate::domain::today::{Due, What};
use crate::domain::views::Case;
use crate::session::Past;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Page;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::put;
use crate::tui::widgets::{Column, Line, bars};

use super::doors;
use list::{List, Target};
use sheet::Scroll;

pub(super) use doing::{answer as case_answer, command as case_command};
pub(super) use lines::moment;

/// The overview has two columns from this width on.
const TWO_COLUMNS: u16 = 100;

/// One case.
pub fn open(desk: &mut Desk, case: ItemId) -> Box<dyn Layer<Desk>> {
    open_at(desk, case, Tab::Overview)
}

/// One case, at its referrals.
pub fn open_referrals(desk: &mut Desk, case: ItemId) -> Box<dyn Layer<Desk>> {
    open_at(desk, case, Tab::Referrals)
}

/// One case, at its care plan.
pub fn open_care(desk: &mut Desk, case: ItemId) -> Box<dyn Layer<Desk>> {
    open_at(desk, case, Tab::Care)
}

/// One case, at what has to be decided.
pub fn open_conflicts(desk: &mut Desk, case: ItemId) -> Box<dyn Layer<Desk>> {
    open_at(desk, case, Tab::Conflicts)
}

/// How many values of a case have to be chosen by somebody.
pub(super) fn conflicts(desk: &Desk, case: Case<'_>) -> usize {
    past::conflicts(desk, case).len()
}

/// A restricted case is on record as opened before anything of it is shown.
fn open_at(desk: &mut Desk, case: ItemId, tab: Tab) -> Box<dyn Layer<Desk>> {
    let restricted = desk.case(case).is_some_and(Case::is_restricted);
    if !desk.may_show(Some(case)) {
        let says = "Room mode is on, and this case is only for some people. Leave room mode first: \": room\".";
        return Box::new(Page::new("Not shown", vec![says.into()]));
    }
    if restricted && let Err(error) = desk.open_session_mut().note_access("open", case, "") {
        return Box::new(Page::new("Not shown", vec![error_text(&error).into()]));
    }
    let mut screen = CaseScreen::new(case);
    screen.tab = tab;
    screen.refresh(desk);
    Box::new(screen)
}

pub(super) use notes::{child_notes, child_says};

/// A case in a few sections, for the place beside a list.
pub(super) fn preview(buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk, case: ItemId) {
    if let Some(case) = desk.case(case) {
        let blocks = overview::preview(desk, case, theme);
        sheet::draw(buf, area, theme, &mut Scroll::default(), &blocks, &[], u16::MAX);
    }
}

/// The tabs, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Overview,
    Timeline,
    Actions,
    FollowUps,
    Screening,
    Referrals,
    Care,
    Consent,
    People,
    Documents,
    History,
    Conflicts,
}

impl Tab {
    const ALL: [Self; 12] = [
        Self::Overview,
        Self::Timeline,
        Self::Actions,
        Self::FollowUps,
        Self::Screening,
        Self::Referrals,
        Self::Care,
        Self::Consent,
        Self::People,
        Self::Documents,
        Self::History,
        Self::Conflicts,
    ];

    fn columns(self) -> Vec<Column> {
        match self {
            Self::Overview | Self::Timeline => lines::timeline_columns(),
            Self::Actions | Self::FollowUps => lines::work_columns(),
            Self::Screening => screening::columns(),
            Self::Referrals => sharing::referral_columns(),
            Self::Care => care::columns(),
            Self::Consent => sharing::consent_columns(),
            Self::People => people::columns(),
            Self::Documents => documents::columns(),
            Self::History => past::history_columns(),
            Self::Conflicts => past::conflict_columns(),
        }
    }

    /// What stands in a tab that has nothing: a title, and what belongs here.
    const fn empty(self) -> &'static [&'static str] {
        match self {
            Self::Overview | Self::Timeline => {
                &["Nothing has been written down yet.", "Notes, contacts and decisions stand here. n writes a note."]
            }
            Self::Actions => {
                &["No action yet.", "What somebody has agreed to do stands here. a adds one: what, who, by when."]
            }
            Self::FollowUps => {
                &["No contact is planned.", "Calls and visits to come stand here. f plans one, once or every few days."]
            }
            Self::Screening => &[
                "Nobody has screened yet.",
                "What was asked, seen and decided stands here. Q asks the policy's questions, I writes a decision down.",
            ],
            Self::Referrals => &[
                "Nobody was asked yet.",
                "Who was asked for help, and what they answered, stands here. R s asks an agency or a team.",
            ],
            Self::Care => {
                &["The policy has no kinds of service.", "They come with a newer policy: `mahoe policy set`."]
            }
            Self::Consent => {
                &["No consent is on record.", "Who agreed to what, until when, stands here. c c writes it down."]
            }
            Self::People => &[
                "Nobody is written down yet.",
                "Family, carers, who is named in the concern, and linked cases stand here. p p writes somebody down.",
            ],
            Self::Documents => {
                &["No document is attached.", "Scans, photos and letters stand here, sealed. d a attaches a file."]
            }
            Self::History => &["Nothing has happened yet.", "Who changed what and when stands here by itself."],
            Self::Conflicts => &["There is nothing to decide."],
        }
    }
}

/// What the lists were made from: when it changes they are made anew.
type Made = (u64, bool, chrono::NaiveDate, Tab);

struct CaseScreen {
    case: ItemId,
    tab: Tab,
    scroll: Scroll,
    list: List,
    /// The history, and the State's number for which it was read.
    past: (u64, Vec<Past>),
    made: Option<Made>,
    /// How many conflicts wait; their tab is there only then.
    conflicts: usize,
    /// For which line a picker was opened.
    asked: Option<Target>,
    /// Where the tabs were drawn.
    bar: Rect,
}

impl CaseScreen {
    fn new(case: ItemId) -> Self {
        Self {
            case,
            tab: Tab::Overview,
            scroll: Scroll::default(),
            list: List::default(),
            past: (u64::MAX, Vec::new()),
            made: None,
            conflicts: 0,
            asked: None,
            bar: Rect::ZERO,
        }
    }

    fn tabs(&self) -> Vec<Tab> {
        Tab::ALL.into_iter().filter(|tab| *tab != Tab::Conflicts || self.conflicts > 0).collect()
    }

    fn tab_names(&self, desk: &Desk, case: Case<'_>) -> Vec<String> {
        let (actions, followups) = overview::counts(desk, case);
        let counted = |name: &str, count: usize| if count == 0 { name.to_owned() } else { format!("{name} {count}") };
        let name = |tab: Tab| match tab {
            Tab::Overview => "Overview".to_owned(),
            Tab::Timeline => "Timeline".to_owned(),
            Tab::Actions => counted("Actions", actions),
            Tab::FollowUps => counted("Follow-ups", followups),
            Tab::Screening => "Screening".to_owned(),
            Tab::Referrals => counted("Referrals", sharing::waiting(desk, case)),
            Tab::Care => care::tally(desk, case)
                .map_or_else(|| "Care".to_owned(), |count| format!("Care {}/{}", count.met, count.standards)),
            Tab::Consent => "Consent".to_owned(),
            Tab::People => counted("People", people::count(desk, case)),
            Tab::Documents => counted("Documents", documents::count(desk, case)),
            Tab::History => "History".to_owned(),
            Tab::Conflicts => counted("Conflicts", self.conflicts),
        };
        self.tabs().into_iter().map(name).collect()
    }

    fn step(&mut self, by: isize, desk: &mut Desk) {
        let tabs = self.tabs();
        let at = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let count = isize::try_from(tabs.len()).unwrap_or(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
        self.go(tabs[usize::try_from(next).unwrap_or(0)], desk);
    }

    fn go(&mut self, tab: Tab, desk: &mut Desk) {
        self.tab = tab;
        self.list = List::default();
        self.scroll = Scroll::default();
        self.refresh(desk);
    }

    /// Makes the lines of the current tab anew if what they were made from has changed.
    fn make(&mut self, desk: &Desk) {
        let made = (desk.open_session().state().revision(), desk.masked(), desk.today(), self.tab);
        let Some(case) = desk.case(self.case).filter(|_| self.made != Some(made)) else { return };
        self.made = Some(made);
        self.list.set(match self.tab {
            Tab::Overview => Vec::new(),
            Tab::Timeline => lines::timeline(desk, case, &self.past.1),
            Tab::Actions => lines::actions(desk, case),
            Tab::FollowUps => lines::followups(desk, case),
            Tab::Screening => screening::lines(desk, case),
            Tab::Referrals => sharing::referral_lines(desk, case),
            Tab::Care => care::lines(desk, case),
            Tab::Consent => sharing::consents(desk, case),
            Tab::People => people::lines(desk, case),
            Tab::Documents => documents::lines(desk, case),
            Tab::History => past::history(desk, case, &self.past.1),
            Tab::Conflicts => past::conflict_lines(desk, case),
        });
    }

    fn target(&self) -> Option<Target> {
        self.list.selected().map(|entry| entry.target)
    }

    /// What is due: that of the selected line, or of the whole case where no line is one of work.
    fn due(&self, desk: &Desk, target: Option<Target>) -> Vec<Due> {
        let fits = |due: &Due| match (target, &due.what) {
            (Some(Target::Action(id)), What::Action(of)) | (Some(Target::FollowUp(id)), What::FollowUp(of)) => {
                id == *of
            }
            (Some(Target::Action(_) | Target::FollowUp(_)), _) => false,
            _ => true,
        };
        let mut all = desk.open_session().due_in(self.case);
        all.retain(fits);
        all
    }

    fn enter(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let target = self.target();
        Handled::Done(match target {
            Some(Target::Conflict(item, field)) => {
                self.asked = target;
                doing::decide(self.case, item, field, desk)
            }
            Some(Target::Entry(entry, true)) => doing::strike(self.case, entry, desk),
            Some(Target::Entry(_, false)) => vec![Effect::info("Nothing in this entry can be struck.")],
            Some(Target::Screening(id)) => {
                screening::page(desk, id).map(|page| Effect::push("line", page)).into_iter().collect()
            }
            Some(Target::Action(id)) => return doors::form("action.edit", Some(id), desk),
            Some(Target::Service(_) | Target::Care(_)) => {
                return care::command("service.edit", self.case, target, desk);
            }
            Some(Target::Document(id)) => documents::view(desk, id),
            Some(Target::Person(_) | Target::Named(_)) => {
                return people::command("person.edit", self.case, target, desk);
            }
            Some(Target::Linked(other)) => return people::open(desk, other),
            Some(Target::Note(id)) if notes::is_views(desk, id) => {
                return doing::command("case.views", self.case, desk);
            }
            Some(_) => self.list.selected().map_or_else(Vec::new, |entry| {
                let lines: Vec<Line> = entry.detail.iter().map(sheet::Para::line).collect();
                vec![Effect::push("line", Page::new(format!("Case {}", desk.code(self.case)), lines))]
            }),
            None => Vec::new(),
        })
    }

    /// The keys of the selected action or follow-up.
    fn work(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let target = self.target().filter(|target| matches!(target, Target::Action(_) | Target::FollowUp(_)));
        let due = self.due(desk, target);
        if target.is_none() && name != "action.slip" {
            return match name {
                "action.owner" => doing::command("case.lead", self.case, desk),
                "action.done" if self.tab == Tab::Overview => doing::settle(self.case, desk),
                _ => Effect::info("Choose an action or a follow-up first: Tab goes to their lists.").into(),
            };
        }
        if due.is_empty() {
            return Effect::info("Nothing of this is open any more.").into();
        }
        self.asked = target;
        super::doing::command(name, &due, desk)
    }

    /// Does what a key says.
    fn act(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let moved = if self.tab == Tab::Overview { self.scroll.command(name) } else { self.list.command(name) };
        if moved {
            return Handled::done();
        }
        match name {
            "pane.next" | "pane.right" => self.step(1, desk),
            "pane.previous" | "pane.left" => self.step(-1, desk),
            "list.open" => return self.enter(desk),
            // On record for this case, not only for the team; masking again is the shell's.
            "reveal" if desk.masked() => return Handled::Done(doing::reveal(self.case, desk)),
            "case.edit" if matches!(self.target(), Some(Target::Action(_))) => return self.enter(desk),
            "action.start" | "action.done" | "action.cancel" | "action.why" | "action.postpone" | "action.owner"
            | "action.slip" => {
                return self.work(name, desk);
            }
            _ => {
                let target = self.target();
                for command in
                    [screening::command, sharing::command, care::command, people::command, documents::command]
                {
                    if let done @ Handled::Done(_) = command(name, self.case, target, desk) {
                        return done;
                    }
                }
                return doing::command(name, self.case, desk);
            }
        }
        Handled::done()
    }
}

impl Layer<Desk> for CaseScreen {
    fn contexts(&self) -> &[&'static str] {
        match self.tab {
            Tab::Overview => &["case", "view"],
            Tab::Care => self.list.filter().contexts(&["care", "case", "list"]),
            Tab::Screening => self.list.filter().contexts(&["case-screening", "case", "list"]),
            Tab::Referrals => self.list.filter().contexts(&["case-referrals", "case", "list"]),
            Tab::Consent => self.list.filter().contexts(&["case-consent", "case", "list"]),
            Tab::People => self.list.filter().contexts(&["case-people", "case", "list"]),
            Tab::Documents => self.list.filter().contexts(&["case-documents", "case", "list"]),
            _ => self.list.filter().contexts(&["case", "list"]),
        }
    }

    fn wants_text(&self) -> bool {
        self.list.filter().typing()
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.list.typed(&typed);
        Vec::new()
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "list.open" => self.target().is_some(),
            "list.filter" => !self.list.is_empty(),
            "action.done" | "action.postpone" | "action.why" | "action.start" | "action.cancel" => {
                matches!(self.target(), Some(Target::Action(_) | Target::FollowUp(_)))
            }
            // On its own tab only with something there.
            "consent.withdraw" | "consent.lift" if self.tab == Tab::Consent => self.target().is_some(),
            "screening.follow" if self.tab == Tab::Screening => self.target().is_some(),
            "person.edit" | "person.same" if self.tab == Tab::People => {
                matches!(self.target(), Some(Target::Person(_) | Target::Named(_)))
            }
            "document.export" if self.tab == Tab::Documents => self.target().is_some(),
            _ => true,
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let seen = |desk: &Desk| (desk.open_session().state().revision(), desk.masked());
        let before = seen(desk);
        let handled = self.act(name, desk);
        // What this key changed is seen at once.
        if seen(desk) != before {
            self.refresh(desk);
        }
        handled
    }

    fn click(&mut self, x: u16, y: u16, desk: &mut Desk) -> Effects<Desk> {
        if y == self.bar.y && !self.wants_text() {
            let (tabs, names) = (self.tabs(), desk.case(self.case).map(|case| self.tab_names(desk, case)));
            let current = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
            let hit = names.and_then(|names| bars::tab_at(self.bar, &names, current, x));
            if let Some(tab) = hit.and_then(|at| tabs.get(at)) {
                self.go(*tab, desk);
            }
            return Vec::new();
        }
        if self.tab != Tab::Overview
            && self.list.click(y)
            && let Handled::Done(effects) = self.enter(desk)
        {
            return effects;
        }
        Vec::new()
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let asked = self.asked.take();
        match (&answer, asked) {
            (Answer::Picked(code), Some(Target::Conflict(item, field))) if doing::is_decision(tag) => {
                doing::decided(item, field, code, desk)
            }
            (Answer::Picked(code), Some(target)) => {
                let due = self.due(desk, Some(target));
                super::doing::picked(tag, code, &due, desk)
            }
            _ => doing::answer(tag, &answer, self.case, desk),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_none() {
            return;
        }
        let revision = desk.open_session().state().revision();
        if self.past.0 != revision && matches!(self.tab, Tab::Timeline | Tab::History) {
            let stream = desk.case(self.case).map(|case| case.0.stream);
            // What can't be read shows as an empty history; health says why.
            let past = stream.and_then(|stream| desk.open_session_mut().history(stream).ok()).unwrap_or_default();
            self.past = (revision, past);
        }
        self.conflicts = desk.case(self.case).map_or(0, |case| past::conflicts(desk, case).len());
        if self.conflicts == 0 && self.tab == Tab::Conflicts {
            self.tab = Tab::Overview;
        }
        self.make(desk);
    }

    fn position(&self) -> String {
        if self.tab == Tab::Overview { String::new() } else { self.list.position() }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let Some(case) = desk.case(self.case) else {
            let text = "This case is not here any more. Esc goes back.";
            put(buf, area.x + 2, area.y + 1, area.width.saturating_sub(2), text, theme.style(Role::Dim));
            return None;
        };
        let tabs = self.tab_names(desk, case);
        let at = self.tabs().iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let body = header::draw(buf, area, theme, desk, case, (&tabs, at));
        self.bar = Rect { y: body.y.saturating_sub(2), height: 1, ..header::bar(area) };
        if self.tab != Tab::Overview {
            let rule = Rect { y: body.y.saturating_sub(1), height: 1, ..area };
            let typing = self.list.draw_filter(buf, rule, theme);
            let cursor = self.list.draw(buf, body, theme, self.tab.columns(), self.tab.empty());
            return typing.or(cursor);
        }
        let (left, right) = overview::blocks(desk, case, theme);
        sheet::draw(buf, body, theme, &mut self.scroll, &left, &right, TWO_COLUMNS);
        Some(Position::new(body.x, body.y.min(area.bottom().saturating_sub(1))))
    }
}
