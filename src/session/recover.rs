//! Letting somebody in again who lost their passphrase, with the team's recovery words.

use crate::domain::class::Class;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::ops::{At, Plan};
use crate::vault::Vault;
use crate::vault::keys::identity::Recipient;
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};
use crate::vault::keys::recovery::RecoveryWords;

use super::{Place, Session};

impl Session {
    /// Gives the participant with a handle new keys under a new passphrase. The old passphrase opens nothing after
    /// this, and the history says that the recovery words were used. Unlock afterwards as usual.
    ///
    /// # Errors
    /// [`Kind::Locked`] if the words are not this vault's; [`Kind::Refused`] for a handle that nobody has.
    pub fn recover(
        place: Place,
        handle: &str,
        words: &RecoveryWords,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<()> {
        let (setup, clock) = place.setup();
        let vault = Vault::recover(setup, words)?;
        let rescuer = vault.participant().member();
        let mut session = Self::empty(vault, clock, rescuer);
        session.fill()?;
        let member = session.vault.config().find(handle).map(|line| line.member);
        let member = member.and_then(|member| Member::get(&session.state, member)).filter(|member| !member.left());
        let Some(at) = member.map(|member| At::of(member.0)) else {
            return Err(AppError::new(
                Kind::Refused,
                "Nobody with this handle could unlock this vault.",
                "`mahoe` shows the handles on its first screen; a member without a key gets one from the coordinator.",
            ));
        };
        let keys = session.vault.new_participant(at.item);
        let recipient = keys.recipient().to_string();
        let mut plan = Plan::default();
        plan.set(&session.state, at, Field::MemberRecipient, Value::text(&recipient));
        let device = keys.device();
        let device = Fact::Device { device: device.device_id(), key: device.public(), member: at.item };
        let recipients = vec![(at.item, recipient)];
        let epoch = Fact::Epoch { key: session.vault.epoch(), follows: Vec::new(), recipients };
        for fact in [device, epoch] {
            plan.facts.push(Placed { stream: at.stream, class: Class::Core, fact });
        }
        session.write(plan.facts)?;
        for (stream, people) in session.restricted_to(at.item)? {
            session.vault.rewrap(stream, &people)?;
        }
        let recipients = session.epoch_recipients()?;
        session.vault.replace_participant(&keys, passphrase, work, &recipients)?;
        session.settle()
    }

    /// The restricted cases that a member may read, with everybody whom each is sealed to.
    pub(super) fn restricted_to(&self, member: ItemId) -> Result<Vec<(StreamId, Vec<Recipient>)>> {
        let theirs = |case: &&crate::domain::item::Item| {
            crate::domain::views::Case(case).readers(&self.state).is_some_and(|readers| readers.contains(&member))
        };
        let streams = self.state.items(ItemKind::Case).filter(theirs).map(|case| case.stream);
        streams.map(|stream| Ok((stream, self.restriction(stream, &[])?.unwrap_or_default()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::CaseOpen;
    use crate::testing::team::{new_team, passphrase, place, work};
    use crate::vault::disk::MemoryDisk;

    #[test]
    fn the_words_let_somebody_in_again_and_the_old_passphrase_is_dead() {
        let disk = MemoryDisk::new();
        let old = passphrase();
        let new = new_team(&old);
        let (mut session, words) = Session::create(place(&disk, 1), &new).expect("created");
        let values = vec![(Field::CaseConcern, Value::text("It touches the team"))];
        let restricted_to = vec![session.me()];
        let case = session.run(CaseOpen { values, restricted_to, ..CaseOpen::default() }).expect("opened").made[0];
        drop(session);
        let fresh = Passphrase::new("mango rain on the roof").expect("long enough");
        let other = RecoveryWords::random(&mut crate::testing::entropy::SeededEntropy::new(99));
        let wrong = Session::recover(place(&disk, 2), "abrown", &other, &fresh, work());
        assert_eq!(wrong.expect_err("other words").kind, Kind::Locked);
        let nobody = Session::recover(place(&disk, 3), "reid", &words, &fresh, work());
        assert_eq!(nobody.expect_err("no such handle").kind, Kind::Refused);
        Session::recover(place(&disk, 4), "abrown", &words, &fresh, work()).expect("recovered");
        assert_eq!(Session::unlock(place(&disk, 5), "abrown", &old).err().map(|e| e.kind), Some(Kind::Locked));
        let mut session = Session::unlock(place(&disk, 6), "abrown", &fresh).expect("unlocked");
        assert_eq!(session.state().item(case).map(|case| case.str(Field::CaseConcern)), Some("It touches the team"));
        assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }
}
