//! Taking back what was written in the wrong case or about the wrong person.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::fact::{Fact, Placed};
use crate::domain::ids::EntryId;
use crate::domain::state::State;
use crate::domain::teams;

use super::plan::needs;
use super::{Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Destroys the body of an entry in every copy. Who wrote it, when, and this reason stay.
#[derive(Clone, Debug)]
pub struct CaseStrike {
    /// The entry.
    pub entry: EntryId,
    /// Why, in words that don't repeat what is struck.
    pub reason: String,
}

impl Verb for CaseStrike {
    const SPEC: Spec = Spec {
        name: "case.strike",
        label: "Strike an entry",
        doc: "Destroys what was written in the wrong case or about the wrong person, in every copy; who, when and why stay.",
        group: Group::Case,
        danger: Danger::Final,
        cli: "case strike",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let reason = clean::line_owned(&self.reason);
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "the reason"));
        }
        let stamp = state
            .stamp_of(self.entry)
            .ok_or_else(|| Refusal::new("There is no such entry here.", "Choose it in the case's history."))?;
        if state.strike(self.entry).is_some() {
            return Err(Refusal::new("This entry was struck before.", "Nothing is left of it to take back."));
        }
        if state.strikes_others(self.entry) {
            return Err(Refusal::new(
                "A strike can't be struck: what it destroyed would not come back.",
                "Write it again as a new entry.",
            ));
        }
        if stamp.stream == state.team_stream() {
            return Err(Refusal::new(
                "Only what was written in a case can be struck.",
                "Correct the team's records by editing them.",
            ));
        }
        let holds_case = state.item(stamp.stream.item()).and_then(|case| case.created).and_then(|no| state.stamp(no));
        if holds_case.is_some_and(|made| made.id == self.entry) {
            return Err(Refusal::new(
                "This entry opened the case: striking it would leave a case without a beginning.",
                "Close the case with the reason, or edit the field that is wrong and strike that later entry.",
            ));
        }
        if stamp.author != cx.me {
            cx.may_lead(state, "strike what somebody else wrote")?;
        }
        let fact = Fact::Struck { entry: self.entry, reason };
        let mut plan = Plan::default();
        // Other teams destroy only what its writer's team strikes: for them this stays our own decision.
        if teams::from_elsewhere(state, &stamp) {
            plan.facts.push(Placed { stream: stamp.stream, class: Class::Links, fact });
            return Ok(plan.say(
                "Struck: the words are destroyed in this copy and its mirror. Another team wrote them and keeps them: \
                 ask them to strike them too.",
            ));
        }
        plan.facts.push(Placed { stream: stamp.stream, class: Class::Core, fact });
        Ok(plan
            .say("Struck: the words are destroyed in this copy and its mirror. Backups can hold them still, sealed."))
    }
}
