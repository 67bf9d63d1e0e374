//! Bundles with documents: read piece by piece, checked, and kept sealed where there is no place for what they bring.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::tests::{agree, clean, two_teams, wish};
use crate::bundle::container::{Outgoing, Reader, write};
use crate::bundle::manifest::Part;
use crate::bundle::source::Attachment;
use crate::domain::ids::ItemId;
use crate::error::Kind;
use crate::session::Session;
use crate::testing::team::case;

/// A referral from one team to another, to which documents of so many bytes each were added; in a file.
fn with_documents(documents: u8, size: u64, folder: &Path) -> (Session, ItemId, PathBuf) {
    let (mut ann, mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent").bytes;
    let identities = mary.vault.parish_identities();
    let identities: Vec<_> = identities.iter().collect();
    let mut reader = Reader::open(sent.as_slice(), sent.len() as u64, &identities).expect("theirs");
    let mut entries = Vec::new();
    while let Some(record) = reader.entry().expect("good") {
        entries.push(record);
    }
    let heads = reader.heads().expect("good").expect("there");
    let mut attachments = Vec::new();
    while let Some(attached) = reader.attachment().expect("good") {
        let name = attached.line().name.clone();
        attachments.push(Attachment { name, source: Box::new(attached.bytes().expect("good")) });
    }
    for number in 0..documents {
        let path = folder.join(format!("document-{number}"));
        let mut file = File::create(&path).expect("a file");
        std::io::copy(&mut std::io::repeat(number).take(size), &mut file).expect("written");
        attachments.push(Attachment { name: Part::Blob([number; 32]).name(), source: Box::new(path) });
    }
    let manifest = reader.finish().expect("good").manifest;
    let outgoing = Outgoing { manifest, entries: &entries, heads, attachments };
    let path = folder.join("bundle.mahoe");
    let mut file = File::create(&path).expect("a file");
    let written = ann
        .vault
        .with_signer(|signer, rng| write(outgoing, signer, rng, &mut file, &mut |_| ControlFlow::Continue(())));
    assert!(written.expect("written").size > u64::from(documents) * size);
    (mary, case, path)
}

fn open(path: &Path) -> (File, u64) {
    let file = File::open(path).expect("there");
    let size = file.metadata().expect("a file").len();
    (file, size)
}

#[test]
fn documents_that_have_no_place_here_stay_sealed_in_the_inbox() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut mary, case, path) = with_documents(2, 1_500_000, folder.path());
    let name = mary.lay_file_into_inbox(open(&path).0).expect("kept");
    let opened = mary.open_arrived(&name, &mut |_, _| true).expect("opened");
    let checks = mary.plan_import(&opened).expect("planned").checks;
    assert_eq!(checks, ["2 documents came along that this mahoe can't show: the bundle stays in the inbox"]);
    let taken = mary.import_arrived(&name, &opened, None).expect("taken in");
    assert!(taken.rest && mary.state().item(case).is_some());
    assert_eq!(mary.inbox(), [name]);
    clean(&mut mary);
}

#[test]
fn a_damaged_document_refuses_all_of_the_bundle_and_a_stop_is_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut mary, _, path) = with_documents(1, 1_500_000, folder.path());
    let (file, size) = open(&path);
    let stopped = mary.open_bundle_from(file, size, &mut |_, _| false).err().expect("stopped");
    assert_eq!((stopped.kind, stopped.message.as_str()), (Kind::Refused, "Stopped."));
    let mut bytes = std::fs::read(&path).expect("there");
    let late = bytes.len() - 200_000;
    bytes[late] ^= 1;
    let refused = mary.open_bundle(&bytes).err().expect("damaged");
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(mary.inbox().is_empty());
}

/// A figure of this process's memory, in bytes: `VmRSS` is what it has, `VmHWM` the most that it had since `clear_refs`.
#[cfg(target_os = "linux")]
fn memory(figure: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':')).expect("Linux tells");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::print_stderr, reason = "the figure is what it is run for")]
#[ignore = "writes 400 MB: `cargo test --release little_memory -- --ignored --nocapture`"]
fn a_bundle_of_200_mb_is_taken_in_with_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut mary, case, path) = with_documents(8, 25_000_000, folder.path());
    std::fs::write("/proc/self/clear_refs", "5").expect("begun anew");
    let before = memory("VmRSS");
    let (file, size) = open(&path);
    let opened = mary.open_bundle_from(file, size, &mut |_, _| true).expect("opened");
    mary.plan_import(&opened).expect("planned");
    mary.import(&opened, None, "bundle.mahoe").expect("taken in");
    let most = memory("VmHWM");
    let grown = most.saturating_sub(before);
    assert!(mary.state().item(case).is_some());
    assert!(grown < 16 << 20, "{} MB more for a bundle of {} MB", grown >> 20, size >> 20);
    eprintln!("{size} bytes taken in: {} KiB at most, {} KiB more than before", most >> 10, grown >> 10);
}
