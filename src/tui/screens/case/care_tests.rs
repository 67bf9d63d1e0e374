//! The care plan, driven by keys.

use crate::domain::care::{Phase, Service};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::testing::Runner;
use crate::tui::desk::Desk;
use crate::tui::screens::cases::tests::{parish, runner};

/// The care plan of the most urgent case of the small parish.
fn plan(width: u16, height: u16) -> (Runner<Desk>, ItemId) {
    let (session, cases) = parish();
    let mut r = runner(session, width, height);
    r.keys("enter tab tab tab tab tab tab");
    (r, cases[0])
}

fn has(r: &Runner<Desk>, text: &str) -> bool {
    r.screen().contains(text)
}

/// All that the history says, also what stands in details.
fn history(r: &mut Runner<Desk>, case: ItemId) -> String {
    let stream = r.app.cx.case(case).expect("there").0.stream;
    let past = r.app.cx.open_session_mut().history(stream).expect("read");
    format!("{:?}", super::past::history(&r.app.cx, r.app.cx.case(case).expect("there"), &past))
}

fn phases(r: &Runner<Desk>) -> Vec<(String, Phase)> {
    let state = r.app.cx.open_session().state();
    let mut all: Vec<(String, Phase)> =
        state.items(ItemKind::Service).map(|it| (Service(it).category().to_owned(), Service(it).phase())).collect();
    all.sort();
    all
}

#[test]
fn what_is_missing_stands_out_and_one_key_decides() {
    for (width, height) in [(80, 24), (120, 36), (60, 18)] {
        let (mut r, _) = plan(width, height);
        assert!(has(&r, "Standards here") && has(&r, "not decided"), "{}", r.screen());
        assert!(has(&r, "0/"), "the tab says how many are met: {}", r.screen());
        // Not needed, needed: the first two of the plan.
        r.keys("- j +");
        assert_eq!(
            phases(&r),
            [("accommodation".to_owned(), Phase::NotNeeded), ("basic-needs".to_owned(), Phase::Needed)]
        );
        assert!(has(&r, "needed: plan it") && has(&r, "1/"), "{}", r.screen());
        r.keys("u");
        assert_eq!(phases(&r).len(), 1, "u takes the last decision back");
    }
}

#[test]
fn a_service_is_planned_begun_and_ended_by_keys() {
    let (mut r, case) = plan(80, 24);
    r.keys("j j j s s");
    assert!(has(&r, "Counselling, case"), "{}", r.screen());
    r.text("vsd").keys("tab tab").text("today").keys("tab").text("+5w").keys("tab").text("12 talks").keys("ctrl-s");
    assert!(has(&r, "In the care plan of case"), "{}", r.screen());
    assert_eq!(phases(&r), [("counselling".to_owned(), Phase::Planned)]);
    r.keys("b");
    assert!(has(&r, "for 1 day") && has(&r, "VSD"), "{}", r.screen());
    r.keys("x");
    assert!(has(&r, "Counselling ends, case"), "{}", r.screen());
    r.text("partly").keys("tab tab").text("Came twice").keys("tab").text("Too early in the morning").keys("ctrl-s");
    assert_eq!(phases(&r), [("counselling".to_owned(), Phase::Ended)]);
    assert!(!has(&r, "Too early"), "the child's words are not on the screen: {}", r.screen());
    let past = history(&mut r, case);
    assert!(past.contains("the child's own words (v)") && !past.contains("Too early"), "nor in the history: {past}");
    r.keys("v");
    assert!(has(&r, "of: Counselling") && has(&r, "Too early in the morning"), "{}", r.screen());
    r.keys("esc b");
    assert!(has(&r, "has ended"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    let item = state.items(ItemKind::Service).next().expect("one");
    assert_eq!(item.stream.item(), case);
    assert_eq!(item.str(Field::ServiceDose), "12 talks");
    // What began and ended stands in the timeline.
    r.keys("shift-tab shift-tab shift-tab shift-tab shift-tab");
    assert!(has(&r, "service ended") && has(&r, "service began"), "{}", r.screen());
}

#[test]
fn everything_that_is_needed_is_decided_in_one_form() {
    let (mut r, _) = plan(80, 24);
    r.keys("s n");
    assert!(has(&r, "What case") && has(&r, "Safe place to live *"), "{}", r.screen());
    r.keys("space down space down space tab").text("coun").keys("space ctrl-s");
    assert!(has(&r, "is written down"), "{}", r.screen());
    let all = phases(&r);
    assert_eq!(all.iter().filter(|(_, phase)| *phase == Phase::Needed).count(), 3, "{all:?}");
    assert!(all.contains(&("counselling".to_owned(), Phase::NotNeeded)), "{all:?}");
}

#[test]
fn where_the_child_lives_is_masked_in_the_plan() {
    let (mut r, case) = plan(80, 24);
    r.keys("s s tab").text("Hazel Cove House").keys("tab tab tab tab").text("mon").keys("ctrl-s");
    assert!(has(&r, "masked (m)") && !has(&r, "Hazel"), "{}", r.screen());
    assert!(has(&r, "stay of"), "{}", r.screen());
    let past = history(&mut r, case);
    assert!(past.contains("Provider: masked (m)") && !past.contains("Hazel"), "{past}");
    r.keys("m");
    assert!(has(&r, "Hazel Cove H"), "{}", r.screen());
    assert!(history(&mut r, case).contains("Hazel"));
    r.keys("m e");
    assert!(has(&r, "Safe place to live, case"), "{}", r.screen());
    assert!(!has(&r, "Hazel"), "the form is veiled, too: {}", r.screen());
    r.keys("tab tab");
    assert!(!has(&r, "Hazel") && has(&r, "leave it empty to keep it"), "not even focused: {}", r.screen());
    r.keys("tab tab tab").text("two years").keys("ctrl-s m");
    assert!(has(&r, "Hazel Cove H"), "what was masked stays: {}", r.screen());
}

#[test]
fn another_parish_is_asked_through_the_same_chooser() {
    let session = crate::demo::build(
        crate::testing::team::place(&crate::vault::disk::MemoryDisk::new(), 3),
        crate::testing::team::morning(),
    )
    .expect("the demo");
    let mut r = runner(session, 80, 24);
    r.keys("enter R s").text("saint mary").keys("enter");
    assert!(has(&r, "How much of it leaves?"), "the team was chosen already: {}", r.screen());
}
