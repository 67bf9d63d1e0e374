//! Answers to a form as they are kept: each with the question's own words and type at that time, so that what a newer
//! pack asks otherwise, or no more, stays readable. The lines are written down in `docs/formats/answers.md`.
//!
//! Reading never guesses: what doesn't fit the format is an error, not a half-read answer.

use std::fmt::Write as _;

use super::{Asks, LONGEST_ANSWER, MOST_CHOICES, MOST_QUESTIONS};
use crate::domain::clean;
use crate::domain::pack::is_code;

/// The first line of kept answers; a newer format has another number.
const FIRST: &str = "answers 1";
/// The most characters that kept answers take.
pub const MOST_KEPT: usize = 200_000;
/// The longest question or heading, in characters: as much as a pack can hold.
const LONGEST_LINE: usize = 300;
/// The longest code of something chosen: an item's id.
const LONGEST_CODE: usize = 40;

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The code that was chosen, the day, the number or the item; empty for words.
    pub code: String,
    /// What people read: the words, or the label of the code at that time; empty where the code says it all.
    pub label: String,
}

impl Said {
    /// What people read.
    pub fn shown(&self) -> &str {
        if self.label.is_empty() { &self.code } else { &self.label }
    }
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The heading under which it was asked.
    pub section: String,
    /// The question's code.
    pub code: String,
    /// What the answer is made of.
    pub asks: Asks,
    /// What was asked.
    pub text: String,
    /// What was said: one thing, or several; never none.
    pub said: Vec<Said>,
}

impl Answer {
    /// What was said, as people read it: "begging, farm work".
    pub fn shown(&self) -> String {
        self.said.iter().map(Said::shown).collect::<Vec<_>>().join(", ")
    }
}

/// All answers, in the order of the questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(Vec<Answer>);

/// Why kept answers can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version wrote them.
    Newer,
    /// A line, counted from 1, doesn't fit the format.
    Line(usize),
    /// There is more than a form can have.
    TooMuch,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Newer => f.write_str("a newer version of mahoe wrote these answers: update this one to read them"),
            Self::Line(line) => write!(f, "these answers can't be read: line {line} is not as it should be"),
            Self::TooMuch => f.write_str("these answers can't be read: there is more than a form can have"),
        }
    }
}

impl Answers {
    /// Takes in one more.
    pub fn push(&mut self, answer: Answer) {
        self.0.push(answer);
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Answer> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was answered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answer to a question.
    pub fn get(&self, code: &str) -> Option<&Answer> {
        self.0.iter().find(|answer| answer.code == code)
    }

    /// As they are kept.
    pub fn write(&self) -> String {
        let mut text = FIRST.to_owned();
        let mut section = "";
        for answer in &self.0 {
            if answer.section != section {
                section = &answer.section;
                let _ = write!(text, "\ns {section}");
            }
            let _ = write!(text, "\nq {} {} {}", answer.code, answer.asks.name(), answer.text);
            for said in &answer.said {
                if answer.asks == Asks::Text {
                    for line in said.label.split('\n') {
                        text.push_str("\nt");
                        if !line.is_empty() {
                            let _ = write!(text, " {line}");
                        }
                    }
                } else {
                    let _ = write!(text, "\na {}", said.code);
                    if !said.label.is_empty() {
                        let _ = write!(text, " {}", said.label);
                    }
                }
            }
        }
        text
    }

    /// Reads what [`Answers::write`] wrote.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        if text.len() > 4 * MOST_KEPT || text.chars().count() > MOST_KEPT {
            return Err(Unreadable::TooMuch);
        }
        let mut lines = text.split('\n').enumerate().map(|(at, line)| (at + 1, line));
        match lines.next() {
            Some((_, FIRST)) => {}
            Some((_, line))
                if line
                    .strip_prefix("answers ")
                    .is_some_and(|number| number.parse::<u32>().is_ok_and(|number| number > 1)) =>
            {
                return Err(Unreadable::Newer);
            }
            _ => return Err(Unreadable::Line(1)),
        }
        let (mut answers, mut section) = (Self::default(), String::new());
        for (at, line) in lines {
            answers.line(line, &mut section).ok_or(Unreadable::Line(at))?;
            if answers.0.len() > MOST_QUESTIONS {
                return Err(Unreadable::TooMuch);
            }
        }
        // A question without an answer is a line that was cut off.
        let last = text.split('\n').count();
        if answers.0.iter().any(|answer| answer.said.is_empty()) { Err(Unreadable::Line(last)) } else { Ok(answers) }
    }

    /// Takes in one line; `None` if it doesn't fit here.
    fn line(&mut self, line: &str, section: &mut String) -> Option<()> {
        if line.chars().any(clean::forbidden) {
            return None;
        }
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        match kind {
            "s" => {
                self.0.last().is_none_or(|answer| !answer.said.is_empty()).then_some(())?;
                bounded(rest, LONGEST_LINE)?.clone_into(section);
            }
            "q" => {
                self.0.last().is_none_or(|answer| !answer.said.is_empty()).then_some(())?;
                let (code, rest) = rest.split_once(' ')?;
                let (asks, text) = rest.split_once(' ')?;
                let known = self.0.iter().any(|answer| answer.code == code);
                (is_code(code) && !known).then_some(())?;
                self.0.push(Answer {
                    section: section.clone(),
                    code: code.to_owned(),
                    asks: Asks::from_name(asks)?,
                    text: bounded(text, LONGEST_LINE)?.to_owned(),
                    said: Vec::new(),
                });
            }
            "t" => {
                let answer = self.0.last_mut().filter(|answer| answer.asks == Asks::Text)?;
                match answer.said.first_mut() {
                    Some(said) => {
                        said.label.push('\n');
                        said.label.push_str(rest);
                        bounded(&said.label, LONGEST_ANSWER)?;
                    }
                    None => {
                        answer
                            .said
                            .push(Said { code: String::new(), label: bounded(rest, LONGEST_ANSWER)?.to_owned() });
                    }
                }
            }
            "a" => {
                let answer = self.0.last_mut().filter(|answer| answer.asks != Asks::Text)?;
                let (code, label) = rest.split_once(' ').unwrap_or((rest, ""));
                let one = answer.asks == Asks::Several || answer.said.is_empty();
                let fits = !code.is_empty() && code.len() <= LONGEST_CODE && answer.said.len() < MOST_CHOICES && one;
                fits.then_some(())?;
                let label = if label.is_empty() { "" } else { bounded(label, LONGEST_LINE)? };
                answer.said.push(Said { code: code.to_owned(), label: label.to_owned() });
            }
            _ => return None,
        }
        Some(())
    }
}

/// Words of a line: some, and not too many.
fn bounded(text: &str, most: usize) -> Option<&str> {
    (!text.is_empty()).then_some(())?;
    clean::bounded(text, most).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(section: &str, code: &str, asks: Asks, said: &[(&str, &str)]) -> Answer {
        let said = said.iter().map(|(code, label)| Said { code: (*code).to_owned(), label: (*label).to_owned() });
        Answer {
            section: section.into(),
            code: code.into(),
            asks,
            text: format!("What about {code}?"),
            said: said.collect(),
        }
    }

    fn some() -> Answers {
        Answers(vec![
            answer("Home", "parents", Asks::YesNo, &[("unknown", "")]),
            answer("Home", "work", Asks::Several, &[("farm", "on a farm"), ("shop", "in a shop")]),
            answer("Other", "words", Asks::Text, &[("", "first line\n\n q second")]),
            answer("Other", "since", Asks::Date, &[("2026-11-02", "")]),
        ])
    }

    /// What was ever kept stays readable.
    #[test]
    fn the_lines_are_frozen() {
        let kept = "answers 1\n\
                    s Home\n\
                    q parents yes-no-unknown What about parents?\n\
                    a unknown\n\
                    q work several What about work?\n\
                    a farm on a farm\n\
                    a shop in a shop\n\
                    s Other\n\
                    q words text What about words?\n\
                    t first line\n\
                    t\n\
                    t  q second\n\
                    q since date What about since?\n\
                    a 2026-11-02";
        assert_eq!(some().write(), kept);
        assert_eq!(Answers::read(kept), Ok(some()));
        assert_eq!(Answers::read("answers 1"), Ok(Answers::default()));
        assert_eq!(some().get("work").map(Answer::shown).as_deref(), Some("on a farm, in a shop"));
    }

    #[test]
    fn what_does_not_fit_is_told_by_its_line() {
        for (kept, wrong) in [
            ("", Unreadable::Line(1)),
            ("answers", Unreadable::Line(1)),
            ("answers 2\nz", Unreadable::Newer),
            ("answers 1\n", Unreadable::Line(2)),
            ("answers 1\nx y", Unreadable::Line(2)),
            ("answers 1\na yes", Unreadable::Line(2)),
            ("answers 1\nq p yes-no-unknown P?", Unreadable::Line(2)),
            ("answers 1\nq p maybe P?\na yes", Unreadable::Line(2)),
            ("answers 1\nq P text P?\nt yes", Unreadable::Line(2)),
            ("answers 1\nq p text P?\na yes", Unreadable::Line(3)),
            ("answers 1\nq p date P?\nt yes", Unreadable::Line(3)),
            ("answers 1\nq p choice P?\na one\na two", Unreadable::Line(4)),
            ("answers 1\nq p choice P?\na one\nq p choice P?\na one", Unreadable::Line(4)),
            ("answers 1\nq p text P?\nt a\u{202e}b", Unreadable::Line(3)),
            ("answers 1\nq p choice P?\na ", Unreadable::Line(3)),
            ("answers 1\nq p choice P?\ns Home\na one", Unreadable::Line(3)),
        ] {
            assert_eq!(Answers::read(kept), Err(wrong), "{kept}");
        }
        assert_eq!(Answers::read(&"x".repeat(MOST_KEPT + 1)), Err(Unreadable::TooMuch));
        let many: Vec<String> = (0..=MOST_QUESTIONS).map(|at| format!("\nq q{at} number N?\na 1")).collect();
        assert_eq!(Answers::read(&format!("answers 1{}", many.concat())), Err(Unreadable::TooMuch));
    }

    proptest::proptest! {
        #[test]
        fn nothing_kept_makes_it_stumble(text in "(answers 1)?(\n[sqta]? ?[a-z1 -]{0,12}){0,8}") {
            if let Ok(answers) = Answers::read(&text) {
                proptest::prop_assert_eq!(Answers::read(&answers.write()), Ok(answers));
            }
        }
    }
}
