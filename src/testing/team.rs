//! A small team in memory, for tests.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::value::Value;
use crate::ops::{ActionAdd, CaseOpen};
use crate::session::{FixedClock, NewTeam, Place, Session};
use crate::vault::disk::MemoryDisk;
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};

use super::entropy::SeededEntropy;

/// The passphrase of every test participant.
pub const PASSPHRASE: &str = "lantern hill mango rain";

/// Sunday 22 November 2026, 09:20 in Jamaica.
pub fn morning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_357_200, 0).expect("a time in range")
}

/// Where a test vault lies.
pub fn place(disk: &MemoryDisk, seed: u64) -> Place {
    Place {
        disk: Arc::new(disk.clone()),
        root: PathBuf::from("/vault"),
        in_memory: true,
        check_later: false,
        marks: None,
        clock: Box::new(FixedClock(morning())),
        entropy: Box::new(SeededEntropy::new(seed)),
    }
}

/// The test passphrase.
pub fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE).expect("long enough")
}

/// The lowest work factor of practice vaults.
pub fn work() -> WorkFactor {
    WorkFactor::new(WorkFactor::MIN_PRACTICE, true).expect("the lowest")
}

/// What a practice team of one coordinator, A. Brown of CPFSA in Saint Ann, is made from.
pub fn new_team(passphrase: &Passphrase) -> NewTeam<'_> {
    NewTeam {
        parish: "JM-06",
        name: "A. Brown",
        handle: "abrown",
        agency: "CPFSA",
        role: "coordinator",
        team: "",
        practice: true,
        passphrase,
        work: work(),
    }
}

/// A practice team of one coordinator, A. Brown of CPFSA in Saint Ann, who has written the recovery words down.
pub fn team(disk: &MemoryDisk, seed: u64) -> Session {
    let passphrase = passphrase();
    let new = new_team(&passphrase);
    let (mut session, words) = Session::create(place(disk, seed), &new).expect("a fresh disk");
    session.words_read_back(&words).expect("recorded");
    session
}

/// Opens a case of high risk; returns its item.
pub fn case(session: &mut Session, concern: &str) -> ItemId {
    let values = vec![
        (Field::CaseConcern, Value::text(concern)),
        (Field::CaseRisk, Value::code("high")),
        (Field::CaseChildName, Value::text("Fern Riverstone")),
    ];
    session.run(CaseOpen { values, ..CaseOpen::default() }).expect("a case").made[0]
}

/// Adds an action to a case, owned by the coordinator, due in some days.
pub fn action(session: &mut Session, case: ItemId, text: &str, days: i64) -> ItemId {
    let op = ActionAdd {
        cases: vec![case],
        text: text.to_owned(),
        owner: session.me(),
        due: session.today_date() + chrono::TimeDelta::days(days),
        time: None,
        priority: String::new(),
        class: None,
        backdated: false,
    };
    session.run(op).expect("an action").made[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{ActionDone, CaseNote, CaseStrike};

    #[test]
    fn a_team_works_locks_and_finds_everything_again() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let case = case(&mut session, "Not seen at school for two weeks");
        let action = action(&mut session, case, "Visit with the school", 2);
        let code = session.state().code(case).to_string();
        assert!(code.starts_with("06-"), "{code}");
        let due = session.today().len();
        assert!(due >= 3, "{due}");
        session.run(ActionDone { action }).expect("done");
        session.undo().expect("undone");
        drop(session);
        assert_eq!(
            Session::unlock(place(&disk, 2), "abrown", &Passphrase::new("something else entirely").expect("fine"))
                .err()
                .map(|error| error.kind),
            Some(crate::error::Kind::Locked)
        );
        let mut again = Session::unlock(place(&disk, 2), "ABrown", &passphrase()).expect("unlocked");
        assert_eq!(again.state().find_code(&code), Ok(vec![case]));
        assert_eq!(again.today().len(), due);
        assert_eq!(again.state().item(action).map(|item| item.str(Field::ActionState)), Some("open"));
        let verdict = again.verify(&mut |_, _| true).expect("verified");
        assert_eq!(verdict.problems, Vec::<String>::new());
        assert_eq!(verdict.entries, again.state().entry_count() as u64);
    }

    #[test]
    fn several_at_once_are_undone_at_once() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "A worry");
        let actions = [action(&mut session, case, "one", 1), action(&mut session, case, "two", 2)];
        let state = |session: &Session, action| {
            session.state().item(action).map(|item| item.str(Field::ActionState).to_owned()).unwrap_or_default()
        };
        let all = |session: &mut Session| {
            actions.iter().try_for_each(|action| {
                session.run(crate::ops::ActionStart { action: *action })?;
                session.run(ActionDone { action: *action }).map(drop)
            })
        };
        session.all_or_nothing(all).expect("done");
        assert!(actions.iter().all(|action| state(&session, *action) == "done"));
        session.undo().expect("undone");
        assert!(actions.iter().all(|action| state(&session, *action) == "open"));
    }

    #[test]
    fn a_strike_leaves_nothing_of_the_words() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let case = case(&mut session, "A worry");
        let note = CaseNote {
            cases: vec![case],
            kind: "general".into(),
            class: None,
            text: "written in the wrong case".into(),
            when: None,
        };
        session.run(note).expect("noted");
        let stream = session.state().item(case).expect("there").stream;
        let past = session.history(stream).expect("history");
        let entry = past.iter().find(|past| past.class == crate::domain::class::Class::Notes).expect("the note").entry;
        session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck");
        let past = session.history(stream).expect("history");
        let struck = past.iter().find(|past| past.entry == entry).expect("its header stays");
        assert_eq!(struck.unreadable.as_deref(), Some("struck: wrong case"));
        assert!(struck.changes.is_empty());
        drop(session);
        let mut again = Session::unlock(place(&disk, 3), "abrown", &passphrase()).expect("unlocked");
        let past = again.history(stream).expect("history");
        assert!(past.iter().any(|past| past.entry == entry && past.changes.is_empty()));
        assert_eq!(again.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }

    #[test]
    fn a_commit_of_many_entries_lies_in_several_blocks_and_is_there_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = || Place::real(folder.path(), Box::new(FixedClock(morning())));
        let words = passphrase();
        let new = new_team(&words);
        let mut session = Session::create(place(), &new).expect("a fresh folder").0;
        session
            .all_or_nothing(|session| {
                for number in 0..120 {
                    case(session, &format!("Worry number {number}"));
                }
                Ok(())
            })
            .expect("committed");
        let entries = session.state().entry_count();
        drop(session);
        for _ in 0..3 {
            let session = Session::unlock(place(), "abrown", &passphrase()).expect("unlocked");
            assert_eq!(session.state().entry_count(), entries);
            assert_eq!(session.vault().findings(), []);
        }
    }
}
