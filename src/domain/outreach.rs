//! Outreach: what the team holds for others, who came, what they knew before and after, and what came of it.
//!
//! Totals are reckoned, never typed. Nothing here leads to a child: which case came in after an event is said in the
//! case alone.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use super::calendar::Calendar;
use super::dates::jamaica;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::pack::{Choice, Pack, is_code};
use super::state::State;
use super::typed;
use super::views::{Action, Member};

/// The code for what nobody counted by.
pub const UNKNOWN: &str = "unknown";
/// The list of bands of age.
pub const BANDS: &str = "outreach-band";
/// The list of kinds.
pub const KINDS: &str = "outreach-kind";
/// The most lines of an audience or of results.
const MOST_LINES: usize = 100;
/// The most people in one line.
const MOST_PEOPLE: u32 = 100_000;

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It is to come, or nobody has said yet that it was held.
    Planned,
    /// It was held, and who came is not written down.
    Held,
    /// It was held and counted.
    Counted,
    /// It was called off.
    Cancelled,
}

impl Phase {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Counted => "counted",
            Self::Cancelled => "called off",
        }
    }
}

/// An outreach event.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a>(pub &'a Item);

impl<'a> Event<'a> {
    /// A standing event by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Outreach && item.stands()).map(Self)
    }

    /// Every event, the earliest first.
    pub fn all(state: &'a State) -> Vec<Self> {
        let mut all: Vec<Self> = state.items(ItemKind::Outreach).map(Self).collect();
        all.sort_by_key(|event| (event.when(), event.0.id));
        all
    }

    /// Where it stands.
    pub fn phase(self) -> Phase {
        let set = |field| !self.0.held(field).is_nothing();
        match () {
            () if set(Field::OutreachHeld) && set(Field::OutreachAudience) => Phase::Counted,
            () if set(Field::OutreachHeld) => Phase::Held,
            () if set(Field::OutreachCancelled) => Phase::Cancelled,
            () => Phase::Planned,
        }
    }

    /// The kind's code.
    pub fn kind(self) -> &'a str {
        self.0.str(Field::OutreachKind)
    }

    /// What it is about.
    pub fn topic(self) -> &'a str {
        self.0.str(Field::OutreachTopic)
    }

    /// The community.
    pub fn community(self) -> &'a str {
        self.0.str(Field::OutreachCommunity)
    }

    /// The place.
    pub fn place(self) -> &'a str {
        self.0.str(Field::OutreachPlace)
    }

    /// When it begins, or began.
    pub fn when(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::OutreachWhen).as_when()
    }

    /// The day in Jamaica.
    pub fn day(self) -> Option<NaiveDate> {
        self.when().map(|when| when.with_timezone(&jamaica()).date_naive())
    }

    /// Who sees to it.
    pub fn lead(self) -> Option<ItemId> {
        self.0.held(Field::OutreachLead).as_item()
    }

    /// Whether it is a member's business: they see to it or facilitate.
    pub fn is_of(self, member: ItemId) -> bool {
        self.lead() == Some(member) || self.0.held(Field::OutreachFacilitators).as_items().contains(&member)
    }

    /// Whether it is the business of an agency: one of its people sees to it or facilitates.
    pub fn is_of_agency(self, state: &State, agency: ItemId) -> bool {
        let listed = self.0.value(Field::OutreachFacilitators);
        let mut people = listed.as_items().iter().copied().chain(self.lead());
        people.any(|id| Member::get(state, id).and_then(Member::agency) == Some(agency))
    }

    /// Who came; empty where it is not known, or can't be read.
    pub fn audience(self) -> Audience {
        Audience::stored(self.0.str(Field::OutreachAudience))
    }

    /// What people knew before and after.
    pub fn results(self) -> Results {
        Results::stored(self.0.str(Field::OutreachResults))
    }

    /// Whole Jamaican dollars.
    pub fn cost(self) -> Option<i64> {
        self.0.held(Field::OutreachCost).as_number()
    }

    /// How many reports came in after it.
    pub fn reports(self) -> Option<i64> {
        self.0.held(Field::OutreachReports).as_number()
    }

    /// What is to be done after it, the earliest first.
    pub fn actions(self, state: &'a State) -> Vec<Action<'a>> {
        let of_it = |action: &Action<'_>| action.0.held(Field::ActionOutreach).as_item() == Some(self.0.id);
        let team = state.items_in(state.team_stream(), ItemKind::Action).map(Action);
        let mut all: Vec<Action<'a>> = team.filter(of_it).collect();
        all.sort_by_key(|action| (action.due(), action.0.id));
        all
    }

    /// By when who came is to be written down; `None` unless it was held and is not counted, or where the policy has no
    /// rule.
    pub fn numbers_due(self, pack: &Pack, calendar: &Calendar) -> Option<DateTime<FixedOffset>> {
        let within = pack.outreach.as_ref()?.numbers;
        let held = self.0.held(Field::OutreachHeld).as_when().filter(|_| self.phase() == Phase::Held)?;
        within.after(held.with_timezone(&jamaica()), calendar)
    }
}

/// How many of one sex and age came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// A code of the list `sex`, or [`UNKNOWN`].
    pub sex: String,
    /// A code of the list [`BANDS`], or [`UNKNOWN`].
    pub band: String,
    /// How many.
    pub people: u32,
}

/// Who came, by sex and band of age.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(pub Vec<Count>);

impl Audience {
    /// Reads what a person typed: "female 0-11: 12, male 12-17: 8, unknown: 30". Sex and age may be shortened as anywhere,
    /// stand in either order, or be left out.
    ///
    /// # Errors
    /// One sentence that says what fits.
    pub fn typed(pack: &Pack, text: &str) -> Result<Self, String> {
        let mut all: Vec<Count> = Vec::new();
        for part in text.split(['\n', ',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
            let (who, count) = part
                .rsplit_once([':', '=', ' '])
                .ok_or_else(|| format!("\"{part}\" has no number: write it like \"female 0-11: 12\""))?;
            let people = people(count).ok_or_else(|| {
                format!("\"{}\" is no number of people: write it like \"female 0-11: 12\"", count.trim())
            })?;
            let (sex, band) = group(pack, who.trim().trim_end_matches([':', '=']).trim())?;
            if all.iter().any(|other| other.sex == sex && other.band == band) {
                return Err(format!("{} is here twice: add the two numbers", group_name(&sex, &band)));
            }
            all.push(Count { sex, band, people });
        }
        if all.len() > MOST_LINES {
            return Err(format!("at most {MOST_LINES} lines"));
        }
        let place = |list: &str, code: &str| pack.list(list).iter().position(|choice| choice.code == code);
        let rank = |place: Option<usize>| place.unwrap_or(usize::MAX);
        all.sort_by_key(|count| (rank(place("sex", &count.sex)), rank(place(BANDS, &count.band))));
        Ok(Self(all))
    }

    /// Reads the stored form, whatever policy it was written under. Lines that are none are left out.
    pub fn stored(text: &str) -> Self {
        let line = |line: &str| {
            let (who, count) = line.split_once(": ")?;
            let (sex, band) = who.split_once(' ').unwrap_or((UNKNOWN, who));
            let (sex, band) = (sex.to_owned(), band.to_owned());
            (is_code(&sex) && is_code(&band)).then_some(Count { sex, band, people: people(count)? })
        };
        Self(text.lines().take(MOST_LINES).filter_map(line).collect())
    }

    /// Everybody who came.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|count| u64::from(count.people)).sum()
    }

    /// How many of each sex.
    pub fn by_sex(&self) -> BTreeMap<&str, u64> {
        self.by(|count| &count.sex)
    }

    /// How many of each band of age.
    pub fn by_band(&self) -> BTreeMap<&str, u64> {
        self.by(|count| &count.band)
    }

    fn by<'a>(&'a self, key: impl Fn(&'a Count) -> &'a str) -> BTreeMap<&'a str, u64> {
        let mut all = BTreeMap::new();
        for count in &self.0 {
            *all.entry(key(count)).or_default() += u64::from(count.people);
        }
        all
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, count) in self.0.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{}: {}", group_name(&count.sex, &count.band), count.people)?;
        }
        Ok(())
    }
}

/// "female 0-11", "unknown 18-24"; "unknown" where neither is known.
fn group_name(sex: &str, band: &str) -> String {
    if sex == UNKNOWN && band == UNKNOWN { UNKNOWN.to_owned() } else { format!("{sex} {band}") }
}

fn people(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|count| *count <= MOST_PEOPLE)
}

/// Sex and band of "f 12-17", "12-17 female", "female", "12-17" or "unknown".
fn group(pack: &Pack, who: &str) -> Result<(String, String), String> {
    if who.eq_ignore_ascii_case(UNKNOWN) {
        return Ok((UNKNOWN.to_owned(), UNKNOWN.to_owned()));
    }
    let find = |list: &str, text: &str| match text.trim() {
        text if text.eq_ignore_ascii_case(UNKNOWN) => Some(UNKNOWN.to_owned()),
        text => typed::choice(pack, list, text).ok().map(str::to_owned),
    };
    let unknown = || UNKNOWN.to_owned();
    if let Some(band) = find(BANDS, who) {
        return Ok((unknown(), band));
    }
    if let Some(sex) = find("sex", who) {
        return Ok((sex, unknown()));
    }
    let both = |sex: &str, band: &str| Some((find("sex", sex)?, find(BANDS, band)?));
    let first = who.split_once(' ').and_then(|(sex, band)| both(sex, band));
    let last = || who.rsplit_once(' ').and_then(|(band, sex)| both(sex, band));
    first.or_else(last).ok_or_else(|| {
        let codes = |list: &str| pack.list(list).iter().map(|it| it.code.as_str()).collect::<Vec<_>>().join(", ");
        format!("\"{who}\" is no group: sex is one of {}; age one of {}", codes("sex"), codes(BANDS))
    })
}

/// How one question was answered before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The question's code.
    pub question: String,
    /// How many were asked.
    pub asked: u32,
    /// How many had it right before.
    pub before: u32,
    /// How many had it right after.
    pub after: u32,
}

/// What people knew before and after an event, by question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results(pub Vec<Score>);

impl Results {
    /// Reads what a person typed, a line for each question: "who-to-call: asked 30, before 12, after 25", or the three
    /// numbers alone, in this order.
    ///
    /// # Errors
    /// One sentence that says what fits.
    pub fn typed(pack: &Pack, text: &str) -> Result<Self, String> {
        let mut all: Vec<Score> = Vec::new();
        for line in text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()) {
            let shape =
                || format!("\"{line}\" can't be read: write it like \"who-to-call: asked 30, before 12, after 25\"");
            let (question, numbers) = line.split_once(':').ok_or_else(shape)?;
            let question = find_question(pack, question.trim())?;
            let numbers: Vec<u32> = words(numbers).filter_map(people).collect();
            let [asked, before, after] = numbers[..] else { return Err(shape()) };
            if before > asked || after > asked {
                return Err(format!("{question}: more had it right than were asked"));
            }
            if all.iter().any(|other| other.question == question) {
                return Err(format!("{question} is here twice"));
            }
            all.push(Score { question, asked, before, after });
        }
        Ok(Self(all))
    }

    /// Reads the stored form, whatever policy it was written under. Lines that are none are left out.
    pub fn stored(text: &str) -> Self {
        let line = |line: &str| {
            let (question, numbers) = line.split_once(": ")?;
            let numbers: Vec<u32> = words(numbers).filter_map(people).collect();
            let [asked, before, after] = numbers[..] else { return None };
            is_code(question).then(|| Score { question: question.to_owned(), asked, before, after })
        };
        Self(text.lines().take(MOST_LINES).filter_map(line).collect())
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, score) in self.0.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            let Score { question, asked, before, after } = score;
            write!(f, "{end}{question}: asked {asked}, before {before}, after {after}")?;
        }
        Ok(())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', '/']).filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

fn find_question(pack: &Pack, text: &str) -> Result<String, String> {
    let wanted = text.to_lowercase();
    let mut begins = pack.questions.iter().filter(|question| question.code.starts_with(&wanted));
    let exact = pack.questions.iter().find(|question| question.code == wanted);
    let found = exact.or_else(|| begins.next().filter(|_| begins.next().is_none()));
    found.map(|question| question.code.clone()).ok_or_else(|| {
        let all: Vec<&str> = pack.questions.iter().map(|question| question.code.as_str()).collect();
        match all.as_slice() {
            [] => "the policy has no questions for outreach".to_owned(),
            _ => format!("the policy has no question \"{text}\": one of {}", all.join(", ")),
        }
    })
}

/// The words of a group for people: "female, 12 to 17"; the code where the policy has no label.
pub fn group_label(pack: &Pack, count: &Count) -> String {
    let label = |list: &str, code: &str| match pack.list(list).iter().find(|it: &&Choice| it.code == code) {
        Some(choice) => choice.label.clone(),
        None => code.to_owned(),
    };
    match (count.sex.as_str(), count.band.as_str()) {
        (UNKNOWN, UNKNOWN) => "not known".to_owned(),
        (sex, UNKNOWN) => format!("{}, age not known", label("sex", sex)),
        (UNKNOWN, band) => format!("{}, sex not known", label(BANDS, band)),
        (sex, band) => format!("{}, {}", label("sex", sex), label(BANDS, band)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::builtin;
    use proptest::prelude::*;

    #[test]
    fn an_audience_is_read_as_people_write_it_and_adds_itself_up() {
        let read = |text: &str| Audience::typed(builtin(), text).map(|it| it.to_string());
        let typed = "m 12-17: 8, Female 0-11: 12\nunknown: 30; 25-plus 4, f: 3";
        let audience = Audience::typed(builtin(), typed).expect("read");
        assert_eq!(
            audience.to_string(),
            "female 0-11: 12\nfemale unknown: 3\nmale 12-17: 8\nunknown 25-plus: 4\nunknown: 30"
        );
        assert_eq!((audience.total(), audience.by_sex()["female"], audience.by_band()["unknown"]), (57, 15, 33));
        assert_eq!(Audience::stored(&audience.to_string()), audience);
        assert_eq!(read("12-17 female 5").as_deref(), Ok("female 12-17: 5"));
        assert_eq!(read("unknown: 0").as_deref(), Ok("unknown: 0"));
        assert_eq!(read("").as_deref(), Ok(""));
        for (text, says) in [
            ("female", "\"female\" has no number"),
            ("female: many", "\"many\" is no number of people"),
            ("female: -3", "\"-3\" is no number of people"),
            ("female: 999999999", "is no number of people"),
            ("elephants: 3", "\"elephants\" is no group: sex is one of"),
            ("f 0-11: 3, female 0-11: 4", "female 0-11 is here twice"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn results_are_three_numbers_for_each_question() {
        let code = builtin().questions[0].code.clone();
        let read = |text: &str| Results::typed(builtin(), text).map(|it| it.to_string());
        let stored = format!("{code}: asked 30, before 12, after 25");
        assert_eq!(read(&format!("{code}: 30 12 25")).as_deref(), Ok(stored.as_str()));
        assert_eq!(read(&stored).as_deref(), Ok(stored.as_str()));
        assert_eq!(Results::stored(&stored).0[0].after, 25);
        assert_eq!(Results::stored("a line of words\n: 1 2 3").0, []);
        for (text, says) in [
            (format!("{code}: 30 12"), "can't be read"),
            (format!("{code}: 3 4 3"), "more had it right than were asked"),
            (format!("{code}: 3 1 2; {code}: 3 1 2"), "is here twice"),
            ("tides: 3 1 2".into(), "the policy has no question \"tides\""),
        ] {
            let error = read(&text).expect_err(&text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_stored_and_read_again(text in "(([fmu]|female|unknown)? ?(0-11|12-17|25)?:? ?[0-9]{0,4}[,\n;]){0,6}|\\PC{0,40}") {
            if let Ok(audience) = Audience::typed(builtin(), &text) {
                prop_assert_eq!(Audience::stored(&audience.to_string()), audience);
            }
            let _ = Audience::stored(&text);
            let _ = Results::stored(&text);
        }
    }
}
