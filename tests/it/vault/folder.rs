//! A practice vault in a real folder, made once and copied for every trial.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mahoe::domain::ids::ItemId;
use mahoe::error::Result;
use mahoe::ops::CaseNote;
use mahoe::session::{FixedClock, Place, Session};
use mahoe::testing::dump::dump;
use mahoe::testing::entropy::SeededEntropy;
use mahoe::testing::team::{self, new_team};
use mahoe::vault::disk::RealDisk;

pub fn place(root: &Path, seed: u64) -> Place {
    Place {
        disk: Arc::new(RealDisk),
        root: root.to_path_buf(),
        in_memory: false,
        check_later: false,
        marks: None,
        clock: Box::new(FixedClock(team::morning())),
        entropy: Box::new(SeededEntropy::new(seed)),
    }
}

pub fn unlock(root: &Path, seed: u64) -> Result<Session> {
    Session::unlock(place(root, seed), "abrown", &team::passphrase())
}

pub fn note(cases: &[ItemId], text: &str) -> CaseNote {
    CaseNote { cases: cases.to_vec(), kind: "general".into(), class: None, text: text.into(), when: None }
}

/// Opens a few cases and writes notes, actions and edits until there are at least `entries`.
pub fn work(session: &mut Session, entries: usize) {
    let mut cases = Vec::new();
    let mut turn = 0;
    while session.state().entry_count() < entries {
        turn += 1;
        if turn % 40 == 1 {
            cases.push(team::case(session, &format!("Worry number {turn}")));
        }
        let case = cases[turn % cases.len()];
        match turn % 7 {
            0 => drop(team::action(session, case, &format!("Visit {turn}"), 3)),
            // Entries of several compartments in one frame, so that frames lie across blocks too.
            1 => drop(session.run(note(&cases, &format!("Said to all {turn}"))).expect("noted")),
            _ => drop(session.run(note(&[case], &format!("Words of turn {turn}"))).expect("noted")),
        }
    }
}

pub struct Origin {
    folder: tempfile::TempDir,
    /// The State's canonical text.
    pub dump: String,
    pub entries: usize,
}

pub const DRAFT: &[u8] = b"case.open concern=\"half a sent";

/// About 400 entries: three blocks in the working store, and a tail that only the journal holds.
pub fn origin() -> &'static Origin {
    static ORIGIN: OnceLock<Origin> = OnceLock::new();
    ORIGIN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let passphrase = team::passphrase();
        let (mut session, _) = Session::create(place(folder.path(), 1), &new_team(&passphrase)).expect("made");
        work(&mut session, 400);
        session.write_drafts(DRAFT).expect("kept");
        let (dump, entries) = (dump(session.state()), session.state().entry_count());
        drop(session);
        // Once more, so that every copy is levelled and settled.
        let session = unlock(folder.path(), 2).expect("unlocked");
        assert_eq!(session.vault().findings(), []);
        assert_eq!(mahoe::testing::dump::dump(session.state()), dump);
        drop(session);
        Origin { folder, dump, entries }
    })
}

impl Origin {
    pub fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().expect("a folder");
        for path in files(self.folder.path()) {
            let to = copy.path().join(&path);
            fs::create_dir_all(to.parent().expect("inside")).expect("made");
            fs::copy(self.folder.path().join(&path), to).expect("copied");
        }
        copy
    }

    pub fn files(&self) -> Vec<PathBuf> {
        let idle = |path: &PathBuf| {
            ["lock", "lock.who", "ballast"].iter().any(|name| path == Path::new(name)) || path.starts_with("quarantine")
        };
        files(self.folder.path()).into_iter().filter(|path| !idle(path)).collect()
    }
}

/// Every file, relative to the folder, sorted.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root).expect("inside").to_path_buf());
            }
        }
    }
    found.sort();
    found
}
