//! One case, driven by keys.

use crate::domain::fact::Fact;
use crate::domain::field::Field;
use crate::domain::ids::{DeviceId, EntryId, ItemId};
use crate::domain::state::Stamp;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::ops::{CaseEdit, CaseNote, FollowUpAdd, ServicePlan};
use crate::session::{NewDocument, Session};
use crate::testing::picture::{png_that_says, small_png};
use crate::testing::{Runner, team};
use crate::tui::desk::Desk;
use crate::tui::places::Place;
use crate::tui::screens::cases::tests::{parish, runner};
use crate::vault::disk::MemoryDisk;

/// The most urgent case of the small parish, opened.
fn opened(width: u16, height: u16) -> (Runner<Desk>, ItemId) {
    let (session, cases) = parish();
    let mut r = runner(session, width, height);
    r.keys("enter");
    (r, cases[0])
}

/// Goes to the tab of that name.
fn tab(r: &mut Runner<Desk>, name: &str) {
    let at = [
        "Overview",
        "Timeline",
        "Actions",
        "Follow-ups",
        "Screening",
        "Referrals",
        "Care",
        "Consent",
        "People",
        "Documents",
        "History",
        "Conflicts",
    ];
    let steps = at.iter().position(|tab| *tab == name).expect("a tab");
    for _ in 0..steps {
        r.keys("tab");
    }
}

fn has(r: &Runner<Desk>, text: &str) -> bool {
    r.screen().contains(text)
}

#[test]
fn the_overview_says_what_matters_now() {
    for (width, height) in [(80, 24), (120, 36)] {
        let (r, _) = opened(width, height);
        let screen = r.screen();
        let stage = if width < 100 { "Protection" } else { "Referral and protection" };
        for text in ["● high", stage, "2 late", "3 days late", "Clocks (policy, unverified)", "LATE due"] {
            assert!(screen.contains(text), "{text} at {width}: {screen}");
        }
        assert!(screen.contains("[telephone]") && screen.contains("the school office"), "{screen}");
        assert!(!screen.contains("Riverstone") && !screen.contains("555"), "{screen}");
    }
    let (mut r, _) = opened(120, 36);
    assert!(has(&r, "Child's views") && has(&r, "1 written down"), "{}", r.screen());
    assert!(!has(&r, "go back to my school"));
    r.keys("m");
    assert!(has(&r, "Fern Riverstone") && has(&r, "876-555-0142"), "{}", r.screen());
}

#[test]
fn what_keeps_a_child_safe_stands_on_every_tab() {
    let (session, _) = parish();
    let mut r = runner(session, 80, 24);
    r.keys("j enter");
    for _ in 0..11 {
        assert!(has(&r, "not yet asked: ask before the first call"), "{}", r.screen());
        assert!(has(&r, "not yet asked: ask before the first visit"), "{}", r.screen());
        r.keys("tab");
    }
    r.keys("shift-tab");
    assert!(has(&r, "Safe contact") && has(&r, "case opened"), "the last tab is the history: {}", r.screen());
}

#[test]
fn the_timeline_names_the_childs_words_and_shows_them_only_when_asked() {
    let (mut r, _) = opened(80, 24);
    tab(&mut r, "Timeline");
    assert!(has(&r, "Met [child] with the guidance"), "{}", r.screen());
    assert!(has(&r, "child's views") && !has(&r, "go back to my"), "{}", r.screen());
    r.keys("v");
    assert!(has(&r, "I want to go back to my school"), "{}", r.screen());
    r.keys("esc");
    assert!(!has(&r, "I want to go back"));
    r.keys("tab tab tab tab tab tab tab tab tab");
    assert!(has(&r, "the child's own words (v)") && !has(&r, "I want to go back"), "history: {}", r.screen());
}

#[test]
fn stage_lead_and_risk() {
    let (mut r, case) = opened(80, 24);
    r.keys("t").text("just").keys("ctrl-s");
    assert!(has(&r, "is now at: Justice"), "{}", r.screen());
    r.keys("o").text("brown").keys("enter");
    assert!(has(&r, "lead A. Brown"), "{}", r.screen());
    r.keys("r").text("low").keys("tab").text("She is with an aunt now").keys("ctrl-s");
    assert!(has(&r, "○ low"), "{}", r.screen());
    tab(&mut r, "Timeline");
    assert!(has(&r, "Risk high → low: She is with"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    assert_eq!(Case::get(state, case).map(|case| case.risk().code()), Some("low"));
}

#[test]
fn forms_open_from_a_case_and_a_reveal_is_on_its_record() {
    let (mut r, _) = opened(80, 24);
    for (key, title) in [("e", "The report"), ("n", "Note"), ("a", "action"), ("f", "contact"), ("X", "Close")] {
        r.keys(key);
        assert!(has(&r, title) && r.screen().contains('┌'), "{key}: {}", r.screen());
        r.keys("esc");
        assert!(has(&r, "Overview  Timeline"), "{key}: {}", r.screen());
    }
    tab(&mut r, "History");
    r.keys("m");
    assert!(has(&r, "showed the names") && has(&r, "Fern Riverstone"), "{}", r.screen());
    r.wait(std::time::Duration::from_secs(40));
    assert!(!has(&r, "Riverstone"), "{}", r.screen());
}

#[test]
fn a_closed_case_does_not_move() {
    let (session, _) = parish();
    let mut r = runner(session, 80, 24);
    r.keys("f enter t");
    assert!(has(&r, "is closed") && has(&r, "Reopen it"), "{}", r.screen());
    assert!(has(&r, "goals met"), "{}", r.screen());
}

#[test]
fn what_stops_a_clock_is_recorded_from_the_overview() {
    let (mut r, case) = opened(80, 24);
    r.keys("x");
    assert!(has(&r, "what has been done?") && has(&r, "Report to the Registry"), "{}", r.screen());
    r.text("med").keys("enter");
    assert!(has(&r, "Medical check, case"), "{}", r.screen());
    r.keys("tab").text("seen by the nurse").keys("ctrl-s");
    assert!(has(&r, "Medical check recorded."), "{}", r.screen());
    let medical = r.app.cx.case(case).map(|case| case.0.value(Field::CaseMedical));
    assert!(medical.is_some_and(|when| when.as_when().is_some()));
    assert!(has(&r, "√ met today"), "{}", r.screen());
}

#[test]
fn actions_are_done_and_taken_back() {
    let (mut r, _) = opened(80, 24);
    tab(&mut r, "Timeline");
    r.keys("x");
    assert!(has(&r, "Choose an action"), "{}", r.screen());
    r.keys("shift-tab");
    tab(&mut r, "Actions");
    assert!(has(&r, "Actions 1") && has(&r, "! Medical check not confirmed"), "{}", r.screen());
    r.keys("x");
    assert!(has(&r, "√ Medical check") && has(&r, "Done or cancelled") && !has(&r, "Actions 1"), "{}", r.screen());
    r.keys("x");
    assert!(has(&r, "Nothing of this is open"), "{}", r.screen());
    r.keys("u");
    assert!(has(&r, "! Medical check not confirmed"), "{}", r.screen());
    r.keys("w").text("agency").keys("enter");
    assert!(has(&r, "the agency has not acted"), "{}", r.screen());
}

#[test]
fn contacts_are_made_from_their_list() {
    let (mut session, cases) = parish();
    let due = session.today_date();
    let visit = FollowUpAdd { cases: vec![cases[0]], kind: "Home visit".into(), due, every: Some(14), who: None };
    session.run(visit).expect("planned");
    let mut r = runner(session, 80, 24);
    r.keys("enter");
    tab(&mut r, "Follow-ups");
    assert!(has(&r, "Home visit") && has(&r, "repeats every 14 days"), "{}", r.screen());
    r.keys("x").text("All is calm").keys("ctrl-s");
    assert!(has(&r, "√ Home visit") && has(&r, "Sun 6 Dec"), "the next one is planned: {}", r.screen());
    r.keys("shift-tab shift-tab");
    assert!(has(&r, "contact made") && has(&r, "All is calm"), "{}", r.screen());
}

#[test]
fn striking_needs_the_reason_and_the_code() {
    let (mut r, case) = opened(80, 24);
    let code = r.app.cx.code(case);
    tab(&mut r, "History");
    r.keys("G k");
    while !r.screen().lines().any(|line| line.starts_with('▌') && line.contains("visit: Met")) {
        r.keys("k");
    }
    r.keys("enter").text("another child's visit").keys("tab").text("06-0000").keys("ctrl-s");
    assert!(has(&r, &format!("Type {code}")), "{}", r.screen());
    r.keys("ctrl-u").text(&code.to_lowercase()).keys("ctrl-s");
    assert!(has(&r, "struck: another child's visit"), "{}", r.screen());
    assert!(!has(&r, "guidance counsellor"), "{}", r.screen());
    r.keys("enter");
    assert!(!has(&r, "Strike an entry"), "it can't be struck twice: {}", r.screen());
}

#[test]
fn a_restricted_case_is_on_record_as_opened() {
    let (mut session, cases) = parish();
    let me = session.me();
    let only = vec![(Field::CaseRestricted, Value::items([me]))];
    session.run(CaseEdit { case: cases[0], values: only, followup: false }).expect("restricted");
    let mut r = runner(session, 120, 36);
    r.keys("enter");
    assert!(has(&r, "Only for"), "{}", r.screen());
    tab(&mut r, "History");
    assert!(has(&r, "looked at the case"), "{}", r.screen());
}

/// Another laptop, which has not seen what others wrote, sets a field.
fn apart(session: &mut Session, n: u8, item: ItemId, field: Field, value: &str) {
    let known = session.state().item(item).expect("there");
    let stamp = Stamp {
        id: EntryId([n; 32]),
        stream: known.stream,
        class: field.class(known.class),
        author: session.me(),
        device: DeviceId([n; 32]),
        lamport: 40,
        wall: session.now().timestamp_millis(),
    };
    session.fold_for_test(&stamp, &[Fact::Set { item, field, value: Value::text(value), replaces: vec![] }]);
}

#[test]
fn what_two_wrote_of_a_service_is_decided_and_the_childs_words_stay_unsaid() {
    let (mut session, cases) = parish();
    let plan = ServicePlan { case: cases[0], category: "education".into(), values: Vec::new() };
    let service = session.run(plan).expect("planned").made[0];
    for (n, dose, said) in [(8, "three mornings", "likes it"), (9, "every day", "wants a friend there")] {
        apart(&mut session, n, service, Field::ServiceDose, dose);
        apart(&mut session, n + 10, service, Field::ServiceViews, said);
    }
    let mut r = runner(session, 80, 24);
    r.keys("enter shift-tab");
    assert!(has(&r, "Conflicts 2") && has(&r, "three mornings") && has(&r, "every day"), "{}", r.screen());
    assert!(has(&r, "the child's own words") && !has(&r, "wants a friend"), "{}", r.screen());
    r.keys("G enter");
    assert!(has(&r, "wants a friend"), "asked for on purpose: {}", r.screen());
    r.keys("enter g g enter enter");
    assert!(!has(&r, "Conflicts"), "{}", r.screen());
}

#[test]
fn a_conflict_waits_until_somebody_decides() {
    let (mut session, cases) = parish();
    apart(&mut session, 8, cases[0], Field::CaseNationality, "Jamaican");
    apart(&mut session, 9, cases[0], Field::CaseNationality, "Haitian");
    let mut r = runner(session, 80, 24);
    r.keys("enter shift-tab");
    assert!(has(&r, "Conflicts 1") && has(&r, "Until somebody decides"), "{}", r.screen());
    assert!(has(&r, "Jamaican") && has(&r, "Haitian"), "{}", r.screen());
    r.keys("enter").text("another").keys("enter").text("Cuban").keys("ctrl-s");
    assert!(!has(&r, "Conflicts"), "{}", r.screen());
    let value = r.app.cx.field(cases[0], Field::CaseNationality);
    assert_eq!(value, "Cuban");
}

#[test]
fn the_demo_parish_at_any_size() {
    let session = crate::demo::build(team::place(&MemoryDisk::new(), 3), team::morning()).expect("the demo");
    let mut r = runner(session, 120, 36);
    r.keys("enter");
    for (width, height) in [(80, 24), (60, 18), (20, 5), (8, 2), (200, 60), (120, 36)] {
        r.resize(width, height);
        for _ in 0..6 {
            r.keys("tab j");
        }
    }
    assert!(has(&r, "Overview  Timeline"), "{}", r.screen());
}

#[test]
fn consent_is_recorded_shown_and_withdrawn_by_keys() {
    let (mut r, case) = opened(80, 24);
    r.keys("c c");
    assert!(has(&r, "Consent in case"), "{}", r.screen());
    // Services and disclosure, by the mother.
    r.keys("space down space tab").text("Willow Riverstone").keys("tab").text("moth").keys("tab");
    r.text("+2w").keys("ctrl-s");
    assert!(has(&r, "Consent to services and disclosure recorded"), "{}", r.screen());
    tab(&mut r, "Consent");
    assert!(has(&r, "mother") && has(&r, "until Sun 6 Dec") && !has(&r, "Willow"), "{}", r.screen());
    r.keys("m");
    assert!(has(&r, "Willow Riverstone"), "{}", r.screen());
    r.keys("m c w");
    assert!(has(&r, "Withdraw consent in case"), "{}", r.screen());
    r.keys("down space tab").text("She asked to").keys("ctrl-s");
    assert!(has(&r, "Consent to disclosure is withdrawn"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    let view = Case::get(state, case).expect("there");
    let standing = |scope| crate::domain::consent::consent(state, view, scope, r.app.cx.today()).name();
    assert_eq!((standing("services"), standing("disclosure")), ("given", "withdrawn"));
    for _ in 0..7 {
        r.keys("shift-tab");
    }
    r.resize(120, 50);
    assert!(has(&r, "services     √ mother") && has(&r, "was withdrawn on 22 Nov"), "{}", r.screen());
    assert!(has(&r, "× missing"), "{}", r.screen());
}

#[test]
fn somebody_named_in_the_concern_is_pointed_out_while_typing() {
    let (session, cases) = parish();
    let mut r = runner(session, 80, 24);
    let values = vec![(Field::CaseAlleged, Value::text("Slate Overhill"))];
    r.app.cx.open_session_mut().run(CaseEdit { case: cases[0], values, followup: false }).expect("edited");
    r.keys("enter c c space tab").text("Mr Slate Overhill").keys("tab");
    assert!(has(&r, "Named in the concern"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(has(&r, "Consent in case"), "nothing is saved: {}", r.screen());
}

#[test]
fn an_agency_is_asked_and_its_answer_written_down_by_keys() {
    let (mut r, case) = opened(80, 24);
    r.keys("R s");
    assert!(has(&r, "who is asked?"), "{}", r.screen());
    r.text("moh").keys("enter");
    assert!(has(&r, "Ask MOH: case"), "{}", r.screen());
    r.keys("tab").text("A doctor").keys("tab tab").text("She has pain").keys("tab");
    r.text("It can not wait").keys("ctrl-s");
    assert!(has(&r, "MOH is asked"), "{}", r.screen());
    assert!(has(&r, "MOH has not answered"), "the overview says so: {}", r.screen());
    tab(&mut r, "Referrals");
    assert!(has(&r, "Referrals 1") && has(&r, "A doctor") && has(&r, "to MOH"), "{}", r.screen());
    r.keys("R d").text("No doctor before Friday").keys("ctrl-s");
    assert!(has(&r, "is declined") && has(&r, "declined today"), "{}", r.screen());
    r.keys("u");
    assert!(has(&r, "Referrals 1"), "{}", r.screen());
    r.keys("R a");
    assert!(has(&r, "is accepted"), "{}", r.screen());
    // From another tab: the only one that can be meant.
    r.keys("tab");
    r.keys("R x ctrl-s");
    assert!(has(&r, "is done"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    let view = Case::get(state, case).expect("there");
    let all = crate::domain::referral::referrals(state, view);
    assert_eq!(all.iter().map(|it| it.state()).collect::<Vec<_>>(), ["done"]);
    r.keys("R a");
    assert!(has(&r, "Choose the referral first"), "{}", r.screen());
}

#[test]
fn each_list_of_a_case_is_filtered() {
    let (mut r, _) = opened(80, 24);
    tab(&mut r, "Timeline");
    r.keys("/").text("guidance");
    assert!(has(&r, "/guidance") && has(&r, "Met [child] with the guidance") && !has(&r, "opened "), "{}", r.screen());
    r.keys("enter");
    assert!(has(&r, "/guidance ×") && has(&r, "1/1"), "{}", r.screen());
    r.keys("esc");
    assert!(has(&r, "Overview  Timeline") && !has(&r, "/guidance"), "Esc takes the filter first: {}", r.screen());
    r.keys("/").text("riverstone");
    assert!(has(&r, "Nothing fits the filter"), "a masked name can't be found: {}", r.screen());
    r.keys("esc tab /").text("medical").keys("enter x");
    assert!(has(&r, "√ Medical check"), "{}", r.screen());
}

#[test]
fn the_footer_has_no_key_without_a_meaning() {
    let (mut r, _) = opened(80, 24);
    tab(&mut r, "Actions");
    assert!(has(&r, "Enter open") && has(&r, "x done"), "{}", r.screen());
    r.keys("tab");
    assert!(has(&r, "No contact is planned") && has(&r, "f plans one"), "{}", r.screen());
    assert!(!has(&r, "Enter open") && !has(&r, "x done") && has(&r, "f follow-up"), "{}", r.screen());
}

#[test]
fn nothing_of_a_safe_contact_is_lost_on_a_small_screen() {
    let (mut session, cases) = parish();
    let values = vec![
        (Field::CaseSafeWords, Value::text("the school, about the trip on Friday and the money that is still owed")),
        (Field::CaseSafeNever, Value::text("the aunt")),
        (Field::CaseNoMessages, Value::YesNo(true)),
    ];
    session.run(CaseEdit { case: cases[0], values, followup: false }).expect("written down");
    let mut r = runner(session, 60, 18);
    r.keys("enter");
    assert!(has(&r, "no messages") && has(&r, "the aunt") && has(&r, "still owed"), "{}", r.screen());
}

/// The small parish, with documents in its first case, at their tab.
fn with_documents() -> (Runner<Desk>, ItemId, tempfile::TempDir) {
    let (mut session, cases) = parish();
    let picture = small_png(8, 8, |x, _| if x < 4 { [0; 3] } else { [255; 3] });
    let files: [(&str, &str, &[u8]); 5] = [
        ("other", "form.pdf", b"%PDF-1.7 and more"),
        ("other", "huge.png", &png_that_says(90_000, 90_000)),
        ("birth-certificate", "birth.txt", b"Fern Riverstone was born in Claremont."),
        ("photo", "gate.png", &picture),
        ("letter", "letter.txt", b"Fern Riverstone was at school on 41 days.\x1b[2J"),
    ];
    for (kind, name, bytes) in files {
        let new = NewDocument { kind: kind.into(), name: name.into(), ..NewDocument::default() };
        session.add_document(cases[0], new, bytes, &mut |_| true).expect("attached");
    }
    let stick = tempfile::tempdir().expect("a folder");
    let mut r = runner(session, 80, 24);
    let path = stick.path().to_path_buf();
    r.app.cx.drives =
        std::sync::Arc::new(move || vec![Place { name: "KINGSTON".into(), path: path.clone(), removable: true }]);
    r.app.cx.prints = stick.path().join("prints");
    std::fs::create_dir(stick.path().join("prints")).expect("made");
    r.keys("enter");
    tab(&mut r, "Documents");
    (r, cases[0], stick)
}

/// Selects the document of that name.
fn choose(r: &mut Runner<Desk>, name: &str) {
    r.keys("home");
    for _ in 0..10 {
        if r.screen().lines().any(|line| line.contains('▌') && line.contains(name)) {
            return;
        }
        r.keys("down");
    }
    panic!("{name} is not in the list: {}", r.screen());
}

#[test]
fn documents_are_listed_and_what_can_be_masked_is_shown_masked() {
    let (mut r, case, _stick) = with_documents();
    assert!(
        has(&r, "Documents 5") && has(&r, "letter.txt") && has(&r, "41 bytes") | has(&r, "45 bytes"),
        "{}",
        r.screen()
    );
    choose(&mut r, "letter.txt");
    r.keys("enter");
    assert!(has(&r, "[child] was at school on 41 days.[2J") && !has(&r, "Riverstone"), "{}", r.screen());
    r.keys("esc");
    let stream = r.app.cx.case(case).expect("there").0.stream;
    let past = r.app.cx.open_session_mut().history(stream).expect("read");
    let looks = past.iter().flat_map(|past| &past.changes);
    let looks = looks.filter(|it| matches!(it, crate::session::Change::Accessed(what, _) if what == "view document"));
    assert_eq!(looks.count(), 1, "a look is on record");
    // In the timeline too, masked; and the history shows no key.
    r.keys("tab");
    assert!(!has(&r, "File key") && !has(&r, "(sealed)"), "the history: {}", r.screen());
    r.keys("tab tab");
    assert!(has(&r, "letter: letter.txt"), "the timeline: {}", r.screen());
}

#[test]
fn no_document_and_no_interview_is_shown_to_a_room() {
    let (mut r, case, _stick) = with_documents();
    let said = CaseNote {
        cases: vec![case],
        kind: "interview".into(),
        class: None,
        text: "asked by the forensic unit".into(),
        when: None,
    };
    r.app.cx.open_session_mut().run(said).expect("written");
    r.keys("1 2 enter");
    tab(&mut r, "Timeline");
    assert!(has(&r, "forensic unit"), "{}", r.screen());
    r.keys("1 ctrl-p").text("room mode").keys("enter 2 enter");
    tab(&mut r, "Timeline");
    assert!(has(&r, "ROOM MODE") && has(&r, "not shown to a room") && !has(&r, "forensic unit"), "{}", r.screen());
    r.keys("1 2 enter");
    tab(&mut r, "Documents");
    assert!(has(&r, "not shown to a room") && !has(&r, "letter.txt") && !has(&r, "gate.png"), "{}", r.screen());
    for keys in ["enter", "d o"] {
        r.keys(keys);
        assert!(has(&r, "This is not shown while a room looks on."), "{keys}: {}", r.screen());
    }
    r.keys("R t");
    assert!(has(&r, "No other team") || has(&r, "while a room looks on"), "{}", r.screen());
}

#[test]
fn a_picture_or_who_somebody_is_is_shown_only_while_names_are() {
    let (mut r, ..) = with_documents();
    assert!(!has(&r, "birth.txt"), "what it is called may say who it is about: {}", r.screen());
    for kind in ["photo", "birth cert"] {
        choose(&mut r, kind);
        r.keys("enter");
        assert!(has(&r, "This document can't be masked."), "{}", r.screen());
    }
    choose(&mut r, "photo");
    r.keys("m enter");
    assert!(has(&r, "████"), "a white half: {}", r.screen());
    r.wait(std::time::Duration::from_secs(40));
    assert!(has(&r, "Names are masked again") && !has(&r, "████"), "{}", r.screen());
}

#[test]
fn what_cannot_be_shown_says_what_to_do_and_lies_outside_only_until_a_key_is_pressed() {
    let (mut r, _, stick) = with_documents();
    choose(&mut r, "form.pdf");
    r.keys("enter");
    assert!(has(&r, "A PDF can't be shown here.") && has(&r, "d o"), "{}", r.screen());
    r.keys("d o");
    assert!(has(&r, "lies unsealed in this file"), "{}", r.screen());
    let prints = stick.path().join("prints");
    let folder = std::fs::read_dir(&prints).expect("there").flatten().next().expect("one").path();
    assert_eq!(std::fs::read(folder.join("document.pdf")).expect("there"), b"%PDF-1.7 and more");
    r.keys("enter");
    assert!(has(&r, "overwritten and removed") && !folder.exists(), "{}", r.screen());
    choose(&mut r, "huge.png");
    r.keys("m enter");
    assert!(has(&r, "90000 × 90000 pixels"), "{}", r.screen());
}

#[test]
fn a_document_is_attached_from_a_stick_exported_and_removed_by_keys() {
    let (mut r, case, stick) = with_documents();
    std::fs::write(stick.path().join("new scan.txt"), b"A scan").expect("written");
    r.keys("d a");
    assert!(has(&r, "KINGSTON") && has(&r, "new scan.txt"), "{}", r.screen());
    r.keys("enter");
    assert!(has(&r, "Attach to case") && has(&r, "new scan.txt"), "{}", r.screen());
    r.text("let").keys("ctrl-s");
    assert!(has(&r, "Attached."), "{}", r.screen());
    choose(&mut r, "new scan.txt");
    r.keys("d e").keys("enter");
    assert!(has(&r, "Sealed to"), "{}", r.screen());
    r.text("nobody").keys("tab").text("the court asked for it").keys("ctrl-s");
    assert!(has(&r, "A clear copy was written"), "{}", r.screen());
    assert_eq!(std::fs::read(stick.path().join("new-scan.txt")).expect("there"), b"A scan");
    choose(&mut r, "new scan.txt");
    r.keys("d x");
    let left = |r: &Runner<Desk>| {
        let case = r.app.cx.case(case).expect("there");
        crate::domain::document::Document::all(r.app.cx.open_session().state(), case).len()
    };
    assert_eq!(left(&r), 5);
    r.keys("u");
    assert_eq!(left(&r), 6, "{}", r.screen());
}

#[test]
fn what_the_child_agreed_may_be_told_stands_with_the_words() {
    let (mut r, case) = opened(80, 24);
    r.keys("v");
    assert!(has(&r, "Ask the child before it is told to anybody"), "{}", r.screen());
    r.keys("esc V").text("team").keys("ctrl-s");
    assert!(has(&r, "It may be told to this team"), "{}", r.screen());
    r.keys("v");
    assert!(has(&r, "May be told to this team") && has(&r, "I want to go back to my school"), "{}", r.screen());
    // On record, once: whoever looks again in the same session looked.
    r.keys("esc v esc");
    let session = r.app.cx.open_session_mut();
    let stream = session.state().item(case).expect("there").stream;
    let past = session.history(stream).expect("read");
    let read = |change: &crate::session::Change| matches!(change, crate::session::Change::Accessed(what, _) if what == "views");
    assert_eq!(past.iter().flat_map(|past| &past.changes).filter(|change| read(change)).count(), 1);
}

#[test]
fn a_room_reads_the_childs_words_only_if_asked_for_and_agreed_to() {
    let (mut r, _) = opened(80, 24);
    r.app.cx.project(true);
    r.keys("v");
    assert!(has(&r, "Everybody in this room would read") && !has(&r, "I want to go back"), "{}", r.screen());
    r.keys("esc");
    assert!(!has(&r, "Everybody in this room"), "{}", r.screen());
    r.keys("v enter");
    assert!(has(&r, "1 thing that the child said is not for this room") && !has(&r, "I want to"), "{}", r.screen());
    // The child said that the team may be told.
    r.keys("esc V").text("team").keys("ctrl-s v");
    assert!(!has(&r, "I want to go back"), "asked each time: {}", r.screen());
    r.keys("enter");
    assert!(has(&r, "I want to go back to my school"), "{}", r.screen());
    // Opened outside of the room, it is covered as soon as a room looks on.
    r.keys("esc");
    r.app.cx.project(false);
    r.keys("v");
    assert!(has(&r, "I want to go back to my school"), "{}", r.screen());
    r.app.cx.project(true);
    r.resize(80, 24);
    assert!(!has(&r, "I want to go back"), "{}", r.screen());
}

#[test]
fn the_childs_views_are_one_key_away_from_a_decision() {
    let (mut r, _) = opened(80, 24);
    for form in ["c c", "X", "I", "t", "n"] {
        r.keys(form).text("x").keys("F3");
        assert!(has(&r, "I want to go back to my school"), "{form}: {}", r.screen());
        r.keys("esc");
        assert!(!has(&r, "I want to go back"), "{form}: {}", r.screen());
        r.keys("esc");
    }
}

#[test]
fn consent_says_who_may_be_told_and_what_is_kept_from_whom() {
    let (mut r, case) = opened(80, 24);
    r.keys("c c space down space tab").text("Willow Riverstone").keys("tab").text("moth").keys("tab tab tab");
    // The child agreed; only the health services may be told; health is kept from the schools.
    r.text("agreed").keys("tab tab");
    assert!(has(&r, "Keep something back"), "{}", r.screen());
    r.text("y").keys("tab").text("MOE").keys("space tab").text("health").keys("space tab");
    r.text("Her uncle teaches there").keys("tab").text("MOH").keys("space");
    assert!(has(&r, "Only to"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(has(&r, "Nobody but MOH may") && has(&r, "What was named is kept from MOE."), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    let view = Case::get(state, case).expect("there");
    let kept = crate::domain::telling::kept_from(state, view, "agency:MOE");
    assert_eq!(kept.words(), "health (Her uncle teaches there)");
    assert!(crate::domain::telling::kept_from(state, view, "agency:MOH").is_nothing());
    tab(&mut r, "Consent");
    r.resize(120, 40);
    assert!(has(&r, "Kept back") && has(&r, "health from MOE (Her uncle teaches there)"), "{}", r.screen());
    assert!(has(&r, "asked, and agreed"), "{}", r.screen());
    r.keys("c l tab").text("The uncle has left").keys("ctrl-s");
    assert!(has(&r, "It is no longer kept from MOE"), "{}", r.screen());
    r.keys("c l");
    assert!(has(&r, "Nothing of this case is kept from anybody"), "{}", r.screen());
}

#[test]
fn whoever_is_named_in_the_concern_is_not_offered_as_giver() {
    let (mut r, case) = opened(80, 24);
    let values = vec![(Field::CaseAlleged, Value::text("the father"))];
    r.app.cx.open_session_mut().run(CaseEdit { case, values, followup: false }).expect("edited");
    r.keys("c c");
    assert!(has(&r, "Named in the concern, and not offered: father."), "{}", r.screen());
    r.keys("space tab").text("Reed").keys("tab").text("fath");
    assert!(!r.screen().contains("  father"), "{}", r.screen());
}
