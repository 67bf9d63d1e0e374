//! The people of a case, driven by keys.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::person::Person;
use crate::domain::value::Value;
use crate::ops::{CaseEdit, CaseLink, LinkWords, PersonAdd};
use crate::session::Session;
use crate::testing::Runner;
use crate::tui::desk::Desk;
use crate::tui::screens::cases::tests::{parish, runner};

fn add(session: &mut Session, case: ItemId, name: &str, role: &str) -> ItemId {
    let values = vec![
        (Field::PersonName, Value::text(name)),
        (Field::PersonRoles, Value::codes([role])),
        (Field::PersonUnaware, Value::YesNo(role == "alleged-offender")),
    ];
    session.run(PersonAdd { case, values }).expect("written down").made[0]
}

/// The people of the most urgent case of the small parish.
fn people(session: Session, width: u16, height: u16) -> Runner<Desk> {
    let mut r = runner(session, width, height);
    r.keys("enter");
    r.keys("tab tab tab tab").keys("tab tab tab tab");
    r
}

fn has(r: &Runner<Desk>, text: &str) -> bool {
    r.screen().contains(text)
}

fn code(r: &Runner<Desk>, id: ItemId) -> String {
    r.app.cx.code(id)
}

#[test]
fn somebody_is_written_down_changed_and_removed_by_keys() {
    let (session, cases) = parish();
    let mut r = people(session, 80, 24);
    assert!(has(&r, "p p writes somebody down"), "{}", r.screen());
    r.keys("p p");
    assert!(has(&r, "Person in case"), "{}", r.screen());
    r.text("sib").keys("space tab").text("Reed Riverstone").keys("tab").text("elder brother").keys("ctrl-s");
    let state = r.app.cx.open_session().state();
    let reed = Person(state.items(ItemKind::Person).next().unwrap_or_else(|| panic!("{}", r.screen())));
    assert_eq!(
        (reed.name(), reed.roles(), reed.0.stream.item()),
        ("Reed Riverstone", vec!["sibling".to_owned()], cases[0])
    );
    assert!(has(&r, "elder brother") && has(&r, "masked (m)") && !has(&r, "Reed"), "{}", r.screen());
    // While masked the form shows no more than the tab, and what is left empty stays.
    r.keys("e");
    assert!(has(&r, "(masked)") && !has(&r, "Reed"), "{}", r.screen());
    r.keys("tab tab tab").text("876-555-0163").keys("tab").text("y").keys("ctrl-s");
    let state = r.app.cx.open_session().state();
    let reed = Person(state.items(ItemKind::Person).next().expect("one"));
    assert_eq!((reed.name(), reed.0.str(Field::PersonPhone)), ("Reed Riverstone", "876-555-0163"), "{}", r.screen());
    assert!(has(&r, "must not be called"), "{}", r.screen());
    r.keys("m");
    assert!(has(&r, "Reed Riverstone"), "{}", r.screen());
    r.keys("m p x");
    assert_eq!(r.app.cx.open_session().state().items(ItemKind::Person).count(), 0);
    r.keys("u");
    assert_eq!(r.app.cx.open_session().state().items(ItemKind::Person).count(), 1);
}

#[test]
fn names_in_fields_are_shown_and_one_key_makes_people_of_them() {
    let (mut session, cases) = parish();
    let values =
        vec![(Field::CaseMother, Value::text("Coral Hillbrook")), (Field::CaseAlleged, Value::text("Slate Overhill"))];
    session.run(CaseEdit { case: cases[0], values, followup: false }).expect("edited");
    let mut r = people(session, 80, 24);
    assert!(has(&r, "People 2") && has(&r, "Named in the concern") && has(&r, "in the case"), "{}", r.screen());
    assert!(!has(&r, "Overhill") && !has(&r, "Coral"), "{}", r.screen());
    r.keys("p g");
    assert!(has(&r, "2 people of case") && has(&r, "alleged offender"), "{}", r.screen());
    assert!(has(&r, "People 2") && !has(&r, "in the case "), "{}", r.screen());
}

#[test]
fn linked_cases_and_cases_that_name_the_same_one_are_a_key_away() {
    let (mut session, cases) = parish();
    let here = add(&mut session, cases[0], "Slate Overhill", "alleged-offender");
    let there = add(&mut session, cases[1], "Slate Overhill", "alleged-offender");
    let words = LinkWords { note: "Fern saw the same van".into(), said_by: "Insp. Example".into() };
    session.run(CaseLink { a: cases[0], b: cases[2], kind: "network".into(), words }).expect("linked");
    for (width, height) in [(80, 24), (120, 36), (60, 18)] {
        let (mut again, ids) = parish();
        add(&mut again, ids[0], "Slate Overhill", "alleged-offender");
        let r = people(again, width, height);
        assert!(has(&r, "alleged") && has(&r, "must not know"), "{}", r.screen());
    }
    let mut r = people(session, 80, 24);
    assert!(has(&r, "same suspected network") && has(&r, "same name in"), "{}", r.screen());
    let (linked, named) = (code(&r, cases[2]), code(&r, cases[1]));
    assert!(has(&r, &linked) && has(&r, &named), "{}", r.screen());
    // The words of a link are masked like all others.
    r.keys("j");
    assert!(has(&r, "[child] saw the same van (says Insp. Example)"), "{}", r.screen());
    // That they are one person is said with the code that is offered.
    r.keys("k p s");
    assert!(has(&r, &code(&r, there)), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(has(&r, "also named in"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    assert_eq!(Person::get(state, here).expect("here").same(state).len(), 1);
    // Enter jumps, the way back stays.
    r.keys("j enter");
    assert!(r.screen().lines().any(|line| line.contains(&linked) && line.contains("not yet")), "{}", r.screen());
    r.keys("esc");
    assert!(has(&r, "same suspected network"), "{}", r.screen());
    r.keys("p u");
    assert!(!has(&r, "same suspected network"), "{}", r.screen());
}

#[test]
fn of_a_restricted_case_not_even_the_code_is_shown_to_a_room() {
    let (mut session, cases) = parish();
    let me = session.me();
    let link = CaseLink { a: cases[0], b: cases[2], kind: "household".into(), words: LinkWords::default() };
    session.run(link).expect("linked");
    let only = vec![(Field::CaseRestricted, Value::items([me]))];
    session.run(CaseEdit { case: cases[2], values: only, followup: false }).expect("restricted");
    add(&mut session, cases[0], "Slate Overhill", "alleged-offender");
    add(&mut session, cases[1], "Slate Overhill", "alleged-offender");
    let mut r = people(session, 80, 24);
    let hidden = code(&r, cases[2]);
    assert!(has(&r, &hidden) && has(&r, "same name in"), "{}", r.screen());
    r.app.cx.project(true);
    r.keys("tab shift-tab");
    assert!(has(&r, "a restricted case") && !has(&r, &hidden), "{}", r.screen());
    assert!(!has(&r, "same name in"), "nobody is compared in front of a room: {}", r.screen());
}
