//! Bundles with documents: read piece by piece, checked, and kept only where an entry names them and they are what it says.

use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::sync_tests::{at, copy, give, restricted, unlock};
use super::tests::{agree, clean, two_teams, wish};
use crate::bundle::container::{Outgoing, Reader, write};
use crate::bundle::manifest::Part;
use crate::bundle::source::Attachment;
use crate::domain::document::Document;
use crate::domain::ids::ItemId;
use crate::domain::views::Case;
use crate::error::Kind;
use crate::session::{NewDocument, Session};
use crate::testing::team::{case, team};
use crate::vault::Tray;
use crate::vault::blobs::{CHUNK, blob_of};
use crate::vault::disk::{Disk as _, MemoryDisk};

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
fn files_that_nothing_names_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut mary, case, path) = with_documents(2, 1_500_000, folder.path());
    let name = mary.lay_file_into_inbox(open(&path).0).expect("kept");
    let opened = mary.open_arrived(&name, &mut |_, _| true).expect("opened");
    let checks = mary.plan_import(&opened).expect("planned").checks;
    assert_eq!(checks, ["2 files came that nothing in it names: left out"]);
    let taken = mary.import_arrived(&name, &opened, None).expect("taken in");
    assert!(!taken.rest && mary.state().item(case).is_some());
    assert!(mary.inbox().is_empty() && mary.vault.blobs().is_empty());
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

fn attach(session: &mut Session, case: ItemId, kind: &str, name: &str, bytes: &[u8]) -> ItemId {
    let new = NewDocument { kind: kind.into(), name: name.into(), ..NewDocument::default() };
    session.add_document(case, new, bytes, &mut |_| true).expect("attached").made[0]
}

/// The names of a case's documents, and the bytes of those that are here.
fn seen(session: &mut Session, case: ItemId) -> Vec<(String, Option<Vec<u8>>)> {
    let all = |session: &Session| -> Vec<(ItemId, String)> {
        let Some(case) = Case::get(session.state(), case) else { return Vec::new() };
        Document::all(session.state(), case).into_iter().map(|it| (it.0.id, it.name().to_owned())).collect()
    };
    let mut seen: Vec<(String, Option<Vec<u8>>)> = all(session)
        .into_iter()
        .map(|(id, name)| (name, session.view_document(id, 1 << 30).ok().map(|bytes| bytes.to_vec())))
        .collect();
    seen.sort();
    seen
}

fn arrive(session: &mut Session, bytes: &[u8]) -> String {
    session.lay_file_into_inbox(bytes).expect("kept")
}

fn take(session: &mut Session, bytes: &[u8]) -> String {
    let name = arrive(session, bytes);
    let opened = session.open_arrived(&name, &mut |_, _| true).expect("opened");
    session.import_arrived(&name, &opened, None).expect("taken in").says
}

fn long(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from(at % 249).expect("small")).collect()
}

#[test]
fn a_document_leaves_with_its_class_and_arrives_whole() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    attach(&mut ann, case, "birth-certificate", "birth.jpg", &long(CHUNK + 9));
    attach(&mut ann, case, "letter", "letter.txt", b"Dear all");
    attach(&mut ann, case, "court-order", "order.pdf", b"%PDF-1.7");
    let kept_back = attach(&mut ann, case, "letter", "private.txt", b"Not for them");
    let mut wish = wish(to_mary, case);
    wish.keep_back = vec![kept_back];
    let seen_before = ann.preview_referral(&wish, false).expect("previewed");
    let stays: Vec<&str> = seen_before.stays.iter().map(|line| line.what.as_str()).collect();
    assert!(stays.contains(&"justice: 1 document") && stays.contains(&"notes: 1 document"), "{stays:?}");
    let leaves: Vec<&str> = seen_before.leaves.iter().map(|line| line.what.as_str()).collect();
    assert!(leaves.contains(&"identity: 1 document"), "{leaves:?}");
    let shown = format!("{seen_before:?}");
    assert!(!shown.contains("File key") && shown.contains("birth certificate"), "no key is shown: {shown}");
    let sent = ann.refer(&wish, false).expect("sent");
    let name = arrive(&mut mary, &sent.bytes);
    let opened = mary.open_arrived(&name, &mut |_, _| true).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    assert_eq!(plan.documents.as_deref(), Some("2 documents come along (263 KB)"));
    assert!(mary.vault.blobs().is_empty(), "looking changes nothing");
    let taken = mary.import_arrived(&name, &opened, None).expect("taken in");
    assert!(taken.says.contains(" 2 documents came along.") && mary.inbox().is_empty(), "{}", taken.says);
    let wanted =
        [("birth.jpg".to_owned(), Some(long(CHUNK + 9))), ("letter.txt".to_owned(), Some(b"Dear all".to_vec()))];
    assert_eq!(seen(&mut mary, case), wanted);
    clean(&mut mary);
    // What is new goes with the next update, and only that.
    attach(&mut ann, case, "letter", "second.txt", b"A second letter");
    let update = ann.update(&super::Wish { peer: Some(to_mary), case: Some(case), ..super::Wish::default() });
    assert!(take(&mut mary, &update.expect("made").bytes).contains("1 document came along."));
    assert_eq!(seen(&mut mary, case).len(), 3);
    clean(&mut mary);
    clean(&mut ann);
}

#[test]
fn what_is_missing_or_damaged_is_named_and_comes_with_the_case_once_more() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    let letter = attach(&mut ann, case, "letter", "letter.txt", b"Dear all");
    let entry = Document::get(ann.state(), letter).and_then(|it| it.entry(ann.state())).expect("on record");
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
    assert!(take(&mut mary, &sent.bytes).contains("1 document came along."));
    // Both copies are lost over there.
    mary.vault.drop_blob(blob_of(entry));
    assert_eq!(mary.documents_missing(), [letter]);
    let lost = mary.view_document(letter, 100).expect_err("nothing is here");
    assert_eq!(
        (lost.kind, lost.message.as_str()),
        (Kind::Damaged, "The file of this document is in no copy of this vault.")
    );
    let code = mary.state().code(letter).to_string();
    let problems = mary.verify(&mut |_, _| true).expect("verified").problems;
    assert!(problems.iter().any(|problem| problem.contains(&format!("document {code} in case"))), "{problems:?}");
    let again = ann.update(&super::Wish { peer: Some(to_mary), case: Some(case), ..super::Wish::default() });
    assert!(again.is_ok() || again.is_err_and(|error| error.kind == Kind::Refused));
    let mut mandatory = wish(to_mary, case);
    mandatory.mandatory = true;
    let again = ann.refer(&mandatory, false).expect("sent once more");
    assert!(take(&mut mary, &again.bytes).contains("1 document came along."));
    assert_eq!(mary.documents_missing(), Vec::<ItemId>::new());
    clean(&mut mary);
    // Lost at the sender: the rest leaves, and it is said.
    ann.vault.drop_blob(blob_of(entry));
    let without = ann.refer(&mandatory, false).expect("sent");
    assert!(without.says.contains("1 document's file is not here and stay"), "{}", without.says);
}

#[test]
fn a_document_of_another_team_is_theirs_to_remove() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    let letter = attach(&mut ann, case, "letter", "letter.txt", b"Dear all");
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
    take(&mut mary, &sent.bytes);
    let refused = mary.run(crate::ops::DocumentRemove { document: letter }).expect_err("not theirs");
    assert_eq!(refused.kind, Kind::Refused);
    assert!(refused.message.contains("came from another team: only they can remove it"), "{refused}");
    // What they write goes on being taken in.
    attach(&mut mary, case, "letter", "reply.txt", b"Dear you");
    let update = mary.update(&super::Wish { peer: Some(to_ann), case: Some(case), ..super::Wish::default() });
    assert!(take(&mut ann, &update.expect("made").bytes).contains("1 document came along."));
    ann.run(crate::ops::DocumentRemove { document: letter }).expect("their own");
    clean(&mut ann);
}

#[test]
fn bytes_that_are_not_what_the_entry_says_are_left_out() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    let letter = attach(&mut ann, case, "letter", "letter.txt", b"Dear all");
    let other = attach(&mut ann, case, "letter", "other.txt", b"Dear you");
    let entry = |id: ItemId, session: &Session| {
        Document::get(session.state(), id).and_then(|it| it.entry(session.state())).expect("on record")
    };
    // A whole blob of the same length, sealed under another key, in the place of the first.
    let (letter, other) = (blob_of(entry(letter, &ann)), blob_of(entry(other, &ann)));
    let mut bytes = Vec::new();
    ann.vault.sealed_blob(other).expect("whole").open().expect("there").read_to_end(&mut bytes).expect("read");
    let staged = ann.vault.stage_blob(|out| out.write_all(&bytes).map_err(|_| unreachable!())).expect("kept");
    ann.vault.place_blob(&staged.expect("whole"), letter).expect("placed");
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
    let says = take(&mut mary, &sent.bytes);
    assert!(says.contains("1 document came along. 1 document's file is damaged"), "{says}");
    let seen: Vec<(String, bool)> =
        seen(&mut mary, case).into_iter().map(|(name, bytes)| (name, bytes.is_some())).collect();
    assert_eq!(seen, [("letter.txt".to_owned(), false), ("other.txt".to_owned(), true)]);
    assert_eq!(mary.vault.blobs().len(), 1);
}

#[test]
fn a_refused_import_keeps_nothing_and_a_strike_takes_the_bytes_everywhere() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "A worry");
    agree(&mut ann, case);
    let letter = attach(&mut ann, case, "letter", "letter.txt", b"Dear all");
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
    assert!(take(&mut mary, &sent.bytes).contains("1 document came along."));
    let name = arrive(&mut mary, &sent.bytes);
    let opened = mary.open_arrived(&name, &mut |_, _| true).expect("opened");
    let refused = mary.import_arrived(&name, &opened, None).expect_err("all of it is here");
    assert_eq!(refused.kind, Kind::Refused);
    assert_eq!((mary.vault.blobs().len(), mary.arriving.len(), mary.placed.len()), (1, 0, 0));
    mary.leave_inbox(&name).expect("left");
    let says = ann.strike_document(letter, "written in the wrong case").expect("struck").says;
    assert!(says.contains("the request to destroy it there is in the outbox"), "{says}");
    assert!(ann.vault.blobs().is_empty());
    let request = ann.vault.bundles(Tray::Outbox).into_iter().map(|name| ann.from_outbox(&name).expect("there"));
    let requests: Vec<Vec<u8>> = request.collect();
    for bytes in requests {
        let name = arrive(&mut mary, &bytes);
        let Ok(opened) = mary.open_arrived(&name, &mut |_, _| true) else { continue };
        if opened.manifest().kind.name() == "strike" {
            mary.import_arrived(&name, &opened, None).expect("taken in");
        }
    }
    assert!(mary.vault.blobs().is_empty(), "destroyed over there too");
    assert!(seen(&mut mary, case).is_empty());
}

#[test]
fn a_teams_own_devices_hold_the_same_documents_also_of_cases_that_one_cannot_read() {
    let disk = MemoryDisk::new();
    let mut one = team(&disk, 1);
    drop(one);
    one = unlock(&disk, 2, "abrown");
    let open = case(&mut one, "A worry");
    attach(&mut one, open, "letter", "first.txt", &long(2 * CHUNK));
    let (there, mut two) = copy(&mut one, 10);
    assert_eq!(seen(&mut two, open), [("first.txt".to_owned(), Some(long(2 * CHUNK)))], "they came with the copy");
    let secret = restricted(&mut two);
    attach(&mut two, open, "medical-report", "report.pdf", b"%PDF-1.4 x");
    attach(&mut two, secret, "letter", "secret.txt", b"About one of us");
    give(&mut two, &mut one);
    assert_eq!(seen(&mut one, open).len(), 2);
    assert_eq!(one.vault.blobs(), two.vault.blobs());
    // Nothing is sent twice, and what was lost comes again.
    give(&mut one, &mut two);
    let made = two.sync_bundle(super::Since::Told).expect("made");
    assert!(!made.says.contains("document"), "{}", made.says);
    let lost = *one.vault.blobs().iter().next().expect("some");
    one.vault.drop_blob(lost);
    give(&mut one, &mut two);
    let made = two.sync_bundle(super::Since::Told).expect("made");
    assert!(made.says.contains("1 document's file goes along"), "{}", made.says);
    let taken = one.take_sync(&made.bytes).expect("taken");
    assert_eq!((taken.documents, one.documents_missing().len()), (1, 0));
    // A strike on one destroys it on both.
    let first = Document::all(one.state(), Case::get(one.state(), open).expect("open")).pop().expect("some").0.id;
    one.strike_document(first, "wrong case").expect("struck");
    give(&mut one, &mut two);
    assert_eq!(two.vault.blobs().len(), 2);
    clean(&mut one);
    clean(&mut two);
    drop(two);
    let again = Session::unlock(at(&there, 30), "abrown", &crate::testing::team::passphrase()).expect("unlocked");
    assert_eq!(again.vault.blobs().len(), 2, "nothing of it is an orphan");
    assert!(there.exists(Path::new("/vault/mirror/blobs")));
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
