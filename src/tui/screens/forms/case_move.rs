//! A case on its way: its stage and its risk, with the contacts that the policy asks for there.

use crate::domain::dates::{self, Lean};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::ops::{CaseEdit, CaseNote, CaseStage};
use crate::session::Session;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::Effect;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::{Effects, Layer};
use crate::tui::widgets::Choice;

use super::fields::{choice, names_nobody, refused, sentence};
use super::proposal::{self, Proposals};
use super::{draft_name, layer, said};

/// The stage of an open case: what usually follows is chosen already.
pub(super) fn stage(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case).filter(|case| case.is_open())?;
    let pack = desk.open_session().pack();
    let now = found.stage().to_owned();
    let usual = pack.stage(&now).map_or(&[][..], |stage| &stage.next);
    let note = |code: &str| match code {
        code if code == now => "now",
        code if usual.iter().any(|next| next == code) => "usually next",
        _ => "",
    };
    // Closing has its own rules, and its own form.
    let open = pack.stages.iter().filter(|stage| stage.code != "closed");
    let choices = open.map(|stage| Choice::new(&stage.code, &stage.label).noted(note(&stage.code))).collect();
    let next = usual.iter().find(|code| *code != "closed").map_or(now.as_str(), String::as_str);
    let all = vec![forms::Field::pick("stage", "Stage", choices).required().value(next), proposal::field()];
    let proposals = Proposals::by_stage(desk, found);
    let form = Form::new(format!("Stage of case {}", desk.code(case)), all).preview(move |values| {
        let stage = values.get("stage");
        if stage == now { "It is at this stage already.".to_owned() } else { proposals.says(stage, values) }
    });
    // It is chosen anew each time, and leaves no draft.
    Some(layer(desk, draft_name("case.stage", Some(case)), form, move |values, _, desk| {
        let op = CaseStage { case, stage: values.get("stage").to_owned(), followup: proposal::accepted(values) };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Risk, why, and when to look again: one form, saved together or not at all.
pub(super) fn risk(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let today = desk.today();
    let now = found.risk().code();
    let all = vec![
        choice(session.pack(), "risk", "risk", "Risk").required().value(now),
        forms::Field::prose("why", "Why")
            .required()
            .hint("What is known, and since when. Write \"the child\", not a name.")
            .check(names_nobody(session.mask(Some(case)))),
        forms::Field::date("review", "Look again").hint("May stay empty: then the policy's clock runs.").check(
            move |text| {
                let day = dates::parse_date(text, today, Lean::Ahead).map_err(|error| sentence(&error.to_string()))?;
                if day <= today { Err("Give a day after today.".to_owned()) } else { Ok(dates::distance(day, today)) }
            },
        ),
        proposal::field(),
    ];
    let overdue = found.0.value(Field::CaseReview).as_date().is_some_and(|day| day <= today);
    let proposals = Proposals::by_risk(desk, Some(found));
    let form =
        Form::new(format!("Risk of case {}", desk.code(case)), all).preview(move |values| match values.get("risk") {
            risk if risk == now => String::new(),
            risk => proposals.says(risk, values),
        });
    Some(layer(desk, draft_name("case.risk", Some(case)), form, move |values, _, desk| {
        save_risk(case, overdue, values, desk)
    }))
}

fn save_risk(case: ItemId, overdue: bool, values: &Values, desk: &mut Desk) -> Result<Effects<Desk>, Wrong> {
    let mut set = vec![(Field::CaseRisk, Value::code(values.get("risk")))];
    match values.some("review") {
        Some(text) => {
            let day = dates::parse_date(text, desk.today(), Lean::Ahead);
            let day = day.map_err(|error| Wrong::field("review", sentence(&error.to_string())))?;
            set.push((Field::CaseReview, Value::date(day)));
        }
        // The review is done with this: a day that has come must not stay late for ever.
        None if overdue => set.push((Field::CaseReview, Value::Nothing)),
        None => {}
    }
    let session = desk.open_session();
    let before = Case::get(session.state(), case).map_or("", |case| case.risk().code());
    let label = |code: &str| session.pack().label("risk", code).to_owned();
    let (before, after) = (label(before), label(values.get("risk")));
    let head = if before == after { format!("Risk stays {after}") } else { format!("Risk {before} → {after}") };
    let text = format!("{head}: {}", values.get("why"));
    let note = CaseNote { cases: vec![case], kind: "general".into(), class: None, text, when: None };
    let followup = proposal::accepted(values);
    let both = |session: &mut Session| {
        let done = session.run(CaseEdit { case, values: set, followup })?;
        session.run(note)?;
        Ok(done.says)
    };
    let says = desk.open_session_mut().all_or_nothing(both).map_err(|error| Wrong::whole(error_text(&error)))?;
    let planned = says.strip_prefix("Saved.").unwrap_or("").trim_start();
    Ok(vec![Effect::info(format!("{head}. {planned}").trim_end().to_owned())])
}
