//! Two teams and one stick, by keys alone.

use std::path::Path;
use std::sync::Arc;

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::ops::{ConsentRecord, PeerVerify};
use crate::session::exchange::{Since, Wish};
use crate::session::{NewTeam, Session};
use crate::testing::Runner;
use crate::testing::team::{case, new_team, passphrase, place, team};
use crate::tui::app::App;
use crate::tui::desk::Desk;
use crate::tui::keymap::Keymap;
use crate::tui::places::Place;
use crate::tui::shell::MahoeShell;
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::vault::disk::MemoryDisk;
use crate::vault::keys::passphrase::Passphrase;

fn mary() -> Session {
    let passphrase = passphrase();
    let new = NewTeam { parish: "JM-05", name: "E. Hall", handle: "ehall", ..new_team(&passphrase) };
    Session::create(place(&MemoryDisk::new(), 77), &new).expect("a fresh disk").0
}

/// The program over a session, with a stick called KINGSTON.
fn run(session: Session, stick: &Path) -> Runner<Desk> {
    let theme = Theme::new(ThemeName::None, Depth::None, Symbols::WGL4);
    let mut desk = Desk::open(session);
    let path = stick.to_path_buf();
    desk.drives = Arc::new(move || vec![Place { name: "KINGSTON".to_owned(), path: path.clone(), removable: true }]);
    Runner::new(App::new(desk, MahoeShell::default(), Keymap::standard(), theme), 100, 40)
}

fn agree(session: &mut Session, case: ItemId) {
    let consent = ConsentRecord {
        role: "mother".into(),
        ..ConsentRecord::new(case, vec!["services".to_owned(), "disclosure".to_owned()], "the mother")
    };
    session.run(consent).expect("recorded");
}

/// Both know each other and have compared words; a case of Saint Ann's with consent.
fn two_teams() -> (Session, Session, ItemId) {
    let (mut ann, mut mary) = (team(&MemoryDisk::new(), 1), mary());
    let (anns, marys) = (ann.card(false).expect("a card"), mary.card(false).expect("a card"));
    let mary_there = ann.take_card(&marys).expect("taken").peer();
    let ann_there = mary.take_card(&anns).expect("taken").peer();
    for (session, peer) in [(&mut ann, mary_there), (&mut mary, ann_there)] {
        session.run(PeerVerify { peer, how: "by telephone".into() }).expect("verified");
    }
    let case = case(&mut ann, "Not seen at school for two weeks");
    agree(&mut ann, case);
    (ann, mary, case)
}

fn spoken(r: &mut Runner<Desk>) -> String {
    let session = r.app.cx.open_session_mut();
    let peer = session.peers()[0].item;
    session.words(peer).expect("words").spoken().join(" ")
}

fn clear(stick: &Path) {
    for file in std::fs::read_dir(stick).expect("there").flatten() {
        std::fs::remove_file(file.path()).expect("removed");
    }
}

/// Opens Exchange with a line selected that says this.
fn select(r: &mut Runner<Desk>, text: &str) {
    r.keys("esc 6 /").text(text).keys("enter");
    assert!(r.screen().contains(text) || !r.screen().contains("Nothing fits"), "{text}: {}", r.screen());
}

/// What a person reads, however it is wrapped and framed.
fn says(r: &Runner<Desk>, text: &str) {
    let screen = r.screen().replace(['│', '┌', '┐', '└', '┘', '─'], " ");
    let words: Vec<&str> = screen.split_whitespace().collect();
    assert!(words.join(" ").contains(text), "\"{text}\" is not in:\n{}", r.screen());
}

#[test]
fn cards_are_exchanged_on_a_stick_and_words_compared() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mut ann, mut mary) = (run(team(&MemoryDisk::new(), 1), stick.path()), run(mary(), stick.path()));
    for (from, to, parish) in [(0, 1, "JM-06"), (1, 0, "JM-05")] {
        let pair = [&mut ann, &mut mary];
        pair[from].keys("6");
        says(pair[from], if from == 0 { "No other team is known" } else { "Saint Ann" });
        pair[from].keys("c");
        says(pair[from], "mahoe card 1");
        pair[from].keys("tab");
        pair[from].keys("tab w");
        says(pair[from], "KINGSTON");
        pair[from].keys("enter");
        says(pair[from], "Safe to pull out now.");
        assert!(stick.path().join(format!("mahoe-{parish}.card")).is_file());
        pair[to].keys("esc esc 6 a");
        says(pair[to], &format!("mahoe-{parish}.card"));
        pair[to].keys("enter");
        says(pair[to], "call them and compare words");
        clear(stick.path());
    }
    let (anns, marys) = (spoken(&mut ann), spoken(&mut mary));
    for (r, theirs, ours, name) in [(&mut ann, &marys, &anns, "Saint Mary"), (&mut mary, &anns, &marys, "Saint Ann")] {
        r.keys("esc esc");
        select(r, "not verified");
        r.keys("v");
        says(r, "Call them on a number that you had before");
        let shown = r.screen().to_lowercase();
        assert!(ours.split(' ').all(|word| shown.contains(word)), "{shown}");
        r.text("wrong words are these").keys("tab").text("by telephone").keys("ctrl-s");
        says(r, "Compare words with");
        r.keys("esc v").text(theirs).keys("tab").text("by telephone").keys("ctrl-s esc");
        says(r, "verified");
        assert!(r.app.cx.open_session().peers()[0].verified.is_some(), "{name}: {}", r.screen());
    }
}

#[test]
fn a_case_goes_there_and_the_answer_comes_back() {
    let stick = tempfile::tempdir().expect("a folder");
    let (ann, mary, case) = two_teams();
    let code = ann.state().code(case).to_string();
    let (mut ann, mut mary) = (run(ann, stick.path()), run(mary, stick.path()));
    ann.keys("2 enter R t");
    says(&ann, "How much of it leaves?");
    ann.keys("enter");
    says(&ann, "Leaves");
    says(&ann, "Stays here");
    ann.keys("tab");
    assert!(!ann.screen().contains("Riverstone"), "masked: {}", ann.screen());
    says(&ann, "masked, m shows it");
    ann.keys("m");
    says(&ann, "Riverstone");
    ann.keys("enter").text("a visit to the aunt").keys("tab tab").text("She lives in Port Maria").keys("ctrl-s");
    says(&ann, "The bundle for Saint Mary MDT is in the outbox");
    select(&mut ann, "to be carried");
    ann.keys("w enter");
    says(&ann, "Safe to pull out now.");
    ann.keys("esc");
    says(&ann, "carried");

    mary.keys("6 i");
    says(&mary, "from Saint Ann (verified)");
    mary.keys("enter");
    says(&mary, "From Saint Ann (verified) · number 1");
    says(&mary, &format!("New case {code}"));
    mary.keys("esc");
    says(&mary, "asks for help");
    mary.keys("1");
    says(&mary, "In the inbox: 1 bundle from Saint Ann (verified)");
    select(&mut mary, "asks for help");
    mary.keys("enter i");
    says(&mary, "An answer is awaited");
    mary.keys("A");
    assert_eq!(mary.app.cx.open_session().outbound().len(), 2, "the receipt and the answer: {}", mary.screen());
    clear(stick.path());
    for _ in 0..2 {
        select(&mut mary, "to be carried");
        mary.keys("w enter");
        says(&mary, "Safe to pull out now.");
    }
    assert_eq!(std::fs::read_dir(stick.path()).expect("there").count(), 2);

    ann.keys("esc esc 6");
    says(&ann, "asked today");
    for _ in 0..2 {
        ann.keys("esc 6 i enter i");
        let file = std::fs::read_dir(stick.path()).expect("there").flatten().min_by_key(|file| {
            // The one that was chosen: the first by name.
            file.file_name()
        });
        std::fs::remove_file(file.expect("one").path()).expect("removed");
    }
    let state = ann.app.cx.open_session().state();
    let referral = state.items(ItemKind::Referral).next().expect("sent");
    assert_eq!(referral.str(Field::ReferralState), "accepted", "{}", ann.screen());
    assert!(ann.app.cx.open_session().inbox().is_empty());
    says(&ann, "sent, receipt");
}

#[test]
fn what_is_in_the_way_says_what_to_do() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mut ann, mary, _) = two_teams();
    let other = case(&mut ann, "Another worry");
    let code = ann.state().code(other).to_string();
    let _ = mary;
    let mut r = run(ann, stick.path());
    r.keys("2 /").text(&code).keys("enter enter R t enter");
    says(&r, "There is no consent");
    r.keys("l");
    says(&r, "a report that the law asks for");
    r.keys("esc");
    says(&r, "Nothing was sent");
    r.keys("R t enter o").text("The child travels today").keys("ctrl-s");
    says(&r, "! sent for a reason, on record");
    r.keys("esc R t enter c");
    says(&r, "Consent in case");
    r.keys("esc esc");
    assert!(r.app.cx.open_session().outbound().is_empty());
}

#[test]
fn the_demos_post_is_taken_in_and_decided() {
    let stick = tempfile::tempdir().expect("a folder");
    let session = crate::demo::build(place(&MemoryDisk::new(), 9), crate::testing::team::morning()).expect("built");
    let mut r = run(session, stick.path());
    says(&r, "In the inbox: 1 bundle from Saint Mary (verified), 1 from an unverified sender");
    select(&mut r, "what is new");
    r.keys("enter");
    says(&r, "← conflict");
    says(&r, "Risk: ours high, theirs low");
    r.keys("c i");
    assert!(!r.screen().contains("1 bundle from Saint Mary"), "{}", r.screen());
    select(&mut r, "to be chosen");
    r.keys("enter");
    says(&r, "Conflicts 1");
    r.keys("enter");
    r.keys("esc esc");
    select(&mut r, "asks for help");
    r.keys("enter");
    says(&r, "nobody has compared words");
    r.keys("d");
    says(&r, "The answer goes to whoever made this.");
    r.keys("n d y").text("The grandmother has moved to Kingston").keys("ctrl-s");
    says(&r, "Declined.");
    select(&mut r, "to be carried");
    assert_eq!(r.app.cx.open_session().outbound().len(), 2, "{}", r.screen());
    select(&mut r, "Saint Mary");
    r.keys("D esc enter esc U");
    for (width, height) in [(60, 18), (40, 10), (200, 50), (80, 24)] {
        r.resize(width, height).keys("esc 6 i esc c tab esc G k k k k enter esc g g enter esc");
    }
}

#[test]
fn before_a_room_no_bundle_is_opened_and_no_line_names_its_case() {
    let stick = tempfile::tempdir().expect("a folder");
    let session = crate::demo::build(place(&MemoryDisk::new(), 9), crate::testing::team::morning()).expect("built");
    let mut r = run(session, stick.path());
    r.keys("6");
    let asked = r.screen().matches("referral").count();
    assert!(asked > 0 && !r.screen().contains("1 case"), "{}", r.screen());
    r.keys("1 ctrl-p").text("room mode").keys("enter 6");
    says(&r, "ROOM MODE");
    says(&r, "1 case");
    assert!(r.screen().matches("referral").count() <= asked);
    select(&mut r, "what is new");
    r.keys("enter");
    says(&r, "This is not shown while a room looks on.");
    assert!(!r.screen().contains("← conflict"), "{}", r.screen());
}

/// Ann refers two cases to Mary, who takes both in; then Ann writes in both, and sends what is new.
fn two_shared_cases() -> (Session, Vec<u8>) {
    let (mut ann, mut mary, first) = two_teams();
    let second = case(&mut ann, "Another worry");
    agree(&mut ann, second);
    let peer = Some(ann.peers()[0].item);
    for case in [first, second] {
        let wish = Wish {
            peer,
            case: Some(case),
            profile: "parish-partner".into(),
            service: "a visit".into(),
            reason: "They live there".into(),
            ..Wish::default()
        };
        let sent = ann.refer(&wish, false).expect("made");
        let opened = mary.open_bundle(&sent.bytes).expect("good");
        mary.import(&opened, None, "").expect("taken in");
    }
    for case in [first, second] {
        crate::testing::team::action(&mut ann, case, "Call the school", 3);
    }
    let sent = ann.update(&Wish { peer, ..Wish::default() }).expect("made");
    (mary, sent.bytes)
}

#[test]
fn case_by_case_leaves_the_rest_in_the_inbox() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mary, bytes) = two_shared_cases();
    mary.lay_into_inbox(&bytes).expect("kept");
    let mut r = run(mary, stick.path());
    let actions = |r: &Runner<Desk>| r.app.cx.open_session().state().items(ItemKind::Action).count();
    r.keys("6");
    says(&r, "what is new, 2 cases");
    select(&mut r, "what is new, 2 cases");
    r.keys("enter d");
    says(&r, "It asks for nothing that could be declined");
    r.keys("c").keys("space ctrl-s");
    says(&r, "The rest stays in the inbox.");
    assert_eq!((actions(&r), r.app.cx.open_session().inbox().len()), (1, 1), "{}", r.screen());
    r.keys("esc");
    select(&mut r, "what is new, 2 cases");
    r.keys("enter i");
    assert_eq!((actions(&r), r.app.cx.open_session().inbox().len()), (2, 0), "{}", r.screen());
    r.keys("esc");
    select(&mut r, "what is new, 2 cases");
    r.keys("D y");
    says(&r, "Set aside");
    assert_eq!(actions(&r), 0, "{}", r.screen());
}

#[test]
fn what_is_not_for_us_is_kept_and_said_to_be_so() {
    let stick = tempfile::tempdir().expect("a folder");
    let (ann, _, _) = two_teams();
    let put = |name: &str, bytes: &[u8]| std::fs::write(stick.path().join(name), bytes).expect("written");
    put("broken.mahoe", b"age-encryption.org/v1\n-> X25519 nonsense\n");
    put("foreign.mahoe", b"PK");
    put("letter.card", b"mahoe card 1\nmark practice\n");
    std::fs::create_dir(stick.path().join("older")).expect("made");
    put("older/also.mahoe", b"age-encryption.org/v1\n\x1b[2J");
    let mut r = run(ann, stick.path());
    r.keys("6 i");
    says(&r, "broken.mahoe");
    says(&r, "not for us, or not readable");
    assert!(!r.screen().contains("foreign.mahoe"), "{}", r.screen());
    r.keys("enter");
    says(&r, "not done");
    r.keys("esc esc");
    says(&r, "! not readable");
    r.keys("1");
    says(&r, "In the inbox: 1 bundle to be looked at");
    select(&mut r, "not readable");
    r.keys("D y");
    assert!(r.app.cx.open_session().inbox().is_empty(), "{}", r.screen());
    // Into a folder, up again, and by a path; the folder is the last place from then on.
    r.keys("esc i k right");
    says(&r, "older/");
    r.keys("j enter");
    says(&r, "also.mahoe");
    r.keys("left left p").text(&stick.path().join("older/also.mahoe").display().to_string()).keys("ctrl-s enter");
    says(&r, "not done");
    assert_eq!(r.app.cx.last_place(), Some(stick.path().join("older")));
    r.keys("esc i p").text("/nowhere at all").keys("ctrl-s");
    says(&r, "can't be looked into");
    r.keys("esc esc a");
    says(&r, "no good card");
    r.keys("enter");
    says(&r, "not done");
    assert_eq!(r.app.cx.open_session().peers().len(), 1);
}

#[test]
fn an_alarm_is_told_in_words_and_nothing_is_sent() {
    let stick = tempfile::tempdir().expect("a folder");
    let (ann, _, _) = two_teams();
    let passphrase = passphrase();
    let new = NewTeam { parish: "JM-05", name: "X. False", handle: "xfalse", ..new_team(&passphrase) };
    let mut other = Session::create(place(&MemoryDisk::new(), 78), &new).expect("a fresh disk").0;
    let card = other.card(false).expect("a card");
    std::fs::write(stick.path().join("false.card"), card.text()).expect("written");
    let mut r = run(ann, stick.path());
    r.keys("6 a enter");
    says(&r, "Another key is shown for Saint Mary MDT");
    r.keys("esc");
    select(&mut r, "! another key");
    r.keys("enter");
    says(&r, "Call them on a number that you had before");
    r.keys("esc esc 2 enter R t enter");
    says(&r, "compare the words again, then send.");
    r.keys("o v c l esc");
    assert!(r.app.cx.open_session().outbound().is_empty());
}

#[test]
fn post_goes_by_a_shared_folder_that_is_remembered() {
    let stick = tempfile::tempdir().expect("a folder");
    let (ann, mary, case) = two_teams();
    let code = ann.state().code(case).to_string();
    let (mut ann, mut mary) = (run(ann, stick.path()), run(mary, stick.path()));
    ann.keys("6 p enter");
    says(&ann, "Nothing waits to be carried. KINGSTON: safe to pull out now.");
    mary.keys("6 f enter");
    says(&mary, "Nothing lies there for your team.");
    ann.keys("esc 2 enter R t enter enter").text("a visit").keys("tab tab").text("She lives there").keys("ctrl-s");
    ann.keys("esc 6 p");
    says(&ann, "Put the outbox into a shared folder");
    ann.keys("enter");
    says(&ann, "1 bundle is put into the folder for others to fetch. KINGSTON: safe to pull out now.");
    ann.keys("esc");
    says(&ann, "carried");
    ann.keys("p enter");
    says(&ann, "1 bundle lies in the folder already");
    mary.keys("f enter");
    says(&mary, "1 bundle was fetched into the inbox.");
    assert_eq!(mary.app.cx.last_place().as_deref(), Some(stick.path()));
    mary.keys("f enter");
    says(&mary, "Nothing new lies there: 1 bundle was here before.");
    select(&mut mary, "asks for help");
    mary.keys("enter i A esc p enter");
    says(&mary, "2 bundles are put into the folder");
    ann.keys("f enter");
    says(&ann, "2 bundles were fetched into the inbox");
    assert_eq!(ann.app.cx.open_session().inbox().len(), 2, "{code}: {}", ann.screen());
    // A folder that is gone, and one that never was.
    drop(stick);
    ann.keys("esc f enter");
    says(&ann, "not done");
}

#[test]
fn a_sync_is_made_and_taken_in_by_keys() {
    let stick = tempfile::tempdir().expect("a folder");
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    let case = case(&mut session, "Not seen at school for two weeks");
    let words = Passphrase::new("ackee river lantern stone mango hill rain").expect("fine");
    let file = session.device_file(&passphrase(), &words).expect("made");
    let other = MemoryDisk::new();
    Session::join(place(&other, 5), &file, &words, &passphrase()).expect("joined");
    let there = Session::unlock(place(&other, 6), "abrown", &passphrase()).expect("unlocked");
    let (mut here, mut there) = (run(session, stick.path()), run(there, stick.path()));
    there.keys("6 s");
    says(&there, "Sync with your team's other devices");
    there.keys("enter");
    says(&there, "The sync is on KINGSTON as own-JM-06.mahoe. Safe to pull out now.");
    here.keys("6 i");
    says(&here, "from our own devices");
    here.keys("enter esc");
    assert!(here.app.cx.open_session().inbox().is_empty(), "{}", here.screen());
    select(&mut here, "up to date");
    says(&here, "holds all that is here");
    crate::testing::team::action(here.app.cx.open_session_mut(), case, "Call the school", 3);
    here.keys("esc 6 esc");
    select(&mut here, "lacks");
    clear(stick.path());
    here.keys("enter");
    says(&here, "Devices that write for the team");
    says(&here, "this one");
    here.keys("esc s enter");
    there.keys("esc i enter");
    let actions = there.app.cx.open_session().state().items(ItemKind::Action).count();
    assert_eq!(actions, 1, "{}", there.screen());
    // One that lies in the inbox, as a relay leaves it.
    let bytes = here.app.cx.open_session_mut().sync_bundle(Since::Beginning).expect("made").bytes;
    there.app.cx.open_session().lay_into_inbox(&bytes).expect("kept");
    there.app.cx.trays.changed();
    there.keys("esc 6");
    select(&mut there, "our own devices");
    there.keys("enter");
    assert!(there.app.cx.open_session().inbox().is_empty(), "{}", there.screen());
}

#[test]
fn a_copy_begins_with_a_file_and_words_that_are_shown_once() {
    let stick = tempfile::tempdir().expect("a folder");
    let mut r = run(team(&MemoryDisk::new(), 1), stick.path());
    r.keys("6 n enter");
    says(&r, "Is a projector on?");
    r.text("not the passphrase").keys("ctrl-s");
    says(&r, "not done");
    assert_eq!(std::fs::read_dir(stick.path()).expect("there").count(), 0, "nothing was written");
    r.keys("esc n enter").text(passphrase().expose()).keys("ctrl-s");
    says(&r, "The file is on KINGSTON as new-device-JM-06.mahoe. Safe to pull out now.");
    let screen = r.screen();
    let words = screen.lines().skip_while(|line| !line.contains("Write these words down")).nth(2).expect("a line");
    let words = words.split('│').nth(1).expect("inside of the frame").trim().to_owned();
    let file = std::fs::read(stick.path().join("new-device-JM-06.mahoe")).expect("there");
    let disk = MemoryDisk::new();
    let typed = Passphrase::new(&words).expect("words");
    let joined = Session::join(place(&disk, 9), &file, &typed, &passphrase());
    assert!(joined.is_ok(), "the words that were shown open it: {words:?}\n{}", r.screen());
    r.keys("esc");
    assert!(!r.screen().contains(&words), "once");
}

#[test]
fn sharing_a_case_is_stopped_from_its_screen() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mut ann, _, case) = two_teams();
    let wish = Wish {
        peer: Some(ann.peers()[0].item),
        case: Some(case),
        profile: "parish-partner".into(),
        mandatory: true,
        reason: "The law asks for it".into(),
        ..Wish::default()
    };
    ann.refer(&wish, false).expect("sent");
    let shared = |r: &Runner<Desk>| {
        let state = r.app.cx.open_session().state();
        let view = crate::domain::views::Case::get(state, case).expect("there");
        crate::domain::teams::shared_with(state, view).len()
    };
    let mut r = run(ann, stick.path());
    r.keys("2 enter R e");
    says(&r, "Stop sharing case");
    says(&r, "what they hold, they keep. Tell them.");
    r.keys("esc");
    assert_eq!(shared(&r), 1);
    r.keys("R e ctrl-s");
    says(&r, "goes to Saint Mary");
    assert_eq!(shared(&r), 0);
    r.keys("R e");
    says(&r, "No other team shares this case");
    r.keys("u");
    assert_eq!(shared(&r), 1, "one key takes it back: {}", r.screen());
}

#[test]
fn a_withdrawal_is_told_by_a_notice_where_somebody_says_so() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mary, _) = two_shared_cases();
    let before = mary.outbound().len();
    let mut r = run(mary, stick.path());
    r.keys("2 enter c w");
    says(&r, "Saint Ann holds core, identity, people");
    r.keys("down space tab tab").text("yes").keys("ctrl-s");
    says(&r, "Consent to disclosure is withdrawn.");
    let outbound = r.app.cx.open_session().outbound();
    assert_eq!(outbound.len(), before + 1, "{}", r.screen());
    assert!(outbound.iter().any(|bundle| bundle.kind == "update" && bundle.cases.len() == 1));
}

#[test]
fn introductions_and_figures_are_read_in_the_plan() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mut ann, mary, _) = two_teams();
    let portland = crate::demo::cards::card(crate::domain::parish::ALL[3]).expect("fine");
    ann.take_card(&portland).expect("added");
    let to = Wish {
        peer: Some(ann.peers().iter().find(|peer| peer.verified.is_some()).expect("there").item),
        ..Wish::default()
    };
    let sent = ann.introduce_teams(&to, &[]).expect("made");
    mary.lay_into_inbox(&sent.bytes).expect("laid");
    let mut r = run(mary, stick.path());
    r.keys("6");
    select(&mut r, "Saint Ann");
    r.keys("enter");
    says(&r, "Portland MDT (JM-04): new here; they never compared words with it");
    r.keys("i");
    assert!(r.app.cx.open_session().peers().iter().any(|peer| peer.name == "Portland MDT" && peer.verified.is_none()));
}

#[test]
fn figures_are_prepared_by_one_and_released_by_another_by_keys() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mut ann, _, _) = two_teams();
    for number in 0..11 {
        case(&mut ann, &format!("Worry {number}"));
    }
    let later = crate::testing::team::morning() + chrono::TimeDelta::days(90);
    ann.set_clock(Box::new(crate::session::FixedClock(later)));
    let mut r = run(ann, stick.path());
    select(&mut r, "Saint Mary");
    r.keys("F ctrl-s");
    says(&r, "12 Cases reported");
    says(&r, "Nobody has prepared them yet");
    r.keys("enter");
    says(&r, "Nobody has prepared the figures of 2026 yet");
    select(&mut r, "Saint Mary");
    r.keys("F ctrl-s p");
    says(&r, "The figures of 2026 are prepared");
    select(&mut r, "Saint Mary");
    r.keys("F ctrl-s");
    says(&r, "You prepared them");
    r.keys("enter");
    says(&r, "It holds the figures of 2026, and nothing else");
    let sent = r.app.cx.open_session().outbound();
    assert!(matches!(sent.as_slice(), [one] if one.kind == "statistics"), "{sent:?}");
}

#[test]
fn cards_of_other_teams_are_sent_by_keys_and_an_owed_receipt_is_made() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mut ann, mut mary, case) = two_teams();
    let parish = crate::domain::parish::Parish::by_number(4).expect("a parish");
    ann.take_card(&crate::demo::cards::card(parish).expect("fine")).expect("taken");
    let to_mary = ann.peers().into_iter().find(|peer| peer.verified.is_some()).expect("there").item;
    let wish = Wish {
        peer: Some(to_mary),
        case: Some(case),
        profile: "parish-partner".into(),
        service: "a visit".into(),
        reason: "The aunt lives there".into(),
        ..Wish::default()
    };
    let bytes = ann.refer(&wish, false).expect("sent").bytes;
    let mut r = run(ann, stick.path());
    select(&mut r, "by telephone");
    r.keys("C space ctrl-s");
    says(&r, "It introduces: Portland MDT");
    // Taken in without its receipt, as after a cut.
    let opened = mary.open_bundle(&bytes).expect("opened");
    mary.import(&opened, None, "stick.mahoe").expect("taken in");
    let mut r = run(mary, stick.path());
    select(&mut r, "no receipt");
    r.keys("enter");
    says(&r, "is in the outbox");
    assert!(r.app.cx.open_session().owed_receipts().is_empty());
}

#[test]
fn the_preview_says_why_the_childs_words_stay_and_one_key_lets_them_go() {
    let stick = tempfile::tempdir().expect("a folder");
    let (mut ann, _, case) = two_teams();
    let note = crate::ops::CaseNote {
        cases: vec![case],
        kind: "views".into(),
        class: None,
        text: "I like the aunt".into(),
        when: None,
    };
    ann.run(note).expect("noted");
    let mut r = run(ann, stick.path());
    r.keys("2 enter R t").text("whole").keys("enter");
    says(&r, "Only after asking the child: 1 thing that the child said");
    // Every line: the words are not among them, unasked.
    r.keys("tab");
    assert!(!r.screen().contains("I like the aunt"), "{}", r.screen());
    r.keys("end space");
    says(&r, "√ views");
    r.keys("space");
    says(&r, "× views");
    r.keys("v");
    says(&r, "I like the aunt");
    r.keys("esc");
    assert!(!r.screen().contains("I like the aunt"), "{}", r.screen());
}
