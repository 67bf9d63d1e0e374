//! Writing down that something need no longer be kept from somebody.

use crate::domain::clean;
use crate::domain::consent::Consent;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::telling;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Ends that what a consent names is kept from whom it names.
#[derive(Clone, Debug)]
pub struct ConsentLift {
    /// The consent with which it was said.
    pub consent: ItemId,
    /// Who said so, and why.
    pub reason: String,
}

impl Verb for ConsentLift {
    const SPEC: Spec = Spec {
        name: "consent.lift",
        label: "No longer keep back",
        doc: "Writes down that what a consent keeps from a team or an agency need no longer be kept from them, and who said so.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "consent lift",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.standing(state, self.consent, ItemKind::Consent)?;
        cx.open_case(state, item.stream.item())?;
        let Some(kept) = telling::keeps(Consent(item)) else {
            return Err(Refusal::new(
                "Nothing is kept from anybody by this consent.",
                "The case's consents say which of them keeps what from whom.",
            ));
        };
        let reason = clean::prose_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "who said so, and why"));
        }
        let gap = if kept.why.is_empty() { "" } else { "\n" };
        let why = Value::text(&format!("{}{gap}Lifted: {reason}", kept.why));
        cx.check_value(state, Field::ConsentKeepWhy, &why)?;
        let mut plan = Plan::default();
        plan.set(state, At::of(item), Field::ConsentKeepLifted, Value::when(cx.now));
        plan.set(state, At::of(item), Field::ConsentKeepWhy, why);
        let from = telling::party_words(state, &kept.from);
        Ok(plan.say(format!("It is no longer kept from {from}. Consent to telling them is asked for as before.")))
    }
}
