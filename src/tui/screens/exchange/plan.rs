//! The import plan: what taking a bundle in would do, before anything is done; and the offer to answer afterwards.

use std::collections::HashSet;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::referral::Referral;
use crate::error::{AppError, Result};
use crate::session::Session;
use crate::session::exchange::{CasePlan, ImportPlan, Opened, TakenIn, Trust};
use crate::text::counted;
use crate::tui::desk::{Desk, error_text, first_line};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::overlays::Ask;
use crate::tui::screens::{busy, doors};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::{put_fit, wrapped};
use crate::tui::widgets::{Line, TextView};

use super::rows;

/// The widest that a plan becomes.
const WIDTH: u16 = 96;
/// The tag of the question before something of an unverified sender is taken in.
const UNVERIFIED: &str = "unverified";
/// The tags of the forms.
const CASES: &str = "cases";
const REASON: &str = "reason";

/// A bundle that was opened, with what taking it in would do.
pub(super) type Planned = (Arc<Opened>, ImportPlan);

/// Opens a bundle of the inbox on a thread, then shows the plan.
pub(super) fn open(name: String) -> Effects<Desk> {
    let file = name.clone();
    let work = move |session: &mut Session, tell: busy::Tell<'_>| {
        let bytes = session.from_inbox(&file)?;
        Ok(planned(session, &bytes, tell))
    };
    busy::then("Opening the bundle", work, move |planned, desk| show(name, planned, desk))
}

/// Opens a bundle and works out the plan.
pub(super) fn planned(session: &mut Session, bytes: &[u8], tell: busy::Tell<'_>) -> Result<Planned> {
    let opened = session.open_bundle_telling(bytes, tell)?;
    let plan = session.plan_import(&opened)?;
    Ok((Arc::new(opened), plan))
}

/// Shows a plan, or why there is none.
pub(super) fn show(name: String, planned: Result<Planned>, desk: &mut Desk) -> Effects<Desk> {
    match planned {
        Ok((opened, plan)) => vec![Effect::push("plan", Overview::new(name, opened, plan, desk))],
        Err(error) => {
            let says = error_text(&error);
            desk.trays.refused(&name, error);
            vec![Effect::refused(says)]
        }
    }
}

struct Overview {
    name: String,
    opened: Arc<Opened>,
    plan: ImportPlan,
    view: TextView,
    title: String,
    /// Which cases are to be taken in, while the question about the sender is asked.
    wanted: Option<HashSet<StreamId>>,
}

impl Overview {
    fn new(name: String, opened: Arc<Opened>, plan: ImportPlan, desk: &Desk) -> Self {
        let made = plan.made.with_timezone(&dates::jamaica());
        let title = format!(
            "From {} ({}) · number {} · {}",
            rows::short_name(&plan.from),
            rows::trust_words(&plan.trust).0.trim_start_matches("! "),
            plan.number,
            made.format("%-d %b %H:%M")
        );
        let view = TextView::new(lines(&plan, desk));
        Self { name, opened, plan, view, title, wanted: None }
    }

    /// Whether there is anything to be taken in.
    fn open(&self) -> bool {
        self.plan.blocked.is_none() && (!self.plan.nothing_new || self.plan.kind == "receipt")
    }

    fn asks(&self) -> bool {
        self.open() && matches!(self.plan.kind.as_str(), "refer" | "transfer")
    }

    fn keys(&self) -> String {
        let mut keys = Vec::new();
        if self.open() {
            keys.push("i import all");
            if self.plan.cases.len() > 1 {
                keys.push("c case by case");
            }
            if self.asks() {
                keys.push("d decline with a reason");
            }
        }
        keys.push("Esc set aside, it stays in the inbox");
        keys.join("  ·  ")
    }

    /// Takes in what is wanted, after one question where nobody knows the sender.
    fn begin(&mut self, wanted: Option<HashSet<StreamId>>, asked: bool) -> Effects<Desk> {
        if !asked && !matches!(self.plan.trust, Trust::Verified(..)) {
            self.wanted = wanted;
            let question = format!(
                "Nobody has compared words with {}: this may be from somebody else. Take it in all the same? v in \
                 Exchange compares words first.",
                rows::short_name(&self.plan.from)
            );
            return vec![Effect::push(UNVERIFIED, Ask::new(question))];
        }
        let (name, opened) = (self.name.clone(), Arc::clone(&self.opened));
        let work =
            move |session: &mut Session, _: busy::Tell<'_>| session.import_arrived(&name, &opened, wanted.as_ref());
        let mut effects = vec![Effect::Close(Answer::Yes)];
        effects.extend(busy::then("Taking the bundle in", work, taken));
        effects
    }

    fn decline(&self, reason: &str) -> Effects<Desk> {
        let (name, opened, reason) = (self.name.clone(), Arc::clone(&self.opened), reason.to_owned());
        let work = move |session: &mut Session, _: busy::Tell<'_>| session.decline_bundle(&name, &opened, &reason);
        let mut effects = vec![Effect::Close(Answer::Yes)];
        effects.extend(busy::then("Answering", work, |done, desk| {
            desk.trays.changed();
            vec![Effect::info(done.says)]
        }));
        effects
    }

    fn choose(&self) -> Handled<Desk> {
        if self.plan.cases.len() < 2 {
            return Effect::info("There is only one case in it: i takes it in.").into();
        }
        let label = |case: &CasePlan| {
            let what = if case.new { "new" } else { "changed" };
            (case.stream.to_string(), format!("{} ({what})", case.code))
        };
        let field = Field::many("cases", "Take in", self.plan.cases.iter().map(label)).required();
        let form = Form::new("Case by case", vec![field.hint("Space takes one in or out")])
            .preview(|_| "The other cases stay in the inbox, to be taken in later.".to_owned());
        Effect::push(CASES, FormLayer::new(form, |_, _, _| Ok(Vec::new()))).into()
    }
}

/// What a person sees once a bundle was taken in.
fn taken(done: TakenIn, desk: &mut Desk) -> Effects<Desk> {
    desk.trays.changed();
    let mut effects = vec![Effect::info(done.says)];
    if !done.imported.to_answer.is_empty() {
        effects.push(Effect::push("offer", Offer { referrals: done.imported.to_answer }));
    }
    effects
}

fn lines(plan: &ImportPlan, desk: &Desk) -> Vec<Line> {
    let mut out = vec![Line::new(sentence(rows::purpose(&plan.kind)), Role::Title)];
    if let Some(why) = &plan.blocked {
        out.push(Line::new(why.clone(), Role::Late));
    }
    if plan.nothing_new {
        out.push("Everything in it is here already.".into());
    }
    for case in &plan.cases {
        out.extend(case_lines(case, desk));
    }
    out.extend(plan.tells().iter().map(|line| Line::from(clean::shown(line).into_owned())));
    out.extend(plan.checks.iter().map(|check| Line::new(format!("please check: {}", clean::shown(check)), Role::Soon)));
    if !plan.note.is_empty() {
        out.push(format!("They say: {}", first_line(&desk.text(None, &plan.note))).into());
    }
    out
}

fn case_lines(case: &CasePlan, desk: &Desk) -> Vec<Line> {
    let what = if case.new { "New case" } else { "Changed " };
    let mut out = vec!["".into(), Line::new(format!("{what} {}   {}", case.code, case.state), Role::Accent)];
    if !case.changes.is_empty() {
        out.push(format!("  {}", case.changes.join(" · ")).into());
    }
    out.extend(case.conflicts.iter().map(|conflict| Line::new(format!("  ← conflict  {conflict}"), Role::Soon)));
    if case.withheld > 0 {
        let words = counted(case.withheld, "entry shows", "entries show");
        out.push(Line::new(format!("  {words} that something exists, without its words"), Role::Dim));
    }
    out.extend(case.same_child.iter().map(|other| {
        let text = format!("  may be about the same child as case {}: please check", desk.code(*other));
        Line::new(text, Role::Soon)
    }));
    out
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

impl Layer<Desk> for Overview {
    fn contexts(&self) -> &[&'static str] {
        &["plan", "view"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, _: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.cancel" => Effect::Close(Answer::Cancelled).into(),
            "plan.all" | "plan.choose" | "plan.decline" if !self.open() => {
                Effect::info("There is nothing in it that could be taken in.").into()
            }
            "plan.all" => Handled::Done(self.begin(None, false)),
            "plan.choose" => self.choose(),
            "plan.decline" if !self.asks() => {
                Effect::info("It asks for nothing that could be declined. Esc leaves it in the inbox.").into()
            }
            "plan.decline" => {
                let field =
                    Field::prose("reason", "Why").required().hint("they read it: what is missing, whom to ask instead");
                let form = Form::new(format!("Decline what {} asks", rows::short_name(&self.plan.from)), vec![field])
                    .preview(|_| "The answer goes into the outbox; what the bundle brought is set aside.".to_owned());
                Effect::push(REASON, FormLayer::new(form, |_, _, _| Ok(Vec::new()))).into()
            }
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn answer(&mut self, tag: &str, answer: Answer, _: &mut Desk) -> Effects<Desk> {
        match (tag, answer) {
            (UNVERIFIED, Answer::Yes) => {
                let wanted = self.wanted.take();
                self.begin(wanted, true)
            }
            (CASES, Answer::Saved(values)) => {
                let chosen: HashSet<StreamId> = values.many("cases").filter_map(StreamId::from_hex).collect();
                let all = chosen.len() == self.plan.cases.len();
                self.begin((!all).then_some(chosen), false)
            }
            (REASON, Answer::Saved(values)) => self.decline(values.get("reason")),
            _ => Vec::new(),
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let width = area.width.min(WIDTH);
        let keys = self.keys().replace('·', theme.symbols.middot);
        let foot = wrapped(&keys, usize::from(width.saturating_sub(4)));
        let below = u16::try_from(foot.len()).unwrap_or(1) + 1;
        let text = u16::try_from(self.view.height(width.saturating_sub(4))).unwrap_or(u16::MAX);
        let place = centred(area, width, text.saturating_add(below + 2));
        let title = self.title.replace('·', theme.symbols.middot);
        let inside = panel(buf, place, theme, &title);
        self.view.draw(buf, Rect { height: inside.height.saturating_sub(below), ..inside }, theme);
        draw_foot(buf, inside, theme, &foot);
        Some(Position::new(inside.x, inside.y))
    }
}

/// The keys of an overlay, in its last lines.
pub(super) fn draw_foot(buf: &mut Buffer, inside: Rect, theme: &Theme, foot: &[String]) {
    let lines = u16::try_from(foot.len()).unwrap_or(1).min(inside.height);
    for (y, line) in (inside.bottom() - lines..inside.bottom()).zip(foot) {
        put_fit(buf, (inside.x, y), inside.width, line, theme.symbols.ellipsis, theme.style(Role::Dim));
    }
}

/// What came asks for an answer: accept, decline, or later.
struct Offer {
    referrals: Vec<ItemId>,
}

impl Offer {
    /// The next one, or the end.
    fn next(&mut self) -> Effects<Desk> {
        self.referrals.remove(0);
        if self.referrals.is_empty() { vec![Effect::Close(Answer::Yes)] } else { Vec::new() }
    }

    fn lines(&self, desk: &Desk) -> Vec<Line> {
        let state = desk.open_session().state();
        let Some(referral) = self.referrals.first().and_then(|id| Referral::get(state, *id)) else { return Vec::new() };
        let case = referral.case(state).map(|case| case.0.id);
        let asks = if referral.is_transfer() { "asks us to take over" } else { "asks for help in" };
        let code = case.map_or_else(String::new, |case| desk.code(case));
        let mut out = vec![Line::new(
            format!("{} {asks} case {code}.", rows::short_name(&referral.other_side(state))),
            Role::Title,
        )];
        let told = [("For", referral.service()), ("Why", referral.reason())];
        let told = told.into_iter().filter(|(_, text)| !text.is_empty());
        out.extend(told.map(|(label, text)| Line::from(format!("{label}: {}", first_line(&desk.text(case, text))))));
        if let Some(due) = referral.due() {
            let due = due.with_timezone(&dates::jamaica()).date_naive();
            out.push(format!("They expect an answer by {}.", dates::people(due, desk.today())).into());
        }
        out
    }
}

impl Layer<Desk> for Offer {
    fn contexts(&self) -> &[&'static str] {
        &["offer"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let Some(referral) = self.referrals.first().copied() else { return Effect::Close(Answer::Cancelled).into() };
        match name {
            "overlay.cancel" => Effect::Close(Answer::Cancelled).into(),
            "referral.accept" => {
                let mut effects = super::accept(referral, desk);
                effects.extend(self.next());
                Handled::Done(effects)
            }
            "referral.decline" => doors::form(name, Some(referral), desk),
            _ => Handled::Pass,
        }
    }

    fn answer(&mut self, _: &str, answer: Answer, _: &mut Desk) -> Effects<Desk> {
        if matches!(answer, Answer::Saved(_)) { self.next() } else { Vec::new() }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        desk.session()?;
        let view_lines = self.lines(desk);
        let mut view = TextView::new(view_lines);
        let width = area.width.min(72);
        let height = u16::try_from(view.height(width.saturating_sub(4))).unwrap_or(8);
        let inside = panel(buf, centred(area, width, height.saturating_add(4)), theme, "An answer is awaited");
        view.draw(buf, Rect { height: inside.height.saturating_sub(2), ..inside }, theme);
        let keys = format!("A accept  {0}  d decline with a reason  {0}  Esc later", theme.symbols.middot);
        draw_foot(buf, inside, theme, &[keys]);
        Some(Position::new(inside.x, inside.y))
    }
}

/// A failure of the file system, in words.
pub(super) fn io(what: &str, error: &std::io::Error) -> AppError {
    use std::io::ErrorKind;
    let hint = match error.kind() {
        ErrorKind::NotFound => "Is the stick still in? Choose the place again.",
        ErrorKind::PermissionDenied => "Choose a place that you may read and write.",
        ErrorKind::StorageFull => "It is full: make room on it, or take another stick.",
        ErrorKind::Interrupted => "It was stopped; nothing half-done is left.",
        _ => "Try once more, or take another stick.",
    };
    AppError::new(crate::error::Kind::Io, format!("{what}: {error}."), hint)
}
