//! Which column of a spreadsheet is which field.

use crate::domain::field::{Field, FieldDef, ItemKind};
use crate::error::{AppError, Kind, Result};

use super::super::find;
use super::sheet::named;

/// Fields that a spreadsheet can't bring: they follow from others, or other commands own them.
const NOT_HERE: &[Field] = &[
    Field::CaseParish,
    Field::CaseSymbols,
    Field::CaseRiskSet,
    Field::CaseRestricted,
    Field::CaseQuick,
    Field::CaseHolder,
    Field::CaseLeadHere,
    Field::CaseRestrictedHere,
];

/// What a column of actions holds, beside fields of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A field of the new item.
    Field(Field),
    /// The code of the action's case.
    Case,
    /// The class of the action's words.
    Class,
}

impl Target {
    /// Its name, as `--map` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.def().name,
            Self::Case => "case",
            Self::Class => "class",
        }
    }
}

/// The columns in use: where each stands and what it is.
pub type Columns = Vec<(usize, Target)>;

/// What the titles name, with `--map COLUMN=FIELD` before everything else.
///
/// # Errors
/// [`Kind::Usage`] for a column that is no field, a field that two columns name, and a mapping that names no column.
pub fn columns(kind: ItemKind, titles: &[String], maps: &[String]) -> Result<Columns> {
    let maps = maps.iter().map(|map| find::split(map)).collect::<Result<Vec<_>>>()?;
    for (column, _) in &maps {
        if !titles.iter().any(|title| title.eq_ignore_ascii_case(column)) {
            return Err(AppError::new(
                Kind::Usage,
                format!("There is no column \"{column}\"."),
                format!("The columns are: {}.", titles.join(", ")),
            ));
        }
    }
    let mut found: Columns = Vec::new();
    for (at, title) in titles.iter().enumerate().filter(|(_, title)| !title.is_empty()) {
        let mapped = maps.iter().find(|(column, _)| title.eq_ignore_ascii_case(column));
        let wanted = mapped.map_or(title.as_str(), |(_, field)| field.trim());
        if wanted.is_empty() {
            continue;
        }
        let Some(target) = target(kind, wanted) else {
            return Err(AppError::new(
                Kind::Usage,
                format!("Column {} is no field of {}.", named(titles, at), plural(kind)),
                format!(
                    "Say which with --map \"{title}=FIELD\", or leave it out with --map \"{title}=\". Fields: {}.",
                    names(kind).join(", ")
                ),
            ));
        };
        if found.iter().any(|(_, other)| *other == target) {
            return Err(AppError::new(
                Kind::Usage,
                format!("Two columns are \"{}\".", target.name()),
                format!("Leave one out with --map \"{title}=\"."),
            ));
        }
        found.push((at, target));
    }
    let missing: Vec<&str> =
        needed(kind).iter().filter(|name| !found.iter().any(|(_, it)| it.name() == **name)).copied().collect();
    if !missing.is_empty() {
        return Err(AppError::new(
            Kind::Usage,
            format!("There is no column for: {}.", missing.join(", ")),
            "Name the columns in the first row, or map them: --map COLUMN=FIELD.",
        ));
    }
    Ok(found)
}

/// The columns without which nothing can be made.
fn needed(kind: ItemKind) -> &'static [&'static str] {
    if kind == ItemKind::Case { &["concern"] } else { &["text", "owner", "due"] }
}

fn plural(kind: ItemKind) -> &'static str {
    if kind == ItemKind::Case { "cases" } else { "actions" }
}

fn target(kind: ItemKind, wanted: &str) -> Option<Target> {
    let wanted = wanted.to_lowercase();
    let is = |def: &&FieldDef| {
        def.name == wanted
            || def.label.to_lowercase() == wanted
            || def.name.replace('-', " ") == wanted.replace('_', " ")
    };
    if let Some(def) = fields(kind).find(is) {
        return Some(Target::Field(def.field));
    }
    match (kind, wanted.as_str()) {
        (ItemKind::Action, "case" | "case code") => Some(Target::Case),
        (ItemKind::Action, "class") => Some(Target::Class),
        (ItemKind::Action, "action" | "what is to be done") => Some(Target::Field(Field::ActionText)),
        _ => None,
    }
}

fn fields(kind: ItemKind) -> impl Iterator<Item = &'static FieldDef> {
    let taken = move |field: Field| match kind {
        ItemKind::Case => !NOT_HERE.contains(&field),
        _ => matches!(field, Field::ActionText | Field::ActionOwner | Field::ActionDue | Field::ActionPriority),
    };
    Field::of(kind).filter(move |def| taken(def.field))
}

fn names(kind: ItemKind) -> Vec<&'static str> {
    let own = fields(kind).map(|def| def.name);
    let more: &[&str] = if kind == ItemKind::Action { &["case", "class"] } else { &[] };
    own.chain(more.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(titles: &[&str]) -> Vec<String> {
        titles.iter().map(|title| (*title).to_owned()).collect()
    }

    #[test]
    fn names_labels_and_mappings_are_understood_and_nothing_is_guessed() {
        let found = columns(ItemKind::Case, &titles(&["Concern", "child's name", "safe_phone"]), &[]).expect("known");
        assert_eq!(found.len(), 3);
        assert!(columns(ItemKind::Case, &titles(&["Concern", "Colour"]), &[]).is_err());
        assert!(columns(ItemKind::Case, &titles(&["Concern", "Colour"]), &["colour=".into()]).is_ok());
        assert!(columns(ItemKind::Case, &titles(&["Story", "Concern"]), &["Story=concern".into()]).is_err());
        assert!(columns(ItemKind::Case, &titles(&["risk"]), &[]).is_err());
        assert!(columns(ItemKind::Case, &titles(&["concern"]), &["x=risk".into()]).is_err());
        let found = columns(ItemKind::Action, &titles(&["What", "Owner", "Due", "Case"]), &[]).expect("known");
        assert_eq!(found[3].1, Target::Case);
    }
}
