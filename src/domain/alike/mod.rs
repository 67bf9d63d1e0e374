//! Which cases may be about the same child: names that are spelt or sound alike, birth dates that were mistyped or
//! estimated, the same mother, the same community.
//!
//! A hint and never a decision: nothing is refused, joined or sent because of it. It compares what can be read here and
//! asks nobody. It knows no nicknames: what somebody is also called is what was recorded as that.

mod name;

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};

use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::idtable::IdMap;
use super::state::State;
use super::value::Value;
use super::views::Case;

pub use name::{Fit, Name};

/// From this weight on two cases are told to be likely about one child.
pub const LIKELY: i32 = 50;
/// An estimated birth date may be so many days off.
const ESTIMATED: i64 = 366;
/// So far off an estimated birth date speaks against.
const TOO_FAR: i64 = 3 * 365;
/// A sound or day that more cases than this share says nothing by itself; they are found by what else is known.
const COMMONEST: usize = 5_000;

/// What is known of a child for the comparison.
#[derive(Debug, Default)]
pub struct Known {
    /// The child's name and what the child is also called.
    names: Vec<Name>,
    mother: Name,
    born: Option<NaiveDate>,
    estimated: bool,
    sex: String,
    community: Name,
}

/// Why two cases may be about one child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant's meaning is its words in `Sign::words`")]
pub enum Sign {
    SameBirth,
    BirthSwapped,
    BirthDigit,
    BirthNear,
    SameName,
    NameAlike,
    NameInitial,
    OneName,
    SameMother,
    MotherAlike,
    SameCommunity,
}

impl Sign {
    /// How it is said, without a name.
    pub const fn words(self) -> &'static str {
        match self {
            Self::SameBirth => "same birth date",
            Self::BirthSwapped => "birth date with day and month swapped",
            Self::BirthDigit => "birth date differs in one digit",
            Self::BirthNear => "birth date within a year, estimated",
            Self::SameName => "same name",
            Self::NameAlike => "name sounds alike",
            Self::NameInitial => "same name but for an initial",
            Self::OneName => "one name the same",
            Self::SameMother => "same mother's name",
            Self::MotherAlike => "mother's name sounds alike",
            Self::SameCommunity => "same community",
        }
    }
}

/// A case that may be about the same child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    /// The case.
    pub case: ItemId,
    /// How much speaks for it; [`LIKELY`] or more.
    pub weight: i32,
    /// What speaks for it, the birth date first.
    pub signs: Vec<Sign>,
}

impl Likely {
    /// "same birth date, name sounds alike".
    pub fn words(&self) -> String {
        self.signs.iter().map(|sign| sign.words()).collect::<Vec<_>>().join(", ")
    }
}

impl Known {
    /// What a case says of its child. Names that come to stand elsewhere in a case are added here.
    pub fn of_case(case: Case<'_>) -> Self {
        let text = |field| case.0.str(field);
        Self::default()
            .named(text(Field::CaseChildName))
            .named(text(Field::CaseAlias))
            .born(case.0.held(Field::CaseDob).as_date(), case.0.held(Field::CaseDobEstimated).as_yes_no() == Some(true))
            .of_mother(text(Field::CaseMother))
            .living_in(text(Field::CaseCommunity))
            .of_sex(text(Field::CaseSex))
    }

    /// What the first values of a case say of its child.
    pub fn of_values(values: &[(Field, Value)]) -> Self {
        let mut known = Self::default();
        for (field, value) in values {
            let text = value.as_str().unwrap_or("");
            known = match field {
                Field::CaseChildName | Field::CaseAlias => known.named(text),
                Field::CaseDob => Self { born: value.as_date(), ..known },
                Field::CaseDobEstimated => Self { estimated: value.as_yes_no() == Some(true), ..known },
                Field::CaseMother => known.of_mother(text),
                Field::CaseCommunity => known.living_in(text),
                Field::CaseSex => known.of_sex(text),
                _ => known,
            };
        }
        known
    }

    /// With a name, or one that the child is also called; an empty one is none.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.names.extend(Some(Name::new(name)).filter(|name| !name.is_empty()));
        self
    }

    /// With a birth date, known or estimated.
    #[must_use]
    pub fn born(self, born: Option<NaiveDate>, estimated: bool) -> Self {
        Self { born, estimated, ..self }
    }

    /// With the mother's name.
    #[must_use]
    pub fn of_mother(self, name: &str) -> Self {
        Self { mother: Name::new(name), ..self }
    }

    /// With the home community.
    #[must_use]
    pub fn living_in(self, community: &str) -> Self {
        Self { community: Name::new(community), ..self }
    }

    /// With the code of the sex; `unknown` says nothing.
    #[must_use]
    pub fn of_sex(self, code: &str) -> Self {
        Self { sex: if code == "unknown" { String::new() } else { code.to_owned() }, ..self }
    }

    /// Nothing is known by which a child could be told.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.born.is_none() && self.mother.is_empty()
    }

    /// How much speaks for one child, and what; `None` below [`LIKELY`].
    pub fn alike(&self, other: &Self) -> Option<(i32, Vec<Sign>)> {
        let (mut weight, mut signs) = (0, Vec::new());
        let mut count = |(more, sign): (i32, Option<Sign>)| {
            weight += more;
            signs.extend(sign);
        };
        count(self.birth_alike(other));
        let named = self.names.iter().flat_map(|mine| other.names.iter().map(|theirs| name_weight(mine.fit(theirs))));
        count(named.max_by_key(|(weight, _)| *weight).unwrap_or((0, None)));
        count(mother_weight(self.mother.fit(&other.mother)));
        if matches!(self.community.fit(&other.community), Fit::Same | Fit::One) {
            count((10, Some(Sign::SameCommunity)));
        }
        if !self.sex.is_empty() && !other.sex.is_empty() && self.sex != other.sex {
            count((-30, None));
        }
        (weight >= LIKELY).then_some((weight, signs))
    }

    fn birth_alike(&self, other: &Self) -> (i32, Option<Sign>) {
        let (Some(mine), Some(theirs)) = (self.born, other.born) else { return (0, None) };
        let apart = mine.signed_duration_since(theirs).num_days().abs();
        let estimated = self.estimated || other.estimated;
        match () {
            () if apart == 0 => (if estimated { 25 } else { 35 }, Some(Sign::SameBirth)),
            () if swapped(mine) == Some(theirs) => (30, Some(Sign::BirthSwapped)),
            () if estimated && apart <= ESTIMATED => (15, Some(Sign::BirthNear)),
            () if estimated && apart <= TOO_FAR => (0, None),
            () if !estimated && one_digit(mine, theirs) => (20, Some(Sign::BirthDigit)),
            () => (-25, None),
        }
    }

    /// The days under which it is looked for.
    fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.born.into_iter().chain(self.born.and_then(swapped))
    }

    /// The sounds under which it is looked for.
    fn sounds(&self) -> BTreeSet<u64> {
        self.names.iter().chain([&self.mother]).flat_map(Name::sounds).collect()
    }
}

const fn name_weight(fit: Fit) -> (i32, Option<Sign>) {
    match fit {
        Fit::Same => (60, Some(Sign::SameName)),
        Fit::Alike => (50, Some(Sign::NameAlike)),
        Fit::Initial => (30, Some(Sign::NameInitial)),
        Fit::One => (25, Some(Sign::OneName)),
        Fit::OneAlike => (20, Some(Sign::NameAlike)),
        Fit::Unknown => (0, None),
        Fit::Other => (-20, None),
    }
}

const fn mother_weight(fit: Fit) -> (i32, Option<Sign>) {
    match fit {
        Fit::Same => (30, Some(Sign::SameMother)),
        Fit::Alike => (25, Some(Sign::MotherAlike)),
        Fit::Initial | Fit::One => (15, Some(Sign::MotherAlike)),
        Fit::OneAlike => (10, Some(Sign::MotherAlike)),
        Fit::Unknown => (0, None),
        Fit::Other => (-10, None),
    }
}

/// The date with day and month in each other's place, where that is a date and another one.
fn swapped(date: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).filter(|other| *other != date)
}

/// One digit was mistyped, or two that stand beside each other were swapped.
fn one_digit(a: NaiveDate, b: NaiveDate) -> bool {
    let digits = |date: NaiveDate| date.format("%Y%m%d").to_string();
    strsim::osa_distance(&digits(a), &digits(b)) == 1
}

/// The cases that may be about this child, the likeliest first, found by comparing each: for one question alone.
pub fn among(state: &State, child: &Known) -> Vec<Likely> {
    if child.is_empty() {
        return Vec::new();
    }
    let likely = |case: Case<'_>| {
        let (weight, signs) = child.alike(&Known::of_case(case))?;
        Some(Likely { case: case.0.id, weight, signs })
    };
    let mut found: Vec<Likely> = state.items(ItemKind::Case).map(Case).filter_map(likely).collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.weight), one.case));
    found
}

/// What is known in all cases, found by sound and by day.
#[derive(Debug, Default)]
pub struct Index {
    known: IdMap<ItemId, Known>,
    by_sound: HashMap<u64, Vec<ItemId>>,
    by_day: HashMap<NaiveDate, Vec<ItemId>>,
}

impl Index {
    /// Takes in what a case says now; `None` or nothing known takes it out.
    pub fn put(&mut self, case: ItemId, known: Option<Known>) {
        if let Some(before) = self.known.remove(&case) {
            for sound in before.sounds() {
                drop_from(&mut self.by_sound, &sound, case);
            }
            for day in before.days() {
                drop_from(&mut self.by_day, &day, case);
            }
        }
        let Some(known) = known.filter(|known| !known.is_empty()) else { return };
        for sound in known.sounds() {
            self.by_sound.entry(sound).or_default().push(case);
        }
        for day in known.days() {
            self.by_day.entry(day).or_default().push(case);
        }
        self.known.insert(case, known);
    }

    /// The cases that may be about this child, the likeliest first.
    pub fn find(&self, child: &Known) -> Vec<Likely> {
        let sounds = child.sounds().into_iter().filter_map(|sound| self.by_sound.get(&sound));
        let days = child.days().filter_map(|day| self.by_day.get(&day));
        let near: BTreeSet<ItemId> =
            sounds.chain(days).filter(|all| all.len() <= COMMONEST).flatten().copied().collect();
        let likely = |case: ItemId| {
            let (weight, signs) = child.alike(self.known.get(&case)?)?;
            Some(Likely { case, weight, signs })
        };
        let mut found: Vec<Likely> = near.into_iter().filter_map(likely).collect();
        found.sort_by_key(|one| (std::cmp::Reverse(one.weight), one.case));
        found
    }

    /// The cases that may be about the same child as a case of this index, the likeliest first.
    pub fn like(&self, case: ItemId) -> Vec<Likely> {
        let mut found = self.known.get(&case).map(|known| self.find(known)).unwrap_or_default();
        found.retain(|one| one.case != case);
        found
    }

    /// The cases in which somebody has this name, and how well it fits; the best first.
    pub fn named(&self, name: &str) -> Vec<(ItemId, Fit)> {
        let wanted = Name::new(name);
        let sounds = wanted.sounds().filter_map(|sound| self.by_sound.get(&sound));
        let near: BTreeSet<ItemId> = sounds.flatten().copied().collect();
        let fit = |case: ItemId| {
            let known = self.known.get(&case)?;
            let best = known.names.iter().chain([&known.mother]).map(|name| wanted.fit(name)).min()?;
            (best < Fit::Unknown).then_some((case, best))
        };
        let mut found: Vec<(ItemId, Fit)> = near.into_iter().filter_map(fit).collect();
        found.sort_by_key(|(case, fit)| (*fit, *case));
        found
    }
}

fn drop_from<K: std::hash::Hash + Eq>(table: &mut HashMap<K, Vec<ItemId>>, key: &K, case: ItemId) {
    if let Some(all) = table.get_mut(key) {
        all.retain(|known| *known != case);
        if all.is_empty() {
            table.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
    }

    fn child(name: &str, born: &str) -> Known {
        Known::default().named(name).born(day(born), false)
    }

    fn signs(a: &Known, b: &Known) -> Vec<Sign> {
        let (one, other) = (a.alike(b), b.alike(a));
        assert_eq!(one.as_ref().map(|it| it.0), other.map(|it| it.0), "both ways the same");
        one.map(|(_, signs)| signs).unwrap_or_default()
    }

    #[test]
    fn what_people_mistype_is_found_and_says_why() {
        let known = child("Marcia Riverstone", "2014-03-06").of_mother("Dawn Riverstone").living_in("Quail Hall");
        for (typed, expected) in [
            (child("Marcia Riverstone", ""), vec![Sign::SameName]),
            (child("riverstone, MARCIA", "2014-03-06"), vec![Sign::SameBirth, Sign::SameName]),
            (child("Marsha Riverstone", "2014-06-03"), vec![Sign::BirthSwapped, Sign::NameAlike]),
            (child("Marsia Rivastone", "2014-03-08"), vec![Sign::BirthDigit, Sign::NameAlike]),
            (child("Marcia", "2014-03-06"), vec![Sign::SameBirth, Sign::OneName]),
            (child("M. Riverstone", "2014-03-06"), vec![Sign::SameBirth, Sign::NameInitial]),
            (child("", "2014-03-06").of_mother("Dawn Riverstone"), vec![Sign::SameBirth, Sign::SameMother]),
            (child("Marcia Riverstone", "").living_in("quail hall"), vec![Sign::SameName, Sign::SameCommunity]),
        ] {
            assert_eq!(signs(&known, &typed), expected, "{typed:?}");
        }
        let estimated = Known::default().named("Marcia Riverstone").born(day("2013-09-01"), true);
        assert_eq!(signs(&known, &estimated), [Sign::BirthNear, Sign::SameName]);
    }

    #[test]
    fn what_speaks_against_weighs_too() {
        let known = child("Marcia Riverstone", "2014-03-06").of_mother("Dawn Riverstone").living_in("Quail Hall");
        for other in [
            child("Marcia Riverstone", "2009-11-21"),
            child("Alder Riverstone", "").of_mother("Dawn Riverstone").living_in("Quail Hall"),
            child("Marcia", ""),
            child("Moss Harbour", "2014-03-06"),
            child("", "2014-03-06").living_in("Quail Hall"),
            child("", ""),
        ] {
            assert_eq!(signs(&known, &other), [], "{other:?}");
        }
        let (girl, boy) =
            (child("Marsha Riverstone", "").of_sex("female"), child("Marcia Riverstone", "").of_sex("male"));
        assert_eq!(signs(&girl, &boy), []);
        let unknown = child("Marcia Riverstone", "").of_sex("unknown");
        assert_eq!(signs(&girl, &unknown), [Sign::NameAlike], "unknown speaks neither for nor against");
    }

    #[test]
    fn the_index_finds_what_a_comparison_with_all_would_and_forgets() {
        let cases: Vec<ItemId> = (0..6).map(|n| ItemId([n; 16])).collect();
        let all = || {
            [
                child("Marcia Riverstone", "2014-03-06"),
                child("Marsha Riverstone", "2014-06-03"),
                child("Fern Lantern", "2014-06-03"),
                child("Coral Hillbrook", "2010-01-31").named("Marcia Riverston"),
                child("", "2014-03-06").of_mother("Dawn Riverstone"),
                child("", ""),
            ]
        };
        let mut index = Index::default();
        for (case, known) in cases.iter().zip(all()) {
            index.put(*case, Some(known));
        }
        let typed = child("Marcia Riverstone", "2014-03-06").of_mother("Dawn Riverstone");
        let by_hand: BTreeSet<ItemId> =
            cases.iter().zip(all()).filter(|(_, known)| typed.alike(known).is_some()).map(|(case, _)| *case).collect();
        let found: Vec<ItemId> = index.find(&typed).iter().map(|one| one.case).collect();
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), by_hand);
        assert_eq!(found[0], cases[0], "the likeliest first");
        assert_eq!(index.like(cases[0])[0].case, cases[1]);
        assert_eq!(index.named("marsha riverstone")[0], (cases[1], Fit::Same));
        assert_eq!(index.named("Coral").len(), 1);
        index.put(cases[0], Some(child("Coral Example", "2001-01-01")));
        index.put(cases[1], None);
        assert!(index.find(&child("Marcia Riverstone", "2014-03-06")).iter().all(|one| one.case != cases[0]));
        for case in &cases {
            index.put(*case, None);
        }
        assert!(index.by_sound.is_empty() && index.by_day.is_empty() && index.known.is_empty());
    }
}
