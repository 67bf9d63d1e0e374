//! The screens measured, from a key to the drawn cells: `cargo bench --bench screens [-- CASES…]`; meetings alone:
//! `cargo bench --bench screens -- meetings`; full-text search and likely duplicates: `-- search`
//!
//! In one process and without a terminal: what is left out is the terminal's own time and one write of the bytes.

#![expect(clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::unwrap_used, reason = "a bench that can't run should stop")]

use std::time::{Duration, Instant};

use crossterm::event::KeyEventKind;
use mahoe::domain::alike::Known;
use mahoe::domain::field::{Field, ItemKind};
use mahoe::domain::ids::ItemId;
use mahoe::domain::meeting::minutes::Reader;
use mahoe::domain::paper::Form;
use mahoe::domain::searchable::Depth;
use mahoe::domain::value::Value;
use mahoe::ops::{ActionAdd, CaseNote, CaseOpen, MeetingAction, MeetingEnd, MeetingNew, MeetingSay, MeetingStart};
use mahoe::session::{PART, Query, Session};
use mahoe::testing::{Runner, percentiles, team};
use mahoe::tui::app::App;
use mahoe::tui::desk::Desk;
use mahoe::tui::keymap::Keymap;
use mahoe::tui::shell::MahoeShell;
use mahoe::tui::theme::{Depth as Colours, Symbols, Theme, ThemeName};
use mahoe::vault::disk::MemoryDisk;

/// Words that make the concerns differ, so that a search narrows down.
const WORDS: [&str; 8] = ["school", "market", "night", "harbour", "farm", "shop", "salon", "road"];

fn fill(session: &mut Session, cases: usize) {
    let mut made = 0;
    while made < cases {
        let some = (cases - made).min(1_000);
        session
            .all_or_nothing(|session| {
                for number in made..made + some {
                    let word = WORDS[number % 8];
                    let values = vec![
                        (Field::CaseConcern, Value::text(&format!("Seen working at the {word} late, number {number}"))),
                        (Field::CaseRisk, Value::code(["high", "medium", "low"][number % 3])),
                        (Field::CaseChildName, Value::text(&format!("Fern Example{number}"))),
                    ];
                    let case = session.run(CaseOpen { values, ..CaseOpen::default() })?.made[0];
                    if number % 10 == 0 {
                        let (owner, due) = (session.me(), session.today_date() + chrono::TimeDelta::days(3));
                        let (text, priority) = ("Visit with the counsellor".to_owned(), String::new());
                        session.run(ActionAdd {
                            cases: vec![case],
                            text,
                            owner,
                            due,
                            time: None,
                            priority,
                            class: None,
                            backdated: false,
                        })?;
                    }
                }
                Ok(())
            })
            .unwrap();
        made += some;
    }
}

fn timed(runner: &mut Runner<Desk>, keys: &str, times: usize) -> String {
    let chords: Vec<_> = keys.split(' ').map(|key| key.parse().unwrap()).collect();
    let taken: Vec<Duration> = (0..times)
        .map(|turn| {
            // A person's pace: a burst would be taken for a paste.
            runner.wait(Duration::from_millis(400));
            let start = Instant::now();
            runner.press(chords[turn % chords.len()], KeyEventKind::Press);
            start.elapsed()
        })
        .collect();
    percentiles(taken)
}

/// Only the keys that search, not those that take a letter away.
fn more_letters(runner: &mut Runner<Desk>) -> String {
    let mut taken = Vec::new();
    for word in ["harbour", "number", "market", "high", "late"] {
        for letter in word.chars() {
            runner.wait(Duration::from_millis(400));
            let start = Instant::now();
            runner.press(letter.to_string().parse().unwrap(), KeyEventKind::Press);
            taken.push(start.elapsed());
        }
        runner.wait(Duration::from_millis(400)).keys("esc /");
    }
    percentiles(taken)
}

fn note(case: ItemId) -> CaseNote {
    let text = "Spoke with the school.".to_owned();
    CaseNote { cases: vec![case], kind: "general".into(), class: None, text, when: None }
}

fn measure(cases: usize) {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 1);
    let start = Instant::now();
    fill(&mut session, cases);
    println!("{cases} cases made in {:.1} s, {} entries", start.elapsed().as_secs_f64(), session.state().entry_count());
    let start = Instant::now();
    let due = session.today().len();
    println!("Today worked out: {due} lines in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let theme = Theme::new(ThemeName::Dark, Colours::True, Symbols::WGL4);
    let case = session.state().items(ItemKind::Case).next().unwrap().id;
    session.run(note(case)).unwrap();
    let start = Instant::now();
    let again = session.today().len();
    println!("Today after a note:   {again} lines in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    let app = App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme);
    let mut runner = Runner::new(app, 200, 50);
    println!("first frame of Today: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("Today, a key:         {}", timed(&mut runner, "j j j j k", 400));
    runner.wait(Duration::from_secs(1));
    let start = Instant::now();
    runner.press("3".parse().unwrap(), KeyEventKind::Press);
    println!("Actions, first frame: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("Actions, a key:       {}", timed(&mut runner, "j j j j k", 400));
    runner.wait(Duration::from_secs(1));
    let start = Instant::now();
    runner.press("2".parse().unwrap(), KeyEventKind::Press);
    println!("Cases, first frame:   {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("Cases, a key:         {}", timed(&mut runner, "j j j j k", 400));
    runner.keys("/");
    println!(
        "Cases, search a key:  {}",
        timed(&mut runner, "h a r b o backspace backspace backspace backspace backspace", 100)
    );
    println!("Cases, search, a letter more: {}", more_letters(&mut runner));
    runner.keys("esc");
    let case = runner.app.cx.open_session().state().items(ItemKind::Case).next().unwrap().id;
    runner.app.cx.open_session_mut().run(note(case)).unwrap();
    let start = Instant::now();
    runner.press("2".parse().unwrap(), KeyEventKind::Press);
    println!("Cases, opened again:  {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
}

/// A meeting to come, as it is put into the calendar.
fn plan(session: &mut Session) -> ItemId {
    let when = session.now() + chrono::TimeDelta::hours(1);
    session.run(MeetingNew { when, ..MeetingNew::default() }).unwrap().made[0]
}

/// Live mode over so many cases.
fn live(cases: usize) {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 1);
    fill(&mut session, cases);
    let meeting = plan(&mut session);
    let start = Instant::now();
    let lines = session.agenda(meeting).len();
    println!("{cases} cases: the agenda of {lines} lines worked out in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let theme = Theme::new(ThemeName::Dark, Colours::True, Symbols::WGL4);
    let app = App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme);
    let mut runner = Runner::new(app, 120, 36);
    runner.keys("7 enter B y p esc l").keys("d").text("The plan goes on").keys("ctrl-s");
    // Left, and gone back to from the list.
    runner.keys("esc y esc home");
    runner.wait(Duration::from_secs(1));
    let start = Instant::now();
    runner.press("enter".parse().unwrap(), KeyEventKind::Press);
    println!("live mode, opened:    {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    assert!(runner.screen().contains("The plan goes on"), "{}", runner.screen());
    println!("live mode, a key:     {}", timed(&mut runner, "j k", 400));
    println!("live mode, an item:   {}", timed(&mut runner, "l h", 100));
    runner.keys("a");
    println!("capture, a letter:    {}", timed(&mut runner, "h a r b o", 400));
}

/// The minutes of a meeting of 40 items, with a decision and an action under each.
fn minutes_of_forty() {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 1);
    fill(&mut session, 40);
    let meeting = plan(&mut session);
    session.run(MeetingStart { meeting, statement: true }).unwrap();
    let items: Vec<ItemId> = session.agenda(meeting).iter().filter_map(|line| line.item).collect();
    let (owner, due) = (session.me(), session.today_date() + chrono::TimeDelta::days(3));
    for item in &items {
        let text = "Fern Example7 stays where she is; review in two weeks".to_owned();
        let say = MeetingSay { item: *item, kind: "decision".into(), text, said_by: String::new(), when: None };
        session.run(say).unwrap();
        let text = "Letter to the school".to_owned();
        let give = MeetingAction { item: *item, text, owner, due, time: None, priority: String::new() };
        session.run(give).unwrap();
    }
    session.run(MeetingEnd { meeting, anyway: true }).unwrap();
    let taken: Vec<Duration> = (0..50)
        .map(|_| {
            let start = Instant::now();
            let paper = session.minutes(meeting, Reader::Anybody).unwrap().render(Form::Html);
            assert!(paper.len() > 1_000);
            start.elapsed()
        })
        .collect();
    println!("minutes of {} items:  {}", items.len(), percentiles(taken));
}

/// Two notes in each case, so that there is something to search besides its concern.
fn write_notes(session: &mut Session) {
    const SAID: [&str; 4] = [
        "Met Fern at school with the guidance counsellor; she asked when her brother can visit.",
        "The aunt called: the bus to town is too dear, the agency looks for another way.",
        "The doctor found nothing new and wants to see the child again after the holidays.",
        "Spoke with the owner of the shop, who says that nobody works there after dark.",
    ];
    let cases: Vec<ItemId> = session.state().items(ItemKind::Case).map(|case| case.id).collect();
    for some in cases.chunks(1_000) {
        session
            .all_or_nothing(|session| {
                for (number, case) in some.iter().enumerate() {
                    for turn in 0..2 {
                        let text = format!("{} Number {number}.", SAID[(number + turn) % 4]);
                        session.run(CaseNote { text, ..note(*case) })?;
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}

/// Words over so many cases: reading them, finding them, and children who may be known already.
fn search(cases: usize) {
    let disk = MemoryDisk::new();
    let mut session = team::team(&disk, 1);
    fill(&mut session, cases);
    write_notes(&mut session);
    println!("{cases} cases, {} entries", session.state().entry_count());
    let (mut parts, start) = (Vec::new(), Instant::now());
    loop {
        let part = Instant::now();
        let done = session.read_words(PART);
        parts.push(part.elapsed());
        if done {
            break;
        }
    }
    println!("words read in {:.1} ms, {} parts", start.elapsed().as_secs_f64() * 1e3, parts.len());
    println!("a part of it:         {}", percentiles(parts));
    // Rare and common words, several, one that is nowhere, and one that is a name in every case.
    let typed = ["harbour", "guidance counsellor", "number 77", "market doctor", "nowhere", "fern", "the school bus"];
    for typed in typed {
        let query = Query::new(typed, true, Depth::Told);
        let (mut taken, mut found) = (Vec::new(), 0);
        for _ in 0..20 {
            let start = Instant::now();
            found = session.all_words().find(&query, 100, |_| true).0;
            taken.push(start.elapsed());
        }
        println!("find {typed:?}: {found} cases  {}", percentiles(taken));
    }
    let taken = ["Fern Exampel77", "Ferne Example4321", "Fern Example9", "Moss Harbour"].map(|name| {
        let child = Known::default().named(name).born(session.today_date().pred_opt(), true);
        let start = Instant::now();
        let _ = session.likely(&child);
        start.elapsed()
    });
    println!("likely duplicates:    {}", percentiles(taken.to_vec()));
    let case = session.state().items(ItemKind::Case).next().unwrap().id;
    session.run(note(case)).unwrap();
    let start = Instant::now();
    session.read_words(PART);
    println!("words after a note:   {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let theme = Theme::new(ThemeName::Dark, Colours::True, Symbols::WGL4);
    let app = App::new(Desk::open(session), MahoeShell::default(), Keymap::standard(), theme);
    let mut runner = Runner::new(app, 200, 50);
    runner.keys("g f");
    println!("Find, a letter more:  {}", more_letters(&mut runner));
    println!(
        "Find, any key of it:  {}",
        timed(&mut runner, "h a r b o backspace backspace backspace backspace backspace", 100)
    );
}

fn main() {
    if std::env::args().any(|word| word == "search") {
        return search(100_000);
    }
    if std::env::args().any(|word| word == "meetings") {
        live(1_000);
        return minutes_of_forty();
    }
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    for cases in if sizes.is_empty() { vec![10_000, 100_000] } else { sizes } {
        measure(cases);
    }
}
