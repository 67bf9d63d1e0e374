//! Writing down a consent: to what, who gave it, until when, who may be told, what is kept from whom; and the child's assent.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::consent::{self, DISCLOSURE};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::person;
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::telling::{self, EVERYBODY};
use crate::domain::value::Value;
use crate::domain::views::Case;

use super::plan::needs;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// What is to be kept from whom.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// From whom: root keys, `agency:CODE`, or `everybody` outside the team; none if nothing is kept from anybody.
    pub from: Vec<String>,
    /// Which kinds of data; empty for all of the case.
    pub what: BTreeSet<Class>,
    /// Why; may be empty.
    pub why: String,
}

/// Writes down a consent, or that it was not given.
#[derive(Clone, Debug)]
pub struct ConsentRecord {
    /// The case.
    pub case: ItemId,
    /// To what: codes of the list `consent-scope`.
    pub scopes: Vec<String>,
    /// What was asked for and not agreed to: codes of the same list. Of both together at least one.
    pub refused: Vec<String>,
    /// Who gave it.
    pub by: String,
    /// Who that is to the child: a code of the list `consent-giver`; may be empty.
    pub role: String,
    /// How they understood what was asked: a code of the list `consent-capacity`; may be empty.
    pub capacity: String,
    /// The last day on which it counts; none if it has no end.
    pub until: Option<NaiveDate>,
    /// When it was given; now, if not said.
    pub given: Option<DateTime<Utc>>,
    /// To whom alone it allows telling: root keys, or `agency:CODE`; empty for whoever is asked to help.
    pub to: Vec<String>,
    /// What is to be kept from whom.
    pub keep: Keep,
    /// The child's assent: a code of the list `assent`; may be empty.
    pub assent: String,
    /// When the child was asked; when the consent was given, if not said.
    pub assent_when: Option<DateTime<Utc>>,
    /// In which words; may be empty.
    pub note: String,
}

impl ConsentRecord {
    /// A consent to some scopes, given by somebody, about which nothing more is said.
    pub fn new(case: ItemId, scopes: Vec<String>, by: impl Into<String>) -> Self {
        Self {
            case,
            scopes,
            refused: Vec::new(),
            by: by.into(),
            role: String::new(),
            capacity: String::new(),
            until: None,
            given: None,
            to: Vec::new(),
            keep: Keep::default(),
            assent: String::new(),
            assent_when: None,
            note: String::new(),
        }
    }
}

impl Verb for ConsentRecord {
    const SPEC: Spec = Spec {
        name: "consent.record",
        label: "Record consent",
        doc: "Writes down who agreed to services, to telling others (whom, and what is kept from whom), or to use in reports, until when; and whether the child agreed.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "consent record",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let case = cx.open_case(state, self.case)?;
        self.check_asked(cx)?;
        let by = self.giver(state, cx, Case(case))?;
        let (given, asked) = self.moments(cx)?;
        self.check_parties(state)?;
        let at = At { stream: case.stream, item: cx.new_id(), class: Class::Notes };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Consent);
        let keep = &self.keep;
        let (what, why) = if keep.from.is_empty() {
            (String::new(), String::new())
        } else {
            (telling::classes_text(&keep.what), clean::prose_owned(&keep.why))
        };
        for (field, value) in [
            (Field::ConsentScopes, Value::codes(&self.scopes)),
            (Field::ConsentBy, Value::text(&by)),
            (Field::ConsentRole, Value::code(&self.role)),
            (Field::ConsentGiven, Value::when(given)),
            (Field::ConsentUntil, self.until.map_or(Value::Nothing, Value::date)),
            (Field::ConsentNote, Value::text(&clean::prose_owned(&self.note))),
            (Field::ConsentCapacity, Value::code(&self.capacity)),
            (Field::ConsentAssent, Value::code(&self.assent)),
            (Field::ConsentAssentWhen, asked.map_or(Value::Nothing, Value::when)),
            (Field::ConsentTo, Value::text(&telling::parties_text(&self.to))),
            (Field::ConsentRefused, Value::codes(&self.refused)),
            (Field::ConsentKeepFrom, Value::text(&telling::parties_text(&keep.from))),
            (Field::ConsentKeepWhat, Value::text(&what)),
            (Field::ConsentKeepWhy, Value::text(&why)),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        Ok(plan.say(self.says(state)))
    }
}

impl ConsentRecord {
    /// Something was asked for, and what was asked for was not agreed to and refused at once.
    fn check_asked(&self, cx: &Ctx<'_>) -> Result<(), Refusal> {
        if self.refused.is_empty() {
            check_scopes(cx, &self.scopes)?;
        } else {
            self.scopes.iter().chain(&self.refused).try_for_each(|scope| cx.check_code("consent-scope", scope))?;
        }
        if let Some(both) = self.scopes.iter().find(|scope| self.refused.contains(scope)) {
            return Err(Refusal::new(
                format!("Consent to {} can't be given and refused at once.", consent::scope_word(both)),
                "Leave it in one of the two.",
            ));
        }
        for (list, code) in
            [("consent-giver", &self.role), ("consent-capacity", &self.capacity), ("assent", &self.assent)]
        {
            if !code.is_empty() {
                cx.check_code(list, code)?;
            }
        }
        // Whoever can't decide has agreed to nothing.
        if self.capacity == "not-able" && !self.scopes.is_empty() {
            return Err(Refusal::new(
                "Whoever is not able to decide now can't have agreed.",
                "Ask again later, or ask whoever may decide instead: another guardian, the court, or the agency that has custody.",
            ));
        }
        Ok(())
    }

    /// Who gave it; nobody who is named in the concern.
    fn giver(&self, state: &State, cx: &Ctx<'_>, case: Case<'_>) -> Result<String, Refusal> {
        let by = clean::line_owned(&self.by);
        if by.is_empty() {
            return Err(needs(&Self::SPEC, "who gave it"));
        }
        let named = person::named_in_concern(state, case).iter().any(|named| consent::same_person(&by, named));
        let role = consent::barred(state, case).contains(&self.role.as_str());
        if named || role {
            let who = if named { "This person" } else { cx.pack.label("consent-giver", &self.role) };
            let who = if named { who.to_owned() } else { format!("The {who}") };
            return Err(Refusal::new(
                format!("{who} is named in the concern, so their consent can't count."),
                "Ask whoever may decide instead: another guardian, the court, or the agency that has custody. If it is somebody else, give the full name.",
            ));
        }
        Ok(by)
    }

    /// When it was given, and when the child was asked.
    fn moments(&self, cx: &Ctx<'_>) -> Result<(DateTime<Utc>, Option<DateTime<Utc>>), Refusal> {
        let given = self.given.unwrap_or(cx.now);
        let latest = cx.now + TimeDelta::minutes(10);
        if given > latest {
            return Err(Refusal::new("Consent can't be given in the future.", "Give the day on which it was given."));
        }
        if self.until.is_some_and(|until| until < cx.today()) {
            return Err(Refusal::new(
                "The last day of this consent lies in the past.",
                "Ask again, and give a day from today on; or none, if it has no end.",
            ));
        }
        let was_asked = matches!(self.assent.as_str(), "agreed" | "refused");
        let asked = if was_asked { Some(self.assent_when.unwrap_or(given)) } else { self.assent_when };
        if asked.is_some_and(|asked| asked > latest) {
            return Err(Refusal::new(
                "The child can't have been asked in the future.",
                "Give the day on which the child was asked.",
            ));
        }
        if asked.is_some() && self.assent.is_empty() {
            return Err(needs(&Self::SPEC, "what the child said when asked"));
        }
        Ok((given, asked))
    }

    /// Whom it may be told to, and from whom something is kept: teams and agencies that are known here.
    fn check_parties(&self, state: &State) -> Result<(), Refusal> {
        let says_whom = self.scopes.iter().any(|scope| scope == DISCLOSURE);
        if !self.to.is_empty() && !says_whom {
            return Err(Refusal::new(
                "It says to whom it may be told, and not that it may be told.",
                "Choose disclosure too, or leave out to whom.",
            ));
        }
        self.to.iter().try_for_each(|party| check_party(state, party))?;
        self.keep.from.iter().filter(|party| *party != EVERYBODY).try_for_each(|party| check_party(state, party))?;
        if self.keep.what.iter().any(|class| !telling::KEPT.contains(class)) {
            return Err(Refusal::new(
                "That kind of data can't be kept apart.",
                "Choose identity, contact, placement, reporter, people, views, notes, health, justice or interview; none means all of the case.",
            ));
        }
        let contradicts = |party: &&String| self.keep.what.is_empty() && self.keep.from.contains(party);
        if let Some(party) = self.to.iter().find(contradicts) {
            return Err(Refusal::new(
                format!("{} is to be told, and to be told nothing.", teams::party_name(state, party)),
                "Say what is kept from them, or take them out of one of the two.",
            ));
        }
        Ok(())
    }

    fn says(&self, state: &State) -> String {
        let mut says = Vec::new();
        if !self.scopes.is_empty() {
            says.push(format!("Consent to {} recorded.", consent::scope_words(&self.scopes)));
        }
        if !self.refused.is_empty() {
            says.push(format!("No consent to {}: recorded.", consent::scope_words(&self.refused)));
        }
        if !self.to.is_empty() {
            let to: Vec<&str> = self.to.iter().map(String::as_str).collect();
            says.push(format!("Nobody but {} may be told.", telling::party_words(state, &to)));
        }
        if !self.keep.from.is_empty() {
            let from: Vec<&str> = self.keep.from.iter().map(String::as_str).collect();
            let what = if self.keep.what.is_empty() { "All of it" } else { "What was named" };
            says.push(format!("{what} is kept from {}.", telling::party_words(state, &from)));
        }
        says.join(" ")
    }
}

/// A team or agency that is known here.
pub(super) fn check_party(state: &State, party: &str) -> Result<(), Refusal> {
    let known = match teams::agency_code(party) {
        Some(code) => state.items(ItemKind::Agency).any(|agency| agency.str(Field::AgencyCode) == code),
        None => teams::peer_of(state, party).is_some(),
    };
    if known {
        return Ok(());
    }
    Err(Refusal::new(
        format!("No team and no agency is known here as \"{}\".", clean::shown(party)),
        "Name an agency of your list (Team) by its code, or a parish whose card you have (Exchange).",
    ))
}

/// At least one scope, and only known ones.
pub(super) fn check_scopes(cx: &Ctx<'_>, scopes: &[String]) -> Result<(), Refusal> {
    if scopes.is_empty() {
        return Err(Refusal::new(
            "It must be said to what consent is given.",
            "Choose at least one of: services, disclosure, reporting.",
        ));
    }
    scopes.iter().try_for_each(|scope| cx.check_code("consent-scope", scope))
}
