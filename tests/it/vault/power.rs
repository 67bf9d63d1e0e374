//! Power cuts, full disks and failing syncs, on a disk in memory that forgets what was not synced.

use std::path::PathBuf;

use mahoe::domain::class::Class;
use mahoe::domain::field::Field;
use mahoe::domain::value::Value;
use mahoe::error::{Kind, Result};
use mahoe::ops::{CaseEdit, CaseOpen, CaseStrike, TeamAdd};
use mahoe::session::{NewPerson, Session};
use mahoe::testing::dump::dump;
use mahoe::testing::team::{self, new_team};
use mahoe::vault::Found;
use mahoe::vault::disk::{FaultKind, MemoryDisk};
use mahoe::vault::keys::passphrase::Passphrase;

use super::folder::note;

const SECRET: &str = "written about the wrong person";
const OTHER: &str = "breadfruit morning river stone";

/// What was acknowledged so far.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "four things that can have been acknowledged")]
struct Acknowledged {
    made: bool,
    /// The State's canonical text after the last step that came back.
    dumps: Vec<String>,
    struck: bool,
    passphrase: bool,
    second: bool,
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).expect("fine")
}

/// A working day, until the disk stops.
fn day(disk: &MemoryDisk, done: &mut Acknowledged) -> Result<()> {
    let mut session = Session::create(team::place(disk, 1), &new_team(&team::passphrase()))?.0;
    done.made = true;
    done.dumps.push(dump(session.state()));
    let open = CaseOpen {
        values: vec![(Field::CaseConcern, Value::text("A worry")), (Field::CaseRisk, Value::code("high"))],
        ..CaseOpen::default()
    };
    let case = session.run(open)?.made[0];
    done.dumps.push(dump(session.state()));
    session.run(note(&[case], SECRET))?;
    done.dumps.push(dump(session.state()));
    let stream = session.state().item(case).expect("there").stream;
    let past = session.history(stream)?;
    let entry = past.iter().find(|past| past.class == Class::Notes).expect("the note").entry;
    session.settle()?;
    let add = TeamAdd { values: vec![(Field::MemberName, Value::text("B. Sample"))] };
    let member = session.run(add)?.made[0];
    done.dumps.push(dump(session.state()));
    let person = NewPerson { member, handle: "bsample", passphrase: &passphrase(OTHER), work: team::work() };
    session.add_participant(&person)?;
    done.second = true;
    done.dumps.push(dump(session.state()));
    session.all_or_nothing(|session| {
        session.run(note(&[case], "the first of two"))?;
        session.run(note(&[case], "the second of two"))
    })?;
    done.dumps.push(dump(session.state()));
    session.run(CaseStrike { entry, reason: "wrong person".into() })?;
    done.struck = true;
    done.dumps.push(dump(session.state()));
    session.change_passphrase(&team::passphrase(), &passphrase(OTHER), team::work())?;
    done.passphrase = true;
    session.run(CaseEdit { case, values: vec![(Field::CaseRisk, Value::code("low"))], followup: false })?;
    done.dumps.push(dump(session.state()));
    session.write_drafts(b"half a sentence")?;
    session.settle()
}

/// The whole day without a cut: how many operations the disk sees, and what each step leaves.
fn whole_day() -> (u64, Vec<String>) {
    let disk = MemoryDisk::new();
    let mut done = Acknowledged::default();
    day(&disk, &mut done).expect("nothing is wrong");
    (disk.operations(), done.dumps)
}

fn reopen(disk: &MemoryDisk, handle: &str, seed: u64) -> Result<Session> {
    let first = Session::unlock(team::place(disk, seed), handle, &team::passphrase());
    match first {
        Err(error) if error.kind == Kind::Locked => {
            Session::unlock(team::place(disk, seed), handle, &passphrase(OTHER))
        }
        other => other,
    }
}

/// Cuts the power at an operation, and sees that what was acknowledged is there when it comes back.
fn cut(at: u64, seed: u64, steps: &[String]) {
    let disk = MemoryDisk::new();
    disk.crash_at(at);
    let mut done = Acknowledged::default();
    let stopped = day(&disk, &mut done);
    assert!(stopped.is_err(), "operation {at}");
    let disk = disk.power_cut(seed);
    let told = format!("cut at {at}, seed {seed}");
    let mut session = match reopen(&disk, "abrown", 1_000 + at) {
        Ok(session) => session,
        Err(error) => {
            assert!(!done.made, "{told}: {error}");
            // Making a vault that was never made whole can be done again.
            let again = Session::create(team::place(&disk, 2_000 + at), &new_team(&team::passphrase()));
            let again = again.unwrap_or_else(|error| panic!("{told}, made again: {error}"));
            drop(again);
            reopen(&disk, "abrown", 3_000 + at).unwrap_or_else(|error| panic!("{told}, after that: {error}"));
            return;
        }
    };
    // The last step that was acknowledged, or the one that was under way.
    let now = dump(session.state());
    let reached = done.dumps.len();
    let allowed = steps.get(reached.saturating_sub(1)..(reached + 1).min(steps.len())).unwrap_or_default();
    let renewed = session.vault().findings().contains(&Found::NewDevice);
    let fits = |step: &String| if renewed { only_a_device_more(&now, step) } else { now == *step };
    assert!(allowed.iter().any(fits), "{told}: after {reached} steps");
    if done.struck || session.state().strikes().next().is_some() {
        assert_eq!(words(&mut session), 0, "{told}: the struck words can be read");
    }
    if done.second {
        let second = Session::unlock(team::place(&disk, 5), "bsample", &passphrase(OTHER));
        second.unwrap_or_else(|error| panic!("{told}: {error}"));
    }
    let old = Session::unlock(team::place(&disk, 5), "abrown", &team::passphrase());
    assert!(!done.passphrase || old.is_err(), "{told}: the old passphrase still opens");
    // Work goes on, and nothing is wrong with what there is.
    let verdict = session.verify(&mut |_, _| true).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert_eq!(verdict.problems, Vec::<String>::new(), "{told}");
    let add = TeamAdd { values: vec![(Field::MemberName, Value::text("C. Later"))] };
    session.run(add).unwrap_or_else(|error| panic!("{told}: {error}"));
    let after = dump(session.state());
    drop(session);
    let again = reopen(&disk, "abrown", 6_000 + at).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert_eq!(dump(again.state()), after, "{told}");
}

/// True if a State's text has what another has, and a device and the entry that introduced it.
fn only_a_device_more(now: &str, step: &str) -> bool {
    let known: std::collections::HashSet<&str> = step.lines().collect();
    let more: Vec<&str> = now.lines().filter(|line| !known.contains(line)).collect();
    let kinds = more.iter().filter_map(|line| line.split(' ').next()).collect::<Vec<_>>();
    kinds == ["device", "entry"] && now.lines().count() == step.lines().count() + 2
}

/// How often the struck words can be read in the history of anything.
fn words(session: &mut Session) -> usize {
    let streams: Vec<_> = session.state().streams().collect();
    let past: Vec<_> = streams.into_iter().flat_map(|stream| session.history(stream).expect("readable")).collect();
    past.iter().filter(|past| format!("{past:?}").contains(SECRET)).count()
}

fn cuts(step: usize, seeds: &[u64]) -> usize {
    let (operations, steps) = whole_day();
    let mut count = 0;
    for at in (0..operations).step_by(step) {
        for seed in seeds {
            cut(at, seed.wrapping_mul(8).wrapping_add(at * 3 + seed), &steps);
            count += 1;
        }
    }
    count
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_acknowledged() {
    // Every moment is in the long test.
    assert!(cuts(4, &[1]) > 40);
}

#[test]
#[ignore = "long"]
fn power_cuts_at_every_moment_and_every_kind_of_memory() {
    assert!(cuts(1, &[0, 1, 2, 3, 4, 5, 6, 7]) > 500);
}

/// A team with one case on a disk in memory.
fn started(disk: &MemoryDisk) -> (Session, mahoe::domain::ids::ItemId) {
    let mut session = team::team(disk, 1);
    let case = team::case(&mut session, "A worry");
    session.settle().expect("settled");
    (session, case)
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    // The disk fills up after any number of operations, so that each kind of write meets it.
    for operations in 0..24 {
        let disk = MemoryDisk::new();
        let (mut session, case) = started(&disk);
        let before = dump(session.state());
        assert!(disk.files().contains(&PathBuf::from("/vault/ballast")));
        disk.fail_after(operations, FaultKind::NoSpace);
        // Frames larger than what is left of the room that the file was grown by, in compartments old and new.
        let mut refused = None;
        for turn in 0..12 {
            let household = Value::text(&format!("Who lives there {turn}. ").repeat(800));
            let edit = CaseEdit { case, values: vec![(Field::CaseHousehold, household)], followup: false };
            let result = session.run(edit).and_then(|_| {
                let values = vec![
                    (Field::CaseConcern, Value::text("Another worry")),
                    (Field::CaseReporter, Value::text("A neighbour")),
                ];
                let case = session.run(CaseOpen { values, ..CaseOpen::default() })?.made[0];
                session.run(note(&[case], &"words ".repeat(3_000)))
            });
            if let Err(error) = result {
                refused = Some(error);
                break;
            }
        }
        let Some(error) = refused else { continue };
        assert_eq!(error.kind, Kind::Io, "{operations}: {error}");
        assert!(!disk.files().contains(&PathBuf::from("/vault/ballast")), "{operations}: the ballast was kept");
        // Nothing half: what the session says is what is there.
        disk.clear_faults();
        let now = dump(session.state());
        session.run(note(&[case], "there is room again")).unwrap_or_else(|error| panic!("{operations}: {error}"));
        let after = dump(session.state());
        assert!(after.len() > now.len() && now.len() >= before.len());
        drop(session);
        let mut again = Session::unlock(team::place(&disk, 9), "abrown", &team::passphrase()).expect("unlocked");
        assert!(dump(again.state()) == after, "{operations}: something is lost");
        assert_eq!(again.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }
}

#[test]
fn all_or_nothing_is_nothing_when_the_disk_is_full() {
    let disk = MemoryDisk::new();
    let (mut session, case) = started(&disk);
    let before = dump(session.state());
    disk.set_capacity(Some(0));
    let failed = session.all_or_nothing(|session| {
        for _ in 0..10 {
            session.run(note(&[case], &"words ".repeat(3_000)))?;
        }
        session.note_access("print", case, "")
    });
    assert_eq!(failed.expect_err("no room").kind, Kind::Io);
    assert_eq!(dump(session.state()), before);
    disk.set_capacity(None);
    session.note_access("print", case, "").expect("it was not on record yet");
    assert_ne!(dump(session.state()), before, "the access is recorded although it was tried before");
    // A strike destroys at once, so it can't be held back with other steps.
    let stream = session.state().item(case).expect("there").stream;
    let entry = session.history(stream).expect("history")[0].entry;
    let strike = session.all_or_nothing(|session| {
        session.run(note(&[case], "one"))?;
        session.run(CaseStrike { entry, reason: "wrong".into() })
    });
    assert_eq!(strike.expect_err("refused").kind, Kind::Refused);
    let now = dump(session.state());
    drop(session);
    let again = Session::unlock(team::place(&disk, 9), "abrown", &team::passphrase()).expect("unlocked");
    assert_eq!(dump(again.state()), now);
}

#[test]
fn after_a_failed_sync_nothing_is_written_until_it_is_reopened() {
    for operations in 0..6 {
        let disk = MemoryDisk::new();
        let (mut session, case) = started(&disk);
        disk.fail_after(operations, FaultKind::SyncFails);
        let mut acknowledged = dump(session.state());
        let error = loop {
            match session.run(note(&[case], "words")) {
                Ok(_) => acknowledged = dump(session.state()),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind, Kind::Io);
        assert_eq!(dump(session.state()), acknowledged, "State never runs ahead of the disk");
        disk.clear_faults();
        let error = session.run(note(&[case], "more words")).expect_err("read-only");
        assert_eq!(error.kind, Kind::Io, "{error}");
        assert!(error.hint.contains("unlock"), "{error}");
        drop(session);
        let disk = disk.power_cut(operations * 8);
        let mut again = Session::unlock(team::place(&disk, 9), "abrown", &team::passphrase()).expect("unlocked");
        let now = dump(again.state());
        for line in acknowledged.lines().filter(|line| line.starts_with("entry")) {
            assert!(now.contains(line), "{operations}: {line} is lost");
        }
        again.run(note(&[case], "it goes on")).expect("written");
    }
}

#[test]
fn a_strike_that_the_disk_interrupts_is_finished_at_unlock() {
    let mut interrupted = 0;
    for operations in 0..60 {
        let disk = MemoryDisk::new();
        let (mut session, case) = started(&disk);
        session.run(note(&[case], SECRET)).expect("noted");
        session.run(note(&[case], "stays")).expect("noted");
        let stream = session.state().item(case).expect("there").stream;
        let past = session.history(stream).expect("history");
        let entry = past.iter().find(|past| format!("{past:?}").contains(SECRET)).expect("there").entry;
        let before = session.state().entry_count();
        let kind = if operations % 2 == 0 { FaultKind::NoSpace } else { FaultKind::SyncFails };
        disk.fail_after(operations / 2, kind);
        let struck = session.run(CaseStrike { entry, reason: "wrong person".into() });
        if struck.is_err() && session.state().strike(entry).is_some() {
            interrupted += 1;
            assert!(!dump(session.state()).contains(SECRET), "{operations}: still shown");
            disk.clear_faults();
            // Either it goes on as if nothing had been, or not at all.
            let _ = session.run(note(&[case], "more"));
        }
        disk.clear_faults();
        drop(session);
        let disk = disk.power_cut(operations * 8 + 1);
        let mut again = Session::unlock(team::place(&disk, 9), "abrown", &team::passphrase()).expect("unlocked");
        assert!(again.state().entry_count() >= before, "{operations}: something is lost");
        assert_eq!(again.state().strike(entry).is_some(), !dump(again.state()).contains(SECRET), "{operations}");
        if again.state().strike(entry).is_some() {
            assert_eq!(words(&mut again), 0, "{operations}");
        }
        assert_eq!(again.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new(), "{operations}");
        again.run(note(&[case], "it goes on")).expect("written");
    }
    assert!(interrupted > 5, "{interrupted}");
}
