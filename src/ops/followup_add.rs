//! Plans a contact with the child or the household, once or repeating.

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::action_add::{check_due, check_owner};
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Plans a contact with the child or the household, once or repeating.
#[derive(Clone, Debug)]
pub struct FollowUpAdd {
    /// The case.
    pub case: ItemId,
    /// What contact: a visit, a call.
    pub kind: String,
    /// The day.
    pub due: NaiveDate,
    /// Repeats every so many days.
    pub every: Option<u16>,
    /// By whom; the lead, if not given.
    pub who: Option<ItemId>,
}

impl Verb for FollowUpAdd {
    const SPEC: Spec = Spec {
        name: "followup.add",
        label: "Plan a follow-up",
        doc: "Plans a contact with the child or the household, once or repeating.",
        group: Group::FollowUp,
        danger: Danger::Undoable,
        cli: "followup add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        let kind = clean::line_owned(&self.kind);
        if kind.is_empty() {
            return Err(needs(&Self::SPEC, "what kind of contact"));
        }
        check_due(cx, self.due)?;
        if self.every == Some(0) {
            return Err(Refusal::new("It can't repeat every 0 days.", "Give a span: \"2w\", \"10 days\", or none."));
        }
        let who = self.who.or_else(|| case.value(Field::CaseLead).as_item());
        if let Some(who) = who {
            check_owner(state, cx, who)?;
        }
        let mut plan = Plan::default();
        let contact = Contact { kind, due: self.due, every: self.every, who };
        plan_contact(state, cx, &mut plan, case.stream, &contact);
        Ok(plan.say("Follow-up planned."))
    }
}

/// A contact to be planned.
pub(super) struct Contact {
    pub kind: String,
    pub due: NaiveDate,
    pub every: Option<u16>,
    pub who: Option<ItemId>,
}

/// Plans one contact in a case.
pub(super) fn plan_contact(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, stream: StreamId, contact: &Contact) {
    let symbols = state.shortest_code(ItemKind::FollowUp);
    let at = At { stream, item: cx.free_item(state, ItemKind::FollowUp), class: Class::Notes };
    plan.create(at, ItemKind::FollowUp);
    for (field, value) in [
        (Field::FollowUpSymbols, Value::Number(i64::from(symbols))),
        (Field::FollowUpKind, Value::text(&contact.kind)),
        (Field::FollowUpDue, Value::date(contact.due)),
        (Field::FollowUpEvery, contact.every.map_or(Value::Nothing, |days| Value::Number(i64::from(days)))),
        (Field::FollowUpWho, contact.who.map_or(Value::Nothing, Value::Item)),
        (Field::FollowUpState, Value::code("planned")),
    ] {
        plan.set(state, at, field, value);
    }
}
