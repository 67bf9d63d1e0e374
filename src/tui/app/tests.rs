//! The kit end to end: a tiny program with a list, a form, a job and a question, driven by keys.

use std::time::Duration;

use crossterm::event::KeyEventKind;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::testing::Runner;
use crate::tui::app::App;
use crate::tui::effect::{Answer, Effect};
use crate::tui::forms::{Field, Form, FormLayer, Values, Wrong};
use crate::tui::input::Typed;
use crate::tui::keymap::Keymap;
use crate::tui::layers::{Context, Effects, Handled, Layer, Shell};
use crate::tui::overlays::{Confirm, Pick};
use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};
use crate::tui::widgets::bars::Header;
use crate::tui::widgets::{Choice, Column, Row, Table, TableState};
use crate::tui::worker::{Job, JobEnd};

const S: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Cx {
    items: Vec<(String, bool)>,
    done: usize,
    draft: Option<Values>,
    minutes: u64,
    masked: bool,
}

impl Context for Cx {
    type Done = &'static str;
}

struct List {
    state: TableState,
    filter: Option<String>,
}

impl List {
    fn new() -> Self {
        Self { state: TableState::default(), filter: None }
    }
}

impl Layer<Cx> for List {
    fn contexts(&self) -> &[&'static str] {
        if self.filter.is_some() { &["picker", "text"] } else { &["today", "list"] }
    }

    fn wants_text(&self) -> bool {
        self.filter.is_some()
    }

    fn command(&mut self, name: &str, cx: &mut Cx) -> Handled<Cx> {
        match name {
            "action.done" => {
                if let Some(at) = self.state.selected() {
                    cx.items[at].1 = true;
                    cx.done += 1;
                }
                Handled::done()
            }
            "action.new" => {
                let form =
                    Form::new("New action", vec![Field::line("what", "What").required(), Field::date("due", "Due")])
                        .filled(&cx.draft.clone().unwrap_or_default());
                let layer = FormLayer::new(form, |values, _, cx: &mut Cx| {
                    if values.get("what") == "x" {
                        return Err(Wrong::field("what", "Say more."));
                    }
                    cx.items.push((values.get("what").to_owned(), false));
                    Ok(vec![Effect::info("Saved.")])
                });
                Effect::push("new", layer.keep(|values, cx: &mut Cx| cx.draft = Some(values.clone()))).into()
            }
            "action.owner" => Effect::push(
                "owner",
                Pick::new("Owner", vec![Choice::new("a", "A. Brown"), Choice::new("b", "B. Reid")]),
            )
            .into(),
            "case.new" => Effect::push("erase", Confirm::new("Erase case 06-7K3Q for ever?", "06-7K3Q")).into(),
            "action.slip" => Effect::Run(
                Job::new("print", "Printing", |report| {
                    report.progress(1, 2);
                    if report.stopped() { "stopped" } else { "printed" }
                })
                .modal(),
            )
            .into(),
            "action.why" => Effect::Run(Job::new("fault", "Counting", |_| std::panic::panic_any(()))).into(),
            "list.filter" => {
                self.filter = Some(String::new());
                Handled::done()
            }
            "overlay.cancel" | "overlay.accept" => {
                self.filter = None;
                Handled::done()
            }
            _ => Handled::when(self.state.command(name)),
        }
    }

    fn typed(&mut self, typed: Typed, _: &mut Cx) -> Effects<Cx> {
        if let (Some(filter), Typed::Char(c)) = (&mut self.filter, typed) {
            filter.push(c);
        }
        Vec::new()
    }

    fn answer(&mut self, tag: &str, answer: Answer, _: &mut Cx) -> Effects<Cx> {
        match answer {
            Answer::Picked(code) => vec![Effect::info(format!("{tag}: {code}"))],
            Answer::Yes => vec![Effect::info(format!("{tag}: yes"))],
            _ => Vec::new(),
        }
    }

    fn job_ended(&mut self, tag: &str, end: JobEnd<&'static str>, _: &mut Cx) -> Effects<Cx> {
        match end {
            JobEnd::Done(result) => vec![Effect::info(format!("{tag}: {result}"))],
            JobEnd::Fault => Vec::new(),
        }
    }

    fn refresh(&mut self, cx: &mut Cx) {
        self.state.set_rows(cx.items.len(), vec![]);
    }

    fn position(&self) -> String {
        self.state.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, cx: &Cx) -> Option<Position> {
        let table = Table::new(vec![Column::flex("What", 10)]);
        table.draw(buf, area, theme, &mut self.state, |range| {
            cx.items[range]
                .iter()
                .map(|(what, done)| Row::item([format!("{what}{}", if *done { " (done)" } else { "" })]))
                .collect()
        })
    }
}

struct Tiny;

impl Shell<Cx> for Tiny {
    fn start(&mut self, _: &mut Cx) -> Effects<Cx> {
        vec![Effect::replace(List::new())]
    }

    fn command(&mut self, name: &str, _: &mut Cx) -> Handled<Cx> {
        match name {
            "screen.2" | "list.open" => Effect::push("", List::new()).into(),
            "app.lock" => Effect::replace(List::new()).into(),
            _ => Handled::Pass,
        }
    }

    fn header(&self, cx: &Cx) -> Header {
        Header {
            place: "Saint Ann MDT".into(),
            screens: vec![("1".into(), "Today".into()), ("2".into(), "Cases".into())],
            current: 0,
            status: format!("A. Brown · minute {}", cx.minutes),
            ..Header::default()
        }
    }

    fn deadline(&self, cx: &Cx) -> Option<Duration> {
        Some(Duration::from_secs(60 * (cx.minutes + 1)))
    }

    fn tick(&mut self, _: Duration, cx: &mut Cx) -> Effects<Cx> {
        cx.minutes += 1;
        Vec::new()
    }

    fn blanked(&mut self, _: bool, cx: &mut Cx) {
        cx.masked = true;
    }
}

fn runner(width: u16, height: u16) -> Runner<Cx> {
    let items = ["home visit", "letter to school", "medical check"].map(|t| (t.to_owned(), false)).to_vec();
    let theme = Theme::new(ThemeName::Dark, Depth::None, Symbols::WGL4);
    Runner::new(App::new(Cx { items, ..Cx::default() }, Tiny, Keymap::standard(), theme), width, height)
}

#[test]
fn the_first_frame() {
    assert_eq!(
        runner(60, 10).screen(),
        " Saint Ann MDT  1 Today  2 Cases\n\
         ───────────────────────────────────── A. Brown · minute 0 ──\n\
         ▌ home visit\n\
         \x20 letter to school\n\
         \x20 medical check\n\
         \n\n\n\n\
         \x20Enter open  x done  ? all keys  : commands             1/3\n"
    );
}

#[test]
fn keys_move_do_and_put_the_cursor_on_the_row() {
    let mut r = runner(80, 24);
    r.keys("j x");
    assert!(r.screen().contains("▌ letter to school (done)"), "{}", r.screen());
    assert_eq!(r.cursor(), Some(Position::new(0, 3)));
    assert_eq!(r.keys("G").app.cx.done, 1);
}

#[test]
fn held_keys_and_releases_do_nothing_twice() {
    let mut r = runner(80, 24);
    let x = "x".parse().unwrap();
    for _ in 0..40 {
        r.press(x, KeyEventKind::Press).wait(Duration::from_millis(33));
    }
    r.press(x, KeyEventKind::Release).press(x, KeyEventKind::Repeat);
    assert_eq!(r.app.cx.done, 1);
    let frames = r.frames();
    r.press(x, KeyEventKind::Release);
    assert_eq!(r.frames(), frames, "a release draws nothing");
}

#[test]
fn pastes_are_text_in_fields_and_refused_elsewhere() {
    for bracketed in [true, false] {
        let mut r = runner(80, 24);
        if bracketed {
            r.paste("xxqx\nyes")
        } else {
            r.volley("xjxqx\nyes")
        };
        assert!(r.screen().contains("That looked like a paste"), "{}", r.screen());
        assert_eq!((r.app.cx.done, r.ended()), (0, false));
        r.keys("j");
        assert!(!r.screen().contains("paste"), "a key says that it was read");
        r.keys("a");
        if bracketed {
            r.paste("call the\naunt")
        } else {
            r.volley("call the\naunt")
        };
        assert!(r.screen().contains("call the aunt"), "{}", r.screen());
        assert_eq!(r.app.cx.items.len(), 3, "Enter in a paste never saves");
    }
}

#[test]
fn forms_save_refuse_and_keep_the_draft() {
    let mut r = runner(80, 24);
    r.keys("a").text("x").keys("ctrl-s");
    assert!(r.screen().contains("! Say more."), "{}", r.screen());
    r.text(" ray").keys("ctrl-s");
    assert!(r.screen().contains("x ray") && r.screen().contains("Saved."), "{}", r.screen());
    r.keys("a").text("half done").keys("esc");
    assert_eq!(r.app.cx.draft.as_ref().unwrap().get("what"), "half done");
    r.keys("a");
    assert!(r.screen().contains("half done"));
    r.text("!").keys("ctrl-l");
    assert_eq!(r.app.cx.draft.as_ref().unwrap().get("what"), "half done!", "a lock keeps it too");
    assert!(!r.screen().contains("New action"));
}

#[test]
fn what_can_follow_help_palette_and_esc() {
    let mut r = runner(80, 24);
    r.keys("g");
    assert!(r.screen().contains("g go to") && r.screen().contains("c Cases"), "{}", r.screen());
    r.keys("esc");
    assert!(!r.screen().contains("go to"));
    r.keys("?");
    assert!(r.screen().contains("┌ Keys") && r.screen().contains("In a list"), "{}", r.screen());
    let keys = r.screen();
    let place = |text: &str| keys.find(text).unwrap_or_else(|| panic!("{text}: {keys}"));
    assert!(place("done") < place("postpone") && place("postpone") < place("owner"), "as in the footer: {keys}");
    r.keys("esc ctrl-p");
    let palette = r.screen();
    let line = |text: &str| palette.lines().position(|line| line.contains(text)).unwrap_or(usize::MAX);
    assert!(line("done") < line("all keys"), "the nearest first: {palette}");
    assert!(!palette.contains("action."), "no names of the program's own: {palette}");
    r.keys("esc ctrl-p").text("next theme");
    assert!(r.screen().contains("▌next theme"), "{}", r.screen());
    r.keys("esc :").text("owner").keys("enter").text("re").keys("enter");
    assert!(r.screen().contains("owner: b"), "{}", r.screen());
}

#[test]
fn what_cant_be_undone_must_be_named() {
    let mut r = runner(80, 24);
    r.keys("n").text("yes").keys("enter");
    assert!(r.screen().contains("That is not the code"), "{}", r.screen());
    r.keys("ctrl-u").text("06-7k3q").keys("enter");
    assert!(r.screen().contains("erase: yes"), "{}", r.screen());
}

#[test]
fn blank_shows_nothing_and_hears_nothing() {
    let mut r = runner(80, 24);
    for key in ["F9", "ctrl-g", "."] {
        r.keys(key);
        assert_eq!(r.screen().trim(), "");
        assert_eq!(r.cursor(), None);
        r.keys("x q").paste("x").keys(key);
        assert!(r.screen().contains("home visit"));
    }
    assert!(r.app.cx.masked);
    assert_eq!((r.app.cx.done, r.ended()), (0, false));
    r.keys("a F9");
    assert_eq!(r.screen().trim(), "", "also while typing");
}

#[test]
fn leaving_asks_and_ctrl_c_never_leaves() {
    let mut r = runner(80, 24);
    r.keys("ctrl-c");
    assert!(r.screen().contains("Ctrl-C does not leave") && !r.ended());
    r.keys("2 q");
    assert!(!r.screen().contains("Leave mahoe?") && r.screen().contains("top screen"), "{}", r.screen());
    r.keys("esc q n");
    assert!(!r.ended());
    r.keys("q enter");
    assert!(r.ended());
}

#[test]
fn jobs_show_progress_can_be_stopped_and_may_fail() {
    let mut r = runner(80, 24);
    r.hold_jobs().keys("y");
    assert!(r.screen().contains("Printing") && r.screen().contains("Esc stop it"), "{}", r.screen());
    r.keys("x esc").run_jobs();
    assert!(r.screen().contains("print: stopped"), "{}", r.screen());
    assert_eq!(r.app.cx.done, 0, "the screen below heard nothing");
    r.keys("w").run_jobs();
    assert!(r.screen().contains("because of a fault of mahoe"), "{}", r.screen());
}

#[test]
fn idle_draws_nothing_but_the_minute() {
    let mut r = runner(80, 24);
    let frames = r.frames();
    r.wait(S * 50);
    assert_eq!(r.frames(), frames);
    r.wait(S * 20);
    assert_eq!(r.frames(), frames + 1);
    assert!(r.screen().contains("minute 1"));
    r.keys("u");
    assert!(r.screen().contains("has nothing to do here"), "{}", r.screen());
    r.wait(S * 5);
    assert!(!r.screen().contains("nothing to do"), "{}", r.screen());
}

#[test]
fn any_size_is_survived() {
    let mut r = runner(20, 5);
    assert_eq!(r.screen(), "\n\nEnlarge the window.\n\n\n");
    r.keys("a");
    for (w, h) in [(1, 1), (20, 5), (40, 10), (60, 18), (80, 24), (200, 50)] {
        for keys in ["g", "esc", "?", "j", "esc", "ctrl-p", "x", "esc", "F8"] {
            r.resize(w, h).keys(keys);
        }
    }
    assert!(r.resize(80, 24).screen().contains("Saint Ann MDT"));
}

#[test]
fn while_filtering_letters_are_text() {
    let mut r = runner(80, 24);
    r.keys("/").text("xq").keys("enter x");
    assert_eq!(r.app.cx.done, 1, "only the x after Enter was a command");
}
