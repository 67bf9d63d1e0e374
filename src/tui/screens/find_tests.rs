//! Finding words, driven by keys.

use super::super::cases::tests::{parish, runner};

#[test]
fn lines_are_found_with_their_place_and_lead_to_the_case() {
    let (session, _) = parish();
    let mut r = runner(session, 100, 30);
    r.keys("g f");
    assert!(r.screen().contains("Type words"), "{}", r.screen());
    r.text("guidance couns");
    let screen = r.screen();
    assert!(screen.contains("1 case") && screen.contains("Met [child] with the guidance counsellor"), "{screen}");
    assert!(screen.lines().any(|line| line.contains("● high") && line.contains("visit")), "{screen}");
    assert!(!screen.contains("Riverstone"), "{screen}");
    r.keys("enter enter");
    assert!(r.screen().contains("Overview  Timeline"), "{}", r.screen());
    r.keys("esc");
    assert!(r.screen().contains("/guidance couns ×"), "the words are still there: {}", r.screen());
    r.keys("esc esc");
    assert!(r.screen().contains("Open cases"), "{}", r.screen());
}

#[test]
fn masked_names_and_what_was_confided_are_found_only_when_asked_for() {
    let (session, _) = parish();
    let mut r = runner(session, 100, 30);
    r.keys("g f").text("riverstone");
    assert!(r.screen().contains("0 cases") && r.screen().contains("Nothing found"), "{}", r.screen());
    r.keys("enter m");
    assert!(r.screen().contains("1 case") && r.screen().contains("Fern Riverstone has not been"), "{}", r.screen());
    r.wait(std::time::Duration::from_secs(40));
    assert!(r.screen().contains("0 cases"), "the reveal has ended: {}", r.screen());
    r.keys("esc / ").text("want to go").keys("enter");
    assert!(r.screen().contains("0 cases"), "{}", r.screen());
    r.keys("v");
    assert!(r.screen().contains("1 case") && r.screen().contains("I want to go back"), "{}", r.screen());
    assert!(r.screen().contains("in the child's words too"), "{}", r.screen());
    r.keys("v");
    assert!(r.screen().contains("0 cases"), "{}", r.screen());
}

#[test]
fn a_room_finds_only_what_a_list_of_cases_shows() {
    let (session, _) = parish();
    let mut r = runner(session, 100, 30);
    r.app.cx.project(true);
    r.keys("g f").text("guidance").keys("enter");
    assert!(r.screen().contains("0 cases") && !r.screen().contains("In the library"), "{}", r.screen());
    r.keys("v");
    assert!(r.screen().contains("not searched here"), "{}", r.screen());
    r.keys("esc /").text("bus park").keys("enter");
    assert!(r.screen().contains("1 case"), "{}", r.screen());
    r.keys("2 /").text("guidance").keys("enter");
    assert!(r.screen().contains("0 of 3"), "{}", r.screen());
}

#[test]
fn pages_of_the_library_are_found_and_opened() {
    let (session, _) = parish();
    let mut r = runner(session, 100, 30);
    r.keys("g f").text("commissioner 72").keys("enter");
    assert!(r.screen().contains("In the library"), "{}", r.screen());
    r.keys("enter");
    assert!(r.screen().to_lowercase().contains("commissioner"), "{}", r.screen());
    assert!(!r.screen().contains("In the library"), "the page is open: {}", r.screen());
}

#[test]
fn any_size_and_any_words() {
    let (session, _) = parish();
    let mut r = runner(session, 80, 24);
    r.keys("g f").paste("\u{1b}[2J İ ß \u{202e}x [child] % ( *").keys("enter j k G v / esc");
    for (width, height) in [(60, 18), (40, 10), (20, 5), (8, 2)] {
        r.keys("/").text("the").keys("enter").resize(width, height).keys("j k esc");
    }
}

#[test]
fn before_anything_is_typed_likely_duplicates_are_told() {
    use crate::domain::field::Field;
    use crate::domain::value::Value;
    let (mut session, cases) = parish();
    let values = vec![
        (Field::CaseConcern, Value::text("Seen at the harbour")),
        (Field::CaseChildName, Value::text("Ferne Riverston")),
    ];
    let new = session.run(crate::ops::CaseOpen { values, ..Default::default() }).expect("opened").made[0];
    let (old, new) = [cases[0], new].map(|case| session.state().code(case).to_string()).into();
    let mut r = runner(session, 100, 30);
    r.keys("g f esc");
    let screen = r.screen();
    let told = screen.lines().find(|line| line.contains("name sounds alike")).unwrap_or("");
    assert!(told.contains(&old) && told.contains(&new) && !screen.contains("Riverston"), "{screen}");
    r.keys("enter");
    assert!(r.screen().contains("Overview  Timeline"), "{}", r.screen());
    r.keys("esc");
    r.app.cx.project(true);
    r.wait(std::time::Duration::from_secs(61));
    assert!(!r.screen().contains("sounds alike"), "a room is told nothing: {}", r.screen());
}
