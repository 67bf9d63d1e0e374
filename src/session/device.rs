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
use crate::vault::{Found, Known, LoadedBody};

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
        } else if let Some(why) = self.reason_for_a_new_device()? {
            let older = self.vault.participant().device().device_id();
            // From here to the next mark nothing is believed, however this ends.
            self.vault.forget_mark();
            match self.vault.renew_device(passphrase, why) {
                Ok(new) => self.introduce_device(older, new),
                Err(_) => self.half_folded = true,
            }
        }
        if !self.half_folded {
            if self.ring_lost() {
                // If it fails, the next unlock finds the loss again.
                let _ = self.vault.close_ring();
            }
            self.vault.leave_mark();
        }
        Ok(())
    }

    /// Lets the device sign that this computer knows, and says why there has to be another one; `None` if it may go on.
    fn reason_for_a_new_device(&mut self) -> Result<Option<Found>> {
        let known = match self.vault.known_here() {
            Known::Here(device) if self.state.device(device).is_none() => Known::Strange,
            known => known,
        };
        if let Known::Here(device) = known {
            self.vault.sign_with(device);
        }
        let device = self.vault.participant().device().device_id();
        if self.chain_is_in_doubt(device)? {
            return Ok(Some(Found::NewDevice));
        }
        Ok((known == Known::Strange).then_some(Found::Moved))
    }

    /// True if keys of the ring are in no copy.
    fn ring_lost(&self) -> bool {
        self.vault.findings().iter().any(|found| matches!(found, Found::Ring(finding) if finding.is_loss()))
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
        // The ring's keys sign nothing; but what took them from both copies may have put an older state in their place.
        if self.ring_lost() {
            return Ok(true);
        }
        // A gap in the journal stays: it counts only for a device that was there before.
        let mut gap = None;
        for found in self.vault.findings() {
            match found {
                Found::Salvaged(_) | Found::Journal(Finding::TailSetAside { .. }) => return Ok(true),
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
        let new = session.vault.renew_device(&passphrase(), Found::NewDevice).expect("stored");
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

    /// Unlocks on one of several computers, each with its own marks, on which the same folder is found.
    fn unlock_at(disk: &MemoryDisk, host: &str, seed: u64) -> Session {
        let at = crate::session::Place { marks: Some(host.into()), ..place(disk, seed) };
        Session::unlock(at, "abrown", &passphrase()).expect("unlocked")
    }

    fn device(session: &Session) -> DeviceId {
        session.vault().participant().device().device_id()
    }

    fn vault_files(disk: &MemoryDisk) -> Vec<(std::path::PathBuf, Vec<u8>)> {
        let inside = disk.files().into_iter().filter(|path| path.starts_with("/vault"));
        inside.map(|path| (path.clone(), disk.read(&path, u64::MAX).expect("there"))).collect()
    }

    #[test]
    fn each_computer_signs_with_a_device_of_its_own_and_keeps_it() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let case = case(&mut session, "It began here");
        drop(session);
        // A vault from before there were marks is taken for a copy once.
        let mut session = unlock_at(&disk, "/first", 2);
        assert_eq!(session.vault().findings(), [Found::Moved]);
        assert_eq!(session.health_sentence(), None, "nobody needs to do anything");
        let first = device(&session);
        write(&mut session, case, "in the office");
        drop(session);
        let mut session = unlock_at(&disk, "/second", 3);
        assert_eq!(session.vault().findings(), [Found::Moved]);
        let second = device(&session);
        assert_ne!(first, second);
        write(&mut session, case, "at the station");
        drop(session);
        for (seed, (host, wanted)) in
            [("/first", first), ("/second", second), ("/first", first)].into_iter().enumerate()
        {
            let mut session = unlock_at(&disk, host, 10 + seed as u64);
            assert_eq!((session.vault().findings(), device(&session)), (&[][..], wanted), "{host}");
            write(&mut session, case, "again");
            assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
        }
    }

    #[test]
    fn an_older_folder_put_back_is_noticed_although_it_ends_with_a_whole_record() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let case = case(&mut session, "It began here");
        drop(session);
        let mut session = unlock_at(&disk, "/here", 2);
        write(&mut session, case, "before the backup");
        drop(session);
        let backup = vault_files(&disk);
        let mut session = unlock_at(&disk, "/here", 3);
        write(&mut session, case, "after the backup");
        let (old, before) = (device(&session), headers(&mut session));
        drop(session);
        for (path, _) in vault_files(&disk) {
            disk.remove(&path).expect("removed");
        }
        for (path, bytes) in &backup {
            disk.write_atomic(path, bytes).expect("written");
        }
        let mut session = unlock_at(&disk, "/here", 4);
        assert_eq!(session.vault().findings(), [Found::Moved]);
        assert_ne!(device(&session), old);
        write(&mut session, case, "after it was put back");
        let mut ledger = Ledger::default();
        for (id, header) in before.into_iter().chain(headers(&mut session)) {
            ledger.offer(id, &header, ()).expect("in order");
        }
        assert_eq!(ledger.forks(), []);
        drop(session);
        assert_eq!(unlock_at(&disk, "/here", 5).vault().findings(), []);
    }

    #[test]
    fn without_a_place_for_marks_nothing_changes() {
        let disk = MemoryDisk::new();
        drop(team(&disk, 1));
        // A file stands where the folder would have to be.
        disk.write_atomic(Path::new("/full"), b"x").expect("written");
        for seed in 2..4 {
            assert_eq!(unlock_at(&disk, "/full", seed).vault().findings(), []);
        }
    }

    #[test]
    fn a_loss_in_the_ring_makes_a_new_device_once() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let case = case(&mut session, "It began here");
        write(&mut session, case, "words");
        let old = device(&session);
        drop(session);
        for path in ["/vault/keys/ring/00000001.seg", "/vault/mirror/keys/ring/00000001.seg"].map(Path::new) {
            let mut bytes = disk.read(path, u64::MAX).expect("there");
            let starts = starts(&bytes);
            bytes[starts[starts.len() - 2] + 90] ^= 1;
            disk.write_atomic(path, &bytes).expect("written");
        }
        let session = unlock(&disk, 2);
        assert!(session.vault().findings().contains(&Found::NewDevice), "{:?}", session.vault().findings());
        let new = device(&session);
        assert_ne!(new, old);
        drop(session);
        let session = unlock(&disk, 3);
        assert_eq!(device(&session), new);
        assert!(session.vault().findings().iter().all(|found| matches!(found, Found::Unreadable(_))));
    }
}
