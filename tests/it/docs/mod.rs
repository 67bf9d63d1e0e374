//! The documents say what the code does.

#![allow(clippy::panic, clippy::needless_for_each, reason = "tests may fail loudly")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use mahoe::domain::class::Class;
use mahoe::domain::field::{FIELDS, FieldClass, FieldType, ItemKind, Merge};

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands between `<!-- NAME -->` and `<!-- end of NAME -->`.
fn section<'a>(document: &'a str, name: &str) -> &'a str {
    let begin = format!("<!-- {name} -->\n");
    let start = document.find(&begin).unwrap_or_else(|| panic!("no mark {begin}")) + begin.len();
    let end = document.find(&format!("<!-- end of {name} -->")).unwrap_or_else(|| panic!("no end of {name}"));
    document[start..end].trim()
}

fn same(document_name: &str, section_name: &str, made: &str) {
    let document = document(document_name);
    let held = section(&document, section_name);
    assert!(
        held == made.trim(),
        "docs/formats/{document_name}, \"{section_name}\", is not what the code says. If the change is meant (stored \
         numbers, types and classes never change), put this there:\n\n{made}\n"
    );
}

fn type_name(ty: FieldType) -> String {
    match ty {
        FieldType::Line => "line".into(),
        FieldType::Prose => "prose".into(),
        FieldType::Choice(list) => format!("code of `{list}`"),
        FieldType::Choices(list) => format!("codes of `{list}`"),
        FieldType::Date => "date".into(),
        FieldType::When => "moment".into(),
        FieldType::Number => "number".into(),
        FieldType::YesNo => "yes/no".into(),
        FieldType::Member => "member".into(),
        FieldType::Members => "members".into(),
        FieldType::Agency => "agency".into(),
        FieldType::Owner => "member or agency".into(),
        FieldType::Item => "item".into(),
    }
}

fn merge_name(merge: Merge) -> &'static str {
    match merge {
        Merge::Latest => "latest",
        Merge::HigherRisk => "higher risk",
        Merge::Earlier => "earlier",
        Merge::Yes => "yes",
        Merge::Union => "union",
        Merge::Narrower => "narrower",
        Merge::Open => "open",
    }
}

#[test]
fn every_field_stands_in_the_document() {
    let mut table = String::from("| number | item | name | type | class | merge |\n|---:|---|---|---|---|---|\n");
    for def in FIELDS {
        let kind = def.kind.map_or("any", ItemKind::name);
        let class = match def.class {
            FieldClass::Of(class) => class.name(),
            FieldClass::Own => "the item's own",
        };
        let (number, ty, merge) = (def.field.number(), type_name(def.ty), merge_name(def.merge));
        writeln!(table, "| {number} | {kind} | `{}` | {ty} | {class} | {merge} |", def.name).expect("a string");
    }
    same("entry.md", "fields", &table);
}

#[test]
fn every_class_and_kind_of_item_stands_in_the_document() {
    let mut table = String::from("| number | class |\n|---:|---|\n");
    for class in Class::ALL {
        writeln!(table, "| {} | {} |", class.number(), class.name()).expect("a string");
    }
    same("entry.md", "classes", &table);
    let mut table = String::from("| number | kind of item |\n|---:|---|\n");
    for kind in ItemKind::ALL {
        writeln!(table, "| {} | {} |", kind as u8, kind.name()).expect("a string");
    }
    same("entry.md", "kinds of item", &table);
}

#[test]
fn contexts_and_the_length_of_a_header_are_as_documented() {
    let vault = document("vault.md");
    for context in ["ring v1", "frame v1", "body v1", "store v1", "block v2", "block back v2", "blob v1"] {
        let name = format!("mahoe {context}\\0");
        assert!(vault.contains(&format!("| `\"{name}\"")), "{name} is not in the table of contexts");
    }
    let header = mahoe::log::entry::Header {
        vault: mahoe::domain::ids::VaultId([1; 16]),
        device: mahoe::domain::ids::DeviceId([2; 32]),
        author: mahoe::domain::ids::ItemId([3; 16]),
        stream: mahoe::domain::ids::StreamId([4; 16]),
        class: Class::Core,
        sequence: 0x0807_0605_0403_0201,
        previous: mahoe::domain::ids::EntryId([5; 32]),
        lamport: 0x1817_1615_1413_1211,
        wall: 0x2827_2625_2423_2221,
        parents: Vec::new(),
        body_length: 0x3433_3231,
        body_hash: [6; 32],
    };
    let bytes = header.encode();
    assert!(document("entry.md").contains(&format!("\n{} bytes, then 32 for each parent", bytes.len())));
    let at = |offset: usize, length: usize, first: u8| {
        assert_eq!(bytes[offset], first, "offset {offset}");
        assert!(document("entry.md").contains(&format!("| {offset} | {length} |")), "offset {offset}");
    };
    let fields = [(0, 1, 1), (1, 1, 1), (4, 16, 1), (20, 32, 2), (52, 16, 3), (68, 16, 4), (84, 8, 1), (92, 32, 5)];
    fields.into_iter().for_each(|(offset, length, first)| at(offset, length, first));
    for (offset, length, first) in [(124, 8, 0x11), (132, 8, 0x21), (140, 4, 0x31), (144, 32, 6), (176, 4, 0)] {
        at(offset, length, first);
    }
}

#[test]
fn every_table_and_key_of_a_policy_stands_in_its_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy.md");
    let document = fs::read_to_string(&path).expect("docs/policy.md");
    let known = mahoe::policy::keys();
    let told = document.lines().filter_map(|line| line.strip_prefix("<!-- keys of ")?.strip_suffix(" -->"));
    for kind in told {
        assert!(known.contains_key(kind), "docs/policy.md tells of \"{kind}\", which no pack has");
    }
    for (kind, keys) in known {
        let table = section(&document, &format!("keys of {kind}"));
        let told: std::collections::BTreeSet<&str> =
            table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(told, keys, "docs/policy.md, \"keys of {kind}\": left is the document, right is the reader");
    }
}
