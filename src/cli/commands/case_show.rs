//! `case show` and `case history`: a case as people read it, masked unless its names are asked for on record.

use std::fmt::Write as _;

use serde_json::json;

use crate::domain::care::Service;
use crate::domain::class::Class;
use crate::domain::document::Document;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::person::{self, Link};
use crate::domain::referral::referrals;
use crate::domain::teams;
use crate::domain::telling::MayTell;
use crate::domain::today::started;
use crate::domain::views::{Action, Case, FollowUp, author_name};
use crate::error::Result;
use crate::session::{Change, Past, Session};

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{find, shapes};
use super::case::ShowArgs;

/// Fields that the headline or another section shows already, or that nobody reads.
const ELSEWHERE: &[Field] = &[
    Field::CaseParish,
    Field::CaseSymbols,
    Field::CaseRisk,
    Field::CaseStage,
    Field::CaseTracks,
    Field::CaseLead,
    Field::CaseConcern,
];

/// Puts on record that a case was opened (where it is only for some) or its names were shown.
pub(super) fn on_record(session: &mut Session, case: ItemId, reveal: bool) -> Result<()> {
    let restricted = Case::get(session.state(), case).is_some_and(Case::is_restricted);
    if restricted {
        session.note_access("open", case, "command line")?;
    }
    if reveal {
        session.note_access("reveal", case, "command line")?;
    }
    Ok(())
}

/// One case.
///
/// # Errors
/// [`Kind::Io`](crate::error::Kind::Io) if it can't be put on record: then nothing is shown.
pub(in crate::cli) fn show(session: &mut Session, args: &ShowArgs) -> Result<Output> {
    let id = find::case(session, &args.code)?;
    on_record(session, id, args.reveal)?;
    if args.views {
        session.note_access("views", id, "command line")?;
    }
    let session = &*session;
    let veil = Veil::new(session, Some(id), args.reveal);
    let Some(case) = Case::get(session.state(), id) else { return Ok(Output::said("")) };
    let json = object(session, case, &veil, args);
    let mut text = headline(session, case);
    text.push_str(&section("Concern", &veil.text(case.concern())));
    text.push_str(&fields(session, case.0, &veil));
    text.push_str(&clock_lines(session, case));
    text.push_str(&actions(session, case, args.reveal));
    text.push_str(&followups(session, case, &veil));
    let mut consent = super::consent::standing_lines(session, case, &veil);
    consent.extend(super::consent::limits(session, case, &veil));
    text.push_str(&section("Consent", &consent.join("\n")));
    text.push_str(&section("Screening", &super::screening::lines(session, case, &veil).join("\n")));
    let documents = Document::all(session.state(), case).len();
    if documents > 0 {
        let code = words::code(session, id);
        let says = format!("{} mahoe document list {code}", words::count(documents, "document:", "documents:"));
        text.push_str(&section("Documents", &says));
    }
    text.push_str(&section("Referrals", &super::referral::lines(session, case, &veil).join("\n")));
    text.push_str(&section("Care plan", &super::service::lines(session, case, &veil).join("\n")));
    text.push_str(&section("People", &super::person::lines(session, case, &veil).join("\n")));
    let best = super::best_interests::lines(session, case, &veil, args.views);
    text.push_str(&section("Best interests", &best.join("\n")));
    text.push_str(&section("Closing", &super::closing::lines(session, case, &veil).join("\n")));
    text.push_str(&notes(session, case, &veil, args.views));
    text.push_str(&links(session, case, &veil));
    text.push_str(&hidden(session, case));
    let conflicts = case.0.conflicts().count();
    if conflicts > 0 {
        let fields = words::count(conflicts, "field has", "fields have");
        let code = words::code(session, id);
        text.push_str(&section("Please decide", &format!("{fields} two values: mahoe case decide {code}")));
    }
    Ok(Output::new(text, json))
}

fn object(session: &Session, case: Case<'_>, veil: &Veil, args: &ShowArgs) -> serde_json::Value {
    let state = session.state();
    let mut json = shapes::case(session, case, veil);
    let notes = sorted_notes(session, case);
    let readable = notes.iter().filter(|note| args.views || note.class != Class::Views);
    let note = |note: &&Item| {
        json!({
            "kind": note.str(Field::NoteKind),
            "class": note.class.name(),
            "when": note.value(Field::NoteWhen).as_when().map(shapes::moment),
            "text": veil.text(note.str(Field::NoteText)),
            "author": author(session, note),
        })
    };
    let clock = |status: crate::domain::today::ClockStatus<'_>| {
        json!({
            "clock": status.clock.code,
            "label": status.clock.label,
            "due": status.due.map(|due| shapes::moment(due.to_utc())),
            "met": status.met.map(shapes::moment),
        })
    };
    let link = |link: Link<'_>| {
        let seen = person::visible(state, session.me(), link.other).is_some();
        let words = |field| seen.then(|| veil.text(link.item.str(field))).filter(|text| !text.is_empty());
        json!({
            "case": seen.then(|| words::code(session, link.other)),
            "kind": link.kind(),
            "restricted": !seen,
            "note": words(Field::LinkNote),
            "said_by": words(Field::LinkSaidBy),
        })
    };
    json["masked"] = json!(veil.masks());
    json["fields"] = shapes::fields(session, case.0, veil);
    json["clocks"] = started(session.state(), session.pack(), session.calendar(), case).map(clock).collect();
    json["actions"] =
        sorted_actions(session, case).iter().map(|it| shapes::action(session, *it, args.reveal)).collect();
    json["followups"] =
        sorted_followups(session, case).iter().map(|it| shapes::followup(session, *it, args.reveal)).collect();
    (json["screenings"], json["identification"]) = super::screening::shapes(session, case, veil);
    json["consent"] = super::consent::standing(session, case.0.id);
    json["referrals"] =
        referrals(state, case).into_iter().map(|referral| super::referral::shape(session, referral)).collect();
    json["services"] =
        Service::all(state, case).into_iter().map(|service| super::service::shape(session, service, veil)).collect();
    json["best_interests"] = super::best_interests::shape(session, case, veil, args.views);
    json["closings"] = super::closing::shape(session, case, veil);
    json["notes"] = readable.map(note).collect();
    json["links"] = Link::all(state, case).into_iter().map(link).collect();
    json["people"] = super::person::all(session, case, veil);
    json["conflicts"] = case.0.conflicts().map(|(field, _)| json!(field.def().name)).collect();
    json
}

fn headline(session: &Session, case: Case<'_>) -> String {
    let code = words::code(session, case.0.id);
    let mut line = format!("{code}   {}   {}", words::risk(case.risk()), words::stage(session, case));
    let _ = write!(line, "   lead {}", words::owner(session, case.lead()));
    if !case.is_open() {
        line.push_str("   closed");
    }
    if let Some(holder) = teams::held_elsewhere(session.state(), case.0) {
        let _ = write!(line, "\n{} is responsible for it", holder.team);
        if let Some(since) = holder.since {
            let _ = write!(line, " since {}", words::moment(since));
        }
    }
    line
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    let indented: Vec<String> = body.lines().map(|line| format!("  {line}")).collect();
    format!("\n\n{title}\n{}", indented.join("\n"))
}

fn fields(session: &Session, item: &Item, veil: &Veil) -> String {
    let held = |field: &Field| !ELSEWHERE.contains(field) && !item.value(*field).is_nothing();
    let all: Vec<Field> = Field::of(item.kind).map(|def| def.field).filter(held).collect();
    let wide = all.iter().map(|field| field.def().label.len()).max().unwrap_or(0);
    let line = |field: &Field| {
        let shown = veil.field(session, item, *field).unwrap_or_else(|| "masked".to_owned());
        format!("{:wide$}  {}", field.def().label, shown.replace('\n', " / "))
    };
    let mut lines: Vec<String> = all.iter().map(line).collect();
    if veil.masks() && lines.iter().any(|line| line.ends_with("  masked")) {
        lines.push("(--reveal shows names, on record)".to_owned());
    }
    section("Case", &lines.join("\n"))
}

fn clock_lines(session: &Session, case: Case<'_>) -> String {
    let (now, today) = (session.now(), session.today_date());
    let mut said = Vec::new();
    for status in started(session.state(), session.pack(), session.calendar(), case) {
        let says = match (status.met, status.due) {
            (Some(met), _) => format!("met {}", words::moment(met)),
            // Closing a case stops its clocks: nothing is late any more.
            (None, Some(due)) if !case.is_open() => {
                format!("stopped, was due {}", words::day(due.date_naive(), today))
            }
            (None, Some(due)) if due.to_utc() < now => format!("late: due {}", words::day(due.date_naive(), today)),
            (None, Some(due)) => format!("due {}", words::day(due.date_naive(), today)),
            (None, None) => continue,
        };
        said.push((status.clock.label.clone(), says));
    }
    let wide = said.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> = said.iter().map(|(label, says)| format!("{label:wide$}  {says}")).collect();
    section("Clocks", &lines.join("\n"))
}

fn sorted_actions<'a>(session: &'a Session, case: Case<'_>) -> Vec<Action<'a>> {
    let mut all: Vec<Action<'a>> = session.state().items_in(case.0.stream, ItemKind::Action).map(Action).collect();
    all.sort_by_key(|action| (!action.is_open(), action.due(), action.0.id));
    all
}

fn actions(session: &Session, case: Case<'_>, reveal: bool) -> String {
    let all = sorted_actions(session, case);
    let mut table = Table::new(&["", "", "", "", ""], 1);
    for action in &all {
        let due = action.due().map(|due| words::due(due, None, session.today_date())).unwrap_or_default();
        let state = session.pack().label("action-state", action.state()).to_owned();
        table.row([
            words::code(session, action.0.id),
            words::action(session, *action, reveal),
            words::owner(session, action.owner()),
            if action.is_open() { due } else { String::new() },
            state,
        ]);
    }
    section(&format!("Actions {}", all.len()), &table.render(inside(), ""))
}

fn inside() -> usize {
    output::width().saturating_sub(2)
}

fn sorted_followups<'a>(session: &'a Session, case: Case<'_>) -> Vec<FollowUp<'a>> {
    let mut all: Vec<FollowUp<'a>> =
        session.state().items_in(case.0.stream, ItemKind::FollowUp).map(FollowUp).collect();
    all.sort_by_key(|followup| (!followup.is_planned(), followup.due(), followup.0.id));
    all
}

fn followups(session: &Session, case: Case<'_>, veil: &Veil) -> String {
    let mut table = Table::new(&["", "", "", "", ""], 1);
    let all = sorted_followups(session, case);
    for followup in &all {
        let due = followup.due().map(|due| words::due(due, None, session.today_date())).unwrap_or_default();
        let state = followup.0.str(Field::FollowUpState);
        table.row([
            words::code(session, followup.0.id),
            veil.text(followup.kind()),
            words::owner(session, followup.who()),
            if followup.is_planned() { due } else { session.pack().label("followup-state", state).to_owned() },
            veil.text(followup.0.str(Field::FollowUpNote)),
        ]);
    }
    section(&format!("Follow-ups {}", all.len()), &table.render(inside(), ""))
}

fn sorted_notes<'a>(session: &'a Session, case: Case<'_>) -> Vec<&'a Item> {
    let mut all: Vec<&Item> = session.state().items_in(case.0.stream, ItemKind::Note).collect();
    all.sort_by_key(|note| std::cmp::Reverse((note.value(Field::NoteWhen).as_when(), note.id)));
    all
}

fn author(session: &Session, item: &Item) -> String {
    let stamp = item.created.and_then(|entry| session.state().stamp(entry));
    stamp.map_or_else(String::new, |stamp| author_name(session.state(), stamp.author))
}

fn notes(session: &Session, case: Case<'_>, veil: &Veil, views: bool) -> String {
    let all = sorted_notes(session, case);
    let mut lines = Vec::new();
    let mut kept_back = 0;
    for note in &all {
        if note.class == Class::Views && !views {
            kept_back += 1;
            continue;
        }
        let when = note.value(Field::NoteWhen).as_when().map(words::moment).unwrap_or_default();
        let kind = session.pack().label("note-kind", note.str(Field::NoteKind));
        lines.push(format!("{when}  {}  {kind}", author(session, note)));
        if note.class == Class::Views {
            lines.push(format!("    {}", MayTell::of(note).words(session.state(), note)));
        }
        lines.extend(veil.text(note.str(Field::NoteText)).lines().map(|line| format!("    {line}")));
    }
    if kept_back > 0 {
        lines.push(format!("The child's views ({kept_back}): --views shows them"));
    }
    section(&format!("Notes {}", all.len()), &lines.join("\n"))
}

fn links(session: &Session, case: Case<'_>, veil: &Veil) -> String {
    let line = |link: Link<'_>| {
        let kind = session.pack().label("link-kind", link.kind());
        let seen = person::visible(session.state(), session.me(), link.other).is_some();
        let words = if seen { veil.text(&link.words()) } else { String::new() };
        format!("{}  {kind}  {}", super::person::code_if_visible(session, link.other), words.replace('\n', " / "))
            .trim_end()
            .to_owned()
    };
    let lines: Vec<String> = Link::all(session.state(), case).into_iter().map(line).collect();
    section("Linked cases", &lines.join("\n"))
}

fn hidden(session: &Session, case: Case<'_>) -> String {
    let unread = |class: &&Class| session.state().unreadable(case.0.stream, **class) > 0;
    let classes: Vec<&str> = Class::ALL.iter().filter(unread).map(|class| class.name()).collect();
    if classes.is_empty() {
        return String::new();
    }
    section("Not for you, or struck", &classes.join(", "))
}

/// Who changed what, when.
///
/// # Errors
/// As [`show`].
pub(in crate::cli) fn history(session: &mut Session, code: &str, reveal: bool) -> Result<Output> {
    let id = find::case(session, code)?;
    on_record(session, id, reveal)?;
    let stream = session.state().item(id).map_or(session.state().team_stream(), |case| case.stream);
    let past = session.history(stream)?;
    let veil = Veil::new(session, Some(id), reveal);
    let mut lines = Vec::new();
    let mut items = Vec::with_capacity(past.len());
    for entry in &past {
        let changes = changes(session, entry, &veil);
        let short: String = entry.entry.to_string().chars().take(8).collect();
        let author = author_name(session.state(), entry.author);
        lines.push(format!("{short}  {}  {author}  ({})", words::moment(entry.when), entry.class));
        lines.extend(changes.iter().map(|change| format!("          {}", change.replace('\n', " / "))));
        items.push(json!({
            "entry": entry.entry.to_string(),
            "when": shapes::moment(entry.when),
            "author": author,
            "class": entry.class.name(),
            "changes": changes,
            "unreadable": entry.unreadable,
        }));
    }
    Ok(Output::list(lines.join("\n"), items))
}

fn changes(session: &Session, past: &Past, veil: &Veil) -> Vec<String> {
    if let Some(why) = &past.unreadable {
        return vec![format!("({why})")];
    }
    past.changes.iter().filter_map(|change| says(session, change, veil)).collect()
}

fn says(session: &Session, change: &Change, veil: &Veil) -> Option<String> {
    let named = |item: &ItemId| {
        let kind = session.state().item(*item).map(|item| item.kind);
        match kind {
            Some(
                kind @ (ItemKind::Action
                | ItemKind::FollowUp
                | ItemKind::Referral
                | ItemKind::Service
                | ItemKind::Person),
            ) => {
                format!("{} {}", kind.name(), words::code(session, *item))
            }
            Some(kind) => kind.name().to_owned(),
            None => "something".to_owned(),
        }
    };
    Some(match change {
        Change::Made(
            item,
            kind @ (ItemKind::Action | ItemKind::FollowUp | ItemKind::Referral | ItemKind::Service | ItemKind::Person),
        ) => {
            format!("new {} {}", kind.name(), words::code(session, *item))
        }
        Change::Made(_, kind) => format!("new {}", kind.name()),
        Change::Set { field, .. } if field.is_silent() => return None,
        Change::Set { item, field, before, after } => {
            let class = session.state().item(*item).map_or(Class::Notes, |item| item.class);
            let masked = veil.masks() && field.class(class).names();
            let value = |value: &crate::domain::value::Value| match (value.is_nothing(), masked) {
                (true, _) => "–".to_owned(),
                (false, true) => "masked".to_owned(),
                (false, false) => veil.text(&session.value_text(*field, value)),
            };
            let own = session.state().item(*item).is_some_and(|item| item.kind == ItemKind::Case);
            let whose = if own { String::new() } else { format!("{}: ", named(item)) };
            if before.is_nothing() {
                format!("{whose}{}: {}", field.def().label, value(after))
            } else {
                format!("{whose}{}: {} → {}", field.def().label, value(before), value(after))
            }
        }
        Change::Struck(entry, reason) => {
            let short: String = entry.to_string().chars().take(8).collect();
            format!("struck {short}: {}", veil.text(reason))
        }
        Change::Accessed(what, item) => format!("{what}: {}", named(item)),
        Change::Other(what) => (*what).to_owned(),
    })
}
