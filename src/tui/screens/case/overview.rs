//! The overview of a case: what matters now, on one page.

use chrono::{DateTime, FixedOffset};

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::pack::{Trigger, Unit};
use crate::domain::today::{self, Bucket, ClockStatus};
use crate::domain::views::{Action, Case, FollowUp};
use crate::tui::desk::{self, Desk, first_line};
use crate::tui::screens::cases::due_role;
use crate::tui::theme::{Role, Theme};

use super::sheet::{Block, Para};
use super::{care, screening, sharing};

/// How many notes the overview shows.
const NOTES: usize = 3;

/// The sections of the left and the right column.
pub fn blocks(desk: &Desk, case: Case<'_>, theme: &Theme) -> (Vec<Block>, Vec<Block>) {
    let left = [
        Some(now(desk, case)),
        clocks(desk, case, theme),
        screening::block(desk, case),
        sharing::referral_block(desk, case),
        care::block(desk, case, theme),
        Some(concern(desk, case)),
        statutory(desk, case),
    ];
    let right = [
        Some(views(desk, case)),
        Some(sharing::consent_block(desk, case, theme)),
        Some(child(desk, case)),
        recent(desk, case),
        links(desk, case),
        household(desk, case),
    ];
    (left.into_iter().flatten().collect(), right.into_iter().flatten().collect())
}

/// A case beside a list: where it stands, what is due, the concern and the last notes.
pub fn preview(desk: &Desk, case: Case<'_>, theme: &Theme) -> Vec<Block> {
    let (risk, role) = desk::risk(case.risk(), &theme.symbols);
    let stage = format!("  {}  {}", theme.symbols.middot, desk.label("stage", case.stage()));
    let mut head = vec![Para::words(risk, role).and(stage, Role::Text)];
    let lead =
        if case.lead().is_none() { "no lead yet".to_owned() } else { format!("lead {}", desk.owner(case.lead())) };
    let opened = case.0.value(Field::CaseOpened).as_when().map_or_else(String::new, |when| {
        let day = when.with_timezone(&dates::jamaica()).date_naive();
        format!("  {}  opened {}", theme.symbols.middot, dates::people(day, desk.today()))
    });
    head.push(Para::words(lead, if case.lead().is_none() { Role::Soon } else { Role::Dim }).and(opened, Role::Dim));
    head.push(Para::words(desk.text(Some(case.0.id), case.concern()), Role::Text));
    let title = format!("Case {}", desk.code(case.0.id));
    [Some(Block::new(title, head)), Some(now(desk, case)), care::block(desk, case, theme), recent(desk, case)]
        .into_iter()
        .flatten()
        .collect()
}

fn now(desk: &Desk, case: Case<'_>) -> Block {
    let mine = desk.open_session().due_in(case.0.id);
    let late = mine.iter().filter(|due| due.bucket == Bucket::Late).count();
    let mut paras = Vec::new();
    match (late, mine.first()) {
        (_, None) if case.died() => paras.push(Para::words("Nothing is waiting any more.", Role::Dim)),
        (_, None) if !case.is_open() => paras.push(Para::words("Nothing is waiting: the case is closed.", Role::Dim)),
        (_, None) => {
            paras.push(Para::words("Nothing is due. Plan a follow-up (f) so that nobody is forgotten.", Role::Soon));
        }
        (0 | 1, Some(_)) => {}
        (late, Some(_)) => paras.push(Para::words(format!("{late} late"), Role::Late)),
    }
    for due in mine.iter().take(4) {
        let who = if due.owner.is_none() { String::new() } else { desk.agency(due.owner) };
        let text = format!("{}  ", desk.due_text(due));
        paras
            .push(Para::field(desk.due_when(due), text, Role::Text).and(who, Role::Dim).coloured(due_role(due.bucket)));
    }
    if mine.len() > 4 {
        paras.push(Para::words(format!("and {} more", mine.len() - 4), Role::Dim));
    }
    Block::new("Now", paras)
}

fn clocks(desk: &Desk, case: Case<'_>, theme: &Theme) -> Option<Block> {
    if case.died() {
        return None;
    }
    let session = desk.open_session();
    // A review day that somebody chose goes before the one that the policy counts.
    let chosen = !case.0.value(Field::CaseReview).is_nothing();
    let counts = |status: &ClockStatus<'_>| !chosen || !status.clock.stops.contains(&Trigger::RiskReview);
    let all: Vec<ClockStatus<'_>> =
        today::started(session.state(), session.pack(), session.calendar(), case).filter(counts).collect();
    let unverified = all.iter().any(|status| !status.clock.origin.verified);
    let paras: Vec<Para> = all.iter().map(|status| clock(desk, case, status, theme)).collect();
    // What is policy says so, and what no published text confirms says that, too.
    let title = if unverified { "Clocks (policy, unverified)" } else { "Clocks (policy)" };
    (!paras.is_empty()).then(|| Block::new(title, paras))
}

fn clock(desk: &Desk, case: Case<'_>, status: &ClockStatus<'_>, theme: &Theme) -> Para {
    let now = desk.open_session().now();
    let label = status.clock.label.clone();
    let para = match (status.met, status.due) {
        (Some(met), due) => {
            let met = met.with_timezone(&dates::jamaica());
            let late = if due.is_some_and(|due| met > due) { "late " } else { "" };
            Para::field(label, format!("{} met ", theme.symbols.check), Role::Done)
                .and(late, Role::Soon)
                .and(day_and_time(desk, met), Role::Text)
        }
        (None, Some(due)) if !case.runs() => {
            Para::field(label, format!("stopped, was due {}", day_and_time(desk, due)), Role::Dim)
        }
        (None, Some(due)) if due < now => {
            Para::field(label, "LATE ", Role::Late).and(format!("due {}", day_and_time(desk, due)), Role::Text)
        }
        (None, Some(due)) => {
            let role = if due.date_naive() == desk.today() { Role::Soon } else { Role::Text };
            Para::field(label, format!("due {}", day_and_time(desk, due)), role)
        }
        (None, None) => Para::field(label, "no day can be reckoned", Role::Dim),
    };
    para.and(allowance(status, case), Role::Dim)
}

/// What the policy allows: "24 h", "7 days", "the same day".
fn allowance(status: &ClockStatus<'_>, case: Case<'_>) -> String {
    let clock = status.clock;
    let words = match (clock.value.at(case.risk()), clock.unit) {
        (0, _) => "same day".to_owned(),
        (hours, Unit::Hours) => format!("{hours} h"),
        (1, Unit::Days) => "1 day".to_owned(),
        (1, Unit::WorkingDays) => "1 working day".to_owned(),
        (days, Unit::Days) => format!("{days} days"),
        (days, Unit::WorkingDays) => format!("{days} working days"),
    };
    // It moves to the next line as a whole.
    format!("  ({})", words.replace(' ', "\u{a0}"))
}

/// "Tue 24 Nov", with the time where the hour matters.
fn day_and_time(desk: &Desk, at: DateTime<FixedOffset>) -> String {
    let day = dates::people(at.date_naive(), desk.today());
    // A clock that counts days ends with the day.
    if at.format("%H:%M").to_string() == "23:59" { day } else { format!("{day} {}", at.format("%H:%M")) }
}

fn concern(desk: &Desk, case: Case<'_>) -> Block {
    let id = case.0.id;
    let mut paras = vec![Para::words(desk.text(Some(id), case.concern()), Role::Text)];
    fields(
        desk,
        id,
        &mut paras,
        &[Field::CaseReported, Field::CaseChannel, Field::CaseExploitation, Field::CaseStatus],
    );
    let flags = desk.field(id, Field::CaseFlags);
    if !flags.is_empty() {
        paras.push(Para::field("Flags", flags, Role::Soon));
    }
    fields(desk, id, &mut paras, &[Field::CaseReview, Field::CaseRiskSet]);
    Block::new("Concern", paras)
}

fn statutory(desk: &Desk, case: Case<'_>) -> Option<Block> {
    let id = case.0.id;
    let mut paras = Vec::new();
    if case.0.value(Field::CaseStatutory).is_nothing() {
        if !case.runs() {
            return None;
        }
        paras.push(Para::words("not yet recorded: 211, the Registry or a station; e writes it down", Role::Soon));
    }
    let all = [Field::CaseStatutory, Field::CaseStatutoryChannel, Field::CaseStatutoryBy, Field::CaseNcr];
    fields(desk, id, &mut paras, &all);
    if !case.0.value(Field::CaseStatutory).is_nothing() && case.0.value(Field::CaseNcr).is_nothing() {
        paras.push(Para::field("NCR case ID", "not yet known", Role::Soon));
    }
    Some(Block::new("Statutory report", paras))
}

fn views(desk: &Desk, case: Case<'_>) -> Block {
    let all = super::notes::views(desk, case);
    let hidden = desk.open_session().state().unreadable(case.0.stream, Class::Views);
    let mut paras = Vec::new();
    match all.first() {
        None if hidden > 0 => {}
        None => paras.push(Para::words("not yet asked or written down", Role::Dim)),
        Some(last) => {
            let day = dates::people(last.day(), desk.today());
            let text = format!("{} written down, the last {day} by {}", all.len(), desk.owner(last.author));
            paras.push(Para::words(text, Role::Text));
            paras.push(Para::words("v shows them, in the child's own words", Role::Dim));
        }
    }
    if hidden > 0 {
        paras.push(Para::words(format!("{hidden} that you may not read"), Role::Dim));
    }
    Block::new("Child's views", paras)
}

fn child(desk: &Desk, case: Case<'_>) -> Block {
    let id = case.0.id;
    let mut paras = Vec::new();
    if let Some(born) = case.0.value(Field::CaseDob).as_date() {
        let age = dates::age(born, desk.today()).map_or_else(String::new, |age| age.to_string());
        let about = if case.0.value(Field::CaseDobEstimated).as_yes_no() == Some(true) { "about " } else { "" };
        if !case.died() {
            paras.push(Para::field("Age", format!("{about}{age}"), Role::Text));
        }
    }
    fields(desk, id, &mut paras, &[Field::CaseSex, Field::CaseNationality, Field::CaseSchool, Field::CaseCommunity]);
    fields(
        desk,
        id,
        &mut paras,
        &[Field::CaseWithChild, Field::CasePlacementKind, Field::CasePlacement, Field::CasePlacementSince],
    );
    let readers = case.readers(desk.open_session().state()).unwrap_or_default();
    let only = readers.into_iter().map(|reader| desk.owner(Some(reader))).collect::<Vec<_>>().join(", ");
    if !only.is_empty() {
        paras.push(Para::field("Only for", only, Role::Soon));
    }
    if paras.is_empty() {
        paras.push(Para::words("nothing written down yet; e adds it", Role::Dim));
    }
    Block::new("Child", paras)
}

fn household(desk: &Desk, case: Case<'_>) -> Option<Block> {
    let mut paras = Vec::new();
    let people = [Field::CaseHousehold, Field::CaseMother, Field::CaseFather, Field::CaseCarer, Field::CaseAlleged];
    fields(desk, case.0.id, &mut paras, &people);
    paras.extend(super::people::paras(desk, case));
    fields(desk, case.0.id, &mut paras, &[Field::CaseReporterRelation]);
    (!paras.is_empty()).then(|| Block::new("People", paras))
}

fn recent(desk: &Desk, case: Case<'_>) -> Option<Block> {
    let notes = super::notes::plain(desk, case);
    let paras: Vec<Para> = notes
        .iter()
        .take(NOTES)
        .map(|note| {
            let day = dates::people(note.day(), desk.today());
            Para::field(day, format!("{}  ", desk.owner(note.author)), Role::Dim)
                .and(first_line(&desk.text(Some(case.0.id), note.text)), Role::Text)
        })
        .collect();
    (!paras.is_empty()).then(|| Block::new("Last notes", paras))
}

fn links(desk: &Desk, case: Case<'_>) -> Option<Block> {
    let state = desk.open_session().state();
    let paras: Vec<Para> = case
        .links(state)
        .into_iter()
        .map(|(other, kind)| {
            let kind = desk.label("link-kind", kind);
            match super::people::shown(desk, other) {
                Some(other) => Para::field(desk.code(other.0.id), format!("{kind}  "), Role::Text)
                    .and(desk.label("stage", other.stage()), Role::Dim),
                None => Para::field(super::people::RESTRICTED, kind, Role::Dim),
            }
        })
        .collect();
    (!paras.is_empty()).then(|| Block::new("Linked cases", paras))
}

/// A field's label where its section says the rest.
fn label(field: Field) -> &'static str {
    match field {
        Field::CaseStatutory => "Made",
        Field::CaseStatutoryChannel => "Through",
        Field::CaseStatutoryBy => "By",
        Field::CaseExploitation => "Suspected",
        Field::CaseAlleged => "Person named",
        Field::CaseRiskSet => "Risk assessed",
        Field::CasePlacementKind => "Now",
        other => other.def().label,
    }
}

/// The fields that say something, each with its label.
fn fields(desk: &Desk, item: ItemId, paras: &mut Vec<Para>, all: &[Field]) {
    for field in all {
        let text = desk.field(item, *field);
        if !text.is_empty() {
            paras.push(Para::field(label(*field), text, Role::Text));
        }
    }
}

/// How many actions and follow-ups are open, for the tabs.
pub fn counts(desk: &Desk, case: Case<'_>) -> (usize, usize) {
    let state = desk.open_session().state();
    let actions = state.items_in(case.0.stream, ItemKind::Action).filter(|item| Action(item).is_open()).count();
    let followups =
        state.items_in(case.0.stream, ItemKind::FollowUp).filter(|item| FollowUp(item).is_planned()).count();
    (actions, followups)
}
