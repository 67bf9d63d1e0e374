//! Every vector has the outcome that its header states. tests/vectors/make_bundles.py makes them from the document alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;

use mahoe::bundle::card::Card;
use mahoe::bundle::container::{Outgoing, Reader, write};
use mahoe::bundle::heads::{self, Head};
use mahoe::bundle::manifest::{Kind, Manifest, Part};
use mahoe::bundle::padme;
use mahoe::bundle::source::Attachment;
use mahoe::bundle::statistics::Figures;
use mahoe::bundle::{introductions, paper};
use mahoe::domain::ids::{EntryId, StreamId};
use mahoe::log::entry::{Header, body_matches};
use mahoe::log::sign;
use mahoe::testing::entropy::SeededEntropy;
use mahoe::vault::keys::agefile;

use super::{Whole, folder, identity, open_bodies, read_all, signer, vector};

/// A vector's header: the outcome, and `name value` lines.
struct Expected {
    outcome: String,
    values: BTreeMap<String, String>,
}

fn expected(name: &str) -> Expected {
    let text = String::from_utf8(vector(&format!("{name}.expect"))).expect("text");
    let mut lines = text.lines();
    let outcome = lines.next().expect("an outcome").to_owned();
    let values = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
    Expected { outcome, values: values.map(|(name, value)| (name.into(), value.into())).collect() }
}

/// The file of a plain text, sealed to the vectors' receiver.
fn sealed(mut plain: Vec<u8>, length: Option<u64>) -> Vec<u8> {
    let length = length.unwrap_or_else(|| padme::padded(plain.len() as u64));
    plain.resize(usize::try_from(length).expect("small"), 0);
    let mut file = Vec::new();
    let mut writer = agefile::seal_stream(&[identity("receiver").recipient()], &mut file).expect("memory");
    writer.write_all(&plain).expect("memory");
    writer.finish().expect("memory");
    file
}

fn outcome(file: &[u8]) -> (String, Option<Whole>) {
    match Reader::open(file, file.len() as u64, &[&identity("receiver")]).and_then(read_all) {
        Ok(whole) => ("good".into(), Some(whole)),
        Err(refusal) => (format!("refuse {}", refusal.word()), None),
    }
}

#[test]
fn every_vector_has_the_outcome_that_its_header_states() {
    let mut wrong = Vec::new();
    let mut reasons = BTreeSet::new();
    let mut count = 0;
    for entry in fs::read_dir(folder()).expect("the vectors") {
        let path = entry.expect("readable").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let expected = match path.extension().and_then(|end| end.to_str()) {
            Some("bundle" | "tar") => expected(&name),
            _ => continue,
        };
        let mut file = fs::read(&path).expect("readable");
        if path.extension().is_some_and(|end| end == "tar") {
            file = sealed(file, expected.values.get("length").map(|length| length.parse().expect("a number")));
        }
        let (found, whole) = outcome(&file);
        count += 1;
        if found != expected.outcome {
            wrong.push(format!("{name}: {found}, not {}", expected.outcome));
        }
        reasons.insert(expected.outcome);
        for (what, wanted) in &expected.values {
            let Some(whole) = &whole else { continue };
            let found = match what.as_str() {
                "kind" => whole.manifest.kind.to_string(),
                "entries" => whole.records.len().to_string(),
                "attachments" => whole.attachments.len().to_string(),
                _ => continue,
            };
            assert_eq!(found, *wanted, "{name}: {what}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 90, "{count} vectors");
    // What a file can be refused for; the rest needs a broken disk, a person or 4 GiB.
    for word in
        "not-a-bundle header passphrase cut-off archive dirty-padding newer manifest weak-key signature not-addressed \
                 contents digest entries heads"
            .split_whitespace()
    {
        assert!(reasons.contains(&format!("refuse {word}")), "no vector is refused for {word}");
    }
}

#[test]
fn another_programs_bundle_says_what_it_was_made_to_say() {
    let file = vector("refer.bundle");
    let reader = Reader::open(file.as_slice(), file.len() as u64, &[&identity("receiver")]).expect("good");
    let whole = read_all(reader).expect("good");
    let device = signer("device of Testy McSample");
    let root = signer("root of Saint Mary");
    assert_eq!(whole.manifest.from.device, device.public());
    assert_eq!(whole.manifest.from.root, root.root_id());
    assert_eq!(whole.manifest.from.parish.name, "Saint Mary");
    assert_eq!(whole.manifest.writers[0].name, "Testy McSample");
    assert_eq!(whole.attachments[1].0, Part::Card(root.root_id()).name());
    let card = Card::parse(&whole.attachments[1].1).expect("a card as the document has it");
    assert_eq!((card.says().root, card.says().devices[0].key), (root.public(), device.public()));
    for record in &whole.records {
        let header = Header::decode(&record.header).expect("a header as the document has it");
        assert_eq!(header.device, device.device_id());
        assert!(sign::verify(&device.public(), &record.header, &record.signature));
    }
    let first = Header::decode(&whole.records[0].header).expect("decoded before");
    assert!(body_matches(&first, open_bodies(&whole.records)[0]));
    // Sealed to others besides us, and to nobody else: only they open it.
    let two = vector("update-for-two.bundle");
    for (name, opens) in [("receiver", true), ("other", true), ("stranger", false)] {
        assert_eq!(Reader::open(two.as_slice(), two.len() as u64, &[&identity(name)]).is_ok(), opens, "{name}");
    }
}

#[test]
fn another_programs_introductions_figures_and_paper_are_read() {
    let part = |name: &str, wanted: &Part| {
        let file = sealed(vector(&format!("{name}.tar")), None);
        let reader = Reader::open(file.as_slice(), file.len() as u64, &[&identity("receiver")]).expect("good");
        let parts = read_all(reader).expect("good").attachments;
        parts.into_iter().find(|(name, _)| *name == wanted.name()).expect("there").1
    };
    let told = introductions::decode(&part("cards", &Part::Introductions)).expect("as the document has it");
    assert_eq!((told.len(), told[0].root), (1, signer("root of Portland").root_id()));
    assert!(told[0].verified.is_some());
    let figures = Figures::parse(&part("figures", &Part::Statistics)).expect("as the document has it");
    assert_eq!((figures.year, figures.counts.len(), figures.counts[4].number), (2025, 5, 120));
    let paper = paper::open(&vector("paper.bundle"), &identity("receiver")).expect("for us");
    assert_eq!(paper.text, "Señora Sample: visit on Friday, 10:00.");
    assert_eq!(paper.from.says().root, signer("root of Saint Mary").public());
    let file = vector("paper.bundle");
    let reader = Reader::open(file.as_slice(), file.len() as u64, &[&identity("receiver")]).expect("good");
    let reader_of = identity("receiver").recipient();
    assert_eq!(reader.manifest().to[0].root, paper::person_id(&reader_of), "the place that stands for a person");
}

#[test]
fn our_own_older_bundle_is_still_read() {
    let file = vector("mahoe-update.bundle");
    let reader = Reader::open(file.as_slice(), file.len() as u64, &[&identity("receiver")]).expect("good");
    let whole = read_all(reader).expect("good");
    assert_eq!(whole.manifest.kind, Kind::Update);
    assert_eq!(whole.records.len(), 3);
    assert_eq!(whole.manifest.note.as_deref(), Some("Made by mahoe."));
}

/// Written once and kept: a later version must read it. `cargo test --test it -- --ignored write_our_own_vector`
#[test]
#[ignore = "makes tests/vectors/bundle/mahoe-update.bundle anew"]
fn write_our_own_vector() {
    let from = vector("refer.bundle");
    let reader = Reader::open(from.as_slice(), from.len() as u64, &[&identity("receiver")]).expect("good");
    let Whole { manifest, records, attachments } = read_all(reader).expect("good");
    let heads = heads::encode(&[Head { stream: StreamId([2; 16]), class: 1, entries: vec![EntryId([7; 32])] }]);
    let manifest = Manifest { kind: Kind::Update, note: Some("Made by mahoe.".into()), ..manifest };
    let attachments =
        attachments.into_iter().map(|(name, bytes)| Attachment { name, source: Box::new(bytes) }).collect();
    let outgoing = Outgoing { manifest, entries: &records, heads, attachments };
    let mut file = Vec::new();
    let signer = signer("device of Testy McSample");
    write(outgoing, &signer, &mut SeededEntropy::new(1), &mut file, &mut |_| ControlFlow::Continue(()))
        .expect("written");
    fs::write(folder().join("mahoe-update.bundle"), file).expect("room");
    let header = "good\nkind update\nentries 3\nattachments 2\n# Written by mahoe 0.1.0 itself.\n";
    fs::write(folder().join("mahoe-update.expect"), header).expect("room");
}
