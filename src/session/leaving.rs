//! Who left can't read what comes: a new epoch begins, sealed to everybody but them, and their key file goes.
//!
//! What they could read before, they may have kept: nobody can take that back, and the program says so. It is done
//! after the entry that says that they left, and again at the next unlock if a cut came in between.

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
        let epoch = self.state.epochs().iter().find(|epoch| epoch.key == self.vault.epoch());
        let named = epoch.map_or(&[][..], |epoch| &epoch.recipients).iter().map(|(member, _)| *member);
        let mut leavers: Vec<ItemId> = named.chain(self.participants()).filter(|member| left(*member)).collect();
        leavers.sort_unstable();
        leavers.dedup();
        leavers
    }

    /// Begins a new epoch without those who left, if there are any and whoever is at the keyboard leads the team. Says
    /// whether it did.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::error::Kind::Io): what was not finished is tried again at the next unlock.
    pub(super) fn let_leavers_go(&mut self) -> Result<bool> {
        if self.held_back.is_some() || self.half_folded || !Member::get(&self.state, self.me).is_some_and(Member::leads)
        {
            return Ok(false);
        }
        let leavers = self.leavers();
        let epoch = self.state.epochs().iter().find(|epoch| epoch.key == self.vault.epoch());
        let named = |member: &ItemId| epoch.is_some_and(|epoch| epoch.recipients.iter().any(|(who, _)| who == member));
        if !leavers.iter().any(named) {
            // Another of the team's computers has begun the epoch; their key file goes here too.
            return leavers.into_iter().try_for_each(|member| self.vault.remove_participant(member)).map(|()| false);
        }
        let mut recipients = self.standing_recipients();
        recipients.extend(self.sheet_recipients());
        recipients.sort();
        recipients.dedup();
        let stream = self.state.team_stream();
        self.begin_epoch(recipients, |_, epoch| vec![Placed { stream, class: Class::Core, fact: epoch }])?;
        for member in leavers {
            self.vault.remove_participant(member)?;
        }
        self.undo.clear();
        self.follow_sheets()?;
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
