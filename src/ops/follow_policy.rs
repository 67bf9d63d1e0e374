//! Plans the contacts that the policy's follow-up rules ask for, when a case opens or its stage or risk changes. Not an op:
//! a part of those.

use crate::domain::field::Field;
use crate::domain::ids::StreamId;
use crate::domain::pack::Risk;
use crate::domain::proposal::{self, Step};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::followup_add::{Contact, plan_contact};
use super::{At, Ctx, Plan};

/// Applies the proposal for a case at this stage and risk, and returns it in words that go on a sentence; empty if nothing
/// changes. The case itself may be one that this plan opens.
pub(super) fn follow_policy(
    state: &State,
    cx: &mut Ctx<'_>,
    plan: &mut Plan,
    stream: StreamId,
    (stage, risk): (&str, Risk),
) -> String {
    let (pack, today) = (cx.pack, cx.today());
    let steps = proposal::propose(state, pack, &pack.calendar(), Some(stream), (stage, risk), today);
    for step in &steps {
        match step {
            Step::Plan(ask) => {
                let kind = proposal::kind(pack, ask.rule).to_owned();
                // By nobody in particular: whoever leads the case, now and later.
                let contact =
                    Contact { kind, due: ask.due, every: Some(ask.every), who: None, auto: true, group: None };
                plan_contact(state, cx, plan, stream, &contact);
            }
            Step::Change(item, ask) => {
                let Some(at) = state.item(*item).map(At::of) else { continue };
                plan.set(state, at, Field::FollowUpKind, Value::text(proposal::kind(pack, ask.rule)));
                plan.set(state, at, Field::FollowUpEvery, Value::Number(i64::from(ask.every)));
                plan.set(state, at, Field::FollowUpDue, Value::date(ask.due));
                plan.set(state, at, Field::FollowUpWhy, Value::text("stage or risk changed"));
            }
            Step::Drop(item) => {
                let Some(at) = state.item(*item).map(At::of) else { continue };
                plan.set(state, at, Field::FollowUpState, Value::code("cancelled"));
                plan.set(state, at, Field::FollowUpWhy, Value::text("the policy asks for none here"));
            }
        }
    }
    match proposal::words(pack, &steps, risk, today) {
        words if words.is_empty() => words,
        words => format!(" {words}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::field::{Field, ItemKind};
    use crate::domain::ids::ItemId;
    use crate::domain::value::Value;
    use crate::domain::views::FollowUp;
    use crate::ops::{CaseClose, CaseEdit, CaseOpen, CaseReopen, CaseStage, FollowUpAdd, FollowUpDone};
    use crate::session::Session;
    use crate::testing::team::team;
    use crate::vault::disk::MemoryDisk;

    fn open(session: &mut Session, risk: &str, followup: bool) -> ItemId {
        let values = vec![(Field::CaseConcern, Value::text("A worry")), (Field::CaseRisk, Value::code(risk))];
        session.run(CaseOpen { values, followup, ..CaseOpen::default() }).expect("opened").made[0]
    }

    /// What is planned in a case: kind, day, rhythm, and whether the policy planned it.
    fn planned(session: &Session, case: ItemId) -> Vec<(String, String, Option<u16>, bool)> {
        let stream = session.state().item(case).expect("there").stream;
        let all = session.state().items_in(stream, ItemKind::FollowUp).map(FollowUp);
        let mut all: Vec<_> = all
            .filter(|contact| contact.is_planned() && contact.0.stands())
            .map(|it| (it.kind().to_owned(), it.due().expect("a day").to_string(), it.every(), it.from_policy()))
            .collect();
        all.sort();
        all
    }

    fn call(due: &str, every: u16) -> (String, String, Option<u16>, bool) {
        ("call".to_owned(), due.to_owned(), Some(every), true)
    }

    #[test]
    fn a_case_opens_with_the_contact_that_the_policy_asks_for_unless_declined() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = open(&mut session, "high", true);
        assert_eq!(planned(&session, case), [call("2026-11-27", 7)]);
        let declined = open(&mut session, "high", false);
        assert_eq!(planned(&session, declined), []);
        session.undo().expect("undone");
        session.undo().expect("undone");
        assert_eq!(planned(&session, case), []);
    }

    #[test]
    fn a_changed_risk_changes_the_rhythm_and_never_puts_a_contact_off() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = open(&mut session, "low", true);
        assert_eq!(planned(&session, case), [call("2026-12-22", 30)]);
        let risk = |risk: &str| CaseEdit { case, values: vec![(Field::CaseRisk, Value::code(risk))], followup: true };
        session.run(risk("high")).expect("raised");
        assert_eq!(planned(&session, case), [call("2026-11-27", 7)]);
        session.run(risk("low")).expect("lowered");
        assert_eq!(planned(&session, case), [call("2026-11-27", 30)]);
        session.run(CaseEdit { followup: false, ..risk("medium") }).expect("declined");
        assert_eq!(planned(&session, case), [call("2026-11-27", 30)]);
        // The same risk again is a review, and changes no contact.
        session.set_clock(Box::new(crate::session::FixedClock(session.now() + chrono::TimeDelta::hours(1))));
        session.run(risk("medium")).expect("reviewed");
        assert_eq!(planned(&session, case), [call("2026-11-27", 30)]);
    }

    #[test]
    fn a_stage_with_a_rule_of_its_own_replaces_the_contact() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = open(&mut session, "high", true);
        let says = session.run(CaseStage { case, stage: "follow-up".into(), followup: true }).expect("moved").says;
        assert!(says.contains("home visit every 30 days from now on, next Fri 27 Nov (policy)"), "{says}");
        assert_eq!(planned(&session, case), [("home visit".to_owned(), "2026-11-27".to_owned(), Some(30), true)]);
        session.undo().expect("undone");
        assert_eq!(planned(&session, case), [call("2026-11-27", 7)]);
    }

    #[test]
    fn what_people_planned_by_hand_stays_and_stands_for_the_rule() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = open(&mut session, "high", false);
        let due = "2026-12-01".parse().expect("a day");
        let kind = "Call".to_owned();
        session.run(FollowUpAdd { cases: vec![case], kind, due, every: Some(3), who: None }).expect("planned");
        let by_hand = ("Call".to_owned(), "2026-12-01".to_owned(), Some(3), false);
        session.run(CaseStage { case, stage: "screening".into(), followup: true }).expect("moved");
        assert_eq!(planned(&session, case), [by_hand]);
    }

    #[test]
    fn the_next_contact_is_the_policys_too_and_a_closed_case_has_none() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = open(&mut session, "high", true);
        let stream = session.state().item(case).expect("there").stream;
        let followup = session.state().items_in(stream, ItemKind::FollowUp).next().expect("planned").id;
        session.run(FollowUpDone { followup, note: String::new() }).expect("made");
        assert_eq!(planned(&session, case), [call("2026-12-04", 7)]);
        let close = CaseClose::new(case, "goals-met");
        session.run(close).expect("closed");
        assert_eq!(planned(&session, case), []);
        let risk = vec![(Field::CaseRisk, Value::code("low"))];
        session.run(CaseEdit { case, values: risk, followup: true }).expect("corrected");
        assert_eq!(planned(&session, case), []);
        session.run(CaseReopen { case, reason: "seen again".into(), followup: true }).expect("reopened");
        assert_eq!(planned(&session, case), [call("2026-11-27", 7)]);
    }
}
