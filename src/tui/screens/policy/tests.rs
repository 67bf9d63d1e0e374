//! The policy screen, driven by keys.

use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::value::Value;
use crate::ops::{CaseEdit, PolicySet};
use crate::policy;
use crate::testing::Runner;
use crate::testing::team::{case, team};
use crate::tui::desk::Desk;
use crate::tui::screens::testing::{run, unlocked};
use crate::vault::disk::MemoryDisk;

/// The screen over a team with one case that needs an interpreter.
fn screen(width: u16, height: u16) -> (Runner<Desk>, ItemId) {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let case = case(&mut session, "A worry");
    let values = vec![(Field::CaseFlags, Value::codes(["language"]))];
    session.run(CaseEdit { case, values, followup: false }).expect("flagged");
    (run(unlocked(&disk, session), Some(super::screen), width, height).0, case)
}

fn find(r: &mut Runner<Desk>, words: &str) {
    r.keys("/").text(words).keys("enter");
    assert!(r.screen().to_lowercase().contains(words), "{}", r.screen());
}

#[test]
fn every_rule_is_shown_with_what_it_says_and_who_is_to_confirm_it() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let (mut r, _) = screen(w, h);
        assert!(r.screen().contains("Stages") && r.screen().contains("as built in"), "{}", r.screen());
        find(&mut r, "first contact");
        r.keys("enter");
        let page = r.screen();
        assert!(page.contains("clock/first-contact") && page.contains("high: 24"), "{page}");
        assert!(page.contains("? Unverified: confirm with CPFSA."), "{page}");
        assert!(page.contains("Source: response times of 24 h"), "{page}");
        r.keys("esc esc");
        find(&mut r, "closed");
        r.keys("esc G");
        assert!(r.screen().contains("Topics of training"), "{}", r.screen());
    }
    let (r, _) = screen(80, 24);
    insta::assert_snapshot!(r.screen());
}

#[test]
fn a_clock_is_changed_without_a_file_and_the_teams_comments_stay() {
    let (mut r, _) = screen(80, 24);
    find(&mut r, "first contact");
    r.keys("e tab ctrl-u").text("96").keys("ctrl-s");
    assert!(r.screen().contains("a higher risk can't have more time than"), "{}", r.screen());
    assert_eq!(r.app.cx.open_session().pack().version, 1, "nothing was changed");
    r.keys("ctrl-u").text("12").keys("ctrl-s");
    assert!(r.screen().contains("clock First contact: high 24 → 12 hours"), "{}", r.screen());
    let session = r.app.cx.open_session();
    let pack = session.pack();
    assert_eq!((pack.version, pack.clock("first-contact").expect("there").value.high), (2, 12));
    assert!(session.policy_text().starts_with("# The built-in policy pack"), "the comments stay");
    r.keys("enter");
    assert!(r.screen().contains("Different from the built-in policy"), "{}", r.screen());
    r.keys("esc o");
    assert!(r.screen().contains("high 24 → 12 hours") && r.screen().contains("pack: version 1 → 2"), "{}", r.screen());
    r.keys("esc");
    r.app.cx.undo();
    assert_eq!(r.app.cx.open_session().pack().version, 1, "u takes it back");
}

#[test]
fn a_choice_is_added_renamed_retired_and_offered_again() {
    let (mut r, case) = screen(80, 24);
    find(&mut r, "needs an interpreter");
    r.keys("a").text("Community radio knows").keys("ctrl-s");
    assert!(r.screen().contains("+ community-radio-knows"), "{}", r.screen());
    let offered = |r: &Runner<Desk>, code: &str| r.app.cx.open_session().pack().choice("flag", code).is_some();
    assert!(offered(&r, "community-radio-knows"));
    r.keys("r n r y");
    assert!(r.screen().contains("list flag: language: retired"), "{}", r.screen());
    assert!(!offered(&r, "language"));
    assert_eq!(r.app.cx.field(case, Field::CaseFlags), "needs an interpreter", "the record keeps its words");
    r.keys("r");
    assert!(offered(&r, "language"), "{}", r.screen());
    r.keys("e ctrl-u").text("interpreter").keys("ctrl-s");
    assert_eq!(r.app.cx.field(case, Field::CaseFlags), "interpreter");
}

#[test]
fn a_question_is_added_to_a_form_and_asked_at_once() {
    let (mut r, _) = screen(80, 24);
    find(&mut r, "sleep or eat apart");
    r.keys("a").text("Who has the key of the house?").keys("ctrl-s");
    assert!(r.screen().contains("question 6 of form"), "{}", r.screen());
    let asked = |r: &Runner<Desk>| {
        let form = r.app.cx.open_session().pack().form("trafficking").expect("there").clone();
        form.questions().any(|question| question.text == "Who has the key of the house?")
    };
    assert!(asked(&r));
    r.app.cx.undo();
    assert!(!asked(&r), "u takes it back");
    r.keys("a").text("Which?").keys("tab").text("one of").keys("tab").text("only one").keys("ctrl-s");
    assert!(r.screen().contains("Write at least two, one a line."), "{}", r.screen());
}

#[test]
fn what_the_screen_cannot_change_it_says() {
    let (mut r, _) = screen(80, 24);
    r.keys("r");
    assert!(r.screen().contains("Only a choice of a list retires here"), "{}", r.screen());
    r.keys("a");
    assert!(r.screen().contains("a adds to it"), "{}", r.screen());
    find(&mut r, "reveal seconds");
    r.keys("e");
    assert!(r.screen().contains("no words of its own"), "{}", r.screen());
    r.keys("o");
    assert!(r.screen().contains("the one that is built in"), "{}", r.screen());
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    session.run(PolicySet { text: "tides = 1".into() }).expect("set by a newer mahoe");
    let mut r = run(unlocked(&disk, session), Some(super::screen), 80, 24).0;
    assert!(r.screen().contains("! The team's newest policy can't be read here"), "{}", r.screen());
    find(&mut r, "first contact");
    r.keys("e tab ctrl-u").text("12").keys("ctrl-s");
    assert!(r.screen().contains("can't be changed here"), "{}", r.screen());
}

#[test]
fn a_policy_file_is_chosen_and_shown_before_it_holds() {
    let (mut r, _) = screen(80, 24);
    let folder = tempfile::tempdir().expect("a folder");
    let text = policy::BUILTIN.replacen("    { code = \"language\", label = \"needs an interpreter\" },\n", "", 1);
    let path = folder.path().join("ours.toml");
    std::fs::write(&path, &text).expect("written");
    let none = std::sync::Arc::new(Vec::new);
    r.app.cx.drives = none;
    r.keys("l");
    assert!(r.screen().contains("A policy to put in force"), "{}", r.screen());
    r.keys("p").paste(&path.display().to_string()).keys("ctrl-s");
    assert!(r.screen().contains("ours.toml"), "{}", r.screen());
    r.keys("enter");
    let shown = r.screen();
    assert!(shown.contains("list flag: − language (\"needs an interpreter\")"), "{shown}");
    assert!(shown.contains("1 record has \"needs an interpreter\""), "{shown}");
    r.keys("y");
    assert_eq!(r.app.cx.open_session().policy_text(), text);
}
