//! Taking a document out of a case's list. Its bytes stay, sealed: only a strike destroys them.

use crate::domain::document::Document;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::teams::made_elsewhere;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Takes a document back.
#[derive(Clone, Debug)]
pub struct DocumentRemove {
    /// The document.
    pub document: ItemId,
}

impl Verb for DocumentRemove {
    const SPEC: Spec = Spec {
        name: "document.remove",
        label: "Remove a document",
        doc: "Takes a document out of a case's list. What must not exist anywhere is struck instead.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "document remove",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let document = Document(cx.standing(state, self.document, ItemKind::Document)?);
        cx.open_case(state, document.0.stream.item())?;
        // Said by us it would be refused over there, and all that follows it.
        if made_elsewhere(state, document.0) {
            return Err(Refusal::new(
                format!("Document {} came from another team: only they can remove it.", state.code(self.document)),
                "Ask them to; once they did, it goes here with their next update.",
            ));
        }
        let by = document.entry(state).and_then(|entry| state.stamp_of(entry)).map(|stamp| stamp.author);
        if by != Some(cx.me) {
            cx.may_lead(state, "remove what somebody else attached")?;
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(document.0), Field::Retracted, Value::YesNo(true));
        Ok(plan.say(format!(
            "Document {} is removed from the list; u brings it back. Strike its entry to destroy the file everywhere.",
            state.code(self.document)
        )))
    }
}
