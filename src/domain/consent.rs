//! Consent: what was agreed to, by whom, until when, and whether it still counts.
//!
//! The careful side rules: what was withdrawn or has run out never counts, a consent from before a withdrawal of the
//! same thing doesn't either (two people may have written without knowing of each other), and where two people wrote
//! different scopes only what both wrote counts. Whoever said no to something, or named whom it is for, is heeded as
//! whoever withdrew it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::dates::jamaica;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::person::{self, Person};
use super::state::State;
use super::teams;
use super::telling;
use super::views::Case;

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

    /// Whether somebody was asked for a scope with it, and said no.
    pub fn refuses(self, scope: &str) -> bool {
        self.0.value(Field::ConsentRefused).as_codes().iter().any(|code| **code == *scope)
    }

    /// What was asked for with it and not agreed to: scope codes, in the order in which people ask.
    pub fn refused(self) -> Vec<&'static str> {
        SCOPES.into_iter().filter(|scope| self.refuses(scope)).collect()
    }

    /// To whom alone it allows telling: parties; empty for whoever is asked to help.
    pub fn to(self) -> Vec<&'a str> {
        telling::parties(self.0.str(Field::ConsentTo))
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
    /// Somebody was asked, and said no.
    Refused(Consent<'a>),
    /// It names whom it is for, and they are not among them.
    ForOthers(Consent<'a>),
    /// All of the case is to be kept from them.
    Kept,
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
            Self::Refused(_) => "refused",
            Self::ForOthers(_) => "for others",
            Self::Kept => "kept from them",
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
            Self::Refused(of) => of.given().map_or_else(
                || "was not given".to_owned(),
                |when| format!("was not given when asked on {}", when.with_timezone(&jamaica()).format("%-d %b")),
            ),
            Self::ForOthers(_) => "is for others alone".to_owned(),
            Self::Kept => "is to be kept from them".to_owned(),
            Self::Missing => "was not asked for".to_owned(),
        }
    }

    /// True where somebody said no, once or for good: nothing more may be told.
    pub const fn says_no(self) -> bool {
        matches!(self, Self::Withdrawn(_) | Self::Refused(_) | Self::ForOthers(_) | Self::Kept)
    }
}

/// How consent to a scope stands in a case on a day.
pub fn consent<'a>(state: &'a State, case: Case<'_>, scope: &str, today: NaiveDate) -> Standing<'a> {
    let all = Consent::all(state, case);
    let given = || all.iter().filter(|consent| consent.covers(scope));
    // What was said against it, each with its moment: taken back, or never given.
    let withdrawn = given().filter_map(|of| Some((of.withdrawn()?, Standing::Withdrawn(*of))));
    let withdrawn = withdrawn.max_by_key(|(when, _)| *when);
    let refused =
        all.iter().filter(|of| of.refuses(scope)).filter_map(|of| Some((of.given()?, Standing::Refused(*of))));
    let refused = refused.max_by_key(|(when, _)| *when);
    // Newest first. A consent without a moment of giving is older than any withdrawal; of a yes and a no of the same
    // moment the no counts.
    let after = |of: &Consent<'a>| {
        withdrawn.as_ref().is_none_or(|(last, _)| of.given() >= Some(*last))
            && refused.as_ref().is_none_or(|(last, _)| of.given() > Some(*last))
    };
    let stands = |consent: &&Consent<'a>| consent.withdrawn().is_none() && after(consent);
    let no = withdrawn.iter().chain(&refused).max_by_key(|(when, _)| *when).copied();
    let mut standing = given().filter(stands);
    let first = standing.clone().next();
    match (standing.find(|consent| !consent.expired(today)), first, no) {
        (Some(consent), ..) => Standing::Given(*consent),
        (None, Some(consent), _) => Standing::Expired(*consent),
        (None, None, Some((_, no))) => no,
        (None, None, None) => Standing::Missing,
    }
}

/// How consent to telling stands where one party is to be told: a root key, or `agency:CODE`.
pub fn telling_to<'a>(state: &'a State, case: Case<'_>, party: &str, today: NaiveDate) -> Standing<'a> {
    if telling::kept_from(state, case, party).all {
        return Standing::Kept;
    }
    match consent(state, case, DISCLOSURE, today) {
        Standing::Given(of) | Standing::Expired(of) if !telling::is_named(state, case, party) => {
            Standing::ForOthers(of)
        }
        standing => standing,
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
    if teams::agency_code(to).is_some() && telling::on_the_team(state, to) {
        return &[SERVICES];
    }
    needed(referral_kind)
}

/// The scopes that asking one side lacks on a day, each with how it stands; none if they may be asked.
pub fn lacking_for<'a>(
    state: &'a State,
    case: Case<'_>,
    (referral_kind, to): (&str, &str),
    today: NaiveDate,
) -> Vec<(&'static str, Standing<'a>)> {
    let mut lacking = Vec::new();
    let needed = needed_for(state, referral_kind, to);
    if telling::kept_from(state, case, to).all && !needed.contains(&DISCLOSURE) {
        lacking.push((DISCLOSURE, Standing::Kept));
    }
    let standing = |scope: &'static str| match scope {
        DISCLOSURE => (DISCLOSURE, telling_to(state, case, to, today)),
        scope => (scope, consent(state, case, scope, today)),
    };
    lacking.extend(needed.iter().map(|scope| standing(scope)).filter(|(_, standing)| !standing.counts()));
    lacking
}

/// Who may not decide for the child: the codes of those givers who are named in the concern, by name or as what they are
/// to the child. Where one of two guardians is named, the other may still decide.
pub fn barred(state: &State, case: Case<'_>) -> Vec<&'static str> {
    const GIVERS: [(&str, Field, &[&str]); 3] = [
        ("mother", Field::CaseMother, &["mother"]),
        ("father", Field::CaseFather, &["father"]),
        ("guardian", Field::CaseCarer, &["guardian", "carer"]),
    ];
    let named = person::named_in_concern(state, case);
    let people = Person::all(state, case);
    let by_name = |name: &str| named.iter().any(|who| same_person(name, who));
    let is = |(giver, field, roles): &(&str, Field, &[&str])| {
        let in_field = Some(case.0.str(*field)).filter(|name| !name.is_empty()).map(by_name);
        let stands = people.iter().filter(|person| roles.iter().any(|role| person.has(role)));
        let mut all =
            in_field.into_iter().chain(stands.map(|person| person.named() || by_name(person.name()))).peekable();
        named.iter().any(|who| is_called(who, giver)) || (all.peek().is_some() && all.all(|is| is))
    };
    GIVERS.iter().filter(|giver| is(giver)).map(|(giver, ..)| *giver).collect()
}

/// Whether somebody is called by what they are to the child, and by nothing else: "the father", "her Father".
fn is_called(text: &str, role: &str) -> bool {
    const FILLING: [&str; 9] = ["the", "a", "of", "her", "his", "their", "child", "own", "s"];
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    let words: Vec<String> = words.filter(|word| !FILLING.contains(&word.as_str())).collect();
    words.len() == 1 && words[0] == role
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
