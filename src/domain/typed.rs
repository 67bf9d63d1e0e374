//! From typed words to a field's value: for `--set`, forms, the spreadsheet import and sample data alike.

use chrono::NaiveDate;

use super::dates::{self, Lean};
use super::field::{Field, FieldType};
use super::find::{self, NotFound};
use super::ids::ItemId;
use super::pack::Pack;
use super::state::State;
use super::value::Value;

/// Reads what was typed for a field. Empty clears it.
///
/// # Errors
/// One sentence that says what fits.
pub fn value(state: &State, pack: &Pack, today: NaiveDate, field: Field, text: &str) -> Result<Value, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Nothing);
    }
    match field.def().ty {
        FieldType::Line | FieldType::Prose => Ok(super::clean::value(field, Value::text(text))),
        FieldType::Choice(list) => choice(pack, list, text).map(Value::code),
        FieldType::Choices(list) => {
            let codes: Result<Vec<&str>, String> = parts(text).map(|part| choice(pack, list, part)).collect();
            codes.map(Value::codes)
        }
        FieldType::Date => {
            dates::parse_date(text, today, lean(field)).map(Value::date).map_err(|error| error.to_string())
        }
        FieldType::When => {
            let when = dates::parse(text, today, lean(field)).map_err(|error| error.to_string())?;
            let time = when.time.unwrap_or(chrono::NaiveTime::MIN);
            Ok(Value::when(dates::at(when.date, time).to_utc()))
        }
        FieldType::Number => {
            text.parse().map(Value::Number).map_err(|_| "a whole number is needed, like 14".to_owned())
        }
        FieldType::YesNo => match text.to_lowercase().as_str() {
            "y" | "yes" | "true" => Ok(Value::YesNo(true)),
            "n" | "no" | "false" => Ok(Value::YesNo(false)),
            "?" | "unknown" => Ok(Value::Nothing),
            _ => Err("yes, no or unknown is needed".to_owned()),
        },
        FieldType::Member => person(state, text, false).map(Value::Item),
        FieldType::Members => {
            let members: Result<Vec<ItemId>, String> = parts(text).map(|part| person(state, part, false)).collect();
            members.map(Value::items)
        }
        FieldType::Owner | FieldType::Agency => person(state, text, true).map(Value::Item),
        FieldType::Item => {
            let found = state.find_code(text).map_err(|error| error.to_string())?;
            match found.as_slice() {
                [one] => Ok(Value::Item(*one)),
                [] => Err(format!("nothing here has the code {text}")),
                _ => Err(format!("{text} can mean several: type one more symbol")),
            }
        }
    }
}

/// Days of birth and of things done lie behind us; days of things to do, ahead.
fn lean(field: Field) -> Lean {
    match field {
        Field::CaseReview
        | Field::ActionDue
        | Field::FollowUpDue
        | Field::ConsentUntil
        | Field::MeetingWhen
        | Field::SeriesFrom
        | Field::ServicePlannedStart
        | Field::ServicePlannedEnd
        | Field::OutreachWhen
        | Field::TrainingUntil
        | Field::MemberAwayFrom
        | Field::MemberAwayUntil => Lean::Ahead,
        _ => Lean::Back,
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// A code by itself, by its label, by its name in HTCDS, or by the only label that begins like it.
pub fn choice<'p>(pack: &'p Pack, list: &str, text: &str) -> Result<&'p str, String> {
    let choices = pack.list(list);
    let wanted = text.to_lowercase();
    let exact = choices.iter().find(|choice| {
        choice.code == wanted
            || choice.label.to_lowercase() == wanted
            || choice.htcds.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(text))
    });
    if let Some(exact) = exact {
        return Ok(&exact.code);
    }
    let mut begins = choices
        .iter()
        .filter(|choice| choice.code.starts_with(&wanted) || choice.label.to_lowercase().starts_with(&wanted));
    if let (Some(one), None) = (begins.next(), begins.next()) {
        Ok(&one.code)
    } else {
        let all: Vec<&str> = choices.iter().map(|choice| choice.code.as_str()).collect();
        Err(format!("one of these is needed: {}", all.join(", ")))
    }
}

fn person(state: &State, text: &str, agencies: bool) -> Result<ItemId, String> {
    find::owner(state, text, agencies).map_err(|error| match error {
        NotFound::Several(names) => format!("\"{text}\" can mean several: {}", names.join(", ")),
        _ => format!("nobody on the team answers to \"{text}\""),
    })
}
