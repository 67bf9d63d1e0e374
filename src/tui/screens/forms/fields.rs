//! From the table of fields to fields of a form, and back from what was typed to values.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::clean;
use crate::domain::dates::{self, Lean};
use crate::domain::field::{Field, FieldType, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::mask::Mask;
use crate::domain::pack::Pack;
use crate::domain::state::State;
use crate::domain::typed;
use crate::domain::value::Value;
use crate::domain::views::{Member, agency_of};
use crate::error::AppError;
use crate::tui::desk::{Desk, error_text};
use crate::tui::forms::{self, Values, Wrong};
use crate::tui::widgets::Choice;

/// The form's field for a field of the table: its label, its choices, its rule.
pub(super) fn field(desk: &Desk, field: Field) -> forms::Field {
    field_with(desk, field, &Value::Nothing)
}

/// The same over what is there now: a choice that the policy has dropped since stays until somebody takes it out.
pub(super) fn field_with(desk: &Desk, field: Field, now: &Value) -> forms::Field {
    let def = field.def();
    let (name, label) = (def.name, def.label);
    let session = desk.open_session();
    let state = session.state();
    match def.ty {
        FieldType::Line | FieldType::Item => forms::Field::line(name, label),
        FieldType::Prose => forms::Field::prose(name, label),
        FieldType::Choice(list) => choice_with(session.pack(), (list, now), name, label),
        FieldType::Choices(list) => forms::Field::many(name, label, choices(session.pack(), list, now)),
        FieldType::Date => date(desk, name, label, lean(field)),
        FieldType::When => when(desk, name, label),
        FieldType::Number => forms::Field::number(name, label),
        FieldType::YesNo => forms::Field::yes_no(name, label),
        FieldType::Member => forms::Field::pick(name, label, members(state)),
        FieldType::Members => {
            let choices = members(state).into_iter().map(|choice| (choice.code, choice.label));
            forms::Field::many(name, label, choices)
        }
        FieldType::Agency => forms::Field::pick(name, label, agencies(state)),
        FieldType::Owner => {
            forms::Field::pick(name, label, members(state).into_iter().chain(agencies(state)).collect())
        }
    }
}

/// One of a list of the policy; below it stands what the policy says of the choice.
pub(super) fn choice(pack: &Pack, list: &'static str, name: &'static str, label: &'static str) -> forms::Field {
    choice_with(pack, (list, &Value::Nothing), name, label)
}

/// What a list offers, and what is there now of what it offered before.
fn choices(pack: &Pack, list: &str, now: &Value) -> Vec<(String, String)> {
    let codes = match now {
        Value::Code(code) => std::slice::from_ref(code),
        other => other.as_codes(),
    };
    let former = codes.iter().filter_map(|code| {
        let label = pack.former(list, code)?;
        Some((code.to_string(), format!("{label} (no longer offered)")))
    });
    pack.list(list).iter().map(|choice| (choice.code.clone(), choice.label.clone())).chain(former).collect()
}

fn choice_with(
    pack: &Pack,
    (list, now): (&'static str, &Value),
    name: &'static str,
    label: &'static str,
) -> forms::Field {
    let all = pack.list(list);
    let hints: Vec<(String, String)> =
        all.iter().filter_map(|choice| Some((choice.code.clone(), choice.hint.clone()?))).collect();
    forms::Field::choice(name, label, choices(pack, list, now)).check(move |code| {
        let hint = hints.iter().find(|(of, _)| of == code);
        Ok(hint.map(|(_, hint)| hint.clone()).unwrap_or_default())
    })
}

/// A day; below it stands how it was understood.
pub(super) fn date(desk: &Desk, name: &'static str, label: &'static str, lean: Lean) -> forms::Field {
    let today = desk.today();
    let hint = match lean {
        Lean::Ahead => "fri, tomorrow, +2w, 12 dec",
        Lean::Back => "yesterday, mon, 12 nov, 2014-06-30",
    };
    forms::Field::date(name, label).hint(hint).check(move |text| {
        let day = dates::parse_date(text, today, lean).map_err(|error| sentence(&error.to_string()))?;
        if lean == Lean::Back && day > today {
            return Err("That lies in the future: please check the day.".to_owned());
        }
        Ok(in_words(day, today))
    })
}

/// A day with a time, in the past.
fn when(desk: &Desk, name: &'static str, label: &'static str) -> forms::Field {
    let today = desk.today();
    let now = desk.open_session().now();
    forms::Field::date(name, label)
        .hint("now, if left empty; else \"today 09:30\", \"yesterday 4pm\", \"12 nov\"")
        .check(move |text| {
            let moment = moment(text, today, now)?;
            let time = moment.with_timezone(&dates::jamaica());
            Ok(format!("{} at {}", in_words(time.date_naive(), today), time.format("%H:%M")))
        })
}

/// A moment that lies behind us. A day without a time means its start, so that a clock never runs out too late; today
/// without a time means now.
fn moment(text: &str, today: NaiveDate, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let when = dates::parse(text, today, Lean::Back).map_err(|error| sentence(&error.to_string()))?;
    let moment = match when.time {
        None if when.date == today => now,
        time => dates::at(when.date, time.unwrap_or(chrono::NaiveTime::MIN)).to_utc(),
    };
    if moment > now + chrono::TimeDelta::minutes(10) {
        return Err("That lies in the future: please check day and time.".to_owned());
    }
    Ok(moment)
}

/// "Tue 24 Nov 2026, in 2 days".
pub(super) fn in_words(day: NaiveDate, today: NaiveDate) -> String {
    let words = if day < today { dates::ago(day, today) } else { dates::distance(day, today) };
    format!("{}, {words}", day.format("%a %-d %b %Y"))
}

/// The first letter large, a full stop at the end.
pub(in crate::tui::screens) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!', '"']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

const fn lean(field: Field) -> Lean {
    match field {
        Field::CaseReview
        | Field::ActionDue
        | Field::FollowUpDue
        | Field::ConsentUntil
        | Field::ServicePlannedStart
        | Field::ServicePlannedEnd
        | Field::MemberAwayFrom
        | Field::MemberAwayUntil => Lean::Ahead,
        _ => Lean::Back,
    }
}

/// Those with the team, by name. What is typed to find one is the name or the handle.
pub(super) fn members(state: &State) -> Vec<Choice> {
    let choice = |member: Member<'_>| {
        let name = clean::shown(member.name()).into_owned();
        Choice::new(person_code(member.0), name).noted(clean::shown(agency_of(state, member.0.id)).into_owned())
    };
    Member::all(state).into_iter().map(choice).collect()
}

/// The agencies that have not retired, by code.
pub(super) fn agencies(state: &State) -> Vec<Choice> {
    let mut all: Vec<Choice> = state
        .items(ItemKind::Agency)
        .filter(|agency| agency.stands() && agency.value(Field::AgencyRetired).is_nothing())
        .map(|agency| {
            let (code, name) = (agency.str(Field::AgencyCode), agency.str(Field::AgencyName));
            let label = if name.is_empty() { code.to_owned() } else { format!("{code}, {name}") };
            Choice::new(person_code(agency), clean::shown(&label).into_owned())
        })
        .collect();
    all.sort_by(|a, b| a.label.cmp(&b.label));
    all
}

/// How a form names a person or an agency among its values.
pub(super) fn person_code(item: &Item) -> String {
    match item.kind {
        ItemKind::Agency => item.str(Field::AgencyCode).to_owned(),
        _ if item.str(Field::MemberHandle).is_empty() => item.id.to_string(),
        _ => format!("@{}", item.str(Field::MemberHandle)),
    }
}

/// The member or agency that a form names so.
pub(super) fn person(state: &State, code: &str) -> Option<ItemId> {
    let both = state.items(ItemKind::Member).chain(state.items(ItemKind::Agency));
    let mut both = both.filter(|item| item.stands());
    both.find(|item| person_code(item) == code).map(|item| item.id)
}

/// What a field of the table holds, as the form would have it typed.
pub(super) fn as_typed(state: &State, field: Field, value: &Value) -> String {
    let jamaica = dates::jamaica();
    match (field.def().ty, value) {
        (_, Value::Nothing) => String::new(),
        (_, Value::Text(text) | Value::Code(text)) => text.to_string(),
        (_, Value::Codes(codes)) => codes.join("\n"),
        (_, Value::Date(_)) => value.as_date().map(|day| day.to_string()).unwrap_or_default(),
        (_, Value::When(_)) => {
            let when = value.as_when().map(|when| when.with_timezone(&jamaica).format("%Y-%m-%d %H:%M").to_string());
            when.unwrap_or_default()
        }
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::YesNo(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        (_, Value::Item(item)) => state.item(*item).map(person_code).unwrap_or_default(),
        (_, Value::Items(items)) => {
            let codes: Vec<String> = items.iter().filter_map(|item| state.item(*item)).map(person_code).collect();
            codes.join("\n")
        }
    }
}

/// What was typed into a form for a field of the table; empty clears it.
pub(super) fn value(desk: &Desk, field: Field, values: &Values) -> Result<Value, Wrong> {
    let def = field.def();
    let text = values.get(def.name);
    if text.is_empty() {
        return Ok(Value::Nothing);
    }
    let session = desk.open_session();
    let state = session.state();
    let nobody = || Wrong::field(def.name, "Nobody on the team is called that: choose from the list.");
    match def.ty {
        FieldType::Choice(_) => Ok(Value::code(text)),
        FieldType::Choices(_) => Ok(Value::codes(values.many(def.name))),
        FieldType::Member | FieldType::Owner | FieldType::Agency => {
            person(state, text).map(Value::Item).ok_or_else(nobody)
        }
        FieldType::Members => {
            let people: Option<Vec<ItemId>> = values.many(def.name).map(|code| person(state, code)).collect();
            people.map(Value::items).ok_or_else(nobody)
        }
        FieldType::When => {
            moment(text, desk.today(), session.now()).map(Value::when).map_err(|error| Wrong::field(def.name, error))
        }
        _ => typed::value(state, session.pack(), desk.today(), field, text)
            .map_err(|error| Wrong::field(def.name, sentence(&error))),
    }
}

/// The values of several fields; those left empty are not among them.
pub(super) fn given(desk: &Desk, fields: &[Field], values: &Values) -> Result<Vec<(Field, Value)>, Wrong> {
    let mut out = Vec::new();
    for field in fields {
        let value = value(desk, *field, values)?;
        if !value.is_nothing() {
            out.push((*field, value));
        }
    }
    Ok(out)
}

/// Points out a recorded name in free text, as long as there is one: 'This names the child: write "the child"?'
pub(super) fn names_nobody(mask: Mask) -> impl Fn(&str) -> Result<String, String> {
    move |text| Ok(named(&mask, text))
}

/// The sentence of [`names_nobody`]; empty if nobody is named.
pub(super) fn named(mask: &Mask, text: &str) -> String {
    let mut roles: Vec<&str> = mask.finds(text).into_iter().map(|(_, role)| role).collect();
    roles.sort_unstable();
    roles.dedup();
    match roles.as_slice() {
        [] => String::new(),
        [role] => format!("! This gives away the {role}: write \"the {role}\"?"),
        [roles @ .., last] => {
            let first: Vec<String> = roles.iter().map(|role| format!("\"the {role}\"")).collect();
            format!("! This gives away who and where: write {} or \"the {last}\"?", first.join(", "))
        }
    }
}

/// A refusal of an op, said in the form.
pub(super) fn refused(error: &AppError) -> Wrong {
    Wrong::whole(error_text(error))
}

/// The case of a typed code.
pub(super) fn case_of(desk: &Desk, values: &Values) -> Result<Option<ItemId>, Wrong> {
    let Some(text) = values.some("case") else { return Ok(None) };
    let state = desk.open_session().state();
    // Within the team nobody says the parish's number: "7K3Q" is enough.
    let own = state.item(state.team_stream().item()).and_then(|team| team.value(Field::TeamParish).as_number());
    let text = match own {
        Some(parish) if !text.contains('-') && text.len() <= 7 => format!("{parish:02}-{text}"),
        _ => text.to_owned(),
    };
    let found = state.find_code(&text).map_err(|error| Wrong::field("case", sentence(&error.to_string())))?;
    let cases: Vec<ItemId> =
        found.into_iter().filter(|id| state.item(*id).is_some_and(|item| item.kind == ItemKind::Case)).collect();
    match cases.as_slice() {
        [one] => Ok(Some(*one)),
        [] => Err(Wrong::field("case", "No case here has this code: look in Cases.")),
        _ => Err(Wrong::field("case", "Several cases fit: type one more symbol of the code.")),
    }
}

/// "Also in": the cases linked to this one, open ones alone if `open`; `None` where there is none.
pub(super) fn also_in(desk: &Desk, case: Option<ItemId>, open: bool) -> Option<forms::Field> {
    let case = desk.case(case?)?;
    let here = |other: ItemId| desk.case(other).is_some_and(|other| other.is_open() || !open);
    let mut seen = std::collections::HashSet::new();
    let mut linked = case.links(desk.open_session().state());
    linked.retain(|(other, _)| here(*other) && seen.insert(*other));
    let named = |(other, kind): (ItemId, &str)| {
        (other.to_string(), format!("{} ({})", desk.code(other), desk.label("link-kind", kind)))
    };
    let linked: Vec<(String, String)> = linked.into_iter().map(named).collect();
    let field = forms::Field::many("also", "Also in", linked.clone());
    (!linked.is_empty()).then(|| field.hint("linked cases, an entry in each: Space takes one in or out"))
}

/// A case and those chosen in [`also_in`].
pub(super) fn with_linked(first: ItemId, values: &Values) -> Vec<ItemId> {
    std::iter::once(first).chain(values.many("also").filter_map(ItemId::from_hex)).collect()
}
