//! Giving somebody something to do, and changing its words.

use crate::domain::clean;
use crate::domain::dates::{self, Lean};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::views::Action;
use crate::ops::{ActionAdd, ActionEdit};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Wrong};
use crate::tui::layers::Layer;

use super::fields::{
    also_in, case_of, field, in_words, names_nobody, person, person_code, refused, sentence, with_linked,
};
use super::{draft_name, layer, said};

/// An action in a case, or without one in a case that is typed, or for the team.
pub(super) fn add(desk: &Desk, case: Option<ItemId>) -> Box<dyn Layer<Desk>> {
    let case = case.filter(|case| desk.case(*case).is_some());
    let session = desk.open_session();
    let today = desk.today();
    let me = session.state().item(session.me()).map(person_code).unwrap_or_default();
    let mut all = vec![
        forms::Field::prose("text", "What")
            .required()
            .hint("one thing to do; no names")
            .check(names_nobody(session.mask(case))),
        field(desk, Field::ActionOwner).required().value(&me).hint("type the first letters of a name or an agency"),
        forms::Field::date("due", "By").required().hint("fri, tomorrow 2pm, +2w, 12 dec").check(move |text| {
            let when = dates::parse(text, today, Lean::Ahead).map_err(|error| sentence(&error.to_string()))?;
            if when.date < today {
                return Err("That day has passed: type one from today on.".to_owned());
            }
            let time = when.time.map(|time| format!(" at {}", time.format("%H:%M"))).unwrap_or_default();
            Ok(format!("{}{time}", in_words(when.date, today)))
        }),
        field(desk, Field::ActionPriority).value("normal"),
    ];
    all.extend(also_in(desk, case, true));
    let title = if let Some(case) = case {
        format!("New action in case {}", desk.code(case))
    } else {
        all.insert(0, forms::Field::line("case", "Case").hint("its code, like 7K3Q; empty for the team itself"));
        "New action".to_owned()
    };
    let form = Form::new(title, all);
    layer(desk, draft_name("action.add", case), form, move |values, _, desk| {
        let cases = match case {
            Some(case) => with_linked(case, values),
            None => case_of(desk, values)?.into_iter().collect(),
        };
        let owner = person(desk.open_session().state(), values.get("owner"))
            .ok_or_else(|| Wrong::field("owner", "Choose somebody from the list."))?;
        let when = dates::parse(values.get("due"), desk.today(), Lean::Ahead)
            .map_err(|error| Wrong::field("due", sentence(&error.to_string())))?;
        let time = when.time.map(dates::minutes_of);
        let op = ActionAdd {
            cases,
            text: values.get("text").to_owned(),
            owner,
            due: when.date,
            time,
            priority: values.get("priority").to_owned(),
            class: None,
            backdated: false,
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        let code = match done.made.as_slice() {
            [action] => Some(format!("Action {} is given", desk.code(*action))),
            [] => None,
            all => Some(format!("An action in each of {} cases is given", all.len())),
        };
        let who = desk.owner(Some(owner));
        said(format!("{} to {who}, {}.", code.unwrap_or(done.says), in_words(when.date, desk.today())))
    })
}

/// The words and the priority of an action.
pub(super) fn edit(desk: &Desk, action: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let found = Action::get(session.state(), action)?;
    let case = found.case(session.state()).map(|case| case.0.id);
    let text = clean::shown(found.text()).into_owned();
    let readable = !text.is_empty();
    let mask = session.mask(case);
    let hidden = desk.masked() && !mask.finds(&text).is_empty();
    let mut all = Vec::new();
    if readable {
        let what = forms::Field::prose("text", "What").check(names_nobody(mask));
        all.push(if hidden {
            what.placeholder("(masked)")
                .hint("it names somebody, so it is masked: what you type replaces it; leave it empty to keep it")
        } else {
            what.required().value(&text)
        });
    }
    all.push(field(desk, Field::ActionPriority).required().value(found.0.str(Field::ActionPriority)));
    let form = Form::new(format!("Action {}", desk.code(action)), all);
    Some(layer(desk, draft_name("action.edit", Some(action)), form, move |values, _, desk| {
        let op = ActionEdit {
            action,
            text: values.some("text").map(str::to_owned),
            priority: values.some("priority").map(str::to_owned),
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}
