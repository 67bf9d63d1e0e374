//! Says that a member is away until a day and who covers: their items stand under both.

use chrono::NaiveDate;

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Says that a member is away until a day and who covers: their items stand under both.
#[derive(Clone, Debug)]
pub struct TeamAway {
    /// The member.
    pub member: ItemId,
    /// First day away.
    pub from: NaiveDate,
    /// Last day away; `None` says that they are back.
    pub until: Option<NaiveDate>,
    /// Who covers.
    pub cover: Option<ItemId>,
}

impl Verb for TeamAway {
    const SPEC: Spec = Spec {
        name: "team.away",
        label: "Away",
        doc: "Says that a member is away until a day and who covers: their items stand under both.",
        group: Group::Team,
        danger: Danger::Undoable,
        cli: "team away",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let member = cx.standing(state, self.member, ItemKind::Member)?;
        if self.member != cx.me {
            cx.may_lead(state, "say that somebody else is away")?;
        }
        let at = At::of(member);
        let mut plan = Plan::default();
        let Some(until) = self.until else {
            for field in [Field::MemberAwayFrom, Field::MemberAwayUntil, Field::MemberCover] {
                plan.set(state, at, field, Value::Nothing);
            }
            return plan.say("Back.").or_unchanged();
        };
        if until < self.from || until < cx.today() {
            return Err(Refusal::new(
                "The last day away lies before the first, or in the past.",
                "Give the last day of absence: \"2 dec\", \"+2w\".",
            ));
        }
        if let Some(cover) = self.cover {
            let cover = cx.standing(state, cover, ItemKind::Member)?;
            if cover.id == self.member || !cover.value(Field::MemberLeft).is_nothing() {
                return Err(Refusal::new("Somebody else, who is with the team, must cover.", "Choose another member."));
            }
        }
        plan.set(state, at, Field::MemberAwayFrom, Value::date(self.from));
        plan.set(state, at, Field::MemberAwayUntil, Value::date(until));
        plan.set(state, at, Field::MemberCover, self.cover.map_or(Value::Nothing, Value::Item));
        plan.say("Noted as away.").or_unchanged()
    }
}
