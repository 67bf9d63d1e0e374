//! What was agreed to: consent with the child's assent, who may be told, what is kept from whom; and what the child
//! agreed may be told of their own words.

use crate::domain::clean;
use crate::domain::consent;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::person;
use crate::domain::teams;
use crate::domain::telling::{self, EVERYBODY, KEPT, MayTell};
use crate::domain::views::{Case, Peer};
use crate::ops::{ConsentLift, ConsentRecord, Keep, ViewsTell};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;
use crate::tui::widgets::Choice;

use super::super::case;
use super::fields::{field, names_nobody, refused, value};
use super::{draft_name, layer, said};

/// Those whom something may be told to or kept from: the agencies of our list, and the other parishes' teams.
fn parties(desk: &Desk) -> Vec<(String, String)> {
    let state = desk.open_session().state();
    let kept = |agency: &&Item| agency.stands() && agency.value(Field::AgencyRetired).is_nothing();
    let mut all: Vec<(String, String)> = state
        .items(ItemKind::Agency)
        .filter(kept)
        .map(|agency| {
            let code = agency.str(Field::AgencyCode);
            (teams::agency_party(code), clean::shown(code).into_owned())
        })
        .collect();
    all.sort_by(|a, b| a.1.cmp(&b.1));
    let mut peers: Vec<(String, String)> = Peer::all(state)
        .map(|peer| (peer.0.str(Field::PeerRoot).to_owned(), teams::peer_name(state, peer.0.id)))
        .map(|(root, name)| (root, format!("{} (another parish)", clean::shown(&name))))
        .collect();
    peers.sort_by(|a, b| a.1.cmp(&b.1));
    all.extend(peers);
    all
}

fn many(values: &Values, field: Field) -> Vec<String> {
    values.many(field.def().name).map(str::to_owned).collect()
}

fn text(values: &Values, field: Field) -> String {
    values.get(field.def().name).to_owned()
}

/// Who gives it: nobody who is named in the concern is offered. With what the form says of those who are not.
fn giver(desk: &Desk, case: Case<'_>) -> (forms::Field, String) {
    let barred = consent::barred(desk.open_session().state(), case);
    let pack = desk.open_session().pack();
    let all = pack.list("consent-giver").iter();
    let offered = all.filter(|role| !barred.contains(&role.code.as_str()));
    let offered = offered.map(|role| (role.code.clone(), role.label.clone()));
    let role = forms::Field::choice("role", Field::ConsentRole.def().label, offered);
    if barred.is_empty() {
        return (role, String::new());
    }
    let who: Vec<&str> = barred.iter().map(|code| pack.label("consent-giver", code)).collect();
    let says = format!(
        "Named in the concern, and not offered: {}. Another guardian, the court, or the agency that has custody may decide instead.",
        who.join(", ")
    );
    (role, says)
}

/// Writing down a consent. What is always asked stands first.
pub(super) fn record(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let mask = || desk.open_session().mask(Some(case));
    let named = person::named_in_concern(desk.open_session().state(), found);
    let by = field(desk, Field::ConsentBy).required().hint("the name; it is masked everywhere").check(move |text| {
        if named.iter().any(|named| consent::same_person(text, named)) {
            return Err("Named in the concern: ask another guardian, the court, or the agency with custody.".to_owned());
        }
        Ok(String::new())
    });
    let (role, notice) = giver(desk, found);
    let mut all = vec![
        field(desk, Field::ConsentScopes),
        by,
        role,
        field(desk, Field::ConsentUntil).hint("the last day on which it counts; empty: no end"),
        field(desk, Field::ConsentNote).hint("in which words").check(names_nobody(mask())),
    ];
    let pack = desk.open_session().pack();
    if !pack.list("assent").is_empty() {
        all.push(field(desk, Field::ConsentAssent).section("The child"));
        let when = field(desk, Field::ConsentAssentWhen).placeholder("with the consent");
        let asked = vec!["agreed".to_owned(), "refused".to_owned()];
        all.push(when.only_if_any(Field::ConsentAssent.def().name, asked));
    }
    all.extend(limits(desk, case));
    let not = field(desk, Field::ConsentRefused).section("Where somebody said no, or needed help");
    all.push(not.hint("what was asked for and not agreed to"));
    if !pack.list("consent-capacity").is_empty() {
        all.push(field(desk, Field::ConsentCapacity));
    }
    let form = Form::new(format!("Consent in case {}", desk.code(case)), all).notice(notice).rule(missing);
    Some(layer(desk, draft_name("consent.record", Some(case)), form, move |values, _, desk| {
        let op = ConsentRecord {
            refused: many(values, Field::ConsentRefused),
            role: text(values, Field::ConsentRole),
            capacity: text(values, Field::ConsentCapacity),
            until: value(desk, Field::ConsentUntil, values)?.as_date(),
            to: many(values, Field::ConsentTo),
            keep: keep(values),
            assent: text(values, Field::ConsentAssent),
            assent_when: value(desk, Field::ConsentAssentWhen, values)?.as_when(),
            note: text(values, Field::ConsentNote),
            ..ConsentRecord::new(case, many(values, Field::ConsentScopes), text(values, Field::ConsentBy))
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// To whom it may be told, and what is kept from whom.
fn limits(desk: &Desk, case: ItemId) -> Vec<forms::Field> {
    let def = |field: Field| (field.def().name, field.def().label);
    let (name, label) = def(Field::ConsentTo);
    let to = forms::Field::many(name, label, parties(desk))
        .only_if(Field::ConsentScopes.def().name, consent::DISCLOSURE)
        .hint("empty: whoever is asked to help; else these alone");
    let some = forms::Field::yes_no("keep", "Keep something back")
        .hint("from a team or an agency, for a reason")
        .section("Who may be told");
    let (name, label) = def(Field::ConsentKeepFrom);
    let mut from = parties(desk);
    from.push((EVERYBODY.to_owned(), "everybody outside this team".to_owned()));
    let from = forms::Field::many(name, label, from).required().only_if("keep", "yes");
    let (name, label) = def(Field::ConsentKeepWhat);
    let classes = KEPT.map(|class| (class.name().to_owned(), class_words(class.name())));
    let what = forms::Field::many(name, label, classes).only_if("keep", "yes").hint("none chosen: all of the case");
    let (name, label) = def(Field::ConsentKeepWhy);
    let why = forms::Field::prose(name, label)
        .only_if("keep", "yes")
        .hint("it stays with this team")
        .check(names_nobody(desk.open_session().mask(Some(case))));
    vec![some, from, what, why, to]
}

/// A kind of data, as people would say it.
fn class_words(class: &str) -> String {
    match class {
        "identity" => "identity: who the child is",
        "contact" => "contact: the home, and how to call",
        "placement" => "placement: where the child is now",
        "reporter" => "reporter: who reported",
        "people" => "people: carers, siblings, others",
        "views" => "views: the child's own words",
        "justice" => "justice: police and court",
        "interview" => "interview: the forensic interview",
        other => other,
    }
    .to_owned()
}

fn keep(values: &Values) -> Keep {
    if !values.yes("keep") {
        return Keep::default();
    }
    let what = values.many(Field::ConsentKeepWhat.def().name);
    Keep {
        from: many(values, Field::ConsentKeepFrom),
        what: what.filter_map(crate::domain::class::Class::from_name).collect(),
        why: text(values, Field::ConsentKeepWhy),
    }
}

/// What is wrong over several fields of a consent.
fn missing(values: &Values) -> Vec<(&'static str, String)> {
    let scopes = Field::ConsentScopes.def().name;
    let mut all = Vec::new();
    let refused = many(values, Field::ConsentRefused);
    if values.get(scopes).is_empty() && refused.is_empty() {
        all.push((scopes, "Choose at least one, or say below what was not agreed to.".to_owned()));
    }
    if values.many(scopes).any(|scope| refused.iter().any(|no| no == scope)) {
        all.push((
            Field::ConsentRefused.def().name,
            "That was agreed to above: leave it in one of the two.".to_owned(),
        ));
    }
    all
}

/// Something need no longer be kept from somebody: about the consent that said so, or about a case where only one does.
pub(super) fn lift(desk: &Desk, about: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let state = session.state();
    let view = Case::of_stream(state, state.item(about)?.stream)?;
    let case = view.0.id;
    let all = telling::kept(state, view);
    let choice = |kept: &telling::Kept<'_>| {
        let words = format!("{} from {}", kept.what_words(), telling::party_words(state, &kept.from));
        Choice::new(kept.consent.0.id.to_string(), words)
    };
    let mut which = forms::Field::pick("which", "What", all.iter().map(choice).collect()).required();
    let chosen = all.iter().find(|kept| kept.consent.0.id == about).or(if all.len() == 1 { all.first() } else { None });
    if let Some(chosen) = chosen {
        which = which.value(&chosen.consent.0.id.to_string());
    }
    let reason =
        forms::Field::prose("reason", "Who said so, and why").required().check(names_nobody(session.mask(Some(case))));
    let form = Form::new(format!("No longer keep back, case {}", desk.code(case)), vec![which, reason])
        .preview(|_| "Nothing is sent by this. Consent to telling them is asked for as before.".to_owned());
    Some(layer(desk, draft_name("consent.lift", Some(case)), form, |values, _, desk| {
        let consent = ItemId::from_hex(values.get("which")).ok_or_else(|| Wrong::field("which", "Choose one."))?;
        let op = ConsentLift { consent, reason: values.get("reason").to_owned() };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// The two fields that ask what the child agreed may be told, as a form of notes has them; asked only while `only_if`
/// holds. Nothing where the policy has no such list: then the child is asked first.
pub(super) fn may_tell(desk: &Desk, only_if: Option<(&'static str, &'static str)>) -> Vec<forms::Field> {
    if desk.open_session().pack().list("may-tell").is_empty() {
        return Vec::new();
    }
    let name = Field::NoteMayTell.def().name;
    let may = field(desk, Field::NoteMayTell).value(MayTell::Ask.code());
    let may = match only_if {
        Some((field, value)) => may.only_if(field, value),
        None => may,
    };
    let def = Field::NoteTellTo.def();
    let to = forms::Field::many(def.name, def.label, parties(desk)).required();
    vec![may, to.only_if(name, MayTell::Named.code())]
}

/// What a form asked of it; `None` where it says no more than nothing does.
pub(super) fn told(values: &Values, note: ItemId) -> Option<ViewsTell> {
    let may = text(values, Field::NoteMayTell);
    let asks = may.is_empty() || may == MayTell::Ask.code();
    (!asks).then(|| ViewsTell { note, may, to: many(values, Field::NoteTellTo) })
}

/// Saying later what may be told: about a note of the child's views, or about a case.
pub(super) fn tell(desk: &Desk, about: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let view = Case::of_stream(state, state.item(about)?.stream)?;
    let case = view.0.id;
    let notes = case::child_notes(desk, view);
    let which = notes.iter().map(|(note, head, may)| Choice::new(note.to_string(), head.clone()).noted(may.clone()));
    let mut which = forms::Field::pick("which", "What was said", which.collect()).required();
    if let Some((note, ..)) = notes.first() {
        which = which.value(&note.to_string());
    }
    // Where it is clear what was said, nobody has to choose it.
    let only = match notes.as_slice() {
        [(note, ..)] => Some(*note),
        _ => notes.iter().map(|(note, ..)| *note).find(|note| *note == about),
    };
    let mut all = if only.is_some() { Vec::new() } else { vec![which] };
    all.extend(may_tell(desk, None));
    let form = Form::new(format!("What may be told, case {}", desk.code(case)), all)
        .preview(|_| "As the child says it. What was told already can't be taken back.".to_owned());
    Some(layer(desk, draft_name("views.tell", only.or(Some(case))), form, move |values, _, desk| {
        let chosen = only.or_else(|| ItemId::from_hex(values.get("which")));
        let note = chosen.ok_or_else(|| Wrong::field("which", "Choose one."))?;
        let op = ViewsTell { note, may: text(values, Field::NoteMayTell), to: many(values, Field::NoteTellTo) };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}
