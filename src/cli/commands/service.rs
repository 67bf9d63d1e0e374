//! `service`: the care plan: which kinds of help a child needs, who gives them, from when to when, and what came of it.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::care::{self, Count, Phase, Row, Service};
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::pack::SERVICES;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::ops::{ServiceEdit, ServiceEnd, ServiceNeed, ServicePlan, ServiceStart, is_private_service};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::{codes, done};
use super::case_show::on_record;
use super::consent::optional;

/// `service`.
#[derive(Debug, Subcommand)]
pub enum ServiceCommand {
    /// The care plan of a case against the standards; with --needed or --not-needed says what the child needs
    Plan(PlanArgs),
    /// Plan a service; prints its code alone
    Add(AddArgs),
    /// Services, of one case or of all that are open
    List(ListArgs),
    /// Change a service: --set FIELD=VALUE, or the same flags as add
    Edit(EditArgs),
    /// It has begun
    Start {
        /// The service's code
        id: String,
        /// On which day; today, if left out
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// It has ended, and what came of it
    End(EndArgs),
}

/// `service plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The case's code
    pub code: String,
    /// Kinds of help that are needed, with commas: medical,counselling
    #[arg(long, value_name = "KINDS")]
    pub needed: Vec<String>,
    /// Kinds of help that are not needed
    #[arg(long, value_name = "KINDS")]
    pub not_needed: Vec<String>,
    /// Kinds of help on which nobody has decided after all
    #[arg(long, value_name = "KINDS")]
    pub undecided: Vec<String>,
    /// Show where and by whom, on record
    #[arg(long)]
    pub reveal: bool,
}

/// What a service is made of.
#[derive(Debug, Args)]
pub struct About {
    /// The agency that gives it
    #[arg(long, value_name = "AGENCY")]
    pub agency: Option<String>,
    /// Who gives it, or where, in words; - to be asked
    #[arg(long, value_name = "TEXT")]
    pub by: Option<String>,
    /// Planned from this day
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Planned until this day
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// How much: "12 sessions"
    #[arg(long, value_name = "TEXT")]
    pub dose: Option<String>,
    /// What is planned, in words; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The referral from which it came
    #[arg(long, value_name = "CODE")]
    pub referral: Option<String>,
    /// It has begun, on this day
    #[arg(long, value_name = "DATE")]
    pub began: Option<String>,
}

/// `service add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The case's code
    pub code: String,
    /// The kind of help: accommodation, medical, counselling, …
    pub kind: String,
    /// What is known of it.
    #[command(flatten)]
    pub about: About,
}

/// `service edit`.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// The service's code
    pub id: String,
    /// A field and its new value; several times
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub sets: Vec<String>,
    /// What is known of it.
    #[command(flatten)]
    pub about: About,
}

/// `service end`.
#[derive(Debug, Args)]
pub struct EndArgs {
    /// The service's code
    pub id: String,
    /// completed, partly, stopped-by-child, moved, not-available, other
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: String,
    /// On which day; today, if left out
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// What came of it; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// What the child says of it, in the child's own words; asked for with -
    #[arg(long, value_name = "TEXT")]
    pub views: Option<String>,
}

/// `service list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this case
    #[arg(long, value_name = "CODE")]
    pub case: Option<String>,
    /// Only those that run
    #[arg(long, conflicts_with = "missing")]
    pub running: bool,
    /// What the standards ask for, or what is needed, and nobody has planned
    #[arg(long)]
    pub missing: bool,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: ServiceCommand) -> Result<Output> {
    match command {
        ServiceCommand::Plan(args) => plan(session, &args),
        ServiceCommand::Add(args) => {
            let case = find::case(session, &args.code)?;
            let category = find::choice(session, SERVICES, &args.kind)?;
            let values = about(session, cx, args.about)?;
            let made = session.run(ServicePlan { case, category, values })?.made;
            Ok(codes(session, &made[..1]))
        }
        ServiceCommand::List(args) => list(session, &args),
        ServiceCommand::Edit(args) => {
            let service = find::service(session, &args.id)?;
            let mut values = sets(session, cx, &args.sets)?;
            values.extend(about(session, cx, args.about)?);
            done(session.run(ServiceEdit { service, values }))
        }
        ServiceCommand::Start { id, on } => {
            let service = find::service(session, &id)?;
            let on = on.map(|on| day(session, Field::ServiceStarted, &on)).transpose()?;
            done(session.run(ServiceStart { service, on }))
        }
        ServiceCommand::End(args) => {
            let service = find::service(session, &args.id)?;
            let outcome = find::choice(session, "service-outcome", &args.outcome)?;
            let on = args.on.map(|on| day(session, Field::ServiceEnded, &on)).transpose()?;
            let note = optional(session, cx, args.note, "What came of it")?;
            let views = asked(session, cx, args.views, "What the child says of it")?;
            done(session.run(ServiceEnd { service, on, outcome, note, views }))
        }
    }
}

/// Private words that may be left out; `-` asks for them on a terminal and reads them from standard input elsewhere.
pub(super) fn asked(session: &Session, cx: &Cx<'_>, given: Option<String>, what: &str) -> Result<String> {
    match given.as_deref() {
        Some("-") if cx.asks => input::ask(what),
        _ => optional(session, cx, given, what),
    }
}

fn day(session: &Session, field: Field, typed: &str) -> Result<NaiveDate> {
    find::value(session, field, typed)?.as_date().ok_or_else(|| {
        AppError::new(Kind::Usage, "The day is missing.", "Say it like \"fri\", \"12 nov\" or 2026-11-12.")
    })
}

/// The flags that were given, as fields and values.
fn about(session: &Session, cx: &Cx<'_>, args: About) -> Result<Vec<(Field, Value)>> {
    let mut values = Vec::new();
    if let Some(agency) = &args.agency {
        values.push((Field::ServiceAgency, Value::Item(find::agency(session, agency)?)));
    }
    for (field, typed) in [
        (Field::ServicePlannedStart, &args.from),
        (Field::ServicePlannedEnd, &args.until),
        (Field::ServiceStarted, &args.began),
    ] {
        if let Some(typed) = typed {
            values.push((field, find::value(session, field, typed)?));
        }
    }
    for (field, typed) in
        [(Field::ServiceProvider, args.by), (Field::ServiceDose, args.dose), (Field::ServiceNote, args.note)]
    {
        if typed.is_some() {
            values.push((field, Value::text(&asked(session, cx, typed, field.def().label)?)));
        }
    }
    if let Some(code) = &args.referral {
        values.push((Field::ServiceReferral, Value::Item(find::referral(session, code)?)));
    }
    Ok(values)
}

/// `FIELD=VALUE`; words that only some may read are not taken from a terminal's arguments.
fn sets(session: &Session, cx: &Cx<'_>, sets: &[String]) -> Result<Vec<(Field, Value)>> {
    sets.iter()
        .map(|set| {
            let (name, text) = find::split(set)?;
            let field = find::field(ItemKind::Service, name)?;
            let text = if is_private_service(field) && !text.is_empty() {
                asked(session, cx, Some(text.to_owned()), field.def().label)?
            } else {
                text.to_owned()
            };
            Ok((field, find::value(session, field, &text)?))
        })
        .collect()
}

fn plan(session: &mut Session, args: &PlanArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let mut needs = Vec::new();
    for (typed, needed) in [(&args.needed, Some(true)), (&args.not_needed, Some(false)), (&args.undecided, None)] {
        let parts = typed.iter().flat_map(|part| part.split(',')).map(str::trim).filter(|part| !part.is_empty());
        for part in parts {
            needs.push((find::choice(session, SERVICES, part)?, needed));
        }
    }
    if !needs.is_empty() {
        return done(session.run(ServiceNeed { case, needs }));
    }
    on_record(session, case, args.reveal)?;
    let session = &*session;
    let veil = Veil::new(session, Some(case), args.reveal);
    let Some(view) = Case::get(session.state(), case) else { return Ok(Output::said("")) };
    let rows = care::plan(session.state(), session.pack(), view);
    let mut output =
        Output::list(table(session, &rows, &veil), rows.iter().map(|it| row(session, it, &veil)).collect());
    let Count { standards, met, missing } = care::count(&rows);
    output.json["standards"] = json!(standards);
    output.json["met"] = json!(met);
    output.json["missing"] = json!(missing);
    Ok(output)
}

/// The plan as people read it: one line for each kind of help, more where there are several, and a sum.
fn table(session: &Session, rows: &[Row<'_>], veil: &Veil) -> String {
    let mut table = Table::new(&["", "Service", "Code", "By", "Days", "How much", "State"], 3);
    for row in rows {
        let sign = if row.is_missing() {
            "!"
        } else if matches!(row.phase(), Phase::Running | Phase::Ended) {
            "√"
        } else {
            ""
        };
        let mut label = row.label().to_owned();
        if row.standard {
            label.push_str(" *");
        }
        if row.services.is_empty() {
            let state = match row.asked {
                Some(asked) => format!("{} was asked", asked.other_side(session.state())),
                None if row.standard => "missing: nobody has decided".to_owned(),
                None => String::new(),
            };
            table.row([sign.into(), label.clone(), String::new(), String::new(), String::new(), String::new(), state]);
        }
        for (at, service) in row.services.iter().enumerate() {
            let (sign, label) = if at == 0 { (sign, label.as_str()) } else { ("", "") };
            table.row([
                sign.to_owned(),
                label.to_owned(),
                words::code(session, service.0.id),
                provider(session, *service, veil),
                days(session, *service),
                shown(session, *service, Field::ServiceDose, veil),
                standing(session, *service),
            ]);
        }
    }
    let Count { standards, met, missing } = care::count(rows);
    let text = table.render(output::width(), "The policy has no kinds of service.");
    if rows.is_empty() {
        return text;
    }
    let missing = if missing == 0 { "nothing is missing".to_owned() } else { format!("{missing} missing") };
    format!("{text}\n\n* a standard of the policy here (unverified): {met} of {standards} met; {missing}.")
}

/// "needed, nothing planned", "running since 2 Nov, 21 days", "ended: completed".
pub(super) fn standing(session: &Session, service: Service<'_>) -> String {
    let today = session.today_date();
    let outcome = session.value_text(Field::ServiceOutcome, &service.0.value(Field::ServiceOutcome));
    match (service.phase(), service.days(today)) {
        (Phase::Running, Some(days)) => format!("running, {}", words::day_count(days)),
        (Phase::Ended, Some(days)) if outcome.is_empty() => format!("ended, {}", words::day_count(days)),
        (Phase::Ended, Some(days)) => format!("{outcome}, {}", words::day_count(days)),
        (Phase::Needed, _) => "needed, nothing planned".to_owned(),
        (Phase::Planned, _) if service.planned_start().is_some_and(|day| day < today) => "has not begun".to_owned(),
        (phase, _) => phase.name().to_owned(),
    }
}

fn days(session: &Session, service: Service<'_>) -> String {
    let today = session.today_date();
    let people = |day: NaiveDate| dates::people(day, today);
    let begin = service.started().or_else(|| service.planned_start());
    let end = service.ended().or_else(|| service.planned_end());
    match (begin, end) {
        (None, None) => String::new(),
        (Some(begin), None) => format!("from {}", people(begin)),
        (None, Some(end)) => format!("until {}", people(end)),
        (Some(begin), Some(end)) if begin == end => people(begin),
        (Some(begin), Some(end)) => format!("{} – {}", people(begin), people(end)),
    }
}

/// Who gives it; masked where that says where the child is.
fn provider(session: &Session, service: Service<'_>, veil: &Veil) -> String {
    let provider = service.provider(session.state());
    match provider.as_str() {
        "" if service.is_withheld(session.state()) => "kept back".to_owned(),
        "" => String::new(),
        _ if veil.masks() && service.0.class.names() => "masked".to_owned(),
        text => veil.text(text),
    }
}

fn shown(session: &Session, service: Service<'_>, field: Field, veil: &Veil) -> String {
    veil.field(session, service.0, field).unwrap_or_else(|| "masked".to_owned())
}

fn list(session: &mut Session, args: &ListArgs) -> Result<Output> {
    let case = args.case.as_deref().map(|code| find::case(session, code)).transpose()?;
    if let Some(case) = case {
        on_record(session, case, false)?;
    }
    let session = &*session;
    let state = session.state();
    let mut cases: Vec<Case<'_>> = match case {
        Some(case) => Case::get(state, case).into_iter().collect(),
        None => state.items(ItemKind::Case).map(Case).filter(|case| case.runs()).collect(),
    };
    cases.sort_by_key(|case| state.code(case.0.id).to_string());
    if args.missing {
        return Ok(missing(session, &cases));
    }
    let mut table = Table::new(&["Service", "Case", "Kind", "By", "Days", "State"], 3);
    let mut items = Vec::new();
    for case in cases {
        let veil = Veil::new(session, Some(case.0.id), false);
        let all = Service::all(state, case);
        for service in all.into_iter().filter(|it| !args.running || it.phase() == Phase::Running) {
            table.row([
                words::code(session, service.0.id),
                words::code(session, case.0.id),
                session.pack().label(SERVICES, service.category()).to_owned(),
                provider(session, service, &veil),
                days(session, service),
                standing(session, service),
            ]);
            items.push(shape(session, service, &veil));
        }
    }
    Ok(Output::list(table.render(output::width(), "No service here. `mahoe service add` plans one."), items))
}

fn missing(session: &Session, cases: &[Case<'_>]) -> Output {
    let mut table = Table::new(&["Case", "Kind", "What is missing"], 2);
    let mut items = Vec::new();
    for case in cases {
        let veil = Veil::new(session, Some(case.0.id), false);
        for it in care::plan(session.state(), session.pack(), *case).iter().filter(|row| row.is_missing()) {
            let what = if it.phase() == Phase::Needed { "needed, nothing planned" } else { "nobody has decided" };
            table.row([words::code(session, case.0.id), it.label().to_owned(), what.to_owned()]);
            let mut json = row(session, it, &veil);
            json["case"] = json!(words::code(session, case.0.id));
            items.push(json);
        }
    }
    Output::list(table.render(output::width(), "Nothing that the standards ask for is missing."), items)
}

fn row(session: &Session, row: &Row<'_>, veil: &Veil) -> Json {
    json!({
        "category": row.category,
        "label": row.label(),
        "standard": row.standard,
        "missing": row.is_missing(),
        "state": row.phase().name(),
        "asked": row.asked.map(|asked| words::code(session, asked.0.id)),
        "services": row.services.iter().map(|it| shape(session, *it, veil)).collect::<Vec<_>>(),
    })
}

/// A service in `--json`; the child's own words are never in it.
pub(super) fn shape(session: &Session, service: Service<'_>, veil: &Veil) -> Json {
    let item = service.0;
    let core = |field| shapes::value(session, field, &item.value(field), veil);
    let own = |field| match veil.field(session, item, field) {
        None => json!("masked"),
        Some(text) if text.is_empty() => Json::Null,
        Some(text) => json!(text),
    };
    let case: Option<ItemId> = service.case(session.state()).map(|case| case.0.id);
    json!({
        "code": words::code(session, item.id),
        "id": item.id.to_string(),
        "case": case.map(|case| words::code(session, case)),
        "category": service.category(),
        "state": service.phase().name(),
        "needed": service.needed(),
        "agency": own(Field::ServiceAgency),
        "provider": own(Field::ServiceProvider),
        "planned_start": core(Field::ServicePlannedStart),
        "planned_end": core(Field::ServicePlannedEnd),
        "started": core(Field::ServiceStarted),
        "ended": core(Field::ServiceEnded),
        "days": service.days(session.today_date()),
        "dose": own(Field::ServiceDose),
        "outcome": core(Field::ServiceOutcome),
        "outcome_note": own(Field::ServiceOutcomeNote),
        "note": own(Field::ServiceNote),
        "views": !item.value(Field::ServiceViews).is_nothing(),
        "withheld": service.is_withheld(session.state()),
        "referral": service.referral().map(|referral| words::code(session, referral)),
    })
}

/// The care plan of a case, for `case show`: what is there, and what is missing.
pub(super) fn lines(session: &Session, case: Case<'_>, veil: &Veil) -> Vec<String> {
    let rows = care::plan(session.state(), session.pack(), case);
    let mut lines = Vec::new();
    for it in &rows {
        for service in &it.services {
            let (by, days) = (provider(session, *service, veil), days(session, *service));
            let about: Vec<String> =
                [by, days, standing(session, *service)].into_iter().filter(|it| !it.is_empty()).collect();
            lines.push(format!("{}  {}: {}", words::code(session, service.0.id), it.label(), about.join(", ")));
        }
    }
    let undecided: Vec<&str> =
        rows.iter().filter(|it| it.is_missing() && it.services.is_empty()).map(Row::label).collect();
    // Before there is a plan, the policy's whole list would only be noise.
    if !lines.is_empty() && !undecided.is_empty() {
        lines.push(format!("! not decided: {}", undecided.join(", ")));
    }
    lines
}
