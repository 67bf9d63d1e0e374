//! Forms: one column of fields, hints and errors beside them at once, and what will happen before it is saved.
//!
//! A form knows nothing of what it asks for: rules come in as closures over text. What was typed is handed on as
//! [`Values`]; a passphrase never is one of them.

mod draw;
mod field;
mod layer;

use std::collections::{BTreeMap, HashMap};

pub use field::Field;
pub use layer::{FormLayer, Secrets, Wrong};
use serde::{Deserialize, Serialize};

use super::input::Typed;
use super::widgets::text::{fit, width};

/// What was entered, by field name. Several choices of one field are lines of its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(pub BTreeMap<String, String>);

impl Values {
    /// The value of a field, without spaces around it; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |v| v.trim())
    }

    /// The value of a field, if something was entered.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|v| !v.is_empty())
    }

    /// The codes chosen in a field of several.
    pub fn many(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).lines().filter(|l| !l.is_empty())
    }

    /// Whether a yes-or-no field says yes.
    pub fn yes(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }

    /// Whether nothing was entered at all.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|v| v.trim().is_empty())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Values {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Self {
        Self(iter.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

/// What a form wants after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormEvent {
    /// Nothing more.
    Done,
    /// All fields are right: save them.
    Save,
    /// Leave, keep the draft.
    Leave,
    /// The command was none of a form's.
    Pass,
}

/// A rule over several fields: the name of the field that is wrong, and what to do.
type Rule = Box<dyn Fn(&Values) -> Vec<(&'static str, String)>>;
/// What saving will do, in a sentence.
type Preview = Box<dyn Fn(&Values) -> String>;

/// A form.
///
/// ```
/// use mahoe::tui::forms::{Field, Form, FormEvent};
/// use mahoe::tui::input::Typed;
/// let mut form = Form::new("New action", vec![
///     Field::line("what", "What").required(),
///     Field::choice("priority", "Priority", [("high", "high"), ("normal", "normal")]).value("normal"),
///     Field::date("due", "Due").hint("fri, +2w, 12 dec").check(|text| {
///         if text == "fri" { Ok("Fri 27 Nov, in 5 days".into()) } else { Err("Type a day, such as fri.".into()) }
///     }),
/// ]);
/// form.typed(&Typed::Paste("Home visit".into()));
/// assert_eq!(form.command("form.save"), FormEvent::Save);
/// assert_eq!(form.values().get("priority"), "normal");
/// ```
pub struct Form {
    title: String,
    /// What must be read before anything is typed.
    notice: String,
    /// Private fields are hidden, but for the focused one.
    /// What is said behind the title.
    behind: String,
    veiled: bool,
    fields: Vec<Field>,
    focus: usize,
    /// First field in view, and the first below it that is not.
    top: usize,
    end: usize,
    rule: Option<Rule>,
    preview: Option<Preview>,
    /// A refusal that belongs to no single field.
    refused: Option<String>,
    /// What is known beside what was typed, above what saving will do.
    remark: String,
}

impl Form {
    /// A form of these fields, the first one focused.
    pub fn new(title: impl Into<String>, fields: Vec<Field>) -> Self {
        let (notice, veiled) = (String::new(), false);
        Self {
            title: title.into(),
            notice,
            behind: String::new(),
            veiled,
            fields,
            focus: 0,
            top: 0,
            end: usize::MAX,
            rule: None,
            preview: None,
            refused: None,
            remark: String::new(),
        }
    }

    /// What must be read before anything is typed, above the fields.
    #[must_use]
    pub fn notice(self, notice: impl Into<String>) -> Self {
        Self { notice: notice.into(), ..self }
    }

    /// A rule over several fields, checked when saving: the fields that are wrong, with what to do.
    #[must_use]
    pub fn rule(self, rule: impl Fn(&Values) -> Vec<(&'static str, String)> + 'static) -> Self {
        Self { rule: Some(Box::new(rule)), ..self }
    }

    /// What saving will do, shown at the bottom while typing.
    #[must_use]
    pub fn preview(self, preview: impl Fn(&Values) -> String + 'static) -> Self {
        Self { preview: Some(Box::new(preview)), ..self }
    }

    /// With the values of a draft, where fields of those names are there.
    #[must_use]
    pub fn filled(mut self, values: &Values) -> Self {
        for field in &mut self.fields {
            if let Some(value) = values.0.get(field.name.as_ref()) {
                field.set(value);
            }
        }
        self
    }

    /// With a remark behind the title, which is cut where both don't fit.
    #[must_use]
    pub fn remark(mut self, remark: &str) -> Self {
        self.behind = format!(": {remark}");
        self
    }

    /// Hides private fields, or shows them again; what they hold stays.
    pub const fn veil(&mut self, veiled: bool) {
        self.veiled = veiled;
    }

    /// Tells something beside what was typed; empty for nothing.
    pub fn remark_on(&mut self, remark: String) {
        self.remark = remark;
    }

    /// The title in so many cells, behind how far the form is filled in.
    pub fn title(&self, cells: usize, ellipsis: &str) -> String {
        let title = match self.progress() {
            Some((answered, all)) => format!("{answered} of {all}  {}", self.title),
            None => self.title.clone(),
        };
        format!("{}{}", fit(&title, cells.saturating_sub(width(&self.behind)), ellipsis), self.behind)
    }

    /// What has been entered so far; passphrases are not in it.
    pub fn values(&self) -> Values {
        let asked = self.fields.iter().zip(self.asked()).filter(|(f, asked)| *asked && !f.is_secret());
        asked.map(|(f, _)| (f.name.as_ref(), f.entered())).collect()
    }

    /// Whether each field is asked at all, as those before it stand now.
    fn asked(&self) -> Vec<bool> {
        let mut asked: Vec<bool> = Vec::with_capacity(self.fields.len());
        let places: HashMap<&str, usize> =
            self.fields.iter().enumerate().map(|(at, f)| (f.name.as_ref(), at)).collect();
        for field in &self.fields {
            let stands = |(name, values): &(std::borrow::Cow<'static, str>, Vec<String>)| {
                let Some(at) = places.get(name.as_ref()).copied() else { return false };
                // Several choices of one field are lines.
                let entered = self.fields[at].entered();
                asked.get(at).copied().unwrap_or(true) && entered.lines().any(|line| values.iter().any(|v| v == line))
            };
            asked.push(field.only_if.as_ref().is_none_or(stands));
        }
        asked
    }

    /// How many of the questions that are asked have an answer, and how many there are; none in a form without questions.
    pub fn progress(&self) -> Option<(usize, usize)> {
        let asked: Vec<&Field> =
            self.fields.iter().zip(self.asked()).filter(|(f, asked)| *asked && f.question).map(|(f, _)| f).collect();
        (!asked.is_empty()).then(|| (asked.iter().filter(|f| !f.is_empty()).count(), asked.len()))
    }

    /// What has been entered in a field so far.
    pub fn entered(&self, name: &str) -> String {
        self.fields.iter().find(|f| f.name == name).map_or_else(String::new, Field::entered)
    }

    /// Whether what is typed into the focused field chooses, rather than writes.
    pub fn chooses(&self) -> bool {
        self.fields.get(self.focus).is_some_and(Field::chooses)
    }

    /// Which of the fields is focused: `3/12`.
    pub fn position(&self) -> String {
        if self.fields.is_empty() {
            return String::new();
        }
        let asked = self.asked();
        let count = |range: &[bool]| range.iter().filter(|asked| **asked).count();
        format!("{}/{}", count(&asked[..=self.focus]), count(&asked))
    }

    /// Takes all passphrases out of their fields.
    pub fn take_secrets(&mut self) -> Secrets {
        self.fields.iter_mut().filter_map(|f| Some((f.name.clone(), f.take_secret()?))).collect()
    }

    /// The name of the focused field.
    pub fn focused(&self) -> &str {
        self.fields.get(self.focus).map_or("", |f| f.name.as_ref())
    }

    /// Puts the focus on a field.
    pub fn focus(&mut self, name: &str) {
        if let Some(at) = self.fields.iter().position(|f| f.name == name) {
            self.go(at);
        }
    }

    /// Shows an error: beside its field, which gets the focus, or below all if `field` is empty or unknown.
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        match self.fields.iter().position(|f| f.name == field) {
            Some(at) => {
                self.fields[at].error = Some(message.into());
                self.focus = at;
            }
            None => self.refused = Some(message.into()),
        }
    }

    fn go(&mut self, at: usize) {
        if let Some(left) = self.fields.get_mut(self.focus) {
            left.left();
        }
        self.focus = at.min(self.fields.len().saturating_sub(1));
    }

    /// The next field that is asked, in either direction; around the end if `around`.
    fn step(&mut self, back: bool, around: bool) {
        let count = self.fields.len();
        let asked = self.asked();
        let mut at = self.focus;
        for _ in 0..count {
            at = match (back, at) {
                (true, 0) if around => count - 1,
                (true, at) => at.saturating_sub(1),
                (false, at) if at + 1 < count => at + 1,
                (false, _) if around => 0,
                (false, at) => at,
            };
            if asked[at] {
                return self.go(at);
            }
        }
    }

    /// Takes text into the focused field.
    pub fn typed(&mut self, typed: &Typed) {
        self.refused = None;
        if let Some(field) = self.fields.get_mut(self.focus) {
            field.typed(typed);
        }
    }

    /// Does a `form.…` or `text.…` command.
    pub fn command(&mut self, name: &str) -> FormEvent {
        match name {
            "form.next" => self.step(false, true),
            "form.previous" => self.step(true, true),
            "form.enter" => {
                // In prose Enter is a new line; elsewhere it goes on, and never saves by accident.
                if !self.fields.get_mut(self.focus).is_some_and(Field::newline) {
                    self.step(false, false);
                }
            }
            "form.save" => return if self.check() { FormEvent::Save } else { FormEvent::Done },
            "form.leave" => return FormEvent::Leave,
            _ => {
                let Some(field) = self.fields.get_mut(self.focus) else { return FormEvent::Pass };
                match (field.command(name), name) {
                    (true, _) => {}
                    (false, "text.up") => self.step(true, false),
                    (false, "text.down") => self.step(false, false),
                    _ => return FormEvent::Pass,
                }
            }
        }
        FormEvent::Done
    }

    /// Checks every field; puts the focus on the first that is wrong.
    fn check(&mut self) -> bool {
        self.refused = None;
        let asked = self.asked();
        for (field, asked) in self.fields.iter_mut().zip(asked) {
            if asked {
                field.check_now();
            } else {
                field.error = None;
            }
        }
        if let Some(rule) = &self.rule {
            for (name, message) in rule(&self.values()) {
                match self.fields.iter_mut().find(|f| f.name == name) {
                    Some(field) => field.error = field.error.take().or(Some(message)),
                    None => self.refused = Some(message),
                }
            }
        }
        if let Some(wrong) = self.fields.iter().position(|f| f.error.is_some()) {
            self.go(wrong);
            return false;
        }
        self.refused.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::super::widgets::testing::{draw, theme};
    use ratatui::layout::Position;

    use super::*;

    fn form() -> Form {
        Form::new(
            "New action",
            vec![
                Field::line("what", "What").required().hint("in a few words"),
                Field::choice("risk", "Risk", [("high", "high"), ("medium", "medium"), ("low", "low")]),
                Field::date("due", "Due").required().hint("fri, +2w, 12 dec").check(|text| match text {
                    "fri" => Ok("Fri 27 Nov, in 5 days".into()),
                    _ => Err("Type a day, such as fri.".into()),
                }),
                Field::many("who", "Told", [("a", "aunt"), ("b", "school")]),
                Field::yes_no("team", "On the team?"),
                Field::prose("note", "Note"),
            ],
        )
    }

    fn text(form: &mut Form, text: &str) {
        for c in text.chars() {
            form.typed(&Typed::Char(c));
        }
    }

    #[test]
    fn the_whole_flow() {
        let mut f = form();
        assert_eq!(f.command("form.save"), FormEvent::Done);
        assert_eq!(f.focused(), "what", "the first that is wrong");
        text(&mut f, "Home visit");
        f.command("form.next");
        text(&mut f, "m");
        f.command("form.enter");
        text(&mut f, "someday");
        assert!(draw(60, 20, |b, a| _ = f.draw(b, a, &theme())).contains("! Type a day, such as fri."));
        f.command("text.kill");
        text(&mut f, "fri");
        assert!(draw(60, 20, |b, a| _ = f.draw(b, a, &theme())).contains("Fri 27 Nov, in 5 days"));
        f.command("form.next");
        text(&mut f, " ");
        f.command("text.down");
        text(&mut f, " ");
        f.command("form.next");
        text(&mut f, "y");
        f.command("form.next");
        text(&mut f, "one");
        f.command("form.enter");
        f.typed(&Typed::Paste("two\nthree".into()));
        assert_eq!(f.command("form.save"), FormEvent::Save);
        let v = f.values();
        assert_eq!((v.get("what"), v.get("risk"), v.get("due")), ("Home visit", "medium", "fri"));
        assert_eq!(v.many("who").collect::<Vec<_>>(), ["a", "b"]);
        assert!(v.yes("team"));
        assert_eq!(v.get("note"), "one\ntwo\nthree");
        let json = serde_json::to_string(&v).unwrap();
        let again = form().filled(&serde_json::from_str(&json).unwrap());
        assert_eq!(again.values(), v, "a draft comes back whole");
    }

    #[test]
    fn as_drawn() {
        let mut f = form();
        text(&mut f, "Home");
        f.command("form.next");
        let mut at = None;
        let drawn = draw(60, 14, |b, a| at = f.draw(b, a, &theme()));
        assert_eq!(
            drawn.trim_end(),
            "What *         Home\n\
             Risk\n\
             \x20               high\n\
             \x20               medium\n\
             \x20               low\n\
             Due *\n\
             Told\n\
             On the team?\n\
             Note"
        );
        assert_eq!(at, Some(Position::new(15, 1)));
    }

    #[test]
    fn works_where_there_is_little_room() {
        let mut f = form().preview(|v| format!("saves {}", v.get("what")));
        text(&mut f, "x");
        for _ in 0..f.fields.len() {
            let name = f.focused().to_owned();
            let mut at = None;
            let drawn = draw(40, 6, |b, a| at = f.draw(b, a, &theme()));
            assert!(at.is_some(), "{name} is not seen:\n{drawn}");
            assert!(drawn.contains("saves x"));
            f.command("form.next");
        }
        for (w, h) in [(1, 1), (8, 2), (20, 5), (0, 0)] {
            draw(w, h, |b, a| _ = f.draw(b, a, &theme()));
        }
    }

    #[test]
    fn sections_notices_and_fields_that_depend_on_others() {
        let fields = vec![
            Field::yes_no("touches", "Touches us?").section("Who may read"),
            Field::line("who", "Who").required().only_if("touches", "yes"),
            Field::line("note", "Note").section("More"),
        ];
        let mut f = Form::new("x", fields).notice("Call first, write after.");
        assert_eq!((f.position(), f.command("form.save")), ("1/2".into(), FormEvent::Save));
        let drawn = draw(30, 14, |b, a| _ = f.draw(b, a, &theme()));
        assert_eq!(
            drawn.trim_end(),
            "Call first, write after.\n\nWho may read ─────────────────\nTouches us?\n\
             \x20              yes\n               no\n\nMore ─────────────────────────\nNote"
        );
        text(&mut f, "y");
        assert_eq!(f.command("form.save"), FormEvent::Done);
        assert_eq!((f.focused(), f.position()), ("who", "2/3".into()));
        text(&mut f, "aunt");
        assert_eq!(f.values().get("who"), "aunt");
        f.command("form.previous");
        text(&mut f, "\u{8}");
        f.command("text.kill");
        text(&mut f, "n");
        assert!(!f.values().0.contains_key("who"), "what is not asked is not answered");
        f.command("form.enter");
        assert_eq!(f.focused(), "note");
    }

    #[test]
    fn rules_over_fields_and_secrets() {
        let mut f = Form::new("Passphrase", vec![Field::passphrase("one", "Passphrase"), Field::line("who", "Handle")])
            .rule(|v| if v.get("who") == "x" { vec![("who", "Choose another handle.".into())] } else { vec![] });
        text(&mut f, "correct horse");
        assert!(!draw(60, 8, |b, a| _ = f.draw(b, a, &theme())).contains("correct"));
        f.command("form.next");
        text(&mut f, "x");
        assert_eq!(f.command("form.save"), FormEvent::Done);
        assert!(draw(60, 8, |b, a| _ = f.draw(b, a, &theme())).contains("Choose another handle."));
        assert!(!f.values().0.contains_key("one"));
        assert_eq!(f.take_secrets()["one"].as_str(), "correct horse");
    }

    const COMMANDS: [&str; 17] = [
        "text.left",
        "text.right",
        "text.up",
        "text.down",
        "text.home",
        "text.end",
        "text.word-left",
        "text.word-right",
        "text.back",
        "text.delete",
        "text.back-word",
        "text.kill",
        "text.kill-end",
        "form.next",
        "form.previous",
        "form.enter",
        "form.save",
    ];

    proptest::proptest! {
        #[test]
        fn no_sequence_of_keys_breaks_a_form(
            steps in proptest::collection::vec((0..COMMANDS.len() * 2, "\\PC{1,3}|\u{301}|\n|👍🏽| "), 1..60),
            w in 0..90u16, h in 0..20u16,
        ) {
            let mut f = form();
            for (n, text) in steps {
                match COMMANDS.get(n) {
                    Some(command) => _ = f.command(command),
                    None if text.chars().count() == 1 => f.typed(&Typed::Char(text.chars().next().unwrap())),
                    None => f.typed(&Typed::Paste(text)),
                }
                draw(w, h, |b, a| _ = f.draw(b, a, &theme()));
            }
            let values = f.values();
            proptest::prop_assert!(values.0.values().all(|v| !v.chars().any(|c| c != '\n' && c.is_control())));
        }
    }
}
