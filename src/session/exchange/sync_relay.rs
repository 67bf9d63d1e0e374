//! The team's own devices by way of a shared place: each copy keeps one sync in the team's own mailbox, and fetches the
//! others'.
//!
//! A newer one takes the place of the older, which it makes superfluous. What was put where and what was fetched is noted
//! beside what other copies told; if the note is lost, a sync is fetched once more, which harms nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::bundle::relay::{Carrier, Listing, Mailbox, Object};
use crate::error::Result;
use crate::session::Session;

use super::relay::{Pulled, Pushed, place_error};
use super::sync::Since;

/// The note beside what other copies told.
const NOTE: &str = "relay";
/// So many names of each sort are remembered.
const MAX_NAMES: usize = 256;

/// What this copy knows of shared places.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// What it put there, the latest last, wherever that was.
    put: Vec<Object>,
    /// What it held when it put the latest.
    held: String,
    /// What it fetched.
    fetched: Vec<Object>,
}

impl Seen {
    fn parse(text: &str) -> Self {
        let mut seen = Self::default();
        for line in text.lines() {
            let object = |name: &str| Object::from_name(name);
            match line.split_once(' ') {
                Some(("put", name)) => seen.put.extend(object(name)),
                Some(("fetched", name)) => seen.fetched.extend(object(name)),
                Some(("held", hash)) => hash.clone_into(&mut seen.held),
                _ => {}
            }
        }
        seen
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (word, objects) in [("put", &self.put), ("fetched", &self.fetched)] {
            for object in &objects[objects.len().saturating_sub(MAX_NAMES)..] {
                let _ = writeln!(text, "{word} {}", object.name());
            }
        }
        let _ = writeln!(text, "held {}", self.held);
        text
    }

    /// True for what this copy put there or has fetched.
    pub fn knows(&self, object: Object) -> bool {
        self.put.contains(&object) || self.fetched.contains(&object)
    }
}

impl Session {
    pub(super) fn seen_in_places(&self) -> Seen {
        Seen::parse(&self.vault.sync_note(NOTE))
    }

    /// Puts a sync into the team's own mailbox, if another copy was ever heard of and there is something to tell. Also
    /// where all of them were silent for long: else copies that rested at the same time would never hear of each other again.
    pub(super) fn push_sync(&mut self, carrier: &dyn Carrier, pushed: &mut Pushed) -> Result<()> {
        if self.refuse_inside_a_commit().is_err() || self.all_tellers().is_empty() {
            return Ok(());
        }
        let mailbox = Mailbox::of(&self.own_root()?);
        let there = carrier.list(mailbox).map_err(|error| place_error(&error))?;
        let there: BTreeSet<Object> = there.objects.into_iter().map(|(object, _)| object).collect();
        let mut seen = self.seen_in_places();
        let made = self.sync_bundle(Since::Told)?;
        let held = crate::bundle::card::hex(&made.holds);
        if seen.held == held && seen.put.last().is_some_and(|latest| there.contains(latest)) {
            pushed.there += 1;
            return Ok(());
        }
        let object = carrier.put(mailbox, &made.bytes).map_err(|error| place_error(&error))?;
        for older in seen.put.iter().filter(|older| **older != object && there.contains(older)) {
            // The newer says more; one that stays is fetched in vain.
            let _ = carrier.remove(mailbox, *older);
        }
        seen.put.push(object);
        seen.held = held;
        self.vault.keep_sync_note(NOTE, &seen.text());
        pushed.put += 1;
        Ok(())
    }

    /// Notes that an object of our mailbox, which lies in the inbox now, is a sync of another copy. False if it is none.
    pub(super) fn pull_sync(&mut self, object: Object, pulled: &mut Pulled) -> Result<bool> {
        if !self.arrived_is_sync(&object.name())? {
            return Ok(false);
        }
        self.note_fetched(object);
        pulled.fetched.push(object.name());
        Ok(true)
    }

    /// Notes that an object need not be fetched again.
    pub(super) fn note_fetched(&self, object: Object) {
        let mut seen = self.seen_in_places();
        seen.fetched.push(object);
        self.vault.keep_sync_note(NOTE, &seen.text());
    }

    /// How many objects of a mailbox this copy has not put there itself nor fetched.
    pub(super) fn unseen(&self, listing: &Listing) -> usize {
        let seen = self.seen_in_places();
        listing.objects.iter().filter(|(object, _)| !seen.knows(*object)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_is_read_as_it_was_written_and_whatever_else_is_passed_over() {
        let objects: Vec<Object> = (0..3u8).map(|byte| Object::of(&[byte])).collect();
        let seen = Seen { put: objects[..2].to_vec(), held: "ab".into(), fetched: objects[2..].to_vec() };
        assert_eq!(Seen::parse(&seen.text()), seen);
        assert!(objects.iter().all(|object| seen.knows(*object)) && !seen.knows(Object::of(b"other")));
        assert_eq!(Seen::parse("put ../x\nnonsense\nfetched \n"), Seen::default());
        let many =
            Seen { put: (0..=255u8).chain(0..9).map(|byte| Object::of(&[byte, 1])).collect(), ..Seen::default() };
        assert_eq!(Seen::parse(&many.text()).put.len(), MAX_NAMES);
    }
}
