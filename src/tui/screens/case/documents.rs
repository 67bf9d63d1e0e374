//! The documents of a case: their tab, and what their keys do.

use crate::domain::dates;
use crate::domain::document::{Document, size_words};
use crate::domain::ids::ItemId;
use crate::domain::views::Case;
use crate::ops::DocumentRemove;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::Effect;
use crate::tui::layers::{Effects, Handled};
use crate::tui::theme::Role;
use crate::tui::widgets::{Column, cell};

use super::super::{exchange, viewer};
use super::lines::moment;
use super::list::{Entry, Line, Target};
use super::sheet::Para;

/// The columns of the tab.
pub fn columns() -> Vec<Column> {
    vec![
        Column::fixed("What", 20),
        Column::flex("Name", 16),
        Column::fixed("Dated", 14).from_width(76),
        Column::fixed("Size", 10).right(),
        Column::fixed("Code", 8),
    ]
}

/// The documents of a case, newest first.
pub fn lines(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let all = Document::all(desk.open_session().state(), case);
    all.into_iter().map(|document| Line::Entry(line(desk, document))).collect()
}

/// How many there are.
pub fn count(desk: &Desk, case: Case<'_>) -> usize {
    Document::all(desk.open_session().state(), case).len()
}

/// What a document is, in a word.
pub fn kind(desk: &Desk, document: Document<'_>) -> String {
    desk.label("document-kind", document.kind())
}

/// Words of a document: where they say who or where somebody is, masked as a whole; before a room all of them.
pub fn words(desk: &Desk, document: Document<'_>, text: &str) -> String {
    if desk.masked() && !text.is_empty() && document.0.class.names() {
        return "masked (m)".to_owned();
    }
    if desk.in_room() && !text.is_empty() {
        return "not shown to a room".to_owned();
    }
    desk.text(Some(document.0.stream.item()), text).into_owned()
}

fn line(desk: &Desk, document: Document<'_>) -> Entry {
    let name = words(desk, document, document.name());
    let here = desk.open_session().has_document_file(document);
    let size = if here { cell(size_words(document.size()), Role::Dim) } else { cell("! not here", Role::Late) };
    let dated = document.date().map(|date| dates::people(date, desk.today())).unwrap_or_default();
    let mut detail = vec![Para::words(format!("{}: {name}", kind(desk, document)), Role::Text)];
    let added = document.added().map(|when| format!("attached {}", moment(desk, when))).unwrap_or_default();
    let source = match document.source() {
        "" => String::new(),
        source => format!(", from {}", words(desk, document, source)),
    };
    detail.push(Para::words(format!("{added}{source}; {}, {}", document.media().words(), document.0.class), Role::Dim));
    if !document.note().is_empty() {
        detail.push(Para::words(words(desk, document, document.note()), Role::Text));
    }
    if !here {
        let says =
            "Its file is in no copy here: sync with your other devices, or ask whoever sent it to send the case again.";
        detail.push(Para::words(says, Role::Late));
    }
    Entry {
        sign: None,
        target: Target::Document(document.0.id),
        cells: vec![
            cell(kind(desk, document), Role::Accent),
            name.into(),
            cell(dated, Role::Dim),
            size,
            cell(desk.code(document.0.id), Role::Dim),
        ],
        struck: false,
        detail,
    }
}

/// Shows a document here.
pub fn view(desk: &mut Desk, document: ItemId) -> Effects<Desk> {
    match viewer::open(desk, document) {
        Ok(effects) => effects,
        Err(error) => vec![Effect::refused(error_text(&error))],
    }
}

/// Does what a key says about the documents of this case; passes what is none of theirs.
pub fn command(name: &str, case: ItemId, target: Option<Target>, desk: &mut Desk) -> Handled<Desk> {
    let only = || {
        let all = desk.case(case).map(|view| Document::all(desk.open_session().state(), view)).unwrap_or_default();
        if let [one] = all.as_slice() { Some(one.0.id) } else { None }
    };
    let chosen = match target {
        Some(Target::Document(id)) => Some(id),
        _ => only(),
    };
    match (name, chosen) {
        ("document.add", _) => {
            if desk.case(case).is_some_and(|view| !view.is_open()) {
                let code = desk.code(case);
                return Effect::refused(format!("Case {code} is closed. Reopen it with a reason first (O).")).into();
            }
            Handled::Done(exchange::attach(desk, case))
        }
        ("document.view" | "document.outside" | "document.export" | "document.remove", None) => {
            Effect::info("Choose a document first: Tab goes to their list.").into()
        }
        ("document.view", Some(id)) => Handled::Done(view(desk, id)),
        ("document.outside", Some(id)) => Handled::Done(viewer::outside(desk, id)),
        ("document.export", Some(document)) => Handled::Done(exchange::export_document(desk, document)),
        ("document.remove", Some(document)) => Handled::Done(desk.run(DocumentRemove { document })),
        _ => Handled::Pass,
    }
}
