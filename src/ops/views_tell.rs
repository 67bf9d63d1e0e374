//! Writing down what the child agreed may be told of their own words.

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::telling::{self, MayTell};
use crate::domain::value::Value;

use super::consent_record::check_party;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Says of a note of the child's views what the child agreed may be told of it.
#[derive(Clone, Debug)]
pub struct ViewsTell {
    /// The note.
    pub note: ItemId,
    /// What: `ask`, `team`, `named` or `nobody`.
    pub may: String,
    /// The teams and agencies that may be told, where some are named.
    pub to: Vec<String>,
}

impl Verb for ViewsTell {
    const SPEC: Spec = Spec {
        name: "views.tell",
        label: "What may be told",
        doc: "Writes down what the child agreed may be told of their own words, and to whom; until then the child is asked first.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "views tell",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let note = cx.standing(state, self.note, ItemKind::Note)?;
        if note.class != Class::Views {
            return Err(Refusal::new(
                "This note holds no words of the child.",
                "Choose one of the child's views: `v` in the case shows them.",
            ));
        }
        if teams::made_elsewhere(state, note) {
            return Err(Refusal::new(
                "Another team wrote these words down, and says what may be told of them.",
                "Ask that team, or write down what the child says to you.",
            ));
        }
        let Some(may) = MayTell::ALL.into_iter().find(|may| may.code() == self.may) else {
            return Err(Refusal::new(
                "It must be said what may be told.",
                "Use one of: ask (the child is asked first), team, named, nobody.",
            ));
        };
        if (may == MayTell::Named) == self.to.is_empty() {
            return Err(if self.to.is_empty() {
                Refusal::new("It is not said who may be told.", "Name at least one team or agency.")
            } else {
                Refusal::new("Teams or agencies are named, and the child named nobody.", "Choose: those who are named.")
            });
        }
        self.to.iter().try_for_each(|party| check_party(state, party))?;
        let mut plan = Plan::default();
        let at = At::of(note);
        plan.set(state, at, Field::NoteMayTell, Value::code(may.code()));
        plan.set(state, at, Field::NoteTellTo, Value::text(&telling::parties_text(&self.to)));
        let to: Vec<&str> = self.to.iter().map(String::as_str).collect();
        let says = match may {
            MayTell::Ask => "The child is asked before it is told to anybody.".to_owned(),
            MayTell::Team => "It may be told to this team, and to nobody else without asking.".to_owned(),
            MayTell::Named => format!("It may be told to {}.", telling::party_words(state, &to)),
            MayTell::Nobody => "It is to be told to nobody.".to_owned(),
        };
        Ok(plan.or_unchanged()?.say(says))
    }
}
