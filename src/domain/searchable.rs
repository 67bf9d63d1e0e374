//! What can be searched of a case: every text in it with its class and where it stands, made from the table of fields.
//!
//! A new kind of item or a new field of words is searchable as soon as it is in the table. Which of it a search goes
//! through, and what of a hit is shown, is for whoever searches: this only tells what may be in the way ([`Depth`]).

use std::borrow::Cow;

use super::class::Class;
use super::field::{Field, FieldType, ItemKind};
use super::form::answers::Answers;
use super::ids::ItemId;
use super::item::Item;
use super::pack::Pack;
use super::state::State;
use super::views::Case;

/// How far a search goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Only what a list of cases shows: code, stage, lead and concern. For observers, and while a room looks on.
    Shown,
    /// All that is written but what was said in confidence.
    #[default]
    Told,
    /// The child's own words and interviews too: only when somebody asks for them.
    Confided,
}

/// One text of a case.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// Of which item.
    pub item: ItemId,
    /// What that is.
    pub kind: ItemKind,
    /// Which of its fields.
    pub field: Field,
    /// Its need-to-know.
    pub class: Class,
    /// The words.
    pub text: Cow<'a, str>,
}

impl Piece<'_> {
    /// From which depth on a search goes through it; `None` for what says who or where somebody is, which is found only
    /// while names are shown.
    pub const fn depth(&self) -> Option<Depth> {
        match self.class {
            class if class.names() => None,
            Class::Views | Class::Interview => Some(Depth::Confided),
            _ if matches!(self.field, Field::CaseConcern) => Some(Depth::Shown),
            _ => Some(Depth::Told),
        }
    }

    /// Where it stands, as people say it: "Concern", "visit", "action", "screening".
    pub fn place(&self, state: &State, pack: &Pack) -> String {
        let item = state.item(self.item);
        match self.kind {
            ItemKind::Case => self.field.def().label.to_owned(),
            ItemKind::Note => pack.label("note-kind", item.map_or("", |item| item.str(Field::NoteKind))).to_owned(),
            kind => kind.name().to_owned(),
        }
    }
}

/// Words in a field that nobody wrote to be read: keys, digests, what refers to something else.
const NO_WORDS: &[Field] = &[
    Field::CaseHolder,
    Field::ReferralFrom,
    Field::ReferralTo,
    Field::ScreeningForm,
    Field::ScreeningPack,
    Field::DocumentDigest,
    Field::DocumentMedia,
    Field::DocumentKey,
];

/// Every text of a case that can be read here, the concern first.
pub fn pieces<'a>(state: &'a State, case: Case<'a>) -> impl Iterator<Item = Piece<'a>> {
    let items = state.items_of(case.0.stream).filter(|item| item.id != case.0.id && has_words(item.kind));
    let concern = of_item(case.0).filter(|piece| piece.field == Field::CaseConcern);
    let rest = of_item(case.0).filter(|piece| piece.field != Field::CaseConcern);
    concern.chain(rest).chain(items.flat_map(of_item))
}

/// Links, shares and papers are about what was sent to whom: their exchange screens list them.
const fn has_words(kind: ItemKind) -> bool {
    !matches!(kind, ItemKind::Case | ItemKind::Link | ItemKind::Share | ItemKind::Bundle | ItemKind::Paper)
}

/// The texts of one item: all that stand, where two people wrote different ones.
fn of_item(item: &Item) -> impl Iterator<Item = Piece<'_>> {
    let worded =
        |field: Field| matches!(field.def().ty, FieldType::Line | FieldType::Prose) && !NO_WORDS.contains(&field);
    item.fields().filter(move |(field, _)| worded(*field)).flat_map(move |(field, register)| {
        let class = field.class(item.class);
        register.heads().iter().filter_map(move |head| {
            let kept = head.value.as_str().filter(|text| !text.is_empty())?;
            let text = if field == Field::ScreeningAnswers { Cow::Owned(answers(kept)) } else { Cow::Borrowed(kept) };
            Some(Piece { item: item.id, kind: item.kind, field, class, text }).filter(|piece| !piece.class.team_only())
        })
    })
}

/// What was answered in words of one's own, a line each: the questions, and what is chosen from a list, say the same in
/// every screening.
fn answers(kept: &str) -> String {
    let Ok(answers) = Answers::read(kept) else { return String::new() };
    let said = answers.iter().flat_map(|one| &one.said).filter(|said| said.code.is_empty());
    said.map(|said| said.label.as_str()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::FIELDS;

    /// A field of words that is new must be searchable on purpose.
    #[test]
    fn what_is_no_text_is_listed() {
        let words = |def: &&crate::domain::field::FieldDef| matches!(def.ty, FieldType::Line | FieldType::Prose);
        for def in FIELDS.iter().filter(words) {
            let looks_kept = ["key", "sha256", "digest", "media"].contains(&def.name);
            let in_case = def.kind.is_some_and(has_words) && matches!(def.kind, Some(ItemKind::Document));
            assert!(!(looks_kept && in_case) || NO_WORDS.contains(&def.field), "{:?}", def.field);
        }
    }
}
