//! People around a child: who they are to the child, whether they may be called, and where else in the team's cases they
//! are written down.
//!
//! Somebody who stands in several cases has a record of their own in each, so that no case says more than its readers may
//! see; that two records are of one person is a link, which stays with the team. This module compares names only among
//! the cases that this team opened, and never for an observer.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};

use super::class::Class;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::mask;
use super::state::State;
use super::teams::made_elsewhere;
use super::value::Value;
use super::views::{Case, Member};

/// The role of whoever reported: it alone decides the class in which a person is kept.
pub const REPORTER: &str = "reporter";
/// Whoever is said to have harmed the child.
pub const ALLEGED: &str = "alleged-offender";
/// Who decides over the child.
pub const IN_CONTROL: &str = "in-control";
/// The kind of a link between two records of one person. No list of a policy has it: it joins no cases.
pub const SAME_PERSON: &str = "same-person";

/// The fields of a case that name somebody, with the role of the person that each can become.
pub const OF_CASE: &[(Field, &str)] = &[
    (Field::CaseMother, "mother"),
    (Field::CaseFather, "father"),
    (Field::CaseCarer, "carer"),
    (Field::CaseAlleged, ALLEGED),
];

/// The order in which people are listed, and the word that stands in the place of each one's name.
const ROLES: &[(&str, &str)] = &[
    (ALLEGED, "person named"),
    (IN_CONTROL, "person in control"),
    ("mother", "mother"),
    ("father", "father"),
    ("guardian", "guardian"),
    ("carer", "carer"),
    ("sibling", "sibling"),
    ("household", "relative"),
    ("witness", "witness"),
    (REPORTER, "reporter"),
];

/// Somebody on record.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a>(pub &'a Item);

impl<'a> Person<'a> {
    /// A standing person by their id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Person && item.stands()).map(Self)
    }

    /// Everybody in a case who can be read here: whoever is named in the concern first, then family, then others.
    pub fn all(state: &'a State, case: Case<'_>) -> Vec<Self> {
        let mut all: Vec<Self> = state.items_in(case.0.stream, ItemKind::Person).map(Self).collect();
        all.sort_by_cached_key(|person| (person.rank(), person.name().to_lowercase(), person.0.id));
        all
    }

    /// The name; empty if it is not known.
    pub fn name(self) -> &'a str {
        self.0.str(Field::PersonName)
    }

    /// Codes of the list `person-role`.
    pub fn roles(self) -> Vec<String> {
        self.0.held(Field::PersonRoles).as_codes().iter().map(ToString::to_string).collect()
    }

    /// Whether this is one of their roles.
    pub fn has(self, role: &str) -> bool {
        self.0.held(Field::PersonRoles).as_codes().iter().any(|code| **code == *role)
    }

    /// Who they are to the child, in words: "grandmother".
    pub fn relation(self) -> &'a str {
        self.0.str(Field::PersonRelation)
    }

    /// True for whoever is named in the concern, is said to have harmed the child, or decides over the child: their
    /// consent can't count.
    pub fn named(self) -> bool {
        self.has(ALLEGED) || self.has(IN_CONTROL) || self.0.held(Field::PersonNamed).as_yes_no() == Some(true)
    }

    /// Whether they may be reached, and what to mind; empty where nothing stands against it.
    pub fn caution(self) -> &'static str {
        let yes = |field| self.0.held(field).as_yes_no() == Some(true);
        match (yes(Field::PersonUnaware), yes(Field::PersonNoCalls)) {
            (true, _) => "must not know",
            (_, true) => "must not be called",
            _ => "",
        }
    }

    /// How old they are, as far as is known: "34", "about 60".
    pub fn age(self, today: NaiveDate) -> Option<String> {
        if let Some(born) = self.0.held(Field::PersonDob).as_date() {
            return today.years_since(born).map(|years| years.to_string());
        }
        let about = self.0.held(Field::PersonAge).as_number()?;
        let since = self.0.held(Field::PersonAgeOn).as_date().map_or(0, |on| today.year() - on.year()).clamp(0, 150);
        Some(format!("about {}", about + i64::from(since)))
    }

    /// The case of their own, for a child who has one.
    pub fn own_case(self) -> Option<ItemId> {
        self.0.held(Field::PersonCase).as_item()
    }

    /// The word that stands in the place of the name: "mother".
    pub fn masked(self) -> &'static str {
        let known = ROLES.iter().find(|(role, _)| self.has(role));
        match known {
            Some((_, word)) => word,
            None if self.named() => "person named",
            None => "person",
        }
    }

    fn rank(self) -> usize {
        let known = ROLES.iter().position(|(role, _)| self.has(role));
        if self.named() { 0 } else { known.unwrap_or(ROLES.len()) }
    }

    /// The records of the same person in other cases, as far as the links say so and as they can be read here.
    pub fn same(self, state: &'a State) -> Vec<Self> {
        let mut seen = BTreeSet::from([self.0.id]);
        let mut open = vec![self.0.id];
        while let Some(id) = open.pop() {
            open.extend(same_links(state, id).map(|(_, other)| other).filter(|other| seen.insert(*other)));
        }
        seen.remove(&self.0.id);
        seen.into_iter().filter_map(|id| Self::get(state, id)).collect()
    }
}

/// The links that say of a person that another record is of the same one, each with that record.
pub fn same_links(state: &State, person: ItemId) -> impl Iterator<Item = (&Item, ItemId)> {
    let other = move |link: &Item| {
        let ends = [Field::LinkA, Field::LinkB].map(|end| link.held(end).as_item());
        ends.into_iter().flatten().find(|end| *end != person)
    };
    let same = state.links_of(person).filter(|link| link.str(Field::LinkKind) == SAME_PERSON);
    same.filter_map(move |link| Some((link, other(link)?)))
}

/// The class in which somebody with these roles is kept.
pub fn class_of<'r>(mut roles: impl Iterator<Item = &'r str>) -> Class {
    if roles.any(|role| role == REPORTER) { Class::Reporter } else { Class::People }
}

/// Whether two names are the same: the same words in whatever order, without regard to case and accents.
pub fn same_name(one: &str, other: &str) -> bool {
    key(one).is_some_and(|one| key(other) == Some(one))
}

fn key(name: &str) -> Option<String> {
    let mut words = mask::folded_words(name);
    words.sort_unstable();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The names of whoever is named in the concern of a case, from the case's own field and from its people.
pub fn named_in_concern(state: &State, case: Case<'_>) -> Vec<String> {
    let people = state.items_in(case.0.stream, ItemKind::Person).map(Person).filter(|person| person.named());
    let names = std::iter::once(case.0.str(Field::CaseAlleged)).chain(people.map(Person::name));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What is masked of the people in a case, each with the word that stands in its place.
pub fn secrets(state: &State, case: Case<'_>) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    for person in state.items_in(case.0.stream, ItemKind::Person).map(Person) {
        let word = |field| match field {
            Field::PersonName => person.masked(),
            Field::PersonPhone => "telephone",
            Field::PersonCommunity => "community",
            _ => "address",
        };
        let fields = [Field::PersonName, Field::PersonPhone, Field::PersonCommunity, Field::PersonAddress];
        all.extend(fields.map(|field| (person.0.str(field).to_owned(), word(field))));
    }
    all.retain(|(text, _)| !text.is_empty());
    all
}

/// A case that can be shown to somebody; `None` where it is not here or not for them: then not even its code is said.
pub fn visible(state: &State, me: ItemId, case: ItemId) -> Option<Case<'_>> {
    Case::get(state, case).filter(|case| case.readers(state).is_none_or(|readers| readers.contains(&me)))
}

/// Where else somebody who is named in the concern is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Also {
    /// The other case.
    pub case: ItemId,
    /// True if somebody has said that it is the same person; otherwise only the name is the same.
    pub sure: bool,
}

/// Who is named in the concern of which of the team's own cases, by name: made once for all people that are shown.
#[derive(Debug, Default)]
pub struct Named(HashMap<String, BTreeSet<ItemId>>);

impl Named {
    /// Everybody named, as far as `me` may compare cases: an observer gets nothing, and nobody what other teams wrote.
    pub fn of(state: &State, me: ItemId) -> Self {
        let mut all = Self::default();
        if Member::get(state, me).is_none_or(|member| member.role() == "observer") {
            return all;
        }
        let ours = |case: ItemId| visible(state, me, case).is_some_and(|case| !made_elsewhere(state, case.0));
        for item in state.items(ItemKind::Person).filter(|item| Person(item).named()) {
            all.put(Person(item).name(), item.stream.item());
        }
        for item in state.items(ItemKind::Case) {
            all.put(item.str(Field::CaseAlleged), item.id);
        }
        // Only what two cases share is of any use; then each is looked at closely.
        all.0.retain(|_, cases| cases.len() > 1);
        all.0.values_mut().for_each(|cases| cases.retain(|case| ours(*case)));
        all
    }

    fn put(&mut self, name: &str, case: ItemId) {
        // One word alone ("Peter") says too little.
        if let Some(key) = key(name).filter(|key| key.contains(' ')) {
            self.0.entry(key).or_default().insert(case);
        }
    }

    /// The other cases in which the name is named, if this case is among those that are compared.
    pub fn also(&self, name: &str, case: ItemId) -> Vec<ItemId> {
        let cases = key(name).and_then(|key| self.0.get(&key)).filter(|cases| cases.contains(&case));
        cases.into_iter().flatten().copied().filter(|other| *other != case).collect()
    }

    /// The other cases in which somebody who is named in the concern is named too; those that people linked first.
    pub fn of_person(&self, state: &State, me: ItemId, person: Person<'_>) -> Vec<Also> {
        let case = person.0.stream.item();
        let may = Member::get(state, me).is_some_and(|member| member.role() != "observer");
        if !may || !person.named() {
            return Vec::new();
        }
        let here = |case: ItemId| visible(state, me, case).is_some_and(|case| !made_elsewhere(state, case.0));
        if !here(case) {
            return Vec::new();
        }
        let linked = person.same(state).into_iter().filter(|other| other.named()).map(|other| other.0.stream.item());
        let linked: BTreeSet<ItemId> = linked.filter(|other| *other != case && here(*other)).collect();
        let alike = self.also(person.name(), case).into_iter().filter(|other| !linked.contains(other));
        let sure = linked.iter().map(|case| Also { case: *case, sure: true });
        sure.chain(alike.map(|case| Also { case, sure: false })).collect()
    }
}

/// A link between two cases, seen from one of them.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// The link.
    pub item: &'a Item,
    /// The other case's id. Whether it may be shown, [`visible`] says.
    pub other: ItemId,
}

impl<'a> Link<'a> {
    /// The links of a case: those between cases alone.
    pub fn all(state: &'a State, case: Case<'_>) -> Vec<Self> {
        let case = case.0.id;
        let other = move |item: &'a Item| {
            let ends = [Field::LinkA, Field::LinkB].map(|end| item.held(end).as_item());
            let other = ends.into_iter().flatten().find(|end| *end != case)?;
            Some(Self { item, other })
        };
        let mut all: Vec<Self> = state.links_of(case).filter_map(other).collect();
        all.sort_by_key(|link| (link.kind(), link.item.id));
        all
    }

    /// A code of the list `link-kind`.
    pub fn kind(self) -> &'a str {
        self.item.str(Field::LinkKind)
    }

    /// Why they belong together, and who says so: "the same van (Insp. Reid)"; for those who may see both cases.
    pub fn words(self) -> String {
        let (why, by) = (self.item.str(Field::LinkNote), self.item.str(Field::LinkSaidBy));
        match (why, by) {
            ("", "") => String::new(),
            (why, "") => why.to_owned(),
            ("", by) => format!("says {by}"),
            (why, by) => format!("{why} (says {by})"),
        }
    }
}

/// What a person's roles are called, in the order of the policy's list.
pub fn role_words(pack: &super::pack::Pack, roles: &[String]) -> String {
    let labels = roles.iter().map(|role| pack.label("person-role", role));
    labels.collect::<Vec<_>>().join(", ")
}

/// The fields that a case names people in and that are filled, each with the role of the person it would become.
pub fn in_fields(case: Case<'_>) -> impl Iterator<Item = (Field, &'static str, &str)> {
    OF_CASE.iter().map(move |(field, role)| (*field, *role, case.0.str(*field))).filter(|(_, _, name)| !name.is_empty())
}

/// The fields of a person that hold a date of birth or an age, for a value that is set: an age counts from a day.
pub fn with_day(values: &mut Vec<(Field, Value)>, today: NaiveDate) {
    if let Some((_, age)) = values.iter().find(|(field, _)| *field == Field::PersonAge) {
        let on = if age.is_nothing() { Value::Nothing } else { Value::date(today) };
        values.push((Field::PersonAgeOn, on));
    }
}

/// Records in other cases of the team that bear the same name, for whoever may compare cases. Reporters are never among
/// them.
pub fn alike<'a>(state: &'a State, me: ItemId, person: Person<'_>) -> Vec<Person<'a>> {
    let may = Member::get(state, me).is_some_and(|member| member.role() != "observer");
    if !may || person.0.class == Class::Reporter || person.name().is_empty() {
        return Vec::new();
    }
    let here = |case: ItemId| visible(state, me, case).is_some_and(|case| !made_elsewhere(state, case.0));
    let others = state.items(ItemKind::Person).filter(|item| item.class != Class::Reporter).map(Person);
    let mut others: Vec<Person<'a>> = others
        .filter(|other| other.0.stream != person.0.stream && same_name(other.name(), person.name()))
        .filter(|other| here(other.0.stream.item()))
        .collect();
    others.sort_by_key(|other| other.0.id);
    others
}
