//! A new device after a loss: no entry may ever claim a place in a chain that another one had.
//!
//! What a device signs next follows what it sees of its chain. Where a part of that is in doubt, whoever unlocks the
//! vault signs as a new device, which the older one introduces before the new one signs anything. This must never stop
//! a vault from opening: if the new device can't be stored, nothing is written until the next unlock.

use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::ids::DeviceId;
use crate::error::Result;
use crate::vault::framelog::Finding;
use crate::vault::keys::identity::Signer;
use crate::vault::keys::passphrase::Passphrase;
use crate::vault::{Found, LoadedBody};

use super::Session;

impl Session {
    /// Sees to it that the device which signs may go on with its chains, or that another one does.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub(super) fn settle_device(&mut self, passphrase: &Passphrase) -> Result<()> {
        let current = self.vault.participant().device().device_id();
        let introduced = |device: &DeviceId| self.state.device(*device).is_some();
        // Stored, and cut short before it was introduced.
        let older = self.vault.participant().devices().rev().map(Signer::device_id).find(introduced);
        if let Some(older) = older.filter(|older| *older != current) {
            self.introduce_device(older, current);
        }
        if !self.half_folded && self.chain_is_in_doubt(current)? {
            match self.vault.renew_device(passphrase) {
                Ok(new) => self.introduce_device(current, new),
                Err(_) => self.half_folded = true,
            }
        }
        Ok(())
    }

    /// Puts the new device on record under the older one's signature; the new one signs from then on.
    fn introduce_device(&mut self, older: DeviceId, new: DeviceId) {
        self.vault.sign_with(new);
        let key = self.vault.participant().device().public();
        self.vault.sign_with(older);
        let fact = Fact::Device { device: new, key, member: self.me };
        let written = self.write(vec![Placed { stream: self.state.team_stream(), class: Class::Core, fact }]);
        if written.is_ok() {
            self.vault.sign_with(new);
        } else {
            // The older one must not go on, and the new one is not known yet: the next unlock tries again.
            self.half_folded = true;
        }
    }

    /// True if something that this device signed may be missing here, or was signed twice.
    fn chain_is_in_doubt(&mut self, device: DeviceId) -> Result<bool> {
        if self.ledger.waits(device) || self.ledger.forks().iter().any(|fork| fork.device == device) {
            return Ok(true);
        }
        // A gap in the journal stays: it counts only for a device that was there before.
        let mut gap = None;
        for found in self.vault.findings() {
            match found {
                Found::Salvaged(_) | Found::Journal(Finding::TailSetAside { .. }) => return Ok(true),
                // The keys of the ring sign nothing, so that a loss there leaves every chain as it was.
                Found::Journal(Finding::Lost { last: at, .. } | Finding::BrokenChain { arrival: at }) => {
                    gap = gap.max(Some(*at));
                }
                _ => {}
            }
        }
        let Some(gap) = gap else { return Ok(false) };
        Ok(self.introduced_at(device)?.is_none_or(|arrival| arrival < gap))
    }

    /// The record of the journal that introduced a device.
    fn introduced_at(&mut self, wanted: DeviceId) -> Result<Option<u64>> {
        let mut at = None;
        self.vault.walk_journal(&mut |arrival, _, entry| {
            let LoadedBody::Present(facts) = &entry.body else { return true };
            let here = |fact: &Fact| matches!(fact, Fact::Device { device, .. } if *device == wanted);
            at = facts.iter().any(here).then_some(arrival);
            at.is_none()
        })?;
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::log::entry::Header;
    use crate::log::order::Ledger;
    use crate::ops::CaseNote;
    use crate::testing::team::{case, passphrase, place, team};
    use crate::vault::disk::{Disk, MemoryDisk};

    const COPIES: [&str; 2] = ["/vault/journal/00000001.seg", "/vault/mirror/journal/00000001.seg"];

    fn write(session: &mut Session, case: crate::domain::ids::ItemId, text: &str) {
        let kind = "general".into();
        session.run(CaseNote { cases: vec![case], kind, class: None, text: text.into(), when: None }).expect("noted");
    }

    fn headers(session: &mut Session) -> Vec<(crate::domain::ids::EntryId, Header)> {
        let mut all = Vec::new();
        let keep = &mut |_, _, entry: crate::vault::Loaded| {
            all.push((entry.id, entry.header));
            true
        };
        session.vault.walk_journal(keep).expect("walked");
        all
    }

    fn unlock(disk: &MemoryDisk, seed: u64) -> Session {
        Session::unlock(place(disk, seed), "abrown", &passphrase()).expect("unlocked")
    }

    fn change(disk: &MemoryDisk, change: impl Fn(&mut Vec<u8>)) {
        for path in COPIES.map(Path::new) {
            let mut bytes = disk.read(path, u64::MAX).expect("there");
            change(&mut bytes);
            disk.write_atomic(path, &bytes).expect("written");
        }
    }

    fn starts(bytes: &[u8]) -> Vec<usize> {
        bytes.windows(8).enumerate().filter(|(_, eight)| *eight == b"mahoeF1\n").map(|(at, _)| at).collect()
    }

    #[test]
    fn after_a_loss_in_both_copies_another_device_signs_and_no_chain_forks() {
        // The end spoilt; and a record in the middle, which the last ones of its chain follow.
        for from_end in [1, 2] {
            let disk = MemoryDisk::new();
            let mut session = team(&disk, 1);
            let case = case(&mut session, "It began here");
            for text in ["one", "two", "three"] {
                write(&mut session, case, text);
            }
            let before = headers(&mut session);
            let old = session.vault().participant().device().device_id();
            drop(session);
            change(&disk, |bytes| {
                let starts = starts(bytes);
                bytes[starts[starts.len() - from_end] + 120] ^= 1;
            });
            let mut session = unlock(&disk, 2);
            let new = session.vault().participant().device().device_id();
            assert_ne!(new, old);
            assert!(session.vault().findings().contains(&Found::NewDevice));
            write(&mut session, case, "after the loss");
            let problems = session.verify(&mut |_, _| true).expect("verified").problems;
            assert_eq!(problems.iter().filter(|problem| problem.contains("waits for")).count(), from_end - 1);
            assert!(!problems.iter().any(|problem| problem.contains("two entries claim")), "{problems:?}");
            // What another device had of the lost part fits beside what was written since.
            let mut ledger = Ledger::default();
            for (id, header) in before.iter().cloned().chain(headers(&mut session)) {
                ledger.offer(id, &header, ()).expect("in order");
            }
            assert_eq!(ledger.forks(), []);
            drop(session);
            // Once is enough, although the gap stays.
            let session = unlock(&disk, 3);
            assert_eq!(session.vault().participant().device().device_id(), new);
            assert!(!session.vault().findings().contains(&Found::NewDevice));
        }
    }

    #[test]
    fn a_cut_between_storing_a_device_and_introducing_it_is_made_good() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let case = case(&mut session, "It began here");
        let new = session.vault.renew_device(&passphrase()).expect("stored");
        drop(session);
        let mut session = unlock(&disk, 2);
        assert_eq!(session.vault().participant().device().device_id(), new);
        assert!(session.state().device(new).is_some());
        write(&mut session, case, "as the new one");
        assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }

    #[test]
    fn a_fork_of_its_own_chain_ends_with_a_new_device() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let case = case(&mut session, "It began here");
        drop(session);
        let restored = disk.power_cut(7);
        let mut here = unlock(&disk, 2);
        write(&mut here, case, "written here");
        let mut there = unlock(&restored, 3);
        write(&mut there, case, "written in a copy");
        let theirs = headers(&mut there).pop().expect("an entry");
        let old = here.vault().participant().device().device_id();
        let stamp = theirs.1.stamp(theirs.0);
        here.ledger.offer(theirs.0, &theirs.1, (stamp, LoadedBody::Withheld)).expect("in order");
        assert_eq!(here.ledger.forks().len(), 1);
        here.settle_device(&passphrase()).expect("settled");
        assert_ne!(here.vault().participant().device().device_id(), old);
        here.settle_device(&passphrase()).expect("settled");
        assert_eq!(here.vault().participant().devices().len(), 2, "once");
    }
}
