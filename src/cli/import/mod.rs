//! `import csv`: a spreadsheet becomes cases or actions, all of it or nothing.
//!
//! Columns are matched by name and never guessed; every row is read before the first one is written; what can't be
//! read is named by line and column. Rows go through the same ops as everything else, so the same rules hold.

mod columns;
mod sheet;

use chrono::NaiveDate;
use serde_json::json;

use crate::domain::dates::{self, Lean};
use crate::domain::field::{Field, ItemKind};
use crate::domain::typed;
use crate::error::{AppError, Kind, Result};
use crate::ops::{ActionAdd, CaseOpen, Op};
use crate::session::Session;

use super::args::{ImportArgs, ImportKind};
use super::output::{self, Output, Table};
use super::{Cx, find, input, words};
use columns::{Columns, Target};
use sheet::{Bad, Row, Sheet};

/// How many mistakes are named one by one.
const NAMED: usize = 20;

/// Imports a spreadsheet.
///
/// # Errors
/// [`Kind::Refused`] if a row can't be read and `--skip-bad` is not given: then nothing is imported.
pub(super) fn run(session: &mut Session, cx: &Cx<'_>, args: &ImportArgs) -> Result<Output> {
    let kind = if args.kind == ImportKind::Cases { ItemKind::Case } else { ItemKind::Action };
    let late_to = args.late_to.as_deref().map(|day| find::day_ahead(session, day)).transpose()?;
    let Sheet { titles, rows, mut bad } = sheet::read(&args.file)?;
    let columns = columns::columns(kind, &titles, &args.map)?;
    let mut ready: Vec<(usize, Op)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let op =
            if kind == ItemKind::Case { case(session, &columns, row) } else { action(session, &columns, row, late_to) };
        match op {
            Ok(op) => ready.push((row.line, op)),
            Err((at, why)) => bad.push(Bad { line: row.line, column: sheet::named(&titles, at), why }),
        }
    }
    bad.sort_by_key(|bad| bad.line);
    if ready.is_empty() && bad.is_empty() {
        return Err(AppError::new(
            Kind::Refused,
            "There is no row below the titles.",
            "The first row names the columns; each further row is one case or action.",
        ));
    }
    if !bad.is_empty() && !args.skip_bad && !args.dry_run {
        return Err(refusal(&bad));
    }
    let matched = preview(&titles, &columns);
    if args.dry_run {
        return Ok(report(&args.file, &matched, ready.len(), &[], &bad, true));
    }
    if cx.asks && !cx.globals.json {
        output::note(&matched);
        let answer = input::ask(&format!("Import {}? y or n", rows_text(ready.len())))?;
        if !answer.to_lowercase().starts_with('y') {
            return Err(AppError::new(
                Kind::Refused,
                "Nothing was imported.",
                "Map the columns with --map, or go on with y.",
            ));
        }
    }
    let all = |session: &mut Session| {
        let mut codes = Vec::with_capacity(ready.len());
        for (line, op) in ready {
            let done = session.run(op).map_err(|error| AppError {
                message: format!("Line {line}: {} Nothing was imported.", error.message),
                ..error
            })?;
            codes.push(words::code(session, done.made[0]));
        }
        Ok(codes)
    };
    let codes = if cx.atomic { all(session)? } else { session.all_or_nothing(all)? };
    Ok(report(&args.file, &matched, codes.len(), &codes, &bad, false))
}

fn rows_text(count: usize) -> String {
    words::count(count, "row", "rows")
}

fn refusal(bad: &[Bad]) -> AppError {
    let named: Vec<String> = bad.iter().take(NAMED).map(place).collect();
    let more = if bad.len() > NAMED { format!(" (and {} more)", bad.len() - NAMED) } else { String::new() };
    AppError::new(
        Kind::Refused,
        format!("{} can't be read, so nothing was imported: {}{more}.", rows_text(bad.len()), named.join("; ")),
        "Correct the file, or leave these rows out with --skip-bad.",
    )
}

fn place(bad: &Bad) -> String {
    format!("line {}, column {}: {}", bad.line, bad.column, bad.why)
}

/// Which column is read as what, and which are not read.
fn preview(titles: &[String], columns: &Columns) -> String {
    let mut table = Table::new(&["Column", "is read as"], 0);
    for at in 0..titles.len() {
        let target = columns.iter().find(|(column, _)| *column == at);
        table.row([sheet::named(titles, at), target.map_or("–", |(_, target)| target.name()).to_owned()]);
    }
    table.render(output::width(), "")
}

fn report(file: &std::path::Path, matched: &str, count: usize, codes: &[String], bad: &[Bad], dry_run: bool) -> Output {
    let mut lines = vec![matched.to_owned(), String::new()];
    lines.push(if dry_run {
        format!("{} would be imported.", rows_text(count))
    } else {
        format!("{} imported: {}", rows_text(count), shortened(codes))
    });
    if !bad.is_empty() {
        let verb = if dry_run { "can't be read" } else { "left out" };
        lines.push(format!("{} {verb}:", rows_text(bad.len())));
        lines.extend(bad.iter().take(NAMED).map(|bad| format!("  {}", place(bad))));
        if bad.len() > NAMED {
            lines.push(format!("  and {} more", bad.len() - NAMED));
        }
    }
    if !dry_run {
        lines.push(format!(
            "{} still holds all of this unprotected. Once you have looked at the cases, put it away: keep it on an \
             encrypted stick in a locked drawer, or delete it and empty the bin, also where it was sent or synchronised.",
            file.display()
        ));
    }
    let skipped: Vec<_> =
        bad.iter().map(|bad| json!({ "line": bad.line, "column": bad.column, "why": bad.why })).collect();
    let json = json!({
        "imported": if dry_run { 0 } else { count },
        "would_import": count,
        "skipped": skipped,
        "codes": codes,
        "dry_run": dry_run,
    });
    Output::new(lines.join("\n"), json)
}

fn shortened(codes: &[String]) -> String {
    match codes {
        [first, .., last] if codes.len() > 10 => format!("{first} … {last}"),
        _ => codes.join(", "),
    }
}

/// What is wrong, and in which column.
type Wrong = (usize, String);

fn case(session: &Session, columns: &Columns, row: &Row) -> std::result::Result<Op, Wrong> {
    let mut values = Vec::new();
    for (at, target) in columns {
        let Target::Field(field) = *target else { continue };
        let value = value(session, field, &row.cells[*at]).map_err(|why| (*at, why))?;
        if !value.is_nothing() {
            values.push((field, value));
        }
    }
    if !values.iter().any(|(field, _)| *field == Field::CaseConcern) {
        let at = column_of(columns, Target::Field(Field::CaseConcern));
        return Err((at, "the concern is missing".to_owned()));
    }
    let op = Op::from(CaseOpen { values, ..CaseOpen::default() });
    Ok(op)
}

fn action(
    session: &Session,
    columns: &Columns,
    row: &Row,
    late_to: Option<NaiveDate>,
) -> std::result::Result<Op, Wrong> {
    let cell = |target: Target| {
        let at = column_of(columns, target);
        (at, if columns.iter().any(|(_, it)| *it == target) { row.cells[at].as_str() } else { "" })
    };
    let needed = |target: Target, what: &str| match cell(target) {
        (at, "") => Err((at, format!("{what} is missing"))),
        found => Ok(found),
    };
    let (at, owner) = needed(Target::Field(Field::ActionOwner), "the owner")?;
    let owner = find::owner(session, owner).map_err(|error| (at, one_line(&error)))?;
    let (at, due) = needed(Target::Field(Field::ActionDue), "the day")?;
    let today = session.today_date();
    let mut when = dates::parse(due, today, Lean::Ahead).map_err(|error| (at, error.to_string()))?;
    if let Some(day) = late_to.filter(|_| when.date < today) {
        when.date = day;
    }
    let (_, text) = needed(Target::Field(Field::ActionText), "what is to be done")?;
    let cases = match cell(Target::Case) {
        (_, "" | "–" | "-") => Vec::new(),
        (at, code) => vec![find::case(session, code).map_err(|error| (at, one_line(&error)))?],
    };
    let priority = match cell(Target::Field(Field::ActionPriority)) {
        (_, "") => String::new(),
        (at, priority) => typed::choice(session.pack(), "priority", priority).map_err(|why| (at, why))?.to_owned(),
    };
    let class = match cell(Target::Class) {
        (_, "") => None,
        (at, name) => Some(super::commands::case_edit::class(name).map_err(|error| (at, one_line(&error)))?),
    };
    let time = when.time.map(crate::domain::dates::minutes_of);
    Ok(Op::from(ActionAdd {
        cases,
        text: text.to_owned(),
        owner,
        due: when.date,
        time,
        priority,
        class,
        backdated: true,
    }))
}

fn value(session: &Session, field: Field, text: &str) -> std::result::Result<crate::domain::value::Value, String> {
    typed::value(session.state(), session.pack(), session.today_date(), field, text)
}

fn column_of(columns: &Columns, target: Target) -> usize {
    columns.iter().find(|(_, it)| *it == target).map_or(0, |(at, _)| *at)
}

fn one_line(error: &AppError) -> String {
    error.message.trim_end_matches('.').to_owned()
}
