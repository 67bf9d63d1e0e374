//! `case`: the commands that change a case.

use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{EntryId, ItemId};
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{
    CaseAssign, CaseEdit, CaseLink, CaseMet, CaseNote, CaseReopen, CaseStage, CaseStatutory, CaseStrike, CaseUnlink,
    ConflictDecide, LinkWords, Met,
};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case::{CaseCommand, EditArgs, MetArgs, NoteArgs, StatutoryArgs, StrikeArgs};
use super::consent::optional;

/// Runs a command that changes a case.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: CaseCommand) -> Result<Output> {
    match command {
        CaseCommand::Edit(args) => edit(session, cx, &args),
        CaseCommand::Stage { code, stage, no_followup } => {
            let case = find::case(session, &code)?;
            let stage = find::choice(session, "stage", &stage)?;
            done(session.run(CaseStage { case, stage, followup: !no_followup }))
        }
        CaseCommand::Track { code, track, off } => track_beside(session, &code, &track, off),
        CaseCommand::Note(args) => note(session, cx, args),
        CaseCommand::Identify(args) => super::screening::identify(session, cx, *args),
        CaseCommand::Statutory(args) => statutory(session, &args),
        CaseCommand::Met(args) => met(session, cx, args),
        CaseCommand::Strike(args) => strike(session, cx, args),
        CaseCommand::Assign { code, name } => {
            let case = find::case(session, &code)?;
            let lead = find::member(session, &name)?;
            done(session.run(CaseAssign { case, lead }))
        }
        CaseCommand::BestInterests(args) => super::best_interests::record(session, cx, *args),
        CaseCommand::Close(args) => super::closing::close(session, cx, *args),
        CaseCommand::Approve(args) => super::closing::approve(session, cx, args),
        CaseCommand::Refuse(args) => super::closing::refuse(session, cx, args),
        CaseCommand::Reopen { code, reason, no_followup } => {
            let case = find::case(session, &code)?;
            let reason = input::text(cx, reason, "Why it is opened again")?;
            done(session.run(CaseReopen { case, reason, followup: !no_followup }))
        }
        CaseCommand::Link { code, other, kind, note, said_by } => {
            let (a, b) = (find::case(session, &code)?, find::case(session, &other)?);
            let kind = find::choice(session, "link-kind", &kind)?;
            let words = LinkWords {
                note: optional(session, cx, note, "Why")?,
                said_by: optional(session, cx, said_by, "Who says so")?,
            };
            done(session.run(CaseLink { a, b, kind, words }))
        }
        CaseCommand::Unlink { code, other } => {
            let (a, b) = (find::case(session, &code)?, find::case(session, &other)?);
            done(session.run(CaseUnlink { a, b }))
        }
        CaseCommand::Decide { code, field, value, no_followup } => {
            decide(session, cx, &code, (field, value), !no_followup)
        }
        CaseCommand::New(_)
        | CaseCommand::Sibling(_)
        | CaseCommand::List(_)
        | CaseCommand::Show(_)
        | CaseCommand::History { .. }
        | CaseCommand::Search { .. }
        | CaseCommand::Duplicates { .. } => {
            Err(AppError::new(Kind::Bug, "This command has no place here.", "Please tell us which one it was."))
        }
    }
}

/// What an op says.
pub(in crate::cli) fn done(result: Result<crate::session::Done>) -> Result<Output> {
    result.map(|done| Output::said(done.says))
}

/// The codes of new items alone, one a line; one object in JSON, or a list of several.
pub(in crate::cli) fn codes(session: &Session, made: &[ItemId]) -> Output {
    let codes: Vec<String> = made.iter().map(|item| words::code(session, *item)).collect();
    let mut objects: Vec<serde_json::Value> = made.iter().map(|item| shapes::made(session, *item)).collect();
    match objects.len() {
        1 => Output::new(codes.join("\n"), objects.remove(0)),
        _ => Output::list(codes.join("\n"), objects),
    }
}

fn edit(session: &mut Session, cx: &Cx<'_>, args: &EditArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    check_sets(session, cx, &args.sets)?;
    let mut sets = Vec::with_capacity(args.sets.len());
    for set in &args.sets {
        let (name, text) = find::split(set)?;
        let field = find::field(ItemKind::Case, name)?;
        let text = match text {
            "-" if cx.asks => input::ask(field.def().label)?,
            "-" => input::text(cx, Some("-".to_owned()), field.def().label)?,
            text => text.to_owned(),
        };
        sets.push((field, find::value(session, field, &text)?));
    }
    done(session.run(CaseEdit { case, values: sets, followup: !args.no_followup }))
}

/// Refuses values that name somebody where they would stay in a shell's history.
pub(in crate::cli) fn check_sets(session: &Session, cx: &Cx<'_>, sets: &[String]) -> Result<()> {
    for set in sets {
        let (name, text) = find::split(set)?;
        let field = find::field(ItemKind::Case, name)?;
        if field.class(Class::Notes).names() && !text.is_empty() {
            let refused = input::check_private(session.practice(), cx, Some(text), field.def().label);
            refused.map_err(|error| AppError {
                hint: format!("Write --set {name}=- to be asked, or add --in-args."),
                ..error
            })?;
        }
    }
    Ok(())
}

fn track_beside(session: &mut Session, code: &str, track: &str, off: bool) -> Result<Output> {
    let case = find::case(session, code)?;
    let track = find::choice(session, "stage", track)?;
    if !off && !session.pack().stage(&track).is_some_and(|stage| stage.track) {
        let tracks = session.pack().stages.iter().filter(|stage| stage.track).map(|stage| stage.code.as_str());
        return Err(AppError::new(
            Kind::Refused,
            format!("The policy does not let \"{track}\" run beside another stage."),
            format!("These may: {}.", tracks.collect::<Vec<_>>().join(", ")),
        ));
    }
    let held = session.state().item(case).map(|case| case.value(Field::CaseTracks)).unwrap_or_default();
    let others = held.as_codes().iter().map(ToString::to_string).filter(|held| *held != track);
    let value = if off { Value::codes(others) } else { Value::codes(others.chain([track.clone()])) };
    done(session.run(CaseEdit { case, values: vec![(Field::CaseTracks, value)], followup: false }))
}

fn note(session: &mut Session, cx: &Cx<'_>, args: NoteArgs) -> Result<Output> {
    let cases = args.code.split(',').map(|code| find::case(session, code)).collect::<Result<Vec<_>>>()?;
    let kind = find::choice(session, "note-kind", &args.kind)?;
    let class = args.class.as_deref().map(class).transpose()?;
    let when = args.when.as_deref().map(|when| find::moment_back(session, when)).transpose()?;
    let text = input::private(session, cx, args.text, "Note")?;
    done(session.run(CaseNote { cases, kind, class, text, when }))
}

fn statutory(session: &mut Session, args: &StatutoryArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let when = args.when.as_deref().map(|when| find::moment_back(session, when)).transpose()?;
    let channel = args.channel.as_deref().map(|channel| find::choice(session, "channel", channel)).transpose()?;
    let by = args.by.as_deref().map(|by| find::member(session, by)).transpose()?;
    done(session.run(CaseStatutory { case, when, channel, ncr: args.ncr.clone(), by }))
}

fn met(session: &mut Session, cx: &Cx<'_>, args: MetArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let named = |what: &Met| what.trigger().to_string() == args.what.to_lowercase();
    let what = Met::ALL.into_iter().find(named).ok_or_else(|| {
        AppError::new(Kind::Usage, "That is nothing that is recorded so.", "Use first-contact or medical-check.")
    })?;
    let when = args.when.as_deref().map(|when| find::moment_back(session, when)).transpose()?;
    input::check_private(session.practice(), cx, args.note.as_deref(), "Note")?;
    let note = args.note.map(|note| input::text(cx, Some(note), "Note")).transpose()?.unwrap_or_default();
    done(session.run(CaseMet { case, what, when, note }))
}

/// A class by its name.
pub(in crate::cli) fn class(name: &str) -> Result<Class> {
    Class::from_name(&name.to_lowercase()).ok_or_else(|| {
        AppError::new(Kind::Usage, "There is no such class.", "Use notes, health, justice, interview or views.")
    })
}

fn strike(session: &mut Session, cx: &Cx<'_>, args: StrikeArgs) -> Result<Output> {
    if cx.atomic {
        return Err(AppError::new(
            Kind::Usage,
            "A strike can't be part of an all-or-nothing batch: it can't be taken back.",
            "Run it by itself, or without --atomic.",
        ));
    }
    let case = find::case(session, &args.code)?;
    let entry = entry(session, case, &args.entry)?;
    let reason = input::text(cx, args.reason, "Why (without repeating what is struck)")?;
    if cx.asks {
        let code = words::code(session, case);
        let typed =
            input::ask(&format!("Destroy what this entry of case {code} says, in every copy? Type the case's code"))?;
        if find::case(session, &typed).ok() != Some(case) {
            return Err(AppError::new(
                Kind::Refused,
                "That is not the case's code; nothing was destroyed.",
                "Look at `mahoe case history` again, then start over.",
            ));
        }
    }
    done(session.run(CaseStrike { entry, reason }))
}

/// An entry of a case by the first symbols of its id.
fn entry(session: &Session, case: ItemId, prefix: &str) -> Result<EntryId> {
    let wanted = prefix.trim().to_lowercase();
    let hint = "`mahoe case history CODE` shows each entry's first 8 symbols.";
    if wanted.len() < 8 || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(AppError::new(Kind::Usage, "That is no entry: 8 or more symbols of 0-9 and a-f are needed.", hint));
    }
    let stream = session.state().item(case).map(|case| case.stream);
    let entries = stream.into_iter().flat_map(|stream| session.state().entries_of(stream));
    let mut found = entries.map(|stamp| stamp.id).filter(|id| id.to_string().starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(AppError::new(Kind::Refused, "This case has no such entry.", hint)),
        _ => Err(AppError::new(Kind::Refused, "Several entries begin so.", "Type more of its symbols.")),
    }
}

fn decide(
    session: &mut Session,
    cx: &Cx<'_>,
    code: &str,
    (field, value): (Option<String>, Option<String>),
    followup: bool,
) -> Result<Output> {
    let id = find::any(session, code)?;
    let Some(name) = field else { return Ok(conflicts(session, id)) };
    let kind = session.state().item(id).map_or(ItemKind::Case, |item| item.kind);
    let field = find::field(kind, &name)?;
    if field.class(Class::Notes).names() {
        input::check_private(session.practice(), cx, value.as_deref(), field.def().label)?;
    }
    let text = input::text(cx, value, field.def().label)?;
    let value = find::value(session, field, &text)?;
    done(session.run(ConflictDecide { item: id, field, value, followup }))
}

/// Every field of an item, and of what belongs to the case, on which a person has to decide.
fn conflicts(session: &Session, id: ItemId) -> Output {
    let state = session.state();
    let Some(item) = state.item(id) else { return Output::list("", Vec::new()) };
    let inside = state.standing_in(item.stream).filter(|other| other.id != item.id && item.kind == ItemKind::Case);
    let items = std::iter::once(item).chain(inside);
    let veil = Veil::new(session, Some(item.stream.item()), false);
    let mut table = Table::new(&["Code", "Field", "Written"], 2);
    let mut objects = Vec::new();
    for item in items {
        for (field, register) in item.conflicts() {
            let class = field.class(item.class);
            let masked = class.names() || class == Class::Views;
            let say = |value: &Value| {
                if masked { "(masked)".to_owned() } else { veil.text(&session.value_text(field, value)) }
            };
            let written: Vec<String> = register.heads().iter().map(|head| say(&head.value)).collect();
            let code = words::code(session, item.id);
            objects.push(serde_json::json!({ "code": code, "field": field.def().name, "values": written }));
            table.row([code, field.def().name.to_owned(), written.join(" · ")]);
        }
    }
    Output::list(table.render(output::width(), "Nothing to decide here."), objects)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command, Line};
    use crate::domain::fact::Fact;
    use crate::domain::ids::DeviceId;
    use crate::domain::state::Stamp;
    use crate::testing::team::{case, team};
    use crate::vault::disk::MemoryDisk;

    /// A case to which two laptops, not knowing of each other, gave two nationalities.
    fn disputed() -> (Session, ItemId) {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "A worry");
        let stream = session.state().item(case).expect("there").stream;
        for (n, text) in [(8, "Jamaican"), (9, "Haitian")] {
            let stamp = Stamp {
                id: EntryId([n; 32]),
                stream,
                class: Class::Identity,
                author: session.me(),
                device: DeviceId([n; 32]),
                lamport: 40,
                wall: session.now().timestamp_millis(),
            };
            let (field, value) = (Field::CaseNationality, Value::text(text));
            session.fold_for_test(&stamp, &[Fact::Set { item: case, field, value, replaces: Vec::new() }]);
        }
        (session, case)
    }

    /// Runs a line as it is typed; nobody can be asked.
    fn typed(session: &mut Session, words: &[&str]) -> Result<Output> {
        let globals = Cli::try_parse_from(["mahoe", "today"]).expect("a command").globals;
        let cx = Cx { globals: &globals, asks: false, batch: true, atomic: false };
        match Line::try_parse_from(words).expect("a command").command {
            Command::Case(command) => run(session, &cx, command),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_conflict_is_decided_for_either_value_or_a_third() {
        for value in ["Jamaican", "Haitian", "Cuban"] {
            let (mut session, case) = disputed();
            let code = words::code(&session, case);
            let listed = typed(&mut session, &["case", "decide", &code]).expect("listed");
            assert_eq!((&listed.json["count"], &listed.json["items"][0]["field"]), (&1.into(), &"nationality".into()));
            assert!(listed.text.contains("(masked)") && !listed.text.contains("Haitian"), "{}", listed.text);
            typed(&mut session, &["case", "decide", &code, "nationality", value]).expect("decided");
            let item = session.state().item(case).expect("there");
            assert_eq!(item.str(Field::CaseNationality), value);
            assert_eq!(item.conflicts().count(), 0);
            let again = typed(&mut session, &["case", "decide", &code, "nationality", value]).expect_err("settled");
            assert!(again.message.contains("nothing to decide"), "{}", again.message);
        }
    }

    #[test]
    fn a_decision_needs_a_field_a_value_and_a_conflict() {
        let (mut session, case) = disputed();
        let code = words::code(&session, case);
        let refused = |session: &mut Session, more: &[&str]| {
            typed(session, &[&["case", "decide", &code], more].concat()).expect_err("refused")
        };
        assert_eq!(refused(&mut session, &["nationality"]).kind, Kind::Usage);
        assert_eq!(refused(&mut session, &["nationality", "-"]).kind, Kind::Usage, "a batch has no standard input");
        assert_eq!(refused(&mut session, &["star-sign", "x"]).kind, Kind::Usage);
        assert_eq!(refused(&mut session, &["school", "x"]).kind, Kind::Refused);
        let many = refused(&mut session, &["nationality", &"x".repeat(600)]);
        assert!(many.message.contains("too long"), "{}", many.message);
        assert_eq!(session.state().item(case).map(|it| it.conflicts().count()), Some(1));
    }
}
