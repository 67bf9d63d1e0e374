//! Documents of a case: what is refused, what survives a cut, and that nothing is kept of what was not attached.

use super::*;
use crate::domain::field::Field;
use crate::domain::value::Value;
use crate::ops::{CaseClose, CaseOpen, DocumentRemove};
use crate::testing::team::{case, passphrase, place, team};
use crate::vault::disk::{FaultKind, MemoryDisk};
use crate::vault::keys::agefile::open_with_passphrase;

fn new(kind: &str, name: &str) -> NewDocument {
    NewDocument { kind: kind.into(), name: name.into(), ..NewDocument::default() }
}

fn attach(session: &mut Session, case: ItemId, name: &str, bytes: &[u8]) -> Result<ItemId> {
    session.add_document(case, new("letter", name), bytes, &mut |_| true).map(|done| done.made[0])
}

fn refused(session: &mut Session, case: ItemId, document: NewDocument, bytes: &[u8]) -> String {
    let error = session.add_document(case, document, bytes, &mut |_| true).expect_err("refused");
    assert_eq!(error.kind, Kind::Refused);
    error.message
}

#[test]
fn what_is_attached_is_read_back_removed_and_brought_back() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let case = case(&mut session, "A worry");
    let letter = attach(&mut session, case, "../up/letter\u{202e}.txt", b"Dear all").expect("attached");
    let found = Document::get(session.state(), letter).expect("on record");
    assert_eq!((found.name(), found.size(), found.media()), ("letter.txt", 8, Media::Text));
    assert_eq!(found.0.class, Class::Notes);
    assert_eq!(found.digest(), hex(&Sha256::digest(b"Dear all")));
    assert!(session.state().code(letter).to_string().starts_with("D-"));
    assert_eq!(session.view_document(letter, 1 << 20).expect("read").as_slice(), b"Dear all");
    assert_eq!(session.view_document(letter, 4).expect("a part").as_slice(), b"Dear");
    session.run(DocumentRemove { document: letter }).expect("removed");
    assert_eq!(session.view_document(letter, 4).expect_err("gone").kind, Kind::Refused);
    session.undo().expect("undone");
    drop(session);
    let mut again = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
    assert_eq!(again.view_document(letter, 1 << 20).expect("read").as_slice(), b"Dear all");
    let verdict = again.verify(&mut |_, _| true).expect("verified");
    assert_eq!((verdict.problems, verdict.documents), (Vec::<String>::new(), 1));
}

#[test]
fn rules_refuse_before_anything_is_kept() {
    let mut session = team(&MemoryDisk::new(), 1);
    let case = case(&mut session, "A worry");
    attach(&mut session, case, "letter.txt", b"Dear all").expect("attached");
    let core = NewDocument { class: Some(Class::Core), ..new("letter", "a.txt") };
    let future = NewDocument { date: session.today_date().succ_opt(), ..new("letter", "a.txt") };
    for (document, bytes, message) in [
        (new("letter", "empty.txt"), b"".as_slice(), "This file is empty."),
        (new("letter", "../.."), b"x", "Attach a document: the name is missing."),
        (new("poem", "a.txt"), b"x", "The policy has no document-kind called \"poem\"."),
        (core, b"x", "A document can't be kept under the class \"core\"."),
        (future, b"x", "A document can't be dated in the future."),
    ] {
        assert_eq!(refused(&mut session, case, document, bytes), message);
    }
    let twice = refused(&mut session, case, new("letter", "again.txt"), b"Dear all");
    assert!(twice.starts_with("This file is in the case already: document D-"), "{twice}");
    let limit = usize::try_from(session.pack().limits.document_mib).expect("small") << 20;
    let large = io::repeat(1).take(limit as u64 + 1);
    let large = session.add_document(case, new("letter", "large.bin"), large, &mut |_| true).expect_err("too large");
    assert_eq!(large.message, "This file is larger than 25 MB, the most that the policy allows.");
    let mut left = 2;
    let stopped = session.add_document(case, new("letter", "b.bin"), io::repeat(1).take(1 << 20), &mut |_| {
        left -= 1;
        left > 0
    });
    assert_eq!(stopped.expect_err("stopped").message, "Stopped.");
    let close = CaseClose { cancel_open: true, ..CaseClose::new(case, "other") };
    session.run(close).expect("closed");
    let message = refused(&mut session, case, new("letter", "c.txt"), b"x");
    assert!(message.ends_with("is closed."), "{message}");
    assert_eq!(session.vault().blobs().len(), 1, "nothing of what was refused is kept");
}

#[test]
fn several_come_together_or_not_at_all() {
    let mut session = team(&MemoryDisk::new(), 1);
    let case = case(&mut session, "A worry");
    let failed = session.all_or_nothing(|session| {
        attach(session, case, "one.txt", b"one")?;
        attach(session, case, "two.txt", b"")
    });
    assert_eq!(failed.expect_err("the second is empty").message, "This file is empty.");
    assert!(session.vault().blobs().is_empty() && session.documents_missing().is_empty());
    session
        .all_or_nothing(|session| {
            attach(session, case, "one.txt", b"one")?;
            attach(session, case, "two.txt", b"two")
        })
        .expect("both");
    assert_eq!((session.vault().blobs().len(), session.documents_missing().len()), (2, 0));
}

#[test]
fn a_power_cut_leaves_the_document_whole_or_nothing_of_it() {
    let bytes: Vec<u8> = (0..300_000u32).map(|at| u8::try_from(at % 251).expect("small")).collect();
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let worry = case(&mut session, "A worry");
    let before = disk.operations();
    attach(&mut session, worry, "scan.bin", &bytes).expect("attached");
    let steps = disk.operations() - before;
    for at in (0..=steps).step_by(2) {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let worry = case(&mut session, "A worry");
        session.settle().expect("settled");
        disk.crash_at(disk.operations() + at);
        let attached = attach(&mut session, worry, "scan.bin", &bytes).is_ok();
        drop(session);
        let disk = disk.power_cut(at);
        let mut again = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
        let all: Vec<ItemId> = again.state().items(ItemKind::Document).map(|item| item.id).collect();
        assert!(!attached || all.len() == 1, "{at}");
        for id in &all {
            assert_eq!(again.view_document(*id, 1 << 20).expect("whole").as_slice(), bytes, "{at}");
        }
        assert_eq!(again.vault().blobs().len(), all.len(), "{at}: what nothing names is set aside");
        assert_eq!(again.documents_missing().len(), 0, "{at}");
    }
}

#[test]
fn a_full_disk_attaches_nothing_and_the_next_try_does() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let case = case(&mut session, "A worry");
    let scan = vec![7; 300_000];
    for after in [0, 3, 6, 9, 12] {
        disk.fail_after(after, FaultKind::NoSpace);
        let tried = attach(&mut session, case, "scan.bin", &scan);
        disk.clear_faults();
        if tried.is_ok() {
            break;
        }
        assert!(session.vault().blobs().is_empty(), "{after}");
        assert_eq!(session.state().items(ItemKind::Document).count(), 0, "{after}");
    }
    if session.vault().blobs().is_empty() {
        attach(&mut session, case, "scan.bin", &scan).expect("there is room again");
    }
    assert_eq!(session.documents_missing().len(), 0);
}

#[test]
fn what_leaves_is_sealed_or_has_a_reason_and_is_on_record_each_time() {
    let mut session = team(&MemoryDisk::new(), 1);
    let case = case(&mut session, "A worry");
    let letter = attach(&mut session, case, "letter.txt", b"Dear all").expect("attached");
    let secret = Passphrase::new("mango hill lantern rain").expect("fine");
    let mut sealed = Vec::new();
    let to = SealTo::Passphrase(Passphrase::new("mango hill lantern rain").expect("fine"));
    session.export_document(letter, to, &mut sealed).expect("sealed");
    assert_eq!(open_with_passphrase(&sealed, &secret, 20).expect("opens").as_slice(), b"Dear all");
    let mut clear = Vec::new();
    let refused = session.export_document(letter, SealTo::Nobody("  ".into()), &mut clear).expect_err("why?");
    assert_eq!((refused.kind, clear.len()), (Kind::Refused, 0));
    session.export_document(letter, SealTo::Nobody("the court asked".into()), &mut clear).expect("clear");
    assert_eq!(clear, b"Dear all");
    let me = session.me();
    let no_card = session.export_document(letter, SealTo::Member(me), &mut Vec::new()).expect_err("no card");
    assert_eq!(no_card.message, "A. Brown has given no card of their own.");
    let stream = session.state().item(case).expect("open").stream;
    let exported = |past: &crate::session::Past| {
        past.changes
            .iter()
            .filter(|it| matches!(it, crate::session::Change::Accessed(what, _) if what == "export document"))
            .count()
    };
    assert_eq!(session.history(stream).expect("read").iter().map(exported).sum::<usize>(), 2);
}

#[test]
fn nobody_reads_the_document_of_a_case_that_is_only_for_others() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let reid = {
        let values = vec![(Field::MemberName, Value::text("D. Reid")), (Field::MemberRole, Value::code("champion"))];
        session.run(crate::ops::TeamAdd { values }).expect("added").made[0]
    };
    let other = Passphrase::new("breadfruit morning river stone").expect("fine");
    let person = crate::session::NewPerson {
        member: reid,
        handle: "reid",
        passphrase: &other,
        work: crate::testing::team::work(),
    };
    session.add_participant(&person).expect("a key");
    let values = vec![(Field::CaseConcern, Value::text("It touches the team"))];
    let restricted_to = vec![session.me()];
    let open = CaseOpen { values, restricted_to, ..CaseOpen::default() };
    let secret = session.run(open).expect("opened").made[0];
    let letter = attach(&mut session, secret, "letter.txt", b"About one of us").expect("attached");
    drop(session);
    let mut theirs = Session::unlock(place(&disk, 4), "reid", &other).expect("unlocked");
    assert!(Document::get(theirs.state(), letter).is_none());
    assert!(theirs.view_document(letter, 100).is_err());
    assert_eq!(theirs.vault().blobs().len(), 1, "it is nobody's orphan");
    assert_eq!(theirs.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    drop(theirs);
    let mut mine = Session::unlock(place(&disk, 5), "abrown", &passphrase()).expect("unlocked");
    assert_eq!(mine.view_document(letter, 100).expect("read").as_slice(), b"About one of us");
}
