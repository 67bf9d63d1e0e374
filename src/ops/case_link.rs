//! Cases that belong together.

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Links two cases. Links are the team's own: no bundle but a sync between its devices carries them.
#[derive(Clone, Debug)]
pub struct CaseLink {
    /// One case.
    pub a: ItemId,
    /// The other.
    pub b: ItemId,
    /// The kind's code in the policy pack.
    pub kind: String,
    /// Why they belong together, and who says so.
    pub words: Words,
}

/// Why two cases belong together, and who says so; either may be empty.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Why.
    pub note: String,
    /// Who says so: "Insp. Reid, from the statements".
    pub said_by: String,
}

/// The kind of link that stands on somebody's word: cases behind which the same people are suspected.
const NETWORK: &str = "network";

impl Verb for CaseLink {
    const SPEC: Spec = Spec {
        name: "case.link",
        label: "Link to another case",
        doc: "Says that two cases belong together: siblings, one household, one suspected network.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case link",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        cx.standing(state, self.a, ItemKind::Case)?;
        cx.standing(state, self.b, ItemKind::Case)?;
        cx.check_code("link-kind", &self.kind)?;
        if self.a == self.b {
            return Err(Refusal::new("A case can't be linked to itself.", "Give the other case's code."));
        }
        let pair = [self.a, self.b];
        let there = state.items(ItemKind::Link).any(|link| {
            let ends = [link.value(Field::LinkA).as_item(), link.value(Field::LinkB).as_item()];
            pair.iter().all(|case| ends.contains(&Some(*case))) && link.str(Field::LinkKind) == self.kind
        });
        if there {
            return Err(Refusal::new("These two cases are already linked so.", "Nothing needs to be done."));
        }
        let words =
            Words { note: clean::prose_owned(&self.words.note), said_by: clean::line_owned(&self.words.said_by) };
        let restricted = [self.a, self.b].iter().any(|case| Case::get(state, *case).is_some_and(Case::is_restricted));
        if restricted && !(words.note.is_empty() && words.said_by.is_empty()) {
            return Err(Refusal::new(
                "The whole team can read a link, so of a restricted case it says nothing more.",
                "Link them without words, and write a note in the case itself.",
            ));
        }
        if !restricted && self.kind == NETWORK && words.said_by.is_empty() {
            return Err(Refusal::new(
                "A suspicion stands on somebody's word: who says so?",
                "Say who suspects that these cases belong together, and on what.",
            ));
        }
        for (field, text) in [(Field::LinkNote, &words.note), (Field::LinkSaidBy, &words.said_by)] {
            cx.check_value(state, field, &Value::text(text))?;
        }
        let mut plan = Plan::default();
        link(state, cx, &mut plan, (self.a, self.b), &self.kind, &words);
        Ok(plan.say("Linked."))
    }
}

/// Plans a link between two cases, or two records of one person.
pub(super) fn link(
    state: &State,
    cx: &mut Ctx<'_>,
    plan: &mut Plan,
    ends: (ItemId, ItemId),
    kind: &str,
    words: &Words,
) {
    let (a, b) = ends;
    let at = At { stream: state.team_stream(), item: cx.new_id(), class: Class::Links };
    plan.create(at, ItemKind::Link);
    plan.set(state, at, Field::LinkA, Value::Item(a));
    plan.set(state, at, Field::LinkB, Value::Item(b));
    plan.set(state, at, Field::LinkKind, Value::code(kind));
    plan.set(state, at, Field::LinkNote, Value::text(&words.note));
    plan.set(state, at, Field::LinkSaidBy, Value::text(&words.said_by));
}
