//! What stops a case's clocks: the report to the Registry, the first contact, the medical check.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::{Clock, Trigger};
use crate::ops::{CaseMet, CaseStatutory, Met};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form};
use crate::tui::layers::Layer;

use super::fields::{as_typed, field, names_nobody, refused, value};
use super::{draft_name, layer, said};

/// The form that stops a clock, by its name; `None` if nothing in a case does (a meeting's clock).
pub(super) fn for_clock(clock: &Clock) -> Option<&'static str> {
    clock.stops.iter().find_map(|stop| match stop {
        Trigger::StatutoryReport | Trigger::NcrNumber => Some("case.statutory"),
        Trigger::FirstContact => Some("case.contact"),
        Trigger::MedicalCheck => Some("case.medical"),
        Trigger::RiskReview | Trigger::RiskSet => Some("case.risk"),
        Trigger::Stage(_) => Some("case.stage"),
        Trigger::Closed => Some("case.close"),
        Trigger::Screened => Some("screening.new"),
        Trigger::CarePlan => Some("service.needs"),
        Trigger::Reported | Trigger::Opened | Trigger::MeetingHeld | Trigger::MinutesSent | Trigger::Flag(_) => None,
    })
}

/// The report to the Registry and its case ID: what is recorded already stands there.
pub(super) fn statutory(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let state = desk.open_session().state();
    let known = |name: Field| as_typed(state, name, &found.0.value(name));
    let me = state.item(desk.open_session().me()).map(super::fields::person_code).unwrap_or_default();
    let by = match known(Field::CaseStatutoryBy) {
        by if by.is_empty() => me,
        by => by,
    };
    let reported = known(Field::CaseStatutory);
    let all = vec![
        field(desk, Field::CaseStatutory)
            .required()
            .value(&reported)
            .hint("when the report was made: \"today 09:30\", \"yesterday 4pm\", \"12 nov\""),
        field(desk, Field::CaseStatutoryChannel).required().value(&known(Field::CaseStatutoryChannel)),
        field(desk, Field::CaseStatutoryBy).required().value(&by),
        field(desk, Field::CaseNcr).value(&known(Field::CaseNcr)).hint("as the Registry gave it; empty until it comes"),
    ];
    let mut form = Form::new(format!("Report to the Registry, case {}", desk.code(case)), all).preview(|values| {
        let number = if values.some(Field::CaseNcr.def().name).is_some() {
            "The case ID stops its clock too."
        } else {
            "The case ID may come later; its clock runs from the report."
        };
        format!("The report needs nobody's consent. {number}")
    });
    if !reported.is_empty() {
        form.focus(Field::CaseNcr.def().name);
    }
    Some(layer(desk, draft_name("case.statutory", Some(case)), form, move |values, _, desk| {
        let op = CaseStatutory {
            case,
            when: value(desk, Field::CaseStatutory, values)?.as_when(),
            channel: values.some(Field::CaseStatutoryChannel.def().name).map(str::to_owned),
            ncr: values.some(Field::CaseNcr.def().name).map(str::to_owned),
            by: value(desk, Field::CaseStatutoryBy, values)?.as_item(),
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// The first contact or the medical check: when, and what was found.
pub(super) fn met(desk: &Desk, case: ItemId, what: Met) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let (title, hint) = match what {
        Met::FirstContact => ("First contact", "how the child is, what was agreed; kept as a note, may be empty"),
        Met::MedicalCheck => ("Medical check", "what is to be done next; kept as a health note, may be empty"),
    };
    let name = what.field();
    let all = vec![
        field(desk, name).value(&as_typed(session.state(), name, &found.0.value(name))).placeholder("now"),
        forms::Field::prose("note", "What was found").hint(hint).check(names_nobody(session.mask(Some(case)))),
    ];
    let form = Form::new(format!("{title}, case {}", desk.code(case)), all)
        .preview(|_| "This stops the policy's clock.".to_owned());
    let draft = match what {
        Met::FirstContact => "case.contact",
        Met::MedicalCheck => "case.medical",
    };
    Some(layer(desk, draft_name(draft, Some(case)), form, move |values, _, desk| {
        let when = value(desk, name, values)?.as_when();
        let op = CaseMet { case, what, when, note: values.get("note").to_owned() };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}
