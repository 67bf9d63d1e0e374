//! The forms, driven by keys.

use crate::domain::field::{Field, ItemKind};
use crate::domain::item::Item;
use crate::testing::Runner;
use crate::testing::team::{PASSPHRASE, case, team};
use crate::tui::desk::Desk;
use crate::tui::screens::testing::{form, form_about};
use crate::vault::disk::MemoryDisk;

fn only(r: &Runner<Desk>, kind: ItemKind) -> &Item {
    r.app.cx.open_session().state().items(kind).last().expect("it was made")
}

#[test]
fn a_case_is_opened_by_keys_and_the_rule_is_shown_first() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let mut r = form("case.open", w, h);
        println!("{}", r.screen());
        r.text("Not seen at school").keys("tab tab tab").text("high");
        let screen = r.screen();
        println!("{screen}");
        assert!(screen.contains("High risk: report to the Registry due today"), "{screen}");
        r.keys("tab tab tab").text("n").keys("ctrl-s");
        println!("{}", r.screen());
        assert!(r.screen().contains("is open."), "{}", r.screen());
        let made = only(&r, ItemKind::Case);
        assert_eq!(made.str(Field::CaseRisk), "high");
        assert!(made.value(Field::CaseRestricted).is_nothing());
    }
}

#[test]
fn a_case_that_touches_the_team_is_restricted_from_its_first_word() {
    let mut r = form("case.open", 80, 24);
    r.text("A worry").keys("ctrl-s");
    assert!(r.screen().contains("This is needed"), "the question must be answered: {}", r.screen());
    r.text("y").keys("tab");
    assert!(r.screen().contains("Only for"), "{}", r.screen());
    r.keys("ctrl-s");
    let me = r.app.cx.open_session().me();
    assert_eq!(only(&r, ItemKind::Case).value(Field::CaseRestricted).as_items(), [me]);
}

#[test]
fn a_name_in_the_concern_is_pointed_out() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let mut r = form_about(&disk, session, "action.add", Some(about), 80, 24);
    r.text("Visit Fern at home");
    assert!(r.screen().contains("write \"the child\"?"), "{}", r.screen());
}

#[test]
fn an_action_is_added_with_a_day_as_people_say_it() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let mut r = form_about(&disk, session, "action.add", Some(about), 80, 24);
    r.paste("Visit the school\nand the aunt").keys("tab").text("moh").keys("tab").text("last fri");
    assert!(r.screen().contains("! "), "{}", r.screen());
    r.keys("ctrl-u").text("fri 2pm");
    assert!(r.screen().contains("Fri 27 Nov 2026, in 5 days at 14:00"), "{}", r.screen());
    println!("{}", r.screen());
    r.keys("ctrl-s");
    assert!(r.screen().contains("is given to MOH"), "{}", r.screen());
    let made = only(&r, ItemKind::Action);
    assert_eq!(made.str(Field::ActionText), "Visit the school\nand the aunt");
    assert_eq!(made.value(Field::ActionTime).as_number(), Some(14 * 60));
}

#[test]
fn a_draft_survives_a_lock_and_stays_with_its_case() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let one = case(&mut session, "One");
    let mut r = form_about(&disk, session, "action.add", Some(one), 80, 24);
    r.text("half a thought").keys("ctrl-l");
    assert!(r.app.cx.session().is_none() && !r.screen().contains("half a thought"));
    r.text(PASSPHRASE).keys("enter enter");
    assert!(r.screen().contains("half a thought"), "{}", r.screen());
    assert!(r.app.cx.draft("action.add").is_none());
}
