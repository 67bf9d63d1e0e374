//! What the fuzz targets run, so that every test run can run it too on seeded bytes (`tests/it/bundle/mutated.rs`).
//!
//! Each target gives anything at all to one reader. It must refuse or read; what it reads must have one spelling. True
//! is returned for bytes that were read, so that a run shows that it went that deep.

use sha2::{Digest as _, Sha256};

use super::entropy::SeededEntropy;
use crate::bundle::card::{Card, CardDevice, Says};
use crate::bundle::container::Reader;
use crate::bundle::manifest::{
    Addressee, CaseLine, ENTRIES, FileLine, HEADS, Kind, Lane, Manifest, Part, Sender, WriterLine, sender_key,
};
use crate::bundle::person::PersonalCard;
use crate::bundle::statistics::Figures;
use crate::bundle::{entries, heads, introductions, minisig, padme, tarball};
use crate::domain::ids::{BundleId, ItemId, RootId, StreamId, VaultId};
use crate::domain::parish;
use crate::vault::keys::identity::{Identity, Signer};

/// A target: a name and what it does.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// Every target of `fuzz/`.
pub const TARGETS: &[Target] = &[
    ("envelope", envelope),
    ("container", container),
    ("members", members),
    ("manifest", manifest),
    ("entries", entries_bin),
    ("heads", heads_bin),
    ("minisig", signature),
    ("card", card),
    ("parts", parts),
];

fn signer() -> Signer {
    Signer::random(&mut SeededEntropy::new(1))
}

fn identity() -> Identity {
    Identity::random(&mut SeededEntropy::new(2))
}

/// A file as it comes from a stick.
pub fn envelope(bytes: &[u8]) -> bool {
    Reader::open(bytes, bytes.len() as u64, &[&identity()]).and_then(Reader::finish).is_ok()
}

/// A plain text, padded as it must be.
pub fn container(bytes: &[u8]) -> bool {
    let length = padme::padded(bytes.len() as u64);
    let mut padded = bytes.to_vec();
    padded.resize(usize::try_from(length).unwrap_or(padded.len()), 0);
    let read = |mut reader: Reader<'_>| {
        while reader.entry()?.is_some() {}
        reader.heads()?;
        while let Some(part) = reader.attachment()? {
            part.bytes()?;
        }
        reader.finish()
    };
    Reader::open_plain(padded.as_slice(), length).and_then(read).is_ok()
}

/// Members of a well-signed bundle. The first byte is the kind, the next four the lengths of entries and heads.
pub fn members(bytes: &[u8]) -> bool {
    let Some(([kind, e0, e1, h0, h1], rest)) = bytes.split_first_chunk::<5>() else { return false };
    let kinds = [Kind::Refer, Kind::Sync, Kind::Receipt, Kind::Unknown("convene".into())];
    let kind = kinds[usize::from(*kind) % kinds.len()].clone();
    let cut = |rest: &mut &[u8], length: u16| {
        let (head, tail) = rest.split_at(usize::from(length).min(rest.len()));
        *rest = tail;
        head.to_vec()
    };
    let mut rest = rest;
    let entries = cut(&mut rest, u16::from_le_bytes([*e0, *e1]));
    let heads = cut(&mut rest, u16::from_le_bytes([*h0, *h1]));
    let count = entries::decode(&entries, true).map_or(1, |records| records.len() as u64);
    let card = (Part::Card(RootId([1; 16])).name(), rest.to_vec());
    container(&plain(kind, count, vec![(ENTRIES.into(), entries), (HEADS.into(), heads), card]))
}

/// A manifest's text.
pub fn manifest(bytes: &[u8]) -> bool {
    let key = sender_key(bytes);
    let Ok(read) = Manifest::decode(bytes) else { return false };
    assert_eq!(key, Ok(read.from.device), "both readers see the same sender");
    let again = read.encode().expect("what was read can be written");
    assert_eq!(Manifest::decode(&again), Ok(read), "and read again");
    true
}

/// `entries.bin`.
pub fn entries_bin(bytes: &[u8]) -> bool {
    let Ok(records) = entries::decode(bytes, true) else { return false };
    assert_eq!(entries::encode(&records).expect("within bounds"), bytes, "one spelling");
    true
}

/// `heads.bin`.
pub fn heads_bin(bytes: &[u8]) -> bool {
    let Ok(list) = heads::decode(bytes) else { return false };
    assert_eq!(heads::encode(&list), bytes, "one spelling");
    true
}

/// A signature file over a fixed message.
pub fn signature(bytes: &[u8]) -> bool {
    let good = minisig::verify(bytes, &signer().public(), b"message").is_some();
    assert!(!good || bytes == minisig::sign(&signer(), b"message", "comment").as_bytes(), "a forgery");
    good
}

/// A card, as a file and as people paste it.
pub fn card(bytes: &[u8]) -> bool {
    let loose = Card::parse_loose(bytes);
    let Ok(read) = Card::parse(bytes) else {
        let _ = PersonalCard::parse_loose(bytes);
        return false;
    };
    assert_eq!(read.text().as_bytes(), bytes, "one spelling");
    assert_eq!(loose.map(|card| card.text().to_owned()), Ok(read.text().to_owned()), "strict is loose too");
    true
}

/// What only some kinds of bundle hold: introductions and figures.
pub fn parts(bytes: &[u8]) -> bool {
    let told = introductions::decode(bytes).map(|told| introductions::encode(&told));
    let figures = Figures::parse(bytes).map(|figures| figures.text());
    let read = told.ok().or(figures.ok());
    assert!(read.as_ref().is_none_or(|text| text.as_bytes() == bytes), "one spelling");
    read.is_some()
}

/// Something for each target to begin with.
pub fn seeds() -> Vec<Vec<u8>> {
    let record = |body| entries::Record { header: vec![1; 180], signature: [2; 64], body };
    let records = [record(entries::Body::Open(vec![3; 64].into())), record(entries::Body::Withheld)];
    let entries = entries::encode(&records).expect("short");
    let heads = heads::encode(&[heads::Head {
        stream: StreamId([2; 16]),
        class: 1,
        entries: vec![crate::domain::ids::EntryId([4; 32])],
    }]);
    let card = (Part::Card(RootId([1; 16])).name(), b"mahoe card 1\n".to_vec());
    let list = vec![(ENTRIES.to_owned(), entries.clone()), (HEADS.to_owned(), heads.clone()), card];
    let lengths = [entries.len(), heads.len()].map(|length| u16::try_from(length).unwrap_or(0).to_le_bytes());
    let split = [&[0], lengths.as_flattened(), &entries, &heads, b"mahoe card 1\n"].concat();
    vec![
        plain(Kind::Refer, 2, list.clone()),
        split,
        text(Kind::Receipt, 2, &list),
        entries,
        heads,
        minisig::sign(&signer(), b"message", "comment").into_bytes(),
        team_card().text().as_bytes().to_vec(),
        introductions::encode(&[introductions::Introduction { root: RootId([1; 16]), verified: None }]).into_bytes(),
        b"mahoe statistics 1\nyear 2025\ncount cases-reported all 41\n".to_vec(),
    ]
}

fn team_card() -> Card {
    let says = Says {
        practice: true,
        parish: parish::ALL[4],
        name: "Saint Mary test team".into(),
        vault: VaultId([3; 16]),
        root: signer().public(),
        serial: 1,
        made: chrono::DateTime::UNIX_EPOCH,
        recipient: identity().recipient(),
        leaders: None,
        devices: vec![CardDevice { key: signer().public(), member: ItemId([3; 16]) }],
        revoked: Vec::new(),
    };
    Card::sign(says, &signer()).expect("well-formed")
}

fn text(kind: Kind, count: u64, members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let answers = (kind == Kind::Receipt).then_some(BundleId([5; 16]));
    let line = |(name, content): &(String, Vec<u8>)| FileLine {
        digest: Sha256::digest(content).into(),
        size: content.len() as u64,
        name: name.clone(),
    };
    let manifest = Manifest {
        id: BundleId([9; 16]),
        kind,
        practice: true,
        from: Sender {
            root: RootId([1; 16]),
            parish: parish::ALL[4],
            device: signer().public(),
            vault: VaultId([3; 16]),
        },
        to: vec![Addressee { root: RootId([2; 16]), recipient: identity().recipient() }],
        made: chrono::DateTime::UNIX_EPOCH,
        lane: Lane { number: 2, before: [1; 32] },
        answers,
        cases: vec![CaseLine { stream: StreamId([2; 16]), profile: "-".into(), code: "05-7K3Q".into() }],
        writers: vec![WriterLine {
            member: ItemId([3; 16]),
            root: RootId([1; 16]),
            agency: None,
            name: "Testy McSample".into(),
        }],
        note: Some("Sample".into()),
        entries: count,
        files: members.iter().map(line).collect(),
    };
    manifest.encode().unwrap_or_default()
}

/// The plain text of a signed bundle up to the end of its archive.
fn plain(kind: Kind, count: u64, members: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let text = text(kind, count, &members);
    let comment = format!("mahoe bundle {}", BundleId([9; 16]));
    let signature = minisig::sign(&signer(), &text, &comment).into_bytes();
    let first = [("manifest.txt".to_owned(), text), ("manifest.txt.minisig".to_owned(), signature)];
    let mut out = Vec::new();
    for (name, content) in first.into_iter().chain(members) {
        out.extend_from_slice(&tarball::header(&name, content.len() as u64));
        out.extend_from_slice(&content);
        out.resize(out.len().next_multiple_of(tarball::BLOCK), 0);
    }
    out.resize(out.len() + 2 * tarball::BLOCK, 0);
    out
}
