//! `person`: who is in a child's life, who may be called and what they must not know.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::person::{self, Named, Person};
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::Result;
use crate::ops::{PersonAdd, PersonEdit, PersonGather, PersonRemove, PersonSame};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, shapes};
use super::case_edit::{codes, done};
use super::case_show::on_record;
use super::service::asked;

/// `person`.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Write somebody down; prints their code alone
    Add {
        /// The case's code
        code: String,
        /// What is known of them.
        #[command(flatten)]
        about: Box<About>,
    },
    /// The people of a case, and where else whoever is named in the concern is named
    List {
        /// The case's code
        code: String,
        /// Show names, on record
        #[arg(long)]
        reveal: bool,
    },
    /// Change what is known: --set FIELD=VALUE, or the same flags as add
    Edit {
        /// The person's code, like P-4TZB
        id: String,
        /// A field and its new value; several times
        #[arg(long = "set", value_name = "FIELD=VALUE")]
        sets: Vec<String>,
        /// What is known of them.
        #[command(flatten)]
        about: Box<About>,
    },
    /// Take somebody out who was written down by mistake
    Remove {
        /// The person's code, like P-4TZB
        id: String,
    },
    /// Make people of the names in the case's fields: mother, father, carer, the one named in the concern
    Gather {
        /// The case's code
        code: String,
    },
    /// Say that somebody in one case is the same person as somebody in another
    Same {
        /// The person's code, like P-4TZB
        id: String,
        /// The code of the other record
        other: String,
        /// They are two after all
        #[arg(long)]
        off: bool,
    },
}

/// What is known of a person.
#[derive(Debug, Args)]
pub struct About {
    /// The name; - to be asked
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Who it is: mother, father, guardian, carer, sibling, household, alleged-offender, in-control, witness, reporter, other; several with commas
    #[arg(long, value_name = "ROLES")]
    pub role: Option<String>,
    /// To the child, in words: grandmother
    #[arg(long, value_name = "TEXT")]
    pub relation: Option<String>,
    /// Of somebody named in the concern: familial, acquainted, unacquainted
    #[arg(long, value_name = "HOW")]
    pub knows: Option<String>,
    /// Named in the concern: their consent can't count
    #[arg(long)]
    pub named: bool,
    /// Birth date
    #[arg(long, value_name = "DATE", conflicts_with = "age")]
    pub born: Option<String>,
    /// Age, about
    #[arg(long, value_name = "YEARS")]
    pub age: Option<String>,
    /// female, male, other, unknown
    #[arg(long, value_name = "SEX")]
    pub sex: Option<String>,
    /// Telephone; - to be asked
    #[arg(long, value_name = "TEXT")]
    pub phone: Option<String>,
    /// Must not be called
    #[arg(long)]
    pub no_calls: bool,
    /// Must not know that there is a case
    #[arg(long)]
    pub must_not_know: bool,
    /// When and how they can be reached safely; - to be asked
    #[arg(long, value_name = "TEXT")]
    pub safe: Option<String>,
    /// Community; - to be asked
    #[arg(long, value_name = "TEXT")]
    pub community: Option<String>,
    /// Address; - to be asked
    #[arg(long, value_name = "TEXT")]
    pub address: Option<String>,
    /// Anything else; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The code of their own case, for a child who has one
    #[arg(long, value_name = "CODE")]
    pub case: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: PersonCommand) -> Result<Output> {
    match command {
        PersonCommand::Add { code, about } => {
            let case = find::case(session, &code)?;
            let values = values(session, cx, *about)?;
            let made = session.run(PersonAdd { case, values })?.made;
            Ok(codes(session, &made[..1]))
        }
        PersonCommand::List { code, reveal } => list(session, &code, reveal),
        PersonCommand::Edit { id, sets, about } => {
            let person = find::someone(session, &id)?;
            let mut all = changes(session, cx, &sets)?;
            all.extend(values(session, cx, *about)?);
            done(session.run(PersonEdit { person, values: all }))
        }
        PersonCommand::Remove { id } => {
            let person = find::someone(session, &id)?;
            done(session.run(PersonRemove { person }))
        }
        PersonCommand::Gather { code } => {
            let case = find::case(session, &code)?;
            done(session.run(PersonGather { case }))
        }
        PersonCommand::Same { id, other, off } => {
            let (person, other) = (find::someone(session, &id)?, find::someone(session, &other)?);
            done(session.run(PersonSame { person, other, same: !off }))
        }
    }
}

/// The flags that were given, as fields and values.
fn values(session: &Session, cx: &Cx<'_>, about: About) -> Result<Vec<(Field, Value)>> {
    let mut values = Vec::new();
    for (field, typed) in [
        (Field::PersonRoles, &about.role),
        (Field::PersonKnows, &about.knows),
        (Field::PersonDob, &about.born),
        (Field::PersonAge, &about.age),
        (Field::PersonSex, &about.sex),
    ] {
        if let Some(typed) = typed {
            values.push((field, find::value(session, field, typed)?));
        }
    }
    let flags = [
        (Field::PersonNamed, about.named),
        (Field::PersonNoCalls, about.no_calls),
        (Field::PersonUnaware, about.must_not_know),
    ];
    values.extend(flags.into_iter().filter(|(_, set)| *set).map(|(field, _)| (field, Value::YesNo(true))));
    for (field, typed) in [
        (Field::PersonName, about.name),
        (Field::PersonRelation, about.relation),
        (Field::PersonPhone, about.phone),
        (Field::PersonSafe, about.safe),
        (Field::PersonCommunity, about.community),
        (Field::PersonAddress, about.address),
        (Field::PersonNote, about.note),
    ] {
        if typed.is_some() {
            values.push((field, Value::text(&asked(session, cx, typed, field.def().label)?)));
        }
    }
    if let Some(code) = &about.case {
        values.push((Field::PersonCase, Value::Item(find::case(session, code)?)));
    }
    Ok(values)
}

/// `FIELD=VALUE`; whatever is in words may name somebody and is not taken from a terminal's arguments.
fn changes(session: &Session, cx: &Cx<'_>, sets: &[String]) -> Result<Vec<(Field, Value)>> {
    use crate::domain::field::FieldType::{Line, Prose};
    let change = |set: &String| {
        let (name, text) = find::split(set)?;
        let field = find::field(ItemKind::Person, name)?;
        if field == Field::PersonCase && !text.is_empty() {
            return Ok((field, Value::Item(find::case(session, text)?)));
        }
        let text = if matches!(field.def().ty, Line | Prose) && !text.is_empty() {
            asked(session, cx, Some(text.to_owned()), field.def().label)?
        } else {
            text.to_owned()
        };
        Ok((field, find::value(session, field, &text)?))
    };
    sets.iter().map(change).collect()
}

fn list(session: &mut Session, code: &str, reveal: bool) -> Result<Output> {
    let id = find::case(session, code)?;
    on_record(session, id, reveal)?;
    let session = &*session;
    let veil = Veil::new(session, Some(id), reveal);
    let Some(case) = Case::get(session.state(), id) else { return Ok(Output::said("")) };
    let named = Named::of(session.state(), session.me());
    let all = Person::all(session.state(), case);
    let mut table = Table::new(&["Code", "Who", "Name", "Age", "Mind", "Also named in"], 1);
    for person in &all {
        let also = named.of_person(session.state(), session.me(), *person);
        let also: Vec<String> = also
            .iter()
            .map(|it| format!("{}{}", words::code(session, it.case), if it.sure { "" } else { " (same name)" }))
            .collect();
        table.row([
            words::code(session, person.0.id),
            who(session, *person, &veil),
            shown(session, *person, Field::PersonName, &veil),
            person.age(session.today_date()).unwrap_or_default(),
            person.caution().to_owned(),
            also.join(", "),
        ]);
    }
    let mut text = table.render(output::width(), "Nobody is written down yet.");
    let fields: Vec<&str> = person::in_fields(case).map(|(field, _, _)| field.def().label).collect();
    if !fields.is_empty() {
        let code = words::code(session, id);
        text = format!("{text}\n\nNamed in the case's own fields: {}. mahoe person gather {code}", fields.join(", "));
    }
    Ok(Output::list(text, all.iter().map(|it| shape(session, *it, &named, &veil)).collect()))
}

/// "sibling: elder sister", "alleged offender: neighbour (knows the child)".
fn who(session: &Session, person: Person<'_>, veil: &Veil) -> String {
    let mut text = person::role_words(session.pack(), &person.roles());
    if !person.relation().is_empty() {
        text = format!("{text}: {}", veil.text(person.relation()));
    }
    if person.named() && !person.has(person::ALLEGED) {
        text.push_str(", named");
    }
    text
}

fn shown(session: &Session, person: Person<'_>, field: Field, veil: &Veil) -> String {
    if person.0.value(field).is_nothing() {
        return String::new();
    }
    veil.field(session, person.0, field).unwrap_or_else(|| "masked".to_owned())
}

/// A person in JSON. Names and what leads to somebody are null while masked.
fn shape(session: &Session, person: Person<'_>, named: &Named, veil: &Veil) -> Json {
    let item = person.0;
    let own = |field| shapes::value(session, field, &item.value(field), veil);
    let private = |field| match veil.field(session, item, field) {
        Some(text) if !text.is_empty() => json!(text),
        _ => Json::Null,
    };
    let also = named.of_person(session.state(), session.me(), person);
    json!({
        "code": words::code(session, item.id),
        "id": item.id.to_string(),
        "case": words::code(session, item.stream.item()),
        "roles": person.roles(),
        "class": item.class.name(),
        "name": private(Field::PersonName),
        "relation": veil.text(person.relation()),
        "knows": own(Field::PersonKnows),
        "named": person.named(),
        "dob": if veil.masks() { Json::Null } else { own(Field::PersonDob) },
        "age": person.age(session.today_date()),
        "sex": own(Field::PersonSex),
        "phone": private(Field::PersonPhone),
        "no_calls": item.value(Field::PersonNoCalls).as_yes_no() == Some(true),
        "must_not_know": item.value(Field::PersonUnaware).as_yes_no() == Some(true),
        "safe": private(Field::PersonSafe),
        "community": private(Field::PersonCommunity),
        "address": private(Field::PersonAddress),
        "note": private(Field::PersonNote),
        "own_case": person.own_case().map(|case| code_if_visible(session, case)),
        "same": person.same(session.state()).iter().map(|it| words::code(session, it.0.id)).collect::<Vec<_>>(),
        "also": also.iter().map(|it| json!({ "case": words::code(session, it.case), "sure": it.sure })).collect::<Vec<_>>(),
    })
}

/// The code of another case; of one that is not for whoever asks not even that.
pub(super) fn code_if_visible(session: &Session, case: ItemId) -> String {
    match person::visible(session.state(), session.me(), case) {
        Some(case) => words::code(session, case.0.id),
        None => "a restricted case".to_owned(),
    }
}

/// The people of a case, for `case show`.
pub(super) fn lines(session: &Session, case: Case<'_>, veil: &Veil) -> Vec<String> {
    let line = |person: &Person<'_>| {
        let name = shown(session, *person, Field::PersonName, veil);
        let parts = [who(session, *person, veil), name, person.caution().to_owned()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}  {}", words::code(session, person.0.id), parts.join("  "))
    };
    Person::all(session.state(), case).iter().map(line).collect()
}

/// The people of a case in JSON, for `case show`.
pub(super) fn all(session: &Session, case: Case<'_>, veil: &Veil) -> Json {
    let named = Named::of(session.state(), session.me());
    Person::all(session.state(), case).iter().map(|it| shape(session, *it, &named, veil)).collect()
}
