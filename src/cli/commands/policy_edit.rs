//! `policy set` and `policy edit`: what changes the team's rules. What is different is shown before it holds.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::domain::pack::Pack;
use crate::error::{AppError, Kind, Result};
use crate::ops::PolicySet;
use crate::policy;
use crate::policy::diff::{Change, What};
use crate::policy::edit::Edit;
use crate::policy::rules::{Rule, Step};
use crate::session::{InUse, Session};
use crate::text::counted;

use super::super::output::{self, Output};
use super::super::{Cx, input};

/// `policy edit`.
#[derive(Debug, Subcommand)]
pub enum EditCommand {
    /// The numbers of a clock or of a follow-up rule
    Clock(ClockArgs),
    /// The words that people read for a rule
    Label {
        /// Where it stands, such as stage/care or list/flag/media; `policy show --json` lists the places
        at: String,
        /// The new words
        text: String,
    },
    /// Add a choice to a list
    Add {
        /// The list's name
        list: String,
        /// What people read
        text: String,
    },
    /// Offer a choice no longer; records that have it keep its words
    Retire {
        /// The list's name
        list: String,
        /// The choice's code
        code: String,
        /// Offer it again
        #[arg(long)]
        back: bool,
    },
    /// Add a question to a form
    Ask(AskArgs),
}

/// Which clock, and its numbers; what is left out stays.
#[derive(Debug, Args)]
pub struct ClockArgs {
    /// The code of a clock or of a follow-up rule
    pub code: String,
    /// At high risk, and while the risk is not assessed
    #[arg(long)]
    pub high: Option<u32>,
    /// At medium risk
    #[arg(long)]
    pub medium: Option<u32>,
    /// At low risk
    #[arg(long)]
    pub low: Option<u32>,
}

/// A question, and where it is asked.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The section, such as form/indicators/family
    pub section: String,
    /// What is asked
    pub text: String,
    /// text, choice, several, yes-no-unknown, date, number, member or agency
    #[arg(long = "type", default_value = "yes-no-unknown")]
    pub answer: String,
    /// One of the choices; give it once for each
    #[arg(long = "choice")]
    pub choices: Vec<String>,
}

/// Puts a text in force, once somebody has seen what is different.
///
/// # Errors
/// As the op's; [`Kind::Refused`] if nobody agrees.
pub(super) fn set(session: &mut Session, cx: &Cx<'_>, text: String, pack: &Pack, yes: bool) -> Result<Output> {
    let before = told(&session.policy_changes(&text), &session.orphans(pack));
    if cx.asks && !yes && input::is_terminal() {
        output::raw(&crate::domain::clean::shown(&before.text))?;
        let answer = input::ask("Put it in force for everybody? (yes or no)")?;
        if !answer.trim().eq_ignore_ascii_case("yes") {
            return Err(AppError::new(
                Kind::Refused,
                "Nothing was changed.",
                "Say yes, or add --yes, to put it in force.",
            ));
        }
        let done = session.run(PolicySet { text })?;
        return Ok(Output { text: done.says, ..before });
    }
    let done = session.run(PolicySet { text })?;
    let mut json = before.json;
    json["done"] = json!(done.says);
    Ok(Output::new(format!("{}\n{}", done.says, before.text), json))
}

/// Runs `policy edit`.
///
/// # Errors
/// As the op's; [`Kind::Refused`] if the policy has no such rule, or would not be sound.
pub(super) fn run(session: &mut Session, command: EditCommand) -> Result<Output> {
    let edit = edit(session, command)?;
    let text = session.policy_edited(&[edit])?;
    let pack = policy::parse(&text)
        .map_err(|_| AppError::new(Kind::Refused, "The policy would not be sound.", "Nothing was changed."))?;
    let told = told(&session.policy_changes(&text), &session.orphans(&pack));
    let done = session.run(PolicySet { text })?;
    let mut json = told.json;
    json["done"] = json!(done.says);
    Ok(Output::new(format!("{}\n{}", done.says, told.text), json))
}

fn edit(session: &Session, command: EditCommand) -> Result<Edit> {
    let rules = policy::rules(session.policy_text());
    Ok(match command {
        EditCommand::Clock(args) => {
            let of = |rule: &&Rule| matches!(rule.kind(), "clock" | "followup") && rule.code() == args.code;
            let rule = rules.iter().find(of).ok_or_else(|| nothing(&args.code))?;
            let key = if rule.kind() == "clock" { "value" } else { "every" };
            let now = |risk: &str| rule.part(&format!("{key}.{risk}")).and_then(|text| text.parse().ok()).unwrap_or(0);
            let value = [
                args.high.unwrap_or_else(|| now("high")),
                args.medium.unwrap_or_else(|| now("medium")),
                args.low.unwrap_or_else(|| now("low")),
            ];
            Edit::Numbers { at: rule.at.clone(), value }
        }
        EditCommand::Label { at, text } => Edit::Label { at: place(&rules, &at)?, label: text },
        EditCommand::Add { list, text } => Edit::Choice { list, label: text },
        EditCommand::Retire { list, code, back } => {
            let at = vec![Step { key: "list".into(), code: list }, Step { key: "choices".into(), code }];
            if !rules.iter().any(|rule| rule.at == at) {
                return Err(nothing(&format!("list/{}/{}", at[0].code, at[1].code)));
            }
            Edit::Retire { at, retired: !back }
        }
        EditCommand::Ask(args) => Edit::Question {
            section: place(&rules, &args.section)?,
            text: args.text,
            answer: args.answer,
            choices: args.choices,
        },
    })
}

fn place(rules: &[Rule], path: &str) -> Result<Vec<Step>> {
    rules.iter().find(|rule| rule.path() == path).map(|rule| rule.at.clone()).ok_or_else(|| nothing(path))
}

fn nothing(path: &str) -> AppError {
    AppError::new(
        Kind::Refused,
        format!("The policy has no {path}."),
        "`mahoe policy show --json` lists every rule with its place.",
    )
}

/// What is different, and what records have that is offered no longer.
pub(super) fn told(changes: &[Change], in_use: &[InUse]) -> Output {
    let mut lines: Vec<String> = changes.iter().map(|change| change.says.clone()).collect();
    if lines.is_empty() {
        lines.push("Nothing is different.".to_owned());
    } else {
        lines.insert(0, format!("{}:", counted(changes.len(), "difference", "differences")));
    }
    lines.extend(in_use.iter().map(|it| format!("! {}", it.says())));
    let mut output = Output::list(lines.join("\n"), changes.iter().map(change_json).collect());
    output.json["in_use"] = in_use
        .iter()
        .map(|it| json!({ "list": it.list, "code": it.code, "label": it.label, "records": it.records }))
        .collect();
    output
}

fn change_json(change: &Change) -> Json {
    let codes: Vec<&str> = change.at.iter().map(|step| step.code.as_str()).filter(|code| !code.is_empty()).collect();
    let group = change.at.first().map_or("", |step| step.key.as_str());
    let mut json = json!({ "says": change.says, "kind": group, "at": codes, "what": match &change.what {
        What::Added => "added",
        What::Removed => "removed",
        What::Changed { .. } => "changed",
        What::Moved => "moved",
    } });
    if let What::Changed { key, from, to } = &change.what {
        json["key"] = json!(key);
        json["from"] = json!(from);
        json["to"] = json!(to);
    }
    json
}
