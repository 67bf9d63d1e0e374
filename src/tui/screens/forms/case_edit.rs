//! Changing what a case says. While names are masked the form shows none: what is typed over them replaces them.

use std::collections::BTreeMap;

use crate::domain::class::Class;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};
use crate::ops::CaseEdit;
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form};
use crate::tui::layers::Layer;

use super::fields::{as_typed, field_with, named, refused, value};
use super::proposal::{self, Proposals};
use super::{draft_name, layer, said};

/// The sections of the form, each with its fields.
const SECTIONS: &[(&str, &[Field])] = &[
    (
        "The report",
        &[
            Field::CaseConcern,
            Field::CaseReported,
            Field::CaseChannel,
            Field::CaseRisk,
            Field::CaseReview,
            Field::CaseExploitation,
            Field::CaseStatus,
            Field::CaseFlags,
            Field::CaseTracks,
            Field::CaseLead,
        ],
    ),
    (
        "Reaching the child safely",
        &[
            Field::CaseSafePhone,
            Field::CaseSafeWhen,
            Field::CaseSafeWords,
            Field::CaseSafeNever,
            Field::CaseNoMessages,
            Field::CasePlaceSafety,
            Field::CasePlaceNote,
        ],
    ),
    (
        "What has been done",
        &[
            Field::CaseFirstContact,
            Field::CaseMedical,
            Field::CaseStatutory,
            Field::CaseStatutoryChannel,
            Field::CaseStatutoryBy,
            Field::CaseNcr,
        ],
    ),
    (
        "The child",
        &[
            Field::CaseChildName,
            Field::CaseAlias,
            Field::CaseSex,
            Field::CaseDob,
            Field::CaseDobEstimated,
            Field::CaseNationality,
            Field::CaseSchool,
            Field::CasePlacementKind,
            Field::CasePlacement,
            Field::CasePlacementSince,
            Field::CaseWithChild,
            Field::CaseDied,
        ],
    ),
    (
        "Home and family",
        &[
            Field::CaseCommunity,
            Field::CaseAddress,
            Field::CasePhone,
            Field::CaseMother,
            Field::CaseFather,
            Field::CaseCarer,
            Field::CaseHousehold,
            Field::CaseAlleged,
        ],
    ),
    ("Who reported", &[Field::CaseReporter, Field::CaseReporterPhone, Field::CaseReporterRelation]),
];

/// The form over a case.
pub(super) fn edit(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let mask = session.mask(Some(case));
    let leads = Member::get(session.state(), session.me()).is_some_and(Member::leads);
    let mut before: BTreeMap<&'static str, String> = BTreeMap::new();
    let mut all: Vec<forms::Field> = Vec::new();
    let mut asked: Vec<Field> = Vec::new();
    let last: (&'static str, &'static [Field]) = ("Who may read this case", &[Field::CaseRestricted]);
    for (title, fields) in SECTIONS.iter().copied().chain(leads.then_some(last)) {
        for (at, name) in fields.iter().enumerate() {
            let now = now(session.state(), found, *name);
            let typed = as_typed(session.state(), *name, &now);
            let private = is_personal(*name) || !mask.finds(&typed).is_empty();
            let hidden = desk.masked() && !typed.is_empty() && private;
            let mut made = field_with(desk, *name, &now);
            if private {
                made = made.private();
            }
            if hidden {
                made = made
                    .placeholder("(masked)")
                    .hint("masked: what you type replaces it; leave it empty to keep it (m reveals, before e)");
            } else {
                made = made.value(&typed);
            }
            if at == 0 {
                made = made.section(title);
            }
            before.insert(name.def().name, if hidden { String::new() } else { typed });
            asked.push(*name);
            all.push(made);
            if *name == Field::CaseRisk {
                all.push(proposal::field());
            }
        }
    }
    let (proposals, risk) = (Proposals::by_risk(desk, Some(found)), found.risk().code());
    let form = Form::new(format!("Case {}", desk.code(case)), all).preview(move |values| {
        let named = named(&mask, values.get(Field::CaseConcern.def().name));
        let planned = match values.get(Field::CaseRisk.def().name) {
            same if same == risk => String::new(),
            other => proposals.says(other, values),
        };
        format!("{named}\n{planned}").trim().to_owned()
    });
    // What the form shows is what it was made with, normalised by its editors: only a difference is a change.
    let shown = form.values();
    Some(layer(desk, draft_name("case.edit", Some(case)), form, move |values, _, desk| {
        let changed = asked.iter().copied().filter(|name| values.get(name.def().name) != shown.get(name.def().name));
        let mut new = Vec::new();
        for name in changed {
            new.push((name, value(desk, name, values)?));
        }
        let done = desk
            .try_run(CaseEdit { case, values: new, followup: proposal::accepted(values) })
            .map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// What a field says to this team: lead and readers of a case that another team opened or holds are its own.
fn now(state: &State, case: Case<'_>, field: Field) -> Value {
    match field {
        Field::CaseLead => case.lead().map_or(Value::Nothing, Value::Item),
        Field::CaseRestricted => case.readers(state).map_or(Value::Nothing, Value::items),
        _ => case.0.value(field),
    }
}

/// What must not be on a screen that others see.
fn is_personal(field: Field) -> bool {
    field.class(Class::Notes).names()
        && !matches!(
            field,
            Field::CaseSex
                | Field::CaseNoMessages
                | Field::CasePlaceSafety
                | Field::CasePlacementKind
                | Field::CaseDobEstimated
        )
}
