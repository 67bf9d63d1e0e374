//! A case that another team took over is edited there. Here it stays readable, and can be told about in notes.

use crate::domain::class::Class;
use crate::domain::dates::jamaica;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::views::Case;

use super::{Plan, Refusal};

/// Refuses a plan that edits a case for which another team is responsible. Notes, strikes, consent, referrals and
/// whatever is this team's own stay free.
///
/// # Errors
/// Who is responsible since when, and what to do instead.
pub(super) fn check(state: &State, plan: &Plan) -> Result<(), Refusal> {
    for placed in plan.facts.iter().filter(|placed| !placed.class.team_only()) {
        let Some(case) = Case::of_stream(state, placed.stream) else { continue };
        let Some(holder) = teams::held_elsewhere(state, case.0) else { continue };
        if is_free(state, plan, placed) {
            continue;
        }
        let since = holder.since.map(|since| since.with_timezone(&jamaica()).format(" since %-d %b %Y").to_string());
        return Err(Refusal::new(
            format!("{} is responsible for case {}{}.", holder.team, state.code(case.0.id), since.unwrap_or_default()),
            "Write a note in it: they get it with the next update.",
        ));
    }
    Ok(())
}

fn is_free(state: &State, plan: &Plan, placed: &Placed) -> bool {
    let free = |kind: ItemKind, class: Class| {
        class.team_only() || matches!(kind, ItemKind::Note | ItemKind::Consent | ItemKind::Referral | ItemKind::Share)
    };
    match &placed.fact {
        Fact::Created { kind, class, .. } => free(*kind, *class),
        // Whoever accepts a further transfer takes the case over from the one that held it.
        Fact::Set { field: Field::CaseHolder, .. } => true,
        Fact::Set { item, .. } => what(state, plan, *item).is_some_and(|(kind, class)| free(kind, class)),
        _ => true,
    }
}

/// Kind and class of an item that stands or that the plan makes.
fn what(state: &State, plan: &Plan, id: ItemId) -> Option<(ItemKind, Class)> {
    let new = plan.facts.iter().find_map(|placed| match placed.fact {
        Fact::Created { item, kind, class } if item == id => Some((kind, class)),
        _ => None,
    });
    new.or_else(|| state.item(id).map(|item| (item.kind, item.class)))
}
