use super::*;
use crate::testing::entropy::SeededEntropy;
use crate::vault::keys::identity::{Identity, Signer};

fn sample() -> Manifest {
    let file = |name: &str, size| FileLine { digest: [0xab; 32], size, name: name.into() };
    Manifest {
        id: BundleId([9; 16]),
        kind: Kind::Receipt,
        practice: false,
        from: Sender {
            root: RootId([1; 16]),
            parish: Parish::by_number(6).expect("Saint Ann"),
            device: Signer::random(&mut SeededEntropy::new(1)).public(),
            vault: VaultId([2; 16]),
        },
        to: (3..5)
            .map(|byte| Addressee {
                root: RootId([byte; 16]),
                recipient: Identity::random(&mut SeededEntropy::new(byte.into())).recipient(),
            })
            .collect(),
        made: "2026-11-22T10:00:00Z".parse().expect("a moment"),
        lane: Lane { number: 1, before: [0; 32] },
        answers: Some(BundleId([8; 16])),
        cases: vec![CaseLine { stream: StreamId([2; 16]), profile: "-".into(), code: "06-7K3Q".into() }],
        writers: vec![WriterLine {
            member: ItemId([3; 16]),
            root: RootId([1; 16]),
            agency: Some("MOH Ward".into()),
            name: "Señora Sample\u{202e}".into(),
        }],
        note: Some(" Accepted. ".into()),
        entries: 2,
        files: vec![file(ENTRIES, 100), file(HEADS, 14), file("card-01010101010101010101010101010101.txt", 900)],
    }
}

fn bytes() -> Vec<u8> {
    sample().encode().expect("well-formed")
}

#[test]
fn golden_text_of_a_manifest() {
    let text = String::from_utf8(bytes()).expect("text");
    let device = Hex(&sample().from.device).to_string();
    let to = |at: usize| sample().to[at].recipient.to_string();
    let wanted = format!(
        "mahoe bundle 1\nid 09090909090909090909090909090909\nkind receipt\nmark real\n\
         from 01010101010101010101010101010101 JM-06 {device} 02020202020202020202020202020202\n\
         to 03030303030303030303030303030303 {}\nto 04040404040404040404040404040404 {}\n\
         made 2026-11-22T10:00:00Z\nlane 1 {zeros}\nanswers 08080808080808080808080808080808\n\
         case 02020202020202020202020202020202 - 06-7K3Q\n\
         writer 03030303030303030303030303030303 01010101010101010101010101010101 MOH_Ward Señora Sample\n\
         note Accepted.\nentries 2\nfile {ab}  100  entries.bin\nfile {ab}  14  heads.bin\n\
         file {ab}  900  card-01010101010101010101010101010101.txt\nend\n",
        to(0),
        to(1),
        zeros = "0".repeat(64),
        ab = "ab".repeat(32),
    );
    assert_eq!(text, wanted);
    let read = Manifest::decode(&bytes()).expect("our own");
    assert_eq!(read.writers[0].name, "Señora Sample");
    assert_eq!(read.encode(), Ok(bytes()));
    assert_eq!(sender_key(&bytes()), Ok(read.from.device));
}

#[test]
fn one_spelling_and_no_line_missing_doubled_or_out_of_place() {
    let text = String::from_utf8(bytes()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let join = |lines: &[&str]| lines.join("\n") + "\n";
    let optional =
        |line: &str| ["to", "answers", "case", "writer", "note"].contains(&line.split(' ').next().unwrap_or(""));
    for at in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(at);
        assert!(optional(lines[at]) || Manifest::decode(join(&fewer).as_bytes()).is_err(), "without {}", lines[at]);
        let mut more = lines.clone();
        more.insert(at, lines[at]);
        assert!(Manifest::decode(join(&more).as_bytes()).is_err(), "twice {}", lines[at]);
        if at + 1 < lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(at, at + 1);
            assert!(Manifest::decode(join(&swapped).as_bytes()).is_err(), "swapped {}", lines[at]);
        }
    }
    for cut in 0..text.len() {
        assert!(Manifest::decode(&text.as_bytes()[..cut]).is_err(), "cut to {cut}");
    }
}

#[test]
fn each_value_is_bounded() {
    let text = String::from_utf8(bytes()).expect("text");
    let with = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        Manifest::decode(text.replacen(old, new, 1).as_bytes()).map(|_| ())
    };
    let big = "9".repeat(20);
    for (old, new, place) in [
        ("mahoe bundle 1", "mahoe bundle 0", "first line"),
        ("id 09", "id 0A", "id"),
        ("kind receipt", "kind Receipt", "kind"),
        ("kind receipt", &format!("kind {}", "x".repeat(33)), "kind"),
        ("kind receipt", "kind update", "answers"),
        ("mark real", "mark Real", "mark"),
        ("JM-06", "JM-15", "from"),
        ("JM-06", "06", "from"),
        ("to 03", "to 05", "to"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:60Z", "made"),
        ("2026-11-22T10:00:00Z", "2026-11-22 10:00:00Z", "made"),
        ("2026-11-22T10:00:00Z", "+12026-11-22T10:00:00Z", "made"),
        ("2026-11-22T10:00:00Z", "2026-02-30T10:00:00Z", "made"),
        ("lane 1 0", "lane 2 0", "lane"),
        ("lane 1 ", "lane 0 ", "lane"),
        ("lane 1 ", "lane 01 ", "lane"),
        (" - 06-7K3Q", " Parish 06-7K3Q", "case"),
        ("entries 2", "entries 4000001", "entries"),
        ("entries 2", "entries 1152921504606846976", "entries"),
        ("entries 2", &format!("entries {big}"), "entries"),
        ("  100  entries.bin", "  1152921504606846976  entries.bin", "file"),
        ("  100  entries.bin", "  536870913  entries.bin", "file"),
        ("  14  heads.bin", "  67108865  heads.bin", "file"),
        ("  900  card", "  65537  card", "file"),
        ("  100  entries.bin", " 100  entries.bin", "file"),
        ("card-01010101010101010101010101010101.txt", "card-02010101010101010101010101010101.txt", "the sender's card"),
        ("card-01010101010101010101010101010101.txt", "../card", "file"),
        ("card-01010101010101010101010101010101.txt", "ring.bin", "file"),
        ("card-01010101010101010101010101010101.txt", "entries.bin", "file"),
        ("Señora", "\u{202e}", "spelling"),
        ("Señora", "\u{1b}[2J", "spelling"),
        ("\nend\n", "\nend\nnote x\n", "end"),
    ] {
        assert_eq!(with(old, new), Err(Refusal::Manifest(place)), "{old} → {new}");
    }
    assert_eq!(with("mahoe bundle 1", "mahoe bundle 2"), Err(Refusal::Newer));
    assert_eq!(Manifest::decode(&vec![b'x'; 1 << 21]).err(), Some(Refusal::Manifest("length")));
}

#[test]
fn lists_are_bounded() {
    let mut many = sample();
    many.cases = (0..=MAX_LINES)
        .map(|at| {
            let mut stream = [2; 16];
            stream[14..].copy_from_slice(&u16::try_from(at).expect("few").to_be_bytes());
            CaseLine { stream: StreamId(stream), profile: "-".into(), code: "06-7K3Q".into() }
        })
        .collect();
    assert_eq!(many.encode(), Err(Refusal::Manifest("case")));
    many.cases.pop();
    assert!(many.encode().is_ok());
    many.to = (0..17).map(|byte| Addressee { root: RootId([byte; 16]), ..many.to[0].clone() }).collect();
    assert_eq!(many.encode(), Err(Refusal::Manifest("to")));
}

#[test]
fn names_of_parts_have_no_way_out() {
    for part in [
        Part::Card(RootId([0x0f; 16])),
        Part::Blob([0xf0; 32]),
        Part::Epoch(crate::domain::ids::KeyId([1; 16])),
        Part::Ring,
        Part::Config,
        Part::Participant,
        Part::Other("agenda-2.bin".into()),
        Part::Other("blob-00".into()),
    ] {
        assert_eq!(Part::from_name(&part.name()), Some(part));
    }
    for bad in [
        "",
        ".",
        "..",
        "../a",
        "/a",
        "a/b",
        "a\\b",
        "a..b",
        ".a",
        "-a",
        "A",
        "a b",
        "a\u{1b}",
        "é",
        "a.",
        "manifest.txt",
        "entries.bin",
        &"a".repeat(101),
    ] {
        assert_eq!(Part::from_name(bad), None, "{bad:?}");
    }
}

#[test]
fn kinds_have_words() {
    for word in ["refer", "transfer", "update", "receipt", "sync", "statistics", "cards", "strike"] {
        let kind = Kind::from_name(word).expect("known");
        assert!(kind.known() && kind.name() == word);
    }
    assert!(!Kind::from_name("convene").expect("a word").known());
    assert!(["", "a b", "Refer", "refer2"].iter().all(|word| Kind::from_name(word).is_none()));
}
