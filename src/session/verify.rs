//! `vault verify`: every record unsealed, every signature and chain checked.

use crate::domain::ids::ItemId;
use crate::error::{AppError, Kind, Result};
use crate::log::order::{Ledger, Offered};
use crate::log::sign;
use crate::vault::LoadedBody;

use super::Session;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Entries looked at.
    pub entries: u64,
    /// Bodies that could be read.
    pub readable: u64,
    /// Bodies not for this participant, or not sent to us.
    pub withheld: u64,
    /// Bodies that were struck or disposed of.
    pub destroyed: u64,
    /// Documents whose files were read in both copies.
    pub documents: u64,
    /// What is wrong, each with the entry or record it is about.
    pub problems: Vec<String>,
}

impl Session {
    /// Checks everything. `progress` hears how far it is (records done, records in all) and can stop it.
    ///
    /// # Errors
    /// [`Kind::Refused`] if it was stopped; [`Kind::Io`] and [`Kind::Damaged`] if the journal can't be read at all.
    pub fn verify(&mut self, progress: &mut dyn FnMut(u64, u64) -> bool) -> Result<Verdict> {
        while self.check_more()? {}
        let mut verdict = Verdict::default();
        let mut ledger: Ledger<()> = Ledger::default();
        let mut stopped = false;
        let mut distinct = 0;
        let state = &self.state;
        let vault_id = self.vault.id();
        self.vault.walk_journal(&mut |arrival, last, entry| {
            verdict.entries += 1;
            let mut wrong = |what: &str| {
                verdict.problems.push(format!("record {arrival}, entry {:.8}: {what}", entry.id.to_string()));
            };
            let header = entry.header.encode();
            let device = entry.header.device;
            let writer = if entry.header.vault == vault_id {
                let doubted = || state.doubted_devices().find(|(id, _)| *id == device).map(|(_, device)| device);
                state.device(device).or_else(doubted).map(|device| (device.key, device.member))
            } else {
                // Another team's: who signs for it, its card says.
                state.peer_device(device).map(|device| (device.key, device.member))
            };
            match writer {
                None if entry.header.vault != vault_id => {
                    wrong("it belongs to another vault, and no card that we took names its device");
                }
                None => wrong("it was signed by a device that nobody introduced"),
                Some((key, member)) => {
                    if !sign::verify(&key, &header, &entry.signature) {
                        wrong("its signature is not good");
                    }
                    if member != entry.header.author {
                        wrong("its device does not write for the member it names");
                    }
                }
            }
            let offered = ledger.offer(entry.id, &entry.header, ());
            // A body that came after its header is a second record of one entry.
            distinct += u64::from(!matches!(offered, Ok(Offered::Known(()))));
            if let Err(error) = offered {
                wrong(&format!("it does not fit its chain ({error:?})"));
            }
            match entry.body {
                LoadedBody::Present(_) | LoadedBody::Packed(_) => verdict.readable += 1,
                LoadedBody::Withheld => verdict.withheld += 1,
                LoadedBody::Destroyed => verdict.destroyed += 1,
                LoadedBody::Missing(why) => wrong(&format!("its body can't be read: {why}")),
            }
            stopped = arrival % 64 == 0 && !progress(arrival, last);
            !stopped
        })?;
        if stopped {
            return Err(AppError::new(Kind::Refused, "The check was stopped.", "Start it again when there is time."));
        }
        for (waiting, missing) in ledger.parked() {
            verdict.problems.push(format!("entry {:.8} waits for {:.8}", waiting.to_string(), missing.to_string()));
        }
        for fork in ledger.forks() {
            verdict.problems.push(format!("two entries claim place {} of one chain", fork.sequence));
        }
        if distinct != self.state.entry_count() as u64 {
            verdict
                .problems
                .push(format!("the journal holds {distinct} entries and the State {}", self.state.entry_count()));
        }
        verdict.documents = self.vault.blobs().len() as u64;
        let entries = verdict.entries;
        for lost in self.check_documents(&mut |_| progress(entries, entries))? {
            let which = lost.document.map_or_else(
                || "a file of a document that you may not read".to_owned(),
                |id| format!("the file of document {} in case {}", self.state.code(id), self.case_of(id)),
            );
            verdict.problems.push(format!("{which} {}", lost.what));
        }
        Ok(verdict)
    }

    fn case_of(&self, item: ItemId) -> String {
        self.state.item(item).map(|item| self.state.code(item.stream.item()).to_string()).unwrap_or_default()
    }
}
