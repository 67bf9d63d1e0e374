//! Planned contacts with the child or the household: planning one, and what became of it.

use crate::domain::dates::{Lean, Span};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::proposal::rhythm;
use crate::domain::views::{Case, FollowUp};
use crate::ops::{FollowUpAdd, FollowUpDone, FollowUpMissed};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;

use super::fields::{
    also_in, case_of, choice, date, field, in_words, names_nobody, person, refused, sentence, value, with_linked,
};
use super::{draft_name, layer, said};

/// Months are counted as thirty days: a contact repeats by days.
const MONTH: u32 = 30;

/// Plans a contact, once or repeating.
pub(super) fn add(desk: &Desk, case: Option<ItemId>) -> Box<dyn Layer<Desk>> {
    let found = case.and_then(|case| desk.case(case));
    let case = found.map(|case| case.0.id);
    let pack = desk.open_session().pack();
    let mut all = vec![
        choice(pack, "followup-kind", "kind", "Contact").required(),
        forms::Field::line("words", "In words").required().only_if("kind", "other").hint("what contact; no names"),
        date(desk, "due", "Due", Lean::Ahead).required(),
        forms::Field::line("every", "Repeats every")
            .placeholder("once")
            .value(&offered(desk, found))
            .hint(usual(desk, found))
            .check(|text| Ok(format!("{}, counted from the day it was due", rhythm(days(text)?)))),
        field(desk, Field::FollowUpWho).placeholder("the lead"),
    ];
    all.extend(also_in(desk, case, true));
    let title = if let Some(case) = case {
        format!("Planned contact in case {}", desk.code(case))
    } else {
        all.insert(0, forms::Field::line("case", "Case").required().hint("its code, like 7K3Q"));
        "Planned contact".to_owned()
    };
    layer(desk, draft_name("followup.add", case), Form::new(title, all), move |values, _, desk| {
        let cases = match case {
            Some(case) => with_linked(case, values),
            None => vec![case_of(desk, values)?.ok_or_else(|| Wrong::field("case", "Type the case's code."))?],
        };
        let due = value(desk, Field::FollowUpDue, values)?
            .as_date()
            .ok_or_else(|| Wrong::field("due", "Type a day: \"fri\", \"+2w\"."))?;
        let every = values.some("every").map(days).transpose().map_err(|error| Wrong::field("every", error))?;
        let who = values.some("who").and_then(|code| person(desk.open_session().state(), code));
        let op = FollowUpAdd { cases, kind: kind_of(desk, values), due, every, who };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(format!("{} {}.", done.says, in_words(due, desk.today())))
    })
}

/// The policy's span where none of its contacts is planned yet; beside one, another is more likely to stand alone.
fn offered(desk: &Desk, case: Option<Case<'_>>) -> String {
    let Some(case) = case else { return String::new() };
    let session = desk.open_session();
    let mut planned = session.state().items_in(case.0.stream, ItemKind::FollowUp).map(FollowUp);
    if planned.any(|contact| contact.is_planned() && contact.every().is_some()) {
        return String::new();
    }
    let rules = session.pack().followups_in(case.stage());
    rules.first().map(|rule| format!("{} days", rule.every.at(case.risk()))).unwrap_or_default()
}

/// What the policy has in use at this stage and risk: "empty for once; usual at this risk: every 7 days (policy)".
fn usual(desk: &Desk, case: Option<Case<'_>>) -> String {
    let once = "empty for once; \"2w\", \"10 days\", \"1 month\"";
    let Some(case) = case else { return once.to_owned() };
    let rules = desk.open_session().pack().followups_in(case.stage());
    rules.first().map_or_else(
        || once.to_owned(),
        |rule| format!("{once}; usual at this risk: every {} days (policy)", rule.every.at(case.risk())),
    )
}

fn days(text: &str) -> Result<u16, String> {
    let span = Span::parse(text).map_err(|error| sentence(&error.to_string()))?;
    u16::try_from(span.months * MONTH + span.days).map_err(|_| "At most ten years.".to_owned())
}

fn kind_of(desk: &Desk, values: &Values) -> String {
    match values.some("words") {
        Some(words) => words.to_owned(),
        None => desk.label("followup-kind", values.get("kind")),
    }
}

/// The contact was made.
pub(super) fn done(desk: &Desk, followup: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let (title, note) = about(desk, followup, "Contact made")?;
    let note = note.hint("how the child is, what was agreed; may be empty");
    let form = Form::new(title, vec![note]).preview(next(desk, followup));
    Some(layer(desk, draft_name("followup.done", Some(followup)), form, move |values, _, desk| {
        let op = FollowUpDone { followup, note: values.get("note").to_owned() };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// The contact could not be made.
pub(super) fn missed(desk: &Desk, followup: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let (title, note) = about(desk, followup, "Contact not made")?;
    let note = note.required().hint("why: nobody was at home, the road was flooded");
    let form = Form::new(title, vec![note]).preview(next(desk, followup));
    Some(layer(desk, draft_name("followup.missed", Some(followup)), form, move |values, _, desk| {
        let op = FollowUpMissed { followup, note: values.get("note").to_owned() };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

fn about(desk: &Desk, followup: ItemId, what: &str) -> Option<(String, forms::Field)> {
    let session = desk.open_session();
    let found = FollowUp::get(session.state(), followup)?;
    let case = Case::of_stream(session.state(), found.0.stream)?;
    let kind = desk.text(Some(case.0.id), found.kind()).into_owned();
    let note = forms::Field::prose("note", "What was found").check(names_nobody(session.mask(Some(case.0.id))));
    Some((format!("{what}: {kind}, case {}", desk.code(case.0.id)), note))
}

/// What saving plans: "Next contact: Mon 7 Dec 2026, in 15 days."
fn next(desk: &Desk, followup: ItemId) -> impl Fn(&Values) -> String + 'static {
    let state = desk.open_session().state();
    let (today, found) = (desk.today(), FollowUp::get(state, followup));
    let every = found.and_then(FollowUp::every);
    let tomorrow = today + chrono::TimeDelta::days(1);
    let next = every.and_then(|days| Some((found?.due()? + chrono::TimeDelta::days(i64::from(days))).max(tomorrow)));
    let says = next.map(|day| format!("Next contact: {}.", in_words(day, today))).unwrap_or_default();
    move |_| says.clone()
}
