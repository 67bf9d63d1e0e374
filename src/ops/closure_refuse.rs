//! Refusing that a case be closed, or taking the request back.

use crate::domain::clean;
use crate::domain::closure;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::{Case, owner_name};

use super::case_close::keep_open;
use super::closure_approve::waits;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Refuses the closing that waits in a case; whoever asked takes it back so.
#[derive(Clone, Debug)]
pub struct ClosureRefuse {
    /// The case.
    pub case: ItemId,
    /// Why: what is to be done first.
    pub words: String,
}

impl Verb for ClosureRefuse {
    const SPEC: Spec = Spec {
        name: "closure.refuse",
        label: "Refuse the closing",
        doc: "Refuses that a case be closed, with what is to be done first; whoever asked takes the request back so. The case stays open.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case refuse",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.open_case(state, self.case)?;
        let case = Case(item);
        let waiting = waits(state, case)?;
        let own = waiting.by(state) == Some(cx.me);
        if !own && !closure::may_answer(state, case, waiting, cx.me) {
            let approvers = closure::approvers(state, case, waiting.by(state));
            let who: Vec<String> = approvers.iter().map(|id| owner_name(state, Some(*id)).into_owned()).collect();
            return Err(Refusal::new(
                "Only a coordinator or a deputy who may read the case, or whoever asked, can say that it stays open.",
                if who.is_empty() {
                    "Ask whoever asked for it.".to_owned()
                } else {
                    format!("{} can.", who.join(" or "))
                },
            ));
        }
        let words = clean::prose_owned(&self.words);
        if words.is_empty() && !own {
            return Err(needs(&Self::SPEC, "why"));
        }
        let mut plan = Plan::default();
        let at = At::of(waiting.0);
        for (field, value) in [(Field::ClosureRefused, Value::YesNo(true)), (Field::ClosureWords, Value::text(&words))]
        {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        // Somebody may be approving it at this moment on another computer: then the case counts as open.
        keep_open(state, &mut plan, item);
        let code = state.code(self.case);
        Ok(plan.say(if own {
            format!("Taken back: case {code} stays open.")
        } else {
            format!("Refused: case {code} stays open. {} sees why in the case.", owner_name(state, waiting.by(state)))
        }))
    }
}
