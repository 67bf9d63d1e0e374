//! Keeping a finished screening: the form's answers, with the outcome. It is never changed afterwards; another follows it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::form::answers::MOST_KEPT;
use crate::domain::form::{Given, Misfit};
use crate::domain::ids::ItemId;
use crate::domain::screening;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Keeps a finished screening.
#[derive(Clone, Debug)]
pub struct ScreeningFinish {
    /// The case.
    pub case: ItemId,
    /// The code of the pack's form; its first for screenings, if empty.
    pub form: String,
    /// What was answered, by question.
    pub answers: Given,
    /// When it was done; now, if not said.
    pub when: Option<DateTime<Utc>>,
    /// Where; may be empty.
    pub place: String,
    /// A code of the list `screening-why`; may be empty.
    pub why: String,
    /// A code of the list `screening-mode`; may be empty.
    pub mode: String,
    /// By whom; whoever writes it, if not said.
    pub by: Option<ItemId>,
    /// A code of the list `screening-outcome`; may be empty only where asking was stopped.
    pub outcome: String,
    /// Whether asking was stopped because the child began to tell.
    pub stopped: bool,
    /// The earlier screening of this case that it follows.
    pub follows: Option<ItemId>,
    /// Anything more; may be empty.
    pub note: String,
}

impl Verb for ScreeningFinish {
    const SPEC: Spec = Spec {
        name: "screening.finish",
        label: "Keep a screening",
        doc: "Keeps a finished screening with its answers and outcome. It can't be changed afterwards, only followed by another.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "screening new",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        let pack = cx.pack;
        let form = screening::form_of(pack, &self.form).ok_or_else(|| no_form(cx, &self.form))?;
        let when = self.when.unwrap_or(cx.now);
        if when > cx.now + TimeDelta::minutes(10) {
            return Err(Refusal::new("A screening can't lie in the future.", "Give the time at which it was done."));
        }
        if self.outcome.is_empty() && !self.stopped {
            return Err(needs(&Self::SPEC, "the outcome"));
        }
        if let Some(earlier) = self.follows {
            let earlier = cx.standing(state, earlier, ItemKind::Screening)?;
            if earlier.stream != case.stream {
                return Err(Refusal::new(
                    "That screening belongs to another case.",
                    "Name an earlier screening of this case, or none.",
                ));
            }
        }
        let answers =
            form.read((state, pack, cx.today()), &self.answers, self.stopped).map_err(|wrong| misfits(&wrong))?;
        if answers.is_empty() && !self.stopped {
            return Err(Refusal::new(
                "Nothing was answered.",
                "Answer at least one question. What can't be known is answered with \"unknown\".",
            ));
        }
        let kept = answers.write();
        if kept.chars().count() > MOST_KEPT {
            return Err(Refusal::new(
                format!("These answers are longer than {MOST_KEPT} characters."),
                "Shorten the longest of them, and put the rest into notes.",
            ));
        }
        let symbols = state.shortest_code(ItemKind::Screening);
        let id = cx.free_item(state, ItemKind::Screening);
        let at = At { stream: case.stream, item: id, class: form.class };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Screening);
        for (field, value) in [
            (Field::ScreeningForm, Value::text(&form.code)),
            (Field::ScreeningLabel, Value::text(&form.label)),
            (Field::ScreeningVersion, Value::Number(i64::from(form.version))),
            (Field::ScreeningPack, Value::text(&format!("{} {}", pack.id, pack.version))),
            (Field::ScreeningWhen, Value::when(when)),
            (Field::ScreeningWhy, Value::code(&self.why)),
            (Field::ScreeningMode, Value::code(&self.mode)),
            (Field::ScreeningBy, Value::Item(self.by.unwrap_or(cx.me))),
            (Field::ScreeningOutcome, Value::code(&self.outcome)),
            (Field::ScreeningFollows, self.follows.map_or(Value::Nothing, Value::Item)),
            (Field::ScreeningWhere, Value::text(&clean::line_owned(&self.place))),
            (Field::ScreeningStopped, if self.stopped { Value::YesNo(true) } else { Value::Nothing }),
            (Field::ScreeningNote, Value::text(&clean::prose_owned(&self.note))),
            (Field::ScreeningSymbols, Value::Number(i64::from(symbols))),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        // Bounded above, by what a form can hold.
        plan.set(state, at, Field::ScreeningAnswers, Value::text(&kept));
        Ok(plan.say(if self.stopped { "Screening stopped and kept." } else { "Screening kept." }))
    }
}

fn no_form(cx: &Ctx<'_>, code: &str) -> Refusal {
    let forms = cx.pack.forms.iter().filter(|form| form.purpose == crate::domain::form::SCREENING);
    let codes: Vec<&str> = forms.map(|form| form.code.as_str()).collect();
    if codes.is_empty() {
        return Refusal::new(
            "The policy in force has no screening form.",
            "A coordinator can add one to the policy: the pack that mahoe ships has an example.",
        );
    }
    Refusal::new(
        format!("The policy has no screening form called \"{}\".", clean::line(code)),
        format!("Use one of: {}.", codes.join(", ")),
    )
}

/// The first answer that doesn't fit, and how many more there are.
fn misfits(wrong: &[Misfit]) -> Refusal {
    let Some(first) = wrong.first() else {
        return Refusal::new("The answers don't fit the form.", "Check them and try again.");
    };
    let more = match wrong.len() {
        1 => String::new(),
        2 => " One more answer does not fit.".to_owned(),
        count => format!(" {} more answers do not fit.", count - 1),
    };
    Refusal::new(
        format!("The answer to \"{}\" does not fit: {}{more}", clean::line(&first.question), first.message),
        "Correct it, then try again.",
    )
}
