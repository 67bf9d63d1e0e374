//! `policy`: the team's rules: stages, clocks, code lists.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::domain::pack::Pack;
use crate::error::{AppError, Kind, Result};
use crate::policy::{self, rules::Rule};
use crate::session::{PolicyTrouble, Session};

use super::super::output::{self, Output, Table, width};
use super::super::{Cx, open};
use super::policy_edit::{self, EditCommand, told};

/// `policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// The policy in force
    Show {
        /// Its text, to edit and check
        #[arg(long)]
        text: bool,
    },
    /// Check a policy file without putting it in force; needs no vault
    Check(FileArgs),
    /// What is different: between the policy in force and a file, or between the built-in one and that in force
    Diff(DiffArgs),
    /// Put a policy file in force, for everybody and on the record
    Set(SetArgs),
    /// Change one thing of the policy in force; comments in its text stay
    #[command(subcommand)]
    Edit(EditCommand),
}

/// A policy file.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The policy: a TOML file
    pub file: PathBuf,
}

/// What to compare.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct DiffArgs {
    /// A TOML file that could be put in force
    pub file: Option<PathBuf>,
    /// What the team has changed since the built-in policy of this version
    #[arg(long)]
    pub builtin: bool,
}

/// A policy file to put in force.
#[derive(Debug, Args)]
pub struct SetArgs {
    /// The policy: a TOML file
    pub file: PathBuf,
    /// Don't ask, also at a terminal
    #[arg(long)]
    pub yes: bool,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's; [`Kind::Refused`] with the first mistake of a file.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: PolicyCommand) -> Result<Output> {
    match command {
        PolicyCommand::Show { text } => Ok(shown(session, text)),
        PolicyCommand::Check(args) => check(&args),
        PolicyCommand::Diff(args) => match &args.file {
            Some(file) => {
                let (text, pack) = read(file)?;
                Ok(told(&session.policy_changes(&text), &session.orphans(&pack)))
            }
            None => Ok(told(&session.policy_own(), &[])),
        },
        PolicyCommand::Set(args) => {
            let (text, pack) = read(&args.file)?;
            policy_edit::set(session, cx, text, &pack, args.yes)
        }
        PolicyCommand::Edit(command) => policy_edit::run(session, command),
    }
}

/// The policy in force: its rules, or its text.
fn shown(session: &Session, text: bool) -> Output {
    let trouble = session.policy_trouble().map(PolicyTrouble::says);
    if text {
        if let Some(says) = &trouble {
            output::note(says);
        }
        let text = session.policy_text().to_owned();
        let json = json!({ "text": text });
        return Output::new(text, json);
    }
    let mut output = show(session.pack(), &policy::rules(session.policy_text()));
    if let Some(says) = &trouble {
        output.text = format!("{says}\n\n{}", output.text);
    }
    output.json["trouble"] = json!(trouble);
    output
}

/// Checks a file.
///
/// # Errors
/// [`Kind::Refused`] with every mistake, by line and column; [`Kind::Io`].
pub(in crate::cli) fn check(args: &FileArgs) -> Result<Output> {
    let (text, pack) = read(&args.file)?;
    let mut output = show(&pack, &policy::rules(&text));
    output.text = format!("{} (version {}) can be put in force.", pack.name, pack.version);
    Ok(output)
}

fn read(path: &Path) -> Result<(String, Pack)> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(policy::LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| open::io(&format!("read {}", path.display()), &error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| AppError::new(Kind::Refused, "The policy is not UTF-8 text.", "Save it as UTF-8."))?;
    match policy::parse(&text) {
        Ok(pack) => Ok((text, pack)),
        Err(errors) => {
            let count = errors.len();
            let all: Vec<String> = errors.iter().take(10).map(ToString::to_string).collect();
            let more = if count > all.len() { format!(" (and {} more)", count - all.len()) } else { String::new() };
            Err(AppError::new(
                Kind::Refused,
                format!("{}: {}{more}.", path.display(), all.join("; ").trim_end_matches('.')),
                "Correct it, then check it again: mahoe policy check FILE.",
            ))
        }
    }
}

/// A rule, whatever its kind.
fn rule_json(rule: &Rule) -> serde_json::Value {
    let parts: serde_json::Map<String, serde_json::Value> =
        rule.parts.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    json!({
        "at": rule.path(), "kind": rule.kind(), "code": rule.code(), "name": rule.name, "says": rule.says(), "parts": parts,
        "source": rule.source, "verified": rule.verified, "confirm_with": rule.to_confirm(), "retired": rule.retired(),
    })
}

fn show(pack: &Pack, rules: &[Rule]) -> Output {
    let verified = |yes: bool| if yes { "" } else { "unverified" }.to_owned();
    let mut others = Table::new(&["Rule", "", "", "To be confirmed with"], 2);
    let told = ["stage", "clock", "list", "choices", "questions", "section", ""];
    for rule in rules.iter().filter(|rule| !told.contains(&rule.kind())) {
        let who = rule.to_confirm().unwrap_or_default().to_owned();
        others.row([rule.path(), rule.name.clone(), rule.says(), who]);
    }
    let mut stages = Table::new(&["Stage", "", "", ""], 1);
    for stage in &pack.stages {
        let track = if stage.track { "may run beside" } else { "" }.to_owned();
        stages.row([stage.code.clone(), stage.label.clone(), track, verified(stage.origin.verified)]);
    }
    let mut clocks = Table::new(&["Clock", "", "high", "medium", "low", "", ""], 1);
    for clock in &pack.clocks {
        clocks.row([
            clock.code.clone(),
            clock.label.clone(),
            clock.value.high.to_string(),
            clock.value.medium.to_string(),
            clock.value.low.to_string(),
            clock.unit.name().to_owned(),
            verified(clock.origin.verified),
        ]);
    }
    let mut services = Table::new(&["Service", "", "standard", ""], 1);
    for kind in &pack.services {
        let standard = kind.standard.as_ref().map(ToString::to_string).unwrap_or_default();
        services.row([kind.code.clone(), kind.label.clone(), standard, verified(kind.origin.verified)]);
    }
    let mut lists = Table::new(&["List", "Codes"], 1);
    for (name, choices) in &pack.lists {
        let codes: Vec<&str> = choices.iter().map(|choice| choice.code.as_str()).collect();
        lists.row([name.clone(), codes.join(", ")]);
    }
    let mut forms = Table::new(&["Form", "", "Questions", ""], 1);
    for form in &pack.forms {
        let count = form.questions().count().to_string();
        forms.row([form.code.clone(), form.label.clone(), count, verified(form.origin.verified)]);
    }
    let width = width();
    let text = format!(
        "{} ({}, version {})\n\n{}\n\n{}\n\n{}\n\n{}\n\n{}\n\n{}",
        pack.name,
        pack.id,
        pack.version,
        stages.render(width, ""),
        clocks.render(width, ""),
        forms.render(width, "No forms."),
        services.render(width, "No kinds of service."),
        lists.render(width, ""),
        others.render(width, ""),
    );
    let lists: serde_json::Map<String, serde_json::Value> = pack
        .lists
        .iter()
        .map(|(name, choices)| {
            let choices = choices.iter().map(|it| json!({ "code": it.code, "label": it.label })).collect();
            (name.clone(), choices)
        })
        .collect();
    let json = json!({
        "rules": rules.iter().filter(|rule| !rule.at.is_empty()).map(rule_json).collect::<Vec<_>>(),
        "id": pack.id,
        "name": pack.name,
        "version": pack.version,
        "stages": pack.stages.iter().map(|it| json!({
            "code": it.code, "label": it.label, "track": it.track, "verified": it.origin.verified,
        })).collect::<Vec<_>>(),
        "clocks": pack.clocks.iter().map(|it| json!({
            "code": it.code, "label": it.label, "unit": it.unit.name(),
            "high": it.value.high, "medium": it.value.medium, "low": it.value.low, "verified": it.origin.verified,
        })).collect::<Vec<_>>(),
        "services": pack.services.iter().map(|it| json!({
            "code": it.code, "label": it.label, "htcds": it.htcds, "class": it.class.name(),
            "standard": it.standard.as_ref().map(ToString::to_string), "verified": it.origin.verified,
        })).collect::<Vec<_>>(),
        "lists": lists,
        "forms": pack.forms.iter().map(|it| json!({
            "code": it.code, "label": it.label, "purpose": it.purpose, "version": it.version,
            "questions": it.questions().count(), "source": it.origin.source, "verified": it.origin.verified,
        })).collect::<Vec<_>>(),
    });
    Output::new(text, json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::PolicySet;
    use crate::testing::team::team;
    use crate::vault::disk::MemoryDisk;

    #[test]
    fn the_policy_in_force_says_why_it_is_not_the_newest() {
        let mut session = team(&MemoryDisk::new(), 1);
        let show = |session: &Session| shown(session, false);
        assert!(show(&session).json["trouble"].is_null());
        session.run(PolicySet { text: "tides = 1".into() }).expect("set");
        let now = show(&session);
        assert!(now.text.starts_with("The team's newest policy can't be read"), "{}", now.text);
        assert!(now.json["trouble"].as_str().is_some_and(|says| says.contains("line 1, column 1")));
        let text = shown(&session, true).text;
        assert_eq!(text, policy::BUILTIN, "the text in force is the one to start from");
        let today = super::super::today::run(&session, &super::super::today::TodayArgs { mine: false, all: false });
        assert!(today.text.contains("! The team's newest policy") && today.json["notices"][0].is_string());
    }
}
