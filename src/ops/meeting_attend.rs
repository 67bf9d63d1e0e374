//! Who is at a meeting, who sent apologies, who stayed away.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Attendance, Phase};
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Member;

use super::meeting_edit::leading;
use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Whose attendance it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A member of the team.
    Member(ItemId),
    /// Somebody else: a name, and the agency or organisation.
    Visitor {
        /// The name.
        name: String,
        /// Where they come from; may be empty.
        agency: String,
    },
}

/// Marks somebody's attendance.
#[derive(Clone, Debug)]
pub struct MeetingAttend {
    /// The meeting.
    pub meeting: ItemId,
    /// Who.
    pub who: Who,
    /// A code of the list `attendance`.
    pub mark: String,
    /// They sent information; as it was, if not said.
    pub info: Option<bool>,
    /// They signed the confidentiality statement; as it was, if not said.
    pub signed: Option<bool>,
}

impl Verb for MeetingAttend {
    const SPEC: Spec = Spec {
        name: "meeting.attend",
        label: "Attendance",
        doc: "Marks who is present, sent apologies or information, is absent, has left, or watches as an observer.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting attend",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        let meeting = leading(state, cx, self.meeting, "mark attendance")?;
        if matches!(meeting.phase(), Phase::Cancelled | Phase::Approved | Phase::Sent) {
            return Err(Refusal::new(
                format!("Meeting {} is {}.", state.code(self.meeting), meeting.phase().name()),
                "Its attendance stands as it is.",
            ));
        }
        cx.check_code("attendance", &self.mark)?;
        let there = self.there(state, cx)?;
        let signed = self.signed.unwrap_or_else(|| there.is_some_and(Attendance::signed));
        let watches = self.mark == "observer" || self.watches(state);
        if watches && matches!(self.mark.as_str(), "present" | "observer") && !signed {
            return Err(Refusal::new(
                "Observers and visitors sign the confidentiality statement first.",
                "Have it signed, then mark them so (`--signed`).",
            ));
        }
        let mut plan = Plan::default();
        let at = if let Some(attendance) = there {
            At::of(attendance.0)
        } else {
            let at = At { stream: meeting.0.stream, item: cx.new_id(), class: Class::Core };
            plan.create(at, ItemKind::Attendance);
            self.who(state, cx, &mut plan, at)?;
            at
        };
        plan.set(state, at, Field::AttendanceMark, Value::code(&self.mark));
        if let Some(info) = self.info {
            plan.set(state, at, Field::AttendanceInfo, Value::YesNo(info));
        }
        if self.signed.is_some() {
            plan.set(state, at, Field::AttendanceSigned, Value::YesNo(signed));
        }
        let label = cx.pack.label("attendance", &self.mark).to_owned();
        plan.say(format!("Marked: {label}.")).or_unchanged()
    }
}

impl MeetingAttend {
    /// Plans who it is.
    fn who(&self, state: &State, cx: &Ctx<'_>, plan: &mut Plan, at: At) -> Result<(), Refusal> {
        match &self.who {
            Who::Member(member) => plan.set(state, at, Field::AttendanceMember, Value::Item(*member)),
            Who::Visitor { name, agency } => {
                for (field, text) in [(Field::AttendanceName, name), (Field::AttendanceAgency, agency)] {
                    let value = Value::text(&clean::line_owned(text));
                    cx.check_value(state, field, &value)?;
                    plan.set(state, at, field, value);
                }
            }
        }
        Ok(())
    }

    /// The attendance on record of this person.
    fn there<'s>(&self, state: &'s State, cx: &Ctx<'_>) -> Result<Option<Attendance<'s>>, Refusal> {
        let meeting = crate::domain::meeting::Meeting(cx.standing(state, self.meeting, ItemKind::Meeting)?);
        let mut all = meeting.attendance(state).into_iter();
        match &self.who {
            Who::Member(member) => {
                let there = all.find(|one| one.member() == Some(*member));
                let listed = cx.standing(state, *member, ItemKind::Member)?;
                let left = listed.held(Field::MemberLeft).as_date();
                if left.zip(meeting.day()).is_some_and(|(left, day)| left < day) && there.is_none() {
                    return Err(Refusal::new(
                        "This member had left the team before the meeting.",
                        "Add them as a visitor, by name, if they were there.",
                    ));
                }
                Ok(there)
            }
            Who::Visitor { name, .. } => {
                let name = clean::line_owned(name);
                if name.is_empty() {
                    return Err(needs(&Self::SPEC, "the visitor's name"));
                }
                Ok(all.find(|one| one.member().is_none() && one.name(state).eq_ignore_ascii_case(&name)))
            }
        }
    }

    /// True for visitors, and for members who are observers on the team.
    fn watches(&self, state: &State) -> bool {
        match self.who {
            Who::Member(member) => Member::get(state, member).is_some_and(|member| member.role() == "observer"),
            Who::Visitor { .. } => true,
        }
    }
}
