//! What the history and the conflicts of a case say: who changed what and when, and between which values a person has
//! to decide.

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::{Head, Item};
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::session::{Change, Past};
use crate::tui::desk::{Desk, first_line};
use crate::tui::theme::Role;
use crate::tui::widgets::{Cell, Column, cell};

use super::lines::{is_views, moment};
use super::list::{Entry, Line, Target};
use super::sheet::Para;

/// Fields that only the program needs: a history of them tells a person nothing.
const INSIDE: &[Field] = &[
    Field::CaseParish,
    Field::CaseSymbols,
    Field::ActionSymbols,
    Field::FollowUpSymbols,
    Field::ActionGroup,
    Field::FollowUpAuto,
    Field::FollowUpGroup,
    Field::ScreeningSymbols,
    Field::DecisionMeeting,
    // Question by question: the Screening tab shows them.
    Field::ScreeningAnswers,
];

/// The columns of the history.
pub fn history_columns() -> Vec<Column> {
    vec![Column::fixed("When", 16), Column::fixed("Who", 14), Column::flex("What", 20)]
}

/// Every entry of the case, newest first.
pub fn history(desk: &Desk, case: Case<'_>, past: &[Past]) -> Vec<Line> {
    past.iter().map(|entry| Line::Entry(history_line(desk, case, entry))).collect()
}

fn history_line(desk: &Desk, case: Case<'_>, past: &Past) -> Entry {
    let mut words: Vec<(String, Role)> =
        past.changes.iter().filter_map(|change| says(desk, case, past, change)).collect();
    if let Some(why) = &past.unreadable {
        words = vec![(desk.text(Some(case.0.id), why).into_owned(), Role::Dim)];
    }
    let struck = past.unreadable.as_deref().is_some_and(|why| why.starts_with("struck"));
    if let Some(note) = note(desk, case, past) {
        words.insert(0, note);
    }
    let more = if past.changes.iter().any(|change| matches!(change, Change::Made(_, ItemKind::Note))) {
        0
    } else {
        words.len().saturating_sub(1)
    };
    let (first, role) = words.first().cloned().unwrap_or_else(|| ("–".to_owned(), Role::Dim));
    let first = first_line(&first);
    let summary = if more == 0 { first } else { format!("{first}  (and {more} more)") };
    let can_strike = past.unreadable.is_none()
        && past.changes.iter().all(|change| matches!(change, Change::Set { .. } | Change::Made(..)))
        && !past.changes.iter().any(|change| matches!(change, Change::Made(_, ItemKind::Case)));
    let head =
        format!("{}, {}, kept under \"{}\"", desk.owner(Some(past.author)), moment(desk, past.when), past.class.name());
    let mut detail = vec![Para::words(head, Role::Dim)];
    detail.extend(words.into_iter().map(|(text, role)| Para::words(text, role)));
    Entry {
        sign: None,
        target: Target::Entry(past.entry, can_strike),
        cells: vec![
            cell(moment(desk, past.when), Role::Dim),
            desk.owner(Some(past.author)).into(),
            cell(summary, role),
        ],
        struck,
        detail,
    }
}

/// A new note in one line: "visit: Met [child] …"; the child's own words stay unsaid.
fn note(desk: &Desk, case: Case<'_>, past: &Past) -> Option<(String, Role)> {
    past.changes.iter().find(|change| matches!(change, Change::Made(_, ItemKind::Note)))?;
    let value = |wanted: Field| {
        past.changes.iter().find_map(|change| match change {
            Change::Set { field, after, .. } if *field == wanted => Some(desk.open_session().value_text(wanted, after)),
            _ => None,
        })
    };
    let kind = value(Field::NoteKind).unwrap_or_else(|| "note".to_owned());
    let text = match unsaid(desk, past.class) {
        Some(words) => words.to_owned(),
        None => value(Field::NoteText)?,
    };
    Some((desk.text(Some(case.0.id), &format!("{kind}: {}", first_line(&text))).into_owned(), Role::Text))
}

/// A change in words; `None` for what only the program needs.
fn says(desk: &Desk, case: Case<'_>, past: &Past, change: &Change) -> Option<(String, Role)> {
    let session = desk.open_session();
    let text = match change {
        Change::Made(_, ItemKind::Case) => return Some(("case opened".to_owned(), Role::Text)),
        Change::Made(item, kind @ (ItemKind::Action | ItemKind::FollowUp | ItemKind::Screening | ItemKind::Person)) => {
            format!("new {} {}", kind.name(), desk.code(*item))
        }
        Change::Made(_, kind) => format!("new {}", kind.name()),
        Change::Set { field, .. } if field.is_silent() || INSIDE.contains(field) => return None,
        // A refusal says so of the case too, against an approval that it did not know of.
        Change::Set { field: Field::CaseClosed, before, after, .. } if before.is_nothing() && after.is_nothing() => {
            return Some(("the case stays open".to_owned(), Role::Text));
        }
        Change::Set { item, field, before, after } => {
            let note = (*field == Field::NoteText).then(|| unsaid(desk, past.class)).flatten();
            if let Some(words) = note.or_else(|| hidden(desk, *item, *field)) {
                return Some((format!("{}: {words}", field.def().label), Role::Text));
            }
            let value = |value: &Value| match session.value_text(*field, value) {
                text if text.is_empty() => "–".to_owned(),
                text => text,
            };
            let of = of_what(desk, case, *item);
            let label = field.def().label;
            if before.is_nothing() {
                format!("{of}{label}: {}", value(after))
            } else {
                format!("{of}{label}: {} → {}", value(before), value(after))
            }
        }
        Change::Struck(_, reason) => format!("struck an entry: {reason}"),
        Change::Accessed(what, _) => {
            return Some((access(what).to_owned(), Role::Dim));
        }
        Change::Other(words) => return Some(((*words).to_owned(), Role::Dim)),
    };
    Some((desk.text(Some(case.0.id), &text).into_owned(), Role::Text))
}

/// What stands in the place of words of a class: the child's own are never shown unasked, those of an interview not to a
/// room.
fn unsaid(desk: &Desk, class: Class) -> Option<&'static str> {
    match class {
        class if is_views(class) => Some("the child's own words (v)"),
        class if desk.keeps_back(class) => Some("not shown to a room"),
        _ => None,
    }
}

/// Not told to a room: those from whom something is kept may sit there.
const KEPT_FROM: [Field; 3] = [Field::ConsentKeepFrom, Field::ConsentKeepWhat, Field::ConsentKeepWhy];

/// What stands in the place of a value: also for what is masked as a whole wherever it stands, who gives a service that is
/// a place, what a birth certificate is called.
fn hidden(desk: &Desk, item: ItemId, field: Field) -> Option<&'static str> {
    let item = desk.open_session().state().item(item)?;
    let class = field.class(item.class);
    let part = matches!(
        item.kind,
        ItemKind::Screening | ItemKind::Decision | ItemKind::Service | ItemKind::Document | ItemKind::Person
    );
    let kept = desk.in_room() && (item.kind == ItemKind::Document || KEPT_FROM.contains(&field));
    let words = (part || field == Field::NoteText).then(|| unsaid(desk, class)).flatten();
    words
        .or_else(|| kept.then_some("not shown to a room"))
        .or_else(|| (part && desk.masked() && class.names()).then_some("masked (m)"))
}

/// Which action or follow-up a change is about; nothing for the case itself and for notes.
fn of_what(desk: &Desk, case: Case<'_>, item: ItemId) -> String {
    let kind = desk.open_session().state().item(item).map(|item| item.kind);
    match kind {
        Some(ItemKind::Action | ItemKind::FollowUp | ItemKind::Person) if item != case.0.id => {
            format!("{}  ", desk.code(item))
        }
        _ => String::new(),
    }
}

/// An access in words.
fn access(what: &str) -> &str {
    match what {
        "open" => "looked at the case",
        "reveal" => "showed the names",
        "views" => "read the child's views",
        "print" => "printed",
        "export" => "made a bundle",
        "import" => "took in a bundle",
        other => other,
    }
}

/// The columns of the conflicts.
pub fn conflict_columns() -> Vec<Column> {
    vec![Column::fixed("What", 24), Column::flex("Values", 20)]
}

/// A conflict: whose field, and the values that stand side by side.
pub struct Conflict<'a> {
    /// The item.
    pub item: &'a Item,
    /// The field.
    pub field: Field,
    /// The values.
    pub heads: &'a [Head],
}

/// Everything in a case on which a person has to decide.
pub fn conflicts<'a>(desk: &'a Desk, case: Case<'a>) -> Vec<Conflict<'a>> {
    let state = desk.open_session().state();
    let parts = state.standing_in(case.0.stream).filter(|item| item.id != case.0.id);
    std::iter::once(case.0)
        .chain(parts)
        .flat_map(|item| {
            item.conflicts().map(move |(field, register)| Conflict { item, field, heads: register.heads() })
        })
        .collect()
}

/// The conflicts as lines.
pub fn conflict_lines(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    conflicts(desk, case).iter().map(|conflict| Line::Entry(conflict_line(desk, case, conflict))).collect()
}

fn conflict_line(desk: &Desk, case: Case<'_>, conflict: &Conflict<'_>) -> Entry {
    let veil = hidden(desk, conflict.item.id, conflict.field);
    let text = |head| veil.map_or_else(|| head_text(desk, case, conflict.field, head), str::to_owned);
    let values: Vec<String> = conflict.heads.iter().map(text).collect();
    let short: Vec<String> = values.iter().map(|value| first_line(value)).collect();
    let label = format!("{}{}", of_what(desk, case, conflict.item.id), conflict.field.def().label);
    let ruling = veil.map_or_else(|| desk.field(conflict.item.id, conflict.field), str::to_owned);
    let mut detail: Vec<Para> = conflict
        .heads
        .iter()
        .zip(&values)
        .map(|(head, value)| Para::field(head_by(desk, head), value.clone(), Role::Text))
        .collect();
    let ruling = if ruling.is_empty() { "nothing".to_owned() } else { first_line(&ruling) };
    detail.push(Para::words(format!("Until somebody decides: {ruling}. Enter decides."), Role::Soon));
    let cells: Vec<Cell> = vec![cell(label, Role::Soon), short.join("  |  ").into()];
    Entry { sign: None, target: Target::Conflict(conflict.item.id, conflict.field), cells, struck: false, detail }
}

/// A value that stands, as it may be shown.
pub fn head_text(desk: &Desk, case: Case<'_>, field: Field, head: &Head) -> String {
    let session = desk.open_session();
    let text = session.value_text(field, &head.value);
    if text.is_empty() { "(empty)".to_owned() } else { desk.text(Some(case.0.id), &text).into_owned() }
}

/// Who set a value, and when.
pub fn head_by(desk: &Desk, head: &Head) -> String {
    let stamp = desk.open_session().state().stamp(head.entry);
    let when = stamp.and_then(|stamp| chrono::DateTime::from_timestamp_millis(stamp.wall));
    let who = desk.owner(stamp.map(|stamp| stamp.author));
    when.map_or(who.clone(), |when| {
        format!(
            "{who}, {}",
            crate::domain::dates::people(
                when.with_timezone(&crate::domain::dates::jamaica()).date_naive(),
                desk.today()
            )
        )
    })
}
