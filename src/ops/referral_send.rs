//! Asking another team, or an agency of our own parish, to take a case up.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::consent;
use crate::domain::dates::jamaica;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::pack::{Risk, SERVICES};
use crate::domain::referral::{Referral, referrals};
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::telling;
use crate::domain::value::Value;
use crate::domain::views::{Case, agency_of};

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Puts a referral on record as sent; its clock runs from now. What leaves, and how, is a bundle's business.
#[derive(Clone, Debug)]
pub struct ReferralSend {
    /// The case.
    pub case: ItemId,
    /// Who is asked: a peer's root key (64 hex digits), or `agency:CODE`.
    pub to: String,
    /// `refer` or `transfer`.
    pub kind: String,
    /// The kind of help: a code of the pack's services; may be empty where words say what is asked for.
    pub category: String,
    /// What is asked for, in words; may be empty where the kind of help says it.
    pub service: String,
    /// A code of the list `priority`; empty: high at high risk, else normal.
    pub urgency: String,
    /// Why.
    pub reason: String,
    /// Why it goes although consent is lacking; kept only if it was needed.
    pub override_reason: String,
}

impl Verb for ReferralSend {
    const SPEC: Spec = Spec {
        name: "referral.send",
        label: "Refer or transfer",
        doc: "Asks another team or an agency to help with a case or to take it over; their answer is on a clock.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "referral send",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        cx.check_code("referral-kind", &self.kind)?;
        let from = self.sides(state)?;
        self.is_new(state, case)?;
        let (service, reason) = (clean::line_owned(&self.service), clean::prose_owned(&self.reason));
        if !self.category.is_empty() {
            cx.check_code(SERVICES, &self.category)?;
        }
        if service.is_empty() && self.category.is_empty() && self.kind != "transfer" {
            return Err(needs(&Self::SPEC, "what is asked for"));
        }
        if reason.is_empty() {
            return Err(needs(&Self::SPEC, "why"));
        }
        let overridden = self.consent(state, cx, case)?;
        let urgency = match (self.urgency.as_str(), Case(case).risk()) {
            ("", Risk::High | Risk::Unassessed) => "high",
            ("", _) => "normal",
            (given, _) => given,
        };
        let symbols = state.shortest_code(ItemKind::Referral);
        let at = At { stream: case.stream, item: cx.free_item(state, ItemKind::Referral), class: Class::Notes };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Referral);
        for (field, value) in [
            (Field::ReferralSymbols, Value::Number(i64::from(symbols))),
            (Field::ReferralKind, Value::code(&self.kind)),
            (Field::ReferralFrom, Value::text(from)),
            (Field::ReferralTo, Value::text(&self.to)),
            (Field::ReferralCategory, Value::code(&self.category)),
            (Field::ReferralBy, Value::text(self.asked_by(state, cx))),
            (Field::ReferralService, Value::text(&service)),
            (Field::ReferralUrgency, Value::code(urgency)),
            (Field::ReferralReason, Value::text(&reason)),
            (Field::ReferralSent, Value::when(cx.now)),
            (Field::ReferralDue, due(cx, urgency)),
            (Field::ReferralState, Value::code("sent")),
            (Field::ReferralOverride, Value::text(&overridden)),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        let name = teams::party_name(state, &self.to);
        // Nothing but words leaves for an agency of our own parish: those who talk with them have to know.
        let kept = telling::kept_from(state, Case(case), &self.to);
        let remember = if kept.is_nothing() { String::new() } else { format!(" Keep from them: {}.", kept.words()) };
        Ok(plan.say(format!("{name} is asked; their answer is awaited.{remember}")))
    }
}

impl ReferralSend {
    /// From agency to agency: the code of the one that whoever asks belongs to. Another team reads no more of us than
    /// our team.
    fn asked_by<'s>(&self, state: &'s State, cx: &Ctx<'_>) -> &'s str {
        if teams::agency_code(&self.to).is_some() { agency_of(state, cx.me) } else { "" }
    }

    /// Checks who is asked; returns who asks.
    fn sides<'s>(&self, state: &'s State) -> Result<&'s str, Refusal> {
        let own = teams::own_root(state);
        if let Some(code) = teams::agency_code(&self.to) {
            let known = state.items(ItemKind::Agency).find(|agency| agency.str(Field::AgencyCode) == code);
            if known.is_some_and(|agency| !agency.value(Field::AgencyRetired).is_nothing()) {
                return Err(Refusal::new(
                    format!("{code} is retired."),
                    "Ask another agency, or bring this one back (Team, or team agency back).",
                ));
            }
            if known.is_none() {
                return Err(Refusal::new(
                    format!("There is no agency {code} in this team's list."),
                    "Choose one from Team, or add it there first.",
                ));
            }
            if self.kind == "transfer" {
                return Err(Refusal::new(
                    "A case can be transferred to another parish's team only.",
                    "Refer it to the agency: your team stays responsible.",
                ));
            }
            return Ok(own.unwrap_or(""));
        }
        if own == Some(self.to.as_str()) {
            return Err(Refusal::new("That is your own team.", "Choose another team, or an agency of your parish."));
        }
        let peer = teams::peer_of(state, &self.to).ok_or_else(|| {
            Refusal::new("No team with this key is known here.", "Take its card first: `mahoe peer add FILE`.")
        })?;
        if !peer.value(Field::PeerRemoved).is_nothing() {
            return Err(Refusal::new(
                format!("{} was removed from your peers.", teams::peer_name(state, peer.id)),
                "Take its current card again, and compare the words.",
            ));
        }
        own.ok_or_else(|| {
            Refusal::new("Your team has no card yet, so nobody could answer.", "Make it first: `mahoe peer card`.")
        })
    }

    /// Nobody is asked the same twice while the first question waits.
    fn is_new(&self, state: &State, case: &Item) -> Result<(), Refusal> {
        let name = teams::party_name(state, &self.to);
        if let Some(holder) = teams::held_elsewhere(state, case) {
            return Err(Refusal::new(
                format!("{} is responsible for case {}.", holder.team, state.code(case.id)),
                "They decide who else is asked: write them a note.",
            ));
        }
        let all = referrals(state, Case(case));
        // One agency may be asked for several kinds of help at once.
        let alike =
            |it: &&Referral<'_>| self.category.is_empty() || it.category().is_empty() || it.category() == self.category;
        let same = all.iter().find(|it| it.is_waiting() && it.to() == self.to && it.kind() == self.kind && alike(it));
        let Some(same) = same else { return Ok(()) };
        let day = same.sent().map(|sent| sent.with_timezone(&jamaica()).format(" on %-d %b").to_string());
        Err(Refusal::new(
            format!("{name} was asked{} and has not answered yet.", day.unwrap_or_default()),
            format!("Wait for the answer, or take {} back first.", state.code(same.0.id)),
        ))
    }

    /// Refuses without consent; returns the reason to go all the same, if it was needed.
    fn consent(&self, state: &State, cx: &Ctx<'_>, case: &Item) -> Result<String, Refusal> {
        let lacking = consent::lacking_for(state, Case(case), (&self.kind, &self.to), cx.today());
        if lacking.is_empty() {
            return Ok(String::new());
        }
        let reason = clean::prose_owned(&self.override_reason);
        if reason.is_empty() {
            let words: Vec<String> =
                lacking.iter().map(|(scope, standing)| format!("{scope} {}", standing.why_not())).collect();
            return Err(Refusal::new(
                format!("There is no consent: {}.", words.join("; ")),
                "Ask, and record it (`mahoe consent record`). A coordinator or deputy can send it without, with a reason.",
            ));
        }
        cx.may_lead(state, "send a case on without consent")?;
        Ok(reason)
    }
}

/// When the policy expects an answer; nothing beyond the accepted years.
fn due(cx: &Ctx<'_>, urgency: &str) -> Value {
    let rules = &cx.pack.referral;
    let within = if urgency == "high" { rules.urgent } else { rules.answer };
    let due = within.after(cx.now.with_timezone(&jamaica()), &cx.pack.calendar());
    due.map_or(Value::Nothing, |due| Value::when(due.to_utc()))
}
