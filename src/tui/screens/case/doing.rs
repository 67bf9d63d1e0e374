//! What the keys of a case do: pickers and small forms that become ops. The lists of cases use the same.

use crate::domain::dates::{self, Lean};
use crate::domain::field::Field as Of;
use crate::domain::ids::{EntryId, ItemId};
use crate::domain::typed;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};
use crate::ops::{CaseAssign, CaseEdit, CaseNote, CaseStage, CaseStrike, ConflictDecide};
use crate::session::Session;
use crate::tui::desk::{Desk, error_text, first_line};
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer, Values, Wrong};
use crate::tui::layers::{Effects, Handled};
use crate::tui::overlays::{Page, Pick};
use crate::tui::theme::Role;
use crate::tui::widgets::{Choice, Line};

use super::super::doors;
use super::lines::moment;
use super::{notes, past};

/// The pickers' tags; [`answer`] takes what was picked.
const STAGE: &str = "case-stage";
const LEAD: &str = "case-lead";
const DECIDE: &str = "decide";

/// The code of "another value" in the picker of a conflict.
const ANOTHER: &str = "another";

/// Does what a key says to a case, where it means something.
pub fn command(name: &str, case: ItemId, desk: &mut Desk) -> Handled<Desk> {
    Handled::Done(match name {
        "case.stage" => stage(case, desk),
        "case.risk" => risk(case, desk),
        "case.lead" => lead(case, desk),
        "case.views" => views(case, desk),
        "case.edit" | "case.note" | "case.close" | "case.reopen" | "case.link" | "case.sibling" | "action.new"
        | "followup.new" => return doors::form(name, Some(case), desk),
        _ => return Handled::Pass,
    })
}

/// Takes the answer of a picker that [`command`] or [`decide`] pushed.
pub fn answer(tag: &str, answer: &Answer, case: ItemId, desk: &mut Desk) -> Effects<Desk> {
    let Answer::Picked(code) = answer else { return Vec::new() };
    match tag {
        STAGE => desk.run(CaseStage { case, stage: code.clone() }),
        LEAD => {
            let state = desk.open_session().state();
            let lead = Member::all(state).into_iter().map(|member| member.0.id).find(|id| id.to_string() == *code);
            lead.map_or_else(Vec::new, |lead| desk.run(CaseAssign { case, lead }))
        }
        _ => Vec::new(),
    }
}

fn stage(case: ItemId, desk: &Desk) -> Effects<Desk> {
    let Some(view) = desk.case(case) else { return Vec::new() };
    if !view.is_open() {
        return vec![Effect::refused(format!(
            "Case {} is closed. Reopen it with a reason first (O).",
            desk.code(case)
        ))];
    }
    let pack = desk.open_session().pack();
    let usual = pack.stage(view.stage()).map_or(&[][..], |stage| &stage.next);
    let note = |code: &str| match code {
        code if code == view.stage() => "now",
        code if usual.iter().any(|next| next == code) => "usually next",
        _ => "",
    };
    let choices = pack.stages.iter().filter(|stage| stage.code != "closed");
    let choices = choices.map(|stage| Choice::new(&stage.code, &stage.label).noted(note(&stage.code))).collect();
    let next = usual.iter().find(|code| *code != "closed").map_or(view.stage(), String::as_str);
    let title = format!("Stage of case {}", desk.code(case));
    vec![Effect::push(STAGE, Pick::new(title, choices).selected(next))]
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

/// Risk, why, and when to look again: one form, saved together or not at all.
fn risk(case: ItemId, desk: &Desk) -> Effects<Desk> {
    let Some(view) = desk.case(case) else { return Vec::new() };
    let session = desk.open_session();
    let today = desk.today();
    let choices: Vec<Choice> = session
        .pack()
        .list("risk")
        .iter()
        .map(|choice| Choice::new(&choice.code, &choice.label).noted(choice.hint.clone().unwrap_or_default()))
        .collect();
    let overdue = view.0.value(Of::CaseReview).as_date().is_some_and(|day| day <= today);
    let fields = vec![
        Field::pick("risk", "Risk", choices).required().value(view.risk().code()),
        Field::prose("why", "Why").required().hint("What is known, and since when. Write \"the child\", not a name."),
        Field::date("review", "Look again").hint("May stay empty: then the policy's clock runs.").check(move |text| {
            let day = dates::parse_date(text, today, Lean::Ahead).map_err(|error| error.to_string())?;
            if day <= today { Err("Give a day after today.".to_owned()) } else { Ok(dates::distance(day, today)) }
        }),
    ];
    let form = Form::new(format!("Risk of case {}", desk.code(case)), fields);
    let save = move |values: &Values, _: &mut _, desk: &mut Desk| save_risk(case, overdue, values, desk);
    vec![Effect::push("case-risk", FormLayer::new(form, save))]
}

fn save_risk(case: ItemId, overdue: bool, values: &Values, desk: &mut Desk) -> Result<Effects<Desk>, Wrong> {
    let mut set = vec![(Of::CaseRisk, Value::code(values.get("risk")))];
    match values.some("review") {
        Some(text) => {
            let day = dates::parse_date(text, desk.today(), Lean::Ahead);
            let day = day.map_err(|error| Wrong::field("review", error.to_string()))?;
            set.push((Of::CaseReview, Value::date(day)));
        }
        // The review is done with this: a day that has come must not stay late for ever.
        None if overdue => set.push((Of::CaseReview, Value::Nothing)),
        None => {}
    }
    let session = desk.open_session();
    let before = Case::get(session.state(), case).map_or("", |case| case.risk().code());
    let label = |code: &str| session.pack().label("risk", code).to_owned();
    let (before, after) = (label(before), label(values.get("risk")));
    let head = if before == after { format!("Risk stays {after}") } else { format!("Risk {before} → {after}") };
    let text = format!("{head}: {}", values.get("why"));
    let note = CaseNote { cases: vec![case], kind: "general".into(), class: None, text, when: None };
    let both = |session: &mut Session| {
        session.run(CaseEdit { case, values: set })?;
        session.run(note)
    };
    desk.open_session_mut().all_or_nothing(both).map_err(|error| Wrong::whole(error_text(&error)))?;
    Ok(vec![Effect::info(format!("{head}."))])
}

/// The child's own words: only when somebody asks, and masked like everything else.
fn views(case: ItemId, desk: &Desk) -> Effects<Desk> {
    let Some(view) = desk.case(case) else { return Vec::new() };
    let all = notes::views(desk, view);
    if all.is_empty() {
        let text = "The child's views are not written down yet. n writes them: choose \"the child's views\".";
        return vec![Effect::info(text)];
    }
    let mut lines = Vec::new();
    for note in &all {
        let head = format!("{}, written down by {}", moment(desk, note.when), desk.owner(note.author));
        lines.push(Line::new(head, Role::Dim));
        lines.push(desk.text(Some(case), note.text).into_owned().into());
        lines.push("".into());
    }
    lines.push(Line::new("The child's words stay in this room.", Role::Dim));
    vec![Effect::push("views", Page::new(format!("The child's views, case {}", desk.code(case)), lines))]
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
            desk.run(ConflictDecide { item, field, value })
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
        match desk.try_run(ConflictDecide { item, field, value }) {
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
