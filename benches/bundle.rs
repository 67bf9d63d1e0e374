//! A bundle's container measured beside stock `age` on the same bytes: `cargo bench --bench bundle`.
//!
//! 100 MB of attachments out of a file and into one; then 20,000 entries; last a sync between copies of a vault (`-- sync`
//! for that alone). `age` must be installed, or its lines are left out. Each pair of figures comes from turns in the same
//! run; docs/performance.md keeps them.

#![expect(clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::unwrap_used, reason = "a bench that can't run should stop")]

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mahoe::bundle::container::{Outgoing, Reader, write};
use mahoe::bundle::entries::{Body, Record};
use mahoe::bundle::heads;
use mahoe::bundle::manifest::{Addressee, Kind, Lane, Manifest, Part, Sender};
use mahoe::bundle::source::{Attachment, Source};
use mahoe::domain::ids::{BundleId, RootId, VaultId};
use mahoe::domain::parish;
use mahoe::ops::CaseNote;
use mahoe::session::exchange::Since;
use mahoe::session::{Place, Session, SystemClock};
use mahoe::testing::entropy::SeededEntropy;
use mahoe::testing::team;
use mahoe::vault::keys::identity::{Identity, Signer};
use mahoe::vault::seal::{Entropy as _, SecretKey32};
use sha2::{Digest as _, Sha256};

const TURNS: usize = 7;
const DOCUMENTS: usize = 4;
const DOCUMENT: usize = 25_000_000;
/// The identity of 32 bytes of 0x55, as age spells it.
const KEY: &str = "AGE-SECRET-KEY-1242424242424242424242424242424242424242424242424242S6JN5PD\n";

fn receiver() -> Identity {
    Identity::from_secret(&SecretKey32::from_slice(&[0x55; 32]).unwrap())
}

fn signer() -> Signer {
    Signer::random(&mut SeededEntropy::new(1))
}

fn manifest() -> Manifest {
    let root = RootId([1; 16]);
    Manifest {
        id: BundleId([9; 16]),
        kind: Kind::Transfer,
        practice: true,
        from: Sender { root, parish: parish::ALL[4], device: signer().public(), vault: VaultId([3; 16]) },
        to: vec![Addressee { root: RootId([2; 16]), recipient: receiver().recipient() }],
        made: chrono::DateTime::UNIX_EPOCH,
        lane: Lane { number: 2, before: [1; 32] },
        answers: None,
        cases: Vec::new(),
        writers: Vec::new(),
        note: None,
        entries: 0,
        files: Vec::new(),
    }
}

/// A file whose digest was taken when it was put into the vault.
struct Known(PathBuf, [u8; 32]);

impl Source for Known {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        self.0.open()
    }

    fn digest(&self) -> Option<([u8; 32], u64)> {
        Some((self.1, DOCUMENT as u64))
    }
}

fn export(folder: &Path, entries: &Vec<Record>, documents: usize, digests: &[[u8; 32]]) -> Duration {
    let card = Attachment { name: Part::Card(RootId([1; 16])).name(), source: Box::new(vec![b'c'; 2000]) };
    let document = |at: usize| {
        let path = folder.join(format!("document-{at}"));
        let source: Box<dyn Source> = match digests.get(at) {
            Some(digest) => Box::new(Known(path, *digest)),
            None => Box::new(path),
        };
        Attachment { name: Part::Blob([u8::try_from(at).unwrap(); 32]).name(), source }
    };
    let start = Instant::now();
    let attachments = (0..documents).map(document).chain([card]).collect();
    let outgoing = Outgoing { manifest: manifest(), entries, heads: heads::encode(&[]), attachments };
    let mut out = File::create(folder.join("bundle")).unwrap();
    let rng = &mut SeededEntropy::new(3);
    write(outgoing, &signer(), rng, &mut out, &mut |_| ControlFlow::Continue(())).unwrap();
    start.elapsed()
}

fn import(folder: &Path) -> Duration {
    let start = Instant::now();
    let file = File::open(folder.join("bundle")).unwrap();
    let size = file.metadata().unwrap().len();
    let mut reader = Reader::open(file, size, &[&receiver()]).unwrap();
    while reader.entry().unwrap().is_some() {}
    let mut at = 0;
    while let Some(part) = reader.attachment().unwrap() {
        at += 1;
        part.copy_to(&mut File::create(folder.join(format!("received-{at}"))).unwrap()).unwrap();
    }
    reader.finish().unwrap();
    start.elapsed()
}

fn age(folder: &Path, arguments: &[&str]) -> Option<Duration> {
    let start = Instant::now();
    let status = Command::new("age").args(arguments).current_dir(folder).status().ok()?;
    assert!(status.success(), "age {arguments:?}");
    Some(start.elapsed())
}

/// The middle of a few turns, in milliseconds.
fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// The most memory this process ever held, in MiB, where the system says so.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? >> 10)
}

fn against_age(folder: &Path) {
    let mut random = SeededEntropy::new(7);
    let mut digests = Vec::new();
    let mut same = File::create(folder.join("same-bytes")).unwrap();
    for at in 0..DOCUMENTS {
        let mut bytes = vec![0; DOCUMENT];
        random.fill(&mut bytes);
        fs::write(folder.join(format!("document-{at}")), &bytes).unwrap();
        io::Write::write_all(&mut same, &bytes).unwrap();
        digests.push(Sha256::digest(&bytes).into());
    }
    fs::write(folder.join("key.txt"), KEY).unwrap();
    let to = receiver().recipient().to_string();
    let four: Vec<&str> = std::iter::repeat_n(["-r", &to], 4).flatten().collect();
    let seal = [four.as_slice(), &["-o", "age-out", "same-bytes"]].concat();
    let open = ["-d", "-i", "key.txt", "-o", "age-in", "age-out"];
    let mut times = [const { Vec::new() }; 5];
    for _ in 0..TURNS {
        times[0].push(export(folder, &vec![], DOCUMENTS, &[]));
        times[4].push(export(folder, &vec![], DOCUMENTS, &digests));
        times[1].extend(age(folder, &seal));
        times[2].push(import(folder));
        times[3].extend(age(folder, &open));
    }
    let [export, sealed, import, opened, known] = times;
    println!("100 MB in {DOCUMENTS} documents, file to file, median of {TURNS} turns");
    let pairs =
        [("export", export, sealed.clone()), ("export, digests known", known, sealed), ("import", import, opened)];
    for (name, ours, theirs) in pairs {
        let ours = middle(ours);
        if theirs.is_empty() {
            println!("  {name}: mahoe {ours:.0} ms (age is not installed)");
        } else {
            let theirs = middle(theirs);
            println!("  {name}: mahoe {ours:.0} ms, age {theirs:.0} ms, ratio {:.2}", ours / theirs);
        }
    }
}

fn many_entries(folder: &Path) {
    let record = |at: u32| Record {
        header: at.to_le_bytes().repeat(53),
        signature: [7; 64],
        body: Body::Open(vec![1; 256].into()),
    };
    let entries: Vec<Record> = (0..20_000).map(record).collect();
    let (mut out, mut back) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        out.push(export(folder, &entries, 0, &[]));
        back.push(import(folder));
    }
    println!("20,000 entries: written in {:.0} ms, read in {:.0} ms", middle(out), middle(back));
}

/// Copies of one vault on this disk that lack everything but the team: what a sync costs with all that it checks.
fn sync(folder: &Path) {
    const CASES: usize = 1_000;
    const NOTES: usize = 17;
    let words = team::passphrase();
    let place = |name: String| Place::real(&folder.join(name), Box::new(SystemClock));
    let mut office = Session::create(place("office".into()), &team::new_team(&words)).unwrap().0;
    let file = office.device_file(&words, &words).unwrap();
    let copies = 3;
    for copy in 0..copies {
        Session::join(place(format!("home-{copy}")), &file, &words, &words).unwrap();
    }
    for _ in 0..CASES {
        let open = |office: &mut Session| {
            let case = team::case(office, "Not seen at school");
            for at in 0..NOTES {
                let text = format!("Called the school on day {at}: not there, the aunt will ask again");
                let note = CaseNote { cases: vec![case], kind: "general".into(), class: None, text, when: None };
                office.run(note)?;
            }
            Ok(())
        };
        office.all_or_nothing(open).unwrap();
    }
    let (mut out, mut back, mut entries, mut size) = (Vec::new(), Vec::new(), 0, 0);
    for copy in 0..copies {
        let start = Instant::now();
        let made = office.sync_bundle(Since::Beginning).unwrap();
        out.push(start.elapsed());
        (entries, size) = (made.entries, made.bytes.len());
        let mut home = Session::unlock(place(format!("home-{copy}")), "abrown", &words).unwrap();
        let start = Instant::now();
        let taken = home.take_sync(&made.bytes).unwrap();
        back.push(start.elapsed());
        assert!(taken.entries >= CASES * NOTES);
        assert_eq!(home.state().entry_count(), office.state().entry_count());
    }
    println!(
        "sync of {CASES} cases, {entries} entries, {} KiB: made in {:.0} ms, taken in {:.0} ms with every signature checked",
        size >> 10,
        middle(out),
        middle(back)
    );
    println!("peak memory with both copies open: {:?} MiB", peak());
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    if std::env::args().any(|argument| argument == "sync") {
        return sync(folder.path());
    }
    against_age(folder.path());
    // The documents' random bytes were made one at a time: 25 MB of this are the bench's own.
    println!("peak memory until here: {:?} MiB, of which one document of the bench's own", peak());
    many_entries(folder.path());
    sync(folder.path());
}
