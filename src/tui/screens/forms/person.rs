//! People around a child: writing them down, changing what is known, and saying that two records are of one person.

use crate::domain::field::{Field, FieldType, ItemKind};
use crate::domain::find;
use crate::domain::ids::ItemId;
use crate::domain::person::{self, Person};
use crate::domain::value::Value;
use crate::ops::{PersonAdd, PersonEdit, PersonSame};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;

use super::fields::{as_typed, case_of, field_with, names_nobody, refused, value};
use super::{draft_name, layer, said};

/// What is asked, in the order of the form; a title begins a section.
const ASKED: &[(Field, &str)] = &[
    (Field::PersonRoles, ""),
    (Field::PersonName, ""),
    (Field::PersonRelation, ""),
    (Field::PersonPhone, "Reaching them"),
    (Field::PersonNoCalls, ""),
    (Field::PersonUnaware, ""),
    (Field::PersonSafe, ""),
    (Field::PersonCommunity, ""),
    (Field::PersonAddress, ""),
    (Field::PersonNamed, "The concern"),
    (Field::PersonKnows, ""),
    (Field::PersonDob, "More"),
    (Field::PersonAge, ""),
    (Field::PersonSex, ""),
    (Field::PersonCase, ""),
    (Field::PersonNote, ""),
];

/// The form's field for a field of a person, over what is there now.
fn ask(desk: &Desk, case: ItemId, of: Field, now: &Value) -> forms::Field {
    let asked = field_with(desk, of, now);
    match of {
        Field::PersonRoles => asked.hint("Space takes one in or out; a reporter has no other role"),
        Field::PersonName => asked.hint("may be empty if nobody knows it").private(),
        Field::PersonRelation => {
            asked.hint("grandmother, neighbour").check(names_nobody(desk.open_session().mask(Some(case))))
        }
        Field::PersonNoCalls => asked.hint("y: calls and messages could harm the child"),
        Field::PersonUnaware => asked.hint("y: must not know that there is a case"),
        Field::PersonSafe => asked.hint("after 6 pm, ask for the church choir").private(),
        Field::PersonNamed => asked.hint("y: their consent does not count"),
        Field::PersonKnows => asked.hint("only of somebody who is named in the concern"),
        Field::PersonAge => asked.hint("a number of years, where the birth date is not known"),
        Field::PersonCase => asked.hint("a child with a case: its code, like 7K3Q; the two cases are linked"),
        _ if matches!(of.def().ty, FieldType::Line | FieldType::Prose) => asked.private(),
        _ => asked,
    }
}

/// What was typed for a field.
fn typed(desk: &Desk, of: Field, values: &Values) -> Result<Value, Wrong> {
    if of == Field::PersonCase {
        return Ok(case_of(desk, values)?.map_or(Value::Nothing, Value::Item));
    }
    value(desk, of, values)
}

/// Writing somebody down.
pub(super) fn add(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    desk.case(case)?;
    let all = ASKED.iter().map(|(of, title)| {
        let asked = ask(desk, case, *of, &Value::Nothing);
        if title.is_empty() { asked } else { asked.section(*title) }
    });
    let form = Form::new(format!("Person in case {}", desk.code(case)), all.collect());
    Some(layer(desk, draft_name("person.add", Some(case)), form, move |values, _, desk| {
        let mut given = Vec::new();
        for (of, _) in ASKED {
            let value = typed(desk, *of, values)?;
            if !value.is_nothing() {
                given.push((*of, value));
            }
        }
        let done = desk.try_run(PersonAdd { case, values: given }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Changing what is known of somebody. While masked nothing in words is shown, and what is left empty stays.
pub(super) fn edit(desk: &Desk, person: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let state = session.state();
    let found = Person::get(state, person)?;
    let case = found.0.stream.item();
    let mut all = Vec::new();
    for (of, title) in ASKED {
        let now = found.0.value(*of);
        let text = match (of, now.as_item()) {
            (Field::PersonCase, Some(own)) => {
                person::visible(state, session.me(), own).map(|own| desk.code(own.0.id)).unwrap_or_default()
            }
            _ => as_typed(state, *of, &now),
        };
        let hidden = desk.masked()
            && !text.is_empty()
            && matches!(of.def().ty, FieldType::Line | FieldType::Prose | FieldType::Date);
        let mut made = ask(desk, case, *of, &now);
        made = if hidden {
            made.placeholder("(masked)")
                .hint("masked: what you type replaces it; leave it empty to keep it (m reveals, before e)")
        } else {
            made.value(&text)
        };
        all.push(if title.is_empty() { made } else { made.section(*title) });
    }
    let form = Form::new(format!("Person {}, case {}", desk.code(person), desk.code(case)), all);
    // Only a difference from what the form shows is a change: what is masked and left empty stays as it is.
    let shown = form.values();
    Some(layer(desk, draft_name("person.edit", Some(person)), form, move |values, _, desk| {
        let mut changed = Vec::new();
        for (of, _) in ASKED.iter().filter(|(of, _)| values.get(of.def().name) != shown.get(of.def().name)) {
            changed.push((*of, typed(desk, *of, values)?));
        }
        let done = desk.try_run(PersonEdit { person, values: changed }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Saying that a record in another case is of the same person.
pub(super) fn same(desk: &Desk, person: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let found = Person::get(session.state(), person)?;
    let known = found.same(session.state());
    let mut alike = person::alike(session.state(), session.me(), found);
    alike.retain(|other| known.iter().all(|known| known.0.id != other.0.id));
    let mut other = forms::Field::line("other", "The same as").required();
    other = match alike.first() {
        Some(first) => {
            let case = desk.code(first.0.stream.item());
            other.value(&desk.code(first.0.id)).hint(format!("the same name stands in case {case}"))
        }
        None => other.hint("the code of the other record, like P-4TZB"),
    };
    let form = Form::new(format!("Person {}: the same as", desk.code(person)), vec![other])
        .preview(|_| "Each case keeps its own record. The link stays with this team.".to_owned());
    Some(layer(desk, draft_name("person.same", Some(person)), form, move |values, _, desk| {
        let state = desk.open_session().state();
        let other = find::code(state, values.get("other"), ItemKind::Person)
            .map_err(|_| Wrong::field("other", "Nobody here has this code: look in the other case."))?;
        let done = desk.try_run(PersonSame { person, other, same: true }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}
