use std::io::Read as _;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::bundle::entries::{Body, Record};
use crate::bundle::heads::{self, Head};
use crate::bundle::manifest::{Addressee, CaseLine, Kind, Lane, Manifest, Part, Sender, WriterLine};
use crate::bundle::refusal::Refusal;
use crate::bundle::source::{Attachment, Source, Watched};
use crate::domain::ids::{BundleId, CompartmentKeyId, EntryId, ItemId, RootId, StreamId, VaultId};
use crate::domain::parish::Parish;
use crate::testing::entropy::SeededEntropy;
use crate::vault::keys::identity::{Identity, Signer};

const SENDER: RootId = RootId([0xaa; 16]);

fn signer() -> Signer {
    Signer::random(&mut SeededEntropy::new(1))
}

fn receiver() -> Identity {
    Identity::random(&mut SeededEntropy::new(2))
}

fn manifest(kind: Kind) -> Manifest {
    Manifest {
        id: BundleId([9; 16]),
        kind,
        practice: true,
        from: Sender {
            root: SENDER,
            parish: Parish::by_number(5).expect("Saint Mary"),
            device: signer().public(),
            vault: VaultId([4; 16]),
        },
        to: vec![Addressee { root: RootId([0xbb; 16]), recipient: receiver().recipient() }],
        made: "2026-11-22T10:00:00Z".parse().expect("a moment"),
        lane: Lane { number: 2, before: [6; 32] },
        answers: None,
        cases: vec![CaseLine { stream: StreamId([2; 16]), profile: "parish-team".into(), code: "05-7K3Q".into() }],
        writers: vec![WriterLine {
            member: ItemId([3; 16]),
            root: SENDER,
            agency: Some("CPFSA".into()),
            name: "Testy McSample".into(),
        }],
        note: Some("Please answer by Friday.".into()),
        entries: 0,
        files: Vec::new(),
    }
}

fn record(byte: u8, body: Body) -> Record {
    Record { header: vec![byte; 180], signature: [byte; 64], body }
}

fn card() -> Attachment {
    Attachment { name: Part::Card(SENDER).name(), source: Box::new(b"mahoe card 1\n".to_vec()) }
}

fn blob(byte: u8, size: usize) -> Attachment {
    Attachment { name: Part::Blob([byte; 32]).name(), source: Box::new(vec![byte; size]) }
}

fn sealed(kind: Kind, entries: &Vec<Record>, heads: Vec<u8>, attachments: Vec<Attachment>) -> (Vec<u8>, Written) {
    let mut file = Vec::new();
    let outgoing = Outgoing { manifest: manifest(kind), entries, heads, attachments };
    let rng = &mut SeededEntropy::new(3);
    let written = write(outgoing, &signer(), rng, &mut file, &mut |_| ControlFlow::Continue(())).expect("written");
    assert_eq!(written.size, file.len() as u64);
    (file, written)
}

fn small() -> Vec<u8> {
    let entries = vec![record(1, Body::Open(vec![7; 64].into())), record(2, Body::Withheld)];
    sealed(Kind::Refer, &entries, heads::encode(&[]), vec![card()]).0
}

/// Records, heads, attachments, and what was signed.
type Whole = (Vec<Record>, Vec<u8>, Vec<Vec<u8>>, Opened);

/// Everything of a bundle, or why not.
fn read(file: &[u8], identity: &Identity) -> Result<Whole, Refusal> {
    collect(Reader::open(file, file.len() as u64, &[identity])?)
}

fn collect(mut reader: Reader<'_>) -> Result<Whole, Refusal> {
    let mut records = Vec::new();
    while let Some(record) = reader.entry()? {
        records.push(record);
    }
    let heads = reader.heads()?.expect("not passed over");
    let mut parts = Vec::new();
    while let Some(part) = reader.attachment()? {
        parts.push(part.bytes()?);
    }
    Ok((records, heads, parts, reader.finish()?))
}

/// The plain text of a bundle, and the bundle of a plain text.
fn plain(file: &[u8]) -> Vec<u8> {
    let (mut reader, _) = crate::bundle::envelope::open(file, file.len() as u64, &[&receiver()]).expect("sealed to us");
    let mut plain = Vec::new();
    reader.read_to_end(&mut plain).expect("whole");
    plain
}

fn reread(plain: &[u8]) -> Result<Opened, Refusal> {
    Reader::open_plain(plain, plain.len() as u64)?.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_is_read(bodies in prop::collection::vec((any::<u8>(), 0usize..3000), 0..20),
        blobs in prop::collection::btree_map(any::<u8>(), 0usize..200_000, 0..4), sync in any::<bool>()) {
        let entries: Vec<Record> = bodies.iter().map(|(byte, size)| record(*byte, match byte % 4 {
            0 => Body::Destroyed,
            1 => Body::Withheld,
            2 if sync => Body::Sealed(CompartmentKeyId([*byte; 16]), vec![*byte; *size]),
            _ => Body::Open(vec![*byte; *size].into()),
        })).collect();
        let list = heads::encode(&[Head { stream: StreamId([2; 16]), class: 1, entries: vec![EntryId([8; 32])] }]);
        let attachments = blobs.iter().map(|(byte, size)| blob(*byte, *size)).chain([card()]).collect();
        let kind = if sync { Kind::Sync } else { Kind::Refer };
        let (file, written) = sealed(kind, &entries, list.clone(), attachments);
        let (found, heads, parts, opened) = read(&file, &receiver()).expect("our own");
        prop_assert_eq!(found, entries);
        prop_assert_eq!(heads, list);
        prop_assert_eq!((opened.manifest_hash, &opened.manifest), (written.manifest_hash, &written.manifest));
        let wanted: Vec<Vec<u8>> = blobs.iter().map(|(byte, size)| vec![*byte; *size]).collect();
        prop_assert_eq!(&parts[..blobs.len()], wanted.as_slice());
        prop_assert_eq!(reread(&plain(&file)), Ok(opened));
    }
}

#[test]
fn every_cut_of_a_small_bundle_is_refused() {
    let file = small();
    let mut words = std::collections::BTreeSet::new();
    for length in 0..file.len() {
        words.insert(Reader::open(&file[..length], length as u64, &[&receiver()]).err().expect("cut").word());
    }
    assert_eq!(words, ["cut-off", "not-a-bundle"].into());
    // A file that shrinks while it is read, or whose size was not what was said.
    for length in (0..file.len()).step_by(97) {
        let reader = Reader::open(&file[..length], file.len() as u64, &[&receiver()]);
        assert!(reader.and_then(collect).is_err(), "cut to {length}");
    }
    let longer = [file.as_slice(), &[0]].concat();
    assert_eq!(read(&longer, &receiver()).err(), Some(Refusal::CutOff));
    let grown = Reader::open(longer.as_slice(), file.len() as u64, &[&receiver()]);
    assert_eq!(grown.and_then(Reader::finish).err(), Some(Refusal::Changed));
}

/// Flips a bit in every byte of the header and in every `step`th behind it; the whole file is read for each.
fn flip(step: usize) {
    let mut file = small();
    let header = file.windows(4).position(|four| four == b"--- ").expect("a header's end") + 64;
    for at in (0..header).chain((header..file.len()).step_by(step)) {
        file[at] ^= 1 << (at % 8);
        assert!(read(&file, &receiver()).is_err(), "byte {at}");
        file[at] ^= 1 << (at % 8);
    }
    assert!(read(&file, &receiver()).is_ok());
}

#[test]
fn flipped_bytes_of_a_small_bundle_are_refused() {
    flip(211);
}

#[test]
#[ignore = "reads 66,000 bundles"]
fn every_flipped_byte_of_a_small_bundle_is_refused() {
    flip(1);
}

#[test]
fn every_changed_byte_of_the_plain_text_is_refused() {
    // As somebody would who can seal to us, but not sign for the sender.
    let mut plain = plain(&small());
    let used = plain.iter().rposition(|byte| *byte != 0).expect("not empty") + 1200;
    for at in (0..used).chain((used..plain.len()).step_by(97)) {
        plain[at] ^= 1 << (at % 8);
        assert!(reread(&plain).is_err(), "byte {at}");
        plain[at] ^= 1 << (at % 8);
    }
    for length in (0..plain.len()).step_by(509) {
        assert!(reread(&plain[..length]).is_err(), "cut to {length}");
    }
    plain.extend([0; 2048]);
    assert_eq!(reread(&plain), Err(Refusal::Contents), "more padding than needed");
}

#[test]
fn what_another_passes_on_is_refused() {
    let other = Identity::random(&mut SeededEntropy::new(4));
    assert_eq!(read(&small(), &other).err(), Some(Refusal::NotForUs));
    let mut forwarded = Vec::new();
    let rng = &mut SeededEntropy::new(5);
    let mut writer = crate::bundle::envelope::seal(vec![other.recipient()], rng, &mut forwarded).expect("memory");
    std::io::Write::write_all(&mut writer, &plain(&small())).expect("memory");
    writer.finish().expect("memory");
    assert_eq!(read(&forwarded, &other).err(), Some(Refusal::NotAddressed));
}

#[test]
fn parts_may_be_passed_over_and_are_checked_none_the_less() {
    let entries = vec![record(1, Body::Destroyed); 3];
    let (file, _) = sealed(Kind::Refer, &entries, heads::encode(&[]), vec![card(), blob(1, 5000), blob(2, 70_000)]);
    let open = || Reader::open(file.as_slice(), file.len() as u64, &[&receiver()]).expect("ours");
    assert!(open().finish().is_ok());
    let mut reader = open();
    assert!(reader.entry().expect("good").is_some());
    let mut names = Vec::new();
    while let Some(part) = reader.attachment().expect("good") {
        names.push((part.part(), part.line().size));
    }
    assert_eq!(names, [(Part::Blob([1; 32]), 5000), (Part::Blob([2; 32]), 70_000), (Part::Card(SENDER), 13)]);
    assert_eq!((reader.entry(), reader.heads()), (Ok(None), Ok(None)));
    assert!(reader.finish().is_ok());
    let bad_heads = sealed(Kind::Refer, &entries, b"mahoe heads 1\nrubbish".to_vec(), vec![card()]).0;
    assert_eq!(reread(&plain(&bad_heads)), Err(Refusal::Heads("end")));
    let bad_entries = sealed(
        Kind::Refer,
        &vec![record(1, Body::Sealed(CompartmentKeyId([1; 16]), vec![]))],
        heads::encode(&[]),
        vec![card()],
    )
    .0;
    let mut reader =
        Reader::open(bad_entries.as_slice(), bad_entries.len() as u64, &[&receiver()]).expect("the manifest is good");
    for _ in 0..2 {
        assert_eq!(reader.entry(), Err(Refusal::Entries("state of a body")), "and stays so");
    }
    assert_eq!(reader.finish(), Err(Refusal::Entries("state of a body")));
}

#[test]
fn a_kind_from_the_future_is_inspected() {
    let kind = Kind::from_name("convene").expect("a word");
    assert_eq!(kind, Kind::Unknown("convene".into()));
    let strange = Attachment { name: "agenda.bin".into(), source: Box::new(vec![1, 2, 3]) };
    let (file, _) = sealed(kind.clone(), &vec![], b"another form of heads".to_vec(), vec![strange]);
    let mut reader = Reader::open(file.as_slice(), file.len() as u64, &[&receiver()]).expect("ours");
    assert_eq!(reader.manifest().kind, kind);
    assert_eq!(reader.entry(), Ok(None));
    assert_eq!(reader.finish().expect("whole").manifest.files.len(), 3);
}

#[test]
fn what_no_reader_would_take_is_not_written() {
    let attempt = |change: &dyn Fn(&mut Manifest), attachments: Vec<Attachment>, signer: &Signer| {
        let mut manifest = manifest(Kind::Refer);
        change(&mut manifest);
        let outgoing = Outgoing { manifest, entries: &vec![], heads: heads::encode(&[]), attachments };
        let rng = &mut SeededEntropy::new(3);
        write(outgoing, signer, rng, &mut Vec::new(), &mut |_| ControlFlow::Continue(())).err()
    };
    let (us, them) = (signer(), Signer::random(&mut SeededEntropy::new(8)));
    assert_eq!(attempt(&|_| (), vec![card()], &them), Some(NotWritten::Manifest("from")));
    assert_eq!(attempt(&|_| (), vec![], &us), Some(NotWritten::Manifest("the sender's card")));
    assert_eq!(attempt(&|it| it.to.clear(), vec![card()], &us), Some(NotWritten::Manifest("to")));
    assert_eq!(
        attempt(&|it| it.note = Some("x".repeat(2000)), vec![card()], &us),
        Some(NotWritten::Manifest("spelling"))
    );
    assert_eq!(attempt(&|it| it.lane.number = 1, vec![card()], &us), Some(NotWritten::Manifest("lane")));
    for name in ["../x", "blob-00", "manifest.txt", "ring.bin"] {
        let bad = Attachment { name: name.into(), source: Box::new(vec![]) };
        assert_eq!(attempt(&|_| (), vec![card(), bad], &us), Some(NotWritten::Manifest("file")), "{name}");
    }
    assert_eq!(attempt(&|_| (), vec![card(), card()], &us), Some(NotWritten::Manifest("file")), "twice");
}

/// One byte longer each time it is read.
struct Growing(std::cell::Cell<usize>);
impl Source for Growing {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + '_>> {
        self.0.set(self.0.get() + 1);
        Ok(Box::new(std::io::repeat(1).take(self.0.get() as u64)))
    }
}

/// Bytes whose digest was taken before.
struct Known(Vec<u8>, [u8; 32]);

impl Source for Known {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + '_>> {
        Ok(Box::new(self.0.as_slice()))
    }

    fn digest(&self) -> Option<([u8; 32], u64)> {
        Some((self.1, self.0.len() as u64))
    }
}

#[test]
fn a_digest_that_is_known_is_believed_only_if_it_is_right() {
    use sha2::Digest as _;
    let bytes = vec![7; 3_000_000];
    let right: [u8; 32] = sha2::Sha256::digest(&bytes).into();
    let attempt = |digest: [u8; 32]| {
        let known = Attachment { name: Part::Blob([1; 32]).name(), source: Box::new(Known(bytes.clone(), digest)) };
        let outgoing = Outgoing {
            manifest: manifest(Kind::Refer),
            entries: &vec![],
            heads: heads::encode(&[]),
            attachments: vec![card(), known],
        };
        let mut file = Vec::new();
        let rng = &mut SeededEntropy::new(3);
        write(outgoing, &signer(), rng, &mut file, &mut |_| ControlFlow::Continue(())).map(|_| file)
    };
    assert_eq!(attempt([0; 32]).err(), Some(NotWritten::Unsteady));
    let file = attempt(right).expect("right");
    assert_eq!(read(&file, &receiver()).expect("ours").2[0], bytes);
}

/// A disk that takes so many bytes.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_long_attachment_is_written_beside_the_reading_and_says_what_stopped_it() {
    let bytes: Vec<u8> = (0..3_000_017u32).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
    let known = Attachment { name: Part::Blob([1; 32]).name(), source: Box::new(bytes.clone()) };
    let (file, _) = sealed(Kind::Refer, &vec![], heads::encode(&[]), vec![card(), known]);
    assert!(read(&file, &receiver()).expect("ours").2[0] == bytes);
    let copy = |file: &[u8], out: &mut (dyn std::io::Write + Send)| {
        let mut reader = Reader::open(file, file.len() as u64, &[&receiver()])?;
        reader.attachment()?.expect("a document").copy_to(out)
    };
    assert_eq!(copy(&file, &mut Full(usize::MAX)), Ok(()));
    for room in [0, 1_000_000, 2_900_000] {
        assert_eq!(copy(&file, &mut Full(room)), Err(Refusal::Io(std::io::ErrorKind::StorageFull)), "{room}");
    }
    // What is wrong with the bundle is told, whatever the disk did.
    let mut changed = file.clone();
    changed[2_000_000] ^= 1;
    assert_eq!(copy(&changed, &mut Full(usize::MAX)), Err(Refusal::Changed));
    let mut reader = Reader::open(&file[..], file.len() as u64, &[&receiver()]).expect("ours");
    reader.attachment().expect("a document").expect("there").copy_to(&mut Full(0)).expect_err("no room");
    assert!(reader.finish().is_err(), "after a refusal every call refuses");
}

#[test]
fn a_long_job_can_be_cancelled_and_a_changing_document_is_noticed() {
    let cancel = |limit: u64| {
        let outgoing = Outgoing {
            manifest: manifest(Kind::Refer),
            entries: &vec![],
            heads: heads::encode(&[]),
            attachments: vec![card(), blob(1, 500_000)],
        };
        let mut watch = |done: u64| if done < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        write(outgoing, &signer(), &mut SeededEntropy::new(3), &mut Vec::new(), &mut watch).err()
    };
    assert_eq!(cancel(100_000), Some(NotWritten::Cancelled), "while hashing");
    assert_eq!(cancel(800_000), Some(NotWritten::Cancelled), "while writing");
    assert_eq!(cancel(u64::MAX), None);

    let file = small();
    let mut watch = |done: u64| if done < 40_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    let watched = Watched::new(file.as_slice(), &mut watch);
    assert_eq!(
        Reader::open(watched, file.len() as u64, &[&receiver()]).and_then(collect).err(),
        Some(Refusal::Cancelled)
    );

    let growing = Attachment { name: Part::Blob([1; 32]).name(), source: Box::new(Growing(0.into())) };
    let outgoing = Outgoing {
        manifest: manifest(Kind::Refer),
        entries: &vec![],
        heads: heads::encode(&[]),
        attachments: vec![card(), growing],
    };
    let rng = &mut SeededEntropy::new(3);
    let written = write(outgoing, &signer(), rng, &mut Vec::new(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(written.err(), Some(NotWritten::Unsteady));
}
