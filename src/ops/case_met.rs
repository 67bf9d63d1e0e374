//! Recording that the child was first reached, or seen by a health worker.

use chrono::{DateTime, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::pack::Trigger;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// What was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Somebody from the team reached the child or the family.
    FirstContact,
    /// A health worker saw the child.
    MedicalCheck,
}

impl Met {
    /// Both.
    pub const ALL: [Self; 2] = [Self::FirstContact, Self::MedicalCheck];

    /// The trigger of the policy's clocks.
    pub const fn trigger(self) -> Trigger {
        match self {
            Self::FirstContact => Trigger::FirstContact,
            Self::MedicalCheck => Trigger::MedicalCheck,
        }
    }

    /// The field that holds the moment.
    pub const fn field(self) -> Field {
        match self {
            Self::FirstContact => Field::CaseFirstContact,
            Self::MedicalCheck => Field::CaseMedical,
        }
    }

    /// The kind of note that tells of it, and the class of its words where the policy has no such kind.
    const fn note(self) -> (&'static str, Class) {
        match self {
            Self::FirstContact => ("contact", Class::Notes),
            Self::MedicalCheck => ("health", Class::Health),
        }
    }
}

/// Records the first contact or the medical check, and stops its clock.
#[derive(Clone, Debug)]
pub struct CaseMet {
    /// The case.
    pub case: ItemId,
    /// What was met.
    pub what: Met,
    /// When; now, if not given.
    pub when: Option<DateTime<Utc>>,
    /// What was found, kept as a note; may be empty.
    pub note: String,
}

impl Verb for CaseMet {
    const SPEC: Spec = Spec {
        name: "case.met",
        label: "Record a contact or check",
        doc: "Records the first contact or the medical check, which stops its clock, with a note of what was found.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case met",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.standing(state, self.case, ItemKind::Case)?;
        let when = self.when.unwrap_or(cx.now);
        let field = self.what.field();
        super::case_open::check_days(cx, &[(field, Value::when(when))])?;
        let mut plan = Plan::default();
        plan.set(state, At::of(case), field, Value::when(when));
        let text = clean::prose_owned(&self.note);
        if !text.is_empty() {
            let (kind, class) = self.what.note();
            let known = cx.pack.choice("note-kind", kind);
            let class = known.and_then(|kind| kind.class).unwrap_or(class);
            let at = At { stream: case.stream, item: cx.new_id(), class };
            let text = Value::text(&text);
            cx.check_value(state, Field::NoteText, &text)?;
            plan.create(at, ItemKind::Note);
            plan.set(state, at, Field::NoteKind, Value::code(known.map_or("general", |_| kind)));
            plan.set(state, at, Field::NoteText, text);
            plan.set(state, at, Field::NoteWhen, Value::when(when));
        }
        plan.say(match self.what {
            Met::FirstContact => "First contact recorded.",
            Met::MedicalCheck => "Medical check recorded.",
        })
        .or_unchanged()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::today::What;
    use crate::testing::team::{case, morning, team};
    use crate::vault::disk::MemoryDisk;

    #[test]
    fn a_first_contact_stops_its_clock_and_keeps_what_was_found() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "A worry");
        let waits = |session: &crate::session::Session| {
            session.today().iter().any(|due| due.what == What::Clock("first-contact".into()))
        };
        assert!(waits(&session));
        let op = CaseMet { case, what: Met::FirstContact, when: None, note: "seen at school, well".into() };
        session.run(op.clone()).expect("recorded");
        assert!(!waits(&session));
        let stream = session.state().item(case).expect("there").stream;
        let note = session.state().items_in(stream, ItemKind::Note).next().expect("a note");
        assert_eq!((note.class, note.str(Field::NoteKind)), (Class::Notes, "contact"));
        let again = CaseMet { note: String::new(), ..op };
        assert!(session.run(again).expect_err("the same again").message.contains("Nothing would change"));
    }

    #[test]
    fn what_a_health_worker_found_is_kept_as_health_and_never_ahead_of_time() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "A worry");
        let op = CaseMet { case, what: Met::MedicalCheck, when: None, note: "rest for a week".into() };
        let ahead = CaseMet { when: Some(morning() + chrono::TimeDelta::hours(2)), ..op.clone() };
        assert!(session.run(ahead).expect_err("refused").message.contains("future"));
        session.run(op).expect("recorded");
        let stream = session.state().item(case).expect("there").stream;
        let note = session.state().items_in(stream, ItemKind::Note).next().expect("a note");
        assert_eq!(note.class, Class::Health);
    }
}
