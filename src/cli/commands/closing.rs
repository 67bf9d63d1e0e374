//! Closing a case: `case close`, `case approve`, `case refuse`, and how `case show` tells of it.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::domain::closure::{self, Closure, Phase};
use crate::domain::field::Field;
use crate::domain::views::Case;
use crate::error::Result;
use crate::ops::{CaseClose, Checklist, ClosureApprove, ClosureRefuse};
use crate::session::Session;

use super::super::output::Output;
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::done;
use super::consent::optional;

/// `case close`.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// The case's code
    pub code: String,
    /// goals-met, declined, turned-18, died, transferred, not-trafficking, …: the policy lists them
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Closing words
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Cancel its open actions with it
    #[arg(long)]
    pub cancel_open: bool,
    /// A criterion of the policy that is met: goals, safe, care, …; several times
    #[arg(long, value_name = "CODE")]
    pub met: Vec<String>,
    /// A criterion that is not met; several times
    #[arg(long, value_name = "CODE")]
    pub unmet: Vec<String>,
    /// Why it is closed although something is not met, or the child was not seen lately; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// When the child was last seen; as it is on record, if left out
    #[arg(long, value_name = "DATE")]
    pub seen: Option<String>,
}

/// `case approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The case's code
    pub code: String,
    /// Words about it; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub words: Option<String>,
    /// Cancel actions that were opened since it was asked
    #[arg(long)]
    pub cancel_open: bool,
}

/// `case refuse`.
#[derive(Debug, Args)]
pub struct RefuseArgs {
    /// The case's code
    pub code: String,
    /// Why: what is to be done first; asked for if left out; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub words: Option<String>,
}

/// `case close`.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn close(session: &mut Session, cx: &Cx<'_>, args: CloseArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let reason = find::choice(session, "close-reason", &args.reason)?;
    let note = optional(session, cx, args.note, "Closing words")?;
    let mut why = optional(session, cx, args.why, "Why it is closed all the same")?;
    let split = |all: &[String]| -> Vec<String> {
        let parts = all.iter().flat_map(|part| part.split(',')).map(|part| part.trim().to_lowercase());
        parts.filter(|part| !part.is_empty()).collect()
    };
    let (mut met, mut unmet) = (split(&args.met), split(&args.unmet));
    let given = !met.is_empty() || !unmet.is_empty();
    let seen = args.seen.as_deref().map(|day| find::moment_back(session, day)).transpose()?;
    let seen = seen.map(|when| when.with_timezone(&crate::domain::dates::jamaica()).date_naive());
    if !given && cx.asks {
        for it in session.pack().criteria_for(&reason) {
            match ask(&it.label)? {
                Some(true) => met.push(it.code.clone()),
                Some(false) => unmet.push(it.code.clone()),
                None => {}
            }
        }
        if !unmet.is_empty() && why.is_empty() {
            why = input::ask("Why it is closed all the same")?;
        }
    }
    let filled = given || cx.asks || !why.is_empty();
    let checklist = filled.then_some(Checklist { met, unmet, why });
    done(session.run(CaseClose { case, reason, note, cancel_open: args.cancel_open, checklist, seen }))
}

/// Yes, no, or nothing if the person just pressed Enter.
fn ask(what: &str) -> Result<Option<bool>> {
    loop {
        match input::ask(&format!("{what} (yes, no)"))?.to_lowercase().as_str() {
            "" => return Ok(None),
            "y" | "yes" => return Ok(Some(true)),
            "n" | "no" => return Ok(Some(false)),
            _ => {}
        }
    }
}

/// `case approve`.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn approve(session: &mut Session, cx: &Cx<'_>, args: ApproveArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let words = optional(session, cx, args.words, "Words")?;
    done(session.run(ClosureApprove { case, words, cancel_open: args.cancel_open }))
}

/// `case refuse`.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn refuse(session: &mut Session, cx: &Cx<'_>, args: RefuseArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let own = |view: Case<'_>| closure::waiting(session.state(), view).map(|it| it.by(session.state()));
    let own = Case::get(session.state(), case).and_then(own) == Some(Some(session.me()));
    let words = match args.words {
        // Whoever takes back their own request owes no words.
        None if own => String::new(),
        words => input::private(session, cx, words, "Why it stays open")?,
    };
    done(session.run(ClosureRefuse { case, words }))
}

fn phase(it: Closure<'_>) -> &'static str {
    match it.phase() {
        Phase::Waiting => "waiting",
        Phase::Approved => "approved",
        Phase::Refused => "refused",
    }
}

/// The requests of a case and their answers, for `case show`.
pub(super) fn lines(session: &Session, case: Case<'_>, veil: &Veil) -> Vec<String> {
    let state = session.state();
    let mut lines = Vec::new();
    for it in Closure::all(state, case) {
        let when = it.asked().map(words::moment).unwrap_or_default();
        let reason = session.pack().label("close-reason", it.reason());
        lines.push(format!("{when}  {} asked: {reason}", words::owner(session, it.by(state))));
        if let Some(seen) = it.seen() {
            lines.push(format!("    child last seen {}", words::day(seen, session.today_date())));
        }
        match it.answers() {
            None => lines.push("    the checklist is withheld, or not for you to read".to_owned()),
            Some(answers) => {
                let says = |met: bool| if met { "yes" } else { "no" };
                let line = |it: &closure::Answer<'_>| format!("    {:3}  {}", says(it.met), veil.text(it.label));
                lines.extend(answers.iter().map(line));
            }
        }
        for (label, field) in [("all the same", Field::ClosureWhy), ("words", Field::ClosureNote)] {
            let text = it.0.str(field);
            if !text.is_empty() {
                lines.push(format!("    {label}: {}", veil.text(text).replace('\n', " / ")));
            }
        }
        let answered = it.answered(state).map(words::moment).unwrap_or_default();
        let who = words::owner(session, it.answered_by(state));
        let said = veil.text(it.words(state)).replace('\n', " / ");
        let said = if said.is_empty() { said } else { format!(": {said}") };
        lines.push(match (it.phase(), it.how()) {
            (Phase::Waiting, _) => {
                let all = closure::approvers(state, case, it.by(state));
                let who: Vec<String> = all.into_iter().map(|id| words::owner(session, Some(id))).collect();
                let who = if who.is_empty() { "nobody who could approve".to_owned() } else { who.join(" or ") };
                format!("    asked {}, waits for {who}", closure::asked_when(it, session.today_date()))
            }
            (Phase::Approved, "") => format!("{answered}  {who} approved{said}"),
            (Phase::Approved, how) => format!("    closed at once: {}", veil.text(how)),
            (Phase::Refused, _) if it.by(state) == it.answered_by(state) => {
                format!("{answered}  {who} took it back{said}")
            }
            (Phase::Refused, _) => format!("{answered}  {who} refused{said}"),
        });
        if it.disputed() {
            lines.push(
                "    approved and refused side by side: the case counts as open until somebody decides".to_owned(),
            );
        }
    }
    lines
}

/// The same as objects.
pub(super) fn shape(session: &Session, case: Case<'_>, veil: &Veil) -> Json {
    let state = session.state();
    let one = |it: Closure<'_>| {
        let at = |field: Field| shapes::value(session, field, &it.0.value(field), veil);
        let answers = it.answers().map(|answers| {
            let answer = |answer: &closure::Answer<'_>| {
                json!({ "code": answer.code, "label": veil.text(answer.label), "met": answer.met })
            };
            answers.iter().map(answer).collect::<Vec<_>>()
        });
        json!({
            "id": it.0.id.to_string(),
            "state": phase(it),
            "disputed": it.disputed(),
            "reason": at(Field::ClosureReason),
            "asked": it.asked().map(shapes::moment),
            "by": words::owner(session, it.by(state)),
            "seen": at(Field::ClosureSeen),
            "criteria": answers,
            "why": at(Field::ClosureWhy),
            "note": at(Field::ClosureNote),
            "answered": it.answered(state).map(shapes::moment),
            "answered_by": it.answered_by(state).map(|id| words::owner(session, Some(id))),
            "words": veil.text(it.words(state)),
            "how": at(Field::ClosureHow),
        })
    };
    Closure::all(state, case).into_iter().map(one).collect()
}
