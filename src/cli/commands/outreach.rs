//! `outreach`: events that the team holds for others, who came, what they learnt.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::dates::{self, Lean, jamaica};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::outreach::{self, Event, Phase};
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::ops::{OutreachAction, OutreachAdd, OutreachCancel, OutreachEdit, OutreachHeld};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::{codes, done};

/// `outreach`.
#[derive(Debug, Subcommand)]
pub enum OutreachCommand {
    /// Plan an event, or write one down that was; prints its code alone
    Add(AddArgs),
    /// The events: those to come and those whose numbers are missing
    List {
        /// Those that were, too
        #[arg(long)]
        all: bool,
    },
    /// One event: who came, answers before and after, what is to be done
    Show {
        /// The event's code
        code: String,
    },
    /// Change an event
    Edit {
        /// The event's code
        code: String,
        /// FIELD=VALUE: topic, when, kind, community, place, lead, facilitators, others, partners, materials, cost, note; once held also audience, results, reports, reports-note; several times
        #[arg(long, value_name = "FIELD=VALUE", required = true)]
        set: Vec<String>,
    },
    /// Say that it was held, and how it was
    Held(HeldArgs),
    /// Call an event off
    Cancel {
        /// The event's code
        code: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Give somebody something to do for an event, or after it; prints the action's code alone
    Action {
        /// The event's code
        code: String,
        /// What is to be done; asked for if left out, - for standard input
        text: Option<String>,
        /// Who does it
        #[arg(long, value_name = "NAME|AGENCY")]
        owner: String,
        /// By when: fri, +2w, 12 dec
        #[arg(long, value_name = "DATE")]
        due: String,
    },
}

/// `outreach add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What it is about
    pub topic: String,
    /// Day and hour: "tue 10:00", "2026-11-02 14:00"
    #[arg(long, value_name = "WHEN")]
    pub when: String,
    /// town-hall, school, church, training, media, other; what the policy has first, if left out
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// The community
    #[arg(long, value_name = "TEXT")]
    pub community: Option<String>,
    /// The place
    #[arg(long, value_name = "TEXT")]
    pub place: Option<String>,
    /// Who sees to it; you, if left out
    #[arg(long, value_name = "NAME")]
    pub lead: Option<String>,
    /// Any other field, as in `outreach edit`; several times
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
}

/// `outreach held`.
#[derive(Debug, Args)]
pub struct HeldArgs {
    /// The event's code
    pub code: String,
    /// Who came: "female 0-11: 12, male 12-17: 8, unknown: 30"; may follow later
    #[arg(long, value_name = "TABLE")]
    pub audience: Option<String>,
    /// A question with how many were asked, right before, right after: "who-to-call: 30 12 25"; several times
    #[arg(long, value_name = "QUESTION: N N N")]
    pub result: Vec<String>,
    /// Whole Jamaican dollars
    #[arg(long, value_name = "J$", allow_negative_numbers = true)]
    pub cost: Option<i64>,
    /// How many reports came in after it
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub reports: Option<i64>,
    /// Any other field, as in `outreach edit`; several times
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: OutreachCommand) -> Result<Output> {
    match command {
        OutreachCommand::Add(args) => add(session, &args),
        OutreachCommand::List { all } => Ok(list(session, all)),
        OutreachCommand::Show { code } => {
            let event = find::outreach(session, &code)?;
            Ok(show(session, event))
        }
        OutreachCommand::Edit { code, set } => {
            let event = find::outreach(session, &code)?;
            let set = find::sets(session, ItemKind::Outreach, &set)?;
            done(session.run(OutreachEdit { event, set }))
        }
        OutreachCommand::Held(args) => held(session, &args),
        OutreachCommand::Cancel { code, reason } => {
            let event = find::outreach(session, &code)?;
            let reason = input::text(cx, reason, "Why it is called off")?;
            done(session.run(OutreachCancel { event, reason }))
        }
        OutreachCommand::Action { code, text, owner, due } => {
            let event = find::outreach(session, &code)?;
            let owner = find::owner(session, &owner)?;
            let due = find::day_ahead(session, &due)?;
            let text = input::text(cx, text, "What is to be done")?;
            let made = session.run(OutreachAction { event, text, owner, due })?.made;
            Ok(codes(session, &made[..1.min(made.len())]))
        }
    }
}

fn add(session: &mut Session, args: &AddArgs) -> Result<Output> {
    let kind = args.kind.as_deref().map(|kind| find::choice(session, outreach::KINDS, kind)).transpose()?;
    let lead = args.lead.as_deref().map(|name| find::member(session, name)).transpose()?;
    let mut set = find::sets(session, ItemKind::Outreach, &args.set)?;
    for (field, text) in [(Field::OutreachCommunity, &args.community), (Field::OutreachPlace, &args.place)] {
        set.extend(text.as_deref().map(|text| (field, Value::text(text))));
    }
    let when = dates::parse(&args.when, session.today_date(), Lean::Ahead).map_err(|error| {
        AppError::new(Kind::Usage, "The day can't be read.", format!("{}.", output::sentence(&error.to_string())))
    })?;
    let time = when.time.ok_or_else(|| {
        AppError::new(Kind::Usage, "The hour is missing.", "Say the day and the hour, like \"tue 10:00\".")
    })?;
    let op = OutreachAdd {
        kind: kind.unwrap_or_default(),
        topic: args.topic.clone(),
        when: dates::at(when.date, time).to_utc(),
        lead,
        set,
    };
    let made = session.run(op)?.made;
    Ok(codes(session, &made[..1.min(made.len())]))
}

fn held(session: &mut Session, args: &HeldArgs) -> Result<Output> {
    let event = find::outreach(session, &args.code)?;
    let mut set = find::sets(session, ItemKind::Outreach, &args.set)?;
    set.extend(args.audience.as_deref().map(|text| (Field::OutreachAudience, Value::text(text))));
    if !args.result.is_empty() {
        set.push((Field::OutreachResults, Value::text(&args.result.join("\n"))));
    }
    set.extend(args.cost.map(|cost| (Field::OutreachCost, Value::Number(cost))));
    set.extend(args.reports.map(|count| (Field::OutreachReports, Value::Number(count))));
    done(session.run(OutreachHeld { event, set }))
}

fn when(session: &Session, event: Event<'_>) -> String {
    let Some(when) = event.when().map(|when| when.with_timezone(&jamaica())) else { return String::new() };
    format!("{} {}", dates::people(when.date_naive(), session.today_date()), when.format("%H:%M"))
}

fn list(session: &Session, all: bool) -> Output {
    let wanted = |event: &Event<'_>| all || matches!(event.phase(), Phase::Planned | Phase::Held);
    let events: Vec<Event<'_>> = Event::all(session.state()).into_iter().filter(wanted).collect();
    let mut table = Table::new(&["Event", "When", "Kind", "Topic", "Community", "Came", ""], 3);
    for event in &events {
        let came = if event.phase() == Phase::Counted { event.audience().total().to_string() } else { String::new() };
        table.row([
            words::code(session, event.0.id),
            when(session, *event),
            session.pack().label(outreach::KINDS, event.kind()).to_owned(),
            event.topic().to_owned(),
            event.community().to_owned(),
            came,
            event.phase().name().to_owned(),
        ]);
    }
    let nothing = "No event is planned: `mahoe outreach add` plans one; --all shows those that were.";
    Output::list(table.render(output::width(), nothing), events.iter().map(|event| shape(session, *event)).collect())
}

/// An event in JSON.
fn shape(session: &Session, event: Event<'_>) -> Json {
    let veil = Veil::new(session, None, false);
    let mut fields = shapes::fields(session, event.0, &veil);
    for hidden in ["symbols", "audience", "results"] {
        if let Some(fields) = fields.as_object_mut() {
            fields.remove(hidden);
        }
    }
    let audience = event.audience();
    let counts = audience.0.iter().map(|it| json!({ "sex": it.sex, "age": it.band, "count": it.people }));
    let results = event.results();
    let scores = results
        .0
        .iter()
        .map(|it| json!({ "question": it.question, "asked": it.asked, "before": it.before, "after": it.after }));
    json!({
        "code": words::code(session, event.0.id),
        "id": event.0.id.to_string(),
        "phase": event.phase().name(),
        "fields": fields,
        "audience": counts.collect::<Vec<_>>(),
        "came": if event.phase() == Phase::Counted { json!(audience.total()) } else { Json::Null },
        "by_sex": audience.by_sex(),
        "by_age": audience.by_band(),
        "results": scores.collect::<Vec<_>>(),
        "actions": event.actions(session.state()).iter().map(|it| words::code(session, it.0.id)).collect::<Vec<_>>(),
    })
}

fn show(session: &Session, id: ItemId) -> Output {
    let Some(event) = Event::get(session.state(), id) else { return Output::said("") };
    let pack = session.pack();
    let mut text = format!(
        "{}  {}\n{}, {}, {}\n",
        words::code(session, id),
        event.topic(),
        pack.label(outreach::KINDS, event.kind()),
        when(session, event),
        event.phase().name(),
    );
    for def in Field::of(ItemKind::Outreach) {
        let hidden = [
            Field::OutreachSymbols,
            Field::OutreachKind,
            Field::OutreachTopic,
            Field::OutreachWhen,
            Field::OutreachHeld,
            Field::OutreachAudience,
            Field::OutreachResults,
        ];
        let value = event.0.value(def.field);
        if !value.is_nothing() && !hidden.contains(&def.field) {
            // Writing into a string can't fail.
            let _ = writeln!(text, "{:28}{}", def.label, session.value_text(def.field, &value));
        }
    }
    let audience = event.audience();
    if !audience.0.is_empty() {
        let _ = writeln!(text, "\nWho came: {}", audience.total());
        for count in &audience.0 {
            let _ = writeln!(text, "{:>6}  {}", count.people, outreach::group_label(pack, count));
        }
    }
    for (at, score) in event.results().0.iter().enumerate() {
        if at == 0 {
            text.push_str("\nRight before and after\n");
        }
        let label = pack.question(&score.question).map_or(score.question.as_str(), |question| question.label.as_str());
        let _ = writeln!(text, "  {:>4} → {:<4} of {:<5} {label}", score.before, score.after, score.asked);
    }
    for (at, action) in event.actions(session.state()).iter().enumerate() {
        if at == 0 {
            text.push_str("\nTo do\n");
        }
        let due = action.due().map(|due| words::day(due, session.today_date())).unwrap_or_default();
        let (code, what) = (words::code(session, action.0.id), action.text());
        let _ =
            writeln!(text, "  {code}  {what}: {}, {due} ({})", words::owner(session, action.owner()), action.state());
    }
    Output::new(text.trim_end().to_owned(), shape(session, event))
}
