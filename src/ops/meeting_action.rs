//! Gives somebody something to do, under an item of the agenda.

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::AgendaItem;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Member;

use super::action_add::{NewAction, check_due, check_owner, plan_action};
use super::meeting_say::under;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Gives somebody something to do: in the item's case, or for the team where it is about none.
#[derive(Clone, Debug)]
pub struct MeetingAction {
    /// The agenda item on record.
    pub item: ItemId,
    /// What is to be done.
    pub text: String,
    /// A member or an agency.
    pub owner: ItemId,
    /// By when.
    pub due: NaiveDate,
    /// Minutes after midnight, where the hour matters.
    pub time: Option<u16>,
    /// The priority's code: `normal` if empty.
    pub priority: String,
}

impl Verb for MeetingAction {
    const SPEC: Spec = Spec {
        name: "meeting.action",
        label: "Give an action at the meeting",
        doc: "Gives a member or an agency something to do by a day, under an item of the agenda.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting action",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let (item, _) = under(state, cx, self.item)?;
        let text = clean::prose_owned(&self.text);
        if text.is_empty() {
            return Err(needs(&Self::SPEC, "what is to be done"));
        }
        cx.check_value(state, Field::ActionText, &Value::text(&text))?;
        check_owner(state, cx, self.owner)?;
        check_due(cx, self.due)?;
        check_conflict(state, item, self.owner)?;
        let priority = if self.priority.is_empty() { "normal" } else { &self.priority };
        cx.check_code("priority", priority)?;
        let stream = match item.case_id() {
            Some(case) => cx.open_case(state, case)?.stream,
            None => state.team_stream(),
        };
        let mut plan = Plan::default();
        let new = NewAction {
            text: &text,
            owner: self.owner,
            due: self.due,
            time: self.time,
            priority,
            class: Class::Notes,
            group: None,
        };
        plan_action(state, cx, &mut plan, stream, &new);
        let action = plan.made[0];
        plan.set(state, At { stream, item: action, class: Class::Notes }, Field::ActionMeeting, Value::Item(self.item));
        Ok(plan.say("Action given."))
    }
}

/// Whether an owner may get an action of an item: nobody who declared a conflict of interest in it does.
pub(super) fn check_conflict(state: &State, item: AgendaItem<'_>, owner: ItemId) -> Result<(), Refusal> {
    let conflicted = item.conflicted(state);
    if conflicted.contains(&owner) {
        return Err(Refusal::new("They declared a conflict of interest in this item.", "Give it to somebody else."));
    }
    // An agency all of whose people here declared one would hand it to one of them.
    let of_agency = |member: &Member<'_>| member.agency() == Some(owner) && !member.left();
    let mut people = Member::all(state).into_iter().filter(of_agency).peekable();
    if people.peek().is_some() && people.all(|member| conflicted.contains(&member.0.id)) {
        return Err(Refusal::new(
            "Everybody of this agency declared a conflict of interest in this item.",
            "Give it to another agency.",
        ));
    }
    Ok(())
}
