//! Cases that are known already, told while a new one is typed: a hint above what saving will do, and never a refusal.
//!
//! It looks at what this person may read, and at nothing while a room looks on. Names are in it only while they are shown.

use crate::domain::alike::{Known, Likely};
use crate::domain::clean;
use crate::domain::dates::{self, Lean};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::views::Case;
use crate::tui::desk::Desk;
use crate::tui::forms::Values;

/// So many are told; the likeliest come first.
const MOST: usize = 3;

/// What is known of the child who is being written down; empty if nothing is. A sibling's own case is none.
pub(super) fn told(values: &Values, desk: &Desk, sibling_of: Option<ItemId>) -> String {
    if desk.session().is_none() || desk.in_room() {
        return String::new();
    }
    let mut found = desk.open_session().likely(&known(values, desk));
    found.retain(|one| Some(one.case) != sibling_of);
    let told: Vec<String> = found.iter().take(MOST).filter_map(|one| line(desk, one)).collect();
    if told.is_empty() { String::new() } else { format!("Known already? {}.", told.join("; ")) }
}

fn known(values: &Values, desk: &Desk) -> Known {
    let text = |field: Field| values.get(field.def().name);
    let born = dates::parse_date(text(Field::CaseDob), desk.today(), Lean::Back).ok();
    Known::default()
        .named(text(Field::CaseChildName))
        .named(text(Field::CaseAlias))
        .born(born, values.yes(Field::CaseDobEstimated.def().name))
        .of_mother(text(Field::CaseMother))
        .living_in(text(Field::CaseCommunity))
        .of_sex(text(Field::CaseSex))
}

/// "06-7K3Q: same birth date, name sounds alike"; with name, age and community while names are shown.
fn line(desk: &Desk, likely: &Likely) -> Option<String> {
    let case = desk.case(likely.case)?;
    let closed = if case.is_open() { "" } else { " (closed)" };
    let who = if desk.masked() { String::new() } else { who(desk, case) };
    Some(format!("{}{closed}{who}: {}", desk.code(likely.case), likely.words()))
}

fn who(desk: &Desk, case: Case<'_>) -> String {
    let born = case.0.held(Field::CaseDob).as_date();
    let age = born.and_then(|born| desk.today().years_since(born)).map(|age| age.to_string()).unwrap_or_default();
    let words = [case.0.str(Field::CaseChildName), &age, case.0.str(Field::CaseCommunity)];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    clean::shown(&format!(" {}", words.join(", "))).into_owned()
}
