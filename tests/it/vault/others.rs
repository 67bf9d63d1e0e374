//! Other people, other processes, other files: who may open what, and what is refused.

use std::fs;
use std::path::Path;

use mahoe::domain::class::Class;
use mahoe::domain::fact::Fact;
use mahoe::domain::field::{Field, ItemKind};
use mahoe::domain::ids::ItemId;
use mahoe::domain::value::Value;
use mahoe::error::Kind;
use mahoe::log::entry::Header;
use mahoe::log::{codec, sign};
use mahoe::ops::{CaseEdit, CaseOpen, CaseStrike, TeamAdd};
use mahoe::session::{Change, NewPerson, Session};
use mahoe::testing::entropy::SeededEntropy;
use mahoe::testing::team::{self, new_team};
use mahoe::vault::disk::{MemoryDisk, RealDisk};
use mahoe::vault::keys::epoch::EpochKeys;
use mahoe::vault::keys::folder::{KeyFile, KeyFolder};
use mahoe::vault::keys::passphrase::Passphrase;
use mahoe::vault::{Handed, LoadedBody, Outgoing, OutgoingBody, Setup, Vault};
use zeroize::Zeroizing;

use super::folder::{DRAFT, files, note, origin, place, unlock};

const OTHER: &str = "breadfruit morning river stone";

fn other() -> Passphrase {
    Passphrase::new(OTHER).expect("fine")
}

/// Puts B. Sample on the roster and lets them unlock.
fn second(session: &mut Session) -> ItemId {
    let add = TeamAdd { values: vec![(Field::MemberName, Value::text("B. Sample"))] };
    let member = session.run(add).expect("added").made[0];
    let person = NewPerson { member, handle: "bsample", passphrase: &other(), work: team::work() };
    session.add_participant(&person).expect("can unlock");
    member
}

#[test]
fn a_vault_in_use_says_by_whom() {
    let copy = origin().copy();
    let _held = unlock(copy.path(), 1).expect("unlocked");
    let error = unlock(copy.path(), 2).err().expect("in use");
    assert_eq!(error.kind, Kind::Refused);
    assert!(error.message.contains("abrown"), "{error}");
}

#[test]
fn an_unknown_handle_and_a_wrong_passphrase_look_the_same() {
    let copy = origin().copy();
    let with = |handle: &str, passphrase: &Passphrase| Session::unlock(place(copy.path(), 3), handle, passphrase).err();
    let wrong = with("abrown", &other()).expect("refused");
    assert_eq!(wrong.kind, Kind::Locked);
    assert_eq!(with("nobody", &team::passphrase()), Some(wrong.clone()));
    assert_eq!(with("", &other()), Some(wrong));
}

#[test]
fn a_newer_format_is_left_alone() {
    let copy = origin().copy();
    let path = copy.path().join("vault.toml");
    let newer = "format = 2\nsomething = \"new\"\n";
    fs::write(&path, newer).expect("written");
    let error = unlock(copy.path(), 4).err().expect("refused");
    assert_eq!(error.kind, Kind::Refused, "{error}");
    assert_eq!(fs::read_to_string(&path).expect("text"), newer);
    assert!(!copy.path().join("quarantine").exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_can_only_be_read_is_said_to_be_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let copy = origin().copy();
    let set = |mode: u32| {
        fs::set_permissions(copy.path(), fs::Permissions::from_mode(mode)).expect("changed");
        fs::set_permissions(copy.path().join("lock"), fs::Permissions::from_mode(mode & 0o666)).expect("changed");
    };
    fs::write(copy.path().join("lock"), "").expect("written");
    set(0o500);
    // Whoever may do anything (root) is not stopped by this.
    let free = fs::write(copy.path().join("probe"), "").is_ok();
    let result = unlock(copy.path(), 5);
    set(0o700);
    if !free {
        let error = result.err().expect("nothing can be locked");
        assert_eq!(error.kind, Kind::Io);
        assert!(error.hint.contains("permission") || error.hint.contains("write"), "{error}");
    }
}

#[test]
fn a_swapped_epoch_file_is_refused() {
    let copy = origin().copy();
    let session = unlock(copy.path(), 6).expect("unlocked");
    let (vault, epoch) = (session.vault().id(), session.vault().epoch());
    let recipient = session.vault().recipient();
    let disk = RealDisk;
    let keys = KeyFolder::new(&disk, copy.path(), &copy.path().join("mirror"));
    let identity = session.vault().participant().identity();
    let real =
        keys.open(KeyFile::Team(epoch), |bytes| EpochKeys::open(bytes, vault, epoch, &[identity])).expect("opens");
    // Somebody who knows the recipient makes an epoch of their own, with all the old keys in it.
    let mut forged = EpochKeys::first(vault, &mut SeededEntropy::new(99));
    let alone = forged.seal(std::slice::from_ref(&recipient)).expect("sealed");
    forged.learn(&real.value).expect("room");
    let with_all = forged.seal(std::slice::from_ref(&recipient)).expect("sealed");
    drop(session);
    let before = journal(copy.path());
    keys.write(KeyFile::Team(forged.id()), &with_all).expect("written");
    let error = unlock(copy.path(), 7).err().expect("nobody named this key");
    assert_eq!(error.kind, Kind::Damaged, "{error}");
    // In the place of the real one it opens nothing either.
    keys.remove(KeyFile::Team(forged.id())).expect("removed");
    keys.write(KeyFile::Team(epoch), &alone).expect("written");
    assert_eq!(unlock(copy.path(), 8).err().map(|error| error.kind), Some(Kind::Damaged));
    assert_eq!(journal(copy.path()), before, "nothing was written under it");
    keys.write(KeyFile::Team(epoch), &real.bytes).expect("written");
    unlock(copy.path(), 9).expect("as before");
}

fn journal(root: &Path) -> Vec<u8> {
    fs::read(root.join("journal/00000001.seg")).expect("there")
}

#[test]
fn only_those_listed_read_a_restricted_case() {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 1);
    let (me, member) = (session.me(), second(&mut session));
    let open = team::case(&mut session, "Everybody may read this");
    let values = vec![(Field::CaseConcern, Value::text("A worry about somebody on the team"))];
    let hidden =
        session.run(CaseOpen { values, restricted_to: vec![me], ..CaseOpen::default() }).expect("opened").made[0];
    session.run(note(&[hidden], "hidden words")).expect("noted");
    // Later the open case is restricted too.
    session
        .run(CaseEdit { case: open, values: vec![(Field::CaseRestricted, Value::items([me]))], followup: false })
        .expect("saved");
    session.run(note(&[open], "from now on hidden")).expect("noted");
    drop(session);

    let mut theirs = Session::unlock(team::place(&disk, 2), "bsample", &other()).expect("unlocked");
    assert!(theirs.state().item(hidden).is_none_or(|case| !case.stands()));
    assert_eq!(theirs.restricted_cases(), 1);
    let text = words(&mut theirs);
    assert!(text.contains("Everybody may read this"));
    assert!(!text.contains("hidden words") && !text.contains("worry about") && !text.contains("from now on"), "{text}");
    assert!(theirs.state().unreadable(mahoe::domain::ids::StreamId(hidden.0), Class::Notes) == 1);
    let verdict = theirs.verify(&mut |_, _| true).expect("verified");
    assert!(verdict.withheld >= 4 && verdict.problems.is_empty(), "{verdict:?}");
    drop(theirs);

    let mut session = Session::unlock(team::place(&disk, 3), "abrown", &team::passphrase()).expect("unlocked");
    let text = words(&mut session);
    assert!(text.contains("hidden words") && text.contains("from now on hidden"));
    // Let in, they read what comes from now on.
    session
        .run(CaseEdit {
            case: hidden,
            values: vec![(Field::CaseRestricted, Value::items([me, member]))],
            followup: false,
        })
        .expect("saved");
    session.run(note(&[hidden], "for both of us")).expect("noted");
    drop(session);
    let mut theirs = Session::unlock(team::place(&disk, 4), "bsample", &other()).expect("unlocked");
    let text = words(&mut theirs);
    assert!(text.contains("for both of us") && !text.contains("hidden words"));
    // What they write there, the other reads.
    drop(theirs);
}

/// Everything that the history of any stream says.
fn words(session: &mut Session) -> String {
    let streams: Vec<_> = session.state().streams().collect();
    streams.into_iter().map(|stream| format!("{:?}", session.history(stream).expect("readable"))).collect()
}

fn setup(root: &Path, seed: u64) -> Setup {
    Setup {
        disk: std::sync::Arc::new(RealDisk),
        root: root.to_path_buf(),
        in_memory: false,
        check_later: false,
        marks: None,
        stamp: "2026-11-22 09.20.00".into(),
        entropy: Box::new(SeededEntropy::new(seed)),
    }
}

#[test]
fn struck_words_are_in_no_frame_block_or_draft() {
    let copy = origin().copy();
    let mut session = unlock(copy.path(), 10).expect("unlocked");
    let case = session.state().items(ItemKind::Case).next().expect("a case").id;
    let stream = session.state().item(case).expect("there").stream;
    let past = session.history(stream).expect("history");
    // One that lies in a block of the working store already.
    let notes = past.iter().rev().filter_map(|past| {
        let words = past.changes.iter().find_map(|change| match change {
            Change::Set { field: Field::NoteText, after, .. } => after.as_str().map(str::to_owned),
            _ => None,
        });
        words.filter(|words| words.starts_with("Words of turn ")).map(|words| (past.entry, words))
    });
    let (entry, secret) = notes.into_iter().next().expect("a note");
    session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck");
    assert!(!words(&mut session).contains(&format!("\"{secret}\"")));
    let again = session.run(CaseStrike { entry, reason: "once more".into() });
    assert_eq!(again.err().map(|error| error.kind), Some(Kind::Refused));
    let past = session.history(stream).expect("history");
    let strikes = |past: &&mahoe::session::Past| matches!(past.changes[..], [Change::Struck(..)]);
    let strike = past.iter().find(strikes).expect("on record").entry;
    let struck = session.run(CaseStrike { entry: strike, reason: "a strike".into() });
    assert_eq!(struck.err().map(|error| error.kind), Some(Kind::Refused));
    drop(session);
    let mut vault = Vault::unlock(setup(copy.path(), 11), "abrown", &team::passphrase()).expect("unlocked");
    let (mut destroyed, mut text) = (0, String::new());
    vault
        .walk_journal(&mut |_, _, loaded| {
            destroyed += usize::from(loaded.body == LoadedBody::Destroyed);
            text.push_str(&format!("{:?}", loaded.body));
            true
        })
        .expect("read");
    assert_eq!(destroyed, 1);
    let mut take = |handed: Handed<'_>| match handed {
        Handed::Entry { body: LoadedBody::Packed(packed), .. } => text.push_str(&format!("{:?}", packed.facts())),
        Handed::Entry { body, .. } => text.push_str(&format!("{body:?}")),
        Handed::Anew => {}
    };
    vault.load(&mut take).expect("loaded");
    vault.each(&mut take).expect("read");
    assert!(!text.contains(&format!("\"{secret}\"")) && text.contains("Words of turn"));
    assert_eq!(vault.read_drafts().as_deref().map(Vec::as_slice), Some(DRAFT));
    drop(vault);
    for path in files(copy.path()) {
        let bytes = fs::read(copy.path().join(&path)).expect("there");
        assert!(!bytes.windows(14).any(|window| window == b"Words of turn "), "{} holds words", path.display());
    }
}

/// Where a run of bytes can be found in a vault's folder.
fn holding(root: &Path, needle: &[u8]) -> Vec<std::path::PathBuf> {
    let holds = |path: &std::path::PathBuf| {
        let bytes = fs::read(root.join(path)).expect("there");
        bytes.windows(needle.len()).any(|window| window == needle)
    };
    files(root).into_iter().filter(holds).collect()
}

/// A vault with a note in its last frame, and the middle of that frame's sealed bytes.
fn with_a_note(seed: u64) -> (tempfile::TempDir, mahoe::domain::ids::EntryId, Vec<u8>) {
    let copy = origin().copy();
    let mut session = unlock(copy.path(), seed).expect("unlocked");
    let case = session.state().items(ItemKind::Case).next().expect("a case").id;
    session.run(note(&[case], "Said about somebody else")).expect("noted");
    let stream = session.state().item(case).expect("there").stream;
    let entry = session.history(stream).expect("history")[0].entry;
    drop(session);
    let bytes = journal(copy.path());
    let last = *mahoe::vault::frame::scan(&bytes).frames.last().expect("a frame");
    let middle = last.offset + last.len / 2;
    (copy, entry, bytes[middle..middle + 48].to_vec())
}

/// Spoils a byte of the journal's first copy, and lets it be repaired.
fn spoil_and_repair(root: &Path, frame_from_end: usize, seed: u64) {
    let mut bytes = journal(root);
    let frames = mahoe::vault::frame::scan(&bytes).frames;
    let frame = frames[frames.len() - 1 - frame_from_end];
    bytes[frame.offset + 80] ^= 1;
    fs::write(root.join("journal/00000001.seg"), bytes).expect("written");
    drop(unlock(root, seed).expect("repaired"));
}

#[test]
fn a_strike_reaches_what_was_set_aside() {
    // Elsewhere in the piece something is rotten: the words are gone from it, and still it is named.
    let (copy, entry, needle) = with_a_note(20);
    spoil_and_repair(copy.path(), 9, 21);
    assert_eq!(holding(copy.path(), &needle).len(), 3, "both copies, and what was set aside");
    let mut session = unlock(copy.path(), 22).expect("unlocked");
    let says = session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck").says;
    assert!(says.contains("primary-00000001.seg") && says.contains("vault quarantine --remove"), "{says}");
    assert_eq!(holding(copy.path(), &needle), Vec::<std::path::PathBuf>::new());
    assert_eq!(session.set_aside().len(), 1, "nothing was deleted unasked");
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    drop(session);

    // The words lie in the rotten part itself: only removing the piece destroys them.
    let (copy, entry, needle) = with_a_note(23);
    spoil_and_repair(copy.path(), 0, 24);
    let mut session = unlock(copy.path(), 25).expect("unlocked");
    let says = session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck").says;
    assert!(says.contains("quarantine"), "{says}");
    assert!(holding(copy.path(), &needle).iter().all(|path| path.starts_with("quarantine")));
    assert!(session.empty_quarantine().expect("removed") > 0);
    assert_eq!(holding(copy.path(), &needle), Vec::<std::path::PathBuf>::new());
    assert!(session.set_aside().is_empty() && !copy.path().join("quarantine").exists());
}

#[test]
fn a_store_that_was_set_aside_is_named_by_a_strike_and_without_damage_nothing_is() {
    let (copy, entry, _) = with_a_note(26);
    let store = files(copy.path()).into_iter().find(|path| path.starts_with("store") && path.ends_with("db"));
    let store = copy.path().join(store.expect("sled's file"));
    let mut bytes = fs::read(&store).expect("there");
    bytes.iter_mut().skip(100).for_each(|byte| *byte = 0x5a);
    fs::write(store, bytes).expect("written");
    let mut session = unlock(copy.path(), 27).expect("unlocked");
    assert!(copy.path().join("quarantine").is_dir(), "{:?}", session.vault().findings());
    let says = session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck").says;
    assert!(says.contains("store-"), "{says}");

    let (copy, entry, needle) = with_a_note(28);
    let mut session = unlock(copy.path(), 29).expect("unlocked");
    let says = session.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck").says;
    assert!(!says.contains("quarantine"), "{says}");
    assert_eq!(holding(copy.path(), &needle), Vec::<std::path::PathBuf>::new());
}

#[test]
fn verify_finds_what_was_forged() {
    type Forge = fn(&mut Header, &mut [u8; 64]);
    let forged: [(&str, Forge); 5] = [
        ("its signature is not good", |_, signature| signature[5] ^= 1),
        ("does not write for the member", |header, _| header.author = ItemId([9; 16])),
        ("a device that nobody introduced", |header, _| header.device.0[0] ^= 1),
        ("belongs to another vault", |header, _| header.vault.0[0] ^= 1),
        ("does not fit its chain", |header, _| header.lamport = 77),
    ];
    for (wanted, forge) in forged {
        let copy = origin().copy();
        let mut vault = Vault::unlock(setup(copy.path(), 12), "abrown", &team::passphrase()).expect("unlocked");
        vault.load(&mut |_| {}).expect("loaded");
        let signer = vault.participant().device();
        let body = codec::encode_body([1; 16], &[Fact::Unknown { kind: 900, bytes: vec![1] }]).expect("small");
        let mut header = Header {
            vault: vault.id(),
            device: signer.device_id(),
            author: vault.participant().member(),
            // A compartment in which nothing was written yet.
            stream: mahoe::domain::ids::StreamId([2; 16]),
            class: Class::Justice,
            sequence: 1,
            previous: mahoe::domain::ids::EntryId([0; 32]),
            lamport: 1,
            wall: 0,
            parents: Vec::new(),
            body_length: u32::try_from(body.len()).expect("small"),
            body_hash: *blake3::hash(&body).as_bytes(),
        };
        // First the header, which is then signed; then the signature.
        forge(&mut header, &mut [0; 64]);
        let mut signature = signer.sign(&sign::message(&header.encode()));
        forge(&mut header.clone(), &mut signature);
        vault
            .commit(vec![Outgoing { header, signature, body: OutgoingBody::Present(Zeroizing::new(body)), only: None }])
            .expect("written");
        drop(vault);
        let mut session = unlock(copy.path(), 13).expect("unlocked");
        let problems = session.verify(&mut |_, _| true).expect("verified").problems;
        assert!(problems.iter().any(|problem| problem.contains(wanted)), "{wanted}: {problems:?}");
    }
}

#[test]
fn a_body_moved_under_another_header_is_found() {
    let copy = origin().copy();
    let mut vault = Vault::unlock(setup(copy.path(), 14), "abrown", &team::passphrase()).expect("unlocked");
    vault.load(&mut |_| {}).expect("loaded");
    let signer = vault.participant().device();
    let other = codec::encode_body([2; 16], &[Fact::Unknown { kind: 901, bytes: vec![2] }]).expect("small");
    let header = Header {
        vault: vault.id(),
        device: signer.device_id(),
        author: vault.participant().member(),
        stream: mahoe::domain::ids::StreamId([2; 16]),
        class: Class::Justice,
        sequence: 1,
        previous: mahoe::domain::ids::EntryId([0; 32]),
        lamport: 1,
        wall: 0,
        parents: Vec::new(),
        body_length: u32::try_from(other.len()).expect("small"),
        body_hash: [7; 32],
    };
    let signature = signer.sign(&sign::message(&header.encode()));
    vault
        .commit(vec![Outgoing { header, signature, body: OutgoingBody::Present(Zeroizing::new(other)), only: None }])
        .expect("written");
    drop(vault);
    let mut session = unlock(copy.path(), 15).expect("unlocked");
    let problems = session.verify(&mut |_, _| true).expect("verified").problems;
    assert!(problems.iter().any(|problem| problem.contains("not the one that was signed")), "{problems:?}");
}

#[test]
fn making_a_vault_over_another_is_refused() {
    let copy = origin().copy();
    let passphrase = team::passphrase();
    let made = Session::create(place(copy.path(), 16), &new_team(&passphrase));
    assert_eq!(made.err().map(|error| error.kind), Some(Kind::Refused));
    unlock(copy.path(), 17).expect("as before");
}
