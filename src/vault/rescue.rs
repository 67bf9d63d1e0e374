//! Making whole what only part of the vault still holds, and destroying for good what was struck.
//!
//! Both write the journal anew, and begin a fresh working store.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use crate::domain::ids::EntryId;
use crate::error::Result;
use crate::log::entry;

use super::entries::store_error;
use super::framelog::Frame;
use super::open::{Found, Vault};
use super::record::{Kept, Record};
use super::store::StoreError;
use super::working::Tally;

/// How many salvaged entries go into one frame.
const SALVAGE: usize = 64;

impl Vault {
    /// Destroys the body of an entry in the journal, its mirror, the working store, and what was set aside. Header and
    /// signature stay. Gives back the files in quarantine that may hold it still, because nobody can look into them.
    ///
    /// # Errors
    /// As the disk gives them; the strike itself is on record already and is finished at the next unlock.
    pub fn destroy(&mut self, ids: &[EntryId]) -> Result<Vec<PathBuf>> {
        let ids: HashSet<EntryId> = ids.iter().copied().collect();
        // First, because a cut is noticed by what the journal still holds.
        let kept = self.strike_set_aside(&ids);
        self.wipe_blobs(&ids)?;
        self.change_journal(&|record| {
            let struck = record.body != Kept::Destroyed && ids.contains(&entry::id_of(&record.header));
            struck.then(|| Record { body: Kept::Destroyed, ..record.clone() })
        })?;
        self.renew_store()?;
        Ok(kept)
    }

    /// Begins the working store anew, under a key that was never used before.
    ///
    /// # Errors
    /// As the disk gives them.
    pub fn renew_store(&mut self) -> Result<()> {
        self.begin_store(None)?;
        self.catch_up(&mut |_, _| {})?;
        self.working.flush().map_err(|error| store_error(&error))
    }

    /// Writes to the journal what only the working store still holds: entries that no copy of the journal has any
    /// more, and bodies whose key is gone from the ring. True if there were any, or if the store goes beyond the journal
    /// for another reason: then it is to be built anew.
    pub(super) fn rescue(&mut self, records: &[(u64, Record)]) -> Result<bool> {
        let beyond = self.goes_beyond(self.working.tally);
        let mut salvage = Vec::new();
        if beyond || self.lost_something() {
            let ids = self.journal_ids()?;
            let missing = |record: &&Record| !ids.contains(&entry::id_of(&record.header));
            salvage = records.iter().map(|(_, record)| record).filter(missing).cloned().collect();
        }
        let keyless = |record: &&Record| matches!(record.body, Kept::Open(_)) && self.ring.get(record.key).is_none();
        let keyless: Vec<Record> = records.iter().map(|(_, record)| record).filter(keyless).cloned().collect();
        let saved: HashSet<EntryId> =
            salvage.iter().chain(&keyless).map(|record| entry::id_of(&record.header)).collect();
        self.reseal(keyless)?;
        let sealed = salvage.into_iter().map(|record| self.sealed(record)).collect::<Result<Vec<_>>>()?;
        for records in sealed.chunks(SALVAGE) {
            self.append(records)?;
        }
        if !saved.is_empty() {
            self.findings.push(Found::Salvaged(saved.len()));
        }
        Ok(beyond || !saved.is_empty())
    }

    /// True if a working store holds what the journal doesn't.
    pub(super) fn goes_beyond(&self, tally: Tally) -> bool {
        tally.covered > self.journal.last().map_or(0, |(arrival, _)| arrival)
    }

    /// True if the journal lacks what it once held.
    pub(super) fn lost_something(&self) -> bool {
        self.findings.iter().any(|found| matches!(found, Found::Journal(finding) if finding.is_loss()))
    }

    /// True if the journal or the key ring lacks what it once held.
    pub(super) fn anything_lost(&self) -> bool {
        let lost = |found: &Found| matches!(found, Found::Ring(finding) if finding.is_loss());
        self.lost_something() || self.findings.iter().any(lost)
    }

    /// Seals bodies in the journal under new keys, because theirs are in no copy of the ring any more.
    fn reseal(&mut self, open: Vec<Record>) -> Result<()> {
        if open.is_empty() {
            return Ok(());
        }
        let mut again = HashMap::new();
        for record in open {
            again.insert(entry::id_of(&record.header), self.sealed(record)?);
        }
        self.change_journal(&|record| match again.get(&entry::id_of(&record.header)) {
            Some(new) if record.body != Kept::Destroyed => Some(new.clone()),
            _ => None,
        })
    }

    /// Writes the journal anew with some records changed; nothing happens if none is.
    fn change_journal(&mut self, change: &dyn Fn(&Record) -> Option<Record>) -> Result<()> {
        let mut payloads = HashMap::new();
        let mut from = 1;
        while let Some((frames, next)) = self.some_frames(from)? {
            from = next;
            for (arrival, mut records) in frames {
                let mut changed = false;
                for record in &mut records {
                    if let Some(new) = change(record) {
                        *record = new;
                        changed = true;
                    }
                }
                if changed {
                    payloads.insert(arrival, self.seal_frame(&records));
                }
            }
        }
        if payloads.is_empty() {
            return Ok(());
        }
        let key = self.epochs.id();
        let rewritten = self.journal.rewrite(|frame| {
            Some(match payloads.remove(&frame.arrival) {
                Some(payload) => Frame { key, payload, ..frame },
                None => frame,
            })
        });
        self.checked_segments = 0;
        rewritten.map(drop).map_err(|error| self.full(error))
    }

    /// Begins a fresh working store, to be filled from the journal. One that was damaged goes to the quarantine. Where
    /// the disk can't take a store, it is in memory until the vault is locked.
    pub(super) fn begin_store(&mut self, damage: Option<String>) -> Result<()> {
        let aside = self.quarantine.clone();
        self.checked_blocks = 0;
        let begun = self
            .working
            .start(&self.epochs, self.entropy.as_mut())
            .and_then(|()| self.working.promote(damage.is_some().then_some(aside.as_path())));
        match begun {
            Ok(()) => {}
            Err(error @ StoreError::InUse) => return Err(store_error(&error)),
            Err(error) => {
                self.findings.push(Found::Store(error.to_string()));
                self.working
                    .start_in_memory(&self.epochs, self.entropy.as_mut())
                    .map_err(|error| store_error(&error))?;
            }
        }
        self.findings.extend(damage.map(Found::Store));
        Ok(())
    }

    fn journal_ids(&self) -> Result<HashSet<EntryId>> {
        let (mut ids, mut from) = (HashSet::new(), 1);
        while let Some((frames, next)) = self.some_frames(from)? {
            from = next;
            let records = frames.iter().flat_map(|(_, records)| records);
            ids.extend(records.map(|record| entry::id_of(&record.header)));
        }
        Ok(ids)
    }
}
