//! `screening`: forms that are filled in about a child, what was answered, and what may follow; `case identify`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::decision::{self, Decision};
use crate::domain::field::Field;
use crate::domain::form::Given;
use crate::domain::ids::ItemId;
use crate::domain::screening::{self, Proposed, Screening};
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::ops::{ActionAdd, CaseIdentify, ScreeningFinish};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, files, find, input, shapes};
use super::case_edit::done;
use super::consent::optional;
use super::screening_answers;

/// The largest file of answers, in bytes.
const LARGEST_ANSWERS: usize = 1 << 20;

/// `screening`.
#[derive(Debug, Subcommand)]
pub enum ScreeningCommand {
    /// Fill in a form about a child: question by question, or from a file; prints the screening's code alone
    New(Box<NewArgs>),
    /// The questions of a form, as a file of answers to fill in
    Form {
        /// The form's code; the policy's first, if left out
        form: Option<String>,
    },
    /// The screenings of a case, and its identification
    List {
        /// The case's code
        code: String,
    },
    /// What was answered
    Show {
        /// The screening's code
        id: String,
        /// Show names, on record
        #[arg(long)]
        reveal: bool,
    },
    /// What the policy proposes after a screening; makes actions of those that are chosen
    Follow {
        /// The screening's code
        id: String,
        /// Make an action of this one; may be given several times
        #[arg(long, value_name = "CODE")]
        take: Vec<String>,
        /// Make actions of all that is proposed
        #[arg(long, conflicts_with = "take")]
        all: bool,
    },
}

/// `screening new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The case's code
    pub code: String,
    /// The form's code; the policy's first, if left out
    #[arg(long, value_name = "CODE")]
    pub form: Option<String>,
    /// A file of answers, one a line: `code = answer` (`mahoe screening form` prints one to fill in); asked for if left out
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// none, some or strong indicators; asked for if left out
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// Why the child was screened
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
    /// How it is known: observed, told, file-review
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,
    /// Who screened; you, if left out
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// When; now, if left out
    #[arg(long, value_name = "DATE")]
    pub when: Option<String>,
    /// Where; - for standard input
    #[arg(long = "where", value_name = "TEXT")]
    pub place: Option<String>,
    /// Asking was stopped, because the child began to tell
    #[arg(long)]
    pub stopped: bool,
    /// The earlier screening that it follows
    #[arg(long, value_name = "CODE")]
    pub follows: Option<String>,
    /// Anything more; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `case identify`.
#[derive(Debug, Args)]
pub struct IdentifyArgs {
    /// The case's code
    pub code: String,
    /// possible, actual or not-a-victim
    #[arg(long, value_name = "STATUS")]
    pub status: String,
    /// Who decided: police, ngo, court, government, other
    #[arg(long, value_name = "WHO")]
    pub by: String,
    /// On what it rests; asked for if left out; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub basis: Option<String>,
    /// What was done: recruitment, transport, transfer, harbouring, receipt; several times
    #[arg(long, value_name = "ACT")]
    pub act: Vec<String>,
    /// By which means; for a child they need not be shown; several times
    #[arg(long, value_name = "MEANS")]
    pub means: Vec<String>,
    /// For which exploitation; several times
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: Vec<String>,
    /// The screening that went before
    #[arg(long, value_name = "CODE")]
    pub screening: Option<String>,
    /// Who sees it otherwise, and why; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub dissent: Option<String>,
    /// When it was decided; now, if left out
    #[arg(long, value_name = "DATE")]
    pub when: Option<String>,
    /// On which day it is looked at again
    #[arg(long, value_name = "DATE")]
    pub review: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's; [`Kind::Usage`] for a file of answers that doesn't fit the form, with its lines.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: ScreeningCommand) -> Result<Output> {
    match command {
        ScreeningCommand::New(args) => new(session, cx, *args),
        ScreeningCommand::Form { form } => {
            let form = form_of(session, form.as_deref())?;
            Ok(screening_answers::blank(session.pack(), form))
        }
        ScreeningCommand::List { code } => list(session, &code),
        ScreeningCommand::Show { id, reveal } => show(session, &id, reveal),
        ScreeningCommand::Follow { id, take, all } => follow(session, &id, &take, all),
    }
}

fn form_of<'s>(session: &'s Session, code: Option<&str>) -> Result<&'s crate::domain::form::Form> {
    screening::form_of(session.pack(), code.unwrap_or_default()).ok_or_else(|| {
        AppError::new(
            Kind::Refused,
            "The policy has no such screening form.",
            "`mahoe policy show --json` lists the forms that it has.",
        )
    })
}

fn new(session: &mut Session, cx: &Cx<'_>, args: NewArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let choice = |list: &str, typed: Option<&str>| {
        typed.map_or_else(|| Ok(String::new()), |typed| find::choice(session, list, typed))
    };
    let (why, mode) = (choice("screening-why", args.why.as_deref())?, choice("screening-mode", args.mode.as_deref())?);
    let when = args.when.as_deref().map(|when| find::moment_back(session, when)).transpose()?;
    let by = args.by.as_deref().map(|by| find::member(session, by)).transpose()?;
    let follows = args.follows.as_deref().map(|id| find::screening(session, id)).transpose()?;
    let place = optional(session, cx, args.place, "Where")?;
    let note = optional(session, cx, args.note, "Note")?;
    let form = form_of(session, args.form.as_deref())?.clone();
    let today = session.today_date();
    let (answers, stopped) = match &args.answers {
        Some(path) => {
            let bytes = files::read_bounded(path, LARGEST_ANSWERS)?;
            let known = (session.state(), session.pack(), today);
            let given = screening_answers::read(&form, known, &bytes, args.stopped, &path.display().to_string())?;
            (given, args.stopped)
        }
        None if cx.asks => screening_answers::ask(&form, (session.state(), session.pack(), today))?,
        // What was seen may be told in the note alone where asking was stopped.
        None if args.stopped => (Given::new(), true),
        None => {
            return Err(AppError::new(
                Kind::Usage,
                "The answers are missing.",
                "Give a file with --answers (`mahoe screening form` prints one to fill in), or run it at a terminal.",
            ));
        }
    };
    let outcome = match args.outcome {
        None if stopped => String::new(),
        given => find::choice(session, "screening-outcome", &input::text(cx, given, "Outcome (none, some, strong)")?)?,
    };
    let op =
        ScreeningFinish { case, form: form.code, answers, when, place, why, mode, by, outcome, stopped, follows, note };
    let made = session.run(op)?.made[0];
    let proposed = proposals(session, made);
    let code = words::code(session, made);
    if !proposed.is_empty() && !cx.globals.json {
        output::note(&format!("The policy proposes what may follow: `mahoe screening follow {code}` shows it."));
    }
    Ok(Output::new(
        code.clone(),
        json!({ "code": code, "id": made.to_string(), "follows": proposed.iter().map(|it| proposal(session, it)).collect::<Vec<_>>() }),
    ))
}

fn proposals(session: &Session, id: ItemId) -> Vec<Proposed<'_>> {
    Screening::get(session.state(), id).map_or_else(Vec::new, |screening| {
        screening::proposals(session.state(), session.pack(), session.calendar(), screening, session.now())
    })
}

fn proposal(session: &Session, proposed: &Proposed<'_>) -> Json {
    json!({
        "code": proposed.code,
        "text": proposed.text,
        "owner": words::owner(session, proposed.owner),
        "due": proposed.due.to_string(),
        "source": proposed.origin.source,
        "verified": proposed.origin.verified,
    })
}

fn follow(session: &mut Session, id: &str, take: &[String], all: bool) -> Result<Output> {
    let id = find::screening(session, id)?;
    let proposed = proposals(session, id);
    if take.is_empty() && !all {
        let mut table = Table::new(&["", "What may follow", "Who", "By"], 1);
        for it in &proposed {
            let by = words::due(it.due, None, session.today_date());
            table.row([it.code.to_owned(), it.text.to_owned(), words::owner(session, it.owner), by]);
        }
        let items = proposed.iter().map(|it| proposal(session, it)).collect();
        let text = table.render(output::width(), "The policy proposes nothing (more) after this screening.");
        return Ok(Output::list(text, items));
    }
    let mut ops = Vec::new();
    for code in take {
        if !proposed.iter().any(|it| it.code == code.as_str()) {
            return Err(AppError::new(
                Kind::Refused,
                format!("\"{}\" is not proposed after this screening.", crate::domain::clean::line(code)),
                "`mahoe screening follow` with the screening's code alone lists what is.",
            ));
        }
    }
    let case = session.state().item(id).map(|item| item.stream.item());
    for it in proposed.iter().filter(|it| all || take.iter().any(|code| code == it.code)) {
        ops.push(ActionAdd {
            cases: case.into_iter().collect(),
            text: it.text.to_owned(),
            owner: it.owner.unwrap_or(session.me()),
            due: it.due,
            time: it.time,
            priority: "high".to_owned(),
            class: None,
            backdated: false,
        });
    }
    let mut made = Vec::new();
    session.all_or_nothing(|session| {
        for op in ops {
            made.extend(session.run(op)?.made);
        }
        Ok(())
    })?;
    Ok(super::case_edit::codes(session, &made))
}

/// "some indicators", or that asking was stopped.
fn outcome(session: &Session, screening: Screening<'_>) -> String {
    let label = session.pack().label("screening-outcome", screening.outcome());
    match (screening.stopped(), label) {
        (true, "") => "stopped".to_owned(),
        (true, label) => format!("{label}, stopped"),
        (false, label) => label.to_owned(),
    }
}

fn list(session: &mut Session, code: &str) -> Result<Output> {
    let id = find::case(session, code)?;
    super::case_show::on_record(session, id, false)?;
    let session = &*session;
    let Some(case) = Case::get(session.state(), id) else { return Ok(Output::said("")) };
    let all = Screening::all(session.state(), case);
    let mut table = Table::new(&["Code", "Form", "When", "By", "Outcome"], 1);
    for it in &all {
        table.row([
            words::code(session, it.0.id),
            it.label().to_owned(),
            it.when().map(words::moment).unwrap_or_default(),
            words::owner(session, it.by()),
            outcome(session, *it),
        ]);
    }
    let veil = Veil::new(session, Some(id), false);
    let decisions = Decision::all(session.state(), case, decision::IDENTIFICATION);
    let mut said = Table::new(&["Identification", "Decided", "By", "On what"], 3);
    for it in &decisions {
        said.row([
            session.pack().label("trafficking-status", it.status()).to_owned(),
            it.when().map(words::moment).unwrap_or_default(),
            session.pack().label("decision-by", it.by()).to_owned(),
            output::first_line(&veil.text(it.0.str(Field::DecisionBasis))),
        ]);
    }
    let mut text = table.render(output::width(), "No screening yet. `mahoe screening new` asks the questions.");
    if !decisions.is_empty() {
        text = format!("{}\n\n{}", text.trim_end(), said.render(output::width(), ""));
    }
    let mut output = Output::list(text, all.iter().map(|it| shape(session, *it, &veil)).collect());
    output.json["identification"] = decisions.iter().map(|it| decided(session, *it, &veil)).collect();
    Ok(output)
}

/// The screenings and the formal identification of a case, the newest first, a line each.
pub(in crate::cli) fn lines(session: &Session, case: Case<'_>, veil: &Veil) -> Vec<String> {
    let screening = |it: Screening<'_>| {
        let when = it.when().map(words::moment).unwrap_or_default();
        format!("{}  {}  {when}", words::code(session, it.0.id), outcome(session, it))
    };
    let decision = |it: Decision<'_>| {
        let when = it.when().map(words::moment).unwrap_or_default();
        let by = session.pack().label("decision-by", it.by());
        let status = session.pack().label("trafficking-status", it.status());
        let basis = output::first_line(&veil.text(it.0.str(Field::DecisionBasis)));
        format!("{by}: {status}  {when}  {basis}").trim_end().to_owned()
    };
    let screenings = Screening::all(session.state(), case).into_iter().map(screening);
    let decisions = Decision::all(session.state(), case, decision::IDENTIFICATION).into_iter().map(decision);
    screenings.chain(decisions).collect()
}

/// The same as two lists of objects.
pub(in crate::cli) fn shapes(session: &Session, case: Case<'_>, veil: &Veil) -> (Json, Json) {
    let screenings = Screening::all(session.state(), case).into_iter().map(|it| shape(session, it, veil));
    let decisions = Decision::all(session.state(), case, decision::IDENTIFICATION);
    (screenings.collect(), decisions.into_iter().map(|it| decided(session, it, veil)).collect())
}

const ASKED: [Field; 10] = [
    Field::ScreeningLabel,
    Field::ScreeningWhen,
    Field::ScreeningBy,
    Field::ScreeningWhere,
    Field::ScreeningWhy,
    Field::ScreeningMode,
    Field::ScreeningOutcome,
    Field::ScreeningStopped,
    Field::ScreeningFollows,
    Field::ScreeningNote,
];

fn show(session: &mut Session, id: &str, reveal: bool) -> Result<Output> {
    let id = find::screening(session, id)?;
    let case = session.state().item(id).map(|item| item.stream.item());
    if let Some(case) = case {
        super::case_show::on_record(session, case, reveal)?;
    }
    let session = &*session;
    let Some(it) = Screening::get(session.state(), id) else { return Ok(Output::said("")) };
    let veil = Veil::new(session, case, reveal);
    let mut lines = vec![format!(
        "Screening {} in case {}",
        words::code(session, id),
        case.map(|case| words::code(session, case)).unwrap_or_default()
    )];
    for field in ASKED {
        if let Some(text) = veil.field(session, it.0, field).filter(|text| !text.is_empty()) {
            lines.push(format!("{:12}  {}", field.def().label, text.replace('\n', "\n              ")));
        }
    }
    match it.answers() {
        Err(why) => lines.push(format!("\n{}.", output::sentence(&why.to_string()).trim_end_matches('.'))),
        Ok(None) => lines.push("\nThe answers are withheld, or not for you to read.".to_owned()),
        Ok(Some(answers)) => {
            let mut section = String::new();
            for answer in answers.iter() {
                if answer.section != section {
                    section.clone_from(&answer.section);
                    lines.push(format!("\n{section}"));
                }
                lines.push(format!("  {}", veil.text(&answer.text)));
                lines.push(format!("      {}", veil.text(&answer.shown()).replace('\n', "\n      ")));
            }
        }
    }
    Ok(Output::new(lines.join("\n"), shape(session, it, &veil)))
}

fn shape(session: &Session, it: Screening<'_>, veil: &Veil) -> Json {
    let at = |field: Field| shapes::value(session, field, &it.0.value(field), veil);
    let answers = match it.answers() {
        Ok(Some(answers)) => answers
            .iter()
            .map(|answer| {
                let said: Vec<&str> =
                    answer.said.iter().filter(|said| !said.code.is_empty()).map(|said| &*said.code).collect();
                json!({
                    "section": answer.section, "code": answer.code, "type": answer.asks.name(),
                    "question": answer.text, "codes": said, "answer": veil.text(&answer.shown()),
                })
            })
            .collect(),
        _ => Json::Null,
    };
    json!({
        "code": words::code(session, it.0.id),
        "id": it.0.id.to_string(),
        "form": it.form(),
        "label": it.label(),
        "version": at(Field::ScreeningVersion),
        "policy": at(Field::ScreeningPack),
        "when": it.when().map(shapes::moment),
        "why": at(Field::ScreeningWhy),
        "mode": at(Field::ScreeningMode),
        "by": words::owner(session, it.by()),
        "where": at(Field::ScreeningWhere),
        "outcome": at(Field::ScreeningOutcome),
        "stopped": it.stopped(),
        "follows": it.follows().map(|id| words::code(session, id)),
        "note": at(Field::ScreeningNote),
        "answers": answers,
    })
}

fn decided(session: &Session, it: Decision<'_>, veil: &Veil) -> Json {
    let at = |field: Field| shapes::value(session, field, &it.0.value(field), veil);
    json!({
        "id": it.0.id.to_string(),
        "status": at(Field::DecisionStatus),
        "by": at(Field::DecisionBy),
        "when": it.when().map(shapes::moment),
        "child": at(Field::DecisionChild),
        "acts": at(Field::DecisionActs),
        "means": at(Field::DecisionMeans),
        "purposes": at(Field::DecisionPurposes),
        "basis": at(Field::DecisionBasis),
        "dissent": at(Field::DecisionDissent),
        "review": at(Field::DecisionReview),
        "screening": it.0.value(Field::DecisionScreening).as_item().map(|id| words::code(session, id)),
    })
}

/// `case identify`.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn identify(session: &mut Session, cx: &Cx<'_>, args: IdentifyArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let many = |list: &str, typed: &[String]| -> Result<Vec<String>> {
        let parts = typed.iter().flat_map(|part| part.split(',')).map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| find::choice(session, list, part)).collect()
    };
    let (acts, means) = (many("trafficking-act", &args.act)?, many("trafficking-means", &args.means)?);
    let purposes = many("exploitation", &args.purpose)?;
    let status = find::choice(session, "trafficking-status", &args.status)?;
    let by = find::choice(session, "decision-by", &args.by)?;
    let when = args.when.as_deref().map(|when| find::moment_back(session, when)).transpose()?;
    let review = args.review.as_deref().map(|day| find::day_ahead(session, day)).transpose()?;
    let screening = args.screening.as_deref().map(|id| find::screening(session, id)).transpose()?;
    let dissent = optional(session, cx, args.dissent, "Dissent")?;
    let basis = input::private(session, cx, args.basis, "On what it rests")?;
    done(session.run(CaseIdentify { case, status, by, when, acts, means, purposes, basis, screening, dissent, review }))
}
