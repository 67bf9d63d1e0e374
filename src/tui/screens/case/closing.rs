//! Requests to close a case: their line at its top, their places in the timeline, and what stands behind them.

use chrono::{DateTime, Utc};

use crate::domain::closure::{self, Closure, Phase};
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::referral::referrals;
use crate::domain::views::{Action, Case};
use crate::tui::desk::{Desk, first_line};
use crate::tui::theme::Role;
use crate::tui::widgets::{Line, cell};

use super::lines::moment;
use super::list::{Entry, Target};
use super::sheet::Para;

/// What the top of a case says while its closing waits: who asked, since when, who can answer.
pub fn header(desk: &Desk, case: Case<'_>) -> Option<String> {
    let session = desk.open_session();
    let waiting = closure::waiting(session.state(), case)?;
    let who = desk.owner(waiting.by(session.state()));
    let reason = desk.label("close-reason", waiting.reason());
    let then = if closure::may_answer(session.state(), case, waiting, session.me()) {
        "K approves or refuses it".to_owned()
    } else {
        format!("waits for {}", answerers(desk, case, waiting))
    };
    Some(format!("{who} asked to close it {}: {reason}; {then}", closure::asked_when(waiting, desk.today())))
}

/// Who can answer a request: "M. Clarke or D. Whyte".
pub fn answerers(desk: &Desk, case: Case<'_>, closure: Closure<'_>) -> String {
    let state = desk.open_session().state();
    let all = closure::approvers(state, case, closure.by(state));
    let names: Vec<String> = all.into_iter().map(|id| desk.owner(Some(id))).collect();
    if names.is_empty() { "nobody: close it again, and it is closed at once".to_owned() } else { names.join(" or ") }
}

/// What was asked, as paragraphs: reason, checklist, words.
fn asked(desk: &Desk, it: Closure<'_>) -> Vec<Para> {
    let (id, case) = (it.0.id, it.0.stream.item());
    let state = desk.open_session().state();
    let when = it.asked().map(|when| moment(desk, when)).unwrap_or_default();
    let head = format!("{}, {when}: {}", desk.owner(it.by(state)), desk.label("close-reason", it.reason()));
    let mut all = vec![Para::words(head, Role::Text)];
    let seen = it.seen().map_or_else(|| "not on record".to_owned(), |day| dates::people(day, desk.today()));
    all.push(Para::words(format!("Child last seen: {seen}"), Role::Text));
    match it.answers() {
        None => all.push(Para::words("The checklist is withheld, or not for you to read.", Role::Dim)),
        Some(answers) if answers.is_empty() && it.reason() != closure::REASON_DIED => {
            all.push(Para::words("The policy's checklist was not filled in.", Role::Soon));
        }
        Some(answers) => all.extend(answers.iter().map(|answer| {
            let (word, role) = if answer.met { ("yes", Role::Text) } else { ("no", Role::Soon) };
            Para::words(format!("{word:3}  {}", desk.text(Some(case), answer.label)), role)
        })),
    }
    for (label, field, role) in
        [("All the same", Field::ClosureWhy, Role::Soon), ("Closing words", Field::ClosureNote, Role::Text)]
    {
        let text = desk.field(id, field);
        if !text.is_empty() {
            all.push(Para::words(format!("{label}: {text}"), role));
        }
    }
    all
}

/// The same as lines of a page.
pub fn asked_lines(desk: &Desk, it: Closure<'_>) -> Vec<Line> {
    asked(desk, it).iter().map(Para::line).collect()
}

/// The same as text, a line for each.
pub fn asked_text(desk: &Desk, it: Closure<'_>) -> Vec<String> {
    asked(desk, it).iter().map(|para| para.text().trim().to_owned()).collect()
}

/// What would be left open, in a sentence; empty if nothing.
pub fn left_open(desk: &Desk, case: Case<'_>) -> String {
    let state = desk.open_session().state();
    let actions = state.items_in(case.0.stream, ItemKind::Action).filter(|it| Action(it).is_open()).count();
    let services = crate::domain::care::running(state, case).count();
    let waiting = referrals(state, case).into_iter().filter(|it| it.is_waiting()).count();
    let counted = [
        (actions, "action", "actions"),
        (services, "running service", "running services"),
        (waiting, "referral without an answer", "referrals without an answer"),
    ];
    let said: Vec<String> = counted
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    if said.is_empty() { String::new() } else { format!("Still open: {}.", said.join(", ")) }
}

/// What was answered, in a few words, with its role; `None` while it waits.
fn answer(desk: &Desk, it: Closure<'_>) -> Option<(String, Role)> {
    let state = desk.open_session().state();
    Some(match it.phase() {
        Phase::Waiting => return None,
        Phase::Approved if !it.how().is_empty() => {
            (format!("closed at once: {}", desk.field(it.0.id, Field::ClosureHow)), Role::Text)
        }
        Phase::Approved => ("closing approved".to_owned(), Role::Done),
        Phase::Refused if it.answered_by(state) == it.by(state) => ("closing taken back".to_owned(), Role::Dim),
        Phase::Refused => ("closing refused".to_owned(), Role::Soon),
    })
}

/// The requests of a case and their answers, by the time at which they were written.
pub fn timeline(desk: &Desk, case: Case<'_>) -> Vec<(DateTime<Utc>, Entry)> {
    let state = desk.open_session().state();
    let mut lines = Vec::new();
    for it in Closure::all(state, case) {
        let mut detail = asked(desk, it);
        let words = desk.text(Some(case.0.id), it.words(state)).into_owned();
        let answered = answer(desk, it);
        if let Some((says, role)) = &answered {
            let who = desk.owner(it.answered_by(state));
            detail.push(Para::field(who, format!("{says}  "), *role).and(words.clone(), Role::Text));
        }
        if it.disputed() {
            let says = "Approved and refused by two people who did not know of each other: Conflicts decides.";
            detail.push(Para::words(says, Role::Soon));
        }
        let reason = desk.label("close-reason", it.reason());
        let at_once = !it.how().is_empty();
        if let Some(when) = it.asked() {
            let says =
                if at_once { format!("{reason}: {}", desk.field(it.0.id, Field::ClosureHow)) } else { reason.clone() };
            let what = if at_once { "closed" } else { "asks to close" };
            lines.push((when, entry(desk, it.0.id, when, what, &says, it.by(state), detail.clone())));
        }
        if let (Some(when), Some((says, _)), false) = (it.answered(state), answered, at_once) {
            let short = says.strip_prefix("closing ").unwrap_or(&says).to_owned();
            let said = if words.is_empty() { format!("closing: {reason}") } else { words };
            lines.push((when, entry(desk, it.0.id, when, &short, &said, it.answered_by(state), detail)));
        }
    }
    lines
}

fn entry(
    desk: &Desk,
    id: ItemId,
    when: DateTime<Utc>,
    what: &str,
    words: &str,
    who: Option<ItemId>,
    detail: Vec<Para>,
) -> Entry {
    let cells = vec![
        cell(moment(desk, when), Role::Dim),
        cell(what, Role::Accent),
        first_line(words).into(),
        cell(desk.owner(who), Role::Dim),
    ];
    Entry { sign: None, target: Target::Closing(id), cells, struck: false, detail }
}
