//! The vault measured: durable commit, unlock, fold. `cargo bench --bench vault [-- SIZE…]`
//!
//! Every figure is printed with what it measured; docs/performance.md keeps them with the machine they came from.

#![expect(clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::unwrap_used, reason = "a bench that can't run should stop")]

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use mahoe::domain::field::Field;
use mahoe::domain::ids::ItemId;
use mahoe::domain::value::Value;
use mahoe::ops::{ActionAdd, CaseNote, CaseOpen};
use mahoe::session::{Place, Session, SystemClock};
use mahoe::testing::{percentiles, team};

fn place(root: &Path) -> Place {
    // As the screens open it: the rest of the copies is compared while idle.
    Place { check_later: true, ..Place::real(root, Box::new(SystemClock)) }
}

fn create(root: &Path) -> Session {
    let passphrase = team::passphrase();
    Session::create(place(root), &team::new_team(&passphrase)).unwrap().0
}

fn open_case(session: &mut Session, number: usize) -> ItemId {
    let risk = ["high", "medium", "low"][number % 3];
    let values = vec![
        (Field::CaseConcern, Value::text(&format!("Concern number {number}: not seen at school, works late"))),
        (Field::CaseRisk, Value::code(risk)),
        (Field::CaseChildName, Value::text(&format!("Fern Number{number}"))),
        (Field::CaseCommunity, Value::text("Lantern Hill")),
    ];
    session.run(CaseOpen { values, ..CaseOpen::default() }).unwrap().made[0]
}

/// Fills a vault with about `entries` entries: four to a case, one of them a note, actions on every other case.
fn fill(session: &mut Session, entries: usize) {
    let mut number = 0;
    while session.state().entry_count() < entries {
        let room = entries - session.state().entry_count();
        session
            .all_or_nothing(|session| {
                for _ in 0..(room / 5).clamp(1, 10) {
                    number += 1;
                    let case = open_case(session, number);
                    let (owner, due) = (session.me(), session.today_date() + chrono::TimeDelta::days(3));
                    let text = "Visit with the guidance counsellor, ask about lateness".to_owned();
                    let priority = String::new();
                    session.run(ActionAdd {
                        cases: vec![case],
                        text,
                        owner,
                        due,
                        time: None,
                        priority,
                        class: None,
                        backdated: false,
                    })?;
                    let text = "Spoke with the school; the child was there on Tuesday.".to_owned();
                    session.run(CaseNote {
                        cases: vec![case],
                        kind: "general".into(),
                        class: None,
                        text,
                        when: None,
                    })?;
                }
                Ok(())
            })
            .unwrap();
    }
    session.settle().unwrap();
}

fn commits(root: &Path) {
    let mut session = create(&root.join("commits"));
    let case = open_case(&mut session, 1);
    let note = |session: &mut Session, number: usize| {
        let text = format!("Note number {number}: spoke with the school, all as agreed.");
        session.run(CaseNote { cases: vec![case], kind: "general".into(), class: None, text, when: None }).unwrap();
    };
    for number in 0..200 {
        note(&mut session, number);
    }
    let times = (0..2_000)
        .map(|number| {
            let start = Instant::now();
            note(&mut session, number);
            start.elapsed()
        })
        .collect();
    println!("durable commit of a note:        {}", percentiles(times));
    let mut file = std::fs::File::create(root.join("peer")).unwrap();
    file.write_all(&vec![0; 64 << 20]).unwrap();
    file.sync_all().unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(0)).unwrap();
    let times = (0..2_000)
        .map(|_| {
            let start = Instant::now();
            file.write_all(&[7; 1_024]).unwrap();
            file.sync_data().unwrap();
            start.elapsed()
        })
        .collect();
    println!("peer, 1 KiB write and fdatasync: {}", percentiles(times));
}

fn unlocks(root: &Path, entries: usize) {
    let folder = root.join(format!("unlock-{entries}"));
    let mut session = create(&folder);
    let start = Instant::now();
    fill(&mut session, entries);
    println!("{entries} entries written in {:.2} s", start.elapsed().as_secs_f64());
    drop(session);
    let passphrase = team::passphrase();
    let start = Instant::now();
    drop(mahoe::vault::peek(&mahoe::vault::disk::RealDisk, &folder).unwrap());
    let peeked = start.elapsed();
    let times = (0..5)
        .map(|_| {
            let start = Instant::now();
            let session = Session::unlock(place(&folder), "abrown", &passphrase).unwrap();
            let due = session.today().len();
            assert!(due > 0, "something is due");
            start.elapsed()
        })
        .collect::<Vec<_>>();
    println!(
        "unlock of {entries} entries and Today (scrypt at its lowest; head read in {peeked:?}): {}",
        percentiles(times)
    );
}

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000] } else { sizes };
    let root = tempfile::tempdir().unwrap();
    commits(root.path());
    for entries in sizes {
        unlocks(root.path(), entries);
    }
}
