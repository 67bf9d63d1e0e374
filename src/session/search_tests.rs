//! The index beside one made from nothing, and what a search must not tell.

use super::*;
use crate::domain::class::Class;
use crate::domain::value::Value;
use crate::ops::{ActionAdd, CaseEdit, CaseLink, CaseNote, CaseOpen};
use crate::testing::team;
use crate::vault::disk::MemoryDisk;

fn open(session: &mut Session, concern: &str, name: &str) -> ItemId {
    let values = vec![(Field::CaseConcern, Value::text(concern)), (Field::CaseChildName, Value::text(name))];
    session.run(CaseOpen { values, ..CaseOpen::default() }).expect("opened").made[0]
}

fn note(session: &mut Session, case: ItemId, kind: &str, text: &str) {
    let (kind, text) = (kind.to_owned(), text.to_owned());
    session.run(CaseNote { cases: vec![case], kind, class: None, text, when: None }).expect("noted");
}

/// What the index holds of each case, in an order that does not depend on how it came.
fn told(words: &Words) -> Vec<String> {
    let text = |entry: &Entry| {
        let spans = entry.spans.as_ref()?;
        let part = |range: Range<usize>| &words.text.0[range];
        let texts = [true, false].map(|masked| part(spans.text(Depth::Confided, masked)));
        let told = part(spans.text(Depth::Told, true)).len();
        Some(format!("{} {:?} {texts:?} {told} {:?}", entry.case, entry.rank, part(spans.names())))
    };
    let mut all: Vec<String> = words.entries.iter().filter_map(text).collect();
    all.sort();
    all
}

/// What was kept up to date is what would be read from nothing.
fn holds(session: &Session, after: &str) {
    assert!(session.read_words(usize::MAX));
    let mut fresh = Words::default();
    fresh.refresh(session);
    fresh.read(session, usize::MAX);
    assert_eq!(told(&session.all_words()), told(&fresh), "after {after}");
    for case in session.state().items(ItemKind::Case) {
        let (kept, fresh) = (session.all_words().children().like(case.id), fresh.children().like(case.id));
        assert_eq!(kept, fresh, "children after {after}");
    }
}

fn found(session: &Session, typed: &str, masked: bool, depth: Depth) -> Vec<ItemId> {
    let mut found = session.all_words().find(&Query::new(typed, masked, depth), 99, |_| true).1;
    found.sort();
    found
}

#[test]
fn it_follows_every_change_and_forgets_what_is_taken_back() {
    let mut session = team::team(&MemoryDisk::new(), 7);
    let cases = ["Fern Riverstone", "Coral Hillbrook", "Fern Riverston"];
    let cases = cases.map(|name| open(&mut session, "Seen at the bus park", name));
    holds(&session, "opening");
    note(&mut session, cases[0], "general", "The driver knows the family");
    holds(&session, "a note");
    session
        .run(CaseLink { a: cases[0], b: cases[1], kind: "sibling".into(), words: crate::ops::LinkWords::default() })
        .expect("linked");
    holds(&session, "a link");
    let values = vec![(Field::CaseAlias, Value::text("Reedy")), (Field::CaseConcern, Value::text("Seen at a stall"))];
    session.run(CaseEdit { case: cases[1], values, followup: false }).expect("edited");
    holds(&session, "a name in a linked case");
    assert_eq!(found(&session, "reedy", false, Depth::Told), {
        let mut both = [cases[0], cases[1]];
        both.sort();
        both
    });
    let (owner, due) = (session.me(), session.today_date());
    let text = "Ask the driver of the bus".to_owned();
    let give = ActionAdd {
        cases: vec![cases[2]],
        text,
        owner,
        due,
        time: None,
        priority: String::new(),
        class: None,
        backdated: false,
    };
    session.run(give).expect("given");
    holds(&session, "an action");
    assert_eq!(found(&session, "driver", true, Depth::Told).len(), 2);
    while session.undo().is_ok() {
        holds(&session, "undoing");
    }
    assert!(
        !session.all_words().text.0.contains("driver") && !session.all_words().text.0.contains("reedy"),
        "overwritten"
    );
}

#[test]
fn reading_goes_part_by_part_and_what_is_unread_is_not_found() {
    let mut session = team::team(&MemoryDisk::new(), 7);
    for n in 0..5 {
        open(&mut session, &format!("Worry {n} about a child"), "Fern Riverstone");
    }
    assert!(!session.words_wait(), "nobody has searched");
    assert!(!session.read_words(1));
    assert!(session.words_wait());
    assert_eq!(found(&session, "worry", true, Depth::Told).len(), 1);
    while !session.read_words(1) {}
    assert!(!session.words_wait());
    assert_eq!(found(&session, "worry", true, Depth::Told).len(), 5);
    open(&mut session, "Worry of today", "Moss Harbour");
    assert!(session.words_wait(), "a commit is followed");
}

#[test]
fn what_is_masked_is_not_confirmed_and_what_was_confided_is_asked_for() {
    let mut session = team::team(&MemoryDisk::new(), 7);
    let case = open(&mut session, "Fern was seen at the Bus Park with Renée", "Fern Riverstone");
    let values =
        vec![(Field::CaseMother, Value::text("Renee Lantern")), (Field::CaseSchool, Value::text("Blue Gate High"))];
    session.run(CaseEdit { case, values, followup: false }).expect("edited");
    note(&mut session, case, "visit", "Met Fern and the counsellor");
    note(&mut session, case, "views", "I want to go back to my school");
    note(&mut session, case, "interview", "Spoke of the warehouse");
    session.read_words(usize::MAX);
    for (typed, masked, depth, finds) in [
        ("bus park", true, Depth::Shown, true),
        ("counsellor", true, Depth::Shown, false),
        ("counsellor seen", true, Depth::Told, true),
        ("fern", true, Depth::Confided, false),
        ("riverstone", true, Depth::Confided, false),
        // Spelt as it stands in the text, and not as it was recorded.
        ("renée", true, Depth::Confided, false),
        ("renee", true, Depth::Confided, false),
        ("blue gate", true, Depth::Confided, false),
        ("fern", false, Depth::Shown, true),
        ("lantern", false, Depth::Shown, true),
        ("blue gate", false, Depth::Told, true),
        ("want to go", false, Depth::Told, false),
        ("want to go", true, Depth::Confided, true),
        ("warehouse", true, Depth::Told, false),
        ("warehouse", true, Depth::Confided, true),
        ("", true, Depth::Confided, false),
        // What is shown in its place is found like any word.
        ("[child]", true, Depth::Told, true),
        ("me", true, Depth::Told, true),
        ("re", true, Depth::Shown, true),
    ] {
        assert_eq!(!found(&session, typed, masked, depth).is_empty(), finds, "{typed:?} {masked} {depth:?}");
    }
    let hits = |typed: &str, masked, depth| session.hits(case, &Query::new(typed, masked, depth), 9);
    let lines: Vec<(String, String)> =
        hits("counsellor", true, Depth::Told).into_iter().map(|hit| (hit.place, hit.line)).collect();
    assert_eq!(lines, [("visit".to_owned(), "Met [child] and the counsellor".to_owned())]);
    assert!(hits("fern", true, Depth::Confided).is_empty() && hits("school", true, Depth::Told).is_empty());
    assert_eq!(hits("school", true, Depth::Confided)[0].line, "I want to go back to my school");
    assert!(hits("blue", true, Depth::Told).is_empty());
    assert_eq!(hits("blue", false, Depth::Told)[0].place, "School");
    assert_eq!(session.search_depth(Depth::Confided), Depth::Confided);
}

#[test]
fn what_a_longer_line_shows_is_around_what_was_found() {
    let query = Query::new("harbour", true, Depth::Told);
    let line = format!("{} the harbour {}", "before ".repeat(60), "after ".repeat(60));
    let shown = around(&line, &query);
    assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("the harbour"), "{shown}");
    assert!(shown.chars().count() <= LONGEST_LINE + 2);
    assert_eq!(around("the İ harbour", &query), "the İ harbour");
    let odd = format!("{} harbour", "İ".repeat(300));
    assert!(around(&odd, &query).chars().count() <= LONGEST_LINE + 2);
}

#[test]
fn the_text_of_a_document_is_found_and_only_its_name_is_told() {
    let mut session = team::team(&MemoryDisk::new(), 7);
    let case = open(&mut session, "Seen at the bus park", "Fern Riverstone");
    let new = super::super::NewDocument { kind: "letter".into(), name: "letter.txt".into(), ..Default::default() };
    let text = b"Dear team, Fern came to the harbour office on her own.".as_slice();
    session.add_document(case, new, text, &mut |_| true).expect("attached");
    session.read_words(usize::MAX);
    assert_eq!(found(&session, "harbour office", true, Depth::Told), [case]);
    assert!(found(&session, "harbour office", true, Depth::Shown).is_empty());
    assert!(found(&session, "fern", true, Depth::Confided).is_empty());
    let hits = session.hits(case, &Query::new("harbour", true, Depth::Told), 9);
    assert_eq!(hits[0].line, "in the text of letter.txt; opening it goes on record");
    assert!(
        session.state().entries_of(StreamId(case.0)).all(|stamp| stamp.class != Class::Access),
        "nothing was opened"
    );
}
