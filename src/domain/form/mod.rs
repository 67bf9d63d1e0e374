//! Forms: questions that a policy pack asks, in sections, and what may follow from the answers.
//!
//! A form gives no score and decides nothing. What it is for (a screening, say) is another module's business: nothing in
//! here may know it. How answers are kept is [`answers`]'.

pub mod answers;

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use super::class::Class;
use super::clean;
use super::dates::{self, Lean};
use super::field::{Field, ItemKind};
use super::find;
use super::ids::ItemId;
use super::pack::{Origin, Pack, Within};
use super::state::State;
use answers::{Answer, Answers, Said};

/// The most questions of a form.
pub const MOST_QUESTIONS: usize = 500;
/// The most choices of a question.
pub const MOST_CHOICES: usize = 200;
/// The longest answer in words, in characters.
pub const LONGEST_ANSWER: usize = 2_000;
/// The largest number that an answer can be, either way.
const LARGEST_NUMBER: i64 = 1_000_000_000;

/// What a form can be for.
pub const PURPOSES: &[&str] = &[SCREENING];
/// Asked to find out whether a child may be a victim.
pub const SCREENING: &str = "screening";

/// A form of the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// Counts up with each change of its questions.
    pub version: u32,
    /// One of [`PURPOSES`].
    pub purpose: String,
    /// The class in which its answers are kept.
    pub class: Class,
    /// Its questions, section by section.
    pub sections: Vec<Section>,
    /// What is proposed once it is filled in.
    pub follows: Vec<Follow>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its code.
    pub code: String,
    /// Its heading.
    pub title: String,
    /// Its questions, in order.
    pub questions: Vec<Question>,
}

/// What an answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Words.
    Text,
    /// One of the choices.
    Choice,
    /// Any of the choices.
    Several,
    /// Yes, no, or that nobody knows.
    YesNo,
    /// A day.
    Date,
    /// A whole number.
    Number,
    /// A member of the team.
    Member,
    /// An agency.
    Agency,
}

impl Asks {
    /// Every type.
    pub const ALL: [Self; 8] =
        [Self::Text, Self::Choice, Self::Several, Self::YesNo, Self::Date, Self::Number, Self::Member, Self::Agency];

    /// The word in a pack and in kept answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Choice => "choice",
            Self::Several => "several",
            Self::YesNo => "yes-no-unknown",
            Self::Date => "date",
            Self::Number => "number",
            Self::Member => "member",
            Self::Agency => "agency",
        }
    }

    /// Reads [`Asks::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asks| asks.name() == name)
    }

    /// True where a person chooses among options that the pack knows.
    pub const fn chooses(self) -> bool {
        matches!(self, Self::Choice | Self::Several | Self::YesNo)
    }
}

/// The answers to a [`Asks::YesNo`] question.
pub const YES_NO: [&str; 3] = ["yes", "no", "unknown"];

/// Among what somebody chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choices {
    /// Its type needs none.
    None,
    /// Its own: code and label.
    Own(Vec<(String, String)>),
    /// Those of a list of the pack.
    List(String),
}

/// A question is asked, or a thing proposed, only if an earlier question was answered so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The earlier question's code.
    pub question: String,
    /// One of these was chosen.
    pub is: Vec<String>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its code, unique in its form; kept with the answer for ever.
    pub code: String,
    /// What is asked.
    pub text: String,
    /// A sentence that helps whoever asks.
    pub help: Option<String>,
    /// What an answer is made of.
    pub asks: Asks,
    /// Among what.
    pub choices: Choices,
    /// Whether it has to be answered wherever it is asked.
    pub required: bool,
    /// When it is asked at all.
    pub show_if: Option<Condition>,
    /// Whether an answer (of a yes-no-unknown question: yes) means that the child has begun to tell: asking stops then.
    pub stop: bool,
}

/// By when something that follows is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// When this clock of the policy says so.
    Clock(String),
    /// Within so much time of the answers.
    Within(Within),
}

/// Something that is proposed after a form was filled in. A person decides; nothing is ever done by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// Its code.
    pub code: String,
    /// What would have to be done, as an action says it. Names nobody.
    pub text: String,
    /// The code of the agency that usually does it.
    pub owner: Option<String>,
    /// By when.
    pub by: By,
    /// After which outcomes; none named: after any.
    pub outcomes: Vec<String>,
    /// After which answer.
    pub show_if: Option<Condition>,
    /// Proposed only where asking was stopped.
    pub stopped: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// What was entered, by question code: words, a code, or several codes. What is empty is no answer.
pub type Given = BTreeMap<String, Vec<String>>;

/// An answer that doesn't fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The question's code.
    pub question: String,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
}

impl Misfit {
    fn new(question: &str, message: impl Into<String>) -> Self {
        Self { question: question.to_owned(), message: message.into() }
    }
}

impl Condition {
    fn holds(&self, given: &Given) -> bool {
        given.get(&self.question).is_some_and(|chosen| chosen.iter().any(|code| self.is.contains(code)))
    }
}

impl Follow {
    /// Whether it is proposed after these answers. Where the child began to tell, everything is: nobody asked further.
    pub fn proposed(&self, answers: &Answers, outcome: &str, stopped: bool) -> bool {
        let answered = |condition: &Condition| {
            answers
                .get(&condition.question)
                .is_some_and(|answer| answer.said.iter().any(|said| condition.is.contains(&said.code)))
        };
        let fits = self.outcomes.is_empty() || self.outcomes.iter().any(|code| code == outcome);
        match (self.stopped, stopped) {
            (true, stopped) => stopped,
            (false, true) => true,
            (false, false) => fits && self.show_if.as_ref().is_none_or(answered),
        }
    }
}

impl Question {
    /// The codes and labels that can be chosen; none where the answer is typed.
    pub fn options(&self, pack: &Pack) -> Vec<(String, String)> {
        match &self.choices {
            Choices::Own(own) => own.clone(),
            Choices::List(list) => {
                pack.list(list).iter().map(|choice| (choice.code.clone(), choice.label.clone())).collect()
            }
            Choices::None if self.asks == Asks::YesNo => {
                YES_NO.iter().map(|code| ((*code).to_owned(), (*code).to_owned())).collect()
            }
            Choices::None => Vec::new(),
        }
    }

    /// Whether this answer means that asking stops.
    pub fn stops(&self, said: &[String]) -> bool {
        let any = said.iter().any(|said| !said.trim().is_empty());
        self.stop && if self.asks == Asks::YesNo { said.iter().any(|said| said == "yes") } else { any }
    }

    /// Reads what was entered; nothing at all is no answer.
    ///
    /// # Errors
    /// One sentence that says what fits.
    pub fn read(
        &self,
        (state, pack, today): (&State, &Pack, NaiveDate),
        given: &[String],
    ) -> Result<Vec<Said>, String> {
        let given: Vec<&str> = given.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
        let (Some(first), several) = (given.first(), given.len() > 1) else { return Ok(Vec::new()) };
        if several && self.asks != Asks::Several {
            return Err("One answer is needed, not several.".to_owned());
        }
        let said = |code: String, label: String| vec![Said { code, label }];
        match self.asks {
            Asks::Text => {
                let words = clean::prose_owned(first);
                clean::bounded(&words, LONGEST_ANSWER).map_err(|error| format!("The answer is too long: {error}."))?;
                Ok(said(String::new(), words))
            }
            Asks::Choice | Asks::Several | Asks::YesNo => self.chosen(pack, &given),
            Asks::Date => {
                let day = dates::parse_date(first, today, Lean::Back)
                    .map_err(|error| format!("A day is needed: {error}."))?;
                Ok(said(day.to_string(), String::new()))
            }
            Asks::Number => match first.parse::<i64>() {
                Ok(number) if number.abs() <= LARGEST_NUMBER => Ok(said(number.to_string(), String::new())),
                _ => Err("A whole number is needed, like 14.".to_owned()),
            },
            Asks::Member | Asks::Agency => {
                let found =
                    find::owner(state, first, self.asks == Asks::Agency).ok().or_else(|| ItemId::from_hex(first));
                let found = found.and_then(|id| state.item(id));
                let wanted = if self.asks == Asks::Member { ItemKind::Member } else { ItemKind::Agency };
                let found = found.filter(|item| item.kind == wanted);
                let name = if wanted == ItemKind::Member { Field::MemberName } else { Field::AgencyCode };
                let found = found.map(|item| said(item.id.to_string(), clean::line_owned(item.str(name))));
                found.ok_or_else(|| format!("No {} answers to \"{}\".", wanted.name(), clean::line(first)))
            }
        }
    }

    fn chosen(&self, pack: &Pack, given: &[&str]) -> Result<Vec<Said>, String> {
        let options = self.options(pack);
        let mut codes: Vec<usize> = Vec::with_capacity(given.len());
        for typed in given {
            let wanted = typed.to_lowercase();
            let same = |(code, label): &(String, String)| *code == wanted || label.to_lowercase() == wanted;
            let short = |(code, _): &(String, String)| self.asks == Asks::YesNo && code.starts_with(&wanted);
            let at = options.iter().position(same).or_else(|| options.iter().position(short));
            let Some(at) = at else {
                let all: Vec<&str> = options.iter().map(|(code, _)| code.as_str()).collect();
                return Err(format!("One of these is needed: {}.", all.join(", ")));
            };
            if !codes.contains(&at) {
                codes.push(at);
            }
        }
        codes.sort_unstable();
        let said = |at: usize| {
            let (code, label) = options[at].clone();
            // A code that says the same as its label is enough.
            Said { label: if label == code { String::new() } else { label }, code }
        };
        Ok(codes.into_iter().map(said).collect())
    }
}

impl Form {
    /// Every question, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.sections.iter().flat_map(|section| &section.questions)
    }

    /// A question by its code.
    pub fn question(&self, code: &str) -> Option<&Question> {
        self.questions().find(|question| question.code == code)
    }

    /// The codes of the questions that are asked, as others are answered. A question whose condition looks at one that
    /// is not asked isn't asked either.
    pub fn asked(&self, given: &Given) -> Vec<&Question> {
        let mut asked: HashSet<&str> = HashSet::new();
        let mut all = Vec::new();
        for question in self.questions() {
            let stands = |condition: &Condition| asked.contains(condition.question.as_str()) && condition.holds(given);
            if question.show_if.as_ref().is_none_or(stands) {
                asked.insert(&question.code);
                all.push(question);
            }
        }
        all
    }

    /// Reads all that was entered. Where asking was stopped nothing is required any more.
    ///
    /// # Errors
    /// Every answer that doesn't fit, in the order of the questions; answers to no question of the form come last.
    pub fn read(
        &self,
        (state, pack, today): (&State, &Pack, NaiveDate),
        given: &Given,
        stopped: bool,
    ) -> Result<Answers, Vec<Misfit>> {
        let (given, mut misfits) = self.by_code((state, pack, today), given);
        let asked = self.asked(&given);
        let mut answers = Answers::default();
        for section in &self.sections {
            for question in &section.questions {
                let entered = given.get(&question.code).map_or(&[][..], Vec::as_slice);
                if !asked.iter().any(|other| other.code == question.code) {
                    if !entered.is_empty() {
                        let why = "It is not asked here: it hangs on another question, which was answered otherwise.";
                        misfits.push(Misfit::new(&question.code, why));
                    }
                    continue;
                }
                match question.read((state, pack, today), entered) {
                    Ok(said) if said.is_empty() && question.required && !stopped => {
                        misfits.push(Misfit::new(&question.code, "This has to be answered."));
                    }
                    Ok(said) if said.is_empty() => {}
                    Ok(said) => answers.push(Answer {
                        section: section.title.clone(),
                        code: question.code.clone(),
                        asks: question.asks,
                        text: question.text.clone(),
                        said,
                    }),
                    // Said already.
                    Err(_) if misfits.iter().any(|misfit| misfit.question == question.code) => {}
                    Err(message) => misfits.push(Misfit::new(&question.code, message)),
                }
            }
        }
        if misfits.is_empty() { Ok(answers) } else { Err(misfits) }
    }

    /// What was entered, with the codes of what was chosen in the place of labels, so that conditions can look at them.
    fn by_code(&self, cx: (&State, &Pack, NaiveDate), given: &Given) -> (Given, Vec<Misfit>) {
        let (mut codes, mut misfits) = (Given::new(), Vec::new());
        for (code, entered) in given {
            match self.question(code) {
                None => misfits.push(Misfit::new(code, "The form has no such question.")),
                Some(question) if question.asks.chooses() => match question.read(cx, entered) {
                    Ok(said) if said.is_empty() => {}
                    Ok(said) => _ = codes.insert(code.clone(), said.into_iter().map(|said| said.code).collect()),
                    Err(message) => {
                        misfits.push(Misfit::new(code, message));
                        codes.insert(code.clone(), entered.clone());
                    }
                },
                Some(_) => {
                    let entered: Vec<String> = entered.iter().filter(|text| !text.trim().is_empty()).cloned().collect();
                    if !entered.is_empty() {
                        codes.insert(code.clone(), entered);
                    }
                }
            }
        }
        (codes, misfits)
    }
}

/// A form of the pack for a purpose, by its code; the only or first one where no code is given.
pub fn for_purpose<'p>(pack: &'p Pack, purpose: &str, code: &str) -> Option<&'p Form> {
    let mut fit = pack.forms.iter().filter(|form| form.purpose == purpose);
    fit.find(|form| code.is_empty() || form.code == code)
}

/// The agency that a follow names, if the team has it.
pub fn owner_of(state: &State, follow: &Follow) -> Option<ItemId> {
    let agency = find::owner(state, follow.owner.as_deref()?, true).ok()?;
    let item = state.item(agency)?;
    (item.kind == ItemKind::Agency && item.held(Field::AgencyRetired).is_nothing()).then_some(agency)
}
