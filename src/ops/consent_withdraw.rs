//! Taking a consent back, and telling those who hold what it let them see.

use std::fmt::Write as _;

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::consent::{self, Consent};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::state::State;
use crate::domain::teams::{self, Shared};
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};

use super::action_add::{NewAction, plan_action};
use super::consent_record::check_scopes;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Writes down that a consent was withdrawn.
#[derive(Clone, Debug)]
pub struct ConsentWithdraw {
    /// The case.
    pub case: ItemId,
    /// What is withdrawn: codes of the list `consent-scope`; empty for everything that `consent` is for.
    pub scopes: Vec<String>,
    /// Only this consent; without it every consent to these scopes.
    pub consent: Option<ItemId>,
    /// Why, where it was said; may be empty.
    pub reason: String,
}

impl Verb for ConsentWithdraw {
    const SPEC: Spec = Spec {
        name: "consent.withdraw",
        label: "Withdraw consent",
        doc: "Writes down that consent was withdrawn, and gives the lead an action to tell each team that holds a part of the case.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "consent withdraw",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.standing(state, self.case, ItemKind::Case)?;
        let chosen = self.consent.map(|id| cx.standing(state, id, ItemKind::Consent)).transpose()?;
        let scopes = match chosen {
            Some(item) if self.scopes.is_empty() => Consent(item).scopes().into_iter().map(str::to_owned).collect(),
            _ => self.scopes.clone(),
        };
        check_scopes(cx, &scopes)?;
        let reason = clean::prose_owned(&self.reason);
        let reached = |item: &&Item| {
            let consent = Consent(item);
            self.consent.is_none_or(|id| id == item.id)
                && consent.withdrawn().is_none()
                && scopes.iter().any(|scope| consent.covers(scope))
        };
        let mut plan = Plan::default();
        for item in state.items_in(case.stream, ItemKind::Consent).filter(reached) {
            withdraw(state, cx, &mut plan, item, &scopes, &reason)?;
        }
        if plan.facts.is_empty() {
            return Err(Refusal::new(
                format!("There is no consent to {} that stands.", consent::scope_words(&scopes)),
                "Nothing needs to be withdrawn: without consent nothing is passed on.",
            ));
        }
        let shared = teams::shared_with(state, Case(case));
        let owner = lead_or(state, case, cx.me);
        // Who else holds the case is this team's own knowledge: it must never stand where another team reads it, as the
        // case's own record does. What all of this team reads names no case that only some may.
        let hidden = (Case(case).is_restricted() && !shared.is_empty()).then(|| {
            "A consent was withdrawn in a case of yours that only some may read: look there who holds it, and tell them"
                .to_owned()
        });
        let told = |share: &Shared| {
            format!(
                "Case {}: tell {} that consent to {} was withdrawn (they hold: {})",
                state.code(case.id),
                share.team,
                consent::scope_words(&scopes),
                holds(share)
            )
        };
        let texts = hidden.map_or_else(|| shared.iter().map(told).collect(), |text| vec![text]);
        let (stream, class) = (state.team_stream(), Class::Notes);
        for text in texts {
            let due = cx.today();
            let new = NewAction { text: &text, owner, due, time: None, priority: "high", class, group: None };
            plan_action(state, cx, &mut plan, stream, &new);
        }
        Ok(plan.say(says(&scopes, &shared)))
    }
}

/// Plans the withdrawal of some scopes of one consent. What it is for besides stays as it was.
fn withdraw(
    state: &State,
    cx: &mut Ctx<'_>,
    plan: &mut Plan,
    item: &Item,
    scopes: &[String],
    reason: &str,
) -> Result<(), Refusal> {
    let consent = Consent(item);
    let (gone, left): (Vec<&str>, Vec<&str>) =
        consent.scopes().into_iter().partition(|scope| scopes.iter().any(|wanted| wanted == scope));
    let now = Value::when(cx.now);
    let mut at = At::of(item);
    if !left.is_empty() {
        // Two consents from one: the part that stays, and the part that is withdrawn.
        plan.set(state, at, Field::ConsentScopes, Value::codes(left));
        at.item = cx.new_id();
        plan.create(at, ItemKind::Consent);
        plan.set(state, at, Field::ConsentScopes, Value::codes(gone));
        // What is kept from whom stays with the part that stays.
        for field in [
            Field::ConsentBy,
            Field::ConsentRole,
            Field::ConsentGiven,
            Field::ConsentUntil,
            Field::ConsentCapacity,
            Field::ConsentAssent,
            Field::ConsentAssentWhen,
            Field::ConsentTo,
        ] {
            plan.set(state, at, field, item.value(field));
        }
    }
    plan.set(state, at, Field::ConsentWithdrawn, now);
    if !reason.is_empty() {
        let before = if at.item == item.id { item.str(Field::ConsentNote) } else { "" };
        let gap = if before.is_empty() { "" } else { "\n" };
        let note = Value::text(&format!("{before}{gap}Withdrawn: {reason}"));
        cx.check_value(state, Field::ConsentNote, &note)?;
        plan.set(state, at, Field::ConsentNote, note);
    }
    Ok(())
}

/// The lead, if they are still with the team; else whoever asks.
fn lead_or(state: &State, case: &Item, me: ItemId) -> ItemId {
    let lead = Case(case).lead().filter(|lead| Member::get(state, *lead).is_some_and(|lead| !lead.left()));
    lead.unwrap_or(me)
}

fn holds(share: &Shared) -> String {
    if share.classes.is_empty() { "a part of the case".to_owned() } else { share.classes.join(", ") }
}

/// "Consent to disclosure is withdrawn. Saint Mary holds: core, health. Tell them: the action is due today."
fn says(scopes: &[String], shared: &[Shared]) -> String {
    let mut text = format!("Consent to {} is withdrawn.", consent::scope_words(scopes));
    for share in shared {
        let _ = write!(text, " {} holds: {}.", share.team, holds(share));
    }
    match shared.len() {
        0 => {}
        1 => text.push_str(" Tell them: the lead has an action for it, due today."),
        _ => text.push_str(" Tell each of them: the lead has an action for each, due today."),
    }
    text
}
