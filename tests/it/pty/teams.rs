//! Two teams exchange a case by keys alone, each at a terminal of its own: cards, words, a referral, its answer, what both
//! write at once, and the decision. In the end both say the same of what they share.

use std::path::Path;

use serde_json::Value as Json;

use super::Terminal;
use crate::cli::{NOW, PASSPHRASE, Team};

const ESC: &str = "\x1b";
const ENTER: &str = "\r";
const SAVE: &str = "\x13";

/// A team at its terminal, unlocked.
fn sit_down(team: &Team) -> Terminal {
    let (vault, state) = (team.path("vault").display().to_string(), team.path("state").display().to_string());
    let arguments = ["--vault", &vault, "--now", NOW, "--as", "abrown"];
    let mut terminal = Terminal::new(44, 110, &arguments, &[("MAHOE_STATE", &state)]);
    terminal.shows("Passphrase").paste(PASSPHRASE).press(ENTER).shows("A. Brown · masked");
    terminal
}

/// Exchange, with nothing over it and no filter.
fn exchange(terminal: &mut Terminal) -> &mut Terminal {
    terminal.press("6").shows("Our devices")
}

/// Selects the line of Exchange that says this.
fn select<'a>(terminal: &'a mut Terminal, text: &str) -> &'a mut Terminal {
    exchange(terminal).press("/").shows("Enter choose  Esc back").paste(text).shows(&format!("/{text}")).press(ENTER);
    terminal.until("the line", |screen| screen.lines().any(|line| line.starts_with('▌') && line.contains(text)))
}

/// Chooses a path in the chooser that is open; `line` is what it then offers there.
fn choose<'a>(terminal: &'a mut Terminal, path: &Path, line: &str) -> &'a mut Terminal {
    terminal.press("p").shows("Type where it is").paste(&path.display().to_string()).press(SAVE);
    terminal.until("the place", |screen| !screen.contains("Type where it is")).says(line).press(ENTER)
}

/// The only file with this ending in a folder.
fn file(folder: &Path, ending: &str) -> std::path::PathBuf {
    let all = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut all: Vec<_> = all.filter(|path| path.extension().is_some_and(|end| end == ending)).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The words that a team speaks, from the form that compares them; the form stays open.
fn words(terminal: &mut Terminal) -> String {
    select(terminal, "not verified").press("v").says("They type them.");
    let screen = super::unframed(&terminal.screen());
    let words = screen.split("Read these four words to them: ").nth(1).and_then(|rest| rest.split(". They").next());
    words.expect("four words").replace(',', "").to_lowercase()
}

/// Puts the outbox into the shared folder.
fn put(terminal: &mut Terminal, folder: &Path) {
    exchange(terminal).press("p").shows("Put the outbox into a shared folder");
    choose(terminal, folder, "Put it here").says("for others to fetch");
}

/// Fetches from the shared folder, and takes all of it in.
fn fetch(terminal: &mut Terminal, folder: &Path) {
    exchange(terminal).press("f").shows("Fetch from a shared folder");
    choose(terminal, folder, "Fetch from here").says("fetched into the inbox");
    let screen = super::unframed(&terminal.screen());
    let before = screen.split(" fetched into the inbox").next().unwrap_or_default();
    let count: usize = before.split_whitespace().rev().nth(2).and_then(|count| count.parse().ok()).expect("a number");
    for _ in 0..count {
        terminal.press("g").shows("go to").press("g").press(ENTER).shows("import all").press("i");
        terminal.until("taken in", |screen| !screen.contains("import all") && !screen.contains("Taking the bundle"));
    }
    exchange(terminal).shows("Nothing came.");
}

/// Sets the risk of the case, which is the only one.
fn assess(terminal: &mut Terminal, risk: &str) {
    terminal.press("2").shows("1/1").press(ENTER).shows("Overview").press("r").shows("Risk of case");
    terminal.paste(risk).press("\t").paste("The aunt was there").press(SAVE);
    terminal.says(&format!("→ {risk}"));
}

/// Sends the other team what is new to them.
fn update(terminal: &mut Terminal) {
    select(terminal, "by telephone").press("U").says("w in Exchange writes it to a stick.");
}

/// Leaves the program.
fn get_up(mut terminal: Terminal) {
    exchange(&mut terminal).press("q").shows("Leave mahoe?").press("y");
    assert_eq!(terminal.ends(), 0, "{}", terminal.screen());
}

/// What both teams must say alike of a case: all of it, but for whose words are one's own.
fn shared(team: &Team, code: &str) -> Json {
    let mut case = team.mahoe(&["--json", "case", "show", code, "--reveal"]).json();
    for note in case["notes"].as_array_mut().expect("notes") {
        let author =
            note["author"].as_str().and_then(|author| author.split(" (").next()).expect("an author").to_owned();
        note["author"] = author.into();
    }
    for referral in case["referrals"].as_array_mut().expect("referrals") {
        let referral = referral.as_object_mut().expect("an object");
        referral.retain(|name, _| !matches!(name.as_str(), "direction" | "other"));
    }
    case
}

#[test]
fn a_case_goes_to_another_team_and_back_by_keys() {
    let practice = ["--practice", "--work-factor", "2"];
    let (ann, mary) = (Team::of("JM-06", &practice), Team::of("JM-05", &practice));
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let new = ["case", "new", "--concern", "Not seen at school", "--risk", "high", "--child-name", "Fern Riverstone"];
    let code = ann.mahoe(&new).good().to_owned();
    let consent = ["consent", "record", &code, "--scope", "services", "--scope", "disclosure", "--by", "the mother"];
    ann.mahoe(&consent).good();
    let (mut at_ann, mut at_mary) = (sit_down(&ann), sit_down(&mary));

    // Cards.
    for (from, to) in [(0, 1), (1, 0)] {
        let pair = [&mut at_ann, &mut at_mary];
        exchange(pair[from]).press("c").shows("mahoe card 1").press("w").shows("Write your team's card");
        choose(pair[from], folder, "Write here").says("The card is in").press(ESC);
        pair[from].until("the card is left", |screen| !screen.contains("mahoe card 1"));
        exchange(pair[to]).press("a").shows("Another team's card");
        let card = file(folder, "card");
        choose(pair[to], &card, "mahoe-JM-").says("call them and compare words");
        std::fs::remove_file(card).expect("removed");
    }
    // Words.
    let (anns, marys) = (words(&mut at_ann), words(&mut at_mary));
    for (terminal, heard) in [(&mut at_ann, &marys), (&mut at_mary, &anns)] {
        terminal.paste(heard).press("\t").paste("by telephone").press(SAVE);
        terminal.until("verified", |screen| !screen.contains("Compare words with"));
        terminal.press(ESC).shows("A. Brown: by telephone");
        terminal.until("no filter", |screen| !screen.contains("/not verified"));
    }

    // A referral, and its answer.
    at_ann.press("2").shows(&code).press(ENTER).shows("Overview").press("R").shows("refer to another team");
    at_ann.press("t").shows("How much of it leaves?").press(ENTER).shows("Stays here").press(ENTER).shows("Asked for");
    at_ann.paste("a visit to the aunt").press("\t").press("\t").paste("She lives in Port Maria").press(SAVE);
    at_ann.says("The bundle for Saint Mary MDT is in the outbox");
    let carried = tempfile::tempdir().expect("a stick");
    select(&mut at_ann, "to be carried").press("w").shows("Write the bundle: where to?");
    choose(&mut at_ann, carried.path(), "Write here").says("The bundle is in");
    exchange(&mut at_mary).press("i").shows("Take a bundle in");
    choose(&mut at_mary, &file(carried.path(), "mahoe"), ".mahoe").says("From Saint Ann (verified) · number 1");
    at_mary.says(&format!("New case {code} ● high")).press("i").says("An answer is awaited").press("A");
    at_mary.until("answered", |screen| !screen.contains("An answer is awaited"));
    put(&mut at_mary, folder);
    exchange(&mut at_ann).shows("asked today");
    fetch(&mut at_ann, folder);
    exchange(&mut at_ann).shows("sent, receipt").shows("Nobody was asked.");

    // Both write the same field, not knowing of each other; one decides.
    assess(&mut at_ann, "medium");
    assess(&mut at_mary, "low");
    for terminal in [&mut at_ann, &mut at_mary] {
        update(terminal);
        put(terminal, folder);
    }
    for terminal in [&mut at_ann, &mut at_mary] {
        fetch(terminal, folder);
        exchange(terminal).shows("1 value has to be chosen");
    }
    select(&mut at_mary, "two values").press(ENTER).shows("Conflicts 1").press(ENTER).shows("which one counts?");
    at_mary.paste("medium").shows("medium").press(ENTER).says("Decided; both values stay in the history.");
    update(&mut at_mary);
    put(&mut at_mary, folder);
    fetch(&mut at_ann, folder);
    exchange(&mut at_ann).shows("Nothing has to be decided.");
    get_up(at_ann);
    get_up(at_mary);

    assert_eq!(shared(&ann, &code), shared(&mary, &code));
    let case = shared(&mary, &code);
    assert_eq!((&case["risk"], &case["referrals"][0]["state"]), (&"medium".into(), &"accepted".into()));
    assert_eq!(case["fields"]["child-name"], "Fern Riverstone");
    assert_eq!(
        (case["notes"].as_array().map(Vec::len), case["conflicts"].as_array().map(Vec::len)),
        (Some(2), Some(0))
    );
    for team in [&ann, &mary] {
        team.mahoe(&["vault", "verify"]).good();
    }
}
