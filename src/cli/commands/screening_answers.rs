//! Answers to a form on the command line: asked one by one at a terminal, read from a file, or printed as one to fill in.

use chrono::NaiveDate;
use serde_json::json;

use crate::domain::clean;
use crate::domain::form::{Asks, Form, Given, Question};
use crate::domain::pack::Pack;
use crate::domain::screening::STOP;
use crate::domain::state::State;
use crate::error::{AppError, Kind, Result};

use super::super::input;
use super::super::output::{self, Output};

/// The most faults of a file that are told at once.
const MOST_FAULTS: usize = 20;

type Known<'s> = (&'s State, &'s Pack, NaiveDate);

/// A file of answers to fill in: every question with what fits it, nothing answered.
pub(super) fn blank(pack: &Pack, form: &Form) -> Output {
    let mut lines = vec![format!("# {} (version {})", form.label, form.version)];
    for section in &form.sections {
        lines.push(format!("\n# {}", section.title));
        for question in &section.questions {
            lines.push(format!("# {}", question.text));
            if let Some(condition) = &question.show_if {
                lines.push(format!("#   only if {} is {}", condition.question, condition.is.join(" or ")));
            }
            lines.push(format!("{} =   # {}", question.code, fits(pack, question)));
        }
    }
    let questions = form.questions().map(|question| {
        let options: Vec<String> = question.options(pack).into_iter().map(|(code, _)| code).collect();
        json!({
            "code": question.code, "text": question.text, "type": question.asks.name(), "help": question.help,
            "required": question.required, "stop": question.stop, "choices": options,
        })
    });
    let json = json!({ "form": form.code, "label": form.label, "version": form.version, "questions": questions.collect::<Vec<_>>() });
    Output::new(lines.join("\n"), json)
}

/// "yes, no, unknown", "several of: farm, shop", "a day".
fn fits(pack: &Pack, question: &Question) -> String {
    let codes: Vec<String> = question.options(pack).into_iter().map(|(code, _)| code).collect();
    match question.asks {
        Asks::Text => "words".to_owned(),
        Asks::Choice | Asks::YesNo => codes.join(", "),
        Asks::Several => format!("several of: {}", codes.join(", ")),
        Asks::Date => "a day".to_owned(),
        Asks::Number => "a whole number".to_owned(),
        Asks::Member => "a member".to_owned(),
        Asks::Agency => "an agency".to_owned(),
    }
}

/// Reads a file of answers: `code = answer` on each line, bare or as TOML writes it; `#` starts a remark.
///
/// # Errors
/// [`Kind::Usage`] with every line that doesn't fit.
pub(super) fn read(form: &Form, known: Known<'_>, bytes: &[u8], stopped: bool, name: &str) -> Result<Given> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| AppError::new(Kind::Usage, format!("{name} is not UTF-8 text."), "Save it as UTF-8."))?;
    let (mut given, mut faults) = (Given::new(), Vec::new());
    let mut places: Vec<(String, usize)> = Vec::new();
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((code, value)) = line.split_once('=').map(|(code, value)| (code.trim(), value.trim())) else {
            faults.push((at, "\"code = answer\" is needed.".to_owned()));
            continue;
        };
        let Some(question) = form.question(code) else {
            faults.push((at, format!("The form has no question \"{}\".", clean::line(code))));
            continue;
        };
        if places.iter().any(|(known, _)| known == code) {
            faults.push((at, format!("\"{code}\" is answered twice.")));
            continue;
        }
        places.push((code.to_owned(), at));
        let said = values(question, value);
        if !said.is_empty() {
            given.insert(code.to_owned(), said);
        }
    }
    let line_of = |code: &str| places.iter().find(|(known, _)| known == code).map_or(0, |(_, at)| *at);
    if faults.is_empty()
        && let Err(misfits) = form.read(known, &given, stopped)
    {
        faults
            .extend(misfits.into_iter().map(|it| (line_of(&it.question), format!("{}: {}", it.question, it.message))));
    }
    faults.sort();
    faults.truncate(MOST_FAULTS);
    let say =
        |(at, message): &(usize, String)| if *at == 0 { message.clone() } else { format!("line {at}: {message}") };
    match faults.as_slice() {
        [] => Ok(given),
        all => {
            let all: Vec<String> = all.iter().map(say).collect();
            Err(AppError::new(
                Kind::Usage,
                format!("{name}: {}", all.join(" ")),
                "Correct these lines, then try again.",
            ))
        }
    }
}

/// What stands behind the equals sign: a TOML value, or bare words up to a remark; several with commas between them.
fn values(question: &Question, value: &str) -> Vec<String> {
    let text = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let parsed = toml::from_str::<toml::Table>(&format!("v = {value}")).ok().and_then(|mut table| table.remove("v"));
    match parsed {
        Some(toml::Value::Array(all)) => all.iter().map(text).collect(),
        Some(toml::Value::Boolean(yes)) => vec![if yes { "yes" } else { "no" }.to_owned()],
        Some(one) => vec![text(&one)],
        None => {
            let bare = value.split_once(" #").map_or(value, |(bare, _)| bare).trim();
            let bare = if bare.starts_with('#') { "" } else { bare };
            let parts: Vec<&str> = if question.asks == Asks::Several { bare.split(',').collect() } else { vec![bare] };
            parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
    }
}

/// Asks question by question at the terminal; `!` stops. Gives what was answered and whether asking was stopped.
///
/// # Errors
/// [`Kind::Io`] if the terminal is gone.
pub(super) fn ask(form: &Form, known: Known<'_>) -> Result<(Given, bool)> {
    let mut given = Given::new();
    let all: Vec<&Question> = form.questions().collect();
    output::note("Enter leaves a question out. ! stops, if the child begins to tell.");
    for (at, question) in all.iter().enumerate() {
        if !form.asked(&given).iter().any(|asked| asked.code == question.code) {
            continue;
        }
        if let Some(help) = &question.help {
            output::note(help);
        }
        let prompt = format!("{} of {}  {} ({})", at + 1, all.len(), question.text, fits(known.1, question));
        loop {
            let typed = input::ask(&prompt)?;
            if typed == "!" {
                output::note(STOP);
                return Ok((given, true));
            }
            let said = match question.asks {
                Asks::Several => {
                    typed.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
                }
                _ if typed.is_empty() => Vec::new(),
                _ => vec![typed],
            };
            match question.read(known, &said) {
                Ok(read) if read.is_empty() && question.required => output::note("This has to be answered."),
                Ok(read) => {
                    let codes: Vec<String> =
                        if question.asks.chooses() { read.into_iter().map(|said| said.code).collect() } else { said };
                    let stops = question.stops(&codes);
                    if !codes.is_empty() {
                        given.insert(question.code.clone(), codes);
                    }
                    if stops {
                        output::note(STOP);
                        return Ok((given, true));
                    }
                    break;
                }
                Err(message) => output::note(&message),
            }
        }
    }
    Ok((given, false))
}
