//! What leaves and what stays, in plain words: shown before anything is made.

use std::collections::BTreeMap;

use crate::domain::class::Class;
use crate::domain::field::{FIELDS, FieldClass, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::state::State;
use crate::session::Session;

use super::send::Part;

/// A line of the preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The kind of data.
    pub class: Class,
    /// What it is, in a few words: "risk, stage, concern", "5 actions".
    pub what: String,
    /// Each thing as the receiver will read it.
    pub read: Vec<String>,
    /// What each of these belongs to, in the same order.
    pub of: Vec<ItemId>,
    /// Single things that the line stands for, to be kept back one by one.
    pub items: Vec<ItemId>,
}

/// What leaves and what stays of one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The case's code.
    pub code: String,
    /// What leaves.
    pub leaves: Vec<Line>,
    /// What stays here.
    pub stays: Vec<Line>,
    /// How many entries show as existing, without their words.
    pub show_as_existing: usize,
    /// Who over there can read it, in a sentence.
    pub readers: String,
    /// Why something stays that would leave: what is kept from them, what the child is to be asked about.
    pub remarks: Vec<String>,
}

/// Goes through a case: what the classes let out, and what is kept back, item by item.
pub(super) fn preview(session: &Session, case: StreamId, part: &Part) -> Preview {
    let state = session.state();
    let mut lines: BTreeMap<(bool, Class, u8), Line> = BTreeMap::new();
    let mut add = |out: bool, class: Class, kind: ItemKind, item: ItemId, read: String| {
        let line = lines.entry((!out, class, kind as u8)).or_insert_with(|| Line {
            class,
            what: String::new(),
            read: Vec::new(),
            of: Vec::new(),
            items: Vec::new(),
        });
        if !line.items.contains(&item) {
            line.items.push(item);
        }
        line.read.push(read);
        line.of.push(item);
    };
    for item in state.items_of(case) {
        for def in FIELDS.iter().filter(|def| def.kind == Some(item.kind) && !def.field.is_silent()) {
            let class = match def.class {
                FieldClass::Of(class) => class,
                FieldClass::Own => item.class,
            };
            let value = item.value(def.field);
            if value.is_nothing() || class.team_only() {
                continue;
            }
            let told = class != Class::Views || part.told.contains(&item.id);
            let out = part.classes.contains(&class) && told && !part.keep_back.contains(&item.id);
            let read = format!("{}: {}", def.label, session.value_text(def.field, &value));
            add(out, class, item.kind, item.id, read);
        }
    }
    let mut preview = Preview { code: state.code(case.item()).to_string(), ..Preview::default() };
    for ((stays, ..), mut line) in lines {
        line.what = words(state, &line);
        if stays { preview.stays.push(line) } else { preview.leaves.push(line) }
    }
    preview
}

/// A line's few words: the labels of a case's own fields, or how many things of a kind.
fn words(state: &State, line: &Line) -> String {
    let kind = line.items.first().and_then(|item| state.item(*item)).map_or(ItemKind::Note, |item| item.kind);
    if kind == ItemKind::Case {
        let labels: Vec<String> =
            line.read.iter().filter_map(|read| read.split(':').next()).map(str::to_lowercase).collect();
        return labels.join(", ");
    }
    let count = line.items.len();
    let plural = if count == 1 { "" } else { "s" };
    match (kind, line.class) {
        (_, Class::Core) | (ItemKind::Note, Class::Notes) => format!("{count} {}{plural}", kind.name()),
        _ => format!("{}: {count} {}{plural}", line.class, kind.name()),
    }
}
