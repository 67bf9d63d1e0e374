//! Team, Vault health, the tour and handing over, driven by keys.

use super::testing::{run, unlocked};
use crate::domain::ids::ItemId;
use crate::domain::views::Member;
use crate::testing::Runner;
use crate::testing::team::{case, team};
use crate::tui::desk::Desk;
use crate::tui::layers::Layer;
use crate::vault::disk::{Disk as _, MemoryDisk};

fn screen(make: fn(&mut Desk) -> Box<dyn Layer<Desk>>, width: u16, height: u16) -> Runner<Desk> {
    let disk = MemoryDisk::new();
    let mut session = team(&disk, 1);
    case(&mut session, "A worry");
    run(unlocked(&disk, session), Some(make), width, height).0
}

fn member(r: &Runner<Desk>, name: &str) -> ItemId {
    let all = Member::all(r.app.cx.open_session().state());
    all.iter().find(|member| member.name() == name).expect("on the roster").0.id
}

#[test]
fn a_second_person_gets_a_key_and_takes_over() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let mut r = screen(super::team::screen, w, h);
        assert!(r.screen().contains("Only one person can open"), "{}", r.screen());
        r.keys("a").text("M. Clarke").keys("tab").text("moh").keys("tab tab").text("mclarke").keys("ctrl-s");
        assert!(r.screen().contains("M. Clarke is on the team"), "{}", r.screen());
        r.keys("j K");
        assert!(r.screen().contains("A key for M. Clarke") && r.screen().contains("look away"), "{}", r.screen());
        r.keys("tab").text("mclarke").keys("ctrl-u");
        let (good, other) = ("velvet orbit pepper lake", "velvet orbit pepper lane");
        r.paste(good).keys("tab").paste(other).keys("ctrl-s");
        assert!(r.screen().contains("The two differ"), "{}", r.screen());
        r.paste(good).keys("tab").paste(good).keys("ctrl-s");
        assert!(r.screen().contains("can open this vault now"), "{}", r.screen());
        assert!(!r.screen().contains("Only one person"), "{}", r.screen());
        // A draft stays with its writer.
        r.keys("a").text("Half a name").keys("ctrl-l");
        assert!(r.screen().contains("Passphrase"), "{}", r.screen());
        r.text("mclarke").keys("enter").paste(good).keys("enter");
        assert_eq!(r.app.cx.my_name(), "M. Clarke", "{}", r.screen());
        assert!(r.app.cx.draft("team.add").is_none());
        r.keys("ctrl-l").text("abrown").keys("enter").paste(crate::testing::team::PASSPHRASE).keys("enter");
        assert_eq!(r.app.cx.draft("team.add").map(|draft| draft.get("name")), Some("Half a name"));
    }
}

#[test]
fn an_agency_is_edited_retired_and_brought_back() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let mut r = screen(super::team::screen, w, h);
        r.keys("tab e");
        assert!(r.screen().contains("Who to ask for"), "{}", r.screen());
        r.keys("shift-tab").text("the duty officer").keys("ctrl-s");
        assert!(r.screen().contains("Saved."), "{}", r.screen());
        r.keys("w");
        assert!(r.screen().contains("That is for a member"), "{}", r.screen());
        r.keys("L n L y");
        assert!(r.screen().contains("Retired"), "{}", r.screen());
        r.keys("G");
        r.keys("L");
        assert!(r.screen().contains("Saved."), "{}", r.screen());
    }
}

#[test]
fn away_back_edit_and_leaving() {
    let mut r = screen(super::team::screen, 80, 24);
    r.keys("a").text("M. Clarke").keys("ctrl-s").keys("j w");
    r.keys("tab").text("fri").keys("tab").text("brown").keys("ctrl-s");
    assert!(r.screen().contains("till 27 Nov, A"), "{}", r.screen());
    r.keys("w");
    assert!(!r.screen().contains("till 27 Nov, A") && r.screen().contains("Back."), "{}", r.screen());
    r.keys("e tab tab tab tab").text("555 0199").keys("ctrl-s");
    assert!(r.screen().contains("555 0199"), "{}", r.screen());
    let clarke = member(&r, "M. Clarke");
    r.keys("L n L y");
    assert!(Member::get(r.app.cx.open_session().state(), clarke).is_some_and(Member::left), "{}", r.screen());
    assert!(r.screen().contains("Left the team"), "{}", r.screen());
    // The coordinator can't leave a team without one.
    r.keys("g g L y");
    assert!(r.screen().contains("Somebody must be coordinator"), "{}", r.screen());
}

#[test]
fn health_says_how_it_stands_and_checks_everything() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let mut r = screen(super::health::screen, w, h);
        assert!(r.screen().contains("/vault") && r.screen().contains("Only one person"), "{}", r.screen());
        r.hold_jobs().keys("v");
        assert!(r.screen().contains("Checking every record"), "{}", r.screen());
        // The session is away: keys do nothing, and nothing breaks.
        r.keys("8 N ctrl-l x").run_jobs();
        assert!(r.screen().contains("All is well"), "{}", r.screen());
        assert!(r.app.cx.session().is_some());
    }
}

#[test]
fn what_was_set_aside_is_listed_and_destroyed_only_once_that_is_typed() {
    let disk = MemoryDisk::new();
    let session = team(&disk, 1);
    let piece = std::path::Path::new("/vault/quarantine/20261122T130000Z/00000001.seg");
    disk.create_folder(piece.parent().expect("a folder")).expect("made");
    disk.write_atomic(piece, b"rotten").expect("written");
    let there = |disk: &MemoryDisk| disk.read(piece, 100).is_ok();
    let mut r = run(unlocked(&disk, session), Some(super::health::screen), 100, 30).0;
    assert!(r.screen().contains("00000001.seg  6 bytes"), "{}", r.screen());
    assert!(r.screen().contains("D destroy what was set aside"), "in the footer: {}", r.screen());
    r.keys("D").text("yes").keys("enter");
    assert!(r.screen().contains("That is not the code") && there(&disk), "{}", r.screen());
    r.keys("esc D").text("remove").keys("enter");
    assert!(r.screen().contains("1 file was overwritten and removed."), "{}", r.screen());
    assert!(!there(&disk) && !r.screen().contains("00000001.seg"), "{}", r.screen());
    r.keys("D");
    assert!(r.screen().contains("Nothing was set aside."), "{}", r.screen());
}

#[test]
fn a_check_can_be_stopped_and_a_passphrase_changed() {
    let mut r = screen(super::health::screen, 80, 24);
    r.hold_jobs().keys("p").paste("not the old one").keys("tab").paste("velvet orbit pepper lake").keys("tab");
    r.paste("velvet orbit pepper lake").keys("ctrl-s").run_jobs();
    assert!(r.screen().contains("not done"), "{}", r.screen());
    r.keys("p").paste(crate::testing::team::PASSPHRASE).keys("tab").paste("velvet orbit pepper lake").keys("tab");
    r.paste("velvet orbit pepper lake").keys("ctrl-s").run_jobs();
    assert!(r.screen().contains("Your passphrase is changed"), "{}", r.screen());
    r.keys("ctrl-l").paste("velvet orbit pepper lake").keys("enter").run_jobs();
    assert!(r.app.cx.session().is_some(), "{}", r.screen());
}

/// The words on the screen, in order.
fn words_shown(screen: &str) -> Vec<String> {
    let word = |number: usize| {
        let before = format!("{number:>2} ");
        let after = screen.split(&before).skip(1);
        let words = after.filter_map(|rest| rest.split_whitespace().next());
        words.filter(|word| word.len() >= 3 && word.chars().all(|c| c.is_ascii_lowercase())).last()
    };
    (1..=24).map(|number| word(number).unwrap_or_default().to_owned()).collect()
}

#[test]
fn new_recovery_words_count_once_they_are_read_back() {
    let good = crate::testing::team::PASSPHRASE;
    for (w, h) in [(80, 24), (120, 36), (60, 20)] {
        let mut r = screen(super::health::screen, w, h);
        assert!(r.screen().contains("1 sheet") && r.screen().contains("W makes a second one"), "{}", r.screen());
        let epoch = r.app.cx.open_session().vault().epoch();
        r.keys("w");
        assert!(r.screen().contains("New recovery words") && r.screen().contains("projector"), "{}", r.screen());
        r.paste("not the one").keys("ctrl-s");
        assert!(r.screen().contains("not your passphrase"), "{}", r.screen());
        r.paste(good).keys("ctrl-s");
        assert!(r.screen().contains("24 "), "{}", r.screen());
        // Left before the end, nothing has changed.
        r.keys("esc");
        assert!(r.screen().contains("Nothing was changed"), "{}", r.screen());
        assert_eq!(r.app.cx.open_session().vault().epoch(), epoch);
        r.keys("w").paste(good).keys("ctrl-s");
        let words = words_shown(&r.screen());
        r.keys("enter").text(&words[2]).keys("enter").text("wrong").keys("enter");
        assert!(r.screen().contains("That is not word 17"), "{}", r.screen());
        r.keys("ctrl-u").text(&words[16]).keys("enter");
        assert!(r.screen().contains("count from now on"), "{}", r.screen());
        assert_ne!(r.app.cx.open_session().vault().epoch(), epoch);
        // A second sheet, given up while the thread checks the passphrase: keys wait.
        r.keys("W").paste(good).hold_jobs().keys("ctrl-s esc q").run_jobs();
        let words = words_shown(&r.screen());
        r.keys("enter").text(&words[2]).keys("enter").text(&words[16]).keys("enter").run_jobs();
        assert_eq!(r.app.cx.open_session().sheets().all, 2, "{}", r.screen());
        assert!(r.screen().contains("2 sheets"), "{}", r.screen());
    }
}

#[test]
fn the_tour_has_six_pages_and_can_be_left_anywhere() {
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let mut r = screen(super::tour::open, w, h);
        for page in 1..=6 {
            assert!(r.screen().contains(&format!("The tour, {page} of 6")), "{}", r.screen());
            if page < 6 {
                r.keys("enter");
            }
        }
        r.keys("left left");
        assert!(r.screen().contains("4 of 6"));
    }
}

#[test]
fn the_team_is_filtered_and_an_agency_is_read() {
    let mut r = screen(super::team::screen, 80, 24);
    r.keys("a").text("M. Clarke").keys("tab").text("moh").keys("ctrl-s");
    r.keys("/").text("clar");
    assert!(r.screen().contains("M. Clarke") && !r.screen().contains("A. Brown (you)"), "{}", r.screen());
    r.keys("enter");
    assert!(r.screen().contains("/clar ×"), "{}", r.screen());
    r.keys("/").text("xx");
    assert!(r.screen().contains("Nothing fits the filter"), "{}", r.screen());
    r.keys("esc l");
    assert!(r.screen().contains("Ministry of Health") && !r.screen().contains("K give a key"));
    r.keys("/").text("moh").keys("enter enter");
    assert!(r.screen().contains("┌ MOH") && r.screen().contains("M. Clarke, champion"), "{}", r.screen());
}

#[test]
fn a_members_own_card_is_taken_and_a_paper_is_sealed_to_it() {
    use crate::bundle::paper;
    use crate::bundle::person::PersonalCard;
    use crate::testing::entropy::SeededEntropy;
    use crate::vault::keys::identity::Identity;

    let key = Identity::random(&mut SeededEntropy::new(5));
    let card = PersonalCard::new("A. Brown", key.recipient()).expect("a card");
    for (w, h) in [(80, 24), (120, 36), (60, 18)] {
        let stick = tempfile::tempdir().expect("a folder");
        std::fs::write(stick.path().join("brown.card"), card.text()).expect("written");
        let mut r = screen(super::team::screen, w, h);
        let place = crate::tui::places::Place { name: "STICK".into(), path: stick.path().into(), removable: true };
        r.app.cx.drives = std::sync::Arc::new(move || vec![place.clone()]);
        r.keys("s");
        assert!(r.screen().contains("has given no card"), "{}", r.screen());
        r.keys("c");
        assert!(r.screen().contains("1 card") && r.screen().contains("brown.card"), "{}", r.screen());
        r.keys("enter");
        let read_out = card.read_out();
        let first = read_out.split_whitespace().next().expect("words");
        assert!(r.screen().contains("Have them read out its end") && r.screen().contains(first), "{}", r.screen());
        r.keys("esc s");
        assert!(r.screen().contains("The paper, sealed: where to?"), "{}", r.screen());
        r.keys("enter").text("The visit is on Tuesday at ten.").keys("ctrl-s");
        assert!(r.screen().contains("STICK"), "{}", r.screen());
        let files = std::fs::read_dir(stick.path()).expect("there").flatten().map(|file| file.path());
        let sealed: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "mahoe")).collect();
        let bytes = std::fs::read(&sealed[0]).expect("readable");
        let opened = paper::open(&bytes, &key).expect("for them");
        assert!(opened.text.contains("on Tuesday at ten"));
        assert_eq!(sealed.len(), 1);
    }
}
