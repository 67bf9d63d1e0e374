//! Changes what the roster says about a member: name, agency, role, contact.

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::team_add::check_handle;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Changes what the roster says about a member: name, agency, role, contact.
#[derive(Clone, Debug)]
pub struct TeamEdit {
    /// The member.
    pub member: ItemId,
    /// New values; [`Value::Nothing`] clears.
    pub values: Vec<(Field, Value)>,
}

impl Verb for TeamEdit {
    const SPEC: Spec = Spec {
        name: "team.edit",
        label: "Edit a member",
        doc: "Changes what the roster says about a member: name, agency, role, contact.",
        group: Group::Team,
        danger: Danger::Undoable,
        cli: "team role",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let member = cx.standing(state, self.member, ItemKind::Member)?;
        let contact = |field: &Field| matches!(field, Field::MemberPhone | Field::MemberEmail);
        if self.member != cx.me || !self.values.iter().all(|(field, _)| contact(field)) {
            cx.may_lead(state, "change the roster")?;
        }
        let mut plan = Plan::default();
        for (field, value) in &self.values {
            if matches!(field, Field::MemberLeft | Field::MemberRecipient | Field::MemberSheets) {
                return Err(Refusal::new("That is not edited here.", "Use `team remove` for somebody who leaves."));
            }
            if *field == Field::MemberName && value.is_nothing() {
                return Err(needs(&Self::SPEC, "the name"));
            }
            let card = value.as_str().unwrap_or_default();
            if *field == Field::MemberCard && !value.is_nothing() && !is_recipient(card) {
                return Err(Refusal::new("This is no personal card.", "Give the file: mahoe team card NAME FILE."));
            }
            cx.check_value(state, *field, value)?;
            plan.set(state, At::of(member), *field, clean::value(*field, value.clone()));
        }
        check_handle(state, Some(self.member), &self.values)?;
        let leads = |value: &Value| matches!(value.as_str(), Some("coordinator" | "deputy"));
        let steps_down = self.values.iter().any(|(field, value)| *field == Field::MemberRole && !leads(value));
        if steps_down && !others_lead(state, self.member) {
            return Err(Refusal::new(
                "Somebody must be coordinator or deputy.",
                "Give another member that role first.",
            ));
        }
        plan.say("Saved.").or_unchanged()
    }
}

/// An age recipient's form; whoever seals to it reads it strictly.
fn is_recipient(text: &str) -> bool {
    let letters = text.strip_prefix("age1").unwrap_or_default();
    letters.len() == 58 && letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// True if somebody else leads too.
pub(super) fn others_lead(state: &State, but: ItemId) -> bool {
    state.items(ItemKind::Member).any(|member| {
        member.id != but
            && matches!(member.str(Field::MemberRole), "coordinator" | "deputy")
            && member.value(Field::MemberLeft).is_nothing()
    })
}
