//! The forms, driven by keys.

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::value::Value;
use crate::domain::views::Case;
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
        assert!(h < 24 || r.screen().contains("Touches the team *"), "{}", r.screen());
        assert!(r.screen().contains("more fields"), "{}", r.screen());
        r.text("Not seen at school").keys("tab").text("n").keys("tab tab tab").text("high");
        let screen = r.screen();
        assert!(screen.contains("High risk: report to the Registry due today"), "{screen}");
        assert!(screen.contains("call every week, first Fri 27 Nov"), "{screen}");
        r.keys("ctrl-s");
        let screen = r.screen();
        assert!(screen.contains("is open.") && screen.contains("Overview  Timeline"), "the new case: {screen}");
        let made = only(&r, ItemKind::Case);
        assert_eq!(made.str(Field::CaseRisk), "high");
        assert!(made.value(Field::CaseRestricted).is_nothing());
        assert_eq!(only(&r, ItemKind::FollowUp).value(Field::FollowUpEvery).as_number(), Some(7));
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
    assert!(r.screen().contains("Only you can read it."), "{}", r.screen());
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
    assert!(r.screen().contains("half a thought") && r.screen().contains("your draft from before"), "{}", r.screen());
    assert!(r.app.cx.draft("action.add").is_none());
}

#[test]
fn a_quick_report_needs_four_fields_and_carries_the_call_card() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let mut r = form("case.quick", w, h);
        assert!(r.screen().contains("police 119"), "{}", r.screen());
        r.keys("ctrl-s");
        assert!(r.screen().contains("Write at least one thing"), "{}", r.screen());
        r.text("Sleeps in a shop").keys("tab").text("Market, row 3").keys("ctrl-s");
        let made = only(&r, ItemKind::Case);
        assert_eq!(made.value(Field::CaseQuick).as_yes_no(), Some(true));
        assert_eq!(made.str(Field::CasePlacement), "Market, row 3");
        let code = r.app.cx.code(made.id);
        assert!(r.screen().contains(&code), "the new code is said: {}", r.screen());
    }
}

#[test]
fn an_edit_shows_no_name_while_masked_and_changes_only_what_was_typed() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "Fern is not seen at school");
    let entries = session.state().entry_count();
    let mut r = form_about(&disk, session, "case.edit", Some(about), 80, 24);
    assert!(!r.screen().contains("Fern"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(r.screen().contains("Nothing would change"), "{}", r.screen());
    assert_eq!(r.app.cx.open_session().state().entry_count(), entries);
    r.keys("shift-tab").text("An aunt");
    r.keys("ctrl-s");
    let relation = Field::CaseReporterRelation;
    let made = r.app.cx.open_session().state().item(about).expect("there");
    // The last field is who may read it, for a coordinator; nothing but the field typed into changed.
    assert_eq!(made.str(Field::CaseConcern), "Fern is not seen at school");
    assert_eq!(made.str(Field::CaseChildName), "Fern Riverstone");
    assert!(made.str(relation).is_empty());
}

#[test]
fn revealed_names_can_be_edited() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let mut desk = crate::tui::screens::testing::unlocked(&disk, session);
    desk.reveal(Some(about)).expect("on record");
    let (mut r, wanted) = crate::tui::screens::testing::run(desk, None, 120, 36);
    *wanted.borrow_mut() = ("case.edit", Some(about));
    r.keys("enter");
    for _ in 0..24 {
        r.keys("tab");
    }
    assert!(r.screen().contains("Fern Riverstone"), "{}", r.screen());
    r.wait(std::time::Duration::from_secs(31)).keys("tab");
    assert!(!r.screen().contains("Fern") && r.screen().contains("(masked)"), "{}", r.screen());
    r.keys("shift-tab").text(" Junior").keys("ctrl-s");
    let made = r.app.cx.open_session().state().item(about).expect("there");
    assert_eq!(made.str(Field::CaseChildName), "Fern Riverstone Junior");
}

#[test]
fn notes_closing_reopening_linking() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let (one, two) = (case(&mut session, "One"), case(&mut session, "Two"));
    crate::testing::team::action(&mut session, one, "Visit", 2);
    let code = session.state().code(two).to_string();
    let mut r = form_about(&disk, session, "case.link", Some(one), 80, 24);
    r.text(&code[3..]).keys("tab").text("sib").keys("ctrl-s");
    assert!(r.screen().contains("Linked."), "{}", r.screen());
    let session = r.app.cx.take_session().expect("open");
    let mut r = form_about(&disk, session, "case.note", Some(one), 80, 24);
    r.keys("tab").paste("Seen with Fern.\nAll well").keys("tab tab").text(" ");
    r.keys("ctrl-s");
    assert!(r.screen().contains("Noted in 2 cases"), "{}", r.screen());
    let session = r.app.cx.take_session().expect("open");
    let mut r = form_about(&disk, session, "case.close", Some(one), 80, 24);
    r.text("goals").keys("ctrl-s");
    assert!(r.screen().contains("! This is needed."), "the checklist is answered: {}", r.screen());
    for answer in ["y", "n", "y", "y", "y"] {
        r.text(answer).keys("tab");
    }
    // Not seen, not safe: why, closing words, what is open.
    r.keys("tab tab tab").text("n").keys("ctrl-s");
    assert!(r.screen().contains("Finish the open actions"), "{}", r.screen());
    assert!(r.screen().contains("\"The child is safe\" is not so"), "{}", r.screen());
    r.text("The man is before the court").keys("tab tab").text("y").keys("ctrl-s");
    assert!(r.screen().contains("closed at once: nobody else can approve it"), "{}", r.screen());
    let session = r.app.cx.take_session().expect("open");
    let mut r = form_about(&disk, session, "case.reopen", Some(one), 60, 18);
    r.text("New worry").keys("ctrl-s");
    assert!(r.screen().contains("is open again"), "{}", r.screen());
}

#[test]
fn contacts_are_planned_made_and_missed() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let one = case(&mut session, "One");
    let mut r = form_about(&disk, session, "followup.add", Some(one), 80, 24);
    r.text("home").keys("tab").text("fri").keys("tab");
    assert!(r.screen().contains("7 days"), "the policy's span is offered: {}", r.screen());
    r.keys("ctrl-u").text("1 month");
    assert!(r.screen().contains("every 30 days"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(r.screen().contains("Follow-up planned"), "{}", r.screen());
    let planned = only(&r, ItemKind::FollowUp).id;
    let session = r.app.cx.take_session().expect("open");
    let mut r = form_about(&disk, session, "followup.missed", Some(planned), 80, 24);
    r.keys("ctrl-s");
    assert!(r.screen().contains("This is needed") && r.screen().contains("Next contact: Sun 27 Dec"), "{}", r.screen());
    r.text("Nobody at home").keys("ctrl-s");
    assert!(r.screen().contains("missed"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    let next =
        state.items(ItemKind::FollowUp).find(|item| item.str(Field::FollowUpState) == "planned").expect("next").id;
    let session = r.app.cx.take_session().expect("open");
    let mut r = form_about(&disk, session, "followup.done", Some(next), 80, 24);
    r.text("Well").keys("ctrl-s");
    assert!(r.screen().contains("Contact recorded"), "{}", r.screen());
}

#[test]
fn a_newer_value_is_never_brought_back_by_an_old_draft() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let mut r = form_about(&disk, session, "case.edit", Some(about), 80, 24);
    r.keys("tab tab tab").text("low").keys("esc");
    let draft = r.app.cx.draft(&format!("case.edit/{about}")).expect("kept").clone();
    assert_eq!(draft.0.keys().collect::<Vec<_>>(), ["risk"], "only what was changed is kept");
    r.keys("enter ctrl-s");
    assert!(r.app.cx.draft(&format!("case.edit/{about}")).is_none());
    assert_eq!(r.app.cx.open_session().state().item(about).map(|item| item.str(Field::CaseRisk)), Some("low"));
}

#[test]
fn a_form_that_was_only_looked_at_leaves_no_draft_and_held_keys_save_once() {
    let mut r = form("case.quick", 80, 24);
    r.keys("esc");
    assert!(r.app.cx.draft("case.quick").is_none());
    r.keys("enter").text("A").keys("esc");
    assert!(r.app.cx.draft("case.quick").is_some());
    r.keys("enter ctrl-u esc");
    assert!(r.app.cx.draft("case.quick").is_none(), "an emptied form forgets its draft");
    r.keys("enter").text("A worry");
    let save = "ctrl-s".parse().expect("a key");
    for _ in 0..20 {
        r.press(save, crossterm::event::KeyEventKind::Press).wait(std::time::Duration::from_millis(33));
    }
    assert_eq!(r.app.cx.open_session().state().items(ItemKind::Case).count(), 1);
}

#[test]
fn every_name_opens_or_says_no_and_none_breaks_when_locked() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let me = session.me();
    let agency = session.state().items(ItemKind::Agency).next().expect("an agency").id;
    let mut desk = crate::tui::screens::testing::unlocked(&disk, session);
    let names = [
        "case.open",
        "case.quick",
        "case.sibling",
        "case.edit",
        "case.stage",
        "case.risk",
        "case.statutory",
        "case.contact",
        "case.medical",
        "case.note",
        "case.close",
        "case.reopen",
        "case.link",
        "action.add",
        "action.edit",
        "followup.add",
        "followup.done",
        "followup.missed",
        "team.add",
        "team.edit",
        "team.away",
        "team.key",
        "agency.add",
        "agency.edit",
        "vault.passphrase",
    ];
    let alone = [
        "case.open",
        "case.quick",
        "case.note",
        "action.add",
        "followup.add",
        "team.add",
        "agency.add",
        "vault.passphrase",
    ];
    for name in names {
        let none = super::open(name, None, &mut desk).is_some();
        assert_eq!(none, alone.contains(&name), "{name}");
        let any = [about, me, agency].into_iter().any(|about| super::open(name, Some(about), &mut desk).is_some());
        assert!(any || matches!(name, "action.edit" | "followup.done" | "followup.missed"), "{name}");
    }
    desk.lock();
    assert!(names.iter().all(|name| super::open(name, Some(about), &mut desk).is_none()));
}

#[test]
fn a_proposed_contact_is_declined_with_one_key() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let mut r = form_about(&disk, session, "case.stage", Some(about), 80, 24);
    assert!(r.screen().contains("call every week, first Fri 27 Nov"), "{}", r.screen());
    r.keys("tab").text("n");
    assert!(r.screen().contains("Declined"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(r.screen().contains("is now at: Screening"), "{}", r.screen());
    assert_eq!(r.app.cx.open_session().state().items(ItemKind::FollowUp).count(), 0);
    let session = r.app.cx.take_session().expect("open");
    let mut r = form_about(&disk, session, "case.risk", Some(about), 80, 24);
    r.keys("ctrl-u").text("med").keys("tab").text("An aunt moved in");
    assert!(r.screen().contains("Medium risk: call every 2 weeks, first Fri 4 Dec"), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(r.screen().contains("high → medium. Medium risk: call every 2 weeks"), "{}", r.screen());
    assert_eq!(only(&r, ItemKind::FollowUp).value(Field::FollowUpAuto).as_yes_no(), Some(true));
}

#[test]
fn a_report_needs_its_time_beside_its_number() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let mut r = form_about(&disk, session, "case.statutory", Some(about), 80, 24);
    r.keys("tab tab tab").text("24-1183").keys("ctrl-s");
    assert!(r.screen().contains("This is needed"), "{}", r.screen());
    r.text("today 08:30").keys("tab").text("211").keys("ctrl-s");
    assert!(r.screen().contains("The report is recorded."), "{}", r.screen());
    let made = r.app.cx.open_session().state().item(about).expect("there");
    assert_eq!((made.str(Field::CaseNcr), made.str(Field::CaseStatutoryChannel)), ("24-1183", "211"));
    assert!(made.value(Field::CaseStatutory).as_when().is_some());
}

#[test]
fn actions_and_contacts_are_put_to_linked_cases_in_words_of_their_own() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let (one, two) = (case(&mut session, "One"), case(&mut session, "Two"));
    session
        .run(crate::ops::CaseLink { a: one, b: two, kind: "sibling".into(), words: crate::ops::LinkWords::default() })
        .expect("linked");
    let mut r = form_about(&disk, session, "action.add", Some(one), 80, 24);
    r.text("Talk with the school").keys("tab tab").text("fri").keys("tab tab").text(" ").keys("ctrl-s");
    assert!(r.screen().contains("An action in each of 2 cases is given"), "{}", r.screen());
    let session = r.app.cx.take_session().expect("open");
    let mut r = form_about(&disk, session, "followup.add", Some(two), 80, 24);
    r.text("home").keys("tab").text("fri").keys("tab tab tab").text(" ").keys("ctrl-s");
    assert!(r.screen().contains("planned in 2 cases"), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    for case in [one, two] {
        let stream = state.item(case).expect("there").stream;
        assert_eq!(state.items_in(stream, ItemKind::Action).count(), 1);
        assert_eq!(state.items_in(stream, ItemKind::FollowUp).count(), 1);
    }
    // A child's own words are no action for two.
    let op = crate::ops::ActionAdd {
        cases: vec![one, two],
        text: "as she said".into(),
        owner: r.app.cx.open_session().me(),
        due: r.app.cx.today(),
        time: None,
        priority: String::new(),
        class: Some(crate::domain::class::Class::Views),
        backdated: false,
    };
    assert!(r.app.cx.try_run(op).expect_err("refused").message.contains("own words"));
}

#[test]
fn a_policy_file_is_checked_and_put_in_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("policy.toml");
    let mut r = form("policy.set", 80, 24);
    r.paste(&path.display().to_string()).keys("ctrl-s");
    assert!(r.screen().contains("That is no file."), "{}", r.screen());
    std::fs::write(&path, "stage = 1").expect("written");
    r.keys("ctrl-s");
    assert!(r.screen().contains("Line 1"), "{}", r.screen());
    let changed = crate::policy::BUILTIN.replacen("high = 24, medium", "high = 12, medium", 1);
    std::fs::write(&path, &changed).expect("written");
    r.keys("ctrl-s");
    assert!(r.screen().contains("clock First contact: high 24 → 12 hours"), "{}", r.screen());
    r.keys("n");
    assert_eq!(r.app.cx.open_session().policy_text(), crate::policy::BUILTIN, "nobody said yes");
    r.keys("enter").paste(&path.display().to_string()).keys("ctrl-s y");
    assert!(r.screen().contains("The new policy is in force."), "{}", r.screen());
    let state = r.app.cx.open_session().state();
    let team = state.item(state.team_stream().item()).expect("the team");
    assert_eq!(team.str(Field::TeamPolicy), changed);
    r.keys("enter").paste(&path.display().to_string()).keys("ctrl-s");
    assert!(r.screen().contains("Nothing is different"), "{}", r.screen());
}

#[test]
fn what_is_typed_is_kept_within_seconds_for_its_writer_alone() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let about = case(&mut session, "A worry");
    let mut r = form_about(&disk, session, "case.note", Some(about), 80, 24);
    let entries = r.app.cx.open_session().state().entry_count();
    let name = format!("case.note/{about}");
    r.wait(std::time::Duration::from_secs(10));
    assert!(r.app.cx.draft(&name).is_none(), "nothing was typed");
    r.keys("tab").text("She was seen at the");
    r.wait(std::time::Duration::from_secs(4));
    assert_eq!(r.app.cx.draft(&name).map(|draft| draft.get("text")), Some("She was seen at the"));
    // The power goes: what the disk holds comes back, and no entry was made.
    let kept = r.app.cx.open_session().read_drafts().expect("on the disk");
    assert!(String::from_utf8_lossy(&kept).contains("She was seen at the"));
    assert_eq!(r.app.cx.open_session().state().entry_count(), entries);
    r.text(" market").keys("ctrl-s");
    assert!(r.app.cx.draft(&name).is_none(), "a saved form leaves none");
    r.wait(std::time::Duration::from_secs(10));
    let kept = r.app.cx.open_session().read_drafts().unwrap_or_default();
    assert!(!String::from_utf8_lossy(&kept).contains("She was seen"), "also on the disk");
}

/// Goes to the field of this label.
fn go_to(r: &mut Runner<Desk>, label: &str) {
    for _ in 0..60 {
        let line = r.cursor().map(|at| r.screen().lines().nth(usize::from(at.y)).unwrap_or("").to_owned());
        if line.is_some_and(|line| line.contains(label)) {
            return;
        }
        r.keys("tab");
    }
    panic!("no field {label}: {}", r.screen());
}

#[test]
fn a_child_who_is_known_already_is_told_while_typing_and_nothing_is_refused() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let known = case(&mut session, "A worry");
    let code = session.state().code(known).to_string();
    let mut r = form_about(&disk, session, "case.open", None, 80, 24);
    r.text("Seen at the bus park").keys("tab").text("n");
    go_to(&mut r, "Child's name");
    r.text("Moss Harbour");
    assert!(!r.screen().contains("Known already"), "{}", r.screen());
    r.keys("ctrl-u").text("Ferne Rivastone");
    let told = format!("Known already? {code}: name sounds alike.");
    assert!(r.screen().contains(&told), "{}", r.screen());
    assert!(!r.screen().contains("Riverstone"), "names stay masked: {}", r.screen());
    r.app.cx.project(true);
    r.keys("left");
    assert!(!r.screen().contains("Known already"), "a room is told nothing: {}", r.screen());
    r.app.cx.project(false);
    r.app.cx.reveal(None).expect("on record");
    r.keys("left");
    assert!(r.screen().contains(&format!("{code} Fern Riverstone: name sounds alike")), "{}", r.screen());
    r.keys("ctrl-s");
    assert!(r.screen().contains("is open."), "{}", r.screen());
    let session = r.app.cx.open_session();
    assert_eq!(session.state().items(ItemKind::Case).count(), 2);
}

/// A case that a champion has asked to close; the coordinator sits before it.
fn asked_to_close(disk: &MemoryDisk) -> (crate::session::Session, ItemId) {
    let mut session = team(disk, 1);
    let one = case(&mut session, "One");
    let values = vec![
        (Field::MemberName, Value::text("C. Hampion")),
        (Field::MemberHandle, Value::text("champion")),
        (Field::MemberRole, Value::code("champion")),
    ];
    let champion = session.run(crate::ops::TeamAdd { values }).expect("added").made[0];
    let keys = session.introduce(champion, "champion").expect("introduced");
    let coordinator = session.change_seat(keys);
    let met = ["goals", "safe", "care", "no-concern"].map(str::to_owned).to_vec();
    let checklist = crate::ops::Checklist { met, unmet: Vec::new(), why: "Not seen: the mother calls".into() };
    let close = crate::ops::CaseClose { checklist: Some(checklist), ..crate::ops::CaseClose::new(one, "goals-met") };
    session.run(close).expect("asked");
    session.change_seat(coordinator);
    (session, one)
}

#[test]
fn a_closing_is_answered_with_its_checklist_in_sight() {
    let disk = MemoryDisk::new();
    let (session, one) = asked_to_close(&disk);
    // Whoever wants to close it meets the request that waits.
    let mut r = form_about(&disk, session, "case.close", Some(one), 80, 24);
    assert!(r.screen().contains("C. Hampion, today 09:20: goals met"), "{}", r.screen());
    assert!(r.screen().contains("Child last seen: not on record") && r.screen().contains("yes  The child is safe"));
    r.text("ref").keys("ctrl-s");
    assert!(r.screen().contains("Say what is to be done first."), "{}", r.screen());
    r.text("See the school").keys("ctrl-s");
    assert!(r.screen().contains("Refused: case"), "{}", r.screen());
    let session = r.app.cx.take_session().expect("open");
    let r = form_about(&disk, session, "closure.answer", Some(one), 80, 24);
    assert!(r.screen().contains("Nobody of this team has asked"), "{}", r.screen());
    let disk = MemoryDisk::new();
    let (session, one) = asked_to_close(&disk);
    let mut r = form_about(&disk, session, "closure.answer", Some(one), 80, 24);
    r.keys("ctrl-s");
    assert!(r.screen().contains("Approved: case"), "{}", r.screen());
    assert!(!Case::get(r.app.cx.open_session().state(), one).expect("there").is_open());
}

#[test]
fn a_best_interests_decision_is_written_in_a_form() {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let one = case(&mut session, "One");
    let mut r = form_about(&disk, session, "case.best-interests", Some(one), 80, 24);
    r.text("Where shall the child live?").keys("tab").paste("With the aunt\n+ knows her");
    assert!(r.screen().contains("Only one option is named"), "{}", r.screen());
    r.paste("\nIn foster care\n- another parish").keys("tab").text("n").keys("ctrl-s");
    assert!(r.screen().contains("Say why they were not considered.") && r.screen().contains("! This is needed."));
    r.text("Four years old").keys("tab").text("With the aunt").keys("tab").text(" ").keys("ctrl-s");
    assert!(r.screen().contains("The best-interests decision is recorded."), "{}", r.screen());
    let made = only(&r, ItemKind::Decision);
    assert_eq!(made.str(Field::DecisionUnheard), "Four years old");
    assert_eq!(made.value(Field::DecisionPanel).as_items().len(), 1);
}
