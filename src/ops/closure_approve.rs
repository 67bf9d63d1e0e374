//! Approving that a case be closed.

use crate::domain::clean;
use crate::domain::closure::{self, Closure};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::domain::views::{Case, owner_name};

use super::case_close::{check_died, check_open, close, left_running};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Approves the closing that waits in a case: the case is closed with it.
#[derive(Clone, Debug)]
pub struct ClosureApprove {
    /// The case.
    pub case: ItemId,
    /// Words about it; may be empty.
    pub words: String,
    /// Cancel actions that were opened since it was asked.
    pub cancel_open: bool,
}

impl Verb for ClosureApprove {
    const SPEC: Spec = Spec {
        name: "closure.approve",
        label: "Approve the closing",
        doc: "Approves that a case be closed, as a coordinator or deputy who did not ask for it; the case is closed with it.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case approve",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.open_case(state, self.case)?;
        let case = Case(item);
        let waiting = waits(state, case)?;
        may_answer(state, cx, case, waiting)?;
        check_died(case, waiting.reason())?;
        check_open(state, case, self.cancel_open || waiting.cancels())?;
        let words = clean::prose_owned(&self.words);
        let mut plan = Plan::default();
        let at = At::of(waiting.0);
        for (field, value) in [(Field::ClosureRefused, Value::YesNo(false)), (Field::ClosureWords, Value::text(&words))]
        {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        let note = waiting.0.str(Field::ClosureNote);
        close(state, cx, &mut plan, item, (waiting.reason(), note));
        Ok(plan.say(format!("Approved: case {} is closed.{}", state.code(self.case), left_running(state, case))))
    }
}

/// The request that waits in a case.
pub(super) fn waits<'s>(state: &'s State, case: Case<'_>) -> Result<Closure<'s>, Refusal> {
    if let Some(waiting) = closure::waiting(state, case) {
        return Ok(waiting);
    }
    let code = state.code(case.0.id);
    let theirs = |it: &Closure<'_>| it.phase() == closure::Phase::Waiting;
    if case.died() {
        check_died(case, "")?;
    }
    if let Some(it) = Closure::all(state, case).into_iter().find(theirs) {
        let who = owner_name(state, it.by(state));
        return Err(Refusal::new(
            format!("{who} has asked their own team to close case {code}."),
            "Only that team can answer. Write a note in the case: they get it with the next update.",
        ));
    }
    Err(Refusal::new(format!("Nobody has asked to close case {code}."), "Ask for it first: case close, X in the case."))
}

/// Refuses whoever may not answer a request.
fn may_answer(state: &State, cx: &Ctx<'_>, case: Case<'_>, waiting: Closure<'_>) -> Result<(), Refusal> {
    if closure::may_answer(state, case, waiting, cx.me) {
        return Ok(());
    }
    let approvers = closure::approvers(state, case, waiting.by(state));
    let who: Vec<String> = approvers.iter().map(|id| owner_name(state, Some(*id)).into_owned()).collect();
    let hint = if who.is_empty() {
        "Nobody else can approve it any more: close the case again, and it is closed at once.".to_owned()
    } else {
        format!("{} can.", who.join(" or "))
    };
    let message = if waiting.by(state) == Some(cx.me) {
        "You have asked for it yourself: somebody else has to approve it."
    } else {
        "Only a coordinator or a deputy who may read the case can approve that it is closed."
    };
    Err(Refusal::new(message, hint))
}

/// Plans that every request of ours which still waits in a case is overtaken by what happens to the case. What another team
/// asked only they answer: our word on it would have our next bundle refused there.
pub(super) fn settle(state: &State, plan: &mut Plan, case: Case<'_>) {
    for item in state.items_in(case.0.stream, ItemKind::Closure) {
        if Closure(item).phase() == closure::Phase::Waiting && !teams::made_elsewhere(state, item) {
            plan.set(state, At::of(item), Field::ClosureRefused, Value::YesNo(true));
        }
    }
}
