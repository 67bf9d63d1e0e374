//! Changes a page of the team's own.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::page_add::{body, tags};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// What may be changed; the name stays, because people and other pages know it.
const EDITABLE: &[Field] = &[Field::PageTitle, Field::PageTags, Field::PageSource, Field::PageDate, Field::PageBody];

/// Changes a page.
#[derive(Clone, Debug)]
pub struct PageEdit {
    /// The page.
    pub page: ItemId,
    /// The fields and their new values.
    pub set: Vec<(Field, Value)>,
}

impl Verb for PageEdit {
    const SPEC: Spec = Spec {
        name: "library.edit",
        label: "Change a library page",
        doc: "Changes a page of the team's own; every earlier text stays in the history.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "library edit",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let page = cx.standing(state, self.page, ItemKind::Page)?;
        let mut plan = Plan::default();
        for (field, value) in &self.set {
            if !EDITABLE.contains(field) {
                return Err(Refusal::new(
                    format!("\"{}\" can't be changed.", field.def().label),
                    "Write a new page under the other name, and remove this one.",
                ));
            }
            let value = match (field, value) {
                (Field::PageBody, value) => body(value.as_str().unwrap_or(""))?,
                (Field::PageTags, value) => Value::text(&tags(value.as_str().unwrap_or(""))),
                (field, value) => crate::domain::clean::value(*field, value.clone()),
            };
            if value.is_nothing() && *field == Field::PageTitle {
                return Err(Refusal::new("The title is missing.", "A page has a title: it is found by it."));
            }
            cx.check_value(state, *field, &value)?;
            plan.set(state, At::of(page), *field, value);
        }
        plan.say("Saved.").or_unchanged()
    }
}
