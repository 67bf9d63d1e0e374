//! Ends meetings that recur.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Phase, Series};
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Ends a series. What stands in the calendar is called off by hand, with a reason.
#[derive(Clone, Debug)]
pub struct SeriesEnd {
    /// The series.
    pub series: ItemId,
}

impl Verb for SeriesEnd {
    const SPEC: Spec = Spec {
        name: "series.end",
        label: "End recurring meetings",
        doc: "No further meeting of this series is put into the calendar; the one that stands there stays.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting series end",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_lead(state, "end recurring meetings")?;
        let series = Series(cx.standing(state, self.series, ItemKind::Series)?);
        if !series.0.held(Field::SeriesEnded).is_nothing() {
            return Err(Refusal::new("This series has ended.", "Nothing is left to do."));
        }
        let mut plan = Plan::default();
        plan.set(state, At::of(series.0), Field::SeriesEnded, Value::date(cx.today()));
        let stands = Meeting::all(state).into_iter().any(|meeting| {
            meeting.0.held(Field::MeetingSeries).as_item() == Some(self.series) && meeting.phase() == Phase::Planned
        });
        Ok(plan.say(if stands {
            "Ended. The meeting in the calendar stays: call it off if it isn't held."
        } else {
            "Ended."
        }))
    }
}
