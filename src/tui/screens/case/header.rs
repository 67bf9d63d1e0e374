//! The top of a case, the same on every tab: what it is, who leads it, and what must be known before the first call or
//! visit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::teams;
use crate::domain::views::Case;
use crate::tui::desk::{self, Desk};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::bars;
use crate::tui::widgets::text::{fit, put, width, wrapped};

/// How wide the labels of the safety lines are.
const LABEL: u16 = 13;
/// The most lines that one of them takes.
const LINES: usize = 3;

/// A line about safety: label, words, role.
type Safety = (&'static str, String, Role);

/// Draws the top of a case into `area` and returns what is left below the tabs.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    theme: &Theme,
    desk: &Desk,
    case: Case<'_>,
    tabs: (&[String], usize),
) -> Rect {
    title(buf, area, theme, desk, case);
    let mut y = area.y + 1;
    for (label, text, role) in safety(desk, case, theme) {
        let room = area.width.saturating_sub(LABEL + 2);
        let mut lines = wrapped(&text, usize::from(room.max(8)));
        if lines.len() > LINES {
            // What must never be missed stands first; what there is no room for is told to be there.
            lines.truncate(LINES);
            lines[LINES - 1] =
                fit(&format!("{} (all: e)", lines[LINES - 1]), usize::from(room), theme.symbols.ellipsis);
        }
        for (at, line) in lines.iter().enumerate() {
            if y + 2 >= area.bottom() {
                break;
            }
            if at == 0 {
                put(buf, area.x + 1, y, LABEL, label, theme.style(if role == Role::Text { Role::Dim } else { role }));
            }
            put(buf, area.x + 1 + LABEL, y, room, &line.replace('\u{a0}', " "), theme.style(role));
            y += 1;
        }
    }
    let bar = Rect { y, height: 1, ..bar(area) };
    bars::tabs(buf, bar, theme, tabs.0, tabs.1);
    bars::rule(buf, Rect { y: y + 1, height: 1, ..area }, theme);
    let top = (y + 2).min(area.bottom());
    Rect { y: top, height: area.bottom() - top, ..area }
}

/// From where to where the tabs of a case go.
pub fn bar(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area }
}

fn title(buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk, case: Case<'_>) {
    let id = case.0.id;
    let masked = if area.width < 100 { "masked (m)" } else { "child: masked (m reveals)" };
    let right = if desk.masked() { masked.to_owned() } else { child(desk, case) };
    let right = fit(&right, usize::from(area.width / 3), theme.symbols.ellipsis);
    let at = area.right().saturating_sub(u16::try_from(width(&right)).unwrap_or(0) + 1);
    let mut x = area.x + 1;
    let mut say = |text: &str, role: Role, gap: u16| {
        let room = at.saturating_sub(x + 2);
        if room > 3 && !text.is_empty() {
            x += put(buf, x, area.y, room, &fit(text, usize::from(room), theme.symbols.ellipsis), theme.style(role))
                + gap;
        }
    };
    say(&desk.code(id), Role::Title, 3);
    let (risk, role) = desk::risk(case.risk(), &theme.symbols);
    say(&risk, if case.is_open() { role } else { Role::Dim }, 3);
    let stage = match desk.open_session().pack().stage(case.stage()) {
        // Beside the lead and the tracks there is room for the short name alone.
        Some(stage) if area.width < 100 => stage.short().to_owned(),
        _ => desk.label("stage", case.stage()),
    };
    say(&stage, Role::Text, 2);
    let tracks = case.0.value(Field::CaseTracks);
    let tracks: Vec<String> = tracks.as_codes().iter().map(|code| desk.label("stage", code).to_lowercase()).collect();
    if !tracks.is_empty() {
        say(&format!("+ {}", tracks.join(" + ")), Role::Dim, 3);
    }
    say(&lead(desk, case.lead()), if case.lead().is_none() && case.is_open() { Role::Soon } else { Role::Dim }, 2);
    put(buf, at, area.y, area.width, &right, theme.style(if desk.masked() { Role::Dim } else { Role::Soon }));
}

/// "lead M. Clarke (CPFSA)".
fn lead(desk: &Desk, lead: Option<ItemId>) -> String {
    let agency = desk.agency(lead);
    match (lead, agency.as_str()) {
        (None, _) => "no lead".to_owned(),
        (Some(_), "") => format!("lead {}", desk.owner(lead)),
        (Some(_), agency) => format!("lead {} ({agency})", desk.owner(lead)),
    }
}

/// The child's name as it is known; only while revealed.
fn child(desk: &Desk, case: Case<'_>) -> String {
    let name = desk.field(case.0.id, Field::CaseChildName);
    let alias = desk.field(case.0.id, Field::CaseAlias);
    match (name.as_str(), alias.as_str()) {
        ("", "") => "child: no name recorded".to_owned(),
        (name, "") => name.to_owned(),
        ("", alias) => format!("\"{alias}\""),
        (name, alias) => format!("{name}, \"{alias}\""),
    }
}

/// What must be known before the first call or visit.
fn safety(desk: &Desk, case: Case<'_>, theme: &Theme) -> Vec<Safety> {
    let id = case.0.id;
    // A line may break behind the sign, not before it.
    let dot = format!("\u{a0}{} ", theme.symbols.middot);
    if case.died() {
        let day = desk.field(id, Field::CaseDied);
        return vec![(
            "The child died",
            format!("{day}. All clocks, birthdays and reminders of this case have stopped."),
            Role::Text,
        )];
    }
    let mut lines = Vec::new();
    if let Some(holder) = teams::held_elsewhere(desk.open_session().state(), case.0) {
        let since =
            holder.since.map(|when| dates::people(when.with_timezone(&dates::jamaica()).date_naive(), desk.today()));
        let since = since.map(|day| format!(" since {day}")).unwrap_or_default();
        let text = format!("{} is responsible for this case{since}; n writes a note for them", holder.team);
        lines.push(("! Elsewhere", text, Role::Soon));
    }
    let flags = case.0.value(Field::CaseFlags);
    let urgent: Vec<String> = flags
        .as_codes()
        .iter()
        .filter(|code| matches!(&***code, "person-in-control-near" | "missing"))
        .map(|code| desk.label("flag", code))
        .collect();
    if !urgent.is_empty() {
        lines.push(("! Careful", urgent.join(&dot), Role::Late));
    }
    let said = |before: &str, field| {
        let text = desk.field(id, field);
        (!text.is_empty()).then(|| format!("{before}{text}"))
    };
    // What does harm if it is overlooked comes first.
    let contact: Vec<String> = [
        said("", Field::CaseSafePhone),
        (case.0.value(Field::CaseNoMessages).as_yes_no() == Some(true)).then(|| "no\u{a0}messages".to_owned()),
        said("must not know: ", Field::CaseSafeNever),
        said("", Field::CaseSafeWhen),
        said("say: ", Field::CaseSafeWords),
    ]
    .into_iter()
    .flatten()
    .collect();
    let asked = |label, all: &[String], unasked: &str| match all {
        [] => (label, unasked.to_owned(), Role::Soon),
        all => (label, all.join(&dot), Role::Text),
    };
    lines.push(asked("Safe contact", &contact, "not yet asked: ask before the first call (e)"));
    let place: Vec<String> =
        [said("", Field::CasePlaceSafety), said("", Field::CasePlaceNote)].into_iter().flatten().collect();
    lines.push(asked("Going there", &place, "not yet asked: ask before the first visit (e)"));
    if let Some(text) = super::closing::header(desk, case) {
        lines.push(("! Closing", text, Role::Soon));
    }
    if !case.is_open() {
        let why = desk.field(id, Field::CaseCloseReason);
        let when = desk.field(id, Field::CaseClosed);
        lines.push((
            "Closed",
            [when, why].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(&dot),
            Role::Dim,
        ));
    }
    lines
}
