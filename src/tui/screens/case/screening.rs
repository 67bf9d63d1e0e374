//! Screenings, identifications and best-interests decisions of a case: their tab, their place in the overview, and what their keys do.

use crate::domain::dates;
use crate::domain::decision::{self, Decision};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::screening::Screening;
use crate::domain::views::Case;
use crate::tui::desk::{Desk, first_line};
use crate::tui::effect::Effect;
use crate::tui::layers::Handled;
use crate::tui::overlays::Page;
use crate::tui::theme::Role;
use crate::tui::widgets::{Column, Line as Text, cell};

use super::super::doors;
use super::lines::moment;
use super::list::{Entry, Line, Sign, Target};
use super::sheet::{Block, Para};

/// The columns of the tab.
pub fn columns() -> Vec<Column> {
    vec![
        Column::fixed("", 1),
        Column::flex("What", 22),
        Column::fixed("When", 16),
        Column::fixed("By", 14).from_width(84),
        Column::fixed("Outcome", 24).right(),
    ]
}

/// The best-interests decisions, the identification's history, then the screenings; the newest first.
pub fn lines(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let state = desk.open_session().state();
    let decisions = Decision::all(state, case, decision::IDENTIFICATION);
    let screenings = Screening::all(state, case);
    let best = Decision::all(state, case, decision::BEST_INTERESTS);
    let mut lines = Vec::new();
    if !best.is_empty() {
        lines.push(Line::Section("Best interests".to_owned(), best.len()));
        lines.extend(best.iter().enumerate().map(|(at, it)| Line::Entry(best_line(desk, *it, at == 0))));
    }
    if !decisions.is_empty() {
        lines.push(Line::Section("Identification".to_owned(), decisions.len()));
        lines.extend(decisions.iter().enumerate().map(|(at, it)| Line::Entry(decision_line(desk, *it, at == 0))));
    }
    if !screenings.is_empty() {
        lines.push(Line::Section("Screenings".to_owned(), screenings.len()));
        lines.extend(screenings.iter().map(|it| Line::Entry(screening_line(desk, *it))));
    }
    lines
}

/// "some indicators", or that asking was stopped.
fn outcome(desk: &Desk, it: Screening<'_>) -> (String, Role) {
    let label = desk.label("screening-outcome", it.outcome());
    match (it.stopped(), it.outcome()) {
        (true, "") => ("stopped".to_owned(), Role::Soon),
        (true, _) => (format!("{label}, stopped"), Role::Soon),
        (false, "none") => (label, Role::Dim),
        (false, _) => (label, Role::Text),
    }
}

pub(super) fn screening_line(desk: &Desk, it: Screening<'_>) -> Entry {
    let case = it.0.stream.item();
    let (says, role) = outcome(desk, it);
    let label = desk.text(Some(case), it.label()).into_owned();
    let when = it.when().map(|when| moment(desk, when)).unwrap_or_default();
    let (why, mode) = (desk.field(it.0.id, Field::ScreeningWhy), desk.field(it.0.id, Field::ScreeningMode));
    let head = [desk.code(it.0.id), says.clone(), mode, why].into_iter().filter(|text| !text.is_empty());
    let mut detail = vec![Para::words(head.collect::<Vec<_>>().join(", "), Role::Dim)];
    match it.answers() {
        Err(why) => detail.push(Para::words(format!("{why}."), Role::Soon)),
        Ok(None) => detail.push(Para::words("The answers are withheld, or not for you to read.", Role::Dim)),
        Ok(Some(answers)) => {
            let yes = answers.iter().filter(|answer| answer.said.iter().any(|said| said.code == "yes")).count();
            detail.push(Para::words(
                format!("{} answers, {yes} of them yes. Enter shows them.", answers.len()),
                Role::Text,
            ));
        }
    }
    let note = desk.field(it.0.id, Field::ScreeningNote);
    if !note.is_empty() && !desk.keeps_back(it.0.class) {
        detail.push(Para::words(note, Role::Text));
    }
    detail
        .push(Para::words("It stays as it is: Q makes another that follows it, F shows what may be done.", Role::Dim));
    Entry {
        sign: Some(Sign::Done),
        target: Target::Screening(it.0.id),
        cells: vec![label.into(), cell(when, Role::Dim), cell(desk.owner(it.by()), Role::Dim), cell(says, role)],
        struck: false,
        detail,
    }
}

pub(super) fn decision_line(desk: &Desk, it: Decision<'_>, counts: bool) -> Entry {
    let id = it.0.id;
    let status = desk.label("trafficking-status", it.status());
    let by = desk.label("decision-by", it.by());
    let when = it.when().map(|when| moment(desk, when)).unwrap_or_default();
    let what = if counts { "Identification".to_owned() } else { "Identification (earlier)".to_owned() };
    let mut detail = vec![Para::words(format!("{status}, decided by {by}, {when}"), Role::Dim)];
    let mut says = |label: &str, field: Field, role: Role| {
        let text = desk.field(id, field);
        if !text.is_empty() {
            detail.push(Para::field(label, text, role));
        }
    };
    says("Rests on", Field::DecisionBasis, Role::Text);
    says("Act", Field::DecisionActs, Role::Text);
    says("Means", Field::DecisionMeans, Role::Text);
    says("Purpose", Field::DecisionPurposes, Role::Text);
    says("Dissent", Field::DecisionDissent, Role::Soon);
    says("Look again", Field::DecisionReview, Role::Soon);
    if it.0.value(Field::DecisionChild).as_yes_no() == Some(true) {
        detail.push(Para::words("Under 18 or of unknown age: the means need not be shown.", Role::Dim));
    }
    Entry {
        sign: Some(if counts { Sign::Done } else { Sign::Open }),
        target: Target::Decision(id),
        cells: vec![
            what.into(),
            cell(when, Role::Dim),
            cell(by, Role::Dim),
            cell(status, if counts { Role::Text } else { Role::Dim }),
        ],
        struck: false,
        detail,
    }
}

/// Who decided: "M. Clarke, N. Ellis, a doctor".
fn panel(desk: &Desk, it: Decision<'_>) -> String {
    let [members, others] = [Field::DecisionPanel, Field::DecisionOthers].map(|field| desk.field(it.0.id, field));
    [members, others].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

/// A best-interests decision. The child's own words are named and not shown: v shows them.
pub(super) fn best_line(desk: &Desk, it: Decision<'_>, counts: bool) -> Entry {
    let (id, case) = (it.0.id, it.0.stream.item());
    let when = it.when().map(|when| moment(desk, when)).unwrap_or_default();
    let (question, text) = (desk.field(id, Field::DecisionQuestion), desk.field(id, Field::DecisionText));
    let mut detail = vec![Para::words(format!("Decided {when} by {}", panel(desk, it)), Role::Dim)];
    if question.is_empty() && text.is_empty() {
        detail.push(Para::words("Its words are withheld, or not for you to read.", Role::Dim));
    } else {
        detail.push(Para::field("Question", question.clone(), Role::Text));
        detail.push(Para::field("Decision", text, Role::Text));
    }
    for option in it.options() {
        let masked = |text: &str| desk.text(Some(case), text).into_owned();
        detail.push(Para::field("Option", masked(option.what), Role::Text));
        detail.extend(option.pro.iter().map(|words| Para::words(format!("  + {}", masked(words)), Role::Text)));
        detail.extend(option.con.iter().map(|words| Para::words(format!("  - {}", masked(words)), Role::Dim)));
    }
    let unheard = desk.field(id, Field::DecisionUnheard);
    let views = match it.heard() {
        Some(true) => ("considered; v shows the child's words".to_owned(), Role::Text),
        _ => (format!("not considered: {unheard}"), Role::Soon),
    };
    detail.push(Para::field("Child's views", views.0, views.1));
    for (label, field) in [("Dissent", Field::DecisionDissent), ("Look again", Field::DecisionReview)] {
        let text = desk.field(id, field);
        if !text.is_empty() {
            detail.push(Para::field(label, text, Role::Soon));
        }
    }
    let review = it.review().map_or_else(String::new, |day| format!("again {}", dates::people(day, desk.today())));
    let what = if question.is_empty() { "(withheld)".to_owned() } else { first_line(&question) };
    Entry {
        sign: Some(if counts { Sign::Done } else { Sign::Open }),
        target: Target::Decision(id),
        cells: vec![what.into(), cell(when, Role::Dim), cell(panel(desk, it), Role::Dim), cell(review, Role::Dim)],
        struck: false,
        detail,
    }
}

/// All that was answered, to read.
pub fn page(desk: &Desk, id: ItemId) -> Option<Page> {
    let it = Screening::get(desk.open_session().state(), id)?;
    let case = it.0.stream.item();
    let text = |text: &str| desk.text(Some(case), text).into_owned();
    let title = format!("{} {}, case {}", text(it.label()), desk.code(id), desk.code(case));
    if desk.keeps_back(it.0.class) {
        return Some(Page::new(title, vec!["What was asked and seen is not shown to a room.".into()]));
    }
    let mut lines: Vec<Text> = Vec::new();
    for field in [
        Field::ScreeningWhen,
        Field::ScreeningBy,
        Field::ScreeningWhere,
        Field::ScreeningWhy,
        Field::ScreeningMode,
        Field::ScreeningOutcome,
        Field::ScreeningNote,
    ] {
        let value = desk.field(id, field);
        if !value.is_empty() {
            lines.push(format!("{}: {value}", field.def().label).into());
        }
    }
    if it.stopped() {
        lines.push(Text::new("Asking was stopped, because the child began to tell.", Role::Soon));
    }
    if let Some(earlier) = it.follows() {
        lines.push(format!("Follows {}", desk.code(earlier)).into());
    }
    match it.answers() {
        Err(why) => lines.push(Text::new(format!("{why}."), Role::Soon)),
        Ok(None) => lines.push(Text::new("The answers are withheld, or not for you to read.", Role::Dim)),
        Ok(Some(answers)) => {
            let mut section = String::new();
            for answer in answers.iter() {
                if answer.section != section {
                    section.clone_from(&answer.section);
                    lines.push("".into());
                    lines.push(Text::new(text(&section), Role::Title));
                }
                lines.push(Text::new(text(&answer.text), Role::Dim));
                lines.extend(text(&answer.shown()).lines().map(|line| Text::from(format!("    {line}"))));
            }
        }
    }
    Some(Page::new(title, lines))
}

/// The child's views as decisions took them in: to be shown only when somebody asks.
pub fn views(desk: &Desk, case: Case<'_>) -> Vec<(String, String)> {
    let all = Decision::all(desk.open_session().state(), case, decision::BEST_INTERESTS).into_iter();
    all.filter_map(|it| {
        let text = desk.field(it.0.id, Field::DecisionViews);
        let day = it.when().map(|when| moment(desk, when)).unwrap_or_default();
        (!text.is_empty()).then(|| (format!("the decision of {day}"), text))
    })
    .collect()
}

/// The newest screening and the identification, where there are any.
pub fn block(desk: &Desk, case: Case<'_>) -> Option<Block> {
    let state = desk.open_session().state();
    let day = |when: Option<chrono::DateTime<chrono::Utc>>| {
        when.map(|when| dates::people(when.with_timezone(&dates::jamaica()).date_naive(), desk.today()))
            .unwrap_or_default()
    };
    let mut paras = Vec::new();
    if let Some(it) = Screening::all(state, case).first() {
        let (says, role) = outcome(desk, *it);
        paras.push(Para::field("Screened", format!("{}  ", day(it.when())), Role::Text).and(says, role));
    }
    if let Some(it) = Decision::all(state, case, decision::IDENTIFICATION).first() {
        let (status, by) = (desk.label("trafficking-status", it.status()), desk.label("decision-by", it.by()));
        paras.push(
            Para::field("Identified", format!("{status}  "), Role::Text)
                .and(format!("{by} {}", day(it.when())), Role::Dim),
        );
    }
    if let Some(it) = Decision::all(state, case, decision::BEST_INTERESTS).first() {
        let text = first_line(&desk.field(it.0.id, Field::DecisionText));
        let text = if text.is_empty() { "decided".to_owned() } else { text };
        paras.push(Para::field("Best interests", format!("{text}  "), Role::Text).and(day(it.when()), Role::Dim));
    }
    (!paras.is_empty()).then(|| Block::new("Screening", paras))
}

/// The screenings and decisions in the timeline.
pub fn timeline(desk: &Desk, case: Case<'_>) -> Vec<(chrono::DateTime<chrono::Utc>, Entry)> {
    let state = desk.open_session().state();
    let line = |when, what: &str, words: &str, who: String, entry: Entry| {
        let cells = vec![
            cell(moment(desk, when), Role::Dim),
            cell(what, Role::Accent),
            first_line(words).into(),
            cell(who, Role::Dim),
        ];
        (when, Entry { sign: None, cells, ..entry })
    };
    let screened = Screening::all(state, case).into_iter().filter_map(|it| {
        let words = outcome(desk, it).0;
        Some(line(it.when()?, "screening", &words, desk.owner(it.by()), screening_line(desk, it)))
    });
    let decided = Decision::all(state, case, decision::IDENTIFICATION).into_iter().filter_map(|it| {
        let words = desk.label("trafficking-status", it.status());
        let by = desk.label("decision-by", it.by());
        Some(line(it.when()?, "identified", &words, by, decision_line(desk, it, true)))
    });
    let best = Decision::all(state, case, decision::BEST_INTERESTS).into_iter().filter_map(|it| {
        let words = desk.field(it.0.id, Field::DecisionText);
        let words = if words.is_empty() { "(withheld)".to_owned() } else { words };
        Some(line(it.when()?, "best interests", &words, panel(desk, it), best_line(desk, it, true)))
    });
    screened.chain(decided).chain(best).collect()
}

/// Does what a key says about screenings; passes what is none of theirs.
pub fn command(name: &str, case: ItemId, target: Option<Target>, desk: &mut Desk) -> Handled<Desk> {
    match name {
        "screening.new" | "case.identify" | "case.best-interests" => {
            if desk.case(case).is_some_and(|view| !view.is_open()) {
                let code = desk.code(case);
                return Effect::refused(format!("Case {code} is closed. Reopen it with a reason first (O).")).into();
            }
            doors::form(name, Some(case), desk)
        }
        "screening.follow" => {
            let newest = || {
                desk.case(case)
                    .and_then(|view| Screening::all(desk.open_session().state(), view).first().map(|it| it.0.id))
            };
            let chosen = match target {
                Some(Target::Screening(id)) => Some(id),
                _ => newest(),
            };
            let Some(id) = chosen else {
                return Effect::info("Nobody has screened yet: Q asks the policy's questions.").into();
            };
            match doors::form(name, Some(id), desk) {
                Handled::Pass => Effect::info("The policy proposes nothing (more) after this screening.").into(),
                done @ Handled::Done(_) => done,
            }
        }
        "case.edit" if matches!(target, Some(Target::Screening(_))) => {
            Effect::refused("A finished screening can't be changed: make another that follows it (Q).").into()
        }
        _ => Handled::Pass,
    }
}
