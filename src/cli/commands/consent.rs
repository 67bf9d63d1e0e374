//! `consent`: who agreed to what, and until when.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::consent::{self, Consent, Standing};
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::views::Case;
use crate::error::Result;
use crate::ops::{ConsentRecord, ConsentWithdraw};
use crate::session::Session;

use super::super::output::{self, Output, Table};
use super::super::words::{self, Veil};
use super::super::{Cx, find, input, shapes};
use super::case_edit::done;
use super::consent_notices;

/// `consent`.
#[derive(Debug, Subcommand)]
pub enum ConsentCommand {
    /// Write down a consent
    Record(RecordArgs),
    /// Write down that consent was withdrawn
    Withdraw(WithdrawArgs),
    /// Who holds what of a case in which consent was withdrawn; makes the notice for each team
    Notices {
        /// The case's code
        code: String,
        /// Make the notices without asking
        #[arg(long)]
        yes: bool,
    },
    /// How consent stands in a case, and every consent on record
    List {
        /// The case's code
        code: String,
        /// Show who gave it, on record
        #[arg(long)]
        reveal: bool,
    },
}

/// `consent record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The case's code
    pub code: String,
    /// To what: services, disclosure (telling another team what is known), reporting (without names); several times
    #[arg(long, value_name = "SCOPE", required = true)]
    pub scope: Vec<String>,
    /// Who gave it; asked for if left out
    #[arg(long, value_name = "TEXT")]
    pub by: Option<String>,
    /// Who that is to the child: child, mother, father, guardian, court, agency, other
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// The last day on which it counts
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// When it was given; now, if left out
    #[arg(long, value_name = "DATE")]
    pub given: Option<String>,
    /// In which words, what is to be withheld from whom; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `consent withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The case's code
    pub code: String,
    /// What is withdrawn: services, disclosure, reporting; several times
    #[arg(long, value_name = "SCOPE", required = true)]
    pub scope: Vec<String>,
    /// Why, where it was said; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Make the notices for the teams that hold a part of the case without asking
    #[arg(long)]
    pub notices: bool,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: ConsentCommand) -> Result<Output> {
    match command {
        ConsentCommand::Record(args) => record(session, cx, args),
        ConsentCommand::Withdraw(args) => {
            let case = find::case(session, &args.code)?;
            let scopes = scopes(session, &args.scope)?;
            let reason = optional(session, cx, args.reason, "Reason")?;
            let says = session.run(ConsentWithdraw { case, scopes, consent: None, reason })?.says;
            consent_notices::after(session, cx, case, args.notices, &says)
        }
        ConsentCommand::Notices { code, yes } => {
            let case = find::case(session, &code)?;
            consent_notices::after(session, cx, case, yes, "")
        }
        ConsentCommand::List { code, reveal } => list(session, &code, reveal),
    }
}

/// The codes of what was typed, also several in one argument: `services,disclosure`.
fn scopes(session: &Session, typed: &[String]) -> Result<Vec<String>> {
    let parts = typed.iter().flat_map(|part| part.split(',')).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| find::choice(session, "consent-scope", part)).collect()
}

/// Words that may be left out, and must not stand in a shell's history.
pub(super) fn optional(session: &Session, cx: &Cx<'_>, given: Option<String>, what: &str) -> Result<String> {
    input::check_private(session.practice(), cx, given.as_deref(), what)?;
    given.map_or_else(|| Ok(String::new()), |given| input::text(cx, Some(given), what))
}

fn record(session: &mut Session, cx: &Cx<'_>, args: RecordArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let scopes = scopes(session, &args.scope)?;
    let role = args.role.as_deref().map(|role| find::choice(session, "consent-giver", role)).transpose()?;
    let until = args.until.as_deref().map(|until| find::day_ahead(session, until)).transpose()?;
    let given = args.given.as_deref().map(|given| find::moment_back(session, given)).transpose()?;
    let by = input::private(session, cx, args.by, "Who gave it")?;
    let note = optional(session, cx, args.note, "Note")?;
    done(session.run(ConsentRecord { case, scopes, by, role: role.unwrap_or_default(), until, given, note }))
}

fn list(session: &mut Session, code: &str, reveal: bool) -> Result<Output> {
    let id = find::case(session, code)?;
    super::case_show::on_record(session, id, reveal)?;
    let session = &*session;
    let veil = Veil::new(session, Some(id), reveal);
    let Some(case) = Case::get(session.state(), id) else { return Ok(Output::said("")) };
    let today = session.today_date();
    let mut table = Table::new(&["Consent to", "Given by", "Given", "Until", ""], 1);
    let all = Consent::all(session.state(), case);
    for consent in &all {
        table.row([
            consent::scope_words(&consent.scopes()),
            giver(session, *consent, &veil),
            consent.given().map(words::moment).unwrap_or_default(),
            consent.until().map(|until| dates::people(until, today)).unwrap_or_default(),
            match consent.withdrawn() {
                Some(when) => format!("withdrawn {}", words::moment(when)),
                None if consent.expired(today) => "has run out".to_owned(),
                None => String::new(),
            },
        ]);
    }
    let text = format!("{}\n\n{}", standing_lines(session, case, &veil).join("\n"), table.render(output::width(), ""));
    let mut output =
        Output::list(text.trim_end().to_owned(), all.iter().map(|consent| shape(session, *consent, &veil)).collect());
    output.json["standing"] = standing(session, id);
    Ok(output)
}

/// "services    √ given by the mother 2 Nov 2026 10:00": one line for each scope.
pub(super) fn standing_lines(session: &Session, case: Case<'_>, veil: &Veil) -> Vec<String> {
    let today = session.today_date();
    let line = |scope: &str| {
        let standing = consent::consent(session.state(), case, scope, today);
        let says = match standing {
            Standing::Given(of) => {
                let until = of.until().map(|until| format!(" until {}", dates::people(until, today)));
                format!("√ {}{}", giver(session, of, veil), until.unwrap_or_default())
            }
            Standing::Missing => "× missing".to_owned(),
            other => format!("× {}", other.why_not()),
        };
        format!("{:10}  {says}", consent::scope_word(scope))
    };
    consent::SCOPES.into_iter().map(line).collect()
}

/// Who gave it: what they are to the child while names are masked.
fn giver(session: &Session, consent: Consent<'_>, veil: &Veil) -> String {
    let role = session.value_text(Field::ConsentRole, &consent.0.value(Field::ConsentRole));
    match (veil.masks(), consent.by(), role.as_str()) {
        (true, _, "") => "masked".to_owned(),
        (true, _, role) | (false, "", role) => role.to_owned(),
        (false, by, "") => by.to_owned(),
        (false, by, role) => format!("{by} ({role})"),
    }
}

pub(super) fn standing(session: &Session, case: ItemId) -> Json {
    let Some(case) = Case::get(session.state(), case) else { return Json::Null };
    let word = |scope: &str| consent::consent(session.state(), case, scope, session.today_date()).name();
    json!({
        "services": word(consent::SERVICES),
        "disclosure": word(consent::DISCLOSURE),
        "reporting": word(consent::REPORTING),
    })
}

fn shape(session: &Session, consent: Consent<'_>, veil: &Veil) -> Json {
    json!({
        "id": consent.0.id.to_string(),
        "scopes": consent.scopes(),
        "by": if veil.masks() || consent.by().is_empty() { Json::Null } else { Json::String(veil.text(consent.by())) },
        "role": shapes::value(session, Field::ConsentRole, &consent.0.value(Field::ConsentRole), veil),
        "given": consent.given().map(shapes::moment),
        "until": shapes::value(session, Field::ConsentUntil, &consent.0.value(Field::ConsentUntil), veil),
        "withdrawn": consent.withdrawn().map(shapes::moment),
        "note": shapes::value(session, Field::ConsentNote, &consent.0.value(Field::ConsentNote), veil),
    })
}
