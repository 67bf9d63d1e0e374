//! Who may be told what of a case: whom a consent names, what is kept from whom, and what the child agreed may be told.
//!
//! Pure reading of the State. The careful side rules: what is kept from somebody stays so, also after the consent that
//! said it has run out or was withdrawn, until somebody writes down that it no longer holds; a later consent that names
//! whom it is for narrows an earlier one that named nobody; and where nothing was said about a child's words, the child
//! is asked first.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::class::Class;
use super::consent::{self, Consent, DISCLOSURE};
use super::field::{Field, ItemKind};
use super::item::Item;
use super::state::State;
use super::teams;
use super::views::{Case, Member, agency_of};

/// Everybody outside this team, as a party from whom something is kept.
pub const EVERYBODY: &str = "everybody";

/// What can be kept from somebody by itself. The core can't: whoever is to know nothing is kept from all of it.
pub const KEPT: [Class; 10] = [
    Class::Identity,
    Class::Contact,
    Class::Placement,
    Class::Reporter,
    Class::People,
    Class::Views,
    Class::Notes,
    Class::Health,
    Class::Justice,
    Class::Interview,
];

/// The parties of a stored text, one on a line: a root key, `agency:CODE`, or [`EVERYBODY`].
pub fn parties(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|party| !party.is_empty()).collect()
}

/// Parties as they are stored, each once.
pub fn parties_text<S: AsRef<str>>(parties: &[S]) -> String {
    let mut seen = Vec::new();
    for party in parties.iter().map(AsRef::as_ref) {
        if !seen.contains(&party) {
            seen.push(party);
        }
    }
    seen.join("\n")
}

/// Parties in a sentence: "Saint Mary, MOH".
pub fn party_words(state: &State, parties: &[&str]) -> String {
    let word = |party: &&str| {
        if *party == EVERYBODY { "everybody outside this team".to_owned() } else { teams::party_name(state, party) }
    };
    parties.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// True for an agency whose people sit on this team: they know the case already.
pub fn on_the_team(state: &State, party: &str) -> bool {
    let Some(code) = teams::agency_code(party) else { return false };
    Member::all(state).into_iter().any(|member| {
        member.role() != "observer" && !member.left() && agency_of(state, member.0.id).eq_ignore_ascii_case(code)
    })
}

/// Whether two parties are the same; an agency's code is the same in capitals and without.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Those to whom alone the case may be told; `None` where consent names nobody in particular.
///
/// What the consents to telling that count name adds up, as long as nobody agreed later to telling whoever is asked to
/// help. Of two that were given at one moment, the one that names somebody counts.
pub fn named<'a>(state: &'a State, case: Case<'_>, today: NaiveDate) -> Option<Vec<&'a str>> {
    let all: Vec<&str> = naming(state, case, today).into_iter().flat_map(Consent::to).collect();
    (!all.is_empty()).then_some(all)
}

/// The consents that say to whom alone the case may be told.
fn naming<'a>(state: &'a State, case: Case<'_>, today: NaiveDate) -> Vec<Consent<'a>> {
    let counting = consent::counting(state, case, DISCLOSURE, today);
    let (anybody, some): (Vec<_>, Vec<_>) = counting.into_iter().partition(|consent| consent.to().is_empty());
    let lifted = anybody.iter().map(|consent| consent.given()).max();
    some.into_iter().filter(|consent| lifted.is_none_or(|lifted| consent.given() >= lifted)).collect()
}

/// Whether a party is among those to whom alone the case may be told, where somebody is named. The team that wrote such a
/// consent down knows the case, whomever it names.
pub fn is_named(state: &State, case: Case<'_>, party: &str, today: NaiveDate) -> bool {
    let naming = naming(state, case, today);
    let names = |consent: &Consent<'_>| consent.to().into_iter().any(|one| same(one, party));
    let wrote = |consent: &Consent<'_>| writer(state, consent.0).is_some_and(|root| same(root, party));
    naming.is_empty() || naming.iter().any(|consent| names(consent) || wrote(consent))
}

/// The root key of the other team that made an item; none for what our own made.
fn writer<'a>(state: &'a State, item: &Item) -> Option<&'a str> {
    let stamp = state.stamp(item.created?)?;
    let device = state.peer_device(stamp.device).map(|device| device.peer);
    let colleague = || state.item(stamp.author)?.value(Field::ColleaguePeer).as_item();
    let peer = state.item(device.or_else(colleague)?)?;
    Some(peer.str(Field::PeerRoot))
}

/// Something that is to be kept from somebody.
#[derive(Clone, Debug)]
pub struct Kept<'a> {
    /// The consent with which it was said.
    pub consent: Consent<'a>,
    /// From whom.
    pub from: Vec<&'a str>,
    /// What; empty for all of the case.
    pub what: BTreeSet<Class>,
    /// Why; may be empty.
    pub why: &'a str,
}

impl Kept<'_> {
    /// True if nothing of the case may be told.
    pub fn all(&self) -> bool {
        self.what.is_empty()
    }

    /// Whether it is kept from a party.
    pub fn is_from(&self, state: &State, party: &str) -> bool {
        self.from.iter().any(|from| same(from, party) || (*from == EVERYBODY && !on_the_team(state, party)))
    }

    /// What is kept: "health, notes", or "all of it".
    pub fn what_words(&self) -> String {
        if self.all() {
            return "all of it".to_owned();
        }
        self.what.iter().map(|class| class.name()).collect::<Vec<_>>().join(", ")
    }
}

/// What is kept of a case from whom, in force, the newest first.
pub fn kept<'a>(state: &'a State, case: Case<'_>) -> Vec<Kept<'a>> {
    Consent::all(state, case).into_iter().filter_map(keeps).collect()
}

/// What a consent keeps from somebody, while that holds.
pub fn keeps(consent: Consent<'_>) -> Option<Kept<'_>> {
    let from = parties(consent.0.str(Field::ConsentKeepFrom));
    let holds = consent.0.value(Field::ConsentKeepLifted).is_nothing();
    (holds && !from.is_empty()).then(|| Kept {
        consent,
        from,
        what: classes(consent.0.str(Field::ConsentKeepWhat)),
        why: consent.0.str(Field::ConsentKeepWhy),
    })
}

/// Classes of a stored text. A word that a newer version wrote is none that this one could keep apart; the rest holds.
fn classes(text: &str) -> BTreeSet<Class> {
    text.split_whitespace().filter_map(Class::from_name).collect()
}

/// Classes as they are stored.
pub fn classes_text(classes: &BTreeSet<Class>) -> String {
    classes.iter().map(|class| class.name()).collect::<Vec<_>>().join(" ")
}

/// What is kept from one party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptFrom {
    /// Everything.
    pub all: bool,
    /// These kinds of data.
    pub classes: BTreeSet<Class>,
    /// The reasons that were given.
    pub why: Vec<String>,
}

impl KeptFrom {
    /// True if nothing is.
    pub fn is_nothing(&self) -> bool {
        !self.all && self.classes.is_empty()
    }

    /// Whether a kind of data is.
    pub fn keeps(&self, class: Class) -> bool {
        self.all || self.classes.contains(&class)
    }

    /// "health, notes (her uncle works there)"; empty if nothing is kept.
    pub fn words(&self) -> String {
        if self.is_nothing() {
            return String::new();
        }
        let what = if self.all {
            "all of it".to_owned()
        } else {
            self.classes.iter().map(|class| class.name()).collect::<Vec<_>>().join(", ")
        };
        if self.why.is_empty() { what } else { format!("{what} ({})", self.why.join("; ")) }
    }
}

/// What is to be kept of a case from a party.
pub fn kept_from(state: &State, case: Case<'_>, party: &str) -> KeptFrom {
    let mut found = KeptFrom::default();
    for kept in kept(state, case).into_iter().filter(|kept| kept.is_from(state, party)) {
        found.all |= kept.all();
        if !kept.why.is_empty() {
            found.why.push(kept.why.replace('\n', " "));
        }
        found.classes.extend(kept.what);
    }
    if found.classes.contains(&Class::Identity) {
        // Who is around the child says who the child is.
        found.classes.extend([Class::People, Class::Reporter]);
    }
    found
}

/// Whether a paper for an agency may have what was said about a case: nothing of it is kept from them, and where consent
/// names whom it may be told to, they are on the team or among them.
pub fn may_have_paper(state: &State, case: Case<'_>, agency: &Item, today: NaiveDate) -> bool {
    let party = teams::agency_party(agency.str(Field::AgencyCode));
    let may = on_the_team(state, &party) || is_named(state, case, &party, today);
    may && !kept_from(state, case, &party).keeps(Class::Notes)
}

/// What the child agreed may be told of their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayTell {
    /// The child is asked first. Also where nothing was said.
    Ask,
    /// The team that wrote it down.
    Team,
    /// The teams and agencies that are named with it.
    Named,
    /// Nobody.
    Nobody,
}

impl MayTell {
    /// Each, in the order in which people ask.
    pub const ALL: [Self; 4] = [Self::Ask, Self::Team, Self::Named, Self::Nobody];

    /// The code in the list `may-tell`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Team => "team",
            Self::Named => "named",
            Self::Nobody => "nobody",
        }
    }

    /// Of a note or whatever else holds the child's words. What isn't known is asked about.
    pub fn of(item: &Item) -> Self {
        let code = if item.kind == ItemKind::Note { item.str(Field::NoteMayTell) } else { "" };
        Self::ALL.into_iter().find(|may| may.code() == code).unwrap_or(Self::Ask)
    }

    /// What it means, for people.
    pub fn words(self, state: &State, item: &Item) -> String {
        match self {
            Self::Ask => "ask the child before it is told to anybody".to_owned(),
            Self::Team => "may be told to this team".to_owned(),
            Self::Named => {
                format!("may be told to {}", party_words(state, &parties(item.str(Field::NoteTellTo))))
            }
            Self::Nobody => "to be told to nobody".to_owned(),
        }
    }
}

/// Whether the child's words in an item may be told to a party without another question.
pub fn may_be_told(item: &Item, party: &str) -> bool {
    MayTell::of(item) == MayTell::Named && parties(item.str(Field::NoteTellTo)).iter().any(|to| same(to, party))
}

/// What in a case holds the child's own words and stands.
pub fn of_the_child<'a>(state: &'a State, case: Case<'_>) -> impl Iterator<Item = &'a Item> + use<'a> {
    state.items_of(case.0.stream).filter(|item| holds_words(item))
}

fn holds_words(item: &Item) -> bool {
    item.class == Class::Views
        || item
            .fields()
            .any(|(field, register)| field.class(item.class) == Class::Views && !register.first().is_nothing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parties_are_kept_once_each_on_a_line() {
        assert_eq!(parties_text(&["agency:MOH", "everybody", "agency:MOH"]), "agency:MOH\neverybody");
        assert_eq!(parties(" agency:MOH \n\neverybody\n"), ["agency:MOH", "everybody"]);
        assert_eq!(parties_text::<&str>(&[]), "");
    }

    #[test]
    fn what_a_newer_version_wrote_keeps_back_what_is_known() {
        let known = BTreeSet::from([Class::Health, Class::Notes]);
        assert_eq!(classes("health someday notes"), known);
        assert_eq!(classes(&classes_text(&known)), known);
    }

    #[test]
    fn every_class_that_a_bundle_carries_can_be_kept_but_the_core() {
        let carried = Class::ALL.iter().filter(|class| !class.team_only() && **class != Class::Core);
        assert!(carried.eq(KEPT.iter()));
    }

    #[test]
    fn a_reason_stands_behind_what_is_kept() {
        let all = KeptFrom { all: true, ..KeptFrom::default() };
        let some =
            KeptFrom { classes: BTreeSet::from([Class::Health]), why: vec!["an uncle".into()], ..KeptFrom::default() };
        assert_eq!((all.words().as_str(), some.words().as_str()), ("all of it", "health (an uncle)"));
        assert!(all.keeps(Class::Core) && !some.keeps(Class::Core) && KeptFrom::default().is_nothing());
    }
}
