//! Screening and identification, driven by keys.

use crate::domain::decision::{Decision, IDENTIFICATION};
use crate::domain::field::{Field, ItemKind};
use crate::domain::form::answers::Answer;
use crate::domain::ids::ItemId;
use crate::domain::screening::Screening;
use crate::domain::views::Case;
use crate::testing::Runner;
use crate::tui::desk::Desk;
use crate::tui::screens::cases::tests::{parish, runner};

/// The most urgent case of the small parish, at its screenings.
fn opened(width: u16, height: u16) -> (Runner<Desk>, ItemId) {
    let (session, cases) = parish();
    let mut r = runner(session, width, height);
    r.keys("enter tab tab tab tab");
    (r, cases[0])
}

fn has(r: &Runner<Desk>, text: &str) -> bool {
    r.screen().contains(text)
}

fn actions(r: &Runner<Desk>, case: ItemId) -> usize {
    let state = r.app.cx.open_session().state();
    let stream = state.item(case).expect("there").stream;
    state.items_in(stream, ItemKind::Action).count()
}

#[test]
fn the_policys_questions_are_asked_and_what_follows_is_proposed() {
    let (mut r, case) = opened(80, 24);
    assert!(has(&r, "Nobody has screened yet."), "{}", r.screen());
    r.keys("Q");
    assert!(has(&r, "0 of 19  Trafficking indicators") && has(&r, "Home and family"), "{}", r.screen());
    // Parents: no. Apart: left out. With whom: where the child works, which brings another question.
    r.text("n").keys("tab tab");
    assert!(!has(&r, "better-off"), "{}", r.screen());
    r.text("where").keys("tab");
    assert!(has(&r, "Was the child sent to a better-off household") && has(&r, "2 of 20"), "{}", r.screen());
    // What is left is kept as a draft, and comes back.
    r.keys("esc Q");
    assert!(has(&r, "your draft from before") || has(&r, "2 of 20"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(has(&r, "! This is needed.") && has(&r, "How it went"), "the outcome is asked for: {}", r.screen());
    r.text("strong").keys("tab").text("seen at the shop with Fern");
    assert!(has(&r, "gives away the child"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(has(&r, "What follows?") && has(&r, "Anti-Trafficking"), "{}", r.screen());
    assert!(has(&r, "Nothing is done by itself"), "{}", r.screen());
    let before = actions(&r, case);
    // The first is taken out again, the others become actions.
    r.keys("space ctrl-s");
    assert!(actions(&r, case) > before, "{}", r.screen());
    assert!(has(&r, "strong indicators") && has(&r, "Screening"), "{}", r.screen());
    r.keys("enter");
    assert!(has(&r, "With whom does the child live?") && has(&r, "where the child works"), "{}", r.screen());
    assert!(!has(&r, "Fern"), "a name is masked among the answers: {}", r.screen());
    r.keys("esc e");
    assert!(has(&r, "can't be changed: make another"), "{}", r.screen());
}

#[test]
fn a_child_who_begins_to_tell_stops_the_questions() {
    for by_answer in [true, false] {
        let (mut r, case) = opened(80, 24);
        r.keys("Q").text("n").keys("tab");
        if by_answer {
            // To the question whether the child has begun to tell, from the end of the form.
            r.keys("shift-tab shift-tab");
            while !has(&r, "Do not ask. If the child tells by itself") {
                r.keys("shift-tab");
            }
            r.text("y").keys("tab");
        } else {
            r.text("!");
        }
        assert!(has(&r, "Stop the questions now") && has(&r, "It is not your fault"), "{}", r.screen());
        r.keys("ctrl-s");
        assert!(has(&r, "forensic interview"), "what follows: {}", r.screen());
        r.keys("esc");
        let state = r.app.cx.open_session().state();
        let all = Screening::all(state, Case::get(state, case).expect("there"));
        assert!(all.len() == 1 && all[0].stopped(), "{}", r.screen());
        let answers = all[0].answers().expect("readable").expect("here");
        assert_eq!(answers.get("parents").map(Answer::shown).as_deref(), Some("no"));
        assert!(has(&r, "stopped"), "{}", r.screen());
        r.keys("Q");
        assert!(!has(&r, "your draft"), "the answers were kept: {}", r.screen());
    }
}

#[test]
fn an_identification_asks_for_act_and_purpose_and_of_a_child_for_no_means() {
    let (mut r, case) = opened(80, 24);
    r.keys("I").text("identified").keys("tab").text("police").keys("tab").text("two statements").keys("ctrl-s");
    assert!(has(&r, "At least one act is needed"), "{}", r.screen());
    r.text(" ").keys("tab");
    assert!(has(&r, "the means need not be shown"), "{}", r.screen());
    r.keys("tab").text(" ").keys("ctrl-s");
    assert!(has(&r, "Identification") && has(&r, "identified as trafficked"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    let view = Case::get(state, case).expect("there");
    assert_eq!(view.0.str(Field::CaseStatus), "actual");
    assert_eq!(Decision::all(state, view, IDENTIFICATION).len(), 1);
}

/// A form that the policy made long, on a small screen.
#[test]
fn five_hundred_questions_scroll() {
    let question =
        |at: usize| format!("{{ code = \"q{at}\", type = \"yes-no-unknown\", text = \"Question number {at}?\" }},\n");
    let part = |name: &str, range: std::ops::Range<usize>| {
        let all: String = range.map(question).collect();
        format!("[[form.section]]\ncode = \"{name}\"\ntitle = \"{name}\"\nquestions = [\n{all}]\n")
    };
    let head = "[[form]]\ncode = \"long\"\nlabel = \"Long\"\nversion = 1\npurpose = \"screening\"\nsource = \"s\"\nverified = false\n";
    let form = format!("{head}{}{}", part("one", 0..250), part("two", 250..500));
    let pack = crate::policy::BUILTIN.replacen(
        "[[form]]\ncode = \"trafficking\"",
        &format!("{form}\n[[form]]\ncode = \"trafficking\""),
        1,
    );
    let (mut session, _) = parish();
    session.run(crate::ops::PolicySet { text: pack }).expect("put in force");
    let mut r = runner(session, 80, 24);
    r.keys("enter Q");
    assert!(has(&r, "0 of 500") && has(&r, "Question number 0?"), "{}", r.screen());
    // From the first question back to the end, past what is asked about the screening itself, to the last question.
    r.keys("shift-tab");
    while !has(&r, "unknown") {
        r.keys("shift-tab");
    }
    assert!(has(&r, "Question number 499?"), "{}", r.screen());
    r.text("y");
    assert!(has(&r, "1 of 500"), "{}", r.screen());
}
