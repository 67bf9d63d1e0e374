//! The simplest changes to a pack, made in its text: a value, a label, a choice, a question. Comments, blank lines and order
//! stay as the team wrote them.
//!
//! It must never put anything in force, and never judge: what comes out is read by the reader like any other text.

use chrono::NaiveDate;
use toml_edit::{Array, DocumentMut, InlineTable, Item, RawString, TableLike, Value};

use crate::domain::clean;
use crate::domain::pack::is_code;

use super::rules::{NAMES, Step};
use super::{PackError, parse};

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The numbers of a clock or of a follow-up, at high, medium and low risk.
    Numbers {
        /// Which one.
        at: Vec<Step>,
        /// At high, medium and low risk.
        value: [u32; 3],
    },
    /// What people read.
    Label {
        /// Which rule.
        at: Vec<Step>,
        /// The new words.
        label: String,
    },
    /// A choice is offered no longer, or again.
    Retire {
        /// Which choice.
        at: Vec<Step>,
        /// Whether it goes.
        retired: bool,
    },
    /// A further choice, at the end of its list.
    Choice {
        /// The list's name.
        list: String,
        /// What people read.
        label: String,
    },
    /// A further question, at the end of its section.
    Question {
        /// The section.
        section: Vec<Step>,
        /// What is asked.
        text: String,
        /// Its type, as the pack writes it.
        answer: String,
        /// What can be chosen, where the type asks for it.
        choices: Vec<String>,
    },
}

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The pack has no such rule, or it has nothing of the kind.
    NotThere,
    /// What was typed makes no code: no letter and no digit.
    NoCode,
    /// The pack would not be sound any more.
    Unsound(PackError),
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotThere => f.write_str("this can't be changed here: edit the file and load it"),
            Self::NoCode => f.write_str("a letter or a digit is needed"),
            Self::Unsound(error) => f.write_str(&error.message),
        }
    }
}

impl std::error::Error for EditError {}

/// The text with changes made, its version one higher, read by the strict reader. What a team decides on `day` says so as
/// its source.
///
/// # Errors
/// If there is nothing to change, or if the pack would not be sound.
pub fn apply(text: &str, edits: &[Edit], day: NaiveDate) -> Result<String, EditError> {
    let mut document: DocumentMut = text.parse().map_err(|_| EditError::NotThere)?;
    let ours = format!("decided by this team on {}", day.format("%Y-%m-%d"));
    let top = document.as_table_mut();
    for edit in edits {
        make(top, edit, &ours)?;
    }
    if let Some(version) = top.get("version").and_then(Item::as_integer) {
        put(top, "version", (version + 1).into());
    }
    let text = document.to_string();
    match parse(&text) {
        Ok(_) => Ok(text),
        Err(errors) => Err(errors.into_iter().next().map_or(EditError::NotThere, EditError::Unsound)),
    }
}

fn make(top: &mut dyn TableLike, edit: &Edit, ours: &str) -> Result<(), EditError> {
    match edit {
        Edit::Numbers { at, value } => numbers(find(top, at)?, *value, ours),
        Edit::Label { at, label } => {
            let table = find(top, at)?;
            let key = NAMES.into_iter().find(|key| table.contains_key(key)).ok_or(EditError::NotThere)?;
            put(table, key, clean::line_owned(label).into());
            Ok(())
        }
        Edit::Retire { at, retired } => {
            retire(find(top, at)?, *retired);
            Ok(())
        }
        Edit::Choice { list, label } => {
            let at = [Step { key: "list".into(), code: list.clone() }];
            choice(find(top, &at)?, list, label, ours)
        }
        Edit::Question { section, text, answer, choices } => {
            question(find(top, section)?, text, answer, choices)?;
            // Answers say with which version of the form they were given.
            let form = find(top, section.get(..1).unwrap_or_default())?;
            if let Some(version) = form.get("version").and_then(Item::as_integer) {
                put(form, "version", (version + 1).into());
            }
            Ok(())
        }
    }
}

/// The table of a rule.
fn find<'a>(top: &'a mut dyn TableLike, at: &[Step]) -> Result<&'a mut dyn TableLike, EditError> {
    let mut table = top;
    for step in at {
        let item = table.get_mut(&step.key).ok_or(EditError::NotThere)?;
        table = inner(item, &step.code).ok_or(EditError::NotThere)?;
    }
    Ok(table)
}

fn inner<'a>(item: &'a mut Item, code: &str) -> Option<&'a mut dyn TableLike> {
    let is = |of: Option<&str>| of == Some(code);
    match item {
        Item::ArrayOfTables(tables) => tables
            .iter_mut()
            .find(|table| is(table.get("code").and_then(Item::as_str)))
            .map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(array)) => array
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|table| is(table.get("code").and_then(Value::as_str)))
            .map(|table| table as &mut dyn TableLike),
        Item::Table(table) => match code {
            "" => Some(table),
            list => table.get_mut(list)?.as_table_like_mut(),
        },
        _ => None,
    }
}

/// Puts a value in the place of another; what stands around it stays.
fn put(table: &mut dyn TableLike, key: &str, new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
}

fn numbers(table: &mut dyn TableLike, [high, medium, low]: [u32; 3], ours: &str) -> Result<(), EditError> {
    let key = ["value", "every"].into_iter().find(|key| table.contains_key(key)).ok_or(EditError::NotThere)?;
    let inside = table.get_mut(key).and_then(Item::as_table_like_mut);
    match inside {
        Some(risks) => {
            for (risk, number) in [("high", high), ("medium", medium), ("low", low)] {
                put(risks, risk, i64::from(number).into());
            }
        }
        None if high == medium && medium == low => put(table, key, i64::from(high).into()),
        None => {
            let risks: InlineTable = [("high", high), ("medium", medium), ("low", low)]
                .map(|(risk, n)| (risk, i64::from(n)))
                .into_iter()
                .collect();
            put(table, key, Value::InlineTable(risks));
        }
    }
    // The text that was the source says other numbers.
    put(table, "source", ours.into());
    put(table, "verified", false.into());
    Ok(())
}

fn retire(choice: &mut dyn TableLike, retired: bool) {
    if retired {
        put(choice, "retired", true.into());
    } else {
        choice.remove("retired");
    }
}

fn choice(list: &mut dyn TableLike, name: &str, label: &str, ours: &str) -> Result<(), EditError> {
    let verified = list.get("verified").and_then(Item::as_bool).unwrap_or(false);
    let choices = array(list, "choices")?;
    let mut new = InlineTable::new();
    new.insert("code", free_code(choices, label)?.into());
    new.insert("label", clean::line_owned(label).into());
    if name == "note-kind" {
        new.insert("class", "notes".into());
    }
    new.insert("source", ours.into());
    if verified {
        new.insert("verified", false.into());
    }
    push(choices, new);
    Ok(())
}

fn question(section: &mut dyn TableLike, text: &str, answer: &str, choices: &[String]) -> Result<(), EditError> {
    let questions = array(section, "questions")?;
    let mut new = InlineTable::new();
    new.insert("code", free_code(questions, text)?.into());
    new.insert("type", answer.into());
    new.insert("text", clean::line_owned(text).into());
    if !choices.is_empty() {
        let mut all = Array::new();
        for label in choices {
            let mut one = InlineTable::new();
            one.insert("code", free_code(&all, label)?.into());
            one.insert("label", clean::line_owned(label).into());
            all.push(one);
        }
        new.insert("choices", Value::Array(all));
    }
    push(questions, new);
    Ok(())
}

fn array<'a>(table: &'a mut dyn TableLike, key: &str) -> Result<&'a mut Array, EditError> {
    table.get_mut(key).and_then(Item::as_array_mut).ok_or(EditError::NotThere)
}

/// Adds a line to an array that is written one line each. What somebody wrote about the others stays with them.
fn push(array: &mut Array, new: InlineTable) {
    let before = array.iter().last().map(|last| last.decor().prefix().and_then(RawString::as_str).unwrap_or_default());
    let mut new = Value::InlineTable(new);
    let Some(before) = before else { return array.push(new) };
    let place = before.rfind('\n').map_or(" ", |at| &before[at..]).to_owned();
    // What stands behind the last comma is about the one before it.
    let behind = array.trailing().as_str().unwrap_or_default();
    let (about, end) = behind.rfind('\n').map_or(("", behind), |at| behind.split_at(at));
    let (prefix, end) = (format!("{}{place}", about.trim_end()), end.to_owned());
    array.set_trailing(end);
    new.decor_mut().set_prefix(prefix);
    new.decor_mut().set_suffix("");
    array.push_formatted(new);
}

/// A code made of words, that none of the array has.
fn free_code(array: &Array, words: &str) -> Result<String, EditError> {
    let taken: Vec<&str> = array.iter().filter_map(|value| value.as_inline_table()?.get("code")?.as_str()).collect();
    let letters: String =
        words.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let mut code = String::new();
    for word in letters.split_whitespace() {
        let next = if code.is_empty() { word.to_owned() } else { format!("{code}-{word}") };
        if next.len() > LONGEST_CODE {
            break;
        }
        code = next;
    }
    if code.is_empty() {
        code = letters.split_whitespace().next().unwrap_or_default().chars().take(LONGEST_CODE).collect();
    }
    let free = std::iter::once(code.clone()).chain((2..1_000).map(|number| format!("{code}-{number}")));
    free.into_iter().find(|code| is_code(code) && !taken.contains(&code.as_str())).ok_or(EditError::NoCode)
}

/// Letters of a code that is made of words; a number may follow.
const LONGEST_CODE: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{BUILTIN, diff, rules};

    fn step(key: &str, code: &str) -> Step {
        Step { key: key.into(), code: code.into() }
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day")
    }

    /// The new text and what is different, but for version and source.
    fn done(edit: &Edit) -> (String, Vec<String>) {
        let text = apply(BUILTIN, std::slice::from_ref(edit), day()).expect("made");
        let said = diff(&rules(BUILTIN), &rules(&text)).into_iter().map(|change| change.says);
        (text.clone(), said.filter(|says| !says.contains("source") && !says.starts_with("pack:")).collect())
    }

    /// Every line of the first is in the second but for some.
    fn kept(text: &str, but: usize) {
        let lost = BUILTIN.lines().filter(|line| !text.lines().any(|other| other == *line)).count();
        assert!(lost <= but, "{lost} lines are lost");
        assert_eq!(BUILTIN.matches('#').count(), text.matches('#').count());
    }

    #[test]
    fn a_clock_gets_other_numbers_and_says_who_decided() {
        let at = vec![step("clock", "first-contact")];
        let (text, said) = done(&Edit::Numbers { at, value: [12, 72, 168] });
        assert_eq!(said, ["clock First contact: high 24 → 12 hours"]);
        assert!(text.contains("value = { high = 12, medium = 72, low = 168 }\n"), "the line is written as before");
        assert!(text.contains("source = \"decided by this team on 2026-11-22\"\nverified = false"));
        assert!(text.contains("version = 2\n"));
        kept(&text, 3);
        let (text, said) = done(&Edit::Numbers { at: vec![step("clock", "ncr-number")], value: [1, 2, 3] });
        assert_eq!(
            said,
            [
                "clock Case ID of the Registry: high 2 → 1 working days",
                "clock Case ID of the Registry: low 2 → 3 working days"
            ]
        );
        kept(&text, 3);
        let at = vec![step("followup", "contact")];
        assert_eq!(done(&Edit::Numbers { at, value: [5, 14, 30] }).1, ["follow-up Planned contact: high 7 → 5 days"]);
    }

    #[test]
    fn a_choice_comes_goes_and_comes_back() {
        let (text, said) = done(&Edit::Choice { list: "channel".into(), label: "Community radio".into() });
        assert_eq!(said, ["list channel: + community-radio (\"Community radio\")"]);
        kept(&text, 1);
        assert!(
            text.contains("\n    { code = \"community-radio\", label = \"Community radio\", source ="),
            "on a line of its own"
        );
        assert!(!parse(&text).expect("a pack").choice("channel", "community-radio").expect("there").origin.verified);
        let at = vec![step("list", "channel"), step("choices", "community-radio")];
        let gone = apply(&text, &[Edit::Retire { at: at.clone(), retired: true }], day()).expect("retired");
        let pack = parse(&gone).expect("a pack");
        assert!(pack.choice("channel", "community-radio").is_none(), "it is not offered");
        assert_eq!(pack.label("channel", "community-radio"), "Community radio", "and still has its words");
        let back = apply(&gone, &[Edit::Retire { at, retired: false }], day()).expect("back");
        assert!(parse(&back).expect("a pack").choice("channel", "community-radio").is_some());
        let twice = apply(&back, &[Edit::Choice { list: "channel".into(), label: "Community, radio!".into() }], day());
        assert!(parse(&twice.expect("made")).expect("a pack").choice("channel", "community-radio-2").is_some());
        assert!(
            apply(BUILTIN, &[Edit::Choice { list: "note-kind".into(), label: "Home visit".into() }], day()).is_ok()
        );
    }

    #[test]
    fn a_comment_stays_with_what_it_is_about() {
        let last = "    { code = \"other\", label = \"another way\", source = \"mahoe\", verified = false },\n]";
        assert!(BUILTIN.contains(last));
        let with = |lines: &str| BUILTIN.replacen(last, lines, 1);
        let edit = [Edit::Choice { list: "channel".into(), label: "Radio".into() }];
        let new = "    { code = \"radio\", label = \"Radio\", source = \"decided by this team on 2026-11-22\", verified = false";
        let line = last.trim_end_matches("\n]");
        for (before, after) in [
            (last.to_owned(), format!("{line}\n{new} }},\n]")),
            (format!("    # Asks how.\n{last}"), format!("    # Asks how.\n{line}\n{new} }},\n]")),
            (format!("{line} # Asks how.\n]"), format!("{line} # Asks how.\n{new} }},\n]")),
            (format!("{line}\n    # That is all.\n]"), format!("{line}\n    # That is all.\n{new} }},\n]")),
        ] {
            let text = with(&before);
            let made = apply(&text, &edit, day()).expect("made");
            assert!(made.contains(&after), "{before}");
        }
    }

    #[test]
    fn a_question_is_asked_at_the_end_of_its_section() {
        let section = vec![step("form", "trafficking"), step("section", "family")];
        let ask = |text: &str, answer: &str, choices: &[&str]| Edit::Question {
            section: section.clone(),
            text: text.into(),
            answer: answer.into(),
            choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
        };
        let (text, said) = done(&ask("Who has the key of the house?", "choice", &["The child", "An adult", "Nobody"]));
        assert_eq!(said.len(), 2, "{said:?}");
        assert_eq!(said[0], "form Trafficking indicators (first screening): version 1 → 2");
        assert_eq!(
            said[1],
            "question 6 of form Trafficking indicators (first screening) new (\"Who has the key of the house?\")"
        );
        kept(&text, 2);
        let pack = parse(&text).expect("a pack");
        let form = pack.form("trafficking").expect("there");
        assert_eq!(form.version, 2);
        assert_eq!(form.sections[0].questions.last().expect("one").code, "who-has-the-key-of-the");
        // And gone again: counted from the first section on.
        let back: Vec<String> = diff(&rules(&text), &rules(BUILTIN)).into_iter().map(|change| change.says).collect();
        assert!(back.iter().any(|says| says.starts_with("question 6 of form") && says.contains("removed")), "{back:?}");
        let wrong = apply(BUILTIN, &[ask("How?", "guess", &[])], day()).expect_err("refused").to_string();
        assert!(wrong.starts_with("\"guess\" is none of: text, choice"), "{wrong}");
        assert!(apply(BUILTIN, &[ask("Which?", "choice", &[])], day()).is_err(), "a choice of nothing");
    }

    #[test]
    fn what_the_reader_refuses_is_not_made() {
        let refused = |edit: &Edit| apply(BUILTIN, std::slice::from_ref(edit), day()).expect_err("refused").to_string();
        let at = vec![step("clock", "first-contact")];
        let more = refused(&Edit::Numbers { at: at.clone(), value: [96, 72, 168] });
        assert_eq!(more, "a higher risk can't have more time than a lower one");
        assert_eq!(refused(&Edit::Label { at, label: "  ".into() }), "the label is empty");
        let fixed = refused(&Edit::Choice { list: "risk".into(), label: "Extreme".into() });
        assert_eq!(fixed, "the list \"risk\" is fixed: it can't have \"extreme\"");
        let needed = vec![step("list", "channel"), step("choices", "other")];
        assert_eq!(
            refused(&Edit::Retire { at: needed, retired: true }),
            "the list \"channel\" must have the code \"other\""
        );
        assert_eq!(
            apply(BUILTIN, &[Edit::Label { at: vec![step("clock", "x")], label: "x".into() }], day()),
            Err(EditError::NotThere)
        );
        let numbers = Edit::Numbers { at: vec![step("stage", "care")], value: [1, 1, 1] };
        assert_eq!(apply(BUILTIN, &[numbers], day()), Err(EditError::NotThere));
        let signs = Edit::Choice { list: "channel".into(), label: "…".into() };
        assert_eq!(apply(BUILTIN, &[signs], day()), Err(EditError::NoCode));
    }

    #[test]
    fn labels_are_changed_wherever_a_rule_has_one() {
        let (text, said) = done(&Edit::Label { at: vec![step("stage", "care")], label: "Care".into() });
        assert_eq!(said, ["stage Care: label \"Care and case plan\" → \"Care\""]);
        kept(&text, 2);
        let at = vec![step("agency", "MC")];
        let (_, said) = done(&Edit::Label { at, label: "Parish council".into() });
        assert_eq!(said, ["agency Parish council: name \"Municipal Corporation\" → \"Parish council\""]);
        let at = vec![step("list", "flag"), step("choices", "media")];
        assert_eq!(done(&Edit::Label { at, label: "press".into() }).1.len(), 1);
    }
}
