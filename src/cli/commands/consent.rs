//! `consent`: who agreed to what, until when, whom it may be told to, and what is kept from whom.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::consent::{self, Consent, Standing};
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::teams;
use crate::domain::telling;
use crate::domain::views::Case;
use crate::error::{AppError, Kind, Result};
use crate::ops::{ConsentLift, ConsentRecord, ConsentWithdraw, Keep};
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
    Record(Box<RecordArgs>),
    /// Write down that consent was withdrawn
    Withdraw(WithdrawArgs),
    /// Write down that something need no longer be kept from a team or an agency
    Lift(LiftArgs),
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
    #[arg(long, value_name = "SCOPE", required_unless_present = "refused")]
    pub scope: Vec<String>,
    /// What was asked for and not agreed to: the same words; several times
    #[arg(long, value_name = "SCOPE")]
    pub refused: Vec<String>,
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
    /// How they understood what was asked: understood, interpreter, helped, not-able
    #[arg(long, value_name = "HOW")]
    pub capacity: Option<String>,
    /// Only these may be told: an agency's code, a parish's team; several times
    #[arg(long, value_name = "NAME")]
    pub to: Vec<String>,
    /// From whom something is to be kept: an agency's code, a parish's team, or everybody (outside this team); several times
    #[arg(long, value_name = "NAME")]
    pub keep_from: Vec<String>,
    /// What is kept from them: identity, contact, placement, reporter, people, views, notes, health, justice, interview; all of the case, if left out
    #[arg(long, value_name = "CLASS", value_delimiter = ',', requires = "keep_from")]
    pub keep: Vec<String>,
    /// Why it is kept from them; - for standard input
    #[arg(long, value_name = "TEXT", requires = "keep_from")]
    pub keep_why: Option<String>,
    /// The child's assent: agreed, refused, not-asked, too-young
    #[arg(long, value_name = "WORD")]
    pub assent: Option<String>,
    /// When the child was asked; with the consent, if left out
    #[arg(long, value_name = "DATE", requires = "assent")]
    pub assent_when: Option<String>,
    /// In which words; - for standard input
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `consent lift`.
#[derive(Debug, Args)]
pub struct LiftArgs {
    /// The case's code
    pub code: String,
    /// From whom it was kept: an agency's code, a parish's team, or everybody; all of them, if left out
    #[arg(long, value_name = "NAME")]
    pub from: Option<String>,
    /// Who said so, and why; asked for if left out
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
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
        ConsentCommand::Record(args) => record(session, cx, *args),
        ConsentCommand::Withdraw(args) => {
            let case = find::case(session, &args.code)?;
            let scopes = scopes(session, &args.scope)?;
            let reason = optional(session, cx, args.reason, "Reason")?;
            let says = session.run(ConsentWithdraw { case, scopes, consent: None, reason })?.says;
            consent_notices::after(session, cx, case, args.notices, &says)
        }
        ConsentCommand::Lift(args) => lift(session, cx, args),
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

/// Teams and agencies as they were typed, also several in one argument.
pub(super) fn parties(session: &Session, typed: &[String]) -> Result<Vec<String>> {
    let parts = typed.iter().flat_map(|part| part.split(',')).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| party(session, part)).collect()
}

fn party(session: &Session, typed: &str) -> Result<String> {
    if typed.eq_ignore_ascii_case(telling::EVERYBODY) {
        return Ok(telling::EVERYBODY.to_owned());
    }
    teams::find_party(session.state(), typed).map_err(|several| {
        let hint = if several.is_empty() {
            "`mahoe team list` shows the agencies, `mahoe peer list` the other parishes.".to_owned()
        } else {
            format!("It could be: {}.", several.join(", "))
        };
        AppError::new(Kind::Refused, format!("No team and no agency here is called \"{}\".", typed.trim()), hint)
    })
}

fn record(session: &mut Session, cx: &Cx<'_>, args: RecordArgs) -> Result<Output> {
    let case = find::case(session, &args.code)?;
    let choice = |session: &Session, list: &str, typed: Option<&str>| {
        typed.map(|typed| find::choice(session, list, typed)).transpose().map(Option::unwrap_or_default)
    };
    let moment = |typed: Option<&str>| typed.map(|typed| find::moment_back(session, typed)).transpose();
    let what = args.keep.iter().map(|name| super::case_edit::class(name.trim())).collect::<Result<_>>()?;
    let mut op = ConsentRecord {
        case,
        scopes: scopes(session, &args.scope)?,
        refused: scopes(session, &args.refused)?,
        by: String::new(),
        role: choice(session, "consent-giver", args.role.as_deref())?,
        capacity: choice(session, "consent-capacity", args.capacity.as_deref())?,
        until: args.until.as_deref().map(|until| find::day_ahead(session, until)).transpose()?,
        given: moment(args.given.as_deref())?,
        to: parties(session, &args.to)?,
        keep: Keep { from: parties(session, &args.keep_from)?, what, why: String::new() },
        assent: choice(session, "assent", args.assent.as_deref())?,
        assent_when: moment(args.assent_when.as_deref())?,
        note: String::new(),
    };
    op.by = input::private(session, cx, args.by, "Who gave it")?;
    op.keep.why = optional(session, cx, args.keep_why, "Why it is kept from them")?;
    op.note = optional(session, cx, args.note, "Note")?;
    done(session.run(op))
}

/// Lifts everything that is kept from a party, or from anybody.
fn lift(session: &mut Session, cx: &Cx<'_>, args: LiftArgs) -> Result<Output> {
    let id = find::case(session, &args.code)?;
    let from = args.from.as_deref().map(|typed| party(session, typed)).transpose()?;
    let state = session.state();
    let kept = Case::get(state, id).map(|case| telling::kept(state, case)).unwrap_or_default();
    let meant = |kept: &telling::Kept<'_>| from.as_deref().is_none_or(|from| kept.from.contains(&from));
    let consents: Vec<ItemId> = kept.into_iter().filter(meant).map(|kept| kept.consent.0.id).collect();
    if consents.is_empty() {
        return Err(AppError::new(
            Kind::Refused,
            "Nothing of this case is kept from them.",
            "`mahoe consent list` shows what is kept from whom.",
        ));
    }
    let reason = input::text(cx, args.reason, "Who said so, and why")?;
    let says = session.all_or_nothing(|session| {
        let mut says = Vec::new();
        for consent in consents {
            says.push(session.run(ConsentLift { consent, reason: reason.clone() })?.says);
        }
        Ok(says.join(" "))
    })?;
    Ok(Output::said(says))
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
                None if !consent.refused().is_empty() => format!("no to {}", consent::scope_words(&consent.refused())),
                None if consent.expired(today) => "has run out".to_owned(),
                None => String::new(),
            },
        ]);
    }
    let mut head = standing_lines(session, case, &veil);
    head.extend(limits(session, case, &veil));
    let text = format!("{}\n\n{}", head.join("\n"), table.render(output::width(), ""));
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

/// "only to  MOH", "kept  health from Saint Mary (…)", "assent  asked, and agreed": what limits it, and what the child said.
pub(super) fn limits(session: &Session, case: Case<'_>, veil: &Veil) -> Vec<String> {
    let state = session.state();
    let mut lines = Vec::new();
    if let Some(named) = telling::named(state, case, session.today_date()) {
        lines.push(format!("{:10}  {}", "only to", telling::party_words(state, &named)));
    }
    for kept in telling::kept(state, case) {
        let why = veil.text(kept.why);
        let why = if why.is_empty() { String::new() } else { format!(" ({})", why.replace('\n', " ")) };
        lines.push(format!(
            "{:10}  {} from {}{why}",
            "kept",
            kept.what_words(),
            telling::party_words(state, &kept.from)
        ));
    }
    let said = Consent::all(state, case).into_iter().find(|of| !of.0.value(Field::ConsentAssent).is_nothing());
    if let Some(said) = said {
        let when = said.0.value(Field::ConsentAssentWhen).as_when().map(words::moment).unwrap_or_default();
        let words = session.value_text(Field::ConsentAssent, &said.0.value(Field::ConsentAssent));
        lines.push(format!("{:10}  {words} {when}", "assent").trim_end().to_owned());
    }
    lines
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
        "refused": consent.refused(),
        "capacity": shapes::value(session, Field::ConsentCapacity, &consent.0.value(Field::ConsentCapacity), veil),
        "assent": shapes::value(session, Field::ConsentAssent, &consent.0.value(Field::ConsentAssent), veil),
        "assent_when": consent.0.value(Field::ConsentAssentWhen).as_when().map(shapes::moment),
        "to": consent.to().iter().map(|party| teams::party_name(session.state(), party)).collect::<Vec<_>>(),
        "kept": telling::keeps(consent).map(|kept| json!({
            "from": kept.from.iter().map(|party| telling::party_words(session.state(), &[*party])).collect::<Vec<_>>(),
            "what": kept.what.iter().map(|class| class.name()).collect::<Vec<_>>(),
            "why": veil.text(kept.why),
        })),
        "note": shapes::value(session, Field::ConsentNote, &consent.0.value(Field::ConsentNote), veil),
    })
}
