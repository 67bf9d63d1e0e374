//! `training`: what the team's own people were trained in, and what has run out.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::dates::{self, Lean};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::training::{self, Standing, TOPICS, Training};
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{TrainingAdd, TrainingEdit, TrainingHeld};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{find, shapes};
use super::case_edit::{codes, done};

/// `training`.
#[derive(Debug, Subcommand)]
pub enum TrainingCommand {
    /// Write a training down: of today or before it counts, of a later day it is planned; prints its code alone
    Add(AddArgs),
    /// The trainings, the last first; or who needs what
    List {
        /// Who needs what: run out, never given, or about to run out
        #[arg(long)]
        needed: bool,
    },
    /// Change a training; `cancelled=REASON` calls one off that is to come
    Edit {
        /// The training's code
        code: String,
        /// FIELD=VALUE: topic, title, date, hours, trainer, who, until, note, cancelled; several times
        #[arg(long, value_name = "FIELD=VALUE", required = true)]
        set: Vec<String>,
    },
    /// Say that a planned training was held, and who took part
    Held {
        /// The training's code
        code: String,
        /// Who took part; several times or with commas
        #[arg(long, value_name = "NAME", value_delimiter = ',', required = true)]
        who: Vec<String>,
        /// The day; that for which it was planned, if left out
        #[arg(long, value_name = "DATE")]
        date: Option<String>,
        /// The last day on which the certificate holds
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
}

/// `training add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The policy's topic: indicators, nrm, standards, cyber, data-protection, trauma
    pub topic: String,
    /// The day: 12 nov, yesterday, 2026-12-08
    #[arg(long, value_name = "DATE")]
    pub date: String,
    /// Who took part, or is expected; several times or with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub who: Vec<String>,
    /// What exactly
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Who gave it
    #[arg(long, value_name = "TEXT")]
    pub trainer: Option<String>,
    /// Whole hours
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub hours: Option<i64>,
    /// The last day on which the certificate holds; reckoned by the policy, if left out
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, command: TrainingCommand) -> Result<Output> {
    match command {
        TrainingCommand::Add(args) => add(session, &args),
        TrainingCommand::List { needed: true } => Ok(needed(session)),
        TrainingCommand::List { needed: false } => Ok(list(session)),
        TrainingCommand::Edit { code, set } => {
            let training = find::training(session, &code)?;
            let set = find::sets(session, ItemKind::Training, &set)?;
            done(session.run(TrainingEdit { training, set }))
        }
        TrainingCommand::Held { code, who, date, until } => {
            let training = find::training(session, &code)?;
            let who = people(session, &who)?;
            let date = date.as_deref().map(|date| day_back(session, date)).transpose()?;
            let until = until.as_deref().map(|until| find::day_ahead(session, until)).transpose()?;
            done(session.run(TrainingHeld { training, who, date, until }))
        }
    }
}

fn people(session: &Session, names: &[String]) -> Result<Vec<ItemId>> {
    names.iter().map(|name| find::member(session, name)).collect()
}

fn day_back(session: &Session, text: &str) -> Result<chrono::NaiveDate> {
    dates::parse_date(text, session.today_date(), Lean::Back).map_err(|error| {
        AppError::new(Kind::Usage, "The day can't be read.", format!("{}.", output::sentence(&error.to_string())))
    })
}

fn add(session: &mut Session, args: &AddArgs) -> Result<Output> {
    let until = args.until.as_deref().map(|until| find::day_ahead(session, until)).transpose()?;
    let set = [
        (Field::TrainingTitle, args.title.as_deref().map(Value::text)),
        (Field::TrainingTrainer, args.trainer.as_deref().map(Value::text)),
        (Field::TrainingHours, args.hours.map(Value::Number)),
        (Field::TrainingUntil, until.map(Value::date)),
    ];
    let op = TrainingAdd {
        topic: find::choice(session, TOPICS, &args.topic)?,
        date: day_back(session, &args.date)?,
        who: people(session, &args.who)?,
        set: set.into_iter().filter_map(|(field, value)| Some((field, value?))).collect(),
    };
    let made = session.run(op)?.made;
    Ok(codes(session, &made[..1.min(made.len())]))
}

fn list(session: &Session) -> Output {
    let mut all = Training::all(session.state());
    all.reverse();
    let today = session.today_date();
    let mut table = Table::new(&["Training", "Day", "Topic", "Title", "Who", "Until", ""], 3);
    for training in &all {
        let who: Vec<String> = training.who().into_iter().map(|id| words::owner(session, Some(id))).collect();
        table.row([
            words::code(session, training.0.id),
            training.day().map(|day| dates::people(day, today)).unwrap_or_default(),
            session.pack().label(TOPICS, training.topic()).to_owned(),
            training.title().to_owned(),
            who.join(", "),
            training.until(session.pack()).map(|day| day.format("%-d %b %Y").to_string()).unwrap_or_default(),
            training.phase().name().to_owned(),
        ]);
    }
    let text = table.render(output::width(), "No training is on record: `mahoe training add` writes one down.");
    Output::list(text, all.iter().map(|training| shape(session, *training)).collect())
}

fn shape(session: &Session, training: Training<'_>) -> Json {
    let mut fields = shapes::fields(session, training.0, &Veil::new(session, None, false));
    if let Some(fields) = fields.as_object_mut() {
        fields.remove("symbols");
    }
    json!({
        "code": words::code(session, training.0.id),
        "id": training.0.id.to_string(),
        "phase": training.phase().name(),
        "day": training.day().map(|day| day.to_string()),
        "holds_until": training.until(session.pack()).map(|day| day.to_string()),
        "fields": fields,
    })
}

/// Who needs what.
fn needed(session: &Session) -> Output {
    let today = session.today_date();
    let soon = today.checked_add_days(chrono::Days::new(training::AHEAD_DAYS)).unwrap_or(today);
    let mut table = Table::new(&["Who", "Topic", ""], 1);
    let mut items = Vec::new();
    for ((member, topic), standing) in training::standings(session.state(), session.pack(), today) {
        let (says, name, day) = match standing {
            Standing::RanOut(day) => (format!("ran out {}", words::day(day, today)), "ran-out", Some(day)),
            Standing::Missing => ("none yet".to_owned(), "missing", None),
            Standing::Until(day) if day <= soon => (format!("until {}", words::day(day, today)), "runs-out", Some(day)),
            Standing::Until(_) | Standing::Given => continue,
        };
        table.row([words::owner(session, Some(member)), session.pack().label(TOPICS, topic).to_owned(), says]);
        items.push(json!({
            "who": crate::domain::views::owner_name(session.state(), Some(member)),
            "topic": topic,
            "standing": name,
            "day": day.map(|day| day.to_string()),
        }));
    }
    Output::list(table.render(output::width(), "Everybody has what the policy asks for."), items)
}
