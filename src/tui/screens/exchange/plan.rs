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
use crate::tui::desk::{self, Desk, error_text, first_line};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::overlays::Ask;
use crate::tui::screens::{busy, doors};
use crate::tui::theme::{Role, Symbols, Theme};
use crate::tui::widgets::panel::{centred, panel};
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

/// Opens a bundle of the inbox and works out the plan.
pub(super) fn planned(session: &mut Session, name: &str, tell: busy::Tell<'_>) -> Result<Planned> {
    let opened = session.open_arrived(name, tell)?;
    let plan = session.plan_import(&opened)?;
    Ok((Arc::new(opened), plan))
}

/// Shows a plan, or why there is none.
pub(super) fn show(name: String, planned: Result<Planned>, desk: &mut Desk) -> Effects<Desk> {
    if let Err(error) = desk.alone() {
        return vec![Effect::refused(error_text(&error))];
    }
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
    /// What is to be done once the question about the sender is answered.
    asked: Option<Intent>,
}

/// What a person wants done with the bundle.
enum Intent {
    /// Take in these cases; all of it for `None`.
    Take(Option<HashSet<StreamId>>),
    /// Decline what it asks.
    Decline,
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
        Self { name, opened, plan, view, title, asked: None }
    }

    /// Whether there is anything to be taken in.
    fn open(&self) -> bool {
        self.plan.blocked.is_none() && (!self.plan.nothing_new || self.plan.kind == "receipt")
    }

    fn asks(&self) -> bool {
        self.open() && matches!(self.plan.kind.as_str(), "refer" | "transfer")
    }

    /// Does what is wanted, after one question where nobody knows the sender.
    fn begin(&mut self, intent: Intent) -> Effects<Desk> {
        if matches!(self.plan.trust, Trust::Verified(..)) {
            return self.go_on(intent);
        }
        let what = match &intent {
            Intent::Take(_) => "Take it in all the same?",
            // An answer tells whoever asked that there is a team here, and that it read this.
            Intent::Decline => "The answer goes to whoever made this. Answer all the same?",
        };
        let question = format!(
            "Nobody has compared words with {}: this may be from somebody else. {what} v in Exchange compares words \
             first.",
            rows::short_name(&self.plan.from)
        );
        self.asked = Some(intent);
        vec![Effect::push(UNVERIFIED, Ask::new(question))]
    }

    fn go_on(&self, intent: Intent) -> Effects<Desk> {
        match intent {
            Intent::Take(wanted) => self.take(wanted),
            Intent::Decline => {
                let field =
                    Field::prose("reason", "Why").required().hint("they read it: what is missing, whom to ask instead");
                let form = Form::new(format!("Decline what {} asks", rows::short_name(&self.plan.from)), vec![field])
                    .preview(|_| "The answer goes into the outbox; what the bundle brought is set aside.".to_owned());
                vec![Effect::push(REASON, FormLayer::new(form, |_, _, _| Ok(Vec::new())))]
            }
        }
    }

    fn take(&self, wanted: Option<HashSet<StreamId>>) -> Effects<Desk> {
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
    let sign = case.risk.map(|risk| format!("{} ", desk::risk_sign(risk, &Symbols::WGL4)));
    let head = format!("{what} {}   {}{}", case.code, sign.unwrap_or_default(), case.state);
    let mut out = vec!["".into(), Line::new(head, Role::Accent)];
    out.extend(case.changes.iter().map(|change| format!("  {change}").into()));
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

pub(super) fn sentence(text: &str) -> String {
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

    fn can(&self, command: &str) -> bool {
        match command {
            "plan.all" => self.open(),
            "plan.choose" => self.open() && self.plan.cases.len() > 1,
            "plan.decline" => self.asks(),
            _ => true,
        }
    }

    fn command(&mut self, name: &str, _: &mut Desk) -> Handled<Desk> {
        match name {
            "overlay.cancel" => Effect::Close(Answer::Cancelled).into(),
            "plan.all" | "plan.choose" | "plan.decline" if !self.open() => {
                Effect::info("There is nothing in it that could be taken in.").into()
            }
            "plan.all" => Handled::Done(self.begin(Intent::Take(None))),
            "plan.choose" => self.choose(),
            "plan.decline" if !self.asks() => {
                Effect::info("It asks for nothing that could be declined. Esc leaves it in the inbox.").into()
            }
            "plan.decline" => Handled::Done(self.begin(Intent::Decline)),
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn answer(&mut self, tag: &str, answer: Answer, _: &mut Desk) -> Effects<Desk> {
        match (tag, answer) {
            (UNVERIFIED, Answer::Yes) => self.asked.take().map_or_else(Vec::new, |intent| self.go_on(intent)),
            (CASES, Answer::Saved(values)) => {
                let chosen: HashSet<StreamId> = values.many("cases").filter_map(StreamId::from_hex).collect();
                let all = chosen.len() == self.plan.cases.len();
                self.begin(Intent::Take((!all).then_some(chosen)))
            }
            (REASON, Answer::Saved(values)) => self.decline(values.get("reason")),
            _ => Vec::new(),
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        Some(draw_text(buf, area, theme, &self.title, (&mut self.view, WIDTH)))
    }
}

/// A text in a panel as large as it needs, at most so wide; gives the place of its first line.
pub(super) fn draw_text(
    buf: &mut Buffer,
    area: Rect,
    theme: &Theme,
    title: &str,
    (view, widest): (&mut TextView, u16),
) -> Position {
    let width = area.width.min(widest);
    let height = u16::try_from(view.height(width.saturating_sub(4))).unwrap_or(u16::MAX);
    let inside = panel(buf, centred(area, width, height.saturating_add(2)), theme, title);
    view.draw(buf, inside, theme);
    Position::new(inside.x, inside.y)
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
        let mut view = TextView::new(self.lines(desk));
        Some(draw_text(buf, area, theme, "An answer is awaited", (&mut view, 72)))
    }
}

/// A failure of the file system, in words.
pub(in crate::tui::screens) fn io(what: &str, error: &std::io::Error) -> AppError {
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
