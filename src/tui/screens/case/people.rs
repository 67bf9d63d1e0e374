//! The people of a case and the cases that belong to it: their tab, their place in the overview, and what their keys do.

use crate::domain::class::Class;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::person::{self, Link as Linked, Named, Person};
use crate::domain::views::Case;
use crate::ops::{CaseUnlink, PersonGather, PersonRemove};
use crate::tui::desk::{Desk, first_line};
use crate::tui::effect::Effect;
use crate::tui::layers::Handled;
use crate::tui::theme::Role;
use crate::tui::widgets::{Column, cell};

use super::super::doors;
use super::list::{Entry, Line, Target};
use super::sheet::Para;

/// What stands for a case that is not here, or not for whoever looks: not even its code.
pub const RESTRICTED: &str = "a restricted case";

/// The columns of the tab.
pub fn columns() -> Vec<Column> {
    vec![
        Column::fixed("Who", 22),
        Column::flex("Name", 16),
        Column::fixed("Age", 9).from_width(96),
        Column::fixed("Mind", 18),
        Column::fixed("Code", 8),
    ]
}

/// How many people there are.
pub fn count(desk: &Desk, case: Case<'_>) -> usize {
    Person::all(desk.open_session().state(), case).len() + person::in_fields(case).count()
}

/// The people, then the cases: those that are linked, the own cases of people, and those in which whoever is named in
/// the concern is named too.
pub fn lines(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let session = desk.open_session();
    let (state, me) = (session.state(), session.me());
    let all = Person::all(state, case);
    // Nobody is compared in front of a room.
    let named = if desk.in_room() { Named::default() } else { Named::of(state, me) };
    let mut people: Vec<Line> = all.iter().map(|it| Line::Entry(someone(desk, *it))).collect();
    people.extend(person::in_fields(case).map(|(field, _, name)| Line::Entry(in_field(desk, case, field, name))));
    let mut cases: Vec<Line> = Vec::new();
    let links = Linked::all(state, case);
    cases.extend(links.iter().map(|link| Line::Entry(linked(desk, *link))));
    for it in &all {
        let own = it.own_case().filter(|own| links.iter().all(|link| link.other != *own));
        cases.extend(own.map(|own| Line::Entry(other(desk, own, &desk_code(desk, *it), "", Role::Text))));
        let also = if desk.in_room() { Vec::new() } else { named.of_person(state, me, *it) };
        for also in also {
            let (word, role) = if also.sure { ("also named in", Role::Late) } else { ("same name in", Role::Soon) };
            cases.push(Line::Entry(other(desk, also.case, word, &desk_code(desk, *it), role)));
        }
    }
    for also in named.also(case.0.str(Field::CaseAlleged), case.0.id) {
        cases.push(Line::Entry(other(desk, also, "same name in", "", Role::Soon)));
    }
    let mut lines = Vec::new();
    for (title, part) in [("People", people), ("Cases that belong to it", cases)] {
        if !part.is_empty() {
            lines.push(Line::Section(title.to_owned(), part.len()));
            lines.extend(part);
        }
    }
    lines
}

fn desk_code(desk: &Desk, person: Person<'_>) -> String {
    format!("of {}", desk.code(person.0.id))
}

/// Words of a person: masked as a whole, because each of them can say who it is.
fn words(desk: &Desk, person: Person<'_>, field: Field) -> String {
    let text = desk.field(person.0.id, field);
    if !text.is_empty() && desk.masked() { "masked (m)".to_owned() } else { text }
}

/// "sibling", "alleged offender, carer".
fn who(desk: &Desk, person: Person<'_>) -> String {
    person::role_words(desk.open_session().pack(), &person.roles())
}

fn someone(desk: &Desk, person: Person<'_>) -> Entry {
    let id = person.0.id;
    let name = words(desk, person, Field::PersonName);
    let name = if name.is_empty() { "not known".to_owned() } else { name };
    let age = person.age(desk.today()).unwrap_or_default();
    let look = if person.named() { Role::Late } else { Role::Accent };
    // A room sees who there is, and no more.
    let room = desk.in_room();
    let relation = if room { "" } else { person.relation() };
    let relation = desk.text(Some(person.0.stream.item()), relation).into_owned();
    let mut detail = vec![Para::words(format!("{}: {name}", who(desk, person)), Role::Title)];
    let mut says = |label: &str, text: String, role: Role| {
        if !text.is_empty() && !room {
            detail.push(Para::field(label, text, role));
        }
    };
    says("To the child", relation.clone(), Role::Text);
    if person.named() {
        let knows = desk.field(id, Field::PersonKnows);
        let knows = if knows.is_empty() { knows } else { format!(" ({knows})") };
        says("In the concern", format!("named{knows}: their consent does not count"), Role::Late);
    }
    says("Mind", person.caution().to_owned(), Role::Late);
    for field in
        [Field::PersonPhone, Field::PersonSafe, Field::PersonCommunity, Field::PersonAddress, Field::PersonNote]
    {
        says(field.def().label, words(desk, person, field), Role::Text);
    }
    let same: Vec<String> = person.same(desk.open_session().state()).iter().map(|it| desk.code(it.0.id)).collect();
    says("The same as", same.join(", "), Role::Text);
    Entry {
        sign: None,
        target: Target::Person(id),
        cells: vec![
            cell(if relation.is_empty() || person.named() { who(desk, person) } else { relation }, look),
            first_line(&name).into(),
            cell(age, Role::Dim),
            cell(if person.named() && person.caution().is_empty() { "named" } else { person.caution() }, Role::Late),
            cell(desk.code(id), Role::Dim),
        ],
        struck: false,
        detail,
    }
}

/// Somebody who stands in a field of the case itself.
fn in_field(desk: &Desk, case: Case<'_>, field: Field, name: &str) -> Entry {
    let name = if desk.masked() { "masked (m)".into() } else { desk.text(Some(case.0.id), name) };
    let label = if field == Field::CaseAlleged { "Named in the concern" } else { field.def().label };
    let look = if field == Field::CaseAlleged { Role::Late } else { Role::Accent };
    let detail = vec![
        Para::words(format!("{label}: {name}"), Role::Title),
        Para::words(
            "Stands in a field of the case (e). p g makes a person of it: telephone, who must not know.",
            Role::Dim,
        ),
    ];
    Entry {
        sign: None,
        target: Target::Named(field),
        cells: vec![cell(label, look), first_line(&name).into(), "".into(), cell("in the case", Role::Dim), "".into()],
        struck: false,
        detail,
    }
}

/// A linked case: how, why, and who says so.
fn linked(desk: &Desk, link: Linked<'_>) -> Entry {
    let open = !desk.in_room() && shown(desk, link.other).is_some();
    // The mask of the other case has this one's names too: the two are linked.
    let words = if open { desk.text(Some(link.other), &link.words()).into_owned() } else { String::new() };
    other(desk, link.other, &desk.label("link-kind", link.kind()), &words, Role::Text)
}

/// A case, if it may be shown here and now.
pub(super) fn shown(desk: &Desk, case: ItemId) -> Option<Case<'_>> {
    let session = desk.open_session();
    person::visible(session.state(), session.me(), case).filter(|_| desk.may_show(Some(case)))
}

/// A line that leads to another case.
fn other(desk: &Desk, id: ItemId, how: &str, words: &str, look: Role) -> Entry {
    let Some(case) = shown(desk, id) else {
        return Entry {
            sign: None,
            target: Target::Linked(id),
            cells: vec![cell(how, look), cell(RESTRICTED, Role::Dim), "".into(), "".into(), "".into()],
            struck: false,
            detail: vec![Para::words(format!("{how}: {RESTRICTED}, or one that is not here"), Role::Dim)],
        };
    };
    let stage = if case.is_open() { desk.label("stage", case.stage()) } else { "closed".to_owned() };
    let code = desk.code(id);
    let mut detail = vec![Para::words(format!("{how}: case {code}, {stage}"), Role::Title)];
    if !words.is_empty() {
        detail.push(Para::words(words, Role::Text));
    }
    detail.push(Para::words("Enter opens it.", Role::Dim));
    let text = if words.is_empty() { stage } else { first_line(words) };
    Entry {
        sign: None,
        target: Target::Linked(id),
        cells: vec![cell(how, look), text.into(), "".into(), "".into(), cell(code, Role::Accent)],
        struck: false,
        detail,
    }
}

/// The people, for the overview.
pub fn paras(desk: &Desk, case: Case<'_>) -> Vec<Para> {
    let all = Person::all(desk.open_session().state(), case);
    let shown = all.iter().filter(|person| person.0.class != Class::Reporter).take(6);
    let para = |person: &Person<'_>| {
        let name = desk.field(person.0.id, Field::PersonName);
        let name = if name.is_empty() { "name not known".to_owned() } else { name };
        let caution = if person.caution().is_empty() { String::new() } else { format!("  {}", person.caution()) };
        let label =
            if person.named() && !person.has(person::ALLEGED) { "Person named".to_owned() } else { who(desk, *person) };
        Para::field(label, name, Role::Text).and(caution, Role::Late)
    };
    shown.map(para).collect()
}

/// The case that the selected line leads to.
pub fn open(desk: &mut Desk, case: ItemId) -> Handled<Desk> {
    if shown(desk, case).is_none() {
        return Effect::info("That case is only for some people, or not here: there is nothing to open.").into();
    }
    Handled::Done(doors::case(desk, case))
}

/// Does what a key says about the people of this case and its links; passes what is none of theirs.
pub fn command(name: &str, case: ItemId, target: Option<Target>, desk: &mut Desk) -> Handled<Desk> {
    match (name, target) {
        ("person.add", _) => doors::form(name, Some(case), desk),
        ("person.gather", _) => Handled::Done(desk.run(PersonGather { case })),
        ("person.edit" | "person.same", Some(Target::Person(id))) => doors::form(name, Some(id), desk),
        // What stands in the case's own fields is changed there.
        ("person.edit", Some(Target::Named(_) | Target::Linked(_))) => doors::form("case.edit", Some(case), desk),
        ("person.remove", Some(Target::Person(person))) => Handled::Done(desk.run(PersonRemove { person })),
        ("person.edit" | "person.same" | "person.remove", _) => {
            Effect::info("Choose the person first: Tab goes to People.").into()
        }
        ("case.unlink", Some(Target::Linked(other))) => Handled::Done(desk.run(CaseUnlink { a: case, b: other })),
        ("case.unlink", _) => Effect::info("Choose a linked case first: Tab goes to People.").into(),
        _ => Handled::Pass,
    }
}
