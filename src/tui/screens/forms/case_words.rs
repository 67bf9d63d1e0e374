//! Words about a case: a note, why it is open again, how it belongs to another.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::Risk;
use crate::domain::views::Case;
use crate::ops::{CaseLink, CaseNote, CaseReopen, LinkWords};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Wrong};
use crate::tui::layers::Layer;

use super::agree;
use super::fields::{also_in, case_of, choice, field, names_nobody, refused, value, with_linked};
use super::proposal::{self, Proposals};
use super::{draft_name, layer, said};

/// A note, contact, visit, decision or the child's own words; in the linked cases too, if wanted.
pub(super) fn note(desk: &Desk, case: Option<ItemId>) -> Box<dyn Layer<Desk>> {
    let case = case.filter(|case| desk.case(*case).is_some());
    let session = desk.open_session();
    let mut all = vec![
        choice(session.pack(), "note-kind", "kind", "Kind").required().value("general"),
        forms::Field::prose("text", "Text")
            .required()
            .check(names_nobody(session.mask(case)))
            .hint("what was seen, said and agreed; the child's own words only under their own kind"),
        field(desk, Field::NoteWhen).placeholder("now"),
    ];
    all.extend(agree::may_tell(desk, Some(("kind", "views"))));
    all.extend(also_in(desk, case, false));
    let title = if let Some(case) = case {
        format!("Note in case {}", desk.code(case))
    } else {
        all.insert(0, forms::Field::line("case", "Case").required().hint("its code, like 7K3Q"));
        "New note".to_owned()
    };
    layer(desk, draft_name("case.note", case), Form::new(title, all), move |values, _, desk| {
        let first = match case {
            Some(case) => case,
            None => case_of(desk, values)?.ok_or_else(|| Wrong::field("case", "Type the case's code."))?,
        };
        let op = CaseNote {
            cases: with_linked(first, values),
            kind: values.get("kind").to_owned(),
            class: None,
            text: values.get("text").to_owned(),
            when: value(desk, Field::NoteWhen, values)?.as_when(),
        };
        let count = op.cases.len();
        let views = op.kind == "views";
        let says = desk.open_session_mut().all_or_nothing(|session| {
            let done = session.run(op)?;
            let tell = done.made.first().filter(|_| views).and_then(|note| agree::told(values, *note));
            let told = tell.map(|tell| session.run(tell)).transpose()?;
            Ok(told.map_or(done.says, |told| told.says))
        });
        let says = says.map_err(|error| refused(&error))?;
        said(if count > 1 { format!("Noted in {count} cases.") } else { says })
    })
}

/// Opening a closed case again.
pub(super) fn reopen(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let mask = desk.open_session().mask(Some(found.0.id));
    let reason = forms::Field::prose("reason", "Reason").required().hint("what is new").check(names_nobody(mask));
    // As for a case that opens: what was planned in it before was cancelled when it closed.
    let proposals = Proposals::by_risk(desk, None);
    let form =
        Form::new(format!("Reopen case {}", desk.code(case)), vec![reason, proposal::field()]).preview(move |values| {
            let planned = proposals.says(Risk::Unassessed.code(), values);
            let then = "The case is open again from its first stage; its risk is to be assessed anew.";
            format!("{then}\n{planned}").trim_end().to_owned()
        });
    Some(layer(desk, draft_name("case.reopen", Some(case)), form, move |values, _, desk| {
        let op = CaseReopen { case, reason: values.get("reason").to_owned(), followup: proposal::accepted(values) };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Linking a case to another.
pub(super) fn link(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found: Case<'_> = desk.case(case)?;
    let all = vec![
        forms::Field::line("case", "Other case").required().hint("its code, like 7K3Q"),
        choice(desk.open_session().pack(), "link-kind", "kind", "How").required(),
        field(desk, Field::LinkNote)
            .hint("may be empty; the whole team can read it")
            .check(names_nobody(desk.open_session().mask(Some(case)))),
        field(desk, Field::LinkSaidBy).hint("for a suspected network: on whose word"),
    ];
    let form = Form::new(format!("Link case {}", desk.code(found.0.id)), all)
        .preview(|_| "Links stay with this team: no bundle for others carries them.".to_owned());
    Some(layer(desk, "case.link".to_owned(), form, move |values, _, desk| {
        let other = case_of(desk, values)?.ok_or_else(|| Wrong::field("case", "Type the other case's code."))?;
        let words = LinkWords { note: values.get("note").to_owned(), said_by: values.get("said-by").to_owned() };
        let op = CaseLink { a: case, b: other, kind: values.get("kind").to_owned(), words };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(format!("{} Case {} and case {}.", done.says, desk.code(case), desk.code(other)))
    }))
}
