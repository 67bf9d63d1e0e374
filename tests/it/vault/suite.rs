//! What a session does, the same on a disk in memory and in a real folder; and how long unlocking takes.

use std::time::Instant;

use mahoe::domain::field::{Field, ItemKind};
use mahoe::domain::value::Value;
use mahoe::ops::{ActionDone, CaseEdit, CaseStrike, ConflictDecide, PolicySet};
use mahoe::session::{Place, Session};
use mahoe::testing::dump::dump;
use mahoe::testing::team::{self, new_team};
use mahoe::vault::disk::MemoryDisk;

use super::folder::{note, place, work};

fn behaves(place: &dyn Fn(u64) -> Place) {
    let passphrase = team::passphrase();
    let (mut session, _) = Session::create(place(1), &new_team(&passphrase)).expect("made");
    let case = team::case(&mut session, "Not seen at school");
    let action = team::action(&mut session, case, "Visit", 2);
    session.run(ActionDone { action }).expect("done");
    session.undo().expect("undone");
    assert_eq!(session.state().item(action).map(|item| item.str(Field::ActionState)), Some("open"));
    let edit = CaseEdit { case, values: vec![(Field::CaseRisk, Value::code("low"))], followup: false };
    session.run(edit.clone()).expect("saved");
    assert!(session.run(edit).is_err(), "nothing would change");
    let decide = ConflictDecide { item: case, field: Field::CaseRisk, value: Value::code("high"), followup: true };
    assert!(session.run(decide).is_err(), "there is no conflict");
    // More than one block, in one go; and again one by one.
    session
        .all_or_nothing(|session| {
            for turn in 0..150 {
                session.run(note(&[case], &format!("together {turn}")))?;
            }
            Ok(())
        })
        .expect("all");
    for turn in 0..140 {
        session.run(note(&[case], &format!("alone {turn}"))).expect("noted");
    }
    let stream = session.state().item(case).expect("there").stream;
    let past = session.history(stream).expect("history");
    let told = past.iter().filter(|past| format!("{past:?}").contains("alone ")).count();
    assert_eq!((told, past.len()), (140, session.state().entries_of(stream).count()));
    let entry = past.iter().find(|past| format!("{past:?}").contains("together 77")).expect("there").entry;
    session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck");
    session.note_access("open", case, "").expect("recorded");
    let entries = session.state().entry_count();
    session.note_access("open", case, "").expect("once is enough");
    assert_eq!(session.state().entry_count(), entries);
    session.run(note(&[case], "after the strike")).expect("noted");
    let broken = session.all_or_nothing(|session| {
        session.run(note(&[case], "never"))?;
        session.run(ActionDone { action: case })
    });
    assert!(broken.is_err());
    let before = dump(session.state());
    let history = session.history(stream).expect("history");
    assert!(!format!("{history:?}").contains("never"));
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    drop(session);
    let mut session = Session::unlock(place(2), "abrown", &passphrase).expect("unlocked");
    assert_eq!(session.vault().findings(), []);
    assert!(dump(session.state()) == before);
    assert!(session.history(stream).expect("history") == history);
    assert!(session.undo().is_err(), "what was done before is not undone");
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    assert_eq!(session.state().items(ItemKind::Case).count(), 1);
}

#[test]
fn a_session_behaves_in_memory() {
    let disk = MemoryDisk::new();
    behaves(&|seed| team::place(&disk, seed));
}

#[test]
fn a_session_behaves_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    behaves(&|seed| place(folder.path(), seed));
}

#[test]
fn a_policy_is_in_force_at_once() {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 1);
    let text = mahoe::policy::BUILTIN.replacen("name = \"", "name = \"Ours: ", 1);
    assert_ne!(session.pack().name, mahoe::policy::parse(&text).expect("a pack").name);
    session.run(PolicySet { text: text.clone() }).expect("set");
    assert_eq!(session.pack().name, mahoe::policy::parse(&text).expect("a pack").name);
}

/// Not a limit: it prints how long things take.
#[test]
#[ignore = "prints figures"]
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn how_long_unlocking_takes() {
    for entries in [10_000, 100_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let passphrase = team::passphrase();
        let (mut session, _) = Session::create(place(folder.path(), 1), &new_team(&passphrase)).expect("made");
        let start = Instant::now();
        while session.state().entry_count() < entries {
            let next = (session.state().entry_count() + 5_000).min(entries);
            session
                .all_or_nothing(|session| {
                    work(session, next);
                    Ok(())
                })
                .expect("written");
        }
        let time =
            |what: &str, start: Instant| println!("{entries} entries: {what} {:.2} s", start.elapsed().as_secs_f64());
        time("made in", start);
        drop(session);
        let start = Instant::now();
        let mut session = Session::unlock(place(folder.path(), 2), "abrown", &passphrase).expect("unlocked");
        time("unlocked in", start);
        let start = Instant::now();
        session.verify(&mut |_, _| true).expect("verified");
        time("verified in", start);
        drop(session);
        std::fs::remove_dir_all(folder.path().join("store")).expect("removed");
        let start = Instant::now();
        Session::unlock(place(folder.path(), 3), "abrown", &passphrase).expect("unlocked");
        time("unlocked with a fresh store in", start);
    }
}
