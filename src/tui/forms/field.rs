//! One field of a form: its editor, its rule, how it is drawn.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use zeroize::Zeroizing;

use crate::tui::input::Typed;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{fit, put, put_fit, width, wrapped};
use crate::tui::widgets::{Choice, LineEditor, Picker, ProseEditor};

/// Lines that a list of choices takes while its field is focused.
const LIST_LINES: u16 = 6;
/// The most lines of a prose field that is not focused.
const PROSE_LINES: u16 = 2;

/// Cells that an answer takes beside its question.
const ANSWER: u16 = 20;
/// How far what is entered stands in from its question.
const INDENT: u16 = 2;

/// A name or a few words: the program's own, or a policy's.
type Name = Cow<'static, str>;

/// A rule for a field's text: what will happen, or what is wrong and what to do. Both may be shown at once.
type Check = Box<dyn Fn(&str) -> Result<String, String>>;

enum Editor {
    Line(LineEditor),
    Prose(ProseEditor),
    /// One of several, by its code.
    One(Picker, Option<String>),
    Many(Picker, BTreeSet<String>),
    Secret(LineEditor),
}

/// How a form's width is shared.
pub(super) struct Space {
    pub labels: u16,
    pub width: u16,
    /// Lines of a text while it is written.
    pub prose: u16,
}

impl Space {
    const fn value_width(&self) -> u16 {
        self.width.saturating_sub(self.labels)
    }
}

/// A field of a form. `name` is its key in [`Values`](super::Values).
pub struct Field {
    pub(super) name: Name,
    pub(super) label: Name,
    pub(super) error: Option<String>,
    /// The title that stands above it.
    pub(super) section: Option<Name>,
    /// It is asked only while another field has one of these values.
    pub(super) only_if: Option<(Name, Vec<String>)>,
    /// Its label is a whole question: it stands above what is entered, and the answer beside it.
    pub(super) question: bool,
    /// What it holds names somebody: a veiled form hides it.
    private: bool,
    /// Stands in grey where nothing was entered.
    placeholder: &'static str,
    hint: String,
    pub(super) required: bool,
    check: Option<Check>,
    /// What the rule says about the text now.
    says: String,
    editor: Editor,
}

impl Field {
    fn new(name: impl Into<Name>, label: impl Into<Name>, editor: Editor) -> Self {
        let (name, label, hint, says) = (name.into(), label.into(), String::new(), String::new());
        let (section, only_if, question) = (None, None, false);
        let (required, private, error, check) = (false, false, None, None);
        let placeholder = "";
        Self {
            name,
            label,
            error,
            section,
            only_if,
            question,
            private,
            placeholder,
            hint,
            required,
            check,
            says,
            editor,
        }
    }

    /// One line of text, at most 200 characters.
    pub fn line(name: impl Into<Name>, label: impl Into<Name>) -> Self {
        Self::new(name, label, Editor::Line(LineEditor::new(200)))
    }

    /// Several lines of text, at most 20,000 characters.
    pub fn prose(name: impl Into<Name>, label: impl Into<Name>) -> Self {
        Self::new(name, label, Editor::Prose(ProseEditor::new(20_000)))
    }

    /// A date as people say it; the rule reads it.
    pub fn date(name: impl Into<Name>, label: impl Into<Name>) -> Self {
        Self::new(name, label, Editor::Line(LineEditor::new(40))).hint("today, fri, +2w, 12 dec")
    }

    /// A whole number.
    pub fn number(name: impl Into<Name>, label: impl Into<Name>) -> Self {
        Self::new(name, label, Editor::Line(LineEditor::new(12)))
            .check(|text| text.parse::<i64>().map(|_| String::new()).map_err(|_| "Type a whole number.".into()))
    }

    /// One of a few choices, as (code, label).
    pub fn choice<L: Into<String>>(
        name: impl Into<Name>,
        label: impl Into<Name>,
        choices: impl IntoIterator<Item = (L, L)>,
    ) -> Self {
        Self::pick(name, label, choices.into_iter().map(|(code, label)| Choice::new(code, label)).collect())
    }

    /// One of many: people, agencies, with remarks. First letters find it.
    pub fn pick(name: impl Into<Name>, label: impl Into<Name>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Editor::One(Picker::new(choices), None))
    }

    /// Any number of a few choices; Space takes one in or out.
    pub fn many<L: Into<String>>(
        name: impl Into<Name>,
        label: impl Into<Name>,
        choices: impl IntoIterator<Item = (L, L)>,
    ) -> Self {
        let choices = choices.into_iter().map(|(code, label)| Choice::new(code, label)).collect();
        Self::new(name, label, Editor::Many(Picker::new(choices), BTreeSet::new())).hint("Space takes one in or out")
    }

    /// Yes or no; nothing is presumed.
    pub fn yes_no(name: impl Into<Name>, label: impl Into<Name>) -> Self {
        Self::choice(name, label, [("yes", "yes"), ("no", "no")])
    }

    /// A passphrase: shows neither text nor length, and is never among the values.
    pub fn passphrase(name: impl Into<Name>, label: impl Into<Name>) -> Self {
        Self::new(name, label, Editor::Secret(LineEditor::secret()))
    }

    /// It can't be left empty.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// A new section of the form begins with it.
    #[must_use]
    pub fn section(self, title: impl Into<Name>) -> Self {
        Self { section: Some(title.into()), ..self }
    }

    /// It is asked, and among the values, only while the field `name` has this value.
    #[must_use]
    pub fn only_if(self, name: &'static str, value: &'static str) -> Self {
        self.only_if_any(name, vec![value.to_owned()])
    }

    /// It is asked, and among the values, only while the field `name`, which stands before it, is asked and has one of
    /// these values.
    #[must_use]
    pub fn only_if_any(self, name: impl Into<Name>, values: Vec<String>) -> Self {
        Self { only_if: Some((name.into(), values)), ..self }
    }

    /// Its label is a whole question, which needs room: what is entered stands below it, and its answer beside it.
    #[must_use]
    pub fn as_question(self) -> Self {
        Self { question: true, ..self }
    }

    /// What it holds names somebody: while the form is veiled it is shown only when it is focused.
    #[must_use]
    pub fn private(self) -> Self {
        Self { private: true, ..self }
    }

    /// What stands in grey while nothing is entered: what is meant by leaving it empty.
    #[must_use]
    pub fn placeholder(self, placeholder: &'static str) -> Self {
        Self { placeholder, ..self }
    }

    /// A hint in grey while it is focused.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// A rule, run at each change if the field isn't empty: `Ok` says what will happen ("Fri 27 Nov, in 5 days"; may be
    /// empty), `Err` what is wrong and what to do.
    #[must_use]
    pub fn check(self, check: impl Fn(&str) -> Result<String, String> + 'static) -> Self {
        Self { check: Some(Box::new(check)), ..self }
    }

    /// With this value at first.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.set(value);
        self
    }

    pub(super) fn set(&mut self, value: &str) {
        match &mut self.editor {
            Editor::Line(line) => line.set(value),
            Editor::Prose(prose) => prose.set(value),
            Editor::One(picker, chosen) => {
                // A code that no longer exists is not kept: what is shown is what is saved.
                *chosen = picker.choices().iter().find(|c| c.code == value).map(|c| c.code.clone());
                picker.select(value);
            }
            Editor::Many(picker, chosen) => {
                let known = |code: &&str| picker.choices().iter().any(|c| c.code == *code);
                *chosen = value.lines().filter(known).map(str::to_owned).collect();
            }
            Editor::Secret(_) => {}
        }
        self.recheck();
    }

    pub(super) const fn is_secret(&self) -> bool {
        matches!(self.editor, Editor::Secret(_))
    }

    pub(super) const fn chooses(&self) -> bool {
        matches!(self.editor, Editor::One(..) | Editor::Many(..))
    }

    pub(super) fn take_secret(&mut self) -> Option<Zeroizing<String>> {
        match &mut self.editor {
            Editor::Secret(line) => Some(line.take_secret()),
            _ => None,
        }
    }

    /// What was entered; empty for a secret.
    pub(super) fn entered(&self) -> String {
        match &self.editor {
            Editor::Line(line) => line.text().to_owned(),
            Editor::Prose(prose) => prose.text().to_owned(),
            Editor::One(_, chosen) => chosen.clone().unwrap_or_default(),
            Editor::Many(_, chosen) => chosen.iter().cloned().collect::<Vec<_>>().join("\n"),
            Editor::Secret(_) => String::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match &self.editor {
            Editor::Secret(line) => line.is_empty(),
            _ => self.entered().trim().is_empty(),
        }
    }

    /// Runs the rule over what is there now.
    fn recheck(&mut self) {
        self.error = None;
        self.says.clear();
        if self.is_empty() {
            return;
        }
        let Some(check) = &self.check else { return };
        let verdict = match &self.editor {
            Editor::Secret(line) => check(line.text()),
            _ => check(self.entered().trim()),
        };
        match verdict {
            Ok(says) => self.says = says,
            Err(error) => self.error = Some(error),
        }
    }

    /// As when saving: an empty required field is wrong now.
    pub(super) fn check_now(&mut self) {
        self.recheck();
        if self.required && self.is_empty() {
            self.error = Some("This is needed.".into());
        }
    }

    /// The focus has left it.
    pub(super) fn left(&mut self) {
        if let Editor::One(picker, _) | Editor::Many(picker, _) = &mut self.editor {
            picker.clear();
        }
    }

    pub(super) fn typed(&mut self, typed: &Typed) {
        match &mut self.editor {
            Editor::Line(line) | Editor::Secret(line) => line.typed(typed),
            Editor::Prose(prose) => prose.typed(typed),
            Editor::One(picker, chosen) => {
                picker.typed(typed);
                if let Some(choice) = picker.selected() {
                    *chosen = Some(choice.code.clone());
                }
            }
            Editor::Many(picker, chosen) => match (typed, picker.selected()) {
                (Typed::Char(' '), Some(choice)) => {
                    let code = choice.code.clone();
                    if !chosen.remove(&code) {
                        chosen.insert(code);
                    }
                }
                _ => picker.typed(typed),
            },
        }
        self.recheck();
    }

    /// Enter in prose; `false` where Enter means the next field.
    pub(super) fn newline(&mut self) -> bool {
        match &mut self.editor {
            Editor::Prose(prose) => prose.command("text.newline"),
            _ => false,
        }
    }

    pub(super) fn command(&mut self, name: &str) -> bool {
        let done = match &mut self.editor {
            Editor::Line(line) | Editor::Secret(line) => line.command(name),
            Editor::Prose(prose) => prose.command(name),
            Editor::One(picker, chosen) => {
                // The first arrow opens the list at what is chosen, or at its head.
                let fresh = chosen.is_none() && name == "text.down";
                let erased = matches!(name, "text.kill" | "text.back") && picker.query().is_empty();
                let done = fresh || erased || picker.command(name);
                if erased {
                    *chosen = None;
                } else if matches!(name, "text.up" | "text.down") || !picker.query().is_empty() {
                    *chosen = picker.selected().map(|c| c.code.clone());
                }
                done
            }
            Editor::Many(picker, _) => picker.command(name),
        };
        if done {
            self.recheck();
        }
        done
    }

    /// Lines that it takes.
    pub(super) fn height(&self, space: &Space, focused: bool) -> u16 {
        if self.question {
            let asked = u16::try_from(self.asked_lines(space, focused).len()).unwrap_or(u16::MAX);
            let below = if focused { self.entry_height(&below_question(space), true) } else { 0 };
            let wrong = if focused || self.error.is_none() { 0 } else { self.notes(space, false).len() };
            return asked.saturating_add(below).saturating_add(u16::try_from(wrong).unwrap_or(0));
        }
        self.entry_height(space, focused)
    }

    /// The question, wrapped: an answered one leaves room for its answer.
    fn asked_lines(&self, space: &Space, focused: bool) -> Vec<String> {
        let room = if focused { space.width } else { space.width.saturating_sub(ANSWER + 2) };
        let star = if self.required { " *" } else { "" };
        wrapped(&format!("{}{star}", self.label), usize::from(room).max(8))
    }

    /// Lines of what is entered, with what is said below it.
    fn entry_height(&self, space: &Space, focused: bool) -> u16 {
        let value = match &self.editor {
            Editor::Prose(prose) => {
                let lines = u16::try_from(prose.height(space.value_width())).unwrap_or(u16::MAX);
                if focused { space.prose } else { lines.clamp(1, PROSE_LINES) }
            }
            Editor::One(picker, _) | Editor::Many(picker, _) if focused => 1 + list_lines(picker),
            _ => 1,
        };
        value + u16::try_from(self.notes(space, focused).len()).unwrap_or(0)
    }

    /// The lines below: error, what will happen, hint.
    fn notes(&self, space: &Space, focused: bool) -> Vec<(String, Role)> {
        let columns = usize::from(space.value_width()).max(1);
        let wrap = |text: &str, role| wrapped(text, columns).into_iter().map(move |line| (line, role)).collect();
        match &self.error {
            Some(error) => wrap(&format!("! {error}"), Role::Error),
            // What is said of a choice helps to choose; what is said of a date is what was understood, and stays.
            None if !self.says.is_empty() && (focused || !matches!(self.editor, Editor::One(..))) => {
                wrap(&self.says, Role::Accent)
            }
            None if focused && !self.hint.is_empty() => wrap(&self.hint, Role::Dim),
            None => Vec::new(),
        }
    }

    pub(super) fn draw(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        space: &Space,
        (focused, veiled): (bool, bool),
    ) -> Option<Position> {
        if self.question {
            return self.draw_question(buf, area, theme, space, (focused, veiled));
        }
        let label = if self.required { format!("{} *", self.label) } else { self.label.to_string() };
        let style = theme.style(if focused { Role::Accent } else { Role::Text });
        put_fit(buf, (area.x, area.y), space.labels.saturating_sub(1), &label, theme.symbols.ellipsis, style);
        let x = area.x + space.labels.min(area.width);
        let place = Rect { x, width: area.right() - x, ..area };
        self.draw_entry(buf, place, theme, space, (focused, veiled))
    }

    /// The question; below it what is entered while it is focused, beside it what was answered else.
    fn draw_question(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        space: &Space,
        (focused, veiled): (bool, bool),
    ) -> Option<Position> {
        let style = theme.style(if focused { Role::Accent } else { Role::Text });
        let lines = self.asked_lines(space, focused);
        let count = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
        for (y, line) in (area.y..area.bottom()).zip(&lines) {
            put(buf, area.x, y, area.width, line, style);
        }
        if focused {
            let inside = Rect {
                x: area.x + INDENT.min(area.width),
                width: area.width.saturating_sub(INDENT),
                y: area.y + count,
                height: area.height - count,
            };
            return if inside.is_empty() {
                Some(Position::new(area.x, area.y))
            } else {
                self.draw_entry(buf, inside, theme, &below_question(space), (true, veiled))
            };
        }
        let (text, role) = match self.shown() {
            text if text.is_empty() => (theme.symbols.middot.to_owned(), Role::Dim),
            _ if veiled && self.private => ("(masked)".to_owned(), Role::Dim),
            text => (text, Role::Title),
        };
        let x = area.right().saturating_sub(ANSWER);
        put_fit(buf, (x, area.y), ANSWER.min(area.width), &text, theme.symbols.ellipsis, theme.style(role));
        let wrong = self.notes(space, false);
        for (y, (text, role)) in (area.y + count..area.bottom()).zip(wrong) {
            put(buf, area.x, y, area.width, &text, theme.style(role));
        }
        None
    }

    /// What was entered, as people read it, on one line.
    fn shown(&self) -> String {
        let label = |picker: &Picker, code: &String| {
            picker.choices().iter().find(|c| c.code == *code).map_or_else(String::new, |c| c.label.clone())
        };
        match &self.editor {
            Editor::One(picker, Some(code)) => label(picker, code),
            Editor::One(_, None) | Editor::Secret(_) => String::new(),
            Editor::Many(picker, chosen) => {
                chosen.iter().map(|code| label(picker, code)).collect::<Vec<_>>().join(", ")
            }
            Editor::Line(_) | Editor::Prose(_) => self.entered().lines().next().unwrap_or_default().to_owned(),
        }
    }

    /// What is entered, and what is said below it.
    fn draw_entry(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        space: &Space,
        (focused, veiled): (bool, bool),
    ) -> Option<Position> {
        let notes = self.notes(space, focused);
        let note_lines = u16::try_from(notes.len()).unwrap_or(0).min(area.height.saturating_sub(1));
        let value = Rect { height: area.height - note_lines, ..area };
        for (y, (text, role)) in (value.bottom()..area.bottom()).zip(notes) {
            put(buf, area.x, y, value.width, &text, theme.style(role));
        }
        if veiled && self.private && !focused && !self.is_empty() {
            put(buf, value.x, value.y, value.width, "(masked)", theme.style(Role::Dim));
            return None;
        }
        if !focused && self.is_empty() {
            put(buf, value.x, value.y, value.width, self.placeholder, theme.style(Role::Dim));
        }
        match &mut self.editor {
            Editor::Line(line) | Editor::Secret(line) => line.draw(buf, value, theme, focused),
            Editor::Prose(prose) => prose.draw(buf, value, theme, focused),
            Editor::One(picker, chosen) => {
                let chosen = chosen.as_deref();
                let label = picker.choices().iter().find(|c| Some(c.code.as_str()) == chosen).map(|c| c.label.clone());
                draw_choices(
                    buf,
                    value,
                    theme,
                    picker,
                    label.as_deref().unwrap_or(""),
                    &|_| false,
                    chosen.is_some(),
                    focused,
                )
            }
            Editor::Many(picker, chosen) => {
                let taken = |c: &Choice| chosen.contains(&c.code);
                let labels: Vec<&str> =
                    picker.choices().iter().filter(|c| taken(c)).map(|c| c.label.as_str()).collect();
                let text = labels.join(", ");
                let codes = chosen.clone();
                draw_choices(buf, value, theme, picker, &text, &|c| codes.contains(&c.code), true, focused)
            }
        }
    }
}

/// The room for what is entered below a question.
const fn below_question(space: &Space) -> Space {
    Space { labels: 0, width: space.width.saturating_sub(INDENT), prose: space.prose }
}

fn list_lines(picker: &Picker) -> u16 {
    u16::try_from(picker.len().max(1)).unwrap_or(u16::MAX).min(LIST_LINES)
}

/// The value, or what is being typed to find one, and below it the choices that fit.
#[expect(clippy::too_many_arguments, reason = "the two kinds of choice fields, told apart by what they pass")]
fn draw_choices(
    buf: &mut Buffer,
    area: Rect,
    theme: &Theme,
    picker: &mut Picker,
    value: &str,
    taken: &dyn Fn(&Choice) -> bool,
    at_one: bool,
    focused: bool,
) -> Option<Position> {
    let typing = focused && !picker.query().is_empty();
    let shown =
        if typing { picker.query().to_owned() } else { fit(value, usize::from(area.width), theme.symbols.ellipsis) };
    put(buf, area.x, area.y, area.width, &shown, theme.style(if typing { Role::Dim } else { Role::Text }));
    if !focused || area.is_empty() {
        return None;
    }
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1).min(LIST_LINES), ..area };
    picker.draw_marked(buf, list, theme, taken, at_one);
    // Choices that are not in view are told to be there.
    if picker.below() > 0 {
        let more = format!("{} {} more", theme.symbols.down, picker.below());
        let cells = u16::try_from(width(&more)).unwrap_or(u16::MAX).min(area.width);
        put(buf, area.right() - cells, area.y, cells, &more, theme.style(Role::Dim));
    }
    let column = if typing { u16::try_from(width(&shown)).unwrap_or(u16::MAX) } else { 0 };
    Some(Position::new(area.x + column.min(area.width - 1), area.y))
}
