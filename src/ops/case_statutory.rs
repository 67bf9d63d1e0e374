//! Recording the report to the Registry that the law asks for, and the case ID that it was answered with.

use chrono::{DateTime, Utc};

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Records the statutory report: when, through which channel, by whom, and the Registry's case ID when it has come. What is
/// left out keeps what is recorded; a report that is new needs its time and its channel, because the number alone says
/// neither (Child Care and Protection Act, section 6: whoever reported may have to show it).
#[derive(Clone, Debug)]
pub struct CaseStatutory {
    /// The case.
    pub case: ItemId,
    /// When the report was made.
    pub when: Option<DateTime<Utc>>,
    /// The channel's code in the policy pack.
    pub channel: Option<String>,
    /// The Registry's case ID.
    pub ncr: Option<String>,
    /// Who made it; whoever records it, where nobody is named.
    pub by: Option<ItemId>,
}

impl Verb for CaseStatutory {
    const SPEC: Spec = Spec {
        name: "case.statutory",
        label: "Record the statutory report",
        doc: "Records the report to the Registry: when, through which channel, by whom, and the Registry's case ID.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case statutory",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.standing(state, self.case, ItemKind::Case)?;
        let at = At::of(case);
        let when = self.when.or_else(|| case.value(Field::CaseStatutory).as_when()).ok_or_else(when_missing)?;
        super::case_open::check_days(cx, &[(Field::CaseStatutory, Value::when(when))])?;
        let mut plan = Plan::default();
        plan.set(state, at, Field::CaseStatutory, Value::when(when));
        match self.channel.as_deref().filter(|channel| !channel.is_empty()) {
            Some(channel) => {
                cx.check_code("channel", channel)?;
                plan.set(state, at, Field::CaseStatutoryChannel, Value::code(channel));
            }
            None if case.value(Field::CaseStatutoryChannel).is_nothing() => {
                return Err(Refusal::new(
                    "Through which channel was it reported?",
                    "Say how: 211, at a station, in person. Who has to show the report later needs it.",
                ));
            }
            None => {}
        }
        if let Some(by) = self.by {
            cx.check_value(state, Field::CaseStatutoryBy, &Value::Item(by))
                .map_err(|_| Refusal::new("There is no such member.", "Team lists who is on it."))?;
            plan.set(state, at, Field::CaseStatutoryBy, Value::Item(by));
        } else if case.value(Field::CaseStatutoryBy).is_nothing() && cx.standing(state, cx.me, ItemKind::Member).is_ok()
        {
            plan.set(state, at, Field::CaseStatutoryBy, Value::Item(cx.me));
        }
        let ncr = self.ncr.as_deref().map(clean::line_owned).filter(|ncr| !ncr.is_empty());
        let known = ncr.is_some() || !case.value(Field::CaseNcr).is_nothing();
        if let Some(ncr) = ncr {
            let ncr = Value::text(&ncr);
            cx.check_value(state, Field::CaseNcr, &ncr)?;
            plan.set(state, at, Field::CaseNcr, ncr);
        }
        let says =
            if known { "The report is recorded." } else { "The report is recorded; its case ID is still to come." };
        plan.say(says).or_unchanged()
    }
}

/// A case ID without the time of the report.
pub(super) fn when_missing() -> Refusal {
    Refusal::new(
        "It is not recorded when the report to the Registry was made.",
        "Give the report's day and time too, not its case ID alone: \"today 09:30\", \"12 nov\".",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::CaseEdit;
    use crate::session::Session;
    use crate::testing::team::{case, morning, team};
    use crate::vault::disk::MemoryDisk;

    fn report(case: ItemId) -> CaseStatutory {
        CaseStatutory { case, when: None, channel: None, ncr: None, by: None }
    }

    fn clock(session: &Session, code: &str) -> bool {
        session.today().iter().any(|due| due.what == crate::domain::today::What::Clock(code.into()))
    }

    #[test]
    fn a_report_stops_its_clock_and_the_number_stops_the_next() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "A worry");
        assert!(clock(&session, "statutory-report"));
        let made = CaseStatutory { when: Some(morning()), channel: Some("phone".into()), ..report(case) };
        let channel = session.pack().list("channel")[0].code.clone();
        let made = CaseStatutory { channel: Some(channel), ..made };
        assert!(session.run(made).expect("recorded").says.contains("still to come"));
        assert!(!clock(&session, "statutory-report") && clock(&session, "ncr-number"));
        assert_eq!(
            session.state().item(case).and_then(|it| it.value(Field::CaseStatutoryBy).as_item()),
            Some(session.me())
        );
        session.run(CaseStatutory { ncr: Some("24-1183".into()), ..report(case) }).expect("the number alone, later");
        assert!(!clock(&session, "ncr-number"));
        assert!(session.run(CaseStatutory { ncr: Some("24-1183".into()), ..report(case) }).is_err(), "nothing new");
    }

    #[test]
    fn a_report_needs_time_and_channel_and_lies_behind_us() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "A worry");
        let refused = |session: &mut Session, op: CaseStatutory| session.run(op).expect_err("refused").message;
        let number = CaseStatutory { ncr: Some("24-1183".into()), ..report(case) };
        assert!(refused(&mut session, number).contains("when the report"));
        let no_channel = CaseStatutory { when: Some(morning()), ..report(case) };
        assert!(refused(&mut session, no_channel.clone()).contains("channel"));
        let odd = CaseStatutory { channel: Some("pigeon".into()), ..no_channel };
        assert!(refused(&mut session, odd.clone()).contains("pigeon"));
        let ahead = CaseStatutory { when: Some(morning() + chrono::TimeDelta::days(1)), ..odd };
        assert!(refused(&mut session, ahead).contains("future"));
        let edit = CaseEdit { case, values: vec![(Field::CaseNcr, Value::text("24-1183"))], followup: false };
        assert!(session.run(edit).expect_err("refused").message.contains("when the report"));
    }
}
