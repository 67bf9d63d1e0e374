//! What the keys of a case do: pickers and small forms that become ops. The lists of cases use the same.

use crate::domain::dates;
use crate::domain::field::Field as Of;
use crate::domain::ids::{EntryId, ItemId};
use crate::domain::today::started;
use crate::domain::typed;
use crate::domain::views::{Case, Member};
use crate::ops::{AgendaAdd, CaseAssign, CaseStrike, ConflictDecide};
use crate::tui::desk::{Desk, error_text, first_line};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer, Values, Wrong};
use crate::tui::layers::{Effects, Handled};
use crate::tui::overlays::Pick;
use crate::tui::widgets::Choice;

use super::super::{childs_views, doors, forms};
use super::{past, sharing};

/// The pickers' tags; [`answer`] takes what was picked.
const CLOCK: &str = "case-clock";
const LEAD: &str = "case-lead";
const DECIDE: &str = "decide";

/// The code of "another value" in the picker of a conflict.
const ANOTHER: &str = "another";

/// Does what a key says to a case, where it means something.
pub fn command(name: &str, case: ItemId, desk: &mut Desk) -> Handled<Desk> {
    Handled::Done(match name {
        "case.stage" => return stage(case, desk),
        "case.lead" => lead(case, desk),
        "case.views" => childs_views::open(case, desk),
        "case.agenda" => desk.run(AgendaAdd { meeting: None, case: Some(case), text: String::new(), minutes: None }),
        "case.edit" | "case.risk" | "case.note" | "case.close" | "case.reopen" | "closure.answer" | "case.link"
        | "case.sibling" | "action.new" | "followup.new" => return doors::form(name, Some(case), desk),
        _ => return Handled::Pass,
    })
}

/// Takes the answer of a picker that [`command`] or [`decide`] pushed.
pub fn answer(tag: &str, answer: &Answer, case: ItemId, desk: &mut Desk) -> Effects<Desk> {
    let Answer::Picked(code) = answer else { return Vec::new() };
    match tag {
        sharing::WHO => sharing::asked(case, code, desk),
        CLOCK => match doors::form(code, Some(case), desk) {
            Handled::Done(effects) => effects,
            Handled::Pass => Vec::new(),
        },
        LEAD => {
            let state = desk.open_session().state();
            let lead = Member::all(state).into_iter().map(|member| member.0.id).find(|id| id.to_string() == *code);
            lead.map_or_else(Vec::new, |lead| desk.run(CaseAssign { case, lead }))
        }
        _ => Vec::new(),
    }
}

fn stage(case: ItemId, desk: &mut Desk) -> Handled<Desk> {
    if desk.case(case).is_some_and(|view| !view.is_open()) {
        let code = desk.code(case);
        return Effect::refused(format!("Case {code} is closed. Reopen it with a reason first (O).")).into();
    }
    doors::form("case.stage", Some(case), desk)
}

/// What the policy waits for in a case: the form that stops it, or a choice where it waits for several.
pub fn settle(case: ItemId, desk: &mut Desk) -> Handled<Desk> {
    let waiting = waiting(case, desk);
    match waiting.as_slice() {
        [] => Effect::info("The policy waits for nothing here. Tab goes to the actions and follow-ups.").into(),
        [(form, ..)] => doors::form(form, Some(case), desk),
        several => {
            let choice = |(form, label, note): &(&str, String, String)| Choice::new(*form, label).noted(note.clone());
            let choices = several.iter().map(choice).collect();
            Effect::push(CLOCK, Pick::new(format!("Case {}: what has been done?", desk.code(case)), choices)).into()
        }
    }
}

/// The running clocks of a case that a form stops: form, label, and when it is due; each form once.
fn waiting(case: ItemId, desk: &Desk) -> Vec<(&'static str, String, String)> {
    let session = desk.open_session();
    let Some(view) = desk.case(case).filter(|case| case.runs()) else { return Vec::new() };
    let mut all: Vec<(&'static str, String, String)> = Vec::new();
    for status in started(session.state(), session.pack(), session.calendar(), view).filter(|it| it.met.is_none()) {
        let Some(form) = forms::for_clock(status.clock) else { continue };
        let due = status.due.map(|due| dates::distance(due.date_naive(), desk.today())).unwrap_or_default();
        if all.iter().all(|(known, ..)| *known != form) {
            all.push((form, status.clock.label.clone(), due));
        }
    }
    all
}

fn lead(case: ItemId, desk: &Desk) -> Effects<Desk> {
    let state = desk.open_session().state();
    let members = Member::all(state).into_iter().filter(|member| member.role() != "observer");
    let choice = |member: Member<'_>| {
        let id = member.0.id;
        Choice::new(id.to_string(), desk.owner(Some(id))).noted(desk.agency(Some(id)))
    };
    let mut pick = Pick::new(format!("Lead of case {}", desk.code(case)), members.map(choice).collect());
    if let Some(now) = desk.case(case).and_then(Case::lead) {
        pick = pick.selected(&now.to_string());
    }
    vec![Effect::push(LEAD, pick)]
}

/// Shows the names for a short while; on record for this case before anything is shown.
pub fn reveal(case: ItemId, desk: &mut Desk) -> Effects<Desk> {
    match desk.reveal(Some(case)) {
        Ok(()) => {
            let seconds = desk.open_session().pack().limits.reveal_seconds;
            vec![Effect::info(format!("Names are shown for {seconds} seconds. It is on record. m masks them."))]
        }
        Err(error) => vec![Effect::refused(error_text(&error))],
    }
}

/// Offers to strike an entry: why, and the case's code typed by hand.
pub fn strike(case: ItemId, entry: EntryId, desk: &Desk) -> Effects<Desk> {
    let code = desk.code(case);
    let wanted = code.clone();
    let fields = vec![
        Field::line("reason", "Why")
            .required()
            .hint("Without repeating what is struck: \"written in the wrong case\"."),
        Field::line("code", "Code of the case")
            .required()
            .hint(format!("Type {code} to do it. It can't be undone."))
            .check(move |text| {
                let same = text.trim().eq_ignore_ascii_case(&wanted);
                if same {
                    Ok("The words will be destroyed.".to_owned())
                } else {
                    Err(format!("Type {wanted}, or Esc."))
                }
            }),
    ];
    let preview = |_: &Values| {
        "Striking destroys what this entry says in this copy and its mirror, and in the others when they next meet. \
         Who wrote it, when, and why it was struck stay."
            .to_owned()
    };
    let form = Form::new(format!("Strike an entry of case {code}"), fields).preview(preview);
    let save = move |values: &Values, _: &mut _, desk: &mut Desk| {
        let reason = values.get("reason").to_owned();
        match desk.try_run(CaseStrike { entry, reason }) {
            Ok(done) => Ok(vec![Effect::info(done.says)]),
            Err(error) => Err(Wrong::whole(error_text(&error))),
        }
    };
    vec![Effect::push("strike", FormLayer::new(form, save))]
}

/// Lets a person decide between values: one that stands, or a third.
pub fn decide(case: ItemId, item: ItemId, field: Of, desk: &Desk) -> Effects<Desk> {
    let Some(view) = desk.case(case) else { return Vec::new() };
    let all = past::conflicts(desk, view);
    let Some(conflict) = all.iter().find(|conflict| conflict.item.id == item && conflict.field == field) else {
        return Vec::new();
    };
    if desk.keeps_back(field.class(conflict.item.class)) {
        return vec![Effect::info("These words are not shown to a room: decide it later.")];
    }
    let value = |(at, head): (usize, &crate::domain::item::Head)| {
        let text = first_line(&past::head_text(desk, view, field, head));
        Choice::new(at.to_string(), text).noted(past::head_by(desk, head))
    };
    let mut choices: Vec<Choice> = conflict.heads.iter().enumerate().map(value).collect();
    choices.push(Choice::new(ANOTHER, "another value"));
    vec![Effect::push(DECIDE, Pick::new(format!("{}: which one counts?", field.def().label), choices))]
}

/// Takes what was picked for a conflict.
pub fn decided(item: ItemId, field: Of, code: &str, desk: &mut Desk) -> Effects<Desk> {
    let register = desk.open_session().state().item(item).and_then(|item| item.register(field));
    let heads = register.map_or(&[][..], crate::domain::item::Register::heads);
    match code.parse::<usize>().ok().and_then(|at| heads.get(at)) {
        Some(head) => {
            let value = head.value.clone();
            desk.run(ConflictDecide { item, field, value, followup: true })
        }
        None => another(item, field),
    }
}

fn another(item: ItemId, field: Of) -> Effects<Desk> {
    let label = field.def().label;
    let form = Form::new(format!("{label}: another value"), vec![Field::prose("value", label)]);
    let save = move |values: &Values, _: &mut _, desk: &mut Desk| {
        let session = desk.open_session();
        let value = typed::value(session.state(), session.pack(), desk.today(), field, values.get("value"));
        let value = value.map_err(|says| Wrong::field("value", says))?;
        match desk.try_run(ConflictDecide { item, field, value, followup: true }) {
            Ok(done) => Ok(vec![Effect::info(done.says)]),
            Err(error) => Err(Wrong::whole(error_text(&error))),
        }
    };
    vec![Effect::push("another", FormLayer::new(form, save))]
}

/// Whether an answer belongs to a conflict.
pub fn is_decision(tag: &str) -> bool {
    tag == DECIDE
}
