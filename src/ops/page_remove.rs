//! Takes a page of the team's own out of the library.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::library;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes a page out. A built-in page of that name stands for itself again.
#[derive(Clone, Debug)]
pub struct PageRemove {
    /// The page.
    pub page: ItemId,
}

impl Verb for PageRemove {
    const SPEC: Spec = Spec {
        name: "library.remove",
        label: "Remove a library page",
        doc: "Takes a page of the team's own out of the library; its text stays in the history.",
        group: Group::Outreach,
        danger: Danger::Undoable,
        cli: "library remove",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let page = cx.standing(state, self.page, ItemKind::Page)?;
        let mut plan = Plan::default();
        plan.set(state, At::of(page), Field::Retracted, Value::YesNo(true));
        let built_in = library::find(state, page.str(Field::PageName), true).pop();
        Ok(plan.say(match built_in {
            Some(_) => "Removed. The built-in page of this name is shown again.",
            None => "Removed.",
        }))
    }
}
