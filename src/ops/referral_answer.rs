//! Answering a referral: accepted, declined, done.

use chrono::NaiveDate;

use crate::domain::care::{Phase, Service};
use crate::domain::clean;
use crate::domain::dates::jamaica;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::referral::Referral;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::value::Value;

use super::plan::needs;
use super::referral_receive::{for_us, word};
use super::service_plan::{checked, create};
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is taken up. Of a transfer: our team is responsible from now on.
    Accept,
    /// It is not; the words say why.
    Decline,
    /// What was asked for is done.
    Done,
}

impl Answer {
    const fn state(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Decline => "declined",
            Self::Done => "done",
        }
    }
}

/// Answers a referral.
#[derive(Clone, Debug)]
pub struct ReferralAnswer {
    /// The referral.
    pub referral: ItemId,
    /// What is answered.
    pub answer: Answer,
    /// The words with it; required where it is declined.
    pub words: String,
    /// Of what is done: what came of it, a code of the list `service-outcome`; may be empty.
    pub outcome: String,
    /// Of what is done: on which day it was given; today, if not said.
    pub given: Option<NaiveDate>,
}

impl ReferralAnswer {
    /// An answer in words alone.
    pub fn new(referral: ItemId, answer: Answer, words: impl Into<String>) -> Self {
        Self { referral, answer, words: words.into(), outcome: String::new(), given: None }
    }
}

impl Verb for ReferralAnswer {
    const SPEC: Spec = Spec {
        name: "referral.answer",
        label: "Answer a referral",
        doc: "Accepts, declines or finishes what another team asked for, or what an agency answered.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "referral accept",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = for_us(state, cx, self.referral)?;
        self.follows(state, cx, item)?;
        let words = clean::prose_owned(&self.words);
        if words.is_empty() && self.answer == Answer::Decline {
            return Err(needs(&Self::SPEC, "why it is declined"));
        }
        let words = Value::text(&words);
        cx.check_value(state, Field::ReferralAnswer, &words)?;
        let at = At::of(item);
        let mut plan = Plan::default();
        plan.set(state, at, Field::ReferralState, Value::code(self.answer.state()));
        plan.set(state, at, Field::ReferralAnswered, Value::when(cx.now));
        // What was said on accepting stays where "done" has no words of its own.
        if !(words.is_nothing() && self.answer == Answer::Done) {
            plan.set(state, at, Field::ReferralAnswer, words);
        }
        let referral = Referral(item);
        if self.answer == Answer::Done {
            let given = self.given(cx, referral)?;
            let outcome = Value::code(&self.outcome);
            cx.check_value(state, Field::ReferralOutcome, &outcome)?;
            plan.set(state, at, Field::ReferralGiven, Value::date(given));
            plan.set(state, at, Field::ReferralOutcome, outcome);
        }
        let in_plan = self.care_plan(state, cx, &mut plan, referral)?;
        if self.answer == Answer::Accept
            && referral.is_transfer()
            && let Some(case) = referral.case(state)
        {
            let own = teams::own_root(state).unwrap_or("");
            plan.set(state, At::of(case.0), Field::CaseHolder, Value::text(own));
        }
        let code = state.code(self.referral);
        Ok(plan.say(match (self.answer, referral.is_transfer(), referral.case(state)) {
            (Answer::Accept, true, Some(case)) => {
                format!("Your team is responsible for case {} from now on.", state.code(case.0.id))
            }
            (Answer::Accept, ..) if in_plan => format!("Referral {code} is accepted; it stands in the care plan."),
            (Answer::Accept, ..) => format!("Referral {code} is accepted."),
            (Answer::Decline, ..) => format!("Referral {code} is declined."),
            (Answer::Done, ..) => format!("Referral {code} is done."),
        }))
    }
}

impl ReferralAnswer {
    /// The day on which it was given: neither ahead nor before it was asked for.
    fn given(&self, cx: &Ctx<'_>, referral: Referral<'_>) -> Result<NaiveDate, Refusal> {
        let given = self.given.unwrap_or_else(|| cx.today());
        let sent = referral.sent().map(|sent| sent.with_timezone(&jamaica()).date_naive());
        if given > cx.today() {
            return Err(Refusal::new("That day lies in the future.", "Give the day on which it was done."));
        }
        if sent.is_some_and(|sent| given < sent) {
            return Err(Refusal::new("That day lies before it was asked for.", "Check the day."));
        }
        Ok(given)
    }

    /// What an agency of the own parish accepts is planned in the care plan, and ended there when it is done; true if
    /// the plan took it in. What another team asks for stands in their plan.
    fn care_plan(
        &self,
        state: &State,
        cx: &mut Ctx<'_>,
        plan: &mut Plan,
        referral: Referral<'_>,
    ) -> Result<bool, Refusal> {
        let (Some(agency), Some(case)) = (referral.agency(state), referral.case(state)) else { return Ok(false) };
        let category = referral.category();
        let wanted = referral.is_ours(state) && case.is_open() && teams::held_elsewhere(state, case.0).is_none();
        if !wanted || cx.pack.service(category).is_none() {
            return Ok(false);
        }
        let all = Service::all(state, case);
        let linked = all.iter().find(|it| it.referral() == Some(referral.0.id));
        match (self.answer, linked) {
            (Answer::Accept, None) => {
                let free = |it: &&Service<'_>| {
                    it.category() == category
                        && matches!(it.phase(), Phase::Undecided | Phase::NotNeeded | Phase::Needed)
                };
                let at = match all.iter().find(free) {
                    Some(free) => At::of(free.0),
                    None => create(state, cx, plan, case.0, category),
                };
                plan.set(state, at, Field::ServiceNeeded, Value::YesNo(true));
                plan.set(state, at, Field::ServiceAgency, Value::Item(agency.id));
                plan.set(state, at, Field::ServiceReferral, Value::Item(referral.0.id));
                Ok(true)
            }
            (Answer::Done, Some(service)) if service.phase() != Phase::Ended => {
                let given = self.given(cx, referral)?;
                let began = service.started().map_or(given, |started| started.min(given));
                let values = vec![
                    (Field::ServiceStarted, Value::date(began)),
                    (Field::ServiceEnded, Value::date(given)),
                    (Field::ServiceOutcome, Value::code(&self.outcome)),
                ];
                for (field, value) in checked(state, cx, Some(service.0), values)? {
                    plan.set(state, At::of(service.0), field, value);
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Refuses an answer that doesn't follow from where the referral stands.
    fn follows(&self, state: &State, cx: &Ctx<'_>, item: &Item) -> Result<(), Refusal> {
        let (now, code) = (Referral(item).state(), state.code(self.referral));
        match (self.answer, now) {
            (Answer::Accept | Answer::Decline, "sent" | "received") | (Answer::Done, "accepted") => Ok(()),
            (Answer::Done, "sent" | "received") => Err(Refusal::new(
                format!("Referral {code} is not accepted yet."),
                "Accept it first, then say that it is done.",
            )),
            (_, "revoked") => Err(Refusal::new(
                format!("Referral {code} was taken back by {}.", Referral(item).other_side(state)),
                "Nothing needs to be done. Ask them if you think that it should go on.",
            )),
            (Answer::Decline, "accepted") => Err(Refusal::new(
                format!("Referral {code} is accepted already."),
                "If it can't go on, say so with `done` and a note, or ask them to take it back.",
            )),
            _ => Err(Refusal::new(
                format!("Referral {code} is answered: it is {}.", word(cx, item)),
                "If more is to be said, write a note in the case.",
            )),
        }
    }
}
