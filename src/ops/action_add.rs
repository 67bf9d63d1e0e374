//! Gives a member or an agency something to do by a day, in one case, several linked ones, or for the team.

use chrono::NaiveDate;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::item::Item;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Gives a member or an agency something to do by a day, in one case, several linked ones, or for the team.
#[derive(Clone, Debug)]
pub struct ActionAdd {
    /// The cases; none for an action of the team.
    pub cases: Vec<ItemId>,
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
    /// The class of the words; notes, if not given.
    pub class: Option<Class>,
    /// The day may be past: what a spreadsheet brings in is late already. Nobody types such a day.
    pub backdated: bool,
}

impl Verb for ActionAdd {
    const SPEC: Spec = Spec {
        name: "action.add",
        label: "Add an action",
        doc: "Gives a member or an agency something to do by a day, in one case, several linked ones, or for the team.",
        group: Group::Action,
        danger: Danger::Undoable,
        cli: "action add",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let text = clean::prose_owned(&self.text);
        if text.is_empty() {
            return Err(needs(&Self::SPEC, "what is to be done"));
        }
        check_owner(state, cx, self.owner)?;
        if self.backdated {
            check_brought_in(cx, self.due)?;
        } else {
            check_due(cx, self.due)?;
        }
        let priority = if self.priority.is_empty() { "normal" } else { &self.priority };
        cx.check_code("priority", priority)?;
        let class = self.class.unwrap_or(Class::Notes);
        if !class.keeps_words() {
            return Err(Refusal::new(
                "Actions can't be kept under that class.",
                "Choose notes, health, justice or interview.",
            ));
        }
        if class == Class::Views && self.cases.len() > 1 {
            return Err(Refusal::new(
                "A child's own words stay in that child's case.",
                "Give this action in one case, and others with words of their own in the linked ones.",
            ));
        }
        let streams = if self.cases.is_empty() { vec![state.team_stream()] } else { streams(state, cx, &self.cases)? };
        let group = (streams.len() > 1).then(|| cx.new_id());
        let mut plan = Plan::default();
        for stream in streams {
            let new =
                NewAction { text: &text, owner: self.owner, due: self.due, time: self.time, priority, class, group };
            plan_action(state, cx, &mut plan, stream, &new);
        }
        Ok(match plan.made.len() {
            1 => plan.say("Action added."),
            count => plan.say(format!("Action added in {count} cases.")),
        })
    }
}

/// The streams of open cases, each once.
pub(super) fn streams(state: &State, cx: &Ctx<'_>, cases: &[ItemId]) -> Result<Vec<StreamId>, Refusal> {
    let mut streams: Vec<StreamId> = Vec::with_capacity(cases.len());
    for case in cases {
        let stream = cx.open_case(state, *case)?.stream;
        if !streams.contains(&stream) {
            streams.push(stream);
        }
    }
    Ok(streams)
}

/// An action to be given.
pub(super) struct NewAction<'a> {
    pub text: &'a str,
    pub owner: ItemId,
    pub due: NaiveDate,
    pub time: Option<u16>,
    pub priority: &'a str,
    pub class: Class,
    pub group: Option<ItemId>,
}

/// Plans one action in a stream.
pub(super) fn plan_action(state: &State, cx: &mut Ctx<'_>, plan: &mut Plan, stream: StreamId, new: &NewAction<'_>) {
    let symbols = state.shortest_code(ItemKind::Action);
    let at = At { stream, item: cx.free_item(state, ItemKind::Action), class: new.class };
    plan.create(at, ItemKind::Action);
    for (field, value) in [
        (Field::ActionSymbols, Value::Number(i64::from(symbols))),
        (Field::ActionText, Value::text(new.text)),
        (Field::ActionOwner, Value::Item(new.owner)),
        (Field::ActionDue, Value::date(new.due)),
        (Field::ActionTime, new.time.map_or(Value::Nothing, |time| Value::Number(i64::from(time)))),
        (Field::ActionPriority, Value::code(new.priority)),
        (Field::ActionState, Value::code("open")),
        (Field::ActionCreated, Value::when(cx.now)),
        (Field::ActionGroup, new.group.map_or(Value::Nothing, Value::Item)),
    ] {
        plan.set(state, at, field, value);
    }
}

/// An owner is a member who is still with the team, or an agency.
pub(super) fn check_owner(state: &State, cx: &Ctx<'_>, owner: ItemId) -> Result<(), Refusal> {
    cx.check_value(state, Field::ActionOwner, &Value::Item(owner))
        .map_err(|_| Refusal::new("There is no such member or agency.", "Team lists who can own an action."))?;
    if state.item(owner).is_some_and(|member| !member.value(Field::MemberLeft).is_nothing()) {
        return Err(Refusal::new("This member has left the team.", "Give it to somebody else, or to the agency."));
    }
    if state.item(owner).is_some_and(|agency| !agency.value(Field::AgencyRetired).is_nothing()) {
        return Err(Refusal::new(
            "This agency is retired.",
            "Give it to another, or bring the agency back (Team, or team agency back).",
        ));
    }
    Ok(())
}

/// A new day to act by lies neither in the past nor beyond five years.
pub(super) fn check_due(cx: &Ctx<'_>, due: NaiveDate) -> Result<(), Refusal> {
    let today = cx.today();
    if due < today {
        return Err(Refusal::new(
            "The day lies in the past.",
            "Give a day from today on: \"fri\", \"+2w\", \"12 dec\".",
        ));
    }
    check_ahead(cx, due)
}

/// The day of an action from older lists may be past, but not by a slip of the year.
fn check_brought_in(cx: &Ctx<'_>, due: NaiveDate) -> Result<(), Refusal> {
    if due < cx.today() - chrono::TimeDelta::days(20 * 366) {
        return Err(Refusal::new("The day lies more than twenty years back.", "Check the year."));
    }
    check_ahead(cx, due)
}

fn check_ahead(cx: &Ctx<'_>, due: NaiveDate) -> Result<(), Refusal> {
    if due > cx.today() + chrono::TimeDelta::days(5 * 366) {
        return Err(Refusal::new(
            "The day lies more than five years ahead.",
            "Check the year, and the date of this computer.",
        ));
    }
    Ok(())
}

/// An action that is neither done nor cancelled.
pub(super) fn open_action<'s>(state: &'s State, cx: &Ctx<'_>, action: ItemId) -> Result<&'s Item, Refusal> {
    let item = cx.standing(state, action, ItemKind::Action)?;
    let code = state.code(action);
    match item.str(Field::ActionState) {
        "done" => Err(Refusal::new(format!("Action {code} is done."), "Add a new action if more is to be done.")),
        "cancelled" => Err(Refusal::new(format!("Action {code} was cancelled."), "Add a new action in its place.")),
        _ => Ok(item),
    }
}
