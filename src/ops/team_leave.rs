//! Records that a member left the team; their name stays on what they wrote.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::team_edit::others_lead;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Records that a member left the team; their name stays on what they wrote.
#[derive(Clone, Debug)]
pub struct TeamLeave {
    /// The member.
    pub member: ItemId,
}

impl Verb for TeamLeave {
    const SPEC: Spec = Spec {
        name: "team.leave",
        label: "Member leaves",
        doc: "Records that a member left the team; their name stays on what they wrote.",
        group: Group::Team,
        danger: Danger::Undoable,
        cli: "team remove",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "remove a member")?;
        let member = cx.standing(state, self.member, ItemKind::Member)?;
        if !member.value(Field::MemberLeft).is_nothing() {
            return Err(Refusal::new("This member has left already.", "Nothing needs to be done."));
        }
        if !others_lead(state, self.member) {
            return Err(Refusal::new(
                "Somebody must be coordinator or deputy.",
                "Give another member that role first.",
            ));
        }
        let theirs = |action: &&Item| {
            action.value(Field::ActionOwner).as_item() == Some(self.member)
                && !matches!(action.str(Field::ActionState), "done" | "cancelled")
        };
        let open = state.items(ItemKind::Action).filter(theirs).count();
        let mut plan = Plan::default();
        plan.set(state, At::of(member), Field::MemberLeft, Value::date(cx.today()));
        Ok(plan.say(match open {
            0 => "Left the team.".to_owned(),
            1 => "Left the team; one open action needs a new owner.".to_owned(),
            _ => format!("Left the team; {open} open actions need a new owner."),
        }))
    }
}
