//! Who left can't read what comes: a new epoch begins, sealed to everybody but them, and their key file goes.
//!
//! What they could read before, they may have kept: nobody can take that back, and the program says so. It is done
//! after the entry that says that they left, and again at the next unlock if a cut came in between.

use std::collections::BTreeSet;

use crate::domain::class::Class;
use crate::domain::fact::Placed;
use crate::domain::ids::ItemId;
use crate::domain::views::Member;
use crate::error::Result;

use super::Session;

impl Session {
    /// Members who left and can still open what is written now, as the entries name it.
    fn leavers(&self) -> Vec<ItemId> {
        let left = |member: ItemId| Member::get(&self.state, member).is_some_and(Member::left);
        let named = self.recipients_in_force().iter().map(|(member, _)| *member);
        let mut leavers: Vec<ItemId> = named.chain(self.participants()).filter(|member| left(*member)).collect();
        leavers.sort_unstable();
        leavers.dedup();
        leavers
    }

    /// True while what is written now is sealed to somebody who left.
    pub(super) fn leavers_are_named(&self) -> bool {
        let left = |member: ItemId| Member::get(&self.state, member).is_some_and(Member::left);
        self.recipients_in_force().iter().any(|(member, _)| left(*member))
    }

    /// The facts by which the devices of everybody who left count no longer for keys, devices and roles.
    fn revoke_those_who_left(&self) -> Vec<Placed> {
        let writers: BTreeSet<ItemId> = self.state.devices().map(|(_, device)| device.member).collect();
        let left = |member: &ItemId| Member::get(&self.state, *member).is_some_and(Member::left);
        writers.into_iter().filter(left).flat_map(|member| self.revoke_devices_of(member)).collect()
    }

    /// Begins a new epoch without those who left, if there are any and whoever is at the keyboard leads the team. Says
    /// whether it did.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io): what was not finished is tried again at the next unlock.
    pub(super) fn let_leavers_go(&mut self) -> Result<bool> {
        if !self.may_lead_on() {
            return Ok(false);
        }
        let leavers = self.leavers();
        let revoked = self.revoke_those_who_left();
        if !self.leavers_are_named() {
            if !revoked.is_empty() {
                self.write(revoked)?;
            }
            // Another of the team's computers has begun the epoch; their key file goes here too.
            return leavers.into_iter().try_for_each(|member| self.vault.remove_participant(member)).map(|()| false);
        }
        let stream = self.state.team_stream();
        let facts = |fact| {
            let mut facts = vec![Placed { stream, class: Class::Core, fact }];
            facts.extend(revoked);
            facts
        };
        self.begin_epoch(self.due_recipients(), |_, epoch| facts(epoch))?;
        for member in leavers {
            self.vault.remove_participant(member)?;
        }
        self.undo.clear();
        self.follow_readers()?;
        // The parish's recipient follows the epoch, so its card does too.
        if self.root().is_some() {
            self.card(false)?;
        }
        self.settle()?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::field::Field;
    use crate::domain::ids::ItemId;
    use crate::domain::value::Value;
    use crate::error::Kind;
    use crate::ops::{TeamAdd, TeamLeave};
    use crate::session::{NewPerson, Session};
    use crate::testing::team::{case, passphrase, place, team, work};
    use crate::vault::disk::MemoryDisk;
    use crate::vault::keys::passphrase::Passphrase;

    const OTHER: &str = "breadfruit morning river stone";

    /// A. Brown's team, and D. Reid, who can unlock it too.
    fn with_reid(disk: &MemoryDisk) -> (Session, ItemId) {
        let mut session = team(disk, 1);
        let values = vec![(Field::MemberName, Value::text("D. Reid")), (Field::MemberRole, Value::code("champion"))];
        let member = session.run(TeamAdd { values }).expect("added").made[0];
        let other = other();
        let person = NewPerson { member, handle: "reid", passphrase: &other, work: work() };
        session.add_participant(&person).expect("a key");
        (session, member)
    }

    fn other() -> Passphrase {
        Passphrase::new(OTHER).expect("long enough")
    }

    #[test]
    fn who_left_can_open_nothing_any_more_and_who_stays_can() {
        let disk = MemoryDisk::new();
        let (mut session, reid) = with_reid(&disk);
        let before = session.vault().epoch();
        let kept = case(&mut session, "A worry from before");
        session.settle().expect("settled");
        let copy = disk.power_cut(3);
        let done = session.run(TeamLeave { member: reid }).expect("left");
        assert!(done.says.contains("opens nothing that is written from now on"), "{}", done.says);
        assert_ne!(session.vault().epoch(), before);
        let after = case(&mut session, "A worry that Reid does not know of");
        assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
        drop(session);
        assert_eq!(
            Session::unlock(place(&disk, 5), "reid", &other()).err().map(|error| error.kind),
            Some(Kind::Locked)
        );
        let again = Session::unlock(place(&disk, 6), "abrown", &passphrase()).expect("unlocked");
        assert!([kept, after].iter().all(|case| again.state().item(*case).is_some_and(|item| item.created.is_some())));
        assert_eq!(again.participants().len(), 1);
        // A copy of the folder from before still opens for them: what they had, they keep.
        assert!(Session::unlock(place(&copy, 7), "reid", &other()).is_ok());
    }

    #[test]
    fn a_cut_before_the_new_epoch_is_made_good_at_the_next_unlock() {
        let disk = MemoryDisk::new();
        let (mut session, reid) = with_reid(&disk);
        // As one of several steps it is put on record, and the epoch follows once they are done.
        let before = session.vault().epoch();
        session.all_or_nothing(|session| session.run(TeamLeave { member: reid })).expect("left");
        assert_ne!(session.vault().epoch(), before);
    }
}
