//! Attaching a file to a case: what it is, from whom, and what it came to while it was sealed.

use std::fmt;

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::document::{Document, clean_name};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::media::Media;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// The kind that is always there, also where the policy has no list of kinds yet.
const OTHER: &str = "other";

/// Puts a file on record that lies sealed in the vault.
#[derive(Clone, Debug)]
pub struct DocumentAdd {
    /// The case.
    pub case: ItemId,
    /// Its kind: a code of the list `document-kind`.
    pub kind: String,
    /// The class, where it isn't the one that the kind proposes.
    pub class: Option<Class>,
    /// Its name.
    pub name: String,
    /// The day that stands on it.
    pub date: Option<NaiveDate>,
    /// From whom it came; may be empty.
    pub source: String,
    /// Anything else; may be empty.
    pub note: String,
    /// The file.
    pub file: SealedFile,
}

/// What a file came to while it was sealed.
#[derive(Clone)]
pub struct SealedFile {
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of them, 64 hex digits.
    pub digest: String,
    /// What it is, by its content.
    pub media: Media,
    /// The key that it is sealed under, 64 hex digits.
    pub key: String,
}

/// Without the key.
impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFile({} bytes, {:?})", self.size, self.media)
    }
}

impl Verb for DocumentAdd {
    const SPEC: Spec = Spec {
        name: "document.add",
        label: "Attach a document",
        doc: "Attaches a file to a case: a scan, a photo, a letter. It is sealed like all else, and its kind decides who may read it.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "document add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        let name = clean_name(&self.name);
        if name.is_empty() {
            return Err(needs(&Self::SPEC, "the name"));
        }
        let class = self.class(cx)?;
        if self.date.is_some_and(|date| date > cx.today()) {
            return Err(Refusal::new("A document can't be dated in the future.", "Give the day that stands on it."));
        }
        self.is_new(state, case)?;
        let symbols = state.shortest_code(ItemKind::Document);
        let at = At { stream: case.stream, item: cx.free_item(state, ItemKind::Document), class };
        let size = i64::try_from(self.file.size).unwrap_or(i64::MAX);
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Document);
        for (field, value) in [
            (Field::DocumentSymbols, Value::Number(i64::from(symbols))),
            (Field::DocumentName, Value::text(&name)),
            (Field::DocumentDate, self.date.map_or(Value::Nothing, Value::date)),
            (Field::DocumentSource, Value::text(&clean::line_owned(&self.source))),
            (Field::DocumentNote, Value::text(&clean::prose_owned(&self.note))),
            (Field::DocumentAdded, Value::when(cx.now)),
            (Field::DocumentSize, Value::Number(size)),
            (Field::DocumentDigest, Value::text(&self.file.digest)),
            (Field::DocumentMedia, Value::text(self.file.media.name())),
            (Field::DocumentKey, Value::text(&self.file.key)),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        plan.set(state, at, Field::DocumentKind, Value::code(&self.kind));
        Ok(plan.say("Attached. The file outside stays where it is: delete it there if nobody needs it."))
    }
}

impl DocumentAdd {
    /// The class of the document's words and bytes.
    fn class(&self, cx: &Ctx<'_>) -> Result<Class, Refusal> {
        let older = cx.pack.list("document-kind").is_empty() && self.kind == OTHER;
        if !older {
            cx.check_code("document-kind", &self.kind)?;
        }
        let proposed = cx.pack.choice("document-kind", &self.kind).and_then(|kind| kind.class);
        let class = self.class.or(proposed).unwrap_or(Class::Notes);
        if !class.keeps_words() {
            return Err(Refusal::new(
                format!("A document can't be kept under the class \"{class}\"."),
                "Choose identity, people, notes, health, justice, views or interview.",
            ));
        }
        Ok(class)
    }

    /// Refuses a file that the case has already.
    fn is_new(&self, state: &State, case: &Item) -> Result<(), Refusal> {
        let same = |document: &Document<'_>| {
            document.digest() == self.file.digest && document.0.class == self.class.unwrap_or(document.0.class)
        };
        let Some(there) = Document::all(state, Case(case)).into_iter().find(same) else { return Ok(()) };
        let code = state.code(there.0.id);
        Err(Refusal::new(
            format!("This file is in the case already: document {code}."),
            "Nothing needs to be done. If it belongs to another kind of data too, remove that one first.",
        ))
    }
}
