//! Deciding between values that two people wrote without knowing of each other.

use crate::domain::clean;
use crate::domain::closure::Closure;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::pack::Risk;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::follow_policy::follow_policy;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Settles a field: one of the values that stand, or a third. The decision is an entry like any other.
#[derive(Clone, Debug)]
pub struct ConflictDecide {
    /// Whose field.
    pub item: ItemId,
    /// Which field.
    pub field: Field,
    /// What it shall say.
    pub value: Value,
    /// Plan the contacts that the policy asks for at the risk or stage that was decided.
    pub followup: bool,
}

impl Verb for ConflictDecide {
    const SPEC: Spec = Spec {
        name: "conflict.decide",
        label: "Decide a conflict",
        doc: "Settles a field to which two people wrote different values; both stay in the history.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case decide",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = state.item(self.item).filter(|item| item.stands());
        let item = item.ok_or_else(|| Refusal::new("That is not here any more.", "Look at the list again."))?;
        if !item.register(self.field).is_some_and(super::super::domain::item::Register::in_conflict) {
            return Err(Refusal::new(
                "There is nothing to decide here.",
                "Edit the field if it should say something else.",
            ));
        }
        if teams::makers_alone(item.kind, self.field) && teams::made_elsewhere(state, item) {
            return Err(Refusal::new(
                "Another team wrote this, and only they can decide it.",
                "Ask them to; what they decide comes with their next update.",
            ));
        }
        cx.check_value(state, self.field, &self.value)?;
        let mut plan = Plan::default();
        plan.set(state, At::of(item), self.field, clean::value(self.field, self.value.clone()));
        if self.field == Field::CaseRisk {
            // Who decides about the risk assesses it.
            plan.set(state, At::of(item), Field::CaseRiskSet, Value::when(cx.now));
        }
        if self.field == Field::CaseClosed {
            self.settle_closing(state, cx, &mut plan, item);
        }
        let mut says = "Decided; both values stay in the history.".to_owned();
        if let Some((stage, risk)) = self.now_at(item) {
            says += &follow_policy(state, cx, &mut plan, item.stream, (&stage, risk));
        }
        Ok(plan.say(says))
    }
}

impl ConflictDecide {
    /// What was approved and refused side by side follows what was decided about the case; one that stays open goes back to
    /// the stage that it was in.
    fn settle_closing(&self, state: &State, cx: &Ctx<'_>, plan: &mut Plan, case: &Item) {
        let open = self.value.is_nothing();
        let closures = Closure::all(state, Case(case));
        let ours = |it: &&Closure<'_>| it.disputed() && !teams::made_elsewhere(state, it.0);
        for disputed in closures.iter().filter(ours) {
            plan.set(state, At::of(disputed.0), Field::ClosureRefused, Value::YesNo(open));
        }
        if !open {
            plan.set(state, At::of(case), Field::CaseStage, Value::code("closed"));
            return;
        }
        plan.set(state, At::of(case), Field::CaseCloseReason, Value::Nothing);
        if case.str(Field::CaseStage) == "closed" {
            let before = closures.first().map(|it| it.0.str(Field::ClosureStage)).filter(|stage| !stage.is_empty());
            plan.set(state, At::of(case), Field::CaseStage, Value::code(before.unwrap_or(cx.first_stage())));
        }
    }

    /// Stage and risk of the case once this is decided; `None` if contacts don't follow from it.
    fn now_at(&self, item: &Item) -> Option<(String, Risk)> {
        let follows = self.followup && item.kind == ItemKind::Case && Case(item).runs();
        let (case, code) = (Case(item), self.value.as_str()?);
        match self.field {
            Field::CaseRisk if follows => Some((case.stage().to_owned(), Risk::from_code(code)?)),
            Field::CaseStage if follows => Some((code.to_owned(), case.risk())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::class::Class;
    use crate::domain::fact::Fact;
    use crate::domain::ids::{DeviceId, EntryId};
    use crate::domain::state::Stamp;
    use crate::domain::views::FollowUp;
    use crate::ops::CaseOpen;
    use crate::session::Session;
    use crate::testing::team::team;
    use crate::vault::disk::MemoryDisk;

    /// A case at low risk, which another laptop took to be at this risk, not knowing of it.
    fn disputed(risk: &str) -> (Session, ItemId) {
        let mut session = team(&MemoryDisk::new(), 1);
        let values = vec![(Field::CaseConcern, Value::text("A worry")), (Field::CaseRisk, Value::code("low"))];
        let opened = session.run(CaseOpen { values, followup: true, ..CaseOpen::default() });
        let case = opened.expect("opened").made[0];
        let stream = session.state().item(case).expect("there").stream;
        let (author, wall) = (session.me(), session.now().timestamp_millis());
        let (id, device) = (EntryId([8; 32]), DeviceId([8; 32]));
        let stamp = Stamp { id, stream, class: Class::Core, author, device, lamport: 40, wall };
        let (field, value) = (Field::CaseRisk, Value::code(risk));
        session.fold_for_test(&stamp, &[Fact::Set { item: case, field, value, replaces: Vec::new() }]);
        (session, case)
    }

    fn planned(session: &Session, case: ItemId) -> Vec<(String, Option<u16>)> {
        let stream = session.state().item(case).expect("there").stream;
        let all = session.state().items_in(stream, ItemKind::FollowUp).map(FollowUp);
        let planned = all.filter(|contact| contact.is_planned() && contact.0.stands());
        planned.map(|contact| (contact.due().expect("a day").to_string(), contact.every())).collect()
    }

    #[test]
    fn contacts_follow_the_risk_that_was_decided_unless_declined() {
        for (followup, after) in [(true, ("2026-11-27", 7)), (false, ("2026-12-22", 30))] {
            let (mut session, item) = disputed("high");
            assert_eq!(planned(&session, item), [("2026-12-22".to_owned(), Some(30))]);
            let decision = ConflictDecide { item, field: Field::CaseRisk, value: Value::code("high"), followup };
            let says = session.run(decision).expect("decided").says;
            assert_eq!(says.contains("every week"), followup, "{says}");
            assert_eq!(planned(&session, item), [(after.0.to_owned(), Some(after.1))]);
        }
    }
}
