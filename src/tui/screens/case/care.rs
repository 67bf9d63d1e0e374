//! The care plan of a case: its tab, its place in the overview, and what its keys do.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::domain::care::{self, Count, Phase, Row, STAY, Service};
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::SERVICES;
use crate::domain::views::Case;
use crate::ops::{ServiceNeed, ServiceStart};
use crate::tui::desk::{Desk, first_line};
use crate::tui::effect::Effect;
use crate::tui::layers::Handled;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Column, cell};

use super::super::doors;
use super::list::{Entry, Line, Sign, Target};
use super::sheet::{Block, Para};

/// The columns of the care plan.
pub fn columns() -> Vec<Column> {
    vec![
        Column::fixed("", 1),
        Column::flex("Service", 20),
        Column::fixed("By", 13),
        Column::fixed("How much", 14).from_width(100),
        Column::fixed("When", 18).from_width(76),
        Column::fixed("State", 17).right(),
    ]
}

/// The plan: what the standards ask for here, then the rest; one line for each kind of help, more where there are
/// several.
pub fn lines(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let session = desk.open_session();
    let rows = care::plan(session.state(), session.pack(), case);
    let mut lines = Vec::new();
    for (standard, title) in [(true, "Standards here (policy, unverified)"), (false, "Beyond the standards")] {
        let part: Vec<(usize, &Row<'_>)> =
            rows.iter().enumerate().filter(|(_, row)| row.standard == standard).collect();
        if part.is_empty() {
            continue;
        }
        lines.push(Line::Section(title.to_owned(), part.len()));
        for (at, row) in part {
            if row.services.is_empty() {
                lines.push(Line::Entry(blank(desk, row, at)));
            }
            lines.extend(row.services.iter().map(|it| Line::Entry(line(desk, case, row, *it))));
        }
    }
    lines
}

/// A kind of help under which nothing stands.
fn blank(desk: &Desk, row: &Row<'_>, at: usize) -> Entry {
    let (sign, state, role) = match asked(desk, row) {
        Some(asked) => (Sign::Planned, asked, Role::Soon),
        None if row.standard => (Sign::Late, "not decided".to_owned(), Role::Late),
        None => (Sign::Open, String::new(), Role::Dim),
    };
    let mut detail = vec![Para::words(row.label(), Role::Title)];
    detail.extend(row.kind.and_then(|kind| kind.hint.clone()).map(|hint| Para::words(hint, Role::Text)));
    if row.is_missing() {
        detail.push(Para::words("The policy asks for it here, and nobody has decided: is it needed?", Role::Soon));
    }
    detail.push(Para::words("+ needed   - not needed   s s plans it: by whom, from when", Role::Dim));
    Entry {
        sign: Some(sign),
        target: Target::Care(at),
        cells: vec![row.label().into(), "".into(), "".into(), "".into(), cell(state, role)],
        struck: false,
        detail,
    }
}

/// "asked VSD", while a referral waits for its answer.
fn asked(desk: &Desk, row: &Row<'_>) -> Option<String> {
    row.asked.map(|it| format!("asked {}", it.other_side(desk.open_session().state())))
}

fn line(desk: &Desk, case: Case<'_>, row: &Row<'_>, it: Service<'_>) -> Entry {
    let runs = case.runs();
    let counts = row.current().is_some_and(|current| current.0.id == it.0.id);
    let missing = runs && counts && row.is_missing();
    let today = desk.today();
    let late = runs && it.due(today).is_some_and(|day| day < today);
    let sign = match it.phase() {
        _ if missing || late => Sign::Late,
        Phase::Running | Phase::Ended => Sign::Done,
        Phase::Planned => Sign::Planned,
        Phase::NotNeeded => Sign::Cancelled,
        Phase::Needed | Phase::Undecided => Sign::Open,
    };
    let waits = asked(desk, row).filter(|_| it.phase() == Phase::Needed);
    let sign = if waits.is_some() { Sign::Planned } else { sign };
    let (state, role) = waits.map_or_else(|| standing(desk, it, missing, late), |waits| (waits, Role::Soon));
    let (by, much) = (provider(desk, it), words(desk, it, Field::ServiceDose));
    let mut detail = vec![Para::words(format!("{}, service {}", row.label(), desk.code(it.0.id)), Role::Title)];
    let mut says = |label: &str, text: String, role: Role| {
        if !text.is_empty() {
            detail.push(Para::field(label, text, role));
        }
    };
    says("State", full_state(desk, it), role);
    says("By", by.clone(), Role::Text);
    says("Planned", span(desk, it.planned_start(), it.planned_end()), Role::Text);
    says("Given", span(desk, it.started(), it.ended()), Role::Text);
    says("How much", much.clone(), Role::Text);
    says("Plan", words(desk, it, Field::ServiceNote), Role::Text);
    says("Outcome", words(desk, it, Field::ServiceOutcomeNote), Role::Text);
    if let Some(referral) = it.referral() {
        says("Referral", desk.code(referral), Role::Dim);
    }
    if !it.0.value(Field::ServiceViews).is_nothing() {
        says("Child's view", "written down: v shows it".to_owned(), Role::Accent);
    }
    let when = match it.phase() {
        Phase::Running | Phase::Ended => span(desk, it.started(), it.ended().or_else(|| it.planned_end())),
        _ => span(desk, it.planned_start(), it.planned_end()),
    };
    Entry {
        sign: Some(sign),
        target: Target::Service(it.0.id),
        cells: vec![
            row.label().into(),
            first_line(&by).into(),
            cell(first_line(&much), Role::Dim),
            cell(when, Role::Dim),
            cell(state, role),
        ],
        struck: it.phase() == Phase::NotNeeded,
        detail,
    }
}

/// In few words, for the column: "since 21 days", "needed: plan it".
fn standing(desk: &Desk, it: Service<'_>, missing: bool, late: bool) -> (String, Role) {
    let days = it.days(desk.today()).map_or_else(String::new, count_days);
    match it.phase() {
        Phase::Running if late => ("time is over".to_owned(), Role::Late),
        Phase::Running if it.category() == STAY => (format!("stay of {days}"), Role::Done),
        Phase::Running => (format!("for {days}"), Role::Done),
        Phase::Ended if it.category() == STAY => (format!("stayed {days}"), Role::Dim),
        Phase::Ended => (desk.field(it.0.id, Field::ServiceOutcome), Role::Dim),
        Phase::Planned if late => ("has not begun".to_owned(), Role::Late),
        Phase::Needed if missing => ("needed: plan it".to_owned(), Role::Late),
        Phase::Undecided if missing => ("not decided".to_owned(), Role::Late),
        Phase::Planned => ("planned".to_owned(), Role::Soon),
        phase => (phase.name().to_owned(), Role::Dim),
    }
}

fn count_days(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

fn full_state(desk: &Desk, it: Service<'_>) -> String {
    let days = it.days(desk.today()).map_or_else(String::new, |days| format!(", {}", count_days(days)));
    let outcome = desk.field(it.0.id, Field::ServiceOutcome);
    let outcome = if outcome.is_empty() { outcome } else { format!(": {outcome}") };
    format!("{}{days}{outcome}", it.phase().name())
}

/// "2 Nov – 12 Dec", "from 2 Nov".
fn span(desk: &Desk, begin: Option<NaiveDate>, end: Option<NaiveDate>) -> String {
    let people = |day: NaiveDate| match day.signed_duration_since(desk.today()).num_days().abs() {
        0..=1 => dates::people(day, desk.today()),
        2..=300 => day.format("%-d %b").to_string(),
        _ => day.format("%-d %b %y").to_string(),
    };
    match (begin, end) {
        (None, None) => String::new(),
        (Some(begin), None) => format!("from {}", people(begin)),
        (None, Some(end)) => format!("until {}", people(end)),
        (Some(begin), Some(end)) if begin == end => people(begin),
        (Some(begin), Some(end)) => format!("{} – {}", people(begin), people(end)),
    }
}

/// Words of a service: where they say where the child is, masked as a whole.
fn words(desk: &Desk, it: Service<'_>, field: Field) -> String {
    let text = desk.field(it.0.id, field);
    if !text.is_empty() && desk.masked() && field.class(it.0.class).names() { "masked (m)".to_owned() } else { text }
}

/// Who gives it.
fn provider(desk: &Desk, it: Service<'_>) -> String {
    let state = desk.open_session().state();
    let provider = it.provider(state);
    match provider.as_str() {
        "" if it.is_withheld(state) => "kept back".to_owned(),
        "" => String::new(),
        _ if desk.masked() && it.0.class.names() => "masked (m)".to_owned(),
        text => desk.text(it.case(state).map(|case| case.0.id), text).into_owned(),
    }
}

/// How many standards are met, of how many: "4/6"; nothing where the policy asks for none.
pub fn tally(desk: &Desk, case: Case<'_>) -> Option<Count> {
    let session = desk.open_session();
    let count = care::count(&care::plan(session.state(), session.pack(), case));
    (count.standards > 0).then_some(count)
}

/// The care plan in the overview, once there is one: what runs, and what is missing.
pub fn block(desk: &Desk, case: Case<'_>, theme: &Theme) -> Option<Block> {
    let session = desk.open_session();
    let rows = care::plan(session.state(), session.pack(), case);
    if rows.iter().all(|row| row.services.is_empty()) {
        return None;
    }
    let Count { standards, met, .. } = care::count(&rows);
    let mut paras = Vec::new();
    let running = rows.iter().flat_map(|row| row.services.iter().map(move |it| (row, it)));
    for (row, it) in running.filter(|(_, it)| it.phase() == Phase::Running).take(4) {
        let days = it.days(desk.today()).map_or_else(String::new, |days| format!("  {}", count_days(days)));
        let by = provider(desk, *it);
        paras.push(
            Para::words(format!("{} {}", theme.symbols.check, row.label()), Role::Done)
                .and(if by.is_empty() { by } else { format!("  {by}") }, Role::Text)
                .and(days, Role::Dim),
        );
    }
    let missing: Vec<&str> = rows.iter().filter(|row| row.is_missing()).map(Row::label).collect();
    if !missing.is_empty() && case.runs() {
        paras.push(Para::words(format!("! missing: {}", missing.join(", ").to_lowercase()), Role::Late));
    }
    if paras.is_empty() {
        paras.push(Para::words("nothing runs", Role::Dim));
    }
    Some(Block::new(format!("Care plan {met}/{standards}"), paras))
}

/// Does what a key says about the care plan; passes what is something else.
pub fn command(name: &str, case: ItemId, target: Option<Target>, desk: &mut Desk) -> Handled<Desk> {
    let service = match target {
        Some(Target::Service(id)) => Some(id),
        _ => None,
    };
    match (name, service) {
        ("service.needs", _) => doors::form(name, Some(case), desk),
        ("service.plan", _) => {
            let category = category(case, target, desk);
            doors::service(case, category.as_deref(), desk)
        }
        ("service.needed" | "service.not-needed", _) => match category(case, target, desk) {
            None => choose(),
            Some(category) => {
                let needs = vec![(category, Some(name == "service.needed"))];
                Handled::Done(desk.run(ServiceNeed { case, needs }))
            }
        },
        ("service.edit" | "service.end", Some(id)) => doors::form(name, Some(id), desk),
        ("service.start", Some(service)) => Handled::Done(desk.run(ServiceStart { service, on: None })),
        ("service.edit", None) if matches!(target, Some(Target::Care(_))) => {
            command("service.plan", case, target, desk)
        }
        ("service.edit" | "service.end" | "service.start", None) => match target {
            Some(Target::Care(_)) => Effect::info("Nothing is planned here yet: s s plans it.").into(),
            _ => choose(),
        },
        _ => Handled::Pass,
    }
}

fn choose() -> Handled<Desk> {
    Effect::info("Choose the service first: Tab goes to Care.").into()
}

/// The category of the selected line.
fn category(case: ItemId, target: Option<Target>, desk: &Desk) -> Option<String> {
    let session = desk.open_session();
    match target? {
        Target::Service(id) => Service::get(session.state(), id).map(|it| it.category().to_owned()),
        Target::Care(at) => {
            let rows = care::plan(session.state(), session.pack(), desk.case(case)?);
            rows.get(at).map(|row| row.category.to_owned())
        }
        _ => None,
    }
}

/// What began and what ended, by its day, for the timeline.
pub fn timeline(desk: &Desk, case: Case<'_>) -> Vec<(DateTime<Utc>, Entry)> {
    let session = desk.open_session();
    let mut all = Vec::new();
    for it in Service::all(session.state(), case) {
        let label = desk.label(SERVICES, it.category());
        let outcome = desk.field(it.0.id, Field::ServiceOutcome);
        let by = provider(desk, it);
        for (day, what, more) in [(it.started(), "service began", by), (it.ended(), "service ended", outcome)] {
            let Some(day) = day else { continue };
            let words = if more.is_empty() { label.clone() } else { format!("{label}: {more}") };
            let entry = Entry {
                sign: None,
                target: Target::Service(it.0.id),
                cells: vec![
                    cell(dates::people(day, desk.today()), Role::Dim),
                    cell(what, Role::Done),
                    words.clone().into(),
                    "".into(),
                ],
                struck: false,
                detail: vec![
                    Para::words(format!("{what}, {}", dates::people(day, desk.today())), Role::Dim),
                    Para::words(words, Role::Text),
                ],
            };
            // What ends on a day stands above what began on it.
            let at = if what == "service began" { dates::at(day, NaiveTime::MIN) } else { dates::end_of(day) };
            all.push((at.to_utc(), entry));
        }
    }
    all
}

/// What the child says of the services, with when each began: shown only when somebody asks.
pub fn views(desk: &Desk, case: Case<'_>) -> Vec<(String, String)> {
    let session = desk.open_session();
    let rows = care::plan(session.state(), session.pack(), case);
    let all = rows.iter().flat_map(|row| row.services.iter().map(move |it| (row, it)));
    all.filter_map(|(row, it)| {
        let text = desk.field(it.0.id, Field::ServiceViews);
        (!text.is_empty()).then(|| (row.label().to_owned(), text))
    })
    .collect()
}
