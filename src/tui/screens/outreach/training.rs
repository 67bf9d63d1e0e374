//! The training of the team's own people: what is needed, what is to come, what was given.

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::training::{self, Phase, Standing, TOPICS, Training};
use crate::tui::desk::Desk;
use crate::tui::theme::Role;
use crate::tui::widgets::{Row, cell};

use super::super::sections::{Entry, section};
use super::About;

/// Trainings of the past that are shown.
const PAST: usize = 200;

/// All sections.
pub(super) fn rows(desk: &Desk) -> Vec<Entry<About>> {
    let all = Training::all(desk.open_session().state());
    let mut out = Vec::new();
    section(&mut out, "Needed", needed(desk), "Everybody has what the policy asks for.");
    let planned = all.iter().filter(|training| training.phase() == Phase::Planned).map(|it| row(desk, *it));
    let planned: Vec<Entry<About>> = planned.collect();
    if !planned.is_empty() {
        section(&mut out, "To come", planned, "");
    }
    let past = all.iter().rev().filter(|training| training.phase() != Phase::Planned).take(PAST);
    let past: Vec<Entry<About>> = past.map(|training| row(desk, *training)).collect();
    section(&mut out, "Given", past, "No training is on record. n writes one down: topic, day, who took part.");
    out
}

/// Who needs what: run out, never given, or soon to run out.
fn needed(desk: &Desk) -> Vec<Entry<About>> {
    let session = desk.open_session();
    let today = desk.today();
    let soon = today.checked_add_days(chrono::Days::new(training::AHEAD_DAYS)).unwrap_or(today);
    let all = training::standings(session.state(), session.pack(), today);
    let mut rows: Vec<(Standing, String, String, Entry<About>)> = Vec::new();
    for (at, ((member, topic), standing)) in all.into_iter().enumerate() {
        let (says, role) = match standing {
            Standing::RanOut(day) => (format!("ran out {}", dates::people(day, today)), Role::Late),
            Standing::Missing => ("none yet".to_owned(), Role::Soon),
            Standing::Until(day) if day <= soon => (format!("until {}", dates::people(day, today)), Role::Soon),
            Standing::Until(_) | Standing::Given => continue,
        };
        let (name, label) = (desk.owner(Some(member)), desk.label(TOPICS, topic));
        let cells = [
            cell("", Role::Dim),
            name.clone().into(),
            label.clone().into(),
            cell(desk.agency(Some(member)), Role::Dim),
            cell(says, role),
        ];
        rows.push((standing, label, name, (Some(About::Needs(member, at)), Row::item(cells))));
    }
    rows.sort_by(|a, b| (a.0, &a.1, &a.2).cmp(&(b.0, &b.1, &b.2)));
    rows.into_iter().map(|(.., entry)| entry).collect()
}

fn row(desk: &Desk, training: Training<'_>) -> Entry<About> {
    let session = desk.open_session();
    let today = desk.today();
    let who = training.who().len();
    let (says, role) = match training.phase() {
        Phase::Planned if training.day().is_some_and(|day| day < today) => ("was it held?".to_owned(), Role::Late),
        Phase::Planned => (format!("{who} expected"), Role::Text),
        Phase::Cancelled => (Phase::Cancelled.name().to_owned(), Role::Dim),
        Phase::Held => match training.until(session.pack()) {
            Some(day) if day < today => (format!("{who} took part, ran out"), Role::Dim),
            Some(day) => (format!("{who}, until {}", day.format("%b %Y")), Role::Done),
            None => (format!("{who} took part"), Role::Done),
        },
    };
    let topic = desk.label(TOPICS, training.topic());
    let title = clean::shown(training.title());
    let what = if title.is_empty() { topic } else { format!("{topic}: {title}") };
    let cells = [
        desk.code(training.0.id).into(),
        training.day().map(|day| dates::people(day, today)).unwrap_or_default().into(),
        what.into(),
        cell(clean::shown(training.0.str(Field::TrainingTrainer)).into_owned(), Role::Dim),
        cell(says, role),
    ];
    (Some(About::Training(training.0.id)), Row::item(cells))
}
