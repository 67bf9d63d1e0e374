//! What the lists of a case say: timeline, actions, follow-ups.

use chrono::{DateTime, Utc};

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::document::Document;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::views::{Action, Case, FollowUp};
use crate::session::{Change, Past};
use crate::tui::desk::{Desk, first_line};
use crate::tui::theme::Role;
use crate::tui::widgets::{Cell, Column, cell};

use super::list::{Entry, Line, Sign, Target};
use super::notes::{self, Note};
use super::sheet::Para;
use super::{care, documents};

/// A day and a time as people read them: "today 09:20", "Tue 24 Nov 14:00".
pub fn moment(desk: &Desk, when: DateTime<Utc>) -> String {
    let when = when.with_timezone(&dates::jamaica());
    format!("{} {}", dates::people(when.date_naive(), desk.today()), when.format("%H:%M"))
}

/// The columns of the timeline.
pub fn timeline_columns() -> Vec<Column> {
    vec![
        Column::fixed("When", 16),
        Column::fixed("What", 13),
        Column::flex("Words", 20),
        Column::fixed("Who", 14).from_width(76),
    ]
}

/// Notes, contacts, stages and risks by the time at which they happened, newest first. The child's own words are named
/// and not shown.
pub fn timeline(desk: &Desk, case: Case<'_>, past: &[Past]) -> Vec<Line> {
    let mut all: Vec<(DateTime<Utc>, Entry)> = Vec::new();
    all.extend(notes::plain(desk, case).iter().map(|note| (note.when, note_line(desk, case, note))));
    all.extend(notes::views(desk, case).iter().map(|note| (note.when, views_line(desk, note))));
    let state = desk.open_session().state();
    for followup in state.items_in(case.0.stream, ItemKind::FollowUp) {
        let made = followup.value(Field::FollowUpDone).as_when();
        if let Some(when) = made.filter(|_| followup.str(Field::FollowUpState) == "done") {
            all.push((when, contact_line(desk, case, FollowUp(followup), when)));
        }
    }
    all.extend(super::screening::timeline(desk, case));
    all.extend(super::closing::timeline(desk, case));
    all.extend(care::timeline(desk, case));
    for document in Document::all(state, case) {
        if let Some(when) = document.added() {
            all.push((when, document_line(desk, document, when)));
        }
    }
    for entry in past {
        all.extend(events(desk, case, entry).into_iter().map(|line| (entry.when, line)));
    }
    all.sort_by_key(|(when, _)| std::cmp::Reverse(*when));
    all.into_iter().map(|(_, entry)| Line::Entry(entry)).collect()
}

fn line(desk: &Desk, when: DateTime<Utc>, what: Cell, words: &str, who: Option<ItemId>) -> Vec<Cell> {
    vec![cell(moment(desk, when), Role::Dim), what, first_line(words).into(), cell(desk.owner(who), Role::Dim)]
}

fn note_line(desk: &Desk, case: Case<'_>, note: &Note<'_>) -> Entry {
    let kind = desk.label("note-kind", note.kind);
    let words = desk.text(Some(case.0.id), note.text).into_owned();
    let head = format!("{kind}, {}, {}", moment(desk, note.when), desk.owner(note.author));
    Entry {
        sign: None,
        target: Target::Note(note.item.id),
        cells: line(desk, note.when, cell(kind, Role::Accent), &words, note.author),
        struck: false,
        detail: vec![Para::words(head, Role::Dim), Para::words(words, Role::Text)],
    }
}

fn views_line(desk: &Desk, note: &Note<'_>) -> Entry {
    let words = "in the child's own words: v shows them";
    Entry {
        sign: None,
        target: Target::Note(note.item.id),
        cells: vec![
            cell(moment(desk, note.when), Role::Dim),
            cell("child's views", Role::Accent),
            cell(words, Role::Dim),
            cell(desk.owner(note.author), Role::Dim),
        ],
        struck: false,
        detail: vec![
            Para::words(format!("The child's views, {}.", moment(desk, note.when)), Role::Text),
            Para::words(words, Role::Dim),
        ],
    }
}

fn contact_line(desk: &Desk, case: Case<'_>, followup: FollowUp<'_>, when: DateTime<Utc>) -> Entry {
    let kind = desk.text(Some(case.0.id), followup.kind()).into_owned();
    let found = desk.field(followup.0.id, Field::FollowUpNote);
    let words = if found.is_empty() { kind.clone() } else { format!("{kind}: {found}") };
    Entry {
        sign: None,
        target: Target::FollowUp(followup.0.id),
        cells: line(desk, when, cell("contact made", Role::Done), &words, followup.who()),
        struck: false,
        detail: vec![Para::words(format!("{kind}, {}", moment(desk, when)), Role::Dim), Para::words(words, Role::Text)],
    }
}

fn document_line(desk: &Desk, document: Document<'_>, when: DateTime<Utc>) -> Entry {
    let kind = documents::kind(desk, document);
    let words = format!("{kind}: {}", documents::words(desk, document, document.name()));
    let state = desk.open_session().state();
    let who = document.entry(state).and_then(|entry| state.stamp_of(entry)).map(|stamp| stamp.author);
    Entry {
        sign: None,
        target: Target::Document(document.0.id),
        cells: line(desk, when, cell("document", Role::Accent), &words, who),
        struck: false,
        detail: vec![
            Para::words(format!("Attached {}. Enter shows it.", moment(desk, when)), Role::Dim),
            Para::words(words, Role::Text),
        ],
    }
}

/// "risk high": the risk that an opening entry gave.
fn first_risk(desk: &Desk, past: &Past) -> String {
    let risk = past.changes.iter().find_map(|change| match change {
        Change::Set { field: Field::CaseRisk, after, .. } => {
            Some(desk.open_session().value_text(Field::CaseRisk, after))
        }
        _ => None,
    });
    risk.map_or_else(String::new, |risk| format!("risk {risk}"))
}

/// What an entry says about the case's way: opened, stage, risk, lead, closed.
fn events(desk: &Desk, case: Case<'_>, past: &Past) -> Vec<Entry> {
    let session = desk.open_session();
    let opens = past.changes.iter().any(|change| matches!(change, Change::Made(_, ItemKind::Case)));
    let mut found = Vec::new();
    for (at, change) in past.changes.iter().enumerate() {
        let (what, words) = match change {
            Change::Made(item, ItemKind::Case) if *item == case.0.id => ("opened", first_risk(desk, past)),
            // What it was opened with stands in that line.
            Change::Set { .. } if opens => continue,
            Change::Set { item, field, before, after } if *item == case.0.id => {
                let what = match field {
                    Field::CaseStage => "stage",
                    Field::CaseRisk => "risk",
                    Field::CaseLead => "lead",
                    Field::CaseClosed if after.is_nothing() && before.is_nothing() => continue,
                    Field::CaseClosed if after.is_nothing() => "reopened",
                    Field::CaseClosed => "closed",
                    _ => continue,
                };
                let before = session.value_text(*field, before);
                let after = session.value_text(*field, after);
                let words = match (*field, before.as_str()) {
                    (Field::CaseClosed, _) => close_reason(desk, past),
                    (_, "") => after,
                    (_, before) => format!("{before} → {after}"),
                };
                (what, words)
            }
            _ => continue,
        };
        let words = desk.text(Some(case.0.id), &words).into_owned();
        let head = format!("{what}, {}, {}", moment(desk, past.when), desk.owner(Some(past.author)));
        found.push(Entry {
            sign: None,
            target: Target::Event(past.entry, at),
            cells: line(desk, past.when, cell(what, Role::Dim), &words, Some(past.author)),
            struck: false,
            detail: vec![Para::words(head, Role::Dim), Para::words(words, Role::Text)],
        });
    }
    found
}

/// For what reason an entry closed the case: the case may have been closed again since for another.
fn close_reason(desk: &Desk, past: &Past) -> String {
    let reason = past.changes.iter().find_map(|change| match change {
        Change::Set { field: field @ Field::CaseCloseReason, after, .. } => {
            Some(desk.open_session().value_text(*field, after))
        }
        _ => None,
    });
    reason.unwrap_or_default()
}

/// The columns of actions and follow-ups.
pub fn work_columns() -> Vec<Column> {
    vec![
        Column::fixed("", 1),
        Column::flex("What", 20),
        Column::fixed("Owner", 14),
        Column::fixed("Agency", 8).from_width(76),
        Column::fixed("Due", 13).right(),
    ]
}

/// The actions: the open ones by day, then what is done.
pub fn actions(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let state = desk.open_session().state();
    let mut all: Vec<Action<'_>> = state.items_in(case.0.stream, ItemKind::Action).map(Action).collect();
    all.sort_by_key(|action| (action.due(), action.0.id));
    let (open, mut over): (Vec<_>, Vec<_>) = all.into_iter().partition(|action| action.is_open());
    over.sort_by_key(|action| std::cmp::Reverse(action.0.value(Field::ActionDone).as_when()));
    sections(&[("Open", open), ("Done or cancelled", over)], |action| action_line(desk, case, *action))
}

/// Headings with what stands below them; none for what is empty.
fn sections<T>(parts: &[(&str, Vec<T>); 2], line: impl Fn(&T) -> Entry) -> Vec<Line> {
    let mut lines = Vec::new();
    for (title, items) in parts.iter().filter(|(_, items)| !items.is_empty()) {
        lines.push(Line::Section((*title).to_owned(), items.len()));
        lines.extend(items.iter().map(|item| Line::Entry(line(item))));
    }
    lines
}

fn action_line(desk: &Desk, case: Case<'_>, action: Action<'_>) -> Entry {
    let id = action.0.id;
    let words = match action.text() {
        "" => "(an action that you may not read)".to_owned(),
        text => desk.text(Some(case.0.id), text).into_owned(),
    };
    let runs = action.is_open() && case.runs();
    let late = runs && action.due().is_some_and(|due| due < desk.today());
    let why = desk.field(id, Field::ActionWhy);
    let sign = match action.state() {
        "done" => Sign::Done,
        "cancelled" => Sign::Cancelled,
        _ if late => Sign::Late,
        "blocked" => Sign::Blocked,
        _ => Sign::Open,
    };
    let due = match (action.state(), action.due()) {
        ("done", _) => done_day(desk, action.0.value(Field::ActionDone).as_when()),
        ("cancelled", _) => "cancelled".to_owned(),
        (_, Some(due)) if runs => when(desk, due),
        (_, Some(due)) => dates::people(due, desk.today()),
        (_, None) => "–".to_owned(),
    };
    let role_due = if late { Role::Late } else { Role::Dim };
    let mut detail = vec![Para::words(words.clone(), Role::Text)];
    let head = format!("action {}, {}", desk.code(id), desk.label("action-state", action.state()));
    detail.push(Para::words(head, Role::Dim));
    if !why.is_empty() {
        detail.push(
            Para::field("Not done", why, Role::Soon)
                .and(format!("  {}", desk.field(id, Field::ActionWhyNote)), Role::Text),
        );
    }
    Entry {
        sign: Some(sign),
        target: Target::Action(id),
        cells: vec![
            first_line(&words).into(),
            desk.owner(action.owner()).into(),
            cell(beside(desk, action.owner()), Role::Dim),
            cell(due, role_due),
        ],
        struck: action.state() == "cancelled",
        detail,
    }
}

/// "3 days late", "today", "Tue 24 Nov".
fn when(desk: &Desk, due: chrono::NaiveDate) -> String {
    let today = desk.today();
    if due < today { dates::distance(due, today) } else { dates::people(due, today) }
}

/// The agency beside an owner's name; nothing where the owner is the agency.
fn beside(desk: &Desk, owner: Option<ItemId>) -> String {
    let agency = desk.agency(owner);
    if agency == desk.owner(owner) { String::new() } else { agency }
}

fn done_day(desk: &Desk, done: Option<DateTime<Utc>>) -> String {
    done.map_or_else(
        || "done".to_owned(),
        |done| dates::people(done.with_timezone(&dates::jamaica()).date_naive(), desk.today()),
    )
}

/// The follow-ups: what is planned by day, then what was made or missed, newest first.
pub fn followups(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let state = desk.open_session().state();
    let mut all: Vec<FollowUp<'_>> = state.items_in(case.0.stream, ItemKind::FollowUp).map(FollowUp).collect();
    all.sort_by_key(|followup| (followup.due(), followup.0.id));
    let (planned, mut over): (Vec<_>, Vec<_>) = all.into_iter().partition(|followup| followup.is_planned());
    over.reverse();
    sections(&[("Planned", planned), ("Before", over)], |followup| followup_line(desk, case, *followup))
}

fn followup_line(desk: &Desk, case: Case<'_>, followup: FollowUp<'_>) -> Entry {
    let id = followup.0.id;
    let words = first_line(&desk.text(Some(case.0.id), followup.kind()));
    let planned = followup.is_planned() && case.runs();
    let late = planned && followup.due().is_some_and(|due| due < desk.today());
    let sign = match followup.0.str(Field::FollowUpState) {
        "done" => Sign::Done,
        "missed" => Sign::Missed,
        "cancelled" => Sign::Cancelled,
        _ if late => Sign::Late,
        _ => Sign::Open,
    };
    let due = match (followup.0.str(Field::FollowUpState), followup.due()) {
        ("done", _) => done_day(desk, followup.0.value(Field::FollowUpDone).as_when()),
        ("planned", Some(due)) if planned => when(desk, due),
        (state, Some(due)) => format!("{state} {}", due.format("%-d %b")),
        (state, None) => state.to_owned(),
    };
    let mut detail = vec![Para::words(words.clone(), Role::Text)];
    let every = desk.field(id, Field::FollowUpEvery);
    if !every.is_empty() {
        detail.push(Para::words(format!("repeats every {every} days"), Role::Dim));
    }
    if followup.0.value(Field::FollowUpAuto).as_yes_no() == Some(true) {
        detail.push(Para::words("planned by the policy", Role::Dim));
    }
    let why = desk.field(id, Field::FollowUpWhy);
    if !why.is_empty() {
        detail.push(Para::words(format!("changed: {why}"), Role::Dim));
    }
    let found = desk.field(id, Field::FollowUpNote);
    if !found.is_empty() {
        detail.push(Para::words(found, Role::Text));
    }
    let who = followup.who().or_else(|| case.lead());
    Entry {
        sign: Some(sign),
        target: Target::FollowUp(id),
        cells: vec![
            words.into(),
            desk.owner(who).into(),
            cell(beside(desk, who), Role::Dim),
            cell(due, if late { Role::Late } else { Role::Dim }),
        ],
        struck: followup.0.str(Field::FollowUpState) == "cancelled",
        detail,
    }
}

/// True where the words are the child's own: they are never shown unasked.
pub const fn is_views(class: Class) -> bool {
    matches!(class, Class::Views)
}
