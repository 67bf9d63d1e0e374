//! Plans a contact with the child or the household, once or repeating, in one case or several linked ones.

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};

use super::action_add::{check_due, check_owner, streams};
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Plans a contact with the child or the household, once or repeating, in one case or several linked ones.
#[derive(Clone, Debug)]
pub struct FollowUpAdd {
    /// The case, or several linked ones: a contact in each.
    pub cases: Vec<ItemId>,
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
        let streams = streams(state, cx, &self.cases)?;
        if streams.is_empty() {
            return Err(needs(&Self::SPEC, "the case"));
        }
        let kind = clean::line_owned(&self.kind);
        if kind.is_empty() {
            return Err(needs(&Self::SPEC, "what kind of contact"));
        }
        check_due(cx, self.due)?;
        if self.every == Some(0) {
            return Err(Refusal::new("It can't repeat every 0 days.", "Give a span: \"2w\", \"10 days\", or none."));
        }
        let group = (streams.len() > 1).then(|| cx.new_id());
        let mut plan = Plan::default();
        for stream in streams {
            // Each case's own lead in this team, where nobody is named.
            let lead = || Case::of_stream(state, stream)?.lead().filter(|lead| Member::get(state, *lead).is_some());
            let who = self.who.or_else(lead);
            if let Some(who) = who {
                check_owner(state, cx, who)?;
            }
            let contact = Contact { kind: kind.clone(), due: self.due, every: self.every, who, auto: false, group };
            plan_contact(state, cx, &mut plan, stream, &contact);
        }
        Ok(match plan.made.len() {
            1 => plan.say("Follow-up planned."),
            count => plan.say(format!("Follow-up planned in {count} cases.")),
        })
    }
}

/// A contact to be planned.
pub(super) struct Contact {
    pub kind: String,
    pub due: NaiveDate,
    pub every: Option<u16>,
    pub who: Option<ItemId>,
    /// The policy's rule asks for it.
    pub auto: bool,
    /// The same contact stands in other cases too.
    pub group: Option<ItemId>,
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
        (Field::FollowUpAuto, if contact.auto { Value::YesNo(true) } else { Value::Nothing }),
        (Field::FollowUpGroup, contact.group.map_or(Value::Nothing, Value::Item)),
    ] {
        plan.set(state, at, field, value);
    }
}
