//! The recovery sheet on the screen: the words to copy, and two of them asked back. What it means is its callers'.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::forms::{Field, Form, FormEvent, Values};
use crate::tui::input::Typed;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, width};

use super::unlock::{keys, lines};

/// The words that are asked back, counted from 1, with the names and labels of their fields.
const ASKED: [(usize, &str, &str); 2] = [(3, "first", "Word 3"), (17, "second", "Word 17")];

/// The sheet, until its words were read back.
pub(super) struct RecoverySheet {
    words: [&'static str; 24],
    /// The keys below the words.
    below: &'static str,
    /// Two of them are asked back.
    asks: Option<Form>,
}

/// What a key did on the sheet.
pub(super) enum Turn {
    /// All that was to be done.
    Done,
    /// Both words were read back rightly.
    ReadBack,
    /// Somebody wants to leave the words.
    Leave,
    /// It was no key of the sheet's.
    Pass,
}

impl RecoverySheet {
    /// Shows these words, with these keys below them.
    pub const fn new(words: &[&'static str; 24], below: &'static str) -> Self {
        Self { words: *words, below, asks: None }
    }

    /// The contexts of its keys.
    pub const fn contexts(&self) -> &'static [&'static str] {
        if self.asks.is_some() { &["words", "form", "text"] } else { &["words"] }
    }

    /// Whether letters are text now.
    pub const fn wants_text(&self) -> bool {
        self.asks.is_some()
    }

    /// Takes text.
    pub fn typed(&mut self, typed: &Typed) {
        if let Some(form) = &mut self.asks {
            form.typed(typed);
        }
    }

    /// Does what a key says.
    pub fn command(&mut self, name: &str) -> Turn {
        let Some(form) = &mut self.asks else {
            return match name {
                "words.next" => {
                    let fields = ASKED.iter().map(|(_, name, label)| Field::line(*name, *label).required());
                    self.asks = Some(Form::new("", fields.collect()));
                    Turn::Done
                }
                "words.again" => Turn::Leave,
                _ => Turn::Pass,
            };
        };
        let event = match name {
            "words.again" => {
                self.asks = None;
                return Turn::Done;
            }
            // Enter in the first of the two goes on to the second.
            "words.next" if form.focused() == ASKED[0].1 => form.command("form.next"),
            "words.next" => form.command("form.save"),
            name => form.command(name),
        };
        match event {
            FormEvent::Pass => Turn::Pass,
            FormEvent::Save => match wrong_word(&form.values(), &self.words) {
                None => Turn::ReadBack,
                Some((field, says)) => {
                    form.refuse(field, says);
                    Turn::Done
                }
            },
            FormEvent::Done | FormEvent::Leave => Turn::Done,
        }
    }

    /// Draws the words, or the form that asks two of them back.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Option<Position> {
        match &mut self.asks {
            None => Some(draw_words(buf, area, theme, &self.words, self.below)),
            Some(form) => draw_ask_back(buf, area, theme, form),
        }
    }
}

/// The first field whose word is not the one on the sheet, with what to say; `None` if both are right.
fn wrong_word(values: &Values, words: &[&str]) -> Option<(&'static str, String)> {
    let right = |number: usize, name: &str| words.get(number - 1) == Some(&values.get(name).to_lowercase().as_str());
    let (number, name, _) = ASKED.iter().find(|(number, name, _)| !right(*number, name))?;
    Some((name, format!("That is not word {number}. Check the sheet; Esc shows the words again.")))
}

/// Where the sheet stands, and its title.
fn page(buf: &mut Buffer, area: Rect, theme: &Theme) -> Rect {
    let width = area.width.saturating_sub(4).min(72);
    let x = area.x + (area.width - width) / 2;
    let top = area.y + area.height / 10;
    put(buf, x, top, width, "Recovery sheet", theme.style(Role::Title));
    Rect { x, y: top + 1, width, height: area.bottom().saturating_sub(top + 3) }
}

/// Draws the words.
fn draw_words(buf: &mut Buffer, area: Rect, theme: &Theme, words: &[&str], below: &str) -> Position {
    let all = page(buf, area, theme);
    let text = "Write these 24 words on paper now, in this order. They open the vault when every passphrase is \
                forgotten, for whoever holds them: keep the sheet locked away, far from this computer. They are \
                shown only now and kept nowhere.";
    let body = lines(buf, all, theme, text, Role::Text);
    let roomy = u16::from(body.height > 10);
    let body = Rect { y: body.y + roomy, height: body.height.saturating_sub(roomy), ..body };
    columns(buf, body, theme, words);
    keys(buf, area, all, theme, below);
    Position::new(body.x, body.y)
}

/// Draws the form that asks two words back.
fn draw_ask_back(buf: &mut Buffer, area: Rect, theme: &Theme, form: &mut Form) -> Option<Position> {
    let all = page(buf, area, theme);
    let body = lines(buf, all, theme, "Read two words back from the paper.", Role::Text);
    let body = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    let cursor = form.draw(buf, body, theme);
    keys(buf, area, all, theme, "Enter go on   Esc show the words again");
    cursor
}

/// The words with their numbers, down the columns.
fn columns(buf: &mut Buffer, area: Rect, theme: &Theme, words: &[&str]) {
    let widest = words.iter().map(|word| width(word)).max().unwrap_or(8).max(8) + 5;
    let count = (usize::from(area.width) / widest).clamp(1, 4);
    let rows = words.len().div_ceil(count).max(1);
    let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    for (at, word) in words.iter().enumerate() {
        let (x, y) = (area.x + cells(at / rows * (usize::from(area.width) / count)), area.y + cells(at % rows));
        if y < area.bottom() {
            put(buf, x, y, 3, &format!("{:>2} ", at + 1), theme.style(Role::Dim));
            put(buf, x + 3, y, area.width, word, theme.style(Role::Title));
        }
    }
}
