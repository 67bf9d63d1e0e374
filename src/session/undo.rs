//! Undo: a new fact that says what was said before.

use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::Field;
use crate::domain::ids::{EntryId, ItemId};
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{At, Danger, Plan, Spec};

use super::{Done, Session};

/// What an op changed, and what was there before.
#[derive(Debug)]
pub(super) struct UndoStep {
    label: &'static str,
    undoable: bool,
    created: Vec<At>,
    set: Vec<Before>,
}

#[derive(Debug)]
struct Before {
    at: At,
    field: Field,
    value: Value,
    /// The entries whose values it replaced.
    replaced: Vec<EntryId>,
    /// Where the fact stands in the plan; becomes the entry that holds it.
    fact: usize,
    entry: Option<EntryId>,
}

impl UndoStep {
    /// Remembers what the facts are about to replace.
    pub fn before(state: &State, spec: Spec, facts: &[Placed]) -> Self {
        let mut step =
            Self { label: spec.label, undoable: spec.danger == Danger::Undoable, created: Vec::new(), set: Vec::new() };
        for (fact, placed) in facts.iter().enumerate() {
            match &placed.fact {
                Fact::Created { item, class, .. } => {
                    step.created.push(At { stream: placed.stream, item: *item, class: *class });
                }
                Fact::Set { item, field, replaces, .. } if !step.creates(*item) => {
                    let old = state.item(*item);
                    let class = old.map_or(Class::Core, |old| old.class);
                    let value = old.map_or(Value::Nothing, |old| old.value(*field));
                    let at = At { stream: placed.stream, item: *item, class };
                    let replaced = replaces.clone();
                    step.set.push(Before { at, field: *field, value, replaced, fact, entry: None });
                }
                // The devices of a team count as long as the team does.
                Fact::Set { .. } | Fact::PeerDevice { .. } => {}
                _ => step.undoable = false,
            }
        }
        step
    }

    /// Notes which entry came to hold each fact.
    pub fn written(mut self, entries: &[EntryId]) -> Self {
        for before in &mut self.set {
            before.entry = entries.get(before.fact).copied();
        }
        self
    }

    /// Takes a later step of the same act in, so that one undo takes both back.
    pub fn and_then(&mut self, later: Self) {
        self.undoable &= later.undoable;
        for before in later.set.into_iter().filter(|before| !self.creates(before.at.item)).collect::<Vec<_>>() {
            let same = |known: &&mut Before| known.at.item == before.at.item && known.field == before.field;
            match self.set.iter_mut().find(same) {
                // What stood before the act is what undo says again.
                Some(known) => known.entry = before.entry,
                None => self.set.push(before),
            }
        }
        self.created.extend(later.created);
    }

    fn creates(&self, item: ItemId) -> bool {
        self.created.iter().any(|at| at.item == item)
    }
}

impl Session {
    /// What [`Session::undo`] would take back, in a few words.
    pub fn can_undo(&self) -> Option<&'static str> {
        self.undo.last().map(|step| step.label)
    }

    /// Takes back the last thing done since unlock. Both stay in the history.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is nothing to take back, if it can't be, or if somebody changed it since.
    pub fn undo(&mut self) -> Result<Done> {
        let Some(step) = self.undo.last() else {
            return Err(AppError::new(
                Kind::Refused,
                "There is nothing to undo since you unlocked.",
                "Earlier changes are in the case's history: edit the field to say what it should.",
            ));
        };
        let label = step.label;
        if !step.undoable {
            return Err(AppError::new(
                Kind::Refused,
                format!("\"{label}\" can't be undone."),
                "Correct it with a new entry.",
            ));
        }
        let changed = step.set.iter().any(|before| {
            self.state.heads(before.at.item, before.field).iter().any(|head| Some(*head) != before.entry)
        });
        if changed {
            return Err(AppError::new(
                Kind::Refused,
                format!("\"{label}\" was changed again since."),
                "Look at the history, and edit the field to say what it should.",
            ));
        }
        let mut plan = Plan::default();
        for before in &step.set {
            plan.set(&self.state, before.at, before.field, before.value.clone());
        }
        for at in &step.created {
            plan.set(&self.state, *at, Field::Retracted, Value::YesNo(true));
        }
        let places: Vec<Option<(ItemId, Field)>> = plan.facts.iter().map(|placed| place_of(&placed.fact)).collect();
        let written = self.write(plan.facts)?;
        if let Some(step) = self.undo.pop() {
            let said_again = places.into_iter().zip(written).filter_map(|(place, entry)| Some((place?, entry)));
            said_again.for_each(|(place, entry)| self.stands_for(&step, place, entry));
        }
        Ok(Done { says: format!("Undone: {}.", label.to_lowercase()), made: Vec::new() })
    }

    /// What an undo said again stands for the entry that had said it first, so that this one can be undone in turn.
    fn stands_for(&mut self, undone: &UndoStep, (item, field): (ItemId, Field), entry: EntryId) {
        let same = |before: &&mut Before| before.at.item == item && before.field == field;
        let Some(of) = undone.set.iter().find(|before| before.at.item == item && before.field == field) else { return };
        let earlier = self.undo.iter_mut().rev().find_map(|step| step.set.iter_mut().find(same));
        if let Some(earlier) =
            earlier.filter(|earlier| earlier.entry.map(|entry| vec![entry]).as_ref() == Some(&of.replaced))
        {
            earlier.entry = Some(entry);
        }
    }
}

fn place_of(fact: &Fact) -> Option<(ItemId, Field)> {
    match fact {
        Fact::Set { item, field, .. } => Some((*item, *field)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::CaseEdit;
    use crate::testing::team::{case, team};
    use crate::vault::disk::MemoryDisk;

    #[test]
    fn changes_of_one_field_are_undone_one_after_the_other() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "first");
        let says = |session: &Session| session.state().item(case).map(|it| it.str(Field::CaseConcern).to_owned());
        for text in ["second", "third"] {
            let values = vec![(Field::CaseConcern, Value::text(text))];
            session.run(CaseEdit { case, values, followup: false }).expect("edited");
        }
        for text in ["second", "first"] {
            session.undo().expect("undone");
            assert_eq!(says(&session).as_deref(), Some(text));
        }
    }
}
