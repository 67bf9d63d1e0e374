//! History: who changed what, when, in a case or the team; read from the entries themselves.

use chrono::{DateTime, Utc};

use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{EntryId, ItemId, StreamId};
use crate::domain::value::Value;
use crate::error::Result;
use crate::vault::LoadedBody;

use super::Session;

/// One entry of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The entry: what a strike names.
    pub entry: EntryId,
    /// Who wrote it.
    pub author: ItemId,
    /// When, by the writer's clock.
    pub when: DateTime<Utc>,
    /// The class of its body.
    pub class: Class,
    /// What it changed; empty if the body can't be read.
    pub changes: Vec<Change>,
    /// Why nothing can be read, in words: "struck: wrong case", "not for you".
    pub unreadable: Option<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An item came to be.
    Made(ItemId, ItemKind),
    /// A field got a value; and what it replaced, as far as that can be read.
    Set {
        /// Whose field.
        item: ItemId,
        /// Which field.
        field: Field,
        /// The value before.
        before: Value,
        /// The value after.
        after: Value,
    },
    /// An entry was struck.
    Struck(EntryId, String),
    /// Somebody looked, revealed, printed or exported.
    Accessed(String, ItemId),
    /// Keys, devices, or something that a newer version wrote; in words.
    Other(&'static str),
}

impl Session {
    /// Everything that happened in a stream, newest first.
    ///
    /// # Errors
    /// [`crate::error::Kind::Damaged`] if the working store fails.
    pub fn history(&mut self, stream: StreamId) -> Result<Vec<Past>> {
        let blocks = self.blocks.get(&stream).cloned().unwrap_or_default();
        let mut entries = self.vault.entries_of(stream, &blocks)?;
        entries.sort_by_key(|entry| (entry.header.lamport, entry.header.wall, entry.id));
        let mut values: std::collections::HashMap<(ItemId, Field), Value> = std::collections::HashMap::new();
        let mut past = Vec::with_capacity(entries.len());
        for entry in entries {
            let unreadable = match (&entry.body, self.state.strike(entry.id)) {
                (_, Some(strike)) => Some(format!("struck: {}", strike.reason)),
                (LoadedBody::Present(_) | LoadedBody::Packed(_), None) => None,
                (LoadedBody::Withheld, None) => Some("not for you".to_owned()),
                (LoadedBody::Destroyed, None) => Some("disposed of".to_owned()),
                (LoadedBody::Missing(why), None) => Some(format!("can't be read: {why}")),
            };
            let facts = match entry.body {
                LoadedBody::Present(facts) if unreadable.is_none() => facts,
                _ => Vec::new(),
            };
            let changes = facts.into_iter().map(|fact| change(fact, &mut values)).collect();
            let when = DateTime::from_timestamp_millis(entry.header.wall).unwrap_or_default();
            past.push(Past {
                entry: entry.id,
                author: entry.header.author,
                when,
                class: entry.header.class,
                changes,
                unreadable,
            });
        }
        // Of one moment the later in the order first.
        past.reverse();
        past.sort_by_key(|entry| std::cmp::Reverse(entry.when));
        Ok(past)
    }
}

fn change(fact: Fact, values: &mut std::collections::HashMap<(ItemId, Field), Value>) -> Change {
    match fact {
        Fact::Created { item, kind, .. } => Change::Made(item, kind),
        Fact::Set { item, field, value, .. } => {
            let before = values.insert((item, field), value.clone()).unwrap_or_default();
            Change::Set { item, field, before, after: value }
        }
        Fact::Struck { entry, reason } => Change::Struck(entry, reason),
        Fact::Accessed { what, item, .. } => Change::Accessed(what, item),
        Fact::Epoch { .. } => Change::Other("who can open the team's key"),
        Fact::Device { .. } => Change::Other("a device that may write"),
        Fact::PeerDevice { .. } => Change::Other("a device of another team"),
        Fact::Brought { .. } => Change::Other("what a bundle brought"),
        Fact::Revoked { .. } => Change::Other("a device that counts no longer"),
        Fact::Unknown { .. } => Change::Other("something that a newer version wrote"),
    }
}
