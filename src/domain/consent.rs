//! Consent: what was agreed to, by whom, until when, and whether it still counts.
//!
//! The careful side rules: what was withdrawn or has run out never counts, a consent from before a withdrawal of the
//! same thing doesn't either (two people may have written without knowing of each other), and where two people wrote
//! different scopes only what both wrote counts.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::dates::jamaica;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::state::State;
use super::teams;
use super::views::{Case, Member};

/// Consent to help and services.
pub const SERVICES: &str = "services";
/// Consent that another team or agency is told what is known.
pub const DISCLOSURE: &str = "disclosure";
/// Consent to use in reports, without names.
pub const REPORTING: &str = "reporting";
/// Every scope, in the order in which people ask.
pub const SCOPES: [&str; 3] = [SERVICES, DISCLOSURE, REPORTING];

/// How long before and after its last day a consent stands in Today.
pub const AHEAD: TimeDelta = TimeDelta::days(14);

/// A consent on record.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a>(pub &'a Item);

impl<'a> Consent<'a> {
    /// A standing consent by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Consent && item.stands()).map(Self)
    }

    /// Every consent of a case, the newest first.
    pub fn all(state: &'a State, case: Case<'_>) -> Vec<Self> {
        let mut all: Vec<Self> = state.items_in(case.0.stream, ItemKind::Consent).map(Self).collect();
        all.sort_by_key(|consent| std::cmp::Reverse((consent.given(), consent.0.id)));
        all
    }

    /// What it is for: scope codes, in the order in which people ask.
    pub fn scopes(self) -> Vec<&'static str> {
        let held = self.0.value(Field::ConsentScopes);
        SCOPES.into_iter().filter(|scope| held.as_codes().iter().any(|code| **code == **scope)).collect()
    }

    /// Whether it is for a scope.
    pub fn covers(self, scope: &str) -> bool {
        self.0.value(Field::ConsentScopes).as_codes().iter().any(|code| **code == *scope)
    }

    /// Who gave it; empty if that can't be read here.
    pub fn by(self) -> &'a str {
        self.0.str(Field::ConsentBy)
    }

    /// Who that is to the child: a code of the list `consent-giver`; empty if it wasn't said.
    pub fn role(self) -> &'a str {
        self.0.str(Field::ConsentRole)
    }

    /// When it was given.
    pub fn given(self) -> Option<DateTime<Utc>> {
        self.0.value(Field::ConsentGiven).as_when()
    }

    /// The last day on which it counts; none if it has no end.
    pub fn until(self) -> Option<NaiveDate> {
        self.0.value(Field::ConsentUntil).as_date()
    }

    /// When it was withdrawn.
    pub fn withdrawn(self) -> Option<DateTime<Utc>> {
        self.0.value(Field::ConsentWithdrawn).as_when()
    }

    /// True once its last day is over.
    pub fn expired(self, today: NaiveDate) -> bool {
        self.until().is_some_and(|until| until < today)
    }
}

/// How consent to something stands.
#[derive(Clone, Copy, Debug)]
pub enum Standing<'a> {
    /// Given, and it counts.
    Given(Consent<'a>),
    /// Its last day is over.
    Expired(Consent<'a>),
    /// It was withdrawn.
    Withdrawn(Consent<'a>),
    /// Nobody was asked, or nothing was written down.
    Missing,
}

impl Standing<'_> {
    /// True if it counts.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Given(_))
    }

    /// The word in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given(_) => "given",
            Self::Expired(_) => "expired",
            Self::Withdrawn(_) => "withdrawn",
            Self::Missing => "missing",
        }
    }

    /// Why it doesn't count, for a sentence: "was withdrawn on 12 Nov"; empty if it does.
    pub fn why_not(self) -> String {
        match self {
            Self::Given(_) => String::new(),
            Self::Expired(of) => {
                of.until().map_or_else(String::new, |day| format!("ran out on {}", day.format("%-d %b")))
            }
            Self::Withdrawn(of) => of.withdrawn().map_or_else(
                || "was withdrawn".to_owned(),
                |when| format!("was withdrawn on {}", when.with_timezone(&jamaica()).format("%-d %b")),
            ),
            Self::Missing => "was not asked for".to_owned(),
        }
    }
}

/// How consent to a scope stands in a case on a day.
pub fn consent<'a>(state: &'a State, case: Case<'_>, scope: &str, today: NaiveDate) -> Standing<'a> {
    let all: Vec<Consent<'a>> = Consent::all(state, case).into_iter().filter(|consent| consent.covers(scope)).collect();
    let withdrawn =
        all.iter().filter(|consent| consent.withdrawn().is_some()).max_by_key(|consent| consent.withdrawn());
    let last = withdrawn.and_then(|consent| consent.withdrawn());
    // Newest first. A consent without a moment of giving is older than any withdrawal.
    let stands = |consent: &&Consent<'a>| consent.withdrawn().is_none() && (last.is_none() || consent.given() >= last);
    let mut standing = all.iter().filter(stands);
    let first = standing.clone().next();
    match (standing.find(|consent| !consent.expired(today)), first, withdrawn) {
        (Some(consent), ..) => Standing::Given(*consent),
        (None, Some(consent), _) => Standing::Expired(*consent),
        (None, None, Some(consent)) => Standing::Withdrawn(*consent),
        (None, None, None) => Standing::Missing,
    }
}

/// What a referral needs consent to (practice of case management: services and disclosure for help, disclosure for a
/// transfer). A report that the law asks for needs none and is no referral.
pub fn needed(referral_kind: &str) -> &'static [&'static str] {
    if referral_kind == "transfer" { &[DISCLOSURE] } else { &[SERVICES, DISCLOSURE] }
}

/// What asking one side needs consent to: an agency whose people sit on this team is told nothing that the team does
/// not know already, so the help itself is what has to be agreed to.
pub fn needed_for(state: &State, referral_kind: &str, to: &str) -> &'static [&'static str] {
    let Some(code) = teams::agency_code(to) else { return needed(referral_kind) };
    let on_the_team = Member::all(state).into_iter().any(|member| {
        member.role() != "observer" && super::views::agency_of(state, member.0.id).eq_ignore_ascii_case(code)
    });
    if on_the_team { &[SERVICES] } else { needed(referral_kind) }
}

/// The scopes that asking one side lacks on a day, each with how it stands; none if they may be asked.
pub fn lacking_for<'a>(
    state: &'a State,
    case: Case<'_>,
    (referral_kind, to): (&str, &str),
    today: NaiveDate,
) -> Vec<(&'static str, Standing<'a>)> {
    let needed = needed_for(state, referral_kind, to).iter();
    let standing = needed.map(|scope| (*scope, consent(state, case, scope, today)));
    standing.filter(|(_, standing)| !standing.counts()).collect()
}

/// The scopes that a referral of this kind lacks on a day, each with how it stands; none if it may go.
pub fn lacking<'a>(
    state: &'a State,
    case: Case<'_>,
    referral_kind: &str,
    today: NaiveDate,
) -> Vec<(&'static str, Standing<'a>)> {
    let standing = needed(referral_kind).iter().map(|scope| (*scope, consent(state, case, scope, today)));
    standing.filter(|(_, standing)| !standing.counts()).collect()
}

/// A scope in a list: "services", "disclosure", "reports".
pub fn scope_word(scope: &str) -> &str {
    if scope == REPORTING { "reports" } else { scope }
}

/// Several scopes in a sentence, in the order in which people ask: "services and disclosure".
pub fn scope_words<S: AsRef<str>>(scopes: &[S]) -> String {
    let among = |scope: &&str| scopes.iter().any(|given| given.as_ref() == *scope);
    let words: Vec<&str> = SCOPES.into_iter().filter(among).map(scope_word).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The consents of a case that run out soon or ran out lately and that nothing newer replaces, each once.
pub fn running_out<'a>(state: &'a State, case: Case<'_>, today: NaiveDate) -> Vec<(NaiveDate, Consent<'a>)> {
    let mut found: Vec<(NaiveDate, Consent<'a>)> = Vec::new();
    // Asked of every case for Today, and each scope goes through all that the case holds.
    if state.items_in(case.0.stream, ItemKind::Consent).next().is_none() {
        return found;
    }
    for scope in SCOPES {
        let (Standing::Given(of) | Standing::Expired(of)) = consent(state, case, scope, today) else { continue };
        let near = |day: &NaiveDate| day.signed_duration_since(today).abs() <= AHEAD;
        if let Some(day) = of.until().filter(near)
            && found.iter().all(|(_, known)| known.0.id != of.0.id)
        {
            found.push((day, of));
        }
    }
    found
}

/// Words that say who somebody is to the child, or nothing: no name is made of them.
const NO_NAME: &[&str] = &[
    "the",
    "a",
    "an",
    "of",
    "her",
    "his",
    "their",
    "child",
    "s",
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "mother",
    "father",
    "mum",
    "mummy",
    "dad",
    "daddy",
    "parent",
    "aunt",
    "auntie",
    "uncle",
    "grandmother",
    "grandfather",
    "granny",
    "grandma",
    "grandpa",
    "sister",
    "brother",
    "cousin",
    "stepmother",
    "stepfather",
    "guardian",
    "carer",
    "neighbour",
    "boyfriend",
    "girlfriend",
    "husband",
    "wife",
    "partner",
    "friend",
    "court",
    "judge",
    "officer",
];

/// Whether two texts name the same person: every name of one stands in the other, or both are the same words.
///
/// Meant for the giver of a consent and the person named in the concern, so it leans to *yes*: a shared surname alone
/// ("Mrs Stone") is taken for the same until the full name tells them apart.
pub fn same_person(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let names = |words: &[String]| -> Vec<String> {
        words.iter().filter(|word| !NO_NAME.contains(&word.as_str())).cloned().collect()
    };
    let (one, other) = (words(one), words(other));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let (first, second) = (names(&one), names(&other));
    let within = |a: &[String], b: &[String]| !a.is_empty() && a.iter().all(|word| b.contains(word));
    one == other || within(&first, &second) || within(&second, &first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_giver_who_is_named_in_the_concern_is_recognised() {
        for (by, alleged) in [
            ("Carl Stone", "Carl Stone"),
            ("Mr. carl STONE (stepfather)", "Carl Stone"),
            ("Carl", "Carl Stone, uncle"),
            ("Mrs Stone", "Carl Stone"),
            ("the uncle", "the uncle"),
        ] {
            assert!(same_person(by, alleged), "{by} / {alleged}");
        }
        for (by, alleged) in [
            ("Rose Stone", "Carl Stone"),
            ("mother", "the mother's boyfriend"),
            ("the mother", "Carl, boyfriend of the mother"),
            ("Willow Riverstone", ""),
            ("", "Carl Stone"),
        ] {
            assert!(!same_person(by, alleged), "{by} / {alleged}");
        }
    }

    #[test]
    fn scopes_read_as_people_say_them() {
        assert_eq!(scope_words(&SCOPES), "services, disclosure and reports");
        assert_eq!(scope_words(&["reporting"]), "reports");
        assert_eq!(needed("transfer"), ["disclosure"]);
        assert_eq!(needed("refer"), ["services", "disclosure"]);
    }
}
