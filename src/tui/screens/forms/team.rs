//! The team's own forms: members, agencies, who is away, who can open the vault, one's own passphrase.

use crate::domain::dates::Lean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::views::Member;
use crate::ops::{AgencyAdd, AgencyEdit, TeamAdd, TeamAway, TeamEdit};
use crate::session::NewPerson;
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;
use crate::tui::screens::first_run::{handle, twice};
use crate::tui::screens::{busy, strength};
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};

use super::fields::{as_typed, choice, date, field, given, in_words, person, refused, value};
use super::{draft_name, layer, said};

/// What is asked of a member.
const MEMBER: &[Field] = &[
    Field::MemberName,
    Field::MemberAgency,
    Field::MemberRole,
    Field::MemberHandle,
    Field::MemberPhone,
    Field::MemberEmail,
];

fn dressed(desk: &Desk, name: Field) -> forms::Field {
    let made = field(desk, name);
    match name {
        Field::MemberName => made.required().hint("as the team knows them: A. Brown"),
        Field::MemberRole => made.required(),
        Field::MemberHandle => made.hint("what they would type to unlock: abrown").check(handle),
        Field::MemberPhone => made.hint("where the team reaches them"),
        _ => made,
    }
}

/// Puts a person on the roster.
pub(super) fn add(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let role = |made: forms::Field, name| if name == Field::MemberRole { made.value("champion") } else { made };
    let all = MEMBER.iter().map(|name| role(dressed(desk, *name), *name)).collect();
    let form = Form::new("New member", all).preview(|_| {
        "On the roster they can own actions. To open this vault they need a key of their own (K).".to_owned()
    });
    layer(desk, draft_name("team.add", None), form, move |values, _, desk| {
        let values = given(desk, MEMBER, values)?;
        let done = desk.try_run(TeamAdd { values }).map_err(|error| refused(&error))?;
        let name = done.made.first().map(|member| desk.owner(Some(*member))).unwrap_or_default();
        said(format!("{name} is on the team."))
    })
}

/// Changes what the roster says about a member.
pub(super) fn edit(desk: &Desk, member: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Member::get(state, member)?;
    let filled = |name: &Field| dressed(desk, *name).value(&as_typed(state, *name, &found.0.value(*name)));
    let form = Form::new(desk.owner(Some(member)), MEMBER.iter().map(filled).collect());
    let shown = form.values();
    Some(layer(desk, draft_name("team.edit", Some(member)), form, move |values, _, desk| {
        let mut new = Vec::new();
        for name in MEMBER.iter().filter(|name| values.get(name.def().name) != shown.get(name.def().name)) {
            new.push((*name, value(desk, *name, values)?));
        }
        let done = desk.try_run(TeamEdit { member, values: new }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Away until a day, and who covers.
pub(super) fn away(desk: &Desk, member: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    Member::get(desk.open_session().state(), member)?;
    let name = desk.owner(Some(member));
    let all = vec![
        date(desk, "away-from", "From", Lean::Ahead).required().value("today"),
        date(desk, "away-until", "Last day away", Lean::Ahead).required(),
        field(desk, Field::MemberCover).hint("whose Today shows these items too; may be empty"),
    ];
    let form = Form::new(format!("{name} is away"), all)
        .preview(|_| "Their items stand in both Todays until then; nothing changes owner.".to_owned());
    Some(layer(desk, String::new(), form, move |values, _, desk| {
        let day = |field: Field| {
            let wrong = || Wrong::field(field.def().name, "Type a day: \"fri\", \"+2w\", \"12 dec\".");
            value(desk, field, values)?.as_date().ok_or_else(wrong)
        };
        let (from, until) = (day(Field::MemberAwayFrom)?, day(Field::MemberAwayUntil)?);
        let cover = values.some("cover").and_then(|code| person(desk.open_session().state(), code));
        desk.try_run(TeamAway { member, from, until: Some(until), cover }).map_err(|error| refused(&error))?;
        said(format!("{} is away until {}.", desk.owner(Some(member)), in_words(until, desk.today())))
    }))
}

/// A key to this vault for a member, who types their own passphrase on the spot.
pub(super) fn key(desk: &Desk, member: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = Member::get(desk.open_session().state(), member)?;
    let name = desk.owner(Some(member));
    let known = [name.clone(), found.handle().to_owned()];
    let mut all = vec![forms::Field::line("handle", "Handle").required().value(found.handle()).check(handle)];
    all.extend(passphrases(known));
    let form = Form::new(format!("A key for {name}"), all)
        .notice(format!("{name} types this alone: hand over the keyboard and look away. Projector off."))
        .preview(|_| {
            "They will open this vault with their own handle and passphrase, and sign what they write.".to_owned()
        });
    Some(layer(desk, String::new(), form, move |values, secrets, desk| {
        let passphrase = new_passphrase(values, secrets)?;
        let handle = values.get("handle").to_owned();
        if desk.open_session().participants().contains(&member) {
            return Err(Wrong::whole(
                "This member can open the vault already. They change their passphrase themselves.",
            ));
        }
        let work = work(desk);
        let name = desk.owner(Some(member));
        Ok(busy::effects(format!("Making a key for {name}"), move |session, _| {
            let person = NewPerson { member, handle: &handle, passphrase: &passphrase, work };
            session.add_participant(&person)?;
            Ok(vec![format!("{name} can open this vault now: Ctrl-L, then {handle}.")])
        }))
    }))
}

/// One's own passphrase.
pub(super) fn passphrase() -> Box<dyn Layer<Desk>> {
    let mut all = vec![forms::Field::passphrase("old", "Passphrase now").required()];
    all.extend(passphrases([String::new(), String::new()]));
    let form = Form::new("Change my passphrase", all).notice("Is a projector on? Turn it off first.");
    Box::new(forms::FormLayer::new(form, move |values, secrets, desk: &mut Desk| {
        let old = secrets.remove("old").unwrap_or_default();
        let new = new_passphrase(values, secrets)?;
        let old = Passphrase::new(&old).map_err(|_| Wrong::field("old", "Type the passphrase that you have now."))?;
        let work = work(desk);
        Ok(busy::effects("Changing the passphrase", move |session, _| {
            session.change_passphrase(&old, &new, work)?;
            Ok(vec!["Your passphrase is changed. Backups made before still open with the old one.".to_owned()])
        }))
    }))
}

fn passphrases(known: [String; 2]) -> [forms::Field; 2] {
    let judge = move |text: &str| strength::judge(text, &[&known[0], &known[1]]);
    let hint = "four or more words that don't belong together";
    [
        forms::Field::passphrase("passphrase", "New passphrase").required().hint(hint).check(judge),
        forms::Field::passphrase("again", "The same again").required(),
    ]
}

fn new_passphrase(values: &Values, secrets: &mut forms::Secrets) -> Result<Passphrase, Wrong> {
    let new = twice(secrets)?;
    strength::judge(new.expose(), &[values.get("handle")]).map_err(|weak| Wrong::field("passphrase", weak))?;
    Ok(new)
}

/// What a guess at a passphrase of this vault is to cost.
fn work(desk: &Desk) -> WorkFactor {
    let cheap = desk.in_memory && desk.practice;
    let practice = cheap.then(|| WorkFactor::new(WorkFactor::MIN_PRACTICE, true).ok()).flatten();
    practice.unwrap_or(WorkFactor::DEFAULT)
}

/// An agency to which actions can be given.
pub(super) fn agency(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let all = vec![
        forms::Field::line("code", "Code").required().hint("short, as it stands in lists: MOH"),
        forms::Field::line("name", "Name"),
        choice(desk.open_session().pack(), "agency-kind", "kind", "Kind"),
    ];
    layer(desk, String::new(), Form::new("New agency", all), move |values, _, desk| {
        let [code, name, kind] = ["code", "name", "kind"].map(|name| values.get(name).to_owned());
        let done = desk.try_run(AgencyAdd { code, name, kind }).map_err(|error| refused(&error))?;
        said(done.says)
    })
}

/// What is asked of an agency.
const AGENCY: &[Field] =
    &[Field::AgencyCode, Field::AgencyName, Field::AgencyKind, Field::AgencyPhone, Field::AgencyContact];

/// Changes what the list says about an agency.
pub(super) fn agency_edit(desk: &Desk, agency: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = state.item(agency).filter(|item| item.kind == ItemKind::Agency && item.stands())?;
    let dressed = |name: Field| match name {
        Field::AgencyCode => field(desk, name).required().hint("short, as it stands in lists: MOH"),
        Field::AgencyContact => field(desk, name).hint("a person, a desk, an e-mail address"),
        _ => field(desk, name),
    };
    let filled = |name: &Field| dressed(*name).value(&as_typed(state, *name, &found.value(*name)));
    let form = Form::new(desk.owner(Some(agency)), AGENCY.iter().map(filled).collect());
    let shown = form.values();
    Some(layer(desk, String::new(), form, move |values, _, desk| {
        let mut new = Vec::new();
        for name in AGENCY.iter().filter(|name| values.get(name.def().name) != shown.get(name.def().name)) {
            new.push((*name, value(desk, *name, values)?));
        }
        let done = desk.try_run(AgencyEdit { agency, values: new }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}
