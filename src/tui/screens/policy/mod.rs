//! The policy: every rule of the team, by kind, with what it says, where it comes from and who is to confirm it; what is
//! different from the built-in policy is marked. The simplest changes are made here, each checked before it holds.
//!
//! It shows rules only: nothing of a case ever stands here.

mod change;
mod propose;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::ops::PolicySet;
use crate::policy;
use crate::policy::diff::Change;
use crate::policy::edit::Edit;
use crate::policy::rules::{Rule, Step, key_words, rank, words};
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::{Ask, Page};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::put_fit;
use crate::tui::widgets::{Column, Line, Row, Table, cell};

use super::due_list::draw_empty;
use super::sections::{Entry, Sections, section};

pub(super) use propose::{propose, read};

/// The tag of the question before a choice is retired.
const RETIRES: &str = "retires";

/// The screen.
pub fn screen(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let mut policy =
        Policy { list: Sections::default(), text: String::new(), rules: Vec::new(), own: Vec::new(), retiring: None };
    policy.refresh(desk);
    Box::new(policy)
}

struct Policy {
    list: Sections<Vec<Step>>,
    /// The text that is shown.
    text: String,
    rules: Vec<Rule>,
    /// What is different from the built-in policy.
    own: Vec<Change>,
    /// What is being asked about.
    retiring: Option<Vec<Step>>,
}

impl Policy {
    fn rule(&self) -> Option<&Rule> {
        let at = self.list.about()?;
        self.rules.iter().find(|rule| rule.at == *at)
    }

    /// All of a rule on a page.
    fn page(&self) -> Option<Effect<Desk>> {
        let rule = self.rule()?;
        let mut lines = vec![Line::new(clean::shown(&rule.name).into_owned(), Role::Title)];
        lines.push(Line::new(rule.path(), Role::Dim));
        // A small screen shows the first lines: who is to confirm it comes before what it says.
        lines.push(match rule.to_confirm() {
            Some(who) => Line::new(format!("? Unverified: confirm with {}.", clean::shown(who)), Role::Soon),
            None => Line::new("Confirmed by a published text.", Role::Done),
        });
        lines.push(format!("Source: {}", clean::shown(&rule.source)).into());
        lines.push("".into());
        for (key, value) in &rule.parts {
            lines.push(format!("{}: {}", key_words(key), clean::shown(value)).into());
        }
        if rule.kind() == "retention" && rule.part("years").is_none() {
            lines.push("years: none set; nothing is disposed of".into());
        }
        let own: Vec<&Change> = self.own.iter().filter(|change| change.at == rule.at).collect();
        if !own.is_empty() {
            lines.push("".into());
            lines.push(Line::new("Different from the built-in policy", Role::Title));
            lines.extend(own.into_iter().map(|change| Line::from(clean::shown(&change.says).into_owned())));
        }
        Some(Effect::push("rule", Page::new("Rule", lines)))
    }

    /// What the team has changed since the built-in policy.
    fn differences(&self) -> Effect<Desk> {
        if self.own.is_empty() {
            return Effect::info("Nothing: the policy in force is the one that is built in.");
        }
        let lines = self.own.iter().map(|change| Line::from(clean::shown(&change.says).into_owned())).collect();
        Effect::push("own", Page::new("Different from the built-in policy", lines))
    }

    /// Asks before a choice retires; brings a retired one back at once.
    fn retire(&mut self, desk: &mut Desk) -> Handled<Desk> {
        let Some(rule) = self.rule().filter(|rule| can_retire(rule)) else {
            return Effect::info("Only a choice of a list retires here; l loads a file with anything else.").into();
        };
        let (at, name) = (rule.at.clone(), clean::shown(&rule.name).into_owned());
        if rule.retired() {
            return Handled::Done(hold(desk, &[Edit::Retire { at, retired: false }]));
        }
        self.retiring = Some(at);
        let question = format!("\"{name}\" is offered no longer? Records that have it keep its words.");
        Effect::push(RETIRES, Ask::new(question)).into()
    }
}

/// Whether a rule is a choice of a list.
fn can_retire(rule: &Rule) -> bool {
    rule.kind() == "choices" && rule.group() == "list"
}

/// Makes changes to the policy in force and puts it in force: one op, on the record.
fn hold(desk: &mut Desk, edits: &[Edit]) -> Effects<Desk> {
    match change::held(desk, edits) {
        Ok(says) => vec![Effect::info(says)],
        Err(error) => vec![Effect::refused(error_text(&error))],
    }
}

impl Layer<Desk> for Policy {
    fn contexts(&self) -> &[&'static str] {
        self.list.contexts(&["policy", "list"])
    }

    fn wants_text(&self) -> bool {
        self.list.typing()
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "policy.edit" => self.rule().is_some_and(change::can_edit),
            "policy.add" => self.rule().is_some_and(change::can_add),
            "policy.retire" => self.rule().is_some_and(can_retire),
            "list.open" => self.list.about().is_some(),
            "policy.open" => false,
            _ => true,
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.list.typed(&typed);
        Vec::new()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.list.filters(name) {
            return Handled::done();
        }
        let form = |form: Option<Box<dyn Layer<Desk>>>, else_say: &str| match form {
            Some(form) => Effect::Push("form", form).into(),
            None => Effect::info(else_say).into(),
        };
        match name {
            "back" => Effect::Close(Answer::Cancelled).into(),
            "list.open" => self.page().map_or_else(Handled::done, Handled::from),
            "policy.edit" => {
                form(self.rule().and_then(|rule| change::edit(desk, rule)), "This has no words of its own to change.")
            }
            "policy.add" => form(
                self.rule().and_then(|rule| change::add(desk, rule, &self.rules)),
                "Select a list, or a form's section: a adds to it.",
            ),
            "policy.retire" => self.retire(desk),
            "policy.own" => self.differences().into(),
            "policy.set" => Handled::Done(super::doors::choose_policy(desk)),
            "policy.open" => Handled::done(),
            _ => Handled::when(self.list.moves(name)),
        }
    }

    fn click(&mut self, _: u16, y: u16, _: &mut Desk) -> Effects<Desk> {
        if self.list.click(y) { vec![Effect::Command("list.open".to_owned())] } else { Vec::new() }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        match (tag, answer, self.retiring.take()) {
            (RETIRES, Answer::Yes, Some(at)) => hold(desk, &[Edit::Retire { at, retired: true }]),
            _ => Vec::new(),
        }
    }

    fn refresh(&mut self, desk: &mut Desk) {
        let Some(session) = desk.session() else { return };
        // Two texts are read and compared: only when the one in force is another.
        if session.policy_text() == self.text {
            return;
        }
        session.policy_text().clone_into(&mut self.text);
        self.rules = policy::rules(&self.text);
        self.own = session.policy_own();
        self.list.set(rows(&self.rules, &self.own));
    }

    fn position(&self) -> String {
        self.list.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        let session = desk.session()?;
        let pack = session.pack();
        let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
        let own = if self.own.is_empty() { "as built in" } else { "* differs from the built-in" };
        let title = format!("{} (version {})   {own}   ? unverified", clean::shown(&pack.name), pack.version);
        put_fit(buf, (line.x, line.y), line.width, &title, theme.symbols.ellipsis, theme.style(Role::Dim));
        let below = Rect { y: line.y + 1, ..line };
        let (typing, _) = self.list.draw_filter(buf, below, theme);
        if let (None, Some(trouble)) = (typing, session.policy_trouble()) {
            let text = format!("! {}", trouble.brief());
            put_fit(buf, (below.x, below.y), below.width, &text, theme.symbols.ellipsis, theme.style(Role::Late));
        }
        let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        if self.list.is_empty() {
            draw_empty(buf, body, theme, &["No rule can be read."]);
            return typing;
        }
        let columns = vec![
            Column::fixed("", 1),
            Column::flex("Rule", 22),
            Column::flex("What it says", 28),
            Column::fixed("To confirm with", 16).from_width(66),
        ];
        let cursor = self.list.draw(buf, body, theme, &Table::new(columns).titled());
        typing.or(cursor)
    }
}

/// The rules by kind, in the order of the kinds on this screen.
fn rows(rules: &[Rule], own: &[Change]) -> Vec<Entry<Vec<Step>>> {
    let differs: BTreeSet<&[Step]> = own.iter().map(|change| &change.at[..]).collect();
    let mut groups: Vec<&str> = Vec::new();
    for rule in rules.iter().filter(|rule| !rule.at.is_empty()) {
        if !groups.contains(&rule.group()) {
            groups.push(rule.group());
        }
    }
    groups.sort_by_key(|group| rank(group));
    let mut out = Vec::new();
    for group in groups {
        let of = rules.iter().filter(|rule| rule.group() == group);
        let rows = of.map(|rule| (Some(rule.at.clone()), row(rule, differs.contains(&rule.at[..])))).collect();
        section(&mut out, words(group), rows, "");
    }
    out
}

fn row(rule: &Rule, differs: bool) -> Row {
    let role = if rule.retired() { Role::Dim } else { Role::Text };
    let indent = "  ".repeat(rule.at.len().saturating_sub(1));
    let confirm = match rule.to_confirm() {
        // A choice is confirmed with its list.
        Some(_) if rule.kind() == "choices" && !rule.own => cell("", Role::Dim),
        Some(who) => cell(format!("? {}", clean::shown(who)), Role::Soon),
        None => cell("confirmed", Role::Dim),
    };
    Row::item(vec![
        cell(if differs { "*" } else { "" }, Role::Accent),
        cell(format!("{indent}{}", clean::shown(&rule.name)), role),
        cell(clean::shown(&rule.says()).into_owned(), Role::Dim),
        confirm,
    ])
    .struck(rule.retired())
}

/// Puts a text in force.
fn put_in_force(desk: &mut Desk, text: String) -> crate::error::Result<String> {
    desk.try_run(PolicySet { text }).map(|done| done.says)
}
