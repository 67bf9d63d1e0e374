//! Puts a copy of minutes on record.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::minutes::Reader;
use crate::domain::meeting::{Meeting, Phase};
use crate::domain::paper::Form;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::owner_name;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts a copy of approved minutes on record, by its digest, so that it is known again and nobody can change it unseen.
#[derive(Clone, Debug)]
pub struct PaperIssue {
    /// The meeting.
    pub meeting: ItemId,
    /// For whom the copy is.
    pub reader: Reader,
    /// Its form.
    pub form: Form,
    /// BLAKE3 of the file, 64 hex digits.
    pub digest: String,
    /// Why it leaves so that anybody can read it; empty for one that is sealed, shown or printed here.
    pub why: String,
}

impl Verb for PaperIssue {
    const SPEC: Spec = Spec {
        name: "paper.issue",
        label: "A copy of the minutes",
        doc: "Makes a copy of the minutes for a reader: names masked, without what is not for them.",
        group: Group::Meeting,
        danger: Danger::Undoable,
        cli: "meeting minutes",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let meeting = Meeting(cx.standing(state, self.meeting, ItemKind::Meeting)?);
        if meeting.phase() < Phase::Approved {
            return Err(Refusal::new("These minutes are not approved.", "Have them approved first."));
        }
        if self.digest.len() != 64 || !self.digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Refusal::new("This is no digest.", "Make the copy again."));
        }
        let made_for = match self.reader {
            Reader::Anybody => "anybody".to_owned(),
            Reader::Agency(id) | Reader::Member(id) => owner_name(state, Some(id)).into_owned(),
        };
        let form = match self.form {
            Form::Text => "text",
            Form::Markdown => "markdown",
            Form::Html => "html",
        };
        let at = At { stream: meeting.0.stream, item: cx.new_id(), class: Class::Core };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Paper);
        for (field, value) in [
            (Field::PaperWhat, Value::text("minutes")),
            (Field::PaperFor, Value::text(&made_for)),
            (Field::PaperForm, Value::text(form)),
            (Field::PaperDigest, Value::text(&self.digest)),
            (Field::PaperMade, Value::when(cx.now)),
        ] {
            plan.set(state, at, field, value);
        }
        let why = Value::text(&clean::line_owned(&self.why));
        if !why.is_nothing() {
            cx.check_value(state, Field::PaperWhy, &why)?;
            plan.set(state, at, Field::PaperWhy, why);
        }
        Ok(plan.say("The copy is on record."))
    }
}
