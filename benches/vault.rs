//! The vault measured: durable commit, unlock up to the first frame of Today, fold. An unlock is counted from the moment
//! when the passphrase has given its key; what that costs (scrypt at a real vault's work factor) is printed beside it.
//!
//! `cargo bench --bench vault` for all of it; `-- commits`, `-- fold` or `-- unlock ENTRIES…` for a part. Each unlock runs in
//! a process of its own, so that the memory it is told to take is its own. Every figure is printed with what it measured; docs/performance.md keeps them with the machine they came from.
//!
//! For a profiler: `-- make FOLDER ENTRIES` keeps a vault, and `-- one-unlock FOLDER` unlocks it.

#![expect(clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::unwrap_used, reason = "a bench that can't run should stop")]

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mahoe::domain::class::Class;
use mahoe::domain::fact::Fact;
use mahoe::domain::field::{Field, ItemKind};
use mahoe::domain::ids::{DeviceId, EntryId, ItemId, StreamId, StreamKind, VaultId};
use mahoe::domain::state::{Applied, Body, Stamp, State};
use mahoe::domain::value::Value;
use mahoe::error::Result;
use mahoe::ops::{ActionAdd, CaseNote, CaseOpen};
use mahoe::session::{NewTeam, Place, Session, SystemClock};
use mahoe::testing::{Runner, percentiles, team};
use mahoe::tui::app::App;
use mahoe::tui::desk::Desk;
use mahoe::tui::keymap::Keymap;
use mahoe::tui::shell::MahoeShell;
use mahoe::tui::theme::{Depth, Symbols, Theme, ThemeName};
use mahoe::vault::disk::{Disk, DiskFile, RealDisk};
use mahoe::vault::keys::passphrase::WorkFactor;

/// How often each vault is unlocked.
const UNLOCKS: usize = 5;

fn place(root: &Path) -> Place {
    // As the screens open it: the rest of the copies is compared while idle.
    Place { check_later: true, ..Place::real(root, Box::new(SystemClock)) }
}

fn create(root: &Path, work: WorkFactor) -> Session {
    let passphrase = team::passphrase();
    let new = NewTeam { work, ..team::new_team(&passphrase) };
    Session::create(place(root), &new).unwrap().0
}

/// The real disk, which notes when the passphrase has given its key: right after that the team's key files are listed.
#[derive(Debug, Default)]
struct Watched(OnceLock<Instant>);

impl Disk for Watched {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.open(path)
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.open_read(path)
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        RealDisk.read(path, limit)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        if folder.ends_with("keys") {
            self.0.get_or_init(Instant::now);
        }
        RealDisk.list(folder)
    }

    fn exists(&self, path: &Path) -> bool {
        RealDisk.exists(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_folder(path)
    }
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

/// Fills a vault with about `entries` entries, ten to a case: three of its opening, two actions, five notes.
fn fill(session: &mut Session, entries: usize) {
    let mut number = 0;
    while session.state().entry_count() < entries {
        let room = entries - session.state().entry_count();
        session
            .all_or_nothing(|session| {
                for _ in 0..(room / 10).clamp(1, 10) {
                    number += 1;
                    let case = open_case(session, number);
                    (0..2).try_for_each(|_| act(session, case))?;
                    (0..5).try_for_each(|_| note(session, case))?;
                }
                Ok(())
            })
            .unwrap();
        session.forget_undo();
    }
    session.settle().unwrap();
}

fn act(session: &mut Session, case: ItemId) -> Result<()> {
    let (owner, due) = (session.me(), session.today_date() + chrono::TimeDelta::days(3));
    let text = "Visit with the guidance counsellor, ask about lateness".to_owned();
    let (cases, priority) = (vec![case], String::new());
    session.run(ActionAdd { cases, text, owner, due, time: None, priority, class: None, backdated: false })?;
    Ok(())
}

fn note(session: &mut Session, case: ItemId) -> Result<()> {
    let text = "Spoke with the school; the child was there on Tuesday.".to_owned();
    session.run(CaseNote { cases: vec![case], kind: "general".into(), class: None, text, when: None })?;
    Ok(())
}

fn commits(root: &Path) {
    let mut session = create(&root.join("commits"), team::work());
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

fn make(folder: &Path, entries: usize) {
    let mut session = create(folder, WorkFactor::DEFAULT);
    let start = Instant::now();
    fill(&mut session, entries);
    println!("{entries} entries written in {:.2} s", start.elapsed().as_secs_f64());
}

fn unlocks(root: &Path, entries: usize) {
    let folder = root.join(format!("unlock-{entries}"));
    make(&folder, entries);
    for _ in 0..UNLOCKS {
        let child = Command::new(std::env::current_exe().unwrap()).arg("one-unlock").arg(&folder).status().unwrap();
        assert!(child.success(), "unlocked");
    }
}

/// One unlock, in a process of its own.
fn one_unlock(folder: &Path) {
    let passphrase = team::passphrase();
    // The first screen, on which the passphrase is typed, has these already.
    let theme = Theme::new(ThemeName::Dark, Depth::True, Symbols::WGL4);
    let keymap = Keymap::standard();
    mahoe::policy::builtin();
    let disk = Arc::new(Watched::default());
    let begun = Instant::now();
    let place = Place { disk: Arc::clone(&disk) as Arc<dyn Disk>, ..place(folder) };
    let session = Session::unlock(place, "abrown", &passphrase).unwrap();
    let start = *disk.0.get().expect("it was unlocked");
    let unlocked = start.elapsed();
    let entries = session.state().entry_count();
    let due = session.today().len();
    let today = start.elapsed();
    let app = App::new(Desk::open(session), MahoeShell::default(), keymap, theme);
    let runner = Runner::new(app, 200, 50);
    let drawn = start.elapsed();
    assert!(runner.screen().contains("Team"), "Today is drawn");
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "  {entries} entries: key at hand after {:.0} ms; then unlocked {:.1} ms, Today of {due} lines {:.1} ms, drawn {:.1} ms, peak {} MiB",
        ms(start - begun),
        ms(unlocked),
        ms(today),
        ms(drawn),
        peak().map_or("?".to_owned(), |kib| (kib / 1024).to_string())
    );
}

/// The most memory that this process had, in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Only the fold: entries that are decoded already, in their order.
fn fold(entries: u32) {
    let mut state = State::new(VaultId([1; 16]));
    let mut taken = Duration::ZERO;
    for number in 0..entries {
        let case = number / 10;
        let mut id = *blake3::hash(&number.to_le_bytes()).as_bytes();
        let stream =
            StreamId::new(StreamKind::Case, blake3::hash(&case.to_le_bytes()).as_bytes()[..15].try_into().unwrap());
        let item = if number % 10 == 0 { stream.item() } else { ItemId(id[..16].try_into().unwrap()) };
        let kind = [ItemKind::Case, ItemKind::Note][usize::from(number % 10 > 0)];
        let set = |field, value| Fact::Set { item, field, value, replaces: Vec::new() };
        let facts = vec![
            Fact::Created { item, kind, class: Class::Core },
            set(Field::NoteKind, Value::code("general")),
            set(Field::NoteText, Value::text("Spoke with the school; the child was there on Tuesday.")),
            set(Field::NoteWhen, Value::When(1_700_000_000_000)),
        ];
        id.reverse();
        let (author, device) = (ItemId([2; 16]), DeviceId([3; 32]));
        let (lamport, wall) = (u64::from(number % 10) + 1, 1_700_000_000_000);
        let stamp = Stamp { id: EntryId(id), stream, class: Class::Core, author, device, lamport, wall };
        let start = Instant::now();
        let applied = state.apply(&stamp, Body::Present(facts.into()));
        taken += start.elapsed();
        assert_eq!(applied, Applied::Done);
    }
    let each = taken.as_secs_f64() * 1e9 / f64::from(entries);
    println!("fold of {entries} entries of four facts: {:.2} s, {each:.0} ns each", taken.as_secs_f64());
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [mode, folder] = &words[..]
        && mode == "one-unlock"
    {
        return one_unlock(Path::new(folder));
    }
    if let [mode, folder, entries] = &words[..]
        && mode == "make"
    {
        return make(Path::new(folder), entries.parse().unwrap());
    }
    let wanted = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    let sizes: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000, 1_000_000] } else { sizes };
    let root = tempfile::tempdir().unwrap();
    if wanted("commits") {
        commits(root.path());
    }
    if wanted("fold") {
        fold(1_000_000);
    }
    if wanted("unlock") {
        for entries in sizes {
            unlocks(root.path(), entries);
        }
    }
}
