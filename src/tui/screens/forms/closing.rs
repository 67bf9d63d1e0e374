//! Closing a case with the policy's checklist, and answering somebody who asked for it.

use chrono::NaiveDate;

use crate::domain::closure;
use crate::domain::dates::{self, Lean};
use crate::domain::field::ItemKind;
use crate::domain::ids::ItemId;
use crate::domain::pack::{Criterion, Pack};
use crate::domain::views::{Action, Case};
use crate::ops::{CaseClose, Checklist, ClosureApprove, ClosureRefuse};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;
use crate::tui::overlays::Page;
use crate::tui::screens::case::closing as shown;
use crate::tui::theme::Role;
use crate::tui::widgets::Line;

use super::fields::{choice, date, names_nobody, refused, sentence};
use super::{draft_name, layer, said};

/// The field of a criterion.
fn named(code: &str) -> String {
    format!("met-{code}")
}

fn open_actions(desk: &Desk, case: Case<'_>) -> usize {
    let state = desk.open_session().state();
    state.items_in(case.0.stream, ItemKind::Action).filter(|it| Action(it).is_open()).count()
}

/// Asks what becomes of open actions.
fn cancel_field(open: usize) -> forms::Field {
    let actions = if open == 1 { "1 action is open".to_owned() } else { format!("{open} actions are open") };
    forms::Field::yes_no("cancel", "Cancel what is open")
        .required()
        .hint(format!("{actions}: y cancels them with the case, n leaves the case open"))
}

/// Closing a case, with a reason and the policy's checklist.
pub(super) fn close(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    if !found.is_open() || closure::waiting(session.state(), found).is_some() {
        return answer(desk, case);
    }
    let (pack, today) = (session.pack(), desk.today());
    let open = open_actions(desk, found);
    let mut all = vec![choice(pack, "close-reason", "reason", "Reason").required()];
    let question = |it: &Criterion| {
        let field = forms::Field::yes_no(named(&it.code), it.label.clone()).only_if_any("reason", it.reasons.clone());
        let field = field.as_question().hint(it.hint.clone().unwrap_or_default());
        if it.required { field.required() } else { field }
    };
    all.extend(pack.criteria.iter().map(question));
    let asked: Vec<String> = pack.criteria.iter().flat_map(|it| it.reasons.clone()).collect();
    let seen = closure::last_seen(session.state(), found).map(|day| day.to_string()).unwrap_or_default();
    let mask = || session.mask(Some(case));
    all.push(date(desk, "seen", "Child last seen", Lean::Back).value(&seen).only_if_any("reason", asked.clone()));
    all.push(
        forms::Field::prose("why", "All the same, as")
            .hint("where something is not so, or the child was not seen lately: why it is closed all the same")
            .check(names_nobody(mask()))
            .only_if_any("reason", asked),
    );
    all.push(
        forms::Field::prose("note", "Closing words")
            .hint("what was reached, who stays in touch")
            .check(names_nobody(mask())),
    );
    if open > 0 {
        all.push(cancel_field(open));
    }
    let at_once = closure::at_once(session.state(), pack, found, session.me(), "");
    let asks = closure::approvers(session.state(), found, Some(session.me()));
    let asks: Vec<String> = asks.into_iter().map(|id| desk.owner(Some(id))).collect();
    let left = shown::left_open(desk, found);
    let pack = pack.clone();
    let rule = move |values: &Values| unsaid(&pack, values, today);
    let form = Form::new(format!("Close case {}", desk.code(case)), all).rule(rule).preview(move |values| {
        let then = match (values.get("reason"), at_once) {
            ("died", _) => {
                return "Every clock, birthday and reminder of this case stops at once. The record stays.".to_owned();
            }
            (_, None) => format!("The case stays open until {} approves.", asks.join(" or ")),
            (_, Some(closure::ALONE)) => "Nobody else can approve it: it is closed at once.".to_owned(),
            (_, Some(_)) => "It is closed at once; clocks and planned contacts stop, the record stays.".to_owned(),
        };
        format!("{left} {then}").trim_start().to_owned()
    });
    Some(layer(desk, draft_name("case.close", Some(case)), form, move |values, _, desk| {
        let pack = desk.open_session().pack();
        let reason = values.get("reason").to_owned();
        let codes = |word: &str| -> Vec<String> {
            let said = pack.criteria_for(&reason).filter(|it| values.get(&named(&it.code)) == word);
            said.map(|it| it.code.clone()).collect()
        };
        let checklist = Checklist { met: codes("yes"), unmet: codes("no"), why: values.get("why").to_owned() };
        let seen = seen_day(values, desk.today())?;
        let op = CaseClose {
            case,
            checklist: Some(checklist),
            reason,
            note: values.get("note").to_owned(),
            cancel_open: values.yes("cancel"),
            seen,
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

fn seen_day(values: &Values, today: NaiveDate) -> Result<Option<NaiveDate>, Wrong> {
    let Some(text) = values.some("seen") else { return Ok(None) };
    let day = dates::parse_date(text, today, Lean::Back);
    day.map(Some).map_err(|error| Wrong::field("seen", sentence(&error.to_string())))
}

/// What still needs words, or keeps the case open.
fn unsaid(pack: &Pack, values: &Values, today: NaiveDate) -> Vec<(&'static str, String)> {
    let reason = values.get("reason");
    let mut all = Vec::new();
    if values.get("cancel") == "no" && reason != closure::REASON_DIED {
        all.push(("cancel", "Finish the open actions first, or say y.".to_owned()));
    }
    let mut asked = pack.criteria_for(reason).peekable();
    if asked.peek().is_none() || values.some("why").is_some() {
        return all;
    }
    let unmet = asked.find(|it| it.required && values.get(&named(&it.code)) == "no");
    let seen = seen_day(values, today).ok().flatten();
    if let Some(it) = unmet {
        all.push(("why", format!("\"{}\" is not so: say why it is closed all the same.", it.label)));
    } else if !closure::seen_lately(pack, seen, today) {
        let days = pack.closure.as_ref().map_or(0, |rules| rules.seen_days);
        all.push(("why", format!("Not seen within {days} days: say why it is closed all the same.")));
    }
    all
}

/// Answering somebody who asked; for whoever may not, what was asked and who can.
pub(super) fn answer(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let title = format!("Closing case {}", desk.code(case));
    let Some(waiting) = closure::waiting(session.state(), found) else {
        let says = if found.is_open() {
            "Nobody of this team has asked to close this case. X asks."
        } else {
            "The case is closed. O opens it again, with a reason."
        };
        return Some(Box::new(Page::new(title, vec![says.into()])));
    };
    let own = waiting.by(session.state()) == Some(session.me());
    let may = closure::may_answer(session.state(), found, waiting, session.me());
    let left = shown::left_open(desk, found);
    if !own && !may {
        let mut lines = shown::asked_lines(desk, waiting);
        lines.push(Line::new(format!("It waits for {}.", shown::answerers(desk, found, waiting)), Role::Soon));
        return Some(Box::new(Page::new(title, lines)));
    }
    let choices = if own {
        vec![("refuse".to_owned(), "take it back: the case stays open".to_owned())]
    } else {
        vec![
            ("approve".to_owned(), "approve: the case is closed".to_owned()),
            ("refuse".to_owned(), "refuse: the case stays open".to_owned()),
        ]
    };
    let first = choices[0].0.clone();
    let mut all = vec![
        forms::Field::choice("answer", "Answer", choices).required().value(&first),
        forms::Field::prose("words", "Words")
            .hint("where it is refused: what is to be done first")
            .check(names_nobody(session.mask(Some(case)))),
    ];
    let open = open_actions(desk, found);
    if open > 0 && !waiting.cancels() {
        all.push(cancel_field(open).only_if("answer", "approve"));
    }
    let mut notice = shown::asked_text(desk, waiting);
    if !left.is_empty() {
        notice.push(left);
    }
    let form = Form::new(title, all).notice(notice.join("\n")).rule(move |values| {
        let silent = values.get("answer") == "refuse" && values.some("words").is_none() && !own;
        let kept = values.get("answer") == "approve" && values.get("cancel") == "no";
        let mut all = Vec::new();
        if silent {
            all.push(("words", "Say what is to be done first.".to_owned()));
        }
        if kept {
            all.push(("cancel", "Refuse it then, or say y: nothing open is left behind.".to_owned()));
        }
        all
    });
    Some(layer(desk, draft_name("closure.answer", Some(case)), form, move |values, _, desk| {
        let words = values.get("words").to_owned();
        let done = if values.get("answer") == "approve" {
            desk.try_run(ClosureApprove { case, words, cancel_open: values.yes("cancel") })
        } else {
            desk.try_run(ClosureRefuse { case, words })
        };
        said(done.map_err(|error| refused(&error))?.says)
    }))
}
