//! What an op is given and what it gives back.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::dates;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, FieldType, ItemKind};
use crate::domain::ids::{ItemId, StreamId, StreamKind};
use crate::domain::item::Item;
use crate::domain::pack::Pack;
use crate::domain::state::State;
use crate::domain::value::Value;

use super::registry::Spec;

/// The longest line, in characters.
pub const MAX_LINE: usize = 500;
/// The longest text of several lines, in characters.
pub const MAX_PROSE: usize = 20_000;

/// What an op may know beside the State: who asks, when, under which policy; and random ids.
pub struct Ctx<'a> {
    /// Now.
    pub now: DateTime<Utc>,
    /// The member who asks.
    pub me: ItemId,
    /// The policy pack in force.
    pub pack: &'a Pack,
    /// Fills bytes with randomness.
    pub random: &'a mut dyn FnMut(&mut [u8]),
}

/// A rule said no: what is in the way, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is in the way.
    pub message: String,
    /// What to do now.
    pub hint: String,
    /// True where something looks as if somebody were trying to deceive: more than a rule in the way.
    pub alarm: bool,
}

impl Refusal {
    /// What is in the way, and what to do about it.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), alarm: false }
    }

    /// A refusal of what looks like a deception: what was seen, and whom to ask.
    pub fn alarm(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { alarm: true, ..Self::new(message, hint) }
    }
}

/// Where an item's facts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// The item's stream.
    pub stream: StreamId,
    /// The item.
    pub item: ItemId,
    /// The class of its own words.
    pub class: Class,
}

impl At {
    /// The place of an item that exists.
    pub fn of(item: &Item) -> Self {
        Self { stream: item.stream, item: item.id, class: item.class }
    }
}

/// What an op decided: facts to be made durable together, and what to say when they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The facts, each in its compartment.
    pub facts: Vec<Placed>,
    /// Items that come to be, the main one first.
    pub made: Vec<ItemId>,
    /// One sentence for a toast, without names.
    pub says: String,
}

impl Plan {
    /// Plans a new item.
    pub fn create(&mut self, at: At, kind: ItemKind) {
        let fact = Fact::Created { item: at.item, kind, class: at.class };
        self.facts.push(Placed { stream: at.stream, class: kind.created_in(at.class), fact });
        self.made.push(at.item);
    }

    /// Plans a value. Nothing is planned where the field already holds exactly this, undisputed.
    pub fn set(&mut self, state: &State, at: At, field: Field, value: Value) {
        let register = state.item(at.item).and_then(|item| item.register(field));
        let unchanged = match register {
            Some(register) => !register.in_conflict() && *register.first() == value,
            None => value.is_nothing(),
        };
        if unchanged {
            return;
        }
        let replaces = state.heads(at.item, field);
        let fact = Fact::Set { item: at.item, field, value, replaces };
        self.facts.push(Placed { stream: at.stream, class: field.class(at.class), fact });
    }

    /// What to say when it is done.
    #[must_use]
    pub fn say(mut self, says: impl Into<String>) -> Self {
        self.says = says.into();
        self
    }

    /// Refuses a plan that would change nothing.
    pub fn or_unchanged(self) -> Result<Self, Refusal> {
        if self.facts.is_empty() {
            return Err(Refusal::new(
                "Nothing would change: it already says so.",
                "Change something first, or leave it.",
            ));
        }
        Ok(self)
    }
}

impl Ctx<'_> {
    /// Today in Jamaica.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&dates::jamaica()).date_naive()
    }

    /// A new item id.
    pub fn new_id(&mut self) -> ItemId {
        let mut id = [0u8; 16];
        (self.random)(&mut id);
        ItemId(id)
    }

    /// The stream of a new case whose code nobody uses yet.
    pub fn free_case(&mut self, state: &State, parish: u8) -> StreamId {
        let symbols = state.shortest_code(ItemKind::Case);
        loop {
            let mut id = [0u8; 15];
            (self.random)(&mut id);
            let stream = StreamId::new(StreamKind::Case, id);
            if !state.code_taken(ItemKind::Case, parish, stream.item(), symbols) {
                return stream;
            }
        }
    }

    /// The id of a new action or follow-up whose code nobody uses yet.
    pub fn free_item(&mut self, state: &State, kind: ItemKind) -> ItemId {
        let symbols = state.shortest_code(kind);
        loop {
            let id = self.new_id();
            if !state.code_taken(kind, 0, id, symbols) {
                return id;
            }
        }
    }

    /// The code of the stage in which a case begins.
    pub fn first_stage(&self) -> &str {
        self.pack.first_stage().map_or("report", |stage| stage.code.as_str())
    }

    /// Observers may look and not write; somebody who has left may not write either.
    pub fn may_write(&self, state: &State) -> Result<(), Refusal> {
        let role = state.item(self.me).map_or("", |member| member.str(Field::MemberRole));
        if role == "observer" {
            return Err(Refusal::new(
                "Observers can look, and not write.",
                "Ask your coordinator or deputy to write it, or to change your role (Team).",
            ));
        }
        Ok(())
    }

    /// Coordinators and deputies alone may change the team and the policy.
    pub fn may_lead(&self, state: &State, what: &str) -> Result<(), Refusal> {
        let role = state.item(self.me).map_or("", |member| member.str(Field::MemberRole));
        if matches!(role, "coordinator" | "deputy") {
            return Ok(());
        }
        Err(Refusal::new(
            format!("Only a coordinator or a deputy can {what}."),
            "Ask one of them: Team lists who they are.",
        ))
    }

    /// A standing case that is open.
    pub fn open_case<'s>(&self, state: &'s State, case: ItemId) -> Result<&'s Item, Refusal> {
        let item = self.standing(state, case, ItemKind::Case)?;
        if item.value(Field::CaseClosed).is_nothing() {
            return Ok(item);
        }
        Err(Refusal::new(
            format!("Case {} is closed.", state.code(case)),
            "Reopen it with a reason first: its record stays as it is.",
        ))
    }

    /// A standing item of a kind.
    pub fn standing<'s>(&self, state: &'s State, id: ItemId, kind: ItemKind) -> Result<&'s Item, Refusal> {
        state.item(id).filter(|item| item.kind == kind && item.stands()).ok_or_else(|| {
            Refusal::new(format!("There is no such {} here.", kind.name()), "Look in the list for the right one.")
        })
    }

    /// Refuses a code that the pack's list doesn't have.
    pub fn check_code(&self, list: &str, code: &str) -> Result<(), Refusal> {
        if self.pack.choice(list, code).is_some() {
            return Ok(());
        }
        let all: Vec<&str> = self.pack.list(list).iter().map(|choice| choice.code.as_str()).collect();
        Err(Refusal::new(
            format!("The policy has no {list} called \"{code}\"."),
            format!("Use one of: {}.", all.join(", ")),
        ))
    }

    /// Refuses a value that doesn't fit its field; every op that sets typed values goes through here.
    pub fn check_value(&self, state: &State, field: Field, value: &Value) -> Result<(), Refusal> {
        let def = field.def();
        let wrong = || {
            Refusal::new(
                format!("That does not fit \"{}\".", def.label),
                "Type it again in the form that the field asks for.",
            )
        };
        let most = if def.ty == FieldType::Prose { MAX_PROSE } else { MAX_LINE };
        if let Value::Text(text) = value
            && field != Field::TeamPolicy
            && let Err(long) = clean::bounded(text, most)
        {
            return Err(Refusal::new(
                format!("\"{}\" is too long: {long}.", def.label),
                "Shorten it, or split it into several notes.",
            ));
        }
        match (def.ty, value) {
            (_, Value::Nothing)
            | (FieldType::Line | FieldType::Prose, Value::Text(_))
            | (FieldType::Date, Value::Date(_))
            | (FieldType::When, Value::When(_))
            | (FieldType::Number, Value::Number(_))
            | (FieldType::YesNo, Value::YesNo(_))
            | (FieldType::Item, Value::Item(_)) => Ok(()),
            (FieldType::Choice(list), Value::Code(code)) => self.check_code(list, code),
            // One that is offered no longer may stay among the others; forms don't offer it.
            (FieldType::Choices(list), Value::Codes(codes)) => codes
                .iter()
                .filter(|code| self.pack.former(list, code).is_none())
                .try_for_each(|code| self.check_code(list, code)),
            (FieldType::Member, Value::Item(item)) => self.standing(state, *item, ItemKind::Member).map(drop),
            (FieldType::Members, Value::Items(items)) => {
                items.iter().try_for_each(|item| self.standing(state, *item, ItemKind::Member).map(drop))
            }
            (FieldType::Agency, Value::Item(item)) => self.standing(state, *item, ItemKind::Agency).map(drop),
            (FieldType::Owner, Value::Item(item)) => self
                .standing(state, *item, ItemKind::Member)
                .or_else(|_| self.standing(state, *item, ItemKind::Agency))
                .map(drop),
            _ => Err(wrong()),
        }
    }
}

/// Turns a verb's row into the words of a refusal's "nothing typed".
pub(super) fn needs(spec: &Spec, what: &str) -> Refusal {
    Refusal::new(format!("{}: {what} is missing.", spec.label), format!("Say {what}, then try again."))
}
