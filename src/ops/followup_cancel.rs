//! Cancels a planned contact that is not needed any more, with a reason.

use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::followup_done::planned;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Cancels a planned contact, and with it all that would repeat it. Closing a case cancels its contacts too.
#[derive(Clone, Debug)]
pub struct FollowUpCancel {
    /// The follow-up.
    pub followup: ItemId,
    /// Why it is not needed any more.
    pub reason: String,
}

impl Verb for FollowUpCancel {
    const SPEC: Spec = Spec {
        name: "followup.cancel",
        label: "Cancel a follow-up",
        doc: "Cancels a planned contact that is not needed any more, and what would repeat it, with a reason.",
        group: Group::FollowUp,
        danger: Danger::Undoable,
        cli: "followup cancel",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = planned(state, cx, self.followup)?;
        let reason = clean::line_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "the reason"));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(item), Field::FollowUpState, Value::code("cancelled"));
        plan.set(state, At::of(item), Field::FollowUpWhy, Value::text(&reason));
        let repeats = !item.value(Field::FollowUpEvery).is_nothing();
        let rest = if repeats { ", and nothing is planned after it" } else { "" };
        Ok(plan.say(format!("Follow-up {} is cancelled{rest}.", state.code(self.followup))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::ItemKind;
    use crate::ops::{FollowUpAdd, FollowUpDone, FollowUpMove, FollowUpReassign};
    use crate::session::{FixedClock, Session};
    use crate::testing::team::{case, morning, team};
    use crate::vault::disk::MemoryDisk;

    fn planned(session: &mut Session, every: Option<u16>) -> ItemId {
        let cases = vec![case(session, "A worry")];
        let due = session.today_date() + chrono::TimeDelta::days(3);
        session.run(FollowUpAdd { cases, kind: "home visit".into(), due, every, who: None }).expect("planned").made[0]
    }

    fn refused(session: &mut Session, op: impl Into<crate::ops::Op>) -> String {
        session.run(op).expect_err("refused").message
    }

    #[test]
    fn a_contact_is_moved_given_away_and_cancelled_with_all_that_repeats_it() {
        let mut session = team(&MemoryDisk::new(), 1);
        let followup = planned(&mut session, Some(7));
        let due = session.today_date() + chrono::TimeDelta::days(5);
        session.run(FollowUpMove { followup, due, reason: String::new() }).expect("moved");
        assert!(refused(&mut session, FollowUpMove { followup, due, reason: "again".into() }).contains("Nothing"));
        let who = session.state().items(ItemKind::Agency).next().expect("an agency").id;
        session.run(FollowUpReassign { followup, who }).expect("given");
        assert!(refused(&mut session, FollowUpCancel { followup, reason: " ".into() }).contains("the reason"));
        let says = session.run(FollowUpCancel { followup, reason: "moved away".into() }).expect("cancelled").says;
        assert!(says.contains("nothing is planned after it"), "{says}");
        let item = session.state().item(followup).expect("there");
        assert_eq!(item.value(Field::FollowUpDue).as_date(), Some(due));
        assert_eq!((item.str(Field::FollowUpState), item.str(Field::FollowUpWhy)), ("cancelled", "moved away"));
        assert_eq!(session.state().items(ItemKind::FollowUp).count(), 1);
        assert!(refused(&mut session, FollowUpMove { followup, due, reason: String::new() }).contains("not waiting"));
    }

    #[test]
    fn a_late_contact_needs_a_reason_and_a_day_to_come() {
        let mut session = team(&MemoryDisk::new(), 1);
        let followup = planned(&mut session, None);
        session.set_clock(Box::new(FixedClock(morning() + chrono::TimeDelta::days(6))));
        let due = session.today_date() + chrono::TimeDelta::days(2);
        let late = FollowUpMove { followup, due, reason: String::new() };
        assert!(refused(&mut session, late.clone()).contains("why it was late"));
        let past = FollowUpMove { due: session.today_date() - chrono::TimeDelta::days(1), ..late.clone() };
        assert!(refused(&mut session, past).contains("past"));
        session.run(FollowUpMove { reason: "the road was flooded".into(), ..late }).expect("moved");
        assert_eq!(session.state().item(followup).expect("there").str(Field::FollowUpWhy), "the road was flooded");
        session.run(FollowUpDone { followup, note: String::new() }).expect("made");
        let gone = FollowUpReassign { followup, who: session.me() };
        assert!(refused(&mut session, gone).contains("not waiting"));
    }
}
